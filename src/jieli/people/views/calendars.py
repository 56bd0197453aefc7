"""Working calendars: hours of the week, holidays and make-up days, and a tester."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from jieli.events.refusals import NotFound
from jieli.lib import clock, holidays
from jieli.lib.business_time import CalendarRefusal
from jieli.people import queries
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import TesterForm
from jieli.people.models import Unit, UnitClosure


@require_safe
@signed_in
def first_calendar(request: PersonRequest) -> HttpResponse:
    """Show the calendar of one's own unit, else the first."""
    own = queries.calendar_hours(request.user.unit.calendar)
    return redirect("people:calendar", (own or queries.all_calendar_hours()[0]).code)


@require_safe
@signed_in
def calendar(request: PersonRequest, code: str) -> HttpResponse:
    """Show a calendar of the policy for a year, and answer what falls due when."""
    hours = queries.calendar_hours(code)
    if hours is None:
        raise NotFound
    now = clock.now()
    this_year = queries.local_date(now).year
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and 2000 <= int(text) <= 2100 else this_year
    known = holidays.known_years()
    form = TesterForm(request.GET if "amount" in request.GET else None, initial={"start": now, "amount": 60, "mode": "minutes"})
    context = {
        "hours": hours,
        "label": queries.calendar_label(hours),
        "others": [
            {"code": other.code, "label": queries.calendar_label(other), "is_current": other.code == code}
            for other in queries.all_calendar_hours()
        ],
        "week": list(enumerate(hours.weekly)),
        "year": year,
        "special_days": queries.special_days(hours, year),
        "working_days": queries.working_days(hours, year),
        "is_announced": hours.holidays != "CN" or year in known,
        "closures": UnitClosure.objects.filter(unit__calendar=code, unit__is_active=True, on__year=year)
        .select_related("unit")
        .order_by("on", "unit__code"),
        "units": Unit.objects.active().filter(calendar=code).order_by("code")[:100],
        "form": form,
        "answer": _answer(form, hours),
    }
    return render(request, "people/calendar.html", context)


def _answer(form: TesterForm, hours: queries.CalendarHours) -> dict[str, Any] | None:
    if not form.is_bound or not form.is_valid():
        return None
    values = form.cleaned_data
    start: datetime = values["start"]
    unit = Unit.objects.filter(pk=values["unit"]).first() if values["unit"] else None
    working = queries.working_calendar(unit.pk, hours.code) if unit else queries.compiled_calendar(hours)
    try:
        if values["mode"] == "days":
            due_at = working.add_days(start, values["amount"])
        else:
            due_at = working.add_minutes(start, values["amount"])
    except CalendarRefusal as refused:
        form.add_error(None, str(refused))
        return None
    return {"start": start, "due_at": due_at, "unit": unit, "is_open": working.is_open(start), **values}

"""The duty rota, week by week."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.people import actions, policy, queries, rules
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import CompanyDutyForm, ShiftForm, person_text, unit_choices
from jieli.people.models import CompanyDuty, DutyShift
from jieli.people.views.units import unit_or_404


@require_safe
@signed_in
def own_rota(request: PersonRequest) -> HttpResponse:
    """Show the rota of the unit chosen, one's own at first."""
    chosen = request.GET.get("unit", "")
    return redirect("people:unit_rota", int(chosen) if chosen.isdecimal() else request.user.unit_id)


def _monday(text: str) -> date:
    try:
        return rules.week_of(date.fromisoformat(text))
    except ValueError:
        return rules.week_of(queries.local_date(clock.now()))


@require_safe
@signed_in
def rota(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Show a week of a unit's rota with its gaps."""
    return rota_page(request, unit_id, _monday(request.GET.get("week", "")))


def rota_page(request: PersonRequest, unit_id: int, monday: date, status: int = 200, **bound: Any) -> HttpResponse:
    """Show a week of a unit's rota, with the form that was refused."""
    unit, now = unit_or_404(unit_id), clock.now()
    company = CompanyDuty.objects.select_related("staff").first()
    days = queries.rota_week(unit, monday)
    may_set_company = unit.parent_id is None and policy.may_set_company_duty(request.actor, unit)
    context = {
        "unit": unit,
        "units": unit_choices(),
        "days": days,
        "has_shifts": any(day.shifts for day in days),
        "today": queries.local_date(now),
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "duty": queries.duty_or_none(unit.pk, now),
        "company": company,
        "may_set": policy.may_set_rota(request.actor, unit),
        "may_set_company": may_set_company,
        "form": ShiftForm(initial={"on": max(monday, queries.local_date(now)), "starts": "08:00", "ends": "20:00"}),
        "company_form": CompanyDutyForm(initial={"staff": person_text(company.staff if company else None)}),
        "people": queries.people_to_choose(unit),
        **bound,
    }
    return render(request, "people/rota.html", context, status=status)


def _week_url(unit_id: int, monday: date) -> str:
    return f"{reverse('people:unit_rota', args=[unit_id])}?week={monday.isoformat()}"


@require_POST
@signed_in
def add_shift(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Put a person on duty, on one day or several in a row: all of them or none."""
    form = ShiftForm(request.POST)

    def add(values: dict[str, Any]) -> list[DutyShift]:
        with transaction.atomic():
            return [
                actions.set_duty_shift(
                    unit_id, staff_id=values["staff"].pk, starts_at=starts_at, ends_at=ends_at, actor=request.actor
                )
                for starts_at, ends_at in form.shifts()
            ]

    if form.attempt(add) is None:
        return rota_page(request, unit_id, _monday(request.POST.get("on", "")), 422, form=form)
    return redirect(_week_url(unit_id, rules.week_of(form.cleaned_data["on"])))


@require_POST
@signed_in
def remove_shift(request: PersonRequest, shift_id: int) -> HttpResponse:
    """Take a shift out of the rota."""
    shift = DutyShift.objects.filter(pk=shift_id).first()
    if shift is None:
        raise NotFound
    actions.remove_duty_shift(shift_id, actor=request.actor)
    return redirect(_week_url(shift.unit_id, rules.week_of(queries.local_date(shift.starts_at))))


@require_POST
@signed_in
def copy_week(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Repeat the week shown in the following one."""
    monday = _monday(request.POST.get("week", ""))
    following = monday + timedelta(days=7)
    made = actions.copy_duty_week(unit_id, from_monday=monday, to_monday=following, actor=request.actor)
    messages.success(request, _("%(count)s shifts were repeated; taken times stayed as they were.") % {"count": len(made)})
    return redirect(_week_url(unit_id, following))


@require_POST
@signed_in
def set_company(request: PersonRequest) -> HttpResponse:
    """Name the duty officer of the company."""
    form = CompanyDutyForm(request.POST)
    root = queries.root_unit()
    done = form.attempt(lambda values: actions.set_company_duty(staff_id=values["staff"].pk, actor=request.actor))
    if done is None:
        return rota_page(request, root.pk, _monday(""), 422, company_form=form)
    return redirect("people:unit_rota", root.pk)

"""The pay of engineers: the month for finance, each slip with its lines also for the engineer himself."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jieli.events.refusals import require
from jieli.lib.sheets import Cell, Sheet
from jieli.people.models import Staff
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.models import PayRun, PaySlip
from jieli.settlement.policy import may_see_pay, may_see_slip, may_settle
from jieli.settlement.queries import pay as queries
from jieli.settlement.queries.pages import PAGE, BadCursor
from jieli.settlement.rules.pay import Work
from jieli.settlement.views.files import as_file
from jieli.settlement.views.months import frame
from jieli.settlement.views.requests import Here, MonthRequest, here, month_or_404, signed_in


@never_cache
@signed_in
@require_safe
def pay(request: MonthRequest, month: str) -> HttpResponseBase:
    """The slips of a month once it is decided; before, what they would be."""
    require(may_see_pay(request.actor))
    place = here(month, None)
    decided = queries.pay_run(place.standing.run)
    context = frame(request, place) | {"pay": decided, "may_decide_pay": False}
    if decided is not None:
        try:
            page = queries.slips_page(decided, cursor=request.GET.get("after", ""))
        except BadCursor:
            return redirect("settlement:pay", month)
        context |= {"rows": page.rows, "next": page.next, "total": decided.total_amount, "count": decided.slips_count}
    else:
        found = _previewed(place)
        context |= {
            "rows": found[:PAGE],
            "total": sum((one.total_amount for one in found), Decimal("0.00")),
            "count": len(found),
            "may_decide_pay": place.standing.run is not None and may_settle(request.actor),
        }
    return render(request, "settlement/pay.html", context)


def _previewed(place: Here) -> list[PaySlip]:
    """Return slips as they would be decided now; they are not kept."""
    works = queries.pay_previewed(place.month)
    policy = queries.current_policy()
    staff = {one.pk: one for one in queries.engineers()}
    staff |= {one.pk: one for one in Staff.objects.filter(pk__in=works.keys() - staff.keys()).select_related("unit")}
    licences = queries.licences(staff.keys(), place.month, policy)
    return [
        queries.slip(one, works.get(one.pk, Work(0, 0, 0, 0)), policy, licences.get(one.pk))
        for one in sorted(staff.values(), key=lambda person: person.code)
    ]


@signed_in
@require_POST
def decide(request: MonthRequest, month: str) -> HttpResponseBase:
    """Decide the pay of a month."""
    decide_pay(month_or_404(month), actor=request.actor)
    return redirect("settlement:pay", month)


def _slip(request: MonthRequest, month: str, staff_id: int) -> tuple[Here, PaySlip]:
    """Return a decided slip for those who may see it; from others it is hidden."""
    person = Staff.objects.filter(pk=staff_id).first()
    if person is None or not may_see_slip(request.actor, person):
        raise Http404
    place = here(month, None)
    decided = queries.pay_run(place.standing.run)
    found = queries.slip_of(decided, staff_id) if decided else None
    if found is None:
        raise Http404
    return place, found


@never_cache
@signed_in
@require_safe
def slip(request: MonthRequest, month: str, staff_id: int) -> HttpResponseBase:
    """A pay slip with every line explained."""
    place, found = _slip(request, month, staff_id)
    context = {
        "month": place.month,
        "words": place.words,
        "slip": found,
        "policy": queries.policy_of_pay(found.pay_run),
        "lines": queries.slip_lines(found),
        "sees_all": may_see_pay(request.actor),
        "others": queries.slips_of(staff_id)[:24],
    }
    return render(request, "settlement/slip.html", context)


@never_cache
@signed_in
@require_safe
def mine(request: MonthRequest) -> HttpResponseBase:
    """The pay slips of whoever asks; the latest opens by itself."""
    found = queries.slips_of(request.user.pk)
    if found:
        return redirect("settlement:slip", f"{found[0].pay_run.run.month:%Y-%m}", request.user.pk)
    return render(request, "settlement/my_pay.html")


@never_cache
@signed_in
@require_safe
def pay_file(request: MonthRequest, month: str, kind: str) -> HttpResponseBase:
    """The decided pay of a month as a file."""
    require(may_see_pay(request.actor))
    decided = queries.pay_run(here(month, None).standing.run)
    if decided is None:
        raise Http404
    return as_file(kind, f"jieli-{month}-pay", [_pay_sheet(decided)])


def _pay_sheet(decided: PayRun) -> Sheet:
    header = (
        _("Staff number"),
        pgettext("month end", "Name"),
        _("Unit"),
        pgettext("month end", "Orders"),
        _("valid orders"),
        pgettext("pay", "early"),
        pgettext("pay", "installations"),
        pgettext("pay", "Base"),
        pgettext("pay", "Commission"),
        pgettext("pay", "Early"),
        pgettext("pay", "Installations"),
        pgettext("pay", "Moving stories"),
        pgettext("pay", "Licence"),
        pgettext("pay", "Pay"),
    )
    rows = (
        (
            one.staff.code,
            one.staff.name,
            one.unit.name,
            one.orders,
            one.valid,
            one.early,
            one.installations,
            one.base_amount,
            one.commission_amount,
            one.early_amount,
            one.installation_amount,
            one.delight_amount,
            one.licence_amount,
            one.total_amount,
        )
        for one in queries.slips(decided)
    )
    return Sheet(pgettext("pay", "Pay"), header, rows, (14, 16, 24))


@never_cache
@signed_in
@require_safe
def slip_file(request: MonthRequest, month: str, staff_id: int, kind: str) -> HttpResponseBase:
    """The lines of a slip as a file."""
    _place, found = _slip(request, month, staff_id)
    header = (
        pgettext("month end", "Order"),
        pgettext("month end", "Case"),
        pgettext("month end", "Finished"),
        _("Valid"),
        pgettext("month end", "Why"),
        pgettext("pay", "early"),
        pgettext("pay", "installations"),
    )
    name = f"jieli-{month}-pay-{found.staff_id}"
    return as_file(kind, name, [Sheet(pgettext("pay", "Pay"), header, _slip_rows(found), (16, 18, 17, 8, 48))])


def _slip_rows(found: PaySlip) -> Iterator[Sequence[Cell]]:
    for one in queries.slip_lines(found):
        line: Any = one.line
        why = f"{one.why} {one.earlier}".strip()
        yield (one.number, one.case, line.finished_at, not line.why, why, line.is_early, line.is_installation)

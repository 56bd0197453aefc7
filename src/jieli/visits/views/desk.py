"""Visits at the desk: the panel of a case, one visit, what phones sent in vain, information returned."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jieli.cases.models import Case
from jieli.cases.rules.numbers import case_number
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, Refused, require
from jieli.lib import clock
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people.models import Staff
from jieli.visits.actions.finishing import finish_with_gaps, missing_of
from jieli.visits.actions.informing import decide_information, note_outcome
from jieli.visits.actions.settling import settle_entry
from jieli.visits.actions.visiting import standard_of
from jieli.visits.forms import DecisionForm, GapsForm, OutcomeForm, SettleForm
from jieli.visits.models import Information, Visit
from jieli.visits.policy import (
    may_decide_information,
    may_finish_with_gaps,
    may_see_conflicts,
    may_see_information,
    may_settle_entry,
)
from jieli.visits.queries import pages

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request of a person who is signed in."""

    actor: Actor
    user: Staff


def _signed_in(
    view: Callable[Concatenate[DeskRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return never_cache(login_required(guarded))  # type: ignore[return-value]


def _visible_case(request: DeskRequest, case_id: int) -> Case:
    case = Case.objects.visible_to(request.actor).select_related("unit").filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


@_signed_in
@require_safe
def of_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """The visits of a case, as a panel of its page."""
    case = _visible_case(request, case_id)
    context = {
        "case": case,
        "visits": pages.visits_of(case.pk),
        "conflicts": pages.conflicts_of(case.pk),
        "information": pages.information_of(case.pk, clock.now()),
        "may_see_conflicts": may_see_conflicts(request.actor),
    }
    return render(request, "visits/_of_case.html", context)


def _visit(request: DeskRequest, visit_id: int) -> tuple[Visit, Case]:
    visit = Visit.objects.visible_to(request.actor).select_related("case__unit", "engineer").filter(pk=visit_id).first()
    if visit is None:
        raise Http404
    return visit, visit.case


def _visit_page(request: DeskRequest, visit: Visit, case: Case, form: GapsForm | None, status: int = 200) -> HttpResponse:
    may_finish = visit.is_open and case.is_open and may_finish_with_gaps(request.actor, case)
    [shown] = pages.visits_of(case.pk, visit_id=visit.pk)
    context = {
        "case": case,
        "case_number": case_number(case.pk),
        "shown": shown,
        "missing": missing_of(visit) if visit.is_open else [],
        "conflicts": pages.conflicts_of(case.pk),
        "may_see_conflicts": may_see_conflicts(request.actor),
        "form": (form or GapsForm(standard=standard_of(visit), label_suffix="")) if may_finish else None,
    }
    return render(request, "visits/visit.html", context, status=status)


@_signed_in
@require_safe
def visit(request: DeskRequest, visit_id: int) -> HttpResponse:
    """One visit: steps with times and photos, safety test, signature, charge, and what is missing."""
    found, case = _visit(request, visit_id)
    return _visit_page(request, found, case, None)


@_signed_in
@require_POST
def gaps(request: DeskRequest, visit_id: int) -> HttpResponse:
    """Finish a visit with gaps."""
    found, case = _visit(request, visit_id)
    form = GapsForm(request.POST, standard=standard_of(found), label_suffix="")
    if form.is_valid():
        try:
            finish_with_gaps(found.pk, actor=request.actor, **form.cleaned_data)
        except Invalid as refused:
            for name, words in refused.fields.items():
                form.add_error(name if name in form.fields else None, str(words))
        else:
            return redirect("visits:visit", found.pk)
    return _visit_page(request, found, case, form, status=422)


@_signed_in
@require_safe
def conflicts(request: DeskRequest) -> HttpResponse:
    """What phones sent and was not taken in: to be taken over by hand or set aside."""
    require(may_see_conflicts(request.actor))
    return _conflicts(request, None)


def _conflicts(request: DeskRequest, refused: tuple[int, SettleForm] | None, status: int = 200) -> HttpResponse:
    settled = request.GET.get("settled") == "1"
    before = request.GET.get("after", "")
    rows, more = pages.conflict_page(
        request.actor, before=int(before) if before.isdecimal() and len(before) < 19 else None, settled=settled
    )
    shown = [
        {
            "shown": row,
            "form": refused[1]
            if refused is not None and refused[0] == row.entry.pk
            else SettleForm(label_suffix="", auto_id=f"id_%s_{row.entry.pk}"),
            "may_settle": not row.entry.is_settled and may_settle_entry(request.actor, row.entry),
            "case_number": None if row.entry.case_id is None else case_number(row.entry.case_id),
        }
        for row in rows
    ]
    context = {"rows": shown, "next": "" if more is None else str(more), "settled": settled}
    return render(request, "visits/conflicts.html", context, status=status)


@_signed_in
@require_POST
def settle(request: DeskRequest, entry_id: int) -> HttpResponse:
    """Take an entry over by hand, or set it aside."""
    form = SettleForm(request.POST, label_suffix="", auto_id=f"id_%s_{entry_id}")
    if form.is_valid():
        settle_entry(entry_id, actor=request.actor, **form.cleaned_data)
        return redirect("visits:conflicts")
    require(may_see_conflicts(request.actor))
    return _conflicts(request, (entry_id, form), status=422)


@_signed_in
@require_safe
def conflicts_count(request: DeskRequest) -> HttpResponse:
    """How many entries wait, as text."""
    return render(request, "ui/_count.html", {"number": pages.conflict_count(request.actor)})


STATES = tuple(Information.State.values)


@_signed_in
@require_safe
def information(request: DeskRequest) -> HttpResponse:
    """Information returned from the field: to be accepted or refused, and what came of it."""
    require(may_see_information(request.actor))
    return _information(request, None)


def _information(request: DeskRequest, refused: tuple[int, Any] | None, status: int = 200) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in STATES else Information.State.OPEN
    rows, more = pages.information_page(request.actor, clock.now(), state=state, after=_after(request.GET.get("after", "")))
    shown = [
        {
            "shown": row,
            "case_number": case_number(row.information.case_id),
            "may_decide": may_decide_information(request.actor, row.information),
            "form": refused[1] if refused is not None and refused[0] == row.information.pk else None,
        }
        for row in rows
    ]
    context = {
        "rows": shown,
        "state": state,
        "states": [
            (one, Information.State(one).label, number) for one, number in pages.information_counts(request.actor).items()
        ],
        "next": "" if more is None else encode_cursor([more[0], more[1]], scope="information"),
    }
    return render(request, "visits/information.html", context, status=status)


def _after(text: str) -> tuple[datetime, int] | None:
    try:
        at, pk = decode_cursor(text, scope="information")
    except ValueError:
        return None
    return (at, pk) if isinstance(at, datetime) and isinstance(pk, int) else None


@_signed_in
@require_POST
def decide(request: DeskRequest, information_id: int) -> HttpResponse:
    """Accept information, or refuse it with a reason."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _information(request, (information_id, form), status=422)
    accepted = form.cleaned_data["decision"] == "accept"
    try:
        decide_information(information_id, accepted=accepted, reason=form.cleaned_data["reason"], actor=request.actor)
    except Invalid as refused:
        form.add_error("reason", str(next(iter(refused.fields.values()), refused.message)))
        return _information(request, (information_id, form), status=422)
    return redirect("visits:information")


@_signed_in
@require_POST
def bore(request: DeskRequest, information_id: int) -> HttpResponse:
    """Note what came of accepted information."""
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise Refused(str(next(iter(form.errors.values()))[0]))
    note_outcome(information_id, outcome=form.cleaned_data["outcome"], actor=request.actor)
    return redirect("/visits/information/?state=accepted")


@_signed_in
@require_safe
def information_count(request: DeskRequest) -> HttpResponse:
    """How much information waits, as text."""
    return render(request, "ui/_count.html", {"number": pages.information_count(request.actor)})

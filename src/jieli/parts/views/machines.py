"""Whole machines that come back: what waits for whom, and one with what is to be done about it."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from jieli.cases.models import Case
from jieli.lib.keyset import encode_cursor
from jieli.parts.actions.disposing import dispose_machine
from jieli.parts.actions.machines import call_off_machine, decide_machine
from jieli.parts.forms import ActionForm, DecisionForm, DisposeForm, ReasonForm
from jieli.parts.models import MachineReturn, UsedPart
from jieli.parts.policy import (
    machine_limit,
    may_call_off_machine,
    may_decide_machine,
    may_dispose_machine,
)
from jieli.parts.queries.flow import names_of
from jieli.parts.queries.machines import LISTS, NAMED, machine_counts, machine_page, stores_for, used_of
from jieli.parts.views.requests import PartsRequest, cursor_of, for_parts, require_right

_SCOPE = "machines"


@for_parts
@require_safe
def machine_list(request: PartsRequest) -> HttpResponseBase:
    """Whole machines to decide about, to give, to scrap or refurbish, and all."""
    shown = request.GET.get("list", "")
    shown = shown if shown in LISTS else "asked"
    before = cursor_of(request, f"{_SCOPE}.{shown}")
    rows, further = machine_page(
        request.actor, shown=shown, before=before[0] if before and isinstance(before[0], int) else None
    )
    counts = machine_counts(request.actor)
    labels = {
        "asked": _("To decide"),
        "approved": pgettext("whole machines", "Approved, not given yet"),
        "dispose": _("Scrap or refurbish"),
        "all": pgettext("whole machines", "All"),
    }
    context = {
        "rows": rows,
        "shown": shown,
        "next_cursor": encode_cursor([further], scope=f"{_SCOPE}.{shown}") if further else "",
        "tabs": [
            {"label": labels[name], "url": f"?list={name}", "is_current": name == shown, "count": counts.get(name)}
            for name in LISTS
        ],
    }
    return render(request, "parts/machines.html", context)


def _seen(request: PartsRequest, machine_return_id: int) -> MachineReturn:
    found = get_object_or_404(
        MachineReturn.objects.visible_to(request.actor).select_related(*NAMED, "order__case__unit"), pk=machine_return_id
    )
    require_right(Case.objects.visible_to(request.actor).filter(pk=found.order.case_id).exists())
    return found


@for_parts
@require_safe
def machine(request: PartsRequest, machine_return_id: int) -> HttpResponseBase:
    """One whole machine: what was asked and decided, where it is, and what is to be done about it."""
    return _machine_page(request, _seen(request, machine_return_id))


def _forms(request: PartsRequest, found: MachineReturn, used: UsedPart | None) -> dict[str, ActionForm]:
    """Return the forms of what the reader may do now."""
    actor, order, state = request.actor, found.order, MachineReturn.State(found.state)
    forms: dict[str, ActionForm] = {}
    if state == "asked" and may_decide_machine(actor, order) and found.asked_by_id != actor.id:
        forms["decide"] = DecisionForm(auto_id="decide_%s")
    if used is not None and used.receipt_id and not used.disposal_id and used.lab_finding and may_dispose_machine(actor, order):
        forms["dispose"] = DisposeForm(places=stores_for(actor), auto_id="dispose_%s")
    is_given = used is not None and (used.movement_id is not None or used.returned_at is not None)
    if state in ("asked", "approved") and not is_given and may_call_off_machine(actor, order):
        forms["call-off"] = ReasonForm(auto_id="off_%s")
    return forms


def _machine_page(request: PartsRequest, found: MachineReturn, wrong: tuple[str, ActionForm] | None = None) -> HttpResponseBase:
    used = used_of([found.pk]).get(found.pk)
    forms = _forms(request, found, used)
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    people = {found.asked_by_id, found.decided_by_id, found.called_off_by_id}
    people |= {used.used_by_id, used.returned_by_id, used.lab_by_id, used.disposed_by_id} if used is not None else set()
    context = {
        "asked": found,
        "used": used,
        "disposal": used.disposal if used is not None else None,
        "names": names_of({one for one in people if one is not None}),
        "decide_form": forms.get("decide"),
        "dispose_form": forms.get("dispose"),
        "call_off_form": forms.get("call-off"),
        "call_off_open": wrong is not None and wrong[0] == "call-off",
        "limit": machine_limit(request.actor, found.order),
        "is_own": found.state == "asked" and found.asked_by_id == request.actor.id,
    }
    return render(request, "parts/machine.html", context, status=422 if wrong is not None else 200)


@for_parts
@require_POST
def act_on_machine(request: PartsRequest, machine_return_id: int, act: str) -> HttpResponseBase:
    """Approve or refuse a whole machine, call it off, or say what becomes of the one that came back."""
    found = _seen(request, machine_return_id)
    actor = request.actor
    form: ActionForm
    match act:
        case "decide":
            form, is_approved = DecisionForm(request.POST, auto_id="decide_%s"), request.POST.get("decision") == "approve"
            form.attempt(lambda clean: decide_machine(found.pk, approved=is_approved, actor=actor, **clean))
        case "call-off":
            form = ReasonForm(request.POST, auto_id="off_%s")
            form.attempt(lambda clean: call_off_machine(found.pk, actor=actor, **clean))
        case _:
            used = used_of([found.pk]).get(found.pk)
            require_right(used is not None)
            form = DisposeForm(request.POST, places=stores_for(actor), auto_id="dispose_%s")
            form.attempt(lambda clean: _disposed(used, clean, request))
    if form.errors:
        return _machine_page(request, found, (act, form))
    messages.success(request, _("Noted."))
    return redirect("parts:machine", found.pk)


def _disposed(used: UsedPart | None, clean: dict[str, Any], request: PartsRequest) -> UsedPart:
    assert used is not None
    place_id = int(clean["place"]) if clean["place"] else None
    return dispose_machine(used.pk, way=clean["way"], place_id=place_id, reason=clean["reason"], actor=request.actor)

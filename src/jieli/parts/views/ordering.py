"""Part orders: to ship, on the way, received; and the parts of one work order."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jieli.lib import clock
from jieli.lib.keyset import encode_cursor
from jieli.orders.models import WorkOrder
from jieli.parts.actions.machines import Asked, ask_for_machine
from jieli.parts.actions.ordering import cancel_part_order, order_missing_part, receive_part_order, ship_part_order
from jieli.parts.actions.using import reserve, undo_use, use_part
from jieli.parts.forms import ActionForm, MachineForm, OrderForm, ReasonForm, ReserveForm, ShipForm, UseForm
from jieli.parts.models import PartOrder, Place, UsedPart
from jieli.parts.policy import may_move_stock, may_order_part, may_use_part
from jieli.parts.queries.flow import part_order_counts, part_order_page, parts_of_case
from jieli.parts.queries.stock import parts_for
from jieli.parts.views.requests import PartsRequest, attempt, cursor_of, for_parts, order_or_404

_SCOPE = "part-orders"


@for_parts
@require_safe
def part_orders(request: PartsRequest) -> HttpResponseBase:
    """Part orders by state: what has to be sent, what is on the way, what came."""
    state = request.GET.get("state", "")
    state = state if state in PartOrder.State.values else PartOrder.State.ORDERED.value
    before = cursor_of(request, f"{_SCOPE}.{state}")
    rows, further = part_order_page(
        request.actor, state=state, before=before[0] if before and isinstance(before[0], int) else None
    )
    counts = part_order_counts(request.actor)
    context = {
        "rows": [(row, may_move_stock(request.actor, row.part_order.to_place)) for row in rows],
        "state": state,
        "now": clock.now(),
        "next_cursor": encode_cursor([further], scope=f"{_SCOPE}.{state}") if further else "",
        "tabs": [
            {"label": label, "url": f"?state={code}", "is_current": code == state, "count": counts.get(code)}
            for code, label in PartOrder.State.choices
        ],
    }
    return render(request, "parts/orders.html", context)


def _visible(request: PartsRequest, part_order_id: int) -> PartOrder:
    return get_object_or_404(PartOrder.objects.visible_to(request.actor), pk=part_order_id)


@for_parts
@require_POST
def ship(request: PartsRequest, part_order_id: int) -> HttpResponseBase:
    """Send an ordered part."""
    part_order = _visible(request, part_order_id)
    form = ShipForm(request.POST)
    clean: dict[str, Any] = form.cleaned_data if form.is_valid() else {"place": 0, "waybill": ""}

    def act() -> PartOrder:
        return ship_part_order(part_order.pk, from_place_id=clean["place"], waybill=clean["waybill"], actor=request.actor)

    attempt(request, act, _("It is on its way."))
    return redirect("parts:orders")


@for_parts
@require_POST
def receive(request: PartsRequest, part_order_id: int) -> HttpResponseBase:
    """Note that an ordered part came."""
    part_order = _visible(request, part_order_id)
    attempt(request, lambda: receive_part_order(part_order.pk, actor=request.actor), _("Received and kept for the work order."))
    return redirect(f"{redirect('parts:orders').url}?state=shipped")


@for_parts
@require_POST
def cancel(request: PartsRequest, part_order_id: int) -> HttpResponseBase:
    """Call off an ordered part."""
    part_order = _visible(request, part_order_id)
    reason = request.POST.get("reason", "")
    attempt(request, lambda: cancel_part_order(part_order.pk, reason=reason, actor=request.actor), _("Called off."))
    return redirect("parts:orders")


# --- one work order


_FORMS: dict[str, type[ActionForm]] = {
    "use": UseForm,
    "order": OrderForm,
    "reserve": ReserveForm,
    "machine": MachineForm,
}


def _words() -> dict[str, str]:
    return {
        "use": _("Book a part that was put in"),
        "order": _("Order a missing part"),
        "reserve": _("Reserve a part"),
        "machine": _("Ask for a whole machine"),
    }


@for_parts
@require_safe
def of_order(request: PartsRequest, order_id: int) -> HttpResponseBase:
    """The parts of one work order, and the acts on them."""
    return _order_page(request, order_or_404(request, order_id))


def _near(order: WorkOrder) -> list[Place]:
    found = Place.objects.real().filter(is_active=True)
    mine = Q(kind=Place.Kind.VAN, staff_id=order.engineer_id) if order.engineer_id else Q(pk=None)
    return list(found.filter(mine | Q(unit_id=order.outlet_id) & ~Q(kind=Place.Kind.VAN)).order_by("-kind", "code")[:50])


def _form(order: WorkOrder, act: str, data: Any = None) -> ActionForm:
    more: dict[str, Any] = {} if act in ("order", "machine") else {"places": _near(order)}
    return _FORMS[act](data, auto_id=f"{act}_%s", **more)


def _order_page(request: PartsRequest, order: WorkOrder, wrong: tuple[str, ActionForm] | None = None) -> HttpResponseBase:
    may_use, may_order = may_use_part(request.actor, order), may_order_part(request.actor, order)
    is_open = order.case.is_open and order.cancelled_at is None
    acts = [act for act in _FORMS if is_open and (may_use if act == "use" else may_order)]
    forms = {act: _form(order, act) for act in acts}
    if order.device is not None and "machine" in forms:
        forms["machine"].fields["old_serial"].initial = order.device.serial
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    model = order.device.model if order.device is not None else ""
    parts = next((one for one in parts_of_case(order.case_id) if one.order.pk == order.pk), None)
    context = {
        "order": order,
        "parts": parts,
        "model": model,
        "fitting": parts_for(order.product_line, model)[:300] if acts else [],
        "forms": [(act, _words()[act], form, wrong is not None and wrong[0] == act) for act, form in forms.items()],
        "may_use": may_use,
        "now": clock.now(),
    }
    return render(request, "parts/order.html", context, status=422 if wrong is not None else 200)


@for_parts
@require_POST
def act_on_order(request: PartsRequest, order_id: int, act: str) -> HttpResponseBase:
    """Use, order or reserve a part for a work order, or ask for a whole machine."""
    order = order_or_404(request, order_id)
    form = _form(order, act, request.POST)
    actor = request.actor
    match act:
        case "use":
            form.attempt(
                lambda clean: use_part(
                    order_id,
                    part_code=clean["part"],
                    place_id=int(clean["place"]) if clean["place"] else None,
                    old_serial=clean["old_serial"],
                    new_serial=clean["new_serial"],
                    actor=actor,
                )
            )
        case "order":
            form.attempt(
                lambda clean: order_missing_part(
                    order_id,
                    part_code=clean["part"],
                    quantity=clean["quantity"],
                    consent=clean["consent"],
                    actor=actor,
                )
            )
        case "machine":
            asked = form.attempt(lambda clean: ask_for_machine(order_id, Asked(**clean), actor=actor))
            if asked is not None:
                messages.success(request, _("Asked. Who may decide has been told."))
                return redirect("parts:machine", asked.pk)
        case _:
            form.attempt(
                lambda clean: reserve(
                    order_id,
                    part_code=clean["part"],
                    quantity=clean["quantity"],
                    place_id=int(clean["place"]),
                    actor=actor,
                )
            )
    if form.errors:
        return _order_page(request, order, (act, form))
    messages.success(request, _("Booked."))
    return redirect("parts:order", order_id)


@for_parts
@require_POST
def undo(request: PartsRequest, used_part_id: int) -> HttpResponseBase:
    """Take back a part that was booked but not used."""
    used = get_object_or_404(UsedPart, pk=used_part_id)
    order = order_or_404(request, used.order_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    attempt(request, lambda: undo_use(used_part_id, reason=reason, actor=request.actor), _("It is back in stock."))
    return redirect("parts:order", order.pk)

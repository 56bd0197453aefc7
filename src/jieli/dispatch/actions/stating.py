"""What the pay of an order depends on and nobody knew when it was made: its warranty, and how far the outlet has to go."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.dispatch.policy import may_dispatch
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.orders.actions.living import learn
from jieli.orders.models import WorkOrder
from jieli.orders.refusals import BadOrder
from jieli.orders.rules.order_rows import KILOMETRES


@changing
def state_order(order_id: int, *, in_warranty: bool | None, distance_km: Decimal | None, actor: Actor) -> WorkOrder:
    """Say whether an order is in warranty and how far it is by road; None leaves what is known. Its event keeps old and new.

    Who dispatches says it, not the outlet that is paid by it; also of a closed case, whose order waits for it at the month's
    end. Raises NotFound (also when hidden), NotAllowed, BadOrder, OrderEnded.
    """
    order = WorkOrder.objects.filter(pk=order_id, case__isnull=False).first()
    if order is None or order.case_id is None:
        raise NotFound
    case = locked_case(order.case_id, actor, must_be_open=False)
    require(may_dispatch(actor, case))
    if in_warranty is None and distance_km is None:
        raise BadOrder(_("Say whether it is in warranty, how far it is, or both."))
    known: dict[str, Any] = {}
    if in_warranty is not None:
        known["in_warranty"] = in_warranty
    if distance_km is not None:
        known["distance_km"] = distance_km.quantize(KILOMETRES)
    return learn(order.pk, actor=actor, **known)

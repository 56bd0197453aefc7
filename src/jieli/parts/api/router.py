"""What the operations on parts share: their router, cursors, and work orders by their numbers."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound
from jieli.lib.keyset import decode_cursor
from jieli.orders.models import WorkOrder

router = Router(tags=["parts"])

Cursor = Annotated[str, Query(max_length=4096, description="`next` of the page before.")]


def after_of(cursor: str, scope: str) -> list[object]:
    """Return the values after which a page begins; raises Invalid for what is no cursor of this list."""
    if not cursor:
        return []
    try:
        return list(decode_cursor(cursor, scope=scope))
    except ValueError:
        raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None


def order_of(actor: Actor, number: str) -> WorkOrder:
    """Return a work order by its number; raises NotFound, also when its case is hidden."""
    order = WorkOrder.objects.filter(number=number).first()
    if order is None or not Case.objects.visible_to(actor).filter(pk=order.case_id).exists():
        raise NotFound
    return order

"""What an order is paid by, by the API."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from jieli.cases.queries.reading import visible_case_id
from jieli.dispatch.actions.stating import state_order
from jieli.dispatch.api.router import router
from jieli.events.refusals import NotFound
from jieli.lib.http import Answer, ApiRequest, In, Out, answers
from jieli.orders.models import WorkOrder


class OrderFactsIn(In):
    """Whether an order is in warranty, and how far it is by road; null leaves what is known."""

    in_warranty: bool | None = None
    distance_km: Annotated[str, Field(pattern=r"^\d{1,4}(\.\d{1,3})?$", examples=["12.5"])] | None = None


class OrderFactsOut(Out):
    """What an order is paid by, as far as it is known."""

    number: str
    in_warranty: bool | None
    distance_km: Decimal | None


@router.post(
    "/cases/{number}/orders/{order}/facts",
    response=answers(OrderFactsOut),
    operation_id="state_order",
    summary="Say an order's warranty and distance",
)
def say_facts(request: ApiRequest, number: str, order: str, body: OrderFactsIn) -> Answer:
    """Say what an order is paid by; the month end judges it by that. Not for the outlet which is paid."""
    case_id = visible_case_id(request.auth, number)
    found = WorkOrder.objects.filter(case_id=case_id, number=order).first()
    if found is None:
        raise NotFound
    distance_km = None if body.distance_km is None else Decimal(body.distance_km)
    said = state_order(found.pk, in_warranty=body.in_warranty, distance_km=distance_km, actor=request.auth)
    return Answer(OrderFactsOut(number=said.number, in_warranty=said.in_warranty, distance_km=said.distance_km))

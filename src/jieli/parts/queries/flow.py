"""What is on order, what has to come back, what lies in the lab; and the parts of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.parts.models import Balance, MachineReturn, PartOrder, Place, Reservation, UsedPart
from jieli.people.models import Staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class PartOrderRow:
    """A part order with the places that could send it."""

    part_order: PartOrder
    sources: list[Balance]


def part_order_page(actor: Actor, *, state: str, before: int | None = None) -> tuple[list[PartOrderRow], int | None]:
    """Return the part orders of a state, the latest first, with the id before which the next page begins. Two queries."""
    found = PartOrder.objects.visible_to(actor).filter(state=state)
    if before is not None:
        found = found.filter(pk__lt=before)
    named = found.select_related("part", "to_place__unit", "from_place", "order__case")
    rows = list(named.order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    sources = _sources([one for one in shown if one.state == PartOrder.State.ORDERED], actor)
    return [PartOrderRow(one, sources.get(one.pk, [])) for one in shown], rows[PAGE - 1].pk if len(rows) > PAGE else None


def _sources(part_orders: Sequence[PartOrder], actor: Actor) -> dict[int, list[Balance]]:
    if not part_orders:
        return {}
    seen = Place.objects.real().visible_to(actor).exclude(kind=Place.Kind.VAN).filter(is_active=True).values("pk")
    found = Balance.objects.filter(part__in={one.part_id for one in part_orders}, place__in=seen, quantity__gt=0)
    of_part: dict[int, list[Balance]] = {}
    for balance in found.select_related("place__unit").order_by("-quantity", "place__code"):
        of_part.setdefault(balance.part_id, []).append(balance)
    return {
        one.pk: [
            balance
            for balance in of_part.get(one.part_id, [])
            if balance.available >= one.quantity and balance.place_id != one.to_place_id
        ][:20]
        for one in part_orders
    }


def part_order_counts(actor: Actor) -> dict[str, int]:
    """Return how many part orders are open, by state."""
    states = PartOrder.objects.visible_to(actor).open().values_list("state", flat=True)
    found = list(states)
    return {state: found.count(state) for state in ("ordered", "shipped")}


_NAMED = ("part", "machine_return__old_machine", "order__outlet", "order__case", "order__engineer")


def owed_page(
    actor: Actor, *, overdue_at: datetime | None = None, after: tuple[datetime, int] | None = None
) -> tuple[list[UsedPart], tuple[datetime, int] | None]:
    """Return the old parts that have to come back, the most urgent first; with `overdue_at` only those that are late."""
    found = UsedPart.objects.visible_to(actor).owed()
    if overdue_at is not None:
        found = found.filter(return_due_at__lt=overdue_at)
    if after is not None:
        found = found.filter(return_due_at__gte=after[0]).exclude(return_due_at=after[0], pk__lte=after[1])
    rows = list(found.select_related(*_NAMED).order_by("return_due_at", "pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.return_due_at, last.pk) if last is not None and last.return_due_at is not None else None


def lab_page(actor: Actor, *, after: tuple[datetime, int] | None = None) -> tuple[list[UsedPart], tuple[datetime, int] | None]:
    """Return the old parts that are back and wait for the lab, the longest waiting first."""
    found = UsedPart.objects.visible_to(actor).in_lab()
    if after is not None:
        found = found.filter(returned_at__gte=after[0]).exclude(returned_at=after[0], pk__lte=after[1])
    rows = list(found.select_related(*_NAMED).order_by("returned_at", "pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.returned_at, last.pk) if last is not None and last.returned_at is not None else None


def old_parts_of(order: WorkOrder) -> list[UsedPart]:
    """Return what a work order owes or has sent back, for the labels on it, at most 200. One query."""
    found = UsedPart.objects.standing().filter(order=order, return_due_at__isnull=False)
    return list(found.select_related(*_NAMED).order_by("pk")[:200])


def return_counts(actor: Actor, at: datetime) -> dict[str, int]:
    """Return how many old parts are owed, overdue and in the lab."""
    seen = UsedPart.objects.visible_to(actor)
    return {"owed": seen.owed().count(), "overdue": seen.overdue(at).count(), "lab": seen.in_lab().count()}


@dataclass(frozen=True, slots=True)
class OrderParts:
    """One work order of a case with everything about its parts."""

    order: WorkOrder
    used: list[UsedPart]
    ordered: list[PartOrder]
    reserved: list[Reservation]
    machines: list[MachineReturn]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was done about parts."""
        return not (self.used or self.ordered or self.reserved or self.machines)


def parts_of_case(case_id: int) -> list[OrderParts]:
    """Return the work orders of a case, each with its parts. Five queries."""
    orders = list(WorkOrder.objects.filter(case_id=case_id).select_related("outlet").order_by("number")[:50])
    ids = [order.pk for order in orders]
    named = UsedPart.objects.select_related("part", "place", "machine_return__old_machine")
    used = list(named.filter(order__in=ids).order_by("pk"))
    ordered = list(PartOrder.objects.filter(order__in=ids).select_related("part", "to_place").order_by("pk"))
    machines = list(MachineReturn.objects.filter(order__in=ids).select_related("machine", "old_machine").order_by("pk"))
    kept = list(Reservation.objects.filter(order__in=ids, left__gt=0).select_related("part", "place").order_by("pk"))
    return [
        OrderParts(
            order,
            [one for one in used if one.order_id == order.pk],
            [one for one in ordered if one.order_id == order.pk],
            [one for one in kept if one.order_id == order.pk],
            [one for one in machines if one.order_id == order.pk],
        )
        for order in orders
    ]


def names_of(staff_ids: set[int]) -> dict[int, str]:
    """Return the names of people by id."""
    return dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "name")) if staff_ids else {}

"""Whole machines that come back: what waits for whom, one of them, and what a work order may be given."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from jieli.cases.models import Case
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.parts.models import Finding, MachineReturn, Part, Place, UsedPart
from jieli.parts.policy import machine_limits
from jieli.people.models import Staff, Unit
from jieli.people.queries import actor_for

PAGE = 50
NAMED = ("machine", "old_machine", "order__outlet", "order__case", "order__engineer", "order__device")


def machine_approved_for(order: WorkOrder, part: Part) -> MachineReturn | None:
    """Return what allows a whole machine to be given on an order: approved, and not given yet."""
    waiting = MachineReturn.objects.approved_and_waiting().filter(order=order, machine=part)
    return waiting.select_related("old_machine").first()


def machines_waiting(order: WorkOrder) -> list[int]:
    """Return the whole machines of an order that were asked for or approved and of which nothing has happened yet."""
    asked = Q(state=MachineReturn.State.ASKED)
    happened = UsedPart.objects.standing().filter(machine_return=OuterRef("pk"))
    happened = happened.filter(Q(movement__isnull=False) | Q(returned_at__isnull=False))
    found = MachineReturn.objects.filter(asked | Q(~Exists(happened), state=MachineReturn.State.APPROVED), order=order)
    return list(found.order_by("pk").values_list("pk", flat=True))


def deciders_of(asked: MachineReturn) -> list[int]:
    """Return who may decide about a whole machine besides who asked, at most ten, those nearest to the outlet first.

    Only those who see its case: the others could not open it. A query for each who comes into question, of thirty at most.
    """
    roles = [one.role for one in machine_limits() if one.amount >= asked.amount]
    above = [int(one) for one in asked.order.outlet.path.strip("/").split("/")]
    held = Staff.objects.active().filter(grants__role__in=roles, grants__unit_id__in=above).exclude(pk=asked.asked_by_id or 0)
    paths = dict(Unit.objects.filter(pk__in=above).values_list("pk", "path"))
    found: dict[int, int] = {}
    for staff_id, unit_id in held.values_list("pk", "grants__unit_id"):
        found[staff_id] = max(found.get(staff_id, 0), len(paths.get(unit_id, "")))
    nearest = sorted(found, key=lambda staff_id: (-found[staff_id], staff_id))[:30]
    people = Staff.objects.in_bulk(nearest)
    cases = Case.objects.filter(pk=asked.order.case_id)
    return [one for one in nearest if cases.visible_to(actor_for(people[one])).exists()][:10]


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A whole-machine return, with the old machine's way once it is owed."""

    asked: MachineReturn
    used: UsedPart | None


LISTS = ("asked", "approved", "dispose", "all")


def machine_page(actor: Actor, *, shown: str, before: int | None = None) -> tuple[list[MachineRow], int | None]:
    """Return the whole machines of a list, the latest first, with the id before which the next page begins. Two queries."""
    found = MachineReturn.objects.visible_to(actor)
    match shown:
        case "asked":
            found = found.filter(state=MachineReturn.State.ASKED)
        case "approved":
            found = found.approved_and_waiting()
        case "dispose":
            found = found.to_dispose()
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related(*NAMED).order_by("-pk")[: PAGE + 1])
    used = used_of([one.pk for one in rows])
    shown_rows = [MachineRow(one, used.get(one.pk)) for one in rows[:PAGE]]
    return shown_rows, rows[PAGE - 1].pk if len(rows) > PAGE else None


def used_of(machine_return_ids: list[int]) -> dict[int, UsedPart]:
    """Return the standing used part of each whole-machine return that has one."""
    standing = UsedPart.objects.standing().filter(machine_return__in=machine_return_ids)
    named = standing.select_related("part", "place", "machine_return__old_machine", "receipt", "disposal")
    return {one.machine_return_id: one for one in named if one.machine_return_id is not None}


def machine_counts(actor: Actor) -> dict[str, int]:
    """Return how many whole machines wait: to be decided, to be given, to be scrapped or refurbished. Three queries."""
    seen = MachineReturn.objects.visible_to(actor)
    return {
        "asked": seen.filter(state=MachineReturn.State.ASKED).count(),
        "approved": seen.approved_and_waiting().count(),
        "dispose": seen.to_dispose().count(),
    }


def findings_on(used: UsedPart) -> list[Finding]:
    """Return what the lab found on an old part, the latest first."""
    return list(Finding.objects.filter(used_part=used).order_by("-number"))


def stores_for(actor: Actor) -> list[Place]:
    """Return the stores in use that somebody sees, where a refurbished machine may stand, at most 200."""
    stores = Place.objects.real().visible_to(actor).exclude(kind=Place.Kind.VAN).filter(is_active=True)
    return list(stores.select_related("unit").order_by("kind", "code")[:200])

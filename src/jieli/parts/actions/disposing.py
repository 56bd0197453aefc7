"""What becomes of a whole machine that came back: scrapped, or refurbished into stock under a code of its own."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.text import strip_control
from jieli.parts.actions.booking import book, book_ways, booking, locked_order, outside, stocked_place
from jieli.parts.events import MachineRefurbished, MachineScrapped, PartMasterChanged
from jieli.parts.models import Movement, Part, PartFit, Place, UsedPart
from jieli.parts.policy import may_dispose_machine, may_keep_stock
from jieli.parts.refusals import AlreadyDisposed, BadParts, LabComesFirst, NotReturned

WAYS = ("scrap", "refurbish")


@booking
def dispose_machine(used_part_id: int, *, way: str, reason: str, actor: Actor, place_id: int | None = None) -> UsedPart:
    """Scrap a returned machine that the lab has looked at, or take it into the stock of a place as refurbished.

    Raises NotFound for what is no whole machine, NotAllowed (also when the place is not one's own to keep), NotReturned,
    LabComesFirst, AlreadyDisposed, UnknownPlace, BadParts for a way that is none or no reason.
    """
    order_id = UsedPart.objects.filter(pk=used_part_id, machine_return__isnull=False).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order(order_id, actor, must_be_open=False)
    require(may_dispose_machine(actor, order))
    locked = UsedPart.objects.select_for_update(of=("self",)).select_related("machine_return__old_machine")
    used = locked.get(pk=used_part_id)
    machine = used.machine_return
    assert machine is not None
    if used.receipt_id is None:
        raise NotReturned
    if not used.lab_finding:
        raise LabComesFirst
    if used.disposal_id is not None:
        raise AlreadyDisposed
    faults = {}
    if way not in WAYS:
        faults["way"] = _("Choose scrap or refurbish.")
    if not (reason := strip_control(reason).strip()[:300]):
        faults["reason"] = _("Say why.")
    if way == "refurbish" and place_id is None:
        faults["place"] = _("Choose where it stands from now on.")
    if faults:
        raise BadParts(fields=faults)
    old, now, lying = used.old_part, clock.now(), outside(Place.Kind.RETURNED)
    about: dict[str, Any] = {"case_id": order.case_id, "order": order.number, "machine_return_id": machine.pk}
    about |= {"number": machine.number, "used_part_id": used.pk, "tag": used.tag, "reason": reason}
    if place_id is None or way == "scrap":
        event = record(MachineScrapped(**about, lines=[[old.code, 1]]), actor=actor, at=now)
        used.disposal_id = book(
            Movement.Kind.SCRAP,
            source=lying,
            to=outside(Place.Kind.SCRAP),
            lines=[(old, 1)],
            event=event,
            reason=reason,
            order=order,
        )
    else:
        place = stocked_place(place_id)
        require(may_keep_stock(actor, place))
        fresh, workshop = refurbished(old, actor=actor), outside(Place.Kind.WORKSHOP)
        fact = MachineRefurbished(**about, part=fresh.code, place=place.name, lines=_lines(old, fresh))
        # One kind of machine leaves the returned ones for the workshop, another comes out of it: each adds up by itself.
        used.disposal_id = book_ways(
            Movement.Kind.REFURBISH,
            ways=[(lying, workshop, old, 1), (workshop, place, fresh, 1)] if fresh != old else [(lying, place, old, 1)],
            event=record(fact, actor=actor, at=now),
            reason=reason,
            order=order,
        )
    used.disposed_at, used.disposed_by_id = now, actor.id
    used.save(update_fields=["disposed_at", "disposed_by_id", "disposal"])
    return used


def _lines(old: Part, fresh: Part) -> list[list[object]]:
    return [[old.code, 1]] if fresh == old else [[old.code, 1], [fresh.code, 1]]


def refurbished(machine: Part, *, actor: Actor) -> Part:
    """Return the part under which this machine is stocked once refurbished; it is added to the master when it is the first."""
    if machine.refurbished_of_id is not None:
        return machine
    known = Part.objects.filter(refurbished_of=machine).first()
    if known is not None:
        return known
    # Two at once must not make two of them.
    Part.objects.select_for_update(of=("self",), no_key=True).get(pk=machine.pk)
    known = Part.objects.filter(refurbished_of=machine).first()
    if known is not None:
        return known
    made = Part.objects.create(
        code=_free_code(machine),
        name=f"{machine.name[:114]}（翻新）",
        name_en=f"{machine.name_en[:106]} (refurbished)" if machine.name_en else "",
        kind=Part.Kind.MACHINE,
        price_amount=machine.price_amount,
        warranty_code=machine.warranty_code,
        is_returnable=machine.is_returnable,
        refurbished_of=machine,
    )
    PartFit.objects.bulk_create(
        PartFit(part=made, product_line=line, model=model) for line, model in machine.fits.values_list("product_line", "model")
    )
    record(PartMasterChanged(company_id=1, total=1, codes=[made.code]), actor=actor, at=clock.now())
    return made


def _free_code(machine: Part) -> str:
    taken = set(Part.objects.filter(code__startswith=machine.code[:36]).values_list("code", flat=True))
    endings = ["-R", *(f"-R{number}" for number in range(2, 100))]
    return next(code for ending in endings if (code := machine.code[: 40 - len(ending)] + ending) not in taken)

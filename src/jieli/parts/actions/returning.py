"""Old parts: back by a scan of the label or the serial, then looked at by the lab (spec 3, Old part return)."""

from django.utils.translation import gettext_lazy as _

from jieli.customers.rules import normalise_serial
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.network.actions.licence import post_points
from jieli.orders.models import WorkOrder
from jieli.parts.actions.booking import booking, locked_order
from jieli.parts.actions.using import tell_order
from jieli.parts.events import OldPartReturned, PartFound
from jieli.parts.models import UsedPart
from jieli.parts.policy import may_receive_old_part, may_record_finding
from jieli.parts.refusals import AlreadyFound, AlreadyReturned, BadParts, NotReturned, SeveralHaveSerial, UnknownTag
from jieli.parts.rules.returning import MISJUDGED
from jieli.parts.rules.tags import read_tag


def find_used_part(scanned: str | int, *, actor: Actor) -> int:
    """Return the id of the used part that a label, a serial number or an id names.

    Raises UnknownTag, also when it is hidden from the actor; SeveralHaveSerial when a serial names more than one that is owed.
    """
    seen = UsedPart.objects.standing().visible_to(actor)
    used_part_id = scanned if isinstance(scanned, int) else read_tag(scanned)
    if used_part_id is not None:
        if seen.filter(pk=used_part_id).exists():
            return used_part_id
        raise UnknownTag
    serial = normalise_serial(str(scanned))
    found = list(seen.filter(old_serial=serial).values_list("pk", "returned_at")[:20]) if serial else []
    if not found:
        raise UnknownTag
    owed = [pk for pk, returned_at in found if returned_at is None]
    if len(owed) > 1:
        raise SeveralHaveSerial
    return owed[0] if owed else int(found[-1][0])


def _locked(used_part_id: int, actor: Actor) -> tuple[UsedPart, WorkOrder]:
    order_id = UsedPart.objects.filter(pk=used_part_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound
    order = locked_order(order_id, actor, must_be_open=False)
    used = UsedPart.objects.select_for_update(of=("self",)).select_related("part").get(pk=used_part_id)
    return used, order


@booking
def receive_old_part(scanned: str | int, *, actor: Actor) -> UsedPart:
    """Note that an old part came back, by its label, its serial number or the id of the used part.

    Raises UnknownTag, SeveralHaveSerial, NotFound, NotAllowed, AlreadyReturned.
    """
    used, order = _locked(find_used_part(scanned, actor=actor), actor)
    require(may_receive_old_part(actor, order))
    if used.returned_at is not None:
        raise AlreadyReturned
    if used.undone_at is not None:
        raise UnknownTag
    now = clock.now()
    used.returned_at, used.returned_by_id = now, actor.id
    used.save(update_fields=["returned_at", "returned_by_id"])
    fact = OldPartReturned(
        case_id=order.case_id,
        order=order.number,
        part=used.part.code,
        used_part_id=used.pk,
        tag=used.tag,
        serial=used.old_serial,
    )
    record(fact, actor=actor, at=now)
    tell_order(order, actor=actor, at=now)
    return used


@booking
def record_finding(used_part_id: int, finding: str, *, actor: Actor, note: str = "") -> UsedPart:
    """Note what the lab found on an old part that is back. It stands: settlement follows it, and a misjudged part costs points.

    Raises NotFound, NotAllowed, NotReturned, AlreadyFound, BadParts for a finding that is none.
    """
    used, order = _locked(used_part_id, actor)
    require(may_record_finding(actor, order))
    if finding not in WorkOrder.LabFinding.values:
        raise BadParts(fields={"finding": _("Choose one of the four findings.")})
    if used.returned_at is None:
        raise NotReturned
    if used.lab_finding:
        raise AlreadyFound
    now = clock.now()
    used.lab_finding, used.lab_at, used.lab_by_id = finding, now, actor.id
    used.lab_note = note.replace("\x00", "").strip()[:300]
    used.save(update_fields=["lab_finding", "lab_at", "lab_by_id", "lab_note"])
    fact = PartFound(
        case_id=order.case_id,
        order=order.number,
        part=used.part.code,
        used_part_id=used.pk,
        tag=used.tag,
        finding=finding,
    )
    record(fact, actor=actor, at=now)
    tell_order(order, actor=actor, at=now)
    if finding in MISJUDGED and order.engineer_id is not None:
        source, note = f"used part {used.pk}", f"{used.part.code} {used.tag}"
        post_points(
            order.engineer_id, kind="part_misjudged", case_id=order.case_id, source=source, note=note, actor=actor, at=now
        )
    return used

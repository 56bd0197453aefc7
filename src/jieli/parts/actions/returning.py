"""Old parts: back by a scan of the label or the serial, then looked at by the lab (spec 3, Old part return)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.telling import tell
from jieli.customers.rules import normalise_serial
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.lib.text import strip_control
from jieli.network.actions.licence import annul_postings, post_points
from jieli.orders.models import WorkOrder
from jieli.parts.actions.booking import book, booking, locked_order, outside
from jieli.parts.actions.using import tell_order
from jieli.parts.events import FindingCorrected, OldPartReturned, PartFound
from jieli.parts.models import Finding, Movement, Place, UsedPart
from jieli.parts.notices import FINDING_CORRECTED
from jieli.parts.policy import may_correct_finding, may_receive_old_part, may_record_finding
from jieli.parts.refusals import (
    AlreadyFound,
    AlreadyReturned,
    BadParts,
    NothingFound,
    NotReturned,
    SeveralHaveSerial,
    UnknownTag,
)
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
    used = UsedPart.objects.select_for_update(of=("self",)).select_related("part", "machine_return__old_machine")
    return used.get(pk=used_part_id), order


@booking
def receive_old_part(scanned: str | int, *, actor: Actor) -> UsedPart:
    """Note that an old part came back, by its label, its serial number or the id of the used part.

    A whole machine comes into the book: it lies with the returned ones until somebody decides what becomes of it.
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
    fact = OldPartReturned(
        case_id=order.case_id,
        order=order.number,
        part=used.old_part.code,
        used_part_id=used.pk,
        tag=used.tag,
        serial=used.old_serial,
    )
    event = record(fact, actor=actor, at=now)
    if used.machine_return_id is not None:
        used.receipt_id = book(
            Movement.Kind.BACK,
            source=outside(Place.Kind.CUSTOMER),
            to=outside(Place.Kind.RETURNED),
            lines=[(used.old_part, 1)],
            event=event,
            order=order,
        )
    used.save(update_fields=["returned_at", "returned_by_id", "receipt"])
    tell_order(order, actor=actor, at=now)
    return used


@booking
def record_finding(used_part_id: int, finding: str, *, actor: Actor, note: str = "") -> UsedPart:
    """Note what the lab found on an old part that is back: settlement follows it, and a misjudged part costs points.

    Raises NotFound, NotAllowed, NotReturned, AlreadyFound, BadParts for a finding that is none.
    """
    used, order = _locked(used_part_id, actor)
    require(may_record_finding(actor, order))
    if used.returned_at is None:
        raise NotReturned
    if used.lab_finding:
        raise AlreadyFound
    now = clock.now()
    _note(used, finding, note=note, reason="", actor=actor, at=now)
    fact = PartFound(
        case_id=order.case_id,
        order=order.number,
        part=used.old_part.code,
        used_part_id=used.pk,
        tag=used.tag,
        finding=finding,
    )
    record(fact, actor=actor, at=now)
    tell_order(order, actor=actor, at=now)
    _post_misjudged(used, order, number=1, actor=actor)
    return used


@booking
def correct_finding(used_part_id: int, finding: str, *, reason: str, actor: Actor, note: str = "") -> UsedPart:
    """Correct what the lab found, with the reason; the first finding stays to be read, the later one counts.

    The month end that has not been decided follows the correction, if it is known by the cut-off, else the next. What is
    decided stays (spec 6, `changed_after_decision`): the outlet, which is told, may dispute the line. The licence point of a
    misjudged part goes or comes with the finding. Raises NotFound, NotAllowed, NothingFound, BadParts for the same finding
    again, one that is none, or no reason.
    """
    used, order = _locked(used_part_id, actor)
    require(may_correct_finding(actor, order))
    if not used.lab_finding:
        raise NothingFound
    faults = {}
    if finding == used.lab_finding:
        faults["finding"] = _("This is what the lab noted already.")
    if not (reason := strip_control(reason).strip()[:300]):
        faults["reason"] = _("Say why.")
    if faults:
        raise BadParts(fields=faults)
    old = used.lab_finding
    now = clock.now()
    number = _note(used, finding, note=note, reason=reason, actor=actor, at=now)
    fact = FindingCorrected(
        case_id=order.case_id,
        order=order.number,
        part=used.old_part.code,
        used_part_id=used.pk,
        tag=used.tag,
        old=old,
        finding=finding,
        reason=reason,
    )
    record(fact, actor=actor, at=now)
    tell_order(order, actor=actor, at=now)
    if old in MISJUDGED and finding not in MISJUDGED:
        _annul_misjudged(used, order, reason=reason, actor=actor)
    elif old not in MISJUDGED:
        _post_misjudged(used, order, number=number, actor=actor)
    concerned = {order.outlet.leader_id, order.engineer_id} - {actor.id}
    tell(order.case, concerned, FINDING_CORRECTED, tag=used.tag, finding=finding)
    return used


def _note(used: UsedPart, finding: str, *, note: str, reason: str, actor: Actor, at: datetime) -> int:
    """Add a finding to a locked used part, and let it be the one that counts; return its number."""
    if finding not in WorkOrder.LabFinding.values:
        raise BadParts(fields={"finding": _("Choose one of the four findings.")})
    number = Finding.objects.filter(used_part=used).count() + 1
    note = strip_control(note).strip()[:300]
    Finding.objects.create(
        used_part=used, number=number, finding=finding, note=note, reason=reason, at=at, found_by_id=actor.id
    )
    used.lab_finding, used.lab_at, used.lab_by_id, used.lab_note = finding, at, actor.id, note
    used.save(update_fields=["lab_finding", "lab_at", "lab_by_id", "lab_note"])
    return number


def _sources(used: UsedPart, numbers: Iterable[int]) -> list[str]:
    # One fact posts once: a finding that becomes misjudged again posts as a fact of its own.
    return [f"used part {used.pk}" if number == 1 else f"used part {used.pk} finding {number}" for number in numbers]


def _post_misjudged(used: UsedPart, order: WorkOrder, *, number: int, actor: Actor) -> None:
    if used.lab_finding in MISJUDGED and order.engineer_id is not None:
        (source,) = _sources(used, [number])
        note = f"{used.part.code} {used.tag}"
        post_points(
            order.engineer_id,
            kind="part_misjudged",
            case_id=order.case_id,
            source=source,
            note=note,
            actor=actor,
            at=used.lab_at,
        )


def _annul_misjudged(used: UsedPart, order: WorkOrder, *, reason: str, actor: Actor) -> None:
    numbers = Finding.objects.filter(used_part=used).values_list("number", flat=True)
    annul_postings("part_misjudged", sources=_sources(used, numbers), reason=reason, actor=actor)

"""Rows of complaints.csv; the same rows twice change nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.complaints.events import ComplaintChanged, ComplaintReceived
from jieli.complaints.models import Complaint
from jieli.complaints.policy import may_import_complaints
from jieli.complaints.rules.complaint_rows import ComplaintRow, read_complaint
from jieli.events.actions import Happened, append_history
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.network.models import Outlet
from jieli.orders.models import WorkOrder

_FIELDS = ("order_id", "outlet_id", "opened_at", "level", "upheld", "attributes")


@transaction.atomic
def import_complaints(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the complaints of these numbers; an empty cell leaves what is stored.

    Without an outlet it is about that of its work order. An order that nobody knows yet is kept as an attribute, with a
    warning. Raises NotAllowed. Cost: three reads, two writes and one statement for the events, whatever the number of rows.
    """
    require(may_import_complaints(actor))
    outcome = BatchOutcome()
    now = clock.now()
    read = [read_complaint(line, row) for line, row in rows]
    outlets = dict(Outlet.objects.filter(unit__code__in={one.outlet for one in read}).values_list("unit__code", "unit_id"))
    found = WorkOrder.objects.filter(number__in={one.order for one in read} - {""}).values_list("number", "pk", "outlet_id")
    orders = {number: (pk, outlet_id) for number, pk, outlet_id in found}
    locked = Complaint.objects.select_for_update().filter(number__in=[one.number for one in read]).order_by("pk")
    known = {row.number: row for row in locked}
    made: list[Complaint] = []
    changed: list[Complaint] = []
    happened: list[Happened] = []
    for one in read:
        stored = known.get(one.number)
        said = _said(one, outlets, orders, is_new=stored is None)
        if one.faults:
            outcome.refuse(one.line, one.row, one.faults)
            continue
        outcome.warn(one.line, one.row, _odd(one, said, orders))
        if stored is None:
            complaint = Complaint(number=one.number, **said)
            made.append(complaint)
            happened.append(Happened(_received(complaint, one), complaint.opened_at))
        else:
            said["attributes"] = {**stored.attributes, **said["attributes"]}
            changes = {name: (getattr(stored, name), new) for name, new in said.items() if getattr(stored, name) != new}
            if not changes:
                outcome.unchanged += 1
                continue
            for name, (_old, new) in changes.items():
                setattr(stored, name, new)
            changed.append(stored)
            happened.append(Happened(_changed(stored, changes), now))
        outcome.imported += 1
    Complaint.objects.bulk_create(made, batch_size=1000)
    Complaint.objects.bulk_update(changed, _FIELDS, batch_size=500)
    outcome.events = len(append_history(happened, actor=actor))
    return outcome


def _said(
    one: ComplaintRow, outlets: Mapping[str, int], orders: Mapping[str, tuple[int, int]], *, is_new: bool
) -> dict[str, Any]:
    said: dict[str, Any] = dict(one.facts)
    attributes: dict[str, str] = dict(one.attributes)
    if one.order in orders:
        said["order_id"], outlet_id = orders[one.order]
        if is_new and not one.outlet:
            said["outlet_id"] = outlet_id
    elif one.order:
        attributes["order"] = one.order
    said["attributes"] = attributes
    if one.outlet in outlets:
        said["outlet_id"] = outlets[one.outlet]
    elif one.outlet:
        one.faults["outlet"] = _("There is no outlet with the code “%(code)s”.") % {"code": one.outlet}
    if is_new:
        for column, name in (("outlet", "outlet_id"), ("opened_at", "opened_at")):
            if name not in said:
                one.faults.setdefault(column, _("This must not be empty."))
    return said


def _odd(one: ComplaintRow, said: Mapping[str, Any], orders: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    if one.order and one.order not in orders:
        return {"order": _("there is no work order of this number; kept without.")}
    if one.order and "outlet_id" in said and said["outlet_id"] != orders[one.order][1]:
        return {"outlet": _("not the outlet of the work order; counted for the outlet named here.")}
    return {}


def _received(complaint: Complaint, one: ComplaintRow) -> ComplaintReceived:
    return ComplaintReceived(
        unit_id=complaint.outlet_id,
        number=complaint.number,
        opened_at=complaint.opened_at,
        order=one.order,
        level=complaint.level,
        upheld=complaint.upheld,
    )


def _changed(complaint: Complaint, changes: Mapping[str, tuple[Any, Any]]) -> ComplaintChanged:
    plainly = {
        name: [sorted(old), sorted(new)] if name == "attributes" else [plain(old), plain(new)]
        for name, (old, new) in changes.items()
    }
    return ComplaintChanged(unit_id=complaint.outlet_id, number=complaint.number, changed=list(changes), changes=plainly)

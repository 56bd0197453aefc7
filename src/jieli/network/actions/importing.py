"""Rows of outlets.csv; the same rows twice change nothing."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.events.actions import Happened, append_history
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.network.events import OutletChanged, OutletMade
from jieli.network.models import Outlet
from jieli.network.policy import may_import_outlets
from jieli.network.rules.outlet_rows import OutletRow, read_outlet
from jieli.people.models import Unit

_SHOWN = ("type", "tier", "region", "status")


@transaction.atomic
def import_outlets(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the outlets of these codes of units; an empty cell leaves what is stored.

    Columns of other names are kept in `attributes`. A row without a region takes its unit's. Raises NotAllowed. Cost: two
    reads, two writes and one statement for the events, whatever the number of rows.
    """
    require(may_import_outlets(actor))
    outcome = BatchOutcome()
    read = [(line, row, read_outlet(row)) for line, row in rows]
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=[one.code for _line, _row, one in read])}
    locked = Outlet.objects.select_for_update().order_by("pk").filter(unit__in=[unit.pk for unit in units.values()])
    known = {outlet.pk: outlet for outlet in locked}
    made: list[Outlet] = []
    changed: list[Outlet] = []
    happened: list[Happened] = []
    now = clock.now()
    for line, row, one in read:
        unit = units.get(one.code)
        if unit is None and "code" not in one.faults:
            one.faults["code"] = _("There is no unit with the code “%(code)s”: name it in units.csv.") % {"code": one.code[:60]}
        if one.faults or unit is None:
            outcome.refuse(line, row, one.faults)
            continue
        outlet = known.get(unit.pk)
        if outlet is None:
            outlet = _new(unit, one)
            made.append(outlet)
            happened.append(Happened(_made(outlet), now))
        else:
            changes = _change(outlet, one)
            if not changes:
                outcome.unchanged += 1
                continue
            changed.append(outlet)
            fact = OutletChanged(unit_id=unit.pk, fields=", ".join(sorted(changes)), changes=changes)
            happened.append(Happened(fact, now))
        outcome.imported += 1
    Outlet.objects.bulk_create(made)
    Outlet.objects.bulk_update(changed, [*(name for name in _FIELDS), "attributes"], batch_size=500)
    outcome.events = len(append_history(happened, actor=actor))
    return outcome


_FIELDS = ("type", "tier", "region", "latitude", "longitude", "capacity_per_day", "product_lines", "status")


def _new(unit: Unit, one: OutletRow) -> Outlet:
    values = {"region": unit.region[:60], **one.values}
    if "tier" not in values and unit.kind == Unit.Kind.STAR_CENTRE:
        values["tier"] = Outlet.Tier.STAR_CENTRE
    return Outlet(unit_id=unit.pk, attributes=one.attributes, **values)


def _made(outlet: Outlet) -> OutletMade:
    values = {name: plain(getattr(outlet, name)) for name in _FIELDS}
    summary = ", ".join(str(values[name]) for name in _SHOWN if values[name])
    return OutletMade(unit_id=outlet.unit_id, summary=summary, values=values)


def _change(outlet: Outlet, one: OutletRow) -> dict[str, list[Any]]:
    values = {**one.values, "attributes": {**outlet.attributes, **one.attributes}}
    changes: dict[str, list[Any]] = {}
    for name, value in values.items():
        old = getattr(outlet, name)
        if old != value:
            # What unknown columns hold may be personal: an event names them only.
            changes[name] = [sorted(old), sorted(value)] if name == "attributes" else [plain(old), plain(value)]
            setattr(outlet, name, value)
    return changes

"""Rows of rates.csv: each label is one whole table, one version of the policy `rates`; twice changes nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.policies.actions import draft_version, start_version
from jieli.settlement.policy import may_bring_rates
from jieli.settlement.queries.rate_tables import rate_tables
from jieli.settlement.rules.rate_rows import Band, RateRow, Work, in_the_way, read_rate


@dataclass(slots=True)
class _Table:
    """A table as it is known, and what a file adds to it."""

    label: str
    valid_from: date
    bands: dict[Work, list[Band]] = field(default_factory=dict)
    added: int = 0

    def source(self) -> str:
        """Return the table as the text of a policy."""
        rows = [_written(work, band) for work, bands in self.bands.items() for band in bands]
        body = "\n".join(f"  {row}," for row in rows)
        return f"table = {_quoted(self.label)}\nvalid_from = {self.valid_from.isoformat()}\nrates = [\n{body}\n]\n"


@transaction.atomic
def import_rates(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Bring in the rate tables of a whole file; the later of two rows that contradict each other is refused.

    A table with new rows becomes a new version of the policy, which holds at once. A fee that is known is never changed: that
    takes a table with a label of its own. Raises NotAllowed.
    """
    require(may_bring_rates(actor))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.rates'))")
    outcome = BatchOutcome()
    tables = _known_tables()
    for line, row in rows:
        read = read_rate(line, row)
        if not read.faults:
            _take(read, tables, outcome)
        if read.faults:
            outcome.refuse(line, row, read.faults)
    for table in tables.values():
        if table.added:
            note = _("rates.csv: %(count)s fees of the table %(table)s") % {"count": table.added, "table": table.label}
            draft = draft_version("rates", source=table.source(), note=note, actor=SYSTEM)
            start_version(draft.pk, actor=SYSTEM)
            outcome.events += 2
    return outcome


def _known_tables() -> dict[str, _Table]:
    tables = {}
    for one in rate_tables(clock.now()):
        table = tables[one.data.table] = _Table(one.data.table, one.data.valid_from)
        for rate in one.data.rates:
            table.bands.setdefault(rate.work, []).append(Band(0, rate.from_km, rate.to_km, rate.fee_amount))
    return tables


def _take(read: RateRow, tables: dict[str, _Table], outcome: BatchOutcome) -> None:
    table = tables.get(read.version)
    if table is None:
        same_day = next((one for one in tables.values() if one.valid_from == read.valid_from), None)
        if same_day is not None:
            read.faults["valid_from"] = _("The table %(table)s begins on the same day.") % {"table": same_day.label}
            return
        table = tables[read.version] = _Table(read.version, read.valid_from)
    elif table.valid_from != read.valid_from:
        read.faults["valid_from"] = _("The table %(table)s begins on %(day)s.") % {
            "table": table.label,
            "day": table.valid_from.isoformat(),
        }
        return
    bands = table.bands.setdefault(read.work, [])
    other = in_the_way(read.band, bands)
    if other is None:
        bands.append(read.band)
        table.added += 1
        outcome.imported += 1
    elif other.line:
        read.faults["distance_from_km"] = _("This overlaps the band on line %(line)s.") % {"line": other.line}
    elif not other.is_same(read.band):
        read.faults["distance_from_km"] = _("This overlaps a band that the table has already.")
    elif other.fee_amount != read.band.fee_amount:
        read.faults["fee_amount"] = _("The table has %(amount)s here and is never changed: give the new one a new label.") % {
            "amount": f"{other.fee_amount:.2f}"
        }
    else:
        outcome.unchanged += 1


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _written(work: Work, band: Band) -> str:
    product_line, service_type, in_warranty = work
    end = "" if band.to_km is None else f"to_km = {_plain(band.to_km)}, "
    return (
        f"{{ product_line = {_quoted(product_line)}, service_type = {_quoted(service_type)}, "
        f"in_warranty = {'true' if in_warranty else 'false'}, from_km = {_plain(band.from_km)}, {end}"
        f"fee_amount = {band.fee_amount:.2f} }}"
    )

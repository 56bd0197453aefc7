"""The rate tables that are known: of each label the newest version (spec 6, L)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from jieli.policies import queries as policies
from jieli.policies.schemas import Rates
from jieli.settlement.queries.months import local_midnight


class RateTable(NamedTuple):
    """One whole table and the version that holds it; a draft has no version."""

    version: str
    data: Rates

    @property
    def name(self) -> str:
        """Return the version with the label of the table: ``rates v3 (2026-07)``."""
        return f"{self.version} ({self.data.table})"


def rate_tables(at: datetime) -> list[RateTable]:
    """Return the tables brought in by an instant, of each label the newest version, in the order of their first days."""
    by_label: dict[str, RateTable] = {}
    for row in reversed(policies.versions("rates")):
        if row.holds_at(at) and row.number is not None:
            data = policies.version("rates", row.number).data
            assert isinstance(data, Rates)
            by_label[data.table] = RateTable(row.version, data)
    return in_order(by_label.values())


def with_draft(tables: Iterable[RateTable], draft: Rates) -> list[RateTable]:
    """Return the tables with a draft in the place of the one with its label or its first day."""
    kept = [one for one in tables if one.data.table != draft.table and one.data.valid_from != draft.valid_from]
    return in_order([*kept, RateTable("rates draft", draft)])


def in_order(tables: Iterable[RateTable]) -> list[RateTable]:
    """Return tables in the order of their first days."""
    return sorted(tables, key=lambda one: one.data.valid_from)


def rate_columns(tables: Sequence[RateTable]) -> dict[str, list[Any]]:
    """Return the fees of all tables as columns for SQL.

    `rate_begins` are the instants at which the tables begin, each holding until the next one, and `rate_ends` the distances at
    which some band begins or ends; a fee stands in each cell between two of them that its band covers. Places and cells count
    from 1, as ``width_bucket`` does.
    """
    rates = [(place, rate) for place, table in enumerate(tables, 1) for rate in table.data.rates]
    ends = sorted({end for _, rate in rates for end in (rate.from_km, rate.to_km) if end is not None})
    cells = {end: cell for cell, end in enumerate(ends, 1)}
    rows = [
        (place, cell, rate.product_line, rate.service_type.value, rate.in_warranty, rate.fee_amount)
        for place, rate in rates
        for cell in range(cells[rate.from_km], len(ends) + 1 if rate.to_km is None else cells[rate.to_km])
    ]
    names = ("place", "cell", "line", "type", "warranty", "fee")
    columns: dict[str, list[Any]] = {f"rate_{name}": [row[column] for row in rows] for column, name in enumerate(names)}
    return columns | {"rate_begins": [local_midnight(table.data.valid_from) for table in tables], "rate_ends": ends}

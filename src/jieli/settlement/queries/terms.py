"""By which rules a month is calculated: policies, rate tables, and which runs came before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from jieli.lib import clock
from jieli.policies.queries import current
from jieli.policies.schemas import Grade, Rates, Settlement
from jieli.settlement.models import Run
from jieli.settlement.queries.months import Month, month_from
from jieli.settlement.queries.rate_tables import RateTable, rate_columns, rate_tables, with_draft
from jieli.settlement.refusals import MonthAlreadyPassed, MonthNotBegun

STILL_COMING = 1_000_000
"""So many orders may have been on their way, with an id and not yet committed, when the run before looked."""

_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one calculation; `last` is the latest run of an earlier month."""

    month: Month
    grade: Grade
    settlement: Settlement
    tables: list[RateTable]
    grade_policy: str
    policy: str
    last: Run | None

    @property
    def last_run(self) -> int:
        """Return the id of the latest run of an earlier month, 0 without one: runs go forward, and so do their ids."""
        return self.last.pk if self.last else 0

    @property
    def rates(self) -> tuple[str, ...]:
        """Return the names of the rate tables."""
        return tuple(table.name for table in self.tables)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        repeat = timedelta(days=self.settlement.repeat_days)
        surcharges = self.settlement.surcharges
        return {
            "since": self.month.since,
            "until": self.month.until,
            "cut_off": self.month.cut_off,
            "last_run": self.last_run,
            "last_until": self.last.until if self.last else _BEFORE_ALL,
            "last_order": max(self.last.last_order - STILL_COMING, 0) if self.last else 0,
            "recent": self.month.since - repeat,
            "return_since": self.month.cut_off - timedelta(days=self.settlement.return_days),
            "repeat_within": repeat,
            "repeat_microseconds": repeat // timedelta(microseconds=1),
            "informed_within": timedelta(hours=self.grade.information_hours),
            "night": surcharges.night,
            "holiday": surcharges.holiday,
            "high_floor": surcharges.high_floor,
            "rate_labels": [table.data.table for table in self.tables],
            **rate_columns(self.tables),
        }


def terms_of(
    month: Month, *, rates: Rates | None = None, grade: Grade | None = None, settlement: Settlement | None = None
) -> Terms:
    """Return the rules that hold now for a month, with drafts in the place of policies where given."""
    at = clock.now()
    grade_now, settlement_now = current("grade"), current("settlement")
    tables = rate_tables(at)
    used = settlement or settlement_now.data
    return Terms(
        month=month_from(month.first, cut_off_days=used.cut_off_days),
        grade=grade or grade_now.data,
        settlement=used,
        tables=with_draft(tables, rates) if rates else tables,
        grade_policy="grade draft" if grade else grade_now.version,
        policy="settlement draft" if settlement else settlement_now.version,
        last=Run.objects.filter(month__lt=month.first).order_by("-month").first(),
    )


def require_begun(month: Month) -> None:
    """Raise MonthNotBegun for a month in the future."""
    if clock.now() < month.since:
        raise MonthNotBegun


def require_not_passed(month: Month) -> None:
    """Raise MonthAlreadyPassed when a later month is decided and this one is not."""
    if not Run.objects.filter(month=month.first).exists() and Run.objects.filter(month__gt=month.first).exists():
        raise MonthAlreadyPassed

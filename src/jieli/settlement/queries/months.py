"""Months in the company's local time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from jieli.policies.queries import current
from jieli.settlement.refusals import BadMonth

_MONTH = re.compile(r"(20[0-9]{2}|19[7-9][0-9])-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its first day, its instants `since` ≤ t < `until`, and the instant up to which facts count, inclusive."""

    first: date
    since: datetime
    until: datetime
    cut_off: datetime

    @property
    def label(self) -> str:
        """Return it as ``2026-11``."""
        return f"{self.first:%Y-%m}"


def local_midnight(day: date) -> datetime:
    """Return the instant at which a day begins in the company's zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


def following(first: date) -> date:
    """Return the first day of the next month."""
    return (first + timedelta(days=32)).replace(day=1)


def month_from(first: date, *, cut_off_days: int | None = None) -> Month:
    """Return a month by its first day; the cut-off is that of the policy that holds now unless its days are given."""
    days = current("settlement").data.cut_off_days if cut_off_days is None else cut_off_days
    end = following(first)
    return Month(first, local_midnight(first), local_midnight(end), local_midnight(end + timedelta(days=days)))


def month_of(text: str) -> Month:
    """Return a month written as ``2026-11``. Raises BadMonth."""
    if not _MONTH.fullmatch(text):
        raise BadMonth
    return month_from(date.fromisoformat(f"{text}-01"))

"""Figures of an imported history, computed from its chained events alone (interfaces, `jieli history`)."""

from dataclasses import dataclass
from datetime import datetime
from math import fsum
from statistics import median
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from jieli.cases.rules.history import ENDED, changes, last_state, reopenings
from jieli.events.models import Event
from jieli.events.refusals import NotFound
from jieli.lib.dates import ISO, DateReader


class NoSuchHistory(NotFound):
    """Nothing was imported from a source of this name."""

    code = "no_such_history"


@dataclass(frozen=True, slots=True)
class History:
    """A source from which a history was imported: its title, its zone, and when it was drawn."""

    source: str
    title: str
    time_zone: str
    as_of: datetime | None


# The cases are an array, so that each chain is looked up by its key, also before the database knows how many there are.
# A step's order is its time, then its place in the chain: within an import that is the order of the file.
_STEPS = """
from events_event e
where e.stream = 'case' and e.type in ('cases.imported', 'cases.pass_imported', 'cases.activity_imported')
  and e.actor_kind = 'import' and e.at <= %(at)s
  and e.stream_id = any(array(select stream_id from events_event where type = 'cases.imported' and actor_kind = 'import'
                              and stream = 'case' and data ->> 'source' = %(source)s))
"""

_BY_CASE = (
    """
select count(*), min(e.at), max(e.at), max((e.data ->> 'handovers')::int), max((e.data ->> 'reopenings')::int),
  array_agg(e.data ->> 'holder' order by e.at, e.sequence) filter (where e.data ? 'holder'),
  array_agg(e.data ->> 'state' order by e.at, e.sequence) filter (where e.data ? 'state'),
  (array_agg(e.data ->> 'due_at' order by e.at desc, e.sequence desc) filter (where e.data ? 'due_at'))[1]::timestamptz,
  (array_agg(e.data ->> 'verdict' order by e.at desc, e.sequence desc) filter (where e.data ? 'verdict'))[1]
"""
    + _STEPS
    + "group by e.stream_id"
)

_BY_ACTIVITY = (
    "select e.data ->> 'activity', count(*), array_agg(distinct e.data ->> 'actor')" + _STEPS + "group by 1 order by 2 desc, 1"
)


@dataclass(frozen=True, slots=True)
class _CaseTold:
    events: int
    first_at: datetime
    last_at: datetime
    handovers: int | None
    reopenings: int | None
    holders: list[str] | None
    states: list[str] | None
    due_at: datetime | None
    verdict: str | None

    @property
    def is_open(self) -> bool:
        return last_state(self.states or ()) not in ENDED

    @property
    def passes(self) -> int:
        return changes(self.holders or ()) if self.handovers is None else self.handovers

    @property
    def times_reopened(self) -> int:
        return reopenings(self.states or ()) if self.reopenings is None else self.reopenings

    @property
    def has_duration(self) -> bool:
        return self.events > 1 or not self.is_open


def figures(source: str, at: datetime | None = None) -> dict[str, Any]:
    """Return the figures of a history as it stood at an instant, by default when the source was drawn, else at its end.

    `passes` counts hand-overs as the mapping defined them, or the source's own counter; `cases_passed` the cases with any.
    A duration goes from a case's first step to its last, in days; an open case of which only the beginning is known has none.
    `reopened` counts cases, `reopenings` times. `overdue` are open cases past their due time. What happened here after the
    import is left out. Three or four queries, and memory for one row per case. Raises NoSuchHistory.
    """
    history = history_of(source)
    instant = at or history.as_of or _end(source)
    parameters: dict[str, str | datetime] = {"source": source, "at": instant}
    with connection.cursor() as cursor:
        cursor.execute(_BY_CASE, parameters)
        cases = [_CaseTold(*row) for row in cursor.fetchall()]
        cursor.execute(_BY_ACTIVITY, parameters)
        activities = cursor.fetchall()
    passes = [one.passes for one in cases]
    reopened = [one.times_reopened for one in cases]
    days = [(one.last_at - one.first_at).total_seconds() / 86400 for one in cases if one.has_duration]
    still_open = [one for one in cases if one.is_open]
    return {
        "source": source,
        "title": history.title,
        "at": instant.isoformat(),
        "events": sum(one.events for one in cases),
        "cases": len(cases),
        "actors": len({actor for _activity, _count, actors in activities for actor in actors if actor}),
        "passes": sum(passes),
        "cases_passed": sum(count > 0 for count in passes),
        "duration_mean_days": fsum(days) / len(days) if days else None,
        "duration_median_days": median(days) if days else None,
        "durations": len(days),
        "sla_met": sum(one.verdict == "met" for one in cases),
        "sla_known": sum(one.verdict is not None for one in cases),
        "reopened": sum(times > 0 for times in reopened),
        "reopenings": sum(reopened),
        "overdue": sum(one.due_at is not None and one.due_at < instant for one in still_open),
        "open": len(still_open),
        "by_activity": {activity: count for activity, count, _actors in activities},
    }


def histories() -> list[History]:
    """Return every imported history, the newest word on each, by source. One query."""
    found: dict[str, History] = {}
    rows = Event.objects.filter(stream="company", stream_id=1, type="intake.history_imported").order_by("sequence")
    for data in rows.values_list("data", flat=True):
        drawn = datetime.fromisoformat(data["as_of"]) if data.get("as_of") else None
        found[data["source"]] = History(data["source"], data["title"], data["time_zone"], drawn)
    return [found[source] for source in sorted(found)]


def history_of(source: str) -> History:
    """Return one imported history. Raises NoSuchHistory naming those there are."""
    known = histories()
    for one in known:
        if one.source == source:
            return one
    names = ", ".join(one.source for one in known) or _("none")
    raise NoSuchHistory(
        _("No history was imported from “%(source)s”; there are: %(names)s.") % {"source": source, "names": names}
    )


def instant_of(source: str, text: str) -> datetime:
    """Return the instant that a text names; without an offset it is in the zone of the history.

    Raises ValueError, NoSuchHistory.
    """
    return DateReader([ISO], history_of(source).time_zone).read(text)


def _end(source: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select max(e.at)" + _STEPS, {"source": source, "at": "infinity"})
        (last,) = cursor.fetchone()
    assert isinstance(last, datetime)
    return last

"""Figures of an imported history, computed from its chained events alone (interfaces, `jieli history`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

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


# A step's order is its time, then its place in the chain: within an import that is the order of the file.
_STEPS = """
with cases as (
  select stream_id from events_event
  where type = 'cases.imported' and actor_kind = 'import' and stream = 'case' and data ->> 'source' = %(source)s
), steps as materialized (
  select e.stream_id as case_id, e.at, e.sequence, e.data ->> 'activity' as activity, e.data ->> 'actor' as actor,
         e.data ->> 'holder' as holder, e.data ->> 'state' as state, e.data ->> 'verdict' as verdict,
         (e.data ->> 'due_at')::timestamptz as due_at, (e.data ->> 'handovers')::int as handovers,
         (e.data ->> 'reopenings')::int as reopenings
  from events_event e join cases using (stream_id)
  where e.stream = 'case' and e.type in ('cases.imported', 'cases.pass_imported', 'cases.activity_imported')
    and e.actor_kind = 'import' and e.at <= %(at)s
)
"""

_FIGURES = (
    _STEPS
    + """
, counted as (
  select case_id, count(*) as events, min(at) as first_at, max(at) as last_at, max(handovers) as handovers,
         max(reopenings) as reopenings
  from steps group by case_id
), held as (
  select case_id, count(*) filter (where holder <> before) as changes
  from (select case_id, holder, lag(holder) over (partition by case_id order by at, sequence) as before
        from steps where holder is not null) h group by case_id
), states as (
  select case_id, (array_agg(state order by at desc, sequence desc))[1] as state,
         count(*) filter (where before in ('resolved', 'closed', 'cancelled') and state in ('open', 'waiting')) as reopenings
  from (select case_id, at, sequence, state, lag(state) over (partition by case_id order by at, sequence) as before
        from steps where state is not null) s group by case_id
), dues as (
  select distinct on (case_id) case_id, due_at from steps where due_at is not null order by case_id, at desc, sequence desc
), verdicts as (
  select distinct on (case_id) case_id, verdict from steps where verdict is not null order by case_id, at desc, sequence desc
), told as (
  select c.case_id, c.events, extract(epoch from c.last_at - c.first_at)::float8 / 86400 as days,
         coalesce(s.state, 'open') not in ('closed', 'cancelled') as is_open, d.due_at, v.verdict,
         coalesce(c.handovers, h.changes, 0) as passes, coalesce(c.reopenings, s.reopenings, 0) as reopenings
  from counted c left join held h using (case_id) left join states s using (case_id) left join dues d using (case_id)
  left join verdicts v using (case_id)
), timed as (
  -- An open case of which only the beginning is known has no duration yet.
  select days from told where not (is_open and events = 1)
)
select coalesce(sum(events), 0)::bigint, count(*), (select count(distinct actor) from steps where actor is not null),
       coalesce(sum(passes), 0)::bigint, count(*) filter (where passes > 0),
       (select avg(days) from timed), (select percentile_cont(0.5) within group (order by days) from timed),
       (select count(*) from timed), count(*) filter (where verdict = 'met'), count(verdict),
       count(*) filter (where reopenings > 0), coalesce(sum(reopenings), 0)::bigint,
       count(*) filter (where is_open and due_at < %(at)s), count(*) filter (where is_open)
from told
"""
)

_BY_ACTIVITY = _STEPS + "select activity, count(*) from steps group by activity order by 2 desc, 1"

_NAMES = (
    "events",
    "cases",
    "actors",
    "passes",
    "cases_passed",
    "duration_mean_days",
    "duration_median_days",
    "durations",
    "sla_met",
    "sla_known",
    "reopened",
    "reopenings",
    "overdue",
    "open",
)


def figures(source: str, at: datetime | None = None) -> dict[str, Any]:
    """Return the figures of a history as it stood at an instant, by default when the source was drawn, else at its end.

    `passes` counts hand-overs as the mapping defined them, or the source's own counter; `cases_passed` the cases with any.
    A duration goes from a case's first step to its last, in days. `reopened` counts cases, `reopenings` times. `overdue` are
    open cases past their due time. What happened here after the import is left out. Two queries. Raises NoSuchHistory.
    """
    history = history_of(source)
    instant = at or history.as_of or _end(source)
    parameters = {"source": source, "at": instant}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, parameters)
        values: dict[str, Any] = dict(zip(_NAMES, cursor.fetchone(), strict=True))
        cursor.execute(_BY_ACTIVITY, parameters)
        values["by_activity"] = dict(cursor.fetchall())
    return {"source": source, "title": history.title, "at": instant.isoformat(), **values}


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
    raise NoSuchHistory(_("No history was imported from “%(source)s”; there are: %(names)s.") % {"source": source, "names": names})


def instant_of(source: str, text: str) -> datetime:
    """Return the instant that a text names; without an offset it is in the zone of the history. Raises ValueError, NoSuchHistory."""
    return DateReader([ISO], history_of(source).time_zone).read(text)


def _end(source: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(_STEPS + "select max(at) from steps", {"source": source, "at": "infinity"})
        (last,) = cursor.fetchone()
    assert isinstance(last, datetime)
    return last

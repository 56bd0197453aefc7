"""What a full demo shows: every state that somebody may want to look at occurs, and no text is heard all the time."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping

from django.db import connection

from jieli.cases.models import Case, Pass, Promise
from jieli.network.models import Engineer
from jieli.network.queries.standing import standings
from jieli.settlement.models import Line, Result

LEAST = 3
MOST_SHARE = 0.01
"""How often one text may be said among all texts."""

STANDINGS = ("demonstration", "normal", "warning", "revoked")
GRADES = ("A", "B", "C", "")
HELD = tuple(("held", gate) for gate in ("steps", "callback", "genuine", "return", "lab", "rate"))
REJECTED = tuple(("rejected", gate) for gate in ("steps", "callback", "genuine", "repeat", "return", "lab"))
OFFERS = (Pass.State.OFFERED, Pass.State.ACCEPTED, Pass.State.DECLINED, Pass.State.LAPSED)
PROMISES = ("running", "paused", "broken", "kept", "late", "cancelled")

_STAGES = """
select stage, count(distinct case_id) from (
  select stage, id as case_id from cases_case
  union all select data ->> 'new', stream_id from events_event where type = 'cases.stage_changed'
) been group by 1
"""
_MOST_SAID = """
select body, count(*)::float / sum(count(*)) over () from (
  select body from cases_message union all select body from events_eventtext
) said where body <> '' group by body order by 2 desc limit 1
"""


def lacking(least: int = LEAST) -> list[str]:
    """Return what occurs fewer than so many times, and a text that is said too often. Cost: passes over the big tables."""
    return [*_rare(least), *_too_often()]


def _rare(least: int) -> Iterator[str]:
    found: Iterable[tuple[str, Iterable[Hashable], Mapping[Hashable, int]]] = (
        ("licence", STANDINGS, _standings()),
        ("grade", GRADES, Counter(Result.objects.values_list("grade", flat=True))),
        ("gate", (*HELD, *REJECTED), Counter(Line.objects.values_list("decision", "gate"))),
        ("stage", Case.Stage.values, _stages()),
        ("work offered", OFFERS, Counter(Pass.objects.filter(way=Pass.Way.DISPATCH).values_list("state", flat=True))),
        ("promise", PROMISES, Counter(_promises())),
    )
    for kind, wanted, counts in found:
        yield from (f"{kind} {one}: {counts.get(one, 0)}" for one in wanted if counts.get(one, 0) < least)


def _standings() -> Mapping[Hashable, int]:
    return Counter(one.code for one in standings(list(Engineer.objects.all())).values())


def _stages() -> Mapping[Hashable, int]:
    with connection.cursor() as cursor:
        cursor.execute(_STAGES)
        return dict(cursor.fetchall())


def _promises() -> Iterator[str]:
    for outcome, is_paused, breached_at in Promise.objects.values_list("outcome", "paused_until", "breached_at"):
        if outcome:
            yield outcome
        else:
            yield "broken" if breached_at is not None else "paused" if is_paused is not None else "running"


def _too_often() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_MOST_SAID)
        for body, share in cursor.fetchall():
            if share > MOST_SHARE:
                yield f"said {share:.1%} of the time: {body[:60]}"

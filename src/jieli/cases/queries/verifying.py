"""The proof that the invariants hold on any database: each rule read again from the rows, independent of the triggers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from django.db import connection

from jieli.cases.models import Promise, Segment
from jieli.cases.queries.planning import derive_promise
from jieli.cases.rules.numbers import case_number
from jieli.events import anchors


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: which rule, where, and what is wrong."""

    rule: str
    where: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Return it for JSON."""
        return asdict(self)


_OPEN = "('open', 'waiting', 'resolved')"

# Each answers with the ids of the cases that break the rule.
_RULES: dict[str, tuple[str, str]] = {
    "one_owner": (
        "an open case is owned by nobody who is active",
        f"""select c.id from cases_case c left join people_staff s on s.id = c.owner_id
            where c.status in {_OPEN} and s.is_active is not true""",
    ),
    "owner_has_way": (
        "the owner is not the one whom the last owner event names",
        """select c.id from cases_case c left join events_event e on e.id = c.owner_event_id
           where not coalesce(e.stream = 'case' and e.stream_id = c.id and (e.data ->> 'owner_id')::bigint = c.owner_id
                              and not exists (select from events_event later where later.stream = 'case'
                                and later.stream_id = c.id and later.sequence > e.sequence and later.data ? 'owner_id'
                                and later.type in ('cases.taken', 'cases.taken_over', 'cases.deputised', 'cases.pass_accepted',
                                                   'cases.assignment_accepted', 'cases.pass_imported')), false)""",
    ),
    "giver_runs_on": (
        "a pending pass does not come from the owner, or its case has ended",
        f"""select c.id from cases_pass p join cases_case c on c.id = p.case_id
            where p.state = 'offered' and (p.giver_id <> c.owner_id or c.status not in {_OPEN})""",
    ),
    "one_pending_pass": (
        "more than one pass is pending",
        "select case_id from cases_pass where state = 'offered' group by 1 having count(*) > 1",
    ),
    "next_time": (
        "an open case has no next promised time",
        f"""select c.id from cases_case c where c.status in {_OPEN} and not exists (
              select from cases_promise p where p.case_id = c.id and p.ended_at is null
                and p.kind not in ('pass_answer', 'decision', 'internal_answer') and p.holds_until > company_now())""",
    ),
    "next_due_cache": (
        "the next promised time of the case is not the earliest of its promises",
        f"""select c.id from cases_case c where c.status in {_OPEN} and c.next_due_at is distinct from (
              select min(p.due_at) from cases_promise p where p.case_id = c.id and p.ended_at is null
                and p.kind not in ('pass_answer', 'decision', 'internal_answer'))""",
    ),
    "held_past": (
        "a unit that had the open case before is not marked so, or one that has it is",
        f"""select c.id from cases_case c join cases_heldby h on h.case_id = c.id
            where h.is_past <> (h.unit_id <> c.unit_id and c.status in {_OPEN})""",
    ),
    "ended_has_ended": (
        "an ended case has a running promise or a pending pass",
        """select c.id from cases_case c where c.status in ('closed', 'cancelled') and (
             exists (select from cases_promise p where p.case_id = c.id and p.ended_at is null)
             or exists (select from cases_pass o where o.case_id = c.id and o.state = 'offered'))""",
    ),
    "has_events": (
        "the case has no event",
        """select c.id from cases_case c where not exists (
             select from events_head h where h.stream = 'case' and h.stream_id = c.id)""",
    ),
    "duty_officer": (
        "the company has no active duty officer, though it has open cases",
        f"""select min(c.id) from cases_case c where c.status in {_OPEN} and not exists (
              select from people_companyduty d join people_staff s on s.id = d.staff_id where s.is_active)
            having min(c.id) is not null""",
    ),
    "promise_watched": (
        "a running promise is watched by no alarm",
        """select p.case_id from cases_promise p where p.ended_at is null and p.breached_at is null
             and (p.next_alarm_at is null or p.next_alarm_at > p.due_at)""",
    ),
    "breach_once": (
        "a breach and its alarm or event do not agree",
        """select p.case_id from cases_promise p
           where (p.breached_at is not null) <> exists (select from cases_alarm a where a.promise_id = p.id and a.share = 100)
             or (p.breached_at is not null and 1 <> (select count(*) from events_event e where e.stream = 'case'
                  and e.stream_id = p.case_id and e.type = 'cases.promise_broken'
                  and (e.data ->> 'promise_id')::bigint = p.id))""",
    ),
    "segments_counted": (
        "a promise counts segments that it does not have",
        """select p.case_id from cases_promise p
           where p.segments <> (select count(*) from cases_segment s where s.promise_id = p.id)""",
    ),
    "messages_vouched": (
        "a message is not the one its event vouches for",
        """select m.case_id from cases_message m
           where m.erased_at is null and not exists (
             select from events_event e where e.stream = 'case' and e.stream_id = m.case_id
               and e.type in ('cases.message_written', 'cases.opened', 'cases.message_imported')
               and e.data ->> 'body_digest' = encode(sha256(uuid_send(m.key) || convert_to(m.body, 'UTF8')), 'hex'))""",
    ),
}

_GUARDS = """
select c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not t.tgisinternal and t.tgenabled = 'D' and t.tgname not like 'procrastinate_%'
"""
_EXPECTED_GUARDS = """
select name from unnest(%s::text[]) as name where not exists (select from pg_trigger t where t.tgname = name)
"""
_OWNED = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname = 'public' and pg_get_userbyid(c.relowner) = current_user limit 1
"""
GUARDS = (
    "events_chain",
    "cases_case_made",
    "cases_case_changed",
    "cases_owner_changed",
    "cases_promise_as_made",
    "cases_promise_made",
    "cases_promise_changed",
    "cases_next_due_made",
    "cases_next_due_changed",
    "cases_segment_append",
    "cases_pass_once",
    "cases_pass_changed",
    "cases_message_as_said",
    "cases_message_made",
    "cases_relation_changed",
    "cases_staff_leaves",
    "cases_case_kept",
    "cases_promise_kept",
    "cases_pass_kept",
    "cases_message_kept",
    "cases_relation_kept",
    "cases_alarm_kept",
    "cases_heldby_kept",
    "cases_held_made",
    "cases_unit_left",
)

_further: dict[str, tuple[Callable[[], Iterable[Finding]], tuple[str, ...]]] = {}


def register(name: str, proof: Callable[[], Iterable[Finding]], *, guards: Sequence[str] = ()) -> None:
    """Let an app above prove what it keeps, too; `guards` are its triggers that must be there and switched on."""
    _further[name] = (proof, tuple(guards))


def findings(progress: Callable[[int, int, str], object] | None = None) -> Iterator[Finding]:
    """Yield everything that does not hold, guards and chains first; nothing on a sound database. Reads every table once."""
    yield from _guards()
    for one in anchors.breaks():
        where = case_number(one.stream_id) if one.stream == "case" else f"{one.stream} {one.stream_id}"
        yield Finding(one.kind, f"{where} event {one.sequence}", one.reason)
    for name, (reason, sql) in _RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from ({sql}) found(case_id) order by 1 limit 20")
            for (case_id,) in cursor.fetchall():
                yield Finding(name, case_number(case_id), reason)
    for proof, _names in _further.values():
        yield from proof()
    yield from _due_times(progress)


def _guards() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_GUARDS)
        for table, trigger in cursor.fetchall():
            yield Finding("guards", f"{table}.{trigger}", "the trigger is switched off")
        expected = [*GUARDS, *(guard for _proof, names in _further.values() for guard in names)]
        cursor.execute(_EXPECTED_GUARDS, [expected])
        for (trigger,) in cursor.fetchall():
            yield Finding("guards", trigger, "the trigger is missing")
        cursor.execute(_OWNED)
        for (table,) in cursor.fetchall():
            yield Finding("guards", table, "the application's own role owns this table: it could switch the guards off")


def _due_times(progress: Callable[[int, int, str], object] | None) -> Iterator[Finding]:
    """Replay every running promise and compare the cached due time; a promise without segments is replayed by its row alone."""
    total = Promise.objects.unended().count()
    done = 0
    running = Promise.objects.unended().order_by("id").iterator(chunk_size=5000)
    for _place, chunk in groupby(enumerate(running), key=lambda pair: pair[0] // 5000):
        promises = [promise for _index, promise in chunk]
        changed = [promise.pk for promise in promises if promise.segments]
        history: dict[int, list[Segment]] = {}
        for segment in Segment.objects.filter(promise_id__in=changed).order_by("promise_id", "sequence"):
            history.setdefault(segment.promise_id, []).append(segment)
        for promise in promises:
            derived = derive_promise(promise, history.get(promise.pk, ()))
            if (derived.due_at, derived.paused_until) != (promise.due_at, promise.paused_until):
                yield Finding(
                    "due_derived",
                    case_number(promise.case_id),
                    f"{promise.kind} is due {derived.due_at.isoformat()} by replay, {promise.due_at.isoformat()} is stored",
                )
        done += len(promises)
        if progress is not None:
            progress(done, total, "promises")

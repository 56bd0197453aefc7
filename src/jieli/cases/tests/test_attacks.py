"""Plain SQL that tries to break an invariant, run as the application's own role: each attack is refused at commit.

Every row names the guards that refuse it. A second test drops just those guards and sees the same attack succeed, so that no
guard is there for show; a third proves that no guard of the heart's tables lacks an attack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.actions.promises import pause_case
from jieli.cases.actions.relating import relate_cases
from jieli.cases.actions.sweeping import sweep
from jieli.cases.tests.attacks import ATTACKS
from jieli.cases.tests.attacks.statements import E
from jieli.cases.tests.factories import a_case, a_taken_case, an_agent
from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, a_unit, acting

pytestmark = pytest.mark.django_db(transaction=True)

HEART = (
    "events_event",
    "events_eventtext",
    "events_companyclock",
    "events_anchor",
    "cases_case",
    "cases_message",
    "cases_pass",
    "cases_promise",
    "cases_segment",
    "cases_alarm",
    "cases_relation",
    "cases_heldby",
)


@dataclass(frozen=True)
class World:
    """Ids which attacks name in braces."""

    ids: dict[str, int]
    at: datetime

    def fill(self, sql: str) -> str:
        return sql.format(**self.ids)


@pytest.fixture
def world():
    with clock.frozen(MONDAY):
        owner, other, third = an_agent("李雷"), an_agent("韩梅"), an_agent("周强")
        broken = a_case()
    with clock.frozen(MONDAY + timedelta(minutes=40)):
        sweep()
    with clock.frozen(MONDAY + timedelta(hours=1)):
        case, passed, paused, closed = (a_taken_case(owner) for _ in range(4))
        elsewhere, lonely = a_unit(), a_case()
        offer = offer_pass(passed.pk, to=other, done="问过", next="约上门", actor=acting(owner))
        settled = offer_pass(closed.pk, to=other, done="问过", next="约上门", actor=acting(owner))
        accept_pass(settled.pk, restatement="要上门", actor=acting(other))
        resolve_case(closed.pk, answer="好了", actor=acting(other))
        close_case(closed.pk, actor=acting(other))
        pause_case(paused.pk, reason="customer", until=MONDAY + timedelta(days=2), consent=True, actor=acting(owner))
        relate_cases(broken.pk, other_id=case.pk, kind="child_of", actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into events_anchor (\"on\", last_event_id, chains, hash) values ('2026-11-23', 1, 1, '\\x00')"
            )
        yield World(
            {
                "case": case.pk,
                "passed": passed.pk,
                "paused": paused.pk,
                "closed": closed.pk,
                "broken": broken.pk,
                "lonely": lonely.pk,
                "offer": offer.pk,
                "settled": settled.pk,
                "owner": owner.pk,
                "other": other.pk,
                "third": third.pk,
                "elsewhere": elsewhere.pk,
            },
            clock.now(),
        )


def _attack(run: Callable[[str], object], world: World, statements: list[str]) -> None:
    for sql in statements:
        run(world.fill(sql))
    run("set constraints all immediate")


REFUSALS = (
    psycopg.errors.IntegrityError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.DivisionByZero,
)


def test_every_attack_of_the_applications_role_is_refused(world, subtests):
    """One world for all: a refused transaction leaves nothing behind."""
    for name, (_guards, statements) in ATTACKS.items():
        with subtests.test(name), connection.cursor() as cursor:
            with pytest.raises(DatabaseError) as refusal, transaction.atomic():
                _attack(cursor.execute, world, statements)
            assert isinstance(refusal.value.__cause__, REFUSALS), refusal.value


def test_without_its_guards_every_attack_succeeds(world, owner_connection, subtests):
    """The owner drops an attack's guards, attacks and takes everything back, each in one transaction."""
    for name, (guards, statements) in ATTACKS.items():
        with subtests.test(name), owner_connection.transaction(force_rollback=True):
            owner_connection.execute("select set_config('jieli.frozen_at', %s, true)", [world.at.isoformat()])
            for guard in guards.split():
                _drop(owner_connection, guard)
            _attack(owner_connection.execute, world, statements)


def test_the_harmless_is_not_refused(world):
    """The attacks fail for what they do, not for how they are run."""
    with connection.cursor() as cursor, transaction.atomic():
        _attack(cursor.execute, world, [E, "update cases_case set severity = 1 where id = {case}"])


def _drop(owner: psycopg.Connection, guard: str) -> None:
    kind, table, name = guard.split(":")
    if kind == "trigger":
        owner.execute(f"drop trigger {trigger_name(owner, table, name)} on {table}")
    elif kind == "notnull":
        owner.execute(f"alter table {table} alter column {name} drop not null")
    elif kind == "unique" and is_index(owner, name):
        owner.execute(f"drop index {name}")
    elif kind in ("check", "unique"):
        owner.execute(f"alter table {table} drop constraint {name}")
    # A privilege is none for the owner: there is nothing to drop.


def trigger_name(owner: psycopg.Connection, table: str, name: str) -> str:
    """Return the trigger's name in the database: declared ones carry a prefix and a digest."""
    row = owner.execute(
        "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal and (tgname = %s or tgname like %s)",
        [table, name, f"pgtrigger\\_{name}\\_%"],
    ).fetchone()
    assert row is not None, f"{table} has no trigger {name}"
    return str(row[0])


def is_index(owner: psycopg.Connection, name: str) -> bool:
    """Tell whether a uniqueness is a bare index (it has a condition) or a constraint."""
    return owner.execute("select 1 from pg_constraint where conname = %s", [name]).fetchone() is None


def test_every_guard_of_the_heart_has_an_attack(owner_connection):
    named = {guard for guards, _ in ATTACKS.values() for guard in guards.split()}
    attacked = {guard.split(":", 1)[1] for guard in named}
    missing = []
    for table, kind, name in owner_connection.execute(
        """
        select c.relname, 'trigger', t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
          where not t.tgisinternal and (c.relname = any(%(heart)s) or t.tgname like 'cases%%')
        union all
        select c.relname, 'check', k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
          where k.contype = 'c' and k.conname not like '%%\\_check' and c.relname = any(%(heart)s)
        union all
        select c.relname, 'unique', i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
          join pg_class c on c.oid = x.indrelid where x.indisunique and not x.indisprimary and c.relname = any(%(heart)s)
        """,
        {"heart": list(HEART)},
    ).fetchall():
        plain = name
        if name.startswith("pgtrigger_"):
            plain = name.removeprefix("pgtrigger_").rsplit("_", 1)[0]
        if f"{table}:{plain}" not in attacked and plain not in UNATTACKED:
            missing.append(f"{kind}:{table}:{plain}")
    assert missing == []


# What keeps a cache or a key rather than an invariant; `verify` compares the caches.
UNATTACKED = {
    "cases_next_due_made",
    "cases_next_due_changed",
    "cases_held_made",
    "cases_unit_left",
}

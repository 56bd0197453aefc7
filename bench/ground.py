"""The ground of the benches: an embedded database in a folder that is thrown away, and a company of any size in it.

Rows are written set by set as the server's superuser with triggers off (`session_replication_role = replica`), indexes are made
after them. What is written is what the triggers would have let in: `jieli verify` finds nothing, chains included.
"""

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import Connection

FIRST_CASE = 10_000_001
PER_OUTLET = 2_500
STAFF_OF_OUTLET = 10
STAFF_OF_DESK_PER_OUTLET = 4
FRAGMENTS = 200_000
WORDS = 8_000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉文建国志海永红春梅雪松鹏飞宇浩欣怡佳琪博子涵梓轩雨泽思"


@dataclass(frozen=True)
class Ground:
    """A running database of our own, reached as its superuser by `admin`."""

    data: Path
    known: Connection

    @contextmanager
    def admin(self) -> Iterator["psycopg.Connection[Any]"]:
        """Connect as the superuser, committing each statement."""
        with psycopg.connect(self.known.admin, autocommit=True) as connection:
            yield connection


@dataclass(frozen=True)
class Company:
    """Who is there: ids of the units and staff whom the measurements act as."""

    root: int
    desk: int
    region: int
    outlet: int
    outlets: int
    desk_staff: int
    manager: int
    supervisor: int
    desk_agent: int
    outlet_agent: int


@contextmanager
def ground(keep: str = "", **settings: str) -> Iterator[Ground]:
    """Start a database in a new folder (or in `keep`, which stays), set Django up on it, and take it away afterwards.

    `settings` are server settings in place of the defaults.
    """
    data = Path(keep) if keep else Path(tempfile.mkdtemp(prefix="jieli-bench-"))
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o755)
    for name in [name for name in os.environ if name.startswith(("JIELI_", "DATABASE_"))]:
        del os.environ[name]
    os.environ.update(
        JIELI_DATA=str(data), JIELI_LOG_LEVEL="WARNING", JIELI_HOSTS="*", DJANGO_SETTINGS_MODULE="jieli.config.settings"
    )
    cluster = Cluster(data)
    known = cluster.join()
    try:
        if settings:
            with psycopg.connect(known.admin, autocommit=True) as connection:
                for name, value in settings.items():
                    connection.execute(f"alter system set {name} = '{value}'")
            cluster.stop(force=True)
            known = cluster.join()
        import django
        from django.conf import settings as django_settings

        django.setup()
        django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        from jieli.config.opening import ensure_migrated

        ensure_migrated()
        yield Ground(data, known)
    finally:
        if "django" in sys.modules:
            from jieli.config.database import close

            close()
        cluster.leave()
        if not keep:
            shutil.rmtree(known.folder, ignore_errors=True)
            shutil.rmtree(data, ignore_errors=True)


def say(text: str) -> None:
    """Tell a person who waits what is going on."""
    print(f"  … {text}", file=sys.stderr, flush=True)


@contextmanager
def bulk(connection: "psycopg.Connection[Any]", tables: Sequence[str]) -> Iterator[None]:
    """Write without triggers and without the indexes of `tables`; make them again afterwards and gather statistics."""
    definitions = [
        (name, definition)
        for name, definition in connection.execute(
            "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
            " where i.indrelid = any(%s::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
            [list(tables)],
        ).fetchall()
    ]
    connection.execute("set session_replication_role = replica")
    connection.execute("set synchronous_commit = off")
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute("set work_mem = '256MB'")
    for name, _definition in definitions:
        connection.execute(f"drop index {name}")
    yield
    for name, definition in definitions:
        began = perf_counter()
        connection.execute(definition)
        if perf_counter() - began > 5:
            say(f"index {name}: {perf_counter() - began:.0f} s")
    for table in tables:
        connection.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) + 1 from {table}))")
    connection.execute("set session_replication_role = origin")
    connection.execute("vacuum analyze")
    connection.execute("checkpoint")


def found_company(connection: "psycopg.Connection[Any]", cases: int) -> Company:
    """Found a company fit for so many cases: a desk, regions of at most 20 outlets, staff with grants."""
    from jieli.people import actions

    boss = actions.found_company(unit_code="HQ", unit_name="总部", code="boss", name="韩梅梅", password="enough for a bench")
    root, outlets = boss.unit_id, max(4, ceil(cases / PER_OUTLET))
    regions, desk_staff = max(1, ceil(outlets / 20)), outlets * STAFF_OF_DESK_PER_OUTLET
    desk, first_region = root + 1, root + 2
    first_outlet = first_region + regions
    run = psycopg.ClientCursor(connection).execute
    run("set session_replication_role = replica")
    run(
        """
        insert into people_unit (id, code, name, kind, path, region, calendar, is_active, custom, leader_id, parent_id)
        select %(desk)s, 'DESK', '客服中心', 'department', %(top)s || %(desk)s || '/', '', 'desk', true, '{}'::jsonb, %(boss)s, %(root)s
        union all
        select r, 'R' || r, '大区' || r, 'regional_centre', %(top)s || r || '/', '', 'desk', true, '{}'::jsonb, %(boss)s, %(root)s
        from generate_series(%(region)s::int, %(outlet)s - 1) r
        union all
        select o, 'O' || o, '网点' || o, 'outlet', %(top)s || p.id || '/' || o || '/', '', 'desk', true, '{}'::jsonb, null::bigint, p.id
        from generate_series(%(outlet)s::int, %(outlet)s + %(outlets)s - 1) o,
             lateral (select %(region)s + (o - %(outlet)s) / 20 as id) p
        """,
        {
            "desk": desk,
            "top": f"/{root}/",
            "boss": boss.pk,
            "root": root,
            "region": first_region,
            "outlet": first_outlet,
            "outlets": outlets,
        },
    )
    first = boss.pk + 1
    run(
        """
        insert into people_staff (id, password, code, name, email, phone, language, is_active, custom, product_lines,
          languages, areas, unit_id)
        select %(first)s + i, '!', 's' || i, '员工' || i, '', '', 'zh-hans', true, '{}', '{}', '{}', '{}',
          case when i < %(desk_staff)s then %(desk)s else %(outlet)s + (i - %(desk_staff)s) / %(each)s end
        from generate_series(0, %(desk_staff)s + %(outlets)s * %(each)s - 1) i
        """,
        {
            "first": first,
            "desk_staff": desk_staff,
            "desk": desk,
            "outlet": first_outlet,
            "each": STAFF_OF_OUTLET,
            "outlets": outlets,
        },
    )
    run(
        "insert into people_grant (staff_id, role, unit_id) select id, 'agent', unit_id from people_staff where id >= %s",
        [first],
    )
    run("insert into people_grant (staff_id, role, unit_id) values (%s, 'manager', %s)", [boss.pk, root])
    supervisor = first + desk_staff + 1
    run("insert into people_grant (staff_id, role, unit_id) values (%s, 'supervisor', %s)", [supervisor, first_region])
    for table in ("people_unit", "people_staff"):
        run(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) + 1 from {table}))")
    run("set session_replication_role = origin")
    return Company(
        root,
        desk,
        first_region,
        first_outlet,
        outlets,
        desk_staff,
        boss.pk,
        supervisor,
        first,
        first + desk_staff,
    )


def words(seed: int = 7) -> tuple[list[str], list[float]]:
    """Return made-up Chinese words of two or three characters with weights after Zipf."""
    chance = random.Random(seed)
    characters = [chr(code) for code in chance.sample(range(0x4E00, 0x9FA5), 2_500)]
    by_rank = [1 / (rank + 10) for rank in range(len(characters))]
    made = ["".join(chance.choices(characters, by_rank, k=chance.choice((2, 2, 2, 3)))) for _ in range(WORDS)]
    return made, [1 / (rank + 3) for rank in range(len(made))]


def write_fragments(connection: "psycopg.Connection[Any]", count: int = FRAGMENTS) -> None:
    """Write pieces of sentences, from which messages are put together, into a table of the bench."""
    chance = random.Random(11)
    made, weights = words()
    reached = list(accumulate(weights))
    connection.execute("create unlogged table bench_fragment (id int primary key, text text not null)")
    connection.execute("grant select on bench_fragment to public")
    with connection.cursor().copy("copy bench_fragment (id, text) from stdin") as copy:
        for number in range(count):
            copy.write_row((number, "".join(chance.choices(made, cum_weights=reached, k=chance.choice((4, 5, 6, 7))))))
    connection.execute("analyze bench_fragment")


def write_customers(connection: "psycopg.Connection[Any]", count: int) -> None:
    """Write customers with names, phones, and a device with a serial number for each."""
    run = psycopg.ClientCursor(connection).execute
    run(
        """
        insert into customers_customer (id, code, name, kind, phone, phone_digits, email, address, language, preferences, notes,
          attributes, tier, tier_policy, legal_hold, created_at, changed_at)
        select i, 'C' || i, substr(%(surnames)s, 1 + i %% length(%(surnames)s), 1)
            || substr(%(given)s, 1 + abs(hashint4(i)) %% length(%(given)s), 1)
            || substr(%(given)s, 1 + abs(hashint4(i + 7)) %% length(%(given)s), 1),
          'person', p.phone, p.phone, '', '北京市海淀区中关村大街' || i || '号', 'zh-hans', '', '', '{}', 'standard', '', '',
          company_now(), company_now()
        from generate_series(1, %(count)s) i, lateral (select '138' || lpad((i::bigint * 7919 %% 100000000)::text, 8, '0') as phone) p
        """,
        {"surnames": _SURNAMES, "given": _GIVEN, "count": count},
    )
    run(
        """
        insert into customers_device (id, serial, product_line, model, customer_id, attributes, created_at, changed_at)
        select i, 'SN' || lpad(i::text, 9, '0'), 'washer', 'W-' || i %% 40, i, '{}', company_now(), company_now()
        from generate_series(1, %s) i
        """,
        [count],
    )

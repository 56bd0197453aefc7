"""What the database itself refuses, by plain SQL as the application's role, and that each rule is what refuses it."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from jieli.config.database import Addresses
from jieli.people.models import CompanyDuty, Staff, Unit

pytestmark = pytest.mark.django_db(transaction=True)

COMPANY = """
insert into people_unit (code, name, kind, parent_id, path, region, calendar, is_active, custom) values
    ('HQ', '总部', 'headquarters', null, '', '', 'desk', true, '{}');
insert into people_unit (code, name, kind, parent_id, path, region, calendar, is_active, custom)
    select code, code, 'department', (select id from people_unit where code = 'HQ'), '', '', 'desk', true, '{}'
    from unnest(array['A', 'B', 'C']) code;
insert into people_staff (password, code, name, unit_id, email, phone, language, is_active, custom, product_lines,
    languages, areas)
    select '!', code, code, (select id from people_unit where code = 'HQ'), '', '', 'zh-hans', true, '{}', '{}', '{}', '{}'
    from unnest(array['boss', 'next']) code;
insert into people_staff (password, code, name, unit_id, email, phone, language, is_active, custom, product_lines,
    languages, areas)
    select '!', 'gone', 'gone', id, '', '', 'zh-hans', false, '{}', '{}', '{}', '{}' from people_unit where code = 'HQ';
insert into people_companyduty (id, staff_id) select 1, id from people_staff where code = 'boss';
insert into people_dutyshift (unit_id, staff_id, starts_at, ends_at)
    select unit_id, id, '2026-11-23 08:00+08', '2026-11-23 20:00+08' from people_staff where code = 'boss';
"""
BOSS = "(select id from people_staff where code = 'boss')"
NEXT = "(select id from people_staff where code = 'next')"
HQ = "(select id from people_unit where code = 'HQ')"

# attack -> what to drop (as the owner) so that it succeeds; None where the right itself is missing
ATTACKS: dict[str, str | None] = {
    f"update people_staff set is_active = false where id = {BOSS}": (
        "drop trigger pgtrigger_keep_company_duty_active_af927 on people_staff"
    ),
    "update people_companyduty set staff_id = (select id from people_staff where code = 'gone')": (
        "drop trigger pgtrigger_name_active_staff_* on people_companyduty"
    ),
    "update people_companyduty set id = 2": "alter table people_companyduty drop constraint people_companyduty_single",
    f"insert into people_companyduty (id, staff_id) values (2, {NEXT})": (
        "alter table people_companyduty drop constraint people_companyduty_single"
    ),
    "delete from people_companyduty": None,
    "delete from people_staff where code = 'next'": None,
    "delete from people_unit where code = 'C'": None,
    "truncate people_dutyshift": None,
    "update people_unit set parent_id = id where code = 'A'": "drop trigger pgtrigger_keep_path_* on people_unit;"
    "alter table people_unit drop constraint people_unit_not_own_parent",
    "update people_unit set parent_id = (select id from people_unit where code = 'B') where code = 'A';"
    "update people_unit set parent_id = (select id from people_unit where code = 'A') where code = 'B'": (
        "drop trigger pgtrigger_keep_path_* on people_unit"
    ),
    "update people_unit set parent_id = null where code = 'A'": "drop index people_unit_one_root",
    "update people_unit set kind = 'palace' where code = 'A'": "alter table people_unit drop constraint people_unit_kind_known",
    f"update people_staff set product_lines = '{{tv,\"\"}}' where id = {NEXT}": (
        "alter table people_staff drop constraint people_staff_skills_given"
    ),
    f"insert into people_grant (staff_id, role, unit_id) values ({NEXT}, 'king', {HQ})": (
        "alter table people_grant drop constraint people_grant_role_known"
    ),
    f"insert into people_deputy (staff_id, deputy_id, starts_on, \"order\") values ({NEXT}, {NEXT}, '2026-01-01', 1)": (
        "alter table people_deputy drop constraint people_deputy_not_self"
    ),
    f'insert into people_deputy (staff_id, deputy_id, starts_on, ends_on, "order") '
    f"values ({NEXT}, {BOSS}, '2026-01-02', '2026-01-01', 1)": (
        "alter table people_deputy drop constraint people_deputy_ends_later"
    ),
    f"insert into people_absence (staff_id, starts_at, ends_at, reason) values ({NEXT}, '2026-01-02', '2026-01-02', '')": (
        "alter table people_absence drop constraint people_absence_ends_later"
    ),
    f"insert into people_dutyshift (unit_id, staff_id, starts_at, ends_at) "
    f"values ({HQ}, {NEXT}, '2026-11-23 19:59+08', '2026-11-24 08:00+08')": (
        "alter table people_dutyshift drop constraint people_dutyshift_one_at_a_time"
    ),
    f"insert into people_dutyshift (unit_id, staff_id, starts_at, ends_at) values ({HQ}, {NEXT}, '2026-12-02', '2026-12-01')": (
        "alter table people_dutyshift drop constraint people_dutyshift_ends_later,"
        "drop constraint people_dutyshift_one_at_a_time"
    ),
    "update people_staff set language = 'tlh' where code = 'next'": (
        "alter table people_staff drop constraint people_staff_language_known"
    ),
    "update people_staff set code = 'boss' where code = 'next'": (
        "alter table people_staff drop constraint people_staff_code_key"
    ),
    f"insert into people_token (name, staff_id, role, unit_id, scopes, digest, created_at) "
    f"values ('t', {NEXT}, 'agent', {HQ}, '{{}}', 'the token itself', now())": (
        "alter table people_token drop constraint people_token_digest_is_sha256"
    ),
    f"insert into people_token (name, staff_id, role, unit_id, scopes, digest, created_at) "
    f"values ('t', {NEXT}, 'agent', {HQ}, '{{rule}}', repeat('a', 64), now())": (
        "alter table people_token drop constraint people_token_scopes_known"
    ),
}


@pytest.fixture
def app(database_urls: Addresses, owner_connection: Any) -> "Iterator[psycopg.Connection[Any]]":
    """Give a small company and a connection as the running application."""
    owner_connection.execute(COMPANY)
    with psycopg.connect(database_urls.app) as connection:
        yield connection


def _attempt(connection: "psycopg.Connection[Any]", attack: str) -> str | None:
    try:
        connection.execute(attack)
        connection.commit()
    except psycopg.Error as error:
        connection.rollback()
        return type(error).__name__
    return None


def _resolved(owner: "psycopg.Connection[Any]", statements: str) -> str:
    """Write out the names of triggers, which end with a digest."""
    rows = owner.execute("select tgname from pg_trigger where tgname like 'pgtrigger_%'").fetchall()
    out = []
    for statement in filter(None, statements.split(";")):
        words = statement.split()
        if words[:2] == ["drop", "trigger"]:
            beginning = "_".join(words[2].split("_")[:-1]) + "_"
            words[2] = next(name for (name,) in rows if name.startswith(beginning))
        out.append(" ".join(words))
    return ";".join(out)


def test_the_attack_is_refused_and_succeeds_once_its_rule_is_dropped(app: Any, owner_connection: Any, subtests: Any) -> None:
    """One company for all: the application is refused; the owner drops the rule, attacks and takes everything back."""
    for attack, rule in ATTACKS.items():
        with subtests.test(attack):
            refused = _attempt(app, attack)
            assert refused is not None
            if rule is not None:
                assert refused != "InsufficientPrivilege"
                with owner_connection.transaction(force_rollback=True):
                    owner_connection.execute(_resolved(owner_connection, rule))
                    owner_connection.execute(attack)
                    owner_connection.execute("set constraints all immediate")


def test_the_owner_too_cannot_delete_people_or_the_company_duty(app: Any, owner_connection: Any) -> None:
    for table in ("people_companyduty", "people_staff"):
        with pytest.raises(psycopg.Error, match="Cannot delete rows"):
            owner_connection.execute(f"delete from {table}")


def test_naming_a_duty_officer_and_deactivating_the_same_person_cannot_both_pass(app: Any, database_urls: Addresses) -> None:
    with psycopg.connect(database_urls.app) as other:
        app.execute(f"update people_companyduty set staff_id = {NEXT}")
        other.execute(f"update people_staff set is_active = false where id = {NEXT}")
        outcomes: list[str] = []

        def commit(connection: "psycopg.Connection[Any]") -> None:
            try:
                connection.commit()
                outcomes.append("done")
            except psycopg.Error:
                connection.rollback()
                outcomes.append("refused")

        threads = [threading.Thread(target=commit, args=(connection,)) for connection in (app, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert sorted(outcomes) == ["done", "refused"]
    assert CompanyDuty.objects.get().staff.is_active


def test_two_moves_that_are_harmless_alone_make_no_circle_together(app: Any, database_urls: Addresses) -> None:
    below = "update people_unit set parent_id = (select id from people_unit where code = %s) where code = %s"
    with psycopg.connect(database_urls.app) as other:
        app.execute(below, ["B", "A"])
        outcome: list[str | None] = []

        def second() -> None:
            try:
                other.execute(below, ["A", "B"])
                other.commit()
                outcome.append("done")
            except psycopg.Error as error:
                other.rollback()
                outcome.append(error.diag.message_primary)

        thread = threading.Thread(target=second)
        thread.start()
        app.commit()
        thread.join(20)
    assert outcome == ["unit B cannot lie below itself"]


def test_paths_follow_every_move_whatever_is_written_to_them(app: Any) -> None:
    app.execute("update people_unit set parent_id = (select id from people_unit where code = 'A') where code = 'B'")
    app.execute("update people_unit set parent_id = (select id from people_unit where code = 'B') where code = 'C'")
    app.execute("update people_unit set parent_id = (select id from people_unit where code = 'HQ') where code = 'B'")
    app.execute("update people_unit set path = '/999/' where code = 'A'")
    app.commit()
    units = {unit.code: unit for unit in Unit.objects.all()}
    root = units["HQ"].path
    assert units["A"].path == f"{root}{units['A'].pk}/"
    assert units["C"].path == f"{units['B'].path}{units['C'].pk}/"
    assert set(Unit.objects.under(units["B"])) == {units["B"], units["C"]}
    assert Staff.objects.in_units_under(root).count() == 3

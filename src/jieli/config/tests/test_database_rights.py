"""The application's role may do its work and nothing by which a promise could be broken."""

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from jieli.config.commands import doctor


def test_the_queue_does_not_notify(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname, tgenabled from pg_trigger where tgrelid = 'procrastinate_jobs'::regclass and tgname like %s",
            ["%notify%"],
        )
        enabled = dict(cursor.fetchall())
    assert enabled == {
        "procrastinate_jobs_notify_queue_job_inserted_v1": "D",
        "procrastinate_jobs_notify_queue_job_aborted_v1": "O",
    }


def test_tests_run_as_the_application(db):
    with connection.cursor() as cursor:
        cursor.execute("select current_user::text, session_user::text")
        assert cursor.fetchone() == ("jieli_app", "jieli_app")


def test_the_application_owns_nothing_and_truncates_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S')"
            " and (pg_get_userbyid(relowner) = 'jieli_app'"
            "      or relkind in ('r', 'p') and has_table_privilege('jieli_app', oid, 'truncate'))"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "update events_event set type = 'x'",
        "delete from events_event",
        "truncate events_event",
        "delete from django_migrations",
        "create table mine (id int)",
        "create temporary table events_event (id int)",
        "alter table events_event disable trigger all",
        "set session_replication_role = replica",
        "set role jieli_owner",
        "create function pretend() returns int language sql as 'select 1'",
    ],
)
def test_the_application_is_refused(app_connection, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection.execute(sql.SQL(statement))


def test_a_transactional_test_leaves_something(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("insert into config_heartbeat (worker) values ('left behind')")


def test_the_next_test_finds_a_fresh_database(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from config_heartbeat")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("role", ["app", "owner"])
def test_doctor_says_from_the_tables_whether_the_application_owns_them(db, database_urls, role):
    address = getattr(database_urls, role)
    found = {one.what: one.state for one in doctor._database(address, address, assumed="")}
    assert found["roles"] == {"app": "ok", "owner": "warning"}[role]

"""The command line: exit codes, what goes where, backup and restore."""

import json
import os
import subprocess
import sys

import psycopg
import pytest

from jieli.config import cli
from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import ADMIN, APP, OWNER

pytestmark = pytest.mark.long(30)


def jieli(*arguments, data, **environment):
    return subprocess.run(
        [sys.executable, "-m", "jieli", *map(str, arguments), "--data", str(data)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def data(server_folder):
    return server_folder


def test_help_is_no_error(capsys):
    assert cli.main(["--help"]) == 0
    assert "migrate" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_usage(capsys):
    assert cli.main(["nonsense"]) == 2
    assert "no command 'nonsense'" in capsys.readouterr().err


def test_wrong_usage_needs_no_database(tmp_path):
    done = jieli("db", data=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])


def test_a_wrong_variable_is_said_in_a_line(tmp_path):
    done = jieli("migrate", data=tmp_path, JIELI_DATABASE_POOL="many")
    assert done.returncode == 1
    assert done.stderr.startswith("jieli: JIELI_DATABASE_POOL: 'many' is not a valid integer.")


@pytest.mark.slow
def test_the_database_by_itself(data):
    assert jieli("db", "url", data=data).returncode == 1
    assert jieli("db", "start", data=data).returncode == 0
    url = jieli("db", "url", data=data).stdout.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("select current_user").fetchone() == ("jieli_app",)
    assert jieli("db", "stop", data=data).returncode == 0
    assert not Cluster(data).is_running()


@pytest.mark.slow
def test_a_backup_comes_back_elsewhere_with_every_row(migrated_folder):
    data = migrated_folder
    evidence = data / "files" / "a" / "photo.jpg"
    evidence.parent.mkdir(parents=True)
    evidence.write_bytes(b"a photo")
    with Cluster(data).joined() as known, psycopg.connect(known.owner) as connection:
        connection.execute("insert into config_heartbeat (worker) values ('kept')")
    backup = data.parent / "backup.jieli"
    made = jieli("backup", backup, data=data)
    assert made.returncode == 0, made.stderr
    assert "restored beside and counted" in made.stderr
    assert backup.stat().st_mode & 0o077 == 0

    elsewhere = data.parent / "elsewhere"
    restored = jieli("restore", backup, data=elsewhere)
    assert restored.returncode == 0, restored.stderr
    with Cluster(elsewhere).joined() as known, psycopg.connect(known.app) as connection:
        assert connection.execute("select count(*) from config_heartbeat where worker = 'kept'").fetchone() == (1,)
    assert (elsewhere / "files" / "a" / "photo.jpg").read_bytes() == b"a photo"
    assert (elsewhere / "secret-key").exists() == (data / "secret-key").exists()

    again = jieli("restore", backup, data=elsewhere)
    assert "is kept as the database jieli_before_" in again.stderr

    with Cluster(data).joined() as known:
        with psycopg.connect(known.url(ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute("create database bare owner jieli_owner template template0")
        urls = {"DATABASE_URL": known.url(APP, "bare"), "DATABASE_OWNER_URL": known.url(OWNER, "bare")}
        outside = jieli("restore", backup, data=data.parent / "outside", **urls)
    assert outside.returncode == 0, outside.stderr


@pytest.mark.parametrize("damage", [lambda body: body[: len(body) // 2], lambda body: b"not a backup", lambda body: b""])
def test_a_damaged_backup_is_refused_before_anything_is_touched(tmp_path, damage):
    backup = tmp_path / "backup.jieli"
    backup.write_bytes(damage(b"x" * 10_000))
    done = jieli("restore", backup, data=tmp_path / "data")
    assert done.returncode == 1
    assert "is not a backup of Jieli, or it is damaged" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_doctor_says_what_is_missing_as_one_document(data):
    done = jieli("doctor", "--json", data=data)
    found = {finding["what"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["migrations"]["state"] == "wrong"
    assert found["migrations"]["hint"] == "Run `jieli migrate`."
    assert done.returncode == 1

"""The embedded server is made once, survives kills, is shared, and stops with its last user."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest

from jieli.embedded import account as accounts
from jieli.embedded import binaries, leftovers
from jieli.embedded.cluster import Cluster
from jieli.embedded.connection import ADMIN, changed
from jieli.embedded.refusals import NotOurs

pytestmark = [pytest.mark.long(25), pytest.mark.slow]


@pytest.fixture
def cluster(server_folder):
    return Cluster(server_folder)


def postmaster(known):
    pid = leftovers.postmaster(Path(known.folder))
    assert pid is not None
    return pid


def write(known, value):
    with psycopg.connect(known.owner) as connection:
        connection.execute("create table if not exists kept (value int primary key)")
        connection.execute("insert into kept values (%s)", [value])


def read(known):
    with psycopg.connect(known.owner) as connection:
        return [value for (value,) in connection.execute("select value from kept order by 1")]


def test_it_keeps_what_was_written_and_stops_with_its_user(cluster):
    with cluster.joined() as known:
        write(known, 1)
    assert not cluster.is_running()
    with cluster.joined() as known:
        assert read(known) == [1]


def test_it_is_safe_against_loss_of_power(cluster):
    with cluster.joined() as known, psycopg.connect(known.owner) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute("select current_setting(%s)", [name]).fetchone() == ("on",)


def test_it_listens_on_this_machine_alone_with_passwords(cluster):
    with cluster.joined() as known:
        with psycopg.connect(known.admin) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(known.owner.replace(known.owner_password, "guess"))
        assert Path(cluster.data / "postgres.json").stat().st_mode & 0o077 == 0


def test_chinese_can_be_searched(cluster):
    with cluster.joined() as known, psycopg.connect(known.app) as connection:
        row = connection.execute("select cardinality(show_trgm('东莞市')), similarity('东莞市一店', '东莞市二店')").fetchone()
    assert row[0] > 0
    assert row[1] > 0.2


def test_a_killed_postmaster_is_started_again_with_every_committed_row(cluster):
    with cluster.joined() as known:
        write(known, 1)
        os.kill(postmaster(known), signal.SIGKILL)
        assert read(cluster.ensure_running()) == [1]


def test_kills_in_the_middle_of_writing_lose_nothing_acknowledged(cluster):
    with cluster.joined() as known:
        write(known, 0)
        acknowledged = [0]
        ending = threading.Event()

        def insert():
            value = 0
            while not ending.is_set():
                value += 1
                try:
                    with psycopg.connect(cluster.known().owner, connect_timeout=2) as connection:
                        connection.execute("insert into kept values (%s)", [value])
                    acknowledged.append(value)
                except psycopg.Error:
                    time.sleep(0.02)

        writer = threading.Thread(target=insert)
        writer.start()
        for number in (signal.SIGKILL, signal.SIGKILL, signal.SIGQUIT):
            time.sleep(0.4)
            os.kill(postmaster(cluster.known()), number)
            cluster.ensure_running()
        time.sleep(0.2)
        ending.set()
        writer.join()
        assert set(acknowledged) <= set(read(cluster.known()))
        assert len(acknowledged) > 10


def test_all_its_processes_killed_at_once(cluster):
    with cluster.joined() as known:
        write(known, 1)
        for pid in leftovers.processes_in(Path(known.folder)):
            with contextlib.suppress(ProcessLookupError):  # one that ended with the others before its turn came
                os.kill(pid, signal.SIGKILL)
        assert read(cluster.ensure_running()) == [1]


def test_a_zombie_in_the_pid_file_does_not_keep_it_from_starting(cluster):
    with cluster.joined() as known:
        write(known, 1)
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    while leftovers._state(zombie.pid) != "Z":
        time.sleep(0.01)
    file = Path(known.folder) / "postmaster.pid"
    file.write_text(f"{zombie.pid}\n{known.folder}\n1\n{known.port}\n\n127.0.0.1\n 1 1\nready   \n")
    with cluster.joined() as known:
        assert read(known) == [1]
    zombie.wait()


def test_a_kill_while_it_is_being_made_leaves_nothing_half_done(cluster):
    (cluster.data / "postgres.new").mkdir(parents=True)
    (cluster.data / "postgres.new" / "PG_VERSION").write_text("18\n")
    with cluster.joined() as known:
        write(known, 1)


def test_two_share_it_and_the_last_one_stops_it(cluster):
    other = Cluster(cluster.data)
    cluster.join()
    assert other.join() == cluster.known()
    cluster.leave()
    assert other.is_running()
    other.leave()
    assert not other.is_running()


def test_it_is_not_stopped_under_somebody(cluster):
    with cluster.joined(), pytest.raises(NotOurs, match="in use"):
        Cluster(cluster.data).stop()


def test_it_stays_when_told_to(cluster):
    cluster.keep()
    with cluster.joined():
        pass
    assert cluster.is_running()
    assert cluster.stop()
    assert not cluster.is_running()


def test_a_taken_port_is_changed(cluster):
    with cluster.joined() as known:
        write(known, 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # Its own port, just given back, might go to anybody in the meantime; this one is taken for certain.
        changed(cluster.data, known, port=taken.getsockname()[1])
        with cluster.joined() as known:
            assert known.port != taken.getsockname()[1]
            assert read(known) == [1]


def test_many_start_it_at_once(cluster):
    code = (
        "import sys; from pathlib import Path; from jieli.embedded.cluster import Cluster\n"
        "with Cluster(Path(sys.argv[1])).joined() as known: print(known.port)"
    )
    cluster.data.mkdir()
    starts = [subprocess.Popen([sys.executable, "-c", code, str(cluster.data)], stdout=subprocess.PIPE) for _ in range(4)]
    assert all(start.wait(120) == 0 for start in starts)
    assert len({start.stdout.read() for start in starts}) == 1
    assert not cluster.is_running()


def test_the_superuser_is_not_the_owner(cluster):
    with cluster.joined() as known, psycopg.connect(known.app) as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolcreaterole from pg_roles where rolname like 'jieli%'"
        ).fetchall()
    assert sorted(rows) == [(ADMIN, True, True), ("jieli_app", False, False), ("jieli_owner", False, False)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_a_private_data_folder_is_replaced_by_a_shared_place_and_found_again(tmp_path, monkeypatch):
    shared = Path(tempfile.mkdtemp(dir="/var/tmp"))
    shared.chmod(0o755)
    monkeypatch.setattr(accounts, "shared_place", lambda: shared)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    try:
        with Cluster(private / "data").joined() as known:
            write(known, 1)
            assert Path(known.folder).parent == shared
        with Cluster(private / "data").joined() as known:
            assert read(known) == [1]
        shutil.rmtree(private / "data")
        with Cluster(private / "data").joined() as known, psycopg.connect(known.owner) as connection:
            assert connection.execute("select to_regclass('kept')").fetchone() == (None,)
        assert len(list(shared.glob("data-*.left-*"))) == 1
    finally:
        shutil.rmtree(shared)


@pytest.mark.skipif(binaries.of_system() is None, reason="this machine has no PostgreSQL of its own")
def test_the_systems_own_server_serves_as_well(cluster, monkeypatch):
    monkeypatch.setattr(binaries, "candidates", lambda: [binaries.of_system()])
    with cluster.joined() as known:
        write(known, 1)
        with psycopg.connect(known.app) as connection:
            assert connection.execute("select cardinality(show_trgm('东莞市')) > 0").fetchone() == (True,)

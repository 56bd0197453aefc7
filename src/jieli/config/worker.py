"""The worker: runs jobs, sweeps promises that fall due, and shows that it lives.

Jobs are polled each second, because NOTIFY would make all commits of the cluster wait for one lock; the sweep runs twice a
second in a thread of its own, so that a long job never delays a promise.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import translation
from procrastinate import exceptions as queue_exceptions
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from jieli.config.environment import read
from jieli.config.processes import end_with_parent
from jieli.lib import clock

SWEEP_SECONDS = 0.5
BEAT_SECONDS = 5.0
_STALLED_SECONDS = 30
_GIVE_UP_BEATS = 60 * 60

_log = structlog.get_logger("jieli.worker")


def main() -> int:
    """Work until SIGTERM or SIGINT; a lost database is waited for.

    What jobs write is read by the company, so it is in the company's language, whatever the shell speaks that started it.
    """
    end_with_parent()
    translation.activate(settings.LANGUAGE_CODE)
    name = f"{socket.gethostname()}:{os.getpid()}"
    ending = threading.Event()
    sweep = _sweep()
    threads = [_every(BEAT_SECONDS, ending, lambda: beat(name))]
    if sweep is not None:
        threads.append(_every(SWEEP_SECONDS, ending, sweep))
    threads.append(_every(_STALLED_SECONDS / 2, ending, take_up_stalled))
    _log.info("worker started", worker=name, sweeps=sweep is not None, demo=settings.DEMO)
    try:
        _run_jobs(name)
    finally:
        ending.set()
        for thread in threads:
            thread.join(timeout=5)
        _forget(name)
    return 0


def _run_jobs(name: str) -> None:
    while True:
        try:
            with app.replace_connector(_worker_connector()) as worker:
                worker.run_worker(
                    name=name,
                    concurrency=read("JIELI_WORKER_CONCURRENCY"),
                    listen_notify=False,
                    fetch_job_polling_interval=1.0,
                    abort_job_polling_interval=5.0,
                    shutdown_graceful_timeout=20.0,
                    delete_jobs="successful",
                )
        except (queue_exceptions.ConnectorException, DatabaseError, InterfaceError, OSError) as error:
            _log.warning("worker lost the database", error=str(error))
            time.sleep(1)
        else:
            return


def _worker_connector() -> BaseConnector:
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"the queue is not Django's: {connector!r}")
    return connector.get_worker_connector()


def _sweep() -> Callable[[], object] | None:
    if find_spec("jieli.cases.tasks") is None:
        return None
    return getattr(import_module("jieli.cases.tasks"), "sweep", None)


def _every(seconds: float, ending: threading.Event, act: Callable[[], object]) -> threading.Thread:
    def loop() -> None:
        while not ending.is_set():
            began = time.monotonic()
            try:
                close_old_connections()
                with clock.read_once():
                    act()
            except (DatabaseError, InterfaceError) as error:
                _log.warning("database trouble", act=getattr(act, "__name__", ""), error=str(error))
                connection.close()
            except Exception:
                # One bad row must not end the sweep of all others' promises.
                _log.exception("worker thread stumbled", act=getattr(act, "__name__", ""))
                connection.close()
            ending.wait(max(0.0, seconds - (time.monotonic() - began)))
        connection.close()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    return thread


def beat(name: str) -> None:
    """Write the sign of life, and forget workers of long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into config_heartbeat (worker, beat_at) values (%s, clock_timestamp())"
            " on conflict (worker) do update set beat_at = clock_timestamp()",
            [name],
        )
        cursor.execute(
            "delete from config_heartbeat where beat_at < clock_timestamp() - make_interval(secs => %s)", [_GIVE_UP_BEATS]
        )


def take_up_stalled() -> int:
    """Put jobs of killed workers back into the queue; return how many.

    Their reactions run at least once and refuse politely the second time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(procrastinate_retry_job_v2(id, now(), null, null, null)::text) from ("
            "  select j.id from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id"
            "  where j.status = 'doing'"
            "    and (w.id is null or w.last_heartbeat < now() - make_interval(secs => %s))"
            "  for update of j skip locked) stalled",
            [_STALLED_SECONDS],
        )
        return int(cursor.fetchone()[0])


def _forget(name: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("delete from config_heartbeat where worker = %s", [name])
        connection.close()
    except (DatabaseError, InterfaceError) as error:
        _log.warning("no farewell", error=str(error))

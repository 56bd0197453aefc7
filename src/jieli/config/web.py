"""The web server: granian with WSGI workers (ASGI would cost ordinary views twice the CPU)."""

import logging

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from jieli.config import database
from jieli.config.environment import read
from jieli.config.processes import end_with_parent


def serve(*, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; a worker process that dies is replaced."""
    end_with_parent()
    database.close()  # the workers are forks of this process: a pool that they inherited would have no threads
    logging.getLogger("_granian").setLevel(logging.WARNING)
    Server(
        "jieli.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=read("JIELI_WEB_WORKERS"),
        blocking_threads=read("JIELI_WEB_THREADS"),
        backlog=1024,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        log_enabled=True,
        log_level=LogLevels.error,
        log_access=False,
    ).serve()

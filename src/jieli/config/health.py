"""Whether the process lives, and whether Jieli can do its work."""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from jieli.config.models import Heartbeat

BEAT_LIMIT = timedelta(seconds=30)

_migrated = False


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, migrations and a worker are there, else 503; says which."""
    found = state()
    return JsonResponse(found, status=200 if all(value == "ok" for value in found.values()) else 503)


def state() -> dict[str, str]:
    """Return ``ok`` or what is wrong, for database, migrations and worker."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return {"database": "unreachable", "migrations": "unknown", "worker": "unknown"}
    try:
        return {"database": "ok", "migrations": _migrations(), "worker": _worker()}
    except DatabaseError:
        return {"database": "ok", "migrations": "missing", "worker": "unknown"}


def _migrations() -> str:
    global _migrated  # noqa: PLW0603 - the answer cannot become wrong again while this code runs
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "missing"


def _worker() -> str:
    # Machine time on purpose: the company clock may stand or be moved while the worker lives.
    age = Heartbeat.youngest_age()
    if age is None:
        return "never seen"
    return "ok" if age < BEAT_LIMIT else f"silent for {int(age.total_seconds())} s"

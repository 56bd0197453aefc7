"""What must happen before Django reads its settings: an environment of our own. The fixtures come after pytest-django's."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_SESSION = os.environ.setdefault("JIELI_TEST_SESSION", str(os.getpid()))
_SCRATCH = Path(tempfile.gettempdir()) / f"jieli-tests-{os.getuid()}-{_SESSION}"

# No test may see the developer's own data or environment.
for _name in [name for name in os.environ if name.startswith(("JIELI_", "DATABASE_")) and name != "JIELI_TEST_SESSION"]:
    del os.environ[_name]
os.environ.update(
    JIELI_DATA=str(_SCRATCH),
    JIELI_SECRET_KEY="a key for tests alone",
    JIELI_LOG_LEVEL="WARNING",
    JIELI_HOSTS="*",
    DJANGO_SETTINGS_MODULE="jieli.config.settings",
    DJANGO_ALLOW_ASYNC_UNSAFE="true",  # playwright's synchronous API keeps an event loop running
)

# Where Python may not keep bytecode beside the sources, each of the hundred processes that tests start would compile Django
# anew: half of its start. It is kept with what else tests keep.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", "") or sys.dont_write_bytecode:
    _KEPT = Path(__file__).resolve().parents[4] / "var" / "tests" / "bytecode"
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(_KEPT)
    sys.dont_write_bytecode = False

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# A busy machine draws and runs slowly; a property is not wrong by that. The examples are the same on every machine, so that
# one which fails, fails at home before it fails elsewhere; `--hypothesis-profile=drawn` draws others.
settings.register_profile("drawn", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("drawn"), derandomize=True, database=None)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures last, so that they win over those of pytest-django and pytest-playwright."""
    from jieli.config.testing import fixtures

    fixtures.prepare(config, _SESSION)
    config.pluginmanager.register(fixtures, "jieli-fixtures")


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Start half as many processes again as there are processors: each waits at times, for a page or for what it killed."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 2) * 3 // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, so that no process is left alone with one of them at the end."""

    def seconds(item: pytest.Item) -> int:
        long = item.get_closest_marker("long")
        return int(long.args[0]) if long else 0

    items.sort(key=seconds, reverse=True)
    _refuse_doubles(items)
    for item in items:
        if item.get_closest_marker("django_db") or _SERVED.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("database")


def in_transaction(item: pytest.Item) -> bool:
    """Tell whether the test works in one transaction, which nobody else sees and which is rolled back."""
    names, marker = getattr(item, "fixturenames", ()), item.get_closest_marker("django_db")
    if "transactional_db" in names or (marker is not None and marker.kwargs.get("transaction")):
        return False
    return marker is not None or "db" in names


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Ask what the database defers while the test's clock is still held: at the machine's hour its promises were broken."""
    yield
    if in_transaction(item):
        from django.db import connection

        if connection.in_atomic_block and not connection.needs_rollback:
            connection.check_constraints()


_SERVED = frozenset({"db", "transactional_db", "database_urls", "server_folder"})
"""Fixtures for which a PostgreSQL is started."""


def _refuse_doubles(items: list[pytest.Item]) -> None:
    """Refuse tests with one id: xdist runs one of them and leaves the others out without a word."""
    doubled = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if doubled:
        raise pytest.UsageError(f"Several tests are called {', '.join(doubled)}.")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the scratch folder of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(_SCRATCH, ignore_errors=True)

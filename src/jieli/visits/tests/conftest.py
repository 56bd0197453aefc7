"""An engineer with a phone that is signed in and ready to work without a network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from jieli.people.tests.factories import PASSWORD, a_person, the_root
from jieli.visits.tests.factories import an_order, an_outlet
from jieli.visits.tests.field import PICTURES, Field, Server, a_session
from jieli.visits.tests.phone import Phone


@pytest.fixture
def server() -> Iterator[Server]:
    the_root()
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def field(server: Server, playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path) -> Iterator[Field]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    engineer = a_person(unit=an_outlet(), roles=("engineer",), name="周强", password=PASSWORD)
    order = an_order(engineer)
    phone = Phone(playwright, tmp_path / "phone", browser_type_launch_args, url=server.url)
    phone.signed_in(a_session(engineer))
    phone.open()
    phone.is_ready_for_no_network()
    yield Field(server, engineer, order, phone)
    assert phone.errors == []
    phone.close()

"""The company in which each journey happens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright
from pytest_django import Settings

from jieli.intake.views import guarding
from jieli.people.tests.factories import the_root
from jieli.visits.tests.field import Server

from .company import Company


@pytest.fixture
def company(
    browser: Browser, playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path, settings: Settings
) -> Iterator[Company]:
    settings.DEMO = True
    guarding.forget()
    the_root()
    server = Server()
    made = Company(browser, playwright, browser_type_launch_args, server, tmp_path)
    yield made
    made.close()
    server.stop()
    assert made.faults == []

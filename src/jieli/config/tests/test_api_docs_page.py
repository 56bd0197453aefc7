"""The page with the API's description works in a browser, from our own files alone."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_operations_are_shown_and_nothing_is_asked_elsewhere(browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/v1/docs")
    page.wait_for_selector("#operations-cases-open_case")
    page.click("#operations-cases-open_case .opblock-summary-control")
    page.wait_for_selector("#operations-cases-open_case .responses-table")
    assert complaints == []
    assert all(url.startswith((live_server.url, "data:")) for url in asked)
    page.close()

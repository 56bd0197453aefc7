"""Figures of imported histories by the API."""

from pathlib import Path

import pytest

from jieli.intake.tests.factories import a_file, imported
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import a_company, a_person, a_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(tmp_path: Path) -> ApiClient:
    boss = a_company()
    imported(a_file(tmp_path / "log.csv"))
    return ApiClient(a_token(boss, role="administrator"))


def test_the_figures_are_those_of_the_command(api: ApiClient) -> None:
    answer = api.get("/history/small")
    assert answer.status_code == 200
    figures = answer.json()
    assert (figures["cases"], figures["events"], figures["open"]) == (2, 6, 1)
    assert figures["by_activity"]["work"] == 2
    earlier = api.get("/history/small", at="2020-01-01T08:45:00Z").json()
    assert (earlier["cases"], earlier["events"]) == (2, 2)
    assert [one["source"] for one in api.get("/history").json()["items"]] == ["small"]


def test_an_unknown_history_is_not_there_and_a_wrong_time_is_refused(api: ApiClient) -> None:
    assert api.get("/history/none").json()["code"] == "no_such_history"
    assert api.get("/history/none", at="2020-01-01").status_code == 404
    assert api.get("/history/small", at="yesterday").json()["fields"].keys() == {"at"}
    assert api.get("/history/%00").status_code == 404


def test_figures_are_for_those_who_see_all_cases(api: ApiClient) -> None:
    agent = a_person(unit=a_unit())
    assert ApiClient(a_token(agent)).get("/history/small").status_code == 403

"""The six indicators: counted as spec 8 says, each number opens what stands behind it, each person sees his own units."""

import csv
import json
from argparse import Namespace
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from jieli.insight.commands.kpi import run
from jieli.insight.queries.kpi import BEHIND, BESIDE, SIX, counted, indicators, indicators_by_outlet
from jieli.lib import clock
from jieli.people.models import Unit
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import a_company, a_person
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import a_complaint, an_order, an_outlet, an_unfinished, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_april() -> Iterator[None]:
    with clock.frozen(at("2026-04-20 12:00")):
        yield


@pytest.fixture
def outlets() -> tuple[Unit, Unit]:
    """Two outlets in March: the first with one order of every sort, the second with two that are in order."""
    a_company()
    one, two = an_outlet("A"), an_outlet("B")
    an_order(one, "2026-03-02 10:00", delight=True, information_accepted=True)
    dissatisfied = {"callback_result": "dissatisfied", "callback_at": at("2026-05-01 00:00")}
    an_order(one, "2026-03-03 10:00", reported_at=at("2026-03-04 10:00:01"), **dissatisfied)
    an_order(one, "2026-03-04 10:00", callback_result="unreached", product_line="kitchen")
    part = {"part": "pump", "part_returned_at": at("2026-03-08 00:00"), "lab_at": at("2026-03-09 00:00")}
    an_order(one, "2026-03-05 10:00", lab_finding="confirmed", **part)
    an_order(one, "2026-03-06 10:00", lab_finding="no_fault", **part)
    an_order(one, "2026-03-07 10:00", lab_finding="confirmed", in_warranty=False, **part)
    an_order(one, "2026-02-28 23:59:59")
    an_order(one, "2026-04-01 00:00")
    an_unfinished(one, begun=at("2026-02-20 10:00"))
    an_unfinished(one, begun=at("2026-03-20 10:00"), promised_until=at("2026-04-02 00:00"))
    a_complaint(one, "2026-03-31 23:59:59", upheld=True)
    a_complaint(one, "2026-03-01 00:00")
    a_complaint(one, "2026-04-01 00:00")
    order = an_order(two, "2026-03-31 23:59:59", product_line="kitchen")
    an_order(two, "2026-03-01 00:00")
    a_complaint(two, "2026-03-10 00:00", order=order)
    return one, two


EXPECTED = {
    "satisfaction": (6, 7),
    "information": (7, 8),
    "backlog": (1, 11),
    "complaints": (3, 8),
    "parts_use": (1, 3),
    "delight": (1, 8),
    "unreached": (1, 8),
    "complaints_upheld": (1, 8),
}


def shares(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return numerators and denominators."""
    return {name: (one.numerator, one.denominator) for name, one in found.items()}


def test_the_indicators_count_as_the_page_says(outlets: tuple[Unit, Unit]) -> None:
    assert shares(indicators(month_of("2026-03"))) == EXPECTED


def test_of_a_subtree_a_product_line_and_an_empty_month(outlets: tuple[Unit, Unit]) -> None:
    _one, two = outlets
    march = month_of("2026-03")
    assert shares(indicators(march, unit_path=two.path))["satisfaction"] == (2, 2)
    kitchen = shares(indicators(march, product_line="kitchen"))
    assert (kitchen["satisfaction"], kitchen["complaints"]) == ((1, 1), (1, 2))
    empty = indicators(month_of("2026-01"))
    assert all(one.value is None for name, one in empty.items())


def test_outlet_by_outlet_adds_up(outlets: tuple[Unit, Unit]) -> None:
    march = month_of("2026-03")
    rows = indicators_by_outlet(march)
    assert [one.code for one in rows] == ["A", "B"]
    for name, expected in EXPECTED.items():
        parts = [one.indicators[name] for one in rows]
        assert (sum(one.numerator for one in parts), sum(one.denominator for one in parts)) == expected
    assert [one.code for one in indicators_by_outlet(march, after="A", size=5)] == ["B"]
    assert shares(indicators_by_outlet(march, size=1)[0].indicators) == shares(rows[0].indicators)


def test_each_number_opens_exactly_what_it_counts(outlets: tuple[Unit, Unit]) -> None:
    march = month_of("2026-03")
    for name, (numerator, denominator) in BEHIND.items():
        share = indicators(march)[name]
        assert len(counted(numerator, march)) == share.numerator, name
        if name != "unreached":
            assert len(counted(denominator, march)) == share.denominator, name
    first = counted("finished", march, size=3)
    rest = counted("finished", march, after=first[-1].place)
    assert len({one.number for one in first + rest}) == 8


def client_of(role: str, unit: Unit) -> Client:
    """Return somebody of a unit at his browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(a_person(unit=unit, roles=[role]))
    return client


def test_the_page_shows_the_figures_and_what_stands_behind_them(outlets: tuple[Unit, Unit]) -> None:
    client = client_of("manager", Unit.objects.get(parent=None))
    page = client.get("/indicators/", {"month": "2026-03"}).content.decode()
    assert "85.7%" in page
    assert "Satisfaction rate" in page
    behind = client.get("/indicators/behind/satisfied/", {"month": "2026-03"})
    assert behind.content.decode().count("data-row") == 6
    assert client.get("/indicators/behind/nonsense/").status_code == 404
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/indicators/", {"month": "2026-03"})
    assert len(queries) <= 14


def test_each_sees_the_indicators_of_his_own_units(outlets: tuple[Unit, Unit]) -> None:
    one, two = outlets
    owner = client_of("outlet_manager", two)
    page = owner.get("/indicators/", {"month": "2026-03"}).content.decode()
    assert "100.0%" in page
    assert one.name not in page
    assert owner.get("/indicators/", {"month": "2026-03", "unit": "A"}).status_code == 404
    assert owner.get("/indicators/behind/finished/", {"month": "2026-03", "unit": "A"}).status_code == 404
    assert client_of("agent", two).get("/indicators/").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_all_outlets_can_be_taken_away(outlets: tuple[Unit, Unit], form: str) -> None:
    answer = client_of("finance", Unit.objects.get(parent=None)).get(f"/indicators/outlets.{form}", {"month": "2026-03"})
    body = b"".join(answer) if answer.streaming else answer.content
    assert f'filename="indicators-2026-03.{form}"' in answer["Content-Disposition"]
    if form == "csv":
        rows: list[Any] = list(csv.reader(StringIO(body.decode())))
    else:
        rows = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["A", "B"]
    assert len(rows[0]) == 2 + 3 * (len(SIX) + len(BESIDE))
    assert (int(float(rows[1][3])), int(float(rows[1][4]))) == (4, 5)


def test_the_command_and_the_api_say_the_same(outlets: tuple[Unit, Unit], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Namespace(month="2026-03", unit="", line="", json=True)) == 0
    said = json.loads(capsys.readouterr().out)
    assert {name: (one["numerator"], one["denominator"]) for name, one in said.items()} == EXPECTED
    assert run(Namespace(month="2026-03", unit="nowhere", line="", json=True)) == 1
    assert run(Namespace(month="2026-13", unit="", line="", json=True)) == 1
    boss = a_person(unit=Unit.objects.get(parent=None), roles=["manager"])
    answer = ApiClient(a_token(boss, role="manager")).get("/kpi", month="2026-03").json()
    assert (answer["backlog"]["numerator"], answer["backlog"]["denominator"]) == EXPECTED["backlog"]
    assert answer["information"]["value"] == pytest.approx(7 / 8)
    agent = a_person(unit=outlets[0])
    assert ApiClient(a_token(agent)).get("/kpi", month="2026-03").status_code == 403
    api = ApiClient(a_token(boss, role="manager"))
    assert api.get("/kpi", month="2026-13").json()["fields"].keys() == {"month"}
    assert api.get("/kpi", month="2026-05").json()["code"] == "month_not_begun"
    assert api.get("/kpi", month="2026-03", unit="none").status_code == 422

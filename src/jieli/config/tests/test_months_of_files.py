"""Months that come in as files: what neither the order of rows in the files nor the size of batches can change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.db import transaction

from jieli.config.tests.months import Months, bring_in, settled_months
from jieli.events.actor import SYSTEM
from jieli.intake.actions import exchange
from jieli.intake.actions.batching import BatchImporter
from jieli.lib import clock
from jieli.people.tests.factories import a_company, a_unit
from jieli.policies import queries as policies
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.queries.decided import decided_month

pytestmark = [pytest.mark.django_db, pytest.mark.long(12)]

NOW = datetime.fromisoformat("2026-11-22T12:00+08:00")
OUTLETS = [f"outlet-{number:02d}" for number in range(1, 7)]
SHUFFLED = ("outlets", "customers", "devices", "orders", "complaints", "incentives")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Versions of policies that are rolled back are not remembered."""
    yield
    policies.forget()


class NothingIsKept(Exception):
    """Ends a transaction whose rows are not wanted."""


def the_months(turn: int, at_once: int | None, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Bring the company in with its rows in the order of this turn, settle it, return each month, and undo all."""
    policies.forget()
    for kind, importer in exchange.importers.items():
        if isinstance(importer, BatchImporter) and importer.at_once is not None:
            monkeypatch.setitem(exchange.importers, kind, replace(importer, at_once=at_once))
    found: list[Any] = []
    with clock.frozen(NOW):
        months = settled_months(NOW)
        rows = Months(OUTLETS, Random(5), since=months[0].since, until=NOW).make(240, cut_off=months[-1].cut_off)
        for kind in SHUFFLED if turn else ():
            Random(turn).shuffle(rows[kind])
        try:
            with transaction.atomic():
                bring_in(rows, lambda *_: None)
                for month in months:
                    result = decided_month(decide_month(month, actor=SYSTEM))
                    found.append([_without_identity(one) for one in result.outlets])
                    found.append([(one.outlet, one.number, *one[4:]) for one in result.lines()])
                    found.append(sorted((one.kind, one.amount, one.order, one.reason) for one in result.charges()))
                raise NothingIsKept
        except NothingIsKept:
            pass
    return found


def _without_identity(one: Any) -> Any:
    return replace(one, grade=replace(one.grade, outlet_id=0))


def test_neither_the_order_of_rows_nor_the_size_of_batches_changes_a_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    a_company()
    for code in OUTLETS:
        a_unit(code=code)
    first = the_months(0, 4000, monkeypatch)
    decisions = {line[2] for line in first[1]}
    assert decisions == {"payable", "held", "rejected"}
    for turn, at_once in enumerate((4000, 37, 1000), start=1):
        assert the_months(turn, at_once, monkeypatch) == first

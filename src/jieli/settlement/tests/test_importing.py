"""rates.csv and incentives.csv: what comes in, what is refused and where, and that twice changes nothing."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jieli.events.actor import SYSTEM
from jieli.intake.actions.exchange import import_exchange_file
from jieli.intake.rules.reports import FileReport
from jieli.lib import clock
from jieli.people.tests.factories import an_administrator
from jieli.policies.models import PolicyVersion
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.models import Incentive, Result
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.rate_tables import rate_tables
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_order, an_outlet, at

pytestmark = pytest.mark.django_db

RATES = "version,valid_from,product_line,service_type,in_warranty,distance_from_km,distance_to_km,fee_amount"
INCENTIVES = "outlet,month,kind,amount,order,reason"


@pytest.fixture(autouse=True)
def in_april() -> Iterator[None]:
    with clock.frozen(at("2026-04-08 09:00")):
        yield


@pytest.fixture
def bring(tmp_path: Path):  # type: ignore[no-untyped-def]
    def bring(kind: str, *rows: str) -> FileReport:
        header = RATES if kind == "rates" else INCENTIVES
        file = tmp_path / f"{kind}.csv"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return import_exchange_file(file, kind=kind, actor=an_administrator())

    return bring


def bad(report: FileReport) -> list[tuple[int, str]]:
    return [(one["line"], one["column"]) for one in report.bad]


# --- rates


def test_each_label_becomes_one_table_and_the_same_file_again_changes_nothing(bring) -> None:  # type: ignore[no-untyped-def]
    rows = [
        "2026-01,2026-01-01,washer,repair,true,0,10,82.00",
        "2026-01,2026-01-01,washer,repair,true,10,,90.50",
        '2026-03,2026-03-15,"洗衣机 ""大""",repair,false,,,95',
    ]
    report = bring("rates", *rows)
    assert (report.imported, report.unchanged, report.rejected) == (3, 0, 0)
    tables = rate_tables(clock.now())
    assert [(one.data.table, one.data.valid_from, len(one.data.rates)) for one in tables] == [
        ("2026-01", date(2026, 1, 1), 2),
        ("2026-03", date(2026, 3, 15), 1),
    ]
    assert tables[0].data.rates[1].fee_amount == Decimal("90.5")
    again = bring("rates", *rows)
    assert (again.imported, again.unchanged, again.rejected) == (0, 3, 0)
    assert PolicyVersion.objects.filter(name="rates").count() == 2


def test_further_rows_of_a_label_make_a_new_version_of_it(bring) -> None:  # type: ignore[no-untyped-def]
    bring("rates", "t,2026-01-01,washer,repair,true,0,10,82.00")
    report = bring("rates", "t,2026-01-01,washer,repair,true,0,10,82.00", "t,2026-01-01,washer,repair,true,10,20,92.00")
    assert (report.imported, report.unchanged) == (1, 1)
    (table,) = rate_tables(clock.now())
    assert (table.version, len(table.data.rates)) == ("rates v2", 2)


def test_what_contradicts_itself_is_refused_by_line_and_the_rest_is_kept(bring) -> None:  # type: ignore[no-untyped-def]
    report = bring(
        "rates",
        "t,2026-01-01,washer,repair,true,0,10,82.00",
        "t,2026-01-01,washer,repair,true,9.999,20,90.00",
        "t,2026-02-01,oven,repair,true,0,10,82.00",
        "u,2026-01-01,washer,repair,true,0,10,82.00",
        "t,2026-01-01,washer,repair,true,20,20,90.00",
        'v,2026-05-01,washer,repair,true,0,10,"1,234.5"',
        "v,2026-05-01,washer,repair,yes,0,10,1.00",
        ",2026-05-01,washer,painting,true,-1,10,1.00",
    )
    assert bad(report) == [
        (3, "distance_from_km"),
        (4, "valid_from"),
        (5, "valid_from"),
        (6, "distance_to_km"),
        (7, "fee_amount"),
        (8, "in_warranty"),
        (9, "version"),
        (9, "service_type"),
        (9, "distance_from_km"),
    ]
    assert "2" in report.bad[0]["reason"]
    assert [len(one.data.rates) for one in rate_tables(clock.now())] == [1]


def test_a_known_fee_is_never_changed(bring) -> None:  # type: ignore[no-untyped-def]
    bring("rates", "t,2026-01-01,washer,repair,true,0,10,82.00")
    report = bring("rates", "t,2026-01-01,washer,repair,true,0,10,83.00")
    assert bad(report) == [(2, "fee_amount")]
    assert rate_tables(clock.now())[0].data.rates[0].fee_amount == 82


# --- incentives


def test_of_equal_rows_each_counts_and_the_same_file_again_adds_nothing(bring) -> None:  # type: ignore[no-untyped-def]
    an_outlet("A")
    rows = ["A,2026-03,information,30.00,,", "A,2026-03,information,30.00,,", "A,2026-03,information,30,,other"]
    assert bring("incentives", *rows).imported == 3
    again = bring("incentives", *rows, "A,2026-03,information,+30.00,,")
    assert (again.imported, again.unchanged) == (1, 3)
    assert Incentive.objects.count() == 4


def test_an_incentive_whose_order_comes_later_is_still_the_same(bring) -> None:  # type: ignore[no-untyped-def]
    outlet = an_outlet("A")
    report = bring("incentives", "A,2026-03,story,20.00,W1,")
    assert report.imported == 1
    assert len(report.notes) == 1
    an_order(outlet, "2026-03-05 12:00", number="W1")
    assert bring("incentives", "A,2026-03,story,20.00,W1,").unchanged == 1


def test_what_cannot_be_is_refused_and_what_is_odd_is_said(bring) -> None:  # type: ignore[no-untyped-def]
    an_outlet("A")
    report = bring(
        "incentives",
        "B,2026-03,story,20.00,,",
        "A,2026-13,story,20.00,,",
        'A,2026-03,story,"1,234.5",,',
        "A,2026-03,,20.005,,",
        "A,2026-03,story,-20.00,,",
        "A,2026-03,something else,5.00,,",
    )
    assert bad(report) == [(2, "outlet"), (3, "month"), (4, "amount"), (5, "amount"), (5, "kind")]
    assert report.imported == 2
    assert len(report.notes) == 2


def test_a_row_for_a_decided_month_goes_to_the_next_open_one_and_the_report_says_so(bring) -> None:  # type: ignore[no-untyped-def]
    a_rate_table()
    an_order(an_outlet("A"), "2026-03-05 12:00")
    decide_month(month_of("2026-03"), actor=FINANCE)
    report = bring("incentives", "A,2026-03,information,30.00,,")
    assert report.imported == 1
    assert len(report.notes) == 1
    with clock.frozen(at("2026-05-08 09:00")):
        decide_month(month_of("2026-04"), actor=SYSTEM)
        assert bring("incentives", "A,2026-03,information,30.00,,").unchanged == 1
    assert list(Result.objects.order_by("run__month").values_list("payout_amount", flat=True)) == [
        Decimal("82.00"),
        Decimal("30.00"),
    ]

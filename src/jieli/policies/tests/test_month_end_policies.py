"""The policies of the month end: what is wrong is said with its line, and a policy without a version has its page."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from jieli.policies.actions import InvalidPolicy
from jieli.policies.queries import NoPolicy, current
from jieli.policies.reading import blocks
from jieli.policies.tests.factories import changed, make_draft, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


RATES = """table = "2026"
valid_from = 2026-01-01
rates = [
  { product_line = "washer", service_type = "repair", in_warranty = true, from_km = 0, to_km = 10, fee_amount = 82.00 },
  { product_line = "washer", service_type = "repair", in_warranty = true, from_km = 10, fee_amount = 90.00 },
]
"""


def refusal(name: str, source: str) -> str:
    with pytest.raises(InvalidPolicy) as refused:
        make_draft(name, source)
    return str(refused.value.problems[0])


def test_a_missing_weight_is_said_with_its_line() -> None:
    source = changed("grade", "[parts.satisfaction]\npoints = 35\n", "[parts.satisfaction]\n")
    line = source.split("\n").index("[parts.satisfaction]") + 1
    assert refusal("grade", source).startswith(f"第 {line} 行 · parts.satisfaction.points")


def test_a_missing_part_is_said_with_its_line() -> None:
    source = changed("grade", "[parts.complaints]\npoints = 10\nfull_at = 0.00\nzero_at = 0.01\n", "")
    line = source.split("\n").index("[parts]") + 1
    assert refusal("grade", source).startswith(f"第 {line} 行 · parts.complaints")


@pytest.mark.parametrize(
    ("name", "old", "new", "path"),
    [
        ("grade", "full_at = 0.00\nzero_at = 0.05", "full_at = 0.05\nzero_at = 0.05", "parts.backlog"),
        ("grade", "a = 90", "a = 75", "grades"),
        ("grade", "[best]\nshare = 0.10", "[best]\nshare = 0.10\ncount = 2", "best"),
        ("grade", "[worst]\nshare = 0.10", "[worst]", "worst"),
        ("settlement", "night = 20.00", "night = 20.001", "surcharges.night"),
        ("settlement", 'code = "idea"', 'code = "information"', ""),
        ("settlement", "high_floor = 10.00", "", "surcharges.high_floor"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(name: str, old: str, new: str, path: str) -> None:
    said = refusal(name, changed(name, old, new))
    assert "第" in said
    assert path in said


def test_overlapping_bands_are_refused_on_the_line_of_the_second() -> None:
    said = refusal("rates", RATES.replace("from_km = 10", "from_km = 9.5"))
    assert said.startswith("第 5 行")


def test_a_band_that_ends_where_it_begins_is_refused() -> None:
    assert refusal("rates", RATES.replace("to_km = 10", "to_km = 0")).startswith("第 4 行")


def test_a_rate_table_is_drafted_as_text_and_holds_when_started() -> None:
    with pytest.raises(NoPolicy):
        current("rates")
    make_version("rates", RATES)
    assert current("rates").data.rates[1].to_km is None
    about, table = blocks(current("rates").data)
    assert about.pairs[0][1] == "2026"
    assert table.rows[1] == ["洗衣机", "维修", "是", "10", "–", "90.00"]
    assert [is_number for _text, is_number in table.head] == [False, False, False, True, True, True]

"""Values written for people, in both languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.ui import display

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 6, 48, tzinfo=UTC)  # Monday 14:48 in Shanghai


@pytest.mark.parametrize(("language", "expected"), [("zh-hans", "11月23日 周一 15:30"), ("en", "Mon 23 Nov 15:30")])
def test_an_instant_is_written_exactly_in_the_zone_of_the_company(language: str, expected: str) -> None:
    at = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert display.instant_text(at, now=NOW, zone=ZONE, language=language) == expected


@pytest.mark.parametrize(("language", "expected"), [("zh-hans", "2025年1月1日 周三 00:30"), ("en", "Wed 1 Jan 2025 00:30")])
def test_another_year_is_named(language: str, expected: str) -> None:
    at = datetime(2024, 12, 31, 16, 30, tzinfo=UTC)
    assert display.instant_text(at, now=NOW, zone=ZONE, language=language) == expected


@pytest.mark.parametrize(
    ("hours", "chinese", "english"),
    [
        (0.7, "15:30", "15:30"),
        (18.2, "明天 09:00", "tomorrow 09:00"),
        (-24, "昨天 14:48", "yesterday 14:48"),
        (47, "周三 13:48", "Wed 13:48"),
        (24 * 9, "12月2日", "2 Dec"),
        (-24 * 3, "11月20日", "20 Nov"),
    ],
)
def test_a_narrow_column_gets_the_short_form(hours: float, chinese: str, english: str) -> None:
    at = NOW + timedelta(hours=hours)
    assert display.short_text(at, now=NOW, zone=ZONE, language="zh-hans") == chinese
    assert display.short_text(at, now=NOW, zone=ZONE, language="en") == english


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0.5, "不到 1 分", "under 1 min"),
        (42, "42 分", "42 min"),
        (185, "3 小时 5 分", "3 h 5 min"),
        (180, "3 小时", "3 h"),
        (2 * 1440 + 241, "2 天 4 小时", "2 d 4 h"),
        (-8, "8 分", "8 min"),
    ],
)
def test_a_length_has_its_two_largest_units(minutes: float, chinese: str, english: str) -> None:
    length = timedelta(minutes=minutes)
    assert display.length_text(length, language="zh-hans") == chinese
    assert display.length_text(length, language="en") == english


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (-0.2, "刚刚", "just now"),
        (-5, "5 分前", "5 min ago"),
        (42, "42 分后", "in 42 min"),
        (-20 * 60, "昨天 18:48", "yesterday 18:48"),
    ],
)
def test_near_instants_are_told_by_their_distance(minutes: float, chinese: str, english: str) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert display.relative_text(at, now=NOW, zone=ZONE, language="zh-hans") == chinese
    assert display.relative_text(at, now=NOW, zone=ZONE, language="en") == english


def test_a_date_has_its_weekday() -> None:
    assert display.date_text(date(2026, 11, 22), today=NOW.date(), language="zh-hans") == "11月22日 周日"
    assert display.date_text(date(2026, 11, 22), today=NOW.date(), language="en") == "Sun 22 Nov"
    assert display.month_text(date(2026, 10, 1), language="zh-hans") == "2026年10月"
    assert display.month_text(date(2026, 10, 1), language="en") == "October 2026"


@pytest.mark.parametrize(
    ("amount", "expected"), [("1044", "¥1,044.00"), ("-12.5", "-¥12.50"), ("0.005", "¥0.00"), ("1234567.891", "¥1,234,567.89")]
)
def test_money_has_two_decimals_and_thousands(amount: str, expected: str) -> None:
    assert display.money_text(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("李雷", "李雷"), ("欧阳娜娜", "娜娜"), ("Jane Doe", "JD"), ("anna-maria Lind", "AM"), ("", "?")]
)
def test_a_face_shows_what_people_call_each_other(name: str, expected: str) -> None:
    assert display.initials(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("13812348000", "138****8000"), ("王芳", "王*"), ("wang@example.com", "w***@example.com"), ("x", "*")],
)
def test_the_middle_of_a_value_is_hidden(value: str, expected: str) -> None:
    assert display.masked(value) == expected


@given(st.text(min_size=1, max_size=30))
def test_a_masked_value_never_shows_the_whole(value: str) -> None:
    assert display.masked(value) != value or set(value) <= set("*@.")


def shape(minutes: float, **more: datetime | bool) -> display.PromiseShape:
    """Judge a promise given at 13:00 and due at 15:00, `minutes` after it was given."""
    start = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    return display.promise_shape(
        now=start + timedelta(minutes=minutes),
        due_at=start + timedelta(minutes=120),
        start_at=start,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("minutes", "state", "used"),
    [
        (0, "running", 0),
        (60, "running", 50),
        (95, "running", 79),
        (96, "risk", 80),
        (119, "risk", 99),
        (120, "broken", 100),
        (500, "broken", 100),
    ],
)
def test_a_promise_is_at_risk_in_its_last_fifth_and_broken_when_due(minutes: float, state: str, used: int) -> None:
    assert (shape(minutes).state, shape(minutes).used_percent) == (state, used)


def test_the_warning_time_of_the_rule_comes_before_the_fifth() -> None:
    start = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert shape(30, warn_at=start + timedelta(minutes=30)).state == "risk"


def test_a_kept_promise_stops_counting() -> None:
    start = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert shape(500, kept_at=start + timedelta(minutes=60)) == display.PromiseShape("kept", 50, timedelta(minutes=60))
    assert shape(500, kept_at=start + timedelta(minutes=130)).state == "late"


def test_a_pause_and_an_end_are_their_own_states() -> None:
    assert shape(30, is_paused=True).state == "paused"
    assert shape(30, is_ended=True).state == "ended"


def test_a_comparison_pairs_changed_lines_and_folds_what_is_equal() -> None:
    old = "\n".join(["a", "b", "c", "d", "e", "f", "g", "h"])
    rows = display.diff_rows(old, old.replace("g", "G\nplus"), context=1)
    assert [(row.kind, row.old, row.new) for row in rows] == [
        ("skipped", "", ""),
        ("same", "f", "f"),
        ("changed", "g", "G"),
        ("added", "", "plus"),
        ("same", "h", "h"),
    ]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_a_comparison_without_folding_holds_both_texts(before: list[str], after: list[str]) -> None:
    rows = display.diff_rows("\n".join(before), "\n".join(after), context=1000)
    is_equal = before == after
    assert is_equal or [row.old for row in rows if row.old_number is not None] == before
    assert is_equal or [row.new for row in rows if row.new_number is not None] == after


def test_a_sparkline_keeps_the_place_of_unknown_values() -> None:
    assert display.sparkline_points([1, None, 3], width=10, height=10) == [(0.0, 10.0), (10.0, 0.0)]
    assert display.sparkline_points([], width=10, height=10) == []
    assert display.sparkline_points([2, 2], width=10, height=10) == [(0.0, 5), (10.0, 5)]

"""Hours of a week: read, written, and as stretches of a day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.network.rules.shifts import clean_week, common, read_week, windows, without, write_week

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mon-fri 09:00-12:00 13:00-18:00; sat 09:00-12:00", "mon-fri 09:00-12:00 13:00-18:00; sat 09:00-12:00"),
        ("mon 08:00-24:00", "mon 08:00-24:00"),
        ("mon 13:00-18:00 08:00-12:00", "mon 08:00-12:00 13:00-18:00"),
        ("mon 08:00-12:00; wed 08:00-12:00", "mon 08:00-12:00; wed 08:00-12:00"),
        ("", ""),
    ],
)
def test_a_week_is_read_and_written(text: str, written: str) -> None:
    assert write_week(read_week(text)) == written


@pytest.mark.parametrize(
    "text", ["monday 08:00-12:00", "mon 8-12", "mon 12:00-08:00", "mon 08:00-12:00 11:00-13:00", "fri-mon 08:00-12:00",
             "mon 08:00-12:00; mon 13:00-14:00", "mon 08:00", "mon 25:00-26:00"],
)  # fmt: skip
def test_a_week_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_week(text)


@pytest.mark.parametrize("week", [[], "x", {"someday": []}, {"mon": ["08:00"]}, {"mon": [[8, 12]]}])
def test_hours_of_another_shape_are_refused(week: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        clean_week(week)


def test_the_stretches_of_a_day_lie_in_the_company_zone() -> None:
    assert windows([("08:00", "12:00"), ("13:00", "24:00")], MONDAY, ZONE) == [
        (at(8), at(12)),
        (at(13), datetime(2026, 11, 23, 16, tzinfo=UTC)),
    ]


def test_an_absence_cuts_a_day_in_two() -> None:
    assert without([(at(8), at(18))], [(at(10), at(11))]) == [(at(8), at(10)), (at(11), at(18))]
    assert without([(at(8), at(18))], [(at(0), at(23))]) == []


def test_a_closure_leaves_what_both_say() -> None:
    assert common([(at(8), at(12)), (at(13), at(18))], [(at(10), at(15))]) == [(at(10), at(12)), (at(13), at(15))]


_stretch = st.tuples(st.integers(0, 22), st.integers(1, 8)).map(lambda one: (at(one[0]), at(one[0]) + timedelta(hours=one[1])))


@given(st.lists(_stretch, max_size=4), st.lists(_stretch, max_size=4), st.integers(0, 23))
def test_an_hour_is_left_exactly_when_it_was_there_and_was_not_taken(
    some: list[tuple[datetime, datetime]], taken: list[tuple[datetime, datetime]], hour: int
) -> None:
    def holds(stretches: list[tuple[datetime, datetime]]) -> bool:
        return any(start <= at(hour) < end for start, end in stretches)

    assert holds(without(some, taken)) == (holds(some) and not holds(taken))
    assert holds(common(some, taken)) == (holds(some) and holds(taken))

"""Deputies of deputies, circles, and the rules that need no database (spec 1, Deputies; zammad/zammad#3694)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.people import rules

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

people = st.integers(min_value=0, max_value=7)
graphs = st.dictionaries(people, st.lists(people, max_size=4), max_size=8)


@given(start=people, graph=graphs, away=st.sets(people))
def test_whoever_stands_in_is_present_and_reachable_and_circles_end(
    start: int, graph: dict[int, list[int]], away: set[int]
) -> None:
    found = rules.stand_in(
        start, is_present=lambda person: person not in away, deputies_of=lambda person: graph.get(person, [])
    )
    reachable = {start}
    for _step in range(8):
        reachable |= {deputy for person in reachable for deputy in graph.get(person, [])}
    expected_none = reachable <= away
    assert (found is None) == expected_none
    assert found is None or (found in reachable and found not in away)


def test_own_deputies_come_before_deputies_of_deputies() -> None:
    named = {1: [2, 3], 2: [4]}
    found = rules.stand_in(1, is_present=lambda person: person in (3, 4), deputies_of=lambda person: named.get(person, []))
    assert found == 3


def test_a_gap_is_found_where_the_deputy_leaves_too() -> None:
    absences = [
        rules.Away(1, NOON, NOON + timedelta(days=5)),
        rules.Away(2, NOON + timedelta(days=2), NOON + timedelta(days=3)),
    ]
    deputies = [rules.StandsIn(1, 2, NOON - timedelta(days=30), None, 1)]
    gap = rules.first_gap(1, starts_at=NOON, ends_at=NOON + timedelta(days=5), absences=absences, deputies=deputies)
    assert gap == NOON + timedelta(days=2)


def test_no_gap_where_the_second_deputy_fills_in() -> None:
    absences = [
        rules.Away(1, NOON, NOON + timedelta(days=5)),
        rules.Away(2, NOON + timedelta(days=2), NOON + timedelta(days=3)),
    ]
    deputies = [
        rules.StandsIn(1, 2, NOON - timedelta(days=30), None, 1),
        rules.StandsIn(2, 3, NOON - timedelta(days=30), None, 1),
    ]
    assert rules.first_gap(1, starts_at=NOON, ends_at=NOON + timedelta(days=5), absences=absences, deputies=deputies) is None


def test_a_gap_is_found_where_the_naming_ends() -> None:
    deputies = [rules.StandsIn(1, 2, NOON - timedelta(days=30), NOON + timedelta(hours=20), 1)]
    absences = [rules.Away(1, NOON, NOON + timedelta(days=5))]
    gap = rules.first_gap(1, starts_at=NOON, ends_at=NOON + timedelta(days=5), absences=absences, deputies=deputies)
    assert gap == NOON + timedelta(hours=20)


def test_free_stretches_are_what_the_rota_leaves_open() -> None:
    hour = timedelta(hours=1)
    gaps = rules.free_stretches(
        [(NOON + 3 * hour, NOON + 5 * hour), (NOON - hour, NOON + hour)], starts_at=NOON, ends_at=NOON + 8 * hour
    )
    assert gaps == [(NOON + hour, NOON + 3 * hour), (NOON + 5 * hour, NOON + 8 * hour)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-12:00, 13:00-18:00", (("09:00", "12:00"), ("13:00", "18:00"))),
        ("9:00–12:00、13:00至24:00", (("09:00", "12:00"), ("13:00", "24:00"))),
        ("", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, expected: rules.Intervals) -> None:
    assert rules.parse_intervals(text) == expected


@pytest.mark.parametrize("text", ["9 to 5", "12:00-09:00", "25:00-26:00", "09:00-12:00, 11:00-13:00", "09:00"])
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.parse_intervals(text)


def test_parents_come_before_children_and_circles_last() -> None:
    rows = [
        {"code": "c", "parent": "b"},
        {"code": "x", "parent": "y"},
        {"code": "a", "parent": ""},
        {"code": "y", "parent": "x"},
        {"code": "b", "parent": "a"},
    ]
    assert [rows[index]["code"] for index in rules.parents_first(rows)] == ["a", "b", "c", "x", "y"]


def test_a_token_is_narrowed_to_the_deeper_of_two_units() -> None:
    assert rules.narrowed_path("/1/", "/1/4/") == "/1/4/"
    assert rules.narrowed_path("/1/4/", "/1/") == "/1/4/"
    assert rules.narrowed_path("/1/4/", "/1/5/") is None

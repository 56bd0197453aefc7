"""The relay as lengths of time: legs, stations, spans."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jieli.insight.rules.relay import WIDTH, Change, Stay, leg_at, legs, span, stations, stays

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ROUTE = ["intake", "dispatch", "visit", "quality", "settlement"]
MINUTES = st.lists(st.integers(-60, 10_000), min_size=1, max_size=12)


def after(minutes):
    return START + timedelta(minutes=minutes)


def changes(minutes):
    return [Change(after(one), place, 1, "taken") for place, one in enumerate(minutes)]


@given(MINUTES)
def test_the_legs_join_without_gap_or_overlap_whatever_times_phones_tell(minutes):
    found = legs(changes(minutes), None)
    assert [leg.owner_id for leg in found] == list(range(len(minutes)))
    assert all(one.until == following.since for one, following in pairwise(found))
    assert all(leg.until is None or leg.until >= leg.since for leg in found)
    assert found[-1].until is None


@given(MINUTES, st.integers(0, 20_000))
def test_somebody_had_it_at_every_instant(minutes, at):
    found = legs(changes(minutes), None)
    held = leg_at(found, after(at))
    assert held is not None
    assert held.since <= after(at) or held is found[0]


def test_the_last_leg_ends_with_the_case():
    found = legs(changes([0, 10]), after(30))
    assert (found[-1].since, found[-1].until) == (after(10), after(30))


def test_of_several_hands_at_one_instant_the_asked_one_is_found():
    found = legs(changes([0, 5, 5]), None)
    assert leg_at(found, after(5), owner_id=1).owner_id == 1
    assert leg_at(found, after(5)).owner_id == 2


def test_a_stage_off_the_route_stands_behind_the_one_from_which_it_was_entered():
    moves = [(after(5), "dispatch"), (after(9), "visit"), (after(20), "quality"), (after(30), "recovery")]
    line = stations(ROUTE, stays("intake", START, moves, None), after(40))
    assert [one.code for one in line] == ["intake", "dispatch", "visit", "quality", "recovery", "settlement"]
    assert [one.state for one in line] == ["done", "done", "done", "done", "now", "later"]
    assert line[4].seconds == 600


def test_a_stage_that_was_left_out_is_passed_by_and_one_entered_twice_counts_both():
    moves = [(after(5), "visit"), (after(9), "intake"), (after(10), "visit")]
    line = stations(ROUTE, stays("intake", START, moves, None), after(15))
    assert {one.code: one.state for one in line}["dispatch"] == "passed"
    assert (line[2].times, line[2].seconds) == (2, 540)
    assert (line[0].times, line[0].seconds) == (2, 360)


def test_a_case_that_was_called_off_stops_where_it_stood():
    line = stations(ROUTE, [Stay("intake", START, after(5)), Stay("dispatch", after(5), after(9))], after(99), last="stopped")
    assert [one.state for one in line] == ["done", "stopped", "later", "later", "later"]


@given(st.integers(-100, 2000), st.integers(0, 2000))
def test_a_span_is_always_within_the_drawing_and_can_be_seen(begins, length):
    found = span(after(begins), after(begins + length), START, after(1000))
    assert 0 <= found.x < found.x + found.width <= WIDTH
    assert found.width >= 1

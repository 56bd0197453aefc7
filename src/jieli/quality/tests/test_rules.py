"""Hours, half-days, the sample, authority and marks as pure rules."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.policies.authority import NOTHING, Limit, highest, is_within, limit_of
from jieli.quality.rules.calling import Hours, half_day_of, half_days_used, hours_of, is_sampled
from jieli.quality.rules.marks import OrderFacts, marks_of

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = hours_of("08:00", "20:00", ZONE)
LIMITS = (Limit("agent", Decimal("100.00")), Limit("supervisor", Decimal("500.00")), Limit("manager", Decimal("5000.00")))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def local(text):
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("2026-11-23T07:59:59", False), ("2026-11-23T08:00:00", True), ("2026-11-23T19:59", True), ("2026-11-23T20:00", False)],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(at, is_open):
    assert HOURS.are_open(local(at)) is is_open


@pytest.mark.parametrize(
    ("due", "last"),
    [
        ("2026-11-23T15:00", "2026-11-23T15:00"),
        ("2026-11-23T22:30", "2026-11-23T20:00"),
        ("2026-11-24T03:00", "2026-11-23T20:00"),
        ("2026-11-24T08:00", "2026-11-23T20:00"),
    ],
)
def test_what_falls_due_at_night_is_due_before_it(due, last):
    assert HOURS.last_before(local(due)) == local(last)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-23T10:00", "2026-11-23T20:00"),
        ("2026-11-23T14:00", "2026-11-24T12:00"),
        ("2026-11-23T19:59", "2026-11-24T12:00"),
    ],
)
def test_the_next_attempt_is_due_in_the_next_half_day(at, due):
    assert HOURS.next_half_day_end(local(at)) == local(due)


@given(INSTANTS)
def test_the_next_half_day_is_another_one_and_lies_ahead(at):
    due = HOURS.next_half_day_end(at)
    within = due - timedelta(minutes=1)
    assert due > at
    assert HOURS.are_open(within)
    assert half_day_of(within, ZONE) != half_day_of(at, ZONE)


@given(INSTANTS)
def test_the_last_call_is_never_later_and_at_most_a_night_earlier(at):
    last = HOURS.last_before(at)
    assert at - timedelta(hours=12) <= last <= at
    assert HOURS.are_open(last - timedelta(seconds=1))


def test_hours_in_the_afternoon_alone_have_one_half_day_each():
    hours = Hours(time(13), time(18), ZONE)
    assert hours.next_half_day_end(local("2026-11-23T14:00")) == local("2026-11-24T18:00")


def test_two_attempts_in_one_half_day_count_once():
    assert half_days_used(["2026-11-23 am", "2026-11-23 am", "2026-11-23 pm"]) == 2


@given(st.integers(1, 10**9), st.integers(1, 9))
def test_everybody_is_in_a_whole_sample_and_nobody_in_none(case_id, number):
    assert is_sampled(case_id, number, Decimal(1))
    assert not is_sampled(case_id, number, Decimal(0))


def test_a_sample_is_the_share_it_says():
    sampled = sum(is_sampled(case_id, 1, Decimal("0.3")) for case_id in range(10_000))
    assert 2_800 < sampled < 3_200


def test_the_widest_authority_of_several_roles_counts():
    assert limit_of({"agent", "supervisor"}, LIMITS).amount == 500
    assert limit_of({"engineer"}, LIMITS) == Limit("", NOTHING)
    assert highest(LIMITS).role == "manager"


@given(st.decimals(0, 200, places=2), st.decimals(0, 200, places=2))
def test_what_was_spent_before_counts(amount, spent):
    assert is_within(amount, spent, LIMITS[0]) is (amount + spent <= 100)


def facts(**values):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    given_ = {"promised_until": at, "arrived_at": at, "fixed_first": True, "information_accepted": False}
    return OrderFacts(**(given_ | values))


@pytest.mark.parametrize(
    ("orders", "on_time", "marked"),
    [
        ([facts()], None, True),
        ([facts()], False, False),
        ([facts(arrived_at=None)], True, None),
        ([facts(), facts(arrived_at=datetime(2026, 11, 24, tzinfo=UTC))], True, False),
        ([], True, None),
    ],
)
def test_the_customers_word_takes_a_mark_away_and_never_gives_it(orders, on_time, marked):
    marks = marks_of(orders, on_time=on_time, solved=None, moved="", is_moved_confirmed=False)
    assert marks.on_call is marked

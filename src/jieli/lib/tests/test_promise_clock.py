"""Due times replayed from segments, and the working time of each owner (statistics.md, line 43)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.business_time import WorkingCalendar
from jieli.lib.holidays import china_exceptions
from jieli.lib.promise_clock import Act, Days, Instant, Mark, Minutes, replay, replay_steps, working_seconds_by_owner

HOURS = {day: [("09:00", "12:00"), ("13:00", "18:00")] for day in range(5)}
OFFICE = WorkingCalendar("Asia/Shanghai", HOURS)
WITH_HOLIDAYS = WorkingCalendar("Asia/Shanghai", HOURS, china_exceptions(2026, 2026, HOURS))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


class TestFourCasesOfTheClock:
    def test_a_pause_before_the_target_is_swapped_keeps_its_credit(self) -> None:
        pauses = [(at("2026-11-23 10:00"), at("2026-11-23 11:00"))]
        assert replay(at("2026-11-23 09:00"), Minutes(120), pauses, OFFICE) == at("2026-11-23 12:00")
        assert replay(at("2026-11-23 09:00"), Minutes(240), pauses, OFFICE) == at("2026-11-23 15:00")

    def test_a_hold_over_a_holiday_moves_by_its_working_time_only(self) -> None:
        pauses = [(at("2026-09-30 17:00"), at("2026-10-08 10:00"))]
        due = replay(at("2026-09-30 16:00"), Minutes(120), pauses, WITH_HOLIDAYS)
        assert due == at("2026-10-08 11:00")

    def test_the_lunch_break_inside_a_pause_is_not_counted_twice(self) -> None:
        pauses = [(at("2026-11-23 11:30"), at("2026-11-23 13:30"))]
        assert replay(at("2026-11-23 11:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 14:00")

    def test_a_pause_in_a_chain_of_two_groups_runs_for_neither(self) -> None:
        marks = [
            Mark(at("2026-11-23 09:00"), Act.START, "first"),
            Mark(at("2026-11-23 10:00"), Act.PAUSE),
            Mark(at("2026-11-23 11:00"), Act.RESUME),
            Mark(at("2026-11-23 11:30"), Act.PASS, "second"),
            Mark(at("2026-11-23 14:00"), Act.PAUSE),
            Mark(at("2026-11-24 09:30"), Act.RESUME),
            Mark(at("2026-11-24 10:00"), Act.END),
        ]
        seconds = working_seconds_by_owner(marks, at("2026-11-25 18:00"), OFFICE)
        assert seconds == {"first": 90 * 60.0, "second": (30 + 60 + 30) * 60.0}


class TestReplay:
    def test_a_pause_moves_a_due_time_in_days_by_its_working_minutes(self) -> None:
        pauses = [(at("2026-11-23 11:00"), at("2026-11-23 14:00"))]
        assert replay(at("2026-11-23 10:00"), Days(1), pauses, OFFICE) == at("2026-11-24 12:00")

    def test_a_pause_moves_a_given_time_by_its_working_minutes(self) -> None:
        pauses = [(at("2026-11-23 11:00"), at("2026-11-23 14:00"))]
        assert replay(at("2026-11-23 10:00"), Instant(at("2026-11-23 17:00")), pauses, OFFICE) == at("2026-11-24 10:00")

    def test_a_given_time_outside_working_hours_stays_without_a_working_pause(self) -> None:
        pauses = [(at("2026-11-21 10:00"), at("2026-11-21 12:00"))]
        assert replay(at("2026-11-20 10:00"), Instant(at("2026-11-21 20:00")), pauses, OFFICE) == at("2026-11-21 20:00")

    def test_a_pause_after_the_due_time_comes_too_late(self) -> None:
        pauses = [(at("2026-11-23 10:00"), at("2026-11-23 11:00"))]
        assert replay(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 10:00")

    def test_a_pause_within_the_time_that_an_earlier_pause_gave_counts(self) -> None:
        pauses = [(at("2026-11-23 10:30"), at("2026-11-23 11:00")), (at("2026-11-23 09:30"), at("2026-11-23 10:00"))]
        assert replay(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 10:30")
        assert replay(at("2026-11-23 09:00"), Minutes(61), pauses, OFFICE) == at("2026-11-23 11:01")

    def test_overlapping_pauses_count_once(self) -> None:
        pauses = [(at("2026-11-23 09:30"), at("2026-11-23 10:30")), (at("2026-11-23 10:00"), at("2026-11-23 11:00"))]
        assert replay(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 11:30")

    def test_a_pause_before_the_start_counts_from_the_start(self) -> None:
        pauses = [(at("2026-11-20 09:00"), at("2026-11-23 09:30"))]
        assert replay(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 10:30")

    def test_a_backward_pause_is_none(self) -> None:
        pauses = [(at("2026-11-23 09:30"), at("2026-11-23 09:10"))]
        assert replay(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE) == at("2026-11-23 10:00")

    def test_the_story_has_a_line_for_each_pause(self) -> None:
        pauses = [(at("2026-11-23 09:30"), at("2026-11-23 10:00"))]
        story = replay_steps(at("2026-11-23 09:00"), Minutes(60), pauses, OFFICE)
        assert [(step.minutes, step.due) for step in story] == [(0, at("2026-11-23 10:00")), (30, at("2026-11-23 10:30"))]


class TestOwners:
    def test_a_clock_that_still_runs_counts_to_the_asked_instant(self) -> None:
        marks = [Mark(at("2026-11-23 09:00"), Act.START, "ann")]
        assert working_seconds_by_owner(marks, at("2026-11-23 14:00"), OFFICE) == {"ann": 4 * 3600.0}

    def test_a_pass_during_a_pause_moves_the_paused_clock(self) -> None:
        marks = [
            Mark(at("2026-11-23 09:00"), Act.START, "ann"),
            Mark(at("2026-11-23 10:00"), Act.PAUSE),
            Mark(at("2026-11-23 11:00"), Act.PASS, "bob"),
            Mark(at("2026-11-23 11:30"), Act.RESUME),
        ]
        assert working_seconds_by_owner(marks, at("2026-11-23 12:00"), OFFICE) == {"ann": 3600.0, "bob": 1800.0}

    def test_a_new_target_leaves_what_has_run(self) -> None:
        marks = [Mark(at("2026-11-23 09:00"), Act.START, "ann"), Mark(at("2026-11-23 10:00"), Act.RETARGET)]
        assert working_seconds_by_owner(marks, at("2026-11-23 11:00"), OFFICE) == {"ann": 2 * 3600.0}

    def test_each_owner_runs_by_the_own_calendar(self) -> None:
        always = WorkingCalendar("Asia/Shanghai", {}, always=True)
        marks = [Mark(at("2026-11-23 11:00"), Act.START, "office"), Mark(at("2026-11-23 14:00"), Act.PASS, "desk")]
        seconds = working_seconds_by_owner(marks, at("2026-11-23 20:00"), lambda owner: OFFICE if owner == "office" else always)
        assert seconds == {"office": 2 * 3600.0, "desk": 6 * 3600.0}


_starts = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 1), timezones=st.just(UTC))
_pauses = st.lists(
    st.builds(lambda begin, length: (begin, begin + length), _starts, st.timedeltas(timedelta(0), timedelta(days=4))),
    max_size=5,
)
_targets = st.one_of(st.builds(Minutes, st.integers(1, 5000)), st.builds(Days, st.integers(0, 12)), st.builds(Instant, _starts))


@given(_starts, _targets, _pauses)
def test_a_pause_never_makes_a_promise_earlier_and_order_does_not_matter(
    start: datetime, target: Minutes | Days | Instant, pauses: list[tuple[datetime, datetime]]
) -> None:
    due = replay(start, target, pauses, WITH_HOLIDAYS)
    assert due >= replay(start, target, [], WITH_HOLIDAYS)
    assert due == replay(start, target, [*reversed(pauses), *pauses], WITH_HOLIDAYS)


@given(_starts, st.integers(1, 5000), _pauses)
def test_exactly_the_target_runs_between_start_and_due(
    start: datetime, minutes: int, pauses: list[tuple[datetime, datetime]]
) -> None:
    due = replay(start, Minutes(minutes), pauses, WITH_HOLIDAYS)
    marks = [Mark(start, Act.START, "owner")]
    steps = replay_steps(start, Minutes(minutes), pauses, WITH_HOLIDAYS)
    for step in steps[1:]:
        assert step.until is not None
        marks += [Mark(step.at, Act.PAUSE), Mark(step.until, Act.RESUME)]
    assert abs(working_seconds_by_owner(marks, due, WITH_HOLIDAYS)["owner"] - minutes * 60) < 1e-4


def test_dates_of_the_holiday_are_what_the_case_needs() -> None:
    assert all(WITH_HOLIDAYS.exceptions[date(2026, 10, day)] == () for day in range(1, 8))

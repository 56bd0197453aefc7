"""Working time: the worked examples of the spec, then what must hold for every calendar in every zone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jieli.lib.business_time import NeverOpen, OutOfCalendar, WorkingCalendar
from jieli.lib.holidays import china_exceptions, known_years

OFFICE = {day: [("09:00", "12:00"), ("13:00", "18:00")] for day in range(5)}
CHINA = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.fixture(scope="module")
def office() -> WorkingCalendar:
    return WorkingCalendar("Asia/Shanghai", OFFICE)


@pytest.fixture(scope="module")
def office_with_holidays() -> WorkingCalendar:
    return WorkingCalendar("Asia/Shanghai", OFFICE, china_exceptions(2004, 2026, OFFICE))


class TestMinutes:
    @pytest.mark.parametrize(
        ("start", "minutes", "due"),
        [
            ("2026-11-20 16:30", 240, "2026-11-23 11:30"),
            ("2026-11-20 11:45", 30, "2026-11-20 13:15"),
            ("2026-11-23 13:00", 480, "2026-11-24 12:00"),
            ("2026-11-20 11:00", 60, "2026-11-20 12:00"),
            ("2026-11-20 12:00", 1, "2026-11-20 13:01"),
            ("2026-11-20 12:30", 60, "2026-11-20 14:00"),
            ("2026-11-21 10:00", 60, "2026-11-23 10:00"),
            ("2026-11-20 17:00", 60, "2026-11-20 18:00"),
            ("2026-11-20 17:00", 61, "2026-11-23 09:01"),
        ],
    )
    def test_the_worked_examples(self, office: WorkingCalendar, start: str, minutes: int, due: str) -> None:
        assert office.add_minutes(at(start), minutes) == at(due)

    def test_the_national_holiday_does_not_count(self, office_with_holidays: WorkingCalendar) -> None:
        assert office_with_holidays.add_minutes(at("2026-09-30 17:00"), 120) == at("2026-10-08 10:00")

    def test_a_make_up_saturday_counts(self, office_with_holidays: WorkingCalendar) -> None:
        assert office_with_holidays.add_minutes(at("2026-10-09 17:00"), 120) == at("2026-10-10 10:00")

    def test_a_sunday_worked_before_the_national_holiday_counts(self, office_with_holidays: WorkingCalendar) -> None:
        assert office_with_holidays.add_minutes(at("2026-09-18 18:00"), 60) == at("2026-09-20 10:00")

    def test_half_minutes_are_exact(self, office: WorkingCalendar) -> None:
        assert office.add_minutes(at("2026-11-20 17:59:45"), 0.5) == at("2026-11-23 09:00:15")

    def test_nothing_added_is_nothing_moved(self, office: WorkingCalendar) -> None:
        assert office.add_minutes(at("2026-11-21 12:30"), 0) == at("2026-11-21 12:30")

    def test_minutes_between(self, office: WorkingCalendar) -> None:
        assert office.minutes_between(at("2026-11-20 11:30"), at("2026-11-23 09:30")) == 30 + 300 + 30
        assert office.minutes_between(at("2026-11-23 09:30"), at("2026-11-20 11:30")) == -360

    def test_negative_minutes_are_refused(self, office: WorkingCalendar) -> None:
        with pytest.raises(ValueError, match="negative"):
            office.add_minutes(at("2026-11-20 12:00"), -1)

    def test_a_naive_instant_is_refused(self, office: WorkingCalendar) -> None:
        with pytest.raises(ValueError, match="time zone"):
            office.add_minutes(datetime(2026, 11, 20), 1)

    def test_a_unit_closure_counts_as_closed(self) -> None:
        calendar = WorkingCalendar("Asia/Shanghai", OFFICE, {date(2026, 11, 23): [("13:00", "15:00")]})
        assert calendar.add_minutes(at("2026-11-20 17:30"), 60) == at("2026-11-23 13:30")
        assert calendar.add_minutes(at("2026-11-20 17:30"), 240) == at("2026-11-24 10:30")

    def test_round_the_clock_is_clock_time(self) -> None:
        calendar = WorkingCalendar("Asia/Shanghai", {}, always=True)
        assert calendar.add_minutes(at("2026-11-21 23:30"), 60 * 24 * 400) == at("2026-11-21 23:30") + timedelta(days=400)


class TestDays:
    """The city's rule of the data notes: hours 08:30-17:00, N working days at the same clock time."""

    CITY = {day: [("08:30", "17:00")] for day in range(5)}

    @pytest.mark.parametrize(
        ("start", "days", "due"),
        [
            ("2026-11-20 08:30", 1, "2026-11-23 08:30"),
            ("2026-11-20 10:15", 3, "2026-11-25 10:15"),
            ("2026-11-20 18:00", 1, "2026-11-24 08:30"),
            ("2026-11-21 10:00", 2, "2026-11-25 08:30"),
            ("2026-11-20 17:00", 1, "2026-11-23 17:00"),
            ("2026-11-20 07:00", 0, "2026-11-20 08:30"),
        ],
    )
    def test_the_same_clock_time_some_working_days_later(self, start: str, days: int, due: str) -> None:
        assert WorkingCalendar("Asia/Shanghai", self.CITY).add_days(at(start), days) == at(due)

    def test_n_days_are_not_n_times_the_hours(self) -> None:
        city = WorkingCalendar("Asia/Shanghai", self.CITY)
        assert city.add_days(at("2026-11-23 08:30"), 1) == at("2026-11-24 08:30")
        assert city.add_minutes(at("2026-11-23 08:30"), 510) == at("2026-11-23 17:00")

    @pytest.mark.parametrize(
        ("start", "due"),
        [
            ("2026-11-23 09:15", "2026-11-24 10:00"),  # before that day's opening: the opening
            ("2026-11-23 17:30", "2026-11-24 16:00"),  # after its closing: the closing
            ("2026-11-23 13:45", "2026-11-24 14:00"),  # in its break: the break's end
            ("2026-11-23 12:30", "2026-11-24 12:30"),  # an interval's end is open enough to start at
            ("2026-11-23 12:45", "2026-11-24 14:00"),  # in Monday's break: starts at 13:30, and that is in Tuesday's
        ],
    )
    def test_hours_of_the_due_day_decide(self, start: str, due: str) -> None:
        hours = {0: [("09:00", "12:30"), ("13:30", "18:00")], 1: [("10:00", "13:00"), ("14:00", "16:00")]}
        assert WorkingCalendar("Asia/Shanghai", hours).add_days(at(start), 1) == at(due)

    def test_holidays_are_skipped_and_make_up_days_count(self, office_with_holidays: WorkingCalendar) -> None:
        assert office_with_holidays.add_days(at("2026-09-30 10:00"), 1) == at("2026-10-08 10:00")
        assert office_with_holidays.add_days(at("2026-09-30 10:00"), 3) == at("2026-10-10 10:00")

    def test_the_end_of_an_interval_stays(self, office: WorkingCalendar) -> None:
        assert office.add_days(at("2026-11-20 12:00"), 1) == at("2026-11-23 12:00")
        assert office.add_days(at("2026-11-20 18:00"), 1) == at("2026-11-23 18:00")
        assert office.add_days(at("2026-11-20 18:00:00.5"), 1) == at("2026-11-24 09:00")

    def test_midnight_at_the_end_of_a_day_stays_with_that_day(self) -> None:
        evenings = WorkingCalendar("Asia/Shanghai", {0: [("18:00", "24:00")], 2: [("18:00", "24:00")]})
        assert evenings.add_days(at("2026-11-24 00:00"), 1) == at("2026-11-26 00:00")

    def test_the_clock_time_skipped_in_spring_becomes_the_end_of_the_gap(self) -> None:
        calendar = WorkingCalendar("America/New_York", {}, always=True)
        assert calendar.add_days(at("2026-03-07 02:30", "America/New_York"), 1) == at("2026-03-08 03:00", "America/New_York")

    def test_the_clock_time_of_both_sides_of_a_change_is_the_same(self) -> None:
        calendar = WorkingCalendar("Europe/Berlin", OFFICE)
        assert calendar.add_days(at("2026-03-27 10:00", "Europe/Berlin"), 1) == at("2026-03-30 10:00", "Europe/Berlin")

    def test_the_clock_time_repeated_in_autumn_is_the_first_of_the_two(self) -> None:
        calendar = WorkingCalendar("America/New_York", {}, always=True)
        due = calendar.add_days(at("2026-10-31 01:30", "America/New_York"), 1)
        assert due == at("2026-11-01 01:30", "America/New_York", fold=0)

    def test_a_date_which_a_zone_never_had_is_no_working_day(self) -> None:
        calendar = WorkingCalendar("Pacific/Apia", {day: [("09:00", "17:00")] for day in range(7)})
        assert calendar.add_days(at("2011-12-29 10:00", "Pacific/Apia"), 1) == at("2011-12-31 10:00", "Pacific/Apia")


class TestChangesOfTheClock:
    NIGHTS = {day: [("22:00", "06:00")] for day in range(7)}

    def test_a_night_over_midnight_is_two_intervals(self) -> None:
        one = WorkingCalendar("Asia/Shanghai", self.NIGHTS)
        two = WorkingCalendar("Asia/Shanghai", {day: [("00:00", "06:00"), ("22:00", "24:00")] for day in range(7)})
        start = at("2026-11-20 23:00")
        assert one.add_minutes(start, 600) == two.add_minutes(start, 600) == at("2026-11-21 23:00") + timedelta(hours=2)

    def test_the_spring_night_is_an_hour_shorter(self) -> None:
        nights = WorkingCalendar("America/New_York", self.NIGHTS)
        span = at("2026-03-07 20:00", "America/New_York"), at("2026-03-08 12:00", "America/New_York")
        assert nights.minutes_between(*span) == 7 * 60

    def test_the_autumn_night_is_an_hour_longer(self) -> None:
        nights = WorkingCalendar("America/New_York", self.NIGHTS)
        span = at("2026-10-31 20:00", "America/New_York"), at("2026-11-01 12:00", "America/New_York")
        assert nights.minutes_between(*span) == 9 * 60

    def test_a_day_of_twenty_three_and_one_of_twenty_five_hours(self) -> None:
        always = WorkingCalendar("Europe/London", {}, always=True)
        days = [
            always.minutes_between(at(day, "Europe/London"), at(after, "Europe/London"))
            for day, after in [("2026-03-29", "2026-03-30"), ("2026-10-25", "2026-10-26")]
        ]
        assert days == [23 * 60, 25 * 60]

    def test_an_interval_inside_the_gap_has_no_time(self) -> None:
        calendar = WorkingCalendar("America/New_York", {6: [("02:15", "02:45")]})
        assert calendar.add_minutes(at("2026-03-07 12:00", "America/New_York"), 30) == at(
            "2026-03-15 02:45", "America/New_York"
        )

    def test_an_interval_inside_the_repeated_hour_comes_twice(self) -> None:
        calendar = WorkingCalendar("America/New_York", {6: [("01:15", "01:45")]})
        due = calendar.add_minutes(at("2026-10-31 12:00", "America/New_York"), 45)
        assert due == at("2026-11-01 01:30", "America/New_York", fold=1)

    def test_a_zone_with_half_hour_summer_time(self) -> None:
        calendar = WorkingCalendar("Australia/Lord_Howe", {}, always=True)
        span = at("2026-10-04", "Australia/Lord_Howe"), at("2026-10-05", "Australia/Lord_Howe")
        assert calendar.minutes_between(*span) == 23.5 * 60


class TestRefusals:
    def test_a_calendar_without_hours_refuses_by_name(self) -> None:
        closed = WorkingCalendar("Asia/Shanghai", {})
        for ask in (
            lambda: closed.add_minutes(at("2026-11-20 12:00"), 1),
            lambda: closed.add_days(at("2026-11-20 12:00"), 1),
            lambda: closed.next_opening(at("2026-11-20 12:00")),
            lambda: closed.add_seconds_bulk([0], 1),
            lambda: closed.add_days_bulk([0], 1),
        ):
            with pytest.raises(NeverOpen):
                ask()

    def test_a_calendar_whose_last_hours_are_over_refuses_by_name(self) -> None:
        once = WorkingCalendar("Asia/Shanghai", {}, {date(2027, 1, 4): [("09:00", "10:00")]})
        assert once.add_minutes(at("2026-11-20 12:00"), 60) == at("2027-01-04 10:00")
        with pytest.raises(NeverOpen):
            once.add_minutes(at("2026-11-20 12:00"), 61)

    def test_closed_time_of_a_closed_calendar_is_none(self) -> None:
        closed = WorkingCalendar("Asia/Shanghai", {})
        assert closed.minutes_between(at("2026-11-20"), at("2026-11-30")) == 0
        assert not closed.is_open(at("2026-11-20"))

    def test_a_due_time_beyond_all_calendars_is_refused(self, office: WorkingCalendar) -> None:
        with pytest.raises(OutOfCalendar):
            office.add_minutes(at("2026-11-20 12:00"), 1e9)
        with pytest.raises(OutOfCalendar):
            office.add_days(at("2026-11-20 12:00"), 1_000_000)

    @pytest.mark.parametrize("year", ["0001-01-03", "1899-12-31", "2300-01-01", "9999-12-30"])
    def test_an_instant_outside_all_calendars_is_refused(self, office: WorkingCalendar, year: str) -> None:
        with pytest.raises(OutOfCalendar):
            office.is_open(datetime.fromisoformat(f"{year}T12:00:00+00:00"))

    @pytest.mark.parametrize(
        "interval", [("9", "12:00"), ("09:00", "24:01"), ("09:00", "09:00"), ("24:00", "01:00"), ("09:60", "10:00")]
    )
    def test_a_malformed_interval_is_refused(self, interval: tuple[str, str]) -> None:
        with pytest.raises(ValueError, match=r"time of day|empty"):
            WorkingCalendar("Asia/Shanghai", {0: [interval]})

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
    def test_an_unknown_zone_is_refused(self, zone: str) -> None:
        with pytest.raises(ValueError, match="zone"):
            WorkingCalendar(zone, OFFICE)

    def test_an_unknown_weekday_is_refused(self) -> None:
        with pytest.raises(ValueError, match="weekday"):
            WorkingCalendar("Asia/Shanghai", {7: [("09:00", "10:00")]})


class TestOpening:
    def test_the_first_instant_is_open_the_last_is_not(self, office: WorkingCalendar) -> None:
        opened = [
            office.is_open(at(f"2026-11-20 {clock}")) for clock in ("08:59:59", "09:00", "11:59:59.999999", "12:00", "13:00")
        ]
        assert opened == [False, True, True, False, True]

    def test_the_next_opening(self, office: WorkingCalendar) -> None:
        assert office.next_opening(at("2026-11-20 10:00")) == at("2026-11-20 10:00")
        assert office.next_opening(at("2026-11-20 12:00")) == at("2026-11-20 13:00")
        assert office.next_opening(at("2026-11-20 18:00")) == at("2026-11-23 09:00")


def test_china_has_the_published_numbers_of_working_days() -> None:
    exceptions = china_exceptions(2019, 2026, OFFICE)
    days = [date(2019, 1, 1) + timedelta(days=number) for number in range(366 * 8 - 6)]
    worked = dict.fromkeys(range(2019, 2027), 0)
    for day in days:
        worked[day.year] += bool(exceptions.get(day, OFFICE.get(day.weekday())))
    assert list(worked.values()) == [250, 249, 250, 249, 249, 251, 248, 248]
    made_up = [on for on, hours in exceptions.items() if hours]
    assert [sum(on.year == year for on in made_up) for year in worked] == [6, 6, 7, 7, 7, 8, 5, 6]
    assert [f"{on:%m-%d}" for on in made_up if on.year == 2026] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_years_not_yet_announced_are_known_as_such() -> None:
    assert 2026 in known_years()
    assert china_exceptions(2090, 2091, OFFICE) == {}


def test_the_table_grows_under_many_threads() -> None:
    calendar = WorkingCalendar("Europe/Berlin", OFFICE)
    alone = WorkingCalendar("Europe/Berlin", OFFICE)
    starts = [datetime(1960 + 7 * number % 120, 5, 6, 9, 30, tzinfo=UTC) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda start: calendar.add_minutes(start, 10_000), starts))
    assert together == [alone.add_minutes(start, 10_000) for start in starts]


ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "UTC",
]
_clock = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
_interval = st.tuples(_clock, st.one_of(_clock, st.just("24:00"))).filter(lambda pair: pair[0] != pair[1])
_hours = st.lists(_interval, max_size=3)
_exceptions = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), _hours, max_size=6)
_calendars = st.builds(
    WorkingCalendar,
    st.sampled_from(ZONES),
    st.dictionaries(st.integers(0, 6), st.lists(_interval, min_size=1, max_size=3), min_size=1, max_size=7),
    _exceptions,
)
_instants = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.builds(
        lambda base, minutes: base + timedelta(minutes=minutes),
        st.sampled_from(
            [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
        ),
        st.integers(-3000, 3000),
    ),
)
_minutes = st.integers(1, 100_000)


def open_by_the_wall_clock(calendar: WorkingCalendar, instant: datetime) -> bool:
    """Say by definition, without any table, whether an instant is working time."""
    local = instant.astimezone(ZoneInfo(calendar.zone))
    clock = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6

    def seconds(text: str) -> int:
        return int(text[:2]) * 3600 + int(text[3:]) * 60

    def tail_of(day: date) -> list[tuple[int, int]]:
        hours = calendar.exceptions.get(day, ())
        return [(0, seconds(end)) for start, end in hours if seconds(end) <= seconds(start)]

    def own(hours: tuple[tuple[str, str], ...]) -> list[tuple[int, int]]:
        return [(seconds(start), seconds(end) if seconds(end) > seconds(start) else 86_400) for start, end in hours]

    today, yesterday = local.date(), local.date() - timedelta(days=1)
    if today in calendar.exceptions:
        spans = own(calendar.exceptions[today])
    else:
        before = calendar.weekly.get(yesterday.weekday(), ())
        spans = own(calendar.weekly.get(today.weekday(), ()))
        spans += [(0, seconds(end)) for start, end in before if seconds(end) <= seconds(start)]
    spans += tail_of(yesterday)
    return any(start <= clock < end for start, end in spans)


@given(_calendars, _instants)
def test_an_instant_is_open_exactly_when_the_wall_clock_says_so(calendar: WorkingCalendar, instant: datetime) -> None:
    assert calendar.is_open(instant) == open_by_the_wall_clock(calendar, instant)


@settings(max_examples=40)
@given(_calendars, _instants, st.integers(1, 3000))
def test_working_minutes_are_the_open_minutes_counted_one_by_one(
    calendar: WorkingCalendar, instant: datetime, length: int
) -> None:
    begin = instant.replace(second=0, microsecond=0)
    counted = sum(open_by_the_wall_clock(calendar, begin + timedelta(minutes=minute)) for minute in range(length))
    assert calendar.minutes_between(begin, begin + timedelta(minutes=length)) == counted


@given(_calendars, _instants, _minutes)
def test_between_undoes_add(calendar: WorkingCalendar, start: datetime, minutes: int) -> None:
    due = calendar.add_minutes(start, minutes)
    assert calendar.minutes_between(start, due) == minutes
    assert not calendar.is_open(due) or calendar.is_open(due - timedelta(microseconds=1))


@given(_calendars, _instants, _minutes, _minutes)
def test_adding_twice_is_adding_the_sum(calendar: WorkingCalendar, start: datetime, one: int, two: int) -> None:
    assert calendar.add_minutes(calendar.add_minutes(start, one), two) == calendar.add_minutes(start, one + two)


@given(_calendars, _instants, st.timedeltas(timedelta(0), timedelta(days=9)), _minutes, st.integers(0, 100))
def test_who_starts_later_is_not_due_earlier(
    calendar: WorkingCalendar, start: datetime, later: timedelta, minutes: int, more: int
) -> None:
    due = calendar.add_minutes(start, minutes)
    assert start < due
    assert due <= calendar.add_minutes(start + later, minutes)
    assert due <= calendar.add_minutes(start, minutes + more)


@given(_calendars, _instants, st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(0, 40))
def test_who_starts_later_is_not_due_earlier_in_days(
    calendar: WorkingCalendar, start: datetime, later: timedelta, days: int
) -> None:
    zone = ZoneInfo(calendar.zone)
    dues = [calendar.add_days(instant, days) for instant in (start, start + later)]
    # Where the clock goes back, the later of two instants may read the earlier time.
    assume(start.astimezone(zone).replace(tzinfo=None) <= (start + later).astimezone(zone).replace(tzinfo=None))
    assume(
        all(
            instant.astimezone(zone).utcoffset() == instant.astimezone(zone).replace(fold=1).utcoffset()
            for instant in (start, start + later)
        )
    )
    assert dues[0] <= dues[1]
    assert calendar.add_days(start, days) < calendar.add_days(start, days + 1)


@given(_calendars, _instants, st.integers(0, 40))
def test_a_due_time_in_days_is_at_an_open_instant_or_the_end_of_one(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    due = calendar.add_days(start, days)
    assert calendar.is_open(due) or calendar.is_open(due - timedelta(microseconds=1))


@given(_calendars, st.lists(_instants, min_size=1, max_size=20), st.integers(0, 1_000_000), st.integers(0, 60))
def test_bulk_and_single_agree(calendar: WorkingCalendar, instants: list[datetime], seconds: int, days: int) -> None:
    starts = [int(instant.timestamp()) for instant in instants]
    whole = [datetime.fromtimestamp(start, UTC) for start in starts]
    assert calendar.add_seconds_bulk(starts, seconds) == [
        calendar.add_minutes(start, seconds / 60).timestamp() for start in whole
    ]
    assert calendar.add_days_bulk(starts, days) == [calendar.add_days(start, days).timestamp() for start in whole]


def test_bulk_of_nothing_is_nothing(office: WorkingCalendar) -> None:
    assert office.add_seconds_bulk([], 60) == office.add_days_bulk([], 1) == []

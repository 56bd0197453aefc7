"""Times of foreign files."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.dates import ISO, DateReader, read_date


@pytest.mark.parametrize(
    ("format_", "zone", "text", "instant"),
    [
        ("%d/%m/%Y %H:%M", "UTC", "29/2/2016 01:16", "2016-02-29T01:16:00Z"),
        ("%d/%m/%Y %H:%M", "Asia/Shanghai", "5/3/2016 12:00", "2016-03-05T04:00:00Z"),
        ("%Y/%m/%d %H:%M:%S.%f", "Europe/Rome", "2012/10/09 14:50:17.000", "2012-10-09T12:50:17Z"),
        ("%Y/%m/%d %H:%M:%S.%f", "Europe/Rome", "2012/10/09 14:50:17", "2012-10-09T12:50:17Z"),
        ("%Y-%m-%d %H:%M:%S.%f", "UTC", "2012-10-09 14:50:17.123456789", "2012-10-09T14:50:17.123456Z"),
        ("%m/%d/%Y %I:%M:%S %p", "America/New_York", "01/05/2015 12:40:41 PM", "2015-01-05T17:40:41Z"),
        ("%m/%d/%Y %I:%M:%S %p", "America/New_York", "07/05/2015 12:40:41 am", "2015-07-05T04:40:41Z"),
        ("%Y年%m月%d日 %p%I:%M", "Asia/Shanghai", "2026年11月20日 下午3:05", "2026-11-20T07:05:00Z"),
        (ISO, "UTC", "2006-01-11 15:49:42+00:00", "2006-01-11T15:49:42Z"),
        (ISO, "UTC", "2026-11-20T18:00:00+08:00", "2026-11-20T10:00:00Z"),
        (ISO, "Asia/Shanghai", "2026-11-20T18:00:00.5", "2026-11-20T10:00:00.5Z"),
        (ISO, "Asia/Shanghai", "20261120T100000Z", "2026-11-20T10:00:00Z"),
        (ISO, "Asia/Shanghai", "2026-11-20", "2026-11-19T16:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "UTC", "2026-11-20T18:00:00+0530", "2026-11-20T12:30:00Z"),
        ("%d-%b-%y", "UTC", "3-Sep-69", "1969-09-03T00:00:00Z"),
        ("%B %d %Y", "UTC", "September 3  2068", "2068-09-03T00:00:00Z"),
        ("%d.%m.%Y", "Europe/Berlin", "01.01.1950", "1949-12-31T23:00:00Z"),
        ("%d.%m.%Y %R", "Europe/Berlin", "29.03.2026 01:59", "2026-03-29T00:59:00Z"),
        ("%d.%m.%Y %R", "Europe/Berlin", "29.03.2026 02:30", "2026-03-29T01:30:00Z"),
        ("%d.%m.%Y %R", "Europe/Berlin", "25.10.2026 02:30", "2026-10-25T00:30:00Z"),
        ("%d.%m.%Y %R", "Europe/Berlin", "  25.10.2026 03:30 ", "2026-10-25T02:30:00Z"),
    ],
)
def test_times_are_read(format_: str, zone: str, text: str, instant: str) -> None:
    result = DateReader([format_], zone).read(text)
    assert result == datetime.fromisoformat(instant)
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("format_", "text", "reason"),
    [
        ("%d/%m/%Y", "", "blank"),
        ("%d/%m/%Y", "   ", "blank"),
        ("%d/%m/%Y", "31/02/2016", "day is out of range"),
        ("%d/%m/%Y", "02/31/2016", "month must be"),
        ("%d/%m/%Y", "?", "none of the formats %d/%m/%Y"),
        ("%d/%m/%Y", "01/02/2016 trailing", "none of the formats"),
        ("%d/%m/%Y", "٠١/٠٢/٢٠١٦", "none of the formats"),
        ("%d/%m/%Y %H:%M", "01/02/2016 25:00", "no time 25:00:00"),
        ("%d/%m/%Y %I:%M %p", "01/02/2016 13:00 PM", "no hour 13"),
        ("%d %b %Y", "1 Foo 2016", "no month"),
        ("%Y-%m-%d %z", "2016-01-01 +2500", "no offset"),
        (ISO, "0001-01-01T00:00:00+08:00", "outside the years"),
        (ISO, "2016-13-01", "none of the formats"),
        ("%d/%m/%Y", "1/1/0000", "year 0"),
    ],
)
def test_what_cannot_be_read_says_why(format_: str, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DateReader([format_], "Asia/Shanghai").read(text)


def test_the_first_format_that_fits_is_taken() -> None:
    reader = DateReader(["%d/%m/%Y", "%m/%d/%Y %H:%M", ISO])
    assert [reader.read(text).isoformat()[:10] for text in ("01/02/2016", "01/02/2016 10:00", "2016-03-04")] == [
        "2016-02-01",
        "2016-01-02",
        "2016-03-04",
    ]


@pytest.mark.parametrize(
    "format_", ["%H:%M", "%Y-%m", "%Y-%m-%d %Q", "%Y-%m-%d %I:%M", "%Y-%m-%d %Y", "%Y-%m-%d %", "%Y %y %m %d"]
)
def test_a_format_that_names_no_instant_is_refused(format_: str) -> None:
    with pytest.raises(ValueError, match="format"):
        DateReader([format_])


def test_no_format_and_no_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a format"):
        DateReader([])
    with pytest.raises(ValueError, match="zone"):
        DateReader([ISO], "Mars/Olympus")


@given(
    st.datetimes(datetime(1902, 1, 1), datetime(2100, 1, 1)).map(lambda value: value.replace(microsecond=0)),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "UTC"]),
)
def test_remembered_days_are_what_the_zone_says(value: datetime, zone: str) -> None:
    expected = value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert DateReader(["%Y-%m-%d %H:%M:%S"], zone).read(f"{value:%Y-%m-%d %H:%M:%S}".zfill(19)) == expected
    assert DateReader([ISO], zone).read(value.isoformat()) == expected


def test_a_date_has_no_zone() -> None:
    assert read_date("2026-11-20") == date(2026, 11, 20)
    assert read_date("20.11.2026", ("%d.%m.%Y",)) == date(2026, 11, 20)


def test_many_dates_do_not_fill_the_memory() -> None:
    reader = DateReader(["%Y-%m-%d"])
    for year in range(1900, 2000):
        for day in range(1, 366):
            reader.read(date.fromordinal(date(year, 1, 1).toordinal() + day).isoformat())
    assert len(reader._days) <= 20_000

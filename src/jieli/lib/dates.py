"""Times in foreign files: written in many ways, read into instants (interfaces, Foreign histories).

A reader is made once for a column: its formats, tried in order, and the zone of times that do not carry an offset.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ISO = "iso"
"""The format of ISO 8601: ``2026-11-20``, ``2026-11-20 18:00:00.5``, ``2026-11-20T18:00:00+08:00``, ``20261120T100000Z``."""

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_PIECES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "f": r"(?P<f>[0-9]{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?|上午|下午)",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "B": r"(?P<b>[A-Za-z]{3,9})\.?",
    "z": r"(?P<z>[Zz]|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})",
    "%": "%",
}
_SHORTCUTS = {"%T": "%H:%M:%S", "%D": "%m/%d/%y", "%F": "%Y-%m-%d", "%R": "%H:%M"}
_CACHED_DAYS = 20_000
_SHOWN = 60


class DateReader:
    """Reads the times of one column into instants in UTC.

    `formats` are written as for ``strptime`` (%Y %y %m %d %H %I %M %S %f %p %b %z, and %T %D %F %R), or `ISO`; digits need
    no padding, %f takes one to nine. `zone` holds for times without an offset: a time that the clock repeats in autumn is
    the first of the two, one that it skips in spring counts from before the gap. Raises ValueError for an unknown zone, no
    format, an unknown directive, or a format that does not name a whole date.
    """

    def __init__(self, formats: Sequence[str], zone: str = "UTC") -> None:
        if not formats:
            raise ValueError("a column of times needs a format")
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {zone!r}") from error
        self.formats = tuple(formats)
        self.zone = zone
        self._patterns = [(name, _compiled(name)) for name in self.formats if name != ISO]
        self._has_iso = ISO in self.formats
        self._iso_first = self.formats[0] == ISO
        self._days: dict[tuple[int, int, int], datetime | None] = {}

    def read(self, text: str) -> datetime:
        """Return the instant, in UTC. Raises ValueError with the reason: blank, no format fits, or no such date or time."""
        text = text.strip()
        if not text:
            raise ValueError("the time is blank")
        if self._iso_first and (found := self._iso(text)) is not None:
            return found
        for _, pattern in self._patterns:
            match = pattern(text)
            if match is not None:
                return self._from(match, text)
        if self._has_iso and (found := self._iso(text)) is not None:
            return found
        raise ValueError(f"{text[:_SHOWN]!r} has none of the formats {', '.join(self.formats)}")

    def _iso(self, text: str) -> datetime | None:
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
        if value.tzinfo is None:
            second = (value.hour * 60 + value.minute) * 60 + value.second
            return self._at((value.year, value.month, value.day), second, value.microsecond, text)
        return _in_utc(value, text)

    def _from(self, match: "re.Match[str]", text: str) -> datetime:
        part = match.groupdict()
        year = int(part["Y"]) if "Y" in part else _four_digits(int(part["y"]))
        month = int(part["m"]) if "m" in part else _month(part["b"], text)
        hour = int(part.get("H") or 0)
        if "I" in part:
            hour = int(part["I"])
            if not 1 <= hour <= 12:
                raise ValueError(f"{text[:_SHOWN]!r}: a clock with AM and PM has no hour {hour}")
            hour = hour % 12 + (12 if part["p"][0] in "Pp下" else 0)
        minute, second = int(part.get("M") or 0), int(part.get("S") or 0)
        if hour > 23 or minute > 59 or second > 59:
            raise ValueError(f"{text[:_SHOWN]!r}: there is no time {hour:02}:{minute:02}:{second:02}")
        micro = int((part.get("f") or "0")[:6].ljust(6, "0"))
        offset = part.get("z")
        if offset is None:
            return self._at((year, month, int(part["d"])), (hour * 60 + minute) * 60 + second, micro, text)
        try:
            value = datetime(year, month, int(part["d"]), hour, minute, second, micro, _offset(offset))
        except ValueError as error:
            raise ValueError(f"{text[:_SHOWN]!r}: {error}") from error
        return _in_utc(value, text)

    def _at(self, key: tuple[int, int, int], second: int, micro: int, text: str) -> datetime:
        """Return the instant of a clock time in the reader's zone; most days have one offset, which is remembered."""
        try:
            midnight = self._days[key]
        except KeyError:
            midnight = self._learn(key, text)
        if midnight is not None:
            return midnight + timedelta(0, second, micro)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        return _in_utc(datetime(*key, hour, minute, second, micro, tzinfo=self._zone), text)

    def _learn(self, key: tuple[int, int, int], text: str) -> datetime | None:
        """Remember the midnight of a date in UTC, or None where the offset changes or the calendar ends."""
        try:
            first = date(*key)
        except ValueError as error:
            raise ValueError(f"{text[:_SHOWN]!r}: {error}") from error
        midnight: datetime | None = None
        if 1 < first.year < 9999:
            begin = datetime(*key, tzinfo=self._zone)
            end = datetime(*key, 23, 59, 59, tzinfo=self._zone, fold=1)
            if begin.utcoffset() == end.utcoffset() == begin.replace(fold=1).utcoffset() == end.replace(fold=0).utcoffset():
                midnight = begin.astimezone(UTC)
        if len(self._days) >= _CACHED_DAYS:
            self._days.clear()
        self._days[key] = midnight
        return midnight


def read_date(text: str, formats: Sequence[str] = (ISO,)) -> date:
    """Return the date of a text without regard to zones: birthdays and days of purchase. Raises ValueError as a reader does."""
    return _utc_reader(tuple(formats)).read(text).date()


@lru_cache(maxsize=64)
def _utc_reader(formats: tuple[str, ...]) -> DateReader:
    return DateReader(formats, "UTC")


@lru_cache(maxsize=256)
def _compiled(format_: str) -> "Callable[[str], re.Match[str] | None]":
    """Return the matcher of a format. Raises ValueError for one that cannot name an instant."""
    spelled = format_
    for short, long in _SHORTCUTS.items():
        spelled = spelled.replace(short, long)
    pattern, named = "", set()
    rest = iter(spelled)
    for letter in rest:
        if letter == "%":
            directive = next(rest, "")
            piece = _PIECES.get(directive)
            group = directive.replace("B", "b")
            if piece is None or group in named:
                raise ValueError(f"the format {format_!r} has an unknown or repeated part %{directive}")
            pattern += piece
            named.add(group)
        elif letter.isspace():
            pattern += r"\s+"
        else:
            pattern += re.escape(letter)
    if len(named & {"Y", "y"}) != 1 or len(named & {"m", "b"}) != 1 or "d" not in named:
        raise ValueError(f"the format {format_!r} does not name a year, a month and a day")
    if ("I" in named) != ("p" in named) or {"H", "I"} <= named:
        raise ValueError(f"the format {format_!r} needs %I and %p together, or %H alone")
    # A fraction is optional with its sign: exporters leave it out when it is zero.
    pattern = re.sub(r"(\\\.|,)(\(\?P<f>\[0-9\]\{1,9\}\))", r"(?:\1\2)?", pattern)
    return re.compile(pattern).fullmatch


def _four_digits(year: int) -> int:
    return year + (2000 if year < 69 else 1900)  # the pivot of POSIX


def _month(name: str, text: str) -> int:
    for number, month in enumerate(_MONTHS, 1):
        if month.startswith(name.lower()):
            return number
    raise ValueError(f"{text[:_SHOWN]!r}: there is no month {name!r}")


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(f"there is no offset {text}")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if text[0] == "-" else distance)


def _in_utc(value: datetime, text: str) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text[:_SHOWN]!r} lies outside the years 1 to 9999") from error

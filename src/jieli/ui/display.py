"""How values are written for people: instants, lengths of time, money, initials, masked text.

Pure functions; the language comes in as a code ("zh-hans" or "en"), the present instant as an argument.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import SequenceMatcher
from typing import Literal
from zoneinfo import ZoneInfo

CHINESE_WEEKDAYS = "一二三四五六日"
ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENGLISH_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
CURRENCY_SIGNS = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£"}
FACE_TINTS = 6

PromiseState = Literal["running", "risk", "broken", "kept", "late", "paused", "ended"]


def is_chinese(language: str) -> bool:
    """Say whether a language code is one of Chinese."""
    return language.lower().startswith("zh")


def date_text(on: date, *, today: date, language: str) -> str:
    """Write a date with its weekday, the year only when it is not this year: ``11月23日 周一``, ``Mon 23 Nov``."""
    weekday = on.weekday()
    other_year = on.year != today.year
    if is_chinese(language):
        year = f"{on.year}年" if other_year else ""
        return f"{year}{on.month}月{on.day}日 周{CHINESE_WEEKDAYS[weekday]}"
    year = f" {on.year}" if other_year else ""
    return f"{ENGLISH_WEEKDAYS[weekday]} {on.day} {ENGLISH_MONTHS[on.month - 1]}{year}"


def month_text(first: date, *, language: str) -> str:
    """Write a month: ``2026年10月``, ``October 2026``."""
    if is_chinese(language):
        return f"{first.year}年{first.month}月"
    return f"{ENGLISH_MONTH_NAMES[first.month - 1]} {first.year}"


def instant_text(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Write an instant exactly, in the company's zone: ``11月23日 周一 15:30``, ``Mon 23 Nov 15:30``."""
    local = at.astimezone(zone)
    day = date_text(local.date(), today=now.astimezone(zone).date(), language=language)
    return f"{day} {local:%H:%M}"


def near_text(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Write an instant as people say it: ``15:30`` today, ``明天 09:00`` tomorrow, the exact form further away."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M}"
    words = {-1: "昨天", 1: "明天"} if is_chinese(language) else {-1: "yesterday", 1: "tomorrow"}
    if days in words:
        return f"{words[days]} {local:%H:%M}"
    return instant_text(at, now=now, zone=zone, language=language)


def short_text(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Write an instant for a narrow column: ``15:30``, ``明天 09:00``, ``周二 13:30`` within the week, else ``12月3日``."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if -1 <= days <= 1:
        return near_text(at, now=now, zone=zone, language=language)
    weekday, day = date_text(local.date(), today=today, language=language).split(" ", 1)
    if is_chinese(language):
        weekday, day = day, weekday
    return f"{weekday} {local:%H:%M}" if 0 < days < 7 else day


def length_text(length: timedelta, *, language: str) -> str:
    """Write a length of time in its two largest units: ``42 分``, ``3 小时 5 分``, ``2 d 4 h``; never negative."""
    minutes = int(abs(length.total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    names = ("天", "小时", "分") if is_chinese(language) else ("d", "h", "min")
    parts = [(days, names[0]), (hours, names[1]), (minutes, names[2])]
    while parts and not parts[0][0]:
        parts.pop(0)
    if not parts:
        return "不到 1 分" if is_chinese(language) else "under 1 min"
    return " ".join(f"{number} {name}" for number, name in parts[:2] if number)


def relative_text(at: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Write an instant by its distance from now when it is within 12 hours, else as `near_text`."""
    distance = at - now
    if abs(distance) >= timedelta(hours=12):
        return near_text(at, now=now, zone=zone, language=language)
    chinese = is_chinese(language)
    if abs(distance) < timedelta(minutes=1):
        return "刚刚" if chinese else "just now"
    length = length_text(distance, language=language)
    if distance < timedelta(0):
        return f"{length}前" if chinese else f"{length} ago"
    return f"{length}后" if chinese else f"in {length}"


def money_text(amount: Decimal, *, currency: str = "CNY") -> str:
    """Write an amount with two decimals and thousands: ``¥1,044.00``, ``-¥12.50``."""
    rounded = amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{CURRENCY_SIGNS.get(currency, currency + ' ')}{abs(rounded):,.2f}"


def initials(name: str) -> str:
    """Shorten a name for a face: the last two characters of a Chinese name, the first letters of two words otherwise."""
    name = name.strip()
    if not name:
        return "?"
    if any("\u3400" <= character <= "\u9fff" for character in name):
        return name.replace(" ", "")[-2:]
    words = name.replace("-", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


def face_tint(key: str) -> int:
    """Choose one of the quiet tints for a face, the same for the same person everywhere."""
    return sum(ord(character) * (place + 1) for place, character in enumerate(key)) % FACE_TINTS


def masked(value: str) -> str:
    """Hide the middle of a value: ``138****8000``, ``王*``, ``w***@example.com``."""
    if "@" in value:
        head, _, host = value.partition("@")
        return f"{head[:1]}***@{host}"
    if len(value) >= 8:
        return f"{value[:3]}****{value[-4:]}"
    return value[:1] + "*" * (len(value) - 1) if len(value) > 1 else "*"


@dataclass(frozen=True)
class PromiseShape:
    """What a promise bar shows: its state, the share of time used (0 to 100) and the time left or over."""

    state: PromiseState
    used_percent: int
    left: timedelta


def promise_shape(
    *,
    now: datetime,
    due_at: datetime,
    start_at: datetime | None = None,
    warn_at: datetime | None = None,
    kept_at: datetime | None = None,
    broken_at: datetime | None = None,
    is_paused: bool = False,
    is_ended: bool = False,
) -> PromiseShape:
    """Judge how a promise stands at `now`.

    A promise is at risk from `warn_at`, or for the last fifth of its time when no warning time is known. Without a start the
    bar counts the last day before it is due.
    """
    start_at = start_at or due_at - timedelta(days=1)
    span = max((due_at - start_at).total_seconds(), 1.0)
    until = kept_at or now
    used = min(max((until - start_at).total_seconds() / span, 0.0), 1.0)
    warn_at = warn_at or due_at - timedelta(seconds=span / 5)
    state: PromiseState
    if kept_at is not None:
        state = "late" if kept_at > due_at else "kept"
    elif is_ended:
        state = "ended"
    elif broken_at is not None or now >= due_at:
        state, used = "broken", 1.0
    elif is_paused:
        state = "paused"
    else:
        state = "risk" if now >= warn_at else "running"
    return PromiseShape(state, round(used * 100), due_at - until)


def sparkline_points(values: Sequence[float | None], *, width: float, height: float) -> list[tuple[float, float]]:
    """Place the values of a small line in a box, the lowest at the bottom; unknown values are left out."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    reach = (high - low) or 1.0
    step = width / max(len(values) - 1, 1)
    return [
        (round(place * step, 2), round(height - (value - low) / reach * height, 2) if high > low else height / 2)
        for place, value in enumerate(values)
        if value is not None
    ]


@dataclass(frozen=True)
class DiffRow:
    """One row of a comparison in two columns; a side that has no such line has number None."""

    kind: Literal["same", "changed", "removed", "added", "skipped"]
    old_number: int | None
    old: str
    new_number: int | None
    new: str


def diff_rows(old: str, new: str, *, context: int = 3) -> list[DiffRow]:
    """Compare two texts line by line for two columns; runs of equal lines longer than the context are folded."""
    before, after = old.splitlines(), new.splitlines()
    groups = SequenceMatcher(a=before, b=after, autojunk=False).get_grouped_opcodes(context)
    return list(_rows_of(groups, before, after))


def _rows_of(groups: Iterable[list[tuple[str, int, int, int, int]]], before: list[str], after: list[str]) -> Iterator[DiffRow]:
    end = 0
    for group in groups:
        if group[0][1] > end:
            yield DiffRow("skipped", None, "", None, "")
        for tag, a_from, a_to, b_from, b_to in group:
            for offset in range(max(a_to - a_from, b_to - b_from)):
                a, b = a_from + offset, b_from + offset
                in_old, in_new = a < a_to, b < b_to
                kind: Literal["same", "changed", "removed", "added"]
                if tag == "equal":
                    kind = "same"
                else:
                    kind = "changed" if in_old and in_new else "removed" if in_old else "added"
                yield DiffRow(
                    kind,
                    a + 1 if in_old else None,
                    before[a] if in_old else "",
                    b + 1 if in_new else None,
                    after[b] if in_new else "",
                )
            end = a_to
    if end < len(before):
        yield DiffRow("skipped", None, "", None, "")

"""Decisions about people that need no clock and no database."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

Intervals = tuple[tuple[str, str], ...]

DEMO_PASSWORD = "pass-the-baton"  # noqa: S105 - shown on the login page in demo mode; no other account has it
SIGN_IN_FAILURES_ALLOWED = 5
SIGN_IN_FAILURES_ALLOWED_PER_ADDRESS = 50
SIGN_IN_WINDOW = timedelta(minutes=15)
SIGN_IN_LOCK = timedelta(minutes=15)

_TIME = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$|^24:00$")


def stand_in(staff_id: int, *, is_present: Callable[[int], bool], deputies_of: Callable[[int], Sequence[int]]) -> int | None:
    """Return the person himself when present, else the nearest present deputy, else None (spec 1, Deputies).

    A person's own deputies come before deputies of deputies, each in the order named. Safe for deputies in a circle.
    """
    seen = {staff_id}
    level = [staff_id]
    while level:
        for person in level:
            if is_present(person):
                return person
        following: list[int] = []
        for person in level:
            for deputy in deputies_of(person):
                if deputy not in seen:
                    seen.add(deputy)
                    following.append(deputy)
        level = following
    return None


@dataclass(frozen=True, slots=True)
class Away:
    """A stretch in which a person is away, as plain values; half-open."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StandsIn:
    """A named deputy with the instants between which the naming holds; no end: until further notice."""

    staff_id: int
    deputy_id: int
    starts_at: datetime
    ends_at: datetime | None
    order: int


def stretch_at(absences: Iterable[Away], at: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when a person is away without coming back in between, around an instant; None when present.

    Absences that touch or overlap count as one.
    """
    starts_at = ends_at = None
    for absence in sorted(absences, key=lambda one: one.starts_at):
        if ends_at is None or absence.starts_at > ends_at:
            if ends_at is not None and at < ends_at:
                break
            starts_at, ends_at = absence.starts_at, absence.ends_at
        else:
            ends_at = max(ends_at, absence.ends_at)
    return (starts_at, ends_at) if starts_at is not None and ends_at is not None and starts_at <= at < ends_at else None


def first_gap(
    staff_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
    absences: Sequence[Away],
    deputies: Sequence[StandsIn],
    inactive: frozenset[int] = frozenset(),
) -> datetime | None:
    """Return the first instant of the stretch in which neither the person nor any deputy is present, or None."""
    instants = {starts_at}
    for absence in absences:
        instants |= {absence.starts_at, absence.ends_at}
    for naming in deputies:
        instants.add(naming.starts_at)
        if naming.ends_at is not None:
            instants.add(naming.ends_at)
    for at in sorted(instant for instant in instants if starts_at <= instant < ends_at):
        away = {absence.staff_id for absence in absences if absence.starts_at <= at < absence.ends_at} | inactive
        named: dict[int, list[StandsIn]] = {}
        for naming in deputies:
            if naming.starts_at <= at and (naming.ends_at is None or at < naming.ends_at):
                named.setdefault(naming.staff_id, []).append(naming)
        for namings in named.values():
            namings.sort(key=lambda naming: naming.order)
        found = stand_in(
            staff_id,
            is_present=lambda person, away=away: person not in away,  # type: ignore[misc]
            deputies_of=lambda person, named=named: [n.deputy_id for n in named.get(person, [])],  # type: ignore[misc]
        )
        if found is None:
            return at
    return None


def free_stretches(
    busy: Iterable[tuple[datetime, datetime]], *, starts_at: datetime, ends_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return what the busy stretches leave uncovered between two instants: the gaps of a rota."""
    gaps: list[tuple[datetime, datetime]] = []
    at = starts_at
    for begins, ends in sorted(busy):
        if begins > at:
            gaps.append((at, min(begins, ends_at)))
        at = max(at, ends)
        if at >= ends_at:
            break
    if at < ends_at:
        gaps.append((at, ends_at))
    return [gap for gap in gaps if gap[0] < gap[1]]


def narrowed_path(granted: str, wanted: str) -> str | None:
    """Return the deeper of two unit paths when one lies in the other's subtree, else None."""
    if wanted.startswith(granted):
        return wanted
    if granted.startswith(wanted):
        return granted
    return None


def ancestor_ids(path: str) -> list[int]:
    """Return the ids of a unit and of the units above it, the unit first; `path` is like "/1/4/"."""
    return [int(part) for part in reversed(path.strip("/").split("/")) if part]


def parse_intervals(text: str) -> Intervals:
    """Read opening hours like "09:00-12:00, 13:00-18:00"; empty means closed.

    Raises ValueError with the piece that is wrong: not a time, ends before it starts, or overlaps the one before.
    """
    intervals: list[tuple[str, str]] = []
    for piece in filter(None, (part.strip() for part in re.split(r"[,;,;、]", text))):
        ends = [end.strip() for end in re.split(r"[-–—~至]", piece)]
        if len(ends) != 2 or not all(_TIME.match(end) for end in ends):
            raise ValueError(piece)
        opens, closes = (end.zfill(5) for end in ends)
        if opens >= closes or (intervals and opens < intervals[-1][1]):
            raise ValueError(piece)
        intervals.append((opens, closes))
    return tuple(intervals)


def format_intervals(intervals: Iterable[Sequence[str]]) -> str:
    """Write opening hours as people read them: "09:00-12:00, 13:00-18:00"."""
    return ", ".join(f"{opens}-{closes}" for opens, closes in intervals)


def split_list(value: str) -> list[str]:
    """Read a list of an exchange file: pieces between semicolons, each once, in order."""
    return list(dict.fromkeys(piece.strip() for piece in value.split(";") if piece.strip()))


def split_typed_list(value: str) -> list[str]:
    """Read a list as people type it: pieces between commas or semicolons, Chinese ones too, each once, in order."""
    return split_list(re.sub("[,,;、]", ";", value))


_LANGUAGE = re.compile(r"^[a-z]{2,3}$")


def not_languages(codes: Iterable[str]) -> list[str]:
    """Return those of these that are no language codes such as ``zh`` or ``en``."""
    return [code for code in codes if not _LANGUAGE.match(code)]


def parents_first(rows: Sequence[Mapping[str, str]]) -> list[int]:
    """Return the positions of units.csv rows so that a parent comes before its children, else in the file's order.

    Rows in a circle come last, in the file's order; importing them refuses each.
    """
    position = {row.get("code", "").strip(): index for index, row in reversed(list(enumerate(rows)))}
    done: set[int] = set()
    order: list[int] = []
    for start in range(len(rows)):
        chain: list[int] = []
        index: int | None = start
        while index is not None and index not in done and index not in chain:
            chain.append(index)
            index = position.get(rows[index].get("parent", "").strip())
        if index is not None and index in chain:
            continue
        for found in reversed(chain):
            done.add(found)
            order.append(found)
    return order + [index for index in range(len(rows)) if index not in done]


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())

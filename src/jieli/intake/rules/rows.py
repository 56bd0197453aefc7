"""One row of a foreign file by its mapping: the steps it tells of, or what is wrong with it. Pure."""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieli.cases.rules.history import ENDED
from jieli.intake.rules.mapping import STATE_OF, Does
from jieli.intake.rules.mapping import Mapping as HistoryMapping
from jieli.lib.dates import ISO, DateReader
from jieli.lib.tabular import Finding

LONGEST_KEY = 120
LONGEST_NAME = 120
LONGEST_ACTIVITY = 120
_MOST_RANGES = 2000
_NOT_KNOWN = gettext_lazy("the source says that it does not know")
_NO_STATE = gettext_lazy("the mapping does not say what this does; the state stays as it was")
_NO_VERDICT = gettext_lazy("the mapping does not say whether this is met or missed")
_OTHERWISE = gettext_lazy("the times say otherwise; this column counts")
_encoded = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class MissingColumns(ValueError):
    """The file lacks columns which the mapping names."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(", ".join(columns))


@dataclass(frozen=True, slots=True)
class ReadStep:
    """One step as a row tells it: names still as written, the state as Jieli counts it."""

    key: str
    at: datetime
    line: int
    activity: str
    mark: str
    actor: str = ""
    person: str = ""
    group: str = ""
    holder: str = ""
    state: str = ""
    due_at: str = ""
    verdict: str = ""
    handovers: int | None = None
    reopenings: int | None = None
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return everything but key and time for the staging table; empty values are left out."""
        values = zip(_STAGED, _staged(self), strict=True)
        return _encoded({name: value for name, value in values if value or value == 0})

    @classmethod
    def from_json(cls, key: str, at: datetime, text: str) -> "ReadStep":
        """Return a staged step."""
        return cls(key=key, at=at, **json.loads(text))


_STAGED = tuple(name for name in ReadStep.__dataclass_fields__ if name not in ("key", "at"))
_staged = attrgetter(*_STAGED)


@dataclass(slots=True)
class Seen:
    """A value that means nothing to the mapping, or says that the source does not know: how often and on which lines."""

    column: str
    value: str
    reason: str
    count: int = 0
    lines: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, line: int) -> None:
        """Count one line; lines that follow each other are kept as one range."""
        self.count += 1
        if self.lines and self.lines[-1] in (line, line - 1):
            self.lines[-1] = line
        elif len(self.lines) < 2 * _MOST_RANGES:
            self.lines.extend((line, line))

    def ranges(self) -> str:
        """Return the lines for people: ``2-17,23``; an ellipsis stands for what is beyond the first two thousand ranges."""
        pairs = zip(self.lines[::2], self.lines[1::2], strict=True)
        text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)
        return text + (",…" if len(self.lines) >= 2 * _MOST_RANGES else "")


class RowReader:
    """Reads the rows of one file by one mapping; `unknown` collects the values it could make nothing of.

    Raises MissingColumns when the header lacks a column of the mapping.
    """

    def __init__(self, mapping: HistoryMapping, header: Sequence[str], *, now: datetime) -> None:
        place = {name: number for number, name in enumerate(header)}
        missing = sorted(mapping.columns_used() - set(place))
        if missing:
            raise MissingColumns(missing)
        self.mapping = mapping
        self.header = tuple(header)
        named = mapping.columns_used() | set(mapping.columns.ignore)
        self.columns_unknown = [name for name in header if name not in named]
        self._place = {purpose: place[column] for purpose, column in mapping.columns.single().items()}
        self._attributes = [(name, place[name]) for name in mapping.columns.attributes]
        self._kept = [(name, place[name]) for name in (*mapping.columns.keep, *self.columns_unknown)]
        self._moments = [
            (moment, place[moment.column], place[moment.actor] if moment.actor else None) for moment in mapping.moments
        ]
        self._verdict = place[mapping.verdict.column] if mapping.verdict and mapping.verdict.column else None
        self._does = mapping.values.by_value()
        self._unknown = frozenset(mapping.unknown)
        self._reader = DateReader(mapping.times, mapping.time_zone)
        self._times: dict[str, datetime] = {}
        self._earliest = datetime(mapping.earliest.year, mapping.earliest.month, mapping.earliest.day, tzinfo=UTC)
        self._latest = now + timedelta(minutes=5)
        self._keys: set[str] = set()
        self._written: Sequence[str] = ()
        self.unknown: dict[tuple[str, str], Seen] = {}

    def read(self, line: int, cells: Sequence[str]) -> tuple[list[ReadStep], list[Finding]]:
        """Return the steps of a row, or why there are none."""
        self._written = cells
        known = [cell.strip() for cell in cells]
        if not self._unknown.isdisjoint(known):
            for place, cell in enumerate(known):
                if cell in self._unknown:
                    self._see(line, self.header[place], cell, _NOT_KNOWN)
                    known[place] = ""
        return self._read(line, known)

    def _read(self, line: int, cells: Sequence[str]) -> tuple[list[ReadStep], list[Finding]]:
        bad: list[Finding] = []
        key = self._cell("case", cells)
        if not key:
            bad.append(self._finding(line, "case", cells, _("the case has no number")))
        elif len(key) > LONGEST_KEY:
            bad.append(self._finding(line, "case", cells, _too_long(LONGEST_KEY)))
        for purpose, most in (("actor", LONGEST_NAME), ("person", LONGEST_NAME), ("group", LONGEST_NAME), ("customer", 200)):
            if len(self._cell(purpose, cells)) > most:
                bad.append(self._finding(line, purpose, cells, _too_long(most)))
        read = self._of_moments if self._moments else self._of_row
        steps = list(read(line, key, cells, bad))
        return ([], bad) if bad else (steps, [])

    # --- one row, one step

    def _of_row(self, line: int, key: str, cells: Sequence[str], bad: list[Finding]) -> Iterator[ReadStep]:
        at = self._time(line, self._place["at"], cells, bad)
        activity = self._cell("activity", cells) or self._raw("activity")
        raw_state = self._raw("state") if "state" in self._place else activity
        if "activity" not in self._place:
            activity = raw_state or _("updated")
        if not activity:
            bad.append(self._finding(line, "activity", cells, _("nothing says what was done")))
        elif len(activity) > LONGEST_ACTIVITY:
            bad.append(self._finding(line, "activity", cells, _too_long(LONGEST_ACTIVITY)))
        state = self._state(line, "state" if "state" in self._place else "activity", raw_state)
        due_at = self._due(line, cells, bad)
        handovers = self._count(line, "handovers", cells, bad)
        reopenings = self._count(line, "reopenings", cells, bad)
        if bad or at is None:
            return
        actor, person, group = self._people(cells)
        verdict = self._verdict_of(line, cells, due_at=due_at, ended_at=at if state in ENDED else None, is_ended=state in ENDED)
        yield ReadStep(
            key=key,
            at=at,
            line=line,
            activity=activity,
            mark=_mark(at, activity, actor, person, group, raw_state, handovers, reopenings),
            actor=actor,
            person=person,
            group=group,
            holder=self._holder(person, group),
            state=state,
            due_at=due_at.isoformat() if due_at else "",
            verdict=verdict,
            handovers=handovers,
            reopenings=reopenings,
            text=self._cell("text", cells),
            attributes=self._named(self._attributes, cells),
            about=self._about(line, cells, bad),
        )

    # --- one row, one case

    def _of_moments(self, line: int, key: str, cells: Sequence[str], bad: list[Finding]) -> Iterator[ReadStep]:
        if key and key in self._keys:
            bad.append(self._finding(line, "case", cells, _("the case was on a line before; only the first counts")))
        moments: list[tuple[datetime, Any, int | None]] = []
        for number, (moment, place, by) in enumerate(self._moments):
            if not cells[place] and number:
                continue
            at = self._time(line, place, cells, bad)
            if at is None:
                continue
            if moments and at < moments[0][0]:
                bad.append(
                    Finding(
                        line,
                        self.header[place],
                        cells[place][:200],
                        _("lies before %(first)s") % {"first": moments[0][1].column},
                    )
                )
            moments.append((at, moment, by))
        due_at = self._due(line, cells, bad)
        about = self._about(line, cells, bad)
        if bad or not moments:
            return
        self._keys.add(key)
        moments.sort(key=lambda one: one[0])
        states = self._states_of(line, cells, moments)
        ended_at = moments[-1][0] if states[-1] in ENDED else None
        verdict = self._verdict_of(line, cells, due_at=due_at, ended_at=ended_at, is_ended=ended_at is not None)
        actor, person, group = self._people(cells)
        for number, (at, moment, by) in enumerate(moments):
            done_by = actor if by is None else cells[by]
            is_last = number == len(moments) - 1
            yield ReadStep(
                key=key,
                at=at,
                line=line,
                activity=moment.activity,
                mark=_mark(at, moment.activity, done_by, person, group, moment.does.value, None, None),
                actor=done_by,
                person=person,
                group=group,
                holder=self._holder(person, group),
                state=states[number],
                due_at=due_at.isoformat() if due_at and not number else "",
                verdict=verdict if is_last else "",
                text="" if number else self._cell("text", cells),
                attributes={} if number else self._named(self._attributes, cells),
                about=about,
            )

    def _states_of(self, line: int, cells: Sequence[str], moments: Sequence[tuple[datetime, Any, int | None]]) -> list[str]:
        states = [STATE_OF[moment.does] for _at, moment, _by in moments]
        if "state" not in self._place:
            return states
        said = self._state(line, "state", self._raw("state"))
        told = next((state for state in reversed(states) if state), "open")
        if said and said != told:
            self._see(line, self.mapping.columns.state or "", self._raw("state"), _OTHERWISE)
            states[-1] = said
        return states

    # --- cells

    def _raw(self, purpose: str) -> str:
        place = self._place.get(purpose)
        return "" if place is None else self._written[place].strip()

    def _cell(self, purpose: str, cells: Sequence[str]) -> str:
        place = self._place.get(purpose)
        return "" if place is None else cells[place]

    def _people(self, cells: Sequence[str]) -> tuple[str, str, str]:
        actor, person = self._cell("actor", cells), self._cell("person", cells)
        if "person" not in self._place:
            person = actor
        elif "actor" not in self._place:
            actor = person
        return actor, person, self._cell("group", cells)

    def _holder(self, person: str, group: str) -> str:
        match self.mapping.hand_over:
            case "person":
                return person
            case "group":
                return group
            case "either":
                return f"{person} / {group}" if person or group else ""
            case _:
                return ""

    def _named(self, columns: Sequence[tuple[str, int]], cells: Sequence[str]) -> dict[str, str]:
        return {name: text for name, place in columns if (text := cells[place])}

    def _about(self, line: int, cells: Sequence[str], bad: list[Finding]) -> dict[str, Any]:
        about: dict[str, Any] = {
            purpose: text
            for purpose in ("customer", "subject", "product_line", "address")
            if (text := self._cell(purpose, cells))
        }
        for purpose, most in (("latitude", 90), ("longitude", 180)):
            text = self._cell(purpose, cells)
            if not text:
                continue
            try:
                if not -most <= Decimal(text) <= most:
                    raise InvalidOperation
                about[purpose] = text
            except InvalidOperation:
                reason = _("a number from -%(most)s to %(most)s is needed") % {"most": most}
                bad.append(self._finding(line, purpose, cells, reason))
        kept = self._named(self._kept, cells)
        if kept:
            about["kept"] = kept
        return about

    def _time(self, line: int, place: int, cells: Sequence[str], bad: list[Finding]) -> datetime | None:
        text = cells[place]
        found = self._times.get(text)
        if found is not None:
            return found
        reason = ""
        try:
            found = self._reader.read(text)
            if found < self._earliest:
                reason = _("lies before %(earliest)s") % {"earliest": self._earliest.date().isoformat()}
            elif found > self._latest:
                reason = _("lies in the future")
        except ValueError as error:
            reason = str(error)
        if reason or found is None:
            bad.append(Finding(line, self.header[place], self._written[place][:200], reason))
            return None
        if len(self._times) > 200_000:
            self._times.clear()
        self._times[text] = found
        return found

    def _due(self, line: int, cells: Sequence[str], bad: list[Finding]) -> datetime | None:
        text = self._cell("due", cells)
        if not text:
            return None
        try:
            return self._reader.read(text)
        except ValueError as error:
            bad.append(self._finding(line, "due", cells, str(error)))
            return None

    def _count(self, line: int, purpose: str, cells: Sequence[str], bad: list[Finding]) -> int | None:
        text = self._cell(purpose, cells)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) < 6:
            return int(text)
        bad.append(self._finding(line, purpose, cells, _("a whole number is needed")))
        return None

    def _state(self, line: int, purpose: str, value: str) -> str:
        if not value or value in self._unknown:
            return ""
        does = self._does.get(value)
        if does is None:
            column = self.header[self._place[purpose]]
            self._see(line, column, value, _NO_STATE)
            return ""
        return STATE_OF[Does(does)]

    def _verdict_of(
        self, line: int, cells: Sequence[str], *, due_at: datetime | None, ended_at: datetime | None, is_ended: bool
    ) -> str:
        rule = self.mapping.verdict
        if rule is None or (rule.only_with_due and due_at is None) or (rule.only_closed and not is_ended):
            return ""
        if self._verdict is None:
            if due_at is None or ended_at is None:
                return ""
            return "met" if ended_at <= due_at else "missed"
        value = cells[self._verdict]
        if value in rule.met:
            return "met"
        if value in rule.missed:
            return "missed"
        if value:
            self._see(line, self.header[self._verdict], value, _NO_VERDICT)
        return ""

    def _finding(self, line: int, purpose: str, cells: Sequence[str], reason: str) -> Finding:
        place = self._place[purpose]
        return Finding(line, self.header[place], self._written[place][:200], reason)

    def _see(self, line: int, column: str, value: str, reason: Lazy) -> None:
        seen = self.unknown.get((column, value))
        if seen is None:
            seen = self.unknown[column, value] = Seen(column, value[:200], str(reason))
        seen.add(line)


def as_of_of(mapping: HistoryMapping) -> datetime | None:
    """Return the instant at which the source was drawn, when the mapping says so. Raises ValueError."""
    if mapping.as_of is None:
        return None
    return DateReader((*mapping.times, ISO), mapping.time_zone).read(mapping.as_of)


def _too_long(most: int) -> str:
    return _("longer than %(most)s characters") % {"most": most}


def _mark(at: datetime, *parts: object) -> str:
    text = "\x1f".join([at.isoformat(), *("" if part is None else str(part) for part in parts)])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

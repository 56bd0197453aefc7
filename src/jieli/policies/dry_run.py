"""Trying a draft on the past: apps above replay a month under it and say what would have been different.

`policies` knows no case, so the app that owns the decisions registers how they are replayed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jieli.policies.codes import PromiseKind
from jieli.policies.models import PolicyVersion

_VERDICTS = {
    "kept": gettext_noop("kept"),
    "late": gettext_noop("late"),
    "running": gettext_noop("running"),
    "cancelled": gettext_noop("cancelled"),
    "": gettext_noop("no promise"),
}
_TONES = {"kept": "ok", "late": "bad", "running": "accent"}


def _word(verdict: str) -> str:
    return _(_VERDICTS[verdict]) if verdict in _VERDICTS else verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One decision under the version that made it and under the draft.

    Verdicts are ``kept``, ``late``, ``running``, ``cancelled`` or empty; an empty rule, due time and verdict mean that there is
    (or would be) no such promise. `url` leads to the case.
    """

    case_number: str
    url: str
    promise_kind: str
    old_due: datetime | None
    new_due: datetime | None
    old_verdict: str
    new_verdict: str
    old_rule: str
    new_rule: str

    @property
    def is_changed(self) -> bool:
        """Tell whether the draft changes anything about it."""
        return (self.old_due, self.old_verdict, self.old_rule) != (self.new_due, self.new_verdict, self.new_rule)

    @property
    def promise_word(self) -> str:
        """Return the kind of promise in words."""
        known = self.promise_kind in PromiseKind.values
        return str(PromiseKind(self.promise_kind).label) if known else self.promise_kind

    @property
    def old_verdict_word(self) -> str:
        """Return the verdict under the version that decided, in words."""
        return _word(self.old_verdict)

    @property
    def new_verdict_word(self) -> str:
        """Return the verdict under the draft, in words."""
        return _word(self.new_verdict)

    @property
    def old_tone(self) -> str:
        """Return the tone in which the old verdict is shown."""
        return _TONES.get(self.old_verdict, "grey")

    @property
    def new_tone(self) -> str:
        """Return the tone in which the new verdict is shown."""
        return _TONES.get(self.new_verdict, "grey")


Replay = Callable[[PolicyVersion, date], Iterator[Row]]

_replays: dict[str, Replay] = {}


def register(name: str, replay: Replay) -> None:
    """Register how a policy is tried: from a draft and the first day of a month to the rows of that month."""
    _replays[name] = replay


_pages: dict[str, str] = {}


def register_page(name: str, route: str) -> None:
    """Register a page of an app above on which drafts of a policy are tried; its URL name takes the draft's id."""
    _pages[name] = route


def page_of(name: str) -> str:
    """Return the URL name of the page on which another app tries drafts of a policy, empty when there is none."""
    return _pages.get(name, "")


def can_try(name: str) -> bool:
    """Tell whether some app can replay this policy."""
    return name in _replays


def replay(draft: PolicyVersion, month: date) -> Iterator[Row]:
    """Return what would have been different in a month, in the app's own order; raises KeyError when nobody can tell."""
    return _replays[draft.name](draft, month.replace(day=1))


@dataclass(frozen=True, slots=True)
class Trial:
    """A replayed month: every row, and how many the draft changes."""

    rows: tuple[Row, ...]
    changed: int
    better: int
    worse: int

    def chosen(self, show: str) -> tuple[Row, ...]:
        """Return the rows to list: all, only changed, or only with another verdict."""
        if show == "all":
            return self.rows
        if show == "verdict":
            return tuple(row for row in self.rows if row.old_verdict != row.new_verdict)
        return tuple(row for row in self.rows if row.is_changed)


KEPT_SECONDS = 300.0
_last: dict[str, tuple[tuple[object, ...], float, Trial]] = {}


def trial(draft: PolicyVersion, month: date) -> Trial:
    """Return the replay of a month; the last one is kept for some minutes, so that paging through it costs nothing."""
    key = (connection.settings_dict["NAME"], draft.pk, draft.revision, month)
    kept = _last.get("trial")
    if kept and kept[0] == key and time.monotonic() - kept[1] < KEPT_SECONDS:
        return kept[2]
    rows = tuple(replay(draft, month))
    found = Trial(
        rows,
        sum(row.is_changed for row in rows),
        sum(row.new_verdict == "kept" and row.old_verdict == "late" for row in rows),
        sum(row.new_verdict == "late" and row.old_verdict == "kept" for row in rows),
    )
    _last["trial"] = (key, time.monotonic(), found)
    return found

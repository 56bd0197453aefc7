"""Trying a draft on the past: apps above replay a month under it and say what would have been different.

`policies` knows no case, so the app that owns the decisions registers how they are replayed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from jieli.policies.models import PolicyVersion


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


Replay = Callable[[PolicyVersion, date], Iterator[Row]]

_replays: dict[str, Replay] = {}


def register(name: str, replay: Replay) -> None:
    """Register how a policy is tried: from a draft and the first day of a month to the rows of that month."""
    _replays[name] = replay


def can_try(name: str) -> bool:
    """Tell whether some app can replay this policy."""
    return name in _replays


def replay(draft: PolicyVersion, month: date) -> Iterator[Row]:
    """Return what would have been different in a month, in the app's own order; raises KeyError when nobody can tell."""
    return _replays[draft.name](draft, month.replace(day=1))

"""What the steps of a foreign history come to: hand-overs, reopenings, the last state."""

from collections.abc import Iterable
from itertools import pairwise

ENDED = ("closed", "cancelled")
FINISHED = ("resolved", *ENDED)
STATES = ("open", "waiting", "resolved", "closed", "cancelled")


def changes(holders: Iterable[str]) -> int:
    """Return how often the known holder is another than the known holder before."""
    known = [holder for holder in holders if holder]
    return sum(before != after for before, after in pairwise(known))


def reopenings(states: Iterable[str]) -> int:
    """Return how often work went on after the case was resolved, closed or cancelled."""
    known = [state for state in states if state]
    return sum(before in FINISHED and after not in FINISHED for before, after in pairwise(known))


def last_state(states: Iterable[str]) -> str:
    """Return the last known state; a history that never says one leaves the case open."""
    last = "open"
    for state in states:
        last = state or last
    return last

"""When the customer is reminded, and between which hours nobody is told; pure (spec 3, Dispatch)."""

from datetime import datetime, time, timedelta, tzinfo

from jieli.policies.schemas.dispatch import Telling

BEFORE_QUIET = timedelta(minutes=15)
"""So long before the quiet hours a reminder goes that would fall into them."""


def is_quiet(at: datetime, telling: Telling, zone: tzinfo) -> bool:
    """Tell whether an instant lies in the hours in which customers are left alone; they may pass midnight."""
    clock = at.astimezone(zone).time()
    begins, ends = _hours(telling)
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def reminder_due(starts_at: datetime, telling: Telling, zone: tzinfo) -> datetime:
    """Return when the reminder of a window that begins at `starts_at` goes: the policy's hours before, never in quiet hours.

    What would fall into them goes before they begin: for a visit in the afternoon that is the evening before.
    """
    due = starts_at - timedelta(hours=float(telling.reminder_hours))
    if not is_quiet(due, telling, zone):
        return due
    begins, _ends = _hours(telling)
    there = due.astimezone(zone)
    evening = datetime.combine(there.date(), begins, tzinfo=zone)
    return (evening if evening <= there else evening - timedelta(days=1)) - BEFORE_QUIET


def _hours(telling: Telling) -> tuple[time, time]:
    return _time(telling.quiet_from), _time(telling.quiet_until)


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)

"""Who may see and add the files of a case: the app of the cases answers, without being known here."""

from collections.abc import Callable

from jieli.events.actor import Actor

Access = Callable[[Actor, int], bool]
Tracking = Callable[[str], "tuple[Actor, int] | None"]

_may_see: list[Access] = []
_may_add: list[Access] = []
_tracking: list[Tracking] = []


def register(may_see: Access, may_add: Access | None = None) -> None:
    """Let `may_see(actor, case_id)` decide who sees the files of a case; `may_add`, by default the same, who adds some."""
    _may_see.append(may_see)
    _may_add.append(may_add or may_see)


def register_tracking(opened_by: Tracking) -> None:
    """Let `opened_by(token)` say which customer and case a tracking token opens, or None."""
    _tracking.append(opened_by)


def may_see_case(actor: Actor, case_id: int) -> bool:
    """Tell whether the actor may see the files of a case; nobody may while no app has registered."""
    return any(answer(actor, case_id) for answer in _may_see)


def may_add_to_case(actor: Actor, case_id: int) -> bool:
    """Tell whether the actor may add a file to a case."""
    return any(answer(actor, case_id) for answer in _may_add)


def opened_by(token: str) -> tuple[Actor, int] | None:
    """Return the customer and the case which a tracking token opens, or None."""
    return next((found for answer in _tracking if (found := answer(token)) is not None), None)

"""The stage of a locked case moves on by itself where an act says so."""

from datetime import datetime

from jieli.cases.events import StageChanged
from jieli.cases.models import Case, Message
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.policies.queries import current


def missing_fields(case: Case) -> list[str]:
    """Return what the present stage asks for and the case lacks (policy `routes`).

    The first stage also asks for the required fields of the company's own (policy `fields`).
    """
    route = current("routes").data.of(case.kind)
    here = route.stage(case.stage)
    if here is None:
        return []
    own = current("fields").data.of(case.kind) if here == route.stages[0] else ()
    asked = dict.fromkeys([*here.required, *(f"custom.{one.name}" for one in own if one.required)])
    return [name for name in asked if not is_filled(case, name)]


def is_filled(case: Case, name: str) -> bool:
    """Tell whether a field that a route names holds something."""
    if name.startswith("custom."):
        return case.custom.get(name.removeprefix("custom.")) not in (None, "")
    if name == "answer":
        return case.messages.filter(direction=Message.Direction.OUT).exists()
    return getattr(case, f"{name}_id" if name in ("customer", "contact", "device") else name) not in (None, "")


def advance(case: Case, *stages: str, actor: Actor, at: datetime) -> None:
    """Move a locked case to the first of these stages that lies ahead of it on its route.

    Nothing happens when the present stage still asks for something, or none of them lies ahead. A recovery, which lies on no
    route, is handling already: it ends where its result is told.
    """
    if case.stage == Case.Stage.RECOVERY and stages == ("handling",):
        return
    codes = [stage.code.value for stage in current("routes").data.of(case.kind).stages]
    here = codes.index(case.stage) if case.stage in codes else -1
    ahead = next((stage for stage in stages if stage in codes[here + 1 :]), None)
    if ahead is None or missing_fields(case):
        return
    old, case.stage = case.stage, ahead
    case.save(update_fields=["stage"])
    record(StageChanged(case_id=case.pk, old=old, new=ahead), actor=actor, at=at)

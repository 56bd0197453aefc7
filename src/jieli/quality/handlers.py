"""What follows a fact of a case: its result gets a call-back, which falls away when the case goes on."""

from jieli.cases.events import CaseCancelled, CaseMerged, CaseReopened, CaseResolved
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.quality.actions.holding import RULE
from jieli.quality.actions.planning import drop_callback, make_callback

_WHY = {CaseReopened.type: "reopened", CaseCancelled.type: "cancelled", CaseMerged.type: "merged"}


@on(CaseResolved)
def call_back(event: Event) -> None:
    """Plan the call-back of a result that was told."""
    make_callback(event.stream_id, sequence=event.sequence, actor=rule_actor(RULE))


@on(CaseReopened, CaseCancelled, CaseMerged)
def drop(event: Event) -> None:
    """Let the call-back fall away of a case that goes on or ends otherwise."""
    drop_callback(event.stream_id, why=_WHY[event.type], actor=rule_actor(RULE))

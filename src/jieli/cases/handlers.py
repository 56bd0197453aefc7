"""What follows a fact of a case: the webhooks that want to know are called."""

from jieli.cases.events import (
    AssignmentAccepted,
    CaseClosed,
    CaseDeputised,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseTaken,
    CaseTakenOver,
    MessageWritten,
    PassAccepted,
    PromiseBroken,
)
from jieli.cases.rules.numbers import case_number
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.notify.actions import announce
from jieli.notify.queries import is_subscribed

ANNOUNCED = (
    AssignmentAccepted,
    CaseClosed,
    CaseDeputised,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseTaken,
    CaseTakenOver,
    MessageWritten,
    PassAccepted,
    PromiseBroken,
)


@on(*ANNOUNCED, wanted=is_subscribed)
def announce_fact(event: Event) -> None:
    """Call the webhooks that want this kind; the payload is the event as the API shows it, without free text."""
    payload = {
        "number": case_number(event.stream_id),
        "sequence": event.sequence,
        "type": event.type,
        "at": event.at.isoformat(),
        "data": event.data,
    }
    announce(event.type, payload=payload, case_id=event.stream_id, actor=SYSTEM)

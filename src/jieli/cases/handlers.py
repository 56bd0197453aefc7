"""What follows a fact of a case: the webhooks that want to know are called, and the assignment rules act."""

from jieli.cases.actions.absences import move_cases_of_absent
from jieli.cases.actions.assigning import assign_by_rule
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
    PassDeclined,
    PassLapsed,
    PromiseBroken,
)
from jieli.cases.queries.assigning import has_automatic_rule
from jieli.cases.rules.numbers import case_number
from jieli.events.actor import SYSTEM, rule_actor
from jieli.events.models import Event
from jieli.events.reactions import on
from jieli.notify.actions import announce
from jieli.notify.queries import is_subscribed
from jieli.people.events import AbsenceDeclared

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


@on(AbsenceDeclared)
def hand_to_deputy(event: Event) -> None:
    """Hand over what falls due while somebody is away, at once when the absence has begun; else the job finds it."""
    move_cases_of_absent(event.stream_id)


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


@on(CaseOpened, CaseReopened, CaseDeputised, PassDeclined, PassLapsed, wanted=has_automatic_rule)
def offer_by_rule(event: Event) -> None:
    """Offer the case by the assignment rules, when it came to the duty officer or the one asked did not take it."""
    assign_by_rule(event.stream_id, after=event.sequence, actor=rule_actor("assignment"))

"""The baton: offered, assigned, answered."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions import passing
from jieli.cases.api.router import router
from jieli.cases.models import Pass
from jieli.cases.queries import reading
from jieli.cases.schemas.cases import ReasonIn
from jieli.cases.schemas.messages import QuestionIn
from jieli.cases.schemas.passes import AcceptIn, AssignIn, DecideIn, PassIn, PassOut, Proposal, pass_out
from jieli.cases.schemas.promises import PromiseOut, promise_out
from jieli.events.refusals import Invalid
from jieli.lib.http import Answer, ApiRequest, answers
from jieli.people.models import Staff

PASS = answers(PassOut)


@router.post(
    "/cases/{number}/passes", response=answers(PassOut, 201), operation_id="offer_pass", summary="Offer to a colleague"
)
def offer_pass(request: ApiRequest, number: str, body: PassIn) -> Answer:
    """Offer the case to one person, by code; the giver owns it until it is accepted.

    To one's own superior it needs a proposal and goes up for a decision: the case stays with the asker.
    """
    case_id = reading.visible_case_id(request.auth, number)
    (receiver,) = _people([body.to])
    offer = passing.offer_pass(
        case_id, to=receiver, done=body.done, next=body.next, proposal=_proposal(body.proposal), actor=request.auth
    )
    return _answer(offer, 201)


@router.post(
    "/cases/{number}/assign",
    response=answers(PassOut, 201),
    operation_id="assign_case",
    summary="Assign as a supervisor",
)
def assign_case(request: ApiRequest, number: str, body: AssignIn) -> Answer:
    """Offer the case as a supervisor to the first of these people; an offer that lapses goes to the next."""
    case_id = reading.visible_case_id(request.auth, number)
    people = _people([body.to] if isinstance(body.to, str) else body.to)
    return _answer(
        passing.assign_case(case_id, to=people, note=body.note, explanation=body.explanation, actor=request.auth), 201
    )


@router.post("/passes/{int:pass_id}/accept", response=PASS, operation_id="accept_pass", summary="Accept")
def accept_pass(request: ApiRequest, pass_id: int, body: AcceptIn) -> Answer:
    """Accept with the need restated in one's own words; a proposal is decided on instead (409 `upward_is_decided`)."""
    reading.visible_pass(request.auth, pass_id)
    return _answer(passing.accept_pass(pass_id, restatement=body.restatement, actor=request.auth))


@router.post("/passes/{int:pass_id}/decline", response=PASS, operation_id="decline_pass", summary="Decline")
def decline_pass(request: ApiRequest, pass_id: int, body: ReasonIn) -> Answer:
    """Decline with a reason; the giver still has the case."""
    reading.visible_pass(request.auth, pass_id)
    return _answer(passing.decline_pass(pass_id, reason=body.reason, actor=request.auth))


@router.post("/passes/{int:pass_id}/withdraw", response=PASS, operation_id="withdraw_pass", summary="Withdraw")
def withdraw_pass(request: ApiRequest, pass_id: int) -> Answer:
    """Take an offer back before it is answered."""
    reading.visible_pass(request.auth, pass_id)
    return _answer(passing.withdraw_pass(pass_id, actor=request.auth))


@router.post("/passes/{int:pass_id}/decide", response=PASS, operation_id="decide_pass", summary="Decide on a proposal")
def decide_pass(request: ApiRequest, pass_id: int, body: DecideIn) -> Answer:
    """Decide on a proposal that came up: its only end. Ownership does not move."""
    reading.visible_pass(request.auth, pass_id)
    return _answer(passing.decide_pass(pass_id, decision=body.decision, text=body.text, actor=request.auth))


@router.post("/cases/{number}/escort", response=answers(PromiseOut, 201), operation_id="ask_escort", summary="Ask the escort")
def ask_escort(request: ApiRequest, number: str, body: QuestionIn) -> Answer:
    """Ask the former owner, who still runs along, a question; the answer is promised within the pass-answer time."""
    case_id = reading.visible_case_id(request.auth, number)
    return Answer(promise_out(passing.ask_escort(case_id, question=body.question, actor=request.auth)), 201)


def _answer(offer: Pass, status: int = 200) -> Answer:
    return Answer(pass_out(reading.whole_pass(offer.pk)), status)


def _people(codes: Sequence[str]) -> list[Staff]:
    found = {person.code: person for person in Staff.objects.filter(code__in=codes).select_related("unit")}
    missing = [code for code in codes if code not in found]
    if missing:
        raise Invalid(fields={"to": _("There is no person with the code %(code)s.") % {"code": missing[0]}})
    return [found[code] for code in dict.fromkeys(codes)]


def _proposal(given: Proposal | str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"options": [given], "recommended": 0} if isinstance(given, str) else given.model_dump()

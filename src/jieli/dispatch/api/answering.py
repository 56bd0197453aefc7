"""Answers to offered work orders by the API."""

from jieli.dispatch.actions.answering import accept_offer, answer_counter, counter_offer, refuse_offer
from jieli.dispatch.api.router import router
from jieli.dispatch.api.shapes import OFFER, AcceptIn, CounterAnswerIn, CounterIn, RefuseIn, ends_of, offer_of, offer_out
from jieli.lib.http import Answer, ApiRequest


@router.post(
    "/dispatch/offers/{int:offer_id}/accept", response=OFFER, operation_id="accept_work", summary="Accept a work order"
)
def accept(request: ApiRequest, offer_id: int, body: AcceptIn) -> Answer:
    """Accept an offered work order: the case is one's own from now, and the orders are made."""
    starts_at, ends_at = ends_of(body.window)
    accept_offer(
        offer_id,
        restatement=body.restatement,
        starts_at=starts_at,
        ends_at=ends_at,
        agreed=body.agreed,
        actor=request.auth,
    )
    return Answer(offer_out(offer_of(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/refuse", response=OFFER, operation_id="refuse_work", summary="Refuse a work order"
)
def refuse(request: ApiRequest, offer_id: int, body: RefuseIn) -> Answer:
    """Refuse an offered work order for one of the policy's reasons; the next candidate is asked."""
    refuse_offer(offer_id, reason=body.reason, note=body.note, actor=request.auth)
    return Answer(offer_out(offer_of(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/counter", response=OFFER, operation_id="counter_work", summary="Propose another time"
)
def counter(request: ApiRequest, offer_id: int, body: CounterIn) -> Answer:
    """Propose another window instead of the one that was asked for."""
    starts_at, ends_at = body.window.starts_at, body.window.ends_at
    counter_offer(offer_id, starts_at=starts_at, ends_at=ends_at, reason=body.reason, actor=request.auth)
    return Answer(offer_out(offer_of(offer_id)))


@router.post(
    "/dispatch/offers/{int:offer_id}/counter/answer",
    response=OFFER,
    operation_id="answer_counter",
    summary="Answer another time",
)
def answer(request: ApiRequest, offer_id: int, body: CounterAnswerIn) -> Answer:
    """Say yes or no to the window that was proposed; yes makes the order accepted."""
    answer_counter(offer_id, agree=body.agree, agreed_with_customer=body.agreed_with_customer, actor=request.auth)
    return Answer(offer_out(offer_of(offer_id)))

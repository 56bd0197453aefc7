"""Promises by hand: given, told, kept, cancelled."""

from jieli.cases.actions import promises
from jieli.cases.api.router import router
from jieli.cases.queries import reading
from jieli.cases.schemas.cases import ReasonIn
from jieli.cases.schemas.promises import HowIn, PromiseIn, PromiseOut, promise_out
from jieli.lib.http import Answer, ApiRequest, answers

PROMISE = answers(PromiseOut)


@router.post(
    "/cases/{number}/promises", response=answers(PromiseOut, 201), operation_id="give_promise", summary="Promise a time"
)
def give_promise(request: ApiRequest, number: str, body: PromiseIn) -> Answer:
    """Promise a time that a person gives; an earlier promise of the kind still counts."""
    case_id = reading.visible_case_id(request.auth, number)
    promise = promises.give_promise(case_id, kind=body.kind, due_at=body.due_at, told=body.told, actor=request.auth)
    return Answer(promise_out(promise), 201)


@router.post("/promises/{int:promise_id}/tell", response=PROMISE, operation_id="tell_promise", summary="Note that it was told")
def tell_promise(request: ApiRequest, promise_id: int, body: HowIn) -> Answer:
    """Note that the other side was told of the promised time."""
    return Answer(promise_out(promises.tell_promise(promise_id, how=body.how, actor=request.auth)))


@router.post("/promises/{int:promise_id}/keep", response=PROMISE, operation_id="keep_promise", summary="Note that it was kept")
def keep_promise(request: ApiRequest, promise_id: int) -> Answer:
    """End a promise as fulfilled now: kept, or late when its time has passed."""
    return Answer(promise_out(promises.keep_promise(promise_id, actor=request.auth)))


@router.post("/promises/{int:promise_id}/cancel", response=PROMISE, operation_id="cancel_promise", summary="Cancel")
def cancel_promise(request: ApiRequest, promise_id: int, body: ReasonIn) -> Answer:
    """Cancel a promise with a reason; refused when the case would have no next time (409 `no_next_time`)."""
    return Answer(promise_out(promises.cancel_promise(promise_id, reason=body.reason, actor=request.auth)))

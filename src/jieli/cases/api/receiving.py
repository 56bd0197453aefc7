"""Needs come in: one, or up to 500 at once."""

from pydantic import ValidationError

from jieli.cases.actions import receiving
from jieli.cases.actions.opening import Opened
from jieli.cases.actions.window import window
from jieli.cases.api.router import router
from jieli.cases.queries import links
from jieli.cases.schemas.opening import (
    AddressIn,
    BatchErrorOut,
    BatchIn,
    BatchOut,
    BatchResultOut,
    CaseIn,
    OpenedOut,
    degrees,
    opened_out,
)
from jieli.events.refusals import Invalid, Refused
from jieli.lib.http import Answer, ApiRequest, answers, field_faults


@router.post("/cases", response=answers(OpenedOut, 201), operation_id="open_case", summary="Open a case")
def open_case(request: ApiRequest, body: CaseIn) -> Answer:
    """Receive a need: the customer is found or made; the case has an owner and its first promised times at once."""
    opened = window.receive(_need(body), actor=request.auth)
    return Answer(opened_out(opened, _tracking_url(request, opened)), 201)


@router.post("/cases/batch", response=answers(BatchOut), operation_id="open_cases", summary="Open up to 500 cases")
def open_cases(request: ApiRequest, body: BatchIn) -> Answer:
    """Open many cases in one transaction; each is answered at its place, one bad case does not harm the others."""
    results: dict[int, BatchResultOut] = {}
    needs: dict[int, receiving.Need] = {}
    for place, one in enumerate(body.cases):
        try:
            needs[place] = _need(CaseIn.model_validate(one))
        except ValidationError as error:
            results[place] = _failed(Invalid(fields=field_faults(error.errors())))
    received = receiving.receive_many(list(needs.values()), actor=request.auth)
    for place, answer in zip(needs, received, strict=True):
        results[place] = _failed(answer) if isinstance(answer, Refused) else _opened(request, answer)
    return Answer(BatchOut(results=[results[place] for place in range(len(body.cases))]))


def _need(body: CaseIn) -> receiving.Need:
    address = body.address or AddressIn()
    return receiving.Need(
        kind=body.kind,
        subject=body.subject,
        name=body.customer.name,
        phone=body.customer.phone,
        email=body.customer.email,
        code=body.customer.code,
        description=body.description,
        service_type=body.service_type or "",
        channel=body.channel,
        severity=body.severity,
        device_serial=body.device_serial or "",
        product_line=body.product_line or "",
        address=address.text,
        latitude=degrees(address.latitude),
        longitude=degrees(address.longitude),
        language=body.language,
        tags=body.tags,
        custom=body.custom,
    )


def _tracking_url(request: ApiRequest, opened: Opened) -> str:
    return links.tracking_url(opened.number, opened.tracking_code, f"{request.scheme}://{request.get_host()}")


def _opened(request: ApiRequest, opened: Opened) -> BatchResultOut:
    one = opened_out(opened, _tracking_url(request, opened))
    return BatchResultOut(
        number=one.number,
        status=one.status,
        stage=one.stage,
        owner=one.owner,
        steward=one.steward,
        promises=one.promises,
        tracking_url=one.tracking_url,
    )


def _failed(refused: Refused) -> BatchResultOut:
    fields = {name: str(text) for name, text in refused.fields.items()}
    error = BatchErrorOut(code=refused.code, message=str(refused.message), fields=fields)
    return BatchResultOut(error=error)

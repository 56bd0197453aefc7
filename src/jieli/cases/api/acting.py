"""What people do with a case: say, take, change, wait, resolve, end, tie."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import File, Form
from ninja.files import UploadedFile

from jieli.cases.actions import conversing, linking, owning, progressing, promises, relating
from jieli.cases.api.reading import case_answer
from jieli.cases.api.router import router
from jieli.cases.queries import links, reading
from jieli.cases.schemas.cases import CaseOut, ChangeIn, ReasonIn, ResolveIn, StageIn
from jieli.cases.schemas.evidence import EvidenceOut, evidence_out
from jieli.cases.schemas.links import TrackingIn, TrackingOut
from jieli.cases.schemas.messages import MessageIn, MessageOut, message_out
from jieli.cases.schemas.opening import OpenedOut, degrees, opened_out
from jieli.cases.schemas.promises import PauseIn
from jieli.cases.schemas.relations import MergeIn, RelationIn, RelationOut, SplitIn, relation_out
from jieli.events.refusals import Invalid
from jieli.files.actions import keep
from jieli.lib.http import Answer, ApiRequest, Instant, answers

CASE = answers(CaseOut)


@router.patch("/cases/{number}", response=CASE, operation_id="change_case", summary="Correct fields")
def change_case(request: ApiRequest, number: str, body: ChangeIn) -> Answer:
    """Correct fields. What rules match on plans the running promises anew; a field set to null is left as it is, but severity.

    With `revision`, the answer is 409 `changed_meanwhile` with the present values when somebody else changed the same fields.
    """
    case_id = reading.visible_case_id(request.auth, number)
    given = body.model_dump(exclude_unset=True, exclude={"revision"})
    values = {name: value for name, value in given.items() if value is not None or name == "severity"}
    progressing.change_case(case_id, values=values, revision=body.revision, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/stage", response=CASE, operation_id="move_to_stage", summary="Move along the route")
def move_to_stage(request: ApiRequest, number: str, body: StageIn) -> Answer:
    """Move the case along its route; what the stage asks for must be filled before."""
    case_id = reading.visible_case_id(request.auth, number)
    progressing.move_to_stage(case_id, stage=body.stage, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post(
    "/cases/{number}/messages",
    response=answers(MessageOut, 201),
    operation_id="write_message",
    summary="Write to the customer, or a note",
)
def write_message(request: ApiRequest, number: str, body: MessageIn) -> Answer:
    """Write to the customer (`visible`), which keeps the promised reply and promises the next; else a note."""
    case_id = reading.visible_case_id(request.auth, number)
    message = conversing.write_message(
        case_id,
        body=body.body,
        visible=body.visible,
        next_reply_at=body.next_reply_at,
        in_spite_of_phrases=body.in_spite_of_phrases,
        channel="api" if body.visible else "",
        actor=request.auth,
    )
    return Answer(message_out(message, reading.names_of([message.author_id])), 201)


@router.post("/cases/{number}/take", response=CASE, operation_id="take_case", summary="Take from the duty officer")
def take_case(request: ApiRequest, number: str) -> Answer:
    """Take a case which nobody took yet; of many who try at once one gets it, the others 409 `already_taken`."""
    case_id = reading.visible_case_id(request.auth, number)
    owning.take_case(case_id, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/takeover", response=CASE, operation_id="take_over_case", summary="Take over as a superior")
def take_over_case(request: ApiRequest, number: str, body: ReasonIn) -> Answer:
    """Take a case over as a superior, with a reason; owner and steward are told."""
    case_id = reading.visible_case_id(request.auth, number)
    owning.take_over_case(case_id, reason=body.reason, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/deputy", response=CASE, operation_id="move_to_deputy", summary="Give to the present deputy")
def move_to_deputy(request: ApiRequest, number: str) -> Answer:
    """Give the case of an absent owner to the deputy who is present, else to the duty officer."""
    case_id = reading.visible_case_id(request.auth, number)
    owning.move_to_deputy(case_id, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/pause", response=CASE, operation_id="pause_case", summary="Let the clocks stand")
def pause_case(request: ApiRequest, number: str, body: PauseIn) -> Answer:
    """Let the clocks stand until a time to which the customer agreed, for a reason that the policy lists."""
    case_id = reading.visible_case_id(request.auth, number)
    promises.pause_case(case_id, reason=body.reason, until=body.until, consent=body.consent, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/resume", response=CASE, operation_id="resume_case", summary="Let the clocks run again")
def resume_case(request: ApiRequest, number: str) -> Answer:
    """Let the clocks run again before the agreed time."""
    case_id = reading.visible_case_id(request.auth, number)
    promises.resume_case(case_id, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/resolve", response=CASE, operation_id="resolve_case", summary="Tell the result")
def resolve_case(request: ApiRequest, number: str, body: ResolveIn) -> Answer:
    """Tell the customer the result: promises are kept, the call-back or the automatic close begins."""
    case_id = reading.visible_case_id(request.auth, number)
    progressing.resolve_case(case_id, answer=body.answer, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/close", response=CASE, operation_id="close_case", summary="Archive")
def close_case(request: ApiRequest, number: str) -> Answer:
    """Archive a resolved case."""
    case_id = reading.visible_case_id(request.auth, number)
    progressing.close_case(case_id, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/cancel", response=CASE, operation_id="cancel_case", summary="Call off")
def cancel_case(request: ApiRequest, number: str, body: ReasonIn) -> Answer:
    """Call a case off with a reason."""
    case_id = reading.visible_case_id(request.auth, number)
    progressing.cancel_case(case_id, reason=body.reason, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/reopen", response=CASE, operation_id="reopen_case", summary="Reopen")
def reopen_case(request: ApiRequest, number: str, body: ReasonIn) -> Answer:
    """Reopen within the policy's days; the customer gets a new time at once. Later a follow-up is due."""
    case_id = reading.visible_case_id(request.auth, number)
    progressing.reopen_case(case_id, reason=body.reason, actor=request.auth)
    return case_answer(case_id, request.auth)


@router.post("/cases/{number}/evidence", response=answers(EvidenceOut, 201), operation_id="keep_evidence", summary="Add a file")
def keep_evidence(
    request: ApiRequest,
    number: str,
    *,
    file: Annotated[UploadedFile, File(description="A picture, PDF, recording or video.")],
    customer_sees: Annotated[bool, Form()] = False,
    taken_at: Annotated[Instant | None, Form()] = None,
    latitude: Annotated[float | None, Form(ge=-90, le=90, allow_inf_nan=False)] = None,
    longitude: Annotated[float | None, Form(ge=-180, le=180, allow_inf_nan=False)] = None,
) -> Answer:
    """Keep a file: its content is sniffed, its digest taken; when and where come from the picture unless given."""
    case_id = reading.visible_case_id(request.auth, number)
    if (latitude is None) != (longitude is None):
        raise Invalid(fields={"latitude" if latitude is None else "longitude": _("A place needs latitude and longitude.")})
    evidence = keep(
        file,
        case_id=case_id,
        actor=request.auth,
        customer_sees=customer_sees,
        taken_at=taken_at,
        latitude=degrees(latitude),
        longitude=degrees(longitude),
    )
    return Answer(evidence_out(evidence), 201)


@router.post(
    "/cases/{number}/relations",
    response=answers(RelationOut, 201),
    operation_id="relate_cases",
    summary="Tie to another case",
)
def relate_cases(request: ApiRequest, number: str, body: RelationIn) -> Answer:
    """Say how the case belongs to another; to join two into one, merge."""
    case_id = reading.visible_case_id(request.auth, number)
    other_id = reading.visible_case_id(request.auth, body.to)
    return Answer(relation_out(relating.relate_cases(case_id, other_id=other_id, kind=body.kind, actor=request.auth)), 201)


@router.post(
    "/relations/{int:relation_id}/undo",
    response=answers(RelationOut),
    operation_id="undo_relation",
    summary="Undo a tie",
)
def undo_relation(request: ApiRequest, relation_id: int) -> Answer:
    """Undo a tie; undoing a merge lets the case go on by itself again."""
    return Answer(relation_out(relating.undo_relation(relation_id, actor=request.auth)))


@router.post(
    "/cases/{number}/merge",
    response=answers(RelationOut, 201),
    operation_id="merge_cases",
    summary="Join into another case",
)
def merge_cases(request: ApiRequest, number: str, body: MergeIn) -> Answer:
    """End the case and go on under another; both customers are told, and it can be undone."""
    case_id = reading.visible_case_id(request.auth, number)
    into_id = reading.visible_case_id(request.auth, body.into)
    return Answer(relation_out(relating.merge_cases(case_id, into_id=into_id, actor=request.auth)), 201)


@router.post(
    "/cases/{number}/split",
    response=answers(OpenedOut, 201),
    operation_id="split_case",
    summary="Open a case from its messages",
)
def split_case(request: ApiRequest, number: str, body: SplitIn) -> Answer:
    """Open a new case of the same customer with copies of the chosen messages."""
    case_id = reading.visible_case_id(request.auth, number)
    opened = relating.split_case(case_id, subject=body.subject, message_ids=body.message_ids, actor=request.auth)
    url = links.tracking_url(opened.number, opened.tracking_code, f"{request.scheme}://{request.get_host()}")
    return Answer(opened_out(opened, url), 201)


@router.post(
    "/cases/{number}/tracking",
    response=answers(TrackingOut, 201),
    operation_id="renew_tracking",
    summary="Give the customer a new link",
)
def renew_tracking(request: ApiRequest, number: str, body: TrackingIn) -> Answer:
    """Make a new link after checking who asks; the old one ends. Of the link only a digest is kept."""
    case_id = reading.visible_case_id(request.auth, number)
    renewed = linking.renew_tracking(case_id, proof=body.proof, actor=request.auth)
    url = links.tracking_url(renewed.case.number, renewed.code, f"{request.scheme}://{request.get_host()}")
    return Answer(TrackingOut(number=renewed.case.number, tracking_url=url), 201)

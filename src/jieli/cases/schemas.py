"""The bodies of the API's operations on cases, and how rows become them."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.urls import reverse
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.cases.actions.opening import Opened
from jieli.cases.models import Case, Message, Pass, Promise, Relation
from jieli.cases.queries.assigning import why_offered
from jieli.cases.queries.own_fields import seen_custom
from jieli.cases.rules.numbers import case_number
from jieli.customers.models import Customer
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.files.models import Evidence
from jieli.lib.http import In, Instant, JsonObject, Out, kept
from jieli.lib.text import mask_address, mask_phone
from jieli.ui.display import masked

Kind = Literal[
    "enquiry", "service", "complaint", "suggestion", "praise", "internal_request", "internal_complaint", "improvement"
]
Status = Literal["open", "waiting", "resolved", "closed", "cancelled"]
Stage = Literal["intake", "dispatch", "visit", "quality", "settlement", "handling", "reply", "callback", "archive", "recovery"]
Channel = Literal["portal", "qr", "email", "phone", "counter", "wechat", "chat", "api", "webhook", "import"]
ServiceType = Literal["design", "guidance", "installation", "repair", "maintenance", "check"]
CustomerPromise = Literal[
    "accept", "first_reply", "next_reply", "arrive", "resolve", "callback", "part_delivery", "internal_answer", "payout"
]
Severity = Annotated[int, Field(ge=1, le=4, strict=True)]
StaffCode = Annotated[str, kept(64, 1)]
Words = Annotated[str, kept(20_000, 1)]
Reason = Annotated[str, kept(2_000, 1)]
Proof = Literal["call_back", "email", "counter"]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


# --- what comes in


class CustomerIn(In):
    """Who has the need: found by code, else phone, else e-mail; otherwise made."""

    name: Annotated[str, kept(200, 1)] = Field(examples=["王芳"])
    phone: Annotated[str, kept(40)] = Field("", examples=["13800138000"])
    email: Annotated[str, kept(254)] = ""
    code: Annotated[str, kept(60)] = ""


class AddressIn(In):
    """Where it is: in words, and by latitude and longitude when known (both or none)."""

    text: Annotated[str, kept(500)] = ""
    latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> "AddressIn":
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("half_a_place", "A place needs latitude and longitude.")
        return self


class CaseIn(In):
    """A need to be received as a case."""

    kind: Kind
    service_type: ServiceType | Literal[""] | None = None
    subject: Annotated[str, kept(200, 1)] = Field(examples=["洗衣机不排水"])
    description: Annotated[str, kept(20_000)] = ""
    channel: Channel = "api"
    severity: Severity | None = None
    customer: CustomerIn
    device_serial: Annotated[str, kept(80)] | None = None
    product_line: Annotated[str, kept(60)] | None = None
    address: AddressIn | None = None
    custom: JsonObject = Field(
        default_factory=dict, description="The company's own fields of this kind of case, as the policy `fields` names them."
    )
    tags: list[Annotated[str, kept(40, 1)]] = Field(default_factory=list, max_length=20)
    language: Annotated[str, kept(10)] = ""


class BatchIn(In):
    """Up to 500 needs at once; each is answered for itself."""

    cases: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=500,
        description="Each as in `POST /api/v1/cases`; one bad case does not harm the others.",
    )


class ChangeIn(In):
    """Fields to correct; `revision` is the one that was read, so that two people who edit at once lose nothing."""

    revision: int | None = Field(None, ge=1, le=2**31 - 1)
    kind: Kind | None = None
    service_type: ServiceType | Literal[""] | None = None
    subject: Annotated[str, kept(200, 1)] | None = None
    description: Annotated[str, kept(20_000)] | None = None
    product_line: Annotated[str, kept(60)] | None = None
    fault_code: Annotated[str, kept(60)] | None = None
    address: Annotated[str, kept(500)] | None = None
    severity: Severity | None = None
    tags: list[Annotated[str, kept(40, 1)]] | None = Field(None, max_length=20)
    custom: JsonObject | None = Field(None, description="All own fields which the role sees; one that is left out is emptied.")
    language: Annotated[str, kept(10)] | None = None


class MessageIn(In):
    """Something said: to the customer when visible, else a note between colleagues (@code or @name mentions somebody)."""

    body: Words
    visible: bool
    next_reply_at: Instant | None = Field(None, description="The time promised for the next reply; otherwise by the policy.")
    in_spite_of_phrases: bool = Field(
        True, description="False: a phrase that customers should not hear is refused with better words."
    )


class Proposal(In):
    """What a case that goes up to one's own superior needs: options, and the place of the recommended one."""

    options: list[Annotated[str, kept(2_000, 1)]] = Field(min_length=1, max_length=20)
    recommended: Annotated[int, Field(ge=0, le=19, strict=True)] = 0


class PassIn(In):
    """An offer of the case to one person."""

    to: StaffCode
    done: Annotated[str, kept(5_000, 1)]
    next: Annotated[str, kept(5_000, 1)]
    proposal: Proposal | Annotated[str, kept(2_000, 1)] | None = None


class AcceptIn(In):
    """The need in the receiver's own words."""

    restatement: Annotated[str, kept(5_000, 1)]


class ReasonIn(In):
    """Why."""

    reason: Reason


class DecideIn(In):
    """The word of the superior on a proposal."""

    decision: Literal["approved", "changed", "refused"]
    text: Annotated[str, kept(5_000, 1)]


class AssignIn(In):
    """Whom to offer the case: one person, or several who are asked in turn when an offer lapses."""

    to: StaffCode | Annotated[list[StaffCode], Field(min_length=1, max_length=20)]
    note: Annotated[str, kept(2_000)] = ""
    explanation: Annotated[str, kept(300)] = ""


class PauseIn(In):
    """Let the clocks stand until a time to which the customer agreed."""

    reason: Annotated[str, kept(40, 1)] = Field(examples=["customer"])
    until: Instant
    consent: bool


class PromiseIn(In):
    """A time that a person gives."""

    kind: CustomerPromise
    due_at: Instant
    told: bool = False


class HowIn(In):
    """How the other side was told."""

    how: Annotated[str, kept(20, 1)] = "message"


class ResolveIn(In):
    """The result, as the customer is told."""

    answer: Words


class QuestionIn(In):
    """A question to the escort."""

    question: Annotated[str, kept(5_000, 1)]


class StageIn(In):
    """The next station of the route."""

    stage: Stage


class RelationIn(In):
    """How the case belongs to another."""

    to: Annotated[str, kept(40, 1)] = Field(description="The other case's number.")
    kind: Literal["child_of", "follow_up_of", "member_of", "improvement_of", "split_from"]


class MergeIn(In):
    """The case in which this one goes on."""

    into: Annotated[str, kept(40, 1)] = Field(description="The other case's number.")


class SplitIn(In):
    """The messages with which a new case of the same customer begins."""

    subject: Annotated[str, kept(200, 1)]
    message_ids: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=200)


# --- what goes out


class FirstPromiseOut(Out):
    """One of the first promises of a new case."""

class TrackingIn(In):
    """How it was checked that the customer asks for a new link."""

    proof: Proof


    kind: str
    due_at: Instant
    rule: str
class TrackingOut(Out):
    """The customer's new link to a case."""

    number: str
    tracking_url: str


    policy: str


class OpenedOut(Out):
    """A case just opened; the link with its code is shown once."""

    number: str
    status: Status
    stage: Stage
    owner: str
    owner_name: str
    steward: str
    steward_name: str
    opened_at: Instant
    promises: list[FirstPromiseOut]
    tracking_url: str


class BatchErrorOut(Out):
    """Why one case of a batch was not opened."""

    code: str
    message: str
    fields: dict[str, str]


class BatchResultOut(Out):
    """The answer for one case of a batch, at its place: the case, or the error."""

    number: str | None = None
    status: Status | None = None
    stage: Stage | None = None
    owner: str | None = None
    steward: str | None = None
    promises: list[FirstPromiseOut] | None = None
    tracking_url: str | None = None
    error: BatchErrorOut | None = None


class BatchOut(Out):
    """The answers, in the order of the cases."""

    results: list[BatchResultOut]


class PromiseOut(Out):
    """A promise; `paused_until` while its clock stands, `outcome` once it ended."""

    id: int
    kind: str
    due_at: Instant
    rule: str
    policy: str
    started_at: Instant
    told_at: Instant | None
    paused_until: Instant | None
    breached_at: Instant | None
    ended_at: Instant | None
    outcome: Literal["kept", "late", "cancelled"] | None
    late_minutes: str | None
    reason: str
    by_import: bool


class CaseCustomerOut(Out):
    """A customer with phone, e-mail and address masked; see `POST /api/v1/customers/{id}/unmask`."""

    id: int
    code: str
    name: str
    kind: str
    phone: str
    email: str
    tier: str


class AddressOut(Out):
    """Where it is; masked down to the district."""

    text: str


class PassOut(Out):
    """An offer of a case and what became of it."""

    id: int
    number: str
    way: Literal["pass", "assign", "upward"]
    state: Literal["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"]
    giver: str
    giver_name: str
    receiver: str
    receiver_name: str
    done: str
    next: str
    promised: str
    proposal: dict[str, Any] | None
    explanation: str
    offered_at: Instant
    settled_at: Instant | None
    restatement: str
    reason: str
    decision: str
    decision_text: str


class CaseRowOut(Out):
    """A case as lists show it."""

    number: str
    kind: Kind
    service_type: str
    subject: str
    status: Status
    stage: Stage
    severity: int | None
    channel: Channel
    customer_name: str
    unit: str
    unit_name: str
    owner: str
    owner_name: str
    is_on_duty: bool
    steward: str
    steward_name: str
    opened_at: Instant
    next_due_at: Instant | None
    closed_at: Instant | None
    pending_pass: int | None


class CaseOut(Out):
    """A case with its promises, running ones first."""

    number: str
    kind: Kind
    service_type: str
    subject: str
    description: str
    status: Status
    stage: Stage
    severity: int | None
    channel: Channel
    language: str
    tags: list[str]
    custom: dict[str, Any] = Field(description="The company's own fields; `***` stands for what the role does not see.")
    product_line: str
    fault_code: str
    customer: CaseCustomerOut
    device_serial: str
    address: AddressOut
    source: str
    source_key: str
    unit: str
    unit_name: str
    owner: str
    owner_name: str
    is_on_duty: bool
    steward: str
    steward_name: str
    escort: str | None
    opened_at: Instant
    next_due_at: Instant | None
    resolved_at: Instant | None
    closed_at: Instant | None
    reopened: int
    passes: int
    revision: int
    promises: list[PromiseOut]
    pending_pass: PassOut | None


class MessageOut(Out):
    """A message of the conversation, or a note."""

    id: int
    direction: Literal["in", "out", "note"]
    visible: bool
    author_kind: str
    author: str
    author_name: str
    body: str
    channel: str
    at: Instant
    read_at: Instant | None
    phrases: list[str]


class EventOut(Out):
    """One fact of the case's chain. `texts` are its free texts, which lie outside of the hash and can be erased."""

    sequence: int
    at: Instant
    actor: str
    actor_kind: str
    actor_name: str
    type: str
    data: dict[str, Any]
    texts: dict[str, str]
    hash: str


class EvidenceOut(Out):
    """A file of the case with its digest; `content_url` is where its bytes are."""

    id: int
    key: str
    content_url: str
    name: str
    kind: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: Instant
    taken_at: Instant | None
    customer_sees: bool
    is_sealed: bool


class RelationOut(Out):
    """A tie from one case to another."""

    id: int
    number: str
    to: str
    kind: str
    at: Instant
    ended_at: Instant | None


# --- rows to bodies


def degrees(value: float | None) -> Decimal | None:
    """Return a latitude or longitude as it is stored."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.000001"))


def opened_out(opened: Opened, tracking_url: str) -> OpenedOut:
    """Return what the API says of a case just opened."""
    return OpenedOut(
        number=opened.number,
        status=opened.status,  # type: ignore[arg-type]
        stage=opened.stage,  # type: ignore[arg-type]
        owner=opened.owner_code,
        owner_name=opened.owner_name,
        steward=opened.steward_code,
        steward_name=opened.steward_name,
        opened_at=opened.opened_at,
        promises=[
            FirstPromiseOut(kind=one.kind, due_at=one.due_at, rule=one.rule, policy=one.policy) for one in opened.promises
        ],
        tracking_url=tracking_url,
    )


def promise_out(promise: Promise) -> PromiseOut:
    """Return a promise."""
    return PromiseOut(
        id=promise.pk,
        kind=promise.kind,
        due_at=promise.due_at,
        rule=promise.rule,
        policy=promise.policy,
        started_at=promise.started_at,
        told_at=promise.told_at,
        paused_until=promise.paused_until,
        breached_at=promise.breached_at,
        ended_at=promise.ended_at,
        outcome=promise.outcome or None,  # type: ignore[arg-type]
        late_minutes=None if promise.late_minutes is None else str(promise.late_minutes),
        reason=promise.reason,
        by_import=promise.by_import,
    )


def customer_out(customer: Customer) -> CaseCustomerOut:
    """Return a customer, masked."""
    return CaseCustomerOut(
        id=customer.pk,
        code=customer.code,
        name=customer.name,
        kind=customer.kind,
        phone=mask_phone(customer.phone),
        email=masked(customer.email) if customer.email else "",
        tier=customer.tier,
    )


def pass_out(offer: Pass) -> PassOut:
    """Return an offer; reads its giver and receiver."""
    return PassOut(
        id=offer.pk,
        number=case_number(offer.case_id),
        way=offer.way,  # type: ignore[arg-type]
        state=offer.state,  # type: ignore[arg-type]
        giver=offer.giver.code,
        giver_name=offer.giver.name,
        receiver=offer.receiver.code,
        receiver_name=offer.receiver.name,
        done=offer.done,
        next=offer.next,
        promised=offer.promised,
        proposal=offer.proposal,
        explanation=why_offered(offer),
        offered_at=offer.offered_at,
        settled_at=offer.settled_at,
        restatement=offer.restatement,
        reason=offer.reason,
        decision=offer.decision,
        decision_text=offer.decision_text,
    )


def case_out(case: Case, promises: Iterable[Promise], offer: Pass | None, actor: Actor) -> CaseOut:
    """Return a case as the actor may read it; reads its customer, unit, owner, steward, escort and device."""
    return CaseOut(
        number=case.number,
        kind=case.kind,  # type: ignore[arg-type]
        service_type=case.service_type,
        subject=case.subject,
        description=case.description,
        status=case.status,  # type: ignore[arg-type]
        stage=case.stage,  # type: ignore[arg-type]
        severity=case.severity,
        channel=case.channel,  # type: ignore[arg-type]
        language=case.language,
        tags=list(case.tags),
        custom=seen_custom(case.custom, case.kind, actor),
        product_line=case.product_line,
        fault_code=case.fault_code,
        customer=customer_out(case.customer),
        device_serial=case.device.serial if case.device is not None else "",
        address=AddressOut(text=mask_address(case.address)),
        source=case.source,
        source_key=case.source_key,
        unit=case.unit.code,
        unit_name=case.unit.name,
        owner=case.owner.code,
        owner_name=case.owner.name,
        is_on_duty=case.is_on_duty,
        steward=case.steward.code,
        steward_name=case.steward.name,
        escort=case.escort.code if case.escort is not None else None,
        opened_at=case.opened_at,
        next_due_at=case.next_due_at,
        resolved_at=case.resolved_at,
        closed_at=case.closed_at,
        reopened=case.reopened,
        passes=case.passes,
        revision=case.revision,
        promises=[promise_out(one) for one in promises],
        pending_pass=pass_out(offer) if offer is not None else None,
    )


def case_row_out(case: Case, offer: Pass | None) -> CaseRowOut:
    """Return a case for a list; reads its customer, unit, owner and steward."""
    return CaseRowOut(
        number=case.number,
        kind=case.kind,  # type: ignore[arg-type]
        service_type=case.service_type,
        subject=case.subject,
        status=case.status,  # type: ignore[arg-type]
        stage=case.stage,  # type: ignore[arg-type]
        severity=case.severity,
        channel=case.channel,  # type: ignore[arg-type]
        customer_name=case.customer.name,
        unit=case.unit.code,
        unit_name=case.unit.name,
        owner=case.owner.code,
        owner_name=case.owner.name,
        is_on_duty=case.is_on_duty,
        steward=case.steward.code,
        steward_name=case.steward.name,
        opened_at=case.opened_at,
        next_due_at=case.next_due_at,
        closed_at=case.closed_at,
        pending_pass=offer.pk if offer is not None else None,
    )


def message_out(message: Message, names: dict[int, tuple[str, str]], customer: Customer | None = None) -> MessageOut:
    """Return a message; `names` has code and name of staff by id."""
    author, author_name = "", message.author_kind
    if message.author_kind == "staff":
        author, author_name = names.get(message.author_id or 0, ("", ""))
    elif message.author_kind == "customer" and customer is not None:
        author_name = customer.name
    return MessageOut(
        id=message.pk,
        direction=message.direction,  # type: ignore[arg-type]
        visible=message.is_visible,
        author_kind=message.author_kind,
        author=author,
        author_name=author_name,
        body=message.body,
        channel=message.channel,
        at=message.at,
        read_at=message.read_at,
        phrases=list(message.phrases),
    )


def events_out(events: Sequence[Event], names: dict[int, tuple[str, str]], kind: str, reader: Actor) -> list[EventOut]:
    """Return the facts of the chain of a case of this kind; reads their texts, which must have been fetched."""
    return [_event_out(event, names, kind, reader) for event in events]


def _event_out(event: Event, names: dict[int, tuple[str, str]], kind: str, reader: Actor) -> EventOut:
    actor, actor_name = event.actor_kind, event.actor_name
    if event.actor_kind == "staff":
        actor, actor_name = names.get(event.actor_id or 0, ("", ""))
    elif event.actor_name:
        actor = event.actor_name
    return EventOut(
        sequence=event.sequence,
        at=event.at,
        actor=actor,
        actor_kind=event.actor_kind,
        actor_name=actor_name,
        type=event.type,
        data=event.data,
        texts={text.field: _seen_text(text.field, text.body, kind, reader) for text in event.texts.all()},
        hash=bytes(event.hash).hex(),
    )


def _seen_text(name: str, body: str, kind: str, reader: Actor) -> str:
    """Return a free text of a fact; of the company's own fields only what the reader sees."""
    if name != "old_custom" or not body:
        return body
    return json.dumps(seen_custom(json.loads(body), kind, reader), ensure_ascii=False, sort_keys=True)


def evidence_out(evidence: Evidence) -> EvidenceOut:
    """Return a file's row."""
    return EvidenceOut(
        id=evidence.pk,
        key=str(evidence.key),
        content_url=reverse("api:get_evidence", args=[evidence.key]),
        name=evidence.name,
        kind=evidence.kind,
        content_type=evidence.content_type,
        size=evidence.size,
        sha256=evidence.sha256,
        uploaded_at=evidence.uploaded_at,
        taken_at=evidence.taken_at,
        customer_sees=evidence.customer_sees,
        is_sealed=evidence.sealed_at is not None,
    )


def relation_out(relation: Relation) -> RelationOut:
    """Return a tie."""
    return RelationOut(
        id=relation.pk,
        number=case_number(relation.case_id),
        to=case_number(relation.other_id),
        kind=relation.kind,
        at=relation.at,
        ended_at=relation.ended_at,
    )

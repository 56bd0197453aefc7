"""A case as it is read, and the bodies of what is done with it as a whole."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from jieli.cases.models import Case, Pass, Promise
from jieli.cases.queries.own_fields import seen_custom
from jieli.cases.schemas.codes import Channel, Kind, Reason, ServiceType, Severity, Stage, Status, Words
from jieli.cases.schemas.passes import PassOut, pass_out
from jieli.cases.schemas.promises import PromiseOut, promise_out
from jieli.customers.models import Customer
from jieli.events.actor import Actor
from jieli.lib.http import In, Instant, JsonObject, Out, kept
from jieli.lib.text import mask_address, mask_phone
from jieli.ui.display import masked


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


class ReasonIn(In):
    """Why."""

    reason: Reason


class ResolveIn(In):
    """The result, as the customer is told."""

    answer: Words


class StageIn(In):
    """The next station of the route."""

    stage: Stage


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

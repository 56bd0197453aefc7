"""Needs that come in, one or many, and what is answered to them."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from jieli.cases.actions.opening import Opened
from jieli.cases.schemas.codes import Channel, Kind, ServiceType, Severity, Stage, Status
from jieli.lib.http import In, Instant, JsonObject, Out, kept

Degrees = Annotated[float, Field(allow_inf_nan=False)]


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


class FirstPromiseOut(Out):
    """One of the first promises of a new case."""

    kind: str
    due_at: Instant
    rule: str
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

"""The API's operations on customers: looked for, made, corrected, and looked at unmasked."""

from datetime import date
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import Field

from jieli.customers import actions
from jieli.customers.models import Customer
from jieli.customers.policy import may_see_customers
from jieli.customers.queries import customer_page, visible_customer
from jieli.events.refusals import Invalid, require
from jieli.lib.http import LARGEST_PAGE, PAGE, Answer, ApiRequest, In, Instant, Out, Page, answers, kept
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.lib.text import mask_address, mask_phone
from jieli.ui.display import masked

router = Router(tags=["customers"])

Tier = Literal["standard", "silver", "gold", "vip"]


class NewCustomerIn(In):
    """A customer to be found or made."""

    name: Annotated[str, kept(200, 1)] = Field(examples=["王芳"])
    kind: Literal["person", "organisation"] = "person"
    code: Annotated[str, kept(60)] = ""
    phone: Annotated[str, kept(40)] = ""
    email: Annotated[str, kept(254)] = ""
    language: Annotated[str, kept(10)] = ""


class CustomerChangeIn(In):
    """Values to correct; `seen_at` is the `changed_at` that was read, so that nobody overwrites what another saved."""

    seen_at: Instant | None = None
    name: Annotated[str, kept(200, 1)] | None = None
    kind: Literal["person", "organisation"] | None = None
    phone: Annotated[str, kept(40)] | None = None
    email: Annotated[str, kept(254)] | None = None
    address: Annotated[str, kept(500)] | None = None
    language: Annotated[str, kept(10)] | None = None


class UnmaskIn(In):
    """Which masked field to see; each look is recorded."""

    field: Literal["phone", "email", "address"]


class UnmaskedOut(Out):
    """A field in full."""

    field: str
    value: str


class CustomerOut(Out):
    """A customer; phone, e-mail and address are masked."""

    id: int
    code: str
    name: str
    kind: str
    phone: str
    email: str
    address: str
    tier: Tier
    language: str
    birthday: date | None
    created_at: Instant
    changed_at: Instant


def _customer_out(customer: Customer) -> CustomerOut:
    return CustomerOut(
        id=customer.pk,
        code=customer.code,
        name=customer.name,
        kind=customer.kind,
        phone=mask_phone(customer.phone),
        email=masked(customer.email) if customer.email else "",
        address=mask_address(customer.address),
        tier=customer.tier,  # type: ignore[arg-type]
        language=customer.language,
        birthday=customer.birthday,
        created_at=customer.created_at,
        changed_at=customer.changed_at,
    )


@router.get("/customers", response=answers(Page[CustomerOut]), operation_id="list_customers", summary="A page of customers")
def list_customers(
    request: ApiRequest,
    *,
    q: Annotated[str, Query(max_length=100, description="Part of a name; a phone, code, e-mail or serial number.")] = "",
    tier: Annotated[Tier | None, Query()] = None,
    cursor: Annotated[str, Query(max_length=4096, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> Answer:
    """Return the customers whom the token may see, newest first."""
    before = None
    if cursor:
        try:
            (place,) = decode_cursor(cursor, scope="customers")
        except ValueError:
            raise Invalid(fields={"cursor": _("This is no cursor of this list.")}) from None
        before = place if isinstance(place, int) else None
    page = customer_page(request.auth, query=q, tier=tier or "", before=before, size=limit)
    further = None if page.next is None else encode_cursor([page.next], scope="customers")
    return Answer(Page(items=[_customer_out(customer) for customer in page.rows], next=further))


@router.post("/customers", response=answers(CustomerOut, 201), operation_id="make_customer", summary="Find or make a customer")
def make_customer(request: ApiRequest, body: NewCustomerIn) -> Answer:
    """Return the customer with this code, else this phone, else this e-mail, unchanged; else a new one."""
    require(may_see_customers(request.auth))
    return Answer(_customer_out(actions.find_or_make_customer(**body.model_dump(), actor=request.auth)), 201)


@router.get("/customers/{int:customer_id}", response=answers(CustomerOut), operation_id="get_customer", summary="A customer")
def get_customer(request: ApiRequest, customer_id: int) -> Answer:
    """Return a customer, masked."""
    return Answer(_customer_out(visible_customer(request.auth, customer_id)))


@router.patch("/customers/{int:customer_id}", response=answers(CustomerOut), operation_id="change_customer", summary="Correct")
def change_customer(request: ApiRequest, customer_id: int, body: CustomerChangeIn) -> Answer:
    """Correct values; what is null stays. With `seen_at`, 409 `changed_meanwhile` when somebody saved the same fields since."""
    visible_customer(request.auth, customer_id)
    values = body.model_dump(exclude={"seen_at"}, exclude_none=True)
    return Answer(_customer_out(actions.change_customer(customer_id, values=values, seen_at=body.seen_at, actor=request.auth)))


@router.post(
    "/customers/{int:customer_id}/unmask",
    response=answers(UnmaskedOut),
    operation_id="unmask_customer",
    summary="See a field in full",
)
def unmask_customer(request: ApiRequest, customer_id: int, body: UnmaskIn) -> Answer:
    """Return phone, e-mail or address in full; who looked is recorded."""
    value = actions.unmask(customer_id, field=body.field, actor=request.auth)
    return Answer(UnmaskedOut(field=body.field, value=value))

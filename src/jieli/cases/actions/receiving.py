"""Receiving a need with everything that came with it: the customer and the device are found or made, the case opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog
from django.db import IntegrityError, connection, transaction

from jieli.cases.actions.changing import refusal_of
from jieli.cases.actions.opening import NewCase, Opened, check_new_case, opened_here
from jieli.cases.policy import may_open
from jieli.cases.queries.own_fields import AskedFields
from jieli.cases.refusals import BadCase
from jieli.customers.actions import find_or_make_device
from jieli.customers.actions.finding import Wanted, find_or_make_customers
from jieli.customers.models import Customer
from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require

log = structlog.get_logger("jieli.cases")


@dataclass(frozen=True, slots=True)
class Need:
    """A need as a channel brings it: the customer by name and how to reach him, the device by its serial number."""

    kind: str
    subject: str
    name: str
    phone: str = ""
    email: str = ""
    code: str = ""
    description: str = ""
    service_type: str = ""
    channel: str = "api"
    severity: int | None = None
    device_serial: str = ""
    product_line: str = ""
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    language: str = ""
    tags: Sequence[str] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def receive(need: Need, *, actor: Actor) -> Opened:
    """Open a case for whoever has the need. Raises BadCase, Invalid (fields of the customer as ``customer.…``), NotAllowed."""
    require(may_open(actor))
    (customer,) = _customers([need], actor)
    if isinstance(customer, Refused):
        raise customer
    return opened_here([_new_case(need, customer, AskedFields(actor))], actor=actor)[0]


@transaction.atomic
def receive_many(needs: Sequence[Need], *, actor: Actor) -> list[Opened | Refused]:
    """Open a case for each need and answer each for itself; all that can be opened are opened in one statement.

    When a statement for all fails, each is tried alone. Raises NotAllowed.
    """
    require(may_open(actor))
    try:
        with transaction.atomic():
            return _together(needs, actor)
    except (Refused, IntegrityError) as error:
        log.warning("receiving.one_by_one", needs=len(needs), reason=str(error)[:300])
        return [_alone(need, actor) for need in needs]


def _together(needs: Sequence[Need], actor: Actor) -> list[Opened | Refused]:
    answers: dict[int, Opened | Refused] = {}
    ready: dict[int, NewCase] = {}
    asked = AskedFields(actor)
    for place, (need, customer) in enumerate(zip(needs, _customers(needs, actor), strict=True)):
        if isinstance(customer, Refused):
            answers[place] = customer
            continue
        try:
            ready[place] = _new_case(need, customer, asked)
        except BadCase as refused:
            answers[place] = refused
    answers.update(zip(ready, _opened_now(list(ready.values()), actor), strict=True))
    return [answers[place] for place in range(len(needs))]


def _opened_now(news: Sequence[NewCase], actor: Actor) -> list[Opened]:
    """Open cases and ask the deferred constraints at once, while the ones who fail can still be told apart."""
    opened = opened_here(news, actor=actor) if news else []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    return opened


def _alone(need: Need, actor: Actor) -> Opened | Refused:
    try:
        with transaction.atomic():
            (customer,) = _customers([need], actor)
            if isinstance(customer, Refused):
                return customer
            return _opened_now([_new_case(need, customer, AskedFields(actor))], actor)[0]
    except Refused as refused:
        return refused
    except IntegrityError as error:
        return refusal_of(error)


def _customers(needs: Sequence[Need], actor: Actor) -> list[Customer | Refused]:
    wanted = [
        Wanted(name=need.name, phone=need.phone, email=need.email, code=need.code, language=need.language) for need in needs
    ]
    found = find_or_make_customers(wanted, actor=actor)
    for one in found:
        if isinstance(one, Refused):
            one.fields = {f"customer.{name}": text for name, text in one.fields.items()}
    return found


def _new_case(need: Need, customer: Customer, asked: AskedFields) -> NewCase:
    device = None
    if need.device_serial:
        device = find_or_make_device(
            serial=need.device_serial, product_line=need.product_line, customer_id=customer.pk, actor=asked.actor
        )
    new = NewCase(
        kind=need.kind,
        subject=need.subject,
        customer=customer,
        description=need.description,
        service_type=need.service_type,
        channel=need.channel,
        severity=need.severity,
        device=device,
        product_line=need.product_line,
        address=need.address,
        latitude=need.latitude,
        longitude=need.longitude,
        language=need.language,
        tags=need.tags,
        custom=need.custom,
    )
    check_new_case(new, asked)
    return new

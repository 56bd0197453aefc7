"""Receiving a need with everything that came with it: the customer and the device are found or made, the case opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from jieli.cases.actions.changing import refusal_of
from jieli.cases.actions.opening import NewCase, Opened, check_new_case, open_case, open_cases
from jieli.cases.policy import may_open
from jieli.customers.actions import find_or_make_customer, find_or_make_device
from jieli.customers.models import Customer
from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require


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
    return open_case(_new_case(need, _customer(need, actor), actor), actor=actor)


@transaction.atomic
def receive_many(needs: Sequence[Need], *, actor: Actor) -> list[Opened | Refused]:
    """Open a case for each need and answer each for itself; those that can be opened are opened in one statement.

    When that statement fails, each is tried alone. Raises NotAllowed.
    """
    require(may_open(actor))
    answers: dict[int, Opened | Refused] = {}
    ready: dict[int, NewCase] = {}
    for place, need in enumerate(needs):
        try:
            with transaction.atomic():
                ready[place] = _new_case(need, _customer(need, actor), actor)
        except Refused as refused:
            answers[place] = refused
    try:
        with transaction.atomic():
            answers.update(zip(ready, _opened_now(list(ready.values()), actor), strict=True))
    except (Refused, IntegrityError):
        for place, new in ready.items():
            answers[place] = _alone(new, actor)
    return [answers[place] for place in range(len(needs))]


def _opened_now(news: Sequence[NewCase], actor: Actor) -> list[Opened]:
    opened = open_cases(news, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    return opened


def _alone(new: NewCase, actor: Actor) -> Opened | Refused:
    try:
        with transaction.atomic():
            return _opened_now([new], actor)[0]
    except Refused as refused:
        return refused
    except IntegrityError as error:
        return refusal_of(error)


def _customer(need: Need, actor: Actor) -> Customer:
    try:
        return find_or_make_customer(
            name=need.name, phone=need.phone, email=need.email, code=need.code, language=need.language, actor=actor
        )
    except Refused as refused:
        refused.fields = {f"customer.{name}": text for name, text in refused.fields.items()}
        raise


def _new_case(need: Need, customer: Customer, actor: Actor) -> NewCase:
    device = None
    if need.device_serial:
        device = find_or_make_device(
            serial=need.device_serial, product_line=need.product_line, customer_id=customer.pk, actor=actor
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
    check_new_case(new)
    return new

"""A need comes in by the portal: it opens a case, or joins the open one that it repeats."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.progressing import reopen_case
from jieli.cases.models import Case, Message
from jieli.customers.actions import find_or_make_customer, find_or_make_device
from jieli.customers.models import Customer
from jieli.events.actor import Actor, customer_actor, rule_actor
from jieli.events.refusals import Refused
from jieli.files.actions import Upload, keep
from jieli.intake.queries.joining import case_of_message, joinable_case
from jieli.intake.rules.needs import Need, subject_of
from jieli.policies.product_lines import product_line_of

PORTAL = rule_actor("portal")


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody filled in on the portal; `once` is the random mark of this one form, so that two clicks make one case."""

    need: Need
    description: str
    name: str
    phone: str
    once: str
    serial: str = ""
    product_line: str = ""
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    channel: str = "portal"
    language: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """Where a report went. `code` opens the case's page; it is empty when the report joined an older case."""

    case: Case
    code: str
    actor: Actor
    message_id: int | None

    @property
    def joined(self) -> bool:
        """Tell whether the need was known already."""
        return not self.code


@transaction.atomic
def receive_report(report: Report) -> Received:
    """Open a case for a report, or join the open case of the same contact about the same device or words.

    Who joins gets no link: anybody may know a telephone number, only the first reporter has the code. The same form sent
    twice leads to the same case. Raises BadCase, Invalid naming the fields.
    """
    source_id = _mark("report", report.once)
    before = case_of_message(report.channel, source_id)
    if before is not None:
        return _again(before, report, source_id)
    customer = find_or_make_customer(name=report.name, phone=report.phone, language=report.language, actor=PORTAL)
    Customer.objects.lock(customer.pk)  # two forms of one customer at once: the second sees the first one's case
    before = case_of_message(report.channel, source_id)
    if before is not None:
        return _again(before, report, source_id)
    actor = customer_actor(customer.pk, customer.name)
    device, line = None, product_line_of(report.product_line)
    if report.serial:
        device = find_or_make_device(serial=report.serial, product_line=line, customer_id=customer.pk, actor=actor)
        line = device.product_line or line
    subject = subject_of(report.description)
    known = joinable_case(
        customer_id=customer.pk, kind=report.need.kind, device_id=device.pk if device else None, subject=subject
    )
    body = _body(report, customer)
    if known is not None:
        if known.status == Case.Status.RESOLVED:
            reopen_case(known.pk, reason=_("Reported again: %(subject)s") % {"subject": subject}, actor=actor)
        message = write_message(known.pk, body=body, visible=True, actor=actor, channel=report.channel, source_id=source_id)
        return Received(known, "", actor, message.pk)
    code = _code(report.once)
    opened = open_case(
        NewCase(
            kind=report.need.kind,
            service_type=report.need.service_type,
            subject=subject,
            description=body,
            customer=customer,
            channel=report.channel,
            device=device,
            product_line=line,
            address=report.address,
            latitude=report.latitude,
            longitude=report.longitude,
            language=report.language,
            custom=report.custom,
            source_id=source_id,
            tracking_code=code,
        ),
        actor=actor,
    )
    return _received(Case.objects.get(pk=opened.case_id), code, source_id, report.channel)


def _again(case: Case, report: Report, source_id: str) -> Received:
    first = Message.objects.filter(case=case).order_by("id").values_list("source_id", flat=True).first()
    return _received(case, _code(report.once) if first == source_id else "", source_id, report.channel)


def _received(case: Case, code: str, source_id: str, channel: str) -> Received:
    message = Message.objects.filter(channel=channel, source_id=source_id).first()
    customer = Customer.objects.get(pk=case.customer_id)
    return Received(case, code, customer_actor(customer.pk, customer.name), message.pk if message else None)


def _body(report: Report, customer: Customer) -> str:
    """Return what is written; a name other than the one we know is said, nothing we know is changed by a stranger."""
    if report.name.strip() == customer.name:
        return report.description
    return f"{report.description}\n\n" + _("Reported by %(name)s, %(phone)s") % {"name": report.name, "phone": report.phone}


def _code(once: str) -> str:
    """Return the code of the link: only this server can derive it, so that a form sent twice shows the same link."""
    made = hmac.digest(settings.SECRET_KEY.encode(), b"tracking code " + once.encode(), "sha256")
    return base64.urlsafe_b64encode(made[:12]).decode()


def _mark(kind: str, once: str) -> str:
    return f"{kind}:{hashlib.sha256(once.encode()).hexdigest()[:40]}"


def write_by_link(case_id: int, *, body: str, once: str, has_files: bool, actor: Actor) -> tuple[Message, bool]:
    """Write to us from the customer's page; returns the message and whether it is new. The same form twice writes once.

    Without words but with files a line says so, because the owner must be told. Raises BadCase, CaseEnded, NotFound.
    """
    source_id = _mark("write", f"{case_id} {once}")
    before = Message.objects.filter(case_id=case_id, channel="portal", source_id=source_id).first()
    if before is not None:
        return before, False
    text = body.strip() or (_("I am sending you files.") if has_files else "")
    return write_message(case_id, body=text, visible=True, actor=actor, channel="portal", source_id=source_id), True


def keep_files(uploads: Iterable[Upload], *, case_id: int, message_id: int | None, actor: Actor) -> list[str]:
    """Keep what the customer sent, each file for itself, and return why some could not be kept, in sentences."""
    refused: list[str] = []
    for upload in uploads:
        try:
            keep(upload, case_id=case_id, message_id=message_id, customer_sees=True, actor=actor)
        except Refused as refusal:
            refused.append(str(refusal))
    return refused

"""Erasure of a customer's personal data, everywhere and with a certificate (spec 1, Erasure)."""

import json
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers import erasure
from jieli.customers.events import CustomerErased
from jieli.customers.models import Address, Contact, Customer, Device, ErasureCertificate, SpecialDate
from jieli.customers.policy import may_erase_customer
from jieli.customers.refusals import CustomerErasedAlready, CustomerMergedAlready, OnLegalHold
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.erasing import erase_texts
from jieli.events.refusals import Invalid, require
from jieli.lib import clock

_BLANK: dict[str, Any] = {
    "code": "",
    "name": "",
    "phone": "",
    "phone_digits": "",
    "email": "",
    "address": "",
    "preferences": "",
    "notes": "",
    "temperament": "",
    "latitude": None,
    "longitude": None,
    "birthday": None,
    "attributes": {},
}


@transaction.atomic
def erase_customer(customer_id: int, *, reason: str, actor: Actor) -> ErasureCertificate:
    """Blank a customer's personal data here and, through `customers.erasure`, in every app that registered.

    Customers merged into this one are erased with it. Counts, money, digests and the chains of events stay; the event
    ``customers.erased`` is recorded first, since the database lets texts be blanked only in its transaction. Raises
    Customer.DoesNotExist, NotAllowed, Invalid without a reason, OnLegalHold, CustomerErasedAlready, CustomerMergedAlready.
    """
    require(may_erase_customer(actor))
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why the data are erased.")})
    customer = Customer.objects.lock(customer_id)
    if customer.is_erased:
        raise CustomerErasedAlready
    if customer.merged_into_id is not None:
        raise CustomerMergedAlready
    everyone = [customer, *_merged_into(customer)]
    for one in everyone:
        _refuse_held(one)
    certificate_id = _next_certificate_id()
    counts: dict[str, int] = {"customers": 0, "contacts": 0, "addresses": 0, "special_dates": 0, "texts": 0}
    for one in everyone:
        _erase_one(one, certificate_id, counts, actor)
    return _certify(customer, certificate_id, counts, reason.strip()[:300], actor)


def _merged_into(customer: Customer) -> list[Customer]:
    found: list[Customer] = []
    ids = [customer.pk]
    while ids:
        below = list(
            Customer.objects.select_for_update(of=("self",)).filter(merged_into__in=ids, erased_at=None).order_by("pk")
        )
        found += below
        ids = [one.pk for one in below]
    return found


def _refuse_held(customer: Customer) -> None:
    if not customer.is_held(clock.now().date()):
        return
    if customer.legal_hold_until is None:
        message = _("A legal hold forbids erasing this customer: %(reason)s")
    else:
        message = _("A legal hold forbids erasing this customer until %(until)s: %(reason)s")
    raise OnLegalHold(message % {"reason": customer.legal_hold, "until": customer.legal_hold_until})


def _erase_one(customer: Customer, certificate_id: int, counts: dict[str, int], actor: Actor) -> None:
    record(CustomerErased(customer_id=customer.pk, certificate_id=certificate_id), actor=actor)
    for name, eraser in erasure.erasers():
        counts[name] = counts.get(name, 0) + eraser(customer.pk, certificate_id)
    devices = list(Device.objects.filter(customer=customer).values_list("pk", flat=True))
    counts["texts"] += erase_texts([("customer", customer.pk), *(("device", pk) for pk in devices)])
    now = clock.now()
    counts["contacts"] += Contact.objects.filter(customer=customer, erased_at=None).update(
        name="", phone="", phone_digits="", email="", role="", erased_at=now
    )
    counts["addresses"] += Address.objects.filter(customer=customer, erased_at=None).update(
        name="", text="", latitude=None, longitude=None, erased_at=now
    )
    counts["special_dates"] += SpecialDate.objects.filter(customer=customer).delete()[0]
    counts["customers"] += 1
    for field, value in _BLANK.items():
        setattr(customer, field, value)
    customer.legal_hold, customer.legal_hold_until = "", None
    customer.erased_at = customer.changed_at = now
    customer.save(update_fields=[*_BLANK, "legal_hold", "legal_hold_until", "erased_at", "changed_at"])


def _next_certificate_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('customers_erasurecertificate', 'id'))")
        return int(cursor.fetchone()[0])


def _certify(customer: Customer, certificate_id: int, counts: dict[str, int], reason: str, actor: Actor) -> ErasureCertificate:
    at = clock.now()
    content = {
        "certificate": certificate_id,
        "customer": customer.pk,
        "at": at.isoformat(),
        "by": [actor.kind, actor.id, actor.name],
        "reason": reason,
        "counts": counts,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return ErasureCertificate.objects.create(
        pk=certificate_id,
        customer=customer,
        at=at,
        by_kind=actor.kind,
        by_id=actor.id,
        by_name=actor.name[:120],
        reason=reason,
        counts=counts,
        digest=sha256(canonical.encode()).hexdigest(),
    )

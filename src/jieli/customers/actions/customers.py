"""Finding, making and changing customers; tier, consent, legal hold, and looking at a masked field."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.writing import (
    as_text,
    differences,
    email_faults,
    lock_keys,
    locked_customer,
    place_faults,
    refuse_if_changed,
    text_faults,
)
from jieli.customers.events import (
    ConsentGiven,
    CustomerChanged,
    CustomerMade,
    FieldUnmasked,
    LegalHoldLifted,
    LegalHoldSet,
    TierChanged,
)
from jieli.customers.models import Address, Consent, Contact, Customer
from jieli.customers.policy import (
    MASKED_FIELDS,
    may_change_customer,
    may_hold_customer,
    may_judge_customer,
    may_make_customer,
    may_record_consent,
    may_unmask,
)
from jieli.customers.queries import current_customer, tier_policy
from jieli.customers.refusals import CodeTaken
from jieli.customers.rules import FACTORS, normalise_email, score_tier
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.text import normalise_phone

CHANGEABLE = {
    "code", "name", "kind", "phone", "email", "address", "latitude", "longitude", "value", "importance", "potential",
    "birthday", "language", "preferences", "notes", "temperament", "attributes",
}  # fmt: skip

_STORED = {
    **dict.fromkeys(FACTORS, Decimal("0.01")),
    "latitude": Decimal("0.000001"),
    "longitude": Decimal("0.000001"),
}

_FIND = """
select id from (
    select coalesce(c.merged_into_id, c.id) as id, 1 as rank from customers_customer c
        where c.code = %(code)s and c.code <> ''
    union all
    select c.id, 2 from customers_customer c where c.phone_digits = %(phone)s and %(phone)s <> ''
        and c.merged_into_id is null and c.erased_at is null and (c.code = '' or %(code)s = '')
    union all
    select c.id, 3 from customers_contact t join customers_customer c on c.id = t.customer_id
        where t.phone_digits = %(phone)s and %(phone)s <> '' and t.ended_at is null and t.erased_at is null
        and c.merged_into_id is null and c.erased_at is null and (c.code = '' or %(code)s = '')
    union all
    select c.id, 4 from customers_customer c where c.email = %(email)s and c.email <> ''
        and c.merged_into_id is null and c.erased_at is null and (c.code = '' or %(code)s = '')
    union all
    select c.id, 5 from customers_contact t join customers_customer c on c.id = t.customer_id
        where t.email = %(email)s and t.email <> '' and t.ended_at is null and t.erased_at is null
        and c.merged_into_id is null and c.erased_at is null and (c.code = '' or %(code)s = '')
) found order by rank, id limit 1
"""


@transaction.atomic
def find_or_make_customer(
    *, name: str, phone: str = "", email: str = "", code: str = "", actor: Actor, kind: str = "person", language: str = ""
) -> Customer:
    """Return the customer with this code, else this phone, else this e-mail (also of a contact), else a new one.

    Nothing of a customer found is changed: a stranger may know somebody's phone. A phone or e-mail never leads to a
    customer of another code. Two sessions at once make one customer. Cost: a lock, a search, and when new two inserts.
    Raises NotAllowed, and Invalid when a new customer has no name or an unusable e-mail.
    """
    require(may_make_customer(actor))
    wanted = {"code": code.strip(), "phone": normalise_phone(phone), "email": normalise_email(email)}
    keys = [f"customer {key} {value}" for key, value in wanted.items() if value]
    if keys:
        lock_keys(keys)
        with connection.cursor() as cursor:
            cursor.execute(_FIND, wanted)
            row = cursor.fetchone()
        if row is not None:
            return current_customer(row[0])
    return make_customer(
        values={"code": code, "name": name, "phone": phone, "email": email, "kind": kind, "language": language}, actor=actor
    )


@transaction.atomic
def make_customer(*, values: Mapping[str, Any], actor: Actor) -> Customer:
    """Make a customer of these values, scored by the tiers in force.

    Raises NotAllowed, Invalid (no name, an unusable value), CodeTaken.
    """
    require(may_make_customer(actor))
    customer = Customer(**cleaned(values))
    if not customer.name:
        raise Invalid(fields={"name": _("A name is needed.")})
    if any(getattr(customer, field) is not None for field in FACTORS):
        require(may_judge_customer(actor))
        score(customer)
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
    except IntegrityError as error:
        raise _refusal(error) from error
    record(CustomerMade(customer_id=customer.pk, name=customer.name), actor=actor)
    return customer


@transaction.atomic
def change_customer(customer_id: int, *, values: Mapping[str, Any], actor: Actor, seen_at: datetime | None = None) -> Customer:
    """Write these values to a customer; changed factors score the tier anew.

    `seen_at` is the `changed_at` that the person saw: a save in between is not overwritten. Raises Customer.DoesNotExist,
    NotAllowed, Invalid, ChangedMeanwhile, CodeTaken, CustomerErasedAlready, CustomerMergedAlready.
    """
    require(may_change_customer(actor))
    customer = locked_customer(customer_id)
    clean = cleaned(values)
    changes = differences(customer, clean)
    if not changes:
        return customer
    refuse_if_changed(customer, customer.changed_at, seen_at, clean)
    if set(changes) & set(FACTORS):
        require(may_judge_customer(actor))
    if clean.get("name") == "":
        raise Invalid(fields={"name": _("A name is needed.")})
    for field in changes:
        setattr(customer, field, clean[field])
    customer.changed_at = clock.now()
    old_tier = customer.tier
    written = {*changes, "changed_at"}
    if set(changes) & set(FACTORS):
        score(customer)
        written |= {"tier", "tier_score", "tier_policy", "tier_scored_at"}
    try:
        with transaction.atomic():
            customer.save(update_fields=sorted(written))
    except IntegrityError as error:
        raise _refusal(error) from error
    shown = sorted(set(changes) - {"phone_digits"})
    record(CustomerChanged(customer_id=customer.pk, fields=", ".join(shown), changes=as_text(changes)), actor=actor)
    _record_tier(customer, old_tier, actor)
    return customer


@transaction.atomic
def rescore_customer(customer_id: int, *, actor: Actor) -> Customer:
    """Score a customer by the tiers in force now; the same tier writes no event. Raises NotAllowed, Customer.DoesNotExist."""
    require(may_judge_customer(actor))
    customer = locked_customer(customer_id)
    old_tier, old_policy, old_score = customer.tier, customer.tier_policy, customer.tier_score
    score(customer)
    if (customer.tier, customer.tier_policy, customer.tier_score) != (old_tier, old_policy, old_score):
        customer.save(update_fields=["tier", "tier_score", "tier_policy", "tier_scored_at"])
        _record_tier(customer, old_tier, actor)
    return customer


@transaction.atomic
def record_consent(customer_id: int, *, purpose: str, given: bool, actor: Actor) -> Consent:
    """Append a customer's yes or no to a purpose. Raises NotAllowed, Invalid without a purpose."""
    require(may_record_consent(actor) and (actor.kind != "customer" or actor.id == customer_id))
    customer = locked_customer(customer_id)
    if not purpose.strip():
        raise Invalid(fields={"purpose": _("Say what the consent is for.")})
    consent = Consent.objects.create(customer=customer, purpose=purpose.strip()[:60], given=given)
    record(ConsentGiven(customer_id=customer.pk, purpose=consent.purpose, given=given), actor=actor)
    return consent


@transaction.atomic
def set_legal_hold(customer_id: int, *, reason: str, until: date | None, actor: Actor) -> Customer:
    """Forbid the erasure of a customer's data until a day, or until lifted. Raises NotAllowed, Invalid without a reason."""
    require(may_hold_customer(actor))
    customer = locked_customer(customer_id)
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why the data must be kept.")})
    customer.legal_hold, customer.legal_hold_until = reason.strip()[:300], until
    customer.save(update_fields=["legal_hold", "legal_hold_until"])
    fact = LegalHoldSet(customer_id=customer.pk, until=until.isoformat() if until else "", reason=customer.legal_hold)
    record(fact, actor=actor)
    return customer


@transaction.atomic
def lift_legal_hold(customer_id: int, *, actor: Actor) -> Customer:
    """End a legal hold; lifting none changes nothing. Raises NotAllowed, Customer.DoesNotExist."""
    require(may_hold_customer(actor))
    customer = locked_customer(customer_id)
    if customer.legal_hold:
        customer.legal_hold, customer.legal_hold_until = "", None
        customer.save(update_fields=["legal_hold", "legal_hold_until"])
        record(LegalHoldLifted(customer_id=customer.pk), actor=actor)
    return customer


@transaction.atomic
def unmask(customer_id: int, *, field: str, actor: Actor, contact_id: int | None = None, address_id: int | None = None) -> str:
    """Return a masked field in full and record who looked. Raises NotAllowed, Customer.DoesNotExist, NotFound, Invalid."""
    require(may_unmask(actor))
    if field not in MASKED_FIELDS:
        raise Invalid(fields={"field": _("There is no such masked field.")})
    customer = Customer.objects.visible_to(actor).get(pk=customer_id)
    holder: Customer | Contact | Address | None = customer
    if contact_id is not None:
        holder = Contact.objects.filter(pk=contact_id, customer=customer).first()
    elif address_id is not None and field == "address":
        holder = Address.objects.filter(pk=address_id, customer=customer).first()
    if holder is None:
        raise NotFound
    seen = holder.text if isinstance(holder, Address) else str(getattr(holder, field, ""))
    record(FieldUnmasked(customer_id=customer.pk, field=field, contact_id=contact_id, address_id=address_id), actor=actor)
    return seen


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return customer values in the one form in which they are stored.

    Raises Invalid naming the fields: an unknown one, an unusable e-mail, a factor outside 0..100, half a place.
    """
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise Invalid(fields={name: _("A customer has no such field.") for name in sorted(unknown)})
    clean: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    wrong = text_faults(Customer, clean)
    if clean.get("kind") and clean["kind"] not in Customer.Kind.values:
        wrong["kind"] = _("Choose person or organisation.")
    if clean.get("temperament") and clean["temperament"] not in Customer.Temperament.values:
        wrong["temperament"] = _("Choose one of the temperaments.")
    if "phone" in clean:
        clean["phone_digits"] = normalise_phone(clean["phone"])[:40]
    if clean.get("email"):
        clean["email"] = normalise_email(clean["email"])
        wrong |= email_faults(clean["email"])
    for name in FACTORS:
        if clean.get(name) is not None and not 0 <= clean[name] <= 100:
            wrong[name] = _("This must lie between 0 and 100.")
    if "latitude" in clean or "longitude" in clean:
        wrong |= place_faults(clean.get("latitude"), clean.get("longitude"))
    if wrong:
        raise Invalid(fields=wrong)
    for name, places in _STORED.items():
        if clean.get(name) is not None:
            clean[name] = Decimal(clean[name]).quantize(places)
    return clean


def score(customer: Customer) -> None:
    """Give a customer the tier that the policy in force draws from the factors; nothing is saved."""
    policy = tier_policy()
    score = score_tier({name: getattr(customer, name) for name in FACTORS}, policy)
    customer.tier, customer.tier_score = score.tier, score.score
    customer.tier_policy, customer.tier_scored_at = policy.version, clock.now()


def _record_tier(customer: Customer, old_tier: str, actor: Actor) -> None:
    if customer.tier == old_tier:
        return
    record(
        TierChanged(
            customer_id=customer.pk,
            old=old_tier,
            new=customer.tier,
            score="" if customer.tier_score is None else str(customer.tier_score),
            policy=customer.tier_policy,
        ),
        actor=actor,
    )


def _refusal(error: IntegrityError) -> Exception:
    return CodeTaken(fields={"code": CodeTaken.message}) if "customers_code_once" in str(error) else error

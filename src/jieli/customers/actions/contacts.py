"""People who speak for a customer."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.customers.actions.writing import as_text, differences, email_faults, locked_customer, text_faults
from jieli.customers.events import ContactAdded, ContactChanged, ContactEnded
from jieli.customers.models import Contact
from jieli.customers.policy import may_change_customer
from jieli.customers.rules import normalise_email
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.lib.text import normalise_phone


@transaction.atomic
def add_contact(customer_id: int, *, name: str, phone: str = "", email: str = "", role: str = "", actor: Actor) -> Contact:
    """Add a contact; the same name and phone again gives the one there is.

    Raises NotAllowed, Invalid, CustomerErasedAlready, CustomerMergedAlready.
    """
    require(may_change_customer(actor))
    customer = locked_customer(customer_id)
    values = _cleaned({"name": name, "phone": phone, "email": email, "role": role})
    same = customer.contacts.filter(name=values["name"], phone_digits=values["phone_digits"], ended_at=None).first()
    if same is not None:
        return same
    contact = Contact.objects.create(customer=customer, **values)
    record(ContactAdded(customer_id=customer.pk, contact_id=contact.pk, name=contact.name), actor=actor)
    return contact


@transaction.atomic
def change_contact(contact_id: int, *, values: Mapping[str, Any], actor: Actor) -> Contact:
    """Write these values to a contact. Raises Contact.DoesNotExist, NotAllowed, Invalid, CustomerErasedAlready."""
    require(may_change_customer(actor))
    contact = _locked(contact_id)
    clean = _cleaned(values)
    changes = differences(contact, clean)
    if changes:
        for field in changes:
            setattr(contact, field, clean[field])
        contact.save(update_fields=sorted(changes))
        fact = ContactChanged(
            customer_id=contact.customer_id,
            contact_id=contact.pk,
            fields=", ".join(sorted(set(changes) - {"phone_digits"})),
            changes=as_text(changes),
        )
        record(fact, actor=actor)
    return contact


@transaction.atomic
def end_contact(contact_id: int, *, actor: Actor) -> Contact:
    """Note that a contact left; a second time changes nothing. Raises Contact.DoesNotExist, NotAllowed."""
    require(may_change_customer(actor))
    contact = _locked(contact_id)
    if contact.ended_at is None:
        contact.ended_at = clock.now()
        contact.save(update_fields=["ended_at"])
        record(ContactEnded(customer_id=contact.customer_id, contact_id=contact.pk, name=contact.name), actor=actor)
    return contact


def _locked(contact_id: int) -> Contact:
    locked_customer(Contact.objects.get(pk=contact_id).customer_id)
    return Contact.objects.select_for_update().get(pk=contact_id)


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: str(value).strip() for name, value in values.items() if name in ("name", "phone", "email", "role")}
    wrong = text_faults(Contact, clean)
    if clean.get("name") == "":
        wrong["name"] = _("A name is needed.")
    if "phone" in clean:
        clean["phone_digits"] = normalise_phone(clean["phone"])[:40]
    if clean.get("email"):
        clean["email"] = normalise_email(clean["email"])
        wrong |= email_faults(clean["email"])
    if wrong:
        raise Invalid(fields=wrong)
    return clean

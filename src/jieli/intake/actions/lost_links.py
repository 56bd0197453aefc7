"""A customer who lost the link: nobody learns from the answer whether a number belongs to a phone; the worker looks it up."""

import hmac

from django.conf import settings
from procrastinate.contrib.django import app as queue

from jieli.cases.actions.linking import ask_for_link
from jieli.cases.models import Case
from jieli.cases.rules.numbers import parse_case_number
from jieli.customers.models import Contact, Customer
from jieli.customers.rules import normalise_email
from jieli.events.actor import rule_actor
from jieli.intake.queries.following import joined_case
from jieli.lib.text import normalise_phone

PORTAL = rule_actor("portal")


def report_lost_link(number: str, contact: str) -> None:
    """Queue the look-up of a case number with the phone or e-mail on record; the same work for every number and contact.

    The job holds a keyed digest, not the phone. Raises WrongNumber for a mistyped number.
    """
    case_id = parse_case_number(number)
    queue.configure_task("intake.look_into_lost_link").defer(case_id=case_id, mark=_mark(contact))


def look_into_lost_link(case_id: int, mark: str) -> None:
    """Tell whoever has the case that a new link is asked for, when the mark fits a phone or e-mail on record; else nothing."""
    case = Case.objects.select_related("customer", "contact").filter(pk=case_id, erased_at__isnull=True).first()
    if case is None or not any(hmac.compare_digest(mark, _mark(known)) for known in _on_record(case)):
        return
    goes_on = joined_case(case)
    is_theirs = goes_on is not None and goes_on.customer_id == case.customer_id
    ask_for_link(goes_on.pk if goes_on is not None and is_theirs else case.pk, actor=PORTAL)


def _on_record(case: Case) -> list[str]:
    contacts = Contact.objects.filter(customer_id=case.customer_id, ended_at=None, erased_at=None)
    people: list[Customer | Contact] = [case.customer, *contacts, *([case.contact] if case.contact else [])]
    return [text for one in people for text in (one.phone, one.email) if text]


def _mark(contact: str) -> str:
    plain = normalise_email(contact) if "@" in contact else normalise_phone(contact)
    return hmac.digest(settings.SECRET_KEY.encode(), b"lost link " + plain.encode(), "sha256").hex()

"""Reads of notices and of what goes out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from jieli.events.actor import Actor
from jieli.events.recent import kept_a_moment
from jieli.notify import kinds
from jieli.notify.models import Mail, Notice, Preference, Subscription, WebhookDelivery
from jieli.notify.policy import may_see_outgoing


def unread_count(staff_id: int) -> int:
    """Return how many notices a person has not read. One query over a partial index."""
    return Notice.objects.filter(staff_id=staff_id).unread().count()


def notices_of(
    staff_id: int, *, before: int | None = None, unread_only: bool = False, size: int = 30
) -> tuple[list[Notice], int | None]:
    """Return a person's notices, newest first, and the id below which the next page begins (None at the end). One query."""
    rows = Notice.objects.of(staff_id)
    if unread_only:
        rows = rows.unread()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, found[-1].pk if more else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of notice and whether a person has it by e-mail."""

    kind: kinds.Kind
    by_email: bool


def choices_of(staff_id: int) -> list[Choice]:
    """Return every kind of notice with a person's choice, else the kind's own. One query."""
    chosen = dict(Preference.objects.filter(staff_id=staff_id).values_list("kind", "by_email"))
    return [Choice(kind, chosen.get(code, kind.by_email)) for code, kind in kinds.known().items()]


def wants_email(staff_ids: Iterable[int], kind: str) -> set[int]:
    """Return those of these people who want this kind by e-mail. One query."""
    ids = set(staff_ids)
    chosen = dict(Preference.objects.filter(staff_id__in=ids, kind=kind).values_list("staff_id", "by_email"))
    default = kinds.kind_of(kind).by_email
    return {pk for pk in ids if chosen.get(pk, default)}


def mails_not_sent(actor: Actor, *, size: int = 100) -> list[Mail]:
    """Return mails that wait or failed, newest first; none for those who may not see them. One query."""
    if not may_see_outgoing(actor):
        return []
    return list(Mail.objects.exclude(status=Mail.Status.SENT).filter(erased_at=None).order_by("-pk")[:size])


def calls_not_sent(actor: Actor, *, size: int = 100) -> list[WebhookDelivery]:
    """Return webhook calls that wait or were given up, newest first; none for those who may not see them. One query."""
    if not may_see_outgoing(actor):
        return []
    rows = WebhookDelivery.objects.exclude(status=WebhookDelivery.Status.SENT).select_related("subscription")
    return list(rows.order_by("-pk")[:size])


def subscriptions() -> QuerySet[Subscription]:
    """Return all webhooks by name."""
    return Subscription.objects.order_by("name", "pk")


def mails_of_case(case_id: int) -> QuerySet[Mail]:
    """Return the mails about a case, newest first, for the case page."""
    return Mail.objects.filter(case_id=case_id).order_by("-pk")


@kept_a_moment
def is_subscribed(kind: str) -> bool:
    """Tell whether any webhook wants this kind. One query, kept for a moment."""
    return any(
        not kinds or kind in kinds for kinds in Subscription.objects.filter(is_active=True).values_list("kinds", flat=True)
    )

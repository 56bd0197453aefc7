"""Telling people, reading notices, sending mail, calling webhooks; the jobs come back here with what became of it."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as queue

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.notify import kinds
from jieli.notify.events import SecretRenewed, SubscriptionMade, SubscriptionSwitched
from jieli.notify.models import Mail, Notice, Preference, Subscription, WebhookDelivery
from jieli.notify.policy import may_read, may_resend, may_send_mail, may_subscribe, may_tell
from jieli.notify.queries import wants_email
from jieli.notify.refusals import AddressForbidden, NothingToResend
from jieli.notify.rules import is_callable, mail_wait_after, wait_after
from jieli.people.models import Staff


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing that one person must know; `params` fill the kind's sentence and hold no personal text.

    A ``link`` among them is the page to which the notice leads instead of its case.
    """

    staff_id: int
    kind: str
    case_id: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def tell(
    staff_id: int, *, kind: str, case_id: int | None = None, params: Mapping[str, Any] | None = None, actor: Actor
) -> Notice:
    """Tell one person on the screen, and by e-mail if the person wants that. Raises NotAllowed."""
    return tell_all([Telling(staff_id, kind, case_id, params or {})], actor=actor)[0]


@transaction.atomic
def tell_all(tellings: Sequence[Telling], *, actor: Actor) -> list[Notice]:
    """Tell many, in the caller's transaction: one insert for all notices, one more for the mails. Raises NotAllowed."""
    require(may_tell(actor))
    now = clock.now()
    notices = Notice.objects.bulk_create(
        Notice(staff_id=one.staff_id, kind=one.kind, case_id=one.case_id, params=dict(one.params), created_at=now)
        for one in tellings
    )
    for kind in sorted({notice.kind for notice in notices}):
        _mail_notices([notice for notice in notices if notice.kind == kind], kind)
    return notices


def _mail_notices(notices: list[Notice], kind: str) -> None:
    wanted = wants_email({notice.staff_id for notice in notices}, kind)
    if not wanted:
        return
    staff = {one.pk: one for one in Staff.objects.filter(pk__in=wanted, is_active=True).exclude(email="")}
    mails = []
    for notice in notices:
        person = staff.get(notice.staff_id)
        if person is None:
            continue
        with translation.override(person.language):
            text = kinds.sentence(notice.kind, notice.params)
        link = kinds.link_of(notice.case_id, notice.params)
        body = f"{text}\n\n{settings.PUBLIC_URL}{link}\n" if link and settings.PUBLIC_URL else f"{text}\n"
        mails.append(
            Mail(
                notice=notice,
                case_id=notice.case_id,
                message_id=make_msgid(domain="jieli.invalid"),
                to_address=person.email,
                subject=text[:300],
                text=body,
                created_at=notice.created_at,
            )
        )
    _queue_mails(Mail.objects.bulk_create(mails))


@transaction.atomic
def mark_read(notice_id: int, *, actor: Actor) -> Notice:
    """Note that a person read a notice; a second time changes nothing. Raises Notice.DoesNotExist (also for others')."""
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    if not may_read(actor, notice):
        raise Notice.DoesNotExist
    if notice.read_at is None:
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def mark_all_read(*, actor: Actor, up_to: int | None = None) -> int:
    """Note that a person read all notices up to and with the id `up_to`, so that none that came since is lost; count them."""
    rows = Notice.objects.filter(staff_id=_own_id(actor)).unread()
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    return rows.update(read_at=clock.now())


@transaction.atomic
def mark_case_read(case_id: int, *, actor: Actor) -> int:
    """Note that a person saw a case and with it the notices about it; return how many."""
    return Notice.objects.filter(staff_id=_own_id(actor), case_id=case_id).unread().update(read_at=clock.now())


@transaction.atomic
def choose_mail(*, by_email: Collection[str], actor: Actor) -> None:
    """Set which kinds of notices a person wants by e-mail; all others come on the screen only. Raises NotAllowed, Invalid."""
    staff_id = _own_id(actor)
    unknown = set(by_email) - set(kinds.known())
    if unknown:
        raise Invalid(fields={"by_email": _("There is no such kind of notice.")})
    for code in kinds.known():
        Preference.objects.update_or_create(staff_id=staff_id, kind=code, defaults={"by_email": code in by_email})


def _own_id(actor: Actor) -> int:
    require(actor.is_staff and actor.id is not None)
    return int(actor.id or 0)


# --- mail


@transaction.atomic
def send_mail(
    *,
    to_address: str,
    subject: str,
    text: str,
    actor: Actor,
    case_id: int | None = None,
    message_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> Mail:
    """Queue one mail in the caller's transaction: it goes out exactly when the change is committed.

    `message_id` with its angle brackets, by default a new one. Raises NotAllowed, Invalid for an address or header that
    holds a line break.
    """
    require(may_send_mail(actor))
    given = {"to_address": to_address, "subject": subject, **dict(headers or {})}
    wrong = [name for name, value in given.items() if "\n" in value or "\r" in value]
    if wrong or "@" not in to_address:
        raise Invalid(fields={name: _("This cannot be part of a mail.") for name in wrong or ["to_address"]})
    mail = Mail.objects.create(
        case_id=case_id,
        message_id=message_id or make_msgid(domain="jieli.invalid"),
        to_address=to_address,
        subject=subject[:300],
        text=text,
        headers=dict(headers or {}),
        created_at=clock.now(),
    )
    _queue_mails([mail])
    return mail


@transaction.atomic
def note_mail_sent(mail_id: int) -> None:
    """Note that the mail server took a mail."""
    Mail.objects.filter(pk=mail_id).update(status=Mail.Status.SENT, sent_at=clock.now(), reason="")


@transaction.atomic
def note_mail_failed(mail_id: int, *, reason: str, is_final: bool) -> Mail:
    """Note that a mail was not taken, and queue the next attempt unless it is final or was tried often enough."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    mail.attempts += 1
    mail.reason = reason[:500] or "?"
    wait = None if is_final else mail_wait_after(mail.attempts)
    mail.status = Mail.Status.FAILED if wait is None else Mail.Status.QUEUED
    mail.save(update_fields=["attempts", "reason", "status"])
    if wait is not None:
        _queue_mails([mail], wait)
    return mail


@transaction.atomic
def resend_mail(mail_id: int, *, actor: Actor) -> Mail:
    """Queue a failed mail again, with its attempts counted anew. Raises Mail.DoesNotExist, NotAllowed, NothingToResend."""
    require(may_resend(actor))
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.status != Mail.Status.FAILED or mail.erased_at is not None:
        raise NothingToResend
    mail.status, mail.attempts = Mail.Status.QUEUED, 0
    mail.save(update_fields=["status", "attempts"])
    _queue_mails([mail])
    return mail


def _queue_mails(mails: Iterable[Mail], wait: timedelta | None = None) -> None:
    jobs: list[dict[str, Any]] = [{"mail_id": mail.pk} for mail in mails]
    if jobs:
        options: dict[str, Any] = {"schedule_in": {"seconds": int(wait.total_seconds())}} if wait else {}
        queue.configure_task("notify.send_mail", queue="outgoing", **options).batch_defer(*jobs)


# --- webhooks


@transaction.atomic
def announce(kind: str, *, payload: Mapping[str, Any], actor: Actor, case_id: int | None = None) -> int:
    """Queue a call to every webhook that wants this kind, in the caller's transaction; return how many. Raises NotAllowed."""
    require(may_tell(actor))
    wanting = [one for one in Subscription.objects.filter(is_active=True) if not one.kinds or kind in one.kinds]
    calls = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(subscription=one, kind=kind, case_id=case_id, payload=dict(payload), created_at=clock.now())
        for one in wanting
    )
    _queue_calls(calls)
    return len(calls)


@transaction.atomic
def subscribe(*, name: str, url: str, kinds_wanted: Sequence[str] = (), actor: Actor) -> Subscription:
    """Make a webhook with a secret of its own. Raises NotAllowed, Invalid without a name, AddressForbidden."""
    require(may_subscribe(actor))
    if not name.strip():
        raise Invalid(fields={"name": _("A name is needed.")})
    if not is_callable(url):
        raise AddressForbidden(fields={"url": _("Give an address that begins with https:// or http://.")})
    one = Subscription.objects.create(
        name=name.strip()[:120], url=url, secret=secrets.token_urlsafe(32), kinds=list(kinds_wanted), created_at=clock.now()
    )
    fact = SubscriptionMade(company_id=1, subscription_id=one.pk, name=one.name, kinds=tuple(one.kinds))
    record(fact, actor=actor)
    return one


@transaction.atomic
def switch_subscription(subscription_id: int, *, is_active: bool, actor: Actor) -> Subscription:
    """Switch a webhook on or off; what is queued for it waits. Raises Subscription.DoesNotExist, NotAllowed."""
    require(may_subscribe(actor))
    one = Subscription.objects.select_for_update().get(pk=subscription_id)
    if one.is_active != is_active:
        one.is_active = is_active
        one.save(update_fields=["is_active"])
        fact = SubscriptionSwitched(company_id=1, subscription_id=one.pk, name=one.name, is_active=is_active)
        record(fact, actor=actor)
    return one


@transaction.atomic
def renew_secret(subscription_id: int, *, actor: Actor) -> Subscription:
    """Give a webhook a new secret; the old one is worth nothing from now on. Raises Subscription.DoesNotExist, NotAllowed."""
    require(may_subscribe(actor))
    one = Subscription.objects.select_for_update().get(pk=subscription_id)
    one.secret = secrets.token_urlsafe(32)
    one.save(update_fields=["secret"])
    record(SecretRenewed(company_id=1, subscription_id=one.pk, name=one.name), actor=actor)
    return one


@transaction.atomic
def note_called(call_id: int, *, status: int) -> None:
    """Note that the receiver took a call."""
    WebhookDelivery.objects.filter(pk=call_id).update(
        status=WebhookDelivery.Status.SENT, last_status=status, sent_at=clock.now(), reason="", next_at=None
    )


@transaction.atomic
def note_call_failed(call_id: int, *, status: int | None, reason: str, is_final: bool = False) -> WebhookDelivery:
    """Note that a call failed, and queue the next attempt or give up: then it is a dead letter that a person may resend."""
    call = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=call_id)
    call.attempts += 1
    call.last_status, call.reason = status, reason[:500] or "?"
    wait = None if is_final else wait_after(call.attempts)
    call.status = WebhookDelivery.Status.DEAD if wait is None else WebhookDelivery.Status.QUEUED
    call.next_at = clock.now() + wait if wait else None
    call.save(update_fields=["attempts", "last_status", "reason", "status", "next_at"])
    if wait is not None:
        _queue_calls([call], wait)
    return call


@transaction.atomic
def resend_call(call_id: int, *, actor: Actor) -> WebhookDelivery:
    """Queue a dead letter again. Raises WebhookDelivery.DoesNotExist, NotAllowed, NothingToResend."""
    require(may_resend(actor))
    call = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=call_id)
    if call.status != WebhookDelivery.Status.DEAD:
        raise NothingToResend
    call.status, call.attempts = WebhookDelivery.Status.QUEUED, 0
    call.save(update_fields=["status", "attempts"])
    _queue_calls([call])
    return call


def _queue_calls(calls: Iterable[WebhookDelivery], wait: timedelta | None = None) -> None:
    jobs: list[dict[str, Any]] = [{"call_id": call.pk} for call in calls]
    if jobs:
        options: dict[str, Any] = {"schedule_in": {"seconds": int(wait.total_seconds())}} if wait else {}
        queue.configure_task("notify.call_webhook", queue="outgoing", **options).batch_defer(*jobs)


# --- erasure


@transaction.atomic
def erase_of_cases(case_ids: Iterable[int], *, actor: Actor) -> int:
    """Blank mails, webhook payloads and notices about these cases and return how many rows; part of a certified erasure."""
    require(actor.is_internal or actor.has_role("manager", "administrator"))
    ids = list(case_ids)
    mails = Mail.objects.filter(case_id__in=ids, erased_at=None)
    count = mails.update(to_address="", subject="", text="", headers={}, reason="?", erased_at=clock.now())
    count += WebhookDelivery.objects.filter(case_id__in=ids).exclude(payload={}).update(payload={})
    count += Notice.objects.filter(case_id__in=ids).exclude(params={}).update(params={})
    return count

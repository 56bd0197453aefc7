"""Jobs that go out: mails and webhook calls. Network first, then what became of it, in a transaction of its own."""

import http.client
import json
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from procrastinate.contrib.django import app

from jieli.lib import clock
from jieli.notify import actions, outbound
from jieli.notify.models import Mail, WebhookDelivery
from jieli.notify.refusals import AddressForbidden
from jieli.notify.rules import signature


@app.task(name="notify.send_mail", queue="outgoing", retry=3)
def send_mail(mail_id: int) -> None:
    """Hand one mail to the mail server; a repeat of the job sends nothing twice once the server took it."""
    mail = Mail.objects.get(pk=mail_id)
    if mail.status != Mail.Status.QUEUED or mail.erased_at is not None:
        return
    message = EmailMessage(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to_address],
        headers={**mail.headers, "Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        actions.note_mail_failed(mail.pk, reason=str(error), is_final=all(code >= 500 for code in codes))
    except smtplib.SMTPResponseException as error:
        actions.note_mail_failed(mail.pk, reason=str(error), is_final=error.smtp_code >= 500)
    except (OSError, smtplib.SMTPException) as error:
        actions.note_mail_failed(mail.pk, reason=f"{type(error).__name__}: {error}", is_final=False)
    else:
        actions.note_mail_sent(mail.pk)


@app.task(name="notify.call_webhook", queue="outgoing", retry=3)
def call_webhook(call_id: int) -> None:
    """Call one webhook, signed; anything but a 2xx answer counts as failed."""
    call = WebhookDelivery.objects.select_related("subscription").get(pk=call_id)
    if call.status != WebhookDelivery.Status.QUEUED:
        return
    subscription = call.subscription
    if not subscription.is_active:
        actions.note_call_failed(call.pk, status=None, reason="switched off", is_final=True)
        return
    content = {"id": str(call.key), "kind": call.kind, "at": call.created_at.isoformat(), "data": call.payload}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Jieli",
        "Jieli-Delivery": str(call.key),
        "Jieli-Kind": call.kind,
        "Jieli-Timestamp": str(timestamp),
        "Jieli-Signature": signature(subscription.secret, timestamp=timestamp, body=body),
    }
    try:
        answer = outbound.post(subscription.url, body=body, headers=headers, allow_private=settings.WEBHOOK_PRIVATE)
    except AddressForbidden as refused:
        actions.note_call_failed(call.pk, status=None, reason=str(refused), is_final=True)
    except (OSError, http.client.HTTPException) as error:
        actions.note_call_failed(call.pk, status=None, reason=f"{type(error).__name__}: {error}")
    else:
        if 200 <= answer.status < 300:
            actions.note_called(call.pk, status=answer.status)
        else:
            actions.note_call_failed(call.pk, status=answer.status, reason=f"{answer.status} {answer.text[:200]}")

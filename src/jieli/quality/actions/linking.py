"""The text link: the same short questions in writing, answered once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jieli.cases.actions.changing import changing
from jieli.cases.models import Case
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import require
from jieli.lib import clock
from jieli.notify.actions import send_mail
from jieli.quality.actions.concluding import conclude
from jieli.quality.actions.holding import for_calling, locked_callback, note_attempt
from jieli.quality.models import Attempt, CallBack, TextLink
from jieli.quality.policy import may_answer
from jieli.quality.queries.calling import callback_policy
from jieli.quality.queries.links import digest_of, link_url, opened_link
from jieli.quality.refusals import BadAnswer, LinkExpired, LinkUsed
from jieli.quality.rules.answers import Answers, faults_of

CODE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link with its code, which is shown only now; `is_by_mail` tells whether a mail with it is on its way."""

    link: TextLink
    code: str
    is_by_mail: bool


@changing
def send_text_link(callback_id: int, *, actor: Actor) -> SentLink:
    """Make a link for an answer in writing; it counts as an attempt, goes by mail to who has an address, else by hand.

    Raises OutsideCallingHours, CalledByAnother, CallBackOver.
    """
    now = clock.now()
    callback = for_calling(callback_id, actor, now)
    code = secrets.token_urlsafe(CODE_BYTES)
    customer = callback.case.customer
    by_mail = bool(settings.PUBLIC_URL and customer.email)
    link = TextLink.objects.create(
        callback=callback,
        digest=digest_of(code),
        sent_at=now,
        expires_at=now + timedelta(days=callback_policy().link_days),
        is_by_mail=by_mail,
        by_id=actor.id or 0,
    )
    note_attempt(callback, outcome=Attempt.Outcome.TEXT_LINK, note="", actor=actor, at=now)
    if by_mail:
        _mail(callback.case, customer.email, link_url(code))
    return SentLink(link, code, by_mail)


def _mail(case: Case, address: str, url: str) -> None:
    with translation.override(case.language or case.customer.language or settings.LANGUAGE_CODE):
        text = _("Did we solve it? Please tell us in one minute: %(url)s\n\nCase %(number)s") % {
            "url": url,
            "number": case.number,
        }
        subject = _("Are you satisfied? %(number)s") % {"number": case.number}
    send_mail(to_address=address, subject=subject, text=text, case_id=case.pk, actor=SYSTEM)


@changing
def answer_by_link(code: str, *, result: str, answers: Answers, actor: Actor) -> CallBack:
    """Take the customer's own answer, once for each call-back; the same answer sent again is answered as the first time.

    Raises LinkUnknown, LinkExpired, LinkUsed (answered already, by link or on the phone), BadAnswer.
    """
    now = clock.now()
    link = opened_link(code)
    callback = locked_callback(link.callback_id, actor, must_be_open=False)
    require(may_answer(actor, callback))
    link.refresh_from_db(fields=["used_at", "expires_at"])
    if callback.state != CallBack.State.OPEN:
        if link.used_at is not None and _is_same(callback, result, answers):
            return callback
        raise LinkUsed
    if link.expires_at <= now:
        raise LinkExpired
    if faults := faults_of(result, answers):
        raise BadAnswer(fields=faults)
    link.used_at = now
    link.save(update_fields=["used_at"])
    conclude(callback, result=result, answers=answers, by="link", actor=actor, at=now)
    return callback


def _is_same(callback: CallBack, result: str, answers: Answers) -> bool:
    values = answers.as_values(result)
    return callback.result == result and all(getattr(callback, name) == value for name, value in values.items())

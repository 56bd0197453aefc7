"""What is said on a case: to the customer, from the customer, between colleagues."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from jieli.cases import notices
from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.owning import name_steward
from jieli.cases.actions.promises import end_running, resume_locked, start_promise
from jieli.cases.actions.telling import tell
from jieli.cases.events import MessageWritten
from jieli.cases.models import Case, Mention, Message
from jieli.cases.models.because import Because
from jieli.cases.policy import may_write
from jieli.cases.queries.planning import facts_of_case, plan_of_kind
from jieli.cases.refusals import BadCase, CaseEnded
from jieli.cases.rules.promising import Plan, given
from jieli.cases.rules.words import mentions
from jieli.events.actions import keyed_digest, record
from jieli.events.actor import Actor
from jieli.events.refusals import Refused, require
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.policies.queries import current
from jieli.policies.schemas.words import ForbiddenPhrase as PhraseRule

LONGEST_MESSAGE = 20_000


class ForbiddenPhrase(Refused):
    """The message holds a phrase that customers should not hear; `found` has better words. Sending in spite is possible."""

    code = "forbidden_phrase"
    status = 409
    message = _("Some phrases should not be said to customers. Change them, or send in spite of it.")

    def __init__(self, found: Sequence[PhraseRule]) -> None:
        super().__init__(fields={"body": "; ".join(f"{one.phrase} → {one.better}" for one in found)})
        self.found = found


@changing
def write_message(
    case_id: int,
    *,
    body: str,
    visible: bool,
    actor: Actor,
    next_reply_at: datetime | None = None,
    in_spite_of_phrases: bool = True,
    channel: str = "",
    source_id: str = "",
) -> Message:
    """Write to the customer, or a note between colleagues; a customer writes to us.

    A visible message keeps the promised reply and promises the next one: at `next_reply_at`, else by the policy. A customer's
    message wakes a waiting case and begins a promise to reply when none runs. Raises BadCase, ForbiddenPhrase when not to be
    sent in spite of it, CaseEnded (a note may still be added; a customer is told to reopen).
    """
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_write(actor, case))
    text = clean_body(body)
    now = clock.now()
    if actor.kind == "customer":
        return _from_customer(case, text, actor=actor, at=now, channel=channel or "portal", source_id=source_id)
    if not visible:
        return _note(case, text, actor=actor, at=now)
    if not case.is_open:
        raise CaseEnded
    if next_reply_at is not None and not now < next_reply_at <= now + timedelta(days=366):
        raise BadCase(fields={"next_reply_at": _("Promise a time that lies ahead, at most a year.")})
    found = current("forbidden_phrases").data.found_in(text)
    if found and not in_spite_of_phrases:
        raise ForbiddenPhrase(found)
    message = say(
        case, text, direction=Message.Direction.OUT, actor=actor, at=now, channel=channel, phrases=[one.phrase for one in found]
    )
    answer_given(case, actor=actor, at=now, next_reply_at=next_reply_at)
    return message


def clean_body(body: str) -> str:
    """Return a message as it is stored; raises BadCase for an empty or endless one."""
    text = body.replace("\x00", "").strip()
    if not text:
        raise BadCase(fields={"body": _("Write something.")})
    if len(text) > LONGEST_MESSAGE:
        raise BadCase(fields={"body": _("At most 20,000 characters; attach the rest as a file.")})
    return text


def say(
    case: Case,
    text: str,
    *,
    direction: str,
    actor: Actor,
    at: datetime,
    channel: str = "",
    source_id: str = "",
    phrases: list[str] | None = None,
    mentioned: list[int] | None = None,
) -> Message:
    """Append a message to a locked case with its event, which vouches for the words by a keyed digest."""
    key = uuid.uuid4()
    message = Message.objects.create(
        case=case,
        direction=direction,
        author_kind=actor.kind,
        author_id=None if actor.is_internal else actor.id,
        body=text,
        key=key,
        channel=channel,
        source_id=source_id,
        phrases=phrases or [],
        at=at,
    )
    record(
        MessageWritten(
            case_id=case.pk,
            message_id=message.pk,
            direction=direction,
            channel=channel,
            body_digest=keyed_digest(key, text),
            phrases=phrases or [],
            mentions=mentioned or [],
        ),
        actor=actor,
        at=at,
    )
    return message


def answer_given(case: Case, *, actor: Actor, at: datetime, next_reply_at: datetime | None) -> None:
    """Keep the promises to accept and to reply on a locked case, and promise the next reply."""
    if actor.is_staff and actor.id is not None:
        name_steward(case, actor.id, actor=actor, at=at)
    if case.status == Case.Status.RESOLVED:
        return
    plan: Plan | None
    if next_reply_at is not None:
        plan = given("next_reply", next_reply_at, policy="", by=f"by hand: {actor.name}"[:80])
    else:
        plan = plan_of_kind("next_reply", facts_of_case(case), starts="answered") or plan_of_kind(
            "next_reply", facts_of_case(case)
        )
    if plan is not None and case.status != Case.Status.WAITING:
        end_running(case, ["accept", "first_reply", "next_reply"], actor=actor, at=at)
        start_promise(case, plan, actor=actor, at=at, told_how="message")
    else:
        end_running(case, ["accept", "first_reply"], actor=actor, at=at)


def _note(case: Case, text: str, *, actor: Actor, at: datetime) -> Message:
    names = mentions(text)
    people = list(Staff.objects.active().filter(code__in=names)) if names else []
    people += list(Staff.objects.active().filter(name__in=names).exclude(pk__in=[one.pk for one in people])) if names else []
    message = say(
        case,
        text,
        direction=Message.Direction.NOTE,
        actor=actor,
        at=at,
        mentioned=[one.pk for one in people],
    )
    Mention.objects.bulk_create([Mention(case=case, staff=one, at=at) for one in people], ignore_conflicts=True)
    tell(case, [one.pk for one in people if one.pk != actor.id], notices.MENTIONED, author=actor.name)
    return message


def _from_customer(case: Case, text: str, *, actor: Actor, at: datetime, channel: str, source_id: str) -> Message:
    if not case.is_open:
        raise CaseEnded(_("The case is closed. Reopen it to go on, or report a new need."))
    message = say(case, text, direction=Message.Direction.IN, actor=actor, at=at, channel=channel, source_id=source_id)
    if case.status == Case.Status.WAITING:
        resume_locked(case, actor=actor, at=at, why=Because.CUSTOMER_WROTE)
    if (
        case.status == Case.Status.OPEN
        and not case.promises.unended().filter(kind__in=["first_reply", "next_reply"], breached_at__isnull=True).exists()
    ):
        facts: dict[str, Any] = facts_of_case(case)
        plan = plan_of_kind("next_reply", facts, starts="answered") or plan_of_kind("next_reply", facts)
        if plan is not None:
            start_promise(case, plan, actor=actor, at=at, told_how="portal")
    tell(case, [case.owner_id, case.steward_id], notices.CUSTOMER_WROTE)
    return message

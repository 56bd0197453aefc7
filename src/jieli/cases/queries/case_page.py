"""Everything the page of one case shows, read in a number of queries that does not grow with what is on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.cases.events import LinkAsked, LinkRenewed
from jieli.cases.models import Case, Mention, Message, Pass, Presence, Promise, Relation
from jieli.cases.models.case import is_seen_at_once
from jieli.cases.queries.own_fields import shown_custom
from jieli.cases.queries.reading import promises_of, sees_case
from jieli.cases.queries.stories import Story, leading, stories
from jieli.cases.queries.timeline import Block, Entry, Spoken, blocks, conversation, entries, sentence, staff_in
from jieli.cases.rules.numbers import parse_case_number
from jieli.events.actor import Actor
from jieli.events.models import Event
from jieli.events.refusals import NotFound
from jieli.files.queries import evidence_of_case
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.policies.queries import current

MESSAGES = 100
EVENTS = 200
PRESENT = timedelta(seconds=60)
_RELATED = ("customer", "device", "contact", "unit", "owner_event")


@dataclass(slots=True)
class CaseView:
    """One case with what hangs on it, ready for the page."""

    case: Case
    promises: list[Story]
    hero: Story | None
    offers: list[Pass]
    talk: list[Spoken]
    history: list[Entry]
    relations: list["Tie"]
    stages: list[tuple[str, str]]
    names: dict[int, Staff]
    why_owner: str
    mark: int
    has_older: bool = False
    oldest: int = 0
    custom: list[tuple[str, str]] = field(default_factory=list)

    @property
    def pending(self) -> Pass | None:
        """Return the offer that waits for its answer."""
        return next((offer for offer in self.offers if offer.state == Pass.State.OFFERED), None)

    @property
    def blocks(self) -> list[Block]:
        """Return the conversation in stretches, long rows of events folded."""
        return blocks(self.talk)

    @property
    def answer_due_at(self) -> datetime | None:
        """Return until when the pending offer must be answered."""
        pending = self.pending
        return next((one.promise.due_at for one in self.promises if pending and one.promise.offer_id == pending.pk), None)

    @property
    def running(self) -> list[Story]:
        """Return the promises still to be kept, the most urgent first."""
        return [one for one in self.promises if one.promise.is_running]

    @property
    def ended(self) -> list[Story]:
        """Return the promises that ended, newest first."""
        return [one for one in self.promises if not one.promise.is_running]

    @property
    def link_asked_at(self) -> datetime | None:
        """Return when the customer asked for a new link, or None when nobody waits for one."""
        last = next((one for one in self.history if one.type in (LinkAsked.type, LinkRenewed.type)), None)
        return last.at if last is not None and last.type == LinkAsked.type else None

    @property
    def customer_spoke_last(self) -> bool:
        """Tell whether the customer waits for words of ours."""
        sides = [one.side for one in self.talk if one.side in ("customer", "staff")]
        return bool(sides) and sides[-1] == "customer"


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation as one of its two cases sees it; `words` read from this case to the other."""

    relation: Relation
    other: Case
    words: str
    is_merge: bool


def found_case(actor: Actor, number: str, *, also: Callable[[Actor, Case], bool] | None = None) -> Case:
    """Return a case by its number with everyone and everything on its row. Two queries, a third when it is not seen at once.

    The people are read apart: they are few, and to plan the joins would cost more than the query. A page of an app above that
    shows a case to others, too, says by `also` to whom.
    Raises WrongNumber for a mistyped number, NotFound when there is none or it is hidden.
    """
    case_id = parse_case_number(number)
    case = Case.objects.select_related(*_RELATED).filter(pk=case_id).first() if case_id < 2**63 else None
    if case is None or not (is_seen(actor, case) or (also is not None and also(actor, case))):
        raise NotFound
    people = Staff.objects.select_related("unit").in_bulk({case.owner_id, case.steward_id, case.escort_id} - {None})
    case.owner, case.steward = people[case.owner_id], people[case.steward_id]
    case.escort = people[case.escort_id] if case.escort_id is not None else None
    return case


def is_seen(actor: Actor, case: Case) -> bool:
    """Tell whether a case, read with its unit, is visible to an actor. One query when its row does not say so."""
    return is_seen_at_once(actor, case) or sees_case(actor, case.pk)


def mark_of(case_id: int) -> int:
    """Return the sequence of the last event of a case: when it stands, nothing has changed. One query."""
    return Event.objects.filter(stream="case", stream_id=case_id).aggregate(last=Max("sequence"))["last"] or 0


def case_view(case: Case, actor: Actor, *, before: int = 0) -> CaseView:
    """Return what the page of a case shows; `before` is the id of a message: older ones are read. Fifteen queries at most."""
    promises = promises_of(case.pk)
    offers = list(Pass.objects.select_related("giver", "receiver").filter(case_id=case.pk).order_by("-id")[:50])
    found = Message.objects.filter(case_id=case.pk).order_by("-id")
    messages = list((found.filter(pk__lt=before) if before else found)[: MESSAGES + 1])
    has_older = len(messages) > MESSAGES
    messages = messages[:MESSAGES][::-1]
    events = list(Event.objects.of_case(case.pk).order_by("-sequence").prefetch_related("texts")[:EVENTS])[::-1]
    wanted = staff_in([*events, case.owner_event])
    wanted |= {one.author_id for one in messages if one.author_kind == "staff" and one.author_id is not None}
    names = {one.pk: one for one in (case.owner, case.steward)}
    names |= Staff.objects.in_bulk(list(wanted - set(names))) if wanted - set(names) else {}
    plain_names = {pk: staff.name for pk, staff in names.items()}
    history = entries(events, plain_names)
    since = messages[0].at if messages and has_older else None
    shown = [one for one in history if since is None or one.at >= since]
    told = stories(promises)
    owner_event = next((one for one in events if one.pk == case.owner_event_id), case.owner_event)
    return CaseView(
        case=case,
        promises=told,
        hero=leading(case, told),
        offers=offers,
        talk=conversation(messages, shown, names, case.customer.name or _("(erased)"), evidence_of_case(actor, case.pk)),
        history=history[::-1],
        relations=ties_of(case, actor),
        stages=stages_of(case),
        names=names,
        why_owner=sentence(owner_event, plain_names),
        mark=events[-1].sequence if events else 0,
        has_older=has_older,
        oldest=messages[0].pk if messages else 0,
        custom=shown_custom(case, actor),
    )


def stages_of(case: Case) -> list[tuple[str, str]]:
    """Return the stages of a case's route in order, with their words."""
    language = get_language() or settings.LANGUAGE_CODE
    return [(stage.code.value, stage.label.in_language(language)) for stage in current("routes").data.of(case.kind).stages]


def ties_of(case: Case, actor: Actor) -> list[Tie]:
    """Return the relations of a case to cases which the actor may see. Two queries at most."""
    rows = list(
        (Relation.objects.filter(case_id=case.pk) | Relation.objects.filter(other_id=case.pk))
        .filter(ended_at__isnull=True)
        .order_by("id")[:50]
    )
    if not rows:
        return []
    ids = {row.other_id if row.case_id == case.pk else row.case_id for row in rows}
    seen = Case.objects.visible_to(actor).filter(pk__in=ids).in_bulk()
    ties = []
    for row in rows:
        outward = row.case_id == case.pk
        other = seen.get(row.other_id if outward else row.case_id)
        if other is not None:
            words = str(Relation.Kind(row.kind).label) if outward else _inward(row.kind)
            ties.append(Tie(row, other, words, row.kind == Relation.Kind.DUPLICATE_OF))
    return ties


def _inward(kind: str) -> str:
    return {
        "child_of": _("parent of"),
        "duplicate_of": _("goes on here"),
        "follow_up_of": _("followed by"),
        "member_of": _("group case of"),
        "improvement_of": _("improved by"),
        "split_from": _("split into"),
    }[kind]


def others_present(case_id: int, staff_id: int) -> list[Presence]:
    """Return who else has the page of a case open now. One query."""
    now = clock.now()
    found = Presence.objects.select_related("staff").filter(case_id=case_id, seen_at__gt=now - PRESENT)
    return list(found.exclude(staff_id=staff_id).order_by("staff__name"))


def is_mentioned(case_id: int, staff_id: int) -> bool:
    """Tell whether a note named this person. One query."""
    return Mention.objects.filter(case_id=case_id, staff_id=staff_id).exists()


def promise_of(case: Case, promise_id: int) -> Promise:
    """Return one promise of a case; raises NotFound."""
    promise = Promise.objects.filter(pk=promise_id, case_id=case.pk).first()
    if promise is None:
        raise NotFound
    return promise


def offer_of(case: Case, pass_id: int) -> Pass:
    """Return one offer of a case with giver and receiver; raises NotFound."""
    offer = Pass.objects.select_related("giver", "receiver").filter(pk=pass_id, case_id=case.pk).first()
    if offer is None:
        raise NotFound
    return offer


def open_cases_elsewhere(case: Case, actor: Actor) -> list[Any]:
    """Return other cases of the same customer which the actor may see, newest first, at most 6. One query."""
    found = Case.objects.visible_to(actor).filter(customer_id=case.customer_id).exclude(pk=case.pk).order_by("-id")
    return list(found[:6])


def cases_of_customer(customer_id: int, actor: Actor) -> list[Case]:
    """Return the cases of a customer which the actor may see, newest first, at most 20. One query."""
    found = Case.objects.visible_to(actor).filter(customer_id=customer_id).select_related("owner").order_by("-id")
    return list(found[:20])

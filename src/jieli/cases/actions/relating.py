"""Tying cases together: relations, merge with undo, split."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.conversing import say
from jieli.cases.actions.opening import NewCase, Opened, open_case
from jieli.cases.actions.owning import give_to_who_is_there, withdraw_pending
from jieli.cases.actions.promises import end_running, start_promise
from jieli.cases.events import CaseMerged, CasesRelated, MergeUndone, RelationUndone
from jieli.cases.models import Case, Message, Promise, Relation
from jieli.cases.models.because import Because
from jieli.cases.policy import may_relate
from jieli.cases.queries.planning import facts_of_case, plan_of_kind
from jieli.cases.refusals import BadCase, NotMergeable
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock


def _both(first_id: int, second_id: int, actor: Actor, *, must_be_open: bool = True) -> tuple[Case, Case]:
    """Lock two cases in the order of their ids, so that two people merging crosswise never wait for each other forever."""
    locked = {case_id: locked_case(case_id, actor, must_be_open=must_be_open) for case_id in sorted({first_id, second_id})}
    if len(locked) != 2:
        raise NotMergeable
    return locked[first_id], locked[second_id]


@changing
def relate_cases(case_id: int, *, other_id: int, kind: str, actor: Actor) -> Relation:
    """Tie a case to another: child of, follow-up of, member of, improvement of. A merge is `merge_cases`."""
    if kind not in Relation.Kind.values or kind == Relation.Kind.DUPLICATE_OF:
        raise BadCase(fields={"kind": _("Choose how the cases belong together.")})
    case, other = _both(case_id, other_id, actor, must_be_open=False)
    require(may_relate(actor, case))
    return _tie(case, other, kind, actor)


def _tie(case: Case, other: Case, kind: str, actor: Actor, snapshot: dict[str, object] | None = None) -> Relation:
    now = clock.now()
    relation, made = Relation.objects.get_or_create(
        case=case, other=other, kind=kind, ended_at=None, defaults={"at": now, "snapshot": snapshot or {}}
    )
    if made:
        for one, the_other in ((case, other), (other, case)):
            record(
                CasesRelated(case_id=one.pk, other_id=the_other.pk, other_number=the_other.number, kind=kind),
                actor=actor,
                at=now,
            )
    return relation


@changing
def undo_relation(relation_id: int, *, actor: Actor) -> Relation:
    """Undo a tie; a merge is undone by `undo_merge`."""
    relation = Relation.objects.filter(pk=relation_id, ended_at__isnull=True).first()
    if relation is None:
        raise NotFound
    if relation.kind == Relation.Kind.DUPLICATE_OF:
        return _undo_merge(relation, actor)
    case, other = _both(relation.case_id, relation.other_id, actor, must_be_open=False)
    require(may_relate(actor, case))
    _end(relation, case, other, actor)
    return relation


def _end(relation: Relation, case: Case, other: Case, actor: Actor) -> None:
    now = clock.now()
    relation.ended_at = now
    relation.save(update_fields=["ended_at"])
    for one, the_other in ((case, other), (other, case)):
        record(
            RelationUndone(case_id=one.pk, other_id=the_other.pk, other_number=the_other.number, kind=relation.kind),
            actor=actor,
            at=now,
        )


@changing
def merge_cases(case_id: int, *, into_id: int, actor: Actor) -> Relation:
    """Merge a case into another: it ends, its history stays, and both customers are told where it goes on.

    What is needed to undo it is kept. Raises NotMergeable for a case merged already or with itself.
    """
    case, into = _both(case_id, into_id, actor)
    require(may_relate(actor, case) and may_relate(actor, into))
    now = clock.now()
    withdraw_pending(case, actor=actor, at=now, why=Because.CASE_MERGED)
    snapshot: dict[str, object] = {
        "status": case.status,
        "stage": case.stage,
        "resolved_at": case.resolved_at.isoformat() if case.resolved_at else None,
    }
    end_running(case, Promise.Kind.values, actor=actor, at=now, cancelled_because=Because.CASE_MERGED)
    say(
        case,
        str(_("Your request goes on under %(number)s, where you get all answers.")) % {"number": into.number},
        direction=Message.Direction.OUT,
        actor=SYSTEM,
        at=now,
    )
    say(
        into,
        str(_("The request %(number)s was joined to this one.")) % {"number": case.number},
        direction=Message.Direction.OUT,
        actor=SYSTEM,
        at=now,
    )
    case.status, case.closed_at, case.escort_id = Case.Status.CLOSED, now, None
    case.save(update_fields=["status", "closed_at", "escort"])
    record(CaseMerged(case_id=case.pk, into_id=into.pk, into_number=into.number), actor=actor, at=now)
    return _tie(case, into, Relation.Kind.DUPLICATE_OF, actor, snapshot)


def _undo_merge(relation: Relation, actor: Actor) -> Relation:
    """Undo a merge: the case goes on by itself as it was, with new times."""
    case, into = _both(relation.case_id, relation.other_id, actor, must_be_open=False)
    require(may_relate(actor, case))
    if case.is_open:
        raise NotMergeable
    now = clock.now()
    case.status, case.closed_at = Case.Status.OPEN, None
    case.resolved_at = None
    case.stage = str(relation.snapshot.get("stage") or case.stage)
    case.save(update_fields=["status", "closed_at", "resolved_at", "stage"])
    record(MergeUndone(case_id=case.pk, into_id=into.pk, into_number=into.number), actor=actor, at=now)
    give_to_who_is_there(case, actor=actor, at=now)
    facts = facts_of_case(case)
    for kind in ("next_reply", "resolve"):
        plan = plan_of_kind(kind, facts)
        if plan is not None:
            start_promise(case, plan, actor=actor, at=now)
    _end(relation, case, into, actor)
    return relation


@changing
def split_case(case_id: int, *, subject: str, message_ids: Sequence[int], actor: Actor) -> Opened:
    """Open a new case of the same customer with copies of the chosen messages, tied to this one."""
    case = locked_case(case_id, actor, must_be_open=False)
    require(may_relate(actor, case))
    chosen = list(case.messages.filter(pk__in=list(message_ids)).order_by("id"))
    if not chosen or len(chosen) != len(set(message_ids)):
        raise BadCase(fields={"message_ids": _("Choose messages of this case.")})
    first = next((one for one in chosen if one.direction != Message.Direction.NOTE), None)
    opened = open_case(
        NewCase(
            kind=case.kind,
            service_type=case.service_type,
            subject=subject,
            description=first.body if first is not None else "",
            customer=case.customer,
            channel=case.channel if case.channel != Case.Channel.IMPORT else Case.Channel.API,
            product_line=case.product_line,
            contact_id=case.contact_id,
            device=case.device,
            address=case.address,
            language=case.language,
            asks_required=False,
        ),
        actor=actor,
    )
    new = locked_case(opened.case_id, SYSTEM)
    now = clock.now()
    for message in chosen:
        if message is not first and message.body:
            say(new, message.body, direction=message.direction, actor=actor, at=now)
    _tie(new, case, Relation.Kind.SPLIT_FROM, actor)
    return opened

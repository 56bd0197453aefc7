"""A bundle of a phone is taken in: each entry in a transaction of its own, in the order given, exactly once (spec 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import refusal_of
from jieli.cases.models import Case
from jieli.cases.rules.numbers import WrongNumber, parse_case_number
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Refused, require
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.people.queries import superior_of
from jieli.policies.queries import current
from jieli.visits import notices
from jieli.visits.actions.applying import AFTER_THE_END, APPLY
from jieli.visits.actions.offers import OFFER_KINDS, answer_offer
from jieli.visits.actions.visiting import Doing, locked_order
from jieli.visits.events import EntryKeptAside
from jieli.visits.models import FieldEntry
from jieli.visits.policy import may_use_phone
from jieli.visits.refusals import BadEntry, Conflict, IdUsed
from jieli.visits.rules.entries import BadSent, Bundle, SentEntry
from jieli.visits.rules.times import Judged, judged_time

log = structlog.get_logger("jieli.visits")

DONE, REPEATED, REFUSED, CONFLICT = "done", "repeated", "refused", "conflict"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry: done, repeated (it was done before), refused or conflict, with words for the phone."""

    id: str
    state: str
    message: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class NotTaken(Refused):
    """Something that nobody foresaw is wrong with an entry."""

    code = "not_taken"
    message = _("This entry could not be taken in. It is kept, and a person looks at it.")


def take_bundle(bundle: Bundle, *, actor: Actor) -> list[Taken]:
    """Take the entries of a bundle in, in their order, and return what became of each; raises NotAllowed.

    Refused ones and conflicts are kept for a person and do not hold up those behind them. Sent again, an entry that was done is
    not done again, and one that was refused is tried again. Cost: one transaction each, for a step eight queries.
    """
    require(may_use_phone(actor))
    limit = timedelta(minutes=float(current("visit-standard").data.clock_minutes))
    results = []
    for sent in bundle.entries:
        if isinstance(sent, BadSent):
            fields = {name: str(why) for name, why in sent.fields.items()}
            results.append(Taken(sent.id, REFUSED, str(BadEntry.message), fields))
        else:
            now = clock.now()
            judged = judged_time(sent.at, sent_at=bundle.sent_at, now=now, limit=limit)
            results.append(_take(sent, bundle, judged, now, actor))
    return results


def _take(sent: SentEntry, bundle: Bundle, judged: Judged, now: datetime, actor: Actor) -> Taken:
    known, has_refused = _received_before(sent, actor)
    if known is not None and (known.is_settled or known.digest != sent.digest or known.staff_id != actor.id):
        return _known(known, sent, actor)
    entry = known or FieldEntry(client_id=sent.client_id, staff_id=actor.id or 0)
    entry.device, entry.order_number, entry.kind = bundle.device, sent.order, sent.kind
    entry.data, entry.digest, entry.sent_at = dict(sent.data), sent.digest, bundle.sent_at
    entry.phone_at, entry.at, entry.received_at = sent.at, judged.at, now
    entry.flags = list(judged.flags)
    try:
        with transaction.atomic():
            _apply(entry, sent, bundle, now, actor)
            if has_refused and entry.order_id is not None:
                _make_good(entry)
    except AlreadyThere:
        return _known(FieldEntry.objects.get(client_id=sent.client_id), sent, actor)
    except IntegrityError as error:
        if "client_id" in str(error):
            # Another connection was quicker with this name, on a case of its own.
            return _known(FieldEntry.objects.get(client_id=sent.client_id), sent, actor)
        return _keep(entry, sent, actor, refusal_of(error))
    except Refused as refusal:
        return _keep(entry, sent, actor, refusal)
    except (DataError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        # One broken entry must not hold up the queue of a phone for ever: it is kept, and the log has the trace.
        log.error("visits.entry_failed", kind=sent.kind, exc_info=error)
        return _keep(entry, sent, actor, NotTaken())
    return Taken(str(sent.client_id), DONE)


class AlreadyThere(Exception):
    """The other phone was quicker with the same entry."""


def _known(known: FieldEntry, sent: SentEntry, actor: Actor) -> Taken:
    """Answer an entry that was received before."""
    if known.digest != sent.digest or known.staff_id != actor.id:
        return Taken(str(sent.client_id), CONFLICT, str(IdUsed.message))
    if known.state in FieldEntry.TO_SETTLE:
        return Taken(str(sent.client_id), known.state, known.message, known.fields)
    return Taken(str(sent.client_id), REPEATED)


def _apply(entry: FieldEntry, sent: SentEntry, bundle: Bundle, now: datetime, actor: Actor) -> None:
    """Do what an entry says and keep it as done. The case is locked first: two phones with one entry take turns."""
    if sent.kind in OFFER_KINDS:
        entry.case_id = answer_offer(sent, actor=actor)
        _refuse_repeated(entry)
    else:
        case, order = locked_order(sent.order, actor, must_be_open=sent.kind not in AFTER_THE_END)
        _refuse_repeated(entry)
        entry.case_id, entry.order_id = case.pk, order.pk
        doing = Doing(sent, actor, entry.at, now, case, order, bundle.standard, list(entry.flags))
        APPLY[sent.kind](doing)
        entry.flags = doing.flags
    entry.state, entry.message, entry.fields = FieldEntry.State.DONE, "", {}
    entry.save()


def _received_before(sent: SentEntry, actor: Actor) -> tuple[FieldEntry | None, bool]:
    """Return the entry of this name when there is one, and whether others of its order were refused. One query."""
    named = FieldEntry.objects.filter(client_id=sent.client_id)
    refused = FieldEntry.objects.to_settle().filter(
        staff_id=actor.id or 0, order_number=sent.order, state=FieldEntry.State.REFUSED
    )
    found = list(named.union(refused.exclude(client_id=sent.client_id)[:1], all=True))
    known = next((one for one in found if one.client_id == sent.client_id), None)
    return known, len(found) > (known is not None)


def _refuse_repeated(entry: FieldEntry) -> None:
    """Look again under the lock whether an entry that was refused before was done meanwhile.

    Of a new one the database keeps the name once.
    """
    if entry._state.adding:
        return
    there = FieldEntry.objects.filter(client_id=entry.client_id).values_list("state", flat=True).first()
    if there is not None and there not in FieldEntry.TO_SETTLE:
        raise AlreadyThere


def _make_good(entry: FieldEntry) -> None:
    """Let nobody look at refused entries for what is done now: the same kind of entry, of a step the same step."""
    earlier = FieldEntry.objects.to_settle().filter(
        staff_id=entry.staff_id, order_id=entry.order_id, kind=entry.kind, state=FieldEntry.State.REFUSED
    )
    if entry.kind in ("step", "skip"):
        earlier = earlier.filter(data__code=entry.data.get("code"))
    elif entry.kind in ("information", "note", "part_used", "part_missing"):
        return
    earlier.update(state=FieldEntry.State.OVERTAKEN)


def _keep(entry: FieldEntry, sent: SentEntry, actor: Actor, refusal: Refused) -> Taken:
    """Keep what was not taken in, with the words that the phone shows; of a conflict the superior is told."""
    message = str(refusal.message)
    fields = {str(name): str(why) for name, why in refusal.fields.items()}
    state = FieldEntry.State.CONFLICT if isinstance(refusal, Conflict) else FieldEntry.State.REFUSED
    case = _case_of(sent.order)
    with transaction.atomic():
        known = FieldEntry.objects.select_for_update().filter(client_id=sent.client_id).first()
        if known is not None and known.is_settled:
            return _known(known, sent, actor)
        order = WorkOrder.objects.filter(number=sent.order).only("pk").first()
        entry.state, entry.message, entry.fields = state, message[:600], fields
        entry.case, entry.order = case, order
        entry.pk = known.pk if known is not None else None
        entry._state.adding = known is None
        try:
            with transaction.atomic():
                entry.save()
        except IntegrityError:
            return _known(FieldEntry.objects.get(client_id=sent.client_id), sent, actor)
        if known is None and case is not None:
            fact = EntryKeptAside(case_id=case.pk, entry_id=entry.pk, kind=sent.kind, state=state, why=message)
            record(fact, actor=actor)
        if known is None and state == FieldEntry.State.CONFLICT:
            _tell_superior(actor, case, sent)
    return Taken(str(sent.client_id), str(state), message, fields)


def _case_of(number: str) -> Case | None:
    case_id = WorkOrder.objects.filter(number=number).values_list("case_id", flat=True).first()
    if case_id is None:
        try:
            case_id = parse_case_number(number)
        except WrongNumber:
            return None
    return Case.objects.filter(pk=case_id).first()


def _tell_superior(actor: Actor, case: Case | None, sent: SentEntry) -> None:
    superior = superior_of(Staff.objects.select_related("unit__leader", "unit__parent__leader").get(pk=actor.id or 0))
    if superior is not None:
        params = {"engineer": actor.name, "number": case.number if case is not None else sent.order}
        tell_all([Telling(superior.pk, notices.KEPT_ASIDE, case.pk if case else None, params)], actor=SYSTEM)

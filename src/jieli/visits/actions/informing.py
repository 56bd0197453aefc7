"""Information returned: routed by the policy, accepted or refused with a reason, and what came of it (spec 3)."""

from django.utils.translation import gettext_lazy as _

from jieli.cases.actions.changing import changing
from jieli.cases.models import Case
from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.notify.actions import Telling, tell_all
from jieli.orders.actions.living import learn
from jieli.people.models import Grant, Unit
from jieli.people.queries import working_calendar
from jieli.policies.queries import current
from jieli.visits import notices
from jieli.visits.actions.stepping import done_by_entry
from jieli.visits.actions.visiting import Doing
from jieli.visits.events import InformationBore, InformationDecided, InformationReturned
from jieli.visits.models import Information, Visit
from jieli.visits.policy import may_decide_information
from jieli.visits.refusals import AlreadySettled, BadEntry
from jieli.visits.rules.entries import uuids_of, words

MOST_TOLD = 20


def return_information(doing: Doing) -> Information:
    """Record what an engineer learnt on site and tell whom the policy names; raises BadEntry."""
    routing = current("visit-standard").data.routing(words(doing.data.get("kind"), 60))
    text = words(doing.data.get("text"), 4000)
    wrong = {}
    if routing is None:
        wrong["kind"] = _("Choose one of the kinds of information.")
    if len(text) < 2:
        wrong["text"] = _("Say what you have learnt.")
    if wrong or routing is None:
        raise BadEntry(fields=wrong)
    unit = Unit.objects.filter(code=routing.unit).first() if routing.unit else None
    information = Information.objects.create(
        client_id=doing.entry.client_id,
        case=doing.case,
        order=doing.order,
        staff_id=doing.actor.id or 0,
        kind=routing.code,
        text=text,
        photos=uuids_of(doing.data.get("photos")),
        role=str(routing.role),
        unit=unit,
        at=doing.at,
        received_at=doing.now,
        due_at=working_calendar((unit or doing.case.unit).pk, "office").add_days(doing.now, routing.answer_days),
    )
    record(
        InformationReturned(case_id=doing.case.pk, information_id=information.pk, kind=routing.code, due_at=information.due_at),
        actor=doing.actor,
        at=doing.at,
    )
    params = {"engineer": doing.actor.name, "number": doing.case.number, "kind": routing.code}
    who = [staff_id for staff_id in asked_for(information, doing.case) if staff_id != doing.actor.id]
    tell_all([Telling(staff_id, notices.INFORMATION, doing.case.pk, params) for staff_id in who[:MOST_TOLD]], actor=SYSTEM)
    _step_done(doing)
    return information


def _step_done(doing: Doing) -> None:
    """Note the step of the visit that returning information is, while a visit is open."""
    visit = Visit.objects.open().filter(case=doing.case, engineer_id=doing.actor.id).first()
    if visit is not None:
        done_by_entry(doing, visit, "information", uuids_of(doing.data.get("photos")))


def asked_for(information: Information, case: Case) -> list[int]:
    """Return who decides: the holders of the role in the unit named, else over the case's unit, else anywhere."""
    holders = Grant.objects.filter(role=information.role, staff__is_active=True)
    if information.unit is not None:
        holders = holders.filter(unit__path__startswith=information.unit.path)
    else:
        above = [part for part in case.unit.path.split("/") if part]
        near = holders.filter(unit_id__in=[int(part) for part in above])
        holders = near if near.exists() else holders
    return sorted(set(holders.values_list("staff_id", flat=True)))


def _locked(information_id: int, actor: Actor) -> Information:
    row = Information.objects.visible_to(actor).select_related("case__unit", "unit", "order").filter(pk=information_id).first()
    if row is None:
        raise NotFound
    # Cases are locked before what hangs on them.
    Case.objects.lock(row.case_id)
    Information.objects.select_for_update(of=("self",)).get(pk=row.pk)
    row.refresh_from_db(fields=["state", "outcome", "outcome_at"])
    return row


@changing
def decide_information(information_id: int, *, accepted: bool, reason: str, actor: Actor) -> Information:
    """Accept information, or refuse it with a reason; accepted, it counts for the work order (marks, grade, incentives).

    Raises NotFound, NotAllowed, AlreadySettled, BadEntry for a refusal without a reason.
    """
    row = _locked(information_id, actor)
    require(may_decide_information(actor, row))
    if not row.is_open:
        raise AlreadySettled
    if not accepted and not reason.strip():
        raise BadEntry(fields={"reason": _("Say why it is refused: the engineer reads it.")})
    now = clock.now()
    row.state = Information.State.ACCEPTED if accepted else Information.State.REFUSED
    row.decided_by_id, row.decided_at, row.reason = actor.id, now, reason.strip()[:1000]
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    record(
        InformationDecided(case_id=row.case_id, information_id=row.pk, answer=row.state, reason=row.reason),
        actor=actor,
        at=now,
    )
    if accepted and row.order.cancelled_at is None:
        learn(row.order_id, actor=actor, at=now, information_accepted=True)
    params = {"number": row.case.number, "answer": str(row.state)}
    tell_all([Telling(row.staff_id, notices.INFORMATION_DECIDED, row.case_id, params)], actor=SYSTEM)
    return row


@changing
def note_outcome(information_id: int, *, outcome: str, actor: Actor) -> Information:
    """Note what came of accepted information: an order won, a product changed. Raises NotFound, NotAllowed, BadEntry."""
    row = _locked(information_id, actor)
    require(may_decide_information(actor, row))
    if row.state != Information.State.ACCEPTED:
        raise BadEntry(fields={"outcome": _("Something comes of accepted information only.")})
    if not outcome.strip():
        raise BadEntry(fields={"outcome": _("Say what came of it.")})
    row.outcome, row.outcome_at = outcome.strip()[:1000], clock.now()
    row.save(update_fields=["outcome", "outcome_at"])
    record(InformationBore(case_id=row.case_id, information_id=row.pk, outcome=row.outcome), actor=actor, at=row.outcome_at)
    return row

"""The points ledger of a licence: postings, appeals, annual review, re-examination (spec 6, Engineers).

Every act locks the engineer's row, so that a ledger is written by one at a time; it is locked after a case, if both are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieli.cases.models import Case
from jieli.cases.rules.numbers import parse_case_number
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.text import strip_control
from jieli.network import notices
from jieli.network.actions.reminding import appeal_tellings
from jieli.network.events import (
    AppealDecided,
    CoachAssigned,
    LicenceAppealed,
    LicenceBegun,
    LicencePosted,
    StandingChanged,
)
from jieli.network.models import Engineer, LicenceAppeal, LicencePosting
from jieli.network.policy import (
    may_appeal_posting,
    may_decide_appeal,
    may_import_outlets,
    may_keep_engineer,
    may_post_points,
    may_review_licence,
    visible_engineers,
)
from jieli.network.queries.standing import engineer_standing, ledger, lines_of
from jieli.network.refusals import (
    AlreadyAppealed,
    AppealDecidedAlready,
    AppealTooLate,
    LicenceNotRevoked,
    LicenceRevoked,
    NotAppealable,
)
from jieli.network.rules.licence import BEGINNINGS, Line, Reckoned, expires_on, reckon
from jieli.notify.actions import tell, tell_all
from jieli.people.models import Staff
from jieli.people.queries import local_date, working_calendar
from jieli.policies.queries import Loaded, current
from jieli.policies.schemas import Licence

POSTED = tuple(kind for kind in LicencePosting.Kind.values if kind not in BEGINNINGS)


@transaction.atomic
def post_points(
    engineer_id: int,
    *,
    kind: str,
    case_id: int,
    source: str,
    actor: Actor,
    note: str = "",
    at: datetime | None = None,
) -> LicencePosting | None:
    """Take points off an engineer's licence or give some, by the policy in force; a step of other apps' actions.

    One fact posts once: a second call with the same kind and source returns None, and so does one for a person who is no
    engineer. `case_id` is the case it comes from, `source` names the fact, such as ``promise 17``. Raises Invalid for an
    unknown kind or an empty source.
    """
    policy = current("licence")
    if kind not in POSTED or not source.strip():
        raise Invalid(fields={"kind": _("There are no points for this.")})
    engineer = _locked(engineer_id)
    if engineer is None:
        return None
    posting = LicencePosting(
        engineer=engineer,
        kind=kind,
        points=policy.data.points.of(kind),
        case_id=case_id,
        source=source[:120],
        note=_clean(note, 300),
    )
    old = engineer_standing(engineer).code
    if not _append(posting, policy, actor, at):
        return None
    fact = LicencePosted(
        staff_id=engineer.pk,
        posting_id=posting.pk,
        kind=kind,
        points=posting.points,
        balance=posting.balance,
        case_id=case_id,
        source=posting.source,
        policy=posting.policy,
        note=posting.note,
    )
    record(fact, actor=actor, at=at)
    _settle(engineer, policy.data, actor, old)
    params = {"points": f"{posting.points:+d}", "balance": posting.balance}
    tell(engineer.pk, kind=notices.LICENCE_POSTED, case_id=case_id, params=params, actor=actor)
    return posting


@transaction.atomic
def post_points_by_hand(engineer_id: int, *, kind: str, case_number: str, note: str, actor: Actor) -> LicencePosting:
    """Post what no event posts: an insult, an adopted improvement; with the case that shows it, and in words.

    Raises Engineer.DoesNotExist, NotAllowed, NotFound (no such case, or hidden), Invalid (an unknown kind, no words, posted
    already for this case).
    """
    engineer = _visible(engineer_id, actor)
    require(may_post_points(actor, engineer))
    if not note.strip():
        raise Invalid(fields={"note": _("Say what happened.")})
    case = _case(case_number, actor)
    posting = post_points(
        engineer_id, kind=kind, case_id=case.pk, source=f"case {case.pk} {engineer_id}", note=note, actor=actor
    )
    if posting is None:
        raise Invalid(fields={"case_number": _("This was posted for this case already.")})
    return posting


@transaction.atomic
def appeal_posting(posting_id: int, *, reason: str, actor: Actor) -> LicenceAppeal:
    """Appeal against a posting, once, within the days of the policy; it counts until the appeal is upheld.

    Raises NotFound (also when hidden), NotAllowed, Invalid without a reason, AlreadyAppealed, AppealTooLate, NotAppealable.
    """
    posting = LicencePosting.objects.filter(pk=posting_id).select_related("engineer").first()
    if posting is None or not Engineer.objects.filter(visible_engineers(actor), pk=posting.engineer_id).exists():
        raise NotFound
    engineer = Engineer.objects.lock(posting.engineer_id)
    require(may_appeal_posting(actor, engineer))
    words = _clean(reason, 1000)
    if not words:
        raise Invalid(fields={"reason": _("Say why.")})
    if posting.kind in BEGINNINGS:
        raise NotAppealable
    if LicenceAppeal.objects.filter(posting=posting).exists():
        raise AlreadyAppealed
    policy, now = current("licence").data.appeals, clock.now()
    if now > posting.at + timedelta(days=policy.within_days):
        raise AppealTooLate
    unit_id = engineer.outlet_id or engineer.staff.unit_id
    until = working_calendar(unit_id, "office").add_days(now, policy.decide_working_days)
    appeal = LicenceAppeal.objects.create(posting=posting, reason=words, by_id=actor.id or 0, made_at=now, decide_until=until)
    fact = LicenceAppealed(staff_id=engineer.pk, posting_id=posting.pk, appeal_id=appeal.pk, kind=posting.kind, reason=words)
    record(fact, actor=actor)
    tell_all(appeal_tellings(appeal, notices.APPEAL_MADE), actor=actor)
    return appeal


@transaction.atomic
def decide_appeal(appeal_id: int, *, upheld: bool, reason: str, actor: Actor) -> LicenceAppeal:
    """Uphold an appeal, and the posting no longer counts, or refuse it; with a reason, by somebody not concerned.

    The ledger is reckoned anew without the posting: a licence that it revoked is back. Raises LicenceAppeal.DoesNotExist,
    NotAllowed, Invalid without a reason, AppealDecidedAlready.
    """
    appeal = LicenceAppeal.objects.select_related("posting__engineer__staff").get(pk=appeal_id)
    engineer = Engineer.objects.lock(appeal.posting.engineer_id)
    appeal = LicenceAppeal.objects.select_for_update(of=("self",)).select_related("posting").get(pk=appeal_id)
    require(may_decide_appeal(actor, appeal))
    words = _clean(reason, 1000)
    if not words:
        raise Invalid(fields={"reason": _("Say why.")})
    if appeal.decided_at is not None:
        raise AppealDecidedAlready
    return _decide(appeal, engineer, actor, upheld=upheld, words=words)


def _decide(appeal: LicenceAppeal, engineer: Engineer, actor: Actor, *, upheld: bool, words: str) -> LicenceAppeal:
    old = engineer_standing(engineer).code
    appeal.decision = LicenceAppeal.Decision.UPHELD if upheld else LicenceAppeal.Decision.REFUSED
    appeal.decision_reason, appeal.decided_by_id, appeal.decided_at = words, actor.id, clock.now()
    appeal.save(update_fields=["decision", "decision_reason", "decided_by_id", "decided_at"])
    policy = current("licence").data
    reckoned = reckon(lines_of(ledger(engineer)), policy)
    fact = AppealDecided(
        staff_id=engineer.pk,
        posting_id=appeal.posting_id,
        appeal_id=appeal.pk,
        kind=appeal.posting.kind,
        decision=appeal.decision,
        balance=reckoned.points,
        reason=words,
    )
    record(fact, actor=actor)
    _settle(engineer, policy, actor, old)
    for staff_id in sorted({engineer.pk, appeal.by_id}):
        tell(staff_id, kind=notices.APPEAL_DECIDED, params={"balance": engineer.points}, actor=actor)
    return appeal


@transaction.atomic
def annul_postings(kind: str, *, sources: Collection[str], reason: str, actor: Actor) -> int:
    """Let the postings of facts that are no longer so count no more; a step of other apps' actions. Return how many those were.

    The ledger says it as an appeal of the engineer, upheld at once. What he appealed against himself and lost stays lost, and
    nobody annuls a posting of his own, or decides so about an appeal that he made.
    """
    mine = Q(engineer=actor.id or 0) | Q(appeal__by_id=actor.id or 0)
    said = LicencePosting.objects.filter(kind=kind, source__in=sources).exclude(mine)
    locked = Engineer.objects.filter(pk__in=said.values("engineer")).order_by("pk").select_for_update(of=("self",)).in_bulk()
    # Read under the lock: an appeal that was decided meanwhile stays so.
    postings = list(said.exclude(appeal__decided_at__isnull=False).order_by("pk"))
    for posting in postings:
        engineer, now = locked[posting.engineer_id], clock.now()
        values = {"reason": _clean(reason, 1000), "by_id": engineer.pk, "made_at": now, "decide_until": now}
        appeal, _made = LicenceAppeal.objects.get_or_create(posting=posting, defaults=values)
        _decide(appeal, engineer, actor, upheld=True, words=_clean(reason, 1000))
    return len(postings)


@transaction.atomic
def review_licence(engineer_id: int, *, actor: Actor, note: str = "") -> LicencePosting:
    """Hold the annual review: full points and a licence for another year from today.

    Twice on one day changes nothing and returns the first. Raises Engineer.DoesNotExist, NotAllowed, LicenceRevoked.
    """
    engineer = _visible(engineer_id, actor)
    require(may_review_licence(actor, engineer))
    engineer = Engineer.objects.lock(engineer_id)
    if engineer.revoked_at is not None:
        raise LicenceRevoked
    policy, today = current("licence"), local_date(clock.now())
    engineer.licence_expires_on = expires_on(today, policy.data)
    return _begin(
        engineer, LicencePosting.Kind.REVIEWED, policy.data.full_points, source=f"{engineer_id} {today}", note=note, actor=actor
    )


@transaction.atomic
def reexamine(engineer_id: int, *, actor: Actor, note: str = "") -> LicencePosting:
    """Give a revoked licence back after retraining and a passed examination, with the points of the policy.

    Raises Engineer.DoesNotExist, NotAllowed, LicenceNotRevoked.
    """
    engineer = _visible(engineer_id, actor)
    require(may_review_licence(actor, engineer))
    engineer = Engineer.objects.lock(engineer_id)
    if engineer.revoked_at is None:
        raise LicenceNotRevoked
    policy, now = current("licence"), clock.now()
    engineer.licence_expires_on = expires_on(local_date(now), policy.data)
    source = f"{engineer_id} {engineer.revoked_at.isoformat()}"
    return _begin(
        engineer, LicencePosting.Kind.REEXAMINED, policy.data.reexamined_points, source=source, note=note, actor=actor
    )


@transaction.atomic
def assign_coach(engineer_id: int, *, coach_id: int | None, actor: Actor) -> Engineer:
    """Give an engineer a coach, or none. Raises Engineer.DoesNotExist, NotAllowed, Invalid (himself, or no colleague)."""
    engineer = _visible(engineer_id, actor)
    require(may_keep_engineer(actor, engineer))
    engineer = Engineer.objects.lock(engineer_id)
    if coach_id is not None and (coach_id == engineer_id or not Staff.objects.active().filter(pk=coach_id).exists()):
        raise Invalid(fields={"coach": _("Choose a colleague who works here.")})
    _coach(engineer, coach_id, actor)
    return engineer


def begin_licence(engineer: Engineer, points: int | None = None, *, actor: Actor) -> LicencePosting:
    """Write the first line of a new engineer's ledger: full points, or those brought in; a step of making engineers."""
    if points is not None:
        return _begin(engineer, "imported", points, source=f"{engineer.pk} 1", note="", actor=actor)
    return _begin(engineer, "issued", current("licence").data.full_points, source=f"{engineer.pk}", note="", actor=actor)


@transaction.atomic
def import_points(engineer_id: int, *, points: int, actor: Actor) -> LicencePosting | None:
    """Let the ledger begin anew with points of an import; None when the last import said the same, whatever came since.

    Raises Engineer.DoesNotExist, NotAllowed.
    """
    require(may_import_outlets(actor))
    engineer = Engineer.objects.lock(engineer_id)
    said = list(engineer.postings.filter(kind="imported").order_by("pk").values_list("sets_to", flat=True))
    if points == (said[-1] if said else engineer.points):
        return None
    return _begin(engineer, "imported", points, source=f"{engineer_id} {len(said) + 1}", note="", actor=actor)


def _begin(engineer: Engineer, kind: str, points: int, *, source: str, note: str, actor: Actor) -> LicencePosting:
    policy = current("licence")
    known = LicencePosting.objects.filter(kind=kind, source=source).first()
    if known is not None:
        return known
    old = engineer_standing(engineer).code
    posting = LicencePosting(engineer=engineer, kind=kind, sets_to=points, source=source, note=_clean(note, 300))
    _append(posting, policy, actor, None)
    engineer.save(update_fields=["licence_expires_on"])
    fact = LicenceBegun(
        staff_id=engineer.pk,
        posting_id=posting.pk,
        kind=kind,
        balance=posting.balance,
        expires_on=engineer.licence_expires_on,
        policy=posting.policy,
        note=posting.note,
    )
    record(fact, actor=actor)
    _settle(engineer, policy.data, actor, old)
    return posting


def _append(posting: LicencePosting, policy: Loaded[Licence], actor: Actor, at: datetime | None) -> bool:
    """Insert a posting of a locked engineer unless its fact has posted before; the database has the last word."""
    if LicencePosting.objects.filter(kind=posting.kind, source=posting.source).exists():
        return False
    posting.at = at or clock.now()
    line = Line(posting.points, posting.at, posting.sets_to)
    posting.balance = reckon([*lines_of(ledger(posting.engineer)), line], policy.data).points
    posting.policy = policy.version
    posting.by_kind, posting.by_id = actor.kind, None if actor.is_internal else actor.id
    posting.by_name = actor.name[:120] if actor.is_internal else ""
    try:
        with transaction.atomic():
            posting.save(force_insert=True)
    except IntegrityError as error:
        if "network_posting_once" not in str(error):
            raise
        return False
    return True


def _settle(engineer: Engineer, policy: Licence, actor: Actor, old: str) -> Reckoned:
    """Write what the ledger of a locked engineer comes to, and act on a change from the old standing."""
    reckoned = reckon(lines_of(ledger(engineer)), policy)
    if (engineer.points, engineer.revoked_at) != (reckoned.points, reckoned.revoked_at):
        engineer.points, engineer.revoked_at = reckoned.points, reckoned.revoked_at
        engineer.save(update_fields=["points", "revoked_at"])
    new = engineer_standing(engineer).code
    if new == old:
        return reckoned
    record(StandingChanged(staff_id=engineer.pk, old=old, new=new, points=reckoned.points), actor=actor)
    leader_id = engineer.outlet.unit.leader_id if engineer.outlet is not None else None
    if leader_id == engineer.pk:
        leader_id = None
    if new in ("warning", "revoked"):
        kind = notices.LICENCE_WARNED if new == "warning" else notices.LICENCE_REVOKED
        params = {"name": engineer.staff.name, "balance": reckoned.points}
        for staff_id in [engineer.pk] if leader_id is None else [engineer.pk, leader_id]:
            tell(staff_id, kind=kind, params=params, actor=actor)
        if engineer.coach_id is None and leader_id is not None:
            _coach(engineer, leader_id, actor)
    return reckoned


def _coach(engineer: Engineer, coach_id: int | None, actor: Actor) -> None:
    if engineer.coach_id == coach_id:
        return
    engineer.coach_id = coach_id
    engineer.save(update_fields=["coach"])
    record(CoachAssigned(staff_id=engineer.pk, coach_id=coach_id), actor=actor)


def _locked(engineer_id: int) -> Engineer | None:
    return Engineer.objects.select_for_update(of=("self",)).filter(pk=engineer_id).first()


def _visible(engineer_id: int, actor: Actor) -> Engineer:
    found = Engineer.objects.filter(visible_engineers(actor), pk=engineer_id)
    return found.select_related("staff__unit", "outlet__unit").get()


def _case(number: str, actor: Actor) -> Case:
    try:
        case_id = parse_case_number(number)
    except ValueError:
        case_id = 0
    case = Case.objects.visible_to(actor).filter(pk=case_id).first()
    if case is None:
        raise NotFound(fields={"case_number": _("There is no such case.")})
    return case


def _clean(text: str, most: int) -> str:
    return strip_control(text).strip()[:most]

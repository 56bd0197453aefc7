"""Recovery (补救): what was missing is restored, something personal done, and each role spends up to its limit on the spot."""

from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.progressing import resolve_case
from jieli.cases.actions.telling import tell
from jieli.cases.models import Case
from jieli.cases.queries.planning import numbers
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people.models import Role, Staff
from jieli.policies.authority import NOTHING, Limit, highest, is_within, limit_of
from jieli.quality import notices
from jieli.quality.events import AmountAsked, AmountDecided, AmountSpent, RecoveryRecorded
from jieli.quality.models import Recovery, Spending
from jieli.quality.policy import may_decide_amount, may_recover, may_spend, roles_for
from jieli.quality.queries.calling import authorities
from jieli.quality.refusals import AboveAuthority, AmountDecidedAlready, BadAnswer, RecoveryOver, SamePerson
from jieli.ui.display import money_text

TOP_ROLE = "manager"
LARGEST = Decimal("9999999999.99")


def locked_recovery(recovery_id: int, actor: Actor) -> tuple[Recovery, Case]:
    """Return a recovery locked, after its case; raises NotFound (also when hidden)."""
    case_id = Recovery.objects.filter(pk=recovery_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_case(case_id, actor, must_be_open=False)
    return Recovery.objects.select_for_update(of=("self",)).get(pk=recovery_id), case


@changing
def spend(recovery_id: int, *, amount: Decimal, purpose: str, actor: Actor) -> Spending:
    """Spend an amount on a recovery: at once within one's authority, what one spent on it before included; nobody is asked.

    Above the highest authority a manager's amount waits for a second person. Raises AboveAuthority with who may, RecoveryOver,
    BadAnswer.
    """
    recovery, case = locked_recovery(recovery_id, actor)
    require(may_spend(actor, case))
    if recovery.result:
        raise RecoveryOver
    faults = {}
    if not NOTHING < amount <= LARGEST or amount != round(amount, 2):
        faults["amount"] = gettext_lazy("Give an amount above zero, with at most two decimals.")
    if not purpose.strip():
        faults["purpose"] = gettext_lazy("Say what it is for.")
    if faults:
        raise BadAnswer(fields=faults)
    limits = authorities()
    roles = roles_for(actor, case)
    limit = limit_of(roles, limits)
    mine = Spending.objects.filter(recovery=recovery, by_id=actor.id).exclude(state=Spending.State.REFUSED)
    before = mine.aggregate(amount=Sum("amount"))["amount"] or NOTHING
    now = clock.now()
    spending = Spending(
        recovery=recovery,
        amount=amount,
        purpose=purpose.strip(),
        role=limit.role,
        limit_amount=limit.amount,
        policy=numbers().version,
        by_id=actor.id or 0,
        at=now,
    )
    if is_within(amount, before, limit):
        spending.save(force_insert=True)
        record(
            AmountSpent(
                case_id=case.pk,
                recovery_id=recovery.pk,
                spending_id=spending.pk,
                amount=amount,
                role=limit.role,
                limit_amount=limit.amount,
                policy=spending.policy,
                purpose=spending.purpose,
            ),
            actor=actor,
            at=now,
        )
        return spending
    if TOP_ROLE not in roles or limit.amount < highest(limits).amount:
        raise AboveAuthority(who_may(before + amount, limit, limits))
    spending.state = Spending.State.ASKED
    spending.save(force_insert=True)
    fact = AmountAsked(
        case_id=case.pk, recovery_id=recovery.pk, spending_id=spending.pk, amount=amount, purpose=spending.purpose
    )
    record(fact, actor=actor, at=now)
    tell(case, _second_people(case, actor), notices.AMOUNT_ASKED, author=actor.name, amount=str(amount))
    return spending


def who_may(amount: Decimal, own: Limit, limits: tuple[Limit, ...]) -> str:
    """Return in words who may spend an amount."""
    wide = sorted((one for one in limits if one.amount >= amount), key=lambda one: one.amount)
    mine = money_text(own.amount)
    if wide:
        role, most = Role(wide[0].role).label, money_text(wide[0].amount)
        return _("Your authority ends at %(mine)s: ask %(role)s, who may spend up to %(most)s.") % {
            "mine": mine,
            "role": role,
            "most": most,
        }
    return _("Your authority ends at %(mine)s: above all authority it takes two managers.") % {"mine": mine}


def _second_people(case: Case, actor: Actor) -> list[int]:
    above = case.steward.unit.path.strip("/").split("/")
    held = Staff.objects.active().filter(grants__role=TOP_ROLE, grants__unit_id__in=[int(one) for one in above])
    return [staff_id for staff_id in held.distinct().values_list("pk", flat=True) if staff_id != actor.id][:10]


@changing
def decide_amount(spending_id: int, *, agreed: bool, actor: Actor) -> Spending:
    """Agree to an amount above all authority as the second person, or refuse it. Raises SamePerson, AmountDecidedAlready."""
    recovery_id = Spending.objects.filter(pk=spending_id).values_list("recovery_id", flat=True).first()
    if recovery_id is None:
        raise NotFound
    recovery, case = locked_recovery(recovery_id, actor)
    require(may_decide_amount(actor, case))
    spending = Spending.objects.select_for_update(of=("self",)).get(pk=spending_id)
    if spending.state != Spending.State.ASKED:
        raise AmountDecidedAlready
    if spending.by_id == actor.id:
        raise SamePerson
    now = clock.now()
    spending.state = Spending.State.SPENT if agreed else Spending.State.REFUSED
    spending.second_by_id, spending.second_at = actor.id, now
    spending.save(update_fields=["state", "second_by", "second_at"])
    fact = AmountDecided(
        case_id=case.pk,
        recovery_id=recovery.pk,
        spending_id=spending.pk,
        amount=spending.amount,
        decision=spending.state,
    )
    record(fact, actor=actor, at=now)
    tell(case, [spending.by_id], notices.AMOUNT_DECIDED, author=actor.name, amount=str(spending.amount))
    return spending


@changing
def record_recovery(recovery_id: int, *, restored: str, personal: str, actor: Actor, answer: str = "") -> Recovery:
    """Record how what was missing was restored, and what was done personally: both, because a recovery is both.

    With an `answer` the customer is told the result; the next call-back asks about it. Raises RecoveryOver, BadAnswer.
    """
    recovery, case = locked_recovery(recovery_id, actor)
    require(may_recover(actor, case))
    if recovery.result:
        raise RecoveryOver
    faults = {}
    if not restored.strip():
        faults["restored"] = gettext_lazy("Say how what was missing was restored.")
    if not personal.strip():
        faults["personal"] = gettext_lazy("Say what was done personally: restoring alone is no recovery.")
    if faults:
        raise BadAnswer(fields=faults)
    now = clock.now()
    recovery.restored, recovery.personal = restored.strip(), personal.strip()
    recovery.recorded_at, recovery.recorded_by_id = now, actor.id
    recovery.save(update_fields=["restored", "personal", "recorded_at", "recorded_by"])
    fact = RecoveryRecorded(case_id=case.pk, recovery_id=recovery.pk, restored=recovery.restored, personal=recovery.personal)
    record(fact, actor=actor, at=now)
    if answer.strip() and case.status in (Case.Status.OPEN, Case.Status.WAITING):
        resolve_case(case.pk, answer=answer, actor=actor)
    return recovery

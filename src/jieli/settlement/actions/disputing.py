"""What an outlet says to its sealed statement, and what finance decides about it; the statement itself never changes."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.money import cents
from jieli.notify.actions import Telling, tell, tell_all
from jieli.orders.models import WorkOrder
from jieli.people.models import Role, Staff
from jieli.settlement.events import DisputeGranted, DisputeRefused, LineDisputed, StatementConfirmed
from jieli.settlement.models import Charge, Confirmation, Dispute, Line, Ruling, Statement
from jieli.settlement.notices import DISPUTE_GRANTED, DISPUTE_REFUSED, LINE_DISPUTED
from jieli.settlement.policy import may_confirm, may_rule, may_see_statement
from jieli.settlement.queries.disputes import line_words
from jieli.settlement.queries.documents import money
from jieli.settlement.queries.sealing import local
from jieli.settlement.refusals import (
    DisputeDecided,
    DisputesOver,
    LineDisputedAlready,
    NoSuchLine,
    OwnDispute,
    StatementConfirmedAlready,
)

LONGEST_REASON = 1000
LARGEST_AMOUNT = Decimal("1000000.00")


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """Which line: an order by its number, or a line of Q by the id that it has on the statement."""

    order: str = ""
    charge_id: int | None = None


@transaction.atomic
def confirm_statement(statement_id: int, *, actor: Actor) -> Confirmation:
    """Let the outlet agree with its statement, but for lines that it disputed before.

    Raises NotFound (also when hidden), NotAllowed, StatementConfirmedAlready.
    """
    statement = _locked(statement_id, actor)
    if Confirmation.objects.filter(statement=statement).exists():
        raise StatementConfirmedAlready
    assert actor.id is not None
    found = Confirmation.objects.create(statement=statement, staff_id=actor.id, confirmed_at=clock.now())
    fact = StatementConfirmed(unit_id=statement.outlet_id, month=_month(statement), statement_id=statement.pk)
    record(fact, actor=actor)
    return found


@transaction.atomic
def dispute_line(
    statement_id: int, *, line: DisputedLine, reason: str, claimed_amount: Decimal | None = None, actor: Actor
) -> Dispute:
    """Dispute one line of a sealed statement, once, within the days of the policy; finance is told.

    Raises NotFound (also when hidden), NotAllowed, DisputesOver, StatementConfirmedAlready, NoSuchLine, LineDisputedAlready,
    Invalid.
    """
    statement = _locked(statement_id, actor)
    reason = _reason(reason)
    if claimed_amount is not None:
        claimed_amount = _amount(claimed_amount, "claimed_amount")
    now = clock.now()
    if Confirmation.objects.filter(statement=statement).exists():
        raise StatementConfirmedAlready
    if now > statement.dispute_until:
        raise DisputesOver(local(statement.dispute_until)[:16].replace("T", " "))
    order, charge = _line(statement, line)
    if Dispute.objects.filter(statement=statement, order=order, charge=charge).exists():
        raise LineDisputedAlready
    assert actor.id is not None
    try:
        with transaction.atomic():
            found = Dispute.objects.create(
                statement=statement,
                order=order,
                charge=charge,
                claimed_amount=claimed_amount,
                reason=reason,
                opened_by_id=actor.id,
                opened_at=now,
            )
    except IntegrityError:
        raise LineDisputedAlready from None
    fact = LineDisputed(
        unit_id=statement.outlet_id,
        month=_month(statement),
        dispute_id=found.pk,
        line=line_words(found),
        claimed_amount=claimed_amount,
        reason=reason,
    )
    record(fact, actor=actor)
    holders = Staff.objects.active().filter(grants__role=Role.FINANCE).distinct()
    tellings = [Telling(one.pk, LINE_DISPUTED, None, _told(found, one, outlet=statement.outlet.name)) for one in holders]
    tell_all(tellings, actor=SYSTEM)
    return found


def _told(dispute: Dispute, reader: Staff, **more: str) -> dict[str, str]:
    """Return what a notice says of a dispute, the line in its reader's language."""
    with translation.override(reader.language):
        line = line_words(dispute)
    link = reverse("settlement:dispute", args=[dispute.pk])
    return {"month": _month(dispute.statement), "line": line, "link": link, **more}


@transaction.atomic
def decide_dispute(dispute_id: int, *, granted_amount: Decimal | None, reason: str, actor: Actor) -> Ruling:
    """Grant a dispute with an amount, or refuse it with None; the outlet is told why.

    A granted amount is a line of Q in the next month that is decided. Raises NotAllowed, NotFound, DisputeDecided, OwnDispute,
    Invalid.
    """
    require(may_rule(actor))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.dispute'), %s)", [dispute_id % 2**31])
    about = ("statement__run", "statement__outlet", "opened_by", "order", "charge__incentive", "charge__order")
    dispute = Dispute.objects.filter(pk=dispute_id).select_related(*about).defer("statement__document").first()
    if dispute is None:
        raise NotFound
    if Ruling.objects.filter(dispute=dispute).exists():
        raise DisputeDecided
    if dispute.opened_by_id == actor.id:
        raise OwnDispute
    reason = _reason(reason)
    amount = Decimal("0.00") if granted_amount is None else _amount(granted_amount, "amount")
    assert actor.id is not None
    found = Ruling.objects.create(
        dispute=dispute,
        is_granted=granted_amount is not None,
        amount=amount,
        reason=reason,
        decided_by_id=actor.id,
        decided_at=clock.now(),
    )
    _decided(dispute, found, actor)
    return found


def _decided(dispute: Dispute, ruling: Ruling, actor: Actor) -> None:
    month, words = _month(dispute.statement), line_words(dispute)
    unit_id = dispute.statement.outlet_id
    params = _told(dispute, dispute.opened_by, amount=money(ruling.amount))
    if ruling.is_granted:
        granted = DisputeGranted(
            unit_id=unit_id,
            month=month,
            dispute_id=dispute.pk,
            line=words,
            amount=ruling.amount,
            reason=ruling.reason,
        )
        record(granted, actor=actor)
        tell(dispute.opened_by_id, kind=DISPUTE_GRANTED, params=params, actor=SYSTEM)
        return
    refused = DisputeRefused(unit_id=unit_id, month=month, dispute_id=dispute.pk, line=words, reason=ruling.reason)
    record(refused, actor=actor)
    tell(dispute.opened_by_id, kind=DISPUTE_REFUSED, params=params, actor=SYSTEM)


def _locked(statement_id: int, actor: Actor) -> Statement:
    """Return a statement which nobody else confirms or disputes meanwhile: rows that stand cannot be locked themselves."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('settlement.statement'), %s)", [statement_id % 2**31])
    found = Statement.objects.filter(pk=statement_id).select_related("run", "outlet").defer("document").first()
    if found is None or not may_see_statement(actor, found.outlet):
        raise NotFound
    require(may_confirm(actor, found.outlet))
    return found


def _line(statement: Statement, line: DisputedLine) -> tuple[WorkOrder | None, Charge | None]:
    if line.charge_id is not None:
        charge = Charge.objects.filter(pk=line.charge_id, run=statement.run_id, outlet=statement.outlet_id).first()
        if charge is None:
            raise NoSuchLine("charge")
        return None, charge
    order = WorkOrder.objects.filter(number=line.order).first() if line.order else None
    own = Line.objects.filter(order=order, run=statement.run_id, outlet=statement.outlet_id)
    if order is None or not own.exists():
        raise NoSuchLine("order")
    return order, None


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Invalid(fields={"reason": _("Say why.")})
    if len(reason) > LONGEST_REASON:
        raise Invalid(fields={"reason": _("At most %(number)s characters.") % {"number": LONGEST_REASON}})
    return reason


def _amount(amount: Decimal, field: str) -> Decimal:
    if not amount.is_finite() or amount <= 0 or amount > LARGEST_AMOUNT or cents(amount) != amount:
        raise Invalid(fields={field: _("Give an amount above zero such as 82.00.")})
    return cents(amount)


def _month(statement: Statement) -> str:
    return f"{statement.run.month:%Y-%m}"

"""The month end."""

from decimal import Decimal

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.people.tests.factories import a_person
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.disputing import DisputedLine, confirm_statement, decide_dispute, dispute_line
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.actions.sealing import hand_out, seal_statements
from jieli.settlement.models import Approval, Dispute, Statement
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import an_order

from ..table import SOFTWARE, Try, Who

MAY = {
    "may_settle": Who(root="AMF", also=SOFTWARE),
    "may_see_month": Who(unit="AMSF", also=SOFTWARE),
    "may_see_statement": Who(unit="AMSFO", also=SOFTWARE),
    "may_record_incentive": Who(also="import"),
    "may_bring_rates": Who(also="import"),
    "may_see_settlement_of": Who(unit="AMSFO", also=SOFTWARE),
    "may_read_case_behind": Who(unit="F"),
    "may_see_files_behind": Who(unit="F"),
    "may_ask_preview": Who(any="AMSFO", also=SOFTWARE),
    "may_try_month": Who(root="AMF", also=SOFTWARE),
    "may_approve": Who(root="AMF"),
    "may_seal": Who(also=SOFTWARE),
    "may_confirm": Who(unit="O"),
    "may_rule": Who(root="MF"),
    "may_see_accounts": Who(root="F"),
    "may_see_pay": Who(root="AMF", also=SOFTWARE),
    "may_see_slip": Who(root="AMF", also=f"{SOFTWARE} concerned"),
}


def rows(world):
    """Return the unit as an outlet with a sealed month of long ago, and a finished order of the case."""
    Outlet.objects.get_or_create(unit=world.unit)
    an_order(world.unit, "2026-03-04 10:00", case=world.case)
    old, later = month_of("2026-03"), month_of("2026-04")
    order = an_order(world.unit, "2026-03-02 10:00", case=world.other_case)
    second = an_order(world.unit, "2026-03-03 10:00", case=world.other_case)
    run = decide_month(old, actor=SYSTEM)
    for place in (1, 2):
        Approval.objects.create(run=run, place=place, staff=a_person(), digest=run.digest, approved_at=clock.now())
    seal_statements(run.pk, actor=SYSTEM)
    decide_month(later, actor=SYSTEM)
    statement = Statement.objects.get(run=run, outlet=world.unit)
    dispute = Dispute.objects.create(
        statement=statement, order=order, reason="…", opened_by=a_person(), opened_at=statement.sealed_at
    )
    return {
        "outlet": world.unit,
        "statement": statement,
        "line": DisputedLine(order=second.number),
        "dispute": dispute,
        "month": later,
        "old": old,
    }


ACTIONS = {
    "decide_month": "may_settle",
    "import_incentives": "may_record_incentive",
    "import_rates": "may_bring_rates",
    "ask_preview": "may_ask_preview",
    "ask_decision": "may_settle",
    "ask_trial": "may_try_month",
    "approve_month": Try("may_approve", lambda world, actor: approve_month(world.month, actor=actor)),
    "seal_statements": Try("may_seal", lambda world, actor: seal_statements(world.statement.run_id, actor=actor)),
    "hand_out": Try("may_see_statement", lambda world, actor: hand_out(world.statement.pk, language="en", actor=actor)),
    "confirm_statement": Try("may_confirm", lambda world, actor: confirm_statement(world.statement.pk, actor=actor)),
    "dispute_line": Try(
        "may_confirm", lambda world, actor: dispute_line(world.statement.pk, line=world.line, reason="…", actor=actor)
    ),
    "decide_dispute": Try(
        "may_rule",
        lambda world, actor: decide_dispute(world.dispute.pk, granted_amount=Decimal("1.00"), reason="…", actor=actor),
    ),
    "decide_pay": Try("may_settle", lambda world, actor: decide_pay(world.old, actor=actor)),
}

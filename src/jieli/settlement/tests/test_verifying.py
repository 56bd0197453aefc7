"""`jieli verify` finds what somebody changed behind the back of the triggers, with the rights of the owner."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from jieli.events.actor import SYSTEM
from jieli.lib import clock
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.verifying import GUARDS, findings
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_incentive, an_order, an_outlet, at

pytestmark = pytest.mark.django_db(transaction=True)

GUARDED = ("statement", "approval", "result", "charge", "line", "payline")


@pytest.fixture(autouse=True)
def a_sealed_month() -> Iterator[None]:
    with clock.frozen(at("2026-04-10 09:00")):
        a_rate_table()
        outlet = an_outlet("A")
        an_order(outlet, "2026-03-02 10:00", engineer=a_person(unit=outlet, roles=("engineer",)))
        an_incentive(outlet, "2026-03", "30.00")
        run = decide_month(month_of("2026-03"), actor=FINANCE)
        for role in ("finance", "manager"):
            approve_month(month_of("2026-03"), actor=actor_for(a_person(unit=the_root(), roles=(role,))))
        seal_statements(run.pk, actor=SYSTEM)
        decide_pay(month_of("2026-03"), actor=FINANCE)
        yield


def test_a_sound_month_has_no_findings_and_its_guards_are_there() -> None:
    assert list(findings()) == []
    with connection.cursor() as cursor:
        cursor.execute("select tgname from pg_trigger")
        assert set(GUARDS) <= {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize(
    ("attack", "rule"),
    [
        ("update settlement_statement set document = '{}'", "settlement_seal"),
        (
            "update settlement_statement set document = '{}', sha256 = encode(sha256('{}'), 'hex')",
            "settlement_seal_told",
        ),
        ("delete from settlement_statement", "settlement_seal_missing"),
        ("delete from settlement_approval where place = 2", "settlement_approved_by_two"),
        ("update settlement_result set payout_amount = payout_amount + 1", "settlement_result_adds_up"),
        ("update settlement_charge set amount = 31", "settlement_incentives_add_up"),
        ("update settlement_line set fee_amount = 83", "settlement_labour_adds_up"),
        ("delete from settlement_payline", "settlement_slips_add_up"),
    ],
)
def test_what_the_owner_changes_behind_the_triggers_is_found(attack: str, rule: str, owner_connection: Any) -> None:
    owner_connection.execute("alter table settlement_statement drop constraint settlement_seal_is_its_hash")
    for table in GUARDED:
        owner_connection.execute(f"alter table settlement_{table} disable trigger user")
    owner_connection.execute(attack)
    assert rule in {one.rule for one in findings()}

"""Two different people approve a decided month, and then each statement is sealed for good."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from jieli.cases.tests.racing import race
from jieli.config.database import Addresses
from jieli.events.actor import SYSTEM, import_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.people.actions import issue_token
from jieli.people.models import Staff
from jieli.people.queries import actor_for, actor_for_token
from jieli.people.tests.factories import a_person, acting, the_root
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.models import Approval, Run, Statement
from jieli.settlement.queries.months import month_of
from jieli.settlement.refusals import ApprovedByYou, MonthApprovedAlready, MonthNotDecided
from jieli.settlement.rules.sealing import digest_of
from jieli.settlement.tests.factories import FINANCE, a_rate_table, an_order, an_outlet, at

pytestmark = pytest.mark.django_db

MARCH = month_of
STANDS = r"never changed|permission denied"
NOW = at("2026-04-10 09:00")


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def decided() -> Run:
    a_rate_table()
    for code in ("A", "B"):
        an_order(an_outlet(code), "2026-03-02 10:00", number=f"W{code}")
    return decide_month(month_of("2026-03"), actor=FINANCE)


def settler(*roles: str) -> Staff:
    return a_person(unit=the_root(), roles=roles or ("finance",))


def approve(who: Staff) -> Approval:
    return approve_month(month_of("2026-03"), actor=actor_for(who))


def test_two_people_approve_and_every_statement_is_sealed_once() -> None:
    run = decided()
    approve(settler())
    assert seal_statements(run.pk, actor=SYSTEM) == 0
    approve(settler("manager"))
    assert seal_statements(run.pk, actor=SYSTEM) == 2
    assert seal_statements(run.pk, actor=SYSTEM) == 0
    assert {one.outlet.code: one.payout_amount for one in Statement.objects.all()} == {"A": Decimal(82), "B": Decimal(82)}
    assert all(one.sha256 == digest_of(bytes(one.document)) for one in Statement.objects.all())
    assert Event.objects.filter(type="settlement.month_approved").count() == 2
    assert Event.objects.filter(type="settlement.statement_sealed").count() == 2


def test_the_same_person_never_approves_twice_whatever_the_role_or_token() -> None:
    decided()
    person = settler("finance", "manager", "administrator")
    approve(person)
    with pytest.raises(ApprovedByYou):
        approve(person)
    for role in ("manager", "administrator"):
        _token, plain = issue_token(person.pk, name=role, role=role, unit_id=the_root().pk, actor=acting(person))
        by_token = actor_for_token(plain)
        assert by_token is not None
        with pytest.raises(ApprovedByYou):
            approve_month(month_of("2026-03"), actor=by_token)
    assert Approval.objects.count() == 1


def test_the_database_itself_refuses_the_same_person_a_third_and_another_digest() -> None:
    run = decided()
    first = settler()
    approve(first)
    for values in (
        {"place": 2, "staff": first, "digest": run.digest},
        {"place": 3, "staff": settler(), "digest": run.digest},
        {"place": 1, "staff": settler(), "digest": run.digest},
        {"place": 2, "staff": settler(), "digest": "0" * 64},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Approval.objects.create(run=run, role="finance", approved_at=NOW, **values)


def test_who_may_not_and_what_cannot_be_approved() -> None:
    with pytest.raises(MonthNotDecided):
        approve(settler())
    decided()
    for role in ("supervisor", "agent", "outlet_manager"):
        with pytest.raises(NotAllowed):
            approve(settler(role))
    for software in (SYSTEM, import_actor("x")):
        with pytest.raises(NotAllowed):
            approve_month(month_of("2026-03"), actor=software)
    with pytest.raises(NotAllowed):
        seal_statements(Run.objects.get().pk, actor=actor_for(settler()))
    approve(settler())
    approve(settler())
    with pytest.raises(MonthApprovedAlready):
        approve(settler())


@pytest.mark.parametrize(
    "attack",
    [
        "update settlement_statement set document = document || ' '::bytea",
        "update settlement_statement set document = '{}', sha256 = encode(sha256('{}'), 'hex')",
        "update settlement_statement set payout_amount = payout_amount + 1",
        "delete from settlement_statement",
        "delete from settlement_approval",
        "update settlement_approval set staff_id = staff_id",
    ],
)
def test_not_a_byte_of_what_is_sealed_changes(attack: str) -> None:
    run = decided()
    approve(settler())
    approve(settler())
    seal_statements(run.pk, actor=SYSTEM)
    with (
        pytest.raises(DatabaseError, match=STANDS),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)


def test_no_statement_comes_in_without_two_approvals_or_with_another_hash() -> None:
    run = decided()
    outlet = run.results.first().outlet
    made = {"run": run, "outlet": outlet, "document": b"{}", "payout_amount": 0, "sealed_at": NOW, "dispute_until": NOW}
    with pytest.raises(DatabaseError, match="two people"), transaction.atomic():
        Statement.objects.create(sha256=digest_of(b"{}"), **made)
    approve(settler())
    approve(settler())
    with pytest.raises(DatabaseError, match="seal_is_its_hash"), transaction.atomic():
        Statement.objects.create(sha256=digest_of(b"{ }"), **made)


def test_facts_that_change_after_the_seal_change_nothing_of_it() -> None:
    run = decided()
    approve(settler())
    approve(settler())
    seal_statements(run.pk, actor=SYSTEM)
    before = {one.sha256 for one in Statement.objects.all()}
    line = run.lines.select_related("order").first()
    line.order.product_line = "oven"
    line.order.save(update_fields=["product_line"])
    seal_statements(run.pk, actor=SYSTEM)
    assert {one.sha256 for one in Statement.objects.all()} == before


@pytest.mark.django_db(transaction=True)
def test_of_many_people_who_approve_at_once_two_do(database_urls: Addresses) -> None:
    decided()
    actors = [actor_for(settler()) for _person in range(8)]
    acts = [lambda actor=actor: approve_month(month_of("2026-03"), actor=actor) for actor in actors]
    assert race(database_urls, NOW, *acts) == Counter({"done": 2, "month_approved_already": 6})
    assert Approval.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_person_who_approves_many_times_at_once_does_it_once(database_urls: Addresses) -> None:
    decided()
    actor = actor_for(settler())
    acts = [lambda: approve_month(month_of("2026-03"), actor=actor) for _try in range(6)]
    assert race(database_urls, NOW, *acts) == Counter({"done": 1, "approved_by_you": 5})
    assert Approval.objects.count() == 1

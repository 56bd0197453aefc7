"""Pay slips: the worked example through real orders, which orders are valid, and who sees what."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jieli.customers.models import Device
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff, Unit
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.policies.queries import current
from jieli.policies.tests.factories import changed, make_version
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.models import PayLine, PayRun, PaySlip
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.pay import slip_lines
from jieli.settlement.refusals import MonthNotDecided
from jieli.settlement.rules.pay import Work, pay_of
from jieli.settlement.tests.factories import FINANCE, a_device, an_order, an_outlet, at

MARCH = "/settlement/2026-03/"


@pytest.fixture(autouse=True)
def after_the_cut_off() -> Iterator[None]:
    with clock.frozen(at("2026-04-10 09:00")), translation.override("en"):
        yield


def engineer(unit: Unit, name: str = "周强") -> Staff:
    person = a_person(unit=unit, roles=("engineer",), name=name)
    person.language = "en"
    person.save(update_fields=["language"])
    return person


def work(who: Staff, day: int = 2, **facts: Any) -> WorkOrder:
    """Write an order that this engineer finished on a day of March, later than promised and reported in an hour."""
    when = at("2026-03-01 10:00") + timedelta(days=day - 1)
    return an_order(who.unit, when, engineer=who, **facts)


def slip(who: Staff, month: str = "2026-03") -> PaySlip:
    decide_month(month_of(month), actor=FINANCE)
    decide_pay(month_of(month), actor=FINANCE)
    return PaySlip.objects.get(pay_run__run__month=month_of(month).first, staff=who)


@pytest.mark.django_db
def test_the_worked_example_as_a_rule() -> None:
    paid = pay_of(Work(orders=62, valid=58, early=21, installations=4), current("pay").data)
    assert list(paid) == [Decimal(3000), Decimal(1044), Decimal(147), Decimal(100), Decimal(0), Decimal(0)]
    assert paid.total_amount == Decimal("4291.00")


@pytest.mark.django_db
@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_pay_never_falls_below_its_base_and_each_part_counts_alone(valid: int, early: int, installations: int) -> None:
    policy = current("pay").data
    paid = pay_of(Work(1500, valid, early, installations), policy)
    assert paid.total_amount == 3000 + 18 * valid + 7 * early + 25 * installations


@pytest.mark.django_db
def test_the_worked_example_through_real_orders() -> None:
    who = engineer(an_outlet("A"))
    machine = a_device()
    for number in range(62):
        facts: dict[str, Any] = {"service_type": "installation" if number < 4 else "repair", "part": ""}
        finished = at("2026-03-02 10:00") + timedelta(hours=number)
        facts["promised_until"] = finished + timedelta(seconds=1 if number < 21 or number >= 58 else 0)
        if number >= 60:
            facts["reported_at"] = finished + timedelta(hours=24, seconds=1)
        if number in (57, 58, 59):
            facts |= {"part": "水泵", "device": machine}
        an_order(who.unit, finished, engineer=who, **facts)
    found = slip(who)
    assert (found.orders, found.valid, found.early, found.installations) == (62, 58, 21, 4)
    assert found.total_amount == Decimal("4291.00")
    lines = slip_lines(found)
    assert sum(line.amount for line in lines) + found.base_amount == found.total_amount
    assert {line.line.why for line in lines[-4:]} == {"second_part", "results_late"}
    assert "finished early" in lines[0].explanation


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "seconds", "why"), [(90, 0, "second_part"), (90, 1, ""), (1, 0, "second_part")])
def test_a_second_part_change_within_ninety_days_is_not_valid(days: int, seconds: int, why: str) -> None:
    outlet = an_outlet("A")
    who, machine = engineer(outlet), a_device()
    second = at("2026-03-20 10:00")
    an_order(an_outlet("B"), second - timedelta(days=days, seconds=seconds), device=machine, part="水泵")
    an_order(outlet, second, engineer=who, device=machine, part="水泵", fault_group="其他")
    slip(who)
    assert PayLine.objects.get(staff=who).why == why


@pytest.mark.django_db
def test_what_is_no_second_part_change() -> None:
    who = engineer(an_outlet("A"))
    machine: Device = a_device()
    work(who, 2, device=machine, part="")
    work(who, 3, device=machine, part="水泵")
    work(who, 4, device=machine, part="")
    work(who, 5, part="水泵")
    assert slip(who).valid == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reported", "valid"),
    [("2026-03-03 10:00", 1), ("2026-03-03 10:00:01", 0), (None, 0)],
)
def test_results_are_returned_in_time_or_the_order_is_not_valid(reported: str | None, valid: int) -> None:
    who = engineer(an_outlet("A"))
    work(who, 2, reported_at=at(reported) if reported else None, promised_until=at("2026-03-05 10:00"))
    found = slip(who)
    assert (found.orders, found.valid, found.early) == (1, valid, valid)


@pytest.mark.django_db
def test_pay_is_decided_once_and_an_order_is_on_one_slip_ever() -> None:
    who = engineer(an_outlet("A"))
    work(who)
    first = slip(who)
    late = work(who, 9)
    assert decide_pay(month_of("2026-03"), actor=FINANCE) == first.pay_run
    assert slip(who).pk == first.pk
    assert PayRun.objects.count() == 1
    with clock.frozen(at("2026-05-10 09:00")):
        following = slip(who, "2026-04")
    assert [line.line.order_id for line in slip_lines(following)] == [late.pk]
    assert Event.objects.filter(type="settlement.pay_decided").count() == 2
    for attack in ("update settlement_payslip set total_amount = 0", "delete from settlement_payline"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)


@pytest.mark.django_db
def test_everybody_gets_a_slip_with_the_numbers_of_the_policy() -> None:
    outlet = an_outlet("A")
    busy, idle = engineer(outlet), engineer(outlet, "吴刚")
    work(busy, delight=True)
    make_version("pay", changed("pay", "delight_amount = 0.00", "delight_amount = 5.00"))
    assert slip(busy).total_amount == Decimal("3023.00")
    assert slip(idle).total_amount == Decimal("3000.00")
    assert PayRun.objects.get().policy == "pay v2"


@pytest.mark.django_db
def test_before_the_month_and_by_others_nothing_is_decided() -> None:
    who = engineer(an_outlet("A"))
    with pytest.raises(MonthNotDecided):
        decide_pay(month_of("2026-03"), actor=FINANCE)
    decide_month(month_of("2026-03"), actor=FINANCE)
    with pytest.raises(NotAllowed):
        decide_pay(month_of("2026-03"), actor=actor_for(who))


def browsing(person: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.post("/language/", {"language": "en"})
    return client


@pytest.mark.django_db
def test_finance_decides_on_the_page_and_the_engineer_reads_his_own_slip_alone() -> None:
    outlet = an_outlet("A")
    who, other = engineer(outlet), engineer(outlet, "吴刚")
    work(who, number="W1", promised_until=at("2026-03-05 10:00"))
    work(who, 3, number="W2", reported_at=None)
    finance = browsing(a_person(unit=the_root(), roles=("finance",)))
    assert "周强" in finance.get(f"{MARCH}pay/").content.decode()
    assert finance.post(f"{MARCH}pay/decide/").status_code == 409
    assert "No pay slip yet" in browsing(who).get("/settlement/pay/").content.decode()
    decide_month(month_of("2026-03"), actor=FINANCE)
    assert finance.post(f"{MARCH}pay/decide/").status_code == 302
    page = finance.get(f"{MARCH}pay/").content.decode()
    assert "3,025.00" in page
    mine = browsing(who)
    assert mine.get("/settlement/pay/").headers["Location"] == f"{MARCH}pay/{who.pk}/"
    page = mine.get(f"{MARCH}pay/{who.pk}/").content.decode()
    assert "18.00 (commission) + 7.00 (finished early)" in page
    assert "the results were not returned in time" in page
    assert mine.get(f"{MARCH}pay/{other.pk}/").status_code == 404
    assert mine.get(f"{MARCH}pay/").status_code == 403
    for kind in ("csv", "xlsx"):
        assert mine.get(f"{MARCH}pay/{who.pk}.{kind}").status_code == 200
        assert finance.get(f"{MARCH}pay.{kind}").status_code == 200
        assert mine.get(f"{MARCH}pay.{kind}").status_code == 403
        assert mine.get(f"{MARCH}pay/{other.pk}.{kind}").status_code == 404

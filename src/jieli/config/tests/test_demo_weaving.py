"""Copies of a lived case are as good as lived: chains, invariants and due times prove it, and each has its own words."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.opening import NewCase, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.actions.promises import pause_case, resume_case
from jieli.cases.models import Case, Message
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import a_customer, an_agent
from jieli.config.database import Addresses, point
from jieli.config.demo.belongings import belongings
from jieli.config.demo.gaps import Players
from jieli.config.demo.patterns import pattern_of
from jieli.config.demo.weaving import Loom, asleep
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM
from jieli.events.anchors import breaks
from jieli.events.models import Event
from jieli.lib import clock
from jieli.people.models import Staff
from jieli.people.queries import actor_for

NOW = datetime.fromisoformat("2026-11-20T18:00+08:00")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def a_life(first: Staff, second: Staff, customer: Customer) -> Case:
    """Live one case through with a pass and a pause, and return it closed."""
    begin = NOW - 9 * DAY - 8 * HOUR
    one, other = actor_for(first), actor_for(second)
    with clock.frozen(begin):
        case_id = open_case(
            NewCase(kind="service", subject="<subject>", description="<words> 30", customer=customer, channel="portal"),
            actor=SYSTEM,
        ).case_id
    with clock.frozen(begin + timedelta(minutes=7)):
        take_case(case_id, actor=one)
    with clock.frozen(begin + HOUR):
        number = Case.objects.get(pk=case_id).number
        write_message(case_id, body=f"{customer.name}您好,单号 {number},<words>", visible=True, actor=one)
        offer = offer_pass(case_id, to=second, done="查过了", next="<words>", actor=one)
    with clock.frozen(begin + HOUR + timedelta(minutes=9)):
        accept_pass(offer.pk, restatement="客户要<words>", actor=other)
        pause_case(case_id, reason="customer", until=begin + 2 * DAY, consent=True, actor=other)
    with clock.frozen(begin + DAY):
        resume_case(case_id, actor=other)
        resolve_case(case_id, answer="好了:<words>", actor=other)
    with clock.frozen(begin + DAY + 2 * HOUR):
        close_case(case_id, actor=other)
    return Case.objects.get(pk=case_id)


def players_of(first: Staff, second: Staff, customer: Customer) -> Players:
    rows = [("people.Staff", first.pk), ("people.Staff", second.pk), ("customers.Customer", customer.pk)]
    return Players(rows=rows, words=[customer.name])


@pytest.mark.django_db(transaction=True)
def test_copies_of_a_lived_case_hold_whatever_holds_for_it(database_urls: Addresses) -> None:
    point(database_urls, role="owner", pool=0)  # who alone may let triggers sleep
    with clock.frozen(NOW - 60 * DAY):
        first, second, third = (an_agent(name) for name in ("李雷", "韩梅", "赵敏"))
        customers = [a_customer(f"客户{place}") for place in range(5)]
    lived: list[str] = []
    with transaction.atomic():
        point_before = transaction.savepoint()
        case = a_life(first, second, customers[0])
        players = players_of(first, second, customers[0])
        pattern = pattern_of(belongings(case), players, markers=["<subject>", "<words>"])
        lived += pattern.types
        transaction.savepoint_rollback(point_before)
        copies = [
            (
                pattern,
                players.copy(
                    players_of(second, third, customers[place % 5]),
                    shift=-place * DAY + timedelta(minutes=3 * place),
                    words={"<subject>": f"第{place}件", "<words>": f"说法{place}"},
                ),
            )
            for place in range(23)
        ]
        with clock.frozen(NOW), asleep(pattern.row_counts), Loom(copies, at_once=10) as loom:
            assert list(loom.weave()) == [10, 20, 23]
    point(database_urls, pool=0)
    assert [Case.objects.count(), Case.objects.filter(status="closed").count()] == [23, 23]
    with clock.frozen(NOW):
        assert list(breaks()) == []
        assert list(findings()) == []
    some = Case.objects.get(subject="第7件")
    assert (some.owner, some.customer.name, some.description) == (third, "客户2", "说法7 30")
    assert list(Event.objects.of_case(some.pk).order_by("sequence").values_list("type", flat=True)) == lived
    assert f"客户2您好,单号 {some.number},说法7" in Message.objects.filter(case=some).values_list("body", flat=True)
    assert Event.objects.of_case(some.pk).earliest("sequence").at == NOW - 16 * DAY - 8 * HOUR + timedelta(minutes=21)

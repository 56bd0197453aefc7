"""One page for the whole ticket: what it shows of a ticket walked to its end, to whom, and at what cost (spec README, J1)."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.passing import decline_pass, offer_pass
from jieli.cases.actions.promises import give_promise
from jieli.cases.actions.sweeping import sweep
from jieli.cases.tests.factories import a_case, an_agent
from jieli.dispatch.actions.appointing import move_appointment
from jieli.dispatch.tests.factories import a_window
from jieli.files.queries import evidence_of_case
from jieli.insight.queries.ticket.page import ticket_of
from jieli.insight.tests.factories import (
    ARRIVAL,
    CALLED,
    SETTLED,
    Walked,
    a_walked_ticket,
    an_intake,
    called,
    dispatched,
    returned,
    settled,
    visited,
)
from jieli.lib import clock
from jieli.people.tests.factories import MONDAY, a_person, a_unit, acting
from jieli.quality.actions.recovering import spend
from jieli.quality.models import Attempt, CallBack, Recovery
from jieli.settlement.tests.factories import a_rate_table, an_incentive
from jieli.visits.tests.factories import a_photo

pytestmark = [pytest.mark.long(20), pytest.mark.django_db]


def page(person, case):
    client = Client()
    client.force_login(person)
    return client.get(f"/cases/{case.number}/way/")


def ticket(walked: Walked, person):
    return ticket_of(walked.case, acting(person))


def test_a_walked_ticket_shows_every_stage_hand_promise_and_amount():
    walked = a_walked_ticket()
    with clock.frozen(SETTLED):
        found = ticket(walked, walked.manager)
        html = page(walked.manager, walked.case).content.decode()
    way = found.way
    assert [one.state for one in way.stages] == ["done"] * 5
    assert [(hand.person.name, hand.leg.how) for hand in way.hands[1:]] == [
        ("李雷", "taken"),
        ("网点经理", "dispatch"),
        ("张工", "dispatch"),
        ("李雷", "assign"),
    ]
    assert [one.offer.state for one in way.hands[1].tries] == ["declined"]
    assert {one.promise.outcome for one in way.to_customer} == {"kept"}
    assert next(one for one in way.to_customer if one.promise.kind == "arrive").kept_by == walked.engineer.staff
    assert found.dispatched.moves == 1
    visit = found.visited.visits[0]
    assert (len(visit.steps), visit.visit.steps_complete, len(visit.photos) > 0) == (24, True, True)
    assert found.parts.used[0].lab_finding == "confirmed"
    assert found.asked.marks.on_call is True
    order = found.settled[0]
    assert (order.fee_amount, order.decided[0].statement.sha256 in html, order.pay.why) == (82, True, "")
    assert [one.amount for one in found.money] == [82]
    for text in ("今天休假", "排水泵", found.parts.used[0].tag, "82.00 = ", "市南网点", "138****8000"):
        assert text in html
    assert "13812348000" not in html


def test_a_promise_names_in_whose_hand_it_broke_and_by_how_much_it_was_late():
    walked = an_intake()
    with clock.frozen(MONDAY + timedelta(minutes=20)):
        due = MONDAY + timedelta(hours=1)
        give_promise(walked.case.pk, kind="part_delivery", due_at=due, told=True, actor=acting(walked.agent))
    with clock.frozen(due + timedelta(minutes=5)):
        sweep()
        way = ticket(walked, walked.manager).way
        html = page(walked.manager, walked.case).content.decode()
    broken = next(one for one in way.words if one.promise.kind == "part_delivery")
    assert (broken.broken_by, broken.late_seconds) == (walked.agent, 300)
    assert [one.promise.kind for one in way.hands[1].broken] == ["part_delivery"]
    assert "在 李雷 手上失约" in html


def test_a_pending_pass_is_a_hand_that_reaches_out():
    walked = an_intake()
    offer_pass(walked.case.pk, to=walked.quality, done="问过", next="看看", actor=acting(walked.agent))
    way = ticket(walked, walked.manager).way
    html = page(walked.manager, walked.case).content.decode()
    assert way.pending.offer.receiver == walked.quality
    assert "j-reach" in html
    assert way.now.station.code == "intake"


def test_a_recovery_stands_between_quality_and_settlement_with_its_money():
    walked = an_intake()
    dispatched(walked)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        visited(walked)
    with clock.frozen(CALLED):
        called(walked, "dissatisfied", what="还是漏水")
        recovery = Recovery.objects.get(case=walked.case)
        spend(recovery.pk, amount=50, purpose="赔礼", actor=acting(walked.agent))
        found = ticket(walked, walked.manager)
        html = page(walked.manager, walked.case).content.decode()
    assert [one.station.code for one in found.way.stages][3:] == ["quality", "recovery", "settlement"]
    assert found.way.now.station.code == "recovery"
    assert [(one.label, one.amount) for one in found.money] == [("赔礼", 50)]
    assert "还是漏水" in html


def test_the_fee_is_foreseen_before_the_month_ends_and_never_told_to_the_customer():
    a_rate_table("washing_machine repair true 0 - 82.00")
    walked = an_intake()
    dispatched(walked)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        visited(walked)
        held = ticket(walked, walked.manager)
    with clock.frozen(CALLED):
        called(walked)
        returned(walked)
        found = ticket(walked, walked.manager)
        html = page(walked.manager, walked.case).content.decode()
        theirs = Client().get(f"{walked.link}/way").content.decode()
    assert (held.settled[0].foreseen.words.gate, held.money) == ("callback", [])
    assert found.settled[0].foreseen.words.fee_amount == 82
    assert [(one.label, one.amount, one.at) for one in found.money] == [("预计费用", 82, None)]
    assert 'id="settlement"' in html
    assert "82.00 = " in html
    assert "82.00" not in theirs


def test_an_enquiry_has_its_own_route_and_no_visit():
    agent = an_agent()
    case = a_case(kind="enquiry", service_type="")
    html = page(agent, case).content.decode()
    assert "handling" not in html
    assert 'id="visit"' not in html
    assert 'id="relay"' in html


def test_who_may_not_see_the_case_does_not_find_the_page_and_strangers_log_in():
    case = a_case()
    stranger = a_person(unit=a_unit(name="别组"), roles=("agent",), name="生人")
    assert page(stranger, case).status_code == 404
    assert Client().get(f"/cases/{case.number}/way/").status_code == 302


def test_finance_reads_how_a_case_went_whose_money_it_sees_and_cannot_open_the_case():
    walked = a_walked_ticket()
    with clock.frozen(SETTLED):
        answer = page(walked.finance, walked.case)
        html = answer.content.decode()
        client = Client()
        client.force_login(walked.finance)
        assert client.get(f"/cases/{walked.case.number}/").status_code == 404
        photo = evidence_of_case(acting(walked.finance), walked.case.pk)[0]
        assert client.get(f"/files/{photo.key}/").status_code == 200
    assert answer.status_code == 200
    assert f'href="/cases/{walked.case.number}/"' not in html
    assert f"/customers/{walked.case.customer_id}/" not in html
    assert walked.case.customer.phone not in html
    # No work was done for it, so no money hangs on it.
    assert page(walked.finance, a_case()).status_code == 404
    # Nor does money open it to who only works at another outlet.
    assert page(a_person(unit=a_unit(), roles=("finance",)), walked.case).status_code == 404


def test_a_mistyped_number_is_told_and_another_spelling_leads_to_the_page():
    agent, case = an_agent(), a_case()
    client = Client()
    client.force_login(agent)
    wrong = case.number[:-1] + str((int(case.number[-1]) + 1) % 10)
    assert client.get(f"/cases/{wrong}/way/").status_code == 404
    answer = client.get(f"/cases/{case.number.lower()}/way/")
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.number}/way/")


def test_what_the_panels_hide_is_left_out():
    walked = a_walked_ticket()
    with clock.frozen(SETTLED):
        seen = ticket(walked, walked.finance)
        agent = ticket(walked, walked.agent)
        html = page(walked.agent, walked.case).content.decode()
        outlet = ticket(walked, walked.outlet.unit.leader)
    assert seen.settled
    assert agent.settled is None
    assert (agent.visited is not None, agent.asked is not None) == (True, True)
    assert "82.00" not in html
    assert outlet.settled[0].fee_amount == 82
    assert outlet.settled[0].pay is None


def test_the_page_of_the_case_leads_there():
    agent, case = an_agent(), a_case()
    client = Client()
    client.force_login(agent)
    assert f"/cases/{case.number}/way/" in client.get(f"/cases/{case.number}/").content.decode()


def grown(rows: int) -> Walked:
    """Walk a ticket with so many of each thing on it."""
    walked = an_intake()
    for number in range(rows):
        write_message(walked.case.pk, body=f"第{number}条", visible=True, actor=acting(walked.agent))
        offer = offer_pass(walked.case.pk, to=walked.quality, done="问过", next="看", actor=acting(walked.agent))
        decline_pass(offer.pk, reason="忙", actor=acting(walked.quality))
        due = MONDAY + timedelta(hours=3, minutes=number)
        give_promise(walked.case.pk, kind="part_delivery", due_at=due, told=True, actor=acting(walked.agent))
    dispatched(walked)
    with clock.frozen(MONDAY + timedelta(hours=4)):
        for number in range(rows):
            begins, ends = a_window(14 if number % 2 else 15)
            person = acting(walked.engineer.staff)
            move_appointment(walked.case.pk, starts_at=begins, ends_at=ends, agreed=True, reason="改", actor=person)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        for number in range(rows):
            a_photo(walked.order, walked.engineer.staff, seed=5000 + number)
        visited(walked)
    with clock.frozen(CALLED):
        called(walked)
        returned(walked)
        callback = CallBack.objects.get(case=walked.case)
        for number in range(rows):
            values = {"at": CALLED, "half_day": "2026-11-25 pm", "outcome": "busy", "by": walked.agent}
            Attempt.objects.create(callback=callback, number=10 + number, **values)
            an_incentive(walked.outlet.unit, "2026-11", "5.00", order=walked.order)
    with clock.frozen(SETTLED):
        settled()
    return walked


def test_the_page_keeps_its_budget_and_costs_the_same_with_twenty_of_each():
    few, many = costs(1), costs(20)
    assert few == many
    desk, portal = few
    assert desk <= 42
    assert portal <= 28


class _Undone(Exception):
    """What was made is taken back."""


def costs(rows: int) -> list[int]:
    """Return how many queries the page of a ticket with so many of each thing asks: at the desk, and by the customer's link."""
    asked: list[int] = []
    with suppress(_Undone), transaction.atomic():
        walked = grown(rows)
        client = Client()
        client.force_login(walked.manager)
        with clock.frozen(SETTLED):
            for address in (f"/cases/{walked.case.number}/way/", f"{walked.link}/way"):
                client.get(address)
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(address).status_code == 200
                # The rate table was started in this very transaction, so its policies are read anew each time, as no page does.
                asked.append(sum("policies_policyversion" not in one["sql"] for one in queries))
        raise _Undone
    return asked

"""The pages of dispatch: backlog, many at once, a case, offers, the day; and the customer's page of the appointment."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.models import Case
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.actions.answering import accept_offer, counter_offer
from jieli.dispatch.actions.appointing import set_appointment
from jieli.dispatch.forms import window_value
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.slots import free_slots, slot_days
from jieli.dispatch.refusals import NobodyToSend
from jieli.dispatch.tests.factories import (
    a_ready_case,
    a_window,
    accepted,
    an_engineer,
    an_outlet,
    manager_of,
    offered,
    sent,
)
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.actions.living import learn
from jieli.orders.events import OrderChanged
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import a_person, acting, the_root

pytestmark = pytest.mark.django_db


def client_of(staff):
    client = Client()
    client.force_login(staff)
    return client


def a_dispatcher():
    return a_person(unit=the_root(), roles=("dispatcher",), name="派单员")


def page(client, name, *args, **query):
    return client.get(reverse(f"dispatch:{name}", args=args), query)


def post(client, name, *args, **data):
    return client.post(reverse(f"dispatch:{name}", args=args), data)


def test_the_backlog_holds_what_nobody_has_and_nobody_is_asked_for():
    outlet = an_outlet()
    waiting, asked, has = a_ready_case(), a_ready_case(), a_ready_case()
    offered(asked, outlet)
    accepted(has, outlet)
    client = client_of(a_dispatcher())
    numbers = [row.case.pk for row in page(client, "backlog").context["rows"]]
    assert numbers == [waiting.pk]
    assert [row.case.pk for row in page(client, "backlog", state="asked").context["rows"]] == [asked.pk]
    assert [row.case.pk for row in page(client, "backlog", state="outlet").context["rows"]] == [has.pk]
    assert b">1<" in page(client, "backlog_count").content or b"1" in page(client, "backlog_count").content
    assert page(client, "backlog", after="nonsense").status_code == 302


def test_an_employee_sees_no_backlog():
    client = client_of(a_person(roles=("employee",)))
    assert page(client, "backlog").status_code == 403


def test_many_cases_are_previewed_and_offered():
    outlet = an_outlet()
    an_engineer(outlet)
    cases = [a_ready_case(), a_ready_case()]
    client = client_of(a_dispatcher())
    shown = post(client, "preview", ids=[case.pk for case in cases])
    proposals = shown.context["proposals"]
    assert [one.choices[0].outlet_id for one in proposals] == [outlet.pk, outlet.pk]
    data = {"ids": [case.pk for case in cases]}
    for one in proposals:
        data[f"outlet_{one.case.pk}"] = outlet.pk
        data[f"window_{one.case.pk}"] = window_value((one.slot.starts_at, one.slot.ends_at))
    assert client.post(reverse("dispatch:many"), data).status_code == 302
    assert Offer.objects.count() == 2
    again = client.post(reverse("dispatch:many"), data)
    assert again.status_code == 200
    assert len(again.context["refused"]) == 2


def test_a_case_is_offered_from_its_page_and_accepted_by_the_outlet():
    outlet = an_outlet()
    an_engineer(outlet)
    case = a_ready_case()
    agent = client_of(case.owner)
    shown = page(agent, "case", case.pk)
    assert outlet.unit.name in shown.content.decode()
    slot = next(slot for day in shown.context["board"].days for slot in day.slots if slot.is_free)
    answer = post(
        agent, "act", case.pk, "offer", outlet=outlet.pk, window=window_value((slot.starts_at, slot.ends_at)), agreed="on"
    )
    assert answer.status_code == 302
    offer = Offer.objects.get(case=case)
    manager = client_of(manager_of(outlet))
    assert page(manager, "offers").context["rows"][0].is_mine
    assert page(manager, "case", case.pk).context["may"]["answer"]
    assert post(manager, "answer", offer.pk, "accept").status_code == 302
    case.refresh_from_db()
    assert case.owner == manager_of(outlet)
    shown = page(manager, "case", case.pk)
    engineer = shown.context["board"].engineers[0]
    answer = post(manager, "act", case.pk, "offer", outlet=outlet.pk, engineer=engineer.engineer.pk)
    assert answer.status_code == 302
    assert Offer.objects.filter(case=case).last().engineer == engineer.engineer.staff


def test_what_is_refused_says_why_and_keeps_what_was_typed():
    outlet, case = an_outlet(), a_ready_case()
    client = client_of(case.owner)
    closed = a_window(4)
    answer = post(client, "act", case.pk, "offer", outlet=outlet.pk, window=window_value(closed), note="门铃坏了", agreed="on")
    assert answer.status_code == 409
    assert "门铃坏了" in answer.content.decode()
    bad = post(client, "act", case.pk, "offer", outlet=outlet.pk, window="x/y")
    assert bad.status_code == 422


def test_offers_are_refused_countered_and_decided_on_their_pages():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet, a_window())
    manager = client_of(manager_of(outlet))
    late = a_window(16)
    answer = post(manager, "answer", offer.pk, "counter", window=window_value(late), reason="人手不够")
    assert answer.status_code == 302
    owner = client_of(case.owner)
    shown = page(owner, "case", case.pk)
    assert shown.context["may"]["counter"]
    assert post(owner, "decide", offer.pk, "yes", agreed="on").status_code == 302
    assert Appointment.objects.current().get(case=case).starts_at == late[0]
    other = a_ready_case()
    refused = offered(other, outlet)
    assert post(manager, "answer", refused.pk, "refuse", reason="other").status_code == 422
    assert post(manager, "answer", refused.pk, "refuse", reason="no_part").status_code == 302


def test_strangers_see_neither_case_nor_offer():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet)
    stranger = client_of(a_person(roles=("employee",)))
    assert page(stranger, "case", case.pk).status_code == 404
    assert post(stranger, "answer", offer.pk, "accept").status_code == 404
    assert page(Client(), "backlog").status_code == 302


def test_the_day_of_an_outlet_stands_by_engineer():
    outlet, case = an_outlet(), a_ready_case()
    engineer = an_engineer(outlet)
    sent(case, outlet, engineer)
    shown = page(client_of(manager_of(outlet)), "day", on="2026-11-24")
    assert [(one.engineer, len(one.visits)) for one in shown.context["people"]] == [(engineer.staff, 1)]
    assert page(client_of(manager_of(outlet)), "day", outlet=999999).status_code == 404


def test_the_panel_of_the_case_says_where_it_stands():
    outlet, case = an_outlet(), a_ready_case()
    owner = client_of(case.owner)
    accepted(case, outlet, a_window())
    assert outlet.unit.name in page(owner, "of_case", case.pk).content.decode()
    assert owner.get(reverse("cases:case", args=[case.number])).status_code == 200


# --- the customer, by link


def a_linked_case(**values):
    case = a_ready_case(tracking_code="a-code-of-twelve", **values)
    return case, f"/t/{case.number}/a-code-of-twelve"


def test_the_customer_chooses_a_time_and_moves_it_by_link():
    outlet = an_outlet()
    engineer = an_engineer(outlet)
    case, link = a_linked_case()
    customer = Client()
    assert "请选择方便上门的时间" in customer.get(link).content.decode()
    shown = customer.get(f"{link}/appointment")
    free = [slot for day in shown.context["page"].days for slot in day.slots if slot.is_free]
    assert (
        customer.post(f"{link}/appointment", {"window": window_value((free[0].starts_at, free[0].ends_at))}).status_code == 302
    )
    made = Appointment.objects.current().get(case=case)
    assert (made.state, made.by_customer, made.starts_at) == ("planned", True, free[0].starts_at)
    offered(case, outlet)
    sent_case = Case.objects.get(pk=case.pk)
    accept_offer(Offer.objects.get(case=case).pk, actor=acting(manager_of(outlet)))
    assert Appointment.objects.current().get(case=sent_case).starts_at == free[0].starts_at
    later = free_slots(outlet.pk, product_line=case.product_line, ignoring=case.pk)[6]
    answer = customer.post(f"{link}/appointment", {"window": window_value((later.starts_at, later.ends_at))})
    assert answer.status_code == 302
    assert Appointment.objects.current().get(case=case).starts_at == later.starts_at
    assert WorkOrder.objects.get(case=case).promised_until == later.ends_at
    assert engineer.pk


def test_the_customer_cannot_choose_a_closed_hour_or_move_too_late_or_too_often():
    outlet = an_outlet()
    an_engineer(outlet)
    case, link = a_linked_case()
    customer = Client()
    closed = a_window(4)
    answer = customer.post(f"{link}/appointment", {"window": window_value(closed)})
    assert answer.status_code == 409
    assert "请选择所列的时间" in answer.content.decode()
    assert customer.post(f"{link}/appointment", {"window": "nonsense"}).status_code == 422
    sent(case, outlet, outlet.engineers.get(), a_window())
    with clock.frozen(a_window()[0] - timedelta(minutes=60)):
        late = a_window(16)
        answer = customer.post(f"{link}/appointment", {"window": window_value(late)})
        assert answer.status_code == 409
    for hour in (16, 10, 16):
        moved = a_window(hour)
        assert customer.post(f"{link}/appointment", {"window": window_value(moved)}).status_code == 302
    assert customer.post(f"{link}/appointment", {"window": window_value(a_window(10))}).status_code == 409


def test_a_wrong_code_opens_no_appointment():
    case, _link = a_linked_case()
    assert Client().get(f"/t/{case.number}/wrong-code/appointment").status_code == 404


def test_a_counter_proposal_is_seen_by_the_outlet_too():
    outlet, case = an_outlet(), a_ready_case()
    offer = offered(case, outlet, a_window())
    late = a_window(16)
    counter_offer(offer.pk, starts_at=late[0], ends_at=late[1], actor=acting(manager_of(outlet)))
    assert page(client_of(manager_of(outlet)), "case", case.pk).status_code == 200


def test_an_outlet_without_anybody_who_may_do_the_work_says_so_and_not_that_it_is_closed():
    outlet = an_outlet()
    an_engineer(outlet, product_lines=("television",))
    case, link = a_linked_case()
    days = slot_days(outlet.pk, product_line=case.product_line)
    assert {slot.why for day in days for slot in day.slots} == {"nobody", "past"}
    shown = page(client_of(a_dispatcher()), "case", case.pk, outlet=outlet.pk).content.decode()
    assert "无人可派" in shown
    assert "休息" not in shown
    starts_at, ends_at = a_window()
    with pytest.raises(NobodyToSend):
        set_appointment(
            case.pk, starts_at=starts_at, ends_at=ends_at, outlet_id=outlet.pk, agreed=True, actor=acting(case.owner)
        )
    told = Client().get(f"{link}/appointment").content.decode()
    assert 'type="radio"' not in told
    assert "请给我们留言" in told


def test_a_set_is_chosen_among_the_devices_of_the_customer():
    outlet, case = an_outlet(), a_ready_case()
    client = client_of(a_dispatcher())
    assert "本次上门的设备" not in page(client, "case", case.pk).content.decode()
    first, second, others = a_device(case.customer), a_device(case.customer), a_device(a_customer())
    Case.objects.filter(pk=case.pk).update(device=second)
    shown = page(client, "case", case.pk)
    form = shown.context["offer_form"]
    assert [pk for pk, _words in form.fields["devices"].choices] == [second.pk, first.pk]
    assert form["devices"].value() == [second.pk]
    refused = post(client, "act", case.pk, "offer", outlet=outlet.pk, devices=[others.pk])
    assert refused.status_code == 422
    assert "devices" in refused.context["offer_form"].errors
    post(client, "act", case.pk, "offer", outlet=outlet.pk, devices=[second.pk, first.pk])
    offer = Offer.objects.get(case=case)
    assert offer.devices == [second.pk, first.pk]
    outlets = page(client_of(manager_of(outlet)), "case", case.pk).content.decode()
    assert first.serial in outlets
    assert second.serial in outlets
    accept_offer(offer.pk, actor=acting(manager_of(outlet)))
    assert WorkOrder.objects.filter(case=case).count() == 2
    assert "本次上门的设备" not in page(client, "case", case.pk).content.decode()


# --- what an order is paid by


def an_unknown_order():
    """Return an order of which neither warranty nor distance is known, with its case."""
    nowhere = {"latitude": None, "longitude": None}
    outlet = an_outlet(address="青岛市市南区", district="370202", **nowhere)
    engineer = an_engineer(outlet)
    case = a_ready_case(address="青岛市市南区香港中路 1 号", **nowhere)
    sent(case, outlet, engineer, a_window(14))
    return WorkOrder.objects.get(case=case)


def test_the_desk_says_what_an_order_is_paid_by():
    order = an_unknown_order()
    assert (order.in_warranty, order.distance_km) == (None, None)
    shown = page(client_of(a_dispatcher()), "case", order.case_id).content.decode()
    assert reverse("dispatch:order", args=[order.pk]) in shown
    said = post(client_of(a_dispatcher()), "order", order.pk, in_warranty="yes", distance_km="7.5")
    order.refresh_from_db()
    assert (said.status_code, order.in_warranty, order.distance_km) == (302, True, Decimal("7.500"))
    changed = Event.objects.of_case(order.case_id).filter(type=OrderChanged.type).latest("sequence")
    assert changed.data["changes"] == {"in_warranty": [None, True], "distance_km": [None, "7.500"]}
    post(client_of(a_dispatcher()), "order", order.pk, distance_km="12")
    order.refresh_from_db()
    assert (order.in_warranty, order.distance_km) == (True, Decimal("12.000"))
    assert 'value="12"' in page(client_of(a_dispatcher()), "case", order.case_id).content.decode()
    nothing = post(client_of(a_dispatcher()), "order", order.pk)
    assert (nothing.status_code, "请登记保修、路程，或两项都登记。" in nothing.content.decode()) == (422, True)


def test_it_is_said_of_a_closed_case_too_as_the_month_waits_for_it():
    order = an_unknown_order()
    engineer, now = acting(order.engineer), clock.now()
    learn(order.pk, arrived_at=now, finished_at=now, fixed_first=True, steps_complete=True, actor=engineer)
    resolve_case(order.case_id, answer="已修好", actor=engineer)
    case = close_case(order.case_id, actor=engineer)
    desk = client_of(a_dispatcher())
    assert "服务单已结束，不再派单。" in page(desk, "case", case.pk).content.decode()
    assert post(desk, "order", order.pk, in_warranty="yes", distance_km="17.4").status_code == 302
    order.refresh_from_db()
    assert (case.status, order.in_warranty, order.distance_km) == ("closed", True, Decimal("17.400"))


def test_the_outlet_does_not_say_what_it_is_paid_by():
    order = an_unknown_order()
    outlet = client_of(order.outlet.leader)
    assert reverse("dispatch:order", args=[order.pk]) not in page(outlet, "case", order.case_id).content.decode()
    assert post(outlet, "order", order.pk, in_warranty="no").status_code == 403
    order.refresh_from_db()
    assert order.in_warranty is None


@pytest.mark.parametrize("given", [{}, {"distance_km": "-1"}, {"distance_km": "near"}, {"in_warranty": "perhaps"}])
def test_what_says_nothing_of_an_order_is_refused_in_words_and_kept(given):
    order = an_unknown_order()
    answer = post(client_of(a_dispatcher()), "order", order.pk, **given)
    assert answer.status_code == 422
    assert '<details class="j-fold" open>' in answer.content.decode()

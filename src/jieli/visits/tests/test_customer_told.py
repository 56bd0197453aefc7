"""What the customer is told of a visit: its window after each change, a reminder before it, that somebody is on the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from jieli.cases.actions.progressing import cancel_case
from jieli.cases.models import Case, Message
from jieli.customers.models import Customer
from jieli.customers.tests.factories import a_customer, a_device
from jieli.dispatch.actions.appointing import release, set_appointment
from jieli.dispatch.actions.customer import remind_customer
from jieli.dispatch.handlers import announce_telling
from jieli.dispatch.models import Appointment
from jieli.dispatch.queries.reminders import appointments_to_remind
from jieli.dispatch.tasks import remind
from jieli.dispatch.tests import factories as dispatch
from jieli.dispatch.tests.factories import TOMORROW, a_ready_case, a_window
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.events.reactions import handlers_of
from jieli.lib import clock
from jieli.notify.actions import subscribe
from jieli.notify.models import Mail, WebhookDelivery
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root
from jieli.visits.handlers import tell_customer
from jieli.visits.tests.factories import sent, take

pytestmark = pytest.mark.django_db
FIRST = a_window()
EVENING = MONDAY + timedelta(hours=9, minutes=45)
"""19:45 on the evening before: 14 hours before 14:00 is midnight, which is quiet; 20:00 less a quarter of an hour."""
LINK_CODE = "a-code-of-twelve"


def an_order(window=FIRST, *, email="wang@example.com", language="zh-hans", **outlet_values):
    """Return the order of a customer with an e-mail address, 3.9 km by road from the outlet, and its engineer."""
    outlet = dispatch.an_outlet(**outlet_values)
    engineer = dispatch.an_engineer(outlet)
    customer = a_customer(email=email)
    device = a_device(customer, line="washing_machine")
    case = a_ready_case(customer=customer, device=device, tracking_code=LINK_CODE, language=language)
    dispatch.sent(case, outlet, engineer, window)
    return WorkOrder.objects.select_related("case").get(case=case), engineer


def mails():
    return list(Mail.objects.order_by("pk").values_list("subject", flat=True))


def told(order):
    facts = Event.objects.of_case(order.case_id).filter(type="dispatch.customer_told")
    return [fact.data["what"] for fact in facts.order_by("sequence")]


def last_said(order):
    return Message.objects.filter(case=order.case_id, direction="out").order_by("pk").last().body


def on_the_way(order):
    """Let the worker react to whoever set out."""
    for event in Event.objects.of_case(order.case_id).filter(type="visits.set_out"):
        tell_customer(event)


def test_each_window_is_told_by_message_and_by_mail_in_the_customers_language():
    order, _engineer = an_order(language="en")
    later = a_window(16)
    set_appointment(order.case_id, starts_at=later[0], ends_at=later[1], agreed=True, actor=acting(order.case.steward))
    (*_earlier, subject) = mails()
    assert subject == "Your appointment: Tue 24 Nov 16:00–18:00"
    mail = Mail.objects.order_by("pk").last()
    assert (mail.to_address, mail.case_id) == ("wang@example.com", order.case_id)
    assert last_said(order) in mail.text
    assert order.case.number in mail.text
    assert told(order)[-1] == "window"
    assert len(mails()) == len(told(order))


def test_who_has_no_address_finds_it_on_the_page_of_the_case():
    order, _engineer = an_order(email="")
    assert mails() == []
    fact = Event.objects.of_case(order.case_id).filter(type="dispatch.customer_told").last()
    assert fact.data["by_email"] is False


def test_what_is_no_address_keeps_no_appointment_from_being_made():
    order, _engineer = an_order(email="")
    Customer.objects.filter(pk=order.case.customer_id).update(email="无\n邮箱")
    later = a_window(16)
    set_appointment(order.case_id, starts_at=later[0], ends_at=later[1], agreed=True, actor=acting(order.case.steward))
    assert mails() == []
    assert "16:00" in last_said(order)


@pytest.mark.parametrize(
    ("hour", "day", "due"),
    [
        # by the policy's 14 hours: the afternoon before for the first window, the evening before for later ones
        (8, TOMORROW, MONDAY + timedelta(hours=8)),
        (14, TOMORROW, EVENING),
        (18, TOMORROW, EVENING),
    ],
)
def test_the_customer_is_reminded_before_the_visit_and_never_in_the_quiet_hours(hour, day, due):
    order, _engineer = an_order(a_window(hour, day=day))
    with clock.frozen(due - timedelta(minutes=1)):
        assert appointments_to_remind() == []
    with clock.frozen(due):
        assert appointments_to_remind() == [Appointment.objects.get(case=order.case_id).pk]
        remind(0)
        remind(0)
    assert told(order).count("reminder") == 1
    assert "温馨提醒" in last_said(order)
    assert mails()[-1].startswith("上门提醒")


def test_a_worker_that_was_off_in_the_evening_reminds_in_the_morning_and_not_at_night():
    order, _engineer = an_order()
    pk = Appointment.objects.get(case=order.case_id).pk
    with clock.frozen(MONDAY + timedelta(hours=13)):
        assert appointments_to_remind() == []
        assert remind_customer(pk, actor=SYSTEM) is False
    with clock.frozen(MONDAY + timedelta(hours=22)):
        assert remind_customer(pk, actor=SYSTEM) is True
    with clock.frozen(FIRST[0]):
        assert appointments_to_remind() == []


def test_who_chose_the_time_after_the_evening_is_not_reminded_of_it():
    with clock.frozen(EVENING + timedelta(minutes=5)):
        order, _engineer = an_order()
    with clock.frozen(MONDAY + timedelta(hours=22)):
        remind(0)
    assert "reminder" not in told(order)


def test_a_moved_visit_is_reminded_of_anew_and_the_old_window_is_not():
    order, _engineer = an_order()
    with clock.frozen(EVENING):
        remind(0)
        later = a_window(16, day=TOMORROW + timedelta(days=1))
        set_appointment(order.case_id, starts_at=later[0], ends_at=later[1], agreed=True, actor=acting(order.case.steward))
    with clock.frozen(EVENING + timedelta(days=1)):
        remind(0)
    assert told(order).count("reminder") == 2


def test_nobody_is_reminded_of_a_visit_that_was_called_off():
    order, _engineer = an_order()
    pk = Appointment.objects.get(case=order.case_id).pk
    cancel_case(order.case_id, reason="不修了", actor=acting(Case.objects.get(pk=order.case_id).steward))
    with clock.frozen(EVENING):
        assert appointments_to_remind() == []
        assert remind_customer(pk, actor=SYSTEM) is False


def test_the_customer_is_told_once_who_is_on_the_way_and_about_when():
    order, engineer = an_order()
    leaves = FIRST[0] + timedelta(minutes=3)
    with clock.frozen(leaves):
        take(engineer.staff, sent(order, "set_out"))
        on_the_way(order)
        on_the_way(order)
        page = Client().get(f"/t/{order.case.number}/{LINK_CODE}").content.decode()
    held = Appointment.objects.get(case=order.case_id)
    # 1.4 km in a straight line are 1.9 by road: less than the least time of a way, and told in steps of five minutes.
    assert (held.set_out_at, held.expected_at) == (leaves, FIRST[0] + timedelta(minutes=15))
    assert "预计 14:15" in last_said(order)
    assert told(order).count("on_the_way") == 1
    assert "正在前往您家，预计 14:15" in page
    assert "jieli.visits.handlers.tell_customer" in handlers_of("visits.set_out")


def test_the_forecast_counts_from_where_the_engineer_was_last():
    order, engineer = an_order()
    # 20.0 km north of the customer: 26 km by road, 65 minutes at 24 km/h.
    far = {"latitude": float(order.case.latitude + Decimal("0.18")), "longitude": float(order.case.longitude)}
    with clock.frozen(FIRST[0]):
        take(engineer.staff, sent(order, "set_out", **far))
    assert Appointment.objects.get(case=order.case_id).expected_at == FIRST[0] + timedelta(minutes=65)


def test_who_arrived_before_it_was_known_is_not_on_the_way_any_more():
    order, engineer = an_order()
    with clock.frozen(FIRST[0] + timedelta(hours=1)):
        take(engineer.staff, sent(order, "set_out", FIRST[0] - timedelta(minutes=20)), sent(order, "arrive", FIRST[0]))
        on_the_way(order)
        page = Client().get(f"/t/{order.case.number}/{LINK_CODE}").content.decode()
    assert "on_the_way" not in told(order)
    assert "已到您家" in page


def test_an_entry_that_reaches_us_after_the_time_of_the_forecast_tells_nobody():
    order, engineer = an_order()
    with clock.frozen(FIRST[0] + timedelta(hours=1)):
        take(engineer.staff, sent(order, "set_out", FIRST[0]))
        on_the_way(order)
    assert "on_the_way" not in told(order)


def test_without_places_it_is_told_without_a_time():
    order, engineer = an_order(latitude=None, longitude=None)
    with clock.frozen(FIRST[0]):
        take(engineer.staff, sent(order, "set_out"))
        on_the_way(order)
    assert Appointment.objects.get(case=order.case_id).expected_at is None
    assert told(order)[-1] == "on_the_way"
    assert "预计" not in last_said(order)


def test_nobody_is_on_the_way_for_a_time_that_was_let_go():
    order, engineer = an_order()
    with clock.frozen(FIRST[0] - timedelta(minutes=30)):
        take(engineer.staff, sent(order, "set_out"))
        appointment = Appointment.objects.current().get(case=order.case_id)
        assert appointment.set_out_at is not None
        release(appointment, clock.now())
    appointment.refresh_from_db()
    assert (appointment.state, appointment.set_out_at, appointment.expected_at) == ("planned", None, None)


def test_a_gateway_hears_what_was_told_and_no_name_phone_or_text():
    admin = acting(a_person(unit=the_root(), roles=("administrator",), name="管理员"))
    subscribe(name="短信网关", url="https://sms.example/hook", kinds_wanted=["dispatch.customer_told"], actor=admin)
    order, _engineer = an_order()
    fact = Event.objects.of_case(order.case_id).filter(type="dispatch.customer_told").last()
    announce_telling(fact)
    payload = WebhookDelivery.objects.get().payload
    assert (payload["number"], payload["data"]["what"]) == (order.case.number, "window")
    assert "王" not in str(payload)
    assert "jieli.dispatch.handlers.announce_telling" in handlers_of("dispatch.customer_told")

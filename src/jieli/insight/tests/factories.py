"""A ticket walked to its end for tests, each act by the action that people use, each at its own time."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.opening import NewCase, Opened, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.actions.passing import decline_pass, offer_pass
from jieli.cases.models import Case
from jieli.cases.tests.factories import a_customer, an_agent
from jieli.customers.actions.devices import make_device
from jieli.customers.models import Device
from jieli.dispatch.actions.answering import accept_offer
from jieli.dispatch.actions.appointing import end_appointment, move_appointment
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet
from jieli.dispatch.models import Offer
from jieli.dispatch.tests.factories import HERE as PLACE
from jieli.dispatch.tests.factories import TOMORROW, a_window, an_engineer, an_outlet, manager_of
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.orders.models import WorkOrder
from jieli.parts.actions.returning import receive_old_part, record_finding
from jieli.parts.models import UsedPart
from jieli.parts.tests.factories import a_part, a_van
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_person, acting, the_root
from jieli.quality.actions.calling import record_attempt, record_result
from jieli.quality.actions.planning import make_callback
from jieli.quality.rules.answers import Answers
from jieli.settlement.actions.approving import approve_month
from jieli.settlement.actions.deciding import decide_month
from jieli.settlement.actions.paying import decide_pay
from jieli.settlement.actions.sealing import seal_statements
from jieli.settlement.queries.months import month_of
from jieli.settlement.tests.factories import a_rate_table
from jieli.visits.tests.factories import sent as entry
from jieli.visits.tests.factories import take, whole_visit

ARRIVAL = TOMORROW + timedelta(hours=4, minutes=10)
CALLED = ARRIVAL + timedelta(days=1)
SETTLED = datetime.fromisoformat("2026-12-09T10:00:00+08:00")


@dataclass
class Walked:
    """The people of a ticket, and what is known of it."""

    agent: Staff
    quality: Staff
    manager: Staff
    finance: Staff
    outlet: Outlet
    engineer: Engineer
    device: Device
    opened: Opened

    @property
    def case(self) -> Case:
        """Return the case as it is now."""
        return Case.objects.get(pk=self.opened.case_id)

    @property
    def order(self) -> WorkOrder:
        """Return the work order."""
        return WorkOrder.objects.get(case_id=self.opened.case_id)

    @property
    def link(self) -> str:
        """Return the customer's link."""
        return f"/t/{self.case.number}/{self.opened.tracking_code}"


def an_intake(number: int = 1) -> Walked:
    """Let a customer report his washing machine (SN-WM-number); a colleague declines it, the agent takes and answers it."""
    root = the_root()
    agent, colleague = an_agent("李雷"), an_agent("韩梅")
    outlet = an_outlet("市南网点", product_lines=["washing_machine"])
    engineer = an_engineer(outlet, "张工")
    customer = a_customer("王芳", phone="13812348000")
    device = make_device(
        values={
            "serial": f"SN-WM-{number}",
            "model": "XQG100",
            "product_line": "washing_machine",
            "warranty_until": date(2028, 5, 1),
            "genuine": True,
        },
        customer_id=customer.pk,
        actor=SYSTEM,
    )
    opened = open_case(
        NewCase(
            kind="service",
            service_type="repair",
            subject="洗衣机不排水",
            description="水排不出,显示 E30",
            channel="portal",
            customer=customer,
            device=device,
            product_line="washing_machine",
            address="青岛市市南区香港中路1号",
            latitude=PLACE["latitude"],
            longitude=PLACE["longitude"],
        ),
        actor=SYSTEM,
    )
    with _later(minutes=6):
        take_case(opened.case_id, actor=acting(agent))
    with _later(minutes=10):
        offer = offer_pass(opened.case_id, to=colleague, done="问过", next="安排", actor=acting(agent))
    with _later(minutes=14):
        decline_pass(offer.pk, reason="今天休假", actor=acting(colleague))
    with _later(minutes=20):
        _answered(opened.case_id, agent)
    return Walked(
        agent=agent,
        quality=a_person(unit=root, roles=("quality",), name="质控员"),
        manager=a_person(unit=root, roles=("manager", "administrator"), name="经理"),
        finance=a_person(unit=root, roles=("finance",), name="财务员"),
        outlet=outlet,
        engineer=engineer,
        device=device,
        opened=opened,
    )


def _later(**length: float) -> AbstractContextManager[None]:
    return clock.frozen(MONDAY + timedelta(**length))


def _answered(case_id: int, agent: Staff) -> None:
    write_message(case_id, body="您好,马上为您安排上门。", visible=True, actor=acting(agent))
    write_message(case_id, body="这位客户脾气急,小心说话。", visible=False, actor=acting(agent))


def dispatched(walked: Walked) -> None:
    """Send outlet and engineer, and move the appointment once."""
    case, agent, person = walked.case, walked.agent, acting(walked.engineer.staff)
    begins, ends = a_window(10)
    with _later(minutes=25):
        first = offer_to_outlet(
            case.pk, outlet_id=walked.outlet.pk, starts_at=begins, ends_at=ends, agreed=True, actor=acting(agent)
        )
    with _later(minutes=40):
        accept_offer(first.pk, actor=acting(manager_of(walked.outlet)))
    with _later(minutes=45):
        second = offer_to_engineer(case.pk, engineer_id=walked.engineer.pk, actor=acting(manager_of(walked.outlet)))
        assert isinstance(second, Offer)
    with _later(minutes=55):
        accept_offer(second.pk, actor=person)
    begins, ends = a_window(14)
    with _later(hours=3):
        move_appointment(case.pk, starts_at=begins, ends_at=ends, agreed=True, reason="用户下午在家", actor=person)


def visited(walked: Walked, *, result: str = "fixed", **outcome: Any) -> None:
    """Make the visit by the standard, with one part changed."""
    number = walked.device.serial.removeprefix("SN-WM-")
    part, staff = a_part("P-PUMP", name="排水泵", price_amount=Decimal("45.00")), walked.engineer.staff
    a_van(staff, **{part.code: 2})
    order = walked.order
    entries = whole_visit(order, staff, start=ARRIVAL - timedelta(minutes=10), result=result, **outcome)
    used = entry(order, "part_used", entries[-3].at, part=part.code, old_serial=f"OLD-{number}", new_serial=f"NEW-{number}")
    results = take(staff, *entries[:-2], used, *entries[-2:])
    assert [one.state for one in results if one.state != "done"] == [], results
    if result != "not_fixed":
        end_appointment(walked.case.pk, state="done", actor=SYSTEM)


def called(walked: Walked, result: str = "satisfied", **said: Any) -> None:
    """Call the customer back; who has the case then is the steward."""
    event = Event.objects.of_case(walked.case.pk).filter(type="cases.resolved").latest("sequence")
    callback = make_callback(walked.case.pk, sequence=event.sequence, actor=SYSTEM)
    assert callback is not None
    caller = acting(walked.agent)
    record_attempt(callback.pk, outcome="talked", actor=caller)
    answers: dict[str, Any] = {
        "solved": result == "satisfied",
        "on_time": True,
        "charged_as_shown": True,
        "manners": True,
        **said,
    }
    record_result(callback.pk, result=result, answers=Answers(**answers), actor=caller)


def returned(walked: Walked) -> None:
    """Let the old part come back, and the lab confirm the fault."""
    used = UsedPart.objects.get(order=walked.order)
    receive_old_part(used.pk, actor=acting(walked.quality))
    record_finding(used.pk, "confirmed", actor=acting(walked.quality))


def settled() -> None:
    """Decide, approve, seal and pay the month."""
    a_rate_table("washing_machine repair true 0 - 82.00")
    month = month_of("2026-11")
    people = [
        a_person(unit=the_root(), roles=("finance",), name="甲"),
        a_person(unit=the_root(), roles=("finance",), name="乙"),
    ]
    run = decide_month(month, actor=acting(people[0]))
    for person in people:
        approve_month(month, actor=acting(person))
    seal_statements(run.pk, actor=SYSTEM)
    decide_pay(month, actor=acting(people[0]))


def a_walked_ticket() -> Walked:
    """Return a ticket from the first contact to the sealed statement; the clock stands at no certain time afterwards."""
    with clock.frozen(MONDAY):
        walked = an_intake()
        dispatched(walked)
    with clock.frozen(ARRIVAL + timedelta(hours=1, minutes=30)):
        visited(walked)
    with clock.frozen(CALLED):
        called(walked)
        returned(walked)
    with clock.frozen(SETTLED):
        settled()
    return walked

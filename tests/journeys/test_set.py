"""A set (成套; spec 3, Dispatch): one case with several devices and one appointment, settled as one line per device."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from pytest_django import Settings

from jieli.cases.models import Case
from jieli.customers.models import Customer, Device
from jieli.customers.tests.factories import a_device
from jieli.dispatch.models import Appointment
from jieli.intake.views import guarding
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.models import Line
from jieli.visits.models import Visit
from jieli.visits.tests.field import UPLOADED, Server, finish, photographs, step_here
from jieli.visits.tests.phone import Phone

from .company import PHONE, Clock, Company, next_working_monday, picture
from .stations import (
    PHOTOS,
    SERIAL,
    a_cast,
    accepted,
    called_back,
    local,
    menu,
    month_of,
    promised,
    reported,
    sent_on,
    settled,
)

pytestmark = [pytest.mark.long(60), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PICTURES = Path("artefacts") / "set"
SECOND = "WM-2024-002"


@pytest.fixture
def company(
    browser: Browser, playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path, settings: Settings
) -> Iterator[Company]:
    settings.DEMO = True
    guarding.forget()
    the_root()
    server = Server()
    made = Company(browser, playwright, browser_type_launch_args, server, tmp_path)
    yield made
    made.close()
    server.stop()
    assert made.faults == []


def keep(page: Page, name: str) -> None:
    picture(page, PICTURES / f"{name}.png")


def dispatched_as_set(page: Page, window: str, day: str) -> None:
    """Let the agent offer both machines of the customer for one appointment."""
    page.get_by_role("link", name="派单", exact=True).first.click()
    devices = page.get_by_role("group", name="本次上门的设备")
    expect(devices.get_by_role("checkbox")).to_have_count(2)
    expect(devices.get_by_role("checkbox", name=SERIAL)).to_be_checked()
    devices.get_by_role("checkbox", name=SECOND).check()
    page.get_by_role("group", name=day).locator(".j-slot", has_text=window).click()
    page.get_by_role("checkbox", name="已与客户约定").check()
    keep(page, "1-dispatch-1440")
    page.get_by_role("button", name="派出").click()
    expect(page.get_by_text("已派给网点")).to_be_visible()


def worked(phone: Phone, order: WorkOrder, photos: Iterator[Path]) -> list[str]:
    """Let the engineer do the steps that the phone asks of this device; return them."""
    assert order.device is not None
    steps = []
    phone.to(order.number)
    phone.press()
    while code := step_here(phone):
        steps.append(code)
        if code == "test_run":
            phone.measure(order=order.number)
            phone.to(order.number, "/s/test_run")
        fault = ("排水", "排水泵损坏") if code == "diagnose" else ()
        phone.do_step(list(islice(photos, PHOTOS.get(code, 0))), serial=order.device.serial, fault=fault)
    finish(phone, order)
    return steps


def test_two_machines_are_one_appointment_one_visit_and_two_lines(company: Company, tmp_path: Path) -> None:
    cast = a_cast()
    buyer = Customer.objects.get(devices__serial=SERIAL)
    second = a_device(buyer, serial=SECOND, model="XQG80")
    Device.objects.filter(pk=second.pk).update(warranty_until=clock.now().date() + timedelta(days=400))
    monday = next_working_monday()
    tuesday = monday + timedelta(days=1)
    demo = Clock(company.seat(a_person(unit=the_root(), roles=("administrator",), name="管理员")))
    demo.to(monday, "09:05")

    place = {"latitude": 36.12, "longitude": 120.41}
    case = reported(company.seat(size=PHONE, geolocation=place, permissions=["geolocation"]))
    company.worker.works_off()
    agent = company.seat(cast.agent)
    promised(agent, case, local(monday, "11:30"))
    dispatched_as_set(agent, "10:00–12:00", f"{tuesday.month}月{tuesday.day}日")
    company.worker.works_off()

    outlet = company.seat(cast.manager)
    outlet.goto("/")
    menu(outlet, "待应答派单")
    outlet.get_by_role("link", name="应答", exact=True).click()
    expect(outlet.locator(".j-offer")).to_contain_text(SECOND)
    keep(outlet, "2-outlet-1440")
    sent_on(outlet, cast.engineer)
    phone = company.phone(cast.engineer)
    accepted(phone)
    company.worker.works_off()
    orders = list(WorkOrder.objects.filter(case=case).select_related("device").order_by("pk"))
    assert [order.device.serial for order in orders if order.device] == [SERIAL, SECOND]
    assert Appointment.objects.filter(case=case).latest("pk").orders == 2
    phone.close()

    demo.to(tuesday, "09:35")
    phone = company.phone(cast.engineer)
    phone.open()
    phone.is_ready_for_no_network()
    expect(phone.page.locator(".f-card")).to_have_count(2)
    phone.page.screenshot(path=PICTURES / "3-day-390.png")
    company.loses_the_network(phone)
    company.phone_clock(phone, local(tuesday, "10:05"))
    pictures = iter(photographs(tmp_path, 2 * sum(PHOTOS.values()), size=(1200, 900)))
    first_steps = worked(phone, orders[0], pictures)
    phone.to(orders[1].number)
    expect(phone.page.locator(".f-set")).to_contain_text(SECOND)
    phone.page.screenshot(path=PICTURES / "4-second-390.png", full_page=True)
    second_steps = worked(phone, orders[1], pictures)
    assert {"arrive", "genuine", "diagnose", "sign"} - set(first_steps) <= {"arrive"}
    assert second_steps == ["genuine", "diagnose"]
    company.server.start()
    demo.to(tuesday, "10:58")
    company.phone_clock(phone, clock.now())
    phone.context.set_offline(False)
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED, timeout=60_000)
    company.worker.works_off()
    visit = Visit.objects.get(case=case)
    case.refresh_from_db()
    assert (visit.state, visit.flags, visit.orders.count(), case.status) == ("finished", [], 2, "resolved")
    assert set(Device.objects.filter(customer=buyer).values_list("genuine", flat=True)) == {True}

    demo.to(tuesday, "11:30")
    called_back(agent, case)
    company.worker.works_off()
    assert Case.objects.get(pk=case.pk).status == "closed"
    orders[0].refresh_from_db()
    first = month_of(orders[0])
    demo.to((first + timedelta(days=32)).replace(day=9), "09:00")
    settled(company, company.seat(cast.finance), company.seat(cast.superior), f"{first:%Y-%m}")
    lines = Line.objects.filter(order__in=orders).order_by("order_id")
    assert [(line.decision, line.gate, line.fee_amount) for line in lines] == [("payable", "", Decimal(82))] * 2
    outlet.goto("/")
    menu(outlet, "月结")
    outlet.get_by_role("link", name="对账单", exact=True).click()
    for order in orders:
        expect(outlet.locator("tr", has_text=re.compile(order.number))).to_contain_text("82.00")
    keep(outlet, "5-statement-1440")

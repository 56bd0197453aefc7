"""J1, one ticket to the end (spec, README): from the portal to the sealed statement, by those whose work it is."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from django.db import transaction
from django.utils import translation
from playwright.sync_api import expect

from jieli.cases.models import Case
from jieli.cases.panels import panels_for
from jieli.config.database import Addresses, point
from jieli.config.demo import quarter
from jieli.config.demo.plots import PLOTS, part_changed
from jieli.config.tests.quarters import a_quarter
from jieli.dispatch.actions.customer import ON_THE_WAY, REMINDER
from jieli.dispatch.events import CustomerTold
from jieli.events.models import Event
from jieli.lib import clock
from jieli.orders.models import WorkOrder
from jieli.parts.models import UsedPart
from jieli.people.models import Staff
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person, the_root
from jieli.settlement.models import Line, Statement
from jieli.settlement.rules.sealing import digest_of
from jieli.visits.models import Visit
from jieli.visits.tests.field import UPLOADED, photographs

from .company import PHONE, Clock, Company, next_working_monday
from .stations import (
    PHOTOS,
    a_cast,
    accepted,
    called_back,
    came_back,
    confirmed,
    keep,
    local,
    menu,
    month_of,
    offered,
    promised,
    reported,
    sent_on,
    settled,
    the_whole_way,
    worked,
)

pytestmark = [pytest.mark.long(60), pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BY_TIME = frozenset({"cases.promise_warned"})
"""Left out of the way: warnings come when a sweep runs, and a story is lived without one."""

WAY = [
    "cases.opened",
    "cases.taken",
    "cases.steward_named",
    "cases.promise_ended",
    "cases.message_written",
    "cases.promise_ended",
    "cases.promise_made",
    "cases.promise_made",
    "cases.pass_offered",
    "dispatch.offered",
    "dispatch.appointment_set",
    "cases.stage_changed",
    "cases.assignment_accepted",
    "cases.promise_ended",
    "orders.dispatched",
    "dispatch.appointment_accepted",
    "cases.promise_replanned",
    "cases.message_written",
    "dispatch.customer_told",
    "cases.promise_ended",
    "cases.promise_made",
    "cases.pass_offered",
    "dispatch.offered",
    "cases.assignment_accepted",
    "cases.promise_ended",
    "orders.order_changed",
    "dispatch.appointment_accepted",
    "cases.stage_changed",
    "cases.message_written",
    "dispatch.customer_told",
    "visits.started",
    "visits.set_out",
    "visits.phase_done",
    "orders.arrived",
    "cases.promise_ended",
    "visits.phase_done",
    "files.kept",
    "orders.order_changed",
    "visits.diagnosed",
    "parts.used",
    "orders.order_changed",
    "files.kept",
    "files.kept",
    "visits.safety_tested",
    "files.kept",
    "files.kept",
    "visits.phase_done",
    "files.kept",
    "visits.signed",
    "visits.phase_done",
    "visits.outcome",
    "orders.finished",
    "orders.reported",
    "visits.finished",
    "dispatch.appointment_ended",
    "cases.message_written",
    "cases.resolved",
    "cases.stage_changed",
    "cases.promise_ended",
    "cases.promise_made",
    "quality.callback_planned",
    "cases.promise_made",
    "cases.pass_offered",
    "cases.assignment_accepted",
    "cases.promise_ended",
    "quality.callback_taken",
    "quality.call_attempted",
    "quality.callback_answered",
    "orders.called_back",
    "cases.promise_ended",
    "cases.closed",
    "files.sealed",
    "parts.returned",
    "orders.part_returned",
    "parts.found",
    "orders.lab_found",
]
"""What happens on the chain of a case that goes this way, in this order."""


SEEN_BY_ALL = ("派单", "上门", "备件", "回访")
PANELS = {
    **dict.fromkeys(("owner", "engineer", "keeper", "lab"), SEEN_BY_ALL),
    **dict.fromkeys(("manager", "finance", "superior"), (*SEEN_BY_ALL, "结算")),
}
"""Which panels the case page has, by who looks."""


def test_one_ticket_is_carried_from_the_portal_to_the_sealed_statement(company: Company, tmp_path: Path) -> None:
    cast = a_cast()
    monday = next_working_monday()
    tuesday = monday + timedelta(days=1)
    demo = Clock(company.seat(a_person(unit=the_root(), roles=("administrator",), name="管理员")))
    demo.to(monday, "09:05")

    place = {"latitude": 36.12, "longitude": 120.41}
    customer = company.seat(size=PHONE, geolocation=place, permissions=["geolocation"])
    case = reported(customer)
    company.worker.works_off()

    agent = company.seat(cast.agent)
    promised(agent, case, local(monday, "11:30"))
    offered(agent, tuesday)
    company.worker.works_off()

    outlet = company.seat(cast.manager)
    sent_on(outlet, cast.engineer)
    phone = company.phone(cast.engineer)
    accepted(phone)
    company.worker.works_off()
    order = WorkOrder.objects.get(case=case)
    assert (order.engineer, order.in_warranty, order.promised_until) == (cast.engineer, True, local(tuesday, "12:00"))
    phone.close()

    demo.to(tuesday, "09:35")
    phone = company.phone(cast.engineer)
    phone.open()
    phone.is_ready_for_no_network()
    pictures = iter(photographs(tmp_path, sum(PHOTOS.values()), size=(1200, 900)))
    company.loses_the_network(phone)
    worked(company, phone, order, pictures, tuesday)
    assert phone.waiting() > 20
    company.server.start()
    demo.to(tuesday, "10:58")
    company.phone_clock(phone, clock.now())
    phone.context.set_offline(False)
    expect(phone.page.locator("#foot .f-sync")).to_have_text(UPLOADED, timeout=60_000)
    company.worker.works_off()
    order.refresh_from_db()
    case.refresh_from_db()
    assert (order.finished_at is not None, order.steps_complete, order.fixed_first, order.part) == (True, True, True, "PUMP")
    visit = Visit.objects.get(case=case)
    assert (visit.state, visit.flags, case.status) == ("finished", [], "resolved")
    assert visit.steps.filter(code="receive", state="done").exists()

    demo.to(tuesday, "11:30")
    called_back(agent, case)
    company.worker.works_off()
    case.refresh_from_db()
    assert case.status == "closed"

    demo.to(monday + timedelta(days=7), "14:00")
    came_back(company.seat(cast.keeper))
    confirmed(company.seat(cast.lab))
    assert UsedPart.objects.get().lab_finding == "confirmed"
    company.worker.works_off()

    first = month_of(order)
    demo.to((first + timedelta(days=32)).replace(day=9), "09:00")
    month = f"{first:%Y-%m}"
    finance = company.seat(cast.finance)
    settled(company, finance, company.seat(cast.superior), month)
    assert Line.objects.get(order=order).fee_amount == Decimal(82)

    outlet.goto("/")
    menu(outlet, "月结")
    outlet.get_by_role("link", name="对账单", exact=True).click()
    expect(outlet.locator("#sealed")).to_contain_text("已封存")
    expect(outlet.locator("tr", has_text=order.number)).to_contain_text("82.00")
    keep(outlet, "13-statement-1440")
    with outlet.expect_download() as download:
        outlet.get_by_role("link", name="对账单 PDF").click()
    content = download.value.path().read_bytes()
    statement = Statement.objects.get(outlet=cast.outlet.unit)
    assert content.startswith(b"%PDF")
    assert statement.copies.get().sha256 == digest_of(content)
    assert order.number.encode() in bytes(statement.document)
    the_whole_way(company.seat(cast.superior), case, order, statement)

    assert told_of(case.pk) == WAY
    people = {name: getattr(cast, name) for name in ("manager", "engineer", "keeper", "lab", "finance", "superior")}
    assert shown_of(case, owner=cast.agent, **people) == PANELS


def shown_of(case: Case, **people: Staff) -> dict[str, tuple[str, ...]]:
    """Return which panels the case page has for each of these people."""
    case = Case.objects.get(pk=case.pk)
    with translation.override("zh-hans"):
        return {name: tuple(str(one.label) for one in panels_for(actor_for(staff), case)) for name, staff in people.items()}


def told_of(case_id: int) -> list[str]:
    """Return what happened on the chain of a case, without what only the time that passed or a network brings about."""
    told: list[str] = []
    for type_, data in Event.objects.of_case(case_id).order_by("sequence").values_list("type", "data"):
        if type_ == CustomerTold.type and data["what"] in (REMINDER, ON_THE_WAY):
            told.pop()  # its message
        elif type_ not in BY_TIME:
            told.append(type_)
    return told


def test_a_case_of_the_demo_goes_the_same_way(database_urls: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarter, "PLOTS", [plot for plot in PLOTS if plot.tell is part_changed])
    monkeypatch.setattr(quarter, "TODAY", {})
    now = datetime.fromisoformat("2026-11-20T16:00+08:00")
    point(database_urls, role="owner", pool=0)  # who alone may let triggers sleep
    with transaction.atomic():
        demo, _network = a_quarter(Random(3), now=now, founded=60, outlets=1, customers=30, orders=1, days=30)
    point(database_urls, pool=0)
    lived = [told_of(case_id) for case_id in Case.objects.filter(kind="service").values_list("pk", flat=True)]
    assert lived == [WAY] * 3
    order = WorkOrder.objects.select_related("case__owner", "outlet__leader", "engineer").latest("pk")
    assert order.case is not None
    assert order.outlet is not None
    assert order.outlet.leader is not None
    assert order.engineer is not None
    staff = demo.staff
    people = {"keeper": staff["specialist"], "lab": staff["lab"], "finance": staff["finance"], "superior": staff["manager"]}
    shown = shown_of(order.case, owner=order.case.owner, manager=order.outlet.leader, engineer=order.engineer, **people)
    assert shown == PANELS

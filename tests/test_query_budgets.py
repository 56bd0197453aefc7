"""What each list and page costs: a budget of queries, and never more of them for more rows.

A row of PAGES: the URL's name, its budget, what it is about, and what is put on it. A page is opened with one of what grows
and again with many; another app's pages are rows here, too (the desk's and the portal's are in their apps, with more to say).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jieli.cases.tests.factories import a_case, a_taken_case
from jieli.customers.tests.factories import a_contact, a_customer, a_device
from jieli.events.actor import SYSTEM
from jieli.intake.models import Upload
from jieli.lib import clock
from jieli.network.tests.factories import a_document, a_posting, a_provider, an_area, an_engineer, an_outlet
from jieli.notify import actions as notify
from jieli.parts.actions.machines import Asked, ask_for_machine
from jieli.parts.actions.ordering import order_missing_part
from jieli.parts.actions.returning import correct_finding, receive_old_part, record_finding
from jieli.parts.actions.using import use_part
from jieli.parts.tests import factories as parts
from jieli.people import actions as people
from jieli.people.tests.factories import MONDAY, a_deputy, a_person, a_shift, a_unit, acting, the_root
from jieli.policies import actions as policies
from jieli.policies.models import PolicyVersion
from jieli.quality.actions.calling import record_attempt
from jieli.quality.actions.recovering import spend
from jieli.quality.tests.factories import a_callback, a_called, a_recovery
from jieli.visits.models import Visit
from jieli.visits.tests import factories as visits

pytestmark = [pytest.mark.long(20), pytest.mark.django_db]


@dataclass(frozen=True)
class Costs:
    """A page's budget; `about` gives its arguments, `grow` puts one thing more on it."""

    url: str
    queries: int
    about: Callable = lambda world: []
    grow: Callable = lambda world, number: None


class World:
    """Somebody who may see everything, and one row of each kind."""

    def __init__(self):
        self.root = the_root()
        self.admin = a_person(unit=self.root, roles=("administrator", "manager"), name="管理员")
        self.unit = a_unit()
        self.person = a_person(unit=self.unit, name="李雷")
        self.customer = a_customer()
        self.device = a_device(self.customer)
        self.draft = self.new_draft(0)
        self.outlet = an_outlet(provider_id=a_provider().pk)
        self.engineer = an_engineer(self.outlet)
        self.a_case_id = a_case().pk

    def new_draft(self, number):
        source = PolicyVersion.objects.started().filter(name="numbers").first().source
        return policies.draft_version("numbers", source=f"{source}\n# {number}\n", actor=SYSTEM)

    def start_version(self, number):
        policies.start_version(self.new_draft(number).pk, actor=SYSTEM)

    def an_upload(self, number):
        Upload.objects.create(
            file_name=f"{number}.csv",
            path=f"{number}.csv",
            size=1,
            kind="units",
            mapping="",
            by_id=self.admin.pk,
            at=MONDAY,
            changed_at=MONDAY,
        )

    def a_failed_mail(self, number):
        mail = notify.send_mail(to_address="a@example.com", subject=f"{number}", text="x", actor=SYSTEM)
        notify.note_mail_failed(mail.pk, reason="?", is_final=True)

    def a_shift(self, number):
        a_shift(self.unit, self.person, starts_at=MONDAY + timedelta(hours=4 * number), hours=2)

    @cached_property
    def on_site(self):
        order = visits.an_order()
        visits.take(order.engineer, visits.sent(order, "arrive"))
        return order

    def an_entry(self, number):
        told = {"kind": "competitor", "text": f"隔壁{number}"}
        entries = visits.sent(self.on_site, "step", code="dance"), visits.sent(self.on_site, "information", **told)
        photo = str(visits.a_photo(self.on_site, self.on_site.engineer, seed=number))
        tidy = visits.sent(self.on_site, "step", code="tidy", records={"tools_counted": True}, evidence=[photo])
        visits.take(self.on_site.engineer, *entries, tidy)

    @cached_property
    def visited(self):
        return a_callback()

    @cached_property
    def recovery(self):
        return a_recovery()[1]

    def an_attempt(self, number):
        visited, callback = self.visited
        with clock.frozen(MONDAY + timedelta(days=number)):
            record_attempt(callback.pk, outcome="busy", actor=acting(visited.agent))

    def a_spending(self, number):
        spend(self.recovery.pk, amount=Decimal(number), purpose="花", actor=acting(self.admin))

    def a_token(self, number):
        people.issue_token(self.admin.pk, name=f"k{number}", role="manager", unit_id=self.root.pk, actor=acting(self.admin))

    @cached_property
    def visit(self):
        """A work order with an engineer's van, and a store, both with parts."""
        engineer = parts.an_engineer(parts.an_outlet())
        for code in ("A", "B"):
            parts.a_part(code)
        store, van = parts.a_store(A=99, B=99), parts.a_van(engineer, A=99, B=99)
        return SimpleNamespace(order=parts.an_order(engineer), store=store, van=van, part=parts.a_part("A"))

    def use_a_part(self, number):
        use_part(self.visit.order.pk, part_code="A", old_serial=f"O{number}", actor=SYSTEM)

    @cached_property
    def machine(self):
        """A whole machine that is asked for."""
        return self.ask_for_a_machine(0)

    def ask_for_a_machine(self, number):
        if not parts.Part.objects.filter(code="WM").exists():
            parts.a_machine("WM")
        order = parts.an_order(self.visit.order.engineer)
        asked = Asked("exchange", machine="WM", old_serial=f"M{number}", reason="x")
        return ask_for_machine(order.pk, asked, actor=SYSTEM)

    @cached_property
    def found(self):
        """An old part on which the lab has noted a finding."""
        used = use_part(self.visit.order.pk, part_code="B", actor=SYSTEM)
        receive_old_part(used.pk, actor=SYSTEM)
        return record_finding(used.pk, "no_fault", actor=SYSTEM)

    def correct(self, number):
        self.found.refresh_from_db()
        finding = "confirmed" if self.found.lab_finding != "confirmed" else "misuse"
        correct_finding(self.found.pk, finding, reason=f"{number}", actor=acting(self.lab))

    @cached_property
    def lab(self):
        """Somebody of quality."""
        return a_person(unit=self.root, roles=("quality",), name="质检")


def of_person(world):
    return [world.person.pk]


def of_unit(world):
    return [world.unit.pk]


def of_customer(world):
    return [world.customer.pk]


def of_callback(world):
    return [world.visited[1].pk]


def of_recovery(world):
    return [world.recovery.pk]


PAGES = [
    # people
    Costs("people:staff", 8, grow=lambda world, n: a_person(unit=a_unit(name=f"组{n}"))),
    Costs("people:person", 19, of_person, lambda world, n: a_deputy(world.person, a_person(), starts_on=date(2027, 1, 1 + n))),
    Costs("people:units", 5, grow=lambda world, n: a_unit(name=f"组{n}", leader=world.person)),
    Costs("people:unit", 13, of_unit, lambda world, n: (a_unit(parent=world.unit), a_person(unit=world.unit))),
    Costs("people:unit_rota", 11, of_unit, lambda world, n: world.a_shift(n)),
    Costs("people:tokens", 4, grow=lambda world, n: world.a_token(n)),
    Costs("people:me", 12, grow=lambda world, n: a_deputy(world.admin, a_person(), starts_on=date(2027, 1, 1 + n))),
    # customers
    Costs("customers:list", 5, grow=lambda world, n: a_customer(name=f"客户{n}")),
    Costs("customers:duplicates", 6, grow=lambda world, n: [a_customer(phone=f"1770000000{n}") for _twice in "ab"]),
    Costs(
        "customers:page",
        14,
        of_customer,
        lambda world, n: (a_contact(world.customer, name=f"联系人{n}"), a_device(world.customer)),
    ),
    Costs("customers:devices", 4, grow=lambda world, n: a_device(a_customer())),
    Costs("customers:device", 6, lambda world: [world.device.pk], lambda world, n: a_device(world.customer)),
    # policies
    Costs("policies:list", 4, grow=lambda world, n: world.start_version(n)),
    Costs("policies:policy", 7, lambda world: ["numbers"], lambda world, n: world.start_version(n)),
    Costs("policies:draft", 5, lambda world: [world.draft.pk], lambda world, n: world.new_draft(n)),
    # what comes in, what goes out
    Costs("intake:import", 5, grow=lambda world, n: world.an_upload(n)),
    Costs("notify:notices", 5, grow=lambda world, n: notify.tell(world.admin.pk, kind="cases.broken", actor=SYSTEM)),
    Costs("notify:bell", 4, grow=lambda world, n: notify.tell(world.admin.pk, kind="cases.broken", actor=SYSTEM)),
    Costs("notify:outgoing", 5, grow=lambda world, n: world.a_failed_mail(n)),
    Costs(
        "notify:webhooks",
        4,
        grow=lambda world, n: notify.subscribe(name=f"erp{n}", url="https://example.com", actor=acting(world.admin)),
    ),
    # network
    Costs("network:outlets", 8, grow=lambda world, n: an_outlet(product_lines=["television"], provider_id=a_provider().pk)),
    Costs(
        "network:outlet",
        22,
        lambda world: [world.outlet.pk],
        lambda world, n: (an_engineer(world.outlet), an_area(world.outlet, district=f"{n}")),
    ),
    Costs("network:providers", 4, grow=lambda world, n: a_provider()),
    Costs("network:expiring", 8, grow=lambda world, n: an_outlet(contract_until=clock.now().date())),
    Costs(
        "network:provider",
        6,
        lambda world: [world.outlet.provider_id],
        lambda world, n: a_document(kind="business_licence", expires_on=None, provider_id=world.outlet.provider_id),
    ),
    Costs("network:engineers", 10, grow=lambda world, n: an_engineer(world.outlet)),
    Costs(
        "network:engineer",
        26,
        lambda world: [world.engineer.pk],
        lambda world, n: a_posting(world.engineer, case_id=world.a_case_id),
    ),
    # visits
    Costs("visits:conflicts", 6, grow=lambda world, n: world.an_entry(n)),
    Costs("visits:information", 8, grow=lambda world, n: world.an_entry(n)),
    Costs("visits:of_case", 16, lambda world: [world.on_site.case_id], lambda world, n: world.an_entry(n)),
    Costs(
        "visits:visit",
        28,
        lambda world: [Visit.objects.get(case_id=world.on_site.case_id).pk],
        lambda world, n: world.an_entry(n),
    ),
    # quality
    Costs("quality:callbacks", 8, grow=lambda world, n: a_callback()),
    Costs("quality:said", 8, grow=lambda world, n: a_called()),
    Costs("quality:mine_count", 4, grow=lambda world, n: a_callback()),
    Costs("quality:callback", 16, of_callback, lambda world, n: world.an_attempt(n)),
    Costs("quality:recovery", 14, of_recovery, lambda world, n: world.a_spending(n)),
    Costs("quality:of_case", 9, lambda world: [world.recovery.case_id], lambda world, n: a_called("dissatisfied")),
    Costs("files:of_case", 6, lambda world: [a_case().pk], lambda world, n: a_taken_case(world.admin)),
    # parts
    Costs("parts:list", 8, grow=lambda world, n: parts.a_part(fits=[("washing_machine", f"M{n}")])),
    Costs("parts:part", 9, lambda world: [world.visit.part.pk], lambda world, n: (world.visit, parts.a_store(A=n))),
    Costs("parts:places", 5, grow=lambda world, n: (world.visit, parts.a_store(A=n))),
    Costs(
        "parts:place",
        10,
        lambda world: [world.visit.van.pk],
        lambda world, n: (world.use_a_part(n), parts.filled(world.visit.van, B=n)),
    ),
    Costs("parts:orders", 6, grow=lambda world, n: order_missing_part(world.visit.order.pk, part_code="A", actor=SYSTEM)),
    Costs("parts:machines", 8, grow=lambda world, n: world.ask_for_a_machine(n)),
    Costs("parts:machine", 18, lambda world: [world.machine.pk], lambda world, n: world.ask_for_a_machine(n)),
    Costs("parts:label", 12, lambda world: [world.found.pk], lambda world, n: world.correct(n)),
    Costs("parts:returns", 7, grow=lambda world, n: world.use_a_part(n)),
    Costs("parts:order", 17, lambda world: [world.visit.order.pk], lambda world, n: world.use_a_part(n)),
    Costs("parts:of_case", 9, lambda world: [world.visit.order.case_id], lambda world, n: world.use_a_part(n)),
    # the whole ticket; with twenty of each thing on it in its app
    Costs("insight:ticket", 32, lambda world: [a_case(customer=world.customer).number]),
]


@pytest.fixture
def world(settings):
    return World()


@pytest.mark.parametrize("costs", PAGES, ids=lambda costs: costs.url)
def test_a_page_keeps_its_budget_and_costs_the_same_with_more_on_it(costs, world):
    client = Client()
    client.force_login(world.admin)
    address = reverse(costs.url, args=costs.about(world))
    costs.grow(world, 1)
    few = asked(client, address)
    for number in range(2, 6):
        costs.grow(world, number)
    many = asked(client, address)
    assert len(few) <= costs.queries, "\n".join(few)
    assert len(many) <= len(few), "\n".join(many)


def asked(client, address):
    """Open a page twice, so that what is kept in the process is there, and return the queries of the second time."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return [one["sql"][:300] for one in queries.captured_queries]

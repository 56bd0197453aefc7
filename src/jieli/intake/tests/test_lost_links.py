"""Somebody lost the link: the portal says the same to everybody, the owner hears of it only when number and contact fit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.actions.relating import merge_cases
from jieli.cases.events import LinkAsked
from jieli.cases.models import Case
from jieli.cases.rules.numbers import case_number
from jieli.cases.tests.factories import a_customer, a_taken_case, an_agent
from jieli.customers.actions import add_contact
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM
from jieli.events.models import Event
from jieli.intake.tasks import look_into_lost_link
from jieli.intake.views import guarding
from jieli.people.models import Staff
from jieli.people.tests.factories import acting, the_root

pytestmark = pytest.mark.django_db
PHONE = "138 0013 8000"


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    guarding.forget()
    the_root()
    yield
    guarding.forget()


@pytest.fixture
def owner() -> Staff:
    return an_agent("李雷")


@pytest.fixture
def wang() -> Customer:
    return a_customer(phone=PHONE, email="wang@example.com")


def ask(number: str, contact: str, **more: str) -> Any:
    """Send the form, then let the worker do what was queued."""
    answer = Client(headers={"accept-language": "en"}).post("/follow/lost/", {"number": number, "contact": contact, **more})
    for job in ProcrastinateJob.objects.filter(task_name="intake.look_into_lost_link"):
        look_into_lost_link(**job.args)
    return answer


def asked() -> set[int]:
    """Return the cases whose owner was told."""
    return set(Event.objects.filter(type=LinkAsked.type).values_list("stream_id", flat=True))


@pytest.mark.parametrize("contact", ["13800138000", "+86 138-0013-8000", "WANG@example.com"])
def test_number_and_contact_on_record_tell_the_owner(owner: Staff, wang: Customer, contact: str) -> None:
    case = a_taken_case(owner, customer=wang)
    assert ask(case.number, contact).status_code == 302
    assert asked() == {case.pk}


def test_a_contact_of_the_customer_asks_too(owner: Staff, wang: Customer) -> None:
    add_contact(wang.pk, name="李先生", phone="13900139000", actor=SYSTEM)
    case = a_taken_case(owner, customer=wang)
    ask(case.number, "13900139000")
    assert asked() == {case.pk}


def test_the_answer_is_the_same_for_whatever_does_not_fit(owner: Staff, wang: Customer) -> None:
    case = a_taken_case(owner, customer=wang)
    answers = [
        ask(case.number, PHONE),
        ask(case.number, "13999999999"),
        ask(case_number(case.pk + 999), PHONE),
    ]
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, "/follow/lost/noted/")}
    assert asked() == {case.pk}
    assert ProcrastinateJob.objects.filter(task_name="intake.look_into_lost_link").count() == len(answers)


def test_the_job_holds_no_phone(owner: Staff, wang: Customer) -> None:
    ask(a_taken_case(owner, customer=wang).number, PHONE)
    assert "13800138000" not in str(list(ProcrastinateJob.objects.values_list("args", flat=True)))


def test_no_page_and_no_answer_holds_a_code(owner: Staff, wang: Customer) -> None:
    case = a_taken_case(owner, customer=wang)
    ask(case.number, PHONE)
    page = Client().get("/follow/lost/noted/")
    assert "/t/" not in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert Case.objects.get(pk=case.pk).tracking_digest == case.tracking_digest


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_answer_in_both_languages(language: str) -> None:
    client = Client(headers={"accept-language": language})
    assert "/follow/lost/" in client.get("/follow/").content.decode()
    assert client.get("/follow/lost/?number=J-1048-2263-7").status_code == 200
    assert client.get("/follow/lost/noted/").status_code == 200


@pytest.mark.parametrize(
    ("number", "contact", "more"),
    [
        ("J-1048-2263-8", PHONE, {}),
        ("", PHONE, {}),
        ("J-1048-2263-7", "", {}),
        ("J-1048-2263-7", "my phone", {}),
        ("J-1048-2263-7", PHONE, {"website": "x"}),
    ],
)
def test_what_cannot_be_right_is_said_and_queues_nothing(number: str, contact: str, more: dict[str, str]) -> None:
    assert ask(number, contact, **more).status_code == 422
    assert not ProcrastinateJob.objects.filter(task_name="intake.look_into_lost_link").exists()


def test_one_address_asks_five_times_at_once_and_not_more(owner: Staff, wang: Customer) -> None:
    case = a_taken_case(owner, customer=wang)
    assert {ask(case.number, f"1390000000{number}").status_code for number in range(5)} == {302}
    assert ask(case.number, PHONE).status_code == 429
    assert asked() == set()


def test_a_merged_case_asks_where_it_goes_on(owner: Staff, wang: Customer) -> None:
    old, new = a_taken_case(owner, customer=wang), a_taken_case(owner, customer=wang)
    merge_cases(old.pk, into_id=new.pk, actor=acting(owner))
    ask(old.number, PHONE)
    assert asked() == {new.pk}


def test_a_closed_case_asks_its_last_owner(owner: Staff, wang: Customer) -> None:
    case = a_taken_case(owner, customer=wang)
    resolve_case(case.pk, answer="已修好", actor=acting(owner))
    close_case(case.pk, actor=acting(owner))
    ask(case.number, PHONE)
    assert asked() == {case.pk}

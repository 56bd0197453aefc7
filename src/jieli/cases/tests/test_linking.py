"""A customer who lost the link gets a new one from a person who checked who asks; the old one ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jieli.cases.actions.linking import ask_for_link, renew_tracking
from jieli.cases.actions.opening import tracking_digest
from jieli.cases.actions.progressing import close_case, resolve_case
from jieli.cases.events import LinkAsked, LinkRenewed
from jieli.cases.models import Case
from jieli.cases.queries.links import link_asked_at
from jieli.cases.queries.verifying import findings
from jieli.cases.refusals import BadCase
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.customers.actions import erase_customer
from jieli.events.actor import customer_actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed, NotFound
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.models import Staff
from jieli.people.tests.api_client import ApiClient, a_token
from jieli.people.tests.factories import MONDAY, a_unit, acting, an_administrator

pytestmark = pytest.mark.django_db
PORTAL = rule_actor("portal")


@pytest.fixture
def owner() -> Staff:
    return an_agent("李雷")


def types(case: Case) -> list[str]:
    return list(Event.objects.of_case(case.pk).values_list("type", flat=True))


def page(staff: Staff, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(staff)
    return client


def test_the_owner_is_told_once_until_a_new_link_is_given(owner: Staff) -> None:
    case = a_taken_case(owner)
    ask_for_link(case.pk, actor=PORTAL)
    ask_for_link(case.pk, actor=PORTAL)
    assert types(case).count(LinkAsked.type) == 1
    assert Notice.objects.filter(staff=owner, kind="cases.link_asked").count() == 1
    assert link_asked_at(case.pk) == MONDAY
    renew_tracking(case.pk, proof="call_back", actor=acting(owner))
    assert link_asked_at(case.pk) is None
    with clock.frozen(MONDAY + timedelta(hours=1)):
        ask_for_link(case.pk, actor=PORTAL)
    assert types(case).count(LinkAsked.type) == 2


def test_asking_changes_nothing_of_the_link_there_is(owner: Staff) -> None:
    case = a_taken_case(owner)
    ask_for_link(case.pk, actor=PORTAL)
    assert Case.objects.get(pk=case.pk).tracking_digest == case.tracking_digest


def test_a_new_link_ends_the_old_one_and_only_its_digest_is_kept(owner: Staff) -> None:
    case = a_taken_case(owner)
    renewed = renew_tracking(case.pk, proof="call_back", actor=acting(owner))
    stored = Case.objects.get(pk=case.pk).tracking_digest
    assert stored == tracking_digest(renewed.code)
    assert stored != case.tracking_digest
    event = Event.objects.of_case(case.pk).get(type=LinkRenewed.type)
    assert event.data == {"proof": "call_back"}
    assert renewed.code not in str(list(Event.objects.of_case(case.pk).values()))


def test_the_customer_of_a_closed_case_gets_a_new_link_too(owner: Staff) -> None:
    case = a_taken_case(owner)
    resolve_case(case.pk, answer="已修好", actor=acting(owner))
    close_case(case.pk, actor=acting(owner))
    renew_tracking(case.pk, proof="counter", actor=acting(owner))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(findings()) == []


def test_who_does_not_say_how_the_customer_was_checked_gives_none(owner: Staff) -> None:
    case = a_taken_case(owner)
    with pytest.raises(BadCase):
        renew_tracking(case.pk, proof="believed", actor=acting(owner))


def test_neither_the_software_nor_the_customer_gives_a_new_link(owner: Staff) -> None:
    case = a_taken_case(owner)
    for actor in (PORTAL, customer_actor(case.customer_id, "王芳")):
        with pytest.raises(NotAllowed):
            renew_tracking(case.pk, proof="call_back", actor=actor)


def test_a_person_does_not_ask_in_the_customers_place(owner: Staff) -> None:
    with pytest.raises(NotAllowed):
        ask_for_link(a_taken_case(owner).pk, actor=acting(owner))


def test_a_hidden_or_erased_case_has_no_link_to_renew(owner: Staff) -> None:
    case = a_taken_case(owner)
    outsider = acting(an_agent("外人", unit=a_unit()))
    with pytest.raises(NotFound):
        renew_tracking(case.pk, proof="call_back", actor=outsider)
    erase_customer(case.customer_id, reason="本人要求", actor=an_administrator())
    with pytest.raises(NotFound):
        renew_tracking(case.pk, proof="call_back", actor=acting(owner))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_asks_for_the_check_and_shows_the_link_once(owner: Staff, language: str) -> None:
    case = a_taken_case(owner)
    ask_for_link(case.pk, actor=PORTAL)
    client, url = page(owner, language), reverse("cases:renew_link", args=[case.number])
    assert url in client.get(reverse("cases:case", args=[case.number])).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 422
    shown = client.post(url, {"proof": "call_back"})
    assert shown.headers["Cache-Control"].count("no-store")
    code = shown.context["code"]
    assert f"/t/{case.number}/{code}" in shown.content.decode()
    assert Client().get(f"/t/{case.number}/{code}").status_code == 200
    assert code not in client.get(reverse("cases:case", args=[case.number])).content.decode()
    drawer = client.get(url, headers={"HX-Request": "true", "HX-Target": "drawer-body"})
    assert b"<html" not in drawer.content


def test_the_page_is_not_there_for_whom_the_case_is_hidden(owner: Staff) -> None:
    url = reverse("cases:renew_link", args=[a_taken_case(owner).number])
    assert page(an_agent("外人", unit=a_unit())).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_program_gives_a_new_link_by_the_api(owner: Staff) -> None:
    case = a_taken_case(owner)
    answer = ApiClient(a_token(owner)).post(f"/cases/{case.number}/tracking", {"proof": "email"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["tracking_url"].rsplit("/", 1)[0].endswith(f"/t/{case.number}")
    assert ApiClient(a_token(owner)).post(f"/cases/{case.number}/tracking", {"proof": "x"}).status_code == 422
    outsider = ApiClient(a_token(an_agent("外人", unit=a_unit())))
    assert outsider.post(f"/cases/{case.number}/tracking", {"proof": "email"}).status_code == 404

"""The pages of notices, of what was not delivered, and of webhooks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jieli.events.actor import SYSTEM
from jieli.notify import actions, kinds
from jieli.notify.models import Mail, Notice, Preference, Subscription, WebhookDelivery
from jieli.notify.rules import MOST_ATTEMPTS
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.django_db


def a_browser(*roles: str) -> tuple[Client, Staff]:
    person = a_person(roles=roles)
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    client.cookies["language"] = "en"
    return client, person


def text(response: Any) -> str:
    return str(response.content.decode())


def told(person: Staff, case_id: int | None = 5) -> Notice:
    return actions.tell(person.pk, kind="test.told", case_id=case_id, params={"number": "J-1"}, actor=SYSTEM)


def test_the_bell_counts_and_the_list_tells(django_assert_max_num_queries: Any) -> None:
    client, person = a_browser("agent")
    for _number in range(35):
        told(person)
    assert text(client.get("/notices/unread/")).strip() == "35"
    with django_assert_max_num_queries(6):
        page = client.get("/notices/")
    assert text(page).count("Case J-1 was passed to you") == 30
    assert text(client.get("/notices/", {"after": page.context["next_cursor"]})).count("Case J-1 was passed") == 5
    assert text(client.get("/notices/bell/")).count("Case J-1 was passed") == 10


def test_a_notice_is_opened_once_and_leads_to_its_case() -> None:
    client, person = a_browser("agent")
    notice = told(person)
    assert client.post(reverse("notify:open", args=[notice.pk]))["Location"] == "/cases/5/"
    assert text(client.get("/notices/unread/")).strip() == ""
    assert client.post(reverse("notify:open", args=[told(person, None).pk]))["Location"] == "/notices/"


def test_anothers_notice_is_not_there() -> None:
    client, _person = a_browser("agent")
    notice = told(a_person())
    assert client.post(reverse("notify:open", args=[notice.pk])).status_code == 404
    assert "J-1" not in text(client.get("/notices/"))
    assert Client().get("/notices/").status_code == 302


def test_all_that_was_shown_is_read_at_once() -> None:
    client, person = a_browser("agent")
    shown = told(person)
    newer = told(person)
    client.post("/notices/read/", {"up_to": shown.pk})
    assert list(Notice.objects.unread().values_list("pk", flat=True)) == [newer.pk]
    client.post("/notices/read/")
    assert not Notice.objects.unread().exists()
    assert "Everything is read" in text(client.get("/notices/?unread"))


def test_a_person_chooses_what_comes_by_mail() -> None:
    client, person = a_browser("agent")
    assert "Passed to me" in text(client.get("/notices/preferences/"))
    client.post("/notices/preferences/", {"by_email": ["test.told"]})
    assert dict(Preference.objects.filter(staff=person).values_list("kind", "by_email")) == {
        "test.told": True,
        "test.mailed": False,
        "test.translated": False,
    }
    client.post("/notices/preferences/", {"csrfmiddlewaretoken": "x"})
    assert not Preference.objects.filter(staff=person, by_email=True).exists()
    assert client.post("/notices/preferences/", {"by_email": ["no.such"]}).status_code == 422


def test_what_was_not_delivered_is_seen_and_sent_again() -> None:
    client, _person = a_browser("supervisor")
    mail = actions.send_mail(to_address="fang@example.com", subject="您好", text="已受理", actor=SYSTEM)
    actions.note_mail_failed(mail.pk, reason="550 no such user", is_final=True)
    page = text(client.get("/outgoing/"))
    assert "550 no such user" in page
    client.post(reverse("notify:resend_mail", args=[mail.pk]))
    assert Mail.objects.get().status == "queued"
    assert client.post(reverse("notify:resend_mail", args=[mail.pk])).status_code == 409
    assert client.post(reverse("notify:resend_mail", args=[0])).status_code == 404


def test_a_dead_letter_is_seen_and_sent_again() -> None:
    client, _person = a_browser("administrator")
    one = Subscription.objects.create(name="ERP", url="https://erp.example/", secret="s")
    assert actions.announce("cases.closed", payload={}, actor=SYSTEM) == 1
    call = WebhookDelivery.objects.get(subscription=one)
    for _attempt in range(MOST_ATTEMPTS):
        actions.note_call_failed(call.pk, status=500, reason="500 broken")
    assert "500 broken" in text(client.get("/outgoing/"))
    client.post(reverse("notify:resend_call", args=[call.pk]))
    assert WebhookDelivery.objects.get().status == "queued"
    assert client.post(reverse("notify:resend_call", args=[0])).status_code == 404


def test_agents_see_neither_outgoing_nor_webhooks() -> None:
    client, _person = a_browser("agent")
    assert client.get("/outgoing/").status_code == 404
    assert client.get("/webhooks/").status_code == 404
    assert client.post(reverse("notify:switch_webhook", args=[1])).status_code == 403
    assert client.post(reverse("notify:renew_secret", args=[1])).status_code == 403
    assert client.post(reverse("notify:resend_mail", args=[1])).status_code == 403
    assert client.post(reverse("notify:resend_call", args=[1])).status_code == 403


def test_a_webhook_is_made_switched_and_given_a_new_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_announced", {"cases.closed": "A case was closed"})
    client, _person = a_browser("administrator")
    assert "A case was closed" in text(client.get("/webhooks/"))
    page = client.post("/webhooks/", {"name": "ERP", "url": "https://erp.example/hook", "kinds": ["cases.closed"]})
    one = Subscription.objects.get()
    assert one.kinds == ["cases.closed"]
    assert one.secret in text(page)
    assert page["Cache-Control"] == "no-store"
    assert one.secret not in text(client.get("/webhooks/"))
    client.post(reverse("notify:switch_webhook", args=[one.pk]), {"active": "false"})
    assert not Subscription.objects.get().is_active
    renewed = text(client.post(reverse("notify:renew_secret", args=[one.pk])))
    assert Subscription.objects.get().secret in renewed
    assert client.post(reverse("notify:renew_secret", args=[0])).status_code == 404


def test_a_wrong_address_is_explained_and_kept() -> None:
    client, _person = a_browser("administrator")
    answer = client.post("/webhooks/", {"name": "ERP", "url": "ftp://erp.example/"})
    assert answer.status_code == 422
    assert "ftp://erp.example/" in text(answer)
    assert "begins with https://" in text(answer)

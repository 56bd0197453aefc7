"""Outgoing webhooks: signed, retried, never led inside, dead letters resent."""

import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.events.actor import SYSTEM, Actor
from jieli.events.models import Event
from jieli.events.refusals import Invalid, NotAllowed
from jieli.notify import actions, outbound, tasks
from jieli.notify.models import Subscription, WebhookDelivery
from jieli.notify.queries import calls_not_sent
from jieli.notify.refusals import AddressForbidden, NothingToResend
from jieli.notify.rules import MOST_ATTEMPTS, is_callable, is_public, is_signed, signature
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Actor:
    """Give an administrator."""
    return actor_for(a_person(roles=("administrator",), name="韩梅梅"))


class Receiver:
    """A foreign system on this machine which notes what it is sent and answers `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.seen.append((self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Run a receiver; private addresses are allowed for the test."""
    settings.WEBHOOK_PRIVATE = True
    one = Receiver()
    thread = threading.Thread(target=one.server.serve_forever, daemon=True)
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


def announced(administrator: Actor, url: str, *kinds: str) -> WebhookDelivery:
    actions.subscribe(name="ERP", url=url, kinds_wanted=kinds, actor=administrator)
    assert actions.announce("cases.closed", payload={"number": "J-1"}, case_id=5, actor=SYSTEM) == 1
    return WebhookDelivery.objects.select_related("subscription").get()


def test_a_call_is_signed_and_noted(administrator: Actor, receiver: Receiver) -> None:
    call = announced(administrator, receiver.url, "cases.closed")
    tasks.call_webhook(call.pk)
    tasks.call_webhook(call.pk)
    ((path, headers, body),) = receiver.seen
    assert path == "/hook?a=1"
    assert json.loads(body)["data"] == {"number": "J-1"}
    assert headers["Jieli-Delivery"] == str(call.key)
    stamp = int(headers["Jieli-Timestamp"])
    secret = call.subscription.secret
    assert is_signed(secret, timestamp=stamp, body=body, given=headers["Jieli-Signature"])
    assert not is_signed(secret, timestamp=stamp + 1, body=body, given=headers["Jieli-Signature"])
    call.refresh_from_db()
    assert (call.status, call.last_status) == ("sent", 204)


def test_the_signature_is_as_documented() -> None:
    assert signature("secret", timestamp=1_700_000_000, body=b'{"a":1}') == (
        "v1=" + __import__("hmac").new(b"secret", b'1700000000.{"a":1}', "sha256").hexdigest()
    )


def test_only_who_wants_a_kind_is_called(administrator: Actor) -> None:
    actions.subscribe(name="all", url="https://erp.example/", actor=administrator)
    actions.subscribe(name="one", url="https://erp.example/", kinds_wanted=["cases.closed"], actor=administrator)
    off = actions.subscribe(name="off", url="https://erp.example/", actor=administrator)
    actions.switch_subscription(off.pk, is_active=False, actor=administrator)
    assert actions.announce("cases.opened", payload={}, actor=SYSTEM) == 1
    assert actions.announce("cases.closed", payload={}, actor=SYSTEM) == 2
    assert ProcrastinateJob.objects.filter(task_name="notify.call_webhook").count() == 3


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_taken_is_tried_again_until_it_is_a_dead_letter(
    administrator: Actor, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    call = announced(administrator, receiver.url)
    for _attempt in range(MOST_ATTEMPTS):
        tasks.call_webhook(call.pk)
    call.refresh_from_db()
    assert (call.status, call.attempts, call.last_status) == ("dead", MOST_ATTEMPTS, status)
    assert len(receiver.seen) == MOST_ATTEMPTS
    assert [one.pk for one in calls_not_sent(administrator)] == [call.pk]
    receiver.status = 200
    actions.resend_call(call.pk, actor=administrator)
    with pytest.raises(NothingToResend):
        actions.resend_call(call.pk, actor=administrator)
    tasks.call_webhook(call.pk)
    call.refresh_from_db()
    assert call.status == "sent"


def test_a_receiver_that_does_not_answer_is_tried_again(administrator: Actor, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    call = announced(administrator, f"http://127.0.0.1:{port}/")
    tasks.call_webhook(call.pk)
    call.refresh_from_db()
    assert (call.status, call.attempts) == ("queued", 1)
    assert call.next_at is not None
    assert "Refused" in call.reason


def test_a_private_address_is_a_dead_letter_at_once(administrator: Actor) -> None:
    call = announced(administrator, "http://127.0.0.1:9/")
    tasks.call_webhook(call.pk)
    call.refresh_from_db()
    assert (call.status, call.attempts) == ("dead", 1)
    assert "127.0.0.1" in call.reason


def test_what_was_switched_off_meanwhile_is_not_called(administrator: Actor, receiver: Receiver) -> None:
    call = announced(administrator, receiver.url)
    actions.switch_subscription(call.subscription_id, is_active=False, actor=administrator)
    tasks.call_webhook(call.pk)
    call.refresh_from_db()
    assert (call.status, receiver.seen) == ("dead", [])


def test_a_name_that_points_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 80)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: answers)
    with pytest.raises(AddressForbidden):
        outbound.post("http://rebind.example/", body=b"", headers={}, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_outer_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "https://user:pw@a.example/", "https://", "http://a.example:99999/",
        "http://a.example/ x", "http://a.example/\r\nX: y", "javascript:alert(1)", "a.example", "http://[::1",
    ],
)  # fmt: skip
def test_addresses_of_other_forms_are_refused(administrator: Actor, url: str) -> None:
    assert not is_callable(url)
    with pytest.raises(AddressForbidden):
        actions.subscribe(name="ERP", url=url, actor=administrator)


def test_a_webhook_is_an_administrators_matter(administrator: Actor) -> None:
    supervisor = actor_for(a_person(roles=("supervisor",)))
    with pytest.raises(NotAllowed):
        actions.subscribe(name="ERP", url="https://erp.example/", actor=supervisor)
    with pytest.raises(Invalid):
        actions.subscribe(name=" ", url="https://erp.example/", actor=administrator)
    one = actions.subscribe(name="ERP", url="https://erp.example/", actor=administrator)
    with pytest.raises(NotAllowed):
        actions.switch_subscription(one.pk, is_active=False, actor=supervisor)
    with pytest.raises(NotAllowed):
        actions.renew_secret(one.pk, actor=supervisor)


def test_a_new_secret_replaces_the_old_and_no_secret_is_in_an_event(administrator: Actor) -> None:
    one = actions.subscribe(name="ERP", url="https://erp.example/", actor=administrator)
    new = actions.renew_secret(one.pk, actor=administrator)
    assert new.secret != one.secret
    assert Subscription.objects.get().secret == new.secret
    facts = " ".join(str(event.data) for event in Event.objects.filter(type__startswith="notify."))
    assert one.secret not in facts
    assert new.secret not in facts

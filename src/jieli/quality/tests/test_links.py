"""The text link: the same questions in writing, answered once, by the customer alone."""

from datetime import UTC, datetime, timedelta

import pytest

from jieli.customers.models import Customer
from jieli.events.actor import customer_actor
from jieli.events.refusals import NotAllowed, NotFound
from jieli.lib import clock
from jieli.notify.models import Mail
from jieli.orders.models import WorkOrder
from jieli.people.tests.factories import MONDAY, acting
from jieli.quality.actions.calling import record_attempt, record_result
from jieli.quality.actions.linking import answer_by_link, send_text_link
from jieli.quality.models import Attempt, TextLink
from jieli.quality.refusals import BadAnswer, LinkExpired, LinkUnknown, LinkUsed, OutsideCallingHours
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import a_callback

pytestmark = pytest.mark.django_db
SOLVED = Answers(solved=True, on_time=True)


def a_link():
    visited, callback = a_callback()
    sent = send_text_link(callback.pk, actor=acting(visited.agent))
    return visited, callback, sent, customer_actor(visited.case.customer_id, "王芳")


def test_a_link_counts_as_an_attempt_and_only_its_digest_is_kept():
    _visited, callback, sent, _customer = a_link()
    assert Attempt.objects.get(callback=callback).outcome == "text_link"
    assert sent.code not in str(TextLink.objects.values().get())
    assert sent.link.expires_at == MONDAY + timedelta(days=7)


def test_the_customers_answer_is_the_result_and_closes_the_case():
    visited, callback, sent, customer = a_link()
    answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=customer)
    callback.refresh_from_db()
    assert (callback.result, callback.is_by_link, callback.solved) == ("satisfied", True, True)
    assert WorkOrder.objects.get(pk=visited.order.pk).callback_result == "satisfied"
    assert visited.fresh().status == "closed"


def test_a_dissatisfied_answer_starts_the_recovery():
    visited, _callback, sent, customer = a_link()
    answer_by_link(sent.code, result="dissatisfied", answers=Answers(what="还是漏水"), actor=customer)
    assert (visited.fresh().stage, visited.fresh().owner_id) == ("recovery", visited.agent.pk)


def test_the_same_answer_sent_twice_is_taken_once_and_another_one_is_refused():
    _visited, callback, sent, customer = a_link()
    for _ in range(2):
        assert answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=customer).pk == callback.pk
    with pytest.raises(LinkUsed):
        answer_by_link(sent.code, result="dissatisfied", answers=Answers(what="漏"), actor=customer)


def test_after_a_talk_on_the_phone_the_link_is_used():
    visited, callback, sent, customer = a_link()
    record_attempt(callback.pk, outcome="called_us", actor=acting(visited.agent))
    record_result(callback.pk, result="satisfied", actor=acting(visited.agent))
    with pytest.raises(LinkUsed):
        answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=customer)


def test_an_expired_link_a_wrong_code_and_a_bad_answer_are_refused():
    _visited, _callback, sent, customer = a_link()
    for code in ("", "x" * 99, "nothing", "é"):
        with pytest.raises(LinkUnknown):
            answer_by_link(code, result="satisfied", answers=SOLVED, actor=customer)
    with pytest.raises(BadAnswer):
        answer_by_link(sent.code, result="dissatisfied", answers=Answers(), actor=customer)
    with clock.frozen(MONDAY + timedelta(days=7)), pytest.raises(LinkExpired):
        answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=customer)


def test_nobody_but_the_customer_answers():
    visited, _callback, sent, _customer = a_link()
    with pytest.raises(NotAllowed):
        answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=acting(visited.agent))
    with pytest.raises(NotFound):
        answer_by_link(sent.code, result="satisfied", answers=SOLVED, actor=customer_actor(1, "别人"))


def test_no_text_at_night():
    visited, callback = a_callback()
    with clock.frozen(datetime(2026, 11, 23, 13, 0, tzinfo=UTC)), pytest.raises(OutsideCallingHours):
        send_text_link(callback.pk, actor=acting(visited.agent))
    assert not TextLink.objects.exists()


def test_who_has_an_address_gets_the_link_by_mail(settings):
    settings.PUBLIC_URL = "https://service.example"
    visited, callback = a_callback()
    Customer.objects.filter(pk=visited.case.customer_id).update(email="wang@example.com")
    sent = send_text_link(callback.pk, actor=acting(visited.agent))
    mail = Mail.objects.get(to_address="wang@example.com")
    assert sent.is_by_mail
    assert f"https://service.example/call-backs/answer/{sent.code}/" in mail.text

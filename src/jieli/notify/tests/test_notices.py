"""Notices on the screen and by e-mail."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, NotAllowed
from jieli.notify import actions, kinds, tasks
from jieli.notify.actions import Telling
from jieli.notify.models import Mail, Notice
from jieli.notify.queries import choices_of, mails_not_sent, notices_of, unread_count
from jieli.notify.refusals import NothingToResend
from jieli.notify.rules import MOST_MAIL_ATTEMPTS
from jieli.people.models import Staff
from jieli.people.queries import actor_for
from jieli.people.tests.factories import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Staff:
    """Give a member of staff with an e-mail address."""
    one = a_person(roles=("agent",))
    Staff.objects.filter(pk=one.pk).update(email="li.lei@company.example", language="en")
    return Staff.objects.get(pk=one.pk)


@pytest.fixture
def leader() -> Actor:
    """Give a supervisor."""
    return actor_for(a_person(roles=("supervisor",), name="韩梅梅"))


def jobs(name: str) -> list[dict[str, Any]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=name).order_by("id")]


def told(person: Staff, kind: str = "test.told") -> Notice:
    return actions.tell(person.pk, kind=kind, case_id=5, params={"number": "J-1"}, actor=SYSTEM)


def test_a_notice_waits_until_it_is_read(person: Staff) -> None:
    notice = told(person)
    assert kinds.sentence(notice.kind, notice.params) == "Case J-1 was passed to you"
    assert unread_count(person.pk) == 1
    actions.mark_read(notice.pk, actor=actor_for(person))
    actions.mark_read(notice.pk, actor=actor_for(person))
    assert unread_count(person.pk) == 0
    assert [row.pk for row in notices_of(person.pk)[0]] == [notice.pk]


def test_codes_and_instants_are_written_in_the_readers_language() -> None:
    kinds.register("test.coded", "%(what)s by %(due)s: %(count)s", words={"what": lambda: {"all": gettext("Notices")}})
    params = {"what": "all", "due": "2026-11-23T07:30:00+00:00", "count": 2}
    with translation.override("en"):
        english = kinds.sentence("test.coded", params)
    with translation.override("zh-hans"):
        chinese = kinds.sentence("test.coded", params)
    assert english == "Notices by Mon 23 Nov 15:30: 2"
    assert chinese == "通知 by 11月23日 周一 15:30: 2"


def test_a_notice_belongs_to_one_person(person: Staff, leader: Actor) -> None:
    notice = told(person)
    with pytest.raises(Notice.DoesNotExist):
        actions.mark_read(notice.pk, actor=leader)
    assert actions.mark_all_read(actor=leader) == 0
    assert unread_count(person.pk) == 1


def test_reading_all_spares_what_came_since(person: Staff) -> None:
    seen = [told(person) for _number in range(3)][-1]
    told(person)
    assert actions.mark_all_read(actor=actor_for(person), up_to=seen.pk) == 3
    assert unread_count(person.pk) == 1


def test_opening_a_case_reads_what_was_about_it(person: Staff) -> None:
    told(person)
    other = actions.tell(person.pk, kind="test.told", case_id=6, params={"number": "J-2"}, actor=SYSTEM)
    assert actions.mark_case_read(5, actor=actor_for(person)) == 1
    assert [row.pk for row in notices_of(person.pk, unread_only=True)[0]] == [other.pk]


def test_pages_of_notices_follow_one_another(person: Staff) -> None:
    made = [told(person).pk for _number in range(5)]
    first, after = notices_of(person.pk, size=3)
    second, end = notices_of(person.pk, size=3, before=after)
    assert [row.pk for row in first + second] == made[::-1]
    assert end is None


def test_a_thousand_are_told_with_few_queries(person: Staff, django_assert_max_num_queries: Any) -> None:
    tellings = [Telling(person.pk, "test.mailed", number, {"number": number}) for number in range(1000)]
    with django_assert_max_num_queries(12):
        assert len(actions.tell_all(tellings, actor=SYSTEM)) == 1000
    assert Mail.objects.count() == 1000


def test_an_unknown_kind_and_a_missing_word_still_make_a_sentence() -> None:
    assert kinds.sentence("gone.kind", {}) == "gone.kind"
    assert kinds.sentence("test.told", {}) == "Case … was passed to you"


def test_strangers_tell_nobody(person: Staff) -> None:
    with pytest.raises(NotAllowed):
        actions.tell(person.pk, kind="test.told", actor=Actor("nobody", 1, "?"))  # type: ignore[arg-type]


def test_a_kind_is_mailed_by_default_or_by_choice(person: Staff) -> None:
    told(person)
    assert not Mail.objects.exists()
    told(person, "test.mailed")
    mail = Mail.objects.get()
    assert (mail.to_address, mail.subject) == ("li.lei@company.example", "Case J-1 is overdue")
    assert jobs("notify.send_mail") == [{"mail_id": mail.pk}]
    actions.choose_mail(by_email=["test.told"], actor=actor_for(person))
    assert [(choice.kind.code, choice.by_email) for choice in choices_of(person.pk)] == [
        ("test.mailed", False),
        ("test.told", True),
        ("test.translated", False),
    ]
    told(person, "test.mailed")
    assert Mail.objects.count() == 1
    told(person, "test.told")
    assert Mail.objects.count() == 2
    with pytest.raises(Invalid):
        actions.choose_mail(by_email=["no.such"], actor=actor_for(person))


def test_a_notice_is_mailed_in_the_language_of_its_reader(person: Staff) -> None:
    actions.choose_mail(by_email=["test.translated"], actor=actor_for(person))
    told(person, "test.translated")
    Staff.objects.filter(pk=person.pk).update(language="zh-hans")
    told(person, "test.translated")
    assert [mail.subject for mail in Mail.objects.order_by("pk")] == ["Mark all as read", "全部标为已读"]


def test_a_rolled_back_change_sends_no_mail(person: Staff) -> None:
    with transaction.atomic():
        told(person, "test.mailed")
        transaction.set_rollback(True)
    assert jobs("notify.send_mail") == []


def a_mail() -> Mail:
    return actions.send_mail(to_address="fang@example.com", subject="您好", text="已受理", case_id=5, actor=SYSTEM)


def test_a_mail_goes_out_once(settings: Any) -> None:
    mail = a_mail()
    tasks.send_mail(mail.pk)
    tasks.send_mail(mail.pk)
    assert [(message.subject, message.to) for message in outbox.outbox] == [("您好", ["fang@example.com"])]
    assert outbox.outbox[0].extra_headers["Message-ID"] == mail.message_id
    mail.refresh_from_db()
    assert (mail.status, mail.reason) == ("sent", "")
    assert mail.sent_at is not None


@pytest.fixture
def broken_server(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Let the mail server raise the first of these at each message."""
    errors: list[Exception] = []

    def send(self: EmailBackend, messages: object) -> int:
        raise errors[0]

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return errors


def test_a_server_that_is_down_is_tried_again_and_then_told(broken_server: list[Exception], leader: Actor) -> None:
    broken_server.append(ConnectionRefusedError("no route"))
    mail = a_mail()
    tasks.send_mail(mail.pk)
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("queued", 1)
    assert "no route" in mail.reason
    waiting = ProcrastinateJob.objects.filter(task_name="notify.send_mail").latest("id")
    assert waiting.scheduled_at is not None
    for _attempt in range(MOST_MAIL_ATTEMPTS - 1):
        tasks.send_mail(mail.pk)
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("failed", MOST_MAIL_ATTEMPTS)
    assert mails_not_sent(leader) == [mail]


def test_a_refused_address_fails_at_once_and_can_be_sent_again(broken_server: list[Exception], leader: Actor) -> None:
    broken_server.append(smtplib.SMTPRecipientsRefused({"fang@example.com": (550, b"no such user")}))
    mail = a_mail()
    tasks.send_mail(mail.pk)
    mail.refresh_from_db()
    assert mail.status == "failed"
    assert "no such user" in mail.reason
    with pytest.raises(NotAllowed):
        actions.resend_mail(mail.pk, actor=actor_for(a_person(roles=("agent",))))
    assert actions.resend_mail(mail.pk, actor=leader).status == "queued"
    assert len(jobs("notify.send_mail")) == 2
    with pytest.raises(NothingToResend):
        actions.resend_mail(mail.pk, actor=leader)


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "a\r\nBcc: everybody@example.com"},
        {"to_address": "a@b.example\nBcc: c@d.example"},
        {"to_address": "nobody"},
        {"headers": {"In-Reply-To": "a\nb"}},
    ],
    ids=range(4),
)
def test_headers_cannot_be_smuggled_in(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        actions.send_mail(**{"to_address": "a@b.example", "subject": "s", "text": "t", **given}, actor=SYSTEM)


def test_an_agent_does_not_see_what_was_not_sent() -> None:
    a_mail()
    assert mails_not_sent(actor_for(a_person(roles=("agent",)))) == []


def test_an_erasure_blanks_what_went_out(person: Staff) -> None:
    told(person, "test.mailed")
    a_mail()
    assert actions.erase_of_cases([5], actor=SYSTEM) == 3
    assert {(mail.to_address, mail.text) for mail in Mail.objects.all()} == {("", "")}
    assert Notice.objects.get().params == {}
    with pytest.raises(NotAllowed):
        actions.erase_of_cases([5], actor=actor_for(person))


@pytest.mark.parametrize(
    "attack",
    [
        "update notify_mail set status = 'lost'",
        "update notify_mail set status = 'sent'",
        "update notify_mail set status = 'failed'",
        "update notify_mail set erased_at = now()",
    ],
)
def test_the_database_keeps_the_state_of_a_mail_honest(attack: str) -> None:
    from django.db import DatabaseError

    a_mail()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_waits_grow() -> None:
    from jieli.notify.rules import mail_wait_after, wait_after

    waits = [wait_after(number) for number in range(1, 9)]
    assert all(wait is not None for wait in waits)
    assert waits[0] == timedelta(minutes=1)
    assert wait_after(9) is None
    assert mail_wait_after(7) is None

"""Why something ended or went on is said in the language of who reads it, not of who acted."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import translation

from jieli.cases.actions.passing import assign_case, offer_pass, withdraw_pass
from jieli.cases.actions.progressing import cancel_case, close_case, resolve_case
from jieli.cases.models import Case
from jieli.cases.models.because import Because
from jieli.cases.queries.assigning import why_offered
from jieli.cases.queries.timeline import sentence
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.cases.tests.test_desk_pages import signed_in
from jieli.events.actor import rule_actor
from jieli.events.models import Event
from jieli.people.models import Staff
from jieli.people.tests.factories import a_deputy, acting, an_absence

RULE = rule_actor("call-back")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def lilei() -> Staff:
    return an_agent("李雷")


@pytest.fixture
def withdrawn(lilei: Staff) -> Case:
    case = a_taken_case(lilei)
    offer = offer_pass(case.pk, to=an_agent("赵敏"), done="电话问过", next="约上门", actor=acting(lilei))
    withdraw_pass(offer.pk, actor=acting(lilei))
    return case


def told(case: Case, type_: str) -> tuple[str, str]:
    """Return an event of a case in Chinese and in English."""
    event = Event.objects.of_case(case.pk).get(type=type_)
    with translation.override("en"):
        english = sentence(event, {})
    return sentence(event, {}), english


def test_the_history_says_it_to_each_reader(withdrawn: Case, lilei: Staff) -> None:
    resolve_case(withdrawn.pk, answer="已修好，请试用。", actor=acting(lilei))
    close_case(withdrawn.pk, actor=acting(lilei))
    assert told(withdrawn, "cases.closed") == ("已关闭（手动）", "Closed (by hand)")
    chinese, english = told(withdrawn, "cases.pass_withdrawn")
    assert chinese.endswith("的交接已撤回（由交出人）")
    assert english.endswith("was withdrawn (by the giver)")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "交接已撤回"), ("en", "the offer was withdrawn")])
def test_the_page_of_the_case_says_why_a_promise_ended(withdrawn: Case, lilei: Staff, language: str, words: str) -> None:
    page = signed_in(lilei, accept_language=language).get(reverse("cases:case", args=[withdrawn.number]))
    assert f'<p class="j-promise-foot">{words}</p>' in page.content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "回访客户；代理 赵敏"), ("en", "is to call the customer back; stands in for 赵敏")]
)
def test_who_stands_in_is_told_for_whom(lilei: Staff, language: str, words: str) -> None:
    away = an_agent("赵敏")
    an_absence(away)
    a_deputy(away, an_agent("周敏"))
    case = a_taken_case(lilei)
    offer = assign_case(case.pk, to=[away], explanation=Because.TO_CALL_BACK, actor=RULE)
    with translation.override(language):
        assert why_offered(offer) == words


def test_what_a_person_wrote_stays_as_it_is(withdrawn: Case, lilei: Staff) -> None:
    cancel_case(withdrawn.pk, reason="客户自己修好了", actor=acting(lilei))
    assert told(withdrawn, "cases.cancelled") == ("已取消：客户自己修好了", "Cancelled: 客户自己修好了")

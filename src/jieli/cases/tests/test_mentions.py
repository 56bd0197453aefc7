"""Colleagues are mentioned by @: by hand, or from a list while the name is typed."""

import pytest
from django.test import Client
from django.urls import reverse

from jieli.cases.actions.conversing import write_message
from jieli.cases.models import Case, Mention
from jieli.cases.rules.words import mentions
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.people.actions import deactivate_staff
from jieli.people.models import Staff
from jieli.people.tests.factories import a_person, a_unit, acting, an_administrator

pytestmark = pytest.mark.django_db


def suggested(staff: Staff, case: Case, typed: str, *, status: int = 200) -> str:
    """Return the list that somebody gets while typing."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    answer = client.get(reverse("cases:mentionable", args=[case.number]), {"q": typed})
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@李雷 请看", ["李雷"]),
        ("请@lilei. 看一下", ["lilei"]),
        ("a@b.cn,@han-mei @han-mei", ["han-mei"]),
        ("@@x @ @-", []),
    ],
)
def test_a_note_mentions_what_stands_behind_an_at(text: str, names: list[str]) -> None:
    assert mentions(text) == names


def test_names_and_codes_are_suggested_the_own_unit_first() -> None:
    lilei = an_agent()
    near, far = a_person(unit=lilei.unit, name="韩梅"), a_person(unit=a_unit(name="别的组"), name="韩雪")
    page = suggested(lilei, a_taken_case(lilei), "韩")
    assert page.index(near.code) < page.index(far.code)
    assert 'data-mention="韩梅"' in page
    assert near.name in suggested(lilei, a_taken_case(lilei), near.code[:3])


def test_one_of_two_of_a_name_is_meant_by_the_code_and_so_mentioned_alone() -> None:
    lilei = an_agent()
    first, second = a_person(unit=lilei.unit, name="韩梅"), a_person(unit=lilei.unit, name="韩梅")
    case = a_taken_case(lilei)
    page = suggested(lilei, case, "韩梅")
    assert f'data-mention="{first.code}"' in page
    write_message(case.pk, body=f"请@{second.code} 看一下", visible=False, actor=acting(lilei))
    assert list(Mention.objects.values_list("staff_id", flat=True)) == [second.pk]


def test_who_has_left_is_not_suggested_and_nothing_runs_in_a_name() -> None:
    lilei = an_agent()
    left = a_person(unit=lilei.unit, name="王五")
    a_person(unit=lilei.unit, name="<b>粗</b>")
    deactivate_staff(left.pk, actor=an_administrator())
    case = a_taken_case(lilei)
    assert left.code not in suggested(lilei, case, "王五")
    assert "<b>" not in suggested(lilei, case, "粗")


def test_the_list_of_a_hidden_case_is_not_found() -> None:
    case = a_taken_case(an_agent())
    stranger = a_person(unit=a_unit(name="别的组"), name="外人")
    suggested(stranger, case, "李", status=404)
    assert Client().get(reverse("cases:mentionable", args=[case.number])).status_code == 302


def test_who_may_not_write_gets_no_list() -> None:
    lilei = an_agent()
    case = a_taken_case(lilei)
    shopper = a_person(unit=lilei.unit, roles=("mystery_shopper",), name="暗访")
    write_message(case.pk, body=f"@{shopper.code} 请看", visible=False, actor=acting(lilei))
    suggested(shopper, case, "李", status=403)

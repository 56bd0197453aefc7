"""Search finds by number, phone, name, serial and words, and only what one may see."""

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import close_case, reopen_case, resolve_case
from jieli.cases.models import Case
from jieli.cases.models.case import is_seen_at_once
from jieli.cases.queries.lists import ListQuery, case_list
from jieli.cases.queries.search import search
from jieli.cases.rules.numbers import WrongNumber
from jieli.cases.tests.factories import a_case, a_customer, a_taken_case, an_agent
from jieli.events.actor import SYSTEM, customer_actor
from jieli.lib.text import pairs
from jieli.people.tests.factories import a_person, a_unit, acting

pytestmark = pytest.mark.django_db


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=2, max_size=30), max_size=20)
)
@example(["洗衣机", "İΣ", "𠮷野家", "aaaa", "Ab", "  "])
def test_the_index_holds_the_pieces_that_a_query_asks_for(texts):
    with connection.cursor() as cursor:
        cursor.execute(
            "select bigrams(text) from unnest(%s::text[]) with ordinality found (text, place) order by place", [texts]
        )
        assert [set(pieces) for (pieces,) in cursor.fetchall()] == [set(pairs(text)) for text in texts]


def test_a_text_too_short_for_pieces_is_one():
    with connection.cursor() as cursor:
        cursor.execute("select bigrams(''), bigrams('水'), bigrams(null)")
        assert cursor.fetchone() == ([""], ["水"], None)


@pytest.mark.parametrize("text", ["13912345678", "5678", "刘洋", "排水", "显示 E30", "e30"])
def test_a_case_is_found_by_what_people_remember(text):
    case = a_case(customer=a_customer("刘洋", phone="13912345678"))
    a_case(customer=a_customer("陈伟", phone="13700001111"), subject="安装预约改期", description="想改到周六")
    assert [row.case.pk for row in search(text, acting(an_agent())).rows] == [case.pk]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("role", ["agent", "manager"])
def test_a_search_goes_on_with_older_cases_until_it_has_seen_them_all(monkeypatch, everywhere, role):
    if everywhere:
        for name, value in {"_SURELY_EVERYWHERE": -1, "_CUSTOMERS": 0, "_CASES_AT_ONCE": 3, "_SEEN_AT_ONCE": 3}.items():
            monkeypatch.setattr(f"jieli.cases.queries.search.{name}", value)
    agent = an_agent()
    said = [a_taken_case(agent, subject=f"第{number}次 不排水", customer=a_customer("王小明")).pk for number in range(8)]
    a_taken_case(agent, subject="安装预约改期", description="想改到周六")
    actor = acting(agent if role == "agent" else a_person(roles=("manager",)))
    for text in ("不排水", "王小明"):
        seen, older = [], 0
        for _page in range(20):
            found = search(text, actor, 2, older=older)
            assert len(found.rows) <= 2
            seen += [row.case.pk for row in found.rows]
            older = found.older
            if not older:
                break
        assert seen == sorted(said, reverse=True)


def test_a_number_is_found_and_a_mistyped_one_says_check_the_number():
    case = a_case()
    agent = acting(an_agent())
    assert [row.case.pk for row in search(case.number.lower().replace("-", " "), agent).rows] == [case.pk]
    with pytest.raises(WrongNumber):
        search(case.number[:-1] + str((int(case.number[-1]) + 1) % 10), agent)


def test_search_and_lists_show_only_what_one_may_see():
    a_case()
    outsider = acting(an_agent(unit=a_unit()))
    assert search("排水", outsider).rows == []
    assert case_list(ListQuery(view="all"), outsider).rows == []


def test_whoever_sees_a_case_at_once_sees_it_by_the_database_too():
    unit = a_unit()
    lilei, hanmei, stranger = an_agent(), an_agent("韩梅", unit=unit), an_agent("王芳", unit=a_unit())
    people = [lilei, hanmei, stranger, a_person(unit=unit, roles=("engineer",)), a_person(roles=("manager",))]
    cases = [a_taken_case(lilei), a_case(kind="internal_complaint", service_type="")]
    offer = offer_pass(cases[0].pk, to=hanmei, done="一", next="二", actor=acting(lilei))
    accept_pass(offer.pk, restatement="要上门", actor=acting(hanmei))
    for case in Case.objects.select_related("unit"):
        for actor in [*map(acting, people), customer_actor(case.customer_id, "王芳"), SYSTEM]:
            is_seen = Case.objects.visible_to(actor).filter(pk=case.pk).exists()
            assert is_seen or not is_seen_at_once(actor, case)
    assert is_seen_at_once(acting(an_agent("陈伟", unit=unit)), Case.objects.get(pk=cases[0].pk))
    assert not is_seen_at_once(acting(stranger), cases[0])


@pytest.mark.parametrize("few", [2_000, -1])
def test_a_unit_that_had_a_case_before_reads_it_while_it_is_open(monkeypatch, few):
    monkeypatch.setattr("jieli.cases.models.case.FEW_HELD", few)
    lilei, hanmei, wangfang = an_agent(), an_agent("韩梅", unit=a_unit()), an_agent("王芳", unit=a_unit())
    colleague = acting(an_agent("赵敏", unit=hanmei.unit))
    case = a_taken_case(lilei)

    def is_seen() -> bool:
        listed = [row.case.pk for row in case_list(ListQuery(view="all"), colleague).rows]
        assert listed == list(Case.objects.visible_to(colleague).open().values_list("pk", flat=True))
        return listed == [case.pk]

    assert not is_seen()
    for giver, receiver in ((lilei, hanmei), (hanmei, wangfang)):
        offer = offer_pass(case.pk, to=receiver, done="一", next="二", actor=acting(giver))
        accept_pass(offer.pk, restatement="要上门", actor=acting(receiver))
        assert is_seen()
    resolve_case(case.pk, answer="已修好", actor=acting(wangfang))
    assert is_seen()
    close_case(case.pk, actor=acting(wangfang))
    assert not is_seen()
    reopen_case(case.pk, reason="又不排水了", actor=acting(wangfang))
    assert is_seen()


def test_a_list_pages_by_keyset_without_gaps_or_doubles(django_assert_num_queries):
    agent = an_agent()
    cases = [a_taken_case(agent).pk for _ in range(5)]
    actor = acting(agent)
    seen, cursor = [], ""
    while True:
        with django_assert_num_queries(3):
            page = case_list(ListQuery(view="mine", limit=2, cursor=cursor), actor)
        seen += [row.case.pk for row in page.rows]
        assert all(row.promise is not None and row.promise.due_at == row.case.next_due_at for row in page.rows)
        cursor = page.next
        if not cursor:
            break
    assert sorted(seen) == sorted(cases)

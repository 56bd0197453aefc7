"""Cases offered by the assignment rules: on arrival, to the next one, after a reopening; and what they say about it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from jieli.cases.actions.assigning import assign_by_rule
from jieli.cases.actions.owning import move_to_deputy, take_case
from jieli.cases.actions.passing import accept_pass, assign_case, decline_pass, withdraw_pass
from jieli.cases.actions.progressing import close_case, reopen_case, resolve_case
from jieli.cases.actions.sweeping import sweep
from jieli.cases.handlers import offer_by_rule
from jieli.cases.models import Case, Pass
from jieli.cases.queries.assigning import loads_of
from jieli.cases.queries.timeline import entries, staff_in
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import ONE_RULE, a_case, a_customer, a_taken_case, an_agent
from jieli.cases.tests.racing import DONE, race
from jieli.events.actor import SYSTEM, customer_actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import NotAllowed
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.actions import change_staff
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_deputy, a_person, a_unit, acting, an_absence
from jieli.policies.actions import InvalidPolicy
from jieli.policies.tests.factories import ADMINISTRATOR, make_version

pytestmark = pytest.mark.django_db

BY_RULE = rule_actor("assignment")


def rules(more="", text=ONE_RULE):
    """Start a version with one automatic rule."""
    return make_version("assignment", text + more, actor=ADMINISTRATOR)


def work():
    """Run the queued reactions of assignment as a worker does, also those they cause; return how many there were."""
    done = set()
    while jobs := list(ProcrastinateJob.objects.filter(args__handler__endswith="offer_by_rule").exclude(id__in=done)):
        for job in jobs:
            offer_by_rule(Event.objects.get(pk=job.args["event_id"]))
            done.add(job.pk)
    return len(done)


def pending(case):
    return case.pass_offers.filter(state="offered").first()


def asked(case):
    """Return who has it offered by a rule now, after the jobs ran."""
    work()
    offer = pending(case)
    return offer.receiver if offer is not None else None


def types(case):
    return list(Event.objects.of_case(case.pk).values_list("type", flat=True))


def told(staff, kind):
    return Notice.objects.filter(staff=staff, kind=f"cases.{kind}").count()


def lines(case, language):
    """Return the timeline of a case in a language."""
    events = list(Event.objects.of_case(case.pk).prefetch_related("texts"))
    names = dict(Staff.objects.filter(pk__in=staff_in(events)).values_list("pk", "name"))
    with translation.override(language):
        return [(entry.who, entry.text) for entry in entries(events, names)]


# --- on arrival


def test_as_shipped_nothing_is_offered_and_no_job_is_queued():
    an_agent()
    case = a_case()
    assert work() == 0
    assert pending(case) is None


def test_a_new_case_is_offered_and_the_duty_officer_keeps_it_until_it_is_accepted():
    rules()
    lilei = an_agent("李雷")
    case = a_case()
    officer = case.owner
    assert asked(case) == lilei
    offer = pending(case)
    case.refresh_from_db()
    assert (case.owner, case.is_on_duty, offer.way, offer.giver, offer.asked_by) == (officer, True, "assign", officer, None)
    assert told(lilei, "assigned") == 1
    event = Event.objects.of_case(case.pk).get(type="cases.pass_offered")
    assert (event.actor_kind, event.actor_name) == ("rule", "assignment")
    assert event.data["reasons"] == offer.reasons
    accept_pass(offer.pk, restatement="不排水,要上门", actor=acting(lilei))
    case.refresh_from_db()
    assert (case.owner, case.is_on_duty, case.steward) == (lilei, False, lilei)
    assert "cases.assignment_accepted" in types(case)
    assert [finding.as_dict() for finding in findings()] == []


def test_a_job_that_runs_twice_does_nothing_the_second_time():
    rules()
    an_agent("李雷"), an_agent("韩梅")
    case = a_case()
    opened = Event.objects.of_case(case.pk).get(type="cases.opened")
    first = assign_by_rule(case.pk, after=opened.sequence, actor=BY_RULE)
    assert first is not None
    before = types(case)
    assert assign_by_rule(case.pk, after=opened.sequence, actor=BY_RULE) is None
    withdraw_pass(first.pk, actor=acting(first.giver))
    assert assign_by_rule(case.pk, after=opened.sequence, actor=BY_RULE) is None
    assert types(case)[: len(before)] == before
    assert case.pass_offers.count() == 1


def test_a_case_that_was_taken_offered_or_ended_meanwhile_is_left_alone():
    rules()
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    taken, given, resolved = a_case(), a_case(), a_case()
    take_case(taken.pk, actor=acting(lilei))
    by_hand = assign_case(given.pk, to=[hanmei], actor=acting(given.unit.leader))
    resolve_case(resolved.pk, answer="好了", actor=SYSTEM)
    work()
    assert pending(taken) is None
    assert pending(given) == by_hand
    assert pending(resolved) is None
    decline_pass(by_hand.pk, reason="忙", actor=acting(hanmei))
    assert asked(given) is None


def test_only_the_software_assigns_by_rule():
    rules()
    lilei = an_agent()
    case = a_case()
    for who in (lilei, case.unit.leader):
        with pytest.raises(NotAllowed):
            assign_by_rule(case.pk, after=1, actor=acting(who))


def test_a_rule_that_is_not_automatic_and_a_case_without_rule_wait_for_somebody():
    by_hand = ONE_RULE.replace('"all"', '"complaints"').replace("true", "false") + 'kind = ["complaint"]\n'
    rules('kind = ["service", "complaint"]\n', by_hand + ONE_RULE)
    an_agent()
    assert asked(a_case(kind="complaint", service_type="")) is None
    assert asked(a_case(kind="enquiry", service_type="")) is None
    assert asked(a_case()) is not None


# --- who


def test_the_least_load_is_asked_and_what_is_being_offered_counts():
    rules()
    busy, free = an_agent("忙"), an_agent("闲")
    for severity in (1, 3):
        take_case(a_case(kind="complaint", service_type="", severity=severity).pk, actor=acting(busy))
    assert loads_of([busy.pk, free.pk]) == {busy.pk: 6}
    firsts = [a_case() for _number in range(4)]
    assert {asked(case) for case in firsts} == {free}
    assert loads_of([busy.pk, free.pk]) == {busy.pk: 6, free.pk: 4}
    assert pending(firsts[-1]).reasons["decided_by"] == "load"


def test_what_the_duty_officer_holds_for_the_queue_is_no_load():
    lilei = an_agent()
    case = a_case()
    assert loads_of([case.owner_id]) == {}
    take_case(case.pk, actor=acting(lilei))
    assert loads_of([lilei.pk]) == {lilei.pk: 1}


def test_with_equal_load_the_turns_go_round(frozen):
    rules()
    people = [an_agent(name) for name in ("甲", "乙", "丙")]
    turns = []
    for number in range(6):
        frozen(MONDAY + timedelta(minutes=number))
        case = a_case()
        turns.append(asked(case))
        take_case(case.pk, actor=acting(people[number % 3]))
    assert set(turns[:3]) == set(turns[3:]) == set(people)
    assert turns[:3] == turns[3:]


def test_needs_and_preferences_are_of_the_product_line_the_language_and_the_area():
    rules('needs = ["skill", "language"]\nprefers = ["area"]\nmost_load = 2\n')
    knows, english, near, full = (an_agent(name) for name in ("懂机器", "英语", "附近", "满"))
    for person, values in (
        (knows, {"product_lines": ["tv"]}),
        (english, {"product_lines": ["tv"], "languages": ["en"]}),
        (near, {"product_lines": ["tv"], "languages": ["en"], "areas": ["east"]}),
        (full, {"product_lines": ["tv"], "languages": ["en"], "areas": ["east"]}),
    ):
        change_staff(person.pk, actor=SYSTEM, **values)
    for _number in range(2):
        take_case(a_case().pk, actor=acting(full))
    case = a_case(product_line="tv", language="en", area="east")
    assert asked(case) == near
    reasons = pending(case).reasons
    assert (reasons["decided_by"], reasons["out"]) == ("area", {"full": 1, "language": 1})
    assert asked(a_case(product_line="fridge", language="en")) is None
    assert asked(a_case(product_line="tv", language="zh-hans")) == knows


def test_the_customers_earlier_owner_comes_first_where_the_rule_says_so():
    rules("earlier_owner_first = true\n")
    earlier, other = an_agent("老熟人"), an_agent("别人")
    customer = a_customer()
    a_taken_case(earlier, customer=customer)
    case = a_case(customer=customer)
    assert asked(case) == earlier
    assert pending(case).reasons["decided_by"] == "earlier_owner"
    assert asked(a_case()) == other


def test_for_the_absent_the_deputy_is_asked_and_without_one_nobody():
    rules()
    away, deputy = an_agent("出差"), a_person(roles=(), name="代理")
    a_deputy(away, deputy)
    an_absence(away)
    gone = an_agent("休假")
    an_absence(gone)
    case = a_case()
    assert asked(case) == deputy
    reasons = pending(case).reasons
    assert (reasons["stands_in_for"], reasons["out"]) == (away.pk, {"absent": 1})
    assert any("stands in for 出差" in text for _who, text in lines(case, "en"))


def test_people_of_the_unit_above_and_below_come_into_question_not_those_beside():
    rules()
    beside, below = a_unit(name="旁边"), a_unit(name="下面")
    an_agent("旁", unit=beside)
    inside = an_agent("下", unit=below)
    case = a_case()
    assert pending(case) is None
    work()
    assert {one["staff_id"] for one in pending(case).reasons["considered"]} >= {inside.pk}


# --- the next one


def test_declined_or_lapsed_it_goes_to_the_next_and_at_last_stays_and_says_so(frozen):
    rules()
    people = {an_agent(name) for name in ("甲", "乙", "丙")}
    case = a_case()
    seen = [asked(case)]
    decline_pass(pending(case).pk, reason="在外面", actor=acting(seen[0]))
    seen.append(asked(case))
    frozen(pending(case).promises.unended().get().due_at)
    sweep()
    seen.append(asked(case))
    assert set(seen) == people
    decline_pass(pending(case).pk, reason="忙", actor=acting(seen[2]))
    assert asked(case) is None
    case.refresh_from_db()
    assert case.is_on_duty
    assert types(case).count("cases.nobody_found") == 1
    assert told(case.owner, "nobody_found") == 1
    work()
    assert types(case).count("cases.nobody_found") == 1
    assert [finding.as_dict() for finding in findings()] == []


def test_who_has_more_to_do_meanwhile_is_no_longer_the_next():
    rules()
    first, second, third = (an_agent(name) for name in ("甲", "乙", "丙"))
    case = a_case()
    assert asked(case) == first
    take_case(a_case(kind="complaint", service_type="").pk, actor=acting(second))
    decline_pass(pending(case).pk, reason="忙", actor=acting(first))
    assert asked(case) == third


def test_nobody_at_all_is_said_with_the_reason():
    rules()
    case = a_case()
    assert asked(case) is None
    event = Event.objects.of_case(case.pk).get(type="cases.nobody_found")
    assert (event.actor_kind, event.data["reasons"]["count"]) == ("rule", 0)


def test_reopened_to_the_duty_officer_it_is_offered_again_but_not_to_the_last_who_refused():
    rules()
    first, second = an_agent("甲"), an_agent("乙")
    case = a_case()
    for person in (first, second):
        assert asked(case) == person
        decline_pass(pending(case).pk, reason="忙", actor=acting(person))
    assert asked(case) is None
    resolve_case(case.pk, answer="好了", actor=SYSTEM)
    close_case(case.pk, actor=SYSTEM)
    reopen_case(case.pk, reason="又坏了", actor=customer_actor(case.customer_id, "王芳"))
    assert asked(case) == first


def test_reopened_while_its_owner_is_away_it_is_offered_to_somebody_else():
    rules()
    first, second = an_agent("甲"), an_agent("乙")
    case = a_case()
    accept_pass((asked(case), pending(case))[1].pk, restatement="要上门", actor=acting(first))
    resolve_case(case.pk, answer="好了", actor=acting(first))
    close_case(case.pk, actor=acting(first))
    an_absence(first)
    reopen_case(case.pk, reason="又坏了", actor=customer_actor(case.customer_id, "王芳"))
    case.refresh_from_db()
    assert case.is_on_duty
    assert asked(case) == second
    assert case.pass_offers.filter(state="offered").count() == 1


def test_when_the_duty_officer_goes_away_the_offer_is_made_anew_in_the_name_of_the_next(frozen):
    rules()
    officer = an_agent("值班")
    a_deputy(officer, deputy := a_person(roles=(), name="代理"))
    unit = a_unit(name="值班组", leader=officer)
    make_version(
        "landing",
        f'[[rules]]\nname = "all"\nlabel = {{ zh = "全", en = "All" }}\nto_unit = "{unit.code}"\n',
        actor=ADMINISTRATOR,
    )
    first, second = an_agent("甲", unit=unit), an_agent("乙", unit=unit)
    case = a_case()
    assert (case.owner, asked(case)) == (officer, first)
    an_absence(officer)
    frozen(MONDAY + timedelta(minutes=1))
    move_to_deputy(case.pk, actor=SYSTEM)
    case.refresh_from_db()
    assert (case.owner, case.is_on_duty) == (deputy, True)
    assert asked(case) == second
    assert pending(case).giver == case.owner


# --- what people read


def test_the_timeline_tells_who_was_asked_by_which_rule_and_why_in_both_languages():
    rules()
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    take_case(a_case().pk, actor=acting(lilei))
    case = a_case()
    assert asked(case) == hanmei
    texts = {language: [text for _who, text in lines(case, language)] for language in ("en", "zh-hans")}
    english = next(text for text in texts["en"] if text.startswith("Rule"))
    assert english == (
        "Rule “Everything” (assignment v2) offered it to 韩梅: 2 of 2 (agent) come into question, least load 0; "
        f"{case.owner.name} keeps it until it is accepted"
    )
    chinese = next(text for text in texts["zh-hans"] if "assignment v2" in text)
    assert "“全部”" in chinese
    assert "韩梅" in chinese
    assert "rule Everything" in {who for who, _text in lines(case, "en")}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_reason_has_words(language):
    rules('needs = ["skill"]\nprefers = ["language", "area"]\nearlier_owner_first = true\n')
    knows = an_agent("懂")
    change_staff(knows.pk, product_lines=["tv"], actor=SYSTEM)
    an_agent("不懂")
    gone = an_agent("休假")
    an_absence(gone)
    cases = [a_case(product_line="tv"), a_case(product_line="x"), a_case(kind="enquiry", service_type="")]
    for case in cases:
        work()
        for _who, text in lines(case, language):
            assert "%(" not in text
            assert text


def test_the_pages_show_the_offer_with_its_reasons():
    rules()
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    take_case(a_case().pk, actor=acting(lilei))
    case = a_case()
    assert asked(case) == hanmei
    client = Client(headers={"accept-language": "en"})
    client.force_login(hanmei)
    with translation.override("en"):
        page = client.get(reverse("cases:case", args=[case.number])).content.decode()
        answer = client.get(reverse("cases:answer", args=[case.number, pending(case).pk, "accept"])).content.decode()
    assert "A rule offers it to 韩梅" in page
    assert "Everything (assignment v2): 2 of 2 (agent) come into question, least load 0" in page
    assert "Who was considered" in page
    assert "load 1" in page
    assert "A rule offers you this case" in answer
    assert "least load 0" in answer


# --- the policy


def test_a_licence_cannot_be_asked_for_yet_and_the_refusal_says_so():
    with pytest.raises(InvalidPolicy) as refused, translation.override("en"):
        rules('needs = ["licence"]\n')
    assert "licences of people are not kept yet" in str(refused.value.fields)


# --- many at once


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_that_run_the_same_job_make_one_offer(database_urls, frozen):
    frozen(MONDAY)
    rules()
    an_agent("甲"), an_agent("乙")
    case = a_case()
    job = lambda: assign_by_rule(case.pk, after=1, actor=BY_RULE)  # noqa: E731
    assert race(database_urls, MONDAY, *[job] * 8) == {DONE: 8}
    assert case.pass_offers.count() == 1
    assert [finding.as_dict() for finding in findings()] == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_with_different_cases_spread_them_evenly(database_urls, frozen):
    frozen(MONDAY)
    rules()
    people = [an_agent(name) for name in ("甲", "乙", "丙", "丁")]
    cases = [a_case() for _number in range(8)]
    ends = race(database_urls, MONDAY, *[lambda case=case: assign_by_rule(case.pk, after=1, actor=BY_RULE) for case in cases])
    assert ends == {DONE: 8}
    assert [Pass.objects.filter(receiver=one, state="offered").count() for one in people] == [2, 2, 2, 2]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_take_beside_the_rule_leaves_one_owner_and_no_offer_behind(database_urls, frozen):
    frozen(MONDAY)
    rules()
    lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
    for _number in range(3):
        case = a_case()
        taker = acting(lilei)
        ends = race(
            database_urls,
            MONDAY,
            lambda case=case: assign_by_rule(case.pk, after=1, actor=BY_RULE),
            lambda case=case, taker=taker: take_case(case.pk, actor=taker),
        )
        assert ends == {DONE: 2}
        assert Case.objects.get(pk=case.pk).owner == lilei
        assert pending(case) is None
    assert hanmei.is_active
    with clock.frozen(MONDAY):
        assert [finding.as_dict() for finding in findings()] == []

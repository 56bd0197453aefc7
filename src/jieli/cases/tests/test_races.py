"""Many at once, with real connections: each way an owner changes, each promise, each edit happens as if one after the other."""

import random
import time
from datetime import timedelta

import pytest
from django.db import transaction

from jieli.cases.actions.assigning import assign_by_rule
from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.importing import PastCase, PastStep, import_cases
from jieli.cases.actions.keeping import note_presence
from jieli.cases.actions.owning import move_to_deputy, take_case, take_over_case
from jieli.cases.actions.passing import accept_pass, assign_case, decline_pass, offer_pass, withdraw_pass
from jieli.cases.actions.progressing import change_case, close_case, reopen_case, resolve_case
from jieli.cases.actions.promises import cancel_promise, give_promise, keep_promise, pause_case, resume_case
from jieli.cases.actions.relating import merge_cases
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Pass, Presence, Promise
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.attacks.statements import event
from jieli.cases.tests.factories import ONE_RULE, a_case, a_customer, a_taken_case, an_agent
from jieli.cases.tests.racing import DONE, race, two_at_once, waiting
from jieli.customers.actions.customers import find_or_make_customer
from jieli.customers.models import Customer
from jieli.events.actor import SYSTEM, Actor, customer_actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.notify.models import Notice
from jieli.people.actions import deactivate_staff
from jieli.people.tests.factories import (
    MONDAY,
    a_deputy,
    a_person,
    acting,
    an_absence,
    an_administrator,
    the_root,
)
from jieli.policies.tests.factories import ADMINISTRATOR, make_version

pytestmark = [pytest.mark.long(30), pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATER = MONDAY + timedelta(hours=2)
IMPORT = Actor("import", None, "import")


def sound():
    """Tell that no invariant is broken; the clock must stand where the race stood."""
    assert [finding.as_dict() for finding in findings()] == []


def events_of(case_id, type_):
    return Event.objects.of_case(case_id).filter(type=type_).count()


# --- the ways


def test_of_fifty_processes_that_take_one_case_one_gets_it(database_urls):
    with clock.frozen(MONDAY):
        case = a_case()
        actors = [acting(an_agent()) for _ in range(50)]
        ends = race(database_urls, MONDAY, *[lambda actor=actor: take_case(case.pk, actor=actor) for actor in actors])
        assert ends == {DONE: 1, "already_taken": 49}
        case.refresh_from_db()
        assert case.owner_id in {actor.id for actor in actors}
        assert events_of(case.pk, "cases.taken") == 1
        sound()


def test_a_pass_is_settled_once_whoever_clicks(database_urls):
    with clock.frozen(MONDAY):
        lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
        offers = []
        for _ in range(6):
            case = a_taken_case(lilei)
            offers.append(offer_pass(case.pk, to=hanmei, done="问过", next="约上门", actor=acting(lilei)))
        giver, receiver = acting(lilei), acting(hanmei)
        for offer in offers:
            ends = race(
                database_urls,
                MONDAY,
                lambda offer=offer: accept_pass(offer.pk, restatement="不排水", actor=receiver),
                lambda offer=offer: accept_pass(offer.pk, restatement="不排水", actor=receiver),
                lambda offer=offer: withdraw_pass(offer.pk, actor=giver),
                lambda offer=offer: decline_pass(offer.pk, reason="在外面", actor=receiver),
            )
            assert ends == {DONE: 1, "pass_settled": 3}
            offer.refresh_from_db()
            owner_id = hanmei.pk if offer.state == "accepted" else lilei.pk
            assert Case.objects.get(pk=offer.case_id).owner_id == owner_id
        sound()


def test_at_the_moment_it_lapses_a_pass_is_accepted_or_lapses(database_urls):
    with clock.frozen(MONDAY):
        lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
        case = a_taken_case(lilei)
        offer = offer_pass(case.pk, to=hanmei, done="问过", next="约上门", actor=acting(lilei))
        receiver = acting(hanmei)
    with clock.frozen(LATER):
        ends = race(
            database_urls,
            LATER,
            lambda: accept_pass(offer.pk, restatement="不排水", actor=receiver),
            sweep_all,
            sweep_all,
        )
        sweep_all()
        offer.refresh_from_db()
        assert (ends, offer.state) in (({DONE: 3}, "accepted"), ({DONE: 2, "pass_settled": 1}, "lapsed"))
        assert events_of(case.pk, "cases.pass_lapsed") + events_of(case.pk, "cases.pass_accepted") == 1
        sound()


def test_of_two_offers_at_once_one_is_pending(database_urls):
    with clock.frozen(MONDAY):
        lilei, *others = an_agent("李雷"), an_agent("韩梅"), an_agent("周强")
        case = a_taken_case(lilei)
        giver, boss = acting(lilei), acting(case.unit.leader)
        ends = race(
            database_urls,
            MONDAY,
            *[lambda to=to: offer_pass(case.pk, to=to, done="问过", next="约上门", actor=giver) for to in others],
            *[lambda to=to: assign_case(case.pk, to=[to], actor=boss) for to in others],
        )
        assert ends == {DONE: 1, "pass_pending": 3}
        assert case.pass_offers.count() == 1
        sound()


def test_an_assignment_and_a_take_do_not_both_win(database_urls):
    with clock.frozen(MONDAY):
        case = a_case()
        lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
        offer = assign_case(case.pk, to=[hanmei], actor=SYSTEM)
        taker, receiver = acting(lilei), acting(hanmei)
        ends = race(
            database_urls,
            MONDAY,
            lambda: take_case(case.pk, actor=taker),
            lambda: accept_pass(offer.pk, restatement="不排水", actor=receiver),
        )
        case.refresh_from_db()
        assert (ends, case.owner_id) in (
            ({DONE: 1, "pass_settled": 1}, lilei.pk),
            ({DONE: 1, "already_taken": 1}, hanmei.pk),
        )
        sound()


def test_takeovers_at_once_happen_one_after_the_other(database_urls):
    with clock.frozen(MONDAY):
        case = a_taken_case(an_agent("李雷"))
        bosses = [acting(a_person(unit=the_root(), roles=("supervisor",))) for _ in range(4)]
        ends = race(
            database_urls,
            MONDAY,
            *[lambda boss=boss: take_over_case(case.pk, reason="客户是媒体", actor=boss) for boss in [*bosses, bosses[0]]],
        )
        assert ends[DONE] + ends["owner_is_receiver"] == 5
        assert events_of(case.pk, "cases.taken_over") == ends[DONE]
        last = Event.objects.of_case(case.pk).filter(type="cases.taken_over").order_by("sequence").last()
        assert Case.objects.get(pk=case.pk).owner_id == last.data["owner_id"]
        sound()


def test_the_case_of_an_absent_person_moves_to_the_deputy_once(database_urls):
    with clock.frozen(MONDAY):
        lilei, hanmei = an_agent("李雷"), an_agent("韩梅")
        case = a_taken_case(lilei)
        a_deputy(lilei, hanmei)
        an_absence(lilei)
        ends = race(database_urls, MONDAY, *[lambda: move_to_deputy(case.pk, actor=SYSTEM)] * 4)
        assert ends == {DONE: 1, "owner_is_receiver": 3}
        assert Case.objects.get(pk=case.pk).owner_id == hanmei.pk
        assert events_of(case.pk, "cases.deputised") == 1
        sound()


def test_a_history_that_is_imported_twice_at_once_comes_in_once(database_urls):
    with clock.frozen(MONDAY):
        lilei, customer = an_agent("李雷"), a_customer()
        step = PastStep(MONDAY - timedelta(days=9), "opened", "1", 2, lilei.pk, lilei.unit_id)
        past = [PastCase("desk", str(key), "enquiry", "旧事", customer.pk, [step]) for key in range(20)]
        ends = race(database_urls, MONDAY, *[lambda: import_cases(past, actor=IMPORT)] * 3)
        assert ends[DONE] >= 1
        assert Case.objects.filter(source="desk").count() == 20
        sound()


# --- promises


def sweep_all():
    while sweep():
        pass


def test_each_breach_is_noticed_once_by_several_workers(database_urls):
    with clock.frozen(MONDAY):
        owner = an_agent("李雷")
        cases = [a_taken_case(owner) for _ in range(25)]
    with clock.frozen(LATER):
        assert race(database_urls, LATER, *[sweep_all] * 5) == {DONE: 5}
        sweep_all()
        broken = Promise.objects.filter(breached_at__isnull=False)
        assert set(broken.values_list("case_id", flat=True)) == {case.pk for case in cases}
        told = Event.objects.filter(type="cases.promise_broken").values_list("data__promise_id", flat=True)
        assert sorted(told) == sorted(broken.values_list("pk", flat=True))
        replies = Promise.objects.filter(kind="next_reply", started_at=LATER)
        assert replies.count() == len(cases)
        assert Notice.objects.filter(staff=owner, kind="cases.broken").count() in (0, len(told))
        sound()


def test_keeping_and_breaking_a_promise_at_once_end_it_once(database_urls):
    with clock.frozen(MONDAY):
        lilei = an_agent("李雷")
        case = a_taken_case(lilei)
        promise = case.promises.unended().get(kind="first_reply")
        actor = acting(lilei)
    with clock.frozen(LATER):
        ends = race(
            database_urls,
            LATER,
            lambda: keep_promise(promise.pk, actor=actor),
            lambda: cancel_promise(promise.pk, reason="不用了", actor=actor),
            sweep_all,
        )
        assert ends == {DONE: 2, "promise_ended": 1}
        assert Event.objects.of_case(case.pk).filter(type="cases.promise_ended", data__promise_id=promise.pk).count() == 1
        sweep_all()
        sound()


# --- people


def test_a_person_who_leaves_never_gets_a_case_at_the_same_moment(database_urls):
    with clock.frozen(MONDAY):
        lilei = an_agent("李雷")
        admin, giver = an_administrator(), acting(lilei)
        for _ in range(5):
            leaving = an_agent("周强")
            case = a_taken_case(lilei)
            ends = race(
                database_urls,
                MONDAY,
                lambda leaving=leaving: deactivate_staff(leaving.pk, actor=admin),
                lambda leaving=leaving, case=case: offer_pass(case.pk, to=leaving, done="问过", next="约", actor=giver),
            )
            assert ends in ({DONE: 1, "receiver_not_active": 1}, {DONE: 1, "staff_still_needed": 1})
        for _ in range(5):
            leaving, case = an_agent("周强"), a_case()
            taker = acting(leaving)
            ends = race(
                database_urls,
                MONDAY,
                lambda leaving=leaving: deactivate_staff(leaving.pk, actor=admin),
                lambda case=case, taker=taker: take_case(case.pk, actor=taker),
            )
            assert ends[DONE] == 1
            assert not any("Error" in end for end in ends), ends
        sound()


# --- edits


def test_two_who_edit_one_case_lose_nothing(database_urls):
    with clock.frozen(MONDAY):
        lilei, hanmei = acting(an_agent("李雷")), acting(an_agent("韩梅"))
        case = a_case()

        def edit(actor, **values):
            return lambda: change_case(case.pk, values=values, revision=case.revision, actor=actor)

        assert race(database_urls, MONDAY, edit(lilei, fault_code="E30"), edit(hanmei, address="人民路 8 号")) == {DONE: 2}
        case.refresh_from_db()
        assert (case.fault_code, case.address) == ("E30", "人民路 8 号")
        ends = race(database_urls, MONDAY, edit(lilei, subject="不排水"), edit(hanmei, subject="不进水"))
        assert ends == {DONE: 1, "changed_meanwhile": 1}
        sound()


def test_merging_crosswise_ends_one_case(database_urls):
    with clock.frozen(MONDAY):
        actor = acting(an_agent("李雷"))
        for _ in range(4):
            one, other = a_case(), a_case()
            ends = race(
                database_urls,
                MONDAY,
                lambda one=one, other=other: merge_cases(one.pk, into_id=other.pk, actor=actor),
                lambda one=one, other=other: merge_cases(other.pk, into_id=one.pk, actor=actor),
            )
            assert ends == {DONE: 1, "case_ended": 1}
            assert Case.objects.filter(pk__in=[one.pk, other.pk], status="open").count() == 1
        sound()


def test_one_customer_is_made_of_twenty_calls_at_once(database_urls):
    with clock.frozen(MONDAY):
        the_root()
        call = [lambda: find_or_make_customer(name="王芳", phone="138 0013 8000", actor=SYSTEM)] * 20
        assert race(database_urls, MONDAY, *call) == {DONE: 20}
        assert Customer.objects.count() == 1


# --- everything at once


def test_whatever_eight_people_do_at_once_the_invariants_hold(database_urls):
    with clock.frozen(MONDAY):
        make_version("assignment", ONE_RULE, actor=ADMINISTRATOR)
        people = [an_agent(f"p{number}") for number in range(4)]
        cases = [a_taken_case(people[0]), a_case()]
        boss = acting(cases[0].unit.leader)
        actors = [acting(one) for one in people]

    def acts(case, actor, dice):
        to = dice.choice(people)
        offer = Pass.objects.filter(case=case, state="offered").first()
        promise = case.promises.unended().order_by("?").first()
        soon = LATER + timedelta(hours=dice.randrange(1, 40))
        yield lambda: take_case(case.pk, actor=actor)
        yield lambda: take_over_case(case.pk, reason="急", actor=boss)
        yield lambda: offer_pass(case.pk, to=to, done="问过", next="约", actor=actor)
        yield lambda: accept_pass(offer.pk if offer else 0, restatement="不排水", actor=actor)
        yield lambda: decline_pass(offer.pk if offer else 0, reason="忙", actor=actor)
        yield lambda: withdraw_pass(offer.pk if offer else 0, actor=actor)
        yield lambda: assign_case(case.pk, to=people[:2], actor=boss)
        last = Event.objects.of_case(case.pk).order_by("-sequence").values_list("sequence", flat=True).first()
        yield lambda: assign_by_rule(case.pk, after=last, actor=rule_actor("assignment"))
        yield lambda: write_message(case.pk, body="在办", visible=dice.random() < 0.5, actor=actor)
        yield lambda: write_message(case.pk, body="好了吗", visible=True, actor=customer_actor(case.customer_id, "王芳"))
        yield lambda: give_promise(case.pk, kind="resolve", due_at=soon, told=True, actor=boss)
        yield lambda: keep_promise(promise.pk if promise else 0, actor=boss)
        yield lambda: cancel_promise(promise.pk if promise else 0, reason="x", actor=boss)
        yield lambda: pause_case(case.pk, reason="customer", until=soon, consent=True, actor=boss)
        yield lambda: resume_case(case.pk, actor=boss)
        yield lambda: change_case(case.pk, values={"severity": dice.randrange(1, 5)}, revision=None, actor=actor)
        yield lambda: resolve_case(case.pk, answer="好了", actor=boss)
        yield lambda: close_case(case.pk, actor=boss)
        yield lambda: reopen_case(case.pk, reason="又坏了", actor=actor)
        yield sweep

    def person(seed):
        dice = random.Random(seed)

        def live():
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                case = Case.objects.get(pk=dice.choice(cases).pk)
                try:
                    dice.choice(list(acts(case, dice.choice(actors), dice)))()
                except Refused:
                    continue

        return live

    with clock.frozen(LATER):
        assert race(database_urls, LATER, *[person(seed) for seed in range(8)]) == {DONE: 8}
        sweep_all()
        assert Event.objects.count() > 30
        sound()


# --- two transactions, each harmless alone, as the application's own role


LEVELS = ("read committed", "repeatable read", "serializable")
LAST = "(select max(id) from events_event where stream = 'case' and stream_id = {case})"


def ends_promise(promise_id):
    return [
        event("{case}"),
        "update cases_promise set ended_at = company_now(), outcome = 'cancelled', reason = 'x', next_alarm_at = null"
        f" where id = {promise_id}",
    ]


def test_two_who_end_the_last_two_promises_do_not_both_succeed(database_urls, subtests):
    with clock.frozen(MONDAY):
        for level in LEVELS:
            case = a_case(kind="enquiry", service_type="")
            first, second, *rest = case.promises.unended().order_by("id")
            for one in rest:
                cancel_promise(one.pk, reason="x", actor=SYSTEM)
            fill = {"case": case.pk}
            ends = two_at_once(
                database_urls.app,
                MONDAY,
                [sql.format(**fill) for sql in ends_promise(first.pk)],
                [sql.format(**fill) for sql in ends_promise(second.pk)],
                isolation=level,
            )
            with subtests.test(level):
                assert ends in EXPECTED[level], ends
                assert case.promises.unended().exists()
        sound()


EXPECTED = {
    "read committed": [(DONE, "cases_next_time")],
    "repeatable read": [("cases_isolation", "cases_isolation")],
    "serializable": [(DONE, "SerializationFailure")],
}


def test_who_writes_is_seen_although_the_page_says_at_the_same_instant_that_it_is_open():
    with clock.frozen(MONDAY):
        case, lilei = a_case(), acting(an_agent("李雷"))
        with transaction.atomic():
            note_presence(case.pk, is_writing=False, actor=lilei)
            other = waiting(lambda: note_presence(case.pk, is_writing=True, actor=lilei))
        other.join()
        assert Presence.objects.get().is_writing


def test_nobody_becomes_owner_while_leaving(database_urls, subtests):
    with clock.frozen(MONDAY):
        for level in LEVELS:
            for order in (1, -1):
                case, leaving = a_case(), an_agent("周强")
                leaves = [f"update people_staff set is_active = false where id = {leaving.pk}"]
                takes = [
                    event("{case}", "cases.taken", '{{"owner_id": {leaving}}}'),
                    f"update cases_case set owner_id = {{leaving}}, is_on_duty = false, owner_event_id = {LAST}"
                    " where id = {case}",
                ]
                takes = [sql.format(case=case.pk, leaving=leaving.pk) for sql in takes]
                first, second = (leaves, takes)[::order]
                ends = two_at_once(database_urls.app, MONDAY, first, second, isolation=level)
                with subtests.test(f"{level} {'leaves' if order == 1 else 'takes'} first"):
                    assert ends != (DONE, DONE)
                    if level != "repeatable read":
                        assert DONE in ends
                    case.refresh_from_db()
                    assert case.owner.is_active
        sound()

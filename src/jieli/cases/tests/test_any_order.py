"""Whatever people do with a case, in whatever order, and however long they wait: the invariants hold after each step."""

import os
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jieli.cases.actions.absences import sweep_absences
from jieli.cases.actions.assigning import assign_by_rule
from jieli.cases.actions.conversing import write_message
from jieli.cases.actions.owning import move_to_deputy, take_case, take_over_case
from jieli.cases.actions.passing import (
    accept_pass,
    ask_escort,
    assign_case,
    decide_pass,
    decline_pass,
    offer_pass,
    withdraw_pass,
)
from jieli.cases.actions.progressing import (
    answer_read,
    cancel_case,
    change_case,
    close_case,
    move_to_stage,
    reopen_case,
    resolve_case,
)
from jieli.cases.actions.promises import (
    cancel_promise,
    give_promise,
    keep_promise,
    pause_case,
    resume_case,
    tell_promise,
)
from jieli.cases.actions.relating import merge_cases, split_case, undo_relation
from jieli.cases.actions.sweeping import sweep
from jieli.cases.models import Case, Promise, Relation
from jieli.cases.queries.verifying import findings
from jieli.cases.tests.factories import ONE_RULE, a_case, an_agent
from jieli.events.actor import SYSTEM, customer_actor, rule_actor
from jieli.events.models import Event
from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.people.actions import deactivate_staff
from jieli.people.models import Staff
from jieli.people.tests.factories import MONDAY, a_deputy, acting, an_absence, an_administrator
from jieli.policies.tests.factories import ADMINISTRATOR, make_version

pytestmark = pytest.mark.long(20)
PROPOSAL = {"options": ["换新", "退款"], "recommended": 0}
MORE = os.environ.get("LIVES")  # LIVES=300 lives more lives, other ones each time
PLACES = st.integers(0, 7)


class Lives(RuleBasedStateMachine):
    """One case of a small desk, and what people do with it; each run is rolled back."""

    @initialize()
    def begin(self):
        self.stack = ExitStack()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.at = MONDAY
        self.stack.enter_context(clock.frozen(self.at))
        make_version("assignment", ONE_RULE, actor=ADMINISTRATOR)
        self.people = [an_agent(name) for name in ("李雷", "韩梅", "周强")]
        a_deputy(self.people[2], self.people[0])
        self.admin = an_administrator()
        self.other = a_case()
        self.case = a_case()
        self.boss = self.case.unit.leader

    def teardown(self):
        if hasattr(self, "run"):
            self.stack.close()
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    # what the rules draw on

    def owner(self):
        return acting(Case.objects.get(pk=self.case.pk).owner)

    def person(self, place):
        return [*self.people, self.boss][place % 4]

    def offer(self):
        return self.case.pass_offers.order_by("-id").first()

    def promise(self, place):
        running = list(self.case.promises.unended().order_by("id"))
        return running[place % len(running)] if running else self.case.promises.order_by("id").first()

    # what people do

    @rule(who=PLACES)
    def take(self, who):
        self.do(take_case, self.case.pk, actor=acting(self.person(who)))

    @rule()
    def take_over(self):
        self.do(take_over_case, self.case.pk, reason="客户是媒体", actor=acting(self.boss))

    @rule(to=PLACES, how=st.sampled_from(["accept", "accept", "decline", "withdraw", "wait"]), with_proposal=st.booleans())
    def baton(self, to, how, with_proposal):
        """Answer what is offered, else offer to somebody, with a proposal or without, or assign."""
        offer = self.offer()
        if offer is None or offer.state != "offered":
            people = [self.person(to), self.person(to + 1)]
            if how == "decline":
                self.do(assign_case, self.case.pk, to=people, actor=acting(self.boss))
                return
            proposal = PROPOSAL if with_proposal or people[0] == self.boss else None
            self.do(offer_pass, self.case.pk, to=people[0], done="问过", next="约上门", proposal=proposal, actor=self.owner())
            return
        receiver = acting(offer.receiver)
        if how == "withdraw":
            self.do(withdraw_pass, offer.pk, actor=acting(offer.giver))
        elif how != "wait" and offer.way == "upward":
            self.do(decide_pass, offer.pk, decision="approved", text="换新", actor=receiver)
        elif how == "accept":
            self.do(accept_pass, offer.pk, restatement="不排水,要上门", actor=receiver)
        elif how == "decline":
            self.do(decline_pass, offer.pk, reason="在外面", actor=receiver)

    @rule(back=st.integers(0, 4))
    def the_rules_act(self, back):
        """Run the job of one of the last events, whether it is due, done or none of the rules' business."""
        sequences = Event.objects.of_case(self.case.pk).order_by("-sequence").values_list("sequence", flat=True)
        after = list(sequences[:5])[min(back, len(sequences) - 1)]
        self.do(assign_by_rule, self.case.pk, after=after, actor=rule_actor("assignment"))

    @rule(visible=st.booleans(), hours=st.sampled_from([None, 1, 30]))
    def write(self, visible, hours):
        at = None if hours is None or not visible else self.at + timedelta(hours=hours)
        self.do(write_message, self.case.pk, body="在办", visible=visible, next_reply_at=at, actor=self.owner())

    @rule()
    def customer_writes(self):
        self.do(write_message, self.case.pk, body="好了吗", visible=True, actor=self.customer())

    @rule()
    def customer_reads(self):
        self.do(answer_read, self.case.pk, actor=self.customer())

    def customer(self):
        return customer_actor(self.case.customer_id, "王芳")

    @rule(kind=st.sampled_from(["next_reply", "resolve", "arrive", "callback", "payout"]), hours=st.integers(1, 60))
    def promise_a_time(self, kind, hours):
        due_at = self.at + timedelta(hours=hours)
        self.do(give_promise, self.case.pk, kind=kind, due_at=due_at, told=True, actor=self.owner())

    @rule(place=PLACES, how=st.sampled_from([keep_promise, cancel_promise, tell_promise]))
    def end_a_promise(self, place, how):
        more = {cancel_promise: {"reason": "不用了"}, tell_promise: {"how": "phone"}}.get(how, {})
        self.do(how, self.promise(place).pk, actor=self.owner(), **more)

    @rule(hours=st.integers(1, 80))
    def pause_or_resume(self, hours):
        if Case.objects.values_list("status", flat=True).get(pk=self.case.pk) == "waiting":
            self.do(resume_case, self.case.pk, actor=self.owner())
            return
        until = self.at + timedelta(hours=hours)
        self.do(pause_case, self.case.pk, reason="customer", until=until, consent=True, actor=self.owner())

    @rule(severity=st.integers(1, 4), kind=st.sampled_from(["service", "complaint", "enquiry"]))
    def judge(self, severity, kind):
        self.do(change_case, self.case.pk, values={"severity": severity, "kind": kind}, revision=None, actor=self.owner())

    @rule(stage=st.sampled_from(["intake", "dispatch", "visit", "handling", "reply", "quality"]))
    def move_along(self, stage):
        self.do(move_to_stage, self.case.pk, stage=stage, actor=self.owner())

    @rule(place=PLACES)
    def end_or_begin_again(self, place):
        status = Case.objects.values_list("status", flat=True).get(pk=self.case.pk)
        if status in ("closed", "cancelled"):
            self.do(reopen_case, self.case.pk, reason="又坏了", actor=self.customer())
        elif place == 0:
            self.do(cancel_case, self.case.pk, reason="不要了", actor=self.customer())
        elif status == "resolved" and place < 4:
            self.do(reopen_case, self.case.pk, reason="又坏了", actor=self.customer())
        elif status == "resolved":
            self.do(close_case, self.case.pk, actor=self.owner())
        else:
            self.do(resolve_case, self.case.pk, answer="好了", actor=self.owner())

    @rule(place=PLACES)
    def merge_split_or_undo(self, place):
        if place > 3:
            first = self.case.messages.order_by("id").first()
            self.do(split_case, self.case.pk, subject="另一件事", message_ids=[first.pk], actor=self.owner())
            return
        relation = Relation.objects.filter(case=self.case, kind="duplicate_of", ended_at=None).first()
        if relation is None:
            self.do(merge_cases, self.case.pk, into_id=self.other.pk, actor=self.owner())
        else:
            self.do(undo_relation, relation.pk, actor=self.owner())

    @rule()
    def ask(self):
        if Case.objects.get(pk=self.case.pk).escort_id is not None:
            self.do(ask_escort, self.case.pk, question="客户几点在家?", actor=self.owner())

    @rule(place=PLACES)
    def go_away(self, place):
        who = self.person(place)
        with suppress(Refused):
            an_absence(who, starts_at=self.at, days=2)
        self.do(move_to_deputy, self.case.pk, actor=SYSTEM)

    @rule(place=PLACES)
    def leave_the_company(self, place):
        who = self.people[place % 3]
        if place > 5 and Staff.objects.active().filter(pk__in=[one.pk for one in self.people]).count() > 1:
            self.do(deactivate_staff, who.pk, actor=self.admin)

    @rule(minutes=st.sampled_from([1, 16, 45, 130, 600, 1500, 4000]))
    def wait(self, minutes):
        """Let time pass; the worker looks twice a second, so at each alarm in between."""
        end = self.at + timedelta(minutes=minutes)
        while True:
            due = Promise.objects.unended().filter(next_alarm_at__lte=end).order_by("next_alarm_at").first()
            self.move(end if due is None else max(due.next_alarm_at, self.at))
            if not sweep():
                if due is None:
                    break
                raise AssertionError(f"the sweep did nothing about {due}")
        sweep_absences()

    def move(self, at):
        self.at = at
        self.stack.close()
        self.stack.enter_context(clock.frozen(at))

    def do(self, act, *args, **values):
        with suppress(Refused):
            act(*args, **values)

    # what holds after each step

    @invariant()
    def every_invariant_holds(self):
        if not hasattr(self, "case"):
            return
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate; set constraints all deferred")
        assert [finding.as_dict() for finding in findings()] == []

    @invariant()
    def nothing_waits_for_ever(self):
        if not hasattr(self, "case"):
            return
        case = Case.objects.get(pk=self.case.pk)
        running = case.promises.unended()
        if case.status == "waiting":
            assert running.filter(paused_until__isnull=False).exists(), "it waits and nothing will wake it"
        if case.status == "resolved":
            assert running.filter(kind="callback").exists(), "it is resolved and nothing will close it"
        if case.is_open:
            assert case.next_due_at == min(one.due_at for one in running.to_customer())
        for offer in case.pass_offers.filter(state="offered"):
            assert offer.promises.unended().exists(), "an offer is pending and will never lapse"
        assert case.escort_id is None or case.is_open


@pytest.mark.django_db
@pytest.mark.slow
def test_in_whatever_order_it_happens_the_invariants_hold():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=int(MORE or 10),
            stateful_step_count=25,
            derandomize=not MORE,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

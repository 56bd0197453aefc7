"""Who has nothing to do with a case is refused by each act on it, and who only sees it by what is its owner's."""

import pytest

from jieli.cases.actions import conversing, linking, owning, passing, progressing, promises, relating
from jieli.cases.tests.factories import a_case
from jieli.events.refusals import NotAllowed, NotFound
from jieli.people.tests.factories import MONDAY

from .world import a_world


@pytest.fixture
def world(db):
    return a_world()


def test_whoever_has_no_right_to_a_case_is_refused_by_each_act(world, subtests):

    case, offer = world.case, world.offer
    promise = case.promises.unended().order_by("id").first()
    other = a_case()
    receiver = offer.receiver
    acts = {
        "write_message": lambda actor: conversing.write_message(case.pk, body="x", visible=True, actor=actor),
        "take_case": lambda actor: owning.take_case(case.pk, actor=actor),
        "take_over_case": lambda actor: owning.take_over_case(case.pk, reason="x", actor=actor),
        "move_to_deputy": lambda actor: owning.move_to_deputy(case.pk, actor=actor),
        "offer_pass": lambda actor: passing.offer_pass(case.pk, to=receiver, done="x", next="y", actor=actor),
        "assign_case": lambda actor: passing.assign_case(case.pk, to=[receiver], actor=actor),
        "accept_pass": lambda actor: passing.accept_pass(offer.pk, restatement="要上门", actor=actor),
        "decline_pass": lambda actor: passing.decline_pass(offer.pk, reason="x", actor=actor),
        "decide_pass": lambda actor: passing.decide_pass(offer.pk, decision="approved", text="x", actor=actor),
        "withdraw_pass": lambda actor: passing.withdraw_pass(offer.pk, actor=actor),
        "ask_escort": lambda actor: passing.ask_escort(case.pk, question="x", actor=actor),
        "give_promise": lambda actor: promises.give_promise(case.pk, kind="arrive", due_at=MONDAY, told=True, actor=actor),
        "tell_promise": lambda actor: promises.tell_promise(promise.pk, how="phone", actor=actor),
        "keep_promise": lambda actor: promises.keep_promise(promise.pk, actor=actor),
        "cancel_promise": lambda actor: promises.cancel_promise(promise.pk, reason="x", actor=actor),
        "pause_case": lambda actor: promises.pause_case(case.pk, reason="customer", until=MONDAY, consent=True, actor=actor),
        "resume_case": lambda actor: promises.resume_case(case.pk, actor=actor),
        "change_case": lambda actor: progressing.change_case(case.pk, values={"severity": 1}, revision=None, actor=actor),
        "move_to_stage": lambda actor: progressing.move_to_stage(case.pk, stage="dispatch", actor=actor),
        "resolve_case": lambda actor: progressing.resolve_case(case.pk, answer="x", actor=actor),
        "answer_read": lambda actor: progressing.answer_read(case.pk, actor=actor),
        "close_case": lambda actor: progressing.close_case(case.pk, actor=actor),
        "cancel_case": lambda actor: progressing.cancel_case(case.pk, reason="x", actor=actor),
        "reopen_case": lambda actor: progressing.reopen_case(case.pk, reason="x", actor=actor),
        "ask_for_link": lambda actor: linking.ask_for_link(case.pk, actor=actor),
        "renew_tracking": lambda actor: linking.renew_tracking(case.pk, proof="call_back", actor=actor),
        "relate_cases": lambda actor: relating.relate_cases(case.pk, other_id=other.pk, kind="child_of", actor=actor),
        "merge_cases": lambda actor: relating.merge_cases(case.pk, into_id=other.pk, actor=actor),
        "split_case": lambda actor: relating.split_case(
            case.pk, subject="x", message_ids=[case.messages.first().pk], actor=actor
        ),
    }
    shopper, elsewhere = world.with_role("mystery_shopper", "own"), world.with_role("manager", "other")
    for name, act in acts.items():
        for who, actor in {"shopper": shopper, "elsewhere": elsewhere, "client": world.actors["other_client"]}.items():
            with subtests.test(f"{name} by {who}"), pytest.raises((NotFound, NotAllowed)):
                act(actor)
    # Who sees the case because it was mentioned to him still may not do what its owner may.
    seen = world.with_role("quality", "own")
    for name in ("take_over_case", "offer_pass", "accept_pass", "resolve_case", "close_case", "pause_case", "keep_promise"):
        with subtests.test(f"{name} by somebody who only sees it"), pytest.raises(NotAllowed):
            acts[name](seen)

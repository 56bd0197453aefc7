"""Call-backs and recoveries."""

from decimal import Decimal

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.actions.progressing import resolve_case
from jieli.cases.tests.factories import a_taken_case, an_agent
from jieli.events.models import Event
from jieli.people.tests.factories import a_person, acting
from jieli.quality.actions.calling import give_up, record_attempt, record_result, take_callback
from jieli.quality.actions.judging import confirm_delight, mark_not_about_visit
from jieli.quality.actions.linking import answer_by_link, send_text_link
from jieli.quality.actions.planning import drop_callback, make_callback
from jieli.quality.actions.recovering import decide_amount, record_recovery, spend
from jieli.quality.models import Recovery
from jieli.quality.rules.answers import Answers
from jieli.quality.tests.factories import planned

from ..table import EVERY, INSIDE, SOFTWARE, Try, Who

PEOPLE = "concerned receiver"
MAY = {
    "may_see_callbacks": Who(any="AMSGQ", also=f"{PEOPLE} {SOFTWARE}"),
    "may_see_callbacks_of": Who(any=EVERY, also=f"{PEOPLE} {SOFTWARE}", everybody=True),
    "may_make_callback": Who(also=SOFTWARE),
    "may_call": Who(unit="AMSGQ", also=PEOPLE),
    "may_call_instead": Who(unit="AMS"),
    "may_answer": Who(also="client"),
    "may_judge": Who(unit="AMQ"),
    "may_confirm_delight": Who(unit="AMSQ"),
    "may_recover": Who(unit="AMS", also="concerned"),
    "may_spend": Who(unit="AMS", also="concerned"),
    "may_decide_amount": Who(unit="M"),
}


def rows(world):
    """Resolve the case, plan its call-back, and have two more customers called: one dissatisfied, one moved."""
    owner = acting(world.staff)
    resolve_case(world.case.pk, answer="已修好", actor=owner)
    world.case.refresh_from_db()
    callback = planned(world.case)
    callback.case = world.case
    link = send_text_link(planned(_resolved(world)).pk, actor=owner)
    judged, moved = planned(_resolved(world)), planned(_resolved(world))
    for one, result, said in (
        (judged, "dissatisfied", Answers(what="还漏", moved="thanks")),
        (moved, "satisfied", Answers(moved="tears")),
    ):
        record_attempt(one.pk, outcome="talked", actor=owner)
        record_result(one.pk, result=result, answers=said, actor=owner)
    recovery = Recovery.objects.get(callback=judged)
    manager = acting(a_person(unit=world.unit, roles=("manager",), name="经理"))
    asked = spend(recovery.pk, amount=Decimal(6000), purpose="整机", actor=manager)
    return {"callback": callback, "link": link, "judged": judged, "moved": moved, "recovery": recovery, "asked": asked}


def _resolved(world):
    case = a_taken_case(an_agent("接单"), customer=world.customer)
    offer = offer_pass(case.pk, to=world.staff, done="问过", next="约", actor=acting(case.owner))
    accept_pass(offer.pk, restatement="要上门", actor=acting(world.staff))
    resolve_case(case.pk, answer="已修好", actor=acting(world.staff))
    return case


def _sequence(world):
    return Event.objects.of_case(world.case.pk).get(type="cases.resolved").sequence


def _talked(world, actor):
    record_attempt(world.callback.pk, outcome="talked", actor=actor)
    return record_result(world.callback.pk, result="satisfied", actor=actor)


SAID = Answers(solved=True)
ACTIONS = {
    "make_callback": Try("may_make_callback", lambda w, a: make_callback(w.case.pk, sequence=_sequence(w), actor=a)),
    "drop_callback": Try("may_make_callback", lambda w, a: drop_callback(w.case.pk, why="cancelled", actor=a)),
    "offer_call": INSIDE,
    "take_callback": Try("may_call", lambda w, a: take_callback(w.callback.pk, actor=a)),
    "record_attempt": Try("may_call", lambda w, a: record_attempt(w.callback.pk, outcome="busy", actor=a)),
    "record_result": Try("may_call", _talked),
    "give_up": Try("may_make_callback", lambda w, a: give_up(w.callback.pk, actor=a), ends="attempts_left"),
    "send_text_link": Try("may_call", lambda w, a: send_text_link(w.callback.pk, actor=a)),
    "answer_by_link": Try("may_answer", lambda w, a: answer_by_link(w.link.code, result="satisfied", answers=SAID, actor=a)),
    "mark_not_about_visit": Try("may_judge", lambda w, a: mark_not_about_visit(w.judged.pk, reason="价格", actor=a)),
    "confirm_delight": Try("may_confirm_delight", lambda w, a: confirm_delight(w.moved.pk, moved="tears", actor=a)),
    # Who may spend nothing by his roles is told so; a wrong amount is told to everybody who may.
    "spend": Try("may_spend", lambda w, a: spend(w.recovery.pk, amount=Decimal(0), purpose="花", actor=a), ends="bad_answer"),
    "decide_amount": Try("may_decide_amount", lambda w, a: decide_amount(w.asked.pk, agreed=True, actor=a)),
    "record_recovery": Try(
        "may_recover", lambda w, a: record_recovery(w.recovery.pk, restored="换泵", personal="致歉", actor=a)
    ),
    "locked_callback": INSIDE,
    "for_calling": "may_call",
    "take_locked": INSIDE,
    "note_attempt": INSIDE,
    "conclude": INSIDE,
    "start_recovery": INSIDE,
    "locked_recovery": INSIDE,
}

"""Offers of work, their answers, and appointments."""

from decimal import Decimal

from jieli.cases.actions.passing import accept_pass, offer_pass
from jieli.cases.models import Case
from jieli.dispatch.actions.answering import accept_offer, answer_counter, counter_offer, refuse_offer
from jieli.dispatch.actions.appointing import end_appointment, let_time_go, move_appointment, set_appointment
from jieli.dispatch.actions.customer import remind_customer, tell_on_the_way
from jieli.dispatch.actions.following import ask_next, replace_outlet
from jieli.dispatch.actions.offering import offer_to_engineer, offer_to_outlet, redispatch
from jieli.dispatch.actions.stating import state_order
from jieli.dispatch.models import Appointment
from jieli.dispatch.tests.factories import a_ready_case, a_window, an_engineer
from jieli.events.actor import SYSTEM
from jieli.network.tests import factories as network
from jieli.orders.actions.living import make_order
from jieli.people.actions import change_unit
from jieli.people.tests.factories import acting

from ..table import EVERY, INSIDE, ONLY_SOFTWARE, SOFTWARE, Try, Who

PLANNERS = f"concerned {SOFTWARE}"

MAY = {
    "may_dispatch": Who(unit="AMSD", also=PLANNERS),
    "may_send_engineer": Who(unit="AMSDO", also=PLANNERS),
    "may_send_from": Who(unit="AMSDO", also=PLANNERS),
    "may_answer_offer": Who(also="receiver"),
    "may_answer_counter": Who(unit="AMSDO", also=PLANNERS),
    "may_set_appointment": Who(unit="AMSDO", also=f"client {PLANNERS}"),
    "may_end_appointment": Who(unit="AMSDO", also=PLANNERS),
    "may_see_backlog": Who(any="AMSDG", also=f"receiver {PLANNERS}"),
    "may_see_offers": Who(any="AMSDOEG", also=f"receiver {PLANNERS}"),
    "may_see_day": Who(unit="AMSDO", also=SOFTWARE),
    "may_see_dispatch_of": Who(any=EVERY, everybody=True, also=f"receiver {PLANNERS}"),
}

START, END = a_window()
LATER, LATER_END = a_window(16)

ACTIONS = {
    "offer_to_outlet": Try(
        "may_dispatch", lambda world, actor: offer_to_outlet(world.ready.pk, outlet_id=world.store.pk, actor=actor)
    ),
    "offer_to_engineer": Try(
        "may_send_engineer may_send_from",
        lambda world, actor: offer_to_engineer(
            world.ready.pk, engineer_id=world.engineer.pk, starts_at=START, ends_at=END, agreed=True, actor=actor
        ),
    ),
    "redispatch": Try(
        "may_dispatch",
        lambda world, actor: redispatch(world.ready.pk, outlet_id=world.store.pk, reason="整改", actor=actor),
    ),
    "dispatch_many": "(each case is offered by offer_to_outlet, which asks)",
    "ask_next": Try(ONLY_SOFTWARE, lambda world, actor: ask_next(world.work.pk, actor=actor), also=SOFTWARE),
    "replace_outlet": Try(
        ONLY_SOFTWARE,
        lambda world, actor: replace_outlet(world.asked.pk, outlet_id=world.store.pk, actor=actor),
        also=SOFTWARE,
    ),
    "accept_offer": Try("may_answer_offer", lambda world, actor: accept_offer(world.work.pk, actor=actor)),
    "refuse_offer": Try("may_answer_offer", lambda world, actor: refuse_offer(world.work.pk, reason="no_part", actor=actor)),
    "counter_offer": Try(
        "may_answer_offer",
        lambda world, actor: counter_offer(world.work.pk, starts_at=LATER, ends_at=LATER_END, actor=actor),
    ),
    "answer_counter": Try(
        "may_answer_counter", lambda world, actor: answer_counter(world.countered.pk, agree=False, actor=actor)
    ),
    "set_appointment": Try(
        "may_set_appointment",
        lambda world, actor: set_appointment(world.asked.pk, starts_at=LATER, ends_at=LATER_END, agreed=True, actor=actor),
    ),
    "move_appointment": Try(
        "may_set_appointment",
        lambda world, actor: move_appointment(world.asked.pk, starts_at=LATER, ends_at=LATER_END, agreed=True, actor=actor),
    ),
    "end_appointment": Try(
        "may_end_appointment", lambda world, actor: end_appointment(world.asked.pk, state="cancelled", actor=actor)
    ),
    "state_order": Try(
        "may_dispatch",
        lambda world, actor: state_order(world.order.pk, in_warranty=True, distance_km=Decimal("7.5"), actor=actor),
    ),
    "locked_offer": INSIDE,
    "put_appointment": INSIDE,
    "keep_word": INSIDE,
    "arrival_by": INSIDE,
    "tell_window": INSIDE,
    "hand_to_outlet": INSIDE,
    "hand_to_engineer": INSIDE,
    "take_on": INSIDE,
    "end_locked": INSIDE,
    "keep_appointment": INSIDE,
    "appoint_again": INSIDE,
    "let_time_go": Try(ONLY_SOFTWARE, lambda world, actor: let_time_go(world.asked.pk, actor=actor), also=SOFTWARE),
    "remind_customer": Try(
        ONLY_SOFTWARE, lambda world, actor: remind_customer(world.appointment.pk, actor=actor), also=SOFTWARE
    ),
    "tell_on_the_way": Try(ONLY_SOFTWARE, lambda world, actor: tell_on_the_way(world.asked.pk, actor=actor), also=SOFTWARE),
}


def _handed(world):
    """Return a case ready for dispatch that the concerned person of the unit owns; its customer is the client."""
    case = a_ready_case(customer=world.customer)
    offer = offer_pass(case.pk, to=world.staff, done="问过", next="派单", actor=acting(case.owner))
    accept_pass(offer.pk, restatement="要上门", actor=acting(world.staff))
    return Case.objects.select_related("unit", "owner").get(pk=case.pk)


def rows(world):
    """Return an outlet of the unit that the receiver leads, cases to be dispatched, offers, and an appointment."""
    store = network.an_outlet(parent=world.unit, latitude=36.11, longitude=120.40)
    change_unit(store.pk, leader_id=world.receiver.pk, actor=SYSTEM)
    ready, asked, other, taken = (_handed(world) for _ in range(4))
    giver = acting(world.staff)
    work = offer_to_outlet(asked.pk, outlet_id=store.pk, starts_at=START, ends_at=END, agreed=True, actor=giver)
    countered = offer_to_outlet(other.pk, outlet_id=store.pk, starts_at=START, ends_at=END, agreed=True, actor=giver)
    countered = counter_offer(countered.pk, starts_at=LATER, ends_at=LATER_END, actor=acting(world.receiver))
    return {
        "store": store,
        "outlet": store.unit,
        "engineer": an_engineer(store),
        "ready": ready,
        "order": make_order(taken.pk, outlet_id=store.pk, actor=SYSTEM),
        "asked": asked,
        "work": work,
        "offer": work,
        "countered": countered,
        "appointment": Appointment.objects.select_related("case__unit").get(case=asked),
    }

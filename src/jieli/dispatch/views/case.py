"""The dispatch of one case: candidates, times, offers and their answers, the appointment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jieli.cases.actions.passing import withdraw_pass
from jieli.cases.models import Case
from jieli.cases.policy import may_withdraw_pass
from jieli.cases.queries.reading import promises_of
from jieli.cases.queries.stories import leading, stories
from jieli.customers.queries import devices_of
from jieli.dispatch.actions.answering import accept_offer, answer_counter, counter_offer, refuse_offer
from jieli.dispatch.actions.appointing import set_appointment
from jieli.dispatch.actions.offering import MOST_DEVICES, offer_to_engineer, offer_to_outlet, redispatch
from jieli.dispatch.actions.stating import state_order
from jieli.dispatch.forms import CounterForm, NeededWindowForm, OfferForm, OrderForm, RefuseForm, WindowForm
from jieli.dispatch.models import Offer
from jieli.dispatch.policy import (
    may_answer_counter,
    may_answer_offer,
    may_dispatch,
    may_send_engineer,
    may_set_appointment,
)
from jieli.dispatch.queries.candidates import EngineerCandidate, OutletCandidate, engineers_for, outlets_for, window_of
from jieli.dispatch.queries.reading import (
    State,
    case_for,
    devices_offered,
    kept_appointments,
    offers_of,
    orders_of,
    outlet_of,
    state_of,
)
from jieli.dispatch.queries.slots import SlotDay, slot_days
from jieli.dispatch.rules.windows import Window
from jieli.dispatch.views.requests import DeskRequest, at_desk, done
from jieli.events.refusals import NotFound, Refused
from jieli.lib import clock
from jieli.orders.models import WorkOrder


@dataclass(slots=True)
class Board:
    """What the page of a case shows for planning it."""

    outlets: list[OutletCandidate]
    others: list[OutletCandidate]
    """Outlets that are not known to serve the address, unless nobody is."""
    engineers: list[EngineerCandidate]
    days: list[SlotDay]
    chosen_outlet: int | None
    chosen_engineer: int | None
    window: Window | None

    @property
    def is_other(self) -> bool:
        """Tell whether one of the others is chosen."""
        return any(one.outlet.pk == self.chosen_outlet for one in self.others)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 15 else None


@never_cache
@at_desk
@require_safe
def case_page(request: DeskRequest, case_id: int) -> HttpResponse:
    """Show where the dispatch of a case stands, and what this person may do."""
    return _page(request, case_for(request.actor, case_id))


def _page(
    request: DeskRequest, case: Case, *, refused: Refused | None = None, bound: Mapping[str, forms.Form] | None = None
) -> HttpResponse:
    bound = bound or {}
    state = state_of(case.pk)
    actor, pending = request.actor, state.pending
    if pending is not None:
        pending.case = case
    may = {
        "dispatch": case.status in ("open", "waiting") and may_dispatch(actor, case),
        "send": case.status in ("open", "waiting") and may_send_engineer(actor, case),
        "appoint": case.status in ("open", "waiting") and may_set_appointment(actor, case),
        "answer": pending is not None and may_answer_offer(actor, pending),
        "counter": pending is not None and pending.counter_state == "asked" and may_answer_counter(actor, pending),
        "withdraw": pending is not None and may_withdraw_pass(actor, pending.baton),
        "state": may_dispatch(actor, case),
    }
    orders = orders_of(case.pk)
    told = stories(promises_of(case.pk))
    context: dict[str, Any] = {
        "case": case,
        "state": state,
        "kept": kept_appointments(case.pk),
        "pending": pending,
        "offered_devices": devices_offered(pending) if pending is not None else [],
        "may": may,
        "orders": orders,
        "order_forms": [(one, bound.get(f"order-{one.pk}") or _order_form(one)) for one in orders] if may["state"] else [],
        "hero": leading(case, told),
        "offers": offers_of(case.pk),
        "board": _board(request, case, state, may),
        "refused": refused,
        "offer_form": bound.get("offer") or _offer_form(case, state),
        "refuse_form": bound.get("refuse") or RefuseForm(auto_id="refuse_%s"),
        "counter_form": bound.get("counter") or CounterForm(auto_id="counter_%s"),
        "accept_form": bound.get("accept") or WindowForm(auto_id="accept_%s"),
        "time_form": bound.get("time") or NeededWindowForm(auto_id="time_%s"),
    }
    status = refused.status if refused is not None else 422 if bound else 200
    return render(request, "dispatch/case.html", context, status=status)


def _order_form(order: WorkOrder, data: Any = None) -> OrderForm:
    known = {True: "yes", False: "no", None: ""}[order.in_warranty]
    initial = {"in_warranty": known, "distance_km": None if order.distance_km is None else f"{order.distance_km.normalize():f}"}
    return OrderForm(data, auto_id=f"order-{order.pk}_%s", initial=initial)


def _offer_form(case: Case, state: State, data: Any = None) -> OfferForm:
    """Return the form of an offer; the devices are asked for where the customer has several and no order is made yet."""
    theirs = devices_of(case.customer_id) if case.customer_id is not None and not state.orders else []
    theirs.sort(key=lambda one: (one.pk != case.device_id, one.pk))
    chosen = [case.device_id] if case.device_id is not None else []
    return OfferForm(data, auto_id="offer_%s", devices=theirs[:MOST_DEVICES] if len(theirs) > 1 else (), chosen=chosen)


def _board(request: DeskRequest, case: Case, state: State, may: dict[str, bool]) -> Board:
    given = request.POST if request.method == "POST" else request.GET
    asked = state.pending if may["answer"] or may["counter"] else None
    window = None if state.is_under_way else window_of(state.appointment)
    if asked is not None:
        outlet_id: int | None = asked.outlet_id
        engineer_id = asked.engineer_id
    else:
        outlet_id, engineer_id = _number(given.get("outlet")) or state.outlet_id, _number(given.get("engineer"))
    # While somebody is on site it may only go to another outlet, which calls that visit off.
    plans = state.pending is None and (may["dispatch"] or (may["send"] and not state.is_under_way))
    outlets = outlets_for(case, clock.now(), window=window, others=True) if plans and may["dispatch"] else []
    if outlet_id is None and outlets:
        outlet_id = next((one.outlet.pk for one in outlets if one.is_proposed), None)
    engineers: list[EngineerCandidate] = []
    if plans and outlet_id is not None:
        engineers = engineers_for(case, outlet_of(outlet_id), window, ignoring=case.pk)
    days: list[SlotDay] = []
    if outlet_id is not None and (plans or may["answer"]):
        days = slot_days(
            outlet_id,
            product_line=case.product_line,
            service_type=case.service_type,
            engineer_id=engineer_id,
            ignoring=case.pk,
        )
    known = [one for one in outlets if one.is_known]
    others = [one for one in outlets if not one.is_known] if any(one.can_be_asked for one in known) else []
    return Board(known if others else outlets, others, engineers, days, outlet_id, engineer_id, window)


@never_cache
@at_desk
@require_safe
def of_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """The dispatch of a case, as a panel of its page."""
    case = case_for(request.actor, case_id)
    context = {
        "case": case,
        "state": state_of(case_id),
        "kept": kept_appointments(case_id),
        "offers": offers_of(case_id)[:5],
    }
    return render(request, "dispatch/_of_case.html", context)


Clean = dict[str, Any]


def _offer(case: Case, clean: Clean, request: DeskRequest) -> str:
    starts_at, ends_at = clean["chosen"] or (None, None)
    values: Clean = {"starts_at": starts_at, "ends_at": ends_at, "agreed": clean["agreed"], "actor": request.actor}
    if clean["engineer"]:
        made = offer_to_engineer(case.pk, engineer_id=clean["engineer"], note=clean["note"], devices=clean["devices"], **values)
        return _("Offered to the engineer.") if isinstance(made, Offer) else _("You have the visit.")
    if clean["reason"]:
        redispatch(case.pk, reason=clean["reason"], outlet_id=clean["outlet"], **values)
        return _("Offered anew. Until somebody accepts, nothing changes hands.")
    offer_to_outlet(case.pk, outlet_id=clean["outlet"] or 0, note=clean["note"], devices=clean["devices"], **values)
    return _("Offered to the outlet. You have the case until it is accepted.")


def _appoint(case: Case, clean: Clean, request: DeskRequest) -> str:
    starts_at, ends_at = clean["chosen"]
    set_appointment(case.pk, starts_at=starts_at, ends_at=ends_at, agreed=clean["agreed"], actor=request.actor)
    return _("The appointment stands; the customer was told.")


def _accept(offer: Offer, clean: Clean, request: DeskRequest) -> str:
    starts_at, ends_at = clean["chosen"] or (None, None)
    accept_offer(offer.pk, starts_at=starts_at, ends_at=ends_at, agreed=clean["agreed"], actor=request.actor)
    return _("Accepted. You have it now.")


def _refuse(offer: Offer, clean: Clean, request: DeskRequest) -> str:
    refuse_offer(offer.pk, reason=clean["reason"], note=clean["note"], actor=request.actor)
    return _("Refused. The next one is asked.")


def _counter(offer: Offer, clean: Clean, request: DeskRequest) -> str:
    starts_at, ends_at = clean["chosen"]
    counter_offer(offer.pk, starts_at=starts_at, ends_at=ends_at, reason=clean["reason"], actor=request.actor)
    return _("Proposed. Until it is answered the order is not yours.")


_OF_CASE: dict[str, tuple[type[forms.Form], str, Callable[[Case, Clean, DeskRequest], str]]] = {
    "offer": (OfferForm, "offer", _offer),
    "time": (NeededWindowForm, "time", _appoint),
}
_OF_OFFER: dict[str, tuple[type[forms.Form], str, Callable[[Offer, Clean, DeskRequest], str]]] = {
    "accept": (WindowForm, "accept", _accept),
    "refuse": (RefuseForm, "refuse", _refuse),
    "counter": (CounterForm, "counter", _counter),
}


def _attempt(
    request: DeskRequest, case: Case, form: forms.Form, act: Callable[[Clean], str], *, name: str, url: str
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, case, bound={name: form})
    try:
        text = act(form.cleaned_data)
    except Refused as refused:
        for field, words in refused.fields.items():
            form.add_error(field if field in form.fields else None, str(words))
        return _page(request, case, refused=refused, bound={name: form})
    return done(request, url, text)


@at_desk
@require_POST
def act(request: DeskRequest, case_id: int, name: str) -> HttpResponse:
    """Offer the work of a case, or set its appointment."""
    case = case_for(request.actor, case_id)
    kind, prefix, run = _OF_CASE[name]
    is_offer = kind is OfferForm
    form = _offer_form(case, state_of(case.pk), request.POST) if is_offer else kind(request.POST, auto_id=f"{prefix}_%s")
    url = reverse("dispatch:case", args=[case.pk])
    return _attempt(request, case, form, lambda clean: run(case, clean, request), name=prefix, url=url)


@at_desk
@require_POST
def answer(request: DeskRequest, pass_id: int, name: str) -> HttpResponse:
    """Answer an offered work order."""
    offer = _found(pass_id)
    case = case_for(request.actor, offer.case_id)
    kind, prefix, run = _OF_OFFER[name]
    form = kind(request.POST, auto_id=f"{prefix}_%s")
    # Who refused may not see the case any more.
    url = reverse("dispatch:offers") if name == "refuse" else reverse("dispatch:case", args=[case.pk])
    return _attempt(request, case, form, lambda clean: run(offer, clean, request), name=prefix, url=url)


@at_desk
@require_POST
def decide(request: DeskRequest, pass_id: int, answer: str) -> HttpResponse:
    """Say yes or no to another time."""
    offer = _found(pass_id)
    case = case_for(request.actor, offer.case_id)
    try:
        answer_counter(pass_id, agree=answer == "yes", agreed_with_customer="agreed" in request.POST, actor=request.actor)
    except Refused as refused:
        return _page(request, case, refused=refused)
    text = _("Agreed: the outlet has it.") if answer == "yes" else _("Said no: the offer stands with its own time.")
    return done(request, reverse("dispatch:case", args=[case.pk]), text)


@at_desk
@require_POST
def state_facts(request: DeskRequest, order_id: int) -> HttpResponse:
    """Say whether an order is in warranty, and how far it is."""
    order = WorkOrder.objects.filter(pk=order_id).first()
    if order is None or order.case_id is None:
        raise NotFound
    case = case_for(request.actor, order.case_id)

    def say(clean: Clean) -> str:
        state_order(order_id, in_warranty=clean["in_warranty"], distance_km=clean["distance_km"], actor=request.actor)
        return _("Noted. The month end judges the order by it.")

    url = reverse("dispatch:case", args=[case.pk])
    return _attempt(request, case, _order_form(order, request.POST), say, name=f"order-{order_id}", url=url)


@at_desk
@require_POST
def withdraw(request: DeskRequest, pass_id: int) -> HttpResponse:
    """Take an offer back."""
    offer = _found(pass_id)
    withdraw_pass(pass_id, actor=request.actor)
    return done(request, reverse("dispatch:case", args=[offer.case_id]), _("The offer was taken back."))


def _found(pass_id: int) -> Offer:
    offer = Offer.objects.filter(pk=pass_id).first()
    if offer is None:
        raise NotFound
    return offer

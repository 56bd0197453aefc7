"""The answers to an offered work order: accepted, refused with a reason, or another time proposed and that answered."""

from datetime import datetime

from django.utils.functional import Promise as Lazy
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from jieli.cases.actions.changing import changing, locked_case
from jieli.cases.actions.passing import accept_locked, decline_locked
from jieli.cases.actions.promises import retarget_to
from jieli.cases.actions.telling import tell
from jieli.cases.models import Case, Pass
from jieli.dispatch import notices
from jieli.dispatch.actions.appointing import check_window, locked_outlet, words_of
from jieli.dispatch.actions.customer import window_words
from jieli.dispatch.actions.handing import BY_DISPATCH
from jieli.dispatch.actions.taking import take_on
from jieli.dispatch.events import CounterAnswered, TimeCountered
from jieli.dispatch.models import Offer
from jieli.dispatch.policy import may_answer_counter, may_answer_offer
from jieli.dispatch.queries.reading import engineer_of, state_of
from jieli.dispatch.queries.receiving import answer_by, calendar_of_outlet
from jieli.dispatch.refusals import BadDispatch, CannotBeAsked, NoCounter, NoOffer
from jieli.dispatch.rules.windows import Window
from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.network.models import Outlet
from jieli.network.queries.dispatchable import reasons_against_engineer, reasons_against_outlet
from jieli.policies.queries import current

_OF_THE_HOUR = frozenset({"not_on_shift", "absent"})


def locked_offer(pass_id: int, actor: Actor) -> Offer:
    """Return an offer that waits for its answer, with its case and pass locked; raises NotFound, NoOffer."""
    case_id = Offer.objects.filter(pk=pass_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = locked_case(case_id, actor, must_be_open=False)
    baton = Pass.objects.select_for_update(of=("self",)).select_related("giver", "receiver__unit", "asked_by").get(pk=pass_id)
    offer = Offer.objects.select_related("engineer").get(pk=pass_id)
    baton.case = offer.case = case
    offer.baton = baton
    if baton.state != Pass.State.OFFERED:
        raise NoOffer
    return offer


@changing
def accept_offer(
    pass_id: int,
    *,
    actor: Actor,
    restatement: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    agreed: bool = False,
) -> Offer:
    """Accept the work: one owns the case from now, and the work orders are made. An outlet may set the time while doing so.

    Raises NoOffer, CannotBeAsked (suspended meanwhile, say), ClosedThen, NotFree, AfterPromise, BadDispatch.
    """
    offer = locked_offer(pass_id, actor)
    require(may_answer_offer(actor, offer))
    window = _asked_window(offer)
    if starts_at is not None and ends_at is not None:
        agreed = agreed or (window == (starts_at, ends_at))
        window = (starts_at, ends_at)
    elif window is not None:
        agreed = True
    if offer.counter_state == Offer.CounterState.ASKED:
        _close_counter(offer, Offer.CounterState.REFUSED)
    return _accept(offer, window, restatement=restatement.strip(), agreed=agreed, actor=actor)


def _asked_window(offer: Offer) -> Window | None:
    return None if offer.starts_at is None or offer.ends_at is None else (offer.starts_at, offer.ends_at)


def _accept(offer: Offer, window: Window | None, *, restatement: str, agreed: bool, actor: Actor) -> Offer:
    case, now = offer.case, clock.now()
    outlet = locked_outlet(offer.outlet_id)
    state = state_of(case.pk)
    _refuse_unfit(offer, outlet, case, now if window is None else window[0], has_work=state.outlet_id == outlet.pk)
    orders = max(1, len(offer.devices))
    if window is not None and window[1] > now:
        # A window that has begun while the offer waited is still kept: the promise to the customer is its end.
        if window[0] > now:
            engineer_id = offer.engineer_id
            check_window(case, outlet, window, engineer_id=engineer_id, agreed=agreed, at=now, orders=orders)
    elif window is not None:
        raise BadDispatch(fields={"starts_at": gettext_lazy("This time has passed. Choose another one.")})
    words = restatement or _restated(case, window)
    accept_locked(offer.baton, restatement=words, actor=actor, at=now)
    offer.starts_at, offer.ends_at = window or (None, None)
    offer.save(update_fields=["starts_at", "ends_at"])
    take_on(
        case,
        state,
        outlet,
        offer.engineer,
        window,
        devices=[int(one) for one in offer.devices],
        agreed=agreed,
        actor=actor,
        at=now,
    )
    return offer


def _refuse_unfit(offer: Offer, outlet: Outlet, case: Case, at: datetime, *, has_work: bool) -> None:
    if offer.engineer_id is not None:
        engineer = engineer_of(offer.engineer_id)
        against = reasons_against_engineer(engineer, product_line=case.product_line, service_type=case.service_type, at=at)
        against = [one for one in against if one.code not in _OF_THE_HOUR and not (has_work and one.code.startswith("outlet_"))]
        name = engineer.staff.name
    elif has_work:
        return
    else:
        against = reasons_against_outlet(outlet, product_line=case.product_line, service_type=case.service_type, at=at)
        name = outlet.unit.name
    if against:
        raise CannotBeAsked(_("%(name)s cannot take it: %(why)s") % {"name": name, "why": words_of(against)})


def _restated(case: Case, window: Window | None) -> str:
    values = {"subject": case.subject, "window": window_words(window) if window is not None else ""}
    if window is None:
        return _("Visit for “%(subject)s”; the time is agreed with the customer") % values
    return _("Visit for “%(subject)s”, %(window)s") % values


@changing
def refuse_offer(pass_id: int, *, reason: str, actor: Actor, note: str = "") -> Offer:
    """Refuse the work for one of the policy's reasons; the next candidate is asked. Raises NoOffer, BadDispatch."""
    offer = locked_offer(pass_id, actor)
    require(may_answer_offer(actor, offer))
    listed = current("dispatch").data.refusal(reason)
    wrong: dict[str, str | Lazy] = {}
    if listed is None:
        wrong["reason"] = gettext_lazy("Choose one of the reasons.")
    if reason == "other" and not note.strip():
        wrong["note"] = gettext_lazy("Say why.")
    if wrong or listed is None:
        raise BadDispatch(fields=wrong)
    words = listed.label.in_language(get_language() or "")
    text = f"{words}: {note.strip()}" if note.strip() else words
    offer.refusal = reason
    if offer.counter_state == Offer.CounterState.ASKED:
        offer.counter_state = Offer.CounterState.REFUSED
    offer.save(update_fields=["refusal", "counter_state"])
    decline_locked(offer.baton, reason=text[:1000], actor=actor, at=clock.now())
    return offer


@changing
def counter_offer(pass_id: int, *, starts_at: datetime, ends_at: datetime, actor: Actor, reason: str = "") -> Offer:
    """Propose another time instead; who offered it answers, within the policy's time. Raises NoOffer, ClosedThen, NotFree."""
    offer = locked_offer(pass_id, actor)
    require(may_answer_offer(actor, offer))
    case, now, window = offer.case, clock.now(), (starts_at, ends_at)
    if window == _asked_window(offer):
        raise BadDispatch(fields={"starts_at": gettext_lazy("This is the time that was asked for. Accept it.")})
    outlet = locked_outlet(offer.outlet_id)
    orders = max(1, len(offer.devices))
    check_window(case, outlet, window, engineer_id=offer.engineer_id, agreed=True, at=now, orders=orders)
    offer.counter_starts_at, offer.counter_ends_at, offer.counter_at = starts_at, ends_at, now
    offer.counter_state = Offer.CounterState.ASKED
    offer.save(update_fields=["counter_starts_at", "counter_ends_at", "counter_at", "counter_state"])
    record(
        TimeCountered(case_id=case.pk, pass_id=offer.pk, starts_at=starts_at, ends_at=ends_at, reason=reason.strip()),
        actor=actor,
        at=now,
    )
    _wait_again(offer, outlet, current("dispatch").data.clocks.counter_minutes, actor=actor, at=now)
    receiver = offer.baton.receiver.name
    tell(case, {offer.baton.giver_id, offer.baton.asked_by_id} - {actor.id}, notices.COUNTERED, receiver=receiver)
    return offer


@changing
def answer_counter(pass_id: int, *, agree: bool, actor: Actor, agreed_with_customer: bool = False) -> Offer:
    """Say yes or no to the proposed time. Yes makes it accepted; no leaves the offer with the time that was asked for.

    Raises NoOffer, NoCounter, AfterPromise (later than promised, and the customer did not agree), NotFree.
    """
    offer = locked_offer(pass_id, actor)
    require(may_answer_counter(actor, offer))
    if offer.counter_state != Offer.CounterState.ASKED or offer.counter_starts_at is None or offer.counter_ends_at is None:
        raise NoCounter
    now, window = clock.now(), (offer.counter_starts_at, offer.counter_ends_at)
    _close_counter(offer, Offer.CounterState.AGREED if agree else Offer.CounterState.REFUSED)
    answer = CounterAnswered(case_id=offer.case_id, pass_id=offer.pk, answer="agreed" if agree else "refused")
    record(answer, actor=actor, at=now)
    outcome = offer
    receiver_id = offer.baton.receiver_id
    if agree:
        with override(offer.baton.receiver.language or get_language()):
            words = _("Comes at the time proposed: %(window)s") % {"window": window_words(window)}
        outcome = _accept(offer, window, restatement=words, agreed=agreed_with_customer, actor=actor)
    else:
        _wait_again(offer, locked_outlet(offer.outlet_id), _minutes(offer), actor=actor, at=now)
    tell(offer.case, [receiver_id], notices.COUNTER_ANSWERED, answer=str(offer.counter_state))
    return outcome


def _minutes(offer: Offer) -> int:
    clocks = current("dispatch").data.clocks
    return clocks.outlet_minutes if offer.engineer_id is None else clocks.engineer_minutes


def _close_counter(offer: Offer, state: str) -> None:
    offer.counter_state = state
    offer.save(update_fields=["counter_state"])


def _wait_again(offer: Offer, outlet: Outlet, minutes: int, *, actor: Actor, at: datetime) -> None:
    """Begin the clock of a pending offer anew: somebody else is to answer now."""
    due = answer_by(offer.case, calendar_of_outlet(outlet), minutes, offer.baton.receiver_id, at)
    promise = offer.baton.promises.unended().select_for_update(of=("self",)).first()
    if promise is not None and promise.breached_at is None:
        promise.case = offer.case
        retarget_to(promise, due, rule=BY_DISPATCH, actor=actor, at=at)
    offer.answer_due_at = due
    offer.save(update_fields=["answer_due_at"])

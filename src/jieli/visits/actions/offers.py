"""An engineer answers on the phone what is offered to him; dispatch has the acts (spec 3, Dispatch)."""

from jieli.cases.refusals import PassSettled
from jieli.cases.rules.numbers import WrongNumber, parse_case_number
from jieli.dispatch.actions.answering import accept_offer, refuse_offer
from jieli.dispatch.models import Offer
from jieli.dispatch.refusals import NoOffer
from jieli.events.actor import Actor
from jieli.orders.models import WorkOrder
from jieli.visits.refusals import OfferGone
from jieli.visits.rules.entries import SentEntry, words

OFFER_KINDS = ("offer_accept", "offer_refuse")


def answer_offer(sent: SentEntry, *, actor: Actor) -> int:
    """Accept or refuse the offer that an entry names (by its id, else by the order or case); return the case's id.

    Raises OfferGone when there is none (any more), and as dispatch's own actions do.
    """
    offer = _offer(sent, actor)
    reason, note = words(sent.data.get("reason"), 60), words(sent.data.get("note"), 300)
    try:
        if sent.kind == "offer_accept":
            accept_offer(offer.pk, actor=actor)
        else:
            refuse_offer(offer.pk, reason=reason, actor=actor, note=note)
    except (NoOffer, PassSettled):
        raise OfferGone from None
    return int(offer.case_id)


def _offer(sent: SentEntry, actor: Actor) -> Offer:
    mine = Offer.objects.select_related("baton").filter(baton__receiver_id=actor.id)
    given = sent.data.get("offer")
    if isinstance(given, int) and not isinstance(given, bool):
        found = mine.filter(pk=given).first()
    else:
        found = mine.filter(case_id=_case_id(sent.order)).order_by("-pk").first()
    if found is None:
        raise OfferGone
    return found


def _case_id(number: str) -> int:
    case_id = WorkOrder.objects.filter(number=number).values_list("case_id", flat=True).first()
    if case_id is None:
        try:
            case_id = parse_case_number(number)
        except WrongNumber:
            raise OfferGone from None
    return int(case_id)

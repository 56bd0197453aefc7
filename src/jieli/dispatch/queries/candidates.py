"""Who could do the work of a case: outlets, and the engineers of one, each with the reasons for and against in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import cos, inf, radians
from typing import Any

from django.db.models import Case as DatabaseCase
from django.db.models import ExpressionWrapper, F, FloatField, Value, When
from django.utils.translation import get_language

from jieli.cases.models import Case, Pass
from jieli.cases.queries.assigning import steps_of
from jieli.dispatch import grades
from jieli.dispatch.models import Appointment, Offer
from jieli.dispatch.queries.receiving import receivers_of
from jieli.dispatch.queries.slots import orders_a_day, orders_held, orders_of_engineers
from jieli.dispatch.rules.reasons import Why, of_network
from jieli.dispatch.rules.scoring import GRADES, STANDINGS, UNGRADED, Sides, score_of
from jieli.dispatch.rules.windows import Window, is_worked, touch
from jieli.lib import clock
from jieli.network.models import Engineer, Outlet
from jieli.network.queries.coverage import district_named, outlets_covering, straight_km
from jieli.network.queries.dispatchable import capacities_of, reasons_against_engineers, reasons_against_outlets
from jieli.network.queries.shifts import opening_of, windows_of
from jieli.network.queries.standing import standings
from jieli.network.rules.places import MOST_LEVELS, place_of, places_of
from jieli.orders.models import WorkOrder
from jieli.people.models import Staff
from jieli.people.queries import company_zone, local_date
from jieli.policies.queries import current
from jieli.ui import display

_OF_THE_HOUR = frozenset({"not_on_shift", "absent"})
"""What `_judge_window` says of the time of the visit; while no time is chosen, nobody is judged by the present hour."""
MOST_OTHERS = 20


@dataclass(slots=True)
class OutletCandidate:
    """An outlet that could be asked: with its distance by road, its score and why."""

    outlet: Outlet
    distance_km: float | None
    score: float = 0.0
    receiver: Staff | None = None
    levels_shared: int = 0
    is_known: bool = True
    """Whether it is known to serve the address; whom the rule asks is."""
    reasons: list[Why] = field(default_factory=list)
    against: list[Why] = field(default_factory=list)

    @property
    def can_be_asked(self) -> bool:
        """Tell whether nothing forbids it."""
        return not any(why.blocks for why in self.against)

    @property
    def is_proposed(self) -> bool:
        """Tell whether the rule would ask it by itself."""
        return not self.against or all(why.code == "closed_now" for why in self.against)

    def as_json(self) -> dict[str, Any]:
        """Return why, as an offer keeps it."""
        return {
            "score": self.score,
            "for": [why.as_json() for why in self.reasons],
            "against": [why.as_json() for why in self.against],
        }


@dataclass(slots=True)
class EngineerCandidate:
    """An engineer who could be sent: with what he has that day, his score and why."""

    engineer: Engineer
    has: int
    capacity: int
    score: float = 0.0
    reasons: list[Why] = field(default_factory=list)
    against: list[Why] = field(default_factory=list)

    @property
    def can_be_asked(self) -> bool:
        """Tell whether nothing forbids it."""
        return not any(why.blocks for why in self.against)

    @property
    def is_proposed(self) -> bool:
        """Tell whether the rule would ask him by itself."""
        return not self.against

    def as_json(self) -> dict[str, Any]:
        """Return why, as an offer keeps it."""
        return {
            "score": self.score,
            "for": [why.as_json() for why in self.reasons],
            "against": [why.as_json() for why in self.against],
        }


def road_km(straight_km: float | None) -> float | None:
    """Return the way by road that a straight line stands for, by the policy's detour factor."""
    return None if straight_km is None else round(straight_km * float(current("dispatch").data.detour_factor), 1)


def outlets_for(case: Case, at: datetime, *, window: Window | None = None, others: bool = False) -> list[OutletCandidate]:
    """Return the outlets for a case, whom the rule would ask first before the others; those that cannot be asked come last.

    Where nobody is known to serve the address, or `others` are asked for, outlets of the product line nearby are listed with
    that against them: the rule asks none of them, a person decides.
    Cost: about a dozen queries, whatever their number, one more for each leader who is away.
    """
    on = local_date(window[0]) if window is not None else local_date(at)
    district, place = _district_of(case)
    found = outlets_covering(
        latitude=case.latitude, longitude=case.longitude, district=district, product_line=case.product_line
    )
    is_served = any(one.status == Outlet.Status.ACTIVE for one in found)
    uncovering = _others(case, found) if others or not is_served else []
    outlets = [*found, *uncovering]
    if not outlets:
        return []
    at_work = window[0] if window is not None else at
    against = reasons_against_outlets(outlets, product_line=case.product_line, service_type=case.service_type, at=at_work)
    ids = [one.pk for one in outlets]
    taken, last_grades, asked = orders_held(ids, on), grades.grades_of(ids), asked_outlets(case.pk)
    receivers = receivers_of([one.unit for one in outlets], at)
    earlier, closed = earlier_orders(case), _opening_next(outlets, at)
    unknown = {one.pk for one in uncovering}
    candidates = []
    for outlet in outlets:
        far = road_km(getattr(outlet, "distance_km", None))
        one = OutletCandidate(outlet, far, receiver=receivers.get(outlet.pk), is_known=outlet.pk not in unknown)
        one.against = of_network(against[outlet.pk])
        _judge_outlet(one, taken.get(outlet.pk, 0), last_grades.get(outlet.pk, ""), earlier, place=place)
        if outlet.pk in asked:
            one.against.append(asked[outlet.pk])
        if one.receiver is not None and one.receiver.pk == case.owner_id:
            one.against.append(Why("has_it", blocks=True))
        if outlet.pk in closed:
            one.against.append(Why("closed_now", closed[outlet.pk]))
        candidates.append(one)
    return sorted(candidates, key=_order)


def _order(one: OutletCandidate) -> tuple[bool, bool, int, float, float, str]:
    far = inf if one.distance_km is None else one.distance_km
    return not one.can_be_asked, not one.is_proposed, -one.levels_shared, -one.score, far, one.outlet.unit.code


def _judge_outlet(one: OutletCandidate, taken: int, grade: str, earlier: Sequence[WorkOrder], *, place: str) -> None:
    outlet, policy = one.outlet, current("dispatch").data
    if one.is_known:
        one.reasons.append(Why("covers_place", place) if place else Why("covers"))
        if place and one.distance_km is None and place_of(outlet.address) == place_of(place):
            one.levels_shared = MOST_LEVELS
            one.reasons.append(Why("same_place", place))
    else:
        one.against.append(Why("not_covering"))
        one.levels_shared = getattr(outlet, "levels_shared", 0)
        if one.levels_shared:
            one.reasons.append(Why("same_place", places_of(outlet.address)[one.levels_shared - 1]))
    one.reasons.append(Why("no_distance") if one.distance_km is None else Why("distance", f"{one.distance_km:g}"))
    total = orders_a_day(outlet)
    left = max(0, total - taken)
    if left:
        one.reasons.append(Why("room", str(left), str(total)))
    else:
        one.against.append(Why("full"))
    if grade:
        one.reasons.append(Why("grade", grade))
    was_there = next((order for order in earlier if order.outlet_id == outlet.pk and order.engineer is not None), None)
    if was_there is not None and was_there.engineer is not None:
        one.reasons.append(Why("earlier", was_there.engineer.name))
    if one.receiver is None:
        one.against.append(Why("nobody", blocks=True))
    sides = Sides(
        one.distance_km,
        left / total if total else 0.0,
        GRADES.get(grade, UNGRADED),
        was_there is not None,
    )
    one.score = score_of(sides, policy.weights, far_km=policy.far_km)


def _others(case: Case, served_by: Collection[Outlet]) -> list[Outlet]:
    """Return outlets that a person may choose although nobody knows that they serve it, those of the same place first.

    Within a place the nearest come first, where both are on the map.
    """
    rows = Outlet.objects.filter(status=Outlet.Status.ACTIVE, unit__is_active=True).exclude(
        pk__in=[one.pk for one in served_by]
    )
    if case.product_line:
        rows = rows.filter(product_lines=[]) | rows.filter(product_lines__contains=[case.product_line])
    shared: Any = Value(0)
    for place in places_of(case.address):
        shared = shared + DatabaseCase(When(address__contains=place, then=1), default=0)
    rows = rows.select_related("unit", "provider").annotate(levels_shared=shared)
    if case.latitude is None or case.longitude is None:
        return list(rows.order_by(F("levels_shared").desc(), "unit__code")[:MOST_OTHERS])
    here = float(case.latitude), float(case.longitude)
    north, east = F("latitude") - case.latitude, (F("longitude") - case.longitude) * Decimal(str(cos(radians(here[0]))))
    far = ExpressionWrapper(north * north + east * east, FloatField())
    found = list(rows.order_by(F("levels_shared").desc(), far.asc(nulls_last=True), "unit__code")[:MOST_OTHERS])
    for outlet in found:
        outlet.distance_km = straight_km(outlet, here)  # type: ignore[attr-defined]
    return found


def _district_of(case: Case) -> tuple[str, str]:
    """Return the district code of a case, and the name of the place if the address told it: at most two queries.

    A field of the company's own comes first, then the address, then the area told at intake.
    """
    own = case.custom.get("district")
    if own:
        return str(own), ""
    code = district_named(case.address)
    return (code, places_of(case.address)[-1]) if code else (steps_of(case)[1], "")


def earlier_orders(case: Case) -> list[WorkOrder]:
    """Return the last orders with which the customer of a case was content, newest first, with their engineers. One query."""
    found = WorkOrder.objects.filter(
        case__customer_id=case.customer_id,
        finished_at__isnull=False,
        engineer__isnull=False,
        callback_result=WorkOrder.CallbackResult.SATISFIED,
    )
    return list(found.exclude(case_id=case.pk).select_related("engineer").order_by("-finished_at")[:5])


def asked_outlets(case_id: int) -> dict[int, Why]:
    """Return which outlets were asked since one last had the case, with what they said. One query."""
    rows = Offer.objects.filter(case_id=case_id).select_related("baton").order_by("-baton_id")[:30]
    found: dict[int, Why] = {}
    for offer in rows:
        if offer.baton.state == Pass.State.ACCEPTED:
            break
        if offer.engineer_id is None:
            found.setdefault(offer.outlet_id, _asked(offer))
    return found


def _asked(offer: Offer) -> Why:
    return Why("refused", refusal_words(offer)) if offer.baton.state == Pass.State.DECLINED else Why("asked")


def refusal_words(offer: Offer) -> str:
    """Return why an offer was refused, in the language of the moment; what was written beside it follows."""
    listed = current("dispatch").data.refusal(offer.refusal)
    return listed.label.in_language(get_language() or "") if listed is not None else offer.baton.reason


def _opening_next(outlets: Collection[Outlet], at: datetime) -> dict[int, str]:
    """Return from when each outlet that is closed at an instant answers, by id: on this day or the next. Four queries."""
    on = local_date(at)
    days = [opening_of(outlets, on), opening_of(outlets, on + timedelta(days=1))]
    found = {}
    for outlet in outlets:
        stretches = [stretch for day in days for stretch in day[outlet.pk].hours]
        if any(begins <= at < ends for begins, ends in stretches):
            continue
        opens = min((begins for begins, _ends in stretches if begins > at), default=None)
        words = "–" if opens is None else display.near_text(opens, now=at, zone=company_zone(), language=get_language() or "")
        found[outlet.pk] = words
    return found


# --- engineers


def engineers_for(
    case: Case, outlet: Outlet, window: Window | None = None, *, ignoring: int | None = None
) -> list[EngineerCandidate]:
    """Return the engineers of an outlet for a case and a window, whom the rule would ask first before the others.

    Cost: sixteen queries whatever their number.
    """
    theirs = Engineer.objects.working().filter(outlet=outlet)
    engineers = list(theirs.select_related("staff", "outlet__unit", "outlet__provider").order_by("staff__code"))
    return judged_engineers(case, engineers, window, ignoring=ignoring)


def judged_engineers(
    case: Case, engineers: Sequence[Engineer], window: Window | None, *, ignoring: int | None = None
) -> list[EngineerCandidate]:
    """Return engineers, read with staff, outlet, unit and provider, as candidates. As `engineers_for`."""
    if not engineers:
        return []
    at = window[0] if window is not None else clock.now()
    on = local_date(at)
    against = reasons_against_engineers(engineers, product_line=case.product_line, service_type=case.service_type, at=at)
    ids = [one.pk for one in engineers]
    has, capacity = orders_of_engineers(ids, on, ignoring=ignoring), capacities_of(engineers, on)
    hours, stand = windows_of(engineers, on), standings(engineers)
    earlier, asked = earlier_orders(case), _asked_engineers(case.pk)
    candidates = []
    for engineer in engineers:
        mine = has.get(engineer.pk, [])
        one = EngineerCandidate(engineer, sum(held.orders for held in mine), capacity[engineer.pk])
        one.against = [why for why in of_network(against[engineer.pk]) if why.code not in _OF_THE_HOUR]
        code = stand[engineer.pk].code
        if code in ("demonstration", "warning"):
            one.reasons.append(Why(code))
        one.reasons.append(Why("least", str(one.has), str(one.capacity)))
        if any(order.engineer_id == engineer.pk for order in earlier):
            one.reasons.append(Why("earlier_self"))
        if window is not None:
            _judge_window(one, window, [held.window for held in mine if not held.is_over], hours[engineer.pk])
        if engineer.pk == case.owner_id:
            one.reasons.append(Why("has_it"))
        elif engineer.pk in asked:
            one.against.append(asked[engineer.pk])
        room = (one.capacity - one.has) / one.capacity if one.capacity else 0.0
        sides = Sides(None, room, STANDINGS.get(code, UNGRADED), any(order.engineer_id == engineer.pk for order in earlier))
        policy = current("dispatch").data
        one.score = score_of(sides, policy.weights, far_km=policy.far_km)
        candidates.append(one)
    return sorted(candidates, key=lambda one: (not one.can_be_asked, not one.is_proposed, -one.score, one.engineer.staff.code))


def _judge_window(one: EngineerCandidate, window: Window, taken: Sequence[Window], hours: Sequence[Window]) -> None:
    if not is_worked(window, hours):
        one.against.append(Why("off", blocks=True))
    elif one.has >= one.capacity:
        one.against.append(Why("full", blocks=True))
    elif sum(touch(window, other) for other in taken) >= current("dispatch").data.slots.orders_per_engineer:
        one.against.append(Why("window_full", blocks=True))


def _asked_engineers(case_id: int) -> dict[int, Why]:
    rows = Offer.objects.filter(case_id=case_id).select_related("baton").order_by("-baton_id")[:30]
    found: dict[int, Why] = {}
    for offer in rows:
        if offer.engineer_id is None or offer.baton.state == Pass.State.ACCEPTED:
            break
        found.setdefault(offer.engineer_id, _asked(offer))
    return found


def window_of(appointment: Appointment | None) -> Window | None:
    """Return the window of an appointment that lies ahead, or None."""
    if appointment is None or appointment.ends_at <= clock.now() + timedelta(minutes=1):
        return None
    return appointment.starts_at, appointment.ends_at

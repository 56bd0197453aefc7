"""What a visit costs or earns on the engineer's licence (spec 6, Licence); each fact counts once."""

from jieli.events.actor import rule_actor
from jieli.network.actions.licence import post_points
from jieli.visits.actions.visiting import standard_of
from jieli.visits.models import Visit, VisitOrder

RULE = rule_actor("licence")


def not_on_time(visit: Visit) -> None:
    """Post that the promise to arrive was not kept."""
    _post(visit, "promise_not_kept", f"arrive {visit.case_id}/{visit.number}")


def not_by_the_standard(visit: Visit, note: str = "") -> None:
    """Post that the standard was not followed: a step skipped without a good reason, or a visit finished with gaps."""
    _post(visit, "standard_not_followed", f"visit {visit.case_id}/{visit.number}", note)


def visited_again(visit: Visit) -> None:
    """Post, to who was there first, that somebody came again because it was not fixed at first."""
    orders = visit.orders.values("order_id")
    for earlier in VisitOrder.objects.filter(order_id__in=orders, result="not_fixed", visit__number__lt=visit.number).order_by(
        "visit__number"
    ):
        first = Visit.objects.get(pk=earlier.visit_id)
        reason = standard_of(first).reason_not_fixed(earlier.reason)
        if reason is None or reason.costs_points:
            _post(first, "visited_again", f"visit {first.case_id}/{first.number}")


def _post(visit: Visit, kind: str, source: str, note: str = "") -> None:
    post_points(visit.engineer_id, kind=kind, case_id=visit.case_id, source=source, actor=RULE, note=note[:300])

"""Many cases offered at once, each by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jieli.dispatch.actions.offering import offer_to_outlet
from jieli.dispatch.models import Offer
from jieli.events.actor import Actor
from jieli.events.refusals import Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of many: a case, the outlet to ask and the window."""

    case_id: int
    outlet_id: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line: the offer, or why not."""

    case_id: int
    offer: Offer | None = None
    refused: str = ""


def dispatch_many(lines: Iterable[Wanted], *, actor: Actor) -> list[Outcome]:
    """Offer many cases, each by itself: what is refused says why and does not hold up the others."""
    outcomes = []
    for line in lines:
        try:
            offer = offer_to_outlet(
                line.case_id, outlet_id=line.outlet_id, starts_at=line.starts_at, ends_at=line.ends_at, actor=actor
            )
            outcomes.append(Outcome(line.case_id, offer))
        except Refused as refused:
            more = [str(one) for one in refused.fields.values()]
            outcomes.append(Outcome(line.case_id, refused=" ".join([str(refused.message), *more])))
    return outcomes

"""The whole ticket for one reader of the desk: the way, and each stage as far as its app's panel shows it to him."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jieli.cases.models import Case
from jieli.cases.panels import panels_for
from jieli.cases.queries.case_page import Tie, ties_of
from jieli.events.actor import Actor
from jieli.files.models import Evidence
from jieli.files.queries import evidence_of_case
from jieli.insight.queries.ticket.intake import Intake, intake_of
from jieli.insight.queries.ticket.quality import Asked, asked
from jieli.insight.queries.ticket.sent import Sent, sent
from jieli.insight.queries.ticket.visits import Parts, Visited, parts_of, visits_of
from jieli.insight.queries.ticket.way import Way, way_of
from jieli.quality.models import Spending
from jieli.settlement.queries.of_case import OrderMoney, money_of


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of the ticket: who pays whom, for what."""

    side: str
    label: str
    amount: Decimal
    at: datetime | None
    order: str = ""
    anchor: str = ""


@dataclass(slots=True)
class Ticket:
    """Everything the page shows; a section that the reader may not see is None."""

    way: Way
    intake: Intake
    evidence: list[Evidence]
    dispatched: Sent | None = None
    visited: Visited | None = None
    parts: Parts | None = None
    asked: Asked | None = None
    settled: list[OrderMoney] | None = None
    relations: list[Tie] = field(default_factory=list)
    money: list[Amount] = field(default_factory=list)

    @property
    def other_evidence(self) -> list[Evidence]:
        """Return the evidence that stands with no visit."""
        visits = self.visited.visits if self.visited is not None else []
        shown = {photo.pk for visit in visits for photo in visit.photos}
        return [one for one in self.evidence if one.pk not in shown]


def ticket_of(case: Case, actor: Actor) -> Ticket:
    """Return the whole ticket. About forty queries, however much hangs on it."""
    way = way_of(case)
    seen = {panel.route.partition(":")[0] for panel in panels_for(actor, case)}
    evidence = evidence_of_case(actor, case.pk)
    found = Ticket(way=way, intake=intake_of(case), evidence=evidence, relations=ties_of(case, actor))
    if "dispatch" in seen:
        found.dispatched = sent(case.pk)
    if "visits" in seen:
        found.visited = visits_of(case.pk, way.orders, evidence)
    if "parts" in seen:
        found.parts = parts_of(case.pk)
    if "quality" in seen:
        found.asked = asked(case.pk, way.orders)
    if "settlement" in seen:
        found.settled = money_of(actor, way.orders)
    found.money = list(_money(found))
    return found


def _money(found: Ticket) -> Iterable[Amount]:
    for visit in found.visited.visits if found.visited else []:
        for one in visit.charges:
            yield Amount(
                pgettext("money", "from the customer"),
                _("charged on site"),
                one.charge.total_amount,
                one.charge.at,
                one.charge.order.number,
                "visit",
            )
    for called in found.asked.calls if found.asked else []:
        for spent in called.spendings:
            if spent.state == Spending.State.SPENT:
                yield Amount(pgettext("money", "to the customer"), spent.purpose, spent.amount, spent.at, anchor="quality")
    for order in found.settled or []:
        paid = next((one for one in order.decided if one.line.fee_amount is not None), None)
        if paid is not None:
            fee = paid.line.fee_amount or Decimal(0)
            yield Amount(
                pgettext("money", "to the outlet"),
                _("fee"),
                fee,
                paid.line.run.decided_at,
                order.order.number,
                anchor="settlement",
            )
        elif order.foreseen is not None and order.foreseen.words.fee_amount is not None:
            fee = order.foreseen.words.fee_amount
            yield Amount(
                pgettext("money", "to the outlet"), _("expected fee"), fee, None, order.order.number, anchor="settlement"
            )
        for incentive, words in order.incentives:
            side = pgettext("money", "to the outlet") if incentive.amount >= 0 else pgettext("money", "from the outlet")
            yield Amount(side, words, abs(incentive.amount), incentive.recorded_at, order.order.number, "settlement")

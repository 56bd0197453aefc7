"""The pages of one outlet: its grade with what it is made of, and its statement."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.network.models import Outlet
from jieli.people.models import Unit
from jieli.policies import queries as policies
from jieli.policies.schemas import Grade
from jieli.settlement.models import Line, ReckonedResult, Result
from jieli.settlement.policy import may_confirm, may_see_month
from jieli.settlement.queries.disputes import disputing
from jieli.settlement.queries.outlets import peers_of, trend, zeros
from jieli.settlement.queries.pages import PAGE, BadCursor, Source
from jieli.settlement.queries.sealed import StatementRow, sealed_statement
from jieli.settlement.queries.statement import statement as statement_of
from jieli.settlement.rules.grading import PARTS, Share
from jieli.settlement.rules.wording import GRADE_WORDS, PART_WORDS
from jieli.settlement.views.months import frame
from jieli.settlement.views.requests import Here, MonthRequest, for_outlet, result_of, signed_in

ALL = 20_000
"""How many lines a statement has at most when it is printed whole."""
BAR = 240
"""How many units wide the picture of a part's full points is."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of the score on the page: what was counted, its points, and how far its bar reaches."""

    label: str
    shares: str
    share: Share
    points: Decimal
    full: Decimal
    reach: int

    @property
    def percent(self) -> str:
        """Return the share for people."""
        value = self.share.value
        return f"{value:.2%}" if value is not None else ""

    @property
    def tone(self) -> str:
        """Return how good it is: ok, risk, bad."""
        if not self.full or self.points >= self.full * Decimal("0.9"):
            return "ok"
        return "risk" if self.points >= self.full / 2 else "bad"


def outlet_frame(request: MonthRequest, place: Here, outlet: Unit, current: str) -> dict[str, Any]:
    """Return what both pages of an outlet show."""
    known = Outlet.objects.filter(pk=outlet.pk).first()
    result = result_of(place.source, outlet.pk)
    return frame(request, place) | {
        "outlet": outlet,
        "network": known,
        "result": result,
        "grade_words": GRADE_WORDS.get(result.grade, "") if result else "",
        "current": current,
        "sees_month": may_see_month(request.actor),
        "files": ("statement",),
    }


@never_cache
@signed_in
@require_safe
def outlet(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """The grade of an outlet: parts, five zeros, trend, and its place among its peers."""
    place, unit = for_outlet(request, month, outlet_id)
    context = outlet_frame(request, place, unit, "grade")
    result = context["result"]
    if result is not None and place.source is not None:
        policy = _grade_policy(place.source)
        context |= {
            "parts": _parts(result, policy),
            "bonus": Decimal(result.parts.get("bonus", "0")),
            "bonus_most": policy.bonus.most,
            "policy": policy,
            "zeros": zeros(place.source, result),
            "trend": trend(unit.pk, place.month, result, policy),
            "peers": peers_of(place.source, result),
            "tier": Outlet.Tier(result.peers.partition(" · ")[0]).label if result.peers else "",
            "region": result.peers.partition(" · ")[2],
        }
    return render(request, "settlement/outlet.html", context)


def _grade_policy(source: Source) -> Grade:
    whole = source.run or source.preview
    try:
        data = policies.by_label(whole.grade_policy if whole else "").data
    except policies.NoPolicy:
        data = policies.current("grade").data
    assert isinstance(data, Grade)
    return data


def _parts(result: Result | ReckonedResult, policy: Grade) -> list[PartRow]:
    found = []
    for name in PARTS:
        full = getattr(policy.parts, name).points
        points = Decimal(result.parts.get(name, "0"))
        label, shares = PART_WORDS[name]
        reach = int(BAR * points / full) if full else 0
        found.append(PartRow(str(label), str(shares), Share(*result.facts[name]), points, full, max(0, min(BAR, reach))))
    return found


@never_cache
@signed_in
@require_safe
def statement(request: MonthRequest, month: str, outlet_id: int) -> HttpResponseBase:
    """The statement of an outlet: L × T + Q = R, and every line of it."""
    place, unit = for_outlet(request, month, outlet_id)
    context = outlet_frame(request, place, unit, "statement")
    result = context["result"]
    if result is not None and place.source is not None:
        chosen = request.GET.get("decision", "")
        chosen = chosen if chosen in Line.Decision.values else ""
        try:
            limit = ALL if request.GET.get("all") else PAGE
            found = statement_of(place.source, result, decision=chosen, cursor=request.GET.get("after", ""), limit=limit)
        except BadCursor:
            return redirect("settlement:statement", month, outlet_id)
        context |= {
            "statement": found,
            "decision": chosen,
            "tabs": _tabs(found.counts, chosen),
            "gate_labels": dict(Line.Gate.choices),
            **_sealed(request, place, unit),
        }
    return render(request, "settlement/statement.html", context)


def _sealed(request: MonthRequest, place: Here, outlet: Unit) -> dict[str, Any]:
    """Return the sealed statement and its disputes, once there is one."""
    found = sealed_statement(place.standing.run, outlet.pk)
    if found is None:
        return {}
    url = reverse("settlement:dispute_line", args=[place.month.label, outlet.pk])
    about = disputing(found, may_act=may_confirm(request.actor, outlet), url=url)
    is_confirmed = getattr(found, "confirmation", None) is not None
    undecided = sum(not hasattr(row["dispute"], "ruling") for row in about.rows)
    row = StatementRow(found, is_confirmed, len(about.rows), undecided)
    return {"sealed": found, "sealed_state": row.state, "disputing": about}


def _tabs(counts: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    all_words = pgettext("orders", "all")
    items = [{"label": all_words, "url": "?", "is_current": not chosen, "count": sum(counts.values())}]
    for code, label in Line.Decision.choices:
        items.append({"label": label, "url": f"?decision={code}", "is_current": chosen == code, "count": counts.get(code, 0)})
    return items

"""The API's reads of figures."""

from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import ConfigDict

from jieli.events.refusals import Invalid, require
from jieli.insight.policy import may_see_histories, may_see_indicators
from jieli.insight.queries import history
from jieli.insight.queries.kpi import indicators
from jieli.lib.http import Answer, ApiRequest, Out, Page, answers
from jieli.people.models import Unit
from jieli.settlement.queries.months import month_of
from jieli.settlement.queries.terms import require_begun

router = Router(tags=["insight"])


class HistoryOut(Out):
    """The figures of an imported history, computed from its chained events alone; durations in days, unknown ones null."""

    model_config = ConfigDict(frozen=True, extra="allow")

    source: str
    title: str
    at: str
    events: int
    cases: int
    actors: int
    passes: int
    duration_mean_days: float | None
    duration_median_days: float | None
    sla_met: int
    sla_known: int
    reopened: int
    overdue: int
    open: int
    by_activity: dict[str, int]


class SourceOut(Out):
    """A source from which a history was imported."""

    source: str
    title: str
    time_zone: str
    as_of: str | None


@router.get("/history", response=answers(Page[SourceOut]), operation_id="list_histories", summary="Imported histories")
def list_histories(request: ApiRequest) -> Answer:
    """Return every imported history by the name of its source."""
    require(may_see_histories(request.auth))
    found = [
        SourceOut(
            source=one.source,
            title=one.title,
            time_zone=one.time_zone,
            as_of=one.as_of.isoformat() if one.as_of is not None else None,
        )
        for one in history.histories()
    ]
    return Answer(Page(items=found, next=None))


@router.get("/history/{source}", response=answers(HistoryOut), operation_id="get_history", summary="Figures of a history")
def get_history(
    request: ApiRequest,
    source: str,
    *,
    at: Annotated[str, Query(max_length=40, description="As it stood then; without an offset in the history's zone.")] = "",
) -> Answer:
    """Return the figures of an imported history as they stood at an instant; without one, when the source was drawn."""
    require(may_see_histories(request.auth))
    try:
        instant = history.instant_of(source, at) if at else None
    except ValueError:
        raise Invalid(fields={"at": _("Give a time such as 2016-01-13 00:00, or ISO 8601 with offset.")}) from None
    figures: dict[str, Any] = history.figures(source, instant)
    return Answer(HistoryOut(**figures))


class IndicatorOut(Out):
    """A share with what it is made of; `value` is unrounded, null when there was nothing to count."""

    value: float | None
    numerator: int
    denominator: int
    formula: str
    policy: str


class IndicatorsOut(Out):
    """The six indicators (spec 8), and beside them those not reached and complaints upheld."""

    satisfaction: IndicatorOut
    information: IndicatorOut
    backlog: IndicatorOut
    complaints: IndicatorOut
    parts_use: IndicatorOut
    delight: IndicatorOut
    unreached: IndicatorOut
    complaints_upheld: IndicatorOut


@router.get("/kpi", response=answers(IndicatorsOut), operation_id="get_indicators", summary="The six indicators of a month")
def get_indicators(
    request: ApiRequest,
    *,
    month: Annotated[str, Query(max_length=7, description="As 2026-11.")],
    unit: Annotated[str, Query(max_length=64, description="Code of a unit: it and what lies below; else the company.")] = "",
    line: Annotated[str, Query(max_length=60, description="One product line; else all.")] = "",
) -> Answer:
    """Return the indicators of a month by finishing date, as far as the facts are known now."""
    wanted = month_of(month)
    require_begun(wanted)
    found = Unit.objects.filter(code=unit).first() if unit else Unit.objects.filter(parent__isnull=True).first()
    if found is None:
        raise Invalid(fields={"unit": _("There is no unit with this code.")})
    require(may_see_indicators(request.auth, found))
    made = indicators(wanted, unit_path=found.path, product_line=line)
    return Answer(IndicatorsOut(**{name: IndicatorOut(**one.as_dict()) for name, one in made.items()}))

"""What every page of the month end needs of its request: who asks, which month, what he sees of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.refusals import require
from jieli.people.models import Staff, Unit
from jieli.settlement.models import ReckonedResult, Reckoning, Result
from jieli.settlement.policy import may_see_month, may_see_statement, seen_paths
from jieli.settlement.queries.months import Month, month_of
from jieli.settlement.queries.pages import Paths, Source
from jieli.settlement.queries.previews import Standing, standing
from jieli.settlement.refusals import BadMonth
from jieli.ui.display import month_text

P = ParamSpec("P")


class MonthRequest(HttpRequest):
    """A request of a logged-in person."""

    actor: Actor
    user: Staff


def signed_in(
    view: Callable[Concatenate[MonthRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Ask strangers to log in; the view asks for the rest."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return login_required(guarded)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Here:
    """The month of a page as this person sees it."""

    month: Month
    standing: Standing
    source: Source | None
    paths: Paths

    @property
    def words(self) -> str:
        """Return the month in words."""
        return month_words(self.month)


def month_words(month: Month) -> str:
    """Return a month in words: ``2026年10月``, ``October 2026``."""
    return month_text(month.first, language=get_language() or settings.LANGUAGE_CODE)


def month_or_404(text: str) -> Month:
    """Return the month of an address."""
    try:
        return month_of(text)
    except BadMonth:
        raise Http404 from None


def here(text: str, paths: Paths) -> Here:
    """Return the month of an address with what there is of it."""
    month = month_or_404(text)
    found = standing(month)
    source = Source(found.run, found.preview) if found.run or found.preview else None
    return Here(month, found, source, paths)


def for_month(request: MonthRequest, text: str) -> Here:
    """Return the month for those who see all of it or their part; others are refused."""
    require(may_see_month(request.actor))
    return here(text, seen_paths(request.actor))


def for_outlet(request: MonthRequest, text: str, outlet_id: int) -> tuple[Here, Unit]:
    """Return the month and one outlet for those who may see its statement; from others it is hidden."""
    outlet = Unit.objects.filter(pk=outlet_id).first()
    if outlet is None or not may_see_statement(request.actor, outlet):
        raise Http404
    return here(text, ()), outlet


def result_of(source: Source | None, outlet_id: int) -> Result | ReckonedResult | None:
    """Return the outcome of an outlet."""
    if source is None:
        return None
    found: Any = source.results().filter(outlet_id=outlet_id).first()
    return found if isinstance(found, (Result, ReckonedResult)) else None


def state_words(row: Reckoning) -> str:
    """Return what a job is doing, for people."""
    if row.kind == Reckoning.Kind.DECISION:
        return _("The month is being decided.")
    return _("The month is being calculated.")

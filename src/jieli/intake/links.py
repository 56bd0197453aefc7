"""The way in by a customer's link, for the pages of this app and of apps above, and the pages that those add to a case."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy

from jieli.cases.models import Case
from jieli.cases.queries.links import tracking_path
from jieli.cases.rules.numbers import WrongNumber
from jieli.intake.forms import FollowForm
from jieli.intake.queries.following import joined_case, opened_by_code, tracking_token
from jieli.intake.views.guarding import note_wrong_code, quiet, refuse_guessers

CHECK_NUMBER = gettext_lazy("Please check the number: one of its digits is mistyped.")
NOTHING_OPENS = gettext_lazy("No case opens with this number and this code. Please check both.")


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """A page below the link of a case: `place` is its address after the link, `words` what is said of it; empty: not shown."""

    place: str
    label: str | Lazy
    icon: str
    words: Callable[[Case], str]


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as the customer's page of a case names it."""

    url: str
    label: str
    icon: str
    words: str


_pages: dict[str, LinkedPage] = {}


def register(page: LinkedPage) -> None:
    """Add a page to what customers find by their link."""
    _pages[page.place] = page


def pages_of(case: Case, link: str) -> list[ShownPage]:
    """Return the pages that apps above have for a case, in the order of their registration."""
    found = ((page, page.words(case)) for page in _pages.values())
    return [ShownPage(f"{link}/{page.place}", str(page.label), page.icon, words) for page, words in found if words]


class LinkRequest(HttpRequest):
    """A request which a right link opened."""

    case: Case
    link: str
    token: str
    merged_from: Case | None


def by_link(
    view: Callable[[LinkRequest], HttpResponse],
) -> Callable[[HttpRequest, str, str], HttpResponse]:
    """Open the case of number and code for a view; whatever does not open gets one calm answer."""

    @quiet
    @wraps(view)
    def opened(request: HttpRequest, number: str, code: str) -> HttpResponse:
        refuse_guessers(request)
        try:
            case = opened_by_code(number, code)
        except WrongNumber:
            return _unopened(request, str(CHECK_NUMBER), number)
        if case is None:
            note_wrong_code(request)
            return _unopened(request, str(NOTHING_OPENS), number)
        request.link = tracking_path(case.number, code)  # type: ignore[attr-defined]
        request.token = tracking_token(case.number, code)  # type: ignore[attr-defined]
        goes_on = joined_case(case)
        if goes_on is not None and goes_on.customer_id != case.customer_id:
            return render(request, "intake/portal_merged.html", {"case": case, "goes_on": goes_on})
        request.case = goes_on or case  # type: ignore[attr-defined]
        request.merged_from = case if goes_on is not None else None  # type: ignore[attr-defined]
        return view(request)  # type: ignore[arg-type]

    return opened


def _unopened(request: HttpRequest, why: str, number: str) -> HttpResponse:
    form = FollowForm(initial={"number": number[:30]}, label_suffix="")
    return render(request, "intake/portal_follow.html", {"form": form, "why": why}, status=404)

"""Search: a number jumps straight to its case, a mistyped one says so, words find what was said."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.cases.queries.search import Found, search
from jieli.cases.rules.numbers import WrongNumber
from jieli.cases.views.requests import DeskRequest, at_desk


@never_cache
@at_desk
@require_safe
def search_page(request: DeskRequest) -> HttpResponse:
    """Show what a text finds; one case by its number is opened at once."""
    text = request.GET.get("q", "").strip()
    found, wrong = _find(text, request)
    if found is not None and found.by == ("number",) and len(found.rows) == 1:
        return redirect("cases:case", found.rows[0].case.number)
    context = {"text": text, "found": found, "rows": found.rows if found else [], "wrong": wrong, "columns": ["opened"]}
    return render(request, "cases/search.html", context)


@never_cache
@at_desk
@require_safe
def suggest(request: DeskRequest) -> HttpResponse:
    """Answer what is being typed with the first few cases."""
    found, wrong = _find(request.GET.get("q", "").strip(), request, limit=8)
    return render(request, "cases/_suggest.html", {"rows": found.rows if found else [], "wrong": wrong})


def _find(text: str, request: DeskRequest, limit: int = 50) -> tuple[Found | None, str]:
    if not text:
        return None, ""
    try:
        return search(text, request.actor, limit), ""
    except WrongNumber as wrong:
        return None, str(wrong)

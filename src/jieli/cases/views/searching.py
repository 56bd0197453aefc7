"""Search: a number jumps straight to its case, a mistyped one says so, words find what was said."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jieli.cases.queries.search import LIMIT, Found, search
from jieli.cases.rules.numbers import WrongNumber, case_number
from jieli.cases.views.requests import DeskRequest, at_desk


@never_cache
@at_desk
@require_safe
def search_page(request: DeskRequest) -> HttpResponse:
    """Show what a text finds; one case by its number is opened at once."""
    text = request.GET.get("q", "").strip()
    older = request.GET.get("older", "")
    found, wrong = _find(text, request, older=int(older) if older.isascii() and older.isdigit() and len(older) < 19 else 0)
    if found is not None and found.by == ("number",) and len(found.rows) == 1:
        return redirect("cases:case", found.rows[0].case.number)
    context = {
        "text": text,
        "found": found,
        "rows": found.rows if found else [],
        "wrong": wrong,
        "columns": ["opened"],
        "number_before": case_number(found.older) if found and found.older else "",
    }
    return render(request, "cases/search.html", context)


@never_cache
@at_desk
@require_safe
def suggest(request: DeskRequest) -> HttpResponse:
    """Answer what is being typed with the first few cases."""
    found, wrong = _find(request.GET.get("q", "").strip(), request, limit=8)
    return render(request, "cases/_suggest.html", {"rows": found.rows if found else [], "wrong": wrong})


def _find(text: str, request: DeskRequest, limit: int = LIMIT, older: int = 0) -> tuple[Found | None, str]:
    if not text:
        return None, ""
    try:
        return search(text, request.actor, limit, older=older), ""
    except WrongNumber as wrong:
        return None, str(wrong)

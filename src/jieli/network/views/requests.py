"""What every page of the network needs of its request."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from jieli.events.refusals import NotFound, Refused, require
from jieli.network.forms import ActionForm
from jieli.network.models import Engineer, Outlet, Provider
from jieli.network.policy import may_see_providers
from jieli.network.queries.pages import Listed, visible_engineer, visible_outlet
from jieli.people.access import PersonRequest

T = TypeVar("T")


def outlet_or_404(request: PersonRequest, outlet_id: int) -> Outlet:
    """Return a visible outlet with its unit and provider; raises NotFound."""
    found = visible_outlet(request.actor, outlet_id)
    if found is None:
        raise NotFound
    return found


def engineer_or_404(request: PersonRequest, engineer_id: int) -> Engineer:
    """Return a visible engineer with person and outlet; raises NotFound."""
    found = visible_engineer(request.actor, engineer_id)
    if found is None:
        raise NotFound
    return found


def provider_or_404(request: PersonRequest, provider_id: int) -> Provider:
    """Return a provider to those who may see them; raises NotFound."""
    found = Provider.objects.filter(pk=provider_id).first() if may_see_providers(request.actor) else None
    if found is None:
        raise NotFound
    return found


def seen_at(clean: dict[str, Any]) -> datetime | None:
    """Return when the record was last saved when the form was opened."""
    try:
        return datetime.fromisoformat(clean.get("seen_at", ""))
    except ValueError:
        return None


def listed(make: Callable[[str], Listed], after: str) -> Listed:
    """Return a page of a list; a made-up cursor begins at the first."""
    try:
        return make(after)
    except ValueError:
        return make("")


def form_page(
    request: PersonRequest,
    form: ActionForm,
    act: Callable[[dict[str, Any]], T],
    *,
    allowed: bool,
    title: str,
    done: Callable[[T], tuple[str, str]],
    back: str,
    submit: str = "",
    help_text: str = "",
    is_danger: bool = False,
    about: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    """Show a form, or try its action: `done` gives the address to go to and what to say. Raises NotAllowed.

    `about` are facts to show above the form. `back` is where cancelling leads.
    """
    require(allowed)
    if request.method == "POST":
        result = form.attempt(act)
        if result is not None:
            address, words = done(result)
            messages.success(request, words)
            return redirect(address)
    context = {
        "form": form,
        "title": title,
        "back": back,
        "submit": submit,
        "help": help_text,
        "is_danger": is_danger,
        "about": about or [],
    }
    return render(request, "network/form.html", context, status=422 if form.errors else 200)


def acted(request: PersonRequest, act: Callable[[], object], address: str, words: str) -> HttpResponse:
    """Do one thing by a button: what was done or why not is said on the page that follows."""
    try:
        act()
    except NotFound:
        raise
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, " ".join([str(refused), *(str(text) for text in refused.fields.values())]))
    else:
        messages.success(request, words)
    return redirect(address)

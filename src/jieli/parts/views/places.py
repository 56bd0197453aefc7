"""Places of parts: the list, one place with its stock, reservations and movements, and the acts on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.lib.keyset import encode_cursor
from jieli.parts.actions.stock import count_stock, make_place, move_stock, receive_stock, scrap_stock
from jieli.parts.actions.using import release
from jieli.parts.forms import ActionForm, CountForm, MoveForm, PlaceFilter, PlaceForm, ReceiveForm, ScrapForm
from jieli.parts.models import Place, Reservation
from jieli.parts.policy import KEEPING_ROLES, may_keep_stock, may_move_stock
from jieli.parts.queries.flow import names_of
from jieli.parts.queries.stock import movement_page, on_hand, place_page, reservations_at
from jieli.parts.refusals import BadParts
from jieli.parts.views.requests import PartsRequest, attempt, cursor_of, for_parts, place_or_404, require_right
from jieli.people.models import Staff, Unit

_SCOPE = "places"
_MOVEMENTS = "movements"


@for_parts
@require_safe
def place_list(request: PartsRequest) -> HttpResponseBase:
    """The places that one sees, each with how much lies there."""
    form = PlaceFilter(request.GET)
    clean = form.cleaned_data if form.is_valid() else {}
    after = cursor_of(request, _SCOPE)
    rows, further = place_page(
        request.actor, q=clean.get("q", ""), kind=clean.get("kind", ""), after=str(after[0]) if after else ""
    )
    context = {
        "rows": rows,
        "next_cursor": encode_cursor([further], scope=_SCOPE) if further else "",
        "filter_form": form,
        "is_filtered": any(clean.values()),
        "may_make": request.actor.has_role(*KEEPING_ROLES),
    }
    return render(request, "parts/places.html", context)


@for_parts
@require_safe
def place(request: PartsRequest, place_id: int) -> HttpResponseBase:
    """One place: what lies there, what is reserved, what came and went."""
    return _place_page(request, place_or_404(request, place_id))


def _targets(request: PartsRequest, source: Place) -> list[Place]:
    """Return where parts may go: what one sees, and the stores from which they come."""
    seen = Place.objects.real().visible_to(request.actor).values("pk")
    found = Place.objects.real().filter(Q(pk__in=seen) | Q(kind__in=["central", "regional"]), is_active=True)
    return list(found.exclude(pk=source.pk).order_by("kind", "code")[:500])


_FORMS: dict[str, type[ActionForm]] = {"receive": ReceiveForm, "move": MoveForm, "count": CountForm, "scrap": ScrapForm}


def _place_page(request: PartsRequest, shown: Place, wrong: tuple[str, ActionForm] | None = None) -> HttpResponseBase:
    may_keep, may_move = may_keep_stock(request.actor, shown), may_move_stock(request.actor, shown)
    before = cursor_of(request, _MOVEMENTS)
    movements, further = movement_page(shown, before=before[0] if before and isinstance(before[0], int) else None)
    acts = [act for act in _FORMS if may_keep or (act == "move" and may_move)]
    forms = {act: _form(request, shown, act) for act in acts}
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    context = {
        "place": shown,
        "lines": on_hand(shown),
        "reservations": reservations_at(shown),
        "movements": movements,
        "names": names_of({row.author_id for row in movements if row.author_id is not None}),
        "next_cursor": encode_cursor([further], scope=_MOVEMENTS) if further else "",
        "forms": [(act, _words()[act], form, wrong is not None and wrong[0] == act) for act, form in forms.items()],
        "kind": Place.Kind(shown.kind).label,
    }
    return render(request, "parts/place.html", context, status=422 if wrong is not None else 200)


def _words() -> dict[str, str]:
    return {"receive": _("Receive"), "move": _("Move parts"), "count": _("Count"), "scrap": _("Scrap")}


def _form(request: PartsRequest, shown: Place, act: str, data: Any = None) -> ActionForm:
    more: dict[str, Any] = {"places": _targets(request, shown)} if act == "move" else {}
    return _FORMS[act](data, auto_id=f"{act}_%s", **more)


@for_parts
@require_POST
def act_on_place(request: PartsRequest, place_id: int, act: str) -> HttpResponseBase:
    """Receive, move, count or scrap parts at a place."""
    shown = place_or_404(request, place_id)
    form = _form(request, shown, act, request.POST)

    def lines(clean: dict[str, Any]) -> list[tuple[str, int]]:
        return [(clean["part"], clean["quantity"])]

    actor = request.actor
    acts: dict[str, Callable[[dict[str, Any]], object]] = {
        "receive": lambda clean: receive_stock(place_id, lines=lines(clean), reason=clean["reason"], actor=actor),
        "move": lambda clean: move_stock(
            place_id, to_place_id=int(clean["to"]), lines=lines(clean), reason=clean["reason"], actor=actor
        ),
        "count": lambda clean: count_stock(
            place_id, counted={clean["part"]: clean["quantity"]}, reason=clean["reason"], actor=actor
        ),
        "scrap": lambda clean: scrap_stock(place_id, lines=lines(clean), reason=clean["reason"], actor=actor),
    }
    form.attempt(lambda clean: (acts[act](clean), True))
    if form.errors:
        return _place_page(request, shown, (act, form))
    messages.success(request, _("Booked."))
    return redirect("parts:place", place_id)


@for_parts
@require_POST
def release_reservation(request: PartsRequest, reservation_id: int) -> HttpResponseBase:
    """Let others have what was kept for a work order."""
    place_id = Reservation.objects.filter(pk=reservation_id).values_list("place_id", flat=True).first()
    require_right(place_id is not None)
    attempt(request, lambda: release(reservation_id, actor=request.actor), _("Others can have it now."))
    return redirect("parts:place", place_id)


@for_parts
@require_http_methods(["GET", "POST"])
def new_place(request: PartsRequest) -> HttpResponseBase:
    """Make a store or a van."""
    require_right(request.actor.has_role(*KEEPING_ROLES))
    form = PlaceForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(lambda clean: _made(request, clean))
        if made is not None:
            return redirect("parts:place", made.pk)
    context = {"form": form, "title": _("New place"), "back": redirect("parts:places").url}
    return render(request, "parts/form.html", context, status=422 if request.method == "POST" else 200)


def _made(request: PartsRequest, clean: dict[str, Any]) -> Place:
    unit = Unit.objects.filter(code=clean["unit"].strip()).first()
    if unit is None:
        raise BadParts(fields={"unit": _("There is no unit with this code.")})
    staff = Staff.objects.filter(code=clean["staff"].strip()).first() if clean["staff"] else None
    if clean["staff"] and staff is None:
        raise BadParts(fields={"staff": _("There is no such person.")})
    return make_place(
        unit.pk,
        kind=clean["kind"],
        staff_id=staff.pk if staff is not None else None,
        code=clean["code"],
        name=clean["name"],
        actor=request.actor,
    )

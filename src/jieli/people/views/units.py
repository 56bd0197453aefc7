"""Units: the tree, the unit's page, changes and closures."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound, require
from jieli.lib import clock
from jieli.people import actions, policy, queries
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import ChangeUnitForm, ClosureForm, NewUnitForm, person_text
from jieli.people.models import Staff, Unit, UnitClosure


@require_safe
@signed_in
def unit_list(request: PersonRequest) -> HttpResponse:
    """Show the tree of units."""
    nodes = queries.unit_tree(include_inactive="all" in request.GET)
    may_make = any(policy.may_manage_unit(request.actor, node.unit) for node in nodes)
    return render(request, "people/units.html", {"nodes": nodes, "may_make": may_make, "shows_all": "all" in request.GET})


def unit_or_404(unit_id: int) -> Unit:
    """Return a unit with its leader and parent; raises NotFound."""
    unit = Unit.objects.select_related("leader", "parent").filter(pk=unit_id).first()
    if unit is None:
        raise NotFound
    return unit


@require_safe
@signed_in
def unit_detail(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Show a unit's page."""
    return unit_page(request, unit_id)


def unit_page(request: PersonRequest, unit_id: int, status: int = 200, **bound: Any) -> HttpResponse:
    """Show a unit's page, with the form that was refused."""
    unit, now = unit_or_404(unit_id), clock.now()
    today = queries.local_date(now)
    hours = queries.calendar_hours(unit.calendar)
    calendar = queries.working_calendar(unit.pk)
    context = {
        "unit": unit,
        "staff": Staff.objects.active().filter(unit=unit).order_by("name", "code"),
        "children": Unit.objects.active().filter(parent=unit).select_related("leader").order_by("code"),
        "duty": queries.duty_or_none(unit.pk, now),
        "calendar_label": queries.calendar_label(hours) if hours else "",
        "hours": hours,
        "is_open": calendar.is_open(now),
        "next_opening": None if calendar.is_open(now) else calendar.next_opening(now),
        "closures": queries.closures_of(unit, since=today - timedelta(days=31)),
        "closure_form": ClosureForm(),
        "may_manage": policy.may_manage_unit(request.actor, unit),
        "may_close": policy.may_close_unit(request.actor, unit),
        "history": queries.history("unit", unit.pk),
        **bound,
    }
    return render(request, "people/unit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def make(request: PersonRequest) -> HttpResponse:
    """Add a unit."""
    initial = {"parent": request.GET.get("parent", ""), "calendar": "desk", "kind": Unit.Kind.DEPARTMENT}
    form = NewUnitForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.make_unit(
                code=values["code"],
                name=values["name"],
                kind=values["kind"],
                parent_id=values["parent"],
                region=values["region"],
                calendar=values["calendar"],
                leader_id=values["leader"].pk if values["leader"] else None,
                actor=request.actor,
            )
        )
        if done is not None:
            return redirect("people:unit", done.pk)
    context = {"form": form, "people": queries.people_to_choose()}
    return render(request, "people/make_unit.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Change a unit."""
    unit = unit_or_404(unit_id)
    require(policy.may_manage_unit(request.actor, unit))
    initial = {name: getattr(unit, name) for name in ("name", "kind", "region", "calendar", "is_active")}
    form = ChangeUnitForm(
        request.POST or None, initial={**initial, "parent": unit.parent_id, "leader": person_text(unit.leader)}
    )
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.change_unit(
                unit_id,
                name=values["name"],
                kind=values["kind"],
                parent_id=values["parent"],
                leader_id=values["leader"].pk if values["leader"] else None,
                without_leader=values["leader"] is None,
                region=values["region"],
                calendar=values["calendar"],
                is_active=values["is_active"],
                actor=request.actor,
            )
        )
        if done is not None:
            return redirect("people:unit", unit_id)
    context = {"form": form, "unit": unit, "people": queries.people_to_choose(unit)}
    return render(request, "people/change_unit.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@signed_in
def close_on(request: PersonRequest, unit_id: int) -> HttpResponse:
    """Let a unit keep other hours on a day."""
    form = ClosureForm(request.POST)
    done = form.attempt(
        lambda values: actions.close_unit_on(
            unit_id, on=values["on"], intervals=values["hours"], note=values["note"], actor=request.actor
        )
    )
    if done is None:
        return unit_page(request, unit_id, 422, closure_form=form)
    return redirect(reverse("people:unit", args=[unit_id]) + "#closures")


@require_POST
@signed_in
def lift(request: PersonRequest, closure_id: int) -> HttpResponse:
    """Let a unit keep its usual hours again."""
    closure = UnitClosure.objects.filter(pk=closure_id).first()
    if closure is None:
        raise NotFound
    actions.lift_closure(closure_id, actor=request.actor)
    messages.success(request, _("The usual hours hold again on that day."))
    return redirect(reverse("people:unit", args=[closure.unit_id]) + "#closures")

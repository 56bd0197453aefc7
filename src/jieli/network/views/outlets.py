"""Outlets: the list, the record, and what is done with them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import NotFound
from jieli.lib import clock
from jieli.network import policy
from jieli.network.actions.outlets import (
    add_area,
    change_outlet,
    end_outlet,
    lift_suspension,
    make_outlet,
    remove_area,
    suspend_outlet,
)
from jieli.network.forms import AreaForm, OutletFilter, OutletForm, ReasonForm, field_values, values_of
from jieli.network.models import Outlet, OutletArea
from jieli.network.queries.dispatchable import capacities_of, reasons_against_outlet
from jieli.network.queries.pages import engineers_of, history, map_of, outlet_page, papers_of
from jieli.network.queries.shifts import opening_windows
from jieli.network.rules.shifts import write_week
from jieli.network.rules.words import masked_account
from jieli.network.views.requests import acted, form_page, listed, outlet_or_404, seen_at
from jieli.people.access import PersonRequest, signed_in
from jieli.people.queries import local_date


@require_safe
@signed_in
def outlet_list(request: PersonRequest) -> HttpResponse:
    """Show the outlets that the person sees."""
    if not policy.may_see_network(request.actor):
        raise NotFound
    form = OutletFilter(request.GET)
    filters: dict[str, str] = form.cleaned_data if form.is_valid() else {}
    page = listed(lambda after: outlet_page(request.actor, filters=filters, after=after), request.GET.get("after", ""))
    context = {
        "rows": page.rows,
        "next_cursor": page.next,
        "filter_form": form,
        "is_filtered": any(filters.values()),
        "may_make": request.actor.has_role(*policy.KEEPERS),
        "may_see_providers": policy.may_see_providers(request.actor),
        "may_judge": request.actor.has_role(*policy.JUDGES),
    }
    return render(request, "network/outlets.html", context)


@require_safe
@signed_in
def outlet_record(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """Show everything known of one outlet, with what may be done."""
    outlet = outlet_or_404(request, outlet_id)
    actor, now = request.actor, clock.now()
    areas = list(outlet.areas.order_by("kind", "district", "pk"))
    engineers = engineers_of(outlet)
    capacities = capacities_of([engineer for engineer, _standing in engineers], local_date(now))
    context = {
        "outlet": outlet,
        "areas": areas,
        "area_map": map_of(outlet, areas),
        "papers": papers_of(outlet=outlet),
        "engineers": [(engineer, stand, capacities[engineer.pk]) for engineer, stand in engineers],
        "capacity_today": sum(capacities.values()),
        "reasons": reasons_against_outlet(outlet, product_line="", service_type="", at=now),
        "hours": write_week(outlet.hours),
        "today": opening_windows(outlet, local_date(now)),
        "account": outlet.bank_account if policy.may_see_account(actor) else masked_account(outlet.bank_account),
        "history": history("unit", outlet.pk),
        "may_keep": policy.may_keep_outlet(actor, outlet.unit),
        "may_suspend": policy.may_suspend_outlet(actor, outlet),
        "may_see_providers": policy.may_see_providers(actor),
    }
    return render(request, "network/outlet.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new_outlet(request: PersonRequest) -> HttpResponse:
    """Enter an outlet, with the unit that it is."""
    form = OutletForm(
        request.POST or None,
        is_new=True,
        sees_account=policy.may_see_account(request.actor),
        initial={"type": "standard", "tier": "outlet", "parent": request.GET.get("parent", "")},
    )

    def make(clean: dict[str, Any]) -> Outlet:
        return make_outlet(
            code=clean["code"],
            name=clean["name"],
            parent_id=clean["parent"],
            values=field_values(clean),
            actor=request.actor,
        )

    return form_page(
        request,
        form,
        make,
        allowed=request.actor.has_role(*policy.KEEPERS),
        title=_("New outlet"),
        done=lambda outlet: (_address(outlet.pk), _("%(name)s was added.") % {"name": outlet.unit.name}),
        back=reverse("network:outlets"),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def edit_outlet(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """Change the data of an outlet."""
    outlet = outlet_or_404(request, outlet_id)
    form = OutletForm(
        request.POST or None,
        is_new=False,
        sees_account=policy.may_see_account(request.actor),
        initial=values_of(outlet, OutletForm),
    )
    return form_page(
        request,
        form,
        lambda clean: change_outlet(outlet_id, values=field_values(clean), actor=request.actor, seen_at=seen_at(clean)),
        allowed=policy.may_keep_outlet(request.actor, outlet.unit),
        title=_("Change %(name)s") % {"name": outlet.unit.name},
        done=lambda _row: (_address(outlet_id), _("Saved.")),
        back=_address(outlet_id),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def suspend(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """Stop new orders, with a reason."""
    outlet = outlet_or_404(request, outlet_id)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda clean: suspend_outlet(outlet_id, reason=clean["reason"], actor=request.actor),
        allowed=policy.may_suspend_outlet(request.actor, outlet),
        title=_("Suspend %(name)s") % {"name": outlet.unit.name},
        help_text=_("It gets no new orders until the suspension is lifted; open ones are finished or moved."),
        done=lambda _row: (_address(outlet_id), _("The outlet is suspended.")),
        back=_address(outlet_id),
        submit=_("Suspend"),
        is_danger=True,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def lift(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """Let a suspended outlet have orders again, after an inspection."""
    outlet = outlet_or_404(request, outlet_id)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda clean: lift_suspension(outlet_id, reason=clean["reason"], actor=request.actor),
        allowed=policy.may_suspend_outlet(request.actor, outlet),
        title=_("Lift the suspension of %(name)s") % {"name": outlet.unit.name},
        help_text=_("Name the inspection that it passed."),
        done=lambda _row: (_address(outlet_id), _("The suspension was lifted.")),
        back=_address(outlet_id),
        submit=_("Lift the suspension"),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def end(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """End the contract for good."""
    outlet = outlet_or_404(request, outlet_id)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda clean: end_outlet(outlet_id, reason=clean["reason"], actor=request.actor),
        allowed=policy.may_suspend_outlet(request.actor, outlet),
        title=_("End the contract of %(name)s") % {"name": outlet.unit.name},
        help_text=_("This cannot be undone. Open orders go to other outlets, what is due is settled."),
        done=lambda _row: (_address(outlet_id), _("The contract of the outlet ended.")),
        back=_address(outlet_id),
        submit=_("End the contract"),
        is_danger=True,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def new_area(request: PersonRequest, outlet_id: int) -> HttpResponse:
    """Let an outlet serve one more area."""
    outlet = outlet_or_404(request, outlet_id)
    return form_page(
        request,
        AreaForm(request.POST or None),
        lambda clean: add_area(outlet_id, actor=request.actor, **clean),
        allowed=policy.may_keep_outlet(request.actor, outlet.unit),
        title=_("New area of %(name)s") % {"name": outlet.unit.name},
        done=lambda _row: (_address(outlet_id), _("The area was added.")),
        back=_address(outlet_id),
    )


@require_POST
@signed_in
def drop_area(request: PersonRequest, area_id: int) -> HttpResponse:
    """Let an outlet no longer serve an area."""
    area = OutletArea.objects.filter(pk=area_id).first()
    if area is None:
        raise NotFound
    outlet_or_404(request, area.outlet_id)
    return acted(
        request,
        lambda: remove_area(area_id, actor=request.actor),
        _address(area.outlet_id),
        _("The area was removed."),
    )


def _address(outlet_id: int) -> str:
    return reverse("network:outlet", args=[outlet_id])

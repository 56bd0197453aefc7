"""Contacts and devices of customers."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieli.customers import actions, policy, queries
from jieli.customers.forms import ContactForm, DeviceFilter, DeviceForm, OtherCustomerForm, changed_values, values_of
from jieli.customers.models import Contact, Device
from jieli.customers.panels import device_links
from jieli.customers.refusals import ChangedMeanwhile
from jieli.customers.views.requests import actor_of, customer_or_404, device_or_404, place_before, require_right
from jieli.lib import clock
from jieli.lib.keyset import encode_cursor

_SCOPE = "devices"


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@login_required
@require_http_methods(["GET", "POST"])
def new_contact(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Add a contact to a customer."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_change_customer(actor))
    form = ContactForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(lambda clean: actions.add_contact(customer.pk, **clean, actor=actor))
        if made is not None:
            return redirect("customers:page", customer.pk)
    context = {"form": form, "customer": customer, "title": _("New contact for %(name)s") % {"name": customer.shown_name}}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_http_methods(["GET", "POST"])
def edit_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Change a contact."""
    actor = actor_of(request)
    contact = get_object_or_404(Contact, pk=contact_id)
    customer = customer_or_404(request, contact.customer_id)
    require_right(policy.may_change_customer(actor) and not customer.is_erased)
    form = ContactForm(request.POST or None, initial=values_of(contact, ContactForm))
    if request.method == "POST":
        saved = form.attempt(
            lambda clean: actions.change_contact(contact.pk, values=changed_values(clean, contact), actor=actor)
        )
        if saved is not None:
            return redirect("customers:page", customer.pk)
    context = {"form": form, "customer": customer, "title": _("Change %(name)s") % {"name": contact.name}}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_POST
def end_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Note that a contact left."""
    contact = get_object_or_404(Contact, pk=contact_id)
    customer = customer_or_404(request, contact.customer_id)
    actions.end_contact(contact.pk, actor=actor_of(request))
    return redirect("customers:page", customer.pk)


@login_required
@require_GET
def device_list(request: HttpRequest) -> HttpResponse:
    """Devices, newest first: of one batch for a recall, of a product line, or by a part of the serial number."""
    actor = actor_of(request)
    form = DeviceFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = queries.device_page(actor, **wanted, before=place_before(request, _SCOPE))
    context = {
        "rows": page.rows,
        "next_cursor": encode_cursor([page.next], scope=_SCOPE) if page.next else "",
        "filter_form": form,
        "is_filtered": any(wanted.values()),
        "links": device_links() if policy.may_see_customers(actor) else [],
        "query": urlencode({name: value for name, value in wanted.items() if value}),
    }
    return render(request, "customers/devices.html", context)


@login_required
@require_GET
def device_page(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: what it is, whose, its warranty and its history."""
    actor = actor_of(request)
    device = device_or_404(request, device_id)
    context = {
        "device": device,
        "in_warranty": device.in_warranty(queries.today()),
        "history": queries.history_of(device.pk, stream="device"),
        "may_change": policy.may_change_device(actor),
        "may_move": policy.may_change_customer(actor),
        "links": device_links() if device.serial and policy.may_see_customers(actor) else [],
        "now": clock.now(),
    }
    return render(request, "customers/device.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_device(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Enter a device of a customer."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_change_device(actor) and not customer.is_erased)
    form = DeviceForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda clean: actions.make_device(values=changed_values(clean), customer_id=customer.pk, actor=actor)
        )
        if made is not None:
            return redirect("customers:page", customer.pk)
    context = {"form": form, "customer": customer, "title": _("New device for %(name)s") % {"name": customer.shown_name}}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_http_methods(["GET", "POST"])
def edit_device(request: HttpRequest, device_id: int) -> HttpResponse:
    """Change a device; who saves second is shown the difference."""
    actor = actor_of(request)
    device = device_or_404(request, device_id)
    require_right(policy.may_change_device(actor))
    form = DeviceForm(request.POST or None, initial=values_of(device, DeviceForm))
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            saved = form.attempt(lambda clean: _save(device.pk, clean, request))
        except ChangedMeanwhile as refused:
            saved = None
            conflicts = [
                {"label": form.fields[name].label, "yours": form.cleaned_data.get(name), "theirs": theirs}
                for name, theirs in refused.changed.items()
            ]
        if saved is not None:
            return redirect("customers:device", saved.pk)
    context = {
        "form": form,
        "device": device,
        "conflicts": conflicts,
        "conflict_at": device.changed_at,
        "title": _("Change %(name)s") % {"name": device},
        "reload_url": request.path,
    }
    return render(request, "customers/form.html", context, status=409 if conflicts else _status(request))


def _save(device_id: int, clean: dict[str, Any], request: HttpRequest) -> Device:
    seen = clean.get("seen_at", "")
    try:
        seen_at = None if request.POST.get("overwrite") else datetime.fromisoformat(seen)
    except ValueError:
        seen_at = None
    return actions.change_device(device_id, values=changed_values(clean), actor=actor_of(request), seen_at=seen_at)


@login_required
@require_http_methods(["GET", "POST"])
def move_device(request: HttpRequest, device_id: int) -> HttpResponse:
    """Give a device to another customer."""
    actor = actor_of(request)
    device = device_or_404(request, device_id)
    require_right(policy.may_change_customer(actor))
    form = OtherCustomerForm(request.POST or None)
    if request.method == "POST":
        moved = form.attempt(lambda clean: actions.move_device(device.pk, customer_id=clean["other"].pk, actor=actor))
        if moved is not None:
            messages.success(request, _("The device was moved."))
            return redirect("customers:device", device.pk)
    context = {"form": form, "device": device, "title": _("Move %(name)s to another customer") % {"name": device}}
    return render(request, "customers/form.html", context, status=_status(request))

"""Further addresses and special dates of a customer, and the segments of the list."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jieli.customers import actions, policy
from jieli.customers.forms import ActionForm, AddressForm, CustomerFilter, SegmentForm, SpecialDateForm
from jieli.customers.models import Address, Segment, SpecialDate
from jieli.customers.views.requests import actor_of, customer_or_404, require_right


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@login_required
@require_http_methods(["GET", "POST"])
def new_address(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Add an address to a customer."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_change_customer(actor) and not customer.is_erased)
    form = AddressForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(lambda clean: actions.add_address(customer.pk, **clean, actor=actor))
        if made is not None:
            return redirect("customers:page", customer.pk)
    context = {"form": form, "customer": customer, "title": _("New address for %(name)s") % {"name": customer.shown_name}}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_POST
def end_address(request: HttpRequest, address_id: int) -> HttpResponse:
    """Note that an address no longer holds."""
    address = get_object_or_404(Address, pk=address_id)
    customer = customer_or_404(request, address.customer_id)
    actions.end_address(address.pk, actor=actor_of(request))
    return redirect("customers:page", customer.pk)


@login_required
@require_http_methods(["GET", "POST"])
def new_special_date(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Note a day that matters to a customer."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_change_customer(actor) and not customer.is_erased)
    form = SpecialDateForm(request.POST or None)
    if request.method == "POST":
        made = form.attempt(lambda clean: actions.note_special_date(customer.pk, **clean, actor=actor))
        if made is not None:
            return redirect("customers:page", customer.pk)
    context = {"form": form, "customer": customer, "title": _("New special date for %(name)s") % {"name": customer.shown_name}}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_POST
def remove_special_date(request: HttpRequest, special_date_id: int) -> HttpResponse:
    """Take a special date away."""
    special = get_object_or_404(SpecialDate, pk=special_date_id)
    customer = customer_or_404(request, special.customer_id)
    actions.remove_special_date(special.pk, actor=actor_of(request))
    return redirect("customers:page", customer.pk)


@login_required
@require_POST
def keep_segment(request: HttpRequest) -> HttpResponse:
    """Save the filter of the list, which stands in the address, under a name."""
    filters = CustomerFilter(request.GET).filters()
    form: ActionForm = SegmentForm(request.POST)
    actor = actor_of(request)
    kept = form.attempt(lambda clean: actions.keep_segment(**clean, filters=filters, actor=actor))
    if kept is None:
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    else:
        messages.success(request, _("The segment was saved."))
    return redirect(f"{reverse('customers:list')}?{urlencode(filters)}")


@login_required
@require_POST
def remove_segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Remove a segment."""
    actions.remove_segment(get_object_or_404(Segment, pk=segment_id).pk, actor=actor_of(request))
    messages.success(request, _("The segment was removed; its customers stay."))
    return redirect("customers:list")

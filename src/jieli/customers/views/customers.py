"""The list of customers, a customer's page, and what is done on it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieli.customers import actions, policy, queries
from jieli.customers.forms import (
    ConsentForm,
    CustomerFilter,
    CustomerForm,
    EraseForm,
    HoldForm,
    OtherCustomerForm,
    SegmentForm,
    changed_values,
    values_of,
)
from jieli.customers.models import Customer, Merge
from jieli.customers.panels import panels_for
from jieli.customers.refusals import ChangedMeanwhile
from jieli.customers.rules import temperament_advice
from jieli.customers.views.requests import actor_of, customer_or_404, place_before, require_right
from jieli.lib.keyset import encode_cursor

_SCOPE = "customers"


@login_required
@require_GET
def customer_list(request: HttpRequest) -> HttpResponse:
    """Customers, newest first, found by name, phone, code or a device's serial number."""
    actor = actor_of(request)
    form = CustomerFilter(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    filters = form.filters()
    page = queries.customer_page(actor, query=words, filters=filters, before=place_before(request, _SCOPE))
    context = {
        "rows": page.rows,
        "next_cursor": encode_cursor([page.next], scope=_SCOPE) if page.next else "",
        "filter_form": form,
        "is_filtered": bool(words or filters),
        "filters": filters,
        "segments": [(one, urlencode(one.filters), one.filters == filters) for one in queries.segments()],
        "segment_form": SegmentForm(),
        "may_keep_segment": policy.may_keep_segment(actor),
        "may_merge": policy.may_merge_customers(actor),
        "may_make": policy.may_change_customer(actor),
    }
    return render(request, "customers/list.html", context)


@login_required
@require_GET
def customer_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Everything known of one customer, with what may be done."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    may_merge = policy.may_merge_customers(actor)
    context = {
        "customer": customer,
        "kept": queries.current_customer(customer.pk) if customer.merged_into_id else None,
        "contacts": queries.contacts_of(customer.pk),
        "devices": queries.devices_of(customer.pk),
        "addresses": queries.addresses_of(customer.pk),
        "special_dates": queries.special_dates_of(customer.pk),
        "advice": temperament_advice(customer.temperament),
        "consents": queries.consents_of(customer.pk),
        "tier_reason": queries.tier_reason(customer),
        "similar": queries.similar_customers(actor, customer) if may_merge and not customer.is_erased else [],
        "merges": queries.merges_of(customer.pk) if may_merge else [],
        "certificate": queries.certificate_of(customer.pk) if customer.is_erased else None,
        "history": queries.history_of(customer.pk),
        "panels": panels_for(actor, customer),
        "may_change": policy.may_change_customer(actor) and not customer.is_erased and customer.merged_into_id is None,
        "may_change_device": policy.may_change_device(actor),
        "may_judge": policy.may_judge_customer(actor),
        "may_unmask": policy.may_unmask(actor),
        "may_merge": may_merge,
        "may_erase": policy.may_erase_customer(actor),
        "consent_form": ConsentForm(),
    }
    return render(request, "customers/customer.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    """Enter a customer."""
    actor = actor_of(request)
    require_right(policy.may_change_customer(actor))
    may_judge = policy.may_judge_customer(actor)
    form = CustomerForm(request.POST or None, may_judge=may_judge, initial={"kind": "person"})
    if request.method == "POST":
        made = form.attempt(lambda clean: actions.make_customer(values=changed_values(clean), actor=actor))
        if made is not None:
            messages.success(request, _("%(name)s was entered.") % {"name": made.name})
            return redirect("customers:page", made.pk)
    context = {"form": form, "title": _("New customer"), "back": "customers:list"}
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_http_methods(["GET", "POST"])
def edit_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Change a customer's data; who saves second is shown the difference."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_change_customer(actor) and not customer.is_erased)
    form = CustomerForm(
        request.POST or None, may_judge=policy.may_judge_customer(actor), initial=values_of(customer, CustomerForm)
    )
    conflicts: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            saved = form.attempt(lambda clean: _save(customer, clean, request))
        except ChangedMeanwhile as refused:
            conflicts, saved = _conflicts(form, refused, queries.masked_values(Customer.objects.get(pk=customer.pk))), None
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("customers:page", saved.pk)
    context = {
        "form": form,
        "customer": customer,
        "conflicts": conflicts,
        "conflict_at": customer.changed_at,
        "title": _("Change %(name)s") % {"name": customer.shown_name},
        "reload_url": request.path,
    }
    return render(request, "customers/form.html", context, status=409 if conflicts else _status(request))


def _save(customer: Customer, clean: dict[str, Any], request: HttpRequest) -> Customer:
    seen_at = None if request.POST.get("overwrite") else _moment(clean.get("seen_at", ""))
    values = changed_values(clean, customer)
    return actions.change_customer(customer.pk, values=values, actor=actor_of(request), seen_at=seen_at)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _conflicts(form: CustomerForm, refused: ChangedMeanwhile, masked: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"label": form.fields[name].label, "yours": form.cleaned_data.get(name), "theirs": masked.get(name, theirs)}
        for name, theirs in refused.changed.items()
        if name in form.fields
    ]


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


@login_required
@require_POST
def reveal(request: HttpRequest, customer_id: int, field: str) -> HttpResponse:
    """Answer a masked field in full; the look is recorded. Without scripts the whole answer is the value."""
    customer = customer_or_404(request, customer_id)
    ids = {name: _number(request.GET.get(name, "")) for name in ("contact", "address")}
    text = actions.unmask(
        customer.pk, field=field, contact_id=ids["contact"], address_id=ids["address"], actor=actor_of(request)
    )
    response = HttpResponse(text or "–", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@login_required
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """Customers who may be the same, to be compared and merged."""
    require_right(policy.may_merge_customers(actor_of(request)))
    return render(request, "customers/duplicates.html", {"groups": queries.duplicates(actor_of(request))})


@login_required
@require_POST
def rescore(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Score the tier by the rules in force now."""
    customer = customer_or_404(request, customer_id)
    actions.rescore_customer(customer.pk, actor=actor_of(request))
    return redirect("customers:page", customer.pk)


@login_required
@require_POST
def consent(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Record what the customer said to a purpose."""
    customer = customer_or_404(request, customer_id)
    form = ConsentForm(request.POST)
    said = form.attempt(lambda clean: actions.record_consent(customer.pk, **clean, actor=actor_of(request)))
    if said is None:
        messages.error(request, _("Say what the consent is for."))
    return redirect("customers:page", customer.pk)


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Merge another customer into this one, after showing both."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_merge_customers(actor) and not customer.is_erased)
    if request.method == "GET" and "other" not in request.GET:
        return render(request, "customers/merge.html", {"customer": customer, "form": OtherCustomerForm()})
    form = OtherCustomerForm(request.POST if request.method == "POST" else request.GET)
    other = form.cleaned_data["other"] if form.is_valid() else None
    if request.method == "POST" and other is not None:
        done = form.attempt(lambda clean: actions.merge_customers(customer.pk, merged_id=clean["other"].pk, actor=actor))
        if done is not None:
            messages.success(request, _("%(name)s was merged into this customer.") % {"name": other.shown_name})
            return redirect("customers:page", customer.pk)
    return render(
        request, "customers/merge.html", {"customer": customer, "form": form, "other": other}, status=_status(request)
    )


@login_required
@require_POST
def undo_merge(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Make two customers of one again."""
    found = get_object_or_404(Merge.objects.select_related("kept"), pk=merge_id)
    customer_or_404(request, found.kept_id)
    actions.undo_merge(found.pk, actor=actor_of(request))
    messages.success(request, _("The merge was undone."))
    return redirect("customers:page", found.kept_id)


_ERASE_HELP = gettext_lazy(
    "Name, phone, e-mail, address and notes, the words of all messages and the bytes of all files of this customer are "
    "removed everywhere. Counts, amounts and the chain of events stay. A certificate is written."
)


@login_required
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Erase a customer's personal data, with a certificate."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_erase_customer(actor) and not customer.is_erased)
    form = EraseForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(lambda clean: actions.erase_customer(customer.pk, reason=clean["reason"], actor=actor))
        if done is not None:
            messages.success(request, _("The data were erased; certificate %(number)s.") % {"number": done.pk})
            return redirect("customers:page", customer.pk)
    context = {
        "form": form,
        "customer": customer,
        "title": _("Erase the data of %(name)s") % {"name": customer.shown_name},
        "help": _ERASE_HELP,
        "submit": _("Erase"),
        "is_danger": True,
    }
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Set a legal hold, which blocks erasure."""
    actor = actor_of(request)
    customer = customer_or_404(request, customer_id)
    require_right(policy.may_hold_customer(actor) and not customer.is_erased)
    initial = {"reason": customer.legal_hold, "until": customer.legal_hold_until}
    form = HoldForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = form.attempt(lambda clean: actions.set_legal_hold(customer.pk, **clean, actor=actor))
        if done is not None:
            return redirect("customers:page", customer.pk)
    context = {
        "form": form,
        "customer": customer,
        "title": _("Legal hold for %(name)s") % {"name": customer.shown_name},
        "help": _("While the hold lasts, the data of this customer cannot be erased."),
        "submit": _("Set the hold"),
    }
    return render(request, "customers/form.html", context, status=_status(request))


@login_required
@require_POST
def lift_hold(request: HttpRequest, customer_id: int) -> HttpResponse:
    """End a legal hold."""
    customer = customer_or_404(request, customer_id)
    actions.lift_legal_hold(customer.pk, actor=actor_of(request))
    return redirect("customers:page", customer.pk)

"""The phone and counter form: the caller is found while the number is typed; nothing that is known is asked again."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from jieli.cases import policy
from jieli.cases.actions.opening import NewCase, Opened, open_case
from jieli.cases.actions.owning import take_case
from jieli.cases.forms.opening import QuickForm
from jieli.cases.queries.callers import Caller, caller_of
from jieli.cases.refusals import AlreadyTaken
from jieli.cases.views.requests import DeskRequest, at_desk, done
from jieli.customers.actions import find_or_make_customer
from jieli.customers.models import Customer, Device
from jieli.customers.queries import callers as known_callers
from jieli.customers.queries import visible_customer, visible_devices
from jieli.events.refusals import NotAllowed, NotFound, require


@never_cache
@at_desk
@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Open a case for somebody on the phone or at the counter, and take it."""
    require(policy.may_open(request.actor))
    posted = request.POST if request.method == "POST" and "refresh" not in request.POST else None
    known = {"take": True, **request.GET.dict()}
    if posted is None and request.method == "POST":
        known = request.POST.dict() | {"take": "take" in request.POST}
    form = QuickForm(posted, actor=request.actor, initial=known)
    caller = _caller(request, form["customer_id"].value())
    if posted is not None:
        joinable = caller.joinable(posted.get("device_id", ""), posted.get("subject", "")) if caller else []
        if joinable and not posted.get("anyway"):
            return _answer(request, form, caller, joinable=joinable, status=409)
        opened = form.attempt(lambda clean: _open(request, form, clean))
        if opened is not None:
            return done(request, reverse("cases:case", args=[opened.number]), _said(opened))
    return _answer(request, form, caller, status=422 if posted is not None else 200)


def _said(opened: Opened) -> str:
    return _("%(number)s is open. Tell the customer the number and the time.") % {"number": opened.number}


def _answer(request: DeskRequest, form: QuickForm, caller: Caller | None, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {"form": form, "caller": caller, "chosen_device": str(form["device_id"].value() or ""), **more}
    return render(request, "cases/new.html", context, status=status)


def _caller(request: DeskRequest, customer_id: Any) -> Caller | None:
    text = str(customer_id or "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return None
    try:
        return caller_of(visible_customer(request.actor, int(text)), request.actor)
    except Customer.DoesNotExist:
        return None


def _open(request: DeskRequest, form: QuickForm, clean: dict[str, Any]) -> Opened:
    actor = request.actor
    customer = _customer(request, clean)
    device: Device | None = None
    if clean.get("device_id"):
        device = visible_devices(actor).filter(pk=clean["device_id"]).first()
    opened = open_case(
        NewCase(
            kind=clean["kind"],
            subject=clean["subject"],
            customer=customer,
            description=clean["description"],
            service_type=clean["service_type"] if clean["kind"] == "service" else "",
            channel=clean["channel"],
            severity=clean["severity"],
            device=device,
            product_line=clean["product_line"],
            address=clean["address"],
            custom={name: value for name, value in form.custom_values().items() if value is not None},
        ),
        actor=actor,
    )
    if clean["take"]:
        try:
            take_case(opened.case_id, actor=actor)
        except (AlreadyTaken, NotAllowed, NotFound):
            return opened  # it landed in another unit: its duty officer has it, and the page says so
    return opened


def _customer(request: DeskRequest, clean: dict[str, Any]) -> Customer:
    if clean.get("customer_id"):
        try:
            return visible_customer(request.actor, clean["customer_id"])
        except Customer.DoesNotExist:
            raise NotFound from None
    return find_or_make_customer(name=clean["name"], phone=clean["phone"], actor=request.actor)


@never_cache
@at_desk
@require_GET
def callers(request: DeskRequest) -> HttpResponse:
    """List the customers whom a number being typed may mean."""
    typed = request.GET.get("phone", "")
    return render(request, "cases/_callers.html", {"callers": known_callers(request.actor, typed=typed), "typed": typed})


@never_cache
@at_desk
@require_GET
def caller(request: DeskRequest) -> HttpResponse:
    """Show the chosen customer at once: devices, open cases, what was repaired lately."""
    found = _caller(request, request.GET.get("customer_id"))
    if found is None:
        raise NotFound
    return render(request, "cases/_caller.html", {"caller": found, "chosen_device": request.GET.get("device_id", "")})

"""What every page here needs of its request."""

from typing import cast

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from jieli.customers.models import Customer, Device
from jieli.customers.queries import visible_devices
from jieli.events.actor import Actor
from jieli.lib.keyset import decode_cursor


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks; the page requires a login."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def customer_or_404(request: HttpRequest, customer_id: int) -> Customer:
    """Return a visible customer, else answer 404."""
    return get_object_or_404(Customer.objects.visible_to(actor_of(request)), pk=customer_id)


def device_or_404(request: HttpRequest, device_id: int) -> Device:
    """Return a visible device with its customer, else answer 404."""
    return get_object_or_404(visible_devices(actor_of(request)).select_related("customer"), pk=device_id)


def place_before(request: HttpRequest, scope: str) -> int | None:
    """Return the id after which the asked page of a list begins; None at its begin, or for a made-up cursor."""
    try:
        (value,) = decode_cursor(request.GET.get("after", ""), scope=scope)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def require_right(allowed: bool) -> None:
    """Answer 404 to who may not use this page: it would only end in a refusal."""
    if not allowed:
        raise Http404

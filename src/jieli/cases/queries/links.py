"""Addresses of a case, for the desk and for the customer."""

from datetime import datetime

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from jieli.cases.events import LinkAsked, LinkRenewed
from jieli.cases.rules.numbers import case_number
from jieli.events.models import Event


def tracking_path(number: str, code: str) -> str:
    """Return the path under which a customer follows a case with its code."""
    return f"/t/{number}/{code}"


def tracking_url(number: str, code: str, base: str = "") -> str:
    """Return the customer's link to a case; `base` such as ``https://service.example`` stands in for a missing public URL."""
    return f"{settings.PUBLIC_URL or base.rstrip('/')}{tracking_path(number, code)}"


def case_path(case_id: int) -> str:
    """Return the path of a case on the desk."""
    try:
        return reverse("cases:case", args=[case_number(case_id)])
    except NoReverseMatch:
        return f"/cases/{case_number(case_id)}"


def link_asked_at(case_id: int) -> datetime | None:
    """Return when the customer asked for a new link, or None when nobody waits for one. One query."""
    found = Event.objects.of_case(case_id).filter(type__in=[LinkAsked.type, LinkRenewed.type])
    last = found.order_by("-sequence").first()
    return last.at if last is not None and last.type == LinkAsked.type else None

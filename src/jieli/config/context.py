"""What every template knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from jieli import __version__


def site(request: HttpRequest) -> dict[str, Any]:
    """Return demo mode, version and the CSP-safe facts that the base template needs."""
    return {"is_demo": settings.DEMO, "jieli_version": __version__, "request_id": getattr(request, "request_id", "")}

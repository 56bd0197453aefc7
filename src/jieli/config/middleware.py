"""What happens around every request: its id and log line, safe headers, and refusals turned into answers."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from jieli.events.refusals import Refused
from jieli.lib import clock

_log = structlog.get_logger("jieli.request")
_ACCEPTABLE_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")
_QUIET = ("/static/", "/healthz", "/readyz")

Answer = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Give each request an id (or keep the proxy's), bind it to every log line, and write one line at the end.

    The line has the route, never the address: addresses of the portal contain access codes.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with an id and leave one line in the log."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id), clock.read_once():
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            if not request.path.startswith(_QUIET):
                match = request.resolver_match
                user = getattr(request, "user", None)
                _log.info(
                    "request",
                    method=request.method,
                    route=match.route if match else None,
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - began) * 1000, 1),
                    staff_id=getattr(user, "pk", None) if "user" in request.__dict__ else None,
                )
        return response


class SecureHeaders:
    """Add the content security policy and its companions."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {value}" for name, value in settings.CONTENT_SECURITY_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers, unless the view set its own."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response


def refusal_body(refused: Refused) -> dict[str, object]:
    """Return what the API says about a refusal."""
    return {
        "code": refused.code,
        "message": str(refused.message),
        "fields": {name: str(text) for name, text in refused.fields.items()},
    }


class Refusals:
    """Turn a refusal that no form caught into an answer: JSON for the API, a toast for HTMX, else a page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a `Refused`; leave every other exception alone."""
        if not isinstance(exception, Refused):
            return None
        body = refusal_body(exception)
        if request.path.startswith("/api/"):
            return JsonResponse(body, status=exception.status)
        return refusal_page(request, exception.status, body)


def refusal_page(request: HttpRequest, status: int, body: dict[str, object]) -> HttpResponse:
    """Return the page for `status`, with the refusal's message and fields; plain text while no template exists."""
    context = {"status": status, **body}
    if getattr(request, "htmx", False):
        names = ["ui/_refused.html", f"{status}.html", "refused.html"]
    else:
        names = [f"{status}.html", "refused.html"]
    try:
        text = render_to_string(names, context, request)
    except TemplateDoesNotExist:
        return HttpResponse(str(body["message"]), status=status, content_type="text/plain; charset=utf-8")
    return HttpResponse(text, status=status)

"""The pages for requests that fail before or outside an action; the API gets its own form of each."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from jieli.config.middleware import refusal_page


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    body: dict[str, object] = {"code": code, "message": message, "fields": {}}
    if request.path.startswith("/api/"):
        return JsonResponse(body, status=status)
    return refusal_page(request, status, body)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _answer(request, 400, "bad_request", _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return _answer(request, 403, "not_allowed", _("You are not allowed to do this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return _answer(request, 404, "not_found", _("There is nothing here that you may see."))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the request id, by which the log line can be found."""
    return _answer(request, 500, "error", _("Something went wrong here. It has been noted."))

"""The short way of a request to the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from jieli.config.errors import not_found
from jieli.config.middleware import refusal_body
from jieli.events.refusals import Refused


class ApiDirect:
    """Answer the API without what only pages need: sessions, forms, messages, static files. Only the language counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a path below ``/api/v1/`` at once, hand on every other."""
        if not request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = _answer(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return not_found(request)
    request.resolver_match = match
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Refused as refusal:
        return JsonResponse(refusal_body(refusal), status=refusal.status)
    return response

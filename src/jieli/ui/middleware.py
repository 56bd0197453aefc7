"""Tells the browser that a text with a kept draft has arrived."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
Answer = Callable[[HttpRequest], HttpResponse]


class SentDrafts:
    """Answer a form's `_draft` field with a cookie once the post was taken; only then the browser forgets its copy.

    Taken means 201, 204 or a redirect that is not to the login page: a refused or lost text stays in the browser.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with the cookie where a draft arrived."""
        response = self.get_response(request)
        if request.method != "POST" or request.content_type not in FORMS:
            return response
        if not (draft := request.POST.get("_draft", "")) or len(draft) > 40:
            return response
        if response.status_code in (201, 204) or self._is_redirect_onward(response):
            response.set_cookie("sent_draft", draft, max_age=600, samesite="Lax", secure=request.is_secure())
        return response

    def _is_redirect_onward(self, response: HttpResponse) -> bool:
        if response.status_code not in (302, 303):
            return False
        return urlsplit(response.headers["Location"]).path != urlsplit(resolve_url(settings.LOGIN_URL)).path

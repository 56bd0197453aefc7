"""The pages of the look itself: theme, language, and the gallery of components."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language

from jieli.ui import gallery as samples
from jieli.ui.context import THEME_COOKIE, THEMES

YEAR_SECONDS = 365 * 24 * 60 * 60


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else "/"


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or auto in a cookie; the way without scripts."""
    response = HttpResponseRedirect(_way_back(request))
    theme = request.POST.get("theme", "auto")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and go back to the page."""
    return set_language(request)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component on one page, with made-up values."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    page = request.GET.get("page", "desk")
    template = samples.PAGES.get(page)
    if template is None:
        raise Http404
    return render(request, template, samples.context(page, request))


@require_http_methods(["GET", "POST"])
def gallery_part(request: HttpRequest, part: str) -> HttpResponse:
    """The fragments which the gallery's own drawers, counts and masked fields ask for."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return samples.part(request, part)

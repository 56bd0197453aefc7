"""Logging in and out, and one's own page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jieli.events.refusals import Refused
from jieli.lib import clock
from jieli.people import actions, queries
from jieli.people.access import PersonRequest, signed_in
from jieli.people.forms import AbsenceForm, DeputyForm, LanguageForm, OwnPasswordForm, SignInForm
from jieli.people.models import DutyShift

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


def _address(request: HttpRequest) -> str:
    """Return the network address of the caller; behind the proxy of JIELI_HTTPS, the last one the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Show the login page, or open a session."""
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                staff = actions.sign_in(
                    form.cleaned_data["username"], password=form.cleaned_data["password"], address=_address(request)
                )
            except Refused as refused:
                form.add_error(None, str(refused))
                status = refused.status
            else:
                login(request, staff, backend=BACKEND)
                response = redirect(_next_page(request))
                if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                    _keep_language(response, staff.language)
                return response
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "demo_logins": queries.demo_logins() if settings.DEMO else [],
    }
    return render(request, "ui/login.html", context, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Close the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )


@require_safe
@signed_in
def me(request: PersonRequest) -> HttpResponse:
    """Show one's own page: roles, duty to come, absences, deputies, tokens, language."""
    return my_page(request)


def my_page(request: PersonRequest, status: int = 200, **bound: Any) -> HttpResponse:
    """Show one's own page, with the forms that were refused."""
    staff, now = request.user, clock.now()
    context = {
        "person": staff,
        "grants": staff.grants.select_related("unit").order_by("unit__path", "role"),
        "superior": queries.superior_of(staff),
        "shifts": DutyShift.objects.filter(staff=staff, ends_at__gt=now).select_related("unit").order_by("starts_at")[:20],
        "absences": staff.absences.not_over(now).order_by("starts_at"),
        "deputies": staff.deputies.select_related("deputy").order_by("order", "pk"),
        "stands_in_for": staff.deputy_for.select_related("staff").order_by("staff__name"),
        "tokens": queries.tokens_of(staff),
        "language_form": LanguageForm(initial={"language": staff.language}),
        "absence_form": AbsenceForm(),
        "deputy_form": DeputyForm(initial={"starts_on": queries.local_date(now)}),
        "people": queries.people_to_choose(staff.unit),
        "may_declare": True,
        **bound,
    }
    return render(request, "people/me.html", context, status=status)


@require_safe
@signed_in
def my_absences(request: PersonRequest) -> HttpResponse:
    """Show one's own absences and deputies (a part of one's own page)."""
    return redirect("/me/#absences")


@require_POST
@signed_in
def my_language(request: PersonRequest) -> HttpResponse:
    """Choose one's language."""
    form = LanguageForm(request.POST)
    done = form.attempt(
        lambda values: actions.choose_language(request.user.pk, language=values["language"], actor=request.actor)
    )
    if done is None:
        return my_page(request, 422, language_form=form)
    response = redirect("people:me")
    _keep_language(response, done.language)
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in
def my_password(request: PersonRequest) -> HttpResponse:
    """Change one's password; this session stays, all others end."""
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda values: actions.change_own_password(
                request.user.pk, old=values["old"], new=values["password"], actor=request.actor
            )
        )
        if done is not None:
            update_session_auth_hash(request, done)
            messages.success(request, _("Your password was changed. All your other sessions have ended."))
            return redirect("people:me")
    return render(request, "people/password.html", {"form": form}, status=422 if request.method == "POST" else 200)

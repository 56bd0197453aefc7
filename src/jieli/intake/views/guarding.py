"""What every page of the portal does against strangers: quiet headers, and a limit to how often one address may try."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused
from jieli.lib.rates import Rates

P = ParamSpec("P")

# Whole families and offices share an address: room for a burst, then a calm rate. Per process.
reports = Rates(per_second=1 / 60, burst=20)
writings = Rates(per_second=1 / 10, burst=30)
wrong_codes = Rates(per_second=1 / 30, burst=20)
lost_links = Rates(per_second=1 / 120, burst=5)


class TooManyTries(Refused):
    """One network address sent more than people do."""

    code = "too_many_requests"
    status = 429
    message = _("There were too many tries from your network. Please wait a few minutes, or call us.")


def address_of(request: HttpRequest) -> str:
    """Return the network address of the caller; behind the proxy of JIELI_HTTPS, the last one the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def take_turn(rates: Rates, request: HttpRequest) -> None:
    """Count one try of this address; raises TooManyTries when it has had too many."""
    if rates.take(address_of(request), time.monotonic()):
        raise TooManyTries


def refuse_guessers(request: HttpRequest) -> None:
    """Raise TooManyTries for an address that gave too many wrong codes; a right code counts nothing."""
    if wrong_codes.wait(address_of(request), time.monotonic()):
        raise TooManyTries


def note_wrong_code(request: HttpRequest) -> None:
    """Count a wrong code of this address."""
    wrong_codes.take(address_of(request), time.monotonic())


def forget() -> None:
    """Begin anew: every address may try again."""
    for rates in (reports, writings, wrong_codes, lost_links):
        rates.forget()


def quiet(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Keep a page out of caches, search engines and other sites' logs: its address may hold a code.

    The referrer policy is not `no-referrer`, because browsers then hide the origin of forms, which the CSRF check asks for.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return guarded

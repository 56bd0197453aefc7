"""The page whose address stands on every printed statement: is this what we sealed? Open to everybody who holds a copy."""

import time

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jieli.events.refusals import Refused
from jieli.lib.rates import Rates
from jieli.settlement.forms import CheckForm
from jieli.settlement.queries.sealed import Check, check_file, check_hash
from jieli.settlement.rules.sealing import hash_in

MOST_BYTES = 20 * 2**20
tries = Rates(per_second=1 / 5, burst=30)


class TooManyChecks(Refused):
    """One network address checked more than people do."""

    code = "too_many_requests"
    status = 429
    message = _("There were too many tries from your network. Please wait a few minutes.")


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponseBase:
    """Say whether a hash or a file is a sealed statement; what it says stands on the copy anyway."""
    form = CheckForm(request.POST or None, request.FILES or None, initial={"hash": request.GET.get("hash", "")[:64]})
    found: Check | None = None
    if request.method == "POST":
        if tries.take(_address(request), time.monotonic()):
            raise TooManyChecks
        found = _checked(form) if form.is_valid() else None
    response = render(request, "settlement/check.html", {"form": form, "found": found})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _address(request: HttpRequest) -> str:
    """Return the network address of the caller; behind the proxy of JIELI_HTTPS, the last one the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def _checked(form: CheckForm) -> Check | None:
    upload = form.cleaned_data["file"]
    if upload:
        if upload.size > MOST_BYTES:
            form.add_error("file", _("This file is too large: at most 20 MB."))
            return None
        return check_file(upload.read())
    digest = hash_in(form.cleaned_data["hash"])
    if not digest:
        form.add_error("hash", _("Give the 64 characters of the seal, or the file."))
        return None
    return check_hash(digest)

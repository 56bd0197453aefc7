"""The endpoints of the engineer's phone: the day, what it sends, its photos; JSON always, also for refusals."""

import json
import math
import time
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, cast
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jieli.events.actor import Actor
from jieli.events.refusals import NotAllowed, Refused
from jieli.files.queries import most_bytes
from jieli.lib import clock
from jieli.lib.rates import Rates
from jieli.people.models import Staff
from jieli.visits.actions.photos import keep_photo
from jieli.visits.actions.taking import take_bundle
from jieli.visits.policy import may_use_phone
from jieli.visits.queries.day import day_of
from jieli.visits.queries.windows import free_windows
from jieli.visits.refusals import BadBundle, BadEntry
from jieli.visits.rules.entries import MOST_BYTES, instant, read_bundle, uuid_of

days = Rates(per_second=0.5, burst=30)
sendings = Rates(per_second=5, burst=120)

View = Callable[..., HttpResponse]


def _refusal(refused: Refused, **headers: str) -> HttpResponse:
    body = {
        "code": refused.code,
        "message": str(refused.message),
        "fields": {name: str(why) for name, why in refused.fields.items()},
    }
    return JsonResponse(body, status=refused.status, headers=headers)


def _said(code: str, message: str, status: int, **headers: str) -> HttpResponse:
    return JsonResponse({"code": code, "message": message, "fields": {}}, status=status, headers=headers)


def _for_phones(rates: Rates, most: Callable[[], int], around: int = 0) -> Callable[[View], View]:
    """Let engineers in who are signed in, not too often and not with too much; answer JSON and never a redirect.

    `most` is what may be sent, in bytes; `around` what a form needs beside it.
    A phone names in `X-Engineer` whose entries it sends, so that they never become those of whoever signed in after.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest) -> HttpResponse:
            if not request.user.is_authenticated:
                return _said("signed_out", _("You are signed out. Sign in again; nothing on the phone is lost."), 401)
            if not may_use_phone(_actor(request)):
                return _refusal(NotAllowed())
            if unquote(request.headers.get("X-Engineer", request.user.code)) != request.user.code:
                words = _("Somebody else is signed in on this phone now. What you recorded waits until you sign in again.")
                return _said("other_person", words, 409)
            wait = rates.take(f"{request.user.pk}", time.monotonic())
            if wait:
                return _said(
                    "too_many_requests", _("Too often. It goes on by itself."), 429, **{"Retry-After": str(math.ceil(wait))}
                )
            length = request.headers.get("Content-Length", "")
            if length.isdecimal() and int(length) > most() + around:
                words = _("This is too large: at most %(most)s MB.") % {"most": max(1, round(most() / 2**20))}
                return _said("too_large", words, 413, Connection="close")
            try:
                return view(request)
            except Refused as refused:
                return _refusal(refused)

        return run

    return wrap


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@require_GET
@_for_phones(days, lambda: MOST_BYTES)
def day(request: HttpRequest) -> HttpResponse:
    """Everything for today and tomorrow; 304 without a body to a phone that has exactly this, with our time in `X-Now`.

    A phone asks each minute, mostly over mobile data. The token is part of what it has: another login has another one.
    """
    now, token = clock.now(), get_token(request)
    told = json.dumps(day_of(cast(Staff, request.user), now), ensure_ascii=False)
    tag = sha256(f"{request.META['CSRF_COOKIE']}{told}".encode()).hexdigest()[:32]
    headers = {"Cache-Control": "no-store", "ETag": f'"{tag}"'}
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers | {"X-Now": now.isoformat()})
    mine = json.dumps({"now": now.isoformat(), "csrf": token})
    return HttpResponse(f"{mine[:-1]}, {told[1:]}", content_type="application/json", headers=headers)


@require_GET
@_for_phones(days, lambda: MOST_BYTES)
def windows(request: HttpRequest) -> HttpResponse:
    """When the engineer of an order could come again."""
    found = free_windows(request.GET.get("order", "")[:40], actor=_actor(request))
    told = [{"from": one.starts_at.isoformat(), "to": one.ends_at.isoformat()} for one in found]
    return JsonResponse({"windows": told}, headers={"Cache-Control": "no-store"})


@require_POST
@_for_phones(sendings, lambda: MOST_BYTES)
def bundle(request: HttpRequest) -> HttpResponse:
    """What the phone recorded, each entry once."""
    read = read_bundle(_json(request))
    if isinstance(read, dict):
        raise BadBundle(fields=read)
    results = take_bundle(read, actor=_actor(request))
    told: list[dict[str, Any]] = []
    for one in results:
        told.append({"id": one.id, "state": str(one.state)})
        if one.message or one.fields:
            told[-1] |= {"message": one.message, "fields": dict(one.fields)}
    return JsonResponse({"now": clock.now().isoformat(), "results": told})


def _json(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadBundle from None


@require_POST
@_for_phones(sendings, most_bytes, around=2**20)
def photo(request: HttpRequest) -> HttpResponse:
    """One photo; 201 for a new one, 200 for one that we have."""
    client_id, file = uuid_of(request.POST.get("id", "")), request.FILES.get("file")
    wrong = {}
    if client_id is None:
        wrong["id"] = _("A photo has a UUID as its name.")
    if file is None:
        wrong["file"] = _("There is no photo.")
    if client_id is None or file is None:
        raise BadEntry(fields=wrong)
    kept, is_new = keep_photo(
        file,
        client_id=client_id,
        order_number=request.POST.get("order", "")[:40],
        sha256=request.POST.get("sha256", ""),
        taken_at=instant(request.POST.get("taken_at")),
        actor=_actor(request),
    )
    return JsonResponse({"id": str(kept.client_id), "sha256": kept.sha256}, status=201 if is_new else 200)

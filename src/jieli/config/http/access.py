"""Who is there: the token of the request, its scope, and how often it may ask."""

import math
import re
import time

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from jieli.config.environment import read
from jieli.events.actor import Actor
from jieli.events.refusals import NotAllowed, Refused
from jieli.lib.rates import Rates
from jieli.people.actions import note_token_use
from jieli.people.queries import actor_for_token, token_digest

_LONGEST_TOKEN = 200
_NOTED_EVERY = 60.0
_MOST_KNOWN = 10_000
_BURST_SECONDS = 10
_SETTLING = re.compile(r"/api/v1/settlements/")


class TooManyRequests(Refused):
    """The token asked more often than it may."""

    code = "too_many_requests"
    status = 429
    message = _("Too many requests. Try again later.")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def _rates() -> Rates:
    per_second = max(1.0, read("JIELI_API_REQUESTS_PER_MINUTE") / 60 / max(1, read("JIELI_WEB_WORKERS")))
    return Rates(per_second, per_second * _BURST_SECONDS)


rates = _rates()
_noted: dict[str, float] = {}


class Bearer(HttpBearer):
    """``Authorization: Bearer`` with a token of `jieli token`: the person it acts as, narrowed to role, unit and scopes."""

    openapi_description = "A token made by `jieli token NAME --role ROLE`, or on the page of a person."

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the actor, or None for a token that opens nothing. Raises TooManyRequests, NotAllowed."""
        if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        digest = token_digest(token)
        actor = actor_for_token(token)
        if actor is None:
            return None
        now = time.monotonic()
        wait = rates.take(digest, now)
        if wait:
            raise TooManyRequests(math.ceil(wait))
        if not may_by_scope(actor, request.method or "GET", request.path):
            raise NotAllowed(
                _("This token may not do this: its scope is %(scope)s.") % {"scope": ", ".join(sorted(actor.scopes))}
            )
        _note_use(token, digest, now)
        request.token_digest = digest  # type: ignore[attr-defined]
        return actor


def may_by_scope(actor: Actor, method: str, path: str) -> bool:
    """Say whether the token's scopes allow a method: every scope reads, `write` changes, `settle` settles; without any, all."""
    if not actor.scopes or method in ("GET", "HEAD"):
        return True
    return ("settle" if _SETTLING.search(path) else "write") in actor.scopes


def _note_use(token: str, digest: str, now: float) -> None:
    if now - _noted.get(digest, -_NOTED_EVERY) >= _NOTED_EVERY:
        if len(_noted) >= _MOST_KNOWN:
            _noted.clear()
        _noted[digest] = now
        note_token_use(token)

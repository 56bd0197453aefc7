"""Everything that can go wrong in a request to the API, as one shape: ``{"code", "message", "fields"}``."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.core.exceptions import DisallowedHost, ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic_core import to_json

from jieli.cases.actions.changing import refusal_of
from jieli.events.facts import plain
from jieli.events.refusals import Invalid, NotAllowed, NotFound, Refused
from jieli.lib.http import field_faults

log = structlog.get_logger("jieli.api")


class NotAuthenticated(Refused):
    """No token, or one that opens nothing (any more)."""

    code = "not_authenticated"
    status = 401
    message = _("Send a valid token: Authorization: Bearer …")


class MalformedBody(Refused):
    """The body cannot be read at all."""

    code = "malformed"
    status = 400
    message = _("The body is not well-formed.")


class TooLarge(Refused):
    """The body is larger than the API reads."""

    code = "too_large"
    status = 413
    message = _("The request is too large: at most %(most)s MB.")


class NoSuchMethod(Refused):
    """The address knows other methods only."""

    code = "method_not_allowed"
    status = 405
    message = _("This address does not answer to this method.")


class Busy(Refused):
    """The database did not answer in time."""

    code = "busy"
    status = 503
    message = _("The system is busy. Try again in a moment.")


class Broken(Refused):
    """A fault of ours."""

    code = "error"
    status = 500
    message = _("Something went wrong here. It has been noted.")


def render(body: Any, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a JSON answer."""
    return HttpResponse(to_json(body), status=status, content_type="application/json", headers=headers)


def refusal(refused: Refused, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the answer of a refusal."""
    body: dict[str, Any] = {
        "code": refused.code,
        "message": str(refused.message),
        "fields": {name: str(text) for name, text in refused.fields.items()},
    }
    theirs = getattr(refused, "theirs", None) or getattr(refused, "changed", None)
    if isinstance(theirs, Mapping):
        body["theirs"] = plain(dict(theirs))
    return render(body, refused.status, headers)


def _validation(error: ValidationError) -> Refused:
    # ninja's locations begin with where the value stood and the name of the argument: body, body, customer, name.
    faults: dict[str, str] = {}
    for one in error.errors:
        skip = 2 if one["loc"][0] == "body" else 1
        faults |= {name: text for name, text in field_faults([one], skip=skip).items() if name not in faults}
    return Invalid(fields=faults)


def _http(error: HttpError) -> Refused:
    return MalformedBody(fields={"body": _reason(error)}) if error.status_code == 400 else Broken()


def _reason(error: HttpError) -> str:
    cause = error.__cause__
    return str(cause)[:300] if isinstance(cause, ValueError) else str(MalformedBody.message)


_TRANSLATIONS: tuple[tuple[type[Exception], Callable[[Any], Refused]], ...] = (
    (Refused, lambda error: error),
    (AuthenticationError, lambda _error: NotAuthenticated()),
    (ValidationError, _validation),
    (HttpError, _http),
    (RequestDataTooBig, lambda _error: too_large()),
    (DisallowedHost, lambda _error: MalformedBody()),
    (PermissionDenied, lambda _error: NotAllowed()),
    (SuspiciousOperation, lambda _error: MalformedBody()),
    (MultiPartParserError, lambda _error: MalformedBody()),
    (UnreadablePostError, lambda _error: MalformedBody()),
    (UnicodeError, lambda _error: MalformedBody()),
    (ObjectDoesNotExist, lambda _error: NotFound()),
    (Http404, lambda _error: NotFound()),
    (IntegrityError, refusal_of),
    (DataError, lambda _error: Invalid()),
    (OperationalError, lambda _error: Busy()),
)


def too_large() -> TooLarge:
    """Return the refusal of a body that is too large."""
    return TooLarge(TooLarge.message % {"most": MOST_BYTES // 2**20})


MOST_BYTES = 10 * 2**20


def answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Return the answer for whatever was raised; a fault of ours is logged with its trace and answered by 500."""
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            refused = translate(error)
            break
    else:
        refused = Broken()
    if refused.status >= 500:
        log.error(
            "api.failed",
            route=getattr(request.resolver_match, "route", None),
            exc_info=error if isinstance(error, Exception) else None,
        )
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}, 429: _retry(refused)}.get(refused.status)
    return refusal(refused, headers)


def _retry(refused: Refused) -> dict[str, str]:
    return {"Retry-After": str(getattr(refused, "retry_after", 1))}


def register(api: NinjaAPI) -> None:
    """Let the API answer every exception by `answer`."""
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, answer)

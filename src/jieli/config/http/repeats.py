"""``Idempotency-Key``: a repeated POST gets the answer of the first, kept in the very transaction of the act.

So after a crash the act happened together with its answer, or not at all. Refusals are not kept: they changed nothing. Answers
hold customers' links and data, so they are kept sealed: who has the database alone reads none.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext_lazy as _

from jieli.config.models import KeptAnswer
from jieli.events.refusals import Refused
from jieli.lib.sealing import NotOurs, seal, unseal

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class BadKey(Refused):
    """The key cannot be one."""

    code = "bad_idempotency_key"
    status = 400
    message = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")


class InProgress(Refused):
    """The first request with this key has not been answered yet."""

    code = "in_progress"
    status = 409
    message = _("The first request with this Idempotency-Key is still in progress.")


class KeyReused(Refused):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    message = _("This Idempotency-Key was used for another request before.")


class AnswerLost(Refused):
    """The act was done, but its answer was sealed with a secret that has been changed since."""

    code = "answer_lost"
    status = 409
    message = _("This request was done before, but its answer can no longer be read.")


@dataclass(frozen=True, slots=True)
class _Name:
    token: str
    operation: str
    key: str

    @property
    def seal(self) -> dict[str, str]:
        """Return with what an answer of this name is sealed: it can be read under no other name."""
        place = f"{self.token} {self.operation} {self.key}"
        return {"secret": settings.SECRET_KEY, "purpose": "answers to repeated requests", "place": place}


# The lock is held until the transaction ends, so that a second session with the same key neither waits nor acts.
_CLAIM = """
insert into config_keptanswer (token, operation, key, request, status, body, kept_at)
select %(token)s, %(operation)s, %(key)s, %(request)s, 0, '', clock_timestamp()
where pg_try_advisory_xact_lock(hashtextextended(%(token)s || ' ' || %(operation)s || ' ' || %(key)s, 20202))
on conflict do nothing returning 1
"""


def answered_once(request: HttpRequest, operation: str, token: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what `act` answers, or what it answered before to the same key.

    Raises BadKey, InProgress, KeyReused, AnswerLost.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not _KEY.fullmatch(key):
        raise BadKey(fields={HEADER: BadKey.message})
    name = _Name(token, operation, key)
    digest = _digest(request)
    with transaction.atomic():
        if not _claimed(name, digest):
            return _former(name, digest)
        response = act()
        _keep(name, response)
    return response


def _claimed(name: _Name, digest: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"token": name.token, "operation": name.operation, "key": name.key, "request": digest})
        return cursor.fetchone() is not None


def _former(name: _Name, digest: str) -> HttpResponse:
    kept = KeptAnswer.objects.filter(token=name.token, operation=name.operation, key=name.key).first()
    if kept is None:
        raise InProgress
    if kept.request != digest:
        raise KeyReused(fields={HEADER: KeyReused.message})
    headers = {"Idempotent-Replayed": "true"}
    try:
        body = unseal(kept.body, **name.seal)
    except NotOurs:
        raise AnswerLost from None
    return HttpResponse(body, status=kept.status, content_type="application/json", headers=headers)


def _keep(name: _Name, response: HttpResponse) -> None:
    KeptAnswer.objects.filter(token=name.token, operation=name.operation, key=name.key).update(
        status=response.status_code, body=seal(response.content.decode(), **name.seal)
    )


def _digest(request: HttpRequest) -> str:
    """Return a digest of what is asked: method, full path and body; of a form its fields and the bytes of its files."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    try:
        digest.update(request.body)
    except RawPostDataException:
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(repr((name, file.name)).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    return digest.hexdigest()


def forget_old() -> int:
    """Delete answers kept for longer than a day and return how many; machine time, which nobody moves."""
    before = KeptAnswer.objects.filter(kept_at__lt=Now() - KEPT_FOR)
    return before.delete()[0]

"""Cursors of keyset pagination: where a page ended, signed, so that nobody can put values of their own into a query."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings

Value = int | str | datetime | None

_SIGNATURE_BYTES = 16
_LONGEST = 4096


def encode_cursor(values: Sequence[Value], key: str | bytes | None = None, *, scope: str = "") -> str:
    """Return the values of a page's last row as a text for a URL.

    `scope` names the list and its order; the cursor of one list is refused by another. The key is SECRET_KEY unless given.
    Raises ValueError for a naive datetime, TypeError for a value of another type.
    """
    payload = json.dumps([_tagged(value) for value in values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(payload, key, scope) + payload).rstrip(b"=").decode()


def decode_cursor(text: str, key: str | bytes | None = None, *, scope: str = "") -> list[Value]:
    """Return the values inside a cursor, datetimes in UTC. Raises ValueError for anything that `encode_cursor` did not make."""
    if not text or len(text) > _LONGEST or not text.isascii():
        raise ValueError("this is not a cursor")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("this is not a cursor") from error
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload, key, scope)):
        raise ValueError("this cursor is damaged or belongs to another list")
    return [_value(kind, value) for kind, value in json.loads(payload)]


def _signature(payload: bytes, key: str | bytes | None, scope: str) -> bytes:
    secret = settings.SECRET_KEY if key is None else key
    secret = secret.encode() if isinstance(secret, str) else secret
    # A key of its own for cursors: a signature made elsewhere with SECRET_KEY must not pass here.
    own = hmac.new(secret, b"jieli.lib.keyset\0" + scope.encode(), hashlib.sha256).digest()
    return hmac.new(own, payload, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _tagged(value: Value) -> tuple[str, int | str | None]:
    if value is None:
        return ("n", None)
    if isinstance(value, bool):
        raise TypeError("a cursor holds integers, texts, datetimes and None, not a truth value")
    if isinstance(value, int):
        return ("i", value)
    if isinstance(value, str):
        return ("s", value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return ("d", value.astimezone(UTC).isoformat())
    raise TypeError(f"a cursor holds integers, texts, datetimes and None, not {type(value).__name__}")


def _value(kind: str, value: int | str | None) -> Value:
    return datetime.fromisoformat(str(value)) if kind == "d" else value

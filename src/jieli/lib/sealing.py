"""Short texts sealed with the installation's secret: whoever has the database alone can neither read nor change them.

The standard library has no cipher; this is encrypt-then-MAC from its parts: SHAKE-256 over a key and a random number of 32
bytes makes the bytes that hide the text, HMAC-SHA256 over everything tells whether it was changed.
"""

import base64
import hashlib
import hmac
import secrets

_RANDOM, _TAG = 32, 32


class NotOurs(ValueError):
    """It was not sealed with this secret for this purpose and place, or it was changed."""


def seal(text: str, *, secret: str, purpose: str, place: str) -> str:
    """Return `text` sealed for a `purpose`, readable only at its `place` (such as the key of its row)."""
    hiding, proving = _keys(secret, purpose)
    random = secrets.token_bytes(_RANDOM)
    hidden = random + _xor(text.encode(), hiding + random)
    return base64.b64encode(hidden + _tag(hidden, proving, place)).decode()


def unseal(sealed: str, *, secret: str, purpose: str, place: str) -> str:
    """Return the text; raises NotOurs."""
    hiding, proving = _keys(secret, purpose)
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise NotOurs from None
    hidden, tag = data[:-_TAG], data[-_TAG:]
    if len(hidden) < _RANDOM or not hmac.compare_digest(tag, _tag(hidden, proving, place)):
        raise NotOurs
    return _xor(hidden[_RANDOM:], hiding + hidden[:_RANDOM]).decode()


def _keys(secret: str, purpose: str) -> tuple[bytes, bytes]:
    key = secret.encode()
    return hmac.digest(key, b"hiding " + purpose.encode(), "sha512"), hmac.digest(key, b"proving " + purpose.encode(), "sha512")


def _tag(hidden: bytes, key: bytes, place: str) -> bytes:
    where = place.encode()
    return hmac.digest(key, len(where).to_bytes(8, "big") + where + hidden, "sha256")


def _xor(text: bytes, seed: bytes) -> bytes:
    stream = hashlib.shake_256(seed).digest(len(text))
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")

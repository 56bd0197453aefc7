"""What is sealed: a document as bytes that are the same wherever they are made, and hashes read out of what people give."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_HASH_BYTES = re.compile(rb"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])")
_MOST_NAMED = 20


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return a document as canonical JSON: keys in order, no blanks, UTF-8. Floats are refused: amounts are strings."""
    return json.dumps(_plain(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("a sealed document holds no floats")
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def digest_of(content: bytes) -> str:
    """Return the hash by which bytes are known."""
    return sha256(content).hexdigest()


def hash_in(text: str) -> str:
    """Return the hash in what somebody typed or pasted, with blanks or capitals; empty when there is none."""
    found = _HASH.search(re.sub(r"[\s:-]", "", text).lower())
    return found.group() if found else ""


def hashes_named(content: bytes) -> list[str]:
    """Return the first hashes that a file names, such as the seal on a copy that somebody changed."""
    found: list[str] = []
    for match in _HASH_BYTES.finditer(content):
        name = match.group().decode()
        if name not in found:
            found.append(name)
        if len(found) == _MOST_NAMED:
            break
    return found

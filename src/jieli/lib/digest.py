"""Keyed digests: an event vouches for a personal text that lies outside its hash and may be erased (spec 1, Events)."""

import hashlib
from uuid import UUID


def keyed_digest(key: UUID, text: str) -> str:
    """Return SHA-256 of the key's 16 bytes and the text's UTF-8 bytes, in hexadecimal.

    Equal to the SQL ``encode(sha256(uuid_send(key) || convert_to(text, 'UTF8')), 'hex')``. Without the key, which is erased
    with the text, nobody can test guesses of the text against the digest.
    """
    return hashlib.sha256(key.bytes + text.encode()).hexdigest()

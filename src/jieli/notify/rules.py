"""Signatures, waits between attempts, and addresses that may be called; pure."""

import hmac
import ipaddress
import re
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

# About three days in all: a week-end's outage of the receiver is outlived.
_WAITS_MINUTES = (1, 5, 15, 60, 180, 720, 1440, 1440)
MOST_ATTEMPTS = len(_WAITS_MINUTES) + 1
_MAIL_WAITS_MINUTES = (1, 5, 15, 60, 180, 720)
MOST_MAIL_ATTEMPTS = len(_MAIL_WAITS_MINUTES) + 1

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def signature(secret: str, *, timestamp: int, body: bytes) -> str:
    """Return ``v1=`` and the HMAC-SHA256 in hex over the timestamp, a dot and the body.

    The receiver computes the same and refuses old timestamps, so that a call which somebody recorded cannot be replayed.
    """
    return "v1=" + hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, sha256).hexdigest()


def is_signed(secret: str, *, timestamp: int, body: bytes, given: str) -> bool:
    """Tell whether a signature is right, in constant time."""
    return hmac.compare_digest(signature(secret, timestamp=timestamp, body=body), given)


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after this many failed calls, or None to give up."""
    return _wait(_WAITS_MINUTES, attempts)


def mail_wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after this many failed attempts to hand a mail over, or None to give up."""
    return _wait(_MAIL_WAITS_MINUTES, attempts)


def _wait(minutes: tuple[int, ...], attempts: int) -> timedelta | None:
    return timedelta(minutes=minutes[attempts - 1]) if 1 <= attempts <= len(minutes) else None


def is_public(address: IPAddress) -> bool:
    """Tell whether an address lies in the open internet; mapped and tunnelled IPv4 counts as what is inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
        if address in ipaddress.IPv6Network("64:ff9b::/96"):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


def is_callable(url: str) -> bool:
    """Tell whether an address has a form that can be called: http or https, a host, no user name, a sane port."""
    if len(url) > 500 or re.search(r"[\s\x00-\x1f\x7f]", url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return False
    return port is None or 0 < port < 65536

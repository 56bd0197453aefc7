"""Calling foreign addresses without being led inside: resolve once, refuse private addresses, call exactly that address."""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from jieli.notify.refusals import AddressForbidden
from jieli.notify.rules import is_callable, is_public

_SECONDS = 10
_MOST_ANSWER = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said: the status and the beginning of the body."""

    status: int
    text: str


def post(url: str, *, body: bytes, headers: dict[str, str], allow_private: bool) -> Answer:
    """Post `body` to `url` and return the answer; redirects are not followed.

    The name is resolved once and that address is called, so that it cannot change between check and call. Raises
    AddressForbidden, and OSError or http.client.HTTPException when the call fails.
    """
    if not is_callable(url):
        raise AddressForbidden
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(host, port, allow_private=allow_private)
    connection = _Pinned(host, port, address, is_secure=parts.scheme == "https")
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    try:
        connection.request("POST", target, body=body, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, response.read(_MOST_ANSWER).decode("utf-8", "replace"))
    finally:
        connection.close()


def _resolved(host: str, port: int, *, allow_private: bool) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(item[4][0]).split("%")[0] for item in found]
    if not allow_private and not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise AddressForbidden(_("“%(host)s” lies in a private network, which webhooks may not call.") % {"host": host})
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one resolved address which speaks, and checks certificates, for the host's name."""

    def __init__(self, host: str, port: int, address: str, *, is_secure: bool) -> None:
        super().__init__(host, port, timeout=_SECONDS)
        self.address, self.is_secure = address, is_secure
        # http.client leaves the usual port out of the Host header by comparing with this.
        self.default_port = 443 if is_secure else 80

    def connect(self) -> None:
        """Connect to the address that was checked."""
        self.sock = socket.create_connection((self.address, self.port), timeout=_SECONDS)
        if self.is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

"""A client of the API for tests: a token, JSON in and out."""

import itertools
import json
from typing import Any

from django.test import Client

from jieli.events.actor import SYSTEM
from jieli.people.actions import issue_token
from jieli.people.models import Staff

_names = itertools.count(1)


def a_token(staff: Staff, *, role: str = "agent", scopes: tuple[str, ...] = ()) -> str:
    """Return a token by which a program acts as a person, in the person's unit."""
    _token, plain = issue_token(
        staff.pk, name=f"test {next(_names)}", role=role, unit_id=staff.unit_id, scopes=scopes, actor=SYSTEM
    )
    return plain


class ApiClient:
    """Asks the API as the bearer of a token; `language` is what the answers are in."""

    def __init__(self, token: str = "", *, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, **query: Any) -> Any:
        """GET a path below /api/v1."""
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str = "", raw: bytes | None = None) -> Any:
        """POST a JSON body, or raw bytes, to a path below /api/v1."""
        return self._send("POST", path, body, key=key, raw=raw)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH a JSON body."""
        return self._send("PATCH", path, body)

    def upload(self, path: str, **fields: Any) -> Any:
        """POST a form with a file."""
        return self.client.post(f"/api/v1{path}", fields, headers=self.headers)

    def _send(self, method: str, path: str, body: Any, *, key: str = "", raw: bytes | None = None) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)

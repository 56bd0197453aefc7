"""What a phone sends, read: the envelope of a bundle and of each entry; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

KINDS = (
    "offer_accept", "offer_refuse", "contact", "set_out", "arrive", "step", "skip", "safety", "diagnosis", "part_used",
    "part_missing", "charge", "signature", "outcome", "finish", "information", "note",
)  # fmt: skip
MOST_ENTRIES = 200
MOST_BYTES = 1_000_000
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class SentEntry:
    """One entry as the phone made it."""

    client_id: UUID
    order: str
    kind: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was sent, by which a repeated entry is known from another of the same name."""
        whole = [self.order, self.kind, self.at.isoformat(), self.data]
        return sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BadSent:
    """An entry that cannot even be kept: it has no name, no time or no kind."""

    id: str
    fields: dict[str, str | Lazy]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one phone sends at once."""

    device: str
    sent_at: datetime | None
    standard: int | None
    entries: tuple[SentEntry | BadSent, ...]


def read_bundle(body: Any) -> Bundle | dict[str, str | Lazy]:
    """Return a bundle, or what is wrong with it as a whole."""
    if not isinstance(body, dict) or not isinstance(body.get("entries"), list):
        return {"entries": _("A bundle has a list of entries.")}
    if len(body["entries"]) > MOST_ENTRIES:
        return {"entries": _("A bundle has at most 200 entries.")}
    standard = body.get("standard")
    return Bundle(
        str(body.get("device", ""))[:80],
        instant(body.get("sent_at")),
        standard if isinstance(standard, int) and not isinstance(standard, bool) else None,
        tuple(_entry(one) for one in body["entries"]),
    )


def _entry(one: Any) -> SentEntry | BadSent:
    if not isinstance(one, dict):
        return BadSent("", {"entry": _("This is no entry.")})
    wrong: dict[str, str | Lazy] = {}
    client_id = uuid_of(one.get("id"))
    if client_id is None:
        wrong["id"] = _("An entry has a UUID as its name.")
    kind, at, data = str(one.get("kind", "")), instant(one.get("at")), one.get("data")
    if kind not in KINDS:
        wrong["kind"] = _("There is no such kind of entry. Update the app.")
    if at is None:
        wrong["at"] = _("An entry has a time with its offset.")
    if data is not None and not isinstance(data, dict):
        wrong["data"] = _("The data of an entry is an object.")
    if client_id is None or at is None or wrong:
        return BadSent(str(one.get("id", ""))[:60], wrong)
    return SentEntry(client_id, str(one.get("order", ""))[:40], kind, at, _clean(data or {}))


def _clean(value: Any) -> Any:
    """Return JSON without what PostgreSQL cannot hold."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {str(key).replace("\x00", ""): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def instant(value: Any) -> datetime | None:
    """Return an aware instant, or None."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and 2000 <= found.year <= 2200 else None


def uuid_of(value: Any) -> UUID | None:
    """Return a UUID, or None."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def uuids_of(value: Any, most: int = 60) -> list[UUID]:
    """Return the UUIDs of a list, each once; what is none is left out."""
    found = (uuid_of(one) for one in value) if isinstance(value, list) else ()
    return list(dict.fromkeys(one for one in found if one is not None))[:most]


def words(value: Any, most: int = _LONGEST) -> str:
    """Return a text, cut to what can be kept."""
    return value.strip()[:most] if isinstance(value, str) else ""


def number(value: Any) -> Decimal | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def truth(value: Any) -> bool | None:
    """Return yes or no, or None when neither was said."""
    return value if isinstance(value, bool) else {"yes": True, "no": False}.get(value) if isinstance(value, str) else None


def place(latitude: Any, longitude: Any) -> tuple[Decimal, Decimal] | None:
    """Return a place on earth, or None."""
    north, east = number(latitude), number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    grid = Decimal("0.000001")
    return north.quantize(grid), east.quantize(grid)

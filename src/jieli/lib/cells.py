"""Cells of exchange files as values: times with an offset, plain numbers, true or false, lists (interfaces, Exchange files).

Each raises ValueError for what is written otherwise; nothing is guessed. Empty cells are the caller's.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TRUTHS = {"true": True, "false": False}


def number_in(text: str) -> Decimal:
    """Return a decimal number: digits with at most one point, no grouping, no exponent."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return Decimal(text)


def truth_in(text: str) -> bool:
    """Return the truth in ``true`` or ``false``, in any case."""
    try:
        return _TRUTHS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def instant_in(text: str) -> datetime:
    """Return an ISO 8601 instant in UTC; one without an offset could be any of two dozen and is refused."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def date_in(text: str) -> date:
    """Return an ISO 8601 date."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def list_in(text: str) -> list[str]:
    """Return the parts between semicolons, empty ones left out, each once."""
    return list(dict.fromkeys(part for part in (one.strip() for one in text.split(";")) if part))

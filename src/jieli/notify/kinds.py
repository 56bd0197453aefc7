"""The kinds of notices: the apps above register each with its sentence, and where a notice leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as Lazy

# Text of a notice of a kind that no installed app knows any more.
_UNKNOWN = "%(kind)s"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `sentence` with ``%(param)s`` places, `label` for the preferences, `by_email` unless a person chose."""

    code: str
    sentence: str | Lazy
    label: str | Lazy
    by_email: bool = False
    icon: str = "bell"


_kinds: dict[str, Kind] = {}
_announced: dict[str, str | Lazy] = {}
_case_link: list[Callable[[int], str]] = []


def register(code: str, sentence: str | Lazy, *, label: str | Lazy = "", by_email: bool = False, icon: str = "bell") -> None:
    """Register a kind of notice; a second registration of the same code replaces the first."""
    _kinds[code] = Kind(code, sentence, label or sentence, by_email, icon)


def register_announced(code: str, label: str | Lazy) -> None:
    """Register a kind of announcement that webhooks may ask for (see `actions.announce`)."""
    _announced[code] = label


def announced() -> dict[str, str | Lazy]:
    """Return the kinds of announcement by code."""
    return dict(sorted(_announced.items()))


def register_case_link(link: Callable[[int], str]) -> None:
    """Let `link(case_id)` say where a notice about a case leads."""
    _case_link[:] = [link]


def known() -> dict[str, Kind]:
    """Return all kinds by code."""
    return dict(sorted(_kinds.items()))


def kind_of(code: str) -> Kind:
    """Return a kind; one that nobody registered shows its code."""
    return _kinds.get(code) or Kind(code, _UNKNOWN, code)


def sentence(code: str, params: dict[str, Any]) -> str:
    """Return the sentence of a notice in the language of the moment; a missing param shows as ``…``."""
    return str(kind_of(code).sentence) % _Filled({"kind": code, **params})


def link_of(case_id: int | None, params: Mapping[str, Any]) -> str:
    """Return the address to which a notice leads: the page named as ``link``, else its case; empty when it leads nowhere."""
    if params.get("link"):
        return str(params["link"])
    return _case_link[0](case_id) if _case_link and case_id is not None else ""


class _Filled(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"

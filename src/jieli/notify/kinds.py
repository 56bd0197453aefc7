"""The kinds of notices: the apps above register each with its sentence, and where a notice leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import get_language

from jieli.lib import clock
from jieli.people.queries import company_zone
from jieli.ui import display

Words = Callable[[], Mapping[str, Any]]

# Text of a notice of a kind that no installed app knows any more.
_UNKNOWN = "%(kind)s"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `sentence` with ``%(param)s`` places, `label` for the preferences, `by_email` unless a person chose.

    `words` tells what the codes of a param are called; instants among the params are written as people write them.
    """

    code: str
    sentence: str | Lazy
    label: str | Lazy
    by_email: bool = False
    icon: str = "bell"
    words: Mapping[str, Words] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}
_announced: dict[str, str | Lazy] = {}
_case_link: list[Callable[[int], str]] = []


def register(
    code: str,
    sentence: str | Lazy,
    *,
    label: str | Lazy = "",
    by_email: bool = False,
    icon: str = "bell",
    words: Mapping[str, Words] | None = None,
) -> None:
    """Register a kind of notice; a second registration of the same code replaces the first."""
    _kinds[code] = Kind(code, sentence, label or sentence, by_email, icon, words or {})


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
    kind = kind_of(code)
    shown = {name: _readable(value, kind.words.get(name, dict)()) for name, value in params.items()}
    return str(kind.sentence) % _Filled({"kind": code, **shown})


def link_of(case_id: int | None, params: Mapping[str, Any]) -> str:
    """Return the address to which a notice leads: the page named as ``link``, else its case; empty when it leads nowhere."""
    if params.get("link"):
        return str(params["link"])
    return _case_link[0](case_id) if _case_link and case_id is not None else ""


def _readable(value: Any, words: Mapping[str, Any]) -> Any:
    if not isinstance(value, str):
        return value
    if value in words:
        return str(words[value])
    if len(value) > 18 and value[4] == "-" and value[10] == "T":
        at = datetime.fromisoformat(value)
        return display.instant_text(at, now=clock.now(), zone=company_zone(), language=get_language() or "")
    return value


class _Filled(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"

"""Which policies there are: a name, its schema and the file of its first version."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from jieli.policies.schemas import assignment, calendars, fields, landing, numbers, promises, routes, tiers, words

DEFAULTS = Path(__file__).resolve().parent.parent / "defaults"


@dataclass(frozen=True, slots=True)
class Registered:
    """A policy by name; `default` is the TOML file of its first version."""

    name: str
    schema: type[BaseModel]
    title: str | Lazy
    about: str | Lazy
    default: Path


_registered: dict[str, Registered] = {}


def register(
    name: str,
    schema: type[BaseModel],
    *,
    title: str | Lazy = "",
    about: str | Lazy = "",
    default: Path | None = None,
) -> None:
    """Make a policy known, in an app's `ready()`. The default file is ``defaults/<name>.toml`` unless another is given."""
    _registered[name] = Registered(name, schema, title or name, about, default or DEFAULTS / f"{name}.toml")


def registered(name: str) -> Registered:
    """Return a policy by name; raises KeyError for a name that no app registered."""
    return _registered[name]


def registered_names() -> list[str]:
    """Return the names of all policies, in the order in which they were registered."""
    return list(_registered)


def register_shipped() -> None:
    """Register the policies that this app ships."""
    register("promises", promises.Promises, title=_("Promises"), about=_("What is promised to whom, and until when."))
    register("calendars", calendars.Calendars, title=_("Calendars"), about=_("When the company and its units work."))
    register("routes", routes.Routes, title=_("Routes"), about=_("The stages through which each kind of case goes."))
    register("landing", landing.Landing, title=_("Landing"), about=_("In which unit a new case arrives."))
    register(
        "assignment",
        assignment.Assignment,
        title=_("Assignment"),
        about=_("To whom a case is offered by itself, and in which order."),
    )
    register("tiers", tiers.Tiers, title=_("Customer tiers"), about=_("How customers are weighed, and the cut-offs."))
    register("fields", fields.Fields, title=_("Custom fields"), about=_("What is asked in addition, per kind of case."))
    register(
        "forbidden_phrases",
        words.ForbiddenPhrases,
        title=_("Forbidden phrases"),
        about=_("What nobody says to a customer, and what to say instead."),
    )
    register(
        "numbers",
        numbers.Numbers,
        title=_("Other numbers"),
        about=_("Grace, warnings, passes, pauses, reopening, evidence, doubles, masking."),
    )

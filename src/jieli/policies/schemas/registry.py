"""Which policies there are: a name, its schema and the file of its first version."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from jieli.policies.schemas import (
    assignment,
    calendars,
    dispatch,
    faults,
    fields,
    grade,
    landing,
    licence,
    network,
    numbers,
    pay,
    prices,
    promises,
    rates,
    routes,
    settlement,
    tiers,
    visit_standard,
    words,
)

DEFAULTS = Path(__file__).resolve().parent.parent / "defaults"


@dataclass(frozen=True, slots=True)
class Registered:
    """A policy by name; `default` is the TOML file of its first version, None when each company writes its own."""

    name: str
    schema: type[BaseModel]
    title: str | Lazy
    about: str | Lazy
    default: Path | None


_registered: dict[str, Registered] = {}


def register(
    name: str,
    schema: type[BaseModel],
    *,
    title: str | Lazy = "",
    about: str | Lazy = "",
    default: Path | None = None,
    is_shipped: bool = True,
) -> None:
    """Make a policy known, in an app's `ready()`.

    The default file is ``defaults/<name>.toml`` unless another is given; a policy that is not shipped has none.
    """
    file = (default or DEFAULTS / f"{name}.toml") if is_shipped else None
    _registered[name] = Registered(name, schema, title or name, about, file)


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
    register(
        "dispatch",
        dispatch.Dispatch,
        title=_("Dispatching"),
        about=_("Windows of visits, clocks of offers, and who is asked first."),
    )
    register(
        "rates",
        rates.Rates,
        title=_("Rate tables"),
        about=_("What each kind of work is paid: one whole table per version, from a day of finishing on."),
        is_shipped=False,
    )
    register(
        "grade",
        grade.Grade,
        title=_("Monthly grade"),
        about=_("How outlets are scored, graded and ranked, and the coefficient that follows."),
    )
    register(
        "settlement",
        settlement.Settlement,
        title=_("Settlement"),
        about=_("Cut-off, terms of repeats, returns and disputes, surcharges, kinds of incentives, accounts."),
    )
    register("pay", pay.Pay, title=_("Pay"), about=_("What engineers are paid for a month, and which orders are valid."))
    register(
        "licence",
        licence.Licence,
        title=_("Licence of engineers"),
        about=_("Points off and on, standing, annual review, appeals, promotion."),
    )
    register(
        "visit-standard",
        visit_standard.VisitStandard,
        title=_("Visit standard"),
        about=_("The steps on site with records, evidence and reasons to skip, rules of conduct, safety test, information."),
    )
    register("faults", faults.Faults, title=_("Fault codes"), about=_("What engineers find, per product line, in groups."))
    register("prices", prices.Prices, title=_("Price list"), about=_("What is charged to the customer out of warranty."))
    register(
        "network",
        network.Network,
        title=_("Service network"),
        about=_("How far outlets reach, and which papers must be valid."),
    )

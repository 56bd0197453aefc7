"""What apps above add to the case page: panels, links, the page where an offer is answered, the step that comes next."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise as Lazy

from jieli.cases.models import Case
from jieli.events.actor import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: `route` is a URL name taking the case's id, which answers a fragment."""

    label: str | Lazy
    route: str
    may_see: Callable[[Actor, Case], bool]


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to the page of every case for which its `may_see` allows it."""
    _panels[panel.route] = panel


def panels_for(actor: Actor, case: Case) -> list[Panel]:
    """Return the panels which the actor may see, in the order of their registration."""
    return [panel for panel in _panels.values() if panel.may_see(actor, case)]


@dataclass(frozen=True, slots=True)
class Step:
    """A page of an app above where the case goes on: `route` is a URL name taking the case's id."""

    label: str | Lazy
    icon: str
    route: str
    applies: Callable[[Actor, Case], bool] = lambda _actor, _case: True


_answers: dict[str, Step] = {}
_steps: dict[str, Step] = {}


def register_answer(way: str, step: Step) -> None:
    """Say where offers of a way are answered, when the page of the case cannot."""
    _answers[way] = step


def answer_of(way: str) -> Step | None:
    """Return where offers of a way are answered; None: on the page of the case."""
    return _answers.get(way)


def register_step(step: Step) -> None:
    """Add a step which its owner sees first on the page of a case for which it applies."""
    _steps[step.route] = step


def next_step(actor: Actor, case: Case) -> Step | None:
    """Return the first step registered that applies for the actor, or None."""
    return next((step for step in _steps.values() if step.applies(actor, case)), None)


@dataclass(frozen=True, slots=True)
class Link:
    """A page of an app above about the whole case: `route` is a URL name taking the case's number.

    `for_readers`: it is also for some who do not see the case itself, and asks by itself who they are.
    """

    label: str | Lazy
    icon: str
    route: str
    for_readers: bool = False


_links: dict[str, Link] = {}


def register_link(link: Link) -> None:
    """Add a link to the head of every case's page; whoever sees the case may follow it."""
    _links[link.route] = link


def route_for_readers() -> str:
    """Return the route of the page on which a case is read by who does not see it; empty when no app has one."""
    return next((link.route for link in _links.values() if link.for_readers), "")


def links() -> list[Link]:
    """Return the links registered, in their order."""
    return list(_links.values())

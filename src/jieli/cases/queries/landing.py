"""Where a new case lands, and who answers for it there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from jieli.events.recent import kept_a_moment
from jieli.lib import clock
from jieli.people.models import Staff, Unit
from jieli.people.queries import duty_officer, root_unit
from jieli.policies.matching import best_rule
from jieli.policies.queries import current


@dataclass(frozen=True, slots=True)
class Landing:
    """The unit, its duty officer, and why."""

    unit: Unit
    officer: Staff
    why: str


def landing_for(facts: dict[str, object], area: str, at: datetime) -> Landing:
    """Return where a case with these facts lands (policy `landing`, else headquarters) and the duty officer there.

    Units and duty officers are kept for a moment: usually no query.
    """
    policy = current("landing")
    match = best_rule(policy.data.rules, {**facts, "area": area})
    unit = _unit_called(match.rule.to_unit) if match is not None else None
    if unit is None:
        unit = _root()
        why = _("no rule of %(policy)s fits: headquarters") % {"policy": policy.version}
    else:
        assert match is not None
        why = _("rule %(rule)s of %(policy)s") % {"rule": match.rule.name, "policy": policy.version}
    is_now = abs(clock.now() - at) < timedelta(seconds=1)
    return Landing(unit, _officer_now(unit.pk) if is_now else duty_officer(unit.pk, at), why)


@kept_a_moment
def _unit_called(code: str) -> Unit | None:
    return Unit.objects.filter(code=code, is_active=True).first()


@kept_a_moment
def _root() -> Unit:
    return root_unit()


@kept_a_moment
def _officer_now(unit_id: int) -> Staff:
    return duty_officer(unit_id, clock.now())


def route_of(kind: str) -> tuple[str, str]:
    """Return the name of the route of a kind, with its policy version, and its first stage."""
    policy = current("routes")
    route = policy.data.of(kind)
    return f"{route.name}@{policy.version}", route.stages[0].code.value

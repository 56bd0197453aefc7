"""Where a new case lands, and who answers for it there."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

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
    """Return where a case with these facts lands (policy `landing`, else headquarters) and the duty officer there."""
    policy = current("landing")
    match = best_rule(policy.data.rules, {**facts, "area": area})
    unit = Unit.objects.filter(code=match.rule.to_unit, is_active=True).first() if match is not None else None
    if unit is None:
        unit = root_unit()
        why = _("no rule of %(policy)s fits: headquarters") % {"policy": policy.version}
    else:
        assert match is not None
        why = _("rule %(rule)s of %(policy)s") % {"rule": match.rule.name, "policy": policy.version}
    return Landing(unit, duty_officer(unit.pk, at), why)


def route_of(kind: str) -> tuple[str, str]:
    """Return the name of the route of a kind, with its policy version, and its first stage."""
    policy = current("routes")
    route = policy.data.of(kind)
    return f"{route.name}@{policy.version}", route.stages[0].code.value

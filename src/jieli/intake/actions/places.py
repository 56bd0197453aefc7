"""The people and units of a foreign history: found by their code, else made."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.intake.rules.mapping import Mapping
from jieli.intake.rules.rows import ReadStep
from jieli.lib import clock
from jieli.people.actions import ensure_company, hire, make_unit
from jieli.people.models import Role, Staff, Unit
from jieli.people.queries import duty_officer


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a case after a step; `why` is given when it is not the recorded person."""

    staff_id: int
    why: str = ""


class Places:
    """The staff and units of one source, remembered while it is imported.

    A queue or group becomes a unit below the unit of the source, a person a member of the first unit where he is met, without
    a login. Where the mapping says that they are codes of the company's own, those are used first.
    """

    def __init__(self, mapping: Mapping, actor: Actor) -> None:
        self._mapping = mapping
        self._actor = actor
        self._units: dict[str, int] = {}
        self._staff: dict[str, int] = {}
        self._unit_names: dict[int, str] = {}
        self._on_duty: dict[int, Held] = {}
        self.source_unit_id = 0

    def prepare(self, steps: Iterable[ReadStep]) -> None:
        """Find or make every person and unit of these steps. Cost: two queries when all are known already."""
        if not self.source_unit_id:
            self.source_unit_id = self._source_unit()
        groups: dict[str, None] = {}
        people: dict[str, str] = {}
        for step in steps:
            if step.group and step.group not in self._units:
                groups.setdefault(step.group)
            if step.person and step.person not in self._staff:
                people.setdefault(step.person, step.group)
        if groups:
            self._find_units(groups)
        if people:
            self._find_staff(people)

    def unit_id(self, group: str) -> int | None:
        """Return the unit of a group that was prepared; None for no group."""
        return self._units.get(group)

    def holder(self, person: str, unit_id: int) -> Held:
        """Return who has the case: the recorded person, else the duty officer of the unit with the reason."""
        if person:
            return Held(self._staff[person])
        if unit_id not in self._on_duty:
            officer = duty_officer(unit_id, clock.now())
            unit = self._unit_names.get(unit_id) or Unit.objects.values_list("name", flat=True).get(pk=unit_id)
            why = _("%(source)s names no person; the duty officer of %(unit)s answers for it")
            self._on_duty[unit_id] = Held(officer.pk, why % {"source": self._mapping.source, "unit": unit})
        return self._on_duty[unit_id]

    def _source_unit(self) -> int:
        ensure_company()
        code = _code("import", self._mapping.source)
        found = Unit.objects.filter(code=code).values_list("pk", flat=True).first()
        return found or make_unit(code=code, name=self._mapping.title, actor=self._actor).pk

    def _find_units(self, groups: Iterable[str]) -> None:
        codes = {_code(self._mapping.source, group): group for group in groups}
        own = {group: group for group in groups} if self._mapping.unit_codes else {}
        for pk, code, name in Unit.objects.filter(code__in=[*codes, *own]).values_list("pk", "code", "name"):
            self._units[own.get(code) or codes[code]] = pk
            self._unit_names[pk] = name
        for code, group in codes.items():
            if group not in self._units:
                unit = make_unit(code=code, name=group, parent_id=self.source_unit_id, actor=self._actor)
                self._units[group] = unit.pk
                self._unit_names[unit.pk] = unit.name

    def _find_staff(self, people: dict[str, str]) -> None:
        codes = {_code(self._mapping.source, person): person for person in people}
        own = {person: person for person in people} if self._mapping.staff_codes else {}
        for pk, code in Staff.objects.filter(code__in=[*codes, *own]).values_list("pk", "code"):
            self._staff[own.get(code) or codes[code]] = pk
        for code, person in codes.items():
            if person not in self._staff:
                unit_id = self._units.get(people[person], self.source_unit_id)
                hired = hire(code=code, name=person, unit_id=unit_id, roles=[Role.AGENT], actor=self._actor)
                self._staff[person] = hired.pk


def _code(source: str, name: str) -> str:
    """Return a code for a foreign name: the same name has the same code in every later import."""
    code = f"{source}:{name}"
    if len(code) <= 64 and code.strip() == code:
        return code
    return f"{code[:47].strip()}~{hashlib.sha256(code.encode()).hexdigest()[:16]}"

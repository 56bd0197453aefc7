"""Whom a note may mention, while the name is being typed."""

from dataclasses import dataclass

from django.db.models import Count, Q

from jieli.cases.models import Case
from jieli.cases.rules.words import mentions
from jieli.people.models import Staff

MOST = 8


@dataclass(frozen=True, slots=True)
class Mentionable:
    """A person, and the word behind ``@`` that means this person alone."""

    person: Staff
    word: str


def mentionable(case: Case, typed: str) -> list[Mentionable]:
    """Return the active people whom the typed beginning may mean, those of the case's unit first. Two queries."""
    text = typed.strip()[:64].replace("\x00", "")
    people = Staff.objects.active().select_related("unit")
    if text:
        people = people.filter(Q(name__icontains=text) | Q(code__istartswith=text))
    people = people.annotate(is_far=~Q(unit__path__startswith=case.unit.path)).order_by("is_far", "name", "code")
    found = list(people[:MOST])
    named = Staff.objects.active().filter(name__in={one.name for one in found}).values_list("name").annotate(n=Count("pk"))
    alone = {name for name, many in named if many == 1}
    return [Mentionable(one, one.name if one.name in alone and _is_one_word(one.name) else one.code) for one in found]


def _is_one_word(name: str) -> bool:
    return mentions(f"@{name}") == [name]

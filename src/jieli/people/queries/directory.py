"""Units and staff as their pages show them."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from jieli.events.actor import Actor
from jieli.events.facts import fact_class
from jieli.events.models import Event
from jieli.lib.keyset import decode_cursor, encode_cursor
from jieli.people import rules
from jieli.people.models import Grant as GrantRow
from jieli.people.models import Role, Staff, Token, Unit
from jieli.people.queries.days import company_zone
from jieli.people.queries.presence import absent_ids


@dataclass(slots=True)
class UnitNode:
    """A unit in the tree page: its depth and how many active people are in it and below."""

    unit: Unit
    depth: int
    people: int
    people_below: int

    @property
    def indent(self) -> str:
        """Return the white space before the name."""
        return "\u3000" * self.depth


def unit_tree(*, include_inactive: bool = False) -> list[UnitNode]:
    """Return all units, each after its parent, siblings by code. Two queries whatever the number of units."""
    units = Unit.objects.select_related("leader").order_by("code")
    if not include_inactive:
        units = units.active()
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id].append(unit)
    counted = Staff.objects.active().values_list("unit_id").annotate(people=Count("pk")).order_by()
    heads = defaultdict(int, dict(counted))
    nodes: list[UnitNode] = []

    def visit(unit: Unit, depth: int) -> int:
        node = UnitNode(unit, depth, heads[unit.pk], heads[unit.pk])
        nodes.append(node)
        for child in children[unit.pk]:
            node.people_below += visit(child, depth + 1)
        return node.people_below

    for root in children[None]:
        visit(root, 0)
    return nodes


def demo_logins() -> list[dict[str, str]]:
    """Return the accounts which the login page offers in demo mode: username, password, name, role, unit. Two queries."""
    people = Staff.objects.active().filter(custom__demo_login=True).select_related("unit").order_by("pk")
    roles: dict[int, list[str]] = defaultdict(list)
    for grant in GrantRow.objects.filter(staff__in=people).order_by("pk"):
        if (label := str(Role(grant.role).label)) not in roles[grant.staff_id]:
            roles[grant.staff_id].append(label)
    return [
        {
            "username": person.code,
            "password": rules.DEMO_PASSWORD,
            "name": person.name,
            "role": ", ".join(roles[person.pk]),
            "unit": person.unit.name,
        }
        for person in people
    ]


def unit_options() -> list[tuple[int, str]]:
    """Return the active units for a select, each after its parent and indented by its depth. One query."""
    rows = list(Unit.objects.active().order_by("code").values_list("pk", "parent_id", "name", "code"))
    children: dict[int | None, list[tuple[int, str, str]]] = defaultdict(list)
    known = {pk for pk, _parent_id, _name, _code in rows}
    for pk, parent_id, name, code in rows:
        children[parent_id if parent_id in known else None].append((pk, name, code))
    options: list[tuple[int, str]] = []

    def visit(unit_id: int | None, depth: int) -> None:
        for pk, name, code in children[unit_id]:
            options.append((pk, "\u3000" * depth + f"{name} ({code})"))
            visit(pk, depth + 1)

    visit(None, 0)
    return options


PAGE = 50


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A person in the list: roles held, and whether away now."""

    staff: Staff
    roles: list[str]
    is_away: bool


def staff_page(
    *, at: datetime, text: str = "", unit: Unit | None = None, role: str = "", include_inactive: bool = False, after: str = ""
) -> tuple[list[StaffRow], str]:
    """Return a page of staff by code and the cursor of the next one, empty at the end. Three queries.

    Raises ValueError for a cursor that is not ours.
    """
    people = Staff.objects.get_queryset() if include_inactive else Staff.objects.active()
    people = people.select_related("unit").order_by("code")
    if text:
        people = people.filter(Q(name__icontains=text) | Q(code__icontains=text))
    if unit is not None:
        people = people.filter(unit__path__startswith=unit.path)
    if role:
        people = people.filter(Exists(GrantRow.objects.filter(staff_id=OuterRef("pk"), role=role)))
    if after:
        (code,) = decode_cursor(after, scope="staff")
        people = people.filter(code__gt=code)
    found = list(people[: PAGE + 1])
    shown, more = found[:PAGE], len(found) > PAGE
    roles: dict[int, list[str]] = defaultdict(list)
    for staff_id, held in GrantRow.objects.filter(staff__in=shown).order_by("id").values_list("staff_id", "role"):
        if (label := str(Role(held).label)) not in roles[staff_id]:
            roles[staff_id].append(label)
    away = absent_ids(at)
    rows = [StaffRow(person, roles[person.pk], person.pk in away) for person in shown]
    return rows, encode_cursor([shown[-1].code], scope="staff") if more else ""


def people_to_choose(near: Unit | None = None, *, limit: int = 200) -> list[Staff]:
    """Return active people for a field's suggestions, those of the unit `near` first. One query."""
    people = Staff.objects.active().select_related("unit")
    if near is not None:
        people = people.annotate(is_far=~Q(unit__path__startswith=near.path)).order_by("is_far", "name", "code")
    else:
        people = people.order_by("name", "code")
    return list(people[:limit])


def person_named(text: str) -> Staff | None:
    """Return the active person whom a text means: a code, a name only one has, or both as "name (code)"."""
    text = text.strip()
    if text.endswith(")") and " (" in text:
        text = text[text.rindex(" (") + 2 : -1]
    found = list(Staff.objects.active().filter(Q(code=text) | Q(name=text)).select_related("unit")[:3])
    exact = [person for person in found if person.code == text]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One fact in people's words."""

    at: datetime
    text: str
    who: str


def history(stream: str, stream_id: int, *, limit: int = 30) -> list[HistoryEntry]:
    """Return the last facts of a person, a unit or the company, newest first. Three queries."""
    events = list(
        Event.objects.filter(stream=stream, stream_id=stream_id).order_by("-sequence").prefetch_related("texts")[:limit]
    )
    ids = {event.actor_id for event in events if event.actor_kind == "staff"}
    for event in events:
        fact = fact_class(event.type)
        ids |= {event.data.get(name) for name in (fact.staff_fields if fact else ())}
    names = dict(Staff.objects.filter(pk__in=[staff_id for staff_id in ids if staff_id is not None]).values_list("pk", "name"))
    return [
        HistoryEntry(event.at, _sentence(event, names), names.get(event.actor_id or 0) or _("the system")) for event in events
    ]


def _sentence(event: Event, names: dict[int, str]) -> str:
    fact = fact_class(event.type)
    if fact is None:
        return event.type
    values: dict[str, object] = defaultdict(str)
    values.update({name: _readable(value) for name, value in event.data.items()})
    values.update({text.field: _changes(text.body) for text in event.texts.all()})
    for name in fact.staff_fields:
        values[name] = names.get(event.data.get(name), "")
    if "role" in values:
        values["role"] = str(dict(Role.choices).get(str(values["role"]), values["role"]))
    return str(fact.sentence) % values


def _changes(body: str) -> str:
    """Write the old or new values of a record, kept as JSON, with the words of its form; any other text as it is."""
    if not body.startswith("{"):
        return body
    words = {
        "name": _("Name"),
        "kind": _("Kind of unit"),
        "parent": _("Belongs to"),
        "leader": _("Leader"),
        "region": _("Region"),
        "calendar": _("Calendar"),
        "is_active": _("Active"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "language": _("Language"),
        "hired_on": _("Hired on"),
        "product_lines": _("Product lines"),
        "languages": _("Further languages"),
        "areas": _("Areas"),
    }
    return ", ".join(f"{words.get(name, name)} {value or '–'}" for name, value in json.loads(body).items())


def _readable(value: object) -> object:
    if value is None:
        return "…"
    if isinstance(value, str) and len(value) > 18 and value[4] == "-" and value[10] == "T":
        return datetime.fromisoformat(value).astimezone(company_zone()).strftime("%Y-%m-%d %H:%M")
    return value


def tokens_to_see(actor: Actor) -> list[Token]:
    """Return the keys an actor may see, own ones and those of people below an administrator, newest first. One query."""
    administered = actor.unit_paths(Role.ADMINISTRATOR)
    condition = Q(staff_id=actor.id)
    for path in administered:
        condition |= Q(staff__unit__path__startswith=path)
    return list(Token.objects.filter(condition).select_related("staff", "unit").order_by("-created_at", "-pk")[:500])


def tokens_of(staff: Staff) -> list[Token]:
    """Return the keys which act as a person and are not revoked, newest first. One query."""
    return list(
        Token.objects.filter(staff=staff, revoked_at__isnull=True).select_related("unit").order_by("-created_at", "-pk")
    )

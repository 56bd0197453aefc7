"""Rows of outlets.csv, providers.csv, engineers.csv and what staff.csv says of licences; the same rows twice change nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from jieli.events.actions import Happened, append_history
from jieli.events.actor import Actor
from jieli.events.facts import plain
from jieli.events.refusals import Invalid, require
from jieli.lib import clock
from jieli.lib.batches import BatchOutcome, BatchRow
from jieli.network.actions.engineers import change_engineer, make_engineer, set_skill
from jieli.network.actions.licence import import_points
from jieli.network.actions.outlets import area_added, outlet_made
from jieli.network.actions.providers import change_provider, make_provider
from jieli.network.actions.writing import apart
from jieli.network.events import AreaRemoved, OutletChanged
from jieli.network.models import Engineer, Outlet, OutletArea, Provider, Skill
from jieli.network.policy import may_import_outlets
from jieli.network.rules.outlet_rows import OutletRow, read_engineer, read_licence, read_outlet, read_provider
from jieli.people.actions.imports import import_staff
from jieli.people.models import Role, Staff, Unit

Outcome = Literal["imported", "unchanged"]

LICENCE_COLUMNS = ("licence_points", "licence_level")


@transaction.atomic
def import_outlets(rows: Sequence[BatchRow], *, actor: Actor) -> BatchOutcome:
    """Make or change the outlets of these codes of units; an empty cell leaves what is stored.

    Columns of other names are kept in `attributes`; `areas` replaces the districts, not what was drawn. A row without a region
    takes its unit's. Raises NotAllowed. Cost: four reads, a few writes and one statement for the events, whatever the number.
    """
    require(may_import_outlets(actor))
    outcome = BatchOutcome()
    read = [(line, row, read_outlet(row)) for line, row in rows]
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=[one.code for _line, _row, one in read])}
    named = {one.values["provider"] for _line, _row, one in read if "provider" in one.values}
    providers = dict(Provider.objects.filter(code__in=named).values_list("code", "pk"))
    locked = Outlet.objects.select_for_update(of=("self",)).order_by("pk").filter(unit__in=[one.pk for one in units.values()])
    known = {outlet.pk: outlet for outlet in locked}
    made: list[Outlet] = []
    changed: list[Outlet] = []
    happened: list[Happened] = []
    areas: dict[int, list[str]] = {}
    taken: list[int] = []
    now = clock.now()
    for line, row, one in read:
        unit = units.get(one.code)
        if unit is None and "code" not in one.faults:
            one.faults["code"] = _("There is no unit with the code “%(code)s”: name it in units.csv.") % {"code": one.code[:60]}
        provider = one.values.pop("provider", None)
        if provider is not None and provider not in providers:
            one.faults["provider"] = _("There is no provider with this code: name it in providers.csv.")
        if one.faults or unit is None:
            outcome.refuse(line, row, one.faults)
            continue
        if provider is not None:
            one.values["provider_id"] = providers[provider]
        if "areas" in one.values:
            areas[unit.pk] = one.values.pop("areas")
        taken.append(unit.pk)
        outlet = known.get(unit.pk)
        if outlet is None:
            outlet = _new(unit, one)
            made.append(outlet)
            happened.append(Happened(outlet_made(outlet), now))
            continue
        changes = _change(outlet, one)
        if changes:
            changed.append(outlet)
            happened.append(Happened(_changed(outlet, changes), now))
    Outlet.objects.bulk_create(made)
    Outlet.objects.bulk_update(
        changed, [*(name.removesuffix("_id") for name in _FIELDS), "attributes", "changed_at"], batch_size=500
    )
    served = _set_districts(areas)
    happened += [Happened(fact, now) for fact in served.facts]
    touched = {outlet.pk for outlet in made} | {outlet.pk for outlet in changed} | served.outlet_ids
    outcome.imported = len(touched)
    outcome.unchanged = len(taken) - len(touched)
    outcome.events = len(append_history(happened, actor=actor))
    return outcome


@transaction.atomic
def import_provider(row: Mapping[str, str], actor: Actor) -> Outcome:
    """Make or change the provider of one row of providers.csv. Raises NotAllowed, Invalid with the columns."""
    require(may_import_outlets(actor))
    read = _readable(read_provider(row))
    provider = Provider.objects.filter(code=read.code).first()
    if provider is None:
        make_provider(values={"code": read.code, **read.values, "attributes": read.attributes}, actor=actor)
        return "imported"
    attributes = {**provider.attributes, **read.attributes}
    before = _record_of(provider)
    changed = change_provider(provider.pk, values={**read.values, "attributes": attributes}, actor=actor)
    return "unchanged" if _record_of(changed) == before else "imported"


@transaction.atomic
def import_engineer(row: Mapping[str, str], actor: Actor) -> Outcome:
    """Make or change the engineer of one row of engineers.csv; skills that it does not name stay.

    Raises NotAllowed, Invalid with the columns.
    """
    require(may_import_outlets(actor))
    read = _readable(read_engineer(row))
    staff = Staff.objects.filter(code=read.code).first()
    if staff is None:
        raise Invalid(fields={"staff": _("There is nobody with this code: name the person in staff.csv.")})
    if "outlet" in read.values:
        code = read.values.pop("outlet")
        outlet = Outlet.objects.filter(unit__code=code).first()
        if outlet is None:
            raise Invalid(fields={"outlet": _("There is no outlet with this code.")})
        read.values["outlet_id"] = outlet.pk
    skills = read.values.pop("skills", {})
    return _take_engineer(staff, read, skills, actor)


@transaction.atomic
def import_staff_with_licence(row: Mapping[str, str], actor: Actor) -> Outcome:
    """Bring in one row of staff.csv, and whoever has the role engineer as an engineer with licence and skills.

    Level and points are those of the row, product lines become skills; the outlet is the one whose unit the person works in.
    For others the licence's columns are kept as custom fields. Raises NotAllowed, Invalid with the columns.
    """
    code = (row.get("code") or "").strip()
    roles = [role.strip() for role in (row.get("roles") or "").split(";")]
    is_engineer = Role.ENGINEER in roles or Engineer.objects.filter(staff__code=code).exists()
    if not is_engineer:
        return import_staff(row, actor)
    read = _readable(read_licence(row))
    lines = read.values.pop("product_lines", [])
    outcome = import_staff({column: cell for column, cell in row.items() if column not in LICENCE_COLUMNS}, actor)
    staff = Staff.objects.get(code=code)
    skills = dict.fromkeys(lines, (Skill.Level.BASIC, None))
    known = dict(Skill.objects.filter(engineer=staff.pk).values_list("product_line", "pk"))
    fresh = {line: skill for line, skill in skills.items() if line not in known}
    if Outlet.objects.filter(pk=staff.unit_id).exists():
        read.values["outlet_id"] = staff.unit_id
    licence = _take_engineer(staff, read, fresh, actor)
    return "imported" if "imported" in (outcome, licence) else "unchanged"


def _take_engineer(staff: Staff, read: OutletRow, skills: Mapping[str, tuple[int, Any]], actor: Actor) -> Outcome:
    points = read.values.pop("points", None)
    engineer = Engineer.objects.filter(pk=staff.pk).first()
    is_changed = engineer is None
    if engineer is None:
        # What the file does not say is unknown: no year from today for a licence of which only the points are known.
        values = {"licence_issued_on": None, "licence_expires_on": None, **read.values, "attributes": read.attributes}
        if read.values.get("licence_issued_on") and "licence_expires_on" not in read.values:
            del values["licence_expires_on"]
        engineer = make_engineer(staff.pk, values=values, points=points, actor=actor)
    else:
        before = _record_of(engineer)
        attributes = {**engineer.attributes, **read.attributes}
        engineer = change_engineer(engineer.pk, values={**read.values, "attributes": attributes}, actor=actor)
        is_changed = _record_of(engineer) != before
        is_changed |= points is not None and import_points(engineer.pk, points=points, actor=actor) is not None
    known = {skill.product_line: (skill.level, skill.valid_until) for skill in engineer.skills.all()}
    for line, (level, until) in skills.items():
        if known.get(line) != (level, until):
            set_skill(engineer.pk, product_line=line, level=level, valid_until=until, actor=actor)
            is_changed = True
    return "imported" if is_changed else "unchanged"


def _record_of(row: Provider | Engineer) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def _readable(read: OutletRow) -> OutletRow:
    if read.faults:
        raise Invalid(fields=read.faults)
    return read


_FIELDS = (
    "type", "tier", "region", "latitude", "longitude", "capacity_per_day", "product_lines", "status", "provider_id",
    "address", "district", "radius_km", "hours", "contract_number", "contract_from", "contract_until", "deposit_amount",
    "bank_account", "contact_name", "phone", "email",
)  # fmt: skip


def _new(unit: Unit, one: OutletRow) -> Outlet:
    values = {"region": unit.region[:60], **one.values}
    if "tier" not in values and unit.kind == Unit.Kind.STAR_CENTRE:
        values["tier"] = Outlet.Tier.STAR_CENTRE
    return Outlet(unit_id=unit.pk, attributes=one.attributes, **values)


def _change(outlet: Outlet, one: OutletRow) -> dict[str, list[Any]]:
    values = {**one.values, "attributes": {**outlet.attributes, **one.attributes}}
    changes: dict[str, list[Any]] = {}
    for name, value in values.items():
        old = getattr(outlet, name)
        if old != value:
            # What unknown columns hold may be personal: an event names them only.
            changes[name] = [sorted(old), sorted(value)] if name == "attributes" else [plain(old), plain(value)]
            setattr(outlet, name, value)
    if changes:
        outlet.changed_at = clock.now()
    return changes


def _changed(outlet: Outlet, changes: Mapping[str, list[Any]]) -> OutletChanged:
    shown, private = apart({name: change for name, change in changes.items() if name != "attributes"})
    if "attributes" in changes:
        shown["attributes"] = changes["attributes"]
    return OutletChanged(unit_id=outlet.pk, fields=", ".join(sorted(changes)), changes=shown, private=private)


class _Served:
    """What setting the districts of outlets came to."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self.outlet_ids: set[int] = set()


def _set_districts(wanted: Mapping[int, list[str]]) -> _Served:
    served = _Served()
    known: dict[int, dict[str, OutletArea]] = {outlet_id: {} for outlet_id in wanted}
    for area in OutletArea.objects.filter(outlet__in=list(wanted), kind=OutletArea.Kind.DISTRICT):
        known[area.outlet_id][area.district] = area
    fresh = [
        OutletArea(outlet_id=outlet_id, kind=OutletArea.Kind.DISTRICT, district=district)
        for outlet_id, districts in wanted.items()
        for district in districts
        if district not in known[outlet_id]
    ]
    gone = [area for outlet_id, areas in known.items() for district, area in areas.items() if district not in wanted[outlet_id]]
    served.facts = [AreaRemoved(unit_id=area.outlet_id, area_id=area.pk, name=str(area)) for area in gone]
    served.facts += [area_added(area) for area in OutletArea.objects.bulk_create(fresh)]
    OutletArea.objects.filter(pk__in=[area.pk for area in gone]).delete()
    served.outlet_ids = {area.outlet_id for area in (*fresh, *gone)}
    return served

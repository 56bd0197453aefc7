"""Who somebody is, who is on duty, who stands in, and when a unit works."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from jieli.events.actor import Actor, Grant
from jieli.events.refusals import Refused
from jieli.lib import holidays
from jieli.lib.business_time import WorkingCalendar
from jieli.people import rules
from jieli.people.models import Absence, CompanyDuty, Deputy, DutyShift, Role, Staff, Token, Unit, UnitClosure
from jieli.people.models import Grant as GrantRow
from jieli.policies.queries import current
from jieli.policies.schemas import Calendars

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class NoDutyOfficer(Refused):
    """Nobody can be reached: the company has not named its duty officer yet."""

    code = "no_duty_officer"
    message = _("The company has no duty officer. An administrator must name one first.")


def company_zone() -> ZoneInfo:
    """Return the time zone in which the company counts its days."""
    return ZoneInfo(settings.TIME_ZONE)


def local_date(at: datetime) -> date:
    """Return the company's calendar day of an instant."""
    return at.astimezone(company_zone()).date()


def local_midnight(on: date) -> datetime:
    """Return the instant at which a day begins for the company."""
    return datetime.combine(on, time(), tzinfo=company_zone())


def root_unit() -> Unit:
    """Return the unit above all others; raises Unit.DoesNotExist before the company is founded."""
    return Unit.objects.get(parent__isnull=True)


# --- who somebody is


def actor_for(staff: Staff) -> Actor:
    """Return the person as an actor with all roles held now. One query; an inactive person has no roles."""
    grants: tuple[Grant, ...] = ()
    if staff.is_active:
        rows = GrantRow.objects.filter(staff=staff).values_list("role", "unit__path").order_by("id")
        grants = tuple(Grant(role, path) for role, path in rows)
    return Actor("staff", staff.pk, staff.name, grants)


def token_digest(plain: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex."""
    return sha256(plain.encode()).hexdigest()


def actor_for_token(plain: str) -> Actor | None:
    """Return the person a token acts as, narrowed to its role, unit and scopes; None when it opens nothing.

    A role which the person lost since is lost for the token too. One query.
    """
    rows = list(
        Token.objects.valid()
        .filter(digest=token_digest(plain), staff__grants__role=F("role"))
        .values_list("staff_id", "staff__name", "role", "scopes", "unit__path", "staff__grants__unit__path")
    )
    grants = tuple(
        dict.fromkeys(
            Grant(role, path)
            for _staff_id, _name, role, _scopes, wanted, granted in rows
            if (path := rules.narrowed_path(granted, wanted)) is not None
        )
    )
    if not grants:
        return None
    staff_id, name, _role, scopes, _wanted, _granted = rows[0]
    return Actor("staff", staff_id, name, grants, frozenset(scopes))


def superior_of(staff: Staff) -> Staff | None:
    """Return the leader of the person's unit, or of the nearest unit above that somebody else leads. One query."""
    unit_ids = rules.ancestor_ids(Unit.objects.values_list("path", flat=True).get(pk=staff.unit_id))
    leaders = (
        Unit.objects.filter(pk__in=unit_ids, leader__is_active=True)
        .exclude(leader_id=staff.pk)
        .select_related("leader")
        .order_by("-path")
    )
    by_id = {unit.pk: unit.leader for unit in leaders}
    return next((by_id[unit_id] for unit_id in unit_ids if unit_id in by_id), None)


# --- presence


def _with_presence(at: datetime) -> dict[str, Exists]:
    return {"is_away": Exists(Absence.objects.at(at).filter(staff_id=OuterRef("pk")))}


def present(staff_id: int, at: datetime) -> Staff | None:
    """Return the person when present at the instant, else the nearest present deputy (deputies of deputies too).

    None when nobody is left. Days of deputies are the company's days. Cost: one query, two more per step of deputies.
    """
    people: dict[int, Staff] = {}
    named: dict[int, list[int]] = {}
    on = local_date(at)

    def learn(ids: Iterable[int]) -> None:
        unknown = set(ids) - people.keys()
        if unknown:
            found = Staff.objects.filter(pk__in=unknown).annotate(**_with_presence(at))
            people.update({person.pk: person for person in found})

    def is_present(person_id: int) -> bool:
        learn([person_id])
        person = people.get(person_id)
        return person is not None and person.is_active and not person.is_away  # type: ignore[attr-defined]

    def deputies_of(person_id: int) -> list[int]:
        if person_id not in named:
            named[person_id] = list(Deputy.objects.on(on).filter(staff_id=person_id).values_list("deputy_id", flat=True))
            learn(named[person_id])
        return named[person_id]

    found = rules.stand_in(staff_id, is_present=is_present, deputies_of=deputies_of)
    return None if found is None else people[found]


def absent_ids(at: datetime) -> set[int]:
    """Return the ids of everybody who is away at the instant, for lists. One query."""
    return set(Absence.objects.at(at).values_list("staff_id", flat=True))


def uncovered(
    *,
    starts_at: datetime,
    ends_at: datetime,
    planned: Sequence[rules.Away] = (),
    without_deputy_row: int | None = None,
) -> dict[int, datetime]:
    """Return who is away in the stretch with no present deputy, and the first instant of it.

    `planned` counts absences that are not stored yet; `without_deputy_row` leaves out one Deputy row. Three queries.
    """
    stored = Absence.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    absences = [rules.Away(row.staff_id, row.starts_at, row.ends_at) for row in stored] + list(planned)
    rows = Deputy.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=local_date(starts_at)), starts_on__lte=local_date(ends_at)
    ).order_by("order", "id")
    deputies = [
        rules.StandsIn(
            staff_id=row.staff_id,
            deputy_id=row.deputy_id,
            starts_at=local_midnight(row.starts_on),
            ends_at=None if row.ends_on is None else local_midnight(row.ends_on + timedelta(days=1)),
            order=row.order,
        )
        for row in rows
        if row.pk != without_deputy_row
    ]
    inactive = frozenset(
        Staff.objects.filter(is_active=False, pk__in={naming.deputy_id for naming in deputies}).values_list("pk", flat=True)
    )
    gaps: dict[int, datetime] = {}
    for absence in absences:
        gap = rules.first_gap(
            absence.staff_id,
            starts_at=max(absence.starts_at, starts_at),
            ends_at=min(absence.ends_at, ends_at),
            absences=absences,
            deputies=deputies,
            inactive=inactive,
        )
        if gap is not None:
            gaps[absence.staff_id] = min(gap, gaps.get(absence.staff_id, gap))
    return gaps


# --- duty

Via = Literal["rota", "leader", "company"]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty for a unit, and why: which unit's rota or leader it was, and for whom a deputy stands in."""

    staff: Staff
    via: Via
    unit: Unit | None
    stands_in_for_id: int | None


def duty(unit_id: int, at: datetime) -> Duty:
    """Return the duty officer with the reason: the unit's rota, its leader, the same upward, at last the company's.

    The absent are replaced by their deputies, or skipped when nobody stands in. The company's duty officer answers even when
    away, because a case must have an owner (invariant 1). Raises Unit.DoesNotExist, NoDutyOfficer. Three queries usually.
    """
    unit_ids = rules.ancestor_ids(Unit.objects.values_list("path", flat=True).get(pk=unit_id))
    on_duty = DutyShift.objects.at(at).filter(unit_id=OuterRef("pk")).values("staff_id")[:1]
    units = Unit.objects.filter(pk__in=unit_ids).annotate(on_duty_id=Subquery(on_duty)).in_bulk()
    for ancestor_id in unit_ids:
        unit = units[ancestor_id]
        candidates: list[tuple[Via, int | None]] = [("rota", unit.on_duty_id), ("leader", unit.leader_id)]  # type: ignore[attr-defined]
        for via, candidate in candidates:
            if candidate is None:
                continue
            staff = present(candidate, at)
            if staff is not None:
                return Duty(staff, via, unit, None if staff.pk == candidate else candidate)
    company = CompanyDuty.objects.select_related("staff").first()
    if company is None:
        raise NoDutyOfficer
    staff = present(company.staff_id, at) or company.staff
    return Duty(staff, "company", None, None if staff.pk == company.staff_id else company.staff_id)


def duty_officer(unit_id: int, at: datetime) -> Staff:
    """Return who is on duty for a unit at an instant; see `duty`."""
    return duty(unit_id, at).staff


@dataclass(frozen=True, slots=True)
class RotaDay:
    """One day of a unit's rota: its shifts, and the stretches that nobody covers."""

    on: date
    shifts: list[DutyShift]
    gaps: list[tuple[datetime, datetime]]


def rota_week(unit: Unit, monday: date) -> list[RotaDay]:
    """Return seven days of a unit's rota with the gaps in them; a shift stands on each day it touches. One query."""
    starts_at, ends_at = local_midnight(monday), local_midnight(monday + timedelta(days=7))
    shifts = list(DutyShift.objects.filter(unit=unit).between(starts_at, ends_at).select_related("staff").order_by("starts_at"))
    days = []
    for number in range(7):
        on = monday + timedelta(days=number)
        begins, ends = local_midnight(on), local_midnight(on + timedelta(days=1))
        touching = [shift for shift in shifts if shift.starts_at < ends and shift.ends_at > begins]
        gaps = rules.free_stretches(((shift.starts_at, shift.ends_at) for shift in touching), starts_at=begins, ends_at=ends)
        days.append(RotaDay(on, touching, gaps))
    return days


# --- calendars


@dataclass(frozen=True, slots=True)
class CalendarHours:
    """One working calendar of the policy in plain hashable values; weekdays count from 0 = Monday."""

    code: str
    zone: str
    weekly: tuple[rules.Intervals, ...]
    always: bool
    holidays: str
    exceptions: tuple[tuple[date, rules.Intervals], ...] = ()
    label_zh: str = ""
    label_en: str = ""


def calendar_hours(code: str) -> CalendarHours | None:
    """Return a calendar of the present policy, or None when the policy does not know the code."""
    return next((hours for hours in all_calendar_hours() if hours.code == code), None)


def all_calendar_hours() -> list[CalendarHours]:
    """Return the calendars of the present policy, in its order. No query: policies are cached."""
    calendars: Calendars = current("calendars").data
    return [
        CalendarHours(
            code=code,
            zone=entry.zone,
            weekly=tuple(entry.weekly.get(day, ()) for day in WEEKDAYS),
            always=entry.always,
            holidays=entry.holidays or "",
            exceptions=tuple((day.on, day.intervals) for day in entry.exceptions),
            label_zh=entry.label.zh,
            label_en=entry.label.en,
        )
        for code, entry in calendars.calendars.items()
    ]


@lru_cache(maxsize=512)
def compiled_calendar(hours: CalendarHours, closures: tuple[tuple[date, rules.Intervals], ...] = ()) -> WorkingCalendar:
    """Return the calendar ready for counting, made once for each different content."""
    weekly = dict(enumerate(hours.weekly))
    return WorkingCalendar(hours.zone, weekly, {**special_hours(hours), **dict(closures)}, always=hours.always)


def special_hours(hours: CalendarHours) -> dict[date, rules.Intervals]:
    """Return the days with hours of their own: public holidays (none), make-up days, and what the policy itself names."""
    found: dict[date, rules.Intervals] = {}
    if hours.holidays == "CN":
        years = holidays.known_years()
        found.update(holidays.china_exceptions(years[0], years[-1], dict(enumerate(hours.weekly))))
    found.update(dict(hours.exceptions))
    return found


def working_calendar(unit_id: int, code: str | None = None) -> WorkingCalendar:
    """Return the hours in which a unit works: a calendar of the policy (its own unless named) and the unit's closures.

    The code "unit" means its own. A code that the policy no longer knows counts as around the clock: due times may come
    early, never late. One query; compiled calendars are kept by content. Raises Unit.DoesNotExist.
    """
    rows = list(
        Unit.objects.filter(pk=unit_id).order_by("closures__on").values_list("calendar", "closures__on", "closures__intervals")
    )
    if not rows:
        raise Unit.DoesNotExist
    closures = tuple(
        (on, tuple((str(opens), str(closes)) for opens, closes in intervals)) for _code, on, intervals in rows if on
    )
    wanted = rows[0][0] if code in (None, "", "unit") else str(code)
    hours = calendar_hours(wanted) or CalendarHours(wanted, str(company_zone()), ((),) * 7, True, "")
    return compiled_calendar(hours, closures)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of a year on which a calendar differs from its week: closed, or open at other hours."""

    on: date
    intervals: rules.Intervals
    is_make_up: bool


def special_days(hours: CalendarHours, year: int) -> list[SpecialDay]:
    """Return the holidays and make-up working days of a year, in order."""
    return [
        SpecialDay(on, intervals, bool(intervals))
        for on, intervals in sorted(special_hours(hours).items())
        if on.year == year and intervals != hours.weekly[on.weekday()]
    ]


# --- pages


@dataclass(slots=True)
class UnitNode:
    """A unit in the tree page: its depth and how many active people are in it and below."""

    unit: Unit
    depth: int
    people: int
    people_below: int


def unit_tree(*, include_inactive: bool = False) -> list[UnitNode]:
    """Return all units, each after its parent, siblings by code. Two queries whatever the number of units."""
    units = Unit.objects.select_related("leader").order_by("code")
    if not include_inactive:
        units = units.active()
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id].append(unit)
    heads: dict[int, int] = defaultdict(int)
    for unit_id in Staff.objects.active().values_list("unit_id", flat=True):
        heads[unit_id] += 1
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


def closures_of(unit: Unit, *, since: date) -> list[UnitClosure]:
    """Return a unit's closures from a day on, in order."""
    return list(UnitClosure.objects.filter(unit=unit, on__gte=since).order_by("on"))


def demo_logins() -> list[dict[str, str]]:
    """Return the accounts which the login page offers in demo mode: username, password, name, role, unit. Two queries."""
    people = Staff.objects.active().filter(custom__demo_login=True).select_related("unit").order_by("pk")
    roles: dict[int, list[str]] = defaultdict(list)
    for grant in GrantRow.objects.filter(staff__in=people).order_by("pk"):
        roles[grant.staff_id].append(str(Role(grant.role).label))
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

"""What rows of outlets.csv, providers.csv and engineers.csv say (interfaces, Exchange files); pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.cells import date_in, list_in, number_in, truth_in
from jieli.network.models import Engineer, Outlet, Provider, Skill
from jieli.network.rules.shifts import read_week

COLUMNS = (
    "code", "type", "tier", "region", "latitude", "longitude", "capacity_per_day", "product_lines", "status", "provider",
    "address", "district", "areas", "radius_km", "hours", "contract_number", "contract_from", "contract_until",
    "deposit_amount", "bank_account", "contact_name", "phone", "email",
)  # fmt: skip
PROVIDER_COLUMNS = (
    "code", "name", "legal_person", "registration_number", "capital_amount", "contract_number", "contract_from",
    "contract_until", "is_exclusive", "bank_name", "bank_holder", "bank_account", "contact_name", "phone", "email",
    "address", "status",
)  # fmt: skip
ENGINEER_COLUMNS = (
    "staff", "outlet", "level", "level_since", "licence_number", "licence_issued_on", "licence_expires_on", "points",
    "skills", "home_address", "home_latitude", "home_longitude", "capacity_per_day", "shifts", "vehicle", "ended_on",
)  # fmt: skip
PLACES = Decimal("0.000001")

_UNREADABLE = {
    "type": _("This is none of flagship, core, standard, satellite."),
    "tier": _("This is neither star_centre nor outlet."),
    "status": _("This is none of active, suspended, ended."),
    "latitude": _("The latitude lies between -90 and 90."),
    "longitude": _("The longitude lies between -180 and 180."),
    "capacity_per_day": _("This is not a whole number of orders."),
    "product_lines": _("Product lines are separated by semicolons, each of at most 60 characters."),
    "areas": _("District codes are separated by semicolons, each of at most 20 characters."),
    "radius_km": _("This is not a distance of at most 200 km."),
    "hours": _("Hours are given like: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00"),
    "shifts": _("Hours are given like: mon-fri 08:00-12:00 13:00-18:00; sat 09:00-12:00"),
    "deposit_amount": _("This is not an amount with two decimals."),
    "capital_amount": _("This is not an amount with two decimals."),
    "is_exclusive": _("This is neither true nor false."),
    "level": _("This is none of technician, engineer, senior, gold."),
    "vehicle": _("This is neither car nor motorcycle."),
    "points": _("Points are a whole number from 0 to 12."),
    "skills": _("Skills are given like: washing_machine:high:2027-12-31; television"),
    "home_latitude": _("The latitude lies between -90 and 90."),
    "home_longitude": _("The longitude lies between -180 and 180."),
}
_TOO_LONG = _("This is too long.")
_LATE = _("A date is written like 2026-11-22.")


@dataclass(slots=True)
class OutletRow:
    """The known cells of a row as values, the cells of unknown columns, and what is wrong by column."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str | Lazy] = field(default_factory=dict)


def read_outlet(row: Mapping[str, str]) -> OutletRow:
    """Return what a row of outlets.csv says; empty cells are unknown and left out."""
    return _read(row, "code", _READERS)


def read_provider(row: Mapping[str, str]) -> OutletRow:
    """Return what a row of providers.csv says; empty cells are unknown and left out."""
    return _read(row, "code", _PROVIDER_READERS)


def read_engineer(row: Mapping[str, str]) -> OutletRow:
    """Return what a row of engineers.csv says, its code that of the person; empty cells are unknown and left out."""
    return _read(row, "staff", _ENGINEER_READERS)


def read_licence(row: Mapping[str, str]) -> OutletRow:
    """Return what a row of staff.csv says about the licence: points, level, product lines; the rest is left out."""
    named = {"points": "licence_points", "level": "licence_level", "product_lines": "product_lines"}
    read = _read({name: row.get(column) or "" for name, column in named.items()} | {"code": "-"}, "code", _LICENCE_READERS)
    read.faults = {named[name]: fault for name, fault in read.faults.items()}
    return read


def _read(row: Mapping[str, str], key: str, readers: Mapping[str, Callable[[str], Any]]) -> OutletRow:
    read = OutletRow((row.get(key) or "").strip())
    if not read.code:
        read.faults[key] = _("This must not be empty.")
    for column, cell in row.items():
        text = (cell or "").strip()
        if not text or column == key:
            continue
        if "\x00" in text:
            read.faults[column] = _("This holds a character that cannot be kept.")
        elif column not in readers:
            read.attributes[column] = text
        else:
            try:
                read.values[column] = readers[column](text)
            except ValueError:
                read.faults[column] = _UNREADABLE.get(column) or (_LATE if readers[column] is date_in else _TOO_LONG)
    for prefix in ("", "home_"):
        names = {f"{prefix}latitude", f"{prefix}longitude"}
        given = names & read.values.keys()
        if len(given) == 1 and not read.faults.keys() & names:
            read.faults[(names - given).pop()] = _("A place needs latitude and longitude.")
    return read


def _one_of(codes: list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in codes:
            raise ValueError(text)
        return text

    return read


def _degrees(most: int) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        value = number_in(text)
        if not -most <= value <= most:
            raise ValueError(text)
        return value.quantize(PLACES)

    return read


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(text)
        return text

    return read


def _amount(text: str) -> Decimal:
    value = number_in(text)
    if not 0 <= value < Decimal("1e10") or value != value.quantize(Decimal("0.01")):
        raise ValueError(text)
    return value.quantize(Decimal("0.01"))


def _radius(text: str) -> Decimal:
    value = number_in(text)
    if not 0 <= value <= 200:
        raise ValueError(text)
    return value.quantize(Decimal("0.01"))


def _points(text: str) -> int:
    value = number_in(text)
    if value != int(value) or not 0 <= value <= 12:
        raise ValueError(text)
    return int(value)


def _districts(text: str) -> list[str]:
    found = list_in(text)
    if any(len(one) > 20 for one in found):
        raise ValueError(text)
    return found


def _skills(text: str) -> dict[str, tuple[int, date | None]]:
    found: dict[str, tuple[int, date | None]] = {}
    for one in list_in(text):
        line, _first, rest = one.partition(":")
        level, _second, until = rest.partition(":")
        if not line.strip() or len(line.strip()) > 60:
            raise ValueError(text)
        grade = Skill.Level[level.strip().upper()] if level.strip().upper() in Skill.Level.names else None
        if level.strip() and grade is None:
            raise ValueError(text)
        found[line.strip()] = (grade or Skill.Level.BASIC, date_in(until.strip()) if until.strip() else None)
    return found


def _capacity(text: str) -> int:
    value = number_in(text)
    if value != int(value) or not 0 <= value <= 100_000:
        raise ValueError(text)
    return int(value)


def _lines(text: str) -> list[str]:
    found = list_in(text)
    if any(len(one) > 60 for one in found):
        raise ValueError(text)
    return found


_READERS: dict[str, Callable[[str], Any]] = {
    "type": _one_of(Outlet.Type.values),
    "tier": _one_of(Outlet.Tier.values),
    "status": _one_of(Outlet.Status.values),
    "region": _text(60),
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "capacity_per_day": _capacity,
    "product_lines": _lines,
    "provider": _text(64),
    "address": _text(300),
    "district": _text(20),
    "areas": _districts,
    "radius_km": _radius,
    "hours": read_week,
    "contract_number": _text(60),
    "contract_from": date_in,
    "contract_until": date_in,
    "deposit_amount": _amount,
    "bank_account": _text(60),
    "contact_name": _text(100),
    "phone": _text(40),
    "email": _text(254),
}
_PROVIDER_READERS: dict[str, Callable[[str], Any]] = {
    **{name: _text(60) for name in ("registration_number", "contract_number", "bank_account")},
    "name": _text(200),
    "legal_person": _text(100),
    "capital_amount": _amount,
    "contract_from": date_in,
    "contract_until": date_in,
    "is_exclusive": truth_in,
    "bank_name": _text(120),
    "bank_holder": _text(120),
    "contact_name": _text(100),
    "phone": _text(40),
    "email": _text(254),
    "address": _text(300),
    "status": _one_of(Provider.Status.values),
}
_LICENCE_READERS: dict[str, Callable[[str], Any]] = {
    "points": _points,
    "level": _one_of(Engineer.Level.values),
    "product_lines": _lines,
}
_ENGINEER_READERS: dict[str, Callable[[str], Any]] = {
    "outlet": _text(64),
    "level": _one_of(Engineer.Level.values),
    "level_since": date_in,
    "licence_number": _text(60),
    "licence_issued_on": date_in,
    "licence_expires_on": date_in,
    "points": _points,
    "skills": _skills,
    "home_address": _text(300),
    "home_latitude": _degrees(90),
    "home_longitude": _degrees(180),
    "capacity_per_day": _capacity,
    "shifts": read_week,
    "vehicle": _one_of(Engineer.Vehicle.values),
    "ended_on": date_in,
}

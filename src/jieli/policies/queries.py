"""Policies for the code that decides by them (cached in the process) and for the pages."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar, overload

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models.functions import MD5
from pydantic import BaseModel

from jieli.lib import clock
from jieli.policies.models import PolicyVersion
from jieli.policies.schemas import (
    Assignment,
    Calendars,
    Dispatch,
    Faults,
    Fields,
    ForbiddenPhrases,
    Grade,
    Landing,
    Licence,
    Network,
    Numbers,
    Pay,
    Prices,
    Promises,
    Rates,
    Registered,
    Routes,
    Settlement,
    Tiers,
    VisitStandard,
    registered,
    registered_names,
)
from jieli.policies.sources import read_body

D = TypeVar("D", bound=BaseModel)

REFRESH_SECONDS = 1.0
"""After so long a process notices versions that another one started."""


class NoPolicy(LookupError):
    """No version of this name has been started: `jieli` migrations install the default pack."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[D]):
    """A version that holds, with its values ready for use."""

    id: int
    name: str
    number: int
    starts_at: datetime
    data: D

    @property
    def version(self) -> str:
        """Return the label that decisions keep: ``promises v7``."""
        return f"{self.name} v{self.number}"


class _Head(NamedTuple):
    id: int
    name: str
    number: int
    starts_at: datetime
    digest: str


_heads: dict[str, tuple[float, dict[str, list[_Head]]]] = {}


def forget() -> None:
    """Forget which versions there are; called when a version is started in this process."""
    _heads.clear()


def _read_heads() -> dict[str, list[_Head]]:
    found: dict[str, list[_Head]] = {}
    rows = (
        PolicyVersion.objects.filter(started=True)
        .order_by("name", "-starts_at", "-number")
        .values_list("id", "name", "number", "starts_at", MD5("source"))
    )
    for row in rows:
        found.setdefault(row[1], []).append(_Head(*row))
    return found


def _started(name: str) -> list[_Head]:
    # A transaction that started a version sees it at once and leaves the others' picture alone: it may still roll back.
    here = connections[DEFAULT_DB_ALIAS]
    if any(callback[1] is forget for callback in here.run_on_commit):
        return _read_heads().get(name, [])
    key = str(here.settings_dict["NAME"])
    read_at, found = _heads.get(key, (0.0, {}))
    now = time.monotonic()
    if not found or now - read_at > REFRESH_SECONDS:
        found = _read_heads()
        _heads[key] = (now, found)
    return found.get(name, [])


@lru_cache(maxsize=256)
def _loaded(database: str, head: _Head) -> Loaded[BaseModel]:
    body = PolicyVersion.objects.values_list("body", flat=True).get(pk=head.id)
    data = read_body(body, registered(head.name).schema)
    return Loaded(head.id, head.name, head.number, head.starts_at, data)


@overload
def current(name: Literal["promises"], at: datetime | None = None) -> Loaded[Promises]: ...
@overload
def current(name: Literal["calendars"], at: datetime | None = None) -> Loaded[Calendars]: ...
@overload
def current(name: Literal["routes"], at: datetime | None = None) -> Loaded[Routes]: ...
@overload
def current(name: Literal["fields"], at: datetime | None = None) -> Loaded[Fields]: ...
@overload
def current(name: Literal["forbidden_phrases"], at: datetime | None = None) -> Loaded[ForbiddenPhrases]: ...
@overload
def current(name: Literal["landing"], at: datetime | None = None) -> Loaded[Landing]: ...
@overload
def current(name: Literal["assignment"], at: datetime | None = None) -> Loaded[Assignment]: ...
@overload
def current(name: Literal["tiers"], at: datetime | None = None) -> Loaded[Tiers]: ...
@overload
def current(name: Literal["numbers"], at: datetime | None = None) -> Loaded[Numbers]: ...
@overload
def current(name: Literal["dispatch"], at: datetime | None = None) -> Loaded[Dispatch]: ...
@overload
def current(name: Literal["rates"], at: datetime | None = None) -> Loaded[Rates]: ...
@overload
def current(name: Literal["grade"], at: datetime | None = None) -> Loaded[Grade]: ...
@overload
def current(name: Literal["settlement"], at: datetime | None = None) -> Loaded[Settlement]: ...
@overload
def current(name: Literal["licence"], at: datetime | None = None) -> Loaded[Licence]: ...
@overload
def current(name: Literal["network"], at: datetime | None = None) -> Loaded[Network]: ...
@overload
def current(name: Literal["pay"], at: datetime | None = None) -> Loaded[Pay]: ...
@overload
def current(name: Literal["visit-standard"], at: datetime | None = None) -> Loaded[VisitStandard]: ...
@overload
def current(name: Literal["faults"], at: datetime | None = None) -> Loaded[Faults]: ...
@overload
def current(name: Literal["prices"], at: datetime | None = None) -> Loaded[Prices]: ...
@overload
def current(name: str, at: datetime | None = None) -> Loaded[BaseModel]: ...
def current(name: str, at: datetime | None = None) -> Loaded[BaseModel]:  # type: ignore[misc]
    """Return the version that holds at an instant (now): the one that began last; before the first, the first.

    Cost: no query, one per second and process to notice what others started. Raises NoPolicy.
    """
    heads = _started(name)
    if not heads:
        raise NoPolicy(name)
    at = at or clock.now()
    head = next((head for head in heads if head.starts_at <= at), heads[-1])
    return _loaded(str(connection.settings_dict["NAME"]), head)


@overload
def version(name: Literal["promises"], number: int) -> Loaded[Promises]: ...
@overload
def version(name: Literal["calendars"], number: int) -> Loaded[Calendars]: ...
@overload
def version(name: Literal["routes"], number: int) -> Loaded[Routes]: ...
@overload
def version(name: Literal["numbers"], number: int) -> Loaded[Numbers]: ...
@overload
def version(name: Literal["visit-standard"], number: int) -> Loaded[VisitStandard]: ...
@overload
def version(name: str, number: int) -> Loaded[BaseModel]: ...
def version(name: str, number: int) -> Loaded[BaseModel]:  # type: ignore[misc]
    """Return a started version by number; raises NoPolicy."""
    head = next((head for head in _started(name) if head.number == number), None)
    if head is None:
        raise NoPolicy(f"{name} v{number}")
    return _loaded(str(connection.settings_dict["NAME"]), head)


def by_label(label: str) -> Loaded[BaseModel]:
    """Return the version that a decision kept, such as ``promises v7``; raises NoPolicy."""
    name, _, number = label.rpartition(" v")
    if not number.isdigit():
        raise NoPolicy(label)
    return version(name, int(number))


def versions(name: str) -> list[PolicyVersion]:
    """Return the started versions of a policy, the newest first, without their texts."""
    return list(PolicyVersion.objects.started().filter(name=name).defer("source", "body"))


def draft_data(draft: PolicyVersion) -> BaseModel:
    """Return the values of a version that may not have been started."""
    return read_body(draft.body, registered(draft.name).schema)


class ShownPolicy(NamedTuple):
    """A policy on the list: what holds now, what is planned, who is drafting."""

    registered: Registered
    holds: PolicyVersion | None
    planned: list[PolicyVersion]
    drafts: list[PolicyVersion]


def all_policies(at: datetime) -> list[ShownPolicy]:
    """Return every policy with its versions at an instant. One query, without texts."""
    rows: dict[str, list[PolicyVersion]] = {}
    for row in PolicyVersion.objects.order_by("-starts_at", "-number", "-changed_at").defer("source", "body"):
        rows.setdefault(row.name, []).append(row)
    shown = []
    for name in registered_names():
        versions_ = [row for row in rows.get(name, []) if row.started]
        shown.append(
            ShownPolicy(
                registered(name),
                next((row for row in versions_ if row.holds_at(at)), versions_[-1] if versions_ else None),
                [row for row in versions_ if not row.holds_at(at)],
                [row for row in rows.get(name, []) if not row.started],
            )
        )
    return shown


def names_of(staff_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of staff by id. One query."""
    wanted = {staff_id for staff_id in staff_ids if staff_id is not None}
    if not wanted:
        return {}
    return {row.pk: str(row) for row in get_user_model()._default_manager.filter(pk__in=wanted)}


def calendar_names(language: str) -> dict[str, str]:
    """Return the words for the codes of the calendars that hold now."""
    try:
        calendars = current("calendars").data.calendars
    except NoPolicy:
        return {}
    return {code: calendar.label.in_language(language) for code, calendar in calendars.items()}

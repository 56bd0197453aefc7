"""Making and changing outlets, their areas, and whether they get orders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import Actor
from jieli.events.facts import Fact
from jieli.events.refusals import Invalid, NotFound, require
from jieli.lib import clock
from jieli.lib.text import strip_control
from jieli.network.actions.writing import apart, check_whole, cleaned, differences, refuse_if_changed, values_of
from jieli.network.events import (
    AreaAdded,
    AreaRemoved,
    OutletChanged,
    OutletEnded,
    OutletMade,
    OutletSuspended,
    SuspensionLifted,
)
from jieli.network.models import Outlet, OutletArea
from jieli.network.policy import may_keep_outlet, may_suspend_outlet, visible_outlets
from jieli.network.refusals import NotSuspended, OutletIsEnded
from jieli.network.rules.areas import as_geojson, bounds_of, polygons_of
from jieli.people.actions import make_unit
from jieli.people.models import Unit

FIELDS = (
    "provider_id", "type", "tier", "region", "address", "district", "latitude", "longitude", "radius_km",
    "capacity_per_day", "product_lines", "hours", "contract_number", "contract_from", "contract_until", "deposit_amount",
    "bank_account", "contact_name", "phone", "email", "attributes",
)  # fmt: skip
SHOWN = ("type", "tier", "region", "status")
FURTHEST_KM = 200


@transaction.atomic
def make_outlet(*, code: str, name: str, parent_id: int, values: Mapping[str, Any], actor: Actor) -> Outlet:
    """Make a unit below another and let it be an outlet of the network.

    Raises NotAllowed, Invalid (the unit's or the outlet's fields), Unit.DoesNotExist.
    """
    parent = Unit.objects.get(pk=parent_id)
    require(may_keep_outlet(actor, parent))
    clean = cleaned(Outlet, values, allowed=FIELDS)
    kind = Unit.Kind.STAR_CENTRE if clean.get("tier") == Outlet.Tier.STAR_CENTRE else Unit.Kind.OUTLET
    unit = make_unit(
        code=code, name=name, parent_id=parent_id, kind=kind, region=str(clean.get("region") or parent.region), actor=actor
    )
    clean.setdefault("region", unit.region[:60])
    outlet = Outlet(unit=unit, **clean)
    _check(outlet)
    outlet.save(force_insert=True)
    record(outlet_made(outlet), actor=actor)
    return outlet


@transaction.atomic
def change_outlet(outlet_id: int, *, values: Mapping[str, Any], actor: Actor, seen_at: datetime | None = None) -> Outlet:
    """Change these fields of an outlet; the same values change nothing.

    Raises Outlet.DoesNotExist (also when hidden), NotAllowed, Invalid, ChangedMeanwhile (saved by another since `seen_at`).
    """
    outlet = locked_outlet(outlet_id, actor)
    require(may_keep_outlet(actor, outlet.unit))
    clean = cleaned(Outlet, values, allowed=FIELDS)
    changes = differences(outlet, clean)
    if not changes:
        return outlet
    refuse_if_changed(outlet, seen_at)
    for name in changes:
        setattr(outlet, name, clean[name])
    _check(outlet)
    outlet.changed_at = clock.now()
    outlet.save(update_fields=[*changes, "changed_at"])
    shown, private = apart(changes)
    fact = OutletChanged(unit_id=outlet.pk, fields=", ".join(sorted(changes)), changes=shown, private=private)
    record(fact, actor=actor)
    return outlet


@transaction.atomic
def suspend_outlet(outlet_id: int, *, reason: str, actor: Actor) -> Outlet:
    """Stop new orders to an outlet until the suspension is lifted; suspending again changes nothing.

    Open orders are finished or moved by dispatch. Raises Outlet.DoesNotExist (also when hidden), NotAllowed, Invalid without
    a reason, OutletIsEnded.
    """
    outlet = _decided_on(outlet_id, actor)
    if outlet.status == Outlet.Status.SUSPENDED:
        return outlet
    words = _said(reason)
    return _set_status(outlet, Outlet.Status.SUSPENDED, words, OutletSuspended(unit_id=outlet.pk, reason=words), actor)


@transaction.atomic
def lift_suspension(outlet_id: int, *, reason: str, actor: Actor) -> Outlet:
    """Let a suspended outlet have orders again; `reason` names the inspection that it passed.

    Raises Outlet.DoesNotExist (also when hidden), NotAllowed, Invalid without a reason, NotSuspended.
    """
    outlet = _decided_on(outlet_id, actor)
    if outlet.status != Outlet.Status.SUSPENDED:
        raise NotSuspended
    words = _said(reason)
    return _set_status(outlet, Outlet.Status.ACTIVE, words, SuspensionLifted(unit_id=outlet.pk, reason=words), actor)


@transaction.atomic
def end_outlet(outlet_id: int, *, reason: str, actor: Actor) -> Outlet:
    """End the contract of an outlet for good; a second time changes nothing.

    Raises Outlet.DoesNotExist (also when hidden), NotAllowed, Invalid without a reason.
    """
    outlet = locked_outlet(outlet_id, actor)
    require(may_suspend_outlet(actor, outlet))
    if outlet.status == Outlet.Status.ENDED:
        return outlet
    words = _said(reason)
    return _set_status(outlet, Outlet.Status.ENDED, words, OutletEnded(unit_id=outlet.pk, reason=words), actor)


@transaction.atomic
def add_area(outlet_id: int, *, name: str = "", district: str = "", polygon: Any = None, actor: Actor) -> OutletArea:
    """Let an outlet serve one more area: a district by its code, or a polygon of GeoJSON.

    A district that it serves already is returned as it is. Raises Outlet.DoesNotExist (also when hidden), NotAllowed, Invalid.
    """
    outlet = locked_outlet(outlet_id, actor)
    require(may_keep_outlet(actor, outlet.unit))
    area = described(outlet, name=name, district=district, polygon=polygon)
    if area.district and (known := outlet.areas.filter(district=area.district).first()) is not None:
        return known
    area.save(force_insert=True)
    record(area_added(area), actor=actor)
    return area


@transaction.atomic
def remove_area(area_id: int, *, actor: Actor) -> None:
    """Let an outlet no longer serve an area. Raises NotFound (also when hidden), NotAllowed."""
    area = OutletArea.objects.select_related("outlet__unit").filter(pk=area_id).first()
    if area is None or not Outlet.objects.filter(visible_outlets(actor), pk=area.outlet_id).exists():
        raise NotFound
    require(may_keep_outlet(actor, area.outlet.unit))
    record(AreaRemoved(unit_id=area.outlet_id, area_id=area_id, name=str(area)), actor=actor)
    area.delete()


def described(outlet: Outlet, *, name: str = "", district: str = "", polygon: Any = None) -> OutletArea:
    """Return an unsaved area; raises Invalid unless it is either a district or a polygon that can be read."""
    district, name = strip_control(district).strip(), strip_control(name).strip()[:120]
    if bool(district) == (polygon is not None):
        raise Invalid(fields={"district": _("Give either a district code or an outline.")})
    if district:
        if len(district) > 20:
            raise Invalid(fields={"district": _("This is too long.")})
        return OutletArea(outlet=outlet, kind=OutletArea.Kind.DISTRICT, name=name, district=district)
    try:
        polygons = polygons_of(polygon)
    except ValueError:
        words = _("This is no outline: a Polygon or MultiPolygon of GeoJSON with closed rings, longitude first.")
        raise Invalid(fields={"polygon": words}) from None
    bounds = bounds_of(polygons)
    return OutletArea(
        outlet=outlet,
        kind=OutletArea.Kind.POLYGON,
        name=name,
        polygon=as_geojson(polygons),
        south=bounds.south,
        north=bounds.north,
        west=bounds.west,
        east=bounds.east,
    )


def outlet_made(outlet: Outlet) -> OutletMade:
    """Return the fact of a new outlet; its unit need not be read."""
    shown, private = apart(values_of(outlet, (*FIELDS, "status")))
    summary = ", ".join(str(shown[name]) for name in SHOWN if shown.get(name))
    return OutletMade(unit_id=outlet.unit_id, summary=summary, values=shown, private=private)


def area_added(area: OutletArea) -> AreaAdded:
    """Return the fact of a new area."""
    return AreaAdded(
        unit_id=area.outlet_id,
        area_id=area.pk,
        name=str(area),
        kind=area.kind,
        district=area.district,
        polygon=area.polygon,
    )


def locked_outlet(outlet_id: int, actor: Actor) -> Outlet:
    """Return an outlet that the actor sees, locked, with its unit; raises Outlet.DoesNotExist."""
    visible = Outlet.objects.filter(visible_outlets(actor)).select_related("unit")
    return visible.select_for_update(of=("self",)).get(pk=outlet_id)


def _decided_on(outlet_id: int, actor: Actor) -> Outlet:
    outlet = locked_outlet(outlet_id, actor)
    require(may_suspend_outlet(actor, outlet))
    if outlet.status == Outlet.Status.ENDED:
        raise OutletIsEnded
    return outlet


def _set_status(outlet: Outlet, status: str, reason: str, fact: Fact, actor: Actor) -> Outlet:
    outlet.status, outlet.status_reason, outlet.status_at = status, reason[:300], clock.now()
    outlet.changed_at = clock.now()
    outlet.save(update_fields=["status", "status_reason", "status_at", "changed_at"])
    record(fact, actor=actor)
    return outlet


def _said(reason: str) -> str:
    words = strip_control(reason).strip()[:300]
    if not words:
        raise Invalid(fields={"reason": _("Say why.")})
    return words


def _check(outlet: Outlet) -> None:
    check_whole(outlet)
    if outlet.radius_km is not None and outlet.radius_km > FURTHEST_KM:
        raise Invalid(fields={"radius_km": _("At most %(most)s km.") % {"most": FURTHEST_KM}})

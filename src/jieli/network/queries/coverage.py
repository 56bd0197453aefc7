"""Which outlets serve a place, and what an address says of where it is."""

from decimal import Decimal
from math import cos, radians

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Replace

from jieli.lib.geo import haversine_km
from jieli.network.models import Outlet, OutletArea
from jieli.network.rules.areas import contains, districts_above, polygons_of
from jieli.network.rules.places import place_of
from jieli.policies.queries import current

Degrees = Decimal | float | None
_KM_A_DEGREE = 111.0
_FURTHEST = 9_999_999.0


def outlets_covering(
    *, latitude: Degrees = None, longitude: Degrees = None, district: str = "", product_line: str = ""
) -> list[Outlet]:
    """Return the outlets that serve a place and a product line, the nearest first; the suspended are among them.

    An outlet serves its areas: districts by code, polygons that hold the place; one without areas serves its own district and
    what lies within its radius. One that names no product lines serves all; an unknown line asks nothing. Each has
    `distance_km`, a straight line or None, and its unit and provider read. Two queries.
    """
    place = None if latitude is None or longitude is None else (float(latitude), float(longitude))
    districts = districts_above(district)
    radius = float(current("network").data.service_radius_km)
    areas = OutletArea.objects.filter(outlet=OuterRef("pk"))
    bare = ~Exists(areas)
    reached = Q(pk__in=[])
    if districts:
        reached |= Q(Exists(areas.filter(district__in=districts))) | Q(bare, district__in=districts)
    if place is not None:
        north, east = place
        reached |= Q(Exists(areas.filter(kind="polygon", south__lte=north, north__gte=north, west__lte=east, east__gte=east)))
        reached |= Q(bare) & _near(place, radius)
    found = Outlet.objects.working().filter(reached, unit__is_active=True).select_related("unit", "provider")
    if product_line:
        found = found.filter(Q(product_lines=[]) | Q(product_lines__contains=[product_line]))
    outlets = list(found.prefetch_related("areas"))
    served = [outlet for outlet in outlets if _serves(outlet, place, districts, radius)]
    for outlet in served:
        outlet.distance_km = straight_km(outlet, place)  # type: ignore[attr-defined]
    return sorted(served, key=_by_distance)


def district_named(address: str) -> str:
    """Return the code of the district in which an address lies, as the network itself tells it; empty when it does not.

    An outlet in `上海市浦东新区` has the code of that district, and an area may be called so: an address that begins alike lies
    there, whether `市` is written or not. Nothing is guessed: the name of a district counts with its city, and one that has two
    codes tells nothing. One query.
    """
    here = place_of(address)
    if not here:
        return ""
    outlets = Outlet.objects.annotate(named=F("address"), code=F("district"))
    areas = OutletArea.objects.annotate(named=F("name"), code=F("district"))
    bare = Replace(Replace("named", Value(" "), Value("")), Value("市"), Value(""))
    told = [
        rows.exclude(district="").alias(bare=bare).filter(bare__contains=here).values_list("named", "code")
        for rows in (outlets, areas)
    ]
    codes = {code for named, code in told[0].union(told[1]) if place_of(named) == here}
    return codes.pop() if len(codes) == 1 else ""


def _near(place: tuple[float, float], radius: float) -> Q:
    """Keep what may lie within any radius that is in use: a rectangle first, the circle is asked of each outlet."""
    latitude, longitude = place
    widest = max(radius, 200.0)
    north = widest / _KM_A_DEGREE
    east = min(180.0, north / max(0.01, cos(radians(latitude))))
    return Q(
        latitude__gte=Decimal(str(latitude - north)),
        latitude__lte=Decimal(str(latitude + north)),
        longitude__gte=Decimal(str(longitude - east)),
        longitude__lte=Decimal(str(longitude + east)),
    )


def _serves(outlet: Outlet, place: tuple[float, float] | None, districts: list[str], radius: float) -> bool:
    areas = list(outlet.areas.all())
    if any(area.district in districts for area in areas if area.district):
        return True
    if areas:
        return place is not None and any(
            contains(polygons_of(area.polygon), latitude=place[0], longitude=place[1])
            for area in areas
            if area.kind == OutletArea.Kind.POLYGON
        )
    if outlet.district and outlet.district in districts:
        return True
    distance = straight_km(outlet, place)
    return distance is not None and distance <= (radius if outlet.radius_km is None else float(outlet.radius_km))


def straight_km(outlet: Outlet, place: tuple[float, float] | None) -> float | None:
    """Return how far an outlet is from a latitude and longitude in a straight line; None when either is not known."""
    if place is None or outlet.latitude is None or outlet.longitude is None:
        return None
    return round(haversine_km(float(outlet.latitude), float(outlet.longitude), *place), 1)


def _by_distance(outlet: Outlet) -> tuple[float, str]:
    distance: float | None = outlet.distance_km  # type: ignore[attr-defined]
    return (_FURTHEST if distance is None else distance, outlet.unit.code)

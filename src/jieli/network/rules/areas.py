"""What lies in which area: districts by their codes, polygons of GeoJSON (RFC 7946); pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
"""Longitude and latitude, in GeoJSON's order."""
Ring = tuple[Point, ...]
MOST_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest upright rectangle around an area, in degrees."""

    south: float
    north: float
    west: float
    east: float


def polygons_of(shape: Any) -> list[list[Ring]]:
    """Return the polygons of a GeoJSON Polygon, MultiPolygon or Feature of one: each a list of rings, the outer one first.

    Raises ValueError for anything else: other types, rings of fewer than four points or not closed, points off the globe,
    too many points.
    """
    if isinstance(shape, Mapping) and shape.get("type") == "Feature":
        shape = shape.get("geometry")
    kind = shape.get("type") if isinstance(shape, Mapping) else ""
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError("neither Polygon nor MultiPolygon")
    coordinates = [shape.get("coordinates")] if kind == "Polygon" else shape.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        raise ValueError("no coordinates")
    polygons = [_rings(polygon) for polygon in coordinates]
    if sum(len(ring) for polygon in polygons for ring in polygon) > MOST_POINTS:
        raise ValueError("too many points")
    return polygons


def as_geojson(polygons: Sequence[Sequence[Ring]]) -> dict[str, Any]:
    """Return polygons as a GeoJSON geometry."""
    coordinates = [[[list(point) for point in ring] for ring in polygon] for polygon in polygons]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}


def bounds_of(polygons: Sequence[Sequence[Ring]]) -> Bounds:
    """Return the rectangle around polygons."""
    points = [point for polygon in polygons for point in polygon[0]]
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return Bounds(min(latitudes), max(latitudes), min(longitudes), max(longitudes))


def contains(polygons: Sequence[Sequence[Ring]], *, latitude: float, longitude: float) -> bool:
    """Tell whether a place lies in one of the polygons and in none of its holes; a place on an edge lies inside."""
    return any(_in_polygon(polygon, longitude, latitude) for polygon in polygons)


def districts_above(code: str) -> list[str]:
    """Return the codes of the areas in which a district lies, itself first.

    A code of six digits is one of GB/T 2260: 370202 lies in 370200 (also written 3702) and in 370000 (also 37). Any other code
    stands for itself.
    """
    code = code.strip()
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return [code] if code else []
    city, province = code[:4], code[:2]
    return list(dict.fromkeys([code, f"{city}00", city, f"{province}0000", province]))


def _rings(polygon: Any) -> list[Ring]:
    if not isinstance(polygon, list) or not polygon:
        raise ValueError("a polygon needs a ring")
    return [_ring(ring) for ring in polygon]


def _ring(ring: Any) -> Ring:
    points = tuple(_points(ring)) if isinstance(ring, list) else ()
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("a ring has four or more points and ends where it begins")
    return points


def _points(ring: Sequence[Any]) -> Iterator[Point]:
    for point in ring:
        if not isinstance(point, list) or len(point) < 2 or not all(_is_number(part) for part in point[:2]):
            raise ValueError("a point has a longitude and a latitude")
        longitude, latitude = float(point[0]), float(point[1])
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise ValueError("a point lies off the globe")
        yield (longitude, latitude)


def _is_number(part: Any) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool)


def _in_polygon(polygon: Sequence[Ring], x: float, y: float) -> bool:
    if _on_edge(polygon, x, y):
        return True
    return _in_ring(polygon[0], x, y) and not any(_in_ring(hole, x, y) for hole in polygon[1:])


def _in_ring(ring: Ring, x: float, y: float) -> bool:
    """Count how often a ray to the east crosses the ring (even-odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _on_edge(polygon: Sequence[Ring], x: float, y: float) -> bool:
    return any(_on_side(side, x, y) for ring in polygon for side in pairwise(ring))


def _on_side(side: tuple[Point, Point], x: float, y: float) -> bool:
    (x1, y1), (x2, y2) = side
    is_in_line = (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1)
    return is_in_line and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)

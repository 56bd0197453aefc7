"""The areas of an outlet as lines of a small picture; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, radians

from jieli.network.rules.areas import Ring

WIDTH, HEIGHT, MARGIN = 560.0, 220.0, 12.0
KM_A_DEGREE = 111.32
_SCALES = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class AreaMap:
    """A picture of `WIDTH` × `HEIGHT`: outlines, the outlet, its circle, and a scale of so many kilometres."""

    paths: list[str] = field(default_factory=list)
    place: tuple[float, float] | None = None
    circle: float | None = None
    scale_km: float = 0
    scale_width: float = 0


def area_map(
    polygons: Sequence[Sequence[Ring]], *, place: tuple[float, float] | None, radius_km: float | None
) -> AreaMap | None:
    """Return a picture of polygons and of a place (latitude, longitude) with its circle; None when there is nothing to draw.

    Degrees of longitude are shortened as at the middle of the picture, north is up.
    """
    points = [point for polygon in polygons for ring in polygon for point in ring]
    if place is not None:
        latitude, longitude = place
        reach = (radius_km or 0.5) / KM_A_DEGREE
        wide = reach / max(0.05, cos(radians(latitude)))
        points += [(longitude - wide, latitude - reach), (longitude + wide, latitude + reach)]
    if not points:
        return None
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    shrink = max(0.05, cos(radians((south + north) / 2)))
    span_x, span_y = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    pixels = min((WIDTH - 2 * MARGIN) / span_x, (HEIGHT - 2 * MARGIN) / span_y)
    left, top = (WIDTH - span_x * pixels) / 2, (HEIGHT - span_y * pixels) / 2

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return (round(left + (point[0] - west) * shrink * pixels, 1), round(top + (north - point[1]) * pixels, 1))

    per_km = pixels / KM_A_DEGREE
    scale = max((one for one in _SCALES if one * per_km <= WIDTH / 4), default=_SCALES[0])
    return AreaMap(
        paths=[" ".join(_line([at(point) for point in ring]) for ring in polygon) for polygon in polygons],
        place=None if place is None else at((place[1], place[0])),
        circle=None if place is None or radius_km is None else round(radius_km * per_km, 1),
        scale_km=scale,
        scale_width=round(scale * per_km, 1),
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"

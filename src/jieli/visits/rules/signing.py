"""Whether what was drawn is a signature; pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

MOST_POINTS = 20_000
LEAST_LENGTH = 20.0
LEAST_POINTS = 4


def strokes_of(value: Any) -> list[list[list[float]]]:
    """Return strokes as lists of ``[x, y]``; raises ValueError or TypeError for anything else, or for too many points."""
    if not isinstance(value, list):
        raise TypeError("strokes")
    strokes = [[_point(point) for point in stroke] for stroke in value if isinstance(stroke, list)]
    if sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise ValueError("points")
    return [stroke for stroke in strokes if stroke]


def _point(point: Any) -> list[float]:
    if isinstance(point, dict):
        point = [point.get("x"), point.get("y")]
    if not isinstance(point, list) or len(point) < 2:
        raise ValueError("point")
    x, y = (round(float(one), 1) for one in point[:2])
    if not (abs(x) < 100_000 and abs(y) < 100_000):
        raise ValueError("point")
    return [x, y]


def is_drawn(strokes: Sequence[Sequence[Sequence[float]]]) -> bool:
    """Tell whether strokes are a signature: some points, and lines of some length; a dot or nothing is none."""
    points = sum(len(stroke) for stroke in strokes)
    length = 0.0
    for stroke in strokes:
        for (ax, ay, *_a), (bx, by, *_b) in pairwise(stroke):
            length += ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5
    return points >= LEAST_POINTS and length >= LEAST_LENGTH

"""What lies in which area, and what is no area."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.network.rules.areas import as_geojson, bounds_of, contains, districts_above, polygons_of
from jieli.network.tests.factories import SQUARE

RING = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]
WITH_HOLE = {"type": "Polygon", "coordinates": [RING, HOLE]}
TWO = {"type": "MultiPolygon", "coordinates": [[RING], [[[20, 0], [21, 0], [21, 1], [20, 0]]]]}


def lies_in(shape: object, longitude: float, latitude: float) -> bool:
    return contains(polygons_of(shape), latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(
    ("shape", "longitude", "latitude", "expected"),
    [
        (SQUARE, 120.4, 36.1, True),
        (SQUARE, 120.6, 36.1, False),
        (SQUARE, 36.1, 120.4 - 90, False),
        (WITH_HOLE, 2, 2, True),
        (WITH_HOLE, 5, 5, False),
        (WITH_HOLE, 4, 5, True),
        (WITH_HOLE, 0, 0, True),
        (WITH_HOLE, 10, 5, True),
        (WITH_HOLE, 10.0001, 5, False),
        (TWO, 20.9, 0.5, True),
        (TWO, 15, 0.5, False),
        ({"type": "Feature", "geometry": SQUARE, "properties": {}}, 120.4, 36.1, True),
    ],
)
def test_a_place_lies_in_an_area_or_not(shape: object, longitude: float, latitude: float, expected: bool) -> None:
    assert lies_in(shape, longitude, latitude) is expected


@pytest.mark.parametrize(
    "shape",
    [
        None,
        "Polygon",
        [],
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [200, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], ["1", 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [1, 1], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "Feature", "geometry": None},
    ],
)
def test_what_is_no_area_is_refused(shape: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        polygons_of(shape)


def test_an_area_comes_back_as_it_was() -> None:
    assert as_geojson(polygons_of(SQUARE)) == SQUARE
    bounds = bounds_of(polygons_of(SQUARE))
    assert (bounds.south, bounds.north, bounds.west, bounds.east) == (36.0, 36.2, 120.3, 120.5)


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("370202", ["370202", "370200", "3702", "370000", "37"]),
        ("370200", ["370200", "3702", "370000", "37"]),
        ("市南区", ["市南区"]),
        ("", []),
    ],
)
def test_a_district_lies_in_its_city_and_province(code: str, above: list[str]) -> None:
    assert districts_above(code) == above


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_what_lies_in_an_area_lies_in_its_bounds(longitude: float, latitude: float) -> None:
    polygons = polygons_of(WITH_HOLE)
    bounds = bounds_of(polygons)
    is_bounded = bounds.west <= longitude <= bounds.east and bounds.south <= latitude <= bounds.north
    assert is_bounded or not contains(polygons, latitude=latitude, longitude=longitude)


@given(st.floats(0.01, 9.99), st.floats(0.01, 9.99))
def test_a_place_in_the_square_is_inside_unless_in_the_hole(longitude: float, latitude: float) -> None:
    in_hole = 4 < longitude < 6 and 4 < latitude < 6
    assert lies_in(WITH_HOLE, longitude, latitude) is not in_hole

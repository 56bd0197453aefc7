"""Points, standing and share of dispatch, as spec 6 says them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.network.rules.licence import Line, additions_in, dispatch_share, expires_on, reckon, standing_of
from jieli.policies.schemas import Licence
from jieli.policies.sources import read_source
from jieli.policies.tests.factories import default_source

POLICY = read_source(default_source("licence"), Licence)
assert isinstance(POLICY, Licence)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def lines(*points: int) -> list[Line]:
    return [Line(one, NOW) for one in points]


def points_after(*points: int) -> int:
    return reckon(lines(*points), POLICY).points


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("promise_not_kept", -2),
        ("standard_not_followed", -1),
        ("visited_again", -1),
        ("part_misjudged", -1),
        ("improper_charge", -6),
        ("insult_or_fraud", -12),
        ("customer_moved", 1),
        ("adopted_improvement", 1),
    ],
)
def test_the_points_of_the_spec(kind: str, points: int) -> None:
    assert POLICY.points.of(kind) == points


def test_a_licence_begins_with_twelve_points() -> None:
    assert points_after() == 12


def test_points_never_rise_above_twelve() -> None:
    assert points_after(1, 1) == 12
    assert points_after(-1, 1, 1) == 12
    assert points_after(1, -1) == 11


def test_points_never_fall_below_zero() -> None:
    assert points_after(-6, -12) == 0


def test_zero_revokes_and_additions_do_not_give_it_back() -> None:
    found = reckon([*lines(-12), Line(1, NOW + timedelta(days=1))], POLICY)
    assert (found.points, found.revoked_at) == (0, NOW)


def test_a_re_examination_gives_back_six_points() -> None:
    found = reckon([*lines(-12), Line(0, NOW, sets_to=POLICY.reexamined_points)], POLICY)
    assert (found.points, found.revoked_at) == (6, None)


def test_the_annual_review_fills_up_to_twelve() -> None:
    assert reckon([*lines(-6, -1), Line(0, NOW, sets_to=POLICY.full_points)], POLICY).points == 12


def test_an_upheld_appeal_takes_its_line_out_and_leaves_the_rest() -> None:
    found = reckon([Line(-12, NOW, is_annulled=True), Line(-2, NOW)], POLICY)
    assert (found.points, found.revoked_at) == (10, None)


@pytest.mark.parametrize(
    ("points", "additions", "code"),
    [
        (12, 2, "demonstration"),
        (12, 5, "demonstration"),
        (12, 1, "normal"),
        (11, 2, "normal"),
        (7, 9, "normal"),
        (6, 0, "warning"),
        (6, 9, "warning"),
        (1, 0, "warning"),
        (0, 0, "revoked"),
        (0, 9, "revoked"),
    ],
)
def test_the_standings(points: int, additions: int, code: str) -> None:
    assert standing_of(points=points, additions=additions, policy=POLICY).code == code


def test_additions_at_twelve_points_count_for_demonstration() -> None:
    assert additions_in(lines(1, 1), at=NOW, policy=POLICY) == 2


def test_additions_count_for_ninety_days() -> None:
    inside, outside = Line(1, NOW - timedelta(days=90)), Line(1, NOW - timedelta(days=90, seconds=1))
    assert additions_in([inside, outside, Line(1, NOW, is_annulled=True), Line(-1, NOW)], at=NOW, policy=POLICY) == 1


@pytest.mark.parametrize(("capacity", "share"), [(6, 3), (7, 4), (1, 1), (0, 0)])
def test_half_the_share_in_warning_is_rounded_up(capacity: int, share: int) -> None:
    assert dispatch_share(capacity, "warning", POLICY) == share
    assert dispatch_share(capacity, "normal", POLICY) == capacity
    assert dispatch_share(capacity, "revoked", POLICY) == 0


@pytest.mark.parametrize(
    ("issued", "expires"),
    [
        (date(2026, 11, 23), date(2027, 11, 23)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_a_licence_holds_for_a_year(issued: date, expires: date) -> None:
    assert expires_on(issued, POLICY) == expires


_line = st.builds(
    Line,
    st.sampled_from([-12, -6, -2, -1, 1]),
    st.just(NOW),
    st.sampled_from([None, None, None, None, 6, 12]),
    st.booleans(),
)


@given(st.lists(_line, max_size=30))
def test_whatever_happens_points_lie_between_zero_and_twelve_and_zero_means_revoked(ledger: list[Line]) -> None:
    found = reckon(ledger, POLICY)
    assert 0 <= found.points <= 12
    assert (found.points == 0) == (found.revoked_at is not None)


@given(st.lists(_line, max_size=20), st.lists(_line, max_size=20))
def test_annulled_lines_are_as_if_never_written(before: list[Line], after: list[Line]) -> None:
    annulled = Line(-12, NOW, is_annulled=True)
    assert reckon([*before, annulled, *after], POLICY) == reckon([*before, *after], POLICY)


@given(st.lists(_line, max_size=20), st.sampled_from([-12, -6, -2, -1]))
def test_a_deduction_never_gives_points(ledger: list[Line], points: int) -> None:
    assert reckon([*ledger, Line(points, NOW)], POLICY).points <= reckon(ledger, POLICY).points

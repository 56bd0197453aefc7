"""The arithmetic of the month end: the worked examples of the spec, ties at every edge, and what holds for all numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.policies.schemas import Grade
from jieli.policies.sources import read_source
from jieli.policies.tests.factories import default_source
from jieli.settlement.rules.grading import PARTS, Share, grade_of, half_up, placed, points, scored
from jieli.settlement.rules.paying import paid

policy = read_source(default_source("grade"), Grade)
assert isinstance(policy, Grade)
NONE = dict.fromkeys(PARTS, Share(0, 0))


def test_the_worked_grade() -> None:
    shares = {
        "satisfaction": Share(97, 100),
        "on_time": Share(95, 100),
        "fixed_first": Share(92, 100),
        "information": Share(99, 100),
        "backlog": Share(1, 100),
        "complaints": Share(1, 400),
        "parts_misjudged": Share(2, 100),
    }
    found = scored(shares, 4, policy)
    expected = ("29.75", "11.25", "9.00", "9.50", "8.00", "7.50", "4.00")
    assert [half_up(part) for part in found.parts.values()] == [Decimal(text) for text in expected]
    assert (found.bonus, found.score, grade_of(found.score, policy)) == (2, Decimal("81.00"), "B")


def test_without_cases_each_part_is_full_and_a_score_may_pass_100_by_at_most_five() -> None:
    assert scored(NONE, 0, policy).score == 100
    assert scored(NONE, 10, policy).score == 105
    assert scored(NONE, 99, policy).score == 105


@pytest.mark.parametrize(
    ("share", "expected"),
    [((80, 100), "0"), ((79, 100), "0"), ((0, 5), "0"), ((90, 100), "17.5"), ((100, 100), "35"), ((0, 0), "35")],
)
def test_a_part_is_linear_and_cut_off(share: tuple[int, int], expected: str) -> None:
    assert points(Share(*share), policy.parts.satisfaction) == Fraction(expected)


def test_the_sum_of_unrounded_parts_is_rounded_once_and_half_up() -> None:
    # Thirds: 35 × (29/30 − 0.8) ÷ 0.2 = 29.1666…; 15 × (11/12 − 0.8) ÷ 0.2 = 8.75; together with a sixth a half cent.
    shares = NONE | {"satisfaction": Share(29, 30), "on_time": Share(2759, 3000)}
    whole = sum((points(shares[name], getattr(policy.parts, name)) for name in PARTS), Fraction(0))
    assert scored(shares, 0, policy).score == half_up(whole)
    assert half_up(Fraction("81.005")) == Decimal("81.01")
    assert half_up(Fraction("-0.005")) == Decimal("-0.01")
    assert half_up(Fraction("81.0049999999999999999999999999999999")) == Decimal("81.00")


@pytest.mark.parametrize(("score", "grade"), [("90", "A"), ("89.99", "B"), ("75", "B"), ("74.99", "C")])
def test_the_grades_begin_where_the_policy_says(score: str, grade: str) -> None:
    assert grade_of(Decimal(score), policy) == grade


def places(*scores: str) -> list[tuple[int, Decimal]]:
    found = placed([(place, Decimal(score)) for place, score in enumerate(scores)], policy)
    return [(found[place].rank, found[place].coefficient) for place in range(len(scores))]


def test_ranks_are_those_of_a_competition() -> None:
    assert [rank for rank, _ in places("90", "95", "80", "90")] == [2, 1, 4, 2]


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        (["95"] * 9, 0),
        (["95", *["80"] * 9], 1),
        (["95", "95", *["80"] * 8], 2),
        (["96", "95", *["80"] * 8], 1),
        (["89.99", *["80"] * 9], 0),
        (["96", "95", "95", *["80"] * 17], 3),
    ],
)
def test_the_best_places_are_a_share_rounded_down_and_a_tie_at_the_edge_is_let_in(scores: list[str], best: int) -> None:
    assert sum(coefficient == Decimal("1.10") for _, coefficient in places(*scores)) == best


@pytest.mark.parametrize(
    ("scores", "worst"),
    [
        (["60"] * 9, 0),
        (["60", *["80"] * 9], 1),
        (["60", "60", *["80"] * 8], 0),
        (["60", "60", *["80"] * 18], 2),
        (["60", "60", "60", *["80"] * 17], 0),
        (["50", "60", "60", *["80"] * 17], 1),
        (["75", *["80"] * 9], 0),
    ],
)
def test_a_tie_that_does_not_fit_wholly_into_the_worst_places_is_spared(scores: list[str], worst: int) -> None:
    assert sum(coefficient == Decimal("0.90") for _, coefficient in places(*scores)) == worst


@pytest.mark.parametrize(
    ("labour", "coefficient", "incentives", "payout", "debt"),
    [
        ("477.00", "1.10", "-20.00", "504.70", "0.00"),
        ("333.33", "0.90", "0.00", "300.00", "0.00"),
        ("100.00", "1.00", "-180.00", "0.00", "80.00"),
        ("200.00", "1.00", "-80.00", "120.00", "0.00"),
        ("0.05", "0.90", "0.00", "0.05", "0.00"),
        ("0.00", "1.00", "-0.01", "0.00", "0.01"),
        ("100.00", "1.00", "-100.00", "0.00", "0.00"),
    ],
)
def test_the_worked_payments(labour: str, coefficient: str, incentives: str, payout: str, debt: str) -> None:
    found = paid(Decimal(labour), Decimal(coefficient), Decimal(incentives))
    assert (str(found.payout_amount), str(found.debt_amount)) == (payout, debt)


amounts = st.decimals(-(10**7), 10**7, places=2)


@given(amounts.map(abs), st.sampled_from(["0.90", "1.00", "1.10"]).map(Decimal), amounts)
def test_what_is_paid_less_the_debt_is_the_result_to_half_a_cent(labour: Decimal, factor: Decimal, own: Decimal) -> None:
    found = paid(labour, factor, own)
    assert abs(found.payout_amount - found.debt_amount - (labour * factor + own)) <= Decimal("0.005")
    assert 0 in (found.payout_amount, found.debt_amount)


@given(st.lists(st.decimals(0, 105, places=2), min_size=1, max_size=60), st.randoms())
def test_places_depend_on_scores_alone_and_never_on_their_order(scores: list[Decimal], chance: object) -> None:
    numbered = list(enumerate(scores))
    shuffled = list(numbered)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = placed(numbered, policy)
    assert found == placed(shuffled, policy)
    for one, score in numbered:
        assert found[one].rank == 1 + sum(other > score for other in scores)
    assert sum(place.coefficient == Decimal("0.90") for place in found.values()) <= len(scores) // 10

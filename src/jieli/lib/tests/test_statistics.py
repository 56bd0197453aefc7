"""The worked examples of statistics.md and facts.md, by their line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieli.lib.statistics import (
    csat,
    median,
    nps,
    nps_adjusted,
    nps_change,
    nps_of,
    p_chart,
    percentile,
    wilson,
    xmr,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (10, 100, 0.0552285, 0.1743673),
        (1, 11, 0.0162318, 0.3773646),
        (50, 100, 0.4038298, 0.5961702),
        (0, 100, 0, 0.0369948),
    ],
)
def test_line_12_wilson_with_1_96(successes: int, n: int, low: float, high: float) -> None:
    share = wilson(successes, n, z=1.96)
    assert [share.low, share.high] == pytest.approx([low, high], abs=5e-8)
    assert (share.value, share.n) == (successes / n, n)


def test_five_of_five_is_no_certainty() -> None:
    share = wilson(5, 5)
    assert (round(100 * share.low, 1), share.high) == (56.6, 1.0)


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_an_impossible_share_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(successes, n)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_mirrors(case: tuple[int, int]) -> None:
    share, other = wilson(*case), wilson(case[1] - case[0], case[1])
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert share.low == pytest.approx(1 - other.high, abs=1e-12)


def test_line_11_csat_leaves_skips_out() -> None:
    result = csat([5] * 20 + [4] * 16 + [3] * 8 + [2] * 4 + [1] * 2 + [None] * 10)
    assert (result.n, result.skipped, result.top.value, result.bottom.value) == (50, 10, 0.72, 0.12)
    assert (round(100 * result.top.low, 1), round(100 * result.top.high, 1)) == (58.3, 82.5)


def test_facts_csat() -> None:
    top = csat([5] * 45 + [3] * 5).top
    assert [round(100 * figure, 1) for figure in (top.value, top.low, top.high)] == [90.0, 78.6, 95.7]


@pytest.mark.parametrize("answers", [[6], [0], [4.5], [], [None]])
def test_csat_refuses_what_is_off_the_scale_or_nothing(answers: list[int | None]) -> None:
    with pytest.raises(ValueError, match=r"answer|share"):
        csat(answers)


def test_facts_nps() -> None:
    result = nps(120, 50, 30)
    assert [round(figure, 1) for figure in (result.score, result.low, result.high)] == [45.0, 34.7, 55.3]
    assert round(result.standard_error, 2) == 5.23


def test_line_13_nps() -> None:
    published = nps(162, 108, 54)
    assert (round(published.score, 1), round(published.variance, 6), round(published.standard_error, 2)) == (
        33.3,
        0.555556,
        4.14,
    )
    own = nps(50, 30, 20)
    assert [round(figure, 2) for figure in (own.score, own.standard_error, own.low, own.high)] == [30, 7.81, 14.69, 45.31]


def test_line_14_no_arrow() -> None:
    before, after = nps(50, 30, 20), nps(40, 30, 30)
    assert round(after.score) == 10
    assert round(nps_change(before, after), 2) == -1.75


def test_line_15_few_answers() -> None:
    result = nps_adjusted(15, 12, 9)
    assert [round(figure, 1) for figure in (result.score, result.low, result.high)] == [15.4, -9.5, 40.3]
    assert result.is_shown
    assert not nps(10, 10, 9).is_shown


def test_one_promoter_and_two_skips_are_a_hundred() -> None:
    assert nps_of([10, None, None]).score == 100


def test_every_score_falls_in_one_of_the_three() -> None:
    result = nps_of(range(11))
    assert (result.promoters, result.passives, result.detractors) == (2, 2, 7)


@pytest.mark.parametrize("answer", [6.5, 8.5, 11, -1, True])
def test_scores_between_the_integers_are_refused(answer: int) -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        nps_of([answer])


def test_line_31_p_chart() -> None:
    lots = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
    chart = p_chart([(count, 50) for count in lots])
    assert (round(chart.centre, 4), chart.n) == (0.2313, 1500)
    assert (round(chart.points[0].low, 4), round(chart.points[0].high, 4)) == (0.0524, 0.4102)
    assert [number + 1 for number, point in enumerate(chart.points) if point.is_outside] == [15, 23]


def test_each_point_of_a_p_chart_has_the_limits_of_its_size() -> None:
    small, large = p_chart([(1, 5), (20, 100)]).points
    assert (small.low, round(large.low, 2)) == (0.0, 0.08)


def test_line_33_xmr() -> None:
    values = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    chart = xmr(values)
    figures = [round(figure, 3) for figure in (chart.centre, chart.low, chart.high, chart.range_high)]
    assert figures == [50.81, 45.816, 55.804, 6.135]
    assert round(chart.mean_range, 4) == 1.8778
    printed = xmr(values, factor=2.66)
    assert (round(printed.low, 3), round(printed.high, 3)) == (45.815, 55.805)


def test_charts_refuse_too_little() -> None:
    with pytest.raises(ValueError, match="points"):
        p_chart([])
    with pytest.raises(ValueError, match="two"):
        xmr([1.0])


def test_median_and_nearest_rank() -> None:
    waits = [1200, 900, 3600]
    assert (median(waits), percentile(waits, 50), percentile(waits, 90)) == (1200, 1200, 3600)
    assert (median([1, 2, 3, 4]), percentile([1, 2, 3, 4], 50)) == (2.5, 2)
    assert (percentile(range(1, 1001), 99.9), percentile([7], 0), percentile([7, 9], 100)) == (999, 7, 9)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percentile_off_the_scale_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percentage"):
        percentile([1], percent)


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="no values"):
        median([])


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50), st.integers(0, 100))
def test_a_percentile_is_a_value_with_its_share_at_or_below(values: list[int], percent: int) -> None:
    result = percentile(values, percent)
    assert result in values
    assert 100 * sum(value <= result for value in values) >= percent * len(values)

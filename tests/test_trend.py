"""Slope, its interval, Kendall's test and the verdict."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.trend.estimators import judge_trend, least_squares_hac, mann_kendall, theil_sen

RNG = np.random.default_rng(20260707)


def kendall_s(values) -> int:
    """Kendall's S by two loops."""
    n = len(values)
    return sum(int(np.sign(values[j] - values[i])) for i in range(n) for j in range(i + 1, n))


def enumerated_p(values) -> float:
    """Two-sided p by writing out every order of the values."""
    observed = abs(kendall_s(values))
    orders = [abs(kendall_s(order)) >= observed for order in permutations(values)]
    return sum(orders) / len(orders)


# --- the slope ---


@pytest.mark.parametrize("n", [3, 5, 9, 20])
def test_slope_is_scipys_also_where_years_are_missing(n):
    years = np.sort(RNG.choice(np.arange(1990, 2030), n, replace=False))
    values = RNG.normal(size=n)
    assert theil_sen(years, values).per_year == pytest.approx(
        stats.theilslopes(values, years).slope, rel=1e-12
    )


def test_slope_is_per_year_and_not_per_observation():
    # 2 a year; counted per observation it would be 2, 10 and 2.
    assert theil_sen([2010, 2011, 2016, 2017], [0, 2, 12, 14]).per_year == 2


def test_one_mistyped_year_does_not_turn_the_slope():
    values = np.arange(10.0)
    values[4] = 400
    assert theil_sen(range(2010, 2020), values).per_year == pytest.approx(1, abs=0.3)


def test_four_years_have_no_95_per_cent_interval_and_five_have():
    # All four in order happen by chance in 2 of 24 cases, all five in 2 of 120.
    four, five = theil_sen(range(4), [1, 2, 4, 8]), theil_sen(range(5), [1, 2, 4, 8, 16])
    assert (four.lower, four.upper, four.method) == (-math.inf, math.inf, "too_few")
    assert (five.lower, five.upper, five.method) == (1, 8, "sen_exact")


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", [4, 5, 6, 7])
def test_interval_leaves_out_exactly_the_slopes_that_enumeration_rejects(n, confidence):
    years, values = np.arange(n), RNG.normal(size=n)
    found = theil_sen(years, values, confidence)
    falls = [(n * (n - 1) // 2 - kendall_s(order)) // 2 for order in permutations(range(n))]
    slopes = sorted((values[j] - values[i]) / (j - i) for i in range(n) for j in range(i + 1, n))
    # Between two neighbouring slopes the number of pairs that fall is constant: try one value in each gap.
    tried = [slopes[0] - 1, *(np.add(slopes[:-1], slopes[1:]) / 2), slopes[-1] + 1]
    for slope in tried:
        falling = sum(one < slope for one in slopes)
        tail = min(np.mean(np.array(falls) <= falling), np.mean(np.array(falls) >= falling))
        assert (found.lower <= slope <= found.upper) == (tail > (1 - confidence) / 2 + 1e-9)


def test_long_series_come_near_the_normal_approximation():
    years, values = np.arange(40), RNG.normal(size=40)
    found, other = theil_sen(years, values), stats.theilslopes(values, years, 0.95)
    assert found.lower == pytest.approx(other.low_slope, abs=0.1 * (found.upper - found.lower))
    assert found.upper == pytest.approx(other.high_slope, abs=0.1 * (found.upper - found.lower))


series = st.lists(st.integers(-30, 30), min_size=5, max_size=12)


@given(series, st.integers(0, 2**32 - 1))
def test_order_of_the_rows_changes_nothing(values, seed):
    years = np.arange(len(values)) * 2 + 2000
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = np.array(values)[order]
    assert theil_sen(years[order], shuffled) == theil_sen(years, values)
    assert mann_kendall(years[order], shuffled) == mann_kendall(years, values)
    assert judge_trend(years[order], shuffled, "higher") == judge_trend(years, values, "higher")


@given(series, st.integers(-5, 5))
def test_a_line_added_to_the_series_is_added_to_the_slope_and_its_limits(values, line):
    years = np.arange(len(values))
    before, after = theil_sen(years, values), theil_sen(years, np.array(values) + line * years)
    assert after.per_year == pytest.approx(before.per_year + line, abs=1e-9)
    assert after.lower == pytest.approx(before.lower + line, abs=1e-9)
    assert after.upper == pytest.approx(before.upper + line, abs=1e-9)


@given(series)
def test_turning_the_series_upside_down_turns_slope_limits_and_verdict(values):
    years = np.arange(len(values))
    up, down = judge_trend(years, values, "none"), judge_trend(years, -np.array(values), "none")
    assert (down.slope.lower, down.slope.upper) == (-up.slope.upper, -up.slope.lower)
    assert down.kendall.s == -up.kendall.s
    opposite = {"rising": "falling", "falling": "rising"}
    assert down.verdict == opposite.get(up.verdict, up.verdict)


# --- Kendall's test ---


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7])
def test_p_without_ties_is_that_of_enumeration(n):
    for _ in range(3):
        values = RNG.permutation(n)
        assert mann_kendall(range(n), values).p == pytest.approx(enumerated_p(values), abs=1e-12)


@pytest.mark.parametrize(
    "values", [(1, 1, 2, 3), (1, 2, 2, 3, 3), (1, 1, 1, 2, 3, 4), (3, 3, 2, 2, 2, 1), (1, 1, 2, 2, 3, 3, 4)]
)
def test_p_of_a_short_series_with_ties_is_that_of_enumeration(values):
    assert mann_kendall(range(len(values)), values).p == pytest.approx(enumerated_p(values), abs=1e-12)


@pytest.mark.parametrize("n", [6, 10, 15, 25, 33])
def test_p_without_ties_is_scipys_exact_one(n):
    values = RNG.normal(size=n) + 0.1 * np.arange(n)
    expected = stats.kendalltau(np.arange(n), values, method="exact")
    found = mann_kendall(range(n), values)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.s == pytest.approx(expected.statistic * n * (n - 1) / 2)


def test_p_of_a_long_series_with_ties_is_the_textbooks():
    # 45 pairs, 5 tied, 1 falling: S = 38; variance (10*9*25 - 2*(2*1*9) - 3*2*11) / 18 = 119.3333.
    values = [1, 1, 2, 3, 3, 3, 5, 4, 6, 6]
    found = mann_kendall(range(10), values)
    assert found.s == 38
    assert found.p == pytest.approx(2 * stats.norm.sf(37 / math.sqrt(119 + 1 / 3)), rel=1e-9)


def test_p_of_a_long_tied_series_is_near_that_of_drawn_orders():
    values = np.array([1, 1, 2, 2, 3, 2, 3, 4, 3, 4])
    drawn = np.array([abs(kendall_s(RNG.permutation(values))) for _ in range(4000)])
    # Four Monte-Carlo standard errors of a p near 0.01, and as much again for the approximation.
    assert mann_kendall(range(10), values).p == pytest.approx(
        np.mean(drawn >= abs(kendall_s(values))), abs=0.012
    )


def test_all_values_equal_show_nothing():
    found = mann_kendall(range(12), np.ones(12))
    assert (found.s, found.p) == (0, 1)


# --- the verdict ---

UP = [1.0, 1.5, 2.2, 2.4, 3.0, 3.9]


@pytest.mark.parametrize(
    ("better", "up", "down"),
    [
        ("higher", "improving", "worsening"),
        ("lower", "worsening", "improving"),
        ("none", "rising", "falling"),
    ],
)
def test_verdict_follows_what_is_better(better, up, down):
    assert judge_trend(range(2015, 2021), UP, better).verdict == up
    assert judge_trend(range(2015, 2021), UP[::-1], better).verdict == down


def test_four_perfect_years_cannot_tell():
    found = judge_trend([2019, 2020, 2021, 2022], [1, 2, 3, 4], "higher")
    assert found.verdict == "cannot_tell"
    assert found.slope.per_year == 1


def test_noise_cannot_tell():
    assert judge_trend(range(8), [3, 1, 4, 1.5, 5, 9, 2, 6], "higher").verdict == "cannot_tell"


def test_constant_series_is_stable_and_a_constant_of_three_years_is_not_enough():
    assert judge_trend(range(5), [2] * 5, "higher").verdict == "stable"
    assert judge_trend(range(3), [2] * 3, "higher").verdict == "cannot_tell"


def test_missing_values_are_dropped_and_never_read_as_zero():
    years, values = range(2012, 2020), [1.0, math.nan, 1.5, 2.2, 2.4, math.nan, 3.0, math.nan]
    found = judge_trend(years, values, "higher")
    assert (found.first_year, found.last_year, found.n) == (2012, 2018, 5)
    alone = theil_sen([2012, 2014, 2015, 2016, 2018], [1.0, 1.5, 2.2, 2.4, 3.0])
    assert found.slope.per_year == alone.per_year
    assert found.slope.lower <= alone.lower
    assert found.slope.upper >= alone.upper


def test_only_years_of_the_latest_definition_are_compared():
    values = [9, 8, 7, *UP]
    found = judge_trend(range(2012, 2021), values, "higher", breaks=(2010, 2015, 2013))
    assert (found.first_year, found.n, found.verdict) == (2015, 6, "improving")


def test_break_after_the_last_year_has_not_happened_yet():
    assert judge_trend(range(2015, 2021), UP, "higher", breaks=(2021,)).verdict == "improving"


def test_break_in_a_last_year_without_a_value_leaves_nothing_to_compare():
    found = judge_trend(range(2015, 2022), [*UP, math.nan], "higher", breaks=(2021,))
    assert (found.verdict, found.n, found.first_year) == ("cannot_tell", 0, None)


@pytest.mark.parametrize("values", [[], [1.0], [math.nan, math.nan]])
def test_series_with_nothing_to_compare_cannot_tell(values):
    found = judge_trend(range(len(values)), values, "none")
    assert found.verdict == "cannot_tell"
    assert math.isnan(found.slope.per_year)
    assert (found.slope.lower, found.slope.upper) == (-math.inf, math.inf)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=5, max_size=7))
def test_a_direction_is_never_given_where_enumeration_finds_chance_enough(values):
    assume(len(set(values)) > 1)
    found = judge_trend(range(len(values)), values, "none")
    if found.verdict != "cannot_tell":
        assert enumerated_p(values) < 0.05


def test_hac_slope_is_that_of_a_straight_line_and_short_series_have_no_limits():
    years, values = np.arange(2010, 2022), RNG.normal(size=12)
    found = least_squares_hac(years, values)
    assert found.per_year == pytest.approx(np.polyfit(years - 2010, values, 1)[0], rel=1e-9)
    assert found.lower < found.per_year < found.upper
    assert least_squares_hac(years[:7], values[:7]).method == "too_few"


# --- refusals ---


REFUSED = [
    (
        [2019, 2020, 2019],
        [1, 2, 3],
        "year 2019 appears 2 times; expected one value a year",
        "2019 年出现 2 次",
    ),
    (
        [2019, 2020.5],
        [1, 2],
        "year number 2 is 2020.5; expected a whole number such as 2023",
        "第 2 个年份为 2020.5",
    ),
    (
        [2019, math.nan],
        [1, 2],
        "year number 2 is nan; expected a whole number such as 2023",
        "第 2 个年份为 nan",
    ),
    (
        [2019],
        [1, 2],
        "1 years but 2 values; expected as many of one as of the other",
        "年份有 1 个，数值有 2 个",
    ),
    ([2019, 2020], [1, math.inf], "value number 2 is inf; expected a finite number", "第 2 个数值为 inf"),
    ([2019, 2020], ["many", 2], "expected values that are numbers; got ['many', 2]", "得到的是 ['many', 2]"),
]


@pytest.mark.parametrize(("years", "values", "english", "chinese"), REFUSED)
@pytest.mark.parametrize("measure", [theil_sen, mann_kendall, lambda t, y: judge_trend(t, y, "none")])
def test_refused_series_names_the_place_the_value_and_what_was_expected(
    measure, years, values, english, chinese
):
    with pytest.raises(DataError) as caught:
        measure(years, values)
    assert caught.value.text("en").startswith(english)
    assert chinese in caught.value.text("zh")


@pytest.mark.parametrize("measure", [theil_sen, mann_kendall])
def test_slope_and_test_leave_missing_values_to_the_caller(measure):
    with pytest.raises(DataError, match=r"missing|缺失"):
        measure([2019, 2020, 2021], [1, math.nan, 2])


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ParameterError) as caught:
        judge_trend(range(6), UP, "higher", confidence=confidence)
    assert f"confidence is {confidence}" in caught.value.text("en")


def test_unknown_direction_of_goodness_is_refused_with_the_list():
    with pytest.raises(ParameterError) as caught:
        judge_trend(range(6), UP, "up")
    assert caught.value.text("en") == "better is up; expected one of: higher, lower, none"

"""The gap between two groups and its interval."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.groups.gap import MIN_GROUP, measure_group_gap

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
outside = pytest.mark.skipif(
    not ORACLES.exists(), reason="the outside oracles are kept beside the repository"
)


def two_groups(n_a: int = 12, n_b: int = 30, seed: int = 4):
    rng = np.random.default_rng(seed)
    return rng.gamma(4, 2, n_a), rng.lognormal(6, 0.7, n_a), rng.normal(5, 1, n_b), rng.lognormal(6, 0.7, n_b)


def test_estimate_is_the_difference_of_the_ratios_of_sums():
    # 300 pupils with 1200 books against 100 pupils with 900: 4 - 9.
    found = measure_group_gap([2, 5], [100, 200], [9, 9], [40, 60])
    assert (found.mean_a, found.mean_b, found.estimate) == pytest.approx((4, 9, -5))
    assert (found.n_a, found.n_b) == (2, 2)


def test_standard_error_is_statsmodels_hc3_of_the_weighted_regression_on_a_dummy():
    a, weights_a, b, weights_b = two_groups()
    dummy = sm.add_constant(np.r_[np.ones(len(a)), np.zeros(len(b))])
    fit = sm.WLS(np.r_[a, b], dummy, weights=np.r_[weights_a, weights_b]).fit(cov_type="HC3")
    found = measure_group_gap(a, weights_a, b, weights_b)
    assert found.estimate == pytest.approx(fit.params[1], rel=1e-10)
    assert found.se == pytest.approx(fit.bse[1], rel=1e-9)


def test_equal_weights_come_near_welchs_interval_and_not_inside_it():
    rng = np.random.default_rng(8)
    a, b = rng.normal(0, 1, 150), rng.normal(0, 2, 200)
    found = measure_group_gap(a, None, b, None)
    welch = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx(
        (welch.low, welch.high), abs=0.02 * (welch.high - welch.low)
    )
    assert found.upper - found.lower >= welch.high - welch.low


@outside
def test_high_schools_of_a_county_differ_from_primary_schools_as_the_weighted_means_say():
    table = pd.read_csv(ORACLES / "data" / "api_schools.csv").dropna(subset="enroll").query("cnum == 1")
    high, primary = table.query("stype == 'H'"), table.query("stype == 'E'")
    found = measure_group_gap(high["api00"], high["enroll"], primary["api00"], primary["enroll"])
    expected = np.average(high["api00"], weights=high["enroll"]) - np.average(
        primary["api00"], weights=primary["enroll"]
    )
    assert found.estimate == pytest.approx(expected, rel=1e-12)


@outside
def test_published_gap_of_two_estimates_adds_their_squared_errors():
    # The same rule ties our two groups: the squared error of a gap is the sum of the groups' own.
    case = next(
        c for c in json.loads((ORACLES / "inequality_cases.json").read_text("utf-8")) if c["id"] == "ORD-d"
    )
    rows = pd.read_csv(ORACLES / "data" / "healthequal_OrderedSample.csv").iloc[[-1, 0]]
    assert math.hypot(*rows["se"]) == pytest.approx(case["expected"]["se"], rel=1e-9)
    a, weights_a, b, weights_b = two_groups()
    alone_a = measure_group_gap(a, weights_a, np.full(MIN_GROUP, 1.0), None).se
    alone_b = measure_group_gap(b, weights_b, np.full(MIN_GROUP, 1.0), None).se
    assert measure_group_gap(a, weights_a, b, weights_b).se == pytest.approx(
        math.hypot(alone_a, alone_b), rel=1e-9
    )


# --- properties ---

group = st.lists(
    st.tuples(st.integers(-300, 300).map(lambda v: v / 10), st.integers(100, 300).map(float)),
    min_size=8,
    max_size=30,
).filter(lambda rows: len({value for value, _ in rows}) > 2)


def columns(a, b) -> list[np.ndarray]:
    return [*np.array(a).T, *np.array(b).T]


@given(group, group)
def test_exchanging_the_groups_turns_the_sign(a, b):
    x, w, y, v = columns(a, b)
    one, two = measure_group_gap(x, w, y, v), measure_group_gap(y, v, x, w)
    assert (two.estimate, two.lower, two.upper) == pytest.approx(
        (-one.estimate, -one.upper, -one.lower), abs=1e-9
    )


@given(group, group, st.floats(-50, 50), st.floats(0.1, 10))
def test_shift_moves_the_gap_and_a_change_of_unit_scales_it(a, b, shift, scale):
    x, w, y, v = columns(a, b)
    one, two = measure_group_gap(x, w, y, v), measure_group_gap(scale * (x + shift), w, scale * y, v)
    before = np.array([one.estimate, one.lower, one.upper])
    after = np.array([two.estimate, two.lower, two.upper])
    assert after == pytest.approx(scale * (before + shift), rel=1e-6, abs=1e-6)


@given(group, group, st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
def test_order_of_the_rows_and_scale_of_the_weights_change_nothing(a, b, scale, seed):
    x, w, y, v = columns(a, b)
    order = np.random.default_rng(seed).permutation(len(x))
    one, two = measure_group_gap(x, w, y, v), measure_group_gap(x[order], scale * w[order], y, v)
    assert (two.estimate, two.lower, two.upper) == pytest.approx(
        (one.estimate, one.lower, one.upper), abs=1e-7
    )


@given(group, group)
def test_interval_holds_its_estimate_in_the_middle(a, b):
    found = measure_group_gap(*columns(a, b))
    assert found.lower < found.estimate < found.upper
    assert found.upper - found.estimate == pytest.approx(found.estimate - found.lower)
    assert (found.method, found.covers) == ("hc3_welch", "superpopulation")


# --- what it refuses ---


def test_a_group_that_is_mostly_one_large_unit_gets_no_interval_however_many_units_it_has():
    a, weights_a, b, weights_b = two_groups(30, 30)
    weights_a[0] = weights_a[1:].sum()
    found = measure_group_gap(a, weights_a, b, weights_b)
    assert found.method == "few_by_weight"
    assert math.isnan(found.lower)
    assert math.isfinite(found.estimate)


@pytest.mark.parametrize(("n_a", "n_b"), [(MIN_GROUP - 1, 50), (50, MIN_GROUP - 1), (1, 1)])
def test_too_few_units_in_either_group_keep_the_estimate_and_lose_the_interval(n_a, n_b):
    a, weights_a, b, weights_b = two_groups(n_a, n_b)
    found = measure_group_gap(a, weights_a, b, weights_b)
    assert found.method == "too_few"
    assert found.estimate == pytest.approx(
        np.average(a, weights=weights_a) - np.average(b, weights=weights_b)
    )
    assert all(math.isnan(number) for number in (found.lower, found.upper, found.se))


def test_the_smallest_allowed_groups_have_an_interval():
    assert measure_group_gap(*two_groups(MIN_GROUP, MIN_GROUP)).method == "hc3_welch"


def test_groups_without_any_variation_have_no_interval_of_width_zero():
    found = measure_group_gap([1.0] * 9, None, [2.0] * 9, None)
    assert found.estimate == pytest.approx(-1)
    assert found.method == "no_variation"
    assert math.isnan(found.lower)


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (([], None, [1], None), "there is no value at all; expected at least 1", "没有任何数值"),
        (
            ([1, math.nan], None, [1], None),
            "value number 2 is nan; expected a finite number",
            "第 2 个数值为 nan",
        ),
        (([1], None, [1, 2], [1, 0]), "weight number 2 is 0; expected more than 0", "第 2 个权重为 0"),
        (([1], None, [1, 2], [1]), "2 values but 1 weights", "数值有 2 个，权重有 1 个"),
    ],
)
def test_refused_input_names_the_place_the_value_and_what_was_expected(arguments, english, chinese):
    with pytest.raises(DataError) as caught:
        measure_group_gap(*arguments)
    assert caught.value.text("en").startswith(english)
    assert chinese in caught.value.text("zh")


def test_confidence_outside_0_to_1_is_refused():
    with pytest.raises(ParameterError, match="95"):
        measure_group_gap([1, 2], None, [1, 2], None, confidence=95)


def test_negative_values_are_allowed_because_a_gap_may_be_of_changes():
    assert measure_group_gap([-1, -2], None, [3, 5], None).estimate == -5.5

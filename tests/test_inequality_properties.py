"""What must hold of every measure, whatever the figures: scale, replication, transfer, symmetry, bounds."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edustats.metrics.groups import between_groups as groups
from edustats.metrics.groups import concentration, gradient
from edustats.metrics.inequality import quantiles as shares
from edustats.metrics.inequality.arrays import arrange_areas, arrange_one_area
from edustats.metrics.inequality.formulas import FORMULAS
from edustats.metrics.inequality.measures import (
    atkinson,
    coefficient_of_variation,
    equally_distributed_equivalent,
    generalized_entropy,
    gini,
    hoover,
    kolm,
    mean_log_deviation,
    theil,
)
from edustats.metrics.inequality.resampling import estimate_leaving_one_out

QUICK = settings(max_examples=40, deadline=None)
RELATIVE = {
    "cv": coefficient_of_variation,
    "cv_weighted_sample": lambda x, w: coefficient_of_variation(x, w, variant="weighted_sample"),
    "gini": gini,
    "theil": theil,
    "mld": mean_log_deviation,
    "ge_minus_1": lambda x, w: generalized_entropy(x, w, alpha=-1),
    "ge_2": lambda x, w: generalized_entropy(x, w, alpha=2),
    "atkinson_half": lambda x, w: atkinson(x, w, epsilon=0.5),
    "atkinson_1": lambda x, w: atkinson(x, w, epsilon=1),
    "atkinson_2": lambda x, w: atkinson(x, w, epsilon=2),
    "hoover": hoover,
    "palma": shares.palma,
    "s80_s20": shares.s80_s20,
    "p90_p10": shares.percentile_ratio,
    "range_ratio": shares.federal_range_ratio,
    "mcloone": shares.mcloone,
    "verstegen": shares.verstegen,
    "wolfson": shares.wolfson,
}
TRANSFER = ("cv", "gini", "theil", "mld", "ge_minus_1", "ge_2", "atkinson_half", "atkinson_1", "atkinson_2")
every_measure = pytest.mark.parametrize("name", RELATIVE)


@st.composite
def schools(draw, least=3, most=12):
    n = draw(st.integers(least, most))
    values = draw(st.lists(st.integers(1, 400), min_size=n, max_size=n))
    weights = draw(st.lists(st.integers(1, 60), min_size=n, max_size=n))
    return np.array(values, float) / 8, np.array(weights, float)


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-10)


@every_measure
@QUICK
@given(schools(), st.sampled_from([1e-6, 0.25, 3.0, 1e7]), st.sampled_from([1e-3, 7.0, 1e5]))
def test_neither_the_unit_of_value_nor_the_scale_of_weights_matters(name, units, by, heavier):
    (x, w), measure = units, RELATIVE[name]
    assert close(measure(x, w), measure(by * x, heavier * w))


@every_measure
@QUICK
@given(schools(), st.randoms())
def test_order_of_the_rows_does_not_matter(name, units, random):
    x, w = units
    order = list(range(len(x)))
    random.shuffle(order)
    assert close(RELATIVE[name](x, w), RELATIVE[name](x[order], w[order]))


@pytest.mark.parametrize("name", [name for name in RELATIVE if name != "cv_weighted_sample"])
@QUICK
@given(schools(), st.integers(2, 4))
def test_every_school_k_times_over_changes_nothing(name, units, k):
    (x, w), measure = units, RELATIVE[name]
    assert close(measure(x, w), measure(np.repeat(x, k), np.repeat(w, k)))


@pytest.mark.parametrize("name", [name for name in RELATIVE if name != "cv_weighted_sample"])
@QUICK
@given(schools())
def test_weights_are_numbers_of_equal_pupils(name, units):
    (x, w), measure = units, RELATIVE[name]
    assert close(measure(x, w), measure(np.repeat(x, w.astype(int)), None))


@pytest.mark.parametrize("name", TRANSFER)
@QUICK
@given(schools(), st.data())
def test_transfer_from_poorer_to_richer_raises_it(name, units, data):
    x, _ = units
    assume(len(set(x)) > 1)
    poor, rich = int(x.argmin()), int(x.argmax())
    amount = data.draw(st.floats(0.01, 0.9)) * x[poor]
    after = x.copy()
    after[poor] -= amount
    after[rich] += amount
    assert RELATIVE[name](after, None) > RELATIVE[name](x, None)


@QUICK
@given(schools(), st.sampled_from([0.5, 20.0]))
def test_the_same_amount_for_all_leaves_the_absolute_measures_and_lowers_the_relative_ones(units, gift):
    x, w = units
    assert kolm(x, w, parameter=0.1) == pytest.approx(kolm(x + gift, w, parameter=0.1), rel=1e-9, abs=1e-9)
    assert groups.between_group_variance(x, w).estimate == pytest.approx(
        groups.between_group_variance(x + gift, w).estimate, rel=1e-9, abs=1e-9
    )
    assume(np.ptp(x) > 0)
    for name in ("cv", "gini", "theil", "mld", "hoover"):
        assert RELATIVE[name](x + gift, w) < RELATIVE[name](x, w)


@every_measure
def test_all_alike_is_the_least_and_is_reached(name):
    least = {"palma": 0.25, "s80_s20": 1, "p90_p10": 1, "mcloone": 1, "verstegen": 1}.get(name, 0)
    assert RELATIVE[name](np.full(7, 3.3), np.arange(1.0, 8)) == pytest.approx(least, abs=1e-7)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_everything_in_one_school_is_the_most_and_is_reached(n):
    x = np.zeros(n)
    x[0] = 5
    assert gini(x) == pytest.approx(1 - 1 / n)
    assert gini(x, corrected=True) == pytest.approx(1)
    assert hoover(x) == pytest.approx(1 - 1 / n)
    assert theil(x) == pytest.approx(math.log(n))
    assert coefficient_of_variation(x) == pytest.approx(math.sqrt(n - 1))
    assert atkinson(x, epsilon=0.5) == pytest.approx(1 - 1 / n)
    assert atkinson(x, epsilon=1) == atkinson(x, epsilon=2) == 1
    if n % 2 == 0:
        half = np.repeat([0.0, 1.0], n // 2)
        assert gini(half) == pytest.approx(0.5)


def test_two_poles_are_wholly_bipolar():
    x = np.repeat([1.0, 1e9], 50)
    assert shares.wolfson(x) == pytest.approx(1, abs=1e-6)


@QUICK
@given(schools(), st.sampled_from([0.3, 0.5, 2.0]))
def test_the_entropy_family_meets_at_its_corners(units, epsilon):
    x, w = units
    assert close(generalized_entropy(x, w, alpha=2), coefficient_of_variation(x, w) ** 2 / 2)
    assert generalized_entropy(x, w, alpha=1 + 1e-6) == pytest.approx(theil(x, w), rel=1e-4, abs=1e-7)
    assert generalized_entropy(x, w, alpha=1e-6) == pytest.approx(
        mean_log_deviation(x, w), rel=1e-4, abs=1e-7
    )
    assert atkinson(x, w, epsilon=1) == pytest.approx(
        1 - math.exp(-mean_log_deviation(x, w)), rel=1e-9, abs=1e-10
    )
    assert equally_distributed_equivalent(x, w, epsilon=epsilon) <= np.average(x, weights=w) * (1 + 1e-12)


@pytest.mark.parametrize("name", [name for name, make in FORMULAS.items() if make().without])
@QUICK
@given(schools(4))
def test_leaving_each_unit_out_in_closed_form_is_leaving_it_out(name, units):
    formula = FORMULAS[name]()
    area = arrange_one_area(*units)
    assume(np.ptp(area.r[:, 1:-1]) > 1e-3)
    found = formula.without(area, formula.estimate(area))
    assert found == pytest.approx(estimate_leaving_one_out(area, formula.estimate), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    "name", ["cv", "gini", "theil", "mean_log_deviation", "generalized_entropy", "atkinson"]
)
@QUICK
@given(schools(4))
def test_influence_is_the_slope_of_the_measure_in_each_weight(name, units):
    formula, (x, w) = FORMULAS[name](), units
    assume(np.ptp(x) > 0.1)
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    area, step = arrange_one_area(x, w), 1e-7
    estimate = formula.estimate(area)
    found = formula.influence(area, estimate)[0]
    share = w / w.sum()
    pushed = np.array([(1 - step) * share + step * (np.arange(len(x)) == i) for i in range(len(x))])
    slopes = (formula.estimate(arrange_areas(np.tile(x, (len(x), 1)), pushed)) - estimate) / step
    assert found == pytest.approx(slopes, rel=1e-3, abs=1e-4)


# --- rank and groups ---------------------------------------------------------------------------------------


@QUICK
@given(schools())
def test_an_indicator_ranked_by_itself_leans_by_its_gini(units):
    x, w = units
    assume(np.ptp(x) > 0)
    assert concentration.concentration_index(x, x, w).estimate == pytest.approx(gini(x, w), rel=1e-9)
    assert concentration.extended_concentration_index(x, x, w, nu=2) == pytest.approx(gini(x, w), rel=1e-9)
    assert concentration.extended_concentration_index(x, x, w, beta=2) == pytest.approx(gini(x, w), rel=1e-9)


@QUICK
@given(schools(4), st.randoms())
def test_turning_the_ranking_round_turns_the_sign_and_only_order_counts(units, random):
    x, w = units
    by = np.array([random.randint(0, 6) for _ in x], float)
    assume(np.ptp(by) > 0)
    found = concentration.concentration_index(x, by, w)
    assert concentration.concentration_index(x, -by, w).estimate == pytest.approx(-found.estimate, abs=1e-12)
    assert concentration.concentration_index(x, np.exp(by), 3 * w).estimate == pytest.approx(
        found.estimate, abs=1e-12
    )
    order = list(range(len(x)))
    random.shuffle(order)
    again = concentration.concentration_index(x[order], by[order], w[order])
    assert (again.estimate, again.se) == pytest.approx((found.estimate, found.se), rel=1e-9, abs=1e-12)


@QUICK
@given(schools(4))
def test_erreygers_mirrors_shortfall_and_attainment_and_reaches_its_bounds(units):
    x, w = units
    by, share = np.arange(len(x), dtype=float), x / 50
    options = {"form": "erreygers", "bounds": (0, 1)}
    found = concentration.concentration_index(share, by, w, **options).estimate
    assert concentration.concentration_index(1 - share, by, w, **options).estimate == pytest.approx(
        -found, abs=1e-12
    )
    assert -1 <= found <= 1
    half = np.repeat([0.0, 1.0], 8)
    assert concentration.concentration_index(half, np.arange(16), **options).estimate == pytest.approx(1)


@QUICK
@given(schools(4))
def test_a_straight_line_gives_its_own_ends(units):
    _, w = units
    by = np.arange(len(w), dtype=float)
    middle = (np.cumsum(w) - w / 2) / w.sum()
    assert concentration.slope_index(2 + 3 * middle, by, w).estimate == pytest.approx(3)
    assert concentration.relative_index(2 + 3 * middle, by, w).estimate == pytest.approx(2.5)


@QUICK
@given(schools(4), st.randoms())
def test_rank_gap_is_the_chance_of_winning_less_that_of_losing(units, random):
    x, w = units
    low = np.array([random.random() < 0.5 for _ in x])
    assume(low.any() and not low.all())
    pairs = w[~low][:, None] * w[low]
    wins = np.sign(x[~low][:, None] - x[low])
    assert gradient.measure_rank_gap(x, low, w) == pytest.approx(
        float((pairs * wins).sum() / pairs.sum()), abs=1e-12
    )

"""Trends of many series at once: what carries over, what counties share, what one report may claim."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError
from edustats.metrics.trend.autocorrelation import RHOS, estimate_persistence, fit_lines
from edustats.metrics.trend.pooling import estimate_pooled_slopes, estimate_robust_slopes
from edustats.metrics.trend.verdicts import adjust_p_values, judge_trends, measure_last_step

YEARS = np.arange(2015, 2025)


def ar1(rng, shape, rho):
    noise = rng.standard_normal(shape)
    for i in range(1, shape[-1]):
        noise[..., i] = rho * noise[..., i - 1] + np.sqrt(1 - rho**2) * noise[..., i]
    return noise


# --- slopes ---


def test_robust_slopes_are_scipys_row_by_row_with_years_missing():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(6, 10))
    values[rng.random((6, 10)) < 0.2] = np.nan
    for row, slope in zip(values, estimate_robust_slopes(YEARS, values), strict=True):
        held = np.isfinite(row)
        assert slope == pytest.approx(stats.theilslopes(row[held], YEARS[held]).slope, rel=1e-9)


def test_slope_of_one_series_is_that_of_generalised_least_squares():
    from statsmodels.regression.linear_model import GLS

    values = np.random.default_rng(2).normal(size=10)
    found = estimate_pooled_slopes(YEARS, values[None, None])
    rho = RHOS[int(np.rint(found.rho[0] / (RHOS[1] - RHOS[0])))]
    alike = rho ** np.abs(np.subtract.outer(YEARS, YEARS))
    fit = GLS(values, np.column_stack([np.ones(10), YEARS - 2015]), sigma=alike).fit()
    assert found.per_year[0, 0] == pytest.approx(fit.params[1], rel=1e-6)
    assert found.se[0, 0] == pytest.approx(fit.bse[1], rel=1e-6)


def test_persistence_is_found_again_without_the_bias_of_short_series():
    rng = np.random.default_rng(3)
    for rho in (0.0, 0.3, 0.6):
        found = fit_lines(YEARS.astype(float), ar1(rng, (600, 10), rho))
        assert estimate_persistence(found, np.zeros(600, dtype=int))[0] == pytest.approx(rho, abs=0.07)


@pytest.mark.parametrize(("counties", "rho"), [(1, 0.0), (1, 0.3), (9, 0.0), (9, 0.3), (9, 0.6)])
def test_intervals_cover_the_countys_own_slope(counties, rho):
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(30 if counties > 1 else 60):
        true = 0.11 * rng.standard_normal((20, counties, 1))
        low, high = estimate_pooled_slopes(
            YEARS, ar1(rng, (20, counties, 10), rho) + true * np.arange(10)
        ).limits()
        inside.append(np.mean((low <= true[..., 0]) & (true[..., 0] <= high)))
    # The standard error of such a share is about 1 point: draws of one report share their persistence.
    assert np.mean(inside) > 0.92


def test_noise_of_a_county_is_drawn_towards_the_others_and_a_clear_departure_is_not():
    rng = np.random.default_rng(5)
    noisy = estimate_pooled_slopes(YEARS, rng.standard_normal((1, 9, 10)))
    assert (
        np.abs(noisy.per_year - noisy.per_year.mean()).max() < np.abs(noisy.own - noisy.own.mean()).max() / 2
    )
    apart = np.arange(9)[None, :, None] * np.arange(10) + rng.standard_normal((1, 9, 10))
    assert estimate_pooled_slopes(YEARS, apart).weight.min() > 0.98


def test_pooled_slopes_agree_with_a_mixed_model_where_counties_differ():
    from statsmodels.regression.mixed_linear_model import MixedLM

    rng = np.random.default_rng(6)
    t = np.arange(10) - 4.5
    y = rng.normal(0, 0.2, (30, 1)) * t + rng.standard_normal((30, 1)) + rng.standard_normal((30, 10))
    group = np.repeat(np.arange(30), 10)
    design = np.column_stack([np.ones(300), np.tile(t, 30)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = MixedLM(y.ravel(), design, group, exog_re=design).fit()
    theirs = fit.params[1] + np.array([fit.random_effects[k].iloc[1] for k in range(30)])
    found = estimate_pooled_slopes(YEARS, y[None])
    # Theirs takes the years as independent and the spread as known; ours neither.
    assert np.corrcoef(found.per_year[0], theirs)[0, 1] > 0.98
    assert np.abs(found.per_year[0] - theirs).max() < found.se[0].mean()


def test_a_year_in_which_all_counties_jump_widens_every_interval():
    rng = np.random.default_rng(7)
    y = rng.standard_normal((1, 9, 10)) * 0.1
    calm = estimate_pooled_slopes(YEARS, y).se.mean()
    y[..., 6] += 3
    assert estimate_pooled_slopes(YEARS, y).se.mean() > 5 * calm


def test_a_new_definition_may_change_the_level_and_not_the_slope():
    y = (
        0.5 * np.arange(10)
        + np.where(YEARS >= 2020, 100.0, 0.0)
        + 0.01 * ar1(np.random.default_rng(8), (1, 9, 10), 0)
    )
    parts = np.broadcast_to((YEARS >= 2020).astype(int), y.shape)
    assert estimate_pooled_slopes(YEARS, y, parts).per_year == pytest.approx(0.5, abs=0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3))
def test_a_line_added_to_all_counties_is_added_to_their_slopes(seed, line):
    y = np.random.default_rng(seed).standard_normal((2, 5, 8))
    before, after = (
        estimate_pooled_slopes(YEARS[:8], y),
        estimate_pooled_slopes(YEARS[:8], y + line * np.arange(8)),
    )
    assert after.per_year == pytest.approx(before.per_year + line, abs=1e-7)
    assert after.se == pytest.approx(before.se, rel=1e-6)


# --- verdicts ---


def test_adjusted_p_is_statsmodels_column_by_column():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(9).random((12, 3)) ** 3
    expected = np.column_stack([multipletests(column, method="fdr_bh")[1] for column in p.T])
    assert adjust_p_values(p) == pytest.approx(expected)


def test_a_hundred_flat_indicators_of_a_county_are_hardly_ever_given_a_direction():
    rng = np.random.default_rng(10)
    for rho in (0.0, 0.6):
        verdicts = judge_trends(YEARS, 50 + ar1(rng, (100, 9, 10), rho), np.zeros(100, bool)).verdict
        assert np.isin(verdicts, ["up", "down"]).mean() < 0.02


def test_standing_still_is_a_finding_and_noise_is_not():
    rng = np.random.default_rng(11)
    quiet = 0.90 + 0.0005 * rng.standard_normal((1, 9, 10))
    loud = (0.5 + 0.1 * rng.standard_normal((1, 9, 10))).clip(0.05, 0.95)
    assert set(judge_trends(YEARS, quiet, [True]).verdict.ravel()) == {"stable"}
    assert set(judge_trends(YEARS, loud, [True]).verdict.ravel()) == {"cannot_tell"}


def test_a_county_whose_own_years_fall_is_not_called_rising_for_its_neighbours_sake():
    y = 20 + np.arange(10) + 0.1 * ar1(np.random.default_rng(12), (1, 9, 10), 0)
    y[0, 0] = y[0, 0, ::-1]
    found = judge_trends(YEARS, y, [False])
    assert found.verdict[0, 0] != "up"
    assert set(found.verdict[0, 1:]) <= {"up", "cannot_tell"}


def test_bad_series_are_named_and_given_no_verdict():
    nothing, one, three = np.full(10, np.nan), np.full(10, np.nan), np.full(10, np.nan)
    one[4], three[:3] = 0.5, (0.1, 0.2, 0.3)
    gap = np.where(np.isin(YEARS, [2018, 2019]), np.nan, 0.2 + 0.02 * np.arange(10))
    same = np.full(10, 0.4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judge_trends(YEARS, np.stack([nothing, one, three, gap, same])[:, None, :], [True] * 5)
    assert found.reason[:, 0].tolist() == ["all_missing", "one_year", "few_years", "", "constant"]
    assert found.verdict[[0, 1, 2, 4], 0].tolist() == ["cannot_tell"] * 3 + ["stable"]
    assert found.slopes.n[:, 0].tolist() == [0, 1, 3, 8, 10]


def test_a_share_above_one_is_judged_on_a_straight_scale_and_says_so():
    found = judge_trends(YEARS, (1.02 + 0.01 * np.arange(10))[None, None], [True])
    assert found.scale.tolist() == ["linear"]


def test_a_share_of_nought_or_all_has_a_place_on_the_scale():
    full = np.array([0.9, 0.95, 0.97, 1, 1, 1, 1, 1, 1, 1.0])
    found = judge_trends(YEARS, full[None, None], [True], sizes=np.full((1, 1, 10), 400.0))
    assert np.isfinite(found.per_year).all()


@pytest.mark.parametrize("years", [YEARS[::-1], YEARS[:5], [2020] * 10])
def test_years_out_of_order_twice_there_or_too_few_are_refused(years):
    with pytest.raises(DataError) as caught:
        judge_trends(years, np.ones((1, 1, 10)), [True])
    assert "expected indicators by counties by years" in caught.value.text("en")


def test_the_last_step_is_a_statement_of_its_own():
    steady = np.array([10, 11, 12, 13, 14, 15, 16, 17, 18, 12.0])
    found = measure_last_step(YEARS, steady)
    assert (found.step, found.usual, bool(found.unusual)) == (-6, 1, True)
    assert not measure_last_step(YEARS, np.arange(10.0)).unusual
    missing = np.where(YEARS == 2023, np.nan, steady)
    assert np.isnan(measure_last_step(YEARS, missing).step)
    for short in (1, 2, 3):
        assert not measure_last_step(YEARS[:short], steady[:short]).unusual

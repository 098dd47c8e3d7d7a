"""Do forecasts use only the past, stay inside their bounds, keep their promises and refuse what they must?"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.holtwinters import SimpleExpSmoothing

from edustats.errors import DataError, ParameterError
from edustats.metrics.trend.forecast import MIN_POINTS, forecast_series
from edustats.metrics.trend.forecast_models import PanelPast, estimate_pooled_drift, smooth_exponentially

YEARS = list(range(2012, 2024))
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shares(n=30, t=12, drift=0.05, noise=0.08, seed=1):
    """Shares that move along the logit with a common drift."""
    rng = np.random.default_rng(seed)
    line = rng.normal(0, 0.6, (n, 1)) + np.cumsum(rng.normal(drift, noise, (n, t)), axis=1)
    return 1 / (1 + np.exp(-line))


@given(st.lists(st.lists(st.floats(0, 1), min_size=6, max_size=6), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_share_and_its_intervals_never_leave_0_to_1(rows):
    found = forecast_series(range(6), rows, lower=0, upper=1)
    low, high = found.interval(0.95)
    for side in (found.middle, low, high):
        assert ((side >= 0) & (side <= 1)).all()
    assert (low <= found.middle + 1e-9).all()
    assert (found.middle <= high + 1e-9).all()


def test_a_count_is_never_below_nought():
    rows = [[40, 30, 21, 13, 6, 1], [9, 8, 6, 5, 3, 2], [5, 4, 3, 2, 1, 0]]
    found = forecast_series(range(6), rows, ["a", "b", "c"], lower=0)
    assert (found.interval(0.95)[0] >= 0).all()


def test_what_is_said_of_the_past_does_not_change_when_the_future_does():
    values = shares()
    changed = values.copy()
    changed[:, 9:] = 1 - changed[:, 9:]
    first, second = (forecast_series(YEARS, v, lower=0, upper=1) for v in (values, changed))
    known = ["row", "origin", "lead", "naive", "drift", "step"]
    for trials in (first.trials, second.trials):
        trials["said"] = trials["error"] - trials["naive"]  # the outcome falls out: forecast less last value
    early = [
        t[(t["origin"] <= YEARS[8])][[*known[:3], "said"]].reset_index(drop=True)
        for t in (first.trials, second.trials)
    ]
    pd.testing.assert_frame_equal(*early)


def test_order_of_years_and_of_series_does_not_matter():
    values = shares(n=6)
    groups = list("aabbcc")
    plain = forecast_series(YEARS, values, groups, lower=0, upper=1)
    turned = forecast_series(YEARS[::-1], values[::-1, ::-1], groups[::-1], lower=0, upper=1)
    np.testing.assert_allclose(turned.middle[::-1], plain.middle)


def test_the_scale_of_an_amount_does_not_matter():
    rng = np.random.default_rng(3)
    values = np.exp(rng.normal(5, 0.2, (8, 12)))
    one, thousand = (forecast_series(YEARS, values * k, lower=0) for k in (1, 1000))
    np.testing.assert_allclose(thousand.middle, one.middle * 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([0.5] * 4 + [math.nan] * 8, "too_few"),
        ([math.nan] * 11 + [0.4], "too_few"),
        ([math.nan] * 12, "missing"),
        ([0.5] * 11 + [1.2], "outside"),
        ([0.4, 0.5, 0.6, 0.5, 0.4, 0.5, 0.6] + [math.nan] * 5, "ended"),
    ],
)
def test_what_cannot_be_forecast_is_named_and_the_others_are_not_lost(series, reason):
    values = np.vstack([shares(n=5), [series]])
    found = forecast_series(YEARS, values, lower=0, upper=1)
    assert found.reason == ("",) * 5 + (reason,)
    assert np.isnan(found.middle[5]).all()
    assert np.isnan(found.interval(0.8)[0][5]).all()
    assert math.isnan(found.probability(5, 2024, 0.5))
    assert np.isfinite(found.middle[:5]).all()


def test_a_panel_without_any_value_is_refused_quietly():
    found = forecast_series([2020, 2021], [[math.nan, math.nan]])
    assert found.reason == ("missing",)
    assert found.back_test() == ()


def test_a_series_that_never_moved_is_forecast_where_it_stands():
    found = forecast_series(
        YEARS, np.vstack([shares(n=5), np.full((1, 12), 0.3)]), list("aaaaab"), lower=0, upper=1
    )
    np.testing.assert_allclose(found.middle[5], 0.3, atol=0.01)
    low, high = found.interval(0.8)
    assert (high[5] > low[5]).all()


def test_gaps_in_the_middle_do_not_stop_a_forecast():
    values = shares(n=6)
    values[0, 4:6] = math.nan
    found = forecast_series(YEARS, values, lower=0, upper=1)
    assert found.reason[0] == ""
    assert np.isfinite(found.middle[0]).all()


def test_years_left_out_count_as_missing():
    values = shares(n=6)
    holed = values.copy()
    holed[:, 5] = math.nan
    kept = [y for y in YEARS if y != YEARS[5]]
    short = forecast_series(kept, np.delete(values, 5, axis=1), lower=0, upper=1)
    np.testing.assert_allclose(short.middle, forecast_series(YEARS, holed, lower=0, upper=1).middle)


@pytest.mark.parametrize(
    ("years", "values", "error"),
    [
        ([2020, 2020], [[1.0, 2.0]], DataError),
        ([2020.5, 2021], [[1.0, 2.0]], DataError),
        ([2020, 2021], [[1.0]], DataError),
        ([2020, 2021], [1.0, 2.0], DataError),
    ],
)
def test_years_that_are_no_years_are_refused(years, values, error):
    with pytest.raises(error):
        forecast_series(years, values)


def test_too_many_leads_are_refused():
    with pytest.raises(ParameterError, match="11"):
        forecast_series(YEARS, shares(), leads=11)


def test_intervals_cover_what_they_promise_in_simulated_panels():
    inside = {0.8: [], 0.95: []}
    for seed in range(12):
        values = shares(n=60, t=17, drift=0.03, seed=seed)
        found = forecast_series(range(2007, 2019), values[:, :12], lower=0, upper=1)
        for level, hits in inside.items():
            low, high = found.interval(level)
            hits.append((low <= values[:, 12:]) & (values[:, 12:] <= high))
    for level, hits in inside.items():
        assert abs(np.mean(hits) - level) < 0.05


def test_the_chance_of_being_above_the_middle_is_even_and_falls_with_the_value():
    found = forecast_series(YEARS, shares(), lower=0, upper=1)
    middle = found.middle[0, 1]
    assert found.probability(0, 2025, middle) == pytest.approx(0.5, abs=0.01)
    chances = [found.probability(0, 2025, v) for v in (0.05, middle - 0.05, middle, middle + 0.05, 0.95)]
    assert chances == sorted(chances, reverse=True)
    assert all(0.01 <= c <= 0.99 for c in chances)


def test_the_interval_and_the_chance_agree():
    found = forecast_series(YEARS, shares(), lower=0, upper=1)
    low, high = found.interval(0.8)
    assert found.probability(3, 2024, low[3, 0]) == pytest.approx(0.9, abs=0.01)
    assert found.probability(3, 2024, high[3, 0]) == pytest.approx(0.1, abs=0.01)


def test_a_common_drift_is_found_and_beats_as_last_year():
    tests = forecast_series(YEARS, shares(n=60, drift=0.08, noise=0.04), lower=0, upper=1).back_test()
    assert all(test.error < test.naive for test in tests)


def test_series_without_drift_are_hardly_worse_than_as_last_year():
    tests = forecast_series(YEARS, shares(n=60, drift=0.0, seed=5), lower=0, upper=1).back_test()
    assert all(test.error < test.naive * 1.05 for test in tests)
    assert all(test.error < test.drift for test in tests)


def test_every_trial_starts_from_the_fifth_value_or_later():
    values = shares(n=3)
    values[0, :6] = math.nan
    trials = forecast_series(YEARS, values, lower=0, upper=1).trials
    assert trials.loc[trials["row"] > 0, "origin"].min() == YEARS[MIN_POINTS - 1]
    assert trials.loc[trials["row"] == 0, "origin"].min() == YEARS[6 + MIN_POINTS - 1]


def test_smoothing_is_that_of_statsmodels():
    series = np.array([3.0, 4.0, 2.0, 6.0, 5.0, 7.0])
    model = SimpleExpSmoothing(series, initialization_method="known", initial_level=series[0])
    theirs = model.fit(smoothing_level=0.6, optimized=False).forecast(1)[0]
    assert smooth_exponentially(series[None, :], 0.6)[0] == pytest.approx(theirs)


def test_alike_series_share_one_drift_and_unlike_ones_keep_their_own():
    years = np.arange(12.0)
    alike = years * 0.1 + np.random.default_rng(2).normal(0, 0.02, (20, 12))
    apart = years * np.linspace(-1, 1, 20)[:, None] + np.random.default_rng(2).normal(0, 0.02, (20, 12))
    codes = np.zeros(20, np.intp)
    own = PanelPast.of(alike, codes)
    assert estimate_pooled_drift(own).std() < own.drift.std()
    np.testing.assert_allclose(
        estimate_pooled_drift(PanelPast.of(apart, codes)), np.linspace(-1, 1, 20), atol=0.1
    )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real panels are kept beside the repository")
def test_the_english_panel_is_forecast_better_than_as_last_year_and_than_a_drift():
    raw = pd.read_csv(SHARED / "england_la_education_panel.csv", dtype=str)
    raw = raw[raw["measure"].isin(["PriFSM", "SEN_TotStat", "EngBacEntries", "KS1P_all"])]
    raw["year"], raw["value"] = (
        raw["period"].str[:4].astype(int),
        pd.to_numeric(raw["value"], errors="coerce"),
    )
    table = (
        raw.pivot_table(index=["measure", "la_code"], columns="year", values="value", aggfunc="first") / 100
    )
    names = [str(measure) for measure, _ in table.index]
    for test in forecast_series(table.columns, table.to_numpy(), names, lower=0, upper=1).back_test()[:3]:
        assert test.error < test.naive


def test_theta_is_that_of_statsmodels(monkeypatch):
    from statsmodels.tsa.forecasting.theta import ThetaModel

    from edustats.metrics.trend import forecast_models as models

    line = np.cumsum(np.random.default_rng(3).normal(0.3, 1, 40)) + np.random.default_rng(4).normal(0, 1, 40)
    theirs = ThetaModel(line, deseasonalize=False).fit()
    monkeypatch.setattr(models, "SMOOTHING", np.array([theirs.params.iloc[1]]))
    ours = models.theta(line[None], np.arange(1.0, 4.0)[None])
    assert ours[0] == pytest.approx(np.asarray(theirs.forecast(3)), abs=0.05)


def test_a_fan_stops_where_past_intervals_did_not_keep_their_word():
    table = np.random.default_rng(2).normal(0, 1, (30, 12)).cumsum(axis=1) + 100
    found = forecast_series(range(2010, 2022), table, ["a"] * 30)
    tests = {test.lead: test for test in found.back_test()}
    assert 3 <= found.drawn_leads <= 5
    for lead in range(4, found.drawn_leads + 1):
        assert abs(tests[lead].cover_80 - 0.8) <= 0.05
        assert abs(tests[lead].cover_95 - 0.95) <= 0.05

"""Nearest counties and convergence."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.comparison.convergence import measure_convergence, measure_convergence_by_group
from edustats.metrics.comparison.peers import compare_with_peers, find_nearest_peers

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def test_nearest_are_those_of_the_smallest_distance_in_standard_deviations():
    x = np.random.default_rng(1).normal(size=(12, 3)) * [1, 10, 100]
    found = find_nearest_peers(x, 3)
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    distance = np.sqrt(((z[:, None] - z[None]) ** 2).mean(axis=2))
    np.fill_diagonal(distance, np.inf)
    assert (found.index == np.argsort(distance, axis=1)[:, :3]).all()
    assert found.distance == pytest.approx(np.sort(distance, axis=1)[:, :3])


def test_the_unit_of_a_feature_does_not_choose_the_peers():
    x = np.random.default_rng(2).normal(size=(9, 3))
    assert (find_nearest_peers(x, 4).index == find_nearest_peers(x * [1, 1000, 0.01] + 5, 4).index).all()


def test_a_county_with_few_shared_features_is_nobodys_peer():
    x = np.random.default_rng(3).normal(size=(5, 4))
    x[0, 1:] = np.nan
    found = find_nearest_peers(x, 4)
    assert (found.index[0] == -1).all()
    assert 0 not in found.index[1:]
    assert np.isnan(found.distance[0]).all()


def test_a_feature_in_which_all_are_alike_is_left_out():
    x = np.column_stack([np.arange(5.0), np.ones(5)])
    assert find_nearest_peers(x, 2).shared.max() == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the English panel is kept beside the repository")
def test_official_statistical_neighbours_are_found_far_more_often_than_by_chance():
    raw = pd.read_csv(SHARED / "england_la_education_panel.csv", dtype=str)
    raw["number"] = pd.to_numeric(raw["value"], errors="coerce")
    # What describes a place, not what its schools achieve: poverty, size, special needs.
    raw = raw[raw["measure"].isin(["PriFSM", "SecFSM", "Premium", "SEN_TotStat"])]
    wide = raw.pivot_table(index="la_code", columns="measure", values="number")
    wide["Premium"] = np.log(wide["Premium"])
    official = pd.read_csv(SHARED / "dfe_statistical_neighbours_2025.csv", dtype=str)
    codes = sorted(set(wide.index) & set(official["la_number"]))
    found = find_nearest_peers(wide.loc[codes].to_numpy(float), 10)
    given = official.groupby("la_number")["neighbour_la_number"].agg(set)
    hits = [len({codes[k] for k in row} & given[code]) for code, row in zip(codes, found.index, strict=True)]
    assert np.mean(hits) > 2 * 10 * 10 / len(codes)


@pytest.mark.parametrize(("better", "best"), [("higher", 9.0), ("lower", 6.0)])
def test_a_county_stands_against_the_mean_and_the_best_of_its_peers(better, best):
    found = compare_with_peers([5.0, 6.0, np.nan, 9.0], 0, [1, 2, 3, -1], better)
    assert (found.mean, found.best, found.gap_to_best, found.n) == (7.5, best, 5 - best, 2)


def test_without_peers_nothing_is_compared():
    found = compare_with_peers([5.0, np.nan], 0, [1, -1])
    assert found.n == 0
    assert np.isnan(found.gap_to_mean)


def test_bad_features_and_no_peers_are_refused():
    with pytest.raises(DataError):
        find_nearest_peers([1, 2, 3], 2)
    with pytest.raises(ParameterError) as caught:
        find_nearest_peers([[1.0], [2.0]], 0)
    assert caught.value.text("en") == "0 peers asked for; expected 1 or more"


# --- convergence ---


def test_ratio_of_spreads_has_the_p_value_of_pitman_and_morgan():
    rng = np.random.default_rng(4)
    first = rng.normal(size=20)
    last = 0.6 * first + 0.3 * rng.normal(size=20)
    p = stats.pearsonr(first + last, first - last).pvalue
    on_the_edge = measure_convergence([2015, 2024], np.column_stack([first, last]), 1 - p)
    assert on_the_edge.sigma_upper == pytest.approx(1, abs=1e-9)


def test_intervals_of_sigma_and_beta_cover_what_they_promise():
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        start = rng.normal(size=30)
        end = 0.7 * start + 0.4 * rng.normal(size=30)
        found = measure_convergence([2015, 2016, 2024], np.column_stack([start, start, end]))
        true_sigma, true_beta = np.sqrt(0.49 + 0.16), -0.3 / 8
        inside.append(
            (
                found.sigma_lower <= true_sigma <= found.sigma_upper,
                found.beta_lower <= true_beta <= found.beta_upper,
            )
        )
    assert np.mean(inside, axis=0) == pytest.approx(0.95, abs=0.03)


def test_a_chance_low_start_is_not_called_catching_up():
    rng = np.random.default_rng(6)
    level = rng.normal(size=(400, 1))
    found = measure_convergence(np.arange(6), level + rng.normal(size=(400, 6)))
    assert found.beta_lower < 0 < found.beta_upper


def test_the_p_of_equal_spreads_is_where_the_interval_touches_one():
    rng = np.random.default_rng(11)
    start = rng.normal(size=12)
    end = 0.6 * start + 0.2 * rng.normal(size=12)
    found = measure_convergence([2015, 2024], np.column_stack([start, end]))
    edge = measure_convergence([2015, 2024], np.column_stack([start, end]), 1 - found.p)
    assert edge.sigma_upper == pytest.approx(1, abs=1e-6)
    assert math.isnan(measure_convergence([2015, 2024], np.ones((3, 2))).p)


def test_town_and_village_are_kept_apart():
    gaps = np.linspace(-1, 1, 8)
    closer, apart = np.outer(gaps, [1, 0.8, 0.4]), np.outer(gaps, [1, 1.5, 2.5])
    found = measure_convergence_by_group([2015, 2016, 2024], {"town": closer, "village": apart})
    assert (found["town"].verdict, found["village"].verdict) == ("closer", "apart")


@pytest.mark.parametrize("rows", [np.full((9, 3), np.nan), np.ones((9, 3)), np.ones((1, 3)), np.ones((3, 3))])
def test_nothing_is_concluded_from_counties_that_are_missing_alike_or_few(rows):
    assert measure_convergence([2015, 2016, 2024], rows).verdict == "cannot_tell"

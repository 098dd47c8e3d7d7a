"""Places, the sets of places that cannot be ruled out, and the limits of small counties."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.comparison.ranking import (
    compute_funnel_limits,
    detect_rank_changes,
    rank_with_confidence_sets,
)

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"


@pytest.mark.skipif(not ORACLES.is_dir(), reason="the published results are kept beside the repository")
def test_published_places_of_pisa_2018_in_mathematics_are_found_again():
    oracle = json.loads((ORACLES / "pisa2018_ranks.json").read_text("utf-8"))
    with (ORACLES / "data" / "pisa2018_oecd37_scores_se.csv").open(encoding="utf-8") as file:
        # Costa Rica joined later and is not among the 37 of the published page.
        rows = [row for row in csv.DictReader(file) if row["jurisdiction"] != "Costa Rica"]
    score = np.array([float(row["math_score"]) for row in rows])
    error = np.array([float(row["math_se"]) for row in rows])
    together, alone = (
        rank_with_confidence_sets(score, error),
        rank_with_confidence_sets(score, error, simultaneous=False),
    )
    assert together.rank.tolist() == oracle["point_rank_published_order_alphabetical_37"]
    assert (together.best <= alone.best).all()
    assert (alone.worst <= together.worst).all()


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_all_sets_hold_together_as_often_as_promised(spread):
    rng = np.random.default_rng(20180906)
    true, error = spread * rng.standard_normal(12), rng.uniform(0.5, 1.5, 12)
    best = 1 + (true[None] > true[:, None]).sum(axis=1)
    worst = 12 - (true[None] < true[:, None]).sum(axis=1)
    held = []
    for _ in range(150):
        found = rank_with_confidence_sets(true + error * rng.standard_normal(12), error)
        held.append(((found.best <= best) & (worst <= found.worst)).all())
    # 150 draws: a share of 0.95 has a standard error of 0.018.
    assert np.mean(held) >= 0.95 - 2 * 0.018


def test_nobody_can_be_ranked_when_all_differ_by_less_than_chance():
    found = rank_with_confidence_sets([1.0, 1.1, 0.9, 1.05], [0.5] * 4)
    assert found.best.tolist() == [1] * 4
    assert found.worst.tolist() == [4] * 4


def test_equal_values_share_the_best_place_and_the_next_is_passed_over():
    assert rank_with_confidence_sets([5, 7, 5, 3], [0.0] * 4).rank.tolist() == [2, 1, 2, 4]


def test_without_error_the_set_is_the_place_with_its_ties():
    found = rank_with_confidence_sets([5, 7, 5, 3], [0.0] * 4)
    assert found.best.tolist() == [2, 1, 2, 4]
    assert found.worst.tolist() == [3, 1, 3, 4]


def test_where_lower_is_better_the_lowest_comes_first():
    assert rank_with_confidence_sets([5, 7, 3], [0.1] * 3, "lower").rank.tolist() == [2, 3, 1]


def test_a_missing_value_takes_no_place():
    found = rank_with_confidence_sets([5, np.nan, 3], [0.1, np.nan, 0.1])
    assert (found.rank.tolist(), found.n) == ([1, 0, 2], 2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.floats(0.01, 3))
def test_the_place_lies_in_its_set_and_turning_the_order_turns_the_sets(values, error):
    up, down = (
        rank_with_confidence_sets(values, [error] * len(values)),
        rank_with_confidence_sets(values, [error] * len(values), "lower"),
    )
    assert ((up.best <= up.rank) & (up.rank <= up.worst)).all()
    assert (down.best == len(values) + 1 - up.worst).all()


def test_a_move_is_real_only_when_the_two_years_have_no_place_in_common():
    sure, unsure = [0.05] * 4, [3.0] * 4
    first, last = [1, 2, 3, 4], [4, 2, 3, 1]
    assert detect_rank_changes(
        rank_with_confidence_sets(first, sure), rank_with_confidence_sets(last, sure)
    ).tolist() == [1, 0, 0, -1]
    assert (
        detect_rank_changes(
            rank_with_confidence_sets(first, unsure), rank_with_confidence_sets(last, unsure)
        ).tolist()
        == [0] * 4
    )


def test_years_with_different_counties_are_not_compared():
    with pytest.raises(DataError, match=r"同样的县|same counties"):
        detect_rank_changes(
            rank_with_confidence_sets([1, 2], [0.1, 0.1]),
            rank_with_confidence_sets([1, np.nan], [0.1, np.nan]),
        )


@pytest.mark.parametrize("error", [-1.0, np.nan, np.inf])
def test_an_error_that_is_none_is_named_with_its_place(error):
    with pytest.raises(DataError) as caught:
        rank_with_confidence_sets([1, 2], [0.1, error])
    assert "standard error number 2" in caught.value.text("en")


def test_an_unknown_order_is_refused():
    with pytest.raises(ParameterError):
        rank_with_confidence_sets([1, 2], [0.1, 0.1], "up")


# --- funnel ---


def test_a_small_county_may_stand_further_from_the_mean_than_a_large_one():
    found = compute_funnel_limits([8] + [5000] * 9, [10] + [10000] * 9)
    assert found.outside[0] == 0
    assert found.upper[0] > 0.8 > found.upper[1]


def test_limits_of_small_counts_are_those_of_the_binomial():
    num, den = np.array([4, 20, 21, 19, 22, 18]), np.array([20, 100, 100, 100, 100, 100])
    for many in range(21):
        num[0] = many
        found = compute_funnel_limits(num, den)
        if found.dispersion > 1:
            continue
        tails = stats.binom.cdf(many, 20, found.mean), stats.binom.sf(many - 1, 20, found.mean)
        assert (found.outside[0] != 0) == (min(tails) < 0.001)


def test_where_counties_differ_by_more_than_chance_the_limits_give_way():
    rng = np.random.default_rng(13)
    share = rng.normal(0.5, 0.05, 40)
    found = compute_funnel_limits(np.round(share * 5000), np.full(40, 5000))
    assert found.dispersion > 10
    assert (found.outside != 0).mean() < 0.1


@pytest.mark.parametrize(("num", "den"), [([5], [3]), ([1], [0]), ([np.nan], [3]), ([-1], [3])])
def test_impossible_shares_are_refused(num, den):
    with pytest.raises(DataError, match=r"0～1|0 to 1"):
        compute_funnel_limits(num, den)

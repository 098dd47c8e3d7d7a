"""Change in points and per cent, and the compound rate."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.errors import DataError
from edustats.metrics.trend.change import cagr, measure_change

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
positive = st.floats(0.01, 1e4)


def published() -> list[dict]:
    file = ORACLES / "published_cv_fixtures.json"
    return json.loads(file.read_text("utf-8"))["growth_official"] if file.exists() else []


@pytest.mark.skipif(not published(), reason="the published figures are kept outside the repository")
def test_published_growth_rates_are_met_within_their_rounding():
    for case in published():
        # Two of them were printed from unrounded inputs: half a unit of the inputs' last digit is allowed.
        slack = 0.05 + 100 * 0.005 * (1 + case.get("v1", 0) / case.get("v0", 1)) / case.get("v0", 1)
        if "v1" in case:
            assert 100 * measure_change(case["v0"], case["v1"]).relative == pytest.approx(
                case["pct"], abs=slack
            ), case


def test_share_that_rises_from_40_to_50_per_cent_gains_10_points_and_25_per_cent():
    found = measure_change(0.40, 0.50)
    assert found.points == pytest.approx(0.10)
    assert found.relative == pytest.approx(0.25)


@pytest.mark.parametrize("first", [0.0, -2.0])
def test_growth_from_nothing_or_from_a_debt_is_not_a_number(first):
    found = measure_change(first, 3.0)
    assert math.isnan(found.relative)
    assert found.points == 3.0 - first


@pytest.mark.parametrize(("first", "last"), [(math.nan, 1.0), (1.0, math.nan)])
def test_missing_value_gives_no_change_at_all_rather_than_a_fall_to_zero(first, last):
    found = measure_change(first, last)
    assert math.isnan(found.points)
    assert math.isnan(found.relative)


def test_four_intervals_lie_between_2019_and_2023():
    # 1.05 ** 4 = 1.21550625, worked by hand; five intervals would give 3.98 %.
    assert cagr(1000, 1215.50625, 4) == pytest.approx(0.05, rel=1e-12)


@given(positive, positive, st.integers(1, 40))
def test_growing_at_the_compound_rate_arrives_at_the_last_value(first, last, intervals):
    assert first * (1 + cagr(first, last, intervals)) ** intervals == pytest.approx(last, rel=1e-9)


@given(positive, positive)
def test_one_interval_grows_by_the_relative_change(first, last):
    assert cagr(first, last, 1) == pytest.approx(measure_change(first, last).relative, rel=1e-9, abs=1e-12)


@given(positive, positive, st.floats(1e-3, 1e3))
def test_a_change_of_unit_leaves_the_relative_change_alone(first, last, scale):
    found = measure_change(first * scale, last * scale).relative
    assert found == pytest.approx(measure_change(first, last).relative, rel=1e-9, abs=1e-9)


def test_everything_lost_is_minus_one_whatever_the_time():
    assert cagr(5, 0, 7) == -1


def test_compound_rate_of_a_missing_value_is_missing():
    assert math.isnan(cagr(math.nan, 5, 2))
    assert math.isnan(cagr(5, math.nan, 2))


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        ((1, 2, 0), "the growth rate runs over 0 intervals; expected 1 or more", "间隔年数为 0，应不小于 1"),
        ((1, 2, math.nan), "the growth rate runs over nan intervals; expected 1 or more", "间隔年数为 nan"),
        ((0, 2, 3), "the growth rate starts from 0; expected a first value above 0", "起始值为 0，应大于 0"),
        ((-4, 2, 3), "the growth rate starts from -4; expected a first value above 0", "起始值为 -4"),
        (
            (1, -2, 3),
            "the growth rate ends at -2; expected a last value of 0 or more",
            "终了值为 -2，应不小于 0",
        ),
    ],
)
def test_refused_rate_names_the_value_found_and_the_value_expected(arguments, english, chinese):
    with pytest.raises(DataError) as caught:
        cagr(*arguments)
    assert caught.value.text("en") == english
    assert chinese in caught.value.text("zh")

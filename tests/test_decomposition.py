"""Do the parts of an inequality add up, agree with others' figures, and refuse what cannot be said?"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality import measures as inequality
from edustats.metrics.inequality.decomposition import (
    MEASURES,
    compute_unit_contributions,
    decompose_inequality,
    decompose_inequality_by_year,
    normalize_values_and_weights,
    split_inequality_by_level,
)

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
outside = pytest.mark.skipif(
    not ORACLES.exists(), reason="the outside oracles are kept beside the repository"
)
every_measure = pytest.mark.parametrize("measure", MEASURES)
ORDER = {"theil": 1, "mld": 1, "cv2": 2}  # cv2 is twice the generalized entropy that others print


def oracle(key):
    cases = json.loads((ORACLES / "inequality_cases.json").read_text("utf-8"))
    return next(case for case in cases if case["id"] == key)["expected"]


def county(seed=0, n=60):
    rng = np.random.default_rng(seed)
    outer = rng.integers(0, 3, n)
    inner = rng.integers(0, 2, n)
    return rng.gamma(4, 1, n) * (1 + outer), rng.integers(30, 900, n).astype(float), [outer, inner]


def estimates(found):
    return dict(zip(found["level"] + " " + found["part"], found["estimate"], strict=True))


# --- against numbers from outside ---


@outside
@pytest.mark.parametrize(
    ("key", "measure", "weight"),
    [
        ("CA-geidec0-w", "mld", "students"), ("CA-geidec0-u", "mld", None),
        ("CA-geidec1-w", "theil", "students"),
        ("CA-geidec2-w", "cv2", "students"), ("CA-geidec2-u", "cv2", None),
    ],
)  # fmt: skip
def test_parts_between_californian_counties_and_their_standard_errors_agree_with_convey(key, measure, weight):
    table, expected = pd.read_csv(ORACLES / "data" / "caschools.csv"), oracle(key)
    weights = table[weight] if weight else None
    found = decompose_inequality(
        table["expenditure"], weights, [table["county"]], ["county"], measure
    ).set_index("part")
    for part in ("total", "within", "between"):
        assert found.loc[part, "estimate"] / ORDER[measure] == pytest.approx(expected[part], rel=1e-9)
        assert found.loc[part, "se"] / ORDER[measure] == pytest.approx(expected[f"se_{part}"], rel=1e-7)


@outside
@pytest.mark.parametrize(("key", "measure"), [("CA-mlddec-w", "mld")])
def test_mean_log_deviation_by_county_agrees_with_dineq(key, measure):
    table, expected = pd.read_csv(ORACLES / "data" / "caschools.csv"), oracle(key)
    found = decompose_inequality(
        table["expenditure"], table["students"], [table["county"]], ["county"], measure
    )
    for part, value in found.set_index("part")["estimate"].items():
        assert value == pytest.approx(expected[f"mld_{part}"], rel=1e-9)


def test_three_schools_with_nothing_and_three_with_ten_are_ln_2_apart_all_of_it_between():
    found = decompose_inequality([0, 0, 0, 10, 10, 10], None, [list("aaabbb")], ["group"]).set_index("part")[
        "estimate"
    ]
    assert found["between"] == pytest.approx(np.log(2), rel=1e-12)
    assert found["within"] == 0


# --- what must always hold ---

numbers = st.lists(
    st.tuples(st.floats(0.01, 100), st.floats(0.5, 50), st.integers(0, 2), st.integers(0, 2)),
    min_size=2,
    max_size=30,
)


@every_measure
@settings(max_examples=40, deadline=None)
@given(numbers)
def test_parts_of_every_level_add_up_and_none_is_negative(measure, units):
    x, w, outer, inner = (np.array(column) for column in zip(*units, strict=True))
    found = decompose_inequality(x, w, [outer, inner], ["outer", "inner"], measure)
    parts, total = found["estimate"][:-1], found["estimate"].iloc[-1]
    assert (parts >= 0).all()
    assert parts.sum() == pytest.approx(total, rel=1e-9, abs=1e-12)


@every_measure
def test_total_is_the_measure_of_its_own_module(measure):
    x, w, _ = county()
    total = decompose_inequality(x, w, [], [], measure)["estimate"].iloc[-1]
    if measure == "theil":
        assert total == pytest.approx(inequality.theil(x, w), rel=1e-12)
    elif measure == "cv2":
        assert total == pytest.approx(inequality.coefficient_of_variation(x, w) ** 2, rel=1e-12)


@every_measure
def test_neither_the_order_of_rows_nor_a_change_of_scale_changes_a_part(measure):
    x, w, levels = county()
    turned = np.random.default_rng(1).permutation(len(x))
    one = decompose_inequality(x, w, levels, ["outer", "inner"], measure)
    two = decompose_inequality(
        7e6 * x[turned], 3 * w[turned], [g[turned] for g in levels], ["outer", "inner"], measure
    )
    pd.testing.assert_frame_equal(one, two, rtol=1e-8)


@every_measure
def test_one_group_puts_everything_within_and_single_units_everything_between(measure):
    x, w, _ = county()
    one = decompose_inequality(x, w, [np.zeros(len(x))], ["group"], measure).set_index("part")["share"]
    each = decompose_inequality(x, w, [np.arange(len(x))], ["group"], measure).set_index("part")["share"]
    assert (one["between"], one["within"]) == pytest.approx((0, 1))
    assert (each["between"], each["within"]) == pytest.approx((1, 0))


@every_measure
def test_each_part_without_a_unit_is_the_part_computed_anew_from_the_others(measure):
    x, w, levels = county(n=25)
    codes = [np.unique(g, return_inverse=True)[1] for g in (levels[0], 2 * levels[0] + levels[1])]
    left = split_inequality_by_level(*normalize_values_and_weights(x, w), codes, ["outer", "inner"], measure)
    for i in (0, 7, 24):
        keep = np.arange(len(x)) != i
        anew = decompose_inequality(x[keep], w[keep], [g[keep] for g in levels], ["outer", "inner"], measure)
        assert [part.without[i] for part in left] == pytest.approx(list(anew["estimate"]), abs=1e-12)


def test_towns_of_one_name_in_two_counties_are_two_towns():
    x, names = [1, 1, 3, 3], ["east", "west", "east", "west"]
    found = estimates(decompose_inequality(x, None, [["A", "A", "B", "B"], names], ["county", "town"]))
    assert found["town between"] == 0
    assert found["county between"] > 0


@pytest.mark.parametrize("measure", [*MEASURES, "gini"])
def test_contributions_are_never_negative_and_add_up_to_the_measure(measure):
    x, w, _ = county()
    parts = compute_unit_contributions(x, w, measure)
    whole = (
        inequality.gini(x, w)
        if measure == "gini"
        else decompose_inequality(x, w, [], [], measure)["estimate"].iloc[-1]
    )
    assert (parts >= 0).all()
    assert parts.sum() == pytest.approx(whole, rel=1e-10)


def test_a_far_school_contributes_more_than_a_near_one_of_its_size():
    for measure in (*MEASURES, "gini"):
        far, near, *_ = compute_unit_contributions([9, 5, 4, 4, 4], None, measure)
        assert far > near


# --- intervals and refusals ---


def test_intervals_hold_their_estimate_and_the_lower_limit_of_a_chance_gap_is_nought():
    rng = np.random.default_rng(3)
    x, w, group = rng.gamma(9, 1, 80), rng.integers(50, 500, 80), np.arange(80) % 2
    found = decompose_inequality(x, w, [group], ["group"])
    assert (found["lower"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["upper"]).all()
    between = found.set_index("part").loc["between"]
    assert between["lower"] == pytest.approx(0, abs=1e-4)
    apart = decompose_inequality(x * (1 + group), w, [group], ["group"]).set_index("part").loc["between"]
    assert apart["lower"] > 0.5 * apart["estimate"]


@pytest.mark.parametrize(
    ("values", "levels", "measure", "reasons"),
    [
        ([3], [["a"]], "theil", {"one_unit"}),
        ([0, 0], [["a", "b"]], "theil", {"all_zero"}),
        ([0, 1], [["a", "b"]], "mld", {"zero_value"}),
        ([1, 2, 3], [list("aab")], "theil", {"too_few"}),
        ([4] * 40, [[0, 1] * 20], "theil", {"no_variation"}),
        (list(range(1, 41)), [[0] * 40], "theil", {"one_group", ""}),
        (list(range(1, 41)), [[0] * 37 + [1] * 3], "theil", {"small_groups", ""}),
    ],
)
def test_what_cannot_be_said_has_a_reason(values, levels, measure, reasons):
    found = decompose_inequality(values, None, levels, ["group"], measure)
    assert set(found["note"]) == reasons
    refused = found[found["note"] != ""]
    assert refused["lower"].isna().all()
    assert (refused["method"] == "none").all()


def test_one_school_of_giant_size_gets_no_interval():
    found = decompose_inequality(np.arange(1, 41), [1] * 39 + [1e6], [], [])
    assert set(found["note"]) == {"few_by_weight"}


def test_bad_input_is_refused_by_its_place():
    with pytest.raises(DataError, match="2"):
        decompose_inequality([1, -1], None, [["a", "b"]], ["g"])
    with pytest.raises(DataError, match="2"):
        decompose_inequality([1, 1], None, [["a", None]], ["g"])
    with pytest.raises(DataError):
        decompose_inequality([1, 1], None, [["a"]], ["g"])
    with pytest.raises(ParameterError, match="gini"):
        decompose_inequality([1, 1], None, [], [], "gini")


def test_years_stand_in_order_and_what_is_missing_is_counted_and_never_nought():
    table = pd.DataFrame(
        {
            "year": [2021, 2020, 2020, 2021, 2022],
            "x": [1, 2, 4, None, None],
            "p": [1.0] * 5,
            "c": list("ababa"),
        }
    )
    found = decompose_inequality_by_year(table, "x", "p", "year", ["c"])
    assert list(found["year"].unique()) == [2020, 2021, 2022]
    assert list(found.groupby("year")["missing"].first()) == [0, 1, 1]
    assert set(found.loc[found["year"] == 2022, "note"]) == {"no_units"}
    with pytest.raises(DataError):
        decompose_inequality_by_year(table.assign(p=0.0), "x", "p", "year")

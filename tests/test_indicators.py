"""Are ratios ratios of sums over complete pairs, and does every kind of gap survive?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.catalogue import catalogue
from edustats.indicator_values import compute_observations, compute_unit_values, mark_breaks
from edustats.load.files.values import KINDS
from edustats.schema import OBSERVATION_COLUMNS

KNOWN = catalogue()


def table(pupils, teachers, kinds=None, years=None):
    n = len(pupils)
    tidy = pd.DataFrame(
        {
            "county": "C",
            "unit": [str(i) for i in range(n)],
            "year": np.array(years or [2021] * n, dtype="int16"),
            "pupils": np.array(pupils, float),
            "teachers": np.array(teachers, float),
        }
    )
    named = kinds or [
        ["ok" if np.isfinite(v) else "not_collected" for v in row]
        for row in zip(pupils, teachers, strict=True)
    ]
    codes = pd.DataFrame(
        [[KINDS.index(k) for k in row] for row in named], columns=["pupils", "teachers"], dtype="uint8"
    )
    return tidy, codes


def ratio(tidy, kinds, area=None):
    found = compute_observations(tidy, kinds, area or ["C"] * len(tidy), "county", KNOWN)
    return found[found["indicator"] == "ratio_pupils_per_teacher"].iloc[0]


def test_the_countys_ratio_is_the_ratio_of_sums_not_the_mean_of_ratios():
    # two schools of 10:1 and 20:1; the mean of ratios would be 15
    row = ratio(*table([100, 300], [10, 15]))
    assert row["value"] == 16
    assert (row["num"], row["den"], row["n"], row["coverage"], row["status"]) == (400, 25, 2, 1.0, "ok")


def test_a_school_without_teachers_reported_leaves_both_sides_and_shows_in_the_coverage():
    # naive sums would give 700 / 25 = 28
    row = ratio(*table([100, 300, 300], [10, 15, np.nan]))
    assert row["value"] == 16
    assert (row["n"], row["status"]) == (2, "partial")


def test_coverage_is_the_share_of_the_denominator_with_both_sides():
    row = ratio(*table([100, np.nan], [10, 30]))
    assert row["value"] == 10
    assert row["coverage"] == pytest.approx(0.25)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_area_without_one_complete_pair_keeps_the_kind_of_gap_and_has_no_value(kind):
    row = ratio(*table([100], [np.nan], [["ok", kind]]))
    assert np.isnan(row["value"])
    assert (row["status"], row["n"], row["coverage"]) == (kind, 0, 0)


def test_nothing_divided_by_nothing_is_missing_and_not_zero():
    row = ratio(*table([0, 0], [0, 0]))
    assert np.isnan(row["value"])


def test_years_and_areas_are_kept_apart():
    tidy, kinds = table([10, 20, 30, 40], [1, 1, 1, 1], years=[2020, 2021, 2020, 2021])
    found = compute_observations(tidy, kinds, ["A", "A", "B", "B"], "county", KNOWN)
    pupils = found[found["indicator"] == "count_pupils"].set_index(["area", "year"])["value"]
    assert pupils.to_dict() == {("A", 2020): 10, ("A", 2021): 20, ("B", 2020): 30, ("B", 2021): 40}


def test_only_indicators_whose_columns_are_there_are_observed():
    found = compute_observations(*table([1], [1]), ["A"], "county", KNOWN)
    assert set(found["indicator"]) == {"count_pupils", "ratio_pupils_per_teacher"}
    assert tuple(found.columns) == OBSERVATION_COLUMNS


counts = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(1, 300), st.integers(0, 3), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(counts)
def test_what_is_summed_by_county_adds_up_in_the_prefecture(rows):
    tidy, kinds = table([r[0] for r in rows], [r[1] if r[3] else np.nan for r in rows])
    areas = [f"C{r[2]}" for r in rows]
    county = compute_observations(tidy, kinds, areas, "county", KNOWN)
    whole = compute_observations(tidy, kinds, ["P"] * len(rows), "prefecture", KNOWN)
    for key in ("count_pupils", "ratio_pupils_per_teacher"):
        parts, total = county[county["indicator"] == key], whole[whole["indicator"] == key].iloc[0]
        assert parts["num"].sum() == pytest.approx(np.nan_to_num(total["num"]))
        assert parts["n"].sum() == total["n"]


@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    values = [
        ratio(*table([r[0] for r in some], [r[1] if r[3] else np.nan for r in some]))["value"]
        for some in (rows, shuffled)
    ]
    assert values[0] == pytest.approx(values[1], nan_ok=True)


def test_the_value_of_a_unit_is_its_own_ratio():
    tidy, _ = table([100, 300], [10, np.nan])
    values = compute_unit_values(tidy, KNOWN.indicator("ratio_pupils_per_teacher"))
    assert values.iloc[0] == 10
    assert np.isnan(values.iloc[1])


def test_a_break_marks_the_first_year_of_the_new_definition_only_where_a_value_stands():
    tidy, kinds = table([1, 2, np.nan], [1, 1, 1], years=[2020, 2021, 2022])
    found = mark_breaks(
        compute_observations(tidy, kinds, ["A"] * 3, "county", KNOWN), [{"year": 2021, "area": "A"}]
    )
    pupils = found[found["indicator"] == "count_pupils"].set_index("year")["status"]
    assert pupils.tolist() == ["ok", "break", "not_collected"]

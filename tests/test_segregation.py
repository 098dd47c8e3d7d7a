"""Segregation: numbers from outside, what must hold, what chance shows, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.segregation.indices import (
    compute_school_contributions,
    dissimilarity,
    exposure,
    isolation,
    measure_segregation,
    mutual_information,
    theil_h,
)
from edustats.metrics.segregation.levels import decompose_segregation, measure_segregation_within_places
from edustats.metrics.segregation.random_placement import (
    compute_index_under_random_placement,
    correct_for_chance,
)

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
outside = pytest.mark.skipif(
    not ORACLES.exists(), reason="the outside oracles are kept beside the repository"
)
RACES = ["asian", "black", "hisp", "native", "white"]


def oracle(key):
    cases = json.loads((ORACLES / "inequality_cases.json").read_text("utf-8"))
    return next(case for case in cases if case["id"] == key)


@pytest.fixture(scope="module")
def schools():
    """American schools by the race of their pupils; a race not named in a school has none there."""
    table = pd.read_csv(ORACLES / "data" / "schools00.csv")
    wide = table.pivot_table(
        index=["state", "school"], columns="race", values="n", aggfunc="sum", fill_value=0
    )
    return wide[RACES].reset_index()


def two(schools):
    minority = schools["black"] + schools["hisp"]
    return np.column_stack([minority, schools[RACES].sum(axis=1) - minority])


# --- against numbers from outside ---


@outside
@pytest.mark.parametrize(
    ("key", "measure"), [("PYSEG-D", dissimilarity), ("PYSEG-H2", theil_h), ("PYSEG-int", exposure)]
)
def test_minority_against_the_rest_agrees_with_pysal(schools, key, measure):
    assert measure(two(schools)) == pytest.approx(oracle(key)["expected"], rel=1e-9)


@outside
@pytest.mark.parametrize(
    ("key", "measure"), [("PYSEG-MultiInfoTheory", theil_h), ("PYSEG-MultiDissim", dissimilarity)]
)
def test_five_groups_agree_with_pysal(schools, key, measure):
    assert measure(schools[RACES]) == pytest.approx(oracle(key)["expected"], rel=1e-9)


@outside
def test_mutual_information_and_h_agree_with_the_package_of_elbers(schools):
    expected = oracle("SEG-MH")["expected"]
    assert mutual_information(schools[RACES]) == pytest.approx(expected["M"], rel=1e-9)
    assert theil_h(schools[RACES]) == pytest.approx(expected["H"], rel=1e-9)


@outside
def test_states_and_the_schools_inside_them_agree_with_the_package_of_elbers(schools):
    expected = oracle("SEG-MH-state")["expected"]
    found = decompose_segregation(schools[RACES], [schools["state"]], ["state"]).set_index("level")
    for level, part in (("state", "between"), ("unit", "within")):
        assert found.loc[level, "m"] == pytest.approx(expected[f"M_{part}"], rel=1e-9)
        assert found.loc[level, "h"] == pytest.approx(expected[f"H_{part}"], rel=1e-9)
    each = measure_segregation_within_places(schools[RACES], schools["state"])
    for state in "AB":
        expected = oracle(f"SEG-within-{state}")["expected"]
        columns = {"m": "M", "h": "H", "p": "p", "entropy_ratio": "ent_ratio"}
        for column, name in columns.items():
            assert each.loc[state, column] == pytest.approx(expected[name], rel=1e-9)


@outside
def test_isolation_and_exposure_of_every_pair_agree_with_the_package_of_elbers(schools):
    pairs = oracle("SEG-exp")["expected"]
    for i, one in enumerate(RACES):
        assert isolation(schools[RACES], i) == pytest.approx(oracle("SEG-iso")["expected"][one], rel=1e-9)
        for j, other in enumerate(RACES):
            assert exposure(schools[RACES], i, j) == pytest.approx(pairs[f"{one}_{other}"], rel=1e-9)


@outside
def test_what_each_race_adds_agrees_with_the_package_of_elbers(schools):
    table = schools[RACES].to_numpy().T
    local = compute_school_contributions(table, "theil_h") * mutual_information(table) / theil_h(table)
    share = table.sum(axis=1) / table.sum()
    assert dict(zip(RACES, local / share, strict=True)) == pytest.approx(
        oracle("SEG-local-race")["expected"], rel=1e-9
    )


@outside
def test_the_school_that_contributes_most_is_the_one_named_elsewhere(schools):
    expected = oracle("SCI-top")["expected"]
    parts = compute_school_contributions(two(schools), "dissimilarity")
    top = int(parts.argmax())
    assert schools["school"][top] == expected["school"]
    assert parts[top] / parts.sum() == pytest.approx(expected["sci"], rel=1e-9)


@outside
@pytest.mark.parametrize("key", ["RSEG-D0", "RSEG-D1", "RSEG-D2", "RSEG-D3"])
def test_small_cases_agree(key):
    case = oracle(key)
    table = np.column_stack([case["args"]["g1"], case["args"]["g2"]])
    assert dissimilarity(table) == pytest.approx(case["expected"], rel=1e-12, abs=1e-12)


@outside
def test_five_groups_in_one_grouped_call_give_the_same_numbers(schools):
    found = measure_segregation(schools, RACES, ["state"]).set_index(["state", "measure", "variant"])[
        "estimate"
    ]
    for state, part in schools.groupby("state"):
        table = part[RACES].to_numpy()
        everyone = " | ".join(RACES)
        assert found[state, "dissimilarity", everyone] == pytest.approx(dissimilarity(table), rel=1e-10)
        assert found[state, "theil_h", everyone] == pytest.approx(theil_h(table), rel=1e-10)
        assert found[state, "isolation", "asian | asian"] == pytest.approx(isolation(table), rel=1e-10)
        assert found[state, "exposure", "asian | white"] == pytest.approx(exposure(table, 0, 4), rel=1e-10)


# --- what must always hold ---

tables = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=12).map(np.array)


def usable(table):
    assume((table.sum(axis=1) > 0).sum() > 1)
    assume((table.sum(axis=0) > 0).all())
    return table


@settings(max_examples=60, deadline=None)
@given(tables)
def test_measures_stay_between_nought_and_one_and_do_not_mind_order_scale_or_empty_schools(table):
    table = usable(table)
    for measure in (dissimilarity, theil_h, isolation):
        found = measure(table)
        assert -1e-12 <= found <= 1 + 1e-12
        assert measure(table[::-1]) == pytest.approx(found, abs=1e-12)
        assert measure(7 * table) == pytest.approx(found, abs=1e-12)
        assert measure(np.vstack([table, [0, 0]])) == pytest.approx(found, abs=1e-12)
        assert measure(np.repeat(table, 2, axis=0)) == pytest.approx(found, abs=1e-12)
    assert isolation(table) + exposure(table) == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_a_third_group_without_pupils_changes_nothing(table):
    table = usable(table)
    wide = np.column_stack([table, np.zeros(len(table))])
    assert dissimilarity(wide) == pytest.approx(dissimilarity(table), abs=1e-12)
    assert theil_h(wide) == pytest.approx(theil_h(table), abs=1e-12)


def test_bounds_are_reached():
    apart, alike = [[9, 0], [0, 5], [0, 2]], [[3, 6], [10, 20], [1, 2]]
    assert (dissimilarity(apart), theil_h(apart), isolation(apart)) == pytest.approx((1, 1, 1))
    assert (dissimilarity(alike), theil_h(alike)) == pytest.approx((0, 0), abs=1e-12)
    assert isolation(alike) == pytest.approx(1 / 3)


def test_three_nested_levels_add_up():
    rng = np.random.default_rng(4)
    table, county, town = rng.poisson(20, (40, 3)), rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    found = decompose_segregation(table, [county, town], ["county", "town"]).set_index("level")
    for column in ("m", "h", "share"):
        assert found[column].iloc[:3].sum() == pytest.approx(found.loc["all", column])
    assert found.loc["all", "h"] == pytest.approx(theil_h(table))
    each = measure_segregation_within_places(table, county)
    inside = (each["h"] * each["p"] * each["entropy_ratio"]).sum()
    assert inside == pytest.approx(found.loc[["town", "unit"], "h"].sum())


# --- chance ---


def by_enumeration(table):
    """Expected D with every possible count of every school, the long way."""
    total, size, held = table.sum(), table.sum(axis=1), table[:, 0].sum()
    apart = 0.0
    for t in size:
        x = np.arange(t + 1)
        apart += (stats.hypergeom.pmf(x, total, held, t) * np.abs(x - t * held / total)).sum()
    share = held / total
    return apart / (2 * total * share * (1 - share))


@settings(max_examples=40, deadline=None)
@given(tables)
def test_expected_dissimilarity_under_random_placement_is_that_of_every_possible_count(table):
    table = usable(table)
    assert compute_index_under_random_placement(table) == pytest.approx(by_enumeration(table), rel=1e-8)


def test_random_placement_agrees_with_pupils_shuffled_over_the_seats():
    rng = np.random.default_rng(5)
    size = rng.integers(20, 200, 25)
    school, own = np.repeat(np.arange(25), size), np.zeros(size.sum(), bool)
    own[: len(own) // 4] = True
    drawn = []
    for _ in range(400):
        rng.shuffle(own)
        x = np.bincount(school, own, minlength=25)
        table = np.column_stack([x, size - x])
        drawn.append((dissimilarity(table), isolation(table), theil_h(table)))
    for column, measure in enumerate(("dissimilarity", "isolation", "theil_h")):
        expected = compute_index_under_random_placement(table, measure)
        assert np.mean(drawn, axis=0)[column] == pytest.approx(expected, rel=0.03)
    chance = np.mean(drawn, axis=0)[0]
    assert abs(correct_for_chance(chance, compute_index_under_random_placement(table))) < 0.01


def test_smaller_schools_show_more_by_chance():
    assert (
        compute_index_under_random_placement([[5, 5]] * 40)
        > compute_index_under_random_placement([[50, 50]] * 40)
        > 0
    )


# --- refusals ---


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[3, 4]], "one_school"), ([[3, 4], [0, 0]], "one_school"), ([[0, 0], [0, 0]], "no_pupils"),
        ([[3, 0], [4, 0]], "group_absent"), ([[3, -1], [4, 2]], "negative"),
        ([[3, 1], [np.nan, 2]], "missing"),
    ],
)  # fmt: skip
def test_what_has_no_segregation_is_refused_in_words_and_by_code(table, reason):
    for measure in (dissimilarity, isolation, theil_h):
        with pytest.raises(DataError) as caught:
            measure(table)
        assert caught.value.address == f"segregation.{reason}"
    frame = pd.DataFrame(table, columns=["a", "b"])
    found = measure_segregation(frame, ["a", "b"], [])
    assert found["estimate"].isna().all()
    assert set(found["note"]) == {"one_school" if reason == "missing" else reason}


def test_one_broken_county_spoils_no_other_and_what_is_missing_is_counted():
    frame = pd.DataFrame(
        {
            "county": list("AAABBCC"), "year": [1, 1, 1, 1, 1, 1, 1],
            "own": [30, 10, None, -1, 5, None, None], "rest": [10, 30, 9, 5, 5, 3, 4],
        }
    )  # fmt: skip
    found = measure_segregation(
        frame, ["own", "rest"], ["county", "year"], measures=["dissimilarity"], chance=True
    )
    assert list(found["note"]) == ["", "negative", "all_missing"]
    assert list(found["missing"]) == [1, 0, 2]
    assert found["estimate"].iloc[0] == pytest.approx(0.5)
    assert found["by_chance"].iloc[0] == pytest.approx(
        compute_index_under_random_placement([[30, 10], [10, 30]])
    )


def test_rows_of_one_school_are_added_up_and_a_gap_in_one_is_a_gap_of_the_school():
    frame = pd.DataFrame(
        {"school": ["x", "x", "y", "z", "z"], "a": [10, 20, 10, 5, None], "b": [5, 5, 30, 5, 5]}
    )
    found = measure_segregation(frame, ["a", "b"], [], unit="school", measures=["dissimilarity"])
    assert found["estimate"].iloc[0] == pytest.approx(dissimilarity([[30, 10], [10, 30]]))
    assert found["missing"].iloc[0] == 1


def test_an_unknown_measure_or_a_single_column_is_refused():
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    with pytest.raises(ParameterError):
        measure_segregation(frame, ["a"], [])
    with pytest.raises(ParameterError, match="gini"):
        measure_segregation(frame, ["a", "b"], [], measures=["gini"])
    with pytest.raises(ParameterError):
        isolation([[1, 2], [2, 1]], 5)

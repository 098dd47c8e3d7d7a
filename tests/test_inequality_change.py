"""Do the parts of a change add up, and does what did not move have no effect?"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from edustats.errors import DataError
from edustats.metrics.inequality.change import (
    decompose_change_by_composition,
    decompose_cv_change,
    measure_inequality_change,
)
from edustats.metrics.inequality.decomposition import MEASURES, decompose_inequality
from edustats.metrics.inequality.measures import official_cv

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
outside = pytest.mark.skipif(
    not ORACLES.exists(), reason="the outside oracles are kept beside the repository"
)
every_measure = pytest.mark.parametrize("measure", MEASURES)
NAMES = {"value": "x", "weight": "p", "year": "year", "unit": "school"}


def two_years(seed=0, n=80, closed=4, opened=3):
    """A county whose schools keep most of their peculiarity; a few close, a few open."""
    rng = np.random.default_rng(seed)
    ids, group, own = np.arange(n), rng.integers(0, 2, n), rng.standard_normal(n)
    halves = []
    for year, here in ((2015, ids < n - opened), (2024, ids >= closed)):
        x = np.exp(0.3 * own + 0.1 * rng.standard_normal(n)) * (1 + group)
        p = rng.integers(40, 900, n).astype(float)
        halves.append(pd.DataFrame({"year": year, "school": ids, "place": group, "x": x, "p": p})[here])
    return pd.concat(halves, ignore_index=True)


def one_year(table, year):
    half = table[table["year"] == year]
    return half["x"], half["p"], half["place"]


@outside
def test_change_of_californian_scores_agrees_with_the_split_of_mookherjee_and_shorrocks():
    cases = json.loads((ORACLES / "inequality_cases.json").read_text("utf-8"))
    expected = next(case for case in cases if case["id"] == "API-mldchange")["expected"]
    wide = pd.read_csv(ORACLES / "data" / "api_schools.csv").dropna(subset="enroll").reset_index()
    table = pd.concat(
        wide[["index", "cnum", "enroll"]].assign(year=year, x=wide[column])
        for year, column in ((1999, "api99"), (2000, "api00"))
    )
    found = decompose_change_by_composition(
        table, "x", "enroll", "year", "index", "cnum", 1999, 2000, "mld"
    ).set_index("part")
    assert found.loc["within", "change"] == pytest.approx(expected["within_inequality"], rel=1e-9)
    # dineq's own between part is their approximation, and its parts miss the change by 6e-9; ours is exact.
    assert found.loc["between", "change"] == pytest.approx(
        expected["between2"] - expected["between1"], rel=1e-9
    )
    assert found.loc["between", "change"] == pytest.approx(expected["between_inequality"], rel=2e-5)
    assert found.loc["composition", "change"] == pytest.approx(0, abs=1e-15)
    assert found.loc["total", "last"] == pytest.approx(expected["mld2"], rel=1e-9)


@every_measure
def test_first_and_last_are_the_parts_of_each_year_and_the_changes_add_up(measure):
    table = two_years()
    found = measure_inequality_change(
        table, **NAMES, first=2015, last=2024, levels=["place"], measure=measure
    )
    for column, year in (("first", 2015), ("last", 2024)):
        x, p, place = one_year(table, year)
        alone = decompose_inequality(x, p, [place], ["place"], measure)
        assert list(found[column]) == pytest.approx(list(alone["estimate"]), rel=1e-9)
    assert found["change"].iloc[:2].sum() == pytest.approx(found["change"].iloc[2], abs=1e-12)
    assert ((found["lower"] <= found["change"]) & (found["change"] <= found["upper"])).all()


@every_measure
def test_within_between_and_composition_add_up_to_the_change(measure):
    table = two_years()
    found = decompose_change_by_composition(
        table, **NAMES, group="place", first=2015, last=2024, measure=measure
    ).set_index("part")
    whole = measure_inequality_change(table, **NAMES, first=2015, last=2024, measure=measure).set_index(
        "part"
    )
    assert found["change"].iloc[:3].sum() == pytest.approx(whole.loc["total", "change"], abs=1e-12)
    for limit in ("change", "lower", "upper", "se"):
        assert found.loc["total", limit] == pytest.approx(whole.loc["total", limit], rel=1e-6)


@every_measure
def test_pupils_who_only_change_sides_are_composition_and_nothing_else(measure):
    base = pd.DataFrame(
        {"year": 1, "school": range(4), "place": list("ttvv"), "x": [9.0, 5, 3, 1], "p": [10.0] * 4}
    )
    moved = base.assign(year=2, p=[15.0, 15, 5, 5])
    found = decompose_change_by_composition(
        pd.concat([base, moved]), **NAMES, group="place", first=1, last=2, measure=measure
    ).set_index("part")["change"]
    assert found["composition"] == pytest.approx(found["total"], abs=1e-12)
    assert (found["within"], found["between"]) == pytest.approx((0, 0), abs=1e-12)


def test_a_group_that_comes_new_is_composition():
    base = pd.DataFrame({"year": 1, "school": range(2), "place": "t", "x": [2.0, 4], "p": [1.0, 1]})
    new = pd.DataFrame({"year": 2, "school": range(4), "place": list("ttvv"), "x": [2.0, 4, 6, 6], "p": 1.0})
    found = decompose_change_by_composition(
        pd.concat([base, new]), **NAMES, group="place", first=1, last=2
    ).set_index("part")["change"]
    assert found["composition"] == pytest.approx(found["total"])


@every_measure
def test_leaving_each_school_out_in_turn_gives_the_same_standard_error_the_long_way(measure):
    table = two_years(n=34, closed=2, opened=1)
    found = decompose_change_by_composition(
        table, **NAMES, group="place", first=2015, last=2024, measure=measure
    ).set_index("part")
    again = [
        decompose_change_by_composition(
            table[table["school"] != school], **NAMES, group="place", first=2015, last=2024, measure=measure
        ).set_index("part")["change"]
        for school in range(34)
    ]
    rest = pd.DataFrame(again)
    se = np.sqrt(33 / 34 * ((rest - rest.mean()) ** 2).sum())
    for part in ("within", "between", "composition"):
        assert found.loc[part, "se"] == pytest.approx(se[part], rel=1e-8)


def test_nothing_that_changed_is_a_change_of_nought_without_an_interval():
    table = two_years(closed=0, opened=0)
    still = pd.concat([table[table["year"] == 2015].assign(year=year) for year in (2015, 2024)])
    found = measure_inequality_change(still, **NAMES, first=2015, last=2024)
    assert list(found["change"]) == [0, 0]
    assert set(found["note"]) == {"no_variation"}


def test_paired_schools_give_a_narrower_interval_than_unrelated_ones():
    table = two_years()
    apart = table.assign(school=table["school"] + 1000 * (table["year"] == 2024))
    paired, loose = (
        measure_inequality_change(t, **NAMES, first=2015, last=2024).set_index("part").loc["total"]
        for t in (table, apart)
    )
    assert paired["change"] == pytest.approx(loose["change"])
    assert paired["se"] < loose["se"]


def test_order_of_rows_and_scales_change_nothing_but_a_school_twice_is_refused():
    table = two_years()
    turned = table.sample(frac=1, random_state=1).assign(x=lambda t: 5 * t["x"], p=lambda t: 9 * t["p"])
    for call in (measure_inequality_change, decompose_change_by_composition):
        more = {"group": "place"} if call is decompose_change_by_composition else {"levels": ["place"]}
        one, two = (call(t, **NAMES, **more, first=2015, last=2024) for t in (table, turned))
        pd.testing.assert_frame_equal(one, two, rtol=1e-8, atol=1e-12)
    with pytest.raises(DataError, match="2015"):
        measure_inequality_change(pd.concat([table, table.iloc[:1]]), **NAMES, first=2015, last=2024)


def test_a_year_with_few_schools_has_its_reason():
    table = two_years(n=20)
    assert set(measure_inequality_change(table, **NAMES, first=2015, last=2024)["note"]) == {"too_few"}
    assert set(measure_inequality_change(table, **NAMES, first=2015, last=1900)["note"]) == {"no_units"}
    nothing = table.assign(x=0.0)
    assert set(measure_inequality_change(nothing, **NAMES, first=2015, last=2024)["note"]) == {"all_zero"}


# --- pupils moved, resources moved ---


def stocks(seed=0, n=50):
    rng = np.random.default_rng(seed)
    pupils = rng.integers(40, 900, (2, n)).astype(float)
    return rng.poisson(0.1 * pupils).astype(float), pupils


def test_effects_add_up_to_the_change_of_the_official_coefficient():
    books, pupils = stocks()
    pupils[0, :3], pupils[1, -2:] = 0, np.nan
    found = decompose_cv_change((books[0], books[1]), (pupils[0], pupils[1]))
    here = pupils > 0
    ends = [official_cv(books[k][here[k]], pupils[k][here[k]]).cv for k in (0, 1)]
    assert (found.first, found.last) == pytest.approx(ends)
    effects = found.pupils.change + found.resources.change + found.network.change
    assert effects == pytest.approx(ends[1] - ends[0], abs=1e-12)
    assert (found.closed, found.opened, found.n_both) == (2, 3, 45)


def test_what_stood_still_has_no_effect():
    books, pupils = stocks()
    moved = decompose_cv_change((books[0], books[0]), (pupils[0], pupils[1]))
    assert (moved.resources.change, moved.network.change) == (0, pytest.approx(0, abs=1e-12))
    bought = decompose_cv_change((books[0], books[1]), (pupils[0], pupils[0]))
    assert (bought.pupils.change, bought.network.change) == (0, pytest.approx(0, abs=1e-12))
    doubled = decompose_cv_change((books[0], 2 * books[0]), (pupils[0], 3 * pupils[0]))
    assert doubled.total.change == pytest.approx(0, abs=1e-12)


def test_a_school_with_pupils_and_no_figure_is_refused():
    books, pupils = stocks()
    with pytest.raises(DataError, match="1"):
        decompose_cv_change((books[0], np.r_[np.nan, books[1, 1:]]), (pupils[0], pupils[1]))
    with pytest.raises(DataError):
        decompose_cv_change(([1, 2], [1, 2]), ([1, 0], [0, 1]))

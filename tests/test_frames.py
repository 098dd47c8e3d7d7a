"""Does the researcher's door answer ordinary questions in a few lines, rightly, and name what it cannot find?"""

import numpy as np
import pandas as pd
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.analysis.frames import indicators
from edustats.errors import ParameterError, UnknownNameError
from edustats.store.writing import update_store

RATIO = "ratio_pupils_per_teacher_primary"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frames")
    update_store([prefecture(folder / "in")], folder / "store")
    return edu.open_store(folder / "store")


def test_indicators_are_found_by_words_of_either_language():
    assert RATIO in set(indicators("生师比")["indicator"])
    assert set(indicators("pupils per teacher primary")["indicator"]) >= {RATIO}
    assert indicators("no such thing").empty


def test_observations_take_names_or_codes_and_years_in_three_ways(store):
    code = store.counties[0]
    name = store.name(code).zh
    by_name = edu.observations(store, RATIO, name, slice(2020, 2021))
    assert by_name["year"].tolist() == [2020, 2021]
    pd.testing.assert_frame_equal(by_name, edu.observations(store, RATIO, code, [2020, 2021]))
    assert edu.observations(store, RATIO, [name], 2021)["area_name"].tolist() == [name]
    assert by_name.attrs["units"] == {RATIO: "ratio"} or by_name.attrs["units"][RATIO]


def test_a_name_that_is_not_held_is_answered_with_the_nearest(store):
    name = store.name(store.counties[0]).zh
    with pytest.raises(UnknownNameError, match=name):
        edu.observations(store, RATIO, f"{name}县")
    with pytest.raises(UnknownNameError):
        edu.observations(store, "ratio_pupils_per_teacher_prmary")


def test_schools_add_up_to_the_county_and_inequality_is_that_of_its_schools(store):
    area = store.counties[0]
    schools = edu.schools(store, RATIO, area, 2021, inside=True)
    held = schools.dropna(subset="value")
    county = edu.observations(store, RATIO, area, 2021)["value"].iloc[0]
    assert np.average(held["value"], weights=held["weight"]) == pytest.approx(county)
    found = edu.inequality(schools, measures=["gini"])
    assert found["n"].tolist() == [len(held)]
    assert found["estimate"].between(0, 1).all()


def test_between_and_within_add_up_in_every_year(store):
    parts = edu.decompose(edu.schools(store, RATIO, inside=True), ["area"])
    for _, own in parts.groupby("year"):
        told = own.set_index("part")["estimate"]
        assert told["between"] + told["within"] == pytest.approx(told["total"])


def test_trends_places_and_forecasts_speak_of_every_county(store):
    frame = edu.observations(store, RATIO, level="county")
    counties = set(store.counties)
    assert set(edu.trend(frame)["area"]) == counties
    places = edu.rank(frame)
    assert set(places["area"]) <= counties
    assert (places["best"] <= places["rank"]).all() and (places["rank"] <= places["worst"]).all()
    ahead = edu.forecast(frame, leads=2)
    assert ((ahead["lower"] <= ahead["value"]) & (ahead["value"] <= ahead["upper"])).all()


def test_few_persons_are_withheld_unless_asked_for_inside(store):
    key = "count_pupils_primary"
    for area in store.counties:
        shown, inside = (edu.schools(store, key, area, 2021, inside=flag) for flag in (False, True))
        few = inside["value"].between(1, 9)
        assert shown.loc[few, "value"].isna().all()
        assert set(shown.loc[few, "status"]) <= {"suppressed"}


def test_few_teachers_are_withheld_as_a_weight_and_no_measure_leaves_their_schools_out(store):
    shown, inside = (edu.schools(store, RATIO, inside=flag) for flag in (False, True))
    few = inside["weight"].between(1, 9)
    assert few.any()
    assert shown.loc[few, "weight"].isna().all()
    assert shown.loc[~few, "weight"].equals(inside.loc[~few, "weight"])
    assert shown["value"].equals(inside["value"])  # the ratio is published
    for measure in (edu.inequality, edu.decompose):
        with pytest.raises(ParameterError, match="inside=True"):
            measure(shown)


def test_a_county_is_opened_by_its_name(store):
    name = store.name(store.counties[0]).zh
    assert edu.open_county(name, store.path).area == store.counties[0]
    assert edu.open_county(name[:2], store.path).area == store.counties[0]


def test_a_split_of_values_below_nought_says_so_and_leaves_none_out(store):
    schools = edu.schools(store, RATIO, inside=True)
    last = schools["year"].max()
    spoilt = schools.assign(
        value=schools["value"].where((schools["year"] != last) | (schools["year"].duplicated()), -1.0)
    )
    assert (spoilt["value"] < 0).sum() == 1
    parts, whole = edu.decompose(spoilt, ["area"]), edu.decompose(schools, ["area"])
    below = parts["year"] == last
    assert set(parts.loc[below, "note"]) == {"negative"}
    assert parts.loc[below, ["estimate", "lower", "upper", "share"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(parts[~below], whole[~below])

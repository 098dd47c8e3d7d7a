"""Do the other frames say what the chapters say, are groups those asked for, and is what is protected left out?"""

import json

import numpy as np
import pandas as pd
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.analysis.pinyin import abbreviate_by_sound
from edustats.errors import ParameterError, UnknownNameError
from edustats.present.standards.case import _judge_county
from edustats.store.writing import update_store

RATIO = "ratio_pupils_per_teacher_primary"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("more_frames")
    update_store([prefecture(folder / "in")], folder / "store")
    return edu.open_store(folder / "store")


def test_indicators_are_found_by_the_first_letters_of_their_sounds():
    assert abbreviate_by_sound("生师比（小学）") == "ssbxx"
    assert RATIO in set(edu.indicators("xxssb")["indicator"])


def test_an_indicator_may_be_named_as_it_is_printed(store):
    by_key, by_name = edu.observations(store, RATIO), edu.observations(store, "小学生师比")
    pd.testing.assert_frame_equal(by_key, by_name)


def test_the_groups_of_a_county_add_up_to_it(store):
    area = store.counties[0]
    whole = edu.observations(store, RATIO, area, 2021, inside=True).iloc[0]
    parts = [
        edu.observations(store, RATIO, area, 2021, group=g, inside=True) for g in ("城区", "town", "village")
    ]
    held = pd.concat([part for part in parts if len(part)])
    schools = edu.schools(store, RATIO, area, 2021, inside=True)
    if (schools["location"] != "").all():
        assert held["num"].sum() == pytest.approx(whole["num"])
        assert held["den"].sum() == pytest.approx(whole["den"])
    assert (held["value"] * held["den"]).to_numpy() == pytest.approx(held["num"].to_numpy())


def test_schools_of_a_group_are_those_and_no_others(store):
    of_villages = edu.schools(store, RATIO, group="village")
    everyone = edu.schools(store, RATIO)
    wanted = everyone["location"].str.fullmatch(r"2\d\d")
    assert set(of_villages["school"]) == set(everyone.loc[wanted, "school"])


def test_an_unknown_group_names_the_nearest(store, monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "zh")
    with pytest.raises(UnknownNameError, match="没有名为“乡村校”的学校分组；可用的有："):
        edu.observations(store, RATIO, group="乡村校")
    with pytest.raises(ParameterError, match="要写明指标"):
        edu.observations(store, group="village")


def test_sensitive_groups_are_not_split_by_schools(store):
    sensitive = next(
        key for key in edu.indicators()["indicator"]
        if "pupils_special" in edu.indicators(key)["formula"].iloc[0]
    )  # fmt: skip
    with pytest.raises(ParameterError):
        edu.observations(store, sensitive, group="village")


def test_the_gap_of_two_groups_is_that_of_their_means(store):
    schools = edu.schools(store, RATIO, inside=True)
    found = edu.gap(schools, "town", "village", store)
    for row in found.head(3).itertuples():
        own = schools[(schools["area"] == row.area) & (schools["year"] == row.year)].dropna(subset="value")
        town, village = own[own["location"].str.startswith("12")], own[own["location"].str.startswith("2")]
        expected = np.average(town["value"], weights=town["weight"]) - np.average(
            village["value"], weights=village["weight"]
        )
        assert row.estimate == pytest.approx(expected)
    with pytest.raises(ParameterError):
        edu.gap(schools, "village", "乡村", store)


def test_girls_are_beside_what_chance_would_show(store):
    found = edu.segregation(store, "girls_primary")
    shown = found[found["note"] == ""]
    assert shown["estimate"].between(0, 1).all()
    assert (shown["n"] >= 3).all()
    with pytest.raises(UnknownNameError):
        edu.segregation(store, "grils")


def test_a_judgement_is_that_of_the_chapter_and_other_marks_change_it(store):
    area, year = store.counties[0], int(store.about["years"][-1])
    frame = edu.judge(store, "quality_balance_2017", area)
    chapter = _judge_county(edu.open_county(area, store.path), "quality_balance_2017", year=year).found
    assert frame["verdict"].tolist() == [one.verdict for one in chapter]
    easy = edu.judge(store, "quality_balance_2017", area, thresholds={"cv": {"primary": 99.0}})
    cv = easy[(easy["item"] == "cv") & (easy["stage"] == "primary")]
    assert cv["mark"].tolist() == [99.0]
    assert set(cv["verdict"]) <= {"met", "no_data", "one_school"}
    untouched = easy["stage"] != "primary"
    assert easy.loc[untouched, "verdict"].tolist() == frame.loc[untouched, "verdict"].tolist()
    with pytest.raises(UnknownNameError):
        edu.judge(store, "quality_balance_2017", area, thresholds={"cvs": 1})
    with pytest.raises(ParameterError):
        edu.judge(store, "quality_balance_2017", area, 1999)


def test_a_share_of_a_standard_may_be_changed_in_its_own_unit(store):
    frame = edu.judge(store, "class_size_2016", store.counties[0])
    marked = frame[frame["mark"].notna()]
    if marked.empty:
        pytest.skip("the invented returns hold nothing this standard asks for")
    item = marked["item"].iloc[0]
    other = edu.judge(store, "class_size_2016", store.counties[0], thresholds={item: 12.5})
    assert set(other.loc[other["item"] == item, "mark"].dropna()) == {12.5}


def test_comparing_is_a_difference_year_by_year(store):
    frame = edu.observations(store, RATIO, level="county")
    a, b = (store.name(code).zh for code in store.counties[:2])
    found = edu.compare(frame, a, b)
    assert (found["value"] - found["other_value"]).to_numpy() == pytest.approx(found["difference"].to_numpy())
    assert len(edu.compare(frame, a)) == len(found) * (frame["area"].nunique() - 1)
    with pytest.raises(UnknownNameError, match=a):
        edu.compare(frame, f"{a}甲")


def test_peers_begin_with_the_county_itself(store):
    found = edu.peers(store, store.counties[0])
    if len(found):
        assert found["area"].iloc[0] == store.counties[0]
        assert found["distance"].is_monotonic_increasing


def test_targets_without_a_plan_are_an_empty_table(store):
    found = edu.targets(store)
    assert {"area", "verdict", "chance"} <= set(found)


def test_every_frame_is_drawn_and_the_axes_come_back(store):
    one, schools = edu.observations(store, RATIO, level="county"), edu.schools(store, RATIO)
    name = store.name(store.counties[0]).zh
    for frame in (
        one,
        schools,
        edu.rank(one),
        edu.inequality(edu.schools(store, RATIO, inside=True), measures=["gini"]),
        edu.compare(one, name),
    ):
        if len(frame):
            axes = edu.plot(frame, name, lang="zh")
            assert axes.has_data()
    with pytest.raises(ParameterError):
        edu.plot(edu.observations(store))
    with pytest.raises(ParameterError):
        edu.plot(pd.DataFrame({"a": [1]}))


def test_a_share_is_drawn_in_per_cent(store):
    frame = pd.DataFrame({"area": ["01"] * 2, "area_name": ["甲"] * 2, "year": [2023, 2024], "value": [0.35, 0.4],
                          "indicator": ["share_boarding_primary"] * 2})  # fmt: skip
    assert edu.plot(frame, lang="en").lines[0].get_ydata() == pytest.approx([35, 40])


def test_the_codebook_explains_every_column_of_every_frame(store, tmp_path):
    frame = edu.observations(store, RATIO)
    for lang in ("zh", "en"):
        book = edu.codebook(frame, lang)
        columns = book[book["kind"] == "column"]
        assert columns["name"].tolist() == list(frame)
        assert (columns["meaning"] != "").all()
    edu.export(frame, tmp_path / "out.xlsx")
    assert list(pd.read_excel(tmp_path / "out.xlsx", sheet_name=None, engine="openpyxl")) == [
        "edustats",
        "codebook",
    ]
    edu.export(edu.observations(store, RATIO, inside=True), tmp_path / "in.csv")
    assert "内部" in (tmp_path / "in.csv").read_text("utf-8-sig")
    with pytest.raises(ParameterError):
        edu.export(frame, tmp_path / "out.pdf")


def test_attrs_of_every_frame_can_be_written_to_parquet(store, tmp_path):
    frame = edu.judge(store, "basic_balance_2012", store.counties[0])
    frame.to_parquet(tmp_path / "judged.parquet")
    assert json.dumps(frame.attrs["overall"])

"""Do the data frame and the pages on seats say what the store holds, and name what cannot be?"""

import nbformat
import numpy as np
import pandas as pd
import pytest
from invented import loaded
from seats_made import make_prefecture

import edustats as edu
from edustats.errors import DataError, MissingFileError, ParameterError
from edustats.metrics.seats.capacity import Planned
from edustats.present.records.items import Figure, Finding, Table
from edustats.store.writing import write_store

VERBS = ("show_seat_outlook", "show_seat_wave", "show_seat_risk", "show_seat_table")
PLANS = [
    ("991101", "219911019999", "新区小学", "小学", "2027", "900", "新建"),
    ("991102", "", "不存在的学段", "大学", "2027", "900", "新建"),
    ("991102", "", "年份不清", "小学", "后年", "900", "新建"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("seats") / "store"
    write_store(make_prefecture(plans=PLANS), path)
    return edu.open_store(path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    path = tmp_path_factory.mktemp("bare") / "store"
    write_store(loaded(), path)
    return edu.open_store(path)


def written(tmp_path, **changes):
    write_store(make_prefecture(**changes), tmp_path / "store")
    return edu.open_store(tmp_path / "store")


def sentences(items):
    return [item.sentence for item in items if isinstance(item, Finding)]


def test_the_frame_holds_every_county_stage_and_year_and_counties_sum_near_the_prefecture(store):
    frame = edu.project(store, years=6, paths=200)
    assert set(frame["area"]) == {"991101", "991102", "991103", "991100"}
    told = frame[frame["stage"] == "primary"].pivot(index="year", columns="area", values="pupils")
    assert told.drop(columns="991100").sum(axis=1).to_numpy() == pytest.approx(
        told["991100"].to_numpy(), rel=0.01
    )
    assert (told["991100"].diff().dropna() < 0).all()
    one = frame[(frame["area"] == "991101") & (frame["stage"] == "primary")].set_index("year")
    assert one["seats"].tolist() == [4320.0] * 2 + [5220.0] * 4
    assert one["teachers"].iloc[0] == pytest.approx(one["pupils"].iloc[0] / 19)
    assert ((frame["p_short"] >= 0) | frame["p_short"].isna()).all()
    assert frame.attrs["review_due"] == {"991100": 2026}
    assert any("大学" in said for said in frame.attrs["doubts"])
    assert any("第4行" in said and "后年" in said for said in frame.attrs["doubts"])
    assert one["past_error"].iloc[0] < 0.03


def test_one_county_is_the_same_alone_as_with_the_others(store):
    alone = edu.project(store, "甲县", 3, paths=200)
    among = edu.project(store, years=3, paths=200)
    pd.testing.assert_frame_equal(alone, among[among["area"] == "991101"].reset_index(drop=True))


def test_a_scenario_file_changes_its_county_alone(store, tmp_path):
    file = tmp_path / "情景.toml"
    file.write_text('[[estate]]\narea = "991102"\nyear = 2026\nflats = 500\npupils_per_flat = 0.4\n', "utf-8")
    base, changed = (edu.project(store, years=3, paths=200, scenario=s) for s in (None, file))
    more = changed.groupby(["area", "year"])["pupils"].sum() - base.groupby(["area", "year"])["pupils"].sum()
    assert more["991102", 2026] == pytest.approx(200, abs=1)
    assert more["991101"].abs().max() < 1e-9


def test_a_scenario_that_is_missing_or_no_toml_is_named(store, tmp_path):
    with pytest.raises(MissingFileError, match=r"没有\.toml"):
        edu.project(store, scenario=tmp_path / "没有.toml")
    (tmp_path / "坏.toml").write_text("[[estate]\n", "utf-8")
    with pytest.raises(ParameterError, match=r"坏\.toml"):
        edu.project(store, scenario=tmp_path / "坏.toml")


def test_births_in_thousands_are_said_and_nothing_is_projected_from_them(tmp_path):
    frame = edu.project(written(tmp_path, thousands="991102"), "乙县", 3, paths=200)
    assert frame[frame["stage"] == "primary"]["pupils"].isna().all()
    assert [said for said in frame.attrs["doubts"] if "千人" in said and "乙县" in said]


def test_a_school_without_capacity_is_named_and_its_county_not_judged(tmp_path):
    held = written(tmp_path, without_classes="第1小学")
    frame = edu.project(held, "甲县", 2, paths=200)
    assert any("第1小学" in said for said in frame.attrs["doubts"])
    assert frame[frame["stage"] == "primary"]["p_short"].isna().all()
    assert frame[frame["stage"] == "junior"]["p_short"].notna().all()


def test_a_plan_for_a_closed_school_is_named_and_left_out(tmp_path):
    made = make_prefecture()
    gone = (
        (made.tidy["unit_name"] == "第2中学") & (made.tidy["county"] == "991101") & (made.tidy["year"] > 2022)
    )
    code = made.tidy.loc[gone, "unit"].iloc[0]
    import dataclasses

    write_store(
        dataclasses.replace(made, tidy=made.tidy[~gone], kinds=made.kinds[~gone.to_numpy()]),
        tmp_path / "store",
    )
    plan = Planned(school=code, area="991101", stage="junior", year=2027, seats=500, new=False)
    frame = edu.project(edu.open_store(tmp_path / "store"), "甲县", 4, paths=200, plans=[plan])
    assert frame[frame["stage"] == "junior"]["seats"].nunique() == 1
    assert any(code in said and "2023" in said for said in frame.attrs["doubts"])


def test_seats_are_summed_by_county_stage_and_school(store):
    assert edu.measure_seats(store, "甲县").set_index("stage")["capacity"].to_dict() == {
        "junior": 2600.0,
        "primary": 4320.0,
    }
    single = edu.measure_seats(store, "甲县", ())
    assert len(single) == 6
    assert "pupils" not in single


def test_what_to_do_is_a_frame_with_the_regret_of_waiting(store):
    options = [
        {"name": "撤并", "kind": "close", "area": "991101", "seats": {"primary": -600}, "cost": 0, "lead": 0}
    ]
    found = edu.choose_seats(store, "甲县", options, years=5, paths=100)
    assert found["option"].tolist() == ["撤并"]
    assert found.attrs["objective"] < found.attrs["nothing"]
    assert found.attrs["regret_of_waiting"] >= 0
    with pytest.raises(ParameterError) as error:
        edu.choose_seats(store, "甲县", [{"name": "x"}])
    assert "第1项" in error.value.text("zh")


def test_a_store_without_three_years_is_refused_by_the_frame_and_said_on_the_page(bare):
    with pytest.raises(DataError) as error:
        edu.project(bare)
    assert error.value.text("zh").startswith("虚构市没有三个学年以上的在校生数据")
    view = edu.open_county("991101", bare.path, lang="zh")
    assert "学位供需不作推算" in sentences(edu.show_seat_outlook(view))[0].zh
    assert not list(edu.show_seat_wave(view))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_part_of_the_chapter_is_there_in_both_languages(store, verb, lang):
    items = list(getattr(edu, verb)(edu.open_county("991101", store.path, lang=lang)))
    assert items
    for item in items:
        if isinstance(item, Figure):
            assert item.png.startswith(b"\x89PNG")
            assert item.data.rows
        if isinstance(item, Finding):
            assert "{" not in item.sentence[lang]


def test_the_two_sentences_are_these(store):
    said = sentences(edu.show_seat_outlook(edu.open_county("991101", store.path, lang="zh")))
    assert said[0].zh.startswith("甲县")
    assert "峰值" in said[0].zh
    assert "现有学位平均空出" in said[1].zh
    assert "下次应在2026年" in said[2].zh


def test_the_table_marks_a_lower_bound_and_past_errors_stand_beside(store):
    tables = {
        t.key: t for t in edu.show_seat_table(edu.open_county("991101", store.path)) if isinstance(t, Table)
    }
    assert {row[4].zh for row in tables["seats.plan"].rows} <= {"≥4320", "≥5220", "≥2600"}
    assert {"1年", "3年"} <= {row[1].zh for row in tables["seats.errors"].rows}


def test_the_prefecture_has_its_wave_and_every_county(store):
    items = list(edu.show_prefecture_seats(edu.open_prefecture("991100", store.path)))
    (table,) = (t for t in items if isinstance(t, Table))
    assert len(table.rows) == 6
    assert any(isinstance(item, Figure) for item in items)


def test_the_notebook_calls_each_part_once():
    from pathlib import Path

    book = nbformat.read(
        Path(__file__).resolve().parent.parent / "notebooks" / "40_seats.ipynb", as_version=4
    )
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    assert [code.count(f"edu.{verb}(view)") for verb in VERBS] == [1] * 4


def test_seats_to_add_have_their_floor_area_and_budget(store):
    frame = edu.project(store, "甲县", 4, paths=200, quotas={"junior": (10.0, 3000.0)})
    own = frame[frame["stage"] == "junior"]
    assert own["budget"].to_numpy() == pytest.approx(np.maximum(np.ceil(own["seats_to_add"]), 0) * 30_000)
    assert frame[frame["stage"] == "primary"]["budget"].isna().all()
    with pytest.raises(ParameterError):
        edu.project(store, "甲县", 2, paths=200, quotas={"college": (10.0, 3000.0)})


def test_nothing_is_projected_that_is_not_held(store):
    frame = edu.project(store, years=3, paths=200)
    assert np.isnan(frame[frame["stage"] == "senior"]["pupils"]).all()


def spoil(change):
    """The small prefecture with one thing changed in its rows."""
    import dataclasses

    made = make_prefecture()
    tidy = made.tidy.copy()
    change(tidy)
    return dataclasses.replace(made, tidy=tidy)


def test_births_of_one_year_in_thousands_are_named_and_filled_by_the_residents(store, tmp_path):
    def change(tidy):
        own = (tidy["unit"] == "991101") & (tidy["year"] == 2020)
        tidy.loc[own, "births"] /= 1000

    write_store(spoil(change), tmp_path / "store")
    frame = edu.project(edu.open_store(tmp_path / "store"), "甲县", 3, paths=200)
    sound = edu.project(store, "甲县", 3, paths=200)
    own, other = (f[f["stage"] == "primary"]["pupils"].to_numpy() for f in (frame, sound))
    assert [said for said in frame.attrs["doubts"] if "2020年出生人口" in said]
    assert own == pytest.approx(other, rel=0.05)


def test_a_last_year_ten_times_too_large_is_not_carried_on(tmp_path):
    def change(tidy):
        own = (tidy["county"] == "991101") & (tidy["year"] == 2024) & tidy["pupils_primary"].notna()
        tidy.loc[own, "pupils_primary"] *= 10

    write_store(spoil(change), tmp_path / "store")
    frame = edu.project(edu.open_store(tmp_path / "store"), years=3, paths=200)
    own = frame[(frame["area"] == "991101") & (frame["stage"] == "primary")]
    assert own["pupils"].isna().all()
    assert frame[(frame["area"] == "991100") & (frame["stage"] == "primary")]["pupils"].isna().all()
    assert frame[(frame["area"] == "991102") & (frame["stage"] == "primary")]["pupils"].notna().all()
    assert any(said.startswith("甲县小学最近一年的人数") for said in frame.attrs["doubts"])


def test_a_past_year_ten_times_too_large_is_named_and_is_no_peak(tmp_path):
    def change(tidy):
        own = (tidy["county"] == "991101") & (tidy["year"] == 2021) & tidy["pupils_primary"].notna()
        tidy.loc[own, "pupils_primary"] *= 10

    write_store(spoil(change), tmp_path / "store")
    view = edu.open_county("991101", tmp_path / "store", lang="zh")
    said = sentences(edu.show_seat_outlook(view))
    assert not any("2021年最多" in s.zh for s in said)
    assert any("2021年小学" in s.zh and "升级比" in s.zh for s in said)

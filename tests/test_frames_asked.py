"""What does a researcher's first mistake meet: one helpful sentence? And is what frames say of themselves kept?"""

import numpy as np
import pandas as pd
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.errors import DataError, EdustatsError, ParameterError, UnknownNameError
from edustats.load.tables.reader import load_tables
from edustats.store.writing import update_store, write_store

RATIO = "ratio_pupils_per_teacher_primary"
SIZE = "mean_class_size_primary"
COUNTIES = """title = { zh = "甲", en = "a" }
[[tables]]
file = "t.csv"
[area]
code = "代码"
name = "县名"
width = 6
[year]
from = "年份"
[columns]
pupils_primary = { from = "学生", unit = "人" }
teachers_primary = { from = "教师", unit = "人" }
"""
SCHOOLS = (
    COUNTIES.replace(
        "[year]", '[attributes]\nunit_name = "校名"\nlocation = "城乡"\nprovider = "办别"\n[year]'
    )
    .replace('name = "县名"', 'name = "县名"\nunit = "校码"')
    .replace("width = 6\n", "width = 6\n")
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    update_store([prefecture(folder / "in")], folder / "store")
    return edu.open_store(folder / "store")


def load(folder, mapping, header, rows):
    (folder / "t.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    (folder / "my.toml").write_text(mapping, "utf-8")
    loaded = load_tables(folder / "my.toml")
    loaded.findings.to_csv(folder / "findings.csv")
    write_store(loaded, folder / "store")
    return edu.open_store(folder / "store")


@pytest.fixture(scope="module")
def counties(tmp_path_factory):
    rows = [f"99010{k},{name},{year},{1000 + 10 * k + year - 2020},{60 + k}"
            for k, name in enumerate(["甲县", "乙县", "丙县", "丁县"], 1) for year in (2021, 2022)]  # fmt: skip
    return load(tmp_path_factory.mktemp("counties"), COUNTIES, "代码,县名,年份,学生,教师", rows)


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    kinds = ["城区,公办", "镇区,公办", "rural,private", "农村,普惠性民办", "天上,公办"]
    rows = [
        f"990101,甲县,2199{k:06d},第{k}小学,{kinds[k % 5]},2022,{100 + 37 * k},{10 + 2 * k}"
        for k in range(15)
    ]
    return load(
        tmp_path_factory.mktemp("listed"), SCHOOLS, "代码,县名,校码,校名,城乡,办别,年份,学生,教师", rows
    )


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")


def test_years_levels_and_stages_that_are_none_are_named_with_those_there_are(store):
    for years in (1999, "1999", [2021, 1999], slice(1990, 1995), "last year"):
        with pytest.raises(ParameterError, match=r"holds no data of .*; it has 20"):
            edu.observations(store, RATIO, years=years)
    with pytest.raises(ParameterError, match="the first year 2022 is after the last year 2018"):
        edu.observations(store, RATIO, years=slice(2022, 2018))
    with pytest.raises(UnknownNameError, match='level="city" is none; there are: 县, 区县'):
        edu.observations(store, RATIO, level="city")
    with pytest.raises(UnknownNameError, match='stage="primry" is none'):
        edu.observations(store, stage="primry")
    same = edu.observations(store, RATIO, years="2021", level="县", stage="小学")
    pd.testing.assert_frame_equal(
        same, edu.observations(store, RATIO, years=2021, level="county", stage="primary")
    )


def test_a_frame_of_another_function_is_refused_with_the_one_that_is_wanted(store):
    schools, rows = edu.schools(store, RATIO, inside=True), edu.observations(store, RATIO)
    for wrong in (edu.trend, edu.rank, edu.forecast, lambda frame: edu.compare(frame, "甲县")):
        with pytest.raises(ParameterError, match=r"no column level; give one from edu\.observations"):
            wrong(schools)
    for wrong in (edu.decompose, lambda frame: edu.gap(frame, "town", "village"), edu.between_groups):
        with pytest.raises(ParameterError, match=r"no column weight; give one from edu\.schools"):
            wrong(rows)
    with pytest.raises(ParameterError, match="expected a frame from"):
        edu.plot([1, 2])
    with pytest.raises(DataError, match="no column county"):
        edu.inequality(schools, by="county")
    with pytest.raises(DataError, match="no column gruop"):
        edu.decompose(schools, ["area", "gruop"])


def test_ranks_and_forecasts_say_which_years_they_can(store):
    rows = edu.observations(store, RATIO, level="county")
    with pytest.raises(ParameterError, match="the frame has no year 1999; it has"):
        edu.rank(rows, 1999)
    with pytest.raises(ParameterError, match="leads is 6; expected 1 to 5"):
        edu.forecast(rows, 6)
    one = edu.rank(edu.observations(store, RATIO, years=2021, level="county"))
    assert sorted(one["rank"]) == sorted(one["value"].rank(method="min").astype(int))
    assert (one["best"] == 1).all() and (one["worst"] == one["of"]).all()
    with pytest.raises(ParameterError, match="neither a high nor a low"):
        edu.rank(edu.observations(store, "count_pupils_primary"))


def test_a_store_of_counties_says_so_and_measures_between_them(counties):
    for ask in (edu.schools, lambda store, key: edu.schools(store, [key, SIZE], group="village")):
        with pytest.raises(
            ParameterError, match=r"figures of counties and none of schools; use edu\.observations"
        ):
            ask(counties, RATIO)
    rows = edu.observations(counties, RATIO)
    found = edu.inequality(rows, measures="cv").set_index("year")["estimate"]
    own = rows[(rows["level"] == "county") & (rows["year"] == 2022)]
    mean = np.average(own["value"], weights=own["den"])
    spread = np.sqrt(np.average((own["value"] - mean) ** 2, weights=own["den"]))
    assert found[2022] == pytest.approx(spread / mean)
    assert set(edu.indicators(store=counties)["indicator"]) == set(edu.observations(counties)["indicator"])


def test_a_list_of_schools_says_where_they_are_and_whose(listed):
    schools = edu.schools(listed, [RATIO, "count_pupils_primary"], inside=True)
    assert set(schools["unit_name"]) == {f"第{k}小学" for k in range(15)}
    ratio = schools[schools["indicator"] == RATIO]
    expected = {f"2199{k:06d}": (100 + 37 * k) / (10 + 2 * k) for k in range(15)}
    village = edu.schools(listed, RATIO, group="village")
    assert dict(zip(village["school"], village["value"], strict=True)) == pytest.approx(
        {code: expected[code] for code in list(expected)[2::5] + list(expected)[3::5]}
    )
    row = edu.gap(ratio, "public", "private").iloc[0]
    assert (row["n_a"], row["n_b"]) == (9, 6)
    findings = pd.read_csv(listed.path.with_name("findings.csv"))
    (unread,) = findings.loc[findings["rule"] == "attribute_unknown", "zh"]
    assert unread.startswith("t.csv 第 6 行“城乡”为“天上”，不知是哪一类（可填：")


def test_groups_and_gradient_are_those_worked_by_hand(listed):
    ratio = edu.schools(listed, RATIO, inside=True)
    found = edu.between_groups(ratio, ["urban", "town", "village"], ["sd", "gain"]).set_index("measure")
    pupils = {k: 100 + 37 * k for k in range(15)}
    teachers = {k: 10 + 2 * k for k in range(15)}
    groups = [[k for k in range(15) if k % 5 in of] for of in ((0,), (1,), (2, 3))]
    means = [sum(pupils[k] for k in own) / sum(teachers[k] for k in own) for own in groups]
    sizes = np.array([sum(teachers[k] for k in own) for own in groups], float)
    whole = np.average(means, weights=sizes)
    assert found.loc["sd", "estimate"] == pytest.approx(
        np.sqrt(np.average((means - whole) ** 2, weights=sizes))
    )
    assert found.loc["gain", "estimate"] == pytest.approx(min(means) - whole)
    slope = edu.gradient(ratio, edu.schools(listed, "count_pupils_primary", inside=True)).iloc[0]
    x, y, w = (np.array([one[k] for k in range(15)], float) for one in (
        pupils, {k: pupils[k] / teachers[k] for k in pupils}, teachers))  # fmt: skip
    assert slope["estimate"] == pytest.approx(np.polyfit(x, y, 1, w=np.sqrt(w))[0])
    with pytest.raises(ParameterError, match="share schools"):
        edu.between_groups(ratio, ["village", "rural"])


def test_counts_weigh_every_school_alike(listed):
    sizes = edu.schools(listed, "count_pupils_primary", inside=True)
    found = edu.inequality(sizes, measures=["cv"])["estimate"].iloc[0]
    values = 100 + 37 * np.arange(15)
    assert found == pytest.approx(values.std() / values.mean())


def test_what_is_made_of_a_frame_for_use_inside_stays_so_and_measures_do_not(store, tmp_path):
    rows = edu.observations(store, RATIO, inside=True)
    for made in (
        edu.trend(rows),
        edu.rank(rows),
        edu.forecast(rows),
        edu.compare(rows, rows["area"].iloc[0]),
    ):
        assert made.attrs["protected"] is False
    edu.export(edu.rank(rows), tmp_path / "in.csv")
    assert "内部" in (tmp_path / "in.csv").read_text("utf-8-sig")
    assert edu.inequality(edu.schools(store, RATIO, inside=True)).attrs["protected"] is True
    sensitive = edu.indicators("pupils_special")["indicator"].iloc[0]
    inside = edu.schools(store, sensitive, inside=True)
    if len(inside):
        assert edu.inequality(inside).attrs["protected"] is False


def test_standards_go_by_a_part_of_their_name_and_marks_are_a_table(store):
    by_name = edu.judge(store, "优质均衡", store.counties[0])
    pd.testing.assert_frame_equal(by_name, edu.judge(store, "quality_balance_2017", store.counties[0]))
    with pytest.raises(
        UnknownNameError, match=r"there is no standard balance; there are: .*quality_balance_2017 "
    ):
        edu.judge(store, "balance")
    with pytest.raises(ParameterError, match=r"thresholds is 0\.45; expected item and mark"):
        edu.judge(store, "quality_balance_2017", thresholds=0.45)


def test_a_chart_of_several_rows_an_area_and_year_says_what_tells_them_apart(store):
    with pytest.raises(ParameterError, match="several rows an area and year, told apart by item, item_name"):
        edu.plot(edu.judge(store, "quality_balance_2017"))
    parts = edu.decompose(edu.schools(store, RATIO, inside=True))
    assert {line.get_label() for line in edu.plot(parts, lang="en", quiet=True).lines}
    between = edu.plot(edu.inequality(edu.observations(store, RATIO), measures="cv"), lang="zh", quiet=True)
    assert between.get_title(loc="left").endswith("：cv")


def test_every_column_of_every_frame_has_its_meaning(store):
    rows, schools = edu.observations(store, RATIO), edu.schools(store, RATIO, inside=True)
    county = store.counties[0]
    made = [
        rows, schools, edu.observations(store, RATIO, group="village"), edu.inequality(schools), edu.decompose(schools),
        edu.trend(rows), edu.rank(rows), edu.forecast(rows), edu.gap(schools, "town", "village"),
        edu.peers(store, county), edu.segregation(store), edu.between_groups(schools),
        edu.gradient(schools, edu.schools(store, SIZE, inside=True)),
        edu.judge(store, "优质均衡", county), edu.targets(store), edu.compare(rows, county),
        edu.index(rows, {"小学生师比": 1.0}, 2021), edu.services(store), edu.finance(store), edu.teachers(store),
    ]  # fmt: skip
    for frame in made:
        for lang in ("zh", "en"):
            book = edu.codebook(frame, lang)
            columns = book[book["kind"] == "column"]
            assert columns.loc[columns["meaning"] == "", "name"].tolist() == []


def test_every_error_of_the_researchers_door_is_said_in_both_languages(store, monkeypatch):
    asked = (
        lambda: edu.observations(store, "小学生师笔"), lambda: edu.observations(store, RATIO, "Nowhere"),
        lambda: edu.schools(store, None), lambda: edu.peers(store, "nowhere"),
        lambda: edu.rank(edu.observations(store, RATIO), 1999), lambda: edu.open_store("nowhere"),
    )  # fmt: skip
    for ask in asked:
        with pytest.raises(EdustatsError) as told:
            ask()
        zh, en = told.value.text("zh"), told.value.text("en")
        assert zh.endswith("。") and en.endswith(".")
        assert "{" not in zh + en and "；相近的有：—" not in zh

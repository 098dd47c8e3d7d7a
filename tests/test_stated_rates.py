"""A table of rates without their counts: drafted, loaded, told of, and never averaged."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import edustats as edu
from edustats.cli import app

COUNTIES = ("荷塘区", "芦淞区", "石峰区", "天元区", "渌口区", "攸县", "茶陵县", "炎陵县", "醴陵市")
HEADS = (
    "年份",
    "县市区",
    "学前三年毛入园率（%）",
    "小学生师比",
    "九年义务教育巩固率（%）",
    "小学大班额比例（%）",
    "生均公用经费（元）",
)


def write_table(path, rows, percent=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for name in percent:
        for row in book.active[name]:
            for cell in row:
                cell.number_format = "0.0%"
    book.save(path)


def list_rows():
    """Five counties and five years; the city's own figures are no mean of the counties'."""
    yield ("2019—2023年株洲市教育普及与质量主要指标",)
    yield HEADS
    for year in range(2019, 2024):
        step = year - 2019
        yield (year, "全市", 87.9 + step, 16.1 - step / 5, 97.0 + step / 10, 7.5 - step, 703 + 30 * step)
        for at, name in enumerate(COUNTIES):
            share = 86.1 + at / 2 + step
            ratio = 15.2 + at / 5 - step / 5
            yield (
                year,
                name,
                share,
                ratio,
                96.0 + at / 5 + step / 10,
                6.0 + at / 2 - step,
                700 + 30 * step + at,
            )


def run(*words):
    made = CliRunner().invoke(app, list(map(str, words)))
    assert made.exit_code == 0, made.output
    return made.output


def draft_and_load(folder, file):
    run("inspect", file, "--write", folder / "my.toml", "--lang", "zh")
    run("load", folder / "my.toml", "--store", folder / "store", "--lang", "zh")
    run("export", "--store", folder / "store", "--out", folder / "out.csv", "--what", "columns", "--inside")
    return pd.read_csv(folder / "out.csv")


def draft_lines(folder):
    """The lines under [columns], without remarks."""
    told = (folder / "my.toml").read_text("utf-8").partition("[columns]\n")[2]
    return [line.partition("  #")[0] for line in told.splitlines() if line]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    write_table(folder / "rates.xlsx", list_rows())
    return folder, draft_and_load(folder, folder / "rates.xlsx")


def test_every_rate_is_drafted_with_a_page_of_its_own(made):
    folder, loaded = made
    assert draft_lines(folder) == [
        'stated_aa = { from = "学前三年毛入园率（%）", unit = "%" }',
        'stated_ab = { from = "小学生师比", unit = "pupils_per_teacher" }',
        'stated_ac = { from = "九年义务教育巩固率（%）", unit = "%" }',
        'stated_ad = { from = "小学大班额比例（%）", unit = "%" }',
        'stated_ae = { from = "生均公用经费（元）", unit = "yuan_per_pupil" }',
    ]
    page = (folder / "my.catalogue.toml").read_text("utf-8")
    assert '[stated]\nshare_gross_enrolment_preschool = "stated_aa"\n' in page
    assert '[indicators.rate_ae]\nzh = "生均公用经费"' in page
    own = loaded[(loaded["area_name"] == "攸县") & (loaded["year"] == 2023)].set_index("column")["value"]
    assert own.to_dict() == pytest.approx(
        {"stated_aa": 0.926, "stated_ab": 15.4, "stated_ac": 0.974, "stated_ad": 0.045, "stated_ae": 825.0}
    )


def test_the_figure_of_the_city_is_the_one_that_the_table_states(made):
    store = edu.open_store(made[0] / "store")
    rows = edu.observations(store)
    city = rows[(rows["area"] == "430200") & (rows["year"] == 2023)].set_index("indicator")["value"]
    assert city["share_gross_enrolment_preschool"] == pytest.approx(0.919)
    assert city["ratio_pupils_per_teacher_primary"] == pytest.approx(15.3)


def tell(shown):
    """The sentences of a chapter's part."""
    return "".join(str(one.sentence.zh) for one in shown.items if hasattr(one, "sentence"))


def test_brief_and_chapters_speak_of_them(made):
    county = edu.open_county("430223", made[0] / "store", 0, 0, "zh")
    told = tell(edu.show_judgements(edu.prepare_brief(county)))
    assert "学前三年毛入园率92.6%，比上年提高1.0个百分点，达到国家标准（不低于85%）" in told
    assert "生师比小学15.4:1，在编制标准以内" in told
    city = edu.open_prefecture("430200", made[0] / "store", 0, 0, "zh")
    assert "株洲市小学生师比由2019年的16.1:1下降到2023年的15.3:1" in tell(edu.show_prefecture_trends(city))
    scope = tell(edu.show_duties(edu.prepare_brief(city)))
    assert "比率照原表所列，全市的不由各县平均" in scope


def test_a_city_without_a_row_of_its_own_has_no_mean_of_its_counties(tmp_path):
    write_table(tmp_path / "rates.xlsx", [row for row in list_rows() if "全市" not in row])
    draft_and_load(tmp_path, tmp_path / "rates.xlsx")
    rows = edu.observations(edu.open_store(tmp_path / "store"))
    assert set(rows.loc[rows["level"] == "prefecture", "indicator"]) == set()
    city = edu.open_prefecture("430200", tmp_path / "store", 0, 0, "zh")
    for show in (edu.show_overview, edu.show_prefecture_trends, edu.show_county_table):
        show(city)
    brief = edu.prepare_brief(city)
    assert "县际差距主要在" in tell(edu.show_judgements(brief))
    heads = [column.label.zh for column in edu.show_counties(brief).items[0].columns]
    assert heads == ["县（市、区）", "大班额", "小学生师比", "学前三年毛入园率"]


def test_beside_some_of_its_counties_the_rate_of_the_city_is_not_shown(tmp_path):
    write_table(
        tmp_path / "rates.xlsx", [row for row in list_rows() if "醴陵市" not in row and "攸县" not in row]
    )
    draft_and_load(tmp_path, tmp_path / "rates.xlsx")
    rows = edu.observations(edu.open_store(tmp_path / "store"))
    assert set(rows.loc[rows["level"] == "prefecture", "indicator"]) == set()


@pytest.mark.parametrize(
    ("heads", "rows", "lines"),
    [
        # two header rows with a stage over each, fractions that the workbook shows as per cents
        ((("县区", "小学", "", "初中"), ("", "毛入学率", "巩固率", "毛入学率")),
         (("渌口区", 1.012, 0.992, 1.033), ("攸县", 1.004, 0.99, 1.021)),
         ['stated_aa = { from = "小学/毛入学率", unit = "percent" }',
          'stated_ab = { from = "小学/巩固率", unit = "percent" }',
          'stated_ac = { from = "初中/毛入学率", unit = "percent" }']),
        # per cents that nobody says are per cents, and one that may be either
        ((("县区", "辍学率", "升学率"),), (("渌口区", 0.5, 98.2), ("攸县", 0.3, 97.9)),
         ['# stated_aa = { from = "辍学率", unit = "?" }', 'stated_ab = { from = "升学率", unit = "percent" }']),
        # said to be per cents, and below one
        ((("县区", "辍学率（%）"),), (("渌口区", 0.5), ("攸县", 0.3)),
         ['# stated_aa = { from = "辍学率（%）", unit = "%", range = [0, 1] }']),
        # ratios as they are spoken
        ((("县区", "小学生师比", "初中生师比"),), (("渌口区", "15.5:1", "12.1：1"), ("攸县", "17.1:1", "13:1")),
         ['stated_aa = { from = "小学生师比", unit = "pupils_per_teacher" }',
          'stated_ab = { from = "初中生师比", unit = "pupils_per_teacher" }']),
        # tens of thousands a head, a growth, a density: none of these is guessed
        ((("县区", "生均教育支出（万元）", "教育支出增长率（%）", "每万人口在校生数（人）", "生均校舍面积（㎡/生）"),),
         (("渌口区", 1.21, 5.4, 1203, 7.9), ("攸县", 1.05, -2.1, 1299, 8.4)),
         ['stated_aa = { from = "生均校舍面积（㎡/生）", unit = "square_metre_per_pupil" }']),
    ],
)  # fmt: skip
def test_what_is_a_rate_and_in_which_scale(tmp_path, heads, rows, lines):
    percent = ("B2:D9",) if len(heads) > 1 else ()
    write_table(tmp_path / "t.xlsx", [("2022年县区情况",), *heads, *rows], percent)
    run("inspect", tmp_path / "t.xlsx", "--write", tmp_path / "my.toml")
    assert draft_lines(tmp_path) == lines


def test_a_rate_whose_counts_are_there_is_computed_and_not_stated(tmp_path):
    write_table(
        tmp_path / "t.xlsx",
        [("2023年各县区小学基本情况",), ("县区", "在校生数（人）", "专任教师数（人）", "生师比", "巩固率（%）"),
         ("渌口区", 21004, 1350, 15.56, 99.2), ("攸县", 50988, 2910, 17.52, 98.8), ("合计", 71992, 4260, 16.9, 98.9)],
    )  # fmt: skip
    loaded = draft_and_load(tmp_path, tmp_path / "t.xlsx")
    assert draft_lines(tmp_path)[2:] == ['stated_aa = { from = "巩固率（%）", unit = "%" }']
    assert set(loaded["column"]) == {"pupils_primary", "teachers_primary", "stated_aa"}
    assert "小学巩固率" in (tmp_path / "my.catalogue.toml").read_text("utf-8")
    told = json.loads(run("load", tmp_path / "my.toml", "--store", tmp_path / "again", "--json"))
    assert not [
        one for one in told["findings"] if one["rule"] == "more_than_total"
    ]  # 合计 is no sum of rates


def test_rows_of_items_and_years_under_a_title(tmp_path):
    write_table(
        tmp_path / "t.xlsx",
        [("2021-2022年渌口区、攸县义务教育主要指标",), ("县区", "指标", "单位", "2021年", "2022年"),
         ("渌口区", "小学生师比", "", 16.2, 15.9), ("渌口区", "九年义务教育巩固率", "%", 98.1, 98.6),
         ("攸县", "小学生师比", "", 17.2, 17.0), ("攸县", "九年义务教育巩固率", "%", 97.1, 97.6)],
    )  # fmt: skip
    loaded = draft_and_load(tmp_path, tmp_path / "t.xlsx").set_index(["area_name", "year", "column"])["value"]
    assert loaded["攸县", 2022, "stated_ab"] == pytest.approx(0.976)
    assert loaded["渌口区", 2021, "stated_aa"] == pytest.approx(16.2)
    write_table(
        tmp_path / "wide.xlsx",
        [("株洲市各县市区2021-2022年学前三年毛入园率（%）",), ("县市区", "2021年", "2022年"),
         ("渌口区", 89.5, 91.2), ("攸县", 90.9, 92.0)],
    )  # fmt: skip
    wide = draft_and_load(tmp_path, tmp_path / "wide.xlsx")
    assert wide["value"].tolist() == pytest.approx([0.895, 0.912, 0.909, 0.92])
    assert 'zh = "学前三年毛入园率"' in (tmp_path / "my.catalogue.toml").read_text("utf-8")


def test_a_page_may_not_state_what_is_no_indicator_or_of_another_unit(tmp_path):
    (tmp_path / "own.toml").write_text(
        '[columns.stated_aa]\nzh = "生师比"\nen = "ratio"\nunit = "share"\n\n[stated]\n'
        'ratio_pupils_per_teacher_primary = "stated_aa"\nshare_nothing = "stated_aa"\n', "utf-8",
    )  # fmt: skip
    (tmp_path / "t.csv").write_text("县区,年份,生师比\n攸县,2022,17.1\n", "utf-8")
    made = CliRunner().invoke(
        app, ["inspect", str(tmp_path / "t.csv"), "--catalogue", str(tmp_path / "own.toml"), "--lang", "zh"]
    )
    told = made.exception.text("zh")
    assert "该指标的单位是 pupils_per_teacher" in told and "share_nothing" in told


def test_one_county_with_an_item_a_row(tmp_path):
    write_table(
        tmp_path / "t.xlsx",
        [("攸县近三年义务教育质量指标",), ("指标", "2021年", "2022年"), ("小学巩固率", "99.1%", "99.3%"),
         ("小学生师比", "17.2:1", "17.0:1"), ("生均校舍面积（平方米）", 8.1, 8.4), ("初中辍学率", 0.3, 0.2)],
    )  # fmt: skip
    loaded = draft_and_load(tmp_path, tmp_path / "t.xlsx").set_index(["year", "column"])["value"]
    assert loaded[2022].to_dict() == pytest.approx({"stated_aa": 0.993, "stated_ab": 17.0, "stated_ac": 8.4})
    assert [line for line in draft_lines(tmp_path) if line.startswith("#")] == [
        '# stated_ad = { from = "{year}年", unit = "?", where = { "指标" = "初中辍学率" } }'
    ]


def test_rates_of_an_american_district(tmp_path):
    write_table(
        tmp_path / "t.xlsx",
        [("District", "Year", "Attendance rate", "Graduation rate (%)", "Per pupil expenditure ($)",
          "Student-teacher ratio"),
         ("Ann Arbor", 2021, 0.931, 88.2, 14210, 16.2), ("Dexter", 2021, 0.951, 95.1, 12110, 17.2)],
    )  # fmt: skip
    draft_and_load(tmp_path, tmp_path / "t.xlsx")
    assert draft_lines(tmp_path) == [
        '# stated_aa = { from = "Attendance rate", unit = "?" }',
        'stated_ab = { from = "Graduation rate (%)", unit = "%" }',
        'stated_ac = { from = "Per pupil expenditure ($)", unit = "dollar_per_pupil" }',
        'stated_ad = { from = "Student-teacher ratio", unit = "pupils_per_teacher" }',
    ]


def test_a_county_that_lacks_a_year_does_not_make_the_city_a_mean_of_the_others(tmp_path):
    rows = [list(row) for row in list_rows()]
    next(row for row in rows if row[:2] == [2020, "攸县"])[3] = None
    write_table(tmp_path / "rates.xlsx", rows)
    draft_and_load(tmp_path, tmp_path / "rates.xlsx")
    city = edu.open_prefecture("430200", tmp_path / "store", 0, 0, "zh")
    assert "株洲市小学生师比由2019年的16.1:1下降到2023年的15.3:1" in tell(edu.show_prefecture_trends(city))


def test_a_page_that_somebody_wrote_is_not_written_over(tmp_path):
    (tmp_path / "t.csv").write_text("县区,年份,学前三年毛入园率（%）\n攸县,2022,92.1\n", "utf-8")
    (tmp_path / "my.catalogue.toml").write_text('source = { zh = "县局", en = "bureau" }\n', "utf-8")
    made = CliRunner().invoke(app, ["inspect", str(tmp_path / "t.csv"), "--write", str(tmp_path / "my.toml")])
    assert "my.catalogue.toml" in made.exception.text("zh")
    assert (tmp_path / "my.catalogue.toml").read_text("utf-8").startswith("source")
    run("inspect", tmp_path / "t.csv", "--write", tmp_path / "other.toml")
    run("inspect", tmp_path / "t.csv", "--write", tmp_path / "other.toml")  # a draft is drafted again


def test_a_rate_whose_counts_stand_on_another_sheet_is_computed_too(tmp_path):
    book = openpyxl.Workbook()
    for row in [
        ("2023年小学规模",),
        ("县区", "小学在校生数（人）", "小学专任教师数（人）"),
        ("渌口区", 21004, 1350),
        ("攸县", 50988, 2910),
    ]:
        book.active.append(list(row))
    sheet = book.create_sheet("比率")
    for row in [
        ("2023年小学比率",),
        ("县区", "小学生师比", "小学巩固率（%）"),
        ("渌口区", 15.6, 99.2),
        ("攸县", 17.5, 98.8),
    ]:
        sheet.append(list(row))
    book.save(tmp_path / "t.xlsx")
    run("inspect", tmp_path / "t.xlsx", "--write", tmp_path / "my.toml")
    page = (tmp_path / "my.catalogue.toml").read_text("utf-8")
    assert "小学巩固率" in page and "小学生师比" not in page


def test_a_stated_share_is_no_part_of_one_class(tmp_path):
    rows = [
        [*row[:5], row[5] + 9, *row[6:]] if len(row) > 2 and row[0] != "年份" else row for row in list_rows()
    ]
    write_table(tmp_path / "rates.xlsx", rows)
    draft_and_load(tmp_path, tmp_path / "rates.xlsx")
    county = edu.open_county("430223", tmp_path / "store", 0, 0, "zh")
    told = tell(edu.show_judgements(edu.prepare_brief(county)))
    assert "小学13.5%" in told and "个班" not in told
    city = edu.prepare_brief(edu.open_prefecture("430200", tmp_path / "store", 0, 0, "zh"))
    assert "13.5%" in str([row for row in edu.show_counties(city).items[0].rows if row[0].zh == "攸县"])


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("毛入园率（%）", "share_gross_enrolment_preschool"),
        ("公办园占比（%）", ""),
        ("本科率（%）", ""),
        ("公办率（%）", ""),
    ],
)
def test_a_word_that_may_mean_two_things_is_no_indicator_of_the_suite(tmp_path, heading, key):
    write_table(
        tmp_path / "t.xlsx", [("2022年县区情况",), ("县区", heading), ("渌口区", 52.1), ("攸县", 48.3)]
    )
    run("inspect", tmp_path / "t.xlsx", "--write", tmp_path / "my.toml")
    page = (tmp_path / "my.catalogue.toml").read_text("utf-8")
    assert (f'[stated]\n{key} = "stated_aa"' in page) == bool(key)
    assert ("[indicators.rate_aa]" in page) != bool(key)


def test_a_gross_ratio_as_a_fraction_is_not_taken_for_per_cents(tmp_path):
    write_table(
        tmp_path / "t.xlsx", [("2022年县区情况",), ("县区", "初中毛入学率"), ("渌口区", 1.62), ("攸县", 1.02)]
    )
    run("inspect", tmp_path / "t.xlsx", "--write", tmp_path / "my.toml")
    assert draft_lines(tmp_path) == ['# stated_aa = { from = "初中毛入学率", unit = "?" }']


def test_a_rate_of_the_city_outside_those_of_its_counties_is_told(tmp_path):
    rows = [list(row) for row in list_rows()]
    next(row for row in rows if row[:2] == [2021, "全市"])[2] = 59.9
    write_table(tmp_path / "rates.xlsx", rows)
    draft_and_load(tmp_path, tmp_path / "rates.xlsx")
    told = run("load", tmp_path / "my.toml", "--store", tmp_path / "again", "--lang", "zh")
    said = "430200 株洲市2021年学前三年毛入园率：本表合计行为59.9%，而各县（市、区）都在88.1%～92.1%之间；"
    assert told.count("本表合计行为") == 1 and said + "合计行或某县的数有误，请核对" in told

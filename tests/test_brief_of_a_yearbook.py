"""What does a brief say of a stranger's county table, where no school stands behind a figure?"""

import csv
import re

import pytest
from typer.testing import CliRunner

from edustats import cli, open_county, open_prefecture
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from edustats.present.brief import prepare_brief, show_counties, show_duties, show_judgements, show_size
from edustats.present.records.items import Table

COUNTIES = ["荷塘区", "芦淞区", "石峰区", "天元区", "渌口区", "攸县", "茶陵县", "炎陵县", "醴陵市"]
HEAD = ["县市区", "小学学校数（所）", "小学班数（个）", "小学在校生数（人）", "小学专任教师数（人）", "初中班数（个）",
        "初中在校生数（人）", "初中专任教师数（人）", "一般公共预算教育经费（万元）"]  # fmt: skip


def rows_of(year):
    """Nine counties that print the same class sizes; 攸县 has the fewest pupils per teacher of all."""
    for k, county in enumerate(COUNTIES):
        pupils = 20000 + 1010 * k - 103 * (year - 2019) * (k + 1)
        teachers = round(pupils / (14.0 if county == "攸县" else 16.0))
        yield [county, 30, round(pupils / (39.94 - 0.01 * (year - 2019))), pupils, teachers, round(pupils / 92),
               pupils // 2, round(pupils / 25), 40000 + 5130 * (year - 2019)]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("yearbook")
    for year in range(2019, 2024):
        rows = list(rows_of(year))
        total = ["合计", *(sum(column) for column in list(zip(*rows, strict=True))[1:])]
        with (folder / f"{year}年.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[f"{year}年株洲市各县市区义务教育情况"], HEAD, total, *rows])
    write_draft(inspect_files(sorted(folder.glob("*.csv"))), folder / "my.toml")
    done = CliRunner().invoke(cli.app, ["load", str(folder / "my.toml"), "--store", str(folder / "store")])
    assert done.exit_code == 0, done.output
    return folder / "store"


def said(items):
    return [item.sentence.zh for item in items if hasattr(item, "sentence")]


def test_the_city_issues_the_brief_and_the_table_has_its_title_without_a_year(store):
    brief = prepare_brief(open_county("攸县", store))
    assert "编发：株洲市教育局" in said(show_judgements(brief))
    assert said(show_duties(brief))[:1] == [
        "数据取自株洲市各县市区义务教育情况，学校、学生和教师为2023/2024学年初，经费为2023年。"
    ]


def test_it_names_what_is_counted_and_prints_whole_money_whole(store):
    brief = prepare_brief(open_county("攸县", store))
    told = " ".join(said(show_judgements(brief)) + said(show_size(brief)))
    assert "义务教育阶段在校生" in told
    assert "各级各类" not in told
    assert "6.05亿元，比上年增加5130万元" in told
    assert "师生比" not in told.replace("生师比", "")


def test_a_class_size_that_prints_the_same_as_at_first_has_not_come_down(store):
    told = " ".join(said(show_judgements(prepare_brief(open_prefecture("430200", store)))))
    assert "小学平均班额下降" not in told
    assert "现状" not in told
    assert "县际差距主要在小学生师比。" in told


def test_a_prefecture_is_not_held_against_the_province_that_it_alone_fills(store):
    brief = prepare_brief(open_prefecture("430200", store))
    assert "湖南省" not in " ".join(said(show_judgements(brief)))


def test_the_counties_table_has_ratios_where_there_are_no_schools(store):
    table = show_counties(prepare_brief(open_prefecture("430200", store)))
    table = next(item for item in table if isinstance(item, Table))
    assert [column.label.zh for column in table.columns] == [
        "县（市、区）", "学生数", "比上年", "小学生师比", "初中生师比", "小学平均班额",
    ]  # fmt: skip


def test_a_template_about_the_city_is_filled_with_the_decimals_that_a_number_needs(store, tmp_path):
    (tmp_path / "t.txt").write_text(
        "2023年，全市小学在校生xx万人，比上年减少xx人。\n攸县小学在校生xx人，占全市的xx%。\n"
        "攸县小学生师比为xx:1，比全市低xx。\n小学平均班额xx人。\n", "utf-8"
    )  # fmt: skip
    words = ["fill", "t.txt", "--store", str(store), "--county", "430200", "--year", "2023", "--out", "o.txt"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0, done.output
    filled = re.sub(r"\[\d+\]", "", (tmp_path / "o.txt").read_text("utf-8")).split("\n")[:4]
    city, county = 216360 - 4 * 103 * 45, 25050 - 4 * 103 * 6
    teachers = sum(row[4] for row in rows_of(2023))
    assert filled == [
        f"2023年，全市小学在校生{city / 1e4:.2f}万人，比上年减少{103 * 45}人。",
        f"攸县小学在校生{county}人，占全市的{100 * county / city:.1f}%。",
        f"攸县小学生师比为14:1，比全市低{city / teachers - 14:.1f}。",
        "小学平均班额40人。",
    ]


MAPPING = """title = { zh = "表", en = "t" }
[[tables]]
file = "t.csv"
[area]
code = "县市区"
[year]
from = "年份"
[columns]
pupils = { from = "在校学生数", unit = "人" }
population = { from = "常住人口", unit = "人" }
"""


def test_pupils_of_all_stages_and_people_are_not_added_up(tmp_path):
    rows = [
        f"{county},{y},{3000 + k + y},{90000 + k}" for k, county in enumerate(COUNTIES) for y in (2022, 2023)
    ]
    (tmp_path / "t.csv").write_text("县市区,年份,在校学生数,常住人口\n" + "\n".join(rows), "utf-8")
    (tmp_path / "my.toml").write_text(MAPPING, "utf-8")
    words = ["load", str(tmp_path / "my.toml"), "--store", str(tmp_path / "store")]
    assert CliRunner().invoke(cli.app, words).exit_code == 0
    told = said(show_size(prepare_brief(open_county("攸县", tmp_path / "store"))))
    assert told == ["在校生为5028人，比上年增加1人。常住人口为90005人。"]

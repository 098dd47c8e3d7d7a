"""Does a stranger's table of areas come out under the right names: two waves, cities without counties, late counties?

A small invented table in the shape of the census, and one of a prefecture in which a county fails to report.
"""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats import (
    cli,
    open_county,
    open_prefecture,
    prepare_brief,
    show_data_warnings,
    show_judgements,
    show_peers,
    show_profile,
    show_resources,
)
from edustats.errors import DataError
from edustats.present.prefecture.decomposition import show_theil_decomposition
from edustats.present.prefecture.overview import show_county_table, show_overview, show_prefecture_trends
from edustats.present.records.items import Finding, Table

ROOT = Path(__file__).resolve().parent.parent
MAPPING = """
title = {{ zh = "自备表", en = "own table" }}
lang = "zh"
[[tables]]
file = "t.csv"
[area]
code = "县代码"
width = 6
name = "县名"
scheme = "{scheme}"
[year]
from = "学年"
[missing]
not_collected = [""]
[columns]
pupils = {{ from = "在校生", unit = "人" }}
teachers = {{ from = "专任教师", unit = "人" }}
"""
HEAD = "县代码,县名,学年,在校生,专任教师\n"
LATE = [("990101", "甲县", y, 2000 + 10 * (y - 2019), 100 + y - 2019) for y in range(2019, 2025)]
LATE += [("990102", "乙县", y, 3000 + 10 * (y - 2019), 200 + y - 2019) for y in range(2019, 2025)]
LATE += [("990103", "丙县", y, 5000 + 10 * (y - 2019), 250 + y - 2019) for y in range(2019, 2024)]


def write_table(folder, rows, scheme="gbt2260", more=""):
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "t.csv").write_text(HEAD + lines + "\n", "utf-8")
    (folder / "my.toml").write_text(MAPPING.format(scheme=scheme) + more, "utf-8")
    done = CliRunner().invoke(
        cli.app, ["load", str(folder / "my.toml"), "--store", str(folder / "s"), "--lang", "zh"]
    )
    assert done.exit_code == 0, done.output
    return folder / "s", done.output


def whole_province():
    """济源 right under 河南 and two waves of all other counties that the lists hold there, invented figures."""
    from edustats.load.national_areas import list_events, list_spans

    gone = {code for event in list_events() if event.year == 2019 for code in event.before}
    codes = [
        c for c, spans in list_spans().items() if c[:2] == "46" and any(a <= 2018 <= b for a, b in spans)
    ]
    return [(c, f"县{c}", y, 100 + int(c) % 97, 10) for c in codes for y in (2017, 2018) if c not in gone]


def said(items):
    return "\n".join(item.sentence.zh + item.note.zh for item in items if hasattr(item, "sentence"))


def headings(items, key):
    table = next(item for item in items if isinstance(item, Table) and item.key == key)
    return [column.label.zh for column in table.columns], table


def test_province_and_nation_are_left_out_where_the_store_is_not_about_them(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    heads, _ = headings(show_peers(open_county("990101", store)), "peer_gaps")
    assert heads[-1] == "990100"
    assert not [name for name in heads if "全国" in name or "990000" in name]


def test_some_counties_of_a_city_are_a_sum_of_this_table_and_not_the_city(tmp_path):
    rows = [("440103", "荔湾区", 2024, 2050, 105), ("440104", "越秀区", 2024, 2900, 105)]
    store, _ = write_table(tmp_path, [*rows, ("441900", "东莞市", 2024, 1500, 85)])
    heads, table = headings(show_profile(open_county("440103", store)), "profile")
    assert heads[3] == "本表2县合计"
    assert table.rows[0][3].zh == "4950人"
    found = open_county("441900", store)
    assert headings(show_profile(found), "profile")[0][3] == "本表3县合计"
    assert found.introduction.zh.startswith("东莞市（代码441900，广东省）")
    rows = pd.concat(pd.read_parquet(path) for path in (store / "compare").glob("*.parquet"))
    assert rows.loc[rows["area"] == "440000", "level"].astype(str).unique().tolist() == ["province"]
    for path in (store / "compare").glob("*.parquet"):
        assert not pd.read_parquet(path).duplicated(["area", "year", "indicator"]).any()


def test_a_whole_province_is_called_by_its_name_and_the_nation_is_not(tmp_path):
    store, _ = write_table(tmp_path, whole_province())
    heads, _ = headings(show_peers(open_county("460105", store)), "peer_gaps")
    assert heads[-2:] == ["海口市", "海南省"]


def test_a_county_that_sent_nothing_is_a_finding_everywhere(tmp_path):
    store, told = write_table(tmp_path, LATE)
    assert "990103 丙县没有2024年的数据（该年没有一行）" in told.splitlines()
    own = said(show_data_warnings(open_county("990103", store)))
    assert "丙县没有2024年的数据" in own
    assert "也没有缺报" not in own
    profile = show_profile(open_county("990101", store))
    assert "16.5:1〔覆盖54.9%〕" in said(profile)
    assert "缺990103 丙县" in said(profile)
    assert headings(profile, "profile")[1].rows[0][3].zh == "5100人〔覆盖50.2%〕"


def test_a_prefecture_is_compared_with_itself_and_not_called_improved(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    view = open_prefecture("990100", store)
    told = said(show_prefecture_trends(view))
    assert "990100同口径2县生师比由2019年的16.7:1下降到2024年的16.5:1" in told
    assert "未计丙县（缺2024年）" in told
    assert "2019年为18.2:1，2024年为16.5:1〔覆盖54.9%〕" in told
    assert "都有数的年份，2019年为18.2:1，2023年为18.0:1" in told
    assert "趋势改善" not in told
    overview = said(show_overview(view))
    assert "1项有县（市、区）缺报，不作全市比较（生师比）" in overview
    assert "好转" not in overview
    _, table = headings(show_county_table(view), "prefecture.side_by_side")
    assert table.foot[1].zh == "16.5〔覆盖54.9%〕"


def test_a_county_absent_in_the_first_year_does_not_make_it_worse(tmp_path):
    rows = [row for row in LATE if (row[0], row[2]) != ("990103", 2019)]
    rows.append(("990103", "丙县", 2024, 5050, 255))
    store, told = write_table(tmp_path, rows)
    assert "990103 丙县没有2019年的数据" in told
    assert "变差" not in said(show_overview(open_prefecture("990100", store)))


def test_an_event_says_that_a_county_is_new(tmp_path):
    rows = [row for row in LATE if row[0] == "990101"] + [
        ("990102", "乙区", y, 800, 60) for y in (2022, 2023, 2024)
    ]
    event = '\n[[events]]\nyear = 2022\nfrom = ["990101"]\nto = ["990101", "990102"]\n'
    store, told = write_table(tmp_path, rows, more=event)
    assert "没有20" not in told
    series = open_county("990101", store).series("ratio_pupils_per_teacher")
    assert series.loc[series["status"] == "break", "year"].tolist() == [2022]
    whole = open_prefecture("990100", store).series("ratio_pupils_per_teacher")
    assert set(whole["status"].astype(str)) == {"ok"}


def test_two_counties_of_one_name_are_told_apart_in_every_sentence(tmp_path):
    rows = [("320302", "鼓楼区", y, 2000, 100) for y in (2023, 2024)]
    rows += [("320106", "鼓楼区", y, 3000, 100) for y in (2023, 2024)]
    rows += [("320104", "秦淮区", y, 2500, 120) for y in (2023, 2024)]
    store, _ = write_table(tmp_path, rows, scheme="flat")
    told = said(show_peers(open_county("320104", store))) + said(
        show_county_table(open_prefecture("", store))
    )
    assert "鼓楼区（320302）" in told
    assert "鼓楼区（320106）" in told
    assert not re.search("鼓楼区(?!（)", told)


def test_reports_of_a_small_census_come_without_a_failure(tmp_path):
    """Two waves, a city without counties, a county right under its province, one that begins in the second wave."""
    rows = [(c, n, y, p, 100) for y in (2010, 2020) for c, n, p in (
        ("440103", "荔湾区", 2000), ("440104", "越秀区", 3000), ("441900", "东莞市", 1000 + y),
        ("429004", "仙桃市", 900), ("990101", "甲县", 700), ("990102", "乙县", 800),
    )]  # fmt: skip
    rows = [row for row in rows if (row[0], row[2]) != ("990102", 2020)]
    rows.append(("990103", "丙区", 2020, 400, 30))
    store, _ = write_table(tmp_path, rows)
    done = subprocess.run(
        [sys.executable, "-m", "edustats", "report", "--store", str(store), "--lang", "zh",
         "--out", str(tmp_path / "o"), "--county", "441900,990101,990100,440000", "--notebook", "00,10,60"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300,
        env={**__import__("os").environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    page = unescape(next((tmp_path / "o" / "2020").glob("441900*/10_county_trend.html")).read_text("utf-8"))
    assert "本表3县合计" in page
    index = (tmp_path / "o" / "2020" / "index.html").read_text("utf-8")
    assert "990102 乙县没有2020年的数据" in index


@pytest.mark.parametrize(("pupils", "meals", "printed"), [(80, 23, "28.8%"), (80, 41, "51.3%")])
def test_a_tie_is_rounded_up(tmp_path, pupils, meals, printed):
    from edustats.catalogue import catalogue
    from edustats.present.records.numbers import format_amount

    assert format_amount(meals / pupils, catalogue().units["share"]).zh == printed


def test_published_figures_of_others_have_a_column_and_a_source_of_their_own(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    table = "地区,年份,指标,数值,来源\n某省,2023,生师比,17.2:1,某省教育统计公报\n"
    store.with_name("s.reference.csv").write_text(table, "utf-8-sig")
    heads, gaps = headings(show_peers(open_county("990101", store)), "peer_gaps")
    assert heads[-2:] == ["990100", "某省公布数"]
    assert gaps.rows[0][-1].zh == "17.2:1（2023年）"
    assert "某省公布数来源：某省教育统计公报。" in gaps.note.zh


BAD_ROWS = (
    "某省,2023,生师比,17.2:1,",
    "某省,2023,无此指标,17.2,公报",
    "某省,23,生师比,17.2,公报",
    "某省,2023,生师比,=1+1,公报",
)


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_published_figure_that_cannot_be_used_is_refused_with_its_row(tmp_path, row):
    store, _ = write_table(tmp_path, LATE)
    store.with_name("s.reference.csv").write_text(f"地区,年份,指标,数值,来源\n{row}\n", "utf-8")
    with pytest.raises(DataError, match=r"s\.reference\.csv.*2"):
        show_peers(open_county("990101", store))


def test_a_draft_is_not_judged_by_a_sum_of_some_counties(tmp_path):
    from edustats.briefing.reference import reference
    from edustats.store.reading import open_store

    store, _ = write_table(tmp_path, LATE)
    draft = "2024年，全国生师比为14.0:1；990100生师比为18.0:1，甲县生师比为19.5:1。"
    found = reference(draft, open_store(store))
    own = found[found["indicator_name"] == "生师比"]
    assert "全国" not in set(own.loc[own["half_unit"] == 0, "area_name"])
    assert sorted(own.loc[own["area_name"] == "990100", "year"]) == [2019, 2020, 2021, 2022, 2023]
    assert 2024 in set(own.loc[own["area_name"] == "甲县", "year"])


def test_a_county_whose_lists_did_not_come_is_a_finding_though_it_has_a_row(tmp_path):
    store, told = write_table(tmp_path, [*LATE, ("990103", "丙县", 2024, "", "")])
    assert "990103 丙县2024年的表大多没有报来" in told
    assert open_prefecture("990100", store).series("count_pupils")["absent"].tolist()[-1] == "990103"


def test_inequality_over_years_is_that_of_the_counties_that_are_there_in_all_of_them(tmp_path):
    """A county of dear schools that sends nothing in the last year makes nobody more alike."""
    rows = [
        (f"{code}{k}", code, name, year, 200 + 20 * k, 10 + k + far)
        for code, name, far in (("990101", "甲县", 0), ("990102", "乙县", 2), ("990103", "丙县", 30))
        for year in (2022, 2023, 2024) for k in range(5) if (code, year) != ("990103", 2024)
    ]  # fmt: skip
    head = "学校代码,县代码,县名,学年,在校生,专任教师\n"
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    (tmp_path / "t.csv").write_text(f"{head}{lines}\n", "utf-8")
    mapping = MAPPING.format(scheme="gbt2260").replace("width = 6", 'width = 6\nunit = "学校代码"')
    (tmp_path / "my.toml").write_text(mapping, "utf-8")
    done = CliRunner().invoke(cli.app, ["load", str(tmp_path / "my.toml"), "--store", str(tmp_path / "s")])
    assert done.exit_code == 0, done.output
    view = open_prefecture("990100", tmp_path / "s", lang="zh")
    found = list(show_theil_decomposition(view, ["ratio_pupils_per_teacher"]))
    told = found[0]
    assert "990100同口径2县10个学校之间生师比的泰尔指数" in told.sentence.zh
    assert "只算各年都有数据的2个县（市、区），未计丙县（缺2024年）" in told.note.zh
    theil = {
        year: measured(
            [(r[4] / r[5], r[5]) for r in rows if r[3] == year and r[1] != "990103"]
        ) for year in (2022, 2024)
    }  # fmt: skip
    _, table = headings(found, "prefecture.parts")
    assert table.rows[0][2:4] == pytest.approx((theil[2022], theil[2024]))
    assert "未计丙县" in table.note.zh


def measured(pairs):
    """The Theil index by its definition."""
    value, weight = (np.array(side, float) for side in zip(*pairs, strict=True))
    share = value / np.average(value, weights=weight)
    return float(np.average(share * np.log(share), weights=weight))


def test_counties_that_have_less_than_the_tables_own_total_are_not_the_whole(tmp_path):
    """A row for the prefecture says 12,000 pupils, its counties have 9,000: the rest is in no county's row."""
    rows = [("990101", "甲县", 2024, 5000, 250), ("990102", "乙县", 2024, 4000, 200)]
    store, told = write_table(tmp_path, [*rows, ("990100", "某市", 2024, 12000, 600)])
    assert "各县之和小于本表合计：1处" in told.replace(" ", "")
    profile = show_profile(open_county("990101", store))
    assert headings(profile, "profile")[1].rows[0][3].zh == "9000人〔覆盖75.0%〕"
    assert "20.0:1〔覆盖75.0%〕" in said(profile)


@pytest.mark.parametrize("total", [9000, 9002, 8000])
def test_a_total_that_the_counties_make_marks_nothing(tmp_path, total):
    rows = [("990101", "甲县", 2024, 5000, 250), ("990102", "乙县", 2024, 4000, 200)]
    store, told = write_table(tmp_path, [*rows, ("990100", "某市", 2024, total, 450)])
    assert "小于本表合计" not in told
    assert headings(show_profile(open_county("990101", store)), "profile")[1].rows[0][3].zh == "9000人"


COUNTED = "小学学校数（所）,小学在校生（人）,小学专任教师（人）"


def load_by_name(folder, rows):
    """A store of a table told by names, by the draft of inspect."""
    (folder / "t.csv").write_text(rows, "utf-8")
    for words in (["inspect", folder / "t.csv", "--write", folder / "my.toml"],
                  ["load", folder / "my.toml", "--store", folder / "s"]):  # fmt: skip
        done = CliRunner().invoke(cli.app, [*map(str, words)])
        assert done.exit_code == 0, done.output
    return folder / "s"


def test_a_brief_of_some_counties_says_whose_sum_it_is_and_claims_no_change_of_one_year(tmp_path):
    rows = f"2023年各县小学\n地区,{COUNTED}\n攸县,49,23510,1440\n茶陵县,41,20110,1233\n"
    store = load_by_name(tmp_path, rows)
    whole, county = map(prepare_brief, (open_prefecture("430200", store), open_county("430223", store)))
    said = [item.sentence.zh for item in show_judgements(whole) if isinstance(item, Finding)]
    assert "本期数字为本表2个县（市、区）合计，未含株洲市其他县（市、区）。" in said
    assert "编发：株洲市教育局" in said
    text = "".join(said + [i.sentence.zh for i in show_judgements(county) if isinstance(i, Finding)])
    assert not re.search("稳定|有增有减|缺报", text) and "教师配备达到编制标准" in text


def test_a_county_alone_is_held_against_no_sum_of_itself(tmp_path):
    rows = f"攸县历年小学情况\n年份,{COUNTED}\n2022,50,23880,1431\n2023,49,23510,1440\n"
    store = load_by_name(tmp_path, rows)
    brief = prepare_brief(open_county("430223", store))
    items = [*show_judgements(brief), *show_resources(brief)]
    tables = [item for item in items if isinstance(item, Table)]
    assert [c.label.zh for c in tables[0].columns] == ["指标", "攸县", "比上年"]
    assert not any("合计" in c.label.zh for table in tables for c in table.columns)
    assert "位次" not in tables[0].title.zh

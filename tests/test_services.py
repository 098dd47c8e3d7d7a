"""Are services counted over whom they say, is what cannot be named and left out, and does a funnel nest?"""

import io
import json
import math
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import loaded
from lxml import etree

import edustats as edu
from edustats.analysis.projects import PROJECTS, STEP_COLUMNS, count_projects, sum_funnel
from edustats.analysis.services import (
    COLUMNS,
    count_afterschool,
    count_reduction,
    list_afterschool_columns,
    measure_streak,
    sum_service,
)
from edustats.example.chapter_tables import write_county_table
from edustats.present.records.chart import Chart, Series
from edustats.present.records.items import Figure, Finding, Table
from edustats.report.edition.chapters import drop_unfed_chapters
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.publish import word_page
from edustats.store.writing import update_store, write_store
from edustats.words import Text

VERBS = ("show_afterschool", "show_provision", "show_voices", "show_given_ranks", "show_projects")
NAMES = {"990121": "柏溪县", "990122": "石渚县", "990124": "青埠县"}
PAGE = """parent = { code = "990100", level = "prefecture", zh = "云汀市", en = "Yunting" }
[counties]
990121 = { zh = "柏溪县", en = "Baixi" }
990122 = { zh = "石渚县", en = "Shizhu" }
990124 = { zh = "青埠县", en = "Qingbu" }
"""
WELL = {
    "schools_meals": 20, "pupils_meal_schools": 10_000, "pupils_meals": 8_000, "buses": 40, "buses_licensed": 39,
    "pupils_bus": 1_500, "schools_safety_asked": 50, "schools_guarded": 50, "schools_closed_campus": 50,
    "schools_alarm": 49, "schools_patrol": 50, "school_doctors": 25, "petitions": 120, "petitions_due": 110,
    "petitions_on_time": 99, "asked_education": 400, "satisfied_education": 372, "asked_afterschool": 300,
    "satisfied_afterschool": 270,
}  # fmt: skip
WORK = {
    "training_agencies_before": 30, "training_agencies_left": 2, "training_agencies_closed": 28,
    "training_agencies_nonprofit": 2, "schools_damaged": 50, "schools_repaired": 40, "projects_proposed": 14,
    "projects_planned": 12, "projects_approved": 10, "projects_started": 8, "projects_done": 5,
    "project_budget": 8e7, "project_investment": 5e7, "seats_added": 1250,
}  # fmt: skip
RANKS = [(2021, "第3位", "14"), (2022, "1", "14"), (2023, "2", "14"), (2024, "2", "14"), (2019, "1", "13"),
         (2023, "前列", ""), (2017, "15", "13"), (2019, "2", "13")]  # fmt: skip


def rows(*counties, columns=(*COLUMNS, *STEP_COLUMNS), year=2024):
    made = pd.DataFrame([{"county": f"99012{k}", "year": year, **own} for k, own in enumerate(counties)])
    return made.reindex(columns=["county", "year", *columns]).astype(dict.fromkeys(columns, float))


# --- counting ---


def test_a_share_is_of_those_who_gave_both_and_says_whom_it_left_out():
    found = sum_service(
        rows(WELL, {"pupils_meals": 500}, {"pupils_meals": 900, "pupils_meal_schools": 800}), "meals"
    )
    assert (found.num, found.den, found.share) == (8000, 10_000, 0.8)
    assert (found.given, found.lacking, found.beyond) == (("990120",), ("990121",), ("990122",))
    assert math.isnan(sum_service(rows({}), "meals").share)


def test_the_interval_of_a_survey_is_wilsons_and_a_count_has_none():
    found = sum_service(rows({"asked_education": 100, "satisfied_education": 90}), "satisfied_education")
    z, p, n = 1.959964, 0.9, 100
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert found.low == pytest.approx((middle - half) / (1 + z * z / n), abs=1e-6)
    assert found.high == pytest.approx((middle + half) / (1 + z * z / n), abs=1e-6)
    assert math.isnan(sum_service(rows(WELL), "meals").low)


def school(unit, pupils, joined, teachers=(10, 10), teaching=(9, 9)):
    values = (*pupils, *joined, *teachers, *teaching)
    return {"county": "990121", "unit": unit} | dict(zip(list_afterschool_columns(), values, strict=True))


def test_after_school_is_counted_over_the_schools_that_serve():
    nothing = float("nan")
    held = pd.DataFrame([
        school("1", (100, 50), (80, 30)), school("2", (200, nothing), (0, nothing), (10, nothing), (0, nothing)),
        school("3", (300, nothing), (nothing, nothing), (10, nothing), (nothing, nothing)),
        school("4", (60, nothing), (61, nothing), (10, nothing), (5, nothing)),
        school("5", (nothing, nothing), (nothing, nothing)), school("990121", (660, 50), (nothing, nothing)),
    ])  # fmt: skip
    found = count_afterschool(held)
    assert (found.schools, found.told, found.serving) == (4, 3, 2)
    assert (found.pupils, found.joined, found.teachers, found.teaching) == (150, 110, 20, 18)
    assert found.beyond == ("4",)
    assert count_afterschool(held, ("junior",)).joined == 30


def test_agencies_that_do_not_add_up_are_named_and_left_out():
    found = count_reduction(
        rows(WORK, WORK | {"training_agencies_closed": 20}, {"training_agencies_before": 9})
    )
    assert (found.before, found.left, found.closed, found.nonprofit) == (30, 2, 28, 2)
    assert found.share == pytest.approx(28 / 30)
    assert (found.unequal, found.lacking) == (("990121",), ("990122",))
    assert count_reduction(rows(WORK | {"training_agencies_nonprofit": 3})).unequal == ("990120",)


@given(st.dictionaries(st.integers(2000, 2025), st.integers(1, 9)), st.integers(1, 9))
def test_a_streak_is_what_counting_back_gives(ranks, top):
    found, last = measure_streak(ranks, top), max(ranks, default=0)
    running = 0
    while ranks and ranks.get(last - running, top + 1) <= top:
        running += 1
    assert found.years == running
    assert (found.gap != 0) == (bool(ranks) and last - running not in ranks and min(ranks) < last - running)


def test_three_places_and_a_missing_year_are_no_run_of_four():
    found = measure_streak({2020: 1, 2022: 2, 2023: 3, 2024: 1}, 3)
    assert (found.years, found.first, found.gap) == (3, 2022, 2021)
    assert measure_streak({2023: 1, 2024: 4}, 3).years == 0


# --- funnels ---


def test_a_funnel_is_over_those_who_gave_every_step_and_names_what_does_not_nest():
    odd = WORK | {"projects_approved": 13}
    silent = {k: v for k, v in WORK.items() if k != "projects_done"}
    found = sum_funnel(rows(WORK, odd, silent, WORK), PROJECTS)
    assert [step.count for step in found.steps] == [28, 24, 20, 16, 10]
    assert (found.given, found.left_out) == (("990120", "990123"), ("990122",))
    # the sums of all would nest (48 planned, 43 approved); one county's do not
    assert found.beyond == (("990121", "planned", "approved", 12, 13),)


def test_a_step_that_hardly_anybody_gave_is_dropped_instead_of_the_others():
    plain = {k: v for k, v in WORK.items() if k != "projects_approved"}
    found = sum_funnel(rows(WORK, plain, plain), PROJECTS)
    assert [step.name for step in found.steps] == ["proposed", "planned", "started", "done"]
    assert (found.dropped, found.left_out) == (("approved",), ())
    assert found.count("planned") == 36


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=5, max_size=5), min_size=1, max_size=5
    )
)
def test_funnels_of_nesting_counties_nest_and_no_finding_is_lost(counts):
    made = rows(*(dict(zip(PROJECTS.values(), own, strict=True)) for own in counts))
    found = sum_funnel(made, PROJECTS)
    wrong = 0
    for own in counts:
        held = [c for c in own if c is not None]
        wrong += sum(b > a for a, b in pairwise(held))
    assert len(found.beyond) == wrong
    if not wrong:
        assert all(step.nests for step in found.steps)


def test_money_and_seats_are_of_the_counties_that_gave_both():
    told = count_projects(rows(WORK, {"project_investment": 9e9}), 2024)
    assert (told.budget, told.spent, told.investment, told.seats) == (8e7, 5e7, 5e7, 1250)
    assert told.left == 10
    assert math.isnan(count_projects(rows(WORK | {"schools_repaired": 60}), 2024).left)


# --- the chapter ---


def write_ranks(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["年度", "评价项目", "被评地区", "位次", "参评地区数", "发布单位"])
    for year, rank, among in RANKS:
        sheet.append([str(year), "基础教育满意度", "云汀市", rank, among, "省教育厅"])
    sheet.append(["2024", "基础教育满意度", "云停市", "1", "14", "省教育厅"])
    book.save(path)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Three counties: the second is at odds with itself, the third gives a share without its base."""
    folder = tmp_path_factory.mktemp("services")
    odd = WELL | {"pupils_meals": 12_000, "petitions_on_time": 111, "satisfied_education": 380}
    bare = {"satisfied_share_education": 98.5, "asked_afterschool": 20, "satisfied_afterschool": 20}
    work = {
        "990121": WORK,
        "990122": WORK | {"projects_approved": 13, "schools_repaired": 51},
        "990124": WORK,
    }
    for year in (2023, 2024):
        served = {
            "990121": WELL,
            "990122": odd if year == 2024 else WELL,
            "990124": bare if year == 2024 else WELL,
        }
        home = folder / "in" / str(year)
        write_county_table(home, "pupil_services", year, served, NAMES)
        write_county_table(home, "work", year, work, NAMES)
    write_ranks(folder / "in" / "位次情况.xlsx")
    (folder / "in" / "returns.toml").write_text(PAGE, "utf-8")
    update_store([folder / "in"], folder / "store")
    return folder / "store"


@pytest.fixture(scope="module")
def view(store):
    return edu.open_prefecture("990100", store)


def found(view, *verbs):
    return {i.key: i for verb in verbs for i in getattr(edu, verb)(view) if isinstance(i, Finding)}


def test_what_meals_surveys_and_letters_say(view):
    said = {k: f.sentence.zh for k, f in found(view, "show_provision", "show_voices").items()}
    assert said["services.meals"] == (
        "2024年，云汀市（报送的1个县区）集中配餐参加学生8000人，占配餐学校在校生的80.0%，配餐学校20所。"
    )
    assert (
        said["services.meals.beyond"] == "2024年，石渚县的集中配餐学生数大于总数，不是比例，未计入；请核实。"
    )
    assert said["services.satisfied_education"] == (
        "2024年，云汀市（报送的2个县区）教育工作满意率94.0%（有效问卷800份，95%区间92.1%—95.4%）。"
    )
    assert said["services.satisfied_education.bare"] == (
        "2024年，青埠县（98.5%）只报教育工作满意率，没有有效问卷数，不采用；请补报问卷数。"
    )
    assert said["services.letters.on_time"] == (
        "2024年，云汀市（报送的1个县区）来信来访应办结110件，按期办结99件，占90.0%。"
    )
    assert (
        said["services.letters_on_time.beyond"]
        == "2024年，石渚县的按期办结件数大于总数，不是比例，未计入；请核实。"
    )
    # the year before three counties gave letters, now two: no change is told
    assert said["services.letters"] == "2024年，云汀市（报送的2个县区）来信来访240件。"


def serve_after_school(frame):
    """Of each county's 24 schools one says nothing, one serves nobody, one has more than there are."""
    at = frame["unit"].str[-2:].where(frame["unit"] != frame["county"], "")
    for stage in ("primary", "junior"):
        for who in ("pupils", "teachers"):
            whole = frame[f"{who}_{stage}"]
            some = np.floor(whole * 0.8)
            some = some.mask(at == "00", 0.0).mask(at == "01", whole + 1).mask(at == "23")
            frame[f"{who}_afterschool_{stage}"] = some
    return frame


def test_after_school_of_an_area_says_who_said_nothing_and_who_is_at_odds(tmp_path):
    held = loaded()
    tidy = serve_after_school(held.tidy.copy())
    added = [name for name in tidy if "afterschool" in name]
    kinds = held.kinds.assign(**{name: np.where(tidy[name].isna(), 1, 0).astype("uint8") for name in added})
    write_store(replace(held, tidy=tidy, kinds=kinds), tmp_path / "store")
    items = list(edu.show_afterschool(edu.open_prefecture("991100", tmp_path / "store")))
    said = {i.key: i.sentence.zh for i in items if isinstance(i, Finding)}
    told = said["services.afterschool"]
    assert told.startswith(
        "2023年，虚构市义务教育学校72所，填报课后服务的69所，其中开展的66所，占填报学校的95.7%；没有填报的不按没有开展计；在开展的学校中，"
    )
    rates = [float(part.split("%")[0]) for part in told.split("参与率")[1:]]
    assert rates == pytest.approx([79.9, 79.5], abs=0.6)  # 80 % of each school, rounded down
    assert said["services.afterschool.beyond"].startswith(
        "2023年，第2学校、第2学校、第2学校等3所学校参加课后服务的人数大于"
    )
    (table,) = (i for i in items if isinstance(i, Table))
    assert [row[1:4] for row in table.rows] == [(24, 23, 22)] * 3
    assert table.foot[1:4] == (72, 69, 66)


def test_a_survey_of_few_is_no_share(store):
    said = found(edu.open_county("990124", store), "show_voices")
    assert said["services.satisfied_afterschool"].sentence.zh == (
        "2024年，青埠县课后服务有效问卷只有20份，不足30份，不计满意率。"
    )
    assert edu.services(edu.open_store(store), "青埠县", 2024).set_index("service").problem.to_dict() == {
        "satisfied_afterschool": "few_answers"
    }


def test_a_share_that_its_answers_contradict_is_named(tmp_path):
    told = WELL | {"satisfied_share_education": 95.0}
    write_county_table(tmp_path / "in" / "2024", "pupil_services", 2024, {"990121": told}, NAMES)
    (tmp_path / "in" / "returns.toml").write_text(PAGE, "utf-8")
    update_store([tmp_path / "in"], tmp_path / "store")
    said = found(edu.open_county("990121", tmp_path / "store"), "show_voices")
    assert said["services.satisfied_education.differs.990121"].sentence.zh == (
        "2024年，柏溪县所报教育工作满意率95.0%，按问卷数计为93.0%；采用后者，请核实。"
    )


def test_the_places_given_decide_how_many_years_running(view):
    said = [i.sentence.zh for i in edu.show_given_ranks(view)]
    assert said == [
        "“基础教育满意度”在2021年居第3位（共14个）、2022年居第1位（共14个）、2023年居第2位（共14个）、2024年居第2位（共14个）；"
        "连续4年居前3位（2021—2024年）。",
        "位次情况表第7行：年度“2023”、位次“前列”不是数，未采用；请改正。",
        "位次情况表第8行：位次15不在1至13之间，未采用；请改正。",
        "“基础教育满意度”2019年有两个不同的位次，该年未采用；请核实。",
        "位次情况表第10行：被评地区“云停市”不在本库，未采用；请写所属地区的全称或代码。",
    ]
    front = next(iter(edu.show_given_ranks(view, top=2))).sentence.zh
    assert front.endswith("连续3年居前2位（2022—2024年）。")


def test_the_funnel_is_told_drawn_and_its_misfits_named(view):
    items = list(edu.show_projects(view))
    said = {i.key: i.sentence.zh for i in items if isinstance(i, Finding)}
    assert said["services.projects.building"] == (
        "2024年，云汀市（报送的2个县区）谋划项目28个，入库24个（85.71%），批复20个（83.33%），开工16个（80.00%），"
        "竣工10个（62.50%）。"
    )
    assert said["services.projects.beyond.990122.approved"] == (
        "2024年，石渚县批复项目13大于入库项目12，后一环节不能多于前一环节，该县未计入；请核实。"
    )
    assert said["services.projects.beyond.990122.repaired"] == (
        "2024年，石渚县修复学校51大于受灾学校50，后一环节不能多于前一环节，该县未计入；请核实。"
    )
    assert said["services.projects.seats"] == (
        "2024年，云汀市新增3750个学位，完成投资1.50亿元，平均每个学位4万元，每万元0.25个学位。"
    )
    (figure,) = (i for i in items if isinstance(i, Figure))
    assert figure.png.startswith(b"\x89PNG")
    (chart,) = figure.charts
    assert chart.kind == "funnel"
    assert chart.series[0].values == (100.0, 80.0, 28.0, 24.0, 20.0, 16.0, 10.0)
    table = next(i for i in items if isinstance(i, Table))
    assert [row[0].zh for row in table.rows] == list(NAMES.values())
    assert table.foot[1:4] == (150.0, 131.0, 42.0)  # as sent: the misfit is seen beside its neighbours


def test_the_loader_names_steps_and_parts_that_do_not_nest(store):
    held = edu.open_store(store).county("990122").findings
    told = " ".join(held.loc[held["rule"] == "part_above_whole", "zh"])
    for name in ("批复项目数", "集中配餐学生数", "来信来访按期办结件数", "修复学校数"):
        assert name in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_and_table_stands_in_both_languages(store, lang):
    view = edu.open_prefecture("990100", store, lang=lang)
    for verb in VERBS:
        if verb == "show_given_ranks":
            continue  # what was judged bears the name that its publisher gave it
        for item in getattr(edu, verb)(view):
            text = item.sentence if isinstance(item, Finding) else item.title
            assert "nan" not in text.zh + text.en
            assert not any("一" <= char <= "鿿" for char in text.en)


def test_nothing_reported_is_said_and_nothing_is_zero(michigan):
    other = edu.open_county("01", michigan)
    said = [item.sentence.zh for verb in VERBS for item in getattr(edu, verb)(other)]
    assert said == [said[0]] * 4
    assert said[0].endswith("没有报送本项数据。")


def test_the_chapter_exists_where_its_data_are_and_calls_every_verb(store, michigan, tmp_path):
    notebook = Path(__file__).resolve().parent.parent / "notebooks" / "82_services.ipynb"
    code = "".join("".join(cell["source"]) for cell in json.loads(notebook.read_text("utf-8"))["cells"])
    assert all(f"edu.{verb}(view)" in code for verb in VERBS)
    for held, area, made in ((store, "990100", 1), (michigan, "MI", 0)):
        opened = edu.open_store(held)
        plan = make_plan([ReportArea(area, "x", "prefecture")], [notebook], {}, tmp_path, "2024")
        assert len(drop_unfed_chapters(plan, opened).jobs) == made


def test_word_draws_the_funnel_about_one_middle_and_its_workbook_opens():
    bars = Series(name=Text("数量", "Count"), values=(518.0, 377.0, None), role="own")
    chart = Chart(kind="funnel", categories=("a", "b", "c"), series=(bars,), unit=Text("", ""), decimals=0)
    document = word_page.create_document("zh")
    word_page.add_charts(document, [chart], "zh", ["说明"])
    held = io.BytesIO()
    document.save(held)
    parts = zipfile.ZipFile(held)
    root = etree.fromstring(parts.read("word/charts/chart1.xml"))
    space = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
    assert root.xpath("//c:grouping/@val", namespaces=space) == ["stacked"]
    room, own = root.findall(".//c:ser", space)
    assert room.xpath("c:val//c:v/text()", namespaces=space) == ["0.0", "70.5"]
    assert own.xpath("c:val//c:v/text()", namespaces=space) == ["518.0", "377.0"]
    assert room.find("c:spPr", space)[0].tag.endswith("noFill")
    sheet = openpyxl.load_workbook(
        io.BytesIO(parts.read("word/embeddings/Microsoft_Excel_Sheet1.xlsx"))
    ).active
    assert [[cell.value for cell in row] for row in sheet["A2:C4"]] == [
        ["a", 0, 518],
        ["b", 70.5, 377],
        ["c", None, None],
    ]
    assert np.isfinite(room.xpath("count(c:val)", namespaces=space))

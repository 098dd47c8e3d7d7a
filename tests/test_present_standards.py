"""Does the page say what the standard says, and one sentence where it cannot?"""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.catalogue.standards import list_standards, load_standard
from edustats.errors import DataError, ParameterError
from edustats.metrics.standards.items import combine_stage_verdicts, judge_items, judge_overall
from edustats.metrics.standards.readiness import (
    MissedCriterion,
    ReadinessStanding,
    plan_readiness_path,
    rank_by_readiness,
)
from edustats.present.records.items import Finding, Table
from edustats.present.records.numbers import format_year
from edustats.present.standards.assessment import _judge_years
from edustats.present.standards.case import QUALITY, _build_case, _judge_county, read_local_standard
from edustats.present.standards.shortfalls import _say_what_lacks
from edustats.store.writing import write_store
from edustats.words import Text
from tests.invented import loaded

VERBS = (
    "show_assessment",
    "show_difference_coefficients",
    "show_school_verdicts",
    "show_shortfalls",
    "show_allocation_plan",
    "show_standards_ranking",
    "show_declaration",
)
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores") / "invented"
    write_store(loaded(), folder)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The same schools with none of the columns the standards need, as Michigan's have."""
    made = loaded()
    keep = ["county", "unit", "year", "file", "row"]
    tidy = made.tidy[keep].assign(pupils=100.0)
    kinds = pd.DataFrame({"pupils": np.zeros(len(tidy), "uint8")})
    import dataclasses

    folder = tmp_path_factory.mktemp("stores") / "bare"
    write_store(dataclasses.replace(made, tidy=tidy, kinds=kinds), folder)
    return folder


def opened(store, county="991102", lang="zh", **years):
    return edu.open_county(county, store, lang=lang, **years)


def findings(sheet):
    return [item for item in sheet.items if isinstance(item, Finding)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_speaks_both_languages(store, lang):
    for verb in VERBS:
        for item in getattr(edu, verb)(
            opened(store, "991103", lang), **({"seconds": 1.0} if verb == "moves" else {})
        ).items:
            told = item.sentence if isinstance(item, Finding) else item.title
            assert told.zh
            assert told.en


def test_years_that_are_judged_together_are_judged_as_each_by_itself(store):
    view = opened(store)
    told = list(_judge_years(view, read_local_standard(view, QUALITY)))
    assert told
    for year, found, at in told:
        pairs = _judge_county(view, QUALITY, year=year).stages()
        own, place = next((one, there) for one, there in pairs if one.stage == found.stage)
        np.testing.assert_allclose(found.spread.cv[at], own.spread.cv[place], rtol=1e-12)
        assert found.spread_verdict[at].tolist() == own.spread_verdict[place].tolist()
        assert (
            found.schools.verdict[found.area == at].tolist()
            == own.schools.verdict[own.area == place].tolist()
        )


def test_data_without_the_columns_get_one_sentence_that_says_why(bare):
    sheets = [getattr(edu, verb)(opened(bare)) for verb in VERBS]
    said = [item for sheet in sheets for item in sheet.items]
    assert len(said) == 1
    assert said[0].verdict == "cannot_tell"
    assert "小学在校生数" in said[0].sentence.zh
    assert "cannot be judged" in said[0].sentence.en


def test_an_even_county_passes_what_can_be_computed_and_waits_for_papers(store):
    first = findings(edu.show_assessment(opened(store, "991101")))[0]
    assert first.verdict == "cannot_tell"
    assert "尚不能认定" in first.sentence.zh


def test_an_uneven_county_does_not_meet_it_and_every_number_is_kept_unrounded(store):
    view = opened(store, "991103")
    found = {f.key: f for f in findings(edu.show_assessment(view))}
    assert found["standards.quality_balance_2017"].verdict == "not_met"
    numbers = found["standards.quality_balance_2017.primary"].numbers
    rows = view.units[(view.units["year"] == 2023) & (view.units["pupils_primary"] > 0)]
    pupils, value = rows["pupils_primary"], rows["equipment_value_primary"] / rows["pupils_primary"]
    mean = np.average(value, weights=pupils)
    by_hand = math.sqrt(np.average((value - mean) ** 2, weights=pupils)) / mean
    assert any(abs(number.value - by_hand) < 1e-12 for number in numbers)


def test_all_32_items_are_listed_and_documents_are_marked(store):
    table = next(
        i
        for i in edu.show_assessment(opened(store)).items
        if isinstance(i, Table) and i.key == "standards.items"
    )
    items = load_standard("quality_balance_2017").items
    names = {row[0].zh for row in table.rows}
    wanted = (
        {f"r{k}" for k in range(1, 8)}
        | {f"g{k:02d}" for k in range(1, 16)}
        | {f"q{k}" for k in range(1, 10)}
        | {"s1"}
    )
    assert {items[key].zh for key in wanted} <= names
    assert not names & {name for name in names if name.startswith("g01")}
    assert next(row for row in table.rows if row[0].zh == items["g01"].zh)[-1].zh == "待核实材料"


def test_papers_decide_the_items_that_need_them(store):
    view = opened(store)
    case = _build_case(view, load_standard("quality_balance_2017"), 2023, {"g01": True, "g10": False})
    verdicts = combine_stage_verdicts(judge_items(case))
    assert (verdicts["g01"], verdicts["g10"], verdicts["g02"]) == ("met", "not_met", "needs_document")
    assert judge_overall(judge_items(case)) == "not_met"


def test_pay_is_compared_unrounded_and_rotation_needs_both_shares(store):
    case = _build_case(opened(store), load_standard("quality_balance_2017"), 2023, {})
    verdicts = {(v.item, v.stage): v for v in judge_items(case)}
    assert verdicts["g08", "compulsory"].value == pytest.approx((9.2e7 / 900) / (8.0e7 / 800))
    assert verdicts["g11", "all"].verdict == "met"
    assert verdicts["g11", "compulsory"].verdict == "met"


def test_a_small_school_funded_below_100_quotas_is_named(store):
    view = opened(store)
    which = load_standard("quality_balance_2017")
    case = _build_case(view, which, 2023, {})
    units = case.units.copy()
    units.loc[0, "pupils_primary"] = 60.0
    units["public_funds"] = 80_000.0
    units.loc[0, "public_funds"] = 71_000.0
    import dataclasses

    found = next(v for v in judge_items(dataclasses.replace(case, units=units)) if v.item == "g06")
    assert found.verdict == "not_met"  # 100 × 720 yuan from 2023
    assert found.offenders == (units["unit"][0],)


def test_music_rooms_and_art_rooms_are_counted_apart(store):
    import dataclasses

    case = _build_case(opened(store), load_standard("quality_balance_2017"), 2023, {})
    units = case.units.copy()
    for stage in ("primary", "junior"):
        units[f"classes_{stage}"] = np.where(units[f"pupils_{stage}"] > 0, 13.0, np.nan)
    units["music_rooms_96"], units["art_rooms_90"] = 10.0, 1.0
    found = next(v for v in judge_items(dataclasses.replace(case, units=units)) if v.item == "g03")
    assert found.verdict == "not_met"  # 13 classes need two art rooms; eleven rooms together do not do


def test_the_plan_on_the_page_leaves_no_school_failing_in_its_numbers(store):
    said = findings(edu.show_allocation_plan(opened(store), seconds=3.0))
    assert any("最省" in f.sentence.zh for f in said)
    assert all("最优性差距" in f.sentence.zh for f in said if "最省" in f.sentence.zh)


def test_without_prices_the_reason_is_named_on_the_page(store):
    said = findings(
        edu.show_allocation_plan(
            opened(store, "991103"), {f"r{k}": math.inf for k in range(1, 8)}, seconds=2.0
        )
    )
    assert "没有可行方案" in said[0].sentence.zh


def test_readiness_puts_the_passing_county_first_and_the_path_is_one_two_more_and_all(store):
    sheet = edu.show_standards_ranking(opened(store), target=12)
    tables = {t.key: t for t in sheet.items if isinstance(t, Table)}
    assert [row[0].zh for row in tables["standards.readiness"].rows] == ["甲县", "乙县", "丙县"]
    assert [row[0] for row in tables["standards.path"].rows] == [
        format_year(year) for year in (2024, 2025, 2025)
    ]
    assert "离12个还差11个" in findings(sheet)[0].sentence.zh


def test_a_path_that_falls_or_asks_for_too_many_is_refused():
    three = [ReadinessStanding(county=c, year=2023, misses=(), judged=1, open=0) for c in ("01", "02", "03")]
    for steps in ((2, 1), (1, 4), ()):
        with pytest.raises(ParameterError):
            plan_readiness_path(three, steps, 2024)


def test_nearness_is_fewest_misses_then_smallest_gaps():
    def made(county, *gaps):
        misses = tuple(MissedCriterion(item="cv", stage="primary", gap=gap) for gap in gaps)
        return ReadinessStanding(county=county, year=2023, misses=misses, judged=9, open=0)

    order = rank_by_readiness([made("a", 0.1, 0.1), made("b", 0.9), made("c", 0.2)])
    assert [one.county for one in order] == ["c", "b", "a"]


def test_preschool_is_judged_item_by_item_with_its_own_override(store):
    case = _build_case(opened(store), load_standard("preschool_universal_2020"), 2023, {})
    verdicts = judge_items(case)
    assert len(combine_stage_verdicts(verdicts)) == 36
    assert judge_overall(verdicts) == "open"


def test_the_declaration_workbook_holds_the_forms_numbers(store, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    view = opened(store, "991103")
    book = openpyxl.load_workbook(edu.save_declaration(view, tmp_path / "decl.xlsx"))
    assert book.sheetnames == [
        "表Ⅱ 小学",
        "表Ⅱ 初中",
        "表Ⅲ 差异系数",
        "表Ⅳ 政府保障",
        "表Ⅴ 教育质量",
        "表Ⅵ 社会认可度",
    ]
    page = book["表Ⅲ 差异系数"]
    row = next(r for r in page.iter_rows(min_row=3) if "差异系数" in str(r[1].value))
    assert row[2].number_format == "0.000"
    numbers = findings(edu.show_assessment(view))[1].numbers
    assert row[2].value == pytest.approx(next(n.value for n in numbers if n.unit == "coefficient"))
    assert not list(tmp_path.glob(".*"))


def test_a_county_with_nothing_to_declare_gets_a_sentence_and_no_file(bare, tmp_path):
    with pytest.raises(DataError):
        edu.save_declaration(opened(bare), tmp_path / "decl.xlsx")
    assert not list(tmp_path.iterdir())


def test_the_notebook_has_the_parameters_of_the_others_one_call_a_cell_and_no_outputs():
    cells = json.loads((NOTEBOOKS / "30_standards.ipynb").read_text("utf-8"))["cells"]
    other = json.loads((NOTEBOOKS / "20_county_equity.ipynb").read_text("utf-8"))["cells"]
    tagged = [c for c in cells if c["metadata"].get("tags") == ["parameters"]]
    assert len(tagged) == 1
    assert (
        tagged[0]["source"] == next(c for c in other if c["metadata"].get("tags") == ["parameters"])["source"]
    )
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    assert not any("def " in text for text in code)
    assert all(text.count("edu.") <= 2 for text in code)
    assert all(c.get("outputs") == [] for c in cells if c["cell_type"] == "code")


def test_the_notebook_runs_on_the_invented_county_and_on_one_without_columns(store, bare):
    cells = json.loads((NOTEBOOKS / "30_standards.ipynb").read_text("utf-8"))["cells"]
    for folder in (store, bare):
        space: dict[str, object] = {}
        for cell in (c for c in cells if c["cell_type"] == "code"):
            exec("".join(cell["source"]), space)  # noqa: S102
            if cell["metadata"].get("tags"):
                space |= {"county": "991101", "store": str(folder)}


def test_a_bureaus_own_marks_beside_the_store_are_the_ones_judged(tmp_path):
    folder = tmp_path / "ours"
    write_store(loaded(), folder)
    before = findings(edu.show_assessment(opened(folder, "991101")))[1]
    own = tmp_path / "ours.standards"
    own.mkdir()
    (own / "city.toml").write_text(
        'overrides = "quality_balance_2017"\nzh = "某市"\nen = "a city"\n[[thresholds]]\nitem = "cv"\n'
        'stage = "primary"\nvalue = 0.01\nunit = "coefficient"\nop = "<="\nstart = 2020-01-01\n'
        'source = { zh = "市文件", en = "city document" }\n', "utf-8",
    )  # fmt: skip
    after = findings(edu.show_assessment(opened(folder, "991101")))[1]
    assert (before.verdict, after.verdict) == ("met", "not_met")
    assert "超过0.01的有7项" in after.sentence.zh


@pytest.mark.parametrize("key", list_standards())
def test_every_standard_gives_every_item_a_verdict(store, key):
    found = judge_items(_build_case(opened(store), load_standard(key), 2023, {}))
    assert {one.item for one in found} == set(load_standard(key).items)
    assert all(
        one.verdict in ("met", "basic", "not_met", "needs_document", "no_data", "partial", "one_school")
        for one in found
    )


def test_spending_that_falls_misses_the_two_growth_rules(store):
    import dataclasses

    case = _build_case(opened(store), load_standard("finance_growth"), 2023, {})
    row = {"indicator": "count_budget_education", "value": 99.0, "status": "ok", "n": 1, "coverage": 1.0}
    case = dataclasses.replace(
        case, observed=pd.DataFrame([row]), before=pd.DataFrame([row | {"value": 100.0}])
    )
    found = {one.item: one.verdict for one in judge_items(case)}
    assert found["two_total"] == "not_met"
    assert found["three"] == "needs_document"


def test_rounding_excuses_nobody_where_all_are_asked_for(store):
    import dataclasses

    case = _build_case(opened(store), load_standard("quality_balance_2017"), 2023, {})

    def verdict(indicator, item, value):
        row = {"indicator": indicator, "value": value, "status": "ok", "n": 1, "coverage": 1.0}
        seen = dataclasses.replace(case, observed=pd.DataFrame([row]))
        return next(v.verdict for v in judge_items(seen) if v.item == item)

    assert verdict("share_teachers_certified", "g12", 0.9997) == "not_met"
    assert verdict("share_teachers_certified", "g12", 1.0) == "met"
    assert verdict("share_migrant_public", "g15", 0.8496) == "met"  # prints as 85.0%
    assert verdict("share_migrant_public", "g15", 0.8494) == "not_met"


def test_goods_of_which_nothing_lacks_are_not_listed():
    told = ("0", "240", "0.0", "10")
    totals = {
        name: Text(much, much)
        for name, much in zip(("teachers", "square_metres", "yuan", "rooms"), told, strict=True)
    }
    assert [one.zh for one in _say_what_lacks(totals)] == ["面积240平方米", "网络多媒体教室10间"]
    nothing = dict.fromkeys(totals, Text("0", "0"))  # of less than is printed, all is told
    assert [one.en for one in _say_what_lacks(nothing)] == [
        "0 teachers (by kind)", "0 m²", "equipment worth 0 × 10,000 yuan", "0 multimedia rooms",
    ]  # fmt: skip

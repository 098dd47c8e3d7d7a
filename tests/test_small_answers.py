"""Does each small step of reading, choosing and saying give the one right answer where a neighbour gives another?

Direct calls with small, uneven answers: what chapters and published files come by, and no chapter shows by itself.
"""

import math
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from handmade import write_census
from printing import PRINTED, store_of

import edustats as edu
from edustats.analysis.prices import is_nominal_money
from edustats.catalogue import catalogue
from edustats.load.reading.years import years_said
from edustats.load.tables.reader import load_tables
from edustats.metrics.teachers.retirement import RetirementWave
from edustats.present.brief import facts
from edustats.present.brief.choosing import WeighedFact, choose_cards
from edustats.present.county.forecasts import _summarize_forecasts
from edustats.present.county.peers import _format_feature
from edustats.present.county.targets import _choose_target_decimals
from edustats.present.equity import change
from edustats.present.equity.change import _describe_certainty
from edustats.present.finance.equity import Neighbours, _compare_first_year, _spread, _tell_pay_gap
from edustats.present.finance.for_brief import judge_two_rules_of
from edustats.present.finance.rules import _list_doubts
from edustats.present.records.chart import Chart, Series
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import (
    NO_SOURCE,
    Figure,
    Finding,
    Number,
    Provenance,
    Table,
    TableColumn,
)
from edustats.present.records.numbers import (
    change_matches_ends,
    format_amount,
    format_count,
    format_difference,
    join_sentence,
)
from edustats.present.records.row_filter import (
    ALL_ROWS,
    RowFilter,
    describe_rows,
    describe_years,
    select_rows,
)
from edustats.present.records.sheet import _add_source
from edustats.present.standards.coefficients import _describe_chance
from edustats.present.teachers.for_brief import tell_wave
from edustats.present.teachers.retirement import _tell_third
from edustats.present.view.notes import _describe_bounds
from edustats.report.trace.sources import _SourceListing
from edustats.store.writing import write_store
from edustats.words import NOTHING, Text, join_texts, say

KNOWN = catalogue()


@pytest.fixture(scope="module")
def county():
    return edu.open_county("991101", store_of(), lang="zh")


@pytest.fixture(scope="module")
def prefecture():
    return edu.open_prefecture("991100", store_of(), lang="zh")


# --- the brief's cards ---


def cards(weights, told=(), order=("a", "b", "c"), most=2, bonus=1.0):
    rules = {"cards": {"order": list(order), "bonus": bonus, "per_stem": 1, "scale": 1, "most": most}}
    weighed = {
        key: SimpleNamespace(weight=weight, fact=SimpleNamespace(key=key)) for key, weight in weights.items()
    }
    return [fact.key for fact in choose_cards(weighed, rules, told)]


def test_cards_are_the_weightiest_in_the_declared_order_and_first_what_was_not_told():
    assert cards({"a": 1.0, "b": 3.0, "c": 2.0}) == ["b", "c"]
    assert cards({"a": 1.0, "b": 1.0, "c": 1.0}) == ["a", "b"]  # equal weight: the order's bonus decides
    assert cards({"a": 1.0, "b": 3.0, "c": 2.0}, told=["b"]) == ["a", "c"]
    assert cards({"a": 1.0, "b": 6.5, "c": 2.0}, told=["b"]) == [
        "b",
        "c",
    ]  # worth more than what telling costs
    assert cards({"a": 1.0, "z": 9.0}) == ["a"]  # what the order does not name is no card


def test_of_one_kind_few_cards_and_of_counts_of_pupils_one():
    ratio = ("ratio_primary", "ratio_junior", "share_primary")
    assert cards({"ratio_primary": 3.0, "ratio_junior": 2.0, "share_primary": 1.0}, order=ratio) == [
        "ratio_primary", "share_primary",
    ]  # fmt: skip
    counts = ("count_pupils_primary", "count_children", "count_teachers_primary", "count_teachers_junior")
    assert cards(dict.fromkeys(counts, 1.0), order=counts, most=4, bonus=0.0) == [
        "count_pupils_primary", "count_teachers_primary", "count_teachers_junior",
    ]  # fmt: skip


def test_a_facts_weight_is_that_of_all_its_reasons():
    reasons = tuple(SimpleNamespace(weight=weight) for weight in (0.5, 0.25))
    assert WeighedFact(None, reasons).weight == 0.75


# --- numbers that stand together ---


def test_a_difference_that_does_not_match_the_printed_ends_is_explained_and_no_other():
    unit = KNOWN.units["pupils_per_teacher"]

    def said(first, last, gap):
        parts = format_amount(first, unit), format_amount(last, unit), format_difference(gap, unit)
        return join_sentence(join_texts(parts, Text("；", "; "))).zh

    noted = "17.0:1；17.0:1；0.1（因四舍五入，两端之差与所列变化略有出入）。"
    assert said(17.04, 16.96, 0.08) == noted
    assert said(17.0, 16.0, 1.0) == "17.0:1；16.0:1；1.0。"
    persons = KNOWN.units["person"]
    tens = (
        format_amount(23_449, persons),
        format_amount(10_051, persons),
        format_difference(13_398, persons),
    )
    told = join_sentence(join_texts(tens, Text("；", "; ")))
    assert told.zh.startswith("2.34万人；1.01万人；1.34万人（因")  # printed 1.33 apart
    assert "rounded" not in told.en
    # half a hundred-thousandth off: another difference altogether, not that of the two
    assert said(17.04, 16.96, 0.08 * (1 + 5e-6)) == "17.0:1；17.0:1；0.1。"


def test_a_rounded_change_is_that_of_the_rounded_ends_or_is_not():
    share, ratio = KNOWN.units["share"], KNOWN.units["pupils_per_teacher"]
    assert change_matches_ends(0.101, 0.252, share)  # 10.1, 25.2, 15.1
    assert not change_matches_ends(0.1004, 0.1006, share)  # 10.0, 10.1 and 0.0
    assert change_matches_ends(0.1004, 0.1006, share, 0)
    assert not change_matches_ends(17.04, 16.96, ratio)


# --- rows of a source ---


def test_rows_are_said_for_programs_and_for_people():
    rows = RowFilter(whose="units", areas=("990101", "990102"), years=(2023, 2024), group="primary", units=7)
    assert str(rows) == "rows=units area=990101,990102 year=2023,2024 group=primary n=7"
    assert str(RowFilter(whose="counties", areas=("99",), until=2024)) == "rows=counties area=99 year=..2024"
    assert str(RowFilter()) == ""
    assert [describe_years(one).zh for one in (rows, RowFilter(until=2024), RowFilter())] == [
        "2023、2024", "至2024", "",
    ]  # fmt: skip
    assert select_rows("peers", "990101", group="junior") == RowFilter(
        whose="peers", areas=("990101",), group="junior"
    )
    assert [RowFilter(whose=whose).of_others for whose in ("counties", "peers", "units", "area")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert describe_rows(rows).zh == "990101、990102各校或各区 · 2023、2024 · 小学 · 有数的单位7个"
    with pytest.raises(ValueError, match="nobody"):
        RowFilter(whose="nobody")


def test_files_behind_rows_are_those_of_the_years_that_are_named(county):
    assert county.origin(RowFilter(areas=("991101",), years=(2024,)), ["pupils_primary"])[0] == (
        ("invented.csv", "0" * 64),
    )
    assert county.origin(RowFilter(areas=("991102",), years=(2024,)))[1] == ()
    asked = []
    stub = SimpleNamespace(
        area="1", above="9", has_units=True, first_year=2020, last_year=2023, remember=lambda key, make: make(),
        origins=SimpleNamespace(of=lambda years, columns: (asked.append(years), (((), ())))[1]),
        _list_files_of_years=lambda years: (),
    )  # fmt: skip
    for rows in (RowFilter(), RowFilter(until=2021), RowFilter(years=(2022,))):
        type(county).origin(stub, rows)
    assert asked == [(2020, 2021, 2022, 2023), (2020, 2021), (2022,)]


# --- money ---


def test_the_brief_hears_which_rule_of_money_is_broken_and_where(county, prefecture):
    assert judge_two_rules_of(county, 2023) == ("met", Text("", ""))
    verdict, fallen = judge_two_rules_of(county, 2024)  # a tenth less money, two in a hundred fewer pupils
    assert (verdict, fallen.zh, fallen.en) == ("not_met", "小学、初中", "primary, junior secondary")
    assert judge_two_rules_of(county, 2030)[0] == ""
    assert judge_two_rules_of(prefecture, 2024)[0] == ""


def neighbours(*amounts, years=(2021, 2022, 2023), pupils=100.0):
    accounts = tuple(
        SimpleNamespace(
            years=years, data=SimpleNamespace(area=code, name=Text(code, code)),
            column=lambda name, held=held: np.array(held), pupils=lambda stage: (np.full(len(years), pupils), None),
        )
        for code, held in amounts
    )  # fmt: skip
    return Neighbours(SimpleNamespace(years=years, year=years[-1]), accounts)


def test_counties_are_compared_from_the_first_year_with_enough_of_them():
    nan = math.nan
    around = neighbours(("01", [nan, 2e4, 3e4]), ("02", [1e4, 4e4, 3e4]), ("21", [1e4, 6e4, 3e4]))
    assert _spread(around, "primary", 2021) is None  # two counties
    spread, held = _spread(around, "primary", 2022)
    assert (held, spread.ratio, held[spread.highest], held[spread.lowest]) == ([0, 1, 2], 3.0, 2, 0)
    # 200, 400, 600: a mean of 400 and a population deviation of 163.3
    told, first = _compare_first_year(around, "primary")
    assert (told.zh, first) == ("（2022年为0.408）", 2022)
    assert _compare_first_year(neighbours(("01", [1e4] * 3)), "primary") == (NOTHING, 0)
    assert list(around.districts) == [True, True, False]
    assert list(neighbours(("9A", [1.0] * 3), ("20", [1.0] * 3), ("81", [1.0] * 3)).districts) == [
        False, True, False,
    ]  # fmt: skip


def test_years_in_doubt_are_named_where_the_view_has_them(county):
    accounts = SimpleNamespace(doubtful={
        "all": {2019: "leap", 2023: "negative"}, "primary": {2010: "outside"}, "junior": {2022: "outside"},
    })  # fmt: skip
    view = SimpleNamespace(
        view=county, years=(2022, 2023, 2024), year=2024, accounts=accounts, source=lambda key, *_: county.provenance(
            KNOWN.indicator("count_budget_education"), county.own_rows()),
    )  # fmt: skip
    told = {one.key: (one.verdict, one.sentence.zh) for one in _list_doubts(view)}
    assert [key.rsplit(".", 1)[-1] for key in told] == ["all", "junior"]
    assert all(verdict == "cannot_tell" for verdict, _ in told.values())
    said = [sentence for _, sentence in told.values()]
    assert said[0].endswith("有数据存疑，未作判断：2023年小于零。")
    assert said[1].startswith("初中")
    assert said[1].endswith("2022年超出生均经费的可能范围，请核对单位和学生数。")


# --- retirement ---


def wave(lower, total, upper, teachers=90.0):
    arrays = {
        name: np.array(held, float) for name, held in (("lower", lower), ("total", total), ("upper", upper))
    }
    return RetirementWave(
        years=(2025, 2026, 2027), expected=np.ones(3), teachers=teachers, too_old=0.0, **arrays
    )


@pytest.mark.parametrize(
    ("lower", "total", "upper", "said"),
    [
        ([30, 40, 50], [30, 40, 50], [30, 40, 50], "；三分之一的教师在2025年底前退休"),
        (
            [10, 20, 30],
            [10, 30, 40],
            [30, 40, 50],
            "；三分之一的教师约在2026年底前退休（最早2025年，最迟2027年）",
        ),
        ([10, 20, 29], [10, 30, 40], [30, 40, 50], "；三分之一的教师约在2026年底前退休（最早2025年）"),
        ([10, 20, 29], [10, 20, 29], [29, 30, 40], "；三分之一的教师最早2026年退休，也可能晚于2027年"),
        ([1, 2, 3], [4, 5, 6], [7, 8, 29], "；到2027年底退休的不到三分之一"),
    ],
)
def test_when_a_third_is_gone_is_said_as_surely_as_it_is_known(lower, total, upper, said):
    assert _tell_third(wave(lower, total, upper)).zh == said


def test_the_brief_tells_the_share_that_retires_in_five_years(county, prefecture):
    assert tell_wave(county).zh == "按法定退休年龄推算，到2029年底约14.4%的义务教育专任教师退休"  # 22 of 153
    assert tell_wave(prefecture).zh == ""


# --- certainty of a coefficient's change ---


@pytest.mark.parametrize(
    ("lower", "upper", "note", "said"),
    [
        (-0.02, 0.05, "", ("−0.020", "0.050")),
        (0.01, 0.05, "", ("0.010", "0.050")),
        (-0.05, -0.01, "", ("0.010", "0.050")),
        (math.nan, math.nan, "too_few", ()),
    ],
)
def test_limits_of_a_change_are_sizes_where_it_is_sure_and_signed_where_it_is_not(lower, upper, note, said):
    move = SimpleNamespace(
        lower=lower, upper=upper, note=note,
        is_certain=math.isfinite(lower) and not lower <= 0 <= upper,
    )  # fmt: skip
    told = _describe_certainty(move, Text("学校", "schools"))
    assert tuple(span.number.zh for span in told.spans) == said


# --- the index of a prefecture by hand ---

INDEX = """name = "试行指数"
source = "市政府试行办法"
scores = "goal"
phases = [1, 2]
[[indicators]]
indicator = "per_pupil_books_primary"
weight = 0.75
goal = 40
[[indicators]]
indicator = "per_pupil_teaching_area_primary"
weight = 0.25
goal = 10
"""


@pytest.fixture
def indexed(prefecture):
    file = store_of().with_name(f"{store_of().name}.index.toml")
    file.write_text(INDEX, "utf-8")
    yield list(edu.show_index(prefecture))
    file.unlink()


def test_the_index_by_hand_in_one_sentence_with_who_lacks_what(indexed):
    """0.75 × 24.99/40 and 0.25 × 8.78/10 for 甲县; 丁县 has more than the goal of the second and 乙县 no books."""
    said = next(one for one in indexed if isinstance(one, Finding))
    assert said.sentence.zh == (
        "2024年，手工市5个县（市、区）按2项指标合成（算术平均），第1批丁县；第2批甲县、丙县；第3批戊县；10000组其他权重下，"
        "丁县居首的占100.0%；乙县缺指标，未排入；改用几何平均，分批名单不变。"
    )
    assert (
        said.note.zh == "市政府试行办法。不缺不补：缺一项即无指数，表中给出所缺一项取最差、最好时的上下限。"
    )
    source = said.numbers[0].source
    assert source.formula == "0.75 × per_pupil_books_primary + 0.25 × per_pupil_teaching_area_primary"
    assert str(source.filter) == "rows=area area=991100 year=2024"


def test_the_tables_of_the_index_by_hand(indexed):
    tables = {one.key: one for one in indexed if isinstance(one, Table)}
    assert format_table_rows(tables["index.areas"], "zh") == [
        ["丁县", "0.719", "—", "—", "1", "100.0%", "100.0%", "1"],
        ["甲县", "0.688", "—", "—", "2", "100.0%", "0.0%", "2"],
        ["丙县", "0.666", "—", "—", "3", "100.0%", "0.0%", "2"],
        ["戊县", "0.644", "—", "—", "4", "100.0%", "0.0%", "3"],
        ["乙县", "—", "0.250—1.000", "小学生均图书册数", "—", "—", "—", "—"],
    ]
    assert not tables["index.areas"].brief
    assert tables["index.areas"].sortable
    assert format_table_rows(tables["index.declared"], "zh") == [
        ["小学生均图书册数", "0.750", "越高越好", "40.00册"],
        ["小学生均教学及辅助用房面积", "0.250", "越高越好", "10.00平方米"],
    ]
    figure = next(one for one in indexed if isinstance(one, Figure))
    assert format_table_rows(figure.data, "zh") == [
        ["丁县", "100.0%", "0.0%", "0.0%", "0.0%"], ["甲县", "0.0%", "100.0%", "0.0%", "0.0%"],
        ["丙县", "0.0%", "0.0%", "100.0%", "0.0%"], ["戊县", "0.0%", "0.0%", "0.0%", "100.0%"],
    ]  # fmt: skip


# --- charts in Word ---


def word_values(xml, tag):
    return re.findall(rf'<c:{tag} val="([^"]*)"', xml)


def test_a_word_chart_leaves_out_labels_only_where_there_are_too_many():
    from edustats.report.publish.word_chart import render_chart_xml

    def skipped(kind, n, width):
        one = Series(name=Text("甲", "A"), values=tuple(float(k) for k in range(n)), role="own")
        made = Chart(
            kind=kind,
            categories=tuple(map(str, range(n))),
            series=(one,),
            unit=Text("人", "persons"),
            decimals=0,
        )
        return word_values(render_chart_xml(made, "zh", "rId1", width), "tickLblSkip")

    assert skipped("line", 17, 150.0) == ["2"]
    assert skipped("line", 16, 150.0) == []
    assert skipped("line", 9, 45.0) == ["3"]  # a panel: four labels
    assert skipped("bar", 40, 150.0) == []


def test_points_of_a_word_chart_are_filled_by_their_role():
    from edustats.report.publish import word_chart

    style = word_chart._style_marked_series
    assert (style("line", 0, "own")["fill"], style("line", 1, "")["fill"]) == (
        word_chart.ACCENT,
        word_chart.INK,
    )
    assert style("dot", 0, "own")["fill"] == word_chart.ACCENT
    assert [style("dot", k, "")["fill"] for k in range(3)] == list(word_chart.FILLS[:3])
    assert [style(kind, 0, "")["stroke"] for kind in ("line", "dot")] == [True, False]
    assert style("dot", 1, "own")["colour"] == word_chart.ACCENT
    reference = [word_chart._style_reference_line(k)["dash"] for k in range(len(word_chart.DASHES) + 1)]
    assert reference == [*word_chart.DASHES, word_chart.DASHES[0]]


# --- a batch on its way ---


def test_a_report_with_withheld_figures_says_so_and_a_failed_one_why(monkeypatch, tmp_path):
    from edustats.report.run import worker

    monkeypatch.setattr(worker, "_clean_notebook", lambda *_: None)
    monkeypatch.setattr(worker, "find_fault", lambda *_: "")
    order = SimpleNamespace(name=Text("甲县", "A"), lang="zh")

    def outcome(withheld, **record):
        monkeypatch.setattr(worker, "has_suppressed_figures", lambda _: withheld)
        book = SimpleNamespace(metadata=SimpleNamespace(papermill=dict(record)))
        return worker._record_outcome(order, book, tmp_path, "10_a.ipynb")

    assert outcome(False, status="completed", peak_mb=12.34) == {
        "cell": None, "signal": None, "state": "ok", "reason": "", "peak_mb": 12.3,
    }  # fmt: skip
    assert outcome(True, status="completed")["state"] == "ok_with_suppression"
    failed = outcome(False, status="failed", reason="内存不足", cell=3)
    assert (failed["state"], failed["reason"], failed["cell"], failed["peak_mb"]) == (
        "failed",
        "内存不足",
        3,
        None,
    )
    assert outcome(False)["state"] == "failed"
    monkeypatch.setattr(worker, "find_fault", lambda *_: "没有输出")
    assert outcome(False, status="completed")["reason"] == "没有输出"


def test_the_sequence_of_a_folder_begins_at_nought(tmp_path):
    from edustats.report.edition.folders import _read_sequence

    assert _read_sequence(tmp_path) == 0


def test_wrong_reports_are_counted_on_the_status_line(capsys):
    from edustats.report.edition.manifest import ReportResult
    from edustats.report.run.progress import TerminalProgress

    facts = {"name": "甲县", "folder": "01-x", "notebook": "10_a", "county": "01"}
    with TerminalProgress("zh") as shown:
        for k, state in enumerate(("ok", "failed", "failed"), 1):
            shown.step(ReportResult(**facts, state=state, seconds=1.0), k, 3)
    assert "出错 2 份" in capsys.readouterr().err


def test_an_error_of_a_cell_is_told_as_one_and_print_is_not():
    from edustats.report.trace.notebook import _read_output

    error = {"output_type": "error", "ename": "ValueError", "evalue": "\x1b[31mx\x1b[0m", "traceback": []}
    (told,) = _read_output(error)
    assert (told.text, told.error) == ("ValueError: x", True)
    (said,) = _read_output({"output_type": "stream", "name": "stdout", "text": "一行\n"})
    assert said.error is False
    assert list(_read_output({"output_type": "stream", "name": "stderr", "text": "x"})) == []


# --- numbers of cells ---


def test_a_plain_cell_is_printed_with_its_thousands_apart():
    from edustats.report.trace.quantities import list_quantities, read_quantity

    plain = TableColumn(label=Text("数", "number"), decimals=1)
    (one,) = list_quantities(12345.678, plain)
    assert (one.value, one.decimals, one.shown.en) == (12345.678, 1, "12,345.7")
    assert one.shown.zh == "12345.7"
    assert all(list_quantities(nothing, plain) == [] for nothing in (True, math.nan, None))
    twelve = format_count(12)
    assert read_quantity(twelve, plain).value == 12
    assert read_quantity(join_sentence(twelve), plain) is None  # a sentence with a number in it is no number


@pytest.mark.parametrize(("years", "told"), [((2024, 2024), 2024), ((2015, 2024), None)])
def test_a_number_of_a_note_has_the_year_of_its_sources_only_where_they_agree(years, told):
    """The first source's year would be told for a sentence about the last."""
    sources = [
        Provenance(
            files=(), filter=RowFilter(years=(year,)), formula=f"f{k}", clause=Text("", ""), version=""
        )
        for k, year in enumerate(years)
    ]
    numbers = tuple(
        Number(label=Text("数", "n"), value=float(k), unit="", decimals=0, source=source)
        for k, source in enumerate(sources)
    )
    sentence = say("sentences.bracketed", name=format_count(0), value=format_count(1))
    said = Finding(key="k", sentence=sentence, numbers=numbers, note=format_count(44))
    listing = _SourceListing("zh")
    listing.add(said, "10_a")
    assert [one.year for one in listing.numbers] == [*years, told]


def test_figures_of_an_edition_are_numbered_from_nought(prefecture):
    from edustats.report.edition.revisions import collect_figures

    with collect_figures(prefecture.store, ["991101", "991102"], KNOWN) as file:
        rows = pd.read_parquet(file)
    assert list(rows.index) == list(range(len(rows)))
    assert list(rows.columns) == ["area", "year", "indicator", "value"]
    assert set(rows["area"]) == {"991101", "991102"}
    assert not rows.duplicated(["area", "year", "indicator"]).any()
    assert rows["value"].notna().all()
    assert list(rows[["area", "year", "indicator"]].itertuples(index=False)) == sorted(
        rows[["area", "year", "indicator"]].itertuples(index=False)
    )


# --- a plan that has nothing to do ---


def test_a_plan_without_moves_is_nothing_only_where_nothing_is_bought_either(county, monkeypatch):
    from edustats.metrics.standards.allocation import AllocationPlan
    from edustats.present.standards import allocation

    monkeypatch.setattr(allocation, "_count_plan_measures", lambda *_: {})
    monkeypatch.setattr(allocation, "_note_plan_prices", lambda *_: Text("", ""))
    monkeypatch.setattr(allocation, "say", lambda key, **_: Text(key, key))
    judged, found = SimpleNamespace(view=county), SimpleNamespace(stage="primary")
    told = []
    for moves, purchases in (((), ()), (("m",), ()), ((), ("p",)), (("m",), ("p",))):
        made = AllocationPlan(
            status="optimal", cost=1.0, bound=1.0, gap=0.0, moves=moves, purchases=purchases
        )
        told.append(allocation._describe_plan(judged, found, made, None).sentence.zh)
    assert told == ["standards.plan_nothing。", *["standards.plan。"] * 3]


# --- targets, forecasts, coverage, certainty ---


@pytest.mark.parametrize(
    ("value", "target", "verdict", "places"),
    [
        (0.13999, 0.14, "not_met", 3),  # 14.0 % would look like a target that is met
        (0.1 - 1e-9, 0.1, "not_met", 4),  # and beyond four decimals nobody looks
        (0.12, 0.14, "not_met", 1),
        (0.13999, 0.14, "met", 1),
    ],
)
def test_a_target_that_is_missed_by_little_is_printed_with_the_decimals_that_show_it(
    value, target, verdict, places
):
    judged = SimpleNamespace(value=value, target=SimpleNamespace(value=target), verdict=verdict)
    assert _choose_target_decimals(judged, KNOWN.units["share"]) == places


def test_an_overview_of_forecasts_speaks_of_past_errors_only_where_something_is_forecast():
    keys = ("a", "b", "c")
    test = SimpleNamespace(error=0.975, naive=1.136)
    found = SimpleNamespace(
        row={(key, "1"): k for k, key in enumerate(keys)},
        found=SimpleNamespace(reason=["", "too_few", "too_few"], back_test=lambda: [test]),
    )
    view = SimpleNamespace(name=Text("甲县", "A"), area="1")
    mine = [SimpleNamespace(key=key) for key in keys]
    begun = "甲县有数据的3个指标中，1个可以预测；2个"
    told = _summarize_forecasts(view, found, mine, mine[:1]).zh
    assert told.startswith(begun)
    assert told.endswith(
        "以往提前一年作同样的预测，平均误差相当于常年变动幅度的0.98，照搬上年数则为1.14（常年变动幅度计为1）"
    )
    assert "以往" not in _summarize_forecasts(view, found, mine, []).zh
    found.found.back_test = list
    assert "以往" not in _summarize_forecasts(view, found, mine, mine[:1]).zh


def test_a_share_that_does_not_cover_its_area_lies_between_bounds_and_no_other():
    def told(key, value, share, whole=False):
        cover = SimpleNamespace(
            is_whole=whole, share=share, bounds=lambda v: (v * share, v * share + 1 - share)
        )
        view = SimpleNamespace(area="1", known=KNOWN, cover_of=lambda *_: cover)
        return [one.zh for one in _describe_bounds(view, KNOWN.indicator(key), 2024, value)]

    (said,) = told("share_qualified_primary", 0.5, 0.8)
    assert said == "未报的部分不论如何，全部的比例在40.0～60.0（%）之间"
    assert told("share_qualified_primary", 0.5, 0.8, whole=True) == []
    assert told("ratio_pupils_per_teacher_primary", 0.5, 0.8) == []
    assert told("share_qualified_primary", 1.5, 0.8) == []
    assert told("share_qualified_primary", 0.5, 1.0) == []
    assert told("share_qualified_primary", 0.5, 0.0) == []


@pytest.mark.parametrize(
    ("stands", "lower", "said"),
    [
        (0.995, 0.4, "判定不变的概率在99%以上（差异系数的95%区间为0.400～0.500）"),
        (0.83, 0.4, "判定不变的概率为83%（差异系数的95%区间为0.400～0.500）"),
        (0.004, 0.4, "判定不变的概率为不到1%（差异系数的95%区间为0.400～0.500）"),
        (0.995, math.nan, "判定不变的概率在99%以上"),
        (0.83, math.nan, "判定不变的概率为83%"),
        (math.nan, 0.4, "学校太少或轻重悬殊，不给概率"),
    ],
)
def test_how_likely_a_verdict_stands(stands, lower, said):
    assert _describe_chance(SimpleNamespace(stands=stands, lower=lower, upper=0.5)).zh == said


def test_the_pay_gap_is_told_of_two_years_and_not_of_one(county):
    def told(*gaps):
        accounts = tuple(
            SimpleNamespace(
                years=(2022, 2023), data=SimpleNamespace(area=code, name=Text(code, code)), has=lambda key: True,
                column=lambda name, held=held: np.array([1.0, 1.0]) if name == "teachers_paid" else np.array(held),
            )
            for code, held in (("01", gaps), ("21", (1e4, 1e4)))
        )  # fmt: skip
        case = SimpleNamespace(
            years=(2022, 2023), year=2023, accounts=accounts[0], view=county, title_key="finance",
            shared_source=lambda key, *_: county.provenance(KNOWN.indicator("mean_pay_teachers"), county.own_rows()),
        )  # fmt: skip
        return _tell_pay_gap(Neighbours(case, accounts))

    assert told(math.nan, 3e4) == []
    said, table = told(2e4, 3e4)
    assert said.sentence.zh == (
        "手工市教师人均绩效工资，市区由2022年的20000元到2023年的30000元，县域由10000元到10000元；"
        "差距由10000元扩大到20000元，市区与县域之比由2.00到3.00。"
    )
    assert format_table_rows(table, "zh") == [
        ["2022", "20000", "10000", "10000", "2.00"], ["2023", "30000", "10000", "20000", "3.00"],
    ]  # fmt: skip
    assert "差距由10000元缩小到4000元" in told(2e4, 1.4e4)[0].sentence.zh
    turned = told(2e4, 0.4e4)[0].sentence
    assert "；由市区高10000元变为县域高6000元，" in turned.zh
    assert "; districts stood 10,000 yuan higher then, counties 6,000 yuan higher now, " in turned.en


@pytest.mark.parametrize(
    ("value", "shown"), [(100.0, "100"), (99.994, "99.994"), (-150.4, "−150"), (0.1234, "0.123")]
)
def test_what_makes_a_peer_is_printed_whole_from_a_hundred_on(value, shown):
    ratio = SimpleNamespace(formulas=(("count_age_3_5", "count_age_6_11"),))
    said = _format_feature(None, ratio, value)
    assert (said.zh, said.unit) == (shown, "coefficient")


@pytest.mark.parametrize(
    ("num", "value", "shown", "unit"),
    [
        ("share_urban", 0.371, "37.1%", "share"),
        ("count_pupils_primary + count_pupils_junior", 39132.0, "39132", "person"),
    ],
)
def test_what_makes_a_peer_has_the_unit_of_its_indicator(num, value, shown, unit):
    view = SimpleNamespace(known=catalogue())
    said = _format_feature(view, SimpleNamespace(formulas=((num, ""),)), value)
    assert (said.zh, said.unit) == (shown, unit)


def test_the_facts_of_a_brief_read_their_rows_by_years():
    rows = pd.DataFrame({
        "indicator": ["b", "a", "a", "a"], "area": [1, 1, 1, 2], "year": [2023, 2024, 2022, 2023],
        "value": [9.0, 3.0, 1.0, np.nan], "num": 1.0, "den": 1.0, "status": "ok", "level": "county", "coverage": 1.0,
    })  # fmt: skip
    rows = rows.assign(**{name: 0 for name in facts._Rows.__slots__ if name not in rows})
    held = facts._split_by_indicator(rows)
    assert set(held) == {"a", "b"}
    assert (list(held["a"].year), list(held["a"].value), list(held["a"].area)) == (
        [2022, 2024],
        [1.0, 3.0],
        ["1", "1"],
    )


@pytest.mark.parametrize(
    ("first", "last", "certain", "key", "verdict"),
    [
        (0.2, 0.3, True, "up", "wider"), (0.3, 0.2, True, "down", "narrower"), (0.3, 0.2, False, "down", "cannot_tell"),
        (0.3, 0.3001, True, "flat", "cannot_tell"), (0.3004, 0.3006, True, "nearly_flat", "cannot_tell"),
    ],
)  # fmt: skip
def test_a_coefficient_rises_falls_or_stands_as_it_is_printed(
    monkeypatch, first, last, certain, key, verdict
):
    asked = []
    monkeypatch.setattr(
        change, "say", lambda address, **facts: (asked.append((address, facts)), Text(address, address))[1]
    )
    place = SimpleNamespace(area=Text("甲", "A"), unit_name=Text("学校", "schools"))
    monkeypatch.setattr(change, "describe_comparison_field", lambda view: place)
    monkeypatch.setattr(change, "trace_units", lambda view, u: NO_SOURCE)
    monkeypatch.setattr(change, "write_scope_note", lambda *_: Text("", ""))
    then, now = (
        SimpleNamespace(year=year, indicator=KNOWN.indicator("per_pupil_books_primary"))
        for year in (2017, 2024)
    )
    move = SimpleNamespace(
        first=first, last=last, size=last - first, lower=0.1, upper=0.2, is_certain=certain, note="", parts=None,
        then=then, now=now,
    )  # fmt: skip
    found = change._describe_coefficient_change(None, move)
    told = dict(asked)
    assert f"equity.changed_{key}" in told
    assert found.verdict == verdict
    facts_told = told[f"equity.changed_{key}"]
    assert (facts_told["first_year"], facts_told["last_year"]) == (2017, 2024)
    assert facts_told["change"].zh == f"{abs(last - first):.3f}"


def test_money_of_one_purpose_is_judged_alike_in_total_and_a_person(county):
    """Seven years of the same yuan are worth less, whether a pupil's or everybody's: prices are taken out of both."""
    without = [key for key, one in KNOWN.indicators.items() if is_nominal_money(one) and one.band is None]
    assert without == []
    table = next(one for one in edu.show_trends(county) if isinstance(one, Table))
    rows = {row[0]: row[1:] for row in format_table_rows(table, "zh")}
    assert rows["学生资助资金总量"][1:3] == ["9.36万元 → 9.36万元", "0.0%"]
    assert rows["受助学生人均资助金额"][1:3] == ["800元 → 800元", "0.0%"]
    assert rows["学生资助资金总量"][-1] == rows["受助学生人均资助金额"][-1] == "明显下降（不变价）"


def test_a_census_calls_the_features_of_its_peers_by_what_it_holds(tmp_path):
    """It holds no pupils and no money: people and years of schooling stand in their place, and are called so."""
    census = write_census(tmp_path / "census")
    write_store(load_tables(census / "census.toml", census), tmp_path / "store")
    said, table, *_ = edu.show_peers(edu.open_county("430224", tmp_path / "store", lang="zh"))
    assert said.sentence.zh.endswith("依据是人口规模、城镇人口占比、0—4岁与5—9岁人口之比、平均受教育年限。")
    assert [column.label.zh for column in table.columns[2:]] == [
        "人口规模（2020年）", "城镇人口占比（2020年）", "0—4岁与5—9岁人口之比（2020年）", "平均受教育年限（2020年）",
    ]  # fmt: skip
    men = 400_000 - 20_000
    assert format_table_rows(table, "zh")[0][:3] == ["茶陵县", "—", str(2 * men - 4_000)]


def test_no_record_of_the_program_is_printed_in_place_of_its_text():
    """The annex once printed the record of a year beside each of its figures."""
    wrong = [path.name for path in PRINTED.glob("*.txt") if re.search(r"\w+Text\(", path.read_text("utf-8"))]
    assert wrong == []


def test_a_school_year_in_a_title_is_the_year_whatever_else_stands_there():
    told = {text: [one.year for one in years_said(text)]
            for text in ("2022/23学年小学情况（2021年）", "2021年小学情况", "2021年、2022年小学情况")}  # fmt: skip
    assert list(told.values()) == [[2022], [2021], [2021, 2022]]


def test_a_number_with_a_source_of_its_own_keeps_it():
    own, shared = (
        Provenance(files=(), filter=ALL_ROWS, formula=name, clause=NOTHING, version="") for name in "ab"
    )
    numbers = [Number(label=NOTHING, value=1.0, unit="", decimals=0, source=one) for one in (own, NO_SOURCE)]
    found = _add_source(Finding(key="k", sentence=NOTHING, numbers=tuple(numbers)), shared)
    assert [number.source.formula for number in found.numbers] == ["a", "b"]

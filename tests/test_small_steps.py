"""Does each turn of a sentence give the answer worked out by hand? Steps that no chapter of the prefecture made by hand
comes by: parity lost and won, growth from nothing, a mistake within a mistake.
"""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from own_tables import OWN_MAPPING, OWN_TABLE
from printing import record_drawings, store_of

import edustats as edu
from edustats.errors import EdustatsError
from edustats.load.findings import new_neighbours
from edustats.load.reading.units import BASES, MANY, unit_of
from edustats.load.returns.answers import Cells, _apply_corrections
from edustats.load.returns.records import Filled, add_filled
from edustats.load.tables.mapping import read_mapping
from edustats.load.tables.reader import load_tables
from edustats.present.brief.choosing import _place_reasons
from edustats.present.brief.stories import _add_worries, _lead_class_size, _lead_preschool, _tell_huge
from edustats.present.county.targets import _describe_probability, _format_probability
from edustats.present.county.trends import _describe_average_growth
from edustats.present.drawing.small_multiples import (
    CountyTile,
    _choose_shade,
    compute_shade_limits,
    draw_county_map,
)
from edustats.present.explore import lab_copy
from edustats.present.finance.equity import _sum_pairs
from edustats.present.finance.pay import MET, NOT_MET, _tell_path
from edustats.present.records.levels import _rename
from edustats.present.records.saving import _name_sheet
from edustats.report.edition.revisions import digest_revisions
from edustats.report.run import sockets
from edustats.report.run.engine import _name_error
from edustats.report.trace.notebook import _read_cell
from edustats.report.trace.quantities import CellQuantity, build_number_format, scale_for_cell
from edustats.words import Text

# --- words for how likely, how fast, since when ---


@pytest.mark.parametrize(
    ("chance", "zh", "en"),
    [
        (0.981, "超过98%", "over 98%"), (0.98, "约98%", "about 98%"), (0.5, "约50%", "about 50%"),
        (0.02, "约2%", "about 2%"), (0.019, "不到2%", "under 2%"),
    ],
)  # fmt: skip
def test_a_chance_is_printed_without_decimals_and_never_as_certain(chance, zh, en):
    assert (_format_probability(chance).zh, _format_probability(chance).en) == (zh, en)


def test_words_for_a_chance_change_at_their_limits():
    limits = [0.9, 0.89, 2 / 3, 0.66, 1 / 3, 0.33, 0.1, 0.09]
    told = [_describe_probability(chance).zh for chance in limits]
    assert len(dict.fromkeys(told)) == 5
    assert [a == b for a, b in pairwise(told)] == [
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


def history(first, last, years, change="percent"):
    unit = SimpleNamespace(change=change)
    return SimpleNamespace(unit=unit, first=first, last=last, first_year=2020, last_year=2020 + years)


@pytest.mark.parametrize(
    ("of", "zh"),
    [
        (history(100, 121, 2), "，年均增长10.0%（2020年为基期，2个年度）"),
        (history(100, 81, 2), "，年均下降10.0%（2020年为基期，2个年度）"),
        (history(0, 10, 2), ""), (history(100, 0, 2), ""), (history(-5, 4, 3), ""), (history(5, -4, 3), ""),
        (history(100, 121, 1), ""), (history(100, 100.01, 2), ""), (history(100, 121, 2, "points"), ""),
    ],
)  # fmt: skip
def test_an_average_growth_needs_two_steps_and_two_positive_ends(of, zh):
    assert _describe_average_growth(of).zh == zh


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        ("+----", "；2020年起一直低于", "; it lost parity in 2020 and has stayed below"),
        ("++++-", "；上年尚不低于，2023年失守", "; it was at parity the year before and lost it in 2023"),
        ("-----", "；2019年以来一直低于", "; it has been below in every year since 2019"),
        ("+-+-+", "；此前2020年、2022年曾失守", "; parity was lost before in 2020, 2022"),
        ("-++++", "", ""),
    ],
)
def test_parity_of_pay_is_told_from_the_year_in_which_it_was_lost(path, zh, en):
    states = {2019 + k: MET if sign == "+" else NOT_MET for k, sign in enumerate(path)}
    lost = max((y for y in states if states.get(y - 1) == MET and states[y] == NOT_MET), default=None)
    case = SimpleNamespace(
        years=range(2019, 2024), year=2023, accounts=SimpleNamespace(pay=SimpleNamespace(lost=lost))
    )
    told = _tell_path(case, states, states[2023])
    assert (told.zh, told.en) == (zh, en)


def test_pay_of_districts_is_a_sum_only_where_every_district_gave_pay_and_heads():
    columns = {
        "pay": np.array([60.0, 30.0, 50.0, math.nan]),
        "teachers_paid": np.array([6.0, 4.0, 5.0, 2.0]),
    }
    around = SimpleNamespace(
        districts=np.array([True, True, False, False]), column=lambda name, year: columns[name]
    )
    assert _sum_pairs(around, True, "pay", "pay", 2023) == 90.0
    assert _sum_pairs(around, True, "teachers_paid", "pay", 2023) == 10.0
    assert math.isnan(_sum_pairs(around, False, "teachers_paid", "pay", 2023))


def test_words_of_a_level_are_renamed_where_they_stand_and_names_are_left():
    names = {
        "county": Text("区", "district"),
        "counties": Text("区", "districts"),
        "prefecture": Text("市", "city"),
    }
    told = _rename(
        Text("全县各县县级均值，5县县际", "County: the county among counties of the prefecture"), names
    )
    assert told.zh == "全县各区县级均值，5个区区之间"
    assert told.en == "County: the district among districts of the city"
    assert _rename(Text("县", "County"), names).en == "District"
    assert _rename(Text("各县际", "counties"), {"county": Text("区", "district")}).zh == "各区际"
    same = Text("全省", "Wayne County of the province")
    assert _rename(same, names) is same


# --- pictures ---


def rectangle(left, low, right, high, more=()):
    return np.array([(left, low), (right, low), (right, high), *more, (left, high)], dtype=float)


def test_counties_on_a_map_have_their_names_in_their_land_and_the_missing_ones_no_shade():
    island = rectangle(2.2, 3.0, 2.4, 3.1, more=[(2.35, 3.1), (2.3, 3.1), (2.25, 3.1)])
    found = [
        CountyTile(name="甲县", value=1.0, printed="1.0", rings=(rectangle(0, 0, 2, 4),)),
        CountyTile(name="乙县", value=9.0, printed="9.0", rings=(island, rectangle(2, 0, 4, 2))),
        CountyTile(name="丙县", value=math.nan, printed="—", rings=(rectangle(4, 0, 5, 2),)),
    ]
    with record_drawings() as drawn:
        draw_county_map(found, "由浅到深", "审图号1")
    assert [line for line in drawn if "字" in line or "块" in line] == [
        "  块 0 0 2 4 1 1 1 1", "  块 2 0 4 3.1 0.2353 0.2353 0.2353 1", "  块 4 0 5 2 1 1 1 1 ....",
        "  字 甲县⏎1.0 (1 2 center center) · 乙县⏎9.0 (3 1 center center) · 丙县⏎— (4.5 1 center center)",
    ]  # fmt: skip
    limits = compute_shade_limits(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, math.nan]))
    assert limits.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert [_choose_shade(value, limits)[0] for value in (1.0, 2.0, 2.1, 5.0, 5.1, math.nan)] == [
        "#ffffff", "#ffffff", "#e4e4e4", "#747474", "#3c3c3c", "#ffffff",
    ]  # fmt: skip


# --- leads of the brief ---


def fact(stage, value, step=0.0, gap=0.0, span=math.nan, num=math.nan, met=None, key="", moved=True):
    """A fact of the brief as its leads look at it."""
    return SimpleNamespace(
        indicator=SimpleNamespace(stage=stage), value=value, step=step, gap=gap, span=span, num=num, key=key,
        mark=None if met is None else SimpleNamespace(met=met), moved=lambda by: moved and by != 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("big", "zh"),
    [
        ([fact("primary", 0.0), fact("junior", 0.0)], "小学、初中均无大班额"),
        ([fact("primary", 0.05), fact("junior", 0.0)], "小学、初中大班额基本消除"),
        ([fact("primary", 0.06), fact("junior", 0.07)], "小学、初中大班额尚未消除"),
        ([fact("primary", 0.06, -0.01), fact("junior", 0.0)], "初中大班额基本消除，小学尚未消除"),
        ([fact("primary", 0.06, 0.01), fact("junior", 0.0)], "初中大班额基本消除，小学反弹"),
        (
            [fact("primary", 0.06, 0.01, moved=False), fact("junior", 0.0)],
            "初中大班额基本消除，小学尚未消除",
        ),
    ],
)
def test_large_classes_are_ended_left_or_back(big, zh):
    assert _lead_class_size(big).zh == zh


@pytest.mark.parametrize(
    ("huge", "over", "zh"),
    [
        ([], [fact("primary", 0.1, gap=0.1), fact("junior", 0.2, gap=-0.1, step=0.039)], "甲"),
        ([fact("primary", 0.01)], [], "甲，但小学仍有超大班额"),
        ([], [fact("primary", 0.11, gap=0.01, step=0.05)], "甲，但小学班额偏大"),
        ([], [fact("junior", 0.11, gap=-0.01, step=0.04)], "甲，但初中班额扩大"),
    ],
)
def test_a_lead_hides_neither_huge_nor_large_nor_growing_classes(huge, over, zh):
    assert _add_worries(Text("甲", "a"), huge, over).zh == zh
    assert _tell_huge(fact("primary", 0.01, num=2.6)).zh == "小学66人及以上的班级3个"
    assert _tell_huge(fact("primary", 0.01)).zh == ""


PUBLIC, INCLUSIVE = "share_public_preschool", "share_inclusive_preschool"


@pytest.mark.parametrize(
    ("shares", "zh"),
    [
        ([fact("", 0.5, met=True, key=PUBLIC), fact("", 0.9, met=True, key=INCLUSIVE)], "学前教育主要指标达到国家标准"),
        ([fact("", 0.5, 0.2, met=True, key=PUBLIC), fact("", 0.9, key=INCLUSIVE)], "公办园在园幼儿占比达到国家标准"),
        ([fact("", 0.5, 0.009, key=PUBLIC)], "学前教育保持稳定"),
        ([fact("", 0.5, 0.2, key=PUBLIC), fact("", 0.9, -0.1, key=INCLUSIVE)],
         "公办园在园幼儿占比上升，普惠性幼儿园在园幼儿占比下降"),
        ([fact("", 0.4, span=0.009, met=False, key=PUBLIC)], "公办园在园幼儿占比多年未动"),
        ([fact("", 0.4, span=0.01, met=False, key=PUBLIC)], "公办园在园幼儿占比未达到国家标准"),
        ([fact("", 0.4, span=0.0, met=False, key=PUBLIC), fact("", 0.4, span=0.0, met=False, key=INCLUSIVE)],
         "公办园在园幼儿占比、普惠性幼儿园在园幼儿占比未达到国家标准"),
    ],
)  # fmt: skip
def test_kindergartens_are_called_steady_only_where_nothing_moved_and_no_mark_judges(shares, zh):
    assert _lead_preschool(shares, [one for one in shares if one.mark and not one.mark.met]).zh == zh


def test_a_place_counts_only_where_it_is_sure_and_first_or_last():
    def reasons(place, value=2.0, gap=math.nan, peers=math.nan, better=1):
        one = SimpleNamespace(better=better, gap=gap, peers=peers, value=value, place=place, ranked=9)
        return _place_reasons(one, lambda size: abs(size))

    assert reasons((1, 1)) == {"first_place": 1.0, "last_place": 0.0}
    assert reasons((9, 9)) == {"first_place": 0.0, "last_place": 1.0}
    assert (reasons((1, 2)), reasons(None)) == ({}, {})
    assert reasons(None, gap=-0.5, peers=3.0) == {"behind": 0.5, "behind_peers": 1.0}
    assert reasons(None, gap=-0.5, peers=3.0, better=-1) == {}
    assert reasons(None, gap=0.5, peers=1.5, better=-1) == {"behind": 0.5, "behind_peers": 0.5}
    assert reasons(None, gap=-0.5, peers=3.0, better=0) == {}


# --- what a mapping and a load say ---


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ('from = "在校生"', 'form = "在校生"', "columns.pupils"),
        ("width = 6", 'width = "6"', "area.width"),
        ('title = {', 'titel = {', "the file"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_named_by_its_whole_way(own, found, put, said):
    with pytest.raises(EdustatsError) as caught:
        read_mapping(own(mapping=OWN_MAPPING.replace(found, put)))
    assert said in caught.value.text("en")


def test_a_mapping_speaks_chinese_unless_it_says_otherwise(own):
    assert read_mapping(own()).lang == "zh"
    assert read_mapping(own(mapping='lang = "en"\n' + OWN_MAPPING)).lang == "en"


def test_neighbours_in_the_same_prefecture_of_a_county_that_came_later_are_warned():
    tidy = pd.DataFrame({"county": ["01", "01", "02", "03", "04"], "year": [2020, 2021, 2021, 2020, 2021]})
    areas = pd.DataFrame(
        {"code": ["01", "02", "03", "04"], "zh": ["甲", "乙", "丙", "丁"], "parent": [*"ppqp"]}
    )
    (one, other) = new_neighbours(tidy, areas).to_dict("records")
    assert [one["county"], one["unit"], one["year"], one["value"]] == ["01", "01", 2021, "02 乙"]
    assert [other["county"], other["value"], other["expected"]] == ["01", "04 丁", ""]


def test_a_heading_that_stands_twice_is_refused_with_both_columns(own):
    twice = OWN_TABLE.replace("学年,在校生,专任教师", "学年,在校生,在校生")
    with pytest.raises(EdustatsError) as caught:
        load_tables(own(twice))
    assert caught.value.facts["letters"] == Text("E、F", "E, F")


def test_a_sum_of_columns_is_missing_where_a_part_is_with_the_graver_kind():
    def column(letter, *values, kinds=(0, 0, 0, 0)):
        return Filled(values=np.array(values), kinds=np.array(kinds, np.uint8), rows=np.arange(4), letter=letter,
                      words=letter, raw={})  # fmt: skip

    nan = math.nan
    boys = column("C", 5.0, 7.0, nan, nan, kinds=(0, 0, 1, 3))
    girls = column("D", 4.0, nan, 2.0, nan, kinds=(0, 2, 0, 1))
    told = add_filled([boys, girls], "在校生")
    assert told.values[0] == 9.0
    assert np.isnan(told.values).tolist() == [False, True, True, True]
    assert told.kinds.tolist() == [0, 2, 1, 3]
    assert (told.letter, told.words) == ("C+D", "在校生")


MULTIPLIERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


@pytest.mark.parametrize("words", sorted(BASES))
def test_a_thing_that_is_counted_one_by_one_is_one(words):
    """Only parts of a hundred and of a thousand, and land, have another size than one."""
    large = {"亩": 2000 / 3, "公顷": 1e4, "平方公里": 1e6, "平方千米": 1e6, "km²": 1e6,
             "%": 0.01, "百分比": 0.01, "百分数": 0.01, "‰": 0.001, "千分比": 0.001}  # fmt: skip
    assert BASES[words][1] == large.get(words, 1.0)


@pytest.mark.parametrize("many", [word for word in MANY if word and word not in "kK"])
def test_many_are_as_many_as_their_characters_say(many):
    assert MANY[many] == math.prod(MULTIPLIERS[one] for one in many)
    assert unit_of(f"{many}元").size == MANY[many]


# --- editions and notebooks ---


def test_a_cell_of_code_that_shows_nothing_is_silent_and_no_text_is():
    def kinds(cell_type, tags=(), outputs=()):
        cell = {"cell_type": cell_type, "metadata": {"tags": [*tags]}, "source": "", "outputs": [*outputs]}
        return [type(block).__name__ for block in _read_cell(cell, "zh")]

    assert kinds("code") == ["Silent"]
    assert kinds("code", ["parameters"]) == []
    assert kinds("markdown") == []


def test_folders_of_processes_that_are_gone_are_removed_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr(sockets.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(sockets, "_is_alive", lambda pid: pid == 7)
    names = [f"{sockets.PREFIX}{owner}-x" for owner in ("7", "8", "9a")]
    for name in names:
        (tmp_path / name).mkdir()
    sockets.remove_abandoned_folders.__wrapped__()
    assert sorted(path.name for path in tmp_path.iterdir()) == [names[0], names[2]]


def test_a_sheet_is_called_by_the_end_of_its_key_and_by_a_number_where_that_is_taken():
    assert _name_sheet("a.b:c", []) == "a.b_c"
    long = "0123456789" * 4
    assert _name_sheet(long, []) == long[-31:]
    assert _name_sheet(long, [long[-31:].upper()]) == f"{long[-31:][:27]}~2"


def test_a_corrected_form_counts_only_where_the_figure_is_still_the_one_that_was_asked_about():
    rows = pd.DataFrame({"file": ["a.xlsx"], "sheet": ["S"]})
    frame = pd.DataFrame({
        "at": [0, 0, 0, 0], "letter": [*"BCDE"], "row": [4] * 4, "value": [120.0, 7.0, math.nan, 5.0],
        "kind": np.array([0, 0, 4, 0], np.uint8), "scale": [1.0, 1.0, 1000.0, 1.0],
    })  # fmt: skip
    lines = [
        {"of_file": "a.xlsx", "sheet": "S", "cell": "B4", "value": "120", "answer": "12"},
        {"of_file": "a.xlsx", "sheet": "S", "cell": "C4", "value": "70", "answer": "9"},  # sent again since
        {"of_file": "a.xlsx", "sheet": "S", "cell": "D4", "value": "'3o", "answer": "30"},  # was no number
        {"of_file": "a.xlsx", "sheet": "S", "cell": "E4", "value": "5", "answer": ""},
    ]
    made = _apply_corrections(Cells(rows=rows, cells=frame), lines).cells
    assert made["value"].tolist() == [12.0, 7.0, 30_000.0, 5.0]
    assert made["kind"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("unit", "kind", "decimals", "shown", "zh", "en", "held"),
    [
        ("share", "level", 1, "12.5%", "0.0%", "0.0%", 0.125),
        ("share", "rate", 1, "+12.5%", "+0.0%;−0.0%;0.0%", "+0.0%;−0.0%;0.0%", 0.125),
        ("share", "slope", 2, "−12.50", '0.00"个百分点"', '#,##0.00" percentage points"', 12.5),
        ("person", "level", 0, "1", '0"人"', "#,##0", 0.125),
        ("yuan", "level", 0, "1", '0"元"', '#,##0" yuan"', 0.125),
        ("yuan", "difference", 0, "+3", '+0"元";−0"元";0"元"', '+#,##0" yuan";−#,##0" yuan";#,##0" yuan"', 0.125),
        ("pupils_per_teacher", "level", 2, "1", '0.00":1"', '#,##0.00":1"', 0.125),
        ("", "count", 0, "1", "0", "#,##0", 0.125), ("", "level", 1, "1", "0.0", "0.0", 0.125),
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook_prints_its_number_as_the_page_does(unit, kind, decimals, shown, zh, en, held):
    found = CellQuantity(value=0.125, decimals=decimals, shown=Text(shown, shown), unit=unit, kind=kind)
    assert [build_number_format(found, lang) for lang in ("zh", "en")] == [zh, en]
    assert scale_for_cell(found) == held


def test_the_first_edition_of_a_store_has_a_digest_that_stays():
    store = edu.open_store(store_of())
    first = digest_revisions(store, ["991101"], None, "annual")
    assert first == digest_revisions(store, ["991101"], None, "annual")
    assert first != digest_revisions(store, ["991102"], None, "annual")
    assert first != digest_revisions(store, ["991101"], None, "term")


@pytest.mark.parametrize(
    ("ename", "outputs", "told"),
    [
        ("KeyError", ["ValueError"], "KeyError: a"),
        ("NoneType", ["ValueError"], "ValueError: b"),
        ("", ["ValueError"], "ValueError: b"),
        ("KeyError", [], "KeyError: a"),
        ("NoneType", [], "NoneType: a"),
    ],
)
def test_the_error_of_a_cell_is_its_own_unless_it_has_none(ename, outputs, told):
    shown = [SimpleNamespace(output_type="error", ename=name, evalue="b") for name in outputs]
    assert _name_error(SimpleNamespace(ename=ename, evalue="a"), {"outputs": shown}) == told


def test_a_copied_notebook_keeps_its_language_and_nothing_of_the_other(tmp_path, monkeypatch):
    import nbformat

    monkeypatch.setattr(lab_copy, "_trust", lambda book: None)
    book, cell = nbformat.v4.new_notebook(), nbformat.v4.new_markdown_cell
    book.cells = [
        cell("# 标题", metadata={"tags": ["lang-zh"]}), cell("# Title\n\nWhat is it?", metadata={"tags": ["lang-en"]}),
        nbformat.v4.new_code_cell('lang: str = "zh"\nyear = 1', metadata={"tags": ["parameters"]}),
    ]  # fmt: skip
    nbformat.write(book, tmp_path / "a.ipynb")
    lab_copy._copy_in_one_language(tmp_path / "a.ipynb", tmp_path / "b.ipynb", "en")
    kept = nbformat.read(tmp_path / "b.ipynb", as_version=4).cells
    assert [one.source for one in kept] == ["# Title\n\nWhat is it?", 'lang: str = "en"\nyear = 1']
    assert lab_copy._read_opening(tmp_path / "b.ipynb") == ("Title", "What is it?")
    (tmp_path / "c.ipynb").write_text("{", "utf-8")
    assert lab_copy._read_opening(tmp_path / "c.ipynb") == ("", "")

"""Does a verb show what is chosen of a chapter, and do its items leave the notebook as they are shown?"""

import inspect

import docx
import openpyxl
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.errors import ParameterError, UnknownNameError
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.sheet import collect_items
from edustats.store.writing import update_store
from edustats.words import NumericText, Text

RATIO = "ratio_pupils_per_teacher_primary"


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    folder = tmp_path_factory.mktemp("choices")
    update_store([prefecture(folder / "in")], folder / "store")
    store = edu.open_store(folder / "store")
    return edu.open_county(store.counties[0], folder / "store", lang="zh")


def test_one_indicator_is_shown_and_judged_as_on_the_whole_page(view):
    whole = {one.key: one for one in edu.show_trends(view) if isinstance(one, Finding)}
    own = [one for one in edu.show_trends(view, indicator="小学生师比") if isinstance(one, Finding)]
    told = [one for one in own if one.key == f"trend.{RATIO}"]
    assert told
    assert not [one for one in own if one.key.startswith("trend.") and one.key != f"trend.{RATIO}"]
    if f"trend.{RATIO}" in whole:
        assert told[0].sentence == whole[f"trend.{RATIO}"].sentence


def test_a_year_is_the_last_that_is_looked_at(view):
    years = view.store.about["years"]
    before = years[-2]
    expected = edu.open_county(view.area, view.store.path, last_year=before, lang="zh")
    shown, same = edu.show_inequality(view, year=before), edu.show_inequality(expected)
    assert [i.key for i in shown] == [i.key for i in same]
    with pytest.raises(ParameterError):
        edu.show_inequality(view, year=1900)


def test_what_is_not_there_is_answered_with_the_nearest(view):
    with pytest.raises(UnknownNameError, match=RATIO):
        edu.show_trends(view, indicator="ratio_pupils_per_teacher_primry")
    with pytest.raises(UnknownNameError):
        edu.show_gaps(view, group="moon")


def test_every_verb_of_a_chapter_offers_the_choices_and_keeps_its_words():
    for name in edu.__all__:
        if name.startswith("show_"):
            verb = getattr(edu, name)
            assert {"indicator", "year", "group"} <= set(inspect.signature(verb).parameters), name
            assert verb.__doc__
            assert getattr(edu, name) is verb


@pytest.fixture
def items():
    number = NumericText("12.3%", "12.3%", 0.123456, "share", 1)
    columns = TableColumn(label=Text("名", "name")), TableColumn(label=Text("值", "value"), decimals=1)
    rows = ((Text("甲", "a"), number), ("=1+1", 2.5))
    table = Table(key="t/1", title=Text("表", "table"), rows=rows, columns=columns)
    finding = Finding(key="f", sentence=Text("一句话。", "A sentence."), verdict="met")
    return collect_items("zh", finding, table)


def test_items_are_counted_picked_and_named_in_short(items):
    assert len(items) == 2
    assert [one.key for one in items[1]] == ["t/1"]
    assert repr(items) == "<1 × finding, 1 × table>"


def test_frames_hold_unrounded_numbers(items):
    frames = items.frames
    assert frames["sentences"]["sentence"].tolist() == ["一句话。"]
    assert frames["t/1"]["值"].tolist() == [0.123456, 2.5]
    assert frames["t/1"].attrs["title"] == "表"


def test_a_workbook_runs_nothing_and_a_word_file_prints_what_is_shown(items, tmp_path):
    items.to_excel(tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    cells = [cell for row in book["t_1"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    items.to_docx(tmp_path / "out.docx")
    document = docx.Document(str(tmp_path / "out.docx"))
    assert document.paragraphs[0].text == "一句话。"
    assert document.tables[0].rows[1].cells[1].text == "12.3%"


def test_views_and_stores_print_in_one_line(view):
    assert len(repr(view)) < 120
    assert view.area in repr(view)
    assert repr(view.store).startswith("<store store: ")

"""Can every printed number be followed to its file, sheet and rows, from the finished file alone?"""

import hashlib
import json
import zipfile
from pathlib import Path

import docx
import nbformat
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from returns_made import listed
from typer.testing import CliRunner

import edustats as edu
from edustats.cli import app
from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.load.returns.cells import Cells
from edustats.load.returns.origins import describe_origins, rows_text
from edustats.present.records.items import Finding, Number, Provenance
from edustats.present.records.numbers import format_number
from edustats.present.records.row_filter import RowFilter, select_rows
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.docx import write_brief
from edustats.report.publish.html import write_html_page
from edustats.report.publish.xlsx import write_data_workbook
from edustats.report.trace.embedded import (
    build_custom_part,
    embed_sources,
    parse_custom_part,
    read_embedded_sources,
)
from edustats.report.trace.explain import compare_with_store, find_numbers, trace_file
from edustats.report.trace.sources import UNFIT, list_sources, name_source_columns, tabulate_sources
from edustats.store.reading import open_store
from edustats.store.writing import update_store
from edustats.words import Text, concatenate_texts

EVIL = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\"'&]]>",
    "‮县‬\x00\x07",
    "长" * 200,
    "</template><b>",
)


def notebook(path, items, lang="zh"):
    book = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, lang)) for item in items
    ]
    book.cells = [cell]
    nbformat.write(book, path)
    return path


@pytest.fixture(scope="module")
def published(michigan, tmp_path_factory):
    """One county's files in three forms, each with its sources, and the notebook they are made of."""
    folder = tmp_path_factory.mktemp("published")
    view = edu.open_county("82", michigan, lang="zh")
    verbs = (
        "show_cover",
        "show_profile",
        "show_trends",
        "show_trend_chart",
        "show_inequality",
        "show_gaps",
        "show_data_warnings",
    )
    items = [item for verb in verbs for item in getattr(edu, verb)(view)]
    executed = notebook(folder / "10.ipynb", items)
    found = list_sources([executed], "zh")
    write_brief([executed], folder / "brief.docx", title="县", lang="zh")
    write_html_page(executed, folder / "page.html", "zh")
    for name in ("brief.docx", "page.html"):
        embed_sources(folder / name, found)
    write_data_workbook([executed], folder / "data.xlsx", title="县", lang="zh")
    return folder, items, found


KINDS = ("brief.docx", "page.html", "data.xlsx", "10.ipynb")


@pytest.mark.parametrize("name", KINDS)
def test_every_number_of_every_finding_can_be_explained_from_each_file_alone(published, name):
    folder, items, _ = published
    held = trace_file(folder / name, "zh")
    told = {(one.within, one.label, one.value) for one in held.numbers}
    for item in items:
        if isinstance(item, Finding):
            assert {(item.sentence.zh, n.label.zh, n.value) for n in item.numbers} <= told


@pytest.mark.parametrize("name", KINDS)
def test_every_number_names_a_file_with_its_digest_a_formula_and_a_version(published, name):
    held = trace_file(published[0] / name, "zh")
    for one in held.numbers:
        assert one.sources, one
        for number in one.sources:
            source = held.listed[number - 1]
            assert source.files
            assert all(len(digest) == 64 for _, digest in source.files)
            assert source.formula
            assert source.version == edu.__version__


def test_the_three_forms_tell_the_same(published):
    folder, _, found = published
    assert {name: trace_file(folder / name) == found for name in KINDS} == dict.fromkeys(KINDS, True)


def test_the_finished_word_file_still_opens_and_its_parts_are_all_accounted_for(published):
    path = published[0] / "brief.docx"
    docx.Document(path)
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        assert len(names) == len(set(names))
        types = etree.fromstring(parts.read("[Content_Types].xml"))
        space = "{http://schemas.openxmlformats.org/package/2006/content-types}"
        by_end = {one.get("Extension") for one in types.iter(f"{space}Default")}
        by_name = {one.get("PartName") for one in types.iter(f"{space}Override")}
        for name in names[1:]:
            assert f"/{name}" in by_name or name.rpartition(".")[2] in by_end, name
        for name in (name for name in names if name.endswith(".rels")):
            base = Path(name).parent.parent
            for one in etree.fromstring(parts.read(name)):
                if one.get("TargetMode") != "External":
                    target = one.get("Target")
                    place = target[1:] if target.startswith("/") else (base / target).as_posix()
                    assert _plain(place) in names, (name, target)


def _plain(path):
    parts = []
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_attaching_again_replaces_and_does_not_heap_up(published, tmp_path):
    folder, _, found = published
    for name in ("brief.docx", "page.html", "data.xlsx"):
        copy = tmp_path / name
        copy.write_bytes((folder / name).read_bytes())
        embed_sources(copy, found)
        embed_sources(copy, found)
        assert read_embedded_sources(copy) == found
        assert abs(copy.stat().st_size - (folder / name).stat().st_size) < 2000
    openpyxl.load_workbook(tmp_path / "data.xlsx")
    docx.Document(tmp_path / "brief.docx")


def test_a_file_that_python_docx_saves_again_keeps_its_sources(published, tmp_path):
    document = docx.Document(published[0] / "brief.docx")
    document.add_paragraph("改")
    document.save(tmp_path / "again.docx")
    assert read_embedded_sources(tmp_path / "again.docx") == published[2]


def test_the_list_for_the_end_of_the_brief_has_a_row_for_every_source(published):
    found = published[2]
    rows = tabulate_sources(found)
    assert [row[0] for row in rows] == [str(n) for n in range(1, len(found.listed) + 1)]
    assert {len(row) for row in rows} == {len(name_source_columns("zh"))}


# --- hostile names ---


def hostile(evil):
    source = Provenance(files=((evil, "0" * 64),), filter=RowFilter(areas=(evil,), group=evil), formula=evil,
                        clause=Text(evil, evil),
                        version="1", places=((evil, evil, evil),))  # fmt: skip
    number = Number(label=Text(evil, evil), value=1.5, unit="furlong", decimals=1, source=source)
    return Finding(
        key=evil,
        sentence=concatenate_texts(evil, format_number(1.5, 1, "furlong"), "。"),
        numbers=(number,),
        note=Text(evil, evil),
    )


@pytest.mark.parametrize("evil", EVIL)
def test_a_hostile_name_comes_back_as_the_text_it_is_and_nothing_else(tmp_path, evil):
    executed = notebook(tmp_path / "10.ipynb", [hostile(evil)])
    found = list_sources([executed], "zh")
    write_html_page(executed, tmp_path / "page.html", "zh")
    write_brief([executed], tmp_path / "brief.docx", title=evil, lang="zh")
    write_data_workbook([executed], tmp_path / "data.xlsx", title=evil, lang="zh")
    for name in ("page.html", "brief.docx", "data.xlsx"):
        embed_sources(tmp_path / name, found)
        (one,) = read_embedded_sources(tmp_path / name).numbers
        assert one.shown == "1.5"
        assert one.label == UNFIT.sub("", evil)
        assert "‮" not in one.label
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<script") == 1  # the page's own
    assert page.count("</template>") == page.count("<template") == 1


texts = st.text(max_size=30)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read_whatever_the_words(name, clause, label, value):
    from edustats.report.trace.sources import NumberSources, PrintedNumber

    def fit(text):
        return UNFIT.sub("", text).replace("\r\n", "\n").replace("\r", "\n")

    source = Provenance(
        files=((name, "0" * 64),),
        filter=RowFilter(areas=(clause, name), group=name),
        formula=name,
        clause=Text(clause, clause),
        version="1",
    )
    one = PrintedNumber(id="n1", notebook="10", record="finding x", within=clause, label=label, value=value,
                        unit="share", decimals=1, kind="level", shown="1", year=2020, sources=(1,))  # fmt: skip
    back = parse_custom_part(build_custom_part(NumberSources(lang="zh", listed=(source,), numbers=(one,))))
    assert back.numbers[0].value == value
    assert fit(back.numbers[0].label) == fit(label)
    assert fit(back.listed[0].clause.en) == fit(clause)
    rows = back.listed[0].filter
    assert [*map(fit, rows.areas), fit(rows.group)] == [fit(clause), fit(name), fit(name)]


# --- files, sheets and rows of a store of returns ---


@pytest.fixture(scope="module")
def returns(tmp_path_factory):
    """A list of three schools, and its store."""
    folder = tmp_path_factory.mktemp("returns")
    file = listed(folder / "in")
    update_store([folder / "in"], folder / "store")
    return file, folder / "store"


def test_a_number_names_the_sheet_and_the_rows_in_which_its_figures_stand(returns):
    file, store = returns
    view = edu.open_county("990102", store)
    source = view.provenance(
        view.known.indicator("ratio_pupils_per_teacher_primary"), select_rows("area", "990102", 2021)
    )
    assert source.files == ((file.name, hashlib.sha256(file.read_bytes()).hexdigest()),)
    ((name, sheet, rows),) = source.places
    first, last = map(int, rows.split("–"))
    page = openpyxl.load_workbook(file)[sheet]
    assert name == file.name
    assert [page.cell(row, 5).value for row in range(first, last + 1)] == [300, 520, 12]


def test_a_year_without_data_names_no_rows(returns):
    view = edu.open_county("990102", returns[1])
    source = view.provenance(
        view.known.indicator("ratio_pupils_per_teacher_primary"), select_rows("area", "990102", 1999)
    )
    assert source.places == ()


def test_an_area_above_names_files_and_no_rows(returns):
    view = edu.open_county("990102", returns[1])
    source = view.provenance(
        view.known.indicators["ratio_pupils_per_teacher_primary"], select_rows("area", "999999", 2021)
    )
    assert source.files
    assert source.places == ()


def test_tables_loaded_whole_name_their_rows_too(michigan):
    view = edu.open_county("82", michigan)
    indicator = view.indicators[0]
    year = view.last_year
    source = view.provenance(indicator, select_rows("area", "82", year))
    ((_, sheet, rows),) = source.places
    own = view.units[(view.units["year"] == year) & view.units[indicator.inputs[0]].notna()]
    assert sheet == ""
    assert rows.startswith(f"{own['row'].min()}–{own['row'].max()}")


def test_many_workbooks_of_one_folder_are_named_together(tmp_path):
    rows = pd.DataFrame(
        {"county": "01", "year": 2021, "file": [f"2021/x/{k}.xlsx" for k in range(9)], "sheet": "s",
         "digest": [f"{k}" * 64 for k in range(9)]}
    )  # fmt: skip
    cells = pd.DataFrame({"at": range(9), "column": pd.Categorical(["books"] * 9), "row": 5})
    ((county, lines),) = describe_origins(Cells(rows=rows, cells=cells))
    assert county == "01"
    assert lines[["file", "rows"]].to_numpy().tolist() == [["2021/x/* (9)", ""]]


def test_rows_are_told_with_their_number_where_some_are_left_out():
    assert [rows_text(4, 4, 1), rows_text(4, 9, 6), rows_text(4, 9, 5)] == ["4", "4–9", "4–9 (5)"]


# --- edustats explain ---


def run(*words):
    return CliRunner().invoke(app, ["explain", *map(str, words)])


def test_explain_prints_label_value_unit_file_formula_clause_and_version(published):
    folder, items, _ = published
    item = next(i for i in items if isinstance(i, Finding) and i.numbers)
    told = run(folder / "brief.docx", "--lang", "zh")
    assert told.exit_code == 0
    number = item.numbers[0]
    for word in (item.sentence.zh, number.label.zh, f"{number.value:.12g}", number.unit, number.source.formula,
                 number.source.clause.zh, number.source.files[0][0], number.source.version):  # fmt: skip
        assert word in told.output


def test_explain_finds_a_number_as_it_is_printed(published):
    folder, _, found = published
    wanted = next(one for one in found.numbers if one.shown.endswith("%"))
    told = json.loads(run(folder / "data.xlsx", "--number", wanted.shown, "--json").output)
    assert wanted.id in {one["id"] for one in told}
    assert {one["shown"] for one in told} == {wanted.shown}
    assert told[0]["sources"][0]["files"]


def test_48_does_not_find_148_nor_48_23(published):
    found = published[2]
    one = found.numbers[0]
    from dataclasses import replace

    numbers = tuple(
        replace(one, shown=shown, label="", within="") for shown in ("48", "148", "48.23%", "1,048", "48人")
    )
    hits = find_numbers(replace(found, numbers=numbers), "48")
    assert [hit.shown for hit in hits] == ["48", "48人"]


def test_explain_says_whether_the_store_still_counts_these_files(published, michigan):
    source = published[2].listed[0]
    held = open_store(michigan).about["files"]
    assert "一致" in compare_with_store(source, held).zh
    assert source.files[0][0] in compare_with_store(source, {**held, source.files[0][0]: "f" * 64}).zh


@pytest.mark.parametrize(
    ("name", "body", "word"),
    [
        ("a.pdf", b"x", "“.pdf”"),
        ("a.docx", b"no zip", "a.docx"),
        ("a.xlsx", b"", "a.xlsx"),
        ("a.html", b"<p>", "a.html"),
        ("a.html", b"\xff\xfe\x00", "a.html"),
        ("a.ipynb", b"{", "a.ipynb"),
        ("a.ipynb", b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "a.ipynb"),
    ],
)
def test_a_file_that_cannot_be_explained_gets_one_sentence(tmp_path, name, body, word):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(DataError) as caught:
        trace_file(tmp_path / name)
    assert word in caught.value.text("en")
    assert "\n" not in caught.value.text("en")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"brief\.docx"):
        trace_file(tmp_path / "brief.docx")


def test_a_number_that_is_not_there_ends_with_two(published):
    told = run(published[0] / "brief.docx", "--number", "没有这样的数")
    assert isinstance(told.exception, EdustatsError)

"""What else leaves a view? Maps, forms, files of items, other words for levels, the explorer's panel, the index.

Made for ``printing.py`` from the stores of ``handmade.py``; what is written is read back from its file.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import docx
import nbformat
import openpyxl
from layouts import describe_looks

import edustats as edu
from edustats.errors import EdustatsError
from edustats.present.explore import lab_copy
from edustats.present.explore.explorer import explore
from edustats.present.records.levels import rename_levels
from edustats.present.records.saving import _name_sheet, frame_items, save_document, save_workbook
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.edition.manifest import ReportResult
from edustats.report.publish import index
from edustats.report.publish.page_fit import count_lines, fit_page_one
from edustats.report.publish.word_template import SAMPLE, check_template, fill_template
from edustats.report.trace.explain import compare_with_store, trace_file
from edustats.report.trace.sources import format_number_ranges
from edustats.words import Text

NAMES = {
    "county": Text("旗县", "banner"), "counties": Text("旗县", "banners"), "prefecture": Text("盟", "league"),
    "province": Text("自治区", "region"),
}  # fmt: skip


def _tell_book(path: Path) -> Iterator[str]:
    for page in openpyxl.load_workbook(path):
        yield f"[{page.title}] {page.freeze_panes} {page.print_title_rows} {page.page_setup.orientation} {page.dimensions}"
        for row in page.iter_rows():
            cells = [cell for cell in row if cell.value is not None]
            yield " | ".join(f"{cell.value} {{{cell.number_format}}}" for cell in cells)


def read_maps(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Counties on a map of one's own: one that is missing, one of two islands, one with heights, and what is refused."""
    view = open_view("prefecture")
    square = [[0, 0], [4, 0], [4, 1], [0, 1], [0, 0]]
    shapes: dict[str, Any] = {
        "991101": {"type": "Polygon", "coordinates": [square]},
        "991102": {"type": "MultiPolygon", "coordinates": [[[[x + 5, y + 2, 9] for x, y in square]], [[[x + 5, y + 5] for x, y in square[:3]]]]},
        "991103": {"type": "Polygon", "coordinates": [[[0, 2], [1, 5], [3, 2.5], [0, 2]], [[0.5, 2.5], [1, 3], [1.5, 2.6], [0.5, 2.5]]]},
        "999999": {"type": "Polygon", "coordinates": [square]},
    }  # fmt: skip
    held = {
        "审图号": "GS(2024)1号",
        "features": [{"properties": {"code": code}, "geometry": shape} for code, shape in shapes.items()],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "map.geojson")
        for told, approval in (
            (held, ""),
            (held | {"审图号": ""}, " S(1) "),
            (held | {"审图号": ""}, ""),
            ({"features": [{}]}, "x"),
            ({"features": held["features"][3:]}, "x"),
            ({}, "x"),
        ):
            path.write_text(json.dumps(told), "utf-8")
            try:
                yield from print_items(
                    lambda approval=approval: edu.show_county_map(
                        view, path, "ratio_pupils_per_teacher_primary", approval
                    )
                )
            except EdustatsError as error:
                yield from (error.text("zh"), error.text("en"))


def read_saved(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Items as frames, as a workbook and as a Word file; the declaration's own form; the list to send back."""
    view = open_view("county")
    items = [
        *list(edu.show_peers(view))[:3],
        *list(edu.show_gap_chart(view))[:1],
        *list(edu.show_finance_bulletin(view))[:4],
    ]
    for lang in ("zh", "en"):
        for key, frame in frame_items([*items, items[-1]], lang).items():
            yield f"[{key}] {frame.attrs} {frame.shape}"
            yield from (
                " | ".join(map(str, row)) for row in [frame.columns, *frame.head(4).itertuples(index=False)]
            )
    taken = ["a" * 31, "A_b"]
    yield str([_name_sheet(key, taken) for key in ("a" * 40, "a:b", "a[b]", "trend.x/y?z*w\\v")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_workbook(items, folder / "a" / "x.xlsx", "zh")
        yield from _tell_book(folder / "a" / "x.xlsx")
        save_workbook([], folder / "none.xlsx", "zh")
        yield from _tell_book(folder / "none.xlsx")
        save_document(items, folder / "x.docx", "en")
        document = docx.Document(str(folder / "x.docx"))
        yield from (f"{one.text} {[run.bold for run in one.runs]}" for one in document.paragraphs)
        yield from (
            " | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows
        )
        for lang_view in ("county", "county_c"):
            path = edu.save_declaration(
                open_view(lang_view), folder / f"{lang_view}.xlsx", {"documents": True}
            )
            yield from _tell_book(path)
            yield from describe_looks(path)
        returned = open_view("returned")
        yield from print_items(lambda: edu.show_correction_list(returned, folder))
        for path in sorted(folder.glob("*_returns.xlsx")):
            yield path.name
            yield from _tell_book(path)
            yield from describe_looks(path)


def read_levels(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Sentences, tables and pictures where a bureau calls its levels otherwise."""
    for view, verb in (
        ("county", "peers"),
        ("county", "ranks"),
        ("prefecture", "overview"),
        ("county", "convergence"),
    ):
        items = list(getattr(edu, f"show_{verb}")(open_view(view)))[:4]
        for names in (NAMES, {"county": Text("区", "district")}):
            renamed = [rename_levels(item, names) for item in items]
            yield from print_items(lambda renamed=renamed: renamed)
            spans = [(s.number.zh, one.sentence.zh[slice(*s.zh)], one.sentence.en[slice(*s.en)]) for one in renamed
                     for s in getattr(getattr(one, "sentence", None), "spans", ())[:3]]  # fmt: skip
            yield str([tuple(map(str, one)) for one in spans])


def read_panel(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """The explorer's widgets as they are first, as one searches, and what its buttons leave; a copy for the Lab."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            for lang in ("zh", "en"):
                yield from _use_panel(explore(edu.open_store(open_view("served").store.path), lang), lang)
            yield from sorted(path.name for path in Path(name).iterdir())
            yield from _copy_notebooks(Path(name))
        finally:
            os.chdir(before)


def _use_panel(box: Any, lang: str) -> Iterator[str]:
    row, shown, buttons, said = box.children
    areas, controls = row.children
    search, indicator, years, against, group = controls.children
    for one in (areas, indicator, years, against, group):
        told = [getattr(one, part, "") for part in ("description", "value", "min", "max")]
        options = getattr(one, "options", ())
        yield f"{told} {len(options)} {list(options)[:6]}"
    yield f"{search.description} {search.placeholder} {[one.description for one in buttons.children]} {len(shown.value) > 100}"
    for words in ("xxsb", "zzz", "图书 小学", "BOOKS", ""):
        search.value = words
        yield f"{words} → {len(indicator.options)} {indicator.value} {list(indicator.options)[:2]}"
    areas.value, years.value, against.value, group.value = (
        ("991102", "991101"),
        (2019, 2023),
        "peers",
        "village",
    )
    indicator.value = "per_pupil_books_primary"
    yield from shown.value.replace("</tr>", "</tr>\n").rpartition("</style>")[2].splitlines()[-40:]
    for button in buttons.children:
        button.click()
        yield said.value
    areas.value = ()
    yield f"{'甲县' in shown.value} {'County A' in shown.value} {lang}"


def _copy_notebooks(folder: Path) -> Iterator[str]:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    source = folder / "source"
    source.mkdir()
    cells = [
        new_markdown_cell("# 标题\n\n问题是什么？\n\n## 二", metadata={"tags": ["lang-zh"]}), new_markdown_cell("# Title\n\nWhat?", metadata={"tags": ["lang-en"]}),
        new_code_cell('county: str = "82"\nlang: str = "zh"  # 语言', metadata={"tags": ["parameters"]}), new_code_cell('lang: str = "zh"'),
    ]  # fmt: skip
    nbformat.write(new_notebook(cells=cells), source / "10_a.ipynb")
    nbformat.write(new_notebook(), source / "20_b.ipynb")
    with patch.object(lab_copy, "_trust", lambda _: None):
        for lang in ("en", "zh", "zh"):
            target, new = lab_copy.copy_notebooks(lang, source)
            yield f"{target} {new} {sorted(path.name for path in target.iterdir())}"
            yield from "\n".join(
                cell.source for cell in nbformat.read(target / "10_a.ipynb", as_version=4).cells
            ).splitlines()
            (target / "20_b.ipynb").write_text("kein")
            yield from lab_copy.write_start_page(target, lang).splitlines()


def read_published(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """The index with and without a prefecture's brief, the first page of a brief, templates, numbers explained."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "2024")
        folder.mkdir()
        yield from _print_index(folder, open_view)
        yield from _print_templates(folder)
        yield from _explain_files(folder)
    for lang, letter in (("zh", "学"), ("en", "a")):
        for length, many, rows in (
            (38, 3, 8),
            (150, 4, 8),
            (160, 4, 8),
            (175, 4, 8),
            (190, 4, 8),
            (205, 4, 8),
            (220, 4, 8),
            (235, 4, 6),
            (250, 4, 0),
            (270, 4, 3),
            (300, 4, 8),
            (460, 5, 9),
            (500, 5, 9),
        ):
            fitted = fit_page_one([letter * length] * many, [letter * 12] * rows, lang, 54.0)
            yield f"{lang} {length}×{many} {rows} → {fitted}"
    yield str(
        [
            count_lines(text, size)
            for text, size in (
                ("", 12.0),
                ("学" * 38, 11.5),
                ("学" * 39, 11.5),
                ("a" * 73, 11.5),
                ("学a" * 20, 12.0),
                ("学a" * 21, 12.0),
                ("⺀" * 38, 11.5),
            )
        ]
    )
    words = [
        ["edustats", "--store", "我的 数据"],
        ["a'b", "$x", "c d\\", 'e"f', "`", "”x“"],
        ["a;b", "--x=1", "c\\d", "e\x01"],
    ]
    yield from (index.command_line(one, windows=windows) for one in words for windows in (True, False))


def _print_index(folder: Path, open_view: Callable[[str], Any]) -> Iterator[str]:
    from lxml import html
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    facts = {"started": "2024-10-08T08:10:00+00:00", "state": "ok"}
    results = [
        ReportResult(county="991100", name="手工市", folder="991100-手工市", notebook="05_brief", scope="prefecture", **facts),
        *(ReportResult(county=code, name=zh, folder=f"{code}-{zh}", notebook=stem, **(facts | more))
          for code, zh, stem, more in (("991101", "甲县", "10_county_trend", {}), ("991101", "甲县", "00_data_quality", {"state": "ok_with_suppression"}),
                                       ("991102", "乙县", "10_county_trend", {"state": "failed", "reason": "<缺列>", "cell": 7, "started": "2030-01-01T00:00:00+00:00"}),
                                       ("991103", "丙县", "77_own_chapter", {"state": "timed_out"}), ("991199", "无县", "10_county_trend", {}))),
    ]  # fmt: skip
    view = edu.prepare_brief(open_view("prefecture"))
    items = [item for verb in ("judgements", "counties") for item in getattr(edu, f"show_{verb}")(view)]
    cell = new_code_cell(
        "x", outputs=[new_output("display_data", data=build_mime_bundle(item, "zh")) for item in items]
    )
    for result in results[:-1]:
        place = folder / result.folder
        place.mkdir(exist_ok=True)
        for file in (
            f"{result.notebook}.html",
            f"{result.notebook}.ipynb",
            "简报.docx",
            "简报.pdf",
            "附件.docx",
            f"{result.county}_returns.xlsx",
            "数据.xlsx",
            "own.txt",
        ):
            (place / file).write_text("{}")
        nbformat.write(new_notebook(cells=[cell]), place / f"{result.notebook}.ipynb")
    revised = [f"修订{k}" for k in range(202)]
    for lang, told, more in (
        ("zh", results, {"absent": ["戊县没有报送。"], "revised": revised[:2]}),
        ("en", results[1:], {"command": ("edustats", "report", "a b"), "revised": revised}),
        ("zh", results[1:2], {}),
    ):
        index.write_index(folder, told, lang=lang, title="教育报告", **more)
        root = html.document_fromstring((folder / "index.html").read_text("utf-8"))
        for node in root.xpath("//script|//style"):
            node.getparent().remove(node)
        lines = [" ".join(text.split()) for text in root.itertext() if text.strip()]
        yield from (
            line for line in lines if not re.fullmatch(r"修订[1-9]\d+|.*:\d\d", line)
        )  # of its own clock
        yield from (f"→ {one.get('href')}" for one in root.iter("a"))
        yield from dict.fromkeys(
            f"{one.tag} {one.get('class')} {one.get('data-value') or ''}"
            for one in root.iter()
            if one.get("class") or one.get("data-value")
        )


TEMPLATES = ["{{ county }}", "{{ brief }}", "甲{{ brief }}", "{{ nothing }}", "{{ county", "{% for t in figures %}{{ t.label }} {{ t.value }}{% endfor %}", "{% for t in county %}x{% endfor %}",
             "{% for a in figures %}{% for b in figures %}x{% endfor %}{% endfor %}", "{% for c in chapters %}{% for s in c.sentences %}{{ s }}{% endfor %}{% endfor %}", "{{ county|upper }}", "{{ county|trim|length }}",
             "{{ county|center(9) }}", "{{ county.x }}", "{{ range(9) }}", "{% if county == 'x' %}a{% else %}b{% endif %}", "{{ 9 ** 9 }}", "{% set a = 1 %}", "{{ figures[0].label }}", "{{ figures[99].label }}", "{{ cover|zzz }}", "{{ county ~ title }}", "{{r county }}"]  # fmt: skip


def _print_templates(folder: Path) -> Iterator[str]:
    for text in TEMPLATES:
        document = docx.Document()
        document.add_paragraph(text)
        document.save(str(folder / "t.docx"))
        try:
            check_template(folder / "t.docx")
            yield f"{text} → {[one.text for one in fill_template(folder / 't.docx', SAMPLE).paragraphs]}"
        except EdustatsError as error:
            yield f"{text} → {error.text('zh')}"
    (folder / "t.docx").write_text("no")
    for path in (folder / "t.docx", folder / "none.docx"):
        try:
            check_template(path)
        except EdustatsError as error:
            yield error.text("zh")


def _explain_files(folder: Path) -> Iterator[str]:
    (folder / "bad.html").write_text("<html></html>")
    (folder / "bad.docx").write_text("PK")
    (folder / "bad.ipynb").write_text("{}")
    (folder / "bad.txt").write_text("1")
    for file in ("bad.html", "bad.docx", "bad.ipynb", "bad.txt", "none.html"):
        try:
            yield str(trace_file(folder / file).numbers)
        except EdustatsError as error:
            yield f"{error.text('zh')} {error.text('en')}"
    held = {"a.csv": "1", "b.csv": "2"}
    for files in (
        (("a.csv", "1"),),
        (("a.csv", "2"), ("c.csv", "3")),
        (("2021/*.xlsx", "9"), ("a.csv", "1")),
        (("*.csv", "9"),),
        (),
    ):
        yield f"{files} → {compare_with_store(SimpleNamespace(files=files), held).zh}"
    yield str(
        [format_number_ranges(one) for one in ([], [3], [1, 2], [1, 2, 3, 7, 9, 10], [5, 4, 1], [1, 1, 2])]
    )


SHOWN_ELSEWHERE = {
    "maps": read_maps, "saved": read_saved, "levels": read_levels, "panel": read_panel, "published": read_published,
}  # fmt: skip

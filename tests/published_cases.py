"""How are sheets, tables of a brief and pages laid out? Shapes at their limits, for ``printing.py``.

A column one letter wider, a line more, a section without anything: each is asked by itself, where a whole brief of an
invented county would have one of them.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
from layouts import describe_looks

from edustats.catalogue import catalogue
from edustats.present.records.chart import Chart, Series
from edustats.present.records.items import Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_amount, join_sentence
from edustats.present.records.row_filter import RowFilter
from edustats.report.publish import brief, front, html, one_page, pdf, word_chart, word_page, xlsx
from edustats.report.publish.page_fit import fit_page_one
from edustats.report.trace.forms import FormSources
from edustats.report.trace.notebook import Heading, Printed, Prose, Silent
from edustats.words import NOTHING, Text, say

KNOWN = catalogue()


def _source(year: int) -> Provenance:
    return Provenance(files=(), filter=RowFilter(years=(year,)), formula="a / b", clause=NOTHING, version="1")


def _table(columns: int, rows: tuple[Any, ...] = (), **more: Any) -> Table:
    made = tuple(
        TableColumn(label=Text(f"列{k}" + "长" * k, f"column {k} " + "wide " * k)) for k in range(columns)
    )
    return Table(**{"key": "x", "title": Text("表", "table"), "columns": made, "rows": rows, **more})


# --- Word ---


def read_word(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Widths of the brief's tables, widths that words choose, and sheets of letters at the limits of a page."""
    for lang in ("zh", "en"):
        for key, widths in (brief.WIDTHS | brief.ENGLISH_WIDTHS).items():
            chosen = brief._choose_widths(key, lang)
            yield f"{lang} {key} {chosen} = {sum(chosen):.1f}"
            for columns in (len(widths), len(widths) + 1):
                row = tuple(Text(f"字{k}", f"cell {k}") for k in range(columns))
                table = _table(columns, (row, row), key=key, note=Text("注。", "Note."), brief=True)
                document = brief.start_brief(lang)
                pages = brief.BriefPages(document=document, lang=lang, sources=FormSources({}), section="节")
                brief._write_item(pages, table)
                grid = document.element.body.xpath(".//w:gridCol")
                letters = document.element.body.xpath(".//w:tbl//w:sz")
                sizes = sorted({one.values()[0] for one in letters})
                yield f"  {[one.values()[0] for one in grid]} {sizes} {[one.text for one in document.paragraphs]}"
    for size, (head, rows) in product((8.0, 10.5), WORDED):
        yield f"{size} {head} {[round(one, 2) for one in word_page._compute_column_widths(head, rows, size)]}"
    document = word_page.create_document("zh")
    word_page.add_three_line_table(document, ["县", "字"], [["甲", "长" * 40], ["乙", "2"]], title="题")
    with tempfile.TemporaryDirectory() as folder:
        document.save(str(Path(folder, "t.docx")))
        yield from describe_looks(Path(folder, "t.docx"))
    for lang, letter in (("zh", "学"), ("en", "a")):
        for length, many, rows in product((480, 520, 560, 590, 620, 660), (4, 5), (0, 5, 9)):
            yield f"{lang} {length}×{many} {rows} → {fit_page_one([letter * length] * many, [letter * 12] * rows, lang, 54.0)}"
    held = [(), ((3, "3"),), ((3, "1"), (9, "1"), (12, "2"))]
    for marks, text in product(held, ("甲县3项次，乙县25所学校。余下。", "One 3 of 25. Two.", "没有句号")):
        yield f"{marks} {text} {[brief.MEASURES.match(text, end) and brief.MEASURES.match(text, end)[0] for end, _ in marks]}"


WORDED: list[tuple[list[str], list[list[str]]]] = [
    (["a", "b"], []), (["县", "在校生（人）"], [["甲县", "12345"], ["乙县城关镇第一小学", "3"]]), (["A", "B"], [["word", "two words of text"], ["", ""]]),
    (["指标", "判断"], [["小学生师比", "字" * 60], ["班额", "短"]]), (["x" * 90, "y" * 90], [["1", "2"]]), (["一", "二", "三"], [["字" * 6, "字" * 7, "a" * 9]]),
]  # fmt: skip


# --- charts ---


def read_charts(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Charts of Word: each kind, with a gap, an interval, a mark, negative values, many and few categories."""
    years = tuple(Text(f"{y}年", str(y)) for y in range(2018, 2023))
    for kind, decimals in (("line", 2), ("bar", 0), ("funnel", 1), ("dot", 1)):
        shown = (
            Series(name=Text("甲县", "A"), values=(1.25, None, 3.5, -2.0, 12.75), role="own"),
            Series(name=Text("全市", "All"), values=(2.0, 2.5, None, 3.0, 3.25), role="reference"),
            Series(name=Text("标准", "Mark"), values=(2.2,) * 5, low=(1.0,) * 5, high=(4.0,) * 5, open=(1,)),
        )
        for categories, series in ((years, shown), (years[:1], shown[:1]), (years, shown[1:])):
            n = len(categories)
            cut = tuple(replace(s, values=s.values[:n], low=s.low[:n], high=s.high[:n]) for s in series)
            for lang in ("zh", "en"):
                try:
                    chart = Chart(
                        kind=kind,
                        title=Text("图", "Chart"),
                        unit=Text("人", "persons"),
                        categories=categories,
                        series=cut,
                        decimals=decimals,
                    )
                    document = word_page.create_document(lang)
                    word_chart.add_chart(
                        document,
                        word_page.add_picture_paragraph(document),
                        chart,
                        lang=lang,
                        width=150.0,
                        height=60.0,
                        alt="说明",
                    )
                except (ValueError, KeyError) as error:
                    yield f"{kind} {type(error).__name__} {error}"
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    document.save(str(Path(folder, "t.docx")))
                    yield f"# {kind} {lang} {n} {len(cut)}"
                    yield from (
                        line for line in describe_looks(Path(folder, "t.docx")) if "style" not in line
                    )


# --- workbooks ---


def _sheets() -> list[tuple[str, Table]]:
    """Shapes of tables: none, empty, words, numbers of three units, quoted codes, marks, sources by row, a foot."""
    ratio, share = KNOWN.units["share"], KNOWN.units["yuan"]
    amounts = [format_amount(0.1234, ratio), format_amount(12345.678, share), format_amount(-3.0, share)]
    rows = (
        (Text("甲县", "A"), amounts[0], 12.0, "=1+1"), (Text("乙县", "B"), amounts[1], -0.5, "01234"),
        (Text("丙县\n二行", "C\ntwo"), Text("—", "—"), 1234567.0, "—"), (Text("丁县" * 40, "D " * 40), amounts[2], 0.0, "3～5"),
    )  # fmt: skip
    columns = (
        TableColumn(label=Text("县", "county")), TableColumn(label=Text("数", "figure")),
        TableColumn(label=Text("人数", "persons"), decimals=1, unit="person"), TableColumn(label=Text("代码", "code"), quoted=True),
    )  # fmt: skip
    whole: dict[str, Any] = {
        "key": "t",
        "title": Text("表 'a'[b]:*?/", "Table"),
        "columns": columns,
        "rows": rows,
    }
    sources = tuple(_source(2020 + k % 3) for k in range(4))
    return [
        ("empty", Table(**whole | {"rows": ()})), ("plain", Table(**whole)),
        ("one source", Table(**whole, sources=sources[:1], note=Text("注。" * 30, "Note. " * 30))),
        ("a source each", Table(**whole, sources=sources)),
        ("foot and marks", Table(**whole, foot=rows[1], marks=((0, 1, "best"), (1, 2, "worst")))),
        ("one column", Table(**whole | {"columns": columns[:1], "rows": tuple(row[:1] for row in rows)})),
        ("wide", _table(9, (tuple("字" * (9 * k) for k in range(9)),))),
    ]  # fmt: skip


def read_books(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Sheets alone and one below the other, their widths, heights, formats, links and print settings."""
    for lang, alone in product(("zh", "en"), (True, False)):
        made = [
            xlsx._TableSheet(table=table, title=f"{name} {table.title[lang]}", name=f"s{k}" if alone else "s", chapter=f"章{k % 2}", scope="范围" if k % 2 else "", row=1 if alone else 1 + 16 * k)
            for k, (name, table) in enumerate(_sheets())
        ]  # fmt: skip
        places = {
            source: k + 3
            for k, source in enumerate(dict.fromkeys(s for one in made for s in one.table.sources))
        }
        from xlsxwriter import Workbook

        held = io.BytesIO()
        book = Workbook(
            held,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        writer = xlsx._WorkbookWriter(book, lang)
        writer.write_contents("甲县", made if alone else [])
        for group in [[one] for one in made] if alone else [made]:
            writer.write_sheet(group, places)
        writer.list("表", ("号", "字"), [["12", "字" * 70], ["x", "1\n2\n3"], ["0", ""]])
        writer.list("空", ("号", "字"), [])
        book.close()
        yield f"# {lang} {alone}"
        yield from _tell_sheets(held)
    for count in (xlsx.MOST_SHEETS, xlsx.MOST_SHEETS + 1):
        tables = [
            _table(
                2,
                ((1.0, 2.0),) * (k + 1),
                key="ledger" if k == 2 else f"t{k}",
                foot=(1.0, 2.0) if k % 3 == 0 else (),
            )
            for k in range(count)
        ]
        sheets = [
            xlsx._TableSheet(
                table=table,
                title=f"题{k}",
                name=f"表{k}",
                chapter=("账:目", "一/章", "二")[(k + 1) % 3],
                scope="",
            )
            for k, table in enumerate(tables)
        ]
        yield from (f"{one.name} {one.title} {one.row}" for one in xlsx._arrange_sheets(sheets, "zh"))
    for number, title in ((1, "a[b]:c  d\x01"), (12, "字" * 40), (3, "")):
        yield f"{xlsx._name_sheet(number, title, 'zh')} | {xlsx._name_sheet(number, title, 'en')}"
    yield str([xlsx._measure_text_width(text) for text in ("", "a", "学", "ab\n学学", "学a\n", "😀", "⺀")])
    yield str([xlsx._drop_zero_decimals(value) for value in (1.0, 1.5, -0.0, 1e15, 1e16, 2.0**49)])


def _tell_sheets(held: io.BytesIO) -> Iterator[str]:
    for page in openpyxl.load_workbook(io.BytesIO(held.getvalue())):
        widths = {letter: round(one.width, 2) for letter, one in page.column_dimensions.items()}
        heights = {row: one.height for row, one in page.row_dimensions.items() if one.height}
        setup = page.page_setup
        yield f"[{page.title}] {page.dimensions} {page.freeze_panes} {page.print_title_rows} {page.auto_filter.ref} {setup.orientation} {setup.paperSize} {setup.fitToWidth} {setup.fitToHeight}"
        yield f"  {widths} {heights} {sorted(map(str, page.merged_cells.ranges))} {page.oddFooter.center.text} {page.sheet_view.showGridLines}"
        for row in page.iter_rows():
            yield from (f"  {c.coordinate} {c.value!r} {c.number_format} {c.font.name} {c.font.sz:g} {c.alignment.horizontal} {c.quotePrefix} {c.hyperlink.location if c.hyperlink else ''}".rstrip()
                        for c in row if c.value is not None)  # fmt: skip


# --- pages ---


def read_sites(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Sections that stay or fall, titles, contents, names of chapters, judgements parted, values that sort."""
    said = Finding(key="a", sentence=Text("句。", "Said."))
    cover = Finding(key="cover", sentence=Text("甲县<", "A<"))
    one, two, three = Heading(1, "题&"), Heading(2, "节"), Heading(3, "小节")
    shapes: list[list[Any]] = [
        [], [one], [two], [one, two], [one, two, said], [two, Prose("p")], [two, Prose("p"), Silent()], [two, Silent()], [two, three, Silent()],
        [one, Silent()], [two, said, Silent(), two, Silent(), two, Printed("x", True)], [Prose("p")], [Silent()], [said], [one, cover, two, said, two, said, two, said],
        [three, two, said], [cover, two, said, two, said],
    ]  # fmt: skip
    for shape in shapes:
        kept = html.drop_empty_sections(shape)
        yield f"{[type(b).__name__ + str(getattr(b, 'level', '')) for b in shape]} → {[type(b).__name__ for b in kept]}"
        yield f"  {html._build_page_title(kept, 'stem', 'en')} | {html._name_heading(kept, '10_county_trend', 'zh', '甲县')[:1]} | {html._name_heading(kept, '10_own', 'zh', '')[:1]}"
        yield f"  {html._render_contents(kept, 'en')}"
        yield from (
            f"  {html._render_block(b, 'zh', f'i{k}', html.cards.NO_PLACES)[:160]}"
            for k, b in enumerate(kept[:3])
            if not isinstance(b, Finding)
        )
    for beside in ((), ("b_c", "10_county_trend", "b_c"), ("70_留守_专题",)):
        yield from (str(html._list_chapters(beside, "b_c", lang)) for lang in ("zh", "en"))
    yield str([html.shorten_stem(stem) for stem in ("70_a_b", "7-x", "70_", "_a", "a70", "70")])
    yield html._render_markdown("# a\n\n<b>x</b> **y** [z](javascript:1)\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    texts = [
        ("甲。乙。", "zh"),
        ("甲。", "zh"),
        ("甲", "zh"),
        ("One. Two. Three.", "en"),
        ("One 2.5 x.", "en"),
        ("One.", "en"),
    ]
    yield from (f"{text} → {front._split_lead(text, lang)}" for text, lang in texts)
    number = [
        Number(label=NOTHING, value=v, unit="person", decimals=0, source=_source(2020))
        for v in (5.0, 11.0, 0.0)
    ]
    amounts = [format_amount(v, KNOWN.units["person"]) for v in (5.0, 11.0, 0.0)]
    pairs = [
        say("publish.from_to", name=Text("名", "name"), first=a, last=b) for a, b in product(amounts, amounts)
    ]
    yield str(
        [
            front._find_value(cell)
            for cell in (*amounts, *pairs, 3, 2.5, "7", Text("字", "word"), number[0].label)
        ]
    )
    yield str([[front._find_value(cell), front._read_cell(cell, "en")] for cell in (amounts[1], 1234.5, "x")])
    for raw in (
        b"/ModDate (D:2026)",
        b"/ID [ <" + b"A" * 32 + b"> <" + b"0F" * 16 + b">]",
        b"/DocChecksum /" + b"9" * 32,
        b"/ID [ <AB>]",
        b"> <" + b"B" * 32 + b">",
    ):
        yield f"{raw!r} → {pdf.strip_pdf_times(raw)!r}"


def read_one_pages(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """What sums a county up: what moved, alike and unalike in years, what is owed and too long, where it stands."""
    held = [
        ("primary", 18.0, 15.5, 2017, 2024), ("junior", 12.0, 12.75, 2018, 2024), ("senior", 0.0, 9.25, 2017, 2024), ("vocational", 20.0, 20.5, 2017, 2024),
    ]  # fmt: skip
    for verdict, dated in product(("improving", "worsening"), (False, True)):
        told = []
        for stage, first, last, begun, ended in held:
            key = f"ratio_pupils_per_teacher_{stage}"
            if key in KNOWN.indicators:
                numbers = tuple(
                    Number(
                        label=Text(f"{y}年", str(y)),
                        value=v,
                        unit=KNOWN.unit_of(key).key,
                        decimals=1,
                        source=_source(y),
                    )
                    for y, v in ((begun if dated else 2017, first), (ended, last))
                )
                told.append(
                    Finding(
                        key=f"trend.{key}",
                        sentence=join_sentence(Text("x", "x")),
                        numbers=numbers,
                        verdict=verdict,
                    )
                )
        for asked in ("improving", "worsening"):
            found = one_page._describe_movers(told, None, asked)
            yield f"{verdict} {dated} {asked} → {found and (found.said.zh, found.said.en, len(found.findings))}"
        yield f"{[round(one_page._score_change(f), 4) for f in told]}"
    for words in ("improving", "worsening"):
        judged = _table(4, ((Text("甲", "a"), "2017—2024", "1→2", say("sentences.improving")),) * 5)
        found = one_page._describe_from_table(judged, words)
        yield f"{words} {found and (found.said.zh, found.said.en)}"
    for zh, en in ((90, 240), (91, 240), (90, 241), (1, 1)):
        finding = Finding(key="return.x", sentence=Text("字" * zh, "a" * en))
        yield f"{zh} {en} {one_page._is_short(finding)} {len(one_page._select_shortfalls([finding] * 2))}"


PUBLISHED: dict[str, Callable[..., Iterator[str]]] = {
    "word": read_word, "charts": read_charts, "books": read_books, "sites": read_sites, "one_pages": read_one_pages,
}  # fmt: skip

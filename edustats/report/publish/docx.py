"""How do a county's notebooks become one Word brief? Sentences first, sources numbered at the end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats import __version__
from edustats.files import write_whole
from edustats.present.records.chart import Chart
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import Figure, Finding, Item, Table
from edustats.present.records.numbers import format_digits
from edustats.report.publish import word_page as word
from edustats.report.publish.brief import (
    BriefPages,
    OwnChapter,
    select_brief_items,
    select_own_chapters,
    start_brief,
    write_brief_pages,
)
from edustats.report.publish.one_page import KeyFigure, OnePage, build_one_page
from edustats.report.publish.word_chart import CONTROL
from edustats.report.publish.word_template import collect_placeholder_words, fill_template, find_brief_place
from edustats.report.trace.embedded import embed_in_package
from edustats.report.trace.forms import FormSources
from edustats.report.trace.notebook import Block, Heading, read_blocks
from edustats.report.trace.sources import NumberSources, SourceList, list_sources
from edustats.words import NOTHING, Text, say

SOURCE_WIDTHS = (10.0, 62.0, 44.0, 26.0, 14.0)
LONGEST_TITLE = 255
"""Letters that the property of a Word file may hold."""


@dataclass(slots=True)
class _BriefDocument:
    """A document being written: headings that wait for something to head, numbers, and notes to explain."""

    document: Any
    lang: str
    sources: SourceList
    chapter: str = ""
    section: str = ""
    chapters: int = 0
    sections: int = 0
    tables: int = 0
    figures: int = 0
    new_page: bool = False
    """Whether the next chapter begins a page."""
    items: int = 0

    def said(self, address: str, **facts: object) -> str:
        return say(address, **facts)[self.lang]


def write_brief(
    executed: Sequence[Path], target: Path, *, title: str, lang: str, template: Path | None = None,
    found: NumberSources | None = None,
) -> None:  # fmt: skip
    """Write the brief of one county, with the list of its sources inside.

    Parameters
    ----------
    executed : executed notebooks, in reading order
    target : the .docx, written whole or not at all
    title : the county's name
    lang : zh or en
    template : a bureau's own .docx; its placeholders are filled, and the chapters stand where it says so
    found : the sources of the county's notebooks, if they are listed already

    Raises
    ------
    DataError, MissingFileError
        The template cannot be used; the message says why.
    """
    chapters = [read_blocks(notebook, lang) for notebook in executed]
    heading = _strip_control_characters(say("brief.title_county", area=title)[lang])
    chosen = select_brief_items(chapters)
    found = found or list_sources(executed, lang)
    places = found.places()
    own = select_own_chapters([path.stem for path in executed], chapters, lang)
    if template is not None:
        page = build_one_page([block for chapter in chapters for block in chapter])
        words = collect_placeholder_words(title, heading, page, chapters, lang)
        document = fill_template(template, words)
        state = _BriefDocument(document, lang, SourceList(lang, places))
        _insert_body(document, heading, chosen, state, chapters, own)
    elif chosen:
        document = start_brief(lang)
        write_brief_pages(BriefPages(document, lang, FormSources(places)), heading, chosen, own)
    else:  # a run without the brief's chapter: all that there is
        document = _build_annex(heading, chapters, SourceList(lang, places))
    _save_document(document, heading, target, found)


def write_annex(
    executed: Sequence[Path], target: Path, *, title: str, lang: str, found: NumberSources | None = None
) -> None:
    """Write everything that a county's chapters say, with its sources, as a second file.

    Parameters
    ----------
    executed, target, title, lang, found : as for :func:`write_brief`
    """
    chapters = [read_blocks(notebook, lang) for notebook in executed]
    heading = _strip_control_characters(say("brief.title_annex", area=title)[lang])
    kept = [blocks for blocks in chapters if blocks != select_brief_items([blocks])]
    found = found or list_sources(executed, lang)
    _save_document(_build_annex(heading, kept, SourceList(lang, found.places())), heading, target, found)


def _build_annex(heading: str, chapters: Sequence[Sequence[Block]], sources: SourceList) -> Any:
    page = build_one_page([block for chapter in chapters for block in chapter])
    state = _BriefDocument(word.create_document(sources.lang), sources.lang, sources)
    word.add_styled_paragraph(state.document, "Title", heading)
    _write_opening(state, page, chapters)
    _write_chapters(state, chapters)
    return state.document


def _save_document(document: Any, heading: str, target: Path, found: NumberSources) -> None:
    document.core_properties.title = heading[:LONGEST_TITLE]
    held = io.BytesIO()
    document.save(held)
    write_whole(target, embed_in_package(held.getvalue(), found))


def _write_chapters(state: _BriefDocument, chapters: Sequence[Sequence[Block]]) -> None:
    """Every chapter, then the sources; a sentence where there is nothing to tell."""
    for chapter in chapters:
        for block in chapter:
            _write_block(state, block)
    if not state.items:
        word.add_body_paragraph(state.document, state.said("page.brief_nothing"))
    _write_sources(state)


def _insert_body(
    document: Any,
    heading: str,
    chosen: Sequence[Block],
    state: _BriefDocument,
    chapters: Sequence[Sequence[Block]],
    own: Sequence[OwnChapter],
) -> None:
    """Write the brief, or the chapters, where the template holds ``{{ brief }}``; nowhere if it does not."""
    place = find_brief_place(document)
    if place is None:
        return
    word.complete_styles(document)
    body = document.element.body
    before = set(body)
    if chosen:
        pages = BriefPages(document, state.lang, FormSources(state.sources.places))
        write_brief_pages(pages, heading, chosen, own)
    else:
        _write_chapters(state, chapters)
    for element in [element for element in body if element not in before]:
        place._p.addprevious(element)
    body.remove(place._p)


def _write_opening(state: _BriefDocument, page: OnePage, chapters: Sequence[Sequence[Block]]) -> None:
    """Which county, which years; then the county on one page."""
    shown = (block for chapter in chapters for block in chapter)
    cover = next((b for b in shown if isinstance(b, Finding) and b.key == "cover"), None)
    if cover is not None:
        _write_cover(state, cover)
    if page.tiles:
        shown_tiles = [_format_tile(state, tile, page.above) for tile in page.tiles]
        word.add_tile_table(state.document, shown_tiles, state.said("publish.profile"))
    for point in page.points:
        opens = state.said("publish.lead", lead=state.said(f"publish.{point.lead}"))
        paragraph = word.add_lead_paragraph(
            state.document, opens, _strip_control_characters(point.said[state.lang])
        )
        marks = [state.sources.mark_finding(finding) for finding in point.findings]
        _add_reference_marks(
            paragraph, [*marks, *(state.sources.mark(NOTHING, [source]) for source in point.sources)]
        )
    state.new_page = bool(page.tiles or page.points)


def _format_tile(state: _BriefDocument, tile: KeyFigure, above: Text) -> tuple[str, str, str]:
    mark = state.sources.mark(NOTHING, [tile.source]) if tile.source else ""
    label = state.said("publish.profile_tile", label=tile.label, year=tile.year) + (
        f" [{mark}]" if mark else ""
    )
    beside = state.said("publish.profile_above", name=above, value=tile.above)
    return (
        _strip_control_characters(tile.value[state.lang]),
        _strip_control_characters(label),
        _strip_control_characters(beside),
    )


def _add_reference_marks(paragraph: Any, marks: list[str]) -> None:
    """Reference marks, each once."""
    if told := "".join(f"[{mark}]" for mark in dict.fromkeys(marks) if mark):
        word.add_reference_mark(paragraph, told)


def _write_block(state: _BriefDocument, block: Block) -> None:
    match block:
        case Heading(1, text):
            state.chapter, state.section = text, ""
        case Heading(2, text):
            state.section = text
        case Finding(key="cover"):
            pass  # it stands at the head of the file
        case Finding() | Table(brief=True) | Figure():
            _write_item(state, block)


def _write_cover(state: _BriefDocument, cover: Finding) -> None:
    paragraph = state.document.add_paragraph()
    paragraph.alignment = word.WD_ALIGN_PARAGRAPH.CENTER
    word.add_text_run(paragraph, _strip_control_characters(cover.sentence[state.lang]), word.KAITI)
    _add_reference_marks(paragraph, [state.sources.mark_finding(cover)])


def _write_item(state: _BriefDocument, item: Item) -> None:
    _write_heading(state)
    state.items += 1
    match item:
        case Finding():
            paragraph = word.add_body_paragraph(
                state.document, _strip_control_characters(item.sentence[state.lang])
            )
            _add_reference_marks(paragraph, [state.sources.mark_finding(item)])
        case Table():
            _write_table(state, item)
        case Figure():
            _write_figure(state, item)


def _write_heading(state: _BriefDocument) -> None:
    """A heading is written when something stands under it, and not before."""
    if state.chapter:
        state.chapters, state.sections = state.chapters + 1, 0
        number = (
            f"{word.format_chinese_numeral(state.chapters)}、"
            if state.lang == "zh"
            else f"{state.chapters}. "
        )
        made = word.add_styled_paragraph(state.document, "Heading 1", number + state.chapter)
        made.paragraph_format.page_break_before = state.new_page
        state.chapter, state.new_page = "", False
    if state.section:
        state.sections += 1
        zh, en = f"（{word.format_chinese_numeral(state.sections)}）", f"{state.chapters}.{state.sections} "
        opening = zh if state.lang == "zh" else en
        word.add_styled_paragraph(state.document, "Heading 2", opening + state.section)
        state.section = ""


def _write_table(state: _BriefDocument, item: Table) -> None:
    state.tables += 1
    label = state.said("page.table")
    title = _strip_control_characters(item.title[state.lang])
    mark = state.sources.mark(NOTHING, item.sources)
    word.add_caption(state.document, label, state.tables, title, mark=mark)
    head = [_strip_control_characters(column.label[state.lang]) for column in item.columns]
    rows = [[_strip_control_characters(cell) for cell in row] for row in format_table_rows(item, state.lang)]
    word.add_three_line_table(state.document, head, rows, size=9.0 if len(head) > 5 else 10.5, title=title)
    word.add_small_print(state.document, _strip_control_characters(item.note[state.lang]))


def _write_figure(state: _BriefDocument, item: Figure) -> None:
    state.figures += 1
    if item.charts:
        word.add_charts(state.document, item.charts, state.lang, _list_alt_texts(state, item))
    else:
        word.add_wide_picture(state.document, item.png, _strip_control_characters(item.alt[state.lang]))
    if len(item.charts) > 1:
        names = {s.role: s.name for s in item.charts[0].series}
        key = state.said("publish.panel_key", own=names.get("own", ""), other=names.get("reference", ""))
        word.add_small_print(state.document, _strip_control_characters(key), size=9.0)
    label = state.said("page.figure")
    mark = state.sources.mark(item.note, item.data.sources)
    word.add_caption(
        state.document,
        label,
        state.figures,
        _strip_control_characters(item.title[state.lang]),
        below=True,
        mark=mark,
    )


def _list_alt_texts(state: _BriefDocument, item: Figure) -> list[str]:
    """The alternative text of a figure's chart, or one for each of its panels."""
    if len(item.charts) == 1:
        return [_strip_control_characters(item.alt[state.lang])]
    return [_strip_control_characters(_describe_panel(state, chart)) for chart in item.charts]


def _describe_panel(state: _BriefDocument, chart: Chart) -> str:
    held = [(c, v) for c, v in zip(chart.categories, chart.series[0].values, strict=True) if v is not None]
    title = chart.title[state.lang]
    if not held:
        return title
    (first_year, first), (last_year, last) = (
        (year, format_digits(value, chart.decimals, state.lang)) for year, value in (held[0], held[-1])
    )
    return state.said(
        "publish.panel_alt", title=title, first_year=first_year, first=first, last_year=last_year, last=last
    )


def _write_sources(state: _BriefDocument) -> None:
    """At the end: every source by its number, then the files."""
    rows = [[_strip_control_characters(cell) for cell in row] for row in state.sources.rows()]
    if not rows:
        return
    state.chapter, state.section = state.said("page.brief_sources"), ""
    _write_heading(state)
    state.tables += 1
    title = state.said("publish.sources_title")
    word.add_caption(state.document, state.said("page.table"), state.tables, title)
    head = [state.said(f"publish.head_{name}") for name in ("number", "scope", "formula", "rows", "files")]
    word.add_three_line_table(state.document, head, rows, size=8.0, title=title, widths=SOURCE_WIDTHS)
    for line in state.sources.list_files(state.lang):
        word.add_small_print(state.document, _strip_control_characters(line), size=9.0)
    word.add_small_print(state.document, state.said("publish.computed_by", version=__version__), size=9.0)


def _strip_control_characters(text: str) -> str:
    return text.translate(CONTROL)

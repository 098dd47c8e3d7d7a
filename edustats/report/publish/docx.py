"""How do a county's notebooks become one Word brief? Sentences first, sources numbered at the end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edustats import __version__
from edustats.files import write_whole
from edustats.present.records.chart import Chart
from edustats.present.records.html import printed_rows
from edustats.present.records.items import Figure, Finding, Item, Table
from edustats.present.records.numbers import digits
from edustats.report.publish import word_page as word
from edustats.report.publish.one_page import Profile, Tile, profile
from edustats.report.publish.word_chart import CONTROL, without_times
from edustats.report.publish.word_template import filled, place_of_brief, words_of
from edustats.report.trace.notebook import Block, Heading, blocks
from edustats.report.trace.sources import SourceList
from edustats.words import NOTHING, Text, say

SOURCE_WIDTHS = (10.0, 62.0, 44.0, 26.0, 14.0)
DIGITS = "零一二三四五六七八九"


@dataclass(slots=True)
class _Brief:
    """A document being written: headings that wait for something to head, numbers, and notes to explain."""

    document: Any
    lang: str
    chapter: str = ""
    section: str = ""
    chapters: int = 0
    sections: int = 0
    tables: int = 0
    figures: int = 0
    new_page: bool = False
    """Whether the next chapter begins a page."""
    items: int = 0
    sources: SourceList = field(default_factory=SourceList)

    def said(self, address: str, **facts: object) -> str:
        return say(address, **facts)[self.lang]


def brief(
    executed: Sequence[Path], target: Path, *, title: str, lang: str, template: Path | None = None
) -> None:
    """Write the brief of one county.

    Parameters
    ----------
    executed : executed notebooks, in reading order
    target : the .docx, written whole or not at all
    title : the county's name
    lang : zh or en
    template : a bureau's own .docx; its placeholders are filled, and the chapters stand where it says so

    Raises
    ------
    DataError, MissingFileError
        The template cannot be used; the message says why.
    """
    chapters = [blocks(notebook, lang) for notebook in executed]
    page = profile([block for chapter in chapters for block in chapter])
    heading = _clean(say("page.brief_title", area=title)[lang])
    if template is None:
        state = _Brief(word.page(lang), lang)
        state.document.add_paragraph(heading, style="Title")
        _opening(state, page, chapters)
        _chapters(state, chapters)
    else:
        words = words_of(title, heading, page, chapters, lang)
        state = _Brief(filled(template, words), lang)
        _into_place(state, chapters)
    state.document.core_properties.title = heading
    held = io.BytesIO()
    state.document.save(held)
    write_whole(target, without_times(held))


def _chapters(state: _Brief, chapters: Sequence[Sequence[Block]]) -> None:
    """Every chapter, then the sources; a sentence where there is nothing to tell."""
    for chapter in chapters:
        for block in chapter:
            _put(state, block)
    if not state.items:
        word.body(state.document, state.said("page.brief_nothing"))
    _sources(state)


def _into_place(state: _Brief, chapters: Sequence[Sequence[Block]]) -> None:
    """Write the chapters where the template holds ``{{ brief }}``; nowhere if it does not."""
    place = place_of_brief(state.document)
    if place is None:
        return
    word.complete_styles(state.document)
    body = state.document.element.body
    before = set(body)
    _chapters(state, chapters)
    for element in [element for element in body if element not in before]:
        place._p.addprevious(element)
    body.remove(place._p)


def _opening(state: _Brief, page: Profile, chapters: Sequence[Sequence[Block]]) -> None:
    """Which county, which years; then the county on one page."""
    shown = (block for chapter in chapters for block in chapter)
    cover = next((b for b in shown if isinstance(b, Finding) and b.key == "cover"), None)
    if cover is not None:
        _cover(state, cover)
    if page.tiles:
        shown_tiles = [_tile(state, tile, page.above) for tile in page.tiles]
        word.tiles(state.document, shown_tiles, state.said("publish.profile"))
    for point in page.points:
        opens = state.said("publish.lead", lead=state.said(f"publish.{point.lead}"))
        paragraph = word.lead(state.document, opens, _clean(point.said[state.lang]))
        numbers = [state.sources.of_finding(finding) for finding in point.findings]
        _marks(paragraph, [*numbers, *(state.sources.of(NOTHING, [source]) for source in point.sources)])
    state.new_page = bool(page.tiles or page.points)


def _tile(state: _Brief, tile: Tile, above: Text) -> tuple[str, str, str]:
    number = state.sources.of(NOTHING, [tile.source]) if tile.source else 0
    label = state.said("publish.profile_tile", label=tile.label, year=tile.year) + (
        f" [{number}]" if number else ""
    )
    beside = state.said("publish.profile_above", name=above, value=tile.above)
    return _clean(tile.value[state.lang]), _clean(label), _clean(beside)


def _marks(paragraph: Any, numbers: list[int]) -> None:
    """Reference marks, each once."""
    if told := "".join(f"[{number}]" for number in dict.fromkeys(numbers) if number):
        word.mark(paragraph, told)


def _put(state: _Brief, block: Block) -> None:
    match block:
        case Heading(1, text):
            state.chapter, state.section = text, ""
        case Heading(2, text):
            state.section = text
        case Finding(key="cover"):
            pass  # it stands at the head of the file
        case Finding() | Table(brief=True) | Figure():
            _item(state, block)


def _cover(state: _Brief, cover: Finding) -> None:
    paragraph = state.document.add_paragraph()
    paragraph.alignment = word.WD_ALIGN_PARAGRAPH.CENTER
    word.run(paragraph, _clean(cover.sentence[state.lang]), word.KAITI)
    _marks(paragraph, [state.sources.of_finding(cover)])


def _item(state: _Brief, item: Item) -> None:
    _head(state)
    state.items += 1
    match item:
        case Finding():
            paragraph = word.body(state.document, _clean(item.sentence[state.lang]))
            _marks(paragraph, [state.sources.of_finding(item)])
        case Table():
            _table(state, item)
        case Figure():
            _figure(state, item)


def _head(state: _Brief) -> None:
    """A heading is written when something stands under it, and not before."""
    if state.chapter:
        state.chapters, state.sections = state.chapters + 1, 0
        number = f"{_chinese(state.chapters)}、" if state.lang == "zh" else f"{state.chapters}. "
        made = state.document.add_paragraph(number + state.chapter, style="Heading 1")
        made.paragraph_format.page_break_before = state.new_page
        state.chapter, state.new_page = "", False
    if state.section:
        state.sections += 1
        zh, en = f"（{_chinese(state.sections)}）", f"{state.chapters}.{state.sections} "
        state.document.add_paragraph((zh if state.lang == "zh" else en) + state.section, style="Heading 2")
        state.section = ""


def _chinese(number: int) -> str:
    """Chinese numerals up to ninety-nine.

    Examples
    --------
    >>> _chinese(3), _chinese(10), _chinese(12), _chinese(25)
    ('三', '十', '十二', '二十五')
    """
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def _table(state: _Brief, item: Table) -> None:
    state.tables += 1
    label = state.said("page.table")
    title = _clean(item.title[state.lang])
    mark = state.sources.of(NOTHING, item.sources)
    word.caption(state.document, label, state.tables, title, mark=mark)
    head = [_clean(column.label[state.lang]) for column in item.columns]
    rows = [[_clean(cell) for cell in row] for row in printed_rows(item, state.lang)]
    word.table(state.document, head, rows, size=9.0 if len(head) > 5 else 10.5, title=title)
    word.small(state.document, _clean(item.note[state.lang]))


def _figure(state: _Brief, item: Figure) -> None:
    state.figures += 1
    if item.charts:
        word.charts(state.document, item.charts, state.lang, _alts(state, item))
    else:
        word.picture(state.document, item.png, _clean(item.alt[state.lang]))
    if len(item.charts) > 1:
        names = {s.role: s.name for s in item.charts[0].series}
        key = state.said("publish.panel_key", own=names.get("own", ""), other=names.get("reference", ""))
        word.small(state.document, _clean(key), size=9.0)
    label = state.said("page.figure")
    mark = state.sources.of(item.note, item.data.sources)
    word.caption(state.document, label, state.figures, _clean(item.title[state.lang]), below=True, mark=mark)


def _alts(state: _Brief, item: Figure) -> list[str]:
    """The alternative text of a figure's chart, or one for each of its panels."""
    if len(item.charts) == 1:
        return [_clean(item.alt[state.lang])]
    return [_clean(_panel_alt(state, chart)) for chart in item.charts]


def _panel_alt(state: _Brief, chart: Chart) -> str:
    held = [(c, v) for c, v in zip(chart.categories, chart.series[0].values, strict=True) if v is not None]
    title = chart.title[state.lang]
    if not held:
        return title
    (first_year, first), (last_year, last) = (
        (year, digits(value, chart.decimals, state.lang)) for year, value in (held[0], held[-1])
    )
    return state.said(
        "publish.panel_alt", title=title, first_year=first_year, first=first, last_year=last_year, last=last
    )


def _sources(state: _Brief) -> None:
    """At the end: every source by its number, then the files."""
    rows = [[_clean(cell) for cell in row] for row in state.sources.rows(state.lang)]
    if not rows:
        return
    state.chapter, state.section = state.said("page.brief_sources"), ""
    _head(state)
    state.tables += 1
    title = state.said("publish.sources_title")
    word.caption(state.document, state.said("page.table"), state.tables, title)
    head = [state.said(f"publish.head_{name}") for name in ("number", "scope", "formula", "rows", "files")]
    word.table(state.document, head, rows, size=8.0, title=title, widths=SOURCE_WIDTHS)
    for line in state.sources.file_lines(state.lang):
        word.small(state.document, _clean(line), size=9.0)
    word.small(state.document, state.said("publish.computed_by", version=__version__), size=9.0)


def _clean(text: str) -> str:
    return text.translate(CONTROL)

"""How is a director's brief laid out? Masthead, judgements and cards on page one, four sections, then sources.

It is made of the brief's chapter alone (keys of its items begin with ``brief.``); all others stand in the annex.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from edustats import __version__
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import Figure, Finding, Item, Number, Table
from edustats.report.publish import word_page as word
from edustats.report.publish.html import name_chapter
from edustats.report.publish.page_fit import PageOne, fit_page_one
from edustats.report.publish.word_chart import CONTROL
from edustats.report.trace.forms import FormSources
from edustats.report.trace.notebook import Block, Heading
from edustats.report.trace.sources import format_number_ranges
from edustats.words import Text, read_all_texts, say

BODY = {"zh": (13.0, 21.0), "en": (11.0, 15.5)}
"""Points of the letters and of their line: Latin letters are read smaller and stand closer."""
SMALL_PT = 9.5
CHART_MM = 58.0
TOGETHER = 3
"""Lines of the list of sources that stay together at its end."""
WIDTHS = {
    "brief.cards": (54.0, 24.0, 29.0, 24.0, 25.0),
    "brief.sizes": (18.0, *(13.8,) * 10),
    "brief.resources.table": (46.0, 20.0, 20.0, 24.0, 20.0, 26.0),
    "brief.duties": (36.0, 26.0, 30.0, 28.0, 14.0, 11.0, 11.0),
    "brief.neediest": (34.0, 14.0, 86.0, 22.0),
}
"""Millimetres, where the words do not choose them well: columns that a bureau fills in stand empty."""
ENGLISH_WIDTHS = {
    "brief.cards": (72.0, 24.0, 22.0, 22.0, 16.0),
    "brief.sizes": (24.0, 13.0, 12.0, 13.5, 12.0, 15.0, 12.5, 16.0, 12.0, 13.0, 13.0),
    "brief.duties": (36.0, 26.0, 30.0, 27.0, 15.0, 11.0, 11.0),
    "brief.neediest": (26.0, 24.0, 82.0, 24.0),
}
"""Of tables whose English words are longer: no stage or heading breaks within a word."""
CARDS = "brief.cards"
MASTHEAD = ("classification", "number", "issuer", "date", "send_to", "copy_to")


@dataclass(slots=True)
class BriefPages:
    """A brief being written."""

    document: Any
    lang: str
    sources: FormSources
    section: str = ""
    sections: int = 0
    tables: int = 0
    figures: int = 0
    masthead: dict[str, str] = field(default_factory=dict)
    page_one: PageOne = field(default_factory=lambda: PageOne(11.5, 16.5, 8))

    def said(self, address: str, **facts: object) -> str:
        return say(address, **facts)[self.lang]


def select_brief_items(chapters: Sequence[Sequence[Block]]) -> list[Block]:
    """The blocks of the chapter that holds the brief's judgements; none where no chapter does."""
    for blocks in chapters:
        if any(isinstance(b, Finding) and b.key.startswith("brief.judgement") for b in blocks):
            return list(blocks)
    return []


OwnChapter = tuple[str, Sequence[Block]]
"""A chapter that somebody wrote: its heading, and what it shows."""


def select_own_chapters(
    stems: Sequence[str], chapters: Sequence[Sequence[Block]], lang: str
) -> list[OwnChapter]:
    """The chapters that are not the suite's: sections of the brief after its own."""
    found = []
    for stem, blocks in zip(stems, chapters, strict=True):
        if f"report.notebook_{stem}" not in read_all_texts():
            title = next((b.text for b in blocks if isinstance(b, Heading) and b.level == 1), "")
            found.append((title or name_chapter(stem, lang), blocks))
    return found


def start_brief(lang: str) -> Any:
    """An empty document in the official page with the letters of a brief."""
    document = word.create_document(lang)
    for style, size, line in (
        ("Normal", *BODY[lang]),
        ("Heading 1", 14.0, 24.0),
        ("Caption", 10.5, 16.0),
    ):
        held = document.styles[style]
        word._set_fonts(held.element.get_or_add_rPr(), word.FACES[style], size)
        held.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        held.paragraph_format.line_spacing = Pt(line)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(6)
    document.styles["Heading 1"].paragraph_format.keep_with_next = True
    return document


def write_brief_pages(
    pages: BriefPages, title: str, blocks: Sequence[Block], own: Sequence[OwnChapter] = ()
) -> None:
    """The whole brief: masthead, judgements, sections, chapters of one's own, distribution, sources."""
    items = list(_brief_items(blocks))
    pages.masthead = {
        item.key.rpartition(".")[2]: _clean(item.sentence[pages.lang])
        for item in items if isinstance(item, Finding) and item.key.startswith("brief.masthead")
    }  # fmt: skip
    _write_masthead(pages, title)
    pages.page_one = _fit(items, pages.lang)
    scope = [item for item in items if item.key.startswith("brief.scope")]
    for block in blocks:
        match block:
            case Heading(2, text):
                pages.section = text
            case Finding() | Table() | Figure() if block.key.startswith("brief.") and block not in scope:
                _write_item(pages, block)
    for heading, shown in own:
        pages.section = heading
        for block in shown:
            match block:
                case Finding(key="cover"):
                    pass
                case Finding() | Table() | Figure():
                    _write_item(pages, block)
    _write_scope(pages, scope)
    _write_distribution(pages)
    _write_sources(pages)


def _brief_items(blocks: Sequence[Block]) -> Iterator[Item]:
    for block in blocks:
        if isinstance(block, (Finding, Table, Figure)) and block.key.startswith("brief."):
            yield block


def _fit(items: Sequence[Item], lang: str) -> PageOne:
    told = [
        item.sentence[lang]
        for item in items
        if item.key.startswith("brief.judgement") and isinstance(item, Finding)
    ]
    cards = [item for item in items if isinstance(item, Table) and item.key == CARDS]
    rows = [format_table_rows(table, lang)[k][0] for table in cards for k in range(len(table.rows))]
    return fit_page_one(told, rows, lang, _choose_widths(CARDS, lang)[0])


def _choose_widths(key: str, lang: str) -> tuple[float, ...]:
    return (WIDTHS | (ENGLISH_WIDTHS if lang == "en" else {})).get(key, ())


def _clean(text: str) -> str:
    return text.translate(CONTROL)


def _write_masthead(pages: BriefPages, title: str) -> None:
    if pages.masthead.get("classification"):
        line = pages.document.add_paragraph()
        word.add_text_run(line, pages.masthead["classification"], word.HEITI, 12.0)
        _tighten(line, 16.0)
    heading = word.add_styled_paragraph(pages.document, "Title", _clean(title))
    heading.paragraph_format.space_after = Pt(2)
    line = pages.document.add_paragraph()
    parts = [pages.masthead.get(name, "") for name in ("number", "issuer", "date")]
    word.add_text_run(line, "\t".join(parts), word.KAITI, 12.0)
    stops = line.paragraph_format.tab_stops
    from docx.enum.text import WD_TAB_ALIGNMENT

    stops.add_tab_stop(Mm(word.TEXT_WIDTH_MM / 2), WD_TAB_ALIGNMENT.CENTER)
    stops.add_tab_stop(Mm(word.TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    _tighten(line, 18.0)
    _rule_below(line)


def _tighten(paragraph: Any, points: float) -> None:
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(points)


def _rule_below(paragraph: Any, colour: str = "C00000", width: int = 12) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", str(width)), ("space", "4"), ("color", colour)):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    properties = paragraph._p.get_or_add_pPr()
    spacing = properties.find(qn("w:spacing"))
    if spacing is not None:  # the schema wants borders before spacing
        spacing.addprevious(borders)
    else:
        properties.append(borders)


def _write_item(pages: BriefPages, item: Item) -> None:
    match item:
        case Finding() if item.key.startswith("brief.judgement"):
            _write_judgement(pages, item)
        case Finding() if item.key.startswith("brief.masthead"):
            pass
        case Finding() if item.key == "brief.holding":  # how many counties: of the table, and of no source
            word.add_body_paragraph(pages.document, item.sentence[pages.lang])
        case Finding():
            _open_section(pages)
            _write_paragraph(pages, item)
        case Table() if item.brief:
            _open_section(pages)
            _write_table(pages, item)
        case Figure():
            _open_section(pages)
            _write_figure(pages, item)


def _open_section(pages: BriefPages) -> None:
    """A section's heading, once something stands under it."""
    if not pages.section:
        return
    pages.sections += 1
    zh, en = f"{word.format_chinese_numeral(pages.sections)}、", f"{pages.sections}. "
    number = zh if pages.lang == "zh" else en
    word.add_styled_paragraph(pages.document, "Heading 1", number + _clean(pages.section))
    pages.section = ""


def _write_judgement(pages: BriefPages, item: Finding) -> None:
    """A numbered paragraph whose first sentence, the judgement, stands in another face."""
    text = item.sentence[pages.lang]
    stop = "。" if pages.lang == "zh" else ". "
    cut = text.find(stop) + len(stop) if stop in text else len(text)
    paragraph = pages.document.add_paragraph()
    number = item.key.split(".")[2]
    size, line = pages.page_one.size, pages.page_one.line
    word.add_text_run(paragraph, f"{number}. ", word.HEITI, size)
    _add_marked(pages, paragraph, item, size, lead=cut)
    _tighten(paragraph, line)
    paragraph.paragraph_format.space_before = Pt(2)


def _write_paragraph(pages: BriefPages, item: Finding) -> None:
    paragraph = word.add_body_paragraph(pages.document, "")
    _add_marked(pages, paragraph, item, BODY[pages.lang][0])


def _add_marked(pages: BriefPages, paragraph: Any, item: Finding, size: float, lead: int = 0) -> None:
    """The sentence, after each run of figures from one source its small number."""
    text, at = item.sentence[pages.lang], 0
    for end, numbers in _place_marks(pages, item):
        _add_run(paragraph, text, at, end, size, lead)
        word.add_text_run(paragraph, f"[{numbers}]", word.FANGSONG, size).font.superscript = True
        at = end
    _add_run(paragraph, text, at, len(text), size, lead)


def _add_run(paragraph: Any, text: str, start: int, end: int, size: float, lead: int) -> None:
    for a, b, face in ((start, min(end, lead), word.HEITI), (max(start, lead), end, word.FANGSONG)):
        if a < b:
            word.add_text_run(paragraph, _clean(text[a:b]), face, size).bold = face == word.HEITI


def _place_marks(pages: BriefPages, item: Finding) -> list[tuple[int, str]]:
    """Where a mark stands and its numbers: after the last of neighbouring figures that rest on the same forms."""
    placed = sorted(
        (end, pages.sources.number(one.source, one.label))
        for one in item.numbers
        if (end := _end_of(one, item.sentence[pages.lang], pages.lang))
    )
    runs = groupby(placed, key=lambda one: one[1])
    return [([*run][-1][0], format_number_ranges(lines)) for lines, run in runs if lines]


MEASURES = re.compile("项次|县合计|[项所个人名]")
"""Measure words that a mark stands behind, never between them and their figure."""


def _end_of(number: Number, text: str, lang: str) -> int:
    end = (number.zh if lang == "zh" else number.en)[1]
    after = MEASURES.match(text, end) if end else None
    return after.end() if after else end


def _write_table(pages: BriefPages, item: Table) -> None:
    pages.tables += 1
    title = _clean(item.title[pages.lang])
    label = say("brief.table_label", n=pages.tables)
    mark = _mark_sources(pages, item, label)
    word.add_caption(pages.document, pages.said("page.table"), pages.tables, title, mark=mark)
    head = [_clean(column.label[pages.lang]) for column in item.columns]
    widths = _choose_widths(item.key, pages.lang)
    rows = [[_clean(cell) for cell in row] for row in format_table_rows(item, pages.lang)]
    rows = rows[: pages.page_one.cards] if item.key == CARDS else rows
    word.add_three_line_table(pages.document, head, rows, size=_choose_letters(head, pages.lang), title=title,
                              widths=widths if len(widths) == len(head) else ())  # fmt: skip
    if item.note[pages.lang]:
        word.add_small_print(pages.document, _clean(item.note[pages.lang]), size=SMALL_PT)


def _mark_sources(pages: BriefPages, table: Table, label: Text) -> str:
    return format_number_ranges(
        {line for source in table.sources for line in pages.sources.number(source, label)}
    )


def _choose_letters(head: Sequence[str], lang: str) -> float:
    """Points of a table's letters: the more columns, the smaller."""
    return (9.0 if len(head) > 6 else 10.0) - (0.0 if lang == "zh" else 1.0)


def _write_figure(pages: BriefPages, item: Figure) -> None:
    from edustats.report.publish import word_chart

    pages.figures += 1
    alt = _clean(item.alt[pages.lang])
    if len(item.charts) == 1:
        paragraph = word.add_picture_paragraph(pages.document)
        word_chart.add_chart(pages.document, paragraph, item.charts[0], lang=pages.lang, width=word.TEXT_WIDTH_MM,
                             height=CHART_MM, alt=alt)  # fmt: skip
    else:
        word.add_wide_picture(pages.document, item.png, alt)
    label = say("brief.figure_label", n=pages.figures)
    mark = _mark_sources(pages, item.data, label)
    word.add_caption(pages.document, pages.said("page.figure"), pages.figures, _clean(item.title[pages.lang]),
                     below=True, mark=mark)  # fmt: skip


def _write_scope(pages: BriefPages, scope: Sequence[Item]) -> None:
    lines = [item.sentence[pages.lang] for item in scope if isinstance(item, Finding)]
    if not lines:
        return
    joint = "" if pages.lang == "zh" else " "
    paragraph = word.add_lead_paragraph(
        pages.document,
        pages.said("publish.lead", lead=pages.said("brief.scope_lead")),
        _clean(joint.join(lines)),
        10.5,
    )
    _tighten(paragraph, 16.0)


def _write_distribution(pages: BriefPages) -> None:
    """To whom it goes, between two rules, as an official paper ends."""
    lines = [pages.masthead.get(name, "") for name in ("send_to", "copy_to")]
    if not any(lines):
        return
    first = pages.document.add_paragraph()
    word.add_text_run(first, "　　　　".join(line for line in lines if line), word.FANGSONG, 12.0)
    first.paragraph_format.space_before = Pt(8)
    _tighten(first, 20.0)
    _rule_below(first, "000000", 6)


def _write_sources(pages: BriefPages) -> None:
    rows = [[_clean(cell) for cell in row] for row in pages.sources.rows(pages.lang)]
    if not rows:
        return
    caption = word.add_styled_paragraph(pages.document, "Caption")
    caption.alignment = WD_ALIGN_PARAGRAPH.LEFT
    caption.paragraph_format.keep_with_next = True
    word.add_text_run(caption, pages.said("publish.sources_title"), word.HEITI, 10.5)
    lines = [
        f"{line}\u2002"
        + pages.said(f"brief.source_line{'' if taken else '_bare'}", forms=forms, years=years, taken=taken)
        for line, forms, years, taken in rows
    ]
    last = [*lines[-TOGETHER:], pages.said("brief.computed_by", version=__version__)]
    for text in [
        *lines[:-TOGETHER],
        "\n".join(last),
    ]:  # the last lines are one paragraph: no page holds one of them
        paragraph = word.add_small_print(pages.document, text, size=8.5)
        _tighten(paragraph, 12.5)
        paragraph.paragraph_format.keep_together = True

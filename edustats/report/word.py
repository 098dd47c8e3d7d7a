"""How is an official Word page built? GB/T 9704 margins, fonts, lines and page numbers.

Chinese fonts are named, not embedded: Word and WPS have them. Theme fonts are removed because they win
over names.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from edustats.present.chart import Chart
from edustats.report import word_chart

FANGSONG, HEITI, KAITI, XIAOBIAOSONG, SONGTI = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
TEXT_WIDTH_MM = 156.0
LINE_PT = 28.0
PADDING_MM = 4.8
WORDY_EMS = 14.0
"""A column with longer texts holds words, and words begin at the left."""
SIZES = {"Title": 22.0, "Heading 1": 16.0, "Heading 2": 16.0, "Caption": 12.0, "Normal": 16.0}
FACES = {"Title": XIAOBIAOSONG, "Heading 1": HEITI, "Heading 2": KAITI, "Caption": HEITI, "Normal": FANGSONG}


def page(lang: str) -> Any:
    """An empty document in the official layout."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    for name in SIZES:
        _style(document.styles[name], name)
    document.core_properties.language = "zh-CN" if lang == "zh" else "en"
    document.core_properties.author = "edustats"
    document.core_properties.comments = ""
    _page_number(section.footer.paragraphs[0])
    return document


def _style(style: Any, name: str) -> None:
    _face(style.element.get_or_add_rPr(), FACES[name], SIZES[name])
    style.font.bold, style.font.italic = False, False
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PT)
    if name == "Title":
        layout.line_spacing, layout.space_after = Pt(36), Pt(10)
    if name in ("Title", "Caption"):
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _face(properties: Any, east: str, size: float | None = None) -> None:
    """Set the fonts of a style or run; a theme attribute or colour left behind would win."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east)):
        fonts.set(qn(f"w:{script}"), name)
    for name in ("w:color", "w:sz", "w:szCs"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    if size:
        half_points = OxmlElement("w:sz")
        half_points.set(qn("w:val"), str(int(size * 2)))
        properties.append(half_points)


def run(paragraph: Any, text: str, east: str = "", size: float | None = None) -> Any:
    """Add text to a paragraph, in its style's face or another."""
    made = paragraph.add_run(text)
    if east:
        _face(made._r.get_or_add_rPr(), east, size)
    return made


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run(paragraph, "— ", SONGTI, 14)
    field(paragraph, "PAGE", "1", SONGTI, 14)
    run(paragraph, " —", SONGTI, 14)


def field(paragraph: Any, instruction: str, shown: str, east: str = "", size: float | None = None) -> None:
    """Add a field such as PAGE or SEQ, with what it shows until Word updates it."""
    for kind in ("begin", "code", "separate", "text", "end"):
        part = run(paragraph, shown if kind == "text" else "", east or HEITI, size)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {instruction} "
            part._r.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            part._r.append(mark)


def body(document: Any, text: str) -> Any:
    """A paragraph of running text, indented by two characters."""
    paragraph = document.add_paragraph()
    run(paragraph, text)
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")
    paragraph._p.get_or_add_pPr().append(indent)
    return paragraph


def mark(paragraph: Any, text: str) -> None:
    """A superscript reference mark."""
    made = run(paragraph, text)
    made.font.superscript = True


def small(document: Any, text: str, size: float = 10.5) -> Any:
    """A paragraph of small print, single-spaced."""
    paragraph = document.add_paragraph()
    run(paragraph, text, FANGSONG, size)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size + 6)
    return paragraph


def caption(document: Any, label: str, number: int, text: str, below: bool = False) -> None:
    """A numbered caption, above a table and kept with it, or below a picture."""
    paragraph = document.add_paragraph(style="Caption")
    run(paragraph, f"{label} ")
    field(paragraph, f"SEQ {label} \\* ARABIC", str(number), HEITI, SIZES["Caption"])
    run(paragraph, f"  {text}")
    paragraph.paragraph_format.keep_with_next = not below


def table(document: Any, head: Sequence[str], rows: Sequence[Sequence[str]], size: float = 10.5) -> Any:
    """A three-line table whose heading repeats on every page and whose rows do not break."""
    made = document.add_table(rows=0, cols=len(head))
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = _widths(head, rows, size)
    wordy = [max((_ems(row[j]) for row in rows), default=0.0) > WORDY_EMS for j in range(len(head))]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)  # LibreOffice and WPS go by the grid, Word by the cells
    for number, cells in enumerate([head, *rows]):
        row = made.add_row()
        _row_flag(row, "w:cantSplit")
        for column, text in enumerate(cells):
            left = column == 0 or wordy[column]
            _cell(row.cells[column], text, widths[column], size, heading=number == 0, first=left)
    _row_flag(made.rows[0], "w:tblHeader")
    _borders(made)
    return made


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]], size: float) -> list[float]:
    """Millimetres for each column, together the width of the page's text.

    Each is wide enough for its longest word, so that no number breaks in two; what is left goes to the
    columns whose texts are long.
    """
    em = size * 0.3528
    columns = [[head[j], *(row[j] for row in rows)] for j in range(len(head))]
    least = [max(_word(text) for text in column) * em + PADDING_MM for column in columns]
    wanted = [max(_ems(text) for text in column[1:] or column) * em + PADDING_MM for column in columns]
    spare = TEXT_WIDTH_MM - sum(least)
    short = [max(w - n, 0.0) for w, n in zip(wanted, least, strict=True)]
    if spare <= 0 or not any(short):
        return [n * TEXT_WIDTH_MM / sum(least) for n in least]
    return [n + spare * m / sum(short) for n, m in zip(least, short, strict=True)]


def _word(text: str) -> float:
    """The longest run that should not break: a word, a number with its unit, up to six Chinese letters."""
    return max((min(_ems(run), 6.0) if run > "\u2e7f" else _ems(run) for run in text.split()), default=0.0)


def _ems(text: str) -> float:
    return sum(1.0 if char > "\u2e7f" else 0.64 for char in text)


def _cell(cell: Any, text: str, width: float, size: float, *, heading: bool, first: bool) -> None:
    cell.width = Mm(width)
    paragraph = cell.paragraphs[0]
    grid = OxmlElement("w:snapToGrid")  # else the page's line grid doubles the height of every row
    grid.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().append(grid)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size + 5)
    paragraph.paragraph_format.keep_with_next = heading
    side = WD_ALIGN_PARAGRAPH.LEFT if first else WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if heading else side
    run(paragraph, text, HEITI if heading else SONGTI, size)


def _row_flag(row: Any, name: str) -> None:
    flag = OxmlElement(name)
    flag.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(flag)


def _borders(made: Any) -> None:
    """Thick rules above and below, a thin one under the heading and pale ones between rows."""
    borders = OxmlElement("w:tblBorders")
    for side, width, colour in (("top", 12, "000000"), ("bottom", 12, "000000"), ("insideH", 4, "BFBFBF")):
        borders.append(_rule(side, width, colour))
    made._tbl.tblPr.find(qn("w:tblLayout")).addprevious(borders)
    for cell in made.rows[0].cells:
        edge = OxmlElement("w:tcBorders")
        edge.append(_rule("bottom", 6, "000000"))
        cell._tc.get_or_add_tcPr().append(edge)


def _rule(side: str, width: int, colour: str) -> Any:
    rule = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(width)), ("space", "0"), ("color", colour)):
        rule.set(qn(f"w:{name}"), value)
    return rule


def drawn(document: Any) -> Any:
    """A paragraph for pictures and charts, kept with the caption below it."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def charts(document: Any, many: Sequence[Chart], lang: str, alts: Sequence[str]) -> None:
    """One chart as wide as the text, or panels three in a row, each with its alternative text."""
    width, height = (TEXT_WIDTH_MM, _height(many[0])) if len(many) == 1 else (TEXT_WIDTH_MM / 3 - 0.5, 40.0)
    paragraph = None
    for number, (chart, alt) in enumerate(zip(many, alts, strict=True)):
        if number % 3 == 0 or paragraph is None:
            paragraph = drawn(document)
        word_chart.add(document, paragraph, chart, lang=lang, width=width, height=height, alt=alt)


def _height(chart: Chart) -> float:
    """Millimetres: bars lie, so more of them need more."""
    bars = len(chart.categories) * len(chart.series) if chart.kind == "bar" else 0
    return min(max(70.0, 25.0 + 5.0 * bars), 200.0)


def picture(document: Any, png: bytes, alt: str) -> None:
    """A picture as wide as the text, with its alternative text, kept with the caption below it."""
    paragraph = drawn(document)
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(TEXT_WIDTH_MM))
    shape._inline.docPr.set("descr", alt)

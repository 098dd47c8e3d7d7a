"""How is an official Word page built? GB/T 9704 margins, fonts, lines and page numbers.

Chinese fonts are named, not embedded: Word and WPS have them. Theme fonts are removed because they win
over names.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # writes; reads nothing

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from edustats.present.records.chart import Chart
from edustats.report.publish import word_chart

FANGSONG, HEITI, KAITI, XIAOBIAOSONG, SONGTI = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"
DIGITS = "零一二三四五六七八九"
TEXT_WIDTH_MM = 156.0
LINE_PT = 28.0
PADDING_MM = 4.8
WORDY_EMS = 14.0
"""A column with longer texts holds words, and words begin at the left."""
SIZES = {"Title": 22.0, "Heading 1": 16.0, "Heading 2": 16.0, "Caption": 12.0, "Normal": 16.0}
FACES = {"Title": XIAOBIAOSONG, "Heading 1": HEITI, "Heading 2": KAITI, "Caption": HEITI, "Normal": FANGSONG}


def create_document(lang: str) -> Any:
    """An empty document in the official layout."""
    document = Document()
    _drop_old_styles(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    for name in SIZES:
        _set_style(document.styles[name], name)
    document.core_properties.language = "zh-CN" if lang == "zh" else "en"
    document.core_properties.author = "edustats"
    document.core_properties.comments = ""
    _add_page_number(section.footer.paragraphs[0])
    return document


def complete_styles(document: Any) -> None:
    """Give a bureau's own document the styles it lacks; those it has stay as they are."""
    from docx.enum.style import WD_STYLE_TYPE

    for name in SIZES:
        if name not in document.styles:
            _set_style(document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True), name)


def _drop_old_styles(document: Any) -> None:
    """Remove the template's second set of styles: Word 2010 read it, and it contradicts the first."""
    for key, link in list(document.part.rels.items()):
        if link.reltype.endswith("/stylesWithEffects"):
            del document.part.rels[key]


def _set_style(style: Any, name: str) -> None:
    _set_fonts(style.element.get_or_add_rPr(), FACES[name], SIZES[name])
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


def _set_fonts(properties: Any, east: str, size: float | None = None) -> None:
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


def add_text_run(paragraph: Any, text: str, east: str = "", size: float | None = None) -> Any:
    """Add text to a paragraph, in its style's face or another."""
    made = paragraph.add_run(text)
    if east:
        _set_fonts(made._r.get_or_add_rPr(), east, size)
    return made


def _add_page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_text_run(paragraph, "— ", SONGTI, 14)
    add_field(paragraph, "PAGE", "1", SONGTI, 14)
    add_text_run(paragraph, " —", SONGTI, 14)


def add_field(
    paragraph: Any, instruction: str, shown: str, east: str = "", size: float | None = None
) -> None:
    """Add a field such as PAGE or SEQ, with what it shows until Word updates it."""
    for kind in ("begin", "code", "separate", "text", "end"):
        part = add_text_run(paragraph, shown if kind == "text" else "", east or HEITI, size)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {instruction} "
            part._r.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            part._r.append(mark)


def add_body_paragraph(document: Any, text: str) -> Any:
    """A paragraph of running text, indented by two characters."""
    paragraph = document.add_paragraph()
    add_text_run(paragraph, text)
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")
    paragraph._p.get_or_add_pPr().append(indent)
    return paragraph


def add_reference_mark(paragraph: Any, text: str) -> None:
    """A superscript reference mark."""
    made = add_text_run(paragraph, text)
    made.font.superscript = True


def add_tile_table(
    document: Any, shown: Sequence[tuple[str, str, str]], title: str, per_row: int = 4
) -> None:
    """Figures in a frame of rows: each its value in large letters, what it is, and a line beneath."""
    width = round(TEXT_WIDTH_MM / per_row * 56.7)
    rows = [[*shown[k : k + per_row]] for k in range(0, len(shown), per_row)]
    blank = ("", "", "")
    body = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + "".join(_render_tile(tile, width) for tile in [*row, *[blank] * (per_row - len(row))])
        + "</w:tr>"
        for row in rows
    )
    column = f"<w:gridCol w:w='{width}'/>"
    made = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr><w:tblW w:w='{width * per_row}' w:type='dxa'/><w:jc w:val='center'/>"
        f"<w:tblBorders>{_render_border('top', 12, '000000')}{_render_border('bottom', 12, '000000')}"
        f"{_render_border('insideH', 4, 'BFBFBF')}</w:tblBorders><w:tblLayout w:type='fixed'/>"
        f"<w:tblCaption w:val={quoteattr(title)}/></w:tblPr><w:tblGrid>{column * per_row}</w:tblGrid>{body}</w:tbl>"
    )
    document.element.body.insert_element_before(made, "w:sectPr")


def _render_tile(tile: tuple[str, str, str], width: int) -> str:
    lines = "".join(
        f'<w:p><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:line="{round(size * 26)}" w:lineRule="exact"/>'
        f'<w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" '
        f'w:eastAsia="{east}" w:cs="{LATIN}"/><w:sz w:val="{round(size * 2)}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text, east, size in zip(tile, (HEITI, SONGTI, SONGTI), (18.0, 9.5, 9.0), strict=True)
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{lines}</w:tc>'


def add_lead_paragraph(document: Any, word: str, text: str, size: float = 13.0) -> Any:
    """A paragraph that opens with its lead word in another face."""
    paragraph = document.add_paragraph()
    add_text_run(paragraph, word, HEITI, size)
    add_text_run(paragraph, text, FANGSONG, size)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size + 8)
    paragraph.paragraph_format.space_before = Pt(5)
    return paragraph


def format_chinese_numeral(number: int) -> str:
    """Chinese numerals up to ninety-nine.

    Examples
    --------
    >>> [format_chinese_numeral(n) for n in (3, 10, 12, 25)]
    ['三', '十', '十二', '二十五']
    """
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def add_styled_paragraph(document: Any, style: str, text: str = "") -> Any:
    """A paragraph of a named style; python-docx would ask all styles each time which of them is the default."""
    paragraph = document.add_paragraph(text)
    paragraph._p.style = document.styles[style].style_id
    return paragraph


def add_small_print(document: Any, text: str, size: float = 10.5) -> Any:
    """A paragraph of small print, single-spaced."""
    paragraph = document.add_paragraph()
    add_text_run(paragraph, text, FANGSONG, size)
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(size + 6)
    return paragraph


def add_caption(
    document: Any, label: str, number: int, text: str, *, below: bool = False, mark: str = ""
) -> None:
    """A numbered caption, above a table and kept with it, or below a picture."""
    paragraph = add_styled_paragraph(document, "Caption")
    add_text_run(paragraph, f"{label} ")
    add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number), HEITI, SIZES["Caption"])
    add_text_run(paragraph, f"  {text}")
    if mark:
        add_text_run(paragraph, f"[{mark}]").font.superscript = True
    paragraph.paragraph_format.keep_with_next = not below


def add_three_line_table(
    document: Any,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    size: float = 10.5,
    *,
    title: str = "",
    widths: Sequence[float] = (),
) -> None:
    """A three-line table whose heading repeats on every page and whose rows do not break.

    It is written as one piece of XML: cell by cell, a long table costs as much as all the rest. ``title``
    is what a screen reader says of it, ``widths`` are millimetres where the texts are not to choose them.
    """
    widths = widths or _compute_column_widths(head, rows, size)
    wordy = [
        max((_measure_text_width(row[j]) for row in rows), default=0.0) > WORDY_EMS for j in range(len(head))
    ]
    sides = ["left" if column == 0 or words else "right" for column, words in enumerate(wordy)]
    dxa = [round(width * 56.7) for width in widths]  # LibreOffice and WPS go by the grid, Word by the cells
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in dxa)
    heading = "".join(
        _render_cell(text, w, size, "center", heading=True) for text, w in zip(head, dxa, strict=True)
    )
    body = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + "".join(
            _render_cell(text, w, size, side, keep=_is_kept(k, len(rows)))
            for text, w, side in zip(row, dxa, sides, strict=True)
        )
        + "</w:tr>"
        for k, row in enumerate(rows)
    )
    made = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr><w:tblW w:w='{sum(dxa)}' w:type='dxa'/><w:jc w:val='center'/>"
        f"<w:tblBorders>{_render_border('top', 12, '000000')}{_render_border('bottom', 12, '000000')}"
        f"{_render_border('insideH', 4, 'BFBFBF')}</w:tblBorders><w:tblLayout w:type='fixed'/>"
        f"<w:tblCellMar><w:left w:w='108' w:type='dxa'/><w:right w:w='108' w:type='dxa'/></w:tblCellMar>"
        f"<w:tblLook w:val='0020' w:firstRow='1'/><w:tblCaption w:val={quoteattr(title)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heading}</w:tr>{body}</w:tbl>"
    )
    document.element.body.insert_element_before(made, "w:sectPr")


SHORT_TABLE, LEAST_ROWS = 8, 3
"""A table of so many rows stands on one page; of a longer one at least so many rows stand on each."""


def _is_kept(row: int, rows: int) -> bool:
    """Whether a row stays with the next: no page holds one row of a table."""
    if rows <= SHORT_TABLE:
        return row < rows - 1
    return row < LEAST_ROWS - 1 or rows - LEAST_ROWS <= row < rows - 1


def _render_cell(
    text: str, width: int, size: float, side: str, *, heading: bool = False, keep: bool = False
) -> str:
    """A cell; on the page's line grid its rows would be twice as high."""
    line, half_points = round((size + 5) * 20), round(size * 2)
    border = f"<w:tcBorders>{_render_border('bottom', 6, '000000')}</w:tcBorders>" if heading else ""
    kept = "<w:keepNext/>" if heading or keep else ""
    east = HEITI if heading else SONGTI
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{border}</w:tcPr><w:p><w:pPr>{kept}'
        f'<w:snapToGrid w:val="0"/><w:spacing w:line="{line}" w:lineRule="exact"/><w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{east}" w:cs="{LATIN}"/>'
        f'<w:sz w:val="{half_points}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )


def _render_border(side: str, width: int, colour: str) -> str:
    return f'<w:{side} w:val="single" w:sz="{width}" w:space="0" w:color="{colour}"/>'


def _compute_column_widths(head: Sequence[str], rows: Sequence[Sequence[str]], size: float) -> list[float]:
    """Millimetres for each column, together the width of the page's text.

    Each is wide enough for its longest word, so that no number breaks in two; what is left goes to the
    columns whose texts are long.
    """
    em = size * 0.3528
    columns = [[head[j], *(row[j] for row in rows)] for j in range(len(head))]
    least = [max(_measure_longest_word(text) for text in column) * em + PADDING_MM for column in columns]
    wanted = [
        max(_measure_text_width(text) for text in column[1:] or column) * em + PADDING_MM
        for column in columns
    ]
    spare = TEXT_WIDTH_MM - sum(least)
    short = [max(w - n, 0.0) for w, n in zip(wanted, least, strict=True)]
    if spare <= 0 or not any(short):
        return [n * TEXT_WIDTH_MM / sum(least) for n in least]
    return [n + spare * m / sum(short) for n, m in zip(least, short, strict=True)]


def _measure_longest_word(text: str) -> float:
    """The longest run that should not break: a word, a number with its unit, up to six Chinese letters."""
    return max(
        (
            min(_measure_text_width(run), 6.0) if run > "\u2e7f" else _measure_text_width(run)
            for run in text.split()
        ),
        default=0.0,
    )


def _measure_text_width(text: str) -> float:
    return sum(1.0 if char > "\u2e7f" else 0.64 for char in text)


def add_picture_paragraph(document: Any) -> Any:
    """A paragraph for pictures and charts, kept with the caption below it."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def add_charts(document: Any, many: Sequence[Chart], lang: str, alts: Sequence[str]) -> None:
    """One chart as wide as the text, or panels three in a row, each with its alternative text."""
    width, height = (
        (TEXT_WIDTH_MM, _choose_chart_height(many[0])) if len(many) == 1 else (TEXT_WIDTH_MM / 3 - 0.5, 40.0)
    )
    paragraph = None
    for number, (chart, alt) in enumerate(zip(many, alts, strict=True)):
        if number % 3 == 0 or paragraph is None:
            paragraph = add_picture_paragraph(document)
        word_chart.add_chart(document, paragraph, chart, lang=lang, width=width, height=height, alt=alt)


def _choose_chart_height(chart: Chart) -> float:
    """Millimetres: bars lie, so more of them need more."""
    bars = len(chart.categories) * len(chart.series) if chart.kind in word_chart.LYING else 0
    return min(max(70.0, 25.0 + 5.0 * bars), 200.0)


def add_wide_picture(document: Any, png: bytes, alt: str) -> None:
    """A picture as wide as the text, with its alternative text, kept with the caption below it."""
    paragraph = add_picture_paragraph(document)
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(TEXT_WIDTH_MM))
    shape._inline.docPr.set("descr", alt)

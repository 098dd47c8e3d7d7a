"""How does Word get a chart that can be edited? A chart part with a workbook inside that holds its numbers.

Word draws it itself, in the fonts of the reader's machine. Lines differ in stroke and mark, never in
colour alone. The same chart gives the same bytes.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

from edustats.present.records.chart import Chart, Series, Values, measure_padding
from edustats.words import Text

INK, GREY, ACCENT = "1A1A1A", "7A7A7A", "1F4E79"
MARKS, FILLS = ("circle", "square", "triangle", "diamond"), ("FFFFFF", "7A7A7A", "1A1A1A", "D9D9D9")
DASHES = ("dash", "sysDot", "dashDot")
CHARTS, CHART = "/word/charts/chart{}.xml", "http://schemas.openxmlformats.org/drawingml/2006/chart"
WORKBOOKS, XLSX = "/word/embeddings/Microsoft_Excel_Sheet{}.xlsx", CONTENT_TYPE.SML_SHEET
LYING, ROOM = ("bar", "funnel"), "room"
NARROW_MM = 80.0
"""Narrower charts are panels: smaller letters, their own title, no legend."""
# XML cannot hold these, and a name in a return may.
CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)}
BEFORE = datetime(2000, 1, 1)  # nobody's clock: equal contents are equal bytes


def add_chart(
    document: Any, paragraph: Any, chart: Chart, *, lang: str, width: float, height: float, alt: str
) -> None:
    """Put an editable chart into a paragraph.

    Parameters
    ----------
    document, paragraph : of python-docx
    chart : what to draw
    lang : zh or en
    width, height : millimetres
    alt : alternative text
    """
    package = document.part.package
    number = 1 + sum(part.content_type == CONTENT_TYPE.DML_CHART for part in package.iter_parts())
    part = Part(PackURI(CHARTS.format(number)), CONTENT_TYPE.DML_CHART, b"", package)
    held = Part(PackURI(WORKBOOKS.format(number)), XLSX, build_chart_workbook(chart, lang), package)
    link = part.relate_to(held, RELATIONSHIP_TYPE.PACKAGE)
    part._blob = render_chart_xml(chart, lang, link, width).encode()
    _insert_inline_drawing(
        paragraph, document.part.relate_to(part, RELATIONSHIP_TYPE.CHART), number, (width, height), alt
    )


def _insert_inline_drawing(
    paragraph: Any, link: str, number: int, size: tuple[float, float], alt: str
) -> None:
    width, height = (int(Mm(side)) for side in size)
    drawn = parse_xml(
        f"<w:drawing {nsdecls('w', 'wp', 'a', 'r')}><wp:inline distT='0' distB='0' distL='0' distR='0'>"
        f"<wp:extent cx='{width}' cy='{height}'/><wp:docPr id='{1000 + number}' name='Chart {number}'/>"
        f"<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri='{CHART}'>"
        f"<c:chart xmlns:c='{CHART}' r:id='{link}'/></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    drawn[0][1].set("descr", alt)
    paragraph.add_run()._r.append(drawn)


def render_chart_xml(chart: Chart, lang: str, link: str, width: float) -> str:
    """The chart part's XML."""
    chart = _pad_funnel(chart)
    panel, n = width < NARROW_MM, len(chart.categories)
    xml = _load_template().render(
        kind=chart.kind,
        lang="zh-CN" if lang == "zh" else "en-GB",
        heading=_strip_control_characters(chart.title[lang]) if panel else "",
        unit="" if panel else _strip_control_characters(chart.unit[lang]),
        size=700 if panel else 900,
        mark=4 if panel else 6,
        turn=str(-45 * 60_000) if panel else "0",
        skip=-(-n // 4) if panel else -(-n // 16) if chart.kind == "line" else 1,
        legend=not panel and len(chart.series) > 1 and chart.kind != "funnel",
        lying=chart.kind in LYING,
        format=_make_number_format(chart.decimals),
        categories=[_strip_control_characters(_choose_language(c, lang)) for c in chart.categories],
        categories_at=_format_cell_range(0, n),
        drawn=_describe_series(chart, lang),
        workbook=link,
    )
    return str(xml)


def _pad_funnel(chart: Chart) -> Chart:
    """A funnel as stacked bars: before each bar as much room, without colour, as centres it."""
    if chart.kind != "funnel":
        return chart
    (bars,) = chart.series
    room = Series(name=Text("", ""), values=measure_padding(bars.values), role=ROOM)
    return replace(chart, series=(room, bars))


def _describe_series(chart: Chart, lang: str) -> list[dict[str, Any]]:
    n, column, drawn = len(chart.categories), 1, []
    lines = [s for s in chart.series if s.role == "reference"]
    marked = [s for s in chart.series if s.role != "reference"]
    for index, s in enumerate(chart.series):
        look = (
            _style_reference_line(lines.index(s))
            if s in lines
            else _style_marked_series(chart.kind, marked.index(s), s.role)
        )
        facts = {
            "room": s.role == ROOM,
            "index": index,
            "name": _strip_control_characters(s.name[lang]),
            "held": s.values,
            "open": s.open,
        }
        place: dict[str, Any] = {
            "head": f"Sheet1!${_find_column_letter(column)}$1",
            "at": _format_cell_range(column, n),
        }
        column += 1
        if s.low:
            place |= {"plus_at": _format_cell_range(column, n), "minus_at": _format_cell_range(column + 1, n)}
            place |= {"plus": _measure_error_bars(s, s.high), "minus": _measure_error_bars(s, s.low)}
            column += 2
        drawn.append(look | facts | place)
    return drawn


def _style_reference_line(nth: int) -> dict[str, Any]:
    dash = DASHES[nth % len(DASHES)]
    return {"stroke": True, "width": 15875, "colour": GREY, "dash": dash, "marker": "", "fill": "FFFFFF"}


def _style_marked_series(kind: str, nth: int, role: str) -> dict[str, Any]:
    colour = ACCENT if role == "own" else INK
    # a white point of a line says that it does not cover its area
    fill = colour if kind == "line" else ACCENT if role == "own" else FILLS[nth % len(FILLS)]
    mark = MARKS[nth % len(MARKS)]
    return {
        "stroke": kind == "line",
        "width": 22225,
        "colour": colour,
        "dash": "" if role == "own" or not nth else DASHES[(nth - 1) % len(DASHES)],
        "marker": mark,
        "fill": fill,
    }


def _measure_error_bars(s: Series, ends: Values) -> Values:
    """How far an interval reaches from its value, as Word wants to be told."""
    pairs = zip(s.values, ends, strict=True)
    return tuple(None if v is None or e is None else round(abs(e - v), 10) for v, e in pairs)


def build_chart_workbook(chart: Chart, lang: str) -> bytes:
    """The workbook inside a chart: categories down the first column, a column for each series.

    A word that begins like a formula stays a word.
    """
    from xlsxwriter import Workbook

    chart = _pad_funnel(chart)
    saved = io.BytesIO()
    book = Workbook(saved, {"in_memory": True})
    book.set_properties({"created": BEFORE})
    sheet, form = (
        book.add_worksheet("Sheet1"),
        book.add_format({"num_format": _make_number_format(chart.decimals)}),
    )
    columns: list[tuple[str, Values]] = []
    for s in chart.series:
        columns.append((s.name[lang], s.values))
        if s.low:
            columns += [("+", _measure_error_bars(s, s.high)), ("−", _measure_error_bars(s, s.low))]
    words = [chart.unit[lang], *(_choose_language(c, lang) for c in chart.categories)]
    for row, word in enumerate(words):
        sheet.write_string(row, 0, _strip_control_characters(word))
    for column, (name, held) in enumerate(columns, 1):
        sheet.write_string(0, column, _strip_control_characters(name))
        for row, value in enumerate(held, 1):
            if value is None:
                sheet.write_blank(row, column, None, form)
            else:
                sheet.write_number(row, column, value, form)
    book.close()
    return saved.getvalue()


def _choose_language(word: Any, lang: str) -> str:
    return word if isinstance(word, str) else str(word[lang])


def _make_number_format(decimals: int) -> str:
    return f"0.{'0' * decimals}" if decimals else "0"


def _format_cell_range(column: int, rows: int) -> str:
    letter = _find_column_letter(column)
    return f"Sheet1!${letter}$2:${letter}${rows + 1}"


def _find_column_letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _strip_control_characters(text: str) -> str:
    return text.translate(CONTROL)


@cache
def _load_template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("chart.xml.j2")

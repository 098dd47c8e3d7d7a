"""What text do slides, workbooks, PDF files and the workbooks inside charts hold?

Their figures become lines of text: a slide's paragraphs, a sheet's rows with tabs between the cells, a page's lines
joined where they were only wrapped.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from edustats.errors import DataError

A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDE = re.compile(r"ppt/(?P<kind>slides|notesSlides)/\D+(?P<n>\d+)\.xml$")
ROWS: Final = 20_000
COLUMNS: Final = 60
PAGES: Final = 2_000


def slide_parts(names: list[str]) -> list[str]:
    """The slides of a presentation in order, each followed by its notes."""
    found = [
        (int(match["n"]), match["kind"] != "slides", name) for name in names if (match := _SLIDE.match(name))
    ]
    return [name for _, _, name in sorted(found)]


def slide_text(root: Any) -> str:
    """Paragraphs and tables of one slide."""
    lines: list[str] = []
    for element in root.iter(f"{A}tbl", f"{A}p"):
        if element.tag == f"{A}tbl":
            lines += [
                "\t".join(_element_words(cell) for cell in row.iter(f"{A}tc"))
                for row in element.iter(f"{A}tr")
            ]
        elif next(element.iterancestors(f"{A}tbl"), None) is None:
            lines.append(_element_words(element))
    return "\n".join(line for line in lines if line.strip())


def _element_words(element: Any) -> str:
    return "".join(node.text or "" for node in element.iter(f"{A}t"))


def sheet_text(data: bytes, name: str) -> str:
    """Every sheet of a workbook: its name, then its rows with tabs between the cells."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        return "\n\n".join("\n".join([sheet.title, *_sheet_rows(sheet)]) for sheet in book.worksheets)
    except DataError:
        raise
    except Exception as error:  # openpyxl answers a damaged file with many kinds of error
        raise DataError("briefing.damaged", file=name) from error


def _sheet_rows(sheet: Any) -> Iterator[str]:
    for row in sheet.iter_rows(max_row=ROWS, max_col=COLUMNS):
        cells = [_shown_cell(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield "\t".join(cells)


def _shown_cell(cell: Any) -> str:
    """A cell as it is seen: 0.625 with a per cent format is 62.5%."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        form = str(getattr(cell, "number_format", "") or "")
        if "%" in form:
            decimals = len(form.partition(".")[2].partition("%")[0])
            return f"{100 * value:.{decimals}f}%"
        match = re.match(r"#?,?#*0(?:\.(0+))?", form)
        decimals = len(match[1] or "") if match and form != "General" else 6
        return (
            f"{value:.{decimals}f}".rstrip("0").rstrip(".")
            if form == "General" or not match
            else f"{value:.{decimals}f}"
        )
    return re.sub(r"\s+", " ", str(value)).strip()


def chart_text(archive: Any, names: list[str], name: str) -> str:
    """The workbooks that the charts of a document carry."""
    found = [entry for entry in names if re.search(r"embeddings/[^/]+\.xlsx$", entry)]
    return "\n\n".join(sheet_text(archive.read(entry), name) for entry in sorted(found))


def pdf_text(data: bytes, name: str) -> str:
    """Text of a PDF file, its lines joined; a scan has none."""
    try:
        import pypdf
    except ImportError as error:
        raise DataError("briefing.pdf_needs", file=name) from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said in one sentence
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DataError("briefing.encrypted", file=name)
        pages = [page.extract_text() or "" for page in reader.pages[:PAGES]]
    except DataError:
        raise
    except Exception as error:  # pypdf answers a damaged file with many kinds of error
        raise DataError("briefing.damaged", file=name) from error
    text = "\n".join(_join_wrapped_lines(page) for page in pages)
    if not text.strip():
        raise DataError("briefing.picture_only", file=name)
    return text


_HEADING = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|第.{1,3}[章节条部]|[-·—])")


def _join_wrapped_lines(page: str) -> str:
    """Lines that were only wrapped become one; a line that ends a sentence or is far shorter stays."""
    lines = [line.strip() for line in page.split("\n")]
    widest = max((len(line) for line in lines), default=0)
    done: list[str] = []
    for k, line in enumerate(lines):
        before = lines[k - 1] if k else ""
        wrapped = len(before) >= 0.8 * widest and before[-1:] not in "。！？；：.!?"
        if done and line and wrapped and not _HEADING.match(line):
            gap = " " if re.match(r"[A-Za-z]", line) and re.search(r"[A-Za-z,]$", before) else ""
            done[-1] += gap + line
        else:
            done.append(line)
    return "\n".join(done)

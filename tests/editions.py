"""Is every number of an edition's files in its ``values.parquet``, and nothing in that table that no file prints?

Reads the published files alone, as somebody outside would: pages, Word files and workbooks on one side, the table on
the other. ``benchmarks/edition_numbers.py`` asks it of the whole example.
"""

from __future__ import annotations

import bisect
import io
import math
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
from lxml import html as lxml_html

from edustats.catalogue import catalogue

Loose = tuple[str, str, str]
"""File, what was looked at, and what is wrong with it."""
CODES = re.compile(r"(?<![\d.])(\d{6}|\d{10}|(19|20)\d\d)(?!\d|,\d|\.\d)")
"""Codes and years."""
TOKEN = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
BARE = re.compile(r"[+−-]?\d[\d,]*(\.\d+)?(%|万|亿)?")
CELLS = ".//tbody//td|.//tfoot//td|.//tbody//th"
SOURCE_HEADS = ("来源", "Source", "Sources")
SOURCED = ("filter", "formula", "clause_zh", "clause_en", "files", "places", "sha256", "sources")
"""What the table tells of a number's sources."""
COUNTED = re.compile(
    r"(\d+(\.\d+)+ |(表|图|Table|Figure) ?\d+ |F\d+([：:]|–)|\[[\d–, 、]+\]$|\d+ [^:：（]+[:：（])"
)
"""What a document numbers by itself: its headings, tables, files and sources."""
LETTERS = re.compile(
    r"\[(注|note )?[\d–、, ]+\]|^\d\. |edustats [\d.]+|第\d(?=小学|初中)|\d\d—\d\d(?=岁)|\b\d\d to \d\d$"
    r"|\b[gqs]\d\d?\b|\[t\+1, g\+1\]|\bF\d+(–F\d+)?|no\. \d+, \w+ \d|No\. \d+"
)
"""Digits that are letters: numbers of sources, names of schools, bands of ages, keys of criteria, a formula."""
SOURCES_TABLE = {"取数", "Rows"}
"""How the table of sources heads what its figures are taken from."""
QUOTED, LETTERS_FORMAT = "edustats-quoted", "@"
"""How a page and a workbook say that a cell quotes others' letters."""
SCALES = {"亿": 10**8, "万": 10**4}


class AreaFiles:
    """The published files of one area, and its part of the table."""

    def __init__(self, folder: Path, values: pd.DataFrame, clean: Callable[[str], str]) -> None:
        self.folder, self.clean = folder, clean
        self.values = values[values["folder"].astype(str) == folder.name].astype(
            {"shown": str, "within": str}
        )
        self.values["within"] = self.values["within"].map(_squeeze)
        self.area, self.named = str(self.values["area"].iloc[0]), set[str]()

    def find_loose(self) -> Iterator[Loose]:
        """Everything that does not agree, in all files."""
        for row in self.values.itertuples():
            if not says_value(row.shown, row.value, str(row.unit), row.decimals):
                yield (
                    "values.parquet",
                    f"{row.record} {row.label_zh}",
                    f"{row.shown} ≠ {row.value} {row.unit}",
                )
        for page in sorted(self.folder.glob("*.html")):
            yield from self._check_page(page)
        for document in sorted(self.folder.glob("*.docx")):
            yield from self._check_document(document)
        for workbook in sorted(self.folder.glob("*.xlsx")):
            yield from self._check_workbook(workbook)

    # --- pages ---

    def _check_page(self, page: Path) -> Iterator[Loose]:
        root = lxml_html.document_fromstring(page.read_text("utf-8"))
        for node in root.xpath("//script|//style|//template|//header|//footer|//nav"):
            node.drop_tree()
        own = self.values[self.values["notebook"].astype(str) == page.stem]
        told = own.groupby("within", sort=False)["shown"].agg(list).to_dict()
        self.named |= {_squeeze(node.text_content()) for node in root.xpath(f"//th[@class='{QUOTED}']")}
        printed = _squeeze(" ".join([root.text_content(), *root.xpath("//img/@alt")]))
        for within in told:
            if within not in printed:
                yield (page.name, within[:60], "stands in the table and not on the page")
        for node in root.xpath("//*[@class='edustats-said']"):
            text = _squeeze(node.text_content())
            if left := self._list_unheld(text, _list_tokens(told.get(text, []))):
                yield (page.name, text[:60], " ".join(left))
        titled: dict[str, list[Any]] = {}
        for node in root.xpath("//table"):
            titled.setdefault(_find_title(node), []).append(node)
        for title, nodes in titled.items():
            yield from self._check_tables(page.name, title, nodes, own[own["within"] == title])

    def _list_unheld(self, text: str, held: set[str]) -> list[str]:
        named = self.named | {f"code {self.area}", f"代码{self.area}"}
        return [
            one for one in TOKEN.findall(self.clean(text)) if one not in held and not _names(one, text, named)
        ]

    def _check_tables(self, name: str, title: str, nodes: list[Any], own: pd.DataFrame) -> Iterator[Loose]:
        """The tables of one title: what they print is what the records of that title hold, and as often."""
        asked = Counter[str]()
        for record, rows in own.groupby(own["record"].astype(str)):
            if str(record).startswith(("table ", "figure ")):
                asked |= Counter(rows["shown"])  # a figure's numbers and a table's may stand on a page once
        every = [cell for node in nodes for cell in node.xpath(CELLS) if cell.get("class") != QUOTED]
        cells = [_squeeze(cell.text_content()) for cell in every]
        held, text = _list_tokens(asked), "¦".join(cells)
        for cell in dict.fromkeys(one for one in cells if self._list_unheld(one, held)):
            yield (name, title[:60], f"{cell} is in no record")
        for shown, n in asked.items():
            if text.count(shown) < n:
                yield (name, title[:60], f"{shown}: {n} in the table, {text.count(shown)} printed")

    # --- Word ---

    def _check_document(self, path: Path) -> Iterator[Loose]:
        document, known = docx.Document(str(path)), _list_tokens(self.values["shown"])
        sourced = known | _list_tokens(
            text for name in SOURCED for text in set(self.values[name].astype(str))
        )
        cells = []
        for table in document.tables:
            every = [cell.text for row in table.rows for cell in row.cells]
            if SOURCES_TABLE.isdisjoint(every[: len(table.columns)]):
                cells += every
            elif left := [text for text in every if self._list_unheld(text, sourced)]:
                yield (path.name, left[0][:60], "told of a source and not in the table")
        sentences = set(self.values["within"])
        for text in dict.fromkeys([*map(_say_paragraph, document.paragraphs), *cells]):
            if _squeeze(text) in sentences or COUNTED.match(text):
                continue
            if left := self._list_unheld(text, known):
                yield (path.name, text[:60], " ".join(left))
        scaled = self._list_scaled()
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if name.startswith("word/embeddings/"):
                    yield from _check_chart(f"{path.name} {Path(name).stem}", parts.read(name), scaled)

    def _list_scaled(self) -> list[float]:
        """The values on the scale they are printed on, and as they are."""
        units = catalogue().units
        times = [units[one].times if one in units else 1.0 for one in self.values["unit"].astype(str)]
        return sorted({*(self.values["value"] * times), *self.values["value"]})

    # --- workbooks ---

    def _check_workbook(self, path: Path) -> Iterator[Loose]:
        """Every number of a chapter's sheet is a number, and one of the table with its unit."""
        known = self._list_scaled()
        shares = sorted(set(self.values.loc[self.values["unit"].astype(str) == "share", "value"]))
        pages = openpyxl.load_workbook(path).worksheets
        for page in (
            pages[1:-2] or pages
        ):  # behind the contents, before scope and sources; a list to return has one
            of_sources = {c.column for row in page.iter_rows() for c in row if c.value in SOURCE_HEADS}
            for cell in (cell for row in page.iter_rows(min_row=2) for cell in row):
                if cell.value is None or cell.column in of_sources:
                    continue
                if isinstance(cell.value, int | float):
                    per_cent = "%" in re.sub(r'"[^"]*"', "", cell.number_format)
                    is_year = cell.number_format in ("0", "General") and 1900 < cell.value < 2100
                    right = is_year or _is_among(cell.value, shares if per_cent else known)
                else:
                    quoted = cell.number_format == LETTERS_FORMAT or CODES.fullmatch(str(cell.value))
                    right = bool(quoted) or not BARE.fullmatch(str(cell.value))
                if not right:
                    yield (
                        path.name,
                        f"{page.title}!{cell.coordinate}",
                        f"{cell.value!r} {cell.number_format}",
                    )


def says_value(shown: str, value: float, unit: str, decimals: int) -> bool:
    """Whether the printed digits are the value on its unit's scale, rounded to what is printed, or cut there."""
    digits = re.search(r"\d[\d,]*(\.\d+)?", shown)
    if not digits or not math.isfinite(value):
        return False
    printed, after = Decimal(digits[0].replace(",", "")), shown[digits.end() :]
    scale = Decimal(10**6 if after.startswith(" million") else SCALES.get(after[:1], 1))
    scale = Decimal(1) if unit == "ten_thousand_yuan" else scale
    places, known = -int(printed.as_tuple().exponent), catalogue().units.get(unit)
    meant = abs(Decimal(repr(float(value)))) * Decimal(known.times if known else 1)
    most = scale * Decimal(10) ** -places * Decimal("0.5000005")
    near = -most <= meant - printed * scale <= most * (2 if unit == "share" else 1)
    minus = shown[: digits.start()].rstrip().endswith(("−", "-"))
    return near and (scale > 1 or places == decimals) and (value <= 0 or not (minus and printed))


def _check_chart(name: str, content: bytes, known: list[float]) -> Iterator[Loose]:
    """The numbers that Word draws a chart of: values of the table, rounded as they are printed."""
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    drawn = [column for column in page.iter_cols(min_col=2) if str(column[0].value or "").strip("+− ")]
    for cell in (
        cell for column in drawn for cell in column[1:]
    ):  # without the lengths of whiskers and of room
        if isinstance(cell.value, int | float) and not _is_among(cell.value, known, rounded=True):
            yield (name, cell.coordinate, f"{cell.value} stands in no table")


def _is_among(value: float, known: list[float], rounded: bool = False) -> bool:
    """Whether a number is one of a sorted list; of a chart's, which are rounded, to its last digit."""
    places = max(0, -int(Decimal(repr(float(value))).normalize().as_tuple().exponent))
    size = 10.0**-places * 0.5000005 if rounded else 1e-9 * max(1.0, abs(value))
    for asked in (value, -value):
        at = bisect.bisect_left(known, asked - size)
        if at < len(known) and known[at] <= asked + size:
            return True
    return False


def _say_paragraph(paragraph: Any) -> str:
    """A paragraph without the numbers of its sources, which stand high."""
    return _squeeze("".join(run.text for run in paragraph.runs if not run.font.superscript))


def _names(token: str, text: str, named: set[str]) -> bool:
    """Whether digits of a text are only part of names: of what the rows of tables are called, and the area's code."""
    left = text
    for name in sorted((one for one in named if token in one), key=len, reverse=True):
        left = re.sub(_bound(name), "", left)
    return token not in TOKEN.findall(left)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _find_title(node: Any) -> str:
    """What stands above a table, or below the figure that it belongs to."""
    figure = node.xpath("ancestor::figure//figcaption")
    return _squeeze(" ".join(node.xpath("./caption//text()")) or (figure[0].text_content() if figure else ""))


def _list_tokens(shown: Iterable[str]) -> set[str]:
    return {token for one in shown for token in TOKEN.findall(one)}


def _bound(name: str) -> str:
    """A name that begins or ends with digits is none within a longer number."""
    before, after = (
        r"(?<![\d.,])" if name[:1].isdigit() else "",
        r"(?!\d|[.,]\d)" if name[-1:].isdigit() else "",
    )
    return f"{before}{re.escape(name)}{after}"


def find_loose_numbers(edition: Path, names: Iterable[str]) -> list[Loose]:
    """All that is printed and not held, held and not printed, or held otherwise than it is printed.

    Parameters
    ----------
    edition : its folder
    names : of things, with digits in them, and the letters of templates; the longest first
    """
    named = re.compile("|".join(map(_bound, names)), re.IGNORECASE)

    def clean(text: str) -> str:
        for pattern in (LETTERS, named, CODES):
            text = pattern.sub("¤", text)
        return text

    values = pd.read_parquet(edition / "values.parquet")
    return [
        (f"{folder}/{file}", what, wrong)
        for folder in sorted(set(values["folder"].astype(str)))
        for file, what, wrong in AreaFiles(edition / folder, values, clean).find_loose()
    ]

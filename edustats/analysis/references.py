"""What have others published that a county may be held against? A small table of the bureau's own, beside the store.

``NAME.reference.csv`` beside the store ``NAME`` has the headings 地区, 年份, 指标, 数值, 来源, or in English
area, year, indicator, value, source. The figures of a province or the nation have columns of their own and are
never added up with, or put in the place of, sums of the store.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.store.reading import Store

HEADINGS = {"地区": "area", "年份": "year", "指标": "indicator", "数值": "value", "来源": "source"}
NUMBER = re.compile(r"([+\-−]?\d+(?:\.\d+)?)\s*([%％]?)(?::1|：1)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFigure:
    """A published figure: ``value`` in the catalogue's unit."""

    area: str
    year: int
    indicator: str
    value: float
    source: str


def references_file(store: Store) -> Any:
    """Where a bureau puts what it holds its counties against."""
    return store.path.with_name(f"{store.path.name}.reference.csv")


def read_references(store: Store, known: Catalogue) -> tuple[ReferenceFigure, ...]:
    """The figures beside a store; none where there is no table.

    Raises
    ------
    DataError
        A heading, an indicator or a number that is none, a figure without its source; names file and row.
    """
    file = references_file(store)
    if not file.is_file():
        return ()
    table = csv.reader(io.StringIO(decode_table(file.read_bytes(), file.name)))
    heads = [HEADINGS.get(cell.strip(), cell.strip()) for cell in next(table, [])]
    if lacking := [name for name in HEADINGS.values() if name not in heads]:
        raise DataError("areas.reference_heading", file=file.name, lacking=", ".join(lacking))
    return tuple(_read_rows(table, heads, file, known))


def decode_table(raw: bytes, name: str) -> str:
    """The text of a table somebody saved, in either of the two encodings that are met."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError("areas.reference_heading", file=name, lacking="UTF-8 / GB18030")


def _read_rows(table: Any, heads: list[str], file: Path, known: Catalogue) -> Iterator[ReferenceFigure]:
    names = {text: key for key, one in known.indicators.items() for text in (key, one.zh, one.en)}
    for number, cells in enumerate(table, 2):
        row = {head: cell.strip() for head, cell in zip(heads, cells, strict=False)}
        if not any(row.values()):
            continue
        key, year = names.get(row.get("indicator", "")), row.get("year", "").removesuffix("年")
        value = _parse_value(row.get("value", ""), known, key) if key else math.nan
        for name, right in (
            ("indicator", key is not None), ("year", bool(re.fullmatch(r"(19|20)\d\d", year))),
            ("value", math.isfinite(value)), ("area", bool(row.get("area"))), ("source", bool(row.get("source"))),
        ):  # fmt: skip
            if not right:
                raise DataError(
                    "areas.reference_cell",
                    file=file.name,
                    row=number,
                    column=name,
                    value=row.get(name, "")[:40],
                )
        yield ReferenceFigure(
            area=row["area"][:30], year=int(year), indicator=str(key), value=value, source=row["source"][:80]
        )


def _parse_value(text: str, known: Catalogue, key: str) -> float:
    """A printed value in the catalogue's unit; nan where it is none, or a share that does not say whether per cent."""
    found, unit = NUMBER.fullmatch(text.replace(",", "")), known.unit_of(key)
    if not found:
        return math.nan
    value = float(found[1].replace("−", "-"))
    if unit.key == "share":
        if found[2]:
            return value / 100
        return value if 0 <= value <= 1 else math.nan
    return math.nan if found[2] else value / unit.times

"""How does a frame of one's own become a table or a figure of a chapter, on the page, in Word and in Excel?"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from edustats.analysis.codebook import PREFIX
from edustats.errors import ParameterError
from edustats.present.drawing.figures import encode_png
from edustats.present.explore.frame_chart import plot
from edustats.present.records.items import Figure, Table, TableColumn
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.words import LANGUAGES, Text, read_all_texts

MOST_ROWS = 200
WHOLE = ("year", "n", "rank", "best", "worst", "of", "place")


def show_frame(view: AreaView, frame: pd.DataFrame, title: str = "", chart: bool = False) -> ChapterItems:
    """A data frame as a table of the chapter, or as a chart with its table behind it.

    Parameters
    ----------
    view : from :func:`edustats.open_county` or :func:`edustats.open_prefecture`
    frame : from any function of this package, or made of one; protected
    title : what stands above it, in both languages with `` / `` between them
    chart : draw it, as :func:`edustats.plot` does

    Returns
    -------
    ChapterItems
        The first 200 rows; numbers are printed with two decimals.

    Raises
    ------
    ParameterError
        A frame for use inside, which may not be published.

    Examples
    --------
    >>> view = open_county("990121", "data/store/example")
    >>> ratios = observations(view.store, "ratio_pupils_per_teacher_primary", view.area)
    >>> len(show_frame(view, ratios[["year", "value"]], "生师比 / Pupils per teacher"))
    1
    """
    if not frame.attrs.get("protected", True):
        raise ParameterError("analysis.inside_frame")
    zh, _, en = title.partition(" / ")
    named, shown = Text(zh, en or zh), frame.head(MOST_ROWS)
    table = Table(
        key="frame", title=named, columns=tuple(_name_columns(shown)),
        rows=tuple(tuple(_fill_cell(name, cell) for name, cell in zip(shown, row, strict=True))
                   for row in shown.itertuples(index=False)),
    )  # fmt: skip
    if not chart:
        return collect_items(view, table)
    png = encode_png(plot(frame, view.area, lang=view.lang, quiet=True).figure)
    return collect_items(view, Figure(key="frame.chart", title=named, alt=named, data=table, png=png))


def _name_columns(frame: pd.DataFrame) -> list[TableColumn]:
    """What the codebook calls each column, up to its first comma."""
    texts = read_all_texts()
    meant = [texts.get(f"{PREFIX}{name}", Text(str(name), str(name))) for name in frame]
    labels = [
        Text(*(re.split(r"[，,；;（(]", text[lang])[0].strip() for lang in LANGUAGES)) for text in meant
    ]
    floats = [pd.api.types.is_float_dtype(frame[name]) and name not in WHOLE for name in frame]
    return [
        TableColumn(label=label, decimals=2 if real else None)
        for label, real in zip(labels, floats, strict=True)
    ]


def _fill_cell(name: Any, cell: Any) -> str | float | None:
    if pd.isna(cell):
        return None
    if isinstance(cell, float) and name not in WHOLE:
        return float(cell)
    return str(int(cell)) if name in WHOLE else str(cell)

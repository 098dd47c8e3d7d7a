"""What does a chart show, so that Word can draw it again? Series of numbers over categories, and no picture.

A figure carries one chart, or one for each of its panels. The numbers are those that are printed: rounded
once, on the scale of their unit, so that a chart never tells more than its table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edustats.present.records.numbers import format_year, round_half_up
from edustats.words import NOTHING, Text, say

KINDS = ("line", "bar", "dot", "funnel")
Cell = str | float | int | None
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, one colour of bars or one kind of dots; None where there is no value.

    ``role`` is ``own`` for the county, ``reference`` for what it is held against (an area above, a limit),
    and empty for one of several equals. ``low`` and ``high`` are the ends of an interval at each value.
    """

    name: Text
    values: Values
    role: str = ""
    low: Values = ()
    high: Values = ()
    open: tuple[int, ...] = ()
    """Positions of the points that do not cover the area; they are drawn open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Series over the same categories.

    ``kind`` is line, bar (lying, the first on top), funnel (bars of one series about the same middle) or
    dot. A series whose role is ``reference`` is drawn dashed and without marks.
    Values stand on the print scale: 12.5 for 12.5 %.
    """

    kind: str
    categories: tuple[Text | str, ...]
    series: tuple[Series, ...]
    unit: Text
    decimals: int
    title: Text = NOTHING
    """For one panel of several; a figure's own title stands in its caption."""


def round_values(raw: Iterable[float], decimals: int) -> Values:
    """Numbers as a chart holds them: rounded once, half up; None for what is missing.

    Examples
    --------
    >>> round_values([0.125, float("nan")], 2)
    (0.13, None)
    """
    return tuple(float(round_half_up(v, decimals)) if math.isfinite(v) else None for v in raw)


def tabulate_years(
    years: Sequence[int], columns: Sequence[Sequence[float]]
) -> tuple[tuple[Cell | Text, ...], ...]:
    """The rows behind a chart of years: what is drawn, but unrounded; None for what is missing.

    Examples
    --------
    >>> [[str(cell) for cell in row[1:]] for row in tabulate_years([2023, 2024], [[0.125, float("nan")]])]
    [['0.125'], ['None']]
    """
    return tuple(
        (format_year(year), *(own[i] if math.isfinite(own[i]) else None for own in columns))
        for i, year in enumerate(years)
    )


def explain_open_points(title: Text, series: Iterable[Series]) -> Text:
    """A figure's title, with what an open point means where there is one."""
    told = say("areas.open_point")
    marked = any(one.open for one in series)
    return Text(f"{title.zh}（{told.zh}）", f"{title.en} ({told.en})") if marked else title


def measure_padding(held: Values) -> Values:
    """What stands before each bar of a funnel, so that all have the same middle.

    Examples
    --------
    >>> measure_padding((518.0, 377.0, None))
    (0.0, 70.5, None)
    """
    widest = max((v for v in held if v is not None), default=0.0)
    return tuple(None if v is None else (widest - v) / 2 for v in held)


def revive_chart(body: dict[str, Any]) -> Chart:
    """The chart a JSON record was made of."""
    series = tuple(
        Series(
            name=_revive_name(one["name"]),
            role=one["role"],
            open=tuple(one.get("open", ())),
            **{part: tuple(one[part]) for part in ("values", "low", "high")},
        )
        for one in body["series"]
    )
    categories = tuple(_revive_name(c) if isinstance(c, dict) else c for c in body["categories"])
    texts = {name: _revive_name(body[name]) for name in ("unit", "title")}
    return Chart(**body | texts | {"series": series, "categories": categories})


def _revive_name(body: dict[str, Any]) -> Text:
    """A name as it is read; a number in it is the sentence's and none of the chart's."""
    return Text(body["zh"], body["en"])

"""How is a frame of any of the package's functions drawn? In the house's style, with the axes handed back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.selection import known_of, require_columns
from edustats.errors import ParameterError
from edustats.present.drawing.figures import ACCENT, DPI, GREY, INK, PALE, WIDTH_INCHES, shorten_name
from edustats.present.drawing.fonts import use_chinese_font
from edustats.present.drawing.lines import DASHES, MARKERS, NAME_EMS, choose_limits, spread_labels
from edustats.words import join_names, say, user_language

MOST_NAMED = 12
"""With more lines only the one singled out and the two at the ends are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """What turns values into what is printed, and the name of the axis."""

    times: float
    decimals: int
    label: str


def plot(
    frame: pd.DataFrame, area: str = "", *, lang: str = "", axes: Any = None, quiet: bool = False
) -> Any:
    """A frame of observations, schools, trend, rank, forecast, inequality, decompose, gap, compare ... as a chart.

    Parameters
    ----------
    frame : from one of these functions, of one indicator and with one row an area and year
    area : code or name of the area to single out
    lang : zh or en; empty: the user's
    axes : matplotlib axes to draw on; None: new ones of the house's size, shown at once in a notebook
    quiet : not shown, for whoever saves it

    Returns
    -------
    matplotlib.axes.Axes
        To be changed or saved: ``axes.figure.savefig("chart.png")``.

    Raises
    ------
    ParameterError
        A frame of several indicators or with several rows an area and year, or one with no column to draw.

    Examples
    --------
    >>> frame = pd.DataFrame({"area": ["01", "01"], "area_name": ["甲县", "甲县"], "year": [2023, 2024],
    ...                       "indicator": "ratio_pupils_per_teacher_primary", "value": [17.2, 16.9]})
    >>> [round(float(y), 1) for y in plot(frame, lang="en").lines[0].get_ydata()]
    [17.2, 16.9]
    """
    lang = lang or user_language()
    require_columns(frame, (), "observations")
    if "area" not in frame and "year" in frame:  # between areas: the whole, or its parts
        frame = frame.assign(area="") if "part" not in frame else _name_parts(frame, lang)
    rows, draw = frame.rename(columns={"estimate": "value", "slope": "value"}), _choose_drawing(frame)
    scale = _choose_scale(rows, lang)
    own_axes = axes is None
    axes = _make_axes(draw, rows) if own_axes else axes
    named = rows.assign(name=rows["area_name" if "area_name" in rows else "area"].astype(str))
    draw(axes, named.assign(own=named["area"].eq(area) | named["name"].eq(area)), scale, lang)
    axes.set_title(scale.label, fontsize=8, loc="left", color=GREY)
    if own_axes and not quiet:
        _show_in_notebook(axes.figure)
    return axes


def _name_parts(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The parts of inequality as if each were an area: between the groups of a level, within, all."""
    several = frame.loc[frame["part"] == "between", "level"].nunique() > 1
    names = {part: say(f"codebook.part_{part}")[lang] for part in ("between", "within", "total")}
    said = [names[part] + (f" {level}" if part == "between" and several else "")
            for part, level in zip(frame["part"].astype(str), frame["level"], strict=True)]  # fmt: skip
    return frame.assign(area=said)


Drawing = Callable[[Any, pd.DataFrame, _Scale, str], None]


def _choose_drawing(frame: pd.DataFrame) -> Drawing:
    """How a frame is drawn, by its columns."""
    if frame.empty:
        raise ParameterError("analysis.empty_frame")
    ways: tuple[tuple[set[str], Drawing], ...] = (
        ({"area", "school", "value"}, _draw_schools),
        ({"area", "rank", "best", "worst"}, _draw_ranks),
        ({"area", "slope", "lower", "upper"}, _draw_intervals),
        ({"area", "year", "other_value", "value"}, _draw_pairs),
        ({"area", "year", "value"}, _draw_lines),
        ({"area", "year", "estimate"}, _draw_lines),
    )
    for columns, draw in ways:
        if columns <= set(frame):
            if draw is _draw_lines:
                _refuse_several_rows(frame)
            return draw
    lacking = ", ".join(sorted({"area", "year", "value"} - set(frame)) or ["—"])
    raise ParameterError("analysis.not_drawable", lacking=lacking)


def _refuse_several_rows(frame: pd.DataFrame) -> None:
    """Several rows an area and year are no line; what tells them apart is named."""
    again = frame[frame.duplicated(["area", "year"], keep=False)]
    if len(again):
        own = again[(again["area"] == again["area"].iloc[0]) & (again["year"] == again["year"].iloc[0])]
        apart = [
            str(name) for name in own.select_dtypes(exclude="float") if own[name].astype(str).nunique() > 1
        ]
        several = "indicator" if "indicator" in apart else "measure" if "measure" in apart else ""
        if several:
            raise ParameterError("analysis.several_indicators", have=join_names(own[several].unique()[:5]))
        raise ParameterError("analysis.several_rows", columns=join_names(apart or ["area", "year"]))


def _choose_scale(rows: pd.DataFrame, lang: str) -> _Scale:
    for column in ("indicator", "measure"):
        if column in rows and rows[column].nunique() > 1:
            have = join_names(rows[column].unique()[:5])
            raise ParameterError("analysis.several_indicators", have=have)
    measure = str(rows["measure"].iloc[0]) if "measure" in rows else say("codebook.chart_parts")[lang]
    if "indicator" not in rows:
        return _Scale(times=1.0, decimals=3, label=measure if "measure" in rows else "")
    key = str(rows["indicator"].iloc[0])
    known = known_of(rows)
    one, unit = known.indicator(key), known.unit_of(key)
    if "measure" in rows or "part" in rows:
        label = say("codebook.chart_of", name=one.name, what=measure)[lang]
        return _Scale(times=1.0, decimals=3 if "measure" in rows else 4, label=label)
    if "first" in rows:
        what = f"{rows['first'].iloc[0]} − {rows['second'].iloc[0]}"
        label = say("codebook.chart_of", name=one.name, what=what)[lang]
        return _Scale(times=unit.times, decimals=unit.decimals, label=label)
    relative = "verdict" in rows and unit.key != "share"  # a trend of an amount is a share of it a year
    if "verdict" in rows:
        label = say("codebook.chart_trend", name=one.name)[lang]
        return _Scale(times=100.0 if relative else unit.times, decimals=2, label=label)
    label = say("sentences.bracketed", name=one.name, value=unit.name)[lang]
    return _Scale(times=unit.times, decimals=unit.decimals, label=label)


def _make_axes(draw: Drawing, rows: pd.DataFrame) -> Any:
    use_chinese_font()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = rows["area"].nunique() if draw in (_draw_ranks, _draw_intervals) else 12
    figure = Figure(
        figsize=(WIDTH_INCHES, max(1.6, min(0.22 * lines + 0.6, 12))), dpi=DPI, layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(labelsize=7, color=GREY, labelcolor=INK, length=2.5)
    return axes


def _draw_lines(axes: Any, rows: pd.DataFrame, scale: _Scale, lang: str) -> None:
    """A line for each area, with its limits where the frame has them."""
    held = rows[rows["value"].notna()]
    areas = list(dict.fromkeys(held["area"]))
    ends: list[tuple[str, float, bool]] = []
    for k, area in enumerate(areas):
        own = held[held["area"] == area].sort_values("year")
        told = bool(own["own"].iloc[0]) or len(areas) == 1
        many = len(areas) > len(DASHES)
        values = own["value"].to_numpy(float) * scale.times
        axes.plot(own["year"], values, color=ACCENT if told else GREY, lw=1.8 if told else 0.9, zorder=3 if told else 2,
                  ls="-" if many or told else DASHES[k % len(DASHES)], ms=3 if told or not many else 0,
                  marker=MARKERS[k % len(MARKERS)])  # fmt: skip
        if {"lower", "upper"} <= set(own) and (told or not many):
            low, high = (own[name].to_numpy(float) * scale.times for name in ("lower", "upper"))
            axes.fill_between(own["year"], low, high, color=PALE, alpha=0.5, lw=0, zorder=1)
        ends.append((str(own["name"].iloc[0]), float(values[-1]), told))
    if not ends:
        return
    if not {"lower", "upper"} <= set(held):
        axes.set_ylim(*choose_limits(held["value"].to_numpy(float) * scale.times))
    years = sorted(held["year"].unique())
    axes.set_xticks(years[:: max(1, len(years) // 10)])
    _name_ends(axes, ends, scale.decimals)


def _name_ends(axes: Any, ends: list[tuple[str, float, bool]], decimals: int) -> None:
    """Names right of the frame, moved apart where they would touch; of many lines those that matter."""
    if len(ends) > MOST_NAMED:
        order = sorted(ends, key=lambda end: end[1])
        ends = list(dict.fromkeys([order[0], *(end for end in ends if end[2]), order[-1]]))
    low, high = axes.get_ylim()
    height = (high - low) * 0.055
    places = spread_labels([value for _, value, _ in ends], height, low + height / 2, high - height / 2)
    for (name, value, told), place in zip(ends, places, strict=True):
        axes.text(1.01, place, f"{shorten_name(name, NAME_EMS)} {value:.{decimals}f}", va="center",
                  transform=axes.get_yaxis_transform(), fontsize=7, color=ACCENT if told else INK)  # fmt: skip


def _draw_schools(axes: Any, rows: pd.DataFrame, scale: _Scale, lang: str) -> None:
    """How many schools have which value, in the last year of the frame; the weighted mean as a line."""
    last = rows[(rows["year"] == rows["year"].max()) & rows["value"].notna()]
    values = last["value"].to_numpy(float) * scale.times
    axes.hist(values, bins=min(30, max(5, int(np.sqrt(len(values)) * 2))), color=PALE, edgecolor=GREY, lw=0.5)
    weights = last["weight"].to_numpy(float) if "weight" in last else np.full(len(last), np.nan)
    weighted = bool(np.isfinite(weights).all()) and weights.sum() > 0
    middle = np.average(values, weights=weights) if weighted else np.median(values)
    axes.axvline(middle, color=ACCENT, lw=1.2)
    said = say(
        "codebook.chart_schools" if weighted else "codebook.chart_schools_median",
        n=str(len(values)),
        year=int(last["year"].max()),
        mean=f"{middle:.{scale.decimals}f}",
    )
    axes.set_xlabel(said[lang], fontsize=7, color=INK)
    axes.yaxis.get_major_locator().set_params(integer=True)


def _draw_ranks(axes: Any, rows: pd.DataFrame, scale: _Scale, lang: str) -> None:
    """Places that cannot be ruled out, first on top."""
    last = rows[rows["year"] == rows["year"].max()].sort_values("rank", ascending=False, ignore_index=True)
    _draw_bars(axes, last, "rank", "best", "worst", 1.0)
    axes.set_xlabel(say("codebook.chart_rank")[lang], fontsize=7, color=INK)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _draw_intervals(axes: Any, rows: pd.DataFrame, scale: _Scale, lang: str) -> None:
    """The yearly change of every area with its limits and its verdict."""
    order = rows.sort_values("value", ignore_index=True)
    _draw_bars(axes, order, "value", "lower", "upper", scale.times)
    axes.axvline(0, color=GREY, lw=0.8)


def _draw_bars(axes: Any, rows: pd.DataFrame, middle: str, low: str, high: str, times: float) -> None:
    for at, row in enumerate(rows.to_dict("records")):
        colour = ACCENT if row["own"] else GREY
        axes.plot([row[low] * times, row[high] * times], [at, at], color=colour, lw=1.6)
        axes.plot(row[middle] * times, at, "o", color=ACCENT if row["own"] else INK, ms=4)
    axes.set_yticks(range(len(rows)), [shorten_name(name, NAME_EMS) for name in rows["name"]])


def _draw_pairs(axes: Any, rows: pd.DataFrame, scale: _Scale, lang: str) -> None:
    """The area's own line and each other's."""
    own = rows.assign(own=True)[["area", "name", "year", "value", "own"]]
    other = rows.assign(area=rows["other"], name=rows["other_name"], value=rows["other_value"], own=False)
    lines = pd.concat([own, other[["area", "name", "year", "value", "own"]]]).drop_duplicates(
        ["area", "year"]
    )
    _draw_lines(axes, lines, scale, lang)


def _show_in_notebook(figure: Any) -> None:
    """Show the figure where somebody sits in a notebook; a script goes on in silence."""
    import sys

    shell = sys.modules.get("IPython")
    if shell is not None and (running := shell.get_ipython()) is not None and hasattr(running, "kernel"):
        from IPython.display import Image, display

        from edustats.present.drawing.figures import encode_png

        display(Image(encode_png(figure), width=int(WIDTH_INCHES * 110)))

"""How are the counties of a prefecture drawn beside each other? For print in grey at 156 mm.

Eighty counties must fit a page: their panels and tiles are drawn into one pair of axes, which costs a tenth of
eighty pairs. What stands out has a mark in its name, never a colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edustats.present.drawing.figures import (
    ACCENT,
    GREY,
    INK,
    PALE,
    WIDTH_INCHES,
    encode_png,
    fold_name,
    open_canvas,
    shorten_name,
)
from edustats.present.drawing.panels import widen_range
from edustats.typing import Floats

SHADES = ("#ffffff", "#e4e4e4", "#c4c4c4", "#747474", "#3c3c3c")
"""From low to high: five steps that a copier keeps apart."""
DARK = 3
"""From this shade on letters are white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPanel:
    """One county over the years, the missing ones nan; a name of its own for the place it takes."""

    name: str
    years: Floats
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedPanel:
    """One indicator over the years in two parts, one on the other."""

    title: str
    years: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyTile:
    """One county: its name with its mark, its value, the value as printed, and its rings where a map is drawn."""

    name: str
    value: float
    printed: str
    rings: tuple[Floats, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedScale:
    """Years and values that all panels share."""

    first: float
    last: float
    low: float
    high: float

    def x(self, years: Floats, column: int) -> Floats:
        return column + 0.06 + 0.86 * (years - self.first) / max(self.last - self.first, 1)

    def place_values(self, values: Floats, row: int) -> Floats:
        return -row + 0.06 + 0.66 * (values - self.low) / ((self.high - self.low) or 1)


def choose_column_count(n: int) -> int:
    """Panels beside each other: few and large for few counties."""
    return 3 if n <= 12 else 4 if n <= 28 else 6 if n <= 48 else 7


def draw_county_panels(
    panels: Sequence[ChartPanel], reference: ChartPanel, labels: tuple[str, str], printed: Any
) -> bytes:
    """A panel per county on the same axes: the county as a solid line, the prefecture dashed.

    Parameters
    ----------
    panels : the counties, in the order in which they are read
    reference : the prefecture
    labels : what the solid and the dashed line are
    printed : a function that prints a value of the axis
    """
    columns = choose_column_count(len(panels))
    rows = -(-len(panels) // columns)
    scale = _fit_shared_scale([*panels, reference])
    with open_canvas(1, 1, rows * (1.25 if columns == 3 else 0.95 if columns == 4 else 0.64) + 0.5) as (
        figure,
        axes,
    ):
        axis = axes[0, 0]
        for k, panel in enumerate(panels):
            size = 8 if columns < 5 else 6.5
            name = shorten_name(panel.name, WIDTH_INCHES * 72 / size * 0.8 / (columns + 0.28))
            _draw_panel(axis, replace(panel, name=name), reference, scale, divmod(k, columns), size)
        _label_axis_ends(axis, scale, rows, columns, printed)
        _hide_axes(axis, (-0.28, columns), (-rows + 0.8, 1.0))
        handles = [
            axis.plot([], [], color=ACCENT, lw=1.4)[0],
            axis.plot([], [], color=GREY, lw=1, ls=(0, (3, 2)))[0],
        ]
        figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
        return encode_png(figure)


def _fit_shared_scale(panels: Sequence[ChartPanel]) -> SharedScale:
    years = np.concatenate([panel.years for panel in panels])
    values = np.concatenate([panel.values for panel in panels])
    return SharedScale(
        years.min(), years.max(), *widen_range(float(np.nanmin(values)), float(np.nanmax(values)))
    )


def _draw_panel(
    axis: Any,
    panel: ChartPanel,
    reference: ChartPanel,
    scale: SharedScale,
    place: tuple[int, int],
    size: float,
) -> None:
    row, column = place
    left, right = column + 0.02, column + 0.96
    axis.plot([left, left, right], [-row + 0.74, -row + 0.02, -row + 0.02], color=PALE, lw=0.7)
    axis.plot(
        scale.x(reference.years, column),
        scale.place_values(reference.values, row),
        color=GREY,
        lw=0.9,
        ls=(0, (3, 2)),
    )
    axis.plot(scale.x(panel.years, column), scale.place_values(panel.values, row), color=ACCENT, lw=1.3)
    held = np.flatnonzero(np.isfinite(panel.values))
    if len(held):
        end = held[-1:]
        axis.plot(
            scale.x(panel.years[end], column),
            scale.place_values(panel.values[end], row),
            color=ACCENT,
            marker="o",
            ms=2.4,
        )
    axis.text(left, -row + 0.78, panel.name, fontsize=size, color=INK, va="bottom", ha="left")


def _label_axis_ends(axis: Any, scale: SharedScale, rows: int, columns: int, printed: Any) -> None:
    """Lowest and highest value beside each first panel; first and last year under the last row."""
    ends = np.array([scale.low, scale.high])
    for row in range(rows):
        for value, y in zip(ends, scale.place_values(ends, row), strict=True):
            axis.text(-0.02, y, printed(value), fontsize=6, color=INK, ha="right", va="center")
    for column in range(columns):
        for year, side in ((scale.first, "left"), (scale.last, "right")):
            x = column + (0.04 if side == "left" else 0.94)
            axis.text(x, -rows + 0.98, f"{year:.0f}", fontsize=6, color=INK, ha=side, va="top")


def _hide_axes(axis: Any, x: tuple[float, float], y: tuple[float, float]) -> None:
    axis.set(xlim=x, ylim=y, xticks=[], yticks=[])
    for side in axis.spines.values():
        side.set_visible(False)


def draw_stacked_panels(panels: Sequence[StackedPanel], labels: Sequence[str]) -> bytes:
    """A panel per indicator: bars by year of two parts, the upper one hatched."""
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    with open_canvas(rows, columns, 1.6 * rows + 0.45) as (figure, axes):
        for axis, panel in zip(axes.flat, panels, strict=False):
            axis.bar(panel.years, panel.lower, width=0.75, color=PALE, edgecolor=INK, lw=0.4, label=labels[0])
            axis.bar(panel.years, panel.upper, width=0.75, bottom=panel.lower, color="#9db7d1", edgecolor=INK,
                     lw=0.4, hatch="////", label=labels[1])  # fmt: skip
            axis.set_title(
                "\n".join(textwrap.wrap(panel.title, _choose_title_width(panel.title))),
                fontsize=8,
                loc="left",
            )
            few = panel.years[:: max(1, -(-len(panel.years) // 4))]
            axis.set_xticks(few, [f"{year:.0f}" for year in few])
            axis.locator_params(axis="y", nbins=4)
        for axis in axes.flat[len(panels) :]:
            axis.set_visible(False)
        handles, names = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
        return encode_png(figure)


def _choose_title_width(title: str) -> int:
    """Letters of a title that fit a third of the page."""
    return 14 if not title.isascii() and any("一" <= c <= "鿿" for c in title) else 27


# --- tiles and maps -------------------------------------------------------------------------------------------


def compute_shade_limits(values: Floats) -> Floats:
    """Upper limits of the lower four of five classes of equal size."""
    return np.quantile(values[np.isfinite(values)], [0.2, 0.4, 0.6, 0.8])


def _choose_shade(value: float, limits: Floats) -> tuple[str, str]:
    """Fill and colour of the letters on it; a county without a value stays white and is hatched by its caller."""
    if not np.isfinite(value):
        return "#ffffff", INK
    step = int(np.searchsorted(limits, value, side="left"))
    return SHADES[step], "#ffffff" if step >= DARK else INK


def draw_county_tiles(found: Sequence[CountyTile], legend: str) -> bytes:
    """A tile per county in the order given, the darker the higher, with its name and value."""
    n = len(found)
    columns = 3 if n <= 12 else 5 if n <= 30 else 8
    rows = -(-n // columns)
    limits = compute_shade_limits(np.array([tile.value for tile in found]))
    height = 0.62 if columns == 3 else 0.56 if columns == 5 else 0.5
    with open_canvas(1, 1, rows * height + 0.35) as (_, axes):
        axis = axes[0, 0]
        size = 8 if columns == 3 else 7 if columns == 5 else 6
        for k, tile in enumerate(found):
            _draw_tile(axis, tile, divmod(k, columns), limits, size)
        axis.text(0, -rows + 0.9, legend, fontsize=7, color=INK, va="top")
        _hide_axes(axis, (0, columns), (-rows + 0.6, 1))
        return encode_png(axis.figure)


def _draw_tile(axis: Any, tile: CountyTile, place: tuple[int, int], limits: Floats, size: float) -> None:
    from matplotlib.patches import Rectangle

    row, column = place
    fill, letters = _choose_shade(tile.value, limits)
    hatch = None if np.isfinite(tile.value) else "...."
    box = Rectangle((column + 0.02, -row + 0.04), 0.96, 0.92, fc=fill, ec=INK, lw=0.5, hatch=hatch)
    axis.add_patch(box)
    room = 16.0 if size > 7 else 9.5 if size > 6 else 7.5
    name = fold_name(shorten_name(tile.name, 1.9 * room), room)
    axis.text(
        column + 0.5,
        -row + 0.66,
        name,
        fontsize=size,
        color=letters,
        ha="center",
        va="center",
        linespacing=0.95,
    )
    axis.text(column + 0.5, -row + 0.24, tile.printed, fontsize=size, color=letters, ha="center", va="center")
    if hatch:
        axis.texts[-1].set_bbox({"fc": "white", "ec": "none", "pad": 0.5})


def draw_county_map(found: Sequence[CountyTile], legend: str, approval: str) -> bytes:
    """Counties in their boundaries, the darker the higher, with name and value; the approval number beneath."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    limits = compute_shade_limits(np.array([tile.value for tile in found]))
    points = np.concatenate([ring for tile in found for ring in tile.rings])
    low, high = points.min(axis=0), points.max(axis=0)
    stretch = 1 / np.cos(
        np.radians((low[1] + high[1]) / 2)
    )  # a degree of longitude is shorter than one of latitude
    height = min(8.0, WIDTH_INCHES * (high[1] - low[1]) * stretch / (high[0] - low[0]))
    with open_canvas(1, 1, height + 0.5) as (_, axes):
        axis = axes[0, 0]
        for tile in found:
            fill, letters = _choose_shade(tile.value, limits)
            outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in tile.rings))
            axis.add_patch(
                PathPatch(outline, fc=fill, ec=INK, lw=0.6, hatch=None if np.isfinite(tile.value) else "....")
            )
            x, y = _find_centroid(max(tile.rings, key=_measure_area))
            axis.text(
                x, y, f"{tile.name}\n{tile.printed}", fontsize=6.5, color=letters, ha="center", va="center"
            )
        axis.set_aspect(stretch)
        _hide_axes(axis, (low[0], high[0]), (low[1], high[1]))
        axis.set_xlabel(f"{legend}\n{approval}", fontsize=7)
        return encode_png(axis.figure)


def _measure_area(ring: Floats) -> float:
    """The area that a ring encloses: a county's name stands in its land and not on its most ragged island."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


def _find_centroid(ring: Floats) -> tuple[float, float]:
    """Centre of the area that a ring encloses."""
    x, y = ring[:, 0], ring[:, 1]
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    if not cross.sum():
        return float(x.mean()), float(y.mean())
    return (
        float(((x + np.roll(x, -1)) * cross).sum() / (3 * cross.sum())),
        float(((y + np.roll(y, -1)) * cross).sum() / (3 * cross.sum())),
    )

"""How is a result drawn? Pictures legible in black-and-white print at 156 mm, with the numbers they draw.

Lines differ in stroke and marker, never in colour alone. A figure is drawn to PNG bytes at once, so
that no display back-end can lose it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edustats.present.drawing.fonts import use_chinese_font
from edustats.typing import Floats

WIDTH_INCHES = 156 / 25.4
DPI = 200
ROOM_FOR_A_NAME = 2.2
NAME_SIZE, BAR_EMS = 7.0, 13.0
"""Size of a name over a bar, and room for it."""
LABEL_EMS = 18.0
"""Room for the words along a frame's side."""
INK, GREY, PALE, ACCENT = "#1a1a1a", "#7a7a7a", "#d9d9d9", "#1f4e79"


@contextmanager
def open_canvas(rows: int, columns: int, height: float, *, solved: bool = True) -> Iterator[tuple[Any, Any]]:
    """Figure and axes in the house style, closed when done; ``solved`` where matplotlib is to find their places."""
    use_chinese_font()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI, layout="constrained" if solved else None)
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(GREY)
        axis.tick_params(labelsize=7, color=GREY, labelcolor=INK, length=2.5)
    yield figure, axes


def place_frame(
    figure: Any, axis: Any, beside: Sequence[str] = (), *, size: float = 8.0, legend: bool = False
) -> None:
    """Lay out a figure's only frame by reckoning with its texts: the solver draws every one of them twice for it.

    Parameters
    ----------
    figure, axis : of matplotlib, with ticks and labels as they will be
    beside : texts right of the frame
    size : points of their letters
    legend : whether they are a legend's, which has strokes before them
    """
    low, high = sorted(axis.get_ylim())
    shown = axis.yaxis.get_major_formatter().format_ticks(axis.get_yticks())
    told = [text for text, at in zip(shown, axis.get_yticks(), strict=True) if low <= at <= high]
    ticks = max((measure_name(line) for text in told for line in text.split("\n")), default=0.0) * 7
    lines = axis.get_ylabel().count("\n") + 1 if axis.get_ylabel() else 0
    left = ticks + 6 + lines * 11.5 + 4 * bool(lines)
    under = 16 + 15 * bool(axis.get_xlabel())
    right = max(map(measure_name, beside), default=0.5) * size + 4 + legend * 4.2 * size
    over = 9 * bool(axis.yaxis.get_major_formatter().get_offset())
    width, height = figure.get_size_inches() * 72
    left, right = min(left, 0.6 * width), min(right, 0.3 * width)  # however long a name is, a frame is left
    figure.subplots_adjust(
        (left + 3) / width, (under + 3) / height, 1 - (right + 3) / width, 1 - (over + 4) / height
    )


@contextmanager
def open_figure(height: float) -> Iterator[Any]:
    """A bare figure of the page's width, for what lays itself out."""
    use_chinese_font()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI)
    FigureCanvasAgg(figure)
    yield figure


def measure_name(name: str) -> float:
    """Ems that a name takes: a Chinese letter one, another little more than half."""
    return sum(1.0 if char > "\u2e7f" else 0.56 for char in name)


def shorten_name(name: str, ems: float) -> str:
    """A name in so much room: its beginning and end, since numbers of schools and districts stand there.

    Examples
    --------
    >>> shorten_name("云汀市高新技术产业开发区第一小学", 8.0), shorten_name("柏溪县", 8.0)
    ('云汀市高…一小学', '柏溪县')
    """
    if measure_name(name) <= ems:
        return name
    head, tail = list(name), ""
    while measure_name("".join(head)) > (ems - 1) * 0.6:
        head.pop()
    for char in reversed(name[len(head) :]):
        if measure_name("".join(head) + "…" + char + tail) > ems:
            break
        tail = char + tail
    return f"{''.join(head).rstrip()}…{tail.lstrip()}"


def fold_name(name: str, ems: float) -> str:
    """A name in lines of so much room, English ones between words.

    Examples
    --------
    >>> fold_name("教学及辅助用房面积", 5.0), fold_name("teaching and auxiliary area", 10.0)
    ('教学及辅助\\n用房面积', 'teaching and\\nauxiliary area')
    """
    lines = [""]
    for part in PARTS_OF_A_NAME.findall(name):
        if lines[-1] and measure_name(lines[-1] + part.rstrip()) > ems:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.strip() for line in lines)


PARTS_OF_A_NAME = re.compile(r"[\u2e80-\uffff]|[^\u2e80-\uffff\s]+\s*|\s+")
"""Compiled with the module: such ranges take milliseconds, and every report's kernel would take them anew."""


def encode_png(figure: Any) -> bytes:
    """The picture in 64 colours: a third of the size, and the same numbers give the same bytes."""
    figure.canvas.draw()
    buffer = io.BytesIO()
    reduce_colours(np.asarray(figure.canvas.buffer_rgba())).save(buffer, "png", dpi=(DPI, DPI))
    return buffer.getvalue()


def reduce_colours(drawn: npt.NDArray[np.uint8]) -> Any:
    """A drawn picture in 64 colours: chosen among those that occur, which takes a quarter of the time of all pixels.

    Parameters
    ----------
    drawn : (h, w, 4) red, green, blue, alpha
    """
    from PIL import Image

    pixels = np.ascontiguousarray(drawn).view(np.uint32).ravel()
    begins = np.r_[0, np.flatnonzero(pixels[1:] != pixels[:-1]) + 1]  # a drawing is runs of one colour
    colours, which = np.unique(pixels[begins], return_inverse=True)
    told = Image.fromarray(np.ascontiguousarray(colours.view(np.uint8).reshape(-1, 1, 4)[:, :, :3]))
    # Half the time of a median cut and nearer to the colours; an octree, faster still, loses the palest grey.
    few = told.quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    codes = np.repeat(np.asarray(few).ravel()[which], np.diff(begins, append=len(pixels)))
    picture = Image.fromarray(codes.reshape(drawn.shape[:2]), "P")
    picture.putpalette(few.getpalette() or [])
    return picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ParadeBars:
    """Units to draw from low to high: a name is written where there is room, the county's own bar hatched."""

    values: Floats
    widths: Floats
    names: Sequence[str]
    own: int | None
    mean: float


def draw_pen_parade(bars: ParadeBars, ylabel: str, xlabel: str, mean_label: str) -> bytes:
    """Units from low to high, each as wide as its weight, with the weighted mean as a dashed line.

    A name stands upright over its bar and over the mean, so that it crosses neither.
    """
    order = np.argsort(bars.values, kind="stable")
    width = bars.widths[order] / bars.widths.sum() * 100
    left = np.concatenate([[0.0], np.cumsum(width)[:-1]])
    names = [shorten_name(name, BAR_EMS) for name in bars.names]
    longest = max(map(measure_name, names), default=0.0) * NAME_SIZE / 72
    with open_canvas(1, 1, 2.4 + longest, solved=False) as (figure, axes):
        axis = axes[0, 0]
        drawn = axis.bar(
            left, bars.values[order], width=width, align="edge", color=PALE, edgecolor=INK, lw=0.5
        )
        for position, index in enumerate(order):
            if index == bars.own:
                drawn[position].set(facecolor="#9db7d1", hatch="///")
            if names[index] and width[position] > ROOM_FOR_A_NAME:
                foot = max(bars.values[index], bars.mean, 0.0)
                _write_bar_name(axis, left[position] + width[position] / 2, foot, names[index])
        _draw_mean_line(axis, bars.mean, mean_label)
        axis.set_xlim(0, 100)
        axis.set_ylabel(fold_name(ylabel, LABEL_EMS), fontsize=8)
        axis.set_xlabel(xlabel, fontsize=8)
        low, high = min(0.0, float(bars.values.min())), max(float(bars.values.max()), bars.mean, 0.0)
        axis.set_ylim(low * 1.12, high + (high - low or 1.0) * (0.06 + longest / 1.7))
        place_frame(figure, axis, [mean_label])
        return encode_png(figure)


def _write_bar_name(axis: Any, middle: float, foot: float, name: str) -> None:
    axis.annotate(
        name, (middle, foot), xytext=(0, 3), textcoords="offset points", fontsize=NAME_SIZE, color=INK, rotation=90,
        ha="center", va="bottom",
    )  # fmt: skip


def _draw_mean_line(axis: Any, mean: float, label: str) -> None:
    """A dashed line at the mean, its figure outside the frame where no name of a bar can cover it."""
    axis.axhline(mean, color=INK, lw=1.1, ls=(0, (4, 2)))
    axis.annotate(
        label, (1, mean), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
        fontsize=8, color=INK, va="center",
    )  # fmt: skip


def draw_gap_over_time(years: Floats, gap: Floats, low: Floats, high: Floats, ylabel: str) -> bytes:
    """The gap by year with its interval as a bar, and a line at no gap."""
    with open_canvas(1, 1, 2.3, solved=False) as (figure, axes):
        axis = axes[0, 0]
        axis.axhline(0, color=GREY, lw=0.9)
        whole = np.isfinite(low) & np.isfinite(high)
        axis.vlines(years[whole], low[whole], high[whole], color=INK, lw=1.1)
        axis.plot(years, gap, color=ACCENT, lw=1.0, marker="o", ms=4)
        axis.set_ylabel(fold_name(ylabel, LABEL_EMS), fontsize=8)
        axis.set_xticks(years, [f"{year:.0f}" for year in years])
        axis.margins(x=0.06, y=0.12)
        place_frame(figure, axis)
        return encode_png(figure)


def draw_against_limits(
    names: Sequence[str], stages: Sequence[tuple[str, float, Floats]], xlabel: str
) -> bytes:
    """One row per indicator, a mark per stage, filled where over its limit; a line at each limit."""
    marks, lines = ("o", "s", "^"), ("--", ":", "-.")
    with open_canvas(1, 1, 0.34 * len(names) + 0.8, solved=False) as (figure, axes):
        axis = axes[0, 0]
        rows = np.arange(len(names), dtype=float)
        for k, (name, limit, cv) in enumerate(stages):
            shift = (k - (len(stages) - 1) / 2) * 0.24
            over = cv > limit + 1e-9
            style = {"marker": marks[k % 3], "ls": "none", "ms": 5, "mec": INK}
            axis.plot(cv[~over], rows[~over] + shift, mfc="white", label=name, **style)
            axis.plot(cv[over], rows[over] + shift, mfc=INK, **style)
            axis.axvline(limit, color=GREY, lw=1.0, ls=lines[k % 3], label=f"{name} {limit:.2f}")
        axis.set_yticks(rows, names, fontsize=7)
        axis.invert_yaxis()
        axis.set_xlim(left=0)
        axis.set_xlabel(xlabel, fontsize=8)
        axis.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        place_frame(figure, axis, axis.get_legend_handles_labels()[1], size=7, legend=True)
        return encode_png(figure)


LEGEND_EMS = 16.0
"""Room beside a square picture."""
STROKES = (("#7a7a7a", (0, (4, 2)), 1.3), (ACCENT, "-", 1.8))


def draw_lorenz_curves(
    curves: Sequence[tuple[Floats, Floats]], labels: Sequence[str], xlabel: str, ylabel: str, equal: str
) -> bytes:
    """Curves of the part held against the part of the pupils, in per cent; the last one solid."""
    with open_canvas(1, 1, 3.4, solved=False) as (figure, axes):
        axis = axes[0, 0]
        axis.plot([0, 100], [0, 100], color=GREY, lw=0.8, ls=":", label=equal)
        for (x, y), label, (colour, dash, width) in zip(curves, labels, STROKES[-len(curves) :], strict=True):
            axis.plot(x, y, color=colour, ls=dash, lw=width, label=shorten_name(label, LEGEND_EMS))
        axis.fill_between(*curves[-1], curves[-1][0], color=INK, alpha=0.06, lw=0)
        axis.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
        axis.set_xlabel(xlabel, fontsize=8)
        axis.set_ylabel(fold_name(ylabel, LABEL_EMS), fontsize=8)
        axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
        place_frame(figure, axis, axis.get_legend_handles_labels()[1], legend=True)
        return encode_png(figure)

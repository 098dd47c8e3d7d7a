"""How do a few lines stand in one frame, each with its name at its end and no name on another?

A frame is honest: it begins at nothing for counts that come near it, and a line that hardly moves does not fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.present.drawing.figures import ACCENT, GREY, INK, encode_png, open_canvas, shorten_name
from edustats.present.drawing.panels import widen_range
from edustats.typing import Floats
from edustats.words import Text

DASHES = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (5, 1.5, 1, 1.5)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v")
LETTER = 7.5
NAME_EMS = 15.0
"""Room for a name beside the frame, which keeps two thirds of the page."""
FROM_ZERO = 0.35
"""Where the lowest value is below this part of the highest, the frame begins at nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, its years and values; ``role`` is own, reference or empty.

    ``open_years`` are those in which the figures do not cover the area.
    """

    label: Text
    years: tuple[int, ...]
    values: tuple[float, ...]
    role: str = ""
    open_years: tuple[int, ...] = ()

    def same_scale(self, other: Line) -> bool:
        """Whether both can be read on one axis: neither is a tenth of the other."""
        a, b = max(map(abs, self.values)), max(map(abs, other.values))
        return bool(a and b) and 0.1 <= a / b <= 10


def choose_limits(values: Floats) -> tuple[float, float]:
    """Ends of an honest axis for some values.

    Examples
    --------
    >>> choose_limits(np.array([1.0, 10.0]))[0]
    0.0
    >>> low, high = choose_limits(np.array([87.9, 87.9]))
    >>> bool(high - low > 8)
    True
    """
    low, high = float(np.min(values)), float(np.max(values))
    if low >= 0 and low < FROM_ZERO * high:
        return 0.0, high * 1.08
    (first, last), middle = widen_range(low, high), (low + high) / 2
    bottom, top = middle - (last - first) * 0.62, middle + (last - first) * 0.62
    return (max(bottom, 0.0) if low >= 0 else bottom), top


def spread_labels(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Places for labels of one height, in order, as near as can be to where they belong and on none another.

    Examples
    --------
    >>> spread_labels([5.0, 5.0], 2.0, 0.0, 10.0)
    [4.0, 6.0]
    """
    order = np.argsort(wanted, kind="stable")
    target = np.asarray(wanted, float)[order] - height * np.arange(len(order))
    # nearest non-decreasing sequence (pool adjacent violators), then the room each label takes
    blocks: list[list[float]] = []
    for value in target:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks.pop(-2), blocks.pop()
            blocks.append([(a * m + b * n) / (m + n), m + n])
    level = np.concatenate([np.full(int(n), mean) for mean, n in blocks])
    room = max(high - height * (len(order) - 1), low)
    placed = np.clip(level, low, room) + height * np.arange(len(order))
    result = np.empty(len(order))
    result[order] = placed
    return [float(value) for value in result]


def draw_labelled_lines(
    lines: Sequence[Line], ylabel: str, lang: str, times: float = 1.0, decimals: int = 0
) -> bytes:
    """Lines over years, each named at its last point with its last value."""
    with open_canvas(1, 1, 2.7) as (figure, axes):
        axis = axes[0, 0]
        low, high = choose_limits(np.concatenate([np.asarray(line.values) for line in lines]) * times)
        axis.set_ylim(low, high)
        years = sorted({year for line in lines for year in line.years})
        axis.set_xlim(years[0] - 0.2, years[-1] + 0.2)
        for k, line in enumerate(lines):
            colour = {"own": ACCENT, "reference": GREY}.get(line.role, INK if k % 2 else ACCENT)
            values, mark = (
                np.asarray(line.values) * times,
                {"marker": MARKERS[k % len(MARKERS)], "color": colour},
            )
            axis.plot(line.years, values, ls=DASHES[k % len(DASHES)], lw=1.5, ms=3.5, **mark)
            thin = np.isin(line.years, line.open_years)
            axis.plot(
                np.asarray(line.years)[thin], values[thin], ls="none", ms=4, mfc="white", mew=1.2, **mark
            )
        name_ends(figure, axis, lines, lang, times, decimals)
        axis.set_xticks(years[:: max(1, len(years) // 10)])
        axis.set_title(ylabel, fontsize=7, loc="left", color=GREY)
        return encode_png(figure)


def name_ends(
    figure: object, axis: object, lines: Sequence[Line], lang: str, times: float, decimals: int
) -> None:
    """Names right of the frame, moved apart where they would touch, each with a hair line to its point."""
    low, high = axis.get_ylim()  # type: ignore[attr-defined]
    inches = figure.get_size_inches()[1] * 0.8  # type: ignore[attr-defined]
    height = (high - low) * LETTER * 1.35 / 72 / inches
    ends = [line.values[-1] * times for line in lines]
    places = spread_labels(ends, height, low + height / 2, high - height / 2)
    for line, end, place in zip(lines, ends, places, strict=True):
        axis.annotate(  # type: ignore[attr-defined]
            f"{shorten_name(line.label[lang], NAME_EMS)} {end:{',' if lang == 'en' else ''}.{decimals}f}",
            xy=(line.years[-1], end), xytext=(1.03, place), textcoords=axis.get_yaxis_transform(),  # type: ignore[attr-defined]
            fontsize=LETTER, color=INK, va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.5, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip

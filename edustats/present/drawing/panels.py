"""How are a dozen small charts of lines drawn on one page? All into one figure whose layout is computed, not solved.

A pair of axes for each panel, laid out by a solver, costs ten times as much as the drawing itself. Here the places
are known beforehand: panels are of one size, the type is small and of known width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edustats.present.drawing.figures import GREY, INK, WIDTH_INCHES, encode_png, fold_name, open_figure
from edustats.typing import Floats
from edustats.words import Text

POINTS = 72
ROW, FOOT = 126.0, 36.0
"""Points of the page that a row of panels adds, and of what is below them: the legend of one line or of two."""
KEY, KEY_LINE = 30.0, 13.0
"""Points of a legend's sign with the room around it, and of a line of them."""
COLUMNS = 3
TITLE, TITLE_EMS = 7.5, 17.5
"""Size of a panel's title, and how much of it fits above a third of the page."""
TICKS, TICK_LENGTH = 7.0, 2.5
GAP = 9.0
"""Between a panel and its right neighbour's figures."""
DIGIT = 0.57
"""Width of a figure in parts of the size of the type."""
X_MARGIN = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelLine:
    """One line, or points: places in the data's own units, and how matplotlib draws it."""

    x: Sequence[float] | Floats
    y: Sequence[float] | Floats
    style: dict[str, Any]
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelBand:
    """What lies between two lines."""

    x: Floats
    low: Floats
    high: Floats
    shade: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePanel:
    """One small chart; ``limits`` are those of the values that are drawn."""

    title: str
    lines: tuple[PanelLine, ...]
    bands: tuple[PanelBand, ...] = ()
    limits: tuple[float, float]
    most: float = float("inf")
    """The highest value there can be: no figure beside the frame is above it."""
    note: str = ""
    """In a box at the upper right."""


@dataclass(frozen=True, slots=True)
class _Box:
    """Where one panel stands, in points, and what its ends mean."""

    left: float
    bottom: float
    right: float
    top: float
    x: tuple[float, float]
    y: tuple[float, float]

    def place_x(self, x: Any) -> Floats:
        (low, high), size = self.x, self.right - self.left
        return self.left + (np.asarray(x, float) - low) / ((high - low) or 1.0) * size

    def place_y(self, y: Any) -> Floats:
        (low, high), size = self.y, self.top - self.bottom
        return self.bottom + (np.asarray(y, float) - low) / ((high - low) or 1.0) * size


LEAST_SPREAD = 0.1
"""Values fill a frame only if they differ by more than this part of their level."""


def widen_range(low: float, high: float) -> tuple[float, float]:
    """The ends of an honest axis: a constant, or what hardly moves, is drawn as such.

    Examples
    --------
    >>> [round(end, 3) for end in widen_range(87.9, 87.9)], widen_range(10.0, 20.0)
    ([83.505, 92.295], (10.0, 20.0))
    """
    short = LEAST_SPREAD * (max(abs(low), abs(high)) or 1.0) - (high - low)
    return (low - short / 2, high + short / 2) if short > 0 else (low, high)


def fit_limits(lines: Iterable[PanelLine], bands: Iterable[PanelBand], above: float) -> tuple[float, float]:
    """Limits that hold all lines and bands with a margin, and room for a note above."""
    held = [np.asarray(line.y, float) for line in lines]
    held += [side for band in bands for side in (band.low, band.high)]
    values = np.concatenate(held)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    low, high = widen_range(low, high)
    pad = 0.12 * (high - low)
    return low - pad, high + pad + above * (high - low + 2 * pad)


def wrap_panel_title(name: Text, unit: Text, lang: str) -> str:
    """A name and its unit in lines that fit above a panel.

    Examples
    --------
    >>> wrap_panel_title(Text("小学大班额比例（56人及以上）", ""), Text("%", "%"), "zh")
    '小学大班额比例（56人及以上，%）'
    """
    written = f"{name.zh}（{unit.zh}）" if lang == "zh" else f"{name.en} ({unit.en})"
    written = written.replace("）（", "，").replace(") (", ", ")  # one pair of brackets, not two
    # No line begins with a closing bracket or ends with an opening one.
    folded = re.sub("\n([）、，]+)", r"\1\n", fold_name(written, TITLE_EMS))
    return folded.replace("（\n", "\n（").strip("\n")


def draw_line_panels(
    panels: Sequence[LinePanel], keys: Sequence[Any] = (), title_size: float = TITLE
) -> bytes:
    """Panels three in a row with one legend: of ``keys`` where they are given, else of the labels of what is drawn."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    labels = [key.get_label() for key in keys] or _list_labels(panels)
    side_by_side = _count_side_by_side(labels)
    foot = KEY_LINE * -(-len(labels) // side_by_side) + 7
    with open_figure((rows * ROW + FOOT) / POINTS) as figure:
        sheet = _Sheet(figure, title_size)
        for box, panel in zip(_arrange_boxes(panels, columns, rows, title_size, foot), panels, strict=True):
            sheet.draw_panel(panel, box)
        sheet.add_frames()
        figure.legend(
            handles=list(keys) or [sheet.keys[label] for label in labels], loc="lower center", ncols=side_by_side,
            bbox_to_anchor=(0.5, 0.0), fontsize=7.5, frameon=False, borderaxespad=0.2,
        )  # fmt: skip
        return encode_png(figure)


def _list_labels(panels: Sequence[LinePanel]) -> list[str]:
    """What the panels draw, each once: lines first."""
    lines = [line.label for panel in panels for line in panel.lines]
    return [one for one in dict.fromkeys([*lines, *(b.label for p in panels for b in p.bands)]) if one]


def _count_side_by_side(labels: Sequence[str]) -> int:
    """Entries of the legend in a line: all of them, or half where they are too wide for the page."""
    wide = sum(_measure_width(label) + KEY for label in labels) > WIDTH_INCHES * POINTS
    return -(-len(labels) // 2) if wide else max(len(labels), 1)


def _arrange_boxes(
    panels: Sequence[LinePanel], columns: int, rows: int, title_size: float, foot: float
) -> list[_Box]:
    """Panels of one column begin and end alike, those of one row stand under the tallest title among them."""
    height = ROW + (FOOT - foot) / rows
    width = WIDTH_INCHES * POINTS / columns
    lefts = [
        max(_measure_width(text) for panel in panels[column::columns] for text in _print_ticks(_find_ticks(panel)))
        for column in range(columns)
    ]  # fmt: skip
    boxes = []
    for k, panel in enumerate(panels):
        row, column = divmod(k, columns)
        lines = max(one.title.count("\n") + 1 for one in panels[row * columns : (row + 1) * columns])
        floor = foot + (rows - 1 - row) * height
        across = [np.asarray(line.x, float) for line in panel.lines] + [band.x for band in panel.bands]
        years = np.concatenate(across)
        first, last = float(years.min()), float(years.max())
        pad = X_MARGIN * (last - first) or 0.05
        boxes.append(
            _Box(
                column * width + lefts[column] + TICK_LENGTH + 7, floor + TICKS + 9, (column + 1) * width - GAP,
                floor + height - 6 - lines * title_size * 1.35, (first - pad, last + pad), panel.limits,
            )
        )  # fmt: skip
    return boxes


def _measure_width(text: str) -> float:
    """Width of a label in points; a Chinese letter is as wide as it is high."""
    return TICKS * sum(1.0 if unicodedata.east_asian_width(one) in "WF" else DIGIT for one in text)


def _find_ticks(panel: LinePanel) -> Floats:
    from matplotlib.ticker import MaxNLocator

    low, high = panel.limits
    found = np.asarray(MaxNLocator(4).tick_values(low, high))
    return found[(found >= low) & (found <= min(high, panel.most))]


def _print_ticks(ticks: Floats) -> list[str]:
    """Figures with as many decimals as tell the ticks apart."""
    step = float(np.diff(ticks).min()) if len(ticks) > 1 else abs(float(ticks[0])) if len(ticks) else 1.0
    places = next((n for n in range(7) if abs(step * 10**n - round(step * 10**n)) < 1e-6 * 10**n), 6)
    return [f"{tick:.{places}f}".replace("-", "−") for tick in ticks + 0.0]


@dataclass(slots=True)
class _Sheet:
    """The figure, on which places are points from its lower left corner."""

    figure: Any
    title_size: float
    keys: dict[str, Any] = field(default_factory=dict)
    _frames: list[Floats] = field(default_factory=list)

    def draw_panel(self, panel: LinePanel, box: _Box) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Polygon

        for band in panel.bands:
            x, y = band.x[np.r_[0 : len(band.x), len(band.x) - 1 : -1 : -1]], np.r_[band.low, band.high[::-1]]
            corners = np.c_[box.place_x(x), box.place_y(y)]
            self._add(Polygon(corners, closed=True, color=band.shade, lw=0, zorder=1), box, band.label)
        for line in panel.lines:
            self._add(Line2D(box.place_x(line.x), box.place_y(line.y), **line.style), box, line.label)
        longest = max(map(_measure_width, panel.title.split("\n"))) * self.title_size / TICKS
        left = min(box.left, box.right + GAP - 2 - longest)  # a long title begins before its panel
        self._write(left, box.top + 4, panel.title, self.title_size, ha="left", va="bottom", linespacing=1.2)
        if panel.note:
            frame = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": GREY, "lw": 0.7}
            self._write(box.right - 2, box.top - 3, panel.note, TICKS, ha="right", va="top", bbox=frame)
        self._draw_ticks(panel, box)

    def _add(self, artist: Any, box: _Box, label: str) -> None:
        from matplotlib.transforms import Bbox, TransformedBbox

        artist.set_transform(self._points)
        around = Bbox.from_extents(box.left - 3, box.bottom - 3, box.right + 3, box.top + 3)
        self.figure.add_artist(artist)
        artist.set_clip_box(TransformedBbox(around, self._points))
        if label:
            artist.set_label(label)
            self.keys.setdefault(label, artist)

    @property
    def _points(self) -> Any:
        from matplotlib.transforms import Affine2D

        return Affine2D().scale(1 / POINTS) + self.figure.dpi_scale_trans

    def _write(self, x: float, y: float, text: str, size: float, **how: Any) -> None:
        self.figure.text(x, y, text, fontsize=size, color=INK, transform=self._points, **how)

    def _draw_ticks(self, panel: LinePanel, box: _Box) -> None:
        from matplotlib.ticker import MaxNLocator

        self._frames.append(np.array([(box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)]))
        values = _find_ticks(panel)
        for y, text in zip(box.place_y(values), _print_ticks(values), strict=True):
            self._frames.append(np.array([(box.left - TICK_LENGTH, y), (box.left, y)]))
            self._write(box.left - TICK_LENGTH - 3, y, text, TICKS, ha="right", va="center_baseline")
        years = np.asarray(MaxNLocator(4, integer=True).tick_values(*box.x))
        years = years[(years >= box.x[0]) & (years <= box.x[1])]
        for x, year in zip(box.place_x(years), years, strict=True):
            self._frames.append(np.array([(x, box.bottom - TICK_LENGTH), (x, box.bottom)]))
            self._write(x, box.bottom - TICK_LENGTH - 3, f"{year:.0f}", TICKS, ha="center", va="top")

    def add_frames(self) -> None:
        """The frames and ticks of all panels at once."""
        from matplotlib.collections import LineCollection

        drawn = LineCollection(self._frames, colors=GREY, linewidths=0.8, zorder=2.5)
        drawn.set_transform(self._points)
        self.figure.add_artist(drawn)

"""How is a small chart drawn fast enough to follow a hand? As SVG text, with every name escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from edustats.present.drawing.figures import ACCENT, GREY, INK, PALE
from edustats.present.drawing.lines import choose_limits, spread_labels

WIDTH, HEIGHT = 620, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 150, 14, 24
LETTER = 12
DASHES = ("", "6 3", "2 3", "8 3 2 3", "10 4")
BINS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class SvgLine:
    """One line, on the print scale: nan where there is no value."""

    name: str
    years: Sequence[int]
    values: Sequence[float]
    own: bool = False
    band: tuple[Sequence[float], Sequence[float]] | None = None


def draw_lines(lines: Sequence[SvgLine], marks: Sequence[tuple[str, float]] = (), decimals: int = 1) -> str:
    """Lines over years, named at their ends; ``marks`` are levels to reach.

    Examples
    --------
    >>> "polyline" in draw_lines([SvgLine(name="a", years=[2020, 2021], values=[1.0, 2.0])])
    True
    """
    held = [line for line in lines if any(math.isfinite(v) for v in line.values)]
    if not held:
        return _frame("")
    every = [v for line in held for v in line.values if math.isfinite(v)] + [v for _, v in marks]
    every += [v for line in held if line.band for part in line.band for v in part if math.isfinite(v)]
    low, high = choose_limits(np.array(every))
    years = sorted({year for line in held for year in line.years})
    span = max(years[-1] - years[0], 1)

    def x(year: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (year - years[0]) / span

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    parts = [_text(LEFT - 6, y(v), f"{v:.{decimals}f}", "end") for v in (low, (low + high) / 2, high)]
    parts += [_text(x(year), HEIGHT - 6, str(year), "middle") for year in years[:: max(1, len(years) // 8)]]
    for line in held:
        if line.band:
            ring = [
                *zip(line.years, line.band[0], strict=True),
                *reversed(list(zip(line.years, line.band[1], strict=True))),
            ]
            parts.append(f'<polygon fill="{PALE}" opacity=".6" points="{_points(ring, x, y)}"/>')
    for k, line in enumerate(held):
        pairs = [(t, v) for t, v in zip(line.years, line.values, strict=True) if math.isfinite(v)]
        colour, width = (ACCENT, 2.4) if line.own else (GREY, 1.2)
        dash = "" if line.own else DASHES[k % len(DASHES)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}" '
                     f'points="{_points(pairs, x, y)}"/>')  # fmt: skip
        parts += [
            f'<circle cx="{x(t):.1f}" cy="{y(v):.1f}" r="2.5" fill="{colour}"/>' for t, v in pairs if line.own
        ]
    for name, value in marks:
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="{INK}" '
                     f'stroke-dasharray="3 3"/>')  # fmt: skip
        parts.append(_text(LEFT + 4, y(value) - 4, name, "start"))
    ends = [
        (line.name, next(v for v in reversed(line.values) if math.isfinite(v)), line.own) for line in held
    ]
    places = spread_labels([y(v) for _, v, _ in ends], LETTER + 1, TOP + 6, HEIGHT - BOTTOM)
    parts += [
        _text(WIDTH - RIGHT + 8, place, f"{name} {value:.{decimals}f}", "start", ACCENT if own else INK)
        for (name, value, own), place in zip(ends, places, strict=True)
    ]
    return _frame("".join(parts))


def draw_histogram(values: Sequence[float], mark: float = math.nan, decimals: int = 1) -> str:
    """How many schools have which value, with the level of a standard as a line.

    Examples
    --------
    >>> draw_histogram([1.0, 2.0, 2.5]).count("<rect")
    18
    """
    x = np.asarray([v for v in values if math.isfinite(v)])
    if not len(x):
        return _frame("")
    ends = (min(x.min(), mark), max(x.max(), mark)) if math.isfinite(mark) else (x.min(), x.max())
    counts, edges = np.histogram(
        x, bins=BINS, range=ends if ends[0] < ends[1] else (ends[0] - 0.5, ends[0] + 0.5)
    )
    width, tall = (WIDTH - 2 * LEFT) / BINS, HEIGHT - TOP - BOTTOM

    def place(value: float) -> float:
        return LEFT + (WIDTH - 2 * LEFT) * (value - edges[0]) / (edges[-1] - edges[0])

    parts = [
        f'<rect x="{LEFT + k * width:.1f}" y="{HEIGHT - BOTTOM - tall * n / counts.max():.1f}" '
        f'width="{width - 1:.1f}" height="{tall * n / counts.max():.1f}" fill="{PALE}" stroke="{GREY}"/>'
        for k, n in enumerate(counts)
    ]
    parts += [_text(place(v), HEIGHT - 6, f"{v:.{decimals}f}", "middle") for v in edges[:: BINS // 6]]
    parts.append(_text(LEFT - 6, TOP + 6, str(int(counts.max())), "end"))
    if math.isfinite(mark):
        parts.append(f'<line x1="{place(mark):.1f}" x2="{place(mark):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
                     f'stroke="{ACCENT}" stroke-width="2"/>')  # fmt: skip
    return _frame("".join(parts))


def _points(pairs: Sequence[tuple[float, float]], x: object, y: object) -> str:
    return " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in pairs if math.isfinite(v))  # type: ignore[operator]


def _text(x: float, y: float, text: str, anchor: str, colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{LETTER}" text-anchor="{anchor}" dominant-baseline="middle" '
        f'fill="{colour}">{escape(text)}</text>'
    )


def _frame(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">{inside}</svg>'

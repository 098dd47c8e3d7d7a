"""How does a wave of children move through the stages, and where will seats be short? For print in grey at 156 mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edustats.present.drawing.figures import ACCENT, GREY, INK, PALE, encode_png, open_canvas
from edustats.present.drawing.small_multiples import SHADES
from edustats.typing import Floats

FIRST_DARK = 3
"""From this shade on letters are white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One stage over the years: pupils counted and expected, the band, the seats, and what stands at the peak."""

    name: str
    years: Floats
    pupils: Floats
    lower: Floats
    upper: Floats
    seats: Floats
    peak: float
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """One stage: the probability of too few seats by year, nan where it cannot be told, as printed."""

    name: str
    chances: Floats
    printed: Sequence[str]


def draw_waves(waves: Sequence[Wave], last: float, labels: tuple[str, str, str, str]) -> bytes:
    """A row per stage, the youngest below: the crest climbs from row to row as the children grow older.

    Parameters
    ----------
    waves : the stages, the youngest first
    last : last year that is counted; what follows is expected
    labels : of what is counted, what is expected, the band, and the seats
    """
    with open_canvas(len(waves), 1, 0.95 * len(waves) + 0.7) as (figure, axes):
        for row, wave in enumerate(reversed(waves)):
            axis = axes[row, 0]
            _draw_wave(axis, wave, last)
            axis.tick_params(labelbottom=row == len(waves) - 1)
        handles, _ = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7.5, frameon=False)
        return encode_png(figure)


def _draw_wave(axis: Any, wave: Wave, last: float) -> None:
    counted, ahead = wave.years <= last, wave.years >= last
    axis.fill_between(wave.years[counted], wave.pupils[counted], color=PALE, lw=0, label="counted")
    axis.fill_between(
        wave.years[ahead],
        wave.pupils[ahead],
        facecolor="white",
        edgecolor=PALE,
        hatch="////",
        lw=0,
        label="ahead",
    )
    axis.fill_between(
        wave.years[ahead], wave.lower[ahead], wave.upper[ahead], color=ACCENT, alpha=0.3, lw=0, label="band"
    )
    axis.plot(wave.years, wave.pupils, color=INK, lw=1.3)
    axis.plot(wave.years, wave.seats, color=INK, lw=1, ls=(0, (4, 2)), label="seats")
    axis.axvline(last, color=GREY, lw=0.6)
    top = float(np.nanmax(np.concatenate([wave.pupils, wave.upper, wave.seats])))
    axis.set(ylim=(0, top * 1.28), xlim=(wave.years[0], wave.years[-1]), yticks=[])
    axis.spines["left"].set_visible(False)
    axis.set_ylabel(wave.name, rotation=0, ha="right", va="center", fontsize=8.5, color=INK)
    at = np.flatnonzero(wave.years == wave.peak)
    if len(at):
        height = float(wave.pupils[at[0]])
        axis.plot([wave.peak], [height], marker="v", color=INK, ms=4.5)
        side = "left" if wave.peak < wave.years.mean() else "right"
        axis.annotate(
            wave.printed,
            (wave.peak, height),
            (4 if side == "left" else -4, 4),
            textcoords="offset points",
            ha=side,
            fontsize=7.5,
            color=INK,
            bbox={"fc": "white", "ec": "none", "pad": 0.6},
        )
    axis.locator_params(axis="x", integer=True)


def draw_risk_strip(rows: Sequence[RiskRow], years: Sequence[int], legend: str) -> bytes:
    """Stages against years, each cell as dark as a shortage is likely, its probability printed in it."""
    with open_canvas(1, 1, 0.34 * len(rows) + 0.75) as (figure, axes):
        axis = axes[0, 0]
        for row, one in enumerate(rows):
            for column, chance in enumerate(one.chances):
                shade = -1 if not np.isfinite(chance) else min(int(chance * len(SHADES)), len(SHADES) - 1)
                colour = "white" if shade < 0 else SHADES[shade]
                axis.add_patch(_make_cell(column, row, colour, hatched=shade < 0))
                letters = "white" if shade >= FIRST_DARK else INK
                axis.text(
                    column + 0.5,
                    row + 0.5,
                    one.printed[column],
                    ha="center",
                    va="center",
                    fontsize=6.5,
                    color=letters,
                )
        axis.set(xlim=(0, len(years)), ylim=(len(rows), 0))
        axis.set_xticks(np.arange(len(years)) + 0.5, [str(year) for year in years], fontsize=7)
        axis.set_yticks(np.arange(len(rows)) + 0.5, [one.name for one in rows], fontsize=8)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        figure.supxlabel(legend, fontsize=7.5)
        return encode_png(figure)


def _make_cell(column: int, row: int, colour: str, *, hatched: bool) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (column, row), 1, 1, facecolor=colour, edgecolor="#9a9a9a", lw=0.5, hatch="///" if hatched else None
    )

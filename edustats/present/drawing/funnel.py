"""How does a funnel look? A bar a step about one middle, its count inside or beside it, its part of the step before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.present.drawing.figures import ACCENT, GREY, INK, encode_png, open_canvas

INSIDE = 0.12
"""A bar narrower than this part of the widest has its count beside it."""
GROUND = {"schools": "#7a7a7a", "projects": ACCENT}


@dataclass(frozen=True, slots=True)
class FunnelBar:
    """One step: what it is called, its count, how that is printed, and what is said to its right."""

    name: str
    count: float
    printed: str
    beside: str
    kind: str = "projects"


def draw_funnel(bars: Sequence[FunnelBar], foot: str = "") -> bytes:
    """Bars from the widest down; a hair line parts schools from projects, money stands below.

    Parameters
    ----------
    bars : in their order
    foot : a line below them
    """
    widest = max(bar.count for bar in bars)
    with open_canvas(1, 1, 0.36 * len(bars) + (0.55 if foot else 0.35)) as (figure, axes):
        axis = axes[0, 0]
        rows = np.arange(len(bars), dtype=float)
        colours = [GROUND[bar.kind] for bar in bars]
        axis.barh(rows, [bar.count for bar in bars], left=[-bar.count / 2 for bar in bars], height=0.78, color=colours,
                  edgecolor=INK, lw=0.5)  # fmt: skip
        for row, bar in zip(rows, bars, strict=True):
            inside = bar.count > INSIDE * widest
            axis.text(0 if inside else bar.count / 2 + 0.01 * widest, row, bar.printed, fontsize=8, va="center",
                      ha="center" if inside else "left", color="white" if inside else INK)  # fmt: skip
            axis.annotate(
                bar.beside,
                (1.01, row),
                xycoords=("axes fraction", "data"),
                fontsize=7.5,
                color=INK,
                va="center",
            )
        for row in range(1, len(bars)):
            if bars[row].kind != bars[row - 1].kind:
                axis.axhline(row - 0.5, color=GREY, lw=0.6, ls=(0, (3, 2)))
        axis.set_yticks(rows, [bar.name for bar in bars], fontsize=8)
        axis.invert_yaxis()
        axis.set_xlim(-widest / 2 * 1.02, widest / 2 * 1.02)
        axis.set_xticks([])
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.tick_params(length=0)
        if foot:
            axis.set_xlabel(foot, fontsize=8, color=INK)
        return encode_png(figure)

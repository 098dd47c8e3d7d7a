"""How sure is an order? A grid of areas by places, the darker the likelier, each cell with its share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edustats.present.drawing.figures import INK, encode_png, open_canvas
from edustats.typing import Floats

DARK = 0.55
"""From this share on letters are white."""
LEAST_PRINTED = 0.005


def draw_rank_grid(names: Sequence[str], shares: Floats, columns: Sequence[str], xlabel: str) -> bytes:
    """A row an area in the order of the index, a column a place; shares below half a per cent stay empty."""
    with open_canvas(1, 1, 0.26 * len(names) + 0.6) as (figure, axes):
        axis = axes[0, 0]
        axis.imshow(shares, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        letters = 7.5 if len(columns) <= 12 else 5.0
        for (row, column), share in np.ndenumerate(shares):
            if share >= LEAST_PRINTED and len(columns) <= 20:
                colour = "white" if share > DARK else INK
                axis.text(
                    column,
                    row,
                    f"{share * 100:.0f}",
                    fontsize=letters,
                    ha="center",
                    va="center",
                    color=colour,
                )
        axis.set_xticks(range(len(columns)), columns, fontsize=7)
        axis.set_yticks(range(len(names)), names, fontsize=7)
        axis.set_xlabel(xlabel, fontsize=7)
        axis.tick_params(length=0)
        return encode_png(figure)

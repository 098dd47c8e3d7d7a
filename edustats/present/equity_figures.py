"""How are shares of a whole drawn? Lorenz curves, grey-safe."""

from __future__ import annotations

from collections.abc import Sequence

from edustats.present.figures import ACCENT, GREY, INK, Floats, canvas, png

STROKES = (("#7a7a7a", (0, (4, 2)), 1.3), (ACCENT, "-", 1.8))


def lorenz(
    curves: Sequence[tuple[Floats, Floats]], labels: Sequence[str], xlabel: str, ylabel: str, equal: str
) -> bytes:
    """Curves of the part held against the part of the pupils, in per cent; the last one solid."""
    with canvas(1, 1, 3.4) as (figure, axes):
        axis = axes[0, 0]
        axis.plot([0, 100], [0, 100], color=GREY, lw=0.8, ls=":", label=equal)
        for (x, y), label, (colour, dash, width) in zip(curves, labels, STROKES[-len(curves) :], strict=True):
            axis.plot(x, y, color=colour, ls=dash, lw=width, label=label)
        axis.fill_between(*curves[-1], curves[-1][0], color=INK, alpha=0.06, lw=0)
        axis.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
        axis.set_xlabel(xlabel, fontsize=8)
        axis.set_ylabel(ylabel, fontsize=8)
        axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
        return png(figure)

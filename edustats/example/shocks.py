"""By how much does a year stray from its trend? Shocks of the whole prefecture, and of each county.

Real figures stray: over English authorities the scatter of the years about a series' own curve is a half of what the
series moved by. An invented prefecture without it would flatter every verdict that is tried on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from edustats.typing import Floats, Positions

COMMON = 0.3
"""Share of the variance of a year's shock that strikes all counties alike."""
CARRIED = 0.3
"""How much of a shock is found again in the next year."""


class YearlyShocks:
    """Shocks from a stream of their own: the schools, births and pupils of the world do not depend on them."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._rng = np.random.default_rng([plan["seed"], 7])
        self._counties = len(plan["counties"])
        self._years = plan["years"][1] - plan["years"][0] + 1

    def draw(self, size: float, county: Positions) -> Floats:
        """(parts, years) shocks of standard deviation ``size``, one series a county.

        Parameters
        ----------
        size : standard deviation, as a part of the value or in points of a share
        county : (parts,) number of each part's county
        """
        common, own = self._walk(1), self._walk(self._counties)
        return size * (np.sqrt(COMMON) * common + np.sqrt(1 - COMMON) * own[county])

    def _walk(self, rows: int) -> Floats:
        made = self._rng.standard_normal((rows, self._years))
        for year in range(1, self._years):
            made[:, year] = CARRIED * made[:, year - 1] + np.sqrt(1 - CARRIED**2) * made[:, year]
        return made


def turn(years: int, peak: float = 0.55) -> Floats:
    """From 0 up to 1 at ``peak`` of the way, and back to 0 in the last year.

    Examples
    --------
    >>> turn(5, 0.5).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return np.asarray(np.interp(np.linspace(0, 1, years), [0.0, peak, 1.0], [0.0, 1.0, 0.0]))

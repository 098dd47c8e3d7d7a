"""Do the intervals of the grouped call cover what they promise?

Draws the schools of a county from processes whose true values are known, as ``coverage.py`` does, and counts
how often the interval of each measure holds the true one. Prints the tables of ``docs/methods.md``
(a dash: fewer than one county in twenty gets an interval at all):

    python benchmarks/inequality_coverage.py [--draws 2000] [--slow 300] [--only spread|resampled|ranked]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from coverage import COUNTY, Draw, Row, table

from edustats.metrics.groups import rank_formulas as ranked
from edustats.metrics.inequality.area_limits import estimate_area_limits
from edustats.metrics.inequality.arrays import arrange_areas
from edustats.metrics.inequality.formulas import FORMULAS

CLOSED = (
    "mean_log_deviation",
    "generalized_entropy",
    "atkinson",
    "hoover",
    "percentile_ratio",
    "federal_range_ratio",
)
RESAMPLED = ("palma", "s80_s20", "mcloone", "verstegen")
RANKED = {
    "concentration": ranked.make_concentration_formula(),
    "erreygers": ranked.make_concentration_formula("erreygers", (0, 100)),
    "wagstaff": ranked.make_concentration_formula("wagstaff", (0, 100)),
    "slope": ranked.make_slope_index_formula(),
    "relative": ranked.make_relative_index_formula(),
}
UNITS = (20, 40, 100, 400)
Counts = dict[str, tuple[float, float, float]]


def _share(
    inside: np.ndarray, given: np.ndarray, width: np.ndarray, true: float
) -> tuple[float, float, float]:
    """Covered of the intervals given, share given, and median width over the true value."""
    if not given.any() or not np.isfinite(true):
        return float("nan"), 0.0, float("nan")
    return float(inside[given].mean()), float(given.mean()), float(np.median(width[given]) / abs(true))


def true_spread(draw: Draw, names: tuple[str, ...], size: int = 2_000_000) -> dict[str, float]:
    """Each measure of the process itself."""
    values, weights = draw(np.random.default_rng(20_000_101), size)
    area = arrange_areas(values[None], weights[None])
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: float(FORMULAS[name]().estimate(area)[0]) for name in names}


def cover_spread(draw: Draw, names: tuple[str, ...], true: dict[str, float], n: int, draws: int) -> Counts:
    """Coverage of the measures of spread for counties of n schools."""
    rng = np.random.default_rng([4, n])
    units = [draw(rng, n) for _ in range(draws)]
    areas = arrange_areas(np.array([x for x, _ in units]), np.array([w for _, w in units]))
    found = {}
    for name in names:
        formula = FORMULAS[name]()
        if formula.above_zero and (areas.r == 0).any():
            found[name] = (float("nan"), 0.0, float("nan"))
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            got = estimate_area_limits(areas, formula)
        inside = (got.lower <= true[name]) & (true[name] <= got.upper)
        found[name] = _share(inside, np.isfinite(got.lower), got.upper - got.lower, true[name])
    return found


# --- ranked by background ----------------------------------------------------------------------------------


def _ranked_draw(kind: str, rng: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """A share in per cent, the schools' background, and pupils of very different numbers."""
    ses, noise, size = (rng.standard_normal(shape) for _ in range(3))
    pupils = np.exp(0.8 * size)
    if kind == "shares, moderate gradient":
        return 100 / (1 + np.exp(-(0.4 + 0.5 * ses + 0.6 * noise))), ses, pupils
    if kind == "rare, steep gradient":
        return 100 / (1 + np.exp(3 - 0.8 * ses - 0.7 * noise)), ses, pupils
    if kind == "no gradient, larger schools better off":
        return 100 / (1 + np.exp(-(0.8 * noise))), 0.6 * size + 0.8 * ses, pupils
    return (
        (60 + 10 * ses + 10 * noise).clip(0, 100),
        np.round(ses),
        pupils,
    )  # five or six classes of background


LEAN = (
    "shares, moderate gradient",
    "rare, steep gradient",
    "no gradient, larger schools better off",
    "background in classes, ties",
)


def cover_ranked(kind: str, n: int, draws: int) -> Counts:
    """Coverage of the rank-based measures for counties of n schools."""
    h, by, w = _ranked_draw(kind, np.random.default_rng(20_000_101), (1, 2_000_000))
    whole = ranked.rank_units(h, by, w)
    sample = ranked.rank_units(*_ranked_draw(kind, np.random.default_rng([5, n]), (draws, n)))
    found = {}
    for name, formula in RANKED.items():
        true = float(formula.estimate(whole)[0])
        got = ranked.estimate_rank_limits(sample, formula)
        inside = (got.lower <= true) & (true <= got.upper)
        found[name] = _share(inside, np.isfinite(got.lower), got.upper - got.lower, true)
    return found


def _cells(found: Counts) -> list[str]:
    return ["–" if given < 0.05 else f"{100 * c:.1f} ({w:.2f})" for c, given, w in found.values()]


def spread_rows(names: tuple[str, ...], draws: int) -> Iterator[Row]:
    for name, draw in COUNTY.items():
        true = true_spread(draw, names)
        for n in UNITS:
            yield (name, n, *_cells(cover_spread(draw, names, true, n, draws)))


def ranked_rows(draws: int) -> Iterator[Row]:
    for kind in LEAN:
        for n in UNITS:
            yield (kind, n, *_cells(cover_ranked(kind, n, draws)))


def main() -> None:
    """Print the tables: per cent covered of the intervals given, and their median width over the true value."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--only", choices=("spread", "resampled", "ranked"))
    asked = parser.parse_args()
    tables = {
        "spread": (CLOSED, spread_rows(CLOSED, asked.draws)),
        "resampled": (RESAMPLED, spread_rows(RESAMPLED, asked.slow)),
        "ranked": (tuple(RANKED), ranked_rows(asked.draws)),
    }
    for name, (heads, rows) in tables.items():
        if asked.only in (None, name):
            print(f"\n{name}", flush=True)
            for line in table(("process", "units", *heads), rows):
                print(line, flush=True)


if __name__ == "__main__":
    main()

"""Do the intervals cover what they promise?

Draws units from processes whose true value is known, computes the package's interval for each draw, and
counts how often the true value lies inside. Prints the tables of ``docs/methods.md``:

    python benchmarks/coverage.py [--draws 4000] [--only inequality|refused|levels|gap|slope]

The same designs, smaller, are asserted in ``tests/test_coverage.py``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from edustats.metrics.groups.gap import measure_group_gap
from edustats.metrics.inequality import area_limits
from edustats.metrics.inequality.measures import estimate_interval
from edustats.metrics.trend.estimators import theil_sen

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
Row = tuple[object, ...]
MEASURES = ("cv", "gini", "theil")
CONFIDENCE = 0.95


# --- units: value and pupils of n schools ------------------------------------------------------------------


def _lognormal(spread: float, pupils: float, correlation: float) -> Draw:
    """Log-normal values and pupils; ``correlation`` is that of their logarithms."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        size, own = rng.standard_normal(n), rng.standard_normal(n)
        value = correlation * size + math.sqrt(1 - correlation**2) * own
        return np.exp(spread * value), np.exp(pupils * size)

    return draw


def _gamma(shape: float, pupils: float, zeros: float = 0.0) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        return rng.gamma(shape, 1 / shape, n) * (rng.random(n) >= zeros), np.exp(
            pupils * rng.standard_normal(n)
        )

    return draw


def _two_sectors(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Large town schools with little per pupil, small village schools with much."""
    town, own, size = rng.random(n) < 0.4, rng.standard_normal(n), rng.standard_normal(n)
    value = np.where(town, 6 * np.exp(0.3 * own), 12 * np.exp(0.35 * own))
    return value, np.where(town, 1200 * np.exp(0.4 * size), 120 * np.exp(0.5 * size))


def _small_counts(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """One rare teacher per hundred pupils: whole numbers, many zeros in small schools."""
    pupils = np.round(np.exp(5.5 + 0.8 * rng.standard_normal(n))).clip(20, 3000)
    return rng.poisson(0.01 * pupils) / pupils, pupils


def _class_size(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Larger in larger schools, but no class of two hundred."""
    size, own = rng.standard_normal(n), rng.standard_normal(n)
    return (38 + 7 * (0.5 * size + 0.87 * own)).clip(8, 70), np.exp(0.8 * size)


def _outliers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearly even, but three schools in a hundred have four times as much."""
    value, pupils = _gamma(12, 0.7)(rng, n)
    return value * np.where(rng.random(n) < 0.03, 4, 1), pupils


COUNTY: dict[str, Draw] = {
    "even (gamma, CV 0.20)": _gamma(25, 0.6),
    "uneven (gamma, CV 0.50)": _gamma(4, 0.7),
    "skewed, small schools have more": _lognormal(0.4, 0.8, -0.4),
    "town and village": _two_sectors,
    "15 % of schools have none": _gamma(2, 0.7, zeros=0.15),
    "one teacher per 100 pupils": _small_counts,
    "class size, larger in large schools": _class_size,
    "very unequal enrolment": _lognormal(0.4, 1.2, -0.3),
}
STRESS: dict[str, Draw] = {
    "long tail (log-normal, CV 0.53)": _lognormal(0.5, 0.0, 0.0),
    "very long tail (CV 0.79)": _lognormal(0.7, 0.8, -0.3),
    "skewed, large schools have more": _lognormal(0.35, 0.8, 0.5),
    "3 % of schools have four times as much": _outliers,
}
DESIGNS = COUNTY | STRESS


def truth(draw: Draw, size: int = 4_000_000) -> dict[str, float]:
    """The process's own values, from one draw so large that its error is below the tables' last digit."""
    value, pupils = draw(np.random.default_rng(20_000_101), size)
    order = np.argsort(value)
    share = (pupils / pupils.sum())[order]
    mean = float(share @ value[order])
    x = value[order] / mean
    log = np.log(np.where(x > 0, x, 1))
    rank = np.cumsum(share) - share / 2
    return {
        "cv": math.sqrt(share @ (x - 1) ** 2),
        "gini": 2 * float((share * x) @ rank) - 1,
        "theil": float((share * x) @ log),
        "mean": mean,
    }


def cover_inequality(
    draw: Draw, true: dict[str, float], n: int, draws: int, confidence: float = CONFIDENCE, seed: int = 1
) -> dict[str, tuple[float, float]]:
    """Per measure: share of draws covered, and the median width over the true value."""
    rng = np.random.default_rng([seed, n])
    inside: dict[str, list[bool]] = {measure: [] for measure in MEASURES}
    widths: dict[str, list[float]] = {measure: [] for measure in MEASURES}
    for _ in range(draws):
        value, pupils = draw(rng, n)
        for measure in MEASURES:
            found = estimate_interval(measure, value, pupils, confidence)
            if found.method == "jackknife_log":
                inside[measure].append(found.lower <= true[measure] <= found.upper)
                widths[measure].append((found.upper - found.lower) / true[measure])
    return {
        measure: (float(np.mean(inside[measure])), float(np.median(widths[measure]))) for measure in MEASURES
    }


def inequality_rows(draws: int) -> Iterator[Row]:
    for name, draw in DESIGNS.items():
        true = truth(draw)
        for n in (20, 40, 100, 400):
            covered = cover_inequality(draw, true, n, draws)
            cells = [f"{100 * covered[m][0]:.1f} ({covered[m][1]:.2f})" for m in MEASURES]
            yield (name, n, *cells)


def refused_rows(draws: int) -> Iterator[Row]:
    """What the intervals would cover where they are refused."""
    least, area_limits.MIN_UNITS = area_limits.MIN_UNITS, 0
    fewest, area_limits.MIN_EFFECTIVE = area_limits.MIN_EFFECTIVE, 0
    for name, draw in COUNTY.items():
        true = truth(draw)
        for n in (10, 15):
            covered = cover_inequality(draw, true, n, draws)
            yield (name, n, *(f"{100 * covered[m][0]:.1f} ({covered[m][1]:.2f})" for m in MEASURES))
    area_limits.MIN_UNITS, area_limits.MIN_EFFECTIVE = least, fewest


def level_rows(draws: int) -> Iterator[Row]:
    """Other levels of confidence, on the design a county looks most like."""
    draw = COUNTY["skewed, small schools have more"]
    true = truth(draw)
    for confidence in (0.80, 0.90, 0.99):
        for n in (20, 100):
            covered = cover_inequality(draw, true, n, draws, confidence)
            yield (f"{100 * confidence:.0f} %", n, *(f"{100 * covered[m][0]:.1f}" for m in MEASURES))


# --- gaps --------------------------------------------------------------------------------------------------

PAIRS: tuple[tuple[str, Draw, Draw], ...] = (
    ("even / even", _gamma(25, 0.6), _gamma(25, 0.6)),
    ("even / uneven", _gamma(25, 0.6), _gamma(4, 0.7)),
    ("skewed / skewed", _lognormal(0.4, 0.8, -0.4), _lognormal(0.4, 0.8, -0.4)),
    ("none in 15 % / even", _gamma(2, 0.7, zeros=0.15), _gamma(25, 0.6)),
    ("long tail / skewed", _lognormal(0.5, 0.0, 0.0), _lognormal(0.4, 0.8, -0.4)),
    ("very long tail / even", _lognormal(0.7, 0.8, -0.3), _gamma(25, 0.6)),
    ("very long tail / uneven", _lognormal(0.7, 0.8, -0.3), _gamma(4, 0.7)),
    ("very long tail / same", _lognormal(0.7, 0.8, -0.3), _lognormal(0.7, 0.8, -0.3)),
    ("very unequal enrolment / same", _lognormal(0.4, 1.2, -0.3), _lognormal(0.4, 1.2, -0.3)),
)
SIZES = ((8, 8), (8, 20), (20, 8), (8, 200), (200, 8), (15, 15), (20, 100), (100, 20), (50, 50), (200, 200))


def cover_gap(
    draw_a: Draw, draw_b: Draw, true: float, sizes: tuple[int, int], draws: int, seed: int = 2
) -> float:
    """Share of the intervals given that hold the true gap; one that is refused promises nothing."""
    rng = np.random.default_rng([seed, *sizes])
    found = (
        measure_group_gap(*draw_a(rng, sizes[0]), *draw_b(rng, sizes[1]), CONFIDENCE) for _ in range(draws)
    )
    return float(np.mean([one.lower <= true <= one.upper for one in found if one.method == "hc3_welch"]))


def gap_rows(draws: int) -> Iterator[Row]:
    for name, a, b in PAIRS:
        true = truth(a)["mean"] - truth(b)["mean"]
        yield (name, *(f"{100 * cover_gap(a, b, true, sizes, draws):.1f}" for sizes in SIZES))


# --- slopes ------------------------------------------------------------------------------------------------

SLOPE = 0.37
Series = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def _persistent(memory: float) -> Series:
    """Errors of which each keeps a part of the last year's."""

    def draw(rng: np.random.Generator, years: np.ndarray) -> np.ndarray:
        fresh = rng.standard_normal(int(years[-1]) + 1)
        errors = [fresh[0] / math.sqrt(1 - memory**2)]
        for shock in fresh[1:]:
            errors.append(memory * errors[-1] + shock)
        return SLOPE * years + np.array(errors)[years]

    return draw


SERIES: dict[str, Series] = {
    "normal": lambda rng, years: SLOPE * years + rng.standard_normal(len(years)),
    "heavy tails (t, 3 df)": lambda rng, years: SLOPE * years + rng.standard_t(3, len(years)),
    "skewed (exponential)": lambda rng, years: SLOPE * years + rng.exponential(1, len(years)),
    "values rounded to one sd, many ties": lambda rng, years: np.round(
        SLOPE * years + rng.standard_normal(len(years))
    ),
    "last year's error kept to 0.3": _persistent(0.3),
    "last year's error kept to 0.6": _persistent(0.6),
}
LENGTHS = (5, 6, 8, 10, 15, 25)


def cover_slope(series: Series, n: int, draws: int, seed: int = 3) -> float:
    """Share of draws whose interval holds the true slope; about one year in six is missing."""
    rng = np.random.default_rng([seed, n])
    covered = []
    for _ in range(draws):
        years = np.cumsum(1 + (rng.random(n) < 0.2))
        found = theil_sen(years, series(rng, years), CONFIDENCE)
        covered.append(found.lower <= SLOPE <= found.upper)
    return float(np.mean(covered))


def slope_rows(draws: int) -> Iterator[Row]:
    for name, series in SERIES.items():
        yield (name, *(f"{100 * cover_slope(series, n, draws):.1f}" for n in LENGTHS))


# --- the tables --------------------------------------------------------------------------------------------


def table(heads: Iterable[object], rows: Iterable[Row]) -> Iterator[str]:
    heads = tuple(heads)
    yield "| " + " | ".join(map(str, heads)) + " |"
    yield "| " + " | ".join(["---"] * len(heads)) + " |"
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"


TABLES = {
    "inequality": (("process", "units", *MEASURES), inequality_rows),
    "refused": (("process", "units", *MEASURES), refused_rows),
    "levels": (("confidence", "units", *MEASURES), level_rows),
    "gap": (("process a / b", *(f"{a}, {b}" for a, b in SIZES)), gap_rows),
    "slope": (("series", *(f"{n} years" for n in LENGTHS)), slope_rows),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--only", choices=TABLES)
    asked = parser.parse_args()
    for name, (heads, rows) in TABLES.items():
        if asked.only in (None, name):
            print(f"\n{name}: covered, per cent of {asked.draws} draws", flush=True)
            for line in table(heads, rows(asked.draws)):
                print(line, flush=True)


if __name__ == "__main__":
    main()

"""Do the trend verdicts last, find real trends, and stay silent about flat series?

    python benchmarks/trend_verdicts.py [--draws 20] [--only panel|power|coverage|alone|ranks]

Prints the tables of ``docs/methods.md``. The panel is read where it is kept beside the repository; nothing of
it is written. Compared in the same run with the arrow (sign of the last year's change) and with ordinary
least squares at 5 % without any allowance.

Reversal: among the verdicts of a year that name a direction, the share whose series has the opposite
direction when one more year is known.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from edustats.metrics.comparison.ranking import rank_with_confidence_sets
from edustats.metrics.trend.estimators import judge_trend, least_squares_hac, theil_sen
from edustats.metrics.trend.pooling import estimate_pooled_slopes
from edustats.metrics.trend.verdicts import judge_trends

PANEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "england_la_education_panel.csv"
NOT_SHARES = ("AVG_Attain8_Score", "DAP_KS4_ATT8", "NonDAP_KS4_ATT8", "Premium", "PriFixedEx", "SecFixedEx")
EPIDEMIC = 2020


def panel() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Years, values (measures, authorities, years), which are shares, and the measures' names."""
    raw = pd.read_csv(PANEL, dtype=str)
    raw["year"] = raw["period"].str[:4].astype(int)
    raw["number"] = pd.to_numeric(raw["value"], errors="coerce")
    wide = raw.pivot_table(index=["measure", "la_code"], columns="year", values="number", dropna=False)
    measures, areas = (wide.index.unique(level) for level in (0, 1))
    wide = wide.reindex(pd.MultiIndex.from_product([measures, areas]))
    shares = ~measures.isin(NOT_SHARES)
    values = wide.to_numpy().reshape(len(measures), len(areas), -1)
    return (
        wide.columns.to_numpy(float),
        values / np.where(shares, 100, 1)[:, None, None],
        shares,
        list(measures),
    )


def arrows(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sign of the last year's change; 0 where a year is missing."""
    return np.nan_to_num(np.sign(values[..., -1] - values[..., -2]))


def least_squares(years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sign of each slope whose own t-test is below 5 %, years taken as independent."""
    y = values.reshape(-1, len(years))
    held = np.isfinite(y)
    n = held.sum(axis=1)
    t = np.where(held, years, np.nan)
    with np.errstate(all="ignore"):
        t = t - np.nansum(t, axis=1, keepdims=True) / n[:, None]
        d = y - np.nansum(y, axis=1, keepdims=True) / n[:, None]
        slope = np.nansum(t * d, axis=1) / np.nansum(t**2, axis=1)
        left = np.nansum((d - slope[:, None] * t) ** 2, axis=1) / (n - 2) / np.nansum(t**2, axis=1)
        p = 2 * stats.t.sf(np.abs(slope) / np.sqrt(left), n - 2)
    return np.where((n >= 4) & (p < 0.05), np.sign(slope), 0).reshape(values.shape[:2])


def ours(years: np.ndarray, values: np.ndarray, shares: np.ndarray, epidemic: bool = False) -> np.ndarray:
    """1, -1, or 0 for stable and 9 for cannot tell; with the epidemic declared, levels differ from 2020 on."""
    parts = np.broadcast_to((years >= EPIDEMIC).astype(int), values.shape) if epidemic else None
    found = judge_trends(years, values, shares, segments=parts).verdict
    return np.select([found == "up", found == "down", found == "stable"], [1, -1, 0], 9)


def reversals(signs: list[np.ndarray], next_step: list[np.ndarray]) -> tuple[int, float, float, float]:
    """Directions with a year to follow; per cent that turn round, are withdrawn, see the next step go against."""
    named = turned = withdrawn = against = stepped = 0
    for now, then, step in zip(signs[:-1], signs[1:], next_step[1:], strict=True):
        directed = np.abs(now) == 1
        named += int(directed.sum())
        turned += int((directed & (then == -now)).sum())
        withdrawn += int((directed & (np.abs(then) != 1)).sum())
        stepped += int((directed & (step != 0)).sum())
        against += int((directed & (step == -now)).sum())
    return named, 100 * turned / named, 100 * withdrawn / named, 100 * against / stepped


def run_panel(_draws: int) -> Iterator[str]:
    years, values, shares, _ = panel()
    ends = range(5, len(years) + 1)
    steps = [arrows(years[:e], values[..., :e]) for e in ends]
    yield f"\n{values.shape[0]} measures, {values.shape[1]} areas, {int(years[0])}-{int(years[-1])}\n"
    yield "| verdict | directions | turned round next year | withdrawn next year | next step against it |"
    yield "| --- | --- | --- | --- | --- |"
    ways = {
        "arrow: sign of one year's change": steps,
        "least squares at 5 %, years as independent": [
            least_squares(years[:e], values[..., :e]) for e in ends
        ],
        "ours": [ours(years[:e], values[..., :e], shares) for e in ends],
        "ours, epidemic declared": [ours(years[:e], values[..., :e], shares, True) for e in ends],
    }
    for name, signs in ways.items():
        named, turned, withdrawn, against = reversals(signs, steps)
        yield f"| {name} | {named} | {turned:.2f} | {withdrawn:.1f} | {against:.1f} |"
    # As the arrow's users see it: all years, and only arrows that are followed by one.
    steps = [arrows(years[:e], values[..., :e]) for e in range(2, len(years) + 1)]
    pairs = [(a != 0) & (b != 0) for a, b in itertools.pairwise(steps)]
    turns = sum(int((a[ok] != b[ok]).sum()) for a, b, ok in zip(steps[:-1], steps[1:], pairs, strict=True))
    yield f"\nOf all arrows followed by an arrow {100 * turns / sum(int(p.sum()) for p in pairs):.1f} % turn round."
    for name in ("ours", "ours, epidemic declared"):
        last = ways[name][-1]
        yield (
            f"{name}, {int(years[-1])}: a direction in {np.mean(np.abs(last) == 1):.1%}, stable in "
            f"{np.mean(last == 0):.1%}, cannot tell in {np.mean(last == 9):.1%} of {last.size} series"
        )


def noise_over_spread() -> np.ndarray:
    """Per measure of the panel: sd of yearly noise over the sd between areas, shared years taken out."""
    ratios = []
    for rows in panel()[1]:
        rows = rows[np.isfinite(rows).sum(axis=1) >= 8]
        rows = rows[:, np.isfinite(rows).mean(axis=0) > 0.9]
        rows = rows[np.isfinite(rows).all(axis=1)]
        left = rows - rows.mean(axis=0)
        between = left.mean(axis=1).std(ddof=1)
        t = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
        level = left - left.mean(axis=1, keepdims=True)
        noise = level - (level @ t / (t @ t))[:, None] * t
        ratios.append(np.sqrt((noise**2).sum() / (len(rows) * (len(t) - 2))) / between)
    return np.array(ratios)


def ar1(rng: np.random.Generator, shape: tuple[int, ...], rho: float) -> np.ndarray:
    noise = rng.standard_normal(shape)
    for i in range(1, shape[-1]):
        noise[..., i] = rho * noise[..., i - 1] + np.sqrt(1 - rho**2) * noise[..., i]
    return noise


def simulated(
    rng: np.random.Generator, c: int, rho: float, noise: float, common: float, varied: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One report: 20 indicators of c counties over eight years; ten rise, ten are flat in every county."""
    own, joint = ar1(rng, (20, c, 8), rho), ar1(rng, (20, 1, 8), rho)
    y = noise * (np.sqrt(1 - common) * own + np.sqrt(common) * joint)
    rise = 1 + varied * rng.standard_normal((10, c))
    y[:10] += rise[..., None] * np.arange(8) / 7
    return np.arange(8.0), y - 50, rise  # below 0, so that the scale is a straight one


DESIGNS = (  # rho, share of the noise that all counties have in common, sd of the counties' own rises
    (0.0, 0.0, 0.0),
    (0.3, 0.0, 0.0),
    (0.6, 0.0, 0.0),
    (0.3, 0.3, 0.0),
    (0.3, 0.0, 0.5),
)


def run_power(draws: int) -> Iterator[str]:
    """Rises by one standard deviation from the first to the eighth year; the flat beside them in one report."""
    ratio = float(np.median(noise_over_spread())) if PANEL.exists() else 0.34
    yield f"\nNoise of a year over the sd between areas, median of the panel's measures: {ratio:.2f}\n"
    yield "| one sd of | counties | rho | shared noise | rises differ by | rises found | flat called up or down |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for what, noise in (("the counties", ratio), ("the noise", 1.0)):
        for c in (1, 9, 50, 150):
            for rho, common, varied in DESIGNS:
                found, flat = _power(c, rho, noise, common, varied, max(3, draws * 9 // max(c, 9)))
                yield f"| {what} | {c} | {rho} | {common} | {varied} | {100 * found:.1f} | {100 * flat:.1f} |"


def _power(c: int, rho: float, noise: float, common: float, varied: float, draws: int) -> tuple[float, float]:
    """Share of the rises of more than half an sd that are called up, and of flat series called anything."""
    rng = np.random.default_rng([c, int(10 * rho), int(10 * common), int(10 * varied), int(noise)])
    found, flat = [], []
    for _ in range(draws):
        years, y, rise = simulated(rng, c, rho, noise, common, varied)
        verdict = judge_trends(years, y, np.zeros(20, bool), band=1e-9).verdict
        found.append(verdict[:10][rise > 0.5] == "up")
        flat.append(np.isin(verdict[10:], ["up", "down"]).ravel())
    return float(np.concatenate(found).mean()), float(np.concatenate(flat).mean())


def run_coverage(draws: int) -> Iterator[str]:
    yield "\nCoverage of 95 % intervals of the slope, per cent"
    yield "| counties | slopes differ by | shared noise | rho | 5 years | 6 | 8 | 10 | 15 | 25 |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for c, varied, common in ((1, 0.0, 0.0), (9, 0.0, 0.0), (9, 1.0, 0.0), (9, 1.0, 0.5), (50, 1.0, 0.3)):
        for rho in (0.0, 0.3, 0.6):
            cells = []
            for n in (5, 6, 8, 10, 15, 25):
                rng = np.random.default_rng([n, c, int(10 * rho)])
                times, inside = max(3, draws // (4 if c > 1 else 1) // max(1, c // 9)), 0.0
                for _ in range(times):
                    own, joint = ar1(rng, (20, c, n), rho), ar1(rng, (20, 1, n), rho)
                    # one standard error of a slope of independent years is the unit of "differ by"
                    true = varied * np.sqrt(12 / (n**3 - n)) * rng.standard_normal((20, c, 1))
                    y = np.sqrt(1 - common) * own + np.sqrt(common) * joint + true * np.arange(n)
                    low, high = estimate_pooled_slopes(np.arange(n), y).limits()
                    inside += np.mean((low <= true[..., 0]) & (true[..., 0] <= high)) / times
                cells.append(f"{100 * inside:.1f}")
            yield f"| {c} | {varied:g} s.e. | {common} | {rho} | " + " | ".join(cells) + " |"


def run_alone(draws: int) -> Iterator[str]:
    yield "\nCoverage of 95 % intervals of one series by itself, per cent"
    yield "| interval | rho | 6 years | 8 | 10 | 15 | 25 |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    ways = {
        "Sen's exact": theil_sen,
        "Sen's, widened (`trend`)": lambda t, y: judge_trend(t, y, "none").slope,
        "least squares, HAC": least_squares_hac,
    }
    for name, way in ways.items():
        for rho in (0.0, 0.3, 0.6):
            cells = []
            for n in (6, 8, 10, 15, 25):
                rows = ar1(np.random.default_rng([n, int(10 * rho)]), (draws * 10, n), rho)
                found = [way(np.arange(n), row) for row in rows]
                inside = np.mean([s.lower <= 0 <= s.upper for s in found])
                cells.append(f"{100 * inside:.1f}" if found[0].method != "too_few" else "–")
            yield f"| {name} | {rho} | " + " | ".join(cells) + " |"


def run_ranks(draws: int) -> Iterator[str]:
    yield "\nRank sets: share of draws in which all sets hold together, per cent, and mean width over n - 1"
    yield "| counties | spread of true values | equal errors | errors 1 to 4 |"
    yield "| --- | --- | --- | --- |"
    for n in (9, 37):
        for spread in (0.0, 0.5, 2.0, 8.0):
            cells = []
            for most in (1.0, 4.0):
                rng = np.random.default_rng([n, int(10 * spread), int(most)])
                true, errors = spread * rng.standard_normal(n), np.linspace(1, most, n)
                best = 1 + (true[None] > true[:, None]).sum(axis=1)
                worst = n - (true[None] < true[:, None]).sum(axis=1)
                held, width = [], []
                for _ in range(draws * 10):
                    sets = rank_with_confidence_sets(true + errors * rng.standard_normal(n), errors)
                    held.append(((sets.best <= best) & (worst <= sets.worst)).all())
                    width.append(np.mean(sets.worst - sets.best) / (n - 1))
                cells.append(f"{100 * np.mean(held):.1f} ({np.mean(width):.2f})")
            yield f"| {n} | {spread:g} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    parts = {
        "panel": run_panel,
        "power": run_power,
        "coverage": run_coverage,
        "alone": run_alone,
        "ranks": run_ranks,
    }
    parser.add_argument("--only", choices=list(parts))
    asked = parser.parse_args()
    for name, part in parts.items():
        if asked.only in (None, name) and (name != "panel" or PANEL.exists()):
            print("\n".join(part(asked.draws)), flush=True)


if __name__ == "__main__":
    main()

"""How often is an effect found that is not there, how often one that is, and do the limits hold it?

    python benchmarks/effects.py [--draws 2000] [--prefectures 200] [--panel FILE]

Nine counties and eight years, AR(1) with 0.5, normal and skewed (log-normal) shocks; two to four counties treated
from the fifth year. Then generated prefectures of schools, of the example's kind, whose effect is known; and
programmes whose true rates are known.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from edustats.metrics.evaluation.effects import estimate_effect
from edustats.metrics.evaluation.few_clusters import estimate_permutation_power, find_attained_level
from edustats.metrics.evaluation.programmes import estimate_chance_under

COUNTIES, YEARS, BEGAN, RHO = 9, np.arange(2015, 2023), 2019, 0.5
STARTS, EFFECT = (2018, 2020, 2022), 0.06


def draw_counties(rng: np.random.Generator, *, skewed: bool) -> np.ndarray:
    """Values of counties over years that resemble each other."""
    x = rng.standard_normal((COUNTIES, len(YEARS)))
    for t in range(1, len(YEARS)):
        x[:, t] = RHO * x[:, t - 1] + np.sqrt(1 - RHO**2) * x[:, t]
    return np.exp(x) if skewed else x


def measure_false_rejections(draws: int) -> None:
    """Share of draws without an effect in which each test says 5 %, and in which something is put down to it."""
    for treated in (2, 3, 4):
        first = np.where(np.arange(COUNTIES) < treated, BEGAN, 0)
        for skewed in (False, True):
            rng = np.random.default_rng(3)
            found = [estimate_effect(draw_counties(rng, skewed=skewed), YEARS, first) for _ in range(draws)]
            p = np.array([(one.comparison.permutation_p, one.comparison.t_p) for one in found]) <= 0.05
            said = np.mean([one.verdict in ("higher", "lower") for one in found])
            print(
                f"{treated} of 9, {'skewed' if skewed else 'normal'}: permutations {p[:, 0].mean():.3f} "
                f"(can reach {find_attained_level(first):.3f}), t {p[:, 1].mean():.3f}, "
                f"both {p.all(axis=1).mean():.3f}, put down to the measure {said:.3f}",
                flush=True,
            )


def measure_power() -> None:
    """Chance of finding an effect of 1, 2 and 3 sd of a county's change."""
    for treated in (2, 3, 4):
        told = ", ".join(
            f"{size} sd {estimate_permutation_power(COUNTIES, treated, size, 4000):.2f}"
            for size in (1.0, 2.0, 3.0)
        )
        first, rng = np.where(np.arange(COUNTIES) < treated, BEGAN, 0), np.random.default_rng(7)
        spread = np.std(np.diff(_halve(np.array([draw_counties(rng, skewed=False) for _ in range(500)]))))
        put_down = []
        for size in (2.0, 3.0, 4.0):
            rise = size * spread * ((first[:, None] > 0) & (YEARS >= BEGAN))
            found = [
                estimate_effect(draw_counties(rng, skewed=False) + rise, YEARS, first) for _ in range(300)
            ]
            put_down.append(f"{size} sd {np.mean([one.verdict == 'higher' for one in found]):.2f}")
        print(
            f"power, {treated} of 9 treated: {told}; put down to the measure: {', '.join(put_down)}",
            flush=True,
        )


def _halve(values: np.ndarray) -> np.ndarray:
    """Means of the years before and after."""
    return np.stack([values[..., YEARS < BEGAN].mean(axis=-1), values[..., YEARS >= BEGAN].mean(axis=-1)], -1)


def measure_placebos(path: str, draws: int = 600) -> None:
    """Effects found on a published panel of areas (measure, period, la_code, region, value) with an invented year.

    A third of a region's areas, drawn, or chosen as a bureau would: the lowest, or those that fell most.
    """
    rows = pd.read_csv(path)
    rows["year"] = pd.to_numeric(rows["period"].astype(str).str[:4], errors="coerce")
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce")
    rows = rows.drop_duplicates(["measure", "la_code", "year"])
    panels = []
    for _, part in rows.groupby(["measure", "region"]):
        wide = part.pivot(index="la_code", columns="year", values="value")
        wide = wide.loc[:, wide.notna().mean() > 0.9]
        panels += [wide] if wide.shape[1] >= 5 and len(wide) >= 8 else []
    for choice in ("drawn", "lowest", "fell most"):
        rng, found = np.random.default_rng(4), []
        while len(found) < draws:
            wide = panels[rng.integers(len(panels))]
            values, years = wide.to_numpy(float), wide.columns.to_numpy(np.int64)
            at = int(rng.integers(2, len(years) - 1))
            rank = {
                "drawn": rng.random(len(values)), "lowest": values[:, at - 1],
                "fell most": values[:, at - 1] - values[:, 0],
            }[choice]  # fmt: skip
            first = np.zeros(len(values), dtype=np.int64)
            first[np.argsort(rank)[: max(2, len(values) // 3)]] = years[at]
            one = estimate_effect(values, years, first)
            if one.comparison is not None:
                c, said = one.comparison, one.verdict in ("higher", "lower")
                found.append((c.permutation_p <= 0.05, c.t_p <= 0.05, c.verdict != "cannot_tell", said))
        told = ", ".join(f"{share:.3f}" for share in np.mean(found, axis=0))
        print(f"published panel, {choice}: permutations, t, both, put down: {told}", flush=True)


def draw_prefecture(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of excellent pupils in junior schools, as the invented prefecture makes them."""
    years, n = np.arange(2015, 2025), 120
    first = np.where(rng.random(n) < 0.45, rng.choice(STARTS, n), 0)
    takers = np.round(rng.lognormal(5.0, 0.5, (n, 1)) * np.exp(rng.normal(0, 0.05, (n, len(years)))))
    share = 0.12 + 0.14 * np.linspace(0, 1, len(years)) + rng.normal(0, 0.025, (n, 1))
    share = share + np.array([0.03, 0.0, -0.03])[rng.integers(0, 3, n)][:, None]
    treated = (first[:, None] > 0) & (years >= first[:, None])
    return (
        rng.binomial(takers.astype(int), np.clip(share + EFFECT * treated, 0.01, 0.95)) / takers,
        years,
        first,
    )


def measure_coverage(prefectures: int) -> None:
    """Share of prefectures whose known effect lies within the stated limits."""
    inside, named = [], []
    for seed in range(prefectures):
        found = estimate_effect(*draw_prefecture(np.random.default_rng(seed)))
        inside.append(
            found.comparison is not None and found.comparison.lower <= EFFECT <= found.comparison.upper
        )
        named.append(found.verdict == "higher")
    print(
        f"{prefectures} prefectures: effect inside {np.mean(inside):.3f}, put down to it {np.mean(named):.3f}",
        flush=True,
    )


def draw_rates(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """True rates of programmes in several worlds; the last four crowd about the line, where nothing can tell them."""
    kinds = np.where(rng.random(n) < 0.3, rng.normal(0.55, 0.06, n), rng.normal(0.85, 0.05, n))
    return {
        "one rate, 75 %": np.full(n, 0.75),
        "two rates, 50 and 80 %": np.where(rng.random(n) < 0.3, 0.5, 0.8),
        "two kinds about 55 and 85 %": kinds.clip(0.05, 0.99),
        "beta(8, 3)": rng.beta(8, 3, n),
        "beta(4, 2)": rng.beta(4, 2, n),
        "one rate, 62 %": np.full(n, 0.62),
        "one rate, 58 %": np.full(n, 0.58),
        "two rates, 57 and 70 %": np.where(rng.random(n) < 0.4, 0.57, 0.7),
        "two rates, 50 and 64 %": np.where(rng.random(n) < 0.4, 0.64, 0.5),
    }


def measure_calibration(sets: int, programmes: int) -> None:
    """Stated chance that the true rate of two years is under 60 %, against how often it is.

    Leavers of a year: 6 to 80, or 3 to 12. Rates of the two years alike, or each 6 points (sd) off, so that a bad year
    is followed by a better one. The last column is of programmes that were under the line in both years.
    """
    print(
        f"{programmes} programmes: world, mean miss; stated/true by fifths of the stated chance; both years under"
    )
    for least, most, drift in ((6, 80, 0.0), (6, 80, 0.06), (3, 12, 0.0)):
        print(f"leavers {least} to {most}, years apart by {drift}")
        rng, held = np.random.default_rng([97, least, int(100 * drift)]), {}
        for _ in range(sets):
            for world, rate in draw_rates(rng, programmes).items():
                rates = (rate[:, None] + rng.normal(0, drift, (programmes, 2))).clip(0.02, 0.99)
                leavers = rng.integers(least, most + 1, (programmes, 2))
                employed = rng.binomial(leavers, rates)
                chance = estimate_chance_under(employed.sum(axis=1) * 1.0, leavers.sum(axis=1) * 1.0, 0.6)
                true = (rates * leavers).sum(axis=1) < 0.6 * leavers.sum(axis=1)
                under = (employed < 0.6 * leavers).all(axis=1)
                held.setdefault(world, []).append(np.column_stack([chance, true, under]))
        for world, parts in held.items():
            print(_tell_calibration(world, np.concatenate(parts)), flush=True)


def _tell_calibration(world: str, told: np.ndarray) -> str:
    chance, true, under = told.T
    fifth = (chance * 5).astype(int).clip(0, 4)
    miss = sum(abs((chance - true)[fifth == k].sum()) for k in range(5)) / len(told)
    parts = [fifth == k for k in range(5)] + [under == 1]
    cells = [
        f"{100 * chance[p].mean():.0f}/{100 * true[p].mean():.0f}" if p.sum() >= 200 else "–" for p in parts
    ]
    return f"  {world}: {100 * miss:.1f}; {', '.join(cells[:5])}; {cells[5]}"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=2000)
    asked.add_argument("--prefectures", type=int, default=200)
    asked.add_argument("--panel", default="", help="the published panel of English authorities")
    given = asked.parse_args()
    if given.panel:
        measure_placebos(given.panel)
    measure_power()
    for programmes in (65, 20, 10):
        measure_calibration(given.prefectures, programmes)
    measure_coverage(given.prefectures)
    measure_false_rejections(given.draws)

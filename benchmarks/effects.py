"""How often is an effect found that is not there, how often one that is, and do the limits hold it?

    python benchmarks/effects.py [--draws 2000] [--prefectures 200]

Nine counties and eight years, AR(1) with 0.5, normal and skewed (log-normal) shocks; one to four counties treated
from the fifth year. Then generated prefectures of schools, of the example's kind, whose effect is known; and
programmes whose true rates are known.
"""

from __future__ import annotations

import argparse

import numpy as np

from edustats.metrics.evaluation.effects import estimate_effect
from edustats.metrics.evaluation.few_clusters import compare_collapsed, estimate_permutation_power
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
    """Share of draws without an effect in which each test says 5 %."""
    for treated in (1, 2, 3, 4):
        first = np.where(np.arange(COUNTIES) < treated, BEGAN, 0)
        for skewed in (False, True):
            rng = np.random.default_rng(3)
            found = [compare_collapsed(draw_counties(rng, skewed=skewed), YEARS, first) for _ in range(draws)]
            p = np.array([(one.permutation_p, one.t_p) for one in found]) <= 0.05
            print(
                f"{treated} of 9, {'skewed' if skewed else 'normal'}: permutations {p[:, 0].mean():.3f}, "
                f"t {p[:, 1].mean():.3f}, both {p.all(axis=1).mean():.3f}",
                flush=True,
            )


def measure_power() -> None:
    """Chance of finding an effect of 1, 2 and 3 sd of a county's change."""
    for treated in (2, 3, 4):
        told = ", ".join(
            f"{size} sd {estimate_permutation_power(COUNTIES, treated, size, 4000):.2f}"
            for size in (1.0, 2.0, 3.0)
        )
        print(f"power, {treated} of 9 treated: {told}", flush=True)


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


def measure_calibration(sets: int = 200) -> None:
    """Stated chance that a programme is truly under 60 %, against how often it is."""
    for kind in ("beta", "two kinds"):
        rng, stated, true = np.random.default_rng(5), [], []
        for _ in range(sets):
            poor = rng.random(65) < 0.3
            split = np.where(poor, rng.normal(0.55, 0.06, 65), rng.normal(0.85, 0.05, 65)).clip(0.05, 0.99)
            rate = rng.beta(8, 3, 65) if kind == "beta" else split
            leavers = rng.integers(6, 80, 65)
            chance, _ = estimate_chance_under(
                rng.binomial(leavers, rate).astype(float), leavers.astype(float), 0.6
            )
            stated.append(chance)
            true.append(rate < 0.6)
        p, hit = np.concatenate(stated), np.concatenate(true)
        for low in (0.0, 0.2, 0.4, 0.6, 0.8):
            own = (p >= low) & (p <= low + 0.2)
            print(
                f"{kind}: stated {p[own].mean():.3f}, true {hit[own].mean():.3f}, n {own.sum()}", flush=True
            )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=2000)
    asked.add_argument("--prefectures", type=int, default=200)
    given = asked.parse_args()
    measure_power()
    measure_calibration()
    measure_coverage(given.prefectures)
    measure_false_rejections(given.draws)

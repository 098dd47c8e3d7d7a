"""Do two other libraries find the same effects on twenty generated panels? They are no dependency: install them first.

pip install pyfixest diff-diff; python benchmarks/effect_oracles.py
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from edustats.metrics.evaluation.few_clusters import compare_collapsed
from edustats.metrics.evaluation.group_time import estimate_group_time

YEARS = np.arange(2015, 2023)


def draw_panel(seed: int, starts: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Sixty units that resemble themselves from year to year; half of them begin in one of the years given."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((60, len(YEARS))).cumsum(axis=1) * 0.4
    first = np.where(np.arange(60) < 30, rng.choice(starts, 60), 0)
    values = x + 0.7 * ((first[:, None] > 0) & (first[:, None] <= YEARS))
    rows = pd.DataFrame(
        {"unit": np.repeat(np.arange(60), len(YEARS)), "year": np.tile(YEARS, 60), "y": values.ravel()}
    )
    rows["first"] = np.repeat(first, len(YEARS))
    rows["d"] = ((rows["first"] > 0) & (rows["year"] >= rows["first"])).astype(int)
    return values, first, rows


def main() -> None:
    """Largest differences over the panels."""
    import pyfixest
    from diff_diff import CallawaySantAnna

    warnings.simplefilter("ignore")
    common, cells, averages = [], [], []
    for seed in range(20):
        values, first, rows = draw_panel(seed, (2019,))
        theirs = float(pyfixest.feols("y ~ d | unit + year", rows).coef()["d"])
        common.append(abs(theirs - compare_collapsed(values, YEARS, first).effect))
        values, first, rows = draw_panel(seed, (2018, 2020, 2021))
        mine = estimate_group_time(values, YEARS, first)
        found = CallawaySantAnna(control_group="never_treated", base_period="varying").fit(
            rows, outcome="y", unit="unit", time="year", first_treat="first", aggregate="event_study"
        )
        told = {key: one["effect"] for key, one in found.group_time_effects.items()}
        own = {(int(g), int(t)): e for g, t, e in zip(mine.cohort, mine.year, mine.effect, strict=True)}
        cells.append(max(abs(told[key] - own[key]) for key in told if key in own))
        own_since = dict(zip(mine.since.tolist(), mine.by_since.tolist(), strict=True))
        averages.append(
            max(
                abs(one["effect"] - own_since[e])
                for e, one in found.event_study_effects.items()
                if e in own_since
            )
        )
    print(f"pyfixest, one cohort: largest difference {max(common):.2e}")
    print(f"diff-diff, cohort and year: {max(cells):.2e}; event study: {max(averages):.2e}")


if __name__ == "__main__":
    main()

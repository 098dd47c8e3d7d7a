"""How long do verdicts take, and how large is the allocation's gap?  python benchmarks/standards.py [--quick]

Seven coefficients, every school's verdict and every school's part in every coefficient, for 2,843 invented
counties over ten years (2 million school rows); beside it a plain pandas groupby over the same rows, on a
tenth of the counties. Then the cheapest set of moves for one county of 120 schools.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from edustats.catalogue.standards import load_standard
from edustats.metrics.standards.allocation import AllocationRules, StageResources, plan_allocation
from edustats.metrics.standards.judgement import judge_standard

COUNTIES, YEARS, ROWS = 2_843, 10, 2_000_000
PER_PUPIL = {
    "teachers_above_required": 0.055, "backbone_teachers": 0.012, "pe_arts_teachers": 0.01, "teaching_area": 5.4,
    "sports_area": 8.9, "equipment_value": 2600.0, "multimedia_rooms": 0.027,
}  # fmt: skip


def invented(counties: int, rows: int, seed: int = 1) -> pd.DataFrame:
    """Schools of both stages with lognormal resources; one row in six is a through-school."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["211", "311", "312"], rows, p=[0.6, 0.23, 0.17])
    table: dict[str, object] = {
        "county": np.char.zfill(rng.integers(0, counties, rows).astype(str), 6),
        "unit": np.char.zfill(np.arange(rows).astype(str), 10),
        "year": rng.integers(2014, 2014 + YEARS, rows).astype(np.int16),
        "school_type": kind,
    }
    for stage, absent in (("primary", "311"), ("junior", "211")):
        pupils = np.where(kind == absent, np.nan, np.round(rng.lognormal(6, 0.9, rows)) + 1)
        table[f"pupils_{stage}"] = pupils
        for name, level in PER_PUPIL.items():
            table[f"{name}_{stage}"] = pupils * level * rng.lognormal(0, 0.35, rows)
        table[f"hall_area_{stage}"] = pupils * 0.2
    return pd.DataFrame(table)


def naive(units: pd.DataFrame) -> int:
    """The same coefficients by groupby.apply: what a notebook without this package would do."""
    done = 0
    for stage in ("primary", "junior"):
        rows = units[units[f"pupils_{stage}"] > 0]
        for name in PER_PUPIL:

            def cv(part: pd.DataFrame, name: str = name, stage: str = stage) -> float:
                p, x = part[f"pupils_{stage}"], part[f"{name}_{stage}"]
                mean = x.sum() / p.sum()
                return float(np.sqrt((p / p.sum() * (x / p - mean) ** 2).sum()) / mean)

            done += len(rows.groupby(["county", "year"])[[f"pupils_{stage}", f"{name}_{stage}"]].apply(cv))
    return done


def timed(what: str, rows: int, action) -> float:
    start = time.perf_counter()
    action()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:58} {rows:>9,} rows  {seconds:7.2f} s   peak {peak:6.0f} MB", flush=True)
    return seconds


def plans() -> None:
    """One county of 120 schools, seven resources; even and very uneven, by three rules on moving."""
    rng = np.random.default_rng(0)
    whole = np.array([True, True, True, False, False, False, True])
    for unevenness in (0.45, 0.7):
        pupils = np.round(rng.lognormal(6, 0.9, 120)) + 20
        per = np.array([0.05, 0.0125, 0.0105, 5.4, 8.9, 2600, 0.028])
        totals = np.round(pupils[:, None] * per * rng.lognormal(-0.1, unevenness, (120, 7)))
        one = StageResources(
            pupils=pupils,
            totals=totals,
            marks=np.array([0.042, 0.01, 0.009, 4.5, 7.5, 2000, 0.023]),
            limit=0.5,
        )
        place = np.c_[rng.uniform(112, 112.6, 120), rng.uniform(27, 27.6, 120)]
        options: dict[str, dict[str, object]] = {
            "anywhere": {}, "township": {"group": rng.integers(0, 12, 120)}, "10 km": {"place": place, "reach": 10.0},
        }  # fmt: skip
        for name, option in options.items():
            rules = AllocationRules(
                price=np.array([80e3, 100e3, 80e3, 3500, 400, 1, 60e3]), whole=whole,
                movable=np.array([True] * 3 + [False] * 4), move_cost=10_000.0, share=0.2, **option,
            )  # fmt: skip
            found = plan_allocation(one, rules, seconds=10)
            print(f"120 schools, spread {unevenness}, {name:9} {found.status:8} gap {found.gap:.2%}  "
                  f"{found.cost / 1e6:8.1f} million yuan  {found.seconds:5.1f} s", flush=True)  # fmt: skip


def main() -> None:
    rows = ROWS // 20 if "--quick" in sys.argv else ROWS
    which = load_standard("quality_balance_2017")
    units = invented(COUNTIES, rows)
    timed("verdicts, coefficients and contributions", rows, lambda: judge_standard(units, which))
    tenth = units[units["county"] < f"{COUNTIES // 10:06d}"]
    ours = timed("  the same, a tenth of the counties", len(tenth), lambda: judge_standard(tenth, which))
    theirs = timed("  pandas groupby, coefficients only", len(tenth), lambda: naive(tenth))
    print(f"  ratio {theirs / ours:.1f}")
    plans()


if __name__ == "__main__":
    main()

"""How many wrong magnitudes does the watch report, and how many findings do untouched tables bear?

    python benchmarks/magnitude.py                   Michigan
    python benchmarks/magnitude.py census FOLDER     the census of counties, in the folder where its files are
    python benchmarks/magnitude.py example FOLDER    the example's returns

Single figures of 50 and more are multiplied; reported is what has a finding of its own, one of its column and year, or
one of a part above its whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.catalogue import catalogue
from edustats.load import findings
from edustats.load.reading import magnitude
from edustats.load.returns import reader as returns
from edustats.load.returns import schools
from edustats.load.tables import reader as tables

FACTORS = (10, 100, 0.1, 1e3, 1e4, 1e-4)
MAPPINGS = Path(__file__).resolve().parent.parent / "data" / "mappings"
AT_ONCE = 8


def catch_watched(module: object, load: Callable[[], object]) -> dict[str, object]:
    """What a load gives to the watch."""
    held: dict[str, object] = {}

    def watch(tidy: pd.DataFrame, sources: pd.DataFrame, known: object, **more: object) -> pd.DataFrame:
        held.update(tidy=tidy, sources=sources, rates=more.get("rates") or {})
        return own(tidy, sources, known, **more)

    own = module.watch
    module.watch = watch
    load()
    module.watch = own
    return held


def told_of(tidy: pd.DataFrame, held: dict[str, object], names: list[str]) -> tuple[pd.DataFrame, set[tuple]]:
    """The watch's findings, and every figure that it or the rule of parts names."""
    found = magnitude.watch(tidy, held["sources"], catalogue(), rates=held["rates"])
    gaps = np.isnan(tidy[names].to_numpy(float)).astype(np.uint8)
    above = findings.parts_above_wholes(
        tidy, pd.DataFrame(gaps, index=tidy.index, columns=names), catalogue()
    )
    told = {
        (row["unit"], row["year"], name)
        for frame in (found, above)
        for row in frame.to_dict("records")
        for name in str(row["column"]).split(", ")
    }
    whole = found[found["rule"] == "column_magnitude"]
    return found, told | {("", y, c) for y, c in zip(whole["year"], whole["column"], strict=True)}


def measure(held: dict[str, object], each: int) -> None:
    tidy = held["tidy"].reset_index(drop=True)
    read = set(held["sources"]["column"])
    names = [name for name in tidy if name in read and name in catalogue().columns]
    found, _ = told_of(tidy, held, names)
    cells = int(np.isfinite(tidy[names].to_numpy(float)).sum())
    print(f"untouched: {len(found)} findings in {cells:,} cells, {1000 * len(found) / cells:.2f} per 1,000")
    units = catalogue().columns
    changed = [n for n in names if n not in held["rates"] and units[n].unit not in ("degree", "year")]
    values = tidy[changed].to_numpy(float)
    large = np.argwhere(np.nan_to_num(values) >= magnitude.LEAST)
    rng, right = np.random.default_rng(0), {}
    for factor in FACTORS:
        pick = large[rng.choice(len(large), min(each, len(large)), replace=False)]
        reported = 0
        for part in np.array_split(pick, max(1, len(pick) // AT_ONCE)):
            made = tidy.astype(dict.fromkeys(changed, float))
            for i, j in part:
                made.loc[i, changed[j]] *= factor
            _, told = told_of(made, held, names)
            keys = [(tidy.at[i, "unit"], tidy.at[i, "year"], changed[j]) for i, j in part]
            reported += sum(key in told or ("", *key[1:]) in told for key in keys)
        right[factor] = reported / len(pick)
    print("reported:", ", ".join(f"×{factor:g} {share:.1%}" for factor, share in right.items()))
    print(
        f"×10, ×100, ÷10: {np.mean([right[f] for f in (10, 100, 0.1)]):.2%}; all {np.mean(list(right.values())):.2%}"
    )


if __name__ == "__main__":
    what, folder = sys.argv[1] if len(sys.argv) > 1 else "michigan", sys.argv[2] if len(sys.argv) > 2 else ""
    if what == "example":
        measure(catch_watched(schools, lambda: returns.load_returns([Path(folder)])), 48)
    else:
        path, where = MAPPINGS / f"{what}.toml", Path(folder) if folder else None
        measure(catch_watched(tables, lambda: tables.load_tables(path, where)), 240)

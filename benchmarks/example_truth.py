"""Do the verdicts find what was planted in the invented prefecture, and leave alone what stands?

    python benchmarks/example_truth.py STORE

STORE is the store of ``python -m edustats example FOLDER`` loaded. What stands and what turns is written in
``edustats/example/world.toml`` under ``[planted]``; the page's own verdicts are held against it. Last comes how far the
years stray from a straight line, over what it moved by: a half over English authorities.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np

import edustats as edu
from edustats.example import world


def main() -> None:
    plan = tomllib.loads(Path(world.__file__).with_name("world.toml").read_text("utf-8"))["planted"]
    store = edu.open_store(sys.argv[1])
    frame = edu.trend(edu.observations(store, level="county"))
    by = frame.set_index(["indicator", "area"])
    flat = by[by.index.get_level_values("indicator").isin(plan["flat"])]
    clear = flat["verdict"].isin(["improving", "worsening", "rising", "falling"])
    likely = flat["verdict"].str.startswith("likely_")
    print(f"flat: {len(flat)} series, clear {clear.mean():.1%}, probable {likely.mean():.1%}, same "
          f"{(flat['verdict'] == 'same').mean():.1%}, called turned {(flat['turn'] != '').mean():.1%}")  # fmt: skip
    turning = by[by.index.get_level_values("indicator").isin(plan["turning"])]
    right = turning["turn"] == "peak"
    near = (turning["turn_year"] - plan["peak"]).abs() <= 1
    print(
        f"turning: {len(turning)} series, called a peak {right.mean():.1%}, year within one {near[right].mean():.1%}"
    )
    print(frame["verdict"].value_counts(normalize=True).round(3).to_dict())
    print(f"scatter over change, median: {measure_scatter(store):.2f}")


def measure_scatter(store) -> float:  # type: ignore[no-untyped-def]
    rows = edu.observations(store, level="county").dropna(subset="value")
    found = []
    for _, own in rows[rows["unit"] == "share"].groupby(["indicator", "area"]):
        x, y = own["year"].to_numpy(float), own["value"].to_numpy(float)
        if len(x) >= 6 and np.ptp(y) > 0:
            slope, start = np.polyfit(x - x[0], y, 1)
            scatter = (y - start - slope * (x - x[0])).std(ddof=2)
            found.append(scatter / max(abs(slope) * (x[-1] - x[0]), 1e-12))
    return float(np.median(found))


if __name__ == "__main__":
    main()

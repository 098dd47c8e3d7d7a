"""How often is the cell with a planted slip among the first three that are proposed?

    python benchmarks/located.py RETURNS [COUNT] [SEED]

Into sound schools one slip is planted (digits swapped, dropped, doubled or misread, sign, a zero), in a cell that a
linear rule speaks of; slips that no rule notices are counted and left out.
"""

import sys
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np

from edustats.load.returns import located, schools
from edustats.load.returns.reader import load_returns


def read_table(folder: Path):
    """The table as the rules see it."""
    held = []
    check = schools.check
    with mock.patch.object(schools, "check", lambda table, watch: held.append(table) or check(table, watch)):
        load_returns([folder])
    return held[0]


def plant_slip(seen: float, slip: str, rng: np.random.Generator) -> float:
    """The number with one slip of the hand; the same number where the slip is none here."""
    text = f"{seen:.0f}"
    i = int(rng.integers(len(text)))
    digit = str(rng.integers(10))
    made = {
        "swapped": text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :], "dropped": text[:i] + text[i + 1 :],
        "doubled": text[:i] + digit + text[i:], "digit": text[:i] + digit + text[i + 1 :], "sign": f"-{text}",
        "times_ten": text + "0",
    }[slip]  # fmt: skip
    return float(made) if made else seen


def main(folder: str, count: int = 200, seed: int = 1) -> None:
    """Print shares of planted slips found first and among the first three."""
    table, rng = read_table(Path(folder)), np.random.default_rng(seed)
    units = np.unique(table.keys["unit"].to_numpy(str))
    tried, hits, unseen, none = Counter(), Counter(), 0, 0
    while sum(tried.values()) < count:
        unit = str(rng.choice(units))
        bounds, figures = located.bound_figures(table, unit)
        if not figures or not all(bound.holds(figures) for bound in bounds):
            continue
        cells = sorted(figures)
        full = [c for c in cells if figures[c] >= 10]
        if not full:
            continue
        cell = full[int(rng.integers(len(full)))]
        slip = str(rng.choice(["swapped", "dropped", "doubled", "digit", "sign", "times_ten"]))
        wrong = figures | {cell: plant_slip(figures[cell], slip, rng)}
        groups = located.part_failures(bounds, wrong)
        if not groups:
            unseen += 1
            continue
        tried[slip] += 1
        usual = located.usual_figures(table, unit, cells)
        found = [p.cell for g in groups for p in located.propose(g, wrong, usual, unit)[:3]]
        none += not found
        hits[slip] += cell in found
        hits["first"] += bool(found) and found[0] == cell
    n = sum(tried.values())
    three = sum(hits[slip] for slip in tried)
    print(f"planted and noticed {n}, not noticed {unseen}, no proposal {none}")
    print(f"first {hits['first'] / n:.1%}, among three {three / n:.1%}")
    print({slip: f"{hits[slip]}/{k}" for slip, k in sorted(tried.items())})


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

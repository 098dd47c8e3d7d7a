"""How often is the cell with a planted slip among the first three that are proposed?

    python benchmarks/located.py RETURNS [COUNT] [SEED]
    python benchmarks/located.py new:SEED [COUNT] [SEED]

Into sound schools one slip is planted (digits swapped, dropped, doubled or misread, sign, a zero), in a cell that a
linear rule speaks of; slips that no rule notices are counted and left out. ``any`` is no slip but another number.
Of the values proposed for the true cell it is counted how many were wrong. ``new:7`` invents a prefecture from another
seed.
"""

import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np

from edustats.example import world
from edustats.example.returns import write_example
from edustats.load.returns import located, schools
from edustats.load.returns.reader import load_returns


def invent_returns(seed: int, folder: Path) -> Path:
    """Returns of a prefecture that nobody has looked at."""
    plan = tomllib.loads(Path(world.__file__).with_name("world.toml").read_text("utf-8")) | {"seed": seed}
    write_example(folder, world.make_world(plan))
    return folder / "returns"


def read_table(folder: Path):
    """The table as the rules see it."""
    held = []
    check = schools.check_rules
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
        "times_ten": text + "0", "any": str(round(seen * rng.choice([0.3, 0.4, 0.6, 1.7, 2.5]))),
    }[slip]  # fmt: skip
    return float(made) if made else seen


def main(folder: str, count: int = 200, seed: int = 1) -> None:
    """Print shares of planted slips found first and among the first three."""
    with tempfile.TemporaryDirectory() as spare:
        given = invent_returns(int(folder[4:]), Path(spare)) if folder.startswith("new:") else Path(folder)
        table, rng = read_table(given), np.random.default_rng(seed)
    units = np.unique(table.keys["unit"].to_numpy(str))
    tried, hits, unseen, none, sound = Counter(), Counter(), 0, 0, 0
    while sum(tried.values()) < count:
        unit = str(rng.choice(units))
        bounds, figures = located.bound_figures(table, unit)
        if not figures or not all(bound.holds(figures) for bound in bounds):
            continue
        sound += bool(located.locate_errors(table, [unit]))
        cells = sorted(figures)
        full = [c for c in cells if figures[c] >= 10]
        if not full:
            continue
        cell = full[int(rng.integers(len(full)))]
        slip = str(rng.choice(["swapped", "dropped", "doubled", "digit", "sign", "times_ten", "any"]))
        wrong = figures | {cell: plant_slip(figures[cell], slip, rng)}
        groups = located.part_failures(bounds, wrong)
        if not groups:
            unseen += 1
            continue
        tried[slip] += 1
        usual = located.usual_figures(table, unit, cells)
        made = [p for g in groups for p in located.propose_slips(g, wrong, usual, unit)[:3]]
        found = [p.cell for p in made]
        values = [p.meant for p in made if p.cell == cell and np.isfinite(p.meant)]
        hits["valued"] += bool(values)
        hits["value_wrong"] += bool(values) and values[0] != figures[cell]
        none += not found
        hits[slip] += cell in found
        hits["first"] += bool(found) and found[0] == cell
    n = sum(tried.values())
    three = sum(hits[slip] for slip in tried)
    print(f"planted and noticed {n}, not noticed {unseen}, no proposal {none}")
    print(f"first {hits['first'] / n:.1%}, among three {three / n:.1%}; proposals for sound schools {sound}")
    print(f"of the true cell a value was proposed {hits['valued']} times, wrong {hits['value_wrong']} times")
    print({slip: f"{hits[slip]}/{k}" for slip, k in sorted(tried.items())})


if __name__ == "__main__":
    main(sys.argv[1], *(int(given) for given in sys.argv[2:]))

"""In how many invented prefectures does the stated interval hold the effect of groups that was put into them?

    python benchmarks/effect_example.py [--prefectures 200] [--first 101]

Every prefecture is the example with another seed: its junior schools, its cohorts of 2018, 2020 and 2022. Seeds up to
100 were looked at while the interval was made.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np

from edustats import example
from edustats.example.world import make_world
from edustats.metrics.evaluation.effects import estimate_effect


def main(prefectures: int, first: int) -> None:
    """Print the share of intervals that hold the effect, and of verdicts that name it."""
    plan = tomllib.loads(Path(example.__file__).with_name("world.toml").read_text("utf-8"))
    inside, named, middle, honest = [], [], [], []
    for seed in range(first, first + prefectures):
        world = make_world({**plan, "seed": seed})
        rows = world.truth[world.truth["junior_exam_takers"] > 0]
        rows = rows.assign(value=rows["junior_exam_excellent"] / rows["junior_exam_takers"])
        wide = rows.pivot(index="unit", columns="year", values="value")
        own = world.schools.set_index("code").reindex(wide.index)
        found = estimate_effect(
            wide.to_numpy(float), wide.columns.to_numpy(np.int64), own["group"].fillna(0).to_numpy(np.int64),
            areas=own["c"].to_numpy(np.int64),
        )  # fmt: skip
        c = found.comparison
        if c is None:
            raise SystemExit(f"seed {seed}: {found.reason}")
        inside.append(c.lower <= plan["groups"]["effect"] <= c.upper)
        named.append(found.verdict == "higher")
        middle.append(c.effect)
        low, high = found.honest_limits
        honest.append(low <= plan["groups"]["effect"] <= high)
    print(
        f"{prefectures} prefectures: effect inside {np.mean(inside):.3f}, inside the limits with drift "
        f"{np.mean(honest):.3f}, put down to groups {np.mean(named):.3f}"
    )
    print(f"mean effect {np.mean(middle):.4f}, put in {plan['groups']['effect']}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--prefectures", type=int, default=200)
    asked.add_argument("--first", type=int, default=101)
    given = asked.parse_args()
    main(given.prefectures, given.first)

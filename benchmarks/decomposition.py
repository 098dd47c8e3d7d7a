"""Do the intervals of a decomposition, and of its change between two years, cover what they promise?

Draws schools of town and village (or of several counties), skewed, unequally large, alike from year to year,
from processes whose true parts are known; counts how often the interval holds them. Prints the tables of
``docs/methods.md``:

    python benchmarks/decomposition.py [--draws 1000] [--only levels|change|effects]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from edustats.metrics.inequality.change import (
    decompose_change_by_composition,
    decompose_cv_change,
    measure_inequality_change,
)
from edustats.metrics.inequality.decomposition import (
    decompose_inequality,
    normalize_values_and_weights,
    number_nested_groups,
    split_inequality_by_level,
)

SIZES = (20, 40, 100, 400)
PAIRED = (40, 100, 400)
PARTS = ("between", "within", "total")
TRUTH = 400_000


@dataclass(frozen=True)
class Design:
    """Schools of two years; ``gaps`` is the log distance of the outer groups from the middle in each year."""

    groups: int = 2
    gaps: tuple[float, float] = (0.1, 0.1)
    spread: tuple[float, float] = (0.3, 0.3)
    family: str = "gamma"
    enrolment: float = 0.7
    smaller_have_more: float = 0.0
    memory: float = 0.85
    stay: float = 0.97

    def draw(
        self, rng: np.random.Generator, n: int
    ) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
        group, size = rng.integers(0, self.groups, n), rng.standard_normal(n)
        first = rng.standard_normal(n)
        last = self.memory * first + math.sqrt(1 - self.memory**2) * rng.standard_normal(n)
        place = np.linspace(-1, 1, self.groups)[group]
        years = []
        for k, own in enumerate((first, last)):
            value = np.exp(self.gaps[k] * place - self.smaller_have_more * size) * self._own(own, k)
            pupils = np.exp(self.enrolment * size + 0.1 * rng.standard_normal(n))
            pupils[rng.random(n) > self.stay] = math.nan
            years.append((value, pupils))
        return group, years

    def _own(self, own: np.ndarray, k: int) -> np.ndarray:
        if self.family == "lognormal":
            return np.exp(self.spread[k] * own)
        shape = 1 / self.spread[k] ** 2
        return stats.gamma.ppf(stats.norm.cdf(own), shape) / shape

    def table(self, rng: np.random.Generator, n: int) -> pd.DataFrame:
        group, years = self.draw(rng, n)
        return pd.concat(
            pd.DataFrame({"school": np.arange(n), "year": k, "place": group, "x": x, "p": p})
            for k, (x, p) in enumerate(years)
        )


LEVELS = {
    "town and village alike": Design(gaps=(0, 0)),
    "town and village 10 % apart each way": Design(gaps=(0.1, 0.1)),
    "town and village 30 % apart each way": Design(gaps=(0.3, 0.3)),
    "skewed, small schools have more": Design(family="lognormal", smaller_have_more=0.15),
    "very unequal enrolment": Design(enrolment=1.0, gaps=(0.2, 0.2)),
    "nine counties": Design(groups=9, gaps=(0.2, 0.2)),
}
CHANGES = {
    "nothing changed": Design(gaps=(0.15, 0.15)),
    "gap halved": Design(gaps=(0.3, 0.15)),
    "gap opened": Design(gaps=(0.05, 0.25)),
    "inside narrowed": Design(spread=(0.4, 0.25)),
    "skewed, all narrowed": Design(family="lognormal", gaps=(0.3, 0.1), spread=(0.45, 0.3)),
    "little memory": Design(gaps=(0.25, 0.1), memory=0.3),
}


def true_parts(design: Design, measure: str, k: int, rng: np.random.Generator) -> dict[str, float]:
    """The process's parts in one year, from one draw so large that its error does not matter."""
    group, years = design.draw(rng, TRUTH)
    value, pupils = years[k]
    here = np.isfinite(pupils)
    share, relative = normalize_values_and_weights(value[here], pupils[here])
    codes = number_nested_groups([group[here]], int(here.sum()))
    return {
        part.part: part.estimate
        for part in split_inequality_by_level(share, relative, codes, ["place"], measure)
    }


def level_cells(design: Design, n: int, draws: int, true: dict[str, dict[str, float]]) -> dict[str, str]:
    rng = np.random.default_rng([2, n])
    inside: dict[str, list[bool]] = {f"{measure} {part}": [] for measure in true for part in PARTS}
    for _ in range(draws):
        group, years = design.draw(rng, n)
        value, pupils = years[0]
        here = np.isfinite(pupils)
        for measure, parts in true.items():
            found = decompose_inequality(value[here], pupils[here], [group[here]], ["place"], measure)
            for part, lower, upper in zip(found["part"], found["lower"], found["upper"], strict=True):
                if math.isfinite(lower):
                    inside[f"{measure} {part}"].append(lower <= parts[part] <= upper)
    return {key: cell(found, draws) for key, found in inside.items()}


def cell(inside: list[bool], draws: int) -> str:
    """Share covered, or a dash where nearly every draw is refused."""
    return f"{100 * np.mean(inside):.1f}" if len(inside) > draws / 20 else "–"


def level_rows(draws: int) -> Iterator[tuple[object, ...]]:
    for name, design in LEVELS.items():
        true = {m: true_parts(design, m, 0, np.random.default_rng(1)) for m in ("theil", "cv2")}
        if not any(design.gaps):
            true = {measure: {**parts, "between": 0.0} for measure, parts in true.items()}
        for n in (100, 400) if design.groups > 2 else SIZES:
            yield (name, n, *level_cells(design, n, draws, true).values())


def change_rows(draws: int) -> Iterator[tuple[object, ...]]:
    for name, design in CHANGES.items():
        ends = [true_parts(design, "theil", k, np.random.default_rng(1)) for k in (0, 1)]
        true = {part: ends[1][part] - ends[0][part] for part in PARTS}
        for n in PAIRED:
            rng, inside = np.random.default_rng([3, n]), {part: [] for part in PARTS}
            for _ in range(draws):
                found = measure_inequality_change(
                    design.table(rng, n), "x", "p", "year", "school", 0, 1, ["place"]
                )
                for part, lower, upper in zip(found["part"], found["lower"], found["upper"], strict=True):
                    if math.isfinite(lower):
                        inside[part].append(lower <= true[part] <= upper)
            yield (name, n, *(cell(inside[part], draws) for part in PARTS))


def effect_rows(draws: int) -> Iterator[tuple[object, ...]]:
    """Shapley effects; their truth is the mean over many large draws of the same process."""
    for name in ("nothing changed", "gap halved", "inside narrowed"):
        design = CHANGES[name]
        whole = [effects(design.table(np.random.default_rng([4, k]), 3000)) for k in range(40)]
        true = {key: float(np.mean([one[key][0] for one in whole])) for key in whole[0]}
        for n in PAIRED:
            rng, inside = np.random.default_rng([5, n]), {key: [] for key in true}
            for _ in range(draws):
                for key, (_, lower, upper) in effects(design.table(rng, n)).items():
                    if math.isfinite(lower):
                        inside[key].append(lower <= true[key] <= upper)
            yield (name, n, *(cell(found, draws) for found in inside.values()))


def effects(table: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    split_ = decompose_change_by_composition(table, "x", "p", "year", "school", "place", 0, 1).set_index(
        "part"
    )
    found = {
        part: tuple(split_.loc[part, ["change", "lower", "upper"]])
        for part in ("within", "between", "composition")
    }
    halves = [table[table["year"] == k].set_index("school") for k in (0, 1)]
    resource, pupils = ([f(half) for half in halves] for f in (lambda h: h["x"] * h["p"], lambda h: h["p"]))
    moved = decompose_cv_change(tuple(resource), tuple(pupils))
    for part in ("pupils", "resources", "total"):
        effect = getattr(moved, part)
        found[f"cv {part}"] = (effect.change, effect.lower, effect.upper)
    return found


TABLES = {
    "levels": (
        ("process", "schools", *(f"{m} {part}" for m in ("theil", "cv2") for part in PARTS)),
        level_rows,
    ),
    "change": (("process", "schools", *PARTS), change_rows),
    "effects": (
        (
            "process",
            "schools",
            "within",
            "between",
            "composition",
            "cv: pupils",
            "cv: resources",
            "cv: total",
        ),
        effect_rows,
    ),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--only", choices=TABLES)
    asked = parser.parse_args()
    for name, (heads, rows) in TABLES.items():
        if asked.only not in (None, name):
            continue
        print(f"\n{name}: covered, per cent of {asked.draws} draws of 95 % intervals", flush=True)
        print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|", flush=True)
        for row in rows(asked.draws):
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()

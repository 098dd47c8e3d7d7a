"""How wrong are projections of pupils, and do their bands hold? Against the bars that were set before.

    python benchmarks/seats.py [--only eauclaire|china|example|england|speed] [--prefectures 200]

Eau Claire: rolling origin, targets to 2019. China: 2010 to 2020 with whole prefectures held out. Example: invented
prefectures whose future the generator knows and the projection does not. England: what a file of totals allows beside
the official errors, and which columns are missing for the rest. Seeds are fixed; data stand in the shared folder.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from census_cohorts import carry_age_gap, learn_change, predict_change

from edustats.example import world
from edustats.metrics.seats.ages import recover_births
from edustats.metrics.seats.backtest import survive_cohorts
from edustats.metrics.seats.cohorts import Cohorts, build_grades, measure_retention
from edustats.metrics.seats.ratios import carry_on, observe_ratios
from edustats.metrics.seats.simulation import project_cohorts, summarize_paths
from edustats.metrics.seats.structure import Stage, Structure, build_structure

SHARED = Path(__file__).resolve().parents[2] / "shared"
GROUPS = ((3, 5), (6, 11), (12, 14), (15, 17))
LEADS = (1, 3, 5)


# --- Eau Claire ---


def run_eau_claire() -> None:
    """One district, grades K to 5, births five years before."""
    held = pd.read_csv(SHARED / "data" / "ecasd_district_grade_births.csv").set_index("year")
    grades = held[["K", "1", "2", "3", "4", "5"]].to_numpy(float)
    births, years = held["births_5y_before"].to_numpy(float), held.index.to_numpy(float)
    errors: dict[int, list[float]] = {1: [], 2: [], 3: [], 5: []}
    for t in np.flatnonzero((years >= 2005) & (years < 2019)):
        pupils = _project_district(grades[: t + 1], births, years, int(t))
        for lead, found in errors.items():
            if years[t] + lead <= 2019:
                actual = grades[t + lead].sum()
                found.append(100 * abs(pupils[lead - 1] / actual - 1))
    means = np.array([np.mean(found) for found in errors.values()])
    against = means / [0.96, 1.23, 1.58, 2.28]
    print(
        "Eau Claire, MAPE at 1/2/3/5 years:",
        means.round(2),
        "to the bar:",
        against.round(3),
        "mean",
        against.mean().round(3),
    )


def _project_district(grades: np.ndarray, births: np.ndarray, years: np.ndarray, t: int) -> np.ndarray:
    """(5,) pupils of the coming years; the births of the next five intakes are known."""
    structure = Structure((Stage(name="elementary", grades=6, age=5),))
    cohorts = Cohorts(
        structure=structure,
        areas=("EC",),
        years=years[: t + 1],
        grades=grades[None],
        births=births[None, : t + 1],
        births_from=int(years[0]) - 5,
        shares=(1.0, 0, 0, 0, 0, 0),
    )
    ahead = carry_on(observe_ratios(cohorts)[0], 5).ahead[0]
    now, totals = grades[-1], []
    for h in range(5):
        children = births[min(t + h + 1, len(births) - 1)]
        now = np.concatenate([[children], now[:-1]]) * np.exp(ahead[h])
        totals.append(now.sum())
    return np.array(totals)


# --- China ---


def run_china() -> None:
    """Counties of two censuses, ten folds of whole prefectures."""
    features, ages, codes = _read_censuses()
    rng = np.random.default_rng(0)
    for source, goal, bar in (("0-4", "10-14", 7.6), ("5-9", "15-19", 12.8)):
        first, second = ages["2010"][source], ages["2020"][goal]
        kept = (first > 50) & (second > 50) & np.isfinite(features[:, 0])
        change = np.log(second[kept] / first[kept])
        _print_china(
            source, goal, bar, change, _hold_out(features[kept], change, codes[kept], rng), features[kept]
        )
    young, old = ages["2010"]["10-14"][kept], ages["2010"]["15-19"][kept]
    error = np.abs(np.exp(carry_age_gap(young, old) - change) - 1)
    print(f"  with nothing learned from 2020: median APE {100 * np.median(error):.1f} (bar 26.5)")


def _print_china(
    source: str, goal: str, bar: float, change: np.ndarray, found: np.ndarray, features: np.ndarray
) -> None:
    error = 100 * np.abs(np.exp(found[:, 0] - change) - 1)
    inside = (change >= found[:, 1]) & (change <= found[:, 2])
    heavy = np.abs(features[:, 0] - 0.1) >= np.quantile(np.abs(features[:, 0] - 0.1), 0.9)
    half = 100 * (np.exp((found[:, 2] - found[:, 1]) / 2) - 1)
    stay = 100 * np.median(np.abs(np.exp(-change) - 1))
    print(
        f"China {source} -> {goal}, {len(change)} counties: median APE {np.median(error):.2f} (bar {bar};"
        f" cohort stays {stay:.1f});"
    )
    print(
        f"  80 % bands hold {100 * inside.mean():.1f}, in the migration-heavy tenth {100 * inside[heavy].mean():.1f};"
        f" half-width {np.median(half):.0f} and {np.median(half[heavy]):.0f} %"
    )


def _hold_out(
    features: np.ndarray, change: np.ndarray, codes: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    prefecture = np.array([code[:4] for code in codes])
    province = np.array([code[:2] for code in codes])
    names = np.unique(prefecture)
    fold = dict(zip(names, rng.permutation(len(names)) % 10, strict=True))
    place = np.array([fold[one] for one in prefecture])
    found = np.empty((len(change), 5))
    for k in range(10):
        out, kept = place == k, place != k
        learned = learn_change(features[kept], change[kept], province[kept], prefecture[kept])
        found[out] = predict_change(learned, features[out], province[out])
    return found


def _read_censuses() -> tuple[np.ndarray, dict[str, dict[str, np.ndarray]], np.ndarray]:
    frames = {}
    for year in ("2010", "2020"):
        held = pd.read_csv(SHARED / "data" / f"china_census_county_{year}.csv", dtype={"code": str}).dropna(
            subset=["code"]
        )
        held = held[(held["code"].str.len() == 6) & ~held["code"].str.endswith("00")]
        frames[year] = held.drop_duplicates("code").set_index("code")
    both = frames["2010"].index.intersection(frames["2020"].index)
    frames = {year: frame.loc[both] for year, frame in frames.items()}

    def add(year: str, *names: str) -> np.ndarray:
        return np.sum(
            [pd.to_numeric(frames[year][n], errors="coerce").to_numpy(float) for n in names], axis=0
        )

    ages = {
        year: {
            "0-4": add(year, "m_0", "f_0", "m_1_4", "f_1_4"),
            **{f"{a}-{a + 4}": add(year, f"m_{a}_{a + 4}", f"f_{a}_{a + 4}") for a in (5, 10, 15)},
        }
        for year in frames
    }
    return _describe_counties(ages["2010"], add, both.to_numpy(str)), ages, both.to_numpy(str)


def _describe_counties(ages: dict[str, np.ndarray], add: object, codes: np.ndarray) -> np.ndarray:
    """(n, k) what the census of 2010 tells of a county."""
    take = lambda *names: add("2010", *names)  # type: ignore[operator]  # noqa: E731
    people = take("pop")
    with np.errstate(all="ignore"):
        columns = [
            np.log(ages["15-19"] / ages["10-14"]),
            take("pop_urban") / people,
            np.log(ages["10-14"] / ages["5-9"]),
            np.log(ages["5-9"] / ages["0-4"]),
            take("mean_years_schooling"),
            take("pct_65p"),
            np.log(people),
            take("birth_rate_permille"),
            np.log(take("edu_college_m", "edu_college_f", "edu_bachelor_m", "edu_bachelor_f") / people),
            (ages["0-4"] + ages["5-9"]) / people,
            np.isin([code[4] for code in codes], ["0", "1"]).astype(float),
            np.array([code[4] == "8" for code in codes], float),
            take("death_rate_permille"),
            np.log(take("edu_senior_m", "edu_senior_f") / people),
            take("illiterate_pct_15p"),
            np.log(take("pop_m") / take("pop_f")),
            np.log(take("m_15_19") / take("f_15_19")),
            np.log(take("m_0", "f_0") / ages["0-4"]),
            np.log(take("m_5_9") / take("f_5_9")),
        ]
    made = np.stack(columns, axis=1)
    return np.where(np.isfinite(made), made, np.nan)


# --- invented prefectures ---


def run_example(prefectures: int) -> None:
    """Prefectures of the example's kind, known to 2024, held against 2025 to 2029."""
    ours, plain, inside = [], [], []
    for seed in range(prefectures):
        cohorts, future = invent_prefecture(seed)
        found = project_cohorts(cohorts, 5, paths=400, seed=seed)
        bands = summarize_paths(found.paths)
        ours.append(np.abs(bands["middle"] / future - 1))
        plain.append([np.abs(survive_cohorts(cohorts, 5, n) / future - 1) for n in (1, 3, 5)])
        inside.append((future >= bands["lower_80"]) & (future <= bands["upper_80"]))
    errors, others, held = np.array(ours), np.array(plain), np.array(inside)
    print(
        f"Example, {prefectures} prefectures; plain cohort survival with the last, three and five years' mean ratios"
    )
    for lead in LEADS:
        mine = errors[:, :, lead - 1].mean()
        theirs = others[:, :, :, lead - 1].mean(axis=(0, 2, 3))
        print(
            f"  lead {lead}: MAPE {100 * mine:.2f}, plain {np.round(100 * theirs, 2)},"
            f" ratio {np.round(mine / theirs, 3)} (bar 0.8),"
            f" 80 % bands hold {100 * held[:, :, lead - 1].mean():.1f}"
        )
    by_stage = dict(zip(build_structure().names, np.round(100 * held.mean(axis=(0, 1, 2)), 1), strict=True))
    print(
        f"  80 % bands hold {100 * held.mean():.1f} of all stages and leads (bar 77 to 83); by stage {by_stage}"
    )


def invent_prefecture(
    seed: int, first: int = 2015, known: int = 2024, last: int = 2029
) -> tuple[Cohorts, np.ndarray]:
    """A prefecture as counted to ``known``, and (a, h, s) the pupils that came after it."""
    plan = tomllib.loads(Path(world.__file__).with_name("world.toml").read_text("utf-8"))
    plan |= {"seed": seed, "years": [first, last]}
    rng = np.random.default_rng(seed)
    schools, births = world._invent_schools(plan, rng), world._simulate_births(plan, rng)
    structure, n = build_structure(), known - first + 1
    held: dict[str, dict[str, np.ndarray]] = {"pupils": {}, "entrants": {}, "leavers": {}}
    for stage in structure.names:
        place = np.flatnonzero([stage in world.STAGES_OF[kind] for kind in schools["kind"]])
        own = schools.iloc[place]
        flows, _ = world._simulate_pupil_flows(plan["stages"][stage], own, plan, births, rng)
        for what, by_stage in held.items():
            by_stage[stage] = np.zeros((len(plan["counties"]), last - first + 1))
            np.add.at(by_stage[stage], own["c"].to_numpy(), flows[what])
    now = {what: {s: v[:, :n] for s, v in by_stage.items()} for what, by_stage in held.items()}
    span = np.arange(first, known + 1)
    counted = {
        ages: np.array(
            [world._count_people_by_age(births, i, span, *ages) for i in range(len(births))], float
        )
        for ages in GROUPS
    }
    born, since = recover_births(births.loc[:, first:known].to_numpy(float), first, counted, span)
    cohorts = Cohorts(
        structure=structure,
        areas=tuple(c["code"] for c in plan["counties"]),
        years=span.astype(float),
        grades=build_grades(structure, now["pupils"], now["entrants"], now["leavers"]),
        births=born,
        births_from=since,
        retention=measure_retention(structure, now["pupils"], now["entrants"], now["leavers"]),
    )
    return cohorts, np.stack([held["pupils"][s][:, n:] for s in structure.names], axis=-1)


# --- England ---


def run_england() -> None:
    """Totals of three years allow one year ahead; grades and the year 2021/22 are not in the file."""
    held = pd.read_csv(SHARED / "data" / "dfe_la_school_places_2022_2024.csv")
    held = held[held["geographic_level"] == "Local authority"]
    official = pd.read_csv(SHARED / "oracles" / "dfe_la_forecast_error_summary.csv")
    for phase, column in (("primary", "PriNOR"), ("secondary", "SecNOR")):
        held[column] = pd.to_numeric(held[column], errors="coerce")
        wide = held.pivot_table(index="LANumber", columns="Year", values=column).dropna()
        before, last, actual = (wide[year].to_numpy() for year in ("2022/23", "2023/24", "2024/25"))
        own, nation = np.log(last / before), np.log(last.sum() / before.sum())
        expected = last * np.exp(0.5 * (own + nation))
        error = 100 * np.abs(expected / actual - 1)
        row = official[
            (official["edition"] == "SCAP 2024/25")
            & (official["phase"] == phase)
            & (official["lead_years"] == 1)
        ]
        print(
            f"England {phase}, one year ahead to 2024/25, {len(wide)} authorities:"
            f" median error {np.median(error):.2f} %,"
            f" official {row['medAPE'].iloc[0]:.2f}"
        )
    print(
        "  three years ahead: not possible; the file lacks the number on roll of 2021/22 (PriNOR and SecNOR begin in"
    )
    print("  2022/23) and the number on roll by year group; one year ahead to 2023/24 lacks 2021/22 as well")


# --- speed ---


def measure_speed() -> None:
    """A county with 2,000 paths over 15 years, and 2,843 counties by prefectures of nine."""
    cohorts, _ = invent_prefecture(1)
    one = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas[:1],
        years=cohorts.years,
        grades=cohorts.grades[:1],
        births=cohorts.births[:1],
        births_from=cohorts.births_from,
    )
    start = time.perf_counter()
    project_cohorts(one, 15, paths=2000)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(10):
        project_cohorts(cohorts, 15, paths=2000)
    each = (time.perf_counter() - start) / 90
    print(
        f"Speed: a county, 2,000 paths, 15 years: {alone:.2f} s (bar 1);"
        f" 2,843 counties: {2843 * each / 60:.1f} minutes on one core"
    )


def main() -> None:
    """All parts, or the one asked for."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--only", choices=["eauclaire", "china", "example", "england", "speed"])
    reader.add_argument("--prefectures", type=int, default=200)
    asked = reader.parse_args()
    parts = {
        "eauclaire": run_eau_claire,
        "china": run_china,
        "example": lambda: run_example(asked.prefectures),
        "england": run_england,
        "speed": measure_speed,
    }
    for name, part in parts.items():
        if asked.only in (None, name):
            part()


if __name__ == "__main__":
    main()

"""How wrong are the forecasts, and do their intervals keep their word?  python benchmarks/forecast_accuracy.py

Rolls the forecast through the panels kept beside the repository and the one that installs with a package, from
the fifth value of every series on, and prints per lead: trials, mean absolute error in mean absolute yearly steps
of the training years (ours, "as last year", line through first and last value), bias, and shares inside the
intervals. Then a named peer, statsmodels' damped exponential smoothing fitted series by series, on the same
pairs of one origin; and the seconds for one prefecture. ``--national`` adds 2,843 counties of 80 indicators.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.catalogue import catalogue
from edustats.load.tables.reader import load_tables
from edustats.metrics.trend.forecast import Forecasts, forecast_series

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
COUNTS = {"Premium", "AVG_Attain8_Score", "DAP_KS4_ATT8", "NonDAP_KS4_ATT8"}
BREAK = 2020
"""From this year on the Eau Claire series lack pupils taught at a distance."""

Table = tuple[pd.DataFrame, list[str], np.ndarray]
"""Series by year, what each measures, and its upper bound."""


def england() -> Table:
    raw = pd.read_csv(SHARED / "england_la_education_panel.csv", dtype=str)
    raw["year"], raw["value"] = (
        raw["period"].str[:4].astype(int),
        pd.to_numeric(raw["value"], errors="coerce"),
    )
    table = raw.pivot_table(index=["measure", "la_code"], columns="year", values="value", aggfunc="first")
    names = [str(measure) for measure, _ in table.index]
    share = np.array([name not in COUNTS for name in names])
    return table.div(np.where(share, 100, 1), axis=0), names, np.where(share, 1.0, np.inf)


def michigan() -> Table:
    from edustats.indicator_values import compute_observations

    known, found = catalogue(), load_tables(ROOT / "data" / "mappings" / "michigan.toml")
    rows = compute_observations(found.tidy, found.kinds, found.tidy["county"], "county", known)
    rows["indicator"] = rows["indicator"].astype(str)
    table = rows.pivot_table(index=["indicator", "area"], columns="year", values="value", aggfunc="first")
    names = [str(key) for key, _ in table.index]
    return table, names, np.array([1.0 if known.indicator(n).unit == "share" else np.inf for n in names])


def grades(until: int) -> Table:
    raw = pd.read_csv(SHARED / "ecasd_district_grade_births.csv").set_index("year")
    table = raw.loc[:until, ["K", "1", "2", "3", "4", "5", "total"]].T
    return table, ["grade"] * 6 + ["total"], np.full(7, np.inf)


def schools(until: int) -> Table:
    raw = pd.read_csv(SHARED / "ecasd_school_grade_1998_2024.csv")
    table = raw[raw["year"] <= until].groupby(["school", "year"])["pupils"].sum().unstack()
    return table, ["school"] * len(table), np.full(len(table), np.inf)


def show(title: str, panel: Table) -> Forecasts:
    table, names, upper = panel
    found = forecast_series(table.columns.to_numpy(), table.to_numpy(float), names, 0.0, upper)
    share = upper[found.trials["row"].to_numpy(int)] == 1 if len(found.trials) else np.zeros(0, bool)
    print(f"\n{title}: {len(table)} series, {table.shape[1]} years")
    print(
        "| lead | trials | ours | as last year | drift | bias, points | as last year | within 80 % | within 95 % |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for test in found.back_test():
        own = found.trials[share & (found.trials["lead"] == test.lead)]
        every = found.trials[found.trials["lead"] == test.lead]
        steps = (every["error"] / every["step"]).mean()
        bias = [f"{100 * own[name].mean():.2f}" if len(own) else "–" for name in ("error", "naive")]
        print(
            f"| {test.lead} | {test.n} | {test.error:.3f} | {test.naive:.3f} | {test.drift:.3f} | {bias[0]} | "
            f"{bias[1]} | {steps:.2f} | {100 * test.cover_80:.1f} | {100 * test.cover_95:.1f} |"
        )
    return found


def percent(found: Forecasts, table: pd.DataFrame, row: int) -> None:
    """Mean absolute error of one series in per cent of the outcome, as enrolment forecasts are reported."""
    own = found.trials[(found.trials["row"] == row) & (found.trials["origin"] >= 2005)]
    outcome = table.iloc[row].loc[(own["origin"] + own["lead"]).astype(int)].to_numpy()
    for name in ("error", "naive", "drift"):
        off = (own[name].abs() / outcome * 100).groupby(own["lead"]).mean().round(2).tolist()
        print(f"  {name}: {off} per cent of the district's total, leads 1 to 5")


def peer(panel: Table, series: int = 60) -> None:
    """statsmodels' damped trend on the same series, fitted to all years but the last two."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    table, names, upper = panel
    table = table.loc[:, 2016:]
    values = table.to_numpy(float)
    whole = np.flatnonzero(np.isfinite(values).all(axis=1))
    picked = whole[:: max(1, len(whole) // series)][:series]
    start = time.perf_counter()
    found = forecast_series(table.columns[:-2], values[:, :-2], names, 0.0, upper, leads=2)
    ours_took = time.perf_counter() - start
    start = time.perf_counter()
    theirs = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in picked:
            model = ExponentialSmoothing(values[k, :-2], trend="add", damped_trend=True)
            theirs.append(model.fit().forecast(2))
    took = time.perf_counter() - start
    step = np.abs(np.diff(values[picked, :-2], axis=1)).mean(axis=1, keepdims=True)
    moved = step[:, 0] > 0
    error = [
        (np.abs(f - values[picked, -2:]) / step)[moved].mean(axis=0).round(2)
        for f in (found.middle[picked], np.array(theirs))
    ]
    print(f"\nstatsmodels ExponentialSmoothing(damped_trend) on {len(picked)} English series, leads 1 and 2")
    print(f"  ours {error[0]}, statsmodels {error[1]}")
    print(f"  {ours_took:.2f} s for all {len(values)} series against {took:.1f} s for {len(picked)}")


def speed(areas: int, indicators: int = 80, years: int = 10) -> None:
    rng = np.random.default_rng(1)
    line = rng.normal(0, 1, (areas * indicators, 1)) + np.cumsum(
        rng.normal(0.03, 0.1, (areas * indicators, years)), axis=1
    )
    names = [f"i{k:02d}" for k in range(indicators) for _ in range(areas)]
    start = time.perf_counter()
    forecast_series(range(2015, 2015 + years), 1 / (1 + np.exp(-line)), names, 0.0, 1.0)
    print(f"{areas} areas x {indicators} indicators x {years} years: {time.perf_counter() - start:.2f} s")


def main() -> None:
    if SHARED.is_dir():
        english = england()
        show("England", english)
        show("Eau Claire, grades and total, to 2024", grades(2024))
        before = grades(BREAK - 1)
        percent(show(f"Eau Claire, grades and total, before the break of {BREAK}", before), before[0], 6)
        show("Eau Claire, schools, to 2024", schools(2024))
        show(f"Eau Claire, schools, before the break of {BREAK}", schools(BREAK - 1))
        peer(english)
    else:
        print("England and Eau Claire left out: the panels are kept beside the repository and are not here")
    show("Michigan", michigan())
    print()
    speed(10)
    if "--national" in sys.argv:
        speed(2_843)


if __name__ == "__main__":
    main()

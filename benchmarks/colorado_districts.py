"""A panel that nobody looked at while constants were chosen: school districts of Colorado.

    python benchmarks/colorado_districts.py FOLDER

FOLDER holds the tables of Colorado KIDS COUNT (Annie E. Casey Foundation, published on data.gov) as the public
repository ``turingschool-examples/headcount`` keeps them under ``data`` (commit 9805453). What is read, how the
districts are dealt into twenty "prefectures" of nine (by name, every twentieth) and the years were settled before
the first score was computed; the tiers and forecasts were scored as they stood.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from trend_tiers import Block, roll, scores, show

from edustats.metrics.trend.forecast import forecast_series

YEARS = range(2004, 2015)
GROUPS = 20
TESTED = "grade students scoring proficient or above on the CSAP_TCAP"
"""Name, file, its second key, format."""
MEASURES = (
    ("full-day kindergarten", "Kindergartners in full-day program", "", "Percent"),
    ("free or reduced lunch", "Students qualifying for free or reduced price lunch",
     "Eligible for Free or Reduced Lunch", "Percent"),
    *((f"{grade} grade {subject.lower()}", f"{grade} {TESTED}", subject, "Percent")
      for grade in ("3rd", "8th") for subject in ("Math", "Reading", "Writing")),
    ("special education", "Special education", "", "Percent"),
    ("Title I", "Title I students", "", "Percent"),
    ("graduation", "High school graduation rates", "", "Percent"),
    ("children in poverty", "School-aged children in poverty", "", "Percent"),
    ("Hispanic pupils", "Pupil enrollment by race_ethnicity", "Hispanic Students", "Percent"),
    ("White pupils", "Pupil enrollment by race_ethnicity", "White Students", "Percent"),
    ("pupils", "Pupil enrollment", "", "Number"),
)  # fmt: skip


def read_measure(folder: Path, file: str, part: str, form: str) -> pd.DataFrame:
    """Districts by years; what is no number or no share is missing."""
    raw = pd.read_csv(folder / f"{file}.csv", dtype=str)
    raw.columns = ["place", *(["part"] if raw.shape[1] == 5 else []), "year", "form", "value"]
    raw = raw[(raw["form"] == form) & (raw["place"].str.upper() != "COLORADO")]
    raw = raw[raw["part"] == part] if part else raw
    value = pd.to_numeric(raw["value"], errors="coerce")
    value = value.where(value.between(0, 1) if form == "Percent" else value > 0)
    raw = raw.assign(value=value, place=raw["place"].str.upper().str.strip(), year=raw["year"].astype(int))
    return raw.pivot_table(index="place", columns="year", values="value", aggfunc="first").reindex(
        columns=YEARS
    )


def read_panel(folder: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    tables = [read_measure(folder, file, part, form) for _, file, part, form in MEASURES]
    places = sorted(set().union(*(table.index for table in tables)))
    values = np.stack([table.reindex(places).to_numpy(float) for table in tables])
    return places, values, np.array([form == "Percent" for *_, form in MEASURES])


def deal(folder: Path) -> Iterator[Block]:
    places, values, shares = read_panel(folder)
    names = [name for name, *_ in MEASURES]
    for group in range(GROUPS):
        mine = np.arange(len(places))[group::GROUPS]
        yield Block(f"{group}", np.array(YEARS, float), values[:, mine], shares, names)


def score_forecasts(folder: Path) -> Iterator[str]:
    places, values, shares = read_panel(folder)
    rows = values.reshape(-1, len(YEARS))
    names = np.repeat([name for name, *_ in MEASURES], len(places))
    upper = np.repeat(np.where(shares, 1.0, np.inf), len(places))
    trials = forecast_series(list(YEARS), rows, list(names), 0.0, upper).trials
    yield "\n| lead | trials | ours | as last year | drift | Theta | within 80 % | within 95 % |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for lead, own in trials.groupby("lead"):
        means = own[["error", "naive", "drift", "theta"]].abs().div(own["step"], axis=0).mean()
        cover = 100 * own[["in_80", "in_95"]].mean()
        yield (
            f"| {lead} | {len(own)} | "
            + " | ".join(f"{x:.3f}" for x in means)
            + " | "
            + " | ".join(f"{x:.1f}" for x in cover)
            + " |"
        )


def main() -> None:
    folder = Path(sys.argv[1])
    looks = roll(list(deal(folder)))
    for line in show({"Colorado": scores(looks), "relative": scores(looks, "relative")}):
        print(line)
    for which in ("tier", "relative"):
        found = scores(looks, which)
        print(which, {k: (int(a), int(b)) for k, (a, b) in found.items()})
    for line in score_forecasts(folder):
        print(line)


if __name__ == "__main__":
    main()

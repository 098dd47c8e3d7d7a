"""What does a store with an edition look like of which nothing has moved? Made up, and quickly."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import nbformat
import pandas as pd

from edustats.catalogue import catalogue
from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import RESULTS, ReportResult, combine_digests, write_run_record
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.edition.stale import ReportInputs, StoreDigests
from edustats.store.reading import LAYOUT, open_store

PARAMETERS = 'county: str = "0"\nstore: str = ""\nfirst_year: int = 0\nlast_year: int = 0\nlang: str = "en"'
YEARS = range(2011, 2021)
ABOUT = {
    "layout": LAYOUT, "version": "0", "title": {"zh": "甲", "en": "a"}, "cite": {"zh": "甲", "en": "a"},
    "lang": "en", "unit_name": {"zh": "学校", "en": "schools"}, "groups": [], "breaks": [],
    "files": {"a.csv": "0"}, "years": [2020],
}  # fmt: skip


def build(work: Path, counties: int, notebooks: int) -> Path:
    """Lay out a store, notebooks and a complete edition; returns the store."""
    store = _store(work / "store", counties)
    files = [_notebook(work / "notebooks", number) for number in range(notebooks)]
    opened = open_store(store)
    given = {"store": str(store), "first_year": 0, "last_year": 0, "lang": "en"}
    areas = [ReportArea(code, opened.name(code)["en"]) for code in opened.counties]
    plan = make_plan(areas, files, given, work / "reports", "2020")
    edition, inputs = Edition(plan.target), ReportInputs(StoreDigests(opened))
    edition.live.mkdir(parents=True)
    with (edition.live / RESULTS).open("w", encoding="utf-8") as lines:
        for job in plan.jobs:
            made = inputs.of(job)
            facts = {"county": job.county, "name": job.name, "folder": job.folder, "notebook": job.stem}
            done = ReportResult(**facts, state="ok", digest=combine_digests(made), inputs=made)
            lines.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")
            (edition.live / job.folder).mkdir(exist_ok=True)
            for kind in ("ipynb", "html"):
                (edition.live / job.folder / f"{job.stem}.{kind}").write_text("x")
    write_run_record(edition.live, {"sequence": 1})
    return store


def _store(path: Path, counties: int) -> Path:
    (path / "compare").mkdir(parents=True)
    codes = [f"{number:06}" for number in range(110000, 110000 + counties)]
    parents = [f"{code[:4]}" for code in codes]
    rows = [("county", code, parent) for code, parent in zip(codes, parents, strict=True)]
    rows += [("prefecture", code, "") for code in sorted(set(parents))]
    areas = pd.DataFrame(rows, columns=["level", "code", "parent"])
    areas.assign(zh="县" + areas["code"], en="County " + areas["code"]).to_parquet(path / "areas.parquet")
    spans = pd.DataFrame({"code": codes, "parent": parents}).assign(first=2020, last=2020, listed=True)
    spans.to_parquet(path / "members.parquet")
    pd.DataFrame({"unit": codes[:50], "value": range(50)}).to_parquet(path / "one.parquet")
    for code in codes:
        (path / f"county={code}").mkdir()
        for part in ("units", "observations", "findings"):
            shutil.copy(path / "one.parquet", path / f"county={code}" / f"{part}.parquet")
    for parent in set(parents):
        rows = spans.loc[spans["parent"] == parent, "code"].tolist()
        _observations({parent: "prefecture", **dict.fromkeys(rows, "county")}).to_parquet(
            path / "compare" / f"{parent}.parquet", index=False
        )
    about = {**ABOUT, "catalogue": catalogue().digest}
    (path / "store.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
    return path


def _observations(levels: dict[str, str]) -> pd.DataFrame:
    """As many rows an area as a store of ten years has of it."""
    keys = [indicator.key for indicator in catalogue().indicators.values()]
    rows = [(area, level, year, key) for area, level in levels.items() for year in YEARS for key in keys]
    made = pd.DataFrame(rows, columns=["area", "level", "year", "indicator"])
    return made.assign(stage="primary", value=1.0, num=50.0, den=50.0, n=5, coverage=1.0, status="ok",
                       withheld="", members=1).astype({"area": "category", "indicator": "category"})  # fmt: skip


def _notebook(folder: Path, number: int) -> Path:
    folder.mkdir(exist_ok=True)
    cell = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    path = folder / f"{number}0_made_up.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path

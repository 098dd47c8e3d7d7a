"""A small invented prefecture with the columns of the standards, as a loader would hand it over."""

from __future__ import annotations

import numpy as np
import pandas as pd

from edustats.catalogue import catalogue
from edustats.load.files.values import KINDS
from edustats.load.findings import no_findings
from edustats.load.ledger import Entry
from edustats.load.loaded import AreaRule, Loaded, TableMapping, YearRule
from edustats.words import Text

OK, ABSENT = KINDS.index("ok"), KINDS.index("not_applicable")
PER_PUPIL = {
    "teachers_above_required": 0.07, "backbone_teachers": 0.018, "pe_arts_teachers": 0.016, "teaching_area": 8.0,
    "sports_area": 14.0, "equipment_value": 3600.0, "multimedia_rooms": 0.04, "teachers": 0.08, "hall_area": 0.3,
    "computers": 0.2, "books": 30.0, "teachers_mid_rank": 0.04, "classes": 0.025,
}  # fmt: skip
COUNTY = {
    "population_age_3_5": 4000.0, "rotation_done": 40.0, "rotation_eligible": 300.0, "rotation_backbone": 9.0,
    "teacher_pay": 9.2e7, "teachers_paid": 900.0, "civil_servant_pay": 8.0e7, "civil_servants": 800.0,
    "migrant_children": 500.0, "migrant_children_public": 450.0, "disabled_children": 100.0,
    "disabled_enrolled": 97.0, "questionnaires_valid": 1000.0, "questionnaires_satisfied": 910.0,
}  # fmt: skip
AREAS = (("991101", "甲县", "County A"), ("991102", "乙县", "County B"), ("991103", "丙县", "County C"))


def schools(county: str, year: int, spread: float, seed: int, n: int = 24) -> pd.DataFrame:
    """Schools of one county and year: primary, junior and nine-year, with resources that differ by ``spread``."""
    rng = np.random.default_rng(seed)
    kind = np.array((["211"] * 4 + ["311"] * 2 + ["312"] * 2) * (n // 8))
    rows = pd.DataFrame(
        {"county": county, "unit": [f"21{county[2:]}{k:04d}" for k in range(n)], "year": year}
    )
    rows["school_type"], rows["location"] = kind, np.where(np.arange(n) % 3 == 0, "220", "111")
    rows["unit_name"] = [f"第{k + 1}学校" for k in range(n)]
    rows["township"] = [f"乡镇{k % 3}" for k in range(n)]
    for stage, without in (("primary", "311"), ("junior", "211")):
        pupils = np.where(kind == without, np.nan, np.round(rng.lognormal(6, 0.5, n)))
        rows[f"pupils_{stage}"] = pupils
        for name, level in PER_PUPIL.items():
            rows[f"{name}_{stage}"] = np.round(pupils * level * rng.lognormal(0, spread, n))
        rows[f"classes_{stage}_46_50"] = np.where(np.isnan(pupils), np.nan, 0.0)
    return rows


def county_row(county: str, year: int) -> pd.DataFrame:
    """What a county says about itself."""
    return pd.DataFrame([{"county": county, "unit": county, "year": year} | COUNTY])


def loaded(spreads: tuple[float, ...] = (0.05, 0.3, 0.8), years: tuple[int, ...] = (2022, 2023)) -> Loaded:
    """The prefecture as a loader would return it; columns that do not apply have that kind."""
    known = catalogue()
    frames = []
    for (code, _, _), spread in zip(AREAS, spreads, strict=True):
        for year in years:
            frames += [schools(code, year, spread, year + int(code)), county_row(code, year)]
    tidy = pd.concat(frames, ignore_index=True)
    attributes = [name for name in known.attributes if name in tidy]
    tidy[attributes] = tidy[attributes].fillna("")
    tidy = tidy.assign(file="invented.csv", row=np.arange(len(tidy)) + 2)
    columns = [name for name in tidy if name in known.columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    areas = [(c, "county", "991100", zh, en) for c, zh, en in AREAS]
    areas.append(("991100", "prefecture", "", "虚构市", "Invented prefecture"))
    entry = Entry(
        file="invented.csv", digest="0" * 64, read=len(tidy), loaded=len(tidy),
    )  # fmt: skip
    return Loaded(
        mapping=_mapping(), tidy=tidy, kinds=kinds, ledger=(entry,), findings=no_findings(),
        areas=pd.DataFrame(areas, columns=["code", "level", "parent", "zh", "en"]),
    )  # fmt: skip


def _mapping() -> TableMapping:
    from pathlib import Path

    return TableMapping(
        path=Path("invented.toml"), title=Text("虚构数据", "invented"), cite=Text("虚构数据", "invented data"),
        lang="zh", folder=Path(), tables=(),
        area=AreaRule(code="county", unit="unit"), year=YearRule(column="year"), missing={}, fillings=(),
        groups=(), breaks=(), watch=(),
    )  # fmt: skip

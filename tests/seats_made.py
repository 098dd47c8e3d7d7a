"""A small prefecture with births, pupils, entrants and classes over ten years, as a loader would hand it over."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from invented import ABSENT, AREAS, OK, loaded

from edustats.catalogue import catalogue

YEARS = tuple(range(2015, 2025))
SCHOOLS = (("小学", "primary", 6, 6), ("中学", "junior", 3, 12))


def make_prefecture(*, births=True, thousands="", without_classes="", plans=(), years=YEARS):
    """Three counties of four primary and two junior schools whose entrants follow the births.

    ``thousands`` names a county that gives births in thousands, ``without_classes`` a school that gives no classes.
    """
    rng = np.random.default_rng(11)
    rows = []
    for code, _, _ in AREAS:
        born = {
            y: round(900 * (1 - 0.03 * max(y - 2016, 0)) * rng.lognormal(0, 0.02)) for y in range(1990, 2026)
        }
        for name, stage, grades, age in SCHOOLS:
            for k in range(4 if stage == "primary" else 2):
                rows += _school(code, f"第{k + 1}{name}", stage, grades, age, born, k, years)
        for year in years:
            own = {"county": code, "unit": code, "unit_name": "", "year": year}
            if births:
                own["births"] = born[year] / (1000 if code == thousands else 1)
                own |= {
                    f"population_age_{low}_{high}": sum(born[year - a] for a in range(low, high + 1))
                    for low, high in ((3, 5), (6, 11), (12, 14), (15, 17))
                }
            rows.append(own)
    tidy = pd.DataFrame(rows)
    tidy.loc[tidy["unit_name"] == without_classes, "classes_primary"] = np.nan
    return _as_loaded(tidy, plans)


def _school(code, name, stage, grades, age, born, k, years):
    share = 1 / (4 if stage == "primary" else 2)
    entrants = {
        y: round((born[y - age] * 2 / 3 + born[y - age - 1] / 3) * share)
        for y in range(min(years) - 7, max(years) + 1)
    }
    return [
        {
            "county": code,
            "unit": f"{'2' if stage == 'primary' else '3'}1{code[2:]}{k:04d}",
            "unit_name": name,
            "year": y,
            f"schools_{stage}": 1.0,
            f"pupils_{stage}": float(sum(entrants[y - g] for g in range(min(grades, 6)))),
            f"entrants_{stage}": float(entrants[y]),
            f"leavers_{stage}": float(entrants[y - grades]) if y - grades in entrants else np.nan,
            f"classes_{stage}": 24.0 if stage == "primary" else 26.0,
            f"teachers_{stage}": 60.0,
        }
        for y in years
    ]


def _as_loaded(tidy, plans):
    known = catalogue()
    tidy = tidy.assign(file="invented.csv", row=np.arange(len(tidy)) + 2)
    columns = [name for name in tidy if name in known.columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    made = loaded()
    entry = dataclasses.replace(made.ledger[0], read=len(tidy), loaded=len(tidy))
    registers = {}
    if plans:
        fields = ["county", "unit", "name", "stage", "year", "seats", "kind"]
        registers = {
            "seat_plans": pd.DataFrame(plans, columns=fields).assign(
                file="计划.xlsx", row=np.arange(len(plans)) + 2
            )
        }
    return dataclasses.replace(made, tidy=tidy, kinds=kinds, ledger=(entry,), registers=registers)

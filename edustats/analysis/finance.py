"""What do the counties' accounts say, year by year, as a data frame? Growth by the rules, real growth, shares, parity.

Money is of calendar years, pupils are of school years: the amount per pupil takes the average pupils that the finance
statistics report, and where they do not, 8/12 of the school year before and 4/12 of this one's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.selection import Names, Years, check_years, list_counties, select_years
from edustats.catalogue.prices import PriceIndex, read_price_index
from edustats.errors import DataError
from edustats.metrics.finance.growth import (
    YearVerdict,
    judge_shares,
    judge_three_growths,
    judge_two_rules,
)
from edustats.metrics.finance.pay import PayParity, compare_pay
from edustats.metrics.finance.per_pupil import average_pupils, find_doubtful_money
from edustats.metrics.finance.prices import to_constant_prices
from edustats.metrics.finance.shares import compute_source_shares
from edustats.store.reading import AreaData, CountyData, Store
from edustats.typing import Floats

STAGES = ("preschool", "primary", "junior", "senior", "vocational")
PRICES = "{}.prices.toml"
WHOLE = ("ok", "break")
KINDS = {"education": "budget_education", "operating": "budget_operating", "public_use": "budget_public_use"}


@dataclass(frozen=True)
class Accounts:
    """A county's money and pupils by calendar year, as its own row and its schools report them."""

    data: CountyData
    prices: PriceIndex

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The county's own rows, by year."""
        units = self.data.units
        own = units[(units["unit"] == units["county"]).to_numpy()]
        return own.drop_duplicates("year").set_index("year").sort_index()

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years with any sum for education or any pay."""
        told = [c for c in ("budget_education", "education_income", "teacher_pay") if c in self.rows]
        held = self.rows[told].notna().any(axis=1) if told else pd.Series(False, index=self.rows.index)
        return tuple(int(year) for year in self.rows.index[held])

    def column(self, name: str) -> Floats:
        """(t,) a column of the county's own rows in :attr:`years`; nan where it is missing."""
        if name not in self._columns:
            told = name in self.rows
            values = (
                self.rows.loc[list(self.years), name].to_numpy(float)
                if told
                else np.full(len(self.years), np.nan)
            )
            self._columns[name] = values
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Floats]:
        return {}

    def ratio(self, num: str, den: str) -> Floats:
        """(t,) one column over another; nan where either is missing or the second is not above 0."""
        top, bottom = self.column(num), self.column(den)
        return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)

    def has(self, *names: str) -> bool:
        """Whether every one of these columns holds a figure."""
        return all(np.isfinite(self.column(name)).any() for name in names)

    def pupils(self, stage: str) -> tuple[Floats, str]:
        """(t,) average pupils of a stage, and whether they are ``reported`` or made from two school years."""
        if stage not in self._pupils:
            self._pupils[stage] = self._find_pupils(stage)
        return self._pupils[stage]

    @cached_property
    def _pupils(self) -> dict[str, tuple[Floats, str]]:
        return {}

    def _find_pupils(self, stage: str) -> tuple[Floats, str]:
        reported = self.column(f"average_pupils_{stage}")
        if np.isfinite(reported).any():
            return reported, "reported"
        return average_pupils(self.years, read_counts(self.data, name_pupils(stage))), "two_school_years"

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Stages with money of their own."""
        return tuple(stage for stage in STAGES if self.has(f"budget_education_{stage}"))

    def per_pupil(self, stage: str, kind: str = "education") -> Floats:
        """(t,) yuan per average pupil of a stage."""
        money, pupils = self.column(f"{KINDS[kind]}_{stage}"), self.pupils(stage)[0]
        return np.divide(money, pupils, out=np.full(len(money), np.nan), where=pupils > 0)

    def real(self, values: Floats) -> Floats:
        """(t,) the same at the prices of the first year; nan where the index does not reach."""
        base = self.years[0] if self.years else 0
        return to_constant_prices(self.years, values, self.prices.yearly, base)

    @cached_property
    def doubtful(self) -> dict[str, dict[int, str]]:
        """Stage, or ``all`` → years whose figure is in no believable unit, and why."""
        found = {"all": find_doubtful_money(self.years, self.column("budget_education"))}
        for stage in self.stages:
            found[stage] = find_doubtful_money(self.years, self.per_pupil(stage), per_pupil=True)
        return {stage: years for stage, years in found.items() if years}

    @cached_property
    def two_rules(self) -> Mapping[int, list[YearVerdict]]:
        """两个只增不减 by year."""
        each = {stage: self.per_pupil(stage) for stage in self.stages}
        return judge_two_rules(self.years, self.column("budget_education"), each, doubtful=self.doubtful)

    def explain(self, one: YearVerdict) -> str:
        """Why a verdict is open: ``no_pupils`` where the money is known and the average pupils are not."""
        if one.reason != "missing" or one.stage not in STAGES or one.year not in self.years:
            return one.reason
        kind = "public_use" if one.rule == "public_use" else "education"
        money = self.column(f"{KINDS[kind]}_{one.stage}")[self.years.index(one.year)]
        return "no_pupils" if math.isfinite(money) else one.reason

    @cached_property
    def older_rules(self) -> Mapping[int, list[YearVerdict]]:
        """The three growths and the two shares by year."""
        public = {s: self.per_pupil(s, "public_use") for s in STAGES if self.has(f"budget_public_use_{s}")}
        growths = judge_three_growths(
            self.years, self.column("budget_education"), self.column("fiscal_revenue"),
            {stage: self.per_pupil(stage) for stage in self.stages}, self.ratio("teacher_pay", "teachers_paid"), public,
        )  # fmt: skip
        shares = judge_shares(
            self.years, self.ratio("fiscal_education", "gdp"), self.ratio("budget_education", "budget_expenditure")
        )  # fmt: skip
        return {year: [*growths[year], *shares[year]] for year in self.years}

    @cached_property
    def pay(self) -> PayParity:
        """Teachers' mean pay against civil servants'."""
        return compare_pay(
            self.years, self.ratio("teacher_pay", "teachers_paid"), self.ratio("civil_servant_pay", "civil_servants")
        )  # fmt: skip

    def sources(self) -> dict[int, dict[str, float]]:
        """Year → shares of public funds and of all else in all education funds; without a year that cannot be."""
        made = {}
        for year, whole, public in zip(
            self.years, self.column("education_income"), self.column("fiscal_education"), strict=True
        ):
            try:
                made[year] = compute_source_shares(whole, {"fiscal": public})
            except DataError:
                continue
        return made


def name_pupils(stage: str) -> str:
    """The indicator that counts the pupils of a stage."""
    return "count_children" if stage == "preschool" else f"count_pupils_{stage}"


def read_counts(data: AreaData, indicator: str) -> dict[int, float]:
    """Year → an area's count, in years in which every school gave it: part of the schools is no average."""
    rows = data.compare
    own = rows[((rows["area"] == data.area) & (rows["indicator"] == indicator)).to_numpy()]
    whole = own[own["status"].isin(WHOLE).to_numpy()]
    return {int(y): float(v) for y, v in zip(whole["year"], whole["value"], strict=True) if math.isfinite(v)}


def find_prices(store: Store) -> PriceIndex:
    """A bureau's own price index beside its store, else the national one."""
    path = store.path.with_name(PRICES.format(store.path.name))
    return read_price_index(path if isinstance(path, Path) and path.is_file() else None)


def finance(store: Store, area: Names = None, years: Years = None) -> pd.DataFrame:
    """Money of counties by the rules: totals, per pupil, shares of sources, parity of pay, with every verdict.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : codes or names of counties; None: all
    years : a calendar year, several, or a slice

    Returns
    -------
    DataFrame
        A row per county, year, rule and stage: ``area``, ``area_name``, ``year``, ``rule`` (``total``, ``per_pupil``,
        ``faster_than_revenue``, ``pay``, ``public_use``, ``share_gdp``, ``share_budget``, ``source_fiscal``,
        ``pay_parity``), ``stage``, ``value`` and ``before`` (yuan, yuan per pupil, or a share 0-1), ``rate`` (relative
        change, nominal), ``real_rate`` (at constant prices; the index is named in ``attrs["prices"]``), ``verdict``,
        ``reason``, ``pupils`` (``reported`` or ``two_school_years``, for amounts per pupil).

    Raises
    ------
    UnknownNameError
        A county that is not held; the nearest are named.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> finance(store, "柏溪县", 2022).columns[:5].tolist()
    ['area', 'area_name', 'year', 'rule', 'stage']
    """
    years = check_years(store, years)
    prices = find_prices(store)
    rows: list[dict[str, Any]] = []
    for code in list_counties(store, area):
        rows += _list_rows(Accounts(store.county(code), prices))
    columns = ["area", "area_name", "year", "rule", "stage", "value", "before", "rate", "real_rate", "verdict",
               "reason", "pupils"]  # fmt: skip
    names = dict(zip(store.areas["code"], store.areas[store.lang], strict=True))
    frame = pd.DataFrame(rows).assign(area_name=lambda f: f["area"].map(names)) if rows else pd.DataFrame()
    made = select_years(frame.reindex(columns=columns), years).reset_index(drop=True)
    made[["reason", "pupils"]] = made[["reason", "pupils"]].fillna("")
    made.attrs = {"prices": prices.name[store.lang], "cite": store.about["cite"][store.lang]}
    return made


def _list_rows(accounts: Accounts) -> list[dict[str, Any]]:
    judged = [v for year in accounts.years for v in accounts.two_rules[year]]
    judged += [v for year in accounts.years for v in accounts.older_rules[year] if v.rule != "per_pupil"]
    rows = [_make_row(accounts, one) for one in judged]
    area = accounts.data.area
    parity = accounts.pay
    for year, gap, verdict in zip(parity.years, parity.gap, parity.verdicts, strict=True):
        why = "missing" if math.isnan(gap) else ""
        rows.append({"area": area, "year": year, "rule": "pay_parity", "stage": "compulsory", "value": gap,
                     "verdict": verdict, "reason": why})  # fmt: skip
    for year, shares in accounts.sources().items():
        rows.append({"area": area, "year": year, "rule": "source_fiscal", "stage": "all", "value": shares["fiscal"],
                     "verdict": "none", "reason": "missing" if math.isnan(shares["fiscal"]) else ""})  # fmt: skip
    return rows


def _make_row(accounts: Accounts, one: YearVerdict) -> dict[str, Any]:
    money = one.rule in ("total", "per_pupil", "pay", "public_use")
    inflation = accounts.prices.yearly.get(one.year, math.nan) / 100
    each = one.rule in ("per_pupil", "public_use") and one.stage in STAGES
    return {
        "area": accounts.data.area, "year": one.year, "rule": one.rule, "stage": one.stage or "all",
        "value": one.value, "before": one.before, "rate": one.rate,
        "real_rate": (1 + one.rate) / inflation - 1 if money else math.nan, "verdict": one.verdict,
        "reason": accounts.explain(one),
        "pupils": accounts.pupils(one.stage)[1] if each else "",
    }  # fmt: skip

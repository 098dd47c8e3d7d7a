"""Does a pupil cost the same in every county and stage, and does the city still pay its teachers more?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edustats.analysis.finance import Accounts, find_prices
from edustats.metrics.finance.pay import PayGap, compute_pay_gaps
from edustats.metrics.finance.shares import CountySpread, compare_counties
from edustats.present.finance.case import FinanceCase, make_finding, name_stage, open_case, per_pupil_key
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_difference, format_number, format_year
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.store.reading import CountyData
from edustats.typing import Floats
from edustats.words import DASH, LIST, NOTHING, Text, concatenate_texts, join_texts, say

DISTRICTS = range(1, 21)
"""Last two digits of a code of GB/T 2260 of a district of a city; 21 to 80: counties, 81 to 99: county-level cities."""
FEWEST_COUNTIES = 3


@dataclass(frozen=True)
class Neighbours:
    """The accounts of all counties of the prefecture, in the order of their codes."""

    case: FinanceCase
    accounts: tuple[Accounts, ...]

    def column(self, name: str, year: int) -> Floats:
        """(n,) one column of every county in one year."""
        return np.array(
            [a.column(name)[a.years.index(year)] if year in a.years else math.nan for a in self.accounts]
        )

    def pupils(self, stage: str, year: int) -> Floats:
        """(n,) average pupils of every county in one year."""
        return np.array([
            a.pupils(stage)[0][a.years.index(year)] if year in a.years else math.nan for a in self.accounts
        ])  # fmt: skip

    @property
    def districts(self) -> np.ndarray:
        """(n,) which of them are districts of the city."""
        tails = [a.data.area[-2:] for a in self.accounts]
        return np.array([tail.isdecimal() and int(tail) in DISTRICTS for tail in tails])


def read_neighbours(case: FinanceCase) -> Neighbours:
    """The accounts of the view's county and of the others of its prefecture; only the county rows are read."""
    store, view = case.view.store, case.view
    prices = find_prices(store)
    made = []
    for code in store.members(view.above):
        if code == view.area:
            made.append(case.accounts)
            continue
        if code in view.damaged:
            continue
        units = store.rows("units", [code], _list_columns(view))
        own = units[(units["unit"] == units["county"]).to_numpy()]
        data = CountyData(
            area=code, name=store.name(code), parent=view.above, units=own, observations=own.iloc[:0],
            findings=own.iloc[:0], compare=view.data.compare, areas=store.areas,
        )  # fmt: skip
        made.append(Accounts(data, prices))
    return Neighbours(case, tuple(made))


def _list_columns(view: View) -> list[str]:
    money = (
        "budget_education",
        "average_pupils",
        "education_income",
        "teacher_pay",
        "performance_pay",
        "teachers_paid",
    )
    return ["county", "unit", "year", *(c for c in view.known.columns if c.startswith(money))]


def show_finance_equity(view: View) -> ChapterItems:
    """Spending per pupil between counties and stages, and the pay gap of town and county over the years."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    around = read_neighbours(case)
    found = [f for stage in case.accounts.stages if (f := _compare(around, stage)) is not None]
    return collect_items(view, found, _tabulate(around), _tell_pay_gap(around))


def _spread(around: Neighbours, stage: str, year: int) -> tuple[CountySpread, list[int]] | None:
    money, pupils = around.column(f"budget_education_{stage}", year), around.pupils(stage, year)
    held = np.flatnonzero(np.isfinite(money) & (pupils > 0) & (money >= 0))
    if len(held) < FEWEST_COUNTIES or not money[held].any():
        return None
    return compare_counties(money[held], pupils[held]), [int(k) for k in held]


def _compare(around: Neighbours, stage: str) -> Finding | None:
    case = around.case
    found = _spread(around, stage, case.year)
    if found is None:
        return None
    spread, held = found
    unit = case.view.known.units["yuan_per_pupil"]
    each = {
        k: around.column(f"budget_education_{stage}", case.year)[k] / around.pupils(stage, case.year)[k]
        for k in held
    }
    top, bottom = held[spread.highest], held[spread.lowest]
    said = say(
        "finance.spread", year=case.year, above=case.view.above_name, stage=name_stage(stage), n=spread.n,
        high_name=around.accounts[top].data.name, high=format_amount(each[top], unit),
        low_name=around.accounts[bottom].data.name, low=format_amount(each[bottom], unit),
        ratio=format_number(spread.ratio, 2, "times"), cv=format_number(spread.cv, 3, "coefficient"),
    )  # fmt: skip
    then, first = _compare_first_year(around, stage)
    # an amount per pupil takes the pupils of the year before as well
    years = dict.fromkeys(
        (first - 1, first, case.year - 1, case.year) if first else (case.year - 1, case.year)
    )
    source = case.shared_source(per_pupil_key(stage), *years)
    return make_finding(
        case, f"spread.{stage}", concatenate_texts(said, then), source, note=say("finance.note_spread"),
        value=spread.cv, unit="coefficient",
    )  # fmt: skip


def _compare_first_year(around: Neighbours, stage: str) -> tuple[Text, int]:
    """The coefficient of the first year with as many counties, and the year; 0 where there is none."""
    for year in around.case.years[:-1]:
        found = _spread(around, stage, year)
        if found is not None:
            told = say("finance.spread_then", year=year, cv=format_number(found[0].cv, 3, "coefficient"))
            return told, year
    return NOTHING, 0


def _tabulate(around: Neighbours) -> list[Table]:
    """Every county's amount per pupil by stage, and between stages the ratio to primary."""
    case, stages = around.case, around.case.accounts.stages
    if not stages:
        return []
    each = {
        s: _divide(around.column(f"budget_education_{s}", case.year), around.pupils(s, case.year))
        for s in stages
    }
    others = [s for s in stages if s != "primary"] if "primary" in stages else []
    columns = [TableColumn(label=say("finance.head_county"))]
    columns += [
        TableColumn(label=name_stage(s), decimals=2, unit="yuan_per_pupil", rests=(k,))
        for k, s in enumerate(stages)
    ]
    columns += [
        TableColumn(label=say("finance.head_to_primary", stage=name_stage(s)), decimals=2, unit="times",
                    rests=(stages.index("primary"), stages.index(s)))
        for s in others
    ]  # fmt: skip
    rows = tuple(
        (a.data.name, *(_cell(each[s][k]) for s in stages), *(_cell(each[s][k] / each["primary"][k]) for s in others))
        for k, a in enumerate(around.accounts)
    )  # fmt: skip
    return [Table(
        key="finance.counties",
        title=say("finance.title_counties", area=case.view.name_whose(case.view.above), year=case.year),
        columns=tuple(columns), rows=rows, brief=False,
        sources=tuple(case.shared_source(per_pupil_key(s)) for s in stages),
    )]  # fmt: skip


def _divide(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.full(len(a), np.nan), where=b > 0)


def _cell(value: float) -> float | Text:
    return float(value) if math.isfinite(value) else DASH


def measure_pay_gap(around: Neighbours) -> PayGap | None:
    """Performance pay, else all pay, of districts and of the other counties; None where either kind is not there."""
    city, years = around.districts, around.case.years
    name = "performance_pay" if around.case.accounts.has("performance_pay") else "teacher_pay"
    if city.all() or not city.any() or not around.case.accounts.has(name):
        return None
    sums = {
        (which, column): np.array([_sum_pairs(around, which, column, name, year) for year in years])
        for which in (True, False) for column in (name, "teachers_paid")
    }  # fmt: skip
    return compute_pay_gaps(
        years, sums[True, name], sums[True, "teachers_paid"], sums[False, name], sums[False, "teachers_paid"]
    )


def _sum_pairs(around: Neighbours, city: bool, column: str, pay: str, year: int) -> float:
    """A column over the counties of one kind; nan unless every one of them gave both pay and heads."""
    which = around.districts == city
    pair = np.isfinite(around.column(pay, year)) & np.isfinite(around.column("teachers_paid", year))
    return float(around.column(column, year)[which].sum()) if pair[which].all() else math.nan


def _tabulate_pay_gap(around: Neighbours, found: PayGap, key: str) -> Table:
    """Both means, how far they lie apart and their ratio, a row a year."""
    paid = "yuan_per_person"
    heads = (
        ("year", None, ""),
        ("districts", 0, paid),
        ("counties", 0, paid),
        ("gap", 0, paid),
        ("ratio", 2, "times"),
    )
    columns = tuple(
        TableColumn(label=say(f"finance.head_{head}"), decimals=places, unit=unit)
        for head, places, unit in heads
    )
    rows = tuple(
        (format_year(year), *(_cell(values[k]) for values in (found.high, found.low, found.gap, found.ratio)))
        for k, year in enumerate(found.years)
    )
    case = around.case
    title = say("finance.title_gap", area=case.view.above_name, kind=say(f"finance.kind_{key}"))
    return Table(key="finance.pay_gap.years", title=title, columns=columns, rows=rows, brief=False,
                 sources=(case.shared_source(key, *found.years),))  # fmt: skip


def _tell_pay_gap(around: Neighbours) -> list[Finding | Table]:
    found = measure_pay_gap(around)
    if found is None:
        return []
    known = np.flatnonzero(np.isfinite(found.gap))
    if len(known) < 2:
        return []
    first, last = int(known[0]), int(known[-1])
    case, unit = around.case, around.case.view.known.units["yuan_per_person"]
    facts = {
        f"{name}_{end}": format_amount(float(values[at]), unit)
        for name, values in (("high", found.high), ("low", found.low)) for end, at in (("then", first), ("now", last))
    }  # fmt: skip
    key = "mean_performance_pay" if case.accounts.has("performance_pay") else "mean_pay_teachers"
    then, now = float(found.gap[first]), float(found.gap[last])
    if then * now < 0:
        facts |= {f"above_{end}": say(f"finance.gap_{'districts' if gap > 0 else 'counties'}")
                  for end, gap in (("then", then), ("now", now))}  # fmt: skip
    way = "turned" if then * now < 0 else "narrower" if abs(now) < abs(then) else "wider"
    said = say(
        f"finance.gap_{way}", kind=say(f"finance.kind_{key}"),
        above=case.view.above_name, first_year=found.years[first], last_year=found.years[last],
        gap_then=format_difference(then, unit), gap_now=format_difference(now, unit),
        ratio_then=format_number(float(found.ratio[first]), 2, "times"),
        ratio_now=format_number(float(found.ratio[last]), 2, "times"), **facts,
    )  # fmt: skip
    names = [a.data.name for a, city in zip(around.accounts, around.districts, strict=True) if city]
    note = say("finance.note_gap", names=join_texts(names, LIST))
    source = case.shared_source(key, found.years[first], found.years[last])
    finding = make_finding(case, "pay_gap", said, source, note=note, unit="yuan_per_person")
    return [finding, _tabulate_pay_gap(around, found, key)]

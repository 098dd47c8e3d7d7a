"""Does every school get its quota, the small ones as if of a hundred, and whom does student aid (精准资助) reach?"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd

from edustats.catalogue.standards import load_standard
from edustats.metrics.finance.quota import QuotaYear, judge_school_quotas
from edustats.present.finance.case import FinanceCase, describe_change, make_finding, open_case
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_count, format_percent, format_year
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.typing import Floats
from edustats.words import NOTHING, Text, concatenate_texts, join_texts, say

QUOTA = "funds_and_provision"
MOST_SCHOOLS = 10


def show_school_quotas(view: View) -> ChapterItems:
    """Schools against the quota of public-use funds in every year that reports them."""
    case = open_case(view)
    if case is None or "public_funds" not in view.units:
        return collect_items(view)
    judged = {year: found for year in case.years if (found := _judge_year(case, year)) is not None}
    if not judged:
        return collect_items(view)
    year = max(judged)
    return collect_items(view, _tell(case, year, *judged[year]), _tabulate(case, judged))


def _judge_year(case: FinanceCase, year: int) -> tuple[QuotaYear, pd.DataFrame] | None:
    """The compulsory schools of one year; the quota of the stage with more pupils counts, as in the standard."""
    rows = case.view.units
    rows = rows[
        ((rows["year"] == year) & (rows["unit"] != rows["county"])).to_numpy()
        & rows["public_funds"].notna().to_numpy()
    ]
    primary, junior = (
        _read(rows, f"pupils_{stage}") if f"pupils_{stage}" in rows else np.zeros(len(rows))
        for stage in ("primary", "junior")
    )
    pupils = np.nan_to_num(primary) + np.nan_to_num(junior)
    held = pupils > 0
    if not held.any():
        return None
    quotas = {stage: _find_quota(case, stage, year) for stage in ("primary", "junior")}
    if not all(math.isfinite(q) for q in quotas.values()):
        return None
    quota = np.where(np.nan_to_num(junior) > np.nan_to_num(primary), quotas["junior"], quotas["primary"])
    found = judge_school_quotas(pupils[held], _read(rows, "public_funds")[held], quota[held])
    return found, rows[held].reset_index(drop=True)


def _read(rows: pd.DataFrame, column: str) -> Floats:
    return rows[column].to_numpy(float)


def _find_quota(case: FinanceCase, stage: str, year: int) -> float:
    """The county's own quota of the year, else the national one in force on 1 January."""
    own = case.at(case.accounts.column(f"quota_{stage}"), year)
    if math.isfinite(own):
        return own
    mark = load_standard(QUOTA).threshold("quota", stage, date(year, 1, 1))
    return math.nan if mark is None else float(mark.value)


def _tell(case: FinanceCase, year: int, found: QuotaYear, rows: pd.DataFrame) -> Finding:
    facts = {"year": year, "area": case.view.name, "n": format_count(len(rows)),
             "small": format_count(int(found.small.sum()))}  # fmt: skip
    if not found.short.any():
        said = say(f"finance.quota_{found.verdict}", **facts)
    else:
        names = join_texts(
            [Text(str(n), str(n)) for n in rows.loc[found.short, "unit_name"].head(5)]
            if "unit_name" in rows
            else []
        )
        missing = format_amount(found.missing, case.view.known.units["yuan"])
        short, little = int(found.short.sum()), int((found.short & found.small).sum())
        said = say("finance.quota_not_met", **facts, short=format_count(short), little=format_count(little),
                   missing=missing, names=names)  # fmt: skip
    note = say("finance.note_quota")
    return make_finding(case, "quota", said, "per_pupil_public_funds", verdict=found.verdict, note=note)


def _tabulate(case: FinanceCase, judged: dict[int, tuple[QuotaYear, pd.DataFrame]]) -> Table:
    heads = ("year", "schools", "small", "short", "short_small", "missing")
    rows = tuple(
        (format_year(year), len(rows), int(f.small.sum()), int(f.short.sum()), int((f.short & f.small).sum()),
         f.missing)
        for year, (f, rows) in judged.items()
    )  # fmt: skip
    columns = tuple(
        TableColumn(label=say(f"finance.head_{h}"), decimals=None if h == "year" else 0, kind="count")
        for h in heads
    )
    return Table(key="finance.quota.years", title=say("finance.title_quota", area=case.view.name), columns=columns,
                 rows=rows, note=say("finance.note_quota"), brief=False)  # fmt: skip


# --- student aid --------------------------------------------------------------------------------------------


def show_student_aid(view: View) -> ChapterItems:
    """精准资助: pupils in need, pupils aided and the money, in the last year that reports them."""
    told = [key for key in ("count_pupils_aided", "count_aid_funds", "share_aided") if len(_known(view, key))]
    if not told:
        return collect_items(view)
    values = {key: _known(view, key) for key in told}
    year = max(int(series.index.max()) for series in values.values())
    parts = [
        _tell_aid(view, key, float(s[year]), float(s.get(year - 1, math.nan)))
        for key, s in values.items()
        if year in s
    ]
    said = say("finance.aid", year=year, area=view.name, parts=join_texts(parts, Text("，", ", ")))
    number_of = view.known.indicator(told[0])
    finding = Finding(
        key="finance.aid", sentence=concatenate_texts(said), note=say("finance.note_aid"), numbers=()
    )
    source = view.provenance(number_of, view.own_rows(year))
    return collect_items(view, finding, source=source)


def _known(view: View, key: str) -> pd.Series:
    if key not in {i.key for i in view.indicators}:
        return pd.Series(dtype=float)
    return view.series(key).dropna(subset="value").set_index("year")["value"]


def _tell_aid(view: View, key: str, value: float, before: float) -> Text:
    unit = view.known.unit_of(key)
    shown = format_percent(value, 2) if unit.key == "share" else format_amount(value, unit)
    change = NOTHING if unit.key == "share" else describe_change(value, before)
    return say("finance.amount", name=say(f"finance.name_{key}"), value=shown, change=change)

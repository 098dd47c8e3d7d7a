"""How is it said which programmes the rule closes, which are to be watched, and by which conventions?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.evaluation import programmes
from edustats.metrics.evaluation.programmes import count_categories, count_turnover, match_share
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_number, format_percent, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, Text, join_texts, say

REGISTER = "programmes"
COUNTED = ("leavers", "employed", "studying", "satisfaction")
"""Columns of the list that the rule is made of."""
MOST_NAMED = 8
ORDER = ("close", "too_small", "watch", "missing", "keep", "gone")


def show_programmes(
    view: PrefectureView, line: str = "0.6", least_leavers: int = 20, further_study: str = "ignored"
) -> ChapterItems:
    """The closing rule on every programme of the prefecture, with what stands beside it.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    line, least_leavers, further_study : conventions, as for :func:`edustats.programmes`
    """
    rows = read_programmes(view)
    if rows.empty:
        said = join_sentence(say("evaluation.no_programmes"))
        return collect_items(view, Finding(key="programmes", sentence=said, verdict="cannot_tell"))
    judged = programmes(rows, line=line, least_leavers=least_leavers, further_study=further_study)
    judged = _mark_gone(judged, rows)
    names = rows.drop_duplicates(["school", "programme"], keep="last").set_index(["school", "programme"])
    return collect_items(
        view, _describe_rule(judged, names, line, least_leavers, further_study), _describe_beside(rows),
        _tabulate(judged, names), source=view.trace_register(REGISTER, COUNTED),
    )  # fmt: skip


def read_programmes(view: PrefectureView) -> pd.DataFrame:
    """The list of programmes as handed in, of the view's years and counties; empty where there is none.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    """
    held = view.store.register(REGISTER)
    if held.empty:
        return held
    rows = held.rename(columns={"unit": "school", "major": "programme", "name": "school_name"})
    years = pd.to_numeric(rows["year"].str.extract(r"^\s*(\d{4})", expand=False), errors="coerce")
    rows = rows.assign(year=years)
    own = set(view.store.rows("units", list(view.counties), ["unit"])["unit"].astype(str))
    inside = rows["year"].between(view.first_year, view.last_year) & rows["school"].astype(str).isin(own)
    return rows[inside].reset_index(drop=True)


def _mark_gone(judged: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A programme of the year before without a row in the year judged is not one of that year."""
    now = rows[rows["year"] == rows["year"].max()]
    held = pd.MultiIndex.from_frame(now[["school", "programme"]].astype(str))
    there = pd.MultiIndex.from_frame(judged[["school", "programme"]].astype(str)).isin(held)
    return judged.assign(verdict=judged["verdict"].where(there, "gone"))


def _describe_rule(
    judged: pd.DataFrame, names: pd.DataFrame, line: str, least: int, further_study: str
) -> list[Finding]:
    counts = judged["verdict"].value_counts()
    year = int(judged["year"].iloc[0])
    facts: dict[str, object] = {"line": format_percent(float(line), 0), "least": least}
    there = len(judged) - int(counts.get("gone", 0))
    told = say("evaluation.rule_said", **facts, year=year, n=there, close=int(counts.get("close", 0)))
    study = say(f"evaluation.study_{further_study}")
    found = [
        Finding(
            key="programmes.rule",
            sentence=join_sentence(told),
            note=say("evaluation.conventions", **facts, study=study),
        )
    ]
    closed = judged[judged["verdict"] == "close"]
    if len(closed):
        listed = [_name_programme(row, names) for row in closed.head(MOST_NAMED).to_dict("records")]
        more = "…" if len(closed) > MOST_NAMED else ""
        said = say(
            "evaluation.close_names", names=join_texts([*listed, *([Text(more, more)] if more else [])])
        )
        found.append(Finding(key="programmes.close", sentence=join_sentence(said)))
    for verdict, key in (("watch", "watch_said"), ("too_small", "small_said"), ("missing", "missing_said")):
        if n := int(counts.get(verdict, 0)):
            found.append(
                Finding(
                    key=f"programmes.{verdict}",
                    sentence=join_sentence(say(f"evaluation.{key}", **facts, n=n)),
                )
            )
    return found


def _name_programme(row: Mapping[Hashable, Any], names: pd.DataFrame) -> Text:
    school, programme = row["school"], row["programme"]
    one = names.loc[(school, programme)]
    told = f"{one.get('school_name') or school} {one.get('major_name') or programme}"
    return Text(told, f"{school} {programme}")


def _describe_beside(rows: pd.DataFrame) -> list[Finding]:
    """Added and cut, the match to key industries, fields of study per school."""
    last = int(rows["year"].max())
    now, before = rows[rows["year"] == last], rows[rows["year"] == last - 1]
    said = []
    if len(before):
        pairs = [set(zip(part["school"], part["programme"], strict=True)) for part in (before, now)]
        added, cut, net = count_turnover(*pairs)
        said.append(
            say("evaluation.turnover_said", year=last - 1, added=added, cut=cut, net=_sign_count(net))
        )
    share, weight = _match(now)
    if math.isfinite(share):
        said.append(
            say(
                "evaluation.match_said",
                share=format_percent(share),
                weight=say(f"evaluation.weight_{weight}"),
            )
        )
    kinds = count_categories(list(now["school"].astype(str)), list(now["programme"].astype(str)))
    mean = sum(kinds.values()) / len(kinds)
    said.append(say("evaluation.categories_said", n=len(kinds), mean=format_number(mean, 1, "item")))
    return [Finding(key=f"programmes.beside.{k}", sentence=join_sentence(one)) for k, one in enumerate(said)]


def _sign_count(net: int) -> str:
    return f"+{net}" if net > 0 else str(net).replace("-", "−")


def _match(now: pd.DataFrame) -> tuple[float, str]:
    """Share of programmes with a key industry beside them, by pupils where they are held, else by leavers."""
    if "industry" not in now or not now["industry"].fillna("").ne("").any():
        return math.nan, ""
    matched = np.asarray(~now["industry"].fillna("").isin(["", "无", "否"]), dtype=float)
    for weight in ("pupils", "leavers"):
        held = pd.to_numeric(now[weight], errors="coerce").to_numpy(float) if weight in now else None
        if held is not None and (held > 0).any():
            return match_share(matched, held), weight
    return math.nan, ""


def _tabulate(judged: pd.DataFrame, names: pd.DataFrame) -> Table:
    heads = ("school", "programme", "leavers", "rate", "before", "chance", "satisfaction", "verdict")
    rank = judged["verdict"].map({verdict: k for k, verdict in enumerate(ORDER)})
    ordered = judged.assign(rank=rank).sort_values(["rank", "rate", "school", "programme"])
    rows = []
    for row in ordered.to_dict("records"):
        one = names.loc[(row["school"], row["programme"])]
        school, programme = one.get("school_name") or row["school"], one.get("major_name") or row["programme"]
        rows.append(
            (
                Text(str(school), row["school"]), Text(str(programme), row["programme"]),
                float(row["leavers"]) if math.isfinite(row["leavers"]) else DASH, format_percent(row["rate"]),
                format_percent(row["rate_before"]), _chance(row["chance_under"]),
                format_number(float(row["satisfaction"]), 1),
                say("evaluation.verdict_" + row["verdict"]),
            )
        )  # fmt: skip
    columns = [
        TableColumn(
            label=say(f"evaluation.head_{h}"),
            decimals=0 if h == "leavers" else None,
            persons=h == "leavers",
            unit="person" if h == "leavers" else "",
        )
        for h in heads
    ]
    return Table(
        key="programmes", title=say("evaluation.title_programmes"), columns=tuple(columns), rows=tuple(rows),
        note=say("evaluation.note_chance"), brief=False,
    )  # fmt: skip


def _chance(share: float) -> Text:
    """A chance is never printed as sure."""
    if share > 0.98:
        return say("evaluation.chance_over")
    return say("evaluation.chance_under") if share < 0.02 else format_percent(share, 0)

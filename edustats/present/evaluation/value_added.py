"""How is value added said: grades with their doubt instead of ranks, the model's fit, the warnings?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from edustats.analysis.evaluation import ValueAddedFrames, value_added
from edustats.errors import DataError
from edustats.load.reading.years import label
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_number, format_percent, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.prefecture import PrefectureView
from edustats.words import CLAUSES, DASH, Text, join_texts, say

REGISTER = "pupil_scores"
ABSENT = ("缺考", "免考", "缺", "-", "—")
"""What stands in a list of scores for a pupil without one."""


def show_school_value_added(view: PrefectureView, target: float = 0.0) -> ChapterItems:
    """Value added by the schools of a prefecture, from the list of pupils' scores that was handed in.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    target : mean score to reach, 0: none; then each school is told how much more it would have to add
    """
    rows = _read_pupils(view)
    refused = say("evaluation.no_pupils")
    if len(rows):
        try:
            found = value_added(rows, target=target or math.nan)
            names = dict(zip(rows["school"], rows["school_name"], strict=True))
            return show_value_added(found, view.lang, names)
        except DataError as error:
            refused = Text(error.text("zh"), error.text("en"))
    said = Finding(key="value_added", sentence=join_sentence(refused), verdict="cannot_tell")
    return collect_items(view, said)


def _read_pupils(view: PrefectureView) -> pd.DataFrame:
    """The list of scores of the view's years and counties; empty where there is none."""
    held = view.store.register(REGISTER)
    if held.empty:
        return held
    rows = held.rename(columns={"unit": "school", "name": "school_name"})
    rows = rows.assign(**{key: rows[key].where(~rows[key].isin(ABSENT), "") for key in ("prior", "score")})
    years = {cell: found.year for cell in rows["year"].unique() if (found := label(cell))}
    rows = rows.assign(year=rows["year"].map(years).fillna(0).astype(int))
    own = set(view.store.rows("units", list(view.counties), ["unit"])["unit"].astype(str))
    inside = rows["year"].between(view.first_year, view.last_year) & rows["school"].astype(str).isin(own)
    return rows[inside].reset_index(drop=True)


def show_value_added(
    found: ValueAddedFrames, lang: str = "zh", names: Mapping[str, str] | None = None
) -> ChapterItems:
    """Value added by schools in sentences, a table of schools and the page of fit.

    Parameters
    ----------
    found : from :func:`edustats.value_added`
    lang : zh or en
    names : of the schools by their codes, where the frame holds codes
    """
    fit, model = found.fit, found.fit.fit
    said = [
        say(
            "evaluation.fit_said",
            pupils=model.pupils,
            schools=model.schools,
            share=format_percent(model.share_between),
        ),
        say("evaluation.grades_said", grades=fit.grades, wrong=format_percent(fit.misordered, 0))
        if fit.grades > 1
        else say("evaluation.no_grades"),
        say("evaluation.above_said", up=int((fit.lower > 0).sum()), down=int((fit.upper < 0).sum())),
    ]
    if math.isfinite(found.stability):
        said.append(say("evaluation.stability_said", r=format_number(found.stability, 2)))
    warnings = join_texts([say(f"evaluation.warn_{key}") for key in found.warnings], CLAUSES)
    findings = [Finding(key=f"value_added.{k}", sentence=join_sentence(one)) for k, one in enumerate(said)]
    findings.append(Finding(key="value_added.warnings", sentence=join_sentence(warnings)))
    return collect_items(lang, findings, _tabulate_schools(found, names or {}), _tabulate_fit(found))


def _tabulate_schools(found: ValueAddedFrames, names: Mapping[str, str]) -> Table:
    aimed = found.schools["needed"].notna().any()
    heads = ("school", "pupils", "value", "interval", "grade", *(("needed",) if aimed else ()))
    rows = []
    for row in found.schools.to_dict("records"):
        large = math.isfinite(row["effect"])
        interval = f"{format_number(row['lower'], 2).en}～{format_number(row['upper'], 2).en}"
        rows.append(
            (
                Text(names.get(str(row["school"])) or str(row["school"]), str(row["school"])), float(row["pupils"]),
                format_number(row["effect"], 2) if large else say("evaluation.cell_small"),
                Text(interval, interval.replace("～", " to ")) if large else DASH,
                str(row["grade"]) if row["grade"] and found.fit.grades > 1 else DASH,
                format_number(row["needed"], 2),
            )[: len(heads)]
        )  # fmt: skip
    columns = [
        TableColumn(
            label=say(f"evaluation.head_{h}"), decimals=0 if h == "pupils" else None, persons=h == "pupils"
        )
        for h in heads
    ]
    return Table(
        key="value_added", title=say("evaluation.title_value_added"), columns=tuple(columns), rows=tuple(rows),
        brief=False,
    )  # fmt: skip


def _tabulate_fit(found: ValueAddedFrames) -> Table:
    fit = found.fit.fit
    # schools with the same start may differ more than all: then nothing is explained, and no share is
    hid = fit.explained_between < 0
    explained = ("grown", 1 - fit.explained_between) if hid else ("explained", fit.explained_between * 100)
    figures = (
        ("between", fit.between), ("within", fit.within), explained,
        ("prior", float(fit.coefficients[1])), ("skew", fit.skewness), ("without", float(fit.without_prior)),
    )  # fmt: skip
    rows = tuple(
        (
            say(f"evaluation.fit_{key}"),
            format_number(value, 0 if key == "without" else 2),
        )
        for key, value in figures
    )
    columns = (
        TableColumn(label=say("evaluation.head_item")),
        TableColumn(label=say("evaluation.head_figure")),
    )
    return Table(
        key="value_added.fit", title=say("evaluation.title_fit"), columns=columns, rows=rows, brief=False
    )

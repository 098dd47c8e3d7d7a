"""How is value added said: grades with their doubt instead of ranks, the model's fit, the warnings?"""

from __future__ import annotations

import math

from edustats.analysis.evaluation import ValueAddedFrames
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_number, format_percent, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.words import CLAUSES, DASH, Text, join_texts, say


def show_value_added(found: ValueAddedFrames, lang: str = "zh") -> ChapterItems:
    """Value added by schools in sentences, a table of schools and the page of fit.

    Parameters
    ----------
    found : from :func:`edustats.value_added`
    lang : zh or en
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
    return collect_items(lang, findings, _tabulate_schools(found), _tabulate_fit(found))


def _tabulate_schools(found: ValueAddedFrames) -> Table:
    heads = ("school", "pupils", "value", "interval", "grade", "needed")
    rows = []
    for row in found.schools.to_dict("records"):
        large = math.isfinite(row["effect"])
        interval = f"{format_number(row['lower'], 2).en}～{format_number(row['upper'], 2).en}"
        rows.append(
            (
                Text(str(row["school"]), str(row["school"])), float(row["pupils"]),
                format_number(row["effect"], 2) if large else say("evaluation.cell_small"),
                Text(interval, interval.replace("～", " to ")) if large else DASH,
                str(row["grade"]) if row["grade"] and found.fit.grades > 1 else DASH,
                format_number(row["needed"], 2) if math.isfinite(row["needed"]) else DASH,
            )
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
    figures = (
        ("between", fit.between), ("within", fit.within), ("explained", fit.explained_between * 100),
        ("prior", float(fit.coefficients[1])), ("skew", fit.skewness), ("without", float(fit.without_prior)),
    )  # fmt: skip
    rows = tuple(
        (
            say(f"evaluation.fit_{key}"),
            format_number(value, 0 if key == "without" else 2) if math.isfinite(value) else DASH,
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

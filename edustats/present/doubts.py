"""What in this county's data should nobody rely on before asking? Impossible and missing values."""

from __future__ import annotations

import pandas as pd

from edustats.present.finding import Column, Finding, Sheet, Table, sheet
from edustats.present.sentences import joined
from edustats.present.view import View
from edustats.words import Text, say

MOST_ROWS = 30


def doubts(view: View) -> Sheet:
    """A sentence on the data's state, and the doubtful values with what was expected."""
    found = view.data.findings
    found = found[found["year"].astype(int).between(view.first_year, view.last_year)] if len(found) else found
    land, values = found[found["rule"] == "new_neighbour"], found[found["rule"] != "new_neighbour"]
    told = [
        Finding(key=f"land.{i}", sentence=Text(str(r.zh), str(r.en))) for i, r in enumerate(land.itertuples())
    ]
    tables = [_table(values)] if len(values) else []
    return sheet(
        view.lang, _summary(view, values), told, tables, _missing(view), source=view.account("findings")
    )


def _summary(view: View, found: pd.DataFrame) -> Finding:
    own = view.compare[view.compare["area"] == view.area]
    partial = own.loc[own["status"] != "ok", "indicator"].nunique()
    errors = int((found["severity"] == "error").sum()) if len(found) else 0
    if not errors and not partial and not len(found):
        return Finding(key="doubts", sentence=joined(say("sentences.no_doubts", area=view.name)))
    said = say(
        "sentences.some_doubts",
        area=view.name,
        impossible=errors,
        warnings=len(found) - errors,
        partial=partial,
    )
    return Finding(key="doubts", sentence=joined(said))


def _missing(view: View) -> list[Table]:
    """Every indicator and kind of gap with its years: missing is said, never left blank."""
    own = view.compare[(view.compare["area"] == view.area) & (view.compare["status"] != "ok")]
    if own.empty:
        return []
    rows = [
        (view.known.indicator(str(key)).name, say(f"status.{status}"), _spans(years["year"].tolist()))
        for (key, status), years in own.groupby(["indicator", "status"], observed=True, sort=False)
    ]
    heads = ("indicator", "kind", "years")
    columns = tuple(Column(label=say(f"sentences.head_{head}")) for head in heads)
    title = say("sentences.title_missing")
    return [
        Table(key="missing", title=title, columns=columns, rows=tuple(rows), brief=len(rows) <= MOST_ROWS)
    ]


def _spans(years: list[int]) -> str:
    """Years as runs: 1992–1994, 1996."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _table(found: pd.DataFrame) -> Table:
    """The gravest first; what does not fit is counted in the note."""
    ordered = found.sort_values(["severity", "year", "row"], kind="stable")
    rows = ordered.head(MOST_ROWS)
    more = len(ordered) - len(rows)
    return Table(
        key="doubtful",
        title=say("sentences.title_doubts"),
        columns=tuple(
            Column(label=say(f"sentences.head_{name}"))
            for name in ("year", "doubtful_unit", "column", "value", "expected_or_before", "row")
        ),
        rows=tuple(
            (str(r.year), str(r.unit), str(r.column), str(r.value), str(r.expected), str(r.row))
            for r in rows.itertuples()
        ),
        note=say("sentences.more_doubts", more=more) if more else Text("", ""),
        brief=False,
    )

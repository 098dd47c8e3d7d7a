"""Can this county's returns be trusted? What became of every row, and what each school is asked to look
at again.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from edustats.present.county.corrections import build_correction_workbook, sort_corrections
from edustats.present.records.items import Finding, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_year, join_sentence
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.revisions import show_revisions
from edustats.words import NumericText, Text, concatenate_texts, join_texts, say

MOST_FILES = 12
COUNTED = ("read", "loaded", "set_aside")
"""Columns of the ledger that are counted."""
ABSENT = "county_absent"
"""Rule of the finding that a county sent nothing for a year."""
LACKING = ("partial", "masked", "unreadable", "impossible")
"""What was asked and did not come, or not so that it could be read; what a form does not ask lacks nobody's answer."""


def show_ledger(view: View) -> ChapterItems:
    """Rows read, loaded and set aside of the files this county's figures come from, and why."""
    own = _select_county_ledger(view)
    facts = {
        "read": int(own["read"].sum()),
        "loaded": int(own["loaded"].sum()),
        "files": own["file"].nunique(),
    }
    said = say("quality.ledger", area=view.name, aside=facts["read"] - facts["loaded"], **facts)
    told = Finding(key="ledger", sentence=join_sentence(said))
    damaged = (
        [Finding(key="damaged", sentence=view.damaged_note, verdict="cannot_tell")] if view.damaged else []
    )
    return collect_items(
        view,
        told,
        damaged,
        _tabulate_files(own),
        _tabulate_rejection_reasons(view, own),
        source=view.account("ledger"),
    )


def _select_county_ledger(view: View) -> pd.DataFrame:
    """The ledger's lines of the files that hold this county's rows, of the years asked for."""
    found = view.store.ledger()[["file", *COUNTED]]
    own = found[found["file"].isin(_find_county_files(view)).to_numpy()]
    return own if len(own) else found


def _find_county_files(view: View) -> set[str]:
    """Files of the county's rows; a school's other forms and the county's other lists stand beside them."""
    files = set(view.units["file"])
    homes = {file.rpartition("/")[0] for file in files if file.count("/") > 1}
    marks = {code for code in (view.area, *_find_former_codes(files))}
    listed = view.store.ledger()["file"].unique().tolist()  # a nation's ledger has a million lines
    parted = ((file, *file.rpartition("/")) for file in listed)
    beside = {file for file, home, _, name in parted if home in homes or name[:6] in marks}
    years = {str(year) for year in view.units["year"]}
    return files | {f for f in beside if f.split("/", 1)[0] in years or "/" not in f}


def _find_former_codes(files: set[str]) -> set[str]:
    """Codes with which the names of the county's own files begin: the county may have had another once."""
    names = (file.rpartition("/")[2] for file in files)
    return {name[:6] for name in names if name[:6].isdigit() and not name[6:7].isdigit()}


def _tabulate_files(own: pd.DataFrame) -> list[Table]:
    """One row per file; of very many, those with the most rows set aside."""
    sums = own.groupby("file", sort=False)[list(COUNTED)].sum().reset_index()
    shown = sums.sort_values("set_aside", ascending=False, kind="stable").head(MOST_FILES)
    lines: Any = shown.itertuples()
    heads = ("file", "rows_read", "rows_loaded", "rows_aside")
    more = len(sums) - len(shown)
    return [
        Table(
            key="ledger",
            title=say("quality.title_ledger"),
            columns=tuple(
                TableColumn(
                    label=say(f"quality.head_{h}"), decimals=0 if i else None, kind="count", quoted=not i
                )
                for i, h in enumerate(heads)
            ),
            rows=tuple((r.file, int(r.read), int(r.loaded), int(r.set_aside)) for r in lines),
            note=say("quality.more_files", more=more) if more else Text("", ""),
            brief=False,
        )
    ]


def _tabulate_rejection_reasons(view: View, own: pd.DataFrame) -> list[Table]:
    # Of a nation these are millions of lines: only the reasons of the county's are taken.
    aside = view.store.set_aside()
    counts = aside["reason"][aside["file"].isin(own["file"].unique()).to_numpy()].value_counts()
    if counts.empty:
        return []
    rows = tuple((say(f"load.reason_{reason}"), int(count)) for reason, count in counts.items())
    columns = (
        TableColumn(label=say("quality.head_reason")),
        TableColumn(label=say("quality.head_rows_aside"), decimals=0, kind="count"),
    )
    return [Table(key="reasons", title=say("quality.title_reasons"), columns=columns, rows=rows, brief=False)]


def show_validation_findings(view: View) -> ChapterItems:
    """How often each rule was broken, and whether by an error or only to be looked at."""
    found = _select_findings(view)
    if found.empty:
        return collect_items(
            view,
            Finding(key="rules", sentence=join_sentence(say("quality.no_findings", area=view.name))),
        )
    errors = int((found["severity"] == "error").sum())
    said = say("quality.findings", area=view.name, errors=errors, warnings=len(found) - errors,
               schools=found["unit"].nunique())  # fmt: skip
    counts = (
        found.groupby(["rule", "severity"], sort=False).size().sort_values(ascending=False, kind="stable")
    )
    pairs: Any = counts.items()
    rows = tuple((say(f"quality.rule_{r}"), say(f"quality.{s}"), int(n)) for (r, s), n in pairs)
    heads = ("rule", "severity", "count")
    columns = tuple(
        TableColumn(label=say(f"quality.head_{h}"), decimals=0 if h == "count" else None, kind="count")
        for h in heads
    )
    table = Table(key="rules", title=say("quality.title_rules"), columns=columns, rows=rows, brief=False)
    return collect_items(
        view, Finding(key="rules", sentence=join_sentence(said)), table, source=view.account("findings")
    )


def _select_findings(view: View) -> pd.DataFrame:
    found = view.data.findings
    if found.empty:
        return found
    return found[_is_in_view(view, found)]


def _is_in_view(view: View, found: pd.DataFrame) -> pd.Series:
    """Findings of the years of the view, and that the county sent nothing: of such a year it has no row to show."""
    return found["year"].astype(int).between(view.first_year, view.last_year) | (found["rule"] == ABSENT)


def show_correction_list(view: View, folder: str | Path = "") -> ChapterItems:
    """The findings as a list to send back, one row each, and as a workbook where a folder is named.

    Parameters
    ----------
    folder : where to write ``<code>_returns.xlsx``; '' writes nothing

    Raises
    ------
    ParameterError
        A folder is named and openpyxl, which writes workbooks, is not installed.
    """
    listed = _sort_findings(view)
    written = (
        _write_correction_workbook(listed, Path(folder) / f"{view.area}_returns.xlsx", view.lang)
        if folder
        else None
    )
    if listed.empty:
        return collect_items(
            view,
            Finding(key="return", sentence=join_sentence(say("quality.nothing_to_return", area=view.name))),
        )
    shown = listed.head(MOST_FILES)
    rows = tuple(
        (str(r.name_), format_year(int(str(r.year))), str(r.cell), _read_bilingual_sentence(r))
        for r in shown.rename(columns={"name": "name_"}).itertuples()
    )
    columns = tuple(
        TableColumn(label=say(f"quality.head_{h}"), quoted=h != "year")
        for h in ("school", "year", "cell", "sentence")
    )
    more = len(listed) - len(shown)
    note = say("quality.more_findings", more=more) if more else Text("", "")
    table = Table(
        key="return", title=say("quality.title_return"), columns=columns, rows=rows, note=note, brief=False
    )
    said = say("quality.return", area=view.name, count=len(listed), schools=listed["unit"].nunique())
    told = [said, say("quality.written", file=written.name)] if written else [said]
    return collect_items(
        view,
        Finding(key="return", sentence=join_sentence(*told)),
        table,
        source=view.account("findings"),
    )


def _read_bilingual_sentence(row: object) -> Text:
    return Text(str(row.zh), str(row.en))  # type: ignore[attr-defined]


def _sort_findings(view: View) -> pd.DataFrame:
    """Findings in the order in which a school would work through them."""
    return pd.DataFrame(
        sort_corrections(cast(list[dict[str, Any]], _select_findings(view).to_dict("records")))
    )


def _write_correction_workbook(listed: pd.DataFrame, path: Path, lang: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(build_correction_workbook(cast(list[dict[str, Any]], listed.to_dict("records")), lang))
    return path


MOST_ROWS = 30
NUMBER = re.compile(r"(?P<sign>(?:[≤≥<>] )?)(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?)")
AS_PRINTED = ("range", "unreadable")
"""Rules whose findings keep the source's own scale: which unit such a number has nobody says."""


def show_data_warnings(view: View) -> ChapterItems:
    """A sentence on the data's state, and the doubtful values with what was expected."""
    found = view.data.findings
    found = found[_is_in_view(view, found)] if len(found) else found
    told_apart = found["rule"].isin(["new_neighbour", ABSENT])
    land, values = found[told_apart].sort_values("rule"), found[~told_apart]
    told = [
        Finding(key=f"land.{i}", sentence=Text(str(r.zh), str(r.en))) for i, r in enumerate(land.itertuples())
    ]
    tables = [_tabulate_doubtful_values(view, values)] if len(values) else []
    return collect_items(
        view,
        _summarize_data_warnings(view, values, land[land["rule"] == ABSENT]),
        told,
        show_revisions(view),
        tables,
        _tabulate_missing_values(view),
        source=view.account("findings"),
    )


def _summarize_data_warnings(view: View, found: pd.DataFrame, absent: pd.DataFrame) -> Finding:
    own = view.compare[view.compare["area"] == view.area]
    partial = own.loc[own["status"].astype(str).isin(LACKING), "indicator"].nunique()
    errors = int((found["severity"] == "error").sum()) if len(found) else 0
    if not errors and not partial and not len(found) and len(absent):
        years = join_texts([Text(str(years), str(years)) for years in absent["value"]])
        said = say("areas.only_absent", area=view.name, years=years)
        return Finding(key="doubts", sentence=join_sentence(said))
    if not errors and not partial and not len(found):
        return Finding(key="doubts", sentence=join_sentence(say("sentences.no_doubts", area=view.name)))
    said = say(
        "sentences.some_doubts",
        area=view.name,
        impossible=errors,
        warnings=len(found) - errors,
        partial=partial,
    )
    return Finding(key="doubts", sentence=join_sentence(said))


def _tabulate_missing_values(view: View) -> list[Table]:
    """Every indicator and kind of gap with its years: missing is said, never left blank."""
    own = view.compare[(view.compare["area"] == view.area) & (view.compare["status"] != "ok")]
    if own.empty:
        return []
    rows = [
        (
            view.known.indicator(str(key)).name,
            say(f"status.{status}"),
            _format_year_ranges(years["year"].tolist()),
        )
        for (key, status), years in own.groupby(["indicator", "status"], observed=True, sort=False)
    ]
    heads = ("indicator", "kind", "years")
    columns = tuple(TableColumn(label=say(f"sentences.head_{head}")) for head in heads)
    title = say("sentences.title_missing")
    return [
        Table(key="missing", title=title, columns=columns, rows=tuple(rows), brief=len(rows) <= MOST_ROWS)
    ]


def _format_year_ranges(years: list[int]) -> str:
    """Years as runs: 1992–1994, 1996."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _quote_cell(found: object, unit: str) -> Text | str:
    """What a file holds, letter by letter; as a number where it is one of a known unit, and so no code."""
    text = str(found)
    hit = NUMBER.fullmatch(text) if unit else None
    if not hit:
        return text
    sign, number = hit.group("sign", "number")
    said = NumericText(number, number, float(number), unit, len(number.partition(".")[2]))
    return concatenate_texts(sign, said) if sign else said


def _find_common_unit(view: View, rule: str, columns: str) -> str:
    """The unit of the columns a finding adds up, where all have one and are stored as they are printed; else none."""
    declared = [view.known.columns.get(key) for key in columns.split(", ")]
    units = {column.unit if column else "" for column in declared}
    unit = units.pop() if len(units) == 1 and rule not in AS_PRINTED else ""
    return unit if unit and view.known.units[unit].times == 1 else ""


def _tabulate_doubtful_values(view: View, found: pd.DataFrame) -> Table:
    """The gravest first; what does not fit is counted in the note."""
    ordered = found.sort_values(["severity", "year", "row"], kind="stable")
    rows = ordered.head(MOST_ROWS)
    units = [
        _find_common_unit(view, *pair) for pair in zip(rows["rule"], rows["column"].astype(str), strict=True)
    ]
    more = len(ordered) - len(rows)
    return Table(
        key="doubtful",
        title=say("sentences.title_doubts"),
        columns=tuple(
            TableColumn(label=say(f"sentences.head_{name}"), quoted=name != "year")
            for name in ("year", "doubtful_unit", "column", "value", "expected_or_before", "row")
        ),
        rows=tuple(
            (
                format_year(int(str(r.year))),
                str(r.unit),
                str(r.column),
                _quote_cell(r.value, unit),
                _quote_cell(r.expected, unit),
                str(r.row),
            )
            for r, unit in zip(rows.itertuples(), units, strict=True)
        ),
        note=say("sentences.more_doubts", more=more) if more else Text("", ""),
        brief=False,
        sources=tuple(_trace_finding(view, r) for r in rows.to_dict("records")),
    )


def _trace_finding(view: View, row: Mapping[Hashable, Any]) -> Provenance:
    """The very row of the file that a finding quotes; a store of many files knows their digest by folder."""
    file, year, held = str(row["file"]), int(row["year"]), view.store.about["files"]
    top = file.rpartition("/")[0].split("/")[0]
    named = [name for name in (file, f"{top}/*", f"{top}/") if name in held][:1]
    place = (file, str(row.get("sheet") or ""), str(row["row"]))
    return replace(
        view.account("findings"),
        files=tuple((name, held[name]) for name in named),
        places=(place,) if file else (),
        filter=select_rows("findings", view.area, year),
        formula=str(row["column"]),
    )

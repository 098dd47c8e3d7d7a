"""How many schools serve after school, who takes part, and what became of the training agencies (双减)?"""

from __future__ import annotations

import pandas as pd

from edustats.analysis.services import (
    AfterSchool,
    count_afterschool,
    count_reduction,
    list_afterschool_columns,
    read_sent_rows,
)
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.services.case import (
    MOST_NAMED,
    ServiceCase,
    cell,
    count,
    join_notes,
    make_finding,
    open_case,
    say_nothing,
    show_share,
    tabulate_counties,
)
from edustats.present.view.area import AreaView
from edustats.words import NOTHING, Text, concatenate_texts, join_texts, say

SOURCE = "share_pupils_afterschool"
REDUCTION = "share_agencies_reduced"


def show_afterschool(view: AreaView) -> ChapterItems:
    """Coverage and participation of pupils and teachers over the schools that serve, and the reduction of agencies."""
    case = open_case(view)
    rows = read_sent_rows(view.store, case.counties, list_afterschool_columns(), ["unit_name"])
    served = rows[["pupils_afterschool_primary", "pupils_afterschool_junior"]].notna().any(axis=1).to_numpy()
    schools = (rows["unit"] != rows["county"]).to_numpy()
    told = rows.loc[
        served & schools & rows["year"].between(view.first_year, view.last_year).to_numpy(), "year"
    ]
    reduced = _tell_reduction(case)
    if told.empty:
        counted = _tell_totals(case)
        return collect_items(view, (counted + reduced) or [say_nothing(case, "afterschool")])
    year = int(told.max())
    own = rows[(rows["year"] == year).to_numpy()]
    return collect_items(view, _tell_afterschool(case, own, year), _tabulate(case, own, year), reduced)


def _tell_afterschool(case: ServiceCase, rows: pd.DataFrame, year: int) -> list[Finding]:
    found = count_afterschool(rows)
    word = "all" if found.told == found.schools else "told"
    coverage = show_share(found.serving / found.told if found.told else float("nan"))
    said = say(f"services.afterschool_{word}", year=year, area=case.view.name, schools=count(found.schools),
               told=count(found.told), serving=count(found.serving), coverage=coverage)  # fmt: skip
    if found.pupils > 0:
        part = say("services.taking_part", pupils=show_share(found.joined / found.pupils, 2))
        if found.teachers > 0:
            teachers = show_share(found.teaching / found.teachers, 2)
            part = concatenate_texts(part, say("services.teachers_too", teachers=teachers))
        said = join_texts([said, part], Text("；", "; "))
    made = [make_finding(case, "afterschool", said, SOURCE, year, note=say("services.note_afterschool"))]
    if found.beyond:
        names = (
            rows.drop_duplicates("unit")
            .set_index("unit")["unit_name"]
            .reindex(list(found.beyond[:MOST_NAMED]))
        )
        told = join_texts([Text(str(n), str(n)) for n in names])
        wrong = say("services.afterschool_beyond", year=year, names=told, n=count(len(found.beyond)))
        made.append(make_finding(case, "afterschool.beyond", wrong, SOURCE, year, "cannot_tell"))
    return made


def _tell_totals(case: ServiceCase) -> list[Finding]:
    """Participation where counties sent totals and no school a figure of its own: nothing is said of coverage."""
    view = case.view
    if SOURCE not in {one.key for one in view.held_indicators}:
        return []
    series = view.series(SOURCE).dropna(subset="value")
    if series.empty or not float(series["value"].iloc[-1]) <= 1:
        return []
    year = int(series["year"].iloc[-1])
    share = view.format_covered(float(series["value"].iloc[-1]), SOURCE, view.area, year, 2)
    said = say("services.afterschool_totals", year=year, area=view.name, pupils=share)
    return [make_finding(case, "afterschool", said, SOURCE, year)]


def _tabulate(case: ServiceCase, rows: pd.DataFrame, year: int) -> list[Table]:
    heads = (
        "schools",
        "told",
        "serving",
        "coverage",
        "joined_primary",
        "joined_junior",
        "joined",
        "teaching",
    )
    columns = [
        TableColumn(label=say(f"services.head_{h}"), decimals=0 if k < 3 else None, unit="school")
        for k, h in enumerate(heads)
    ]
    whose = rows["county"].astype(str).to_numpy()
    lines = [
        (case.view.store.name(code), *_line(rows[whose == code]))
        for code in case.counties
        if (whose == code).any()
    ]
    return tabulate_counties(
        case, "afterschool.counties", say("services.title_afterschool", year=year, area=case.view.name), columns, lines,
        _line(rows), say("services.note_afterschool"), (case.source(SOURCE, year),),
    )  # fmt: skip


def _line(rows: pd.DataFrame) -> tuple[float | int | str | Text | None, ...]:
    found = count_afterschool(rows)
    stages = [count_afterschool(rows, (stage,)) for stage in ("primary", "junior")]
    shares = [show_share(_divide(one)) for one in (*stages, found)]
    coverage = found.serving / found.told if found.told else float("nan")
    teaching = found.teaching / found.teachers if found.teachers else float("nan")
    return (
        cell(found.schools),
        cell(found.told),
        cell(found.serving),
        show_share(coverage),
        *shares,
        show_share(teaching),
    )


def _divide(found: AfterSchool) -> float:
    return found.joined / found.pupils if found.pupils else float("nan")


def _tell_reduction(case: ServiceCase) -> list[Finding]:
    year = case.last_year("training_agencies_left")
    if not year:
        return []
    found = count_reduction(case.of_year(year))
    made = []
    if found.before > 0:
        parts = [NOTHING]
        if found.closed >= 0:
            parts.append(say("services.reduced_closed", closed=count(found.closed)))
        if found.nonprofit > 0:
            parts.append(say("services.reduced_nonprofit", nonprofit=count(found.nonprofit)))
        said = say("services.reduced", year=year, area=case.view.name, of=case.mark_part(found.given),
                   before=count(found.before), left=count(found.left), share=show_share(found.share, 2),
                   parts=concatenate_texts(*parts))  # fmt: skip
        note = join_notes(case.note_lacking(found.lacking))
        made.append(make_finding(case, "reduction", said, REDUCTION, year, note=note))
    if found.unequal:
        wrong = say("services.reduced_unequal", year=year, names=case.name(found.unequal))
        made.append(make_finding(case, "reduction.unequal", wrong, REDUCTION, year, "cannot_tell"))
    return made

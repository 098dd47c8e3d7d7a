"""How far did repairs and projects come, step by step, what did they cost, and where does a step not fit?"""

from __future__ import annotations

import math

from edustats.analysis.projects import (
    PROJECTS,
    SCHOOLS,
    Funnel,
    ProjectYear,
    count_projects,
    find_last_project_year,
)
from edustats.metrics.composite.funnel import FunnelStep
from edustats.present.drawing.funnel import FunnelBar, draw_funnel
from edustats.present.records.chart import Chart, Series
from edustats.present.records.items import Figure, Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.services.case import (
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
from edustats.words import NOTHING, Text, join_texts, say

SOURCE, OF_REPAIR = "share_projects_done", "share_schools_repaired"
TEN_THOUSAND = 10_000


def show_projects(view: AreaView) -> ChapterItems:
    """The funnel of the last year with repairs or projects, its money and seats, and every step that does not fit."""
    case = open_case(view)
    year = find_last_project_year(case.rows)
    if not year:
        return collect_items(view, say_nothing(case, "projects", *SCHOOLS.values(), *PROJECTS.values()))
    told = count_projects(case.rows, year)
    return collect_items(
        view, _tell_funnel(case, told), _tell_beyond(case, told), _tell_money(case, told), _draw(case, told),
        _tabulate(case, told),
    )  # fmt: skip


def _tell_funnel(case: ServiceCase, told: ProjectYear) -> list[Finding]:
    made = []
    for key, funnel in (("repair", told.schools), ("building", told.projects)):
        parts = [_tell_step(step) for step in funnel.steps if math.isfinite(step.count)]
        if key == "repair" and told.left > 0:
            parts.append(say("services.still", n=count(told.left)))
        if not parts or not any(step.count for step in funnel.steps):
            continue
        said = say("services.funnel", year=told.year, area=case.view.name, of=case.mark_part(funnel.given),
                   told=join_texts(parts, Text("，", ", ")))  # fmt: skip
        source = OF_REPAIR if key == "repair" else SOURCE
        made.append(make_finding(case, f"projects.{key}", said, source, told.year, note=_note(case, funnel)))
    return made


def _tell_step(step: FunnelStep) -> Text:
    said = say(f"services.told_{step.name}", n=count(step.count))
    if not (math.isfinite(step.of_before) and step.nests):
        return said
    return say("services.step_share", step=said, share=show_share(step.of_before, 2))


def _note(case: ServiceCase, funnel: Funnel) -> Text:
    out = say("services.note_left_out", names=case.name(funnel.left_out)) if funnel.left_out else NOTHING
    names = join_texts(say(f"services.name_{step}") for step in funnel.dropped)
    dropped = say("services.note_dropped", steps=names) if funnel.dropped else NOTHING
    return join_notes(say("services.note_share"), out, dropped)


def _tell_beyond(case: ServiceCase, told: ProjectYear) -> list[Finding]:
    made = []
    for code, before, after, m, n in (*told.schools.beyond, *told.projects.beyond):
        names = {"before": say(f"services.name_{before}"), "after": say(f"services.name_{after}")}
        name = case.view.store.name(code)
        said = say("services.funnel_beyond", year=told.year, name=name, m=count(m), n=count(n), **names)
        key = f"projects.beyond.{code}.{after}"
        source = OF_REPAIR if after in SCHOOLS else SOURCE
        made.append(make_finding(case, key, said, source, told.year, "cannot_tell"))
    return made


def _tell_money(case: ServiceCase, told: ProjectYear) -> list[Finding]:
    yuan, seat, made = case.view.known.units["yuan"], case.view.known.units["seat"], []
    own = case.of_year(told.year).dropna(subset="project_investment")
    facts = {"year": told.year, "area": case.view.name}
    if told.budget > 0:
        said = say("services.money", **facts, of=case.mark_part(told.paid), budget=format_amount(told.budget, yuan),
                   spent=format_amount(told.spent, yuan), share=show_share(told.spent / told.budget))  # fmt: skip
        made.append(make_finding(case, "projects.money", said, "share_budget_spent", told.year))
    elif (spent := float(own["project_investment"].sum())) > 0:
        said = say(
            "services.money_only",
            **facts,
            of=case.mark_part(own["county"].tolist()),
            spent=format_amount(spent, yuan),
        )
        made.append(make_finding(case, "projects.money", said, "count_project_investment", told.year))
    if told.seats > 0 and told.investment > 0:
        more = format_amount(told.seats / told.investment * TEN_THOUSAND, seat, 2)
        said = say("services.seats", **facts, of=case.mark_part(told.seated), seats=format_amount(told.seats, seat),
                   spent=format_amount(told.investment, yuan), each=format_amount(told.investment / told.seats, yuan),
                   more=more)  # fmt: skip
        note = say("services.note_seats")
        made.append(make_finding(case, "projects.seats", said, "per_seat_investment", told.year, note=note))
    return made


def _draw(case: ServiceCase, told: ProjectYear) -> list[Figure]:
    """Schools and projects on one scale; none where a funnel has fewer than two steps with anything in them."""
    steps = [("schools", s) for s in told.schools.steps] + [("projects", s) for s in told.projects.steps]
    steps = [(kind, step) for kind, step in steps if math.isfinite(step.count)]
    if len(steps) < 2 or not any(step.count > 0 for _, step in steps):
        return []
    lang, title = case.view.lang, say("services.title_funnel", year=told.year, area=case.view.name)
    names = [say(f"services.step_{step.name}") for _, step in steps]
    shares = [
        show_share(step.of_before) if math.isfinite(step.of_before) and step.nests else NOTHING
        for _, step in steps
    ]
    bars = [FunnelBar(name[lang], step.count, f"{step.count:.0f}", share[lang], kind)
            for (kind, step), name, share in zip(steps, names, shares, strict=True)]  # fmt: skip
    heads = ("head_step", "series_count", "head_of_before")
    columns = tuple(
        TableColumn(
            label=say(f"services.{head}"), decimals=0 if head == "series_count" else None, kind="count"
        )
        for head in heads
    )
    rows = tuple(
        (name, cell(step.count), share) for (_, step), name, share in zip(steps, names, shares, strict=True)
    )
    sources = [OF_REPAIR if kind == "schools" else SOURCE for kind, _ in steps]
    data = Table(key="services.funnel.data", title=title, columns=columns, rows=rows, brief=False,
                 sources=tuple(case.source(one, told.year) for one in sources))  # fmt: skip
    series = Series(
        name=say("services.series_count"), values=tuple(step.count for _, step in steps), role="own"
    )
    labels = tuple(_label(name, share) for name, share in zip(names, shares, strict=True))
    chart = Chart(kind="funnel", categories=labels, series=(series,), unit=NOTHING, decimals=0)
    told_all = join_texts([_tell_step(step) for _, step in steps], Text("，", ", "))
    foot = _label_money(case, told)
    notes = join_notes(join_sentence(foot) if foot.zh else NOTHING, say("services.note_share_beside"))
    return [Figure(key="services.funnel", title=title, alt=say("services.alt_funnel", told=told_all), data=data,
                   charts=(chart,), note=notes,
                   png=draw_funnel(bars, foot[lang]))]  # fmt: skip


def _label(name: Text, share: Text) -> Text:
    """What stands beside a bar in Word: text alone, its number is the table's."""
    return Text(f"{name.zh}  {share.zh}".rstrip(), f"{name.en}  {share.en}".rstrip())


def _label_money(case: ServiceCase, told: ProjectYear) -> Text:
    if not told.budget > 0:
        return NOTHING
    yuan = case.view.known.units["yuan"]
    said = say("services.label_money", spent=format_amount(told.spent, yuan), budget=format_amount(told.budget, yuan),
               of=case.mark_part(told.paid))  # fmt: skip
    return Text(said.zh, said.en)


def _tabulate(case: ServiceCase, told: ProjectYear) -> list[Table]:
    rows = case.of_year(told.year)
    steps = {n: c for n, c in (SCHOOLS | PROJECTS).items() if rows[c].notna().any()}
    money = {
        h: c
        for h, c in (("budget", "project_budget"), ("spent", "project_investment"))
        if rows[c].notna().any()
    }
    seats = {"seats": "seats_added"} if rows["seats_added"].notna().any() else {}
    columns = [
        *(
            TableColumn(
                label=say(f"services.step_{name}"), decimals=0, unit="school" if name in SCHOOLS else "item"
            )
            for name in steps
        ),
        *(
            TableColumn(
                label=say(f"services.head_{name}"),
                decimals=0,
                unit="seat" if name in seats else "ten_thousand_yuan",
            )
            for name in (*money, *seats)
        ),
    ]
    asked = [*steps.values(), *money.values(), *seats.values()]
    scale = [1 / TEN_THOUSAND if column in money.values() else 1.0 for column in asked]
    held = dict(zip(rows["county"].astype(str), rows[asked].to_numpy(float) * scale, strict=True))
    lines = [
        (case.view.store.name(code), *map(cell, held[code].tolist()))
        for code in case.counties
        if code in held
    ]
    sums = rows[asked].sum(min_count=len(rows)).to_numpy(float)
    foot = tuple(map(cell, (sums * scale).tolist()))
    title = say("services.title_funnel_counties", year=told.year)
    return tabulate_counties(case, "projects.counties", title, columns, lines, foot,
                             sources=(case.source(SOURCE, told.year),))  # fmt: skip

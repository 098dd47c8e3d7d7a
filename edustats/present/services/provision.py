"""Whom do meals and school buses reach, and how many schools have the four things that safety asks for?"""

from __future__ import annotations

import math

from edustats.analysis.services import SERVICES, ServiceShare, sum_service
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.services.case import (
    CLAUSES,
    ServiceCase,
    count,
    make_finding,
    open_case,
    say_nothing,
    show_share,
    tabulate_counties,
)
from edustats.present.view.area import AreaView
from edustats.words import NOTHING, Text, concatenate_texts, join_texts, say

SAFETY = ("closed_campus", "guarded", "patrol", "alarm")
SHOWN = ("meals", "buses_licensed", *SAFETY, "letters_on_time")
COLUMNS = [column for service in ("meals", "buses_licensed", *SAFETY) for column in SERVICES[service]]
SOURCES = {
    "meals": "share_pupils_meals", "buses_licensed": "share_buses_licensed",
    "closed_campus": "share_schools_closed_campus", "guarded": "share_schools_guarded",
    "patrol": "share_schools_patrol", "alarm": "share_schools_alarm", "letters_on_time": "share_petitions_on_time",
    "satisfied_education": "share_satisfied_education", "satisfied_afterschool": "share_satisfied_afterschool",
    "satisfied_meals": "share_satisfied_meals",
}  # fmt: skip


def show_provision(view: AreaView) -> ChapterItems:
    """Meals, buses and safety in the last year that reports them, and all shares by county."""
    case = open_case(view)
    made = [*_tell_meals(case), *_tell_buses(case), *_tell_safety(case)]
    return collect_items(view, made or [say_nothing(case, "provision", *COLUMNS)], _tabulate(case))


def read_service(case: ServiceCase, service: str) -> tuple[int, ServiceShare | None]:
    """The last year of a service and its sums; None where nobody gave it."""
    year = case.last_year(*SERVICES[service])
    return year, sum_service(case.of_year(year), service) if year else None


def tell_beyond(case: ServiceCase, service: str, year: int, found: ServiceShare) -> list[Finding]:
    """Whose part is above its whole."""
    if not found.beyond:
        return []
    said = say("services.beyond_whole", year=year, names=case.name(found.beyond), what=_name_part(service))
    return [make_finding(case, f"{service}.beyond", said, SOURCES[service], year, "cannot_tell")]


def _name_part(service: str) -> Text:
    if service in SAFETY:
        return say("services.of_schools", name=say(f"services.name_{service}"))
    if service.startswith("satisfied_"):
        return say("services.of_answers", name=say(f"services.name_{service}"))
    return say(f"services.name_{service}")


def _tell_meals(case: ServiceCase) -> list[Finding]:
    year, found = read_service(case, "meals")
    if found is None:
        return []
    made = tell_beyond(case, "meals", year, found)
    if found.den > 0:
        unit = case.view.known.units["person"]
        schools = _sum(case, year, "schools_meals", found)
        shown = format_amount(schools, case.view.known.units["school"]) if math.isfinite(schools) else NOTHING
        said = say("services.meals", year=year, area=case.view.name, of=case.mark_part(found.given),
                   num=format_amount(found.num, unit), share=show_share(found.share),
                   schools=say("services.meals_schools", schools=shown) if shown.zh else NOTHING)  # fmt: skip
        note = case.note_lacking(found.lacking)
        made.insert(0, make_finding(case, "meals", said, SOURCES["meals"], year, note=note))
    return made


def _sum(case: ServiceCase, year: int, column: str, found: ServiceShare) -> float:
    """A count over the counties of a share, where all of them gave it."""
    own = case.of_year(year)
    values = own.loc[own["county"].isin(found.given).to_numpy(), column].to_numpy(float)
    return float(values.sum()) if len(values) else math.nan


def _tell_buses(case: ServiceCase) -> list[Finding]:
    year, found = read_service(case, "buses_licensed")
    if found is None:
        return []
    made = tell_beyond(case, "buses_licensed", year, found)
    if found.den > 0:
        carried = _sum(case, year, "pupils_bus", found)
        unit = case.view.known.units["person"]
        pupils = (
            say("services.buses_pupils", pupils=format_amount(carried, unit))
            if math.isfinite(carried)
            else NOTHING
        )
        of = case.mark_part(found.given)
        said = say("services.buses", year=year, area=case.view.name, of=of, den=count(found.den),
                   num=count(found.num), share=show_share(found.share), pupils=pupils)  # fmt: skip
        note = case.note_lacking(found.lacking)
        made.insert(0, make_finding(case, "buses", said, SOURCES["buses_licensed"], year, note=note))
    return made


def _tell_safety(case: ServiceCase) -> list[Finding]:
    """The items of the last year in which any was given, each over the schools of the counties that gave it."""
    year = max(case.last_year(SERVICES[item][0]) for item in SAFETY)
    if not year:
        return []
    parts, made = [], []
    for item in SAFETY:
        found = sum_service(case.of_year(year), item)
        made += tell_beyond(case, item, year, found)
        if found.den > 0:
            word = "whole" if found.num == found.den else "part"
            name = concatenate_texts(say(f"services.name_{item}"), case.mark_part(found.given))
            parts.append(
                say(f"services.safety_{word}", name=name, num=count(found.num), share=show_share(found.share))
            )
    if parts:
        doctors = case.of_year(year)["school_doctors"].to_numpy(float)
        told = [join_texts(parts, CLAUSES)]
        if len(doctors) and math.isfinite(doctors.sum()):
            told.append(
                say(
                    "services.doctors", n=format_amount(float(doctors.sum()), case.view.known.units["person"])
                )
            )
        said = say("services.safety", year=year, area=case.view.name, parts=concatenate_texts(*told))
        made.insert(0, make_finding(case, "safety", said, SOURCES["guarded"], year))
    return made


def _tabulate(case: ServiceCase) -> list[Table]:
    years = [year for service in SHOWN if (year := case.last_year(*SERVICES[service]))]
    if not years:
        return []
    year = max(years)
    rows = case.of_year(year)
    shown = [s for s in SHOWN if sum_service(rows, s).den > 0]
    columns = [TableColumn(label=say(f"services.head_{service}")) for service in shown]
    lines = [
        (case.view.store.name(code), *(show_share(sum_service(own, s).share) for s in shown))
        for code in case.counties
        if len(own := rows[(rows["county"] == code).to_numpy()])
    ]
    foot = tuple(show_share(sum_service(rows, s).share) for s in shown)
    title = say("services.title_safety", year=year, area=case.view.name)
    sources = tuple(case.source(SOURCES[s], year) for s in shown)
    return tabulate_counties(case, "shares.counties", title, columns, lines, foot, sources=sources)

"""Does the county rotate enough teachers, promote by the rules, stay within its posts and teach all subjects?"""

from __future__ import annotations

import math
from collections.abc import Callable

from edustats.catalogue.timetable import read_timetable
from edustats.errors import DataError
from edustats.metrics.finance.growth import UNKNOWN
from edustats.metrics.teachers.compliance import CountedRule
from edustats.present.records.items import Finding
from edustats.present.records.numbers import format_count, format_percent
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.teachers.case import TeacherCase, make_finding, open_case
from edustats.present.view.county import View
from edustats.words import Text, concatenate_texts, join_texts, say

CLAUSE = Text("；", "; ")
SOURCES = {
    "rotation": "share_rotation", "backbone": "share_rotation_backbone", "posts": "share_posts_filled",
    "promotion": "share_promoted_with_rural_service",
}  # fmt: skip


def show_rotation(view: View) -> ChapterItems:
    """Rotation (10 % of those eligible, 20 % of them backbone) and rural service before promotion."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    made: list[Finding] = []
    if year := case.last_of("rotation_done"):
        made += _judge(case, lambda: case.record.rotation(year), "rotation", year)
    if year := case.last_of("promoted_senior"):
        made += _judge(case, lambda: [case.record.promotions(year)], "promotion", year)
    return collect_items(view, made)


def _judge(case: TeacherCase, make: Callable[[], list[CountedRule]], key: str, year: int) -> list[Finding]:
    try:
        found = make()
    except DataError as error:
        text = Text(error.text("zh").rstrip("。"), error.text("en").rstrip("."))
        said = say("teachers.refused", year=year, area=case.view.name, why=text)
        return [make_finding(case, key, said, SOURCES[key], UNKNOWN)]
    return [_tell(case, one, year) for one in found]


def _tell(case: TeacherCase, one: CountedRule, year: int) -> Finding:
    facts = {"year": year, "area": case.view.name}
    if math.isfinite(one.num) and math.isfinite(one.den):
        facts |= {"num": format_count(round(one.num)), "den": format_count(round(one.den)),
                  "share": format_percent(one.share, 1)}  # fmt: skip
        said = say(f"teachers.{one.rule}_{one.denominator}", **facts)
    else:
        said = say(f"teachers.{one.rule}_missing", **facts)
    end = say(f"teachers.end_{one.rule}_{_word(one)}", missing=format_count(one.missing))
    note = say(f"teachers.note_{one.rule}")
    return make_finding(case, one.rule, concatenate_texts(said, end), SOURCES[one.rule], one.verdict, note)


def _word(one: CountedRule) -> str:
    return "open" if one.verdict == UNKNOWN else one.verdict


def show_posts(view: View) -> ChapterItems:
    """Staff against posts, part-timers and substitutes, and teachers of PE and arts against the timetable."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    return collect_items(view, _tell_posts(case), _tell_part_timers(case), _tell_subjects(case))


def _tell_posts(case: TeacherCase) -> list[Finding]:
    year = case.last_of("staff_on_posts", "posts_compulsory")
    if not year:
        return []
    one = case.record.posts(year)
    staff, posts = round(one.num), round(one.den)
    word = "above" if one.reason == "above_posts" else "vacant" if staff < posts else "full"
    said = say(f"teachers.posts_{word}", year=year, area=case.view.name, staff=format_count(staff),
               posts=format_count(posts), n=format_count(abs(staff - posts)))  # fmt: skip
    return [make_finding(case, "posts", said, SOURCES["posts"], one.verdict, say("teachers.note_posts"))]


def _tell_part_timers(case: TeacherCase) -> list[Finding]:
    parts, told = [], ("part_time", "substitute")
    years = [y for name in told if (y := case.last_of(f"teachers_{name}"))]
    if not years:
        return []
    year = max(years)
    everyone = case.record.total("teachers", year)
    for name in told:
        value = case.record.own(f"teachers_{name}", year)
        if math.isfinite(value):
            share = (
                say("teachers.to_full_time", share=format_percent(value / everyone, 1))
                if everyone > 0
                else Text("", "")
            )
            parts.append(
                say(
                    "teachers.part",
                    name=say(f"teachers.name_{name}"),
                    n=format_count(round(value)),
                    share=share,
                )
            )
    said = say("teachers.part_timers", year=year, area=case.view.name, parts=join_texts(parts, CLAUSE))
    return [make_finding(case, "part_timers", said, "share_teachers_part_time")]


def _tell_subjects(case: TeacherCase) -> list[Finding]:
    table, made = read_timetable(), []
    for need in case.record.subjects(case.year):
        if math.isnan(need.teachers):
            continue
        subject = table.subjects[need.subject]
        said = say(
            f"teachers.subject_{'open' if need.verdict == UNKNOWN else need.verdict}", year=case.year,
            subject=subject.name, n=format_count(round(need.teachers)), least=format_count(need.least),
            most=format_count(need.most), missing=format_count(need.missing),
        )  # fmt: skip
        low, high = (format_percent(share, 0) for share in subject.share)
        note = say("teachers.note_subject", source=table.source, low=low, high=high)
        key = f"subject.{need.subject}"
        source = case.trace_columns([f"{subject.column}_{stage}" for stage in ("primary", "junior")])
        made.append(make_finding(case, key, said, source, need.verdict, note))
    return made

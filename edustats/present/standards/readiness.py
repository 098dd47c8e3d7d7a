"""Which county is nearest to passing, and what is it short of?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edustats.metrics.standards.readiness import (
    MissedCriterion,
    ReadinessStanding,
    assess_readiness,
    plan_readiness_path,
    rank_by_readiness,
)
from edustats.present.records.items import Finding, Table
from edustats.present.records.numbers import format_count, format_year, join_sentence
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    QUALITY,
    _build_case,
    _has_needed_columns,
    _join_names,
    _make_columns,
    _make_provenance,
    find_local_standards_state,
    name_stage,
    read_local_standard,
)
from edustats.present.view.county import View
from edustats.words import Text, say


def show_standards_ranking(view: View, target: int = 0, steps: Sequence[int] = ()) -> ChapterItems:
    """Which counties around this one pass now, who is nearest, on what, and a path by year.

    Parameters
    ----------
    view : one county; its neighbours are the others beneath the same area
    target : counties the plan wants recognised (12 in one city's plan); 0: none
    steps : counties in all by the end of each year; empty: one, two more, then all
    """
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    order = rank_by_readiness(assess_neighbours(view))
    if not order:
        return collect_items(view.lang)
    said = _describe_readiness(view, order, target)
    return collect_items(
        view,
        said,
        _tabulate_readiness(view, order),
        _tabulate_path(view, order, steps or _choose_default_steps(len(order))),
        source=_make_provenance(
            view,
            select_rows("counties", view.above, view.last_year),
            "ranked by what is missing",
            read_local_standard(view, QUALITY).source,
        ),
    )


def assess_neighbours(view: View) -> list[ReadinessStanding]:
    """How near each county of the view's prefecture is to passing, those that cannot be judged left out."""
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return []
    held = [code for code in _list_neighbour_counties(view) if code not in view.damaged]
    return [one for code in held if (one := _assess_county(view, code))]


def _list_neighbour_counties(view: View) -> list[str]:
    areas = view.store.areas
    return sorted(areas.loc[(areas["level"] == "county") & (areas["parent"] == view.above), "code"])


def _assess_county(view: View, code: str) -> ReadinessStanding | None:
    """The standing of a county, worked out for the first of its prefecture that asks."""
    state, local = view.store.county_state(code), find_local_standards_state(view)
    if state is None or local is None:
        return _judge_readiness(view, code)
    key = ("readiness", code, state, local)
    return view.comparison.keep(key, lambda: _judge_readiness(view, code))


def _judge_readiness(view: View, code: str) -> ReadinessStanding | None:
    other = View(view.store, view.store.county(code), view.first_year, view.last_year, view.lang, view.known)
    if not _has_needed_columns(other, read_local_standard(view, QUALITY)) or not len(
        other.units[other.units["year"] == view.last_year]
    ):
        return None
    return assess_readiness(_build_case(other, read_local_standard(view, QUALITY), view.last_year, {}))


def _choose_default_steps(n: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys((min(1, n), min(3, n), n)))


def _name_missed_item(view: View, miss: MissedCriterion) -> Text:
    named = (
        say("standards.schools_rule")
        if miss.item == "schools"
        else read_local_standard(view, QUALITY).items[miss.item].name
    )
    stage = name_stage(miss.stage)
    return Text(f"{named.zh}（{stage.zh}）", f"{named.en} ({stage.en})")


def _describe_readiness(view: View, order: Sequence[ReadinessStanding], target: int) -> Finding:
    passing = [one for one in order if one.passes]
    rest = [one for one in order if not one.passes]
    facts: dict[str, Any] = {"year": view.last_year, "n": len(order), "passing": len(passing)}
    if rest:
        near = rest[0]
        which = _join_names([_name_missed_item(view, miss) for miss in near.misses], 3)
        parts = [
            say(
                "standards.ready" if passing else "standards.ready_none",
                nearest=view.store.name(near.county),
                missed=len(near.misses),
                which=which,
                **facts,
            )
        ]
    else:
        parts = [say("standards.ready_all", year=view.last_year, n=len(order))]
    if target:
        parts.append(say("standards.ready_target", target=target, short=max(0, target - len(passing))))
    return Finding(
        key="standards.readiness",
        sentence=join_sentence(*parts),
        note=say("sentences.note", parts=read_local_standard(view, QUALITY).source),
    )


def _tabulate_readiness(view: View, order: Sequence[ReadinessStanding]) -> Table:
    rows = tuple(
        (view.store.name(one.county), format_count(one.judged), format_count(len(one.misses)), format_count(one.open),
         _join_names([_name_missed_item(view, miss) for miss in one.misses], 4) if one.misses else "—")
        for one in order
    )  # fmt: skip
    title = say("standards.title_ready", year=view.last_year)
    heads = _make_columns("county", "judged", "missed", "open", "to_fix")
    return Table(key="standards.readiness", title=title, columns=heads, rows=rows)


def _tabulate_path(view: View, order: Sequence[ReadinessStanding], steps: Sequence[int]) -> Table:
    misses = {one.county: one.misses for one in order}
    rows: list[tuple[Text | str | int, ...]] = []
    for step in plan_readiness_path(order, steps, view.last_year + 1):
        for county in step.counties:
            which = (
                _join_names([_name_missed_item(view, miss) for miss in misses[county]], 4)
                if misses[county]
                else "—"
            )
            rows.append(
                (format_year(step.year), format_count(step.cumulative), view.store.name(county), which)
            )
    heads = _make_columns("year", "step", "county", "to_fix")
    return Table(
        key="standards.path", title=say("standards.title_path"), columns=heads, rows=tuple(rows),
        note=say("standards.path_note"),
    )  # fmt: skip

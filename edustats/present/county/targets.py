"""Which targets of the annual plan are met, which are on course, and what would the others take?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from edustats.analysis.forecast_panel import ForecastPanel
from edustats.analysis.judged_plan import REGISTER, JudgedPlan, read_plan
from edustats.catalogue import Indicator, Unit, strip_stage
from edustats.metrics.standards.targets import (
    Target,
    TargetJudgement,
    judge_county_count_target,
)
from edustats.present.county.forecasts import DASH, MOST_FANS, build_fan_chart, build_fan_figure
from edustats.present.records.items import Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    MINUS,
    choose_decimals,
    format_amount,
    format_count,
    format_difference,
    format_percent,
    format_without_unit,
    is_printed_zero,
    join_sentence,
    with_sign,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.present.view.notes import select_one_of_each, write_scope_note
from edustats.store.reading import Store
from edustats.words import NOTHING, Text, concatenate_texts, join_texts, say

VERDICTS = ("met", "on_course", "off_course", "not_met", "overdue", "cannot_tell")
GRAVITY = {"met": 0, "on_course": 1, "cannot_tell": 2, "off_course": 3, "not_met": 4, "overdue": 4}
"""Which targets a chart shows first."""
CONDITIONS = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below"}
MOST_COUNTIES = 12
"""With more counties the table by county gives numbers of counties, not a column each."""


@dataclass(frozen=True, kw_only=True)
class TargetPlan(JudgedPlan):
    """The plan of a prefecture as a view sees it."""

    view: AreaView

    @cached_property
    def panel(self) -> ForecastPanel | None:
        """All series of the prefecture, forecast as far as any target reaches; shared by its counties."""
        found: ForecastPanel | None = self.view.comparison.forecasts(self.leads)
        return found

    def judged(self, target: Target, area: str) -> TargetJudgement:
        """One target for one area, judged once for whoever of the prefecture asks."""
        key = ("judged", self.leads, target, area)
        return self.view.comparison.keep(key, lambda: JudgedPlan.judged(self, target, area))

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of the prefecture's counties, in their official order."""
        return self.view.comparison.counties


def read_target_plan(view: AreaView) -> TargetPlan:
    """The plan of a view's prefecture; empty where the store holds none."""
    key = ("plan", view.store.register_state(REGISTER))
    targets, refused = view.comparison.keep(key, lambda: read_plan(view.store, view.known))
    return TargetPlan(compare=view.compare, known=view.known, targets=targets, refused=refused, view=view)


def _format_condition(target: Target, unit: Unit) -> Text:
    return say(f"targets.{CONDITIONS[target.operator]}", value=format_amount(target.value, unit))


def _format_probability(chance: float) -> Text:
    if chance > 0.98:
        return say("targets.percent_over", p=format_percent(0.98, 0, "interval_end"))
    if chance < 0.02:
        return say("targets.percent_under", p=format_percent(0.02, 0, "interval_end"))
    return say("targets.percent", p=format_percent(chance, 0))


def _describe_probability(chance: float) -> Text:
    steps = ((0.9, "sure"), (2 / 3, "likely"), (1 / 3, "even"), (0.1, "unlikely"))
    return say(f"targets.chance_{next((word for least, word in steps if chance >= least), 'slim')}")


def _count_verdicts(verdicts: Sequence[str]) -> Text:
    parts = [
        say("targets.summary_part", verdict=say(f"targets.{v}"), n=verdicts.count(v))
        for v in VERDICTS
        if v in verdicts
    ]
    return join_texts(parts, Text("，", ", "))


def show_targets(view: View) -> ChapterItems:
    """The plan's targets for the county: what is met, what is likely, what it would take, in sentences and a table."""
    plan = read_target_plan(view)
    if not (plan.targets or plan.refused):
        return collect_items(view, Finding(key="targets", sentence=join_sentence(say("targets.no_plan"))))
    judged = _judge_county_targets(plan)
    if not judged:
        nothing = Finding(key="targets", sentence=join_sentence(say("targets.none_here", area=view.name)))
        return collect_items(view, nothing, _list_refused_targets(plan))
    order = sorted(judged, key=lambda j: VERDICTS.index(j.verdict))
    said = say(
        "targets.summary", area=view.name, n=len(judged), parts=_count_verdicts([j.verdict for j in judged])
    )
    head = Finding(key="targets", sentence=join_sentence(said), note=say("targets.method"))
    return collect_items(
        view, head, [_describe_target(view, j) for j in order], _tabulate_targets(view, judged)
    )


def _judge_county_targets(plan: TargetPlan) -> list[TargetJudgement]:
    area = plan.view.area
    return [plan.judged(t, area) for t in plan.targets if t.area in ("", area) and not t.counties]


def _describe_target(view: View, j: TargetJudgement) -> Finding:
    target, indicator = j.target, view.known.indicator(j.target.indicator)
    source = view.provenance(indicator, RowFilter(areas=(j.area,), years=(j.year,)))
    unit = view.known.unit_of(indicator.key)
    numbers = [("head_latest", j.value), ("head_target", target.value), ("head_needed", j.needed)]
    clause = [Text(target.clause, target.clause)] if target.clause else []
    return Finding(
        key=f"target.{target.row}.{indicator.key}.{j.area}",
        sentence=join_sentence(_write_target_sentence(view, j, indicator, unit)),
        verdict=j.verdict,
        note=write_scope_note(view, indicator, j.year, clause),
        numbers=tuple(
            Number(
                label=say(f"targets.{key}"), value=value, unit=unit.key, decimals=unit.decimals, source=source
            )
            for key, value in numbers
            if math.isfinite(value)
        ),
    )


def _write_target_sentence(view: View, j: TargetJudgement, indicator: Indicator, unit: Unit) -> Text:
    facts = {
        "area": view.store.name(j.area), "indicator": indicator.name, "year": j.year, "due": j.target.year,
        "condition": _format_condition(j.target, unit),
    }  # fmt: skip
    if j.verdict == "cannot_tell" and j.reason != "even_chance":
        return say("targets.said_unknown", **facts, why=say(f"targets.why_{j.reason}"))
    places = _choose_target_decimals(j, unit)
    facts |= {
        "value": format_amount(j.value, unit, places),
        "gap": format_difference(j.target.value - j.value, unit, places),
    }
    if math.isfinite(j.chance):
        facts |= {"words": _describe_probability(j.chance), "percent": _format_probability(j.chance)}
        key = j.reason or ("met_early" if j.verdict == "met" else j.verdict)
    else:
        key = "met_late" if j.verdict == "met" and j.year > j.target.year else j.verdict
    return concatenate_texts(say(f"targets.said_{key}", **facts), *_describe_needed_effort(view, j, unit))


def _choose_target_decimals(j: TargetJudgement, unit: Unit) -> int:
    """Decimals at which a value that misses its target does not look like it."""
    places = choose_decimals(unit, j.value, j.target.value)
    while (
        j.verdict != "met"
        and places < 4
        and is_printed_zero(format_without_unit(j.target.value - j.value, unit, places))
    ):
        places += 1
    return places


def _describe_needed_effort(view: View, j: TargetJudgement, unit: Unit) -> list[Text]:
    """What is still needed a year, and whether a county ever managed that."""
    if not math.isfinite(j.needed):
        return []
    places = unit.decimals + 1 if unit.decimals else 0
    parts = [
        say(
            f"targets.still_{'up' if j.needed > 0 else 'down'}",
            needed=format_difference(j.needed, unit, places),
        )
    ]
    if j.precedent is None:
        return parts
    facts = {
        "who": view.store.name(j.fastest_area), "span": j.target.year - j.year,
        "fastest": format_difference(j.fastest, unit, places),
    }  # fmt: skip
    key = "precedent" if j.precedent else "no_precedent" if j.fastest * j.needed > 0 else "no_movement"
    return [*parts, say(f"targets.{key}", **facts)]


def _tabulate_targets(view: View, judged: Sequence[TargetJudgement]) -> Table:
    heads = ("target", "latest", "verdict", "needed", "fastest")
    columns = [TableColumn(label=say("sentences.head_indicator"))]
    columns += [TableColumn(label=say(f"targets.head_{name}")) for name in heads]
    known = [view.known.indicator(j.target.indicator) for j in judged]
    return Table(
        key="targets", title=say("targets.title", area=view.name), columns=tuple(columns),
        rows=tuple(_fill_target_row(view, j) for j in judged), note=say("targets.method"),
        sources=tuple(view.provenance(i, view.own_rows()) for i in known),
    )  # fmt: skip


def _fill_target_row(view: View, j: TargetJudgement) -> tuple[Text | str, ...]:
    unit, indicator = view.known.unit_of(j.target.indicator), view.known.indicator(j.target.indicator)
    latest = (
        say(
            "forecast.cell_last",
            year=j.year,
            value=format_amount(j.value, unit, _choose_target_decimals(j, unit)),
        )
        if j.year
        else DASH
    )
    return (
        indicator.name,
        say("targets.cell_target", due=j.target.year, condition=_format_condition(j.target, unit)),
        latest,
        _format_verdict_cell(j),
        _format_signed_change(j.needed, unit),
        _format_fastest_change(view, j, unit),
    )


def _format_verdict_cell(j: TargetJudgement) -> Text:
    verdict = say(f"targets.{j.verdict}")
    if j.verdict == "met" or not math.isfinite(j.chance):
        return verdict
    return say("targets.cell_verdict", verdict=verdict, percent=_format_probability(j.chance))


def _format_signed_change(change: float, unit: Unit) -> Text:
    if not math.isfinite(change):
        return DASH
    size = format_difference(change, unit, unit.decimals + 1 if unit.decimals else 0)
    signed = with_sign(size, "+" if change > 0 else MINUS)
    return replace(signed, en=signed.en.replace("percentage points", "pp"))


def _format_fastest_change(view: View, j: TargetJudgement, unit: Unit) -> Text:
    if not math.isfinite(j.fastest):
        return DASH
    return say(
        "targets.cell_fastest",
        fastest=_format_signed_change(j.fastest, unit),
        who=view.store.name(j.fastest_area),
    )


def _list_refused_targets(plan: TargetPlan) -> list[Finding | Table]:
    """Rows of the plan that cannot be judged, each with what to do about it."""
    if not plan.refused:
        return []
    said = say("targets.refused", n=len(plan.refused))
    table = Table(
        key="targets_refused", title=say("targets.title_refused"),
        columns=tuple(TableColumn(label=say(f"sentences.head_{h}"), quoted=True) for h in ("indicator", "what")),
        rows=tuple((r.name or DASH, r.why) for r in plan.refused), brief=False,
    )  # fmt: skip
    return [Finding(key="targets_refused", sentence=join_sentence(said), verdict="cannot_tell"), table]


def show_target_chart(view: View) -> ChapterItems:
    """Every indicator with a target, its forecast as a fan and the targets as marks."""
    plan = read_target_plan(view)
    judged = _judge_county_targets(plan)
    if plan.panel is None:
        return collect_items(view.lang)
    marks: dict[str, list[tuple[int, float, str]]] = {}
    for target in (j.target for j in judged if (j.target.indicator, view.area) in plan.panel.row and j.year):
        marks.setdefault(target.indicator, []).append((target.year, target.value, target.operator))
    gravest = {key: max(GRAVITY[j.verdict] for j in judged if j.target.indicator == key) for key in marks}
    kept = select_one_of_each(list(marks), strip_stage, gravest.__getitem__, MOST_FANS)
    drawn = [view.known.indicator(key) for key in kept]
    if not drawn:
        return collect_items(view.lang)
    fans = [build_fan_chart(view, plan.panel, i, marks=tuple(marks[i.key])) for i in drawn]
    left = len(marks) - len(drawn)
    return collect_items(view, build_fan_figure(view, plan.panel, "target_chart", drawn, fans, left))


def show_target_matrix(view: View) -> ChapterItems:
    """The plan for the whole prefecture: every county against every target, and what binds the prefecture itself.

    Parameters
    ----------
    view : of any of its counties, or of the prefecture
    """
    from edustats.present.view.prefecture import PrefectureView

    return build_target_matrix(view.county(view.counties[0]) if isinstance(view, PrefectureView) else view)


def build_target_matrix(of: View | Store, lang: str = "") -> ChapterItems:
    """Counties against targets for a whole prefecture.

    Parameters
    ----------
    of : a view of any of its counties, or a store (the prefecture of its first county)
    lang : zh or en; empty: the view's, or the store's
    """
    view = of if isinstance(of, View) else _open_first_county(of, lang)
    lang = lang or view.lang
    plan = read_target_plan(view)
    if not (plan.targets or plan.refused):
        return collect_items(lang, Finding(key="plan", sentence=join_sentence(say("targets.no_plan"))))
    each = {t: [plan.judged(t, area) for area in plan.counties] for t in plan.targets if t.area == ""}
    lines = [(t, row) for t, row in each.items() if not t.counties]
    verdicts = [j.verdict for _, row in lines for j in row]
    said = say(
        "targets.plan_summary", area=view.above_name, counties=len(plan.counties), n=len(verdicts),
        parts=_count_verdicts(verdicts),
    )  # fmt: skip
    head = Finding(key="plan", sentence=join_sentence(said), note=say("targets.method"))
    above = [_describe_target(view, plan.judged(t, t.area)) for t in plan.targets if t.area == view.above]
    phases = [_describe_roll_out(view, t, row, plan) for t, row in each.items() if t.counties]
    return collect_items(
        lang,
        head if lines else [],
        above,
        phases,
        _tabulate_target_matrix(view, plan, lines) if lines else [],
        _list_refused_targets(plan),
    )


def _open_first_county(store: Store, lang: str) -> View:
    data = store.county(store.counties[0])
    years = data.compare["year"]
    return View(store, data, int(years.min()), int(years.max()), lang or store.lang, store.known)


def _describe_roll_out(
    view: View, target: Target, each: Sequence[TargetJudgement], plan: TargetPlan
) -> Finding:
    """A roll-out: so many counties by a year."""
    now = plan.panel.years[-1] if plan.panel else 0
    verdict, met, chance = judge_county_count_target(target, each, now)
    indicator = view.known.indicator(target.indicator)
    facts = {
        "clause": target.clause or say("targets.head_target"),
        "due": target.year,
        "count": target.counties,
        "indicator": indicator.name,
        "met": met,
        "condition": _format_condition(target, view.known.unit_of(indicator.key)),
    }
    key = (
        verdict
        if verdict in ("met", "not_met", "overdue")
        else "ahead"
        if math.isfinite(chance)
        else "unknown"
    )
    if math.isfinite(chance):
        facts |= {"words": _describe_probability(chance), "percent": _format_probability(chance)}
    return Finding(
        key=f"phase.{target.row}", sentence=join_sentence(say(f"targets.phase_{key}", **facts)), verdict=verdict,
        note=say("targets.independent") if key == "ahead" else NOTHING,
    )  # fmt: skip


def _tabulate_target_matrix(
    view: View, plan: TargetPlan, lines: Sequence[tuple[Target, list[TargetJudgement]]]
) -> Table:
    """A row per target; a column per county, or per verdict where counties are many."""
    few = len(plan.counties) <= MOST_COUNTIES
    heads = (
        [view.store.name(code) for code in plan.counties] if few else [say(f"targets.{v}") for v in VERDICTS]
    )
    rows = []
    for target, row in lines:
        unit, indicator = view.known.unit_of(target.indicator), view.known.indicator(target.indicator)
        what = say(
            "targets.cell_matrix",
            indicator=indicator.name,
            due=target.year,
            condition=_format_condition(target, unit),
        )
        verdicts = [j.verdict for j in row]
        rows.append(
            (
                what,
                *(
                    [_format_matrix_mark(j) for j in row]
                    if few
                    else [format_count(verdicts.count(v)) for v in VERDICTS]
                ),
            )
        )
    return Table(
        key="plan", title=say("targets.title_plan", area=view.name_whose(view.above)),
        columns=(TableColumn(label=say("targets.head_target")), *(TableColumn(label=head) for head in heads)),
        rows=tuple(rows), note=say("targets.method"),
        sources=tuple(
            view.provenance(view.known.indicator(t.indicator), RowFilter(areas=(view.above,))) for t, _ in lines
        ),
    )  # fmt: skip


def _format_matrix_mark(j: TargetJudgement) -> Text:
    if j.reason == "even_chance":
        return say("targets.mark_even", percent=_format_probability(j.chance))
    if j.verdict in ("on_course", "off_course"):
        return say(f"targets.mark_{j.verdict}", percent=_format_probability(j.chance))
    return say(f"targets.mark_{j.verdict}")

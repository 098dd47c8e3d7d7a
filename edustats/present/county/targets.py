"""Which targets of the annual plan are met, which are on course, and what would the others take?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edustats.analysis.forecast_panel import Panel, panel
from edustats.catalogue import Indicator, Unit, catalogue
from edustats.metrics.standards.targets import Judgement, Refused, Target, judge, judge_count, read_plan
from edustats.present.county.forecasts import DASH, MOST_FANS, fan_figure, fan_of
from edustats.present.records.items import Column, Finding, Number, Table
from edustats.present.records.numbers import amount, bare, difference, digits, is_nil, joined, places_for
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.view.county import View
from edustats.present.view.notes import note
from edustats.store.reading import Store
from edustats.words import NOTHING, Text, say

VERDICTS = ("met", "on_course", "off_course", "not_met", "overdue", "cannot_tell")
CONDITIONS = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below"}
FURTHEST = 10
"""Years ahead a target is still judged."""
REGISTER = "targets"
MOST_COUNTIES = 12
"""With more counties the table by county gives numbers of counties, not a column each."""


@dataclass(frozen=True)
class Plan:
    """The plan of a prefecture, held against its panel."""

    view: View
    targets: tuple[Target, ...]
    refused: tuple[Refused, ...]

    @cached_property
    def panel(self) -> Panel | None:
        """All series of the prefecture, forecast as far as any target reaches."""
        last = int(self.view.compare["year"].max())
        ahead = [t.year - last for t in self.targets if t.year - last <= FURTHEST]
        return panel(self.view.compare, self.view.known, leads=max(5, *ahead, 1))

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of the prefecture's counties, in their official order."""
        rows = self.view.compare
        return tuple(sorted(rows.loc[rows["level"] == "county", "area"].unique()))

    def judged(self, target: Target, area: str) -> Judgement:
        """One target for one area."""
        found = self.panel
        key = (target.indicator, area)
        if found is None or key not in found.row:
            return Judgement(target=target, area=area, verdict="cannot_tell", reason="missing")
        row, last = found.row[key], found.years[-1]
        chance, reason = math.nan, found.found.reason[row]
        if reason == "outside":  # an impossible value meets no target
            return Judgement(target=target, area=area, verdict="cannot_tell", reason=reason)
        if last < target.year <= found.found.years[-1] and not reason:
            above = found.found.probability(row, target.year, target.value)
            chance = above if target.operator[0] == ">" else 1 - above
        values = found.series(target.indicator, {*self.counties, area})
        return judge(target, area, found.years, values, chance, reason)


def plan_of(view: View) -> Plan:
    """The plan of a view's prefecture; empty where the store holds none."""
    rows = view.store.register(REGISTER)
    names = {str(r.code): (str(r.zh), str(r.en)) for r in view.store.areas.itertuples()}
    targets, refused = read_plan(rows, view.known, names) if len(rows) else ((), ())
    return Plan(view, targets, refused)


def _condition(target: Target, unit: Unit) -> Text:
    return say(f"targets.{CONDITIONS[target.operator]}", value=amount(target.value, unit))


def _percent(chance: float) -> Text:
    if chance > 0.98:
        return say("targets.percent_over")
    if chance < 0.02:
        return say("targets.percent_under")
    return say("targets.percent", p=digits(chance * 100, 0, "zh"))


def _words(chance: float) -> Text:
    steps = ((0.9, "sure"), (2 / 3, "likely"), (1 / 3, "even"), (0.1, "unlikely"))
    return say(f"targets.chance_{next((word for least, word in steps if chance >= least), 'slim')}")


def _counted(verdicts: Sequence[str]) -> Text:
    parts = [
        say("targets.summary_part", verdict=say(f"targets.{v}"), n=verdicts.count(v))
        for v in VERDICTS
        if v in verdicts
    ]
    return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


def targets(view: View) -> Sheet:
    """The plan's targets for the county: what is met, what is likely, what it would take, in sentences and a table."""
    plan = plan_of(view)
    if not (plan.targets or plan.refused):
        return sheet(view.lang, Finding(key="targets", sentence=joined(say("targets.no_plan"))))
    judged = _of_county(plan)
    if not judged:
        nothing = Finding(key="targets", sentence=joined(say("targets.none_here", area=view.name)))
        return sheet(view.lang, nothing, _refused(plan))
    order = sorted(judged, key=lambda j: VERDICTS.index(j.verdict))
    said = say("targets.summary", area=view.name, n=len(judged), parts=_counted([j.verdict for j in judged]))
    head = Finding(key="targets", sentence=joined(said), note=say("targets.method"))
    return sheet(view.lang, head, [_finding(view, j) for j in order], _table(view, judged))


def _of_county(plan: Plan) -> list[Judgement]:
    area = plan.view.area
    return [plan.judged(t, area) for t in plan.targets if t.area in ("", area) and not t.counties]


def _finding(view: View, j: Judgement) -> Finding:
    target, indicator = j.target, view.known.indicator(j.target.indicator)
    source = view.provenance(indicator, f"area={j.area} year={j.year}")
    unit = view.known.unit_of(indicator.key)
    numbers = [("head_latest", j.value), ("head_target", target.value), ("head_needed", j.needed)]
    clause = [Text(target.clause, target.clause)] if target.clause else []
    return Finding(
        key=f"target.{target.row}.{indicator.key}.{j.area}", sentence=joined(_sentence(view, j, indicator, unit)),
        verdict=j.verdict, note=note(view, indicator, j.year, clause),
        numbers=tuple(
            Number(label=say(f"targets.{key}"), value=value, unit=unit.key, decimals=unit.decimals, source=source)
            for key, value in numbers if math.isfinite(value)
        ),
    )  # fmt: skip


def _sentence(view: View, j: Judgement, indicator: Indicator, unit: Unit) -> Text:
    facts = {
        "area": view.store.name(j.area), "indicator": indicator.name, "year": j.year, "due": j.target.year,
        "condition": _condition(j.target, unit),
    }  # fmt: skip
    if j.verdict == "cannot_tell" and j.reason != "even_chance":
        return say("targets.said_unknown", **facts, why=say(f"targets.why_{j.reason}"))
    places = _places(j, unit)
    facts |= {
        "value": amount(j.value, unit, places),
        "gap": difference(j.target.value - j.value, unit, places),
    }
    if math.isfinite(j.chance):
        facts |= {"words": _words(j.chance), "percent": _percent(j.chance)}
        key = j.reason or ("met_early" if j.verdict == "met" else j.verdict)
    else:
        key = "met_late" if j.verdict == "met" and j.year > j.target.year else j.verdict
    return _all([say(f"targets.said_{key}", **facts), *_effort(view, j, unit)])


def _places(j: Judgement, unit: Unit) -> int:
    """Decimals at which a value that misses its target does not look like it."""
    places = places_for(unit, j.value, j.target.value)
    while j.verdict != "met" and places < 4 and is_nil(bare(j.target.value - j.value, unit, places)):
        places += 1
    return places


def _all(parts: Sequence[Text]) -> Text:
    return Text("".join(p.zh for p in parts), "".join(p.en for p in parts))


def _effort(view: View, j: Judgement, unit: Unit) -> list[Text]:
    """What is still needed a year, and whether a county ever managed that."""
    if not math.isfinite(j.needed):
        return []
    places = unit.decimals + 1 if unit.decimals else 0
    parts = [
        say(f"targets.still_{'up' if j.needed > 0 else 'down'}", needed=difference(j.needed, unit, places))
    ]
    if j.precedent is None:
        return parts
    facts = {
        "who": view.store.name(j.fastest_area), "span": j.target.year - j.year,
        "fastest": difference(j.fastest, unit, places),
    }  # fmt: skip
    key = "precedent" if j.precedent else "no_precedent" if j.fastest * j.needed > 0 else "no_movement"
    return [*parts, say(f"targets.{key}", **facts)]


def _table(view: View, judged: Sequence[Judgement]) -> Table:
    heads = ("target", "latest", "verdict", "needed", "fastest")
    columns = [Column(label=say("sentences.head_indicator"))]
    columns += [Column(label=say(f"targets.head_{name}")) for name in heads]
    known = [view.known.indicator(j.target.indicator) for j in judged]
    return Table(
        key="targets", title=say("targets.title", area=view.name), columns=tuple(columns),
        rows=tuple(_row(view, j) for j in judged), note=say("targets.method"),
        sources=tuple(view.provenance(i, f"area={view.area}") for i in known),
    )  # fmt: skip


def _row(view: View, j: Judgement) -> tuple[Text | str, ...]:
    unit, indicator = view.known.unit_of(j.target.indicator), view.known.indicator(j.target.indicator)
    latest = (
        say("forecast.cell_last", year=j.year, value=amount(j.value, unit, _places(j, unit)))
        if j.year
        else DASH
    )
    return (
        indicator.name,
        say("targets.cell_target", due=j.target.year, condition=_condition(j.target, unit)),
        latest,
        _verdict_cell(j),
        _signed(j.needed, unit),
        _fastest(view, j, unit),
    )


def _verdict_cell(j: Judgement) -> Text:
    verdict = say(f"targets.{j.verdict}")
    if j.verdict == "met" or not math.isfinite(j.chance):
        return verdict
    return say("targets.cell_verdict", verdict=verdict, percent=_percent(j.chance))


def _signed(change: float, unit: Unit) -> Text:
    if not math.isfinite(change):
        return DASH
    size, sign = (
        difference(change, unit, unit.decimals + 1 if unit.decimals else 0),
        "+" if change > 0 else "−",
    )
    return Text(sign + size.zh, sign + size.en.replace("percentage points", "pp"))


def _fastest(view: View, j: Judgement, unit: Unit) -> Text:
    if not math.isfinite(j.fastest):
        return DASH
    return say("targets.cell_fastest", fastest=_signed(j.fastest, unit), who=view.store.name(j.fastest_area))


def _refused(plan: Plan) -> list[Finding | Table]:
    """Rows of the plan that cannot be judged, each with what to do about it."""
    if not plan.refused:
        return []
    said = say("targets.refused", n=len(plan.refused))
    table = Table(
        key="targets_refused", title=say("targets.title_refused"),
        columns=(Column(label=say("sentences.head_indicator")), Column(label=say("sentences.head_what"))),
        rows=tuple((r.name or DASH, r.why) for r in plan.refused), brief=False,
    )  # fmt: skip
    return [Finding(key="targets_refused", sentence=joined(said), verdict="cannot_tell"), table]


def target_chart(view: View) -> Sheet:
    """Every indicator with a target, its forecast as a fan and the targets as marks."""
    plan = plan_of(view)
    judged = _of_county(plan)
    if plan.panel is None:
        return sheet(view.lang)
    marks: dict[str, list[tuple[int, float, str]]] = {}
    for target in (j.target for j in judged if (j.target.indicator, view.area) in plan.panel.row and j.year):
        marks.setdefault(target.indicator, []).append((target.year, target.value, target.operator))
    drawn = [view.known.indicator(key) for key in list(marks)[:MOST_FANS]]
    if not drawn:
        return sheet(view.lang)
    fans = [fan_of(view, plan.panel, i, marks=tuple(marks[i.key])) for i in drawn]
    return sheet(view.lang, fan_figure(view, plan.panel, "target_chart", drawn, fans))


def plan(view: View) -> Sheet:
    """The plan for the whole prefecture: every county against every target, and what binds the prefecture itself.

    Parameters
    ----------
    view : of any of its counties, or of the prefecture
    """
    from edustats.present.view.prefecture import PrefectureView

    return targets_of_all(view.county(view.counties[0]) if isinstance(view, PrefectureView) else view)


def targets_of_all(of: View | Store, lang: str = "") -> Sheet:
    """Counties against targets for a whole prefecture.

    Parameters
    ----------
    of : a view of any of its counties, or a store (the prefecture of its first county)
    lang : zh or en; empty: the view's, or the store's
    """
    view = of if isinstance(of, View) else _first_view(of, lang)
    lang = lang or view.lang
    plan = plan_of(view)
    if not (plan.targets or plan.refused):
        return sheet(lang, Finding(key="plan", sentence=joined(say("targets.no_plan"))))
    each = {t: [plan.judged(t, area) for area in plan.counties] for t in plan.targets if t.area == ""}
    lines = [(t, row) for t, row in each.items() if not t.counties]
    verdicts = [j.verdict for _, row in lines for j in row]
    said = say(
        "targets.plan_summary", area=view.above_name, counties=len(plan.counties), n=len(verdicts),
        parts=_counted(verdicts),
    )  # fmt: skip
    head = Finding(key="plan", sentence=joined(said), note=say("targets.method"))
    above = [_finding(view, plan.judged(t, t.area)) for t in plan.targets if t.area == view.above]
    phases = [_phase(view, t, row, plan) for t, row in each.items() if t.counties]
    return sheet(
        lang,
        head if lines else [],
        above,
        phases,
        _matrix(view, plan, lines) if lines else [],
        _refused(plan),
    )


def _first_view(store: Store, lang: str) -> View:
    data = store.county(store.counties[0])
    years = data.compare["year"]
    return View(store, data, int(years.min()), int(years.max()), lang or store.lang, catalogue())


def _phase(view: View, target: Target, each: Sequence[Judgement], plan: Plan) -> Finding:
    """A roll-out: so many counties by a year."""
    now = plan.panel.years[-1] if plan.panel else 0
    verdict, met, chance = judge_count(target, each, now)
    indicator = view.known.indicator(target.indicator)
    facts = {
        "clause": target.clause or say("targets.head_target"), "due": target.year, "count": target.counties,
        "indicator": indicator.name, "met": met, "condition": _condition(target, view.known.unit_of(indicator.key)),
    }  # fmt: skip
    key = (
        verdict
        if verdict in ("met", "not_met", "overdue")
        else "ahead"
        if math.isfinite(chance)
        else "unknown"
    )
    if math.isfinite(chance):
        facts |= {"words": _words(chance), "percent": _percent(chance)}
    return Finding(
        key=f"phase.{target.row}", sentence=joined(say(f"targets.phase_{key}", **facts)), verdict=verdict,
        note=say("targets.independent") if key == "ahead" else NOTHING,
    )  # fmt: skip


def _matrix(view: View, plan: Plan, lines: Sequence[tuple[Target, list[Judgement]]]) -> Table:
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
            condition=_condition(target, unit),
        )
        verdicts = [j.verdict for j in row]
        rows.append((what, *([_mark(j) for j in row] if few else [str(verdicts.count(v)) for v in VERDICTS])))
    return Table(
        key="plan", title=say("targets.title_plan", area=view.above_name),
        columns=(Column(label=say("targets.head_target")), *(Column(label=head) for head in heads)),
        rows=tuple(rows), note=say("targets.method"),
        sources=tuple(view.provenance(view.known.indicator(t.indicator), f"area={view.above}") for t, _ in lines),
    )  # fmt: skip


def _mark(j: Judgement) -> Text:
    if j.reason == "even_chance":
        return say("targets.mark_even", percent=_percent(j.chance))
    if j.verdict in ("on_course", "off_course"):
        return say(f"targets.mark_{j.verdict}", percent=_percent(j.chance))
    return say(f"targets.mark_{j.verdict}")

"""What changed between the units since the first year, what moved it, and which units push it most?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from edustats.errors import DataError
from edustats.metrics.inequality.change import (
    CvChange,
    decompose_change_by_composition,
    decompose_cv_change,
    measure_inequality_change,
)
from edustats.metrics.inequality.decomposition import compute_unit_contributions
from edustats.metrics.inequality.measures import coefficient_of_variation
from edustats.present.equity.groups import name_group_sides, select_grouped_units
from edustats.present.equity.inequality import (
    MOST_ROWS,
    find_most_unequal,
    find_top_contributors,
    is_rare,
)
from edustats.present.records.items import Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_number,
    format_percent,
    format_year,
    is_printed_zero,
    join_sentence,
    keep_sign,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, write_scope_note
from edustats.present.view.schools import (
    UnitValues,
    describe_comparison_field,
    get_unit_values,
    is_per_pupil,
    list_compared_indicators,
    list_measured_years,
    name_unit,
    name_weight,
    trace_units,
)
from edustats.words import NOTHING, Text, join_texts, say

MOST_SAID = 2
DECIMALS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoefficientChange:
    """The change of one indicator's coefficient; limits on it are those of its sign alone where ``parts`` is None."""

    then: UnitValues
    now: UnitValues
    first: float
    last: float
    lower: float
    upper: float
    note: str
    parts: CvChange | None

    @property
    def size(self) -> float:
        return self.last - self.first

    @property
    def is_certain(self) -> bool:
        return math.isfinite(self.lower) and not self.lower <= 0 <= self.upper


def show_inequality_change(view: View) -> ChapterItems:
    """How the coefficients changed since the first year, and what moved them."""
    moves = [
        move
        for indicator in list_compared_indicators(view)
        if (move := _measure_coefficient_change(view, select_first_and_last_units(view, indicator)))
    ]
    if not moves:
        return collect_items(view.lang)
    told = select_most_telling(moves, _score_change, MOST_SAID)
    findings = [_describe_coefficient_change(view, move) for move in told]
    top = max(told, key=_score_change)
    groups = [f for g in view.store.about["groups"] if (f := _describe_group_change(view, top, g))]
    split = [move for move in moves if move.parts is not None]
    return collect_items(view, findings, groups, [_tabulate_changes(view, split)] if split else [])


def _score_change(move: CoefficientChange) -> tuple[bool, bool, float]:
    return not (is_rare(move.then) or is_rare(move.now)), move.is_certain, abs(move.size)


def select_first_and_last_units(view: View, indicator: Any) -> tuple[UnitValues, UnitValues] | None:
    """The units of an indicator in its first and in its last year; None with one year."""
    years = list_measured_years(view, indicator)
    if len(years) < 2:
        return None
    pair = get_unit_values(view, indicator, years[0]), get_unit_values(view, indicator, years[-1])
    return pair if view.has_units else _keep_common(*pair)


def _keep_common(then: UnitValues, now: UnitValues) -> tuple[UnitValues, UnitValues]:
    """The counties that are there in both years: one that begins or fails to report changes no county."""
    common = np.intersect1d(then.codes, now.codes)
    return then.select(np.isin(then.codes, common)), now.select(np.isin(now.codes, common))


def _measure_coefficient_change(
    view: View, pair: tuple[UnitValues, UnitValues] | None
) -> CoefficientChange | None:
    if pair is None or any(len(u.values) < 2 or not u.values.any() for u in pair):
        return None
    then, now = pair
    parts = _decompose_cv_change(then, now) if view.has_units and is_per_pupil(now.indicator) else None
    first, last = (coefficient_of_variation(u.values, u.weights) for u in pair)
    if parts is not None:
        lower, upper, why = parts.total.lower, parts.total.upper, parts.total.note
    else:
        row = measure_inequality_change(
            _stack_years(then, now), "value", "weight", "year", "unit", 0, 1, measure="cv2"
        ).iloc[-1]
        # the coefficient moves as its square does; the limits are put on its own scale
        scale = first + last
        if not scale:  # all alike in both years: nothing has moved
            return None
        lower, upper, why = float(row["lower"]) / scale, float(row["upper"]) / scale, str(row["note"])
    return CoefficientChange(
        then=then, now=now, first=first, last=last, lower=lower, upper=upper, note=why, parts=parts
    )


def _stack_years(then: UnitValues, now: UnitValues) -> pd.DataFrame:
    pair = (then, now)
    return pd.DataFrame({
        "unit": np.concatenate([u.codes for u in pair]),
        "year": np.repeat([0, 1], [len(u.values) for u in pair]),
        "value": np.concatenate([u.values for u in pair]), "weight": np.concatenate([u.weights for u in pair]),
    })  # fmt: skip


def _decompose_cv_change(then: UnitValues, now: UnitValues) -> CvChange | None:
    """The official coefficient's change by what moved; None where too few schools are in both years."""
    code, codes = pd.factorize(np.concatenate([then.codes, now.codes]), sort=True)
    spread = np.full((2, 2, len(codes)), np.nan)
    for sides, u, at in zip(spread, (then, now), np.split(code, [len(then.codes)]), strict=True):
        sides[:, at] = u.values * u.weights, u.weights
    (r0, p0), (r1, p1) = spread
    try:
        return decompose_cv_change((r0, r1), (p0, p1))
    except DataError:
        return None


def _describe_coefficient_change(view: View, move: CoefficientChange) -> Finding:
    place = describe_comparison_field(view)
    size = keep_sign(_format_change_size(abs(move.size), "difference"), move.size)
    word = "flat" if is_printed_zero(size) else "up" if move.size > 0 else "down"
    first, last = _format_change_size(move.first), _format_change_size(move.last)
    nearly = "nearly_" if word == "flat" and first.zh != last.zh else ""
    said = say(
        f"equity.changed_{nearly}{word}",
        area=place.area,
        unit=place.unit_name,
        indicator=move.now.indicator.name,
        first_year=move.then.year,
        last_year=move.now.year,
        first=first,
        last=last,
        change=size,
    )
    moved = (
        _describe_effects(move.parts, place.unit_name)
        if move.parts is not None and word != "flat"
        else NOTHING
    )
    verdict = (
        ("wider" if move.size > 0 else "narrower") if move.is_certain and word != "flat" else "cannot_tell"
    )
    label = say("sentences.head_cv")
    numbers = tuple(
        Number(
            label=Text(f"{u.year}年{label.zh}", f"{label.en}, {u.year}"), value=value, unit="coefficient",
            decimals=DECIMALS, source=trace_units(view, u),
        )
        for u, value in ((move.then, move.first), (move.now, move.last))
    )  # fmt: skip
    extra = _list_notes(move.lower, place.unit_name, parts=bool(moved.zh))
    return Finding(
        key=f"changed.{move.now.indicator.key}",
        sentence=join_sentence(said, _describe_certainty(move, place.unit_name), moved),
        numbers=numbers,
        verdict=verdict,
        note=write_scope_note(view, move.now.indicator, move.now.year, extra),
    )


def _list_notes(lower: float, unit: Text, *, parts: bool) -> list[Text]:
    """How the interval and the parts were computed, of what is told."""
    interval = [say("equity.note_paired", unit=unit)] if math.isfinite(lower) else []
    return [*interval, *([say("equity.note_shapley")] if parts else [])]


def _format_change_size(value: float, kind: str = "level") -> Text:
    return format_number(value, DECIMALS, "coefficient", kind)


def _describe_certainty(move: CoefficientChange, unit: Text) -> Text:
    if not math.isfinite(move.lower):
        kind = "few" if move.note in ("too_few", "small_groups") else "heavy"
        return say(f"equity.change_{kind}", unit=unit)
    if not move.is_certain:
        return say(
            "equity.change_unsure",
            low=_format_change_size(move.lower, "interval_end"),
            high=_format_change_size(move.upper, "interval_end"),
        )
    low, high = sorted((abs(move.lower), abs(move.upper)))
    ends = {
        "low": _format_change_size(low, "interval_end"),
        "high": _format_change_size(high, "interval_end"),
    }
    return say("equity.change_sure", **ends)


def _describe_effects(parts: CvChange, unit: Text) -> Text:
    effects = {
        name: _format_effect(getattr(parts, name).change) for name in ("pupils", "resources", "network")
    }
    return say("equity.moved", unit=unit, **effects)


def _format_effect(effect: float, decimals: int = DECIMALS) -> Text:
    size = keep_sign(format_number(abs(effect), decimals, "coefficient", "difference"), effect)
    word = "none" if is_printed_zero(size) else "up" if effect > 0 else "down"
    return say(f"equity.by_{word}", size=size)


def _describe_group_change(view: View, move: CoefficientChange, group: dict[str, Any]) -> Finding | None:
    sides = [select_grouped_units(u, group) for u in (move.then, move.now)]
    if sides[0] is None or sides[1] is None:
        return None
    (then, first), (now, last) = sides[0], sides[1]
    table = _stack_years(then, now).assign(side=np.r_[first, last])
    rows = decompose_change_by_composition(table, "value", "weight", "year", "unit", "side", 0, 1)
    found = {row["part"]: row for row in rows.to_dict("records")}
    if not math.isfinite(found["total"]["change"]):
        return None
    place, between = describe_comparison_field(view), found["between"]
    said = say(
        "equity.groups_changed", groups=name_group_sides(group), area=place.area, indicator=now.indicator.name,
        first_year=then.year, last_year=now.year, first=format_number(found["total"]["first"], 4, "coefficient"),
        last=format_number(found["total"]["last"], 4, "coefficient"),
        within=_format_effect(found["within"]["change"], 4),
        between=_format_effect(between["change"], 4), composition=_format_effect(found["composition"]["change"], 4),
        certainty=_describe_between_certainty(between),
    )  # fmt: skip
    number = Number(
        label=say("sentences.head_theil"), value=found["total"]["last"], unit="coefficient", decimals=4,
        source=trace_units(view, now, group["key"]),
    )  # fmt: skip
    extra = _list_notes(between["lower"], place.unit_name, parts=True)
    return Finding(
        key=f"changed.{group['key']}.{now.indicator.key}", sentence=join_sentence(said), numbers=(number,),
        note=write_scope_note(view, now.indicator, now.year, extra),
    )  # fmt: skip


def _describe_between_certainty(between: dict[Any, Any]) -> Text:
    if not math.isfinite(between["lower"]):
        return say("equity.between_few")
    low, high = between["lower"], between["upper"]
    if low <= 0 <= high:
        return say(
            "equity.between_unsure",
            low=format_number(low, 4, "coefficient", "interval_end"),
            high=format_number(high, 4, "coefficient", "interval_end"),
        )
    low, high = sorted((abs(low), abs(high)))
    return say(
        "sentences.gap_interval",
        low=format_number(low, 4, "coefficient", "interval_end"),
        high=format_number(high, 4, "coefficient", "interval_end"),
    )


def _tabulate_changes(view: View, moves: list[CoefficientChange]) -> Table:
    place = describe_comparison_field(view)
    years = {"first": min(m.then.year for m in moves), "last": max(m.now.year for m in moves)}
    labels = (
        say("sentences.head_indicator"), *(say("sentences.head_first", year=format_year(y)) for y in years.values()),
        *(say(f"equity.head_{h}", unit=place.unit_name) for h in ("change", "pupils", "resources", "network")),
    )  # fmt: skip
    return Table(
        key="changed",
        title=say("equity.title_changed", area=place.area, unit=place.unit_name, **years),
        columns=tuple(TableColumn(label=label) for label in labels),
        rows=tuple(_fill_change_row(move) for move in moves),
        sources=tuple(trace_units(view, move.now) for move in moves),
        brief=len(moves) <= MOST_ROWS,
    )


def _fill_change_row(move: CoefficientChange) -> tuple[Text | str, ...]:
    size, parts = _format_change_size(move.size, "difference"), move.parts
    effects = [
        _format_change_size(getattr(parts, name).change) for name in ("pupils", "resources", "network")
    ]
    cell = size
    if math.isfinite(move.lower):
        low, high = (_format_change_size(limit, "interval_end") for limit in (move.lower, move.upper))
        cell = say("sentences.with_interval", value=size, low=low, high=high)
    return (
        move.now.indicator.name,
        _format_change_size(move.first),
        _format_change_size(move.last),
        cell,
        *effects,
    )


# --- who pushes most ---------------------------------------------------------------------------------------


def show_contributors(view: View) -> ChapterItems:
    """The three units that push the spread of the most unequal indicator most, and a table of ten."""
    u = find_most_unequal(view)
    if u is None or len(u.values) < 5:
        return collect_items(view.lang)
    parts = compute_unit_contributions(u.values, u.weights, "cv2")
    share = parts / parts.sum() if parts.sum() > 0 else parts
    order = find_top_contributors(u, 10)
    place = describe_comparison_field(view)
    told = [_describe_contributor(view, u, i, float(share[i])) for i in order[:3]]
    facts = {"area": place.area, "unit": place.unit_name, "indicator": u.indicator.name}
    three = float(share[order[:3]].sum())
    said = say(
        "equity.pushed", year=u.year, n=len(u.values), names=join_texts(told), share=format_percent(three),
        **facts,
    )  # fmt: skip
    source = trace_units(view, u)
    number = Number(label=say("equity.head_share"), value=three, unit="share", decimals=1, source=source)
    finding = Finding(
        key=f"pushed.{u.indicator.key}", sentence=join_sentence(said), numbers=(number,),
        note=write_scope_note(view, u.indicator, u.year, [say("equity.note_contributions", unit=place.unit_name)]),
    )  # fmt: skip
    rows = tuple(
        (
            name_unit(view, u, i),
            format_amount(float(u.values[i]), u.unit),
            float(u.weights[i]),
            format_percent(float(share[i])),
        )
        for i in order
    )
    weight, weight_unit = name_weight(view, u.indicator)
    labels = (
        say("sentences.head_unit", unit=place.unit_name),
        u.indicator.name,
        weight,
        say("equity.head_share"),
    )
    table = Table(
        key="pushed",
        title=say("equity.title_pushed", **facts),
        columns=tuple(
            TableColumn(
                label=label,
                decimals=0,
                persons=place.own and label is weight and weight_unit == "person",
                unit=weight_unit,
                quoted=label is labels[0],
            )
            for label in labels
        ),
        rows=rows,
        sources=(source,),
        brief=False,
    )
    return collect_items(view, finding, table)


def _describe_contributor(view: View, u: UnitValues, i: int, share: float) -> Text:
    side = say(f"equity.{'above' if u.values[i] > u.mean else 'below'}_mean")
    return say(
        "equity.pushed_one", name=name_unit(view, u, i), value=format_amount(float(u.values[i]), u.unit), side=side,
        share=format_percent(share),
    )  # fmt: skip

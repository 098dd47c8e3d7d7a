"""What changed between the units since the first year, what moved it, and which units push it most?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from edustats.errors import DataError
from edustats.metrics.inequality.change import CvChange, change, cv_change, within_between_composition
from edustats.metrics.inequality.decomposition import contributions
from edustats.metrics.inequality.measures import coefficient_of_variation
from edustats.present.equity.groups import group_names, grouped
from edustats.present.equity.inequality import MOST_ROWS, most_unequal, outstanding, unequal
from edustats.present.records.items import Column, Finding, Number, Table
from edustats.present.records.numbers import amount, digits, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.view.county import View
from edustats.present.view.notes import note, telling
from edustats.present.view.schools import (
    Units,
    compared,
    field_of,
    name_of,
    per_pupil,
    source_of,
    units_of,
    years_of,
)
from edustats.words import NOTHING, Text, say

MOST_SAID = 2
DECIMALS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Move:
    """The change of one indicator's coefficient; limits on it are those of its sign alone where ``parts`` is None."""

    then: Units
    now: Units
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
    def sure(self) -> bool:
        return math.isfinite(self.lower) and not self.lower <= 0 <= self.upper


def changed(view: View) -> Sheet:
    """How the coefficients changed since the first year, and what moved them."""
    moves = [move for indicator in compared(view) if (move := _move(view, units_pair(view, indicator)))]
    if not moves:
        return sheet(view.lang)
    told = telling(moves, _tells, MOST_SAID)
    findings = [_changed_finding(view, move) for move in told]
    top = max(told, key=_tells)
    groups = [f for g in view.store.about["groups"] if (f := _groups_changed(view, top, g))]
    split = [move for move in moves if move.parts is not None]
    return sheet(view.lang, findings, groups, [_changed_table(view, split)] if split else [])


def _tells(move: Move) -> float:
    rare = min(unequal(move.then), unequal(move.now)) < 0
    return 1e3 * move.sure + abs(move.size) - 1e6 * rare


def units_pair(view: View, indicator: Any) -> tuple[Units, Units] | None:
    """The units of an indicator in its first and in its last year; None with one year."""
    years = years_of(view, indicator)
    if len(years) < 2:
        return None
    return units_of(view, indicator, years[0]), units_of(view, indicator, years[-1])


def _move(view: View, pair: tuple[Units, Units] | None) -> Move | None:
    if pair is None or any(len(u.values) < 2 or not u.values.any() for u in pair):
        return None
    then, now = pair
    parts = _parts(then, now) if view.has_units and per_pupil(now.indicator) else None
    first, last = (coefficient_of_variation(u.values, u.weights) for u in pair)
    if parts is not None:
        lower, upper, why = parts.total.lower, parts.total.upper, parts.total.note
    else:
        row = change(_stacked(then, now), "value", "weight", "year", "unit", 0, 1, measure="cv2").iloc[-1]
        # the coefficient moves as its square does; the limits are put on its own scale
        scale = first + last
        lower, upper, why = float(row["lower"]) / scale, float(row["upper"]) / scale, str(row["note"])
    return Move(then=then, now=now, first=first, last=last, lower=lower, upper=upper, note=why, parts=parts)


def _stacked(then: Units, now: Units) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame({"unit": u.rows["unit"], "year": k, "value": u.values, "weight": u.weights})
        for k, u in enumerate((then, now))
    )


def _parts(then: Units, now: Units) -> CvChange | None:
    """The official coefficient's change by what moved; None where too few schools are in both years."""
    codes = pd.Index(then.rows["unit"]).union(pd.Index(now.rows["unit"]))
    sides = [
        pd.DataFrame({"r": u.values * u.weights, "p": u.weights}, index=u.rows["unit"]) for u in (then, now)
    ]
    (r0, p0), (r1, p1) = (
        (s["r"].to_numpy(), s["p"].to_numpy()) for s in (side.reindex(codes) for side in sides)
    )
    try:
        return cv_change((r0, r1), (p0, p1))
    except DataError:
        return None


def _changed_finding(view: View, move: Move) -> Finding:
    place = field_of(view)
    size = digits(abs(move.size), DECIMALS, "zh")
    word = "flat" if float(size) == 0 else "up" if move.size > 0 else "down"
    said = say(
        f"equity.changed_{word}", area=place.area, unit=place.unit_name, indicator=move.now.indicator.name,
        first_year=move.then.year, last_year=move.now.year, first=_plain(move.first), last=_plain(move.last),
        change=size,
    )  # fmt: skip
    moved = _moved(move.parts, place.unit_name) if move.parts is not None and word != "flat" else NOTHING
    verdict = ("wider" if move.size > 0 else "narrower") if move.sure and word != "flat" else "cannot_tell"
    label = say("sentences.head_cv")
    numbers = tuple(
        Number(
            label=Text(f"{u.year}年{label.zh}", f"{label.en}, {u.year}"), value=value, unit="coefficient",
            decimals=DECIMALS, source=source_of(view, u),
        )
        for u, value in ((move.then, move.first), (move.now, move.last))
    )  # fmt: skip
    extra = [say("equity.note_paired", unit=place.unit_name)]
    return Finding(
        key=f"changed.{move.now.indicator.key}", sentence=joined(said, _certainty(move, place.unit_name), moved),
        numbers=numbers, verdict=verdict, note=note(view, move.now.indicator, move.now.year, extra),
    )  # fmt: skip


def _plain(value: float) -> str:
    return digits(value, DECIMALS, "zh")


def _certainty(move: Move, unit: Text) -> Text:
    if not math.isfinite(move.lower):
        kind = "few" if move.note in ("too_few", "small_groups") else "heavy"
        return say(f"equity.change_{kind}", unit=unit)
    if not move.sure:
        return say("equity.change_unsure", low=_plain(move.lower), high=_plain(move.upper))
    low, high = sorted((abs(move.lower), abs(move.upper)))
    return say("equity.change_sure", low=_plain(low), high=_plain(high))


def _moved(parts: CvChange, unit: Text) -> Text:
    effects = {name: _by(getattr(parts, name).change) for name in ("pupils", "resources", "network")}
    return say("equity.moved", unit=unit, **effects)


def _by(effect: float, decimals: int = DECIMALS) -> Text:
    size = digits(abs(effect), decimals, "zh")
    word = "none" if float(size) == 0 else "up" if effect > 0 else "down"
    return say(f"equity.by_{word}", size=size)


def _groups_changed(view: View, move: Move, group: dict[str, Any]) -> Finding | None:
    sides = [grouped(u, group) for u in (move.then, move.now)]
    if sides[0] is None or sides[1] is None:
        return None
    (then, first), (now, last) = sides[0], sides[1]
    table = _stacked(then, now).assign(side=np.r_[first, last])
    rows = within_between_composition(table, "value", "weight", "year", "unit", "side", 0, 1)
    found = {row["part"]: row for row in rows.to_dict("records")}
    if not math.isfinite(found["total"]["change"]):
        return None
    place, between = field_of(view), found["between"]
    said = say(
        "equity.groups_changed", groups=group_names(group), area=place.area, indicator=now.indicator.name,
        first_year=then.year, last_year=now.year, first=digits(found["total"]["first"], 4, "zh"),
        last=digits(found["total"]["last"], 4, "zh"), within=_by(found["within"]["change"], 4),
        between=_by(between["change"], 4), composition=_by(found["composition"]["change"], 4),
        certainty=_between_certainty(between),
    )  # fmt: skip
    number = Number(
        label=say("sentences.head_theil"), value=found["total"]["last"], unit="coefficient", decimals=4,
        source=source_of(view, now, f" by {group['key']}"),
    )  # fmt: skip
    extra = [say("equity.note_paired", unit=place.unit_name)]
    return Finding(
        key=f"changed.{group['key']}.{now.indicator.key}", sentence=joined(said), numbers=(number,),
        note=note(view, now.indicator, now.year, extra),
    )  # fmt: skip


def _between_certainty(between: dict[Any, Any]) -> Text:
    if not math.isfinite(between["lower"]):
        return say("equity.between_few")
    low, high = between["lower"], between["upper"]
    if low <= 0 <= high:
        return say("equity.between_unsure", low=digits(low, 4, "zh"), high=digits(high, 4, "zh"))
    low, high = sorted((abs(low), abs(high)))
    return say("sentences.gap_interval", low=digits(low, 4, "zh"), high=digits(high, 4, "zh"))


def _changed_table(view: View, moves: list[Move]) -> Table:
    place = field_of(view)
    years = {"first": min(m.then.year for m in moves), "last": max(m.now.year for m in moves)}
    labels = (
        say("sentences.head_indicator"), *(say("sentences.head_first", year=y) for y in years.values()),
        *(say(f"equity.head_{h}", unit=place.unit_name) for h in ("change", "pupils", "resources", "network")),
    )  # fmt: skip
    return Table(
        key="changed",
        title=say("equity.title_changed", area=place.area, unit=place.unit_name, **years),
        columns=tuple(Column(label=label) for label in labels),
        rows=tuple(_changed_row(move) for move in moves),
        sources=tuple(source_of(view, move.now) for move in moves),
        brief=len(moves) <= MOST_ROWS,
    )


def _changed_row(move: Move) -> tuple[Text | str, ...]:
    size, parts = _plain(move.size), move.parts
    effects = [_plain(getattr(parts, name).change) for name in ("pupils", "resources", "network")]
    cell = Text(size, size)
    if math.isfinite(move.lower):
        low, high = _plain(move.lower), _plain(move.upper)
        cell = Text(f"{size}（{low}～{high}）", f"{size} ({low} to {high})")
    return (move.now.indicator.name, _plain(move.first), _plain(move.last), cell, *effects)


# --- who pushes most ---------------------------------------------------------------------------------------


def contributors(view: View) -> Sheet:
    """The three units that push the spread of the most unequal indicator most, and a table of ten."""
    u = most_unequal(view)
    if u is None or len(u.values) < 5:
        return sheet(view.lang)
    parts = contributions(u.values, u.weights, "cv2")
    share = parts / parts.sum() if parts.sum() > 0 else parts
    order = outstanding(u, 10)
    place = field_of(view)
    told = [_pushed_one(view, u, i, float(share[i])) for i in order[:3]]
    facts = {"area": place.area, "unit": place.unit_name, "indicator": u.indicator.name}
    three = float(share[order[:3]].sum())
    said = say(
        "equity.pushed", year=u.year, n=len(u.values), names=listed(told), share=_percent(three),
        **facts,
    )  # fmt: skip
    source = source_of(view, u)
    number = Number(
        label=say("equity.head_share"),
        value=three,
        unit="share",
        decimals=1,
        source=source,
    )
    finding = Finding(
        key=f"pushed.{u.indicator.key}", sentence=joined(said), numbers=(number,),
        note=note(view, u.indicator, u.year, [say("equity.note_contributions", unit=place.unit_name)]),
    )  # fmt: skip
    rows = tuple(
        (
            name_of(view, u, i),
            amount(float(u.values[i]), u.unit),
            f"{u.weights[i]:.0f}",
            _percent(float(share[i])),
        )
        for i in order
    )
    labels = (
        say("sentences.head_unit", unit=place.unit_name),
        u.indicator.name,
        place.weight,
        say("equity.head_share"),
    )
    table = Table(
        key="pushed", title=say("equity.title_pushed", **facts), columns=tuple(Column(label=label) for label in labels),
        rows=rows, sources=(source,), brief=False,
    )  # fmt: skip
    return sheet(view.lang, finding, table)


def _pushed_one(view: View, u: Units, i: int, share: float) -> Text:
    side = say(f"equity.{'above' if u.values[i] > u.mean else 'below'}_mean")
    return say(
        "equity.pushed_one", name=name_of(view, u, i), value=amount(float(u.values[i]), u.unit), side=side,
        share=_percent(share),
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{digits(share * 100, 1, 'zh')}%"


def listed(texts: list[Text]) -> Text:
    """Texts in a row, as each language separates them."""
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))

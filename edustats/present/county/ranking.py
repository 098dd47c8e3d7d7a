"""Which place does the county hold among its area's counties, and how sure is that place?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edustats.catalogue import Indicator, select_spokespersons
from edustats.metrics.comparison.ranking import (
    RankSets,
    compute_funnel_limits,
    detect_rank_changes,
    rank_with_confidence_sets,
)
from edustats.metrics.standards.coefficients import round_half_up
from edustats.metrics.trend.pooling import FEWEST_AREAS
from edustats.metrics.trend.verdicts import transform_to_trend_scale
from edustats.present.county.profile import MOST_ROWS, make_number
from edustats.present.records.items import Cell, Finding, Table, TableColumn
from edustats.present.records.numbers import format_count, format_ordinal, format_year, join_sentence
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, write_scope_note
from edustats.typing import Flags, Floats
from edustats.words import DASH, Text, concatenate_texts, say

MOST_TOLD = 8
BOTH = 0.975
"""Confidence of each of two years' sets, for 95 % together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyRank:
    """The county's place in one indicator."""

    indicator: Indicator
    year: int
    first_year: int
    value: float
    rank: int
    best: int
    worst: int
    n: int
    move: int
    """1 up, -1 down, 0 not told since the first year."""
    chance: str
    """inside, above or below the limits of chance for its size; empty where it is no share of a count."""

    @property
    def width(self) -> int:
        return self.worst - self.best


def rank_county(view: View, indicator: Indicator) -> CountyRank | None:
    """The county's place; None where nothing is better, the county has no value or fewer than four have."""
    panel = view.panel
    k, a = panel.at(indicator), panel.own
    values = panel.values[k]
    held = np.flatnonzero(np.isfinite(values[a]))
    if indicator.better == "none" or not len(held):
        return None
    scaled = transform_to_trend_scale(values[None], panel.shares[[k]], panel.dens[[k]])[0][0]
    noise = panel.judged.slopes.noise[k]
    known = np.isfinite(noise)
    now = np.where(known, scaled[:, held[-1]], np.nan)
    if np.isfinite(now).sum() < FEWEST_AREAS or not np.isfinite(now[a]):
        return None
    sets = _compute_rank_sets(view, now, noise, indicator)
    return CountyRank(
        indicator=indicator,
        year=int(panel.years[held[-1]]),
        first_year=int(panel.years[held[0]]),
        value=float(values[a, held[-1]]),
        rank=_rank_as_printed(view, indicator, values[:, held[-1]], known)[a],
        best=int(sets.best[a]),
        worst=int(sets.worst[a]),
        n=sets.n,
        move=_detect_rank_move(view, scaled, noise, known, held, indicator),
        chance=_test_against_chance(view, k, int(held[-1])),
    )


def _rank_as_printed(view: View, indicator: Indicator, values: Floats, known: Flags) -> list[int]:
    """Places on the figures as they are printed: those that print the same share theirs, as in the brief."""
    unit = view.known.unit_of(indicator.key)
    printed = round_half_up(np.where(known, values * unit.times, np.nan), unit.decimals)
    sign = 1 if indicator.better == "higher" else -1
    return [1 + int((sign * printed > sign * own).sum()) for own in printed]


def _detect_rank_move(
    view: View,
    scaled: np.ndarray,
    noise: np.ndarray,
    known: np.ndarray,
    held: np.ndarray,
    indicator: Indicator,
) -> int:
    """Whether the place has really changed since the first year the county has a value."""
    ends, own = scaled[:, [held[0], held[-1]]], view.panel.own
    both = known & np.isfinite(ends).all(axis=1)
    if held[0] == held[-1] or both.sum() < FEWEST_AREAS or not both[own]:
        return 0
    before, after = (
        _compute_rank_sets(view, np.where(both, ends[:, j], np.nan), noise, indicator, BOTH) for j in (0, 1)
    )
    return int(detect_rank_changes(before, after)[own])


def _compute_rank_sets(
    view: View, values: np.ndarray, noise: np.ndarray, indicator: Indicator, confidence: float = 0.95
) -> RankSets:
    """The sets of all counties, computed for the first of them that asks."""
    key = ("rank sets", values.tobytes(), noise.tobytes(), indicator.better, confidence)
    return view.comparison.keep(
        key, lambda: rank_with_confidence_sets(values, noise, indicator.better, confidence)
    )


def _test_against_chance(view: View, k: int, t: int) -> str:
    panel = view.panel
    share, den = panel.values[k, :, t], panel.dens[k, :, t]
    own = np.isfinite(share) & np.isfinite(den) & (den > 0) & (share >= 0) & (share <= 1)
    if not panel.shares[k] or not own[panel.own]:
        return ""
    found = compute_funnel_limits(np.where(own, np.round(share * den), np.nan), np.where(own, den, np.nan))
    return ("below", "inside", "above")[int(found.outside[panel.own]) + 1]


def show_ranks(view: View) -> ChapterItems:
    """Sentences on the places that are narrow enough to say something, and all of them in a table."""
    places = [p for i in select_spokespersons(view.indicators) if i.compare and (p := rank_county(view, i))]
    if not places:
        return collect_items(
            view, Finding(key="ranks", sentence=join_sentence(say("trends.no_ranks", area=view.name)))
        )
    told = select_most_telling(
        [p for p in places if p.width <= (p.n - 1) / 2], lambda p: p.n - p.width, most=MOST_TOLD
    )
    return collect_items(
        view,
        _summarize_ranks(view, places),
        [_describe_rank(view, p) for p in told],
        _tabulate_ranks(view, places),
    )


def _summarize_ranks(view: View, places: list[CountyRank]) -> Finding:
    single = sum(p.width == 0 for p in places)
    all_wide = sum(p.width == p.n - 1 for p in places)
    said = say("trends.ranks", area=view.name, n=len(places), single=single, wide=all_wide)
    return Finding(key="ranks", sentence=join_sentence(said), note=say("trends.ranks_note"))


def _describe_rank(view: View, p: CountyRank) -> Finding:
    unit = view.known.unit_of(p.indicator.key)
    ends = {"best": format_ordinal(p.best), "worst": format_ordinal(p.worst)}
    where = say("trends.rank_exact" if p.width == 0 else "trends.rank_between", **ends)
    facts = {
        "year": p.year,
        "area": view.name,
        "indicator": p.indicator.name,
        "value": view.format_covered(p.value, p.indicator.key, view.area, p.year),
    }
    said = say("trends.rank", **facts, n=p.n, above=view.above_name, where=where)
    move = (
        say(f"trends.moved_{'up' if p.move > 0 else 'down'}", year=p.first_year) if p.move else Text("", "")
    )
    source = view.provenance(p.indicator, select_rows("counties", view.above, p.year))
    return Finding(
        key=f"rank.{p.indicator.key}",
        sentence=join_sentence(said, move),
        numbers=(make_number(view.name, p.value, unit, source),),
        note=write_scope_note(view, p.indicator, p.year),
    )


def _tabulate_ranks(view: View, places: list[CountyRank]) -> Table:
    heads = ("indicator", "year", "value"), ("place", "set", "move", "chance")
    labels = [say(f"sentences.head_{name}") for name in heads[0]] + [
        say(f"trends.head_{name}") for name in heads[1]
    ]
    return Table(
        key="ranks",
        title=say("trends.title_ranks", area=view.name, above=view.above_name),
        columns=tuple(TableColumn(label=label) for label in labels),
        rows=tuple(_fill_rank_row(view, p) for p in places),
        note=say("trends.ranks_table_note"),
        sources=tuple(
            view.provenance(p.indicator, select_rows("counties", view.above, p.year)) for p in places
        ),
        brief=len(places) <= MOST_ROWS,
    )


def _format_rank_set(p: CountyRank) -> Text:
    if p.width == 0:
        return format_count(p.best, "rank")
    return concatenate_texts(format_count(p.best, "rank"), "–", format_count(p.worst, "rank"))


def _fill_rank_row(view: View, p: CountyRank) -> tuple[Cell | Text, ...]:
    moves = {1: "trends.up_since", -1: "trends.down_since", 0: "trends.not_told"}
    return (
        p.indicator.name,
        format_year(p.year),
        view.format_covered(p.value, p.indicator.key, view.area, p.year),
        concatenate_texts(format_count(p.rank, "rank"), "/", format_count(p.n)),
        _format_rank_set(p),
        say(moves[p.move], year=p.first_year),
        say(f"trends.chance_{p.chance}") if p.chance else DASH,
    )

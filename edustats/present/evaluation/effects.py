"""How is it said what can be put down to a measure, so that nobody reads more into it than is there?

The power is said before the verdict, both tests stand together, and no verb says that something was caused unless both
agree, the two sides moved alike before, and what drift there was could have gone on without making up the difference.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.analysis import frames
from edustats.analysis.evaluation import EffectFrames, effect
from edustats.catalogue import Indicator, Unit
from edustats.errors import ParameterError
from edustats.metrics.evaluation.effects import EffectEstimate
from edustats.metrics.evaluation.few_clusters import DRAWN
from edustats.metrics.evaluation.synthetic import SyntheticPath, describe_synthetic
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import (
    MINUS,
    choose_decimals,
    format_amount,
    format_difference,
    format_number,
    format_percent,
    format_without_unit,
    is_printed_zero,
    join_sentence,
    with_sign,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.prefecture import PrefectureView
from edustats.words import CLAUSES, Text, join_texts, say

MOST_NAMED = 5
MOST_PLACES_MORE = 3
"""Decimals that an effect may have beyond those of its unit before it is taken for nought."""


def show_effect(view: PrefectureView, joined: str | Path | pd.DataFrame, indicator: str) -> ChapterItems:
    """What can be put down to a measure that some schools of a prefecture took part in.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    joined : list of the schools that took part (a frame or CSV file with ``unit`` and ``first``); empty: none
    indicator : key of an indicator that schools report

    Raises
    ------
    DataError, MissingFileError
        The list is damaged or not there.
    """
    one = view.known.indicator(indicator)
    if isinstance(joined, str) and not joined:
        return collect_items(view, Finding(key="effect", sentence=join_sentence(say("evaluation.no_data"))))
    span = slice(view.first_year, view.last_year)
    rows = frames.schools(view.store, indicator, list(view.counties), span, inside=True)
    if rows["value"].notna().sum() == 0:
        said = say("evaluation.no_schools", indicator=one.name)
        return collect_items(view, Finding(key="effect", sentence=join_sentence(said), verdict="cannot_tell"))
    rows = rows[rows["school"].isin(rows.loc[rows["value"].notna(), "school"])]
    found = effect(rows, joined)
    unit, units = view.known.unit_of(indicator), "areas" if found.by_area else "schools"
    return collect_items(
        view, describe_effect(found, one, unit, say(f"evaluation.{units}"), _find_synthetic(found)),
        _tabulate(found, unit), source=view.provenance(one, view.own_rows()),
    )  # fmt: skip


def _find_synthetic(found: EffectFrames) -> SyntheticPath | None:
    """The mixture of others where a single unit took part; nothing where ``pysyncon`` is not installed."""
    if found.estimate.treated != 1 or found.estimate.others < 3 or found.estimate.reason != "too_few_ways":
        return None
    values, years, first = found.panel
    kept = np.isfinite(values).all(axis=1) & ((first == 0) | (first > years[0]))
    try:
        return describe_synthetic(values[kept], years, first[kept])
    except ParameterError:
        return None


def describe_effect(
    found: EffectFrames, indicator: Indicator, unit: Unit, units: Text, synthetic: SyntheticPath | None = None
) -> list[Finding]:
    """The sentences: power first, then the director's sentence, the tests, the bound, before and after.

    Parameters
    ----------
    found : from :func:`edustats.effect`
    indicator, unit : of the values
    units : what took part, such as "schools"
    synthetic : of a single treated unit
    """
    e = found.estimate
    facts: dict[str, object] = {
        "indicator": indicator.name, "unit": units, "treated": e.treated, "others": e.others,
        "permutations": e.permutations,
    }  # fmt: skip
    if e.comparison is None:
        parts = [say(f"evaluation.reason_{e.reason}", **facts)]
        said = [Finding(key="effect.refused", sentence=join_sentence(*parts), verdict="cannot_tell")]
        return [*said, *_describe_before_and_after(found, facts, unit, synthetic)]
    method = "method_within" if e.within else "method"
    return [
        Finding(key="effect.power", sentence=join_sentence(_write_power(e, facts, unit))),
        Finding(
            key="effect.verdict", sentence=join_sentence(write_effect(e, facts, unit)),
            verdict="none" if e.verdict in ("higher", "lower") else "cannot_tell", note=say(f"evaluation.{method}"),
        ),
        Finding(key="effect.tests", sentence=join_sentence(_write_tests(e, unit))),
        *_describe_before_and_after(found, facts, unit, synthetic),
    ]  # fmt: skip


def write_effect(e: EffectEstimate, facts: dict[str, object], unit: Unit) -> Text:
    """The sentence a director understands; without a causal word where the figures do not carry one.

    Parameters
    ----------
    e : with a comparison
    facts : indicator, unit (what took part)
    unit : of the values
    """
    c = e.comparison
    if c is None:
        raise ValueError("an estimate without a comparison has no effect to tell")
    parts = [
        _write_change(side, size, facts, unit)
        for side, size in (("took", c.change), ("rest", c.change_others))
    ]
    sizes = {"effect": _sign(c.effect, unit), "low": _sign(c.lower, unit), "high": _sign(c.upper, unit)}
    if e.verdict in ("higher", "lower"):
        return join_texts([*parts, say("evaluation.put_down", **sizes)], CLAUSES)
    low, high = (_sign(limit, unit) for limit in e.honest_limits)
    why = say(f"evaluation.{e.verdict}", low=low, high=high, unit=facts["unit"])
    return join_texts([*parts, say("evaluation.difference", **sizes), why], CLAUSES)


def _write_change(side: str, change: float, facts: dict[str, object], unit: Unit) -> Text:
    """How one side changed; a change that prints as nought is none."""
    size = format_difference(change, unit)
    shown = format_without_unit(change, unit)
    word = "same" if is_printed_zero(shown) else "rose" if change > 0 else "fell"
    return say(f"evaluation.{side}_{word}", **facts, **({} if word == "same" else {"size": size}))


def _write_power(e: EffectEstimate, facts: dict[str, object], unit: Unit) -> Text:
    """What could be noticed, and what could be put down to the measure even if the drift before had gone on."""
    c, bound = e.comparison, e.before_drift
    if c is None or bound is None:
        raise ValueError("an estimate without a comparison has no power to tell")
    sizes = {
        "detectable": format_difference(c.detectable, unit),
        "firm": format_difference(max(c.detectable, bound.detectable), unit),
    }
    return say("evaluation.power", **facts, **sizes)


def _sign(value: float, unit: Unit) -> Text:
    """A difference with its sign; one that is not nought never prints as 0.0, and one that is only rounding does."""
    places, finest = unit.decimals, format_without_unit(value, unit, unit.decimals + MOST_PLACES_MORE)
    while is_printed_zero(format_without_unit(value, unit, places)) and not is_printed_zero(finest):
        places += 1
    size = format_difference(value, unit, places)
    return with_sign(size, MINUS) if value < 0 and not is_printed_zero(size) else size


def _write_tests(e: EffectEstimate, unit: Unit) -> Text:
    c = e.comparison
    if c is None:
        raise ValueError("an estimate without a comparison has no tests")
    drawn = say("evaluation.drawn_ways", n=DRAWN)
    if c.is_exact:
        drawn = say("evaluation.all_ways", n=c.permutations, attained=format_percent(c.attained, 1))
    parts = [
        say(
            "evaluation.tests", permutation=_write_p(c.permutation_p), how=drawn,
            t=_write_p(c.t_p), freedom=c.freedom,
        )
    ]  # fmt: skip
    if e.verdict in ("higher", "lower"):
        low, high = (_sign(limit, unit) for limit in e.honest_limits)
        parts.append(say("evaluation.honest_holds", low=low, high=high))
    return join_texts(parts, CLAUSES)


def _write_p(p: float) -> Text:
    """A p is never printed as nought."""
    return say("evaluation.p_under") if p < 0.001 else say("evaluation.p_is", p=format_number(p, 3))


def _describe_before_and_after(
    found: EffectFrames, facts: dict[str, object], unit: Unit, synthetic: SyntheticPath | None
) -> list[Finding]:
    """Before and after alone, and who is left out."""
    e, parts = found.estimate, []
    if math.isfinite(e.before) and math.isfinite(e.after):
        places = choose_decimals(unit, e.before, e.after)
        ends = {
            name: format_amount(value, unit, places)
            for name, value in (("before", e.before), ("after", e.after))
        }
        parts.append(say("evaluation.plain", **facts, **ends))
    if synthetic is not None:
        sizes = {
            "gap": _sign(synthetic.gap_after, unit),
            "miss": format_difference(synthetic.miss_before, unit),
        }
        parts.append(say("evaluation.synthetic", **sizes))
    if len(e.left_out) and math.isfinite(e.all_units_effect):
        parts.append(say("evaluation.left_out", n=len(e.left_out), effect=_sign(e.all_units_effect, unit)))
    if len(e.from_start):
        parts.append(say("evaluation.from_start", n=len(e.from_start)))
    if len(e.apart):
        parts.append(say("evaluation.apart", n=len(e.apart)))
    if found.unknown:
        names = ", ".join(found.unknown[:MOST_NAMED]) + ("…" if len(found.unknown) > MOST_NAMED else "")
        parts.append(say("evaluation.not_held", n=len(found.unknown), names=names))
    return [Finding(key=f"effect.beside.{k}", sentence=join_sentence(part)) for k, part in enumerate(parts)]


def _tabulate(found: EffectFrames, unit: Unit) -> list[Table]:
    """The event study, and effects by cohort and year."""
    if found.estimate.comparison is None:
        return []
    places = unit.decimals + 1 if unit.decimals else 2
    tables = []
    for key, frame, heads in (
        ("event", found.event_study, ("since", "effect", "error")),
        ("cohorts", found.group_time, ("cohort", "year", "effect", "error")),
    ):
        columns = [
            TableColumn(
                label=say(f"evaluation.head_{h}"), decimals=places if h in ("effect", "error") else None
            )
            for h in heads
        ]
        rows = [
            tuple(
                _sign(v, unit) if h in ("effect", "error") else str(int(v)).replace("-", MINUS)
                for h, v in zip(heads, row, strict=True)
            )
            for row in frame.itertuples(index=False)
        ]
        title = say(f"evaluation.title_{key}")
        tables.append(
            Table(key=f"effect.{key}", title=title, columns=tuple(columns), rows=tuple(rows), brief=False)
        )
    return tables

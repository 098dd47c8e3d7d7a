"""How unequal is each area in each year, by every measure asked for, and how sure is that?

One call over a table of units gives one tidy row per area and measure. The units are sorted once and all
areas are computed side by side. Where a measure is not defined or its interval would not hold, the row says
why in ``note``; the sentence behind each code is ``say(f"inequality.{note}")``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import check_choice, check_confidence
from edustats.metrics.groups.rank_formulas import RANKED, RankFormula, rank_units
from edustats.metrics.groups.rank_formulas import estimate_rank_limits as ranked_limits
from edustats.metrics.inequality.area_limits import (
    CODE,
    METHODS,
    NAMES,
    AreaLimits,
    LogSpread,
    describe_areas,
    join_areas,
    measure_log_spread,
    set_limits,
)
from edustats.metrics.inequality.arrays import AreaBlock, arrange_areas, iterate_area_blocks
from edustats.metrics.inequality.formulas import FORMULAS, SpreadFormula
from edustats.metrics.inequality.row_groups import RowGroups, group_rows
from edustats.typing import Floats, Positions

DEFAULT = ("gini", "theil", "mean_log_deviation", "cv", "atkinson", "percentile_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenMeasure:
    """A measure with its options, as asked for in a summary."""

    name: str
    formula: SpreadFormula | RankFormula


def choose_measure(name: str, **options: Any) -> ChosenMeasure:
    """Name a measure and settle its variant.

    Parameters
    ----------
    name : str
        A key of :data:`edustats.metrics.inequality.formulas.FORMULAS` or
        :data:`edustats.metrics.groups.rank_formulas.RANKED`.
    **options
        Those of the measure, such as ``epsilon``, ``alpha``, ``corrected``, ``upper``, ``rule``, ``form``.

    Raises
    ------
    ParameterError
        When the name is unknown or an option is out of range.

    Examples
    --------
    >>> choose_measure("atkinson", epsilon=1).formula.variant
    'epsilon=1'
    """
    known = FORMULAS | RANKED
    check_choice("measure", name, *known)
    return ChosenMeasure(name=name, formula=known[name](**options))


def summarize_inequality(
    frame: pd.DataFrame,
    value: str,
    weight: str | None = None,
    by: str | Sequence[str] = (),
    measures: Iterable[str | ChosenMeasure] = DEFAULT,
    *,
    rank: str | None = None,
    interval: str = "superpopulation",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Measures of inequality of every area, with their intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per unit (school) and year.
    value : str
        Column of the indicator. A missing value leaves its row out and is counted in ``missing``.
    weight : str, optional
        Column of the pupils; left out, every unit counts the same. Their scale does not matter, except to
        percentiles by a rule that interpolates.
    by : str or list of str
        Columns that name the area, the year ...; none missing. A category without any row gets rows too.
    measures : names or :func:`choose_measure`
        In the order wanted.
    rank : str, optional
        Column the units are ranked by, for concentration and slope indices; rows without it are left out of
        those alone.
    interval : {"superpopulation", "none"}
        ``superpopulation``: what the process behind the units may show (see
        :mod:`edustats.metrics.inequality.intervals`). ``none``: the units are a census and its figures are exact.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        One row per area and measure: the keys, ``measure``, ``variant``, ``estimate``, ``se``, ``lower``,
        ``upper``, ``n`` (units used), ``weight`` (their sum), ``missing`` (share of rows without a value, 0-1),
        ``method``, ``covers``, ``note``. A nan always has its reason in ``note``.

    Raises
    ------
    DataError
        When a column is absent or not numeric, or a key is missing.
    ParameterError
        When a measure, interval or confidence is unknown or out of range.

    Notes
    -----
    One bad row refuses its own area and no other. An area of one unit has no inequality to speak of and is
    refused; the scalar functions give it 0.

    Examples
    --------
    >>> schools = pd.DataFrame({"county": ["a", "a", "b"], "books": [1.0, 3.0, 2.0], "pupils": [10, 10, 5]})
    >>> found = summarize_inequality(schools, "books", "pupils", by="county", measures=["gini"])
    >>> found[["county", "estimate", "n", "note"]].values.tolist()
    [['a', 0.25, 2, 'too_few'], ['b', nan, 1, 'one_unit']]
    """
    check_choice("interval", interval, "superpopulation", "none")
    check_confidence(confidence)
    asked = [m if isinstance(m, ChosenMeasure) else choose_measure(m) for m in measures]
    keys = [by] if isinstance(by, str) else list(by)
    _require_columns(frame, [value, *keys, *(c for c in (weight, rank) if c is not None)])
    if rank is None and any(isinstance(m.formula, RankFormula) for m in asked):
        raise ParameterError("metrics.rank_missing")
    groups = group_rows(frame, keys)
    units = _select_usable_units(frame, value, weight, rank, groups)
    results = [_MeasureResult(len(groups.keys)) for _ in asked]
    spreads = [
        (m.formula, r) for m, r in zip(asked, results, strict=True) if isinstance(m.formula, SpreadFormula)
    ]
    ranks = [
        (m.formula, r) for m, r in zip(asked, results, strict=True) if isinstance(m.formula, RankFormula)
    ]
    level = None if interval == "none" else confidence
    if spreads:
        _measure_spread_of_all(units, spreads, level)
    if ranks:
        _measure_all_rank_indices(units, ranks, level)
    return _build_result_table(groups, units, asked, results, interval)


def _require_columns(frame: pd.DataFrame, names: list[str]) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DataError(
            "metrics.no_column", column=", ".join(absent), known=", ".join(map(str, frame.columns))
        )


def _read_number_column(frame: pd.DataFrame, name: str) -> Floats:
    if frame[name].dtype == np.float64:
        return frame[name].to_numpy()
    try:
        return frame[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError("metrics.column_not_numeric", column=name) from None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _UsableUnits:
    """The rows that can be used, and of each area how many there are and why it is refused."""

    x: Floats
    w: Floats | None
    rank: Floats | None
    code: NDArray[np.int32]
    n: NDArray[np.intp]
    weight: Floats
    missing: Floats
    reason: NDArray[np.int8]


@dataclass(slots=True, init=False, eq=False)
class _MeasureResult:
    """What one measure found in each area."""

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    method: NDArray[np.int8]

    def __init__(self, areas: int) -> None:
        self.estimate, self.se, self.lower, self.upper = (np.full(areas, math.nan) for _ in range(4))
        self.method = np.zeros(areas, dtype=np.int8)  # nothing said yet

    def fill_areas(self, chosen: Positions, found: AreaLimits, *, exact: bool) -> None:
        """Take over what was found in some areas; exact: without the limits, where there is a figure."""
        self.estimate[chosen], self.method[chosen] = found.estimate, found.method
        if exact:
            self.method[chosen[np.isfinite(found.estimate)]] = CODE["census"]
            return
        self.se[chosen], self.lower[chosen], self.upper[chosen] = found.se, found.lower, found.upper


def _select_usable_units(
    frame: pd.DataFrame, value: str, weight: str | None, rank: str | None, groups: RowGroups
) -> _UsableUnits:
    x = _read_number_column(frame, value)
    w, by = (None if c is None else _read_number_column(frame, c) for c in (weight, rank))
    code, areas = groups.code, len(groups.keys)
    n, missing = np.bincount(code, minlength=areas), np.zeros(areas)
    if len(x) and np.isnan(x.min()):
        used = np.flatnonzero(~np.isnan(x))
        x, code = x[used], code[used]
        w, by = (None if c is None else c[used] for c in (w, by))
        rows, n = n, np.bincount(code, minlength=areas)
        missing = (rows - n) / np.maximum(rows, 1)
    total = np.bincount(code, w, areas).astype(float)
    reason = np.zeros(areas, dtype=np.int8)
    for name, wrong in _find_wrong_rows(x, w).items():  # what is worst is said last and stands
        reason[np.unique(code[wrong])] = CODE[name]
    reason[(reason == 0) & (n == 1)] = CODE["one_unit"]
    reason[n == 0] = CODE["no_value"]
    if len(x) and x.min() <= 0:
        reason[(reason == 0) & (np.bincount(code, x != 0, areas) == 0)] = CODE["all_zero"]
    return _UsableUnits(x=x, w=w, rank=by, code=code, n=n, weight=total, missing=missing, reason=reason)


def _find_wrong_rows(x: Floats, w: Floats | None) -> dict[str, NDArray[np.bool_]]:
    """Rows that refuse their area; looked for one by one only where the extremes say there are some."""
    wrong = {}
    if len(x) and not (x.min() >= 0 and x.max() < math.inf):
        wrong = {"negative": x < 0, "not_finite": np.isinf(x)}
    if w is not None and len(w) and not (w.min() > 0 and w.max() < math.inf):
        wrong |= {"weight_not_positive": w <= 0, "weight_missing": ~np.isfinite(w)}
    return wrong


# --- the measures of spread --------------------------------------------------------------------------------


def _measure_spread_of_all(
    units: _UsableUnits, wanted: list[tuple[SpreadFormula, _MeasureResult]], confidence: float | None
) -> None:
    """A block of areas at a time what needs their units, all areas at once what does not."""
    areas_of, facts_of = [], []
    spreads_of: list[list[LogSpread]] = [[] for _ in wanted]
    for block in iterate_area_blocks(units.code, units.reason == 0):
        areas = arrange_areas(*_lay_out_values(units, block), block.n)
        facts = describe_areas(areas, plain=confidence is None)
        areas_of.append(block.areas)
        facts_of.append(facts)
        for (formula, _), spreads in zip(wanted, spreads_of, strict=True):
            spreads.append(measure_log_spread(areas, formula, None if confidence is None else facts))
    if not areas_of:
        return
    chosen, facts = np.concatenate(areas_of), join_areas(facts_of)
    for (formula, result), spreads in zip(wanted, spreads_of, strict=True):
        found = set_limits(formula, join_areas(spreads), facts, confidence or 0.95)
        result.fill_areas(chosen, found, exact=confidence is None)


def _lay_out_values(units: _UsableUnits, block: AreaBlock) -> tuple[Floats, Floats | None]:
    """Values and weights of some areas; filling repeats the largest value with weight 0."""
    x = block.lay_out(units.x, -math.inf)
    if block.n[0] < block.n[-1]:
        x = np.maximum(x, x.max(axis=1)[:, None], out=x, where=np.isneginf(x))
    return x, None if units.w is None else block.lay_out(units.w)


# --- the measures of lean ----------------------------------------------------------------------------------


def _measure_all_rank_indices(
    units: _UsableUnits, wanted: list[tuple[RankFormula, _MeasureResult]], confidence: float | None
) -> None:
    assert units.rank is not None  # noqa: S101
    known = np.isfinite(units.rank)
    code, x, rank = units.code[known], units.x[known], units.rank[known]
    w = np.ones(len(x)) if units.w is None else units.w[known]
    sound = np.isin(units.reason, [CODE[""], CODE["negative"], CODE["all_zero"]])
    enough = np.bincount(code, minlength=len(sound)) > 2
    for block in iterate_area_blocks(code, sound & enough):
        places = block.lay_out(rank, -math.inf)
        places = np.where(np.isneginf(places), places.max(axis=1)[:, None], places)
        ranking = rank_units(block.lay_out(x), places, block.lay_out(w), block.n)
        for formula, result in wanted:
            found = ranked_limits(ranking, formula, confidence or 0.95)
            limits = AreaLimits(
                estimate=found.estimate, se=found.se, lower=found.lower, upper=found.upper,
                method=np.array([CODE[name] for name in found.method], dtype=np.int8),
            )  # fmt: skip
            result.fill_areas(block.areas, limits, exact=confidence is None)
    for _, result in wanted:
        left = (result.method == 0) & sound & (units.reason != CODE["negative"])
        result.method[left] = CODE["too_few_ranked"]


# --- the table ---------------------------------------------------------------------------------------------


def _build_result_table(
    groups: RowGroups,
    units: _UsableUnits,
    asked: list[ChosenMeasure],
    results: list[_MeasureResult],
    interval: str,
) -> pd.DataFrame:
    areas, times = len(groups.keys), len(asked)
    table = groups.keys.take(np.repeat(np.arange(areas), times)).reset_index(drop=True)
    kinds = np.tile(np.arange(times), areas)
    names = list(dict.fromkeys(m.name for m in asked))
    variants = list(dict.fromkeys(m.formula.variant for m in asked))
    which = np.array([names.index(m.name) for m in asked])[kinds]
    table["measure"] = pd.Categorical.from_codes(which, pd.Index(names))
    form = np.array([variants.index(m.formula.variant) for m in asked])[kinds]
    table["variant"] = pd.Categorical.from_codes(form, pd.Index(variants))
    for name in ("estimate", "se", "lower", "upper"):
        table[name] = np.column_stack([getattr(r, name) for r in results]).ravel()
    for name, column in (("n", units.n), ("weight", units.weight), ("missing", units.missing)):
        table[name] = np.repeat(column, times)
    said = np.column_stack([np.where(r.method == 0, units.reason, r.method) for r in results]).ravel()
    methods = [found if found in METHODS else "none" for found in NAMES]
    covers = [interval if found in METHODS and found != "census" else "none" for found in NAMES]
    table["method"] = _build_category_column(said, methods)
    table["covers"] = _build_category_column(said, covers)
    table["note"] = _build_category_column(said, ["" if found in METHODS else str(found) for found in NAMES])
    return table


def _build_category_column(said: NDArray[np.int8], words: list[str]) -> Any:
    names = list(dict.fromkeys(words))
    return pd.Categorical.from_codes(
        np.array([names.index(w) for w in words], dtype=np.int8)[said], pd.Index(names)
    )

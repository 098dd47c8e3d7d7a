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
from edustats.metrics.groups.rank_formulas import RANKED, RankedUnits, RankFormula, rank_units
from edustats.metrics.groups.rank_formulas import estimate_rank_limits as ranked_limits
from edustats.metrics.inequality.arrays import AreaArrays, arrange_areas, iterate_area_blocks
from edustats.metrics.inequality.formulas import FORMULAS, SpreadFormula
from edustats.metrics.inequality.intervals import REASON, estimate_area_limits, explain_unfit_areas
from edustats.typing import Floats, Positions

DEFAULT = ("gini", "theil", "mean_log_deviation", "cv", "atkinson", "percentile_ratio")
METHODS = (
    "bootstrap_log", "census", "jackknife_log", "jackknife_log_left_out", "linearised", "linearised_log",
)  # fmt: skip
REASONS = (
    "", "all_tied", "all_zero", "base_near_zero", "few_by_weight", "negative", "no_sound_interval", "no_value",
    "no_variation", "not_finite", "one_unit", "one_unit_decides", "too_few", "too_few_ranked", "weight_missing",
    "weight_not_positive", "zero_base", "zero_value",
)  # fmt: skip
"""Why a row has no figure or no interval; each has its sentence in ``words/inequality.toml``."""
SAID = np.array(sorted(METHODS + REASONS))


def _encode_methods(said: NDArray[Any]) -> NDArray[np.int8]:
    """Methods and reasons as numbers: text is slow to compare over all areas."""
    return np.searchsorted(SAID, said).astype(np.int8)


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
    units = _select_usable_units(frame, value, weight, groups)
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
    if ranks and rank is not None:
        _measure_all_rank_indices(units, _read_number_column(frame, rank), ranks, level)
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
    code: NDArray[np.intp]
    used: NDArray[np.intp] | None
    """Numbers of the rows used; None: all."""
    n: NDArray[np.intp]
    weight: Floats
    missing: Floats
    reason: NDArray[Any]


@dataclass(slots=True, init=False, eq=False)
class _MeasureResult:
    """What one measure found in each area."""

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    method: NDArray[Any]

    def __init__(self, areas: int) -> None:
        self.estimate, self.se, self.lower, self.upper = (np.full(areas, math.nan) for _ in range(4))
        self.method = np.zeros(areas, dtype=np.int8)  # 0 is the empty text: nothing said yet


def _select_usable_units(
    frame: pd.DataFrame, value: str, weight: str | None, groups: RowGroups
) -> _UsableUnits:
    x, w = _read_number_column(frame, value), None if weight is None else _read_number_column(frame, weight)
    code, areas = groups.code, len(groups.keys)
    rows = np.bincount(code, minlength=areas)
    reason = np.zeros(areas, dtype=REASON)
    used, missing = None, np.zeros(areas)
    if len(x) and np.isnan(x.min()):
        absent = np.isnan(x)
        used = np.flatnonzero(~absent)
        missing = np.bincount(code[absent], minlength=areas) / np.maximum(rows, 1)
        x, w, code = x[used], None if w is None else w[used], code[used]
    n = np.bincount(code, minlength=areas)
    total = np.bincount(code, w, areas).astype(float)
    for name, rows_wrong in _find_wrong_rows(x, w).items():  # what is worst is said last and stands
        reason[np.unique(code[rows_wrong])] = name
    reason[(reason == "") & (n == 1)] = "one_unit"
    reason[n == 0] = "no_value"
    return _UsableUnits(x=x, w=w, code=code, used=used, n=n, weight=total, missing=missing, reason=reason)


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
    for chosen, rows, n in iterate_area_blocks(units.code, len(units.n)):
        sound = units.reason[chosen] == ""
        chosen, rows, n = chosen[sound], rows[sound], n[sound]
        if not len(chosen):
            continue
        x, w = _arrange_values(units, rows)
        nothing = x.max(axis=1) == 0
        x[nothing] = 1.0  # stands in until it is refused
        areas = arrange_areas(x, w, n)
        refused = explain_unfit_areas(areas) if confidence is not None else np.zeros(len(n), dtype=REASON)
        zeros = areas.r[:, 0] == 0
        for formula, result in wanted:
            reason = np.select([nothing, zeros & formula.above_zero], ["all_zero", "zero_value"], "")
            _measure_spread_of_block(areas, formula, result, chosen, reason, refused, confidence)


def _arrange_values(units: _UsableUnits, rows: NDArray[np.intp]) -> tuple[Floats, Floats | None]:
    """Values and weights of some areas; filling repeats the largest value with weight 0."""
    if rows.min() >= 0:
        return units.x[rows], None if units.w is None else units.w[rows]
    real = rows >= 0
    x = units.x[rows]
    x = np.where(real, x, np.where(real, x, -np.inf).max(axis=1)[:, None])
    return x, None if units.w is None else np.where(real, units.w[rows], 0.0)


def _measure_spread_of_block(
    areas: AreaArrays, formula: SpreadFormula, result: _MeasureResult, chosen: NDArray[np.intp], reason: NDArray[Any],
    refused: NDArray[Any], confidence: float | None,
) -> None:  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = formula.estimate(areas)
    reason = np.where((reason == "") & ~np.isfinite(estimate), "zero_base", reason)
    estimate = np.where(reason == "", estimate, math.nan)
    result.estimate[chosen] = estimate
    if confidence is None:
        result.method[chosen] = _encode_methods(np.where(reason == "", "census", reason))
        return
    found = estimate_area_limits(
        areas, formula, estimate, confidence, np.where(reason == "", refused, reason)
    )
    result.se[chosen], result.lower[chosen], result.upper[chosen] = found.se, found.lower, found.upper
    result.method[chosen] = _encode_methods(found.method)


# --- the measures of lean ----------------------------------------------------------------------------------


def _measure_all_rank_indices(
    units: _UsableUnits,
    rank: Floats,
    wanted: list[tuple[RankFormula, _MeasureResult]],
    confidence: float | None,
) -> None:
    rank = rank if units.used is None else rank[units.used]
    known = np.isfinite(rank)
    code = np.where(known, units.code, len(units.n))
    for chosen, rows, n in iterate_area_blocks(code, len(units.n) + 1):
        negative_counts = units.reason[np.minimum(chosen, len(units.n) - 1)]
        sound = (chosen < len(units.n)) & np.isin(negative_counts, ["", "negative"]) & (n > 2)
        chosen, rows, n = chosen[sound], rows[sound], n[sound]
        if not len(chosen):
            continue
        real = rows >= 0
        w = np.where(real, 1.0 if units.w is None else units.w[rows], 0.0)
        top = np.where(real, rank[rows], -np.inf).max(axis=1)[:, None]
        found = rank_units(np.where(real, units.x[rows], 0.0), np.where(real, rank[rows], top), w, n)
        for formula, result in wanted:
            _measure_rank_index(found, formula, result, chosen, confidence)
    for _, result in wanted:
        left = (result.method == 0) & (units.reason == "")
        result.method[left] = _encode_methods(np.array(["too_few_ranked"]))


def _measure_rank_index(
    ranking: RankedUnits,
    formula: RankFormula,
    result: _MeasureResult,
    chosen: NDArray[np.intp],
    confidence: float | None,
) -> None:
    found = ranked_limits(ranking, formula, 0.95 if confidence is None else confidence)
    result.estimate[chosen] = found.estimate
    if confidence is None:
        result.method[chosen] = _encode_methods(np.where(np.isfinite(found.estimate), "census", found.method))
        return
    result.se[chosen], result.lower[chosen], result.upper[chosen] = found.se, found.lower, found.upper
    result.method[chosen] = _encode_methods(found.method)


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
    refused = _encode_methods(units.reason)
    said = np.column_stack([np.where(r.method == 0, refused, r.method) for r in results]).ravel()
    methods = [found if found in METHODS else "none" for found in SAID]
    covers = [interval if found in METHODS and found != "census" else "none" for found in SAID]
    table["method"] = _build_category_column(said, methods)
    table["covers"] = _build_category_column(said, covers)
    table["note"] = _build_category_column(said, ["" if found in METHODS else str(found) for found in SAID])
    return table


def _build_category_column(said: NDArray[np.int8], words: list[str]) -> Any:
    names = list(dict.fromkeys(words))
    return pd.Categorical.from_codes(
        np.array([names.index(w) for w in words], dtype=np.int8)[said], pd.Index(names)
    )


DENSE = 1 << 22
"""Combinations of keys up to which a table of all of them is kept; beyond, only those that occur are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowGroups:
    """A number for each row, and the keys of each number, in the order of the keys."""

    code: Positions
    keys: pd.DataFrame
    """One row a group. A category nobody belongs to is a group too, if it is the only key."""


def group_rows(frame: pd.DataFrame, by: list[str]) -> RowGroups:
    """Number the rows by their keys.

    Parameters
    ----------
    frame : DataFrame
    by : list of str
        Key columns, none missing in any row; empty: all rows are one group.

    Raises
    ------
    DataError
        When a key is missing; names the first such row.

    Examples
    --------
    >>> found = group_rows(pd.DataFrame({"county": ["b", "a", "b"], "year": [2020, 2020, 2021]}), ["county", "year"])
    >>> found.code, found.keys["county"].tolist()
    (array([1, 0, 2]), ['a', 'b', 'b'])
    """
    if not by:
        return RowGroups(code=np.zeros(len(frame), dtype=np.intp), keys=pd.DataFrame(index=range(1)))
    columns = [_number_key_column(frame[name], name) for name in by]
    sizes = [len(names) for _, names in columns]
    code = columns[0][0]
    for (own, _), size in zip(columns[1:], sizes[1:], strict=True):
        code = code * size + own
    whole = int(np.prod(sizes))
    if whole <= DENSE:
        present = np.flatnonzero(np.bincount(code, minlength=whole)) if len(by) > 1 else np.arange(whole)
        place = np.zeros(whole, dtype=np.intp)
        place[present] = np.arange(len(present))
        code = place[code] if len(present) < whole else code
    else:
        present, code = np.unique(code, return_inverse=True)
    keys = {}
    rest = present
    for name, (_, names), size in reversed(list(zip(by, columns, sizes, strict=True))):
        keys[name] = names.take(rest % size)
        rest = rest // size
    return RowGroups(code=code, keys=pd.DataFrame({name: keys[name] for name in by}))


def _number_key_column(column: pd.Series, name: str) -> tuple[Positions, pd.Index]:
    """A number for each row of one key, and the names behind the numbers in order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, names = column.cat.codes.to_numpy().astype(np.intp), column.cat.categories
    elif column.dtype.kind in "iu" and len(column) and int(np.ptp(column.to_numpy())) < DENSE:
        low = int(column.min())
        code = column.to_numpy().astype(np.intp) - low
        present = np.flatnonzero(np.bincount(code))
        if len(present) <= code.max():
            place = np.zeros(code.max() + 1, dtype=np.intp)
            place[present] = np.arange(len(present))
            code = place[code]
        names = pd.Index(present + low).astype(column.dtype)
    else:
        code, names = pd.factorize(column, sort=True)
        names = pd.Index(names)
    if len(code) and code.min() < 0:
        raise DataError("metrics.key_missing", column=name, place=int((code < 0).argmax()) + 1)
    return code, names

"""What changed between two years: inside groups, between them, or in who goes where?

A school of both years is one unit, so that its own peculiarities cancel out of the change. Each split adds
up exactly: a part is Shapley's, its effect averaged over every order in which the others could have moved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from edustats.errors import DataError
from edustats.metrics.inequality.decomposition import (
    ALL,
    MIN_GROUP,
    UNIT,
    DecompositionPart,
    Measure,
    check_decomposable_measure,
    jackknife_se,
    normalize_values_and_weights,
    number_nested_groups,
    split_inequality_by_level,
)
from edustats.metrics.inequality.measures import (
    ALIKE,
    MIN_EFFECTIVE,
    check_confidence,
    check_values_and_weights,
    count_effective_carriers,
    effective_sample_size,
    refuse_wrong_entries,
)
from edustats.typing import Floats
from edustats.words import say

MIN_PAIRED = 30
"""Fewer units in either year leave the interval of a marked change below 93 % in simulation."""
COLUMNS = ["level", "part", "first", "last", "change", "se", "lower", "upper", "n", "method", "note"]
SHAPLEY = {3: (1 / 3, 1 / 6, 1 / 3), 2: (1 / 2, 1 / 2)}
"""Weight of a factor's effect when none, one, two of the other factors have moved already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TwoYears:
    """Units of two years side by side; weight 0 and value 1 where a unit is not there in a year."""

    units: pd.Index
    value: tuple[Floats, Floats]
    weight: tuple[Floats, Floats]
    levels: tuple[pd.DataFrame, pd.DataFrame]

    def here(self, k: int) -> np.ndarray:
        return self.weight[k] > 0


def _pair_units_of_years(
    frame: pd.DataFrame, columns: tuple[str, str, str, str], levels: Sequence[str], years: tuple[int, int]
) -> _TwoYears:
    value, weight, year, unit = columns
    held = (frame[year].isin(years) & frame[value].notna() & frame[weight].notna()).to_numpy()
    x, w = (frame[name].to_numpy(float, na_value=np.nan)[held] for name in (value, weight))
    when, names = frame[year].to_numpy()[held], frame[unit].to_numpy(object)[held]
    code, units = pd.factorize(names, sort=True)
    values, weights, labels = [], [], []
    for one in years:
        now = when == one
        at = code[now]
        if len(at) > len(np.unique(at)):
            twice = pd.Series(at).duplicated().to_numpy()
            raise DataError("equity.unit_twice", unit=names[now][twice][0], year=one)
        if len(at):
            check_values_and_weights(x[now], w[now])
            refuse_wrong_entries("metrics.below", "values", x[now], x[now] < 0)
        values.append(np.ones(len(units)))
        weights.append(np.zeros(len(units)))
        values[-1][at], weights[-1][at] = x[now], w[now]
        told = frame.loc[held, list(levels)][now].set_axis(at) if levels else pd.DataFrame()
        labels.append(told.reindex(range(len(units))))
    return _TwoYears(
        units=pd.Index(units), value=(values[0], values[1]), weight=(weights[0], weights[1]),
        levels=(labels[0], labels[1]),
    )  # fmt: skip


def _explain_refusal(both: _TwoYears, measure: str) -> str:
    for k in (0, 1):
        x = both.value[k][both.here(k)]
        if len(x) < 2:
            return "one_unit" if len(x) else "no_units"
        if not x.any():
            return "all_zero"
        if measure == "mld" and not x.all():
            return "zero_value"
    return ""


def _explain_missing_interval(both: _TwoYears, smallest: int) -> str:
    """Why a change has no interval; empty where it has one."""
    found = []
    for k in (0, 1):
        w = both.weight[k][both.here(k)]
        found.append((len(w) < MIN_PAIRED, effective_sample_size(w / w.sum()) < MIN_EFFECTIVE))
    if any(few for few, _ in found):
        return "too_few"
    if any(heavy for _, heavy in found):
        return "few_by_weight"
    return "small_groups" if smallest < MIN_GROUP else ""


def _compute_jackknife_limits(
    change: float, without: Floats, confidence: float, df: float
) -> tuple[float, float, float, str]:
    """Standard error, limits and method of a change from its leave-one-out values."""
    nothing = (math.nan, math.nan, math.nan)
    if not np.isfinite(without).all():
        return (*nothing, "one_unit_decides")
    se = jackknife_se(without)
    if se == 0 or np.ptp(without) < 1e-13:
        return (*nothing, "no_variation")
    carriers = count_effective_carriers(without - without.mean()) - 1
    half = float(stdtrit(max(min(carriers, df), 1.0), (1 + confidence) / 2)) * se
    n = len(without)
    centre = n * change - (n - 1) * float(without.mean())
    # The correction for bias can lift the whole interval off the change itself.
    return se, min(centre - half, change), max(centre + half, change), "paired_jackknife"


def _build_change_row(
    names: tuple[str, str], ends: tuple[float, float], without: Floats, both: _TwoYears, confidence: float,
    smallest: int,
) -> tuple[object, ...]:  # fmt: skip
    change, reason = ends[1] - ends[0], _explain_missing_interval(both, smallest)
    se, lower, upper, method = math.nan, math.nan, math.nan, reason
    if not reason:
        df = min(effective_sample_size(w / w.sum()) for w in both.weight) - 1
        se, lower, upper, method = _compute_jackknife_limits(change, without, confidence, df)
    given = math.isfinite(lower)
    return (
        *names, *ends, change, se, lower, upper, len(both.units), method if given else "none",
        "" if given else method,
    )  # fmt: skip


def measure_inequality_change(
    frame: pd.DataFrame,
    value: str,
    weight: str,
    year: str,
    unit: str,
    first: int,
    last: int,
    levels: Sequence[str] = (),
    measure: Measure = "theil",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Change of an inequality and of its parts between two years, with intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and year. Rows without value or weight take no part in that year.
    value, weight, year, unit : str
        Columns: value per pupil (>= 0), pupils (> 0), year, and the name under which a school is the same
        school in both years.
    first, last : int
        The two years.
    levels : sequence of str
        Columns of the groups, outermost first.
    measure : {"theil", "mld", "cv2"}
        As in :func:`edustats.metrics.inequality.decomposition.decompose_inequality`.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        One row per part, as :func:`~edustats.metrics.inequality.decomposition.decompose_inequality` names them, with
        ``first``, ``last``, ``change`` (their difference, in the measure's own unit), ``se``, ``lower``, ``upper``,
        ``n`` (schools of either year), ``method`` and ``note``. Without an interval ``note`` names the
        reason: ``too_few`` (below 30 units in a year), ``few_by_weight``, ``small_groups``,
        ``one_unit_decides``, ``no_variation``; without a measure ``no_units``, ``one_unit``, ``all_zero``,
        ``zero_value``.

    Raises
    ------
    DataError
        When a unit has two rows in one year, or as
        :func:`~edustats.metrics.inequality.decomposition.decompose_inequality`.

    Notes
    -----
    Superpopulation interval: schools, each with its figures of both years, are taken as one draw; a school
    of one year only is drawn with no pupils in the other. Delete-one jackknife of the difference, a school
    left out of both years at once, around the bias-corrected change, with Student's t; its degrees of
    freedom are the effective number of schools that carry the variance, or the effective number by weight
    where that is smaller, less one. Coverage is tabled in ``docs/methods.md``.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1, 1, 2, 2], "id": ["a", "b"] * 2, "x": [1, 3, 2, 2], "p": [1.0] * 4})
    >>> found = measure_inequality_change(table, "x", "p", "y", "id", 1, 2, measure="cv2")
    >>> found[["part", "first", "last", "note"]].values.tolist()[-1]
    ['total', 0.25, 0.0, 'too_few']
    """
    check_decomposable_measure(measure)
    check_confidence(confidence)
    both = _pair_units_of_years(frame, (value, weight, year, unit), levels, (first, last))
    if reason := _explain_refusal(both, measure):
        parts = [*((name, "between") for name in levels), (UNIT, "within"), (ALL, "total")]
        blank = (math.nan,) * 6
        rows = [(*part, *blank, len(both.units), "none", reason) for part in parts]
        return pd.DataFrame(rows, columns=COLUMNS)
    then, now = (_split_with_absent_units(both, k, levels, measure) for k in (0, 1))
    found = [
        _build_change_row(
            (a.level, a.part), (a.estimate, b.estimate), b.without - a.without, both, confidence,
            MIN_GROUP if a.part == "total" else min(a.smallest, b.smallest),
        )
        for a, b in zip(then, now, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(found, columns=COLUMNS)


def _split_with_absent_units(
    both: _TwoYears, k: int, levels: Sequence[str], measure: str
) -> list[DecompositionPart]:
    """The parts of one year; leaving out a unit that is not there leaves them as they are."""
    here = both.here(k)
    share, relative = normalize_values_and_weights(both.value[k][here], both.weight[k][here])
    codes = number_nested_groups([both.levels[k].loc[here, level] for level in levels], int(here.sum()))
    parts = []
    for part in split_inequality_by_level(share, relative, codes, levels, measure):
        without = np.full(len(here), part.estimate)
        without[here] = part.without
        parts.append(replace(part, without=without))
    return parts


# --- within, between, composition --------------------------------------------------------------------------


def decompose_change_by_composition(
    frame: pd.DataFrame,
    value: str,
    weight: str,
    year: str,
    unit: str,
    group: str,
    first: int,
    last: int,
    measure: Measure = "theil",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Change split into inequality inside the groups, distance between them, and who is in which group.

    Parameters
    ----------
    frame, value, weight, year, unit, first, last, measure, confidence
        As in :func:`measure_inequality_change`.
    group : str
        Column of the groups, such as town and village.

    Returns
    -------
    DataFrame
        The columns of :func:`measure_inequality_change`; one row each for ``within``, ``between``, ``composition`` and
        ``total``, ``first`` and ``last`` known for the total only. The three changes add up to the total.

    Raises
    ------
    DataError
        As :func:`measure_inequality_change`.

    Notes
    -----
    The measure is a function of three things: the inequality inside each group, each group's mean, and each
    group's share of the pupils. Each is moved from the first year to the last in all six orders, and its
    effects are averaged (Shorrocks 2013). Where every share stays the same and the measure is ``mld``, this
    is the split of Mookherjee and Shorrocks (1982) before their approximation of its between part. A group of
    one year only has in the other the mean and the inequality it has where it exists: its coming or going is
    all composition.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1] * 4 + [2] * 4, "id": list("abcd") * 2, "g": list("ttvv") * 2,
    ...                       "x": [4, 6, 1, 3, 4, 6, 2, 4], "p": [1.0] * 8})
    >>> found = decompose_change_by_composition(table, "x", "p", "y", "id", "g", 1, 2, "mld").set_index("part")
    >>> bool(abs(found["change"].iloc[:3].sum() - found.loc["total", "change"]) < 1e-12)
    True
    """
    check_decomposable_measure(measure)
    check_confidence(confidence)
    both = _pair_units_of_years(frame, (value, weight, year, unit), [group], (first, last))
    names = ("within", "between", "composition", "total")
    if reason := _explain_refusal(both, measure):
        blank = [(group, name, *(math.nan,) * 6, len(both.units), "none", reason) for name in names]
        return pd.DataFrame(blank, columns=COLUMNS)
    sums, smallest = _sum_by_group(both, group, measure)
    effect = _attribute_change_to_parts(*sums, measure)
    ends = (float(_measure_from_groups(*sums[0], measure)), float(_measure_from_groups(*sums[1], measure)))
    gone = _attribute_change_to_parts(*_sum_groups_leaving_one_out(both, group, sums, measure), measure)
    pairs = [(math.nan, math.nan)] * 3 + [ends]
    rows: list[tuple[object, ...]] = []
    for name, pair, value_, without in zip(
        names, pairs, [*effect, sum(effect)], [*gone, np.sum(gone, axis=0)], strict=True
    ):
        row = list(
            _build_change_row((group, name), (0.0, float(value_)), without, both, confidence, smallest)
        )
        row[2:4] = pair
        rows.append(tuple(row))
    return pd.DataFrame(rows, columns=COLUMNS)


Sums = tuple[Floats, Floats, Floats]


def _sum_by_group(both: _TwoYears, group: str, measure: str) -> tuple[tuple[Sums, Sums], int]:
    """Weight, total and the sum that the measure is made of, by group, in each year; smallest group."""
    code = _number_groups(both, group)
    groups = int(max(one.max() for one in code)) + 1
    found, smallest = [], len(both.units)
    for k in (0, 1):
        here, w, x = both.here(k), both.weight[k], both.value[k]
        parts = (w, w * x, w * _compute_measure_terms(measure, x))
        found.append(tuple(np.bincount(code[k], part, minlength=groups) for part in parts))
        sizes = np.bincount(code[k][here], minlength=groups)
        smallest = min(smallest, int(sizes[sizes > 0].min()))
    return (found[0], found[1]), smallest  # type: ignore[return-value]


def _number_groups(both: _TwoYears, group: str) -> list[np.ndarray]:
    """Group numbers of each year, the same in both; a unit that is not there goes by its other year."""
    columns = [level[group] for level in both.levels]
    for k, column in enumerate(columns):
        if (missing := both.here(k) & column.isna().to_numpy()).any():
            raise DataError("metrics.group_missing", place=int(missing.argmax()) + 1)
    whole = [columns[0].where(both.here(0), columns[1]), columns[1].where(both.here(1), columns[0])]
    code, _ = pd.factorize(pd.concat(whole, ignore_index=True), sort=True)
    return [code[: len(both.units)], code[len(both.units) :]]


def _compute_measure_terms(measure: str, x: Floats) -> Floats:
    logs = np.log(x, out=np.zeros_like(x), where=x > 0)
    return {"theil": x * logs, "mld": logs, "cv2": x**2}[measure]


def _sum_groups_leaving_one_out(
    both: _TwoYears, group: str, sums: tuple[Sums, Sums], measure: str
) -> tuple[Sums, Sums]:
    """The group sums with each unit left out in turn, as rows."""
    code, found = _number_groups(both, group), []
    n = len(both.units)
    for k in (0, 1):
        w, x = both.weight[k], both.value[k]
        rest = []
        for whole, part in zip(sums[k], (w, w * x, w * _compute_measure_terms(measure, x)), strict=True):
            rows = np.tile(whole, (n, 1))
            rows[np.arange(n), code[k]] -= part
            rest.append(rows)
        found.append(tuple(rest))
    return found[0], found[1]  # type: ignore[return-value]


def _summarize_groups(sums: Sums, measure: str) -> Sums:
    """Share of the weight, mean and inequality of each group."""
    weight, total, raw = sums
    there = weight > 1e-12 * weight.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(there, total / weight, math.nan)
        inner = {
            "theil": lambda: raw / total - np.log(mean),
            "mld": lambda: np.log(mean) - raw / weight,
            "cv2": lambda: raw / weight / mean**2 - 1,
        }[measure]()
    # A group with nothing at all has a mean of 0 and no inequality inside.
    inner = np.where(there & (mean > 0), np.maximum(inner, 0.0), np.where(there, 0.0, math.nan))
    return np.where(there, weight, 0.0) / weight.sum(axis=-1, keepdims=True), mean, inner


def _measure_from_groups(weight: Floats, total: Floats, raw: Floats, measure: str) -> Floats:
    return sum(_measure_within_and_between(*_summarize_groups((weight, total, raw), measure), measure))  # type: ignore[return-value]


def _measure_within_and_between(
    share: Floats, mean: Floats, inner: Floats, measure: str
) -> tuple[Floats, Floats]:
    """Within and between part, from shares, means and inequalities of the groups."""
    mean, inner = np.where(share > 0, mean, 0.0), np.where(share > 0, inner, 0.0)
    with np.errstate(invalid="ignore"):  # nan where nobody has anything once a unit is left out
        relative = mean / (share * mean).sum(axis=-1, keepdims=True)
    power = {"theil": 1, "mld": 0, "cv2": 2}[measure]
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    apart = {"theil": relative * logs, "mld": -logs, "cv2": (relative - 1) ** 2}[measure]
    return (share * relative**power * inner).sum(axis=-1), (share * apart).sum(axis=-1)


def _attribute_change_to_parts(first: Sums, last: Sums, measure: str) -> list[Floats]:
    """Effect of within, between and composition on the change; rows of the sums give rows of effects."""
    ends = [_summarize_groups(first, measure), _summarize_groups(last, measure)]
    share, mean, inner = zip(*ends, strict=True)
    # where a group exists in one year only, its mean and inequality are those of that year
    mean = tuple(np.where(np.isnan(mean[k]), mean[1 - k], mean[k]) for k in (0, 1))
    inner = tuple(np.where(np.isnan(inner[k]), inner[1 - k], inner[k]) for k in (0, 1))

    def at(moved: frozenset[int]) -> Floats:
        i, b, c = (int(factor in moved) for factor in range(3))
        return sum(_measure_within_and_between(share[c], mean[b], inner[i], measure))  # type: ignore[return-value]

    return compute_shapley_effects(at, 3)


def compute_shapley_effects(at: Callable[[frozenset[int]], Any], factors: int) -> list[Any]:
    """Effect of each factor, averaged over all orders in which they can move; they add up to the change.

    Parameters
    ----------
    at : callable
        Value (a number or an array) when the factors of a frozenset of numbers have moved.
    factors : int
        2 or 3.

    Examples
    --------
    >>> compute_shapley_effects(lambda moved: 10.0 * (0 in moved) + 4.0 * (moved == {0, 1}), 2)
    [12.0, 2.0]
    """
    values = {
        frozenset(chosen): at(frozenset(chosen))
        for size in range(factors + 1)
        for chosen in combinations(range(factors), size)
    }
    return [
        sum(
            SHAPLEY[factors][len(others)] * (values[others | {factor}] - values[others])
            for others in values
            if factor not in others
        )
        for factor in range(factors)
    ]


# --- pupils moved, resources moved -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEffect:
    """One part of a change, in the measure's own unit, with its interval; nan limits and a reason else."""

    change: float
    lower: float
    upper: float
    note: str
    """Why there is no interval; empty where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CvChange:
    """A change in the official difference coefficient, by what moved; the three effects add up to it."""

    first: float
    last: float
    total: ChangeEffect
    pupils: ChangeEffect
    """Pupils went to other schools, or became more or fewer, the resources standing where they stand."""
    resources: ChangeEffect
    """Resources were added, moved or used up, the pupils sitting where they sit."""
    network: ChangeEffect
    """Schools opened and closed."""
    n_both: int
    """Schools of both years."""
    opened: int
    closed: int


def decompose_cv_change(
    resource: tuple[ArrayLike, ArrayLike], pupils: tuple[ArrayLike, ArrayLike], confidence: float = 0.95
) -> CvChange:
    """Shapley split of a change in the difference coefficient (差异系数): pupils, resources, schools.

    Parameters
    ----------
    resource : two (n,) array_like
        Total of the resource in each school in the first and in the last year, >= 0; what is in a year
        without pupils is not read.
    pupils : two (n,) array_like
        Pupils of the same schools in the same order; 0 or missing where a school is not there that year.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    CvChange
        Effects in units of the coefficient. Intervals are those of :func:`measure_inequality_change`.

    Raises
    ------
    DataError
        When the lists differ in length, a year has fewer than two schools or no resource at all, no two
        schools are in both years, a school with pupils lacks its resource, or a number is negative.

    Notes
    -----
    For the schools of both years, pupils and resources are moved one after the other in both orders and the
    effects averaged (Shorrocks 2013). What schools of one year only add to either coefficient is the effect
    of the network. The interval is a superpopulation interval over schools, by the paired jackknife.

    Examples
    --------
    Two schools of 100 pupils with 10 computers each; then 50 pupils change from one to the other.

    >>> found = decompose_cv_change(([10, 10], [10, 10]), ([100, 100], [50, 150]))
    >>> round(found.total.change, 4), round(found.pupils.change, 4), found.resources.change
    (0.5774, 0.5774, 0.0)
    """
    check_confidence(confidence)
    r, p = _check_resource_pairs(resource, pupils)
    here = [one > 0 for one in p]
    stay = here[0] & here[1]
    _require_enough_schools(r, here, stay)

    def cv(k_resource: int, k_pupils: int, among: np.ndarray) -> tuple[float, Floats]:
        return _compute_cv_leaving_one_out(
            np.where(among, r[k_resource], 0.0), np.where(among, p[k_pupils], 0.0)
        )

    whole = [cv(k, k, here[k]) for k in (0, 1)]
    mixed = {(a, b): cv(a, b, stay) for a in (0, 1) for b in (0, 1)}

    def effects(pick: int) -> list[Any]:
        moved = compute_shapley_effects(lambda m: mixed[int(1 in m), int(0 in m)][pick], 2)
        total = whole[1][pick] - whole[0][pick]
        return [total, *moved, total - moved[0] - moved[1]]

    both = _TwoYears(
        units=pd.RangeIndex(len(stay)), value=(r[0], r[1]), weight=(p[0], p[1]),
        levels=(pd.DataFrame(), pd.DataFrame()),
    )  # fmt: skip
    named = ("total", "pupils", "resources", "network")
    found = {
        name: _build_effect(float(value), without, both, confidence)
        for name, value, without in zip(named, effects(0), effects(1), strict=True)
    }
    return CvChange(
        first=float(whole[0][0]), last=float(whole[1][0]), n_both=int(stay.sum()),
        opened=int((here[1] & ~here[0]).sum()), closed=int((here[0] & ~here[1]).sum()), **found,
    )  # fmt: skip


def _check_resource_pairs(
    resource: tuple[ArrayLike, ArrayLike], pupils: tuple[ArrayLike, ArrayLike]
) -> tuple[list[Floats], list[Floats]]:
    r, p = ([np.asarray(one, float) for one in pair] for pair in (resource, pupils))
    lengths = {len(one) for one in (*r, *p)}
    if len(lengths) > 1:
        raise DataError("equity.pair_lengths", found="、".join(map(str, sorted(lengths))))
    p = [np.nan_to_num(one, nan=0.0) for one in p]
    for k in (0, 1):
        refuse_wrong_entries("metrics.below", "pupils", p[k], p[k] < 0)
        refuse_wrong_entries("metrics.not_finite", "resource", r[k], (p[k] > 0) & ~np.isfinite(r[k]))
        refuse_wrong_entries("metrics.below", "resource", r[k], (p[k] > 0) & (r[k] < 0))
    return [np.where(p[k] > 0, r[k], 0.0) for k in (0, 1)], p


def _require_enough_schools(r: list[Floats], here: list[np.ndarray], stay: np.ndarray) -> None:
    fewest = min(int(one.sum()) for one in (*here, stay))
    if fewest < 2:
        raise DataError("equity.two_schools", found=fewest)
    for k in (0, 1):
        if not r[k][stay].any():
            raise DataError("metrics.all_zero", what=say("metrics.resource"), n=int(stay.sum()))


def _compute_cv_leaving_one_out(resource: Floats, pupils: Floats) -> tuple[float, Floats]:
    """Official coefficient, and with each school left out; schools without pupils change nothing."""
    squares = np.divide(resource**2, pupils, out=np.zeros_like(resource), where=pupils > 0)
    w, s, q = pupils.sum(), resource.sum(), squares.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (w - pupils) * (q - squares) / (s - resource) ** 2 - 1
    spread = (
        pupils
        @ (np.divide(resource, pupils, out=np.full_like(resource, s / w), where=pupils > 0) * w / s - 1) ** 2
    )
    return math.sqrt(spread / w), np.sqrt(np.where(inner < ALIKE**2, 0.0, inner))


def _build_effect(value: float, without: Floats, both: _TwoYears, confidence: float) -> ChangeEffect:
    row = _build_change_row((ALL, ""), (0.0, value), without, both, confidence, MIN_GROUP)
    return ChangeEffect(change=value, lower=row[6], upper=row[7], note=row[10])  # type: ignore[arg-type]

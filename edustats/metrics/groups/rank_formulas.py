"""By which formula does one column lean towards the upper end of another, and what does each unit add?

The counterpart of :mod:`edustats.metrics.inequality.formulas` for two columns: a value, and the rank of each unit by
something else. Fractional ranks run from 0 to 1; tied units share the middle of the place they fill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from edustats.errors import ParameterError
from edustats.metrics.checks import check_choice
from edustats.typing import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class RankedUnits:
    """Units of many areas in order of their rank variable; filling has share 0."""

    h: Floats
    """(areas, units): the value, of either sign, in any unit."""
    p: Floats
    """(areas, units): share of the area's weight."""
    first: Floats
    """(areas, units): weight share of all that rank below."""
    last: Floats
    """(areas, units): weight share of all that rank no higher, ties among them."""
    n: NDArray[np.intp]

    @cached_property
    def middle(self) -> Floats:
        """Fractional rank."""
        return (self.first + self.last) / 2

    @cached_property
    def mean(self) -> Floats:
        return np.vecdot(self.p, self.h)

    @cached_property
    def lean(self) -> Floats:
        """Covariance of value and fractional rank."""
        return np.vecdot(self.p * self.h, self.middle - 0.5)

    @cached_property
    def rank_variance(self) -> Floats:
        return np.vecdot(self.p, (self.middle - 0.5) ** 2)

    def lean_influence(self) -> Floats:
        """Influence of each unit on ``lean``, through its value and through everybody's rank."""
        held = _average_over_ties(np.cumsum(self.p * self.h, axis=1), self)
        return self.h * (self.middle - 0.5) + self.mean[:, None] / 2 - held - 2 * self.lean[:, None]


def _average_over_ties(cumulated: Floats, ranking: RankedUnits) -> Floats:
    """Mean of what is cumulated before and after the units tied with each."""
    before = np.concatenate([np.zeros((len(cumulated), 1)), cumulated[:, :-1]], axis=1)
    start, end = _find_tied_runs(ranking.last)
    return (np.take_along_axis(before, start, 1) + np.take_along_axis(cumulated, end, 1)) / 2


def _find_tied_runs(column: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each place in sorted rows, where the run of equal entries around it starts and ends."""
    places = np.arange(column.shape[1])
    new = np.ones(column.shape, dtype=bool)
    new[:, 1:] = column[:, 1:] != column[:, :-1]
    start = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    closing = np.ones(column.shape, dtype=bool)
    closing[:, :-1] = new[:, 1:]
    backwards = np.where(closing, places, column.shape[1] - 1)[:, ::-1]
    return start, np.minimum.accumulate(backwards, axis=1)[:, ::-1]


def rank_units(h: Floats, rank: Floats, w: Floats, n: NDArray[np.intp] | None = None) -> RankedUnits:
    """Lay values out in order of rank.

    Parameters
    ----------
    h, rank, w : (areas, units) array
        Value, rank variable (higher is better off) and weight; filling at the end of each row with weight 0
        and the highest rank.
    n : (areas,) array, optional
        Units of each area; left out, no row is filled.

    Examples
    --------
    >>> rank_units(np.array([[1.0, 2.0, 3.0]]), np.array([[5.0, 9.0, 5.0]]), np.ones((1, 3))).middle.round(2)
    array([[0.33, 0.33, 0.83]])
    """
    order = np.argsort(rank, axis=1, kind="stable")
    h, rank, w = (np.take_along_axis(column, order, axis=1) for column in (h, rank, w))
    p = w / w.sum(axis=1)[:, None]
    below = np.cumsum(p, axis=1)
    start, end = _find_tied_runs(rank)
    first = np.take_along_axis(below - p, start, 1)
    last = np.take_along_axis(below, end, 1)
    counts = np.full(len(h), h.shape[1]) if n is None else n
    return RankedUnits(h=h, p=p, first=first, last=last, n=counts)


def compute_extended_concentration(ranking: RankedUnits, nu: float) -> Floats:
    """Mean value times the extended concentration index: ``nu`` sets how much the worst off count."""
    share = ranking.last - ranking.first
    factor = share + (1 - ranking.last) ** nu - (1 - ranking.first) ** nu
    return np.vecdot(ranking.p * ranking.h, factor / share)


def compute_symmetric_concentration(ranking: RankedUnits, beta: float) -> Floats:
    """Mean value times the symmetric concentration index: ``beta`` sets how much both ends count."""
    share = ranking.last - ranking.first
    ends = np.abs(ranking.last - 0.5) ** beta - np.abs(ranking.first - 0.5) ** beta
    return np.vecdot(ranking.p * ranking.h, 2 ** (beta - 2) * ends / share)


# --- the measures, and their intervals ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFormula:
    """One rank-based measure with its variant settled."""

    estimate: Callable[[RankedUnits], Floats]
    influence: Callable[[RankedUnits, Floats], Floats] | None
    variant: str
    on_log: bool = False
    """A ratio: its limits are set on the logarithm."""


def make_concentration_formula(
    form: str = "standard", bounds: tuple[float, float] | None = None
) -> RankFormula:
    """Concentration index; with bounds, of the value as a share of its range."""
    check_choice("form", form, "standard", "generalised", "wagstaff", "erreygers")
    if bounds is None and form in ("wagstaff", "erreygers"):
        raise ParameterError("metrics.bounds_missing", form=form)
    low, high = bounds or (0.0, 1.0)
    if not low < high:
        raise ParameterError("metrics.bounds", low=low, high=high)
    width = high - low

    def parts(ranking: RankedUnits) -> tuple[Floats, Floats]:
        """Covariance with rank, and mean, of the scaled value."""
        return ranking.lean / width, (ranking.mean - low) / width

    def estimate(ranking: RankedUnits) -> Floats:
        lean, mean = parts(ranking)
        with np.errstate(divide="ignore", invalid="ignore"):
            whole: dict[str, Any] = {
                "standard": mean,
                "generalised": 1.0,
                "wagstaff": mean * (1 - mean),
                "erreygers": 0.25,
            }
            return np.where(whole[form] != 0, 2 * lean / whole[form], np.nan)

    def influence(ranking: RankedUnits, found: Floats) -> Floats:
        _, mean = parts(ranking)
        moved, away = 2 * ranking.lean_influence() / width, (ranking.h - ranking.mean[:, None]) / width
        if form in ("generalised", "erreygers"):
            return moved * (4 if form == "erreygers" else 1)
        whole, slope = (mean, 1.0) if form == "standard" else (mean * (1 - mean), 1 - 2 * mean)
        return (moved - (found * slope)[:, None] * away) / whole[:, None]

    about = form if bounds is None else f"{form}, bounds {low:g}-{high:g}"
    return RankFormula(estimate=estimate, influence=influence, variant=about)


def make_slope_index_formula() -> RankFormula:
    """Slope index of inequality, linear."""

    def influence(ranking: RankedUnits, found: Floats) -> Floats:
        return ranking.lean_influence() / ranking.rank_variance[:, None]

    return RankFormula(estimate=lambda r: r.lean / r.rank_variance, influence=influence, variant="linear")


def make_relative_index_formula() -> RankFormula:
    """Relative index of inequality, linear: fitted value at rank 1 over that at rank 0."""
    line = make_slope_index_formula()

    def estimate(ranking: RankedUnits) -> Floats:
        half = line.estimate(ranking) / 2
        low = ranking.mean - half
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((low > 0) & (ranking.mean + half > 0), (ranking.mean + half) / low, np.nan)

    def influence(ranking: RankedUnits, found: Floats) -> Floats:
        steep = line.estimate(ranking)
        moved = line.influence(ranking, steep) / 2  # type: ignore[misc]
        away, low = ranking.h - ranking.mean[:, None], (ranking.mean - steep / 2)[:, None]
        return (away + moved - found[:, None] * (away - moved)) / low

    return RankFormula(estimate=estimate, influence=influence, variant="linear", on_log=True)


def make_extended_index_formula(nu: float = 2.0, beta: float | None = None) -> RankFormula:
    """Extended concentration index, or with ``beta`` the symmetric one; no interval."""
    for name, found in (("nu", nu), ("beta", 2.0 if beta is None else beta)):
        if not found > 1:
            raise ParameterError("metrics.above_one", name=name, found=found)

    def estimate(ranking: RankedUnits) -> Floats:
        total = (
            compute_extended_concentration(ranking, nu)
            if beta is None
            else compute_symmetric_concentration(ranking, beta)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(ranking.mean != 0, total / ranking.mean, np.nan)

    about = f"nu={nu:g}" if beta is None else f"symmetric, beta={beta:g}"
    return RankFormula(estimate=estimate, influence=None, variant=about)


RANKED: dict[str, Callable[..., RankFormula]] = {
    "concentration_index": make_concentration_formula,
    "slope_index": make_slope_index_formula,
    "relative_index": make_relative_index_formula,
    "extended_concentration_index": make_extended_index_formula,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankLimits:
    """A rank-based measure of many areas; ``method`` names the reason where something is nan."""

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    method: NDArray[Any]


MIN_UNITS = 20
MIN_EFFECTIVE = 10


def estimate_rank_limits(ranking: RankedUnits, formula: RankFormula, confidence: float = 0.95) -> RankLimits:
    """Estimates and linearised intervals of one measure in many areas.

    Notes
    -----
    By influence function, with mean and ranks as found; Student's t with the smaller of the effective number
    of units by weight less one and that of the units behind the variance as degrees of freedom.
    """
    spread_out = ranking.rank_variance > 1e-12
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        estimate = np.where(spread_out, formula.estimate(ranking), np.nan)
        effective = 1 / np.vecdot(ranking.p, ranking.p)
        conditions = [
            ~spread_out, ~np.isfinite(estimate), np.full(len(estimate), formula.influence is None),
            ranking.n < MIN_UNITS, effective < MIN_EFFECTIVE,
        ]  # fmt: skip
        codes = ["all_tied", "zero_base", "no_sound_interval", "too_few", "few_by_weight"]
        reason = np.select(conditions, codes, "")
        se = half = np.full(len(estimate), np.nan)
        if formula.influence is not None:
            parts = ranking.p * formula.influence(ranking, estimate) / (1 - ranking.p)
            squares = parts**2
            total = squares.sum(axis=1)
            carriers = total**2 / np.vecdot(squares, squares)
            df = np.minimum(effective - 1, carriers)
            se = np.where(reason == "", np.sqrt(total), np.nan)
            half = stdtrit(df, (1 + confidence) / 2) * se
        reason[(reason == "") & ~(se > 0)] = "no_variation"
        half = np.where(reason == "", half, np.nan)
        if formula.on_log:
            low, high = estimate * np.exp(-half / estimate), estimate * np.exp(half / estimate)
        else:
            low, high = estimate - half, estimate + half
    method = np.where(reason == "", "linearised_log" if formula.on_log else "linearised", reason)
    return RankLimits(estimate=estimate, se=se, lower=low, upper=high, method=method)

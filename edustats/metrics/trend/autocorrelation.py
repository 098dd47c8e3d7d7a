"""How much does a straight line through few years tell, when one year resembles the next?

Many yearly series at once: one row each, one column a year, nan where there is no value. For each pattern of
held years the slope is a weighted sum of the values and the departures are a projection of them; both are
worked out once. How strongly departures carry over (rho) is estimated from all rows of a group together,
because ten years cannot tell it alone, with the bias of short detrended series taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edustats.typing import Floats

RHOS = np.linspace(0.0, 0.95, 39)
"""Persistence tried; departures that alternate are treated as unrelated, which errs on the safe side."""
PRIOR_RHO = 0.3
"""Persistence supposed of a series about which nothing else is known."""
PRIOR_PAIRS = 12
"""How many pairs of neighbouring years that supposition is worth."""
CAUTION = 0.25
"""Standard errors by which rho is taken higher than estimated: too low a rho makes intervals too short."""
FEWEST_YEARS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePlan:
    """What one pattern of held years can say about a line."""

    remover: Floats
    """(n, n), takes out the line of ordinary least squares."""
    expected: Floats
    """(r,), expected ratio of the lag-one products of those departures to their squares, for each of RHOS."""
    weights: Floats
    """(r, n), the slope of generalised least squares is their product with the values."""
    squares: Floats
    """(r, n, n), whitened squared departures over their degrees of freedom, times the slope's variance."""
    unit: Floats
    """(r,), variance of the slope where one year's departure has variance 1."""
    df: int
    pairs: int
    """Neighbouring years that are both held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLines:
    """A straight line through each row; nan where fewer than four years are held."""

    departures: Floats
    """(m, n), from ordinary least squares; 0 where a year is missing."""
    ratio: Floats
    """Lag-one products of the departures over their squares."""
    pairs: Floats
    n: npt.NDArray[np.int64]
    plans: tuple[LinePlan, ...]
    plan_of: npt.NDArray[np.intp]
    """Position of each row's plan; -1 for none."""


@lru_cache(maxsize=4096)
def _plan_line_fit(years: tuple[float, ...], held: bytes, segments: tuple[int, ...]) -> LinePlan:
    mask = np.frombuffer(held, dtype=bool)
    t, n = np.asarray(years), len(mask)
    at = np.flatnonzero(mask)
    levels = np.asarray(segments)[at][:, None] == np.unique(np.asarray(segments)[at])[None, :]
    design = np.column_stack([levels.astype(float), t[at] - t[at].mean()])
    remover = np.zeros((n, n))
    remover[np.ix_(at, at)] = np.eye(len(at)) - design @ np.linalg.pinv(design)
    apart = np.abs(t[:, None] - t[None, :])
    beside = ((apart == 1) & mask[:, None] & mask[None, :]) / 2
    alike = RHOS[:, None, None] ** apart[np.ix_(at, at)]
    expected = _compute_expected_ratio(alike, remover[np.ix_(at, at)], beside[np.ix_(at, at)])
    inverse = np.linalg.inv(alike)
    spread = np.linalg.inv(design.T @ inverse @ design)
    fit = spread @ design.T @ inverse
    weights, squares = np.zeros((len(RHOS), n)), np.zeros((len(RHOS), n, n))
    weights[:, at] = fit[:, -1]
    df = len(at) - design.shape[1]
    scale = (spread[:, -1, -1] / df)[:, None, None]
    squares[np.ix_(np.arange(len(RHOS)), at, at)] = (inverse - inverse @ design @ fit) * scale
    return LinePlan(
        remover=remover, expected=np.maximum.accumulate(expected), weights=weights, squares=squares,
        unit=spread[:, -1, -1], df=df, pairs=int(beside.sum()),
    )  # fmt: skip


def _compute_expected_ratio(alike: Floats, remover: Floats, beside: Floats) -> Floats:
    """Mean of e'Be / e'e for departures e = Mx of normal x with each covariance ``alike`` (r, n, n).

    Exact: the integral over t > 0 of |I + 2tS|^-1/2 tr((I + 2tS)^-1 C), with S the covariance of the
    departures and C that of the products, both turned to the axes of S (Magnus 1986).
    """
    root = np.linalg.cholesky(alike)
    turned = remover @ root
    sizes, axes = np.linalg.eigh(turned.transpose(0, 2, 1) @ turned)
    sizes = np.maximum(sizes, 0) / sizes.sum(axis=1, keepdims=True)
    at = turned @ axes
    scale = (turned**2).sum(axis=(1, 2))
    products = np.einsum("rik,ij,rjk->rk", at, beside, at) / scale[:, None]
    node, weight = np.polynomial.legendre.leggauss(48)
    u = (node + 1) / 2
    t, weight = (u / (1 - u)) ** 2, weight / 2 * 2 * u / (1 - u) ** 3
    grown = 1 + 2 * t[:, None] * sizes[:, None, :]
    each = np.exp(-0.5 * np.log(grown).sum(axis=2)) * (products[:, None, :] / grown).sum(axis=2)
    return np.asarray(each @ weight)


def fit_lines(years: Floats, rows: Floats, segments: npt.NDArray[np.int64] | None = None) -> FittedLines:
    """Fit a straight line to every row.

    Parameters
    ----------
    years : (n,) ascending whole years
    rows : (m, n) values, nan where missing
    segments : (m, n) number of the definition each year belongs to; each has a level of its own and all
        share the slope. None: one definition throughout.

    Returns
    -------
    Lines
        nan for rows with fewer than four years, or fewer than two more than there are levels and a slope.

    Examples
    --------
    >>> found = fit_lines(np.arange(5.0), np.array([[1.0, 3.0, np.nan, 7.0, 9.5]]))
    >>> found.departures.round(3).tolist(), int(found.n[0])
    ([[0.075, -0.025, 0.0, -0.225, 0.175]], 4)
    """
    held = np.isfinite(rows)
    parts = np.zeros(rows.shape, dtype=np.int64) if segments is None else segments
    patterns, plan_of = np.unique(np.where(held, parts, -1), axis=0, return_inverse=True)
    plan_of = plan_of.reshape(-1)
    filled = np.where(held, rows, 0.0)
    departures = np.zeros(rows.shape)
    plans: list[LinePlan] = []
    number = np.full(len(patterns), -1)
    for k, pattern in enumerate(patterns):
        mask = pattern >= 0
        if mask.sum() < max(FEWEST_YEARS, len(np.unique(pattern[mask])) + 3):
            continue
        plan = _plan_line_fit(tuple(years), mask.tobytes(), tuple(int(p) for p in pattern))
        mine = plan_of == k
        # The level is taken off first, so that large values leave no dust behind.
        own = (filled[mine] - filled[mine][:, mask].mean(axis=1)[:, None]) * mask
        departures[mine] = own @ plan.remover
        number[k] = len(plans)
        plans.append(plan)
    plan_of = number[plan_of]
    squares = (departures**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        beside = np.diff(years) == 1
        ratio = (departures[:, 1:] * departures[:, :-1])[:, beside].sum(axis=1) / squares
    pairs = np.array([p.pairs for p in plans] + [0])[plan_of]
    return FittedLines(
        departures=departures, ratio=ratio, pairs=pairs.astype(float), n=held.sum(axis=1),
        plans=tuple(plans), plan_of=plan_of,
    )  # fmt: skip


def estimate_persistence(
    found: FittedLines, groups: npt.NDArray[np.intp], worth: Floats | None = None
) -> Floats:
    """Index into RHOS of each group's persistence, shrunk towards that of all rows together.

    Parameters
    ----------
    found : the fitted lines
    groups : (m,) number of the group each row belongs to, from 0 without gaps
    worth : (g,) how many independent series the rows of a group amount to, over their number; 1 if None

    Returns
    -------
    (g,) float positions in RHOS, for :func:`numpy.interp`.
    """
    usable = (found.plan_of >= 0) & np.isfinite(found.ratio) & (found.pairs > 0)
    worth = np.ones(int(groups.max()) + 1) if worth is None else worth
    weight = np.where(usable, found.pairs * worth[groups], 0.0)
    curves = np.array([p.expected for p in found.plans] or [RHOS])[found.plan_of]
    ratio = np.where(usable, found.ratio, 0.0)
    everything = np.zeros(len(groups), dtype=np.intp)
    whole = _solve_persistence(ratio, curves, weight, everything, np.full(1, PRIOR_RHO))
    return _solve_persistence(ratio, curves, weight, groups, np.full(len(worth), whole[0]), CAUTION)


def _solve_persistence(
    ratio: Floats,
    curves: Floats,
    weight: Floats,
    groups: npt.NDArray[np.intp],
    prior: Floats,
    caution: float = 0.0,
) -> Floats:
    """The rho at which each group's mean ratio, the prior's pairs among them, is what is expected."""
    size = len(prior)
    total = np.bincount(groups, weight, size)
    observed = np.bincount(groups, weight * ratio, size)
    expected = np.zeros((size, len(RHOS)))
    np.add.at(expected, groups, weight[:, None] * curves)
    safe = np.where(total > 0, total, 1.0)
    expected = np.where((total > 0)[:, None], expected / safe[:, None], RHOS)
    rho = np.empty(size)
    for g in range(size):  # groups are few: one an indicator
        supposed = np.interp(prior[g], RHOS, expected[g])
        pairs = total[g] + PRIOR_PAIRS
        target = (observed[g] + PRIOR_PAIRS * supposed) / pairs + caution / np.sqrt(pairs)
        rho[g] = np.interp(target, expected[g], RHOS)
    return rho


def estimate_slopes(found: FittedLines, rows: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Slope of each row by generalised least squares at its rho, and the degrees of freedom of its variance.

    nan for rows without a plan. ``rows`` are (m, n) values, nan where missing.
    """
    step = np.rint(rho / (RHOS[1] - RHOS[0])).astype(int)
    nothing = np.zeros((len(RHOS), rows.shape[1]))
    weights = np.array([p.weights for p in found.plans] + [nothing])[found.plan_of, step]
    df = np.array([p.df for p in found.plans] + [np.nan])[found.plan_of]
    filled = np.where(np.isfinite(rows), rows, 0.0)
    return np.where(found.plan_of >= 0, (filled * weights).sum(axis=1), np.nan), df.astype(float)


def estimate_slope_variance(found: FittedLines, departures: Floats, rho: Floats) -> Floats:
    """Variance of each row's slope that its departures (m, n), 0 where missing, speak for; nan without a plan."""
    step = np.rint(rho / (RHOS[1] - RHOS[0])).astype(int)
    n = departures.shape[1]
    squares = np.array([p.squares for p in found.plans] + [np.full((len(RHOS), n, n), np.nan)])
    return np.asarray(np.einsum("mi,mij,mj->m", departures, squares[found.plan_of, step], departures))


def estimate_noise_variance(found: FittedLines, variance: Floats, rho: Floats) -> Floats:
    """Variance of one year's departure, from that of the slope."""
    step = np.rint(rho / (RHOS[1] - RHOS[0])).astype(int)
    unit = np.array([p.unit for p in found.plans] + [np.full(len(RHOS), np.nan)])
    return np.asarray(variance / unit[found.plan_of, step])

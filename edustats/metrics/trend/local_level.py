"""Where does a series stand beneath its yearly noise? A level that walks and drifts, for many short series.

A value is a level plus the noise of its year; the level goes on by a drift and a step of chance. How the
movement from one year to the next divides into noise, steps and drift (the shape) is learned for each
indicator from all its series; how large the movement is (the scale), for each series, moderated by the others.
Nothing is maximised for one series: its few years could not bear it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edustats.typing import Floats

Ints = npt.NDArray[np.int64]

NOISE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
"""Shares of the variance of a yearly difference, drift left out, that are noise of the two years.
No figure of a year is without any."""
DRIFT = (0.0, 0.03, 0.1, 0.25, 0.5)
"""Shares of that variance that are the series' drift."""
SHAPES = np.array([(noise, drift) for noise in NOISE for drift in DRIFT])
PRIOR_DF = 4.0
"""What the other series of an indicator say about the scale of one, in differences of its own."""
POOLED = 2.0
"""Indicators that the even prior over the shapes weighs as much as."""
ROUNDS = 8
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pattern of held years allows to be known; g shapes, m held years, states of ``states`` below.

    States: less the noise of the first held year; then, for every year asked about, the level less that of
    the first held year. The first value plus both is the level of a year.
    """

    held: npt.NDArray[np.bool_]
    inverse: Floats
    """(g, m-1, m-1), of the covariance of the differences when that of one year is 1."""
    log_det: Floats
    gain: Floats
    """(g, s, m-1) states from differences."""
    left: Floats
    """(g, s, s) covariance of the states that the differences leave open."""


@lru_cache(maxsize=4096)
def _plan(years: tuple[float, ...], held: bytes) -> Plan:
    """Of the shape pattern ``held`` (one byte a year); ``years`` may go on beyond the pattern."""
    mask = np.frombuffer(held, dtype=bool)
    asked = np.asarray(years)
    t = asked[: len(mask)][mask]
    gap, since = np.diff(t), np.maximum(asked - t[0], 0.0)
    m = len(gap)
    drift = SHAPES[:, 1]
    noise, step = SHAPES[:, 0] * (1 - drift) / 2, (1 - SHAPES[:, 0]) * (1 - drift)
    take = np.eye(m, m + 1, 1) - np.eye(m, m + 1)
    covariance = (
        noise[:, None, None] * (take @ take.T)
        + step[:, None, None] * np.diag(gap)
        + drift[:, None, None] * np.outer(gap, gap)
        + 1e-9 * np.eye(m)
    )
    walked = np.clip(asked[:, None] - t[None, :-1], 0.0, gap)
    levels = step[:, None, None] * walked + drift[:, None, None] * np.outer(since, gap)
    first = np.zeros((len(SHAPES), 1, m))
    first[:, 0, 0] = noise
    beside = np.concatenate([first, levels], axis=1)
    before = np.zeros((len(SHAPES), len(asked) + 1, len(asked) + 1))
    before[:, 0, 0] = noise
    before[:, 1:, 1:] = step[:, None, None] * np.minimum.outer(since, since) + drift[
        :, None, None
    ] * np.outer(since, since)
    inverse = np.linalg.inv(covariance)
    gain = beside @ inverse
    return Plan(
        held=mask,
        inverse=inverse,
        log_det=np.linalg.slogdet(covariance)[1],
        gain=gain,
        left=before - gain @ beside.transpose(0, 2, 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is known about the levels of r series; rows without a plan have too few years."""

    rows: Floats
    """(r, n) the values."""
    plans: tuple[Plan, ...]
    plan_of: Ints
    """(r,) number of the plan, -1 for none."""
    weight: Floats
    """(r, g) how far each shape is believed."""
    scale: Floats
    """(r, g) variance of the difference of one year, moderated."""
    df: Floats
    first: Floats
    """(r,) first held value."""

    def of(self, wanted: Floats, series: Ints) -> tuple[Floats, Floats]:
        """Mean and variance of combinations of the states: ``wanted`` (q, s), each of the row in ``series``."""
        mean, variance = np.full(len(series), np.nan), np.full(len(series), np.nan)
        for number, plan in enumerate(self.plans):
            mine = np.flatnonzero(self.plan_of[series] == number)
            row, asked = series[mine], wanted[mine]
            steps = np.diff(self.rows[row][:, plan.held])
            each = ((asked @ plan.gain) * steps).sum(axis=2).T
            open_ = ((asked @ plan.left) * asked).sum(axis=2).T
            weight = self.weight[row]
            middle = (weight * each).sum(axis=1)
            spread = np.maximum(open_, 0.0) * self.scale[row] + (each - middle[:, None]) ** 2
            mean[mine], variance[mine] = middle, (weight * spread).sum(axis=1)
        return mean, variance

    def noise(self) -> Floats:
        """(r,) variance of the noise of one year."""
        share = SHAPES[:, 0] * (1 - SHAPES[:, 1]) / 2
        return np.asarray((self.weight * self.scale * share).sum(axis=1))

    def curve(self) -> Floats:
        """(r, s-1) the level of each year asked about; nan for rows without a plan."""
        states = self.plans[0].gain.shape[1] if self.plans else 1
        found = np.full((len(self.rows), states - 1), np.nan)
        for number, plan in enumerate(self.plans):
            mine = np.flatnonzero(self.plan_of == number)
            steps = np.diff(self.rows[mine][:, plan.held])
            each = ((plan.gain @ steps.T) * self.weight[mine].T[:, None]).sum(axis=0).T
            found[mine] = self.first[mine, None] + each[:, :1] + each[:, 1:]
        return found


def fit_levels(years: Floats, rows: Floats, groups: Ints, fewest: int, size: Floats | None = None) -> Levels:
    """Learn shapes and scales from all series, and say what is known about the level of each.

    Parameters
    ----------
    years : (s,) ascending whole years; the values stand in the first n of them, the rest are asked about
    rows : (r, n) values on an unbounded scale, nan where missing
    groups : (r,) number of the indicator of each series, from 0 without gaps
    fewest : held years a series needs
    size : (r,) expected size of the movement of each series beside the others of its indicator; 1 if None

    Examples
    --------
    >>> years = np.arange(2015.0, 2025.0)
    >>> found = fit_levels(years, np.arange(9.0)[None], np.zeros(1, int), fewest=3)
    >>> round(float(found.curve()[0, -1]), 1)
    8.9
    """
    size = np.ones(len(rows)) if size is None else size
    scaled = rows / size[:, None]
    plans, plan_of = _plans(years, scaled, fewest)
    squares, log_det, count = _likeness(scaled, plans, plan_of)
    weight, common = _learned(squares, log_det, count, plan_of >= 0, groups)
    with np.errstate(invalid="ignore"):
        scale = (PRIOR_DF * common[groups][:, None] + squares) / (PRIOR_DF + count)[:, None]
    held = np.isfinite(rows)
    first = np.where(held.any(axis=1), rows[np.arange(len(rows)), held.argmax(axis=1)], np.nan)
    return Levels(
        rows=rows, plans=plans, plan_of=plan_of, weight=weight[groups], scale=scale * size[:, None] ** 2,
        df=PRIOR_DF + count, first=first,
    )  # fmt: skip


def _plans(years: Floats, rows: Floats, fewest: int) -> tuple[tuple[Plan, ...], Ints]:
    patterns, pattern_of = np.unique(np.isfinite(rows), axis=0, return_inverse=True)
    number = np.full(len(patterns), -1)
    plans: list[Plan] = []
    for k, pattern in enumerate(patterns):
        if pattern.sum() >= fewest:
            number[k] = len(plans)
            plans.append(_plan(tuple(years), pattern.tobytes()))
    return tuple(plans), number[pattern_of.reshape(-1)]


def _likeness(rows: Floats, plans: tuple[Plan, ...], plan_of: Ints) -> tuple[Floats, Floats, Floats]:
    """Quadratic form (r, g) and log determinant (r, g) of the differences of each row, and their number (r,)."""
    squares, log_det = np.zeros((len(rows), len(SHAPES))), np.zeros((len(rows), len(SHAPES)))
    count = np.zeros(len(rows))
    for number, plan in enumerate(plans):
        mine = np.flatnonzero(plan_of == number)
        steps = np.diff(rows[mine][:, plan.held])
        squares[mine] = ((steps @ plan.inverse) * steps).sum(axis=2).T
        log_det[mine], count[mine] = plan.log_det, steps.shape[1]
    return squares, log_det, count


def _learned(
    squares: Floats, log_det: Floats, count: Floats, known: npt.NDArray[np.bool_], groups: Ints
) -> tuple[Floats, Floats]:
    """Weight of each shape (k, g) and common scale (k,) of each indicator.

    Scales of series are inverse-chi-squared around that of their indicator; weights of the shapes start from
    their mean over all indicators. A few rounds of both suffice, as the weights are flat for so few years.
    """
    kinds, shapes = int(groups.max()) + 1, squares.shape[1]
    rows = groups[known]
    member = (np.arange(kinds)[:, None] == rows).astype(float)
    squares, log_det, m = squares[known], log_det[known], count[known][:, None]

    def added(values: Floats) -> Floats:
        return member @ values

    series, all_steps = added(np.ones(len(rows))), added(m[:, 0])
    least = added(squares.min(axis=1) / m[:, 0]) / np.maximum(series, 1)
    scale = np.where(series > 0, np.maximum(least, TINY), 1.0)
    prior, weight = np.full(shapes, 1.0 / shapes), np.full((kinds, shapes), 1.0 / shapes)
    for _ in range(ROUNDS):
        mine = scale[rows][:, None]
        ratio = np.log1p(squares / (PRIOR_DF * mine))
        likely = added(-0.5 * (log_det + (PRIOR_DF + m) * ratio + m * np.log(mine))) + np.log(prior)
        weight = np.exp(likely - likely.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        prior = weight[series > 0].sum(axis=0) + POOLED / shapes
        prior /= prior.sum()
        size = (squares * weight[rows]).sum(axis=1)
        drawn = (PRIOR_DF + m[:, 0]) / (PRIOR_DF + size / scale[rows])
        fresh = added(drawn * size) / np.maximum(all_steps, 1)
        scale = np.where(series > 0, np.maximum(fresh, TINY), 1.0)
    return weight, scale

"""Where does each plain model say a short yearly series goes next?

All models read a whole panel at once: rows are series, columns years, nan where a year is missing. They work on
an unbounded scale, so that no share leaves 0-1 and no count falls below 0.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from edustats.typing import Flags, Floats, Positions

MODELS = ("naive", "pooled", "pooled_damped", "level", "drift", "theta")
MARGIN = 0.01
"""One percentage point: near 0 and 1 a share is read on the scale of its rounding, so that 0 has a logit."""
DAMPING = 0.8
LEVEL_WEIGHT = 0.6
CAUTION, SHARE_CAUTION = 12.0, 3.0
"""A drift that a whole group shares counts as far as its square exceeds so many times that of its error. Shares
keep going one way more often than counts do."""
SMOOTHING = np.linspace(0.05, 0.999, 20)
"""Weights of the last value that Theta tries."""
SMALLEST_STEP = 1e-3


@dataclass(frozen=True, slots=True)
class SeriesScale:
    """To the unbounded scale and back: logit for shares, logarithm for positive amounts, else as it is."""

    share: Flags
    positive: Flags
    floor: Floats

    @classmethod
    def of(cls, values: Floats, codes: Positions, lower: Floats, upper: Floats) -> SeriesScale:
        """The scale of each series; all series of a group share one."""
        share = (lower == 0) & (upper == 1)
        least = np.full(codes.max(initial=-1) + 1, np.inf)
        np.minimum.at(least, codes, np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf))
        positive = ~share & (lower >= 0) & (least[codes] > 0)
        return cls(share, positive, lower)

    def rows(self, picked: Flags | Positions) -> SeriesScale:
        """The scale of some series."""
        return SeriesScale(self.share[picked], self.positive[picked], self.floor[picked])

    def forth(self, values: Floats) -> Floats:
        """To the unbounded scale; ``values`` is (n, anything)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = logit((values + MARGIN) / (1 + 2 * MARGIN))
            return np.where(
                self.share[:, None], shares, np.where(self.positive[:, None], np.log(values), values)
            )

    def back(self, line: Floats) -> Floats:
        """To the values' own scale, inside their bounds."""
        shares = np.clip((1 + 2 * MARGIN) * expit(line) - MARGIN, 0, 1)
        with np.errstate(over="ignore"):
            amounts = np.where(self.positive[:, None], np.exp(line), np.maximum(line, self.floor[:, None]))
        return np.where(self.share[:, None], shares, amounts)


@dataclass(frozen=True, slots=True)
class PanelPast:
    """What a panel looks like from one year: how it ended, how it moved."""

    line: Floats
    last: Floats
    waited: Floats
    """Years since each series' last value; 0 where it reaches the origin."""
    points: Positions
    drift: Floats
    step: Floats
    """Typical size of a yearly step, drawn towards that of the group."""
    codes: Positions
    caution: Floats
    """Of each group, for the drift it shares."""

    @classmethod
    def of(cls, line: Floats, codes: Positions, share: Flags | None = None) -> PanelPast:
        """``share`` says which series are shares; none, if not given."""
        held = np.isfinite(line)
        rows, width = np.arange(len(line)), line.shape[1]
        first, end = held.argmax(axis=1), width - 1 - held[:, ::-1].argmax(axis=1)
        points = held.sum(axis=1)
        last = np.where(points > 0, line[rows, end], np.nan)
        drift = np.divide(
            last - line[rows, first], end - first, out=np.full(len(line), np.nan), where=end > first
        )
        waited = (width - 1 - end).astype(float)
        caution = np.full(codes.max(initial=-1) + 1, CAUTION)
        caution[codes if share is None else codes[share]] = CAUTION if share is None else SHARE_CAUTION
        return cls(line, last, waited, points, drift, _compute_typical_step(line, codes), codes, caution)


def _compute_typical_step(line: Floats, codes: Positions) -> Floats:
    """Mean absolute yearly step of each series, drawn towards its group's by the weight of four steps."""
    steps = np.abs(np.diff(line, axis=1))
    count = np.isfinite(steps).sum(axis=1)
    total = np.nansum(steps, axis=1)
    group = divide_or_missing(sum_by_group(codes, total), sum_by_group(codes, count.astype(float)))
    everyone = float(total.sum() / max(count.sum(), 1))
    group = np.where(np.isfinite(group), group, everyone)[codes]
    return np.maximum((total + 4 * group) / (count + 4), SMALLEST_STEP)


def sum_by_group(codes: Positions, values: Floats) -> Floats:
    """Sum of each group, missing values left out."""
    return np.asarray(
        np.bincount(codes, weights=np.nan_to_num(values), minlength=codes.max(initial=-1) + 1), float
    )


def divide_or_missing(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``, nan where there is nothing below."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)


def estimate_pooled_drift(past: PanelPast) -> Floats:
    """Each series' drift drawn towards its group's, and the group's towards 0, by what can be told of them.

    Empirical Bayes in two steps. A group moves as a whole: its mean drift counts as far as it exceeds about
    three and a half of the standard errors that the changes of its mean step give (James and Stein's positive part).
    A series keeps of its own departure from it the share that the scatter of its own steps leaves unexplained.
    """
    codes, drift = past.codes, past.drift
    usable = np.isfinite(drift)
    n = sum_by_group(codes, usable.astype(float))
    mean = np.nan_to_num(divide_or_missing(sum_by_group(codes, drift), n))
    shared = _compute_shared_steps(past)
    error = _compute_variance_of_mean(shared)
    error = past.caution * np.where(np.isfinite(error), error, np.inf)
    kept = np.where(error < mean**2, 1 - error / np.maximum(mean**2, 1e-300), 0.0)
    noise = _pool_by_group(codes, _compute_variance_of_mean(np.diff(past.line, axis=1) - shared[codes]))
    apart = np.where(usable, drift - mean[codes], 0.0)
    spread = np.nan_to_num(divide_or_missing(sum_by_group(codes, apart**2), n - 1))
    own = np.divide(spread - noise, spread, out=np.zeros(len(n)), where=spread > noise)
    return np.asarray((kept * mean)[codes] + own[codes] * apart, float)


def _compute_shared_steps(past: PanelPast) -> Floats:
    """Mean step of each group in each year: (groups, years - 1)."""
    steps = np.diff(past.line, axis=1)
    sums = [
        divide_or_missing(
            sum_by_group(past.codes, step), sum_by_group(past.codes, np.isfinite(step).astype(float))
        )
        for step in steps.T
    ]
    return np.stack(sums, axis=1) if sums else np.zeros((past.codes.max(initial=-1) + 1, 0))


def _compute_variance_of_mean(steps: Floats) -> Floats:
    """Variance of the mean of each row's steps, taken as independent; 0 with fewer than two."""
    count = np.isfinite(steps).sum(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without two steps
        variance = np.nanvar(steps, axis=1, ddof=1)
    return np.where(count > 1, variance / np.maximum(count, 1), np.nan)


def _pool_by_group(codes: Positions, values: Floats) -> Floats:
    held = np.isfinite(values)
    return np.nan_to_num(
        divide_or_missing(sum_by_group(codes, values), sum_by_group(codes, held.astype(float)))
    )


def smooth_exponentially(line: Floats, weight: float) -> Floats:
    """Level at the end by simple exponential smoothing: the local level model at a fixed ratio of variances.

    It starts at the first value; a missing year leaves it where it was.
    """
    level = np.full(len(line), np.nan)
    for value in line.T:
        error = np.where(np.isfinite(value) & np.isfinite(level), value - level, 0.0)
        level = np.where(np.isfinite(level), level + weight * error, value)
    return level


def theta(line: Floats, ahead: Floats) -> Floats:
    """Theta (Assimakopoulos and Nikolopoulos 2000): smoothing with half the slope of a straight line.

    The form of Hyndman and Billah (2003), smoothed with the weight whose one-step errors were least.

    Parameters
    ----------
    line : (n, t) series on an unbounded scale, nan where missing
    ahead : (n, leads) years from each series' last value, 1 or more
    """
    held = np.isfinite(line)
    at = np.where(held, np.arange(line.shape[1], dtype=float), np.nan)
    count = held.sum(axis=1)
    apart = np.nan_to_num(at - _row_mean(at)[:, None])
    squares = (apart**2).sum(axis=1)
    slope = divide_or_missing((apart * np.nan_to_num(line - _row_mean(line)[:, None])).sum(axis=1), squares)
    level, weight, least = (np.full(len(line), x) for x in (np.nan, SMOOTHING[-1], np.inf))
    for tried in SMOOTHING:
        end, missed = _smoothed_errors(line, tried)
        better = missed < least
        level, least = np.where(better, end, level), np.where(better, missed, least)
        weight = np.where(better, tried, weight)
    grown = (1 - (1 - weight) ** count) / weight
    return level[:, None] + np.nan_to_num(slope)[:, None] / 2 * (ahead - 1 + grown[:, None])


def _row_mean(values: Floats) -> Floats:
    held = np.isfinite(values)
    return divide_or_missing(np.where(held, values, 0.0).sum(axis=1), held.sum(axis=1).astype(float))


def _smoothed_errors(line: Floats, weight: float) -> tuple[Floats, Floats]:
    """Level at the end and sum of squared one-step errors of simple exponential smoothing."""
    level, squares = np.full(len(line), np.nan), np.zeros(len(line))
    for value in line.T:
        error = np.where(np.isfinite(value) & np.isfinite(level), value - level, 0.0)
        squares += error**2
        level = np.where(np.isfinite(level), level + weight * error, value)
    return level, squares


def forecast_model_paths(past: PanelPast, leads: int) -> Floats:
    """Every model's path from the origin on: (models, n, leads), in the order of :data:`MODELS`."""
    ahead = np.arange(1, leads + 1)[None, :] + past.waited[:, None]
    damped = DAMPING * (1 - DAMPING**ahead) / (1 - DAMPING)
    last, drift = past.last[:, None], estimate_pooled_drift(past)[:, None]
    level = smooth_exponentially(past.line, LEVEL_WEIGHT)[:, None]
    flat = np.zeros_like(ahead)
    own = last + np.nan_to_num(past.drift)[:, None] * ahead
    return np.stack([
        last + flat, last + drift * ahead, last + drift * damped, level + flat, own, theta(past.line, ahead),
    ])  # fmt: skip

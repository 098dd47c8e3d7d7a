"""How many of a grade arrive in the next? Progression ratios from a county's own years, steadied by its prefecture.

A ratio above 1 means that more came than went: repeaters apart, the net of children who moved in and out, changed
to private schools or left. Several ways of carrying a ratio on are tried (the last years, all years, half of each
grade's peculiarity, a slope that dies away) and combined by how wrong each was before, at one, two and three years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.metrics.seats.cohorts import Cohorts
from edustats.typing import Flags, Floats

LEAST, MOST = 0.2, 3.0
"""A progression ratio outside is no movement of pupils but a mistake, another district or another school system."""
LEAST_BRANCH = 0.01
"""The same where a grade parts into two branches: one of them may be small."""
TRIED_LEADS = 3
FEWEST_YEARS = 2
"""Ratios a grade needs before it can be carried on."""
SHARPNESS = 1.0
"""How strongly those that were less wrong before are preferred: weight is squared error to this power, inverted."""
TRIALS_LENT = 8
"""Further trials in which every way is taken to have been as wrong as all are on average."""
DAMPING = 0.85
"""What is left of a slope after a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRatio:
    """A ratio that was left out: which county, year and grade, and what it was."""

    area: int
    year: int
    grade: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Ratios carried on, and how wrong the same way was before."""

    log: Floats
    """(a, t, g) logarithm of the ratio with which a grade was reached in a year; nan where it cannot be told."""
    ahead: Floats
    """(a, h, g) logarithm of the ratio expected in each coming year."""
    errors: Floats
    """(leads, origins, a, g) what came minus what would have been expected."""
    weights: Floats
    """(candidates, g) how much each way of carrying on counts."""
    other_ahead: Floats
    """(a, h, g) the same to the children of the age, where a stage begins."""
    other_weight: Floats
    """(g,) from 0 to 1: how much the children of the age count beside the grade below."""
    outside: tuple[OutsideRatio, ...]


def observe_ratios(cohorts: Cohorts) -> tuple[Floats, Floats, tuple[OutsideRatio, ...]]:
    """Logarithms of the ratios held; those below 0.2 or above 3 are left out and listed.

    Parameters
    ----------
    cohorts : of one prefecture

    Returns
    -------
    (a, t, g) array
        To the grade below (or the births) that feeds a grade. Repeaters, where held, are taken from both sides: they
        neither came from the grade below nor leave their own.
    (a, t, g) array
        To the children of the age at which a stage begins, for first grades that another grade feeds; else nan.
    tuple of OutsideRatio
    """
    grades, stay, structure = cohorts.grades, cohorts.repeaters, cohorts.structure
    arrived = grades if stay is None else grades - np.nan_to_num(stay)
    source, other = np.full(grades.shape, np.nan), np.full(grades.shape, np.nan)
    for g, (feed, age) in enumerate(zip(structure.feeds, structure.ages, strict=True)):
        if age:
            (source if feed < 0 else other)[:, :, g] = cohorts.intake(cohorts.births, cohorts.years, g)
        if feed >= 0:
            gone = grades[:, :-1, feed]
            source[:, 1:, g] = gone if stay is None else gone - np.nan_to_num(stay[:, 1:, feed])
    log, found = _divide_counts(arrived, source, cohorts)
    log = _fill_within_stages(log, cohorts, found)
    return log, _divide_counts(arrived, other, cohorts)[0], found


def _fill_within_stages(log: Floats, cohorts: Cohorts, outside: Sequence[OutsideRatio]) -> Floats:
    """Ratios within a stage that no grades tell, as the stage's own retention: all its inner grades alike."""
    if cohorts.retention is None:
        return log
    made, structure = log.copy(), cohorts.structure
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(
            (cohorts.retention >= LEAST) & (cohorts.retention <= MOST), np.log(cohorts.retention), np.nan
        )
    for s, name in enumerate(structure.names):
        inner = range(structure.first[name] + 1, structure.slice_of(name).stop)
        for g in inner:
            made[:, :, g] = np.where(np.isfinite(log[:, :, g]), log[:, :, g], kept[:, :, s])
    for one in outside:  # what was left out as beyond reason is not brought back
        made[one.area, int(one.year - cohorts.years[0]), one.grade] = np.nan
    return made


def _divide_counts(
    arrived: Floats, source: Floats, cohorts: Cohorts
) -> tuple[Floats, tuple[OutsideRatio, ...]]:
    known = np.isfinite(source) & np.isfinite(arrived) & (source > 0)
    ratio = np.divide(arrived, source, out=np.full(source.shape, np.nan), where=known)
    low = np.where([_is_branch(cohorts, g) for g in range(source.shape[2])], LEAST_BRANCH, LEAST)
    with np.errstate(divide="ignore", invalid="ignore"):
        wrong = known & ((ratio > MOST) | (ratio < low))
        log = np.where(wrong, np.nan, np.log(ratio))
    found = tuple(
        OutsideRatio(area=int(a), year=int(cohorts.years[t]), grade=int(g), value=float(ratio[a, t, g]))
        for a, t, g in zip(*np.nonzero(wrong), strict=True)
    )
    return log, found


def _is_branch(cohorts: Cohorts, grade: int) -> bool:
    """Whether others are fed by the same grade: of two branches one may be small."""
    feeds = cohorts.structure.feeds
    return feeds[grade] >= 0 and feeds.count(feeds[grade]) > 1


def carry_on(
    log: Floats, leads: int, outside: Sequence[OutsideRatio] = (), other: Floats | None = None
) -> Ratios:
    """Expected ratios of the coming years.

    Parameters
    ----------
    log, other : (a, t, g) from :func:`observe_ratios`
    leads : years ahead, >= 1
    outside : those left out, to be kept beside the result

    Returns
    -------
    Ratios
        nan for grades of which the whole prefecture holds no ratio.

    Examples
    --------
    >>> found = carry_on(np.zeros((2, 6, 1)), 3)
    >>> found.ahead.shape, float(abs(found.ahead).max())
    ((2, 3, 1), 0.0)
    """
    ahead, errors, weights = _try_and_carry(log, leads)
    if other is None or not np.isfinite(other).any():
        beside, weight = np.full(ahead.shape, np.nan), np.zeros(log.shape[2])
    else:
        beside, other_errors, _ = _try_and_carry(other, leads)
        weight = _weigh_against(errors, other_errors, fewest_areas=1)
        both = (1 - weight) * errors + weight * np.where(weight > 0, other_errors, 0.0)
        errors = np.where(np.isfinite(both), both, errors)
    return Ratios(
        log=log,
        ahead=ahead,
        errors=errors,
        weights=weights,
        outside=tuple(outside),
        other_ahead=beside,
        other_weight=weight,
    )


def _try_and_carry(log: Floats, leads: int) -> tuple[Floats, Floats, Floats]:
    """Ratios ahead, errors of the past, weights of the ways."""
    years = log.shape[1]
    origins = range(3, years)
    tried = np.full((TRIED_LEADS, max(len(origins), 1), CANDIDATES, log.shape[0], log.shape[2]), np.nan)
    for k, origin in enumerate(origins):
        expected = _carry_each(log[:, :origin], TRIED_LEADS)
        for h in range(min(TRIED_LEADS, years - origin)):
            tried[h, k] = log[:, origin + h] - expected[:, :, h]
    weights = _weigh_candidates(tried)
    ahead = np.einsum("cg,cahg->ahg", weights, _carry_each(log, leads))
    return ahead, np.einsum("cg,lkcag->lkag", weights, tried), weights


def _weigh_candidates(tried: Floats) -> Floats:
    """(candidates, g): the steady ways by mean squared error, the slope by as much as it would have bettered them."""
    held = np.isfinite(tried)
    count = held.sum(axis=(0, 1, 3))
    square = np.where(held, np.square(np.nan_to_num(tried)), 0.0).sum(axis=(0, 1, 3))
    usual = square[:SLOPE].sum(axis=0) / np.maximum(count[:SLOPE].sum(axis=0), 1) + 1e-8
    mean = (square[:SLOPE] + TRIALS_LENT * usual) / (count[:SLOPE] + TRIALS_LENT)
    steady = mean**-SHARPNESS / (mean**-SHARPNESS).sum(axis=0)
    sloping = _weigh_against(np.einsum("cg,lkcag->lkag", steady, tried[:, :, :SLOPE]), tried[:, :, SLOPE])
    return np.concatenate([steady * (1 - sloping), sloping[None]])


def _weigh_against(steady: Floats, other: Floats, fewest_areas: int = 3) -> Floats:
    """(g,) from 0 to 1: the share of another way that would have erred least, less what chance would give.

    Counties of one year err together and leads overlap: a year counts as one trial.
    """
    gain = steady - other
    known = np.isfinite(gain)
    e, d = np.where(known, steady, 0.0), np.where(known, gain, 0.0)
    power = np.square(d).sum(axis=(0, 1, 2))
    best = np.divide((e * d).sum(axis=(0, 1, 2)), power, out=np.zeros(len(power)), where=power > 0)
    by_year = (d * (e - best * d)).sum(axis=(0, 2))
    error = np.divide(
        np.sqrt(np.square(by_year).sum(axis=0)), power, out=np.ones(len(power)), where=power > 0
    )
    sure = np.maximum(
        1 - np.square(np.divide(error, best, out=np.full(len(best), 9.0), where=best > 0)) * 4, 0
    )
    # in one county alone a slope cannot be told from a wave; several that slope alike can
    enough = (known.any(axis=(0, 2)).sum(axis=0) >= 3) & (known.any(axis=(0, 1)).sum(axis=0) >= fewest_areas)
    return np.where(enough, np.clip(best, 0, 1) * sure, 0.0)


SLOPE_YEARS, LEAST_FOR_SLOPE = 8, 4


# --- ways of carrying a ratio on: each (a, t, g) -> (a, leads, g) ---

CANDIDATES, SLOPE = 3, 2


def _carry_each(log: Floats, leads: int) -> Floats:
    """(candidates, a, leads, g)."""
    short, long = _shrink_to_prefecture(_mean_of_last(log, 5)), _shrink_to_prefecture(_mean_of_last(log, 99))
    alike = _draw_grades_together(long)
    level, slope = _fit_slope(log)
    steps = np.cumsum(DAMPING ** np.arange(1, leads + 1))
    rising = (
        np.where(np.isfinite(slope), level, short)[:, None] + steps[:, None] * np.nan_to_num(slope)[:, None]
    )
    flat = [np.repeat(one[:, None], leads, axis=1) for one in (short, alike)]
    return np.stack([*flat, rising])


def _mean_of_last(log: Floats, n: int) -> tuple[Floats, Floats]:
    """Mean of the last n ratios held and how many these are, (a, g) each."""
    held = np.isfinite(log)
    recent = held & (np.cumsum(held[:, ::-1], axis=1)[:, ::-1] <= n)
    count = recent.sum(axis=1)
    total = np.where(recent, np.nan_to_num(log), 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0), _scatter(
        log, recent, count
    )


def _scatter(log: Floats, recent: Flags, count: np.ndarray) -> Floats:
    """(a, g) variance of each county's mean, from the scatter that all counties share."""
    n = recent.sum(axis=(0, 1))
    mean = np.where(recent, np.nan_to_num(log), 0.0).sum(axis=1) / np.maximum(count, 1)
    square = np.where(recent, np.square(np.nan_to_num(log) - mean[:, None]), 0.0).sum(axis=(0, 1))
    free = np.maximum(n - (count > 0).sum(axis=0), 1)
    return (square / free) / np.maximum(count, 1)


def _shrink_to_prefecture(held: tuple[Floats, Floats]) -> Floats:
    """Draw every county towards the mean of the prefecture, by how much of the difference is chance."""
    mean, variance = held
    known = np.isfinite(mean)
    n = known.sum(axis=0)
    centre = np.where(known, np.nan_to_num(mean), 0.0).sum(axis=0) / np.maximum(n, 1)
    away = np.where(known, np.nan_to_num(mean) - centre, 0.0)
    chance = np.where(known, variance, 0.0).sum(axis=0) / np.maximum(n, 1)
    between = np.maximum(np.square(away).sum(axis=0) / np.maximum(n - 1, 1) - chance, 0.0)
    keep = between / np.maximum(between + np.where(known, variance, 1.0), 1e-12)
    drawn = centre + np.where(n > 2, keep, 1.0) * away
    return np.where(known, drawn, np.where(n > 0, centre, np.nan))


def _draw_grades_together(mean: Floats) -> Floats:
    """Half of what sets a grade apart from the others of its county; entries, which differ by nature, stay."""
    near = np.abs(mean) < 0.1
    n = near.sum(axis=1, keepdims=True)
    centre = np.where(near, mean, 0.0).sum(axis=1, keepdims=True) / np.maximum(n, 1)
    return np.where(near & (n > 2), centre + 0.5 * (mean - centre), mean)


def _fit_slope(log: Floats) -> tuple[Floats, Floats]:
    """Level at the end and yearly slope over the last eight years: the prefecture's, and the county's own beside it.

    The slope that all counties share is as sure as the prefecture's mean is straight; what sets a county apart is
    drawn towards none by how much of it is chance.
    """
    recent = log[:, -SLOPE_YEARS:]
    n, mean_x, mean_y, slope, variance = _fit_lines(recent)
    fits = n >= LEAST_FOR_SLOPE
    held = np.isfinite(recent) & fits[:, None]
    counties = held.sum(axis=0)
    away = np.where(held, np.nan_to_num(recent - mean_y[:, None]), 0.0).sum(axis=0)
    together = np.divide(away, counties, out=np.full(away.shape, np.nan), where=counties > 0)
    common, doubt = (one[0] for one in _fit_lines(together[None])[3:])
    sure = np.square(common) / (np.square(common) + doubt + 1e-12)
    apart = np.where(fits, slope - common, np.nan)
    between = np.maximum(_mean_held(np.square(apart)) - _mean_held(np.where(fits, variance, np.nan)), 0.0)
    keep = between / (between + variance + 1e-12)
    drawn = np.where(fits, sure * common + keep * np.nan_to_num(apart), np.nan)
    return mean_y - mean_x * np.nan_to_num(drawn), drawn


def _mean_held(values: Floats) -> Floats:
    """(g,) mean over the counties that hold a value; 0 where none does."""
    held = np.isfinite(values)
    return np.where(held, np.nan_to_num(values), 0.0).sum(axis=0) / np.maximum(held.sum(axis=0), 1)


def _fit_lines(series: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Years held, mean year (the last is 0) and mean, slope and its variance, (a, g) each, of (a, t, g) series."""
    held = np.isfinite(series)
    n = held.sum(axis=1).astype(float)
    x = np.where(held, np.arange(series.shape[1], dtype=float)[None, :, None] - (series.shape[1] - 1), 0.0)
    y = np.where(held, np.nan_to_num(series), 0.0)
    mean_x, mean_y = (one.sum(axis=1) / np.maximum(n, 1) for one in (x, y))
    dx, dy = (np.where(held, one - mean[:, None], 0.0) for one, mean in ((x, mean_x), (y, mean_y)))
    spread = np.maximum(np.square(dx).sum(axis=1), 1e-9)
    slope = (dx * dy).sum(axis=1) / spread
    left = np.square(dy - slope[:, None] * dx).sum(axis=1)
    noise = np.where(n > 2, left, 0.0).sum(axis=0) / np.maximum(np.maximum(n - 2, 0).sum(axis=0), 1)
    return n, mean_x, mean_y, slope, noise / spread

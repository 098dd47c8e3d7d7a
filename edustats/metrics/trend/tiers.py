"""Is this indicator higher or lower than it was, and how sure is that? Firm, likely, about the same, cannot tell.

Asked is whether next year's level differs from the base, the mean level of the first three comparable years,
by more than a band that matters. The same is asked against what the counties of the area did together, because
"rose, as everywhere" and "fell behind" are different news. A rise that became a fall is named with its year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edustats.errors import DataError
from edustats.metrics.trend.estimators import NAMES
from edustats.metrics.trend.two_levels import (
    FEWEST_YEARS,
    Moved,
    TwoLevels,
    fit_two_levels,
    squared_misses,
    widening,
)
from edustats.metrics.trend.verdicts import HALF_A_UNIT, Words, transform_to_trend_scale
from edustats.typing import Flags, Floats

FIRM, LIKELY = 0.95, 0.80
"""Probabilities from which a direction is firm, and from which it, or "about the same", is likely."""
BASE_YEARS = 3
FIRM_YEARS = 5
"""Held years below which nothing is firm."""
BAND_OF_SPREAD = 0.2
"""The band that matters, in standard deviations between the counties' levels, where none is declared."""
BAND_OF_STEP = 0.5
"""The same in typical yearly steps, where too few counties stand beside each other."""
TURN = 0.85
"""Probability that either side of a turn asks for: its year was picked among several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """(k, c) arrays, an indicator a row and a county a column."""

    tier: Words
    """firm_up, likely_up, same, likely_down, firm_down, cannot_tell; change_only with one
    held year or two."""
    reason: Words
    """all_missing, one_year, two_years; short with three or four years, where nothing is firm; constant where
    nothing ever moved. Else empty."""
    up: Floats
    """Probability that next year's level is above the base by more than the band; nan with two years or fewer."""
    same: Floats
    down: Floats
    relative: Words
    """The tier of the departure from what the counties did together; alone where they are fewer than four."""
    relative_up: Floats
    relative_same: Floats
    relative_down: Floats
    turn: Words
    """peak where a rise became a fall, trough where a fall became a rise; else empty."""
    turn_year: Floats
    """Year of the highest or lowest fitted level of a turn, else nan."""
    curve: Floats
    """(k, c, n) fitted levels in the value's unit; nan outside a county's own first and last year."""
    per_year: Floats
    """Mean yearly change of the fitted curve from the first held year to the last, in the value's unit."""
    scale: Words
    """(k,) logit, log or linear."""
    widening: float
    """Factor on the standard deviation of common paths, learned from earlier years' misses."""


def grade(
    years: npt.ArrayLike,
    values: npt.ArrayLike,
    shares: npt.ArrayLike,
    sizes: npt.ArrayLike | None = None,
    band: npt.ArrayLike | None = None,
) -> Tiers:
    """Grade every indicator of every county.

    Parameters
    ----------
    years : (n,) array_like
        Whole years, ascending.
    values : (k, c, n) array_like
        Indicators by counties by years in the indicator's unit; nan where missing or before a break.
    shares : (k,) array_like of bool
        Which indicators are shares, 0-1.
    sizes : (k, c, n) array_like, optional
        Denominators; nan where unknown. Small counties are expected to move more.
    band : (k,) array_like, optional
        Difference that matters: in the value's unit, or as a share of the value for amounts (log scale).
        nan: a fifth of the standard deviation between the counties.

    Returns
    -------
    Tiers

    Raises
    ------
    DataError
        When the years do not ascend or their number is not that of the values.

    Notes
    -----
    Levels and drifts of the area's common path and of each county's departure are states of a Gaussian model
    (Harvey 1989) whose shapes are averaged over a grid and whose scales are moderated (Smyth 2004). The
    probability is of next year's level against the base, not that the movement goes on. It is right on
    average over years, not in each: a year that strikes all counties alike is one draw.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rising = 0.5 + 0.03 * np.arange(9) + rng.normal(0, 0.01, (1, 9, 9))
    >>> found = grade(np.arange(2016, 2025), rising, [True])
    >>> str(found.tier[0, 0]), round(float(found.per_year[0, 0]), 2)
    ('firm_up', 0.03)
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    if y.ndim != 3 or y.shape[2] != len(t) or (np.diff(t) <= 0).any():
        raise DataError("trends.not_a_cube", years=len(t), shape=" × ".join(map(str, y.shape)))
    scaled, scale = transform_to_trend_scale(y, np.asarray(shares, bool), sizes)
    if not y.size:
        return _nothing_held(y, scale)
    typical = None if sizes is None else _middle(np.asarray(sizes, float))
    asked, held = _asked_years(t, y), np.isfinite(y)
    misses = squared_misses(t, scaled, typical)
    wide = widening(misses)
    fitted = fit_two_levels(asked, scaled, typical)
    contrast = _since_base(asked, held)
    moved, apart = fitted.moved(contrast, wide, len(misses)), fitted.own_moved(contrast)
    below, above = _limits(y, scaled, scale, fitted, band)
    absolute, relative = _chances(moved, below, above), _chances(apart, below, above)
    n, still = held.sum(axis=2), _never_moved(y)
    absolute = tuple(np.where(still, float(k == 1), p) for k, p in enumerate(absolute))
    turn, turn_year = _turns(fitted, held, below, above, wide, len(misses))
    curve = _in_unit(fitted.curve()[..., : len(t)], scale)
    curve = np.where(_own_span(held) & (n >= FEWEST_YEARS)[..., None], curve, np.nan)
    alone = ~fitted.together[:, None]
    return Tiers(
        tier=_named(absolute, n), reason=_reasons(n, still), up=absolute[0], same=absolute[1],
        down=absolute[2], relative=np.where(alone & (n > 0), "alone", _named(relative, n)),
        relative_up=np.where(alone, np.nan, relative[0]), relative_same=np.where(alone, np.nan, relative[1]),
        relative_down=np.where(alone, np.nan, relative[2]), turn=np.where(still, "", turn),
        turn_year=np.where(still, np.nan, turn_year), curve=curve, per_year=_mean_change(t, curve, y, scale),
        scale=scale, widening=wide,
    )  # fmt: skip


def name_tier(tier: str, better: str) -> str:
    """The tier of a level as better or worse, where one way is better; else as rising or falling.

    Parameters
    ----------
    tier : of :class:`Tiers`
    better : higher, lower or none

    Examples
    --------
    >>> name_tier("firm_down", "lower"), name_tier("likely_up", "none"), name_tier("same", "higher")
    ('improving', 'likely_rising', 'same')
    """
    sure, _, way = tier.partition("_")
    if sure not in ("firm", "likely"):
        return tier
    word = NAMES[better][1 if way == "up" else -1]
    return word if sure == "firm" else f"likely_{word}"


def _nothing_held(values: Floats, scale: Words) -> Tiers:
    """No indicator, no county or no year: nothing is said."""
    shape = values.shape[:2]
    none, silent, empty = np.full(shape, np.nan), np.full(shape, "cannot_tell"), np.full(shape, "")
    return Tiers(
        tier=silent, reason=np.full(shape, "all_missing"), up=none, same=none, down=none,
        relative=silent, relative_up=none, relative_same=none, relative_down=none, turn=empty,
        turn_year=none, curve=np.full(values.shape, np.nan), per_year=none, scale=scale, widening=widening([]),
    )  # fmt: skip


def _asked_years(years: Floats, values: Floats) -> Floats:
    """The years of the values, then each year that follows the last one of some county."""
    held = np.isfinite(values)
    last = years[len(years) - 1 - np.flip(held, 2).argmax(axis=2)][held.any(axis=2)]
    return np.concatenate([years, np.setdiff1d(last + 1, years)])


def _middle(sizes: Floats) -> Floats:
    """(k, c) mean denominator over the years that have one."""
    held = np.isfinite(sizes) & (sizes > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(held, sizes, 0.0).sum(axis=2) / held.sum(axis=2))


def _since_base(asked: Floats, held: Flags) -> Floats:
    """(k, c, s) weights of the level of the year after the last held one, less the mean level of the base."""
    k, c, n = held.shape
    weights = np.zeros((k, c, len(asked)))
    count = held.sum(axis=2)
    base = np.clip(count - 2, 1, BASE_YEARS)[..., None]
    weights[..., :n] = np.where(held & (held.cumsum(axis=2) <= base), -1.0 / base, 0.0)
    last = n - 1 - np.flip(held, 2).argmax(axis=2)
    following = np.searchsorted(asked, asked[last] + 1)
    rows, columns = np.indices((k, c))
    weights[rows, columns, np.minimum(following, len(asked) - 1)] += 1.0
    return np.where((count > 0)[..., None], weights, 0.0)


def _limits(
    values: Floats, scaled: Floats, scale: Words, fitted: TwoLevels, band: npt.ArrayLike | None
) -> tuple[Floats, Floats]:
    """Lower (below 0) and upper end of the band that matters, on the scale of each indicator, (k, c)."""
    usual = np.broadcast_to(_usual_band(scaled, fitted.together)[:, None], fitted.shape)
    if band is None:
        return -usual, usual
    declared = np.broadcast_to(np.asarray(band, float).reshape(-1, 1), fitted.shape)
    base = np.nan_to_num(_first_mean(values), nan=0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        # A share so near 0 or 1 that it cannot move by the band on that side cannot move there by what matters.
        inside = np.clip([base - declared, np.clip(base, 1e-4, 1 - 1e-4), base + declared], 0.0, 1.0)
        logits = np.log(inside / (1 - inside))
        steps = {
            "logit": (logits[0] - logits[1], logits[2] - logits[1]),
            "log": (np.log1p(-np.minimum(declared, HALF_A_UNIT)), np.log1p(declared)),
            "linear": (-declared, declared),
        }
    below, above = -usual, usual
    for name, (low, high) in steps.items():
        own = (scale == name)[:, None] & np.isfinite(declared)
        below, above = np.where(own, low, below), np.where(own, high, above)
    return below, above


def _usual_band(scaled: Floats, together: Flags) -> Floats:
    """(k,) a fifth of the sd between the counties' mean levels, or half a typical step where they are few."""
    level = _mean(scaled)
    steps = np.diff(scaled, axis=2).reshape(len(scaled), -1)
    typical = np.sqrt(_mean(steps**2))
    spread = np.sqrt(_mean((level - _mean(level)[:, None]) ** 2))
    count = np.isfinite(level).sum(axis=1)
    spread = spread * np.sqrt(count / np.maximum(count - 1, 1))
    chosen = np.where(together, BAND_OF_SPREAD * spread, BAND_OF_STEP * typical)
    return np.asarray(np.nan_to_num(chosen, nan=0.0))


def _mean(values: Floats) -> Floats:
    held = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(held, values, 0.0).sum(axis=-1) / held.sum(axis=-1))


def _first_mean(values: Floats) -> Floats:
    held = np.isfinite(values)
    return _mean(np.where(held.cumsum(axis=2) <= BASE_YEARS, values, np.nan))


Chances = tuple[Floats, ...]


def _chances(moved: Moved, below: Floats, above: Floats) -> Chances:
    """Probabilities of above the band, inside and below."""
    up, down = moved.above(above), moved.below(below)
    return up, np.maximum(1 - up - down, 0.0), down


def _named(chances: Chances, n: npt.NDArray[np.int64]) -> Words:
    up, same, down = chances
    with np.errstate(invalid="ignore"):
        firm = n >= FIRM_YEARS
        return np.select(
            [(n == 1) | (n == 2), n < FEWEST_YEARS, (up >= FIRM) & firm, (down >= FIRM) & firm, up >= LIKELY,
             down >= LIKELY, same >= LIKELY],
            ["change_only", "cannot_tell", "firm_up", "firm_down", "likely_up", "likely_down", "same"],
            "cannot_tell",
        )  # fmt: skip


def _reasons(n: npt.NDArray[np.int64], still: Flags) -> Words:
    return np.select(
        [n == 0, n == 1, n == 2, still, n < FIRM_YEARS],
        ["all_missing", "one_year", "two_years", "constant", "short"],
        "",
    )


def _never_moved(values: Floats) -> Flags:
    with np.errstate(invalid="ignore"):
        flat = np.fmax.reduce(values, axis=2) == np.fmin.reduce(values, axis=2)
    return np.asarray(flat & (np.isfinite(values).sum(axis=2) >= FEWEST_YEARS))


def _turns(
    fitted: TwoLevels, held: Flags, below: Floats, above: Floats, wide: float, known: int
) -> tuple[Words, Floats]:
    """Which series rose and then fell, or fell and then rose, on either side by more than the band."""
    n = held.shape[2]
    curve, years = fitted.curve()[..., :n], fitted.years[:n]
    ends = held & ((held.cumsum(2) == 1) | (np.flip(np.flip(held, 2).cumsum(2), 2) == 1))
    inner = held & ~ends
    turn, year = np.full(fitted.shape, "", dtype="<U6"), np.full(fitted.shape, np.nan)
    possible = inner.any(axis=2) & (held.sum(axis=2) >= FIRM_YEARS)
    for name, sign, limit in (("peak", 1.0, above), ("trough", -1.0, -below)):
        at = np.where(inner, sign * np.nan_to_num(curve), -np.inf).argmax(axis=2)
        sides = [
            fitted.moved(sign * _between(held, at, end, len(fitted.years)), wide, known).above(limit)
            for end in ("first", "last")
        ]
        with np.errstate(invalid="ignore"):
            sure = possible & (sides[0] >= TURN) & (sides[1] >= TURN)
        turn, year = np.where(sure, name, turn), np.where(sure, years[at], year)
    return turn, year


def _between(held: Flags, at: npt.NDArray[np.int64], end: str, states: int) -> Floats:
    """Weights of the level of year ``at`` less that of the first or last held year."""
    k, c, n = held.shape
    other = held.argmax(axis=2) if end == "first" else n - 1 - np.flip(held, 2).argmax(axis=2)
    rows, columns = np.indices((k, c))
    weights = np.zeros((k, c, states))
    weights[rows, columns, at] += 1.0
    weights[rows, columns, other] -= 1.0
    return weights


def _own_span(held: Flags) -> Flags:
    """Years from the first held one to the last."""
    begun = np.logical_or.accumulate(held, axis=2)
    lasting = np.flip(np.logical_or.accumulate(np.flip(held, 2), axis=2), 2)
    return np.asarray(begun & lasting)


def _in_unit(curve: Floats, scale: Words) -> Floats:
    kind = scale[:, None, None]
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(-np.where(kind == "logit", curve, 0.0)))
        amount = np.exp(np.where(kind == "log", curve, 0.0))
    return np.where(kind == "logit", share, np.where(kind == "log", amount, curve))


def _mean_change(years: Floats, curve: Floats, values: Floats, scale: Words) -> Floats:
    """Mean yearly change of the curve over a county's own years; a share never leaves 0 to 1 by it."""
    ends = [_end(x, last) for x in (curve, values) for last in (False, True)]
    change = ends[1] - ends[0]
    bounded = (scale == "logit")[:, None]
    least, most = np.maximum(-ends[2], ends[3] - 1), np.minimum(1 - ends[2], ends[3])
    change = np.where(bounded, np.clip(change, least, most), change)
    span = [_end(np.where(np.isfinite(values), years, np.nan), last) for last in (False, True)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(change / (span[1] - span[0]))


def _end(values: Floats, last: bool) -> Floats:
    """First or last held value of each series, nan for none."""
    turned = np.flip(values, 2) if last else values
    at = np.isfinite(turned).argmax(axis=2)
    return np.asarray(np.take_along_axis(turned, at[..., None], axis=2)[..., 0])

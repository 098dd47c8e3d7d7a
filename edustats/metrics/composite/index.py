"""Of many indicators one number an area: what is it, between which bounds, and would other weights turn the order?

Every score lies between 0 and 1 and 1 is best. Nothing is filled in: an area that lacks an indicator has no index
unless the declared rule spreads its weight, and in any case the bounds that the missing score leaves are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.errors import ParameterError
from edustats.typing import Floats

NORMALISATIONS, MEANS, GAPS = ("range", "goal"), ("arithmetic", "geometric"), ("none", "spread")
DRAWS, SEED = 10_000, 20_220_901
MOST_COMPARED = 4_000_000
"""Pairs of areas compared at a time, so that many areas under many weights need little memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """The index of every area."""

    value: Floats
    """(a,) between 0 and 1; nan where the declared rule gives none."""
    low: Floats
    high: Floats
    """(a,) with every missing score at 0 and at 1; equal to ``value`` where none is missing."""
    covered: Floats
    """(a,) sum of the weights of the indicators that are there."""


def score_values(
    values: Floats,
    better: Sequence[str],
    how: str = "range",
    low: Floats | None = None,
    high: Floats | None = None,
) -> Floats:
    """Values as scores from 0 to 1, 1 the best.

    Parameters
    ----------
    values : (a, k) areas by indicators, nan where missing
    better : (k,) ``higher`` or ``lower``
    how : ``range``: place between the lowest and the highest value; ``goal``: part of the goal reached, at most 1
    low, high : (k,) ends of the range, the observed ones if not given; for ``goal`` the goals stand in ``high``

    Returns
    -------
    (a, k) array, nan where missing, or where all areas are alike and no range is given

    Raises
    ------
    ParameterError
        An unknown ``how`` or ``better``, or ``goal`` without goals above zero.

    Examples
    --------
    >>> score_values(np.array([[2.0], [4.0], [3.0]]), ["higher"]).ravel().tolist()
    [0.0, 1.0, 0.5]
    """
    values = np.asarray(values, float)
    if how not in NORMALISATIONS:
        raise ParameterError("index.unknown", what=how, known=", ".join(NORMALISATIONS))
    if wrong := [b for b in better if b not in ("higher", "lower")]:
        raise ParameterError("index.no_direction", found=wrong[0])
    up = np.array([b == "higher" for b in better])
    with np.errstate(divide="ignore", invalid="ignore"):
        if how == "goal":
            goal = np.full(values.shape[1], np.nan) if high is None else np.asarray(high, float)
            if not (goal > 0).all():
                raise ParameterError("index.no_goal")
            reached = np.where(
                up, values / goal, np.where(values > 0, goal / values, np.where(values == 0, 1.0, np.nan))
            )
            return np.clip(reached, 0, 1)
        held = np.isfinite(values).any(axis=0)
        safe = np.where(held, values, 0.0)
        first = np.nanmin(safe, axis=0) if low is None else np.asarray(low, float)
        last = np.nanmax(safe, axis=0) if high is None else np.asarray(high, float)
        place = np.where(last > first, (values - first) / np.where(last > first, last - first, 1.0), np.nan)
    return np.clip(np.where(up, place, 1 - place), 0, 1)


def check_weights(weights: Sequence[float], n: int) -> Floats:
    """Weights as an array, or the sentence why they are none: one each, none below zero, together 1."""
    found = np.asarray(weights, float)
    if found.shape != (n,):
        raise ParameterError("index.weights_number", found=found.size, n=n)
    if not np.isfinite(found).all() or (found < 0).any():
        wrong = float(found[~(np.isfinite(found) & (found >= 0))][0])
        raise ParameterError("index.weight_below_zero", found=f"{wrong:g}" if np.isfinite(wrong) else "—")
    if abs(found.sum() - 1) > 1e-6:
        raise ParameterError("index.weights_sum", found=f"{found.sum():g}")
    return found


def combine(
    scores: Floats, weights: Sequence[float], how: str = "arithmetic", gaps: str = "none"
) -> Composite:
    """The weighted mean of the scores of every area.

    Parameters
    ----------
    scores : (a, k) from :func:`score_values`
    weights : (k,) together 1
    how : ``arithmetic``: a strong indicator makes up for a weak one; ``geometric``: it does not, and 0 makes 0
    gaps : ``none``: an area that lacks a weighted indicator has no index; ``spread``: the others share its weight

    Returns
    -------
    Composite

    Raises
    ------
    ParameterError
        Weights that do not add up to 1, or an unknown ``how`` or ``gaps``.

    Examples
    --------
    >>> combine(np.array([[0.25, 1.0]]), [0.5, 0.5], "geometric").value.tolist()
    [0.5]
    """
    if how not in MEANS or gaps not in GAPS:
        raise ParameterError("index.unknown", what=f"{how}, {gaps}", known=", ".join(MEANS + GAPS))
    scores = np.asarray(scores, float)
    weighed = check_weights(weights, scores.shape[1])
    there = np.isfinite(scores)
    covered = there @ weighed
    own = np.where(there, weighed, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _mean(np.where(there, scores, 1.0), own / covered[:, None], how)
    whole = covered > 1 - 1e-9
    value = np.where(whole | ((gaps == "spread") & (covered > 0)), value, np.nan)
    low, high = (_mean(np.where(there, scores, end), weighed[None, :], how) for end in (0.0, 1.0))
    return Composite(value=value, low=low, high=high, covered=covered)


def _mean(scores: Floats, weights: Floats, how: str) -> Floats:
    """A score of weight 0 counts for nothing, also in the geometric mean."""
    if how == "arithmetic":
        return np.asarray((scores * weights).sum(axis=-1))
    with np.errstate(divide="ignore"):
        logs = np.where(weights > 0, np.log(scores), 0.0)
    return np.asarray(np.exp((logs * weights).sum(axis=-1)))


def draw_weights(
    weights: Sequence[float], draws: int = DRAWS, spread: float = 1.0, seed: int = SEED
) -> Floats:
    """Weights that others might have chosen.

    Parameters
    ----------
    weights : (k,) the declared ones
    draws : how many
    spread : 1: any weights are as likely as any others; below 1, each declared weight changes by at most this part
    seed : of the draws, so that an edition can be made again

    Returns
    -------
    (draws, k) array, rows add up to 1

    Examples
    --------
    >>> draw_weights([0.5, 0.5], 3).sum(axis=1).round(9).tolist()
    [1.0, 1.0, 1.0]
    """
    declared = np.asarray(weights, float)
    if not 0 <= spread <= 1 or draws < 1:
        raise ParameterError("index.spread", spread=f"{spread:g}", draws=draws)
    rng = np.random.default_rng(seed)
    if spread == 1:
        return rng.dirichlet(np.ones(len(declared)), draws)
    made = declared * rng.uniform(1 - spread, 1 + spread, (draws, len(declared)))
    return np.asarray(made / made.sum(axis=1, keepdims=True))


def rank_acceptability(scores: Floats, tried: Floats, how: str = "arithmetic") -> Floats:
    """Under which share of the weights has each area each rank?

    Parameters
    ----------
    scores : (a, k) without gaps; leave areas with gaps out and say so
    tried : (d, k) weights, from :func:`draw_weights`
    how : as for :func:`combine`

    Returns
    -------
    (a, a) array
        Row an area, column a rank, first rank first; rows add up to 1. Areas that tie share their ranks evenly.

    Examples
    --------
    >>> rank_acceptability(np.array([[1.0, 0.0], [0.4, 0.4]]), np.array([[0.9, 0.1], [0.1, 0.9]])).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    scores = np.asarray(scores, float)
    if not np.isfinite(scores).all():
        raise ParameterError("index.gaps_in_ranks")
    n, tried = len(scores), np.asarray(tried, float)
    made, columns = np.zeros((n, n)), np.arange(n)
    for part in np.array_split(tried, max(1, len(tried) * n * n // MOST_COMPARED)):
        value = np.round(_means_of_all(scores, part, how), 12)
        before = (value[:, None, :] > value[:, :, None]).sum(axis=2)[:, :, None]
        same = (value[:, None, :] == value[:, :, None]).sum(axis=2)[:, :, None]
        made += (((columns >= before) & (columns < before + same)) / same).sum(axis=0)
    return np.asarray(made / len(tried))


def _means_of_all(scores: Floats, tried: Floats, how: str) -> Floats:
    """(d, a) means of all areas under all weights; as :func:`_mean`, a score of weight 0 counts for nothing."""
    if how == "arithmetic":
        return np.asarray(tried @ scores.T)
    nothing = scores == 0
    logs = np.log(np.where(nothing, 1.0, scores))
    return np.asarray(np.where((tried > 0).astype(float) @ nothing.T > 0, 0.0, np.exp(tried @ logs.T)))


def plan_phases(value: Floats, sizes: Sequence[int]) -> tuple[Floats, list[int]]:
    """Which phase of a roll-out does each area belong to, the strongest first?

    Parameters
    ----------
    value : (a,) the index, nan where there is none
    sizes : how many each phase adds; the last phase takes the rest

    Returns
    -------
    phase : (a,) from 1 on, nan where there is no index
    tied : phases (from 1) whose last place was drawn between equals, so that the figures do not decide it

    Examples
    --------
    >>> plan_phases(np.array([0.2, 0.9, 0.5, 0.6]), [1, 2])[0].tolist()
    [3.0, 1.0, 2.0, 2.0]
    """
    if not sizes or any(size < 1 for size in sizes):
        raise ParameterError("index.phases", found=", ".join(map(str, sizes)))
    value = np.asarray(value, float)
    order = [int(i) for i in np.argsort(-value, kind="stable") if np.isfinite(value[i])]
    phase, ends = np.full(len(value), np.nan), np.cumsum(sizes)
    for place, i in enumerate(order):
        phase[i] = 1 + int(np.searchsorted(ends, place, side="right"))
    tied = [
        k + 1
        for k, end in enumerate(ends)
        if 0 < end < len(order) and np.isclose(value[order[end - 1]], value[order[end]])
    ]
    return phase, tied

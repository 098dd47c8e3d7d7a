"""Which counties are most like this one, and how does it stand against them?

Likeness is a distance in declared features, each in standard deviations between the counties, so that a
reader can see why two are called alike. It says nothing about what makes them so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edustats.errors import DataError, ParameterError
from edustats.typing import Floats

FEWEST_SHARED = 0.5
"""Two counties are compared when at least this part of the features is present in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestPeers:
    """The nearest counties of each, (c, k) arrays, nearest first; -1 and nan where there are fewer."""

    index: npt.NDArray[np.int64]
    distance: Floats
    """Root mean squared difference over the shared features, in standard deviations."""
    shared: npt.NDArray[np.int64]
    """Features the two have in common."""


def find_nearest_peers(features: npt.ArrayLike, k: int, weights: npt.ArrayLike | None = None) -> NearestPeers:
    """The k nearest counties of every county.

    Parameters
    ----------
    features : (c, f) array_like
        Counties by features, on scales where differences mean something (logarithm of sizes); nan: missing.
    k : int
        How many, at least 1.
    weights : (f,) array_like, optional
        Weight of each feature; equal when none is given.

    Returns
    -------
    Peers

    Raises
    ------
    DataError
        Features that are not counties by features.
    ParameterError
        k below 1.

    Notes
    -----
    A feature without any spread is left out: it tells no county from another.

    Examples
    --------
    >>> find_nearest_peers([[1.0], [1.1], [5.0]], 1).index.ravel().tolist()
    [1, 0, 1]
    """
    x = np.asarray(features, float)
    if x.ndim != 2 or not x.size:
        raise DataError("trends.not_features", shape=" × ".join(map(str, x.shape)))
    if k < 1:
        raise ParameterError("trends.too_few_peers", found=k)
    held = np.isfinite(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(held, x, 0).sum(axis=0) / held.sum(axis=0)
        spread = np.sqrt(np.where(held, (x - mean) ** 2, 0).sum(axis=0) / (held.sum(axis=0) - 1))
    use = spread > 0
    weight = (np.ones(x.shape[1]) if weights is None else np.asarray(weights, float))[use]
    z, held = (x - mean)[:, use] / spread[use], held[:, use]
    both = held[:, None, :] & held[None, :, :]
    gap = np.where(both, (z[:, None, :] - z[None, :, :]) ** 2, 0.0) @ weight
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.sqrt(gap / (both @ weight))
    shared = both.sum(axis=2)
    distance[(shared < FEWEST_SHARED * use.sum()) | (shared == 0)] = np.nan
    np.fill_diagonal(distance, np.nan)
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    found = np.take_along_axis(distance, order, axis=1)
    return NearestPeers(
        index=np.where(np.isfinite(found), order, -1),
        distance=found,
        shared=np.where(np.isfinite(found), np.take_along_axis(shared, order, axis=1), 0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerStanding:
    """A county against its peers, in the value's unit; nan where nothing is held."""

    mean: float
    best: float
    best_index: int
    """Position of the best peer; -1 for none."""
    gap_to_mean: float
    """Own value less the peers' mean."""
    gap_to_best: float
    n: int
    """Peers with a value."""


def compare_with_peers(
    values: npt.ArrayLike, own: int, peers: npt.ArrayLike, better: str = "higher"
) -> PeerStanding:
    """How a county stands against the plain mean of its peers and the best of them.

    Parameters
    ----------
    values : (c,) array_like, nan where missing
    own : position of the county
    peers : positions of its peers; -1 is passed over
    better : {"higher", "lower", "none"}; with ``none`` there is no best

    Examples
    --------
    >>> found = compare_with_peers([5.0, 7.0, 9.0], 0, [1, 2])
    >>> found.mean, found.best, found.gap_to_mean
    (8.0, 9.0, -3.0)
    """
    x, at = np.asarray(values, float), np.asarray(peers, int)
    at = at[at >= 0]
    at = at[np.isfinite(x[at])]
    if not len(at):
        return PeerStanding(
            mean=np.nan, best=np.nan, best_index=-1, gap_to_mean=np.nan, gap_to_best=np.nan, n=0
        )
    mean = float(x[at].mean())
    best = -1 if better == "none" else int(at[np.argmin(x[at]) if better == "lower" else np.argmax(x[at])])
    top = float(x[best]) if best >= 0 else np.nan
    return PeerStanding(
        mean=mean, best=top, best_index=best, gap_to_mean=float(x[own]) - mean,
        gap_to_best=float(x[own]) - top, n=len(at),
    )  # fmt: skip

"""How sure is a verdict on a coefficient near its limit?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality.measures import check_confidence, estimate_interval
from edustats.metrics.standards.coefficients import compute_difference_coefficients, round_half_up
from edustats.typing import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCertainty:
    """A coefficient against its limit, with what was allowed to vary."""

    estimate: float
    lower: float
    """nan where no interval is given."""
    upper: float
    confidence: float
    how: str
    """``none`` (a census: nothing varies), ``noise`` (each school's figure is measured with error) or
    ``superpopulation`` (other schools of the same kind might have stood there)."""
    method: str
    met: bool
    stands: float
    """Probability that the verdict would stand, 0–1; 1 for a census; nan where it cannot be told."""


def assess_verdict_certainty(
    resource: ArrayLike,
    pupils: ArrayLike,
    limit: float,
    how: str = "none",
    *,
    noise: float = 0.02,
    decimals: int = 3,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> VerdictCertainty:
    """How sure the verdict on one coefficient is, once it is said what may vary.

    Parameters
    ----------
    resource, pupils : (n,) array_like
        As :func:`edustats.metrics.standards.coefficients.compute_difference_coefficients`, one area and one resource,
        none missing.
    limit : float
        The coefficient is met at or below it, once rounded.
    how : {"none", "noise", "superpopulation"}
    noise : float
        Relative standard deviation of the error of each school's figure, > 0 and < 0.5.
    decimals : int
        Decimals the coefficient is printed with.
    draws, seed : int
        Repetitions of the simulated errors, and where their chance begins.

    Returns
    -------
    Certainty
        ``stands`` is at least 0.5 except where noise itself has lifted the coefficient over its limit.

    Raises
    ------
    DataError
        As :func:`edustats.metrics.standards.coefficients.compute_difference_coefficients`, and for fewer than two
        schools or nothing but zeros.
    ParameterError
        Unknown ``how``, or noise out of range.

    Notes
    -----
    The schools are all there are: no sampling error. Noise: errors of the given size are added again to the
    figures, and how far they move the square of the coefficient is taken for how far the first errors moved
    it (basic bootstrap; it also takes off what noise adds to any spread). Superpopulation: the distribution
    behind :func:`edustats.metrics.inequality.intervals.estimate_interval`. Simulated coverage stands in the tests.

    Examples
    --------
    >>> found = assess_verdict_certainty([279, 137, 935, 160, 402], [45, 37, 89, 76, 55], 0.5, "noise")
    >>> found.met, 0.3 < found.stands < 1
    (False, True)
    """
    check_confidence(confidence)
    found = compute_difference_coefficients(np.asarray(resource, float)[:, None], pupils)
    estimate = float(found.cv[0, 0])
    if not math.isfinite(estimate):
        raise DataError("catalogue.no_spread", n=int(found.n[0, 0]))
    edge = limit + 0.5 * 10.0**-decimals
    met = bool(round_half_up(estimate, decimals) <= limit + 1e-9)
    ways = {
        "none": _assume_census,
        "noise": _simulate_reporting_noise,
        "superpopulation": _assume_superpopulation,
    }
    if how not in ways:
        raise ParameterError("metrics.choice", name="how", found=how, expected=", ".join(ways))
    if not 0 < noise < 0.5:
        raise ParameterError("catalogue.noise", found=noise)
    data = _CoefficientData(np.asarray(resource, float), np.asarray(pupils, float), estimate, edge, met)
    low, high, stands, method = ways[how](data, _ChanceSettings(noise, confidence, draws, seed))
    return VerdictCertainty(
        estimate=estimate,
        lower=low,
        upper=high,
        confidence=confidence,
        how=how,
        method=method,
        met=met,
        stands=stands,
    )


@dataclass(frozen=True, slots=True)
class _CoefficientData:
    resource: Floats
    pupils: Floats
    estimate: float
    edge: float
    met: bool


@dataclass(frozen=True, slots=True)
class _ChanceSettings:
    noise: float
    confidence: float
    draws: int
    seed: int


def _assume_census(data: _CoefficientData, chance: _ChanceSettings) -> tuple[float, float, float, str]:
    return math.nan, math.nan, 1.0, "census"


def _simulate_reporting_noise(
    data: _CoefficientData, chance: _ChanceSettings
) -> tuple[float, float, float, str]:
    rng = np.random.default_rng(chance.seed)
    errors = rng.standard_normal((chance.draws, len(data.resource)))
    again = data.resource * np.maximum(0, 1 + chance.noise * errors)
    p = data.pupils / data.pupils.sum()
    x = again / data.pupils
    mean = x @ p
    square = ((x / mean[:, None] - 1) ** 2) @ p
    truth = np.maximum(0, 2 * data.estimate**2 - square)  # estimate² less how far errors move it
    tail = (1 - chance.confidence) / 2
    low, high = np.sqrt(np.quantile(truth, [tail, 1 - tail]))
    below = float((truth < data.edge**2).mean())
    return float(low), float(high), below if data.met else 1 - below, "basic_bootstrap"


def _assume_superpopulation(
    data: _CoefficientData, chance: _ChanceSettings
) -> tuple[float, float, float, str]:
    values = data.resource / data.pupils
    found = estimate_interval("cv", values, data.pupils, chance.confidence)
    if not math.isfinite(found.lower):
        return math.nan, math.nan, math.nan, found.method
    low, high = 0.0, 0.9999
    for _ in range(40):  # the confidence at which the interval just touches the edge
        middle = (low + high) / 2
        limits = estimate_interval("cv", values, data.pupils, max(middle, 1e-9))
        inside = limits.upper < data.edge if data.met else limits.lower > data.edge
        low, high = (middle, high) if inside else (low, middle)
    return found.lower, found.upper, (1 + low) / 2, found.method

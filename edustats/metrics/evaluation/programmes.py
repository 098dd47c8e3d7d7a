"""Which programmes does the rule close, which are to be watched, and how sure is that of the small ones?

"Under 60 % two years running: close" has conventions that decide cases, so each is a parameter: the line is strict,
a missing year is not a year under it, few leavers decide nothing, and those who study on are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import optimize, special

from edustats.typing import Floats

FURTHER_STUDY = ("ignored", "left_out", "employed")
"""Leavers who study on: not employed (the rule's own wording), left out of the leavers, or counted as employed."""
VERDICTS = ("close", "too_small", "watch", "missing", "keep")

FEWEST_PROGRAMMES = 10
"""With fewer nothing is learned from the others."""
CELLS, DEGREE, PENALTY = 200, 7, 0.5
"""Of the density of true rates: its grid, its polynomials, and the weight against bends that few programmes ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRule:
    """The conventions. The defaults are the strictest reading of 连续两年就业率低于60%的专业予以停办."""

    line: str = "0.6"
    """As its document writes it; compared without rounding."""
    least_leavers: int = 20
    """A year with fewer leavers decides nothing."""
    further_study: str = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeVerdicts:
    """One entry a programme."""

    verdict: tuple[str, ...]
    rate: Floats
    rate_before: Floats
    """Of the year judged and of the year before; nan where missing."""
    chance_under: Floats
    """Chance that the true rate of the two years together is under the line; nan where nobody left."""


def judge_programmes(
    leavers: Floats, employed: Floats, studying: Floats | None = None, rule: ClosingRule | None = None
) -> ProgrammeVerdicts:
    """The rule's verdict on programmes in the year judged and the one before.

    Parameters
    ----------
    leavers, employed, studying : (p, 2) persons, the year before and the year judged; nan: missing
    rule : the conventions

    Returns
    -------
    ProgrammeVerdicts
        ``close``: under the line in both years, enough leavers in both. ``too_small``: the same, too few.
        ``watch``: under it in the year judged only. ``missing``: no figure for the year judged, or under the line
        in it with none for the year before. ``keep``: else.

    Examples
    --------
    >>> judge_programmes(np.array([[100.0, 100], [100, 100]]), np.array([[59.0, 59], [59, 60]])).verdict
    ('close', 'keep')
    """
    rule = rule or ClosingRule()
    top, bottom = count_employed(leavers, employed, studying, rule.further_study)
    line = Fraction(rule.line)
    known = np.isfinite(top) & np.isfinite(bottom) & (bottom > 0)
    # whole persons on both sides: 60 of 100 is not under 60 %, whatever a float thinks of it
    under = known & (top * line.denominator < bottom * line.numerator)
    few = known & (bottom < rule.least_leavers)
    verdicts = tuple(_decide(*one) for one in zip(known, under, few, strict=True))
    rates = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=known)
    sums = [np.where(known, part, 0.0).sum(axis=1) for part in (top, bottom)]
    chance = estimate_chance_under(sums[0], sums[1], float(line))
    return ProgrammeVerdicts(verdict=verdicts, rate=rates[:, 1], rate_before=rates[:, 0], chance_under=chance)


def _decide(known: np.ndarray, under: np.ndarray, few: np.ndarray) -> str:
    if not known[1]:
        return "missing"
    if not under[1]:
        return "keep"
    if not known[0]:
        return "missing"
    if not under[0]:
        return "watch"
    return "too_small" if few.any() else "close"


def count_employed(
    leavers: Floats, employed: Floats, studying: Floats | None, further_study: str
) -> tuple[Floats, Floats]:
    """Numerator and denominator of the rate under a convention on further study.

    Examples
    --------
    >>> count_employed(np.array([100.0]), np.array([50.0]), np.array([20.0]), "left_out")
    (array([50.]), array([80.]))
    """
    if further_study not in FURTHER_STUDY:
        raise ValueError(f"further_study must be one of {FURTHER_STUDY}, not {further_study!r}")
    if further_study == "ignored" or studying is None:
        return employed, leavers
    return (employed, leavers - studying) if further_study == "left_out" else (employed + studying, leavers)


def estimate_chance_under(employed: Floats, leavers: Floats, line: float) -> Floats:
    """Chance that the true rate of each programme is under a line, learning from all of them what is usual.

    Parameters
    ----------
    employed, leavers : (p,) persons; 0 leavers: unknown
    line : 0–1

    Returns
    -------
    chance : (p,) 0–1, nan where nobody left

    Notes
    -----
    Empirical Bayes by g-modelling (Efron 2016): the density of true rates over all programmes is the exponential of
    seven Legendre polynomials, fitted by penalised likelihood, so that sound and failing programmes may be two kinds or
    one. Under ten programmes each is judged by itself, from the uniform prior.

    Examples
    --------
    >>> estimate_chance_under(np.array([3.0, 60.0]), np.array([10.0, 100.0]), 0.6).round(2).tolist()
    [0.97, 0.51]
    """
    held = leavers > 0
    top, bottom = employed[held], leavers[held]
    rates = (np.arange(CELLS) + 0.5) / CELLS
    told = special.xlogy(top[:, None], rates) + special.xlog1py((bottom - top)[:, None], -rates)
    likely = np.exp(told - told.max(axis=1, keepdims=True))
    after = likely * (_fit_density(likely, rates) if len(top) >= FEWEST_PROGRAMMES else 1.0)
    below = np.clip(line * CELLS - np.arange(CELLS), 0, 1)
    chance = np.full(len(leavers), np.nan)
    chance[held] = after @ below / after.sum(axis=1)
    return chance


def _fit_density(likely: Floats, rates: Floats) -> Floats:
    """Share of programmes at each rate."""
    degrees = np.arange(1, DEGREE + 1)
    shapes = np.polynomial.legendre.legvander(2 * rates - 1, DEGREE)[:, 1:] * np.sqrt(2 * degrees + 1)

    def loss(x: Floats) -> tuple[float, Floats]:
        share = special.softmax(shapes @ x)
        each = likely @ share
        size = float(np.sqrt(x @ x + 1e-9))
        slope = (len(likely) * share - ((likely * share) / each[:, None]).sum(axis=0)) @ shapes
        return PENALTY * size - float(np.log(each).sum()), slope + PENALTY * x / size

    found = optimize.minimize(loss, np.full(DEGREE, 0.01), jac=True, method="BFGS")
    return np.asarray(special.softmax(shapes @ found.x))


def match_share(matched: Floats, weight: Floats) -> float:
    """Share of programmes that serve a key industry, weighted by pupils; nan without any weight.

    Examples
    --------
    >>> match_share(np.array([1.0, 0, np.nan]), np.array([300.0, 100, 50]))
    0.75
    """
    known = np.isfinite(matched) & (weight > 0)
    return float(np.average(matched[known], weights=weight[known])) if known.any() else float("nan")


def count_turnover(before: set[tuple[str, str]], now: set[tuple[str, str]]) -> tuple[int, int, int]:
    """Programmes added, cut and net between two years, over schools that report both.

    Parameters
    ----------
    before, now : (school, programme)

    Examples
    --------
    >>> count_turnover({("A", "1"), ("A", "2"), ("B", "1")}, {("A", "1"), ("A", "3"), ("A", "4")})
    (2, 1, 1)
    """
    both = {school for school, _ in before} & {school for school, _ in now}
    old = {one for one in before if one[0] in both}
    new = {one for one in now if one[0] in both}
    return len(new - old), len(old - new), len(new) - len(old)


def count_categories(schools: list[str], codes: list[str]) -> dict[str, int]:
    """专业大类 of each school: the first two digits of the programmes' six-digit codes.

    Examples
    --------
    >>> count_categories(["A", "A", "A"], ["710205", "710206", "660301"])
    {'A': 2}
    """
    found: dict[str, set[str]] = {}
    for school, code in zip(schools, codes, strict=True):
        found.setdefault(school, set()).add(code[:2])
    return {school: len(kinds) for school, kinds in found.items()}

"""Which programmes does the rule close, which are to be watched, and how sure is that of the small ones?

"Under 60 % two years running: close" has conventions that decide cases, so each is a parameter: the line is strict,
a missing year is not a year under it, few leavers decide nothing, and those who study on are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import optimize, special, stats

from edustats.typing import Floats, Ints

FURTHER_STUDY = ("ignored", "left_out", "employed")
"""Leavers who study on: not employed (the rule's own wording), left out of the leavers, or counted as employed."""
VERDICTS = ("close", "too_small", "watch", "missing", "keep")

FEWEST_PROGRAMMES = 5
"""With fewer nothing is learned from the others."""
TWO_KINDS = 3.0
"""Gain of log-likelihood that three more numbers must bring (AIC)."""


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
    strength: float
    """How many leavers the knowledge about all programmes is worth in that chance."""


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
    chance, strength = estimate_chance_under(sums[0], sums[1], float(line))
    return ProgrammeVerdicts(
        verdict=verdicts, rate=rates[:, 1], rate_before=rates[:, 0], chance_under=chance, strength=strength
    )


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


def estimate_chance_under(employed: Floats, leavers: Floats, line: float) -> tuple[Floats, float]:
    """Chance that the true rate of each programme is under a line, learning from all of them what is usual.

    Parameters
    ----------
    employed, leavers : (p,) persons; 0 leavers: unknown
    line : 0–1

    Returns
    -------
    chance : (p,) 0–1, nan where nobody left
    strength : leavers that the knowledge about all programmes is worth

    Notes
    -----
    Empirical Bayes with beta-binomial distributions fitted by maximum likelihood: one, or a mixture of two where the
    data ask for it (AIC), for sound and failing programmes seldom follow one. Under five programmes the uniform prior.
    """
    held = leavers > 0
    top, bottom = employed[held], leavers[held]
    kinds = _fit_kinds(top, bottom) if held.sum() >= FEWEST_PROGRAMMES else [(1.0, 1.0, 1.0)]
    weights = np.column_stack([np.log(w) + _evidence(top, bottom, a, b) for w, a, b in kinds])
    under = np.column_stack([stats.beta.cdf(line, a + top, b + bottom - top) for _, a, b in kinds])
    chance = np.full(len(leavers), np.nan)
    chance[held] = (special.softmax(weights, axis=1) * under).sum(axis=1)
    return chance, float(sum(w * (a + b) for w, a, b in kinds))


def _evidence(top: Floats, bottom: Floats, a: float, b: float) -> Floats:
    """Log probability of the leavers employed, without the binomial coefficient."""
    return np.asarray(special.betaln(a + top, b + bottom - top) - special.betaln(a, b))


def _read_kinds(x: Floats) -> list[tuple[float, float, float]]:
    """(weight, a, b) of each kind from the free numbers: mean and strength of each, then the first one's weight."""
    kinds = [(special.expit(m), np.exp(s)) for m, s in x[: len(x) // 2 * 2].reshape(-1, 2)]
    first = float(special.expit(x[-1])) if len(x) % 2 else 1.0
    return [(w, m * s, (1 - m) * s) for w, (m, s) in zip((first, 1 - first), kinds, strict=False)]


def _fit_kinds(top: Floats, bottom: Floats) -> list[tuple[float, float, float]]:
    def loss(x: Floats) -> float:
        parts = [np.log(w) + _evidence(top, bottom, a, b) for w, a, b in _read_kinds(x)]
        return -float(special.logsumexp(parts, axis=0).sum())

    def fit(start: list[float]) -> optimize.OptimizeResult:
        # a kind is worth at most 150 leavers, lest one programme pass for a law
        bounds = [(-4.0, 4.0), (0.0, 5.0)] * (len(start) // 2) + [(-3.0, 3.0)] * (len(start) % 2)
        return optimize.minimize(loss, start, bounds=bounds, method="L-BFGS-B")

    rate = np.clip(top / bottom, 0.03, 0.97)
    low, high = special.logit(np.quantile(rate, [0.15, 0.75]))
    one = fit([float(special.logit(np.clip(top.sum() / bottom.sum(), 0.03, 0.97))), 2.0])
    two = fit([float(low), 3.0, float(high), 3.0, -0.7])
    better = one.fun - two.fun > TWO_KINDS
    return _read_kinds(two.x if better else one.x)


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


def find_last_pair(years: Ints) -> tuple[int, int]:
    """The year judged and the one before it, whether or not that one was handed in."""
    last = int(years.max())
    return last - 1, last

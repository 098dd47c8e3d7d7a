"""How much further did a school's pupils come than pupils with the same start elsewhere, and how sure is that?

Pupils in schools, the score explained by the score before; what is left between schools is drawn towards zero as far
as the school's size asks. Schools get grades and no ranks: neighbours in a ranking cannot be told apart.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from edustats.errors import DataError
from edustats.typing import Floats, Ints

FEWEST_PUPILS = 10
"""A school with fewer takes part in the model and gets neither effect nor grade."""
FEWEST_SCHOOLS = 10
MISORDERED = 0.10
"""The finest of five, four or three grades is chosen that misorders at most this share of pairs, else three."""
UNGRADED = 0.20
"""Where three misorder more there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFit:
    """The page of fit: what the model is made of and how well it holds."""

    pupils: int
    schools: int
    without_prior: int
    """Pupils left out because no earlier score is known."""
    names: tuple[str, ...]
    coefficients: Floats
    errors: Floats
    between: float
    within: float
    """Variances between schools and between pupils of a school."""
    empty_between: float
    empty_within: float
    """The same without any explanation."""
    loglikelihood: float
    skewness: float
    """Of the pupils' residuals; far from 0 the intervals are not to be trusted."""
    at_ceiling: float
    """Share of pupils with the highest score that occurs."""

    @property
    def share_between(self) -> float:
        """Share of the variance that lies between schools once the start is allowed for."""
        return self.between / (self.between + self.within)

    @property
    def explained_between(self) -> float:
        """Share of the variance between schools that the start explains; below 0 where it hid differences."""
        return 1 - self.between / self.empty_between if self.empty_between > 0 else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAdded:
    """Effects of the schools, in points of the score; nan and grade 0 where a school is too small."""

    schools: tuple[str, ...]
    pupils: Ints
    effect: Floats
    error: Floats
    lower: Floats
    upper: Floats
    expected: Floats
    """Mean score that the pupils' start lets one expect."""
    reliability: Floats
    """How far the school's own mean is trusted, 0–1."""
    grade: Ints
    """1 lowest; 0 none."""
    grades: int
    misordered: float
    """Chance that two schools in different grades truly stand the other way round."""
    fit: ModelFit
    warnings: tuple[str, ...]

    def needed(self, target: float) -> Floats:
        """Value that each school would have to add for its mean score to reach a target, beyond what it adds now."""
        return target - self.expected - self.effect


def estimate_value_added(
    score: Floats,
    school: Ints,
    prior: Floats,
    names: tuple[str, ...],
    others: Floats | None = None,
    *,
    whole: bool = True,
) -> ValueAdded:
    """Value added of every school, from its pupils.

    Parameters
    ----------
    score : (p,) later score of each pupil; nan where missing
    school : (p,) position of the pupil's school in ``names``
    prior : (p,) earlier score; nan where missing, then the pupil is left out and counted
    names : of the schools
    others : (p, k) further traits of pupils or schools that are allowed for
    whole : fit the model without any explanation too; where only effects are wanted it would be time lost

    Raises
    ------
    DataError
        No pupil has an earlier score; fewer than ten schools; scores that do not differ.

    Notes
    -----
    Random intercepts by restricted maximum likelihood (Raudenbush and Bryk 2002, ch. 4); the effect is the best linear
    unbiased prediction, its error the conditional one. Errors of coefficients are not added.
    """
    more = np.empty((len(score), 0)) if others is None else others
    seen = np.isfinite(score) & np.isfinite(more).all(axis=1)
    known = seen & np.isfinite(prior)
    _refuse_pupils(score[known], prior[known], school[known], int(seen.sum()))
    design = np.column_stack([np.ones(known.sum()), prior[known], more[known]])
    y, place = score[known], school[known]
    model = fit_random_intercepts(y, design, place)
    empty = fit_random_intercepts(y, design[:, :1], place) if whole else model
    count = np.bincount(place, minlength=len(names))
    left = y - design @ model.coefficients
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = np.bincount(place, left, len(names)) / count
        expected = np.bincount(place, design @ model.coefficients, len(names)) / count
        trust = np.where(count > 0, model.between / (model.between + model.within / count), np.nan)
    large = count >= FEWEST_PUPILS
    effect = np.where(large, trust * raw, np.nan)
    error = np.where(large, np.sqrt(model.between * (1 - trust)), np.nan)
    reach = float(stats.norm.ppf(0.975))
    grade, grades, wrong = grade_schools(effect, error)
    fit = ModelFit(
        pupils=len(y), schools=len(np.unique(place)), without_prior=int(seen.sum() - known.sum()), 
        names=("intercept", "prior", *(f"x{k + 1}" for k in range(more.shape[1]))), coefficients=model.coefficients,
        errors=model.errors, between=model.between, within=model.within, empty_between=empty.between,
        empty_within=empty.within, loglikelihood=model.loglikelihood, skewness=float(stats.skew(left)),
        at_ceiling=float(np.mean(y == y.max())),
    )  # fmt: skip
    return ValueAdded(
        schools=names, pupils=count, effect=effect, error=error, lower=effect - reach * error,
        upper=effect + reach * error, expected=expected, reliability=trust, grade=grade, grades=grades,
        misordered=wrong, fit=fit, warnings=_list_warnings(fit, count, trust, seen.sum(), more.shape[1]),
    )  # fmt: skip


def _refuse_pupils(score: Floats, prior: Floats, school: Ints, seen: int) -> None:
    if not len(score):
        raise DataError("evaluation.no_prior", n=seen)
    if (found := len(np.unique(school))) < FEWEST_SCHOOLS:
        raise DataError("evaluation.few_schools", n=found, least=FEWEST_SCHOOLS)
    for name, values in (("score", score), ("prior", prior)):
        if np.ptp(values) == 0:
            raise DataError("evaluation.no_spread", column=name, found=float(values[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomIntercepts:
    """A fitted model of pupils in schools."""

    coefficients: Floats
    errors: Floats
    between: float
    within: float
    loglikelihood: float


def fit_random_intercepts(
    y: Floats, design: Floats, school: Ints, *, restricted: bool = True
) -> RandomIntercepts:
    """Fit scores of pupils in schools with a random intercept.

    Parameters
    ----------
    y : (p,) scores
    design : (p, k) with a column of ones
    school : (p,) group of each pupil
    restricted : by restricted maximum likelihood, else by maximum likelihood

    Raises
    ------
    DataError
        The columns are not independent, or no maximum is found.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise DataError("evaluation.dependent")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance at its bound of zero is an answer: schools do not differ
        found = MixedLM(y, design, groups=school).fit(reml=restricted)
    if not np.isfinite(found.llf):
        raise DataError("evaluation.no_fit")
    k = design.shape[1]
    return RandomIntercepts(
        coefficients=np.asarray(found.fe_params), errors=np.asarray(found.bse_fe)[:k],
        between=float(np.asarray(found.cov_re)[0, 0]), within=float(found.scale), loglikelihood=float(found.llf),
    )  # fmt: skip


def grade_schools(effect: Floats, error: Floats) -> tuple[Ints, int, float]:
    """Three to five grades of like size, and the chance that a pair in different grades is misordered.

    Parameters
    ----------
    effect, error : (s,) nan where a school has none

    Returns
    -------
    grade : (s,) 1 the lowest, 0 none
    grades : how many; 1 where three grades misorder more than a fifth of the pairs, or under six schools
    misordered : mean chance over the pairs of schools in different grades; nan for one grade

    Examples
    --------
    >>> grade, grades, wrong = grade_schools(np.arange(10.0), np.full(10, 0.1))
    >>> grades, grade.tolist()
    (5, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    """
    held = np.flatnonzero(np.isfinite(effect))
    grade = np.zeros(len(effect), dtype=np.int64)
    grade[held] = 1
    wrong = float("nan")
    if len(held) < 6 or not error[held].any():
        return grade, 1, wrong
    order = stats.rankdata(effect[held], method="min") - 1
    for grades in (5, 4, 3):
        grade[held] = (order * grades // len(held)).astype(int) + 1
        wrong = _misorder(effect[held], error[held], grade[held])
        if wrong <= MISORDERED:
            break
    if not wrong <= UNGRADED:
        grade[held] = 1
        return grade, 1, float("nan")
    return grade, grades, wrong


def _misorder(effect: Floats, error: Floats, grade: Ints) -> float:
    pairs = np.array(list(combinations(range(len(effect)), 2)))
    i, j = pairs[grade[pairs[:, 0]] != grade[pairs[:, 1]]].T
    if not len(i):
        return float("nan")
    gap = np.abs(effect[i] - effect[j]) / np.sqrt(error[i] ** 2 + error[j] ** 2)
    return float(stats.norm.sf(gap).mean())


def _list_warnings(fit: ModelFit, count: Ints, trust: Floats, seen: int, others: int) -> tuple[str, ...]:
    """What has to be said beside such figures, by key."""
    told = ["not_cause"]
    told += ["no_context"] if not others else []
    told += ["without_prior"] if fit.without_prior else []
    told += ["many_without_prior"] if fit.without_prior > 0.1 * seen else []
    told += ["small_school"] if ((count > 0) & (count < FEWEST_PUPILS)).any() else []
    told += ["few_schools_warn"] if fit.schools < 30 else []
    told += ["low_reliability"] if np.nanmedian(trust) < 0.6 else []
    told += ["ceiling"] if fit.at_ceiling > 0.05 else []
    told += ["skewed"] if abs(fit.skewness) > 1 else []
    return tuple(told)

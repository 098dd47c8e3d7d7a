"""How many children in every coming year, and how sure is that? Many paths that share what counties and grades share.

A path draws, year after year, births, progression and migration. What is wrong in one year is wrong in part for all
counties, in part for all grades of a county (families move with all their children) and in part for one grade alone;
some of it stays. The sizes of these parts are learned from how wrong the same method was before.
The prefecture is the sum of its counties in every path; a total the bureau imposes binds every path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edustats.errors import DataError, ParameterError
from edustats.metrics.seats.cohorts import Cohorts
from edustats.metrics.seats.ratios import Ratios, carry_on, observe_ratios
from edustats.metrics.seats.scenarios import Scenario
from edustats.typing import Flags, Floats

LEVELS = (0.5, 0.8, 0.95)
PATHS = 2_000
LEAST_ERROR = 0.004
"""Smallest yearly sd of a ratio: no office foresees a grade more closely."""
USUAL_ERROR, UNTRIED = 0.03, 6
"""Yearly sd of a ratio where nothing could be tried, and how many trials it weighs."""
BIRTH_ERROR, BIRTH_YEARS = 0.08, 6
"""Yearly sd of the turns of the births' growth, that of China's births from 2015 to 2024, and how many years of a
prefecture's own it weighs: ten quiet years do not promise an eleventh."""
SCHOOL_AGE = 5
"""From this age on children enter a school, whose day of entry a scenario may move."""
BIRTH_DAMPING = 0.5
"""What is left of the births' growth after a year."""


@dataclass(frozen=True, kw_only=True)
class Shocks:
    """How wrong ratios are, grade by grade: variance that comes anew each year and variance that stays."""

    yearly: Floats
    """(g,) variance of one year's own error."""
    lasting: Floats
    """(g,) variance added to the level every year."""
    parts: tuple[float, float, float]
    """Shares of all counties together, of all grades of a county, and of a grade of all counties."""
    years: float
    """Years of errors behind it: few make the bands wider."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Paths of one prefecture."""

    cohorts: Cohorts
    years: Floats
    """(h,) the coming years."""
    paths: Floats
    """(p, a, h, s) pupils of each stage of the structure."""
    entrants: Floats
    """(p, a, h, s) those in the first grade of each stage."""
    ratios: Ratios
    shocks: Shocks

    def stage(self, name: str) -> Floats:
        """(p, a, h) paths of a stage."""
        return self.paths[..., self.cohorts.structure.names.index(name)]

    def prefecture(self) -> Floats:
        """(p, h, s) sums over the counties, path by path.

        A county that never had the stage adds nothing; nan where one that has it cannot be projected, or none has it.
        """
        return sum_counties(self.paths, self.cohorts.holds()[None, :, None], axis=1)


def sum_counties(values: Floats, holds: Flags, axis: int) -> Floats:
    """Sums over the counties that have a stage; nan where one of them is missing, or none has it."""
    total = np.where(holds, values, 0.0).sum(axis=axis)
    return np.where(np.broadcast_to(holds, values.shape).any(axis=axis), total, np.nan)


def project_cohorts(
    cohorts: Cohorts,
    leads: int = 15,
    *,
    paths: int = PATHS,
    seed: int = 20250901,
    scenario: Scenario | None = None,
    totals: Mapping[tuple[str, int], float] | None = None,
) -> Projection:
    """Carry a prefecture's cohorts on along many paths.

    Parameters
    ----------
    cohorts : what has been counted
    leads : years ahead, 1 to 30
    paths : number of paths, 100 to 100,000
    seed : the same seed gives the same paths
    scenario : what is assumed to happen; None: nothing but what happened before
    totals : pupils of the prefecture by stage and year that the bureau imposes: the counties of every path are
        brought to it in proportion

    Returns
    -------
    Projection
        Counties without a grade's figures in the last year, or without two ratios of it in the whole prefecture,
        are nan in that stage from where the gap reaches it.

    Raises
    ------
    DataError
        Fewer than three years, or an imposed total below 0.
    ParameterError
        Leads or paths out of range.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> project_cohorts(cohorts, 5, paths=200).paths.shape[0]
    200
    """
    if not 1 <= leads <= 30 or not 100 <= paths <= 100_000:
        raise ParameterError("seats.out_of_range", leads=leads, paths=paths)
    if len(cohorts.years) < 3:
        raise DataError("seats.too_few_years", n=len(cohorts.years))
    log, other, outside = observe_ratios(cohorts)
    ratios = carry_on(log, leads, outside, other)
    shocks = size_shocks(ratios)
    rng = np.random.default_rng(seed)
    births = draw_births(cohorts, leads, paths, rng)
    if scenario is not None:
        births = scenario.change_births(births, cohorts)
    grades = _simulate_grades(cohorts, ratios, shocks, births, scenario, leads, paths, rng)
    structure = cohorts.structure
    stages = np.stack([grades[..., structure.slice_of(s)].sum(axis=-1) for s in structure.names], axis=-1)
    first = np.stack([grades[..., structure.first[s]] for s in structure.names], axis=-1)
    years = cohorts.years[-1] + np.arange(1, leads + 1)
    factor = _impose_totals(stages, years, structure.names, totals or {})
    return Projection(
        cohorts=cohorts,
        years=years,
        paths=stages * factor,
        entrants=first * factor,
        ratios=ratios,
        shocks=shocks,
    )


def _impose_totals(
    stages: Floats, years: Floats, names: Sequence[str], totals: Mapping[tuple[str, int], float]
) -> Floats:
    """(p, 1, h, s) factor that brings the sum over the counties of every path to the imposed totals."""
    factor = np.ones((len(stages), 1, len(years), len(names)))
    for (stage, year), total in totals.items():
        if stage not in names or year not in years or not (np.isfinite(total) and total >= 0):
            raise DataError("seats.bad_total", stage=stage, year=year, found=f"{total:g}")
        h, s = int(year - years[0]), list(names).index(stage)
        now = np.nansum(stages[:, :, h, s], axis=1)
        factor[:, 0, h, s] = np.divide(total, now, out=np.ones(len(now)), where=now > 0)
    return factor


def _simulate_grades(
    cohorts: Cohorts,
    ratios: Ratios,
    shocks: Shocks,
    births: Floats,
    scenario: Scenario | None,
    leads: int,
    paths: int,
    rng: np.random.Generator,
) -> Floats:
    """(p, a, h, g) pupils by grade."""
    areas, size = len(cohorts.areas), cohorts.structure.size
    feeds = np.array(cohorts.structure.feeds)
    fed = feeds >= 0
    years = cohorts.years[-1] + np.arange(1, leads + 1)
    spoken = [
        g
        for g, age in enumerate(cohorts.structure.ages)
        if age and (not fed[g] or ratios.other_weight[g] > 0)
    ]
    intake = {g: _count_intake(cohorts, births, years, g, scenario) for g in spoken}
    out = np.empty((paths, areas, leads, size), np.float64)
    now = np.broadcast_to(cohorts.grades[:, -1], (paths, areas, size))
    level = np.zeros((paths, areas, size))
    # few years of errors: a path is as wide as a t with as many degrees of freedom
    wide = np.sqrt(shocks.years / rng.chisquare(shocks.years, paths))[:, None, None]
    for h in range(leads):
        level = level + _draw_errors(shocks.lasting, shocks.parts, (paths, areas, size), rng)
        error = (level + _draw_errors(shocks.yearly, shocks.parts, (paths, areas, size), rng)) * wide
        flow = np.exp(ratios.ahead[:, h] + error)
        came = np.empty_like(flow)
        came[..., fed] = now[..., feeds[fed]] * flow[..., fed]
        for g, children in intake.items():
            if fed[g]:
                beside = children[..., h] * np.exp(ratios.other_ahead[:, h, g] + error[..., g])
                came[..., g] = _mix_sources(came[..., g], beside, ratios.other_weight[g])
            else:
                came[..., g] = children[..., h] * flow[..., g]
        if scenario is not None:
            came = scenario.change_grades(came, cohorts, int(years[h]))
        out[:, :, h] = now = came
    return out


def _count_intake(
    cohorts: Cohorts, births: Floats, years: Floats, grade: int, scenario: Scenario | None
) -> Floats:
    """(p, a, h) children of the age of a first grade; another day of entry is one of schools, not of kindergartens."""
    if scenario is None or cohorts.structure.ages[grade] < SCHOOL_AGE:
        return cohorts.intake(births, years, grade)
    later = np.append(years, years[-1] + 1)
    delay = cohorts.structure.ages[grade] - min(a for a in cohorts.structure.ages if a >= SCHOOL_AGE)
    return scenario.change_intake(cohorts.intake(births, later, grade), years, cohorts, delay)


def _mix_sources(below: Floats, beside: Floats, weight: float) -> Floats:
    """Geometric mean of what the grade below and what the children of the age say; the one where the other is nan."""
    mixed = below ** (1 - weight) * beside**weight
    return np.where(np.isfinite(beside), mixed, below)


def _draw_errors(
    variance: Floats, parts: tuple[float, float, float], shape: tuple[int, int, int], rng: np.random.Generator
) -> Floats:
    """Errors of one year whose parts are shared as they were before."""
    paths, areas, size = shape
    everywhere, county, grade = parts
    own = max(1 - everywhere - county - grade, 0.0)
    drawn = np.sqrt(own) * rng.standard_normal(shape, dtype=np.float32)
    drawn += np.sqrt(everywhere) * rng.standard_normal((paths, 1, 1), dtype=np.float32)
    drawn += np.sqrt(county) * rng.standard_normal((paths, areas, 1), dtype=np.float32)
    drawn += np.sqrt(grade) * rng.standard_normal((paths, 1, size), dtype=np.float32)
    return drawn * np.sqrt(variance)


def size_shocks(ratios: Ratios) -> Shocks:
    """Sizes of what was wrong before, and with whom it was shared.

    Errors one, two and three years ahead tell what comes anew each year (their common part) from what stays (what
    they grow by). Errors one year ahead tell the shares.
    """
    errors = ratios.errors
    with np.errstate(invalid="ignore"):
        held = np.isfinite(errors)
        count = held.sum(axis=(1, 2))
        mean = np.where(held, np.square(np.nan_to_num(errors)), 0.0).sum(axis=(1, 2)) / np.maximum(count, 1)
    trials = count.sum(axis=1, keepdims=True)
    usual = ((mean * count).sum(axis=1, keepdims=True) + UNTRIED * USUAL_ERROR**2) / (trials + UNTRIED)
    mean = (mean * count + usual * 3) / (count + 3)
    growth = np.clip((mean[-1] - mean[0]) / (len(mean) - 1), 0.0, 0.5 * mean[0])
    growth = np.where(count[-1] > 3, growth, 0.15 * mean[0])
    yearly = np.maximum(mean[0] - growth, LEAST_ERROR**2)
    years = held[0].any(axis=(1, 2)).sum()
    return Shocks(
        yearly=yearly,
        lasting=growth,
        parts=_share_errors(errors[0], np.sqrt(mean[0])),
        years=float(max(years, 1)) + 3.0,
    )


def _share_errors(errors: Floats, size: Floats) -> tuple[float, float, float]:
    """Shares of the variance that all counties, all grades of a county, and a grade of all counties have together."""
    e = errors / np.maximum(size, 1e-9)
    held = np.isfinite(e)
    if held.sum() < 12:
        return (0.1, 0.2, 0.1)
    e = np.where(held, e, 0.0)
    n = held.astype(float)
    square = np.square(e).sum(axis=(1, 2)), n.sum(axis=(1, 2))
    by_county, by_grade = (np.square(e.sum(axis=2)), n.sum(axis=2)), (np.square(e.sum(axis=1)), n.sum(axis=1))
    whole = np.square(e.sum(axis=(1, 2))), n.sum(axis=(1, 2))

    def product(total: Floats, number: Floats, alone: Floats, singles: Floats) -> float:
        """Mean product of two different errors of a group."""
        pairs = (number**2).sum() - singles.sum()
        return float((total.sum() - alone.sum()) / pairs) if pairs > 0 else 0.0

    county = product(*by_county, *square)
    grade = product(*by_grade, *square)
    others = whole[0].sum() - by_county[0].sum() - by_grade[0].sum() + square[0].sum()
    pairs = (whole[1] ** 2).sum() - (by_county[1] ** 2).sum() - (by_grade[1] ** 2).sum() + square[1].sum()
    everywhere = max(others / pairs, 0.0) if pairs > 0 else 0.0
    county, grade = max(county - everywhere, 0.0), max(grade - everywhere, 0.0)
    over = max(1.0, (everywhere + county + grade) / 0.9)
    return (float(everywhere / over), float(county / over), float(grade / over))


# --- births ---


def draw_births(cohorts: Cohorts, leads: int, paths: int, rng: np.random.Generator) -> Floats:
    """(p, a, b + leads) births by calendar year: those held, then paths whose growth dies away.

    The growth of the prefecture over the last three years is carried on, halved each year, with errors as large
    as its own past changes of growth; counties differ from it as they did before.
    """
    births = _bridge_births(cohorts.births)
    ahead = np.full((paths, births.shape[0], births.shape[1] + leads), np.nan)
    ahead[..., : births.shape[1]] = births
    known = np.flatnonzero(np.isfinite(births).any(axis=0))
    if not len(known):
        return ahead
    last = int(known[-1])
    common, own = _split_growth(_measure_growth(births))
    held = common[np.isfinite(common)]
    mean = float(np.mean(held[-3:])) if len(held) else 0.0
    turns = np.diff(held)
    free = max(len(turns), 1)
    size = np.sqrt((np.square(turns).sum() + BIRTH_YEARS * BIRTH_ERROR**2) / (free + BIRTH_YEARS))
    apart = np.sqrt((np.nansum(np.square(own)) + 4 * 0.02**2) / (np.isfinite(own).sum() + 4))
    # growth that is smaller than its own scatter is no growth
    scatter = float(np.var(held[-3:], ddof=1)) / 3 if len(held) > 2 else BIRTH_ERROR**2
    mean *= mean**2 / (mean**2 + scatter + 1e-9)
    drift = mean * BIRTH_DAMPING ** np.arange(1, ahead.shape[-1] - last)
    shared = np.cumsum(drift + size * 0.75 * rng.standard_normal((paths, len(drift))), axis=1)
    # a county's own deviation comes mostly anew each year
    single = apart * rng.standard_normal((paths, births.shape[0], len(drift))) * np.sqrt(0.5)
    lasting = np.cumsum(apart * 0.3 * rng.standard_normal((paths, births.shape[0], len(drift))), axis=2)
    ahead[..., last + 1 :] = births[:, last, None] * np.exp(shared[:, None] + single + lasting)
    return ahead


def _bridge_births(births: Floats) -> Floats:
    """Births with a county's missing last years filled by the growth that the other counties have."""
    made = births.copy()
    common = _split_growth(_measure_growth(births))[0]
    for t in range(1, births.shape[1]):
        gap = ~np.isfinite(made[:, t]) & np.isfinite(made[:, t - 1]) & ~np.isfinite(births[:, t:]).any(axis=1)
        made[gap, t] = made[gap, t - 1] * np.exp(common[t - 1])
    return made


def _measure_growth(births: Floats) -> Floats:
    """(a, b - 1) growth of births from year to year, nan where it cannot be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.log(births), axis=1)
    return np.where(np.isfinite(growth), growth, np.nan)


def _split_growth(growth: Floats) -> tuple[Floats, Floats]:
    """(b-1,) growth that counties share and (a, b-1) what is their own."""
    held = np.isfinite(growth)
    n = held.sum(axis=0)
    common = np.where(
        n > 0, np.where(held, np.nan_to_num(growth), 0.0).sum(axis=0) / np.maximum(n, 1), np.nan
    )
    return common, growth - common


# --- what is read off the paths ---


def summarize_paths(paths: Floats, levels: Sequence[float] = LEVELS) -> dict[str, Floats]:
    """Median and bands of paths.

    Parameters
    ----------
    paths : (p, ...) array
    levels : shares of the paths inside, ascending, each above 0 and below 1

    Returns
    -------
    dict of arrays
        ``middle`` and, for 0.8, ``lower_80`` and ``upper_80``.

    Examples
    --------
    >>> {name: round(float(end), 6) for name, end in summarize_paths(np.arange(101.0), [0.8]).items()}
    {'middle': 50.0, 'lower_80': 10.0, 'upper_80': 90.0}
    """
    ends = [p for level in levels for p in ((1 - level) / 2, (1 + level) / 2)]
    cut = np.quantile(paths, [0.5, *ends], axis=0)
    names = [f"{side}_{round(100 * level)}" for level in levels for side in ("lower", "upper")]
    return {"middle": cut[0], **dict(zip(names, cut[1:], strict=True))}


def find_peaks(paths: Floats, past: Floats | None = None) -> Floats:
    """Probability that each year is the peak.

    Parameters
    ----------
    paths : (p, ..., h) paths
    past : (..., t) what was counted before, nan where not held; then a peak that is already past counts too

    Returns
    -------
    (..., t + h) array
        Sums to 1 over the years; of years alike the first is the peak. nan where the paths are.

    Examples
    --------
    >>> find_peaks(np.array([[1.0, 3.0, 2.0], [1.0, 2.0, 3.0]]))
    array([0. , 0.5, 0.5])
    """
    if past is not None:
        before = np.broadcast_to(np.where(np.isfinite(past), past, -np.inf), (len(paths), *past.shape))
        paths = np.concatenate([before, paths], axis=-1)
    blank = np.asarray(np.isnan(paths).any(axis=(0, -1)))
    top = np.nan_to_num(paths, nan=-np.inf).argmax(axis=-1)
    chance = np.stack([(top == k).mean(axis=0) for k in range(paths.shape[-1])], axis=-1)
    return np.where(blank[..., None], np.nan, chance)

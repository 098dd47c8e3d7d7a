"""How wrong was the same method before? Projections made as of past years, held against what came.

Every past year from the fourth on is an origin: nothing that was counted later is known to it, no later births
either. Errors are told by lead, beside a plain cohort survival with the mean ratios of three years.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from edustats.metrics.seats.cohorts import Cohorts
from edustats.metrics.seats.simulation import project_cohorts
from edustats.typing import Floats

FIRST_ORIGIN = 4
PATHS = 400


def try_projections(
    cohorts: Cohorts, leads: int = 5, paths: int = PATHS, seed: int = 20250901
) -> pd.DataFrame:
    """Errors of past projections.

    Parameters
    ----------
    cohorts : of one prefecture
    leads : years ahead that are tried
    paths : of each projection
    seed : the same seed gives the same errors

    Returns
    -------
    DataFrame
        A row per origin, lead, county and stage: ``area``, ``stage``, ``origin``, ``lead``, ``actual``, ``expected``,
        ``plain`` (cohort survival), ``error`` and ``plain_error`` (relative, absolute), ``covered_80``, ``covered_95``.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> tried = try_projections(cohorts, 2, paths=100)
    >>> bool((tried["error"].dropna() < 0.01).all())  # nothing moved, so nothing is missed
    True
    """
    frames = []
    for t in range(FIRST_ORIGIN, len(cohorts.years)):
        origin = cohorts.cut(float(cohorts.years[t - 1]))
        reach = min(leads, len(cohorts.years) - t)
        frames.append(_try_origin(cohorts, origin, t, reach, paths, seed))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


COLUMNS = [
    "area",
    "stage",
    "origin",
    "lead",
    "actual",
    "expected",
    "plain",
    "error",
    "plain_error",
    "covered_80",
    "covered_95",
]


def _try_origin(cohorts: Cohorts, origin: Cohorts, t: int, reach: int, paths: int, seed: int) -> pd.DataFrame:
    found = project_cohorts(origin, reach, paths=paths, seed=seed)
    names = cohorts.structure.names
    actual = np.stack([cohorts.stage(name)[:, t : t + reach] for name in names], axis=-1)
    cut = np.quantile(found.paths, [0.025, 0.1, 0.5, 0.9, 0.975], axis=0)
    plain = survive_cohorts(origin, reach)
    index = pd.MultiIndex.from_product(
        [cohorts.areas, range(1, reach + 1), names], names=["area", "lead", "stage"]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "actual": actual,
            "expected": cut[2],
            "plain": plain,
            "error": np.abs(cut[2] / actual - 1),
            "plain_error": np.abs(plain / actual - 1),
            "covered_80": ((actual >= cut[1]) & (actual <= cut[3])).astype(float),
            "covered_95": ((actual >= cut[0]) & (actual <= cut[4])).astype(float),
        }
    frame = pd.DataFrame({name: held.ravel() for name, held in columns.items()}, index=index).reset_index()
    frame = frame.assign(origin=int(origin.years[-1]))[COLUMNS]
    return frame[np.isfinite(frame["error"])].reset_index(drop=True)


def survive_cohorts(cohorts: Cohorts, leads: int, last: int = 3) -> Floats:
    """Plain cohort survival: each county's mean ratios of its last years, births 8/12 and 4/12, unknown births alike.

    Where grades do not tell an inner grade's ratio, the stage's retention does, as in the projection itself: it can
    then be tried wherever that can.

    Parameters
    ----------
    cohorts : of one prefecture
    leads : years ahead
    last : ratios that are averaged

    Returns
    -------
    (a, leads, s) array

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> survive_cohorts(cohorts, 3).shape
    (1, 3, 5)
    """
    from edustats.metrics.seats.ages import combine_births

    births = np.concatenate([cohorts.births, np.repeat(cohorts.births[:, -1:], leads, axis=1)], axis=1)
    years = np.concatenate([cohorts.years, cohorts.years[-1] + np.arange(1, leads + 1)])
    t, feeds = len(cohorts.years), cohorts.structure.feeds
    grades = np.concatenate(
        [cohorts.grades, np.full((len(cohorts.areas), leads, len(feeds)), np.nan)], axis=1
    )
    children = {
        g: combine_births(births, cohorts.births_from, years, cohorts.structure.ages[g])
        for g, feed in enumerate(feeds)
        if feed < 0
    }
    inner = {
        g: s
        for s, name in enumerate(cohorts.structure.names)
        for g in range(cohorts.structure.first[name] + 1, cohorts.structure.slice_of(name).stop)
    }
    for g, feed in enumerate(feeds):
        source = (
            children[g][:, :t]
            if feed < 0
            else np.pad(grades[:, : t - 1, feed], ((0, 0), (1, 0)), constant_values=np.nan)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(source > 0, grades[:, :t, g] / source, np.nan)
        if g in inner and cohorts.retention is not None:
            ratio = np.where(np.isfinite(ratio), ratio, cohorts.retention[:, :, inner[g]])
        mean = _mean_of_last(ratio, last)
        for h in range(t, t + leads):
            before = children[g][:, h] if feed < 0 else grades[:, h - 1, feed]
            grades[:, h, g] = before * mean
    return np.stack(
        [grades[:, t:, cohorts.structure.slice_of(s)].sum(axis=2) for s in cohorts.structure.names], axis=-1
    )


def _mean_of_last(ratio: Floats, n: int) -> Floats:
    held = np.isfinite(ratio)
    recent = held & (np.cumsum(held[:, ::-1], axis=1)[:, ::-1] <= n)
    count = recent.sum(axis=1)
    return np.divide(
        np.where(recent, ratio, 0.0).sum(axis=1), count, out=np.full(len(ratio), np.nan), where=count > 0
    )


def summarize_errors(tested: pd.DataFrame, by: tuple[str, ...] = ("stage", "lead")) -> pd.DataFrame:
    """Mean errors and coverage by lead.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> summarize_errors(try_projections(cohorts, 1, paths=100)).columns[:2].tolist()
    ['stage', 'lead']
    """
    return (
        tested.groupby(list(by), sort=True)
        .agg(
            n=("error", "size"),
            error=("error", "mean"),
            median=("error", "median"),
            plain=("plain_error", "mean"),
            covered_80=("covered_80", "mean"),
            covered_95=("covered_95", "mean"),
        )
        .reset_index()
    )

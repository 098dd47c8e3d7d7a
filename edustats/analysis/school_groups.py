"""How unequal are several groups of schools, and does one figure of schools go with another? As data frames."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import t as student

from edustats.analysis.selection import Names, known_of, list_names, match_group, name_measures, take_weighted
from edustats.errors import ParameterError
from edustats.metrics.checks import check_choice, check_confidence
from edustats.metrics.groups.between_groups import (
    between_group_cv,
    between_group_sd,
    between_group_theil,
    mean_difference,
    population_attributable_risk,
)
from edustats.metrics.groups.gradient import eta_squared, fit_ses_gradient
from edustats.typing import Floats

KEYS = ["indicator", "area", "year"]
MEASURES: dict[str, Callable[[Floats, Floats, bool], float]] = {
    "sd": lambda means, sizes, up: between_group_sd(means, sizes),
    "cv": lambda means, sizes, up: between_group_cv(means, sizes),
    "theil": lambda means, sizes, up: between_group_theil(means, sizes).estimate,
    "from_best": lambda means, sizes, up: mean_difference(
        means, sizes, reference="best", weighted=True, higher_is_better=up
    ),
    "gain": lambda means, sizes, up: population_attributable_risk(means, sizes, higher_is_better=up).estimate,
}


def between_groups(
    frame: pd.DataFrame,
    groups: Names = ("urban", "town", "village"),
    measures: Names = ("cv", "theil", "gain"),
) -> pd.DataFrame:
    """How far apart several groups of schools are in each area and year; for two of them see :func:`edustats.gap`.

    Parameters
    ----------
    frame : from :func:`edustats.schools`
    groups : as :func:`edustats.observations` takes them; schools in none of them are left out
    measures : ``sd``, ``cv``, ``theil`` of the groups' means, weighted by size; ``from_best``, how far they are from
        the best on average; ``gain``, by how much the mean would change if all were where the best is; ``share``, of
        the schools' variance the part that lies between the groups

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``measure``, ``estimate``, ``groups`` (that have a school), ``n`` schools.
        Areas with fewer than two groups have no row; ``from_best`` and ``gain`` need an indicator with a better end.

    Raises
    ------
    ParameterError
        Weights that are withheld, groups that share schools, a measure that there is not.

    Examples
    --------
    >>> books = schools(store, "per_pupil_books_primary", years=2022, inside=True)
    >>> between_groups(books, measures="cv")["measure"].unique().tolist()
    ['cv']
    """
    asked, known, held = list_names(measures) or (), known_of(frame), take_weighted(frame)
    for name in asked:
        check_choice("measure", name, *MEASURES, "share")
    held = held.assign(of=_name_groups(held, list_names(groups) or ()))
    rows = []
    for key, own in held[held["of"] != ""].groupby(KEYS):
        better, count = known.indicators[str(key[0])].better, own["of"].nunique()
        parts = own.assign(sum=own["value"] * own["weight"]).groupby("of")[["sum", "weight"]].sum()
        means, sizes = (parts["sum"] / parts["weight"]).to_numpy(float), parts["weight"].to_numpy(float)
        wanted = [name for name in asked if better != "none" or name not in ("from_best", "gain")]
        for name in wanted if count > 1 else ():
            found = (
                eta_squared(own["value"], own["of"], own["weight"])
                if name == "share"
                else MEASURES[name](means, sizes, better == "higher")
            )
            rows.append((*key, name, found, count, len(own)))
    columns = [*KEYS, "measure", "estimate", "groups", "n"]
    return name_measures(pd.DataFrame(rows, columns=columns), frame)


def _name_groups(held: pd.DataFrame, groups: tuple[str, ...]) -> np.ndarray:
    """The group of every school, empty where it is in none."""
    found = np.full(len(held), "", dtype=object)
    for group in groups:
        inside = match_group(held, group, held.attrs.get("groups", ()), known_of(held)).to_numpy()
        if (found[inside] != "").any():
            raise ParameterError("analysis.groups_overlap", first=found[inside][0], second=group)
        found[inside] = group
    return found


def gradient(frame: pd.DataFrame, other: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """By how much one figure of schools changes with another, in each area and year.

    Parameters
    ----------
    frame : from :func:`edustats.schools`, of one indicator
    other : the same of the indicator to hold against it, such as a share of pupils in need
    confidence : of the interval of the slope

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``against`` (the other indicator), ``estimate`` (the slope: change per unit
        of the other; of a share a unit is 100 points), ``lower``, ``upper``, ``strength`` (share of the variance that
        goes with it, 0-1), ``n`` schools. Schools weigh as in ``frame``; areas with fewer than three have no row.

    Raises
    ------
    ParameterError
        Weights that are withheld, or a frame of several indicators.

    Examples
    --------
    >>> ratio, size = (schools(store, key, years=2022, inside=True) for key in (
    ...     "ratio_pupils_per_teacher_primary", "mean_class_size_primary"))
    >>> bool(gradient(ratio, size)["strength"].between(0, 1).all())
    True
    """
    check_confidence(confidence)
    held, against = take_weighted(frame), take_weighted(other)
    for one in (held, against):
        if one["indicator"].nunique() > 1:
            raise ParameterError("analysis.several_indicators", have=", ".join(one["indicator"].unique()[:5]))
    pair = held.merge(against[["area", "school", "year", "indicator", "value"]], on=["area", "school", "year"],
                      suffixes=("", "_other"))  # fmt: skip
    rows = []
    for key, own in pair.groupby([*KEYS, "indicator_other"]):
        if len(own) < 3 or own["value_other"].nunique() < 2:
            continue
        line = fit_ses_gradient(own["value"], own["value_other"], own["weight"])
        reach = float(student.ppf((1 + confidence) / 2, len(own) - 2)) * line.se
        rows.append((*key, line.slope, line.slope - reach, line.slope + reach, line.strength, len(own)))
    columns = [*KEYS, "against", "estimate", "lower", "upper", "strength", "n"]
    return name_measures(pd.DataFrame(rows, columns=columns), frame, other)

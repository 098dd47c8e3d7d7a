"""How does every series of a frame go on: is it a trend, which place does it take, what comes next?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.forecast_panel import LEADS, build_forecast_panel
from edustats.analysis.panel import IndicatorPanel
from edustats.analysis.selection import build_frame_panel, known_of, name_areas, require_columns
from edustats.errors import ParameterError
from edustats.metrics.checks import check_confidence
from edustats.metrics.comparison.ranking import rank_with_confidence_sets
from edustats.metrics.trend.tiers import name_tier
from edustats.metrics.trend.verdicts import transform_to_trend_scale
from edustats.words import join_names


def trend(frame: pd.DataFrame) -> pd.DataFrame:
    """The verdict on every series, read together with the other series of the frame: as a county's page says it.

    Parameters
    ----------
    frame : from :func:`edustats.observations`, counties of one prefecture. What counties and indicators teach about
        each other comes from the frame: with all of them it is the verdict of the pages.

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``first_year``, ``last_year``, ``n``; ``verdict`` (improving, worsening, rising or
        falling, each also with ``likely_``, same, cannot_tell, change_only) of next year's level against the mean
        of the first three years, and ``reason``; ``p_above``, ``p_same``, ``p_below``, its probabilities;
        ``relative``, the same against what the counties did together; ``turn`` and ``turn_year``; ``per_year``, the
        mean yearly change of the fitted curve in the indicator's unit; money in prices of the last year.
        ``steady``: whether the years lie along a line beyond doubt; ``slope``, ``lower``, ``upper``: the slope of that
        line with its 95% limits, of amounts relative.

    Raises
    ------
    ParameterError
        A frame without counties.

    Examples
    --------
    >>> rows = observations(store, "ratio_pupils_per_teacher_primary", years=slice(2018, None))
    >>> trend(rows).columns[:3].tolist()
    ['indicator', 'area', 'area_name']
    """
    panel, known, rows = build_frame_panel(frame), known_of(frame), []
    for k, key in enumerate(panel.keys):
        better = known.indicators[key].better
        for a, area in enumerate(panel.areas):
            held = panel.years[np.isfinite(panel.values[k, a])]
            if len(held):
                rows.append(
                    (key, area, int(held[0]), int(held[-1]), len(held), *_row_of_tiers(panel, k, a, better))
                )
    return name_areas(pd.DataFrame(rows, columns=[*_TREND_COLUMNS]), frame)


_TREND_COLUMNS = (
    "indicator", "area", "first_year", "last_year", "n", "verdict", "reason", "p_above", "p_same", "p_below",
    "relative", "turn", "turn_year", "per_year", "steady", "slope", "lower", "upper",
)  # fmt: skip


def _row_of_tiers(panel: IndicatorPanel, k: int, a: int, better: str) -> tuple[Any, ...]:
    tiers, judged = panel.tiers, panel.judged
    tier = str(tiers.tier[k, a])
    chances = (tiers.up[k, a], tiers.same[k, a], tiers.down[k, a])
    line = (judged.per_year[k, a], judged.per_year_lower[k, a], judged.per_year_upper[k, a])
    return (
        name_tier(tier, better), str(tiers.reason[k, a]), *map(float, chances),
        name_tier(str(tiers.relative[k, a]), better), str(tiers.turn[k, a]), float(tiers.turn_year[k, a]),
        float(tiers.per_year[k, a]), tier == f"firm_{judged.verdict[k, a]}", *map(float, line),
    )  # fmt: skip


def rank(frame: pd.DataFrame, year: int | None = None) -> pd.DataFrame:
    """Places of the areas in one year, with the places that cannot be ruled out.

    Parameters
    ----------
    frame : from :func:`edustats.observations`, counties of one prefecture over some years
    year : None: the last

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``value``, ``rank``, ``best``, ``worst``, ``of``; indicators of which neither
        end is better are left out. Where the years are too few to tell how much values move by themselves, no place is
        ruled out.

    Raises
    ------
    ParameterError
        A year that the frame does not hold; only indicators of which neither end is better.

    Examples
    --------
    >>> rows = observations(store, "ratio_pupils_per_teacher_primary", level="county")
    >>> int(rank(rows)["rank"].min())
    1
    """
    panel, known, rows = build_frame_panel(frame), known_of(frame), []
    t = _find_year(panel, year)
    if all(known.indicators[key].better == "none" for key in panel.keys):
        raise ParameterError("analysis.no_direction", indicator=known.indicators[panel.keys[0]].name)
    for k, key in enumerate(panel.keys):
        better = known.indicators[key].better
        noise = panel.judged.slopes.noise[k]
        scaled = transform_to_trend_scale(panel.values[[k]], panel.shares[[k]], panel.dens[[k]])[0][0][:, t]
        alone = not (np.isfinite(noise) & np.isfinite(scaled)).any()
        now = scaled if alone else np.where(np.isfinite(noise), scaled, np.nan)
        if better == "none" or np.isfinite(now).sum() < 2:
            continue
        sets = rank_with_confidence_sets(now, np.ones(len(now)) if alone else noise, better)
        best, worst = (np.ones(len(now)), np.full(len(now), sets.n)) if alone else (sets.best, sets.worst)
        rows += [
            (key, area, int(panel.years[t]), float(panel.values[k, a, t]), int(sets.rank[a]), int(best[a]),
             int(worst[a]), sets.n)
            for a, area in enumerate(panel.areas) if np.isfinite(now[a])
        ]  # fmt: skip
    columns = ["indicator", "area", "year", "value", "rank", "best", "worst", "of"]
    return name_areas(pd.DataFrame(rows, columns=columns), frame)


def _find_year(panel: IndicatorPanel, year: int | None) -> int:
    held = panel.years.astype(int).tolist()
    if year is None:
        return len(held) - 1
    if int(year) not in held:
        raise ParameterError("analysis.no_year_here", year=year, have=join_names(held))
    return held.index(int(year))


def forecast(frame: pd.DataFrame, leads: int = LEADS, level: float = 0.8) -> pd.DataFrame:
    """Every series some years on, with limits that past errors stayed within.

    Parameters
    ----------
    frame : from :func:`edustats.observations`
    leads : years ahead, 1 to 5
    level : share of past errors that the limits held

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``value``, ``lower``, ``upper``. A series without a forecast has no row;
        ``attrs["without"]`` lists indicator, area and reason of each.

    Raises
    ------
    ParameterError
        Leads or a level out of range.

    Examples
    --------
    >>> rows = observations(store, "ratio_pupils_per_teacher_primary", "柏溪县")
    >>> forecast(rows, 2).columns[-3:].tolist()
    ['value', 'lower', 'upper']
    """
    require_columns(frame, ("area", "level", "year", "indicator", "value"), "observations")
    check_confidence(level)
    if not 1 <= leads <= LEADS:
        raise ParameterError("analysis.leads", leads=leads, most=LEADS)
    made = build_forecast_panel(frame, known_of(frame), leads)
    rows, without = [], []
    if made is not None:
        low, high = made.found.interval(level)
        for (key, area), k in made.row.items():
            if made.found.reason[k]:
                without.append([key, area, made.found.reason[k]])
                continue
            parts = (made.found.middle, low, high)
            rows += [
                (key, area, int(year), *(float(part[k, j]) for part in parts))
                for j, year in enumerate(made.found.years)
            ]
    columns = ["indicator", "area", "year", "value", "lower", "upper"]
    named = name_areas(pd.DataFrame(rows, columns=columns), frame)
    named.attrs["without"] = without
    return named

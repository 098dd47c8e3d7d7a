"""Did it work, how much did a school add, which programmes end? The researcher's door to the evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.analysis.beginnings import (
    Beginnings,
    align_units,
    find_unit_column,
    name_units,
    read_beginnings,
    read_numbers,
    read_years,
)
from edustats.errors import DataError, ParameterError
from edustats.metrics.evaluation.effects import EffectEstimate, estimate_effect
from edustats.metrics.evaluation.programmes import FURTHER_STUDY, ClosingRule, judge_programmes
from edustats.metrics.evaluation.value_added import ValueAdded, estimate_value_added
from edustats.typing import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFrames:
    """An evaluated measure as frames, and the estimate itself."""

    summary: pd.DataFrame
    """One row: what changed on both sides, the effect with limits, both tests, what could have been found."""
    event_study: pd.DataFrame
    group_time: pd.DataFrame
    estimate: EffectEstimate
    unknown: tuple[str, ...]
    """Codes of the list that the frame does not hold."""
    panel: tuple[Floats, Ints, Ints]
    """What was compared: values (units, years), years, the year in which each unit began."""
    by_area: bool = False
    """Whether whole areas took part, so that areas were compared and not their schools."""


def effect(frame: pd.DataFrame, began: Beginnings, *, seed: int = 1) -> EffectFrames:
    """What can be put down to a measure that some took part in and others did not.

    Parameters
    ----------
    frame : from :func:`edustats.schools` or :func:`edustats.observations`: one indicator, ``school`` (else ``area``),
        ``year``, ``value``
    began : year in which each unit began, 0: never: a mapping, a frame or a file (CSV or workbook) with the columns
        ``unit`` and ``first``, and perhaps ``last`` where somebody stopped (that is refused); or the name of a column
        of the frame, with 1 in the years of the measure and 0 in others, or with the unit's first year
    seed : of permutations that are drawn

    Returns
    -------
    EffectFrames
        Where ``summary["reason"]`` is not empty there is no effect, and it says why. Where schools have an ``area``
        and whole areas took part, the areas are compared: what befell one area befell all its schools.

    Raises
    ------
    DataError
        The frame holds several indicators or a unit twice in a year; the list is damaged; somebody stopped.

    Examples
    --------
    >>> values = {"甲": [1, 1, 5], "乙": [1, 2, 6], "丙": [1, 1, 2], "丁": [2, 1, 2], "戊": [1, 2, 2], "己": [2, 2, 3]}
    >>> rows = [(unit, 2020 + t, v) for unit, held in values.items() for t, v in enumerate(held)]
    >>> found = effect(pd.DataFrame(rows, columns=["area", "year", "value"]), {"甲": 2022, "乙": 2022})
    >>> found.summary["reason"].item()
    'too_few_ways'
    """
    units, years, values = align_units(frame)
    begins = read_beginnings(began, int(years[-1]), frame)
    first = np.array([begins.get(unit, 0) for unit in units], dtype=np.int64)
    areas = _find_areas(frame, units)
    whole = areas is not None and _are_whole_areas(first, areas)
    if whole and areas is not None:
        values, first = _gather_areas(values, first, areas)
    found = estimate_effect(values, years, first, seed, None if whole else areas)
    return EffectFrames(
        summary=_summarize(found), event_study=_tell_event_study(found), group_time=_tell_group_time(found),
        estimate=found, unknown=tuple(sorted(u for u, y in begins.items() if y and u not in units)),
        panel=(values, years, first), by_area=whole,
    )  # fmt: skip


def _find_areas(frame: pd.DataFrame, units: list[str]) -> Ints | None:
    """Number of each unit's area, where the frame says in which one it lies, and lies always."""
    by = find_unit_column(frame)
    if by == "area" or "area" not in frame or frame["area"].isna().any():
        return None
    area = pd.Series(frame["area"].map(str).to_numpy(), index=name_units(frame[by], by))
    own = area[~area.index.duplicated()].reindex(units)
    return None if (area.groupby(level=0).nunique() > 1).any() else pd.factorize(own, sort=True)[0]


def _are_whole_areas(first: Ints, areas: Ints) -> bool:
    """Whether every area began as one; an area of a single school is no area."""
    pairs = len(set(zip(areas.tolist(), first.tolist(), strict=True)))
    return 1 < len(set(areas.tolist())) == pairs < len(areas)


def _gather_areas(values: Floats, first: Ints, areas: Ints) -> tuple[Floats, Ints]:
    """Mean of each area's schools that are there in every year; nan where it has none."""
    complete = np.isfinite(values).all(axis=1)
    means = [values[(areas == a) & complete] for a in range(areas.max() + 1)]
    gathered = [own.mean(axis=0) if len(own) else np.full(values.shape[1], np.nan) for own in means]
    return np.array(gathered), np.array([first[areas == a][0] for a in range(areas.max() + 1)])


def _summarize(found: EffectEstimate) -> pd.DataFrame:
    c = found.comparison
    nan = float("nan")
    low, high = found.honest_limits
    drift = found.before_drift.drift if found.before_drift else nan
    return pd.DataFrame(
        [
            {
                "reason": found.reason, "treated": found.treated, "others": found.others, "before": found.before,
                "after": found.after, "change": c.change if c else nan, "change_others": c.change_others if c else nan,
                "detectable": c.detectable if c else nan, "effect": c.effect if c else nan,
                "lower": c.lower if c else nan, "upper": c.upper if c else nan,
                "permutation_p": c.permutation_p if c else nan, "t_p": c.t_p if c else nan,
                "permutations": found.permutations, "verdict": found.verdict,
                "pretrend_p": found.trends_before_p,
                "drift": drift, "honest_lower": low, "honest_upper": high,
                "left_out": len(found.left_out), "from_start": len(found.from_start),
                "all_units_effect": found.all_units_effect,
            }
        ]
    )  # fmt: skip


def _tell_event_study(found: EffectEstimate) -> pd.DataFrame:
    g = found.group_time
    columns = ["since", "effect", "error"]
    return pd.DataFrame(columns=columns) if g is None else pd.DataFrame(
        dict(zip(columns, (g.since, g.by_since, g.by_since_error), strict=True))
    )  # fmt: skip


def _tell_group_time(found: EffectEstimate) -> pd.DataFrame:
    g = found.group_time
    columns = ["cohort", "year", "effect", "error"]
    return pd.DataFrame(columns=columns) if g is None else pd.DataFrame(
        dict(zip(columns, (g.cohort, g.year, g.effect, g.error), strict=True))
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAddedFrames:
    """Value added by schools as a frame, the model behind it and how steady it was."""

    schools: pd.DataFrame
    """``school``, ``pupils``, ``effect``, ``lower``, ``upper``, ``grade``, ``expected``, ``needed`` ..."""
    fit: ValueAdded
    stability: float
    """Correlation of the schools' effects in the last two years; nan with one year."""
    warnings: tuple[str, ...]


def value_added(
    pupils: pd.DataFrame, *, allow_for: Sequence[str] = (), target: float = float("nan")
) -> ValueAddedFrames:
    """Value added by schools, from pupils with an earlier score.

    Parameters
    ----------
    pupils : ``school``, ``score``, ``prior`` and perhaps ``year``; then the last year is judged
    allow_for : further columns of numbers that are allowed for
    target : a mean score to reach; then ``needed`` says how much more each school would have to add

    Returns
    -------
    ValueAddedFrames

    Raises
    ------
    DataError
        A column is missing or holds no numbers; nobody has an earlier score; fewer than ten schools.
    """
    for column in ("school", "score", "prior", *allow_for):
        if column not in pupils:
            raise DataError("evaluation.no_column", column=column, found=", ".join(map(str, pupils)))
    if pupils.empty:
        raise DataError("evaluation.empty")
    pupils = pupils.assign(school=name_units(pupils["school"], "school"))
    if "year" in pupils:
        pupils = pupils.assign(year=read_years(pupils["year"]))
    years = sorted(pupils["year"].unique()) if "year" in pupils else [None]
    found = _estimate_year(pupils, years[-1], allow_for)
    stability, more = float("nan"), ["one_year"]
    if len(years) > 1:
        before, more = _estimate_year(pupils, years[-2], allow_for, whole=False), []
        stability = _correlate(found, before)
        more = ["unstable"] if not stability >= 0.6 else []
    schools = pd.DataFrame(
        {
            "school": found.schools, "pupils": found.pupils, "effect": found.effect, "lower": found.lower,
            "upper": found.upper, "grade": found.grade, "expected": found.expected, "needed": found.needed(target),
            "reliability": found.reliability,
        }
    )  # fmt: skip
    return ValueAddedFrames(
        schools=schools, fit=found, stability=stability, warnings=(*found.warnings, *more)
    )


def _estimate_year(
    pupils: pd.DataFrame, year: object, allow_for: Sequence[str], *, whole: bool = True
) -> ValueAdded:
    own = pupils if year is None else pupils[pupils["year"] == year]
    place, names = pd.factorize(own["school"].astype(str), sort=True)
    numbers = {name: read_numbers(own[name], name) for name in ("score", "prior", *allow_for)}
    others = np.column_stack([numbers[name] for name in allow_for]) if allow_for else None
    return estimate_value_added(
        numbers["score"], place, numbers["prior"], tuple(map(str, names)), others, whole=whole
    )


def _correlate(now: ValueAdded, before: ValueAdded) -> float:
    pair = pd.concat(
        [pd.Series(one.effect, index=list(one.schools)) for one in (now, before)], axis=1, join="inner"
    ).dropna()
    if len(pair) < 3 or (pair.std() == 0).any():
        return float("nan")
    return float(np.corrcoef(pair.to_numpy().T)[0, 1])


def programmes(
    frame: pd.DataFrame,
    *,
    line: str = "0.6",
    least_leavers: int = 20,
    further_study: str = "ignored",
    year: int = 0,
) -> pd.DataFrame:
    """The closing rule applied to every programme of every school, with its conventions as parameters.

    Parameters
    ----------
    frame : ``school``, ``programme``, ``year``, ``leavers``, ``employed``; perhaps ``studying`` and ``satisfaction``
    line : share under which a year counts, as text so that it is exact
    least_leavers : a year with fewer decides nothing
    further_study : ignored, left_out or employed
    year : judged, 0: the last

    Returns
    -------
    DataFrame
        ``school``, ``programme``, ``year``, ``leavers``, ``rate``, ``rate_before``, ``verdict`` (close, too_small,
        watch, missing, keep), ``chance_under``, ``satisfaction``.

    Raises
    ------
    DataError, ParameterError
        A column is missing, a programme stands twice in a year, more are employed than left, the line is no share.

    Examples
    --------
    >>> rows = [("A", "1", 2023, 50, 29), ("A", "1", 2024, 50, 29), ("A", "2", 2024, 50, 29)]
    >>> frame = pd.DataFrame(rows, columns=["school", "programme", "year", "leavers", "employed"])
    >>> programmes(frame)["verdict"].tolist()
    ['close', 'missing']
    """
    needed = ("school", "programme", "year", "leavers", "employed")
    for column in needed:
        if column not in frame:
            raise DataError("evaluation.no_column", column=column, found=", ".join(map(str, frame)))
    _check_rule(line, further_study)
    if frame.empty:
        raise DataError("evaluation.empty")
    rows = _read_programme_rows(frame)
    last = year or int(rows["year"].max())
    pair = [last - 1, last]
    keys = pd.MultiIndex.from_frame(
        rows.loc[rows["year"].isin(pair), ["school", "programme"]].drop_duplicates()
    )
    held = rows.set_index(["school", "programme", "year"])
    tables = {
        name: held[name].unstack("year").reindex(index=keys, columns=pair).to_numpy(float)
        for name in ("leavers", "employed", "studying", "satisfaction")
    }
    if further_study != "ignored" and np.isnan(tables["studying"]).all():
        raise ParameterError("evaluation.no_studying", found=further_study)
    rule = ClosingRule(line=line, least_leavers=least_leavers, further_study=further_study)
    found = judge_programmes(tables["leavers"], tables["employed"], tables["studying"], rule)
    return pd.DataFrame(
        {
            "school": keys.get_level_values(0), "programme": keys.get_level_values(1), "year": last,
            "leavers": tables["leavers"][:, 1], "rate": found.rate, "rate_before": found.rate_before,
            "verdict": found.verdict, "chance_under": found.chance_under,
            "satisfaction": tables["satisfaction"][:, 1],
        }
    )  # fmt: skip


def _check_rule(line: str, further_study: str) -> None:
    if further_study not in FURTHER_STUDY:
        raise ParameterError("evaluation.unknown_study", found=further_study, known=", ".join(FURTHER_STUDY))
    try:
        share = float(line)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise ParameterError("evaluation.bad_line", found=line)


def _read_programme_rows(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.assign(
        **{name: name_units(frame[name], name) for name in ("school", "programme")},
        year=read_years(frame["year"]),
    )
    for name in ("studying", "satisfaction"):
        rows[name] = rows.get(name, np.nan)
    for name in ("leavers", "employed", "studying", "satisfaction"):
        rows[name] = read_numbers(rows[name], name)
    where = rows[["school", "programme", "year"]]
    if (twice := where.duplicated()).any():
        one = where[twice].iloc[0]
        raise DataError(
            "evaluation.programme_twice", school=one["school"], programme=one["programme"], year=one["year"]
        )
    wrong = (rows[["leavers", "employed", "studying"]] < 0).any(axis=1)
    wrong |= rows["employed"] + rows["studying"].fillna(0) > rows["leavers"]
    if wrong.any():
        one = rows[wrong].iloc[0]
        raise DataError(
            "evaluation.too_many_employed", school=one["school"], programme=one["programme"], year=one["year"],
            leavers=f"{one['leavers']:g}", employed=f"{one['employed']:g}",
        )  # fmt: skip
    return rows

"""Does every school, and does the county, reach a standard; which figure decides, and how sure is it?

Schools come as the rows of a table, many counties and years at once. Every difference coefficient is the
official one: pupil-weighted, population form. Each coefficient is judged by itself; their mean decides only
where a standard says so (basic balance). A school that cannot be judged is named with its reason, and the
rest of its county is judged without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from edustats.catalogue import Attribute, Catalogue, catalogue
from edustats.catalogue.standards import Concession, Standard, StandardItem, Threshold, find_school_year_start
from edustats.errors import DataError, ParameterError
from edustats.indicator_values import sum_columns
from edustats.metrics.standards.coefficients import (
    Codes,
    DifferenceCoefficients,
    compute_difference_coefficients,
    find_printed_edge,
    reaches_mark,
    round_half_up,
)
from edustats.schema import KINDS
from edustats.typing import Floats

MET, NOT_MET, UNKNOWN = 1, 0, -1
KIND = "__kind"
SMALL_POINT = 50
REASONS = (
    "", "county_row", "not_in_stage", "unknown_type", "special", "vocational", "pupils_missing",
    "pupils_negative", "no_pupils", "small_point", "no_teachers",
)  # fmt: skip
"""Why a row is not judged; the first is: it is judged."""
NAMED = ("unknown_type", "pupils_missing", "pupils_negative", "no_pupils", "no_teachers")
"""Reasons that are faults of the data, to be sent back; the others are the standard's own scope."""


# --- rounding as the form prints ---------------------------------------------------------------------------


# --- the coefficients of many areas at once ----------------------------------------------------------------


# --- one school ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchoolVerdicts:
    """Whether schools reach a standard: n schools by k resources."""

    reached: Codes
    """(n, k) MET, NOT_MET, or UNKNOWN where the value is missing."""
    above_floor: Codes
    """(n, k) likewise, against the floor (85 % of the mark)."""
    verdict: Codes
    """(n,) MET, NOT_MET; UNKNOWN where what is missing could decide."""
    count: NDArray[np.int64]
    """(n,) marks reached."""


def judge_schools(
    values: ArrayLike, marks: ArrayLike, must_reach: int, floor: float, decimals: int | None = 2
) -> SchoolVerdicts:
    """Six of seven marks reached and the other at least 85 % of its own: school by school.

    Parameters
    ----------
    values : (n, k) array_like
        Each school's values on the scale the form prints; nan where missing.
    marks : (k,) array_like
        What to reach, same scale, > 0; more is better.
    must_reach : int
        Marks a school must reach in full.
    floor : float
        Part of its mark that every value must reach, 0–1.
    decimals : int or None
        Decimals the form prints; None compares unrounded values.

    Returns
    -------
    SchoolVerdicts
        A school with missing values fails only where no value could save it, and passes only where none
        could sink it.

    Notes
    -----
    教督〔2017〕6号, article 6 as the declaration form carries it. The floor is not rounded: 85 % of 5.3 is
    4.505, so a printed 4.50 fails and 4.51 passes.

    Examples
    --------
    >>> school = [[4.2, 1, 0.9, 4.5, 7.5, 2000, 1.96]]
    >>> marks = [4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3]
    >>> int(judge_schools(school, marks, 6, 0.85).verdict[0])
    1
    """
    x, mark = np.atleast_2d(np.asarray(values, float)), np.asarray(marks, float)
    missing = np.isnan(x)
    reached, above = x >= find_printed_edge(mark, decimals), x >= find_printed_edge(mark * floor, decimals)
    count = reached.sum(axis=1)
    sure_fail = (~above & ~missing).any(axis=1) | (count + missing.sum(axis=1) < must_reach)
    sure_pass = ~sure_fail & ~missing.any(axis=1)
    return SchoolVerdicts(
        reached=_code_verdicts(reached, missing),
        above_floor=_code_verdicts(above, missing),
        verdict=np.where(sure_fail, NOT_MET, np.where(sure_pass, MET, UNKNOWN)).astype(np.int8),
        count=count,
    )


def _code_verdicts(true: NDArray[np.bool_], missing: NDArray[np.bool_]) -> Codes:
    return np.where(missing, UNKNOWN, true).astype(np.int8)


# --- which rows are judged ------------------------------------------------------------------------------------


def find_exclusion_reasons(
    units: pd.DataFrame, stage: str, known: Catalogue | None = None
) -> NDArray[np.int8]:
    """For each row, why it is not judged in a stage: a position in :data:`REASONS`, 0 where it is.

    Parameters
    ----------
    units : rows of schools and years with ``county``, ``unit``, ``pupils_{stage}`` and, where known, the
        attributes ``school_type`` and ``site``
    stage : primary or junior

    Notes
    -----
    Special and vocational schools and teaching points under 50 pupils stay outside (Hebei's measures to
    教督〔2017〕6号). Without ``school_type`` nothing can be left out by type.
    """
    reason = np.zeros(len(units), np.int8)

    def mark(why: str, rows: NDArray[np.bool_]) -> None:
        reason[(reason == 0) & rows] = REASONS.index(why)

    kind, taught = _classify_schools(units, stage, known or catalogue())
    pupils, absent = _read_stage_pupils(units, stage)
    mark("county_row", _compare_columns(units["unit"], units["county"]))
    mark("not_in_stage", absent & (taught != 1))
    mark("unknown_type", kind == "unknown")
    for outside in ("special", "vocational"):
        mark(outside, kind == outside)
    mark("not_in_stage", np.isnan(pupils) & (taught == 0))
    mark("pupils_missing", np.isnan(pupils))
    mark("pupils_negative", pupils < 0)
    mark("no_pupils", pupils == 0)
    mark("small_point", (kind == "point") & (pupils < SMALL_POINT))
    if f"teachers_{stage}" in units:
        mark("no_teachers", units[f"teachers_{stage}"].to_numpy(float) == 0)
    return reason


def _compare_columns(first: pd.Series, second: pd.Series) -> NDArray[np.bool_]:
    return (first == second).to_numpy(bool)


def _read_stage_pupils(units: pd.DataFrame, stage: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Pupils of the stage, and where the data say that the stage does not apply."""
    name = f"pupils_{stage}"
    pupils = units[name].to_numpy(float)
    if f"{name}{KIND}" in units:
        return pupils, units[f"{name}{KIND}"].to_numpy() == KINDS.index("not_applicable")
    return pupils, np.isnan(pupils)


def _classify_schools(units: pd.DataFrame, stage: str, known: Catalogue) -> tuple[NDArray[np.object_], Codes]:
    """What sort of school each row is, and whether its type teaches the stage (1, 0; -1 not known)."""
    if "school_type" not in units:
        return np.full(len(units), "", object), np.full(len(units), UNKNOWN, np.int8)
    position, types = pd.factorize(units["school_type"], use_na_sentinel=False)
    codes = [str(code) if isinstance(code, str) else "" for code in types]
    types_known = known.attributes["school_type"]
    kinds = np.array([_classify_type_code(code, types_known) for code in codes], dtype=object)
    in_stage = {c for c, stages in types_known.stages.items() if stage in stages} - types_known.apart
    taught = np.array([UNKNOWN if not code else code in in_stage for code in codes], np.int8)
    kind = kinds[position]
    if "site" in units:
        kind = np.where((units["site"] == "point").to_numpy() & (kind == ""), "point", kind)
    return kind, taught[position]


def _classify_type_code(code: str, declared: Attribute) -> str:
    taught = declared.stages.get(code, ())
    if code not in declared.apart and taught in (("special",), ("vocational",)):
        return taught[0]
    if code == "218":
        return "point"
    return "" if not code or code in declared.codes else "unknown"


# --- a standard over many counties and years -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class StageJudgement:
    """One stage of every county and year: schools (n) by items (k), and areas (g) by items."""

    standard: Standard
    stage: str
    items: tuple[str, ...]
    marks: tuple[Threshold | None, ...]
    limit: Threshold
    areas: pd.DataFrame
    """(g,) county and year."""
    area: NDArray[np.intp]
    """(n,) which area each judged school belongs to."""
    rows: NDArray[np.intp]
    """(n,) the school's row in the table given."""
    pupils: Floats
    totals: Floats
    """(n, k) resources, nan where missing or refused."""
    values: Floats
    """(n, k) on the printed scale."""
    schools: SchoolVerdicts | None
    """None where the standard judges no single school."""
    spread: DifferenceCoefficients
    spread_verdict: Codes
    """(g, k) every coefficient against the limit; UNKNOWN for one school."""
    spread_unrounded: Codes
    composite: Floats
    """(g,) mean of the coefficients: a verdict only where the standard says so."""
    composite_verdict: Codes
    refused: pd.DataFrame
    """row, county, unit, year, item ('' for the whole school), reason, found."""
    left_out: pd.DataFrame
    """county, year, reason, schools, pupils: what the standard itself leaves out."""

    @property
    def unrounded(self) -> SchoolVerdicts | None:
        """What the schools' verdicts would be without rounding; computed when asked for."""
        return _judge_stage_schools(self.standard, self.values, self.marks, None)

    def of(self, county: str, year: int) -> int:
        """Position of an area, or -1."""
        return self._positions.get((county, year), -1)

    @cached_property
    def _positions(self) -> dict[tuple[str, int], int]:
        pairs = [*zip(self.areas["county"].tolist(), self.areas["year"].tolist(), strict=True)]
        return {pair: at for at, pair in reversed([*enumerate(pairs)])}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandardJudgement:
    """A standard applied to a table of schools."""

    standard: Standard
    stages: Mapping[str, StageJudgement]
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Stages that cannot be judged, each with the columns the table lacks."""
    concessions: tuple[Concession, ...] = ()


def list_required_columns(which: Standard, stage: str, known: Catalogue | None = None) -> tuple[str, ...]:
    """Columns a table must have for one stage of a standard to be judged between schools."""
    known = known or catalogue()
    keys = [item.indicators[stage] for item in which.of_kind("school") if stage in item.indicators]
    return tuple(dict.fromkeys(name for key in keys for name in known.indicator(key).inputs))


def judge_standard(
    units: pd.DataFrame,
    which: Standard,
    on: date | None = None,
    *,
    concessions: Sequence[str] = (),
    known: Catalogue | None = None,
) -> StandardJudgement:
    """Judge every school and the spread between schools, for all counties and years of a table.

    Parameters
    ----------
    units : one row per school and year: ``county``, ``unit``, ``year``, the catalogue's columns per stage, and
        where known ``school_type`` and ``site``; ``{column}__kind`` says why a value is missing
    which : a standard with items of kind ``school``
    on : the day whose thresholds hold; left out, the first day of each school year, which must then all have
        the same thresholds
    concessions : keys of concessions to apply; off by default

    Returns
    -------
    Judgement
        Stages whose columns are missing stand in ``absent``; nothing is guessed for them.

    Raises
    ------
    ParameterError
        A concession that the standard does not have, or whose window is closed on that day; years of the table
        under different thresholds, which must be judged one by one.
    """
    known = known or catalogue()
    on = on or _choose_ruling_day(units, which)
    granted = tuple(_find_granted_concession(which, key, on) for key in concessions)
    lacking = {stage: _list_missing_columns(units, which, stage, known) for stage in which.stages}
    return StandardJudgement(
        standard=which,
        stages={
            stage: _judge_stage(units, which, stage, on, granted, known)
            for stage in which.stages if not lacking[stage]
        },
        absent={stage: names for stage, names in lacking.items() if names},
        concessions=granted,
    )  # fmt: skip


def _choose_ruling_day(units: pd.DataFrame, which: Standard) -> date:
    years = sorted({int(year) for year in units["year"].unique()})
    days = [max(find_school_year_start(year), which.start) for year in years]
    regimes = {tuple(t for t in which.thresholds if t.holds(day)) for day in days}
    if len(regimes) > 1:
        raise ParameterError("catalogue.two_regimes", key=which.key, first=years[0], last=years[-1])
    return days[-1]


def _find_granted_concession(which: Standard, key: str, on: date) -> Concession:
    if key not in which.concessions:
        raise ParameterError("catalogue.no_concession", key=key, known=", ".join(which.concessions))
    found = which.concessions[key]
    if not found.holds(on):
        raise ParameterError("catalogue.closed_concession", key=key, start=found.start, end=found.end, on=on)
    return found


def _list_missing_columns(
    units: pd.DataFrame, which: Standard, stage: str, known: Catalogue
) -> tuple[str, ...]:
    wanted = (f"pupils_{stage}", *list_required_columns(which, stage, known))
    return tuple(name for name in dict.fromkeys(wanted) if name not in units)


def _judge_stage(
    units: pd.DataFrame,
    which: Standard,
    stage: str,
    on: date,
    granted: Sequence[Concession],
    known: Catalogue,
) -> StageJudgement:
    reason = find_exclusion_reasons(units, stage, known)
    rows = np.flatnonzero(reason == 0)
    items = tuple(item for item in which.of_kind("school") if stage in item.indicators)
    kept = units[_list_stage_columns(units, items, stage, granted, known)].iloc[rows]
    area, areas = _number_areas(kept)
    pupils = kept[f"pupils_{stage}"].to_numpy(float)
    columns = [_sum_school_resource(kept, item, stage, granted, known) for item in items]
    totals = np.stack([total for total, _ in columns], axis=1) if items else np.empty((len(rows), 0))
    times = np.array([known.unit_of(item.indicators[stage]).times for item in items])
    values = totals / pupils[:, None] * times
    marks = tuple(which.threshold(item.key, stage, on) for item in items)
    limit = _find_spread_limit(which, stage, on)
    spread = compute_difference_coefficients(totals, pupils, area, len(areas))
    composite = spread.cv.mean(axis=1)  # nan where one coefficient is: a mean of the rest would flatter
    return StageJudgement(
        standard=which, stage=stage, items=tuple(i.key for i in items), marks=marks, limit=limit,
        areas=areas, area=area, rows=rows,
        pupils=pupils, totals=totals, values=values,
        schools=_judge_stage_schools(which, values, marks, which.decimals["value"]),
        spread=spread,
        spread_verdict=_judge_within_limit(spread.cv, limit, which.decimals["coefficient"]),
        spread_unrounded=_judge_within_limit(spread.cv, limit, None), composite=composite,
        composite_verdict=_judge_within_limit(composite, limit, which.decimals["coefficient"]),
        refused=_list_refused_values(units, stage, reason, rows, items, columns),
        left_out=_list_excluded_schools(units, stage, reason),
    )  # fmt: skip


def _list_stage_columns(
    units: pd.DataFrame,
    items: Sequence[StandardItem],
    stage: str,
    granted: Sequence[Concession],
    known: Catalogue,
) -> list[str]:
    """The columns a stage needs: taking rows of the others would only cost time."""
    inputs = [name for item in items for name in known.indicator(item.indicators[stage]).inputs]
    extra = [*(concession.adds.get(stage, "") for concession in granted), "location"]
    wanted = [
        "county",
        "unit",
        "year",
        f"pupils_{stage}",
        *inputs,
        *(name for name in extra if name in units),
    ]
    return list(dict.fromkeys(wanted))


def _find_spread_limit(which: Standard, stage: str, on: date) -> Threshold:
    found = which.threshold("cv", stage, on)
    if found is None:
        raise DataError("catalogue.not_in_force", key=which.key, stage=stage, on=on, start=which.start)
    return found


def _number_areas(kept: pd.DataFrame) -> tuple[NDArray[np.intp], pd.DataFrame]:
    county, counties = pd.factorize(kept["county"], sort=True)
    year = kept["year"].to_numpy(np.int64)
    first = int(year.min()) if len(year) else 0
    span = int(year.max()) - first + 1 if len(year) else 1
    area, cells = pd.factorize(county * span + (year - first), sort=True)
    frame = pd.DataFrame({"county": np.asarray(counties)[cells // span], "year": cells % span + first})
    return area, frame


def _sum_school_resource(
    kept: pd.DataFrame, item: StandardItem, stage: str, granted: Sequence[Concession], known: Catalogue
) -> tuple[Floats, NDArray[np.int8]]:
    """A school's resource, nan where refused, and why: 0 fine, 1 missing, 2 negative."""
    indicator = known.indicator(item.indicators[stage])
    total = sum_columns(kept, indicator.num)
    if total is None:
        raise KeyError(indicator.key)
    for concession in granted:
        extra = concession.adds.get(stage, "") if concession.item == item.key else ""
        if extra in kept:
            total = total + np.where(
                _find_entitled_schools(kept, concession, stage), np.nan_to_num(kept[extra].to_numpy(float)), 0
            )
    negative = total < 0
    for name in indicator.inputs:
        negative |= kept[name].to_numpy(float) < 0
    why = np.where(negative, 2, np.isnan(total)).astype(np.int8)
    return np.where(negative, np.nan, total), why


def _find_entitled_schools(kept: pd.DataFrame, concession: Concession, stage: str) -> NDArray[np.bool_]:
    """Schools a concession reaches: small rural ones for teachers, town ones for leased space."""
    location = kept["location"].astype(str) if "location" in kept else pd.Series("", index=kept.index)
    if concession.item == "r3":
        pupils = kept[f"pupils_{stage}"].to_numpy(float)
        return location.str.startswith("2").to_numpy() & (pupils >= SMALL_POINT) & (pupils < 100)
    return (location == "111").to_numpy()


def _judge_stage_schools(
    which: Standard, values: Floats, marks: Sequence[Threshold | None], decimals: int | None
) -> SchoolVerdicts | None:
    printed = [mark.printed for mark in marks if mark is not None]
    if which.judge != "each" or len(printed) != values.shape[1]:
        return None
    return judge_schools(values, printed, which.must_reach, which.floor, decimals)


def _judge_within_limit(cv: Floats, limit: Threshold, decimals: int | None) -> Codes:
    shown = cv if decimals is None else round_half_up(cv, decimals)
    return _code_verdicts(reaches_mark(shown, limit.printed, limit.op), np.isnan(cv))


def _list_refused_values(
    units: pd.DataFrame,
    stage: str,
    reason: Codes,
    rows: NDArray[np.intp],
    items: Sequence[StandardItem],
    columns: Sequence[tuple[Floats, NDArray[np.int8]]],
) -> pd.DataFrame:
    """Every school set aside as a whole, and every value of a judged school that was not used."""
    bad = np.flatnonzero(np.isin(reason, [REASONS.index(name) for name in NAMED]))
    places, keys, whys = [bad], [""] * len(bad), [REASONS[code] for code in reason[bad]]
    for item, (_, why) in zip(items, columns, strict=True):
        hit = np.flatnonzero(why)
        places.append(rows[hit])
        keys += [item.key] * len(hit)
        whys += ["negative" if code == 2 else "missing" for code in why[hit]]
    at = np.concatenate(places)
    found = units[["county", "unit", "year"]].take(at).reset_index(drop=True)
    return found.assign(
        row=at, item=pd.Series(keys, dtype="str"), reason=pd.Series(whys, dtype="str"), stage=stage
    )


def _list_excluded_schools(units: pd.DataFrame, stage: str, reason: Codes) -> pd.DataFrame:
    own = ("special", "vocational", "small_point")
    bad = np.flatnonzero(np.isin(reason, [REASONS.index(name) for name in own]))
    rows = units[["county", "unit", "year"]].take(bad)
    return rows.assign(
        row=bad, reason=[REASONS[code] for code in reason[bad]], stage=stage,
        pupils=units[f"pupils_{stage}"].to_numpy(float)[bad],
    ).reset_index(drop=True)  # fmt: skip


# --- how sure -------------------------------------------------------------------------------------------------

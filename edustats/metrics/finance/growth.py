"""Does spending not fall (两个只增不减), and does it grow as the older three growths and two shares ask?

A year is held against the year before it and against no other; where that is not known there is no verdict but a
reason. Comparisons are made on unrounded figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError
from edustats.metrics.checks import parse_number_column, require_same_length
from edustats.metrics.standards.coefficients import reaches_mark
from edustats.typing import Floats

MET, NOT_MET, UNKNOWN = "met", "not_met", "cannot_tell"
TWO_RULES_SINCE = 2018
"""国办发〔2018〕82号 is of August 2018: the first year it binds."""
REASONS = ("", "missing", "no_previous", "not_positive", "unit_doubtful", "not_in_force", "no_stage")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearVerdict:
    """One rule in one year; ``reason`` says why there is no verdict."""

    rule: str
    year: int
    verdict: str
    stage: str = ""
    value: float = math.nan
    before: float = math.nan
    other: float = math.nan
    """Growth that the own growth is held against (regular revenue), where the rule names one."""
    reason: str = ""

    @property
    def rate(self) -> float:
        """Relative change since the year before; nan where it is not known."""
        return self.value / self.before - 1 if self.before > 0 else math.nan


def _check_years(years: Sequence[int], values: ArrayLike) -> tuple[list[int], Floats]:
    column = parse_number_column("values", values)
    require_same_length("values", column, "years", np.asarray(years))
    order = [int(year) for year in years]
    if sorted(set(order)) != order:
        raise DataError("finance.years_out_of_order", years=", ".join(map(str, order)))
    return order, column


def judge_not_falling(
    years: Sequence[int], values: ArrayLike, *, rule: str = "total", stage: str = "", since: int = TWO_RULES_SINCE,
    doubtful: Iterable[int] = (),
) -> list[YearVerdict]:  # fmt: skip
    """Whether a sum of money, or one per pupil, is no less than the year before, year by year.

    Parameters
    ----------
    years : (t,) ascending, each once; they need not follow each other
    values : (t,) yuan or yuan per pupil, > 0; nan: not known
    rule, stage : carried into the verdicts
    since : first year in which the rule binds; earlier years get the growth and no verdict
    doubtful : years whose figure is not to be judged with (a unit that was not declared)

    Returns
    -------
    list of YearVerdict
        One a year; equal is met (不低于). 国办发〔2018〕82号.

    Examples
    --------
    >>> [v.verdict for v in judge_not_falling([2019, 2020, 2022], [1.0, 1.0, 0.5])]
    ['cannot_tell', 'met', 'cannot_tell']
    """
    order, column = _check_years(years, values)
    held, doubted = dict(zip(order, column.tolist(), strict=True)), set(doubtful)
    return [_judge_year(rule, stage, year, held, since, doubted) for year in order]


def _judge_year(
    rule: str, stage: str, year: int, held: Mapping[int, float], since: int, doubtful: set[int]
) -> YearVerdict:
    value, before = held[year], held.get(year - 1, math.nan)
    reason = _find_reason(year, value, before, since, doubtful)
    verdict = UNKNOWN if reason else MET if reaches_mark(np.array([value]), before, ">=")[0] else NOT_MET
    return YearVerdict(
        rule=rule, year=year, stage=stage, value=value, before=before, verdict=verdict, reason=reason
    )


def _find_reason(year: int, value: float, before: float, since: int, doubtful: set[int]) -> str:
    if math.isnan(value):
        return "missing"
    if value <= 0 or before <= 0:
        return "not_positive"
    if math.isnan(before):
        return "no_previous"
    if {year, year - 1} & doubtful:
        return "unit_doubtful"
    return "not_in_force" if year < since else ""


def combine_verdicts(verdicts: Iterable[YearVerdict]) -> str:
    """Not met if any is not met, else open if any is open or there is none, else met.

    Examples
    --------
    >>> combine_verdicts([])
    'cannot_tell'
    """
    found = {one.verdict for one in verdicts}
    return NOT_MET if NOT_MET in found else UNKNOWN if UNKNOWN in found or not found else MET


def judge_two_rules(
    years: Sequence[int], total: ArrayLike, per_pupil: Mapping[str, ArrayLike], *, since: int = TWO_RULES_SINCE,
    doubtful: Mapping[str, Iterable[int]] | None = None,
) -> dict[int, list[YearVerdict]]:  # fmt: skip
    """两个只增不减: the total, and the amount per pupil of every stage, do not fall.

    Parameters
    ----------
    years : (t,) ascending
    total : (t,) general public budget spending on education, yuan
    per_pupil : stage → (t,) the same per average pupil of the year, yuan
    since : first year in which the rule binds
    doubtful : stage, or ``all`` for the total → years with a doubtful unit

    Returns
    -------
    dict
        Year → verdicts, the total first. A county's verdict is :func:`combine_verdicts` of them: a stage that
        falls breaks the rule though the total rises, and without a stage the second rule is open.

    Examples
    --------
    >>> found = judge_two_rules([2020, 2021], [100, 110], {"primary": [9, 10], "junior": [12, 11]})
    >>> [(v.stage, v.verdict) for v in found[2021]], combine_verdicts(found[2021])
    ([('all', 'met'), ('primary', 'met'), ('junior', 'not_met')], 'not_met')
    """
    doubts = doubtful or {}
    found = judge_not_falling(
        years, total, rule="total", stage="all", since=since, doubtful=doubts.get("all", ())
    )
    for stage, values in per_pupil.items():
        found += judge_not_falling(
            years, values, rule="per_pupil", stage=stage, since=since, doubtful=doubts.get(stage, ())
        )
    if not per_pupil:
        found += [
            YearVerdict(rule="per_pupil", year=int(year), verdict=UNKNOWN, reason="no_stage")
            for year in years
        ]
    return {int(year): [one for one in found if one.year == year] for year in years}


def judge_growing_faster(
    years: Sequence[int], own: ArrayLike, other: ArrayLike, *, rule: str = "faster_than_revenue"
) -> list[YearVerdict]:
    """Whether one sum grows faster than another (高于: strictly), year by year.

    Examples
    --------
    >>> [v.verdict for v in judge_growing_faster([2020, 2021], [100, 106], [200, 212])]
    ['cannot_tell', 'not_met']
    """
    mine = judge_not_falling(years, own, rule=rule, since=0)
    theirs = judge_not_falling(years, other, rule=rule, since=0)
    made = []
    for a, b in zip(mine, theirs, strict=True):
        reason = a.reason or b.reason
        faster = not reason and bool(reaches_mark(np.array([a.rate - b.rate]), 0.0, ">")[0])
        verdict = UNKNOWN if reason else MET if faster else NOT_MET
        made.append(YearVerdict(rule=rule, year=a.year, value=a.value, before=a.before, other=b.rate, verdict=verdict,
                                reason=reason))  # fmt: skip
    return made


def judge_three_growths(
    years: Sequence[int], appropriation: ArrayLike, revenue: ArrayLike, per_pupil: Mapping[str, ArrayLike],
    pay: ArrayLike, public_use: Mapping[str, ArrayLike],
) -> dict[int, list[YearVerdict]]:  # fmt: skip
    """The older three growths of the Education Law: faster than regular revenue; per pupil; pay and public-use funds.

    Parameters
    ----------
    years : (t,) ascending
    appropriation : (t,) budget funds for education, yuan
    revenue : (t,) regular fiscal revenue (财政经常性收入), yuan
    per_pupil, public_use : stage → (t,) yuan per average pupil
    pay : (t,) teachers' mean pay, yuan

    Returns
    -------
    dict
        Year → verdicts with rules ``faster_than_revenue``, ``per_pupil``, ``pay``, ``public_use``. 逐步增长 is held to
        a rise: standing still does not meet it.

    Examples
    --------
    >>> found = judge_three_growths([2020, 2021], [100, 110], [50, 52], {}, [8, 8], {})
    >>> [(v.rule, v.verdict) for v in found[2021]]
    [('faster_than_revenue', 'met'), ('pay', 'not_met')]
    """
    found = judge_growing_faster(years, appropriation, revenue)
    for stage, values in per_pupil.items():
        found += _judge_rising(years, values, "per_pupil", stage)
    found += _judge_rising(years, pay, "pay", "")
    for stage, values in public_use.items():
        found += _judge_rising(years, values, "public_use", stage)
    return {int(year): [one for one in found if one.year == year] for year in years}


def _judge_rising(years: Sequence[int], values: ArrayLike, rule: str, stage: str) -> list[YearVerdict]:
    """As not falling, but standing still is no rise."""
    still = judge_not_falling(years, values, rule=rule, stage=stage, since=0)
    return [
        YearVerdict(rule=rule, year=v.year, stage=stage, value=v.value, before=v.before, reason=v.reason,
                    verdict=NOT_MET if v.verdict == MET and math.isclose(v.value, v.before) else v.verdict)
        for v in still
    ]  # fmt: skip


def judge_shares(
    years: Sequence[int], of_gdp: ArrayLike, of_budget: ArrayLike
) -> dict[int, list[YearVerdict]]:
    """The two shares: public spending in GDP and education in the budget rise (逐步提高), shares 0-1.

    Examples
    --------
    >>> found = judge_shares([2020, 2021], [0.040, 0.041], [0.18, 0.17])
    >>> [(v.rule, v.verdict) for v in found[2021]]
    [('share_gdp', 'met'), ('share_budget', 'not_met')]
    """
    found = _judge_rising(years, of_gdp, "share_gdp", "") + _judge_rising(
        years, of_budget, "share_budget", ""
    )
    return {int(year): [one for one in found if one.year == year] for year in years}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanGrowth:
    """年均增长: the base year, the number of steps and the rate a year."""

    base_year: int
    year: int
    base: float
    value: float

    @property
    def steps(self) -> int:
        """Intervals, not years: 2015 to 2020 are five."""
        return self.year - self.base_year

    @property
    def rate(self) -> float:
        """Compound growth a year; nan where it is not defined."""
        if self.steps < 1 or not (self.base > 0 and self.value > 0):
            return math.nan
        return float((self.value / self.base) ** (1 / self.steps) - 1)


def compute_mean_growth(
    years: Sequence[int], values: ArrayLike, base_year: int = 0, year: int = 0
) -> MeanGrowth:
    """Compound growth a year between two years, with its base named.

    Parameters
    ----------
    years, values : (t,) ascending; nan: not known
    base_year, year : 0: the first and the last year with a value. A plan's 年均 takes the last year of the plan
        before it as base (十四五: 2020)

    Raises
    ------
    DataError
        There is no value in a year that was asked for.

    Examples
    --------
    >>> found = compute_mean_growth([2010, 2011, 2015], [100.0, 105.0, 200.0])
    >>> found.base_year, found.steps, round(found.rate, 4)
    (2010, 5, 0.1487)
    """
    order, column = _check_years(years, values)
    held = {y: float(v) for y, v in zip(order, column, strict=True) if math.isfinite(v)}
    ends = (base_year or min(held, default=0), year or max(held, default=0))
    for end in ends:
        if end not in held:
            raise DataError("finance.no_value_in_year", year=end, have=", ".join(map(str, held)) or "—")
    return MeanGrowth(base_year=ends[0], year=ends[1], base=held[ends[0]], value=held[ends[1]])

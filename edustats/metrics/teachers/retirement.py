"""How many teachers retire in each of the coming years, and when is a third of them gone?

Ages come in bands or single years at the start of a school year. Within a band nobody knows who is how old: the
expected numbers spread a band evenly, the limits hold for whatever its ages are. Leaving early, hiring and voluntary
earlier or later retirement are not in it: it tells how many reach their legal age.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edustats.errors import DataError
from edustats.typing import Floats

OLDEST = 65
"""Nobody on the establishment is older; such ages are set aside and named."""
YOUNGEST = 18
REFORM = 2025
"""渐进式延迟法定退休年龄 (decision of 13 September 2024) from January 2025: one month later for every four months."""
OLD_AGE = {"men": 60, "women": 55}
MOST_MONTHS = 36
MONTHS_A_STEP = 4
Band = tuple[int, int]


def retirement_age(sex: str, birth_year: int, birth_month: int = 7) -> float:
    """Legal retirement age of a teacher (men 60 to 63, women in professional posts 55 to 58), in years.

    Parameters
    ----------
    sex : men or women
    birth_year, birth_month : month 1 to 12; the middle of the year where it is not known

    Examples
    --------
    Men born in January 1965 are the first to wait a month; men from September 1976 on retire at 63:

    >>> retirement_age("men", 1964, 12), round(retirement_age("men", 1965, 1) * 12), retirement_age("men", 1976, 9)
    (60.0, 721, 63.0)
    >>> round(retirement_age("women", 1970, 5) * 12)
    662
    """
    if sex not in OLD_AGE:
        raise DataError("teachers.unknown_sex", found=sex)
    reached = (birth_year + OLD_AGE[sex] - REFORM) * 12 + birth_month  # 1: January 2025
    delay = min(MOST_MONTHS, math.ceil(max(reached, 0) / MONTHS_A_STEP))
    return OLD_AGE[sex] + delay / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementWave:
    """Teachers who reach their legal retirement age, year by year, and in all since the start."""

    years: tuple[int, ...]
    """Calendar years after the count; the first holds those due already."""
    expected: Floats
    """(h,) persons retiring in each year, bands spread evenly."""
    total: Floats
    """(h,) persons gone by the end of each year, expected."""
    lower: Floats
    """(h,) as ``total``, whatever the ages within the bands: at least."""
    upper: Floats
    """(h,) as ``total``: at most."""
    teachers: float
    too_old: float
    """Persons above 65, set aside."""

    def year_of_share(self, share: float) -> tuple[int, int, int]:
        """First possible, expected and last possible year in which this share is gone; 0: not within the years.

        Examples
        --------
        >>> wave = project_retirement({"men": {(55, 59): 60, (30, 34): 40}}, 2014, 6)
        >>> wave.year_of_share(1 / 3)
        (2015, 2017, 2019)
        """
        found = []
        for column in (self.upper, self.total, self.lower):
            hit = np.flatnonzero(column >= share * self.teachers - 1e-9)
            found.append(self.years[int(hit[0])] if len(hit) else 0)
        return (found[0], found[1], found[2])


def project_retirement(ages: Mapping[str, Mapping[Band, float]], year: int, horizon: int) -> RetirementWave:
    """The retirement wave from an age structure.

    Parameters
    ----------
    ages : sex (``men``, ``women``) → (youngest, oldest) age in whole years → teachers, >= 0. A single year is
        ``(52, 52)``. Ages as of 1 September of ``year``
    year : of the count
    horizon : years ahead, 1 to 20

    Returns
    -------
    RetirementWave
        With ``lower`` ≤ ``total`` ≤ ``upper``; the truth of whoever stays until the legal age lies between them.

    Raises
    ------
    DataError
        Nobody at all, a number below 0, a band the wrong way round, bands that overlap, an unknown sex, a horizon out
        of its range. Ages above 65 are no error: they are set aside and counted.

    Examples
    --------
    Men of 55 to 59 in September 2014, before the reform: each year a fifth of the band reaches 60:

    >>> project_retirement({"men": {(55, 59): 50, (30, 34): 50}}, 2014, 3).total.round(1).tolist()
    [13.3, 23.3, 33.3]
    """
    if not 1 <= horizon <= 20:
        raise DataError("teachers.horizon", found=horizon)
    years = tuple(range(year + 1, year + horizon + 1))
    total, lower, upper = (np.zeros(horizon) for _ in range(3))
    teachers = too_old = 0.0
    for sex, bands in ages.items():
        _check_bands(sex, bands)
        for (low, high), count in bands.items():
            if low > OLDEST:
                too_old += count
                continue
            teachers += count
            parts = np.array([
                _share_retired(sex, year, age, years) for age in range(low, min(high, OLDEST) + 1)
            ])  # fmt: skip
            total += count * parts.mean(axis=0)
            lower += count * np.floor(parts.min(axis=0) + 1e-9)
            upper += count * np.ceil(parts.max(axis=0) - 1e-9)
    if not teachers:
        raise DataError("teachers.nobody")
    return RetirementWave(
        years=years, expected=np.diff(total, prepend=0.0), total=total, lower=lower, upper=upper, teachers=teachers,
        too_old=too_old,
    )  # fmt: skip


def _check_bands(sex: str, bands: Mapping[Band, float]) -> None:
    if sex not in OLD_AGE:
        raise DataError("teachers.unknown_sex", found=sex)
    before = YOUNGEST - 1
    for (low, high), count in sorted(bands.items()):
        if low > high or low <= before:
            raise DataError("teachers.bands", low=str(low), high=str(high))
        if not count >= 0:
            raise DataError("teachers.negative", what=f"{low}-{high}", found=f"{count:g}")
        before = high


def _share_retired(sex: str, year: int, age: int, years: tuple[int, ...]) -> Floats:
    """Share of those of one age on 1 September who have retired by the end of each year; birth months even.

    Who is 52 on 1 September 2024 was born from September 1971 to August 1972.
    """
    born = [(year - age - (month > 8), month) for month in range(1, 13)]
    ends = [_end_of_service(sex, *birth) for birth in born]
    return np.array([sum(end <= 12 * (last + 1) for end in ends) / 12 for last in years])


def _end_of_service(sex: str, birth_year: int, birth_month: int) -> int:
    """Month, counted from year 0, by whose end a teacher has reached the legal age."""
    return birth_year * 12 + birth_month + round(retirement_age(sex, birth_year, birth_month) * 12)

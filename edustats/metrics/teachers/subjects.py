"""Are there teachers enough for every subject of the timetable, and how much does each teach?

The timetable gives each subject a share of all lessons, from a least to a most. At the mean load of the same teachers
a subject needs that share of them: no load is invented. Short is only what falls below the least share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edustats.errors import DataError
from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN
from edustats.metrics.teachers.compliance import name_part


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectNeed:
    """One subject: who is there, who is needed."""

    subject: str
    teachers: float
    least: int
    """Teachers that the least share of the timetable asks for, rounded up."""
    most: int
    verdict: str
    """``not_met`` below the least, ``met`` from the most on, else ``cannot_tell``: it is the schools' choice."""

    @property
    def missing(self) -> int:
        """Teachers short of the least; 0 where there are enough or nobody knows."""
        return max(0, self.least - math.floor(self.teachers + 1e-9)) if self.verdict == NOT_MET else 0


def judge_subjects(
    teachers: Mapping[str, float], all_teachers: float, shares: Mapping[str, tuple[float, float]]
) -> list[SubjectNeed]:
    """Shortage of subject teachers against the timetable.

    Parameters
    ----------
    teachers : subject → full-time teachers who mainly teach it; nan: not known
    all_teachers : all full-time teachers of the stage, > 0
    shares : subject → least and most share of all lessons, 0-1

    Raises
    ------
    DataError
        Subject teachers below 0, more of them than teachers, or no teacher at all.

    Examples
    --------
    >>> found = judge_subjects({"pe": 18, "arts": 21}, 200, {"pe": (0.10, 0.11), "arts": (0.09, 0.11)})
    >>> [(n.subject, n.least, n.most, n.verdict, n.missing) for n in found]
    [('pe', 20, 22, 'not_met', 2), ('arts', 18, 22, 'cannot_tell', 0)]
    """
    if not all_teachers > 0:
        raise DataError("teachers.nobody")
    for subject, count in teachers.items():
        if count < 0:
            raise DataError("teachers.negative", what=name_part(subject), found=f"{count:g}")
        if count > all_teachers:
            raise DataError(
                "teachers.part_above_whole",
                what=name_part(subject),
                part=f"{count:g}",
                whole=f"{all_teachers:g}",
            )
    return [
        _judge_subject(subject, teachers.get(subject, math.nan), all_teachers, *share)
        for subject, share in shares.items()
    ]


def _judge_subject(subject: str, held: float, all_teachers: float, least: float, most: float) -> SubjectNeed:
    low, high = (math.ceil(all_teachers * share - 1e-9) for share in (least, most))
    verdict = UNKNOWN if math.isnan(held) else NOT_MET if held < low else MET if held >= high else UNKNOWN
    return SubjectNeed(subject=subject, teachers=held, least=low, most=high, verdict=verdict)


def compute_class_loads(classes: float, weekly_lessons: float, teachers: float) -> tuple[float, float]:
    """Lessons a teacher gives a week, and teachers for a class.

    Parameters
    ----------
    classes : of the stage, >= 0
    weekly_lessons : of one class in the timetable
    teachers : full-time teachers, > 0 (nan: not known; part-timers are not among them)

    Examples
    --------
    >>> tuple(round(x, 2) for x in compute_class_loads(100, 34, 250))
    (13.6, 2.5)
    """
    for found in (classes, teachers):
        if found < 0:
            raise DataError("teachers.negative", what=name_part("classes"), found=f"{found:g}")
    if not (classes > 0 and teachers > 0):
        return math.nan, math.nan
    return classes * weekly_lessons / teachers, teachers / classes

"""Which part of all lessons does the curriculum give to a subject, and how many lessons has a week?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edustats.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject, or subjects that the returns count together."""

    name: Text
    column: str
    """Stem of the column of its teachers; the stage follows."""
    share: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The curriculum plan as far as the returns can be held against it."""

    source: Text
    weekly_lessons: Mapping[str, float]
    subjects: Mapping[str, Subject]


@cache
def read_timetable() -> Timetable:
    """The timetable of compulsory schools.

    Examples
    --------
    >>> read_timetable().subjects["pe_arts"].share
    (0.19, 0.22)
    """
    raw = tomllib.loads(Path(__file__).with_name("timetable.toml").read_text("utf-8"))
    subjects = {
        key: Subject(name=Text(one["zh"], one["en"]), column=one["column"], share=tuple(one["share"]))
        for key, one in raw["shares"].items()
    }
    return Timetable(
        source=Text(**raw["source"]), weekly_lessons=dict(raw["weekly_lessons"]), subjects=subjects
    )

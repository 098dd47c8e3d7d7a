"""Who moves into which grade? A school system as grades, each with the one it is fed from.

Births feed kindergartens and first grades; the last grade of a stage feeds the first of the next. Kindergartens do
not feed primary schools: not every child attends one, and every child enters grade 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from edustats.errors import ParameterError

BIRTHS = "births"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: its name, how many grades it has, what feeds its first grade, at which age births enter it."""

    name: str
    grades: int
    source: str = BIRTHS
    age: int = 0


@dataclass(frozen=True)
class Structure:
    """Stages in the order in which they are fed.

    Examples
    --------
    >>> Structure((Stage(name="primary", grades=2, age=6), Stage(name="junior", grades=1, source="primary"))).feeds
    (-1, 0, 1)
    """

    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        """Refuse what no school system is: no stage, a stage twice, without grades, fed from nowhere."""
        seen = {BIRTHS}
        for stage in self.stages:
            if stage.name in seen or not 1 <= stage.grades <= 15 or stage.source not in seen:
                raise ParameterError(
                    "seats.bad_stage", stage=stage.name, grades=stage.grades, source=stage.source
                )
            seen.add(stage.name)
        if not self.stages:
            raise ParameterError("seats.no_stage")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stages."""
        return tuple(stage.name for stage in self.stages)

    @cached_property
    def first(self) -> dict[str, int]:
        """Position of each stage's first grade."""
        places, at = {}, 0
        for stage in self.stages:
            places[stage.name] = at
            at += stage.grades
        return places

    @property
    def size(self) -> int:
        """Number of grades of all stages."""
        return sum(stage.grades for stage in self.stages)

    @cached_property
    def feeds(self) -> tuple[int, ...]:
        """For every grade the position of the grade it is fed from; -1: births."""
        found: list[int] = []
        ends = {stage.name: self.first[stage.name] + stage.grades - 1 for stage in self.stages}
        for stage in self.stages:
            start = self.first[stage.name]
            found.append(ends.get(stage.source, -1))
            found += list(range(start, start + stage.grades - 1))
        return tuple(found)

    @cached_property
    def ages(self) -> tuple[int, ...]:
        """For every grade the age at which a year's births enter it; 0 where no stage begins or none is told.

        A first grade that another grade feeds may have one too: the children of that age then speak beside it.
        """
        return tuple(stage.age if k == 0 else 0 for stage in self.stages for k in range(stage.grades))

    def slice_of(self, stage: str) -> slice:
        """Positions of a stage's grades."""
        start = self.first[stage]
        return slice(start, start + next(s.grades for s in self.stages if s.name == stage))


def build_structure(compulsory: str = "6-3", senior: bool = True, preschool: int = 3) -> Structure:
    """The usual systems by their short names.

    Parameters
    ----------
    compulsory : ``"6-3"``, ``"5-4"`` (grades of primary and junior secondary), or ``"9"`` for nine-year schools
    senior : with general senior secondary and vocational schools of three grades, both fed by junior secondary
    preschool : grades of kindergartens, 0 for none

    Raises
    ------
    ParameterError
        A name that is none of these.

    Examples
    --------
    >>> build_structure("5-4").names
    ('preschool', 'primary', 'junior', 'senior', 'vocational')
    >>> build_structure("9", senior=False).size
    12
    """
    parts = compulsory.replace("－", "-").split("-")
    if not all(part.isdecimal() and 1 <= int(part) <= 9 for part in parts) or len(parts) > 3:
        raise ParameterError("seats.bad_structure", found=compulsory)
    numbers = [int(part) for part in parts]
    stages = [Stage(name="preschool", grades=preschool, age=3)] if preschool else []
    last = "compulsory" if len(numbers) == 1 else "junior"
    if len(numbers) == 1:
        stages.append(Stage(name="compulsory", grades=numbers[0], age=6))
    else:
        stages.append(Stage(name="primary", grades=numbers[0], age=6))
        stages.append(Stage(name="junior", grades=numbers[1], source="primary", age=6 + numbers[0]))
    if senior:
        years = numbers[2] if len(numbers) == 3 else 3
        stages += [
            Stage(name=name, grades=years, source=last, age=6 + sum(numbers[:2]))
            for name in ("senior", "vocational")
        ]
    return Structure(tuple(stages))

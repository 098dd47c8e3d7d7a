"""Which groups of pupils can be told apart in a school's return?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edustats.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilGroup:
    """A group of pupils: its column, the column of all pupils it is a part of, and its name."""

    key: str
    own: str
    all: str
    zh: str
    en: str

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)


@cache
def read_pupil_groups() -> tuple[PupilGroup, ...]:
    """The groups of ``pupil_groups.toml``, in its order.

    Examples
    --------
    >>> read_pupil_groups()[0].own
    'pupils_girls_primary'
    """
    raw = tomllib.loads(Path(__file__).with_name("pupil_groups.toml").read_text("utf-8"))
    return tuple(PupilGroup(key=key, **entry) for key, entry in raw.items())

"""Which words does the checker know?

They stand in ``lexicon.toml``; here they become the alternations and tables that the other rooms use.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BLANKS = "\u3000\xa0\u2002\u2003"


def one_of(words: list[str] | tuple[str, ...]) -> str:
    """An alternation of literal words, the longest first, for use inside a pattern."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) + ")"


@dataclass(frozen=True)
class Lexicon:
    """The lexicon file, and the tables made from it."""

    raw: dict[str, Any]

    @cached_property
    def characters(self) -> dict[int, str]:
        """Full-width signs and traditional characters, each to one plain character."""
        pairs = " ".join((*self.raw["characters"]["traditional"], *self.raw["characters"]["signs"])).split()
        return {ord(pair[0]): pair[1] for pair in pairs} | {ord(blank): " " for blank in BLANKS}

    @cached_property
    def dimension(self) -> dict[str, str]:
        """Name of a unit → what it measures."""
        return {name: dim for dim, names in self.raw["units"].items() for name in names}

    @cached_property
    def approximation(self) -> dict[str, str]:
        """Approximating word → about, nearly, over, least or most."""
        return {word: kind for kind, words in self.raw["approximators"].items() for word in words}

    @cached_property
    def base(self) -> dict[str, str]:
        """Words that name a base → the base."""
        return {word: kind for kind, words in self.raw["bases"].items() for word in words}

    def words(self, table: str, *lists: str) -> str:
        """An alternation of the words of one or more lists of a table."""
        return one_of([word for name in lists for word in self.raw[table][name]])


LEXICON = Lexicon(tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8")))

"""Which indicator do the words before a number name?

An indicator is known by its name in the catalogue, by that name without brackets and 规模 or 数, and by the spoken
words of ``catalogue/synonyms.toml``, where the stage named in the sentence decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from edustats.briefing.lexicon import LEXICON
from edustats.briefing.text import clean
from edustats.catalogue import catalogue
from edustats.catalogue.spoken import read_spoken_words

STAGE_NAMES: Final[dict[str, list[str]]] = LEXICON.raw["stages"]
_SIZE = re.compile(r"(?:规模|数量|总量|总数|总额|数)$")
_ALL_KINDS = re.compile(r"各级各类(?:学校)?(?:[、和及]?(?:幼儿园)|[(（](?:含|园)?(?:幼儿园|园)?[)）])*")
"""各级各类学校、幼儿园: of every stage together."""
_BRACKET = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Named:
    """A name found: the words, where they stand, and the observations' names they may mean."""

    words: str
    start: int
    end: int
    names: tuple[str, ...]


class Names:
    """The names by which the observations of one table are known."""

    def __init__(self, held: list[str]) -> None:
        self.held = set(held)
        full = {clean(name).text: name for name in held}
        short: dict[str, list[str]] = {}
        for text, name in full.items():
            for stem in {_BRACKET.sub("", text), _SIZE.sub("", _BRACKET.sub("", text))} - {text}:
                if len(stem) >= 4:
                    short.setdefault(stem, []).append(name)
        self.words: dict[str, tuple[str, ...]] = {
            stem: tuple(sorted(names, key=len)[:1]) for stem, names in short.items()
        }
        self.words |= {text: (name,) for text, name in full.items()}
        self.by_stage: dict[str, dict[str, str]] = {
            word: entry for word, entry in _spoken_words().items() if set(entry.values()) & self.held
        }
        self.longest = sorted({*self.words, *self.by_stage}, key=len, reverse=True)

    def find(self, words: str, lead: str) -> Named | None:
        """The name nearest to the end of some words; the lead is the sentence before them, for the stage."""
        found = [(at + len(word), word) for word in self.longest if (at := words.rfind(word)) >= 0]
        if not found:
            return None
        end, word = max(found, key=lambda item: (item[0], len(item[1])))
        start = end - len(word)
        if word in self.by_stage:
            names = self._of_stage(word, words, lead)
            if names:
                return Named(word, start, end, names)
        return Named(word, start, end, self.words[word]) if word in self.words else None

    def _of_stage(self, word: str, words: str, lead: str) -> tuple[str, ...]:
        entry = self.by_stage[word]
        if len(entry) == 1:
            return tuple(name for name in entry.values() if name in self.held)
        told = list(_ALL_KINDS.finditer(lead))
        if "all" in entry and told and not stage_in(words) and not stage_in(lead[told[-1].end() :]):
            return (entry["all"],) if entry["all"] in self.held else ()
        stage = stage_in(words) or stage_in(lead)
        chosen = [entry[stage]] if stage in entry else list(entry.values()) if not stage else []
        return tuple(name for name in chosen if name in self.held)


def stage_in(words: str) -> str:
    """The stage named last in some words."""
    found = [
        (words.rfind(name) + len(name), len(name), key)
        for key, names in STAGE_NAMES.items()
        for name in names
        if name in words
    ]
    return max(found)[2] if found else ""


@cache
def _spoken_words() -> dict[str, dict[str, str]]:
    """Spoken words → stage → the name of the indicator or column."""
    known = catalogue()
    return {
        clean(word).text: {
            stage: known.indicators[key].zh if key in known.indicators else known.columns[key].zh
            for stage, key in meant.items()
        }
        for word, meant in read_spoken_words().items()
    }

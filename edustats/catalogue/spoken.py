"""What do people call what is measured? The words of ``synonyms.toml``, and what each means at each stage."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("synonyms.toml")


@cache
def read_spoken_words() -> Mapping[str, Mapping[str, str]]:
    """Words → stage (or ``all``) → the key of an indicator or a column.

    Examples
    --------
    >>> read_spoken_words()["生师比"]["junior"]
    'ratio_pupils_per_teacher_junior'
    """
    entries = tomllib.loads(FILE.read_text("utf-8"))["spoken"]
    return {
        word: {stage: key for stage, key in entry.items() if stage != "words"}
        for entry in entries
        for word in entry["words"]
    }

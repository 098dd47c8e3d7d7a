"""What does the suite say, in Chinese and in English?

Every text a user reads stands in the TOML files of this folder, one entry per text with both languages.
An entry is addressed as ``file.key``; its braces are filled with facts by :func:`say`.
"""

from __future__ import annotations

import locale
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


NOTHING = Text("", "")


@cache
def _entries(file: str) -> dict[str, Text]:
    path = Path(__file__).with_name(f"{file}.toml")
    return {key: Text(**entry) for key, entry in tomllib.loads(path.read_text("utf-8")).items()}


def entries() -> dict[str, Text]:
    """Every text of the suite, by its address."""
    files = sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))
    return {f"{file}.{key}": text for file in files for key, text in _entries(file).items()}


def say(address: str, **facts: object) -> Text:
    """Fill one text with facts, in both languages.

    A fact that is itself a :class:`Text` appears in the language of its sentence.

    Examples
    --------
    >>> say("status.not_collected").en
    'not collected'
    """
    file, key = address.split(".", 1)
    template = _entries(file)[key]
    return Text(*(template[lang].format_map(_in(facts, lang)) for lang in LANGUAGES))


def _in(facts: dict[str, object], lang: str) -> dict[str, object]:
    return {name: fact[lang] if isinstance(fact, Text) else fact for name, fact in facts.items()}


def user_language() -> str:
    """Language for messages: ``EDUSTATS_LANG``, else the system's, else English."""
    chosen = os.environ.get("EDUSTATS_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    return "zh" if (chosen or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"

"""What does the suite say, in Chinese and in English?

Every text a user reads stands in the TOML files of this folder, one entry per text with both languages.
An entry is addressed as ``file.key``; its braces are filled with facts by :func:`say`.
"""

from __future__ import annotations

import locale
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    @property
    def spans(self) -> tuple[Span, ...]:
        """The numbers that stand in the text, in the order of the Chinese one."""
        return ()


NOTHING = Text("", "")
DASH = Text("—", "—")
"""What stands where a value is missing; never a zero."""


@dataclass(frozen=True, slots=True)
class Span:
    """A number and where it stands in a text: first letter and the one after the last, in each language."""

    number: Any
    """The number's own text, which holds value, unit, kind and decimals."""
    zh: tuple[int, int]
    en: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class SpokenText(Text):
    """A text that remembers which numbers it says and where: nobody has to find them in it again."""

    spoken: tuple[Span, ...] = field(default=(), repr=False)

    @property
    def spans(self) -> tuple[Span, ...]:
        """As :attr:`Text.spans`."""
        return self.spoken

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.zh, self.en) == (other.zh, other.en)

    def __hash__(self) -> int:
        return hash((self.zh, self.en))


NUMBER_KINDS = ("level", "difference", "rate", "slope", "interval_end", "rank", "count", "year")


@dataclass(frozen=True, slots=True, eq=False)
class NumericText(Text):
    """A number as it is printed in both languages, with the number itself.

    ``value`` is unrounded and in the catalogue's unit (a share is 0–1, a difference of shares too); ``unit`` is
    the unit's key, ``decimals`` what is printed and ``kind`` what it is, one of :data:`NUMBER_KINDS`. A
    spreadsheet holds the number, a page the text; to a reader, and so to ``==``, it is its text.
    """

    value: float
    unit: str
    decimals: int
    kind: str = "level"
    mark: str = ""
    mark_en: str = ""
    """What the text ends with where the number does not cover what it ought to; a spreadsheet shows it too."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """Itself, over its whole length."""
        return (Span(self, (0, len(self.zh)), (0, len(self.en))),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.zh, self.en) == (other.zh, other.en)

    def __hash__(self) -> int:
        return hash((self.zh, self.en))


LIST = Text("、", ", ")
CLAUSES = Text("；", "; ")


def concatenate_texts(*parts: Text | str) -> Text:
    """Texts one after the other, with the numbers they say; a plain string stands in both languages.

    Examples
    --------
    >>> concatenate_texts(Text("甲", "A"), "—", Text("乙", "B")).en
    'A—B'
    """
    zh, en, spoken = "", "", []
    for part in parts:
        text = Text(part, part) if isinstance(part, str) else part
        spoken += [_shift_span(span, len(zh), len(en)) for span in text.spans]
        zh, en = zh + text.zh, en + text.en
    return SpokenText(zh, en, tuple(spoken)) if spoken else Text(zh, en)


def join_names(names: Iterable[object]) -> Text:
    """Names that are the same in both languages, with each language's comma between them.

    Examples
    --------
    >>> join_names(["Leeds", "Bath"]).en
    'Leeds, Bath'
    """
    return join_texts(Text(str(name), str(name)) for name in names)


def join_texts(parts: Iterable[Text], between: Text = LIST) -> Text:
    """Texts with a comma of lists between them, or what ``between`` says.

    Examples
    --------
    >>> join_texts([Text("甲", "A"), Text("乙", "B")]).zh
    '甲、乙'
    """
    held = list(parts)
    woven = [piece for k, part in enumerate(held) for piece in ((between, part) if k else (part,))]
    return concatenate_texts(*woven)


def list_texts(parts: Iterable[Text]) -> Text:
    """Texts as a sentence lists them.

    Examples
    --------
    >>> list_texts([Text("甲", "A"), Text("乙", "B"), Text("丙", "C")]).en
    'A, B and C'
    """
    *first, last = parts
    return join_texts([join_texts(first), last], Text("、", " and ")) if first else last


def _shift_span(span: Span, zh: int, en: int) -> Span:
    return Span(span.number, (span.zh[0] + zh, span.zh[1] + zh), (span.en[0] + en, span.en[1] + en))


@cache
def read_texts(file: str) -> dict[str, Text]:
    """The texts of one file, by key."""
    path = Path(__file__).with_name(f"{file}.toml")
    return {key: Text(**entry) for key, entry in tomllib.loads(path.read_text("utf-8")).items()}


@cache
def read_all_texts() -> Mapping[str, Text]:
    """Every text of the suite, by its address."""
    files = sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))
    return {f"{file}.{key}": text for file in files for key, text in read_texts(file).items()}


def say(address: str, **facts: object) -> Text:
    """Fill one text with facts, in both languages.

    A fact that is itself a :class:`Text` appears in the language of its sentence.

    Examples
    --------
    >>> say("status.not_collected").en
    'not collected'
    """
    return _fill(address, facts) if facts else _say_alone(address)


@cache
def _say_alone(address: str) -> Text:
    """A text without facts: headings and words of verdicts, said in every cell of a table."""
    return _fill(address, {})


def _fill(address: str, facts: dict[str, object]) -> Text:
    file, key = address.split(".", 1)
    template = read_texts(file)[key]
    facts = {name: _count(fact) if _is_count(name, fact) else fact for name, fact in facts.items()}
    numbers = {name: fact.spans for name, fact in facts.items() if isinstance(fact, Text)}
    plain = "}s" not in template.en and ":plural" not in template.en and "|" not in template.en
    if plain and not any(numbers.values()):
        return Text(*(template[lang].format_map(_choose_language(facts, lang)) for lang in LANGUAGES))
    places: dict[str, list[tuple[tuple[str, int], int, Span]]] = {lang: [] for lang in LANGUAGES}
    zh, en = (_fill_template(template[lang], facts, lang, numbers, places[lang]) for lang in LANGUAGES)
    spans = tuple(_pair_spans(places))
    return SpokenText(zh, en, spans) if spans else Text(zh, en)


def fill_english(template: str, **facts: object) -> str:
    """An English text that stands elsewhere, such as a unit's, filled as :func:`say` fills one.

    Examples
    --------
    >>> fill_english("{value} class{value:plural}", value="1")
    '1 class'
    """
    if ":plural" not in template and "|" not in template:  # most units, and every number printed asks
        return template.format_map(facts)
    return _fill_template(template, facts, "en", {}, [])


_PLURAL, _ENDS_IN_Y, _HISSES = re.compile(r"s\b"), re.compile(r"[^aeiou]y$"), re.compile(r"(?:s|x|[cs]h)$")
NO_COUNT = (
    "year",
    "first",
    "last",
    "due",
    "since",
    "then",
    "now",
    "code",
    "row",
    "column",
    "cell",
    "line",
    "pid",
)
"""Facts that are whole numbers and count nothing: years, places in a file."""


ONE = "1"
"""What a number is printed as where the singular stands behind it; 1.0 years are years."""


def _is_count(name: str, fact: object) -> bool:
    return type(fact) is int and _may_count(name)


@cache
def _may_count(name: str) -> bool:
    return not any(word in name for word in NO_COUNT)


def _count(fact: Any) -> Text:
    return NumericText(str(fact), str(fact), float(fact), "", 0, "count")


def _choose_language(facts: dict[str, object], lang: str) -> dict[str, object]:
    return {name: fact[lang] if isinstance(fact, Text) else fact for name, fact in facts.items()}


def _fill_template(
    template: str,
    facts: dict[str, object],
    lang: str,
    numbers: Mapping[str, tuple[Span, ...]],
    places: list[tuple[tuple[str, int], int, Span]],
) -> str:
    """The template filled in one language; ``places`` gets each number's fact and where that fact begins."""
    text = ""
    for literal, name, form, hole in _parse_template(template):
        if lang == "en" and _PLURAL.match(literal) and _ENDS_IN_Y.search(text):
            text = f"{text[:-1]}ie"  # counties, authorities
        text += literal
        if name is None:
            continue
        if form == "plural":  # school{n:plural}, county{n:plural}, bus{n:plural}: as many as n says
            text = text if _say_fact(facts[name], lang) == ONE else _make_plural(text)
            continue
        if form and "|" in form:  # {n:is|are}
            text += form.split("|")[_say_fact(facts[name], lang) != ONE]
            continue
        places += [((name, k), len(text), span) for k, span in enumerate(numbers.get(name, ()))]
        if hole is not None:
            text += hole.format_map(_choose_language(facts, lang))
        else:
            text += _say_fact(facts[name], lang)
    return text


def _say_fact(fact: object, lang: str) -> str:
    return fact[lang] if isinstance(fact, Text) else format(fact)


def _make_plural(text: str) -> str:
    """The text with its last word in the plural."""
    if _ENDS_IN_Y.search(text):
        return f"{text[:-1]}ies"
    return f"{text}es" if _HISSES.search(text) else f"{text}s"


@cache
def _parse_template(template: str) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    """Pieces of a template: words, the name after them, its form, and the whole hole where it is no plain name.

    Every cell of a table is said with one of a few hundred templates: to take them apart anew took a third of it.
    """
    found: list[tuple[str, str | None, str | None, str | None]] = []
    for literal, name, form, conversion in Formatter().parse(template):
        hole = None
        if name is not None and (form or conversion or not name.isidentifier()):
            hole = "{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
        found.append((literal, name, form, hole))
    return tuple(found)


def _pair_spans(places: dict[str, list[tuple[tuple[str, int], int, Span]]]) -> Iterator[Span]:
    """Each number as often as it is said, with its place in either language; where one leaves it unsaid, none."""
    nowhere = (0, 0)
    english: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for key, at, span in places["en"]:
        english.setdefault(key, []).append((at + span.en[0], at + span.en[1]))
    for key, at, span in places["zh"]:
        held = english.get(key)
        yield Span(span.number, (at + span.zh[0], at + span.zh[1]), held.pop(0) if held else nowhere)
    for key, _, span in places["en"]:
        if held := english.get(key):
            yield Span(span.number, nowhere, held.pop(0))


def user_language() -> str:
    """Language for messages: ``EDUSTATS_LANG``, else the system's, else English."""
    chosen = os.environ.get("EDUSTATS_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    return "zh" if (chosen or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"

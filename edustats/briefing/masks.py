"""What does a template speech leave open, and which of it does the store know?

A mask such as ``xx.x`` is read the way the checker reads a number: by the words before it. It is filled only
where those words name one indicator and nothing else, its unit is the indicator's own, and one observation
fits; the checker then reads the filled speech, and a fill it finds wrong is taken back. What is not filled
stays as it is, marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edustats.briefing.documents import Document, WordReader, read_document
from edustats.briefing.left_open import explain_open
from edustats.briefing.match import _left_over, _printed_value, _select_fitting
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.text import Cleaned, clean
from edustats.catalogue import catalogue
from edustats.errors import DataError, ParameterError
from edustats.present.records.numbers import format_digits, round_half_up
from edustats.words import NOTHING, Text, say

if TYPE_CHECKING:
    import pandas as pd

    from edustats.store.reading import Store

MASK: Final = re.compile(r"(?<![A-Za-z\d.×])[xX×]{1,8}(?:\.[xX×]{1,4})?(?![A-Za-z×])")
LEVELS: Final = ("level", "to", "from", "whole", "share")
WHOSE: Final = re.compile(r"全(?:县|市|区|州|旗)|我(?:县|市|区|州|旗)|截至|截止|今年|本年|学年|末|底")
ELSEWHERE: Final = re.compile(r"全省|全国|我省|我国|省平均|国家|其他|周边")
SIZE_WORDS: Final = re.compile(r"(?:规模|数量|总量|总数|总额|数)$")
UNIT: Final = re.compile(r"[万亿]?(?:%|[:：]1|个百分点|平方米|个班|[人所名元册间台])?")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}\s*年|上年|去年|前年|上学年")
SAME_UNIT: Final = {"名": "人", "个班": "班"}


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask of a speech: where it stands, what fills it (nothing if it stays) and why."""

    start: int
    end: int
    text: str
    why: Text = NOTHING
    row: Any = None
    """The observation that fills it; of a change, the later of the two."""


def masks(text: str, known: pd.DataFrame, year: int, markup: str = "", base_year: int = 0) -> list[Mask]:
    """Every mask of a text, filled where the observations leave one reading.

    Parameters
    ----------
    text : the speech as given
    known : observations of the one area the speech is about, as :func:`reference` gives them
    year : the year a mask means where its sentence names none
    markup : as in :func:`edustats.briefing.check`
    base_year : the year that 由…提高到… begins with where its sentence names none; 0: such a change stays open

    Returns
    -------
    list of Mask, in order
    """
    probe = MASK.sub(lambda mask: re.sub("[^.]", "1", mask[0]), text)
    cleaned = clean(probe, markup)
    read = [(cleaned.span(m.q.start, m.q.end), m) for m in mentions(cleaned)[0]]
    names = _names(known if "withheld" in known else known.assign(withheld=False))
    found: list[Mask] = []
    pairs: list[tuple[Mention, Mask]] = []
    ends = _ChangeEnds(cleaned, year, base_year)
    for mask in MASK.finditer(text):
        mention = next((m for (a, b), m in read if a <= mask.start() < b), None)
        meant = ends.date(mention) if mention else None
        if mention and meant is None:
            found.append(Mask(*mask.span(), "", say("masks.no_pair")))
            continue
        made = _filled(mask, meant, cleaned, names, year) or _change(mask, meant, pairs) if meant else None
        found.append(made or Mask(*mask.span(), "", explain_open(text, *mask.span())))
        if made and made.text and mention:
            pairs.append((mention, made))
    return _standing(text, found, known, markup)


class _ChangeEnds:
    """Which years the two ends of 由…提高到… mean: each its own, or both stay open.

    The end takes no year from the beginning: 由2015年的37.7%提高到80.6% speaks of two years and names one.
    """

    def __init__(self, cleaned: Cleaned, year: int, base_year: int) -> None:
        self.cleaned, self.year, self.base_year = cleaned, year, base_year
        self.first: Mention | None = None
        self.open: tuple[int, int] | None = None

    def date(self, m: Mention) -> Mention | None:
        """The mention with the year it means; None where the words leave it open."""
        place = (m.sentence, m.segment)
        if m.role == "from":
            self.first = m
            named = m.year if _YEAR.search(self._words_before(m, None)) else self.base_year
            self.open = None if named else place
            return replace(m, year=named) if named else None
        if m.role != "to" or self.first is None or (self.first.sentence, self.first.segment) != place:
            return m
        first, self.first = self.first, None
        if self.open == place:
            return None
        return m if _YEAR.search(self._words_before(m, first)) else replace(m, year=self.year, dated=True)

    def _words_before(self, m: Mention, after: Mention | None) -> str:
        """The words between a number and the one before it, or the beginning of its sentence."""
        start = after.q.end if after is not None else self.cleaned.sentence_bounds(m.sentence)[0]
        return self.cleaned.text[start : m.q.start]


def _change(mask: re.Match[str], m: Mention, pairs: list[tuple[Mention, Mask]]) -> Mask | None:
    """The percentage points between the two shares filled just before: 由xx.x%提高到xx.x%，提高x.x个百分点."""
    if m.role != "change" or m.q.dimension != "points" or m.q.approximation or len(pairs) < 2:
        return None
    (earlier, first), (later, last) = pairs[-2:]
    roles = (earlier.role, later.role) == ("from", "to") and earlier.segment == later.segment == m.segment
    if not roles or first.row["indicator_name"] != last.row["indicator_name"]:
        return None
    points = _printed_value(last.row) - _printed_value(first.row)
    if points * m.sign <= 0:
        return None
    shown = format_digits(abs(points), len(mask[0].partition(".")[2]), "zh")
    return Mask(*mask.span(), shown, _source(last.row, shown), last.row)


def _names(known: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Observations by the words that name them: an indicator's name, and that of a size without 规模 or 数."""
    measured = {i.zh for i in catalogue().indicators.values()}
    held = known[known["indicator_name"].isin(measured) & (known["value"].notna() | known["withheld"])]
    full = {clean(str(name)).text: rows for name, rows in held.groupby("indicator_name")}
    short: dict[str, list[str]] = {}
    for name in full:
        if (stem := SIZE_WORDS.sub("", name)) not in (name, ""):
            short.setdefault(stem, []).append(name)
    return {stem: full[own[0]] for stem, own in short.items() if len(own) == 1 and stem not in full} | full


def _filled(
    mask: re.Match[str], m: Mention, cleaned: Cleaned, names: dict[str, pd.DataFrame], year: int
) -> Mask | None:
    """The mask with its number; none where the words leave it open."""
    if m.role not in LEVELS or m.q.approximation:
        return None
    words = _clause(m, cleaned)
    name = next((name for name in sorted(names, key=len, reverse=True) if name in words), None)
    if name is None or ELSEWHERE.search(words):
        return None
    if _is_withheld(names[name], m, cleaned, words, year):
        return Mask(*mask.span(), "", say("masks.withheld"))
    before, _, between = words.rpartition(name)
    area = str(names[name]["area_name"].iloc[0])
    if _left_over(WHOSE.sub("", between)) or _left_over(WHOSE.sub("", before.replace(area, ""))):
        return None
    rows = _select_fitting(names[name], m, cleaned, words)
    rows = rows[(rows["year"] == (m.year or year)) & rows["value"].notna()]
    if len(rows) != 1 or not _same_unit(rows.iloc[0], m):
        return None
    return _number(mask, rows.iloc[0], m.q.scale)


def _is_withheld(rows: pd.DataFrame, m: Mention, cleaned: Cleaned, words: str, year: int) -> bool:
    """Does the store hold the figure, and may it not be published?"""
    own = _select_fitting(rows, m, cleaned, words)
    return bool(own.loc[own["year"] == (m.year or year), "withheld"].any())


def _clause(m: Mention, cleaned: Cleaned) -> str:
    """The words that a number belongs to: from the last stop or comma on."""
    start, _ = cleaned.sentence_bounds(m.sentence)
    lead = cleaned.text[start : m.q.start]
    return lead[max(lead.rfind(sign) for sign in "，；：\n—") + 1 :]


def _same_unit(row: Any, m: Mention) -> bool:
    unit = catalogue().units[str(row["unit"])]
    if unit.key == "share":
        return m.q.dimension == "percent"
    own = unit.value.zh.partition("}")[2]
    printed = m.q.unit.removeprefix("万").removeprefix("亿")
    return SAME_UNIT.get(printed, printed) == SAME_UNIT.get(own, own)


def _number(mask: re.Match[str], row: Any, scale: float) -> Mask | None:
    decimals = len(mask[0].partition(".")[2])
    unit = catalogue().units[str(row["unit"])]
    value = _printed_value(row) if unit.key == "share" else float(row["value"]) * unit.times
    shown = str(round_half_up(value / scale, decimals))
    whole = unit.key == "share" and float(shown) == 100
    if float(shown) != value / scale and (whole or not float(shown)):
        return None  # no few that rounding makes none, no failure that it makes 100 %
    return Mask(*mask.span(), shown, _source(row, shown), row)


def _source(row: Any, shown: str) -> Text:
    named = [i for i in catalogue().indicators.values() if i.zh == str(row["indicator_name"])]
    found = next((i for i in named if i.stage == str(row["stage"])), named[0])
    return say(
        "masks.source", value=shown, area=str(row["area_name"]), year=int(row["year"]), indicator=found.name,
        formula=found.formula, clause=found.clause, key=found.key,
    )  # fmt: skip


def _standing(text: str, found: list[Mask], known: pd.DataFrame, markup: str) -> list[Mask]:
    """The fills that stand once the checker has read the whole speech."""
    from edustats.briefing import check

    while True:
        speech, places = _composed(text, found)
        wrong = [c for c in check(speech, known, markup) if c.verdict == "inconsistent"]
        doubted = {
            k for k, (start, end) in enumerate(places)
            if found[k].text and any(c.start < end and start < c.end for c in wrong)
        }  # fmt: skip
        if not doubted:
            return found
        left = say("masks.taken_back")
        found = [
            replace(mask, text="", why=left, row=None) if k in doubted else mask
            for k, mask in enumerate(found)
        ]


def _composed(text: str, found: list[Mask]) -> tuple[str, list[tuple[int, int]]]:
    """The filled speech, and where each mask then stands."""
    parts, places, done, length = [], [], 0, 0
    for mask in found:
        parts += [text[done : mask.start], mask.text or text[mask.start : mask.end]]
        start = length + mask.start - done
        length = start + len(parts[-1])
        places.append((start, length))
        done = mask.end
    return "".join([*parts, text[done:]]), places


def fill(
    template: str | Path, store: Store, area: str, year: int, out: Path, lang: str = "zh", base_year: int = 0
) -> list[Mask]:
    """Fill a template speech and write it.

    Parameters
    ----------
    template : .docx or a text file
    store : an open store
    area : code of the county, or of the prefecture, that the speech is about
    year : the year meant where a sentence names none
    out : the speech; a .docx where the template is one, else text
    lang : language of the sources
    base_year : as in :func:`masks`

    Returns
    -------
    list of Mask
        Every mask, in order; those without ``text`` stay, marked.

    Raises
    ------
    DataError, MissingFileError, ParameterError
        With a sentence that says what is wrong.
    """
    from edustats.briefing.reference import reference

    document = read_document(template)
    if bool(document.data) != (out.suffix.lower() == ".docx"):
        kind = ".docx" if document.data else ".txt"
        raise DataError("masks.other_kind", file=document.name, kind=kind, out=out.name)
    if out.resolve() == Path(template).resolve():
        raise DataError("briefing.same_file", file=out.name)
    name = store.name(area).zh
    known = reference(name, store)
    known = known[known["area_name"] == name]
    if not (known["year"] == year).any():
        have = ", ".join(str(y) for y in sorted(set(known["year"])))
        raise ParameterError("masks.no_year", area=store.name(area), year=year, have=have or "—")
    found = masks(document.text, known, year, document.markup, base_year)
    made = _word(document, found, lang) if document.data else _text(document.text, found, lang).encode()
    from edustats.briefing import _write_whole

    _write_whole(out, made)
    return found


def _text(text: str, found: list[Mask], lang: str) -> str:
    """The filled speech, each fill with the number of its source, each mask left in brackets."""
    parts: list[str] = []
    sources: list[str] = []
    left: list[str] = []
    done = 0
    for mask in found:
        parts.append(text[done : mask.start])
        unit = UNIT.match(text, mask.end) if mask.text else None
        done = unit.end() if unit else mask.end
        if unit:
            sources.append(f"[{len(sources) + 1}] {mask.why[lang]}")
            parts.append(f"{mask.text}{unit[0]}[{len(sources)}]")
        else:
            parts.append(f"【{text[mask.start : mask.end]}】")
            near = re.split(r"[，,。；;\n]", text[max(0, mask.start - 12) : mask.start])[-1]
            left.append(f"{near}【{text[mask.start : mask.end]}】　{mask.why[lang]}")
    speech = "".join([*parts, text[done:]]).rstrip("\n")
    more = [say("masks.still_open")[lang], *left, ""] if left else []
    return "\n".join([speech, "", say("masks.sources")[lang], *sources, "", *more])


def _word(document: Document, found: list[Mask], lang: str) -> bytes:
    """A copy of the template: each fill with a comment, each mask left in yellow."""
    import docx
    from docx.enum.text import WD_COLOR_INDEX
    from docx.text.run import Run

    from edustats.briefing.annotate import BODY, TEXT, _choose_host, _cut_at, _find_runs

    copy = docx.Document(BytesIO(document.data))
    reader = WordReader(document.name, document.numbering)
    reader.read(copy.element, BODY)
    pieces = _cut_at({edge for mask in found for edge in (mask.start, mask.end)}, reader.pieces)
    for mask, runs in [(mask, _find_runs(pieces, mask.start, mask.end)) for mask in found]:
        if not mask.text:
            for run in runs:
                Run(run, copy).font.highlight_color = WD_COLOR_INDEX.YELLOW
        elif runs:
            for text, node in zip(_once(mask.text), (n for r in runs for n in r.iter(TEXT)), strict=False):
                node.text = text
        if runs:
            hosts = [Run(_choose_host(run), copy) for run in (runs[0], runs[-1])]
            author = say("briefing.author")[lang]
            copy.add_comment(hosts, text=mask.why[lang], author=author, initials="填")
    held = BytesIO()
    copy.save(held)
    return held.getvalue()


def _once(text: str) -> Iterator[str]:
    """A text, then nothing for ever: a mask may lie in several runs."""
    yield text
    while True:
        yield ""

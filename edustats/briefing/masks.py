"""What does a template speech leave open, and which of it does the store know?

A mask such as ``xx.x`` is read the way the checker reads a number: by the words around it. It is filled only
where those words leave one value, in its unit, of one area and year; the checker then reads the filled speech,
and a fill it finds wrong is taken back. What is not filled stays as it is, marked, with its reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from edustats.briefing.documents import Document, WordReader, read_document
from edustats.briefing.left_open import explain_open
from edustats.briefing.mask_changes import ValueReader
from edustats.briefing.mask_english import read_english
from edustats.briefing.mask_styles import Place, find_masks, probe_masks
from edustats.briefing.mask_values import Answer, name_row
from edustats.briefing.match import Setting, make_matcher
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.text import clean, is_english
from edustats.catalogue import catalogue
from edustats.errors import DataError, ParameterError
from edustats.present.records.numbers import round_half_up
from edustats.words import NOTHING, Text, say

if TYPE_CHECKING:
    import pandas as pd

    from edustats.store.reading import Store

UNIT: Final = re.compile(
    r"[ 　]?[万亿]?[余多]?(?:%|[:：]1|个百分点|平方米|个班|人次|[人所名元册间台个位项])?"
)
_FLOOR: Final = re.compile(r"[余多]")
_CEILING: Final = re.compile(r"近|接近|不足|不到|未满")
_ABOUT: Final = re.compile(r"约|左右|大概|上下")
_RANK: Final = re.compile(r"(?:居|位居|位列|列|排名?|排在|稳居|名列)(?:在)?全[市州](?:的)?第$")
_YEAR_AIM: Final = re.compile(r"力争|计划|目标|打算|规划|明年|下一步|将要|要求")


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask of a speech: where it stands, what fills it (nothing if it stays) and why."""

    start: int
    end: int
    text: str
    why: Text = NOTHING
    row: Any = None
    """The observation that fills it; of a change, the later of the two."""
    role: str = ""


def masks(text: str, known: pd.DataFrame, year: int, markup: str = "", base_year: int = 0) -> list[Mask]:
    """Every mask of a text, filled where the observations leave one reading.

    Parameters
    ----------
    text : the speech as given
    known : observations as :func:`edustats.briefing.reference.reference` gives them; ``attrs`` name the area that the
    speech is about year : the year a mask means where its sentence names none
    markup : as in :func:`edustats.briefing.check`
    base_year : the year that 由…提高到… begins with where its sentence names none; 0: such a change stays open
        unless the figure has changed once only

    Returns
    -------
    list of Mask, in order

    Examples
    --------
    >>> from edustats.briefing.reference import reference
    >>> found = masks("小学生师比为xx.x:1。", reference("柏溪县", store), 2022)
    >>> len(found), found[0].text.count(".")
    (1, 1)
    """
    here = str(known.attrs.get("here", "")) or (str(known["area_name"].iloc[0]) if len(known) else "")
    places = find_masks(text, markup)
    written = _write_names(text, places, here) | _write_years(text, places, year, base_year)
    cleaned = clean(probe_masks(text, places, written), markup)
    # a city of county level means itself by 全市 in its own speech
    above = "" if here.endswith("市") else str(known.attrs.get("above", ""))
    reader = ValueReader(make_matcher(cleaned, known, Setting(here, above, year)), year, base_year)
    if is_english(text):
        read = read_english(text, places, known, year)
        answers = {at: (_stand_in(role, scale), answer) for at, (role, scale, answer) in read.items()}
    else:
        answers = _read_answers(reader, text, places)
    found = [_make_mask(text, place, answers.get(place.start), written) for place in places]
    return _check_speech(text, _drop_doubles(_pair_ends(_place_ranks(text, found))), known, markup)


def _stand_in(role: str, scale: float) -> Any:
    """A number as English leaves it: without 近 and 余."""
    return SimpleNamespace(q=SimpleNamespace(scale=scale, approximation="", text=""), role=role)


def _read_answers(reader: ValueReader, text: str, places: list[Place]) -> dict[int, tuple[Mention, Answer]]:
    """What the numbers of the probe mean, by where the mask begins."""
    cleaned = reader.matcher.cleaned
    found = {}
    for m in mentions(cleaned)[0]:
        start, end = cleaned.span(m.q.start, m.q.end)
        place = next((p for p in places if start <= p.start < end and not p.year), None)
        answer = reader.read(m)
        if place is not None:
            found[place.start] = (m, answer)
        elif answer.known and not math.isclose(m.q.base, answer.amount, rel_tol=0.01):
            reader.forget_last(m)  # a number that stands already and disagrees is no end to reckon from
    return found


def _write_names(text: str, places: list[Place], here: str) -> dict[int, str]:
    """××县 at the head of a clause is the speech's own county where it is one."""
    found = {}
    for place in places:
        head = text[max(0, place.start - 1) : place.start]
        if here and text[place.end : place.end + 1] == here[-1] and (not head or head in "，,。；;\n：:年"):
            found[place.start] = "全"
    return found


def _write_years(text: str, places: list[Place], year: int, base_year: int) -> dict[int, str]:
    """The year that each 20××年 means; what is wanted by a year, and the beginning of a change, stay open."""
    found: dict[int, str] = {}
    for place in places:
        if not place.year or not text.startswith("年", place.end) or place.end - place.start != 4:
            continue
        sentence = re.split(r"[。；;\n]", text[max(0, place.start - 80) : place.start])[-1]
        before = sentence[-1:]
        begun = re.search(r"[由从自]\S{0,24}$", sentence)
        if before in ("由", "从", "自", "比", "较"):
            found |= {place.start: str(base_year)} if base_year else {}
        elif (before not in ("到", "至") or begun) and not _YEAR_AIM.search(
            sentence + text[place.end : place.end + 30]
        ):
            found[place.start] = str(year)
    return found


def _make_mask(text: str, place: Place, read: tuple[Mention, Answer] | None, written: dict[int, str]) -> Mask:
    """The mask with its number, or with its reason."""
    start, end = place.start, place.end
    if place.year:
        said = written.get(start, "")
        return Mask(start, end, said, say("masks.year", value=said) if said else say("masks.open_year"))
    open_why = explain_open(text, start, end)
    if read is None:
        return Mask(start, end, "", open_why)
    m, answer = read
    if not answer.known:
        plain = answer.why == say("masks.left")
        why = open_why if plain or _is_named_kind(open_why) else answer.why
        return Mask(start, end, "", why, role=m.role)
    shown = _show_amount(answer, m, place)
    if isinstance(shown, Text):
        return Mask(start, end, "", shown, role=m.role)
    return Mask(start, end, shown, _tell_source(answer, shown), answer.row, m.role)


def _is_named_kind(why: Text) -> bool:
    """Is the reason that of a time, a name, a version: what no words around can make a statistic?"""
    return why in [say(f"masks.open_{kind}") for kind in ("time", "name", "version", "slogan")]


def _show_amount(answer: Answer, m: Mention, place: Place) -> str | Text:
    """The number as the mask asks for it; a reason where rounding would say something else."""
    decimals = answer.decimals if place.decimals is None else place.decimals
    value = answer.amount / m.q.scale
    share = str(answer.row["unit"]) == "share"
    if m.q.approximation:
        return _show_near(value, decimals, m.q.text)
    shown = str(round_half_up(value, decimals))
    whole = share and m.role != "change" and float(shown) == 100
    if float(shown) != value and (whole or not float(shown)):
        return say("masks.rounds_away", value=f"{value:.4f}".rstrip("0"))
    return shown


def _show_near(value: float, decimals: int, said: str) -> str | Text:
    """xx.x万余 is cut, 近xx.x万 is raised, 约xx is rounded; other bounds are a person's to choose."""
    step = 10**decimals
    if re.search(r"以[上下内]|不[少低高超]|至[少多]|超|突破|逾", said):
        return say("masks.open_bound")
    if _FLOOR.search(said):
        cut = math.floor(value * step + 1e-9) / step
        return f"{cut:.{decimals}f}" if 0 < cut < value else say("masks.open_bound")
    if _CEILING.search(said):
        cut = math.ceil(value * step - 1e-9) / step
        return f"{cut:.{decimals}f}" if cut > value else say("masks.open_bound")
    return str(round_half_up(value, decimals)) if _ABOUT.search(said) else say("masks.open_bound")


def _tell_source(answer: Answer, shown: str) -> Text:
    """Where a fill comes from."""
    row = answer.row
    if answer.early is not None:
        return say("masks.source_change", value=shown, early=name_row(answer.early), late=name_row(row))
    facts = {"value": shown, "area": str(row["area_name"]), "year": int(row["year"])}
    known, name = catalogue(), str(row["indicator_name"])
    named = [one for one in known.indicators.values() if one.zh == name]
    if not named:
        column = next((c for c in known.columns.values() if c.zh == name), None)
        return say(
            "masks.source_count",
            **facts,
            indicator=column.name if column else name,
            key=column.key if column else "",
        )
    one = next((i for i in named if i.stage == str(row["stage"])), named[0])
    return say(
        "masks.source", **facts, indicator=one.name, formula=one.formula, clause=one.clause, key=one.key
    )


def _place_ranks(text: str, found: list[Mask]) -> list[Mask]:
    """居全市第x位 after a level: its place among the counties, where no other shares it."""
    made: list[Mask] = []
    for mask in found:
        before = text[max(0, mask.start - 12) : mask.start]
        level = next((one for one in reversed(made) if one.row is not None), None)
        if mask.text or not _RANK.search(before) or text[mask.end : mask.end + 1] not in ("位", "名"):
            made.append(mask)
            continue
        between = text[level.end : mask.start] if level else "。"
        row = level.row if level else None
        if row is None or re.search(r"[。；;\n]|[，,].*[，,]", between) or int(row["of"]) < 2:
            made.append(replace(mask, why=say("masks.no_rank")))
        elif int(row["rank_first"]) != int(row["rank_last"]):
            tied = f"{int(row['rank_first'])}–{int(row['rank_last'])}"
            made.append(replace(mask, why=say("masks.rank_shared", place=tied, of=int(row["of"]))))
        else:
            said = say(
                "masks.source_rank", value=int(row["rank_first"]), of=int(row["of"]), row=name_row(row)
            )
            made.append(replace(mask, text=str(int(row["rank_first"])), why=said, row=row, role="rank"))
    return made


def _pair_ends(found: list[Mask]) -> list[Mask]:
    """由…提高到… is filled whole or not at all; two ends that print the same say nothing."""
    made = list(found)
    for k, (first, last) in enumerate(pairwise(found)):
        if (first.role, last.role) != ("from", "to"):
            continue
        if first.text and last.text and first.text == last.text:
            why = say("masks.same_ends", value=first.text)
            made[k], made[k + 1] = (replace(mask, text="", why=why, row=None) for mask in (first, last))
        elif first.text and not last.text:
            made[k] = replace(first, text="", why=last.why, row=None)
        elif last.text and not first.text:
            made[k + 1] = replace(last, text="", why=first.why, row=None)
    return made


def _drop_doubles(found: list[Mask]) -> list[Mask]:
    """No observation fills two masks of one sentence: where two are meant, at least one of them is another."""
    made = list(found)
    for k, mask in enumerate(found):
        for j in range(k + 1, len(found)):
            other = found[j]
            same = mask.row is not None and other.row is not None and mask.role == other.role != "rank"
            if same and mask.text == other.text and mask.why == other.why and other.start - mask.end < 80:
                made[k], made[j] = (
                    replace(m, text="", why=say("masks.twice"), row=None) for m in (mask, other)
                )
    return made


def _check_speech(text: str, found: list[Mask], known: pd.DataFrame, markup: str) -> list[Mask]:
    """The fills that stand once the checker has read the whole speech."""
    from edustats.briefing import check

    while True:
        speech, places = _compose_speech(text, found)
        wrong = [
            c for c in check(speech, known, markup)
            if c.verdict == "inconsistent" and not (c.kind == "enumeration_count" and _has_open(c.end, found, places))
        ]  # fmt: skip
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


def _has_open(end: int, found: list[Mask], places: list[tuple[int, int]]) -> bool:
    """Does a mask that is still open go on with a list that the checker counted?"""
    return any(not mask.text and end <= at[0] <= end + 8 for mask, at in zip(found, places, strict=True))


def _compose_speech(text: str, found: list[Mask]) -> tuple[str, list[tuple[int, int]]]:
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
    areas = zip(store.areas["en"].astype(str), store.areas["zh"].astype(str), strict=True)
    english = {en: zh for en, zh in areas if re.search(rf"\b{re.escape(en)}\b", document.text)}
    known = reference("\n".join([name, *english.values(), document.text]), store, area=area)
    known.attrs["english"] = english
    own = known[known["area_name"] == name]
    if not (own["year"] == year).any():
        have = ", ".join(str(y) for y in sorted(set(own["year"])))
        raise ParameterError("masks.no_year", area=store.name(area), year=year, have=have or "—")
    found = masks(document.text, known, year, document.markup, base_year)
    made = _word(document, found, lang) if document.data else _text(document.text, found, lang).encode()
    from edustats.briefing import _write_whole

    _write_whole(out, made)
    return found


def list_open(text: str, found: list[Mask], lang: str) -> list[str]:
    """Every mask that stays, by its number, with the words before it and its reason: for the copy and the screen."""
    lines = []
    for number, mask in enumerate((mask for mask in found if not mask.text), 1):
        near = re.split(r"[，,。；;\n]", text[max(0, mask.start - 12) : mask.start])[-1]
        lines.append(f"〔{number}〕{near}【{text[mask.start : mask.end]}】　{mask.why[lang]}")
    return lines


def _text(text: str, found: list[Mask], lang: str) -> str:
    """The filled speech, each fill with the number of its source, each mask left with the number of its reason."""
    parts: list[str] = []
    sources: list[str] = []
    done = left = 0
    for mask in found:
        parts.append(text[done : mask.start])
        unit = UNIT.match(text, mask.end) if mask.text else None
        unit = unit if unit is None or unit[0].strip() else re.compile("").match(text, mask.end)
        done = unit.end() if unit else mask.end
        if unit:
            sources.append(f"[{len(sources) + 1}] {mask.why[lang]}")
            parts.append(f"{mask.text}{unit[0]}[{len(sources)}]")
        else:
            left += 1
            parts.append(f"【{text[mask.start : mask.end]}】〔{left}〕")
    speech = "".join([*parts, text[done:]]).rstrip("\n")
    more = [say("masks.still_open")[lang], *list_open(text, found, lang), ""] if left else []
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

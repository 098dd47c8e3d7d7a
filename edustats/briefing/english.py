"""What does an English draft say about its numbers, and is it right?

The same kinds of rule as for Chinese: changes (rose by 3.2 % from 4,512 to 4,656; percentage points), shares
(of which, per cent of, one in five), sums, ratios and respectively. Each rule reads one sentence and condemns
only what its own words announce.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned

_N = (
    r"[$£€]?(?:about |around |nearly |over |almost |some |just )?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(?:\.\d{1,6})?"
    r"(?: ?(?:thousand|million|billion))?+"
)
_PCT = r"(?: ?%| ?per cent| ?percent)"
_POINTS = r" ?(?:percentage points?|pp|points)\b"
_WORDS: Final = {
    "half": 50.0, "a third": 100 / 3, "one third": 100 / 3, "two thirds": 200 / 3, "a quarter": 25.0,
    "one quarter": 25.0, "three quarters": 75.0, "a fifth": 20.0, "one fifth": 20.0, "two fifths": 40.0,
}  # fmt: skip
_SMALL: Final = {
    w: n
    for n, w in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
_SCALES: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_UP = r"rose|risen|increased|grew|grown|climbed|went up|improved|expanded|rising|increasing|growing|up"
_DOWN = r"fell|fallen|decreased|declined|dropped|went down|shrank|was cut|was reduced|falling|decreasing|declining|down"
WORD_ROOM: Final = 3.0


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number and the values it may stand for."""

    value: float
    room: Interval
    text: str


def _parse_number(text: str) -> Number:
    digits = re.search(r"[\d,]+(?:\.\d+)?", text)
    printed = digits.group().replace(",", "") if digits else "0"
    scale = next((s for word, s in _SCALES.items() if text.endswith(word)), 1.0)
    decimals = len(printed.partition(".")[2])
    exact = scale == 1.0 and not decimals
    half = 0.0 if exact else 0.5 * 10.0**-decimals
    loose = re.match(r"about|around|nearly|over|almost|some|just", text)
    if loose:
        half = 10.0 ** (len(printed) - len(printed.rstrip("0"))) if exact else 10.0**-decimals
    value = float(printed)
    return Number(value * scale, Interval((value - half) * scale, (value + half) * scale), text)


def _parse_rate(text: str) -> Number:
    """A percentage: 62.5 stands for 62.45 to 62.55, 60 for 59.5 to 60.5."""
    digits = re.search(r"\d+(?:\.\d+)?", text)
    printed = digits.group() if digits else "0"
    half = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    return Number(float(printed), Interval(float(printed) - half, float(printed) + half), text)


def english_readings(cleaned: Cleaned) -> Iterator[Reading]:
    """Readings of every rule in every sentence of an English text."""
    for match in re.finditer(r"(?:[^.!?;\n]|\.(?=\d)){1,1200}", cleaned.text):
        for rule in _RULES:
            yield from rule(match.group(), match.start())


def _make_reading(
    kind: str, relation: str, match: re.Match[str], offset: int, stated: Interval, printed: float, expected: Interval,
    value: float, error: str = "arithmetic", verdict: str = "",
) -> Reading:  # fmt: skip
    return Reading(
        kind=kind, relation=relation, numbers={"stated": printed}, start=offset + match.start(),
        end=offset + match.end(), stated=stated, printed=printed, expected=expected, value=round(value, 4), error=error,
        verdict=verdict, facts={"said": match.group().strip()[-24:], "v0": "", "v1": ""},
    )  # fmt: skip


# --- changes ---------------------------------------------------------------------------------------

_FROM_TO = rf"from (?P<a>{_N})(?P<ap>{_PCT})?(?: [a-z]+)?(?: in \d{{4}})? to (?P<b>{_N})(?P<bp>{_PCT})?"
_BY = rf"(?P<c>\d+(?:\.\d+)?)(?:(?P<pp>{_POINTS})|(?P<cp>{_PCT}))"
_MOVE = r"(?:increase|rise|growth|gain|improvement|decrease|fall|drop|decline|reduction)"
_AFTER = r"(?: [a-z]+){0,3}"
"""to 2,086 students, a decrease of 68."""
_BY_FROM = re.compile(rf"(?P<verb>{_UP}|{_DOWN})(?: by)? {_BY},? {_FROM_TO}", re.IGNORECASE)
_FROM_BY = re.compile(
    rf"(?P<verb>{_UP}|{_DOWN})(?: again| further| sharply| slightly| steadily)? {_FROM_TO}{_AFTER}(?: in \d{{4}})?,?"
    rf"(?: (?:which is |that is |i\.e\. )?(?:an? {_MOVE} of|up by|up|down by|down|by|or)) {_BY}",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?P<verb>{_UP}|{_DOWN})(?: again| further| sharply| slightly| steadily)? {_FROM_TO}", re.IGNORECASE
)
_DIFFERENCE = re.compile(
    rf"{_FROM_TO}{_AFTER}(?: in \d{{4}})?,? (?:an? {_MOVE} of|up by|down by|by) (?P<d>{_N})(?! ?(?:%|per|pp|points))",
    re.IGNORECASE,
)


_TO_FROM = re.compile(
    rf"(?P<verb>{_UP}|{_DOWN})(?: by)? {_BY} to (?P<b>{_N})(?P<bp>{_PCT})?,? from (?P<a>{_N})(?P<ap>{_PCT})?",
    re.IGNORECASE,
)
_UP_FROM = re.compile(
    rf"(?P<b>{_N}){_AFTER},? (?P<verb>up|down) from (?P<a>{_N}){_AFTER}(?: in \d{{4}})?,? "
    rf"(?:an? {_MOVE} of|by) (?P<d>{_N})(?! ?(?:%|per|pp|points))",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    rf"(?P<verb>more than doubled|doubled|more than tripled|tripled|halved),? {_FROM_TO}", re.IGNORECASE
)
_FACTORS: Final = {"doubled": 2.0, "tripled": 3.0, "halved": 0.5}
_GAP = re.compile(
    rf"(?P<a>{_N})(?P<ap>{_PCT})?,? (?P<d>\d+(?:\.\d+)?)(?:{_POINTS})? "
    r"(?:(?P<up>above|higher than|more than)|below|lower than|less than)"
    rf"[^.;\d]{{1,40}}? (?P<b>{_N})(?P<bp>{_PCT})",
    re.IGNORECASE,
)


def _check_multiples(sentence: str, offset: int) -> Iterator[Reading]:
    """Doubled, from 320 to 640: the ratio of the two."""
    for match in _MULTIPLE.finditer(sentence):
        read = _parse_rate if match["bp"] else _parse_number
        a, b = read(match["a"]), read(match["b"])
        word = match["verb"].lower().split()[-1]
        factor, more = _FACTORS[word], "more" in match["verb"].lower()
        room = 0.05 * factor
        stated = Interval(factor, float("inf")) if more else Interval(factor - room, factor + room)
        if a.room.lo > 0:
            ratio = b.room / a.room
            yield _make_reading(
                "growth_multiple", "v1 / v0 == times", match, offset, stated, factor, ratio, b.value / a.value
            )


def _check_gaps(sentence: str, offset: int) -> Iterator[Reading]:
    """93.4 percent, 1.8 points above the state average of 91.6 percent."""
    for match in _GAP.finditer(sentence):
        if not match["ap"]:
            continue
        a, b, d = (_parse_rate(match[name]) for name in "abd")
        gap = a.room - b.room if match["up"] else b.room - a.room
        value = abs(a.value - b.value)
        yield _make_reading(
            "gap_to_reference", "value - reference == gap", match, offset, d.room, d.value, gap, value
        )


def _check_changes(sentence: str, offset: int) -> Iterator[Reading]:
    told: list[tuple[int, int]] = []
    for pattern in (_BY_FROM, _FROM_BY, _TO_FROM):
        for match in pattern.finditer(sentence):
            told.append(match.span())
            yield _judge_change(match, offset)
    yield from _check_multiples(sentence, offset)
    yield from _check_gaps(sentence, offset)
    for match in [*_DIFFERENCE.finditer(sentence), *_UP_FROM.finditer(sentence)]:
        a, b, d = (_parse_number(match[name]) for name in "abd")
        if match.re is _UP_FROM or not (match["ap"] or match["bp"]):
            told.append(match.span())
            low, high = sorted((a, b), key=lambda n: n.value)
            yield _make_reading(
                "difference",
                "v1 - v0 == delta",
                match,
                offset,
                d.room,
                d.value,
                high.room - low.room,
                high.value - low.value,
            )
    for match in _PLAIN.finditer(sentence):
        if not any(start <= match.start() < end for start, end in told):
            yield _judge_direction(match, offset)


def _says_fall(match: re.Match[str]) -> bool:
    return re.fullmatch(_DOWN, match["verb"], re.IGNORECASE) is not None


def _judge_direction(match: re.Match[str], offset: int) -> Reading:
    read = _parse_rate if match["bp"] else _parse_number
    a, b = read(match["a"]), read(match["b"])
    right = b.room.lo < a.room.hi if _says_fall(match) else b.room.hi > a.room.lo
    smaller = re.search(
        r"rank|place|position|time|minutes|seconds", match.string[: match.end()], re.IGNORECASE
    )
    reading = _make_reading("direction", "the verb fits", match, offset, b.room, b.value, a.room, b.value, "direction",
                       "uncheckable" if smaller else "consistent" if right else "inconsistent")  # fmt: skip
    reading.facts.update(v0=match["a"], v1=match["b"])
    return reading


def _judge_change(match: re.Match[str], offset: int) -> Reading:
    rates = bool(match["bp"])
    read = _parse_rate if rates else _parse_number
    a, b, c = read(match["a"]), read(match["b"]), _parse_rate(match["c"])
    sign = -1 if _says_fall(match) else 1
    points = b.room - a.room
    growth = (b.room / a.room).plus(-1).times(100) if a.room.lo > 0 else Interval(float("-inf"), float("inf"))
    stated = c.room if sign > 0 else Interval(-c.room.hi, -c.room.lo)
    expected = points if match["pp"] else growth
    value = b.value - a.value if match["pp"] else 100 * (b.value / a.value - 1) if a.value else 0.0
    kind = "pp_change" if match["pp"] else "growth_rate"
    error, verdict = "arithmetic", ""
    if rates and not match["pp"] and points.meets(stated) and not growth.meets(stated):
        error = "percent_for_points_en"
    elif not rates and match["pp"]:
        error, verdict = "points_for_percent_en", "inconsistent"
    return _make_reading(
        kind, "change", match, offset, stated, sign * c.value, expected, value, error, verdict
    )


# --- shares ----------------------------------------------------------------------------------------

_NOUN = r"(?: [a-z][a-z\-–]*){1,5}"
_OF_THE = re.compile(
    rf"(?P<p>{_N})(?P<pn>{_NOUN})?(?: out)? of (?:the |all |a total of )?(?P<w>{_N})(?P<wn>{_NOUN})[^.;%\d]{{0,24}}?"
    rf"[(,] ?(?:or |which is |that is |i\.e\. )?(?P<c>\d+(?:\.\d+)?){_PCT}",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(
    rf"(?P<w>{_N}){_NOUN},? (?:of which|of whom|including) (?P<p>{_N})[^.;%\d]{{0,40}}?"
    rf"(?:[(,] ?(?:or |i\.e\. )?|(?:accounting for|representing|making up|or) )(?P<c>\d+(?:\.\d+)?){_PCT}",
    re.IGNORECASE,
)
_OF_FIRST = re.compile(
    rf"(?:^|, |\b)of (?:the |its |our )?(?P<w>{_N}){_NOUN},? (?P<p>{_N})[^.;%\d]{{0,40}}?"
    rf"[(,] ?(?:or |i\.e\. |an? (?:[a-z]+ )?rate of )?(?P<c>\d+(?:\.\d+)?){_PCT}",
    re.IGNORECASE,
)
_WORDS_FIRST = re.compile(
    rf"\b(?P<word>{'|'.join(_WORDS)}) of (?:the |its |our |all )?(?P<w>{_N}){_NOUN},? "
    rf"(?:\(|or |that is |i\.e\. )(?P<p>{_N})(?! ?%| per)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"(?P<p>{_N})(?P<pn>{_NOUN})?(?: out)? of (?:the |all )?(?P<w>{_N}){_NOUN}[^.;%\d]{{0,24}}?(?:,|\() ?"
    rf"(?:or |i\.e\. |about )?(?:(?P<word>{'|'.join(_WORDS)})|one in (?P<k>{'|'.join(list(_SMALL)[2:])}))\b",
    re.IGNORECASE,
)


def _check_shares(sentence: str, offset: int) -> Iterator[Reading]:
    done: list[int] = []
    for pattern in (_OF_THE, _OF_WHICH, _OF_FIRST):
        for match in pattern.finditer(sentence):
            p, w = _parse_number(match["p"]), _parse_number(match["w"])
            if w.room.lo <= 0 or p.value > w.value * 20 or match.start("c") in done or 1900 < w.value < 2100:
                continue
            done.append(match.start("c"))
            c = _parse_rate(match["c"])
            yield _make_reading(
                "ratio_share",
                "part / whole * 100 == share_pct",
                match,
                offset,
                c.room,
                c.value,
                (p.room / w.room).times(100),
                100 * p.value / w.value,
            )
    for match in [*_IN_WORDS.finditer(sentence), *_WORDS_FIRST.finditer(sentence)]:
        p, w = _parse_number(match["p"]), _parse_number(match["w"])
        share = _WORDS[match["word"].lower()] if match["word"] else 100 / _SMALL[match["k"].lower()]
        if w.room.lo > 0:
            stated = Interval(share - WORD_ROOM, share + WORD_ROOM)
            yield _make_reading(
                "ratio_share",
                "part / whole * 100 == share_pct",
                match,
                offset,
                stated,
                share,
                (p.room / w.room).times(100),
                100 * p.value / w.value,
            )
    yield from _check_parts(sentence, offset)


_PART = re.compile(
    rf"(?P<w>{_N})(?P<wn>{_NOUN}),? (?:of which|of whom) (?P<p>{_N})(?! ?%| per| out)", re.IGNORECASE
)


def _check_parts(sentence: str, offset: int) -> Iterator[Reading]:
    for match in _PART.finditer(sentence):
        p, w = _parse_number(match["p"]), _parse_number(match["w"])
        right = p.room.lo <= w.room.hi
        verdict = "consistent" if right else "inconsistent"
        told = (w.room, w.value, p.room, p.value)
        reading = _make_reading(
            "part_whole", "part <= whole", match, offset, *told, "part_above_whole", verdict
        )
        reading.facts.update(part=match["p"], whole=match["w"])
        yield reading


# --- sums and lists ----------------------------------------------------------------------------------

_ITEM = rf"{_N}(?: [a-z][a-z\-–]*){{1,4}}"
_LIST = rf"(?:{_ITEM}, ){{0,10}}{_ITEM},? and {_ITEM}"
_WHOLE_LIST = re.compile(
    rf"(?P<w>{_N})(?P<wn>{_NOUN}) ?(?::|\(|, (?:namely|made up of|comprising|consisting of)|, of which) ?"
    rf"(?P<list>{_LIST})",
    re.IGNORECASE,
)
_LIST_TOTAL = re.compile(
    rf"(?P<list>{_LIST}),? (?:\(?(?:a total of|in total|altogether|totalling|making)) ?(?P<w>{_N})",
    re.IGNORECASE,
)


_MORE_ITEMS = re.compile(
    r"[^.;\d]{0,20},? (?:plus|as well as|and another|along with|together with)\b", re.IGNORECASE
)
_NAMED_ITEM = rf"(?:[a-z][a-z\-–]* ){{1,4}}(?:is |was |has |had |enrolled )?{_N}(?! ?%| per)"
_NAMED_LIST = re.compile(
    rf"(?P<list>(?:{_NAMED_ITEM}, ){{0,8}}{_NAMED_ITEM},? and {_NAMED_ITEM}),? (?:for|making) a total of (?P<w>{_N})",
    re.IGNORECASE,
)


def _check_sums(sentence: str, offset: int) -> Iterator[Reading]:
    for pattern in (_WHOLE_LIST, _LIST_TOTAL, _NAMED_LIST):
        for match in pattern.finditer(sentence):
            parts = [_parse_number(text) for text in re.findall(_N, match["list"])]
            w = _parse_number(match["w"])
            total = Interval(sum(p.room.lo for p in parts), sum(p.room.hi for p in parts))
            value = sum(p.value for p in parts)
            if _MORE_ITEMS.match(sentence, match.end()):
                continue  # 8 elementary, 3 middle and 2 high schools, plus one alternative center
            announced = (
                pattern is not _WHOLE_LIST or match.group()[match.start("list") - match.start() - 2] != "h"
            )
            if announced or total.lo > w.room.hi or total.meets(w.room):
                reading = _make_reading(
                    "sum_of_parts", "sum(parts) == whole", match, offset, w.room, w.value, total, value, "sum"
                )
                reading.facts.update(parts=", ".join(p.text for p in parts), whole=match["w"])
                yield reading


_VALUES = re.compile(
    rf"(?P<values>{_N}{_PCT}?(?:, {_N}{_PCT}?){{0,12}},? and {_N}{_PCT}?),? respectively", re.IGNORECASE
)
_LABEL = r"[A-Za-z][\w\-–]{0,20}(?: [a-z][\w\-–]{0,20}){0,2}"
_LABELS = re.compile(
    rf"(?:{_LABEL}, ){{1,10}}(?:{_LABEL},? )and [A-Za-z]|[A-Za-z][\w\-–]{{0,20}} and [A-Za-z][\w\-–]{{0,20}}"
)


def _check_respectively(sentence: str, offset: int) -> Iterator[Reading]:
    for match in _VALUES.finditer(sentence):
        n = len(re.findall(_N, match["values"]))
        labels = list(_LABELS.finditer(sentence, 0, match.start()))
        if not labels:
            continue
        listed = labels[0].group()
        count = listed.count(", ") + 1 if ", " in listed else 2
        count += 1 if ", " in listed and ", and" not in listed else 0
        reading = _make_reading(
            "enumeration_count",
            "len(labels) == len(values)",
            match,
            offset,
            Interval(n, n),
            n,
            Interval(count, count),
            count,
            "labels",
        )
        reading.facts.update(labels=count, values=n)
        if n >= 2 and len(labels) == 1:
            yield reading


_TO_ONE = re.compile(
    rf"(?P<t>{_N}) (?:full-time )?teachers[^.;\d]{{0,40}}?(?P<p>{_N}) (?:pupils|students|children)[^.;\d]{{0,40}}?"
    rf"ratio (?:of|is|was|being) (?P<r>\d+(?:\.\d+)?)(?: to 1|:1)",
    re.IGNORECASE,
)
_RATIO = re.compile(
    rf"(?P<p>{_N}) (?:pupils|students|children)[^.;\d]{{0,40}}?(?P<t>{_N}) (?:full-time )?teachers[^.;\d]{{0,40}}?"
    rf"(?:pupil|student)[-–—/ ]teacher ratio (?:of|is|was|being) (?P<r>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)


def _check_ratios(sentence: str, offset: int) -> Iterator[Reading]:
    for match in [*_RATIO.finditer(sentence), *_TO_ONE.finditer(sentence)]:
        p, t, r = _parse_number(match["p"]), _parse_number(match["t"]), _parse_rate(match["r"])
        if t.room.lo > 0:
            expected = p.room / t.room
            wide = Interval(expected.lo * 0.99, expected.hi * 1.01)
            yield _make_reading(
                "ratio_share",
                "numerator / denominator == ratio",
                match,
                offset,
                r.room,
                r.value,
                wide,
                p.value / t.value,
            )


_RULES: Final[tuple[Callable[[str, int], Iterator[Reading]], ...]] = (
    _check_changes,
    _check_shares,
    _check_sums,
    _check_respectively,
    _check_ratios,
)

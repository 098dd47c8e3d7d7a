"""Are as many things listed as were announced?

Rules for 三点意见, 四大工程, A、B、C等五项管理, 一是…二是…, (一)…(四), and for the labels of 分别.
Where an item ends is often unclear in Chinese, so a number of items is a range; only a list whose items
are plain (numbered, quoted, or short and alike) can show that the number announced is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned

_N = r"(?P<n>[一二两三四五六七八九]?十?[一二两三四五六七八九]|[一二三]?十|\d{1,2})"
_MEASURE = r"(?:个方面|方面|大|个|项|条|点|种|类|门|件|场|组|支|所|家|名|位|届|步|环节|阶段|级|位一体)"
_ANNOUNCED = re.compile(
    rf"(?<![第\d.万亿千百十约近余—\-/A-Za-z]){_N}(?P<measure>{_MEASURE})(?!以上|左右|百分|月|季|亿|小时|工作日|多|学期|[多余])(?P<noun>[\u4e00-\u9fff]{{0,10}})"
)
_NUMERALS: Final = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_UP_TO_40: Final = tuple(
    f"{'' if n < 10 else '十' if n < 20 else _NUMERALS[n // 10] + '十'}{_NUMERALS[n % 10]}"
    for n in range(1, 41)
)
_NOT_INSIDE: Final = r"(?<![一二三四五六七八九十\d])"
"""一是 also stands in 十一是."""


def _marker_patterns(form: str, numerals: tuple[str, ...] = _UP_TO_40) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_NOT_INSIDE + re.escape(form.format(n))) for n in numerals)


_SPOKEN: Final = (
    _marker_patterns("{}是"),
    _marker_patterns("{}要"),
    _marker_patterns("第{}，"),
    _marker_patterns("第{}个"),
)
_ORDINALS: Final = (
    *_SPOKEN,
    _marker_patterns("第{}阶段"),
    _marker_patterns("({})"),
    _marker_patterns("{}、"),
    _marker_patterns("({})", tuple(map(str, range(1, 41)))),
)
_HEADWORDS: Final = (
    "统筹",
    "重点",
    "率先",
    "全面",
    "坚持",
    "基本",
    "根本",
    "必须",
    "更加",
    "着力",
    "突出",
    "强化",
    "深化",
    "聚焦",
    "围绕",
    "促进",
    "推进",
    "不得",
    "不准",
    "严禁",
)
QUOTED: Final = 40
"""Characters of a list that are quoted after the words that announce it."""
_ITEM_END = re.compile(r"[。；\n]")
_VERBS = re.compile(
    r"^(?:着力|大力|重点|加快|持续|扎实|深入|全面)?(?:推进|实施|加强|强化|围绕|聚焦|抓好|落实|包括|深化|统筹|开展|举办|建设|推动|完善|做好|健全|突出|坚持|形成|构建|涵盖|包含|提升|开设|打造|设立|对|在|以|从|把|与|和|及|由|为|按照|通过)+"
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many items were counted, at least and at most; ``plain`` when their ends are certain."""

    least: int
    most: int
    plain: bool
    end: int

    def holds(self, n: int) -> bool:
        """Could it be n?"""
        return self.least <= n <= self.most


def listing_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """Readings of every announced number of things whose list can be seen."""
    text = cleaned.text
    for match in _ANNOUNCED.finditer(text):
        n = int(match["n"]) if match["n"].isdigit() else parse_small_number(match["n"])
        if 2 <= n <= 40:
            reading = _check_announced_count(match, n, text)
            if reading is not None and (reading.verdict != "uncheckable" or 3 <= n <= 12):
                yield reading
    yield from _paired_words(text)
    yield from _check_numbering(text)
    yield from _check_respectively(text, found)
    yield from _check_series(cleaned, found)


def _check_announced_count(match: re.Match[str], n: int, text: str) -> Reading | None:
    if _AT_LEAST.search(text, max(0, match.start() - 4), match.start()):
        return None
    quoted = _quoted_before(match, n, text)
    if quoted is not None:
        return _judge_count(n, quoted, quoted.end, match.end("measure") + len(match["noun"]))
    before = _listed_before(match, n, text)
    if before is not None:
        return _judge_count(n, before, before.end, match.end("measure") + len(match["noun"]))
    methods = (_by_ordinals, _by_enumeration, _by_headword)
    counts = [count for method in (*methods, _by_bracket) if (count := method(match, n, text))]
    plain = next((count for count in counts if count.plain), None)
    count = plain or next((count for count in counts if count.holds(n)), None)
    if count is None:
        return None
    end = max(match.end(), min(count.end, match.end() + QUOTED))
    return _judge_count(n, count, _clause_start(text, match.start()), end)


def _clause_start(text: str, position: int) -> int:
    """Start of the clause that a position stands in, looked for over 200 characters."""
    edge = max(0, position - 200)
    return max(edge - 1, *(text.rfind(sign, edge, position) for sign in "，。；：\n")) + 1


def _judge_count(n: int, count: Count, start: int, end: int) -> Reading:
    right = count.holds(n)
    verdict = "consistent" if right else "inconsistent" if count.plain else "uncheckable"
    counted = n if right else count.most
    return Reading(
        kind="enumeration_count",
        relation="listed == stated",
        numbers={"stated": n, "counted": counted},
        start=min(start, end),
        end=max(start, end),
        printed=n,
        value=counted,
        verdict=verdict,
        error="enumeration" if verdict != "uncheckable" else "enumeration_unclear",
        firm=count.plain,
        facts={"said": n},
    )


_AT_LEAST: Final = re.compile(r"(?:至少|不少于?|超过?|近|约)$")
_QUOTED_LIST: Final = re.compile(r"“(?P<items>[^“”\n]{2,80})”(?:这|等)?$")


def _quoted_before(match: re.Match[str], n: int, text: str) -> Count | None:
    """“督导、考核、激励”三项机制: the members stand inside one pair of quotes."""
    quoted = _QUOTED_LIST.search(text, max(0, match.start() - 90), match.start())
    if quoted is None or "、" not in quoted["items"]:
        return None
    items = re.split(r"[、，；]", quoted["items"])
    if "，" in quoted["items"] or "；" in quoted["items"]:
        return Count(
            min(n, len(items)), max(n, len(items)), False, quoted.start()
        )  # pairs, or a longer saying
    joined = re.search(r"[和与及\d]|以及", quoted["items"])
    alike = max(map(len, items)) <= 6 and max(map(len, items)) - min(map(len, items)) <= 1
    plain = not joined and alike and n >= 3 and abs(len(items) - n) <= 2 and "等" not in quoted.group()[-1]
    return Count(len(items), len(items) + bool(joined), plain, quoted.start())


_BRACKETED = re.compile(r"\((?P<items>[^()。；\d]{3,80})\)")


def _by_bracket(match: re.Match[str], n: int, text: str) -> Count | None:
    """三个县(甲县、乙县、丙县): the members stand in the bracket right after it."""
    found = next((b for b in _BRACKETED.finditer(text, match.end("measure"), match.end() + 90)), None)
    if found is None or not re.fullmatch(r"[\u4e00-\u9fff]{0,8}", text[match.end("measure") : found.start()]):
        return None
    items = re.split(r"、|和|及|与", found["items"])
    plain = len(items) >= 2 and not re.search(r"，|等|其中|含|包括", found["items"]) and _ends_alike(items)
    return Count(len(items), len(items), plain, found.end()) if plain else None


def _ends_alike(items: list[str]) -> bool:
    """甲县、乙县、丙区: each is the name of an area or of a school."""
    return all(re.fullmatch(r"[\u4e00-\u9fff]{1,9}[县区市旗镇乡校园学]", item) for item in items)


# --- a list before the number: 作业、睡眠、手机、读物、体质五项管理 ---


def _listed_before(match: re.Match[str], n: int, text: str) -> Count | None:
    stop = match.start()
    start = _clause_start(text, stop)
    clause = text[start:stop]
    attached = bool(clause)
    if (
        "、" not in clause
        and start > 1
        and text[start - 1] == "，"
        and match["measure"] in ("个", "大", "项")
    ):
        stop = start - 1
        start = _clause_start(text, stop)
        clause, attached = text[start:stop], False
    if "、" not in clause:
        return None
    open_ended = clause.rstrip("共这").endswith("等")
    if not attached and _parse_count(clause, plain=False, end=start).most != n:
        return None
    count = _parse_count(
        clause.rstrip("共这").removesuffix("等"), plain=attached and _are_plain(clause, n), end=start
    )
    if open_ended:
        return Count(
            min(count.least, n) if count.least <= n else count.least,
            max(count.most, n) if count.least <= n else count.most,
            count.plain,
            start,
        )
    return count


def _are_plain(clause: str, n: int) -> bool:
    """Short items of like length, or quoted ones, have certain ends."""
    body = _VERBS.sub("", clause.rstrip("共这").removesuffix("等"))
    items = re.split(r"[、和及与]", body)
    if len(items) < 2 or n < 3 or re.search(r"[\d()]", body):
        return False
    if all(re.fullmatch(r"[“《][^“”《》]{1,20}[”》]", item) for item in items):
        return True
    lengths = {len(item) for item in items}
    alike = max(lengths) <= 4 and max(lengths) - min(lengths) <= 1
    return alike and abs(len(items) - n) <= 2 and not re.search(r"[和及与]", body)


def _parse_count(clause: str, *, plain: bool, end: int) -> Count:
    clause = re.sub(r"\([^()]{0,40}\)|“[^“”]{0,40}”|《[^《》]{0,60}》", "名", clause)
    commas = clause.count("、")
    joined = len(re.findall(r"和|及|与|以及", clause))
    return Count(commas + 1, commas + 1 + joined, plain, end)


# --- a list after the number ---


def _by_ordinals(match: re.Match[str], n: int, text: str) -> Count | None:
    """一是…二是…, (一)…(二)…, 第一阶段…: the unbroken run after the number that fits, else the first."""
    window = text[match.end() : match.end() + 6000]
    counts = [count for markers in _ORDINALS if (count := _follow_markers(window, markers, match.end()))]
    plain = next((count for count in counts if count.plain), None)
    if plain is None and n in _heading_runs(text) and match["measure"] in _HEADED:
        return Count(n, n, False, match.end())
    return plain or next((count for count in counts if count.holds(n)), None)


_HEADED: Final = ("点", "个方面", "方面", "个", "项", "步")


@lru_cache(maxsize=4)
def _heading_runs(text: str) -> frozenset[int]:
    """Lengths of the runs of headings 一、 二、 三、: a table of contents tells what a cut text had."""
    runs, last = set(), 0
    for match in re.finditer(r"^ ?([一二三四五六七八九十]{1,2})、", text, re.MULTILINE):
        n = parse_small_number(match[1])
        last = n if n == last + 1 else 1 if n == 1 else 0
        runs.add(last)
    return frozenset(runs - {0, 1})


def _follow_markers(window: str, markers: tuple[re.Pattern[str], ...], offset: int) -> Count | None:
    """How far the markers go, from the first one near the number to the next first one."""
    spoken = markers in _SPOKEN
    opening = markers[0].search(window, 0, 120 if spoken else 400)
    if opening is None:
        return None
    first = place = opening.start()
    restart = markers[0].search(window, opening.end())
    stop = restart.start() if restart else len(window)
    run = 1
    for marker in markers[1:]:
        following = marker.search(window, place + 1, stop)
        if following is None:
            break
        run, place = run + 1, following.start()
    lead = window[:first]
    close = markers in _SPOKEN[:2] and first <= 12 and place - first < 2500
    alone = "\n" not in lead and not re.search(rf"\d|{_N.replace('P<n>', ':', 1)}{_MEASURE}", lead)
    return Count(run, run, close and alone and run >= 2, offset + place + 2)


def _by_enumeration(match: re.Match[str], n: int, text: str) -> Count | None:
    """：A、B和C。 or 即A、B、C。"""
    opener = re.compile(r"[\u4e00-\u9fff”》]{0,12}?(?P<mark>：|，?即|，?分别(?:是|为)|，?包括|。)").match(
        text, match.end("measure")
    )
    if opener is None:
        return None
    stop = _ITEM_END.search(text, opener.end())
    body = text[opener.end() : stop.start() if stop else len(text)][:300]
    head = body.split("，")[0]
    if "、" not in head and not re.search(r"和|及|与", head):
        return None
    if re.search(rf"(?:^|、|和|及|与){_N.replace('P<n>', ':', 1)}{_MEASURE}", head):
        return None  # 22个指标，包括12个预期性指标、10个约束性指标: numbers of members, not members
    clear = (
        opener["mark"] != "。" and "，" not in body and "等" not in body and not re.search(r"和|及|与", body)
    )
    count = _parse_count(head, plain=False, end=opener.end() + len(head))
    short = all(len(item) <= 8 for item in head.split("、"))
    return Count(count.least, count.most, clear and short and count.least >= 2, count.end)


def _by_headword(match: re.Match[str], n: int, text: str) -> Count | None:
    """5个统筹，即统筹…，统筹…; or one phrase that comes back as often as announced."""
    stop = text.find("\n", match.end())
    window = text[match.end() : stop if stop >= 0 else len(text)][:700]
    named = next((word for word in _HEADWORDS if word in match["noun"][:4]), None)
    if named:
        hits = len(re.findall(rf"(?:^|[，。；：、]|即){named}", window))
        loose = window[:300].count(named)
        if n in (hits, loose):
            return Count(n, n, False, match.end())
    phrases = Counter(re.findall(r"[为让以把][\u4e00-\u9fff]{4}", window))
    return Count(n, n, False, match.end()) if n >= 3 and n in phrases.values() else None


def _paired_words(text: str) -> Iterator[Reading]:
    """两率先一根本：率先…，率先…，根本…."""
    for match in re.finditer(
        r"(?P<a>[两二三四五六])(?P<w>[\u4e00-\u9fff]{2})(?P<b>[一两二三四五六])(?P<v>[\u4e00-\u9fff]{2})(?=：|”：)",
        text,
    ):
        window = text[match.end() : match.end() + 300]
        pairs = [(parse_small_number(match["a"]), match["w"]), (parse_small_number(match["b"]), match["v"])]
        counted = [len(re.findall(rf"[，。；：“]{word}", window)) for _, word in pairs]
        if counted == [n for n, _ in pairs]:
            yield Reading(
                kind="enumeration_count",
                relation="listed == stated",
                start=match.start(),
                end=match.end(),
                numbers={"stated": [n for n, _ in pairs], "counted": counted},
                printed=[n for n, _ in pairs],
                value=counted,
                verdict="consistent",
                facts={"said": match.group()},
            )


_OUTLINE = re.compile(r"\((?P<n>[一二三四五六七八九十]{1,3})\)(?=[\u4e00-\u9fff“])")


def _check_numbering(text: str) -> Iterator[Reading]:
    """(一)…(二十四): one unbroken outline."""
    run: list[tuple[int, re.Match[str]]] = []
    for match in [*_OUTLINE.finditer(text), None]:
        n = parse_small_number(match["n"]) if match else 1
        if n == 1 or match is None:
            yield from _judge_outline(run)
            run = []
        if match is not None:
            run.append((n, match))


def _judge_outline(run: list[tuple[int, re.Match[str]]]) -> Iterator[Reading]:
    numbers = [n for n, _ in run]
    if len(run) < 5 or numbers != list(range(1, len(run) + 1)):
        return
    last = run[-1][1]
    heading = re.compile(r"[^。，；：\n]{0,24}").match(last.string, last.end())
    yield Reading(
        kind="enumeration_count",
        relation="numbering is continuous",
        numbers={"sequence": numbers},
        start=last.start(),
        end=heading.end() if heading else last.end(),
        printed=numbers[-1],
        value=len(run),
        verdict="consistent",
        facts={"said": numbers[-1]},
    )


# --- 分别 ---


def _check_respectively(text: str, found: list[Mention]) -> Iterator[Reading]:
    """小学、初中、高中分别达到a、b、c: as many labels as numbers."""
    for m in found:
        if m.place or m.length < 2 or "分别" not in m.near:
            continue
        values = found[m.index : m.index + m.length]
        start = max(text.rfind(sign, max(0, m.q.start - 160), m.q.start) for sign in "。；\n") + 1
        if _MORE_VALUES.match(text, values[-1].q.end):
            continue  # 分别提高3分、5分和1毛钱: the last value is not among the numbers read
        before = text[start : m.q.start].rpartition("分别")[0]
        singles = [x for x in found[max(0, m.index - 8) : m.index] if x.sentence == m.sentence and x.is_level]
        if len(singles) >= m.length and "、" not in before:
            continue  # each value belongs to one of the levels named before
        yield from _split_labels(before, start, values)


_MORE_VALUES = re.compile(r"[余多]?(?:、|和|及|与|以及)(?:约|近|超)?[\d一二两三四五六七八九十百千]")
_RISING = re.compile(
    r"逐年(?:稳步|持续|大幅)?(?:(?P<up>增长|增加|提高|上升|提升|递增|攀升|改善|扩大)|(?P<down>下降|减少|降低|递减|缩小|回落))"
)


def _check_series(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """逐年提高，分别为80.1%、82.3%、84.0%: every number beyond the one before it."""
    for m in found:
        if m.place or m.length < 3 or (not m.is_level and m.role != "share"):
            continue
        start, stop = cleaned.sentence_bounds(m.sentence)
        match = _RISING.search(
            cleaned.text, max(start, m.q.start - 120), min(stop, found[m.index + m.length - 1].q.end + 40)
        )
        if match is None:
            continue
        values = [x.q.base for x in found[m.index : m.index + m.length]]
        right = values == sorted(values, reverse=bool(match["down"]))
        yield Reading(
            kind="direction",
            relation="series is monotonic",
            numbers={"values": [x.q.value for x in found[m.index : m.index + m.length]]},
            start=min(match.start(), m.q.start),
            end=max(match.end(), found[m.index + m.length - 1].q.end),
            printed=None,
            value=None,
            verdict="consistent" if right else "inconsistent",
            error="monotonic",
            facts={
                "said": match.group(),
                "parts": "、".join(f"{x.q.value:g}" for x in found[m.index : m.index + m.length]),
            },
        )


_RESULT = re.compile(r"\d")


_YEAR_NUMBER = re.compile(r"(?<!\d)(?:(?:19|20)\d{2}|\d{1,2}(?=月|季度|年级|岁|班))")


def _split_labels(before: str, start: int, values: list[Mention]) -> Iterator[Reading]:
    n, end = len(values), values[-1].q.end
    clauses = [clause for clause in re.split(r"[，：]", before) if clause]
    nearest = clauses[-1] if clauses else ""
    if "、" in nearest or re.search(r"和|及|与", nearest):
        clauses = [nearest]
    listed = [clause for clause in clauses if "、" in clause or re.search(r"和|及|与", clause)]
    last_listed = next(
        (clause for clause in reversed(clauses) if "、" in clause), listed[-1] if listed else ""
    )
    if _RESULT.search(_YEAR_NUMBER.sub("", last_listed)):
        return  # 2022年、2023年招生分别为3860人、3667人，毕业分别为…: the values of the list before
    count = _parse_count(last_listed, plain=False, end=end)
    numbers = {"labels": count.most if last_listed else 0, "values": [m.q.value for m in values]}
    shared: dict[str, Any] = {
        "kind": "enumeration_count",
        "relation": "len(labels) == len(values)",
        "numbers": numbers,
        "end": end,
        "start": start + max(0, before.rfind(last_listed)) if last_listed else max(start, end - 80),
        "printed": n,
    }
    span = re.search(r"(20\d{2})[-—至](20\d{2})年", before)
    spans = int(span[2]) - int(span[1]) + 1 if span else 0
    named = re.search(r"([两三四五六七八九十])年", before)
    spans = spans or (parse_small_number(named[1]) if named else 0)
    if spans == n or (last_listed and count.holds(n)):
        yield Reading(value=n, verdict="consistent", facts={"said": n}, **shared)
    elif not last_listed:
        yield Reading(value=None, verdict="uncheckable", severity="warning", error="labels_missing", **shared)
    else:
        # Six values for four names are two measures of three; one too many or too few is a slip.
        slip = abs(n - count.least) == 1 and count.least >= 3
        firm = slip and not re.search(r"和|及|与|等", last_listed)
        yield Reading(
            value=count.most,
            verdict="inconsistent" if firm else "uncheckable",
            severity="" if firm else "warning",
            error="labels",
            facts={"labels": count.most, "values": n},
            **shared,
        )

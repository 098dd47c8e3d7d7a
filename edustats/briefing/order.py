"""Do numbers of the same draft stand in a possible order?

Rules for a subset and its superset (一本 and 二本以上), ranks, thresholds, the number of counties wherever it
appears, and quotas that are published.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned


def order_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """Readings of order across the whole text."""
    yield from _check_supersets(found)
    yield from _check_ranks(cleaned.text)
    yield from _rank_moves(cleaned.text)
    yield from _ranks_against(cleaned.text)
    yield from _check_unit_counts(cleaned.text)
    yield from _check_quotas(cleaned.text)
    yield from _class_sizes(cleaned.text)
    yield from _check_benchmarks(found)


def _check_supersets(found: list[Mention]) -> Iterator[Reading]:
    for inner, outer in LEXICON.raw["supersets"]["pairs"]:
        parts = [m for m in found if inner in m.near and "超" not in m.near[: m.near.index(inner)][-1:]]
        wholes = [m for m in found if outer in m.near and not (inner in m.near and len(inner) > len(outer))]
        for part in parts:
            whole = next(
                (
                    m
                    for m in wholes
                    if m.role == part.role and m.q.dimension == part.q.dimension and m.index != part.index
                ),
                None,
            )
            if whole is not None:
                yield _judge_superset(part, whole, inner, outer)


def _judge_superset(part: Mention, whole: Mention, inner: str, outer: str) -> Reading:
    right = part.q.lo <= whole.q.hi
    close = part.sentence == whole.sentence
    start, end = span(part, whole) if abs(part.q.start - whole.q.start) < 200 else span(whole)
    return Reading(
        kind="part_whole",
        relation="subset <= superset",
        numbers={"part": part.q.value, "whole": whole.q.value},
        start=start,
        end=end,
        printed=part.q.value,
        value=None,
        error="superset",
        verdict="consistent" if right else "inconsistent" if close else "uncheckable",
        severity="" if right or close else "warning",
        facts={"part": inner, "whole": outer},
    )


_RANK = re.compile(
    r"(?:(?P<of>\d{1,3})个(?:市州|地市|设区市|县市区|县区|区县|县|市|省份|省|单位|国家)[^，。；]{0,8}?)?"
    r"(?:居|位列|位居|列|排名?|排在|稳居|跃居|名列)(?P<where>[^，。；\d]{0,10}?)第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})(?:位|名)?(?![届次期个批])"
    r"|(?:居|位列|位居|进入|稳居)(?P<group>[^，。；\d]{0,6}?)前(?P<top>[三五十]|\d{1,2})(?:位|名)?"
)


def _check_ranks(text: str) -> Iterator[Reading]:
    for match in _RANK.finditer(text):
        word = match["n"] or match["top"]
        n = int(word) if word.isdigit() else parse_small_number(word)
        of = int(match["of"]) if match["of"] else 0
        impossible = bool(of) and n > of
        yield Reading(
            kind="rank",
            relation="rank <= number of units",
            numbers={"rank": n} | ({"of": of} if of else {}),
            start=match.start(),
            end=match.end(),
            printed=n,
            value=of or None,
            error="rank" if of else "rank_unknown",
            verdict="inconsistent" if impossible else "consistent" if of else "uncheckable",
            facts={"whole": of, "said": n},
        )


_PLACE: Final = r"(?:[一二三四五六七八九十]{1,3}|\d{1,3})"
_RANK_MOVE = re.compile(
    rf"(?:由|从)[^，。；\d]{{0,14}}?(?P<mark>第)?(?P<first>{_PLACE})(?:位|名)?(?P<verb>上升|提升|跃升|攀升|提高|前移|进位|上移|下降|下滑|后移|退|跌|降|升|进)"
    rf"(?:到|至|为)[^，。；\d]{{0,10}}?第?(?P<last>{_PLACE})(?:位|名)(?:[，、](?:共|累计)?(?:上升|提升|跃升|前移|提高|进|升|下降|下滑|后移|退|跌|降)(?:了)?"
    rf"(?P<steps>{_PLACE})(?:个位次|个名次|位|名|个))?"
)
_UPWARD: Final = frozenset(["上升", "提升", "跃升", "攀升", "提高", "前移", "进位", "上移", "升", "进"])


def _rank_moves(text: str) -> Iterator[Reading]:
    """由第7位上升到第4位，上升3个位次: a better rank is a smaller one."""
    for match in _RANK_MOVE.finditer(text):
        named = match["mark"] or re.search(
            r"排名|位次|名次|排位", text[max(0, match.start() - 16) : match.end()]
        )
        if not named:
            continue
        first, last = (_parse_rank(match[name]) for name in ("first", "last"))
        up = match["verb"] in _UPWARD
        right = last < first if up else last > first
        steps = _parse_rank(match["steps"]) if match["steps"] else abs(first - last)
        yield Reading(
            kind="rank",
            relation="rank moves as the verb says",
            numbers={"first": first, "last": last, "steps": steps},
            start=match.start(),
            end=match.end(),
            printed=steps,
            value=abs(first - last),
            verdict="consistent" if right and steps == abs(first - last) else "inconsistent",
            error="rank_moved",
            facts={"first": first, "last": last, "said": match.group()},
        )


_RANK_AGAINST = re.compile(
    rf"第(?P<last>{_PLACE})(?:位|名)，(?:[比较](?:上年|去年|上一年|上学年|上次|20\d\d年)|由(?:上年|去年))的?第(?P<first>{_PLACE})(?:位|名)"
    rf"(?P<verb>上升|提升|跃升|前移|提高|进位|进|升|下降|下滑|后移|退后|退|跌|降)(?:了)?(?P<steps>{_PLACE})(?:个位次|个名次|位|名|个)"
)


def _ranks_against(text: str) -> Iterator[Reading]:
    """排名第21位，较上年第29位前移8位: the rank now, the rank then, and the steps between."""
    for match in _RANK_AGAINST.finditer(text):
        first, last, steps = (_parse_rank(match[name]) for name in ("first", "last", "steps"))
        gained = first - last if match["verb"] in _UPWARD else last - first
        yield Reading(
            kind="rank",
            relation="rank moves as the verb says",
            numbers={"first": first, "last": last, "steps": steps},
            start=match.start(),
            end=match.end(),
            printed=steps,
            value=abs(first - last),
            verdict="consistent" if gained == steps else "inconsistent",
            error="rank_moved",
            facts={"first": first, "last": last, "said": match.group()},
        )


def _parse_rank(word: str) -> int:
    return int(word) if word.isdigit() else parse_small_number(word)


_AREAS: Final = r"(?:县市区|县\(市、区\)|区\(县、市\)|县\(区\)|县区|区县|市县|县级单位)"
_COUNTED: Final = re.compile(
    rf"(?P<n>\d{{1,3}})个(?P<area>{_AREAS})(?P<all>全部|均|都|全面|[\u4e00-\u9fff]{{0,6}}社区学院)?"
)
_BUILT: Final = re.compile(
    rf"(?<!\d个){_AREAS}(?:均|已)?(?:建成|建立|完成|建有)[^，。；\d]{{0,12}}(?P<n>\d{{1,3}})个"
)


def _check_unit_counts(text: str) -> Iterator[Reading]:
    """The number of counties is the same wherever all of them are meant, and bounds what they have built."""
    by_area: dict[str, list[re.Match[str]]] = defaultdict(list)
    for match in _COUNTED.finditer(text):
        by_area[match["area"]].append(match)
    for area, matches in by_area.items():
        numbers = [int(match["n"]) for match in matches]
        most = max(numbers)
        for match in matches:
            if numbers.count(most) >= 2 and int(match["n"]) == most:
                yield Reading(
                    kind="other",
                    relation="the same number wherever it appears",
                    start=match.start(),
                    end=match.end(),
                    numbers={"n": most, "times": numbers.count(most)},
                    printed=most,
                    value=most,
                    verdict="consistent",
                )
        for built in _BUILT.finditer(text):
            if area in built.group() and int(built["n"]) <= most:
                yield Reading(
                    kind="part_whole",
                    relation="part <= number of units",
                    start=built.start(),
                    end=built.end(),
                    numbers={"part": int(built["n"]), "whole": most},
                    printed=int(built["n"]),
                    value=most,
                    verdict="consistent",
                )
    yield from _check_tiers(text)


_TIERS: Final = re.compile(
    rf"(?P<a>\d{{1,3}})个{_AREAS}[^。；\n\d]{{0,20}}?(?P<b>\d{{1,4}})个(?:乡镇|街道|社区学校)[^。；\n\d]{{0,20}}?"
    r"(?P<c>\d{1,5})个(?:行政村|村|社区|社区学习中心)"
)


def _check_tiers(text: str) -> Iterator[Reading]:
    for match in _TIERS.finditer(text):
        levels = [int(match[name]) for name in "abc"]
        if levels == sorted(levels):
            yield Reading(
                kind="part_whole",
                relation="upper level <= lower level",
                numbers={"levels": levels},
                start=match.start(),
                end=match.end(),
                printed=None,
                value=levels,
                verdict="consistent",
            )


_FUNDS: Final = re.compile(
    r"公用经费[^。；]{0,24}小学(?:生)?(?:每生|生均|人均)?[^。；\d]{0,6}(?P<a>\d{3,4})元[^。；\d]{0,6}初中(?:生)?(?:每生|生均|人均)?[^。；\d]{0,6}(?P<b>\d{3,4})元"
)


def _check_quotas(text: str) -> Iterator[Reading]:
    """Public funds per pupil that equal a published base."""
    for match in _FUNDS.finditer(text):
        said = [int(match["a"]), int(match["b"])]
        if said in LEXICON.raw["quotas"]["public_funds"]:
            yield Reading(
                kind="bound",
                relation="equals a published base",
                numbers={"primary": said[0], "junior": said[1]},
                start=match.start(),
                end=match.end(),
                printed=said,
                value=said,
                verdict="consistent",
            )


_STANDARD = re.compile(
    r"标准[^。；，\d]{0,10}?(?P<a>小学|初中)(?P<x>\d{2})人，?(?P<b>中学|初中|高中)(?P<y>\d{2})人"
)
_BIG = re.compile(
    r"(?P<a>小学|初中)(?:超过)?(?P<x>\d{2})人(?:以上)?，(?P<b>中学|初中|高中)(?:超过)?(?P<y>\d{2})人(?:以上)?为大班额"
)


def _class_sizes(text: str) -> Iterator[Reading]:
    """A big class is larger than the standard one."""
    standard = _STANDARD.search(text)
    big = _BIG.search(text, standard.end()) if standard else None
    if standard is None or big is None or (standard["a"], standard["b"]) != (big["a"], big["b"]):
        return
    right = int(big["x"]) > int(standard["x"]) and int(big["y"]) > int(standard["y"])
    yield Reading(
        kind="bound",
        relation="big class > standard class",
        start=standard.start(),
        end=big.end(),
        numbers={"standard": [int(standard["x"]), int(standard["y"])], "big": [int(big["x"]), int(big["y"])]},
        printed=None,
        value=None,
        verdict="consistent" if right else "inconsistent",
        error="threshold",
        facts={"said": big.group(), "verb": "", "value": standard.group()},
    )


_ABOVE = re.compile(r"^(?:高于|超过|超|优于|好于|大于)[^，。；\d]{0,16}$")
_BELOW = re.compile(r"^(?:低于|小于|少于|不足|未达到|未达(?!标))(?![^，。；\d]*占)[^，。；\d]{0,16}$")


def _check_benchmarks(found: list[Mention]) -> Iterator[Reading]:
    """达97.2%，高于95%的目标: the value against the benchmark right after it."""
    for value, mark in itertools.pairwise(found):
        adjacent = (
            (value.is_level or value.role == "share")
            and value.q.dimension == mark.q.dimension == "percent"
            and mark.clause == value.clause + 1
        )
        if (
            not adjacent
            or value.sentence != mark.sentence
            or value.q.approximation
            or mark.bracket
            or mark.length > 1
        ):
            continue
        swallowed = not mark.near and mark.q.text.startswith(("超过", "超"))
        sign = 1 if swallowed or _ABOVE.match(mark.near) else -1 if _BELOW.match(mark.near) else 0
        if sign and mark.q.approximation in ("", "over") and value.length == 1:
            yield _judge_benchmark(value, mark, sign)


def _judge_benchmark(value: Mention, mark: Mention, sign: int) -> Reading:
    right = value.q.hi >= mark.q.base if sign > 0 else value.q.lo <= mark.q.base
    unclear = mark.q.base > 1000 or re.search(r"上年|去年|同期|上月", mark.near)  # 高于去年15%: by, or than?
    start, end = span(value, mark)
    return Reading(
        kind="bound",
        relation="value > benchmark" if sign > 0 else "value < benchmark",
        start=start,
        end=end,
        numbers={"value": value.q.value, "benchmark": mark.q.value},
        printed=mark.q.value,
        value=value.q.value,
        verdict="uncheckable" if unclear else "consistent" if right else "inconsistent",
        error="threshold",
        facts={"said": mark.q.text, "verb": mark.near},
    )

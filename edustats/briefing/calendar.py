"""Do the years of a draft fit together?

Rules for 2019—2023年…连续5年, “十三五”时期, phases whose years must rise, 提前30年, and years that damage has
overwritten.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

from edustats.briefing.lexicon import LEXICON
from edustats.briefing.numbers import Year, parse_small_number
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned

_COUNT = r"(?P<n>[一二两三四五六七八九十]{1,3}|\d{1,2})"
_STREAK = re.compile(rf"连续{_COUNT}(?:个)?(?:年度?|学年)(?!级)")
_PLAN = r"[“\"]?(?P<plan>十[一二三四五]?五)(?!年|岁|个|所|人|名|条|项|点|万|大|周|日|天)[”\"]?"
_PLAN_RANGE = re.compile(
    _PLAN + r"(?:规划|时期|期间)*\((?P<first>20\d{2})年?[-—~～至]{1,2}(?P<last>20\d{2})年?\)"
)
_PLAN_LENGTH = re.compile(_PLAN + r"(?:规划)?时期(?:，)?是[^。；\n]{0,40}的(?P<n>[三四五六]|\d)年")
_PLAN_TARGET = re.compile(
    _PLAN + r"(?:规划)?(?:时期|期间)?[^。；\n]{0,16}目标[^。；\n]{0,24}到(?P<year>20\d{2})年"
)
_PHASE = re.compile(r"第(?P<k>[一二三四五])阶段[：:，(]?[^。；]{0,6}?(?:到)?(?P<year>20\d{2})年")
_ADVANCE = re.compile(rf"提前(?:了)?{_COUNT}年")
_TARGET_YEAR = re.compile(r"到(?P<year>20\d{2})年(?:末|底)?[^，。；\d]{0,16}?(?:实现|建成|达到|完成|目标)")
_STEPS = re.compile(
    r"(?P<a>[一两二三四五六七八九十])年(?P<w>[\u4e00-\u9fff]{2,3})、(?P<b>[一两二三四五六七八九十])年[\u4e00-\u9fff]{2,3}(?:、(?P<c>[一两二三四五六七八九十])年[\u4e00-\u9fff]{2,3})?"
)
_PLANNED = re.compile(r"(?:预计|计划|力争|拟于?|将于)(?:于|到|在)?(?P<year>20\d{2})年")
_LONG_TERM: Final = frozenset({2030, 2035, 2049, 2050})


def calendar_readings(cleaned: Cleaned, dates: list[Year]) -> Iterator[Reading]:
    """Readings of everything the text says about years."""
    text = cleaned.text
    for rule in (_check_ranges, _check_damaged_years):
        for year in dates:
            yield from rule(year, text)
    for rule_of_text in (_check_plans, _check_phases, _check_steps, _check_advances, _check_spans):
        yield from rule_of_text(text)
    yield from _check_planned_year(text, dates)


def _parse_word(word: str) -> int:
    return int(word) if word.isdigit() else parse_small_number(word)


def _check_ranges(year: Year, text: str) -> Iterator[Reading]:
    if year.damaged or (
        year.first == year.last
        and "-" not in text[year.start : year.end]
        and "—" not in text[year.start : year.end]
    ):
        return
    shared: dict[str, Any] = {
        "numbers": {"y0": year.first, "y1": year.last},
        "start": year.start,
        "facts": {"first": year.first, "last": year.last},
    }
    if year.first > year.last:
        yield Reading(
            kind="other",
            relation="y0 <= y1",
            end=year.end + 1,
            verdict="inconsistent",
            error="year_order",
            printed=f"{year.first}-{year.last}",
            **shared,
        )
        return
    streak = _STREAK.search(text, year.end, year.end + 60)
    if streak is None or re.search(r"[。；\n]", text[year.end : streak.start()]):
        return
    n, years = _parse_word(streak["n"]), year.last - year.first + 1
    shared["numbers"] = {"y0": year.first, "y1": year.last, "years": n}
    shared["facts"] = {"first": year.first, "last": year.last, "said": streak.group()}
    yield Reading(
        kind="other",
        relation="y1 - y0 + 1 == years",
        end=streak.end(),
        printed=n,
        value=years,
        error="year_span",
        verdict="consistent" if n == years else "inconsistent",
        **shared,
    )


_SPANNED = re.compile(
    rf"{_COUNT}年(?:来|间|期间)?\((?P<first>(?:19|20)\d{{2}})年?[-—~～至]{{1,2}}(?P<last>(?:19|20)\d{{2}})年?\)"
)


def _check_spans(text: str) -> Iterator[Reading]:
    """近五年(2018—2022年): as many years as named, or as many intervals."""
    for match in _SPANNED.finditer(text):
        first, last, n = int(match["first"]), int(match["last"]), _parse_word(match["n"])
        right = n in (last - first, last - first + 1)
        yield Reading(
            kind="other",
            relation="years == y1 - y0 + 1",
            numbers={"y0": first, "y1": last, "years": n},
            start=match.start(),
            end=match.end(),
            printed=n,
            value=last - first + 1,
            error="year_span",
            verdict="consistent" if right else "inconsistent",
            facts={"first": first, "last": last, "said": match.group()},
        )


def _check_damaged_years(year: Year, text: str) -> Iterator[Reading]:
    if year.damaged:
        raw = text[year.start : year.end]
        likely = f"：{raw[:4]}—{raw[4:]}年" if len(raw) == 8 else ""
        yield Reading(
            kind="other",
            relation="a year has four digits",
            numbers={"raw": raw},
            start=year.start,
            end=year.end + 1,
            printed=raw,
            value=None,
            verdict="uncheckable",
            severity="warning",
            error="damaged_year",
            facts={"said": raw + "年", "likely": likely},
        )


def _check_plans(text: str) -> Iterator[Reading]:
    for match in _PLAN_RANGE.finditer(text):
        first, last = LEXICON.raw["plans"][match["plan"]]
        said = (int(match["first"]), int(match["last"]))
        yield _judge_plan(match, "plan years", said == (first, last), f"{said[0]}—{said[1]}")
    for match in _PLAN_LENGTH.finditer(text):
        yield _judge_plan(
            match, "a five-year plan has 5 years", _parse_word(match["n"]) == 5, match["n"] + "年"
        )
    told: set[tuple[str, int]] = set()
    for match in _PLAN_TARGET.finditer(text):
        first, last = LEXICON.raw["plans"][match["plan"]]
        year = int(match["year"])
        if (match["plan"], year) in told:
            continue
        told.add((match["plan"], year))
        if year <= last + 4 and year not in _LONG_TERM and year >= first:
            yield _judge_plan(match, "target year lies within the plan", year <= last, f"{year}")


def _judge_plan(match: re.Match[str], relation: str, right: bool, said: str) -> Reading:
    first, last = LEXICON.raw["plans"][match["plan"]]
    return Reading(
        kind="other",
        relation=relation,
        numbers={"plan": match["plan"], "plan_years": [first, last], "stated": said},
        start=match.start(),
        end=match.end(),
        printed=said,
        value=f"{first}—{last}",
        error="plan_years",
        verdict="consistent" if right else "inconsistent",
        facts={"plan": match["plan"], "first": first, "last": last, "said": said},
    )


_ADDED = re.compile(r"(?P<add>增加|新增)?(?P<n>\d{1,3})个(?:县|区|市|乡镇|街道)")


def _check_phases(text: str) -> Iterator[Reading]:
    run: list[re.Match[str]] = []
    for match in [*_PHASE.finditer(text), None]:
        if match is None or match["k"] == "一":
            yield from _check_rising_years(run, text)
            run = []
        if match is not None:
            run.append(match)


def _check_rising_years(run: list[re.Match[str]], text: str) -> Iterator[Reading]:
    if len(run) < 2:
        return
    years = [int(match["year"]) for match in run]
    right = all(a < b for a, b in itertools.pairwise(years))
    said = "、".join(map(str, years))
    yield Reading(
        kind="other",
        relation="phase years rise",
        numbers={"years": years},
        start=run[0].start(),
        end=run[-1].end(),
        printed=said,
        value=None,
        verdict="consistent" if right else "inconsistent",
        error="phase_years",
        facts={"said": said},
    )
    yield from _roll_out(run, text)


def _roll_out(run: list[re.Match[str]], text: str) -> Iterator[Reading]:
    """1个县, 增加2个县, 9个县: the running number never falls."""
    ends = [match.start() for match in run[1:]] + [text.find("。", run[-1].end()) + 1 or len(text)]
    counts = [_ADDED.search(text, match.end(), end) for match, end in zip(run, ends, strict=True)]
    total, totals = 0, []
    for count in counts:
        if count is None:
            return
        total = total + int(count["n"]) if count["add"] else int(count["n"])
        totals.append(total)
    if totals == sorted(totals) and counts[0] and counts[-1]:
        yield Reading(
            kind="other",
            relation="cumulative number never falls",
            numbers={"cumulative": totals},
            start=counts[0].start(),
            end=counts[-1].end(),
            printed=None,
            value=totals,
            verdict="consistent",
        )


def _check_steps(text: str) -> Iterator[Reading]:
    for match in _STEPS.finditer(text):
        steps = [_parse_word(match[name]) for name in "abc" if match[name]]
        if steps == sorted(set(steps)):
            yield Reading(
                kind="other",
                relation="steps rise",
                numbers={"years": steps},
                start=match.start(),
                end=match.end(),
                printed=None,
                value=steps,
                verdict="consistent",
            )


def _check_advances(text: str) -> Iterator[Reading]:
    """比…目标提前30年, after exactly two target years."""
    for match in _ADVANCE.finditer(text):
        n = _parse_word(match["n"])
        window_start = max(0, match.start() - 220)
        targets = list(_TARGET_YEAR.finditer(text, window_start, match.start()))
        years = sorted({int(target["year"]) for target in targets})
        if len(years) == 2:
            gap = years[1] - years[0]
            yield Reading(
                kind="difference",
                relation="y1 - y0 == years",
                numbers={"y0": years[0], "y1": years[1], "years": n},
                start=targets[0].start(),
                end=match.end(),
                printed=n,
                value=gap,
                error="year_difference",
                verdict="consistent" if gap == n else "inconsistent",
                facts={"first": years[0], "last": years[1], "said": n},
            )


def _check_planned_year(text: str, dates: list[Year]) -> Iterator[Reading]:
    """规划(2025—2030年)…预计2026年投入使用: the year lies within the plan."""
    ranges = [
        year
        for year in dates
        if year.last > year.first and "规划" in text[max(0, year.start - 12) : year.start]
    ]
    for span in ranges:
        match = _PLANNED.search(text, span.end, span.end + 300)
        if match and span.first <= int(match["year"]) <= span.last:
            yield Reading(
                kind="other",
                relation="y0 <= y <= y1",
                numbers={"y0": span.first, "y1": span.last, "y": int(match["year"])},
                start=span.start,
                end=match.end(),
                printed=int(match["year"]),
                value=True,
                verdict="consistent",
            )

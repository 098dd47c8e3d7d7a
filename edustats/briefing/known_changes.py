"""Does a change, a gap or a share that a sentence states follow from the store, where the text gives one end of it?

小学在校生36914人，比上年减少855人: the text gives this year's number, the store both. The number before the change says
which observation is meant; where the change has a noun of its own, that noun does. A change is condemned only where its
words leave one observation and one other to hold it against, and the level before it is the store's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from edustats.briefing.changes import signed
from edustats.briefing.distribution import find_item_words
from edustats.briefing.interval import Interval
from edustats.briefing.match import (
    Found,
    Matcher,
    is_mean,
    make_matcher,
    read_stated,
    record_row,
    unit_measures,
    word_data,
)
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned
from edustats.briefing.verdict import Claim, judge
from edustats.words import say

_COMPARED: Final = re.compile(
    r"(?:比|较|与|同)(?:上年|去年|上学年|前一年|上一年度?|\d{4}年)(?:同期|度|末|底)?(?:的[\d.,]+(?:万|亿)?[人元所名个]*)?(?:相比)?|同比|累计|净"
)
_OPENED: Final = re.compile(r"^[^，。；\d]{0,6}[与同和](?:(\d{4})年|上年|去年)(?:末|底)?相比")
_SPANNED: Final = re.compile(
    r"(?:^|，)(?P<first>(?:19|20)\d{2})年?(?:[-—–~至到]{1,2})(?P<last>(?:19|20)\d{2})年(?:间|期间)?，"
)
"""2019—2023年，…增加1561人: from the first of the years to the last."""
OF_WHOLE: Final = re.compile(r"占(?:到)?全[市州](?:总数|总量|总额)?的?(?:约)?$")
_TO_WHOLE: Final = re.compile(r"(?:高|低|多|少)[于出]?(?:出|于)?全[市州](?:平均)?(?:水平|值)?$")
_REAL: Final = re.compile(r"可比|不变价|实际|扣除|按价格")
_AIMED: Final = re.compile(r"计划|目标|力争|预计|规划|争取|要求")
_ROUGHLY: Final = re.compile(r"约|近|左右|大概|超|逾")
_YEARLY: Final = "yoy"


def data_claims(cleaned: Cleaned, reference: pd.DataFrame) -> list[Claim]:
    """Claims about levels, places and changes that observations can confirm or contradict.

    Parameters
    ----------
    cleaned : the clean text
    reference : observations with the columns area_name, stage, indicator_name, year, value and unit; a
    unit of ``share`` means values of 0–1, any other holds them as they are printed. If there: ``half_unit``, half a
    unit of the last digit a published observation was printed with; ``withheld``, that it may not be printed;
    ``rank_first``, ``rank_last``, ``of``, its place among how many; ``whole``, that nothing it is made of is missing;
    ``file``. ``reference.attrs`` may hold ``here``
    and ``above``, the names of the document's area and of the area above it

    Returns
    -------
    list of Claim of kind ``other`` or ``rank``, each with ``data``: the observation, or the candidates; and of changes,
    see :func:`change_claims`
    """
    reader = make_matcher(cleaned, reference)
    return [*reader.levels(), *reader.ranks(), *change_claims(reader)]


def change_claims(matcher: Matcher) -> Iterator[Claim]:
    """Claims about changes since a year, gaps to the whole and shares of it.

    Parameters
    ----------
    matcher : whose levels have been read

    Returns
    -------
    iterator of Claim of kind ``difference``, ``growth_rate``, ``pp_change``, ``gap_to_reference`` or ``ratio_share``,
    each with ``data``: the two observations it was held against
    """
    levels = {found.m.q.start: found for found in matcher.found}
    held: Found | None = None
    known = named = False
    for m in mentions(matcher.cleaned)[0]:
        if m.q.start in levels:
            held = levels[m.q.start]
            # a level that the store contradicts speaks perhaps of something else, and so does its change
            named = False
            known = len(held.rows) == 1 and _is_said(held.m, held.rows.iloc[0])
            continue
        if m.role not in ("change", "gap", "share", "spread") and not _TO_WHOLE.search(m.near):
            held = held if m.role == "base" else None
            continue
        if held is not None and (held.m.segment != m.segment or _is_of_another(m)):
            held = None
        if held is None and m.role in ("change", "share"):
            held, known, named = _find_named(matcher, m), True, True
        if held is not None and (claim := _judge(matcher, m, held, known)) is not None:
            known = known and (claim.verdict == "consistent" or not named)
            yield claim


def _is_of_another(m: Mention) -> bool:
    return m.own and not (OF_WHOLE.search(m.near) or _TO_WHOLE.search(m.near))


def _find_named(matcher: Matcher, m: Mention) -> Found | None:
    """The observation whose change it is, by the noun of its own clause: 攸县小学在校生比上年减少855人."""
    lead, own = matcher.read_lead(m)
    share = OF_WHOLE.search(own) if m.role == "share" else None
    if share is None and not _find_base(m, lead):
        return None
    clause = re.sub(
        r"(?:增加|减少|增长|下降|提高|降低|上升|新增)了?$", "", own[: share.start()] if share else own
    )
    clause = _COMPARED.sub("", clause)
    bare = replace(m, role="to", q=replace(m.q, dimension="any"))
    if find_item_words(clause, bare, matcher.areas) is None:
        return None
    return matcher.find_rows(bare, clause)


def _find_base(m: Mention, lead: str) -> str:
    """What a change is measured from, as :class:`Mention` has it; 与2022年相比 holds for the whole sentence."""
    opened = _OPENED.search(lead)
    spanned = _SPANNED.search(lead)
    if spanned and not m.base and int(spanned["last"]) == m.year:
        return f"Y{spanned['first']}"
    return m.base or (f"Y{opened[1]}" if opened and opened[1] else _YEARLY if opened else "")


def _judge(matcher: Matcher, m: Mention, held: Found, known: bool) -> Claim | None:
    if len(held.rows) != 1 or held.aims or _AIMED.search(m.near):
        return None
    row = held.rows.iloc[0]
    other = _find_other(matcher, m, row)
    if other is None or not (_is_usable(row) and _is_usable(other)):
        return None
    told = _compute(m, row, other)
    if told is None:
        return None
    kind, value, room = told
    room = max(room, abs(value) / 10) if _ROUGHLY.search(m.near) else room
    stated = signed(m) if m.role != "share" else Interval(m.q.lo, m.q.hi)
    if m.role == "reference" and re.search("[低少]", m.near):
        stated = Interval(-stated.hi, -stated.lo)
    start, end = span(m)
    agrees = stated.meets(Interval(value - room, value + room)) or _is_end(m, row, other)
    sure = held.sure and known and not (m.q.dimension == "percent" and _REAL.search(held.clause + m.near))
    reading = Reading(
        kind=kind, relation="stated == observed", numbers={"stated": m.q.value}, start=start, end=end,
        printed=m.q.value, value=round(value, 4), error="data_differs", facts={"said": m.q.text},
        verdict="consistent" if agrees else "inconsistent" if sure else "uncheckable",
        severity="" if sure or agrees else "warning",
    )  # fmt: skip
    claim = judge(reading, matcher.cleaned)
    data = {**record_row(row, agrees), "against": record_row(other, agrees)}
    turned = not agrees and stated.times(-1).meets(Interval(value - room, value + room))
    message = (
        say("briefing.data_turned", value=f"{value:+.{m.q.decimals}f}")
        if turned
        else word_data(value, m, agrees)
    )
    return replace(claim, data=data, message=message)


def _is_end(m: Mention, row: Any, other: Any) -> bool:
    """低于全市平均水平15.6:1: the number is not the gap, it is the whole's own."""
    below = bool(re.search("[低少]", m.near))
    right = (float(row["value"]) < float(other["value"])) == below
    return m.role == "reference" and right and _is_said(m, other)


def _is_usable(row: Any) -> bool:
    return bool(row["whole"]) and not bool(row["withheld"]) and not float(row["half_unit"])


def _is_said(m: Mention, row: Any) -> bool:
    value = float(row["value"]) * (100 if row["unit"] == "share" else 1)
    return read_stated(m, row).meets(Interval(value, value))


def _find_other(matcher: Matcher, m: Mention, row: Any) -> Any:
    """The observation that a change is measured from, or the whole that a gap or share is of; None if unknown."""
    year, area = int(row["year"]), str(row["area_name"])
    if m.role == "change":
        base = _find_base(m, matcher.read_lead(m)[0])
        before = year - 1 if base == _YEARLY else int(base[1:]) if re.fullmatch(r"Y\d{4}", base) else 0
        if not before or before >= year:
            return None
        year = before
    else:
        whole = matcher.setting.find_whole(area)
        pattern = OF_WHOLE if m.role == "share" else _TO_WHOLE
        if not pattern.search(m.near) or not whole:
            return None
        area = whole
    table = matcher.tables[str(row["indicator_name"])]
    rows = table[(table["area_name"] == area) & (table["year"] == year) & (table["stage"] == row["stage"])]
    return rows.iloc[0] if len(rows) == 1 else None


def _compute(m: Mention, row: Any, other: Any) -> tuple[str, float, float] | None:
    """Kind, value as it would be printed, and the room that rounding of the two ends leaves it."""
    share, now, then = row["unit"] == "share", float(row["value"]), float(other["value"])
    last = 10.0**-m.q.decimals
    if m.role == "share":
        is_count = not share and m.q.dimension == "percent" and then > 0 and not is_mean(str(row["unit"]))
        return ("ratio_share", 100 * now / then, last / 2) if is_count else None
    kind = "gap_to_reference" if m.role in ("gap", "spread", "reference") else ""
    if m.q.dimension == "points":
        return (kind or "pp_change", 100 * (now - then), last / 2) if share else None
    if m.q.dimension == "percent":
        return (
            ("growth_rate", 100 * (now / then - 1), last / 2) if not share and not kind and then > 0 else None
        )
    bare = kind and row["unit"] == "pupils_per_teacher" and m.q.dimension in ("", "things")  # 高0.7个点
    if share or not (bare or unit_measures(str(row["unit"]), m)):
        return None
    counted = not is_mean(str(row["unit"])) and now.is_integer() and then.is_integer()
    exact = m.q.scale == 1 and not m.q.decimals and counted
    return kind or "difference", (now - then) / m.q.scale, 0.0 if exact else last

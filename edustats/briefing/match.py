"""Which observation does a statement speak of, and do the two agree?

A level is matched by indicator, year, area and stage. Where several observations fit, they are listed and
nothing is decided; a rounding of the observation agrees with the observation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned
from edustats.briefing.verdict import Claim, judge
from edustats.errors import DataError
from edustats.words import say

COLUMNS: Final = ("area_name", "stage", "indicator_name", "year", "value", "unit")
STAGE_NAMES: Final[dict[str, list[str]]] = LEXICON.raw["stages"]
MOST_CANDIDATES: Final = 5


def data_claims(cleaned: Cleaned, reference: pd.DataFrame) -> list[Claim]:
    """Claims about levels that an observation can confirm or contradict.

    Parameters
    ----------
    cleaned : the clean text
    reference : observations with the columns area_name, stage, indicator_name, year, value and unit; a
    unit of ``share`` means values of 0–1, any other holds them as they are printed; ``half_unit``, if there, is half a
    unit of the last digit a published observation was printed with

    Returns
    -------
    list of Claim of kind ``other``, each with ``data``: the observation, or the candidates
    """
    missing = [column for column in COLUMNS if column not in reference.columns]
    if missing:
        raise DataError("briefing.reference_columns", columns="、".join(missing))
    table = reference.loc[:, list(COLUMNS)].assign(half_unit=reference.get("half_unit", 0.0))
    table = table.dropna(subset=["value"])
    by_indicator = {str(name): rows for name, rows in table.groupby("indicator_name", sort=False)}
    names = sorted(by_indicator, key=len, reverse=True)
    claims: list[Claim] = []
    for m in mentions(cleaned)[0]:
        if m.role in ("level", "to", "whole", "from", "share", "base"):
            claims += _claims(m, cleaned, by_indicator, names)
    return claims


def _claims(
    m: Mention, cleaned: Cleaned, by_indicator: dict[str, pd.DataFrame], names: list[str]
) -> Iterator[Claim]:
    words = _words(m, cleaned)
    name = next((name for name in names if name in words), None)
    if name is None:
        return
    before, _, between = words.rpartition(name)
    if _left_over(between) or _left_over(_after_area(before, by_indicator[name]["area_name"])):
        return
    rows = _fitting(by_indicator[name], m, cleaned, words)
    if len(rows) == 0:
        return
    if len(rows) > 1:
        yield _candidates(m, rows, cleaned)
    else:
        yield _compared(m, rows.iloc[0], cleaned)


_YEAR = r"\d{4}\s*(?:学年度?|年度?)(?:秋季|底|末)?"
_VALUE = r"[\d.,，]+\s*(?:万|亿)?\s*(?:%|％|‰|个百分点|[:：]1|[人所个名年册元]|平方米)*"
_STAGES = "|".join(word for words in STAGE_NAMES.values() for word in words)
_ASKED = re.compile(r"不[低高少多大小]于|不超过|至少|至多")
_DATED = re.compile(r"[由从]\s*\d{4}\s*年[^，,；]*$")
_SERVING = re.compile(
    rf"{_YEAR}|{_VALUE}|{_STAGES}|[（(][^（()）]*[)）]|比率|总数|人数|目前|现有|共有|已经|平均"
    r"|[的为达至由从自是有共约近超到已经，,、：:\s]|提高|上升|增长|增加|下降|减少|降低"
)


def _left_over(words: str) -> str:
    """What stands between a name and its number beside years, values, verbs and particles.

    平均受教育年限的差异系数为0.121 speaks of a coefficient, 株洲市市辖区的平均受教育年限 of a part of the
    city: where a noun is left over, the observation of that name is not what is meant.
    """
    return _SERVING.sub("", words)


def _after_area(words: str, areas: pd.Series) -> str:
    """The words after the area named last; none where no area is named."""
    ends = [words.rfind(str(area)) + len(str(area)) for area in areas.unique() if str(area) in words]
    return words[max(ends) :] if ends else ""


def _words(m: Mention, cleaned: Cleaned) -> str:
    """The clause before a number, and for a second value the clause of the first."""
    start, _ = cleaned.sentence_bounds(m.sentence)
    clause = cleaned.text[max(start, m.q.start - 48) : m.q.start]
    cut = max(clause.rfind(sign) for sign in "；。")
    return clause[cut + 1 :]


def _fitting(rows: pd.DataFrame, m: Mention, cleaned: Cleaned, words: str) -> pd.DataFrame:
    """Observations of the unit, area, stage and year that the words name; what they leave open stays open."""
    share = m.q.dimension == "percent"
    rows = rows[(rows["unit"] == "share") == share]
    area = _named(rows["area_name"], words) or _named(
        rows["area_name"], cleaned.text[max(0, m.q.start - 200) : m.q.start]
    )
    if area:
        rows = rows[rows["area_name"] == area]
    stages = [key for key, names in STAGE_NAMES.items() if any(name in words for name in names)]
    if stages and rows["stage"].isin(stages).any():
        rows = rows[rows["stage"].isin(stages)]
    if m.year:
        rows = rows[rows["year"] == m.year]
    return rows


def _named(areas: pd.Series, words: str) -> str:
    """The area named last before the number."""
    found = [(words.rfind(str(area)), str(area)) for area in areas.unique() if str(area) in words]
    return max(found)[1] if found else ""


def _printed(row: Any) -> float:
    return float(row["value"]) * (100 if row["unit"] == "share" else 1)


def _stands_for(row: Any) -> Interval:
    """What the observation may be: a published one was itself rounded."""
    half = float(row["half_unit"]) * (100 if row["unit"] == "share" else 1)
    return Interval(_printed(row) - half, _printed(row) + half)


def _compared(m: Mention, row: Any, cleaned: Cleaned) -> Claim:
    value = _printed(row)
    start, end = span(m)
    agrees = m.q.interval.meets(_stands_for(row))
    # a published figure is matched by its words alone, and a draft may speak of a part of it
    # 不低于50% says what is asked for as often as what is; a target is not wrong because it was missed
    sure = bool(m.year) and not float(row["half_unit"]) and not _ASKED.match(m.q.text)
    # 2024年由55.7%变为89.9%: the year is that of the second value, unless it stands after 由 itself
    sure = sure and (m.role != "from" or bool(_DATED.search(_words(m, cleaned))))
    shown = f"{value / m.q.scale:.{max(m.q.decimals, 2)}f}".rstrip("0").rstrip(".")
    verdict = "consistent" if agrees else "inconsistent" if sure else "uncheckable"
    reading = Reading(
        kind="other",
        relation="stated == observed",
        numbers={"stated": m.q.value},
        start=start,
        end=end,
        printed=m.q.value,
        value=round(value / m.q.scale, 6),
        verdict=verdict,
        error="data_differs",
        severity="" if sure or agrees else "warning",
        facts={"said": m.q.text},
    )
    claim = judge(reading, cleaned)
    message = say("briefing.data_agrees" if agrees else "briefing.data_differs", value=shown, said=m.q.text)
    return replace(claim, data=_record(row, agrees), message=message)


def _candidates(m: Mention, rows: pd.DataFrame, cleaned: Cleaned) -> Claim:
    start, end = span(m)
    records = [
        _record(row, m.q.interval.meets(_stands_for(row))) for _, row in rows.head(MOST_CANDIDATES).iterrows()
    ]
    listed = "；".join(f"{r['area']}{r['year']}年{r['indicator']}{r['value']:g}" for r in records)
    reading = Reading(
        kind="other",
        relation="stated == observed",
        numbers={"stated": m.q.value},
        start=start,
        end=end,
        printed=m.q.value,
        verdict="uncheckable",
        facts={"said": m.q.text},
    )
    claim = judge(reading, cleaned)
    return replace(
        claim,
        data={"candidates": records, "matches": len(rows)},
        message=say("briefing.data_candidates", candidates=listed),
    )


def _record(row: Any, agrees: bool) -> dict[str, object]:
    return {
        "area": str(row["area_name"]),
        "stage": str(row["stage"]),
        "indicator": str(row["indicator_name"]),
        "year": int(row["year"]),
        "value": float(row["value"]),
        "unit": str(row["unit"]),
        "agrees": bool(agrees),
    }

"""Which two observations does a change, a gap or a pair 由…提高到… of a template lie between?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.mask_values import Answer, LevelReader, accepts_unit, choose_decimals, name_row
from edustats.briefing.match import _BEFORE, LEVELS, Matcher, _left_over, printed_value
from edustats.briefing.mentions import Mention
from edustats.words import Text, say

_YEAR: Final = re.compile(r"(?:19|20)\d{2}\s*年|上年|去年|前年|上学年")
_SPAN: Final = re.compile(r"((?:19|20)\d{2})年?[—–~～－至到-]{1,2}((?:19|20)\d{2})年(?!.*(?:19|20)\d{2}年)")
"""2015—2024年，由…提高到…: the years of both ends, where neither has one of its own."""
_BASES: Final = re.compile(
    one_of(list(LEXICON.base)) + r"|[比较与同](?:19|20)\d{2}(?:学年|年)[初末底]?|年均|平均每年|每年|净|又"
)


class ValueReader(LevelReader):
    """Reads the numbers of one template in order, masks and those that stand already."""

    def __init__(self, matcher: Matcher, year: int, base_year: int) -> None:
        super().__init__(matcher, year)
        self.base_year, self.last = base_year, year
        self.first: Mention | None = None
        self.open: tuple[int, int] | None = None
        self.ends: tuple[int, Any, Any] | None = None

    def read(self, m: Mention) -> Answer:
        """What a number means."""
        if re.match(r"，?再(?:新)?增", m.near):
            return self._read_change(replace(m, role="change", sign=1))
        if m.role in LEVELS:
            dated = self._date_end(m) or self._date_steady(m)
            answer, found = self.read_level(dated) if dated else (Answer(say("masks.no_pair")), None)
            if m.role == "to" and self.levels and self.levels[-1][0].role == "from":
                answer = self._check_direction(m, answer)
            self.levels.append((m, answer, found))
            return answer
        if m.role in ("change", "mean"):
            return self._read_change(m)
        return self._read_gap(m) if m.role == "gap" else Answer(say("masks.left"))

    def _check_direction(self, m: Mention, answer: Answer) -> Answer:
        """The end of a change, unless it went the other way."""
        early = self.levels[-1][1]
        same = answer.known and early.known and answer.row["indicator_name"] == early.row["indicator_name"]
        if not same or not m.sign or (answer.amount - early.amount) * m.sign > 0:
            return answer
        return self._signed(answer.amount - early.amount, m, answer.row, early.row, 0)

    # --- the two ends of a change ---

    def _date_end(self, m: Mention) -> Mention | None:
        """The mention with the year it means; None where 由…提高到… leaves it open.

        The end takes no year from the beginning: 由2015年的37.7%提高到80.6% speaks of two years and names one.
        """
        place = (m.sentence, m.segment)
        if m.role == "from":
            self.first = m
            words = self._words_before(m, None)
            span = _SPAN.search(words)
            self.last = int(span[2]) if span else self.year
            named = (
                int(span[1]) if span else
                self.year - 1 if _BEFORE.search(words) else m.year if _YEAR.search(words) else self.base_year
            )  # fmt: skip
            self.open = None if named else place
            return replace(m, year=named, near=_BEFORE.sub("", m.near)) if named else None
        if m.role != "to" or self.first is None or (self.first.sentence, self.first.segment) != place:
            return m
        first, self.first = self.first, None
        if self.open == place:
            return None
        return m if _YEAR.search(self._words_before(m, first)) else replace(m, year=self.last, dated=True)

    def _date_steady(self, m: Mention) -> Mention | None:
        """The year of an end whose beginning has none, where all years before are alike: a quota raised this year."""
        found = self.find(replace(m, year=0, dated=False))
        if found is None or not found.certain or not len(found.rows):
            return None
        rows = found.rows[found.rows["value"].notna() & (found.rows["year"] <= self.year)].sort_values("year")
        values = rows["value"].round(6).tolist()
        risen = [k for k in range(1, len(values)) if values[k] != values[k - 1]]
        if (
            len(values) < 3
            or risen != [len(values) - 1]
            or rows["indicator_name"].nunique() > 1
            or int(rows["year"].iloc[-1]) != self.year
        ):
            return None
        year = int(rows["year"].iloc[risen[0] - 1]) if m.role == "from" else self.year
        return replace(m, year=year, dated=True)

    def _words_before(self, m: Mention, after: Mention | None) -> str:
        """The words between a number and the one before it, or the beginning of its sentence."""
        start = after.q.end if after is not None else self.matcher.cleaned.sentence_bounds(m.sentence)[0]
        return self.matcher.text[start : m.q.start]

    # --- changes and gaps ---

    def _read_change(self, m: Mention) -> Answer:
        """比上年增加xx人, 增长x.x%, 提高x.x个百分点, 年均增长x.x%: worked out from two observations."""
        ends = self._find_ends(m)
        if isinstance(ends, Text):
            if self.ends is None or self.ends[0] != m.segment or m.own:
                return Answer(ends)
            ends = self.ends[1:]  # 比上年减少xx人，下降x.x%: of the same
        early, late = ends
        self.ends = (m.segment, early, late)
        share = late["unit"] == "share"
        if m.q.dimension == "percent" and share:
            return Answer(say("masks.points_or_percent"))
        if (m.q.dimension == "points") != share or (m.role == "mean" and m.q.dimension != "percent"):
            return Answer(say("masks.other_unit", candidate=name_row(late)))
        first, last = printed_value(early), printed_value(late)
        if m.q.dimension == "percent":
            if first <= 0:
                return Answer(say("masks.no_base"))
            years = int(late["year"]) - int(early["year"]) if m.role == "mean" else 1
            amount, decimals = 100 * ((last / first) ** (1 / years) - 1), 1
        else:
            if not share and not accepts_unit(late, m):
                return Answer(say("masks.other_unit", candidate=name_row(late)))
            amount, decimals = last - first, choose_decimals(late, m)
        return self._signed(amount, m, late, early, decimals)

    def _signed(self, amount: float, m: Mention, row: Any, early: Any, decimals: int) -> Answer:
        """The amount where its direction is the verb's."""
        if amount * m.sign <= 0:
            shown = say("masks.fell" if amount < 0 else "masks.rose" if amount else "masks.stood")
            return Answer(say("masks.other_way", what=shown, early=name_row(early), late=name_row(row)))
        return Answer(amount=abs(amount), row=row, early=early, decimals=decimals)

    def _find_ends(self, m: Mention) -> tuple[Any, Any] | Text:
        """The observations that a change lies between, or why they are not known."""
        near = [
            (one, answer)
            for one, answer, _ in self.levels
            if one.sentence == m.sentence and one.segment == m.segment
        ]
        pair = near[-2:]
        if not m.base and [one.role for one, _ in pair] == ["from", "to"]:
            rows = [answer.row for _, answer in pair]
            if any(row is None for row in rows) or rows[0]["indicator_name"] != rows[1]["indicator_name"]:
                return say("masks.ends_open")
            return rows[0], rows[1]
        if re.search(r"再(?:新)?增", m.near) and near and near[-1][1].known:
            first = near[-1][1].row  # 在上年xx所基础上，再增加xx所
            now = self._select(
                first["indicator_name"], first["area_name"], self.year, first["unit"], first["stage"]
            )
            same = int(first["year"]) == self.year - 1 and len(now) == 1
            return (first, now.iloc[0]) if same else say("masks.no_base")
        late = self._subject(m, near)
        if isinstance(late, Text):
            return late
        base = {"yoy": int(late["year"]) - 1}.get(m.base, 0)
        if re.fullmatch(r"Y\d{4}", m.base):
            base = int(m.base[1:])
        if not base:
            return say("masks.no_base")
        early = self._select(late["indicator_name"], late["area_name"], base, late["unit"], late["stage"])
        return (early.iloc[0], late) if len(early) == 1 else say("masks.no_early", year=base)

    def _select(self, name: str, area: str, year: int, unit: str, stage: str = "") -> pd.DataFrame:
        """Whole observations that may be published."""
        rows = self.matcher.tables[str(name)]
        rows = rows[(rows["area_name"] == area) & (rows["year"] == year) & (rows["unit"] == unit)]
        rows = rows[rows["value"].notna() & rows["whole"].astype(bool) & ~rows["withheld"].astype(bool)]
        return rows[rows["stage"] == stage] if stage else rows

    def _subject(self, m: Mention, near: list[tuple[Mention, Answer]]) -> Any:
        """The observation that changes: the one its own clause names, else the level before it."""
        _, own = self.matcher.read_lead(m)
        words = _BASES.sub("", own)
        dimension = {"points": "percent", "percent": "any"}.get(m.q.dimension, m.q.dimension)
        level = replace(m, role="level", near="", base="", q=replace(m.q, dimension=dimension))
        found = self.matcher.find_rows(level, words) if words.strip() else None
        if found is not None:
            answer = self.answer(found, replace(level, q=replace(level.q, unit="")), any_unit=True)
            return answer.row if answer.known else answer.why
        if "分别" in own and m.length == 1:
            return say("masks.no_subject")  # 分别增加xx人、减少xx人: whose each is, the words leave open
        near = near if m.length == 1 else near[m.place :][:1] if len(near) == m.length else []
        if _left_over(words) or not near or not near[-1][1].known:
            return say("masks.no_subject")
        return near[-1][1].row

    def _read_gap(self, m: Mention) -> Answer:
        """高于全市平均x.x个百分点: between the level before it and the same of the area above."""
        near = [
            answer for one, answer, _ in self.levels if one.sentence == m.sentence and one.role != "reference"
        ]
        if not near or not near[-1].known:
            return Answer(say("masks.no_subject"))
        row = near[-1].row
        other = self._find_other(row, m)
        if other is None or (m.q.dimension == "points") != (row["unit"] == "share") or not row["unit"]:
            return Answer(say("masks.other_place"))
        if m.q.dimension == "percent" or (m.q.dimension != "points" and not accepts_unit(row, m)):
            return Answer(say("masks.points_or_percent"))
        return self._signed(printed_value(row) - printed_value(other), m, row, other, choose_decimals(row, m))

    def _find_other(self, row: Any, m: Mention) -> Any:
        """What a level is compared with: the same of the area above, or another thing of its own area."""
        setting, lead = self.matcher.setting, self.matcher.read_lead(m)[0]
        named = self.matcher.names.find(m.near, lead)
        above = bool(re.search(r"全[市州]|我市|市平", m.near))
        whole = setting.find_whole(str(row["area_name"]))
        if above and (named is not None or not whole):
            return None
        if above:
            rows = self._select(row["indicator_name"], whole, row["year"], row["unit"], row["stage"])
        elif named is not None and len(named.names) == 1:
            rows = self._select(named.names[0], row["area_name"], row["year"], row["unit"])
        else:
            return None
        return rows.iloc[0] if len(rows) == 1 else None

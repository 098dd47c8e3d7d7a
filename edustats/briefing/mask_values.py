"""Which value is meant where a template leaves a number open? Read as the checker reads a statement.

A level is an observation; a change, a gap, a mean rate and a share of what stands before it are worked out from
observations. Where the words leave more than one reading the answer is a reason, with what might be meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.match import _BEFORE, _NARROW, LEVELS, Found, Matcher, _left_over, _printed_value
from edustats.briefing.mentions import Mention
from edustats.briefing.spoken import STAGE_NAMES, stage_in
from edustats.catalogue import catalogue, parse_terms
from edustats.words import NOTHING, Text, join_texts, say

_YEAR: Final = re.compile(r"(?:19|20)\d{2}\s*年|上年|去年|前年|上学年")
_ACCEPTS: Final = {
    "人": ("人", "名", "位", "学生", "教师"), "个班": ("班", "个班", "教学班", "个"),
    "所": ("所", "校", "个", "家", "处"), "个": ("个", "项", "家", "件", "处", "所", "门", "学位"),
    "平方米": ("平方米", "㎡", "m2", "m²", "平米"), "册": ("册", "本"), "台": ("台", "台套", "套"),
    "间": ("间", "个"), "辆": ("辆", "台"), "": ("", ":1", "倍"), ":1": (":1", "", "倍"),
}  # fmt: skip
_QUALIFIED: Final = re.compile(r"普惠|公办|民办|女|寄宿|随迁|留守|骨干|双师|本科|研究生|中级|高级|配餐|课后")
_STAGE_WORDS: Final = frozenset(word for words in STAGE_NAMES.values() for word in words)
_WHOSE_OR_STAGE: Final = re.compile(one_of(sorted(_STAGE_WORDS)) + r"|各级各类|[全我本][省市县区州旗]")
_BASES: Final = re.compile(
    one_of(list(LEXICON.base)) + r"|[比较与同](?:19|20)\d{2}(?:学年|年)[初末底]?|年均|平均每年|每年|净|又"
)
_FEW: Final = 4
_CANDIDATES: Final = Text("；", "; ")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is meant, or why nobody can tell: the amount in the unit that the text prints, before 万 and 亿."""

    why: Text = NOTHING
    amount: float = math.nan
    row: Any = None
    """The observation; of a change, the later of the two."""
    early: Any = None
    """The observation that a change begins with or a gap is measured from."""
    decimals: int = 0
    """How it is printed where the mask does not say."""

    @property
    def known(self) -> bool:
        """Is there an amount?"""
        return self.row is not None


class ValueReader:
    """Reads the numbers of one template in order, masks and those that stand already."""

    def __init__(self, matcher: Matcher, year: int, base_year: int) -> None:
        self.matcher, self.year, self.base_year = matcher, year, base_year
        self.levels: list[tuple[Mention, Answer, Found | None]] = []
        self.first: Mention | None = None
        self.open: tuple[int, int] | None = None

    def read(self, m: Mention) -> Answer:
        """What a number means."""
        if m.role in LEVELS:
            answer, found = self._read_level(m)
            self.levels.append((m, answer, found))
            return answer
        if m.role in ("change", "mean"):
            return self._read_change(m)
        return self._read_gap(m) if m.role == "gap" else Answer(say("masks.left"))

    def forget_last(self, m: Mention) -> None:
        """A level that the text gives and the store does not: nothing is reckoned from it."""
        if self.levels and self.levels[-1][0] is m:
            self.levels[-1] = (m, Answer(say("masks.left")), self.levels[-1][2])

    # --- levels ---

    def _read_level(self, m: Mention) -> tuple[Answer, Found | None]:
        dated, steady = self._date_end(m), False
        if dated is None:
            dated, steady = self._date_steady(m), True
        found = self._find(dated) if dated is not None else None
        if steady and not (found and len(found.rows) == 1):
            return Answer(say("masks.no_pair")), None
        share = (
            self._read_share(dated) if dated is not None and (found is None or not len(found.rows)) else None
        )
        if share is not None:
            return share, found
        if found is None or dated is None:
            return Answer(say("masks.left")), found
        return self._answer(found, dated), found

    def _find(self, m: Mention) -> Found | None:
        """The observations of a number's own words; else of the noun that its sentence goes on with."""
        found = self.matcher.find_rows(m)
        if found is not None and (len(found.rows) or found.aims):
            return found
        carried = self._carry_noun(m)
        return (self.matcher.find_rows(m, carried) if carried else None) or found

    def _carry_noun(self, m: Mention) -> str:
        """在校生xx万人，其中小学xx万人: a clause that names a stage alone goes on with the noun before it."""
        lead, own = self.matcher.read_lead(m)
        *items, clause = re.split(r"[、(（]", own)
        stage, spoken = stage_in(clause), self.matcher.names.by_stage
        if not stage or _left_over(clause) or m.after.startswith("的"):
            return ""
        before = lead[: len(lead) - len(clause)]
        nouns = [(before.rfind(word) + len(word), len(word), word) for word in spoken if word in before]
        _, _, word = max(nouns, default=(0, 0, ""))
        carries = stage in spoken.get(word, ()) and len(spoken[word]) > 1
        # 建设中小学、幼儿园xx所 goes on with a verb, and is no list of levels
        return (
            clause + word if carries and not any(_left_over(item.replace(word, "")) for item in items) else ""
        )

    def _answer(self, found: Found, m: Mention, *, any_unit: bool = False) -> Answer:
        """One observation, or the reason why there is not one."""
        rows = found.rows
        if found.aims or self._is_ahead(m):
            return Answer(say("masks.aim"))
        if len(rows) and rows["withheld"].astype(bool).any():
            return Answer(say("masks.withheld"))
        rows = rows[rows["value"].notna()].drop_duplicates(["area_name", "stage", "year", "value", "unit"])
        if len(rows) == 0:
            return Answer(say("masks.no_value", name=found.words, year=m.year or self.year))
        if not found.certain:
            return Answer(say("masks.which_area"))
        if len(rows) > 1:
            return Answer(say("masks.several", candidates=self._list(rows)))
        row = rows.iloc[0]
        if self._is_scoped(found, m):
            return Answer(say("masks.scope", candidate=self._list(rows)))
        if not any_unit and not accepts_unit(row, m):
            return Answer(say("masks.other_unit", candidate=self._list(rows)))
        if not bool(row["whole"]):
            return Answer(say("masks.not_whole", candidate=self._list(rows)))
        return Answer(amount=_printed_value(row), row=row, decimals=choose_decimals(row, m))

    def _is_ahead(self, m: Mention) -> bool:
        """力争到2027年，…达到xx%: of a year to come."""
        lead, _ = self.matcher.read_lead(m)
        return m.year > self.year or bool(re.search(r"力争|争取|预计|确保到", lead))

    def _list(self, rows: pd.DataFrame) -> Text:
        ordered = rows.sort_values("year", ascending=False, kind="stable").head(_FEW)
        return join_texts([name_row(row) for _, row in ordered.iterrows()], _CANDIDATES)

    def _is_scoped(self, found: Found, m: Mention) -> bool:
        """Do words before the name narrow it to a part: 农村小学xx所，专任教师xx人?"""
        lead, _ = self.matcher.read_lead(m)
        own = stage_in(found.clause)
        told = re.sub(r"各级各类|各级|其中", "", lead).replace(found.words, "")
        if _QUALIFIED.search(found.words):
            return False
        if _NARROW.search(told):
            return True
        generic = len(self.matcher.names.by_stage.get(found.words, ())) > 1 or found.words in _STAGE_WORDS
        if not generic or m.q.dimension == "percent":
            return False
        if m.part and not own:
            return not (found.words.startswith("专任教师") and "教职工" in lead)
        before = self.levels[-1] if self.levels else None
        if (
            before is None
            or before[0].segment != m.segment
            or before[2] is not None
            or before[0].role != "level"
        ):
            return False
        # 乡镇中心幼儿园xx所，在园幼儿xx人 speaks of these; 小学xx所，在校生xx人 of all
        about = _WHOSE_OR_STAGE.sub("", before[0].near)
        return bool(_left_over(about)) and own in ("", stage_in(before[0].near), stage_in(found.words))

    def _read_share(self, m: Mention) -> Answer | None:
        """本科及以上学历教师xx人，占xx.x%; A占B的xx.x%: the share whose two sides the words name."""
        said = re.search(r"(?P<part>[^，；：。]*)占(?P<whole>[^，；：。]*)$", self.matcher.read_lead(m)[1])
        if m.q.dimension != "percent" or said is None:
            return None
        part = self._name_columns(said["part"], m)
        if not part and not _left_over(said["part"]) and self.levels:
            before, answer, _ = self.levels[-1]
            held = answer.known and before.segment == m.segment and answer.row["unit"] != "share"
            part = self._columns_of([str(answer.row["indicator_name"])]) if held else frozenset()
        whole = re.sub(r"(?:总数|总量)?的?(?:比例|比重)?(?:为|达到|达)?$", "", said["whole"])
        shares = self._find_shares(part, self._name_columns(whole, m) if whole else None, m)
        answers = [self._answer(found, m) for found in shares]
        if len(answers) > 1 and m.part and len(self.levels) > 1:
            # A，其中B，占x%: of A
            parent = self.levels[-2][1]
            of = self._columns_of([str(parent.row["indicator_name"])]) if parent.known else frozenset()
            answers = [self._answer(one, m) for one in self._find_shares(part, of, m)] or answers
        if len(answers) > 1:
            rows = [answer.row for answer in answers if answer.known]
            return Answer(
                say("masks.several", candidates=join_texts([name_row(r) for r in rows], _CANDIDATES))
            )
        return answers[0] if answers else None

    def _name_columns(self, words: str, m: Mention) -> frozenset[str]:
        """The columns that some words name and nothing else."""
        lead, _ = self.matcher.read_lead(m)
        named = self.matcher.names.find(words, lead)
        if named is None or _left_over(words[: named.start]) or _left_over(words[named.end :]):
            return frozenset()
        return self._columns_of(named.names)

    def _columns_of(self, names: Iterable[str]) -> frozenset[str]:
        """The columns behind names of counts."""
        known = catalogue()
        found = {key for key, column in known.columns.items() if column.zh in names}
        counts = [one for one in known.indicators.values() if one.zh in names and not one.den]
        return frozenset(found | {str(key) for one in counts for key in list(parse_terms(one.num))[:2]})

    def _find_shares(self, part: frozenset[str], whole: frozenset[str] | None, m: Mention) -> list[Found]:
        """Shares of one part; where the words name the whole, of that whole."""
        found = []
        for one in catalogue().indicators.values():
            if one.unit != "share" or not part or one.zh not in self.matcher.tables:
                continue
            of = frozenset(map(str, parse_terms(one.den)))
            if set(map(str, parse_terms(one.num))) <= part and len(list(parse_terms(one.num))) == 1:
                rows = self.matcher.find_rows(m, one.zh) if whole is None or (whole and of <= whole) else None
                found += [rows] if rows is not None and len(rows.rows) else []
        return found

    # --- the two ends of a change ---

    def _date_end(self, m: Mention) -> Mention | None:
        """The mention with the year it means; None where 由…提高到… leaves it open.

        The end takes no year from the beginning: 由2015年的37.7%提高到80.6% speaks of two years and names one.
        """
        place = (m.sentence, m.segment)
        if m.role == "from":
            self.first = m
            words = self._words_before(m, None)
            named = (
                self.year - 1 if _BEFORE.search(words) else m.year if _YEAR.search(words) else self.base_year
            )
            self.open = None if named else place
            return replace(m, year=named, near=_BEFORE.sub("", m.near)) if named else None
        if m.role != "to" or self.first is None or (self.first.sentence, self.first.segment) != place:
            return m
        first, self.first = self.first, None
        if self.open == place:
            return None
        return m if _YEAR.search(self._words_before(m, first)) else replace(m, year=self.year, dated=True)

    def _date_steady(self, m: Mention) -> Mention | None:
        """The year of an end whose beginning has none, where all earlier years say the same: a quota that rose once."""
        found = self._find(replace(m, year=0, dated=False))
        if found is None or not found.certain or not len(found.rows):
            return None
        rows = found.rows[found.rows["value"].notna() & (found.rows["year"] <= self.year)].sort_values("year")
        values = rows["value"].round(6).tolist()
        risen = [k for k in range(1, len(values)) if values[k] != values[k - 1]]
        if (
            len(values) < 3
            or len(risen) != 1
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
            return Answer(ends)
        early, late = ends
        share = late["unit"] == "share"
        if m.q.dimension == "percent" and share:
            return Answer(say("masks.points_or_percent"))
        if (m.q.dimension == "points") != share or (m.role == "mean" and m.q.dimension != "percent"):
            return Answer(say("masks.other_unit", candidate=name_row(late)))
        first, last = _printed_value(early), _printed_value(late)
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
            answer = self._answer(found, replace(level, q=replace(level.q, unit="")), any_unit=True)
            return answer.row if answer.known else answer.why
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
        return self._signed(
            _printed_value(row) - _printed_value(other), m, row, other, choose_decimals(row, m)
        )

    def _find_other(self, row: Any, m: Mention) -> Any:
        """What a level is compared with: the same of the area above, or another thing of its own area."""
        setting, lead = self.matcher.setting, self.matcher.read_lead(m)[0]
        named = self.matcher.names.find(m.near, lead)
        above = bool(re.search(r"全[市州]|我市|市平", m.near))
        if above and (named is not None or not setting.above or row["area_name"] == setting.above):
            return None
        if above:
            rows = self._select(row["indicator_name"], setting.above, row["year"], row["unit"], row["stage"])
        elif named is not None and len(named.names) == 1:
            rows = self._select(named.names[0], row["area_name"], row["year"], row["unit"])
        else:
            return None
        return rows.iloc[0] if len(rows) == 1 else None


def name_row(row: Any) -> Text:
    """An observation in words: 云汀市2021年小学在校生数134378人."""
    unit = catalogue().units.get(str(row["unit"]))
    value = f"{_printed_value(row):.2f}".rstrip("0").rstrip(".")
    told = (
        Text(unit.value.zh.format(value=value), unit.value.en.format(value=value))
        if unit
        else Text(value, value)
    )
    return say(
        "masks.row",
        area=str(row["area_name"]),
        year=int(row["year"]),
        name=str(row["indicator_name"]),
        value=told,
    )


def accepts_unit(row: Any, m: Mention) -> bool:
    """Is the unit that stands after the mask the observation's own?"""
    if str(row["unit"]) == "share":
        return m.q.dimension == "percent"
    unit = catalogue().units.get(str(row["unit"]))
    own = unit.value.zh.partition("}")[2] if unit else str(row["unit"])
    return m.q.unit in _ACCEPTS.get(own, (own,))


def choose_decimals(row: Any, m: Mention) -> int:
    """Decimals where a mask does not say: shares and ratios one, 万 and 亿 two, others as the catalogue prints them."""
    if str(row["unit"]) == "share":
        return 1
    unit = catalogue().units.get(str(row["unit"]))
    return 2 if m.q.scale >= 1e4 else unit.decimals if unit else 0

"""Which value is meant where a template leaves a number open? Read as the checker reads a statement.

A level is an observation; a change, a gap, a mean rate and a share of what stands before it are worked out from
observations. Where the words leave more than one reading the answer is a reason, with what might be meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from edustats.briefing.known_changes import OF_WHOLE
from edustats.briefing.lexicon import one_of
from edustats.briefing.mask_nouns import carry_words
from edustats.briefing.match import _NARROW, Found, Matcher, _left_over, is_mean, printed_value
from edustats.briefing.mentions import Mention
from edustats.briefing.spoken import STAGE_NAMES, stage_in
from edustats.catalogue import catalogue, parse_terms
from edustats.words import NOTHING, Text, fill_english, join_texts, say

_ACCEPTS: Final = {
    "人": ("人", "名", "位", "学生", "教师"), "个班": ("班", "个班", "教学班", "个"),
    "所": ("所", "校", "个", "家", "处"), "个": ("个", "项", "家", "件", "处", "所", "门", "学位"),
    "平方米": ("平方米", "㎡", "m2", "m²", "平米"), "册": ("册", "本"),
    "台": ("台", "台套", "套"), "个学位": ("个", "学位", "个学位"),
    "间": ("间", "个"), "辆": ("辆", "台"), "": ("", ":1", "倍"), ":1": (":1", "", "倍"),
}  # fmt: skip
_QUALIFIED: Final = re.compile(r"普惠|公办|民办|女|寄宿|随迁|留守|骨干|双师|本科|研究生|中级|高级|配餐|课后")
_STAGE_WORDS: Final = frozenset(word for words in STAGE_NAMES.values() for word in words)
_WHOSE_OR_STAGE: Final = re.compile(one_of(sorted(_STAGE_WORDS)) + r"|各级各类|[全我本][省市县区州旗]")
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


class LevelReader:
    """Reads the levels of one template in order, masks and those that stand already."""

    def __init__(self, matcher: Matcher, year: int) -> None:
        self.matcher, self.year = matcher, year
        self.levels: list[tuple[Mention, Answer, Found | None]] = []

    def forget_last(self, m: Mention) -> None:
        """A level that the text gives and the store does not: nothing is reckoned from it."""
        if self.levels and self.levels[-1][0] is m:
            self.levels[-1] = (m, Answer(say("masks.left")), self.levels[-1][2])

    # --- levels ---

    def read_level(self, m: Mention) -> tuple[Answer, Found | None]:
        found = self.find(m)
        share = self._read_share(m) if found is None or not len(found.rows) else None
        if share is not None:
            return share, found
        return (self.answer(found, m) if found is not None else Answer(say("masks.left"))), found

    def find(self, m: Mention) -> Found | None:
        """The observations of a number's own words; else of the noun that its sentence goes on with."""
        found = self.matcher.find_rows(m)
        if found is not None and (len(found.rows) or found.aims):
            return found
        carried = carry_words(self.matcher, m)
        return (self.matcher.find_rows(m, carried) if carried else None) or found

    def answer(self, found: Found, m: Mention, *, any_unit: bool = False) -> Answer:
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
        return Answer(amount=printed_value(row), row=row, decimals=choose_decimals(row, m))

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
        if OF_WHOLE.search(m.near):
            return self._read_share_of_city(m)
        part = self._name_columns(said["part"], m)
        if not part and not _left_over(said["part"]) and self.levels:
            before, answer, _ = self.levels[-1]
            held = answer.known and before.segment == m.segment and answer.row["unit"] != "share"
            part = self._columns_of([str(answer.row["indicator_name"])]) if held else frozenset()
        whole = re.sub(r"(?:总数|总量)?的?(?:比例|比重)?(?:为|达到|达)?$", "", said["whole"])
        shares = self._find_shares(part, self._name_columns(whole, m) if whole else None, m)
        answers = [self.answer(found, m) for found in shares]
        if len(answers) > 1 and m.part and len(self.levels) > 1:
            # A，其中B，占x%: of A
            parent = self.levels[-2][1]
            of = self._columns_of([str(parent.row["indicator_name"])]) if parent.known else frozenset()
            answers = [self.answer(one, m) for one in self._find_shares(part, of, m)] or answers
        if len(answers) > 1:
            rows = [answer.row for answer in answers if answer.known]
            return Answer(
                say("masks.several", candidates=join_texts([name_row(r) for r in rows], _CANDIDATES))
            )
        return answers[0] if answers else None

    def _read_share_of_city(self, m: Mention) -> Answer | None:
        """攸县小学在校生xx人，占全市的xx.x%: of the same count of the area above."""
        if not self.levels or self.levels[-1][0].segment != m.segment or not self.levels[-1][1].known:
            return None
        row = self.levels[-1][1].row
        rows = self.matcher.tables[str(row["indicator_name"])]
        of = self.matcher.setting.find_whole(str(row["area_name"]))
        rows = rows[
            (rows["area_name"] == of) & (rows["year"] == row["year"]) & (rows["stage"] == row["stage"])
        ]
        rows = rows[rows["whole"].astype(bool) & ~rows["withheld"].astype(bool) & (rows["value"] > 0)]
        if row["unit"] == "share" or is_mean(str(row["unit"])) or len(rows) != 1:
            return None
        return Answer(
            amount=100 * float(row["value"]) / float(rows["value"].iloc[0]),
            row=row,
            early=rows.iloc[0],
            decimals=1,
        )

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


def name_row(row: Any) -> Text:
    """An observation in words: 云汀市2021年小学在校生数134378人."""
    unit = catalogue().units.get(str(row["unit"]))
    value = f"{printed_value(row):.2f}".rstrip("0").rstrip(".")
    told = (
        Text(unit.value.zh.format(value=value), fill_english(unit.value.en, value=value))
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

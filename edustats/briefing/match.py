"""Which observation does a statement speak of, and do the two agree?

A level is matched by indicator, year, area and stage. The area is the one the clause names, else the document's own
(我县, or its heading); the year is that of the sentence, else of the title. Where several observations fit, they are
listed and nothing is decided; a rounding of the observation agrees with the observation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Final

import pandas as pd

from edustats.briefing.distribution import find_item_words
from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.readings import Reading, span
from edustats.briefing.spoken import STAGE_NAMES, Names, stage_in
from edustats.briefing.table_cells import TableCells
from edustats.briefing.text import Cleaned
from edustats.briefing.topics import Topics
from edustats.briefing.verdict import Claim, judge
from edustats.errors import DataError
from edustats.words import Text, say

COLUMNS: Final = ("area_name", "stage", "indicator_name", "year", "value", "unit")
EXTRA: Final[dict[str, Any]] = {
    "half_unit": 0.0,
    "withheld": False,
    "rank_first": 0,
    "rank_last": 0,
    "of": 0,
    "file": "",
    "whole": True,
}
MOST_CANDIDATES: Final = 5
MONEY: Final = ("yuan", "yuan_per_pupil", "yuan_per_person")
LEVELS: Final = ("level", "to", "whole", "from", "share", "base", "reference")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a document speaks of where a sentence does not say: its area, the area above, and its year."""

    here: str
    above: str
    year: int

    def find_whole(self, area: str) -> str:
        """What 全市 is beside an area: the area above the document's own, else the document's own above its counties.

        Nothing where the area is that itself, or where a city of county level may call itself so.
        """
        if self.above and self.here.endswith("市"):
            return ""
        whole = self.above or self.here
        return "" if whole == area else whole


def make_matcher(cleaned: Cleaned, reference: pd.DataFrame, setting: Setting | None = None) -> Matcher:
    """What reads a text against observations; parameters as in :func:`edustats.briefing.known_changes.data_claims`.

    Raises
    ------
    DataError
        A column is missing.
    """
    missing = [column for column in COLUMNS if column not in reference.columns]
    if missing:
        raise DataError("briefing.reference_columns", columns="、".join(missing))
    table = reference.loc[:, list(COLUMNS)].copy()
    for name, start in EXTRA.items():
        table[name] = reference[name].to_numpy() if name in reference else start
    table = table[table["value"].notna() | table["withheld"].astype(bool)]
    by_indicator = {str(name): rows for name, rows in table.groupby("indicator_name", sort=False)}
    return Matcher(cleaned, by_indicator, setting or _make_setting(cleaned, table, reference.attrs))


_TITLE: Final = 120


def _make_setting(cleaned: Cleaned, table: pd.DataFrame, attrs: dict[Any, Any]) -> Setting:
    title = "\n".join(_head_lines(cleaned.text))[:_TITLE]
    areas = [str(area) for area in table["area_name"].unique()]
    named = sorted((title.find(area), area) for area in areas if area in title)
    here = str(attrs.get("here", "")) or (named[0][1] if named else areas[0] if len(areas) == 1 else "")
    years = re.findall(
        r"(?<![比较与同])(?:19|20)\d{2}(?=年|学年|—|-)", title
    )  # 比2014年减少4所 dates nothing else
    return Setting(here, str(attrs.get("above", "")), int(years[0]) if len(set(years)) == 1 else 0)


def _head_lines(text: str) -> list[str]:
    """The first lines of a text down to its first sentence or table."""
    lines = text.strip().split("\n")[:3]
    head = takewhile(lambda line: not re.search(r"[。；|]|\t[\d.,%]+(?:\t|$)", line), lines)
    return list(head) or lines[:1]


_YEAR = r"\d{4}\s*(?:学年度?|年度?)(?:秋季|底|末)?"
_VALUE = r"[\d.,，]+\s*(?:万|亿)?\s*(?:%|％|‰|个百分点|[:：]1|[人所名个年册元]|平方米)*"
_VALUE_END = re.compile(rf"{_VALUE}$")
_STAGES = "|".join(word for words in STAGE_NAMES.values() for word in words)
_ASKED = re.compile(r"不[低高少多大小]于|不超过|至少|至多")
_DATED = re.compile(r"[由从]\s*\d{4}\s*年[^，,；]*$")
_WHOSE = r"[全我本][省市县区州旗]|截至|截止|今年|本年|全年|年底|年末|秋季|底|末"
_OTHER_ITEM = re.compile(rf"{_VALUE}(?:\[\d+\])?、")
"""现有幼儿园64所、小学59所: the name before another item's number is that item's."""
_ASIDE = re.compile(rf"((?:19|20)\d{{2}})年(?:为|是)?{_VALUE}(?:\[\d+\])?[；;]")
"""2015年为47.6%；: a year looked back to, which the next clause does not go on with."""
_SERVING = re.compile(
    rf"{_YEAR}|{_VALUE}|{_STAGES}|{_WHOSE}|[（(][^（()）]*[)）]|比率|比例|总数|人数|目前|现有|共有|已经|平均|总体|稳定|保持|阶段|教育|上年|去年|上学年|[降升增减]至|[降升]到|其中"
    r"|[的为达至由从自是有共约近超到已经，,、：:\s]|提高|上升|增长|增加|下降|减少|降低|在|仅|分别"
)
_EQUIPPED = re.compile(
    r"为?(?:各级各类|全[市县区州旗])?(?:中小学校?|学校)?[、和]?(?:幼儿园)?(?:均|全部)?配(?:备|齐|足)$"
)
"""为学校、幼儿园配备专职保安xx名 speaks of all there are."""
_AIMS = re.compile(
    r"计划|目标|力争|预计|将|规划|(?<![升降增减少长高低加展大])到20\d\d年|明年|要求|标准|以上|以下|省定|国家|不低于|确保|争取"
)
_NARROW = re.compile(
    r"其中|城区|乡村|农村|镇区|城镇|民办|公办|女|男|随迁|留守|寄宿|某|该校|学校为|最[高低大小多少]|各"
)
_BARE_STAGES = frozenset({"小学", "初中", "高中", "普通高中", "普通初中"})
_ENDS = re.compile(r"[，。、；：)\n]|[和与及]|$")
_SOME = re.compile(r"(?:参加|参与|接受|获|受益|报名|享受|加入|达标|通过)|\((?:不?含|包括)")
"""小学生1200人参加…: those who did, not all there are."""
_BEFORE = re.compile(r"上年|去年|上学年")
_FAR = re.compile(r"前年|五年前|十年前|期初|原")
_OTHER_PLACES = re.compile(r"全省|全国|我省|我国|省平均|国家|其他|周边|省均|国均")
_OF_ABOVE = re.compile(r"全市|我市|全州|全地区")
_ABOVE_SPEAKS = re.compile(r"(?<![占于比较出居列在与同])(?:全市|我市|全州|全地区)")
"""全市小学在校生, and not 占全市的15.6%."""
_OF_HERE = re.compile(r"[全我本][县区旗]")


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


@dataclass(frozen=True, slots=True)
class Found:
    """The observations that a level may be, and how sure the words make it."""

    rows: pd.DataFrame
    sure: bool
    m: Mention
    words: str = ""
    """The words that name it."""
    clause: str = ""
    """The words it was read from, of its own clause."""
    certain: bool = True
    """Whether the words leave one area."""
    aims: bool = False
    """Whether they speak of what is wanted and not of what is."""


class Matcher:
    """Reads the levels of one text against one table of observations."""

    def __init__(self, cleaned: Cleaned, by_indicator: dict[str, pd.DataFrame], setting: Setting) -> None:
        self.cleaned, self.text, self.tables, self.setting = cleaned, cleaned.text, by_indicator, setting
        self.names = Names(list(by_indicator))
        self.areas = sorted(
            {str(area) for rows in by_indicator.values() for area in rows["area_name"].unique()}
        )
        self.cells = TableCells(self.text, self.names, self.areas, setting.here, setting.above)
        self.topics = Topics(self.text, self.areas)
        self.found: list[Found] = []

    def levels(self) -> Iterator[Claim]:
        """A claim for every level whose indicator the table holds."""
        for m in mentions(self.cleaned)[0]:
            if self.cells.holds(m.q.start):
                found, m = self._read_cell(m)
            else:
                found = self.find_rows(m) if m.role in LEVELS else None
            if found is None or found.aims or len(found.rows) == 0:
                continue
            if (
                m.role == "from"
                and not _DATED.search(self.read_lead(m)[0])
                and not _agrees_with(found.rows, m)
            ):
                continue  # 由48.07亿元增加到74.03亿元: of which year is not said
            self.found.append(found)
            if len(found.rows) > 1:
                yield _claim_candidates(m, found.rows, self.cleaned)
            else:
                yield _compare_row(m, found.rows.iloc[0], self.cleaned, sure=found.sure)

    def _read_cell(self, m: Mention) -> tuple[Found | None, Mention]:
        """The observation that a cell of a table shows, and the number as its heading means it."""
        meant = self.cells.read(m.q.start)
        if meant is None:
            return None, m
        q = m.q
        if meant.percent and not q.dimension:
            q = replace(q, dimension="percent", unit="%")
        if meant.money and not q.dimension:
            q = replace(q, dimension="money", unit="元")
        if meant.scale != 1.0 and q.scale == 1.0:
            q = replace(q, scale=meant.scale, lo=q.lo * meant.scale, hi=q.hi * meant.scale)
        if not q.dimension and not meant.measured:
            return None, m
        m = replace(m, q=q, role="level", near="", subject="")  # the claim is the number alone
        rows = pd.concat([self.tables[name] for name in meant.named.names])
        # money without a unit may be of yuan, of ten thousand or of a hundred million
        rows = rows[[unit_measures(str(u), m) if q.dimension else u not in MONEY for u in rows["unit"]]]
        area, year = meant.area or self.setting.here, meant.year or self.setting.year
        if area:
            rows = rows[rows["area_name"] == area]
        if year:
            rows = rows[rows["year"] == year - meant.before]
        sure = bool(area and year) and len(rows) == 1
        return Found(rows, sure, m) if len(rows) else None, m

    def read_lead(self, m: Mention) -> tuple[str, str]:
        """The words of a number's sentence before it, and those of its clause."""
        start, _ = self.cleaned.sentence_bounds(m.sentence)
        lead = self.text[max(start, m.q.start - 160) : m.q.start]
        return lead, lead[max(lead.rfind(sign) for sign in "，；：。") + 1 :]

    def find_rows(self, m: Mention, clause: str = "") -> Found | None:
        """The observations that a level may be, by the words of its clause; None where they name none.

        Parameters
        ----------
        m : the number
        clause : other words to read it by than its own, such as those with a noun carried over
        """
        lead, own = self.read_lead(m)
        listed = (clause, m) if clause else find_item_words(own, m, self.areas)
        if listed is None:
            return None
        clause, m = listed
        named = self.names.find(clause, lead)
        if named is None:
            named, clause = self._after(m, lead)
        if named is None or not named.names:
            return None
        rows = (
            pd.concat([self.tables[name] for name in named.names])
            if len(named.names) > 1
            else self.tables[named.names[0]]
        )
        before, between = clause[: named.start], clause[named.end :]
        if named.words in _BARE_STAGES and not _ENDS.match(m.after):
            return None  # 小学12所学校安装了空调: some of them
        if _OTHER_ITEM.search(between):
            return None
        before = _EQUIPPED.sub("", self._drop_items(before, lead))
        rest = _after_area(before, rows["area_name"]) or _strip_areas(before, rows["area_name"])
        between = _strip_areas(between, rows["area_name"])  # 初中在校生攸县17719人
        if _left_over(between) or _left_over(rest):
            return None
        rows = rows[[unit_measures(str(unit), m) for unit in rows["unit"]]]
        return self._narrowed(rows, m, clause, lead, named.words)

    def _drop_items(self, before: str, lead: str) -> str:
        """小学在校生1人、初中在校生2人: an item that is whole has nothing to do with the next."""
        *items, last = before.split("、")
        for item in items:
            words = _VALUE_END.sub("", item)
            named = self.names.find(words, lead) if words != item else None
            if named is None or _left_over(words[: named.start]) or _left_over(words[named.end :]):
                return before
        return last

    def _after(self, m: Mention, lead: str) -> tuple[Any, str]:
        """64所幼儿园: the name stands after the number."""
        bare = _left_over(lead[max(lead.rfind(sign) for sign in "，；：。、") + 1 :])
        after = re.match(r"(?:的)?[\u4e00-\u9fff]{2,12}", m.after)
        if bare or after is None:
            return None, ""
        words = re.split(r"[和与及，、。；]|开展|实施|参加|全部|均", after.group())[0]
        named = self.names.find(words, lead)
        whole = named is not None and not _left_over(words[: named.start]) and named.end == len(words)
        return (named, words) if whole else (None, "")

    def _narrowed(self, rows: pd.DataFrame, m: Mention, clause: str, lead: str, words: str) -> Found | None:
        area, certain = self._area(rows, clause.replace(words, ""), lead)
        if area is None:
            return None
        doubtful = False
        topic, told = self.topics.find(m.q.start) if area == self.setting.here else ("", False)
        if topic and topic != area and topic in set(rows["area_name"]) and not _ABOVE_SPEAKS.search(lead):
            # （二）荷塘区。小学在校生23554人 is the district's; what it only follows may be either's
            either, certain = ([topic], told) if told else ([topic, area], False)
            rows = rows[rows["area_name"].isin(either)]
            area, doubtful = "", not told
        if area:
            rows = rows[rows["area_name"] == area]
        stage = stage_in(clause) or stage_in(lead)
        if (rows["stage"] == stage).any():
            rows = rows[rows["stage"] == stage]
        year = self._year(m, lead)
        if year:
            rows = rows[rows["year"] == year]
        rows = _choose_agreeing(rows, m) if doubtful else rows
        narrow = _NARROW.search(lead.replace(words, "")) or m.part or m.bracket or _SOME.match(m.after)
        aims = _AIMS.search(clause.replace(words, "")) or _AIMS.match(m.after)
        sure = bool(year) and certain and not narrow
        return Found(rows, sure, m, words, clause, certain=certain, aims=bool(aims))

    def _area(self, rows: pd.DataFrame, clause: str, lead: str) -> tuple[str | None, bool]:
        """The area meant, '' where the words leave it open, nothing where it is an area not in the table."""
        known = rows["area_name"]
        if _OTHER_PLACES.search(clause):
            return ("全国", True) if "全国" in clause and "全国" in set(known) else (None, False)
        named = _named_area(known, clause) or _named_area(known, lead)
        if named:
            return named, True
        near = _OF_HERE.search(clause), _OF_ABOVE.search(clause)
        if near[1] and self.setting.above and self.setting.here != self.setting.above:
            if self.setting.here.endswith("市"):
                return (
                    self.setting.here,
                    False,
                )  # a city of county level calls itself 全市, as the city above does
            return (self.setting.above, True) if self.setting.above in set(known) else (None, False)
        if not self.setting.here:
            return "", False
        above = _OF_ABOVE.search(lead) and self.setting.above and not _OF_HERE.search(clause)
        return (self.setting.here, not above) if self.setting.here in set(known) else (None, False)

    def _year(self, m: Mention, lead: str) -> int:
        if _FAR.search(m.near) or not m.dated:
            return 0
        ago = bool(_BEFORE.search(m.near)) and m.role in ("base", "from", "level", "reference")
        aside = _ASIDE.findall(lead)
        year = (
            0 if m.year and str(m.year) in aside and str(m.year) not in m.near else m.year
        ) or self.setting.year
        return year - 1 if year and ago and not re.search(r"\d{4}年", m.near) else year

    # --- places in an order ---

    def ranks(self) -> Iterator[Claim]:
        """A claim for every 居全市第N位 of a level whose observation is known."""
        for match in _RANK.finditer(self.text):
            sentence = self.cleaned.sentence(match.start())
            near = [
                f
                for f in self.found
                if f.m.sentence == sentence and f.m.q.end <= match.start() and len(f.rows) == 1
            ]
            if not near or self.text[near[-1].m.q.end : match.start()].count("，") > 1:
                continue
            row = near[-1].rows.iloc[0]
            if int(row["of"]) > 1:
                yield self._placed(match, row, sure=near[-1].sure)

    def _placed(self, match: re.Match[str], row: Any, *, sure: bool) -> Claim:
        word = match["n"] or match["top"]
        n = int(word) if word.isdigit() else parse_small_number(word)
        first, last = int(row["rank_first"]), int(row["rank_last"])
        right = first <= n <= last if match["n"] else first <= n
        reading = Reading(
            kind="rank",
            relation="place among the areas of the store",
            numbers={"rank": n, "of": int(row["of"])},
            start=match.start(),
            end=match.end(),
            printed=n,
            value=first,
            verdict="consistent" if right else "inconsistent" if sure else "uncheckable",
            error="rank_differs",
            severity="" if sure or right else "warning",
            facts={"said": n, "of": int(row["of"])},
        )
        claim = judge(reading, self.cleaned)
        place = f"{first}" if first == last else f"{first}–{last}"
        message = say(
            "briefing.rank_agrees" if right else "briefing.rank_differs",
            value=place,
            of=int(row["of"]),
            said=n,
        )
        return replace(claim, data=record_row(row, right), message=message)


_RANK = re.compile(
    r"(?:居|位居|位列|列|排名?|排在|稳居|名列)(?:在)?全[市州](?:的)?(?:第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})(?:位|名)?|前(?P<top>[二三四五]|\d{1,2})(?:位|名)?)"
)


def _agrees_with(rows: pd.DataFrame, m: Mention) -> bool:
    return any(read_stated(m, row).meets(_stands_for(row)) for _, row in rows.iterrows())


def _choose_agreeing(rows: pd.DataFrame, m: Mention) -> pd.DataFrame:
    """Of two areas that a number may be of, the one that it is; the first where it is neither's."""
    if len(rows) != 2 or rows["area_name"].nunique() != 2 or rows["withheld"].any():
        return rows
    agreeing = [_agrees_with(rows.iloc[[k]], m) for k in (0, 1)]
    return rows.iloc[[agreeing.index(True) if any(agreeing) else 0]]


def _strip_areas(words: str, areas: pd.Series) -> str:
    for area in areas.unique():
        words = words.replace(str(area), "")
    return words


_DIMENSIONS: Final = {
    "share": {"percent"},
    "person": {"persons"}, "pupils_per_class": {"persons"}, "per_hundred_persons": {"persons"},
    "pupils_per_teacher": {"ratio", ""}, "per_pupil": {"inverse", ""},
    "yuan": {"money"}, "yuan_per_pupil": {"money"}, "yuan_per_person": {"money"},
    "square_metre": {"area"}, "square_metre_per_pupil": {"area"},
    "volume": {"volumes"}, "volume_per_pupil": {"volumes"},
    "class": {"classes", "things"}, "school": {"schools", "firms", "things"},
    "set": {"sets"}, "per_hundred_sets": {"sets"},
    "year": {"duration"}, "seat": {"things", "persons"},
}  # fmt: skip


def unit_measures(unit: str, m: Mention) -> bool:
    """Can a number in this unit be the observation? Units that are not known may be; ``any`` is every unit."""
    if m.q.dimension == "any":
        return True
    if unit == "share" or m.q.dimension == "percent":
        return unit == "share" and m.q.dimension == "percent"
    dimensions = _DIMENSIONS.get(unit)
    return dimensions is None or m.q.dimension in dimensions


def _select_fitting(rows: pd.DataFrame, m: Mention, cleaned: Cleaned, words: str) -> pd.DataFrame:
    """Observations of the unit, area, stage and year that the words name; what they leave open stays open."""
    share = m.q.dimension == "percent"
    rows = rows[(rows["unit"] == "share") == share]
    area = _named_area(rows["area_name"], words) or _named_area(
        rows["area_name"], cleaned.text[max(0, m.q.start - 200) : m.q.start]
    )
    if area:
        rows = rows[rows["area_name"] == area]
    stages = [key for key, names in STAGE_NAMES.items() if any(name in words for name in names)]
    if stages and rows["stage"].isin(stages).any():
        rows = rows[rows["stage"].isin(stages)]
    if not m.dated:
        return rows[:0]
    if m.year:
        rows = rows[rows["year"] == m.year]
    return rows


def _named_area(areas: pd.Series, words: str) -> str:
    """The area named last before the number."""
    found = [(words.rfind(str(area)), str(area)) for area in areas.unique() if str(area) in words]
    return max(found)[1] if found else ""


def printed_value(row: Any) -> float:
    """The value as it is printed: a share in per cent."""
    return float(row["value"]) * (100 if row["unit"] == "share" else 1)


def _stands_for(row: Any) -> Interval:
    """What the observation may be: a published one was itself rounded."""
    half = float(row["half_unit"]) * (100 if row["unit"] == "share" else 1)
    return Interval(printed_value(row) - half, printed_value(row) + half)


def is_mean(unit: str) -> bool:
    """Whether a unit is so much of one thing for another: 人／班, 人／百名学生; no count that is added up."""
    return "per_" in unit


def read_stated(m: Mention, row: Any) -> Interval:
    """What a number may stand for as this observation: 班额40人 is a mean, rounded, though 40 persons are counted."""
    if not is_mean(str(row["unit"])) or m.q.lo < m.q.hi:
        return m.q.interval
    half = 0.5 * 10.0**-m.q.decimals * m.q.scale
    return Interval(m.q.lo - half, m.q.hi + half)


def _compare_row(m: Mention, row: Any, cleaned: Cleaned, *, sure: bool) -> Claim:
    if bool(row["withheld"]):
        return _claim_withheld(m, row, cleaned)
    value = printed_value(row)
    start, end = span(m)
    agrees = read_stated(m, row).meets(_stands_for(row))
    # a published figure is matched by its words alone, and a draft may speak of a part of it
    # 不低于50% says what is asked for as often as what is; a target is not wrong because it was missed
    sure = sure and bool(row["whole"]) and not float(row["half_unit"]) and not _ASKED.match(m.q.text)
    # 2024年由55.7%变为89.9%: the year is that of the second value, unless it stands after 由 itself
    lead = cleaned.text[max(0, m.q.start - 48) : m.q.start]
    sure = sure and (m.role != "from" or bool(_DATED.search(lead)))
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
    return replace(claim, data=record_row(row, agrees), message=word_data(value / m.q.scale, m, agrees))


def word_data(value: float, m: Mention, agrees: bool) -> Text:
    """What the data say beside what the text says, both in the unit of the text."""
    shown = f"{value:.{max(m.q.decimals, 2)}f}".rstrip("0").rstrip(".")
    return say("briefing.data_agrees" if agrees else "briefing.data_differs", value=shown, said=m.q.text)


def _leave_open(m: Mention, cleaned: Cleaned) -> Claim:
    """A claim about data that nothing decides."""
    start, end = span(m)
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
    return judge(reading, cleaned)


def _claim_withheld(m: Mention, row: Any, cleaned: Cleaned) -> Claim:
    """The store holds it and it may not be published: neither it nor whether it agrees is said."""
    record = {
        "area": str(row["area_name"]),
        "indicator": str(row["indicator_name"]),
        "year": int(row["year"]),
        "withheld": True,
    }
    return replace(_leave_open(m, cleaned), data=record, message=say("briefing.data_withheld"))


def _claim_candidates(m: Mention, rows: pd.DataFrame, cleaned: Cleaned) -> Claim:
    shown = rows[~rows["withheld"].astype(bool)].sort_values("year", ascending=False, kind="stable")
    shown = shown.head(MOST_CANDIDATES)
    if len(shown) == 0:
        return _claim_withheld(m, rows.iloc[0], cleaned)
    records = [record_row(row, read_stated(m, row).meets(_stands_for(row))) for _, row in shown.iterrows()]
    listed = "；".join(_list_candidate(row, m) for _, row in shown.iterrows())
    return replace(
        _leave_open(m, cleaned),
        data={"candidates": records, "matches": len(rows)},
        message=say("briefing.data_candidates", candidates=listed),
    )


def _list_candidate(row: Any, m: Mention) -> str:
    """One candidate in the unit of the text, with its area, year and file."""
    decimals = max(m.q.decimals, 2)
    value = f"{printed_value(row) / m.q.scale:.{decimals}f}".rstrip("0").rstrip(".")
    magnitude = {1e4: "万", 1e8: "亿"}.get(m.q.scale, "")
    file = f"（{row['file']}）" if row["file"] else ""
    return f"{row['area_name']}{int(row['year'])}年{row['indicator_name']}{value}{magnitude}{m.q.unit}{file}"


def record_row(row: Any, agrees: bool) -> dict[str, object]:
    return {
        "area": str(row["area_name"]),
        "stage": str(row["stage"]),
        "indicator": str(row["indicator_name"]),
        "year": int(row["year"]),
        "value": float(row["value"]),
        "unit": str(row["unit"]),
        "agrees": bool(agrees),
    }

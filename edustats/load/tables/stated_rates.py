"""Which figures of a table are rates that came without their counts, and what page of one's own names them?

A bureau's own table has 毛入园率 and 生均校舍面积 beside no count at all. The catalogue computes such rates and has no
column for them; a page does that the draft of a mapping brings with it. They are shown and compared between areas of
one level, and never averaged upwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Any

from edustats.catalogue import NO_BASE, Catalogue, Indicator, parse_terms
from edustats.catalogue.spoken import read_spoken_words
from edustats.load.files.values import number, text
from edustats.load.reading.evidence import UnitSaid
from edustats.load.reading.headers import label
from edustats.load.reading.matching import SURE, find_named_in, matched
from edustats.load.reading.stages import LONGEST, name_with_stage, stages_said
from edustats.load.reading.units import DOLLAR, MONEY, RATE_UNITS, SHARE, unit_beside, unit_of
from edustats.load.tables.sections import split_section
from edustats.load.tables.table_read import TableRead

_WORDS = (
    (r"(?:生师比|学生数?与(?:专任)?教师数?之?比)$", "pupils_per_teacher"),
    (r"(?:pupil|student)s?[- ]?(?:to[- ]|/|per )?-?teachers?(?: ratio)?$", "pupils_per_teacher"),
    (r"师班比$", "teachers_per_class"),
    (r"(?:班额|班均(?:人数|学生数?)|average class size)$", "pupils_per_class"),
    (r"职普比$", "times"),
    (r"(?:差异系数|基尼系数|coefficient of variation)$", "coefficient"),
    (r"平均受教育年限$", "year"),
    (r"百名学生\w*(?:计算机|电脑|终端)(?:台数|数)?$", "per_hundred_sets"),
    (r"百名学生\w*教师数?$", "per_hundred_persons"),
    (r"百名学生\w*教室(?:间数|数)?$", "per_hundred_rooms"),
    (r"生均\w*面积$", "square_metre_per_pupil"),
    (r"生均\w*(?:图书|藏书)\w*$", "volume_per_pupil"),
    (r"(?<!增长)(?<!增速)(?:率|比例|比重|占比|百分比|覆盖面)$|\b(?:rate|percentage|percent|share)$", "share"),
)  # fmt: skip
"""What a heading ends with, and the unit of such a rate."""
_EACH_BESIDE = re.compile(r"[（(]([^()（）/]{1,6})/(?:生|人|每生|学生|百人|百名学生|百生|班|名学生)[)）]$")
"""元/生 beside 生均公用经费."""
_MONEY_EACH = re.compile(
    r"(?P<pupil>生均|per[- ](?:pupil|student)\b)|人均|平均\w*工资|年均工资|\b(?:average|mean) (?:\w+ )?(?:salary|pay)"
)
MOST = 26 * 26
"""Rates of one page; their keys are pairs of letters, as 1 and 12 would be one figure of two groups."""
MOST_OF_ONE = 2.0
"""Shares written as fractions stay below it, gross ratios too; per cents of a whole table seldom do."""
OF_TWO_MEANINGS = ("公办率", "公办园占比", "公办园比例", "本科率", "一本率")
"""Of kindergartens or of their children, of candidates or of teachers: spoken so, and no indicator's name."""
GROSS = ("毛入", "gross", "完成率", "使用率", "达成率")
_AREAS_OF_TITLE = re.compile(
    r"^(?:\w{2,9}?[市州盟县区省])?(?:各|分|所辖)[县市区州地旗、（）()]+的?|^分地区的?"
)
_YEARS_OF_TITLE = re.compile(
    r"(?:19|20)\d\d(?:\s*[-—–~至/]\s*(?:19|20)?\d\d)?\s*(?:学年度?|年度?|年末)?|历年|近年来?"
)
_TAIL = re.compile(r"(?:统计表|情况表|一览表|对比表|变化表|情况|统计|数据|变化|对比|表)+$")


def name_rates(tables: Sequence[TableRead], known: Catalogue) -> str:
    """The page, as a catalogue keeps it, that names what these tables hold of rates without counts; "" if none.

    Parameters
    ----------
    tables : as read with the catalogue alone
    known : that catalogue; one that has a page of its own already is left as it is
    """
    if known.page:
        return ""
    counted = {one.column for table in tables for one in table.columns if one.role == "column"}
    counted |= {one.column for table in tables for one in table.items}
    found = {name: unit for table in tables for name, unit in _find_rates(table, known, counted)}
    page: dict[str, dict[str, Any]] = {"columns": {}, "stated": {}, "indicators": {}}
    for at, (name, unit) in enumerate([*found.items()][:MOST]):
        letters = ascii_lowercase[at // 26 % 26] + ascii_lowercase[at % 26]
        column, ours = f"stated_{letters}", _find_indicator(name, known)
        limits = (
            {"range": [0.0, 2.0]} if unit == SHARE and any(word in name.lower() for word in GROSS) else {}
        )
        words = {"zh": name, "en": ours.en if ours else name}
        page["columns"][column] = {**words, "unit": unit, "level": "county", **limits}
        if ours is not None and ours.unit == unit and ours.key not in page["stated"]:
            page["stated"][ours.key] = column
        else:
            page["indicators"][f"rate_{letters}"] = {
                **words, "stage": _find_stage(name), "num": column, "den": NO_BASE, "unit": unit, "better": "none",
                **limits,
            }  # fmt: skip
    return json.dumps(page, ensure_ascii=False) if found else ""


def write_page(page: str) -> Iterator[str]:
    """The lines of a page, as a person corrects it."""
    for section, entries in json.loads(page).items():
        if section == "stated" and entries:
            yield "[stated]"
        for key, entry in entries.items():
            if section != "stated":
                yield f"[{section}.{key}]"
                yield from (
                    f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()
                )
                yield ""
            else:
                yield f"{key} = {json.dumps(entry)}"
        if section == "stated" and entries:
            yield ""


def choose_scale(
    unit: str, said: Sequence[UnitSaid], cells: Iterable[object], *, as_percent: bool
) -> str | None:
    """In which scale a rate stands: as printed beside it, or as its values leave no doubt; None where they do.

    Parameters
    ----------
    unit : of the catalogue
    said : the units printed for the column
    cells : its cells
    as_percent : whether a workbook shows some of them as per cents
    """
    if unit != SHARE:
        nearest = next((one.unit for one in said if one.unit.kind in RATE_UNITS.get(unit, ())), None)
        return None if nearest is not None and nearest.size != 1 else unit if unit in RATE_UNITS else ""
    printed = [one.unit.words for one in said if one.unit.kind == SHARE]
    if printed:
        return printed[0]
    words = [text(cell) for cell in cells]
    if as_percent or any("%" in word or "％" in word for word in words):
        return "percent"
    values = [value for word in words if (value := number(word)) is not None]
    return "percent" if values and max(values) > MOST_OF_ONE else None


def are_below_one(scale: str | None, cells: Iterable[object]) -> bool:
    """Whether what is said to be per cents may be fractions: 0.1 under 辍学率（%）."""
    unit = unit_of(scale or "")
    values = [value for cell in cells if (value := number(text(cell))) is not None and value != 0]
    return unit is not None and unit.kind == SHARE and unit.size < 1 and bool(values) and max(values) <= 1


def _find_rates(table: TableRead, known: Catalogue, counted: set[str]) -> Iterator[tuple[str, str]]:
    """Name and unit of every rate that a table has in a column, an item or its title, and no column is matched to.

    One whose counts stand in these tables (``counted``) is computed from them.
    """
    if table.of("unit") is not None or table.of("unit_name") is not None:
        return  # of a school its counts are wanted
    for said, printed in _list_names(table):
        unit, name = _find_unit(said, printed), name_with_stage(said, table.stage)
        ours = _find_indicator(name, known)
        computed = ours is not None and {*parse_terms(ours.num), *parse_terms(ours.den)} <= counted
        if unit and not computed:
            yield name, unit


def _list_names(table: TableRead) -> Iterator[tuple[str, str]]:
    """What may be a rate's name, and the unit printed with it."""
    for one in table.columns:
        unsure = one.role == "column" and one.sure < SURE
        if (one.role in ("nothing", "rate") or unsure) and one.figures:
            name, printed = _split_heading(one.heading)
            yield name, printed if unsure else one.unit or printed
    wide = [one for one in table.columns if one.role == "wide"]
    if wide and not table.items and find_named_in(table.title, table.known, table.stage) is None:
        yield _name_title(table.title), wide[0].unit or _split_heading(table.title)[1]
    read = {one.word for one in table.items}
    for word, printed in table.words_of_items:
        if word not in read and matched(split_section(word), table.known, table.stage, near=False) is None:
            name, beside = _split_heading(split_section(word)[-1])
            yield name, beside or printed


def _split_heading(heading: str) -> tuple[str, str]:
    """小学/生师比 is 小学生师比; the unit beside it (平方米, 元/生) is none of the name."""
    each = _EACH_BESIDE.search(heading)
    words = heading[: each.start()] if each else heading
    names, printed = [], each[1] if each else ""
    for word in words.split("/"):
        bare, unit = unit_beside(word)
        names.append(re.sub(r"\s+", " ", bare.strip()) if bare.isascii() else label(bare))
        printed = unit.words if unit is not None else printed
    return (" " if words.isascii() else "").join(names), printed


def _name_title(title: str) -> str:
    """What a title says is counted, without its areas, years and brackets."""
    bare = re.sub(r"[（(][^（()）]*[)）]|(?:计量)?单位[:：]\S*", "", title)
    bare = _AREAS_OF_TITLE.sub("", _YEARS_OF_TITLE.sub("", bare).strip())
    return _TAIL.sub("", bare.strip()).strip()


def _find_unit(name: str, printed: str) -> str:
    """The unit of a rate by its name, "" where the name is none of a rate or the unit printed is another."""
    said = unit_beside(f"x（{printed}）")[1] if printed else None
    bare = name.lower() if name.isascii() else re.sub(r"[（(][^（()）]*[)）]$", "", label(name).lower())
    unit = next((unit for words, unit in _WORDS if re.search(words, bare)), "")
    if not unit and said is not None and said.kind in (MONEY, DOLLAR) and (match := _MONEY_EACH.search(bare)):
        unit = f"{said.kind}_per_{'pupil' if match['pupil'] else 'person'}"
    if said is not None and unit:
        fits = said.kind in RATE_UNITS.get(unit, ()) and (unit == SHARE or said.size == 1)
        return unit if fits else ""
    return unit


def _find_stage(name: str) -> str:
    said = stages_said(name)
    return said[0] if len(said) == 1 else "compulsory" if set(said) == {"primary", "junior"} else "all"


def _find_indicator(name: str, known: Catalogue) -> Indicator | None:
    """The suite's indicator that a name means: its own, or as it is spoken of at its stage."""
    own = next((one for one in known.indicators.values() if name in (one.zh, one.en)), None)
    if own is not None:
        return own
    spoken, stages = read_spoken_words(), stages_said(name)
    bare = name
    for word, _ in LONGEST:
        bare = bare.removeprefix(word)
    meant = spoken.get(name) or spoken.get(bare) or {} if bare not in OF_TWO_MEANINGS else {}
    key = (
        meant.get(stages[0]) if len(stages) == 1 else next(iter(meant.values())) if len(meant) == 1 else None
    )
    key = key or (meant.get("all") if not stages else None)
    return known.indicators.get(key or "")

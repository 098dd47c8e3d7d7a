"""What is a column of somebody's table for? Areas, schools, years, stages or figures, by its heading and its cells.

Headings are taken apart into words whatever joins them (STATNAME, la_code, CO_MUNICIPIO, School Name), and a heading
counts only where what stands beneath it agrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edustats.load.files.values import number, plain
from edustats.load.reading import areas, years
from edustats.load.reading.areas import area_code
from edustats.load.reading.county_codes import listed
from edustats.load.reading.headers import label
from edustats.load.reading.higher_areas import find_higher, names_of_higher
from edustats.load.reading.stages import stage_word
from edustats.load.reading.synonyms import called
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import is_figure

LEVELS = (
    ("lad",), ("la", "lea", "authority", "localauthority", "council"), ("district", "dist", "distrito", "dst"),
    ("county", "cnty"), ("municipality", "municipio", "commune", "comune"), ("department", "prefecture"),
    ("state", "stat", "province", "prov", "provincia", "uf", "estado"), ("region", "regiao"),
    ("area", "location", "entity", "geography", "geo", "place", "org", "jurisdiction"),
    ("city", "town", "borough", "suburb", "ward"), ("country", "nation"),
)  # fmt: skip
"""Words for areas, those that a table is most likely about first."""
NUMBERS = ("urn", "dbn", "seed", "udise", "uai", "rspo", "emis", "ncessch")
"""What several countries call the number of a school."""
SCHOOLS = ("school", "sch", *NUMBERS, "entidade", "estab", "establishment", "institution", "campus", "cds")
_CODE, _NAME = ("code", "cd", "id", "cod", "number", "no", "num", "fips", "key"), ("name", "nm", "nome")
_FIRST = ("co", "no", "cod", "nome", "id", "sg")
_BESIDE = ("new", "old", "of", "the", "ut", "ref", "sml", "local", "org", "ons", "nces", "state", "national")
_YEAR = (
    "时间",
    "year",
    "yr",
    "ano",
    "period",
    "time",
    "timeframe",
    "calyear",
    "schoolyear",
    "fy",
    "sy",
    "ay",
)
_CHINESE_AREA = re.compile(
    r"(?:省|省份|省市|省区|城市|地市|市州|市|州市|县|县城|区域|行政区|行政区划|区划|省市名|市县|省级|地级市)(?:名称|名|代码|编码)?"
)
_MARK = re.compile(r"[<≤>≥]\s*\d+|[^\d#=]+")
"""A mark, or fewer than so many; 17500人 is a figure with its unit."""
_GLUED = re.compile(r"(.+?)(name|nm|code|cd|id|number|no)$")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
CHINESE = 3
"""Place among the levels of a heading such as 省份 or 城市."""
LEAST_FILLED, ALONE = 0.5, 0.95
"""Shares of rows: that a column of areas fills, and that it tells apart where a row is an area."""
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is judged: its place, its innermost heading and its cells."""

    at: int
    heading: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[str]:
        """Cells that hold something."""
        return [cell for cell in self.cells if cell]

    @property
    def figures(self) -> bool:
        """Whether more than half of the cells are numbers."""
        told = self.filled[:SHOWN]
        return bool(told) and sum(map(is_figure, told)) > 0.5 * len(told)

    @property
    def bears_digits(self) -> bool:
        """Whether more than half of the cells have a digit in them."""
        told = self.filled[:SHOWN]
        return sum(any(map(str.isdigit, one)) for one in told) > 0.5 * len(told)


def words_of(heading: str) -> list[str]:
    """The words of a heading in small letters, in the singular.

    Examples
    --------
    >>> words_of("STATNAME"), words_of("new_la_code"), words_of("LANumber"), words_of("Name of Regions")
    (['stat', 'name'], ['new', 'la', 'code'], ['la', 'number'], ['name', 'of', 'region'])
    """
    found: list[str] = []
    for word in (one.lower() for one in _WORD.findall(plain(heading))):
        glued = _GLUED.fullmatch(word)
        stem = glued[1] if glued else word
        known = any(stem in level for level in LEVELS) or stem in SCHOOLS
        found += [stem, glued[2]] if glued and known else [_singular(word)]
    return found


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s") if len(word) > 4 else word


def _place_of(column: Column) -> tuple[str, int, bool] | None:
    """``area`` or ``unit``, how likely the table is about it (least first), whether it is a code; None for others."""
    words = words_of(column.heading)
    if _CHINESE_AREA.fullmatch(label(column.heading)):
        return "area", CHINESE, column.figures
    kinds = {words[-1]} & {*_CODE, *_NAME} if words else set()
    kinds |= {words[0]} & {*_FIRST} if len(words) > 1 else set()
    rest = [word for word in words if word not in kinds and not word.isdigit()]
    # how many schools there are is no code of a school
    if not rest or (not kinds and column.figures and column.heading.lower().endswith("s")):
        return None
    coded = not kinds & {*_NAME} and (bool(kinds & {"code", "cd", "cod", "id"}) or column.bears_digits)
    if any(word in SCHOOLS for word in rest):
        own = bool(kinds) or rest[0] in NUMBERS or (rest == ["school"] and not column.figures)
        return ("unit", 0, coded) if own else None
    rank = next((k for k, level in enumerate(LEVELS) if any(word in level for word in rest)), None)
    if rank is None or any(word not in (*LEVELS[rank], *_BESIDE) for word in rest):
        return None
    return "area", rank, coded


def find_places(columns: Sequence[Column], year: Sequence[str] = ()) -> dict[int, str]:
    """Which columns are codes and names of areas and of schools: code, name, unit, unit_name, by position.

    Of several levels the one that tells rows of a year apart is taken, or else the one a table is most likely about.

    Examples
    --------
    >>> state, code = Column(0, "STATNAME", ("A", "A")), Column(1, "DISTCD", ("0101", "0102"))
    >>> find_places([state, code, Column(2, "DISTNAME", ("C", "D"))])
    {1: 'code', 2: 'name'}
    """
    places = [
        (place, column) for column in columns
        if (place := _place_of(column)) is not None and len(column.filled) >= max(1, LEAST_FILLED * len(column.cells))
    ]  # fmt: skip
    roles: dict[int, str] = {}
    for kind, code, name in (("area", "code", "name"), ("unit", "unit", "unit_name")):
        own = [(rank, coded, column) for (of, rank, coded), column in places if of == kind]
        several, best = min(
            ((_apart(column, year) < ALONE, rank) for rank, _, column in own), default=(True, 0)
        )
        for rank, coded, column in sorted(own, key=lambda one: "new" not in words_of(one[2].heading)):
            role = code if coded else name
            if rank == best and role not in roles.values():
                roles[column.at] = role
        if not several:
            break  # a row is an area: its schools are counted, not named
    for column in columns:  # a column that is called name and nothing else
        if column.at not in roles and words_of(column.heading) in (["name"], ["code"]):
            role = ("unit_" if "unit" in roles.values() else "") + words_of(column.heading)[0]
            if role in ("name", "code", "unit_name") and role not in roles.values():
                roles[column.at] = role
    return dict(sorted(roles.items()))


def _apart(column: Column, year: Sequence[str]) -> float:
    """The share of rows that a column tells apart within a year."""
    years_ = year or [""] * len(column.cells)
    rows = [(cell, when) for cell, when in zip(column.cells, years_, strict=True) if cell]
    return len(set(rows)) / len(rows)


def _are_stages(shown: Sequence[str]) -> bool:
    """Whether cells are words of stages: all but totals and levels, or most of a list (专门学校 beside 小学, 初中)."""
    told = [one for one in shown if not is_total_word(one)]
    known = [one for one in told if stage_word(one)]
    apart = len({*map(stage_word, known)}) == len({*known}) > 2  # names of schools say one stage many times
    levels = all(one in known or _LEVEL.fullmatch(plain(one)) for one in told)
    most = len(known) > 0.7 * len(told)
    return bool(known) and (len(known) == len(told) or (apart and (most or levels)))


_LEVEL = re.compile(
    r"(?:普通|成人|民办|其他)?(?:高等|中等|初等|义务|基础|职业|研究生|本专?科|专科)(?:职业)?(?:教育|学校|院校)(?:阶段)?"
    r"|普通(?:高校|本专?科)|科研机构|研究生培养机构"
)
"""A level of education that holds stages or stands beyond them: 高等教育, 中等教育, 普通高等学校."""


_AUTUMN = re.compile(
    r"(?:19|20)\d\d(?:年|[-/.])(?:0?9|1[0-2])(?:月|[-/.])(?:0?[1-9]|[12]\d|3[01])日?(?: 00:00:00)?"
)
_MADE = re.compile("制表|打印|填报|填表|上报|导出|更新")
_COUNTS = re.compile(
    r"(?:数|数量|人数|率|比例?|总额|面积|经费|在校生|在校学生|毕业生|招生|教师|教职工)(?:[(（].*)?$"
    r"|\b(?:pupils?|students?|teachers?|enroll?ments?|graduates?|entrants?|headcounts?|rates?|ratios?)\b",
    re.IGNORECASE,
)
"""小学学校数, 初中专任教师, Primary pupils: items of a list, though each names a stage."""


def find_role(column: Column, taken: set[str]) -> str:
    """Whether a column is one of years, stages, codes or names of Chinese areas; '' for any other.

    Examples
    --------
    >>> find_role(Column(0, "AC_YEAR", ("2015-16",)), set()), find_role(Column(0, "学段", ("小学", "初中")), set())
    ('year', 'stage')
    """
    shown = column.filled[:SHOWN]
    if not shown:
        return ""
    if "year" not in taken and _is_year(column, shown):
        return "year"
    words = re.sub(r"[^\w]", "", label(column.heading).lower())
    for role, name in (("unit", "学校(机构)标识码"), ("unit_name", "学校名称"), ("code", "地区代码"), ("name", "地区"),
                       ("name", "所在县区")):  # fmt: skip
        names = {re.sub(r"[^\w]", "", one) for one in called(name)} - ({"代码"} if role == "unit" else set())
        if words in names and role not in taken and not (role == "name" and column.figures):
            return role
    if "stage" not in taken and not any(map(_COUNTS.search, shown)) and _are_stages(shown):
        return "stage"
    codes = [area_code(one) for one in shown]
    if "code" not in taken and sum(bool(listed(c[:6])) or c in names_of_higher() for c in codes) > 0.6 * len(
        shown
    ):
        return "code"
    named = sum(bool(areas.candidates(one) or find_higher(one)) or is_total_word(one) for one in shown)
    return "name" if "name" not in taken and named > 0.6 * len(shown) else ""


def find_city(columns: Sequence[Column], roles: Mapping[int, str]) -> dict[int, str]:
    """Where a column of cities was taken for that of the areas and one of counties stands beside it: both roles.

    Examples
    --------
    >>> city = Column(0, "市州", ("株洲市", "株洲市", "衡阳市"))
    >>> find_city([city, Column(1, "县市区", ("攸县", "小计", "衡阳县"))], {0: "name"})
    {0: 'city', 1: 'name'}
    """
    first = next((column for column in columns if roles.get(column.at) == "name"), None)
    if (
        first is None
        or "code" in roles.values()
        or not _are_mostly(first, lambda one: bool(find_higher(one)))
    ):
        return {}
    for column in columns:
        is_county = _are_mostly(column, lambda one: bool(areas.candidates(one)))
        apart = {*zip(first.cells, column.cells, strict=True)}
        if column.at not in roles and is_county and len(apart) > len({*first.filled}):
            return {first.at: "city", column.at: "name"}
    return {}


def find_names_of_codes(columns: Sequence[Column], roles: Mapping[int, str]) -> dict[int, str]:
    """Where the column taken for names is another level's than the codes, and one beside it names what they stand for.

    Examples
    --------
    >>> code, state, county = (Column(k, head, cells) for k, (head, cells) in enumerate(
    ...     (("代码", ("430223", "430224")), ("省份", ("湖南省", "湖南省")), ("县域", ("攸县", "茶陵县")))))
    >>> find_names_of_codes([code, state, county], {0: "code", 1: "name"})
    {1: 'nothing', 2: 'name'}
    """
    code = next((column for column in columns if roles.get(column.at) == "code"), None)
    if code is None:
        return {}
    held = {
        column.at: _share_named(code, column) for column in columns if roles.get(column.at, "name") == "name"
    }
    best = max(held, key=lambda at: held[at], default=-1)
    name = next((at for at, role in roles.items() if role == "name"), -1)
    if best < 0 or held[best] <= 0.6 or best == name or held.get(name, 0.0) > 0.6:
        return {}
    return ({name: "nothing"} if name >= 0 else {}) | {best: "name"}


def _share_named(code: Column, column: Column) -> float:
    """The share of rows in which a column names the county that the code beside it stands for."""
    pairs = [
        (area_code(one)[:6], name)
        for one, name in zip(code.cells[:SHOWN], column.cells[:SHOWN], strict=True)
        if one
    ]
    right = sum(
        any(areas.shortens(plain(name), one.name) for one in listed(own)) for own, name in pairs if name
    )
    return right / len(pairs) if pairs else 0.0


def _are_mostly(column: Column, is_one: Callable[[str], bool]) -> bool:
    """Whether most cells that are no totals are of a kind."""
    told = [one for one in column.filled[:SHOWN] if not is_total_word(one)]
    return bool(told) and sum(map(is_one, told)) > 0.6 * len(told)


def _is_year(column: Column, shown: Sequence[str]) -> bool:
    said = years.is_heading(column.heading) or any(word in _YEAR for word in words_of(column.heading))
    told = [years.label(one) for one in shown[:20]]
    return (said and None not in told) or _are_days(column, shown[:20])


def _are_days(column: Column, shown: Sequence[str]) -> bool:
    """Whether a column holds the days that figures are of, all of them in the term that begins a school year."""
    called_so = re.search(r"(?:日期|时点|时间|date)$", plain(column.heading), re.IGNORECASE)
    return (
        bool(called_so) and not _MADE.search(column.heading) and all(_AUTUMN.fullmatch(one) for one in shown)
    )


def find_dimensions(
    columns: Sequence[Column], keys: Sequence[int], able: Sequence[int]
) -> list[tuple[Column, str, tuple[str, ...]]]:
    """Columns of words that tell rows with the same keys apart, the word to take where it is plain, and the others.

    Parameters
    ----------
    columns : all columns of a table, by position
    keys : positions of areas, schools and years
    able : positions of the columns that may tell them apart

    Examples
    --------
    >>> area, sex = Column(0, "Area", ("A", "A", "B", "B")), Column(1, "Sex", ("All", "Girls", "All", "Girls"))
    >>> [(one.heading, word, others) for one, word, others in find_dimensions([area, sex], [0], [1])]
    [('Sex', 'All', ('Girls',))]
    """
    by_place = {column.at: column for column in columns}
    rows = [i for i in range(len(columns[0].cells)) if all(by_place[k].cells[i] for k in keys)]
    chosen = list(keys)
    found = []
    for at in able:
        before = len({tuple(by_place[k].cells[i] for k in chosen) for i in rows})
        if before == len(rows):
            break
        words = list(dict.fromkeys(by_place[at].cells[i] for i in rows))
        if not 1 < len(words) <= 40 or by_place[at].figures:
            continue
        if len({tuple(by_place[k].cells[i] for k in (*chosen, at)) for i in rows}) > before:
            chosen.append(at)
            word = next((one for one in words if is_total_word(one) or one.lower() in WHOLE), "")
            found.append((by_place[at], word, tuple(one for one in words if one != word)))
    return found


WHOLE = ("number", "count", "headcount", "all pupils", "all students", "all schools", "state-funded")
"""Words of the rows that hold the figures themselves, besides those of totals."""


def missing_marks(cells: Sequence[str]) -> Mapping[str, str]:
    """Words that stand in columns of figures where a figure is missing, each with the kind of gap it most likely is.

    Examples
    --------
    >>> missing_marks(["12", "x", "NA", "", "<10"])
    {'x': 'suppressed', 'NA': 'not_collected', '<10': 'suppressed'}
    """
    odd = dict.fromkeys(
        cell
        for cell in cells
        if cell and len(cell) < 9 and _MARK.fullmatch(cell) and number(cell.rstrip("%")) is None
    )
    return {
        one: _KINDS_OF_MARKS.get(one.lower(), "suppressed" if one[0] in "<≤*" else "not_collected")
        for one in odd
    }


_KINDS_OF_MARKS = {
    "c": "suppressed", "x": "suppressed", "s": "suppressed", "supp": "suppressed", "ds": "suppressed",
    "lowcov": "suppressed", "u": "suppressed", "q": "suppressed", "z": "not_applicable", "np": "not_applicable",
    "n/a": "not_applicable", "ne": "not_applicable", "不适用": "not_applicable",
}  # fmt: skip

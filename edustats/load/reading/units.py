"""In which unit is a figure printed? What headings, unit lines, notes and number formats say of it.

A unit is a kind of measure and how many of its base one is: 万元 is money, ten thousand yuan. Two units of one kind
that differ in size are a contradiction; units of different kinds speak of different columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from edustats.load.files.values import number, plain

MONEY, DOLLAR, SHARE, AREA, COUNT = "yuan", "dollar", "share", "square_metre", "item"
MANY_OF_ANY = "many"
"""Thousands, of whatever is counted: (in thousands), 单位：千."""
FOREIGN = "money of another country"
CURRENCIES = (MONEY, DOLLAR, FOREIGN)
MANY = {
    "": 1.0, "k": 1e3, "K": 1e3, "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4,
    "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12,
}  # fmt: skip
BASES: dict[str, tuple[str, float]] = {
    "元": (MONEY, 1.0), "人民币": (MONEY, 1.0), "块": (MONEY, 1.0), "美元": (DOLLAR, 1.0),
    "人": ("person", 1.0), "人次": ("person", 1.0), "名": ("person", 1.0), "位": ("person", 1.0), "生": ("person", 1.0),
    "平方米": (AREA, 1.0), "㎡": (AREA, 1.0), "m2": (AREA, 1.0), "m²": (AREA, 1.0), "平米": (AREA, 1.0),
    "亩": (AREA, 2000 / 3), "公顷": (AREA, 1e4), "平方公里": (AREA, 1e6), "平方千米": (AREA, 1e6), "km²": (AREA, 1e6),
    "册": ("volume", 1.0), "本": ("volume", 1.0), "间": ("room", 1.0), "台": ("set", 1.0), "台套": ("set", 1.0),
    "套": ("set", 1.0), "部": ("set", 1.0), "班": ("class", 1.0), "个班": ("class", 1.0), "所": ("school", 1.0),
    "校": ("school", 1.0), "个": (COUNT, 1.0), "件": (COUNT, 1.0), "家": (COUNT, 1.0), "起": (COUNT, 1.0),
    "个学位": ("seat", 1.0), "学位": ("seat", 1.0), "%": (SHARE, 0.01), "‰": (SHARE, 0.001), "百分比": (SHARE, 0.01),
    "百分数": (SHARE, 0.01), "千分比": (SHARE, 0.001), "美金": (DOLLAR, 1.0), "¥": (MONEY, 1.0), "¥元": (MONEY, 1.0),
    **dict.fromkeys(("港元", "港币", "欧元", "日元", "英镑", "卢布", "韩元", "台币", "新台币", "澳门元", "澳元", "加元",
                     "卢比", "瑞郎", "新加坡元", "外币"), (FOREIGN, 1.0)),
}  # fmt: skip
ENGLISH: dict[str, tuple[str, float]] = {
    "yuan": (MONEY, 1.0), "rmb": (MONEY, 1.0), "cny": (MONEY, 1.0), "usd": (DOLLAR, 1.0), "dollar": (DOLLAR, 1.0),
    "dollars": (DOLLAR, 1.0), "us dollars": (DOLLAR, 1.0), "$": (DOLLAR, 1.0), "us$": (DOLLAR, 1.0),
    "person": ("person", 1.0), "persons": ("person", 1.0), "people": ("person", 1.0), "pupils": ("person", 1.0),
    "students": ("person", 1.0), "teachers": ("person", 1.0), "square metres": (AREA, 1.0), "sq m": (AREA, 1.0),
    "sqm": (AREA, 1.0), "square meters": (AREA, 1.0), "hectares": (AREA, 1e4), "ha": (AREA, 1e4),
    "mu": (AREA, 2000 / 3),
    "acres": (AREA, 4046.8564224), "volumes": ("volume", 1.0), "rooms": ("room", 1.0), "sets": ("set", 1.0),
    "classes": ("class", 1.0), "schools": ("school", 1.0), "percent": (SHARE, 0.01), "per cent": (SHARE, 0.01),
    "pct": (SHARE, 0.01), "percentage": (SHARE, 0.01), "permille": (SHARE, 0.001), "share": (SHARE, 1.0),
    "fraction": (SHARE, 1.0), "proportion": (SHARE, 1.0), "renminbi": (MONEY, 1.0), "chinese yuan": (MONEY, 1.0),
    **dict.fromkeys(("eur", "euro", "euros", "€", "gbp", "£", "pounds", "pounds sterling", "jpy", "yen", "hkd", "inr",
                     "rupees", "won", "rubles"), (FOREIGN, 1.0)),
}  # fmt: skip
TIMES_ENGLISH = {
    "thousand": 1e3, "thousands": 1e3, "'000": 1e3, "000": 1e3, "000s": 1e3, "000's": 1e3, "1,000": 1e3, "1000": 1e3,
    "k": 1e3, "million": 1e6, "millions": 1e6, "m": 1e6, "mn": 1e6, "10,000": 1e4, "10000": 1e4, "ten thousand": 1e4,
    "100,000": 1e5, "billion": 1e9, "bn": 1e9, "hundred": 1e2, "hundreds": 1e2,
}  # fmt: skip
_BARE = {
    "thousand": 1e3, "thousands": 1e3, "'000": 1e3, "'000s": 1e3, "000s": 1e3, "000's": 1e3, "million": 1e6,
    "millions": 1e6, "billions": 1e9, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8,
    **dict.fromkeys(("tsd", "mil", "miles", "milhares", "milliers", "tys"), 1e3),
    **dict.fromkeys(("mio", "mln", "millones", "milhões", "milioni"), 1e6), **dict.fromkeys(("mrd", "milliards"), 1e9),
}  # fmt: skip
"""How many of anything, where it stands alone; (m) may be male, (k) a grade."""
_NAMES_OF_MONEY = ("人民币", "rmb", "cny", "renminbi")
COUNTED_NOUNS = (
    "pupils",
    "students",
    "teachers",
    "people",
    "persons",
    "classes",
    "schools",
    "rooms",
    "sets",
    "volumes",
)
"""What an English heading counts, though it is a unit too: primary_teachers."""
COUNTED = ("item", "school", "class", "seat", "room", "set", "volume")
"""Kinds of which 个 is a unit too."""
RATE_UNITS: dict[str, tuple[str, ...]] = {
    "square_metre_per_pupil": (AREA,), "volume_per_pupil": ("volume",), "per_hundred_sets": ("set",),
    "per_hundred_rooms": ("room",), "per_hundred_persons": ("person",), "pupils_per_class": ("person",),
    "yuan_per_pupil": (MONEY,), "yuan_per_person": (MONEY,), "dollar_per_pupil": (DOLLAR,),
    "share": (SHARE,), "pupils_per_teacher": (),
    "teachers_per_class": (), "times": (), "coefficient": (),
}  # fmt: skip
"""The catalogue's units of rates, and what is printed beside each: 平方米 beside 生均校舍面积."""
_SPELT = str.maketrans("單単萬億圓圆仟佰", "单单万亿元元千百")
"""Characters in which units are spelt too, on forms of accounts and in Taiwan, Hong Kong and Japan."""
_LINE = re.compile(
    r"(?:计量|计价|金额|货币|数据|数量|面积|人数|经费|资金)?单位\s*(?:[:：是为]|均为|一律为|\s)\s*((?:(?!单位)[^。;；\n]){1,40})"
    r"|(?:金额|币种|货币)\s*[:：]\s*((?:(?!单位)[^。;；\n]){1,40})"
    r"|以\s*([十百千万亿]{0,2}(?:元|人|平方米))\s*(?:为(?:计量|金额)?单位|计)"
    r"|\bunits?\s*(?:of\s+measure)?\s*[:=]\s*([^.;\n)]{1,40})"
    r"|\b(?:figures|amounts|values|data|expressed|all)?\s*(?:are\s+)?in\s+((?:rmb|yuan|cny|usd|us\$|\$|thousands?|millions?|"
    r"billions?|hundreds?|10,?000|1,?000|'000)[^.;\n)]{0,30})",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,24})[)）\]】]")
_GLUED_BEFORE = re.compile(r"([十百千万亿]{1,2}元)(?=[一-鿿]{2})(?!以[上下内]|级|户)")
_GLUED_AFTER = re.compile(
    r"(?<=[一-鿿])(?<![每占百十千万亿])([十百千万亿]{1,2}[元人])$|(?<=[一-鿿]数)(?P<one>[人所个班台册间])$"
)
"""A unit of many before or behind what is counted, without a bracket; one of one behind its number (在校生数人)."""
_AFTER = re.compile(r"(?:[/,，:：_|-]|(\s))\s*([^/,，:：_|\-\s]{1,8})\s*$")
_SPLIT = re.compile(r"\s*(?:[、,，;；/|]|和|及|与|\band\b)\s*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is printed: the kind of measure, how many of its base one is, and the words."""

    kind: str
    size: float
    words: str

    def contradicts(self, other: Unit) -> bool:
        """Whether both speak of one kind of measure and mean different sizes, or of the money of two countries."""
        if self.is_other_money(other.kind):
            return True
        alike = self.kind == other.kind or (
            MANY_OF_ANY in (self.kind, other.kind) and SHARE not in (self.kind, other.kind)
        )
        return alike and abs(self.size - other.size) > 1e-9 * max(self.size, other.size)

    def is_other_money(self, kind: str) -> bool:
        """Whether this is money, and not of the country that a column's money is of."""
        return self.kind in CURRENCIES and kind in CURRENCIES and self.kind != kind


@lru_cache(maxsize=4096)
def unit_of(words: str) -> Unit | None:
    """The unit that some words are, wholly; None where they are anything else.

    Examples
    --------
    >>> unit_of("千元"), unit_of("RMB '000"), unit_of("％").size, unit_of("小学")
    (Unit(kind='yuan', size=1000.0, words='千元'), Unit(kind='yuan', size=1000.0, words="RMB '000"), 0.01, None)
    """
    bare = re.sub(r"^(?:单位|计量单位|unit)\s*[:：]?\s*", "", tidy_line(words), flags=re.IGNORECASE)
    own = re.sub(r"^(?:计量|金额)?单\s*位\s*[:：]?\s*", "", words.strip()) or words.strip()
    text = bare.replace(" ", "").removesuffix("人民币") or bare.replace(" ", "")
    text = re.sub(r"^人民币(?=.)", "", text)
    for many in ("", *sorted(MANY, key=len, reverse=True)):  # km² is no thousand m²
        if text.startswith(many) and (base := BASES.get(text.removeprefix(many))):
            return Unit(base[0], MANY[many] * base[1], own)
    return _english(bare, own)


def _english(bare: str, words: str) -> Unit | None:
    text = re.sub(r"\s+", " ", re.sub(r"\b(?:of|in)\b", " ", bare.lower().replace("’", "'"))).strip()
    if found := ENGLISH.get(text):
        return Unit(found[0], found[1], words)
    if size := _BARE.get(text.removesuffix(".")):
        return Unit(MANY_OF_ANY, size, words)
    if match := re.fullmatch(r"(us\$|\$)\s*(m|mn|million|bn|billion|k|thousand|000s?)", text):
        return Unit(DOLLAR, TIMES_ENGLISH[match[2]], words)
    for many, times in TIMES_ENGLISH.items():
        for rest in (text.removeprefix(f"{many} "), text.removesuffix(f" {many}")):
            if rest != text and (base := ENGLISH.get(rest.strip())):
                return Unit(base[0], times * base[1], words)
    return None


HEADINGS = ("单位", "计量单位", "金额单位", "数据单位", "unit", "units", "unitofmeasure", "uom")
"""What the column is called that says the unit of every row."""


def is_heading_of_units(words: str) -> bool:
    """Whether a heading is that of a column of units."""
    return re.sub(r"[\W_]", "", plain(words).lower()) in HEADINGS


def units_of_rows(
    headings: Sequence[Sequence[str]], cells_of: Callable[[int], Iterable[object]]
) -> list[Unit | None]:
    """The unit that a column of units gives every row, [] where a table has none; 单位 is also what a school is called.

    Parameters
    ----------
    headings : the words above every column
    cells_of : the cells of a column
    """
    for j, path in enumerate(headings):
        if path and is_heading_of_units(path[-1]):
            cells = [str(cell or "") for cell in cells_of(j)]
            if any(unit_of(words) for words in set(cells) if words):
                return [unit_of(words) or _many_of(words) if words else None for words in cells]
    return []


def _many_of(words: str) -> Unit | None:
    """How many of something that has no unit here: 万吨, 千株."""
    start = re.match("[十百千万亿]+", tidy_line(words))
    return Unit(MANY_OF_ANY, MANY[start[0]], words) if start and start[0] in MANY else None


_AMOUNT = re.compile(r"([-+]?\d[\d,. ]*)\s*([^\d\s,.%‰()（）<>]{1,6})")


def amount_in(shown: str, unit: Unit, read: Callable[[str], float | None] = number) -> float | None:
    """A figure with its unit beside it (17500人, 3000千元) as a number of another unit of its kind.

    Examples
    --------
    >>> amount_in("3000千元", unit_of("万元")), amount_in("17500人", unit_of("万元"))
    (300.0, None)
    """
    beside = _AMOUNT.fullmatch(shown) if unit.kind != SHARE else None
    own = unit_of(beside[2]) if beside else None
    if beside is None or own is None or own.kind not in (unit.kind, COUNT if unit.size == 1 else ""):
        return None
    value = read(beside[1])
    return None if value is None else round(value * own.size / unit.size, 6)


def is_figure(shown: str) -> bool:
    """Whether a cell holds a number, maybe with its unit or a per cent sign beside it.

    Examples
    --------
    >>> is_figure("1,098 所"), is_figure("98.5%"), is_figure("15.5:1"), is_figure("98路")
    (True, True, True, False)
    """
    if number(shown.rstrip("%"), "pupils_per_teacher") is not None:
        return True
    beside = _AMOUNT.fullmatch(plain(shown))
    return beside is not None and unit_of(beside[2]) is not None and number(beside[1]) is not None


def units_in(text: str) -> list[Unit]:
    """The units that a line speaks of: a unit line, a note, or a title with the unit in brackets.

    Examples
    --------
    >>> [u.words for u in units_in("计量单位：人、万元")], [u.words for u in units_in("2023年经费（千元）")]
    (['人', '万元'], ['千元'])
    >>> units_in("填报单位：汀阳区教育局"), units_in("单位：元/人")
    ([], [])
    """
    text = tidy_line(text)
    found: list[Unit] = []
    for match in _LINE.finditer(text):
        told = next(group for group in match.groups() if group)
        found += _listed(re.sub(r"[()\[\]【】（）]", " ", told))
    if not found and (whole := unit_of(text)) is not None:
        return [whole]
    if not found:
        found = [unit for inside in _BRACKET.findall(text) for unit in _listed(inside)]
    if len({unit.kind for unit in found}) < len(
        found
    ):  # 币种：人民币 单位：千元 names the money and its unit
        found = [unit for unit in found if unit.words.lower() not in _NAMES_OF_MONEY] or found
    return list(dict.fromkeys(found))


def is_line(text: str) -> bool:
    """Whether a text is a line of units and speaks of the whole sheet, not of the columns beneath it.

    Examples
    --------
    >>> is_line("单位：千元"), is_line("经费（千元）")
    (True, False)
    """
    return bool(_LINE.search(tidy_line(text)))


def tidy_line(text: str) -> str:
    """A line as it is searched: 單 位：仟元 is 单位：千元."""
    return re.sub(r"单\s*位", "单位", plain(text).translate(_SPELT))


def _listed(told: str) -> list[Unit]:
    """The units of a list; 元/人 is one unit that is none of ours, 人/元/所 is a list."""
    told = told.strip(" 。.)）】]")
    parts = [part for part in _SPLIT.split(told) if part]
    if "/" in told and len(parts) == 2 and re.search(r"元|yuan|\$|平方米|㎡|册|台", parts[0]):
        return []
    if (whole := unit_of(told)) is not None:
        return [whole]
    found = [unit_of(part) for part in parts]
    if all(unit is not None for unit in found):
        return [unit for unit in found if unit is not None]
    apart = [unit_of(word) for word in told.split()]
    if all(unit is not None for unit in apart):  # 单位：所 人 万元
        return [unit for unit in apart if unit is not None]
    first = re.match(r"[^\s]+", told)
    only = unit_of(first[0]) if first and len(parts) == 1 else None
    return [only] if only else [unit for unit in found if unit is not None and len(parts) > 1]


def unit_beside(heading: str) -> tuple[str, Unit | None]:
    """A heading without its unit, and the unit in brackets or after a stroke at its end.

    Examples
    --------
    >>> unit_beside("资产值(万元)"), unit_beside("骨干教师（小学）")[1]
    (('资产值', Unit(kind='yuan', size=10000.0, words='万元')), None)
    >>> unit_beside("千元教育经费")[0], unit_beside("教育经费万元")[0], unit_beside("在校生数人")[0]
    ('教育经费', '教育经费', '在校生数')
    """
    text = plain(heading)
    for match in reversed(list(_BRACKET.finditer(text))):
        beside = (
            match.end() == len(text) or match.start() == 0
        )  # 入园（班）人数 speaks of classes, not of a unit
        if beside and (unit := unit_of(match[1])) is not None:
            return (text[: match.start()] + text[match.end() :]).strip(), unit
    after = _AFTER.search(text)
    unit = (
        unit_of(after[2]) if after and after.start() > 0 and after[2].lower() not in COUNTED_NOUNS else None
    )
    # 小学 班 is a heading; 教育经费 千元 is one with its unit
    if after and unit is not None and (not after[1] or unit.kind in CURRENCIES or unit.size != 1.0):
        return text[: after.start()].strip(), unit
    if text[-1:] in ("%", "‰") and len(text) > 1:
        return text[:-1].strip(), unit_of(text[-1])
    for glued in (_GLUED_BEFORE.match(text), _GLUED_AFTER.search(text)):
        if glued is not None:
            start, end = glued.span(glued.lastindex or 0)
            return (text[:start] + text[end:]).strip(), unit_of(text[start:end])
    return text, None


def fits(unit: Unit, catalogue_unit: str) -> bool:
    """Whether a printed unit can be that of a column of the catalogue.

    Examples
    --------
    >>> fits(unit_of("个"), "school"), fits(unit_of("万元"), "person")
    (True, False)
    """
    if unit.kind == COUNT:
        return catalogue_unit in COUNTED
    return unit.kind == catalogue_unit or (unit.kind == MANY_OF_ANY and catalogue_unit != SHARE)

"""Which county does a row speak of? By its code, whatever became of it, or by its name.

A name is held against the prefecture's own register first and against the national lists of codes; one that fits
several counties is told apart by its neighbours, or refused with the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from edustats.load.files.values import plain
from edustats.load.reading.county_codes import Listed, every, listed
from edustats.load.reading.higher_areas import find_higher, find_higher_in, names_of_higher

GBT2260 = "gbt2260"
_DIGITS = re.compile(r"(\d+)(?:\.0*)?", re.ASCII)
_LOST = re.compile(r"\d+(?:\.\d+)?E[+-]?\d+", re.ASCII | re.IGNORECASE)
_LOST_COUNTY = re.compile(r"([1-9])\.(\d{5})E\+?11", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_.\-]{0,38}[0-9A-Za-z])?", re.ASCII)
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|"
    "赫哲|门巴|珞巴|基诺|各"
)
_ENDING = re.compile(rf"(?<=.)(?:(?:{_PEOPLES})族)*自治[县旗]$|(?<=..)(?:林区|特区|矿区|[县区市旗])$")
_CODE_AND_NAME = re.compile(
    r"(\d{6}|\d{9}|\d{12})[\s_\-—·]*[(（\[]?[一-鿿][一-鿿()（）·\s]*[)）\]]?|[一-鿿·]+\s*[(（\[]?(\d{6})[)）\]]?"
)
"""430202 荷塘区, 荷塘区(430202): code and name in one cell."""
_KINDS = ("市区", "城区", "郊区", "矿区")
"""Names of counties, once or still, that in a title are a kind of area: 各县市区."""
CITY_PROPER = "SQ"
"""The letters of 市区 and 主城区: a unit where the city's districts have no rows, and otherwise their total."""
_NAME = re.compile(r"[\w·（）() \-—'’.&,]{1,60}")
OWN_UNITS: Mapping[str, str] = {
    "市本级": "BJ", "本级": "BJ", "市直": "ZS", "直属": "ZS", "市属": "SS", "省属": "SH", "县本级": "XB",
    "区本级": "QB",
    "州本级": "BJ", "盟本级": "BJ", "经济技术开发区": "JK", "经济开发区": "JK", "经开区": "JK",
    "高新技术产业开发区": "GX",
    "高新技术开发区": "GX", "高新区": "GX", "开发区": "KF", "管委会": "GW", "示范区": "SF", "保税区": "BS",
    "工业园": "YQ",
    "园区": "YQ", "景区": "FJ", "度假区": "DJ", "新区": "XQ", "主城区": "SQ", "中心城区": "SQ",
}  # fmt: skip
"""Units beside the counties that have no code of their own, and the two letters that stand for them after 4302."""


def area_code(text: str, width: int = 0, divide: int = 1, scheme: str = "") -> str:
    """A code of an area or unit as it is kept, '' where the text is none.

    A code that a spreadsheet made a float comes back whole, with its zeros; one of towns or villages (9 or 12 digits)
    is its county's; one with letters stays as it is; one written 4.3E+09 has lost its digits.

    Parameters
    ----------
    text : the cell
    width : digits of a code; shorter ones have lost zeros
    divide : number that a longer code is divided by
    scheme : gbt2260 for the national codes of China

    Examples
    --------
    >>> area_code("1010.0", 2, 1000), area_code("990101000000", 6), area_code("E06000001"), area_code("4.3E+09")
    ('01', '990101', 'E06000001', '')
    >>> area_code("330282123204", 6, scheme="gbt2260"), area_code("甲县"), area_code("1243020044567890XA")
    ('330282', '', '1243020044567890XA')
    >>> area_code("990101甲县"), area_code("'990101"), area_code("99 01 01"), area_code("9.90101E+11", 6)
    ('990101', '990101', '990101', '990101')
    """
    bare = plain(text)
    if beside := _CODE_AND_NAME.fullmatch(bare):
        bare = beside[1] or beside[2]
    bare = _bare_code(bare)
    if (county := _LOST_COUNTY.fullmatch(bare)) and (width == 6 or scheme == GBT2260):
        return county[1] + county[2]  # of twelve digits the last six are noughts; a school's would be lost
    whole = _DIGITS.fullmatch(bare)
    if whole is None:
        return (
            bare
            if _CODE.fullmatch(bare) and not _LOST.fullmatch(bare) and any(map(str.isdigit, bare))
            else ""
        )
    digits = whole[1] if divide == 1 else str(int(whole[1]) // divide)
    size = width or (6 if scheme == GBT2260 else 0)
    if not size or len(digits) <= size:
        return digits.zfill(size)
    if size == 6 and len(digits) in (9, 12) and (scheme == GBT2260 or not digits[6:].strip("0")):
        return digits[:6]
    return ""


def _bare_code(bare: str) -> str:
    """A code without the apostrophe of a spreadsheet or spaces between its pairs."""
    bare = bare.lstrip("'‘’`")
    if re.fullmatch(r"\d\d(?: \d\d){2,5}", bare):
        return bare.replace(" ", "")
    return bare


def code_and_name(words: str) -> tuple[str, str]:
    """The code and the name of a county in the name of a sheet or file; '' for what is not there.

    Examples
    --------
    >>> code_and_name("990102汀阳区_小学"), code_and_name("汀阳区2023年"), code_and_name("Sheet1")
    (('990102', '汀阳区'), ('', '汀阳区'), ('', ''))
    """
    found = re.search(r"(?<!\d)([1-9]\d{5})(?!\d)", plain(words))
    name = re.search(r"[一-鿿]{1,12}?(?:[县区市旗]|自治县)", plain(words))
    return (found[1] if found else "", name[0] if name else "")


def named_in(words: str) -> tuple[str, str]:
    """The code and the name of the one county that a title speaks of; '' where it names none or several.

    Examples
    --------
    >>> named_in("2023年株洲市荷塘区小学情况"), named_in("株洲市各县市区小学情况"), named_in("攸县历年情况")[1]
    (('430202', '荷塘区'), ('', ''), '攸县')
    """
    bare = re.sub(r"\s+", "", plain(words))
    if asked := re.search(
        r"地区:([一-鿿]{2,15}?)(?:时间|指标|单位|\W|$)", bare
    ):  # of a data base: 地区：湖南省
        bare = asked[1]
    if re.search(r"各[县区市旗]", bare):
        return "", ""
    listed_ = {c.name for c in every() if len(c.name) > 1 and c.name not in _KINDS and c.name in bare}
    names = {one for one in listed_ if not any(one != other and one in other for other in listed_)}
    found = re.search(r"(?<!\d)([1-9]\d{5})(?!\d)", bare)
    if len(names) > 1:
        return "", ""
    if not names and any(higher := find_higher_in(bare)):
        return higher
    if not names:
        code, name = code_and_name(re.sub(r"(?:19|20)\d\d(?:学年度?|年度?)?", "", bare))
        return (
            (code, name)
            if name and not re.match(r"[各全本我县市区旗]", name) and name[-2:-1] not in "县市区"
            else ("", "")
        )
    name = next(iter(names))
    codes = [c.code for c in candidates(name)]
    return (found[1] if found else codes[0] if len(codes) == 1 else ""), name


def safe_name(text: str) -> str:
    """A name that can stand for a code, '' where it holds what a name does not.

    Examples
    --------
    >>> safe_name(" 甲县 "), safe_name("../x"), safe_name("=1+1"), safe_name("Miami/Yoder 60")
    ('甲县', '', '', 'Miami-Yoder 60')
    """
    bare = re.sub(r"\s+", " ", plain(text)).replace("/", "-")
    return bare if _NAME.fullmatch(bare) and ".." not in bare and bare[0].isalnum() else ""


_NUMBERED = re.compile(r"^[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[)）.．、]\s*(?=[一-鿿])")
_AFTER_NAME = re.compile(
    r"(?<=[县区市旗州盟])(?:教育局|教体局|教育体育局|教育和体育局|教育科技局|教科局|教科体局|教育科学技术局|教育委员会|教委)$"
    r"|[\s:：。.，,、;；*＊①-⑳]+$"
)


def bare_name(text: str) -> str:
    """A Chinese name without the number before it, the signs behind it, and the office that reports for the area.

    Examples
    --------
    >>> bare_name("1. 攸 县"), bare_name("（三）炎陵县："), bare_name("攸县教育局"), bare_name("Miami 60.")
    ('攸县', '炎陵县', '攸县', 'Miami 60.')
    """
    if not re.search("[一-鿿]", text):
        return text
    bare = re.sub(r"(?<=[一-鿿])\s+(?=[一-鿿])", "", _NUMBERED.sub("", plain(text)))
    return _AFTER_NAME.sub("", _AFTER_NAME.sub("", bare)) or text


def stem(name: str) -> str:
    """A name without spaces and its kind of area, as people shorten it: 鼓楼区 and 鼓楼 are one.

    Examples
    --------
    >>> stem("鼓楼区"), stem("鼓 楼"), stem("郊区"), stem("长阳土家族自治县")
    ('鼓楼', '鼓楼', '郊区', '长阳')
    """
    bare = re.sub(r"[\s　·]+", "", plain(name))
    return _ENDING.sub("", bare) or bare


def own_unit(name: str) -> str:
    """The letters of a unit beside the counties (市本级, 高新区), '' where a name is none.

    Examples
    --------
    >>> own_unit("市本级"), own_unit("云汀市高新区"), own_unit("浦东新区"), own_unit("甲县"), own_unit("株洲市区")
    ('BJ', 'GX', '', '', 'SQ')
    """
    bare = re.sub(r"\s+", "", plain(name))
    if bare == "市区" or (bare.endswith("市区") and bare[:-1] in names_of_higher().values()):
        return CITY_PROPER  # and not 濮阳's county of that name, which ended in 2001, nor 荆州市沙市区
    if bare in names_of_higher().values() or any(c.name == bare for c in _by_stem().get(stem(bare), ())):
        return ""  # 雄安新区 has a code, and 浦东新区 is a county in law
    return next((letters for words, letters in OWN_UNITS.items() if bare.endswith(words)), "")


def is_district(code: str) -> bool:
    """Whether a code is that of a district of a city, a part of its city proper.

    Examples
    --------
    >>> [is_district(code) for code in ("430202", "430201", "430223", "430281")]
    [True, False, False, False]
    """
    return len(code) == 6 and "01" < code[4:] < "21"


@cache
def _by_stem() -> dict[str, tuple[Listed, ...]]:
    found: dict[str, list[Listed]] = {}
    for county in every():
        found.setdefault(stem(county.name), []).append(county)
    return {key: tuple(counties) for key, counties in found.items()}


def candidates(name: str, year: int = 0, within: str = "") -> tuple[Listed, ...]:
    """Every county that a name can mean, as the national lists had it about a year.

    Parameters
    ----------
    name : as it stands, with or without 县, 区, 市, and with the city's name before it or not
    year : the school year, 0 if unknown; a name that was no longer in use then is looked for too
    within : the beginning of the codes that can be meant, such as 3201

    Examples
    --------
    >>> [c.code for c in candidates("鼓楼", 2015, "32")], candidates("甲县")
    (['320106', '320302'], ())
    """
    bare = re.sub(r"\s+", "", plain(name))
    held = [c for c in _by_stem().get(stem(bare), ()) if c.code.startswith(within) and shortens(bare, c.name)]
    if _held(held, bare, year):  # 五峰县 of 2021 is 五峰土家族自治县
        held = [c for c in held if c.name == bare]
    now = [c for c in held if (c.held_about(year) if year else not c.last)]
    if not now:  # of names that are gone the one that was there last
        now = [c for c in held if c.last == max(one.last for one in held)]
    latest = {c.code: c for c in now}
    return tuple(sorted(latest.values(), key=lambda c: c.code))


def _held(found: Sequence[Listed], name: str, year: int) -> bool:
    """Whether a county of just this name was there in a year, or is today."""
    return any(c.name == name and (c.held_about(year) if year else not c.last) for c in found)


def shortens(said: str, name: str) -> bool:
    """Whether what somebody wrote is a county's name or a short form of it; 江北县 is not short for 江北区."""
    return said == name or said == stem(name) or (said[-1:] == name[-1:] and stem(said) == stem(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What names were taken for."""

    codes: Mapping[str, str]
    ambiguous: Mapping[str, tuple[Listed, ...]]
    unknown: tuple[str, ...]


def resolve(
    names: Iterable[str], register: Mapping[str, str] | None = None, year: int = 0, within: str = ""
) -> Resolved:
    """The codes of counties that a table names.

    Parameters
    ----------
    names : the names, totals left out
    register : the prefecture's own names and codes; they go first, by their short forms too
    year, within : see :func:`candidates`

    Examples
    --------
    >>> found = resolve(["鼓楼区", "玄武区", "秦淮区"])
    >>> found.codes["鼓楼区"], found.ambiguous
    ('320106', {})
    >>> [c.code for c in resolve(["鼓楼区"]).ambiguous["鼓楼区"]]
    ['320106', '320302', '350102', '410204']
    """
    own = {stem(name): code for name, code in (register or {}).items()}
    codes: dict[str, str] = {}
    open_: dict[str, tuple[Listed, ...]] = {}
    unknown: list[str] = []
    for name in dict.fromkeys(names):
        if name in (register or {}) or stem(name) in own:
            codes[name] = (register or {}).get(name) or own[stem(name)]
        elif not own_unit(name) and (found := _find_counties(name, year, within)):
            if (
                (higher := find_higher(name))
                and names_of_higher()[higher] == name
                and not _held(found, name, year)
            ):
                codes[name] = (
                    higher  # 邯郸市 of today is the prefecture, not the county that once had the name
                )
            else:
                open_[name] = found
        elif len(within) == 4 and plain(name) == "市辖区":
            codes[name] = f"{within}01"
        else:
            unknown.append(name)
    codes |= {name: higher for name in unknown if (higher := find_higher(name))}
    unknown = [name for name in unknown if name not in codes]
    bare = [name for name, found in open_.items() if find_higher(name) and all(c.name != name for c in found)]
    sure = {name: found for name, found in open_.items() if name not in bare}
    codes |= {name: _today(found[0], year) for name, found in sure.items() if len(found) == 1}
    strange = _find_strange(sure, codes, year)
    codes = {name: code for name, code in codes.items() if name not in strange}
    unknown += strange
    near = {code[:4] for code in codes.values() if not code.endswith("00")}
    cities, ambiguous = _cities_or_counties({name: open_[name] for name in bare}, near, set(codes.values()))
    codes |= cities
    for name, found in sure.items():
        if len(found) > 1:
            beside = [c for c in found if c.code[:4] in near]
            named = {code[:4] for other, code in codes.items() if _city(name) and _city(other) == _city(name)}
            of_city = [c for c in found if len(named) == 1 and c.code[:4] in named]
            if len(of_city) == 1:
                codes[name] = _today(of_city[0], year)
            elif len(beside) == 1 and len(near) == 1 and len(codes) > 1:
                codes[name] = _today(beside[0], year)
            else:
                ambiguous[name] = found
    return Resolved(codes=codes, ambiguous=ambiguous, unknown=tuple(unknown))


def _find_counties(name: str, year: int, within: str) -> tuple[Listed, ...]:
    """The counties that a name can mean; with a city before it those of that city, wherever others of its table are."""
    county, city = without_city(name), find_higher(_city(name))[:4]
    inside = candidates(county, year, city) if city else ()
    return inside or candidates(county, year, within)


def _find_strange(sure: Mapping[str, tuple[Listed, ...]], codes: Mapping[str, str], year: int) -> list[str]:
    """Names that only a county of another city had, and has no more: 盐区 in a table of 株洲 is none of 连云港."""
    held = {
        name: code[:4]
        for name, code in codes.items()
        if not code.endswith("00") and not _is_gone(sure.get(name, ()), year)
    }
    where = set(held.values())
    if len(where) != 1 or len(held) < 2:
        return []
    gone = [name for name, found in sure.items() if name in codes and _is_gone(found, year)]
    return [name for name in gone if codes[name][:4] not in where]


def _is_gone(found: Sequence[Listed], year: int) -> bool:
    """Whether none of the counties was on the lists about a year, or is on the newest."""
    return bool(found) and not any(c.held_about(year) if year else not c.last for c in found)


def _cities_or_counties(
    open_: Mapping[str, tuple[Listed, ...]], near: set[str], beside: set[str]
) -> tuple[dict[str, str], dict[str, tuple[Listed, ...]]]:
    """Short names that a city and a county share (长沙): counties only where all fit beside those of one other city."""
    inside = {name: [c for c in found if {c.code[:4]} == near] for name, found in open_.items()}
    own = {name: find_higher(name) for name in open_}
    counties = all(inside.values()) and {code[:4] for code in own.values()}.isdisjoint(near)
    if counties:
        return {name: found[0].code for name, found in inside.items()}, {}
    if len(open_) + sum(code.endswith("00") for code in beside) > 1:
        return own, {}
    higher = {
        name: Listed(code=code, name=names_of_higher()[code], first="", last="", successor="")
        for name, code in own.items()
    }
    return {}, {name: (higher[name], *found) for name, found in open_.items()}


def _city(name: str) -> str:
    """The city before a county's name, '' where there is none."""
    return plain(name).removesuffix(without_city(name)) if without_city(name) != name else ""


def without_city(name: str) -> str:
    """南京市鼓楼区 without the city before it."""
    found = re.fullmatch(r"[一-鿿]{2,13}?[市州盟]([一-鿿]{1,12}[县区市旗])", plain(name))
    return found[1] if found else name


def _today(county: Listed, year: int) -> str:
    """The county's code, or its successor's where the year is later than the county."""
    gone = county.last and year > int(county.last[:4]) + 1
    return county.successor if gone and county.successor and listed(county.successor) else county.code


def told(found: Sequence[Listed]) -> str:
    """Candidates as they are printed: 320106 鼓楼区, 320302 鼓楼区."""
    return ", ".join(f"{c.code} {c.name}" for c in found)

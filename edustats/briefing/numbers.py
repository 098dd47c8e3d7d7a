"""Which numbers does a text print, in which unit, and which values do they stand for?

A number is found with its sign, magnitude (万, 亿), unit and approximators (约, 近, 余, 以上). Years,
ordinals, document numbers, telephone numbers and names such as 2.0行动 are no quantities.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON, one_of

DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
POWERS: Final = {"十": 10, "百": 100, "千": 1000}
COUNTS: Final = {
    "persons",
    "schools",
    "classes",
    "firms",
    "things",
    "sets",
    "volumes",
    "household",
    "visits",
    "duration",
}
"""Dimensions whose numbers are whole: printed without 万 and decimals they stand for themselves."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One printed number.

    ``value`` is in the printed unit, ``scale`` brings it to the base unit (万 is 10,000). ``lo`` and
    ``hi`` bound, in the base unit, the values it may stand for.
    """

    start: int
    end: int
    value: float
    decimals: int
    scale: float
    unit: str
    dimension: str
    lo: float
    hi: float
    approximation: str = ""
    text: str = ""

    @property
    def interval(self) -> Interval:
        """The values it may stand for, in the base unit."""
        return Interval(self.lo, self.hi)

    @property
    def base(self) -> float:
        """The printed value in the base unit."""
        return self.value * self.scale

    @property
    def is_rate(self) -> bool:
        """A percentage or its like, which ordinary prose also calls a level."""
        return self.dimension == "percent"


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year, or a range of years; ``damaged`` when the digits cannot be one."""

    start: int
    end: int
    first: int
    last: int
    damaged: bool = False


_UNITS = one_of([name for names in LEXICON.raw["units"].values() for name in names if name != "个"])
_MAGNITUDES = one_of(list(LEXICON.raw["magnitudes"]))
_BEFORE = one_of(
    [
        w
        for w in LEXICON.approximation
        if w
        not in (
            "余",
            "多",
            "来",
            "强",
            "以上",
            "以下",
            "左右",
            "上下",
            "以内",
            "之内",
            "之下",
            "之多",
            "及以上",
            "及以下",
            "及其以上",
        )
    ]
)
_AFTER = (
    one_of(
        [
            "左右",
            "上下",
            "及其以上",
            "及以上",
            "以上",
            "及以下",
            "以下",
            "以内",
            "之内",
            "之下",
            "之多",
        ]
    )[:-1]
    + r"|[多余](?!\d))"
)  # 比10.2平方米多4.2平方米: a gap
NUMBER: Final = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<sign>(?<![\d)%A-Za-z])[-+](?=\d))?"
    rf"(?P<digits>(?<![\d.A-Za-z])(?:\d{{1,3}}(?:,\d{{3}}){{1,4}}(?!\d)|\d{{1,15}})(?:\.\d{{1,8}})?)"
    rf"(?P<some>[余多来]|几)?(?P<magnitude>{_MAGNITUDES})?(?P<more>[余多])?"
    rf"(?P<unit>{_UNITS}|个(?=[余多]?{_AFTER}?)|)(?P<per>/[a-z\u4e00-\u9fff·]{{1,4}})?(?P<after>{_AFTER})?"
)
_CHINESE = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<fraction>[百千万]分之)?"
    r"(?P<digits>[零〇一二两三四五六七八九十百千]{1,9}(?:亿[零一二两三四五六七八九十百千]{1,7}(?=万)"
    r"|万[零一二两三四五六七八九十百千]{2,7})?"
    r"(?:点[零〇一二三四五六七八九]{1,4})?)"
    rf"(?P<some>[余多])?(?P<magnitude>[万亿])?(?P<more>[余多])?(?P<unit>{_UNITS}|个|)(?P<after>{_AFTER})?"
)
_PARTS_OF = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<fraction>[百千万])分之(?P<digits>\d{{1,4}}(?:\.\d{{1,4}})?)(?P<after>{_AFTER})?"
)
_TENTHS = re.compile(
    rf"(?P<before>{_BEFORE}|过|达)?(?P<a>[一二两三四五六七八九]|\d(?:\.\d)?)成(?P<b>[一二三四五六七八九半])?"
    rf"(?P<after>{_AFTER})?(?![立为员果效长熟绩人年功本就分交品像语])"
)
_HALF = re.compile(
    r"(?<![对多大下上前后另每学统折])(?P<before>超过|过|超|近|将近|接近|不足|不到|约)?(?:一半|半数)(?P<after>以上|左右)?"
    r"|(?:已|超)?过半(?!年|个|小时|天|数|月|程)"
)
_FRACTION = re.compile(r"([一二两三四五六七八九十]{1,2})分之([一二两三四五六七八九十]{1,2})")
_DOUBLED = re.compile(
    r"(?P<near>近|将近)?翻(?:了)?(?P<nearly>近|将近)?(?P<times>[一两二三四五]?)番(?P<more>多|以上)?"
)
YEAR: Final = re.compile(
    r"(?<![\d.,])(?P<first>(?:19|20)\d{2})(?:年)?(?:[-—–~～至到]{1,2}(?P<last>(?:(?:19|20)\d{2}|\d{2})))(?=年|学年|年度|\))"
    r"|(?<![\d.,])(?P<one>(?:19|20)\d{2})(?=年|/(?:\d{4}|\d{2})学?年|学年|级|届|财年|财政年度|Q[1-4])"
)
_CHINESE_YEAR = re.compile(r"(?P<digits>[一二][九零〇][零〇一二三四五六七八九]{2})年")
_DAMAGED = re.compile(r"(?<!\d)(?P<digits>(?:20\d{2}20\d{2})|(?:20\d{3,4}))(?=年)")
_SKIP_BEFORE = re.compile(r"(?:第|〔|No\.?|NO\.?|[A-Za-z_#@+])$")
_SKIP_AFTER = re.compile(
    r"月(?!份?[增减])|日(?!均)|时(?!间)|号|届|年级|〕|[A-Za-z_+@#](?!\d)|[:：]\d|\.\d|\.(?=[\u4e00-\u9fff“])|[零〇一二三四五六七八九]"
)
_RATIO = re.compile(r"(?<![\d.:])(?P<a>\d{1,6}(?:\.\d{1,4})?)(?::)(?P<b>\d{1,6}(?:\.\d{1,4})?)(?![\d:])")


def years(text: str) -> list[Year]:
    """Calendar years and ranges of years in a clean text, in order."""
    found = [_parse_year(match) for match in YEAR.finditer(text)]
    found += [_chinese_year(match) for match in _CHINESE_YEAR.finditer(text)]
    found += [Year(m.start(), m.end(), 0, 0, damaged=True) for m in _DAMAGED.finditer(text)]
    return sorted(found, key=lambda year: year.start)


def _parse_year(match: re.Match[str]) -> Year:
    if match["one"]:
        return Year(match.start(), match.end(), int(match["one"]), int(match["one"]))
    first, last = int(match["first"]), match["last"]
    return Year(
        match.start(), match.end(), first, int(last) if len(last) == 4 else first // 100 * 100 + int(last)
    )


def _chinese_year(match: re.Match[str]) -> Year:
    value = int("".join(str(DIGITS[sign]) for sign in match["digits"]))
    return Year(match.start(), match.end() - 1, value, value)


def quantities(text: str, skip: list[Year]) -> list[Quantity]:
    """Numbers with their units in a clean text, in order, years left out.

    Examples
    --------
    >>> [(q.value, q.unit, q.lo, q.hi) for q in quantities("近3.5万人", [])]
    [(3.5, '人', 34000.0, 35000.0)]
    """
    taken = [(year.start, year.end) for year in skip]
    found: list[Quantity] = []
    for pattern, read in _READERS:
        fresh = [q for match in pattern.finditer(text) if (q := read(match)) is not None]
        fresh = _drop_overlapping(fresh, sorted(taken))
        taken += [(q.start, q.end) for q in fresh]
        found += fresh
    return _inherit_units(sorted(found, key=lambda q: q.start), text)


def _drop_overlapping(found: list[Quantity], taken: list[tuple[int, int]]) -> list[Quantity]:
    """Those that overlap nothing taken; both lists are in order, so one walk is enough."""
    kept, i = [], 0
    for quantity in found:
        while i < len(taken) and taken[i][1] <= quantity.start:
            i += 1
        if i == len(taken) or taken[i][0] >= quantity.end:
            kept.append(quantity)
    return kept


def _parse_arabic(match: re.Match[str]) -> Quantity | None:
    text = match.string
    before = text[max(0, match.start("digits") - 3) : match.start("digits")]
    unit = match["unit"]
    if _SKIP_BEFORE.search(before) or (not unit and _SKIP_AFTER.match(text, match.end())):
        return None
    if (not unit and not match["magnitude"] and len(match["digits"]) > 9) or _names_schools(match):
        return None
    value = float(match["digits"].replace(",", ""))
    decimals = len(match["digits"].partition(".")[2])
    return _make_quantity(match, -value if match["sign"] == "-" else value, decimals)


def _names_schools(match: re.Match[str]) -> bool:
    """12年一贯制学校, 三年制: no length of time but a kind of school."""
    return match["unit"] == "年" and match.string.startswith(("一贯制", "制"), match.end())


def _parse_chinese(match: re.Match[str]) -> Quantity | None:
    unit, digits = match["unit"], match["digits"]
    if _names_schools(match):
        return None
    short = len(digits) == 1 and digits != "十" and not match["magnitude"]
    if not match["fraction"] and (not unit or (short and unit not in ("倍", "个百分点", "百分点", "成"))):
        return None
    if unit == "成":
        return None
    value = _chinese_value(digits, match["magnitude"] or "")
    if (
        value is None
        or match.string.startswith("节气", match.start("unit"))
        or (match.start() and match.string[match.start() - 1] == "第")
    ):
        return None
    # 二十三万五千 is rounded to the thousand, 一亿二千万 to ten million
    rounded = digits.endswith(("千", "百")) and ("万" in digits or "亿" in digits)
    return _make_quantity(
        match, value, -2 - digits.endswith("千") if rounded else len(digits.partition("点")[2])
    )


def _chinese_value(digits: str, magnitude: str = "") -> float | None:
    """The value of Chinese digits: 二十三万五千 is 235,000, 九十三点零 is 93; 一亿二千 before 万 is 12,000."""
    if "亿" in digits:
        upper, lower = (_chinese_value(half) for half in digits.split("亿", 1))
        return None if upper is None or lower is None or magnitude != "万" else 10_000 * upper + lower
    if "万" in digits:
        upper, lower = (_chinese_value(half) for half in digits.split("万", 1))
        return None if upper is None or lower is None else 10_000 * upper + lower
    whole, _, fraction = digits.partition("点")
    if len(whole) > 1 and not set(whole) & set(POWERS):
        return None
    total, current = 0, 0
    for sign in whole:
        if sign in POWERS:
            total, current = total + (current or 1) * POWERS[sign], 0
        else:
            current = DIGITS[sign]
    return total + current + (float("0." + "".join(str(DIGITS[s]) for s in fraction)) if fraction else 0.0)


def _parse_fraction(match: re.Match[str]) -> Quantity | None:
    bottom, top = _chinese_value(match[1]), _chinese_value(match[2])
    if not bottom or top is None or top >= bottom:
        return None
    share = 100 * top / bottom
    return Quantity(
        match.start(),
        match.end(),
        share,
        0,
        1.0,
        "%",
        "percent",
        share - 2,
        share + 2,
        "about",
        match.group(),
    )


def _parts_of(match: re.Match[str]) -> Quantity:
    """百分之12.5, 千分之3."""
    value, decimals = float(match["digits"]), len(match["digits"].partition(".")[2])
    scale = {"百": 1.0, "千": 0.1, "万": 0.01}[match["fraction"]]
    kind = next(
        (k for name in ("before", "after") if (k := LEXICON.approximation.get(match[name] or ""))), ""
    )
    lo, hi = _rounding_bounds(value, decimals, scale, kind, whole=False)
    return Quantity(
        match.start(), match.end(), value, decimals, scale, "%", "percent", lo, hi, kind, match.group()
    )


_NEARLY: Final = re.compile(r"近|接近|不足|不到|未满")
_OVER: Final = re.compile(r"超|过|突破|逾|多|余")


def _parse_tenths(match: re.Match[str]) -> Quantity | None:
    """八成 is about 80 %, 七成半 75 %, 一成五 15 %, 近九成 80 to 90 %."""
    if match.start() and match.string[match.start() - 1] in "第收制现组构合养变形做速天建老":
        return None
    first = match["a"]
    tens = float(first) if first[0].isdigit() else float(DIGITS[first])
    more = {"半": 0.5, "": 0.0}.get(match["b"] or "", 0.0) or DIGITS.get(match["b"] or "零", 0) / 10
    value, width = tens + more, 0.5 if not match["b"] and "." not in first else 0.1
    before, after = match["before"] or "", match["after"] or ""
    lo, hi = value - width, value + width
    kind = ""
    if _NEARLY.search(before):
        lo, hi, kind = value - 2 * width, value, "nearly"
    elif _OVER.search(before) or after in ("多", "余"):
        lo, hi, kind = value, value + 2 * width, "over"
    elif after.endswith("上"):
        lo, hi, kind = value, math.inf, "least"
    elif after.endswith("下"):
        lo, hi, kind = -math.inf, value, "most"
    unit = "成"
    return Quantity(
        match.start(), match.end(), value, 0, 10.0, unit, "percent", lo * 10, hi * 10, kind, match.group()
    )


def _half_of(match: re.Match[str]) -> Quantity | None:
    """一半, 超过一半, 近半数."""
    before, after = match["before"] or "", match["after"] or ""
    if match.group().endswith("过半"):
        before = "过"
    kind = (
        "nearly"
        if _NEARLY.search(before)
        else "over"
        if before in ("超过", "过", "超") or after == "以上"
        else ""
    )
    lo, hi = {"nearly": (40.0, 50.0), "over": (50.0, 100.0), "": (45.0, 55.0)}[kind]
    return Quantity(
        match.start(), match.end(), 50.0, 0, 1.0, "%", "percent", lo, hi, kind or "about", match.group()
    )


def _parse_doubled(match: re.Match[str]) -> Quantity:
    times = 2.0 ** (DIGITS[match["times"]] if match["times"] else 1)
    nearly, more = match["near"] or match["nearly"], match["more"]
    lo, hi = (0.8, 1.0) if nearly else (1.0, 1.5) if more else (0.95, 1.05)
    return Quantity(
        match.start(),
        match.end(),
        times,
        0,
        1.0,
        "番",
        "doublings",
        times * lo,
        times * hi,
        "",
        match.group(),
    )


def _parse_ratio(match: re.Match[str]) -> Quantity | None:
    a, b = float(match["a"]), float(match["b"])
    if (
        1 not in (a, b)
        or (match["a"].startswith("0") and "." not in match["a"])
        or (len(match["b"]) == 2 and a > 1)
    ):
        return None
    side = match["a"] if b == 1 else match["b"]
    half = 0.5 * 10 ** -len(side.partition(".")[2])
    value = a if b == 1 else b
    dimension = "ratio" if b == 1 else "inverse"
    return Quantity(
        match.start(),
        match.end(),
        value,
        len(side.partition(".")[2]),
        1.0,
        ":1",
        dimension,
        value - half,
        value + half,
        "",
        match.group(),
    )


_COMPOUND = re.compile(
    rf"(?<![\d.])(?P<a>\d{{1,4}})(?P<big>亿|万)(?P<b>\d{{1,4}})(?P<small>千万|百万|十万|万|千|百)(?P<unit>{_UNITS}|)"
)


def _parse_compound(match: re.Match[str]) -> Quantity | None:
    """14亿1178万人, 3万2千人."""
    scales = LEXICON.raw["magnitudes"]
    big, small = scales[match["big"]], scales[match["small"]]
    if small >= big or int(match["b"]) * small >= big:
        return None
    value = (int(match["a"]) * big + int(match["b"]) * small) / big
    decimals = round(math.log10(big / small))
    dimension = LEXICON.dimension.get(match["unit"], "")
    lo, hi = _rounding_bounds(value, decimals, big, "", whole=False)
    return Quantity(
        match.start(), match.end(), value, decimals, big, match["unit"], dimension, lo, hi, "", match.group()
    )


_READERS: Final = (
    (_COMPOUND, _parse_compound),
    (_DOUBLED, _parse_doubled),
    (_FRACTION, _parse_fraction),
    (_PARTS_OF, _parts_of),
    (_TENTHS, _parse_tenths),
    (_HALF, _half_of),
    (_RATIO, _parse_ratio),
    (NUMBER, _parse_arabic),
    (_CHINESE, _parse_chinese),
)


def _make_quantity(match: re.Match[str], value: float, decimals: int) -> Quantity:
    groups = match.groupdict()
    unit, scale = groups["unit"] or "", LEXICON.raw["magnitudes"].get(groups["magnitude"] or "", 1.0)
    if groups.get("fraction"):
        unit, scale = "%", {"百": 1.0, "千": 0.1, "万": 0.01}[groups["fraction"][0]]
    scale *= {"‰": 0.1, "‱": 0.01}.get(unit, 1.0)
    dimension = LEXICON.dimension.get(unit, "")
    if dimension == "tenths":
        dimension, scale = "percent", 10.0
    words = [groups[name] for name in ("before", "some", "more", "after") if groups.get(name)]
    kinds = [kind for word in words if (kind := LEXICON.approximation.get(word))]
    kind = kinds[0] if kinds else ""
    lo, hi = _rounding_bounds(value, decimals, scale, kind, whole=dimension in COUNTS or unit == "个")
    per = match.start("per") if groups.get("per") else -1
    end = match.end() if per < 0 or groups["per"] else per
    return Quantity(
        match.start(),
        end,
        value,
        decimals,
        scale,
        unit,
        dimension or ("things" if unit == "个" else ""),
        lo,
        hi,
        kind,
        match.group(),
    )


MOST_ABOUT: Final = 0.2
"""Part of itself that a round number with 约 or 左右 may be off: 10%左右 is no 15 %, and 约100所 are no 150."""


def _rounding_bounds(
    value: float, decimals: int, scale: float, kind: str, *, whole: bool
) -> tuple[float, float]:
    """The values a printed number may stand for, in the base unit."""
    exact = whole and scale == 1.0 and not decimals
    half = 0.0 if exact and not kind else 0.5 * 10.0**-decimals
    step = _last_digit(value, decimals)
    near = min(step, max(half, 1.0 if whole else 0.0, MOST_ABOUT * abs(value)))
    lo, hi = {
        "": (value - half, value + half),
        "about": (value - near, value + near),
        "nearly": (value - step, value),
        "over": (value, value + step),
        "least": (value - half, math.inf),
        "most": (-math.inf, value + half),
    }[kind]
    return lo * scale, hi * scale


def _last_digit(value: float, decimals: int) -> float:
    """Worth of the last digit that is not a trailing zero: 5700 counts in hundreds, 31 in ones."""
    if decimals or not value:
        return 10.0**-decimals
    number = round(abs(value))
    return 10.0 ** (len(str(number)) - len(str(number).rstrip("0")))


_JOINED = re.compile(r"(?:[、，和与及]|以及|[-—–~～至]{1,2}|，?和)$")


def _inherit_units(found: list[Quantity], text: str) -> list[Quantity]:
    """Give the unit of the next number to those that share it: 提高1.2、3.4和0.5个百分点."""
    done = list(found)
    for i in range(len(done) - 2, -1, -1):
        here, after = done[i], done[i + 1]
        between = text[here.end : after.start]
        lacking = not here.unit or (here.unit == "个" and after.dimension == "points")
        if (
            lacking
            and after.unit
            and _JOINED.fullmatch(between)
            and after.dimension not in ("duration", "inverse", "ratio")
        ):
            done[i] = _with_unit_of(here, after)
    return done


def _with_unit_of(here: Quantity, after: Quantity) -> Quantity:
    scale = after.scale if here.scale == 1.0 else here.scale
    whole = after.dimension in COUNTS
    lo, hi = _rounding_bounds(here.value, here.decimals, scale, here.approximation, whole=whole)
    return replace(here, unit=after.unit, dimension=after.dimension, scale=scale, lo=lo, hi=hi)


def parse_small_number(word: str) -> int:
    """十二 is 12."""
    tens, _, ones = word.partition("十")
    return DIGITS.get(word, 0) if "十" not in word else 10 * DIGITS.get(tens, 1) + DIGITS.get(ones, 0)

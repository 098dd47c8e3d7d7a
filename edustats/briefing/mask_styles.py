"""Which signs of a template stand for a number that is still to be filled in, and how many decimals do they ask for?

Templates come with xx.x, ××, ＸＸ, **, ____, 〇〇, □□, （　）, N所 and gaps; a 20××年 is a year. What is
no letter counts only where a unit follows, as 实施**人才强教**工程 holds no mask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NEXT = r"[，,。；;、）)\s”」增减提下上降升扩缩占比和与及以]|$|左右|学校|幼儿园|教师|学生|儿童"
_COUNTED = r"所|人次|人|名|个|项|间|台|册|班|家|门|位|辆|套|处|件|元"
_AHEAD = (
    r"(?=[ 　]*(?:万|亿)?[余多]?(?:%|％|个百分点|:1|：1|倍|平方米|㎡|公顷|"
    rf"(?:{_COUNTED})(?:{_NEXT})))"
)
_LETTER = "[xXｘＸ×✕╳]"
_KINDS = (("[*＊]", 2), ("[_＿]", 1), ("[〇○◯]", 2), ("[□▢]", 1), ("#", 2), ("●", 2))
_SIGNS = "|".join(rf"{sign}{{{least},12}}" for sign, least in _KINDS)
_POINTED = "|".join(rf"{sign}{{1,8}}[.．]{sign}{{1,4}}" for sign, _ in _KINDS)
LETTERS: Final = re.compile(
    rf"(?<![A-Za-z\d.×]){_LETTER}{{1,8}}(?:,{_LETTER}{{3}}(?!{_LETTER}))*(?:[.．]{_LETTER}{{1,4}})?(?![A-Za-z×])"
)
_OTHERS: Final = re.compile(
    rf"(?<![.．*＊_＿〇○◯□▢#●零一二三四五六七八九十\d])(?:{_POINTED}|(?:{_SIGNS}){_AHEAD})"
    rf"|[（(【\[][ 　]{{0,12}}[）)】\]]{_AHEAD}|(?<=[\u4e00-\u9fff])[ 　]{{2,12}}{_AHEAD}"
    rf"|(?<![A-Za-z\d+])N{{1,3}}{_AHEAD}|(?<![A-Za-z\d_])_{{3,12}}(?= (?:yuan|pupils|teachers|schools|births)\b)"
)
YEARS: Final = re.compile(
    r"(?:20(?:[xXｘＸ×]{2}|[*＊]{2}|[_＿]{1,4}|[〇○□]{2})|(?<![A-Za-z\d×])[xX×]{4})(?=年|学年|[—–/-]20)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A mask in a text: where it stands, and the decimals it asks for (nothing where its signs do not say)."""

    start: int
    end: int
    decimals: int | None
    year: bool = False


def find_masks(text: str, markup: str = "") -> list[Place]:
    """Every mask of a text, in order.

    Parameters
    ----------
    text : as given
    markup : in ``md`` two stars and two underscores are letters in bold

    Examples
    --------
    >>> [(p.start, p.end, p.decimals) for p in find_masks("在校生xx.xx万人，学校____所，覆盖率（　）%。")]
    [(3, 8, 2), (13, 17, None), (22, 25, None)]
    >>> find_masks("实施**人才强教**工程，1+X证书")
    []
    """
    years = [Place(*match.span(), None, year=True) for match in YEARS.finditer(text)]
    letters = [Place(*match.span(), _count_decimals(match[0])) for match in LETTERS.finditer(text)]
    others = [
        Place(*match.span(), None if match[0].strip("_＿（）()【】[] 　N") == "" else _count_decimals(match[0]))
        for match in _OTHERS.finditer(text)
        if markup != "md" or match[0][0] not in "*_"
    ]  # fmt: skip
    found: list[Place] = []
    for place in [*years, *letters, *others]:
        plus = text[place.start - 1 : place.start] == "+"
        if not plus and all(place.end <= one.start or one.end <= place.start for one in found):
            found.append(place)
    return sorted(found, key=lambda place: place.start)


def _count_decimals(signs: str) -> int:
    return len(re.split(r"[.．]", signs)[1]) if re.search(r"[.．]", signs) else 0


def probe_masks(text: str, places: list[Place], names: dict[int, str]) -> str:
    """The text with digits for its masks, as long as before: so that it can be read as if it were filled.

    Parameters
    ----------
    text, places : as in :func:`find_masks`
    names : what to write instead, by where a mask begins: years, and places that name the area

    Examples
    --------
    >>> probe_masks("在校生xx.x万人", find_masks("在校生xx.x万人"), {})
    '在校生11.1万人'
    """
    parts, done = [], 0
    for place in places:
        length = place.end - place.start
        signs = text[place.start : place.end].replace("．", ".")
        keeps = signs if re.search(r"\d|[xXｘＸ×✕╳]", signs) or "." in signs else ""
        digits = re.sub(r"[^.,]", "1", keeps) if keeps else "1" * min(length, 6)
        parts += [text[done : place.start], names.get(place.start, digits).rjust(length)]
        done = place.end
    return "".join([*parts, text[done:]])

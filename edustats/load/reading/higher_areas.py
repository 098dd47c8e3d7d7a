"""Which province or prefecture does a name mean? By the censuses' names, whole or as people shorten them."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from edustats.load.files.values import plain

FILE = Path(__file__).parent.with_name("area_names.csv")
_ENDING = re.compile(r"(?<=..)(?:自治[区州]|省|市|地区|盟|特别行政区)$")
_PEOPLES = re.compile(
    r"(?<=..)(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|羌|景颇|柯尔克孜|族)+$"
)

COUNTIES_OF_ZONES = {"133100": frozenset({"130629", "130632", "130638"})}
"""Zones that returns give a row and whose counties keep the code of their city: 雄安 of 容城, 安新 and 雄县."""


@cache
def names_of_higher() -> dict[str, str]:
    """Code and name of every province and prefecture."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["zh"] for row in csv.DictReader(file)}


def short_name(name: str) -> str:
    """A province's or prefecture's name without its kind.

    Examples
    --------
    >>> [short_name(name) for name in ("内蒙古自治区", "伊犁哈萨克自治州", "长沙市", "黔西南布依族苗族自治州")]
    ['内蒙古', '伊犁', '长沙', '黔西南']
    """
    bare = re.sub(r"\s+", "", plain(name))
    short = _ENDING.sub("", bare)
    return _PEOPLES.sub("", short) if "自治" in bare else short


@cache
def _by_short() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in sorted(names_of_higher().items(), reverse=True):  # of 吉林省 and 吉林市 the province
        found[short_name(name)] = code
    return found


def find_higher(name: str) -> str:
    """The code of the province or prefecture that a name means, whole or shortened; '' where it means none.

    Examples
    --------
    >>> find_higher("长沙市"), find_higher("长 沙"), find_higher("河北"), find_higher("吉林市"), find_higher("长沙县")
    ('430100', '430100', '130000', '220200', '')
    >>> find_higher("湘西州"), find_higher("恩施自治州"), find_higher("海南州"), find_higher("郑州")
    ('433100', '422800', '632500', '410100')
    """
    bare = re.sub(r"\s+", "", plain(name))
    whole = next((code for code, full in names_of_higher().items() if full == bare), "")
    return (
        whole
        or _by_short().get(bare, "")
        or _autonomous().get(re.sub(r"(?<=..)(?:自治)?州$", "州", bare), "")
    )


@cache
def _autonomous() -> dict[str, str]:
    """Autonomous prefectures as they are called for short: 湘西州 for 湘西土家族苗族自治州."""
    names = names_of_higher().items()
    return {f"{short_name(name)}州": code for code, name in names if name.endswith("自治州")}


def find_higher_in(words: str) -> tuple[str, str]:
    """The code and the name of the one province or prefecture whose whole name a title holds, the smallest of a chain.

    Examples
    --------
    >>> find_higher_in("湖南省长沙市历年小学情况"), find_higher_in("各市州小学情况"), find_higher_in("北京市与天津市")
    (('430100', '长沙市'), ('', ''), ('', ''))
    """
    bare = re.sub(r"\s+", "", plain(words))
    if re.search(r"[各分][省市州地]", bare):
        return "", ""
    held = {code: name for code, name in names_of_higher().items() if name in bare}
    own = {
        code
        for code in held
        if not any(c != code and c[:2] == code[:2] and code.endswith("0000") for c in held)
    }
    return next(((code, held[code]) for code in own), ("", "")) if len(own) == 1 else ("", "")

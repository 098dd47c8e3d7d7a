"""What was a county called in that year? Names as tables and the national lists give them, whole and by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import pandas as pd

from edustats.load.reading.areas import GBT2260, shortens, without_city
from edustats.load.reading.county_codes import every, listed

FORMER = ("code", "year", "zh", "en")


def listed_name(code: str, year: int) -> str:
    """The name under which the national lists held a code at the end of a year; '' where they did not.

    Examples
    --------
    >>> listed_name("340811", 2003), listed_name("340811", 2012), listed_name("990101", 2012)
    ('郊区', '宜秀区', '')
    """
    month = f"{year}-12"
    held = [one for one in listed(code) if one.first <= month and (not one.last or one.last >= month)]
    return held[-1].name if held else ""


def complete_name(code: str, said: str, year: int, scheme: str) -> str:
    """A county's whole name where a table shortens it: that of an autonomous county is never cut.

    Examples
    --------
    >>> complete_name("420529", "五峰县", 2023, "gbt2260"), complete_name("420529", "五峰县", 2023, "flat")
    ('五峰土家族自治县', '五峰县')
    """
    if scheme != GBT2260:
        return said
    said, name = said.replace("巿", "市"), listed_name(code, year)  # a letter that looks alike and is another
    return name if name and said != code and shortens(without_city(said), name) else said


@cache
def _ever_listed() -> frozenset[str]:
    return frozenset(county.name for county in every())


def find_former_names(
    named: pd.DataFrame, areas: pd.DataFrame, held: Mapping[str, Iterable[int]], scheme: str
) -> pd.DataFrame:
    """The names of other years of counties that are called otherwise now.

    Parameters
    ----------
    named : code, year, name as tables wrote them; empty where a register names the counties
    areas : code, zh, en, as they are printed
    held : the years of each county

    Returns
    -------
    DataFrame
        :data:`FORMER`, a row per county and year in which it was not called what it is called now. What a table calls
        it otherwise than today goes before the lists, which speak only of a county that both call the same today.
    """
    own = {
        (str(c), int(y)): str(n)
        for c, y, n in zip(named["code"], named["year"], named["name"], strict=True)
        if n
    }
    now = areas[areas["level"] == "county"].set_index("code")[["zh", "en"]]
    rows = []
    for code, (zh, en) in zip(now.index, now.to_numpy(), strict=True):
        years = sorted(held.get(code, ()))
        agree = scheme == GBT2260 and bool(years) and listed_name(code, max(years)) == zh
        for year in years:
            name = complete_name(code, own.get((code, year), ""), year, scheme)
            name = listed_name(code, year) if agree and name in ("", zh) else name
            if name != zh and (name in _ever_listed() if agree else name):  # else a misprint of one year
                rows.append((code, year, name, name if en == zh else en))
    return pd.DataFrame(rows, columns=list(FORMER))

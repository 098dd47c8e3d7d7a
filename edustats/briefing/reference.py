"""What is known about the places a draft names? The store's observations of them, and the national series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from edustats.analysis.coverage import is_covered
from edustats.catalogue import Catalogue, parse_terms
from edustats.disclosure import rules
from edustats.disclosure.observations import withhold_small_groups
from edustats.shipped import shipped

if TYPE_CHECKING:
    from edustats.store.reading import Store

COLUMNS = (
    "area_name", "stage", "indicator_name", "year", "value", "unit", "half_unit",
    "withheld", "whole", "rank_first", "rank_last", "of", "file",
)  # fmt: skip
NATIONAL = "data/reference/national_education.csv"
NO_NAMES: Final = frozenset({"", "合计", "总计", "全市", "all areas"})
"""Names of whole stores that are words of every text."""
TITLE: Final = 120
OWN: Final = ("我县", "全县", "本县", "我区", "全区", "本区", "我旗", "全旗")
ABOVE: Final = ("全市", "我市", "全州", "全地区")


def reference(
    text: str, store: Store | None = None, known: Catalogue | None = None, area: str = ""
) -> pd.DataFrame:
    """Observations a draft can be compared with.

    Parameters
    ----------
    text : the draft; only the areas it names are read from the store
    store : an open store; left out, only the national series is known
    known : the catalogue; left out, the suite's own
    area : code of the area that 我县 and 全县 mean; left out, the area named in the heading

    Returns
    -------
    pandas.DataFrame
        area_name, stage, indicator_name, year, value, unit (``share`` is 0–1), half_unit (half a unit of
        the last digit a published figure was printed with; 0 for computed ones), withheld (it may not be
        published, and value is missing), whole (every county reported), rank_first, rank_last and of (its
        place, shared by ties, among the counties of its area; 0 where there is none), file. ``attrs`` holds
        ``here`` and ``above``.
    """
    frames = [_national_observations()] if "全国" in text else []
    here, above = "", ""
    if store is not None:
        code = area or _own_area(text, store)
        parent = _parent_code(code, store)
        here = store.name(code).zh if code else ""
        level = str(store.areas.set_index("code")["level"].get(code, ""))
        above = store.name(parent).zh if parent and level != "prefecture" else ""  # 全市 of a city is itself
        frames.append(_from_store(text, store, known or store.known, code, parent))
    held = [frame for frame in frames if len(frame)]
    found = pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=list(COLUMNS))
    found.attrs = {"here": here, "above": above}
    return found


def _own_area(text: str, store: Store) -> str:
    """The area that the heading names, else the only county that the text names."""
    names = {str(code): str(name) for code, name in zip(store.areas["code"], store.areas["zh"], strict=True)}
    title = text.strip()[:TITLE]
    named = sorted(
        (title.find(name), code) for code, name in names.items() if name in title and name not in NO_NAMES
    )
    whole = [title.find(word) for word in ABOVE if word in title]
    if whole and (not named or min(whole) < named[0][0]) and not any(word in text for word in OWN):
        # 全市共有小学262所 …… 攸县46所: of the city, and not of its county
        return _find_whole(text, store, names)
    if named:
        return named[0][1]
    told = [code for code, name in names.items() if name in text and name not in NO_NAMES]
    return told[0] if len(told) == 1 and any(word in text for word in OWN) else ""


def _find_whole(text: str, store: Store, names: dict[str, str]) -> str:
    """The prefecture that a text names, or that all its counties belong to; '' where 全市 may be a lesser city.

    醴陵市 writes 全市 of itself: its own name alone says nothing about 株洲, and no name at all does not either.
    """
    levels = dict(zip(store.areas["code"], store.areas["level"], strict=True))
    told = [code for code, name in names.items() if name in text and name not in NO_NAMES]
    counties = [code for code in told if levels[code] == "county"]
    if len(counties) == 1 and names[counties[0]].endswith("市"):
        counties = []
    found = {code for code in told if levels[code] == "prefecture"} or {
        _parent_code(c, store) for c in counties
    }
    whole = [code for code in found if levels.get(code) == "prefecture" and store.is_whole(code)]
    return whole[0] if len(whole) == 1 and len(found) == 1 else ""


def _parent_code(code: str, store: Store) -> str:
    row = store.areas[store.areas["code"] == code]
    return str(row["parent"].iloc[0] or "") if len(row) else ""


def _national_observations() -> pd.DataFrame:
    table = pd.read_csv(shipped(NATIONAL))
    return table.assign(withheld=False, whole=True, rank_first=0, rank_last=0, of=0, file="")[list(COLUMNS)]


def _from_store(text: str, store: Store, known: Catalogue, own: str, parent: str) -> pd.DataFrame:
    areas = store.areas
    told = [str(name) in text and str(name) not in NO_NAMES for name in areas["zh"]]
    wanted = set(areas.loc[told, "code"]) | ({own} if own else set())
    if parent and any(word in text for word in ABOVE):
        wanted.add(parent)
    named = areas[areas["code"].isin(wanted)]
    groups = set(named.loc[named["level"] == "county", "parent"]) | set(
        named.loc[named["level"] != "county", "code"]
    )
    frames = [
        _add_ranks(withhold_small_groups(store.comparison(group), known)[0], known)
        for group in sorted(groups)
        if store.has_comparison(group)
    ]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.concat(frames, ignore_index=True).drop_duplicates(["area", "year", "indicator"])
    # a sum of some counties is not the area's figure, and no draft is judged by it
    about = set(named.loc[named["whole"], "code"])
    rows = rows[rows["area"].isin(about) & is_covered(rows, known)]
    names = dict(zip(named["code"], named["zh"], strict=True))
    return _count_values(
        _observed_values(rows, names, known, str(store.path.name)), rows, names, known, str(store.path.name)
    )


def _observed_values(rows: pd.DataFrame, names: dict[str, str], known: Catalogue, file: str) -> pd.DataFrame:
    """The observations, in the units in which they are printed."""
    times = {
        i.key: 1.0 if i.unit == "share" else known.unit_of(i.key).times for i in known.indicators.values()
    }
    key = rows["indicator"].astype(str)
    found = pd.DataFrame(
        {
            "area_name": rows["area"].map(names),
            "stage": rows["stage"].astype(str),
            "indicator_name": [known.indicators[name].zh for name in key],
            "year": rows["year"].astype(int),
            "value": rows["value"] * key.map(times),
            "unit": [known.indicators[name].unit for name in key],
            "half_unit": 0.0,
            "withheld": rows["status"].astype(str) == "suppressed",
            "whole": rows["status"].astype(str).isin(["ok", "suppressed"]),
            "rank_first": rows["rank_first"].astype(int),
            "rank_last": rows["rank_last"].astype(int),
            "of": rows["of"].astype(int),
            "file": file,
        }
    )
    return found[found["value"].notna() | found["withheld"]].reset_index(drop=True)


def _count_values(
    found: pd.DataFrame, rows: pd.DataFrame, names: dict[str, str], known: Catalogue, file: str
) -> pd.DataFrame:
    """And the counts that the indicators were made of: 小学专任教师数 stands under 小学生师比."""
    held = set(found["indicator_name"])
    frames = [found]
    for key, own in rows[rows["status"].astype(str) == "ok"].groupby(rows["indicator"].astype(str)):
        one = known.indicators[str(key)]
        for side, expression in (("num", one.num), ("den", one.den)):
            column = _single_column(expression)
            name = known.columns[column].zh if column else ""
            if not column or name in held or column in rules().sensitive:
                continue
            held.add(name)
            part = own[own[side].notna()]
            frames.append(
                pd.DataFrame(
                    {
                        "area_name": part["area"].map(names),
                        "stage": part["stage"].astype(str),
                        "indicator_name": name,
                        "year": part["year"].astype(int),
                        "value": part[side],
                        "unit": known.columns[column].unit,
                        "half_unit": 0.0,
                        "withheld": False,
                        "whole": True,
                        "rank_first": 0,
                        "rank_last": 0,
                        "of": 0,
                        "file": file,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _single_column(expression: str | None) -> str:
    parts = list(parse_terms(expression)) if expression else []
    return str(parts[0]) if len(parts) == 1 else ""


def _add_ranks(rows: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """Places among the counties, ties sharing theirs; none where no direction is better."""
    better = {i.key: i.better for i in known.indicators.values()}
    sign = rows["indicator"].astype(str).map(better).map({"higher": -1.0, "lower": 1.0, "none": np.nan})
    counties = (rows["level"].astype(str) == "county") & rows["value"].notna() & sign.notna()
    score = (rows["value"] * sign.astype(float)).where(counties)
    group = score.groupby([rows["indicator"].astype(str), rows["year"]])
    first, last = group.rank(method="min"), group.rank(method="max")
    county = rows["level"].astype(str) == "county"
    silent = county.groupby([rows["indicator"].astype(str), rows["year"]]).transform("sum") - group.transform(
        "count"
    )
    last = last + silent  # a county that has not reported may stand before
    return rows.assign(
        rank_first=first.fillna(0), rank_last=last.fillna(0), of=group.transform("count").where(counties, 0)
    )

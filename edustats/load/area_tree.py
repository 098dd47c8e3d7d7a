"""Which areas does a table speak of, and which of them sent nothing? Loaded tables get their tree and their gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from edustats.areas import AreaTree, build_tree, make_areas, read_events
from edustats.load.area_names import find_former_names
from edustats.load.loaded import Loaded
from edustats.load.national_areas import list_events, list_spans
from edustats.load.reading.higher_areas import names_of_higher
from edustats.schema import FINDING_COLUMNS
from edustats.words import Text, say

GBT2260 = "gbt2260"
ABSENT = "county_absent"
"""Rule of the findings that a county sent nothing for a year."""
LEAST_FILLED = 0.5
"""Share of its usual columns below which a county has not really reported: its lists are missing."""


def with_areas(loaded: Loaded) -> Loaded:
    """The same tables, every area in its place by the tree, and a finding for every county and year without a row."""
    held, areas = _years_held(loaded.tidy), _place_areas(loaded)
    former = find_former_names(loaded.named, areas, held, loaded.mapping.area.scheme)
    placed = replace(loaded, areas=tell_apart(areas, held), former=_tell_former_apart(former, areas, held))
    absent = absent_counties(placed)
    findings = pd.concat([placed.findings, absent], ignore_index=True) if len(absent) else placed.findings
    return replace(placed, findings=findings)


def tree_of(loaded: Loaded) -> AreaTree:
    """The tree of a table's areas: by the national lists where its codes are those of GB/T 2260."""
    rule, national = loaded.mapping.area, loaded.mapping.area.scheme == GBT2260
    declared = read_events(loaded.mapping.events)
    return build_tree(
        loaded.areas, _years_held(loaded.tidy),
        listed=list_spans() if national else None, register=loaded.mapping.register,
        events=(*declared, *(list_events() if national else ())), recoded=rule.recode,
    )  # fmt: skip


def _years_held(tidy: pd.DataFrame) -> dict[str, list[int]]:
    """The years in which the table has rows of each county."""
    years = tidy[["county", "year"]].drop_duplicates().groupby("county")["year"].apply(list)
    return {str(code): own for code, own in years.items()}


def changed_lands(tree: AreaTree) -> list[dict[str, object]]:
    """Breaks that events make: from that year on the area's figures are of other land."""
    return [
        {"area": code, "year": e.year} for e in tree.events for code in e.changes_land if code in tree.held
    ]


def absent_counties(loaded: Loaded) -> pd.DataFrame:
    """A finding for every county of the table, or of the bureau's register, that has no row in some of its years."""
    years = sorted({int(year) for year in loaded.tidy["year"]})
    if not years:
        return pd.DataFrame()
    tree, filled = tree_of(loaded), _years_filled(loaded)
    names = dict(zip(loaded.areas["code"], loaded.areas["zh"], strict=True)) | dict(loaded.mapping.register)
    rows = [
        _absent(code, gaps, names.get(code, code), years[-1], "absent")
        for code, gaps in _gaps(tree, tree.held, years, loaded.mapping.register)
    ]
    rows += [
        _absent(code, lists, names.get(code, code), years[-1], "few_columns")
        for code, gaps in _gaps(tree, filled, years, {})
        if (lists := [year for year in gaps if year in tree.held[code]])
    ]
    return (
        pd.DataFrame(rows).reindex(columns=list(FINDING_COLUMNS), fill_value="") if rows else pd.DataFrame()
    )


def _years_filled(loaded: Loaded) -> dict[str, frozenset[int]]:
    """Counties with the years in which they gave at least half of the columns that they usually give."""
    columns = [str(name) for name in loaded.kinds]
    keys = [loaded.tidy["county"].astype(str), loaded.tidy["year"].astype(int)]
    filled = loaded.tidy[columns].notna().groupby(keys).any().sum(axis=1)
    usual = filled.groupby(level=0).transform("median")
    kept = filled[filled >= LEAST_FILLED * usual].reset_index()
    return {str(code): frozenset(own) for code, own in kept.groupby("county")["year"]}


def _gaps(
    tree: AreaTree, held: Mapping[str, frozenset[int]], years: list[int], register: Mapping[str, str]
) -> Iterator[tuple[str, list[int]]]:
    """Counties that ought to be there in every year, with the years in which they are not."""
    asked: dict[str, list[int]] = {}
    for area in sorted({tree.parents[code] for code in held}):
        for year in years:
            for code in tree.members(area, year):
                if tree.parents[code] == area and year not in held.get(code, ()):
                    asked.setdefault(code, []).append(year)
    for code, gaps in sorted(asked.items()):
        if code in held or code in register:
            yield code, gaps


def _absent(code: str, gaps: list[int], name: str, last: int, word: str) -> dict[str, object]:
    told = Text("、".join(map(str, gaps)), ", ".join(map(str, gaps)))
    word = "absent_before" if word == "absent" and gaps[-1] != last else word
    said = say(f"areas.{word}", code=code, name=name, years=told)
    return {
        "rule": ABSENT, "severity": "warning", "row": 0, "county": code, "unit": code, "name": name,
        "year": gaps[-1], "column": "county", "value": told.zh, "zh": said.zh, "en": said.en,
    }  # fmt: skip


def _place_areas(loaded: Loaded) -> pd.DataFrame:
    """Areas with the parents that the tree gives them, and the names of prefectures and provinces nobody named."""
    if loaded.mapping.area.scheme != GBT2260:
        return loaded.areas
    given = {
        str(row.code): (str(row.zh), str(row.en))
        for row in loaded.areas.itertuples() if str(row.zh) != str(row.code)
    }  # fmt: skip
    counties = loaded.areas.loc[loaded.areas["level"] == "county", "code"]
    higher = {code: (name, name) for code, name in names_of_higher().items()}
    return make_areas(counties, {**higher, **given})


def tell_apart(areas: pd.DataFrame, years: Mapping[str, Sequence[int]]) -> pd.DataFrame:
    """The areas, each county with its city or else its code behind its name where another of its province has the same.

    Parameters
    ----------
    years : in which the table has each county; one that is never there beside its namesake is the same under a new code

    Examples
    --------
    >>> table = make_areas(["320302", "320106"], {"320302": ("鼓楼区", "Gulou"), "320106": ("鼓楼区", "Gulou")})
    >>> tell_apart(table, {"320302": [2024], "320106": [2024]})["zh"].head(2).tolist()
    ['鼓楼区（320106）', '鼓楼区（320302）']
    """
    parents = dict(zip(areas["code"], areas["parent"], strict=True))
    levels = dict(zip(areas["code"], areas["level"], strict=True))
    province = areas["code"].map(lambda code: _province(str(code), parents, levels))
    own, told = areas["level"] == "county", areas.copy()
    for lang, pattern in (("zh", "{name}（{where}）"), ("en", "{name} ({where})")):
        names = dict(zip(areas["code"], areas[lang], strict=True))
        twice = own & areas.assign(province=province)[own].duplicated(["province", lang], keep=False).reindex(
            areas.index, fill_value=False
        )
        cities = {c: names.get(parents[c], parents[c]) for c in areas.loc[twice, "code"]}
        for code in cities:
            alike = [
                other
                for other in cities
                if names[other] == names[code] and other != code and set(years[other]) & set(years[code])
            ]
            if not alike:
                continue
            city = cities[code]
            known = city not in (parents[code], "") and all(cities[other] != city for other in alike)
            where = city if known else code
            told.loc[areas["code"] == code, lang] = pattern.format(name=names[code], where=where)
    return told


def _tell_former_apart(
    former: pd.DataFrame, areas: pd.DataFrame, held: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """The names of other years, each told apart from those that others had in that year."""
    told = []
    for _, own in former.groupby("year"):
        then = areas.set_index("code")
        then.update(own.set_index("code")[["zh", "en"]])
        names = tell_apart(then.reset_index(), held).set_index("code")
        told.append(own.assign(zh=own["code"].map(names["zh"]), en=own["code"].map(names["en"])))
    return pd.concat(told) if told else former


def _province(code: str, parents: Mapping[str, str], levels: Mapping[str, str]) -> str:
    """The province above an area, or the highest area where there is none."""
    at = code
    while parents.get(at) and levels.get(at) != "province":
        at = parents[at]
    return at

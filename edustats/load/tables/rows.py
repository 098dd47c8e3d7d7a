"""Whose row is this, and of which year? KindCodes, names and years of a table's rows, and why some rows are none.

Names that are no codes are looked up together, over all tables of a mapping: one county tells which of two another is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.load.files.values import number, plain, text
from edustats.load.loaded import AreaRule, SourceFile, TableMapping
from edustats.load.reading import areas, years
from edustats.load.reading.county_codes import listed, question
from edustats.load.reading.headers import label
from edustats.load.reading.higher_areas import COUNTIES_OF_ZONES, find_higher, names_of_higher
from edustats.load.reading.totals import is_total_code, is_total_name, is_total_word
from edustats.load.tables.attributes import read_attributes
from edustats.load.tables.blanks import fill_down
from edustats.load.tables.findings import Doubt
from edustats.load.tables.layout import Layout
from edustats.load.tables.row_years import read_years
from edustats.load.tables.sections import names_area_alone
from edustats.words import Text, join_names, say

MOST_TOLD = 8
UNSETTLED = "2018"
PARTS = frozenset(
    {"镇区", "乡村", "农村", "城镇", "县镇", "乡镇", "城市", "市区内", "城乡结合区", "镇乡结合区"}
)
"""Kinds of places that a table lists under each area; 城区, which is a county's name too, only beside another."""
CONTRADICTIONS = ("load.unit_conflict", "load.year_conflict")
"""What costs the table that says it, and not the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one table, or of one year of a table with a column per year.

    ``keys`` has one row per row of the table: county, unit, year, file, sheet, row, name, origin (the county's code
    before it was recoded), reason ('' where the row is data).
    """

    source: SourceFile
    layout: Layout
    columns: Mapping[str, int]
    keys: pd.DataFrame
    doubts: tuple[Doubt, ...] = ()


def rows_of(mapping: TableMapping, source: SourceFile, layout: Layout) -> list[Rows]:
    """The rows of a table with what their cells say of area, unit and year; areas are resolved later."""
    area, column = mapping.area, layout.columns
    name = [plain(c) for c in _area_cells(layout, area.name)] if area.name in column else None
    code = _area_cells(layout, area.code) if area.code in column else None
    if name is None and code is not None:  # 430202 荷塘区
        name = [
            areas.code_and_name(c)[1] if areas.area_code(c) and areas.area_code(c) != plain(c) else ""
            for c in code
        ]
    if area.city in column and code is not None:
        said = [text(c) for c in layout.values(column[area.city])]
        code, name = _join_cities(_area_cells(layout, area.city), code, said)
    code, name = (
        [areas.bare_name(c) for c in cells] if cells is not None else None for cells in (code, name)
    )
    unit = [text(c) for c in layout.values(column[area.unit])] if area.unit else None
    empty = [""] * len(layout.rows)
    if area.value:
        code, name = _repeat_area(areas.code_and_name(area.value), layout)
    elif area.place == "sections":
        code, name = _find_section_areas(mapping, layout)
    elif area.place and area.place != "headings":
        code, name = _repeat_area(_find_named_county(area, layout), layout)
    frame = pd.DataFrame(
        {
            "code": code if code is not None else (name or empty),
            "unit_text": unit if unit is not None else empty,
            "name": name if name is not None else empty,
            "file": layout.sheet.file,
            "sheet": layout.sheet.name,
            "row": [layout.sheet.row(i) for i in layout.rows],
            "reason": _not_selected(source, layout),
        }
    ).astype({"code": "str", "unit_text": "str", "name": "str", "reason": "str"})
    told_of, unknown = read_attributes(layout, column, mapping.attributes, mapping.own or catalogue())
    frame = frame.assign(**told_of)
    found: list[Rows] = []
    for (year, place), columns in (layout.wide or {(0, ""): {}}).items():
        told, doubts = ([year] * len(frame), []) if year > 0 else read_years(mapping, source, layout)
        told = [one + year if year < 0 and one else one for one in told]  # 上年 beside 本年
        own = frame.assign(year=pd.Series(told, dtype="int64"))
        if place:
            own = own.assign(code=place, name="").astype({"code": "str", "name": "str"})
        found.append(
            Rows(
                source=source,
                layout=layout,
                columns={**column, **columns},
                keys=own,
                doubts=tuple(
                    doubt for doubt in (*unknown, *doubts) if not any(doubt in one.doubts for one in found)
                ),
            )
        )
    return found


def _join_cities(
    cities: Sequence[str], counties: Sequence[str], said: Sequence[str]
) -> tuple[list[str], list[str]]:
    """What each row is looked up by, a county after its city (南京市鼓楼区), and what it is called.

    A row that names no county is the city's own, as is a total where the row itself says the city (``said``).
    """
    whole = names_of_higher()
    named = [
        "" if is_total_word(county) and find_higher(own) else county
        for county, own in zip(counties, said, strict=True)
    ]
    joined = [
        county
        if not county or is_total_word(county) or areas.area_code(county)
        else f"{whole.get(find_higher(city), '')}{county}"
        for city, county in zip(cities, named, strict=True)
    ]
    return [one or city for one, city in zip(joined, cities, strict=True)], [
        plain(county) for county in named
    ]


def _area_cells(layout: Layout, heading: str) -> list[str]:
    key = layout.columns[heading]
    return fill_down(layout, [text(c) for c in layout.values(key, down=True)], key)


def refused_rows(part: Rows, error: DataError) -> Rows:
    """The rows of a table that contradicts itself, all set aside, with a finding that says why."""
    doubt = Doubt(rule="table_refused", severity="error", layout=part.layout, value="",
                  expected=Text(error.text("zh"), error.text("en")))  # fmt: skip
    reason = part.keys["reason"].mask(part.keys["reason"] == "", "contradicts")
    return replace(part, keys=part.keys.assign(reason=reason), doubts=(*part.doubts, doubt))


def unread_rows(source: SourceFile, layout: Layout, error: DataError) -> Rows:
    """The same for a table whose rows could not even be told apart."""
    keys = pd.DataFrame(
        {
            **dict.fromkeys(("code", "unit_text", "name", "reason"), ""),
            "file": layout.sheet.file, "sheet": layout.sheet.name, "row": [layout.sheet.row(i) for i in layout.rows],
            "year": 0,
        }
    )  # fmt: skip
    return refused_rows(Rows(source=source, layout=layout, columns=layout.columns, keys=keys), error)


def _repeat_area(told: tuple[str, str], layout: Layout) -> tuple[list[str], list[str]]:
    """Code, or name where there is none, and name of the one area of a table, for each of its rows."""
    code, name = told
    return [code or name] * len(layout.rows), [name] * len(layout.rows)


def _find_section_areas(mapping: TableMapping, layout: Layout) -> tuple[list[str], list[str]]:
    """Code and name of the area whose line stands over each row of items: 攸县, and its items beneath."""
    items = next(
        (heading for one in mapping.fillings for heading in one.where if heading in layout.columns), ""
    )
    column = layout.columns.get(items, 0)
    told, now = [], ("", "")
    for i in layout.rows:
        if names_area_alone(layout.sheet.rows[i], column):
            now = areas.code_and_name(text(layout.sheet.rows[i][column]))
        told.append(now)
    return [code or name for code, name in told], [name for _, name in told]


def _find_named_county(area: AreaRule, layout: Layout) -> tuple[str, str]:
    """The county that the title, the sheet's or the file's name names: 990102汀阳区, or 汀阳区."""
    if area.place == "title":
        rows = [layout.sheet.rows[i] for i in layout.titles]
        return areas.named_in(" ".join(text(c) for row in rows for c in row if c not in ("", None)))
    file = layout.sheet.file.rpartition("/")[2].rpartition(".")[0]
    return areas.code_and_name(layout.sheet.name if area.place == "sheet" else file)


def _not_selected(source: SourceFile, layout: Layout) -> list[str]:
    reasons = [""] * len(layout.rows)
    for heading, chosen in source.where.items():
        cells = layout.values(layout.columns[heading], down=True)
        reasons = [
            why or ("" if plain(text(c)) in chosen else "not_selected")
            for why, c in zip(reasons, cells, strict=True)
        ]
    return reasons


def refuse_bad_years(mapping: TableMapping, rows: Rows) -> None:
    """Refuse a table whose rows of data have cells that are no year, all of them in one sentence."""
    bad = rows.keys.index[(rows.keys["year"] == 0) & (rows.keys["reason"] == "")]
    if len(bad):
        column = rows.layout.columns[mapping.year.column]
        cells = rows.layout.values(column, down=True)
        told = [told_cell(rows.layout, int(i), column, text(cells[int(i)])) for i in bad]
        raise DataError("load.bad_year", file=rows.layout.sheet.file, count=len(bad), told=list_some(told))


def told_cell(layout: Layout, at: int, column: int, value: str) -> Text:
    """A cell in words: row 4, column “在校生” (E4) holds “约200”."""
    row, cell = layout.sheet.row(layout.rows[at]), layout.cell(layout.rows[at], column)
    return say("load.told_cell", row=row, column=layout.heading(column), cell=cell, value=value)


def list_some(told: Sequence[Text]) -> Text:
    """The first few of many, each kind once."""
    shown = list(dict.fromkeys(told))
    more = Text("……", " …") if len(shown) > MOST_TOLD else Text("", "")
    listed_ = shown[:MOST_TOLD]
    return Text("；".join(t.zh for t in listed_) + more.zh, "; ".join(t.en for t in listed_) + more.en)


# --- areas ---

_OF_TOWNS = re.compile(
    r"^(?!.*[县市])(?:.*(?:乡镇|镇街|街道|社区|学区|片区).*|(?:所[属在])?[镇乡村](?:名称?|别)?)$|township",
    re.IGNORECASE,
)
"""镇名, 乡镇（街道）, 学区: a heading over areas within a county. 东城 there is no district of another city."""


def _is_whole_name(name: str) -> bool:
    """攸县 as the national list has it, not 东城."""
    return any(one.name == name for one in areas.candidates(name))


def settle_areas(
    mapping: TableMapping, parts: Sequence[Rows], register: Mapping[str, str]
) -> tuple[AreaRule, list[Rows]]:
    """The county and unit of every row, the reason of every row that is set aside, and the scheme of the codes.

    Parameters
    ----------
    register : names of counties and their codes, as the mapping's own page of names has them

    Raises
    ------
    DataError
        A name that fits several counties, with the candidates.
    """
    area = mapping.area
    coded = [_resolve_codes(area, part) for part in parts]
    names = [
        str(name)
        for part in coded
        for name, county, reason in zip(
            part.keys["code"], part.keys["county"], part.keys["reason"], strict=True
        )
        if not county and not reason and plain(name)
    ]
    year = max((int(part.keys["year"].max()) for part in coded if len(part.keys)), default=0)
    inside = area.within or _describe_within(area, coded)
    below = [name for name in names if _OF_TOWNS.search(area.code + area.name) and not _is_whole_name(name)]
    resolved = areas.resolve((name for name in names if name not in below), register, year, inside)
    resolved = replace(resolved, unknown=(*resolved.unknown, *dict.fromkeys(below)))
    if resolved.ambiguous:
        told = [
            say("load.ambiguous_one", name=name, found=join_names(areas.told([one]) for one in found))
            for name, found in resolved.ambiguous.items()
        ]
        raise DataError("load.area_ambiguous", file=coded[0].layout.sheet.file, told=list_some(told))
    given = dict(resolved.codes)
    if not area.scheme and not area.parent and not register and _is_national(coded, resolved, inside):
        area = replace(area, scheme=areas.GBT2260)
    if area.scheme != areas.GBT2260:
        given |= {name: safe_code for name in resolved.unknown if (safe_code := areas.safe_name(name))}
    inside = inside or _only_city(given.values())
    if inside:
        given = {name: code for name, code in given.items() if not areas.own_unit(name)}
    named = [_resolve_names(part, given, inside) for part in coded]
    codes = frozenset(code for part in named for code in part.keys.loc[part.keys["reason"] == "", "county"])
    above = _areas_above(area, codes, frozenset(given.values()))
    return area, [_finish_rows(area, part, above) for part in named]


def _is_national(parts: Sequence[Rows], resolved: areas.Resolved, inside: str) -> bool:
    """Whether a table names counties, and every one of them is on the national lists or a unit beside one city's."""
    codes = {code for part in parts for code in part.keys.loc[part.keys["reason"] == "", "county"] if code}
    city = inside or _only_city(resolved.codes.values())
    odd = [name for name in resolved.unknown if not (city and areas.own_unit(name))]
    named = any(not code.endswith("00") for code in resolved.codes.values())
    return named and not odd and all(listed(code) for code in codes)


def _describe_within(area: AreaRule, parts: Sequence[Rows]) -> str:
    """Where the counties of a mapping are, as its parent or its own codes say."""
    parent = area.parent.get("code", "")
    if len(parent) == 6 and parent.endswith("00") and parent.isdigit():
        return parent[:4] if not parent.endswith("0000") else parent[:2]
    return _only_city(code for part in parts for code in part.keys["county"])


def _only_city(codes: Iterable[str]) -> str:
    """The four digits that all counties of the national lists among the codes begin with; '' where they differ."""
    cities = {code[:4] for code in codes if len(code) == 6 and listed(code)}
    return next(iter(cities)) if len(cities) == 1 else ""


def _resolve_codes(area: AreaRule, part: Rows) -> Rows:
    """County and unit by code; totals by word, by code, or as the mapping says."""
    keys = part.keys
    codes = {t: areas.area_code(t, area.width, area.divide, area.scheme) for t in keys["code"].unique()}
    county = keys["code"].map(codes)
    words = [
        keys["name"].map(is_total_name),
        keys["code"].map(is_total_name),
        keys["code"].map(is_total_code),
    ]
    total = pd.concat([one.astype(bool) for one in words], axis=1).any(axis=1)
    told = [
        plain(c) in area.totals or n in area.totals for c, n in zip(keys["code"], keys["name"], strict=True)
    ]
    own = [plain(c) in area.own or n in area.own for c, n in zip(keys["code"], keys["name"], strict=True)]
    if area.unit:
        units = {
            t: areas.area_code(t, area.unit_width) or areas.safe_name(t) for t in keys["unit_text"].unique()
        }
        unit = keys["unit_text"].map(units)
        total |= keys["unit_text"].map(is_total_name).astype(bool)
    else:
        unit = pd.Series("", index=keys.index)
    total = (total | pd.Series(told, index=keys.index)) & ~pd.Series(own, index=keys.index)
    reason = keys["reason"].where((keys["reason"] != "") | ~total, "total")
    reason = reason.where(
        (reason != "") | pd.Series(own, index=keys.index) | ~_are_parts(keys["code"]), "part"
    )
    made = keys.assign(county=county.astype("str"), unit=unit.astype("str"), reason=reason, own=own)
    return replace(part, keys=made)


def _are_parts(names: pd.Series) -> pd.Series:
    """Rows that are a part of the area above them: 其中：农村, or 城区, 镇区, 乡村 beneath it."""
    bare = names.map(label)
    beside = bool(bare.isin({*PARTS, "县域"}).any())
    part = bare.isin(PARTS) | names.map(lambda name: plain(name).startswith("其中")).astype(bool)
    return part | (bare == "城区") if beside else part


def _resolve_names(part: Rows, given: Mapping[str, str], inside: str) -> Rows:
    """Rows without a code take that of their name; units beside the counties take letters of their own."""
    keys = part.keys
    county = [code or given.get(text_, "") for code, text_ in zip(keys["county"], keys["code"], strict=True)]
    for i, (code, name, words) in enumerate(zip(county, keys["name"], keys["code"], strict=True)):
        letters = areas.own_unit(name or words)
        above = len(code) == 6 and code.isdigit() and code.endswith("00")
        if letters and (above or not code) and (above or inside):
            county[i] = f"{(code[:4] if above else inside[:4]).ljust(4, '0')}{letters}"
    return replace(part, keys=keys.assign(county=pd.Series(county, index=keys.index, dtype="str")))


def _areas_above(area: AreaRule, codes: frozenset[str], named: frozenset[str]) -> frozenset[str]:
    """Provinces, prefectures and cities proper among the codes of a table whose rows hold what other rows hold too.

    Parameters
    ----------
    named : the codes that names were taken for, which are the nation's whatever the scheme of the codes
    """
    national = {code for code in codes if listed(code) or code in names_of_higher()}
    own = {f"{code[:4]}{areas.CITY_PROPER}" for code in codes if listed(code) and areas.is_district(code)}
    cities_named = {code[:4] for code in named if listed(code)}
    own |= {code for code in named if code.endswith("00") and code[:4] in cities_named}
    zones = {zone for zone, held in COUNTIES_OF_ZONES.items() if zone in codes and codes & held}
    cities = {code[:2] for code in national if not code.endswith("0000")}
    if area.scheme == areas.GBT2260:
        counties = {code[:4] for code in codes if code.isdigit() and not code.endswith("00")}
        whole = {c for c in codes if c.endswith("0000") or (c.endswith("00") and c[:4] in counties)}
        return frozenset(whole | zones | own)
    whole = {code for code in national if code.endswith("00") and all(c[:4] == code[:4] for c in codes)}
    above = {code for code in national if code.endswith("0000") and code[:2] in cities}
    return frozenset(above | zones | own | (whole if len(codes) > 1 else set()))


def _finish_rows(area: AreaRule, part: Rows, higher: frozenset[str]) -> Rows:
    keys = part.keys
    county = keys["county"]
    unit = keys["unit"] if area.unit else county
    reason = keys["reason"].copy()
    above = county.isin(higher)
    reason[(reason == "") & above & ~keys["own"]] = "total"
    reason[(reason == "") & ((county == "") | (unit == ""))] = "no_code"
    implausible = (keys["year"] != 0) & ~keys["year"].map(years.plausible).astype(bool)
    reason[(reason == "") & implausible] = "year"
    origin = county
    county = county.replace(dict(area.recode))
    if not area.unit:
        unit = county
    doubts = [*part.doubts, *_row_doubts(area, part, reason)]
    if area.scheme == areas.GBT2260:
        doubts += _other_names(part, reason)
    doubts += _gone_codes(part, reason)
    return replace(
        part, keys=keys.assign(county=county, unit=unit, reason=reason, origin=origin), doubts=tuple(doubts)
    )


def _other_names(part: Rows, reason: pd.Series) -> list[Doubt]:
    """Rows whose code is one county's and whose name is a neighbour's, each pair once."""
    rows = part.keys.loc[reason == ""].drop_duplicates(["county", "name"])
    found = []
    for i, code, name, year in zip(rows.index, rows["county"], rows["name"], rows["year"], strict=True):
        held = {areas.stem(one.name) for one in listed(code)} if len(code) == 6 else set()
        if not held or not name or areas.stem(name) in held:
            continue
        other = areas.candidates(name, int(year), code[:4])
        if other and code not in {one.code for one in other}:
            found.append(Doubt(rule="area_name_other", severity="warning", layout=part.layout, at=int(i), county=code,
                               year=int(year), value=f"{code} {name}", expected=areas.told(other)))  # fmt: skip
    return found


def _gone_codes(part: Rows, reason: pd.Series) -> list[Doubt]:
    """Rows of counties that were no longer, or not yet, there in the year, each county once."""
    rows = part.keys.loc[reason == ""].drop_duplicates(["county", "year"])
    told: dict[str, Doubt] = {}
    for i, code, name, year in zip(rows.index, rows["county"], rows["name"], rows["year"], strict=True):
        held = listed(code) if len(code) == 6 else ()
        settled = held and all(  # zones come and go on the last lists
            one.last and (one.last < UNSETTLED or one.name.endswith(("县", "市"))) for one in held
        )
        rule, said = question(code, int(year)) if settled else ("", "")
        if rule and code not in told:
            told[code] = Doubt(rule=rule, severity="warning", layout=part.layout, at=int(i), county=code,
                               year=int(year), value=f"{code} {name}".strip(), expected=said)  # fmt: skip
    return list(told.values())


def _filled_in_without_area(part: Rows, reason: pd.Series) -> list[int]:
    """Rows that have figures and say nothing of whose they are."""
    keys, rows = part.keys, part.layout.sheet.rows
    bare = reason.index[
        (reason == "no_code") & (keys["code"].str.strip() == "") & (keys["name"].str.strip() == "")
    ]
    return [
        int(i) for i in bare if any(number(text(cell)) is not None for cell in rows[part.layout.rows[int(i)]])
    ]


def _row_doubts(area: AreaRule, part: Rows, reason: pd.Series) -> list[Doubt]:
    """Rows that are set aside although somebody filled them in."""
    found = []
    last = dt.date.today().year + 1
    blank = _filled_in_without_area(part, reason)
    if blank:
        found.append(Doubt(rule="area_blank", severity="warning", layout=part.layout, at=blank[0],
                           value=str(len(blank)), expected=""))  # fmt: skip
    rule = "area_name_unknown" if area.scheme == areas.GBT2260 else "area_name_odd"
    for i in reason.index[reason.isin(["year", "no_code"])]:
        row = part.keys.loc[i]
        if reason[i] == "year":
            found.append(Doubt(rule="year_implausible", severity="error", layout=part.layout, at=int(i),
                               year=int(row["year"]),
                               value=str(row["year"]), expected=str(last), county=str(row["county"])))  # fmt: skip
        elif plain(row["code"]) and not areas.area_code(row["code"]):
            found.append(Doubt(rule=rule, severity="error", layout=part.layout, at=int(i),
                               value=plain(row["code"]), expected=""))  # fmt: skip
    return found

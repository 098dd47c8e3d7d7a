"""How does somebody's table become tidy rows?

Reads every table a mapping names, parses, converts and bounds its values, and keeps the account of
every row. Nothing is repaired: what cannot be true becomes a finding and a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError
from edustats.indicator_values import compute_unit_values
from edustats.load import findings as rules
from edustats.load.area_names import complete_name
from edustats.load.area_tree import tree_of, with_areas
from edustats.load.files.places import locate
from edustats.load.files.settings import near
from edustats.load.files.values import plain, text
from edustats.load.files.workbook import Sheet, read_sheets
from edustats.load.ledger import Entry
from edustats.load.loaded import Group, Loaded, SourceFile, TableMapping
from edustats.load.reading import areas as area_codes
from edustats.load.reading.county_ratios import find_impossible_ratios
from edustats.load.reading.evidence import joined
from edustats.load.reading.magnitude import watch
from edustats.load.tables import assembly
from edustats.load.tables.declared import find_lacking_totals, read_declared_totals
from edustats.load.tables.findings import findings_of
from edustats.load.tables.layout import (
    Layout,
    lay_out,
    refuse_absent,
    row_text,
)
from edustats.load.tables.mapping import read_mapping, refuse_unknown_areas
from edustats.load.tables.rows import (
    CONTRADICTIONS,
    Rows,
    refuse_bad_years,
    refused_rows,
    rows_of,
    settle_areas,
    unread_rows,
)
from edustats.load.tables.sections import join_section, name_sections
from edustats.load.tables.sources import lay_out_tables, read_sources
from edustats.load.tables.values import ABSENT, Figures, figures_of, no_figures
from edustats.words import join_names, say


def load_tables(path: Path, folder: Path | None = None, known: Catalogue | None = None) -> Loaded:
    """Load every table of a mapping into tidy rows.

    Parameters
    ----------
    path : the mapping file
    folder : where its tables are, when not where the mapping says

    Raises
    ------
    MissingFileError, DataError
        A table or column that is not there, text where a number belongs, a key that occurs twice, units or years
        that contradict each other, a name that fits several counties.
    """
    mapping = read_mapping(path, known)
    known = mapping.own or catalogue()
    names = _names_page(mapping)
    sheets = read_sources(mapping, folder or mapping.folder)
    mapping, tables = lay_out_tables(mapping, sheets)
    refusals: list[DataError] = []
    rows = [part for source, layout in tables for part in _rows(mapping, source, layout, refusals)]
    area, rows = settle_areas(mapping, rows, {zh: code for code, (zh, _) in names.items()})
    mapping = replace(mapping, area=area)
    for part in rows:
        refuse_bad_years(mapping, part)
    refuse_unknown_areas(mapping, _list_codes_held(mapping, rows))
    figures = [_figures(mapping, part, known, refusals) for part in rows]
    if refusals and all(reason for part in figures for reason in part.rows.keys["reason"]):
        raise refusals[0]
    if not any(len(part.keys) for part in rows):
        raise DataError("load.empty_table", file=rows[0].layout.sheet.file)
    _refuse_unmatched(mapping, figures)
    mapping, figures = assembly.by_stage(mapping, figures, known)
    figures = assembly.without_sums(mapping, figures)
    _refuse_nothing(mapping, figures)
    made = assembly.assemble_figures(mapping, figures)
    named = pd.concat([_name_rows(part) for part in rows]).sort_values("year", kind="stable")
    areas = _make_areas(mapping, made.tidy, named, names)
    placed = with_areas(Loaded(
        mapping=mapping, tidy=_group_units(mapping, made.tidy, known), kinds=made.kinds, areas=areas,
        ledger=tuple(_make_entries(sheets, figures)), findings=_make_findings(mapping, made, figures, areas, known),
        sources=made.sources, named=named,
    ))  # fmt: skip
    return _hold_totals(placed, figures, known)


def _hold_totals(loaded: Loaded, figures: Sequence[Figures], known: Catalogue) -> Loaded:
    """With the totals that the tables give themselves, and a finding where the counties have less."""
    above = loaded.areas.loc[loaded.areas["level"] != "county", "code"].tolist()
    declared = read_declared_totals(loaded.mapping, figures, above, known)
    if declared.empty:
        return loaded
    tree = tree_of(loaded)
    chains = {code: tree.chain(code) for code in map(str, loaded.tidy["county"].unique())}
    names = dict(zip(loaded.areas["code"], loaded.areas["zh"], strict=True))
    whole = {area for area in above if tree.is_whole(area)}
    found = find_lacking_totals(declared, loaded.tidy, chains, names, known, whole)
    findings = pd.concat([loaded.findings, found], ignore_index=True) if len(found) else loaded.findings
    return replace(loaded, declared=declared, findings=findings)


def _rows(mapping: TableMapping, source: SourceFile, layout: Layout, refusals: list[DataError]) -> list[Rows]:
    """The rows of a table; where it contradicts itself they are set aside, so that it costs no other table."""
    try:
        return rows_of(mapping, source, layout)
    except DataError as error:
        if error.address not in CONTRADICTIONS:
            raise
        refusals.append(error)
        return [unread_rows(source, layout, error)]


def _figures(mapping: TableMapping, part: Rows, known: Catalogue, refusals: list[DataError]) -> Figures:
    """The figures of a table; none where it contradicts itself."""
    try:
        return figures_of(mapping, part, known) if not _is_refused(part) else no_figures(mapping, part)
    except DataError as error:
        if error.address not in CONTRADICTIONS:
            raise
        refusals.append(error)
        return no_figures(mapping, refused_rows(part, error))


def _is_refused(part: Rows) -> bool:
    return any(doubt.rule == "table_refused" for doubt in part.doubts)


def _make_findings(
    mapping: TableMapping,
    made: assembly.Assembled,
    figures: Sequence[Figures],
    areas: pd.DataFrame,
    known: Catalogue,
) -> pd.DataFrame:
    doubts = [one for part in figures for one in (*part.rows.doubts, *part.doubts)]
    found = [findings_of(doubts), rules.parts_above_wholes(made.tidy, made.kinds, known)]
    found += [rules.jumps(made.tidy, column, known.columns[column].name) for column in mapping.watch]
    rates = {f.column: f.of or f.divides for f in mapping.fillings if f.of or f.divides}
    found.append(watch(made.tidy, made.sources, known, besides=mapping.watch, rates=rates))
    if not mapping.area.unit:
        found.append(find_impossible_ratios(made.tidy, made.sources, known, found[-1]))
    if mapping.area.scheme == area_codes.GBT2260:
        found.append(rules.new_neighbours(made.tidy, areas))
    found = [frame for frame in found if len(frame)]
    return pd.concat(found, ignore_index=True) if found else rules.no_findings()


# --- the account ---


def _list_codes_held(mapping: TableMapping, rows: Sequence[Rows]) -> set[str]:
    """KindCodes of all areas, those above the counties and those that were recoded among them."""
    codes = {str(code) for part in rows for name in ("county", "origin") for code in part.keys[name] if code}
    above = {mapping.area.parent.get("code", "")}
    if mapping.area.scheme == area_codes.GBT2260:
        above |= {f"{code[:4]}00" for code in codes} | {f"{code[:2]}0000" for code in codes} | {"000000"}
    return codes | above


def _refuse_nothing(mapping: TableMapping, figures: Sequence[Figures]) -> None:
    reasons = [reason for part in figures for reason in part.rows.keys["reason"]]
    if all(reasons):
        file = figures[0].rows.layout.sheet.file
        if mapping.area.scheme == area_codes.GBT2260 and "total" in reasons:
            raise DataError("load.only_higher", file=file, mapping=mapping.path.name)
        if not reasons:
            raise DataError("load.empty_table", file=file)
        told = joined(say(f"load.reason_{reason}") for reason in sorted(set(reasons)))
        raise DataError("load.no_rows", file=file, reasons=told)


def _refuse_unmatched(mapping: TableMapping, figures: Sequence[Figures]) -> None:
    """Refuse a mapping whose words of an item stand in no row: it would be missing without a word."""
    read = [part for part in figures if not all(part.rows.keys["reason"])]
    lacking = [
        f for f in mapping.fillings if f.where and all((p.kinds[f.column] == ABSENT).all() for p in read)
    ]
    if not lacking or not read:
        return
    filling, layout = lacking[0], read[0].rows.layout
    heading, words = next(iter(filling.where.items()))
    column = layout.columns.get(heading, 0)
    have = [plain(text(cell)) for cell in layout.values(column, down=True)]
    sections = name_sections([layout.sheet.rows[i] for i in layout.rows], column)
    also = dict.fromkeys([*map(join_section, sections, have), *have])
    more = ", ".join(f.column for f in lacking[1:])
    raise DataError(
        "load.where_nothing", file=layout.sheet.file, mapping=mapping.path.name, column=filling.column,
        heading=heading, word=words[0], near=near(words[0], also, 3), also=f" ({more})" if more else "",
    )  # fmt: skip


def _make_entries(sheets: Sequence[tuple[SourceFile, Sheet]], figures: Sequence[Figures]) -> Iterator[Entry]:
    """One account per sheet: every row loaded, set aside with its reason, or on a sheet of others."""
    for sheet in {id(sheet): sheet for _, sheet in sheets}.values():
        own = [part for part in figures if part.rows.layout.sheet is sheet]
        yield _make_entry(sheet, own) if own else _make_unread_entry(sheet)


def _make_entry(sheet: Sheet, parts: Sequence[Figures]) -> Entry:
    aside: dict[int, tuple[int, str, str]] = {}
    loaded: set[int] = set()
    for part in parts:
        aside |= {row: (row, reason, words) for row, reason, words in part.rows.layout.aside}
        read = np.logical_or.reduce([kinds != ABSENT for kinds in part.kinds.values()])
        reasons = part.rows.keys["reason"].where((part.rows.keys["reason"] != "") | read, "not_mapped")
        for row, reason in zip(part.rows.keys["row"], reasons, strict=True):
            if reason:
                aside[int(row)] = (int(row), reason, row_text(sheet.rows[int(row) - sheet.top - 1]))
            else:
                loaded.add(int(row))
    kept = tuple(line for row, line in sorted(aside.items()) if row not in loaded)
    unread = dict.fromkeys(name for part in parts for name in part.rows.layout.unread(units=bool(part.units)))
    return Entry(
        file=sheet.file, sheet=sheet.name, digest=sheet.digest, read=len(loaded) + len(kept), loaded=len(loaded),
        aside=kept, unread=tuple(unread),
    )  # fmt: skip


def _make_unread_entry(sheet: Sheet) -> Entry:
    rows = [
        (sheet.row(i), row) for i, row in enumerate(sheet.rows) if any(cell not in ("", None) for cell in row)
    ]
    aside = tuple((number, "no_headings", row_text(row)) for number, row in rows)
    return Entry(
        file=sheet.file, sheet=sheet.name, digest=sheet.digest, read=len(aside), loaded=0, aside=aside
    )


def _name_rows(part: Rows) -> pd.DataFrame:
    """Code, year and name of every row, totals included: they name the areas above."""
    keys = part.keys
    words = keys["code"].where(keys["code"].map(area_codes.area_code) == "", "").map(plain)
    name = keys["name"].where(keys["name"] != "", words)
    return pd.DataFrame({"code": keys["county"], "year": keys["year"], "name": name})


def _names_page(mapping: TableMapping) -> dict[str, tuple[str, str]]:
    """Code → Chinese and English name, from the page that a mapping names."""
    if not mapping.area.names:
        return {}
    sheet = read_sheets(locate(mapping.area.names, mapping.path.parent))[0]
    made = lay_out(sheet, ("code", "zh", "en"), {})
    if not made:
        raise DataError("load.names_page", file=mapping.area.names)
    refuse_absent(made[0], {"code": "area.names", "zh": "area.names", "en": "area.names"})
    code, zh, en = (made[0].values(made[0].columns[name]) for name in ("code", "zh", "en"))
    area = mapping.area
    return {
        area_codes.area_code(str(c), area.width, scheme=area.scheme) or plain(str(c)): (
            plain(str(z)),
            plain(str(e)),
        )
        for c, z, e in zip(code, zh, en, strict=True)
    }


# --- areas and groups ---


def _group_units(mapping: TableMapping, tidy: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    for group in mapping.groups:
        tidy = tidy.assign(**{f"group_{group.key}": _choose_side(group, tidy, known)})
    return tidy


def _choose_side(group: Group, tidy: pd.DataFrame, known: Catalogue) -> pd.Series:
    """high, low, or '' where the indicator that divides them is missing."""
    if group.codes:
        return tidy["unit"].str.fullmatch(group.codes).map({True: "high", False: "low"})
    value = compute_unit_values(tidy, known.indicator(group.by))
    side = np.where(value >= value.groupby(tidy["year"]).transform("median"), "high", "low")
    return pd.Series(np.where(value.isna(), "", side), index=tidy.index)


def _make_areas(
    mapping: TableMapping,
    tidy: pd.DataFrame,
    named: pd.DataFrame,
    page: Mapping[str, tuple[str, str]],
) -> pd.DataFrame:
    """One row per county and per area above: code, level, parent, zh, en."""
    named = named[named["name"] != ""].drop_duplicates("code", keep="last")
    given = {
        code: complete_name(str(code), str(name), int(year), mapping.area.scheme)
        for code, year, name in zip(named["code"], named["year"], named["name"], strict=True)
    }
    zh = given | {code: name for code, (name, _) in page.items()}
    en = given | {code: name for code, (_, name) in page.items()}
    counties = sorted(tidy["county"].unique())
    above = _find_above(mapping, counties)
    if clash := sorted(set(counties) & {row[0] for row in above.rows}):
        raise DataError("load.code_clash", file=mapping.path.name, codes=join_names(clash))
    rows = [(c, "county", above.of(c), zh.get(c) or c, en.get(c) or c) for c in counties]
    rows += [(c, lv, up, z or zh.get(c) or c, e or en.get(c) or c) for c, lv, up, z, e in above.rows]
    return pd.DataFrame(rows, columns=["code", "level", "parent", "zh", "en"])


@dataclass(frozen=True, slots=True)
class _Above:
    """The areas above the counties."""

    gbt2260: bool
    root: str
    rows: tuple[tuple[str, str, str, str, str], ...]

    def of(self, county: str) -> str:
        if not self.gbt2260:
            return self.root
        return f"{county[:2]}0000" if county.endswith("00") else f"{county[:4]}00"


def _find_above(mapping: TableMapping, counties: Sequence[str]) -> _Above:
    if mapping.area.scheme == "gbt2260":
        prefectures = sorted({f"{c[:4]}00" for c in counties} - set(counties))
        provinces = sorted({f"{c[:2]}0000" for c in counties})
        rows = [(c, "prefecture", f"{c[:2]}0000", "", "") for c in prefectures]
        rows += [(c, "province", "000000", "", "") for c in provinces]
        return _Above(True, "", (*rows, ("000000", "nation", "", "全国", "China")))
    parent = dict(mapping.area.parent) or {
        "code": "0",
        "level": "prefecture",
        "zh": "合计",
        "en": "all areas",
    }
    return _Above(False, parent["code"], ((parent["code"], parent["level"], "", parent["zh"], parent["en"]),))

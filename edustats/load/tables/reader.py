"""How does somebody's table become tidy rows?

Reads every table a mapping names, parses, converts and bounds its values, and keeps the account of
every row. Nothing is repaired: what cannot be true becomes a finding and a gap.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue, Column, catalogue
from edustats.errors import DataError
from edustats.indicators import unit_values
from edustats.load import findings as rules
from edustats.load.area_tree import with_areas
from edustats.load.files import values as clean
from edustats.load.files.delimited import RawTable, locate, read_table
from edustats.load.ledger import Entry
from edustats.load.loaded import Filling, Group, Loaded, SourceFile, TableMapping
from edustats.load.tables.database import read_query
from edustats.load.tables.mapping import read_mapping
from edustats.typing import Floats, KindCodes
from edustats.words import say

KEYS = ("county", "unit", "year")


def load(path: Path, folder: Path | None = None, known: Catalogue | None = None) -> Loaded:
    """Load every table of a mapping into tidy rows.

    Parameters
    ----------
    path : the mapping file
    folder : where its tables are, when not where the mapping says

    Raises
    ------
    MissingFileError, DataError
        A table or column that is not there, text where a number belongs, a key that occurs twice.
    """
    known = known or catalogue()
    mapping = read_mapping(path, known)
    parts = [_one_table(mapping, source, folder or mapping.folder, known) for source in mapping.tables]
    tidy = pd.concat([p.tidy for p in parts], ignore_index=True)
    kinds = pd.concat([p.kinds for p in parts], ignore_index=True)
    _refuse_duplicates(tidy)
    findings = [p.findings for p in parts] + [rules.parts_above_wholes(tidy, kinds, known)]
    findings += [rules.jumps(tidy, column) for column in mapping.watch]
    tidy = _grouped(mapping, tidy, known)
    areas = _areas(mapping, tidy, [p.names for p in parts])
    if mapping.area.scheme == "gbt2260":
        findings.append(rules.new_neighbours(tidy, areas))
    return with_areas(Loaded(
        mapping=mapping, tidy=tidy, kinds=kinds, areas=areas,
        ledger=tuple(p.entry for p in parts), findings=pd.concat(findings, ignore_index=True),
    ))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    tidy: pd.DataFrame
    kinds: pd.DataFrame
    names: pd.DataFrame
    entry: Entry
    findings: pd.DataFrame


def _one_table(mapping: TableMapping, source: SourceFile, folder: Path, known: Catalogue) -> _Part:
    raw = _raw(source, folder)
    cells = raw.cells.rename(columns=dict(source.rename))
    _refuse_absent(mapping, raw.name, cells.columns)
    keys = _keys(mapping, raw, cells)
    names = _names(mapping, keys, cells)
    reasons = _reasons(mapping, keys)
    keep = (reasons == "").to_numpy()
    entry = _entry(raw, keys, reasons)
    if not keep.any():
        counted = ", ".join(sorted({say(f"load.reason_{reason}").en for reason in reasons}))
        raise DataError("load.no_rows", file=raw.name, reasons=counted)
    where = keys[keep].reset_index(drop=True)
    _refuse_bad_years(raw, where)
    where = where.assign(year=where["year"].astype("int16"))
    values, kinds, findings = _filled(mapping, known, raw.name, cells[keep].reset_index(drop=True), where)
    tidy = pd.concat([where, values], axis=1)
    return _Part(tidy=tidy, kinds=kinds, names=names, entry=entry, findings=findings)


def _raw(source: SourceFile, folder: Path) -> RawTable:
    if not source.database:
        return read_table(locate(source.file, folder, source.package), source.sheet)
    here = source.database.removeprefix("sqlite:///")
    # an embedded database lies beside the mapping, as a file would
    near = here != source.database and not Path(here).is_absolute()
    return read_query(f"sqlite:///{folder / here}" if near else source.database, source.file)


def _refuse_absent(mapping: TableMapping, file: str, headings: Iterable[str]) -> None:
    area = mapping.area
    wanted = {"code": area.code, "unit": area.unit, "name": area.name, "year": mapping.year}
    pairs = [(source, target) for target, source in wanted.items() if source]
    pairs += [(source, f.column) for f in mapping.fillings for source in f.sources]
    for source, target in pairs:
        if source not in (have := list(headings)):
            near = difflib.get_close_matches(source, have, n=3, cutoff=0.3) or have[:5]
            raise DataError(
                "load.absent_column", file=file, column=source, target=target, near=", ".join(near)
            )


def _keys(mapping: TableMapping, raw: RawTable, cells: pd.DataFrame) -> pd.DataFrame:
    area = mapping.area
    county = _codes(cells[area.code], area.width, area.divide).replace(dict(area.recode))
    unit = _codes(cells[area.unit], area.unit_width) if area.unit else county
    return pd.DataFrame(
        {
            "county": county,
            "unit": unit,
            "year": cells[mapping.year].map(clean.plain),
            "file": raw.name,
            "row": np.arange(len(cells)) + raw.row(0),
        }
    )


def _codes(column: pd.Series, width: int, divide: int = 1) -> pd.Series:
    coded = {text: clean.code(text, width, divide) for text in column.unique()}
    return column.map(coded).astype("str")


def _names(mapping: TableMapping, keys: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Code, year and name of every row, totals included: they name the areas above."""
    name = (
        cells[mapping.area.name].map(clean.plain) if mapping.area.name else pd.Series("", index=cells.index)
    )
    return pd.DataFrame({"code": keys["county"], "year": keys["year"], "name": name})


def _reasons(mapping: TableMapping, keys: pd.DataFrame) -> pd.Series:
    reasons = pd.Series("", index=keys.index)
    if mapping.area.scheme == "gbt2260":
        reasons[_totals(keys["county"])] = "total"
    reasons[(keys["county"] == "") | (keys["unit"] == "")] = "no_code"
    return reasons


def _totals(codes: pd.Series) -> pd.Series:
    """Rows of a prefecture or province. A city without counties (441900 东莞市) is its own county."""
    beneath = set(codes[~codes.str.endswith("00")].str[:4])
    return codes.str.endswith("0000") | (codes.str.endswith("00") & codes.str[:4].isin(beneath))


def _entry(raw: RawTable, keys: pd.DataFrame, reasons: pd.Series) -> Entry:
    aside = (reasons != "").to_numpy()
    text = raw.cells[aside].agg("\t".join, axis=1) if aside.any() else pd.Series(dtype=str)
    rows = zip(keys["row"][aside].tolist(), reasons[aside].tolist(), text.tolist(), strict=True)
    return Entry(
        file=raw.name, digest=raw.digest, read=len(keys), loaded=int((~aside).sum()), aside=tuple(rows)
    )


def _refuse_bad_years(raw: RawTable, where: pd.DataFrame) -> None:
    bad = ~where["year"].str.fullmatch(r"(1[89]|20|21)\d\d")
    if bad.any():
        first = where[bad].iloc[0]
        raise DataError("load.bad_year", file=raw.name, row=first["row"], value=first["year"])


def _filled(
    mapping: TableMapping, known: Catalogue, file: str, cells: pd.DataFrame, where: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    values: dict[str, Floats] = {}
    kinds: dict[str, KindCodes] = {}
    findings = [rules.no_findings()]
    for filling in mapping.fillings:
        value, kind, found = _fill(mapping, filling, cells, where)
        value, kind = _based(mapping, filling, value, kind, values, kinds)
        value, kind, beyond = _bounded(known.columns[filling.column], value, kind, where)
        values[filling.column], kinds[filling.column] = value, kind
        findings += [found, beyond]
    return pd.DataFrame(values), pd.DataFrame(kinds), pd.concat(findings, ignore_index=True)


def _fill(
    mapping: TableMapping, filling: Filling, cells: pd.DataFrame, where: pd.DataFrame
) -> tuple[Floats, KindCodes, pd.DataFrame]:
    """Sum of the source columns in the catalogue's unit; impossible source values become gaps."""
    total, worst = np.zeros(len(cells)), np.zeros(len(cells), np.uint8)
    findings = [rules.no_findings()]
    for source in filling.sources:
        value, kind = clean.numbers(cells[source], mapping.missing, filling.unit)
        _refuse_text(cells[source], kind, where, source)
        mask, found = rules.impossible(value, filling.range, where, source, filling.unit)
        kind[mask] = clean.IMPOSSIBLE
        worst = np.maximum(worst, kind)
        total += np.where(kind == clean.OK, value, np.nan)
        findings.append(found)
    total *= filling.scale
    return total, worst, pd.concat(findings, ignore_index=True)


def _refuse_text(cells: pd.Series, kind: KindCodes, where: pd.DataFrame, column: str) -> None:
    bad = kind == clean.UNREADABLE
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise DataError(
            "load.not_a_number", file=where["file"].iloc[at], row=where["row"].iloc[at], column=column,
            value=cells.iloc[at], count=int(bad.sum()),
        )  # fmt: skip


def _based(
    mapping: TableMapping,
    filling: Filling,
    value: Floats,
    kind: KindCodes,
    values: Mapping[str, Floats],
    kinds: Mapping[str, KindCodes],
) -> tuple[Floats, KindCodes]:
    """A rate becomes a count: times the count it is a rate of, or that count divided by it."""
    base = filling.of or filling.divides
    if not base:
        return value, kind
    if base not in values:
        raise DataError("load.unmapped_base", file=mapping.path.name, column=filling.column, base=base)
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = values[base] * value if filling.of else values[base] / value
    return counted, np.maximum(kind, kinds[base])


def _bounded(
    column: Column, value: Floats, kind: KindCodes, where: pd.DataFrame
) -> tuple[Floats, KindCodes, pd.DataFrame]:
    mask, found = rules.impossible(
        value, column.range, where, column.key, column.unit, rule="catalogue_range"
    )
    kind = np.where(mask, np.uint8(clean.IMPOSSIBLE), kind)
    return np.where(mask, np.nan, value), kind, found


def _refuse_duplicates(tidy: pd.DataFrame) -> None:
    keys = list(KEYS)
    twice = tidy.duplicated(keys, keep=False)
    if twice.any():
        first = tidy[twice].iloc[0]
        same = tidy[twice & (tidy[keys] == first[keys]).all(axis=1)]
        places = [f"{file}:{row}" for file, row in zip(same["file"], same["row"], strict=True)]
        raise DataError(
            "load.duplicate_key", first=places[0], second=places[1], unit=first["unit"],
            county=first["county"],
            year=first["year"],
        )  # fmt: skip


def _grouped(mapping: TableMapping, tidy: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    for group in mapping.groups:
        tidy = tidy.assign(**{f"group_{group.key}": _side(group, tidy, known)})
    return tidy


def _side(group: Group, tidy: pd.DataFrame, known: Catalogue) -> pd.Series:
    """high, low, or '' where the indicator that divides them is missing."""
    if group.codes:
        return tidy["unit"].str.fullmatch(group.codes).map({True: "high", False: "low"})
    value = unit_values(tidy, known.indicator(group.by))
    side = np.where(value >= value.groupby(tidy["year"]).transform("median"), "high", "low")
    return pd.Series(np.where(value.isna(), "", side), index=tidy.index)


def _areas(mapping: TableMapping, tidy: pd.DataFrame, names: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per county and per area above: code, level, parent, zh, en."""
    named = pd.concat(names).sort_values("year", kind="stable").drop_duplicates("code", keep="last")
    given = dict(zip(named["code"], named["name"], strict=True))
    zh, en = dict(given), dict(given)
    if mapping.area.names:
        listed = read_table(_existing_names(mapping)).cells
        zh |= dict(zip(listed["code"], listed["zh"], strict=True))
        en |= dict(zip(listed["code"], listed["en"], strict=True))
    counties = sorted(tidy["county"].unique())
    above = _above(mapping, counties)
    if clash := sorted(set(counties) & {row[0] for row in above.rows}):
        raise DataError("load.code_clash", file=mapping.path.name, codes=", ".join(clash))
    rows = [(c, "county", above.of(c), zh.get(c) or c, en.get(c) or c) for c in counties]
    rows += [(c, lv, up, z or zh.get(c) or c, e or en.get(c) or c) for c, lv, up, z, e in above.rows]
    return pd.DataFrame(rows, columns=["code", "level", "parent", "zh", "en"])


def _existing_names(mapping: TableMapping) -> Path:
    return locate(mapping.area.names, mapping.path.parent)


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


def _above(mapping: TableMapping, counties: Sequence[str]) -> _Above:
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

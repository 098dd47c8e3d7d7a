"""What does a school teach, own and share? Joined figures become the tidy rows that indicators are made of.

Through-schools are split by the official weights, campuses that are not counted are merged into their main
school, teaching points are marked and stay: leaving them out is for the standard that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.load import findings as rules
from edustats.load.files.values import IMPOSSIBLE, KINDS, OK
from edustats.load.loaded import AreaRule, Group, TableMapping, YearRule
from edustats.load.reading.magnitude import watch
from edustats.load.reading.stages import CATEGORIES, stage_of
from edustats.load.returns.cells import Cells, Wide, fill_gaps, widen_cells
from edustats.load.returns.consistency import Table, check_rules, word_findings
from edustats.load.returns.located import add_proposals
from edustats.load.returns.prefecture_profile import Profile
from edustats.load.returns.through_schools import SHARED, split_resource
from edustats.schema import SOURCES
from edustats.typing import Floats, KindCodes
from edustats.words import Text, say

NOT_APPLICABLE, NOT_COLLECTED = KINDS.index("not_applicable"), KINDS.index("not_collected")
STAGES = ("preschool", "primary", "junior", "senior", "vocational", "special")
PRIVATE_OWNERS = ("999", "民办")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Tidy rows, kinds, areas, findings, and the source they are described as."""

    mapping: TableMapping
    tidy: pd.DataFrame
    kinds: pd.DataFrame
    areas: pd.DataFrame
    findings: pd.DataFrame
    sources: pd.DataFrame


def tables_of(found: Cells, profile: Profile, known: Catalogue) -> Tables:
    """Tidy rows of all figures, held against the rules."""
    sources = sources_of(found)
    found = _merged_campuses(found, known)
    wide = widen_cells(found)
    wide.keys["school_type"] = _fill_types(wide.keys)
    columns = tuple(c for c in known.columns if c in wide.columns)
    kinds = fill_gaps(wide, _find_applicable(wide, known))
    # a form's own * is believed only where the school teaches the stage; elsewhere both say the same
    checked = Table(wide=wide, kinds=kinds, found=found, known=known)
    findings = [check_rules(checked, profile.watch)]
    at = [wide.columns.index(c) for c in columns]
    values, kinds = wide.values[:, at].copy(), kinds[:, at].copy()
    findings.append(_out_of_range(wide, columns, values, kinds, found, known))
    tidy = pd.concat([_make_keys(wide.keys, profile), pd.DataFrame(values, columns=list(columns))], axis=1)
    kind = pd.DataFrame(kinds, columns=list(columns))
    findings.append(_check_parts(tidy, kind, wide, found, known))
    tidy, kind = _derive_columns(*_own_rooms(tidy, kind), known)
    placed = _sources_of_counties(sources, tidy)
    findings.append(_not_yet_found(watch(tidy, placed, known, besides=profile.watch), findings))
    mapping = _describe_source(profile)
    tidy = _group_places(tidy, mapping.groups)
    told = [f for f in findings if len(f)]
    return Tables(
        mapping=mapping, tidy=tidy, kinds=kind, areas=_make_areas(tidy, profile),
        findings=add_proposals(pd.concat(told, ignore_index=True), checked) if told else rules.no_findings(),
        sources=placed,
    )  # fmt: skip


def _not_yet_found(more: pd.DataFrame, found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Findings about figures that no other finding is about: one question about a figure is enough."""
    known = {
        (unit, year, column)
        for frame in found if len(frame)
        for unit, year, columns in zip(frame["unit"], frame["year"], frame["column"], strict=True)
        for column in str(columns).split(", ")
    }  # fmt: skip
    keep = [key not in known for key in zip(more["unit"], more["year"], more["column"], strict=True)]
    return more[keep].reset_index(drop=True) if len(more) else more


# --- what applies to whom ---


def _fill_types(keys: pd.DataFrame) -> pd.Series:
    """The type of school, that of another year where one year's form does not give it."""
    given = keys["school_type"].where(keys["school_type"].str.fullmatch(r"\d{3}"), None)
    filled = given.groupby(keys["unit"]).transform(lambda own: own.ffill().bfill())
    return filled.fillna("").astype("str")


def _find_applicable(wide: Wide, known: Catalogue) -> npt.NDArray[np.bool_]:
    """Whether each column applies to each row: the right level, and a stage the school teaches."""
    county = (wide.keys["kind"] == "county").to_numpy()
    types, back = np.unique(wide.keys["school_type"].to_numpy(str), return_inverse=True)
    taught = known.attributes["school_type"].stages
    unsaid = np.array([t not in taught for t in types], bool)[back]
    shown = _stages_shown(wide)
    applies = np.zeros((len(wide.keys), len(wide.columns)), bool)
    for j, column in enumerate(wide.columns):
        declared = known.columns.get(column)
        level = declared.level if declared else "school"
        stage = stage_of(column)
        fits = np.array([not stage or stage in taught.get(t, ()) for t in types], bool)[back]
        fits = np.where(unsaid, shown[stage] if stage else True, fits)
        applies[:, j] = county if level == "county" else ~county & fits
    return applies


def _stages_shown(wide: Wide) -> dict[str, npt.NDArray[np.bool_]]:
    """The stages that a school of unknown type teaches: those some form gives a figure of, else its code's."""
    given = (wide.kinds != 255) & (wide.kinds != NOT_APPLICABLE)
    shown = {stage: np.zeros(len(wide.keys), bool) for stage in STAGES}
    for j, column in enumerate(wide.columns):
        if (stage := stage_of(column)) in shown:  # figures of all compulsory schools tell no stage
            shown[stage] |= given[:, j]
    none = ~np.logical_or.reduce(list(shown.values()))
    category = wide.keys["unit"].str[:2].map(CATEGORIES)
    for stage in STAGES:
        told = np.array([isinstance(own, tuple) and stage in own for own in category], bool)
        shown[stage] |= none & told
    shown["compulsory"] = shown["primary"] | shown["junior"]
    return shown


# --- campuses ---


def _is_campus(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray((rows["counted"].isin(["0", "否"])) & (rows["main_unit"] != ""))


def sources_of(found: Cells) -> pd.DataFrame:
    """Every figure's cell, under the school it counts for: a campus's under its main school."""
    rows = found.rows
    at = found.cells["at"].to_numpy()
    unit = rows["unit"].where(~_is_campus(rows), rows["main_unit"])
    homes = rows.assign(unit=unit).iloc[at][["unit", "year", "file", "sheet"]].reset_index(drop=True)
    held = found.cells[["column", "row", "letter"]].reset_index(drop=True)
    return pd.concat([homes, held], axis=1)


def _sources_of_counties(sources: pd.DataFrame, tidy: pd.DataFrame) -> pd.DataFrame:
    """The cells of what is in the tables, with the county each school is in."""
    here = tidy[["unit", "year", "county"]].astype({"year": "int32"})
    kept = sources[sources["column"].isin(list(tidy))]
    told = kept.merge(here, on=["unit", "year"], how="inner")
    return told.astype({"column": "str", "letter": "str"})[list(SOURCES)]


def _merged_campuses(found: Cells, known: Catalogue) -> Cells:
    """Figures of a campus that is not counted go to its main school: added up where both give them.

    What a school either has or has not (a network) it has when one of its sites has it.
    """
    rows = found.rows
    campus = _is_campus(rows)
    if not campus.any():
        return found
    rows = rows.assign(unit=rows["unit"].where(~campus, rows["main_unit"]))
    for name in ("name", "school_type", "location", "counted", "main_unit"):
        rows[name] = rows[name].where(~campus, "")
    yes_or_no = [c for c in found.cells["column"].cat.categories if _is_yes_or_no(c, known)]
    return Cells(rows=rows, cells=_added_up(found.cells, rows, campus, yes_or_no))


def _is_yes_or_no(column: str, known: Catalogue) -> bool:
    return column in known.columns and known.columns[column].range == (0, 1)


def _added_up(
    cells: pd.DataFrame, rows: pd.DataFrame, campus: npt.NDArray[np.bool_], yes_or_no: Sequence[str]
) -> pd.DataFrame:
    at = cells["at"].to_numpy()
    keyed = pd.MultiIndex.from_arrays([
        rows["unit"].to_numpy()[at], rows["year"].to_numpy()[at], cells["column"].cat.codes,
        rows["file"].to_numpy()[at],
    ])  # fmt: skip
    own = campus[at]
    together = keyed.isin(keyed[own])
    parts = cells[together]  # few: what follows goes through them one by one
    position, _ = pd.factorize(keyed[together])
    # a campus without the figure leaves the main school's total unknown, not smaller
    given = parts["value"].where(parts["kind"] != NOT_APPLICABLE, 0.0)
    total = given.groupby(position).transform(lambda part: part.sum(skipna=False))
    total = total.clip(upper=1).where(parts["column"].isin(yes_or_no), total)
    kinds = parts["kind"].groupby(position)
    value = total.where(kinds.transform("min") != NOT_APPLICABLE, np.nan)
    made = cells.copy()
    made.loc[together, "value"] = value
    made.loc[together, "kind"] = np.where(value.notna(), OK, kinds.transform("max")).astype("uint8")
    keep = ~own | ~keyed.duplicated(keep=False)
    return made[keep].reset_index(drop=True)


# --- rules that take a value out ---


def _add_places(wide: Wide, found: Cells, at: npt.NDArray[np.intp], column: str) -> pd.DataFrame:
    source = wide.source[at, wide.columns.index(column)]
    cells = found.cells.iloc[source]
    rows = found.rows.iloc[cells["at"].to_numpy()].reset_index(drop=True)
    own = wide.keys.iloc[at][["county", "unit", "name", "year"]].reset_index(drop=True)
    cell = [f"{letter}{row}" for letter, row in zip(cells["letter"], cells["row"], strict=True)]
    return own.assign(
        file=rows["file"], sheet=rows["sheet"], row=cells["row"].to_numpy(), cell=cell, column=column,
        tolerance="0"
    )  # fmt: skip


def _out_of_range(
    wide: Wide, columns: Sequence[str], values: Floats, kinds: KindCodes, found: Cells, known: Catalogue
) -> pd.DataFrame:
    """Values outside what the catalogue says is possible are reported and not used."""
    findings = [rules.no_findings()]
    for j, column in enumerate(columns):
        low, high = known.columns[column].range
        at = np.flatnonzero((values[:, j] < low) | (values[:, j] > high))
        if len(at):
            own = _add_places(wide, found, at, column).assign(
                rule="catalogue_range", severity="error", value=[f"{v:g}" for v in values[at, j]],
                expected=f"{low:g}–{high:g}",
            )  # fmt: skip
            findings.append(word_findings(own, known))
            values[at, j], kinds[at, j] = np.nan, IMPOSSIBLE
    return pd.concat(findings, ignore_index=True)


def _check_parts(
    tidy: pd.DataFrame, kinds: pd.DataFrame, wide: Wide, found: Cells, known: Catalogue
) -> pd.DataFrame:
    """Parts above their wholes, reported with the cell of the part and not used."""
    findings = [rules.no_findings()]
    for column in kinds.columns:
        whole = known.columns[column].part_of
        if whole not in tidy:
            continue
        at = np.flatnonzero((tidy[column] > tidy[whole] * (1 + 1e-9) + 0.5).to_numpy())
        if len(at):
            own = _add_places(wide, found, at, column).assign(
                rule="part_above_whole", severity="error",
                value=[f"{v:g}" for v in tidy[column].to_numpy()[at]],
                expected=[f"≤ {v:g}" for v in tidy[whole].to_numpy()[at]],
            )  # fmt: skip
            findings.append(word_findings(own, known))
            tidy.loc[at, column] = np.nan
            kinds.loc[at, column] = IMPOSSIBLE
    return pd.concat(findings, ignore_index=True)


# --- tidy rows ---


def _make_keys(keys: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """County, unit, year, file and row, and the attributes that a form tells of a school."""
    owner = keys["owner"].isin(PRIVATE_OWNERS).to_numpy()
    inclusive = (keys["inclusive"] == "是").to_numpy()
    provider = np.select(
        [keys["owner"] == "", owner & inclusive, owner], ["", "inclusive_private", "private"], "public"
    )
    point = (keys["school_type"] == "218").to_numpy()
    site = np.select(
        [keys["kind"] == "county", point, keys["counted"].isin(["0", "否"])], ["", "point", "campus"], "main"
    )
    texts = {
        "county": keys["county"],
        "unit": keys["unit"],
        "year": keys["year"],
        "file": keys["file"],
        "row": keys["row"],
        "unit_name": keys["name"],
        "school_type": keys["school_type"],
        "location": keys["location"],
        "provider": provider,
        "site": site,
        "grade": keys["grade"],
    }
    return pd.DataFrame(texts)


def _derive_columns(
    tidy: pd.DataFrame, kinds: pd.DataFrame, known: Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns that follow from others by their definition: counts of schools, public places, shares of
    rooms.
    """
    values: dict[str, Floats] = {}
    codes: dict[str, KindCodes] = {}
    school = (tidy["unit"] != tidy["county"]).to_numpy()
    counted = np.where(tidy["site"].to_numpy() == "campus", 0.0, 1.0)
    _set_flag(values, codes, "schools", counted, school)
    _set_flag(
        values, codes, "schools_whole", np.where(tidy["site"].to_numpy() == "point", 0.0, counted), school
    )
    for stage in ("primary", "junior", "senior", "vocational"):
        if (name := f"pupils_{stage}") in tidy:
            teaches = kinds[name].to_numpy() != NOT_APPLICABLE
            _set_flag(values, codes, f"schools_{stage}", counted, school & teaches)
    rural = tidy["location"].str.startswith("2").to_numpy()
    _set_flag(
        values,
        codes,
        "schools_rural",
        np.where(rural, counted, 0.0),
        school & (tidy["location"] != "").to_numpy(),
    )
    if "children" in tidy:
        _count_kindergartens(tidy, kinds, values, codes, school)
    _split_shared(tidy, kinds, values, codes)
    values = {name: value for name, value in values.items() if name in known.columns and name not in tidy}
    frames = (
        pd.DataFrame(values, index=tidy.index),
        pd.DataFrame({n: codes[n] for n in values}, index=tidy.index),
    )
    return pd.concat([tidy.drop(columns="grade"), frames[0]], axis=1), pd.concat([kinds, frames[1]], axis=1)


OWN = {
    "preschool": ("11", ("books", "floor_area")),
    "vocational": ("36", ("books", "floor_area", "land_area", "equipment_value")),
}


def _own_rooms(tidy: pd.DataFrame, kinds: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a kindergarten or vocational school has as a whole belongs to its only stage, as the lists
    have it.
    """
    tidy, kinds = tidy.copy(), kinds.copy()
    for stage, (prefix, columns) in OWN.items():
        here = tidy["school_type"].str.startswith(prefix).to_numpy()
        for column in columns:
            own = f"{column}_{stage}"
            if column not in tidy or not here.any():
                continue
            if own not in tidy:
                tidy[own] = np.nan
                kinds[own] = np.where(here, NOT_COLLECTED, NOT_APPLICABLE).astype(np.uint8)
            take = here & (kinds[own] == NOT_COLLECTED).to_numpy()
            tidy.loc[take, own], kinds.loc[take, own] = tidy.loc[take, column], kinds.loc[take, column]
            tidy.loc[here, column], kinds.loc[here, column] = np.nan, NOT_APPLICABLE
    return tidy, kinds


def _set_flag(
    values: dict[str, Floats],
    codes: dict[str, KindCodes],
    name: str,
    value: Floats,
    applies: npt.NDArray[np.bool_],
) -> None:
    values[name] = np.where(applies, value, np.nan)
    codes[name] = np.where(applies, OK, NOT_APPLICABLE).astype(np.uint8)


def _count_kindergartens(
    tidy: pd.DataFrame, kinds: pd.DataFrame, values: dict[str, Floats], codes: dict[str, KindCodes],
    school: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Kindergartens and their children by who runs them and by grade, where the form says it."""
    here = school & (kinds["children"].to_numpy() != NOT_APPLICABLE)
    provider, grade = tidy["provider"].to_numpy(), tidy["grade"]
    told = {"public": provider == "public", "inclusive_private": provider == "inclusive_private",
            "grade2": grade.isin(["一级", "二级", "省级示范", "市级示范"]).to_numpy()}  # fmt: skip
    given = {
        "public": provider != "",
        "inclusive_private": provider != "",
        "grade2": (grade != "").to_numpy(),
    }
    _set_flag(values, codes, "kindergartens", np.ones(len(tidy)), here)
    children, kind = tidy["children"].to_numpy(), kinds["children"].to_numpy()
    for name, member in told.items():
        for column, value, gap in ((f"kindergartens_{name}", 1.0, OK), (f"children_{name}", children, kind)):
            known = here & given[name]
            values[column] = np.where(known, np.where(member, value, 0.0), np.nan)
            gone = np.where(member, gap, OK) if isinstance(gap, np.ndarray) else OK
            codes[column] = np.where(known, gone, np.where(here, NOT_COLLECTED, NOT_APPLICABLE)).astype(
                np.uint8
            )


def _split_shared(
    tidy: pd.DataFrame, kinds: pd.DataFrame, values: dict[str, Floats], codes: dict[str, KindCodes]
) -> None:
    """Rooms, grounds and equipment by stage: a school of one stage keeps all, a through-school is split."""
    stages = ("primary", "junior", "senior")
    pupils, gone = {}, {}
    for stage in stages:
        name = f"pupils_{stage}"
        pupils[stage] = tidy[name].to_numpy(float) if name in tidy else np.full(len(tidy), np.nan)
        gone[stage] = kinds[name].to_numpy() if name in tidy else np.full(len(tidy), NOT_APPLICABLE, np.uint8)
    away = {s: gone[s] == NOT_APPLICABLE for s in stages}
    counts = {s: np.where(away[s], 0.0, pupils[s]) for s in stages}
    ready = np.all([np.isfinite(counts[s]) for s in stages], axis=0) & (sum(counts.values()) > 0)
    for column in SHARED:
        if column not in tidy:
            continue
        whole, kind = tidy[column].to_numpy(float), kinds[column].to_numpy()
        parts = split_resource(
            np.where(ready, whole, np.nan), *(np.where(ready, counts[s], 1.0) for s in stages)
        )
        for stage in ("primary", "junior"):
            part = np.where(ready & ~away[stage], getattr(parts, stage), np.nan)
            lacking = np.maximum(
                kind, np.where(ready, OK, np.maximum.reduce([gone[s] * ~away[s] for s in stages]))
            )
            lacking = np.where((lacking == OK) & ~np.isfinite(part), NOT_COLLECTED, lacking)
            values[f"{column}_{stage}"] = part
            codes[f"{column}_{stage}"] = np.where(away[stage], NOT_APPLICABLE, lacking).astype(np.uint8)


# --- what the store says about it ---


def _describe_source(profile: Profile) -> TableMapping:
    """The source as a mapping would describe it."""
    groups = (
        Group(key="location", name=say("load.group_location"), high=say("load.group_urban"),
              low=say("load.group_rural"), codes=r"1\d\d"),
    )  # fmt: skip
    return TableMapping(
        path=Path("returns.toml"), title=profile.title, cite=profile.cite, lang=profile.lang, folder=Path(),
        tables=(),
        area=AreaRule(code="", unit_name=Text("学校", "school"), parent=profile.parent), year=YearRule(), missing={},
        fillings=(), groups=groups, breaks=profile.breaks, watch=profile.watch,
        events=profile.events, register=profile.register,
    )  # fmt: skip


def _group_places(tidy: pd.DataFrame, groups: Sequence[Group]) -> pd.DataFrame:
    """high, low, or '' where the school's place is not known."""
    for group in groups:
        held = tidy["location"].str.fullmatch(group.codes)
        side = np.where(tidy["location"] == "", "", np.where(held, "high", "low"))
        tidy = tidy.assign(**{f"group_{group.key}": pd.Series(side, index=tidy.index, dtype="str")})
    return tidy


def _make_areas(tidy: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """One row per county and for the prefecture: code, level, parent, zh, en."""
    every = say("load.all_areas")
    parent = dict(profile.parent) or {"code": "0", "level": "prefecture", "zh": every.zh, "en": every.en}
    counties = sorted(tidy["county"].unique())
    own = tidy.loc[(tidy["unit"] == tidy["county"]) & (tidy["unit_name"] != ""), ["county", "unit_name"]]
    called = dict(zip(own["county"], own["unit_name"], strict=True))
    names = {
        code: profile.counties.get(code, Text(called.get(code, code), called.get(code, code)))
        for code in counties
    }
    rows = [(code, "county", parent["code"], names[code].zh, names[code].en) for code in counties]
    rows.append((parent["code"], parent.get("level", "prefecture"), "", parent["zh"], parent["en"]))
    return pd.DataFrame(rows, columns=["code", "level", "parent", "zh", "en"])

"""How do all counties look at a glance: over the years, and in their places?

A map is drawn only from boundaries that the user supplies with their approval number (审图号); without them
every county is a tile.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edustats.errors import DataError, MissingFileError
from edustats.present.drawing import small_multiples as charts
from edustats.present.prefecture.overview import CountyComparison, compare_counties
from edustats.present.records.items import Figure, Table, TableColumn
from edustats.present.records.numbers import format_without_unit
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.prefecture import PrefectureView
from edustats.store.reading import locate_boundary_file
from edustats.typing import Floats
from edustats.words import Text, say

APPROVAL = "审图号"
CODES = ("code", "adcode", "区划代码", "代码")
"""Names under which a boundary file may hold a county's code."""


def show_county_panels(view: PrefectureView, indicator: str = "") -> ChapterItems:
    """One indicator over the years, a panel per county on the same axes, the prefecture dashed in each.

    Parameters
    ----------
    view : from :func:`~edustats.open_prefecture`
    indicator : key; empty: the first of the table side by side
    """
    if not (found := compare_counties(view, [indicator] if indicator else ())):
        return collect_items(view.lang)
    one = found[0]
    rows = view.by_county[view.by_county["indicator"] == one.indicator.key]
    wide = (
        rows.pivot(index="area", columns="year", values="value").reindex(sorted(one.values)) * one.unit.times
    )
    years = wide.columns.to_numpy(float)
    names = _mark_county_names(view, one)
    panels = [
        charts.ChartPanel(name=names[code], years=years, values=wide.loc[code].to_numpy(float))
        for code in wide.index
    ]
    whole = view.covered_series(one.indicator.key, view.area)
    reference = charts.ChartPanel(
        name="", years=whole["year"].to_numpy(float), values=whole["value"].to_numpy(float) * one.unit.times
    )
    whole_values = whole.set_index("year")["value"] * one.unit.times
    labels = (say("sentences.between_counties")[view.lang], view.name[view.lang])
    decimals = one.places
    png = charts.draw_county_panels(panels, reference, labels, lambda value: f"{value:.{decimals}f}")
    title = _append_mark_legend(
        say("prefecture.title_panels", area=view.name_whose(view.area), indicator=_name_with_unit(one)), one
    )
    columns = (
        TableColumn(label=say("prefecture.head_county")),
        *(
            TableColumn(label=Text(f"{y:.0f}", f"{y:.0f}"), decimals=decimals, unit=one.unit.key)
            for y in years
        ),
    )
    data = Table(
        key="prefecture.panels_data",
        title=title,
        columns=columns,
        rows=tuple(
            (view.county_name(str(code)), *(_blank_if_missing(v) for v in wide.loc[code]))
            for code in wide.index
        ),
        foot=(view.name, *(_blank_if_missing(v) for v in whole_values.reindex(wide.columns))),
        sources=(view.provenance(one.indicator, select_rows("counties", view.area)),),
    )
    alt = say("prefecture.alt_panels", area=view.name, indicator=one.indicator.name, n=len(panels))
    figure = Figure(
        key=f"prefecture.panels.{one.indicator.key}", title=title, alt=alt, data=data, png=png,
    )  # fmt: skip
    return collect_items(view, figure)


def _append_mark_legend(title: Text, one: CountyComparison) -> Text:
    """The title, with what the marks mean where there are any."""
    if not any(one.find_best_and_worst()):
        return title
    marks = say("prefecture.marks")
    return Text(title.zh + marks.zh, title.en + marks.en)


def _blank_if_missing(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _name_with_unit(one: CountyComparison) -> Text:
    name, unit = one.indicator.name, one.unit.name
    return Text(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})")


def _mark_county_names(view: PrefectureView, one: CountyComparison) -> dict[str, str]:
    """Names of the counties, those in the first and the last place with their marks."""
    best, worst = one.find_best_and_worst()
    marks = {
        code: say(f"prefecture.mark_{mark}").en
        for mark, codes in (("best", best), ("worst", worst))
        for code in codes
    }
    return {code: f"{marks.get(code, '')}{_shorten_county_name(view, code)}" for code in view.counties}


def _shorten_county_name(view: PrefectureView, code: str) -> str:
    """A county's name where there is little room: the word county that all share is left out."""
    return view.county_name(code)[view.lang].removesuffix(" County")


def show_county_tiles(view: PrefectureView, indicator: str = "") -> ChapterItems:
    """One indicator, every county in its place: a map where boundaries lie beside the store, else tiles.

    Parameters
    ----------
    view : from :func:`~edustats.open_prefecture`
    indicator : key; empty: the first of the table side by side

    Raises
    ------
    DataError
        The boundaries have no approval number, or no county of the prefecture.
    """
    if not (found := compare_counties(view, [indicator] if indicator else ())):
        return collect_items(view.lang)
    file = locate_boundary_file(view.store)
    return (
        show_county_map(view, file, indicator)
        if file.is_file()
        else collect_items(view, _draw_counties(view, found[0], {}, ""))
    )


def show_county_map(
    view: PrefectureView, boundaries: str | Path, indicator: str = "", approval: str = ""
) -> ChapterItems:
    """A map of the counties from a boundary file of the user's own.

    Parameters
    ----------
    view : from :func:`~edustats.open_prefecture`
    boundaries : GeoJSON with a polygon per county and its code among the properties
    indicator : key; empty: the first of the table side by side
    approval : the approval number (审图号) of the boundaries; empty: the one the file itself holds

    Raises
    ------
    MissingFileError, DataError
        No such file; not GeoJSON; no approval number; no county of the prefecture in it.
    """
    rings, number = read_boundaries(Path(boundaries), approval)
    held = {code: rings[code] for code in view.counties if code in rings}
    if not held:
        raise DataError("prefecture.no_county_in_map", file=Path(boundaries).name, area=view.name)
    found = compare_counties(view, [indicator] if indicator else ())
    return collect_items(view, [_draw_counties(view, one, held, number) for one in found[:1]])


def read_boundaries(file: Path, approval: str = "") -> tuple[dict[str, tuple[Floats, ...]], str]:
    """Rings of each county by code, and the approval number without which no map may be printed."""
    if not file.is_file():
        raise MissingFileError("errors.missing_file", file=file.name, where=file.parent)
    try:
        held = json.loads(file.read_text("utf-8"))
        number = approval.strip() or str(held.get(APPROVAL, "")).strip()
        rings = {
            code: _read_rings(f["geometry"])
            for f in held["features"]
            if (code := _read_county_code(f["properties"]))
        }
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError("prefecture.not_boundaries", file=file.name, found=str(error)[:80]) from error
    if not number:
        raise DataError("prefecture.no_approval", file=file.name)
    return rings, number


def _read_county_code(properties: Mapping[str, Any]) -> str:
    return next((str(properties[name]) for name in CODES if name in properties), "")


def _read_rings(geometry: Mapping[str, Any]) -> tuple[Floats, ...]:
    shapes = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return tuple(np.asarray(ring, float)[:, :2] for shape in shapes for ring in shape)


def _draw_counties(
    view: PrefectureView, one: CountyComparison, rings: Mapping[str, tuple[Floats, ...]], approval: str
) -> Figure:
    """The counties as tiles, or on a map where there are rings."""
    names = _mark_county_names(view, one)
    codes = [code for code in view.counties if not rings or code in rings]
    found = [_make_tile(view, one, code, names[code], rings.get(code, ())) for code in codes]
    word = "map" if rings else "tiles"
    title = say(
        f"prefecture.title_{word}",
        area=view.name_whose(view.area),
        year=one.year,
        indicator=_name_with_unit(one),
    )
    title = _append_mark_legend(title, one)
    legend = say("prefecture.legend")[view.lang]
    number = say("prefecture.approval", number=approval)[view.lang]
    png = charts.draw_county_map(found, legend, number) if rings else charts.draw_county_tiles(found, legend)
    columns = (
        TableColumn(label=say("prefecture.head_county")),
        TableColumn(label=_name_with_unit(one), decimals=one.places, unit=one.unit.key),
    )
    values = {code: one.values.get(code) for code in codes}
    data = Table(
        key=f"prefecture.{word}_data", title=title, columns=columns,
        rows=tuple((view.county_name(c), None if v is None else v * one.unit.times) for c, v in values.items()),
        sources=(view.provenance(one.indicator, select_rows("counties", view.area, one.year)),),
    )  # fmt: skip
    alt = say(f"prefecture.alt_{word}", area=view.name, indicator=one.indicator.name, n=len(found))
    return Figure(
        key=f"prefecture.{word}.{one.indicator.key}", title=title, alt=alt, data=data, png=png,
    )  # fmt: skip


def _make_tile(
    view: PrefectureView, one: CountyComparison, code: str, name: str, rings: tuple[Floats, ...]
) -> charts.CountyTile:
    value = one.values.get(code, math.nan)
    printed = (
        format_without_unit(value, one.unit, one.places)[view.lang]
        if math.isfinite(value)
        else say("prefecture.no_value")[view.lang]
    )
    return charts.CountyTile(name=name, value=value, printed=printed, rings=rings)

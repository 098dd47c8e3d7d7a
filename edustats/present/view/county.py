"""What does a notebook hold in its hand? One county over some years, in one language."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from edustats.analysis.panel import IndicatorPanel
from edustats.disclosure.observations import describe_withheld
from edustats.errors import ParameterError
from edustats.places import find_store
from edustats.present.records.items import Finding
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.provenance import (
    ColumnOrigins,
    Files,
    Places,
    index_origins,
    index_unit_origins,
)
from edustats.store.reading import CountyData, Store, open_store
from edustats.words import LANGUAGES, Text, join_names, join_texts, say


@dataclass(frozen=True, repr=False)
class View(AreaView):
    """One county, its neighbours and the areas above it, for the years asked for."""

    data: CountyData

    @cached_property
    def units(self) -> pd.DataFrame:
        """Tidy rows of the county's schools or districts, in the years of the view."""
        return self._select_years(self.data.units)

    @cached_property
    def has_units(self) -> bool:
        """Whether the county is reported by schools or districts, not as one row."""
        return bool((self.units["unit"] != self.units["county"]).any())

    @cached_property
    def read_with(self) -> IndicatorPanel:
        """The series that the view's own is judged with: every indicator that any county of the area has.

        What one indicator teaches about another must not hang on which county is looked at: a county's verdict is
        the same on its own page, on a neighbour's and in the data frame of all.
        """
        held = self.comparison.county_indicators
        asked = tuple(i for key, i in self.known.indicators.items() if key in held)
        return self.comparison.panel(self.area, asked, self.prices)

    @cached_property
    def ahead(self) -> Any:
        """Every series of the comparison with its forecast; None where there is none."""
        from edustats.analysis.forecast_panel import LEADS

        return self.comparison.forecasts(LEADS)

    @cached_property
    def origins(self) -> ColumnOrigins:
        """Files, sheets and rows of the county's figures."""
        return self.remember(("origins", self.first_year, self.last_year), self._index_origins)

    def _index_origins(self) -> ColumnOrigins:
        lines = self.store.origins(self.area)
        if len(lines):
            return index_origins(lines)
        columns = [str(name) for name in self.units if name in self.known.columns]
        return index_unit_origins(self.units, self.store.about["files"], columns)

    @property
    def introduction(self) -> Text:
        """Which area and which years, in one line."""
        return say(
            "page.cover", area=self.name_with_former(self.area), code=self.area,
            above=self.store.name(self.above), first=self.first_year, last=self.last_year,
        )  # fmt: skip

    def origin(self, rows: RowFilter, columns: Sequence[str] = ()) -> tuple[Files, Places]:
        """Files and places behind some columns; behind all of them where none is named."""
        areas = rows.areas or (self.area if self.has_units else self.above,)
        years = rows.years or tuple(range(self.first_year, (rows.until or self.last_year) + 1))
        files: Files = ()
        places: Places = ()
        if self.area in areas or rows.of_others:
            key = ("origin", self.first_year, self.last_year, years, tuple(columns))
            files, places = self.remember(key, lambda: self.origins.of(years, columns))
        if rows.of_others or any(area != self.area for area in areas):
            files = tuple(dict.fromkeys([*files, *self._list_files_of_years(years)]))
        return files, places


def show_cover(view: AreaView) -> ChapterItems:
    """Which area, which years, from which data: the first thing a page says."""
    said = view.introduction
    note = say("page.cover_source", cite=Text(**view.store.about["cite"]))
    if len(view.revisions):
        note = join_texts([note, say("revisions.note", n=len(view.revisions))], Text("", " "))
    if view.damaged:
        note = join_texts([note, view.damaged_note], Text("", " "))
    if not view.withheld:
        return collect_items(view, Finding(key="cover", sentence=said, note=note))
    names = {one.area: view.store.name(one.area) for one in view.withheld}
    hidden = describe_withheld(
        sorted(view.withheld, key=lambda one: one.area != view.area), names, view.known
    )
    note = join_texts([note, hidden], Text("", " "))
    return collect_items(view, Finding(key="cover", sentence=said, note=note, verdict="withheld"))


def open_county(
    county: str, store: str | Path = "", first_year: int = 0, last_year: int = 0, lang: str = ""
) -> View:
    """Open one county for reading.

    Parameters
    ----------
    county : code, as text (``"01"`` is not 1), or name: 柏溪县
    store : folder or address (``s3://…``) of the store; empty: the project's own
    first_year, last_year : 0 for the first and the last year held
    lang : zh or en; empty: the language of the data

    Raises
    ------
    ParameterError
        A code that is not text, years the wrong way round, no data in them, an unknown language.
    UnknownNameError
        A county the store does not hold.

    Examples
    --------
    >>> open_county("990121", "data/store/example").name.zh
    '柏溪县'
    """
    if not isinstance(county, str):
        raise ParameterError("errors.county_not_text", county=county)
    opened = open_store(find_store(str(store)))
    if lang and lang not in LANGUAGES:
        raise ParameterError("errors.unknown_language", lang=lang)
    code = opened.find_area(county)
    data, memory = _read_county(opened, code)
    have = sorted({int(year) for year in data.units["year"].unique()})
    first, last = check_year_range(data.name, have, first_year, last_year)
    opened = opened.in_year(last)
    data = replace(data, name=opened.name(code), areas=opened.areas)
    return View(opened, data, first, last, lang or opened.lang, opened.known, memory=memory)


def _read_county(opened: Store, code: str) -> tuple[CountyData, dict[Hashable, Any]]:
    """A county's rows, and what was worked out from them: those of before while their files are the same."""
    state = opened.county_state(code)
    if state is None:
        return opened.county(code), {}
    key = (state, opened.comparison_state(opened.county_parent(code)), opened.known.digest)
    with _LOCK:
        kept = _READ.pop(key, None) or (opened.county(code), {})
        _READ[key] = kept
        while len(_READ) > MOST_READ:
            _READ.popitem(last=False)
    data, memory = kept
    own = {name: getattr(data, name).copy(deep=False) for name in ("units", "observations", "findings")}
    return replace(data, areas=opened.areas, **own), memory


MOST_READ = 6
"""Counties whose rows a process remembers."""
_READ: OrderedDict[Hashable, tuple[CountyData, dict[Hashable, Any]]] = OrderedDict()
_LOCK = threading.Lock()


def check_year_range(area: Text, have: Sequence[int], first_year: int, last_year: int) -> tuple[int, int]:
    """The years asked for, 0 being the first and the last of those held; refused if none lies in them."""
    first, last = first_year or have[0], last_year or have[-1]
    if first > last:
        raise ParameterError("errors.reversed_years", first=first, last=last)
    if not any(first <= year <= last for year in have):
        years = join_names(have) if len(have) < 4 else f"{have[0]}–{have[-1]}"
        raise ParameterError("errors.no_years", area=area, first=first, last=last, have=years)
    return first, last

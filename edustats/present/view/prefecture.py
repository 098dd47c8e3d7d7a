"""What does a prefecture hold: its counties, their comparisons, its own series?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from edustats.analysis.panel import Panel, make_panel
from edustats.catalogue import catalogue
from edustats.errors import ParameterError, UnknownNameError
from edustats.present.view.area import AreaView
from edustats.present.view.county import View, check_year_range, find_store
from edustats.present.view.provenance import Files, Places, parse_years
from edustats.store.reading import AreaData, Store, open_store
from edustats.words import LANGUAGES, NOTHING, Text, say

MOST_NAMED = 5


@dataclass(frozen=True)
class PrefectureView(AreaView):
    """All counties of a prefecture and the areas above it, for the years asked for."""

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of its counties, ascending: the order of GB/T 2260."""
        return tuple(self.store.members(self.area))

    @cached_property
    def above_name(self) -> Text:
        """Name of the area above; nothing where the prefecture is the highest that is held."""
        return self.store.name(self.above) if self.above in set(self.store.areas["code"]) else NOTHING

    @property
    def introduction(self) -> Text:
        """Which prefecture, how many counties and which years, in one line."""
        return say(
            "prefecture.cover", area=self.name, code=self.area, n=len(self.counties), first=self.first_year,
            last=self.last_year,
        )  # fmt: skip

    def origin(self, filter_: str, columns: Sequence[str] = ()) -> tuple[Files, Places]:
        """Files behind some columns of all counties, as far as the store's folders tell years."""
        years = tuple(parse_years(filter_)) or tuple(range(self.first_year, self.last_year + 1))
        return self._list_files_of_years(years), ()

    @cached_property
    def read_with(self) -> Panel:
        """The prefecture's own series alone: its counties add up to it, and are no neighbours of it."""
        return make_panel(self.compare, self.area, self.indicators, alone=True)

    @property
    def has_units(self) -> bool:
        """Never: a prefecture's units are its counties."""
        return False

    @cached_property
    def by_county(self) -> pd.DataFrame:
        """Observations of the counties alone, in the years of the view."""
        return self.compare[self.compare["area"].isin(self.counties)].reset_index(drop=True)

    def county(self, code: str) -> View:
        """One of its counties, for the same years."""
        data = self.store.county(code)
        return View(self.store, data, self.first_year, self.last_year, self.lang, self.known)

    def county_name(self, code: str) -> Text:
        """A county's name."""
        return self._county_names[code]

    @cached_property
    def _county_names(self) -> dict[str, Text]:
        own = self.store.areas[self.store.areas["code"].isin(self.counties)]
        return {c: Text(zh, en) for c, zh, en in zip(own["code"], own["zh"], own["en"], strict=True)}

    def read_units(self, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of the units of all its counties, with county, unit and year; nothing else is read."""
        names = ["county", "unit", "year", *dict.fromkeys(columns)]
        return self._select_years(self.store.rows("units", self.counties, names))


def open_prefecture(
    prefecture: str = "", store: str | Path = "", first_year: int = 0, last_year: int = 0, lang: str = ""
) -> PrefectureView:
    """Open all counties of a prefecture for reading.

    Parameters
    ----------
    prefecture : code, as text; empty: the only one the store holds
    store : folder of the store; empty: the project's own
    first_year, last_year : 0 for the first and the last year held
    lang : zh or en; empty: the language of the data

    Raises
    ------
    ParameterError
        A code that is not text, or none where the store holds several; years the wrong way round or
        without data; an unknown language.
    UnknownNameError
        An area to which no county of the store belongs.

    Examples
    --------
    >>> view = open_prefecture("990100", "data/store/example")  # doctest: +SKIP
    """
    if not isinstance(prefecture, str):
        raise ParameterError("errors.county_not_text", county=prefecture)
    if lang and lang not in LANGUAGES:
        raise ParameterError("errors.unknown_language", lang=lang)
    opened = open_store(find_store(str(store)))
    code = _choose_prefecture(opened, prefecture)
    compare = opened.comparison(code)
    have = sorted({int(year) for year in compare["year"]})
    first, last = check_year_range(opened.name(code), have, first_year, last_year)
    parent = str(opened.areas.loc[opened.areas["code"] == code, "parent"].iloc[0])
    data = AreaData(area=code, name=opened.name(code), parent=parent, compare=compare, areas=opened.areas)
    return PrefectureView(opened, data, first, last, lang or opened.lang, catalogue())


def _choose_prefecture(opened: Store, prefecture: str) -> str:
    held = opened.prefectures
    named = "、".join(held[:MOST_NAMED])
    if not prefecture and len(held) != 1:
        raise ParameterError("prefecture.which", store=opened.path.name, near=named, n=len(held))
    if prefecture and prefecture not in held:
        raise UnknownNameError("prefecture.unknown", store=opened.path.name, code=prefecture, near=named)
    return prefecture or held[0]

"""What does a prefecture hold: its counties, their comparisons, its own series?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from edustats.analysis.coverage import WHOLE_RATIO
from edustats.analysis.like_for_like import LikeForLike, like_for_like
from edustats.analysis.panel import IndicatorPanel, build_panel
from edustats.disclosure.observations import withhold_small_groups
from edustats.errors import ParameterError, UnknownNameError
from edustats.places import find_store
from edustats.present.records.numbers import format_amount
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.area import AreaView
from edustats.present.view.county import View, check_year_range
from edustats.present.view.provenance import Files, Places
from edustats.store.reading import AreaData, Store, open_store
from edustats.words import CLAUSES, LANGUAGES, NOTHING, Text, join_names, join_texts, say

MOST_NAMED = 5


@dataclass(frozen=True, repr=False)
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
    def compared_area_name(self) -> Text:
        """As :attr:`AreaView.compared_area_name`."""
        return self.name

    @property
    def compared_area(self) -> str:
        """As :attr:`AreaView.compared_area`."""
        return self.area

    @property
    def introduction(self) -> Text:
        """Which prefecture, how many counties and which years, in one line."""
        told = say(
            "prefecture.cover", area=self.store.name(self.area), code=self.area, n=len(self.counties),
            first=self.first_year, last=self.last_year,
        )  # fmt: skip
        names = {code: self.name_with_former(code) for code in self.counties}
        renamed = [name for code, name in names.items() if name != self.county_name(code)]
        return join_texts([told, join_texts(renamed)], CLAUSES) if renamed else told

    def origin(self, rows: RowFilter, columns: Sequence[str] = ()) -> tuple[Files, Places]:
        """Files behind some columns of all counties, as far as the store's folders tell years."""
        years = rows.years or tuple(range(self.first_year, (rows.until or self.last_year) + 1))
        return self._list_files_of_years(years), ()

    @cached_property
    def read_with(self) -> IndicatorPanel:
        """The prefecture's own series alone: its counties add up to it, and are no neighbours of it."""
        series = [self.trend_series(indicator.key) for indicator in self.held_indicators]
        rows = pd.concat(series) if series else self.compare.head(0)
        return build_panel(rows, self.area, self.held_indicators, alone=True, prices=self.prices)

    @property
    def name(self) -> Text:
        """Its name, or what is added up where the store holds only some of its counties."""
        return self.name_total(self.area)

    @cached_property
    def member_rows(self) -> pd.DataFrame:
        """Observations of all counties that the store holds of it, those of areas between it and them included."""
        own = [code for code in self.store.counties if self.area in self.store.tree.chain(code)]
        between = sorted({self.store.tree.parents[code] for code in own} - {self.area})
        others = [withhold_small_groups(self.store.comparison(code), self.known)[0] for code in between]
        rows = pd.concat([self.compare, *(self._select_years(frame) for frame in others)])
        return rows[rows["area"].isin(own)].drop_duplicates(["area", "year", "indicator"])

    def like_for_like(self, indicator: str) -> LikeForLike | None:
        """The indicator on the counties that are there in every year; None where nobody has a value.

        None too of a rate without its counts: the area's own is what its source states, and no mean of counties'.
        """
        one = self.known.indicator(indicator)
        if not one.has_base:
            return None
        if indicator not in self._like_for_like:
            rows = self.member_rows[self.member_rows["indicator"] == indicator]
            self._like_for_like[indicator] = like_for_like(
                rows, self.store.tree, self.area, ratio=bool(one.den)
            )
        return self._like_for_like[indicator]

    @cached_property
    def _like_for_like(self) -> dict[str, LikeForLike | None]:
        return {}

    def trend_series(self, indicator: str) -> pd.DataFrame:
        """The prefecture's series over the same counties in every year."""
        series, found = self.series(indicator), self.like_for_like(indicator)
        if found is None or found.is_everybody:
            return series
        sums = pd.DataFrame(
            {"value": found.values, "num": found.num, "den": found.den}, index=list(found.years)
        )
        return series.drop(columns=list(sums)).join(sums, on="year")[list(series)]

    def trend_values(self, indicator: str) -> list[tuple[int, float]]:
        """As :meth:`AreaView.trend_values`."""
        series = self.trend_series(indicator)
        return list(zip(series["year"].tolist(), series["value"].tolist(), strict=True))

    def is_comparable(self, indicator: str) -> bool:
        """Whether the counties that are there in every year make up the prefecture, so that they speak for it."""
        found, series = self.like_for_like(indicator), self.series(indicator).dropna(subset="value")
        if found is None or found.is_everybody or series.empty:
            return True
        last = series.iloc[-1]
        ratio = bool(self.known.indicator(indicator).den)
        held = float((found.den if ratio else found.num)[-1])
        whole = float(last["den"] if ratio else last["value"]) / float(last["coverage"] or math.nan)
        return bool(held >= WHOLE_RATIO * whole)

    def format_over_years(self, value: float, indicator: str, year: int, decimals: int | None = None) -> Text:
        """A value of :meth:`trend_series`; where that is of some counties, their name says so and no mark is needed."""
        found = self.like_for_like(indicator)
        if found is None or found.is_everybody:
            return self.format_covered(value, indicator, self.area, year, decimals)
        return format_amount(value, self.known.unit_of(indicator), decimals)

    def name_over_years(self, indicator: str) -> Text:
        """Its name, or how many of its counties are compared where some are not there in every year."""
        found = self.like_for_like(indicator)
        if found is None or found.is_everybody:
            return self.name
        told = say("areas.same_counties", area=self.store.name(self.area), n=str(len(found.kept)))
        return Text(told.zh, told.en)

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
    prefecture : code, as text, or name; empty: the only one the store holds
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
    >>> open_prefecture("990100", "data/store/example").name.zh
    '云汀市'
    """
    if not isinstance(prefecture, str):
        raise ParameterError("errors.county_not_text", county=prefecture)
    if lang and lang not in LANGUAGES:
        raise ParameterError("errors.unknown_language", lang=lang)
    opened = open_store(find_store(str(store)))
    asked = prefecture and (prefecture if prefecture.isdecimal() else opened.find_area(prefecture))
    code = _choose_prefecture(opened, asked)
    compare = opened.comparison(code)
    have = sorted({int(year) for year in compare["year"]})
    first, last = check_year_range(opened.name(code), have, first_year, last_year)
    parent = str(opened.areas.loc[opened.areas["code"] == code, "parent"].iloc[0])
    data = AreaData(area=code, name=opened.name(code), parent=parent, compare=compare, areas=opened.areas)
    opened = opened.in_year(last)
    data = replace(data, areas=opened.areas)
    return PrefectureView(opened, data, first, last, lang or opened.lang, opened.known)


def _choose_prefecture(opened: Store, prefecture: str) -> str:
    held = opened.prefectures
    named = join_names(held[:MOST_NAMED] or ["—"])
    if not prefecture and len(held) != 1:
        raise ParameterError("prefecture.which", store=opened.path.name, near=named, n=len(held))
    if prefecture and prefecture not in held:
        raise UnknownNameError("prefecture.unknown", store=opened.path.name, code=prefecture, near=named)
    return prefecture or held[0]

"""What do a county and a prefecture have in common? An area, the areas it is compared with, and some years."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from edustats import __version__
from edustats.analysis.panel import IndicatorPanel
from edustats.analysis.prices import PriceChanges, read_prices
from edustats.catalogue import Catalogue, Indicator
from edustats.disclosure.observations import WithheldObservation
from edustats.errors import ParameterError
from edustats.load.returns.origins import rows_text
from edustats.present.records.items import Provenance
from edustats.present.records.numbers import format_amount
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.comparison import Comparison, Made, compare_area
from edustats.present.view.coverage import Cover
from edustats.present.view.provenance import Files, Places
from edustats.store.reading import AreaData, Store, read_revisions
from edustats.words import NOTHING, Text, join_names, join_texts, say


@dataclass(frozen=True, repr=False)
class AreaView(ABC):
    """An area with its neighbours and the areas above it, for the years asked for."""

    store: Store
    data: AreaData
    first_year: int
    last_year: int
    lang: str
    known: Catalogue
    chosen: tuple[str, ...] = field(default=(), kw_only=True)
    """Keys of the indicators that are shown; empty: all. What is judged together is judged over all."""
    memory: dict[Hashable, Any] = field(default_factory=dict, kw_only=True, compare=False)
    """What was worked out from the area's own rows, by what it is and the years it hangs on."""

    def __repr__(self) -> str:
        return (
            f"<{self.name[self.lang]} {self.area} {self.first_year}–{self.last_year}, {self.store.path.name}>"
        )

    def remember(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made under a key, made now if it was not yet; a key names all that the answer hangs on."""
        if key not in self.memory:
            self.memory[key] = make()
        made: Made = self.memory[key]
        return made

    @property
    @abstractmethod
    def introduction(self) -> Text:
        """Which area and which years, in one line."""

    @property
    @abstractmethod
    def read_with(self) -> IndicatorPanel:
        """The series that the area's own is judged with."""

    @property
    @abstractmethod
    def has_units(self) -> bool:
        """Whether the area is reported by schools or districts, not as one row."""

    @abstractmethod
    def origin(self, rows: RowFilter, columns: Sequence[str] = ()) -> tuple[Files, Places]:
        """Files and places behind some columns; behind all of them where none is named."""

    @property
    def area(self) -> str:
        return self.data.area

    @property
    def name(self) -> Text:
        return self.data.name

    @property
    def above(self) -> str:
        """Code of the area the county belongs to."""
        return self.data.parent

    @cached_property
    def above_name(self) -> Text:
        """What the figures of the area above are called: its name, or what is added up where it is not all there."""
        return self.name_total(self.above)

    def name_with_former(self, county: str) -> Text:
        """A county's name with those that it had in other years of the view: 渌口区（原株洲县）."""
        name, former = self.store.name(county), self.store.former_names
        own = former[(former["code"] == county) & former["year"].between(self.first_year, self.last_year)]
        once = own[own["zh"] != name.zh].drop_duplicates("zh")
        if once.empty:
            return name
        names = [Text(zh, en) for zh, en in zip(once["zh"], once["en"], strict=True)]
        return say("areas.once", name=name, former=join_texts(names))

    def name_total(self, area: str) -> Text:
        """The name of an area above its counties, if the store is about it; else 本表3县合计 for the counties held."""
        if self.store.is_whole(area):
            return self.store.name(area)
        return say("areas.sum_of", n=self.store.count_counties(area))

    def name_whose(self, area: str) -> Text:
        """Whose counties a title speaks of: 株洲市各县, or 本表各县 of an area of which the store holds some alone."""
        return self.store.name(area) if self.store.is_whole(area) else say("areas.this_table")

    def cover_of(self, indicator: str, area: str, year: int) -> Cover:
        """What an area's figure is made of in a year."""
        self.known.indicator(indicator)
        return self.comparison.cover(indicator, area or self.area, year)

    def covered_series(self, indicator: str, area: str) -> pd.DataFrame:
        """An area's observations in the years in which they cover it; all of them of a sum of the counties held."""
        return self.comparison.covered_series(indicator, area)

    def format_covered(
        self, value: float, indicator: str, area: str, year: int, decimals: int | None = None
    ) -> Text:
        """A value with its unit and, where it does not cover the area, its mark."""
        text = format_amount(value, self.known.unit_of(indicator), decimals)
        return self.cover_of(indicator, area, year).mark(text)

    @property
    def compared_area_name(self) -> Text:
        """Whose counties are compared: those of the area above a county, a prefecture's own."""
        return self.above_name

    @property
    def compared_area(self) -> str:
        """The code of that area."""
        return self.above

    @cached_property
    def revisions(self) -> pd.DataFrame:
        """Figures of the area, in the years of the view, that the last edition published otherwise."""
        return self._select_years(read_revisions(self.store, self.area))

    @cached_property
    def comparison(self) -> Comparison:
        """What the view shares with those of the other counties of its prefecture."""
        return compare_area(self.data.compare, self.store, self.known, self.first_year, self.last_year)

    @cached_property
    def compare(self) -> pd.DataFrame:
        """Observations of the county, its neighbours and the areas above, in the years of the view.

        Those that would tell of few persons are withheld; see :mod:`edustats.disclosure.observations`.
        """
        return self.comparison.rows

    @property
    def damaged(self) -> tuple[str, ...]:
        """Counties of the comparison whose own rows cannot be read: what is worked out from rows lacks them."""
        counties = self.comparison.counties
        states = tuple(self.store.county_state(code) for code in counties)
        return self.comparison.keep(("damaged", states), lambda: tuple(self.store.find_damaged(counties)))

    @property
    def damaged_note(self) -> Text:
        """What a page says of them; nothing where all can be read."""
        names = join_texts([self.store.name(code) for code in self.damaged])
        return say("page.damaged", names=names) if self.damaged else NOTHING

    @property
    def withheld(self) -> tuple[WithheldObservation, ...]:
        """Observations of these years that are not printed, and why."""
        return self.comparison.withheld

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """Indicators that are shown, in catalogue order."""
        return tuple(i for i in self.held_indicators if not self.chosen or i.key in self.chosen)

    @cached_property
    def held_indicators(self) -> tuple[Indicator, ...]:
        """Indicators with any observation of this county, in catalogue order."""
        held = self.comparison.held_indicators(self.area)
        return tuple(i for key, i in self.known.indicators.items() if key in held)

    @cached_property
    def panel(self) -> IndicatorPanel:
        """All counties of the area as arrays, with the verdict on each series."""
        return self.comparison.panel(self.area, self.held_indicators, self.prices)

    @cached_property
    def prices(self) -> PriceChanges:
        """What money of other years is worth: by the bureau's own index, else the nation's."""
        return read_prices(self.store)

    def series(self, indicator: str, area: str = "") -> pd.DataFrame:
        """Observations of one indicator of one area, by year; the county's own when none is named."""
        self.known.indicator(indicator)
        return self.comparison.series(indicator, area or self.area)

    def trend_series(self, indicator: str) -> pd.DataFrame:
        """The series that is compared over the years: the area's own, where it is the same thing in all of them."""
        return self.series(indicator)

    def trend_values(self, indicator: str) -> list[tuple[int, float]]:
        """Year and value of each row of :meth:`trend_series`, nan where it has none: without a frame for each."""
        self.known.indicator(indicator)
        return self.comparison.year_values(indicator, self.area)

    def format_over_years(self, value: float, indicator: str, year: int, decimals: int | None = None) -> Text:
        """A value of :meth:`trend_series`, marked where it does not cover the area it is said of."""
        return self.format_covered(value, indicator, self.area, year, decimals)

    def name_over_years(self, indicator: str) -> Text:
        """Whose figures :meth:`trend_series` are."""
        return self.name

    def comparable_series(self, indicator: str) -> pd.DataFrame:
        """The county's series from the last declared break on: years that mean the same."""
        series = self.series(indicator)
        breaks = series.loc[series["status"] == "break", "year"]
        return series[series["year"] >= breaks.max()] if len(breaks) else series

    def own_rows(self, *years: int) -> RowFilter:
        """The area's own rows in some years; in every year of the view where none is named."""
        return RowFilter(areas=(self.area,), years=years)

    def compared_rows(self, *years: int) -> RowFilter:
        """The area's own rows and those of the area above it: what stands beside its figures rests on both."""
        return RowFilter(
            areas=tuple(dict.fromkeys(area for area in (self.area, self.above) if area)), years=years
        )

    def fill_years(self, rows: RowFilter) -> RowFilter:
        """Rows that name their years: every one of the view where none is named."""
        if rows.years or rows.until:
            return rows
        return replace(rows, years=self._years_held)

    @cached_property
    def _years_held(self) -> tuple[int, ...]:
        held = tuple(sorted(int(year) for year in self.compare["year"].unique()))
        return held or tuple(range(self.first_year, self.last_year + 1))

    def provenance(self, indicator: Indicator, rows: RowFilter) -> Provenance:
        """Source of a number of this view.

        Parameters
        ----------
        indicator : its inputs are the columns whose files, sheets and rows are named
        rows : which rows of the store; where it names no year, every year of the view counts. Of areas other
            than the county the files are named, not their rows.
        """
        rows = self.fill_years(rows)
        files, places = self.origin(rows, indicator.inputs)
        return Provenance(
            files=files,
            filter=rows,
            formula=indicator.formula,
            clause=indicator.clause,
            version=__version__,
            places=places,
        )

    def check_year(self, year: int) -> int:
        """The year, if the view holds it.

        Raises
        ------
        ParameterError
            It does not; the years it holds are named.
        """
        have = sorted({int(one) for one in self.compare["year"]})
        if year not in have:
            raise ParameterError("analysis.no_year", area=self.name, year=year, have=join_names(have))
        return year

    def account(self, whose: str) -> Provenance:
        """Source of a count of rows or doubtful values: the store's own account of the county's files."""
        rows = self.fill_years(RowFilter(whose=whose, areas=(self.area,)))
        files, _ = self.origin(rows)
        return Provenance(
            files=files, filter=rows, formula="this page" if whose == "page" else "count of rows",
            clause=say("trace.account_page" if whose == "page" else "trace.account"), version=__version__,
        )  # fmt: skip

    def trace_register(self, name: str, columns: Sequence[str]) -> Provenance:
        """Source of figures of a list that the store holds beside the schools: its files and their rows.

        Parameters
        ----------
        name : of the list
        columns : of the list, those that the figures are made of
        """
        rows, held = self.store.register(name), self.store.about["files"]
        files: dict[str, str] = {}
        places: list[tuple[str, str, str]] = []
        for file, own in rows.groupby("file", sort=True) if len(rows) else ():
            at = pd.to_numeric(own["row"], errors="coerce").dropna().astype(int)
            places.append((str(file), "", rows_text(int(at.min()), int(at.max()), int(at.nunique()))))
            folder = str(file).rpartition("/")[0] + "/"
            files |= {key: held[key] for key in (str(file), folder) if key in held}
        return Provenance(
            files=tuple(files.items()), filter=self.fill_years(self.own_rows()), formula=", ".join(columns),
            clause=say("trace.account_list"), version=__version__, places=tuple(places),
        )  # fmt: skip

    def _list_files_of_years(self, years: Sequence[int]) -> Files:
        """The store's files of some years, as far as their folders tell years; all of them elsewhere."""
        files = sorted(self.store.about["files"].items())
        tops = {f"{year}" for year in years}
        return tuple(one for one in files if one[0].split("/")[0] in tops) or tuple(files)

    def _select_years(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["year"].between(self.first_year, self.last_year)].reset_index(drop=True)

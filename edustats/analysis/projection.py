"""How many children, seats and teachers in the coming years, as data frames? The door to the projection."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.school_places import SchoolPlaces, read_school_places
from edustats.disclosure import find_small_counts
from edustats.errors import MissingFileError, ParameterError
from edustats.metrics.seats.backtest import summarize_errors, try_projections
from edustats.metrics.seats.capacity import (
    CLASS_NORM,
    OpeningVerdict,
    Planned,
    Shortfall,
    compare_seats,
    compute_match_index,
    find_next_review,
    judge_openings,
    sum_capacity,
)
from edustats.metrics.seats.resources import count_classes, count_teachers, price_seats
from edustats.metrics.seats.scenarios import Scenario, read_scenario
from edustats.metrics.seats.simulation import (
    PATHS,
    Projection,
    find_peaks,
    project_cohorts,
    sum_counties,
    summarize_paths,
)
from edustats.metrics.seats.structure import Structure, build_structure
from edustats.store.reading import Store
from edustats.typing import Flags, Floats
from edustats.words import NumericText, Text, say

SEED = 20250901
LEADS = 15
Names = str | Sequence[str] | None


@dataclass(frozen=True, kw_only=True)
class SeatOutlook:
    """One prefecture's projection against its seats."""

    places: SchoolPlaces
    found: Projection

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the counties."""
        return self.places.cohorts.areas

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages in their order."""
        return self.places.cohorts.structure.names

    @cached_property
    def years(self) -> Floats:
        """(h,) the coming years."""
        return self.found.years

    @cached_property
    def seats(self) -> Floats:
        """(a, h, s) seats of the coming years."""
        return self.places.seats_ahead(self.found.years)

    @cached_property
    def shortfall(self) -> Shortfall:
        """Pupils against seats, county by county."""
        return compare_seats(self.found.paths, self.seats)

    @cached_property
    def of_prefecture(self) -> tuple[Floats, Floats]:
        """(p, 1, h, s) pupils of the prefecture and (1, h, s) its seats; nan where a county's are not held."""
        seats = sum_counties(self.seats, self.holds[:, None], axis=0)
        return self.found.prefecture()[:, None], seats[None]

    @property
    def holds(self) -> Flags:
        """(a, s) whether a county has the stage at all."""
        return self.places.cohorts.holds()

    @cached_property
    def past_of_prefecture(self) -> Floats:
        """(t, s) pupils counted in the prefecture; nan for years in which a county's are not held."""
        return sum_counties(self.places.pupils, self.holds[:, None], axis=0)

    @cached_property
    def peaks(self) -> Floats:
        """(a, s, t + h) probability of each year to be the peak, past years among them."""
        past = np.moveaxis(self.places.pupils, 1, -1)
        return find_peaks(np.moveaxis(self.found.paths, 2, -1), past)

    @cached_property
    def errors(self) -> pd.DataFrame:
        """How wrong the same method was in past years: a row per county, stage, origin and lead."""
        return try_projections(self.places.cohorts)

    @cached_property
    def openings(self) -> list[OpeningVerdict]:
        """What may be said of each planned opening."""
        return judge_openings(
            self.places.plans, self.found.paths, self.seats, self.areas, self.stages, self.found.years
        )

    @cached_property
    def match(self) -> Floats:
        """(h,) index of the match of population and schools."""
        return compute_match_index(self.found.paths, self.seats)

    @property
    def review_due(self) -> int:
        """Year in which the match must be judged again."""
        return find_next_review(int(self.places.cohorts.years[-1]))


def open_outlook(
    store: Store,
    prefecture: str,
    leads: int = LEADS,
    *,
    scenario: Scenario | str | Path | Mapping[str, Any] | None = None,
    totals: Mapping[tuple[str, int], float] | None = None,
    plans: Sequence[Planned] | None = None,
    structure: str | Structure = "6-3",
    paths: int = PATHS,
    seed: int = SEED,
    last_year: int = 0,
) -> SeatOutlook:
    """Project one prefecture and hold it against its seats; parameters as for :func:`project`."""
    wanted = structure if isinstance(structure, Structure) else build_structure(structure)
    places = read_school_places(store, prefecture, wanted, plans, last_year)
    assumed = _open_scenario(scenario, places.cohorts.areas)
    found = project_cohorts(places.cohorts, leads, paths=paths, seed=seed, scenario=assumed, totals=totals)
    return SeatOutlook(places=places, found=found)


def _open_scenario(
    given: Scenario | str | Path | Mapping[str, Any] | None, areas: Sequence[str]
) -> Scenario | None:
    if given is None or isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        return read_scenario(given, tuple(areas))
    path = Path(given)
    if not path.is_file():
        raise MissingFileError("seats.no_scenario", path=path.name)
    try:
        return read_scenario(tomllib.loads(path.read_text("utf-8-sig")), tuple(areas))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError("seats.scenario_not_toml", path=path.name, found=str(error)[:120]) from None


def project(
    store: Store,
    area: Names = None,
    years: int = LEADS,
    *,
    scenario: Scenario | str | Path | Mapping[str, Any] | None = None,
    totals: Mapping[tuple[str, int], float] | None = None,
    plans: Sequence[Planned] | None = None,
    structure: str | Structure = "6-3",
    paths: int = PATHS,
    seed: int = SEED,
    quotas: Mapping[str, tuple[float, float]] | None = None,
    inside: bool = False,
) -> pd.DataFrame:
    """Pupils, seats and teachers of the coming years, with bands, and how wrong the same method was before.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : codes or names of counties and prefectures; None: all
    years : years ahead, 1 to 30
    scenario : assumptions: a TOML file, a table, or a Scenario; see
        :func:`edustats.metrics.seats.scenarios.read_scenario`
    totals : pupils of the prefecture by (stage, year) that every path is brought to
    plans : openings and closures; None: the store's register ``seat_plans``
    structure : ``"6-3"``, ``"5-4"``, or a Structure
    paths, seed : number of simulated paths and the seed that makes them repeatable
    quotas : by stage the square metres of floor area a seat and the yuan a square metre: then ``floor_area`` and
        ``budget`` say what the seats to add take
    inside : with counts of few pupils, for use inside the bureau

    Returns
    -------
    DataFrame
        A row per area, stage and year: ``lead``, ``pupils`` (median), ``lower_80`` ... ``upper_95``, ``entrants``
        (median), ``p_peak`` (probability that the year is the peak, past years included), ``seats``,
        ``seats_lower_bound``, ``p_short``, ``unmet``, ``empty``, ``seats_to_add`` (with which 80 % of paths suffice),
        ``classes``, ``teachers`` (by the norm), ``past_error`` (mean absolute relative error of the same method at that
        lead in past years of the county, nan beyond 5). ``attrs`` hold ``doubts`` (sentences), ``errors`` (by stage
        and lead), ``match`` (index by year) and ``review_due``.

    Raises
    ------
    DataError
        Nothing to project is held.
    ParameterError
        Years, paths, a scenario or a structure that cannot be; it is named.

    Examples
    --------
    >>> project(store, "柏溪县", 10).columns[:6].tolist()
    ['area', 'area_name', 'year', 'stage', 'lead', 'pupils']
    """
    wanted = [store.find_area(a) for a in ([area] if isinstance(area, str) else area or [])]
    parents = dict(zip(store.areas["code"], store.areas["parent"], strict=True))
    above = (
        dict.fromkeys(a if a in store.prefectures else parents.get(a, "") for a in wanted)
        or store.prefectures
    )
    frames, attrs = [], _empty_attrs()
    for prefecture in above:
        outlook = open_outlook(
            store,
            prefecture,
            years,
            scenario=scenario,
            totals=totals,
            plans=plans,
            structure=structure,
            paths=paths,
            seed=seed,
        )
        frames.append(_tabulate(outlook, store, inside))
        _note_attrs(attrs, outlook, store)
    made = pd.concat(frames, ignore_index=True)
    made = made[made["area"].isin(wanted)].reset_index(drop=True) if wanted else made
    if quotas:
        made = _price_additions(made, quotas)
    made.attrs.update(attrs, protected=not inside)
    return made


def _price_additions(made: pd.DataFrame, quotas: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Floor area and budget of the seats to add, for stages that have a quota."""
    strange = sorted(set(quotas) - set(made["stage"]))
    if strange:
        raise ParameterError(
            "seats.unknown_stage", found=strange[0], known=", ".join(sorted(set(made["stage"])))
        )
    for stage, (area, yuan) in quotas.items():
        own = made["stage"] == stage
        floor, budget = price_seats(np.ceil(made.loc[own, "seats_to_add"]), area, yuan)
        made.loc[own, "floor_area"], made.loc[own, "budget"] = floor, budget
    return made


def _empty_attrs() -> dict[str, Any]:
    return {"doubts": [], "errors": {}, "match": {}, "review_due": {}}


def _note_attrs(attrs: dict[str, Any], outlook: SeatOutlook, store: Store) -> None:
    code = outlook.places.prefecture
    attrs["doubts"] += [tell_doubt(store, doubt)[store.lang] for doubt in outlook.places.doubts]
    attrs["errors"][code] = summarize_errors(outlook.errors)
    attrs["match"][code] = dict(zip(outlook.years.astype(int).tolist(), outlook.match.tolist(), strict=True))
    attrs["review_due"][code] = outlook.review_due


def tell_doubt(store: Store, doubt: Any) -> Text:
    """A doubt as a sentence, with the county's and the stage's name."""
    facts = {name: _print_fact(name, fact) for name, fact in doubt.facts.items()}
    if "stage" in facts:
        facts["stage"] = say(f"seats.stage_{facts['stage']}")
    known = doubt.area in set(store.areas["code"])
    return say(f"seats.doubt_{doubt.kind}", area=store.name(doubt.area) if known else doubt.area, **facts)


def _print_fact(name: str, fact: Any) -> Any:
    """A number of a doubt with its unit: persons whole, what is a ratio with three digits; all else as it is."""
    if not isinstance(fact, float):
        return fact
    ratio = name == "times" or (name == "found" and fact < 100) or fact < 1
    places = len(f"{fact:.3g}".partition(".")[2]) if ratio and 1e-4 < fact < 1000 else 0
    unit = "times" if name == "times" else "" if ratio else "seat" if name == "seats" else "person"
    return NumericText(f"{fact:.{places}f}", f"{fact:,.{places}f}", fact, unit, places)


def _tabulate(outlook: SeatOutlook, store: Store, inside: bool) -> pd.DataFrame:
    found, total_paths, total_seats = outlook.found, *outlook.of_prefecture
    codes = [*outlook.areas, outlook.places.prefecture]
    paths = np.concatenate([found.paths, total_paths], axis=1)
    first = np.concatenate(
        [found.entrants, sum_counties(found.entrants, outlook.holds[None, :, None], axis=1)[:, None]], axis=1
    )
    seats = np.concatenate([outlook.seats, total_seats])
    lower = np.concatenate(
        [outlook.places.lower_bound, outlook.places.lower_bound.any(axis=0, keepdims=True)]
    )
    past = np.concatenate([outlook.places.pupils, outlook.past_of_prefecture[None]])
    short = compare_seats(paths, seats)
    peaks = find_peaks(np.moveaxis(paths, 2, -1), np.moveaxis(past, 1, -1))[..., past.shape[1] :]
    bands = summarize_paths(paths)
    norms = [CLASS_NORM[s] for s in outlook.stages]
    columns = {
        "pupils": bands.pop("middle"),
        **bands,
        "entrants": np.median(first, axis=0),
        "p_peak": np.moveaxis(peaks, 1, -1),
        "seats": seats,
        "seats_lower_bound": np.broadcast_to(lower[:, None], seats.shape),
        "p_short": short.chance,
        "unmet": short.missing,
        "empty": short.empty,
        "seats_to_add": short.safe,
    }
    stages = list(zip(outlook.stages, norms, strict=True))
    pupils = columns["pupils"]
    columns["classes"] = np.stack(
        [count_classes(pupils[..., s], norm) for s, (_, norm) in enumerate(stages)], -1
    )
    columns["teachers"] = np.stack(
        [count_teachers(pupils[..., s], name) for s, (name, _) in enumerate(stages)], -1
    )
    index = pd.MultiIndex.from_product(
        [codes, found.years.astype(int), outlook.stages], names=["area", "year", "stage"]
    )
    frame = pd.DataFrame(
        {name: np.asarray(held).ravel() for name, held in columns.items()}, index=index
    ).reset_index()
    frame.insert(1, "area_name", frame["area"].map({code: store.name(code)[store.lang] for code in codes}))
    frame.insert(4, "lead", frame["year"] - int(outlook.places.cohorts.years[-1]))
    frame = frame.merge(_mean_errors(outlook), on=["area", "stage", "lead"], how="left")
    return frame if inside else _withhold_few(frame)


def _mean_errors(outlook: SeatOutlook) -> pd.DataFrame:
    """Past errors of each county, and of the counties together for the prefecture."""
    keys = ["area", "stage", "lead"]
    own = outlook.errors[[*keys, "error"]]
    every = own.assign(area=outlook.places.prefecture)
    mean = pd.concat([own, every]).groupby(keys)["error"].mean()
    return mean.rename("past_error").reset_index()


def _withhold_few(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the rows' counts where so few pupils are expected that they could be known."""
    few = find_small_counts(frame["pupils"].to_numpy(float)) | find_small_counts(
        frame["entrants"].to_numpy(float)
    )
    told = [
        name
        for name in frame
        if name not in ("area", "area_name", "year", "stage", "lead", "seats_lower_bound")
    ]
    frame.loc[few, told] = np.nan
    return frame


def measure_seats(
    store: Store, area: Names = None, by: str | Sequence[str] = ("area", "stage"), *, inside: bool = False
) -> pd.DataFrame:
    """Seats of today by county, school or stage, and what they are taken from.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : codes or names of counties; None: all
    by : columns to sum by: ``area``, ``stage``, ``school``; ``()`` for the schools one by one
    inside : with pupils of single schools, for use inside the bureau

    Returns
    -------
    DataFrame
        ``capacity``, ``lower_bound`` (classes stand in for what a school was built for), ``schools``, ``missing``; for
        single schools ``basis`` and, inside, ``pupils``.

    Examples
    --------
    >>> measure_seats(store, "柏溪县").columns[:6].tolist()
    ['area', 'stage', 'capacity', 'lower_bound', 'schools', 'missing']
    """
    wanted = [store.find_area(a) for a in ([area] if isinstance(area, str) else area or [])]
    parents = dict(zip(store.areas["code"], store.areas["parent"], strict=True))
    above = dict.fromkeys(parents[a] for a in wanted) if wanted else store.prefectures
    schools = pd.concat([read_school_places(store, p).schools for p in above], ignore_index=True)
    schools = schools[schools["area"].isin(wanted)] if wanted else schools
    columns = [by] if isinstance(by, str) else list(by)
    if columns:
        return sum_capacity(schools, columns)
    return schools if inside else schools.drop(columns="pupils")

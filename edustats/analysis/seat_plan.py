"""Which seats should be built, converted, shared or closed? The door to the plan, as a data frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from edustats.analysis.projection import SEED, open_outlook
from edustats.errors import ParameterError
from edustats.metrics.seats.planning import Option, SeatPlan, Weights, plan_seats
from edustats.store.reading import Store

COLUMNS = ["option", "kind", "area", "begin", "ready", "cost", "seats"]


def choose_seats(
    store: Store,
    area: str,
    options: Sequence[Option | Mapping[str, Any]],
    *,
    budget: float = float("inf"),
    unmet: float = 1.0,
    empty: float = 0.25,
    cost: float = 0.0,
    years: int = 10,
    latest: int = 5,
    paths: int = 500,
    seed: int = SEED,
    **assumed: Any,
) -> pd.DataFrame:
    """The set of builds, conversions, shared campuses and closures that leaves least unmet and least empty.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : code or name of a county, or of a prefecture for all its counties together
    options : tables with ``name``, ``kind`` (build, convert, share, close), ``area`` (code or name), ``seats`` (by
        stage, below 0 where taken away), ``cost``, ``lead`` (years until ready) and ``site`` (of one site one at most
        is taken)
    budget : that may be spent, in the unit of the costs
    unmet, empty, cost : weights of a pupil without a seat and of an empty seat, each year, and of a unit of cost
    years : years ahead that count
    latest : years after the first in which something may still be begun
    paths, seed, **assumed : as for :func:`edustats.project`

    Returns
    -------
    DataFrame
        A row per option taken: ``option``, ``kind``, ``area``, ``begin``, ``ready``, ``cost``, ``seats``. ``attrs``:
        the ``objective`` and its parts ``unmet``, ``empty``, ``cost``; ``nothing`` (if nothing is done);
        ``regret_of_waiting`` (how much worse it is to begin nothing before next year).

    Raises
    ------
    ParameterError
        An option that cannot be; it is named.

    Examples
    --------
    >>> options = [{"name": "新建小学", "kind": "build", "area": "柏溪县", "seats": {"primary": 900}, "cost": 4_000,
    ...             "lead": 2, "site": "城东"}]
    >>> choose_seats(store, "柏溪县", options, budget=5_000, paths=100).columns[:3].tolist()
    ['option', 'kind', 'area']
    """
    read = [_read_option(one, place) for place, one in enumerate(options, 1)]
    read = [replace(one, area=store.find_area(one.area)) for one in read]
    code = store.find_area(area)
    parents = dict(zip(store.areas["code"], store.areas["parent"], strict=True))
    outlook = open_outlook(
        store, code if code in store.prefectures else parents[code], years, paths=paths, seed=seed, **assumed
    )
    rows = [a for a, one in enumerate(outlook.areas) if code in (one, outlook.places.prefecture)]
    found = plan_seats(
        read,
        outlook.found.paths[:, rows],
        outlook.seats[rows],
        [outlook.areas[a] for a in rows],
        outlook.stages,
        outlook.years,
        budget=budget,
        weights=Weights(unmet=unmet, empty=empty, cost=cost),
        latest=latest,
    )
    return _tabulate(found)


def _read_option(given: Option | Mapping[str, Any], place: int) -> Option:
    if isinstance(given, Option):
        return given
    try:
        return Option(
            name=str(given["name"]),
            kind=str(given["kind"]),
            area=str(given["area"]),
            seats={str(stage): float(n) for stage, n in given["seats"].items()},
            cost=float(given["cost"]),
            lead=int(given["lead"]),
            site=str(given.get("site", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ParameterError("seats.options_not_a_list", place=place, found=str(given)[:80]) from None


def _tabulate(found: SeatPlan) -> pd.DataFrame:
    rows = [
        (one.name, one.kind, one.area, year, year + one.lead, one.cost, dict(one.seats))
        for one, year in found.taken
    ]
    made = pd.DataFrame(rows, columns=COLUMNS)
    made.attrs = {
        "objective": found.objective,
        "unmet": found.unmet,
        "empty": found.empty,
        "cost": found.cost,
        "nothing": found.nothing,
        "regret_of_waiting": found.waiting,
    }
    return made

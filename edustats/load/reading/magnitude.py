"""Which figures are ten, a hundred or ten thousand times what they should be, or a tenth?

A figure is held against the same unit's other years and, where there are none, against what its row and its column
would make of it. A whole column that moves together has changed its unit: that is one finding, not a hundred.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.load.findings import no_findings
from edustats.schema import FINDING_COLUMNS, cell_names
from edustats.typing import Floats
from edustats.words import Text, say

FACTOR = 5.0
"""What a figure has to differ by from its own past; unlike ten, it leaves room for two years' growth."""
ALONE = 3.8
"""The same where the rest of the unit's figures tell how much it grew."""
WITH_ALL = 7.5
"""The same where all of a unit's figures moved alike: two counties became one, or one unit was used for all."""
LEAST = 50.0
"""Figures below this are few: two may become nineteen."""
PEERS, SPREADS = 6.0, 7.0
"""What it has to differ by from its row and column, and in how many of that column's usual spreads."""
LEAST_PEERS, FEWEST_PEERS = 5, 4
"""Units that a column of several, and one of one or two columns, must have to tell what is usual in it."""
MOST_GAP = 12
SHARED = 0.6
"""Share of a column's units that move together when its unit has changed."""


def watch(
    tidy: pd.DataFrame, sources: pd.DataFrame, known: Catalogue, besides: Collection[str] = (),
    rates: Mapping[str, str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Warnings for figures of another order than their own past or their peers.

    Parameters
    ----------
    tidy : one row per unit and year: county, unit, year, file, row and a column per column of the catalogue
    sources : the cells that the figures were read from
    known : the catalogue
    besides : columns whose jumps are watched more closely already
    rates : columns that came as a rate of another one, and that one: what is watched is the rate, and no share

    Returns
    -------
    pandas.DataFrame
        One row per finding, columns :data:`edustats.schema.FINDING_COLUMNS`.
    """
    read = set(
        sources["column"].unique()
    )  # a share that was worked out is as odd as what it was worked out from
    names = [str(n) for n in tidy if n in read and known.columns[str(n)].unit not in ("degree", "year")]
    if not names or not len(tidy):
        return no_findings()
    ordered = _as_read(tidy.sort_values(["county", "unit", "year"], kind="stable"), rates or {}, known)
    names = [name for name in names if name in ordered]
    found = list(_over_years(ordered, names))
    found += list(_beside_peers(ordered, names))
    if not found:
        return no_findings()
    lines = [line for line in found if not (line["rule"] == "magnitude" and line["column"] in besides)]
    return _worded(pd.DataFrame(lines), sources, known) if lines else no_findings()


def _as_read(tidy: pd.DataFrame, rates: Mapping[str, str], known: Catalogue) -> pd.DataFrame:
    """The table with rates as they were read; shares, which may well go from 2 to 20 per cent, left out."""
    made = tidy.copy()
    for name, base in rates.items():
        if name not in made:
            continue
        share = known.columns[name].unit == known.columns[base].unit
        with np.errstate(divide="ignore", invalid="ignore"):
            made[name] = tidy[name] / tidy[base]
        made = made.drop(columns=name) if share or known.columns[name].unit == "person" else made
    return made


def odd_years(unit: np.ndarray, year: np.ndarray, value: Floats) -> tuple[Floats, Floats]:
    """How far each figure is from its unit's nearest other years, as logarithms, and the figure it is held against.

    Parameters
    ----------
    unit, year, value : (n,) sorted by unit and year; missing and nought are left out

    Returns
    -------
    away : (n,) logarithm of figure over reference, the smaller of two neighbours' where both disagree; nan without one
    reference : (n,) the neighbour it is nearest to
    """
    away, reference = np.full(len(value), np.nan), np.full(len(value), np.nan)
    held = np.flatnonzero(np.isfinite(value) & (value > 0))
    if len(held) < 2:
        return away, reference
    logs, own, when = np.log(value[held]), unit[held], year[held]
    near = (own[1:] == own[:-1]) & (when[1:] - when[:-1] <= MOST_GAP) & (when[1:] > when[:-1])
    step = np.where(near, logs[1:] - logs[:-1], np.nan)
    before, after = np.append(np.nan, step), np.append(-step, np.nan)
    smaller = np.where(np.abs(before) <= np.abs(after), before, after)
    both = np.isfinite(before) & np.isfinite(after)
    agree = np.sign(before) == np.sign(after)
    far = np.where(both, np.where(agree, smaller, 0.0), np.where(np.isfinite(before), before, after))
    away[held] = far
    reference[held] = np.exp(logs - far)
    return away, reference


def _over_years(tidy: pd.DataFrame, names: list[str]) -> Iterator[dict[str, object]]:
    """Figures unlike their unit's own other years; those that all of a unit's figures moved with are less odd."""
    unit, _ = pd.factorize(pd.MultiIndex.from_frame(tidy[["county", "unit"]]))
    year = tidy["year"].to_numpy(int)
    values = tidy[names].to_numpy(float)
    pairs = [odd_years(unit, year, values[:, j]) for j in range(len(names))]
    away = np.column_stack([pair[0] for pair in pairs])
    reference = np.column_stack([pair[1] for pair in pairs])
    odd = (np.maximum(values, reference) >= LEAST) & (np.abs(values - reference) >= LEAST * 0.8)
    odd &= _far(away)
    for j, name in enumerate(names):
        own = odd[:, j] & ~_end_of_odd_neighbour(unit, year, values[:, j], odd[:, j])
        yield from _told_by_year(tidy, name, values[:, j], reference[:, j], away[:, j], own)


def _far(away: Floats) -> npt.NDArray[np.bool_]:
    """Whether figures are far from their past, and farther than the rest of their row."""
    enough = np.isfinite(away).sum(axis=1) >= 4
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without any neighbour
        usual = np.where(enough, np.nanmedian(away, axis=1), 0.0)
    rest = away - usual[:, None]
    alone = (np.abs(rest) > np.log(ALONE)) & (np.abs(away) > np.log(ALONE / 2))
    together = np.abs(away) > np.log(WITH_ALL)
    few = ~enough[:, None] & (np.abs(away) > np.log(FACTOR))
    return np.asarray(alone | together | few)


def _told_by_year(
    tidy: pd.DataFrame, name: str, value: Floats, reference: Floats, away: Floats, odd: npt.NDArray[np.bool_]
) -> Iterator[dict[str, object]]:
    year = tidy["year"].to_numpy(int)
    for when in np.unique(year[odd]):
        at = np.flatnonzero(odd & (year == when))
        compared = (year == when) & np.isfinite(away) & (np.nan_to_num(value) > 0)
        if len(at) > 2 and len(at) >= SHARED * compared.sum():
            middle, before = float(np.median(value[at])), float(np.median(reference[at]))
            yield _line(tidy, int(at[0]), name, value, before, middle, len(at))
            continue
        for k in at:
            yield _line(tidy, int(k), name, value, float(reference[k]))


def _end_of_odd_neighbour(unit: np.ndarray, year: np.ndarray, value: Floats, odd: np.ndarray) -> np.ndarray:
    """First and last years whose only neighbour is the odd one out, as that one's other neighbour tells."""
    held = np.flatnonzero(np.isfinite(value) & (value > 0))
    found = np.zeros(len(value), bool)
    for k, at in enumerate(held):
        own = [held[j] for j in (k - 1, k + 1) if 0 <= j < len(held) and unit[held[j]] == unit[at]]
        if odd[at] and len(own) == 1 and odd[own[0]]:
            beyond = [held[j] for j in (k - 2, k + 2) if 0 <= j < len(held) and unit[held[j]] == unit[at]]
            if beyond and abs(np.log(value[at] / value[beyond[0]])) < np.log(FACTOR):
                found[at] = True
    return found


def _beside_peers(tidy: pd.DataFrame, names: list[str]) -> Iterator[dict[str, object]]:
    """Figures of units with one year only, held against what their row and their column would make of them."""
    keyed = pd.MultiIndex.from_frame(tidy[["county", "unit"]])
    alone = np.flatnonzero(~keyed.duplicated(keep=False))
    years = tidy["year"].to_numpy()
    for year in np.unique(years[alone]):
        at = alone[years[alone] == year]
        table = tidy[names].to_numpy(float)[at]
        logs = np.log(np.where(table > 0, table, np.nan))
        held = np.isfinite(logs).sum(axis=0)
        enough = held >= (LEAST_PEERS if (held >= LEAST_PEERS).sum() > 2 else FEWEST_PEERS)
        if not enough.any():
            continue
        rest, expected, spread = _unlike_peers(logs[:, enough])
        odd = (np.abs(rest) > np.maximum(np.log(PEERS), SPREADS * spread)) & (table[:, enough] > 0)
        odd &= np.maximum(table[:, enough], np.exp(expected)) >= LEAST
        which = np.array(names)[enough]
        for i, j in zip(*np.nonzero(odd), strict=True):
            name = str(which[j])
            yield _line(tidy, int(at[i]), name, tidy[name].to_numpy(float), float(np.exp(expected[i, j])))


def _unlike_peers(logs: Floats) -> tuple[Floats, Floats, Floats]:
    """What the peers of a table's figures leave of them, what they would make of them, and how much is usual.

    Of three columns and more each figure is held against its row and its column; of two against the other one, and
    the farther from its own column is the odd one; a column alone has only its own middle.
    """
    if logs.shape[1] > 2:
        rest, expected = polished(logs)
        return rest, expected, _usual(rest)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns without any figure
        away = logs - np.nanmedian(logs, axis=0)
    if logs.shape[1] == 1:
        return away, logs - away, _usual(away)
    gap = away[:, :1] - away[:, 1:]
    own = np.hstack([gap, -gap]) - np.nanmedian(gap)
    own[:, 1] += 2 * np.nanmedian(gap)
    farther = np.abs(away) >= np.abs(away[:, ::-1])
    rest = np.where(farther, own, 0.0)
    rest = np.where(np.isfinite(own), rest, np.nan)
    return rest, logs - rest, _usual(own)


def _usual(rest: Floats) -> Floats:
    """The usual spread of each column."""
    return np.asarray(1.4826 * np.nanmedian(np.abs(rest), axis=0))


def polished(logs: Floats) -> tuple[Floats, Floats]:
    """What medians of rows and columns leave of a table of logarithms, and what they make of each cell.

    Examples
    --------
    >>> table = np.log(np.outer([1.0, 2, 4, 8], [100.0, 10, 50]))
    >>> table[1, 1] += np.log(10)
    >>> np.round(np.exp(polished(table)[0]), 6).tolist()[1]
    [1.0, 10.0, 1.0]
    """
    rest = logs.copy()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows and columns without any figure
        for _ in range(6):
            rest -= np.nan_to_num(np.nanmedian(rest, axis=1, keepdims=True))
            rest -= np.nan_to_num(np.nanmedian(rest, axis=0, keepdims=True))
    return rest, logs - rest


def _line(
    tidy: pd.DataFrame,
    at: int,
    name: str,
    value: Floats,
    reference: float,
    shown: float = 0.0,
    together: int = 0,
) -> dict[str, object]:
    row = tidy.iloc[at]
    times = (shown or value[at]) / reference
    return {
        "rule": "column_magnitude" if together else "magnitude", "severity": "warning", "file": row["file"],
        "sheet": "", "row": int(row["row"]), "cell": "", "county": row["county"], "unit": row["unit"],
        "name": row.get("unit_name", ""), "year": int(row["year"]), "column": name,
        "value": _told(shown or value[at]), "expected": _told(reference), "tolerance": f"×{FACTOR:g}",
        "times": times, "count": together,
    }  # fmt: skip


def _told(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:g}"


def _worded(found: pd.DataFrame, sources: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """Findings with their cells and sentences."""
    keys = ["county", "unit", "year", "column"]
    own = sources[sources["column"].isin(found["column"].unique())].drop_duplicates(keys)
    placed = found.drop(columns=["sheet", "cell"]).merge(
        own[[*keys, "file", "sheet", "row", "letter"]].rename(columns={"file": "from", "row": "at"}),
        on=keys,
        how="left",
    )
    has = placed["from"].notna()
    placed["file"] = placed["from"].where(has, placed["file"])
    placed["row"] = placed["at"].where(has, placed["row"]).astype(int)
    placed["sheet"] = placed["sheet"].fillna("")
    letters = placed["letter"].fillna("").astype(str)
    placed["cell"] = [
        cell_names(letter, int(row)) for letter, row in zip(letters, placed["row"], strict=True)
    ]
    lines: Any = placed.to_dict("records")
    said = [_sentence(facts, known) for facts in lines]
    return placed.assign(zh=[t.zh for t in said], en=[t.en for t in said])[list(FINDING_COLUMNS)]


def _sentence(facts: dict[str, object], known: Catalogue) -> Text:
    times = float(str(facts["times"]))
    ratio = Text(f"{times:.3g} 倍", f"{times:.3g} times") if times >= 1 else Text(
        f"1/{1 / times:.3g}", f"1/{1 / times:.3g}"
    )  # fmt: skip
    what = known.columns[str(facts["column"])].name
    told = {str(key): value for key, value in facts.items()} | {"times": ratio, "what": what}
    return say(f"load.{facts['rule']}", **told)

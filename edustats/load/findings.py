"""Which values cannot be true? Each finding is a row; nothing is repaired."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.load.files.values import IMPOSSIBLE
from edustats.schema import FINDING_COLUMNS
from edustats.words import Text, say


def no_findings() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in FINDING_COLUMNS})


def impossible(
    values: npt.NDArray[np.float64],
    bounds: tuple[float, float],
    where: pd.DataFrame,
    column: str,
    unit: str,
    rule: str = "range",
) -> tuple[npt.NDArray[np.bool_], pd.DataFrame]:
    """Values outside their bounds, with a finding for each.

    Parameters
    ----------
    values : (n,) float array as the source prints them, nan where missing
    bounds : lowest and highest possible value
    where : (n,) rows with file, row, county, unit, year
    column, unit : the source's heading and unit, for the sentence

    Returns
    -------
    mask : (n,) True where impossible
    findings : one row each, columns :data:`FINDING_COLUMNS`
    """
    low, high = bounds
    mask = (values < low) | (values > high)
    if not mask.any():
        return mask, no_findings()
    found = where.loc[mask, ["file", "row", "county", "unit", "year"]].reset_index(drop=True)
    expected = f"{low:g}–{high:g} {unit}".strip()
    found = found.assign(
        rule=rule, severity="error", column=column, value=[f"{v:g}" for v in values[mask]], expected=expected
    )
    return mask, _worded(found, "load.impossible_value")


def parts_above_wholes(tidy: pd.DataFrame, kinds: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Findings for every part greater than its whole; the part becomes impossible in place.

    Half a unit in the last printed place is allowed for: rates are rounded before they are multiplied.
    """
    findings = [no_findings()]
    for key, column in catalogue.columns.items():
        if column.part_of and column.part_of in tidy and key in tidy:
            names = column.name, catalogue.columns[column.part_of].name
            findings.append(_part(tidy, kinds, (key, column.part_of), names))
    return pd.concat(findings, ignore_index=True)


def _part(
    tidy: pd.DataFrame, kinds: pd.DataFrame, columns: tuple[str, str], names: tuple[Text, Text]
) -> pd.DataFrame:
    part, whole = columns
    too_large = (tidy[part] > tidy[whole] * (1 + 1e-9) + 0.5).to_numpy()
    if not too_large.any():
        return no_findings()
    found = tidy.loc[too_large, ["file", "row", "county", "unit", "year"]].reset_index(drop=True)
    found = found.assign(
        rule="part_above_whole", severity="error", column=part,
        value=[f"{v:g}" for v in tidy.loc[too_large, part]],
        expected=[f"≤ {v:g}" for v in tidy.loc[too_large, whole]],
    )  # fmt: skip
    tidy.loc[too_large, part] = np.nan
    kinds.loc[too_large, part] = IMPOSSIBLE
    return _worded(found, "load.part_above_whole", what=names[0], whole=names[1])


def jumps(tidy: pd.DataFrame, column: str, name: Text, factor: float = 2.0) -> pd.DataFrame:
    """Warnings for a unit whose count more than doubles or halves from one year to the next.

    A jump may be true (a merger, a new site), so the value stays in and a person is asked to look.
    """
    if column not in tidy:
        return no_findings()
    ordered = tidy.sort_values(["county", "unit", "year"], kind="stable")
    own = ordered.groupby(["county", "unit"])  # schools of two counties may have the same number
    before = own[column].shift()
    one_year = own["year"].diff().eq(1)
    ratio = ordered[column] / before
    jumped = one_year & ((ratio > factor) | (ratio < 1 / factor))
    found = ordered.loc[jumped, ["file", "row", "county", "unit", "year"]].reset_index(drop=True)
    found = found.assign(
        rule="jump", severity="warning", column=column,
        value=[f"{v:g}" for v in ordered.loc[jumped, column]],
        expected=[f"{v:g}" for v in before[jumped]],
    )  # fmt: skip
    return _worded(found, "load.jump", what=name)


def new_neighbours(tidy: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Warnings for the counties beside one that appears later than they do: whose land did it take?

    A county that was not there in the first year was cut from its neighbours or renamed; until a break or a
    recode says which, the neighbours' first and last years may not be the same place.
    """
    listed = areas.set_index("code")
    name, parent = listed["zh"].to_dict(), listed["parent"].to_dict()
    first = {str(code): int(year) for code, year in tidy.groupby("county")["year"].min().items()}
    together: dict[str, list[str]] = {}
    for code in first:
        together.setdefault(parent[code], []).append(code)
    rows = []
    for code, year in first.items():
        beside = [c for c in together[parent[code]] if first[c] < year]
        rows += [_neighbour(c, year, f"{code} {name[code]}") for c in beside]
    return _worded(pd.DataFrame(rows), "load.new_neighbour") if rows else no_findings()


def _neighbour(county: str, year: int, value: str) -> dict[str, object]:
    fixed = {"rule": "new_neighbour", "severity": "warning", "file": "", "row": 0, "column": "county"}
    return {**fixed, "county": county, "unit": county, "year": year, "value": value, "expected": ""}


def _worded(found: pd.DataFrame, address: str, **names: Text) -> pd.DataFrame:
    said = [
        say(address, **names, **{str(k): v for k, v in facts.items()}) for facts in found.to_dict("records")
    ]
    told = found.assign(zh=[t.zh for t in said], en=[t.en for t in said])
    return told.reindex(columns=list(FINDING_COLUMNS), fill_value="")

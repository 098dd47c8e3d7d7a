"""What is the value of an indicator for some of a county's schools: the villages', the private ones'?

Computed as a county's own value is, over the schools of the group alone. Nothing that counts few persons of a sensitive
group is split: what the county prints less the group would tell the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from edustats.analysis.selection import match_group
from edustats.catalogue import Catalogue
from edustats.disclosure.observations import SUPPRESSED
from edustats.disclosure.rules import rules
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import ParameterError
from edustats.indicator_values import compute_observations
from edustats.store.reading import KIND, Store


def observe_group(
    store: Store, keys: Sequence[str], counties: Sequence[str], group: str, known: Catalogue, *, inside: bool
) -> pd.DataFrame:  # fmt: skip
    """Observations of the schools of a group, one row a county, year and indicator.

    Parameters
    ----------
    store : an open store
    keys : indicators made of schools' columns
    counties : codes
    group : as :func:`edustats.analysis.selection.match_group` takes it
    known : the catalogue
    inside : without protection

    Raises
    ------
    ParameterError
        An indicator is not made of schools' columns, or of a sensitive group and not for use inside.
    """
    wanted = {key: known.indicators[key] for key in keys}
    for one in wanted.values():
        if one.across or known.levels(one) != {"school"}:
            raise ParameterError("analysis.no_schools", indicator=one.name)
        if not inside and any(name in rules().sensitive for name in one.inputs):
            raise ParameterError("analysis.sensitive_group", indicator=one.name)
    asked = replace(known, indicators=wanted)
    frames = [_observe_county(store, code, group, asked, inside) for code in counties]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _observe_county(store: Store, code: str, group: str, asked: Catalogue, inside: bool) -> pd.DataFrame:
    units = store.county(code).units
    schools = units[units["unit"] != units["county"]]
    own = schools[match_group(schools, group, store)].reset_index(drop=True)
    names = [name for name in asked.columns if name in own and f"{name}{KIND}" in own]
    kinds = own[[f"{name}{KIND}" for name in names]].set_axis(names, axis=1)
    found = compute_observations(own, kinds, own["county"], "county", asked)
    return found if inside else _withhold_few(found, schools, own, store, asked)


def _withhold_few(
    found: pd.DataFrame, schools: pd.DataFrame, own: pd.DataFrame, store: Store, asked: Catalogue
) -> pd.DataFrame:
    """Sums without those in which a school's few persons could be found by taking away what is printed."""
    shown = found.copy()
    shown["status"] = shown["status"].astype(str)
    mine = pd.MultiIndex.from_frame(schools[["unit", "year"]]).isin(
        pd.MultiIndex.from_frame(own[["unit", "year"]])
    )
    for key, one in asked.indicators.items():
        inputs = [name for name in one.inputs if name in schools]
        hidden = find_withheld_counts(schools, inputs, store.read_withheld(), asked).any(axis=1)
        # the rest of the county's schools is the county less the group: their few persons show as well
        years = set(schools.loc[hidden & mine, "year"]) | set(schools.loc[hidden & ~mine, "year"])
        at = (shown["indicator"] == key).to_numpy() & shown["year"].isin(years).to_numpy()
        if one.den:
            shown.loc[at, ["num", "den"]] = np.nan
        else:
            shown.loc[at, ["value", "num"]] = np.nan
            shown.loc[at, "status"] = SUPPRESSED
    return shown

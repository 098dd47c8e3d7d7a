"""What is the value of an indicator for some of a county's schools: the villages', the private ones'?

Computed as a county's own value is, over the schools of the group alone. Nothing that counts few persons of a sensitive
group is split: what the county prints less the group would tell the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from edustats.analysis.schools import ABOUT
from edustats.analysis.selection import match_group
from edustats.catalogue import Catalogue
from edustats.disclosure.observations import SUPPRESSED
from edustats.disclosure.rules import list_sensitive
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import ParameterError
from edustats.indicator_values import compute_observations
from edustats.schema import KINDS
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
        if not inside and any(name in list_sensitive(known) for name in one.inputs):
            raise ParameterError("analysis.sensitive_group", indicator=one.name)
    asked = replace(known, indicators=wanted)
    names = tuple(dict.fromkeys(name for one in wanted.values() for name in one.inputs))
    held = [_read_schools(store, code, names) for code in counties]
    own = [schools[match_group(schools, group, store.about["groups"], known)] for schools in held]
    if not sum(map(len, own)):
        return compute_observations(_EMPTY, _EMPTY, [], "county", replace(asked, indicators={}))
    found = _compute(pd.concat(own, ignore_index=True), asked)
    return found if inside else _withhold_few(found, held, store, asked)


KEYS = ("county", "unit", "year")
_EMPTY = pd.DataFrame({name: [] for name in KEYS})


def _read_schools(store: Store, code: str, names: Sequence[str]) -> pd.DataFrame:
    """Schools of a county with what they are and the columns that are asked for; nothing else is read."""
    about = [
        *(name for name in ABOUT if name not in KEYS),
        *(f"group_{one['key']}" for one in store.about["groups"]),
    ]
    rows = store.rows("units", [code], [*KEYS, *about, *names, *(f"{name}{KIND}" for name in names)])
    lost = [name for name in about if rows[name].isna().all()]
    lost += [one for name in names if rows[f"{name}{KIND}"].isna().all() for one in (name, f"{name}{KIND}")]
    return rows.drop(columns=lost)[(rows["unit"] != rows["county"]).to_numpy()]


def _compute(own: pd.DataFrame, asked: Catalogue) -> pd.DataFrame:
    """Observations of all counties at once; a county that does not hold a column did not collect it."""
    names = [str(name) for name in own if name in asked.columns]
    marks = own[[f"{name}{KIND}" for name in names]].set_axis(names, axis=1)
    kinds = marks.fillna(KINDS.index("not_collected")).astype(np.uint8)
    return compute_observations(own, kinds, own["county"], "county", asked)


def _withhold_few(
    found: pd.DataFrame, held: Sequence[pd.DataFrame], store: Store, asked: Catalogue
) -> pd.DataFrame:
    """Sums without those in which a school's few persons could be found by taking away what is printed.

    The other schools of the county are the county less the group: few persons in one of them show as well.
    """
    gone = store.read_withheld()
    shown = found.assign(status=found["status"].astype(str))
    years = pd.MultiIndex.from_frame(shown[["area", "year"]])
    for key, one in asked.indicators.items():
        hidden: set[tuple[str, int]] = set()
        for schools in held:
            inputs = [name for name in one.inputs if name in schools]
            few = schools[find_withheld_counts(schools, inputs, gone, asked).any(axis=1)]
            hidden |= set(zip(few["county"], few["year"].astype(int), strict=True))
        at = (shown["indicator"] == key).to_numpy() & np.array([pair in hidden for pair in years], bool)
        if one.den:
            shown.loc[at, ["num", "den"]] = np.nan
        else:
            shown.loc[at, ["value", "num"]] = np.nan
            shown.loc[at, "status"] = SUPPRESSED
    return shown

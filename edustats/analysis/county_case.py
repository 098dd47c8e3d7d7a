"""What is known of a county when it is judged by a standard, and which marks hold there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from edustats.catalogue import Catalogue
from edustats.catalogue.standards import (
    Standard,
    apply_override,
    find_school_year_start,
    load_standard,
    read_overridden_key,
)
from edustats.metrics.standards.items import CountyCase
from edustats.metrics.standards.judgement import judge_standard
from edustats.store.reading import Store

QUOTA = "funds_and_provision"


def read_standard_of(store: Store, key: str, known: Catalogue) -> Standard:
    """The national standard with the bureau's own files over it.

    They lie beside the store, in a folder named after it: ``data/store/ours.standards/*.toml`` for
    ``data/store/ours``.
    """
    found = load_standard(key)
    folder = store.path.with_name(f"{store.path.name}.standards")
    for file in sorted(folder.glob("*.toml")):
        if read_overridden_key(file) == key:
            found = apply_override(found, file, known)
    return found


def build_county_case(
    units: pd.DataFrame, compare: pd.DataFrame, county: str, which: Standard, year: int, quota: Standard,
    known: Catalogue, *, documents: Mapping[str, bool], concessions: Sequence[str] = (),
) -> CountyCase:  # fmt: skip
    """One county in one year, with its schools judged where the standard judges schools.

    Parameters
    ----------
    units : rows of the county's schools and its own, over some years
    compare : observations of the county and its neighbours
    county, year : what is judged
    which : the standard; ``quota``: whose quota of public-use funds holds
    documents : what the papers show, item to met
    concessions : reliefs asked for
    """
    rows = units[units["year"] == year].reset_index(drop=True)
    own = compare[compare["area"] == county]
    on = max(find_school_year_start(year), which.start)
    judged = (
        judge_standard(rows, which, on, concessions=concessions, known=known)
        if which.of_kind("school") and len(rows)
        else None
    )
    return CountyCase(
        standard=which, county=county, year=year, units=rows, observed=own[own["year"] == year],
        before=own[own["year"] == year - 1], quota=quota, documents=documents, known=known, judgement=judged,
    )  # fmt: skip

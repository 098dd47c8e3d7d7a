"""Which counts of single schools are withheld? Small ones, enough others, and all where the county's is withheld."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.disclosure import find_small_counts
from edustats.disclosure.rules import list_sensitive, rules
from edustats.typing import Flags, Floats


def find_withheld_counts(
    units: pd.DataFrame, names: Sequence[str], gone: Collection[tuple[str, int, str]], known: Catalogue
) -> Flags:
    """Counts of persons that are withheld: few at one school, few of a sensitive group in a county.

    Parameters
    ----------
    units : rows of schools and of counties' own figures, with ``county``, ``unit`` and ``year``
    names : columns of the catalogue to look at
    gone : area, year and column of the counts of counties that are withheld
    known : the catalogue

    Returns
    -------
    (n, len(names)) array of bool
        The county's total counts as known, for another page may print it; where it is withheld, so are its schools'.
    """
    values = units[list(names)].to_numpy(float)
    hidden = np.zeros(values.shape, bool)
    counties, years = units["county"].to_numpy(), units["year"].to_numpy()
    own = (units["unit"] == units["county"]).to_numpy()
    for j, name in enumerate(names):
        if known.columns[name].unit != "person":
            continue
        if name in list_sensitive(known):
            hidden[own, j] |= find_small_counts(values[own, j])
            told = zip(counties, years, strict=True)
            hidden[:, j] |= [(str(area), int(year), name) in gone for area, year in told]
        for year in np.unique(years[~own]):
            at = np.flatnonzero(~own & (years == year) & ~hidden[:, j])
            if find_small_counts(values[at, j]).any():
                hidden[at, j] = _cover(values[at, j])
    return hidden


def _cover(counts: Floats) -> Flags:
    """Few persons, and the next larger count as well where the total would tell them to within a few.

    Of k counts of 1 to the threshold that add up to s, each is at least s less the most of the others and at
    most s less the least of them; one larger count withheld beside them leaves each of them open.
    """
    hidden, rule = find_small_counts(counts), rules()
    number, total, most = hidden.sum(), counts[hidden].sum(), rule.threshold - 1
    low = max(1.0, total - most * (number - 1))
    high = min(float(most), total - (number - 1))
    if high - low < rule.width:
        others = np.where(np.isfinite(counts) & (counts >= rule.threshold), counts, np.inf)
        if np.isfinite(others).any():
            hidden[int(np.argmin(others))] = True
    return hidden

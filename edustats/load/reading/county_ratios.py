"""Which two figures of a county cannot both be true? Their ratio is none that a whole county has.

A figure ten times too large has no past to be held against in a table of one year, and in a table of few rows no
peers either; but no county has 180 pupils per teacher. The bounds are wide: what lies beyond them is a slip or a unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.load.findings import no_findings
from edustats.schema import FINDING_COLUMNS, cell_names
from edustats.words import say

_STAGED = (
    ("pupils_{}", "teachers_{}", ("primary", "junior", "senior"), 3.0, 45.0),
    ("pupils_{}", "teachers_{}", ("vocational",), 3.0, 90.0),
    ("pupils_{}", "classes_{}", ("primary", "junior", "senior", "vocational"), 6.0, 80.0),
    ("pupils_{}", "schools_{}", ("primary",), 8.0, 5000.0),
    ("pupils_{}", "schools_{}", ("junior", "senior", "vocational"), 20.0, 8000.0),
    ("budget_education_{}", "pupils_{}", ("primary", "junior", "senior", "vocational"), 1500.0, 150_000.0),
)
BOUNDS = (
    ("children", "teachers_preschool", 2.0, 60.0),
    ("children", "kindergartens", 10.0, 1200.0),
    ("pupils", "teachers", 3.0, 45.0),
    ("pupils", "schools", 8.0, 6000.0),
    ("budget_education", "pupils", 1500.0, 150_000.0),
    *((num.format(s), den.format(s), low, high) for num, den, stages, low, high in _STAGED for s in stages),
)
"""Numerator, denominator, and the least and most that a county's ratio can be."""
LEAST = 20.0
"""Counties with fewer of both are too small for ratios."""
SHARED = 0.6


def find_impossible_ratios(
    tidy: pd.DataFrame, sources: pd.DataFrame, known: Catalogue, besides: pd.DataFrame
) -> pd.DataFrame:
    """Warnings for pairs of a county's figures whose ratio no county has.

    Parameters
    ----------
    tidy : one row per county and year
    sources : the cells that the figures were read from
    known : the catalogue
    besides : findings of magnitude: figures that are told already

    Returns
    -------
    pandas.DataFrame
        One row per pair, or one where most rows are beyond; columns :data:`edustats.schema.FINDING_COLUMNS`.
    """
    own = besides[besides["rule"].isin(["magnitude", "column_magnitude"])] if len(besides) else besides
    told = set(zip(own["county"], own["year"], own["column"], strict=True)) if len(own) else set()
    read = sources.drop_duplicates(["county", "year", "column"])
    keys = zip(read["county"], read["year"].astype(int), read["column"], strict=True)
    cells = dict(zip(keys, read[["sheet", "letter", "row"]].itertuples(index=False), strict=True))
    lines = [line for pair in BOUNDS for line in _beyond(tidy, pair, cells, known, told)]
    return pd.DataFrame(lines)[list(FINDING_COLUMNS)] if lines else no_findings()


def _beyond(
    tidy: pd.DataFrame, pair: tuple[str, str, float, float], cells: Mapping[tuple[str, int, str], Any],
    known: Catalogue,
    told: set[tuple[str, int, str]],
) -> Iterator[dict[str, object]]:  # fmt: skip
    num, den, low, high = pair
    if num not in tidy or den not in tidy:
        return
    top, bottom = tidy[num].to_numpy(float), tidy[den].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((bottom > 0) & (top > 0) & (np.fmax(top, bottom) >= LEAST), top / bottom, np.nan)
    odd = (ratio < low) | (ratio > high)
    at = np.flatnonzero(odd)
    many = len(at) > 2 and len(at) >= SHARED * np.isfinite(ratio).sum()
    for k in at[:1] if many else at:
        row = tidy.iloc[int(k)]
        key = (row["county"], int(row["year"]))
        if not many and any((*key, name) in told for name in (num, den)):
            continue
        places = [cells[*key, name] for name in (num, den) if (*key, name) in cells]
        named = [cell_names(str(one.letter), int(one.row)) for one in places]
        facts = {
            "rule": "ratio_impossible", "severity": "warning", "file": row["file"],
            "sheet": places[0].sheet if places else "", "row": int(row["row"]), "cell": "+".join(named),
            "county": key[0], "unit": row["unit"], "name": "", "year": key[1], "column": num,
            "value": f"{ratio[k]:.3g}", "expected": f"{low:g}–{high:g}", "tolerance": "",
        }  # fmt: skip
        said = say(f"load.ratio_{'column' if many else 'impossible'}", **facts, count=len(at),
                   num=known.columns[num].name, den=known.columns[den].name)  # fmt: skip
        yield facts | {"zh": said.zh, "en": said.en}

"""Which figures of areas above the counties are figures of those areas, and not of some of their counties?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.schema import MEMBER_COLUMNS
from edustats.typing import Flags

WHOLE_RATIO = 0.98
"""Share of the denominator from which a ratio of an area above counts as the area's."""
ALL = 1.0 - 1e-9


def is_covered(rows: pd.DataFrame, known: Catalogue) -> Flags:
    """Whether each observation may be taken for its area's; a county's own always may.

    Parameters
    ----------
    rows : observations with the columns of their members, as a store compares them

    Returns
    -------
    (n,) array
        Of an area above: a ratio that holds 98 % of the denominator, a count to which nobody is missing.
    """
    ratio = {key: bool(one.den) for key, one in known.indicators.items()}
    of_ratio = rows["indicator"].astype(str).map(ratio).fillna(True).to_numpy(bool)
    share = rows["coverage"].to_numpy(float)
    nobody_missing = (rows["present"] >= rows["members"]).to_numpy()
    whole = np.where(of_ratio, share >= WHOLE_RATIO, (share >= ALL) & nobody_missing)
    return np.asarray(rows["level"].astype(str).isin(["school", "county"]).to_numpy() | whole, bool)


def only_covered(rows: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """The observations, those of areas above that do not cover them without their value."""
    if not {"coverage", *MEMBER_COLUMNS} <= set(rows):  # rows that somebody made, of counties alone
        return rows
    return rows.assign(value=np.where(is_covered(rows, known), rows["value"].to_numpy(float), np.nan))

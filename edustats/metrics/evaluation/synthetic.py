"""How would the one county that took part have gone on, as a mixture of the others? A description, without a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edustats.errors import ParameterError
from edustats.typing import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticPath:
    """The mixture of others that followed the county before, and where it went afterwards."""

    weights: Floats
    """(n - 1,) of the others, 0–1, adding up to 1."""
    path: Floats
    """(t,) of the mixture."""
    miss_before: float
    """Root mean squared distance before the beginning."""
    gap_after: float
    """Mean distance after it, own minus mixture."""


def describe_synthetic(values: Floats, years: Ints, first: Ints) -> SyntheticPath:
    """The synthetic control of one treated unit.

    Parameters
    ----------
    values : (n, t) complete
    years : (t,)
    first : (n,) exactly one is not 0

    Raises
    ------
    ParameterError
        More or fewer than one took part; ``pysyncon`` is not installed.
    """
    if (first > 0).sum() != 1:
        raise ParameterError("evaluation.synthetic_one", n=int((first > 0).sum()))
    try:
        import pandas as pd
        from pysyncon import Synth
    except ImportError:
        raise ParameterError("evaluation.no_pysyncon") from None
    own = int(np.flatnonzero(first > 0)[0])
    before = years < first[own]
    others = np.delete(values, own, axis=0)
    donors = pd.DataFrame(others[:, before].T).add_prefix("u")
    target = pd.Series(values[own, before], name="own")
    model = Synth()
    model.fit(X0=donors, X1=target, Z0=donors, Z1=target, custom_V=np.full(len(donors), 1.0))
    weights = np.asarray(model.W, float)
    path = weights @ others
    gap = values[own] - path
    return SyntheticPath(
        weights=weights, path=path, miss_before=float(np.sqrt((gap[before] ** 2).mean())),
        gap_after=float(gap[~before].mean()),
    )  # fmt: skip

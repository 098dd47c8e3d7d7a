"""How much of economic growth is education said to have made? By two declared models, with what they depend on.

No statistic measures this share. Both models take the part of labour in output, the growth of output and of schooling;
they differ in what a year of schooling is held to be worth. What is held is declared by whoever asks, with its source:
nothing is assumed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from edustats.errors import ParameterError

Range = tuple[float, float, float]
"""Lowest, declared and highest value of a parameter."""
DECLARED = ("labour", "returns", "schooling_part")


@dataclass(frozen=True, slots=True)
class GrowthAssumptions:
    """What the two models hold to be true, each as lowest, declared and highest value."""

    labour: Range
    """Labour's part of output, at most 1."""
    returns: Range
    """What a year of schooling adds to the logarithm of earnings."""
    schooling_part: Range
    """Part of the difference in earnings that schooling itself makes, at most 1."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each of them comes from, by its name here."""

    def __post_init__(self) -> None:
        """Refuse what is no range, or has no source."""
        for name in DECLARED:
            three = getattr(self, name)
            most = np.inf if name == "returns" else 1.0
            if len(three) != 3 or not 0 < three[0] <= three[1] <= three[2] <= most:
                raise ParameterError("index.ranges", name=name, found=", ".join(f"{v:g}" for v in three))
            if not str(self.sources.get(name, "")).strip():
                raise ParameterError("index.no_source", name=name)


@dataclass(frozen=True, slots=True)
class GrowthShare:
    """The share of growth that one model gives to education."""

    model: str
    value: float
    low: float
    high: float
    """Over the declared ranges."""


def growth_shares(
    schooling: tuple[float, float], output: tuple[float, float], n: int, assumed: GrowthAssumptions
) -> list[GrowthShare]:
    """Education's share in growth by two models.

    Parameters
    ----------
    schooling : mean years of schooling of those at work, at both ends
    output : output at constant prices at both ends, above 0
    n : years between, at least 1
    assumed : what the models hold, each with its source

    Returns
    -------
    list of GrowthShare
        ``denison``: the quality of labour grows with earnings, of whose differences a part is due to schooling;
        ``cobb_douglas``: the stock of schooling is the mean years themselves. Shares: 0.192 is 19.2 %.

    Raises
    ------
    ParameterError
        Output that does not grow, schooling that is not above 0.

    Notes
    -----
    After Denison (1962), The Sources of Economic Growth in the United States; the second is
    ``Y = A K^a (L E)^b`` with E the mean years, share ``b (ln E1 - ln E0) / (ln Y1 - ln Y0)``. Both ratios are of whole
    changes: the years between cancel out.

    Examples
    --------
    >>> said = dict.fromkeys(("labour", "returns", "schooling_part"), "for this example")
    >>> assumed = GrowthAssumptions((0.5, 0.6, 0.7), (0.05, 0.08, 0.11), (0.6, 0.6, 0.6), said)
    >>> [round(s.value, 3) for s in growth_shares((9.0, 9.6), (100.0, 115.7625), 3, assumed)]
    [0.118, 0.265]
    """
    held = np.array([*schooling, *output], float)
    if n < 1 or not np.isfinite(held).all() or (held <= 0).any() or output[1] <= output[0]:
        raise ParameterError("index.no_growth")
    growth = float(np.log(output[1] / output[0]))
    more, stock = schooling[1] - schooling[0], float(np.log(schooling[1] / schooling[0]))
    by_returns = [b * d * r * more / growth for b in assumed.labour for d in assumed.schooling_part
                  for r in assumed.returns]  # fmt: skip
    by_stock = [b * stock / growth for b in assumed.labour]
    middle = assumed.labour[1] * assumed.schooling_part[1] * assumed.returns[1] * more / growth
    return [
        GrowthShare("denison", middle, min(by_returns), max(by_returns)),
        GrowthShare("cobb_douglas", by_stock[1], min(by_stock), max(by_stock)),
    ]

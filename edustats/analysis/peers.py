"""Which counties are most like one, by the features the catalogue declares?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edustats.analysis.panel import IndicatorPanel
from edustats.catalogue import parse_terms
from edustats.catalogue.peers import PeerFeature, read_peer_rules
from edustats.metrics.comparison.peers import find_nearest_peers
from edustats.typing import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSet:
    """The nearest counties of the panel's own, nearest first, and what they were chosen by."""

    index: npt.NDArray[np.int64]
    distance: Floats
    features: tuple[PeerFeature, ...]
    values: Floats
    """(counties, features), as they are printed; nan where missing."""
    years: tuple[int, ...]


def find_peers(panel: IndicatorPanel) -> PeerSet | None:
    """The peers of the panel's own county; None where no feature or no other county is held."""
    found = []
    for feature in read_peer_rules().features:
        for name, formula in zip(feature.names, feature.formulas, strict=True):
            column = _measure_peer_feature(panel, *formula)
            if column is not None:
                found.append((replace(feature, name=name, formulas=(formula,)), *column))
                break
    if not found or len(panel.areas) < 2:
        return None
    values = np.column_stack([column for _, column, _ in found])
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = [np.log(v) if f.scale == "log" else v for (f, v, _) in found]
    peers = find_nearest_peers(np.column_stack(scaled), read_peer_rules().peers_of(len(panel.areas)))
    mine = peers.index[panel.own] >= 0
    return PeerSet(
        index=peers.index[panel.own][mine],
        distance=peers.distance[panel.own][mine],
        features=tuple(f for f, _, _ in found),
        values=values,
        years=tuple(year for _, _, year in found),
    )


def _measure_peer_feature(panel: IndicatorPanel, num: str, den: str) -> tuple[Floats, int] | None:
    """A feature of every county in the last year in which most of them have it, and that year."""
    top = _evaluate_expression(panel, num)
    bottom = _evaluate_expression(panel, den) if den else None
    if top is None or (den and bottom is None):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        values = top if bottom is None else np.where(bottom > 0, top / bottom, np.nan)
    held = np.flatnonzero(np.isfinite(values).mean(axis=0) > 0.5)
    return (values[:, held[-1]], int(panel.years[held[-1]])) if len(held) else None


def _evaluate_expression(panel: IndicatorPanel, expression: str) -> Floats | None:
    parts = parse_terms(expression)
    if any(key not in panel.keys for key in parts):
        return None
    return np.asarray(sum(sign * panel.values[panel.keys.index(key)] for key, sign in parts.items()))

"""How has an area above its counties changed, counting in every year only the counties that are there in all of them?

A county that begins, ends or fails to report changes a prefecture's figure although nothing changed in any school. Over
years an area is therefore compared on the same counties. Counties that an event joins (two become one) count as one
before and after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.areas import AreaTree
from edustats.typing import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeForLike:
    """An area's series over the counties that are there in all years."""

    years: tuple[int, ...]
    values: Floats
    num: Floats
    den: Floats
    """(t,) sums over ``kept``; ``den`` is nan for a count."""
    kept: tuple[str, ...]
    left: Mapping[str, tuple[int, ...]]
    """Counties left out, with the years in which they are missing."""

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is left out: then the published figures are like for like as they are."""
        return not self.left


def like_for_like(rows: pd.DataFrame, tree: AreaTree, area: str, *, ratio: bool) -> LikeForLike | None:
    """One indicator of an area over the years, on the counties that are complete in every year.

    Parameters
    ----------
    rows : observations of the area's counties, one per county and year: area, year, num, den, status
    tree : for the events that join counties, and the years in which each is a county
    area : the area above
    ratio : whether the indicator has a denominator

    Returns
    -------
    LikeForLike or None
        None where no county has a value in any year.

    Notes
    -----
    Years in which no county has a value are left out. A county to which the indicator never applies takes no part.
    ``values`` are nan where no county is there in all years.
    """
    complete = rows["num"].notna() & (rows["den"].notna() | (not ratio))
    own = rows[complete.to_numpy()]
    years = sorted({int(year) for year in own["year"]})
    if not years:
        return None
    asked = {str(code) for code in rows.loc[rows["status"].astype(str) != "not_applicable", "area"]}
    inside = {(str(code), int(year)) for code, year in zip(own["area"], own["year"], strict=True)}
    kept, left = _split_blocks(_blocks_of(tree, area, asked), _spans_of(tree, area), inside, years)
    sums = own[own["area"].isin(kept)].groupby("year")[["num", "den"]].sum(min_count=1).reindex(years)
    num, den = sums["num"].to_numpy(float), sums["den"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(den > 0, num / den, np.nan) if ratio else num
    return LikeForLike(
        years=tuple(years), values=values, num=num, den=den if ratio else np.full(len(years), np.nan),
        kept=tuple(kept), left=left,
    )  # fmt: skip


def _blocks_of(tree: AreaTree, area: str, asked: set[str]) -> list[list[str]]:
    """The counties that are asked, those that events join together."""
    blocks = [[code for code in block if code in asked] for block in tree.blocks(area)]
    known = {code for block in blocks for code in block}
    return [block for block in blocks if block] + [[code] for code in sorted(asked - known)]


def _spans_of(tree: AreaTree, area: str) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in tree.own(area):
        spans.setdefault(one.code, []).append((one.first, one.last))
    return spans


def _split_blocks(
    blocks: Sequence[Sequence[str]], spans: Mapping[str, Sequence[tuple[int, int]]], inside: set[tuple[str, int]],
    years: Sequence[int],
) -> tuple[list[str], dict[str, tuple[int, ...]]]:  # fmt: skip
    """Counties of the blocks that are whole in every year, and of the others the years in which each is missing."""
    kept: list[str] = []
    left: dict[str, tuple[int, ...]] = {}
    for block in blocks:
        gaps = {code: tuple(y for y in years if _is_missing(code, y, block, spans, inside)) for code in block}
        nobody = tuple(y for y in years if not any((code, y) in inside for code in block))
        if nobody or any(gaps.values()):
            left |= {code: gaps[code] or nobody for code in block if gaps[code] or nobody}
        else:
            kept += block
    return sorted(kept), left


def _is_missing(
    code: str, year: int, block: Sequence[str], spans: Mapping[str, Sequence[tuple[int, int]]],
    inside: set[tuple[str, int]],
) -> bool:  # fmt: skip
    """Whether a county of a block ought to be there in a year and is not; alone in its block, it ought to be always."""
    if (code, year) in inside:
        return False
    return len(block) == 1 or any(first <= year <= last for first, last in spans.get(code, ()))

"""How is a spread between schools told, a gap, a change of either? Estimates at their limits, for ``printing.py``.

Four schools of an invented county give no interval and nothing at a mark: each is asked here by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue import catalogue
from edustats.metrics.groups.gap import GroupGap
from edustats.present.equity import change, groups, inequality
from edustats.present.equity.change import CoefficientChange
from edustats.present.view.schools import UnitValues, describe_comparison_field

KNOWN = catalogue()
PLACE = {
    "key": "place", "by": "", "high": {"zh": "城镇学校", "en": "schools in towns"},
    "low": {"zh": "乡村学校", "en": "schools in villages"},
}  # fmt: skip
RATIO, BOOKS, SHARE = "ratio_pupils_per_teacher_primary", "per_pupil_books_primary", "share_bachelor_primary"
GAP = GroupGap(
    estimate=2.5, lower=0.5, upper=4.5, se=1.0, confidence=0.95, n_a=7, n_b=9, mean_a=20.5, mean_b=18.0,
    method="hc3_welch", covers="superpopulation", p=0.02,
)  # fmt: skip
GAPS: dict[str, dict[str, Any]] = {
    "sure": {}, "lower": {"estimate": -2.5, "lower": -4.5, "upper": -0.5, "mean_a": 18.0, "mean_b": 20.5},
    "from nought": {"lower": 0.0}, "to nought": {"estimate": -2.5, "lower": -4.5, "upper": 0.0},
    "both ways": {"lower": -0.75, "p": 0.2}, "at the level": {"p": groups.DISCOVERY},
    "above the level": {"p": groups.DISCOVERY + 0.001}, "none": {"estimate": 0.0004, "mean_a": 18.0004, "mean_b": 18.0},
    "too few": {"lower": math.nan, "upper": math.nan, "p": math.nan, "method": "too_few", "n_a": 2, "n_b": 3},
    "heavy": {"lower": math.nan, "upper": math.nan, "p": math.nan, "method": "few_by_weight"},
}  # fmt: skip


def units(key: str, year: int, values: list[float], weights: list[float], sides: str = "") -> UnitValues:
    """Schools of one indicator and year; of each the first letter of its side."""
    codes = np.array([f"U{k:02d}" for k in range(len(values))], dtype=object)
    named = [{"h": "high", "l": "low"}.get(one, "") for one in sides.ljust(len(values))]
    rows = pd.DataFrame({"unit": codes, "unit_name": [f"{code}校" for code in codes], "group_place": named})
    rows.loc[rows.index[:1], "unit_name"] = "nan"
    return UnitValues(
        indicator=KNOWN.indicator(key), unit=KNOWN.unit_of(key), year=year, values=np.array(values, float),
        weights=np.array(weights, float), codes=codes, read_rows=lambda: rows,
        read_sides=lambda column: rows[column].to_numpy(object),
    )  # fmt: skip


def many(key: str, year: int, step: float, sides: str = "h" * 16 + "l" * 16) -> UnitValues:
    """Two and thirty schools of unlike size, the more apart the larger the step."""
    return units(
        key, year, [10 + step * ((k * 5) % 32) for k in range(32)], [100 + 7 * k for k in range(32)], sides
    )


MOVES: dict[str, dict[str, Any]] = {
    "up": {"last": 0.4, "lower": 0.05, "upper": 0.15}, "down": {"last": 0.2, "lower": -0.15, "upper": -0.05},
    "from nought": {"last": 0.4, "lower": 0.0, "upper": 0.15}, "to nought": {"last": 0.2, "lower": -0.15, "upper": 0.0},
    "both ways": {"last": 0.4, "lower": -0.05, "upper": 0.25}, "flat": {"last": 0.3},
    "nearly flat": {"first": 0.3004, "last": 0.3008},
    "flat and sure": {"last": 0.3001, "lower": 0.00005, "upper": 0.0002},
    "too few": {"last": 0.4, "note": "too_few"}, "small groups": {"last": 0.2, "note": "small_groups"},
    "heavy": {"last": 0.4, "note": "few_by_weight"},
}  # fmt: skip


def read_changes(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """A coefficient that rose, fell, stayed, surely or not; between counties and schools, with its parts and groups."""
    then, now = many(RATIO, 2017, 0.5), many(RATIO, 2024, 1.0)
    whole = CoefficientChange(
        then=then, now=now, first=0.3, last=0.3, lower=math.nan, upper=math.nan, note="", parts=None
    )
    for view, (name, more) in [
        *product((open_view("county"),), MOVES.items()),
        *product((open_view("census"),), list(MOVES.items())[:2]),
    ]:
        yield f"## {view.area} {name}"
        move = replace(whole, **more)
        yield from print_items(lambda view=view, move=move: [change._describe_coefficient_change(view, move)])
    pairs = {
        "wider": (then, now), "narrower": (now, then), "alike": (many(RATIO, 2017, 0.0), many(RATIO, 2024, 0.0)),
        "a share": (many(SHARE, 2017, 1.0), many(SHARE, 2024, 0.25)),
        "a pupil": (many(BOOKS, 2017, 1.0), many(BOOKS, 2024, 2.5)),
        "one unit": (units(RATIO, 2017, [3], [9]), units(RATIO, 2024, [4], [9])),
        "two units": (units(RATIO, 2017, [3, 5], [9, 8]), units(RATIO, 2024, [4, 5], [9, 8])),
        "nought": (units(RATIO, 2017, [0, 0], [9, 8]), units(RATIO, 2024, [4, 5], [9, 8])),
    }  # fmt: skip
    for view, (name, pair) in product((open_view("county"), open_view("census")), pairs.items()):
        yield f"## {view.area} {name}"
        move = change._measure_coefficient_change(view, pair)
        if move is None:
            yield "—"
            continue
        yield f"{move.first:.6f} {move.last:.6f} {move.lower:.6f} {move.upper:.6f} {move.note} {move.is_certain}"
        found = change._describe_group_change(view, move, PLACE)
        table = [change._tabulate_changes(view, [move])] if move.parts else []
        items = [change._describe_coefficient_change(view, move), *([found] if found else []), *table]
        yield from print_items(lambda items=items: items)
    for low, high in (
        (math.nan, math.nan),
        (0.0, 0.02),
        (-0.02, 0.0),
        (-0.01, 0.02),
        (0.01, 0.02),
        (-0.02, -0.01),
    ):
        said = change._describe_between_certainty({"lower": low, "upper": high})
        yield f"{low} {high} → {said.zh} | {said.en}"


def read_apart(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Gaps between schools at their limits, in units of every scale; parts between and within; who lies far off."""
    view = open_view("county")
    place = describe_comparison_field(view)
    for key, (name, more) in [
        *product((RATIO,), GAPS.items()),
        *product((BOOKS, SHARE), list(GAPS.items())[:2]),
    ]:
        yield f"## {key} {name}"
        gap, u = replace(GAP, **more), many(key, 2024, 1.0)
        beyond, size = groups._score_gap((u, gap))
        yield f"{beyond} {size:.6g}"
        yield from print_items(lambda u=u, gap=gap: [groups._describe_group_gap(view, u, PLACE, gap)])
    for key, chosen in product((RATIO, SHARE), (("sure", "lower"), ("too few", "none"))):
        points = [(2017 + 7 * k, replace(GAP, **GAPS[name])) for k, name in enumerate(chosen)]
        yield f"## {key} {chosen}"
        yield from print_items(
            lambda key=key, points=points: [groups._draw_group_gap(view, many(key, 2024, 1.0), PLACE, points)]
        )
    for sides in ("h" * 16 + "l" * 16, "hl" * 16, "hhl", "hl", "hh", "hhh", "", "hhh hhllllll" * 2):
        u = many(RATIO, 2024, 1.0, sides)
        one = groups._split_by_group(u, PLACE, 4)
        yield f"## {sides!r} {groups._measure_gap(u, PLACE) is not None}"
        yield from print_items(lambda u=u: groups._report_single_group(view, u, PLACE))
        if one is not None:
            yield f"{one.is_apart} {one.survives} {one.score:.4f} {one.held.sum()}"
            yield from print_items(lambda one=one: [groups._describe_decomposition(view, one)])
    for lower, note in (
        (math.nan, "few_by_weight"),
        (math.nan, "too_few"),
        (4.9e-5, ""),
        (5e-5, ""),
        (0.01, ""),
    ):
        said, verdict = groups._describe_between_certainty(
            {"lower": lower, "upper": 0.03, "note": note}, place
        )
        yield f"{lower} {note} → {verdict} {said.zh} | {said.en}"
    yield from _tell_spreads(view, print_items)


def _tell_spreads(view: Any, print_items: Callable[..., list[str]]) -> Iterator[str]:
    held = {
        "wide": many(RATIO, 2024, 3.0), "two": units(BOOKS, 2024, [1, 9], [10, 30]),
        "a tenth has none": units(SHARE, 2024, [0, 0.5, 0.75, 1], [10, 30, 30, 30]),
        "more than a tenth": units(SHARE, 2024, [0, 0.5, 0.75, 1], [11, 30, 30, 30]),
        "one far off": units(RATIO, 2024, [10, 11, 12, 13, 90], [50, 40, 30, 20, 10]),
    }  # fmt: skip
    for name, u in held.items():
        common, size = inequality.score_inequality(u)
        yield f"## {name} {common} {size:.6g} {inequality.find_top_contributors(u, 3)}"
        points = [[f"{one:.4f}" for one in axis] for axis in inequality._compute_lorenz_curve(u)]
        yield f"{points}"
        yield from print_items(
            lambda u=u: [
                inequality._describe_inequality(view, u), inequality._tabulate_inequality(view, [u]),
                *([inequality._build_parade_figure(view, u)] if len(u.values) == 5 else []),
            ]
        )  # fmt: skip


EQUITY: dict[str, Callable[..., Iterator[str]]] = {"changes": read_changes, "apart": read_apart}

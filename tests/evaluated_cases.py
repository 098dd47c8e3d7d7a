"""How is said what worked, what schools added, which programmes end? Estimates written by hand, no two numbers alike."""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.declared_index import read_declared_index
from edustats.analysis.evaluation import EffectFrames, ValueAddedFrames, programmes
from edustats.catalogue import catalogue
from edustats.metrics.evaluation.effects import EffectEstimate
from edustats.metrics.evaluation.few_clusters import CollapsedComparison, DriftBefore
from edustats.metrics.evaluation.synthetic import SyntheticPath
from edustats.metrics.evaluation.value_added import ModelFit, ValueAdded
from edustats.present.evaluation import composite, effects
from edustats.present.evaluation import programmes as told
from edustats.present.evaluation import value_added as added
from edustats.words import Text

KNOWN = catalogue()
NONE = np.empty(0, dtype=np.int64)
COMPARED = CollapsedComparison(
    change=-3.1, change_others=1.2, effect=-4.3, lower=-6.0, upper=-2.6, error=0.8, freedom=17, t_p=0.0004,
    permutation_p=0.012, permutations=4999, is_exact=False, attained=0.05, detectable=2.5,
)  # fmt: skip
DRIFT = DriftBefore(p=0.4, drift=0.3, lower=-7.5, upper=-1.1, detectable=3.4)
ESTIMATE = EffectEstimate(
    reason="", before=21.4, after=18.3, treated=5, others=14, permutations=4999, left_out=NONE, from_start=NONE,
    comparison=COMPARED, before_drift=DRIFT,
)  # fmt: skip
RATIO = catalogue().indicator("ratio_pupils_per_teacher_primary")
UNIT, SCHOOLS = catalogue().unit_of(RATIO.key), Text("学校", "schools")


def frames(estimate: EffectEstimate, unknown: tuple[str, ...] = ()) -> EffectFrames:
    event = pd.DataFrame({"since": [-2, 1], "effect": [0.25, -3.75], "error": [0.5, 0.625]})
    cohorts = pd.DataFrame({"cohort": [2019], "year": [2021], "effect": [1.5], "error": [0.75]})
    panel = np.empty((0, 0)), NONE, NONE
    return EffectFrames(
        summary=pd.DataFrame(),
        event_study=event,
        group_time=cohorts,
        estimate=estimate,
        unknown=unknown,
        panel=panel,
    )


FIT = ModelFit(
    pupils=640, schools=12, without_prior=31, names=("1", "prior"), coefficients=np.array([4.0, 0.625]),
    errors=np.array([1.0, 0.1]), between=6.0, within=18.0, empty_between=24.0, empty_within=40.0, loglikelihood=-1.0,
    skewness=-0.375, at_ceiling=0.01,
)  # fmt: skip


def value_added(grades: int = 3, stability: float = math.nan, needed: float = math.nan) -> ValueAddedFrames:
    fit = ValueAdded(
        schools=("S1", "S2", "S3"), pupils=np.array([300, 12, 335]), effect=np.array([2.25, math.nan, -1.5]),
        error=np.array([0.5, math.nan, 0.25]), lower=np.array([1.25, math.nan, -2.0]),
        upper=np.array([3.25, math.nan, -1.0]), expected=np.array([70.0, 71.0, 72.0]),
        reliability=np.array([0.9, 0.1, 0.9]), grade=np.array([3, 0, 1]), grades=grades, misordered=0.046, fit=FIT,
        warnings=(),
    )  # fmt: skip
    schools = pd.DataFrame({
        "school": fit.schools, "pupils": fit.pupils, "effect": fit.effect, "lower": fit.lower, "upper": fit.upper,
        "grade": fit.grade, "needed": [needed, math.nan, needed],
    })  # fmt: skip
    return ValueAddedFrames(schools=schools, fit=fit, stability=stability, warnings=("not_cause", "one_year"))


UNITS = (
    "ratio_pupils_per_teacher_primary",
    "per_pupil_equipment_primary",
    "share_bachelor_primary",
    "per_pupil_books_primary",
)
WAYS: dict[str, dict[str, Any]] = {
    "as it is": {}, "within": {"within": True}, "crowded": {"crowded": True},
    "risen": {"comparison": dataclasses.replace(COMPARED, change=0.0, change_others=-0.046, effect=0.046, lower=0.012, upper=0.08, error=0.01), "before_drift": dataclasses.replace(DRIFT, lower=0.01, upper=0.09)},
    "chance": {"comparison": dataclasses.replace(COMPARED, t_p=0.051)}, "chance too": {"comparison": dataclasses.replace(COMPARED, permutation_p=0.051)},
    "at the level": {"comparison": dataclasses.replace(COMPARED, t_p=0.05, permutation_p=0.05)},
    "all ways": {"comparison": dataclasses.replace(COMPARED, is_exact=True, permutations=36, attained=0.0278, t_p=0.001, permutation_p=0.0009)},
    "drift": {"before_drift": dataclasses.replace(DRIFT, p=0.05)}, "drift known": {"before_drift": dataclasses.replace(DRIFT, p=0.049)},
    "could go on": {"before_drift": dataclasses.replace(DRIFT, upper=0.0)}, "seen late": {"before_drift": dataclasses.replace(DRIFT, detectable=0.5)},
    "before only": {"after": math.nan}, "after only": {"before": math.nan}, "far": {"before": 1234.567, "after": 0.0005},
    "none": {"comparison": None, "before_drift": None, "reason": "no_comparison"}, "few": {"comparison": None, "before_drift": None, "reason": "too_few_ways", "treated": 1},
    "left": {"left_out": np.array([3, 4]), "all_units_effect": -1.75, "from_start": np.array([7]), "apart": np.array([1, 2, 5])},
    "left, no effect": {"left_out": np.array([3, 4]), "all_units_effect": math.nan},
}  # fmt: skip


def read_effects(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Every way an effect is told, in units of none, one and two decimals and in per cent, with its tables."""
    path = SyntheticPath(weights=np.ones(1), path=np.ones(1), miss_before=0.025, gap_after=-0.225)
    for key, (name, more) in product(UNITS, WAYS.items()):
        one, unit, estimate = KNOWN.indicator(key), KNOWN.unit_of(key), dataclasses.replace(ESTIMATE, **more)
        synthetic, unknown = (
            (path, tuple("ABCDEF")) if name == "left" else (None, tuple("ABCDE") if name == "few" else ())
        )
        found = frames(estimate, unknown)
        yield f"## {key} {name}"
        yield from print_items(
            lambda found=found, one=one, unit=unit, synthetic=synthetic: effects.describe_effect(
                found, one, unit, SCHOOLS, synthetic
            )
        )
        if name in ("as it is", "none"):
            yield from print_items(lambda found=found, unit=unit: effects._tabulate(found, unit))
            yield str(
                [column.decimals for table in effects._tabulate(found, unit) for column in table.columns]
            )
    for held in (
        dataclasses.replace(ESTIMATE, before_drift=None),
        dataclasses.replace(ESTIMATE, comparison=None),
    ):
        for write in (
            lambda e: effects._write_power(e, {}, unit),
            lambda e: effects._write_tests(e, unit),
            lambda e: effects.write_effect(e, {"indicator": one.name, "unit": SCHOOLS}, unit),
        ):
            try:
                yield write(held).zh
            except (ValueError, KeyError, ArithmeticError) as error:
                yield f"{type(error).__name__} {error}"
    yield str([effects._write_p(p).zh for p in (0.0, 0.00099, 0.001, 0.0015, 0.05, 1.0)])


LEFT = pd.DataFrame(
    [("A", "a", y, n, e, "无" if y == 2023 else "电子") for y, n, e in ((2023, 20, 12), (2024, 20, 11))]
    + [("A", "b", y, n, e, "") for y, n, e in ((2023, 100, 59), (2024, 100, 59))]
    + [("A", "c", y, n, e, "汽车") for y, n, e in ((2023, 100, 60), (2024, 100, 59))]
    + [("B", "d", y, n, e, "否") for y, n, e in ((2023, 19, 5), (2024, 19, 6))]
    + [("B", "e", 2023, 50, 20, "护理"), ("B", "f", 2024, 50, 20, "护理"), ("C", "a", 2023, 30, 30, ""), ("C", "a", 2024, 0, 0, "机械")]
    + [("C", f"g{k}", y, 40, 8, "") for k in range(9) for y in (2023, 2024)],
    columns=["school", "programme", "year", "leavers", "employed", "industry"],
)  # fmt: skip


def read_programmes(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Rates at, under and over the line, few leavers, a missing year, a programme gone, and what stands beside."""
    for rows, (line, least) in product(
        (LEFT, LEFT[LEFT["school"] != "C"], LEFT[LEFT["year"] == 2024].assign(pupils=7)),
        (("0.6", 20), ("0.5", 19), ("0.6", 101)),
    ):
        judged = told._mark_gone(programmes(rows, line=line, least_leavers=least), rows)
        names = rows.drop_duplicates(["school", "programme"], keep="last").set_index(["school", "programme"])
        yield f"## {len(rows)} {line} {least}"
        yield from print_items(
            lambda judged=judged, names=names, line=line, least=least: told._describe_rule(
                judged, names, line, least, "ignored"
            )
        )
        yield from print_items(lambda rows=rows: told._describe_beside(rows))
        yield from print_items(lambda judged=judged, names=names: [told._tabulate(judged, names)])
    yield str([told._sign_count(n) for n in (-3, 0, 4)])
    yield str([told._chance(p).zh for p in (0.0, 0.0199, 0.02, 0.5, 0.98, 0.981, 1.0, math.nan)])


def read_added(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Value added with grades and without, with a target and without, stable and not."""
    for grades, stability, needed in ((3, 0.75, 1.5), (1, math.nan, math.nan), (2, 0.0, math.nan)):
        found = value_added(grades, stability, needed)
        for lang in ("zh", "en"):
            yield from print_items(
                lambda found=found, lang=lang: list(added.show_value_added(found, lang, {"S1": "甲校"}))
            )


def read_indices(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """A declared index: nobody with a value, one tied, one left out; the other mean alike and not."""
    view = open_view("served")
    declared = read_declared_index(view.store, view.known)
    for how, gaps in product(("arithmetic", "geometric"), ("none", declared.gaps)):
        one = dataclasses.replace(declared, how=how, gaps=gaps)
        made, other = (
            composite._make_index(view, one),
            composite._make_index(view, one, "geometric" if how == "arithmetic" else "arithmetic"),
        )
        left = made.assign(value=[math.nan, *made["value"][1:]])
        tied, gone, nought = (
            made.copy(),
            made.assign(value=math.nan),
            made.assign(value=[*made["value"][:-2], 0.0, 0.0]),
        )
        for frame in (tied, left, gone, nought):
            frame.attrs = made.attrs | {"tied": [1, 2] if frame is tied else []}
        for frame, beside in (
            (made, other),
            (tied, tied),
            (left, made),
            (gone, other),
            (made.head(0), other),
            (nought, gone),
            (made, made.head(0)),
        ):
            frame.attrs = frame.attrs or made.attrs
            yield f"## {how} {gaps} {len(frame)}"
            yield from print_items(
                lambda frame=frame, beside=beside, one=one: composite._tell_roll_out(view, one, frame, beside)
            )
            yield from print_items(lambda frame=frame, one=one: composite._tabulate_areas(view, one, frame))
    for claim in (math.nan, 25.0, 3.5):
        yield from print_items(lambda claim=claim: list(composite.show_growth(view, claim)))
    yield str(
        [
            str(Text("", "")),
            composite._share(math.nan).zh,
            composite._share(0.125).zh,
            composite._whole(2.4).zh,
            composite._whole(math.nan).zh,
        ]
    )


EVALUATED: dict[str, Callable[..., Iterator[str]]] = {
    "effects": read_effects, "programmes": read_programmes, "added": read_added, "indices": read_indices,
}  # fmt: skip

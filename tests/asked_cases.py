"""What do verbs say where they are asked otherwise than by a report, and outlooks at their limits? For ``printing.py``."""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import edustats as edu
from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.metrics.finance.growth import MET, NOT_MET
from edustats.present.drawing.figures import encode_png
from edustats.present.equity import segregation
from edustats.present.evaluation import composite, programmes
from edustats.present.explore.frame_chart import plot
from edustats.present.finance.pay import _tell_path
from edustats.present.prefecture import decomposition
from edustats.present.seats import county as seats
from edustats.present.seats import prefecture as seats_above
from edustats.present.services import case as services
from edustats.words import Text

KNOWN = catalogue()


def _say(*texts: Any) -> str:
    return " / ".join(f"{one.zh} | {one.en}" if isinstance(one, Text) else str(one) for one in texts)


ASKED: tuple[tuple[str, str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("county", "standards_ranking", (1,), {}), ("county", "standards_ranking", (4,), {"steps": (1, 2, 5)}),
    ("county", "allocation_plan", ({"r1": 80_000.0, "r4": 3456.5},), {"within_township": True, "share": 0.5}),
    ("county", "allocation_plan", ({f"r{k}": math.inf for k in range(1, 8)},), {"share": 0.0}),
    ("county", "allocation_plan", (), {"kilometres": 5.0}),
    ("served", "given_ranks", (), {"top": 1}), ("served", "given_ranks", (), {"top": 4}),
    ("served_county", "given_ranks", (), {"top": 4}),
    ("served", "school_value_added", (95.0,), {}), ("served", "programmes", ("0.5", 12), {}),
    ("prefecture", "county_panels", (), {"indicator": "ratio_pupils_per_teacher_primary"}),
    ("prefecture", "county_table", (), {"indicator": ["share_bachelor_primary", "ratio_pupils_per_teacher_junior"], "year": 2020}),
    ("prefecture", "theil_decomposition", (), {"indicator": "per_pupil_books_primary"}),
    ("county", "trends", (), {"indicator": "count_pupils_primary", "year": 2020}),
    ("county", "gaps", (), {"indicator": "per_pupil_books_primary", "group": "place"}),
    ("county", "ranks", (), {"indicator": "share_bachelor_primary", "year": 2019}),
    ("county", "peers", (), {"indicator": "per_pupil_books_primary"}),
    ("county", "inequality", (), {"indicator": "per_pupil_books_primary", "year": 2018}),
    ("county", "segregation", (), {"group": "nichts"}), ("county", "trends", (), {"indicator": "count_births_zz"}),
)  # fmt: skip


def _ask(view: Any, verb: str, given: tuple[Any, ...], more: dict[str, Any]) -> list[Any]:
    return list(getattr(edu, f"show_{verb}")(view, *given, **more))


def read_asked(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Targets, prices, places, indicators, years and groupings that somebody asks for."""
    for name, verb, given, more in ASKED:
        yield f"## {name} {verb} {given} {more}"
        try:
            yield from print_items(partial(_ask, open_view(name), verb, given, more))
        except EdustatsError as error:
            yield f"! {error.text('zh')} | {error.text('en')}"


def _outlook(
    view: Any, chance: Any, middle: Any, seats_held: float, past: float = 1000.0, **more: Any
) -> Any:
    """Three years of one stage, as far as they are asked for."""
    shape = np.array(middle, float).reshape(-1, 1)
    bands = {f"{side}_80": shape + by for side, by in (("lower", -50), ("upper", 50))} | {"middle": shape}
    stage = {"told": [0], "lower_bound": [True], "name": view.name, "view": view, "row": 0, "last": 2024}
    shortfall = SimpleNamespace(
        chance=np.array(chance, float).reshape(-1, 1), safe=np.full((3, 1), -4.0), empty=np.full((3, 1), 70.0)
    )
    whole = SimpleNamespace(
        years=np.array([2025, 2026, 2027]), stages=("primary",), match=np.array([0.9, 0.8, math.nan, 0.7]), review_due=2026,
        places=SimpleNamespace(prefecture="991100"),
    )  # fmt: skip
    held = {"bands": bands, "shortfall": shortfall, "whole": whole, "seats": np.full((3, 1), seats_held)}
    return SimpleNamespace(
        **stage, **held, past=np.array([[900.0], [past]]), years=np.arange(2023, 2028), stage=lambda _: Text("小学", "primary"),
        source=lambda *_: None, tell_method=lambda: Text("法", "method"), **more,
    )  # fmt: skip


def read_outlooks(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Seats beside pupils at the limits of what is worth saying, and rows of counties that cannot be told."""
    view = open_view("county")
    for chance, held, safe in product(
        (math.nan, 0.0, 0.0499, 0.05, 0.0999, 0.1, 0.199, 0.2, 0.5), (math.nan, 950.0), (-4.0, 0.0, 31.0)
    ):
        if math.isnan(chance) != math.isnan(held):
            continue
        found = _outlook(view, [chance] * 3, [1000, 950, 900], held)
        found.shortfall.safe[:] = safe
        yield f"{chance} {held} {safe} → {_say(*seats._tell_seats(found, 0, 1))} {_say(*seats._fill_plan_row(found, 0, 1)[4:])}"
    for middle in ([1000, 950, 900], [1000, 950, 899.9], [1000, 900.1, 950], [1200, 1100, 1000]):
        found = _outlook(view, [0.1] * 3, middle, 950.0)
        worst = seats._choose_falling(found)
        yield f"{middle} → {worst} {_say(seats._tell_fall(found, 0).sentence)}"
        found.seats[:] = math.nan
        yield _say(seats._tell_fall(found, 0).sentence)
    for match in (
        [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
        [0.9, 0.8],
        [0.9],
        [math.nan, 0.8],
        [0.9, math.nan],
        [0.9, math.nan, 0.7, 0.6, 0.5, math.nan],
    ):
        found = _outlook(view, [0.1] * 3, [1, 1, 1], 1.0)
        found.whole.match, found.whole.years = np.array(match), np.arange(2025, 2025 + len(match))
        yield f"{match} → {_say(*(one.sentence for one in seats._tell_match(found)))}"
    for row, area, name in product((-1, 0, 1), ("991101", "991102"), ("新学校", "")):
        found = _outlook(view, [0.1] * 3, [1, 1, 1], 1.0)
        found.row = row
        plan = SimpleNamespace(area=area, name=name, school="3199", year=2027, stage="primary")
        found.whole.openings = [
            SimpleNamespace(
                plan=plan, too_late=row != 1, will_be_half_empty=True, peak_before=0.9, half_empty=0.99
            )
        ]
        yield f"{row} {area} {name} → {_say(*(one.sentence for one in seats._tell_openings(found)))}"
    for chances, peaks in product(
        (
            [math.nan] * 3,
            [0.0] * 3,
            [0.0, 0.4, 0.4],
            [math.nan, 0.004, 0.0],
            [0.6, math.nan, 0.2],
            [1.0, 0.5, 0.5],
        ),
        ([0.1, 0.2, 0.4, 0.3, 0.0], [0.7, 0.3, 0.0, 0.0, 0.0], [math.nan] * 5),
    ):
        found = _outlook(open_view("prefecture"), [0.1] * 3, [1, 1, 1], 1.0)
        found.whole = SimpleNamespace(
            peaks=np.array(peaks).reshape(1, 5, 1).transpose(0, 2, 1), areas=("991102",), years=np.array([2025, 2026, 2027]),
            found=SimpleNamespace(paths=np.arange(12.0).reshape(4, 1, 3, 1)), shortfall=SimpleNamespace(chance=np.array(chances).reshape(1, 3, 1)),
            places=SimpleNamespace(cohorts=SimpleNamespace(years=np.array([2023, 2024])), pupils=np.array([[[51.0], [52.0]]])),
        )  # fmt: skip
        yield f"{chances} {peaks} → {_say(*seats_above._fill_county_row(found, 0, 0))}"


def read_steps(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Parity over the years, net changes of programmes, one alone of what needs several, mixtures of others."""
    for path in product("+-?", repeat=4):
        states = {2020 + k: {"+": MET, "-": NOT_MET}.get(one, "unknown") for k, one in enumerate(path)}
        lost = max((y for y in states if states.get(y - 1) == MET and states[y] == NOT_MET), default=None)
        case: Any = SimpleNamespace(
            years=range(2020, 2024), year=2023, accounts=SimpleNamespace(pay=SimpleNamespace(lost=lost))
        )
        yield f"{''.join(path)} → {_say(_tell_path(case, states, states[2023]))}"
    yield str([programmes._sign_count(n) for n in (-2, -1, 0, 1, 2)])
    now = pd.DataFrame({"industry": ["电子", "无", ""], "pupils": [1, 1, 2], "leavers": [0, 5, 5]})
    for rows in (
        now,
        now.assign(pupils=0),
        now.assign(pupils=1),
        now.drop(columns="pupils"),
        now.assign(industry=""),
        now.assign(pupils=0, leavers=0),
    ):
        yield str(programmes._match(rows))
    view = open_view("served")
    for name, made in (("one", [0.0]), ("two", [0.25, 0.75]), ("three", [0.5, 0.25, 0.25])):
        frame = pd.DataFrame({"area": view.counties[: len(made)]})
        frame.attrs = {"acceptability": dict.fromkeys(view.counties[: len(made)], made), "year": 2024}
        for spread in (1, 0.25):
            declared: Any = SimpleNamespace(spread=spread)
            yield from print_items(
                lambda declared=declared, frame=frame: composite._draw_ranks(view, declared, frame)
            )
        yield name
    for given in ([], ["991101"], ["991101", "991102"]):
        stub: Any = SimpleNamespace(counties=given, view=view)
        yield str(
            [
                len(services.tabulate_counties(stub, "k", Text("t", "t"), [], rows, foot))
                for rows in ([], [(Text("a", "a"),)])
                for foot in ((), (1,))
            ]
        )
    yield str(
        [
            (services.show_share(v).zh, getattr(services.cell(v), "zh", services.cell(v)))
            for v in (math.nan, 0.5)
        ]
    )
    for key, given in product(
        ("share_bachelor_primary", "per_pupil_books_primary"),
        ([0, 1, 0.5, 0.5], [0, 0, 0.5, 0.5], [1, 1, 1, 0.5], [0, 1, 1, 0.5], [2, 2, 2, 0.5]),
    ):
        yield f"{key} {given} → {decomposition._has_graded_values(pd.DataFrame({'value': given}), KNOWN.indicator(key))}"
    for codes, given in product((["a", "a"], ["a", "b"]), ([0.0, 0.0], [0.0, 1.0])):
        yield str(decomposition._can_decompose(pd.DataFrame({"county": codes, "value": given})))
    counts = np.array([[30.0, 70.0], [5.0, 95.0], [60.0, 40.0], [1.0, 9.0], [1.0, 4.0]])
    yield _say(
        segregation._name_top_schools(
            counts, [Text(f"第{k}校", f"S{k}") for k in range(5)], Text("学校", "school")
        )
    )


def _frame(areas: int, years: range, **more: Any) -> pd.DataFrame:
    """Areas over years, no two values alike."""
    rows = [
        (f"{k:02d}", f"县{k}", y, round(0.2 + 0.03 * k + 0.01 * (y % 7) + 0.001 * k * y % 0.05, 5))
        for k in range(areas)
        for y in years
    ]
    return pd.DataFrame(rows, columns=["area", "area_name", "year", "value"]).assign(**more)


def _list_frames() -> Iterator[tuple[str, pd.DataFrame]]:
    share, ratio = {"indicator": "share_bachelor_primary"}, {"indicator": "ratio_pupils_per_teacher_primary"}
    few, many = _frame(2, range(2018, 2024), **share), _frame(9, range(1999, 2024, 2), **ratio)
    yield "few", few
    yield "many", many
    yield "long", _frame(1, range(1990, 2024), **ratio)
    yield "banded", few.assign(lower=few["value"] - 0.02, upper=few["value"] + 0.03)
    yield "banded many", many.assign(lower=many["value"] - 0.02, upper=many["value"] + 0.03)
    yield "measure", few.drop(columns="indicator").assign(measure="gini")
    yield "measure of", few.assign(measure="cv")
    yield "nothing said of", few.drop(columns="indicator")
    yield "unnamed", few.drop(columns="area_name")
    yield "whole", few[few["area"] == "00"].drop(columns=["area", "area_name"])
    parts = [
        (y, part, level, 0.1 + 0.01 * k)
        for y in (2020, 2021)
        for k, (part, level) in enumerate(
            (("between", "county"), ("between", "place"), ("within", ""), ("total", ""))
        )
    ]
    parted = pd.DataFrame(parts, columns=["year", "part", "level", "value"]).assign(**ratio)
    yield "parts", parted
    yield "parts of one level", parted[parted["level"] != "place"]
    yield (
        "pairs",
        few.assign(other_value=few["value"] * 0.8, other="99", other_name="其他", first="高", second="低"),
    )
    yield (
        "trend",
        few[few["year"] == 2023]
        .drop(columns="value")
        .assign(slope=[0.01, -0.02], lower=[0.0, -0.03], upper=[0.02, -0.01], verdict="up"),
    )
    yield (
        "trend of an amount",
        few[few["year"] == 2023]
        .drop(columns="value")
        .assign(slope=[0.01, -0.02], lower=[0.0, -0.03], upper=[0.02, -0.01], verdict="up", **ratio),
    )
    yield (
        "ranks",
        few[few["year"] == 2023].drop(columns="value").assign(rank=[1, 4], best=[1, 2], worst=[3, 5]),
    )
    schools = pd.DataFrame(
        {
            "area": "00",
            "area_name": "县0",
            "year": 2023,
            "school": [f"s{k}" for k in range(40)],
            "value": [10 + (k * 7) % 23 / 2 for k in range(40)],
            "weight": [100.0 + k for k in range(40)],
            **ratio,
        }
    )
    yield "schools", schools
    yield "schools without weights", schools.drop(columns="weight")
    yield "schools of no weight", schools.assign(weight=0.0)
    yield "schools of weight one", schools.assign(weight=0.01)
    yield "two indicators", pd.concat([few, few.assign(**ratio)])
    yield "twice told", pd.concat([few.assign(note="a"), few.assign(note="b")])
    yield "two measures", pd.concat([few.assign(measure="cv"), few.assign(measure="gini")])
    yield "empty", few.head(0)
    yield "no value", few.drop(columns="value")
    yield "no area", few.drop(columns=["area", "value"])


def read_plots(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Frames as charts: lines few and many, bands, ranks, pairs, schools with weights and without, what is refused."""
    for name, frame in _list_frames():
        for lang in ("zh", "en"):
            yield f"## {name} {lang}"
            try:
                yield from print_items(partial(_plot, frame, lang))
            except EdustatsError as error:
                yield f"! {error.text(lang)}"


def _plot(frame: pd.DataFrame, lang: str) -> list[Any]:
    encode_png(plot(frame, "01", lang=lang, quiet=True).figure)
    return []


ASKED_CASES: dict[str, Callable[..., Iterator[str]]] = {
    "asked": read_asked, "outlooks": read_outlooks, "steps": read_steps, "plots": read_plots,
}  # fmt: skip

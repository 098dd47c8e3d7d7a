"""What is said and drawn exactly at a limit, one step beyond it, and where a part is missing? For ``printing.py``.

Small steps of views, numbers, charts and chapters that no chapter of a made prefecture comes by.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.metrics.inequality.measures import Interval
from edustats.present.drawing import figures, funnel, lines, panels, ranks, seats, small_multiples
from edustats.present.finance.case import FinanceCase, describe_change
from edustats.present.finance.equity import _divide
from edustats.present.records import chart, numbers
from edustats.present.seats import phrases
from edustats.present.services.projects import _label
from edustats.present.standards import case as standards
from edustats.present.standards.coefficients import _describe_chance
from edustats.present.teachers import retirement, structure
from edustats.present.view import choices, coverage, notes, revisions, schools
from edustats.present.view.area import AreaView
from edustats.present.view.county import check_year_range
from edustats.present.view.prefecture import PrefectureView, _choose_prefecture
from edustats.words import DASH, NumericText, Text

KNOWN = catalogue()


def _tell(make: Callable[..., Any], *given: Any, **more: Any) -> str:
    """What is made, in both languages; or what it is refused for."""
    try:
        made = make(*given, **more)
    except EdustatsError as error:
        return f"! {error.text('zh')} | {error.text('en')}"
    return _say(made)


def _say(made: Any) -> str:
    if isinstance(made, NumericText):
        return f"{made.zh} | {made.en} {{{made.value:g} {made.unit} {made.decimals} {made.kind}}}"
    if isinstance(made, Text):
        return f"{made.zh} | {made.en}"
    if isinstance(made, (list, tuple)):
        return "; ".join(map(_say, made))
    return f"{made:.6g}" if isinstance(made, float) else str(made)


def read_covers(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """What a figure covers, who is missing, and between what bounds the whole lies."""
    share, amount = NumericText("50%", "50%", 0.5, "share", 0), Text("x", "x")
    for one, of, (members, present), held in product(
        (math.nan, 0.0, 0.9499, 0.95, 0.989, 0.99, 1.0, 1.2), ((True, True), (True, False), (False, True)),
        ((3, 3), (3, 2)), (0, 3),
    ):  # fmt: skip
        cover = coverage.Cover(
            share=one, members=members, present=present, absent=("991104", "999999"), ratio=of[0], above=of[1], held=held
        )  # fmt: skip
        ends = _say(cover.bounds(0.25)) if 0 < one < 1 else ""
        yield f"{one} {of} {members} {present} {held} → {cover.is_whole} {cover.least} {_say(cover.mark(share))} {_say(cover.mark(amount))} {ends}".rstrip()
    yield str(coverage.read_cover(None, True))
    yield str(
        coverage.find_open_years(
            pd.DataFrame({"year": [1, 2, 3, 4], "coverage": [0.95, 0.9499, math.nan, 1]})
        )
    )
    view = open_view("prefecture")
    gone = coverage.Cover(
        share=0.5, members=5, present=2, absent=("991104", "999999", "991102"), ratio=True, above=True
    )
    for cover in (
        gone, replace(gone, absent=()), replace(gone, above=False), replace(gone, share=1.0, present=5),
        replace(gone, absent=tuple(f"9911{k:02d}" for k in range(1, 12)), members=14), replace(gone, present=4, absent=("999999",)),
    ):  # fmt: skip
        yield _say(notes.describe_cover(view, cover, "991100", 2023))
        for value, key in product(
            (0.0, 0.25, 1.0, 1.01), ("share_bachelor_primary", "ratio_pupils_per_teacher_primary")
        ):
            stub: Any = SimpleNamespace(cover_of=lambda *_, cover=cover: cover, known=KNOWN, area="991100")
            yield f"  {value} {key[:5]} → {_say(notes._describe_bounds(stub, KNOWN.indicator(key), 2023, value))}"


def read_views(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Names of once, revisions, choices and years of a view."""
    view, county = open_view("prefecture"), open_view("county")
    former = pd.DataFrame(
        [("991101", y, zh, en) for y, zh, en in ((2016, "丑县", "Ox"), (2017, "子县", "Rat"), (2018, "子县", "Rat"), (2019, "甲县", "Other"), (2024, "寅县", "Tiger"))]
        + [("991102", 2018, "卯县", "Hare")],
        columns=["code", "year", "zh", "en"],
    )  # fmt: skip
    store: Any = SimpleNamespace(former_names=former, name=view.store.name)
    for code in ("991101", "991102", "991103"):
        yield _say(
            AreaView.name_with_former(SimpleNamespace(store=store, first_year=2017, last_year=2024), code)
        )  # type: ignore[arg-type]
    found = pd.DataFrame(
        [("e1", y, k, a, b, why, f"{why} en") for y, k, a, b, why in (
            (2023, "share_bachelor_primary", 0.5, 0.75, "更正"), (2021, "ratio_pupils_per_teacher_primary", 12.25, 13.5, "补报"),
            (2022, "share_bachelor_primary", 0.1, 0.2, "更正"))],
        columns=["edition", "year", "indicator", "old", "new", "why_zh", "why_en"],
    )  # fmt: skip
    for rows in (found, found.head(0), pd.concat([found] * 10), pd.concat([found] * 11)):
        stub = SimpleNamespace(revisions=rows, known=KNOWN, name=Text("甲县", "County A"))
        yield f"## {len(rows)} {[one.brief for one in revisions.show_revisions(stub) if hasattr(one, 'brief')]}"
        if len(rows) < 9:
            yield from print_items(lambda stub=stub: revisions.show_revisions(stub))
    yield from _choose(county)
    yield from _compare_years()


def _choose(county: Any) -> Iterator[str]:
    groups = [
        {"key": key, "name": {"zh": f"{key}名", "en": f"{key} name"}, "high": {"zh": f"{key}高", "en": f"{key} high"},
         "low": {"zh": f"{key}低", "en": f"{key} low"}} for key in ("place", "kind")
    ]  # fmt: skip
    for about, asked in product(
        ({"groups": groups}, {"groups": []}), ("kind", "kind名", "kind high", "place低", "other")
    ):
        stub = SimpleNamespace(store=SimpleNamespace(about=about))
        yield f"{asked} → {_tell(choices._find_grouping, stub, asked)}"
    for indicator in (
        "ratio_pupils_per_teacher_primary",
        "小学生师比",
        ["小学生师比", "share_bachelor_primary"],
        "nichts",
    ):
        yield _tell(lambda indicator=indicator: str(choices.narrow_view(county, indicator=indicator).chosen))
    yield from (_tell(county.check_year, year) for year in (2016, 2017, 2024, 2025))
    for have, first, last in (([2017, 2019, 2024], 0, 0), ([2017], 2018, 0), ([2017, 2019, 2024], 2020, 2023), ([2017, 2018, 2019, 2024], 2020, 2023), ([2017, 2019], 2019, 2018), ([2017, 2019], 2018, 2019)):  # fmt: skip
        yield f"{have} {first} {last} → {_tell(check_year_range, Text('甲县', 'A'), have, first, last)}"
    for held, asked in product(
        (["9901"], ["9901", "9902"], [f"99{k:02d}" for k in range(20)]), ("", "9901", "9955")
    ):
        yield f"{len(held)} {asked} → {_tell(_choose_prefecture, SimpleNamespace(prefectures=held, path=SimpleNamespace(name='s')), asked)}"


def _compare_years() -> Iterator[str]:
    series = pd.DataFrame(
        {"year": [2020, 2021, 2022], "status": ["ok", "break", "break"], "value": [1.0, 2.0, 3.0]}
    )
    for status in (["ok", "break", "ok"], ["ok", "ok", "ok"], ["break", "ok", "break"]):
        stub = SimpleNamespace(series=lambda _, status=status: series.assign(status=status))
        yield str(AreaView.comparable_series(stub, "x")["year"].tolist())
    for key, last, whole in product(
        ("ratio_pupils_per_teacher_primary", "count_pupils_primary"), (989.9, 990.0), (1.0, 0.5, 0.0)
    ):
        alike = SimpleNamespace(is_everybody=False, num=np.array([5.0, last]), den=np.array([9.0, last]))
        rows = pd.DataFrame(
            {
                "value": [7.0, 1000.0 * whole, math.nan],
                "den": [8.0, 1000.0 * whole, 1.0],
                "coverage": [0.5, whole, 1.0],
            }
        )
        stub = SimpleNamespace(
            like_for_like=lambda _, alike=alike: alike, series=lambda _, rows=rows: rows, known=KNOWN
        )
        yield f"{key} {last} {whole} → {PrefectureView.is_comparable(stub, key) if key in KNOWN.indicators else '—'}"
    for low, high, middle in ((math.nan, 0.1, 0.1), (0.1, 0.2, 0.1), (0.1, 0.3, 0.1), (0.1, 0.31, 0.1), (0.1, 0.5, 0.1), (0.1, 0.51, 0.1), (0.1, 1.0, 0.1), (0.1, 1.01, 0.1)):  # fmt: skip
        narrow = schools.is_narrow_interval(
            Interval(estimate=middle, lower=low, upper=high, **_rest_of_interval())
        )
        yield f"{low} {high} → {narrow} {_say(schools.format_with_interval(middle, low, high))}"
    yield from (
        _say(schools.format_coefficient(v))
        for v in (0.1234, schools.BEYOND - 1, schools.BEYOND, -schools.BEYOND)
    )
    yield str([notes.settle_weight(w) for w in (0.1 + 0.2, (True, 1 / 3), 3, "x")])


def _rest_of_interval() -> dict[str, Any]:
    return {
        name: math.nan for name in Interval.__dataclass_fields__ if name not in ("estimate", "lower", "upper")
    }


def read_limits(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Numbers at the limits of their words, changes from one and from nought, chances, marks of standards."""
    units = KNOWN.units
    for key, value in product(("person", "yuan", "share", "pupils_per_teacher"), (0.0, 0.5, 1.0, 9999.4, 9999.5, 10_000.0, 51_300_000.0, 99_999_949.0, 99_999_950.0, 123_456_789.0)):  # fmt: skip
        yield f"{key} {value} → {_say(numbers.format_amount(value, units[key]))} / {_say(numbers.format_difference(-value, units[key]))} / {_say(numbers.format_amount(value, units[key], 2))}"
    yield from (
        _say(numbers.format_amount(v, units["share"]))
        for v in (0.9994, 0.9996, 0.99996, 0.0004, 0.00004, 0.01, 0.995)
    )
    for made in (
        numbers.format_count(12345),
        numbers.format_ordinal(112),
        numbers.format_year(2024),
        numbers.format_coverage(1.0),
        numbers.format_coverage(0.5512),
    ):
        yield _say(made)
    yield str(
        [
            numbers.format_digits(-1234.5, 1, lang, grouped)
            for lang, grouped in product(("zh", "en"), (True, False))
        ]
    )
    known = numbers.format_percent(0.5)
    yield from (
        _say(numbers.mark_coverage(known, share, least))
        for share, least in ((0.95, 0.95), (0.9499, 0.95), (math.nan, 0.95), (1.0, 1.0), (0.999, 1.0))
    )
    yield str(
        [
            numbers.change_matches_ends(a, b, units["share"], n)
            for a, b, n in ((0.1234, 0.2345, None), (0.1234, 0.2339, 1), (0.1234, 0.2345, 2))
        ]
    )
    for low, high in ((5000.0, 20_000.0), (9999.5, 20_000.0), (-5.0, 5.0)):
        yield f"{_say(numbers.format_interval(low, high, units['person']))} / {_say(numbers.format_interval(low, high, units['person'], 1))}"
    pairs = (
        (2.0, 1.0),
        (1.0, 1.0),
        (1.00004, 1.0),
        (1.00006, 1.0),
        (0.5, 1.0),
        (1.0, 0.0),
        (math.nan, 1.0),
        (3.0, -1.0),
        (3.0, 0.5),
    )
    yield from (f"{value} {before} → {_say(describe_change(value, before))}" for value, before in pairs)
    stub: Any = SimpleNamespace(view=SimpleNamespace(known=KNOWN))
    for value, before in pairs:
        stub.pair = lambda _, pair=(value, before): pair
        made = FinanceCase.cite(stub, None, Text("x", "x"), np.zeros(1), "yuan")  # type: ignore[arg-type]
        yield f"{value} {before} → {[(one.value, one.unit, one.decimals) for one in made]}"
    yield str(_divide(np.array([6.0, 6.0, 6.0]), np.array([1.0, 0.0, 3.0])))
    for chance in (0.0, 0.019, 0.02, 0.5, 0.98, 0.981, 1.0):
        yield f"{chance} → {_say(phrases.format_chance(chance))}"
    for stands, low in product(
        (math.nan, 0.0004, 0.001, 0.0011, 0.5, 0.999, 0.9991, 0.9996, 1.0), (math.nan, 0.25)
    ):
        said = _describe_chance(SimpleNamespace(stands=stands, lower=low, upper=0.375))  # type: ignore[arg-type]
        yield f"{stands} {low} → {_say(said)}"
    names = [Text(f"甲{k}", f"A{k}") for k in range(9)]
    yield from (_say(standards._join_names(names[:n])) for n in (0, 1, 5, 6, 9))
    yield from (
        _say(standards.format_goods(v, goods))
        for v in (3.0, math.nan)
        for goods in ("teachers", "yuan", "else")
    )
    yield str([_say(_label(Text("受灾", "damaged"), share)) for share in (DASH, Text("", ""))])
    for first, middle, last in (
        (0, 0, 0),
        (2027, 0, 0),
        (2027, 2028, 0),
        (2027, 2028, 2030),
        (2028, 2028, 2028),
    ):
        wave: Any = SimpleNamespace(
            year_of_share=lambda _, told=(first, middle, last): told, years=(2025, 2030, 2039)
        )
        yield _say(retirement._tell_third(wave))
    county = open_view("county")
    place = SimpleNamespace(view=county)
    for key, value, step in product(("share_bachelor_primary", "per_hundred_backbone_primary"), (0.0, 0.25), (0.0, 0.0004, 0.0005, 0.0006, 0.004, 0.006, -0.25, math.nan)):  # fmt: skip
        if key in KNOWN.indicators:
            figure: Any = SimpleNamespace(
                key=key, value=value, before=value - step, above=math.nan if step else 0.5
            )
            yield f"{key} {value} {step} → {_say(structure._describe(place, figure))}"
    yield str([chart.measure_padding(held) for held in ((), (None, None), (4.0, 1.0, None))])
    yield str(chart.tabulate_years([2023, 2024], [[0.125, math.nan]])[1][1:])


def read_drawn(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Names, axes, ticks and columns at their limits; grids of ranks, funnels, waves and lines that no chapter draws."""
    yield str(
        [figures.shorten_name("云汀市高新技术产业开发区第一小学", ems) for ems in (3.0, 8.0, 15.9, 16.0)]
    )
    yield str(
        [figures.shorten_name("Kalamazoo Regional Service District", ems) for ems in (9.0, 19.5, 19.6, 19.7)]
    )
    yield str([f"{figures.measure_name(name):.3f}" for name in ("", "甲a", "\u2e7f\u2e80", "……")])
    yield str(
        [
            [f"{end:.4f}" for end in lines.choose_limits(np.array(pair, float))]
            for pair in (
                (0, 0),
                (0, 5),
                (1, 1),
                (-1, 1),
                (-5, -4),
                (0.5, 5),
                (50, 100),
                (60, 100),
                (5, 5.2),
                (1e-9, 3),
            )
        ]
    )
    yield str(
        [
            [round(one, 4) for one in lines.spread_labels(wanted, 2.0, 0.0, 10.0)]
            for wanted in ([5, 5], [5, 5, 5], [0, 9], [9, 9.5, 10], [1], [4, 5, 1, 1.5])
        ]
    )
    held = [
        lines.Line(label=Text("甲", "A"), years=(1, 2), values=values)
        for values in (
            (1.0, 2.0),
            (20.0, 10.0),
            (20.1, 0.0),
            (0.0, 0.0),
            (-2.0, 0.5),
            (0.2, 0.1),
            (0.19, 0.1),
        )
    ]
    yield str([[int(one.same_scale(other)) for other in held] for one in held])
    yield str([small_multiples.choose_column_count(n) for n in (1, 12, 13, 28, 29, 48, 49, 90)])
    for limits, most in product(
        ((0.0, 1.0), (3.0, 3.0), (-5.0, 12.0), (0.0, 0.003), (90.0, 110.0), (0.4, 0.6)), (math.inf, 100.0)
    ):
        panel = panels.LinePanel(title="x", lines=(), limits=limits, most=most)
        ticks = panels._find_ticks(panel)
        yield f"{limits} {most} → {panels._print_ticks(ticks)}"
    yield str(
        [
            panels._print_ticks(np.array(ticks))
            for ticks in ([], [5.0], [0.0], [-0.5, 0.0, 0.5], [0.001, 0.002])
        ]
    )
    yield str(
        [
            [f"{end:.5g}" for end in panels.widen_range(*pair)]
            for pair in ((0.0, 0.0), (10.0, 11.0), (10.0, 11.2), (-1.0, 1.0), (-20.0, -19.9))
        ]
    )
    yield str(
        [
            panels._count_side_by_side([label * n] * k)
            for label, n, k in (("甲", 4, 1), ("甲", 4, 3), ("甲", 20, 3), ("甲", 20, 4), ("a", 30, 5))
        ]
        + [panels._count_side_by_side([])]
    )
    yield str(
        [
            panels.wrap_panel_title(
                Text("专任教师（小学）", "teachers (primary)"), Text("人", "persons"), lang
            )
            for lang in ("zh", "en")
        ]
    )
    years = np.arange(2015.0, 2027.0)
    wave = seats.Wave(
        name="小学", years=years, pupils=years - 2000, lower=np.where(years > 2019, years - 2001, np.nan), upper=np.where(years > 2019, years - 1998, np.nan),
        seats=np.full(12, 21.0), peak=2026.0, printed="高",
    )  # fmt: skip
    yield from print_items(
        _show_nothing(
            lambda: seats.draw_waves(
                [wave, replace(wave, name="初中", peak=2016.0), replace(wave, peak=1999.0)],
                2020,
                ("a", "b", "c", "d"),
            )
        )
    )
    chances = np.array([math.nan, 0.0, 0.19, 0.2, 0.39, 0.4, 0.59, 0.6, 0.79, 0.8, 0.99, 1.0])
    yield from print_items(
        _show_nothing(
            lambda: seats.draw_risk_strip(
                [seats.RiskRow(name="小学", chances=chances, printed=[f"{c:g}" for c in chances])],
                list(range(2025, 2037)),
                "深",
            )
        )
    )
    for n in (2, 12, 13, 20, 21):
        grid = np.full((2, n), 1 / n)
        grid[0, :2] = 0.004, 0.005
        grid[1, :2] = 0.55, 0.56
        yield from print_items(
            _show_nothing(
                lambda grid=grid, n=n: ranks.draw_rank_grid(
                    ["甲", "乙"], grid, [f"{k}" for k in range(n)], "x"
                )
            )
        )
    bars = [
        funnel.FunnelBar("甲", 5.0, "5", "", "schools"),
        funnel.FunnelBar("乙", 0.0, "0", "0%", "schools"),
        funnel.FunnelBar("丙", 9.0, "9", "", "projects"),
    ]
    for foot in ("", "注"):
        yield from print_items(_show_nothing(lambda foot=foot: funnel.draw_funnel(bars, foot)))
    for n in (3, 13, 29, 49):
        own = [
            small_multiples.ChartPanel(
                name=f"县{k}",
                years=np.array([2020.0, 2024.0]),
                values=np.array([k, 2.0 * k]),
                **_rest_of_panel(k),
            )
            for k in range(n)
        ]
        yield from print_items(
            _show_nothing(
                lambda own=own: small_multiples.draw_county_panels(
                    own, replace(own[1], name=""), ("a", "b"), lambda v: f"{v:g}"
                )
            )
        )
    bars_of = figures.ParadeBars(
        values=np.array([3.0, 1.0, 2.0, -1.0]),
        widths=np.array([1.0, 2.0, 3.0, 4.0]),
        names=["甲", "", "很长很长很长很长很长的名字", "丁"],
        own=2,
        mean=1.25,
    )
    yield from print_items(_show_nothing(lambda: figures.draw_pen_parade(bars_of, "元", "人 (%)", "1.25")))
    yield from print_items(
        _show_nothing(
            lambda: figures.draw_against_limits(
                ["甲", "乙"],
                [
                    ("小学", 0.5, np.array([0.5, 0.51])),
                    ("初中", 0.45, np.array([math.nan, 0.45])),
                    ("高中", 0.4, np.array([0.1, 0.4 + 1e-8])),
                    ("幼", 0.3, np.array([0.2, 0.6])),
                ],
                "x",
            )
        )
    )


def _rest_of_panel(k: int) -> dict[str, Any]:
    names = small_multiples.ChartPanel.__dataclass_fields__
    return {
        name: value for name, value in {"verdict": "", "note": f"{k}", "own": k == 1}.items() if name in names
    }


def _show_nothing(draw: Callable[[], object]) -> Callable[[], list[Any]]:
    """Draws, and has no item to show."""

    def make() -> list[Any]:
        draw()
        return []

    return make


LIMITS: dict[str, Callable[..., Iterator[str]]] = {
    "covers": read_covers,
    "views": read_views,
    "limits": read_limits,
    "drawn": read_drawn,
}

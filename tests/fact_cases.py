"""How does a brief say a fact at a limit: what moved, stands beside, leads, and what a family of facts adds up to?

Facts written by hand, in the book of a county made by hand, for ``printing.py``.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from types import SimpleNamespace
from typing import Any

from edustats.catalogue import catalogue
from edustats.metrics.standards.targets import TargetJudgement
from edustats.present.brief import choosing, phrasing, resources, size, stories
from edustats.present.brief.facts import Fact, FactBook, Mark
from edustats.words import Text

KNOWN = catalogue()
CHILDREN, ENTRANTS = "count_children", "count_entrants_primary"
PUPILS = [f"count_pupils_{stage}" for stage in ("primary", "junior", "senior", "vocational")]
BUDGET, PAY, SERVANTS = "count_budget_education", "mean_pay_teachers", "mean_pay_civil_servants"


def fact(key: str, value: float, before: float = math.nan, **more: Any) -> Fact:
    known: dict[str, Any] = {
        "indicator": KNOWN.indicator(key), "unit": KNOWN.unit_of(key), "year": 2024, "value": value, "num": math.nan,
        "den": math.nan, "before": before, "before_year": 2023, "first_year": 2017, "first": math.nan,
        "above": math.nan, "peers": math.nan, "place": None, "ranked": 5, "mark": None, "target": None,
        "trend": "cannot_tell", "whole": True,
    }  # fmt: skip
    return Fact(**known | more)


def mark(op: str, value: float, met: bool) -> Mark:
    return Mark(standard="s", item="i", op=op, value=value, clause=Text("条", "clause"), met=met)


def aim(value: float, operator: str, verdict: str, year: int = 2024) -> TargetJudgement:
    fields = {"year": year, "area": "991101", "value": value, "operator": operator, "clause": "规划"}
    held: Any = SimpleNamespace(**fields)
    return SimpleNamespace(target=held, verdict=verdict, needed=0.01, value=value, chance=math.nan)  # type: ignore[return-value]


def _say(*texts: Text | None) -> str:
    return " / ".join(f"{one.zh} | {one.en}" if isinstance(one, Text) else "—" for one in texts)


def read_said(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """One fact in every way a brief says it, in units of every kind."""
    view = open_view("county")
    book, rules = FactBook(view, 2024, {}), choosing.read_rules(view.store)
    cases: dict[str, list[tuple[float, float, dict[str, Any]]]] = {
        PUPILS[0]: [(1001, 1000, {"first": 1200}), (1000, 1001, {}), (1000.4, 1000, {}), (1000, 0, {}), (1000, math.nan, {"first": 800}), (0, 5, {"before_year": 2022}), (1000, 1000.4, {}), (2, 1, {"whole": False}), (10_000, 9996, {}), (2000, 2001, {"first": 0})],
        BUDGET: [(6.1e8, 6.0e8, {}), (6.1e8, 6.09e8, {}), (6.1e8, 6.095e8, {}), (6.1e8, 6.099123e8, {}), (9.9e7, 9.5e7, {}), (1e8, 9.9e7, {}), (999_999, 1e6, {}), (1e6, 999_999, {})],
        "share_big_classes_primary": [(0.05, 0.04, {"above": 0.05}), (0.051, 0.05, {"above": 0.02}), (0.0, 0.001, {"above": 0.0004}), (0.9996, 0.5, {"above": 0.9}), (0.125, 0.125, {"peers": 0.1})],
        "ratio_pupils_per_teacher_primary": [(17.2, 17.24, {"above": 17.3, "place": (1, 1)}), (17.2, 17.1, {"above": 17.2, "place": (5, 5)}), (17.2, 18, {"above": 16, "place": (2, 2)}), (17.2, math.nan, {"first": 18.0, "place": (1, 3)}), (17.2, 17.2, {"place": (1, 4), "first": 17.2}), (19.04, 19.0, {"mark": mark("<=", 19.0, False)}), (19.0, 18.0, {"mark": mark("<=", 19.0, True)})],
        "per_pupil_budget_education_primary": [(12_000.4, 12_000, {"above": 13_000}), (12_000, 11_000, {"first": 9000}), (12_005, 12_000, {}), (12_007, 12_000, {})],
        PAY: [(98_440, 97_520, {"above": 100_000}), (98_440, 98_440.4, {})],
        "mean_class_size_primary": [(44.6, 45.2, {"above": 45}), (44.6, 44.0, {})],
        "per_hundred_backbone_primary": [(0.0202, 0.0205, {"above": 0.0273})],
    }  # fmt: skip
    for key, held in cases.items():
        if key not in KNOWN.indicators:
            yield f"no {key}"
            continue
        for value, before, more in held:
            one = fact(key, value, before, **more)
            yield f"## {key} {value:g} {before:g} {sorted(more)} {one.places} {one.yearly}"
            yield _say(phrasing.say_amount(one), phrasing.say_step(one), phrasing.say_step(one, since=False))
            yield _say(
                phrasing.format_size(one, 5e7),
                phrasing.format_size(one, -1.25),
                phrasing.format_step_cell(one),
                phrasing.format_place(one),
                phrasing.format_above(book, one),
            )
            yield _say(
                phrasing.say_above(book, one),
                phrasing.say_place(book, one),
                stories._say_span(one) if math.isfinite(one.first) else None,
                stories._lead_single(book, one),
                resources._beside(one, one.peers),
            )
            yield f"{phrasing.list_years_told(one)} {phrasing._span_rate(one):g} {[(n.value, n.unit, n.decimals) for n in phrasing.cite(book, [one], counted=True)]}"
            yield str(
                [
                    (reason.name, round(reason.weight, 6))
                    for reason in choosing._list_reasons(one, rules, 0.25)
                ]
            )
    yield _say(
        *(
            size._bare_step(fact(PUPILS[0], *pair))
            for pair in ((1000, 900), (1000, 1000), (900, 1000), (5, math.nan))
        )
    )


def read_families(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Leads and bodies of the families: every turn of enrolment and of classes; marks and targets."""
    book = _open_books(open_view("county"))
    leads: dict[str, list[str]] = {}
    for ways in product((-1, 0, 1, None), repeat=4):
        keys = (CHILDREN, PUPILS[0], PUPILS[1], ENTRANTS)
        held = [
            fact(key, 1000 + 50 * way, 1000) for key, way in zip(keys, ways, strict=True) if way is not None
        ]
        lead = stories._lead_enrolment(book(*held))
        leads.setdefault(_say(lead), []).append(
            "".join({-1: "-", 0: "0", 1: "+", None: "."}[w] for w in ways)
        )
    yield from (f"{lead} ← {' '.join(of)}" for lead, of in leads.items())
    for value, first in (
        (900, 1000),
        (901, 1000),
        (1100, 1000),
        (1099, 1000),
        (700, 1000),
        (850, 1000),
        (1300, 1000),
        (1300, 0),
        (1000, math.nan),
    ):
        yield _say(stories._tell_births(fact(CHILDREN, value, 950, first=first)))
    steps = [(1000, 999), (1000, 996), (1000, 990), (990, 1000), (1000, math.nan), (1000, 950)]
    for order in ([0, 1, 2, 3, 5], [3, 2, 3, 2], [4, 3, 4], [3, 0, 3]):
        flows = [
            fact((CHILDREN, *PUPILS)[k], *steps[at], before_year=2023 - (k == 2))
            for k, at in enumerate(order)
        ]
        yield _say(*stories._tell_flows(flows))
    yield from _tell_classes(book)
    yield from _tell_marks(book)


def _tell_classes(book: Callable[..., FactBook]) -> Iterator[str]:
    big = "share_big_classes_primary", "share_big_classes_junior"
    for one, other in product(
        ((0.0, 0.0), (0.05, 0.06), (0.051, 0.05), (0.051, 0.049), (0.2, 0.1), (0.2, 0.3), (0.0499, 0.2)),
        repeat=2,
    ):
        yield f"{one} {other} → {_say(stories._lead_class_size([fact(big[0], *one), fact(big[1], *other)]))}"
    over = "share_classes_over_standard_primary"
    for value, before, above in product(
        (0.0499, 0.05, 0.1, 0.101, 0.3), (0.04, 0.061, 0.0609, 0.3, math.nan), (0.05, 0.5, math.nan)
    ):
        one = (
            fact(over, value, before, above=above)
            if over in KNOWN.indicators
            else fact(big[0], value, before, above=above)
        )
        yield f"{value} {before} {above} → {_say(stories._add_worries(Text('头', 'head'), [], [one]), stories._tell_over(book(), one) if over in KNOWN.indicators else None)}"


def read_paid(open_view: Callable[[str], Any], print_items: Callable[..., list[str]]) -> Iterator[str]:
    """Money by the two rules, pay beside that of civil servants, the norm of staff."""
    for name in ("county", "county_c"):
        yield f"## {name}"
        yield from _tell_paid(_open_books(open_view(name)))


def _open_books(view: Any) -> Callable[..., FactBook]:
    return lambda *facts: FactBook(view, 2024, {one.key: one for one in facts})


def _tell_paid(book: Callable[..., FactBook]) -> Iterator[str]:
    for total, pupil, whole in product(
        ((5e8, 4e8), (4e8, 5e8), (5e8, 5e8), (5e8, math.nan)),
        ((12_000, 13_000), (13_000, 12_000), None),
        ((12_000, 12_600.0), (12_000, 12_700.0), None),
    ):
        made = [fact(BUDGET, *total)]
        made += [fact("per_pupil_budget_education_primary", *pupil)] if pupil else []
        made += (
            [fact("per_pupil_budget_education", whole[0], 11_000, above=whole[1])]
            if whole and "per_pupil_budget_education" in KNOWN.indicators
            else []
        )
        told = stories._tell_money(book(*made))
        yield f"{total} {pupil} {whole} → {_say(*told[:2]) if told else '—'} {stories._is_growing(book(*made))}"
    yield str([stories._tell_money(book()), stories._is_growing(book())])
    for mine, other in product(((100, 90), (100, 100), (100, 110), (90, 100), (100, math.nan)), repeat=2):
        made = [
            fact(PAY, 1000.0 * mine[0], 1000 * mine[1]),
            fact(SERVANTS, 1000.0 * other[0], 1000 * other[1]),
        ]
        told = stories._tell_pay(book(*made))
        yield f"{mine} {other} → {_say(*told[:2]) if told else '—'} {[n.value for n in stories._derive_pay_gaps(book(*made))]}"
        both = stories.tell_resources(book(*made, fact(BUDGET, 5e8, 4e8 if mine[0] > 90 else 6e8)))
        yield f"  {_say(both.lead, *both.body) if both else '—'}"
    ratios = [f"ratio_pupils_per_teacher_{stage}" for stage in ("primary", "junior")]
    marks = (None, mark("<=", 19, True), mark("<=", 16, False))
    for one, other, before in product(marks, marks, (17.0, 18.0, math.nan)):
        told = stories._tell_staff(
            book(fact(ratios[0], 17.0, before, mark=one), fact(ratios[1], 13.0, 13.0, mark=other))
        )
        yield _say(*told[:2]) if told else "—"
    yield (
        _say(*(stories._tell_staff(book(fact(ratios[0], 17.0, mark=one))) or (None,))[:2])
        if (one := marks[1])
        else ""
    )
    for key in ("count_accidents_preschool", "count_unlicensed_kindergartens"):
        for value in (0.0, 1.0, 2.0):
            story = stories.tell_safety(book(fact(key, value, 1.0))) if key in KNOWN.indicators else None
            yield f"{key} {value} → {_say(story.lead, *story.body) if story else '—'}"
    vocational = [
        fact(PUPILS[3], 500, 400),
        fact("ratio_vocational_general_entrants", 0.7, 0.6),
        fact("ratio_pupils_per_teacher_vocational", 21.0, 20.0),
    ]
    for picked in product((0, 1), repeat=3):
        story = stories.tell_vocational(
            book(*(one for one, yes in zip(vocational, picked, strict=True) if yes))
        )
        yield f"{picked} → {_say(story.lead, *story.body) if story else '—'}"


def _tell_marks(book: Callable[..., FactBook]) -> Iterator[str]:
    big = ("share_big_classes_primary",)
    for verdict, op in product(
        ("met", "not_met", "overdue", "off_course", "cannot_tell"), (">=", "<=", ">", "<")
    ):
        one = fact(big[0], 0.25, 0.2, target=aim(0.105 if op == ">" else 0.1, op, verdict, 2027))
        yield f"{verdict} {op} → {_say(stories._tell_plan(one), stories._tell_ahead(one))} {choosing._target_reasons(one)} {one.places}"
    for op, value, before, met in product(
        (">=", "<="), (0.5, 0.6, 0.49), (0.5, 0.4, 0.6, math.nan), (True, False)
    ):
        yield f"{op} {value} {before} {met} → {choosing._standing_reasons(fact(big[0], value, before, mark=mark(op, 0.5, met)), 0.1)}"
    for held in (
        [],
        [(PUPILS[0], 0)],
        [(PUPILS[0], 300), (PUPILS[1], 100)],
        [(PUPILS[1], 100), (CHILDREN, 60)],
    ):
        yield str(
            {
                k: round(v, 6)
                for k, v in choosing._share_of_pupils(book(*(fact(k, v) for k, v in held))).items()
            }
        )


FACTS: dict[str, Callable[..., Iterator[str]]] = {
    "said": read_said,
    "families": read_families,
    "paid": read_paid,
}

"""On what does a sentence rest? The note on scope (口径) that every finding carries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from edustats.catalogue import Catalogue, Indicator, parse_terms, select_spokespersons
from edustats.present.records.numbers import format_coverage, format_interval
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.present.view.coverage import Cover
from edustats.present.view.schools import count_units
from edustats.words import CLAUSES, Text, concatenate_texts, join_texts, say

Item = TypeVar("Item")
MOST_NAMED = 5
"""Missing counties that a note names; of more it says how many they are."""
WEIGHED = 9
"""Decimals of what a thing weighs when the heaviest are told: equal ones stay in their own order."""


def write_scope_note(view: AreaView, indicator: Indicator, year: int, extra: Sequence[Text] = ()) -> Text:
    """Source, formula, how many units are complete in a year and how many are left out."""
    parts = [
        indicator.clause,
        describe_formula(view.known, indicator),
        *_describe_complete_units(view, indicator, year),
        *_note_breaks(view, indicator),
        *extra,
    ]
    told = join_texts(parts, CLAUSES)
    return say("sentences.note", parts=told)


def describe_cover(view: AreaView, cover: Cover, area: str, year: int) -> list[Text]:
    """Who is missing from the figure of an area above its counties; nothing where it is whole."""
    if cover.is_whole or not cover.above:
        return []
    facts = {"year": year, "area": view.name_total(area), "present": cover.present, "members": cover.members}
    if not view.store.is_whole(area) or not cover.absent:
        return [say("areas.note_part", **facts)]
    named = [_name_member(view, code) for code in cover.absent[:MOST_NAMED]]
    more = say("areas.and_more", n=cover.members - cover.present)
    names = join_texts([*named, more] if cover.members - cover.present > len(named) else named)
    return [say("areas.note_absent", names=names, **facts)]


def _name_member(view: AreaView, code: str) -> Text:
    """A county's code and name; its code where the store holds no name for it."""
    known = code in set(view.store.areas["code"])
    return concatenate_texts(code, " ", view.store.name(code)) if known else Text(code, code)


def select_most_telling(items: Sequence[Item], weight: Callable[[Item], float], most: int = 8) -> list[Item]:
    """The items that tell most, in their own order; all of them where they are few.

    Of a family of indicators the spokesperson alone is told: 师生比 is 生师比 the other way round.
    """
    measured = [_get_indicator(item) for item in items]
    speaking = {i.key for i in select_spokespersons(i for i in measured if i is not None)}
    items = [item for item, i in zip(items, measured, strict=True) if i is None or i.key in speaking]
    if len(items) <= most:
        return items
    order = sorted(range(len(items)), key=lambda i: round(weight(items[i]), WEIGHED), reverse=True)
    return [items[i] for i in sorted(order[:most])]


def _get_indicator(item: object) -> Indicator | None:
    """What an item is about, where it says so: its own indicator, or that of the later of two times."""
    held = item if isinstance(item, Indicator) else getattr(item, "indicator", None)
    held = held or getattr(getattr(item, "now", None), "indicator", None)
    return held if isinstance(held, Indicator) else None


def select_one_of_each(
    items: Sequence[Item], kind: Callable[[Item], str], weight: Callable[[Item], Any], most: int
) -> list[Item]:
    """The heaviest item of each kind, of the heaviest kinds, in their own order."""
    heaviest: dict[str, Item] = {}
    for item in sorted(items, key=weight, reverse=True):
        heaviest.setdefault(kind(item), item)
    chosen = {id(item) for item in list(heaviest.values())[:most]}
    return [item for item in items if id(item) in chosen]


def describe_formula(known: Catalogue, indicator: Indicator) -> Text:
    """The two sums in words."""
    num = _describe_sum(known, indicator.num)
    if not indicator.den:
        return num
    if not indicator.has_base:
        return say("sentences.formula_no_base", num=num)
    return say(
        "sentences.formula_ratio",
        num=_bracket_sum(num, indicator.num),
        den=_describe_denominator(known, indicator),
    )


def _describe_denominator(known: Catalogue, indicator: Indicator) -> Text:
    return _bracket_sum(_describe_sum(known, indicator.den), indicator.den)


def _bracket_sum(text: Text, expression: str) -> Text:
    return Text(f"（{text.zh}）", f"({text.en})") if len(parse_terms(expression)) > 1 else text


def _describe_sum(known: Catalogue, expression: str) -> Text:
    said = {"zh": "", "en": ""}
    for position, (name, sign) in enumerate(parse_terms(expression).items()):
        for lang in said:
            joint = say(f"sentences.{'plus' if sign > 0 else 'minus'}")[lang] if position else ""
            said[lang] += joint + getattr(known.columns[name], lang)
    return Text(**said)


def _describe_complete_units(view: AreaView, indicator: Indicator, year: int) -> list[Text]:
    """How many units are complete in a year and how many are left out; nothing where a county is one row."""
    row = view.comparison.find_row(indicator.key, view.area, year, ("n", "coverage", "value"))
    if row is None or not isinstance(view, View) or not view.has_units:
        return []
    n, unit = int(row["n"]), view.store.unit_name
    said = say(
        "sentences.note_n",
        year=year,
        n=n,
        unit=unit,
        coverage=format_coverage(float(row["coverage"])),
    )
    missing = _count_left_out(view, indicator, year)
    left_out = [say("sentences.note_missing", count=missing, unit=unit)] if missing > 0 else []
    return [said, *left_out, *_describe_bounds(view, indicator, year, float(row["value"]))]


def _describe_bounds(view: AreaView, indicator: Indicator, year: int, value: float) -> list[Text]:
    """Between what the share of all lies, whatever those are like that did not report; nothing where it is covered."""
    cover, unit = view.cover_of(indicator.key, view.area, year), view.known.unit_of(indicator.key)
    if cover.is_whole or unit.key != "share" or not (0 <= value <= 1 and 0 < cover.share < 1):
        return []
    low, high = cover.bounds(value)
    return [say("areas.bounds", interval=format_interval(low, high, unit))]


def _count_left_out(view: View, indicator: Indicator, year: int) -> int:
    """Units the indicator applies to that have no value; a kindergarten is not missing from primary schools."""
    held, asked = count_units(view, indicator, year)
    return asked - held


def _note_breaks(view: AreaView, indicator: Indicator) -> list[Text]:
    years = view.comparison.find_breaks(indicator.key, view.area)
    return [say("sentences.note_break", year=years[-1])] if years else []

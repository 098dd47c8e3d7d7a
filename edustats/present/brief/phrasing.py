"""How does a brief say a figure, its change and its distance? One way each, so that nothing is said twice differently.

Counts stand in full (14487人, not 1.45万人): a reader adds them up. Money stands in 亿 and 万.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edustats.catalogue import Unit
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.records.items import NO_SOURCE, Finding, Number, Provenance
from edustats.present.records.numbers import (
    NumericText,
    format_amount,
    format_count,
    format_difference,
    format_digits,
    format_percent,
    join_sentence,
    keep_sign,
    put_mark,
    with_sign,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.notes import describe_formula
from edustats.words import (
    CLAUSES,
    DASH,
    NOTHING,
    Text,
    concatenate_texts,
    fill_english,
    join_texts,
    read_all_texts,
    say,
)

COMMA = Text("，", ", ")
WHOLE = ("person", "class", "school", "seat", "room", "set", "item")
"""Units counted one by one: printed in full."""
MOST_ALIKE = 3
"""A place shared by more is no place."""
LEAST_GROWTH = 0.01
"""A smaller relative change stands as a number alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A judgement: one line that judges, then what it rests on."""

    family: str
    lead: Text
    body: Sequence[Text]
    facts: tuple[Fact, ...]
    source: Provenance | None = None
    """Of figures that are no fact's: those of a standard."""
    counted: bool = False
    """Whether it says numerators and denominators, as 6 of 79 classes."""
    derived: tuple[Number, ...] = ()
    """Differences of facts that it says."""


def format_value(fact: Fact, value: float | None = None, kind: str = "level") -> Text:
    """A value of a fact's indicator, at the decimals the brief has chosen for it."""
    shown = fact.value if value is None else value
    said = _format_plain(fact, shown, kind)
    if value is None and not fact.whole and isinstance(said, NumericText):
        return put_mark(said, say("brief.partial"))
    return said


def _format_plain(fact: Fact, shown: float, kind: str) -> Text:
    if fact.unit.key in WHOLE:
        return format_whole(shown, fact.unit, kind)
    return _say_millions(format_amount(shown, fact.unit, fact.places, kind))


MILLION, HUNDRED_MILLION = 1e6, 1e8


def _say_millions(said: Text) -> Text:
    """Sums of money in English: 613.5 million yuan. Chinese has its 亿 and 万."""
    if not isinstance(said, NumericText) or said.unit != "yuan" or abs(said.value) < MILLION:
        return said
    return replace(said, en=f"{format_digits(abs(said.value) / MILLION, 1, 'en', grouped=True)} million yuan")


def format_above(book: FactBook, fact: Fact) -> Text:
    """The value of the area above, marked where it does not cover all of it."""
    if not math.isfinite(fact.above):
        return DASH
    covered = book.view.format_covered(fact.above, fact.key, book.view.above, fact.year, fact.places)
    plain = format_amount(fact.above, fact.unit, fact.places)
    return format_value(fact, fact.above) if covered == plain else covered


def format_whole(value: float, unit: Unit, kind: str = "level") -> Text:
    """A count in full."""
    if not math.isfinite(value):
        return DASH
    zh, en = format_digits(value, 0, "zh"), format_digits(value, 0, "en", grouped=True)
    return NumericText(
        unit.value.zh.format(value=zh), fill_english(unit.value.en, value=en), value, unit.key, 0, kind
    )


def format_size(fact: Fact, difference: float) -> Text:
    """The size of a difference: 428人, 2.3个百分点."""
    if fact.unit.key in WHOLE:
        zh = format_digits(abs(difference), 0, "zh")
        en = format_digits(abs(difference), 0, "en", grouped=True)
        said = fact.unit.gap.zh.format(value=zh), fill_english(fact.unit.gap.en, value=en)
        return NumericText(*said, difference, fact.unit.key, 0, "difference")
    return _say_alike(fact, _say_millions(format_difference(difference, fact.unit, fact.places)))


def _say_alike(fact: Fact, said: Text) -> Text:
    """A change of a sum in 亿元 stands in 亿元 too; what was given in whole 万元 stays whole."""
    if not isinstance(said, NumericText) or fact.unit.key != "yuan" or abs(fact.value) < HUNDRED_MILLION:
        return said
    if abs(said.value) < HUNDRED_MILLION / 100 or said.value % 1e4 == 0:
        return said
    large = format_digits(abs(said.value) / HUNDRED_MILLION, 2, "zh")
    return replace(said, zh=fact.unit.gap.zh.format(value=f"{large}亿"))


def format_growth(fact: Fact, share: float) -> Text:
    """The size of a relative change, in per cent."""
    return keep_sign(format_percent(abs(share), 1, "rate"), share)


def name(fact: Fact) -> Text:
    """What a brief calls an indicator: its short name where it has one."""
    address = f"brief.name_{fact.key}"
    return say(address) if address in read_all_texts() else fact.indicator.name


def say_amount(fact: Fact) -> Text:
    """An indicator with its value, as a sentence begins."""
    address, facts = f"brief.said_{fact.key}", {"name": name(fact), "value": format_value(fact)}
    if address in read_all_texts():
        return say(address, value=facts["value"])
    kind = "named" if fact.indicator.den or fact.unit.key not in WHOLE else "count"
    return say(f"brief.amount_{kind}", **facts)


def say_step(fact: Fact, *, since: bool = True) -> Text:
    """What changed since the year before: 比上年减少428人，下降8.1%; nothing where nothing is known or printed."""
    if not fact.moved(fact.step):
        return NOTHING
    way = "up" if fact.step > 0 else "down"
    counted = not fact.indicator.den
    facts: dict[str, object] = {"size": format_size(fact, fact.step), "since": _say_since(fact, since=since)}
    if counted and math.isfinite(fact.growth) and abs(fact.growth) >= LEAST_GROWTH:
        return say(f"brief.count_{way}_rate", rate=format_growth(fact, fact.growth), **facts)
    if fact.unit.change == "percent" and not counted and math.isfinite(fact.growth):
        rate = format_growth(fact, fact.growth)
        return (
            say(f"brief.rate_{way}", rate=rate, since=facts["since"])
            if abs(fact.growth) >= 0.0005
            else NOTHING
        )
    many = counted or fact.unit.key == "pupils_per_class"  # pupils are more or fewer, not higher
    return say(f"brief.{'count' if many else 'level'}_{way}", **facts)


def _say_since(fact: Fact, *, since: bool) -> Text:
    """比上年, or the year where it is another; nothing where the sentence has said 比上年 already."""
    if not fact.yearly:
        return say("brief.since_year", year=fact.before_year)
    return say("brief.since") if since else NOTHING


def say_above(book: FactBook, fact: Fact) -> Text:
    """Where the area above stands: 高于全市的17.0%; nothing where the two print alike."""
    if not math.isfinite(fact.gap):
        return NOTHING
    if not fact.moved(fact.gap):
        return say("brief.same_as_above", above=call_above(book))
    return say(
        f"brief.{'over' if fact.gap > 0 else 'under'}_above",
        above=call_above(book),
        value=format_value(fact, fact.above),
    )


def call_above(book: FactBook) -> Text:
    """The area above as prose calls it: 全市 for a prefecture that is all there."""
    levels = book.view.store.areas.set_index("code")["level"]
    level = str(levels.get(book.view.above, ""))
    if level != "prefecture" or not book.view.store.is_whole(book.view.above):
        return book.view.above_name
    return Text(say("brief.above_prefecture").zh, book.view.above_name.en)


def say_place(book: FactBook, fact: Fact) -> Text:
    """The place among the counties in words; nothing in the middle, where it says nothing."""
    if fact.place is None:
        return NOTHING
    first, last = fact.place
    facts = {"above": call_above(book)}
    if first == last == 1:
        return say("brief.place_first", **facts)
    if first == last == fact.ranked:
        return say("brief.place_last", **facts)
    return NOTHING


def format_place(fact: Fact) -> Text:
    """The place as a table prints it."""
    if fact.place is None:
        return DASH
    first, last = fact.place
    if last - first >= MOST_ALIKE:
        return DASH
    if first == last:
        said = say("brief.place", first=str(first))
        return NumericText(said.zh, said.en, float(first), "", 0, "rank")
    return say("brief.place_shared", first=format_count(first, "rank"), last=format_count(last, "rank"))


def format_step_cell(fact: Fact) -> Text:
    """The change since the year before as a table prints it: −8.1%, +2.3个百分点."""
    if not fact.yearly:
        return DASH
    sign = "+" if fact.step > 0 else "−"
    if not fact.indicator.den:
        growth = fact.growth
        if not math.isfinite(growth):
            return DASH
        size = format_growth(fact, growth)
    elif fact.unit.key == "share":
        size = format_difference(fact.step, fact.unit, fact.places)
    else:
        size = format_difference(fact.step, fact.unit, fact.places)
    size = _shorten(size, fact)
    zero = not any(digit in "123456789" for digit in size.en)
    return size if zero else with_sign(size, sign)


def _shorten(size: Text, fact: Fact) -> Text:
    """A difference as an English cell has it: pp, and no unit where the row names it."""
    if fact.unit.key == "share":
        return concatenate_texts(size) if not isinstance(size, NumericText) else replace(
            size, en=size.en.replace("percentage points", "pp"))  # fmt: skip
    plain = size.en.split(" ")[0] if fact.unit.key.startswith(("pupils_per", "per_hundred")) else size.en
    return replace(size, en=plain) if isinstance(size, NumericText) else size


def clauses(*parts: Text) -> Text:
    """Parts that say something, with commas between them."""
    return join_texts([part for part in parts if part.zh], COMMA)


def join_clauses(*parts: Text) -> Text:
    """Parts of which each is a clause of its own: with commas in Chinese, which English cannot put there."""
    return join_texts([part for part in parts if part.zh], Text("，", "; "))


def sentences(*parts: Text) -> Text:
    """Parts that say something, with semicolons between them."""
    return join_texts([part for part in parts if part.zh], CLAUSES)


def cite(book: FactBook, facts: Iterable[Fact], *, counted: bool = False) -> tuple[Number, ...]:
    """The numbers that a sentence about these facts may say, each with its source.

    Numerators and denominators only where they are said: small counts of other things would take their source.
    """
    found = []
    for fact in facts:
        label, unit = fact.indicator.name, fact.unit.key
        own = book.view.provenance(fact.indicator, book.view.own_rows(fact.year))
        both = book.view.provenance(fact.indicator, book.view.own_rows(fact.before_year, fact.year))
        first = book.view.provenance(fact.indicator, book.view.own_rows(fact.first_year))
        span = book.view.provenance(fact.indicator, book.view.own_rows(fact.first_year, fact.year))
        above = book.view.provenance(fact.indicator, RowFilter(areas=(book.view.above,), years=(fact.year,)))
        for value, where, kind in (
            (fact.value, own, unit), (fact.before, both, unit), (fact.first, first, unit), (fact.above, above, unit),
            (fact.step, both, unit), (fact.growth, both, "share"), (fact.span, span, unit), (fact.gap, above, unit),
            *(((fact.num, own, ""), (fact.den, own, "")) if counted else ()), (_span_rate(fact), span, "share"),
        ):  # fmt: skip
            if math.isfinite(value):
                found.append(Number(label=label, value=value, unit=kind, decimals=fact.places, source=where))
        found += [
            Number(
                label=label,
                value=limit,
                unit=unit,
                decimals=fact.places,
                source=replace(NO_SOURCE, clause=clause),
            )
            for limit, clause in _list_limits(fact)
        ]
        found += [
            Number(label=label, value=limit - fact.value, unit=unit, decimals=fact.places, source=own)
            for limit, _ in _list_limits(fact)
        ]
    return tuple(found)


def list_years_told(fact: Fact) -> tuple[int, ...]:
    """The fact's year, and the one before where there is a figure of it."""
    return (fact.before_year, fact.year) if math.isfinite(fact.before) else (fact.year,)


def derive_number(book: FactBook, label: Text, value: float, facts: Sequence[Fact]) -> Number:
    """A sum or a difference of facts: it rests on all of them, this year and the year before."""
    source, *also = (
        book.view.provenance(f.indicator, book.view.own_rows(*list_years_told(f))) for f in facts
    )
    unit = facts[0].unit
    return Number(
        label=label, value=value, unit=unit.key, decimals=unit.decimals, source=source, also=tuple(also)
    )


def _list_limits(fact: Fact) -> list[tuple[float, Text]]:
    """What a standard and the plan ask for, with the clause: no form stands behind these."""
    limits = [(fact.mark.value, fact.mark.clause)] if fact.mark is not None else []
    plan = fact.target.target if fact.target is not None else None
    return limits + ([(plan.value, Text(plan.clause, plan.clause))] if plan is not None else [])


def _span_rate(fact: Fact) -> float:
    return fact.span / fact.first if math.isfinite(fact.span) and fact.first else math.nan


def write_note(book: FactBook, facts: Sequence[Fact]) -> Text:
    """The sources and formulas a sentence rests on, each once."""
    told = dict.fromkeys(
        concatenate_texts(
            fact.indicator.clause, Text("：", ": "), describe_formula(book.view.known, fact.indicator)
        )
        for fact in facts
    )
    return say("sentences.note", parts=sentences(*told)) if told else NOTHING


def make_finding(
    book: FactBook,
    key: str,
    facts: Sequence[Fact],
    *said: Text,
    verdict: str = "none",
    source: Provenance | None = None,
    counted: bool = False,
    derived: Sequence[Number] = (),
) -> Finding:
    """A paragraph of the brief with its numbers, from sentences without their full stops.

    ``source`` is that of the numbers which no fact accounts for, ``derived`` are sums and differences of facts.
    """
    others = (Number(label=NOTHING, value=math.inf, unit="", decimals=0, source=source),) if source else ()
    told = [join_sentence(part) for part in said if part.zh]
    spaced = [piece for k, part in enumerate(told) for piece in ((Text("", " "), part) if k else (part,))]
    return Finding(
        key=key, sentence=concatenate_texts(*spaced), verdict=verdict, note=write_note(book, facts),
        numbers=(*others, *cite(book, facts, counted=counted), *derived),
    )  # fmt: skip

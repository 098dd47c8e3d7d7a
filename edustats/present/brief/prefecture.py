"""A prefecture's brief: the same judgements on its own figures, the gaps between its counties, and a table of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edustats.present.brief.area import AreaBrief
from edustats.present.brief.balance import name_item
from edustats.present.brief.duties import OFF_COURSE, ON_COURSE
from edustats.present.brief.facts import Fact
from edustats.present.brief.phrasing import Story, format_size, format_value, format_whole, name, sentences
from edustats.present.county.targets import read_target_plan
from edustats.present.records.items import Cell, Table, TableColumn
from edustats.present.records.numbers import (
    format_count,
    format_percent,
    is_printed_zero,
    join_sentence,
    with_sign,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import _trace_standard
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, LIST, NOTHING, Text, join_texts, say

SCALE = (
    "count_children", "count_pupils_primary", "count_pupils_junior", "count_pupils_senior", "count_pupils_vocational",
)  # fmt: skip
ALONE = ("count_pupils", "count_population")
BIG = ("share_big_classes_primary", "share_big_classes_junior", "share_big_classes_senior")
MOST_NAMED = 4
GAP_WEIGHT = 3.0
LEAST_COUNTIES = 3
MOST_COLUMNS = 5
LEAST_GAP = 2.0
"""Counties that differ by fewer differences worth telling are no news."""


@dataclass(frozen=True)
class CountyLine:
    """One county as the prefecture's table has it."""

    code: str
    name: Text
    brief: AreaBrief

    @property
    def counted(self) -> list[Fact]:
        """What its size is the sum of: the pupils of all stages, else the only total there is."""
        return self.brief.book.some(*SCALE) or self.brief.book.some(*ALONE)[:1]

    @cached_property
    def pupils(self) -> tuple[float, float]:
        """Pupils and children in all, and those of the year before; nan where a stage is not whole."""
        held = self.counted
        if not held:
            return math.nan, math.nan
        before = math.fsum(f.before for f in held) if all(f.yearly and f.whole for f in held) else math.nan
        return math.fsum(f.value for f in held), before

    @cached_property
    def big_classes(self) -> float:
        """Classes of 56 and more among those of all stages, 0–1."""
        facts = self.brief.book.some(*BIG)
        if len(facts) == 1 and not facts[0].indicator.has_base:
            return facts[0].value  # as stated; those of two stages without their classes have no mean
        held = [f for f in facts if math.isfinite(f.num) and f.den]
        whole = math.fsum(f.den for f in held)
        return math.fsum(f.num for f in held) / whole if whole else math.nan

    @cached_property
    def standard(self) -> tuple[int, int]:
        """Items met, and items that could be judged."""
        balance = self.brief.balance
        if balance is None or balance.judged is None:
            return 0, 0
        return balance.met, balance.met + balance.missed

    @cached_property
    def targets(self) -> tuple[int, int]:
        """Targets met or on course, and targets that could be judged."""
        verdicts = [fact.target.verdict for fact in self.brief.book if fact.target is not None]
        good = sum(verdict in ON_COURSE for verdict in verdicts)
        return good, good + sum(verdict in OFF_COURSE for verdict in verdicts)

    @cached_property
    def doubts(self) -> int:
        """Values that await checking."""
        view = self.brief.view
        held = view.data.findings  # type: ignore[attr-defined]
        if not len(held):
            return 0
        return int(held["year"].astype(int).between(view.first_year, view.last_year).sum())


@dataclass(frozen=True)
class PrefectureBrief(AreaBrief):
    """A prefecture's facts, judgements, and its counties."""

    @cached_property
    def lines(self) -> tuple[CountyLine, ...]:
        """Its counties in their official order."""
        view = self.view
        if not isinstance(view, PrefectureView):
            return ()
        plan, keys = read_target_plan(view), (*SCALE, *ALONE, *BIG, *self.rules["cards"]["order"])
        return tuple(
            CountyLine(
                code, view.county_name(code), AreaBrief(view.county(code), deep=False, plan=plan, keys=keys)
            )
            for code in view.counties
        )

    def extra_stories(self) -> list[tuple[Story, float]]:
        """The counties against the standard, and the widest gap between them."""
        found = [(self._tell_standard(), 6.0), (self._tell_gaps(), GAP_WEIGHT)]
        return [(story, weight) for story, weight in found if story is not None]

    def _tell_standard(self) -> Story | None:
        judged = [line for line in self.lines if line.standard[1]]
        if not judged:
            return None
        passing = [line for line in judged if line.standard[0] == line.standard[1] and not _fails(line)]
        nearest = max(judged, key=lambda line: (line.standard[0] - line.standard[1], line.standard[0]))
        facts = {"n": format_count(len(judged)), "met": format_count(len(passing))}
        lead = say(f"brief.counties_{'pass' if passing else 'none_pass'}", **facts)
        missed = nearest.standard[1] - nearest.standard[0]
        said = say(
            "brief.nearest", name=nearest.name, missed=format_count(missed), items=_common_misses(judged)
        )
        late = sum(line.targets[1] - line.targets[0] for line in self.lines)
        parts = [said] + ([say("brief.counties_late", n=format_count(late))] if late else [])
        first = next(line.brief.balance for line in judged)
        source = _trace_standard(first.judged) if first and first.judged else None
        return Story(family="balance", lead=lead, body=[sentences(*parts)], facts=(), source=source)

    def _tell_gaps(self) -> Story | None:
        """Which figures differ most between counties, of those that a national mark or the headline names."""
        gaps = [gap for key in self.rules["cards"]["order"] if (gap := _measure_gap(self, key)) is not None]
        gaps.sort(key=lambda gap: -gap.relative)
        chosen = gaps[:2]
        if not chosen:
            return None
        lead = say("brief.gaps_lead", names=join_texts([name(gap.fact) for gap in chosen], LIST))
        return Story(
            family="gaps", lead=lead, body=[sentences(*(_say_gap(gap) for gap in chosen))],
            facts=tuple(fact for gap in chosen for fact in (gap.fact, gap.highest, gap.lowest)),
        )  # fmt: skip


@dataclass(frozen=True)
class CountyGap:
    """The highest and the lowest county on one figure."""

    fact: Fact
    highest: Fact
    lowest: Fact
    names: tuple[Text, Text]

    @property
    def size(self) -> float:
        return self.highest.value - self.lowest.value

    @property
    def relative(self) -> float:
        return self.size / abs(self.fact.value) if self.fact.value else 0.0


def _measure_gap(brief: PrefectureBrief, key: str) -> CountyGap | None:
    held = [(line.name, found) for line in brief.lines if (found := line.brief.book[key]) is not None]
    if len(held) < LEAST_COUNTIES:
        return None
    fact = brief.book[key] or held[0][1]  # of rates without counts a prefecture may have none
    if not fact.indicator.den or not fact.better:
        return None
    high, low = max(held, key=lambda pair: pair[1].value), min(held, key=lambda pair: pair[1].value)
    gap = CountyGap(fact, high[1], low[1], (high[0], low[0]))
    return gap if gap.size >= LEAST_GAP * brief.rules.material(fact) else None


def _say_gap(gap: CountyGap) -> Text:
    return say(
        "brief.gap", name=name(gap.fact), high=gap.names[0], low=gap.names[1],
        top=format_value(gap.fact, gap.highest.value), bottom=format_value(gap.fact, gap.lowest.value),
        size=format_size(gap.fact, gap.size),
    )  # fmt: skip


def _fails(line: CountyLine) -> bool:
    balance = line.brief.balance
    return balance is not None and balance.schools_missing


def _common_misses(lines: Sequence[CountyLine]) -> Text:
    """The items that most counties miss, with how many do."""
    counts: dict[str, int] = {}
    for line in lines:
        for key, verdict in (line.brief.balance.verdicts if line.brief.balance else {}).items():
            counts[key] = counts.get(key, 0) + (verdict == "not_met")
    judged = next(line.brief.balance for line in lines).judged  # type: ignore[union-attr]
    order = sorted((key for key in counts if counts[key]), key=lambda key: -counts[key])[:MOST_NAMED]
    if not order or judged is None:
        return NOTHING
    return join_texts(
        [say("brief.item_missed", name=name_item(judged, key), n=format_count(counts[key])) for key in order],
        LIST,
    )


def show_counties(brief: AreaBrief) -> ChapterItems:
    """All counties in one table: size, change, large classes, standard, targets, values that await checking."""
    if not isinstance(brief, PrefectureBrief):
        return collect_items(brief.view)
    lines = brief.lines
    columns = [column for column in COLUMNS if any(column.read(line) is not None for line in lines)]
    heads = [TableColumn(label=say("prefecture.head_county"))]
    sizes = list({fact.key: fact.indicator.name for line in lines for fact in line.counted}.values())
    named = {"size": sizes[0]} if len(sizes) == 1 else {}  # a population is not called pupils
    heads += [TableColumn(label=named.get(c.key) or say(f"brief.head_{c.key}")) for c in columns]
    figures = _choose_figures(brief, MOST_COLUMNS - len(columns))
    heads += [TableColumn(label=name(fact)) for fact in figures]
    rows: list[tuple[Cell | Text, ...]] = [
        (
            line.name, *(DASH if (cell := column.read(line)) is None else cell for column in columns),
            *(format_value(held) if (held := line.brief.book[fact.key]) else DASH for fact in figures),
        )
        for line in lines
    ]  # fmt: skip
    table = Table(
        key="brief.counties",
        title=say("brief.title_counties", area=brief.view.name_whose(brief.view.area), year=brief.book.year),
        columns=tuple(heads), rows=tuple(rows), note=_note_columns(columns, sizes), sortable=True,
    )  # fmt: skip
    return collect_items(brief.view, table)


def _choose_figures(brief: PrefectureBrief, room: int) -> list[Fact]:
    """Ratios that most counties have, where the table has room: of a store without schools there is little else."""
    told = {
        key: [fact for line in brief.lines if (fact := line.brief.book[key])]
        for key in brief.rules["cards"]["order"]
    }
    held = [facts[0] for facts in told.values() if 2 * len(facts) > len(brief.lines)]
    return [fact for fact in held if fact.indicator.den][: max(room, 0)]


def _note_columns(columns: Sequence[CountyColumn], sizes: Sequence[Text]) -> Text:
    """What the columns that are there mean."""
    parts = [say("brief.note_size", names=join_texts(sizes, LIST))] if len(sizes) > 1 else []
    parts += [say(f"brief.note_{c.key}") for c in columns if c.key in ("standard", "plan", "doubts")]
    return join_sentence(sentences(*parts)) if parts else NOTHING


@dataclass(frozen=True)
class CountyColumn:
    """A column of the counties' table."""

    key: str

    def read(self, line: CountyLine) -> Text | None:
        """The county's cell; None where it has nothing."""
        now, before = line.pupils
        if self.key == "size":
            held = line.counted
            return format_whole(now, held[0].unit) if math.isfinite(now) and held else None
        if self.key == "step":
            return (
                _sign(now / before - 1) if math.isfinite(now) and math.isfinite(before) and before else None
            )
        if self.key == "big":
            return format_percent(line.big_classes) if math.isfinite(line.big_classes) else None
        if self.key in ("standard", "plan"):
            good, of = line.standard if self.key == "standard" else line.targets
            return say("brief.of_judged", good=format_count(good), n=format_count(of)) if of else None
        return format_count(line.doubts) if line.doubts else None


def _sign(share: float) -> Text:
    size = format_percent(share, 1, "rate")
    return size if is_printed_zero(size) else with_sign(size)


COLUMNS = tuple(CountyColumn(key) for key in ("size", "step", "big", "standard", "plan", "doubts"))

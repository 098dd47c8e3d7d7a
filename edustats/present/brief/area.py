"""What is judged of an area, chosen and weighed: prepared once, shown section by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from edustats.present.brief.balance import Balance, tell_balance
from edustats.present.brief.choosing import (
    Rules,
    WeighedFact,
    choose_cards,
    choose_families,
    read_rules,
    weigh_facts,
    weigh_family,
)
from edustats.present.brief.facts import Fact, FactBook, collect_facts
from edustats.present.brief.phrasing import Story
from edustats.present.brief.stories import WRITERS, tell_single
from edustats.present.county.targets import TargetPlan
from edustats.present.view.area import AreaView
from edustats.present.view.county import View

LEAST_JUDGEMENTS = 3
BALANCE_WEIGHT = 6.0
"""A verdict on the standard weighs as much as a national mark that is missed and touches everybody."""


@dataclass(frozen=True)
class AreaBrief:
    """An area's facts, weighed, and the judgements chosen among them."""

    view: AreaView
    deep: bool = True
    """Whether trends and peers are looked at; a table of counties needs neither."""
    plan: TargetPlan | None = None
    keys: tuple[str, ...] = ()
    """The indicators wanted; empty: all."""

    @cached_property
    def book(self) -> FactBook:
        return collect_facts(self.view, deep=self.deep, plan=self.plan, keys=self.keys)

    @cached_property
    def rules(self) -> Rules:
        return read_rules(self.view.store)

    @cached_property
    def weighed(self) -> Mapping[str, WeighedFact]:
        return weigh_facts(self.book, self.rules)

    @cached_property
    def balance(self) -> Balance | None:
        """The county against the standard; a prefecture has no schools of its own."""
        return Balance(self.view) if isinstance(self.view, View) else None

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The judgements of page one, in reading order."""
        told = {family: story for family, write in WRITERS.items() if (story := write(self.book))}
        weights = {
            family: weigh_family(self.weighed, self.rules["families"][family]["facts"]) for family in told
        }
        spoken = {fact.key for story in told.values() for fact in story.facts}
        if self.balance is not None and (story := tell_balance(self.book, self.balance, spoken)):
            told["balance"] = story
            weights["balance"] = BALANCE_WEIGHT + weigh_family(self.weighed, [f.key for f in story.facts])
        for story, weight in self.extra_stories():
            told[story.family], weights[story.family] = story, weight
        chosen = [told[family] for family in choose_families(weights, self.rules)]
        return tuple(chosen + self._fill(chosen))

    def extra_stories(self) -> list[tuple[Story, float]]:
        """Judgements that need more than the area's own facts, each with its weight; a county has none."""
        return []

    def _fill(self, chosen: list[Story]) -> list[Story]:
        """Figures by themselves, where the families leave room: of each kind one, the weightiest first."""
        spoken = {
            fact.key
            for family in self.rules["families"].values()
            for fact in self.book.some(*family["facts"])
        }
        spoken |= {fact.key for story in chosen for fact in story.facts}
        free = [one for key, one in self.weighed.items() if key not in spoken and one.fact.indicator.den]
        free.sort(key=lambda one: -one.weight)
        room = max(0, self.rules["judgements"] - len(chosen))
        order = sorted(_drop_alike(free), key=lambda one: not self._is_news(one.fact))
        news = sum(self._is_news(one.fact) for one in order)
        return [
            tell_single(self.book, one.fact)
            for one in order[: min(room, max(news, LEAST_JUDGEMENTS - len(chosen)))]
        ]

    def _is_news(self, fact: Fact) -> bool:
        """Whether a figure by itself is told: a mark missed, a place at either end, a difference worth telling."""
        material = self.rules.material(fact)
        differences = (fact.step, fact.span, fact.gap)
        missed = fact.mark is not None and not fact.mark.met
        ends = fact.place is not None and fact.place[0] == fact.place[1] and fact.place[0] in (1, fact.ranked)
        return missed or ends or any(abs(by) >= material and fact.moved(by) for by in differences)

    @cached_property
    def told(self) -> set[str]:
        """Indicators that page one's sentences name."""
        return {fact.key for story in self.stories for fact in story.facts}

    @cached_property
    def cards(self) -> list[Fact]:
        return choose_cards(self.weighed, self.rules, sorted(self.told))


def _drop_alike(weighed: list[WeighedFact]) -> list[WeighedFact]:
    """One of each kind: not a group's figure beside everybody's, nor a second class of the same test."""
    kinds = {one.fact.key.rstrip("0123456789") for one in weighed}
    seen: set[str] = set()
    kept = []
    for one in weighed:
        kind = one.fact.key.rstrip("0123456789")
        part = any(kind != other and kind.startswith(other.rstrip("_")) for other in kinds)
        if kind not in seen and not part:
            seen.add(kind)
            kept.append(one)
    return kept

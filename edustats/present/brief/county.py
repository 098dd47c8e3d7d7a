"""A county's brief: what is judged, chosen and said, prepared once and shown section by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from edustats.catalogue import Indicator
from edustats.present.brief.balance import Balance, tell_balance
from edustats.present.brief.charts import trace_rows
from edustats.present.brief.choosing import (
    Rules,
    WeighedFact,
    choose_cards,
    choose_families,
    read_rules,
    read_settings,
    weigh_facts,
    weigh_family,
)
from edustats.present.brief.facts import Fact, FactBook, collect_facts
from edustats.present.brief.phrasing import (
    Story,
    call_above,
    format_place,
    format_step_cell,
    format_value,
    make_finding,
    name,
)
from edustats.present.brief.stories import WRITERS, tell_single
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_number, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.words import DASH, LIST, NOTHING, Text, concatenate_texts, join_texts, say

BALANCE_WEIGHT = 6.0
"""A verdict on the standard weighs as much as a national mark that is missed and touches everybody."""


@dataclass(frozen=True)
class AreaBrief:
    """An area's facts, weighed, and the judgements chosen among them."""

    view: AreaView

    @cached_property
    def book(self) -> FactBook:
        return collect_facts(self.view)

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
        chosen = [told[family] for family in choose_families(weights, self.rules)]
        return tuple(chosen + self._fill(chosen))

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
        return [tell_single(self.book, one.fact) for one in _drop_alike(free)[:room]]

    @cached_property
    def told(self) -> set[str]:
        """Indicators that page one's sentences name."""
        return {fact.key for story in self.stories for fact in story.facts}

    @cached_property
    def cards(self) -> list[Fact]:
        return choose_cards(self.weighed, self.rules, sorted(self.told))


def _drop_alike(weighed: list[WeighedFact]) -> list[WeighedFact]:
    """Without those that divide the same column as a weightier one."""
    seen: set[str] = set()
    kept = []
    for one in weighed:
        stem = _stem(one.fact.indicator)
        if stem not in seen:
            seen.add(stem)
            kept.append(one)
    return kept


def _stem(indicator: Indicator) -> str:
    return indicator.key.rstrip("0123456789").rpartition("_")[0] or indicator.key


def prepare_brief(view: AreaView) -> AreaBrief:
    """Weigh what there is to say of a county or prefecture; nothing is shown yet.

    Parameters
    ----------
    view : from :func:`open_county` or :func:`open_prefecture`

    Examples
    --------
    >>> brief = prepare_brief(open_county("990121"))  # doctest: +SKIP
    """
    return AreaBrief(view)


def show_judgements(brief: AreaBrief) -> ChapterItems:
    """Three to five judgements, one line each with what it rests on, and the cards beside them."""
    book = brief.book
    findings = [
        _write_judgement(book, story, number) for number, story in enumerate(brief.stories, 1)
    ]  # fmt: skip
    if not findings:
        said = join_sentence(say("brief.nothing", area=brief.view.name))
        return collect_items(brief.view, Finding(key="brief.nothing", sentence=said, verdict="cannot_tell"))
    return collect_items(brief.view, _show_masthead(brief), findings, _tabulate_cards(brief))


def _write_judgement(book: FactBook, story: Story, number: int) -> Finding:
    key = f"brief.judgement.{number}.{story.family}"
    return make_finding(book, key, story.facts, story.lead, *story.body, source=story.source)


def _show_masthead(brief: AreaBrief) -> list[Finding]:
    """Title, number, issuer and date from the bureau's settings; what it has not set stays blank."""
    held = read_settings(brief.view.store).get("masthead", {})
    lines = []
    for part in ("classification", "number", "issuer", "date", "send_to", "copy_to"):
        given = str(held.get(part, ""))
        text = (
            Text(given, given)
            if given
            else say(f"brief.masthead_{part}", year=brief.book.year, above=_issuer(brief))
        )
        lines.append(Finding(key=f"brief.masthead.{part}", sentence=text))
    return lines


def _issuer(brief: AreaBrief) -> Text:
    return brief.view.above_name if isinstance(brief.view, View) else brief.view.name


def _tabulate_cards(brief: AreaBrief) -> list[Table]:
    if not brief.cards:
        return []
    book, county = brief.book, isinstance(brief.view, View)
    heads = [say("brief.head_figure"), brief.view.name, say("brief.head_step")]
    heads += [call_above(book), say("brief.head_place")] if county else []
    rows = []
    for fact in brief.cards:
        row = [name(fact), format_value(fact), format_step_cell(fact)]
        row += [format_value(fact, fact.above), format_place(fact)] if county else []
        rows.append(tuple(row))
    return [Table(
        key="brief.cards", title=say("brief.title_cards", area=brief.view.name, year=book.year),
        columns=tuple(TableColumn(label=head) for head in heads), rows=tuple(rows),
        sources=trace_rows(book, brief.cards),
    )]  # fmt: skip


def _list_reasons(one: WeighedFact) -> Text:
    if not one.reasons:
        return DASH
    return join_texts([concatenate_texts(r.said, " ", format_number(r.weight, 1)) for r in one.reasons], LIST)


def show_reasons(brief: AreaBrief) -> ChapterItems:
    """Why the judgements are those and no others: every fact with its weight and its reasons."""
    order = sorted(brief.weighed.values(), key=lambda one: -one.weight)
    rows = tuple(
        (
            one.fact.indicator.name, format_value(one.fact), format_number(one.weight, 1),
            _list_reasons(one),
            say("brief.told") if one.fact.key in brief.told else NOTHING,
        )
        for one in order
    )  # fmt: skip
    heads = ("figure", "value", "weight", "reasons", "told")
    table = Table(
        key="brief.reasons", title=say("brief.title_reasons"), note=say("brief.note_reasons"), brief=False, rows=rows,
        columns=tuple(TableColumn(label=say(f"brief.head_{head}")) for head in heads),
    )  # fmt: skip
    return collect_items(brief.view, table)

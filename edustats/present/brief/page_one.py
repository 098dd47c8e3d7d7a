"""What stands on page one: masthead, judgements, cards; and why it is these and no others."""

from __future__ import annotations

from edustats.present.brief.area import AreaBrief
from edustats.present.brief.charts import trace_rows
from edustats.present.brief.choosing import WeighedFact, read_settings
from edustats.present.brief.facts import FactBook, compares_above
from edustats.present.brief.phrasing import (
    Story,
    call_above,
    format_above,
    format_place,
    format_step_cell,
    format_value,
    make_finding,
    name,
)
from edustats.present.brief.prefecture import PrefectureBrief
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_count, format_number, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, LIST, NOTHING, Text, concatenate_texts, join_texts, say


def prepare_brief(view: AreaView) -> AreaBrief:
    """Weigh what there is to say of a county or prefecture; nothing is shown yet.

    Parameters
    ----------
    view : from :func:`edustats.open_county` or :func:`edustats.open_prefecture`

    Examples
    --------
    >>> brief = prepare_brief(open_county("990121", "data/store/example"))
    >>> len(brief.stories) <= 5
    True
    """
    return PrefectureBrief(view) if isinstance(view, PrefectureView) else AreaBrief(view)


def show_judgements(brief: AreaBrief) -> ChapterItems:
    """Three to five judgements, one line each with what it rests on, and the cards beside them."""
    book = brief.book
    findings = [
        _write_judgement(book, story, number) for number, story in enumerate(brief.stories, 1)
    ]  # fmt: skip
    if not findings:
        said = join_sentence(say("brief.nothing", area=brief.view.name))
        return collect_items(brief.view, Finding(key="brief.nothing", sentence=said, verdict="cannot_tell"))
    return collect_items(
        brief.view, _show_masthead(brief), [*_tell_holding(brief), *findings], _tabulate_cards(brief)
    )


def _write_judgement(book: FactBook, story: Story, number: int) -> Finding:
    key = f"brief.judgement.{number}.{story.family}"
    return make_finding(book, key, story.facts, story.lead, *story.body, source=story.source,
                        counted=story.counted, derived=story.derived)  # fmt: skip


def _show_masthead(brief: AreaBrief) -> list[Finding]:
    """Title, number, issuer and date from the bureau's settings; what it has not set stays blank."""
    held = read_settings(brief.view.store).get("masthead", {})
    issuer = _issuer(brief)
    lines = []
    for part in ("classification", "number", "issuer", "date", "send_to", "copy_to"):
        given = str(held.get(part, ""))
        key = "masthead_no_issuer" if part == "issuer" and not issuer.zh else f"masthead_{part}"
        text = Text(given, given) if given else say(f"brief.{key}", year=brief.book.year, above=issuer)
        lines.append(Finding(key=f"brief.masthead.{part}", sentence=text))
    return lines


def _tell_holding(brief: AreaBrief) -> list[Finding]:
    """Of a prefecture some of whose counties are not held: whose sum the figures are, before any of them is read."""
    view = brief.view
    if isinstance(view, View) or view.store.is_whole(view.area):
        return []
    facts = {"n": format_count(view.store.count_counties(view.area)), "area": view.store.name(view.area)}
    return [Finding(key="brief.holding", sentence=say("brief.holding", **facts))]


def _issuer(brief: AreaBrief) -> Text:
    """The prefecture that issues briefs of its counties; nothing where no prefecture stands above."""
    if not isinstance(brief.view, View):
        return brief.view.store.name(brief.view.area)
    levels = brief.view.store.areas.set_index("code")["level"]
    own = brief.view.store.name(brief.view.above)
    named = str(levels.get(brief.view.above, "")) == "prefecture" and brief.view.above != "0"
    return own if named else NOTHING  # 0: nobody said what the counties of the table belong to


def _tabulate_cards(brief: AreaBrief) -> list[Table]:
    if not brief.cards:
        return []
    book, county = brief.book, isinstance(brief.view, View)
    steps = [format_step_cell(fact) for fact in brief.cards]
    stepped = any(step.zh != DASH.zh for step in steps)
    heads = [say("brief.head_figure"), brief.view.name, *([say("brief.head_step")] if stepped else [])]
    placed = county and any(fact.place is not None for fact in brief.cards)
    compared = county and compares_above(book.view)
    heads += [call_above(book)] if compared else []
    heads += [say("brief.head_place")] if placed else []
    rows = []
    for fact, step in zip(brief.cards, steps, strict=True):
        row = [name(fact), format_value(fact), *([step] if stepped else [])]
        row += [format_above(book, fact)] if compared else []
        row += [format_place(fact)] if placed else []
        rows.append(tuple(row))
    return [Table(
        key="brief.cards", title=_title_cards(brief),
        columns=tuple(TableColumn(label=head) for head in heads), rows=tuple(rows),
        sources=trace_rows(book, brief.cards),
    )]  # fmt: skip


def _title_cards(brief: AreaBrief) -> Text:
    """The table's title, with how many the places are counted among."""
    ranked = max((fact.ranked for fact in brief.cards if fact.place is not None), default=0)
    facts = {"area": brief.view.name, "year": brief.book.year}
    return say("brief.title_cards_ranked", n=ranked, **facts) if ranked else say("brief.title_cards", **facts)


def _list_reasons(one: WeighedFact) -> Text:
    if not one.reasons:
        return DASH
    return join_texts(
        [concatenate_texts(r.said, " ", format_number(r.weight, 1, "coefficient")) for r in one.reasons], LIST
    )


def show_reasons(brief: AreaBrief) -> ChapterItems:
    """Why the judgements are those and no others: every fact with its weight and its reasons."""
    order = sorted(brief.weighed.values(), key=lambda one: -one.weight)
    rows = tuple(
        (
            one.fact.indicator.name, format_value(one.fact), format_number(one.weight, 1, "coefficient"),
            _list_reasons(one),
            say("brief.told") if one.fact.key in brief.told else NOTHING,
        )
        for one in order
    )  # fmt: skip
    heads = ("figure", "value", "weight", "reasons", "told")
    table = Table(
        key="brief.reasons", title=say("brief.title_reasons"), note=say("brief.note_reasons"), brief=False, rows=rows,
        columns=tuple(TableColumn(label=say(f"brief.head_{head}")) for head in heads),
        sources=trace_rows(brief.book, [one.fact for one in order]),
    )  # fmt: skip
    return collect_items(brief.view, table)

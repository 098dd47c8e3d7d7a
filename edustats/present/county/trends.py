"""What changed in a county over the years, and is it a trend?"""

from __future__ import annotations

import math

from edustats.metrics.trend.change import cagr
from edustats.metrics.trend.verdicts import DISCOVERY
from edustats.present.county.profile import MOST_ROWS, number, signed
from edustats.present.county.series import DIRECTIONS, History, history
from edustats.present.records.items import Column, Finding, Number, Table
from edustats.present.records.numbers import adds_up, amount, difference, digits, is_nil, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.view.county import View
from edustats.present.view.notes import note, telling
from edustats.words import Text, say

MANY = 24
MOST_NAMED = 8


def trends(view: View) -> Sheet:
    """A finding for every indicator: what changed, and whether it is a trend; then all in one table."""
    histories = [history(view, indicator) for indicator in view.indicators]
    held = [h for h in histories if not h.known.empty]
    findings = [trend_finding(view, h) for h in histories if len(histories) <= MANY]
    if len(histories) > MANY:  # the table holds them all; sentences are for what can be said
        moving = telling([h for h in held if h.verdict in DIRECTIONS], movement, most=MANY)
        findings = [trend_finding(view, h) for h in moving]
    return sheet(view.lang, _verdicts(held), findings, _trend_table(view, held) if held else [])


def movement(h: History) -> float:
    """Trends first, then what has changed most, as a part of where it began."""
    moved = abs(h.change.points) / abs(h.first) if h.first else 0.0
    return 1e9 * (h.verdict in DIRECTIONS) + moved


def _verdicts(histories: list[History]) -> list[Finding]:
    """First of all: which indicators have a trend, and for how many it cannot be told."""
    several = [h for h in histories if len(h.known) > 1]
    judged = [h for h in several if h.verdict != "change_only"]
    if not judged:
        return [_few_years(several)] if several else []
    parts = [_verdict_list(judged, verdict) for verdict in (*DIRECTIONS, "stable")]
    told = [part for part in parts if part.zh]
    unsure = sum(h.verdict == "cannot_tell" for h in judged)
    if not told:
        said = joined(say("sentences.verdict_none", n=len(judged)))
        return [Finding(key="verdicts", sentence=said, note=_family(judged))]
    told += [say("sentences.verdict_rest", count=unsure)] if unsure else []
    return [
        Finding(
            key="verdicts",
            sentence=joined(Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))),
            note=_family(judged),
        )
    ]


def _family(judged: list[History]) -> Text:
    """Among how many indicators these verdicts were picked, and what share of them may be false."""
    return say("trends.family", n=len(judged), share=f"{DISCOVERY:.0%}")


def _few_years(histories: list[History]) -> Finding:
    years = [str(y) for y in sorted({y for h in histories for y in h.known["year"]})]
    listed = Text("、".join(f"{y}年" for y in years), ", ".join(years))
    said = say("sentences.few_years", years=listed, n=len(years))
    return Finding(key="verdicts", sentence=joined(said), verdict="change_only")


def _verdict_list(histories: list[History], verdict: str) -> Text:
    named = [h.indicator for h in histories if h.verdict == verdict]
    if not named:
        return Text("", "")
    more = Text("等", " and others") if len(named) > MOST_NAMED else Text("", "")
    few = named[:MOST_NAMED]
    names = Text("、".join(i.zh for i in few) + more.zh, ", ".join(i.en for i in few) + more.en)
    return say("sentences.verdict_list", verdict=say(f"sentences.{verdict}"), names=names, count=len(named))


def trend_finding(view: View, h: History) -> Finding:
    """The sentence of one indicator's history."""
    if h.known.empty:
        return _nothing(view, h)
    parts = [_changed(view, h)]
    if len(h.known) > 1:
        parts += [_averaged(h), _judged(h), _last(h), _jumped(h)]
        parts += [say("sentences.rounding")] if _loose(h) else []
    return Finding(
        key=f"trend.{h.indicator.key}",
        sentence=joined(*parts),
        numbers=_numbers(view, h),
        verdict=h.verdict,
        note=note(view, h.indicator, h.last_year, _company(h)),
    )


def _loose(h: History) -> bool:
    """Whether the printed ends do not differ by the printed change."""
    return h.unit.change != "percent" and not adds_up(h.first, h.last, h.unit, h.places)


def _nothing(view: View, h: History) -> Finding:
    kinds = h.series["status"].astype(str).unique()
    status = say(f"status.{kinds[0] if len(kinds) else 'not_collected'}")
    sentence = say("sentences.no_value", area=view.name, indicator=h.indicator.name, status=status)
    return Finding(key=f"trend.{h.indicator.key}", sentence=joined(sentence), verdict="cannot_tell")


def _changed(view: View, h: History) -> Text:
    facts = {
        "area": view.name,
        "indicator": h.indicator.name,
        "first_year": h.first_year,
        "last_year": h.last_year,
        "first": amount(h.first, h.unit, h.places),
        "last": amount(h.last, h.unit, h.places),
    }
    if len(h.known) == 1:
        return say("sentences.level_only", **facts)
    size = _size(h)
    if is_nil(size):
        return say("sentences.flat", **facts)
    kind = "amount" if h.unit.change == "percent" else "level"
    way = "up" if h.change.points > 0 else "down"
    return say(f"sentences.{kind}_{way}", **facts, change=size)


def _size(h: History) -> Text:
    if h.unit.change == "percent":
        relative = abs(h.change.relative) * 100
        return Text(f"{digits(relative, 1, 'zh')}%", f"{digits(relative, 1, 'en', grouped=True)}%")
    return difference(h.change.points, h.unit, h.places)


def _averaged(h: History) -> Text:
    """Average yearly growth of an amount, over two yearly steps or more from a positive base."""
    n = h.last_year - h.first_year
    if h.unit.change != "percent" or n < 2 or h.first <= 0 or h.last <= 0:
        return Text("", "")
    rate = cagr(h.first, h.last, n)
    shown = Text(digits(abs(rate) * 100, 1, "zh"), digits(abs(rate) * 100, 1, "en"))
    if is_nil(shown):
        return Text("", "")
    word = "cagr" if rate > 0 else "cagr_down"
    return say(f"sentences.{word}", rate=shown, first_year=h.first_year, n=n)


def _judged(h: History) -> Text:
    n = len(h.known)
    if h.verdict == "change_only":
        return Text("", "")
    if h.verdict == "stable" and h.reason != "constant":
        return say("trends.stable", n=n, band=h.rate.said(h.band, h.unit), verdict=say("sentences.stable"))
    if h.reason in ("own_years_differ", "among_many"):
        return say(f"trends.{h.reason}", n=n)
    if h.verdict not in DIRECTIONS:
        return say(f"sentences.trend_{h.verdict}", n=n)
    low, high = sorted((abs(h.rate.lower), abs(h.rate.upper)))
    return say(
        f"trends.{'up' if h.rate.per_year > 0 else 'down'}",
        n=n,
        slope=h.rate.said(h.rate.per_year, h.unit),
        low=h.rate.limit(low, h.unit),
        high=h.rate.limit(high, h.unit),
        verdict=say(f"sentences.{h.verdict}"),
    )


def _last(h: History) -> Text:
    """The last year's step, which is no trend, where there are years before it to compare with."""
    if len(h.known) < 3 or not math.isfinite(h.last_step):
        return Text("", "")
    before = h.last - h.last_step
    relative = h.unit.change == "percent" and before > 0
    shown = digits(abs(h.last_step) / before * 100, 1, "zh") if relative else ""
    size = Text(f"{shown}%", f"{shown}%") if relative else difference(h.last_step, h.unit, h.places)
    if is_nil(size):
        return say("trends.last_same", year=h.last_year)
    said = say(f"trends.last_{'up' if h.last_step > 0 else 'down'}", year=h.last_year, size=size)
    more = say("trends.last_unusual") if h.last_unusual else Text("", "")
    return Text(said.zh + more.zh, said.en + more.en)


def _jumped(h: History) -> Text:
    if not h.jump_year:
        return Text("", "")
    way = "up" if h.jump_size > 0 else "down"
    return say(f"trends.jump_{way}", year=h.jump_year, size=difference(h.jump_size, h.unit, h.places))


def _company(h: History) -> list[Text]:
    """With how many counties the trend was estimated."""
    return [say("trends.together", n=h.together)] if h.together and h.verdict != "change_only" else []


def _numbers(view: View, h: History) -> tuple[Number, ...]:
    source = view.provenance(h.indicator, f"area={view.area} year={h.first_year},{h.last_year}")
    numbers = [
        number(say("sentences.head_first", year=h.first_year), h.first, h.unit, source),
        number(say("sentences.head_first", year=h.last_year), h.last, h.unit, source),
        number(say("sentences.head_change"), h.change.points, h.unit, source),
    ]
    if h.verdict in DIRECTIONS:
        unit = view.known.units["share"] if h.rate.relative else h.unit
        numbers.append(number(say("sentences.head_slope"), h.rate.per_year, unit, source))
    return tuple(numbers)


def _trend_table(view: View, histories: list[History]) -> Table:
    """All histories in rows; no column for slopes where there are too few years for any."""
    heads = ["indicator", "year", "value", "change", "slope", "verdict"]
    rows = [_trend_row(h) for h in histories]
    if all(h.verdict == "change_only" for h in histories):
        slope = heads.index("slope")
        heads, rows = [*heads[:slope], *heads[slope + 1 :]], [(*r[:slope], *r[slope + 1 :]) for r in rows]
    return Table(
        key="trends",
        title=say("sentences.title_trends", area=view.name),
        columns=tuple(Column(label=say(f"sentences.head_{name}")) for name in heads),
        rows=tuple(rows),
        sources=tuple(view.provenance(h.indicator, f"area={view.area}") for h in histories),
        brief=len(rows) <= MOST_ROWS,
    )


def _trend_row(h: History) -> tuple[Text | str, ...]:
    first, last = amount(h.first, h.unit), amount(h.last, h.unit)
    single = len(h.known) == 1
    values = last if single else Text(f"{first.zh} → {last.zh}", f"{first.en} → {last.en}")
    return (
        h.indicator.name,
        str(h.last_year) if single else f"{h.first_year}–{h.last_year}",
        values,
        Text("—", "—") if single else _change_cell(h),
        _slope_cell(h),
        say(f"sentences.{h.verdict}"),
    )


def _change_cell(h: History) -> Text:
    if h.unit.change != "percent":
        return signed(h.change.points, h.unit)
    percent = digits(h.change.relative * 100, 1, "zh")
    shown = percent if h.change.relative < 0 else f"+{percent}"
    return Text(f"{shown}%", f"{shown}%")


def _slope_cell(h: History) -> Text:
    if h.verdict == "change_only" or not math.isfinite(h.rate.per_year):
        return Text("—", "—")
    middle, low, high = (h.rate.signed(x, h.unit) for x in (h.rate.per_year, h.rate.lower, h.rate.upper))
    if not (math.isfinite(h.rate.lower) and math.isfinite(h.rate.upper)):
        return middle
    return Text(f"{middle.zh}（{low.zh}～{high.zh}）", f"{middle.en} ({low.en} to {high.en})")

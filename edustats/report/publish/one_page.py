"""Who is a county, on one page? Eight figures, what improved, what slipped, where it stands, what is owed.

Everything is taken from the records of its executed notebooks; nothing is computed but the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from edustats.catalogue import Indicator, catalogue
from edustats.present.records.items import Finding, Provenance, Table
from edustats.present.records.numbers import choose_decimals, format_amount
from edustats.report.trace.notebook import Block
from edustats.words import CLAUSES, Text, join_texts, say

FIGURES = 8
WHO = (
    "count_population", "count_pupils", "count_children", "count_pupils_primary", "count_pupils_junior",
    "count_pupils_senior", "count_pupils_vocational", "ratio_pupils_per_teacher_primary",
    "share_big_classes_primary", "share_bachelor_primary", "count_budget_education", "mean_pay_teachers",
    "mean_years_schooling", "ratio_pupils_per_teacher", "share_graduating",
)  # fmt: skip
"""What tells best who a county is, best first; a county shows those it has."""
MOST = 3
OWED = ("standards.lacks.", "standards.quality_balance_2017", "return")
"""Keys of findings that say what is still to be done: shortfalls, items not met, rows sent back."""
LONGEST = {"zh": 90, "en": 240}
"""A longer sentence has its place in its chapter, not on the page that sums up."""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the eight figures: what it is, the county's value, that of the area above."""

    label: Text
    year: str
    value: Text
    above: Text
    source: Provenance | None


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One of the four paragraphs: its lead word, its sentence and where its numbers come from."""

    lead: str
    said: Text
    findings: tuple[Finding, ...]
    sources: tuple[Provenance, ...] = ()
    """Of what was taken from a table and not from a finding."""


@dataclass(frozen=True, slots=True)
class OnePage:
    """The page; empty where the notebooks hold nothing to fill it with."""

    tiles: tuple[KeyFigure, ...]
    above: Text
    points: tuple[KeyPoint, ...]


def build_one_page(shown: Iterable[Block]) -> OnePage:
    """The page of one county.

    Parameters
    ----------
    shown : what its notebooks show, in reading order
    """
    blocks = list(shown)
    findings = [block for block in blocks if isinstance(block, Finding)]
    table = next((b for b in blocks if isinstance(b, Table) and b.key == "profile" and b.rows), None)
    judged = next((b for b in blocks if isinstance(b, Table) and b.key == "trends" and b.rows), None)
    points = (
        _describe_movers(findings, judged, "improving"),
        _describe_movers(findings, judged, "worsening"),
        _make_key_point("stands", _select_comparisons(findings)),
        _make_key_point("owed", _select_shortfalls(findings)),
    )
    above = table.columns[3].label if table and len(table.columns) > 3 else Text("", "")
    return OnePage(_select_key_figures(table), above, tuple(point for point in points if point))


def _select_key_figures(table: Table | None) -> tuple[KeyFigure, ...]:
    if table is None or len(table.columns) < 4:
        return ()
    ranks = {known.zh: rank for rank, key in enumerate(WHO) if (known := _find_indicator(key))}
    names = [_convert_to_text(row[0]).zh for row in table.rows]
    order = sorted(range(len(names)), key=lambda k: ranks.get(names[k], len(ranks)))
    return tuple(_read_key_figure(table, k) for k in order[:FIGURES])


def _read_key_figure(table: Table, place: int) -> KeyFigure:
    name, year, own, above = table.rows[place][:4]
    source = table.sources[place] if place < len(table.sources) else None
    return KeyFigure(
        _convert_to_text(name),
        _convert_to_text(year).zh,
        _convert_to_text(own),
        _convert_to_text(above),
        source,
    )


def _convert_to_text(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell), str(cell))


@cache
def _find_indicator(key: str) -> Indicator | None:
    return catalogue().indicators.get(key)


def _select_family(findings: list[Finding], family: str) -> list[tuple[Indicator, Finding]]:
    """Findings of one family, each with the indicator it speaks of."""
    held = [(_find_indicator(f.key.partition(".")[2]), f) for f in findings if f.key.startswith(f"{family}.")]
    return [(known, finding) for known, finding in held if known]


def _describe_movers(findings: list[Finding], judged: Table | None, verdict: str) -> KeyPoint | None:
    """The indicators that moved most one way, of each stage of schooling at most one.

    There are sentences for what moved most only; the table holds the verdict on every indicator, and only
    it can say that there is none.
    """
    held = [
        (known, f)
        for known, f in _select_family(findings, "trend")
        if f.verdict == verdict and len(f.numbers) > 1 and f.numbers[0].unit in catalogue().units
    ]
    if not held:
        return _describe_from_table(judged, verdict)
    seen: dict[str, tuple[Indicator, Finding]] = {}
    for known, finding in sorted(held, key=lambda pair: _score_change(pair[1]), reverse=True):
        seen.setdefault(known.stage, (known, finding))
    chosen = tuple(seen.values())[:MOST]
    first, last = (number.label for number in chosen[0][1].numbers[:2])
    dated = any((f.numbers[0].label, f.numbers[1].label) != (first, last) for _, f in chosen)
    said = _join_texts(_describe_from_to(known, f, dated=dated) for known, f in chosen)
    told = say("publish.moved_dated" if dated else "publish.moved", said=said, first=first, last=last)
    return KeyPoint(verdict, told, tuple(f for _, f in chosen))


def _describe_from_table(judged: Table | None, verdict: str) -> KeyPoint | None:
    """The first indicators of a verdict, as the table of all of them says it."""
    if judged is None:
        return None
    word = say(f"sentences.{verdict}")
    rows = [k for k, row in enumerate(judged.rows) if row[-1] == word][:MOST]
    if not rows:
        return KeyPoint(verdict, say(f"publish.none_{verdict}"), ())
    cells = [judged.rows[k] for k in rows]
    said = _join_texts(say("publish.row", name=row[0], years=row[1], values=row[2]) for row in cells)
    sources = tuple(judged.sources[k] for k in rows if k < len(judged.sources))
    return KeyPoint(verdict, say("publish.moved_dated", said=said), (), sources)


def _join_texts(parts: Iterable[Text]) -> Text:
    told = list(parts)
    return join_texts(told, CLAUSES)


def _score_change(finding: Finding) -> float:
    first, last = (number.value for number in finding.numbers[:2])
    return abs(last - first) / max(abs(first), abs(last), 1e-12)


def _describe_from_to(known: Indicator, finding: Finding, *, dated: bool) -> Text:
    first, last = finding.numbers[:2]
    unit = catalogue().units[first.unit]
    places = choose_decimals(unit, first.value, last.value)
    facts = {
        "name": known.name,
        "first": first.shown if first.shown.zh else format_amount(first.value, unit, places),
        "last": last.shown if last.shown.zh else format_amount(last.value, unit, places),
    }
    if not dated:
        return say("publish.from_to", **facts)
    return say("publish.from_to_dated", **facts, first_year=first.label, last_year=last.label)


def _select_comparisons(findings: list[Finding]) -> tuple[Finding, ...]:
    """The sentences that hold the county against the area above, of each stage at most one."""
    seen: dict[str, Finding] = {}
    for known, finding in _select_family(findings, "standing"):
        if known.better != "none":
            seen.setdefault(known.stage, finding)
    return tuple(seen.values())[:MOST]


def _select_shortfalls(findings: list[Finding]) -> tuple[Finding, ...]:
    held = [f for key in OWED for f in findings if f.key.startswith(key) and _is_short(f)]
    return tuple(dict.fromkeys(held))[:MOST]


def _is_short(finding: Finding) -> bool:
    return all(len(finding.sentence[lang]) <= most for lang, most in LONGEST.items())


def _make_key_point(lead: str, findings: tuple[Finding, ...]) -> KeyPoint | None:
    if not findings:
        return None
    said = Text("".join(f.sentence.zh for f in findings), " ".join(f.sentence.en for f in findings))
    return KeyPoint(lead, said, findings)

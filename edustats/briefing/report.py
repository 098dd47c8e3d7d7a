"""How are the claims of a draft handed back?

As a report for the terminal, a page with every claim highlighted, Word comments in a copy of the draft,
or JSON.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from edustats.briefing.documents import Document
from edustats.briefing.verdict import Claim
from edustats.words import Text, say

if TYPE_CHECKING:
    import pandas as pd

SHOWN_CONTEXT = 24


def needs_a_person(claim: Claim) -> bool:
    """Is there anything to do about it?"""
    return claim.severity in ("error", "warning")


def as_json(document: Document, claims: list[Claim], lang: str) -> dict[str, Any]:
    """The object of the output contract."""
    found: dict[str, Any] = {"file": document.name, "claims": [claim.as_dict(lang) for claim in claims]}
    return found if claims else found | {"note": summary(document, claims, lang)}


def summary(document: Document, claims: list[Claim], lang: str) -> str:
    """One line: how many errors, warnings and consistent claims."""
    if not claims:
        return say("briefing.no_numbers", file=document.name, why=why_nothing(document.text))[lang]
    counts = Counter(claim.severity for claim in claims)
    consistent = sum(claim.verdict == "consistent" for claim in claims)
    return say(
        "briefing.summary",
        file=document.name,
        errors=counts["error"],
        warnings=counts["warning"],
        consistent=consistent,
    )[lang]


_DAMAGED = re.compile(r"\ufffd|锟斤拷|烫烫|鈥|銆|锛|Ã.|â€|[\ue000-\uf8ff]")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|from|by)\b", re.IGNORECASE)
SHORT_LINE = 16


def why_nothing(text: str) -> Text:
    """Why no claim was read in a text, where it can be told."""
    letters = [sign for sign in text if sign.isalpha()]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    short = sum(len(line) <= SHORT_LINE for line in lines)
    chinese = sum("\u3400" <= sign <= "\u9fff" for sign in letters)
    if len(_DAMAGED.findall(text)) * 50 > len(text):
        reason = "nothing_encoding"
    elif letters and chinese * 20 < len(letters) and len(_ENGLISH.findall(text)) * 12 < len(text.split()):
        reason = "nothing_language"
    elif not re.search(r"\d|[一二两三四五六七八九十]成|百分之", text):
        reason = "nothing_no_digits"
    elif len(lines) >= 8 and short * 10 > 7 * len(lines):
        reason = "nothing_wrapped"
    else:
        reason = "nothing_alone"
    return say(f"briefing.{reason}")


def as_text(document: Document, claims: list[Claim], lang: str, *, colour: bool = False) -> str:
    """The report for a terminal: each claim that needs a person, in its sentence."""
    lines = [summary(document, claims, lang)]
    for claim in filter(needs_a_person, claims):
        line = document.text.count("\n", 0, claim.start) + 1
        before, quote, after = _context_around(document.text, claim)
        mark = f"\033[1;31m{quote}\033[0m" if colour else f"【{quote}】"
        lines += [
            f"  {line}: [{say(f'briefing.{claim.severity}')[lang]}] {claim.message[lang]}",
            f"     {before}{mark}{after}",
        ]
    return "\n".join(lines)


def _context_around(text: str, claim: Claim) -> tuple[str, str, str]:
    start = max(
        (text.rfind(sign, max(0, claim.start - SHOWN_CONTEXT), claim.start) + 1 for sign in "。；\n"),
        default=0,
    )
    before = text[max(start, claim.start - SHOWN_CONTEXT) : claim.start]
    after = text[claim.end : claim.end + SHOWN_CONTEXT].partition("\n")[0]
    return before, claim.quote.replace("\n", " "), after


def as_html(reports: list[tuple[Document, list[Claim]]], lang: str) -> str:
    """A page that stands alone: every draft in full, its claims highlighted, the remarks beside them."""
    drafts = [
        {
            "name": document.name,
            "summary": summary(document, claims, lang),
            "parts": _highlight_claims(document.text, claims),
            "claims": [_table_row(k, claim, lang) for k, claim in enumerate(claims) if needs_a_person(claim)],
        }
        for document, claims in reports
    ]
    return _page_template().render(
        drafts=drafts, title=say("briefing.title")[lang], lang="zh-CN" if lang == "zh" else "en"
    )


def _table_row(number: int, claim: Claim, lang: str) -> dict[str, object]:
    return {
        "id": number,
        "severity": claim.severity,
        "label": say(f"briefing.{claim.severity}")[lang],
        "quote": claim.quote,
        "note": claim.message[lang],
    }


def _highlight_claims(text: str, claims: list[Claim]) -> list[dict[str, object]]:
    """The text cut at the edges of claims; the most serious claim colours a part."""
    order = {"error": 0, "warning": 1, "note": 2}
    shown = [(k, c) for k, c in enumerate(claims) if needs_a_person(c) or c.verdict == "consistent"]
    edges = sorted({0, len(text), *(c.start for _, c in shown), *(c.end for _, c in shown)})
    opening: dict[int, list[tuple[int, Claim]]] = {}
    for k, claim in shown:
        opening.setdefault(claim.start, []).append((k, claim))
    active: list[tuple[int, Claim]] = []
    parts: list[dict[str, object]] = []
    for start, end in itertools.pairwise(edges):
        active = [(k, c) for k, c in active if c.end > start] + opening.get(start, [])
        worst = min(active, key=lambda item: order[item[1].severity], default=None)
        css = "" if worst is None else worst[1].severity if needs_a_person(worst[1]) else "consistent"
        first = next((k for k, c in opening.get(start, []) if needs_a_person(c)), None)
        parts.append({"text": text[start:end], "css": css, "id": first})
    return parts


@dataclass(frozen=True, slots=True)
class Review:
    """A draft with its claims, as a notebook shows it."""

    document: Document
    claims: list[Claim]
    lang: str

    @property
    def errors(self) -> int:
        """How many claims are inconsistent."""
        return sum(claim.verdict == "inconsistent" for claim in self.claims)

    @property
    def table(self) -> pd.DataFrame:
        """One row per claim: quote, kind, stated, expected, verdict, note."""
        import pandas

        rows = [claim.as_dict(self.lang) for claim in self.claims]
        columns = ["quote", "kind", "stated", "expected", "verdict", "severity", "note"]
        return pandas.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        return as_text(self.document, self.claims, self.lang)

    def _repr_html_(self) -> str:
        page = as_html([(self.document, self.claims)], self.lang)
        return f'<iframe srcdoc="{escape(page)}" width="100%" height="640" style="border:0"></iframe>'


def example() -> Document:
    """An invented draft with the classic errors in it."""
    text = tomllib.loads(Path(__file__).with_name("example.toml").read_text("utf-8"))["text"]
    return Document("example.txt", text)


@cache
def _page_template() -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=select_autoescape(default=True, default_for_string=True)
    ).get_template("report.html.j2")


def dumps(objects: list[dict[str, Any]]) -> str:
    """JSON: one object for one file, a list for several."""
    return json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=2)

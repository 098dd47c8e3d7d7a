"""What is there to look at after a load, the worst first, and what is the next step? In lines, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from edustats.load.ledger import FURNITURE, Entry, balance, set_aside
from edustats.words import say

MOST_TOLD, MOST_KINDS, MOST_HEADINGS = 12, 8, 8


def summarise(findings: pd.DataFrame, entries: Sequence[Entry], lang: str) -> list[str]:
    """Lines for the end of a load: findings by kind, errors first; those of whole tables in full; unread headings.

    Parameters
    ----------
    findings : everything found
    entries : the account of every file and sheet
    lang : zh or en
    """
    errors = int((findings["severity"] == "error").sum())
    facts = {"found": len(findings), "impossible": errors, "warnings": len(findings) - errors}
    told = [say("load.ledger_findings", **facts)[lang], *_kinds(findings, lang), *_of_tables(findings, lang)]
    unread = Counter(name for entry in entries for name in dict.fromkeys(entry.unread))
    if unread:
        files = {name: next(entry.file for entry in entries if name in entry.unread) for name in unread}
        shown = [
            f"{name} ({files[name]}{f' +{n - 1}' if n > 1 else ''})"
            for name, n in unread.most_common(MOST_HEADINGS)
        ]
        more = " …" if len(unread) > MOST_HEADINGS else ""
        told.append(say("load.unread_headings", count=len(unread), headings=", ".join(shown) + more)[lang])
    sheets = [
        entry for entry in entries if not entry.loaded and any(r == "no_headings" for _, r, _ in entry.aside)
    ]
    if sheets:
        names = ", ".join(f"{entry.file} [{entry.sheet}]" for entry in sheets[:MOST_HEADINGS])
        told.append(say("load.unread_sheets", count=len(sheets), sheets=names)[lang])
    if len(findings):
        told.append(say("load.next_step")[lang])
    return told


def _kinds(findings: pd.DataFrame, lang: str) -> Iterator[str]:
    """How many findings of each rule, errors first."""
    if findings.empty:
        return
    counts = findings.groupby(["severity", "rule"], sort=False).size().reset_index(name="count")
    counts["order"] = (counts["severity"] != "error").astype(int)
    lines: Any = counts.sort_values(["order", "count"], ascending=[True, False], kind="stable").itertuples()
    for number, line in enumerate(lines):
        if number == MOST_KINDS:
            yield "  …"
            return
        what = say(f"quality.rule_{line.rule}")[lang]
        yield (
            "  "
            + say("load.found_kind", count=line.count, what=what, how=say(f"quality.{line.severity}")[lang])[
                lang
            ]
        )


def _of_tables(findings: pd.DataFrame, lang: str) -> Iterator[str]:
    """Findings about a whole table, in full: no county's page would show them."""
    whole = findings[(findings["county"].astype(str) == "") & (findings["rule"] != "file_refused")]
    shown = list(dict.fromkeys(whole[lang].astype(str)))
    yield from (f"  {sentence}" for sentence in shown[:MOST_TOLD])
    if len(shown) > MOST_TOLD:
        yield "  …"


def needs_a_person(entries: Sequence[Entry]) -> bool:
    """Whether rows were set aside that are more than furniture."""
    return any(reason not in FURNITURE for entry in entries for _, reason, _ in entry.aside)


def as_json(findings: pd.DataFrame, entries: Sequence[Entry], lang: str) -> str:
    """Ledger, rows set aside, unread headings and findings, for other programs."""
    told = {
        "ledger": balance(entries).to_dict("records"),
        "set_aside": set_aside(entries).to_dict("records"),
        "unread": [
            {"file": e.file, "sheet": e.sheet, "headings": list(e.unread)} for e in entries if e.unread
        ],
        "findings": [
            {**{str(k): _plain(v) for k, v in row.items() if k not in ("zh", "en")}, "sentence": row[lang]}
            for row in findings.to_dict("records")
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else value

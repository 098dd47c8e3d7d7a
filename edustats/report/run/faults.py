"""Is a report that ran to its end also right?

A plot can lose its picture without an error, and a report can be of another county than its name says.
Neither shows in the state of the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from edustats.words import say

RECORD = "application/vnd.edustats.{}+json"
PICTURES = ("image/png", "image/svg+xml", "image/jpeg")
LOST = re.compile(r"<Figure size .* with [1-9]\d* Axes>")
"""How a plot prints itself when nothing has drawn it; an empty one has nothing to draw."""


def find_fault(book: Any, county: str, lang: str) -> str:
    """What is wrong with an executed notebook, in words; nothing if it may be published as complete.

    Parameters
    ----------
    book : the executed notebook
    county : the name its parameter stands for
    lang : language of the answer, and of the name
    """
    for fault in (_find_error(book), _find_missing_picture(book), _find_wrong_county(book, county, lang)):
        if fault:
            return say(f"report.check_{fault[0]}", **fault[1])[lang]
    return ""


def has_suppressed_figures(book: Any) -> bool:
    """Whether an executed notebook leaves out figures of few persons."""
    return any(_is_suppressed(output.get("data", {})) for output in _iterate_outputs(book))


def _is_suppressed(data: Any) -> bool:
    if data.get(RECORD.format("finding"), {}).get("verdict") == "withheld":
        return True
    rows = data.get(RECORD.format("table"), {}).get("rows", ())
    mark = say("disclosure.mark").zh
    return any(isinstance(cell, dict) and cell.get("zh") == mark for row in rows for cell in row)


def _iterate_outputs(book: Any) -> Iterator[Any]:
    for cell in book.cells:
        yield from cell.get("outputs", [])


def _find_error(book: Any) -> tuple[str, dict[str, str]] | None:
    for output in _iterate_outputs(book):
        if output.output_type == "error":
            return "error", {"found": f"{output.ename}: {output.evalue}"[:200]}
    return None


def _find_missing_picture(book: Any) -> tuple[str, dict[str, str]] | None:
    for output in _iterate_outputs(book):
        data = output.get("data", {})
        if any(data.get(kind) for kind in PICTURES):
            continue
        if figure := data.get(RECORD.format("figure")):
            return "picture", {"figure": figure.get("key", "")}
        if lost := LOST.match(str(data.get("text/plain", ""))):
            return "picture", {"figure": lost[0]}
    return None


def _find_wrong_county(book: Any, county: str, lang: str) -> tuple[str, dict[str, str]] | None:
    for output in _iterate_outputs(book):
        record = output.get("data", {}).get(RECORD.format("finding"), {})
        if record.get("key") == "cover" and county not in record["sentence"][lang]:
            return "county", {"found": record["sentence"][lang][:80], "county": county}
    return None

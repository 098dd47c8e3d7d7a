"""How does a remark come to stand in the margin of a draft, at its exact words?

The copy is made from the bytes of the original. A run is split only where a claim begins or ends, each
half with the run's own formatting, so that the copy reads and looks as the original does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from copy import deepcopy
from io import BytesIO
from typing import Any, Final

import docx
from docx.oxml.ns import qn
from docx.text.run import Run

from edustats.briefing.documents import Document, Piece, WordReader, _visible_characters
from edustats.briefing.verdict import Claim
from edustats.words import say

BODY: Final = "word/document.xml"
TEXT: Final = qn("w:t")
BOX: Final = qn("w:txbxContent")
XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


def annotate(document: Document, claims: list[Claim], lang: str = "zh") -> bytes:
    """A copy of a Word draft with a comment at every claim that needs a person.

    Parameters
    ----------
    document : a Word draft, as read
    claims : the claims to comment on; one in a footnote is commented at the end of the body and one in a
        text box at the box, because Word takes no comments inside them
    lang : language of the comments

    Returns
    -------
    bytes of the copy
    """
    copy = docx.Document(BytesIO(document.data))
    reader = WordReader(document.name, document.numbering)
    reader.read(copy.element, BODY)
    pieces = _cut_at({edge for claim in claims for edge in (claim.start, claim.end)}, reader.pieces)
    starts = [piece.start for piece in pieces]
    for claim in claims:
        first = max(0, bisect_right(starts, claim.start) - 1)
        runs = _find_runs(pieces[first:], claim.start, claim.end)
        hosts = [_choose_host(run) for run in runs] or _last_run(pieces)
        if hosts:
            _add_comment(copy, hosts, claim, lang, exact=bool(runs) and hosts == runs)
    target = BytesIO()
    copy.save(target)
    return target.getvalue()


def _cut_at(edges: set[int], pieces: list[Piece]) -> list[Piece]:
    """Split runs so that no run holds characters from both sides of an edge."""
    ordered = sorted(edges)
    done: list[Piece] = []
    for piece in pieces:
        inner = ordered[
            bisect_left(ordered, piece.start) : bisect_left(ordered, piece.start + len(piece.text))
        ]
        node, start = piece.node, piece.start
        for edge in inner if node is not None else ():
            at = edge - start
            if at:
                done.append(
                    Piece(start, node.text[:at] if node.tag == TEXT else piece.text[:at], node, piece.part)
                )
            node, start = _split_element(node, at), edge
        done.append(
            Piece(start, _visible_characters(node) if node is not None else piece.text, node, piece.part)
        )
    return done


def _split_element(node: Any, at: int) -> Any:
    """Put everything from character ``at`` of an element of a run into a run of its own, formatted alike."""
    run = node.getparent()
    if run.tag != qn("w:r") or (
        at == 0 and (node.getprevious() is None or node.getprevious().tag == qn("w:rPr"))
    ):
        return node
    tail = deepcopy(run)
    for child in list(tail):
        if child.tag != qn("w:rPr"):
            tail.remove(child)
    second = node
    following = list(node.itersiblings())
    if at:
        second = deepcopy(node)
        second.tail = None
        node.text, second.text = node.text[:at], node.text[at:]
        for part in (node, second):
            part.set(XML_SPACE, "preserve")
    for child in (second, *following):
        tail.append(child)
    run.addnext(tail)
    return second


def _find_runs(pieces: list[Piece], start: int, end: int) -> list[Any]:
    """The runs of the body that hold the characters start to end."""
    found: list[Any] = []
    for piece in pieces:
        if piece.start >= end:
            break
        if piece.node is not None and piece.start + len(piece.text) > start:
            run = piece.node.getparent()
            if run.tag == qn("w:r") and (not found or found[-1] is not run):
                found.append(run)
    return found


def _last_run(pieces: list[Piece]) -> list[Any]:
    return next(
        (
            [p.node.getparent()]
            for p in reversed(pieces)
            if p.node is not None and p.node.getparent().tag == qn("w:r")
        ),
        [],
    )


def _choose_host(run: Any) -> Any:
    """The run itself; for a run in a text box, where Word takes no comments, the run that holds the box."""
    box = next(run.iterancestors(BOX), None)
    return run if box is None else _choose_host(next(box.iterancestors(qn("w:r"))))


def _add_comment(copy: Any, runs: list[Any], claim: Claim, lang: str, *, exact: bool) -> None:
    """Set a comment at the runs; where they are not the exact words, quote the words."""
    quote = "" if exact else f"“{claim.quote}” "
    text = f"{say(f'briefing.{claim.severity}')[lang]}：{quote}{claim.message[lang]}"
    author = say("briefing.author")[lang]
    copy.add_comment([Run(runs[0], copy), Run(runs[-1], copy)], text=text, author=author, initials="核")

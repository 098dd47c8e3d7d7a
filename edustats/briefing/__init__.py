"""What does a draft say about its numbers, and is it right?

``check`` judges a text; ``run`` does what the command line needs: files in, a report out, an exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edustats.briefing.claims import find_claims
from edustats.briefing.documents import Document, read_document
from edustats.briefing.text import clean
from edustats.briefing.verdict import Claim
from edustats.errors import DataError, EdustatsError
from edustats.files import write_whole
from edustats.words import say

if TYPE_CHECKING:
    import pandas as pd

    from edustats.briefing.report import Review
    from edustats.store.reading import Store

__all__ = ["Claim", "check", "check_draft", "run"]
FORMATS: Final = ("text", "json", "html", "docx")


def check(text: str, reference: pd.DataFrame | None = None, markup: str = "") -> list[Claim]:
    """Find the claims of a text and judge each.

    Parameters
    ----------
    text : the draft
    reference : observations to compare with; columns area_name, stage, indicator_name, year, value, unit
    markup : "" for plain text, "html" or "md"

    Returns
    -------
    list of Claim, in the order of the text; ``text[claim.start:claim.end] == claim.quote``

    Examples
    --------
    >>> claim, = check("上线率由6.52%上升到15.94%，增长了1.5倍。")
    >>> claim.verdict, claim.expected
    ('inconsistent', 1.4448)
    """
    cleaned = clean(text, markup)
    claims = find_claims(cleaned)
    if reference is not None:
        # pandas is slow to import and not needed without data
        from edustats.briefing.known_changes import data_claims

        known = data_claims(cleaned, reference)
        claims = sorted([*_drop_decided(claims, known), *known], key=lambda c: (c.start, c.end, c.kind))
    return claims


def _drop_decided(claims: list[Claim], known: list[Claim]) -> list[Claim]:
    """The text's own claims, without what it leaves open and the data decide, and without what both say of a number."""
    decided = {(c.end, c.kind): c.verdict for c in known if c.kind != "other"}
    return [c for c in claims if decided.get((c.end, c.kind)) not in (c.verdict, *_OPEN.get(c.verdict, ()))]


_OPEN: Final = {"uncheckable": ("consistent", "inconsistent", "uncheckable")}


def check_draft(draft: str | Path = "", lang: str = "zh", reference: pd.DataFrame | None = None) -> Review:
    """Check one draft and show it, its claims highlighted: what the notebook needs.

    Parameters
    ----------
    draft : path of a .docx, .txt, .md or .html file; nothing means the invented example
    lang : zh or en
    reference : observations to compare with, as in :func:`check`

    Returns
    -------
    Review, which shows itself in JupyterLab and has a ``table`` of the claims

    Examples
    --------
    >>> check_draft().errors > 0
    True
    """
    from edustats.briefing.report import Review, example

    document = read_document(draft) if draft else example()
    claims = _told_where(document, check(document.text, reference, document.markup))
    return Review(document, claims, lang)


def run(
    files: Iterable[str | Path],
    *,
    store: Store | None = None,
    county: str = "",
    format: str = "text",
    out: str | Path | None = None,
    lang: str = "zh",
) -> int:
    """Check files and hand back a report.

    Parameters
    ----------
    files : drafts; ``-`` is standard input
    store : an open store to compare with; the national series is always compared with
    county : code of the area that 我县 and 全县 mean; left out, the one the heading names
    format : text, json, html or docx (comments in a copy of the draft)
    out : where to write; nothing means standard output, or for docx a file beside the draft
    lang : zh or en

    Returns
    -------
    int
        0 no error found, 1 an error found, 2 a file could not be checked (nothing is written)
    """
    try:
        if format not in FORMATS:
            raise DataError("briefing.unknown_output", format=format)
        if county and store is not None and county not in set(store.areas["code"]):
            store.county_code(county)
        documents = [read_document(file) for file in files]
        reports = [(document, _check_document(document, store, county)) for document in documents]
        _hand_back(reports, list(files), format, out, lang)
    except EdustatsError as error:
        print(error.text(lang), file=sys.stderr)
        return 2
    return int(any(claim.severity == "error" for _, claims in reports for claim in claims))


def _told_where(document: Document, claims: list[Claim]) -> list[Claim]:
    """A claim about text that Word does not show says so."""
    hidden = document.hidden
    if not hidden:
        return claims
    return [
        replace(claim, message=say("briefing.hidden", what=claim.message))
        if any(claim.start < end and start < claim.end for start, end in hidden)
        else claim
        for claim in claims
    ]


def _check_document(document: Document, store: Store | None, county: str = "") -> list[Claim]:
    """The claims of a document, compared with what is known about the places it names."""
    if store is None and "全国" not in document.text:
        return _told_where(document, check(document.text, None, document.markup))
    from edustats.briefing.reference import reference  # pandas is slow to import

    known = reference(document.text, store, area=county)
    return _told_where(document, check(document.text, known, document.markup))


def _hand_back(
    reports: list[tuple[Document, list[Claim]]],
    files: list[str | Path],
    format: str,
    out: str | Path | None,
    lang: str,
) -> None:
    from edustats.briefing import report

    if format == "docx":
        _write_copies(reports, files, out, lang)
        return
    if format == "json":
        text = report.dumps([report.as_json(document, claims, lang) for document, claims in reports])
    elif format == "html":
        text = report.as_html(reports, lang)
    else:
        colour = out is None and sys.stdout.isatty()
        text = "\n".join(
            report.as_text(document, claims, lang, colour=colour) for document, claims in reports
        )
    if out is None:
        print(text)
        return
    _refuse_overwriting(Path(out), files)
    _write_whole(Path(out), text.encode("utf-8"))


def _refuse_overwriting(target: Path, files: list[str | Path]) -> None:
    if any(str(file) != "-" and target.resolve() == Path(file).resolve() for file in files):
        raise DataError("briefing.same_file", file=target.name)


def _write_whole(target: Path, data: bytes) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, data)


def _write_copies(
    reports: list[tuple[Document, list[Claim]]], files: list[str | Path], out: str | Path | None, lang: str
) -> None:
    from edustats.briefing.annotate import annotate
    from edustats.briefing.report import needs_a_person, summary

    targets = [_name_copy(Path(file), out, several=len(files) > 1) for file in files]
    for (document, _), target in zip(reports, targets, strict=True):
        if not document.data:
            raise DataError("briefing.not_docx_out", file=document.name)
        _refuse_overwriting(target, files)
    copies = [
        annotate(document, [c for c in claims if needs_a_person(c)], lang) for document, claims in reports
    ]
    for (document, claims), target, copy in zip(reports, targets, copies, strict=True):
        _write_whole(target, copy)
        print(f"{summary(document, claims, lang)} → {target.name}")


def _name_copy(file: Path, out: str | Path | None, *, several: bool) -> Path:
    if out is None:
        return file.with_name(f"{file.stem}-核对.docx")
    target = Path(out)
    if target.is_dir() or (several and not target.suffix):
        return target / f"{file.stem}-核对.docx"
    if several:
        raise DataError("briefing.one_docx")
    return target

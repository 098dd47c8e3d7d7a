"""Is there a program that prints a Word file as PDF? Where LibreOffice is installed, a PDF lies beside the brief."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from edustats.files import write_whole

PROGRAMS = ("soffice", "libreoffice")
PATIENCE = 180.0
"""Seconds that one file may take."""
_DATE = re.compile(rb"(/(?:CreationDate|ModDate)\s*\(D:)(\d+)")
_DIGESTS = re.compile(rb"(/ID\s*\[\s*<|>\s*<(?=[0-9A-F]{32}>\s*\])|/DocChecksum\s*/)([0-9A-F]{32})")


@cache
def find_office() -> str:
    """The program's path; empty where there is none, or ``EDUSTATS_PDF=0`` says that none is wanted."""
    if os.environ.get("EDUSTATS_PDF") == "0":
        return ""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), "")


def write_pdf(document: Path) -> Path | None:
    """Print a Word file beside itself.

    Parameters
    ----------
    document : a .docx

    Returns
    -------
    Path or None
        The PDF; None where no program is there or it made none: the brief itself is whole all the same.
    """
    office = find_office()
    if not office:
        return None
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder)
        command = [
            office, f"-env:UserInstallation={(held / 'profile').as_uri()}", "--headless", "--norestore",
            "--convert-to", "pdf", "--outdir", folder, str(document),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return None
        made = held / f"{document.stem}.pdf"
        if not made.is_file():
            return None
        target = document.with_suffix(".pdf")
        write_whole(target, strip_pdf_times(made.read_bytes()))
    return target


def strip_pdf_times(raw: bytes) -> bytes:
    """The file that says nothing of when it was made; its length, and so its table of places, stays.

    Examples
    --------
    >>> strip_pdf_times(b"/CreationDate(D:20261128044117Z')")
    b"/CreationDate(D:00000000000000Z')"
    """
    for told in (_DATE, _DIGESTS):
        raw = told.sub(lambda found: found[1] + b"0" * len(found[2]), raw)
    return raw

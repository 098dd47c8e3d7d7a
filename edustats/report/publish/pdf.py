"""Is there a program that prints a Word file as PDF? Where LibreOffice is installed, a PDF lies beside the brief."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from edustats.files import replace_file

PROGRAMS = ("soffice", "libreoffice")
PATIENCE = 180.0
"""Seconds that one file may take."""
SAME_DAY = "946684800"
"""The time that the PDF says it was made, so that equal contents are equal bytes."""


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
        surroundings = {**os.environ, "SOURCE_DATE_EPOCH": SAME_DAY}
        try:
            subprocess.run(command, env=surroundings, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return None
        made = held / f"{document.stem}.pdf"
        if not made.is_file():
            return None
        target = document.with_suffix(".pdf")
        shutil.copyfile(made, target.with_name(f"{target.name}.part"))
        replace_file(target.with_name(f"{target.name}.part"), target)
    return target

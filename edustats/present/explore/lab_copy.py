"""Which notebooks does somebody work on in the Lab? A copy of their own, in one language, with a page to begin on.

The package is never written to. A notebook that is there already is somebody's work and stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from edustats.errors import DataError
from edustats.shipped import shipped
from edustats.words import LANGUAGES, say

FOLDER = "edustats_notebooks"
TEMPLATE = "notebooks/template/own_chapter.ipynb"
IGNORE = "*\n"
"""Of the copy's own .gitignore: a copy never dirties a repository."""


def copy_notebooks(lang: str, source: Path | None = None) -> tuple[Path, int]:
    """Copy the notebooks to the folder ``edustats_notebooks/zh`` or ``/en`` of where one stands.

    Parameters
    ----------
    lang : whose prose stays, and in which language results are shown
    source : folder of the notebooks; None: those that came with the package

    Returns
    -------
    folder, number
        The copy, and how many notebooks are new in it.

    Raises
    ------
    DataError
        The folder cannot be written; says why.
    """
    source, target = source or shipped("notebooks"), Path(FOLDER) / lang
    files = {path.name: path for path in sorted(source.glob("*.ipynb"))}
    files[say("lab.own_chapter")[lang]] = shipped(TEMPLATE)
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target.parent / ".gitignore").write_text(IGNORE, "utf-8")
        new = [name for name in files if not (target / name).exists()]
        for name in new:
            _copy_in_one_language(files[name], target / name, lang)
        start = target / say("lab.start_file")[lang]
        start.write_text(write_start_page(target, lang), "utf-8")
    except OSError as error:
        raise DataError("cli.no_copy", folder=target.absolute(), why=error.strerror) from error
    return target, len(new)


def _copy_in_one_language(path: Path, target: Path, lang: str) -> None:
    import nbformat

    book = nbformat.read(path, as_version=4)
    others = {f"lang-{one}" for one in LANGUAGES if one != lang}
    book.cells = [cell for cell in book.cells if not others & set(cell.metadata.get("tags", ()))]
    for cell in book.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = re.sub(r'^(lang: str = )"\w*"', rf'\1"{lang}"', cell.source, flags=re.M)
    nbformat.write(book, target)
    _trust(book)


def _trust(book: Any) -> None:
    """Sign the copy, so that its results are shown when it is opened again; without it nothing but that is lost."""
    from sqlite3 import Error

    from nbformat.sign import NotebookNotary

    try:
        NotebookNotary().sign(book)
    except (OSError, Error):  # e.g. a home that may not be written to
        return


def write_start_page(folder: Path, lang: str) -> str:
    """Which question each notebook of a folder answers, as Markdown with links."""
    lines = [f"# {say('lab.start_title')[lang]}", "", say("lab.start_how")[lang], ""]
    for path in sorted(folder.glob("*.ipynb")):
        title, about = _read_opening(path)
        lines.append(
            f"- [{title or path.stem}](<{path.name}>)" + (f"：{about}" if lang == "zh" else f": {about}")
        )
    return "\n".join([*lines, "", say("lab.start_own")[lang], ""])


def _read_opening(path: Path) -> tuple[str, str]:
    """The first heading and the first paragraph of a notebook; empty where it has none or is none."""
    import nbformat

    try:
        book = nbformat.read(path, as_version=4)
    except (ValueError, OSError):  # somebody's work that is no notebook any more
        return "", ""
    prose = _list_paragraphs("\n\n".join(c.source for c in book.cells if c.cell_type == "markdown"))
    title = next((text[2:] for text in prose if text.startswith("# ")), "")
    about = next((text for text in prose if not text.startswith("#")), "")
    return title, about


def _list_paragraphs(text: str) -> list[str]:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [part for part in parts if part]

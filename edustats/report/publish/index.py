"""What does the director's staff see first: which counties are done, which are not, and why?

One page beside the counties' folders. It asks nothing of any server, works from a ``file://`` address
and from a USB stick, and shows what needs a person before everything else.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from edustats.files import write_whole
from edustats.report.edition.manifest import ReportResult
from edustats.report.publish.front import match_rows, read_front_page
from edustats.report.publish.html import shorten_stem
from edustats.words import LANGUAGES, read_all_texts, say

PAGE = "index.html"
MOST_REVISED = 200
"""Revisions listed on the page; the counties' workbooks hold all of theirs."""
HERE = Path(__file__).parent
BRIEFS = {Path(say("report.brief_name")[lang]).stem for lang in LANGUAGES}
ANNEXES = {Path(say("brief.annex_name")[lang]).stem for lang in LANGUAGES}
RETURNS = "_returns"
WORKBOOKS = {say("trace.workbook_name")[lang] for lang in LANGUAGES}
# What neither cmd nor PowerShell reads anything into, what PowerShell obeys between double quotes, and what
# cannot be handed on at all: a word without it names nothing that exists, which does no harm.
PLAIN = re.compile(r"[\w./:\\=*+-]+")
OBEYED = re.compile("[$`“”„]")
UNQUOTABLE = re.compile(r'["\x00-\x1f]')


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A published file, as a link relative to the page."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyEntry:
    """One line of the list."""

    code: str
    name: str
    scope: str
    pages: tuple[PageLink, ...]
    briefs: tuple[PageLink, ...]
    returns: tuple[PageLink, ...]
    notebooks: tuple[PageLink, ...]
    wrong: tuple[ReportResult, ...]
    earlier: bool
    """Whether the files are older than the newest, failed run."""


def write_index(
    out_edition: Path,
    results: Iterable[ReportResult],
    *,
    lang: str,
    title: str,
    command: Sequence[str] = ("edustats", "report"),
    absent: Sequence[str] = (),
    revised: Sequence[str] = (),
) -> None:
    """Write ``index.html`` for an edition: what failed, then the prefecture, then its counties.

    Parameters
    ----------
    out_edition : the edition's folder, which holds the counties' folders
    results : the newest of each county and notebook, from :func:`edustats.report.edition.manifest.select_latest`
    lang : ``zh`` or ``en``
    title : heading of the page
    command : words of the command that made the edition, without its counties; the page appends those
        that failed, so that one line makes just them again
    absent : a sentence for each county that ought to have sent figures and sent none
    revised : a sentence for each figure that the last edition published otherwise
    """
    found = sorted(results, key=lambda result: (result.county, result.folder, result.notebook))
    areas = [
        _build_county_entry(out_edition, list(group), lang)
        for _, group in groupby(found, key=lambda result: (result.county, result.folder))
    ]
    areas.sort(key=lambda area: area.scope == "county")
    front = read_front_page(out_edition, found, lang)
    template = _make_environment().get_template("index.html.j2")
    page = template.render(
        lang={"zh": "zh-CN"}.get(lang, lang),
        front=front,
        figures=match_rows(front, [area.name for area in areas]),
        sorting=Path(__file__).with_name("sortable.js").read_text("utf-8"),
        title=title,
        say=partial(_translate_text, lang),
        counties=[area for area in areas if area.scope == "county"],
        prefectures=[area for area in areas if area.scope != "county"],
        wrong=[area for area in areas if area.wrong],
        of_prefecture=lambda key: say(f"prefecture.{key}")[lang],
        made=_format_newest_time(found),
        command=_build_retry_command(command, areas),
        absent=absent,
        absent_title=say("areas.index_absent")[lang],
        revised=[*revised[:MOST_REVISED], *_count_more(revised, lang)],
        revised_title=say("revisions.heading")[lang],
        label=partial(_label_notebook, lang),
        state=lambda result: _translate_text(lang, f"state_{result.state}"),
    )
    write_whole(out_edition / PAGE, page)


def _count_more(revised: Sequence[str], lang: str) -> list[str]:
    more = len(revised) - MOST_REVISED
    return [say("revisions.more", n=more)[lang]] if more > 0 else []


def _make_environment() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def _translate_text(lang: str, key: str, **facts: object) -> str:
    return say(f"report.{key}", **facts)[lang]


def _label_notebook(lang: str, notebook: str) -> str:
    if notebook in BRIEFS:
        return _translate_text(lang, "column_brief")
    if notebook in ANNEXES:
        return _translate_text(lang, "column_annex")
    if notebook.endswith(RETURNS):
        return say("returns.link")[lang]
    if f"{notebook}.xlsx" in WORKBOOKS:
        return say("trace.column_workbook")[lang]
    key = f"notebook_{notebook}"
    return _translate_text(lang, key) if f"report.{key}" in read_all_texts() else shorten_stem(notebook)


def _label_file(lang: str, name: str) -> str:
    label = _label_notebook(lang, Path(name).stem)
    return f"{label} (PDF)" if name.endswith(".pdf") else label


def _build_county_entry(edition: Path, results: list[ReportResult], lang: str) -> CountyEntry:
    first, folder = results[0], edition / results[0].folder
    stems = [result.notebook for result in results]
    wrong = tuple(result for result in results if not result.done)
    return CountyEntry(
        code=first.county,
        name=first.name,
        scope=first.scope,
        pages=_link_files(folder, [f"{stem}.html" for stem in stems], lang),
        briefs=_link_files(
            folder,
            [*sorted(p.name for p in (*folder.glob("*.docx"), *folder.glob("*.pdf"))), *sorted(WORKBOOKS)],
            lang,
        ),
        returns=_link_files(folder, sorted(path.name for path in folder.glob(f"*{RETURNS}.xlsx")), lang),
        notebooks=_link_files(folder, [f"{stem}.ipynb" for stem in stems], lang),
        wrong=wrong,
        earlier=any(_is_older_than_run(folder / f"{result.notebook}.ipynb", result) for result in wrong),
    )


def _link_files(folder: Path, names: Iterable[str], lang: str) -> tuple[PageLink, ...]:
    return tuple(
        PageLink(href=quote(f"{folder.name}/{name}"), text=_label_file(lang, name))
        for name in names
        if (folder / name).is_file()
    )


def _is_older_than_run(file: Path, result: ReportResult) -> bool:
    """Whether a file was there before the run that failed."""
    if not (result.started and file.is_file()):
        return False
    return file.stat().st_mtime < datetime.fromisoformat(result.started).timestamp()


def _format_newest_time(results: Iterable[ReportResult]) -> str:
    newest = max((result.started for result in results), default="")
    return datetime.fromisoformat(newest).astimezone().strftime("%Y-%m-%d %H:%M") if newest else ""


def _build_retry_command(command: Sequence[str], counties: Iterable[CountyEntry]) -> str:
    wrong = [word for county in counties if county.wrong for word in ("--county", county.code)]
    return command_line([*command, *wrong], windows=os.name == "nt") if wrong else ""


def command_line(words: Sequence[str], *, windows: bool) -> str:
    """A command to be pasted into a shell: on Windows into cmd as well as PowerShell.

    What stands in double quotes is inert in cmd, and in PowerShell with a backtick before what it would obey.

    Examples
    --------
    >>> command_line(["edustats", "--store", "我的 数据"], windows=True)
    'edustats --store "我的 数据"'
    >>> command_line(["edustats", "--store", "my data"], windows=False)
    "edustats --store 'my data'"
    """
    return " ".join(map(_quoted, words)) if windows else shlex.join(words)


def _quoted(word: str) -> str:
    if PLAIN.fullmatch(word):
        return word
    inert = OBEYED.sub(r"`\g<0>", UNQUOTABLE.sub("", word))
    ending = "\\" if inert.endswith("\\") else ""  # one backslash before the closing quote would escape it
    return f'"{inert}{ending}"'

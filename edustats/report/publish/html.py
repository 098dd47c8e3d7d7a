"""How does an executed notebook become a page? Self-contained, offline, and inert whatever it quotes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edustats import __version__
from edustats.files import write_whole
from edustats.present.records import html as cards
from edustats.present.records.items import Figure, Finding, Table
from edustats.report.trace.notebook import Block, Heading, Picture, Printed, Prose, Silent, read_blocks
from edustats.words import read_all_texts, say

FEWEST_SECTIONS = 3
"""A page with fewer needs no contents."""


def write_html_page(
    executed: Path, target: Path, lang: str, beside: Sequence[str] = (), area: str = "",
    places: cards.Places = cards.NO_PLACES,
) -> None:  # fmt: skip
    """Write the page of one executed notebook.

    Parameters
    ----------
    executed : the notebook
    target : the page, written whole or not at all
    lang : zh or en
    beside : stems of the chapters that are published beside it, its own among them
    area : whose page it is, for its heading
    places : the numbers of the sources in the area's list
    """
    shown = _name_heading(drop_empty_sections(read_blocks(executed, lang)), executed.stem, lang, area)
    title = _build_page_title(shown, executed.stem, lang)
    words = {
        "index": say("page.back_to_index")[lang],
        "failed": say("page.cell_failed")[lang],
        "skip": say("publish.skip")[lang],
        "chapters": say("page.chapters")[lang],
        "footer": say("page.page_footer", version=__version__)[lang],
    }
    parts = [_render_block(block, lang, f"i{number}", places) for number, block in enumerate(shown)]
    first = next((k for k, block in enumerate(shown) if isinstance(block, Heading) and block.level == 1), -1)
    if first < 0:
        parts.insert(0, f"<h1>{escape(title)}</h1>")
    parts.insert(first + 1 if first >= 0 else 1, _render_contents(shown, lang))
    sortable = any(isinstance(block, Table) and block.sortable for block in shown)
    script, digest = _build_script(sortable)
    page = _load_template().render(
        title=title, lang=lang, chapters=_list_chapters(beside, executed.stem, lang),
        parts=parts, words=words, sortable=sortable, script=script, digest=digest
    )  # fmt: skip
    write_whole(target, page)


@cache
def _load_template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("page.html.j2")


@cache
def _build_script(sortable: bool) -> tuple[str, str]:
    """The page's only script and the digest by which the browser knows it from any other."""
    own = [Path(__file__).with_name(name).read_text("utf-8") for name in ("page.js", "sortable.js")]
    script = "\n".join([f"{cards.read_copy_script()}(document);", *own[: 1 + sortable]])
    return script, base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _build_page_title(shown: list[Block], name: str, lang: str) -> str:
    """What the browser's tab says: the county, then the chapter."""
    cover = next((b.sentence[lang] for b in shown if isinstance(b, Finding) and b.key == "cover"), "")
    chapter = next((b.text for b in shown if isinstance(b, Heading)), name)
    return " · ".join(part for part in (cover, chapter) if part)


def _name_heading(shown: Sequence[Block], stem: str, lang: str, area: str) -> list[Block]:
    """The page's heading with whose page it is, and the chapter's name as the index has it."""
    known = f"report.notebook_{stem}" in read_all_texts()
    return [
        Heading(1, " · ".join(p for p in (area, name_chapter(stem, lang) if known else block.text) if p))
        if isinstance(block, Heading) and block.level == 1 and area
        else block
        for block in shown
    ]


def drop_empty_sections(shown: Sequence[Block]) -> list[Block]:
    """The blocks without headings under which nothing stands, and without the prose that only announces it.

    A section whose code showed nothing has nothing for this county; a section of prose alone is somebody's text and
    stays.
    """
    kept: list[Block] = []
    section: list[Block] = []
    for block in [*shown, Heading(1, "")]:
        if isinstance(block, Heading) and block.level <= 2:
            silent = any(isinstance(one, Silent) for one in section)
            told = any(not isinstance(one, (Heading, Prose, Silent)) for one in section)
            prose = any(isinstance(one, Prose) for one in section)
            opening = bool(section) and isinstance(section[0], Heading) and section[0].level == 1
            if told or opening or (prose and not silent):
                kept += [one for one in section if not isinstance(one, Silent)]
            section = []
        section.append(block)
    return kept


def _render_contents(shown: Sequence[Block], lang: str) -> str:
    """The page's own contents: a line of links to its sections; nothing where there are few."""
    heads = [(k, block) for k, block in enumerate(shown) if isinstance(block, Heading) and block.level == 2]
    if len(heads) < FEWEST_SECTIONS:
        return ""
    links = "".join(f'<li><a href="#i{k}">{escape(block.text)}</a></li>' for k, block in heads)
    label = escape(say("page.contents")[lang], quote=True)
    return f'<nav class="contents" aria-label="{label}"><ul>{links}</ul></nav>'


def _list_chapters(beside: Sequence[str], own: str, lang: str) -> list[dict[str, Any]]:
    """The county's other chapters and files, each named as in the index."""
    chapters = [
        {"href": quote(f"{stem}.html"), "text": name_chapter(stem, lang), "here": stem == own}
        for stem in sorted(set(beside))
    ]
    if not chapters:
        return []
    brief, book = say("report.brief_name")[lang], say("trace.workbook_name")[lang]
    files = [(brief, say("report.column_brief")[lang]), (book, say("trace.column_workbook")[lang])]
    return chapters + [{"href": quote(name), "text": text, "here": False} for name, text in files]


def name_chapter(stem: str, lang: str) -> str:
    """A chapter as the index calls it."""
    address = f"report.notebook_{stem}"
    return say(address)[lang] if address in read_all_texts() else shorten_stem(stem)


def shorten_stem(stem: str) -> str:
    """What an own chapter is called: the name of its file without the number before it.

    Examples
    --------
    >>> shorten_stem("70_留守儿童专题")
    '留守儿童专题'
    """
    return re.sub(r"^\d+[_-]", "", stem).replace("_", " ").strip() or stem


def _render_block(block: Block, lang: str, name: str, places: cards.Places) -> str:
    """One block as HTML; each kind escapes what it quotes."""
    match block:
        case Heading(level, text):
            return f'<h{level} id="{name}">{escape(text)}</h{level}>'
        case Prose(markdown):
            return f'<div class="prose">{_render_markdown(markdown)}</div>'
        case Printed(text, error):
            return f'<pre class="{"error" if error else "text"}">{escape(text)}</pre>'
        case Picture(png):
            alt = escape(say("publish.own_picture")[lang], quote=True)
            return f'<img alt="{alt}" src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}">'
        case Finding() if block.key.startswith("brief.masthead"):
            return ""  # the brief's letterhead
        case Finding():
            return cards.render_finding(block, lang, name, places)
        case Table():
            return cards.render_table(block, lang, name, places)
        case Figure():
            return cards.render_figure(block, lang, name, places)
        case Silent():
            return ""


def _render_markdown(markdown: str) -> str:
    """Markdown as HTML; HTML inside it is shown, not obeyed."""
    return str(_make_markdown_renderer()(markdown))


@cache
def _make_markdown_renderer() -> Any:
    import mistune

    return mistune.create_markdown(escape=True)

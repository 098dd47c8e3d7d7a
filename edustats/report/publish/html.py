"""How does an executed notebook become a page? Self-contained, offline, and inert whatever it quotes."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from edustats import __version__
from edustats.files import write_whole
from edustats.present.records import html as cards
from edustats.present.records.items import Figure, Finding, Table
from edustats.report.trace.notebook import Block, Heading, Picture, Printed, Prose, read_blocks
from edustats.words import say


def write_html_page(executed: Path, target: Path, lang: str) -> None:
    """Write the page of one executed notebook.

    Parameters
    ----------
    executed : the notebook
    target : the page, written whole or not at all
    lang : zh or en
    """
    shown = read_blocks(executed, lang)
    title = _build_page_title(shown, executed.stem, lang)
    words = {
        "index": say("page.back_to_index")[lang],
        "failed": say("page.cell_failed")[lang],
        "skip": say("publish.skip")[lang],
        "footer": say("page.page_footer", version=__version__)[lang],
    }
    parts = [_render_block(block, lang, f"i{number}") for number, block in enumerate(shown)]
    if not any(isinstance(block, Heading) and block.level == 1 for block in shown):
        parts.insert(0, f"<h1>{escape(title)}</h1>")
    sortable = any(isinstance(block, Table) and block.sortable for block in shown)
    script, digest = _build_script(sortable)
    page = _load_template().render(
        title=title, lang=lang, parts=parts, words=words, sortable=sortable, script=script, digest=digest
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


def _render_block(block: Block, lang: str, name: str) -> str:
    """One block as HTML; each kind escapes what it quotes."""
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Prose(markdown):
            return f'<div class="prose">{_render_markdown(markdown)}</div>'
        case Printed(text, error):
            return f'<pre class="{"error" if error else "text"}">{escape(text)}</pre>'
        case Picture(png):
            alt = escape(say("publish.own_picture")[lang], quote=True)
            return f'<img alt="{alt}" src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}">'
        case Finding():
            return cards.render_finding(block, lang, name)
        case Table():
            return cards.render_table(block, lang, name)
        case Figure():
            return cards.render_figure(block, lang, name)


def _render_markdown(markdown: str) -> str:
    """Markdown as HTML; HTML inside it is shown, not obeyed."""
    return str(_make_markdown_renderer()(markdown))


@cache
def _make_markdown_renderer() -> Any:
    import mistune

    return mistune.create_markdown(escape=True)

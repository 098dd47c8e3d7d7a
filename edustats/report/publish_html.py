"""How does an executed notebook become a page? Self-contained, offline, and inert whatever it quotes."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from edustats import __version__
from edustats.present import cards
from edustats.present.finding import Figure, Finding, Table
from edustats.report.executed import Block, Heading, Picture, Printed, Prose, blocks
from edustats.report.manifest import write_whole
from edustats.words import say

MANY_ROWS = 30
MANY_COLUMNS = 7
"""A wider table may run beyond the column of text."""


def html(executed: Path, target: Path, lang: str) -> None:
    """Write the page of one executed notebook.

    Parameters
    ----------
    executed : the notebook
    target : the page, written whole or not at all
    lang : zh or en
    """
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    shown = blocks(executed, lang)
    title = _title(shown, executed.stem, lang)
    words = {
        "index": say("page.back_to_index")[lang],
        "failed": say("page.cell_failed")[lang],
        "footer": say("page.page_footer", version=__version__)[lang],
    }
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    parts = [Markup(_part(block, lang)) for block in shown]  # noqa: S704 - each part escapes what it quotes
    script = _script(shown)
    page = templates.get_template("page.html.j2").render(
        title=title, lang=lang, parts=parts, words=words, script=Markup(script), script_digest=_digest(script)  # noqa: S704 - ours
    )  # fmt: skip
    write_whole(target, page)


def _script(shown: list[Block]) -> str:
    """Our own script, if the page has a table to sort; the page allows this one and no other."""
    sortable = any(isinstance(block, Table) and block.sortable for block in shown)
    return (Path(__file__).parent / "sortable.js").read_text("utf-8") if sortable else ""


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _title(shown: list[Block], name: str, lang: str) -> str:
    """What the browser's tab says: the county, then the chapter."""
    cover = next((b.sentence[lang] for b in shown if isinstance(b, Finding) and b.key == "cover"), "")
    chapter = next((b.text for b in shown if isinstance(b, Heading)), name)
    return " · ".join(part for part in (cover, chapter) if part)


def _part(block: Block, lang: str) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Prose(markdown):
            return f'<div class="prose">{_rendered(markdown)}</div>'
        case Printed(text, error):
            return f'<pre class="{"error" if error else "text"}">{escape(text)}</pre>'
        case Picture(png):
            return f'<img alt="" src="data:image/png;base64,{base64.b64encode(png).decode("ascii")}">'
        case Finding():
            return cards.finding_html(block, lang)
        case Table():
            return f"<div {_frame(block, lang)}>{cards.table_html(block, lang)}</div>"
        case Figure():
            return cards.figure_html(block, lang)


def _frame(table: Table, lang: str) -> str:
    """How a table's frame gives way: wide ones run beyond the text, long ones roll, by keyboard too."""
    wide = " wide" if len(table.columns) > MANY_COLUMNS else ""
    if not table.sortable or len(table.rows) <= MANY_ROWS:
        return f'class="scroll{wide}"'
    label = escape(table.title[lang], quote=True)
    return f'class="scroll tall{wide}" tabindex="0" role="region" aria-label="{label}"'


def _rendered(markdown: str) -> str:
    """Markdown as HTML; HTML inside it is shown, not obeyed."""
    import mistune

    return str(mistune.create_markdown(escape=True)(markdown))

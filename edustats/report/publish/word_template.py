"""How does a bureau's own Word template get a county's words? Placeholders, filled by docxtpl.

A template is tried with an invented county before anything runs, so that an unknown or broken placeholder
costs one sentence and no time. The placeholders are listed in ``docs/word.md``.
"""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.sandbox import SandboxedEnvironment

from edustats.errors import DataError, MissingFileError
from edustats.present.records.items import Finding
from edustats.report.publish.one_page import OnePage
from edustats.report.publish.word_chart import CONTROL
from edustats.report.trace.notebook import Block, Heading

BRIEF = "[[edustats:brief]]"
"""What ``{{ brief }}`` becomes until the chapters take its place."""
POINTS = {"improving": "improved", "worsening": "slipped", "stands": "stands", "owed": "owed"}
SAMPLE: dict[str, Any] = {
    "county": "甲县", "title": "甲县教育发展简报", "cover": "甲县", "source": "数据", "brief": BRIEF,
    "improved": "", "slipped": "", "stands": "", "owed": "",
    "figures": [{"label": "", "year": "", "value": "", "above": ""}],
    "chapters": [{"title": "", "sentences": [""]}],
}  # fmt: skip
"""Every placeholder, as an invented county would fill it."""
LISTS = ("figures", "chapters", "sentences")
FILTERS = ("default", "first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "undefined", "none")
DEEPEST = 3
"""Loops inside each other; chapters, their sentences and one more."""
MOST_BYTES = 200_000_000
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr,
    nodes.Concat, nodes.Add, nodes.Sub, nodes.Keyword, nodes.Slice, nodes.EvalContextModifier, nodes.EvalContext,
)  # fmt: skip
PLAIN = (nodes.Name, nodes.Getattr, nodes.Getitem)
_RICH = re.compile(r"\{\{(?:r|p|tr|tc)\s[^}]*\}\}")


def collect_placeholder_words(
    county: str, title: str, page: OnePage, chapters: Sequence[Sequence[Block]], lang: str
) -> dict[str, Any]:
    """What each placeholder stands for: texts, never numbers, so that nothing is rounded twice."""
    cover = next((b for c in chapters for b in c if isinstance(b, Finding) and b.key == "cover"), None)
    said = {POINTS[point.lead]: point.said[lang] for point in page.points}
    held = {
        **SAMPLE,
        **dict.fromkeys(POINTS.values(), ""),
        **said,
        "county": county,
        "title": title,
        "cover": cover.sentence[lang] if cover else "",
        "source": cover.note[lang] if cover else "",
        "figures": [
            {"label": t.label[lang], "year": t.year, "value": t.value[lang], "above": t.above[lang]}
            for t in page.tiles
        ],
        "chapters": [_collect_chapter(shown, lang) for shown in chapters],
    }
    return dict(_strip_control_characters(held))


def _collect_chapter(shown: Sequence[Block], lang: str) -> dict[str, Any]:
    title = next((b.text for b in shown if isinstance(b, Heading)), "")
    said = [b.sentence[lang] for b in shown if isinstance(b, Finding) and b.key != "cover"]
    return {"title": title, "sentences": said}


def _strip_control_characters(held: Any) -> Any:
    """The same without what XML cannot hold."""
    if isinstance(held, str):
        return held.translate(CONTROL)
    if isinstance(held, dict):
        return {key: _strip_control_characters(value) for key, value in held.items()}
    return [_strip_control_characters(value) for value in held]


def check_template(template: Path) -> None:
    """Try a template with an invented county.

    Parameters
    ----------
    template : a .docx

    Raises
    ------
    MissingFileError
        There is no such file.
    DataError
        It is no Word file, a placeholder is unknown or broken, or ``{{ brief }}`` does not stand alone in a
        paragraph of the body; the message says which.
    """
    made = fill_template(template, SAMPLE)
    if BRIEF in "".join(made.element.itertext()) and find_brief_place(made) is None:
        raise DataError("publish.template_place", file=template.name)


def find_brief_place(document: Any) -> Any:
    """The paragraph whose place the chapters take; None where the template wants none."""
    return next((p for p in document.paragraphs if p.text.strip() == BRIEF), None)


def fill_template(template: Path, words: dict[str, Any]) -> Any:
    """The template as a document, its placeholders filled.

    Raises
    ------
    MissingFileError, DataError
        As :func:`check_template` says.
    """
    from jinja2 import UndefinedError
    from jinja2.exceptions import SecurityError

    made = _open_template(template)
    try:
        _refuse_rich_placeholders(template, made)
        _refuse_unknown_placeholders(template, made.get_undeclared_template_variables(_make_sandbox()))
        made.render(words, _make_sandbox(), autoescape=True)
    except NotAllowedError as error:
        raise DataError("publish.template_not_allowed", file=template.name, found=error.message) from error
    except TemplateSyntaxError as error:
        raise DataError("publish.template_broken", file=template.name, found=error.message) from error
    except UndefinedError as error:
        raise DataError("publish.template_part", file=template.name, found=error.message) from error
    except (SecurityError, TypeError, ValueError, ArithmeticError, LookupError, SyntaxError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("publish.template_broken", file=template.name, found=str(error)[:120]) from error
    return made.docx


def _open_template(template: Path) -> Any:
    """The template, not yet filled; nothing in it leads to another file when it is opened."""
    from docxtpl import DocxTemplate

    if not template.is_file():
        raise MissingFileError("publish.template_missing", file=template.name)
    try:
        with zipfile.ZipFile(template) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size <= MOST_BYTES:
            made = DocxTemplate(str(template))
            made.init_docx()
            _cut_loose(made.docx)
    except Exception as error:  # a damaged part breaks the reader in a dozen ways, lxml's own among them
        raise DataError("publish.template_not_word", file=template.name) from error
    if size > MOST_BYTES:
        raise DataError("publish.template_large", file=template.name, size=size // 1_000_000)
    return made


def _cut_loose(document: Any) -> None:
    """Without the template it was made from: a program that opens it would fetch that, from wherever it says."""
    for part in document.part.package.iter_parts():
        links = [key for key, link in part.rels.items() if link.reltype.endswith("/attachedTemplate")]
        for key in links:
            del part.rels[key]
        if links and hasattr(part, "element"):
            for found in part.element.xpath("//w:attachedTemplate"):
                found.getparent().remove(found)


def _refuse_rich_placeholders(template: Path, made: Any) -> None:
    """``{{r county }}`` asks docxtpl for a formatted text, of which there are none: the word would be lost."""
    text = "".join(made.docx.element.itertext())
    if found := _RICH.search(text):
        raise DataError("publish.template_broken", file=template.name, found=found[0])


def _refuse_unknown_placeholders(template: Path, named: set[str]) -> None:
    unknown = sorted(named - set(SAMPLE))
    if unknown:
        near = difflib.get_close_matches(unknown[0], SAMPLE, n=1, cutoff=0.0)[0]
        known, listed = ", ".join(SAMPLE), ", ".join(unknown)
        raise DataError(
            "publish.template_unknown", file=template.name, names=listed, near=near, known=known
        )  # fmt: skip


@cache
def _make_sandbox() -> Any:
    from jinja2 import StrictUndefined

    made = _Placeholders(autoescape=True, undefined=StrictUndefined)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


class NotAllowedError(TemplateSyntaxError):
    """Something that Jinja can do and a template of a brief may not."""


class _Placeholders(SandboxedEnvironment):
    """Jinja with what a template needs and no more: names and their parts, for, if, a few filters.

    A closed list, because every open one had a way to run for ever, to fill the memory or to write markup.
    """

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if found := _not_allowed(node):
                raise NotAllowedError(found, getattr(node, "lineno", 0) or 0)
        return tree


def _not_allowed(node: nodes.Node) -> str:
    """What a template may not do here: a loop over letters or inside its like, a filter of a filter, a call …"""
    if not isinstance(node, ALLOWED):
        return type(node).__name__.lower()
    if isinstance(node, nodes.Filter):
        known = (
            node.name in FILTERS or node.name not in DEFAULT_FILTERS
        )  # an unknown one is a slip of the pen
        return "" if known and isinstance(node.node, PLAIN) else f"|{node.name}"
    if isinstance(node, nodes.For):
        inner = [_looped(one) for one in node.find_all(nodes.For)]
        return "" if _looped(node) and _looped(node) not in inner and len(inner) < DEEPEST else "for"
    return ""


def _looped(loop: nodes.For) -> str:
    """The list that a loop goes through, '' where it is none of ours."""
    name = getattr(loop.iter, "attr", getattr(loop.iter, "name", ""))
    return name if isinstance(loop.iter, PLAIN) and name in LISTS else ""

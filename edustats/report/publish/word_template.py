"""How does a bureau's own Word template get a county's words? Placeholders, filled by docxtpl.

A template is tried with an invented county before anything runs, so that an unknown or broken placeholder
costs one sentence and no time. The placeholders are listed in ``docs/word.md``.
"""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

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
        As :func:`check` says.
    """
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate
    from jinja2 import TemplateSyntaxError, UndefinedError
    from jinja2.exceptions import SecurityError

    if not template.is_file():
        raise MissingFileError("publish.template_missing", file=template.name)
    made = DocxTemplate(str(template))
    try:
        _refuse_unknown_placeholders(template, made.get_undeclared_template_variables(_make_sandbox()))
        made.render(words, _make_sandbox(), autoescape=True)
    except TemplateSyntaxError as error:
        raise DataError("publish.template_broken", file=template.name, found=error.message) from error
    except UndefinedError as error:
        raise DataError("publish.template_part", file=template.name, found=error.message) from error
    except (SecurityError, TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("publish.template_broken", file=template.name, found=str(error)) from error
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError) as error:
        raise DataError("publish.template_not_word", file=template.name) from error
    return made.docx


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
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)

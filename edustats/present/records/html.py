"""How does an item look on a screen and when pasted into Word? HTML with inline styles, all escaped.

Word and WPS keep inline borders and fonts and drop style sheets, so a table carries its own. In JupyterLab
a small script shows the copy buttons; where none may run (an untrusted notebook) they stay hidden. On a
page, which gives each item a name, the figures of a sentence lead to their sources.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from edustats.present.records.items import Cell, Figure, Finding, Provenance, Table
from edustats.present.records.numbers import format_digits
from edustats.present.records.row_filter import describe_years
from edustats.words import Text, say

Places = Mapping[Provenance, int]
NO_PLACES: Places = {}

SONG = "font-family:'宋体','SimSun','Noto Serif SC',serif"
HEI = "font-family:'黑体','SimHei','Noto Sans SC',sans-serif"
LONGEST_LINE = 28
"""Letters of a cell beyond which it is a text and may break."""
LONG_TEXT = 60
"""Letters from which it holds a sentence rather than words."""
MOST_SHOWN, FEW_MORE = 15, 2
"""Rows of a table that a page shows at once; a table with so few more shows them all."""
MOST_FILES = 6
"""Files and rows named behind one number."""
MANY_ROWS, MANY_COLUMNS = 30, 7
"""Beyond these a sortable table rolls in its own frame, and any table runs beyond the text."""
TONES = {
    "improving": "#1b5e20", "narrower": "#1b5e20", "worsening": "#8c1d18", "wider": "#8c1d18",
    "met": "#1b5e20", "on_course": "#1b5e20", "off_course": "#8c1d18", "not_met": "#8c1d18", "overdue": "#8c1d18",
    "rising": "#1f4e79", "falling": "#1f4e79", "likely_improving": "#43733f", "likely_worsening": "#a4514d",
    "likely_rising": "#4f7396", "likely_falling": "#4f7396", "gap_real": "#5d4037",
}  # fmt: skip
PLAIN_TEXT = "tex2jax_ignore mathjax_ignore"
"""Classes in which JupyterLab looks for no formula: two dollar signs in a name are none."""


def render_finding(finding: Finding, lang: str, name: str = "", places: Places = NO_PLACES) -> str:
    """A finding as a card: sentence, verdict chip, note on scope and, folded, its sources.

    ``name`` is the item's own on its page; without one it is an output of a notebook. ``places`` are the numbers
    of the sources in the area's list.
    """
    if finding.key == "cover":
        return _render_cover(finding, lang)
    chip = "" if finding.verdict == "none" else _render_verdict_chip(finding.verdict, lang)
    note = f'<p style="margin:.3em 0 0;font-size:85%">{escape(finding.note[lang])}</p>'
    lines = [
        f"{n.label[lang]}{'：' if n.shown[lang] else ''}{n.shown[lang]} — "
        + "; ".join(_format_provenance(source, lang, places) for source in n.sources)
        for n in finding.numbers
    ]
    said = _link_numbers(finding, lang, lines, name) if name else escape(finding.sentence[lang])
    return _wrap_item(
        "finding", "border-left:3px solid #1f4e79;padding:.3em .8em;margin:.6em 0",
        f'<p style="margin:0"><span class="edustats-said">{said}</span>{chip}{_render_copy_button("text", lang)}</p>'
        f"{note if finding.note[lang] and not name else ''}"
        f"{_render_folded_sources(lines, lang, name, note if finding.note[lang] and name else '')}", name,
    )  # fmt: skip


def _wrap_item(kind: str, style: str, inner: str, name: str, tag: str = "div") -> str:
    """An item in its frame; in a notebook with the script that shows its buttons."""
    script = "" if name else f"<script>{read_copy_script()}(document.currentScript.parentNode)</script>"
    return (
        f'<{tag} class="edustats-item edustats-{kind} {PLAIN_TEXT}" style="{style}">{inner}{script}</{tag}>'
    )


@cache
def read_copy_script() -> str:
    """The function that makes the copy buttons of an element work."""
    lines = Path(__file__).with_name("copy.js").read_text("utf-8").splitlines()
    return "".join(line.strip() for line in lines if not line.startswith("//"))


def _render_copy_button(kind: str, lang: str) -> str:
    done, label = (escape(say(f"publish.{word}")[lang], quote=True) for word in ("copied", f"copy_{kind}"))
    return (
        f' <button type="button" class="edustats-copy" value="{kind}" name="{done}" style="display:none;'
        f'font-size:75%;padding:0 .5em;min-height:24px;cursor:pointer">{label}</button>'
    )


def _link_numbers(finding: Finding, lang: str, lines: list[str], name: str) -> str:
    """The sentence, each of its numbers a button that leads to its source."""
    sentence, places = finding.sentence[lang], _number_lines(lines)
    held = sorted((getattr(number, lang), line) for number, line in zip(finding.numbers, lines, strict=True))
    told, parts = 0, []
    for (start, end), line in held:
        if start < told or start == end:
            continue
        parts.append(escape(sentence[told:start]))
        parts.append(
            f'<span class="edustats-number" role="button" tabindex="0" data-source="{name}-{places[line]}">'
            f"{escape(sentence[start:end])}</span>"
        )
        told = end
    return "".join(parts) + escape(sentence[told:])


def _number_lines(lines: list[str]) -> dict[str, int]:
    """The place of each line among the unlike ones."""
    return {line: place for place, line in enumerate(dict.fromkeys(lines))}


def _render_cover(finding: Finding, lang: str) -> str:
    return (
        f'<div class="edustats-cover" style="margin:0 0 1em"><p style="margin:0;font-size:115%;{HEI}">'
        f'{escape(finding.sentence[lang])}</p><p style="margin:0;font-size:85%">'
        f"{escape(finding.note[lang])}</p></div>"
    )


def _render_verdict_chip(verdict: str, lang: str) -> str:
    tone = TONES.get(verdict, "#616161")
    word = escape(say(f"sentences.{verdict}")[lang])
    return (
        f' <span class="edustats-chip" style="border:1px solid {tone};color:{tone};border-radius:.7em;'
        f'padding:0 .5em;font-size:80%;white-space:nowrap">{word}</span>'
    )


def _format_provenance(source: Provenance, lang: str, places: Places) -> str:
    """Definition, years and files in the reader's words; columns, filters and digests are in the workbook."""
    years = describe_years(source.filter)[lang]
    held = [" ".join(part for part in place if part) for place in source.places] or [
        n for n, _ in source.files
    ]
    files = "; ".join(held[:MOST_FILES]) + ("…" if len(held) > MOST_FILES else "")
    number = f"[{places[source]}] " if source in places else ""
    return number + " · ".join(part for part in (source.clause[lang], years, files) if part)


def _render_folded_sources(lines: list[str], lang: str, name: str = "", note: str = "") -> str:
    """Lines to unfold under their heading, after the note on scope; nothing where there is neither."""
    if not (lines or note):
        return ""
    title = say("page.sources_of_numbers")[lang]
    items = "".join(
        f'<li id="{name}-{place}">{escape(line)}</li>' if name else f"<li>{escape(line)}</li>"
        for line, place in _number_lines(lines).items()
    )
    return (
        f'<details style="font-size:80%"><summary>{title}</summary>{note}'
        + (f'<ul style="margin:.2em 0 0 1.2em;padding:0">{items}</ul>' if items else "")
        + "</details>"
    )


def render_table(table: Table, lang: str, name: str = "", places: Places = NO_PLACES) -> str:
    """A three-line table: rules above and below, a thin one under the heading."""
    printed, last = format_table_rows(table, lang), len(table.rows) - 1
    values = [*table.rows, table.foot] if table.sortable else [(None,) * len(table.columns)] * len(printed)
    sources = [_format_provenance(source, lang, places) for source in table.sources]
    led = [*_link_rows(table, sources, name), ""]
    quoted = [
        [column.quotes(cell) for cell, column in zip(row, table.columns, strict=True)]
        for row in (*table.rows, table.foot or (None,) * len(table.columns))
    ]
    head = "".join(
        _render_cell("th", c.label[lang], j, True, wrap=table.sortable) for j, c in enumerate(table.columns)
    )
    long = bool(name) and not table.sortable and last >= MOST_SHOWN + FEW_MORE
    folded = [
        ' class="edustats-rest"' if long and MOST_SHOWN <= i <= last else "" for i in range(len(printed))
    ]
    drawn = [
        _render_row(printed[i], values[i], quoted[i], led[i] + folded[i], ruled=i >= last)
        for i in range(len(printed))
    ]
    body, foot = "".join(drawn[: last + 1]), "".join(drawn[last + 1 :])
    title = escape(table.title[lang], quote=True)
    made = (
        f'<table class="edustats-table"{" data-sortable" if table.sortable else ""} '
        f'style="border-collapse:collapse;margin:.2em 0"><caption style="{HEI};text-align:left;padding:.2em 0;'
        f'caption-side:top">{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f"{f'<tfoot>{foot}</tfoot>' if foot else ''}</table>"
    )
    if name:  # what is too wide for the page is scrolled, with the keyboard too
        made = f'<div class="{_choose_frame_class(table)}" role="region" tabindex="0" aria-label="{title}">{made}</div>'
    more = last + 1 - MOST_SHOWN
    if any(folded):
        told = escape(say("page.show_more", n=more)[lang])
        made += f'<button type="button" class="edustats-more" hidden>{told}</button>'
    inner = (
        made
        + _render_copy_button("table", lang)
        + _render_notes([table.note], lang)
        + _render_folded_sources(sources, lang, name)
    )
    return _wrap_item("tabled", "margin:.6em 0", inner, name)


def _render_notes(notes: Sequence[Text], lang: str) -> str:
    """Notes below an item, each once."""
    told = dict.fromkeys(note[lang] for note in notes if note[lang])
    return "".join(f'<p style="font-size:85%;margin:.2em 0">{escape(note)}</p>' for note in told)


def _choose_frame_class(table: Table) -> str:
    """How a table's frame gives way: wide ones run beyond the text, long sortable ones roll."""
    wide = " wide" if len(table.columns) > MANY_COLUMNS else ""
    return f"scroll{' tall' if table.sortable and len(table.rows) > MANY_ROWS else ''}{wide}"


def _link_rows(table: Table, lines: list[str], name: str) -> list[str]:
    """For each row, where a click on it leads: its own source where each row has one."""
    if not name or len(lines) != len(table.rows):
        return [""] * len(table.rows)
    places = _number_lines(lines)
    return [f' data-source="{name}-{places[line]}"' for line in lines]


def format_table_rows(table: Table, lang: str) -> list[list[str]]:
    """The cells of a table as they are printed, its marks beside the numbers and its foot as the last row."""
    marks = {(i, j): say(f"prefecture.mark_{mark}")[lang] for i, j, mark in table.marks}
    rows = [*table.rows, table.foot] if table.foot else list(table.rows)
    return [
        [
            marks.get((i, j), "") + format_cell(value, table.columns[j].decimals, lang)
            for j, value in enumerate(row)
        ]
        for i, row in enumerate(rows)
    ]


def _render_row(
    cells: Sequence[str], values: Sequence[Cell | Text], quoted: Sequence[bool], led: str, *, ruled: bool
) -> str:
    """One row; in a sortable table a number keeps its value beside its print."""
    return (
        f"<tr{led}>"
        + "".join(
            _render_cell(
                "td",
                text,
                j,
                ruled,
                value=value if isinstance(value, (int, float)) else None,
                quoted=quoted[j],
            )
            for j, (text, value) in enumerate(zip(cells, values, strict=True))
        )
        + "</tr>"
    )


def format_cell(value: Cell | Text, decimals: int | None, lang: str) -> str:
    """A cell as text; a missing one is a dash, never a zero."""
    if value is None:
        return "—"
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, (int, float)):
        return format_digits(value, decimals or 0, lang, grouped=True)
    return value


def _render_cell(
    tag: str, text: str, column: int, ruled: bool, *, wrap: bool = False, value: float | None = None,
    quoted: bool = False,
) -> str:  # fmt: skip
    """A cell of the heading or the body; the first of a row names it."""
    side = "left" if column == 0 else "right"
    top = "border-top:1.5pt solid currentColor;" if tag == "th" else ""
    bottom = f"border-bottom:{'0.75' if tag == 'th' else '1.5'}pt solid currentColor;" if ruled else ""
    font = HEI if tag == "th" else SONG
    long = tag == "td" and len(text) > LONGEST_LINE
    side = "left" if long else side
    wrapped = "white-space:nowrap;" if column and not (wrap or long) else ""
    held = ' class="edustats-quoted"' if quoted else "" if value is None else f' data-value="{value!r}"'
    if long:  # on a phone the table is scrolled sideways rather than read word by word
        wrapped = "min-width:16em;" if len(text) < LONG_TEXT else "min-width:26em;"
    elif column == 0:
        wrapped = "min-width:8em;"  # a name of four words in four lines is none
    scope = ' scope="col"' if tag == "th" else ' scope="row"' if column == 0 and text else ""
    name = "th" if scope else "td"
    return (
        f'<{name}{scope}{held} style="text-align:{side};font-weight:normal;padding:2pt 6pt;'
        f"font-size:10.5pt;{font};{wrapped}border-left:none;border-right:none;{top}{bottom}"
        f'">{escape(text)}</{name}>'
    )


def render_figure(figure: Figure, lang: str, name: str = "", places: Places = NO_PLACES) -> str:
    """A figure with its caption and alternative text, its picture inside the page."""
    picture = base64.b64encode(figure.png).decode("ascii")
    lines = [_format_provenance(source, lang, places) for source in figure.data.sources]
    return _wrap_item(
        "figure", "margin:.8em 0",
        f'<img src="data:image/png;base64,{picture}" '
        f'alt="{escape(figure.alt[lang], quote=True)}" style="max-width:100%;width:156mm;background:#fff"/>'
        f'<figcaption style="{HEI};font-size:90%">{escape(figure.title[lang])}{_render_copy_button("picture", lang)}'
        f"{_render_folded_sources(lines, lang, name)}</figcaption>"
        f"{_render_notes([figure.note, figure.data.note], lang)}",
        name, tag="figure",
    )  # fmt: skip

"""How does an item look on a screen and when pasted into Word? HTML with inline styles, all escaped.

Word and WPS keep inline borders and fonts and drop style sheets, so a table carries its own.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from edustats.present.finding import Cell, Figure, Finding, Provenance, Table
from edustats.present.sentences import digits
from edustats.words import Text, say

SONG = "font-family:'宋体','SimSun','Noto Serif SC',serif"
HEI = "font-family:'黑体','SimHei','Noto Sans SC',sans-serif"
LONGEST_LINE = 28
"""Letters of a cell beyond which it is a text and may break."""
TONES = {
    "improving": "#1b5e20", "narrower": "#1b5e20", "worsening": "#8c1d18", "wider": "#8c1d18",
    "met": "#1b5e20", "on_course": "#1b5e20", "off_course": "#8c1d18", "not_met": "#8c1d18", "overdue": "#8c1d18",
    "rising": "#1f4e79", "falling": "#1f4e79", "gap_real": "#5d4037",
}  # fmt: skip


def finding_html(finding: Finding, lang: str) -> str:
    """A finding as a card: sentence, verdict chip, note on scope and, folded, its sources."""
    if finding.key == "cover":
        return _cover(finding, lang)
    chip = "" if finding.verdict == "none" else _chip(finding.verdict, lang)
    note = f'<p style="margin:.3em 0 0;font-size:85%;opacity:.75">{escape(finding.note[lang])}</p>'
    return (
        '<div class="edustats-finding" style="border-left:3px solid #1f4e79;padding:.3em .8em;margin:.6em 0">'
        f'<p style="margin:0">{escape(finding.sentence[lang])}{chip}</p>'
        f"{note if finding.note[lang] else ''}{_sources(finding, lang)}</div>"
    )


def _cover(finding: Finding, lang: str) -> str:
    return (
        f'<div class="edustats-cover" style="margin:0 0 1em"><p style="margin:0;font-size:115%;{HEI}">'
        f'{escape(finding.sentence[lang])}</p><p style="margin:0;font-size:85%;opacity:.75">'
        f"{escape(finding.note[lang])}</p></div>"
    )


def _chip(verdict: str, lang: str) -> str:
    tone = TONES.get(verdict, "#616161")
    word = escape(say(f"sentences.{verdict}")[lang])
    return (
        f' <span class="edustats-chip" style="border:1px solid {tone};color:{tone};border-radius:.7em;'
        f'padding:0 .5em;font-size:80%;white-space:nowrap">{word}</span>'
    )


def _sources(finding: Finding, lang: str) -> str:
    lines = [f"{n.label[lang]}：{n.value!r} [{n.unit}] — " for n in finding.numbers]
    return _folded(
        [line + _origin(n.source, lang) for line, n in zip(lines, finding.numbers, strict=True)], lang
    )


def _origin(source: Provenance, lang: str) -> str:
    files = "; ".join(f"{name} sha256:{digest[:12]}" for name, digest in source.files)
    clause = source.clause[lang]
    return f"{source.filter} · {source.formula} · {clause} · {files} · edustats {source.version}"


def _folded(lines: list[str], lang: str) -> str:
    """Lines to unfold under their heading; nothing where there are none."""
    if not lines:
        return ""
    title = say("page.sources_of_numbers")[lang]
    items = "".join(f"<li>{escape(line)}</li>" for line in dict.fromkeys(lines))
    return (
        f'<details style="font-size:80%"><summary>{title}</summary>'
        f'<ul style="margin:.2em 0 0 1.2em;padding:0">{items}</ul></details>'
    )


def table_html(table: Table, lang: str) -> str:
    """A three-line table: rules above and below, a thin one under the heading."""
    head = "".join(
        _cell("th", column.label[lang], j, True, wrap=table.sortable)
        for j, column in enumerate(table.columns)
    )
    last, printed = len(table.rows) - 1, printed_rows(table, lang)
    values = [*table.rows, table.foot] if table.sortable else [(None,) * len(table.columns)] * len(printed)
    lines = [_line(printed[i], values[i], ruled=i >= last) for i in range(len(printed))]
    body, foot = "".join(lines[: last + 1]), "".join(lines[last + 1 :])
    note = (
        f'<p style="font-size:85%;margin:.2em 0">{escape(table.note[lang])}</p>' if table.note[lang] else ""
    )
    return (
        f'<table class="edustats-table"{" data-sortable" if table.sortable else ""} border="0" '
        'cellspacing="0" cellpadding="0" '
        'style="border-collapse:collapse;margin:.6em 0">'
        f'<caption style="{HEI};text-align:left;padding:.2em 0;caption-side:top">{escape(table.title[lang])}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        + (f"<tfoot>{foot}</tfoot></table>{note}" if foot else f"</table>{note}")
        + _folded([_origin(source, lang) for source in table.sources], lang)
    )


def printed_rows(table: Table, lang: str) -> list[list[str]]:
    """The cells of a table as they are printed, its marks beside the numbers and its foot as the last row."""
    marks = {(i, j): say(f"prefecture.mark_{mark}")[lang] for i, j, mark in table.marks}
    rows = [*table.rows, table.foot] if table.foot else list(table.rows)
    return [
        [marks.get((i, j), "") + shown(value, table.columns[j].decimals, lang) for j, value in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def _line(cells: Sequence[str], values: Sequence[Cell | Text], *, ruled: bool) -> str:
    """One row; in a sortable table a number keeps its value beside its print."""
    return (
        "<tr>"
        + "".join(
            _cell("td", text, j, ruled, value=value if isinstance(value, (int, float)) else None)
            for j, (text, value) in enumerate(zip(cells, values, strict=True))
        )
        + "</tr>"
    )


def shown(value: Cell | Text, decimals: int | None, lang: str) -> str:
    """A cell as text; a missing one is a dash, never a zero."""
    if value is None:
        return "—"
    if isinstance(value, Text):
        return value[lang]
    if isinstance(value, (int, float)):
        return digits(value, decimals or 0, lang, grouped=True)
    return value


def _cell(
    tag: str, text: str, column: int, ruled: bool, *, wrap: bool = False, value: float | None = None
) -> str:
    side = "left" if column == 0 else "right"
    top = "border-top:1.5pt solid currentColor;" if tag == "th" else ""
    bottom = f"border-bottom:{'0.75' if tag == 'th' else '1.5'}pt solid currentColor;" if ruled else ""
    scope = ' scope="col"' if tag == "th" else ""
    font = HEI if tag == "th" else SONG
    long = tag == "td" and len(text) > LONGEST_LINE
    side = "left" if long else side
    wrapped = "white-space:nowrap;" if column and not (wrap or long) else ""
    held = "" if value is None else f' data-value="{value!r}"'
    return (
        f'<{tag}{scope}{held} align="{side}" style="text-align:{side};padding:2pt 6pt;font-size:10.5pt;{font};'
        f'{wrapped}border-left:none;border-right:none;{top}{bottom}">{escape(text)}</{tag}>'
    )


def figure_html(figure: Figure, lang: str) -> str:
    """A figure with its caption and alternative text, its picture inside the page."""
    picture = base64.b64encode(figure.png).decode("ascii")
    return (
        f'<figure class="edustats-figure" style="margin:.8em 0"><img src="data:image/png;base64,{picture}" '
        f'alt="{escape(figure.alt[lang], quote=True)}" style="max-width:100%;width:156mm;background:#fff"/>'
        f'<figcaption style="{HEI};font-size:90%">{escape(figure.title[lang])}</figcaption>'
        + _folded([_origin(source, lang) for source in figure.data.sources], lang)
        + "</figure>"
    )

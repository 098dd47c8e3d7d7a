"""The handbook: docs/indicators.md and docs/standards.md, printed from the catalogue in both languages.

python -m edustats.catalogue.handbook          write both
python -m edustats.catalogue.handbook --check  exit 1 when they are out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from edustats.catalogue import Catalogue, Indicator, catalogue, parse_terms
from edustats.catalogue.standards import Standard, StandardItem, Threshold, list_standards, load_standard
from edustats.words import Text, say

DOCS = Path(__file__).resolve().parents[2] / "docs"
Row = Sequence[Text | str]


def build_handbook_pages(known: Catalogue | None = None) -> dict[str, str]:
    """Both pages of the handbook by file name.

    Examples
    --------
    >>> sorted(build_handbook_pages())
    ['indicators.md', 'standards.md']
    """
    known = known or catalogue()
    return {"indicators.md": _build_indicator_page(known), "standards.md": _build_standards_page(known)}


def _join_languages(text: Text) -> str:
    return f"{text.zh}<br>{text.en}" if text.en != text.zh else text.zh


def _format_table(heads: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    yield "| " + " | ".join(_join_languages(say(f"catalogue.head_{head}")) for head in heads) + " |"
    yield "| " + " | ".join("---" for _ in heads) + " |"
    for row in rows:
        cells = (_join_languages(cell) if isinstance(cell, Text) else cell for cell in row)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _format_title(address: str) -> Iterator[str]:
    said = say(f"catalogue.{address}")
    yield f"{said.zh} / {said.en}"
    yield ""


def _format_paragraph(address: str, **facts: object) -> str:
    return _join_languages(say(f"catalogue.{address}", **facts)).replace("<br>", "\n\n")


# --- indicators ------------------------------------------------------------------------------------------------


def _build_indicator_page(known: Catalogue) -> str:
    lines = ["# " + next(_format_title("book_indicators")), "", _format_paragraph("book_generated"), ""]
    total, confirmed = len(known.indicators), sum(i.confirmed for i in known.indicators.values())
    lines += [
        _format_paragraph("book_counts", n=total, columns=len(known.columns), open=total - confirmed),
        "",
    ]
    for stage in dict.fromkeys(i.stage for i in known.indicators.values()):
        of_stage = [i for i in known.indicators.values() if i.stage == stage]
        lines += [f"## {say(f'catalogue.{stage}').zh} / {say(f'catalogue.{stage}').en}", ""]
        lines += _format_table(
            ("key", "name", "formula", "unit", "range", "better", "level", "clause", "note"),
            [_build_indicator_row(known, one) for one in of_stage],
        )
    lines += ["## " + next(_format_title("book_columns")), ""]
    rows = [
        (f"`{c.key}`", c.name, known.units[c.unit].name, f"{c.range[0]:g} – {c.range[1]:g}",
         say(f"catalogue.level_{c.level}"), f"`{c.part_of}`" if c.part_of else "—")
        for c in known.columns.values()
    ]  # fmt: skip
    lines += _format_table(("key", "name", "unit", "range", "level", "part_of"), rows)
    lines += ["## " + next(_format_title("book_attributes")), ""]
    lines += _format_table(("key", "name", "codes"), [
        (f"`{a.key}`", a.name, "；".join(f"{code} {text.zh}" for code, text in a.codes.items()) or "—")
        for a in known.attributes.values()
    ])  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _build_indicator_row(known: Catalogue, one: Indicator) -> Row:
    level = "both" if len(known.levels(one)) > 1 or one.across else next(iter(known.levels(one)))
    return (
        f"`{one.key}`", one.name, _format_formula(known, one), known.units[one.unit].name,
        f"{one.range[0]:g} – {one.range[1]:g}", say(f"catalogue.better_{one.better}"),
        say(f"catalogue.level_{level}"), one.clause, one.note if one.note.zh else "—",
    )  # fmt: skip


def _format_formula(known: Catalogue, one: Indicator) -> Text:
    num, den = _format_sum(known, one.num), _format_sum(known, one.den)
    return Text(f"{num.zh} ÷ {den.zh}", f"{num.en} ÷ {den.en}") if one.den else num


def _format_sum(known: Catalogue, expression: str) -> Text:
    parts = parse_terms(expression)
    text = Text(*("".join(_format_term(known.columns[n].name[lang], s, k) for k, (n, s) in enumerate(parts.items()))
                  for lang in ("zh", "en")))  # fmt: skip
    return Text(f"（{text.zh}）", f"({text.en})") if len(parts) > 1 else text


def _format_term(name: str, sign: int, place: int) -> str:
    return name if not place and sign > 0 else f" {'+' if sign > 0 else '−'} {name}"


# --- standards -------------------------------------------------------------------------------------------------


def _build_standards_page(known: Catalogue) -> str:
    lines = [
        "# " + next(_format_title("book_standards")),
        "",
        _format_paragraph("book_generated"),
        "",
        _format_paragraph("book_override"),
        "",
    ]
    for key in list_standards():
        lines += _build_standard_section(known, load_standard(key))
    return "\n".join(lines).rstrip() + "\n"


def _build_standard_section(known: Catalogue, found: Standard) -> list[str]:
    lines = [f"## {found.zh} / {found.en}", "", f"`{found.key}`", "", _join_languages(found.source), ""]
    lines += [
        _format_paragraph(f"judge_{found.judge}", most=found.must_reach, floor=f"{found.floor * 100:g}%"),
        "",
    ]
    places = {name: str(found.decimals[name]) for name in ("value", "coefficient", "share")}
    lines += [_format_paragraph("book_rounding", **places), ""]
    rows = [row for item in found.items.values() for row in _build_item_rows(known, found, item)]
    lines += _format_table(("item", "name", "stage", "mark", "holds", "clause"), rows)
    if found.concessions:
        lines += ["### " + next(_format_title("book_concessions")), ""]
        lines += _format_table(("key", "name", "holds", "clause"), [
            (f"`{c.key}`", c.name, f"{c.start} – {c.end}",
             c.source if c.confirmed else say("catalogue.to_be_confirmed", clause=c.source))
            for c in found.concessions.values()
        ])  # fmt: skip
    return lines


def _build_item_rows(known: Catalogue, found: Standard, item: StandardItem) -> list[Row]:
    marks = [t for t in found.thresholds if t.item == item.key]
    name = Text(f"{item.zh}（{item.note.zh}）", f"{item.en} ({item.note.en})") if item.note.zh else item.name
    if not marks:
        how = say("catalogue.document") if item.kind == "document" else "—"
        return [(f"`{item.key}`", name, "—", how, "—", "—")]
    return [
        (
            f"`{item.key}`",
            name,
            say(f"catalogue.{t.stage}"),
            _format_mark(known, t),
            f"{t.start} – {t.end or ''}",
            t.clause,
        )
        for t in marks
    ]


def _format_mark(known: Catalogue, mark: Threshold) -> Text:
    unit = next((u.name for u in known.units.values() if u.key == mark.unit), Text(mark.unit, mark.unit))
    if mark.unit == "share":
        return Text(f"{mark.op} {mark.printed * 100:g}%", f"{mark.op} {mark.printed * 100:g}%")
    return Text(f"{mark.op} {mark.printed:g} {unit.zh}", f"{mark.op} {mark.printed:g} {unit.en}")


def main(words: Sequence[str] | None = None) -> int:
    """Write the handbook, or with ``--check`` say whether it is fresh."""
    stale = 0
    for name, text in build_handbook_pages().items():
        path = DOCS / name
        if "--check" in (sys.argv[1:] if words is None else words):
            stale |= int(not path.is_file() or path.read_text("utf-8") != text)
        else:
            path.write_text(text, "utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())

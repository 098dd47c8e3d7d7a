"""Which mapping would read these tables? A draft that a person corrects instead of composing one.

What the reading is sure of stands as a line; what it is not sure of stands behind a #, with the question.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from edustats.errors import DataError
from edustats.load.files.values import plain
from edustats.load.reading.areas import named_in
from edustats.load.reading.matching import Match, find_named_in, matched
from edustats.load.tables.attributes import name_attribute
from edustats.load.tables.layout import AREA_HERE, YEAR_HERE, is_area
from edustats.load.tables.table_read import Inspection, TableRead
from edustats.words import say


def write_draft(found: Inspection, path: Path, own: Path | None = None) -> None:
    """Write a mapping for the tables of an inspection; what is not sure carries a remark.

    ``own`` is the catalogue page that the tables were read with.

    Raises
    ------
    DataError
        No table was found.
    """
    if not found.tables:
        raise DataError("load.no_draft", file=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_write_draft(found, path, own)) + "\n", "utf-8")


def _write_draft(found: Inspection, path: Path, own: Path | None) -> Iterator[str]:
    table = max(found.tables, key=_lines_sure)
    alike = [one for one in found.tables if _headings(one) == _headings(table)]
    files = list(dict.fromkeys(one.sheet.file for one in alike))
    others = [
        one.sheet.name for one in found.tables if one not in alike and one.sheet.file == table.sheet.file
    ]
    title = _draft_title(table.title, many=len(files) > 1) or path.stem
    yield "# " + say("load.draft_head").zh
    yield "# " + say("load.draft_head").en
    yield f"title = {{ zh = {_quote_words(title)}, en = {_quote_words(title)} }}"
    if own is not None:
        yield f"catalogue = {_quote_words(_name_beside(own, path))}"
    yield ""
    for file in files:
        yield "[[tables]]"
        yield f"file = {_quote_words(_name_beside(found.paths.get(file, Path(file)), path))}"
        if others:
            yield f"sheet = [{', '.join(_quote_words(one.sheet.name) for one in alike)}]  # {_bare(', '.join(others))}"
        yield from _draft_where(table)
        yield ""
    yield from _draft_area(table)
    yield ""
    if attributes := _find_attributes(table):
        yield "[attributes]"
        yield from (f"{name} = {_quote_words(heading)}" for name, heading in attributes.items())
        yield ""
    yield "[year]"
    yield from _draft_year(table)
    yield ""
    yield "[missing]"
    yield from _draft_missing(table)
    yield ""
    yield "[columns]"
    lines = [*_draft_columns(table), *_draft_items(table), *_draft_wide(table)]
    yield from lines
    if all(line.startswith("#") for line in lines):
        yield from _draft_unmatched(table)


def _lines_sure(table: TableRead) -> int:
    """How many lines of a table's draft need no correction."""
    return len(table.items) + sum(one.role == "column" and one.question is None for one in table.columns)


def _headings(table: TableRead) -> tuple[str, ...]:
    return tuple(one.heading for one in table.columns)


def _name_beside(file: Path, draft: Path) -> str:
    """A file's place as a mapping in another folder names it."""
    try:
        return Path(os.path.relpath(file.resolve(), draft.resolve().parent)).as_posix()
    except ValueError:  # on another drive
        return file.resolve().as_posix()


def _draft_title(said: str, *, many: bool) -> str:
    """The title without what is not of it: its unit line, and the year where several tables have it."""
    bare = re.sub(r"[\s(（]*(?:计量)?单位\s*[:：].*", "", said)
    year = r"(?:19|20)\d\d(?:[-—–/](?:(?:19|20)?\d\d))?(?:学年度?初?|年度?)?"
    return re.sub(rf"^{year}|[（(]{year}[)）]$", "", bare).strip() if many else bare.strip()


def _draft_where(table: TableRead) -> Iterator[str]:
    """Which rows to take of a table whose areas have several a year."""
    told = set(_find_attributes(table).values())
    split_by = [one for one in table.split_by if one.heading not in told]
    if not split_by:
        return
    yield f"# {say('load.ask_split').zh}"
    yield f"# {say('load.ask_split').en}"
    for one in split_by:
        yield f"#   {_bare(one.heading)}: {_bare(', '.join(w for w in (one.word, *one.others[:7]) if w))}"
    plain_ = [(one.heading, one.word) for one in split_by if one.word]
    if plain_:
        yield f"where = {{ {', '.join(f'{_quote_words(h)} = {_quote_words(w)}' for h, w in plain_)} }}"
    if len(plain_) < len(split_by):
        whole = [(one.heading, one.word or one.others[0]) for one in split_by]
        yield f"# {say('load.ask_which').zh}"
        yield f"# {say('load.ask_which').en}"
        yield f"# where = {{ {', '.join(f'{_quote_words(h)} = {_quote_words(w)}' for h, w in whole)} }}"


def _find_attributes(table: TableRead) -> dict[str, str]:
    """Of a list of schools the columns that say what each is, by what stands in them."""
    if table.of("unit") is None and table.of("unit_name") is None:
        return {}
    told = {name_attribute(plain(one.example), table.known): one.heading for one in reversed(table.columns)}
    return {name: heading for name, heading in told.items() if name}


def _draft_missing(table: TableRead) -> Iterator[str]:
    """The words that stand where figures are missing, by what each most likely means."""
    marks = ["", "-", "—", *(mark for mark, kind in table.missing.items() if kind == "not_collected")]
    yield f"not_collected = [{', '.join(map(_quote_words, dict.fromkeys(marks)))}]"
    for kind in ("suppressed", "not_applicable"):
        if marks := [mark for mark, of in table.missing.items() if of == kind]:
            yield f"{kind} = [{', '.join(map(_quote_words, marks))}]  # {say('load.ask_marks').zh}"


def _draft_unmatched(table: TableRead) -> Iterator[str]:
    """Where no line is sure: the headings with figures, for a person to name."""
    open_ = [one for one in table.columns if one.role in ("nothing", "figure") and one.figures]
    if open_:
        yield f"# {say('load.ask_name').zh}"
        yield f"# {say('load.ask_name').en}"
    for one in open_[:MOST_UNMATCHED]:
        if one.role == "figure" and (match := _named_by_file(table)) is not None:
            unit = one.unit or next(iter(table.known.units[table.known.columns[match.column].unit].scales))
            yield f"# {match.column} = {{ from = {_quote_words(one.heading)}, unit = {_quote_words(unit)} }}"
            continue
        yield f"# ? = {{ from = {_quote_words(one.heading)}, unit = {_quote_words(one.unit or '?')} }}"


def _named_by_file(table: TableRead) -> Match | None:
    """What the file's name says is counted: Pupil enrollment.csv."""
    stem = Path(table.sheet.file).stem
    return find_named_in(table.title or stem, table.known, table.stage) or matched(
        (stem,), table.known, near=False
    )


def _draft_area(table: TableRead) -> Iterator[str]:
    yield "[area]"
    code, name, unit = table.of("code"), table.of("name"), table.of("unit") or table.of("unit_name")
    if code is not None:
        yield f"code = {_quote_words(code.heading)}"
        if re.fullmatch(r"\d{6}(?:\.0)?|\d{12}", plain(code.example)) and not plain(code.example)[
            :6
        ].endswith("00"):
            yield "width = 6"
            yield 'scheme = "gbt2260"'
    if name is not None:
        yield f"{'name' if code is not None else 'code'} = {_quote_words(name.heading)}"
    if code is None and name is None and table.wide_columns("area"):
        yield 'in = "headings"'
    elif code is None and name is None and table.area_from:
        yield f"in = {_quote_words(table.area_from)}"
        if not named_in(table.above)[0].endswith("00"):
            yield 'scheme = "gbt2260"'
    elif code is None and name is None:
        yield f"# {say('load.ask_area').zh}"
        yield f"# {say('load.ask_area').en}"
        others = [one for one in table.columns if one.role not in ("year", "wide", "column", "rate")]
        yield f"code = {_quote_words((others or table.columns)[0].heading)}"
    if unit is not None:
        yield f"unit = {_quote_words(unit.heading)}"


def _draft_year(table: TableRead) -> Iterator[str]:
    column = table.of("year")
    if column is not None:
        yield f"from = {_quote_words(column.heading)}"
    elif table.year is not None and len(table.wide_columns("year")) < 2:
        yield f"in = {_quote_words(table.year.place)}"
    elif table.wide_columns("year"):
        yield 'from = "年份"  # ' + say("load.draft_wide").zh
    else:
        yield f"value = 0  # {say('load.ask_year').zh}"


def _draft_columns(table: TableRead) -> Iterator[str]:
    done: set[str] = set()
    staged = {one.heading for one in table.items}
    for one in table.columns:
        if one.heading in staged:
            continue
        if one.role not in ("column", "rate") or one.column in done:
            continue
        remark = f"  # {one.question.zh}" if one.question is not None else ""
        of = f', of = "{_base_name(one.column)}"' if one.role == "rate" else ""
        line = f"{one.column} = {{ from = {_quote_words(one.heading)}, unit = {_quote_words(one.unit)}{of} }}{remark}"
        done.add(one.column)
        yield f"# {line}" if one.role == "rate" or one.question is not None else line


def _draft_items(table: TableRead) -> Iterator[str]:
    """A long table: a line for every word of its items."""
    item, stage = table.of("item"), table.of("stage")
    figure = table.of("figure") or table.of("wide")
    shared = _write_year(figure.heading) if figure else ""
    done: set[str] = set()
    for one in table.items:
        chosen = {item.heading: one.word} if item is not None else {}
        if stage is not None and one.stage_word:
            chosen[stage.heading] = one.stage_word
        heading = one.heading or shared
        where = ", ".join(f"{_quote_words(head)} = {_quote_words(word)}" for head, word in chosen.items())
        line = f"from = {_quote_words(heading)}, unit = {_quote_words(one.unit)}, where = {{ {where} }}"
        yield f"{'# ' if one.column in done else ''}{one.column} = {{ {line} }}"
        done.add(one.column)


def _draft_wide(table: TableRead) -> Iterator[str]:
    """A column per year or area: what is counted the headings beside it say, or only the title."""
    wide = {_write_year(one.heading): one for one in reversed(table.columns) if one.role == "wide"}
    asked = False
    for heading, one in () if table.items else reversed(wide.items()):
        beside = tuple(w for w in heading.split("/") if YEAR_HERE not in w and AREA_HERE not in w)
        match = (
            matched(beside, table.known, table.stage, near=False)
            if beside
            else find_named_in(table.title, table.known, table.stage)
        )
        column = match.column if match is not None else "pupils"
        own = next(iter(table.known.units[table.known.columns[column].unit].scales))
        line = f"{column} = {{ from = {_quote_words(heading)}, unit = {_quote_words(one.unit or own)} }}"
        sure = match is not None and (one.unit or own in COUNTED)
        if not sure and not asked:
            yield f"# {say('load.ask_wide').zh}"
            yield f"# {say('load.ask_wide').en}"
            asked = True
        yield line if sure else f"# {line}"


def _write_year(heading: str) -> str:
    """A heading with the mark of its year or area in its place."""
    words = [AREA_HERE if is_area(word) else word for word in heading.split("/")]
    return re.sub(r"(?:19|20)\d\d(?:\s*[-/—–]\s*\d{2,4})?", YEAR_HERE, "/".join(words), count=1)


MOST_UNMATCHED = 40
"""Headings that nothing of the catalogue fits, as far as a draft lists them."""
COUNTED = ("person", "school", "class")
"""Units that a table need not say."""


def _base_name(column: str) -> str:
    """What a rate of a column is most likely a rate of."""
    return next(
        (one for one in ("teachers", "population", "schools", "classes") if column.startswith(one)), "pupils"
    )


def _bare(words: str) -> str:
    """Words that can stand in a remark."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", words)


def _quote_words(words: str) -> str:
    """A text as TOML has it; whatever a cell holds stays inside the quotation marks."""
    return json.dumps(re.sub(r"[\x00-\x1f\x7f]", " ", words), ensure_ascii=False)

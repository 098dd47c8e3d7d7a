"""Which mapping would read these tables? A draft that a person corrects instead of composing one.

What the reading is sure of stands as a line; what it is not sure of stands behind a #, with the question.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edustats.errors import DataError
from edustats.load.files.values import plain
from edustats.load.reading import years
from edustats.load.reading.areas import named_in
from edustats.load.reading.matching import Match, find_named_in, matched
from edustats.load.reading.stages import stage_alone
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import unit_beside
from edustats.load.tables.attributes import name_attribute
from edustats.load.tables.layout import AREA_HERE, YEAR_HERE, is_area
from edustats.load.tables.stated_rates import write_page
from edustats.load.tables.table_read import NEED_NOT_BE_SAID, Inspection, TableRead
from edustats.words import say


def write_draft(found: Inspection, path: Path, own: Path | None = None) -> None:
    """Write a mapping for the tables of an inspection; what is not sure carries a remark.

    ``own`` is the catalogue page that the tables were read with.

    Raises
    ------
    DataError
        No table was found; a page stands where that of the table's rates would.
    """
    if not found.tables:
        raise DataError("load.no_draft", file=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if found.page:
        own = path.with_suffix(".catalogue.toml")
        _write_own_page(found.page, own)
    path.write_text("\n".join(_write_draft(found, path, own)) + "\n", "utf-8")


def _write_own_page(page: str, path: Path) -> None:
    """The page of the rates beside the draft; a page that no draft wrote stays as it is.

    Raises
    ------
    DataError
        There is one by that name that somebody wrote.
    """
    head = [f"# {say('load.draft_page')[lang]}" for lang in ("zh", "en")]
    if path.is_file() and not path.read_text("utf-8-sig", errors="replace").startswith(head[0]):
        raise DataError("load.page_there", file=path.name)
    path.write_text("\n".join([*head, "", *write_page(page)]), "utf-8")


def _write_draft(found: Inspection, path: Path, own: Path | None) -> Iterator[str]:
    table = max(found.tables, key=_lines_sure)
    parts = _choose_parts(found, table)
    others = [
        one.sheet.name or one.sheet.file
        for one in found.tables
        if not any(one in part.tables for part in parts)
    ]
    title = _draft_title(table.title, many=sum(len(part.files) for part in parts) > 1) or path.stem
    yield "# " + say("load.draft_head").zh
    yield "# " + say("load.draft_head").en
    yield f"title = {{ zh = {_quote_words(title)}, en = {_quote_words(title)} }}"
    if own is not None:
        yield f"catalogue = {_quote_words(_name_beside(own, path))}"
    yield ""
    for part in parts:
        for file in part.files:
            yield from _draft_source(found, path, part, file, alone=len(parts) == 1)
            yield ""
    if others:
        yield f"# {say('load.draft_others', sheets=', '.join(dict.fromkeys(map(_bare, others)))).zh}"
        yield f"# {say('load.draft_others', sheets=', '.join(dict.fromkeys(map(_bare, others)))).en}"
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
    lines = list(dict.fromkeys(one.words for part in parts for one in part.lines))
    yield from lines
    if all(line.startswith("#") for line in lines):
        yield from _draft_unmatched(table)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of [columns]: the catalogue's column and the heading it is read from, none of a remark."""

    words: str
    column: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """Tables with the same headings, the lines that read them, and what they call what others call otherwise."""

    tables: tuple[TableRead, ...]
    lines: tuple[_Line, ...]
    rename: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """Their files, each once."""
        return list(dict.fromkeys(one.sheet.file for one in self.tables))


def _choose_parts(found: Inspection, first: TableRead) -> list[_Part]:
    """The table with most lines and those like it; then others that say whose and of which year a row is as it does."""
    groups: dict[tuple[str, ...], list[TableRead]] = {_headings(first): []}
    for one in found.tables:
        groups.setdefault(_headings(one), []).append(one)
    parts: list[_Part] = []
    drafted: dict[str, _Line] = {}
    for tables in groups.values():
        rename: dict[str, str] = {}
        lines = list(dict.fromkeys(line for one in tables for line in _draft_lines(one)))
        if parts:
            names = _rename_keys(first, tables[0])
            if names is None:
                continue
            lines, rename = _fit_lines(lines, drafted)
            rename |= names
        if lines or not parts:
            parts.append(_Part(tuple(tables), tuple(lines), rename))
            drafted |= {one.column: one for one in lines if one.column and one.column not in drafted}
    return parts


def _rename_keys(first: TableRead, other: TableRead) -> dict[str, str] | None:
    """What another table calls the columns of areas and years; None where these stand elsewhere in it."""
    pairs = [
        (first.of(role), other.of(role))
        for role in ("code", "name", "city", "unit", "unit_name", "year", "item", "stage")
    ]
    if any((one is None) != (two is None) for one, two in pairs) or first.area_from != other.area_from:
        return None
    if first.of("year") is None and list(_draft_year(first)) != list(_draft_year(other)):
        return None
    return {two.heading: one.heading for one, two in pairs if one and two and one.heading != two.heading}


def _fit_lines(lines: Sequence[_Line], drafted: Mapping[str, _Line]) -> tuple[list[_Line], dict[str, str]]:
    """The sure lines of a further table: new ones, those that stand already, and those that only name it otherwise."""
    kept: list[_Line] = []
    rename: dict[str, str] = {}
    for one in lines:
        have = drafted.get(one.column)
        if not one.column or one.words.startswith("#"):
            continue
        if have is None or have.words == one.words:
            kept.append(one)
        elif have.words.replace(_quote_words(have.heading), _quote_words(one.heading)) == one.words:
            kept.append(have)
            rename[one.heading] = have.heading
    return kept, rename


def _draft_source(found: Inspection, path: Path, part: _Part, file: str, *, alone: bool) -> Iterator[str]:
    """One file with tables that are alike; the sheets and columns it holds, where others hold others."""
    sheets = [one.sheet.name for one in part.tables if one.sheet.file == file]
    elsewhere = {one.sheet.name for one in found.tables if one.sheet.file == file} - set(sheets)
    yield "[[tables]]"
    yield f"file = {_quote_words(_name_beside(found.paths.get(file, Path(file)), path))}"
    if elsewhere:
        yield f"sheet = [{', '.join(map(_quote_words, dict.fromkeys(sheets)))}]"
    if part.rename:
        pairs = (f"{_quote_words(own)} = {_quote_words(ours)}" for own, ours in part.rename.items())
        yield f"rename = {{ {', '.join(pairs)} }}"
    titles = dict.fromkeys(one.titles[0] for one in part.tables if one.sheet.file == file)
    if len(titles) == 1 and (own := next(iter(titles))) and _has_others_alike(found, part, file):
        yield f"title = {_quote_words(own)}"
    if not alone:
        held = dict.fromkeys(one.column for one in part.lines if one.column and not one.words.startswith("#"))
        yield f"columns = [{', '.join(map(_quote_words, held))}]"
    yield from _draft_where(part.tables[0])


def _has_others_alike(found: Inspection, part: _Part, file: str) -> bool:
    """Whether the file has tables of other columns under the same headings: their titles tell them apart."""
    words = {tuple(one.heading for one in table.columns) for table in part.tables}
    return any(
        one.sheet.file == file and one not in part.tables and tuple(c.heading for c in one.columns) in words
        for one in found.tables
    )


def _draft_lines(table: TableRead) -> Iterator[_Line]:
    """The lines of [columns] that read a table."""
    yield from _draft_columns(table)
    yield from _draft_items(table)
    yield from _draft_wide(table)


def _lines_sure(table: TableRead) -> int:
    """How many lines of a table's draft need no correction."""
    return len(table.items) + sum(one.role == "column" and one.question is None for one in table.columns)


def _headings(table: TableRead) -> tuple[str, ...]:
    """What stands over the columns, and what each means: 在校生数 is another column under 小学 than under 初中."""
    return tuple(f"{one.heading}\t{one.column}" for one in table.columns)


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
        if table.area_from != "sections" and not named_in(table.above)[0].endswith("00"):
            yield 'scheme = "gbt2260"'
    elif code is None and name is None:
        guessed = table.guess_area()
        question = say("load.ask_area" if guessed is not None else "load.ask_whose")
        yield f"# {question.zh}"
        yield f"# {question.en}"
        yield f"code = {_quote_words(guessed.heading)}" if guessed is not None else 'value = ""'
    if (city := table.of("city")) is not None:
        yield f"city = {_quote_words(city.heading)}"
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
        span = years.school_year_in(table.above)
        remark = (
            say("load.ask_school_year", words=span.words, year=span.year) if span else say("load.ask_year")
        )
        yield f"value = 0  # {_bare(remark.zh)}"


def _draft_columns(table: TableRead) -> Iterator[_Line]:
    done: set[str] = set()
    staged = {one.heading for one in table.items}
    for one in table.columns:
        if one.heading in staged:
            continue
        if one.role not in ("column", "rate") or one.column in done:
            continue
        remark = f"  # {one.question.zh}" if one.question is not None else ""
        of = (
            f', of = "{_base_name(one.column)}"'
            if one.role == "rate"
            else ", range = [0, 1]"
            if one.below_one
            else ""
        )
        line = f"{one.column} = {{ from = {_quote_words(one.heading)}, unit = {_quote_words(one.unit)}{of} }}{remark}"
        done.add(one.column)
        asked = one.role == "rate" or one.question is not None
        yield _Line(f"# {line}" if asked else line, one.column, one.heading)


def _draft_items(table: TableRead) -> Iterator[_Line]:
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
        asked = one.column in done or one.unit == "?"
        yield _Line(f"{'# ' if asked else ''}{one.column} = {{ {line} }}", one.column, heading)
        done.add(one.column)


def _draft_wide(table: TableRead) -> Iterator[_Line]:
    """A column per year or area: what is counted the headings beside it say, or only the title."""
    wide = {_write_year(one.heading): one for one in reversed(table.columns) if one.role == "wide"}
    asked = False
    for heading, one in () if table.items else reversed(wide.items()):
        beside = tuple(w for w in heading.split("/") if YEAR_HERE not in w and AREA_HERE not in w)
        match = matched(beside, table.known, table.stage, near=False) if beside else None
        stage = (
            table.stage if not beside else stage_alone(beside[-1])
        )  # 小学 under 2022年, 在校学生数 in the title
        whole = bool(beside) and is_total_word(beside[-1])
        if match is None and (stage or not beside or whole):
            named = (find_named_in(title, table.known, stage or table.stage) for title in table.titles)
            match = next((one for one in named if one is not None), None) or _find_in_corner(table)
        column = match.column if match is not None else "pupils"
        own = next(iter(table.known.units[table.known.columns[column].unit].scales))
        printed = one.unit or _find_unit_in_corner(table)
        line = f"{column} = {{ from = {_quote_words(heading)}, unit = {_quote_words(printed or own)} }}"
        sure = match is not None and match.sure and (printed or own in NEED_NOT_BE_SAID)
        if not sure and not asked:
            yield _Line(f"# {say('load.ask_wide').zh}")
            yield _Line(f"# {say('load.ask_wide').en}")
            asked = True
        yield _Line(line if sure else f"# {line}", column, heading)


def _find_in_corner(table: TableRead) -> Match | None:
    """What is counted where the heading over the areas says it: 小学在校生数(万人) in the corner over years."""
    corner = table.of("name") or table.of("code")
    return matched((corner.heading,), table.known, table.stage, near=False) if corner is not None else None


def _find_unit_in_corner(table: TableRead) -> str:
    corner = table.of("name") or table.of("code")
    unit = unit_beside(corner.heading)[1] if corner is not None else None
    return unit.words if unit is not None else ""


def _write_year(heading: str) -> str:
    """A heading with the mark of its year or area in its place."""
    parts = heading.split("/")
    yearly = any(years.label(word) is not None for word in parts)  # 2021年/合计 is no column of an area
    words = [
        AREA_HERE if is_area(word) and not (yearly and is_total_word(word)) else _mark_this_year(word)
        for word in parts
    ]
    return re.sub(r"(?:19|20)\d\d(?:\s*[-/—–]\s*\d{2,4})?", YEAR_HERE, "/".join(words), count=1)


def _mark_this_year(word: str) -> str:
    """本年（人） as {year}（人）."""
    bare = unit_beside(word)[0].strip()
    return word.replace(bare, YEAR_HERE, 1) if years.years_from_this(bare) is not None else word


MOST_UNMATCHED = 40
"""Headings that nothing of the catalogue fits, as far as a draft lists them."""


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

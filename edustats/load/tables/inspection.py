"""What would any table be read as, and what is still to be decided? Told in plain words, with a draft of a mapping.

Nothing is known of the table beforehand: the header is the row of words over rows of data, columns are matched to the
catalogue by their names, and every match says how sure it is. A person corrects the draft instead of writing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path

from edustats.catalogue import Catalogue, catalogue
from edustats.catalogue.own import extend_catalogue
from edustats.load.files.values import number, plain, text
from edustats.load.files.workbook import Sheet, read_sheets
from edustats.load.reading import areas, evidence, years
from edustats.load.reading.blocks import part_tables
from edustats.load.reading.column_roles import Column, find_dimensions, missing_marks
from edustats.load.reading.headers import (
    HEADER_WITHIN,
    extended,
    in_chinese,
    is_empty,
    is_numbering,
    is_unit_row,
    label,
    paths_of,
    words_in,
)
from edustats.load.reading.higher_areas import find_higher
from edustats.load.reading.matching import matched
from edustats.load.reading.stages import stage_of, stage_word, stages_of_titles, stages_said
from edustats.load.reading.totals import is_total_name, is_total_word
from edustats.load.reading.units import (
    RATE_UNITS,
    fits,
    is_figure,
    is_heading_of_units,
    unit_beside,
    unit_of,
    units_of_rows,
)
from edustats.load.tables.columns_read import Heading, Where, inspect_columns, is_heading_of_items
from edustats.load.tables.layout import NOTE
from edustats.load.tables.sections import join_section, name_sections, names_area_alone, split_section
from edustats.load.tables.stated_rates import choose_scale, name_rates
from edustats.load.tables.table_read import (
    NEED_NOT_BE_SAID,
    ColumnRead,
    Inspection,
    ItemRead,
    SplitBy,
    TableRead,
    own_title,
)

LOOKED_AT, MOST_COMPARED = 400, 5000
LONG = 80
"""Letters of a heading in two languages; a title in two has more, or stands alone."""
FIGURES = (
    "数值",
    "值",
    "数据",
    "数量",
    "指标值",
    "value",
    "figure",
    "obsvalue",
    "amount",
    "number",
    "count",
    "data",
)
FIGURED = ("column", "rate", "wide", "figure")
"""Roles of columns that hold figures."""
UNITS_OF_ITEMS = ("单位", "计量单位", "unit", "unitofmeasure")


def inspect_files(files: Sequence[Path | str] | Path | str, known: Catalogue | None = None) -> Inspection:
    """Read any tables and say what they would be read as.

    Parameters
    ----------
    files : one file or several, workbooks or text
    known : the catalogue, the suite's own if not given

    Returns
    -------
    Inspection
        Prints as plain words; :func:`edustats.load.tables.draft.write_draft` writes the mapping it suggests.

    Raises
    ------
    MissingFileError, DataError
        A file that is not there or cannot be read.

    Examples
    --------
    >>> _ = Path("counties.csv").write_text("县代码,年份,小学在校生数（人）\\n990121,2023,12000\\n", "utf-8")
    >>> inspect_files("counties.csv").tables[0].of("column").column
    'pupils_primary'
    """
    known = known or catalogue()
    paths = [Path(files)] if isinstance(files, (str, Path)) else [Path(file) for file in files]
    sheets = [sheet for path in paths for sheet in part_tables(read_sheets(path))]
    read = [(sheet, read_table(sheet, known)) for sheet in sheets]
    page = name_rates([found for _, found in read if found is not None], known)
    if page:
        own = extend_catalogue(page)
        read = [(sheet, read_table(sheet, own)) for sheet in sheets]
    without = {_tell_place(sheet): sheet for sheet, found in read if found is None}
    return Inspection(
        tables=tuple(found for _, found in read if found is not None), without=tuple(without),
        turned=tuple(place for place, sheet in without.items() if _is_turned(sheet, known)),
        paths={path.name: path for path in paths}, page=page,
    )  # fmt: skip


def _tell_place(sheet: Sheet) -> str:
    return f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file


def _is_turned(sheet: Sheet, known: Catalogue) -> bool:
    """Whether the first words of most rows name what is counted, or the headings are areas."""
    if any(_areas_in(row) > 1 for row in sheet.rows[:HEADER_WITHIN] if len(row) > 2):
        return True
    firsts = [
        _first_words(row) for row in sheet.rows[:LOOKED_AT] if sum(c not in ("", None) for c in row) > 1
    ]
    named = sum(matched((word,), known, near=False) is not None for word in firsts)
    return len(firsts) > 2 and named > 0.5 * len(firsts)


inspect = inspect_files
"""The verb of a notebook."""


def read_table(sheet: Sheet, known: Catalogue) -> TableRead | None:
    """The reading of the first table on a sheet, None where no row of words stands over rows of data."""
    header = _find_header(sheet)
    if header is None:
        return None
    first, depth = header
    paths = [in_chinese(path) for path in paths_of(words_in(sheet, first, depth))]
    unit_row = (
        first + depth if first + depth < len(sheet.rows) and is_unit_row(sheet.rows[first + depth]) else -1
    )
    start = first + depth + (unit_row >= 0)
    body = [row for row in sheet.rows[start:] if not is_empty(row) and not is_numbering(row)]
    body = _with_sections(body, paths)
    notes = [row for row in body if NOTE.match(plain(_first_words(row)))]
    data = [
        row
        for row in body
        if not NOTE.match(plain(_first_words(row))) and sum(c not in ("", None) for c in row) > 1
    ]
    totals = [row for row in data if any(is_total_name(text(cell)) for cell in row[:4])]
    title = _title_over(sheet, first)
    over = [text(c) for row in sheet.rows[:first] for c in row if c not in ("", None)]
    stages = stages_said(f"{title} {sheet.file.rpartition('/')[2]} {sheet.name}")
    stages = stages_of_titles(over) if len(stages) > 1 and len(over) > 1 else stages
    stage = stages[0] if len(stages) == 1 else ""
    said = evidence.year_evidence(sheet, range(first))
    year, others, conflict = evidence.settled_year(said)
    wanted = [row for row in data if row not in totals]
    where = Where(
        sheet, first, depth + (unit_row >= 0), unit_row,
        tuple(i for i, row in enumerate(sheet.rows) if row in notes),
        tuple({*units_of_rows(paths, lambda j: [row[j] if j < len(row) else "" for row in wanted])}),
    )  # fmt: skip
    sample = wanted[:: max(1, len(wanted) // LOOKED_AT)]
    columns = _mark_items(
        inspect_columns(where, paths, sample, known, stage, (own_title(sheet, first), title)), where, sample
    )
    roles = {one.role for one in columns}
    if not _is_table(columns, paths) or ("item" in roles and not roles & {"figure", "wide"}):
        return None
    return TableRead(
        sheet=sheet, first=first, depth=depth, title=title, rows=len(data) - len(totals), totals=len(totals),
        notes=tuple(_first_words(row) for row in notes), year=None if conflict else year,
        year_conflict=tuple([year, *others]) if conflict and year else (), stage=stage, columns=columns,
        items=(items := _read_items(where, columns, sample, known, stage)), known=known,
        words_of_items=_list_item_words(where, columns, sample),
        area_from=_find_area_words(sheet, first, columns, body),
        split_by=_split_by(where, columns, _without_total_areas(where, columns, data), bool(items)),
        missing=missing_marks([c for one in columns if one.role in FIGURED for c in _column_cells(where, one, wanted)]),
    )  # fmt: skip


def _with_sections(body: list[list[object]], paths: Sequence[Heading]) -> list[list[object]]:
    """The rows of a table of items (指标, 项目) with the words of their section before their own, where it has any."""
    column = next((j for j, path in enumerate(paths) if path and is_heading_of_items(path[-1])), None)
    if column is None:
        return body
    sections = name_sections(body, column)
    return [
        [*row[:column], join_section(section, plain(text(row[column]))), *row[column + 1 :]]
        if section
        else row
        for row, section in zip(body, sections, strict=True)
    ]


def _is_table(columns: Sequence[ColumnRead], paths: Sequence[Heading]) -> bool:
    """Whether there are figures, and the headings are not areas of a table that lies on its side."""
    sideways = any(one.role in ("item", "year") for one in columns) and any(
        one.role == "wide" for one in columns
    )
    upright = sideways or _areas_in([path[-1] for path in paths if path]) < 2
    return upright and any(one.role in FIGURED or one.figures for one in columns)


def _areas_in(words: Sequence[object]) -> int:
    """How many words of a row are names of areas."""
    return sum(type(w) is str and bool(areas.candidates(w) or find_higher(w)) for w in words if w)


def _without_total_areas(
    where: Where, columns: Sequence[ColumnRead], data: Sequence[Sequence[object]]
) -> list[Sequence[object]]:
    """The rows of areas; 合计 in a column of sexes is no total of areas."""
    places = [one for one in columns if one.role in ("code", "name", "unit", "unit_name")]
    words = (
        zip(*(_column_cells(where, one, data) for one in places), strict=True)
        if places
        else [("",)] * len(data)
    )
    return [row for row, told in zip(data, words, strict=True) if not any(map(is_total_word, told))]


def _split_by(
    where: Where, columns: Sequence[ColumnRead], data: Sequence[Sequence[object]], long: bool
) -> tuple[SplitBy, ...]:
    """The columns of words that a row's area, school and year leave open."""
    shown = data[:MOST_COMPARED]
    judged = [
        Column(k, one.heading, tuple(_column_cells(where, one, shown))) for k, one in enumerate(columns)
    ]
    keys = [k for k, one in enumerate(columns) if one.role in ("code", "name", "unit", "year")]
    if not {columns[k].role for k in keys} & {"code", "name", "unit"}:
        return ()
    open_ = ("nothing",) if long else ("nothing", "stage", "item")
    able = [k for k, one in enumerate(columns) if one.role in open_]
    if long:  # what the items and stages tell apart is theirs
        keys += [k for k, one in enumerate(columns) if one.role in ("stage", "item")]
    return tuple(
        SplitBy(one.heading, word, others) for one, word, others in find_dimensions(judged, keys, able)
    )


def _title_over(sheet: Sheet, first: int) -> str:
    """The words above a table; of a data base's query (指标：…) only what is counted."""
    told = [text(c).strip() for row in sheet.rows[:first] for c in row if c not in ("", None)]
    asked = [match[1] for words in told if (match := re.match(r"指标\s*[:：]\s*(\S.*)", words))]
    return asked[0] if len(asked) == 1 else " ".join(told)


def _find_area_words(
    sheet: Sheet, first: int, columns: Sequence[ColumnRead], body: Sequence[Sequence[object]]
) -> str:
    """Where the one area of a table stands that has no column of areas, or the area of each row of items."""
    if any(one.role in ("code", "name", "unit") for one in columns):
        return ""
    item = next((one for one in columns if one.role == "item"), None)
    if item is not None:
        at = next(j for j in range(len(sheet.rows[first])) if sheet.letter(j) == item.letter)
        if sum(names_area_alone(row, at) for row in body) > 1:
            return "sections"
    titles = " ".join(text(c) for row in sheet.rows[:first] for c in row if c not in ("", None))
    file = sheet.file.rpartition("/")[2].rpartition(".")[0]
    for place, words in (("title", titles), ("sheet", sheet.name), ("file", file)):
        if any(areas.named_in(words)):
            return place
    return ""


def _mark_items(
    columns: tuple[ColumnRead, ...], where: Where, data: Sequence[Sequence[object]]
) -> tuple[ColumnRead, ...]:
    """In a table whose figures stand in one column, that column, and that of their units."""
    roles = {one.role for one in columns}
    if "item" not in roles and roles & {"column", "rate", "wide"}:
        return columns
    found = []
    for one in columns:
        words = re.sub(r"[^\w]", "", label(one.heading).lower())
        cells = _column_cells(where, one, data)
        if one.role in ("nothing", "column", "wide") and words in FIGURES and any(map(is_figure, cells)):
            one = replace(one, role="figure", column="", question=None)
        elif (
            one.role in ("nothing", "name")
            and words in UNITS_OF_ITEMS
            and any(unit_of(c) for c in cells if c)
        ):
            one = replace(one, role="measure")
        found.append(one)
    return tuple(found)


def _column_cells(where: Where, one: ColumnRead, data: Sequence[Sequence[object]]) -> list[str]:
    width = max((len(row) for row in data), default=0)
    j = next((k for k in range(width) if where.sheet.letter(k) == one.letter), width)
    return [plain(text(row[j])) if j < len(row) else "" for row in data]


def _read_items(
    where: Where,
    columns: Sequence[ColumnRead],
    data: Sequence[Sequence[object]],
    known: Catalogue,
    stage: str,
) -> tuple[ItemRead, ...]:
    """Every word of a long table's items, with its stage, once."""
    by_role = {one.role: one for one in reversed(columns)}
    if "item" not in by_role and "stage" in by_role:
        return tuple(_read_stages(where, columns, data, known))
    if "item" not in by_role or not {"figure", "wide"} & by_role.keys():
        return ()
    empty = [""] * len(data)
    words = _column_cells(where, by_role["item"], data)
    stages = _column_cells(where, by_role["stage"], data) if "stage" in by_role else empty
    units = _column_cells(where, by_role["measure"], data) if "measure" in by_role else empty
    figures_of = [_column_cells(where, one, data) for one in columns if one.role in FIGURED]
    holder = by_role.get("figure") or by_role["wide"]
    width = max((len(row) for row in data), default=0)
    filled = [any(cells) for cells in zip(*figures_of, strict=True)]  # the line of a section has no figures
    found: dict[tuple[str, str], ItemRead] = {}
    for word, stage_of_row, unit in compress(zip(words, stages, units, strict=True), filled):
        match = matched(split_section(word), known, stage_word(stage_of_row) or stage, near=False)
        if not word or match is None or (word, stage_of_row) in found:
            continue
        printed = unit or next(
            (one.words for w in reversed(split_section(word)) if (one := unit_beside(w)[1])), ""
        )
        measure = known.columns[match.column].unit
        if measure in RATE_UNITS:
            figures = [cells[words.index(word)] for cells in figures_of]
            told = unit_of(printed)
            said = [evidence.UnitSaid(told, evidence.OWN, "row", "", printed)] if told is not None else []
            printed = choose_scale(measure, said, figures, as_percent=False) or "?"
        at = next(j for j in range(width) if where.sheet.letter(j) == holder.letter)
        printed = (
            printed
            or next((one.unit.words for one in where.units(at, word) if fits(one.unit, measure)), "")
            or next(iter(known.units[measure].scales))
        )
        found[word, stage_of_row] = ItemRead(
            word=word, stage_word=stage_of_row, column=match.column, unit=printed
        )
    return tuple(found.values())


def _list_item_words(
    where: Where, columns: Sequence[ColumnRead], data: Sequence[Sequence[object]]
) -> tuple[tuple[str, str], ...]:
    column = next((one for one in columns if one.role == "item" or is_heading_of_items(one.heading)), None)
    if column is None:
        return ()
    measure = next((one for one in columns if is_heading_of_units(one.heading)), None)
    units = _column_cells(where, measure, data) if measure is not None else [""] * len(data)
    return tuple(
        pair for pair in dict.fromkeys(zip(_column_cells(where, column, data), units, strict=True)) if pair[0]
    )


def _read_stages(
    where: Where, columns: Sequence[ColumnRead], data: Sequence[Sequence[object]], known: Catalogue
) -> Iterator[ItemRead]:
    """A row per stage: every column of figures means another one at every stage."""
    column = next(one for one in columns if one.role == "stage")
    words = [w for w in dict.fromkeys(_column_cells(where, column, data)) if stage_word(w)]
    if len(words) < 2:
        return
    for one in columns:
        if one.role not in ("column", "nothing") or not one.figures:
            continue
        for word in words:
            match = matched(tuple(one.heading.split("/")), known, stage_word(word), near=False)
            if match is None or not stage_of(match.column):
                continue
            unit = known.columns[match.column].unit
            if one.column and known.columns[one.column].unit == unit:
                printed = one.unit
            elif not one.column and unit in NEED_NOT_BE_SAID:  # 班级数 is a column only together with a stage
                printed = next(iter(known.units[unit].scales))
            else:
                continue
            yield ItemRead(word="", stage_word=word, column=match.column, unit=printed, heading=one.heading)


def _first_words(row: Sequence[object]) -> str:
    return next((text(cell) for cell in row if cell not in ("", None)), "")


def _find_header(sheet: Sheet) -> tuple[int, int] | None:
    """The row of words with the most different ones, over a row with numbers, and how many rows it takes."""
    best: tuple[int, int] | None = None
    most = 1
    for i, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        words = [text(cell) for cell in row if cell not in ("", None)]
        if len(words) < 2 or any(_is_figure(word) for word in words) or is_numbering(row) or is_unit_row(row):
            continue
        if len(words) == 2 and any(map(_UNIT_LINE.match, words)):  # a title with 单位：人 at its right
            continue
        if len(set(words)) > most:
            best, most = (i, 1), len(set(words))
    if best is None:
        return None
    first = best[0]
    while first > 0 and _belongs_above(sheet, first):
        first -= 1
    key = next((j for j, cell in enumerate(sheet.rows[first]) if cell not in ("", None)), 0)
    depth = extended(sheet, first, best[0] - first + 1, [key])
    while depth > 1 and is_unit_row(sheet.rows[first + depth - 1]):
        depth -= 1
    return first, depth + _is_under_outer_words(sheet, first + depth, key)


def _is_under_outer_words(sheet: Sheet, at: int, key: int) -> bool:
    """Whether a row names the columns that the outer headings above it leave blank: Location under nothing."""
    row, beneath = (sheet.rows[i] if i < len(sheet.rows) else [] for i in (at, at + 1))
    told = [text(cell) for cell in row if cell not in ("", None)]
    return (
        key > 0
        and all(cell not in ("", None) for cell in row[:key])
        and len(told) > key + 1
        and not any(_is_figure(word) for word in told)
        and any(_is_figure(text(cell)) for cell in beneath)
    )


def _is_figure(word: str) -> bool:
    return number(word) is not None and years.label(word) is None


_UNIT_LINE = re.compile(r"[（(\s]*(?:计量|金额)?单\s*位\s*[:：]")
_SAYS_WHO = re.compile(r"(?!其中)[一-鿿]{2,10}[:：]")
"""制表单位：市教育局, 填报日期：2023年5月: a line over the headings that is none of them."""


def _belongs_above(sheet: Sheet, first: int) -> bool:
    """Whether the row above holds outer headings: several words, not a title alone; or is merged with what does."""
    words = [text(cell) for cell in sheet.rows[first - 1] if cell not in ("", None)]
    if not words:
        above = first - 1 + sheet.top
        merged = any(top < above <= bottom for (top, _), (bottom, _) in sheet.merged)
        return merged and first > 1 and _belongs_above(sheet, first - 1)
    longest = LONG if len(words) > 2 else LONG // 2
    return (
        1 < len(words) < 40
        and not any(_SAYS_WHO.match(word) or _UNIT_LINE.match(word) for word in words)
        and not any(_is_figure(word) for word in words)
        and all(len(word) < longest for word in words)
    )

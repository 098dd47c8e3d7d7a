"""Which list is this, of which stage and which year, and what stands above its columns?

The form is the one whose words the file, the sheet or the title bears; the schools' codes are held against it. A list
that does not say its stage, or says two, is refused: its pupils would land in another school stage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files import values as clean
from edustats.load.files.workbook import Sheet
from edustats.load.reading import evidence, years
from edustats.load.reading.evidence import UnitSaid, unit_evidence
from edustats.load.reading.headers import (
    HEADER_WITHIN,
    MOST_HEADER_ROWS,
    is_unit_row,
    label,
    paths_of,
    words_in,
)
from edustats.load.reading.matching import matched
from edustats.load.reading.stages import ALL_THROUGH, stages_of_codes, stages_of_type, stages_said
from edustats.load.reading.synonyms import called, find_called
from edustats.load.reading.units import Unit, is_line, unit_beside
from edustats.load.returns.forms import Form, Forms
from edustats.load.returns.records import Doubt, cell_at, is_empty, is_school
from edustats.words import DASH, Text, say

MOST_CODES = 3000
_THROUGH = re.compile("一贯制|完全中学|附设|附小|附中|学校$")


@dataclass(slots=True, kw_only=True)
class Header:
    """A list's header: the form it is, where its rows begin and end, and the path above every column.

    ``key`` is the column of codes (of names where ``by_name``), ``name`` that of names and ``year_column`` that of
    years, −1 where there is none; ``stage`` is the stage that its words say.
    """

    form: Form
    first: int
    depth: int
    paths: list[tuple[str, ...]]
    key: int
    words: list[list[str]] = field(default_factory=list)
    unit_row: int = -1
    year: int = 0
    year_column: int = -1
    by_name: bool = False
    stage: str = ""
    stage_words: str = ""
    notes: Sequence[int] | None = None
    """Positions of the notes beneath, once they were looked for."""
    units: Sequence[Unit | None] = ()
    """The unit that a column of units gives every row."""
    weaker: tuple[str, str] = ("", "")
    """Words that say another stage than the title and the codes, and that stage."""

    @property
    def name(self) -> int:
        """The column of names, −1 where there is none."""
        return self.column("name")

    def column(self, key: str) -> int:
        """The column of a key of the form (name, county), −1 where there is none."""
        for words in self.form.keys.get(key, ()):
            if found := find_called(self.paths, words):
                return found[0]
        return -1

    def is_heading(self, words: str) -> bool:
        """Whether a cell repeats a word of the header."""
        return any(label(words) == word for path in self.paths for word in path)

    def said(self, sheet: Sheet, column: int) -> list[UnitSaid]:
        """The units that the sheet prints for a column."""
        if self.notes is None:
            self.notes = [
                i for i in range(self.first + self.depth, len(sheet.rows)) if _is_note(sheet.rows[i])
            ]
        header = (self.first, self.depth)
        return unit_evidence(sheet, header, column, unit_row=self.unit_row, notes=self.notes)


def _is_note(row: Sequence[object]) -> bool:
    first = next((cell for cell in row if cell not in ("", None)), "")
    return (
        type(first) is str
        and not first[:1].isdigit()
        and len(first) < 200
        and (first.lstrip().startswith(("注", "说明", "备注", "Note", "note")) or is_line(first))
    )


# --- several lists on one sheet ---


def parts_of(sheet: Sheet, layouts: Forms) -> list[Sheet]:
    """A sheet cut where another list begins beneath the first: at a header with other words in other places."""
    keys = {word for form in layouts.lists for key in form.keys.get("unit", ()) for word in called(key)}
    heads = [i for i, row in enumerate(sheet.rows) if _bears_key(row, keys)]
    if len(heads) < 2:
        return [sheet]
    first = [label(clean.text(cell)) for cell in sheet.rows[heads[0]]]
    starts = [0]
    for i in heads[1:]:
        own = [label(clean.text(cell)) for cell in sheet.rows[i]]
        if [w for w in own if w] != [w for w in first if w]:
            starts.append(_title_over(sheet, i))
            first = own
        elif (start := _title_over(sheet, i)) < i and _other_title(sheet, starts[-1], start, i):
            starts.append(start)
    ends = [*starts[1:], len(sheet.rows)]
    return [
        replace(sheet, rows=sheet.rows[a:b], top=sheet.top + a) for a, b in zip(starts, ends, strict=True)
    ]


def _bears_key(row: Sequence[object], keys: Collection[str]) -> bool:
    """Whether one of a row's first cells is what a form calls its units; a row that begins with a code has none."""
    if row and type(row[0]) is str and row[0][:1].isdigit():
        return False
    return any(
        type(cell) is str and cell and not cell[0].isdigit() and label(cell) in keys for cell in row[:12]
    )


def _title_over(sheet: Sheet, header: int) -> int:
    """The first row of what belongs to a header: the lines of words above it, up to rows of data or a blank one."""
    i = header
    while i > 0 and 0 < sum(cell not in ("", None) for cell in sheet.rows[i - 1]) <= 2:
        i -= 1
    return i


def _other_title(sheet: Sheet, before: int, start: int, header: int) -> bool:
    """Whether the same header stands under a title of another year or stage: no page break, but another list."""
    own = " ".join(clean.text(cell) for row in sheet.rows[start:header] for cell in row)
    first = " ".join(clean.text(cell) for row in sheet.rows[before : before + 3] for cell in row)
    years_, stages = years.years_said(own), stages_said(own)
    return bool(
        (years_ and {y.year for y in years_} != {y.year for y in years.years_said(first)})
        or (stages and stages != stages_said(first))
    )


# --- finding the header ---


def find_header(sheet: Sheet, layouts: Forms, known: Catalogue) -> Header | None:
    """The best fitting form, if the words of any stand above the columns."""
    candidates = [f for f in layouts.lists if f.kind != "register"]
    for i, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        words = [label(cell) if type(cell) is str else "" for cell in row]
        if words.count("") > len(words) - 2:
            continue
        if register := _find_register(words, layouts):
            return Header(form=register, first=i, depth=1, paths=[(w,) for w in words], key=0)
        keyed = [(f, j, False) for f in candidates for j in _find_key_columns(f, words, "unit")[:1]]
        counties = [f for f in candidates if f.kind == "county"]
        keyed = keyed or [(f, j, True) for f in counties for j in _find_key_columns(f, words, "name")[:1]]
        if keyed and (found := _choose_header(sheet, i, keyed)):
            return found
    return None


def _find_register(words: Sequence[str], layouts: Forms) -> Form | None:
    for form in layouts.lists:
        needed = {label(w) for key, w in form.fields.items() if key not in form.optional}
        if form.kind == "register" and needed <= set(words):
            return form
    return None


def _find_key_columns(form: Form, words: Sequence[str], key: str) -> list[int]:
    """Columns whose heading is one of a form's keys, by its own words first."""
    declared = form.keys.get(key, ())
    own = [words.index(word) for word in declared if word in words]
    return own or [j for j, word in enumerate(words) if word and any(word in called(one) for one in declared)]


Keyed = tuple[Form, int, bool]


def _choose_header(sheet: Sheet, first: int, keyed: Sequence[Keyed]) -> Header | None:
    depth = _measure_depth(sheet, first, keyed[0][1])
    words = words_in(sheet, first, depth)
    unit_row = (
        first + depth if first + depth < len(sheet.rows) and is_unit_row(sheet.rows[first + depth]) else -1
    )
    paths = [tuple(label(unit_beside(word)[0]) for word in path) for path in paths_of(words)]
    year_column = next(
        (j for j, path in enumerate(paths) if len(path) == 1 and years.is_heading(path[0])), -1
    )
    year = 0 if year_column >= 0 else _agree_year(sheet, first)
    fitting = [k for k in keyed if not year or k[0].since <= year <= k[0].until]
    chosen, stage, said, weaker = _find_named_forms(sheet, first, depth, fitting or keyed)
    scored = []
    for form, key, by_name in chosen:
        fits = sum(any(find_called(paths, p) for p in figure.paths) for figure in form.figures)
        scored.append((fits, -len(form.figures), form, key, by_name))
    if not scored or max(scored, key=lambda s: s[:2])[0] == 0:
        return None
    if not stage:
        scored = _by_codes(sheet, first + depth, scored)
    if not year and year_column < 0:
        raise DataError("load.no_year", file=sheet.file, sheet=sheet.name or "—")
    _, _, form, key, by_name = max(scored, key=lambda s: s[:2])
    return Header(
        form=form, first=first, depth=depth + (unit_row >= 0), paths=paths, key=key, words=words, unit_row=unit_row,
        year=year, year_column=year_column, by_name=by_name, stage=stage, stage_words=said, weaker=weaker,
    )  # fmt: skip


def _measure_depth(sheet: Sheet, first: int, key: int) -> int:
    """Rows of the header: those beneath its first row whose key cell is empty and that hold no number."""
    depth = 1
    for row in sheet.rows[first + 1 : first + MOST_HEADER_ROWS]:
        key_empty = clean.text(cell_at(row, key)).strip() == ""
        if not key_empty or is_empty(row) or any(type(cell) is float for cell in row) or is_unit_row(row):
            break
        depth += 1
    return depth


# --- the year ---


def _agree_year(sheet: Sheet, first: int) -> int:
    """The year that title, sheet, file and folder agree on, 0 where none says one.

    Raises
    ------
    DataError
        Two places that name different years, neither with more support than the other.
    """
    said = evidence.year_evidence(sheet, range(first))
    chosen, others, conflict = evidence.settled_year(said)
    if chosen is None:
        return 0
    if conflict or not years.plausible(chosen.year):
        told = evidence.joined(one.told() for one in (chosen, *others))
        raise DataError("load.year_conflict" if conflict else "load.year_of_list", file=sheet.file,
                        sheet=sheet.name or "—", told=told)  # fmt: skip
    # a store holds whole years: a quarter's sum taken for its year would be a fourth of it
    if quarter := next((words for one in said if (words := years.find_quarter(one.words))), ""):
        raise DataError("load.quarter_of_list", file=sheet.file, sheet=sheet.name or "—", quarter=quarter)
    return chosen.year


# --- the stage ---


def stage_of_form(form: Form) -> str:
    """The stage that a form of one stage is of, '' for one of several or none."""
    found = stages_said(" ".join(form.words))
    return found[0] if len(found) == 1 and form.kind == "list" else ""


def _find_named_forms(
    sheet: Sheet, first: int, depth: int, keyed: Sequence[Keyed]
) -> tuple[Sequence[Keyed], str, str, tuple[str, str]]:
    """Forms whose words the name of the file or sheet bears, else the title, else all.

    Where name and title say different stages, the schools' codes decide between them.

    Returns
    -------
    forms, stage, words, weaker
        The forms; the stage they are of and the words that say so; the words that say another stage, and theirs.
    """
    name = clean.plain(f"{sheet.file.rsplit('/', 1)[-1]} {sheet.name}")
    title = " ".join(clean.text(cell) for row in sheet.rows[:first] for cell in row if type(cell) is str)
    order, weaker = [name, title], ("", "")
    own, other = stages_said(name), stages_said(title)
    if own and other and not set(own) & set(other):
        found = stages_of_codes(_list_codes(sheet, first + depth, keyed[0][1]))
        if set(found) & set(other) and not set(found) & set(own):
            order, weaker = [title, name], (name, own[0])
        elif set(found) & set(own) and not set(found) & set(other):
            weaker = (title, other[0])
        else:
            told = evidence.joined(say("load.evidence", place=say(f"load.place_{place}"), cell="", words=words.strip())
                                   for place, words in (("file", name), ("title", title)))  # fmt: skip
            raise DataError("load.no_stage", file=sheet.file, sheet=sheet.name or "—", told=told)
    for text in order:
        said = stages_said(text)
        fit = [k for k in keyed if _bears_words(text, k[0], said)]
        if fit:
            stages = {stage_of_form(k[0]) for k in fit} - {""}
            return fit, (stages.pop() if len(stages) == 1 else ""), text, weaker
    return keyed, "", "", weaker


def _bears_words(text: str, form: Form, said: Sequence[str]) -> bool:
    """Whether a text bears a form's words; a word of a stage inside a place's name is none."""
    own = stage_of_form(form)
    if own:
        return own in said
    return any(word in clean.plain(text).replace("学年初", "学年 ") for word in form.words)


Scored = tuple[int, int, Form, int, bool]


def _by_codes(sheet: Sheet, start: int, scored: Sequence[Scored]) -> list[Scored]:
    """Among forms of single stages, those of the stage that the schools' codes say.

    Raises
    ------
    DataError
        Codes of several stages, or of none: the list does not say what it is of.
    """
    staged = [one for one in scored if stage_of_form(one[2])]
    best = max(scored, key=lambda s: s[:2])
    if len({stage_of_form(one[2]) for one in staged}) < 2 or not stage_of_form(best[2]):
        return list(scored)
    found = stages_of_codes(_list_codes(sheet, start, best[3]))
    if len(found) == 1:
        stage = next(iter(found))
        if own := [one for one in staged if stage_of_form(one[2]) == stage]:
            return own
    told = evidence.joined(_describe_counts(found)) if found else DASH
    raise DataError("load.no_stage", file=sheet.file, sheet=sheet.name or "—", told=told)


def _list_codes(sheet: Sheet, start: int, key: int) -> list[str]:
    rows = sheet.rows[start : start + MOST_CODES]
    codes = (clean.code(clean.text(row[key])) for row in rows if key < len(row))
    return [code for code in codes if len(code) == 10]


def _describe_counts(found: Counter[str]) -> Iterator[Text]:
    for stage, number in found.most_common():
        yield say("load.codes_of_stage", stage=say(f"load.stage_{stage}"), count=number)


def refuse_other_stage(sheet: Sheet, header: Header, codes: Iterable[str]) -> None:
    """Refuse a list whose words say one stage and whose schools' codes all say another.

    A through-school has the code of one of its stages and stands in the lists of all, so a list that gives the type
    of every school is believed.
    """
    own = header.stage
    found = stages_of_codes(codes)
    if not own or not found or own in found or _through_schools(sheet, header):
        return
    stage = found.most_common(1)[0][0]
    raise DataError(
        "load.stage_conflict", file=sheet.file, sheet=sheet.name or "—", words=header.stage_words.strip(),
        said=say(f"load.stage_{own}"), count=found[stage], of=say(f"load.stage_{stage}"),
    )  # fmt: skip


def _through_schools(sheet: Sheet, header: Header) -> bool:
    """Whether the type or the name of every school says that it teaches the list's stage, or several."""
    types = [j for words in ("办学类型", "学校办别") for j in find_called(header.paths, words)]
    columns = [j for j in (*types, header.name) if j >= 0]
    rows = [
        row for row in sheet.rows[header.first + header.depth :] if is_school(_read_code(row, header.key))
    ]
    told = ([clean.plain(clean.text(row[j])) for j in columns if j < len(row)] for row in rows)
    return all(
        any(
            header.stage in stages_of_type(one)
            or len(stages_of_type(one)) > 1
            or one in ALL_THROUGH
            or _THROUGH.search(one)
            for one in cells
        )
        for cells in told
    )


def _read_code(row: Sequence[object], key: int) -> str:
    return clean.code(clean.text(cell_at(row, key)))


# --- what nothing was read from ---


def _read_columns(header: Header) -> set[int]:
    form = header.form
    read = {header.key, header.year_column, header.name, header.column("county")}
    for figure in form.figures:
        read |= {j for path in figure.paths for j in find_called(header.paths, path)}
    for words in form.texts.values():
        read |= set(find_called(header.paths, "|".join(words)))
    return read


def unread_headings(header: Header) -> list[str]:
    """Headings of a list that nothing was read from."""
    read = _read_columns(header)
    return [
        "/".join(path) for j, path in enumerate(header.paths) if path and j not in read and path[-1] != "序号"
    ]


def unread_doubts(sheet: Sheet, header: Header, known: Catalogue) -> list[Doubt]:
    """Headings that nothing was read from although the catalogue has a column of that name."""
    read, given = _read_columns(header), {figure.column for figure in header.form.figures}
    found = []
    if header.weaker[0]:
        value, expected = header.weaker[0].strip(), header.stage_words.strip()
        where = sheet.row(header.first), sheet.letter(header.key)
        found.append(Doubt("stage_weaker", "warning", *where, "", "unit", value, expected))
    for j, path in enumerate(header.paths):
        if not path or j in read:
            continue
        match = matched(path, known, header.stage, near=False)
        if match is not None and match.sure and match.column not in given:
            where = sheet.row(header.first), sheet.letter(j)
            found.append(Doubt("unread_heading", "warning", *where, "", match.column, "/".join(path), ""))
    return found

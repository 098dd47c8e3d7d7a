"""How does a folder of returns become trusted tables? Read, joined, held against the rules, every row
accounted for.

One file that cannot be read does not stop the others: it is named in the findings and in the ledger.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from edustats import __version__
from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.load.area_tree import with_areas
from edustats.load.files import values as clean
from edustats.load.files.workbook import READABLE, Sheet, read_sheets, returns_in
from edustats.load.findings import no_findings
from edustats.load.ledger import Entry
from edustats.load.loaded import Loaded
from edustats.load.reading.areas import CITY_PROPER, is_district, own_unit
from edustats.load.reading.county_codes import question, whose
from edustats.load.reading.evidence import YearSaid, joined, settled_year
from edustats.load.reading.headers import label
from edustats.load.reading.years import years_said
from edustats.load.returns.answers import apply_answers
from edustats.load.returns.cells import Cells, collect_cells
from edustats.load.returns.consistency import word_findings
from edustats.load.returns.forms import Forms, forms_with
from edustats.load.returns.prefecture_profile import FILE, Profile, read_profile
from edustats.load.returns.records import CATEGORIES, Account, Block, Doubt, Taken, keep_rows
from edustats.load.returns.schools import tables_of
from edustats.load.returns.sheets import take_sheet, year_of
from edustats.words import join_names

_CODE_IN_NAME = re.compile(r"(?<!\d)(\d{10})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from files, before anything is joined."""

    cells: Cells
    registers: Mapping[str, pd.DataFrame]
    entries: tuple[Entry, ...]
    findings: pd.DataFrame

    @property
    def files(self) -> dict[str, str]:
        """Name and digest of every file read."""
        return {entry.file: entry.digest for entry in self.entries}


@dataclass(slots=True)
class _Gathered:
    blocks: list[Block] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    doubts: list[dict[str, object]] = field(default_factory=list)


def load_returns(
    sources: Sequence[Path], known: Catalogue | None = None, layouts: Forms | None = None
) -> Loaded:
    """Load a folder of returns, or single files, into tidy rows.

    Parameters
    ----------
    sources : folders and files; the prefecture's ``returns.toml`` is looked for in them and above them
    known, layouts : catalogue and forms, the suite's own if not given

    Returns
    -------
    Loaded
        One row per school and year and one per county and year, with ledger, findings and registers.

    Raises
    ------
    MissingFileError, DataError
        A source that is not there or holds no return; a single file that cannot be read.

    Examples
    --------
    >>> loaded = load_returns([Path("in")])
    >>> len(loaded.tidy) > 0
    True
    """
    known = known or catalogue()
    profile = profile_of(sources, known)
    return join_up(read_all(sources, profile, known, layouts), profile, known)


def profile_of(sources: Sequence[Path], known: Catalogue) -> Profile:
    """The profile of the first source that has one, in its folder or up to three folders above."""
    if missing := next((source for source in sources if not source.exists()), None):
        raise MissingFileError("load.no_source", source=missing.name or str(missing))
    for source in sources:
        start = source if source.is_dir() else source.parent
        for folder in (start, *start.resolve().parents[:3]):
            if (folder / FILE).is_file():
                return read_profile(folder, known)
    first = sources[0]
    return read_profile(first if first.is_dir() else first.parent, known)


def digest_reader(profile: Profile) -> str:
    """Digest of everything but the files that decides what is read: forms, profile, version.

    A file that has not changed is read anew when this has.
    """
    decides = (replace(profile, forms=None), forms_with(profile.forms), __version__)
    return hashlib.sha256(repr(decides).encode()).hexdigest()


def read_all(
    sources: Sequence[Path], profile: Profile, known: Catalogue, layouts: Forms | None = None
) -> Reading:
    """Read every file of the sources; see :func:`load_returns`."""
    layouts = layouts or forms_with(profile.forms)
    files = [pair for source in sources for pair in _list_files(source, profile)]
    if not files:
        raise DataError("load.no_returns", source=sources[0].name, known=join_names(READABLE))
    gathered = _Gathered()
    for path, name in files:
        _read_one(path, name, profile, known, layouts, gathered, alone=len(files) == 1)
    digests = {account.file: account.digest for account in gathered.accounts}
    schools = [block for block in gathered.blocks if block.kind != "register"]
    return Reading(
        cells=collect_cells(schools, digests), registers=_join_registers(gathered.blocks),
        entries=tuple(_make_entry(account) for account in gathered.accounts),
        findings=_make_findings(gathered.doubts, known),
    )  # fmt: skip


def join_up(reading: Reading, profile: Profile, known: Catalogue) -> Loaded:
    """Join what was read into tidy rows, and hold them against the rules."""
    answers = apply_answers(reading.cells, reading.registers)
    made = tables_of(answers.cells, profile, known)
    asked = [answers.open_questions(found) for found in (reading.findings, made.findings)]
    findings = [found for found in asked if len(found)]
    return with_areas(Loaded(
        mapping=made.mapping, tidy=made.tidy, kinds=made.kinds, areas=made.areas, ledger=reading.entries,
        findings=pd.concat(findings, ignore_index=True) if findings else no_findings(),
        registers=reading.registers, sources=made.sources,
    ))  # fmt: skip


def _list_files(source: Path, profile: Profile) -> Iterable[tuple[Path, str]]:
    if source.is_dir():
        return returns_in(source)
    return [(source, _name_below(source))]


def _name_below(path: Path) -> str:
    """A file's name below the folder that holds the profile, so that a corrected file keeps its name."""
    for folder in path.resolve().parents[:3]:
        if (folder / FILE).is_file():
            return path.resolve().relative_to(folder).as_posix()
    return path.name


# --- one file ---


def _read_one(
    path: Path,
    name: str,
    profile: Profile,
    known: Catalogue,
    layouts: Forms,
    gathered: _Gathered,
    alone: bool,
) -> None:
    try:
        taken, refused = _take_file(path, name, profile, known, layouts)
    except (EdustatsError, OSError) as error:
        if alone:
            raise
        _refuse_file(path, name, error, gathered)
        return
    for sheet_name, reason in refused:
        _refuse_file(path, name, reason, gathered, sheet_name)
    for sheet in taken:
        gathered.blocks += sheet.blocks
        gathered.accounts.append(sheet.account)
        gathered.doubts += [_place_doubt(doubt, sheet, profile) for doubt in sheet.doubts]


def _take_file(
    path: Path, name: str, profile: Profile, known: Catalogue, layouts: Forms
) -> tuple[list[Taken], list[tuple[str, EdustatsError]]]:
    """What stands on the sheets of one file, and the sheets that contradict themselves, each with its reason.

    A sheet that contradicts itself costs the others nothing; a file of which no other sheet gave anything is refused.
    """
    sheets, taken, refused = [], [], []
    try:
        for sheet in read_sheets(path, name):
            try:
                taken.append(take_sheet(sheet, layouts, known))
                sheets.append(sheet)
            except EdustatsError as error:
                refused.append((sheet.name, error))
        if refused and not any(one.blocks for one in taken):
            raise refused[0][1]
        _settle_blocks(sheets, taken, name, profile)
    except (EdustatsError, OSError):
        raise
    except Exception as error:  # a layout that nobody thought of costs this file, and no other
        detail = f"{type(error).__name__}: {error}"[:120]
        raise DataError("load.file_not_understood", file=name, detail=detail) from error
    return taken, refused


def _refuse_file(path: Path, name: str, error: Exception, gathered: _Gathered, sheet: str = "") -> None:
    """A file or a sheet that cannot be read stays in the ledger, with no rows, and its reason among the findings."""
    texts = {
        lang: error.text(lang) if isinstance(error, EdustatsError) else str(error) for lang in ("zh", "en")
    }
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    gathered.accounts.append(Account(file=name, sheet=sheet, digest=digest, form="refused"))
    gathered.doubts.append(
        {
            "rule": "file_refused", "severity": "error", "file": name, "sheet": sheet, "row": 0, "cell": "",
        "county": "",
            "unit": "", "name": "", "year": year_of(*reversed(name.split("/"))), "column": "",
        "value": texts["zh"],
            "expected": texts["en"], "tolerance": "",
        }
    )  # fmt: skip


def _place_doubt(doubt: Doubt, sheet: Taken, profile: Profile) -> dict[str, object]:
    file = sheet.account.file
    block = sheet.blocks[0] if sheet.blocks else None
    i = block.units.index(doubt.unit) if block and doubt.unit in block.units else -1
    return {
        "rule": doubt.rule, "severity": doubt.severity, "file": file, "sheet": sheet.account.sheet,
        "row": doubt.row,
        "cell": f"{doubt.letter}{doubt.row}",
        "county": block.counties[i] if block and i >= 0 else profile.county("", _place_hints(file)),
        "unit": doubt.unit, "name": block.names[i] if block and i >= 0 else "",
        "year": block.year if block else year_of(*reversed(file.split("/"))), "column": doubt.column,
        "value": doubt.value, "expected": doubt.expected, "tolerance": "",
    }  # fmt: skip


def _place_hints(file: str) -> list[str]:
    return list(reversed(file.split("/")))


def _settle_blocks(sheets: Sequence[Sheet], taken: Sequence[Taken], name: str, profile: Profile) -> None:
    """Say which school, county and year each block speaks of."""
    grids = [t for t in taken if t.blocks and t.blocks[0].kind == "grid"]
    if grids:
        _settle_school(sheets, grids, name, profile)
    for sheet in taken:
        for block in sheet.blocks:
            if block.kind in ("list", "county"):
                _settle_counties(sheet, block, profile)


def _settle_school(sheets: Sequence[Sheet], grids: Sequence[Taken], name: str, profile: Profile) -> None:
    """All forms of one workbook are one school's: its code, name, county and year."""
    basic = {key: b.texts[key][0] for t in grids for b in t.blocks for key in b.texts if b.texts[key][0]}
    cover = {
        label(clean.text(row[0])): row for s in sheets if label(s.name) == "封面" for row in s.rows if row
    }
    top = " ".join(clean.text(cell) for row in cover.values() for cell in row)
    code, named = _school_code(basic.get("unit", "")), _CODE_IN_NAME.search(name.rsplit("/", 1)[-1])
    code = code or (_school_code(named[1]) if named else "")
    if not code:
        raise DataError("load.no_school_code", file=name)
    year = _year_of_school(top, name, sheets[0].name)
    if not year:
        raise DataError("load.no_year", file=name, sheet=sheets[0].name)
    place = next(
        (clean.text(row[1]) for key, row in cover.items() if key.startswith("所在地区划") and len(row) > 1),
        "",
    )
    county = profile.county(place, _place_hints(name))
    if not county:
        raise DataError("load.no_county", file=name, county=place)
    for sheet in grids:
        for block in sheet.blocks:
            block.units, block.year, block.counties = [code], year, [county]
            block.names = [basic.get("unit_name", "")]
        sheet.doubts = [replace(doubt, unit=code) for doubt in sheet.doubts]
    if named and named[1] != code:
        grids[0].doubts.append(Doubt("code_in_name", "warning", 0, "", code, "unit", code, named[1]))


def _year_of_school(cover: str, name: str, sheet: str) -> int:
    """The year that the cover, the file's name and its folders agree on, 0 where none says one."""
    pairs = [
        ("title", cover),
        *(("folder" if k else "file", part) for k, part in enumerate(_place_hints(name))),
    ]
    told_by = [(place, words, years_said(words)) for place, words in pairs]
    said = [
        YearSaid(year=told[0].year, place=place, cell="", words=words.strip()[:60])
        for place, words, told in told_by
        if len({one.year for one in told}) == 1
    ]
    chosen, others, conflict = settled_year(said)
    if conflict and chosen is not None:
        told = joined(one.told() for one in (chosen, *others))
        raise DataError("load.year_conflict", file=name, sheet=sheet or "—", told=told)
    return chosen.year if chosen is not None else 0


def _school_code(text: str) -> str:
    code = clean.code(text)
    return code if len(code) == 10 and code[:2] in CATEGORIES else ""


def _settle_counties(sheet: Taken, block: Block, profile: Profile) -> None:
    """The county of every row of a list; rows of a place nobody knows are set aside, not guessed."""
    hints = _place_hints(block.file)
    named = block.units if block.kind == "county" else block.counties
    codes = {text: profile.county(text, hints) for text in set(named)}
    block.counties = [codes[text] or _own_unit(block, i, text, profile) for i, text in enumerate(named)]
    sheet.doubts += _odd_codes(block, named)
    if block.kind == "county":
        _lose_misnamed(sheet, block, named, profile)
        block.units = list(block.counties)
    lost = [i for i, code in enumerate(block.counties) if not code]
    if lost:
        _lose_rows(sheet, block, lost, named, profile)


def _lose_misnamed(sheet: Taken, block: Block, named: Sequence[str], profile: Profile) -> None:
    """Rows with the code of one county and the name of another are nobody's: which is right only the county knows."""
    for i, (code, name) in enumerate(zip(block.counties, block.names, strict=True)):
        other = profile.county(name) if name and name != named[i] else ""
        if code and other and other != code:
            owner = f"{other} {name}"
            sheet.doubts.append(
                Doubt(
                    "county_name_other",
                    "error",
                    int(block.rows[i]),
                    "",
                    "",
                    "county",
                    f"{named[i]} {name}",
                    owner,
                )
            )
            block.counties[i] = ""


def _own_unit(block: Block, i: int, named: str, profile: Profile) -> str:
    """The code of a unit beside the counties, such as 市本级: it is no total of them, and has no code of its own."""
    above = profile.parent.get("code", "")
    letters = own_unit(block.names[i] or named) if block.kind == "county" and len(above) == 6 else ""
    if letters == CITY_PROPER and any(is_district(code) for code in profile.counties):
        return ""  # the total of the districts
    return f"{above[:4]}{letters}" if letters and named in (above, block.names[i], block.units[i]) else ""


def _odd_codes(block: Block, named: Sequence[str]) -> Iterator[Doubt]:
    """Codes of a county that were not in use in the year, each once, where it first stands."""
    for text, county in dict(zip(named, block.counties, strict=True)).items():
        if block.year and county and len(text) in (6, 12) and text.isdigit():
            rule, expected = question(text[:6], block.year)
            if rule:
                row = int(block.rows[named.index(text)])
                yield Doubt(rule, "warning", row, "", "", "county", text[:6], expected)


def _lose_rows(
    sheet: Taken, block: Block, lost: Sequence[int], named: Sequence[str], profile: Profile
) -> None:
    account, rule = sheet.account, "county_code" if block.kind == "county" else "county_unknown"
    totals = {profile.parent.get("code", "")} if block.kind == "county" else set()
    totals |= {named[i] for i in lost if own_unit(block.names[i] or named[i]) == CITY_PROPER}
    for i in lost:
        row = int(block.rows[i])
        text = "\t".join([block.units[i], block.names[i], named[i]])
        account.loaded -= 1
        reason = "total" if named[i] in totals else "no_county"
        if any(doubt.rule == "county_name_other" and doubt.row == row for doubt in sheet.doubts):
            reason = "misnamed"
        account.aside.append((row, reason, text))
        if reason == "no_county":
            owner = whose(named[i])
            kind = "county_code_elsewhere" if owner else rule
            sheet.doubts.append(Doubt(kind, "error", row, "", block.units[i], "county", named[i], owner))
    keep = np.setdiff1d(np.arange(len(block.units)), lost)
    keep_rows(block, keep)
    sheet.doubts = [
        replace(d, unit="") if d.rule.startswith(("county_unknown", "county_code")) else d
        for d in sheet.doubts
    ]


# --- the accounts ---


def _make_entry(account: Account) -> Entry:
    return Entry(
        file=account.file, sheet=account.sheet, form=account.form, digest=account.digest, read=account.read,
        loaded=account.loaded, aside=tuple(account.aside),
        unread=tuple(account.unread),
    )  # fmt: skip


def _make_findings(doubts: Sequence[dict[str, object]], known: Catalogue) -> pd.DataFrame:
    return word_findings(pd.DataFrame(doubts), known) if doubts else no_findings()


def _join_registers(blocks: Sequence[Block]) -> dict[str, pd.DataFrame]:
    """Registers as they came, all text, with the file and row of each line."""
    found: dict[str, list[pd.DataFrame]] = {}
    for block in blocks:
        if block.kind == "register":
            frame = pd.DataFrame(block.fields, dtype="str").assign(file=block.file, row=block.rows)
            found.setdefault(block.form, []).append(frame)
    return {form: pd.concat(frames, ignore_index=True) for form, frames in found.items()}

"""Which rows of the store does a number rest on? A record, told where somebody reads it and parsed by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from edustats.words import NOTHING, Text, join_texts, read_all_texts, say

WHOSE = ("area", "units", "counties", "peers", "ledger", "findings", "page")
"""The areas themselves, their schools or districts, all their counties, an area and those like it; of an area what was
loaded, what was found doubtful, what stands on the page itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Rows of a store: of which areas, in which years, of which group."""

    whose: str = "area"
    areas: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    """None: every year of the view, which fills them in where a source is made."""
    until: int = 0
    """Every year up to this one; 0 where ``years`` says which."""
    group: str = ""
    """A stage, a pair of groups, or the characteristic that units are grouped by."""
    units: int = 0
    """How many schools or districts had a value."""

    def __post_init__(self) -> None:
        """Refuse a kind of rows that nobody could say."""
        if self.whose not in WHOSE:
            raise ValueError(self.whose)

    def __bool__(self) -> bool:
        return self != ALL_ROWS

    @property
    def of_others(self) -> bool:
        """Whether counties stand behind it that are not named one by one."""
        return self.whose in ("counties", "peers")

    def __str__(self) -> str:
        """The record for programs, the same in every language."""
        years = ",".join(
            f"{first}..{last}" if last > first else f"{first}" for first, last in _find_runs(self.years)
        )
        years = years or (f"..{self.until}" if self.until else "")
        told = {"rows": self.whose, "area": ",".join(self.areas), "year": years, "group": self.group}
        told |= {"n": str(self.units or "")}
        return " ".join(f"{key}={value}" for key, value in told.items() if value) if self else ""


ALL_ROWS = RowFilter()


def select_rows(whose: str, area: str, *years: int, group: str = "") -> RowFilter:
    """Rows of one area in some years; in every year of the view where none is named.

    Examples
    --------
    >>> str(select_rows("counties", "990100", 2024))
    'rows=counties area=990100 year=2024'
    """
    return RowFilter(whose=whose, areas=(area,), years=years, group=group)


GROUP_MARK = "／"


def join_group(name: Text) -> str:
    """A group that the store names itself, in both languages, as a filter holds it.

    Examples
    --------
    >>> join_group(Text("乡村学校", "village schools"))
    '乡村学校／village schools'
    """
    return f"{name.zh}{GROUP_MARK}{name.en}" if name.zh else ""


def _revive_group(held: str) -> Text:
    zh, _, en = held.partition(GROUP_MARK)
    return Text(zh, en or zh)


def describe_years(rows: RowFilter) -> Text:
    """Its years as a reader sees them; nothing where it names none.

    Examples
    --------
    >>> describe_years(RowFilter(years=(2021, 2024))).zh, describe_years(RowFilter(until=2024)).en
    ('2021、2024', 'up to 2024')
    >>> describe_years(RowFilter(years=(2015, 2019, 2020, 2021))).zh
    '2015、2019—2021'
    """
    if rows.until:
        return say("trace.rows_until", year=rows.until)
    return join_texts(
        Text(f"{first}—{last}", f"{first}–{last}") if last > first else Text(str(first), str(first))
        for first, last in _find_runs(rows.years)
    )


def _find_runs(years: tuple[int, ...]) -> list[tuple[int, int]]:
    """First and last of years in a row, three at least; others each by itself, in their order."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return [
        pair
        for run in runs
        for pair in ([(run[0], run[-1])] if len(run) > 2 else [(year, year) for year in run])
    ]


@lru_cache(maxsize=4096)
def describe_rows(rows: RowFilter) -> Text:
    """The rows in words.

    Examples
    --------
    >>> describe_rows(RowFilter(whose="units", areas=("990121",), years=(2024,), units=12)).en
    '990121, its schools or districts · 2024 · 12 with a value'
    """
    if not rows:
        return NOTHING
    areas = join_texts(Text(code, code) for code in rows.areas)
    parts = [
        say(f"trace.rows_{rows.whose}", areas=areas) if rows.areas else NOTHING,
        describe_years(rows),
        read_all_texts().get(f"trace.group_{rows.group}", _revive_group(rows.group)),
        say("trace.rows_n", n=rows.units) if rows.units else NOTHING,
    ]
    return join_texts([part for part in parts if part.zh], Text(" · ", " · "))

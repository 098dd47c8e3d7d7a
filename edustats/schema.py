"""Which columns do the long tables have, and what may stand in them?"""

from __future__ import annotations

KINDS = ("ok", "not_collected", "not_applicable", "suppressed", "masked", "unreadable", "impossible")
OK, UNREADABLE, IMPOSSIBLE = KINDS.index("ok"), KINDS.index("unreadable"), KINDS.index("impossible")
FINDING_COLUMNS = (
    "rule", "severity", "file", "sheet", "row", "cell", "county", "unit", "name", "year", "column", "value",
    "expected", "tolerance", "zh", "en",
)  # fmt: skip
ORIGINS = ("year", "column", "file", "sheet", "rows", "digest")
SOURCES = ("county", "unit", "year", "column", "file", "sheet", "row", "letter")
FILES = ("file", "digest", "load", "state")
OBSERVATION_COLUMNS = (
    "area", "level", "year", "stage", "indicator", "value", "num", "den", "n", "coverage", "status",
)  # fmt: skip
MEMBER_COLUMNS = ("members", "present", "absent")
"""Of an area above a county: counties asked (0: nobody knows how many), counties in, codes of those that are not."""
STATUSES = ("ok", "partial", *KINDS[1:], "break")
LEVELS = ("school", "county", "prefecture", "province", "nation")


def cell_names(letters: str, row: int) -> str:
    """Cells as a person names them; a figure that is a sum of columns has several letters.

    Examples
    --------
    >>> cell_names("E", 5), cell_names("F+G", 5), cell_names("", 5)
    ('E5', 'F5+G5', '')
    """
    return "+".join(f"{letter}{row}" for letter in letters.split("+") if letter)

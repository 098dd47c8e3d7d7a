"""Which columns do the long tables have, and what may stand in them?"""

from __future__ import annotations

KINDS = ("ok", "not_collected", "not_applicable", "suppressed", "masked", "unreadable", "impossible")
OK, UNREADABLE, IMPOSSIBLE = KINDS.index("ok"), KINDS.index("unreadable"), KINDS.index("impossible")
FINDING_COLUMNS = (
    "rule", "severity", "file", "sheet", "row", "cell", "county", "unit", "name", "year", "column", "value",
    "expected", "tolerance", "zh", "en",
)  # fmt: skip
ORIGINS = ("year", "column", "file", "sheet", "rows", "digest")
FILES = ("file", "digest", "load", "state")
OBSERVATION_COLUMNS = (
    "area", "level", "year", "stage", "indicator", "value", "num", "den", "n", "coverage", "status",
)  # fmt: skip
MEMBER_COLUMNS = ("members", "present", "absent")
"""Of an area above a county: counties asked (0: nobody knows how many), counties in, codes of those that are not."""
STATUSES = ("ok", "partial", *KINDS[1:], "break")
LEVELS = ("school", "county", "prefecture", "province", "nation")

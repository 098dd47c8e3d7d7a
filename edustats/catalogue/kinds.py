"""What kinds of nothing are there? A missing value keeps its kind from the return to the page."""

KINDS = ("ok", "not_collected", "not_applicable", "suppressed", "masked", "unreadable", "impossible")
OK, UNREADABLE, IMPOSSIBLE = KINDS.index("ok"), KINDS.index("unreadable"), KINDS.index("impossible")

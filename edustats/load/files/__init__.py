"""What does a file hold, cell by cell? Workbooks, lists and old formats, read and never interpreted."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "places": [
            "locate",
        ],
        "values": [
            "cells",
            "code",
            "number",
            "numbers",
            "plain",
        ],
        "workbook": [
            "Sheet",
            "read_sheets",
            "returns_in",
        ],
    },
)

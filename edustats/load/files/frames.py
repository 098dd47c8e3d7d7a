"""What table does the file of a statistics program hold? Stata's .dta and Parquet, as one sheet.

The heading is what the variable is labelled, where every label stands once, else its name; the first observation is row
1, as the program counts them. A value label stands for its number; of what is missing only the plain point is a blank,
.a to .z stay words, for a person to say what each means.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from edustats.errors import DataError
from edustats.load.files.extent import MOST_CELLS

if TYPE_CHECKING:
    import pandas as pd

PARQUET, STATA = b"PAR1", re.compile(rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00")


def frame_rows(content: bytes, name: str) -> list[list[object]] | None:
    """The rows of a statistics program's table, its headings first; None where the file is none.

    Raises
    ------
    DataError
        More cells than a return can have.
    """
    if content.startswith(PARQUET):
        import pandas as pd

        found = pd.read_parquet(io.BytesIO(content), engine="pyarrow")
        found = found if isinstance(found.index, pd.RangeIndex) else found.reset_index()
        return _rows_of(found, list(map(str, found.columns)), name)
    if STATA.match(content):
        return _stata_rows(content, name)
    return None


def _stata_rows(content: bytes, name: str) -> list[list[object]]:
    import pandas as pd
    from pandas.io.stata import StataReader

    found = pd.read_stata(io.BytesIO(content), convert_missing=True, preserve_dtypes=False)
    with StataReader(io.BytesIO(content)) as reader:
        labels = [label.strip() for label in reader.variable_labels().values()]
    labelled = all(labels.count(label) <= 1 for label in labels if label)
    names = [
        label if label and labelled else str(own) for own, label in zip(found.columns, labels, strict=True)
    ]
    return _rows_of(found, names, name)


def _rows_of(found: pd.DataFrame, names: list[str], name: str) -> list[list[object]]:
    if found.size > MOST_CELLS:
        raise DataError("load.too_many_cells", file=name, sheet="—", most=MOST_CELLS // 10_000)
    columns = [[_cell_of(value) for value in found[column].tolist()] for column in found.columns]
    return [[*names], *map(list, zip(*columns, strict=True))]


def _cell_of(value: object) -> object:
    """A number, or a text; a blank where there is neither."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if value != value else float(value)
    words = "" if value is None else str(value)
    return "" if words in (".", "NaT", "<NA>", "nan") else words.removesuffix(" 00:00:00")

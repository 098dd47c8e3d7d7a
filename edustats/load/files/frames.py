"""What table does the file of a statistics program hold? Stata's .dta and Parquet, as one sheet.

The heading is what the variable is labelled, where every label stands once, else its name; the first observation is row
1, as the program counts them. A value label stands for its number; of what is missing only the plain point is a blank,
.a to .z stay words, for a person to say what each means. A number in single precision is the shortest that it can be:
1.5678 is held as 1.56780004…, which in 万人 would be no whole number. Before Stata 14 words
had the code of the machine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edustats.errors import DataError
from edustats.load.files.extent import MOST_CELLS
from edustats.load.files.plain_text import decoded

if TYPE_CHECKING:
    import pandas as pd

PARQUET, STATA = b"PAR1", re.compile(rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00")
_IN_UTF8 = re.compile(rb"<stata_dta><header><release>1(?:1[89]|[2-9]\d)<")


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

    with StataReader(io.BytesIO(content)) as reader:
        labels = [label.strip() for label in reader.variable_labels().values()]
    single = (pd.read_stata(io.BytesIO(content), convert_categoricals=False).dtypes == np.float32).tolist()
    labelled = all(labels.count(label) <= 1 for label in labels if label)
    try:
        found = pd.read_stata(io.BytesIO(content), convert_missing=True)
    except ValueError:  # two numbers of a variable have one label
        found = pd.read_stata(io.BytesIO(content), convert_missing=True, convert_categoricals=False)
    names = [
        label if label and labelled else str(own) for own, label in zip(found.columns, labels, strict=True)
    ]
    rows = _rows_of(found, names, name, single)
    if _IN_UTF8.match(content):
        return rows
    return [[_in_own_code(cell, name) if type(cell) is str else cell for cell in row] for row in rows]


def _in_own_code(words: str, name: str) -> str:
    """Words that were taken for Latin ones."""
    return words if words.isascii() else decoded(words.encode("latin-1", "replace"), name)


def _rows_of(
    found: pd.DataFrame, names: list[str], name: str, single: Sequence[bool] = ()
) -> list[list[object]]:
    """Headings and rows; ``single`` marks columns whose numbers were kept in single precision."""
    if found.size > MOST_CELLS:
        raise DataError("load.too_many_cells", file=name, sheet="—", most=MOST_CELLS // 10_000)
    columns = [map(_cell_of, found.iloc[:, k].to_numpy()) for k in range(found.shape[1])]
    for k in np.flatnonzero(single).tolist():  # the words kept for what is missing have made doubles of them
        columns[k] = map(
            _cell_of, (np.float32(one) if type(one) is float else one for one in found.iloc[:, k])
        )
    return [[*names], *map(list, zip(*columns, strict=True))]


def _cell_of(value: Any) -> object:
    """A number, or a text; a blank where there is neither."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return "" if value != value else float(str(value))
    words = "" if value is None else str(value)
    return "" if words in (".", "NaT", "<NA>", "nan") else _MIDNIGHT.sub("", words)


_MIDNIGHT = re.compile(r"[ T]00:00:00(?:\.0+)?$")

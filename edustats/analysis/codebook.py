"""What do a frame's columns and indicators mean, and how is a frame handed on?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from edustats.analysis.selection import known_of
from edustats.errors import ParameterError
from edustats.long_tables import WRITERS, mark_inside, write_store_table
from edustats.store.reading import Store
from edustats.words import NOTHING, read_all_texts, user_language

PREFIX = "codebook.column_"


def codebook(frame: pd.DataFrame, lang: str = "") -> pd.DataFrame:
    """What every column and every indicator of a frame means.

    Parameters
    ----------
    frame : from any function of this package
    lang : zh or en; empty: the user's

    Returns
    -------
    DataFrame
        ``name``, ``kind`` (column or indicator), ``meaning``, ``unit``, ``low`` and ``high`` (what is possible),
        ``better``, ``formula``, ``source``.

    Examples
    --------
    >>> codebook(pd.DataFrame({"indicator": ["share_boarding_primary"], "value": [0.35]}), "en")["unit"].tolist()
    ['', '', '%, held as 0-1']
    """
    lang, known, texts = lang or user_language(), known_of(frame), read_all_texts()
    own = {f"group_{group['key']}": group["name"][lang] for group in frame.attrs.get("groups", ())}
    own |= {key: f"{name} {year}" for key, (name, year) in frame.attrs.get("features", {}).items()}
    rows: list[dict[str, object]] = [
        {
            "name": name,
            "kind": "column",
            "meaning": own.get(name) or texts.get(f"{PREFIX}{name}", NOTHING)[lang],
        }
        for name in map(str, frame)
    ]
    for key in dict.fromkeys(frame["indicator"].astype(str)) if "indicator" in frame else ():
        one, unit = known.indicator(key), known.unit_of(key)
        share = texts["codebook.held_as_share"][lang] if unit.key == "share" else ""
        rows.append({"name": key, "kind": "indicator", "meaning": one.name[lang], "unit": unit.name[lang] + share,
                     "low": one.range[0], "high": one.range[1], "better": one.better, "formula": one.formula,
                     "source": one.clause[lang]})  # fmt: skip
    columns = ["name", "kind", "meaning", "unit", "low", "high", "better", "formula", "source"]
    empty = dict.fromkeys(columns, "") | {"low": np.nan, "high": np.nan}
    return pd.DataFrame([empty | row for row in rows], columns=columns)


def export(
    what: Store | pd.DataFrame, file: str | Path, table: str = "observations", *, inside: bool = False, lang: str = "zh"
) -> int:  # fmt: skip
    """Write a store as one long table, or a frame as it stands; the number of rows.

    Parameters
    ----------
    what : a store, or a frame from any function of this package
    file : .csv (Excel reads its Chinese), .xlsx (a frame brings its codebook on a second sheet), .parquet or .dta
    table : of a store: ``observations`` or ``columns``
    inside : of a store: without protection; a frame is as it was asked for, and one made for use inside is marked so
    lang : language of names

    Raises
    ------
    ParameterError
        Another ending; more rows than a worksheet has.

    Examples
    --------
    >>> export(open_store("data/store/example"), "everything.csv") > 1000
    True
    """
    path = Path(file)
    if isinstance(what, Store):
        return write_store_table(what, path, table, inside=inside, lang=lang)
    if path.suffix.lower() not in WRITERS:
        raise ParameterError("export.format", file=path.name, known=", ".join(WRITERS))
    made = what if what.attrs.get("protected", True) else mark_inside(what, lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".xlsx":
        WRITERS[".xlsx"](made, path, codebook(made, lang))
    else:
        WRITERS[path.suffix.lower()](made, path)
    return len(made)

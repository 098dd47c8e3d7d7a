"""What goes back to a county's schools? A workbook of its doubtful values, written where there are any."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edustats.files import write_whole
from edustats.places import resolve_place
from edustats.present.county.corrections import build_correction_workbook, sort_corrections
from edustats.report.edition.plan import make_slug

NAME = "{code}_returns.xlsx"


def write_correction_list(parameters: Mapping[str, Any], folder: Path, lang: str) -> Path | None:
    """Write the list of one county's doubtful values to return.

    Parameters
    ----------
    parameters : of the county's notebooks: county, store, first_year and last_year
    folder : where the workbook is written, whole or not at all
    lang : zh or en

    Returns
    -------
    Path or None
        The workbook; None where the store holds no doubtful value of the county in these years.
    """
    held = (
        resolve_place(str(parameters.get("store", "")))
        / f"county={parameters.get('county')}"
        / "findings.parquet"
    )
    if not held.is_file():
        return None
    import pyarrow.parquet as pq

    rows = pq.read_table(io.BytesIO(held.read_bytes())).to_pylist()
    listed = sort_corrections(rows, parameters.get("first_year", 0), parameters.get("last_year", 0))
    if not listed:
        return None
    target = folder / NAME.format(code=make_slug(str(parameters["county"])))
    write_whole(target, build_correction_workbook(listed, lang))
    return target

"""How much of what was planted is found, and how much is reported that was never planted?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edustats.load.files.values import KINDS
from edustats.load.loaded import Loaded

CONSEQUENCES = {
    # what one wrong figure also breaks, by the kind of oddity
    "backbone_above_teachers": (),
    "degrees_do_not_add_up": ("degrees", "part_above_whole"),
    "last_year_differs": ("identity_movement", "checkups"),
    "negative": ("identity_movement",),
    "girls_above_all": (),
    "bands_do_not_add_up": ("part_above_whole",),
    "excellent_above_takers": ("share_of_count",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionScore:
    """The count: planted, found, missed, and findings that nothing planted explains."""

    planted: int
    found: int
    missed: list[dict[str, Any]]
    false_alarms: list[dict[str, Any]]


def score_detection(loaded: Loaded, folder: Path) -> DetectionScore:
    """Hold the findings, gaps and figures against ``planted.json``.

    Parameters
    ----------
    loaded : the example's returns, loaded
    folder : where the example was written
    """
    planted = json.loads((folder / "planted.json").read_text("utf-8"))
    findings = loaded.findings
    missed = [p for p in planted if not _is_detected(p, loaded)]
    explained = np.zeros(len(findings), bool)
    for p in planted:
        explained |= _match_explained_findings(p, findings)
    alarms = findings[~explained][["rule", "file", "cell", "unit", "column", "value", "expected"]]
    return DetectionScore(
        planted=len(planted),
        found=len(planted) - len(missed),
        missed=missed,
        false_alarms=[{str(k): v for k, v in row.items()} for row in alarms.to_dict("records")],
    )


def _is_detected(p: dict[str, Any], loaded: Loaded) -> bool:
    if p["sort"] == "fault":
        hit = (
            _match_findings_at_place(p, loaded.findings)
            & (loaded.findings["rule"] == p["expected"]).to_numpy()
        )
        return bool(hit.any())
    if p["kind"] == "code_as_float":
        return bool(((loaded.tidy["unit"] == p["unit"]) & (loaded.tidy["year"] == p["year"])).any())
    return _is_read_as_expected(p, loaded)


def _match_findings_at_place(p: dict[str, Any], findings: pd.DataFrame) -> Any:
    """Findings about the cell, or about the same school's figures of that year."""
    same_cell = (findings["file"] == p["file"]) & (findings["row"].astype(int) == p["row"])
    same_unit = (findings["unit"] == p["unit"]) & (findings["year"].astype(int) == p["year"])
    return (same_cell | same_unit).to_numpy()


def _is_read_as_expected(p: dict[str, Any], loaded: Loaded) -> bool:
    """An untidy figure gives its number, a gap keeps its kind."""
    row = (loaded.tidy["unit"] == p["unit"]) & (loaded.tidy["year"] == p["year"])
    if not row.any() or p["column"] not in loaded.kinds:
        return False
    kind = KINDS[int(loaded.kinds.loc[row, p["column"]].iloc[0])]
    value = float(loaded.tidy.loc[row, p["column"]].iloc[0])
    if p["expected"] == "number":
        return kind == "ok" and bool(np.isclose(value, float(p["was"])))
    return kind == p["expected"] and not np.isfinite(value)


def _match_explained_findings(p: dict[str, Any], findings: pd.DataFrame) -> Any:
    rules = {p["expected"], *CONSEQUENCES.get(p["kind"], ())}
    if p["sort"] == "gap":
        rules = {"unreadable"}
    told = _match_findings_at_place(p, findings) & findings["rule"].isin(rules).to_numpy()
    # the list's own line of totals is a second witness to a figure that was changed
    column = findings["cell"].astype("str").str.extract(r"^([A-Z]+)", expand=False) == p["letter"]
    witness = (findings["rule"] == "total_row") & (findings["file"] == p["file"]) & column
    return told | witness.to_numpy()

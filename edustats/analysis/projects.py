"""How far did the repair and building of schools come? Counts that must fit into each other, from returns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from edustats.metrics.composite.funnel import build_funnel
from edustats.words import Text, join_texts, say

REPAIR = (("damaged", "share_schools_repaired", "den"), ("repaired", "share_schools_repaired", "num"))
BUILDING = (("planned", "share_projects_done", "den"), ("done", "share_projects_done", "num"))
CLAUSES = Text("；", "; ")


def project_funnel(frame: pd.DataFrame, area: str, year: int) -> pd.DataFrame:
    """Repair and building projects of one area and year, step by step.

    Parameters
    ----------
    frame : from :func:`edustats.observations`
    area : code
    year : the year

    Returns
    -------
    DataFrame
        ``funnel`` (repair, building), ``step``, ``count`` (nan where missing), ``of_before`` (0-1), ``nests``.
        Rows of what nobody reported are left out. ``attrs``: ``area_name``, ``year``, ``left`` (schools still to be
        repaired), ``beyond`` (projects planned above these).

    Examples
    --------
    >>> project_funnel(observations(store), "990100", 2021).columns[:4].tolist()
    ['funnel', 'step', 'count', 'of_before']
    """
    own = (
        frame[(frame["area"] == area) & (frame["year"] == year)]
        .drop_duplicates("indicator")
        .set_index("indicator")
    )
    rows: list[dict[str, object]] = []
    counts: dict[str, float] = {}
    for funnel, steps in (("repair", REPAIR), ("building", BUILDING)):
        given = [float(str(own.at[key, side])) if key in own.index else np.nan for _, key, side in steps]
        counts |= {name: value for (name, *_), value in zip(steps, given, strict=True)}
        if not np.isnan(given).all():
            made = build_funnel([name for name, *_ in steps], given)
            rows += [
                {
                    "funnel": funnel,
                    "step": s.name,
                    "count": s.count,
                    "of_before": s.of_before,
                    "nests": s.nests,
                }
                for s in made
            ]
    found = pd.DataFrame(rows, columns=["funnel", "step", "count", "of_before", "nests"])
    left = counts["damaged"] - counts["repaired"]
    beyond = (
        max(counts["planned"] - left, 0.0) if np.isfinite(left) and np.isfinite(counts["planned"]) else np.nan
    )
    name = str(own["area_name"].iloc[0]) if len(own) else ""
    found.attrs.update(area_name=name, year=year, left=left, beyond=beyond)
    return found


def describe_projects(found: pd.DataFrame) -> Text:
    """What became of damaged schools and of projects; steps that do not fit are said and give no share.

    Parameters
    ----------
    found : from :func:`project_funnel`
    """
    facts = found.attrs
    if found["count"].notna().sum() == 0:
        return say("services.no_projects", area=facts["area_name"], year=facts["year"])
    counts = {str(r.step): r for r in found.itertuples()}
    parts: list[Text] = []
    for first, last in (("damaged", "repaired"), ("planned", "done")):
        if first in counts and np.isfinite(float(str(counts[last].of_before))):
            told = {"first": _count(counts[first]), "last": _count(counts[last])}
            kind = f"{last}_nests" if counts[last].nests else f"{last}_beyond"
            share = f"{float(str(counts[last].of_before)) * 100:.2f}%"
            parts.append(say(f"services.{kind}", **told, share=share))
    if not parts:
        return say("services.no_projects", area=facts["area_name"], year=facts["year"])
    if facts["beyond"] > 0:
        parts.append(say("services.beyond", left=f"{facts['left']:.0f}", n=f"{facts['beyond']:.0f}"))
    return say(
        "services.projects", area=facts["area_name"], year=facts["year"], told=join_texts(parts, CLAUSES)
    )


def _count(row: object) -> str:
    return f"{row[3]:.0f}"  # type: ignore[index]

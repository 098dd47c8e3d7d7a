"""How far did the repair and building of schools come? Counts that must fit into each other, with the money beside.

A funnel is drawn over the counties that gave every one of its steps, so that no step shrinks because somebody kept
silent; a step that hardly anybody gave is left out; both are named. A county with a later step above the one before
is a finding and in no sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from edustats.analysis.services import read_county_rows
from edustats.metrics.composite.funnel import FunnelStep, build_funnel
from edustats.store.reading import Store
from edustats.words import Text, join_texts, say

SCHOOLS = {"damaged": "schools_damaged", "repaired": "schools_repaired"}
PROJECTS = {
    "proposed": "projects_proposed", "planned": "projects_planned", "approved": "projects_approved",
    "started": "projects_started", "done": "projects_done",
}  # fmt: skip
MONEY = ("project_budget", "project_investment", "seats_added", "schools_built")
STEP_COLUMNS = (*SCHOOLS.values(), *PROJECTS.values(), *MONEY)
MOST_TOLD = 0.5
"""A step that no more than this part of the counties gave is left out, instead of the counties that did not give it."""
PAIRS = (("repaired", "share_schools_repaired"), ("done", "share_projects_done"))
CLAUSES = Text("；", "; ")


@dataclass(frozen=True, slots=True)
class Funnel:
    """One funnel of one year: its steps, who is in it, what does not fit."""

    steps: tuple[FunnelStep, ...]
    given: tuple[str, ...]
    """Codes of the counties that it is summed over."""
    left_out: tuple[str, ...]
    """Counties whose steps nest, of which some are missing."""
    dropped: tuple[str, ...]
    """Steps that too few gave."""
    beyond: tuple[tuple[str, str, str, float, float], ...]
    """(county, step before, step, count before, count) where more came through than were there before; such a county
    is in no sum."""

    def count(self, name: str) -> float:
        """How many reached a step; nan where it is none of the funnel's."""
        return next((step.count for step in self.steps if step.name == name), math.nan)


def sum_funnel(rows: pd.DataFrame, steps: dict[str, str]) -> Funnel:
    """A funnel over the counties that gave all its steps and whose steps nest.

    Parameters
    ----------
    rows : a row per county of one year, from :func:`edustats.analysis.services.read_county_rows`
    steps : name of a step → its column, widest first
    """
    counts = rows[list(steps.values())].to_numpy(float)
    codes = rows["county"].astype(str).to_numpy()
    told = np.isfinite(counts)
    anybody = told.any(axis=1)
    kept = told[anybody].mean(axis=0) > MOST_TOLD if anybody.any() else np.zeros(len(steps), bool)
    each = [
        (str(code), build_funnel(list(steps), row.tolist())) for code, row in zip(codes, counts, strict=True)
    ]
    beyond = tuple(one for code, own in each for one in _list_beyond(code, own))
    nests = ~np.isin(codes, [one[0] for one in beyond])
    whole = nests & anybody & told[:, kept].all(axis=1) if kept.any() else np.zeros(len(codes), bool)
    names = [name for name, keep in zip(steps, kept, strict=True) if keep]
    made = build_funnel(names, counts[whole][:, kept].sum(axis=0).tolist()) if whole.any() else []
    return Funnel(
        steps=tuple(made), given=tuple(map(str, codes[whole])),
        left_out=tuple(map(str, codes[anybody & nests & ~whole])),
        dropped=tuple(n for n, keep, some in zip(steps, kept, told.any(axis=0), strict=True) if some and not keep),
        beyond=beyond,
    )  # fmt: skip


def _list_beyond(code: str, steps: Sequence[FunnelStep]) -> list[tuple[str, str, str, float, float]]:
    held = [step for step in steps if math.isfinite(step.count)]
    return [(code, a.name, b.name, a.count, b.count) for a, b in pairwise(held) if not b.nests]


@dataclass(frozen=True, slots=True)
class ProjectYear:
    """Repairs, projects and their money in one year."""

    year: int
    schools: Funnel
    projects: Funnel
    budget: float
    spent: float
    """Money planned and carried out, over the counties that gave both; nan where nobody did."""
    paid: tuple[str, ...]
    """Codes of these counties."""
    investment: float
    seats: float
    """Money carried out and seats added, over the counties that gave both."""
    seated: tuple[str, ...]
    """Codes of these counties."""

    @property
    def left(self) -> float:
        """Schools still to be repaired; nan where more were repaired than damaged."""
        left = self.schools.count("damaged") - self.schools.count("repaired")
        return left if left >= 0 else math.nan


def count_projects(rows: pd.DataFrame, year: int) -> ProjectYear:
    """Everything that counties say about repairs and projects of one year."""
    own = rows[(rows["year"] == year).to_numpy()]
    return ProjectYear(
        year, sum_funnel(own, SCHOOLS), sum_funnel(own, PROJECTS),
        *_sum_pair(own, "project_budget", "project_investment"), *_sum_pair(own, "project_investment", "seats_added"),
    )  # fmt: skip


def _sum_pair(rows: pd.DataFrame, first: str, second: str) -> tuple[float, float, tuple[str, ...]]:
    pair = rows[[first, second]].to_numpy(float)
    both = np.isfinite(pair).all(axis=1)
    sums = pair[both].sum(axis=0) if both.any() else np.full(2, math.nan)
    return float(sums[0]), float(sums[1]), tuple(map(str, rows["county"].to_numpy()[both]))


def find_last_project_year(rows: pd.DataFrame) -> int:
    """The last year with any damaged school or any project; 0: none."""
    counted = rows[[*SCHOOLS.values(), *PROJECTS.values()]].fillna(0).to_numpy(float).max(axis=1) > 0
    return int(rows.loc[counted, "year"].max()) if counted.any() else 0


def project_funnel(source: Store | pd.DataFrame, area: str, year: int) -> pd.DataFrame:
    """Repair and building projects of one area and year, step by step.

    Parameters
    ----------
    source : a store, for all steps; or a frame from :func:`edustats.observations`, for repaired and completed alone
    area : code of a county or of an area above
    year : the year

    Returns
    -------
    DataFrame
        ``funnel`` (repair, building), ``step``, ``count`` (nan where missing), ``of_before`` (0-1), ``nests``.
        Rows of what nobody reported are left out. ``attrs``: ``area_name``, ``year``, ``left`` (schools still to be
        repaired), ``beyond`` (projects planned above these).

    Examples
    --------
    >>> project_funnel(store, "990100", 2021).columns[:4].tolist()
    ['funnel', 'step', 'count', 'of_before']
    """
    if isinstance(source, Store):
        counties = [code for code in source.counties if code == area or area in source.tree.chain(code)]
        told = count_projects(read_county_rows(source, counties, STEP_COLUMNS), year)
        made = {"repair": told.schools.steps, "building": told.projects.steps}
        lang_names = dict(zip(source.areas["code"], source.areas[source.lang], strict=True))
        name = str(lang_names.get(area, area))
    else:
        made, name = _read_pairs(source, area, year)
    rows = [(kind, s.name, s.count, s.of_before, s.nests) for kind, steps in made.items() for s in steps]
    found = pd.DataFrame(rows, columns=["funnel", "step", "count", "of_before", "nests"])
    counts = {str(step): float(count) for step, count in zip(found["step"], found["count"], strict=True)}
    left = counts.get("damaged", math.nan) - counts.get("repaired", math.nan)
    planned = counts.get("proposed", counts.get("planned", math.nan))
    beyond = max(planned - left, 0.0) if math.isfinite(left) and math.isfinite(planned) else math.nan
    found.attrs.update(area_name=name, year=year, left=left, beyond=beyond)
    return found


def _read_pairs(frame: pd.DataFrame, area: str, year: int) -> tuple[dict[str, tuple[FunnelStep, ...]], str]:
    """The two pairs of steps that observations hold."""
    at = (frame["area"] == area) & (frame["year"] == year)
    own = frame[at].drop_duplicates("indicator").set_index("indicator")
    made: dict[str, tuple[FunnelStep, ...]] = {}
    for (funnel, first), (last, key) in zip(
        (("repair", "damaged"), ("building", "planned")), PAIRS, strict=True
    ):
        given = [float(str(own.at[key, side])) if key in own.index else math.nan for side in ("den", "num")]
        if not np.isnan(given).all():
            made[funnel] = tuple(build_funnel([first, last], given))
    return made, str(own["area_name"].iloc[0]) if len(own) else ""


def describe_projects(found: pd.DataFrame) -> Text:
    """What became of damaged schools and of projects; steps that do not fit are said and give no share.

    Parameters
    ----------
    found : from :func:`project_funnel`
    """
    facts = found.attrs
    counts = {str(r.step): (float(str(r.count_)), float(str(r.of_before)), bool(r.nests))
              for r in found.rename(columns={"count": "count_"}).itertuples()}  # fmt: skip
    parts: list[Text] = []
    for first, last in (("damaged", "repaired"), ("planned", "done")):
        if first in counts and last in counts and counts[first][0] > 0 and math.isfinite(counts[last][0]):
            before, reached = counts[first][0], counts[last][0]
            kind = f"{last}_{'nests' if reached <= before else 'beyond'}"
            parts.append(say(f"services.{kind}", first=f"{before:.0f}", last=f"{reached:.0f}",
                             share=f"{reached / before * 100:.2f}%"))  # fmt: skip
    if not parts:
        return say("services.no_projects", area=facts["area_name"], year=facts["year"])
    if facts["beyond"] > 0:
        parts.append(say("services.beyond", left=f"{facts['left']:.0f}", n=f"{facts['beyond']:.0f}"))
    return say(
        "services.projects", area=facts["area_name"], year=facts["year"], told=join_texts(parts, CLAUSES)
    )

"""Which chapters does a county's report have? Those that its data feed.

A notebook may name, in its metadata, indicators of which it needs one: ``"edustats": {"needs": [...]}``, or a list of
things that are no schools, such as ``register:programmes``, or a page beside the store ``NAME``, such as
``beside:index.toml`` for ``NAME.index.toml``. Without that it is made for every area.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from edustats.report.edition.plan import ReportPlan
from edustats.store.reading import Store

REGISTER, BESIDE = "register:", "beside:"


def read_needs(notebook: Path) -> frozenset[str]:
    """Indicators of which a notebook needs at least one; none where it names none."""
    about = json.loads(notebook.read_text("utf-8")).get("metadata", {}).get("edustats", {})
    return frozenset(str(key) for key in about.get("needs", ()))


def drop_unfed_chapters(plan: ReportPlan, store: Store) -> ReportPlan:
    """The plan without the chapters that an area's data do not feed.

    Parameters
    ----------
    plan : of all notebooks for all areas
    store : whose observations are looked at, for the indicators that notebooks need and no others
    """
    needs = {path: read_needs(path) for path in {job.notebook for job in plan.jobs}}
    wanted = frozenset[str]().union(*needs.values())
    if not wanted:
        return plan
    others = frozenset(one for one in wanted if one.startswith((REGISTER, BESIDE)))
    held = frozenset(one for one in others if _is_there(store, one))
    fed = find_fed_areas(store, wanted - others)
    kept = [
        job
        for job in plan.jobs
        if not needs[job.notebook] or needs[job.notebook] & (held | fed.get(job.county, frozenset()))
    ]
    return replace(plan, jobs=tuple(kept))


def _is_there(store: Store, need: str) -> bool:
    if need.startswith(REGISTER):
        return len(store.register(need.removeprefix(REGISTER))) > 0
    page = store.path.with_name(f"{store.path.name}.{need.removeprefix(BESIDE)}")
    return isinstance(page, Path) and page.is_file()


def find_fed_areas(store: Store, indicators: Iterable[str]) -> dict[str, frozenset[str]]:
    """Area → those of the indicators that have a value in any year."""
    found: dict[str, set[str]] = {}
    for area, indicator in store.list_fed(tuple(indicators)):
        found.setdefault(area, set()).add(indicator)
    return {area: frozenset(keys) for area, keys in found.items()}

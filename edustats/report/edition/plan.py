"""Which notebook runs for which county, and where does each report go?

Everything that can be refused is refused here, before the first kernel starts: parameters that do not
fit, names that would meet in one folder, folders that would lie elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from edustats.errors import ParameterError
from edustats.files import find_path_limit, is_link
from edustats.report.edition.parameters import (
    SCOPES,
    find_scope,
    read_common_signature,
    read_parameters,
    resolve_parameters,
)

# Windows opens a device instead of a file of one of these names, whatever follows the first dot.
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{n}" for port in ("COM", "LPT") for n in range(10)}
# 255 bytes is the limit of one name, 260 characters that of a whole path on Windows.
LONGEST = 80


@dataclass(frozen=True, slots=True)
class ReportArea:
    """An area as the reports name it: a county, or a prefecture that holds counties."""

    code: str
    name: str
    scope: str = "county"
    """One of :data:`~edustats.report.edition.parameters.SCOPES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJob:
    """One notebook for one area. ``stem`` is the published files' name without suffix."""

    county: str
    """Code of the area, whatever its scope."""
    name: str
    notebook: Path
    parameters: dict[str, Any]
    folder: str
    stem: str
    scope: str = "county"


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """All jobs of a run, county by county, and the edition they are published in."""

    jobs: tuple[ReportJob, ...]
    edition: str
    out: Path
    address: str = ""
    """Where the editions are shown, if not in ``out``."""

    @property
    def target(self) -> Path:
        """The edition's folder."""
        return self.out / self.edition

    def counties(self) -> list[tuple[ReportJob, ...]]:
        """The jobs of each county, which are published together."""
        return [tuple(jobs) for _, jobs in groupby(self.jobs, key=lambda job: job.folder)]


def make_plan(
    areas: Iterable[ReportArea],
    notebooks: Sequence[Path],
    parameters: Mapping[str, object],
    out: Path,
    edition: str,
) -> ReportPlan:
    """Lay out a run.

    Parameters
    ----------
    areas : counties and prefectures to report on; each gets the notebooks of its scope
    notebooks : each with a parameter ``county`` or ``prefecture``; those of one scope are of equal signature
    parameters : values for all areas; ``county`` or ``prefecture`` is filled in for each
    out : folder of all editions
    edition : name of this one, e.g. the last year

    Raises
    ------
    ParameterError
        Naming the parameter, the notebook or the two counties at fault.
    """
    areas, notebooks = list(areas), [Path(notebook) for notebook in notebooks]
    _refuse_empty_run(areas, notebooks)
    read = [(path.resolve(), _name_stem(path), read_parameters(path)) for path in notebooks]
    scopes = {path: find_scope(signature) or SCOPES[0] for path, _, signature in read}
    for scope in set(scopes.values()):
        read_common_signature([path for path in scopes if scopes[path] == scope])
    jobs = [
        _make_job(area, notebook, stem, resolve_parameters(signature, {**parameters, area.scope: area.code}))
        for area in areas
        for notebook, stem, signature in read
        if scopes[notebook] == area.scope
    ]
    _refuse_no_jobs(jobs, areas, notebooks)
    plan = ReportPlan(tuple(jobs), _name_edition(edition), Path(out))
    _refuse_collisions([(f"{area.code} {area.name}", _name_folder(area)) for area in areas])
    _refuse_collisions([(notebook.name, _name_stem(notebook)) for notebook in notebooks])
    _refuse_outside(plan)
    _refuse_long_paths(plan)
    return plan


def _refuse_empty_run(areas: Sequence[ReportArea], notebooks: Sequence[Path]) -> None:
    for what, found in (("report.no_areas", areas), ("report.no_notebooks", notebooks)):
        if not found:
            raise ParameterError(what)


def _refuse_no_jobs(
    jobs: Sequence[ReportJob], areas: Sequence[ReportArea], notebooks: Sequence[Path]
) -> None:
    if not jobs:
        raise ParameterError("prefecture.no_job", notebook=notebooks[0].stem, area=areas[0].name)


def _make_job(area: ReportArea, notebook: Path, stem: str, parameters: dict[str, Any]) -> ReportJob:
    return ReportJob(
        county=area.code,
        name=area.name,
        notebook=notebook,
        parameters=parameters,
        folder=_name_folder(area),
        stem=stem,
        scope=area.scope,
    )


@cache
def _name_folder(area: ReportArea) -> str:
    code = make_slug(area.code)
    if not code:
        raise ParameterError("report.bad_code", code=repr(area.code), name=area.name)
    return _avoid_device_name(f"{code}-{make_slug(area.name)}".rstrip("-"))


def _name_stem(notebook: Path) -> str:
    return _avoid_device_name(make_slug(notebook.stem) or "notebook")


def _name_edition(edition: str) -> str:
    if not make_slug(edition):
        raise ParameterError("report.bad_edition", edition=repr(edition))
    return _avoid_device_name(make_slug(edition))


def make_slug(name: str) -> str:
    """A name as part of a file's name on any system: letters of any script, digits, ``-`` and ``_``.

    Examples
    --------
    >>> make_slug("../县/区 (新)"), make_slug("St. Clair")
    ('县-区-新', 'St-Clair')
    """
    kept = "".join(
        char if _is_safe_character(char) else " " for char in unicodedata.normalize("NFKC", str(name))
    )
    whole = "-".join(kept.split()).strip("-_")
    return whole.encode()[:LONGEST].decode(errors="ignore").rstrip("-_")


def _is_safe_character(char: str) -> bool:
    # Hangul fillers are letters by class and invisible on the screen.
    return char in "-_" or (char.isalnum() and "FILLER" not in unicodedata.name(char, ""))


def _avoid_device_name(name: str) -> str:
    return f"{name}_" if name.upper() in DEVICES else name


def _refuse_collisions(named: Iterable[tuple[str, str]]) -> None:
    # Windows and macOS take two names that differ only in case for one file.
    seen: dict[str, str] = {}
    for label, name in named:
        if name.casefold() in seen:
            first = seen[name.casefold()]
            raise ParameterError("report.same_name", first=first, other=label, name=name)
        seen[name.casefold()] = label


def _refuse_outside(plan: ReportPlan) -> None:
    # To resolve three thousand folders takes seconds; only a link can lead elsewhere.
    inside, target = plan.out.resolve(), plan.target.resolve()
    links = {path.name for path in target.iterdir() if is_link(path)} if target.is_dir() else set()
    for folder in dict.fromkeys(job.folder for job in plan.jobs):
        path = (target / folder).resolve() if folder in links else target / folder
        if not path.is_relative_to(inside):
            raise ParameterError("report.outside", name=folder, path=path, out=inside)


def _refuse_long_paths(plan: ReportPlan) -> None:
    # A path that is too long ends in "no such file" halfway through a run.
    limit = find_path_limit()
    making = plan.target.resolve().with_name(f".{plan.edition}.next") / ".staging"
    longest = max(len(str(making / job.folder / f".{job.stem}.ipynb.12345678")) for job in plan.jobs)
    if limit is not None and longest > limit:
        raise ParameterError("report.long_path", out=plan.out, found=longest, limit=limit)

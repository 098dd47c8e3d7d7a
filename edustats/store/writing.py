"""How does a store come to be, whole or not at all?"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats import __version__
from edustats.areas import AreaTree
from edustats.catalogue import Catalogue, catalogue
from edustats.disclosure.observations import withhold
from edustats.errors import DataError, ParameterError
from edustats.files import BusyError, Holder, hold_lock, restore_folder, show_folder
from edustats.indicator_values import compute_observations, mark_breaks
from edustats.load import ledger
from edustats.load.area_tree import ABSENT, changed_lands, tree_of
from edustats.load.files.own_catalogue import find_own_catalogue
from edustats.load.loaded import Loaded
from edustats.load.nothing_usable import describe_nothing_usable
from edustats.load.returns.cells import Cells
from edustats.load.returns.forms import forms_with
from edustats.load.returns.history import (
    History,
    begin_history,
    drop_files,
    merge_history,
    read_history,
    write_history,
)
from edustats.load.returns.origins import describe_origins
from edustats.load.returns.prefecture_profile import Profile
from edustats.load.returns.reader import digest_reader, join_up, profile_of, read_all
from edustats.schema import FINDING_COLUMNS
from edustats.store.reading import KIND, LAYOUT, Store, open_store
from edustats.totals import add_up_areas, hold_against_totals, state_rates
from edustats.words import Text

BLOCK = 50_000
MOST_FILES = 30


def write_store(loaded: Loaded, path: Path, known: Catalogue | None = None) -> Store:
    """Write a store whole: it is built beside its place and moved there when complete.

    The same tables give the same files. A second writer is refused while the first is at work.
    """
    _refuse_address(path)
    known = known or loaded.mapping.own or catalogue()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _hold_store(path):
        _write_store_folder(loaded, path, known)
    return open_store(path, known)


def update_store(sources: Sequence[Path], path: Path, known: Catalogue | None = None) -> tuple[Loaded, bool]:
    """Load returns into a store, beside what it already holds.

    Parameters
    ----------
    sources : folders and files of returns
    path : the store; made if it is not there

    Returns
    -------
    loaded : everything the store now holds
    changed : False where every file was already there as it is

    Raises
    ------
    MissingFileError, DataError
        See :func:`edustats.load.returns.load_returns`; a store that was built from a mapping; a busy store.
    """
    _refuse_address(path)
    known = known or find_own_catalogue(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _hold_store(path):
        held = read_history(path / "history")
        if held is None and (path / "store.json").is_file():
            raise DataError("errors.other_store", store=path.name)
        profile = profile_of(sources, known)
        reading = read_all(sources, profile, known)
        read_by = digest_reader(profile)
        if held is not None and _read_about(path).get("reader") != read_by:
            held = drop_files(held, reading.files)
        history = begin_history(reading) if held is None else merge_history(held, reading)
        today = history.reading()
        loaded = join_up(today, profile, known)
        if loaded.tidy.empty:
            raise _nothing(sources, loaded, profile)
        changed = history is not held or _is_outdated(path, known)
        if changed:
            _write_store_folder(loaded, path, known, history, read_by, today.cells)
    return loaded, changed


def _nothing(sources: Sequence[Path], loaded: Loaded, profile: Profile) -> DataError:
    titles = [form.title for form in forms_with(profile.forms).lists]
    found = loaded.findings[loaded.findings["rule"] == "file_refused"]
    refused = [Text(zh, en) for zh, en in zip(found["zh"], found["en"], strict=True)]
    return describe_nothing_usable(
        sources[0].name or str(sources[0]), loaded.ledger, titles, profile.names, refused
    )  # fmt: skip


def _refuse_address(path: Path) -> None:
    if not isinstance(path, Path):
        raise ParameterError("remote.no_writing", where=path)


def _is_outdated(path: Path, known: Catalogue) -> bool:
    about = _read_about(path)
    return bool(about["catalogue"] != known.digest or about["layout"] != LAYOUT)


def _read_about(path: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((path / "store.json").read_text("utf-8"))
    return about


def _write_store_folder(
    loaded: Loaded,
    path: Path,
    known: Catalogue,
    history: History | None = None,
    read_by: str = "",
    cells: Cells | None = None,
) -> None:
    building = path.with_name(f".{path.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    (building / "compare").mkdir(parents=True)
    _write_counties(loaded, building, known)
    tree = tree_of(loaded)
    _write_comparisons(loaded, tree, building, path, known)
    _write_ledgers_and_about(loaded, tree, building, known, read_by)
    if history is not None:
        write_history(history, building / "history")
    for county, lines in describe_origins(cells) if cells is not None else ():
        if (folder := building / f"county={county}").is_dir():
            lines.to_parquet(folder / "origins.parquet", index=False)
    for code, cells_of in loaded.sources.groupby("county"):
        if (folder := building / f"county={code}").is_dir():
            cells_of.reset_index(drop=True).to_parquet(folder / "sources.parquet", index=False)
    show_folder(building, path, _name_old_folder(path))
    shutil.rmtree(_name_old_folder(path), ignore_errors=True)


@contextlib.contextmanager
def _hold_store(path: Path) -> Iterator[None]:
    """Be the only writer of a store, and put the old one back where a death left none."""
    try:
        with hold_lock(path.with_name(f".{path.name}.writing")):
            restore_folder(path, _name_old_folder(path))
            yield
    except BusyError as error:
        raise _build_busy_error(error.holder, path) from error


def _build_busy_error(holder: Holder | None, path: Path) -> DataError:
    if holder is None:
        return DataError("errors.busy_store", store=path.name)
    return DataError("errors.busy_store_since", store=path.name, pid=holder.pid, since=holder.since)


def _name_old_folder(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _write_counties(loaded: Loaded, building: Path, known: Catalogue) -> None:
    own_units = (loaded.tidy["unit"] != loaded.tidy["county"]).any()
    found = {str(code): own for code, own in loaded.findings.groupby("county")}
    for rows in _iterate_county_blocks(loaded.tidy["county"]):
        tidy, kinds = loaded.tidy.iloc[rows], loaded.kinds.iloc[rows]
        units = pd.concat([tidy, kinds.add_suffix(KIND)], axis=1)
        observed = _observe_units(loaded, tidy, kinds, known) if own_units else {}
        for county, own in units.groupby("county"):
            code = str(county)
            folder = building / f"county={code}"
            folder.mkdir()
            own.to_parquet(folder / "units.parquet", index=False)
            if code in observed:
                observed[code].to_parquet(folder / "observations.parquet", index=False)
            if code in found:
                _cast_findings(found[code]).to_parquet(folder / "findings.parquet", index=False)


def _iterate_county_blocks(county: pd.Series) -> Iterator[npt.NDArray[np.intp]]:
    """Positions of whole counties, some :data:`BLOCK` rows at a time, so that memory does not grow with
    the nation.
    """
    codes, _ = pd.factorize(county, sort=True)
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order], append=-1)) + 1
    start = 0
    for end in ends:
        if end - start >= BLOCK or end == len(order):
            yield np.sort(order[start:end])
            start = int(end)


def _observe_units(
    loaded: Loaded, tidy: pd.DataFrame, kinds: pd.DataFrame, known: Catalogue
) -> dict[str, pd.DataFrame]:
    observed = mark_breaks(
        compute_observations(tidy, kinds, tidy["unit"], "school", known), loaded.mapping.breaks
    )
    county_of = tidy.drop_duplicates("unit").set_index("unit")["county"]
    return dict(list(observed.groupby(observed["area"].map(county_of), sort=False)))


def _cast_findings(findings: pd.DataFrame) -> pd.DataFrame:
    return findings.astype({name: "int32" if name in ("row", "year") else "str" for name in findings})


def _write_comparisons(loaded: Loaded, tree: AreaTree, building: Path, path: Path, known: Catalogue) -> None:
    """Of every area that counties belong to directly: their observations, its own, and those of the areas above it."""
    counties = compute_observations(loaded.tidy, loaded.kinds, loaded.tidy["county"], "county", known)
    above = hold_against_totals(add_up_areas(counties, tree, known), loaded.declared, known)
    stated = state_rates(loaded.declared, counties, tree, known)
    above = pd.concat([one for one in (above, stated) if len(one)] or [above], ignore_index=True)
    counties = mark_breaks(counties, [*loaded.mapping.breaks, *changed_lands(tree)]).assign(
        members=0, present=0, absent=""
    )
    everything = pd.concat([counties, above], ignore_index=True)
    decided = withhold(everything, tree.parents, known, _shown_before(path))
    everything = everything.assign(withheld=decided.why).astype({"members": "int32", "present": "int32"})
    decided.columns.to_parquet(building / "withheld.parquet", index=False)
    county = everything["level"].astype(str) == "county"
    parent = everything["area"].map(tree.parents).where(county)
    # every area that counties belong to, one without a single indicator too
    for code in sorted(
        {tree.parents.get(str(county), "") for county in loaded.tidy["county"].unique()} - {""}
    ):
        wider = ~county & everything["area"].isin([str(code), *tree.chain(str(code))])
        both = pd.concat([everything[parent == code], everything[wider]], ignore_index=True)
        both.to_parquet(building / "compare" / f"{code}.parquet", index=False)


def _shown_before(path: Path) -> pd.DataFrame | None:
    """The observations of the store that is about to be replaced: they may be in print."""
    files = sorted((path / "compare").glob("*.parquet"))
    wanted = ["area", "year", "indicator", "num", "den", "withheld"]
    frames = [frame for file in files if "withheld" in (frame := pd.read_parquet(file))]
    return pd.concat([frame[wanted] for frame in frames], ignore_index=True) if frames else None


def _list_events(tree: AreaTree) -> list[dict[str, object]]:
    """The events among the counties of the table."""
    known = [event for event in tree.events if {*event.before, *event.after} & set(tree.held)]
    return [{"year": e.year, "from": list(e.before), "to": list(e.after)} for e in known]


def _condense_digests(digests: dict[str, str]) -> dict[str, str]:
    """Files with their digests; of very many, the folders with a digest of digests: a note cannot name a
    thousand.
    """
    if len(digests) <= MOST_FILES:
        return digests
    folders: dict[str, list[str]] = {}
    for file, digest in sorted(digests.items()):
        folders.setdefault(file.rpartition("/")[0].split("/", 1)[0] + "/", []).append(digest)
    return {name: hashlib.sha256("".join(own).encode()).hexdigest() for name, own in folders.items()}


def _write_ledgers_and_about(
    loaded: Loaded, tree: AreaTree, building: Path, known: Catalogue, read_by: str
) -> None:
    mapping = loaded.mapping
    whole = [
        level == "county" or tree.is_whole(code) for code, level in loaded.areas[["code", "level"]].to_numpy()
    ]
    loaded.areas.assign(whole=whole).to_parquet(building / "areas.parquet", index=False)
    tree.to_frame().to_parquet(building / "members.parquet", index=False)
    if len(loaded.former):
        loaded.former.to_parquet(building / "former.parquet", index=False)
    absent = loaded.findings[loaded.findings["rule"] == ABSENT]
    _cast_findings(absent.reindex(columns=list(FINDING_COLUMNS))).to_parquet(
        building / "absent.parquet", index=False
    )
    unplaced = loaded.findings[loaded.findings["county"].astype(str) == ""]
    if len(unplaced):
        _cast_findings(unplaced).to_parquet(building / "findings.parquet", index=False)
    ledger.balance(loaded.ledger).to_parquet(building / "ledger.parquet", index=False)
    ledger.set_aside(loaded.ledger).to_parquet(building / "set_aside.parquet", index=False)
    for name, frame in loaded.registers.items():
        (building / "registers").mkdir(exist_ok=True)
        frame.to_parquet(building / "registers" / f"{name}.parquet", index=False)
    about = {
        "layout": LAYOUT,
        "version": __version__,
        "catalogue": known.digest,
        "reader": read_by,
        "title": asdict(mapping.title),
        "cite": asdict(mapping.cite),
        "source": asdict(mapping.source),
        "own": known.page,
        "lang": mapping.lang,
        "unit_name": asdict(mapping.area.unit_name),
        "groups": [asdict(group) for group in mapping.groups],
        "breaks": [dict(b) for b in mapping.breaks],
        "events": _list_events(tree),
        "files": _condense_digests({e.file: e.digest for e in loaded.ledger}),
        "years": sorted({int(year) for year in loaded.tidy["year"]}),
    }
    (building / "store.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")

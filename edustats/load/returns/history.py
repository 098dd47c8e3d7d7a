"""Which files has the store ever been given, and which of them count today?

A corrected file, the same name with other contents, takes the place of the old one; both are kept. The same
file twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.load.findings import no_findings
from edustats.load.ledger import Entry, balance, set_aside
from edustats.load.returns.cells import Cells
from edustats.load.returns.reader import Reading
from edustats.schema import FILES

CURRENT, SUPERSEDED = "current", "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything ever read, and for every file and contents the number of its load and its state."""

    files: pd.DataFrame
    cells: Cells
    ledger: pd.DataFrame
    aside: pd.DataFrame
    findings: pd.DataFrame
    registers: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def reading(self) -> Reading:
        """What counts today, as if it had just been read."""
        held = self.files[self.files["state"] == CURRENT]
        digest = dict(zip(held["file"], held["digest"], strict=True))

        def today(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[frame["digest"] == frame["file"].map(digest)].reset_index(drop=True)

        return Reading(
            cells=_keep_files(self.cells, digest), entries=_keep_entries(today(self.ledger), today(self.aside)),
            registers={name: today(frame).drop(columns="digest") for name, frame in self.registers.items()},
            findings=today(self.findings).drop(columns="digest"),
        )  # fmt: skip


def _keep_files(cells: Cells, digest: Mapping[str, str]) -> Cells:
    """Figures of these files with these contents."""
    return _choose_cells(cells, (cells.rows["digest"] == cells.rows["file"].map(digest)).to_numpy())


def _choose_cells(cells: Cells, keep: npt.NDArray[np.bool_]) -> Cells:
    rows = cells.rows
    place, mine = np.cumsum(keep) - 1, keep[cells.cells["at"].to_numpy()]
    held = cells.cells[mine].reset_index(drop=True)
    return Cells(rows=rows[keep].reset_index(drop=True), cells=held.assign(at=place[held["at"].to_numpy()]))


def _keep_entries(ledger: pd.DataFrame, aside: pd.DataFrame) -> tuple[Entry, ...]:
    lost: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    told: Any = aside[["file", "sheet", "row", "reason", "raw"]].itertuples(index=False)
    for file, sheet, row, reason, raw in told:
        lost.setdefault((file, sheet), []).append((int(row), reason, raw))
    lines: Any = ledger.itertuples()
    return tuple(
        Entry(
            file=e.file, sheet=e.sheet, form=e.form, digest=e.digest, read=int(e.read), loaded=int(e.loaded),
            aside=tuple(lost.get((e.file, e.sheet), ())),
            unread=tuple(name for name in getattr(e, "unread", "").split("\n") if name),
        )
        for e in lines
    )  # fmt: skip


def begin_history(reading: Reading) -> History:
    """The history of a store's first load."""
    files = pd.DataFrame(
        [(file, digest, 1, CURRENT) for file, digest in reading.files.items()], columns=list(FILES)
    )
    return _make_history(reading, files)


def _make_history(reading: Reading, files: pd.DataFrame) -> History:
    digest = reading.files

    def signed(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(digest=frame["file"].map(digest).astype("str"))

    findings = reading.findings if len(reading.findings) else no_findings()
    return History(
        files=files.astype({"file": "str", "digest": "str", "load": "int32", "state": "str"}),
        cells=reading.cells,
        ledger=balance(reading.entries), aside=signed(set_aside(reading.entries)), findings=signed(findings),
        registers={name: signed(frame) for name, frame in reading.registers.items()},
    )  # fmt: skip


def merge_history(old: History, reading: Reading) -> History:
    """The history after one more load; the very same object where nothing is new.

    Parameters
    ----------
    old : what the store holds
    reading : what was just read
    """
    have = set(zip(old.files["file"], old.files["digest"], strict=True))
    today = old.files[old.files["state"] == CURRENT]
    current = dict(zip(today["file"], today["digest"], strict=True))
    given = reading.files
    if all(current.get(file) == digest for file, digest in given.items()):
        return old
    number = int(old.files["load"].max()) + 1 if len(old.files) else 1
    fresh = {file: digest for file, digest in given.items() if (file, digest) not in have}
    added = pd.DataFrame([(f, d, number, CURRENT) for f, d in fresh.items()], columns=list(FILES))
    files = pd.concat([old.files, added], ignore_index=True)
    named = files["file"].map(given)
    state = np.where(named == files["digest"], CURRENT, SUPERSEDED)
    files["state"] = np.where(named.notna(), state, files["state"])
    new = _make_history(_keep_only(reading, set(fresh)), files)
    return _join_histories(old, new)


def drop_files(old: History, given: Mapping[str, str]) -> History:
    """The history without what was read from these files as they are: they have been read anew.

    Parameters
    ----------
    old : what the store holds
    given : digest of each file's contents
    """

    def other(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["digest"] != frame["file"].map(given)].reset_index(drop=True)

    rows = old.cells.rows
    keep = (rows["digest"] != rows["file"].map(given)).to_numpy()
    return History(
        files=other(old.files), cells=_choose_cells(old.cells, keep), ledger=other(old.ledger),
        aside=other(old.aside), findings=other(old.findings),
        registers={name: other(frame) for name, frame in old.registers.items()},
    )  # fmt: skip


def _keep_only(reading: Reading, files: set[str]) -> Reading:
    digest = {file: d for file, d in reading.files.items() if file in files}
    return Reading(
        cells=_keep_files(reading.cells, digest), entries=tuple(e for e in reading.entries if e.file in files),
        registers={name: frame[frame["file"].isin(files)] for name, frame in reading.registers.items()},
        findings=reading.findings[reading.findings["file"].isin(files)],
    )  # fmt: skip


def _join_histories(old: History, new: History) -> History:
    names = dict.fromkeys([*old.registers, *new.registers])
    return History(
        files=new.files, cells=_join_cells(old.cells, new.cells), ledger=_stack_frames(old.ledger, new.ledger),
        aside=_stack_frames(old.aside, new.aside), findings=_stack_frames(old.findings, new.findings),
        registers={
            name: _stack_frames(*(h.registers[name] for h in (old, new) if name in h.registers)) for name in names
        },
    )  # fmt: skip


def _stack_frames(*frames: pd.DataFrame) -> pd.DataFrame:
    held = [frame for frame in frames if len(frame)] or list(frames[:1])
    return pd.concat(held, ignore_index=True)


def _join_cells(old: Cells, new: Cells) -> Cells:
    later = new.cells.assign(at=new.cells["at"] + len(old.rows))
    cells = pd.concat([old.cells, later], ignore_index=True)
    for name in ("column", "letter", "words"):
        cells[name] = pd.Categorical(cells[name].astype("str"))
    return Cells(rows=_stack_frames(old.rows, new.rows), cells=cells)


TABLES = ("files", "ledger", "aside", "findings")


def write_history(history: History, folder: Path) -> None:
    """Write a history as Parquet files into a new folder."""
    folder.mkdir(parents=True)
    for name in TABLES:
        _convert_texts(getattr(history, name)).to_parquet(folder / f"{name}.parquet", index=False)
    history.cells.rows.to_parquet(folder / "rows.parquet", index=False)
    history.cells.cells.to_parquet(folder / "cells.parquet", index=False)
    for name, frame in history.registers.items():
        frame.to_parquet(folder / f"register_{name}.parquet", index=False)


def _convert_texts(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {"row": "int32", "year": "int32", "load": "int32", "read": "int64", "loaded": "int64",
               "set_aside": "int64"}  # fmt: skip
    return frame.astype({str(name): numbers.get(str(name), "str") for name in frame})


def read_history(folder: Path) -> History | None:
    """The history in a folder, or None where a store was not built from returns."""
    if not (folder / "files.parquet").is_file():
        return None
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    cells = pd.read_parquet(folder / "cells.parquet")
    for name in ("column", "letter", "words"):
        cells[name] = pd.Categorical(cells[name])
    registers = {
        path.stem.removeprefix("register_"): pd.read_parquet(path) for path in _find_registers(folder)
    }
    found = Cells(rows=pd.read_parquet(folder / "rows.parquet"), cells=cells)
    return History(cells=found, registers=registers, **tables)


def _find_registers(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("register_*.parquet"))

"""How do readers see the old set of reports or the new one, and never a mixture?

    reports/1998/          what readers see
    reports/.1998.next/    the set being made: the counties done so far and their results
    reports/.1998.ready/   the same, complete, about to change places with what readers see
    reports/.1998.old/     what readers saw, about to be removed
    reports/.1998.lock     held by the run, and by its workers, as long as one of them lives

A run that is cut short leaves its ``.next``; the following run goes on from there. Where the system can
exchange two folders in one step (Linux), no reader ever finds none; elsewhere two renames follow each
other, and a run that dies between them is mended by the next. We keep plain folders and not a pointer to
versioned ones: addresses stay what they are, on a USB stick and on Windows too.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from edustats.errors import DataError
from edustats.files import MOVES_OPEN_FILES, BusyError, fsync_folder, hold_lock, show_folder, write_whole
from edustats.report.edition.manifest import RESULTS, RUN, read_run_record

STAGING, PUBLISHED = ".staging", ".published"
GRACE = 5.0
"""Seconds that the workers of a run just killed may still need to leave."""
VALUES = "values.parquet"
FIGURES = "published.parquet"
OWN = {RESULTS, RUN, VALUES, FIGURES, "index.html", STAGING, PUBLISHED}


@dataclass(frozen=True, slots=True)
class Edition:
    """The folders of one edition."""

    live: Path

    @property
    def next(self) -> Path:
        """The set being made."""
        return self._name_sibling("next")

    @property
    def ready(self) -> Path:
        """The set about to be shown."""
        return self._name_sibling("ready")

    @property
    def old_folder(self) -> Path:
        """The set about to be removed."""
        return self._name_sibling("old")

    @property
    def truth(self) -> Path:
        """The folder whose manifest is the newest: what is being made, else what readers see."""
        return self.next if (self.next / RESULTS).is_file() else self.live

    def _name_sibling(self, role: str) -> Path:
        return self.live.with_name(f".{self.live.name}.{role}")

    def place(self, folder: str) -> Path:
        """Where a county's newest files are."""
        return self.next / folder if (self.next / folder).is_dir() else self.live / folder

    def files(self, folder: str) -> set[str]:
        """Names of a county's newest files."""
        try:
            return set(os.listdir(self.place(folder)))  # noqa: PTH208 - names are all we want
        except OSError:
            return set()


@contextmanager
def lock_edition(edition: Edition, wait: bool) -> Iterator[int]:
    """Be the only run of an edition; yields the descriptor that workers are to hold as well.

    Raises
    ------
    DataError
        If another run is at work and we are not to wait for its end.
    """
    edition.live.parent.mkdir(parents=True, exist_ok=True)
    try:
        with hold_lock(edition._name_sibling("lock"), -1 if wait else GRACE) as descriptor:
            yield descriptor
    except BusyError as error:
        raise DataError("report.busy", edition=edition.live.name) from error


def recover_edition(edition: Edition) -> None:
    """Bring an interrupted switch to its end."""
    if edition.ready.is_dir():
        shown = edition.live.is_dir() and _read_sequence(edition.live) >= _read_sequence(edition.ready)
        if shown:
            edition.ready.rename(edition.old_folder)
        else:
            _show_edition(edition)
    shutil.rmtree(edition.old_folder, ignore_errors=True)


def _read_sequence(folder: Path) -> int:
    return int(read_run_record(folder).get("sequence", 0))


def begin_edition(edition: Edition) -> int:
    """Open the set to be made, or go on with one that was cut short; returns its number."""
    edition.next.mkdir(exist_ok=True)
    if not (edition.next / RESULTS).exists():
        known = edition.live / RESULTS
        write_whole(edition.next / RESULTS, known.read_bytes() if known.is_file() else b"")
    shutil.rmtree(edition.next / STAGING, ignore_errors=True)
    return _read_sequence(edition.live) + 1


def link_previous_files(source: Path, target: Path) -> None:
    """Give a county's new folder the files of its old one, to be replaced one by one."""
    if target.exists() or not source.is_dir():
        return
    building = target.parent / STAGING / f"{target.name}.seed"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    # A file that somebody has open cannot be replaced on Windows under any of its names.
    _link_tree(source, building, frozenset(), _link_file if MOVES_OPEN_FILES else shutil.copy2)
    building.rename(target)


def _link_file(source: Path, target: Path) -> None:
    # Every file of ours is replaced and never written to, so two sets can share it.
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


def _link_tree(
    source: Path, target: Path, skipped: Collection[str], bring: Callable[[Path, Path], object] = _link_file
) -> None:
    for path in source.iterdir():
        if path.name in skipped or (target / path.name).exists():
            continue
        if path.is_dir():
            (target / path.name).mkdir()
            _link_tree(path, target / path.name, frozenset(), bring)
        else:
            bring(path, target / path.name)


def complete_edition(edition: Edition, superseded: Collection[str]) -> None:
    """Bring what readers see and nobody made anew into the new set.

    Parameters
    ----------
    superseded : folders that their counties have left for another name; of these, files of others stay
    """
    shutil.rmtree(edition.next / STAGING, ignore_errors=True)
    if not edition.live.is_dir():
        return
    for path in edition.live.iterdir():
        target = edition.next / path.name
        if path.name in OWN or path.name in superseded:
            continue
        if path.is_dir() and not target.exists():
            target.mkdir()
            _link_tree(path, target, frozenset())
        elif path.is_file() and not target.exists():
            _link_file(path, target)
    _complete_records(edition, superseded)


def _complete_records(edition: Edition, superseded: Collection[str]) -> None:
    for folder in superseded:
        _carry_foreign_files(
            edition.live / folder, edition.next / folder, read_published_files(edition.live, folder)
        )
    if (edition.live / PUBLISHED).is_dir():
        (edition.next / PUBLISHED).mkdir(exist_ok=True)
        gone = {f"{folder}.{end}" for folder in superseded for end in ("json", VALUES)}
        _link_tree(edition.live / PUBLISHED, edition.next / PUBLISHED, gone)


def read_published_files(edition: Path, folder: str) -> set[str]:
    """The files of a county that are ours."""
    record = edition / PUBLISHED / f"{folder}.json"
    return set(json.loads(record.read_text("utf-8"))) if record.is_file() else set()


def _carry_foreign_files(source: Path, target: Path, ours: Collection[str]) -> None:
    """Bring along what others put into a folder, or changed there since it was linked."""
    for path in source.rglob("*") if source.is_dir() else ():
        name = path.relative_to(source)
        if path.is_dir() or name.as_posix() in ours or _is_same_file(path, target / name):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target / name)


def _is_same_file(path: Path, other: Path) -> bool:
    return other.exists() and path.stat().st_ino == other.stat().st_ino


def switch_edition(edition: Edition) -> None:
    """Show the new set in place of the old one, in one step."""
    fsync_folder(edition.next)
    edition.next.rename(edition.ready)
    _show_edition(edition)


def _show_edition(edition: Edition) -> None:
    show_folder(edition.ready, edition.live, edition.old_folder)
    if edition.old_folder.exists():
        _rescue_late_files(edition)
    fsync_folder(edition.live.parent)
    shutil.rmtree(edition.old_folder, ignore_errors=True)


def _rescue_late_files(edition: Edition) -> None:
    """Save what somebody wrote into the old set while the new one was being completed."""
    for folder in edition.old_folder.iterdir():
        if folder.is_dir() and folder.name not in OWN:
            with suppress(OSError):
                _carry_foreign_files(
                    folder, edition.live / folder.name, read_published_files(edition.old_folder, folder.name)
                )

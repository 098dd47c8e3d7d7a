"""How does a file or a folder appear whole or not at all, and how is a folder one writer's alone?

Readers find the old one or the new one, never a part. A lock belongs to a process: the system gives it back
when the last one that holds it is gone, however it went, so that no lock outlives its writer.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from edustats.errors import FileInUseError

EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2)."""
HERE = -100
"""AT_FDCWD: a relative path begins at the current folder."""
MOVES_OPEN_FILES = sys.platform != "win32"
"""Windows neither replaces a file nor moves a folder while a program holds it, or a file in it, open."""
PATIENCE = 2.0
"""Seconds that a virus scanner or an indexer may look at what was just written, where that stops a move."""
MOST_NAMED = 5
SHORT_PATHS = 259
"""What Windows takes unless an administrator has allowed more."""


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # mkstemp lets only its owner read; a report is for others
        replace_file(Path(name), path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replace_file(source: Path, target: Path) -> None:
    """Put a finished file in its place, and make the rename last."""
    _insist(lambda: source.replace(target), target)
    fsync_folder(target.parent)


def _insist(move: Callable[[], object], held: Path) -> None:
    """Move something, and where somebody has it open say what is to be closed."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            move()
        except PermissionError as error:
            if MOVES_OPEN_FILES:
                raise
            if time.monotonic() > limit:
                names = ", ".join(path.name for path in open_files(held)) or held.name
                raise FileInUseError("errors.in_use", files=names) from error
            time.sleep(0.1)
        else:
            return


def open_files(path: Path) -> list[Path]:
    """The first few files, of a folder or the file itself, that another program keeps from being written."""
    found: list[Path] = []
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if len(found) < MOST_NAMED and file.is_file() and os.access(file, os.W_OK):
            try:
                file.open("r+b").close()
            except PermissionError:
                found.append(file)
    return found


def find_path_limit() -> int | None:
    """Characters that a whole path may have here; None where there is no limit worth minding."""
    if sys.platform != "win32":
        return None
    import winreg

    where = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, where) as key:
        if winreg.QueryValueEx(key, "LongPathsEnabled")[0]:
            return None
    return SHORT_PATHS


def is_link(path: Path) -> bool:
    """Whether a path may lead elsewhere: a link, or what Windows calls a junction or a mount point."""
    about = path.lstat()
    attributes = getattr(about, "st_file_attributes", 0)
    return stat.S_ISLNK(about.st_mode) or bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)


def fsync_folder(folder: Path) -> None:
    """Make renames inside a folder last; Windows does so by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def exchange_folders(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system and the disk can; False where they cannot."""
    if sys.platform != "linux":
        return False
    with suppress(AttributeError, OSError):
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        return bool(rename(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0)
    return False


def show_folder(ready: Path, live: Path, old: Path) -> None:
    """Put a finished folder where readers look; what they saw until now is moved to ``old`` and stays there.

    Where two folders cannot change places in one step, two renames follow each other; a death between them
    leaves ``old`` beside nothing, which :func:`restore_folder` mends.

    Raises
    ------
    FileInUseError
        On Windows, while a program has a file of the folder open; readers keep what they had.
    """
    if not live.exists():
        ready.rename(live)
    elif exchange_folders(ready, live):
        shutil.rmtree(old, ignore_errors=True)
        ready.rename(old)
    else:
        shutil.rmtree(old, ignore_errors=True)
        _insist(lambda: live.rename(old), live)
        try:
            _insist(lambda: ready.rename(live), ready)
        except OSError:
            old.rename(live)  # readers keep what they had
            raise


def restore_folder(live: Path, old: Path) -> None:
    """Put the old folder back where a death left it moved aside and nothing in its place."""
    if old.exists() and not live.exists():
        old.rename(live)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as far as it said so itself."""

    pid: int
    since: str


class BusyError(Exception):
    """Somebody else holds the lock; ``holder`` says who, where that is known."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def hold_lock(path: Path, patience: float = 0.0) -> Iterator[int]:
    """Be the only holder of a lock; yields the descriptor that processes of ours are to hold as well.

    Parameters
    ----------
    path : the lock's file; it stays when the lock is given back
    patience : seconds to wait for another holder; below 0 without end

    Raises
    ------
    BusyError
        Another process holds the lock and kept it.
    """
    descriptors: list[int] = []
    lock = FileLock(path, timeout=patience, on_acquired=descriptors.append)
    note = path.with_name(f"{path.name}.holder")
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(_read_holder(note)) from error
    try:
        since = datetime.now().astimezone().isoformat(" ", "seconds")
        with suppress(OSError):
            note.write_text(json.dumps({"pid": os.getpid(), "since": since}), "utf-8")
        yield descriptors[-1]
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _read_holder(note: Path) -> Holder | None:
    try:
        return Holder(**json.loads(note.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None

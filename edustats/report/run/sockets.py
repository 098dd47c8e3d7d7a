"""Where are a kernel's sockets? In a private folder that is gone with the kernel, at the latest with the next run."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

PREFIX = "edu-"
LONGEST = 90
"""A Unix socket's path may have little more than 100 bytes; ipc adds a few of its own."""


def make_socket_folder() -> Path | None:
    """A private folder for a kernel's sockets, or None where TCP must serve."""
    if os.name != "posix":
        return None
    remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    if len(os.fsencode(folder)) > LONGEST:
        folder.rmdir()
        return None
    return folder


@cache
def remove_abandoned_folders() -> None:
    """Once in a process, remove the folders of processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it lives, and is another user's
        return True
    return True

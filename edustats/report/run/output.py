"""Where does an executed notebook go, and how is it put there so that nothing else changes?

A file appears whole or not at all. A link stays a link and the file it leads to gets the contents; a device or a pipe
is written to and not replaced; a file that was there keeps its mode, a new one has the mode that the umask leaves.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from papermill.iorw import papermill_io

from edustats.files import write_whole


def locate_output(output_path: str | None) -> Path | None:
    """The file of this machine that papermill was asked to write; None for standard output and for addresses.

    A relative path begins where papermill was started, not in the ``cwd`` of the notebook.
    """
    if not output_path or output_path == "-" or "://" in output_path:
        return None
    started = getattr(papermill_io.get_handler(output_path), "_cwd", None)
    return Path(started or ".", output_path)


def write_output(path: Path, text: str) -> None:
    """Write a notebook where papermill would."""
    path = path.resolve()
    held = path.stat().st_mode if path.exists() else None
    if held is not None and not stat.S_ISREG(held):
        path.write_text(text, "utf-8")
        return
    write_whole(path, text)
    path.chmod(stat.S_IMODE(held) if held is not None else 0o666 & ~_read_umask())


def _read_umask() -> int:
    """The umask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

"""What is missing on this machine, and what has to be typed? Nothing is changed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edustats.errors import EdustatsError
from edustats.words import Text, say

LEAST_MEMORY = 4.0
"""Gigabytes below which two reports at a time may not fit."""
LEAST_DISK = 2.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """One thing that was looked at."""

    key: str
    good: bool
    needed: bool
    """Whether anything fails without it."""
    said: Text
    """What was found, and what to type where it is missing."""


def examine_machine() -> list[Checkup]:
    """Look at Python, fonts, Lab, LibreOffice, browser, memory, room and right to write, and the store."""
    return [
        _make("python", sys.version_info >= (3, 11), True, found=sys.version.split()[0]),
        _make("font", _has_font(), True),
        _make("lab", find_spec("jupyterlab") is not None, False),
        _make("widgets", find_spec("ipywidgets") is not None, False),
        _make("office", any(map(shutil.which, ("soffice", "libreoffice"))), False),
        _make("browser", any(map(shutil.which, BROWSERS)), False),
        *_check_amounts(),
        _make("write", _can_write(Path.cwd()), True, folder=Path.cwd().name or "/"),
        _check_store(),
    ]


def _make(key: str, good: bool, needed: bool, **facts: object) -> Checkup:
    said = say(f"doctor.{key}_{'good' if good else 'bad'}", **facts)
    return Checkup(key=key, good=good, needed=needed, said=said)


def _has_font() -> bool:
    """Whether the font that comes as a package is really there: Chinese charts need it."""
    if find_spec("pylopdf_fonts_zh_cn") is None:
        return False
    from pylopdf_fonts_zh_cn import sans_path

    return Path(str(sans_path())).is_file()


def _check_amounts() -> Iterator[Checkup]:
    memory, disk = _measure_memory(), shutil.disk_usage(Path.cwd()).free / 1e9
    if memory:
        yield _make("memory", memory >= LEAST_MEMORY, False, found=f"{memory:.1f}")
    yield _make("disk", disk >= LEAST_DISK, False, found=f"{disk:.1f}")


def _measure_memory() -> float:
    """Gigabytes of the machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 0.0


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _check_store() -> Checkup:
    from edustats.places import find_store, is_address
    from edustats.store.reading import open_store

    try:
        where = find_store()
        if is_address(where):
            return _make("store", True, False, found=str(where))
        return _make("store", True, False, found=open_store(where).path.name)
    except EdustatsError as error:
        return Checkup(key="store", good=False, needed=False, said=Text(error.text("zh"), error.text("en")))

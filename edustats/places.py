"""Where does an address lead: to a folder of this machine, or into a bucket or share that fsspec reaches?

A :class:`RemotePlace` is used where a Path is, for the few things that are asked of it. What it answers comes
from the other side each time. No address may hold a password, and no message repeats what the other side
said: published notebooks show messages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edustats.addresses import describe_address
from edustats.errors import DataError, EdustatsError, MissingFileError, ParameterError

MARKS = ("ETag", "etag", "md5Hash", "checksum"), ("mtime", "LastModified", "last_modified", "created")
"""What file systems call the identity of a file's bytes, and what the time of its last change."""
OURS = re.compile(
    r"//[^/]*@|//[^@]*:[^@]*@|[?;#]|(key|secret|token|sig|signature|password|passwd|pwd|credential\w*)=",
    re.IGNORECASE,
)
"""A name and a password before the host, whatever they hold, or a signature after the path."""


class RemotePlace:
    """A file or folder that fsspec reaches."""

    def __init__(self, fs: Any, key: str, address: str) -> None:
        self.fs, self.key, self.address = fs, key.rstrip("/"), address.rstrip("/")

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"Place({self.address!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemotePlace) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __lt__(self, other: RemotePlace) -> bool:
        return self.address < other.address

    def __truediv__(self, name: str) -> RemotePlace:
        return RemotePlace(self.fs, f"{self.key}/{name}", f"{self.address}/{name}")

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.key.rpartition("/")[2]

    @property
    def parent(self) -> RemotePlace:
        """The folder this is in."""
        return RemotePlace(self.fs, self.key.rpartition("/")[0], self.address.rpartition("/")[0])

    def with_name(self, name: str) -> RemotePlace:
        """The place beside this one."""
        return self.parent / name

    def is_file(self) -> bool:
        """Whether there is a file here."""
        with self.reached():
            return bool(self.fs.isfile(self.key))

    exists = is_file

    def glob(self, pattern: str) -> list[RemotePlace]:
        """Files below this folder that match; none where there is no folder."""
        with self.reached():
            found = self.fs.glob(f"{self.key}/{pattern}")
            return [self._resolve_below(key) for key in found]

    def read_bytes(self) -> bytes:
        """The file; FileNotFoundError where there is none."""
        with self.reached():
            return bytes(self.fs.cat_file(self.key))

    def read_text(self, encoding: str = "utf-8") -> str:
        """The file as text."""
        return self.read_bytes().decode(encoding)

    def write(self, data: bytes) -> None:
        """Write a file so that a reader finds the old one or the new one."""
        aside = f"{self.key}.part"  # a share may show a file that is still being written; it moves whole
        with self.reached(missing=False):
            self.fs.pipe_file(aside, data)
            self.fs.mv(aside, self.key)

    def put(self, files: Sequence[tuple[Path, str]]) -> None:
        """Copy files of this machine to names below this folder."""
        if files:
            with self.reached(missing=False):
                self.fs.put([str(path) for path, _ in files], [f"{self.key}/{name}" for _, name in files])

    def get(self, files: Sequence[tuple[str, Path]]) -> None:
        """Copy files below this folder to this machine."""
        if files:
            with self.reached():
                self.fs.get([f"{self.key}/{name}" for name, _ in files], [str(path) for _, path in files])

    def remove(self) -> None:
        """Remove this file or folder, if it is there."""
        with self.reached():
            if self.fs.exists(self.key):
                self.fs.rm(self.key, recursive=True)

    def try_writing(self) -> None:
        """Find out now whether files can be written to this folder."""
        trial = self / ".edustats"
        trial.write(b"")
        trial.remove()

    def marks(self) -> dict[str, str]:
        """What tells each file below this folder from its later self without reading it, in one listing."""
        with self.reached():
            found = self.fs.find(self.key, detail=True)
            return {str(self._resolve_below(key)): _read_version_mark(info) for key, info in found.items()}

    def _resolve_below(self, key: str) -> RemotePlace:
        return self / key.lstrip("/").removeprefix(self.key.lstrip("/")).lstrip("/")

    @contextmanager
    def reached(self, missing: bool = True) -> Iterator[None]:
        """Say in one sentence that the place cannot be reached; a missing file may stay what it is."""
        self.fs.invalidate_cache()
        try:
            yield
        except Exception as error:  # each file system has errors of its own
            if isinstance(error, EdustatsError) or (missing and isinstance(error, FileNotFoundError)):
                raise
            found = type(error).__name__
            raise DataError("remote.unreachable", where=self.address, found=found) from None


def _read_version_mark(info: dict[str, Any]) -> str:
    for names in MARKS:
        for name in names:
            if info.get(name) is not None:
                return f"{info.get('size')} {info[name]}"
    raise NotImplementedError  # becomes a sentence: without a mark nothing can be called unchanged


def is_address(text: object) -> bool:
    """Whether a text is an address and not a path of this machine."""
    return "://" in str(text)


def resolve_place(text: str | Path | RemotePlace) -> Any:
    """The path or the place a text names; fsspec is needed for places alone.

    Raises
    ------
    ParameterError
        An address with a password or a signature in it.
    MissingFileError
        No package installed for addresses of this kind.
    """
    if isinstance(text, (Path, RemotePlace)) or not is_address(text):
        return text if isinstance(text, RemotePlace) else Path(text)
    if OURS.search(text):
        raise ParameterError("remote.secret", kind=describe_address(text).partition("://")[0])
    try:
        from fsspec.core import url_to_fs

        fs, key = url_to_fs(text, **({"auto_mkdir": True} if text.startswith("file:") else {}))
    except (ImportError, ValueError) as error:
        raise MissingFileError("remote.no_driver", where=text) from error
    except Exception as error:  # e.g. no credentials, said in the words of each file system
        raise DataError("remote.unreachable", where=text, found=type(error).__name__) from None
    return RemotePlace(fs, key, text)


EXAMPLE = "example"


def find_store(given: str = "") -> Any:
    """The path or place of the store named, else ``EDUSTATS_STORE``, else the project's own: the example, or
    the only one there.

    Raises
    ------
    MissingFileError
        None is named and none is there; the message says which command makes one.
    ParameterError
        None is named and there are several without the example.
    """
    named = given or os.environ.get("EDUSTATS_STORE", "")
    if named:
        return resolve_place(named)
    home = next((f for f in (Path.cwd(), *Path.cwd().parents) if (f / "data" / "store").is_dir()), Path())
    found = sorted((home / "data" / "store").glob("[!.]*/store.json"))
    held = {path.parent.name: path.parent for path in found}
    if not held:
        raise MissingFileError("prefecture.no_data")
    if EXAMPLE not in held and len(held) > 1:
        raise ParameterError("prefecture.which_store", found=", ".join(held))
    return held.get(EXAMPLE) or next(iter(held.values()))

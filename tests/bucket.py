"""A bucket in memory that speaks as much of fsspec as the package asks of it, and can break at any moment."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any


class Bucket:
    """Files by key; ``left`` counts the changes that still succeed."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.left = 10**9
        self.read: list[str] = []

    def _change(self) -> None:
        if self.left == 0:
            raise TimeoutError("token=SECRET")
        self.left -= 1

    def invalidate_cache(self) -> None:
        pass

    def isfile(self, key: str) -> bool:
        return key in self.files

    def exists(self, key: str) -> bool:
        return any(name == key or name.startswith(f"{key}/") for name in self.files)

    def cat_file(self, key: str) -> bytes:
        if key not in self.files:
            raise FileNotFoundError(key)
        self.read.append(key)
        return self.files[key]

    def pipe_file(self, key: str, data: bytes) -> None:
        self._change()
        self.files[key] = data

    def mv(self, one: str, other: str) -> None:
        self._change()
        self.files[other] = self.files.pop(one)

    def put(self, paths: list[str], keys: list[str]) -> None:
        for path, key in zip(paths, keys, strict=True):
            self.pipe_file(key, Path(path).read_bytes())

    def get(self, keys: list[str], paths: list[str]) -> None:
        for key, path in zip(keys, paths, strict=True):
            Path(path).write_bytes(self.cat_file(key))

    def rm(self, key: str, recursive: bool) -> None:
        for name in [name for name in self.files if name == key or name.startswith(f"{key}/")]:
            self._change()
            del self.files[name]

    def glob(self, pattern: str) -> list[str]:
        depth = pattern.count("/")
        return [name for name in self.files if fnmatch.fnmatch(name, pattern) and name.count("/") == depth]

    def info(self, key: str) -> dict[str, Any]:
        if key not in self.files:
            raise FileNotFoundError(key)
        return {"size": len(self.files[key]), "ETag": str(hash(self.files[key]))}

    def find(self, key: str, detail: bool) -> dict[str, dict[str, Any]]:
        return {name: self.info(name) for name in self.files if name.startswith(f"{key}/")}

    def upload(self, folder: Path, key: str) -> None:
        """Copy a folder in."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.files[f"{key}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()

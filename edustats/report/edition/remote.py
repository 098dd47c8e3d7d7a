"""How is a set of reports shown in a bucket or on a share, where no folder can be exchanged in one step?

    OUT/1998/index.html                       what readers open; it alone says which set they see
    OUT/1998/sets/<set>/set.json              the folders of the set, their files' digests and times
    OUT/1998/sets/<set>/run.json …            the set's records
    OUT/1998/4302-甲县.<set>/10_trend.html     a county's files, in the set that changed them last

The reports are made in a working edition on a disk, as ever. Then what changed is copied under new names,
and ``index.html`` is written last, in one step: its links lead to the new names. Until then, and if the
copying is cut short, readers see the old set. The files of the set before stay until the set after this
one, for those who still have the old page open. A set is named after its contents, so that copying it
again after a crash leaves nothing twice. Nothing is locked on the other side: of two machines that publish
at the same moment the last one is shown, whole, and the other's next run brings its work in again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import quote, unquote

from edustats.errors import DataError
from edustats.files import write_whole
from edustats.places import RemotePlace
from edustats.report.edition.folders import Edition, lock_edition
from edustats.report.edition.manifest import RESULTS, RUN
from edustats.report.edition.stale import FileDigests, compute_digest

PAGE, SET, RECORDS = "index.html", "set.json", ("index.html", RUN, RESULTS)
NAMED = '<meta name="edustats-set" content="{name}">'
NAME = re.compile(NAMED.format(name="([0-9a-f]{16})"))
LINK = re.compile(r'href="([^"#:?/]+)(/[^"]*)?"')
OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")
Set = dict[str, Any]
"""What ``set.json`` holds."""


def find_cache_folder(out: RemotePlace) -> Path:
    """The folder of this machine in which the reports for a place are made."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "edustats" / compute_digest(out.address)


@dataclass(frozen=True, slots=True)
class RemoteEdition:
    """One edition, in its place and in the folder where it is made."""

    place: RemotePlace
    edition: Edition

    def shown(self) -> Set:
        """The set that readers see; empty if there is none."""
        name = self._read_set_name()
        if not name:
            return {}
        try:
            held = dict(json.loads((self.place / "sets" / name / SET).read_bytes()))
        except FileNotFoundError as error:
            raise DataError("remote.broken", where=self.place, file=SET) from error
        # Names from elsewhere become paths of this machine; none may lead out of the edition.
        names = [*held["folders"], *held["published"], *held["times"], *held["records"]]
        names += [file for entry in held["folders"].values() for file in entry["files"]]
        if any(OUTSIDE.search(found) for found in names):
            raise DataError("remote.broken", where=self.place, file=SET)
        return held

    def _read_set_name(self) -> str:
        try:
            found = NAME.search((self.place / PAGE).read_text())
        except FileNotFoundError:
            return ""
        return found[1] if found else ""

    def fetch_set(self, held: Set) -> None:
        """Make the working edition the set that is shown, unless it stems from it already."""
        if not held or self._read_fetched_name() == held["name"]:
            return
        self._locate_state_file().unlink(missing_ok=True)
        rmtree(self.edition.next, ignore_errors=True)
        live, wanted = self.edition.live, list(_list_set_files(held))
        here = _digest_folders(live, FileDigests(None))
        there = {f"{folder}/{name}": mark for folder, files in here.items() for name, mark in files.items()}
        self._download_files([entry for entry in wanted if there.get(entry[1]) != entry[2]])
        for surplus in set(there) - {name for _, name, _ in wanted}:
            (live / surplus).unlink()
        for folder in set(here) - set(held["folders"]):
            rmtree(live / folder)
        self._download_files([(f"sets/{held['name']}/{name}", name, "") for name in held["records"]])
        (live / ".published").mkdir(exist_ok=True)
        for folder, names in held["published"].items():
            write_whole(live / ".published" / f"{folder}.json", json.dumps(names, ensure_ascii=False))
        for name, seconds in held["times"].items():
            os.utime(live / name, (seconds, seconds))
        write_whole(self._locate_state_file(), held["name"])

    def _download_files(self, entries: list[tuple[str, str, str]]) -> None:
        """Copy files here: each whole or not at all."""
        live = self.edition.live
        pairs = [(source, live / f"{name}.fetched") for source, name, _ in entries]
        for folder in {path.parent for _, path in pairs}:
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self.place.get(pairs)
        except FileNotFoundError as error:
            raise DataError("remote.broken", where=self.place, file=Path(str(error)).name) from error
        for _, path in pairs:
            path.replace(path.with_suffix(""))

    def publish_set(self, before: Set) -> None:
        """Copy what changed, then show it."""
        live, digests = self.edition.live, FileDigests(self._locate_digest_file())
        if not (live / RESULTS).is_file():
            return
        folders = _digest_folders(live, digests)
        records = {name: digests.of(live / name) for name in RECORDS}
        digests.keep()
        name = compute_digest([folders, records])
        if name == before.get("name"):
            return
        made = _place_folders(name, folders, before)
        new = [at for at in made.values() if at.endswith(f".{name}")]
        self.place.put(
            [
                (live / folder / file, f"{at}/{file}")
                for folder, at in made.items() if at in new for file in folders[folder]
            ]
            + [(live / record, f"sets/{name}/{record}") for record in records]
        )  # fmt: skip
        about = self._describe_set(name, folders, made, before)
        (self.place / "sets" / name / SET).write(json.dumps(about, ensure_ascii=False).encode())
        for at in before.get("left", ()):
            (self.place / at).remove()
        self._show_set(name, made, before)

    def _describe_set(self, name: str, folders: dict[str, Any], made: dict[str, str], before: Set) -> Set:
        live = self.edition.live
        names = [f"{folder}/{file}" for folder, files in folders.items() for file in files]
        published = {
            path.stem: json.loads(path.read_text("utf-8")) for path in live.glob(".published/*.json")
        }
        left = [
            entry["at"] for entry in before.get("folders", {}).values() if entry["at"] not in made.values()
        ]
        return {
            "name": name,
            "folders": {folder: {"at": at, "files": folders[folder]} for folder, at in made.items()},
            "records": list(RECORDS),
            "published": published,
            "times": {name: int((live / name).stat().st_mtime) for name in names},
            "left": [*left, f"sets/{before['name']}"] if before else [],  # removed when the next set is shown
        }

    def _show_set(self, name: str, made: dict[str, str], before: Set) -> None:
        if self._read_set_name() != before.get("name", ""):
            raise DataError("remote.overtaken", where=self.place)
        page = _relink_index((self.edition.live / PAGE).read_text("utf-8"), made, name)
        (self.place / PAGE).write(page.encode())
        write_whole(self._locate_state_file(), name)

    def _read_fetched_name(self) -> str:
        return self._locate_state_file().read_text("utf-8") if self._locate_state_file().is_file() else ""

    def _locate_state_file(self) -> Path:
        return self.edition.live.with_name(f".{self.edition.live.name}.shown")

    def _locate_digest_file(self) -> Path:
        return self.edition.live.with_name(f".{self.edition.live.name}.files")


def _list_set_files(held: Set) -> Iterator[tuple[str, str, str]]:
    """Every file of a set's folders: where it is, its name here, its digest."""
    for folder, entry in held["folders"].items():
        for file, mark in entry["files"].items():
            yield f"{entry['at']}/{file}", f"{folder}/{file}", mark


def _digest_folders(live: Path, digests: FileDigests) -> dict[str, dict[str, str]]:
    """The files of each folder of an edition, with their digests."""
    folders = sorted(path for path in live.glob("[!.]*") if path.is_dir()) if live.is_dir() else []
    return {
        folder.name: {
            path.relative_to(folder).as_posix(): digests.of(path)
            for path in sorted(folder.rglob("*")) if path.is_file()
        }
        for folder in folders
    }  # fmt: skip


def _place_folders(name: str, folders: dict[str, dict[str, str]], before: Set) -> dict[str, str]:
    """Where each folder's files are: where they were if none changed, else under the set's name."""
    known = before.get("folders", {})
    return {
        folder: known[folder]["at"] if known.get(folder, {}).get("files") == files else f"{folder}.{name}"
        for folder, files in folders.items()
    }


def _relink_index(page: str, made: dict[str, str], name: str) -> str:
    """The index with its links leading to where the files are, and with the name of the set."""

    def lead(found: re.Match[str]) -> str:
        first, rest = unquote(found[1]), found[2] or ""
        if rest:
            return f'href="{quote(made.get(first, first))}{rest}"'
        return f'href="sets/{name}/{quote(first)}"' if first in RECORDS else found[0]

    return LINK.sub(lead, page).replace("<head>", f"<head>\n{NAMED.format(name=name)}", 1)


@contextmanager
def open_remote_edition(out: RemotePlace, work: Path, edition: str, wait: bool) -> Iterator[RemoteEdition]:
    """Be the only run of this machine for a place, begin with what it shows, and show what was made.

    Nothing is shown when the run ends with an error.

    Raises
    ------
    DataError
        The place cannot be reached, or another machine has published meanwhile.
    """
    shelf = RemoteEdition(out / edition, Edition(work / edition))
    with lock_edition(Edition(work / ".places" / edition), wait):
        shelf.place.try_writing()  # rather than find out when everything is made
        before = shelf.shown()
        shelf.fetch_set(before)
        yield shelf
        shelf.publish_set(before)


def fetch_records(out: RemotePlace, folder: Path) -> Path:
    """The records of the editions in a place, or of the one it is, as editions in a folder of this machine."""
    found = (
        [out] if (out / PAGE).is_file() else [out / page.key.split("/")[-2] for page in out.glob(f"*/{PAGE}")]
    )
    for place in found:
        shelf = RemoteEdition(place, Edition(folder / place.name))
        if held := shelf.shown():
            shelf._download_files([(f"sets/{held['name']}/{name}", name, "") for name in held["records"]])
    return folder

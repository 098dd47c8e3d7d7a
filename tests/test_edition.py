"""Do readers find the old set or the new one, whatever happens between the two?"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edustats import files
from edustats.errors import DataError
from edustats.report.edition import folders as module
from edustats.report.edition.folders import (
    Edition,
    begin_edition,
    complete_edition,
    link_previous_files,
    lock_edition,
    recover_edition,
    switch_edition,
)
from edustats.report.edition.manifest import write_run_record


@pytest.fixture
def shown(tmp_path: Path) -> Edition:
    """An edition that readers see: one county, and a note somebody left in its folder."""
    edition = Edition(tmp_path / "2023")
    (edition.live / "01-x").mkdir(parents=True)
    (edition.live / "01-x" / "10_a.html").write_text("old")
    (edition.live / "01-x" / "note.txt").write_text("mine")
    (edition.live / ".published").mkdir()
    (edition.live / ".published" / "01-x.json").write_text('["10_a.html"]')
    write_run_record(edition.live, {"sequence": 1})
    return edition


def make(edition: Edition, county: str = "02-y") -> None:
    """A new set with one county more, complete and about to be shown."""
    number = begin_edition(edition)
    (edition.next / county).mkdir()
    (edition.next / county / "10_a.html").write_text("new")
    complete_edition(edition, set())
    write_run_record(edition.next, {"sequence": number})


def names(edition: Edition) -> set[str]:
    return {path.name for path in edition.live.iterdir() if path.is_dir() and path.name[0] != "."}


def test_readers_see_nothing_of_a_set_that_is_being_made(shown: Edition) -> None:
    make(shown)
    assert names(shown) == {"01-x"}
    switch_edition(shown)
    assert names(shown) == {"01-x", "02-y"}
    assert (shown.live / "01-x" / "note.txt").read_text() == "mine"
    assert sorted(path.name for path in shown.live.parent.iterdir()) == ["2023"]


def test_what_somebody_writes_while_the_new_set_is_completed_is_not_lost(shown: Edition) -> None:
    make(shown)
    (shown.live / "01-x" / "note.txt").unlink()
    (shown.live / "01-x" / "note.txt").write_text("changed")
    (shown.live / "01-x" / "later.txt").write_text("late")
    switch_edition(shown)
    assert (shown.live / "01-x" / "note.txt").read_text() == "changed"
    assert (shown.live / "01-x" / "later.txt").read_text() == "late"


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("steps", range(8))
def test_a_switch_cut_short_at_any_step_is_brought_to_its_end(
    shown: Edition, exchange: bool, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(files, "exchange_folders", lambda *_: False)
    make(shown)
    left = iter(range(steps))

    def costly(done):  # type: ignore[no-untyped-def]
        def step(*words, **more):  # type: ignore[no-untyped-def]
            if next(left, None) is None:
                raise KeyboardInterrupt
            return done(*words, **more)

        return step

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt) if steps < 3 else _nothing():
        patch.setattr(Path, "rename", costly(Path.rename))
        patch.setattr(files, "exchange_folders", costly(files.exchange_folders))
        patch.setattr(module, "fsync_folder", costly(module.fsync_folder))
        switch_edition(shown)
    assert not shown.live.exists() or names(shown) in ({"01-x"}, {"01-x", "02-y"})
    recover_edition(shown)
    if shown.next.exists():
        switch_edition(shown)
    assert names(shown) == {"01-x", "02-y"}
    assert not shown.ready.exists()
    assert not shown.old_folder.exists()


def _nothing():  # type: ignore[no-untyped-def]
    from contextlib import suppress

    return suppress(KeyboardInterrupt)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_a_reader_never_finds_no_set_at_all(shown: Edition) -> None:
    watch = f"""
import os, sys
print("ready", flush=True)
while not os.path.exists({str(shown.live.parent / "stop")!r}):
    for name in os.listdir({str(shown.live)!r}):
        pass
    os.stat({str(shown.live / "01-x" / "10_a.html")!r})
"""
    reader = subprocess.Popen([sys.executable, "-c", watch], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reader.stdout
    reader.stdout.readline()
    for number in range(30):
        make(shown, f"{number + 10}-z")
        switch_edition(shown)
    (shown.live.parent / "stop").touch()
    assert reader.wait(20) == 0, reader.stderr.read() if reader.stderr else ""
    assert len(names(shown)) == 31


def test_a_county_is_seeded_whole_and_never_over_a_newer_one(shown: Edition) -> None:
    begin_edition(shown)
    link_previous_files(shown.live / "01-x", shown.next / "01-x")
    (shown.next / "01-x" / "10_a.html").unlink()
    (shown.next / "01-x" / "10_a.html").write_text("new")
    link_previous_files(shown.live / "01-x", shown.next / "01-x")
    assert (shown.next / "01-x" / "10_a.html").read_text() == "new"
    assert (shown.live / "01-x" / "10_a.html").read_text() == "old"


def test_the_folder_of_a_county_that_changed_its_name_goes_and_what_others_put_there_stays(
    shown: Edition,
) -> None:
    begin_edition(shown)
    (shown.next / "01-new").mkdir()
    complete_edition(shown, {"01-x"})
    switch_edition(shown)
    assert [path.name for path in (shown.live / "01-x").iterdir()] == ["note.txt"]


def test_a_second_run_is_refused_and_may_wait_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.1)
    edition = Edition(tmp_path / "2023")
    hold = f"""
import time
from pathlib import Path
from edustats.report.edition import Edition, lock_edition
with lock_edition(Edition(Path({str(tmp_path / "2023")!r})), wait=False):
    print("held", flush=True)
    time.sleep(1.5)
"""
    other = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, env={**os.environ})
    assert other.stdout
    other.stdout.readline()
    with pytest.raises(DataError, match="2023"), lock_edition(edition, wait=False):
        pass
    clock = time.monotonic()
    with lock_edition(edition, wait=True):
        assert time.monotonic() - clock > 0.3
    other.wait()
    with lock_edition(edition, wait=False):
        pass

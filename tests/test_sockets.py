"""Does nothing of ours stay in the temporary folder?"""

import os
import subprocess
import sys
import tempfile

import pytest

from edustats.report.run import sockets

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets are files on other systems")


def test_a_folder_of_a_process_that_was_killed_goes_with_the_next_run(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = tmp_path / f"edu-{int(dead.stdout)}-abc"
    ours, others = tmp_path / f"edu-{os.getpid()}-abc", tmp_path / "edu-notes-abc"
    for folder in (left, ours, others):
        folder.mkdir()
    sockets.remove_abandoned_folders.cache_clear()
    made = sockets.make_socket_folder()
    assert made
    assert not left.exists()
    assert ours.is_dir()
    assert others.is_dir()
    assert made.name.startswith(f"edu-{os.getpid()}-")
    sockets.remove_abandoned_folders.cache_clear()

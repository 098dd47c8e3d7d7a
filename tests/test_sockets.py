"""Does nothing of ours stay in the temporary folder?"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from edustats.report.run import sockets

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets are files on other systems")


def test_a_folder_of_a_process_that_was_killed_goes_with_the_next_run(request, monkeypatch):
    short = Path(tempfile.mkdtemp(prefix="s"))  # the path of a test's own folder may be too long for a socket
    request.addfinalizer(lambda: shutil.rmtree(short))
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = short / f"edu-{int(dead.stdout)}-abc"
    ours, others = short / f"edu-{os.getpid()}-abc", short / "edu-notes-abc"
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

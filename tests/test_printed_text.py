"""Do verbs, published files and loads print what they printed when somebody last read it?

What is compared lies in ``files/printed``, made from ``handmade.py`` and a few faulty tables. After a change of words
``python tests/printing.py`` writes it anew, and the difference is what a reader will see.
"""

import difflib
import sys

import pytest
from printing import PRINTED, list_names, print_named

OF_LINUX = {
    f"file-{name}"
    for name in ("reads_plans", "reads_editions", "reads_runs", "shown_panel", "shown_published")
}
"""Print paths of files, permissions and signals by the names they have there."""


@pytest.mark.parametrize("name", list_names())
def test_it_prints_what_was_read(name):
    if name in OF_LINUX and sys.platform == "win32":
        pytest.skip("paths, permissions and signals have other names on Windows")
    meant, printed = (PRINTED / f"{name}.txt").read_text("utf-8"), print_named(name)
    assert printed == meant, "\n".join(
        difflib.unified_diff(meant.splitlines(), printed.splitlines(), "read", "printed", lineterm="", n=0)
    )


def test_every_file_that_was_read_is_compared():
    assert {path.stem for path in PRINTED.glob("*.txt")} == set(list_names())

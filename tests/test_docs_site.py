"""Do the documents become a site in a language without a warning, and does it name every function?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import edustats as edu

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh"])  # the other is made by python tasks.py docs
def test_the_site_is_made_without_a_warning_and_names_every_function(lang, tmp_path):
    pytest.importorskip("furo", reason="the extra docs is not installed")
    pytest.importorskip("myst_nb", reason="the extra docs is not installed")
    words = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "text", "docs", str(tmp_path / lang)]
    own = os.environ | {"EDUSTATS_DOCS_LANG": lang, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = (tmp_path / lang / "api.txt").read_text("utf-8")
    assert [name for name in edu.__all__ if name[0] != "_" and f"edustats.{name}(" not in told] == []
    pages = {path.stem for path in (tmp_path / lang).glob("*.txt")}
    assert ("researcher.zh-CN" in pages) == (lang == "zh")
    assert {"api", "methods", "tour"} <= pages

"""The cases of an attack on the suite, each through the public commands; the kinds are in other tests too.

``test_one_file``, ``test_secrets``, ``test_letters``, ``test_template`` and ``test_attack`` hold the same kinds with
material of their own, where the cases are not here.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "attack"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside this checkout")
LOADS = {
    "load": ("2024_finance_far_col.xlsx", 8),
    "panic": ("2024_990102汀阳区_特教一览表.xlsx", 3),
    "csv_short_total": ("2024/990124青埠县_特教一览表.csv", 0),
    "control_char": ("990125岚河县_幼儿园一览表.csv", 1),
}
"""Folder → a file that must be loaded, and how many others are set aside."""


def command(*words):
    run = [sys.executable, "-m", "edustats", *map(str, words)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=300)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("folder", LOADS)
def test_damaged_files_are_set_aside_with_a_sentence_each_and_the_others_are_loaded(tmp_path, folder):
    sound, aside = LOADS[folder]
    done = command("load", CASES / folder, "--store", tmp_path / "s", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith(sound))
    assert int(re.search(r"采用 (\d+) 行", line)[1]) > 0
    assert len([line for line in done.stderr.splitlines() if line.endswith("。")]) == aside


@pytest.mark.parametrize("folder", ["county_name_differs", "unrelated_xlsx"])
def test_a_folder_is_loaded_or_refused_with_what_was_looked_for(tmp_path, folder):
    done = command("load", CASES / "nothing_usable" / folder, "--store", tmp_path / "s", "--lang", "zh")
    assert done.returncode == 0 or re.search(r"没有可用的数据（看了 1 个文件）：", done.stderr)


def test_what_the_store_withholds_no_command_prints(tmp_path):
    store = tmp_path / "d"
    command("load", CASES / "disclosure" / "my.toml", "--store", store)
    checked = command(
        "check", CASES / "disclosure" / "d.txt", "--store", store, "--lang", "zh", "--format", "json"
    )
    command("export", "--store", store, "--out", tmp_path / "o.csv")
    command("export", "--store", store, "--out", tmp_path / "c.csv", "--what", "columns")
    printed = (
        checked.stdout
        + (tmp_path / "o.csv").read_text("utf-8-sig")
        + (tmp_path / "c.csv").read_text("utf-8-sig")
    )
    for told in ("9.86", "9.9%", "71.4", "0.0985", ",0.714285", "95.9", "0.9594"):
        assert told not in printed
    inside = tmp_path / "inside.csv"
    command("export", "--store", store, "--out", inside, "--inside")
    assert "0.0985" in inside.read_text("utf-8-sig")
    assert "内部" in inside.read_text("utf-8-sig")

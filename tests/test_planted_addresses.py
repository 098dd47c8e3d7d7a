"""Does every finding about a planted fault name its file, sheet, row and cell, loaded at once or year by year?"""

import json
import shutil

import pytest
from returns_made import prefecture
from typer.testing import CliRunner

from edustats.cli import app
from edustats.load.returns.reader import load_returns

SEVERAL = ("identity_movement", "leavers_final", "sum_of_parts", "network_bandwidth")
"""Rules about several figures of a row: which one is wrong the finding cannot know, it names the first."""
COUNTIES = ("990103", "990126")
KEYS = ["rule", "file", "sheet", "row", "cell", "unit", "year"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    prefecture(folder)
    for file in (folder / "returns").rglob("*.xls*"):  # two counties with faults of several kinds are enough
        if not file.name.startswith(COUNTIES):
            file.unlink()
    return folder


def faults(home):
    planted = json.loads((home / "planted.json").read_text("utf-8"))
    return [p for p in planted if p["file"].rpartition("/")[2].startswith(COUNTIES)]


def test_every_planted_fault_is_found_at_its_own_cell(home):
    loaded = load_returns([home / "returns"])
    told = loaded.findings.assign(row=loaded.findings["row"].astype(int))
    own = [p for p in faults(home) if p["sort"] == "fault"]
    assert len(own) > 4
    for p in own:
        here = told[
            (told["rule"] == p["expected"]) & (told["file"] == p["file"]) & (told["sheet"] == p["sheet"])
        ]
        assert p["row"] in here["row"].tolist(), p
        if p["expected"] not in SEVERAL:
            assert f"{p['letter']}{p['row']}" in here.loc[here["row"] == p["row"], "cell"].tolist(), p


def test_every_planted_oddity_keeps_the_address_of_its_cell(home):
    read = load_returns([home / "returns"]).sources
    places = set(
        zip(read["column"], read["file"], read["sheet"], read["row"].astype(int), read["letter"], strict=True)
    )
    kept = [p for p in faults(home) if p["column"] in set(read["column"]) and p["kind"] != "code_as_float"]
    assert kept
    for p in kept:
        assert (p["column"], p["file"], p["sheet"], p["row"], p["letter"]) in places, p


def listed(store):
    """Findings by everything that says where they stand."""
    done = CliRunner().invoke(app, ["load", str(store["returns"]), "--store", str(store["at"]), "--json"])
    assert done.exit_code == 0, done.output
    return sorted(tuple(str(one[key]) for key in KEYS) for one in json.loads(done.stdout)["findings"])


def test_a_year_that_is_added_later_moves_no_address(home, tmp_path):
    whole = listed({"returns": home / "returns", "at": tmp_path / "whole"})
    parts, last = tmp_path / "returns", "2022"
    shutil.copytree(home / "returns", parts, ignore=shutil.ignore_patterns(last))
    before = listed({"returns": parts, "at": tmp_path / "store"})
    shutil.copytree(home / "returns" / last, parts / last)
    after = listed({"returns": parts, "at": tmp_path / "store"})
    assert after == whole
    assert len(before) < len(after)

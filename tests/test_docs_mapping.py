"""Do the worked tables of the manual come in as the manual says?"""

import re
from pathlib import Path

import pytest

from edustats.errors import DataError
from edustats.load.tables.reader import load_tables

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "mapping.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w+) (\w+)\n(.*?)```", re.DOTALL)
PARTS = {(kind, name): body for kind, name, body in BLOCK.findall(DOCS)}
NAMES = sorted({name for kind, name in PARTS if kind == "figures"})


def written(folder, name):
    (folder / f"{name}.csv").write_text(PARTS["csv", name], "utf-8")
    (folder / "my.toml").write_text(PARTS["toml", name], "utf-8")
    return folder / "my.toml"


@pytest.mark.parametrize("name", NAMES)
def test_a_worked_table_comes_in_as_the_manual_says(name, tmp_path):
    tidy = load_tables(written(tmp_path, name)).tidy.set_index(["county", "year"])
    for line in PARTS["figures", name].split("\n"):
        if line.strip():
            area, year, column, value = line.split()
            assert tidy.loc[(area, int(year)), column] == float(value)


def test_the_manual_has_its_three_tables():
    assert NAMES == ["authorities", "finance", "yearbook"]


def test_the_finance_table_is_refused_with_another_unit(tmp_path):
    path = written(tmp_path, "finance")
    path.write_text(path.read_text("utf-8").replace('unit = "千元"', 'unit = "万元"'), "utf-8")
    with pytest.raises(DataError) as told:
        load_tables(path)
    assert "金额单位：千元" in told.value.text("en")
    assert "A2" in told.value.text("en")

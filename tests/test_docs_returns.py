"""Does the worked list of the page on returns come in as the page says, and does load print what it prints?"""

import re
from pathlib import Path

from typer.testing import CliRunner

from edustats import cli
from edustats.store.reading import KIND, open_store

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "returns.md").read_text("utf-8")
PARTS = {kind: body for kind, _, body in re.findall(r"```(\w+) (list)\n(.*?)```", DOCS, re.DOTALL)}
NAME = re.search(r"^`(2024/\S+\.csv)`:", DOCS, re.M)[1]


def test_the_worked_list_comes_in_as_the_page_says(tmp_path):
    file = tmp_path / "in" / NAME
    file.parent.mkdir(parents=True)
    file.write_text(PARTS["csv"], "utf-8")
    (tmp_path / "in" / "returns.toml").write_text(PARTS["toml"], "utf-8")
    done = CliRunner().invoke(
        cli.app, ["load", str(tmp_path / "in"), "--store", str(tmp_path / "store"), "--lang", "en"]
    )
    assert done.exit_code == 0, (done.output, done.exception)
    for line in PARTS["printed"].splitlines():
        assert line in done.output
    units = open_store(tmp_path / "store").county("990102").units.set_index(["unit", "year"])
    for line in PARTS["figures"].splitlines():
        school, year, column, value = line.split()
        row = units.loc[(school, int(year))]
        if value == "unreadable":
            assert row[column] != row[column]
            assert row[f"{column}{KIND}"] != 0
        else:
            assert row[column] == float(value)

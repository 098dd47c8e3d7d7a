"""Does every part of the how-to page run as it stands, in a new folder, and is the Chinese page the same?"""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edustats import cli

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
RUN = ("sh", "python", "csv", "toml")


def list_blocks(name):
    found = BLOCK.findall((DOCS / name).read_text("utf-8"))
    return [block for block in found if block[0] in RUN and (block[0] in ("sh", "python") or block[1])]


def run_line(words):
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0, (words, done.output, done.exception)


@pytest.mark.slow
def test_every_part_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for kind, file, body in list_blocks("howto.md"):
        if kind == "python":
            exec(compile(body, "howto.md", "exec"), names)  # noqa: S102 - our own page
        elif kind == "sh":
            for line in body.splitlines():
                run_line(shlex.split(line)[1:])
        else:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(body, "utf-8")
    briefs = [path.name for path in (tmp_path / "reports").rglob("*.docx")]
    assert len(briefs) >= 2
    village, rows = names["ratios"], names["rows"]
    assert dict(zip(village["school"], village["value"], strict=True)) == {
        "2199000001": 110 / 11,
        "2199000005": 150 / 13,
    }
    assert set(rows.query("area == '990121' and year == 2023")["value"]) == {12000 / 700}


def test_the_chinese_page_does_the_same():
    assert list_blocks("howto.zh-CN.md") == list_blocks("howto.md")

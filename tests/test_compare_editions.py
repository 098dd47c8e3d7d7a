"""Does the comparison of two editions see each kind of difference, and nothing else?"""

import base64
import io
import json
import sys
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import compare_editions as benchmark

SAID = {
    "store": "/a/store", "sentence": "小学生师比由16.1降为15.2。", "value": 0.1, "cell": 15.2, "colour": (10, 20, 30),
    "verb": "old_verb", "key": "old_key", "version": "0.1.0", "at": "2026-01-02 03:04", "seconds": 1.5, "rows": 2,
}  # fmt: skip


def picture(colour):
    held = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(held, "png")
    return held.getvalue()


def edition(folder, **changed):
    """A small edition with one file of each kind; what is changed differs from SAID."""
    said = SAID | changed
    folder.mkdir(parents=True)
    image = base64.b64encode(picture(said["colour"])).decode()
    run = {"inputs": {"store": said["store"]}, "started": f"{said['at']}:05+00:00"}
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    line = {"county": "990121", "notebook": "10", "state": "ok", "seconds": said["seconds"]}
    (folder / "results.jsonl").write_text(json.dumps(line), "utf-8")
    (folder / "10.html").write_text(
        f"<html><body><p>{said['sentence']}</p><table><tr><td>1</td><td>{said['cell']}</td></tr></table>"
        f'<img alt="" src="data:image/png;base64,{image}"><footer>edustats {said["version"]}, {said["at"]}</footer>',
        "utf-8",
    )
    record = {"key": said["key"], "sentence": {"zh": said["sentence"]}, "value": said["value"]}
    output = {"data": {"application/vnd.edustats.finding+json": record, "image/png": image}}
    cell = {"id": "10-1", "source": [f"edu.{said['verb']}(view, {said['store']!r})"], "outputs": [output]}
    (folder / "10.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    row = {
        "folder": "a",
        "notebook": "10",
        "record": f"table {said['key']}",
        "id": "n1",
        "value": said["value"],
    }
    rows = pd.DataFrame([row | {"version": said["version"]}] * said["rows"])
    rows.to_parquet(folder / "values.parquet")
    word(folder / "brief.docx", said)
    book = openpyxl.Workbook()
    book.active.append(["生师比", said["cell"]])
    book.save(folder / "data.xlsx")
    return folder


def word(path, said):
    document = docx.Document()
    document.add_paragraph(said["sentence"])
    document.add_table(1, 2).rows[0].cells[1].text = str(said["cell"])
    document.add_picture(io.BytesIO(picture(said["colour"])))
    document.save(path)


def compared(tmp_path, capsys, *words, **changed):
    old, new = edition(tmp_path / "old"), edition(tmp_path / "new", **changed)
    sys.argv = ["compare_editions.py", str(old), str(new), *words]
    return benchmark.main(), capsys.readouterr().out


def test_times_versions_seconds_and_the_stores_folder_are_no_difference(tmp_path, capsys):
    code, out = compared(
        tmp_path, capsys, store="/b/other", version="0.2.0", at="2027-11-12 13:14", seconds=9.0
    )  # fmt: skip
    assert code == 0, out


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sentence": "小学生师比由16降为15。"}, ("10.html: line 1 <p>", "document.xml paragraph 1", "sentence.zh")),
        ({"cell": 15.3}, ("<td> row 1 column 2", "table 1 row 1 column 2", "Sheet!B1: '15.2' → '15.3'")),
        ({"value": 0.1000000001}, ("values.parquet: row 0 (a 10 table old_key n1), value", "finding+json.value")),
        ({"colour": (10, 20, 33)}, ("<img> src: picture 4×3", "image/png: picture", "word/media/image1.png: picture")),
        ({"rows": 3}, ("values.parquet: row 2 (a 10 table old_key n1), folder: only in the new edition: 'a'",)),
        ({"verb": "new_verb"}, ("[10-1].source[0]",)),
        ({"key": "new_key"}, ("finding+json.key: 'old_key' → 'new_key'",)),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_file_and_place(tmp_path, capsys, changed, told):
    code, out = compared(tmp_path, capsys, **changed)
    assert code == 1
    for place in told:
        assert place in out


def test_renamed_verbs_and_keys_and_stated_tolerances_are_no_difference(tmp_path, capsys):
    table = tmp_path / "renames.toml"
    table.write_text('[verbs]\nold_verb = "new_verb"\n[keys]\nold_key = "new_key"\n', "utf-8")
    words = ("--renames", str(table), "--pixels", "3", "--relative", "1e-8")
    code, out = compared(
        tmp_path, capsys, *words, verb="new_verb", key="new_key", colour=(10, 20, 33), value=0.1000000001
    )  # fmt: skip
    assert code == 0, out


def test_a_file_that_is_missing_and_a_folder_that_is_no_edition_are_named(tmp_path, capsys):
    old, new = edition(tmp_path / "old"), edition(tmp_path / "new")
    (new / "10.html").unlink()
    sys.argv = ["compare_editions.py", str(old), str(new)]
    assert benchmark.main() == 1
    assert "10.html: only in the old edition" in capsys.readouterr().out
    sys.argv = ["compare_editions.py", str(old), str(tmp_path / "none")]
    assert benchmark.main() == 2
    assert "none is no edition: run.json is not there" in capsys.readouterr().out

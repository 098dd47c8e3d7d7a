"""Is what a notebook shows the same, at hand as it was written and read from its file, and is a changed file read?"""

import json

from edustats.report.run.output import format_notebook
from edustats.report.trace import notebook
from edustats.report.trace.notebook import Heading, Printed, Prose, Silent, keep_blocks, read_blocks


def make_book(said="甲"):
    stream = {"output_type": "stream", "name": "stdout", "text": f"{said}\n乙\n"}
    return {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "# 标题\n一段\n两行"},
            {"cell_type": "code", "metadata": {}, "source": "1\n2", "outputs": [stream], "execution_count": 1},
            {"cell_type": "code", "metadata": {}, "source": "3", "outputs": [], "execution_count": 2},
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def test_what_is_at_hand_and_what_is_read_are_the_same(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text(format_notebook(make_book()), "utf-8")
    kept = keep_blocks(path, "zh", make_book())
    assert kept == [Heading(1, "标题"), Prose("一段\n两行"), Printed("甲\n乙\n"), Silent()]
    monkeypatch.setattr(json, "loads", None)  # nothing is read
    assert read_blocks(path, "zh") == kept
    monkeypatch.undo()
    notebook._READ.clear()
    assert read_blocks(path, "zh") == kept


def test_a_file_that_is_another_now_is_read_anew(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(format_notebook(make_book()), "utf-8")
    keep_blocks(path, "zh", make_book())
    path.write_text(format_notebook(make_book("甲又甲")), "utf-8")
    assert read_blocks(path, "zh")[2] == Printed("甲又甲\n乙\n")


def test_the_last_notebooks_are_remembered_and_no_more(tmp_path):
    notebook._READ.clear()
    for k in range(notebook.MOST_READ + 2):
        path = tmp_path / f"{k}.ipynb"
        path.write_text(format_notebook(make_book()), "utf-8")
        read_blocks(path, "zh").clear()  # whoever changes what he was given changes nothing for the next
        assert len(read_blocks(path, "zh")) == 4
    assert [path.stem for path, _ in notebook._READ] == [str(k) for k in range(2, notebook.MOST_READ + 2)]

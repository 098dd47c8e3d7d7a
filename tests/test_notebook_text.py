"""Is an executed notebook on few lines the same notebook as Jupyter would write?"""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from edustats.report.run.output import format_notebook


def test_an_executed_notebook_holds_what_jupyter_writes_in_the_same_order():
    shown = new_output(
        "display_data", {"text/plain": "a\nb", "application/x+json": {"值": [1.5, None]}, "image/png": "A\nB"}
    )
    printed = new_output("stream", name="stdout", text="one\ntwo\n")
    failed = new_output("error", ename="E", evalue="e", traceback=["x\ny"])
    cells = [
        new_markdown_cell("# 标题\n\nprose"),
        new_code_cell("x = 1\nx", outputs=[shown, printed, failed]),
        new_code_cell(),
    ]
    book = new_notebook(cells=cells, metadata={"papermill": {"status": "completed"}})
    ours, theirs = format_notebook(book), nbformat.v4.writes(book)
    assert json.loads(ours, object_pairs_hook=list) == json.loads(theirs, object_pairs_hook=list)
    assert nbformat.reads(ours, as_version=4) == nbformat.reads(theirs, as_version=4)
    assert len(ours.splitlines()) < 12 < len(theirs.splitlines())

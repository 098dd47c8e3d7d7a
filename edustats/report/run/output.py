"""Where does an executed notebook go, and how is it put there so that nothing else changes?

A file appears whole or not at all. A link stays a link and the file it leads to gets the contents; a device or a pipe
is written to and not replaced; a file that was there keeps its mode, a new one has the mode that the umask leaves.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edustats.files import write_whole


def locate_output(output_path: str | None) -> Path | None:
    """The file of this machine that papermill was asked to write; None for standard output and for addresses.

    A relative path begins where papermill was started, not in the ``cwd`` of the notebook.
    """
    if not output_path or output_path == "-" or "://" in output_path:
        return None
    from papermill.iorw import papermill_io  # papermill imports our engine, and so this module

    started = getattr(papermill_io.get_handler(output_path), "_cwd", None)
    return Path(started or ".", output_path)


def write_output(path: Path, text: str) -> None:
    """Write a notebook where papermill would."""
    path = path.resolve()
    held = path.stat().st_mode if path.exists() else None
    if held is not None and not stat.S_ISREG(held):
        path.write_text(text, "utf-8")
        return
    write_whole(path, text)
    path.chmod(stat.S_IMODE(held) if held is not None else 0o666 & ~_read_umask())


def _read_umask() -> int:
    """The umask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def format_notebook(book: Mapping[str, Any]) -> str:
    """An executed notebook as the text of its file: a line for each cell and for each of its outputs.

    Jupyter indents every value on a line of its own; that takes ten times as long, and four times the room.
    """
    rest = {name: part for name, part in book.items() if name != "cells"}
    cells = ",\n".join(map(_format_cell, book["cells"]))
    return f'{{"cells":[\n{cells}\n],\n{_encode_json(rest)[1:]}\n'


def _format_cell(cell: Mapping[str, Any]) -> str:
    before = _encode_json({name: cell[name] for name in cell if name not in ("outputs", "source")})
    source = _encode_json(_split_lines(cell["source"]))
    if "outputs" not in cell:
        return f'{before[:-1]},"source":{source}}}'
    outputs = ",\n".join(_encode_json(_split_output(output)) for output in cell["outputs"])
    return f'{before[:-1]},"outputs":[{outputs}],"source":{source}}}'


def _split_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """The output with its texts in lines, as notebooks hold them."""
    made = dict(output)
    if output["output_type"] == "stream":
        made["text"] = _split_lines(output["text"])
    if "data" in output:
        shown = output["data"].items()
        made["data"] = {
            mime: _split_lines(body) if mime.startswith("text/") else body for mime, body in shown
        }
    return made


def _split_lines(text: Any) -> Any:
    return text.splitlines(keepends=True) if isinstance(text, str) else text


def _encode_json(part: object) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

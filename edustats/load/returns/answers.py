"""What did the schools answer? A list that came back with answers corrects cells, or ends a question for good.

An answer is about one cell as it stood when it was asked: where the form has been sent again since, with another value,
the answer is about the past and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from edustats.load.files.values import number, plain
from edustats.load.returns.cells import Cells
from edustats.schema import OK, cell_names

FORMS = ("answers", "answers_en")
"""Registers that are returned lists, as the layouts name them."""
CONFIRMED = re.compile(
    r"(?:经?核实|核对)?(?:无误|属实|正确|情况属实|数据无误)[。.!！]?|confirmed|correct|true|as reported",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    r"(?:应为|改为|更正为|实为|应改为|should be|corrected to|is)?\s*[:：]?\s*([-+]?[\d,. ]+)[。.]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """Figures with what was corrected in them, and the questions that need not be asked again."""

    cells: Cells
    settled: frozenset[tuple[str, str, str, str]]
    """(file, sheet, cell, value) that somebody confirmed."""

    def open_questions(self, findings: pd.DataFrame) -> pd.DataFrame:
        """Findings without those that were answered."""
        if not len(findings) or not self.settled:
            return findings
        keys = findings[["file", "sheet", "cell", "value"]].astype(str).itertuples(index=False, name=None)
        return findings[[key not in self.settled for key in keys]].reset_index(drop=True)


def apply_answers(cells: Cells, registers: Mapping[str, pd.DataFrame]) -> Answers:
    """Put the answers of returned lists to the figures.

    Parameters
    ----------
    cells : every figure with its cell
    registers : the lists that were read; those of :data:`FORMS` hold answers, ``who`` and ``when`` beside them

    Returns
    -------
    Answers
        A corrected figure keeps its cell and takes the answer, in the unit in which the list showed it; a confirmed one
        is not asked about again.
    """
    frames = [registers[name] for name in FORMS if name in registers]
    given = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if not len(given):
        return Answers(cells, frozenset())
    lines: Any = given[given["answer"].map(plain) != ""].to_dict("records")
    corrected = [line for line in lines if _number_in(line["answer"]) is not None]
    # what nobody could read is asked about as it was read: a number in its place answers that for good
    settled = frozenset(
        (line["of_file"], line["sheet"], line["cell"], line["value"].removeprefix("'"))
        for line in lines if CONFIRMED.fullmatch(plain(line["answer"]))
        or (_number_in(line["answer"]) is not None and number(line["value"].removeprefix("'")) is None)
    )  # fmt: skip
    return Answers(_apply_corrections(cells, corrected), settled) if corrected else Answers(cells, settled)


def _number_in(answer: str) -> float | None:
    found = _CORRECTED.fullmatch(plain(answer))
    return number(found[1].strip()) if found else None


def _apply_corrections(cells: Cells, lines: list[dict[str, str]]) -> Cells:
    """Figures with the corrected values; the cell of a sum of cells is left to a corrected form."""
    frame, rows = cells.cells, cells.rows
    home = rows.iloc[frame["at"].to_numpy()][["file", "sheet"]].reset_index(drop=True)
    names = [
        cell_names(letter, int(row))
        for letter, row in zip(frame["letter"].astype(str), frame["row"], strict=True)
    ]
    place = pd.MultiIndex.from_arrays([home["file"], home["sheet"], names])
    value, kind = frame["value"].to_numpy().copy(), frame["kind"].to_numpy().copy()
    scale = frame["scale"].to_numpy() if "scale" in frame else np.ones(len(frame))
    for line in lines:
        answer, asked = _number_in(line["answer"]), number(line["value"].removeprefix("'"))
        for at in np.flatnonzero(place == (line["of_file"], line["sheet"], line["cell"])):
            legible = bool(kind[at] == OK)
            shown = asked is not None and legible
            if legible and (asked is None or not np.isclose(value[at], asked, rtol=1e-6)):
                continue  # the form was sent again since
            if answer is not None:
                value[at], kind[at] = answer * (1.0 if shown else scale[at]), OK
    return Cells(rows=rows, cells=frame.assign(value=value, kind=kind))

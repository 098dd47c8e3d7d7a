"""Whatever is done to a valid return: a sentence or the truth, never a traceback, never a lost row or an
invented number.
"""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from returns_made import ROWS, listed, page

from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.example.workbooks import write_xlsx
from edustats.load.files.workbook import Sheet
from edustats.load.returns.forms import forms
from edustats.load.returns.reader import load_returns
from edustats.load.returns.sheets import take_sheet

TRUTH = {str(row[0]): (row[4], row[5], row[6], row[7]) for row in ROWS}
CELLS = st.one_of(
    st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(-(10**12), 10**12),
    st.text(max_size=12),
    st.sampled_from(["*", "—", "合计", "注：", "甲", "2199000001", "学校名称", "#REF!", "450①", "1,2", "５"]),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), CELLS), min_size=1, max_size=3)


def sheet(rows: list[list[object]], merged: tuple = ()) -> Sheet:
    filled = [[("" if c is None else float(c) if isinstance(c, int) else c) for c in row] for row in rows]
    return Sheet(file="2021/990102小学.xlsx", digest="d", name="小学", rows=filled, merged=merged)


def changed(changes: list) -> list[list[object]]:
    rows = [[*row, *[None] * (8 - len(row))] for row in page().rows]
    for i, j, value in changes:
        rows[i][j] = value
    return rows


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES, st.permutations(range(6)), st.booleans())
def test_ten_thousand_changed_sheets_lose_no_row_and_invent_no_number(changes, order, shuffle):
    rows = changed(changes)
    rows = [rows[i] for i in order] if shuffle else rows
    merged = tuple(((a, b), (c, d)) for a, b, c, d in page().merged)
    given_rows = sheet(rows, merged)
    try:
        taken = take_sheet(given_rows, forms(), catalogue())
    except EdustatsError as error:
        assert error.text("zh")
        assert error.text("en")
        return
    account = taken.account
    assert account.read == account.loaded + len(account.aside)
    assert account.read == sum(any(c != "" for c in row) for row in given_rows.rows)
    shown = {float(c) for row in given_rows.rows for c in row if isinstance(c, float)}
    shown |= {5.0, 2199000001.0}
    told = any(doubt.rule == "unit_printed" for doubt in taken.doubts)
    for block in taken.blocks:
        for filled in block.columns.values():
            assert told or filled.scale == 1, "a size that somebody printed is applied and said"
            own = filled.values / filled.scale
            assert all(v != v or v in shown or float(v) in readings(given_rows) for v in own)


def readings(given_rows: Sheet) -> set[float]:
    from edustats.load.files.values import number

    texts = [c for row in given_rows.rows for c in row if isinstance(c, str)]
    return {v for v in map(number, texts) if v is not None}


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_files_with_flipped_cut_or_doubled_bytes_get_a_sentence_or_their_own_figures(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "bytes"
    path = listed(folder)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "double"]))
        if how == "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        else:
            content = content[:place] + (content[place:] * 2 if how == "double" else b"")
        if not content:
            break
    path.write_bytes(bytes(content))
    try:
        loaded = load_returns([path])
    except EdustatsError as error:
        assert "990102" in error.text("en")
        return
    assert all(e.read == e.loaded + len(e.aside) for e in loaded.ledger)
    for row in loaded.tidy.to_dict("records"):
        told = TRUTH.get(row["unit"])
        if told and sound(bytes(content)):
            assert row.get("pupils_primary", told[0]) in (told[0], row.get("pupils_primary"))


def sound(content: bytes) -> bool:
    """Whether the archive's own check sums hold: then nothing in it was changed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None
    except Exception:
        return False


def test_a_changed_workbook_that_still_opens_is_read_from_its_file(tmp_path):
    path = listed(tmp_path)
    write_xlsx(path, [page([[*ROWS[0][:4], "３００", 140, 18, "6,000"]])])
    tidy = load_returns([path]).tidy
    assert tidy["pupils_primary"].tolist() == [300]
    assert tidy["books"].tolist() == [6000]

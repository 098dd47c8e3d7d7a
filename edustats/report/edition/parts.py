"""How is one table of a whole edition written, and read, without ever being held?

Its rows stand in parts, one for each county or area. A part is what is read, left out and merged; the file's own
groups of rows hold a few of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from edustats.files import replace_file

MOST_ROWS = 20_000
"""Rows that are held at once while a table is written: those of a few counties."""

Part = tuple[str, Any]
"""Whose rows, and the rows as a table of Arrow."""


def read_parts(source: Path | BinaryIO, schema: Any, column: str) -> Iterator[Part]:
    """The parts of a table, in its order.

    Parameters
    ----------
    source : a Parquet file
    schema : what its columns are read as
    column : the one that says whose the rows are
    """
    from pyarrow import compute, parquet

    with parquet.ParquetFile(source) as held:
        for group in range(held.num_row_groups):
            rows = held.read_row_group(group, use_threads=False).cast(schema)
            runs = compute.run_end_encode(rows[column].cast("string").combine_chunks())
            bounds = pairwise([0, *runs.run_ends.to_pylist()])
            for whose, (start, end) in zip(runs.values.to_pylist(), bounds, strict=True):
                yield whose, rows.slice(start, end - start)


def merge_parts(*tables: Iterator[Part]) -> Iterator[Part]:
    """The parts of several tables by their owners' codes, as those within each table are."""
    return merge(*tables, key=itemgetter(0))


def write_parts(target: Path, schema: Any, parts: Iterable[Part]) -> None:
    """Write a table whole or not at all; of no part, nothing."""
    from pyarrow import parquet

    heaps = _gather_parts(parts)
    if (first := next(heaps, None)) is None:
        return
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            writer.write_table(_join_tables(first))
            for heap in heaps:
                writer.write_table(_join_tables(heap))
        with unfinished.open("r+b") as file:
            os.fsync(file.fileno())
        replace_file(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _gather_parts(parts: Iterable[Part]) -> Iterator[list[Any]]:
    """Parts in heaps that are held at once."""
    heap: list[Any] = []
    for _, table in parts:
        heap.append(table)
        if sum(map(len, heap)) >= MOST_ROWS:
            yield heap
            heap = []
    if heap:
        yield heap


def _join_tables(tables: list[Any]) -> Any:
    import pyarrow as pa

    return pa.concat_tables(tables).unify_dictionaries()

"""Every number an edition prints, in one table: whose, where, how much, and from which files.

Each worker writes its county's numbers beside the record of its files; the end of a run puts them together.
Counties that did not run are taken from the table that readers see, not read again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from edustats.files import replace_file, write_whole
from edustats.present.records.items import Provenance
from edustats.report.edition.folders import PUBLISHED, VALUES, Edition
from edustats.report.trace.sources import NumberSources, format_place
from edustats.words import Text

PART = "{}." + VALUES
TEXTS = (
    "area", "name", "folder", "notebook", "record", "id", "within", "label_zh", "label_en", "unit", "kind", "shown",
    "sources", "files", "sha256", "places", "filter", "formula", "clause_zh", "clause_en", "version",
)  # fmt: skip
COLUMNS = (*TEXTS, "value", "decimals", "year")
"""``value`` is unrounded and in the unit named (a share is 0–1); ``year`` is null where a number has none.

``sources`` are the numbers of the list that travels in the county's files; what stands behind several
sources is joined by `` | ``.
"""


def _build_schema() -> Any:
    import pyarrow as pa

    texts = [(name, pa.dictionary(pa.int32(), pa.string())) for name in TEXTS]
    return pa.schema([*texts, ("value", pa.float64()), ("decimals", pa.int8()), ("year", pa.int16())])


def write_county_numbers(
    target: Path, *, county: str, name: str, folder: str, found: NumberSources, labels: Sequence[Text]
) -> None:
    """Write one county's numbers, to be put together with the others'.

    Parameters
    ----------
    target : the file to write
    county, name, folder : the county's code, name and folder in the edition
    found, labels : from :func:`edustats.report.trace.sources.list_sources`
    """
    import pyarrow as pa

    told = {number: _flatten_source(one, found.lang) for one, number in found.places().items()}
    joined = {one: _join_sources([told[k] for k in one]) for one in {one.sources for one in found.numbers}}
    rows: dict[str, list[Any]] = {
        key: [getattr(one, key) for one in found.numbers]
        for key in (
            "notebook",
            "record",
            "id",
            "within",
            "unit",
            "kind",
            "shown",
            "value",
            "decimals",
            "year",
        )
    }
    rows |= {key: [joined[one.sources][key] for one in found.numbers] for key in FLAT}
    rows |= {
        key: [value] * len(found.numbers) for key, value in zip(TEXTS, (county, name, folder), strict=False)
    }
    rows |= {"label_zh": [label.zh for label in labels], "label_en": [label.en for label in labels]}
    rows["sources"] = [" ".join(map(str, one.sources)) for one in found.numbers]
    schema = _build_schema()
    arrays = [pa.array(rows[field.name], field.type) for field in schema]
    write_whole(target, _encode_parquet(pa.Table.from_arrays(arrays, schema=schema)))


FLAT = ("files", "sha256", "places", "filter", "formula", "clause_zh", "clause_en", "version")


def _flatten_source(source: Provenance, lang: str) -> dict[str, str]:
    """A source as texts, in the order of :data:`FLAT`."""
    texts = (
        "; ".join(name for name, _ in source.files), "; ".join(digest for _, digest in source.files),
        "; ".join(format_place(place, lang) for place in source.places), str(source.filter), source.formula,
        source.clause.zh, source.clause.en, source.version,
    )  # fmt: skip
    return dict(zip(FLAT, texts, strict=True))


def _join_sources(behind: Sequence[dict[str, str]]) -> dict[str, str]:
    """What stands behind a number, each text once; empty ones for nothing."""
    return {key: " | ".join(dict.fromkeys(source[key] for source in behind)) for key in FLAT}


def _encode_parquet(table: Any) -> bytes:
    from pyarrow import parquet

    held = io.BytesIO()
    parquet.write_table(table, held, compression="zstd")
    return held.getvalue()


def find_new_parts(edition: Edition) -> set[str]:
    """Folders of the counties whose numbers were made since readers last saw a set."""
    end = PART.format("")
    return {path.name.removesuffix(end) for path in (edition.next / PUBLISHED).glob(f"*{end}")}


MOST_ROWS = 20_000
"""Rows that are held at once while the table of an edition is written: those of a few counties."""


def assemble_numbers(edition: Edition, made: Collection[str], folders: Collection[str]) -> None:
    """Write the table of an edition, whole or not at all, a few counties at a time.

    Parameters
    ----------
    edition : the set that is being made, complete but for this table
    made : from :func:`find_new_parts`, asked before the set was completed from what readers see
    folders : every county's folder in the new set
    """
    from pyarrow import parquet

    seen, target = edition.live / VALUES, edition.next / VALUES
    kept = _read_kept_numbers(seen, set(folders) - set(made)) if seen.is_file() else iter(())
    new = _read_new_numbers(edition, sorted(set(made) & set(folders) if seen.is_file() else folders))
    parts = merge(kept, new, key=itemgetter(0))
    if (first := next(parts, None)) is None:
        return
    unfinished = target.with_name(f".{VALUES}.unfinished")
    try:
        with parquet.ParquetWriter(unfinished, _build_schema(), compression="zstd") as writer:
            for tables in _gather_parts(chain([first], parts)):
                writer.write_table(_join_tables(tables))
        with unfinished.open("r+b") as file:
            os.fsync(file.fileno())
        replace_file(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_new_numbers(edition: Edition, folders: Sequence[str]) -> Iterator[tuple[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    for folder in folders:
        path = edition.next / PUBLISHED / PART.format(folder)
        if path.is_file():
            found = parquet.read_table(path, schema=_build_schema())
            order = found["notebook"].cast("string").to_pylist()
            # numbers of a notebook stay in reading order
            places = pa.array(sorted(range(len(order)), key=order.__getitem__), pa.int64())
            yield folder, found.take(places)


def _read_kept_numbers(path: Path, folders: set[str]) -> Iterator[tuple[str, Any]]:
    """Counties of the table that readers see, in its order."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as held:
        for group in range(held.num_row_groups):
            rows = held.read_row_group(group).cast(_build_schema())
            for folder, run in groupby(enumerate(rows["folder"].cast("string").to_pylist()), itemgetter(1)):
                places = [place for place, _ in run]
                if folder in folders:
                    yield folder, rows.slice(places[0], len(places))


def _gather_parts(parts: Iterable[tuple[str, Any]]) -> Iterator[list[Any]]:
    """Counties' tables in heaps that are held at once."""
    heap: list[Any] = []
    for _, table in parts:
        heap.append(table)
        if sum(map(len, heap)) >= MOST_ROWS:
            yield heap
            heap = []
    if heap:
        yield heap


def _join_tables(tables: Sequence[Any]) -> Any:
    import pyarrow as pa

    return pa.concat_tables(tables).unify_dictionaries()

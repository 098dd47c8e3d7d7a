"""Every number an edition prints, in one table: whose, where, how much, and from which files.

Each worker writes its county's numbers beside the record of its files; the end of a run puts them together.
Counties that did not run are taken from the table that readers see, not read again.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from edustats.files import write_whole
from edustats.present.records.items import Provenance
from edustats.report.edition.folders import PUBLISHED, VALUES, Edition
from edustats.report.edition.parts import Part, merge_parts, read_parts, write_parts
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


def assemble_numbers(edition: Edition, made: Collection[str], folders: Collection[str]) -> None:
    """Write the table of an edition, whole or not at all, a few counties at a time.

    Parameters
    ----------
    edition : the set that is being made, complete but for this table
    made : from :func:`find_new_parts`, asked before the set was completed from what readers see
    folders : every county's folder in the new set
    """
    seen, target, schema = edition.live / VALUES, edition.next / VALUES, _build_schema()
    staying = set(folders) - set(made)
    held = read_parts(seen, schema, "folder") if seen.is_file() else iter(())
    kept = ((folder, rows) for folder, rows in held if folder in staying)
    new = _read_new_numbers(edition, sorted(set(made) & set(folders) if seen.is_file() else folders))
    write_parts(target, schema, merge_parts(kept, new))


def _read_new_numbers(edition: Edition, folders: Sequence[str]) -> Iterator[Part]:
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

"""Which figures of earlier years differ from what the last edition published, and why?

Every edition keeps the figures of its areas as they were when it was made. Before the next one is made they are held
against the store; what prints differently is a revision, and is told on the pages, in the workbook and on the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from edustats import __version__
from edustats.catalogue import Catalogue
from edustats.disclosure.observations import withhold_small_groups
from edustats.files import write_whole
from edustats.present.records.numbers import format_amount
from edustats.report.edition.folders import FIGURES
from edustats.report.edition.manifest import RUN, read_run_record
from edustats.report.edition.parts import MOST_ROWS, merge_parts, read_parts, write_parts
from edustats.store.reading import REVISION_COLUMNS, Store, read_file_states, revisions_file
from edustats.words import Text, join_texts, say

KEYS = ["area", "year", "indicator"]
COLUMNS = [*KEYS, "value"]
MOST_FILES = 3
PRELIMINARY, ANNUAL = "preliminary", "annual"


def collect_figures(store: Store, areas: Iterable[str], known: Catalogue) -> BinaryIO:
    """The figures of areas as they may be printed, prefecture by prefecture: a nation's would be a gigabyte at once.

    Parameters
    ----------
    areas : codes of counties and of areas that counties belong to directly

    Returns
    -------
    BinaryIO
        A file without a name, gone when it is closed: a Parquet table of area, year, indicator and value, with a
        group of rows for each prefecture.
    """
    import pyarrow as pa
    from pyarrow import parquet

    file: BinaryIO = TemporaryFile()  # noqa: SIM115 - it is handed on
    schema = _build_schema()
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group, members in sorted(_group_areas(store, areas).items()):
            rows = _select_figures(store.read_comparison_once(group), members, known)
            table = pa.Table.from_pandas(rows, schema, preserve_index=False, nthreads=1)
            writer.write_table(table)
    return file


def _select_figures(rows: pd.DataFrame, areas: Collection[str], known: Catalogue) -> pd.DataFrame:
    rows = withhold_small_groups(rows, known)[0]
    rows = rows[rows["area"].isin(areas) & rows["value"].notna()]
    return rows[COLUMNS].astype({"indicator": "str"}).drop_duplicates(KEYS).sort_values(KEYS)


def _build_schema() -> Any:
    import pyarrow as pa

    kinds = (pa.string(), pa.int16(), pa.string(), pa.float64())
    return pa.schema(list(zip(COLUMNS, kinds, strict=True)))


def _group_areas(store: Store, areas: Iterable[str]) -> dict[str, set[str]]:
    """The areas whose counties are compared, and which of these areas are looked up in the table of each."""
    groups: dict[str, set[str]] = {}
    for code in areas:
        groups.setdefault(code if store.has_comparison(code) else store.parents[code], set()).add(code)
    return groups


def digest_revisions(store: Store, areas: Collection[str], last: Path | None, kind: str) -> str:
    """What the revisions of areas were found in: as long as it is the same, so are they.

    Of a store that is no folder of this machine it is never the same.
    """
    states = [store.comparison_state(group) for group in sorted(_group_areas(store, areas))]
    kept = [revisions_file(store), *([last / FIGURES, last / RUN] if last else [])]
    found = read_file_states(kept) if None not in states else token_hex()
    return sha256(
        repr((states, found, sorted(areas), kind, store.known.digest, __version__)).encode()
    ).hexdigest()


def find_last_edition(out: Path, edition: str) -> Path | None:
    """The edition that was finished last, other than the one that is being made; None where there is none."""
    folders = [path.parent for path in out.glob(f"*/{FIGURES}") if path.parent.name != edition]
    done = [(read_run_record(path).get("finished") or "", path.name, path) for path in folders]
    return max(done)[-1] if done else None


def find_revisions(
    store: Store, now: BinaryIO, last: Path, known: Catalogue, kind: str = ANNUAL
) -> pd.DataFrame:
    """Figures that an edition printed otherwise than they would be printed now.

    Parameters
    ----------
    now : from :func:`collect_figures`

    Returns
    -------
    DataFrame
        :data:`~edustats.store.reading.REVISION_COLUMNS`; ``old`` and ``new`` unrounded in the catalogue's unit.
    """
    from pyarrow import parquet

    with parquet.ParquetFile(last / FIGURES) as file:
        heaps = (
            heap.to_pandas() for heap in file.iter_batches(MOST_ROWS, columns=COLUMNS, use_threads=False)
        )
        moved = [_select_moved(before, now, known) for before in heaps if len(before)]
    found = pd.concat(moved) if moved else pd.DataFrame(columns=[*KEYS, "old", "new"])
    why = _explain(read_run_record(last), store, kind)
    found = found.assign(edition=last.name, why_zh=why.zh, why_en=why.en)
    return found.sort_values(KEYS, ignore_index=True)[list(REVISION_COLUMNS)]


def _select_moved(before: pd.DataFrame, now: BinaryIO, known: Catalogue) -> pd.DataFrame:
    """Those of some figures that print differently now: area, year, indicator, old, new."""
    from pyarrow import parquet

    span = [("area", ">=", before["area"].min()), ("area", "<=", before["area"].max())]
    there = parquet.read_table(now, filters=span, use_threads=False, pre_buffer=False).to_pandas()
    both = before.merge(there, on=KEYS, suffixes=("_old", "_new"))
    both = both[both["indicator"].isin(known.indicators)]
    moved = both[both["value_old"] != both["value_new"]]
    printed = [
        format_amount(old, known.unit_of(key)).zh != format_amount(new, known.unit_of(key)).zh
        for key, old, new in zip(moved["indicator"], moved["value_old"], moved["value_new"], strict=True)
    ]
    return moved[np.asarray(printed, bool)].rename(columns={"value_old": "old", "value_new": "new"})


def _explain(record: Mapping[str, Any], store: Store, kind: str) -> Text:
    """What has changed since an edition: its files, the package, that it was preliminary."""
    inputs = record.get("inputs", {})
    then, now = inputs.get("files", {}), store.about["files"]
    changed = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
    reasons = []
    if inputs.get("kind", ANNUAL) != kind:
        reasons.append(say("revisions.kinds", old=name_kind(inputs.get("kind", ANNUAL)), new=name_kind(kind)))
    if changed:
        names = [Text(name, name) for name in changed[:MOST_FILES]]
        names += [say("areas.and_more", n=len(changed))] if len(changed) > MOST_FILES else []
        reasons.append(say("revisions.files", names=join_texts(names)))
    if not changed:
        reasons.append(say("revisions.package"))
    return join_texts(reasons, Text("；", "; "))


def name_kind(kind: str) -> Text:
    """快报 or 年报."""
    return say(f"revisions.{kind}")


def note_revisions(store: Store, revisions: pd.DataFrame, areas: Iterable[str]) -> None:
    """Put the revisions where the pages look for them: beside the store; nothing there where there are none.

    Parameters
    ----------
    areas : those that were looked at; what is noted of others stays
    """
    file = revisions_file(store)
    if not isinstance(file, Path):
        return
    with suppress(OSError):
        before = pd.read_parquet(file) if file.is_file() else revisions.head(0)
        kept = before[~before["area"].isin(set(areas))]
        found = pd.concat([kept, revisions], ignore_index=True).sort_values(KEYS).reset_index(drop=True)
        if found.empty:
            file.unlink(missing_ok=True)
        elif not found.equals(before):
            write_whole(file, found.to_parquet(index=False))


def keep_figures(folder: Path, live: Path, figures: BinaryIO) -> None:
    """Keep what an edition prints; areas that were not made anew stay as they were."""
    earlier, schema = live / FIGURES, _build_schema()
    made = {area for area, _ in read_parts(figures, schema, "area")}
    held = read_parts(earlier, schema, "area") if earlier.is_file() else iter(())
    kept = ((area, rows) for area, rows in held if area not in made)
    write_parts(folder / FIGURES, schema, merge_parts(kept, read_parts(figures, schema, "area")))


def tell_revisions(store: Store, revisions: pd.DataFrame, known: Catalogue, lang: str) -> list[str]:
    """A line for each revision: whose, which year, the old and the new figure, and why."""
    names = set(store.areas["code"])
    lines = []
    for row in revisions.to_dict("records"):
        unit = known.unit_of(str(row["indicator"]))
        facts = {
            "area": store.name(str(row["area"])) if row["area"] in names else str(row["area"]),
            "year": int(row["year"]),
            "indicator": known.indicator(str(row["indicator"])).name,
            "edition": str(row["edition"]),
            "old": format_amount(float(row["old"]), unit), "new": format_amount(float(row["new"]), unit),
            "why": Text(str(row["why_zh"]), str(row["why_en"])),
        }  # fmt: skip
        lines.append(say("revisions.line", **facts)[lang])
    return lines

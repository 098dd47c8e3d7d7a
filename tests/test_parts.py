"""Is a table of a whole edition the same whether it is written at once or a few of its areas at a time?"""

from io import BytesIO
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_areas_published import write_table

from edustats.catalogue import catalogue
from edustats.report.edition import parts, revisions
from edustats.report.edition.folders import FIGURES
from edustats.report.edition.manifest import write_run_record
from edustats.report.edition.parts import merge_parts, read_parts, write_parts
from edustats.store.reading import open_store

SCHEMA = pa.schema([("area", pa.string()), ("value", pa.float64())])


def figures(**areas):
    """Figures of two indicators and some years: the first prints whole, the other with a decimal."""
    rows = [
        (area, 2020 + k, key, value)
        for area, values in areas.items()
        for key in ("count_pupils_primary", "ratio_pupils_per_teacher_primary")
        for k, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=revisions.COLUMNS).astype({"year": "int16"})


def held(rows, **how):
    return BytesIO(rows.to_parquet(index=False, **how))


def keep(folder, rows, live=None):
    folder.mkdir(parents=True, exist_ok=True)
    revisions.keep_figures(folder, live or folder, held(rows))
    return pd.read_parquet(folder / FIGURES)


@pytest.mark.parametrize("most", [1, 3, 100])
def test_areas_that_were_not_made_stay_between_those_that_were(tmp_path, monkeypatch, most):
    monkeypatch.setattr(parts, "MOST_ROWS", most)
    keep(tmp_path / "live", figures(a=[1.0, 2.0], b=[3.0], d=[4.0]))
    kept = keep(tmp_path / "next", figures(b=[5.0], c=[6.0]), tmp_path / "live")
    expected = figures(a=[1.0, 2.0], b=[5.0], c=[6.0], d=[4.0])
    pd.testing.assert_frame_equal(kept, expected)
    groups = parquet.ParquetFile(tmp_path / "next" / FIGURES).num_row_groups
    assert groups == {1: 4, 3: 3, 100: 1}[most]


@pytest.mark.parametrize("most", [1, 3, 100])
@pytest.mark.parametrize("group", [2, 1000])
def test_what_moved_is_found_however_many_rows_are_held_at_once(tmp_path, monkeypatch, most, group):
    last = tmp_path / "2023"
    keep(last, figures(a=[1.0, 2.0], b=[3.0], d=[4.0]))
    write_run_record(last, {"finished": "2024-01", "inputs": {}})
    monkeypatch.setattr(revisions, "MOST_ROWS", most)
    now = figures(
        d=[4.01], b=[30.0], c=[7.0], a=[1.0, 2.5]
    )  # in no order: those of a province's own counties
    found = revisions.find_revisions(
        SimpleNamespace(about={"files": {}}), held(now, row_group_size=group), last, catalogue()
    )
    told = [tuple(row) for row in found[[*revisions.KEYS, "old", "new"]].itertuples(index=False)]
    pupils, ratio = "count_pupils_primary", "ratio_pupils_per_teacher_primary"
    assert told == [
        ("a", 2021, pupils, 2.0, 2.5),
        ("a", 2021, ratio, 2.0, 2.5),
        ("b", 2020, pupils, 3.0, 30.0),
        ("b", 2020, ratio, 3.0, 30.0),
    ]


def test_an_area_stands_in_the_figures_once_though_it_is_in_many_tables(tmp_path):
    """A province whose own counties are compared stands above the counties of its prefectures too."""
    codes = ("460105", "460106", "469001", "469002")
    path, _ = write_table(tmp_path, [(code, f"县{code}", 2024, 900, 60) for code in codes])
    opened = open_store(path)
    with revisions.collect_figures(opened, [*opened.counties, *opened.prefectures], opened.known) as file:
        rows = pd.read_parquet(file)
        groups = parquet.ParquetFile(file).num_row_groups
    assert groups == len(opened.prefectures) == 2
    assert not rows.duplicated(revisions.KEYS).any()
    assert set(rows["area"]) == {*opened.counties, *opened.prefectures}


def test_a_part_is_one_owners_rows_and_no_part_is_no_file(tmp_path):
    table = pa.Table.from_pylist(
        [{"area": a, "value": v} for a, v in (("a", 1.0), ("b", 2.0), ("b", 3.0))], SCHEMA
    )
    write_parts(tmp_path / "t", SCHEMA, merge_parts(iter([("c", table.slice(0, 1))]), iter([("a", table)])))
    assert [(whose, rows["value"].to_pylist()) for whose, rows in read_parts(tmp_path / "t", SCHEMA, "area")] == [
        ("a", [1.0]), ("b", [2.0, 3.0]), ("a", [1.0]),
    ]  # fmt: skip
    write_parts(tmp_path / "none", SCHEMA, iter(()))
    assert [path.name for path in tmp_path.iterdir()] == ["t"]

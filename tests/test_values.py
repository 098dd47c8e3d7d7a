"""Does the edition's table hold every number that its files print, and only those of the set it is in?"""

from pathlib import Path

import pandas as pd
import pytest

from edustats.present.records.items import Provenance
from edustats.present.records.row_filter import RowFilter
from edustats.report.edition.folders import PUBLISHED, VALUES, Edition
from edustats.report.trace.sources import NumberSources, PrintedNumber
from edustats.report.trace.values import COLUMNS, PART, assemble_numbers, find_new_parts, write_county_numbers
from edustats.words import Text


def number(value, **facts):
    base = {"id": "n1", "notebook": "10", "record": "table t", "within": "表", "label": "数", "unit": "share",
            "decimals": 1, "kind": "level", "shown": "", "year": None, "sources": (1,)}  # fmt: skip
    return PrintedNumber(value=value, **base | facts)


def part(edition: Path, folder, *values):
    source = Provenance(files=(("a.xlsx", "0" * 64),), filter=RowFilter(years=(2024,)), formula="a / b", version="1",
                        clause=Text("依据", "source"), places=(("a.xlsx", "小学", "6–9"),))  # fmt: skip
    numbers = tuple(number(value, id=f"n{k}", year=2024 if k else None) for k, value in enumerate(values))
    found = NumberSources(lang="zh", listed=(source,), numbers=numbers)
    (edition / PUBLISHED).mkdir(parents=True, exist_ok=True)
    labels = [Text("数", "number")] * len(values)
    target = edition / PUBLISHED / PART.format(folder)
    write_county_numbers(target, county=folder[:2], name="县", folder=folder, found=found, labels=labels)


@pytest.fixture
def edition(tmp_path):
    made = Edition(tmp_path / "2024")
    made.next.mkdir()
    return made


def show(edition):
    edition.next.rename(edition.live)
    edition.next.mkdir()


def held(edition):
    return pd.read_parquet(edition.next / VALUES)


def test_a_number_stands_there_with_both_labels_its_value_and_where_it_is_from(edition):
    part(edition.next, "01-a", 0.25)
    assemble_numbers(edition, find_new_parts(edition), ["01-a"])
    row = held(edition).iloc[0]
    assert set(held(edition).columns) == set(COLUMNS)
    assert (row["area"], row["value"], row["label_zh"], row["label_en"]) == ("01", 0.25, "数", "number")
    assert (row["files"], row["sha256"], row["formula"]) == ("a.xlsx", "0" * 64, "a / b")
    assert "6–9" in row["places"]
    assert pd.isna(row["year"])


def test_counties_that_did_not_run_are_kept_and_those_that_did_are_replaced(edition):
    for folder in ("01-a", "02-b"):
        part(edition.next, folder, 1.0, 2.0)
    assemble_numbers(edition, find_new_parts(edition), ["01-a", "02-b"])
    show(edition)
    part(edition.next, "02-b", 3.0)
    made = find_new_parts(edition)
    assert made == {"02-b"}
    assemble_numbers(edition, made, ["01-a", "02-b"])
    values = held(edition).groupby("folder", observed=True)["value"].apply(list).to_dict()
    assert values == {"01-a": [1.0, 2.0], "02-b": [3.0]}


def test_a_county_that_is_gone_or_has_another_name_leaves_no_numbers(edition):
    for folder in ("01-a", "02-b"):
        part(edition.next, folder, 1.0)
    assemble_numbers(edition, find_new_parts(edition), ["01-a", "02-b"])
    show(edition)
    part(edition.next, "02-c", 5.0)
    assemble_numbers(edition, find_new_parts(edition), ["02-c"])
    assert held(edition)["folder"].tolist() == ["02-c"]


def test_a_county_whose_reports_all_failed_has_no_numbers(edition):
    part(edition.next, "01-a", 1.0)
    assemble_numbers(edition, find_new_parts(edition), ["01-a"])
    show(edition)
    part(edition.next, "01-a")
    assemble_numbers(edition, find_new_parts(edition), ["01-a"])
    assert held(edition).empty


def test_an_edition_without_any_table_of_numbers_gets_none(edition):
    assemble_numbers(edition, find_new_parts(edition), ["01-a"])
    assert not (edition.next / VALUES).exists()


def test_the_order_is_that_of_the_files_whatever_ran_last(edition):
    for folder in ("02-b", "01-a"):
        part(edition.next, folder, 2.0, 1.0)
    assemble_numbers(edition, find_new_parts(edition), ["02-b", "01-a"])
    first = (edition.next / VALUES).read_bytes()
    assert held(edition)["folder"].tolist() == ["01-a", "01-a", "02-b", "02-b"]
    assert held(edition)["value"].tolist() == [2.0, 1.0, 2.0, 1.0]
    show(edition)
    part(edition.next, "01-a", 2.0, 1.0)
    assemble_numbers(edition, find_new_parts(edition), ["02-b", "01-a"])
    assert held(edition).equals(pd.read_parquet(edition.live / VALUES))
    assert first

"""Does each step of reading that few files come by give the answer worked out by hand? Values outside their limits,
files read anew, sheets without headings, cells shown as per cent.
"""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from edustats.load.files.workbook import Sheet
from edustats.load.findings import FINDING_COLUMNS, impossible
from edustats.load.returns import consistency
from edustats.load.returns.consistency import _expand_rule, rules_held
from edustats.load.returns.headers import _describe_counts
from edustats.load.returns.history import drop_files
from edustats.load.returns.lists import Work
from edustats.load.tables.reader import _make_unread_entry
from edustats.metrics.standards.judgement import MET, NOT_MET
from edustats.present.brief.balance import Balance
from edustats.report.edition.parts import read_parts
from edustats.report.publish import docx
from edustats.report.publish.index import _build_retry_command
from edustats.report.trace.sources import NumberSources, select_sources
from edustats.report.trace.values import TEXTS, _build_schema

ROWS = pd.DataFrame({"file": "a.csv", "row": range(2, 7), "county": "甲县", "unit": "", "year": 2023})


def test_only_values_outside_their_limits_are_impossible():
    outside, found = impossible(np.array([-0.1, 0, 100, 100.5, np.nan]), (0, 100), ROWS, "入学率", "%")
    assert outside.tolist() == [True, False, False, True, False]
    columns = ["rule", "severity", "file", "row", "county", "year", "column", "value", "expected"]
    assert found[columns].to_numpy().tolist() == [
        ["range", "error", "a.csv", 2, "甲县", 2023, "入学率", "-0.1", "0–100 %"],
        ["range", "error", "a.csv", 5, "甲县", 2023, "入学率", "100.5", "0–100 %"],
    ]
    assert found["en"].tolist() == [
        "a.csv, row 2: “入学率” is -0.1, possible values are 0–100 %; not used, ask whoever reported it.",
        "a.csv, row 5: “入学率” is 100.5, possible values are 0–100 %; not used, ask whoever reported it.",
    ]


def test_values_at_their_limits_or_missing_are_no_finding():
    outside, found = impossible(np.array([0, 100, np.nan]), (0, 100), ROWS.head(3), "入学率", "%")
    assert outside.tolist() == [False, False, False]
    assert (len(found), list(found.columns)) == (0, list(FINDING_COLUMNS))


def test_codes_of_stages_are_told_the_most_frequent_first():
    told = [(t.zh, t.en) for t in _describe_counts(Counter({"primary": 2, "junior": 5}))]
    assert told == [
        ("初中代码 5 个", "5 codes of junior secondary schools"), ("小学代码 2 个", "2 codes of primary schools"),
    ]  # fmt: skip


def test_a_rule_is_held_once_for_each_stage_it_speaks_of():
    entry = {
        "rule": "r", "kind": "equal", "left": "a_{s} + b_{s}", "right": "c_{s}", "severity": "error",
        "relative": 0.5,
    }  # fmt: skip
    made = list(_expand_rule("n", {**entry, "stages": ["primary", "junior"]}))
    assert [(m.name, m.left, m.right, m.relative) for m in made] == [
        ("n", "a_primary + b_primary", "c_primary", 0.5), ("n", "a_junior + b_junior", "c_junior", 0.5),
    ]  # fmt: skip
    assert [m.left for m in _expand_rule("n", {**entry, "left": "a", "right": "b"})] == ["a"]


def test_the_rules_held_are_those_of_the_list_for_every_stage():
    count = Counter(rule.name for rule in rules_held())
    assert (len(count), sum(count.values())) == (18, 29)
    once = {name for name, n in count.items() if n == 1}
    assert once == {"checkups", "network", "science_kit", "exam_share", "equipment_peers", "teaching_peers",
                    "sports_peers"} and "{s}" not in "".join(r.left + r.right for r in rules_held())  # fmt: skip


def test_a_sheet_without_headings_sets_every_filled_row_aside():
    rows = [["", None], ["甲县", 3], [None, ""], [None, 0]]
    entry = _make_unread_entry(Sheet(file="a.xlsx", digest="d", name="表1", rows=rows, top=2))
    assert (entry.file, entry.sheet, entry.digest, entry.read, entry.loaded) == ("a.xlsx", "表1", "d", 2, 0)
    assert [(number, why) for number, why, _ in entry.aside] == [(4, "no_headings"), (6, "no_headings")]


@pytest.mark.parametrize(("unit", "shown"), [("%", 98.5), ("人", "98.5%")])
def test_a_cell_shown_as_per_cent_is_a_rate_or_nothing(unit, shown):
    sheet = SimpleNamespace(left=2, percent={(4, 5), (11, 5), (7, 4)})
    block = SimpleNamespace(rows=np.array([5, 8, 12]))
    read = Work.as_percent(
        SimpleNamespace(sheet=sheet), SimpleNamespace(unit=unit), [0.985, 0.985, "0.985"], block, 3
    )
    assert read == [shown, 0.985, "0.985"]


def test_a_file_read_anew_leaves_what_was_read_of_other_contents():
    frame = pd.DataFrame({"file": ["a", "a", "b"], "digest": ["1", "2", "1"], "n": [10, 20, 30]})
    cells = SimpleNamespace(rows=frame)
    old = SimpleNamespace(
        files=frame, ledger=frame, aside=frame, findings=frame, registers={"r": frame}, cells=cells
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edustats.load.returns.history._choose_cells", lambda _, keep: keep.tolist())
        left = drop_files(old, {"a": "2"})
    assert left.cells == [True, False, True]
    for held in (left.files, left.ledger, left.aside, left.findings, left.registers["r"]):
        assert held["n"].tolist() == [10, 30] and held.index.tolist() == [0, 1]


def test_sources_of_one_notebook_keep_their_numbers_in_the_list():
    numbers = (
        SimpleNamespace(notebook="one", sources=(1,)), SimpleNamespace(notebook="two", sources=(3, 2)),
        SimpleNamespace(notebook="two", sources=(3,)),
    )  # fmt: skip
    kept = select_sources(NumberSources(lang="zh", listed=("x", "y", "z"), numbers=numbers), "two")
    assert (kept.lang, kept.listed, kept.counted, kept.numbers) == ("zh", ("y", "z"), (2, 3), numbers[1:])


def test_a_jump_is_told_only_when_large_against_the_peers_and_in_pupils():
    keys = pd.DataFrame(
        {"county": "甲", "unit": ["a", "b", "e", "c", "d"] * 2, "year": [2022] * 5 + [2023] * 5}
    )
    values = np.array([100, 100, 100, 20, 100, 100, 100, 100, 80, 161.0])
    table = SimpleNamespace(keys=keys, wide=SimpleNamespace(values_of=lambda _: values))
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            consistency, "_make_findings", lambda _, wrong, *said: told.append((wrong.tolist(), said))
        )
        for last, expected in ((161.0, False), (199.0, False), (201.0, True)):
            values[9] = last
            consistency._find_jumps(table, "pupils_primary")
            assert told[-1][0] == [False] * 9 + [expected], last
        values[8] = 81.0
        consistency._find_jumps(table, "pupils_primary")
    assert told[-1][0] == [False] * 8 + [True, True]
    assert told[-1][1][:3] == ("jump", "warning", "pupils_primary") and told[-1][1][-1] == "×2"


def test_a_school_short_of_its_rule_counts_for_its_own_county_only():
    def held(verdicts, area=("x", "x", "y")):
        schools = None if verdicts is None else SimpleNamespace(verdict=np.array(verdicts))
        return SimpleNamespace(schools=schools, area=np.array(area))

    def missing(*stages):
        judged = SimpleNamespace(stages=lambda: [(stage, "x") for stage in stages])
        return Balance.schools_missing.func(SimpleNamespace(judged=judged))

    assert not Balance.schools_missing.func(SimpleNamespace(judged=None))
    assert not missing(held(None)) and not missing(held([MET, MET, NOT_MET]))
    assert missing(held([MET, NOT_MET, MET])) and missing(held(None), held([NOT_MET, MET, MET]))


def test_only_counties_with_a_failed_report_are_tried_again():
    counties = [
        SimpleNamespace(code=code, wrong=wrong) for code, wrong in (("1", ()), ("2", (0,)), ("3", (0, 0)))
    ]
    retried = _build_retry_command(["edustats", "publish"], counties)
    assert retried.split() == ["edustats", "publish", "--county", "2", "--county", "3"]
    assert _build_retry_command(["edustats", "publish"], counties[:1]) == ""


def test_the_brief_is_written_nowhere_where_the_template_has_no_place_for_it():
    from docx import Document

    document = Document()
    document.add_paragraph("甲县")
    docx._insert_body(document, "", (), SimpleNamespace(lang="zh"), (), ())
    assert [p.text for p in document.paragraphs] == ["甲县"]


def test_numbers_are_read_in_whole_runs_of_a_county(tmp_path):
    folders = ["1", "1", "2", "3", "3"]
    schema = _build_schema()
    rows = {name: pa.array([""] * 5) for name in TEXTS} | {
        "folder": pa.array(folders), "value": pa.array([1.0, 2, 3, 4, 5]),
        "decimals": pa.array([0] * 5), "year": pa.array([2023] * 5),
    }  # fmt: skip
    table = pa.table(rows).select(schema.names).cast(schema)
    parquet.write_table(table, tmp_path / "n.parquet", row_group_size=4)
    kept = [
        (folder, part["value"].to_pylist())
        for folder, part in read_parts(tmp_path / "n.parquet", schema, "folder")
    ]
    assert kept == [("1", [1, 2]), ("2", [3]), ("3", [4]), ("3", [5])]

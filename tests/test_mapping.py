"""Does somebody's table come in as its mapping says, and is every mistake named with its place?"""

import pytest
from own_tables import OWN_MAPPING, OWN_TABLE

from edustats.errors import DataError, MissingFileError
from edustats.load import ledger
from edustats.load.files.values import KINDS
from edustats.load.tables.reader import load_tables


def refused(path, kind=DataError) -> str:
    with pytest.raises(kind) as caught:
        load_tables(path)
    assert caught.value.text("zh")
    return caught.value.text("en")


def test_rows_come_in_with_codes_as_text_and_gaps_as_gaps(own):
    tidy = load_tables(own()).tidy
    assert tidy["county"].tolist()[:3] == ["990101", "990101", "990102"]
    assert tidy["pupils"].tolist()[:3] == [100, 300, 200]
    assert tidy["teachers"].isna().tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_a_bureau_gives_the_same_rows(own, encoding):
    assert load_tables(own(encoding=encoding)).tidy["pupils"].sum() == 1210


def test_a_workbook_gives_the_same_rows_as_the_csv(own, tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="writing a workbook to read needs openpyxl")
    path = own(mapping=OWN_MAPPING.replace("schools.csv", "schools.xlsx"))
    book = openpyxl.Workbook()
    for number, line in enumerate(OWN_TABLE.splitlines()):
        cells = line.split(",")
        book.active.append([float(c) if number and c.isdigit() else c for c in cells])
    book.save(tmp_path / "schools.xlsx")
    tidy = load_tables(path).tidy
    assert tidy["county"].tolist()[0] == "990101"
    assert tidy["pupils"].sum() == 1210


def test_the_area_takes_the_name_its_latest_year_gives_it(own):
    table = OWN_TABLE.replace("1001,990101,甲县,2021", "1001,990101,旧甲县,2021")
    areas = load_tables(own(table)).areas.set_index("code")
    assert areas.loc["990101", "zh"] == "甲县"


def test_a_rate_becomes_a_count_of_its_base_and_a_ratio_divides_it(own):
    table = "学校代码,县代码,县名,学年,在校生,达标率,生师比\n1001,990101,甲县,2021,200,45.5,16\n"
    mapping = OWN_MAPPING.split("teachers =")[0]
    mapping += 'pupils_passing_math4 = { from = "达标率", unit = "percent", of = "pupils" }\n'
    mapping += 'teachers = { from = "生师比", unit = "pupils_per_teacher", divides = "pupils" }\n'
    row = load_tables(own(table, mapping)).tidy.iloc[0]
    assert row["pupils_passing_math4"] == pytest.approx(91)
    assert row["teachers"] == pytest.approx(12.5)


def test_units_are_converted_by_the_declared_unit(own):
    mapping = OWN_MAPPING.replace('from = "在校生", unit = "人"', 'from = "在校生", unit = "万人"')
    table = OWN_TABLE.replace(",100,5", ",0.01,5")
    assert load_tables(own(table, mapping)).tidy["pupils"].iloc[0] == pytest.approx(100)


def test_an_impossible_value_becomes_a_finding_and_a_gap_and_is_never_averaged(own):
    loaded = load_tables(
        own(OWN_TABLE.replace("1003,990102,乙县,2021,200,10", "1003,990102,乙县,2021,200,-10"))
    )
    finding = loaded.findings[loaded.findings["column"] == "teachers"].iloc[0]
    assert (finding["row"], finding["county"], finding["value"]) == (4, "990102", "-10")
    assert "schools.csv" in finding["zh"]
    assert KINDS[loaded.kinds["teachers"].iloc[2]] == "impossible"
    assert loaded.tidy["teachers"].isna().iloc[2]


def test_a_rate_outside_nought_and_a_hundred_is_impossible(own):
    rows = ["1,990101,甲县,2021,200,2570.4", "2,990101,甲县,2021,200,-45.6"]
    table = "\n".join(["学校代码,县代码,县名,学年,在校生,毕业率", *rows, ""])
    mapping = OWN_MAPPING.split("teachers =")[0]
    mapping += 'pupils_graduating = { from = "毕业率", unit = "percent", of = "pupils" }\n'
    found = load_tables(own(table, mapping)).findings
    assert found["value"].tolist() == ["2570.4", "-45.6"]
    assert set(found["expected"]) == {"0–100 percent"}


def test_a_part_above_its_whole_is_found_and_not_used(own):
    mapping = OWN_MAPPING.replace("teachers = {", "pupils_free_lunch = {").replace("专任教师", "免费")
    table = OWN_TABLE.replace("专任教师", "免费").replace(",200,10", ",200,210")
    loaded = load_tables(own(table, mapping))
    assert loaded.findings["rule"].tolist() == ["part_above_whole"]
    assert loaded.tidy["pupils_free_lunch"].isna().iloc[2]


def test_rows_without_a_code_are_set_aside_with_their_text_and_the_ledger_balances(own):
    table = OWN_TABLE + "合计,,全市,2022,610,35\n"
    entry = load_tables(own(table)).ledger[0]
    assert (entry.read, entry.loaded, len(entry.aside)) == (7, 6, 1)
    ((row, reason, raw),) = entry.aside
    assert (row, reason) == (8, "total")
    assert "合计" in raw
    assert "7" in ledger.lines([entry], "en")[0]


def test_a_total_row_is_set_aside_but_a_city_without_counties_stays(own):
    mapping = OWN_MAPPING.replace('unit = "学校代码"\n', 'scheme = "gbt2260"\n')
    table = (
        "学校代码,县代码,县名,学年,在校生,专任教师\n,430200,株洲市,2021,300,9\n,430204,石峰区,2021,300,9\n"
        ",441900,东莞市,2021,50,2\n,440000,广东省,2021,50,2\n"
    )
    loaded = load_tables(own(table, mapping))
    assert loaded.tidy["county"].tolist() == ["430204", "441900"]
    areas = loaded.areas.set_index("code")
    assert areas.loc["430204", "parent"] == "430200"
    assert areas.loc["430200", "zh"] == "株洲市"
    assert areas.loc["441900", "parent"] == "440000"


# --- what is refused, and in which words ---


def test_text_where_a_number_belongs_is_named_with_file_row_and_column(own):
    said = refused(own(OWN_TABLE.replace(",200,10", ",约200,10")))
    assert all(part in said for part in ("schools.csv", "row 4", "在校生", "约200"))


def test_a_duplicate_key_names_both_places(own):
    said = refused(own(OWN_TABLE + "1001,990101,甲县,2022,111,5\n"))
    assert all(part in said for part in ("schools.csv:5", "schools.csv:8", "1001", "2022"))


def test_an_absent_column_is_named_with_the_nearest_headings(own):
    said = refused(own(mapping=OWN_MAPPING.replace('from = "专任教师"', 'from = "专任老师"')))
    assert all(part in said for part in ("schools.csv", "专任老师", "teachers", "专任教师"))


def test_an_undeclared_catalogue_column_is_named_with_the_nearest(own):
    said = refused(own(mapping=OWN_MAPPING.replace("teachers = {", "teacher = {")))
    assert "teacher" in said
    assert "teachers" in said.split("nearest")[1]


def test_an_unknown_unit_lists_the_ones_that_convert(own):
    said = refused(own(mapping=OWN_MAPPING.replace('"在校生", unit = "人"', '"在校生", unit = "头"')))
    assert "头" in said
    assert "万人" in said


def test_a_unit_of_another_measure_is_refused(own):
    assert "万元" in refused(
        own(mapping=OWN_MAPPING.replace('"在校生", unit = "人"', '"在校生", unit = "万元"'))
    )


def test_a_year_that_is_none_is_named_with_its_row(own):
    said = refused(own(OWN_TABLE.replace("1003,990102,乙县,2021", "1003,990102,乙县,去年")))
    assert "row 4" in said
    assert "去年" in said


def test_a_base_that_is_not_filled_before_is_named(own):
    mapping = OWN_MAPPING.replace(
        "[columns]\n", '[columns]\npupils_free_lunch = { from = "在校生", unit = "%", of = "pupils" }\n'
    )
    assert "pupils_free_lunch" in refused(own(mapping=mapping))


@pytest.mark.parametrize(
    ("mapping", "part"),
    [
        ("title = 1\n[", "own.toml"),
        (OWN_MAPPING.replace("[year]", "[yaer]"), "yaer"),
        (OWN_MAPPING.replace('from = "学年"', 'form = "学年"'), "year"),
        (OWN_MAPPING.replace('code = "县代码"\n', "").replace('name = "县名"\n', ""), "code"),
        (OWN_MAPPING.replace("not_collected", "missing"), "not_collected"),
        (OWN_MAPPING.replace("width = 6", "widht = 6"), "widht"),
    ],
)
def test_a_mistake_in_the_mapping_itself_is_named(own, mapping, part):
    said = refused(own(mapping=mapping))
    assert "own.toml" in said
    assert part in said


def test_a_missing_mapping_and_a_missing_table_are_told_apart(own, tmp_path):
    assert "nowhere.toml" in refused(tmp_path / "nowhere.toml", MissingFileError)
    path = own()
    (tmp_path / "schools.csv").unlink()
    assert "schools.csv" in refused(path, MissingFileError)


@pytest.mark.parametrize("table", ["", "学校代码,县代码,县名,学年,在校生,专任教师\n"])
def test_an_empty_table_is_refused_by_name(own, table):
    assert "schools.csv" in refused(own(table))


def test_a_heading_that_occurs_twice_is_refused(own):
    assert "在校生" in refused(own(OWN_TABLE.replace("专任教师", "在校生", 1)))


def test_a_ragged_table_is_refused(own):
    assert "schools.csv" in refused(own(OWN_TABLE + "1,2,3,4,5,6,7,8\n"))


def test_bytes_in_no_known_encoding_are_refused(own, tmp_path):
    path = own()
    (tmp_path / "schools.csv").write_bytes(b"\xff\xff\x81\x00\x00" * 9)
    assert "schools.csv" in refused(path)


def test_a_damaged_workbook_is_refused(own, tmp_path):
    path = own(mapping=OWN_MAPPING.replace("schools.csv", "schools.xlsx"))
    (tmp_path / "schools.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    assert "schools.xlsx" in refused(path)

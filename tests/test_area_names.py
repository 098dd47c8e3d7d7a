"""Does a county carry the name of the year that is asked for, and its whole name?"""

import pytest
from test_areas_published import write_table

from edustats import open_county, open_prefecture, show_cover
from edustats.load.area_names import complete_name
from edustats.present.prefecture.overview import show_county_table
from edustats.present.records.items import Table
from edustats.store.reading import open_store

RENAMED = [("430212", "株洲县" if y < 2018 else "渌口区", y, 2000 + y, 100) for y in range(2012, 2022)]
RENAMED += [("430202", "荷塘区", y, 3000 + y, 150) for y in range(2012, 2022)]


def cover_of(view):
    return next(iter(show_cover(view))).sentence.zh


def names_in_table(view):
    table = next(i for i in show_county_table(view) if isinstance(i, Table))
    return {row[0].zh for row in table.rows}


def test_a_figure_of_a_year_stands_under_the_name_of_that_year(tmp_path):
    store, _ = write_table(tmp_path, RENAMED)
    then = open_county("430212", store, last_year=2015)
    assert then.name.zh == "株洲县"
    assert cover_of(then).startswith("株洲县（代码430212")
    assert "株洲县" in names_in_table(open_prefecture("430200", store, last_year=2015))
    now = open_prefecture("430200", store)
    assert "渌口区" in names_in_table(now)
    assert "渌口区（原株洲县）" in cover_of(now)
    assert cover_of(open_county("430212", store)).startswith("渌口区（原株洲县）（代码430212")
    assert open_county("430212", store, first_year=2019).introduction.zh.startswith("渌口区（代码")
    assert open_store(store).find_area("株洲县") == "430212"


def test_a_table_that_writes_todays_name_in_all_years_is_read_with_the_lists(tmp_path):
    store, _ = write_table(tmp_path, [("340811", "宜秀区", y, 900, 50) for y in range(2002, 2010)])
    assert open_county("340811", store, last_year=2004).name.zh == "郊区"
    assert open_county("340811", store).name.zh == "宜秀区"


def test_an_old_name_is_told_apart_from_another_countys_and_a_misprint_is_no_name(tmp_path):
    rows = [("130503", "桥西区" if y < 2020 else "信都区", y, 900, 50) for y in (2018, 2021)]
    rows += [("130104", "桥西区", y, 800, 50) for y in (2018, 2021)]
    rows += [("411502", "狮河区" if y < 2020 else "浉河区", y, 800, 50) for y in (2018, 2021)]
    rows += [("510683", "绵竹巿" if y < 2020 else "绵竹市", y, 800, 50) for y in (2018, 2021)]
    store = open_store(write_table(tmp_path, rows)[0])
    assert store.in_year(2018).name("130503").zh == "桥西区（邢台市）"
    assert store.name("130503").zh == "信都区"
    assert set(store.former_names["code"]) == {"130503"}


def test_names_that_nobody_changed_stay(tmp_path):
    store, _ = write_table(tmp_path, [("990101", "甲县", y, 900, 50) for y in (2012, 2013)])
    assert open_store(store).former_names.empty
    assert open_county("990101", store, last_year=2012).name.zh == "甲县"


@pytest.mark.parametrize(
    ("code", "said", "name"),
    [
        ("420529", "五峰县", "五峰土家族自治县"), ("420528", "长阳", "长阳土家族自治县"),
        ("451228", "都安县", "都安瑶族自治县"), ("632223", "海晏县", "海晏县"), ("990101", "五峰县", "五峰县"),
        ("430202", "东区", "东区"),
    ],
)  # fmt: skip
def test_the_name_of_an_autonomous_county_is_whole(tmp_path, code, said, name):
    assert complete_name(code, said, 2022, "gbt2260") == name
    store, _ = write_table(tmp_path, [(code, said, 2022, 900, 50)])
    assert open_store(store).name(code).zh == name

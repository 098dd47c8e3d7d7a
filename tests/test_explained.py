"""Does an answer to "where does this number come from" say the year, how it was made, and whose figures those are?"""

from dataclasses import replace

import pytest
from handmade import make_prefecture

import edustats as edu
from edustats.catalogue import catalogue
from edustats.present.records.items import Figure, Finding, Provenance, Table, TableColumn
from edustats.present.records.row_filter import RowFilter, describe_rows, join_group
from edustats.report.trace.explain import format_explanation
from edustats.report.trace.making import BY_KIND, MADE, describe_making
from edustats.report.trace.sources import NumberSources, PrintedNumber, _SourceListing, list_item_sources
from edustats.store.writing import write_store
from edustats.words import NOTHING, NUMBER_KINDS, Text, read_all_texts

COUNTY, ABOVE = "991101", "991100"
VERBS = ("show_trends", "show_forecasts", "show_profile", "show_ranks", "show_peers", "show_gaps", "show_inequality",
         "show_finance_equity", "show_teacher_structure", "show_convergence")  # fmt: skip


@pytest.fixture(scope="module")
def handmade(tmp_path_factory):
    path = tmp_path_factory.mktemp("handmade") / "store"
    write_store(make_prefecture(), path)
    return path


def make_number(record="table forecasts", kind="level", year=2026):
    return PrintedNumber(
        id="n1", notebook="50", record=record, within="预测", label="学校 · 2026年预测", value=24.3, unit="school",
        decimals=0, kind=kind, shown="24", year=year, sources=(1,),
    )  # fmt: skip


def explain(one, places=(), files=()):
    source = Provenance(
        files=files, filter=RowFilter(areas=(COUNTY,), years=(2015, 2016, 2017)), formula="schools",
        clause=NOTHING, version="0", places=places,
    )  # fmt: skip
    found = NumberSources(lang="zh", listed=(source,), numbers=(one,))
    return [*format_explanation(found, [one])]


def test_a_forecast_says_its_year_and_that_it_is_carried_on():
    said = explain(make_number(kind="interval_end"))
    assert said[1].startswith(
        "  24  学校 · 2026年预测 = 24.3 [school] · 2026年 · 区间端点 · 最近一年为实际值；以后各年由"
    )
    assert "991101 · 2015—2017" in said[2]


def test_a_figure_itself_says_its_year_and_no_more():
    assert explain(make_number(record="table profile"))[1].endswith("[school] · 2026年")


def test_many_files_together_name_their_sheet_and_no_rows():
    places = (("2024/甲/* (24)", "教基3112", ""), ("2024/乙/* (3)", "", ""))
    said = explain(make_number(), places=places, files=(("2024/甲/* (24)", "ab" * 32),))
    assert said[-2:] == [
        "        2024/甲/* (24) 工作表“教基3112” (sha256 abababababababab…)",
        "        2024/乙/* (3)",
    ]


def test_a_count_of_what_the_page_lists_says_so_and_a_figure_without_source_says_that():
    told = {
        kind: explain(replace(make_number(record="note cover", kind=kind, year=None), sources=()))[2:]
        for kind in ("count", "level")
    }
    assert told == {"count": ["    数的是页面上所列的项目，不出自某一份报表"], "level": ["    此数未记来源"]}


def test_a_file_named_with_its_folder_has_no_empty_digest():
    said = explain(make_number(), places=(("2023/a.xlsx", "", "3"),), files=(("2023/", "ab" * 32),))
    assert said[-2:] == ["        2023/a.xlsx 第 3 行", "        2023/ (sha256 abababababababab…)"]


@pytest.mark.parametrize(
    "record", ["finding seats.peak", "table seats.plan", "table convergence", "table peer_gaps"]
)
def test_what_is_made_of_figures_says_how(record):
    made = describe_making(make_number(record=record))
    assert made.zh
    assert made.en


def test_every_text_of_how_is_there():
    known = read_all_texts()
    wanted = [f"trace.made_{name}" for name in (*(name for _, name in MADE if name), *BY_KIND)]
    assert [name for name in wanted if name not in known] == []
    assert set(BY_KIND) < set(NUMBER_KINDS)


def test_a_group_of_the_store_is_said_in_the_language_of_the_file():
    rows = RowFilter(areas=(ABOVE,), years=(2024,), group=join_group(Text("乡村学校", "village schools")))
    assert describe_rows(rows).zh == "991100 · 2024 · 乡村学校"
    assert describe_rows(rows).en == "991100 · 2024 · village schools"


@pytest.mark.parametrize("verb", VERBS)
def test_every_source_names_its_years(handmade, verb):
    for item in getattr(edu, verb)(edu.open_county(COUNTY, handmade)):
        assert isinstance(item, (Finding, Table, Figure))
        for source in list_item_sources(item):
            assert source.filter.years or source.filter.until, (verb, source.filter)


def test_another_countys_money_is_not_this_countys(handmade):
    held = {item.key: item for item in edu.show_finance_equity(edu.open_county(COUNTY, handmade))}
    table = held["finance.counties"]
    assert {(one.filter.whose, one.filter.areas) for one in table.sources} == {("counties", (ABOVE,))}
    listing = _SourceListing("zh")
    listing.add(table, "42")
    named = {number: source for source, number in listing.places.items()}
    for one in listing.numbers:
        formulas = [named[k].formula for k in one.sources]
        if one.label.endswith("· 初中"):
            assert formulas == [catalogue().indicators["per_pupil_budget_education_junior"].formula]


def test_a_column_rests_on_its_own_sources():
    sources = tuple(
        Provenance(files=(), filter=RowFilter(years=(year,)), formula=name, clause=NOTHING, version="")
        for year, name in ((2023, "a"), (2024, "b"), (2024, "c"))
    )
    columns = (
        TableColumn(label=Text("县", "county")),
        TableColumn(label=Text("甲", "A"), decimals=0, rests=(1,)),
        TableColumn(label=Text("乙", "B"), decimals=0, rests=(0, 2)),
        TableColumn(label=Text("丙", "C"), decimals=0),
    )
    table = Table(
        key="t", title=Text("表", "t"), columns=columns, rows=((Text("一县", "X"), 1, 2, 3),), sources=sources
    )
    listing = _SourceListing("zh")
    listing.add(table, "1")
    named = {number: source.formula for source, number in listing.places.items()}
    assert [[named[k] for k in one.sources] for one in listing.numbers] == [
        ["b"],
        ["a", "c"],
        ["a", "b", "c"],
    ]
    assert [one.year for one in listing.numbers] == [2024, None, None]

"""Is the brief laid out as one: masthead, judgements that stand out, small numbers, forms instead of formulas?"""

import io
import zipfile

import docx
import pytest

from edustats.present.records.items import Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_percent
from edustats.present.records.row_filter import ALL_ROWS, RowFilter
from edustats.report.publish.brief import BriefPages, select_brief_items, start_brief, write_brief_pages
from edustats.report.publish.page_fit import fit_page_one
from edustats.report.publish.pdf import strip_pdf_times
from edustats.report.trace.forms import FormSources, name_form
from edustats.report.trace.notebook import Heading
from edustats.words import Text, concatenate_texts


def text(word):
    return Text(word, word)


def source(file="2024/990121甲县_小学一览表.xlsx", years=(2023, 2024)):
    return Provenance(
        files=((file, "0" * 64),),
        filter=RowFilter(areas=("990121",), years=years),
        formula="classes_primary_56_60 / classes_primary", 
        clause=text("依据"), version="0",
    )  # fmt: skip


def judgement(number, lead, share, file="2024/990121甲县_小学一览表.xlsx"):
    said = concatenate_texts(text(f"{lead}。小学"), format_percent(share), text("。"))
    held = Number(label=text("小学大班额"), value=share, unit="share", decimals=1, source=source(file))
    return Finding(key=f"brief.judgement.{number}.class_size", sentence=said, numbers=(held,))


@pytest.fixture
def document():
    made = start_brief("zh")
    cards = Table(
        key="brief.cards",
        title=text("主要数字"),
        columns=(TableColumn(label=text("指标")), TableColumn(label=text("甲县"))),
        rows=(("小学", "1.0%"),), sources=(source(),),
    )  # fmt: skip
    blocks = [
        Heading(1, "要点"),
        Finding(key="brief.masthead.issuer", sentence=text("编发：乙市教育局")),
        judgement(1, "大班额基本消除", 0.0123), judgement(2, "反弹", 0.0456, "2024/2024年人口与教师情况表.xlsx"), cards,
        Heading(2, "空的一节"),
        Heading(2, "规模与学位"),
        Finding(key="brief.size", sentence=text("现有小学1所。")),
        Finding(key="brief.scope.1", sentence=text("数据取自报表。")),
    ]  # fmt: skip
    places = {source(): 3, source("2024/2024年人口与教师情况表.xlsx"): 8}
    write_brief_pages(BriefPages(made, "zh", FormSources(places)), "甲县教育事业发展统计简报", blocks)
    held = io.BytesIO()
    made.save(held)
    return docx.Document(io.BytesIO(held.getvalue()))


def test_the_judgement_stands_out_and_what_it_rests_on_follows(document):
    line = next(p for p in document.paragraphs if p.text.startswith("1. "))
    bold = "".join(run.text for run in line.runs if run.bold)
    assert "大班额基本消除。" in bold
    assert "小学1.2%" not in bold


def test_a_small_number_stands_behind_the_figures_of_one_form_and_the_list_names_it(document):
    marks = [r.text for p in document.paragraphs for r in p.runs if r.font.superscript]
    assert marks[:2] == ["[1]", "[2]"]
    listed = [p.text for p in document.paragraphs if p.text.startswith("1\u2002")]
    assert listed[0].startswith("1\u2002小学一览表（2023–2024）：")
    assert "2\u2002人口与教师情况表" in listed[0]
    assert "classes_primary" not in listed[0]


def test_a_heading_under_which_nothing_stands_is_not_written(document):
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads == ["一、规模与学位"]


def test_masthead_and_scope_are_there(document):
    told = "\n".join(p.text for p in document.paragraphs)
    assert "编发：乙市教育局" in told
    assert "口径：数据取自报表。" in told


def test_only_the_chapter_with_judgements_is_the_brief():
    assert select_brief_items([[Heading(1, "别的")], [judgement(1, "甲", 0.5)]]) == [judgement(1, "甲", 0.5)]
    assert select_brief_items([[Heading(1, "别的")]]) == []


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("2024/990121柏溪县_小学一览表.xlsx", "小学一览表"),
        ("2024/2024年人口与教师情况表.xlsx", "人口与教师情况表"),
        ("2024/990122石渚县/2199000149_石渚县东林村教学点.xlsx", "各校报表"),
        ("2024/", "各县（市、区）报表"),
        ("mathpnl.csv.bz2", "mathpnl.csv"),
    ],
)
def test_a_form_is_called_by_its_name_without_year_code_and_area(file, form):
    assert name_form(file) == form


def test_figures_of_the_same_form_share_a_number_and_those_without_a_file_have_none():
    older = source(years=(2015,))
    sources = FormSources({source(): 5, older: 6})
    assert [sources.number(source(), text("a")), sources.number(older, text("b"))] == [(1,), (1,)]
    assert (
        sources.number(
            Provenance(files=(), filter=ALL_ROWS, formula="", clause=text(""), version=""), text("c")
        )
        == ()
    )
    assert sources.rows("zh") == [["1", "小学一览表", "2015, 2023–2024", "a、b"]]


def test_a_pdf_says_nothing_of_its_time_and_keeps_its_length():
    digest = b"7E5225AC771BAB1CB3214DE74A8BB01C"
    raw = (
        b"/CreationDate(D:20261128044117Z')/ID [ <"
        + digest
        + b">\n<"
        + digest
        + b"> ]/DocChecksum /"
        + digest
    )
    told = strip_pdf_times(raw)
    assert len(told) == len(raw)
    assert digest not in told
    assert b"20261128" not in told


def test_the_file_is_a_whole_package(document, tmp_path):
    document.save(tmp_path / "a.docx")
    assert zipfile.ZipFile(tmp_path / "a.docx").testzip() is None


@pytest.mark.parametrize(
    ("long", "size", "cards"), [(60, 11.5, 8), (160, 11.0, 8), (190, 11.0, 6), (205, 10.5, 7)]
)
def test_page_one_has_smaller_letters_and_fewer_figures_only_where_it_must(long, size, cards):
    found = fit_page_one(["学" * long] * 5, ["小学在校生"] * 8, "zh", 54.0)
    assert (found.size, found.cards) == (size, cards), found


def test_no_page_holds_one_row_of_a_table():
    from edustats.report.publish.word_page import _is_kept

    assert [_is_kept(k, 12) for k in range(12)] == [True, True, *[False] * 7, True, True, False]
    assert [_is_kept(k, 4) for k in range(4)] == [True, True, True, False]


def test_a_count_of_schools_does_not_take_the_source_of_as_many_classes():
    from test_choosing import KNOWN, View, fact

    from edustats.present.brief.phrasing import cite

    class Traced(View):
        known = KNOWN

        def own_rows(self, *years):
            return RowFilter(years=years)

        def provenance(self, indicator, rows):
            return source()

    held = type("Book", (), {"view": Traced()})()
    said = [fact("share_big_classes_junior", 0.07, num=14.0, den=196.0)]
    assert 14.0 not in {one.value for one in cite(held, said)}
    assert 14.0 in {one.value for one in cite(held, said, counted=True)}

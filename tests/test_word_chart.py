"""Can the charts of a Word file be opened again, and do they hold the numbers they show?"""

import io
import zipfile

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from edustats.present.records.chart import Chart, Series, revive_chart, round_values
from edustats.present.records.items import Figure, Table, serialize_item
from edustats.present.records.items import revive_item as revived
from edustats.report.publish import word_page as word
from edustats.words import Text

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SERIES_ORDER = [
    "idx", "order", "tx", "spPr", "invertIfNegative", "marker", "dPt", "dLbls", "errBars", "cat", "val", "smooth",
]  # fmt: skip
AXIS_ORDER = [
    "axId", "scaling", "delete", "axPos", "majorGridlines", "title", "numFmt", "majorTickMark",
    "minorTickMark", "tickLblPos", "spPr", "txPr", "crossAx", "crosses", "crossBetween", "auto", "lblAlgn",
    "lblOffset", "tickLblSkip", "noMultiLvlLbl",
]  # fmt: skip


def text(word_):
    return Text(word_, word_)


def chart(kind="line", categories=("2022", "2023", "2024"), series=None, title="小学（%）"):
    own = Series(name=text("甲县"), values=(12.5, None, 14.1), role="own")
    other = Series(name=text("乙市"), values=(11.0, 11.5, 12.0), role="reference")
    return Chart(
        kind=kind, categories=categories, series=series or (own, other), unit=text("%"), decimals=1,
        title=text(title),
    )  # fmt: skip


def parts_of(*charts):
    """The parts of a document that holds these charts and nothing else."""
    document = word.create_document("zh")
    word.add_charts(document, charts, "zh", ["说明"] * len(charts))
    held = io.BytesIO()
    document.save(held)
    return zipfile.ZipFile(held)


def cached(root, place):
    """Values by index that a reference of a series shows without its workbook."""
    return [
        {int(p.get("idx")): p[0].text for p in s.find(f"{C}{place}").iter(f"{C}pt")}
        for s in root.iter(f"{C}ser")
    ]


number = st.one_of(st.none(), st.floats(-1e7, 1e7))


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["line", "bar", "dot"]),
    st.integers(1, 30).flatmap(
        lambda n: st.lists(st.lists(number, min_size=n, max_size=n), min_size=1, max_size=4)
    ),
)
def test_the_workbook_of_a_chart_holds_the_numbers_the_chart_shows(kind, drawn):
    held = [round_values([float("nan") if v is None else v for v in row], 2) for row in drawn]
    made = chart(
        kind, tuple(str(2000 + k) for k in range(len(drawn[0]))),
        tuple(Series(name=text(f"线{k}"), values=row) for k, row in enumerate(held)),
    )  # fmt: skip
    archive = parts_of(made)
    root = etree.fromstring(archive.read("word/charts/chart1.xml"))
    sheet = openpyxl.load_workbook(
        io.BytesIO(archive.read("word/embeddings/Microsoft_Excel_Sheet1.xlsx"))
    ).active
    for column, shown in enumerate(cached(root, "val"), 2):
        in_workbook = [sheet.cell(row, column).value for row in range(2, len(drawn[0]) + 2)]
        assert [float(shown[k]) if k in shown else None for k in range(len(drawn[0]))] == in_workbook
        assert in_workbook == list(held[column - 2])


def test_each_chart_finds_its_workbook_and_each_part_its_type():
    archive = parts_of(chart(), chart(), chart("bar"), chart("dot"))
    types = archive.read("[Content_Types].xml").decode()
    assert (
        'Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"'
        in types
    )
    for number_ in range(1, 5):
        links = archive.read(f"word/charts/_rels/chart{number_}.xml.rels").decode()
        assert f"../embeddings/Microsoft_Excel_Sheet{number_}.xlsx" in links
        assert f"/word/charts/chart{number_}.xml" in types


@pytest.mark.parametrize("kind", ["line", "bar", "dot"])
def test_the_parts_of_a_chart_stand_in_the_order_of_the_schema(kind):
    interval = Series(name=text("差"), values=(1.0, 2.0, None), low=(0.5, None, None), high=(1.5, 2.5, None))
    root = etree.fromstring(parts_of(chart(kind, series=(interval,))).read("word/charts/chart1.xml"))
    for tag, order in (("ser", SERIES_ORDER), ("catAx", AXIS_ORDER), ("valAx", AXIS_ORDER)):
        for element in root.iter(f"{C}{tag}"):
            found = [order.index(etree.QName(child).localname) for child in element]
            assert found == sorted(found)


def test_a_point_that_does_not_cover_its_area_is_open_and_no_other():
    own = Series(name=text("甲县"), values=(12.5, 13.0, 14.1), role="own", open=(1,))
    other = Series(name=text("乙县"), values=(11.0, 11.5, 12.0))
    root = etree.fromstring(parts_of(chart(series=(own, other))).read("word/charts/chart1.xml"))
    points = [[d.find(f"{C}idx").get("val") for d in s.iter(f"{C}dPt")] for s in root.iter(f"{C}ser")]
    assert points == [["1"], []]
    white = [
        e.get("val")
        for e in root.iter("{*}srgbClr")
        if e.getparent().getparent().getparent().tag == f"{C}marker"
    ]
    assert white.count("FFFFFF") == 1
    revived_ = revive_chart(serialize_item(Figure(
        key="f", title=text("图"), alt=text("说明"), data=Table(key="d", title=text("表"), columns=(), rows=()),
        charts=(chart(series=(own, other)),),
    ))["charts"][0])  # fmt: skip
    assert revived_.series[0].open == (1,)


def test_the_ends_of_an_interval_stand_at_their_distance_from_the_value():
    interval = Series(name=text("差"), values=(1.0, 2.0, 3.0), low=(0.5, None, 2.9), high=(1.75, 2.5, 3.2))
    root = etree.fromstring(parts_of(chart(series=(interval,))).read("word/charts/chart1.xml"))
    plus = {p.get("idx"): float(p[0].text) for p in next(root.iter(f"{C}plus")).iter(f"{C}pt")}
    minus = {p.get("idx"): float(p[0].text) for p in next(root.iter(f"{C}minus")).iter(f"{C}pt")}
    assert plus == pytest.approx({"0": 0.75, "1": 0.5, "2": 0.2})
    assert minus == pytest.approx({"0": 0.5, "2": 0.1})


def test_hostile_names_stay_words_in_the_chart_and_in_its_workbook():
    evil = "=cmd|' /C calc'!A0<script>\"'&\u202e\x07" + "长" * 200
    made = chart(
        categories=(evil, "b", "c"), series=(Series(name=text(evil), values=(1.0, 2.0, 3.0)),), title=evil
    )
    for archive in (parts_of(made), parts_of(made, made)):
        clean = evil.replace("\x07", "")
        root = etree.fromstring(archive.read("word/charts/chart1.xml"))
        assert cached(root, "cat")[0][0] == clean
        sheet = openpyxl.load_workbook(
            io.BytesIO(archive.read("word/embeddings/Microsoft_Excel_Sheet1.xlsx"))
        ).active
        assert sheet["A2"].value == sheet["B1"].value == clean
        assert sheet["A2"].data_type == sheet["B1"].data_type == "s"


def test_every_chart_speaks_for_itself_and_two_charts_never_share_a_number():
    document = word.create_document("zh")
    word.add_charts(document, [chart()] * 4, "zh", [f"第{k}幅" for k in range(4)])
    properties = [e for e in document.element.iter() if e.tag.endswith("}docPr")]
    assert [e.get("descr") for e in properties] == [f"第{k}幅" for k in range(4)]
    assert len({e.get("id") for e in properties}) == 4


def test_the_same_chart_gives_the_same_bytes():
    one, other = parts_of(chart()), parts_of(chart())
    for name in ("word/charts/chart1.xml", "word/embeddings/Microsoft_Excel_Sheet1.xlsx"):
        assert one.read(name) == other.read(name)


def test_a_file_with_charts_opens_again_with_all_its_parts():
    held = io.BytesIO()
    document = word.create_document("zh")
    word.add_charts(document, [chart()] * 3, "zh", ["说明"] * 3)
    document.save(held)
    reopened = docx.Document(held)
    related = [rel.target_part for rel in reopened.part.rels.values() if "chart" in rel.reltype]
    assert len(related) == 3


def test_a_figure_brings_its_charts_back_from_its_record():
    data = Table(key="d", title=text("表"), columns=(), rows=())
    interval = Series(name=text("差"), values=(1.0, None), low=(0.5, None), high=(1.5, None))
    made = Figure(
        key="f", title=text("图"), alt=text("说明"), data=data,
        charts=(chart(categories=("2023", text("末年")), series=(interval,)),),
    )  # fmt: skip
    assert revived("figure", serialize_item(made)).charts == made.charts
    assert revive_chart(serialize_item(made)["charts"][0]) == made.charts[0]
    older = serialize_item(made)
    older.pop("charts")
    assert revived("figure", older).charts == ()

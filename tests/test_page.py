"""Can a page be read by everybody, copied from, and traced; and does it obey nobody but itself?"""

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from test_publication import EVIL, notebook

from edustats.present.records import html as cards
from edustats.present.records.items import Figure, Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_number, format_percent
from edustats.present.records.row_filter import ALL_ROWS, RowFilter
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.html import write_html_page
from edustats.words import NOTHING, Text, concatenate_texts


def text(word):
    return Text(word, word)


def number(value, unit="share", decimals=1, label="值", rows=ALL_ROWS):
    source = Provenance(
        files=(("a.xlsx", "0" * 64),), filter=rows, formula="a / b", clause=text("依据"), version="0"
    )
    return Number(label=text(label), value=value, unit=unit, decimals=decimals, source=source)


FINDING = Finding(
    key="trend.x", verdict="improving", note=text("口径：全部学校。"),
    sentence=concatenate_texts(
        Text("甲县比例由2015年的", "It fell from "), format_percent(0.2191), Text("下降到2024年的", " in 2015 to "),
        format_percent(0.0098), Text("。", " in 2024."),
    ),
    numbers=(number(0.2191, label="2015年", rows=RowFilter(years=(2015,))),
             number(0.0098, label="2024年", rows=RowFilter(years=(2024,)))),
)  # fmt: skip
TABLE = Table(
    key="t", title=text("表题"), columns=(TableColumn(label=text("县")), TableColumn(label=text("值"), decimals=1)),
    rows=(("甲县", 1.5), ("乙县", None), ("", 2.0)),
    sources=tuple(number(1.0, rows=RowFilter(areas=("1",), years=(2010 + k,))).source for k in range(3)),
)  # fmt: skip
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
FIGURE = Figure(key="f", title=text("图题"), alt=text("一幅图，从低到高。"), data=TABLE, png=PNG)


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request, tmp_path_factory):
    import nbformat

    folder = tmp_path_factory.mktemp("page")
    outputs = [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, request.param))
        for item in (FINDING, TABLE, FIGURE)
    ]
    write_html_page(notebook(folder / "n.ipynb", *outputs), folder / "n.html", request.param)
    return (folder / "n.html").read_text("utf-8"), request.param


def tree(page):
    return lxml_html.document_fromstring(page[0])


def test_the_page_names_its_language_its_title_and_one_first_heading(page):
    root = tree(page)
    assert root.get("lang") == ("zh-CN" if page[1] == "zh" else "en")
    assert root.findtext(".//title").strip()
    assert len(root.findall(".//h1")) == 1


def test_headings_do_not_leap_a_level(page):
    levels = [int(h.tag[1]) for h in tree(page).iter("h1", "h2", "h3", "h4")]
    assert all(later - earlier <= 1 for earlier, later in zip([0, *levels], levels, strict=False))


def test_the_page_has_its_landmarks_and_a_way_past_them(page):
    root = tree(page)
    assert [len(root.findall(f".//{tag}")) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert root.find(".//a[@class='skip']").get("href") == "#" + root.find(".//main").get("id")


def test_every_picture_has_words_every_table_a_caption_and_every_heading_cell_a_scope(page):
    root = tree(page)
    assert all(img.get("alt") for img in root.iter("img"))
    assert all(table.findtext("caption") for table in root.iter("table"))
    assert all(cell.get("scope") in ("col", "row") and cell.text for cell in root.iter("th"))


def test_what_can_be_scrolled_or_pressed_can_be_reached_and_has_a_name(page):
    root = tree(page)
    for region in root.xpath("//*[@class='scroll']"):
        assert (region.get("tabindex"), region.get("role")) == ("0", "region")
        assert region.get("aria-label")
    for button in root.xpath("//button | //*[@role='button']"):
        assert button.text_content().strip()
        assert button.tag == "button" or button.get("tabindex") == "0"


def test_no_name_is_given_twice(page):
    names = [e.get("id") for e in tree(page).iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(names) == len(set(names))


def test_every_number_of_the_sentence_leads_to_the_line_that_tells_its_source(page):
    root = tree(page)
    figures = root.xpath("//*[@class='edustats-number']")
    assert [f.text for f in figures] == ["21.9%", "1.0%"]
    lines = [root.get_element_by_id(f.get("data-source")).text for f in figures]
    assert "2015" in lines[0]
    assert "2024" in lines[1]
    assert all("依据" in line and "a.xlsx" in line for line in lines)
    assert not any("a / b" in line or "year=" in line for line in lines)


def test_every_row_of_a_table_leads_to_its_own_source(page):
    root = tree(page)
    led = [root.get_element_by_id(row.get("data-source")).text for row in root.xpath("//tr[@data-source]")]
    assert [re.search(r"201(\d)", line)[1] for line in led] == ["0", "1", "2"]


def test_the_policy_lets_run_the_one_script_of_the_page_and_asks_nobody_outside(page):
    root = tree(page)
    (script,) = root.iter("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']")[0].get("content")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    outside = [v for e in root.iter() for k, v in e.attrib.items() if k in ("src", "href", "action")]
    assert all(v.startswith(("data:", "#")) or v == "../index.html" for v in outside)


def test_a_table_copied_into_word_carries_its_rules_and_fonts_with_it(page):
    for cell in tree(page).xpath("//table//tr[1]/*"):
        assert "border-bottom:" in cell.get("style") or cell.getparent().getparent().tag == "tbody"
        assert "宋体" in cell.get("style") or "黑体" in cell.get("style")
    assert "class" not in {k for e in tree(page).xpath("//table//*") for k in e.attrib}


def test_a_sentence_and_a_table_and_a_picture_can_each_be_copied(page):
    kinds = [button.get("value") for button in tree(page).iter("button")]
    assert sorted(kinds) == ["picture", "table", "text"]


def test_buttons_stay_hidden_where_no_script_runs(page):
    assert all("display:none" in button.get("style") for button in tree(page).iter("button"))


def test_nothing_a_name_holds_becomes_an_element_of_the_page_or_of_the_notebook():
    said = Finding(
        key="k", sentence=text(EVIL), numbers=(number(0.5, label=EVIL, unit=EVIL),), note=text(EVIL)
    )
    table = Table(
        key="t", title=text(EVIL), columns=(TableColumn(label=text(EVIL)),), rows=((EVIL,),), note=text(EVIL)
    )
    figure = Figure(key="f", title=text(EVIL), alt=text(EVIL), data=table, png=PNG)
    for shown in (
        cards.render_finding(said, "zh", "i0"),
        cards.render_table(table, "zh", "i1"),
        cards.render_figure(figure, "zh", "i2"),
    ):
        root = lxml_html.fragment_fromstring(shown)
        assert not list(root.iter("script"))
        assert not [k for e in root.iter() for k in e.attrib if k.startswith("on")]


def test_in_a_notebook_each_output_brings_the_script_that_shows_its_buttons():
    for shown in (
        cards.render_finding(FINDING, "zh"),
        cards.render_table(TABLE, "zh"),
        cards.render_figure(FIGURE, "zh"),
    ):
        root = lxml_html.fragment_fromstring(shown)
        assert len(list(root.iter("script"))) == 1
        assert len(list(root.iter("button"))) == 1
        assert root.xpath("count(//*[@id])") == 0  # two outputs must not share a name


@given(st.floats(0, 1), st.integers(0, 3))
def test_a_sentence_knows_where_its_number_stands(value, decimals):
    said = concatenate_texts("2024年比例为", format_percent(value, decimals), "。")
    (one,) = Finding(key="k", sentence=said, numbers=(number(value),)).numbers
    assert (one.value, one.label, said.zh[slice(*one.zh)]) == (value, text("值"), one.shown.zh)
    assert one.shown.zh.endswith("%")


def test_two_numbers_that_print_alike_keep_their_places_and_their_values():
    said = concatenate_texts("由", format_percent(0.50001), "到", format_percent(0.49999))
    numbers = Finding(key="k", sentence=said, numbers=(number(0.49999), number(0.50001))).numbers
    assert [(one.value, one.zh) for one in numbers] == [(0.49999, (7, 12)), (0.50001, (1, 6))]


def test_an_indicator_without_a_known_unit_is_shown_and_traced_all_the_same():
    bare = Finding(
        key="k",
        sentence=concatenate_texts("甲县系数为", format_number(0.5119, 3), "。"),
        numbers=(number(0.5119, unit=""),),
        note=NOTHING,
    )
    root = lxml_html.fragment_fromstring(cards.render_finding(bare, "zh", "i0"))
    assert [e.text for e in root.xpath("//*[@class='edustats-number']")] == ["0.512"]


def long_table(n):
    return Table(
        key="t", title=text("长表"), columns=(TableColumn(label=text("校")), TableColumn(label=text("值"))),
        rows=tuple((f"第{k}校", str(k)) for k in range(n)),
    )  # fmt: skip


@pytest.mark.parametrize(("rows", "folded"), [(15, 0), (17, 0), (18, 3), (40, 25)])
def test_a_page_shows_fifteen_rows_and_the_rest_on_demand(rows, folded):
    drawn = lxml_html.fromstring(cards.render_table(long_table(rows), "zh", "i1"))
    assert len(drawn.xpath("//tr[@class='edustats-rest']")) == folded
    assert bool(drawn.xpath("//button[@class='edustats-more']")) == bool(folded)
    assert "edustats-rest" not in cards.render_table(long_table(rows), "zh")


def test_no_element_is_obsolete_and_a_caption_closes_its_figure():
    drawn = cards.render_table(TABLE, "zh", "i1") + cards.render_figure(FIGURE, "zh", "i2")
    root = lxml_html.fromstring(f"<div>{drawn}</div>")
    assert not root.xpath("//@align|//@border|//@cellspacing|//@cellpadding")
    assert root.xpath("//figure/*[last()]")[0].tag == "figcaption"


def test_a_heading_under_which_code_showed_nothing_is_left_out_and_prose_alone_stays():
    from edustats.report.publish.html import drop_empty_sections
    from edustats.report.trace.notebook import Heading, Prose, Silent

    kept = drop_empty_sections([
        Heading(1, "章"), Heading(2, "空"), Prose("announces"), Silent(), Heading(2, "有"), Silent(), FINDING,
        Heading(2, "结论"),
        Prose("somebody's words"), Heading(2, "无"),
    ])  # fmt: skip
    assert [block.text for block in kept if isinstance(block, Heading)] == ["章", "有", "结论"]

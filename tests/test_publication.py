"""Do the finished files say what the notebooks say, hold together, and obey nothing they quote?"""

import html.parser as html_parser
import re
import zipfile

import docx
import nbformat
import pytest
from docx.oxml.ns import qn
from lxml import etree

import edustats as edu
from edustats.present.records.items import Figure, Finding, Table
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.docx import write_brief
from edustats.report.publish.html import write_html_page
from edustats.report.trace.notebook import read_blocks

EVIL = "<script>alert(1)</script>县\"'&=cmd|' /C calc'!A0‮\x07"


def notebook(path, *outputs, prose="# 标题\n\n说明"):
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell(prose, metadata={"tags": ["lang-zh"]})]
    book.cells.append(nbformat.v4.new_markdown_cell("# Title\n\nprose", metadata={"tags": ["lang-en"]}))
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = list(outputs)
    book.cells.append(cell)
    nbformat.write(book, path)
    return path


def shown(sheet):
    return [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, sheet.lang)) for item in sheet
    ]


@pytest.fixture(scope="module")
def pages(michigan, tmp_path_factory):
    """Executed notebooks of the largest county in both languages, and the files made of them."""
    made = {}
    for lang in ("zh", "en"):
        folder = tmp_path_factory.mktemp(lang)
        view = edu.open_county("82", michigan, lang=lang)
        verbs = (
            "show_cover",
            "show_profile",
            "show_trends",
            "show_trend_chart",
            "show_data_warnings",
            "show_inequality",
            "show_decomposition",
            "show_gaps",
            "show_pen_parade",
            "show_gap_chart",
        )
        items = [item for verb in verbs for item in getattr(edu, verb)(view)]
        outputs = [
            nbformat.v4.new_output("display_data", data=build_mime_bundle(item, lang)) for item in items
        ]
        executed = notebook(folder / "10.ipynb", *outputs)
        write_html_page(executed, folder / "10.html", lang)
        write_brief([executed], folder / "brief.docx", title=view.name[lang], lang=lang)
        made[lang] = (folder, items)
    return made


class Reader(html_parser.HTMLParser):
    """Collects the text, tags and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags = "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def words(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_stands_in_the_page_and_in_the_brief(pages, lang):
    folder, items = pages[lang]
    page = Reader((folder / "10.html").read_text("utf-8")).text
    brief_text = words(docx.Document(folder / "brief.docx"))
    for item in items:
        if isinstance(item, Finding):
            assert item.sentence[lang] in page
            assert item.sentence[lang] in brief_text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cell_of_every_table_is_in_the_page_and_brief_tables_in_the_brief(pages, lang):
    folder, items = pages[lang]
    page = Reader((folder / "10.html").read_text("utf-8")).text
    brief_text = words(docx.Document(folder / "brief.docx"))
    for table in (i for i in items if isinstance(i, Table)):
        cells = [c[lang] if hasattr(c, "zh") else c for row in table.rows for c in row]
        assert all(str(cell) in page for cell in cells)
        assert not table.brief or all(str(cell) in brief_text for cell in cells)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_other_language_is_left_out(pages, lang):
    folder, _ = pages[lang]
    page = Reader((folder / "10.html").read_text("utf-8")).text
    assert ("标题" in page) == (lang == "zh")
    assert ("Title" in page) == (lang == "en")


def test_the_page_asks_nothing_of_anyone(pages):
    text = (pages["zh"][0] / "10.html").read_text("utf-8")
    links = [v for _, attrs in Reader(text).tags for k, v in attrs.items() if k in ("src", "href", "action")]
    assert all(v.startswith("data:") or v in ("../index.html", "#main") for v in links)
    assert "http" not in re.sub(r"Content-Security-Policy|http-equiv", "", re.sub(r'base64,[^"]*', "", text))


def test_every_picture_of_the_page_has_its_alternative_text(pages):
    pictures = [
        attrs for tag, attrs in Reader((pages["zh"][0] / "10.html").read_text("utf-8")).tags if tag == "img"
    ]
    assert len(pictures) == 3
    assert all(len(attrs["alt"]) > 10 for attrs in pictures)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_brief_has_the_official_page(pages, lang):
    section = docx.Document(pages[lang][0] / "brief.docx").sections[0]
    measures = (
        section.page_width,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(m.mm) for m in measures] == [210, 37, 35, 28, 26]


def test_the_brief_names_chinese_fonts_and_leaves_no_theme_font_to_win(pages):
    document = docx.Document(pages["zh"][0] / "brief.docx")
    for name, face in (
        ("Normal", "仿宋_GB2312"),
        ("Heading 1", "黑体"),
        ("Heading 2", "楷体_GB2312"),
        ("Title", "方正小标宋简体"),
    ):
        fonts = document.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == face
        assert not [a for a in fonts.attrib if a.lower().endswith("theme")]
    assert document.styles["Normal"].paragraph_format.line_spacing.pt == 28


def test_tables_of_the_brief_repeat_their_headings_and_pictures_speak(pages):
    document = docx.Document(pages["zh"][0] / "brief.docx")
    assert len(document.tables) >= 3
    eight, *others = document.tables
    assert all(t.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for t in others)
    assert all(t._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) for t in [eight, *others])
    figures = [item for item in pages["zh"][1] if isinstance(item, Figure)]
    alts = [e.get("descr") for e in document.element.iter() if e.tag.endswith("}docPr")]
    assert len(alts) == sum(len(figure.charts) or 1 for figure in figures)
    assert all(alts)


def test_every_reference_mark_of_the_brief_has_its_note(pages):
    document = docx.Document(pages["zh"][0] / "brief.docx")
    told = "".join(run.text for p in document.paragraphs for run in p.runs if run.font.superscript)
    marks, notes = set(re.findall(r"\[\d+\]", told)), {row.cells[0].text for row in document.tables[-1].rows}
    assert marks
    assert marks <= notes


def test_all_xml_of_the_brief_is_well_formed_and_its_properties_in_schema_order(pages):
    order = ["keepNext", "keepLines", "pageBreakBefore", "snapToGrid", "spacing", "ind", "jc"]
    with zipfile.ZipFile(pages["zh"][0] / "brief.docx") as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                root = etree.fromstring(archive.read(name))
                for properties in root.iter(qn("w:pPr")):
                    found = [
                        order.index(c.tag.split("}")[1]) for c in properties if c.tag.split("}")[1] in order
                    ]
                    assert found == sorted(found), f"{name}: {etree.tostring(properties)[:300]}"


def test_the_same_notebook_gives_the_same_page_to_the_byte(pages, tmp_path):
    folder, _ = pages["zh"]
    write_html_page(folder / "10.ipynb", tmp_path / "again.html", "zh")
    assert (tmp_path / "again.html").read_bytes() == (folder / "10.html").read_bytes()


# --- hostile and broken input ---


@pytest.fixture
def hostile(own, tmp_path):
    from own_tables import OWN_TABLE

    from edustats.load.tables.reader import load_tables
    from edustats.store.writing import write_store

    table = OWN_TABLE.replace("甲县", '"' + EVIL.replace('"', '""') + '"')
    write_store(load_tables(own(table)), tmp_path / "store")
    return edu.open_county("990101", tmp_path / "store")


def test_a_name_with_script_quotes_and_control_characters_stays_text(hostile, tmp_path):
    executed = notebook(
        tmp_path / "10.ipynb", *shown(edu.show_trends(hostile)), *shown(edu.show_trend_chart(hostile))
    )
    write_html_page(executed, tmp_path / "10.html", "zh")
    page = (tmp_path / "10.html").read_text("utf-8")
    assert "alert(1)" in page
    assert page.count("<script") == 1  # the page's own, the only one its policy lets run
    assert not [tag for tag, attrs in Reader(page).tags if any(k.startswith("on") for k in attrs)]
    write_brief([executed], tmp_path / "brief.docx", title=hostile.name.zh, lang="zh")
    assert "<script>alert(1)</script>县" in words(docx.Document(tmp_path / "brief.docx"))


def test_html_that_a_notebook_itself_shows_is_not_trusted(tmp_path):
    output = nbformat.v4.new_output(
        "display_data", data={"text/html": "<img src=x onerror=alert(1)>", "text/plain": "<b>x</b>"}
    )
    executed = notebook(
        tmp_path / "10.ipynb",
        output,
        prose="# <script>alert(2)</script>\n\n<iframe src=x></iframe> [a](javascript:alert(3))",
    )
    write_html_page(executed, tmp_path / "10.html", "zh")
    tags = Reader((tmp_path / "10.html").read_text("utf-8")).tags
    assert [tag for tag, _ in tags if tag in ("script", "iframe")] == ["script"]
    assert not [
        1 for _, attrs in tags for k, v in attrs.items() if k.startswith("on") or "javascript:" in (v or "")
    ]


def test_an_error_is_shown_with_its_words_and_without_terminal_colours(tmp_path):
    error = nbformat.v4.new_output(
        "error", ename="ValueError", evalue="\x1b[31m坏数\x1b[0m <b>", traceback=[]
    )
    executed = notebook(tmp_path / "10.ipynb", error)
    write_html_page(executed, tmp_path / "10.html", "zh")
    page = (tmp_path / "10.html").read_text("utf-8")
    assert "ValueError: 坏数 &lt;b&gt;" in page
    assert "\x1b" not in page


def test_nothing_to_report_is_said(tmp_path):
    executed = notebook(tmp_path / "10.ipynb")
    write_brief([executed], tmp_path / "brief.docx", title="空县", lang="zh")
    assert "没有可列入简报的内容" in words(docx.Document(tmp_path / "brief.docx"))


def test_a_heading_without_anything_under_it_is_left_out_of_the_brief(tmp_path, hostile):
    executed = notebook(
        tmp_path / "10.ipynb",
        *shown(edu.show_data_warnings(hostile)),
        prose="# 一章\n\n## 空节\n\n话\n\n## 满节",
    )
    write_brief([executed], tmp_path / "brief.docx", title="县", lang="zh")
    text = words(docx.Document(tmp_path / "brief.docx"))
    assert "（一）满节" in text
    assert "空节" not in text


def test_prose_and_items_come_in_reading_order(tmp_path, hostile):
    executed = notebook(tmp_path / "10.ipynb", *shown(edu.show_cover(hostile)))
    kinds = [type(block).__name__ for block in read_blocks(executed, "zh")]
    assert kinds == ["Heading", "Prose", "Finding"]

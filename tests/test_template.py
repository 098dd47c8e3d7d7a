"""Does a bureau's own Word template get the county's words, and does a bad one cost one sentence?"""

import io
import re

import docx
import pytest
from lxml import etree
from test_page import FIGURE, FINDING, TABLE
from test_publication import EVIL, notebook, shown
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import DataError, MissingFileError
from edustats.present.records.items import Finding
from edustats.present.records.sheet import collect_items
from edustats.report.publish import word_template as template
from edustats.report.publish.docx import write_brief
from edustats.words import Text


def written(tmp_path, *paragraphs, name="模板.docx"):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ county }}教育局"
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(tmp_path / name)
    return tmp_path / name


@pytest.fixture
def executed(tmp_path):
    cover = Finding(key="cover", sentence=Text("甲县，2015—2024年", "Jia"), note=Text("数据：年报。", "Data"))
    return notebook(
        tmp_path / "10.ipynb", *shown(collect_items("zh", cover, FINDING, TABLE, FIGURE)), prose="# 发展变化"
    )


def filled(tmp_path, executed, *paragraphs, county="甲县"):
    made = written(tmp_path, *paragraphs)
    write_brief([executed], tmp_path / "brief.docx", title=county, lang="zh", template=made)
    return docx.Document(tmp_path / "brief.docx")


def test_every_documented_placeholder_is_filled_and_none_is_left(tmp_path, executed):
    names = [name for name in template.SAMPLE if name not in ("figures", "chapters")]
    document = filled(
        tmp_path, executed, *(f"{name}={{{{ {name} }}}}" for name in names if name != "brief"),
        "{% for figure in figures %}{{ figure.label }}{{ figure.year }}{{ figure.value }}{{ figure.above }}{% endfor %}",  # noqa: E501
        "{% for chapter in chapters %}{{ chapter.title }}：{% for s in chapter.sentences %}{{ s }}{% endfor %}{% endfor %}",  # noqa: E501
        "{{ brief }}",
    )  # fmt: skip
    said = "\n".join(p.text for p in document.paragraphs)
    assert not re.search(r"\{\{|\}\}|\{%|edustats:brief", said)
    assert "county=甲县" in said
    assert "cover=甲县，2015—2024年" in said
    assert f"发展变化：{FINDING.sentence.zh}" in said
    assert document.sections[0].header.paragraphs[0].text == "甲县教育局"


def test_the_chapters_stand_where_the_template_wants_them(tmp_path, executed):
    document = filled(tmp_path, executed, "前言", "{{ brief }}", "落款")
    order = [p.text for p in document.paragraphs]
    place = order.index(next(text for text in order if text.startswith(FINDING.sentence.zh)))
    assert order.index("前言") < place < order.index("落款")
    assert len(document.tables) == 2  # the finding's table and that of the sources
    assert len(document.inline_shapes) == 1


def test_the_template_keeps_its_own_page_and_styles(tmp_path, executed):
    made = docx.Document()
    made.sections[0].left_margin = docx.shared.Mm(50)
    made.styles["Heading 1"].font.name = "Arial"
    made.add_paragraph("{{ brief }}")
    made.save(tmp_path / "own.docx")
    write_brief([executed], tmp_path / "b.docx", title="甲县", lang="zh", template=tmp_path / "own.docx")
    document = docx.Document(tmp_path / "b.docx")
    assert round(document.sections[0].left_margin.mm) == 50
    assert document.styles["Heading 1"].font.name == "Arial"


def test_a_hostile_name_stays_words_in_a_filled_template(tmp_path, executed):
    document = filled(tmp_path, executed, "{{ county }}", county=EVIL + "{{ 7*7 }}")
    assert document.paragraphs[0].text == (EVIL + "{{ 7*7 }}").replace("\x07", "")
    buffer = io.BytesIO()
    document.save(buffer)
    etree.fromstring(etree.tostring(document.element))


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("{{ conuty }}", "conuty"),
        ("{{ county", "写错"),
        ("{% for x in figures %}{{ x.label }}", "写错"),
        ("{{ county | nonsense }}", "写错"),
        ("{% for f in figures %}{{ f.lable }}{% endfor %}", "lable"),
        ("{{ county.__class__.__mro__ }}", "模板"),
        ("{{ county + 1 }}", "写错"),
    ],
)
def test_an_unknown_or_broken_placeholder_costs_one_sentence(tmp_path, paragraph, expected):
    with pytest.raises(DataError) as caught:
        template.check_template(written(tmp_path, paragraph))
    told = caught.value.text("zh")
    assert expected in told
    assert "模板.docx" in told
    assert "\n" not in told


def test_the_chapters_cannot_stand_in_a_table_or_beside_other_words(tmp_path):
    with pytest.raises(DataError, match="brief"):
        template.check_template(written(tmp_path, "正文：{{ brief }}"))
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "{{ brief }}"
    document.save(tmp_path / "t.docx")
    with pytest.raises(DataError, match="brief"):
        template.check_template(tmp_path / "t.docx")


def test_the_nearest_placeholder_is_named(tmp_path):
    with pytest.raises(DataError) as caught:
        template.check_template(written(tmp_path, "{{ conuty }}"))
    assert "最接近的是 county" in caught.value.text("zh")


def test_what_is_no_word_file_or_no_file_is_said(tmp_path):
    (tmp_path / "x.docx").write_bytes(b"not a zip")
    with pytest.raises(DataError, match=r"x\.docx"):
        template.check_template(tmp_path / "x.docx")
    with pytest.raises(MissingFileError):
        template.check_template(tmp_path / "none.docx")


def test_a_bad_template_stops_the_command_before_anything_runs(tmp_path, michigan):
    made = written(tmp_path, "{{ nobody }}")
    run = CliRunner().invoke(
        app, ["report", "--store", str(michigan), "--out", str(tmp_path / "out"), "--template", str(made)]
    )
    assert isinstance(run.exception, DataError)
    assert not (tmp_path / "out").exists()


def test_the_reports_are_made_again_when_the_template_has_changed(tmp_path):
    from edustats.report.edition.stale import ReportInputs, list_changed_parts

    made = written(tmp_path, "{{ county }}")
    before = ReportInputs(template=made)._common
    written(tmp_path, "{{ title }}")
    assert list_changed_parts(before, ReportInputs(template=made)._common) == ["template"]

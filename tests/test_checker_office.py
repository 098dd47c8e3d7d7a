"""Are the figures in the margins, lists, charts, slides, sheets and pages of a draft read as well?"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from edustats.briefing import check, run
from edustats.briefing.documents import parse
from edustats.briefing.report import summary
from edustats.briefing.word_numbers import chinese

WRONG = "专任教师2000人，其中女教师2400人。"


def saved(document: object) -> bytes:
    held = io.BytesIO()
    document.save(held)  # type: ignore[attr-defined]
    return held.getvalue()


def wrong(data: bytes, name: str) -> list[str]:
    document = parse(data, name)
    return [
        claim.quote
        for claim in check(document.text, None, document.markup)
        if claim.verdict == "inconsistent"
    ]


def test_headers_and_footers_are_read_after_the_body() -> None:
    draft = docx.Document()
    draft.add_paragraph("全县教育工作总结")
    draft.sections[0].header.paragraphs[0].text = WRONG
    draft.sections[0].footer.paragraphs[0].text = "合格率由60%提高到72%，提高15个百分点。"
    assert len(wrong(saved(draft), "稿.docx")) == 2


def test_hidden_text_is_said_to_be_hidden(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = docx.Document()
    draft.add_paragraph("公开的文字。")
    draft.add_paragraph().add_run(WRONG).font.hidden = True
    (tmp_path / "稿.docx").write_bytes(saved(draft))
    assert run([tmp_path / "稿.docx"]) == 1
    assert "（隐藏文字）部分（2400人）大于总体（2000人）" in capsys.readouterr().out


def numbered(draft: object, texts: list[str], form: str, text: str) -> None:
    """Paragraphs of one list that Word numbers by itself."""
    numbering = draft.part.numbering_part.element  # type: ignore[attr-defined]
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    level = OxmlElement("w:lvl")
    level.set(qn("w:ilvl"), "0")
    for tag, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", text)):
        child = OxmlElement(tag)
        child.set(qn("w:val"), value)
        level.append(child)
    abstract.append(level)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    of = OxmlElement("w:abstractNumId")
    of.set(qn("w:val"), "77")
    number.append(of)
    numbering.append(number)
    for line in texts:
        paragraph = draft.add_paragraph(line)  # type: ignore[attr-defined]
        mark = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        mark.get_or_add_ilvl().val = 0
        mark.get_or_add_numId().val = 77


def test_numbers_that_word_sets_by_itself_are_text() -> None:
    draft = docx.Document()
    numbered(draft, ["建学校。", "招教师。", "配设备。"], "chineseCounting", "%1是")
    assert parse(saved(draft), "稿.docx").text.split() == ["一是建学校。", "二是招教师。", "三是配设备。"]
    assert [chinese(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]


def sheet(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


ROWS = [["学校", "学生"], ["一小", 1100], ["二小", 800], ["三小", 700], ["合计", 2700]]


def test_the_workbook_inside_a_chart_is_read() -> None:
    held = io.BytesIO(saved(docx.Document()))
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("word/embeddings/Microsoft_Excel_Sheet1.xlsx", sheet(ROWS))
    assert wrong(held.getvalue(), "稿.docx") == ["2700"]


def test_a_workbook_is_read_sheet_by_sheet() -> None:
    assert wrong(sheet(ROWS), "表.xlsx") == ["2700"]
    assert wrong(sheet([*ROWS[:-1], ["合计", 2600]]), "表.xlsx") == []


def test_slides_are_read_in_order_with_their_tables() -> None:
    word = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slide = f'<p xmlns:a="{word}"><a:p><a:r><a:t>{{}}</a:t></a:r></a:p></p>'
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody></a:tc>"
    cells = "".join(f"<a:tr>{''.join(map(cell.format, row))}</a:tr>" for row in ROWS)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("ppt/presentation.xml", "<p/>")
        archive.writestr("ppt/slides/slide10.xml", slide.format("第十页"))
        archive.writestr("ppt/slides/slide2.xml", slide.format(WRONG))
        archive.writestr("ppt/slides/slide3.xml", f'<p xmlns:a="{word}"><a:tbl>{cells}</a:tbl></p>')
    text = parse(held.getvalue(), "片.pptx").text
    assert text.index("专任教师") < text.index("合计") < text.index("第十页")
    assert wrong(held.getvalue(), "片.pptx")[-1] == "2700"


def test_pages_of_a_pdf_are_joined_where_lines_were_only_wrapped() -> None:
    from edustats.briefing.office import _join_wrapped_lines

    page = "全县共有教师两千人，结构不断优化，其中具有本科及以上学历\n的教师占九成以上。\n一、下一步打算\n继续努力。"
    assert _join_wrapped_lines(page).split("\n")[0].endswith("学历的教师占九成以上。")
    assert "一、下一步打算" in _join_wrapped_lines(page).split("\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("教育是国之大计。", "没有读到可核对的数字：文中没有数字"),
        ("Обучение 15 детей в 3 школах города", "不是中文或英文"),
        ("锟斤拷锟斤拷2023锟斤拷锟斤拷", "乱码"),
        ("有\n教\n师\n2\n0\n0\n人\n左\n右", "从PDF粘贴"),
        ("今年1月天气晴。", "互不相关"),
    ],
)
def test_a_text_without_claims_says_so_and_why(text: str, why: str) -> None:
    document = parse(text.encode(), "稿.txt")
    claims = [] if "\n" in text else check(document.text)
    assert why in summary(document, claims, "zh")
    assert "0处错误" not in summary(document, claims, "zh")

"""Are drafts read whole, handed back unharmed, and hostile files refused with a sentence?"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from edustats.briefing import check, check_draft, run
from edustats.briefing.documents import parse, read_document
from edustats.errors import DataError, MissingFileError

WRONG = "上线率由6.52%上升到15.94%，增长了1.5倍。"
RIGHT = "上线率由60%提高到72%，提高12个百分点。"
BOX = (
    '<w:p {ns}><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
    "<w:p><w:r><w:t>"
    "学校由45所减少到38所，减少8所。</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)


def draft(path: Path) -> Path:
    """A Word draft with formatting that cuts through its numbers, a table and a text box."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for text, bold in (("上线率由6.5", True), ("2%上升到15.9", False), ("4%，增长了1.5倍。", None)):
        paragraph.add_run(text).bold = bold
    table = document.add_table(4, 2)
    for row, cells in zip(
        table.rows, (("县区", "学校数"), ("甲县", "10"), ("乙县", "20"), ("合计", "33")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.element.body.insert(2, parse_xml(BOX.format(ns=nsdecls("w"))))
    document.add_paragraph(RIGHT)
    document.save(path)
    return path


def test_body_tables_and_text_boxes_are_all_read(tmp_path: Path) -> None:
    document = read_document(draft(tmp_path / "a.docx"))
    wrong = {
        claim.quote
        for claim in check(document.text, markup=document.markup)
        if claim.verdict == "inconsistent"
    }
    assert wrong == {"上线率由6.52%上升到15.94%，增长了1.5倍", "33", "学校由45所减少到38所，减少8所"}


def test_footnotes_are_read(tmp_path: Path) -> None:
    source, target = draft(tmp_path / "a.docx"), tmp_path / "b.docx"
    note = f"<w:p><w:r><w:t>{WRONG}</w:t></w:r></w:p>"
    notes = f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2">{note}</w:footnote></w:footnotes>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        new.writestr("word/footnotes.xml", notes)
    assert read_document(target).text.rstrip().endswith("增长了1.5倍。")


def test_comments_stand_at_the_exact_words_and_the_text_is_unchanged(tmp_path: Path) -> None:
    source, target = draft(tmp_path / "a.docx"), tmp_path / "b.docx"
    before = source.read_bytes()
    assert run([source], format="docx", out=target) == 1
    assert source.read_bytes() == before
    old, new = docx.Document(source), docx.Document(target)
    assert [p.text for p in old.paragraphs] == [p.text for p in new.paragraphs]
    assert read_document(source).text == read_document(target).text
    assert len(list(new.comments)) == 3
    assert [comment.text for comment in new.comments if "“学校由45所减少到38所" in comment.text]
    assert commented(new)[0] == "上线率由6.52%上升到15.94%，增长了1.5倍"
    assert formats(old.paragraphs[0]) == formats(new.paragraphs[0])


def commented(document: docx.document.Document) -> list[str]:
    """Words between the start and the end of each comment, in order."""
    found, inside = [], False
    for node in document.element.body.iter():
        tag = node.tag.rsplit("}", 1)[-1]
        if tag == "commentRangeStart":
            inside, words = True, ""
        elif tag == "commentRangeEnd":
            inside = False
            found.append(words)
        elif tag == "t" and inside:
            words += node.text
    return found


def formats(paragraph: docx.text.paragraph.Paragraph) -> list[tuple[str, bool | None]]:
    """Every character with its boldness."""
    return [(sign, r.bold) for r in paragraph.runs for sign in r.text]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", WRONG.encode("gb18030")),
        ("a.md", ("# 成绩\n\n上线率由**6.52%**上升到[15.94%](x)，增长了1.5倍。").encode()),
        (
            "a.html",
            "<html><head><style>p{}</style></head><body><p>上线率由<b>6.52%</b>上升到15.94%，增长了1.5倍。</p><script>9%</script></body></html>".encode(),
        ),
    ],
)
def test_every_plain_format_finds_the_same_error(name: str, data: bytes) -> None:
    document = parse(data, name)
    (claim,) = [c for c in check(document.text, markup=document.markup) if c.verdict == "inconsistent"]
    assert claim.expected == 1.4448
    assert document.text[claim.start : claim.end] == claim.quote


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_png", ".png"), data)
    return buffer.getvalue()


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENTITY = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'
EMPTY_BODY = f"<w:document {nsdecls('w')}><w:body><w:p/></w:body></w:document>".encode()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.doc", COMPOUND, ".doc文件"),
        ("a.wps", COMPOUND, ".wps|WPS文字"),
        ("a.doc", b"{\\rtf1}", ".doc文件"),
        ("a.docx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "加密"),
        ("a.docx", b"PK\x03\x04 broken", "损坏"),
        ("a.docx", b"no archive at all", "损坏"),
        ("a.docx", zipped(other_xml=b"<a/>"), "损坏"),
        ("a.docx", zipped(word__document_xml=b"<a><b></a>"), "损坏"),
        ("a.docx", zipped(word__document_xml=ENTITY), "实体"),
        ("a.docx", zipped(word__document_xml=b"<a>" + b" " * (8 << 20) + b"</a>"), "异常大"),
        ("a.docx", zipped(word__document_xml=EMPTY_BODY, word__media__image1_png=b"x"), "只有图片"),
        ("a.docx", zipped(word__document_xml=EMPTY_BODY), "空的"),
        ("a.txt", b"", "空的"),
        ("a.txt", b"\xef\xbb\xbf\r\n", "空的"),
        ("a.pdf", b"%PDF-1.7", "损坏|pdf"),
        ("a.rtf", b"{\\rtf1}", ".rtf文件"),
        ("a.pptx", zipped(other_xml=b"<a/>"), "损坏"),
        ("a.xlsx", b"PK no workbook", "损坏"),
        ("a.odt", b"text", "不支持"),
    ],
)
def test_every_bad_file_gets_a_sentence_that_names_it(name: str, data: bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(data, name)
    message = caught.value.text("zh")
    assert message.startswith(name)
    assert any(word in message for word in words.split("|"))


def test_a_bad_file_ends_with_exit_code_2_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, out = tmp_path / "good.txt", tmp_path / "bad.doc", tmp_path / "out.json"
    good.write_text(WRONG, "utf-8")
    bad.write_bytes(COMPOUND)
    assert run([good, bad], format="json", out=out) == 2
    assert not out.exists()
    assert "bad.doc" in capsys.readouterr().err


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as stream:
        stream.truncate(50 << 20)
    with pytest.raises(DataError) as caught:
        read_document(big)
    assert "50 MB" in caught.value.text("zh")
    with pytest.raises(DataError, match="MB"):
        parse(b"a" * (6 << 20), "long.txt")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MissingFileError):
        read_document("nowhere.docx")


def test_the_exit_code_tells_errors_from_none(tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.txt", tmp_path / "right.txt"
    wrong.write_text(WRONG, "utf-8")
    right.write_text(RIGHT, "utf-8")
    assert run([wrong]) == 1
    assert run([right]) == 0


def test_a_number_overwritten_by_a_year_is_an_error_though_nothing_can_be_said_of_it(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("大班额率7.3%，是全省唯一一个低于2023%的市州。", "utf-8")
    assert run([source]) == 1


def test_json_has_one_object_per_file(tmp_path: Path) -> None:
    files = []
    for name, text in (("a.txt", WRONG), ("b.txt", RIGHT)):
        (tmp_path / name).write_text(text, "utf-8")
        files.append(tmp_path / name)
    out = tmp_path / "out.json"
    run(files[:1], format="json", out=out)
    assert json.loads(out.read_text("utf-8"))["file"] == "a.txt"
    run(files, format="json", out=out)
    assert [record["file"] for record in json.loads(out.read_text("utf-8"))] == ["a.txt", "b.txt"]


def test_html_shows_the_draft_and_marks_the_claim(tmp_path: Path) -> None:
    source, out = tmp_path / "a.txt", tmp_path / "a.html"
    source.write_text("<script>" + WRONG, "utf-8")
    run([source], format="html", out=out)
    page = out.read_text("utf-8")
    assert "&lt;script&gt;" in page
    assert '<mark class="error"' in page


def test_standard_input_is_a_file_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    assert run(["-"]) == 1
    assert "1.44" in capsys.readouterr().out


@pytest.mark.parametrize(("format", "name"), [("docx", "a.txt"), ("pdf", "a.txt"), ("text", "a.txt")])
def test_the_draft_is_never_overwritten_and_odd_formats_are_refused(
    tmp_path: Path, format: str, name: str
) -> None:
    source = tmp_path / name
    source.write_text(WRONG, "utf-8")
    assert run([source], format=format, out=source) == 2
    assert source.read_text("utf-8") == WRONG


def test_the_notebooks_verb_shows_the_invented_example_and_its_claims() -> None:
    review = check_draft(lang="en")
    assert review.errors == 6
    assert list(review.table.columns) == [
        "quote",
        "kind",
        "stated",
        "expected",
        "verdict",
        "severity",
        "note",
    ]
    assert "<iframe" in review._repr_html_()


def test_the_report_speaks_english_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.txt"
    source.write_text(WRONG, "utf-8")
    run([source], lang="en")
    assert "the other numbers give 1.44" in capsys.readouterr().out

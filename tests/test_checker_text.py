"""Does the clean text lose the damage and keep every place?"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.briefing import check
from edustats.briefing.text import clean, decode
from edustats.errors import DataError

SENTENCE = "全县在园幼儿3.42万人，比上年减少0.18万人，下降5.0%。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_the_office_gives_the_same_text(encoding: str) -> None:
    assert decode(SENTENCE.encode(encoding)) == SENTENCE


def test_a_file_pasted_together_from_two_encodings_is_read_line_by_line() -> None:
    assert decode("增长5%\n".encode() + "下降3%".encode("gb18030")) == "增长5%\n下降3%"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DataError, match=r"not readable|不是可识别"):
        decode(b"\x00\x00\x01\x00" * 200, "a.bin")


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("會(huì) 經(jīng)費(fèi)2018年(nián)增長(cháng)5％", "会经费2018年增长5%"),
        ("據(ju)常(chang)(chang)住(zhu)人口", "据常住人口"),
        ("达到了１２．５％", "达到了12.5%"),
        ("小学1 122所，中学2 083所", "小学1122所，中学2083所"),
        ("占6 5 ％以上，生均3. 1平方米", "占65%以上，生均3.1平方米"),
        ("毛入园率89。7%，提高1。6个百分点", "毛入园率89.7%，提高1.6个百分点"),
        ("在园幼儿[4]4805.21万人", "在园幼儿4805.21万人"),
        ("53.01万所◈✿✿★,比上年", "53.01万所，比上年"),
        ("共有学校100所,,其中,。", "共有学校100所，其中。"),
        ("结构为3.0：41.8：55.2", "结构为3.0:41.8:55.2"),
        ("4,614.46亿元,增长", "4,614.46亿元，增长"),
    ],
)
def test_damage_seen_in_the_wild_is_set_aside(given_text: str, cleaned: str) -> None:
    assert clean(given_text).text == cleaned


def test_a_page_mark_inside_a_number_goes_and_a_numbered_item_stays() -> None:
    body = "各级各类学校" * 12
    assert "55.6%" in clean(f"{body}，普惠园占55\n\n3、.6%。").text
    assert "2、提高质量" in clean("工作要点。\n\n2、提高质量。").text


def test_lines_of_windows_end_like_others() -> None:
    assert clean("增长5%。\r\n下降3%。\r\n").text == "增长5%。\n下降3%。\n"


def test_a_page_number_between_two_halves_of_a_sentence_goes() -> None:
    halves = "全市共有各级各类学校一千余所，在校学生达到五十六万\n— 3 —\n七千人，比上年增加三千人。"
    assert "五十六万七千人" in clean(halves).text


def test_wrapped_lines_are_joined_and_headings_are_not() -> None:
    wrapped = "全市共有各级各类学校一千余所，在校学生达到五十六万\n七千人，比上年增加三千人。"
    assert "五十六万七千人" in clean(wrapped).text
    assert "\n" in clean("一、成绩\n全市共有学校100所").text


@given(st.text(alphabet="全县增长由提高到，。；(（ 1234567890.%％百分点萬經(jīng)\n\t[2]，", max_size=120))
def test_every_clean_character_knows_its_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.starts) == len(cleaned.ends) == len(cleaned.text)
    assert cleaned.starts == sorted(cleaned.starts)
    assert all(0 <= start < end <= len(text) for start, end in zip(cleaned.starts, cleaned.ends, strict=True))


@given(st.text(alphabet="全县增长由提高到为比上年，。；(） 1234567890.%个百分点万所其中占", max_size=150))
def test_a_quote_is_always_the_given_text_at_its_offsets(text: str) -> None:
    for claim in check(text):
        assert text[claim.start : claim.end] == claim.quote


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1,",
        "(",
        "由",
        "增长",
        "1 1",
        "\n\n1、",
        "[1",
        "<p",
        "比上年",
        "、一二三",
        "1.1.",
        "其中1所，",
        "分别为1%、",
        "(a)(b)",
        "   |",
        "\t1",
    ],
)
def test_hostile_repetition_costs_no_more_than_its_length(unit: str) -> None:
    calls = [_count_calls(check, (unit * length)[:length]) for length in (10_000, 20_000)]
    assert calls[1] <= 2.2 * calls[0] + 100


def _count_calls(work, text: str) -> int:
    """Calls of functions of Python and of C: what a machine's speed and load cannot change."""
    count = 0

    def note(frame, event: str, argument) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work(text)
    finally:
        sys.setprofile(None)
    return count

"""What did the writer type, once the damage is set aside?

Bytes become text, and text becomes clean text with a map back: every character of the clean text knows
which characters of the given text it stands for, so a claim can be quoted exactly as it was written.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

from edustats.briefing.lexicon import LEXICON
from edustats.errors import DataError

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
HAN = r"\u3400-\u9fff"


@dataclass(frozen=True)
class Cleaned:
    """Clean text, and for each of its characters the [start, end) it stands for in the given text."""

    given: str
    text: str
    starts: list[int] = field(repr=False)
    ends: list[int] = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the given text of the clean characters start to end (end excluded)."""
        return (self.starts[start], self.ends[end - 1]) if end > start else (0, 0)

    @cached_property
    def _stops(self) -> list[int]:
        return [match.start() for match in re.finditer(r"[。！？\n]", self.text)]

    def sentence(self, position: int) -> int:
        """Number of the sentence that holds a clean position."""
        return bisect_right(self._stops, position - 1)

    def sentence_bounds(self, number: int) -> tuple[int, int]:
        """Clean start and end of a sentence, its stop left out."""
        start = self._stops[number - 1] + 1 if number else 0
        end = self._stops[number] if number < len(self._stops) else len(self.text)
        return start, end


def decode(data: bytes, name: str = "") -> str:
    """Text of a file in UTF-8, GB18030 or UTF-16, with or without a mark at its start.

    Parameters
    ----------
    data : bytes, the whole file
    name : what to call the file in a message

    Returns
    -------
    str

    Examples
    --------
    >>> decode("增长5%".encode("gb18030"))
    '增长5%'
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decode_strictly(data, encoding) or data.decode(encoding, errors="replace")
    if data[:400].count(0) * 8 > len(data[:400]):
        return _decode_utf16(data, name)
    text = _decode_strictly(data, "utf-8")
    if text is None and not any(_is_utf8(line) for line in data.split(b"\n")):
        text = _decode_strictly(data, "gb18030")
    return _decode_mixed(data) if text is None else text


def _decode_strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_utf8(line: bytes) -> bool:
    """Chinese in UTF-8; a line of GB18030 hardly ever passes for it."""
    return not line.isascii() and _decode_strictly(line, "utf-8") is not None


def _decode_utf16(data: bytes, name: str) -> str:
    """UTF-16 without a mark: the zero bytes of ASCII stand on one side."""
    encoding = "utf-16-le" if data[1:400:2].count(0) >= data[0:400:2].count(0) else "utf-16-be"
    text = _decode_strictly(data, encoding)
    if text is None or text.count("\0") * 50 > len(text):
        raise DataError("briefing.not_text", file=name)
    return text


def _decode_mixed(data: bytes) -> str:
    """Each line in the encoding that fits it: files pasted together from two sources exist."""
    lines = data.split(b"\n")
    decoded = (_decode_strictly(line, "utf-8") or _decode_strictly(line, "gb18030") for line in lines)
    return "\n".join(
        text if text is not None else line.decode("gb18030", "replace")
        for text, line in zip(decoded, lines, strict=True)
    )


_Edit = Callable[[re.Match[str]], str]


class _Draft:
    """Text under repair: every edit keeps the map to the given text."""

    def __init__(self, given: str) -> None:
        self.given, self.text = given, given.translate(LEXICON.characters)
        self.starts, self.ends = list(range(len(given))), list(range(1, len(given) + 1))

    def edit(self, pattern: re.Pattern[str], replace: _Edit | str) -> None:
        """Replace matches; a replacement stands for all the characters it replaces."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = replace if isinstance(replace, str) else replace(match)
            if new == match.group():
                continue
            first, last = match.span()
            pieces += self.text[done:first], new
            starts += self.starts[done:first]
            ends += self.ends[done:first]
            starts += [self.starts[first]] * len(new)
            ends += [self.ends[last - 1]] * len(new)
            done = last
        if done:
            self.text = "".join((*pieces, self.text[done:]))
            self.starts, self.ends = starts + self.starts[done:], ends + self.ends[done:]

    def squeeze(self, pattern: re.Pattern[str], keep: Callable[[re.Match[str]], bool]) -> None:
        """Take the blanks out of matches, and leave every other character its own place."""
        cut = [
            (match.start() + i)
            for match in pattern.finditer(self.text)
            if keep(match)
            for i, sign in enumerate(match.group())
            if sign in " \u2009\u202f\t"
        ]
        if not cut:
            return
        gone = set(cut)
        kept = [i for i in range(len(self.text)) if i not in gone]
        self.text = "".join(self.text[i] for i in kept)
        self.starts, self.ends = [self.starts[i] for i in kept], [self.ends[i] for i in kept]


_RETURN = re.compile(r"\r\n?")
_PAGE_NUMBER = re.compile(r"\n[ ]{0,9}[-—–]{1,2} ?\d{1,3} ?[-—–]{1,2}[ ]{0,9}(?=\n)")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\u25a0-\u2775\u2794-\u27bf\ufffd\ufe0f]+")
_PINYIN = re.compile(rf"(?<=[{HAN}])(?:\([a-zɡāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ]{{1,7}}\)){{1,3}}")
_FOOTNOTE = re.compile(r"\[\d{1,2}\]")
_PAGE_MARK = re.compile(r"[ \t]{0,9}\n[ \t]{0,9}\n[ \t]{0,9}\d{1,3}、")
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:[ \u2009\u202f]\d{3}){1,3}(?!\d)")
_SPLIT_DIGITS = re.compile(r"(?<![\d.])\d(?: \d){1,9}(?: ?\.(?: ?\d){1,4})?(?= ?[%‰])")
_SPLIT_POINT = re.compile(r"(?<=\d)(?: \.|\. )(?=\d+ ?[%‰万亿元人所个平倍名米])")
_BLANKS = re.compile(r" +")
_STOP_FOR_POINT = re.compile(r"(?<=\d)。(?=\d{1,2}(?:%|个百分点|万|亿))")
_COMMA = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),")
_COLON = re.compile(r":(?!\d)|(?<!\d):")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN_SIGN = re.compile(rf"[{HAN}]")
_FULL_COMMA = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")
_FULL_COLON = re.compile(r"(?<=\d)：(?=\d)")
_DOUBLED = re.compile(r"[，、；]{2,}|[，、；]+(?=[。！？])")
_NEWLINE = re.compile(r"[ \t]{0,40}\n(?=[^\n])")
_HEADING = re.compile(
    rf"[ \t]*(?:[（(]?[一二三四五六七八九十\d]{{1,3}}[)）、.．]|第[{HAN}\d]{{1,3}}[章节条部]|[#|\-*>·—])"
)


def clean(text: str, markup: str = "") -> Cleaned:
    """Set the damage of a text aside, and remember where everything stood.

    Traditional characters of the lexicon become simplified; pinyin in brackets, page marks inside a
    sentence, footnote marks in brackets, injected symbols and blanks inside numbers go.

    Parameters
    ----------
    text : as given
    markup : "" for plain text, "html", "md" or "docx"; only plain text has lines wrapped by hand

    Returns
    -------
    Cleaned

    Examples
    --------
    >>> clean("經(jīng)費(fèi)1 122元").text
    '经费1122元'
    """
    draft = _Draft(text)
    if markup in ("html", "md"):
        _strip_markup(draft, markup)
    if is_english(draft.text):
        return _clean_english(draft)
    draft.edit(_FULL_COMMA, lambda match: "," if _is_full_width(match, draft) else match.group())
    draft.edit(_RETURN, "\n")
    draft.edit(_CUT_NUMBER, _cut_number)
    for pattern in (_PAGE_NUMBER, _INVISIBLE, _PINYIN, _FOOTNOTE):
        draft.edit(pattern, "")
    draft.edit(_PAGE_MARK, _page_mark)
    draft.squeeze(_SPLIT_DIGITS, lambda match: True)
    draft.squeeze(_SPLIT_POINT, lambda match: True)
    draft.squeeze(_THOUSANDS, _is_thousands)
    draft.edit(_BLANKS, _keep_blank)
    draft.edit(_STOP_FOR_POINT, ".")
    if not markup:
        draft.edit(_NEWLINE, _line_end)
    draft.edit(_COMMA, "，")
    draft.edit(_COLON, "：")
    draft.edit(_FULL_COLON, ":")
    draft.edit(
        _DOUBLED,
        lambda match: (
            match.group()[-1]
            if match.end() < len(match.string) and match.string[match.end()] not in "。！？"
            else ""
        ),
    )
    return Cleaned(text, draft.text, draft.starts, draft.ends)


def is_english(text: str) -> bool:
    """Is it a text in Latin letters, with hardly any Chinese?

    Examples
    --------
    >>> is_english("Enrolment rose by 3 % from 100 to 103."), is_english("在校生103人")
    (True, False)
    """
    sample = text[:20_000]
    return len(_LATIN_WORD.findall(sample)) > 3 and len(_HAN_SIGN.findall(sample)) * 20 < len(sample)


_WRAPPED = re.compile(r"(?<=[a-z,]) ?\n(?=[a-z\d])")
_SPACES = re.compile(r"[ \t\xa0\u2009\u202f]+")


def _clean_english(draft: _Draft) -> Cleaned:
    """Lines joined and blanks single; everything else as it was written."""
    draft.edit(_RETURN, "\n")
    draft.edit(_INVISIBLE, "")
    draft.edit(_WRAPPED, " ")
    draft.edit(_SPACES, lambda match: "\t" if "\t" in match.group() else " ")
    return Cleaned(draft.given, draft.text, draft.starts, draft.ends)


def _is_full_width(match: re.Match[str], draft: _Draft) -> bool:
    """A full-width comma between full-width digits parts thousands: １，９２５，４７５."""
    beside = (draft.given[draft.starts[match.start() - 1]], draft.given[draft.starts[match.end()]])
    full = all(sign in "０１２３４５６７８９" for sign in beside)
    return full or bool(
        _BEFORE_GROUP.search(match.string, max(0, match.start() - 12), match.start())
        and _GROUPS.match(match.string, match.start())
    )


_BEFORE_GROUP = re.compile(rf"[{HAN}](?<![第名位次])\d{{1,3}}(?:[，,]\d{{3}})*$")
_GROUPS = re.compile(r"(?:，\d{3})+(?:\.\d+)?(?:[人名所元册]|万[人元]|平方米)")
"""学生36，000人: a bare number before a comma and three digits with a unit is no clause of its own."""


def _cut_number(match: re.Match[str]) -> str:
    """在园幼儿12 at the end of a line and 400人 at the next one's start are one number."""
    before = match.string[max(0, match.start() - 12) : match.start()]
    return "" if _OPEN_NUMBER.search(before) else match.group()


_OPEN_NUMBER = re.compile(rf"[{HAN}](?<![表图件第章节])\d{{1,6}}$")
_CUT_NUMBER = re.compile(r"\n(?=\d{1,6}(?:\.\d+)?(?:[万亿]?[人名所元册]|平方米))")


def _page_mark(match: re.Match[str]) -> str:
    """A page mark stands inside a sentence, after a long line; a numbered item after a full stop."""
    text, start = match.string, match.start()
    before = text[start - 1 : start]
    long_line = text.rfind("\n", 0, start) < start - 60
    inside = before and before not in "。！？；：\n"
    return "" if inside and (long_line or before.isdigit()) else match.group()


def _is_thousands(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    before, after = text[max(0, start - 2) : start].strip(), text[end : end + 2].strip()
    word_before = not before or not before[-1].isascii() or before[-1] in "(,"
    return word_before and bool(re.match(rf"[{HAN}%‰.]", after)) and not re.match(r"\.\D", after)


def _keep_blank(match: re.Match[str]) -> str:
    """A blank means something only between two Latin words or numbers, or as a gap between columns."""
    text, (start, end) = match.string, match.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    between_words = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
    return match.group() if between_words or end - start > 2 else ""


def _line_end(match: re.Match[str]) -> str:
    """A wrapped line is joined to the next one; the end of a heading or a paragraph stays."""
    text, (start, end) = match.string, match.span()
    line = start - text.rfind("\n", 0, start) - 1
    before = text[start - 1 : start]
    wrapped = line >= 25 and before and before not in "。！？；：\n|\t" and not _HEADING.match(text, end)
    short_tail = text.find("\n", end)
    gap = "\t" in text[max(0, start - line) : start] or "   " in text[max(0, start - line) : start]
    full = short_tail == -1 or short_tail - end > 0
    return "" if wrapped and full and not gap else "\n"


_SCRIPT = re.compile(r"<(script|style|head)\b[^<>]*>(?:(?!</\1)[\s\S])*(?:</\1\s*>)?", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:(?!-->)[\s\S])*(?:-->)?")
_BLOCK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|blockquote)\b[^<>]*>", re.IGNORECASE
)
_ROW_GAP = re.compile(r"\t\s*\n\s*(?=\S)")
"""Rows of one table follow each other without a blank line."""
_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_HTML_BREAK = re.compile(r"[\r\n]+")
_EMPHASIS = re.compile(
    r"\*\*(?=[^\s*])(?=[^*\n]{1,400}\*\*)|(?<=[^\s*])\*\*|__(?=[^\s_])|`|^#{1,6} |^> ", re.MULTILINE
)
_LINK = re.compile(r"!?\[(?=[^\[\]\n]{1,300}\]\([^()\n]{1,500}\))|(?<=[^\[\n])\]\([^()\n]{1,500}\)")


def _strip_markup(draft: _Draft, markup: str) -> None:
    if markup == "md":
        draft.edit(_LINK, "")
        draft.edit(_EMPHASIS, "")
        return
    draft.edit(_SCRIPT, "\n")
    draft.edit(_COMMENT, "")
    draft.edit(_HTML_BREAK, "")
    draft.edit(_CELL, "\t")
    draft.edit(_BLOCK, "\n")
    draft.edit(_ROW_GAP, "\t\n")
    draft.edit(_TAG, "")
    draft.edit(_ENTITY, lambda match: unescape(match.group()).replace("\xa0", " ")[:1])

"""What rows does a text hold, whoever saved it? Encoding, line ends, separators and quotation marks.

A quotation mark that nobody closed swallows the rows after it and gives their figures to another county: such a
file is refused with the line where the mark stands.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from edustats.errors import DataError
from edustats.words import join_names

ENCODINGS = ("utf-8-sig", "gb18030", "big5", "utf-16", "cp1252")
SEPARATORS = (";", "\t", "|", ",")
LOOKED_AT = 60
_COMMON = frozenset(
    "的一年月日人数数量数數学學校区區县縣市省级級师師生男女班小初高中大园園教育经經费費元万萬千百合合计計总總地名称稱代码碼单單位国國公民立"
    "城乡鄉镇鎮村在专專任职職工别別率面积積统統项項目指标標注其"
)
"""Characters of headings in both scripts."""
_QUOTED = re.compile(r'"[^"\n]*"')
_HIGH = re.compile(rb"[\x80-\xff]+")


def decoded(content: bytes, name: str) -> str:
    """Text of a file in one of the encodings that offices use; a byte that fits none is refused.

    Examples
    --------
    >>> decoded("École".encode("latin-1"), "a.csv"), decoded("学校名称".encode("gb18030"), "a.csv")
    ('École', '学校名称')
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        order = ["utf-16"]
    elif _western(content):
        order = ["utf-8-sig", "cp1252"]
    else:
        order = ["utf-8-sig", "gb18030"]
    for encoding in order:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030":
            text = _in_common_words(content, text)
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    raise DataError("load.encoding", file=name, known=join_names(ENCODINGS))


def _in_common_words(content: bytes, simplified: str) -> str:
    """The text in Big5, where that gives more of the characters that tables are made of than GB 18030 does.

    Nearly every text in Big5 is valid GB 18030 too, and becomes other characters without an error.
    """
    try:
        traditional = content.decode("big5hkscs")
    except UnicodeDecodeError:
        return simplified
    return traditional if _common(traditional) > 2 * _common(simplified) else simplified


def _common(text: str) -> int:
    return sum(char in _COMMON for char in text[:20_000])


def _western(content: bytes) -> bool:
    """Whether the letters above ASCII stand alone in words, as accents do; Chinese ones come in twos and more.

    École in Latin-1 is valid GB18030 too, and would become another word without an error.
    """
    runs = _HIGH.findall(content[:200_000])
    alone = sum(len(run) == 1 for run in runs)
    return bool(runs) and alone > 0.8 * len(runs) and b"\x00" not in content[:1000]


def separator_of(text: str) -> str:
    """The separator of a table: the one that stands equally often in nearly every line.

    Examples
    --------
    >>> separator_of("a;b;c\\n1,5;2,5;3,5\\n"), separator_of('a,b\\n"1;2",3\\n')
    (';', ',')
    """
    lines = [line for line in text.split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]
    bare = [_QUOTED.sub("", line) for line in lines]
    commas = sum(line.count(",") for line in bare)
    for mark in SEPARATORS[:-1]:
        if mark == "\t" and sum(f"{line},".count("\t,") for line in bare) > 0.8 * sum(
            line.count("\t") for line in bare
        ):
            continue  # of a data base's download: every cell ends with a tab, and commas part them
        counts = Counter(line.count(mark) for line in bare)
        usual, times = max(((n, k) for n, k in counts.items() if n), key=lambda pair: pair[1], default=(0, 0))
        if usual and times >= 0.6 * len(bare) and (usual > 1 or usual * times >= commas):
            return mark
    return "," if commas else max(SEPARATORS, key=lambda mark: sum(line.count(mark) for line in bare))


def rows_of(content: bytes, name: str) -> list[list[object]]:
    """The rows of a text file, every cell as text.

    Raises
    ------
    DataError
        An encoding nobody knows; a quotation mark that is not closed, with its line.
    """
    text = decoded(content, name)
    mark = separator_of(text)
    # a tab-separated copy from Excel has no quoting of its own, but Excel quotes what holds a line break
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[list[object]] = []
    line = 1
    try:
        for row in reader:
            _refuse_swallowed(row, mark, name, line)
            rows.append([*row])
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError("load.quote", file=name, line=line) from error
    return rows


def _refuse_swallowed(row: list[str], mark: str, name: str, line: int) -> None:
    """A cell that holds whole rows: its quotation mark closes that of a later row."""
    for cell in row:
        breaks = cell.count("\n")
        if breaks and len(row) > 1 and cell.count(mark) >= breaks * (len(row) - 1):
            raise DataError("load.quote", file=name, line=line)

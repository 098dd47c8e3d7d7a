"""What else is a heading called? The words of other people's tables for those of our forms and catalogue."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from edustats.load.reading.headers import bare_label, find, label, wanted

FILE = Path(__file__).with_name("synonyms.toml")
TOTALS = ("合计", "计", "总计", "小计")


@cache
def words_for() -> dict[str, frozenset[str]]:
    """Every word of ours and the words that stand for it elsewhere, itself among them."""
    raw = tomllib.loads(FILE.read_text("utf-8"))["words"]
    return {label(word): frozenset({label(word), *map(label, others)}) for word, others in raw.items()}


def called(word: str) -> frozenset[str]:
    """The words that one of ours may be called, in small letters.

    Examples
    --------
    >>> "在校学生数" in called("在校生数"), called("绝无仅有") == {"绝无仅有"}
    (True, True)
    """
    return words_for().get(label(word), frozenset({label(word), bare_label(word)}))


def find_called(paths: Sequence[tuple[str, ...]], path: str) -> list[int]:
    """Positions of the header paths that fit a declared one, by its own words or by what others call them.

    A declared ``专任教师/合计`` also fits a heading 专任教师 that stands alone.

    Parameters
    ----------
    paths : labels above every column, outermost first
    path : the declared path; ``|`` parts alternatives

    Examples
    --------
    >>> find_called([("学校名称",), ("专任教师数",), ("在校学生数",)], "专任教师/合计")
    [1]
    """
    if found := find(paths, path):
        return found
    for words in wanted(path):
        for declared in (words, words[:-1] if len(words) > 1 and words[-1] in TOTALS else ()):
            if not declared:
                continue
            equal = [j for j, have in enumerate(paths) if _equal(declared, have)]
            if equal:
                return equal
            longer = [j for j, have in enumerate(paths) if declared is words and _within(declared, have)]
            if longer:
                return longer
    return []


_AROUND = re.compile(
    r"^(?:期末|年末|年底|学年初|年初|本学年|现有)(?=..)|(?<=..)(?:合计|总计|小计|总数|总人数)$"
)


def _is_called(heading: str, word: str) -> bool:
    """Whether a heading is one of a word's names, 期末 before it and 合计 behind it disregarded."""
    bare = bare_label(heading)
    return bare in called(word) or _AROUND.sub("", bare) in called(word)


def _equal(words: Sequence[str], have: Sequence[str]) -> bool:
    return len(words) == len(have) and all(_is_called(h, w) for w, h in zip(words, have, strict=True))


def _within(words: Sequence[str], have: Sequence[str]) -> bool:
    if not have or bare_label(have[-1]) not in called(words[-1]):
        return False
    rest = iter(have)
    return all(any(bare_label(one) in called(word) for one in rest) for word in words)

"""Of which area does a paragraph speak where its sentences do not say? Of the one that opens it, or its heading.

（一）攸县。小学在校生36914人 and 荷塘区：…… open with their area; 攸县 on a line of its own is a heading. An area that
an earlier sentence of the paragraph names may be meant still, or the document's own again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_COUNT = r"[一二三四五六七八九十\d]{1,3}"
_NUMBER = rf"\s*(?:#{{1,6}}\s*)?(?:第{_COUNT}[章节条]|[（(]?{_COUNT}[）)]?)?\s*[、.．]?\s*\**"
_HEADING = re.compile(rf"{_NUMBER}[^。；，,;]{{2,24}}$")
MOST_LINES = 12
"""Paragraphs under one heading that are looked back over."""


class Topics:
    """The areas that the paragraphs of one text are about."""

    def __init__(self, text: str, areas: Sequence[str]) -> None:
        self.text = text
        names = "|".join(re.escape(name) for name in sorted(areas, key=len, reverse=True))
        self.opening = (
            re.compile(rf"{_NUMBER}({names})(?:教育局)?\**\s*(?:[。：:]|——?|\s|$)") if names else None
        )
        self.named = re.compile(names) if names else None
        self._find = cache(self._read)

    def find(self, position: int) -> tuple[str, bool]:
        """The area and whether the words leave no other; '' where nothing tells."""
        start = self.text.rfind("\n", 0, position) + 1
        sentence = max(self.text.rfind(sign, start, position) for sign in "。！？") + 1
        return self._find(start, max(sentence, start))

    def _read(self, start: int, sentence: int) -> tuple[str, bool]:
        if self.opening is None or self.named is None:
            return "", False
        if opened := self.opening.match(self.text, start):
            others = set(self.named.findall(self.text[opened.end() : sentence])) - {opened[1]}
            return opened[1], not others
        if told := self.named.findall(self.text[start:sentence]):
            return told[-1], False
        return self._find_heading(start)

    def _find_heading(self, start: int) -> tuple[str, bool]:
        """The heading over a paragraph, if it is an area and nothing else."""
        end = start
        for _ in range(MOST_LINES):
            if end <= 0:
                break
            begin = self.text.rfind("\n", 0, end - 1) + 1
            line, end = self.text[begin : end - 1].strip(), begin
            if _HEADING.fullmatch(line):
                opened = self.opening.fullmatch(line) if self.opening else None
                return (opened[1], True) if opened else ("", False)
        return "", False

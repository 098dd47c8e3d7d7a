"""Whose is each number of a list? 小学、初中生师比分别为16.6:1、12.2:1 says two things and names the ratio once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.mentions import Mention

_UNITS = one_of([name for names in LEXICON.raw["units"].values() for name in names])
_LIST: Final = re.compile(rf"(?:[\d.,]+(?:万|亿)?(?:{_UNITS}|:1)?(?:[、和与及]|以及))+$")
_LINK: Final = re.compile(r"(?:已经|已)?(?:分别|依次|各)?(?:为|是|有|达到|达|占|:|：)?$")
_PARTS: Final = re.compile(r"[、和与及]|以及")
_SO_MANY_PLACES: Final = re.compile(
    r"(?<=[县市区旗])[两二三四五六七八九十\d]{1,2}个?(?:地|县市区|县区|县市|县|区|市|旗)"
)
"""攸县、茶陵县、醴陵市三地: the members, counted again."""
_STAGES: Final = [word for words in LEXICON.raw["stages"].values() for word in words]
_YEAR: Final = re.compile(r"((?:19|20)\d{2})年")


def find_item_words(clause: str, m: Mention, areas: Sequence[str]) -> tuple[str, Mention] | None:
    """The words that one number of a list would have if it stood alone, and the number with the year they name.

    Parameters
    ----------
    clause : what stands before the number since the last stop or comma
    m : the number, with its place in its list
    areas : names that a list may go through, beside stages and years

    Returns
    -------
    tuple of str, Mention; None where the words do not say which item is whose

    Examples
    --------
    >>> from edustats.briefing.mentions import mentions
    >>> from edustats.briefing.text import clean
    >>> text = clean("小学、初中生师比分别为16.6:1、12.2:1。")
    >>> [find_item_words(text.text[: m.q.start], m, [])[0] for m in mentions(text)[0]]
    ['小学生师比', '初中生师比']
    """
    if m.length < 2:
        return clause, m
    head = _LIST.sub("", clause)
    told = _SO_MANY_PLACES.sub("", _LINK.sub("", head))
    parts = [part for part in _PARTS.split(told) if part]
    if len(parts) != m.length or len(parts) < 2:
        return None if m.place or "分别" in head or "依次" in head else (clause, m)
    label = re.compile(
        one_of([*_STAGES, *areas, "城区", "镇区", "乡村", "城镇", "农村"]) + r"|(?:19|20)\d{2}年"
    )
    first, last = label.search(parts[0]), label.match(parts[-1])
    prefix = parts[0][: first.start()] if first else ""
    own = parts[m.place] if m.place else parts[0][len(prefix) :]
    if last and m.place < m.length - 1:
        own += "" if label.sub("", own) else parts[-1][last.end() :]
    year = _YEAR.search(own)
    return prefix + own, replace(m, year=int(year[1]), dated=True) if year else m

"""Why does a mask stay open? Each has its own reason: a name, a time of day, a bound, a figure no return collects."""

from __future__ import annotations

import re
from typing import Final

from edustats.words import Text, say

BEFORE, AFTER = 24, 12
SIGNS: Final = (
    ("time", r"[xX×\d]+[:：]$", r"^"),
    ("time", r"$", r"^[:：][xX×\d]{2}"),
    ("slogan", r"$", r"^[”」]?\+"),
    ("name", r"(?:爱|[·・])$|[“「《]$|[xX×][·・]$", r"^(?!项|个|名|所|万|亿)"),
    ("name", r"$", r"^(?:省|市|县|区|州|旗|乡|镇|街道|高校|大学|[^，,。；\d]{0,4}学院|师范|[·・]|[”」》])"),
    ("version", r"$", r"^(?:版本|版)"),
    ("bound", r"(?:不少于|不低于|不超过|至少|超过|近|约|力争)$", r"^"),
    ("bound", r"$", r"^(?:万|亿)?(?:余|多|左右)|^%?(?:以上|以下)|^(?:万|亿)?[元人所个名]?(?:余|多|左右|以上|以下)"),
    ("survey", r"(?:满意[率度]|认可度)[^，,。；]{0,4}$", r"^"),
    ("activity", r"(?:培训|挂职|选派|共建|基地|遴选|活动|实验室|接入|开放|事项|配备|保安|监控)[^。；]{0,14}$", r"^"),
)  # fmt: skip
"""Reason, words before the mask, words after it; the first that fits."""
_COMPILED: Final = tuple((kind, re.compile(before), re.compile(after)) for kind, before, after in SIGNS)


def explain_open(text: str, start: int, end: int) -> Text:
    """The reason why a mask that no indicator fills stays as it is.

    Parameters
    ----------
    text : the speech
    start, end : where the mask stands in it

    Returns
    -------
    Text
        One sentence: what kind of thing it is, and whom to ask.

    Examples
    --------
    >>> explain_open("下午延长至xx:xx，", 5, 7).zh
    '未填：这是时刻，不是统计数；请按实际填写。'
    """
    before, after = text[max(0, start - BEFORE) : start], text[end : end + AFTER]
    for kind, lead, tail in _COMPILED:
        if lead.search(before) and tail.search(after):
            return say(f"masks.open_{kind}")
    return say("masks.left")

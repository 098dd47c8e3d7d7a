"""By which Latin letters does a Chinese name begin, word sign by word sign? 生师比 is ssb.

GB 2312 lists its 3,755 commonest signs by their sound, so the place of a sign tells its first letter; of the others
nothing is said.
"""

from __future__ import annotations

from bisect import bisect_right

FIRST = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"),
    (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"),
    (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"),
    (0xD1B9, "y"), (0xD4D1, "z"),
)  # fmt: skip
"""Code of the first sign of each letter."""
LAST = 0xD7F9
_CODES = [code for code, _ in FIRST]


def abbreviate_by_sound(name: str) -> str:
    """First letters of the signs of a name; Latin letters and digits stay, everything else goes.

    Examples
    --------
    >>> abbreviate_by_sound("小学生师比")
    'xxssb'
    """
    return "".join(map(_letter, name)).lower()


def _letter(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else ""
    try:
        code = int.from_bytes(sign.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    return FIRST[bisect_right(_CODES, code) - 1][1] if FIRST[0][0] <= code <= LAST else ""

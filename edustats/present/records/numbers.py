"""How is a number said? Formats, and the sentences of changes, trends, spreads and gaps.

Numbers are computed from unrounded data and rounded once, half up, here. Sentences follow the
conventions of Chinese official briefings; the words themselves stand in ``words/sentences.toml``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache

from edustats.catalogue import Unit, catalogue
from edustats.words import DASH, NumericText, SpokenText, Text, concatenate_texts, fill_english, say

MINUS = "−"
TEN_THOUSAND, HUNDRED_MILLION = 10_000, 100_000_000
MARKED_BELOW = 0.95
"""Coverage below which a figure carries its mark wherever it is printed."""
DIGITS = 13
"""Significant digits that a computed value is taken to have."""
MONEY = ("yuan", "dollar")
COUNTED = ("person", "yuan", "volume", "square_metre", "dollar")


def round_half_up(value: float, decimals: int) -> Decimal:
    """Round half up, from the decimal that the float stands for.

    Binary arithmetic leaves its error behind the thirteenth digit (23/80 × 100 is 28.749999999999996): it is taken
    off first, so that a tie is a tie.

    Examples
    --------
    >>> str(round_half_up(0.125, 2)), str(round_half_up(2.675, 2)), str(round_half_up(23 / 80 * 100, 1))
    ('0.13', '2.68', '28.8')
    """
    meant = Decimal(f"{float(value):.{DIGITS - 1}e}")
    return meant.quantize(_get_last_place(decimals), rounding=ROUND_HALF_UP)


@cache
def _get_last_place(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def format_digits(value: float, decimals: int, lang: str, grouped: bool = False) -> str:
    """A number with a fixed number of decimals and a real minus sign; never minus zero.

    Examples
    --------
    >>> format_digits(-1234.5, 1, "en", grouped=True)
    '−1,234.5'
    """
    number = round_half_up(value, decimals)
    text = f"{abs(number):,f}" if grouped and lang == "en" else f"{abs(number):f}"
    return f"{MINUS}{text}" if number < 0 else text


def format_amount(value: float, unit: Unit, decimals: int | None = None, kind: str = "level") -> Text:
    """A value with its unit, as prose prints it: 12.5%, 3.46万人, 22.2:1.

    Chinese prose writes counts of persons from ten thousand up in 万; a share never becomes 100% or 0%
    by rounding alone.

    Examples
    --------
    >>> from edustats.catalogue import catalogue
    >>> format_amount(0.9996, catalogue().units["share"]).zh, format_amount(23456, catalogue().units["person"]).zh
    ('99.96%', '2.35万人')
    """
    if not math.isfinite(value):
        return DASH
    places = choose_decimals(unit, value) if decimals is None else decimals
    shown = value * unit.times
    english = format_digits(shown, places, "en", grouped=True)
    chinese = unit.value.zh.format(value=_format_large_number(shown, places, unit))
    return NumericText(chinese, fill_english(unit.value.en, value=english), value, unit.key, places, kind)


def _format_large_number(shown: float, places: int, unit: Unit, size: float | None = None) -> str:
    """Chinese digits of a count or a sum of money: in 亿 or 万 where it, or ``size``, is that large."""
    word, factor, decimals = _choose_scale(shown if size is None else size, places, unit.key)
    if size is None and unit.key in MONEY and factor == TEN_THOUSAND and shown % factor == 0:
        decimals = 0  # 5130万元: what was given in whole 万 has no fen
    return f"{format_digits(shown / factor, decimals, 'zh')}{word}"


def _choose_scale(size: float, places: int, unit: str) -> tuple[str, int, int]:
    """The word, factor and decimals that a number of this size is printed with: as rounded, not as computed.

    Examples
    --------
    >>> _choose_scale(9999.6, 0, "person"), _choose_scale(99_999_999, 0, "person")
    (('万', 10000, 2), ('亿', 100000000, 2))
    """
    if unit in COUNTED:
        if round_half_up(abs(size) / TEN_THOUSAND, 2) >= TEN_THOUSAND:
            return "亿", HUNDRED_MILLION, 2
        if round_half_up(abs(size), places) >= TEN_THOUSAND:
            return "万", TEN_THOUSAND, 2
    return "", 1, places


def choose_decimals(unit: Unit, *values: float) -> int:
    """Decimals these values share: more where fewer would make a failure 100% or a few 0%."""
    return max(_count_decimals(value, unit) for value in values)


def _count_decimals(value: float, unit: Unit) -> int:
    places = unit.decimals
    while (
        unit.key == "share"
        and 0 < value < 1
        and places < 4
        and round_half_up(value * 100, places) in (0, 100)
    ):
        places += 1
    return places


def format_without_unit(value: float, unit: Unit, decimals: int | None = None, kind: str = "level") -> Text:
    """A value on its print scale without its unit, for tables and intervals; a dash where there is none."""
    if not math.isfinite(value):
        return DASH
    places = unit.decimals if decimals is None else decimals
    shown = value * unit.times
    texts = format_digits(shown, places, "zh"), format_digits(shown, places, "en", grouped=True)
    return NumericText(*texts, value, unit.key, places, kind)


def format_difference(
    value: float, unit: Unit, decimals: int | None = None, kind: str = "difference"
) -> Text:
    """The size of a difference of two values: percentage points for shares, else its own unit."""
    size = format_without_unit(abs(value), unit, decimals)
    places = unit.decimals if decimals is None else decimals
    chinese = _format_large_number(abs(value) * unit.times, places, unit)
    said = unit.gap.zh.format(value=chinese), fill_english(unit.gap.en, value=size.en)
    return NumericText(*said, value, unit.key, places, kind)


def keep_sign(size: Text, value: float) -> Text:
    """A size whose direction the words say (下降3.2%): printed without its sign and held with it.

    Examples
    --------
    >>> keep_sign(format_percent(0.032, kind="rate"), -0.032).value
    -0.032
    """
    return replace(size, value=value) if isinstance(size, NumericText) else size


def format_number(value: float, decimals: int, unit: str = "", kind: str = "level") -> Text:
    """A plain number, without a unit to print: a coefficient, a distance, a sum of money already scaled.

    ``value`` is finite, or a dash stands for it.

    Examples
    --------
    >>> format_number(-1234.56, 1).en
    '−1,234.6'
    """
    if not math.isfinite(value):
        return DASH
    texts = format_digits(value, decimals, "zh"), format_digits(value, decimals, "en", grouped=True)
    return NumericText(*texts, value, unit, decimals, kind)


def format_percent(share: float, decimals: int = 1, kind: str = "level") -> Text:
    """A share of 0–1 as per cent.

    Examples
    --------
    >>> format_percent(0.1234).zh
    '12.3%'
    """
    if not math.isfinite(share):
        return DASH
    text = f"{format_digits(share * 100, decimals, 'zh')}%"
    return NumericText(text, text, share, "share", decimals, kind)


def format_exact(value: float, unit: str = "") -> Text:
    """A number with the decimals it has: a threshold as its document gives it.

    Examples
    --------
    >>> format_exact(4.2).zh, format_exact(0.5, "share").zh, format_exact(2000.0).en
    ('4.2', '50%', '2,000')
    """
    meant = Decimal(f"{value * (100 if unit == 'share' else 1):.{DIGITS}g}").normalize()
    decimals = max(0, -int(meant.as_tuple().exponent))
    return format_percent(value, decimals) if unit == "share" else format_number(value, decimals, unit)


def with_sign(size: Text, sign: str = "") -> Text:
    """A size with its sign before it; without ``sign`` a plus where there is no minus."""
    if not isinstance(size, NumericText):
        return size
    sign = sign or ("" if size.en.startswith(MINUS) else "+")
    value = -abs(size.value) if sign == MINUS else size.value
    return replace(size, zh=f"{sign}{size.zh}", en=f"{sign}{size.en}", value=value)


def mark_coverage(text: Text, coverage: float, least: float = MARKED_BELOW) -> Text:
    """The number with the share it covers behind it, where that is less than it ought to be.

    Parameters
    ----------
    coverage : 0–1; nan where nobody knows, and then the number says so
    least : from which share on there is no mark

    Examples
    --------
    >>> mark_coverage(format_percent(0.5), 0.551).zh, mark_coverage(format_percent(0.5), 0.97).zh
    ('50.0%〔覆盖55.1%〕', '50.0%')
    """
    if not isinstance(text, NumericText) or coverage >= least:
        return text
    known = math.isfinite(coverage)
    return put_mark(
        text, say("areas.mark", share=format_coverage(coverage)) if known else say("areas.mark_unknown")
    )


def put_mark(text: NumericText, mark: Text) -> Text:
    """The number with what has to be known about it behind it."""
    return replace(text, zh=text.zh + mark.zh, en=text.en + mark.en, mark=mark.zh, mark_en=mark.en)


def format_coverage(share: float) -> Text:
    """A coverage in per cent, never rounded up: 99.96 % is not all.

    Examples
    --------
    >>> [format_coverage(share).zh for share in (0.99999, 1.0, 0.551)]
    ['99.9%', '100%', '55.1%']
    """
    if not share < 1:
        return NumericText("100%", "100%", share, "share", 0)
    down = Decimal(f"{share * 100:.{DIGITS - 1}e}").quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    return NumericText(f"{down}%", f"{down}%", share, "share", 1)


def format_count(number: int, kind: str = "count") -> Text:
    """A whole number of things that the sentence names itself: schools, years, places."""
    return NumericText(str(number), f"{number:,}", float(number), "", 0, kind)


def format_ordinal(place: int) -> Text:
    """A place in an order.

    Examples
    --------
    >>> [format_ordinal(place).en for place in (1, 2, 3, 11, 22)]
    ['1st', '2nd', '3rd', '11th', '22nd']
    """
    ends = {1: "st", 2: "nd", 3: "rd"}
    english = f"{place}{'th' if place % 100 in (11, 12, 13) else ends.get(place % 10, 'th')}"
    return NumericText(str(place), english, float(place), "", 0, "rank")


def format_year(year: int) -> Text:
    """A year as a cell of its own."""
    return NumericText(str(year), str(year), float(year), "", 0, "year")


def is_printed_zero(text: Text) -> bool:
    """Whether a printed number is zero at the decimals shown.

    Examples
    --------
    >>> is_printed_zero(Text("0.0", "0.0"))
    True
    """
    return not any(digit in "123456789" for digit in text.en)


def change_matches_ends(first: float, last: float, unit: Unit, decimals: int | None = None) -> bool:
    """Whether the rounded change equals the difference of the rounded ends."""
    places = unit.decimals if decimals is None else decimals
    ends = round_half_up(last * unit.times, places) - round_half_up(first * unit.times, places)
    return ends == round_half_up((last - first) * unit.times, places)


def join_sentence(*parts: Text) -> Text:
    """Put texts one after the other and end the sentence.

    Where two numbers and their difference are printed, and the printed ones do not differ by the printed difference,
    the sentence says so: differences are of unrounded values.
    """
    said = concatenate_texts(*parts)
    said = concatenate_texts(said, _note_rounding(said), Text("。", "."))
    opened = f"{said.en[:1].upper()}{said.en[1:]}"
    return SpokenText(said.zh, opened, said.spans) if said.spans else Text(said.zh, opened)


def _note_rounding(said: Text) -> Text:
    """因四舍五入, in each language in which a printed difference is not that of the printed numbers."""
    note = say("sentences.rounding")
    numbers = [span.number for span in said.spans if isinstance(span.number, NumericText)]
    levels = [number for number in numbers if number.kind == "level" and math.isfinite(number.value)]
    differences = [
        number for number in numbers if number.kind == "difference" and math.isfinite(number.value)
    ]
    wrong = {
        lang: any(_is_off(gap, levels, lang) for gap in differences) and note[lang] not in said[lang]
        for lang in ("zh", "en")
    }
    return Text(note.zh if wrong["zh"] else "", note.en if wrong["en"] else "")


def _is_off(gap: NumericText, levels: list[NumericText], lang: str) -> bool:
    """Whether the difference is that of two of the numbers, but not of any two as they are printed."""
    pairs = [
        (a, b)
        for k, a in enumerate(levels)
        for b in levels[:k]
        if a.unit == b.unit == gap.unit and math.isclose(abs(a.value - b.value), abs(gap.value), rel_tol=1e-6)
    ]
    size = abs(_read_printed(gap, lang))
    return bool(pairs) and all(abs(_read_printed(a, lang) - _read_printed(b, lang)) != size for a, b in pairs)


def _read_printed(number: NumericText, lang: str) -> Decimal:
    """The number as it is printed, on its print scale."""
    unit = catalogue().units.get(number.unit)
    shown = number.value * (unit.times if unit else 1.0)
    _, factor, decimals = _choose_scale(shown if lang == "zh" else 0.0, number.decimals, number.unit)
    return round_half_up(shown / factor, decimals) * factor


def format_interval(low: float, high: float, unit: Unit, decimals: int | None = None) -> Text:
    """``low～high`` on the print scale."""
    return say(
        "sentences.interval",
        low=format_limit(low, unit, low, decimals),
        high=format_limit(high, unit, low, decimals),
    )


def format_limit(value: float, unit: Unit, size: float, decimals: int | None = None) -> Text:
    """One end of an interval, without its unit; in Chinese in 万 or 亿 where ``size`` is that large."""
    places = unit.decimals if decimals is None else decimals
    chinese = _format_large_number(value * unit.times, places, unit, size * unit.times)
    english = format_without_unit(value, unit, decimals).en
    return NumericText(chinese, english, value, unit.key, places, "interval_end")

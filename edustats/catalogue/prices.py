"""By which index are sums of money of several years made comparable, and who publishes it?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edustats.errors import DataError
from edustats.words import Text

SHIPPED = Path(__file__).with_name("prices.toml")
LEAST, MOST = 50.0, 200.0
"""An index outside these is no index with last year = 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceIndex:
    """A yearly price index; ``yearly`` holds each year's level with the year before = 100."""

    name: Text
    source: Text
    yearly: Mapping[int, float]


def read_price_index(path: Path | None = None) -> PriceIndex:
    """The price index of a file; the national one where none is given.

    Raises
    ------
    DataError
        The file is no TOML, has no name in both languages, or a year's figure is no index with last year = 100.

    Examples
    --------
    >>> read_price_index().yearly[2020]
    102.5
    """
    file = SHIPPED if path is None else path
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("load.bad_toml", file=file.name, detail=str(error)) from error
    if not {"zh", "en", "index"} <= set(raw) or not isinstance(raw["index"], dict):
        raise DataError("finance.prices_incomplete", file=file.name)
    for year, level in raw["index"].items():
        number = level if isinstance(level, (int, float)) and not isinstance(level, bool) else 0.0
        if not (year.isdecimal() and LEAST <= number <= MOST):
            raise DataError("finance.price_not_an_index", file=file.name, year=year, found=str(level)[:20])
    source = raw.get("source", {})
    return PriceIndex(
        name=Text(str(raw["zh"]), str(raw["en"])),
        source=Text(str(source.get("zh", raw["zh"])), str(source.get("en", raw["en"]))),
        yearly={int(year): float(level) for year, level in raw["index"].items()},
    )

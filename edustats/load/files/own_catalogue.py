"""Does a page of a bureau's own columns and indicators say only what it may?"""

from __future__ import annotations

import json
from pathlib import Path

from edustats.catalogue import Catalogue
from edustats.catalogue.own import extend_catalogue, find_mistakes
from edustats.errors import MissingFileError
from edustats.load.files.settings import (
    BOTH,
    PAIRS,
    RANGE,
    WORDS,
    YES,
    check_page,
    named,
    read_page,
    refuse,
    table,
)

COLUMN = {
    "zh": WORDS, "en": WORDS, "unit": WORDS, "range": RANGE, "part_of": WORDS, "level": WORDS, "sensitive": YES,
}  # fmt: skip
INDICATOR = {
    "zh": WORDS, "en": WORDS, "stage": WORDS, "num": WORDS, "den": WORDS, "unit": WORDS, "better": WORDS,
    "range": RANGE, "source": BOTH, "compare": YES, "note": BOTH,
}  # fmt: skip
GROUP = {"own": WORDS, "all": WORDS, "zh": WORDS, "en": WORDS}
LEVELS = ("county", "counties", "prefecture", "province", "nation")
PAGE = table(
    {
        "source": BOTH,
        "columns": named(table(COLUMN, "zh", "en")),
        "indicators": named(table(INDICATOR, "zh", "en", "num", "unit")),
        "stated": PAIRS,
        "pupil_groups": named(table(GROUP, *GROUP)),
        "levels": table(dict.fromkeys(LEVELS, BOTH)),
    }
)


def read_own_catalogue(path: Path) -> Catalogue:
    """The suite's catalogue with the columns, indicators and words of a page.

    Raises
    ------
    MissingFileError, DataError
        No such file; not TOML; an unknown key, a key of the suite's own, a name of nothing: all of them at once, each
        with the nearest that there is.
    """
    if not path.is_file():
        raise MissingFileError("load.no_own_catalogue", file=path.name)
    raw = read_page(path)
    check_page(path.name, raw, PAGE)
    refuse(path.name, list(find_mistakes(raw)))
    return extend_catalogue(json.dumps(raw, ensure_ascii=False, sort_keys=True))


def find_own_catalogue(store: Path) -> Catalogue:
    """The catalogue of a store that is to be written: with ``NAME.catalogue.toml`` beside the store ``NAME``."""
    path = store.with_name(f"{store.name}.catalogue.toml")
    return read_own_catalogue(path) if path.is_file() else extend_catalogue("")

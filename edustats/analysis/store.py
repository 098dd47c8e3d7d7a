"""Which store does a researcher look into?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edustats.errors import ParameterError
from edustats.places import find_store
from edustats.store.reading import Store
from edustats.store.reading import open_store as _open_store
from edustats.words import LANGUAGES


def open_store(path: str | Path = "", lang: str = "") -> Store:
    """Open a store by its folder or address; without one, the project's own.

    Parameters
    ----------
    path : folder or address; empty: the project's own
    lang : zh or en, the language of names; empty: the store's own

    Raises
    ------
    MissingFileError
        There is none.
    ParameterError
        Another language.
    DataError
        It was written in another layout, or before the catalogue changed.

    Examples
    --------
    >>> store = open_store("data/store/example")
    """
    if lang and lang not in LANGUAGES:
        raise ParameterError("errors.unknown_language", lang=lang)
    found = _open_store(find_store(str(path)))
    return replace(found, about=found.about | {"lang": lang}) if lang else found

"""Which store does a researcher look into?"""

from __future__ import annotations

from pathlib import Path

from edustats.places import find_store
from edustats.store.reading import Store
from edustats.store.reading import open_store as _open_store


def open_store(path: str | Path = "") -> Store:
    """Open a store by its folder or address; without one, the project's own.

    Raises
    ------
    MissingFileError
        There is none.
    DataError
        It was written in another layout, or before the catalogue changed.

    Examples
    --------
    >>> store = open_store("data/store/example")  # doctest: +SKIP
    """
    return _open_store(find_store(str(path)))

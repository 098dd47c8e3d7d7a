"""Which parts of a store does somebody need again at once who looks around? The counties read last are kept."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from edustats.store.reading import CountyData, Store

MOST_COUNTIES = 40
MOST_COMPARISONS = 8


class KeptStore(Store):
    """An open store that remembers what it read; whoever takes a frame from it must not change the frame."""

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {
            "county": lru_cache(MOST_COUNTIES)(super().county),
            "comparison": lru_cache(MOST_COMPARISONS)(super().comparison),
            "withheld": lru_cache(1)(super().read_withheld),
        }

    def county(self, code: str) -> CountyData:
        """As :meth:`Store.county`."""
        return self._kept["county"](code)

    def comparison(self, area: str) -> pd.DataFrame:
        """As :meth:`Store.comparison`."""
        return self._kept["comparison"](area)

    def read_withheld(self) -> frozenset[tuple[str, int, str]]:
        """As :meth:`Store.read_withheld`."""
        return self._kept["withheld"]()


def keep_what_is_read(store: Store) -> KeptStore:
    """The same store, remembering what is read of it.

    Examples
    --------
    >>> kept = keep_what_is_read(open_store("data/store/example"))
    >>> kept.county("990121") is kept.county("990121")
    True
    """
    return KeptStore(path=store.path, about=store.about, areas=store.areas)

"""What is known about the places a draft names? The store's observations of them, and the national series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from edustats.catalogue import Catalogue, catalogue
from edustats.shipped import shipped

if TYPE_CHECKING:
    from edustats.store.reading import Store

COLUMNS = ("area_name", "stage", "indicator_name", "year", "value", "unit", "half_unit")
NATIONAL = "data/reference/national_education.csv"


def reference(text: str, store: Store | None = None, known: Catalogue | None = None) -> pd.DataFrame:
    """Observations a draft can be compared with.

    Parameters
    ----------
    text : the draft; only the areas it names are read from the store
    store : an open store; left out, only the national series is known

    Returns
    -------
    pandas.DataFrame
        area_name, stage, indicator_name, year, value, unit (``share`` is 0–1), half_unit (half a unit of
        the last digit a published figure was printed with; 0 for computed ones).
    """
    frames = [_national()] if "全国" in text else []
    if store is not None:
        frames.append(_from_store(text, store, known or catalogue()))
    held = [frame for frame in frames if len(frame)]
    return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=list(COLUMNS))


def _national() -> pd.DataFrame:
    return pd.read_csv(shipped(NATIONAL))[list(COLUMNS)]


def _from_store(text: str, store: Store, known: Catalogue) -> pd.DataFrame:
    named = store.areas[[str(name) in text for name in store.areas["zh"]]]
    counties = named.loc[named["level"] == "county"]
    groups = set(counties["parent"]) | set(named.loc[named["level"] != "county", "code"])
    frames = [store.comparison(group) for group in sorted(groups) if store.has_comparison(group)]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.concat(frames, ignore_index=True).drop_duplicates(["area", "year", "indicator"])
    rows = rows[rows["area"].isin(set(named["code"])) & rows["value"].notna()]
    names = dict(zip(named["code"], named["zh"], strict=True))
    times = {
        i.key: 1.0 if i.unit == "share" else known.unit_of(i.key).times for i in known.indicators.values()
    }
    return pd.DataFrame(
        {
            "area_name": rows["area"].map(names),
            "stage": rows["stage"].astype(str),
            "indicator_name": [known.indicators[str(key)].zh for key in rows["indicator"]],
            "year": rows["year"].astype(int),
            "value": rows["value"] * rows["indicator"].astype(str).map(times),
            "unit": [known.indicators[str(key)].unit for key in rows["indicator"]],
            "half_unit": 0.0,
        }
    )

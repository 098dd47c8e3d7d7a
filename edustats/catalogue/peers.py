"""By which features are counties called alike, and which national figures are of the same definition?"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from edustats.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerFeature:
    """A feature of likeness: its formulas (num, den) in order of preference; den empty for a plain sum."""

    key: str
    name: Text
    scale: Literal["log", "linear"]
    formulas: tuple[tuple[str, str], ...]
    names: tuple[Text, ...] = ()
    """What each formula is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRules:
    """Features, how many peers an area of few or many counties gives, and national figures by indicator."""

    features: tuple[PeerFeature, ...]
    few_below: int
    few: int
    many: int
    national: dict[str, tuple[str, str]]
    """indicator key to (stage, name of the published series)."""

    def peers_of(self, counties: int) -> int:
        """How many peers a county of an area with so many counties is given."""
        return self.few if counties < self.few_below else self.many


@cache
def read_peer_rules() -> PeerRules:
    """The rules of ``peers.toml``.

    Examples
    --------
    >>> read_peer_rules().peers_of(9)
    3
    """
    raw = tomllib.loads(Path(__file__).with_name("peers.toml").read_text("utf-8"))
    features = tuple(
        PeerFeature(
            key=key,
            name=Text(entry["zh"], entry["en"]),
            scale=entry["scale"],
            formulas=tuple((f["num"], f.get("den", "")) for f in entry["of"]),
            names=tuple(Text(f.get("zh", entry["zh"]), f.get("en", entry["en"])) for f in entry["of"]),
        )
        for key, entry in raw["features"].items()
    )
    return PeerRules(
        features=features,
        few_below=raw["few"]["counties"],
        few=raw["few"]["peers"],
        many=raw["many"]["peers"],
        national={key: (stage, name) for key, (stage, name) in raw["national"].items()},
    )

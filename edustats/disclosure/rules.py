"""What is withheld? The rules of the suite, or of a bureau's own file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is withheld; see ``disclosure/rules.toml``."""

    threshold: int
    width: int
    least_units: int
    sensitive: frozenset[str]
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Columns that others make together: a total, and its parts."""


def list_sensitive(known: Catalogue) -> frozenset[str]:
    """Columns that count persons of sensitive groups: the suite's, and those that a bureau's own page names."""
    return rules().sensitive | known.sensitive


@cache
def rules(path: Path | None = None) -> Rules:
    """The rules of the suite, or of a bureau's own file."""
    raw: dict[str, Any] = tomllib.loads((path or Path(__file__).with_name("rules.toml")).read_text("utf-8"))
    sums = tuple((str(one["total"]), tuple(one["parts"])) for one in raw.pop("sums", ()))
    return Rules(**raw | {"sensitive": frozenset(raw["sensitive"]), "sums": sums})

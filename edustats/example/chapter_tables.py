"""What do the further county tables of the example hold: ages, posts, aid, money by stage? With the truth behind them.

They are written beside an example's returns by whoever asks for them; the ages of single teachers, from which the bands
are counted, stay with the caller, who can so hold a projection against what really happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edustats.example.returns import build_heading
from edustats.example.workbooks import Cell, Page, write_xlsx
from edustats.load.returns.forms import forms
from edustats.metrics.teachers.retirement import Band, retirement_age
from edustats.typing import Floats

WAVES = ((0.45, 34.0, 5.0), (0.30, 45.0, 5.0), (0.25, 54.0, 3.0))
"""Teachers hired in waves: share, mean age, spread in years."""
BANDS = {"le_24": (18, 24), "60_65": (60, 65), "ge_66": (66, 70),
         **{f"{a}_{a + 4}": (a, a + 4) for a in range(25, 60, 5)}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staffroom:
    """Single teachers: women or men, and the month of birth counted from year 0 (year × 12 + month)."""

    women: np.ndarray
    born: np.ndarray

    def ages(self, year: int) -> np.ndarray:
        """Ages in whole years on 1 September."""
        return np.asarray((year * 12 + 8 - self.born) // 12)

    def count_bands(self, year: int) -> dict[str, float]:
        """Columns ``teachers_age_*`` and ``women_age_*`` of those who still serve on 1 September."""
        serving, ages = ~self.retired_by(year * 12 + 8), self.ages(year)
        made = {}
        for key, (low, high) in BANDS.items():
            within = serving & (ages >= low) & (ages <= high)
            made[f"teachers_age_{key}"] = float(within.sum())
            made[f"women_age_{key}"] = float((within & self.women).sum())
        return made

    def retired_by(self, month: int) -> np.ndarray:
        """Who has reached the legal age by the end of a month."""
        ends = [b + round(12 * retirement_age("women" if w else "men", (b - 1) // 12, (b - 1) % 12 + 1))
                for w, b in zip(self.women, self.born, strict=True)]  # fmt: skip
        return np.asarray(np.array(ends) <= month)

    def count_retired(self, year: int, ahead: Sequence[int]) -> Floats:
        """Of those who serve on 1 September of a year, how many are gone by the end of later years: the truth."""
        serving = ~self.retired_by(year * 12 + 8)
        return np.array([float((serving & self.retired_by(later * 12 + 12)).sum()) for later in ahead])


def simulate_staffroom(teachers: int, year: int, rng: np.random.Generator) -> Staffroom:
    """Teachers of a county, hired in waves, none below 22 or above the legal age in ``year``."""
    share, mean, spread = (np.array(column) for column in zip(*WAVES, strict=True))
    wave = rng.choice(len(WAVES), size=teachers, p=share)
    women = rng.random(teachers) < 0.66
    oldest = np.where(women, 54.99, 59.99)
    age = np.clip(rng.normal(mean[wave], spread[wave]), 22.0, oldest)
    return Staffroom(women, (year * 12 + 8 - np.floor(age * 12)).astype(int))


def write_county_table(
    home: Path, form: str, year: int, rows: Mapping[str, Mapping[str, float]], names: Mapping[str, str]
) -> Path:
    """One county table as a bureau would send it.

    Parameters
    ----------
    home : folder of the year
    form : key of a county form
    year : that the title names
    rows : code → column → figure, money in yuan (written in 万元 where the form says so); what is missing stays empty
    names : code → name
    """
    layout = next(one for one in forms().lists if one.key == form)
    figures = [f for f in layout.figures if any(f.column in held for held in rows.values())]
    paths = ["地区代码", "地区", *(f"{f.paths[0]}（{f.unit}）" if f.unit else f.paths[0] for f in figures)]
    head, merged = build_heading(paths, 1)
    pages: list[list[Cell]] = [[f"{year}年{layout.title}", *[None] * (len(paths) - 1)], *head]
    for code, held in rows.items():
        cells = [_convert(held.get(f.column), f.unit) for f in figures]
        pages.append([code, names[code], *cells])
    path = home / f"{year}年{layout.title}.xlsx"
    home.mkdir(parents=True, exist_ok=True)
    write_xlsx(path, [Page(name="Sheet1", rows=pages, merged=[(0, 0, 0, len(paths) - 1), *merged])])
    return path


def _convert(value: float | None, unit: str) -> Cell:
    if value is None:
        return None
    return round(value / 10_000, 4) if unit == "万元" else value


def bands_by_sex(counts: Mapping[str, float]) -> dict[str, dict[Band, float]]:
    """Men and women by band, as a projection asks for them."""
    return {
        "men": {
            band: counts[f"teachers_age_{key}"] - counts[f"women_age_{key}"] for key, band in BANDS.items()
        },
        "women": {band: counts[f"women_age_{key}"] for key, band in BANDS.items()},
    }

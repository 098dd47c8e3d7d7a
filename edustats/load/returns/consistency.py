"""Which figures contradict each other, the school's own past, its peers? Reported, never repaired.

The rules are data (``rules.toml``). A finding names the cell, what stands there, what was expected and
how far
apart they may be, in a sentence for the person who filled in the form.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue, parse_terms
from edustats.load.files.values import KINDS
from edustats.load.findings import no_findings
from edustats.load.returns.cells import Cells, Wide, is_fact
from edustats.load.returns.places import find_places, name_sides
from edustats.schema import FINDING_COLUMNS
from edustats.typing import Floats
from edustats.words import Text, concatenate_texts, say

Mask = npt.NDArray[np.bool_]
NOT_APPLICABLE = KINDS.index("not_applicable")
BANDS = {
    "le_25": (1, 25), "26_30": (26, 30), "31_35": (31, 35), "36_40": (36, 40), "41_45": (41, 45),
    "46_50": (46, 50),
    "51_55": (51, 55), "56_60": (56, 60), "61_65": (61, 65), "ge_66": (66, np.inf),
}  # fmt: skip
ODD_LENGTHS = ("五年", "四年", "5年", "4年", "5", "4")
JUMP_FACTOR, JUMP_LEAST = 2.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: two sums of columns and how they must stand to each other."""

    name: str
    rule: str
    kind: str
    left: str
    right: str
    severity: str
    whole: str = ""
    relative: float = 0.0
    absolute: float = 0.0
    low: float = 0.0
    high: float = 0.0
    factor: float = 0.0


@cache
def rules_held() -> tuple[Rule, ...]:
    """The suite's own rules, one per stage they speak of; those that are off are left out."""
    raw = tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))
    return tuple(
        made for name, entry in raw.items() if entry.pop("on", True) for made in _expand_rule(name, entry)
    )


def _expand_rule(name: str, entry: dict[str, Any]) -> Iterator[Rule]:
    for stage in entry.get("stages", [""]):
        filled: dict[str, Any] = {
            k: v.replace("{s}", stage) if isinstance(v, str) else v for k, v in entry.items() if k != "stages"
        }
        yield Rule(name=name, **filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the rules look at: one row per unit and year, and the figures each value came from."""

    wide: Wide
    kinds: npt.NDArray[np.uint8]
    found: Cells
    known: Catalogue

    @property
    def keys(self) -> pd.DataFrame:
        return self.wide.keys

    def sum(self, expression: str) -> Floats:
        """Row-wise sum; a term that does not apply is nothing, a missing one makes the sum missing."""
        total, present = np.zeros(len(self.keys)), np.zeros(len(self.keys), bool)
        for name, sign in parse_terms(expression).items():
            if name not in self.wide.columns:
                return np.full(len(self.keys), np.nan)
            j = self.wide.columns.index(name)
            away = self.kinds[:, j] == NOT_APPLICABLE
            total += sign * np.where(away, 0.0, self.wide.values[:, j])
            present |= ~away
        return np.where(present, total, np.nan)


def check_rules(table: Table, watch: Sequence[str] = ()) -> pd.DataFrame:
    """Hold every rule against the table.

    Parameters
    ----------
    table : figures of all years
    watch : columns whose jumps from one year to the next are looked at

    Returns
    -------
    pandas.DataFrame
        One row per finding, columns :data:`edustats.schema.FINDING_COLUMNS`.
    """
    frames = [_hold_rule(table, rule) for rule in rules_held()]
    frames += [_find_jumps(table, column) for column in watch if column in table.wide.columns]
    frames += [_two_files(table), _check_lengths(table), _same_place(table)]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else no_findings()


def _hold_rule(table: Table, rule: Rule) -> pd.DataFrame:
    test = {
        "equal": _check_equal, "at_most": _at_most, "between": _check_between, "implies": _check_implication,
        "last_year": _last_year,
        "bands": _check_class_bands, "share": _check_share, "peers": _check_against_peers, "ratio": _check_ratio,
    }[rule.kind]  # fmt: skip
    left, right = table.sum(rule.left), table.sum(rule.right)
    if not np.isfinite(left).any():
        return no_findings()
    wrong, expected = test(table, rule, left, right)
    return _make_findings(
        table, wrong, rule.rule, rule.severity, rule.left, left, expected, _describe_tolerance(rule),
        rule.right if rule.kind in ("equal", "at_most", "last_year") else "", rule.kind == "last_year",
    )  # fmt: skip


def _describe_tolerance(rule: Rule) -> str:
    parts = [f"{rule.relative:.0%}" if rule.relative else "", f"{rule.absolute:g}" if rule.absolute else ""]
    return " / ".join(part for part in parts if part) or "0"


Verdict = tuple[Mask, Sequence[str]]


def _allowed_difference(rule: Rule, right: Floats) -> Floats:
    return np.maximum(np.abs(right) * rule.relative, rule.absolute) + 1e-6


def _check_equal(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    return np.abs(left - right) > _allowed_difference(rule, right), _show_numbers(right)


def _at_most(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    return left - right > _allowed_difference(rule, right), [f"≤ {v}" for v in _show_numbers(right)]


def _check_between(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    low, high = rule.low * right - rule.absolute, rule.high * right + rule.absolute
    texts = [
        f"{a}–{b}"
        for a, b in zip(_show_numbers(rule.low * right), _show_numbers(rule.high * right), strict=True)
    ]
    return (left < low) | (left > high), texts


def _check_ratio(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    return left > rule.high * right, [f"≤ {v}" for v in _show_numbers(rule.high * right)]


def _check_implication(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    return (left > 0) & (right <= 0), ["0"] * len(left)


def _check_share(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    """A share in per cent, of the whole that the rule names."""
    whole = table.sum(rule.whole)
    share = np.divide(100 * right, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    # a part above its whole is found as such, and says nothing of the share
    return (np.abs(left - share) > rule.absolute) & ~(right > whole), [f"{v:.1f}" for v in share]


def _last_year(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    before = _values_year_before(table, right)
    return np.abs(left - before) > _allowed_difference(rule, before), _show_numbers(before)


def _values_year_before(table: Table, values: Floats) -> Floats:
    """The same unit's value one year earlier, nan where there is none."""
    series = pd.Series(values, index=pd.MultiIndex.from_frame(table.keys[["unit", "year"]]))
    earlier = pd.MultiIndex.from_arrays([table.keys["unit"], table.keys["year"] - 1])
    return np.asarray(series.reindex(earlier), dtype=float)


def _check_class_bands(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    """Pupils must fit the classes: between the least and the most that classes of these sizes hold."""
    stage = rule.left.rsplit("_", 1)[1]
    columns = {band: f"classes_{stage}_{band}" for band in BANDS}
    if any(name not in table.wide.columns for name in columns.values()):
        return np.zeros(len(left), bool), [""] * len(left)
    counts = {band: table.sum(name) for band, name in columns.items()}
    low = np.sum([counts[band] * least for band, (least, _) in BANDS.items()], axis=0)
    high = np.sum(
        [counts[b] * (most if np.isfinite(most) else 200) for b, (_, most) in BANDS.items()], axis=0
    )
    adds_up = np.abs(np.sum(list(counts.values()), axis=0) - right) < 0.5
    texts = [f"{a}–{b}" for a, b in zip(_show_numbers(low), _show_numbers(high), strict=True)]
    return adds_up & ((left < low) | (left > high)), texts


def _check_against_peers(table: Table, rule: Rule, left: Floats, right: Floats) -> Verdict:
    """Per pupil, against the median of all schools of that year."""
    each = np.divide(left, right, out=np.full(len(left), np.nan), where=right >= 50)
    middle = pd.Series(each).groupby(table.keys["year"].to_numpy()).transform("median").to_numpy()
    far = (each > middle * rule.factor) | (each < middle / rule.factor)
    texts = [
        f"{a}–{b}"
        for a, b in zip(
            _show_numbers(middle * right / rule.factor),
            _show_numbers(middle * right * rule.factor),
            strict=True,
        )
    ]
    return far, texts


def _find_jumps(table: Table, column: str) -> pd.DataFrame:
    """Against the unit's own past and its peers of that county and year; the way back from a jump is no
    second one.
    """
    values = table.wide.values_of(column)
    before, two_before = (
        _values_year_before(table, values),
        _values_year_before(table, _values_year_before(table, values)),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        step, back = np.log(values / before), np.abs(np.log(values / two_before))
    step = np.where(np.isfinite(step), step, np.nan)
    usual = pd.Series(step).groupby([table.keys["county"], table.keys["year"]]).transform("median").to_numpy()
    large = np.abs(step - usual) > np.log(JUMP_FACTOR)
    wrong = large & (np.abs(values - before) > JUMP_LEAST) & ~(back < np.log(1.5))
    return _make_findings(
        table, wrong, "jump", "warning", column, values, _show_numbers(before), f"×{JUMP_FACTOR:g}"
    )


def _check_lengths(table: Table) -> pd.DataFrame:
    """Primary school takes six years and junior school three; 五年制 and 四年制 must not appear."""
    texts = table.keys["length"].to_numpy()
    wrong = np.isin(texts, ODD_LENGTHS)
    return _make_findings(table, wrong, "school_length", "error", "", texts, ["6 / 3"] * len(texts), "0")


def _same_place(table: Table) -> pd.DataFrame:
    """Two schools at the very same longitude and latitude: one of them was copied."""
    east, north = table.wide.values_of("longitude"), table.wide.values_of("latitude")
    frame = table.keys[["year"]].assign(east=east, north=north)
    wrong = frame.duplicated(keep=False).to_numpy() & np.isfinite(east) & np.isfinite(north)
    return _make_findings(table, wrong, "same_place", "warning", "longitude", east, _show_numbers(north), "0")


def _two_files(table: Table) -> pd.DataFrame:
    """One unit, one year, one column, two files, two numbers."""
    found, pairs = table.found, table.wide.conflicts
    if pairs.empty:
        return no_findings()
    first, second = (find_places(found, pairs[side].to_numpy()) for side in ("first", "second"))
    key = pairs["flat"].to_numpy() // len(table.wide.columns)
    where = table.keys.iloc[key][["county", "unit", "year", "name"]].reset_index(drop=True)
    other = [
        f"{v} ({f} {c})"
        for v, f, c in zip(
            _show_numbers(first["value"].to_numpy()), first["file"], first["cell"], strict=True
        )
    ]
    frame = pd.concat([where, second[["file", "sheet", "row", "cell", "column"]]], axis=1)
    frame = frame.assign(
        rule="two_files",
        severity="error",
        value=_show_numbers(second["value"].to_numpy()),
        expected=other,
        tolerance="0",
    )
    return word_findings(frame, table.known)


def _make_findings(
    table: Table, wrong: Mask, rule: str, severity: str, expression: str, values: npt.NDArray[Any],
    expected: Sequence[str], tolerance: str, right: str = "", year_before: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Findings for the rows where a rule does not hold; ``right`` is what the figures are held against."""
    at = np.flatnonzero(wrong)
    if not len(at):
        return no_findings()
    own = table.keys.iloc[at].reset_index(drop=True)
    columns = list(parse_terms(expression)) if expression else []
    own = own.assign(cell="", column=", ".join(columns) or "length")
    own = _add_addresses(table, own, at, columns)
    sides = name_sides(table.wide, table.found, at, columns, list(parse_terms(right)), year_before)
    shown = _show_numbers(values[at]) if values.dtype.kind == "f" else [str(v) for v in values[at]]
    own = own.assign(
        rule=rule,
        severity=severity,
        value=shown,
        expected=[expected[int(i)] for i in at],
        tolerance=tolerance,
        cells=pd.Series(sides, dtype=object),
    )
    return word_findings(own, table.known)


def _add_addresses(
    table: Table, own: pd.DataFrame, at: npt.NDArray[np.intp], columns: Sequence[str]
) -> pd.DataFrame:
    """File, sheet, row and cell of the first of the columns that was read for each row."""
    source = np.full(len(at), -1, np.int64)
    for name in columns:
        j = table.wide.columns.index(name)
        source = np.where(source < 0, table.wide.source[at, j], source)
    has = source >= 0
    if has.any():
        places = find_places(table.found, source[has])
        for name in ("file", "sheet", "row", "cell"):
            own.loc[has, name] = places[name].to_numpy()
    return own


def _show_numbers(values: Floats) -> list[str]:
    """Numbers without an exponent: a person compares them with the form."""
    return [f"{v:.6f}".rstrip("0").rstrip(".") if np.isfinite(v) else "" for v in values]


def word_findings(found: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """Findings with their sentences in both languages; columns :data:`FINDING_COLUMNS`."""
    said = [_word_finding(facts, known) for facts in found.to_dict("records")]
    made = found.assign(zh=[t.zh for t in said], en=[t.en for t in said])
    return made.reindex(columns=list(FINDING_COLUMNS), fill_value="")


def _word_finding(facts: Any, known: Catalogue) -> Text:
    names = [column_name(name, known) for name in str(facts["column"]).split(", ") if name]
    told = facts | {
        "what": Text("＋".join(t.zh for t in names[:2]), " + ".join(t.en for t in names[:2])),
        "where": say("rules.where", **{"sheet": "", **facts, "cell": _name_cell(str(facts.get("cell", "")))}),
        "said": Text(str(facts["value"]), str(facts["expected"])),
        "who": facts.get("name") or facts.get("unit") or "",
    }
    cells = facts.get("cells")
    said = say(f"rules.{facts['rule']}", **told)
    return concatenate_texts(said, cells) if isinstance(cells, Text) else said


def _name_cell(cell: str) -> Text:
    """A cell as a sheet names it; a row whose column is not known as a row."""
    return say("rules.row", row=cell) if cell.isdigit() else Text(cell, cell)


def column_name(column: str, known: Catalogue) -> Text:
    """What a column is called in a sentence; a fact by the words kept for it."""
    if column in known.columns:
        return known.columns[column].name
    if not is_fact(column):
        return (
            say(f"rules.column_{column}")
            if column in ("unit", "length", "county", "year")
            else Text(column, column)
        )
    bare, _, stage = column.rpartition("_")
    if stage in ("primary", "junior", "senior", "preschool"):
        return say(f"rules.{bare}", stage=say(f"rules.stage_{stage}"))
    return say(f"rules.{column}")

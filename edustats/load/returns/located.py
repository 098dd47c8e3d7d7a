"""Which cell of a return is wrong, where its rules fail, and what was probably meant? Proposals, never repairs.

The rules that are linear (sums, parts and wholes, last year's figure, class sizes, medical checks) make a system.
The fewest cells whose change would satisfy it are found by integer programming; among cells that explain the failure
equally well, the one that is a usual slip of the hand away from a possible value, and near the school's own
years beside it, comes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from edustats.catalogue import parse_terms
from edustats.load.files.values import KINDS
from edustats.load.returns.consistency import BANDS, Rule, Table, column_name, rules_held
from edustats.words import NOTHING, Text, join_texts, say

Cell = tuple[int, str]
"""Year and column of one figure of a school."""
NOT_APPLICABLE = KINDS.index("not_applicable")
MOST_SETS, MOST_CELLS, MOST_CHANGED, MOST_UNITS = 12, 400, 3, 200
SLIPS = {
    "swapped": 0.5,
    "sign": 0.5,
    "times_ten": 0.5,
    "dropped": 1.0,
    "doubled": 0.8,
    "digit": 1.2,
    "other": 3.0,
    "open": 3.0,
}
"""What each slip costs in the order of the proposals; measured with benchmarks/located.py."""
EXACT = 1e-4
NEAR = 0.2
"""Of a slip that the rules alone do not prove: how far from the school's usual figure, as logarithm."""
TELLING = ("swapped", "sign", "times_ten")
"""Slips that so few numbers are one away by, that one of them alone within a wide stretch is no accident; of the others
a stretch nearly always holds one, so they name the cell and never its value."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One rule of one school and year as ``low <= sum of weight * figure <= high``."""

    rule: str
    weights: Mapping[Cell, float]
    low: float
    high: float

    def holds(self, figures: Mapping[Cell, float]) -> bool:
        """Whether the figures satisfy it."""
        total = sum(w * figures[cell] for cell, w in self.weights.items())
        return self.low - EXACT <= total <= self.high + EXACT


@dataclass(frozen=True, slots=True)
class Proposal:
    """A cell that may be wrong alone, and what it may have meant."""

    unit: str
    cell: Cell
    seen: float
    meant: float
    slip: str
    satisfied: tuple[str, ...]
    """Rules that fail now and would hold."""
    score: float
    failing: frozenset[Cell]
    """The figures that the failing rules speak of."""
    limits: tuple[float, float]
    """Between which the rules hold; ``meant`` is nan where they leave no one value."""


def bound_figures(table: Table, unit: str) -> tuple[list[Bound], dict[Cell, float]]:
    """Every linear rule of one school over all its years, and the figures they speak of.

    Parameters
    ----------
    table : as the rules look at it
    unit : the school's code

    Returns
    -------
    bounds : rules whose terms are all there; one with a missing term is silent
    figures : value of every cell named by them
    """
    at = np.flatnonzero((table.keys["unit"] == unit).to_numpy())
    rows = {int(table.keys["year"].iloc[i]): int(i) for i in at}
    bounds: list[Bound] = []
    for year in rows:
        for rule in rules_held():
            bounds += _bounds_of(table, rows, year, rule)
        bounds += _bound_parts(table, rows, year)
    bounds = _without_twins(bounds, table, rows)
    cells = {cell for bound in bounds for cell in bound.weights}
    return bounds, {(y, c): float(table.wide.values_of(c)[rows[y]]) for y, c in cells}


def _weigh_side(
    table: Table, rows: Mapping[int, int], year: int, expression: str
) -> dict[Cell, float] | None:
    """Weights of one side; none where a term is missing or no term applies."""
    if year not in rows:
        return None
    found: dict[Cell, float] = {}
    for name, sign in parse_terms(expression).items():
        if name not in table.wide.columns:
            return None
        j = table.wide.columns.index(name)
        if table.kinds[rows[year], j] == NOT_APPLICABLE:
            continue
        if not np.isfinite(table.wide.values[rows[year], j]):
            return None
        found[(year, name)] = float(sign)
    return found or None


def _bounds_of(table: Table, rows: Mapping[int, int], year: int, rule: Rule) -> Iterator[Bound]:
    if rule.kind not in ("equal", "at_most", "between", "last_year", "bands"):
        return
    left = _weigh_side(table, rows, year, rule.left)
    right = _weigh_side(table, rows, year - (rule.kind == "last_year"), rule.right)
    if left is None or right is None:
        return
    if rule.kind == "bands":
        yield from _class_sizes(table, rows, year, rule, left)
        return
    if rule.kind == "between":
        yield Bound(rule.rule, _subtract_weights(left, right, rule.low), -rule.absolute, np.inf)
        yield Bound(rule.rule, _subtract_weights(left, right, rule.high), -np.inf, rule.absolute)
        return
    size = abs(sum(w * table.wide.values_of(c)[rows[y]] for (y, c), w in right.items()))
    allowed = max(size * rule.relative, rule.absolute)
    yield Bound(
        rule.rule,
        _subtract_weights(left, right, 1.0),
        -np.inf if rule.kind == "at_most" else -allowed,
        allowed,
    )


def _subtract_weights(
    left: Mapping[Cell, float], right: Mapping[Cell, float], times: float
) -> dict[Cell, float]:
    made = dict(left)
    for cell, weight in right.items():
        made[cell] = made.get(cell, 0.0) - times * weight
    return made


def _class_sizes(
    table: Table, rows: Mapping[int, int], year: int, rule: Rule, left: Mapping[Cell, float]
) -> Iterator[Bound]:
    stage = rule.left.rsplit("_", 1)[1]
    expression = {band: f"classes_{stage}_{band}" for band in BANDS}
    held = {band: _weigh_side(table, rows, year, name) for band, name in expression.items()}
    if any(side is None for side in held.values()):
        return
    least = {cell: float(BANDS[band][0]) for band, side in held.items() for cell in side or {}}
    most = {cell: float(min(BANDS[band][1], 200)) for band, side in held.items() for cell in side or {}}
    yield Bound(rule.rule, _subtract_weights(left, least, 1.0), 0.0, np.inf)
    yield Bound(rule.rule, _subtract_weights(left, most, 1.0), -np.inf, 0.0)


def _bound_parts(table: Table, rows: Mapping[int, int], year: int) -> Iterator[Bound]:
    for key, column in table.known.columns.items():
        if column.part_of and key in table.wide.columns and column.part_of in table.wide.columns:
            part, whole = _weigh_side(table, rows, year, key), _weigh_side(table, rows, year, column.part_of)
            if part and whole:
                yield Bound("part_above_whole", _subtract_weights(part, whole, 1.0), -np.inf, 0.5)


def _without_twins(bounds: Sequence[Bound], table: Table, rows: Mapping[int, int]) -> list[Bound]:
    """Without parts and wholes of columns read from a place that a rule's own column was read from too.

    One place that stands in two columns is one figure to mend; as two it would look like two mistakes.
    """
    firm = {cell for bound in bounds if bound.rule != "part_above_whole" for cell in bound.weights}
    taken = {place for cell in firm for place in _places_of(cell, table, rows)}
    return [
        bound for bound in bounds
        if bound.rule != "part_above_whole"
        or not any(_places_of(cell, table, rows) & taken for cell in bound.weights if cell not in firm)
    ]  # fmt: skip


def _places_of(cell: Cell, table: Table, rows: Mapping[int, int]) -> set[tuple[int, str]]:
    """The places on the sheets that a figure was read from."""
    year, column = cell
    source = int(table.wide.source[rows[year], table.wide.columns.index(column)])
    if source < 0:
        return set()
    read = table.found.cells.iloc[source]
    return {(int(read["at"]), letter) for letter in str(read["letter"]).split("+") if letter}


# --- the fewest cells ---


def part_failures(bounds: Sequence[Bound], figures: Mapping[Cell, float]) -> list[list[Bound]]:
    """Rules that fail, in groups that share no cell, each with the rules that touch its cells or theirs."""
    waiting = [bound for bound in bounds if not bound.holds(figures)]
    touching: dict[Cell, list[Bound]] = {}
    for bound in bounds:
        for cell in bound.weights:
            touching.setdefault(cell, []).append(bound)
    groups = []
    while waiting:
        queue, group = deque([waiting.pop(0)]), {}
        while queue:
            bound = queue.popleft()
            group[id(bound)] = bound
            cells = set(bound.weights)
            near = [b for b in waiting if cells & set(b.weights)]
            waiting = [b for b in waiting if not any(b is n for n in near)]
            queue.extend(near)
        for _ in range(2):
            cells = {cell for bound in group.values() for cell in bound.weights}
            group |= {id(b): b for cell in cells for b in touching[cell]}
        groups.append(list(group.values()))
    return groups


def find_fewest_cells(group: Sequence[Bound], figures: Mapping[Cell, float]) -> list[tuple[Cell, ...]]:
    """Sets of the fewest cells that would have to be wrong for the rules to hold, at most :data:`MOST_SETS`.

    Parameters
    ----------
    group : rules that must hold together
    figures : value of every cell

    Returns
    -------
    list of tuple of Cell
        All of one size; empty where the rules hold, or where more than :data:`MOST_CHANGED` cells would have to change.
    """
    cells = sorted({cell for bound in group for cell in bound.weights})
    if len(cells) > MOST_CELLS or all(bound.holds(figures) for bound in group):
        return []
    n, values = len(cells), np.array([figures[cell] for cell in cells])
    place = {cell: k for k, cell in enumerate(cells)}
    widest = 12 * np.abs(values).max() + 1000
    rows = np.zeros((len(group), 2 * n))
    for i, bound in enumerate(group):
        for cell, weight in bound.weights.items():
            rows[i, place[cell]] = weight
    offset = rows[:, :n] @ values
    limits = [LinearConstraint(rows, [b.low for b in group] - offset, [b.high for b in group] - offset)]
    eye = np.eye(n)
    limits.append(LinearConstraint(np.hstack([eye, -widest * eye]), -np.inf, 0))
    limits.append(LinearConstraint(np.hstack([eye, widest * eye]), 0, np.inf))
    # a figure is no less than nothing; one that stands there negative may stay, and is a finding of its own
    low = np.concatenate([np.minimum(-values, 0), np.zeros(n)])
    bounds = Bounds(low, np.concatenate([np.full(n, widest), np.ones(n)]))
    found: list[tuple[Cell, ...]] = []
    while len(found) < MOST_SETS:
        answer = milp(
            np.repeat([0.0, 1.0], n), constraints=limits, bounds=bounds, integrality=np.repeat([0, 1], n)
        )
        if answer.x is None:
            break
        chosen = np.flatnonzero(answer.x[n:] > 0.5)
        if len(chosen) > MOST_CHANGED or (found and len(chosen) > len(found[0])):
            break
        found.append(tuple(cells[k] for k in chosen))
        cut = np.zeros((1, 2 * n))
        cut[0, n + chosen] = 1
        limits.append(LinearConstraint(cut, -np.inf, len(chosen) - 1))
    return found


# --- what was meant ---


def name_slip(seen: float, meant: float) -> str:
    """The slip of the hand that makes the one number of the other.

    Examples
    --------
    >>> [name_slip(4312, m) for m in (4321, 43120, 432, -4312, 4812, 7)]
    ['swapped', 'times_ten', 'doubled', 'sign', 'digit', 'other']
    >>> name_slip(412, 4312)
    'dropped'
    """
    if seen == -meant:
        return "sign"
    if meant and seen and abs(round(np.log10(abs(seen / meant))) - np.log10(abs(seen / meant))) < 1e-9:
        return "times_ten"
    a, b = (f"{v:.4f}".rstrip("0").rstrip(".") for v in (abs(seen), abs(meant)))
    if len(a) == len(b) and seen * meant >= 0:
        differ = [i for i in range(len(a)) if a[i] != b[i]]
        if (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and (a[differ[0]], a[differ[1]]) == (b[differ[1]], b[differ[0]])
        ):
            return "swapped"
        if len(differ) == 1:
            return "digit"
    if len(a) + 1 == len(b) and any(b[:i] + b[i + 1 :] == a for i in range(len(b))):
        return "dropped"
    if len(a) == len(b) + 1 and any(a[:i] + a[i + 1 :] == b for i in range(len(a))):
        return "doubled"
    return "other"


def list_slips(seen: float) -> Iterator[float]:
    """Whole numbers that one slip of the hand would turn into the number that stands there."""
    text = f"{abs(seen):.0f}"
    made = {-seen, seen * 10, seen / 10, seen * 100, seen / 100}
    swaps = (text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1))
    drops = (text[:i] + text[i + 1 :] for i in range(len(text)))
    more = (text[:i] + d + text[i:] for i in range(len(text) + 1) for d in "0123456789")
    other = (text[:i] + d + text[i + 1 :] for i in range(len(text)) for d in "0123456789")
    for each in (swaps, drops, more, other):
        made |= {float(t) for t in each if t and (t == "0" or not t.startswith("0"))}
    return iter(sorted(v for v in made if v >= 0 and v != seen))


def _allowed_range(group: Sequence[Bound], cell: Cell, figures: Mapping[Cell, float]) -> tuple[float, float]:
    """Lowest and highest value of one cell with which all rules hold, the others staying as they are."""
    low, high = 0.0, np.inf
    for bound in group:
        weight = bound.weights.get(cell, 0.0)
        if weight:
            rest = sum(w * figures[c] for c, w in bound.weights.items() if c != cell)
            ends = sorted(((bound.low - rest) / weight, (bound.high - rest) / weight))
            low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def _is_one_value(low: float, high: float) -> bool:
    return high - low < 2 * EXACT


def _find_meant_values(low: float, high: float, seen: float, usual: float | None) -> list[float]:
    """The one value the rules leave; of a wider stretch only slips near what the school itself usually says."""
    if _is_one_value(low, high):
        return [round((low + high) / 2, 4)]
    if usual is None:
        return []
    inside = [v for v in list_slips(seen) if low - EXACT <= v <= high + EXACT and v == round(v)]
    return [v for v in inside if abs(np.log((v + 1) / (usual + 1))) < NEAR]


def propose_slips(
    group: Sequence[Bound], figures: Mapping[Cell, float], usual: Mapping[Cell, float], unit: str
) -> list[Proposal]:
    """Single cells that would explain a group of failing rules, the likeliest slip first.

    Parameters
    ----------
    group : from :func:`part_failures`
    figures : value of every cell
    usual : what the school itself says in the years beside; a cell without has none
    unit : the school's code

    Returns
    -------
    list of Proposal
        One a cell; empty where the rules hold or where no one cell would do.
    """
    failing = [bound for bound in group if not bound.holds(figures)]
    about = frozenset(cell for bound in failing for cell in bound.weights)
    made = []
    for cells in find_fewest_cells(group, figures):
        if len(cells) != 1:
            return []
        (cell,) = cells
        low, high = _allowed_range(group, cell, figures)
        open_ = Proposal(
            unit=unit, cell=cell, seen=figures[cell], meant=np.nan, slip="open", score=SLIPS["open"],
            satisfied=tuple(dict.fromkeys(bound.rule for bound in failing)), limits=(low, high), failing=about,
        )  # fmt: skip
        tried = []
        for value in _find_meant_values(low, high, figures[cell], usual.get(cell)):
            slip = name_slip(figures[cell], value)
            far = min(abs(np.log((value + 3) / (usual[cell] + 3))) * 3, 3.0) if cell in usual else 1.5
            tried.append(replace(open_, meant=value, slip=slip, score=float(SLIPS[slip] + far)))
        best = min(tried, key=lambda p: p.score, default=open_)
        proven = _is_one_value(low, high) or (best.slip in TELLING and len(tried) == 1)
        made.append(best if proven else replace(open_, score=best.score))
    return sorted(made, key=lambda p: (p.score, p.cell))


def usual_figures(table: Table, unit: str, cells: Sequence[Cell]) -> dict[Cell, float]:
    """The median of the school's own figures in the two years before and after, where there are any."""
    own = np.flatnonzero((table.keys["unit"] == unit).to_numpy())
    years = table.keys["year"].to_numpy()[own]
    found = {}
    for year, column in cells:
        near = own[(years != year) & (np.abs(years - year) <= 2)]
        held = table.wide.values_of(column)[near]
        held = held[np.isfinite(held) & (held >= 0)]
        if len(held):
            found[(year, column)] = float(np.median(held))
    return found


def locate_errors(table: Table, units: Sequence[str]) -> dict[str, list[list[Proposal]]]:
    """Proposals for each school, one list for each group of failing rules; schools whose rules hold are left out."""
    made: dict[str, list[list[Proposal]]] = {}
    for unit in units:
        bounds, figures = bound_figures(table, unit)
        for group in part_failures(bounds, figures):
            cells = sorted({cell for bound in group for cell in bound.weights})
            found = propose_slips(group, figures, usual_figures(table, unit, cells), unit)
            if found:
                made.setdefault(unit, []).append(found)
    return made


# --- what is said ---

MOST_TOLD = 3
TOLD = ("sum_of_parts", "degrees", "identity_movement", "identity_years", "entrants_grade_one", "leavers_final",
        "two_forms", "checkups", "class_sizes", "part_above_whole")  # fmt: skip


def add_proposals(found: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Findings with what may have been meant behind their sentences; the figures themselves stay as they are."""
    asked = found[found["rule"].isin(TOLD)]
    if asked.empty:
        return found
    units = list(dict.fromkeys(map(str, asked["unit"])))
    located, left = locate_errors(table, units[:MOST_UNITS]), set(units[MOST_UNITS:])
    told = found.copy()
    for at, row in asked.iterrows():
        many = str(row["unit"]) in left
        text = (
            say("located.too_many", n=MOST_UNITS)
            if many
            else _word_proposals(row, located.get(str(row["unit"]), []), table)
        )
        told.loc[at, ["zh", "en"]] = [f"{row['zh']}{text.zh}", f"{row['en']}{text.en}"]
    return told


def _word_proposals(row: pd.Series, groups: Sequence[Sequence[Proposal]], table: Table) -> Text:
    """The first proposals of the group whose failing rules speak of this finding's figures."""
    about = {(int(row["year"]), column) for column in str(row["column"]).split(", ")}
    for group in groups:
        if row["rule"] in group[0].satisfied and about & group[0].failing:
            each = [_word_proposal(p, int(row["year"]), table) for p in group[:MOST_TOLD]]
            return say("located.proposals", n=len(group[0].satisfied), each=join_texts(each))
    return NOTHING


def _word_proposal(proposal: Proposal, year: int, table: Table) -> Text:
    when = say("located.year", year=proposal.cell[0]) if proposal.cell[0] != year else NOTHING
    facts = {
        "when": when,
        "what": column_name(proposal.cell[1], table.known),
        "seen": f"{proposal.seen:.10g}",
    }
    if np.isfinite(proposal.meant):
        slip = say(f"located.slip_{proposal.slip}")
        return say("located.one", meant=f"{proposal.meant:.10g}", slip=slip, **facts)
    low, high = proposal.limits
    least = f"{np.ceil(low - EXACT) + 0.0:.0f}"  # no minus before nothing
    if not np.isfinite(high):
        return say("located.at_least", low=least, **facts)
    return say("located.between", low=least, high=f"{np.floor(high + EXACT):.0f}", **facts)

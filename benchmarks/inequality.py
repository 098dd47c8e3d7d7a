"""How fast are six weighted measures with their errors in 28,000 county-years, and how much memory do they take?

    python benchmarks/inequality.py [--counties 2800] [--repeat 5]

One run, side by side: the floor (one sort of the values and one grouped sum), the rows brought together by county
and in order with nothing measured yet, the grouped call, and the idiom of one call per group, with the package
``inequality`` (PySAL) where it is installed and its formulas where it is not. The idiom with errors leaves out each
unit of a group in turn, all of them as one matrix. The outputs are compared before any time is printed.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from edustats.metrics.inequality import measures as inequality
from edustats.metrics.inequality import quantiles as shares
from edustats.metrics.inequality.arrays import iterate_area_blocks, order_rows
from edustats.metrics.inequality.row_groups import group_rows
from edustats.metrics.inequality.summary import summarize_inequality

MEASURES = ("gini", "theil", "mean_log_deviation", "cv", "atkinson", "percentile_ratio")


def schools(counties: int, years: int = 10, seed: int = 1) -> pd.DataFrame:
    """Forty to a hundred schools a county and year, rows shuffled."""
    rng = np.random.default_rng(seed)
    size = rng.integers(40, 101, counties * years)
    group = np.repeat(np.arange(counties * years), size)
    group = rng.permutation(group)
    pupils = np.exp(6 + 0.8 * rng.standard_normal(len(group))).round().clip(20)
    value = np.exp(0.4 * rng.standard_normal(len(group)) - 0.1 * np.log(pupils))
    county = (100_000 + group // years).astype(np.int32)
    return pd.DataFrame(
        {"county": county, "year": (2014 + group % years).astype(np.int16), "value": value, "pupils": pupils}
    )


def best(work: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Least processor time of several runs (one core; others may be at work beside), and the last result."""
    seconds, found = [], None
    for _ in range(repeat):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    return min(seconds), found


def floor(frame: pd.DataFrame) -> Callable[[], Any]:
    """One sort of the values and one sum by group, the group numbers ready."""
    x = frame["value"].to_numpy()
    code = frame.groupby(["county", "year"]).ngroup().to_numpy()
    return lambda: (np.sort(x), np.bincount(code, x))


def package() -> tuple[str, Callable[[np.ndarray], float], Callable[[np.ndarray], float]]:
    """Gini and Theil of one group, as PySAL finds them."""
    try:
        from inequality.gini import Gini
        from inequality.theil import Theil
    except ImportError:
        return "idiom", _gini, _theil
    return "PySAL", lambda x: Gini(x).g, lambda x: Theil(x).T


def _gini(x: np.ndarray) -> float:
    x = np.sort(x)
    n = len(x)
    return float(1 + 1 / n - 2 * np.sum(np.arange(n, 0, -1) * x) / (n * x.sum()))


def _theil(x: np.ndarray) -> float:
    share = x / x.sum()
    return float(np.sum(share * np.log(share * len(x))))


def _leave_out(x: np.ndarray) -> tuple[float, float, float, float]:
    """Gini and Theil of one group, each with its delete-one standard error; every deletion a row of one matrix."""
    x = np.sort(x)
    n = len(x)
    left = np.broadcast_to(x, (n, n))[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    total = left.sum(axis=1)
    gini = n / (n - 1) - 2 * (left @ np.arange(n - 1, 0, -1)) / ((n - 1) * total)
    share = left / total[:, None]
    theil = np.sum(share * np.log(share * (n - 1)), axis=1)
    errors = [float(np.sqrt((n - 1) * np.mean((part - part.mean()) ** 2))) for part in (gini, theil)]
    return _gini(x), _theil(x), *errors


def order(frame: pd.DataFrame, by: list[str]) -> Callable[[], Any]:
    """Rows brought together by county and year and put in order of value, nothing measured."""

    def work() -> None:
        groups = group_rows(frame, by)
        x, w = frame["value"].to_numpy(), frame["pupils"].to_numpy()
        for block in iterate_area_blocks(groups.code, np.ones(len(groups.keys), dtype=bool)):
            order_rows(block.lay_out(x))
            block.lay_out(w)

    return work


def compare(frame: pd.DataFrame, table: pd.DataFrame) -> float:
    """Largest relative difference from the scalar functions, over some county-years."""
    scalars = {
        "gini": inequality.gini, "theil": inequality.theil, "mean_log_deviation": inequality.mean_log_deviation,
        "cv": inequality.coefficient_of_variation, "atkinson": inequality.atkinson,
        "percentile_ratio": shares.percentile_ratio,
    }  # fmt: skip
    apart = 0.0
    indexed = table.set_index(["county", "year", "measure"])["estimate"]
    for (county, year), part in list(frame.groupby(["county", "year"]))[::997]:
        for name, measure in scalars.items():
            own = measure(part["value"], part["pupils"])
            apart = max(apart, abs(indexed[county, year, name] / own - 1))
    return apart


def compare_with_idiom(frame: pd.DataFrame, by: list[str], repeat: int) -> None:
    """Gini and Theil unweighted, like for like: estimates alone, and with the errors of leaving out each unit."""
    name, gini, theil = package()
    grouped = frame.groupby(by)["value"]
    plain, found = best(lambda: grouped.agg([lambda x: gini(x.to_numpy()), lambda x: theil(x.to_numpy())]), 1)
    errors, left = best(lambda: np.array([_leave_out(part.to_numpy()) for _, part in grouped]), 1)
    for label, interval, theirs, figures, column in (
        (f"estimates: {name} by group", "none", plain, found.to_numpy(), "estimate"),
        ("with errors: left out by group", "superpopulation", errors, left[:, 2:], "se"),
    ):
        same, both = best(
            lambda i=interval: summarize_inequality(frame, "value", None, by, ["gini", "theil"], interval=i),
            repeat,
        )
        apart = np.abs(both[column].to_numpy().reshape(-1, 2) / figures - 1).max()
        print(
            f"Gini and Theil unweighted, {label} {theirs:.4f} s, grouped call {same:.4f} s = "
            f"{theirs / same:.1f} x (differ by {apart:.0e})"
        )
    print(f"errors here against estimates there: {plain / same:.1f} x")


def _name_vector_instructions() -> str:
    """The widest vector instructions numpy found: its sort, and so the floor, is several times as fast with them."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found")  # type: ignore[call-overload]
    return f"vector instructions up to {found[-1]}" if found else "no vector instructions"


def main() -> None:
    """Compare, then print the times and the memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counties", type=int, default=2800)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    frame = schools(asked.counties)
    by = ["county", "year"]
    print(f"{len(frame):,} rows, {asked.counties * 10:,} county-years; best of {asked.repeat}")
    least, _ = best(floor(frame), asked.repeat)
    ours, table = best(lambda: summarize_inequality(frame, "value", "pupils", by, MEASURES), asked.repeat)
    print(f"largest relative difference from the scalar functions: {compare(frame, table):.1e}")
    print(f"rows without an interval: {table['lower'].isna().sum()} of {len(table)}")
    grouping, _ = best(order(frame, by), asked.repeat)
    print(f"numpy {np.__version__}, {_name_vector_instructions()}")
    print(f"floor, one sort and one grouped sum:     {least:8.4f} s")
    print(f"rows together and in order, no measure:  {grouping:8.4f} s = {grouping / least:.2f} x floor")
    print(f"six weighted measures with errors:       {ours:8.4f} s = {ours / least:.2f} x floor")
    compare_with_idiom(frame, by, asked.repeat)
    tracemalloc.start()
    summarize_inequality(frame, "value", "pupils", by, MEASURES)
    peak = tracemalloc.get_traced_memory()[1]
    size = frame.memory_usage(index=False).sum()
    print(f"peak memory {peak / 1e6:.0f} MB = {peak / size:.2f} x the input columns ({size / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()

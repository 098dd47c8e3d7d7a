"""How much faster than PySAL is segregation for every county of every year, and do the numbers agree?

Needs PySAL's ``segregation`` in an environment of its own, which is not one of this project:

    python -m venv DIR && DIR/bin/pip install segregation==2.5.4
    python benchmarks/segregation.py --peer DIR/bin/python [--counties 2800] [--years 10] [--peer-places 300]

Both run in one go on the same invented counts: ours on all places, the peer, which makes one object for each
place and measure, on the first ``--peer-places``; its time is scaled to all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.metrics.segregation.indices import measure_segregation

PEER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
from segregation.singlegroup import Dissim, Entropy
frame = pd.read_parquet(sys.argv[1])
frame["all"] = frame["own"] + frame["rest"]
places = [part for _, part in frame.groupby(["county", "year"])]
out = {}
for name, kind in (("dissimilarity", Dissim), ("theil_h", Entropy)):
    start = time.perf_counter()
    values = [kind(part, "own", "all").statistic for part in places]
    out[name] = {"seconds": time.perf_counter() - start, "values": values}
print(json.dumps(out))
"""


def invented(counties: int, years: int, seed: int = 7) -> pd.DataFrame:
    """Shuffled school rows: 40 to 100 schools a county, shares that differ from school to school."""
    rng = np.random.default_rng(seed)
    schools = rng.integers(40, 101, counties)
    county = np.tile(np.repeat(np.arange(counties), schools), years)
    year = np.repeat(np.arange(2015, 2015 + years), schools.sum())
    size = np.round(np.exp(rng.normal(5.8, 0.7, len(county)))).clip(10, 3000)
    own = rng.binomial(size.astype(int), rng.beta(1.2, 5, len(county)))
    frame = pd.DataFrame({"county": county, "year": year, "own": own, "rest": size - own})
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True).astype({"own": float})


def ours(frame: pd.DataFrame, repeats: int = 5) -> tuple[pd.DataFrame, float]:
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        found = measure_segregation(
            frame, ["own", "rest"], ["county", "year"], measures=["dissimilarity", "theil_h"]
        )
        best = min(best, time.perf_counter() - start)
    return found, best


def main() -> None:
    """Print both times, their ratio and the largest difference of the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, help="Python that has PySAL's segregation")
    parser.add_argument("--counties", type=int, default=2800)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--peer-places", type=int, default=300)
    asked = parser.parse_args()
    frame = invented(asked.counties, asked.years)
    places = asked.counties * asked.years
    found, seconds = ours(frame)
    print(f"ours: D and H of {places:,} county-years, {len(frame):,} schools: {seconds:.3f} s, best of 5")
    if asked.peer is None:
        sys.exit("no peer: give --peer to compare")
    keys = frame[["county", "year"]].drop_duplicates().sort_values(["county", "year"])
    part = frame.merge(keys.head(asked.peer_places), on=["county", "year"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "part.parquet"
        part.to_parquet(file)
        command = [str(asked.peer), "-c", PEER, str(file)]
        peer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    total = 0.0
    for measure, result in peer.items():
        scaled = result["seconds"] * places / asked.peer_places
        total += scaled
        mine = found.loc[found["measure"] == measure, "estimate"].to_numpy()[: asked.peer_places]
        apart = float(np.abs(mine - np.array(result["values"])).max())
        print(f"PySAL {measure}: {result['seconds']:.2f} s for {asked.peer_places}, {scaled:.0f} s for all; "
              f"largest difference {apart:.1e}")  # fmt: skip
    print(f"D and H together: {total / seconds:.0f} times as fast")


if __name__ == "__main__":
    main()

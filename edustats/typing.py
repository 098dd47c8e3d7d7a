"""Which arrays do the rooms hand each other? The aliases that signatures use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
"""Places in an array; what :func:`pandas.factorize` gives."""
KindCodes = NDArray[np.uint8]
"""Positions in :data:`edustats.schema.KINDS`."""

"""Is Wilson's interval of a share Wilson's, and does it stay where shares are?"""

import numpy as np
import pytest
from scipy.stats import binomtest

from edustats.errors import DataError
from edustats.metrics.comparison.share_interval import estimate_share_interval


@pytest.mark.parametrize(("count", "total"), [(0, 20), (1, 20), (8, 10), (20, 20), (263, 1000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_it_is_that_of_scipy(count, total, confidence):
    theirs = binomtest(count, total).proportion_ci(confidence, method="wilson")
    low, high = estimate_share_interval(count, total, confidence)
    assert (float(low), float(high)) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nobody_asked_has_no_interval_and_does_not_spoil_the_others():
    low, high = estimate_share_interval([0, np.nan, 5], [0, 10, 10])
    assert np.isnan(low).tolist() == [True, True, False]
    assert 0 < low[2] < 0.5 < high[2] < 1


@pytest.mark.parametrize(("count", "total"), [(-1, 10), (11, 10)])
def test_more_than_there_are_is_refused(count, total):
    with pytest.raises(DataError, match=str(total)):
        estimate_share_interval(count, total)

"""Do notebooks of the version before still run, and does each old name say the new one?"""

import warnings

import pytest

import edustats as edu
from edustats.renamed import GONE_IN, RENAMED
from edustats.shipped import version


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_name_works_and_says_the_new_one(old, new, monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")
    assert new in edu.__all__, f"{old} leads to {new}, which is not offered"
    if old in edu.__all__:
        pytest.skip("the plain name now belongs to a function that gives data frames")
    with pytest.warns(
        FutureWarning, match=f"^edu.{old} is now edu.{new}; the old name goes with version {GONE_IN}"
    ):
        assert getattr(edu, old) is getattr(edu, new)


def test_new_names_and_unknown_ones_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert callable(edu.open_county)
        with pytest.raises(AttributeError, match="edustats has no sprad"):
            _ = edu.sprad


def test_old_names_are_gone_when_their_time_has_come():
    assert tuple(map(int, version().split("."))) < tuple(map(int, GONE_IN.split("."))), (
        "delete edustats/renamed.py"
    )

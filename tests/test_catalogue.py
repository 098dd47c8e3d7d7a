"""Does every entry of the catalogue hold together, and is what is wrong refused by name?"""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.catalogue import HERE, catalogue, read, terms
from edustats.errors import DataError, UnknownNameError

KNOWN = catalogue()
PREFIXES = {"share_": (0, 1), "count_": (0, None), "ratio_": None, "mean_": None, "per_pupil_": None}


@pytest.mark.parametrize("key", KNOWN.indicators)
def test_the_prefix_of_a_key_tells_its_range_and_unit(key):
    indicator = KNOWN.indicators[key]
    prefix = next((p for p in PREFIXES if key.startswith(p)), None)
    assert prefix, f"{key} begins with none of {', '.join(PREFIXES)}"
    if prefix == "share_":
        assert indicator.range == (0, 1)
        assert indicator.unit == "share"
    if prefix == "count_":
        assert indicator.den == ""
        assert indicator.range[0] == 0
    else:
        assert indicator.den


@pytest.mark.parametrize("key", KNOWN.indicators)
def test_every_indicator_names_its_source_in_both_languages(key):
    source = KNOWN.indicators[key].source
    assert source.zh
    assert source.en


@pytest.mark.parametrize("names", ["zh", "en"])
@pytest.mark.parametrize("entries", [KNOWN.indicators, KNOWN.columns])
def test_no_two_entries_share_a_name(entries, names):
    said = [getattr(entry, names) for entry in entries.values()]
    assert sorted(said) == sorted(set(said))


def test_every_column_is_used_by_an_indicator_or_bounds_another_column():
    used = {name for i in KNOWN.indicators.values() for name in i.inputs}
    used |= {c.part_of for c in KNOWN.columns.values() if c.part_of}
    assert set(KNOWN.columns) == used


@pytest.mark.parametrize("key", KNOWN.units)
def test_a_unit_can_be_said_and_counts_itself_once(key):
    unit = KNOWN.units[key]
    assert unit.scales[key] == 1
    assert unit.value.zh.format(value="1")
    assert unit.gap.en.format(value="1")


@pytest.mark.parametrize(
    "text", ["a * b", "a / b", "f(a)", "a.b", "a + 1", "a - -b", "__import__('os')", "a, b", "a +", "A + b"]
)
def test_anything_but_a_sum_of_columns_is_refused_and_quoted(text):
    with pytest.raises(DataError) as caught:
        terms(text)
    assert text in caught.value.text("en")


@given(
    st.lists(st.tuples(st.sampled_from("+-"), st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)), min_size=1)
)
def test_a_sum_is_read_back_with_its_signs(parts):
    text = " ".join(f"{sign} {name}" for sign, name in parts)
    assert terms(text) == {name: 1 if sign == "+" else -1 for sign, name in parts}


def test_an_undeclared_column_is_named_with_the_entry_that_uses_it(tmp_path):
    shutil.copytree(HERE, tmp_path / "catalogue")
    file = tmp_path / "catalogue" / "indicators.toml"
    file.write_text(file.read_text("utf-8").replace('num = "spending"', 'num = "spendings"'), "utf-8")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "catalogue")
    assert "per_pupil_spending" in caught.value.text("en")
    assert "spendings" in caught.value.text("en")


def test_an_unknown_indicator_is_answered_with_the_nearest_ones():
    with pytest.raises(UnknownNameError, match="share_passing_math4"):
        KNOWN.indicator("share_passing_math")

"""Does the catalogue hang together, entry by entry?"""

import shutil
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.catalogue import HERE, catalogue, parse_terms, read_catalogue, select_spokespersons
from edustats.errors import DataError, UnknownNameError
from edustats.words import fill_english

KNOWN = catalogue()
PREFIXES = ("share", "count", "ratio", "mean", "per_pupil", "per_hundred", "per_thousand", "per_seat")


def copied(tmp_path):
    return shutil.copytree(HERE, tmp_path / "catalogue", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def test_no_name_is_used_twice_in_either_language():
    for kind in (KNOWN.indicators, KNOWN.columns):
        for lang in ("zh", "en"):
            names = Counter(entry.name[lang] for entry in kind.values())
            assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("key", KNOWN.indicators)
def test_an_indicator_says_by_its_prefix_what_range_it_has(key):
    one = KNOWN.indicators[key]
    assert key.startswith(PREFIXES)
    assert one.range[0] < one.range[1]
    if key.startswith("share_"):
        assert one.unit == "share"
    if key.startswith("count_"):
        assert not one.den


@pytest.mark.parametrize("key", KNOWN.indicators)
def test_english_texts_hold_no_chinese_and_chinese_texts_do(key):
    one = KNOWN.indicators[key]
    for text in (one.name, one.source, one.note, one.clause):
        assert not any("一" <= letter <= "鿿" for letter in text.en), text.en
    assert any("一" <= letter <= "鿿" for letter in one.zh)


def test_a_key_that_stands_in_two_files_is_refused_naming_both(tmp_path):
    folder = copied(tmp_path)
    (folder / "indicators" / "again.toml").write_text(
        (folder / "indicators" / "special.toml").read_text("utf-8"), "utf-8"
    )
    with pytest.raises(DataError) as refused:
        read_catalogue(folder)
    assert "share_disabled_enrolled" in refused.value.text("en")
    assert "again.toml" in refused.value.text("en")
    assert "special.toml" in refused.value.text("en")


def test_a_sum_of_an_undeclared_column_is_refused_by_name(tmp_path):
    folder = copied(tmp_path)
    path = folder / "indicators" / "special.toml"
    path.write_text(
        path.read_text("utf-8").replace('num = "disabled_enrolled"', 'num = "disabled_enroled"'), "utf-8"
    )
    with pytest.raises(DataError, match="disabled_enroled"):
        read_catalogue(folder)


def test_a_column_of_an_unknown_level_is_refused(tmp_path):
    folder = copied(tmp_path)
    path = folder / "columns" / "special.toml"
    path.write_text(path.read_text("utf-8").replace('level = "county"', 'level = "village"', 1), "utf-8")
    with pytest.raises(DataError, match="village"):
        read_catalogue(folder)


def test_an_unconfirmed_clause_is_printed_as_to_be_confirmed():
    one = KNOWN.indicator("share_rotation")
    assert not one.confirmed
    assert one.clause.zh.endswith("（条款待核实）")
    assert one.clause.en.endswith("(to be confirmed)")
    assert (
        KNOWN.indicator("share_public_preschool").clause == KNOWN.indicator("share_public_preschool").source
    )


@pytest.mark.parametrize(
    "keys",
    [
        ("share_big_classes_primary", "share_very_big_classes_primary", "share_big_classes_local_primary"),
        ("share_gross_enrolment_preschool", "share_gross_enrolment_preschool_registered"),
        ("share_retained_junior", "share_retained_entry_junior", "share_retained_raw_junior"),
    ],
)
def test_where_definitions_compete_each_carries_a_note_and_its_own_formula(keys):
    found = [KNOWN.indicator(key) for key in keys]
    assert all(one.note.zh and one.note.en for one in found)
    assert len({one.formula for one in found}) == len(found)


def test_the_three_definitions_of_a_big_class_nest():
    big, very, local = (
        set(parse_terms(KNOWN.indicator(f"share_{kind}_primary").num))
        for kind in ("big_classes", "very_big_classes", "big_classes_local")
    )
    assert very < big < local


def test_the_hall_is_counted_once_and_only_as_sports_space():
    for stage in ("primary", "junior"):
        teaching = parse_terms(KNOWN.indicator(f"per_pupil_teaching_area_{stage}").num)
        sports = parse_terms(KNOWN.indicator(f"per_pupil_sports_area_{stage}").num)
        assert teaching[f"hall_area_{stage}"] == -1
        assert sports[f"hall_area_{stage}"] == 1


@pytest.mark.parametrize("key", KNOWN.indicators)
def test_every_indicator_names_its_source_in_both_languages(key):
    source = KNOWN.indicators[key].source
    assert source.zh
    assert source.en


@pytest.mark.parametrize("key", KNOWN.units)
def test_a_unit_can_be_said_and_counts_itself_once(key):
    unit = KNOWN.units[key]
    assert any(scale == 1 for scale in unit.scales.values()) or unit.times != 1
    assert unit.value.zh.format(value="1")
    assert fill_english(unit.gap.en, value="1")


@pytest.mark.parametrize(
    "text", ["a * b", "a / b", "f(a)", "a.b", "a + 1", "a - -b", "__import__('os')", "a, b", "a +", "A + b"]
)
def test_anything_but_a_sum_of_columns_is_refused_and_quoted(text):
    with pytest.raises(DataError) as caught:
        parse_terms(text)
    assert text in caught.value.text("en")


@given(
    st.lists(st.tuples(st.sampled_from("+-"), st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)), min_size=1)
)
def test_a_sum_is_read_back_with_its_signs(parts):
    text = " ".join(f"{sign} {name}" for sign, name in parts)
    assert parse_terms(text) == {name: 1 if sign == "+" else -1 for sign, name in parts}


def test_an_unknown_indicator_is_answered_with_the_nearest_ones():
    with pytest.raises(UnknownNameError, match="share_passing_math4"):
        KNOWN.indicator("share_passing_math")


def test_of_a_family_one_speaks_and_without_it_the_mirror_speaks_for_itself():
    known = catalogue()
    mirror = known.indicator("ratio_teachers_per_pupil_primary")
    speaker = known.indicator(mirror.family)
    assert [i.key for i in select_spokespersons([mirror, speaker])] == ["ratio_pupils_per_teacher_primary"]
    assert select_spokespersons([mirror]) == [mirror]


def test_no_spokesperson_is_spoken_for():
    known = catalogue().indicators
    assert not [i.key for i in known.values() if i.family and known[i.family].family]


@pytest.mark.parametrize(
    "key", ["share_gross_enrolment_junior", "per_pupil_budget_education_primary", "share_tier1"]
)
def test_what_is_neither_good_nor_bad_in_itself_has_no_polarity(key):
    assert catalogue().indicator(key).better == "none"

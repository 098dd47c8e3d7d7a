"""Does every text exist in both languages, with the same facts in it?"""

import string

import pytest

from edustats.errors import DataError, EdustatsError, MissingFileError, ParameterError, UnknownNameError
from edustats.words import read_all_texts, say


def facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("address", read_all_texts())
def test_both_languages_are_there_and_name_the_same_facts(address):
    text = read_all_texts()[address]
    assert text.zh.strip()
    assert text.en.strip()
    assert facts(text.zh) == facts(text.en)


@pytest.mark.parametrize("address", read_all_texts())
def test_chinese_text_is_chinese_and_english_text_is_not(address):
    text = read_all_texts()[address]
    assert not any("一" <= letter <= "鿿" for letter in text.en), text.en


@pytest.mark.parametrize("kind", [DataError, ParameterError, UnknownNameError, MissingFileError])
def test_an_error_can_be_caught_as_ours_and_as_the_built_in_it_is(kind):
    error = kind("errors.reversed_years", first=2024, last=2020)
    built_in = {DataError: ValueError, ParameterError: ValueError, UnknownNameError: KeyError}
    assert isinstance(error, EdustatsError)
    assert isinstance(error, built_in.get(kind, FileNotFoundError))


def test_an_error_survives_a_trip_between_processes():
    import pickle

    error = pickle.loads(pickle.dumps(DataError("errors.reversed_years", first=2024, last=2020)))  # noqa: S301
    assert error.text("en") == "the first year 2024 is after the last year 2020; swap them."


def test_a_fact_with_two_languages_appears_in_the_language_of_its_sentence():
    text = say("errors.no_years", area=say("status.masked"), first=1, last=2, have="3")
    assert text.zh.startswith("原件遮盖")
    assert text.en.startswith("masked in the source")

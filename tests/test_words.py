"""Does every text exist in both languages, with the same facts in it?"""

import re
import string

import pytest

from edustats.catalogue import catalogue
from edustats.errors import DataError, EdustatsError, MissingFileError, ParameterError, UnknownNameError
from edustats.words import fill_english, read_all_texts, say


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


COUNTED = (
    "schools|counties|teachers|pupils|years|indicators|reports|rows|units|items|classes|groups|seats|projects|"
    "peers|rooms|errors|leavers|grades|files|posts|entrants|births|columns|cells|masks|values|steps|answers|"
    "targets|months|notebooks|programmes|findings|codes|totals|prefectures|sheets|lessons|sources|children|"
    "kindergartens|buses|doctors|agencies|persons|figures|revisions|numbers|oddities|letters|visits|volumes"
)
WHOSE = {
    "stage",
    "stages",
    "subject",
    "indicator",
    "second",
    "area",
    "file",
    "name",
    "names",
    "who",
    "group",
    "store",
    "done",
    "left",
    "line",
    "expected",
}
"""Facts that say whose schools they are and not how many."""
UNITS = {f"units.{key}": [unit.value.en, unit.gap.en] for key, unit in catalogue().units.items()}


@pytest.mark.parametrize("address", [*read_all_texts(), *UNITS])
def test_an_english_noun_after_a_number_has_a_singular(address):
    """``{n} schools`` reads “1 schools” one day: ``{n} school{n:plural}``."""
    for english in UNITS.get(address) or [read_all_texts()[address].en]:
        adjective = (
            r"(?!rows |and |has |have |years |two |the |holds |further |had |are |of |in |than )[a-z-]+ "
        )
        found = re.findall(rf"\{{(\w+)\}} (?:{adjective})?({COUNTED})\b(?!\{{)", english)
        assert [noun for name, noun in found if name not in WHOSE] == [], english


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "County A, 2024: 1 teacher is reported as 66 or older"),
        (2, "County A, 2024: 2 teachers are reported as 66 or older"),
        (0, "County A, 2024: 0 teachers are reported as 66 or older"),
    ],
)
def test_a_count_of_one_takes_the_singular_and_its_verb(n, said):
    assert say("teachers.too_old", area="County A", year=2024, n=n).en.startswith(said)


def test_plurals_are_those_of_their_noun():
    assert [
        fill_english(f"{{n}} {word}{{n:plural}}", n="2") for word in ("county", "bus", "class", "day")
    ] == [
        "2 counties",
        "2 buses",
        "2 classes",
        "2 days",
    ]
    assert fill_english("{n} county{n:plural} {n:is|are}", n="1") == "1 county is"
    assert fill_english("{n} year{n:plural}", n="1.0") == "1.0 years"

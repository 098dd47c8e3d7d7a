"""Does every verb print what it printed when somebody last read it? Sentences, notes and cells of a prefecture made by hand.

What is compared lies in ``files/printed``, a file a verb, and was read against ``handmade.py``. After a change of words
``python tests/handmade.py`` writes it anew; the difference is what a reader will see, and is to be read as such.
"""

import difflib

import pytest
from handmade import OF_BRIEF, OF_COUNTY, OF_PREFECTURE, PRINTED, open_views, print_verb

VERBS = [
    *(("county", verb) for verb in OF_COUNTY.split()),
    *(("county_brief", verb) for verb in OF_BRIEF.format("balance").split()),
    *(("prefecture", verb) for verb in OF_PREFECTURE.split()),
    *(("prefecture_brief", verb) for verb in OF_BRIEF.format("counties").split()),
]


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    return open_views(tmp_path_factory.mktemp("handmade") / "store")


@pytest.mark.parametrize(("view", "verb"), VERBS, ids=[f"{view}-{verb}" for view, verb in VERBS])
def test_a_verb_prints_what_was_read(views, view, verb):
    meant = (PRINTED / f"{view}_{verb}.txt").read_text("utf-8")
    printed = print_verb(views[view][0], verb)
    assert printed == meant, "\n".join(
        difflib.unified_diff(meant.splitlines(), printed.splitlines(), "read", "printed", lineterm="", n=0)
    )


def test_every_file_belongs_to_a_verb():
    assert {path.stem for path in PRINTED.glob("*.txt")} == {f"{view}_{verb}" for view, verb in VERBS}

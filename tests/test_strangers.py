"""Does a stranger's table come in right, or say why not? Never a wrong number that nobody is told of."""

from collections import Counter

import pytest
import strangers

SEEDS = 200


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """What became of every table: its own record, the outcome and the words for it."""
    found = []
    for seed in range(SEEDS):
        made = strangers.write(tmp_path_factory.mktemp("stranger"), seed)
        found.append((seed, made, *strangers.hold(made)))
    return found


def test_no_wrong_number_is_silent(held):
    assert [(seed, words) for seed, _, outcome, words in held if outcome == "silent"] == []


def test_tables_whose_evidence_agrees_come_in_right(held):
    counts = Counter(outcome for _, made, outcome, _ in held if not made.contradiction)
    number = sum(counts.values())
    assert number > 150
    assert counts["right"] >= 0.9 * number
    assert counts["refused"] <= 0.05 * number


def test_a_table_that_contradicts_itself_is_never_right_by_chance(held):
    torn = [(outcome, words) for _, made, outcome, words in held if made.contradiction]
    assert torn
    assert all(outcome != "right" for outcome, _ in torn)


def test_a_refusal_of_a_contradiction_quotes_what_disagrees(held):
    told = [(made, words) for _, made, outcome, words in held if made.contradiction and outcome == "refused"]
    for made, words in told:
        year = min(year for _, year, _ in made.truth)
        quoted = {
            "unit": [str(made.choices.get("unit"))], "year": [str(year), str(year + 1)], "stage": ["codes"],
            "rate": ["E2"],
        }[made.contradiction]  # fmt: skip
        assert all(part in words for part in quoted), words

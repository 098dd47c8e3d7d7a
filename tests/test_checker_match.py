"""Does a statement meet the observation it speaks of, and only that one?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from edustats.briefing import Claim, check
from edustats.errors import DataError

REFERENCE = pd.DataFrame(
    [
        ("青石县", "primary", "在校生", 2022, 12_345, "人"),
        ("青石县", "primary", "在校生", 2021, 12_010, "人"),
        ("青石县", "junior", "在校生", 2022, 6_789, "人"),
        ("云岭县", "primary", "在校生", 2022, 9_876, "人"),
        ("青石县", "junior", "巩固率", 2022, 0.9534, "share"),
    ],
    columns=["area_name", "stage", "indicator_name", "year", "value", "unit"],
)


def matched(text: str) -> list[Claim]:
    return [claim for claim in check(text, REFERENCE) if claim.data is not None]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2022年，青石县小学在校生12345人。", "consistent"),
        ("2022年，青石县小学在校生1.23万人。", "consistent"),
        ("2022年，青石县小学在校生1.25万人。", "inconsistent"),
        ("2022年，青石县初中巩固率达到95.3%。", "consistent"),
        ("2022年，青石县初中巩固率达到96.3%。", "inconsistent"),
    ],
)
def test_a_statement_agrees_with_every_rounding_of_its_observation(text: str, verdict: str) -> None:
    (claim,) = matched(text)
    assert claim.verdict == verdict
    assert claim.data is not None
    assert claim.data["area"] == "青石县"


def test_without_a_year_the_candidates_are_listed_and_nothing_is_decided() -> None:
    (claim,) = matched("青石县小学在校生12345人。")
    assert claim.verdict == "uncheckable"
    assert claim.data is not None
    assert claim.data["matches"] == 2


def test_without_an_area_the_candidates_are_listed() -> None:
    (claim,) = matched("2022年，小学在校生12345人。")
    assert (claim.verdict, claim.data["matches"]) == ("uncheckable", 2)


def test_another_area_is_another_observation() -> None:
    (claim,) = matched("2022年，云岭县小学在校生9876人，比青石县少。")
    assert claim.data["area"] == "云岭县"


def test_an_indicator_nobody_observed_is_left_alone() -> None:
    assert matched("2022年，青石县小学校舍面积12345平方米。") == []


def test_a_table_without_its_columns_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"unit"):
        check("在校生5人。", REFERENCE.drop(columns="unit"))


@pytest.mark.parametrize("asked", ["不低于97.0%", "不高于90.0%", "至少97.0%"])
def test_what_is_asked_for_is_not_wrong_because_it_was_missed(asked: str) -> None:
    assert all(claim.verdict != "inconsistent" for claim in matched(f"2022年，青石县初中巩固率{asked}。"))


def test_the_year_in_front_of_a_change_is_that_of_its_second_value() -> None:
    assert all(
        claim.verdict != "inconsistent"
        for claim in matched("与2021年相比，2022年青石县小学在校生由12010人变为12345人。")
    )
    told = matched("青石县小学在校生由2021年的12510人增加到2022年的12345人。")
    assert "inconsistent" in {claim.verdict for claim in told}


def test_an_amount_per_hundred_pupils_is_compared_as_it_is_printed(tmp_path: Path) -> None:
    from invented import loaded

    from edustats.briefing.reference import reference
    from edustats.store.writing import write_store

    store = write_store(loaded(), tmp_path / "store")
    code = store.counties[0]
    rows = reference(f"{store.name(code).zh}小学每百名学生拥有计算机台数", store)
    own = rows[rows["indicator_name"] == "小学每百名学生拥有计算机台数"].set_index("year")["value"]
    held = store.read_comparison(store.prefectures[0])
    held = held[(held["area"] == code) & (held["indicator"] == "per_hundred_computers_primary")]
    assert own.to_dict() == pytest.approx((100 * held.set_index("year")["value"]).dropna().to_dict())
    assert len(own)

"""Is everything refused before a kernel starts, and does every name stay in its folder?"""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parameters import write

from edustats.errors import ParameterError
from edustats.report.edition.plan import DEVICES, ReportArea, ReportPlan, make_plan, make_slug

CELL = 'county: str = "82"\nfirst_year: int = 0'


def plan(
    tmp_path: Path, *areas: ReportArea, names: tuple[str, ...] = ("10_trend",), edition: str = "2023"
) -> ReportPlan:
    notebooks = [write(tmp_path / f"{name}.ipynb", CELL) for name in names]
    return make_plan(areas, notebooks, {"first_year": 1998}, tmp_path / "out", edition)


def folder(tmp_path: Path, code: str, name: str) -> str:
    return plan(tmp_path, ReportArea(code, name)).jobs[0].folder


def test_each_county_gets_each_notebook_with_its_code_as_text(tmp_path: Path) -> None:
    made = plan(tmp_path, ReportArea("01001", "盱眙县"), ReportArea("02", "Alcona"), names=("10_a", "20_b"))
    assert [(job.folder, job.stem) for job in made.jobs] == [
        ("01001-盱眙县", "10_a"),
        ("01001-盱眙县", "20_b"),
        ("02-Alcona", "10_a"),
        ("02-Alcona", "20_b"),
    ]
    assert made.jobs[0].parameters == {"county": "01001", "first_year": 1998}
    assert [len(jobs) for jobs in made.counties()] == [2, 2]
    assert made.target == tmp_path / "out" / "2023"


def test_nothing_is_written_by_planning(tmp_path: Path) -> None:
    plan(tmp_path, ReportArea("01", "x"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../x", "01-x"),
        ("/etc/passwd", "01-etc-passwd"),
        ("县/区", "01-县-区"),
        ("县／区", "01-县-区"),
        ('a\\b:c*?"<>|d', "01-a-b-c-d"),
        ("CON", "01-CON"),
        ("nul.txt", "01-nul-txt"),
        ("😀", "01"),
        ("双\u202e流\u200f县", "01-双-流-县"),
        ("tab\there\x00\x1b", "01-tab-here"),
        ("St. Clair ...", "01-St-Clair"),
        ("", "01"),
        ("e\u0301", "01-é"),
    ],
)
def test_a_name_becomes_a_harmless_part_of_a_folders_name(tmp_path: Path, name: str, expected: str) -> None:
    assert folder(tmp_path, "01", name) == expected


def test_a_county_whose_code_is_a_device_of_windows_gets_another_folder(tmp_path: Path) -> None:
    assert folder(tmp_path, "CON", "") == "CON_"


def test_a_name_of_300_characters_fits_any_file_system(tmp_path: Path) -> None:
    made = folder(tmp_path, "330106", "县" * 300)
    assert made.startswith("330106-县县")
    assert len(made.encode()) < 100


@given(st.text())
def test_no_name_whatever_leaves_the_folder(name: str) -> None:
    made = make_slug(name)
    assert not set(made) & set('/\\:*?"<>|. \0')
    assert len(made.encode()) <= 80
    assert made == make_slug(made)


def test_two_counties_that_would_share_a_folder_are_both_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        plan(tmp_path, ReportArea("A1", "X"), ReportArea("a1", "x"))
    assert "A1 X" in caught.value.text("zh")
    assert "a1 x" in caught.value.text("en")


def test_a_county_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="01 x"):
        plan(tmp_path, ReportArea("01", "x"), ReportArea("01", "x"))


def test_counties_of_one_name_are_told_apart_by_their_codes(tmp_path: Path) -> None:
    made = plan(tmp_path, ReportArea("01", "鼓楼区"), ReportArea("02", "鼓楼区"))
    assert [job.folder for job in made.jobs] == ["01-鼓楼区", "02-鼓楼区"]


def test_two_notebooks_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    notebooks = [write(tmp_path / "n.ipynb", CELL), write(tmp_path / "b" / "N.ipynb", CELL)]
    with pytest.raises(ParameterError, match=r"n\.ipynb"):
        make_plan([ReportArea("01", "x")], notebooks, {}, tmp_path, "2023")


@pytest.mark.parametrize("edition", ["", "..", "/", "😀"])
def test_an_edition_without_letter_or_digit_is_refused(tmp_path: Path, edition: str) -> None:
    with pytest.raises(ParameterError):
        plan(tmp_path, ReportArea("01", "x"), edition=edition)


def test_an_edition_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    assert plan(tmp_path, ReportArea("01", "x"), edition="../2023/24").edition == "2023-24"


def test_a_code_without_letter_or_digit_is_refused_with_its_county(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Alcona"):
        plan(tmp_path, ReportArea("..", "Alcona"))


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "2023").mkdir(parents=True)
    link = tmp_path / "out" / "2023" / "01-x"
    try:
        link.symlink_to(tmp_path / "elsewhere")
    except OSError:
        pytest.skip("this Windows lets nobody but administrators make links")
    if not os.path.lexists(link):
        pytest.skip("this Windows makes no links (Wine)")
    with pytest.raises(ParameterError, match="elsewhere"):
        plan(tmp_path, ReportArea("01", "x"))


def test_a_code_that_is_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="county"):
        plan(tmp_path, ReportArea(1001, "x"))  # type: ignore[arg-type]


def test_an_unknown_parameter_stops_the_plan(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="yaer"):
        make_plan([ReportArea("01", "x")], [write(tmp_path / "n.ipynb", CELL)], {"yaer": 1}, tmp_path, "2023")


def test_a_plan_of_no_counties_or_no_notebooks_is_refused(tmp_path: Path) -> None:
    for areas, names in (((), ("a",)), ((ReportArea("01", "x"),), ())):
        with pytest.raises(ParameterError):
            plan(tmp_path, *areas, names=names)


def test_devices_are_known_in_any_case() -> None:
    assert {"CON", "COM1", "LPT9"} <= DEVICES

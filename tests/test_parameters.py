"""Is the parameters cell read as a signature, and is every value held against it?"""

from pathlib import Path

import nbformat
import pytest

from edustats.errors import MissingFileError, ParameterError
from edustats.report.edition.parameters import (
    Parameter,
    parse_arguments,
    read_common_signature,
    read_parameters,
    resolve_parameters,
)

CELL = """county: str = "82"  # 县（市、区）代码，按文本填写 code of the county, as text
store: str = ""  # folder of the store
first_year: int = 0
share: float = 1
detail: bool = False  # more # of it
"""
SIGNATURE = (
    Parameter("county", "str", "82"),
    Parameter("first_year", "int", 0),
    Parameter("share", "float", 1.0),
    Parameter("detail", "bool", False),
)


def write(path: Path, *cells: str) -> Path:
    """A notebook whose cells are all tagged ``parameters``."""
    tagged = [nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]}) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), *tagged]), path)
    return path


def refusal(tmp_path: Path, line: str) -> str:
    with pytest.raises(ParameterError) as caught:
        read_parameters(write(tmp_path / "n.ipynb", f"first_year: int = 0\n{line}"))
    return caught.value.text("en")


def test_a_line_gives_name_type_default_and_help(tmp_path: Path) -> None:
    found = read_parameters(write(tmp_path / "n.ipynb", CELL))
    assert found[0] == Parameter(
        "county", "str", "82", "县（市、区）代码，按文本填写 code of the county, as text"
    )
    assert [p.name for p in found] == ["county", "store", "first_year", "share", "detail"]
    assert found[3].default == 1.0
    assert isinstance(found[3].default, float)
    assert found[4].help == "more # of it"


@pytest.mark.parametrize(
    "line",
    [
        "lang = 'zh'",
        "lang: str",
        "lang: list = []",
        "lang: str = 3",
        "year: int = True",
        "share: float = float('nan')",
        "store: str = os.environ['HOME']",
        "import os",
        "a: int = 1; b: int = 2",
        "lang: str = (\n  'zh')",
        "%matplotlib inline",
        "print(county)",
    ],
)
def test_anything_but_a_declaration_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    message = refusal(tmp_path, line)
    assert "n.ipynb" in message
    assert "line 2" in message
    assert line.splitlines()[0] in message


def test_comments_and_empty_lines_are_no_parameters(tmp_path: Path) -> None:
    assert len(read_parameters(write(tmp_path / "n.ipynb", "# 参数\n\n" + CELL))) == 5


def test_a_parameter_declared_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="first_year"):
        read_parameters(write(tmp_path / "n.ipynb", "first_year: int = 0\nfirst_year: int = 1"))


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"n\.ipynb"):
        read_parameters(write(tmp_path / "n.ipynb"))


def test_a_notebook_with_two_parameters_cells_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="2"):
        read_parameters(write(tmp_path / "n.ipynb", CELL, CELL))


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.ipynb"):
        read_parameters(tmp_path / "none.ipynb")


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text("returns", "utf-8")
    with pytest.raises(ParameterError, match=r"n\.ipynb"):
        read_parameters(tmp_path / "n.ipynb")


def test_two_notebooks_that_differ_are_both_named(tmp_path: Path) -> None:
    first = write(tmp_path / "a.ipynb", 'county: str = "82"\nyear: int = 0')
    other = write(tmp_path / "b.ipynb", 'county: str = "82"\nyear: str = ""')
    with pytest.raises(ParameterError) as caught:
        read_common_signature([first, first, other])
    assert all(word in caught.value.text("zh") for word in ("a.ipynb", "b.ipynb", "year"))


def test_notebooks_may_differ_in_their_defaults(tmp_path: Path) -> None:
    first = write(tmp_path / "a.ipynb", "year: int = 0")
    assert (
        read_common_signature([first, write(tmp_path / "b.ipynb", "year: int = 1998  # other")])[0].default
        == 0
    )


def test_a_code_with_a_leading_zero_stays_text() -> None:
    assert resolve_parameters(SIGNATURE, {"county": "01001"})["county"] == "01001"
    assert parse_arguments(SIGNATURE, {"county": "01001"}) == {"county": "01001"}


def test_what_is_not_given_has_its_default() -> None:
    assert resolve_parameters(SIGNATURE, {"first_year": 1998}) == {
        "county": "82",
        "first_year": 1998,
        "share": 1.0,
        "detail": False,
    }


def test_an_unknown_parameter_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_parameters(SIGNATURE, {"first_yaer": 1998})
    assert caught.value.text("en") == "there is no parameter first_yaer; nearest: first_year"


def test_a_parameter_without_default_must_be_given() -> None:
    with pytest.raises(ParameterError, match="county"):
        resolve_parameters([Parameter("county", "str", None)], {})


@pytest.mark.parametrize(
    "given",
    [
        {"county": 1001},
        {"county": ["01"]},
        {"first_year": "1998"},
        {"first_year": True},
        {"first_year": 1998.0},
        {"share": "0.5"},
        {"share": float("nan")},
        {"detail": 1},
    ],
)
def test_a_value_of_another_type_is_refused_and_not_converted(given: dict[str, object]) -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_parameters(SIGNATURE, given)
    assert next(iter(given)) in caught.value.text("zh")


def test_words_of_the_command_line_are_converted_by_the_declared_type_alone() -> None:
    texts = {"county": "1e5", "first_year": "-3", "share": ".5", "detail": "TRUE"}
    assert parse_arguments(SIGNATURE, texts) == {
        "county": "1e5",
        "first_year": -3,
        "share": 0.5,
        "detail": True,
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("first_year", "0198"),
        ("first_year", "1e3"),
        ("first_year", ""),
        ("first_year", "１９９８"),
        ("share", "half"),
        ("share", "inf"),
        ("detail", "yes"),
    ],
)
def test_a_word_that_is_not_of_the_declared_type_is_refused(name: str, text: str) -> None:
    with pytest.raises(ParameterError, match=name):
        parse_arguments(SIGNATURE, {name: text})

"""What can a notebook be told, and does what it is told fit?

The cell tagged ``parameters`` is a signature: one ``name: type = default  # help`` a line. It is read
without being run. A value is never converted by its looks: ``01001`` is a county, not the number 1001.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from edustats.errors import MissingFileError, ParameterError
from edustats.words import say

KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
TAG = "parameters"
SCOPES = ("county", "prefecture")
"""What a report can be about: the parameter that names its area says which."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a parameters cell. A ``default`` of None means that a value must be given."""

    name: str
    kind: str
    default: object
    help: str = ""


def read_parameters(notebook: Path) -> tuple[Parameter, ...]:
    """The signature of a notebook.

    Parameters
    ----------
    notebook : path of an ``.ipynb`` file with exactly one cell tagged ``parameters``

    Returns
    -------
    tuple of Parameter
        In the order of the cell.

    Raises
    ------
    MissingFileError, ParameterError
        Naming the notebook, the line of the cell and what stands there.
    """
    source, name = _find_parameters_cell(Path(notebook)), Path(notebook).name
    lines = re.split("\r\n|\r|\n", source)  # as the parser counts them; splitlines() knows more ends
    found = [_parse_parameter(name, lines, node) for node in _parse_statements(name, source, lines)]
    _refuse_repeats(name, found)
    return tuple(found)


def _find_parameters_cell(notebook: Path) -> str:
    tagged = [source for source, tags in read_code_cells(notebook) if TAG in tags]
    if len(tagged) != 1:
        raise ParameterError("report.parameters_cells", notebook=notebook.name, count=len(tagged))
    return str(tagged[0])


def read_code_cells(notebook: Path) -> list[tuple[str, list[str]]]:
    """Source and tags of each code cell of a notebook.

    Raises
    ------
    MissingFileError, ParameterError
        If there is no such file, or it is no notebook.
    """
    if not notebook.is_file():
        raise MissingFileError("report.no_notebook", notebook=notebook)
    try:
        cells = _read_cells(notebook)
        return [
            ("".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except Exception as error:  # whatever one meets in a file that is no notebook
        raise ParameterError("report.not_a_notebook", notebook=notebook, found=str(error)[:200]) from error


def _read_cells(notebook: Path) -> list[Any]:
    book = json.loads(notebook.read_text("utf-8"))
    if book["nbformat"] == 4:
        return list(book["cells"])
    import nbformat  # takes seconds to import: its schema checker builds grammars for addresses

    return list(nbformat.read(notebook, as_version=4).cells)


def _parse_statements(notebook: str, source: str, lines: Sequence[str]) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise _make_line_error(notebook, lines, getattr(error, "lineno", None) or 1) from None


def _parse_parameter(notebook: str, lines: Sequence[str], node: ast.stmt) -> Parameter:
    rest = _read_rest_of_line(lines, node)
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as value):
            default = _parse_literal(value, kind)
        case _:
            default = None
    if default is None or node.lineno != node.end_lineno or (rest and not rest.startswith("#")):
        raise _make_line_error(notebook, lines, node.lineno)
    return Parameter(name, kind, default, rest.lstrip("# ").rstrip())


def _read_rest_of_line(lines: Sequence[str], node: ast.stmt) -> str:
    # ast counts columns in UTF-8 bytes; the help text is often Chinese.
    line = lines[(node.end_lineno or node.lineno) - 1].encode()
    return line[node.end_col_offset :].decode().strip()


def _parse_literal(value: ast.expr, kind: str) -> object:
    """The default as a value of its kind, or None where it is not one."""
    try:
        return _accept_kind(ast.literal_eval(value), kind)
    except (ValueError, TypeError):
        return None


def _accept_kind(value: object, kind: str) -> object:
    """The value if it is of the kind, else None. An int is a float, a bool is not an int."""
    if kind == "float" and type(value) is int:
        return float(value)
    if type(value) is not KINDS.get(kind) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _make_line_error(notebook: str, lines: Sequence[str], number: int) -> ParameterError:
    found = lines[number - 1].strip() if number <= len(lines) else ""
    return ParameterError("report.bad_parameter_line", notebook=notebook, line=number, found=found)


def _refuse_repeats(notebook: str, found: Sequence[Parameter]) -> None:
    names = [parameter.name for parameter in found]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError("report.repeated_parameter", notebook=notebook, name=name)


def find_scope(parameters: Sequence[Parameter]) -> str:
    """What a notebook is about: one of :data:`SCOPES`, nothing where no batch runs it.

    Examples
    --------
    >>> find_scope([Parameter("prefecture", "str", "990100"), Parameter("lang", "str", "zh")])
    'prefecture'
    """
    named = {parameter.name for parameter in parameters}
    return next((scope for scope in SCOPES if scope in named), "")


def read_common_signature(notebooks: Sequence[Path]) -> tuple[Parameter, ...]:
    """The one signature that all notebooks of a run share; their defaults may differ.

    Raises
    ------
    ParameterError
        Naming the two notebooks that differ, and in which parameters.
    """
    first, *others = notebooks
    signature = read_parameters(first)
    for other in others:
        differ = {(p.name, p.kind) for p in signature} ^ {(p.name, p.kind) for p in read_parameters(other)}
        if differ:
            names = ", ".join(sorted({name for name, _ in differ}))
            raise ParameterError(
                "report.signatures_differ", first=Path(first).name, other=Path(other).name, names=names
            )
    return signature


def resolve_parameters(parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Any]:
    """Every parameter with its value: the given one, checked, or else the default.

    Parameters
    ----------
    parameters : the signature, from :func:`read_parameters`
    given : values by name, of the declared types; nothing is converted, text least of all

    Raises
    ------
    ParameterError
        Naming the parameter that is unknown (and the nearest known one), missing or of another type.

    Examples
    --------
    >>> resolve_parameters([Parameter("county", "str", "82")], {"county": "01001"})
    {'county': '01001'}
    """
    _refuse_unknown(parameters, given)
    return {p.name: _check_value(p, given.get(p.name, p.default)) for p in parameters}


def _refuse_unknown(parameters: Sequence[Parameter], given: Mapping[str, object]) -> None:
    known = [p.name for p in parameters]
    for name in given:
        if name not in known:
            raise ParameterError("report.unknown_parameter", name=name, near=_suggest_name(name, known))


def _suggest_name(name: str, known: Sequence[str]) -> str:
    return ", ".join(get_close_matches(name, known, n=1, cutoff=0.5) or known)


def _check_value(parameter: Parameter, value: object) -> object:
    if value is None:
        raise ParameterError("report.missing_parameter", name=parameter.name, kind=_name_kind(parameter))
    fitting = _accept_kind(value, parameter.kind)
    if fitting is None:
        raise _make_type_error(parameter, value)
    return fitting


def _make_type_error(parameter: Parameter, value: object) -> ParameterError:
    return ParameterError(
        "report.wrong_type", name=parameter.name, found=repr(value), kind=_name_kind(parameter)
    )


def _name_kind(parameter: Parameter) -> object:
    return say(f"report.kind_{parameter.kind}")


def parse_arguments(parameters: Sequence[Parameter], texts: Mapping[str, str]) -> dict[str, Any]:
    """Turn words of the command line into values, by the declared type and by nothing else.

    Examples
    --------
    >>> signature = [Parameter("county", "str", "82"), Parameter("year", "int", 0)]
    >>> parse_arguments(signature, {"county": "07", "year": "1998"})
    {'county': '07', 'year': 1998}
    """
    _refuse_unknown(parameters, texts)
    declared = {p.name: p for p in parameters}
    return {name: _convert_text(declared[name], text) for name, text in texts.items()}


def _convert_text(parameter: Parameter, text: str) -> object:
    try:
        value = READERS[parameter.kind](text.strip() if parameter.kind != "str" else text)
    except (KeyError, ValueError):
        raise _make_type_error(parameter, text) from None
    return _check_value(parameter, value)


def _parse_integer(text: str) -> int:
    # A leading zero means that this was a code; as a number it would lose it.
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        raise ValueError(text)
    return int(text)


READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": _parse_integer,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
}

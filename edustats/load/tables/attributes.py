"""What is a school in somebody's list: in a town or a village, public or private, of which type, called what?

The mapping names the column; what stands there may be a code, its name in either language, or one of the plain words
of the statistical yearbooks. Every other word is a finding, and the school is in no group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edustats.catalogue import Catalogue
from edustats.load.files.values import plain, text
from edustats.load.tables.findings import Doubt
from edustats.load.tables.layout import Layout

NAMES = ("unit_name", "school_type", "location", "provider")
"""The attributes that a mapping may name; of the catalogue's those that choose schools."""
SAID: Mapping[str, Mapping[str, str]] = {
    "location": {
        "城区": "110", "城市": "110", "市区": "110", "urban": "110", "city": "110",
        "镇区": "120", "县镇": "120", "县城": "120", "镇": "120", "乡镇": "120", "town": "120",
        "乡村": "200", "农村": "200", "村": "200", "rural": "200", "village": "200",
    },
    "provider": {"公立": "public", "state": "public", "私立": "private", "independent": "private"},
}  # fmt: skip
"""Plain words beside the catalogue's: 110, 120 and 200 are the classes without their subdivision."""


def read_attributes(
    layout: Layout, columns: Mapping[str, int], wanted: Mapping[str, str], known: Catalogue
) -> tuple[dict[str, list[str]], list[Doubt]]:
    """The attributes of every row of a table, and a doubt for each word that says nothing.

    Parameters
    ----------
    columns : of the headings that the mapping names
    wanted : attribute to heading, as the mapping has it
    """
    found: dict[str, list[str]] = {}
    doubts: list[Doubt] = []
    for name, heading in wanted.items():
        column = columns[heading]
        words = [plain(text(cell)) for cell in layout.values(column, down=True)]
        codes = dict(_list_words(name, known)) if name != "unit_name" else {word: word for word in words}
        found[name] = [codes.get(word.casefold() if name != "unit_name" else word, "") for word in words]
        allowed = "、".join(dict.fromkeys(codes))[:120]
        doubts += [
            Doubt(rule="attribute_unknown", severity="warning", layout=layout, at=words.index(word), column=column,
                  value=word, expected=allowed)
            for word in dict.fromkeys(words) if word and word.casefold() not in codes and name != "unit_name"
        ]  # fmt: skip
    return found, doubts


def name_attribute(word: str, known: Catalogue) -> str:
    """The attribute that a cell such as 镇区 or 公办 most likely tells; empty: none.

    Examples
    --------
    >>> from edustats.catalogue import catalogue
    >>> name_attribute("镇区", catalogue()), name_attribute("第一小学", catalogue())
    ('location', '')
    """
    named = (
        name
        for name in NAMES[1:]
        if not word.isdecimal() and word.casefold() in dict(_list_words(name, known))
    )
    return next(named, "")


def _list_words(name: str, known: Catalogue) -> Iterator[tuple[str, str]]:
    for code, said in known.attributes[name].codes.items():
        yield from ((word.casefold(), code) for word in (code, said.zh, said.en))
    yield from SAID.get(name, {}).items()

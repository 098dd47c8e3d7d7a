"""Does a page of settings (TOML) say only what it may? Every mistake of the page is told in one run.

A key that nobody knows is never ignored: a misspelt ``indicators`` would break every series. The nearest key, or the
nearest name, stands beside it.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edustats.errors import DataError
from edustats.letters import show_controls
from edustats.words import Text, join_names, say

MOST_TOLD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What may stand under a key.

    ``types`` are Python's; ``of`` is what a list or the values of a table may be; ``keys`` what a table may hold.
    """

    name: str
    types: tuple[type, ...] = ()
    of: Kind | None = None
    keys: Mapping[str, Kind] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    either: tuple[Kind, ...] = ()


WORDS = Kind(name="text", types=(str,))
NUMBER = Kind(name="number", types=(int, float))
WHOLE = Kind(name="whole", types=(int,))
YES = Kind(name="yes_or_no", types=(bool,))
NAMES = Kind(name="list_of_texts", types=(list,), of=WORDS)
NAME_OR_NAMES = Kind(name="text_or_list", either=(WORDS, NAMES))
BOTH = Kind(name="two_languages", types=(dict,), keys={"zh": WORDS, "en": WORDS}, needed=("zh", "en"))
PAIRS = Kind(name="table_of_texts", types=(dict,), of=WORDS)
RANGE = Kind(name="range", types=(list,), of=NUMBER)


def table(keys: Mapping[str, Kind], *needed: str) -> Kind:
    """A table with these keys."""
    return Kind(name="table", types=(dict,), keys=keys, needed=needed)


def each(kind: Kind) -> Kind:
    """A list of things of one kind, or a table of named ones."""
    return Kind(name="list", types=(list,), of=kind)


def named(kind: Kind) -> Kind:
    """A table whose values are of one kind, whatever their names."""
    return Kind(name="table", types=(dict,), of=kind)


def one_of(*choices: str) -> Kind:
    """One of some words."""
    return Kind(name="choice", types=(str,), choices=choices)


def read_page(path: Path) -> dict[str, Any]:
    """A page as TOML; one saved with a byte-order mark, or in GB18030 by an old editor, is read too.

    Raises
    ------
    DataError
        Not TOML; the sentence names the line.
    """
    content = path.read_bytes()
    try:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        return dict(_seen(tomllib.loads(text.replace("\r\n", "\n"))))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("load.bad_toml", file=path.name, detail=str(error)) from error


def _seen(given: Any) -> Any:
    """The same with texts of letters that can be seen; names from here stand on every page."""
    if isinstance(given, str):
        return show_controls(given)
    if isinstance(given, dict):
        return {show_controls(key): _seen(value) for key, value in given.items()}
    return [_seen(value) for value in given] if isinstance(given, list) else given


def check_page(file: str, raw: Mapping[str, Any], kind: Kind) -> None:
    """Hold a page against what it may say.

    Raises
    ------
    DataError
        Every unknown key with the nearest known one, every missing key and every value of another kind.
    """
    refuse(file, list(_mistakes(raw, kind, "")))


def refuse(file: str, mistakes: Sequence[Text]) -> None:
    """Refuse a page with all its mistakes; nothing happens where there are none."""
    if mistakes:
        shown = list(dict.fromkeys(mistakes))
        more = (
            say("load.more_mistakes", count=len(shown) - MOST_TOLD)
            if len(shown) > MOST_TOLD
            else Text("", "")
        )
        listed = shown[:MOST_TOLD]
        told = Text("；".join(t.zh for t in listed) + more.zh, "; ".join(t.en for t in listed) + more.en)
        raise DataError("load.mapping_mistakes", file=file, told=told)


def near(name: str, have: Iterable[str], most: int = 3) -> str:
    """The names nearest to one, as they are printed; all where few are near.

    Examples
    --------
    >>> near("widht", ["width", "code", "name"])
    'width'
    """
    known = [str(one) for one in have]
    return ", ".join(difflib.get_close_matches(name, known, n=most, cutoff=0.5) or known[: most * 4])


def _mistakes(value: Any, kind: Kind, where: str) -> Iterable[Text]:
    if kind.either:
        if not any(_is(value, one) for one in kind.either):
            yield _wrong(value, kind, where)
        else:
            fitting = next(one for one in kind.either if _is(value, one))
            yield from _mistakes(value, fitting, where)
        return
    if not _is(value, kind):
        yield _wrong(value, kind, where)
        return
    if kind.choices and value not in kind.choices:
        yield say("load.wrong_choice", where=where, value=value, known=join_names(kind.choices))
    if isinstance(value, dict) and kind.keys:
        yield from _keys(value, kind, where)
    elif kind.of is not None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for name, one in pairs:
            yield from _mistakes(
                one, kind.of, f"{where}.{name}" if isinstance(value, dict) else f"{where} {name}"
            )


def _keys(value: Mapping[str, Any], kind: Kind, where: str) -> Iterable[Text]:
    place = Text(where or "文件", where or "the file")
    for key, one in value.items():
        if key in kind.keys:
            yield from _mistakes(one, kind.keys[key], f"{where}.{key}" if where else key)
        else:
            yield say("load.unknown_key", where=place, key=key, near=near(key, kind.keys))
    for key in kind.needed:
        if key not in value:
            yield say("load.needed_key", where=place, key=key)


def _is(value: Any, kind: Kind) -> bool:
    if kind.either:
        return any(_is(value, one) for one in kind.either)
    if isinstance(value, bool) and bool not in kind.types:
        return False
    return isinstance(value, kind.types)


def _wrong(value: Any, kind: Kind, where: str) -> Text:
    shown = str(value)
    return say("load.wrong_kind", where=where, value=shown[:40], expected=say(f"load.kind_{kind.name}"))

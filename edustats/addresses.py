"""What may be said of an address, so that no message ever holds a password?

User and password, query and fragment are never repeated, whatever characters they hold. What is left is the kind, the
host and the last part of the path, and even of these only what can be told apart from a password without doubt.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

_KIND = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_HOST = re.compile(r"[A-Za-z0-9._-]*(:\d{1,5})?")
_NAME = re.compile(r"[\w.\- ]*")
_CUTS = re.compile(r"[?#;]")
_PARTS = re.compile(r"[\s:/@?&=;#,+{}|'\"<>\\\[\]()]+")
FILES = ("sqlite", "duckdb")
"""Kinds of which the path is a file of this machine."""
SHORTEST = 3
"""Letters of a part of an address from which on it is looked for in other texts."""


def describe_address(address: str) -> str:
    """An address as a message may show it.

    Examples
    --------
    >>> describe_address("postgresql://jia:s3cret@db.local:5432/edu?sslmode=require")
    'postgresql://db.local:5432/edu'
    >>> describe_address("mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BPWD%3Ds3cret")
    'mssql+pyodbc://…'
    >>> describe_address("jia:s3cret@db")
    '…'
    """
    kind, parted, rest = address.partition("://")
    if not parted or not _KIND.fullmatch(kind):
        return "…"
    before, after = _split_at_cut(rest)
    if "@" in after:  # the cut may stand inside a password
        return f"{kind}://…"
    place = before.rpartition("@")[2]
    host, _, path = place.partition("/")
    name = path.rstrip("/").rpartition("/")[2]
    is_file = kind.split("+")[0].lower() in FILES and "@" not in before
    if not (_HOST.fullmatch(host) and _NAME.fullmatch(name)) or not (host or is_file):
        return f"{kind}://…"
    return f"{kind}://{host}/{name}" if name else f"{kind}://{host}"


def _split_at_cut(rest: str) -> tuple[str, str]:
    cut = _CUTS.search(rest)
    return (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")


def remove_secrets(text: str, address: str) -> str:
    """A text of somebody else about an address, without any part of it that :func:`describe_address` keeps back.

    Examples
    --------
    >>> remove_secrets('login of "jia" with s3cret failed', "postgresql://jia:s3cret@db/edu")
    'login of "…" with … failed'
    """
    shown = describe_address(address)
    said = {part.casefold() for part in _PARTS.split(shown)}
    pieces = {address, *_list_pieces(address)}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= SHORTEST and piece.casefold() not in said:
            text = re.sub(re.escape(piece), "…", text, flags=re.IGNORECASE)
    return text


def _list_pieces(address: str) -> set[str]:
    """Parts of an address, as they stand there and as their escapes are read; words and their runs."""
    rest = address.partition("://")[2] or address
    before, after = _split_at_cut(rest)
    account = before.rpartition("@")[0]
    user, _, password = account.partition(":")
    values = [value.partition("=")[2] for value in re.split(r"[?&;#]", after)]
    runs = {account, user, password, *values, rest.partition("@")[0], rest.rpartition("@")[0]}
    words = {word for run in (rest, unquote(rest), unquote_plus(rest)) for word in _PARTS.split(run)}
    return {form for one in (*runs, *words) for form in (one, unquote(one), unquote_plus(one))} - {""}

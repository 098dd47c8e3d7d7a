"""How is a table of a database read? Any that SQLAlchemy speaks to; everything comes back as text.

SQLite is in Python itself; for others the driver is installed beside the optional extra ``sql``.
"""

from __future__ import annotations

import hashlib
from typing import Any

from edustats.addresses import describe_address, remove_secrets
from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.load.files.workbook import Sheet


def read_query(address: str, query: str) -> Sheet:
    """One table, or the rows of one SELECT, as text.

    Parameters
    ----------
    address : SQLAlchemy's address of the database, e.g. ``sqlite:///returns.db``
    query : the name of a table, or a statement that begins with SELECT

    Returns
    -------
    Sheet
        Its first row holds the names of the columns. NULL is an empty cell; whole numbers
        carry no ``.0``; the digest is that of the rows.

    Raises
    ------
    MissingFileError
        SQLAlchemy or the driver is not installed.
    DataError
        No such table, a statement that is not a SELECT, a database that cannot be reached.
    """
    alchemy = _import_sqlalchemy()
    answer = _ask_database(alchemy, address, query)
    if isinstance(answer, EdustatsError):
        raise answer  # here, and not where the driver failed: what it said may hold the password
    names, body = answer
    if not body:
        raise DataError("load.empty_table", file=query)
    digest = hashlib.sha256(repr((names, body)).encode()).hexdigest()
    rows: list[list[object]] = [[*row] for row in (names, *body)]
    return Sheet(file=query, digest=digest, name="", rows=rows)


def _ask_database(
    alchemy: Any, address: str, query: str
) -> tuple[list[str], list[list[str]]] | EdustatsError:
    """The rows, or what went wrong; nothing of the address but what may be shown is in it."""
    shown = describe_address(address)
    try:
        return _fetch_rows(alchemy, alchemy.create_engine(address), query)
    except EdustatsError as error:
        return type(error)(error.address, **error.facts)
    except (ImportError, alchemy.exc.NoSuchModuleError):
        return MissingFileError("load.no_driver", base=shown)
    except Exception as error:  # drivers have errors of their own, and some of them repeat the address
        lines = str(getattr(error, "orig", None) or error).strip().splitlines() or [""]
        detail = remove_secrets(lines[0], address)[:200]
        return DataError("load.database", base=shown, detail=detail or type(error).__name__)


def _fetch_rows(alchemy: Any, engine: Any, query: str) -> tuple[list[str], list[list[str]]]:
    try:
        with engine.connect() as connection:
            rows = connection.execute(_build_statement(alchemy, engine, query))
            return list(rows.keys()), [[_convert_to_text(cell) for cell in row] for row in rows]
    finally:
        engine.dispose()


def _import_sqlalchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingFileError("load.no_sqlalchemy") from error
    return sqlalchemy


def _build_statement(alchemy: Any, engine: Any, query: str) -> Any:
    if query.lstrip()[:6].lower() == "select":
        return alchemy.text(query)
    schema, _, name = query.rpartition(".")
    known = alchemy.inspect(engine)
    if not known.has_table(name, schema=schema or None):
        have = ", ".join(sorted(known.get_table_names(schema=schema or None))[:10]) or "—"
        raise DataError("load.no_database_table", table=query, known=have)
    return alchemy.select(
        alchemy.Table(name, alchemy.MetaData(), schema=schema or None, autoload_with=engine)
    )


def _convert_to_text(cell: object) -> str:
    if cell is None:
        return ""
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)  # type: ignore[call-overload]

"""How is a table of a database read? Any that SQLAlchemy speaks to; everything comes back as text.

SQLite is in Python itself; for others the driver is installed beside the optional extra ``sql``.
"""

from __future__ import annotations

import hashlib
from typing import Any

from edustats.errors import DataError, MissingFileError
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
    alchemy = _alchemy()
    try:
        names, body = _rows(alchemy, alchemy.create_engine(address), query)
    except (ImportError, alchemy.exc.NoSuchModuleError) as error:
        raise MissingFileError("load.no_driver", base=_without_password(alchemy, address)) from error
    except alchemy.exc.SQLAlchemyError as error:
        detail = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise DataError("load.database", base=_without_password(alchemy, address), detail=detail) from error
    if not body:
        raise DataError("load.empty_table", file=query)
    digest = hashlib.sha256(repr((names, body)).encode()).hexdigest()
    rows: list[list[object]] = [[*row] for row in (names, *body)]
    return Sheet(file=query, digest=digest, name="", rows=rows)


def _rows(alchemy: Any, engine: Any, query: str) -> tuple[list[str], list[list[str]]]:
    try:
        with engine.connect() as connection:
            rows = connection.execute(_statement(alchemy, engine, query))
            return list(rows.keys()), [[_text(cell) for cell in row] for row in rows]
    finally:
        engine.dispose()


def _alchemy() -> Any:
    try:
        import sqlalchemy
    except ImportError as error:
        raise MissingFileError("load.no_sqlalchemy") from error
    return sqlalchemy


def _statement(alchemy: Any, engine: Any, query: str) -> Any:
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


def _without_password(alchemy: Any, address: str) -> str:
    try:
        return str(alchemy.engine.make_url(address).render_as_string(hide_password=True))
    except alchemy.exc.ArgumentError:
        return address.split("@")[-1]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)  # type: ignore[call-overload]

"""Do the rows of a database come in like those of a file?"""

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from edustats.errors import DataError, EdustatsError

pytest.importorskip("sqlalchemy", reason="the optional extra sql is not installed")

from edustats.load.tables.database import read_query
from edustats.load.tables.reader import load_tables

ROWS = [("990102", 2021, 300.0, 18), ("990103", 2021, None, 20)]
MAPPING = """
title = { zh = "库", en = "base" }
[[tables]]
database = "sqlite:///school.db"
file = "returns"
[area]
code = "code"
width = 6
[year]
from = "year"
[columns]
pupils = { from = "pupils", unit = "人" }
teachers = { from = "teachers", unit = "人" }
"""


def base(folder):
    with sqlite3.connect(folder / "school.db") as made:
        made.execute("create table returns (code text, year int, pupils real, teachers int)")
        made.executemany("insert into returns values (?, ?, ?, ?)", ROWS)
    made.close()
    return f"sqlite:///{folder / 'school.db'}"


def test_a_table_and_a_select_come_back_as_text(tmp_path):
    address = base(tmp_path)
    table = read_query(address, "returns")
    assert table.rows[1:] == [["990102", "2021", "300", "18"], ["990103", "2021", "", "20"]]
    chosen = read_query(address, "SELECT code FROM returns WHERE teachers > 19")
    assert chosen.rows[1:] == [["990103"]]


def test_the_same_rows_have_the_same_digest(tmp_path):
    address = base(tmp_path)
    assert read_query(address, "returns").digest == read_query(address, "returns").digest


def test_a_mapping_may_name_a_database(tmp_path):
    base(tmp_path)
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    loaded = load_tables(tmp_path / "m.toml")
    assert loaded.tidy["teachers"].tolist() == [18, 20]
    assert loaded.ledger[0].read == 2


@pytest.mark.parametrize("query", ["nothing_there", "drop table returns", "select nonsense from nowhere"])
def test_what_is_no_table_and_no_select_is_refused_in_a_sentence(tmp_path, query):
    with pytest.raises(DataError):
        read_query(base(tmp_path), query)
    assert len(read_query(f"sqlite:///{tmp_path / 'school.db'}", "returns").rows) == 3


def test_a_missing_driver_is_named_without_the_password():
    with pytest.raises(EdustatsError) as caught:
        read_query("mysql+nodriver://me:secret@localhost/x", "t")
    assert "secret" not in caught.value.text("en") + caught.value.text("zh")


@pytest.fixture
def server():
    """A PostgreSQL server of the test's own, on a socket in its own folder; it never runs as root."""
    pytest.importorskip("psycopg2", reason="no PostgreSQL driver is installed")
    tools = [shutil.which(name) for name in ("initdb", "postgres")]
    if not all(tools):
        pytest.skip("no PostgreSQL server is installed")
    who = {"user": "nobody"} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory() as home:
        if who:
            shutil.chown(home, "nobody")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": home, **who}
        made = subprocess.run([tools[0], "-D", f"{home}/pg", "-U", "me", "--auth=trust"], **quiet)
        if made.returncode:
            pytest.skip("PostgreSQL is installed, but does not start here")
        running = subprocess.Popen([tools[1], "-D", f"{home}/pg", "-k", home, "-h", ""], **quiet)
        try:
            for _ in range(60):
                if Path(f"{home}/.s.PGSQL.5432").exists():
                    break
                time.sleep(0.25)
            time.sleep(1)
            yield f"postgresql+psycopg2://me@/postgres?host={home}"
        finally:
            running.send_signal(signal.SIGINT)  # the gentle signal waits for every client
            try:
                running.wait(timeout=15)
            except subprocess.TimeoutExpired:
                running.kill()


def test_a_real_server_gives_the_same_rows(server):
    import sqlalchemy

    engine = sqlalchemy.create_engine(server)
    with engine.begin() as made:
        made.execute(
            sqlalchemy.text("create table returns (code text, year int, pupils float, teachers int)")
        )
        for row in ROWS:
            made.execute(
                sqlalchemy.text("insert into returns values (:a, :b, :c, :d)"),
                dict(zip("abcd", row, strict=True)),
            )
    engine.dispose()
    table = read_query(server, "returns")
    assert table.rows[1:] == [["990102", "2021", "300", "18"], ["990103", "2021", "", "20"]]

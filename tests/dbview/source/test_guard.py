"""The guard: each of its layers refuses writing alone, and together they let every reading through."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbview.source import guard
from dbview.source.guard import connect
from tests.dbview.database import Database
from tests.dbview.disk import contents

WRITES = {
    "insert": "INSERT INTO t VALUES (1)",
    "update": "UPDATE t SET x = 1",
    "delete": "DELETE FROM t",
    "create": "CREATE TABLE u(x)",
    "drop": "DROP TABLE t",
    "index": "CREATE INDEX i ON t(x)",
    "temporary": "CREATE TEMP TABLE u(x)",
    "vacuum": "VACUUM",
    "vacuum into": "VACUUM INTO '{other}'",
    "attach": "ATTACH '{other}' AS other",
    "analyze": "ANALYZE",
    "reindex": "REINDEX",
    "begin": "BEGIN IMMEDIATE",
    "journal": "PRAGMA journal_mode=WAL",
    "version": "PRAGMA user_version=7",
    "query_only": "PRAGMA query_only=OFF",
    "schema": "PRAGMA writable_schema=ON",
    "data_version": "PRAGMA data_version=7",
    "schema_version": "PRAGMA schema_version=7",
    "schema table": "UPDATE sqlite_master SET sql = ''",
    "encoding": "PRAGMA encoding='UTF-16'",
    "extension": "SELECT load_extension('x')",
}


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "data"
    directory.mkdir()
    database = Database(directory / "x.db")
    database.execute("CREATE TABLE t(x)")
    database.execute("INSERT INTO t VALUES (1)")
    database.execute("CREATE INDEX t_x ON t(x)")
    database.connection.close()
    return database.path


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_nothing_that_writes_is_let_through(path: Path, tmp_path: Path, write: str) -> None:
    before = contents(path.parent)
    connection = connect(path)
    other = tmp_path / "other.db"
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute(write.format(other=other))
    connection.close()
    assert not other.exists()
    assert contents(path.parent) == before


TO_THE_FILE = ["insert", "update", "delete", "create", "drop", "index", "analyze", "version"]


@pytest.mark.parametrize("write", TO_THE_FILE)
def test_the_read_only_file_alone_refuses(path: Path, write: str) -> None:
    connection = sqlite3.connect(path.as_uri() + "?mode=ro", uri=True, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute(WRITES[write])
    connection.close()


@pytest.mark.parametrize("write", [*TO_THE_FILE, "temporary"])
def test_query_only_alone_refuses(path: Path, write: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute(WRITES[write])
    connection.close()


@pytest.mark.parametrize("write", ["attach", "vacuum into"])
def test_the_attach_limit_alone_refuses(path: Path, tmp_path: Path, write: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    with pytest.raises(sqlite3.OperationalError, match="too many attached"):
        connection.execute(WRITES[write].format(other=tmp_path / "other.db"))
    connection.close()
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_the_authorizer_alone_refuses(path: Path, tmp_path: Path, write: str) -> None:
    before = contents(path.parent)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.set_authorizer(guard._authorize)
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute(write.format(other=tmp_path / "other.db"))
    connection.close()
    assert not (tmp_path / "other.db").exists()
    assert contents(path.parent) == before


def test_a_view_cannot_reach_out_of_the_file(path: Path) -> None:
    writer = sqlite3.connect(path)
    writer.execute("CREATE VIEW v AS SELECT load_extension('/nowhere')")
    writer.commit()
    writer.close()
    connection = connect(path)
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT * FROM v").fetchall()
    connection.close()


def test_a_value_over_the_limit_is_not_loaded(path: Path) -> None:
    connection = connect(path, length_limit=1_000)
    with pytest.raises(sqlite3.DataError):
        connection.execute("SELECT zeroblob(2000)").fetchall()
    connection.close()

"""Names that are not UTF-8, as a damaged or hostile file has them, hide nothing else."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.source.source import Source
from tests.dbview.database import Database, keys_of
from tests.dbview.headless.conftest import answer, json_rows
from tests.dbview.tui.conftest import Look, look

__all__ = ["look"]


@pytest.fixture
def hostile(database: Database) -> Path:
    """A database in which a table has a name, and others have columns, that are not UTF-8."""
    database.task("Plain", {"a": "TEXT"}, [{"a": "x"}])
    columns = {"weird?": "TEXT", r"weird\xff": "TEXT", "size": "INTEGER"}
    database.task("Task", columns, [{"weird?": f"value {n}", r"weird\xff": "other", "size": n} for n in range(30)])
    database.execute("CREATE TABLE unnamed(a)")
    database.execute("CREATE TABLE keyless(k TEXT PRIMARY KEY, [b?] TEXT) WITHOUT ROWID")
    database.execute("INSERT INTO keyless VALUES ('one', 'two')")
    database.connection.close()
    spoil(database.path, "Task", b"weird?", b"weird\xff")
    spoil(database.path, "keyless", b"b?", b"b\xfe")
    with contextlib.closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        spoilt = "UPDATE sqlite_master SET name = CAST(:name AS TEXT), tbl_name = CAST(:name AS TEXT)"
        sql = ", sql = CAST(:sql AS TEXT) WHERE name = 'unnamed'"
        connection.execute(spoilt + sql, {"name": b"un\xffnamed", "sql": b"CREATE TABLE [un\xffnamed](a)"})
    return database.path


def spoil(path: Path, table: str, name: bytes, by: bytes) -> None:
    """Replace the name of a column in the schema, which SQL of ours could not write."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        ((sql,),) = connection.execute("SELECT CAST(sql AS BLOB) FROM sqlite_master WHERE name = ?", (table,))
        assert sql.count(name) == 1
        made = (sql.replace(name, by), table)
        connection.execute("UPDATE sqlite_master SET sql = CAST(? AS TEXT) WHERE name = ?", made)


def test_every_table_is_listed_and_every_other_one_read(hostile: Path, opened: Callable[[Path], Source]) -> None:
    source = opened(hostile)
    assert [relation.name for relation in source.relations()][:6] == [
        "gen_cfg",
        "sqlite_sequence",
        "exec_cfg",
        "Plain",
        "Task",
        r"un\xffnamed",
    ]
    assert source.relation(r"un\xffnamed").columns == ()
    assert keys_of(source, "Plain", "a=x") == [1]


def test_such_a_column_is_left_out_and_named_and_the_others_are_read(
    hostile: Path, opened: Callable[[Path], Source]
) -> None:
    source = opened(hostile)
    relation = source.relation("Task")
    assert [column.name for column in relation.parameters] == [r"weird\xff", "size"]
    assert relation.left_out == (r"weird\xff",)
    assert keys_of(source, "Task", r'"weird\xff"=other size>27') == [30, 29]
    done = answer("query", hostile, "Task", "size=3", "--columns", "id,size", "--format", "csv")
    assert (done.code, done.out) == (0, "id,size\n4,3\n")
    assert r"Left out, since their names are not UTF-8: weird\xff" in done.err


def test_a_table_without_a_key_has_such_a_column(hostile: Path) -> None:
    assert json_rows("query", hostile, "keyless") == [{"k": "one"}]


async def test_the_interface_names_what_is_left_out(hostile: Path, look: Look) -> None:
    async with look(hostile, View("Task")) as viewer:
        await viewer.until_shown("30 entries", "names are not UTF-8", r"weird\xff")


def test_the_list_of_tables_says_which_one_cannot_be_read(hostile: Path) -> None:
    code, out, words = answer("tables", hostile, "--format", "csv")
    assert "Task,task,30" in out
    assert r"un\xffnamed" in out
    assert (code == 0) == (words == "")


def test_a_schema_that_sqlite_refuses_in_such_words_is_damage(database: Database) -> None:
    database.execute("CREATE TABLE t(a)")
    database.connection.close()
    spoil(database.path, "t", b"t(a)", b"t\xff(a")
    code, _, words = answer("tables", database.path)
    assert code == 5
    assert r"malformed database schema" in words

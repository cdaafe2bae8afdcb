"""The guard: each of its layers refuses writing alone, and together they let every reading through."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.errors import DbviewError
from dbview.source.file import access, guard
from dbview.source.file.guard import connect
from dbview.source.source import open_source
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
def path(tmp_path: Path) -> Path:
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


INTO_THE_FILE = (
    "insert",
    "update",
    "delete",
    "create",
    "drop",
    "index",
    "vacuum",
    "analyze",
    "reindex",
    "version",
    "schema_version",
)
BESIDE_THE_FILE = ("attach", "vacuum into")
LAYERS: dict[str, tuple[str, ...]] = {
    "none": (),
    "read-only file": (*INTO_THE_FILE, "journal"),
    "query_only": INTO_THE_FILE,
    "attach limit": BESIDE_THE_FILE,
    "authorizer": tuple(WRITES),
}
"""What each layer refuses without the others."""


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that takes all layers off but one."""

    def take_off(layer: str) -> None:
        if layer != "read-only file":
            monkeypatch.setattr(access, "IN_PLACE", "mode=rwc")
        if layer != "query_only":
            pragmas = [pragma for pragma in guard._PRAGMAS if "query_only" not in pragma]
            assert len(pragmas) == len(guard._PRAGMAS) - 1
            monkeypatch.setattr(guard, "_PRAGMAS", pragmas)
        if layer != "defensive":
            monkeypatch.setattr(guard, "_DEFENSIVE", False)
        if layer != "attach limit":
            monkeypatch.setattr(guard, "_ATTACHED_LIMIT", 10)
        if layer != "authorizer":
            monkeypatch.setattr(guard, "_authorize", lambda *_: sqlite3.SQLITE_OK)

    return take_off


def written_by(path: Path, name: str) -> tuple[bool, bool]:
    """Send a statement through a source; return whether it was refused, and whether anything is written now."""
    before, other = contents(path.parent), path.parents[1] / "other.db"
    refused = False
    with contextlib.closing(open_source(path)) as source, contextlib.closing(source.reader()) as reader:
        try:
            reader.query(WRITES[name].format(other=other))
        except DbviewError:
            refused = True
    return refused, contents(path.parent) != before or other.exists()


@pytest.mark.parametrize(("layer", "write"), [(layer, name) for layer, names in LAYERS.items() for name in names])
def test_each_layer_holds_alone(path: Path, only: Callable[[str], None], layer: str, write: str) -> None:
    only(layer)
    assert written_by(path, write) == (True, False)


@pytest.mark.parametrize("write", [*INTO_THE_FILE, *BESIDE_THE_FILE, "journal"])
def test_without_any_layer_it_would_be_written(path: Path, only: Callable[[str], None], write: str) -> None:
    only("none")
    assert written_by(path, write) == (False, True)


@pytest.mark.parametrize("write", WRITES)
def test_with_all_layers_nothing_is_written_through_a_source(path: Path, write: str) -> None:
    assert written_by(path, write) == (True, False)


@pytest.mark.parametrize("layer", ["none", "defensive"])
def test_defensive_alone_keeps_the_schema(path: Path, only: Callable[[str], None], layer: str) -> None:
    only(layer)
    before, is_kept = contents(path.parent), layer == "defensive" and sys.version_info >= (3, 12)
    refused = pytest.raises(DbviewError, match="may not be modified") if is_kept else contextlib.nullcontext()
    with contextlib.closing(open_source(path)) as source, contextlib.closing(source.reader()) as reader:
        reader.query("PRAGMA writable_schema=ON")
        with refused:
            reader.query("UPDATE sqlite_master SET sql = ''")
    assert (contents(path.parent) == before) is is_kept


def test_a_schema_is_not_trusted_without_the_other_layers(path: Path, only: Callable[[str], None]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as writer:
        writer.execute("CREATE VIEW v AS SELECT * FROM pragma_table_list")
    only("none")
    with contextlib.closing(open_source(path)) as source, contextlib.closing(source.reader()) as reader:
        assert reader.query("SELECT count(*) FROM pragma_table_list") != [(0,)]
        with pytest.raises(DbviewError, match="unsafe use"):
            reader.query("SELECT * FROM v")


def test_settings_against_damaged_files_and_temporary_ones_are_in_force(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_authorize", lambda *_: sqlite3.SQLITE_OK)
    with contextlib.closing(connect(path)) as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("query_only", "trusted_schema", "cell_size_check", "mmap_size", "temp_store")
        }
    assert settings == {"query_only": 1, "trusted_schema": 0, "cell_size_check": 1, "mmap_size": 0, "temp_store": 2}


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

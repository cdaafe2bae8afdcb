"""Cells come as they are stored, whatever they hold and however long they are."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbview.errors import NotFound, ValueTooLong
from dbview.query.names import find_column
from dbview.source.reader import CLIP
from dbview.values import Clipped, UndecodableText
from tests.dbview.conftest import Open
from tests.dbview.database import Database, arranged


def test_cells_come_as_they_are_stored(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(a)")
    values: list[Any] = [None, 0, -(2**63), 0.1 + 0.2, float("-inf"), "", "a\x00b", "[/x]\x1b", b"", b"\xff\x00"]
    for value in values:
        database.insert("t", {"a": value})
    database.execute("INSERT INTO t VALUES (CAST(x'ff41' AS TEXT))")
    source = opened(database.path)
    relation, reader = source.relation("t"), source.reader()
    cells = [row.cells[0] for row in reader.newest(relation, relation.columns, 100)]
    reader.close()
    assert cells[::-1] == [*values, UndecodableText(b"\xffA")]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_a_text_that_is_not_utf_8_changes_no_other(tmp_path: Path, opened: Open, encoding: str) -> None:
    path = tmp_path / "texts.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE t(a)")
        connection.executemany("INSERT INTO t VALUES (?)", [("é\x00ü",), ("😀",), ("",)])
        connection.execute("INSERT INTO t VALUES (CAST(x'00d8' AS TEXT))")
    source = opened(path)
    relation = source.relation("t")
    with contextlib.closing(source.reader()) as reader:
        first, whole, again = (
            [row.cells[0] for row in reader.rows(relation, relation.columns, keys)]
            for keys in ([1, 2, 3], [1, 2, 3, 4], [3, 2, 1])
        )
    assert first == whole[:3] == again[::-1] == ["é\x00ü", "😀", ""]
    assert whole[3] == UndecodableText(b"\xed\xa0\x80" if encoding == "UTF-16" else b"\x00\xd8")


def test_a_long_value_is_clipped_in_a_window_and_whole_on_demand(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(a, b, c)")
    database.insert("t", {"a": "é" * 5_000, "b": b"\x01" * 9_000, "c": "é" * 3_000})
    database.connection.commit()
    source = opened(database.path)
    relation, reader = source.relation("t"), source.reader()
    (row,) = reader.newest(relation, relation.columns, 1)
    assert row.cells == (Clipped("é" * CLIP, 10_000), Clipped(b"\x01" * CLIP, 9_000), "é" * 3_000)
    assert reader.cell(relation, relation.columns[0], 1) == "é" * 5_000
    with pytest.raises(NotFound):
        reader.cell(relation, relation.columns[0], 2)
    reader.close()


def test_a_value_over_the_length_limit_is_shown_by_its_beginning(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(a, b)")
    database.insert("t", {"a": "x" * 50_000, "b": "beside"})
    database.connection.commit()
    source = opened(database.path)
    relation, reader = source.relation("t"), source.reader(length_limit=20_000)
    (row,) = reader.newest(relation, relation.columns, 1)
    reader.close()
    assert row.cells == (Clipped("x" * CLIP, 50_000), "beside")


def test_a_value_over_the_length_limit_in_another_encoding(tmp_path: Path, opened: Open) -> None:
    writer = sqlite3.connect(tmp_path / "x.db")
    writer.execute("PRAGMA encoding='UTF-16'")
    writer.execute("CREATE TABLE t(a)")
    writer.execute("INSERT INTO t VALUES (?)", ("é" * 50_000,))
    writer.commit()
    writer.close()
    source = opened(tmp_path / "x.db")
    relation, reader = source.relation("t"), source.reader(length_limit=20_000)
    (row,) = reader.newest(relation, relation.columns, 1)
    reader.close()
    assert row.cells == (Clipped("é" * (CLIP // 2), 100_000),)


def test_a_joined_value_over_the_length_limit_is_an_error_in_words(database: Database, opened: Open) -> None:
    database.insert("gen_cfg", {"title": "x" * 50_000})
    database.task("Task", {}, [{"gen_cfg_id": 1}])
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader(length_limit=20_000)
    with pytest.raises(ValueTooLong, match="longer than"):
        reader.newest(relation, [find_column(relation, "title")], 1)
    reader.close()


def test_joined_columns_are_looked_up_by_key(database: Database, opened: Open) -> None:
    database.insert("gen_cfg", {"experiment": "mfx", "run": "12"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=7;SLURM_JWT=tell"})
    database.task("Task", {"run": "TEXT"}, [{"gen_cfg_id": 1, "exec_cfg_id": 1, "run": "own"}, {"gen_cfg_id": 99}])
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    columns = [
        find_column(relation, name) for name in ("run", "p.run", "experiment", "env.SLURM_JOB_ID", "env.SLURM_JWT")
    ]
    rows = reader.newest(relation, columns, 10)
    reader.close()
    assert [row.cells for row in rows] == [(None,) * 5, ("12", "own", "mfx", "7", "***")]


@pytest.mark.parametrize("name", ["lute-v01.db", "lute-v02.db", "lattedb.db"])
def test_every_cell_of_the_samples_comes_as_it_is_stored(
    sample: Callable[[str], Path], opened: Open, name: str
) -> None:
    path = sample(name)
    plain = sqlite3.connect(path)
    plain.text_factory = bytes
    source = opened(path)
    reader = source.reader()
    for relation in source.relations():
        snapshot = arranged(source, relation.name)
        keys = [row.key for row in snapshot.order.rows(reader, [], 0, snapshot.order.length)]
        rows = reader.rows(relation, relation.stored, keys[::-1], clip=False)
        expected = plain.execute(f'SELECT * FROM "{relation.name}"').fetchall()
        assert [tuple(map(_stored, row.cells)) for row in rows] == [tuple(map(_stored, row)) for row in expected]
    reader.close()
    plain.close()


def _stored(cell: Any) -> tuple[str, Any]:
    return type(cell).__name__.replace("str", "bytes"), cell.encode() if isinstance(cell, str) else cell

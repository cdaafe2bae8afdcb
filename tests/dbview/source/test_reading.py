"""Reading rows, orders and scans: whole, in order, bounded, beside a writer, whatever the cells hold."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.errors import NotFound, ValueTooLong
from dbview.query.names import find_column
from dbview.query.relation import Relation, RelationKind, Role
from dbview.query.view import View
from dbview.source.numbers.tally import last_activity, tally
from dbview.source.reader import CLIP, Reader
from dbview.source.source import Source
from dbview.source.view.arrange import arrange
from dbview.source.view.order import MARK_ROWS, KeyOrder, NaturalOrder
from dbview.source.view.rows import POSITION_LIMIT
from dbview.source.view.snapshot import Snapshot
from dbview.values import Clipped, UndecodableText
from tests.dbview.database import Database, arranged, keys_of

Open = Callable[[Path], Source]


def many(database: Database, count: int, table: str = "Task") -> None:
    database.task(table, {"n": "INTEGER"}, [])
    with database.connection:
        database.connection.executemany(f'INSERT INTO "{table}"(n) VALUES (?)', [(n,) for n in range(count)])


def test_relations_are_recognised_by_their_columns(database: Database, opened: Open) -> None:
    database.task("Find peaks [x]", {"a": "TEXT"}, [])
    database.execute("CREATE TABLE plain(a)")
    database.execute("CREATE TABLE _rec_meta(key, value)")
    database.execute("CREATE VIEW v AS SELECT 1 AS one")
    kinds = {relation.name: relation.kind for relation in opened(database.path).relations()}
    assert kinds["Find peaks [x]"] is RelationKind.TASK
    assert kinds["gen_cfg"] is kinds["exec_cfg"] is RelationKind.SHARED
    assert kinds["plain"] is RelationKind.PLAIN
    assert kinds["v"] is RelationKind.VIEW
    assert kinds["_rec_meta"] is kinds["sqlite_sequence"] is RelationKind.INTERNAL


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


def test_natural_order_finds_any_place_without_holding_the_rows(database: Database, opened: Open) -> None:
    many(database, 3 * MARK_ROWS + 7)
    database.execute("DELETE FROM Task WHERE id % 3 = 0")
    keys = [key for (key,) in database.execute("SELECT id FROM Task ORDER BY id DESC")]
    source = opened(database.path)
    snapshot = arranged(source, "Task")
    order, reader = snapshot.order, source.reader()
    assert isinstance(order, NaturalOrder)
    assert (order.length, order.exact, snapshot.total) == (len(keys), True, len(keys))
    assert len(order.marks) < 10
    for place in (0, 1, MARK_ROWS - 1, MARK_ROWS, 2 * MARK_ROWS - 5, len(keys) - 3):
        assert [row.key for row in order.rows(reader, [], place, place + 10)] == keys[place : place + 10]
        assert order.position_of(reader, keys[place]) == place
    assert order.position_of(reader, 3) is None
    assert order.position_of(reader, 10**9) is None
    reader.close()


def test_rows_can_be_read_before_they_are_counted(database: Database, opened: Open) -> None:
    many(database, 50)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    seen: list[Snapshot] = []
    arrange(reader, relation, View("Task"), seen.append, lambda: False)
    assert not seen[0].complete
    assert not seen[0].order.exact
    assert [row.key for row in seen[0].order.rows(reader, [], 0, 3)] == [50, 49, 48]
    reader.close()


def test_a_filter_shows_what_it_has_found_and_can_be_cancelled(database: Database, opened: Open) -> None:
    many(database, 20_000)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    seen: list[Snapshot] = []
    result = arrange(reader, relation, View("Task", "n>=0"), seen.append, lambda: bool(seen))
    assert 0 < result.order.length < 20_000
    assert not result.complete
    assert seen[-1] is result
    assert result.order.rows(reader, [], 0, 1)[0].key == 20_000, "the newest are found first"
    reader.close()


def test_an_old_snapshot_stays_as_it_was(database: Database, opened: Open) -> None:
    many(database, 30_000)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    seen: list[tuple[Snapshot, int]] = []
    arrange(
        reader, relation, View("Task", "n>=0"), lambda found: seen.append((found, found.order.length)), lambda: False
    )
    assert seen[-1][1] == 30_000
    for snapshot, length in seen:
        assert snapshot.order.length == length
        assert len(snapshot.order.rows(reader, [], length - 5, length + 5)) == 5
    reader.close()


def test_relations_without_a_key_show_their_first_rows(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE pairs(a TEXT PRIMARY KEY, b) WITHOUT ROWID")
    with database.connection:
        rows = [(f"{n:06}", n) for n in range(POSITION_LIMIT + 50)]
        database.connection.executemany("INSERT INTO pairs VALUES (?, ?)", rows)
    database.execute("CREATE VIEW even AS SELECT a, b FROM pairs WHERE b % 2 = 0")
    source = opened(database.path)
    reader = source.reader()
    for name, step in (("pairs", 1), ("even", 2)):
        relation = source.relation(name)
        snapshot = arranged(source, name)
        assert snapshot.order.length == min(POSITION_LIMIT, (POSITION_LIMIT + 50) // step)
        rows_read = snapshot.order.rows(reader, relation.columns, 10, 12)
        assert [row.cells[1] for row in rows_read] == [10 * step, 11 * step]
        found = arranged(source, name, "b=20")
        assert [row.cells[1] for row in found.order.rows(reader, relation.columns, 0, 5)] == [20]
    reader.close()


def test_a_column_called_rowid_hides_nothing(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(rowid TEXT, oid TEXT)")
    database.execute("INSERT INTO t VALUES ('x', 'y')")
    database.execute("CREATE TABLE u(rowid TEXT, oid TEXT, _rowid_ TEXT)")
    database.execute("INSERT INTO u VALUES ('x', 'y', 'z')")
    source = opened(database.path)
    reader = source.reader()
    for name in ("t", "u"):
        relation = source.relation(name)
        snapshot = arranged(source, name, "rowid=x")
        assert [row.cells[:2] for row in snapshot.order.rows(reader, relation.columns, 0, 9)] == [("x", "y")]
    reader.close()


def test_the_tally_counts_statuses_and_validity(database: Database, opened: Open) -> None:
    statuses = ["COMPLETED"] * 5 + ["FAILED"] * 2 + [None]
    database.task(
        "Task",
        {},
        [
            {"result.task_status": s, "valid_flag": int(s == "COMPLETED"), "timestamp": f"2024-01-0{n + 1} 00:00:00"}
            for n, s in enumerate(statuses)
        ],
    )
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    columns = [column for role in (Role.STATUS, Role.VALID) if (column := relation.of_role(role))]
    counted = tally(reader, relation, columns, lambda snapshot: None, lambda: False)
    assert counted.counts == {("COMPLETED", 1): 5, ("FAILED", 0): 2, (None, 0): 1}
    assert (counted.total, counted.complete, counted.changed) == (8, True, False)
    assert last_activity(reader, relation) == "2024-01-08 00:00:00"
    assert last_activity(reader, source.relation("gen_cfg")) is None
    reader.close()


def test_a_result_over_a_file_that_changed_says_so(database: Database, opened: Open) -> None:
    many(database, 5_000)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()

    def publish(snapshot: Snapshot) -> None:
        if not snapshot.complete:
            database.execute("UPDATE Task SET valid_flag = 0 WHERE id = 1")

    assert arrange(reader, relation, View("Task", "n>=0"), publish, lambda: False).changed
    assert not arrange(reader, relation, View("Task", "n<0"), lambda snapshot: None, lambda: False).changed
    token = reader.token()
    database.execute("UPDATE Task SET valid_flag = 1 WHERE id = 1")
    assert reader.token() != token
    reader.close()


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0.0, isolation_level=None)
for number in range(50):
    connection.execute("INSERT INTO Task(n) VALUES (?)", (number,))
print("written", flush=True)
"""


def test_no_lock_is_left_between_calls(database: Database, opened: Open) -> None:
    many(database, 2_000)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    snapshot = arrange(reader, relation, View("Task", "n>10"), lambda found: None, lambda: False)
    snapshot.order.rows(reader, relation.columns, 0, 100)
    tally(reader, relation, [], lambda found: None, lambda: False)
    # A writer that waits for nothing, in a process of its own: any lock left behind would end it.
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(database.path)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "written\n", done.stderr
    reader.close()


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


def test_the_smallest_and_greatest_key_there_can_be(database: Database, opened: Open) -> None:
    keys = [2**63 - 1, 1, 0, -1, -(2**63)]
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    for key in keys:
        database.insert("t", {"id": key, "a": str(key)})
    database.connection.commit()
    source = opened(database.path)
    assert keys_of(source, "t") == keys
    assert keys_of(source, "t", "a!=null") == keys


def test_any_place_can_be_shown_before_the_rows_are_counted(database: Database, opened: Open) -> None:
    many(database, 3 * MARK_ROWS)
    source = opened(database.path)
    relation, reader = source.relation("Task"), source.reader()
    seen: list[Snapshot] = []
    arrange(reader, relation, View("Task"), seen.append, lambda: True)
    order = seen[0].order
    assert not order.exact
    assert [row.key for row in order.rows(reader, [], order.length - 2, order.length)] == [2, 1]
    assert order.position_of(reader, 5) == 3 * MARK_ROWS - 5
    assert [row.key for row in order.rows(reader, [], 3 * MARK_ROWS - 5, 3 * MARK_ROWS - 4)] == [5]
    assert order.rows(reader, [], order.length + 5, order.length + 9) == []
    reader.close()


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 600), unique=True), st.integers(0, 600))
def test_the_position_of_a_key_among_keys(keys: list[int], other: int) -> None:
    relation = Relation("t", RelationKind.PLAIN, ())
    order = KeyOrder(relation, array("q", [*keys, -1]), len(keys))
    for key in (*keys, other):
        # The keys are all in memory: no reader is needed.
        assert order.position_of(cast("Reader", None), key) == (keys.index(key) if key in keys else None)

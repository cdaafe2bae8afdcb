"""Reading relations, orders and scans: whole, in order, bounded, beside a writer."""

from __future__ import annotations

import subprocess
import sys
from array import array
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from dbview.query.relation import Relation, RelationKind, Role
from dbview.query.view import View
from dbview.source.numbers.tally import last_activity, tally
from dbview.source.reader import Reader
from dbview.source.view.arrange import arrange
from dbview.source.view.order import MARK_ROWS, KeyOrder, NaturalOrder
from dbview.source.view.rows import POSITION_LIMIT
from dbview.source.view.snapshot import Snapshot
from tests.dbview.conftest import Open
from tests.dbview.database import Database, arranged, keys_of


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

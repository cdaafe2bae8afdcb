"""Triggers, constraints and rebuilt tables of other programs: nothing counts as stored that is not there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recorder.entry import Entry
from recorder.errors import FileMissing, Refused, Replaced, StorageFailed, UnsupportedLayout
from recorder.patience import Patience
from recorder.storage.base import Recorded, Wanted
from recorder.storage.check import check_database
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import TASK, change, entry_of


def execute(path: Path, *statements: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [row for statement in statements for row in connection.execute(statement).fetchall()]


Open = Callable[[Path], SqliteStorage]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Return a function that opens a storage, which is closed after the test."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(SqliteStorage(path)))


@pytest.fixture
def storage(opened: Open, tmp_path: Path) -> SqliteStorage:
    storage = opened(tmp_path / "lute.db")
    storage.store([entry_of(0, {"x": 1})])
    return storage


IGNORING = "BEFORE INSERT ON {} BEGIN SELECT RAISE(IGNORE); END"
REMOVING = "AFTER INSERT ON {0} BEGIN DELETE FROM {0} WHERE id = new.id; END"


@pytest.mark.parametrize(
    ("trigger", "table"),
    [
        *((IGNORING, table) for table in (TASK, "gen_cfg", "exec_cfg", "_rec_entry")),
        *((REMOVING, table) for table in (TASK, "gen_cfg", "exec_cfg")),
    ],
)
def test_what_a_trigger_drops_is_refused(storage: SqliteStorage, trigger: str, table: str) -> None:
    execute(storage.path, "CREATE TRIGGER dropping " + trigger.format(table))
    other = replace(entry_of(1, {"x": 2}, header={"run": 77}), executor={"env": "", "poll_interval": 7.0})
    with pytest.raises(Refused, match=table):
        storage.store([other])
    assert execute(storage.path, f"SELECT id, x FROM {TASK}", "SELECT count(*) FROM _rec_entry") == [(1, 1), (1,)]
    execute(storage.path, "DROP TRIGGER dropping")
    assert storage.store([other]) == [Recorded(TASK, 2)]


def test_what_a_constraint_ignores_is_refused(storage: SqliteStorage) -> None:
    (sql,) = execute(storage.path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}'")[0]
    execute(storage.path, f"DROP TABLE {TASK}", f"{sql[:-1]}, UNIQUE (x) ON CONFLICT IGNORE)")
    storage.store([entry_of(1, {"x": 2})])
    with pytest.raises(Refused, match=TASK):
        storage.store([entry_of(2, {"x": 2})])


def test_what_a_trigger_does_not_let_be_altered_is_refused(storage: SqliteStorage) -> None:
    began = entry_of(1, stage="start", status="RUNNING")
    storage.store([began])
    execute(storage.path, f"CREATE TRIGGER keeping BEFORE UPDATE ON {TASK} BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(Refused, match=TASK):
        storage.set_validity(TASK, [1], change(False))
    with pytest.raises(Refused, match=TASK):
        storage.store([entry_of(2, stage="end", key=began.key)])
    assert execute(storage.path, "SELECT count(*) FROM _rec_validity") == [(0,)]


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("is_removed", [False, True])
def test_an_entry_goes_into_the_file_that_replaced_another_meanwhile(
    storage: SqliteStorage, journal: str, *, is_removed: bool
) -> None:
    path = storage.path
    execute(path, f"PRAGMA journal_mode = {journal}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN" if journal == "delete" else "BEGIN IMMEDIATE")
        other.execute(f"SELECT * FROM {TASK}").fetchall()  # a commit waits for this reader; with a WAL all wait

        def replace_file() -> None:
            copy = shutil.copy(path, path.with_name("copy.db"))
            for name in ("lute.db", "lute.db-wal", "lute.db-shm"):
                path.with_name(name).unlink(missing_ok=True)
            if not is_removed:
                Path(copy).rename(path)
            other.execute("ROLLBACK")

        stored = storage.store([entry_of(1, {"x": 2})], Patience(soon=0.05, meanwhile=replace_file))
    assert stored == [Recorded(TASK, 1 if is_removed else 2)]
    assert execute(path, f"SELECT x FROM {TASK}") == ([(2,)] if is_removed else [(1,), (2,)])


def test_a_change_of_validity_in_a_file_that_is_gone_is_an_error(storage: SqliteStorage) -> None:
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute(f"SELECT * FROM {TASK}").fetchall()
        mover = threading.Timer(0.1, storage.path.rename, [storage.path.with_name("moved.db")])
        mover.start()
        with pytest.raises((StorageFailed, FileMissing)):
            storage.set_validity(TASK, [1], change(False))
        mover.join()
    assert execute(storage.path.with_name("moved.db"), f"SELECT valid_flag FROM {TASK}") == [(1,)]


def running(storage: SqliteStorage) -> SqliteStorage:
    """Return a storage in which entry 2 is RUNNING."""
    storage.store([entry_of(1, {"x": 5}, stage="start", status="RUNNING", key="f" * 32)])
    return storage


def end() -> Entry:
    return entry_of(2, {"x": 6}, stage="end", key="f" * 32)


def test_an_end_completes_its_start_without_a_column_for_stages(storage: SqliteStorage, opened: Open) -> None:
    execute(storage.path, "ALTER TABLE _rec_entry DROP COLUMN stage")
    storage = running(opened(storage.path))
    assert [storage.store([end()]) for _ in range(2)] == [[Recorded(TASK, 2)]] * 2
    status = '"result.task_status"'
    assert execute(storage.path, f"SELECT x, {status} FROM {TASK}") == [(1, "COMPLETED"), (6, "COMPLETED")]


def test_an_end_leaves_the_row_of_another_in_a_table_made_anew(storage: SqliteStorage, opened: Open) -> None:
    storage = running(opened(storage.path))
    (sql,) = execute(storage.path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}'")[0]
    others = f"INSERT INTO {TASK}(timestamp, gen_cfg_id, x) VALUES ('2030-01-01 00:00:00', 1, 7)"
    execute(storage.path, f"DROP TABLE {TASK}", sql, others, others)
    assert storage.store([end()]) == [Recorded(TASK, 3)]
    assert execute(storage.path, f"SELECT x FROM {TASK}") == [(7,), (7,), (6,)]


def test_an_end_completes_its_start_beside_a_later_table_of_the_task(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "lute.db"
    execute(path, f"CREATE VIEW {TASK} AS SELECT 1 AS x")
    storage = running(opened(path))
    (sql,) = execute(path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}~1'")[0]
    others = f"INSERT INTO {TASK}(timestamp, gen_cfg_id, x) VALUES ('2030-01-01 00:00:00', 1, 7)"
    execute(path, f"DROP VIEW {TASK}", sql.replace("~1", ""), others)
    storage.store([end()])
    assert execute(path, f"SELECT x FROM {TASK}", f'SELECT x FROM "{TASK}~1"') == [(7,), (6,)]


@pytest.mark.parametrize("other", [{"x": 7}, {"status": "COMPLETED"}, {"gen_cfg_id": 9}])
def test_an_end_leaves_the_row_of_another_of_the_same_second(
    storage: SqliteStorage, opened: Open, other: dict[str, Any]
) -> None:
    storage = running(opened(storage.path))
    row = {"timestamp": "2024-02-12 22:01:00", "gen_cfg_id": 1, "x": 5, "status": "RUNNING", **other}
    (sql,) = execute(storage.path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}'")[0]
    columns = 'timestamp, gen_cfg_id, x, "result.task_status"'
    execute(
        storage.path,
        f"DROP TABLE {TASK}",
        sql,
        *[f"INSERT INTO {TASK}({columns}) VALUES {tuple(row.values())}"] * 2,
    )
    assert storage.store([end()]) == [Recorded(TASK, 3)]
    assert execute(storage.path, f'SELECT x, "result.task_status" FROM {TASK}') == [
        *[(row["x"], row["status"])] * 2,
        (6, "COMPLETED"),
    ]


@pytest.mark.parametrize("others", [1, 3, 5])
def test_a_table_that_others_filled_anew_is_read_as_it_is(storage: SqliteStorage, others: int) -> None:
    storage.store([entry_of(minute, {"x": "mine"}, failure={"return_code": 1}) for minute in (1, 2)])
    (sql,) = execute(storage.path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}'")[0]
    insert = f"INSERT INTO {TASK}(timestamp, gen_cfg_id, x, valid_flag) VALUES ('2024-02-12 23:00:0{{}}', 1, {{}}, 1)"
    execute(storage.path, f"DROP TABLE {TASK}", sql, *(insert.format(number, number) for number in range(others)))

    def look(run: int | None) -> tuple[Any, Any]:
        found = storage.latest(Wanted(TASK, "x", run=run))
        return found and (found.id, found.value)

    assert [look(None), look(12)] == [(others, others - 1)] * 2
    read = storage.read(TASK, 1)
    assert (read.key, read.exact, read.failure, read.parameters) == (None, None, {}, {"x": 0})
    assert storage.store([entry_of(120, {"x": 70}, valid=False)]) == [Recorded(TASK, others + 1)]
    assert [look(None), look(12)] == [(others, others - 1)] * 2
    assert storage.read(TASK, others + 1).exact == {"x": 70}
    assert execute(storage.path, "SELECT count(*), count(key) FROM _rec_entry") == [(others + 1, 1)]


def test_what_somebody_removed_is_not_found_and_costs_nothing_else(storage: SqliteStorage) -> None:
    kept = entry_of(1, {"x": 2})
    storage.store([kept, entry_of(2, {"x": 3})])
    execute(storage.path, f"DELETE FROM {TASK} WHERE id = 3")
    found = storage.latest(Wanted(TASK, "x", run=12))
    assert found is not None
    assert found.value == 2
    storage.store([entry_of(3, {"x": 4})])
    assert storage.read(TASK, 2).key == kept.key


WITHOUT_A_KEY = [
    "CREATE TABLE new AS SELECT * FROM {0}",
    "CREATE TABLE new(id INTEGER PRIMARY KEY, timestamp, gen_cfg_id, exec_cfg_id, x, "
    '"result.task_status", "result.summary", "result.payload", "result.impl_schemas", valid_flag) WITHOUT ROWID',
]


@pytest.mark.parametrize("made", WITHOUT_A_KEY)
def test_entries_go_beside_a_table_that_gives_no_ids(
    storage: SqliteStorage, made: str, caplog: pytest.LogCaptureFixture
) -> None:
    copied = f"INSERT INTO new SELECT * FROM {TASK} WHERE NOT EXISTS (SELECT 1 FROM new)"
    execute(storage.path, made.format(TASK), copied, f"DROP TABLE {TASK}", f"ALTER TABLE new RENAME TO {TASK}")
    found = storage.latest(Wanted(TASK, "x"))
    assert found is not None
    assert found.value == 1
    assert storage.store([entry_of(1, {"x": 2})]) == [Recorded(TASK, 1)]
    assert storage.store([entry_of(2, {"x": 3})]) == [Recorded(TASK, 2)]
    assert "id INTEGER PRIMARY KEY" in caplog.text
    assert len(caplog.records) == 1
    found = storage.latest(Wanted(TASK, "x"))
    assert found is not None
    assert found.value == 3
    assert execute(storage.path, f"SELECT x FROM {TASK}", f'SELECT x FROM "{TASK}~1"') == [(1,), (2,), (3,)]
    assert [(count.task, count.entries) for count in storage.status().counts] == [(TASK, 2)]


def test_a_shared_table_that_gives_no_ids_is_refused_by_name(storage: SqliteStorage) -> None:
    execute(storage.path, "CREATE TABLE new AS SELECT * FROM gen_cfg", "DROP TABLE gen_cfg")
    execute(storage.path, "ALTER TABLE new RENAME TO gen_cfg")
    with pytest.raises(UnsupportedLayout, match=r"'gen_cfg'.*id INTEGER PRIMARY KEY"):
        storage.store([entry_of(1)])


@pytest.mark.parametrize("kind", ["VIRTUAL", "STORED"])
def test_a_parameter_with_the_name_of_a_computed_column_has_one_of_its_own(storage: SqliteStorage, kind: str) -> None:
    (sql,) = execute(storage.path, f"SELECT sql FROM sqlite_master WHERE name = '{TASK}'")[0]
    execute(storage.path, f"DROP TABLE {TASK}", f"{sql[:-1]}, y AS (x * 2) {kind})")
    storage.store([entry_of(1, {"x": 2, "Y": 5})])
    assert execute(storage.path, f'SELECT x, y, "Y~1" FROM {TASK}') == [(2, 4, 5)]
    assert storage.read(TASK, 1).parameters == {"x": 2, "Y": 5}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_cannot_be_a_journal_is_named_instead_of_waited_for(
    storage: SqliteStorage, make: Callable[[Path], None]
) -> None:
    storage.close()
    journal = storage.path.with_name("lute.db-journal")
    make(journal)
    with pytest.raises(StorageFailed, match=r"lute\.db-journal: .*remove it"):
        storage.store([entry_of(1)])
    with pytest.raises(StorageFailed, match=r"lute\.db-journal"):
        list(check_database(storage.path, 0.0))
    journal.rmdir() if make is os.mkdir else journal.unlink()
    assert storage.store([entry_of(1)]) == [Recorded(TASK, 2)]


@pytest.mark.parametrize("is_let_go", [False, True])
def test_nobody_waits_for_the_lock_of_a_file_that_is_gone(storage: SqliteStorage, *, is_let_go: bool) -> None:
    path = storage.path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def replace_file() -> None:
            copy = shutil.copy(path, path.with_name("copy.db"))
            Path(copy).rename(path)
            if is_let_go:
                other.execute("ROLLBACK")

        def waiting() -> Patience:
            other.execute("BEGIN IMMEDIATE")
            return Patience(soon=0.05, meanwhile=replace_file)

        assert storage.store([entry_of(1, {"x": 2})], waiting()) == [Recorded(TASK, 2)]
    assert execute(path, f"SELECT x FROM {TASK}") == [(1,), (2,)]


def test_a_change_in_a_file_that_is_replaced_while_it_waits_says_so(storage: SqliteStorage) -> None:
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        mover = threading.Timer(0.1, storage.path.rename, [storage.path.with_name("moved.db")])
        mover.start()
        with pytest.raises((Replaced, FileMissing), match=r"somebody moved|no such database"):
            storage.set_validity(TASK, [1], change(False))
        mover.join()

"""Triggers, constraints and rebuilt tables of other programs: nothing counts as stored that is not there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recorder.errors import Refused
from recorder.storage.base import Recorded
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import TASK, change, entry_of


def execute(path: Path, *statements: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [row for statement in statements for row in connection.execute(statement).fetchall()]


@pytest.fixture
def storage(tmp_path: Path) -> SqliteStorage:
    storage = SqliteStorage(tmp_path / "lute.db")
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

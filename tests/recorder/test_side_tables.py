"""What is kept beside the tables of v0.1: brought up to date, found again, and never more than bounded work."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from recorder import PermissionDenied, Recorder, StorageFailed
from recorder.entry import END, START, Entry
from recorder.layout import tables
from recorder.storage import shared_rows
from recorder.storage.base import Recorded, Selection, Wanted
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import TASK, change, entry_of
from tests.recorder.analyses import analysis
from tests.recorder.other_program import rows

LAYOUT_1 = f"""
    DROP INDEX _rec_entry_newest; DROP INDEX _rec_entry_latest; DROP TABLE _rec_origin; DROP TABLE _rec_failure;
    CREATE TABLE kept AS SELECT key, task, id, recorded_at, parameters, parameters_hash, payload_kind, extra
        FROM _rec_entry;
    DROP TABLE _rec_entry;
    CREATE TABLE _rec_entry(key TEXT PRIMARY KEY, task TEXT NOT NULL, id INTEGER NOT NULL, recorded_at TEXT NOT NULL,
        parameters TEXT, parameters_hash TEXT, payload_kind TEXT, extra TEXT, UNIQUE (task, id));
    INSERT INTO _rec_entry SELECT * FROM kept WHERE key IS NOT NULL;
    DROP TABLE kept;
    UPDATE _rec_meta SET value = '1' WHERE key = 'side_layout';
    INSERT INTO "{TASK}"(timestamp, gen_cfg_id, exec_cfg_id, x, valid_flag) VALUES ('2024-02-12 22:30:00', 2, 1, 7, 1);
"""
"""Makes of a file of ours one with side layout 1, in which another program wrote as well."""


@pytest.fixture
def storage(tmp_path: Path) -> SqliteStorage:
    return SqliteStorage(tmp_path / "lute.db")


def structure(path: Path) -> list[tuple[Any, ...]]:
    found = rows(path, "SELECT name FROM sqlite_master WHERE name LIKE '\\_rec%' ESCAPE '\\' ORDER BY name")
    return [(name, [row[1:3] for row in rows(path, f"PRAGMA table_info({name})")]) for (name,) in found]


def test_side_layout_1_is_brought_up_to_date_by_the_next_entry(storage: SqliteStorage) -> None:
    first, second = entry_of(0, {"x": 1}), entry_of(10, {"x": 2}, header={"run": 13})
    storage.store([first])
    theirs = f"INSERT INTO {TASK}(timestamp, gen_cfg_id, exec_cfg_id, x, valid_flag) VALUES (?, 1, 1, 5, 1)"
    rows(storage.path, theirs, "2024-02-12 22:50:00")
    storage.store([second])
    newest_layout = structure(storage.path)
    with closing(sqlite3.connect(storage.path)) as connection:
        connection.executescript(LAYOUT_1)
    assert storage.latest(Wanted(TASK, "x", run=13)).value == 7  # type: ignore[union-attr]
    assert storage.read(TASK, 1).key == first.key
    assert storage.status().side_layout == "1"
    assert storage.store([first, entry_of(40, {"x": 3})]) == [Recorded(TASK, 1), Recorded(TASK, 5)]
    assert structure(storage.path) == newest_layout
    placed = rows(storage.path, "SELECT id, key IS NULL, gen_cfg_id, timestamp, stage FROM _rec_entry ORDER BY id")
    assert placed == [
        (1, 0, 1, "2024-02-12 22:00:00", "whole"),
        (2, 1, 1, "2024-02-12 22:50:00", None),
        (3, 0, 2, "2024-02-12 22:10:00", "whole"),
        (4, 1, 2, "2024-02-12 22:30:00", None),
        (5, 0, 1, "2024-02-12 22:40:00", "whole"),
    ]
    assert storage.latest(Wanted(TASK, "x")).value == 5  # type: ignore[union-attr]
    assert storage.status().side_layout == "2"
    assert storage.latest(Wanted(TASK, "x", run=13)).value == 7  # type: ignore[union-attr]
    storage.close()


def test_an_upgrade_that_fails_leaves_layout_1(storage: SqliteStorage) -> None:
    storage.store([entry_of(0, {"x": 1}), entry_of(1, {"x": 2}, header={"run": 13})])
    with closing(sqlite3.connect(storage.path)) as connection:
        connection.executescript(LAYOUT_1)
        connection.executescript(f"CREATE TRIGGER stop BEFORE INSERT ON {TASK} BEGIN SELECT RAISE(ABORT, 'no'); END")
        before = sorted(connection.iterdump())
    with pytest.raises(StorageFailed, match="no"):
        storage.store([entry_of(2, {"x": 3})])
    with closing(sqlite3.connect(storage.path)) as connection:
        assert sorted(connection.iterdump()) == before
    storage.close()


def test_a_start_whose_row_somebody_removed_is_followed_by_its_end(storage: SqliteStorage) -> None:
    began = entry_of(0, {"x": 1}, stage=START)
    storage.store([began])
    rows(storage.path, f"DELETE FROM {TASK}")
    assert storage.store([entry_of(1, {"x": 2}, stage=END, key=began.key)]) == [Recorded(TASK, 2)]
    assert rows(storage.path, "SELECT id, stage FROM _rec_entry") == [(2, "end")]
    storage.close()


def test_an_end_completes_its_start_in_a_newer_side_layout_too(storage: SqliteStorage) -> None:
    began = entry_of(0, {"x": 1}, stage=START)
    storage.store([began])
    rows(storage.path, "UPDATE _rec_meta SET value = '99' WHERE key = 'side_layout'")
    rows(storage.path, "ALTER TABLE _rec_entry ADD COLUMN owner TEXT NOT NULL DEFAULT 'new'")
    assert storage.store([entry_of(1, {"x": 2}, stage=END, key=began.key)]) == [Recorded(TASK, 1)]
    assert rows(storage.path, f"SELECT x, valid_flag FROM {TASK}") == [(2, 1)]
    assert rows(storage.path, "SELECT stage FROM _rec_entry") == [("end",)]
    storage.close()


# Shared rows


def test_rows_of_others_are_hashed_in_portions_and_found_meanwhile(
    storage: SqliteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_rows, "PORTION", 3)
    storage.store([entry_of()])
    known = "INSERT INTO gen_cfg(title, experiment, run, task_timeout) SELECT 'T', 'e', value, 600 FROM json_each(?)"
    rows(storage.path, known, str(list(range(10))))
    shared = {"title": "T", "experiment": "e", "date": None}
    for run, hashed in ((9, 4), (8, 7), (100, 10), (0, 12), (7, 12), (101, 13)):
        storage.store([entry_of(0, header={**shared, "run": run})])
        marked = rows(storage.path, "SELECT value FROM _rec_meta WHERE key = 'hashed_up_to.gen_cfg'")
        assert (run, int(marked[0][0])) == (run, hashed)
    assert rows(storage.path, "SELECT run, count(*) FROM gen_cfg GROUP BY run, title HAVING count(*) > 1") == []
    ids = rows(storage.path, f"SELECT gen_cfg_id FROM {TASK} ORDER BY id")
    assert ids == [(1,), (11,), (10,), (12,), (2,), (9,), (13,)]
    storage.close()


def test_a_shared_row_that_somebody_altered_is_used_for_what_it_holds_now(storage: SqliteStorage) -> None:
    storage.store([entry_of(header={"title": "first"})])
    rows(storage.path, "UPDATE gen_cfg SET title = 'second' WHERE id = 1")
    storage.store([entry_of(header={"title": "first"}), entry_of(header={"title": "second"})])
    assert rows(storage.path, f"SELECT gen_cfg_id FROM {TASK} ORDER BY id") == [(1,), (2,), (1,)]
    assert rows(storage.path, "SELECT title FROM gen_cfg") == [("second",), ("first",)]
    storage.close()


def test_hashes_that_somebody_dropped_are_made_anew(storage: SqliteStorage) -> None:
    storage.store([entry_of(), entry_of(header={"run": 13})])
    storage.close()
    rows(storage.path, "DROP TABLE _rec_shared")
    storage.store([entry_of()])
    assert len(rows(storage.path, "SELECT * FROM gen_cfg")) == 2
    storage.close()


def test_a_process_is_one_origin(tmp_path: Path) -> None:
    for _ in range(2):
        with Recorder(tmp_path) as recorder:
            recorder.record(analysis())
            recorder.record(analysis("Other"))
    ((pid, host),) = rows(tmp_path / "lute.db", "SELECT pid, host FROM _rec_origin")
    assert (pid, host) == (os.getpid(), f'"{os.uname().nodename}"')
    assert rows(tmp_path / "lute.db", "SELECT DISTINCT origin_id FROM _rec_entry") == [(1,)]


# Files


def with_file(content: bytes = b"content", name: str = f"sha256-{'a' * 64}.npy") -> Entry:
    return Entry(**{**vars(entry_of()), "payload": {"$file": name}, "files": {name: content}})


def test_a_result_is_kept_beside_the_database(storage: SqliteStorage) -> None:
    before = os.umask(0o077)
    try:
        storage.store([with_file(), with_file()])
    finally:
        os.umask(before)
    directory = storage.path.with_name("lute.db.payloads")
    (kept,) = directory.iterdir()
    assert kept.read_bytes() == b"content"
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(directory.stat().st_mode)) == (0o664, 0o775)
    cells = rows(storage.path, f'SELECT "result.payload" FROM {TASK}')
    assert cells == [(f"lute.db.payloads/{kept.name}",)] * 2
    kept.write_bytes(b"torn")
    storage.store([with_file()])
    assert kept.read_bytes() == b"content"
    storage.close()


def test_an_entry_whose_file_cannot_be_kept_is_not_stored(storage: SqliteStorage) -> None:
    storage.store([entry_of()])
    storage.path.with_name("lute.db.payloads").write_text("in the way")
    with pytest.raises(StorageFailed, match=r"lute\.db\.payloads"):
        storage.store([with_file()])
    assert storage.status().counts[0].entries == 1
    storage.close()


# Reading


def read_everything(path: Path) -> list[Any]:
    storage = SqliteStorage(path, timeout=1)
    found = [
        storage.latest(Wanted(TASK, "x")),
        storage.latest(Wanted(TASK, "x", run=12)),
        storage.read(TASK, 1),
        storage.window(Selection(TASK), 0),
        storage.status(),
    ]
    storage.close()
    return found


def listing(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in directory.iterdir()}


@pytest.mark.parametrize("mode", ["delete", "persist", "wal"])
def test_reading_leaves_everything_as_it_was(storage: SqliteStorage, mode: str) -> None:
    storage.store([entry_of(0, {"x": 1})])
    storage.close()
    rows(storage.path, f"PRAGMA journal_mode = {mode}")
    rows(storage.path, f"UPDATE {TASK} SET x = 2")
    before = listing(storage.path.parent)
    assert read_everything(storage.path)[0].value == 2
    assert listing(storage.path.parent) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
def test_a_file_in_a_directory_one_may_not_write_is_read(tmp_path: Path) -> None:
    for directory in (tmp_path, *(parent for parent in tmp_path.parents if len(parent.parts) > 2)):
        directory.chmod(0o755)
    storage = SqliteStorage(tmp_path / "lute.db")
    storage.store([entry_of(0, {"x": 1})])
    storage.close()
    storage.path.chmod(0o444)
    tmp_path.chmod(0o555)
    before = listing(tmp_path)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        try:
            is_read = read_everything(storage.path)[0].value == 1
            with pytest.raises(PermissionDenied):
                SqliteStorage(storage.path, timeout=1).store([entry_of()])
            with pytest.raises(PermissionDenied):
                SqliteStorage(storage.path, timeout=1).set_validity(TASK, [1], change(False))
            os._exit(0 if is_read else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert listing(tmp_path) == before


def test_side_tables_list_their_columns(storage: SqliteStorage) -> None:
    storage.store([entry_of()])
    for table in tables.SIDE_TABLES:
        assert [row[1] for row in rows(storage.path, f"PRAGMA table_info({table})")] == tables.side_columns(table)
    storage.close()

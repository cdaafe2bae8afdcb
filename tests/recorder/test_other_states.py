"""Files that others changed, made newer or never made: what can be recorded into is, what cannot is refused by name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder import NotADatabase, Recorded, Recorder, UnsupportedLayout
from recorder.accept import accept
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import analysis
from tests.recorder.other_program import headers, rows


def test_a_wal_file_is_left_in_its_mode(new_database: Path) -> None:
    rows(new_database, "PRAGMA journal_mode = WAL")
    with Recorder(new_database) as recorder:
        assert recorder.record(analysis()) == Recorded("FindPeaks", 1)
    assert rows(new_database, "PRAGMA journal_mode") == [("wal",)]


def test_a_newer_side_layout_is_never_refused(new_database: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    rows(new_database, "UPDATE _rec_meta SET value = '99' WHERE key = 'side_layout'")
    rows(new_database, "DROP TABLE _rec_shared")
    rows(new_database, "ALTER TABLE _rec_entry ADD COLUMN owner TEXT NOT NULL DEFAULT 'new'")
    entry = accept(analysis(parameters={"x": 2, "y": 3}))
    with caplog.at_level(logging.WARNING, "recorder"), Recorder(new_database) as recorder:
        assert recorder.store(entry) == Recorded("FindPeaks", 2)
        assert recorder.store(entry) == Recorded("FindPeaks", 2)
        assert recorder.latest("FindPeaks", "y") == 3
    assert "layout 99" in caplog.text
    assert len(headers(new_database)) == 1
    assert ("_rec_shared",) not in rows(new_database, "SELECT name FROM sqlite_master")


@pytest.mark.parametrize(
    "definitions",
    [
        ["CREATE TABLE _rec_meta(name TEXT)", "CREATE TABLE _rec_entry(key TEXT, owner TEXT NOT NULL)"],
        ["CREATE TABLE _rec_entry(x)"],
        ["CREATE VIEW _rec_entry AS SELECT 1 AS key, 2 AS id"],
        ["CREATE TABLE _REC_ENTRY(key, task, id)"],
        ["CREATE TABLE _rec_shared(owner TEXT NOT NULL)"],
        ["CREATE TABLE _rec_shared(table_name, hash, id, owner TEXT NOT NULL)"],
        ["CREATE TABLE other(x)", "CREATE INDEX _rec_validity ON other(x)"],
        ["CREATE VIEW _rec_meta AS SELECT 'side_layout' AS key, '1' AS value"],
    ],
)
def test_side_tables_of_an_unknown_shape_cost_no_entry(
    new_database: Path, caplog: pytest.LogCaptureFixture, definitions: list[str]
) -> None:
    for definition in definitions:
        rows(new_database, definition)
    with Recorder(new_database) as recorder:
        for number in (1, 2):
            assert recorder.record(analysis(parameters={"x": number})) == Recorded("FindPeaks", number)
        assert recorder.latest("FindPeaks", "x") == 2
        recorder.invalidate("FindPeaks", [2])
        assert recorder.latest("FindPeaks", "x") == 1
        assert recorder.read("FindPeaks", 1).parameters == {"x": 1}
        assert recorder.status().counts[0].valid == 1
    assert len(headers(new_database)) == 1
    assert caplog.text.count("only the tables of v0.1 are written") == 1


@pytest.mark.parametrize("change", ["DROP TABLE FindPeaks", "ALTER TABLE FindPeaks RENAME TO Peaks", "recreated"])
def test_a_table_that_somebody_took_away_costs_no_later_entry(new_database: Path, change: str) -> None:
    with Recorder(new_database) as recorder:
        for number in (1, 2):
            recorder.record(analysis(parameters={"x": number}))
        recorder.invalidate("FindPeaks", [1], "beam was off")
        if change == "recreated":
            ((definition,),) = rows(new_database, "SELECT sql FROM sqlite_master WHERE name = 'FindPeaks'")
            rows(new_database, "DROP TABLE FindPeaks")
            rows(new_database, definition)
        else:
            rows(new_database, change)
        for number in (1, 2, 3):
            entry = accept(analysis(parameters={"x": f"new {number}"}))
            assert recorder.store(entry) == recorder.store(entry) == Recorded("FindPeaks", number)
            assert recorder.read("FindPeaks", number).key == entry.key
    assert rows(new_database, "SELECT * FROM _rec_validity") == []


def test_the_newer_layout_is_refused_by_name_and_nothing_in_it_changes(sample: Callable[[str], Path]) -> None:
    path = sample("lute-v02.db")
    before = path.read_bytes()
    storage = SqliteStorage(path)
    with pytest.raises(UnsupportedLayout, match=r"lute-v02\.db: .*executions"):
        storage.store([accept(analysis())])
    storage.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "definition", ["CREATE VIEW gen_cfg AS SELECT 1", "CREATE TABLE gen_cfg(x)", "CREATE TABLE GEN_CFG(id, x)"]
)
def test_a_shared_name_that_stands_for_something_else_is_refused_by_name(new_database: Path, definition: str) -> None:
    rows(new_database, definition)
    storage = SqliteStorage(new_database)
    with pytest.raises(UnsupportedLayout, match=r"(?i)lute\.db: .*gen_cfg"):
        storage.store([accept(analysis())])
    storage.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 40, b"SQLite format 3\x00" + b"x" * 99]
)
def test_what_is_no_database_is_refused_and_left_alone(new_database: Path, content: bytes) -> None:
    new_database.write_bytes(content)
    storage = SqliteStorage(new_database)
    with pytest.raises(NotADatabase, match=r"lute\.db"):
        storage.store([accept(analysis())])
    storage.close()
    assert new_database.read_bytes() == content


def test_an_odd_file_name_is_no_uri(tmp_path: Path) -> None:
    path = tmp_path / "run#3?mode=memory%20.db"
    with Recorder(path) as recorder:
        recorder.record(analysis())
    assert path.is_file()
    assert list(tmp_path.iterdir()) == [path]

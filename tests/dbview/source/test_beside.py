"""What the recorder keeps beside an entry is read back; files without it, or with less of it, are read as ever."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.source.entries.beside import Beside, Recording
from dbview.source.entries.record import read_record
from dbview.source.source import Source
from dbview.text import duration_text
from recorder import Recorder
from tests.dbview.conftest import Open
from tests.dbview.database import Database

BEGIN = datetime.datetime(2024, 2, 14, 12, 0, 0, tzinfo=datetime.UTC)


def task(status: str = "FAILED") -> dict[str, Any]:
    return {"task_result": {"task_name": "Task", "task_status": status}, "task_parameters": {"a": 1}}


def beside(source: Source, key: int = 1) -> Beside:
    reader = source.reader()
    try:
        return read_record(reader, source.relations(), source.relation("Task"), key).beside
    finally:
        reader.close()


def alter(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as writer, writer:
        for statement in statements:
            writer.execute(statement)


def test_how_a_task_ended_and_who_recorded_it_is_read(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "lute.db"
    with Recorder(path) as recorder:
        token = recorder.start(task("RUNNING"), timestamp=BEGIN)
        end = BEGIN + datetime.timedelta(minutes=3, seconds=20)
        ending: Any = {"return_code": -9, "output": "\x1b[31m no\nmemory", "log": "/logs/7.out", "code_version": "v5"}
        recorder.finish(token, task(), timestamp=end, **ending)
    found = beside(opened(path))
    assert found.failure is not None
    assert found.failure.facts() == [("return code", "-9"), ("signal", "SIGKILL"), ("log", "/logs/7.out")]
    assert found.failure.output_lines() == ["␛[31m no", "memory"]
    assert found.recording is not None
    facts = dict(found.recording.facts())
    assert "@" in facts["user"]
    assert facts["process"].isdecimal()
    assert (facts["code version"], facts["started at"], facts["duration"]) == (
        "v5",
        "2024-02-14 12:00:00 UTC",
        "3 min 20 s",
    )


def test_a_task_that_still_runs_has_no_duration(tmp_path: Path, opened: Open) -> None:
    with Recorder(tmp_path / "lute.db") as recorder:
        recorder.start(task("RUNNING"), timestamp=BEGIN)
    recording = beside(opened(tmp_path / "lute.db")).recording
    assert recording is not None
    assert recording.started_at is not None
    assert recording.seconds is None


@pytest.mark.parametrize("dropped", [("_rec_failure", "_rec_origin"), ("_rec_failure", "_rec_origin", "_rec_entry")])
def test_files_with_fewer_side_tables_are_read(tmp_path: Path, opened: Open, dropped: tuple[str, ...]) -> None:
    path = tmp_path / "lute.db"
    with Recorder(path) as recorder:
        recorder.record(task(), output="said")
    alter(path, *(f"DROP TABLE {table}" for table in dropped))
    found = beside(opened(path))
    assert (found.failure, found.recording) == (None, None)
    assert found.exact == (None if "_rec_entry" in dropped else {"a": 1})


def test_what_is_kept_of_another_row_at_its_place_is_not_shown(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "lute.db"
    with Recorder(path) as recorder:
        recorder.record(task(), timestamp=BEGIN, output="no memory")
    alter(path, "DELETE FROM Task", "INSERT INTO Task(id, timestamp, gen_cfg_id, a) VALUES (1, '2030-01-01', 1, 2)")
    assert beside(opened(path)) == Beside()


def test_a_file_with_the_first_side_layout_is_read(database: Database, opened: Open) -> None:
    database.task("Task", {"a": "INTEGER"}, [{"a": 1}])
    database.execute(
        "CREATE TABLE _rec_entry(key TEXT PRIMARY KEY, task TEXT, id INTEGER, recorded_at TEXT, parameters TEXT, "
        "parameters_hash TEXT, payload_kind TEXT, extra TEXT, UNIQUE (task, id))"
    )
    database.execute("INSERT INTO _rec_entry(key, task, id, parameters) VALUES ('k', 'Task', 1, '{\"a\":true}')")
    found = beside(opened(database.path))
    assert (found.exact, found.failure, found.recording) == ({"a": True}, None, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _rec_failure SET output = x'00ff', signal = 7, return_code = 'abc', log = CAST(x'2fff' AS TEXT)",
        "UPDATE _rec_failure SET output = 'no side text'",
        "UPDATE _rec_failure SET output = printf('%.*c', 9000000, 'x')",
        "UPDATE _rec_failure SET output = replace(printf('%.*c', 9000, 'x'), 'x', '{\"a\":')",
        "UPDATE _rec_entry SET origin_id = 'x', started_at = x'00', payload_kind = 5",
        "UPDATE _rec_entry SET origin_id = 99, started_at = 'yesterday'",
        "UPDATE _rec_origin SET user = NULL, host = x'1b5b', pid = '\"p\x1b\"', job = 1.5",
        "ALTER TABLE _rec_failure RENAME COLUMN output TO said",
        "ALTER TABLE _rec_failure RENAME COLUMN entry_id TO other",
        "ALTER TABLE _rec_origin RENAME COLUMN user TO person",
    ],
)
def test_what_others_made_of_the_side_tables_hides_no_entry(tmp_path: Path, opened: Open, statement: str) -> None:
    path = tmp_path / "lute.db"
    with Recorder(path) as recorder:
        recorder.record(task(), output="said", return_code=3)
    alter(path, statement)
    found = beside(opened(path))
    assert found.exact == {"a": 1}
    shown = [*(found.failure.output_lines() if found.failure else [])]
    for known in (found.failure, found.recording):
        shown += [text for _name, text in (known.facts() if known else [])]
    assert shown
    assert all(text.isprintable() for text in shown)


@given(st.text() | st.none() | st.integers() | st.floats(), st.text() | st.none() | st.binary())
def test_no_moment_is_too_strange(started_at: Any, recorded_at: Any) -> None:
    recording = Recording(started_at=started_at, recorded_at=recorded_at)
    assert all(text.isprintable() for _name, text in recording.facts())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.004, "4 ms"), (1.54, "1.5 s"), (59.96, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (97200, "1 d 3 h")],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words

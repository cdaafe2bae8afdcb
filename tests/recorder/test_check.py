"""`recorder check` finds what is damaged, missing or contradictory, and changes nothing."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy
import pytest

from recorder import DatabaseLocked, FileMissing, NotADatabase, Recorder
from recorder.accept import accept
from recorder.entry import START, Entry
from recorder.patience import WAIT
from recorder.storage.payload_files import keep_payload_files
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import TASK, entry_of
from tests.recorder.analyses import analysis

CONTENT = b"content"
NAME = f"sha256-{hashlib.sha256(CONTENT).hexdigest()}.npy"


def alter(path: Path, sql: str, *bound: Any) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, bound)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a sound database of three entries: two runs, and a result that is a file."""
    storage = SqliteStorage(tmp_path / "lute.db")
    storage.store([entry_of(0, {"x": 1, "t": "a", "nan": float("nan"), "late": "007"})])
    storage.store([entry_of(1, {"x": 2, "late": 7}, header={"run": 13}, failure={"return_code": 1})])
    storage.store([Entry(**{**vars(entry_of(2, {"x": 3})), "payload": {"$file": NAME}, "files": {NAME: CONTENT}})])
    storage.close()
    return storage.path


def findings(path: Path) -> list[str]:
    before = {found: found.read_bytes() for found in path.parent.rglob("*") if found.is_file()}
    with Recorder(path) as recorder:
        found = [str(finding) for finding in recorder.check()]
    assert {found: found.read_bytes() for found in path.parent.rglob("*") if found.is_file()} == before
    return found


def test_a_sound_database_has_none(database: Path, sample: Callable[[str], Path]) -> None:
    assert findings(database) == []


@pytest.mark.parametrize("mode", ["wal", "persist"])
def test_a_file_in_any_journal_mode_is_looked_at(database: Path, mode: str) -> None:
    alter(database, f"PRAGMA journal_mode = {mode}")
    assert findings(database) == []


def test_a_file_the_original_wrote_is_looked_at(sample: Callable[[str], Path]) -> None:
    for finding in findings(sample("lute-v01.db")):
        assert "equal to row" in finding or "is missing" in finding or "RUNNING" in finding


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DELETE FROM gen_cfg WHERE id = 2", "FindPeaks 2: its gen_cfg row 2 is missing; "),
        ("UPDATE FindPeaks SET exec_cfg_id = 9 WHERE id = 3", "FindPeaks 3: its exec_cfg row 9 is missing; "),
        ("UPDATE gen_cfg SET title = 'other' WHERE id = 2", "gen_cfg 2: it is not what was recorded; "),
        (
            "INSERT INTO gen_cfg(title, experiment, run, date, lute_version, task_timeout) "
            "SELECT title, experiment, run, date, lute_version, task_timeout FROM gen_cfg WHERE id = 1",
            "gen_cfg 3: it is equal to row 1; ",
        ),
        ("UPDATE FindPeaks SET gen_cfg_id = 1", "gen_cfg 2: no entry points to it; "),
        ("UPDATE FindPeaks SET x = 7 WHERE id = 2", "FindPeaks 2: column 'x' does not hold what was recorded; "),
        ("UPDATE _rec_entry SET parameters_hash = 'x' WHERE id = 1", "FindPeaks 1: its exact parameters do not have "),
        ("UPDATE _rec_entry SET parameters = '{' WHERE id = 1", "FindPeaks 1: its exact parameters cannot be read; "),
        ("DELETE FROM FindPeaks WHERE id = 2", "_rec_entry: entry 2 of 'FindPeaks' is gone; "),
        ("DELETE FROM FindPeaks WHERE id = 2", "_rec_failure: entry 2 of 'FindPeaks' is gone; "),
        ("ALTER TABLE FindPeaks RENAME TO Peaks", "_rec_entry: the Task's table 'FindPeaks' is gone; "),
    ],
)
def test_what_is_wrong_is_named(database: Path, sql: str, expected: str) -> None:
    alter(database, sql)
    assert any(finding.startswith(expected) for finding in findings(database))


def test_files_of_results_are_compared(database: Path) -> None:
    kept = database.with_name("lute.db.payloads") / NAME
    kept.with_name("stray.npy").write_bytes(b"")
    kept.write_bytes(b"altered")
    assert [f"FindPeaks 3: its result {kept} is not what" in finding for finding in findings(database)] == [True, False]
    assert "stray.npy: no entry points to it" in findings(database)[1]
    kept.unlink()
    assert "cannot be read (No such file or directory)" in findings(database)[0]


def test_files_deep_in_a_result_or_in_parameters_are_used_and_compared(tmp_path: Path) -> None:
    texts = [letter * 200 for letter in "abcde"]
    with Recorder(tmp_path, payload_limit=100) as recorder:
        recorder.record(analysis(payload={"$own": [{"hits": texts[0]}]}))  # a file that names another one
        recorder.record(analysis(payload={"set": {texts[2]}}))
        large = {"array": numpy.arange(1001)}
        recorder.record(analysis(parameters={"deep": [large]}))
        waiting = recorder.spool.keep(accept(analysis(payload={"hits": texts[3]}), payload_limit=100))
        keep_payload_files(recorder.path, Entry.from_json(waiting.read_text()).files)  # as a try to store it does
        assert [str(finding).partition(";")[0] for finding in recorder.check()] == [
            f"{waiting}: an entry waits to be stored"
        ]
        list(recorder.replay())
        assert list(recorder.check()) == []
        kept = sorted(recorder.path.with_name("lute.db.payloads").iterdir())
        assert {path.suffix for path in kept} == {".txt", ".json", ".npy"}
        for path in kept:
            path.write_bytes(path.read_bytes() + b" ")
            assert any(f"{path} is not what was recorded" in str(finding) for finding in recorder.check())
            path.write_bytes(path.read_bytes()[:-1])


def test_origins_that_the_start_of_a_task_leaves_behind_are_no_finding(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        token = recorder.start(analysis(), code_version="1")
        recorder.finish(token, analysis(), code_version="2")
        assert list(recorder.check()) == []


@pytest.mark.parametrize("version", [12, 1.5, True, 2**70, b"v2", ("v", 2), None, object])
def test_a_version_that_is_no_text_is_one_sound_origin(tmp_path: Path, version: Any) -> None:
    with Recorder(tmp_path) as recorder, Recorder(tmp_path) as other:
        recorder.record(analysis(), code_version=version)
        other.record(analysis(), code_version=version)
        fields = {**vars(entry_of()), "task": "FindPeaks", "origin": {"pid": "12", "code_version": 12}}
        recorder.store(Entry(**fields))
        other.store(Entry(**{**fields, "key": "0" * 32}))
        assert list(recorder.check()) == []
    with closing(sqlite3.connect(tmp_path / "lute.db")) as connection:
        assert connection.execute("SELECT count(*) FROM _rec_origin").fetchone() == (2,)


def test_a_check_waits_as_long_as_it_is_told(database: Path) -> None:
    with Recorder(database, timeout=0.1) as recorder, closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(DatabaseLocked):
            list(recorder.check())
    assert time.monotonic() - began < WAIT - 1  # not as long as without a setting


def test_a_task_that_runs_for_too_long_and_what_waits_are_named(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.store(entry_of(0, stage=START))
        waiting = recorder.spool.keep(entry_of())
    assert [finding.partition(";")[0] for finding in findings(database)] == [
        "FindPeaks 4: it is RUNNING for longer than its task_timeout",
        f"{waiting}: an entry waits to be stored",
    ]


def test_damage_is_named(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = '_rec_entry_newest'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(database.read_bytes())
    content[page * size - 40 : page * size] = bytes(40)
    database.write_bytes(content)
    assert any("the file is damaged" in finding for finding in findings(database))
    database.write_bytes(b"no database" * 100)
    with pytest.raises(NotADatabase):
        findings(database)
    database.unlink()
    with pytest.raises(FileMissing):
        findings(database)


def command(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "recorder.cli", "check", str(path)], capture_output=True, text=True)


def test_the_command_says_by_its_exit_code_whether_all_is_well(database: Path) -> None:
    ended = command(database)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "no findings\n")
    alter(database, f"UPDATE {TASK} SET x = 7 WHERE id = 2")
    ended = command(database)
    assert (ended.returncode, ended.stderr) == (1, "1 finding\n")
    assert ended.stdout.startswith("FindPeaks 2: column 'x'")


def test_whatever_is_recorded_is_sound(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for value in (2**70, float("inf"), -0.0, "\ud800", b"\x00", [], {"a": {}}, {1, 2}, 1 + 2j, "5", True, None):
            for tree in ({"x": value}, {"x": [value, {"y": value}]}):
                recorder.record(analysis(parameters=tree, summary=value, payload=value))
    assert findings(tmp_path / "lute.db") == []


def test_what_was_never_finished_is_named_and_swept_by_a_replay(database: Path) -> None:
    place = database.with_name("lute.db.payloads")
    place.mkdir(exist_ok=True)
    name = f".sha256-{'0' * 64}.npy."
    old, new = place / f"{name}{'1' * 12}", place / f"{name}{'2' * 12}"
    others = [place / "notes.txt", place / f"{name}{'3' * 12}.mine", place / f".sha256-{'0' * 64}.npy"]
    for file in (old, new, *others):
        file.write_bytes(b"half")
    for file in (old, *others):
        os.utime(file, (0, 0))
    unfinished = [line for line in findings(database) if "it was never finished; " in line]
    assert [line.partition(": ")[0] for line in unfinished] == [str(old), str(new)]
    assert "`recorder replay` removes it" in unfinished[0]
    assert (old.exists(), new.exists()) == (True, True)  # looking changes nothing
    with Recorder(database) as recorder:
        assert list(recorder.replay()) == []
    assert [file.exists() for file in (old, new, *others)] == [False, True, True, True, True]


def test_a_table_of_as_many_columns_as_there_can_be_is_looked_at(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={f"x{number}": number for number in range(2_500)}))
    assert findings(tmp_path / "lute.db") == []
    alter(tmp_path / "lute.db", "UPDATE FindPeaks SET x1 = 7")
    assert any("FindPeaks 1: column 'x1'" in finding for finding in findings(tmp_path / "lute.db"))

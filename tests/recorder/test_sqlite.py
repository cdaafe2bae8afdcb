"""The file itself: layout v0.1 as other programs expect it, shared rows found exactly, all of an entry or none."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from recorder import PermissionDenied, Recorded, Recorder, RecorderError, StorageFailed
from recorder.accept import accept
from recorder.storage.connection import _ERRORS, translated
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import analysis
from tests.recorder.other_program import columns, dump, headers, rows

# Layout v0.1


def test_a_file_of_ours_is_layout_v01_column_for_column(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"n": 1, "f": 0.5, "t": "x", "none": None, "a": {"b": [True]}, "run": 3}))
        recorder.record(analysis(parameters={"n": 1, "new": 2.5}))
    assert columns(new_database, "FindPeaks") == [
        ("id", "INTEGER"),
        ("timestamp", "DATETIME"),
        ("gen_cfg_id", "INTEGER"),
        ("exec_cfg_id", "INTEGER"),
        ("n", "INTEGER"),
        ("f", "REAL"),
        ("t", "TEXT"),
        ("none", "BLOB"),
        ("a.b[0]", "INTEGER"),
        ("run", "INTEGER"),
        ("result.task_status", "TEXT"),
        ("result.summary", "TEXT"),
        ("result.payload", "BLOB"),
        ("result.impl_schemas", "TEXT"),
        ("valid_flag", "INTEGER"),
        ("new", "REAL"),
    ]
    header = ["id", "title", "experiment", "run", "date", "lute_version", "task_timeout"]
    assert [name for name, _ in columns(new_database, "gen_cfg")] == header
    assert [name for name, _ in columns(new_database, "exec_cfg")] == [
        "id",
        "env",
        "poll_interval",
        "communicator_desc",
    ]
    kept = "SELECT title, experiment, run, date, lute_version, task_timeout FROM gen_cfg"
    assert rows(new_database, kept) == [("Lysozyme", "mfxl1038923", "12", "2024/02/12", 0.1, 600)]
    assert rows(new_database, "PRAGMA user_version") == [(0,)]
    assert rows(new_database, "PRAGMA journal_mode") == [("delete",)]
    assert "AUTOINCREMENT" in rows(new_database, "SELECT sql FROM sqlite_master WHERE name = 'FindPeaks'")[0][0]
    assert stat.S_IMODE(new_database.stat().st_mode) == 0o664
    assert not list(new_database.parent.glob("lute.db?*"))


def test_side_tables_hold_nothing_the_original_viewer_dies_on(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"s": "[/x]", "é[0]": ["[b]"]}, header={"beamline": "[x]"}))
        recorder.invalidate("FindPeaks", [1], "[red] bad")
    for table in ("_rec_entry", "_rec_meta", "_rec_shared", "_rec_validity"):
        text = repr(rows(new_database, f"SELECT * FROM {table}"))
        assert text.isascii()
        assert "[" not in text[1:-1]


def test_the_originals_statements_work_on_a_file_of_ours(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis("Test", parameters={"x": 1, "a": {"b": "t"}}))
        recorder.record(analysis("Test", parameters={"x": 1, "later": 2}))
    names = '"gen_cfg_id","exec_cfg_id","x","a.b","result.task_status","valid_flag"'
    rows(new_database, f"INSERT INTO Test ({names}) VALUES (?, ?, ?, ?, ?, ?)", 1, 1, 5, "theirs", "COMPLETED", 1)
    rows(new_database, 'ALTER TABLE Test ADD COLUMN "their new" TEXT')
    assert rows(new_database, 'SELECT gen_cfg_id,"a.b" FROM Test WHERE valid_flag = 1')[-1] == (1, "theirs")
    assert rows(new_database, "SELECT id FROM gen_cfg WHERE run = 12") == [(1,)]
    with Recorder(new_database) as recorder:
        assert recorder.latest("Test", "a.b") == "theirs"
        assert recorder.record(analysis("Test", parameters={"their new": 7})) == Recorded("Test", 4)
        assert recorder.latest("Test", "their new") == "7"
        assert recorder.read("Test", 3).key is None


def test_recording_goes_on_in_a_file_the_original_wrote(sample: Callable[[str], Path]) -> None:
    path = sample("lute-v01.db")
    before = {name: rows(path, f'SELECT * FROM "{name}"') for (name,) in rows(path, "SELECT name FROM sqlite_master")}
    shape = columns(path, "FindPeaksPyAlgos")
    with Recorder(path) as recorder:
        stored = recorder.read("FindPeaksPyAlgos", 13)
        header = dict(stored.header)
        cfg = analysis("FindPeaksPyAlgos", {"n_events": 7, "compression": {"compressor": "qoz"}}, header=header)
        cfg.task_env = dict(part.partition("=")[::2] for part in str(stored.executor["env"]).split(";"))
        cfg.communicator_desc = str(stored.executor["communicator_desc"]).split(";")
        cfg.poll_interval = stored.executor["poll_interval"]
        assert recorder.record(cfg) == Recorded("FindPeaksPyAlgos", 14)
        assert recorder.latest("FindPeaksPyAlgos", "compression.compressor", run=21) == "qoz"
        assert recorder.latest("FindPeaksPyAlgos", "n_events", run="12", experiment="mfxl1038923") is not None
    assert columns(path, "FindPeaksPyAlgos") == shape
    ids = rows(path, "SELECT gen_cfg_id, exec_cfg_id FROM FindPeaksPyAlgos WHERE id IN (13, 14)")
    assert ids[0] == ids[1]
    for name, held in before.items():
        if name != "sqlite_sequence":
            assert rows(path, f'SELECT * FROM "{name}"')[: len(held)] == held


# Shared rows


def test_shared_rows_are_found_exactly(new_database: Path) -> None:
    titles = ["10 keV beam", "10%", "MFXL1", "mfxl1", "it's", "_", "x", "", "10%", "it's", "MFXL1", "", "x" * 50_000]
    with Recorder(new_database) as recorder:
        for title in [*titles, *titles]:
            recorder.record(analysis(header={"title": title}))
    assert headers(new_database) == list(dict.fromkeys(titles))
    linked = rows(new_database, "SELECT title FROM FindPeaks t JOIN gen_cfg g ON g.id = t.gen_cfg_id ORDER BY t.id")
    assert [title for (title,) in linked] == [*titles, *titles]


def test_a_run_or_interval_of_another_type_is_the_same_row(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        for run, interval, version in ((12, 1, 1), ("12", 1.0, "1.0"), (12, 1, 1.0)):
            cfg = analysis(header={"run": run, "lute_version": version, "task_timeout": "600"})
            cfg.poll_interval = interval
            recorder.record(cfg)
    assert len(headers(new_database)) == 1
    assert rows(new_database, "SELECT poll_interval FROM exec_cfg") == [(1.0,)]


def test_rows_that_others_added_meanwhile_are_shared(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis())
        rows(
            new_database,
            "INSERT INTO gen_cfg(title, experiment, run, date, lute_version, task_timeout) VALUES (?, ?, ?, ?, ?, ?)",
            *("Theirs", "mfxl1038923", 12, "2024/02/12", 0.1, 600),
        )
        recorder.record(analysis(header={"title": "Theirs"}))
        rows(new_database, "UPDATE gen_cfg SET title = 'altered' WHERE id = 1")
        recorder.record(analysis())
    assert headers(new_database) == ["altered", "Theirs", "Lysozyme"]


# All or nothing


def test_a_failure_in_the_middle_leaves_nothing(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    rows(new_database, "CREATE TRIGGER stop BEFORE INSERT ON _rec_entry BEGIN SELECT RAISE(ABORT, 'stopped'); END")
    before = dump(new_database)
    storage = SqliteStorage(new_database)
    with pytest.raises(StorageFailed, match="stopped"):
        storage.store([accept(analysis("Other", {"x": 1, "new": 2}, header={"title": "new"}))])
    assert dump(new_database) == before
    rows(new_database, "DROP TRIGGER stop")
    assert storage.store([accept(analysis("Other", {"x": 1, "new": 2}))])[0].id == 1
    storage.close()


def test_every_error_of_sqlite_is_one_of_ours(new_database: Path) -> None:
    for code in [*_ERRORS, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_TOOBIG]:
        error = sqlite3.OperationalError("words")
        error.sqlite_errorcode = code | 1 << 8
        ours = translated(error, new_database)
        assert isinstance(ours, RecorderError)
        assert "words" in str(ours)
        assert str(new_database) in str(ours)
    assert isinstance(translated(sqlite3.ProgrammingError("closed"), new_database), StorageFailed)
    assert _ERRORS[sqlite3.SQLITE_READONLY][0] is PermissionDenied


def test_a_plain_namespace_is_enough(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        assert recorder.record(SimpleNamespace()) == Recorded("unnamed", 1)

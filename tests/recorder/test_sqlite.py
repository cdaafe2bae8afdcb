"""The file itself: layout v0.1 as other programs expect it, whatever is thrown at it."""

from __future__ import annotations

import collections
import contextlib
import datetime
import enum
import logging
import math
import pathlib
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from recorder import NotADatabase, PermissionDenied, Recorded, Recorder, RecorderError, StorageFailed, UnsupportedLayout
from recorder.accept import accept
from recorder.storage.connection import _ERRORS, translated
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import ENVIRONMENT, analysis


def rows(path: Path, sql: str, *bound: Any) -> list[tuple[Any, ...]]:
    """Return what a statement of another program gives."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(sql, bound).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def dump(path: Path) -> list[str]:
    """Return everything in a database as text."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


def columns(path: Path, table: str) -> list[tuple[str, str]]:
    return [(name, declared) for _, name, declared, *_ in rows(path, f'PRAGMA table_info("{table}")')]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "lute.db"


# Layout v0.1


def test_a_file_of_ours_is_layout_v01_column_for_column(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"n": 1, "f": 0.5, "t": "x", "none": None, "a": {"b": [True]}, "run": 3}))
        recorder.record(analysis(parameters={"n": 1, "new": 2.5}))
    assert columns(database, "FindPeaks") == [
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
    assert [name for name, _ in columns(database, "gen_cfg")] == header
    assert [name for name, _ in columns(database, "exec_cfg")] == ["id", "env", "poll_interval", "communicator_desc"]
    kept = "SELECT title, experiment, run, date, lute_version, task_timeout FROM gen_cfg"
    assert rows(database, kept) == [("Lysozyme", "mfxl1038923", "12", "2024/02/12", 0.1, 600)]
    assert rows(database, "PRAGMA user_version") == [(0,)]
    assert rows(database, "PRAGMA journal_mode") == [("delete",)]
    assert "AUTOINCREMENT" in rows(database, "SELECT sql FROM sqlite_master WHERE name = 'FindPeaks'")[0][0]
    assert stat.S_IMODE(database.stat().st_mode) == 0o664
    assert not list(database.parent.glob("lute.db?*"))


def test_side_tables_hold_nothing_the_original_viewer_dies_on(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"s": "[/x]", "é[0]": ["[b]"]}, header={"beamline": "[x]"}))
        recorder.invalidate("FindPeaks", [1], "[red] bad")
    for table in ("_rec_entry", "_rec_meta", "_rec_shared", "_rec_validity"):
        text = repr(rows(database, f"SELECT * FROM {table}"))
        assert text.isascii()
        assert "[" not in text[1:-1]


def test_the_originals_statements_work_on_a_file_of_ours(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis("Test", parameters={"x": 1, "a": {"b": "t"}}))
        recorder.record(analysis("Test", parameters={"x": 1, "later": 2}))
    names = '"gen_cfg_id","exec_cfg_id","x","a.b","result.task_status","valid_flag"'
    rows(database, f"INSERT INTO Test ({names}) VALUES (?, ?, ?, ?, ?, ?)", 1, 1, 5, "theirs", "COMPLETED", 1)
    rows(database, 'ALTER TABLE Test ADD COLUMN "their new" TEXT')
    assert rows(database, 'SELECT gen_cfg_id,"a.b" FROM Test WHERE valid_flag = 1')[-1] == (1, "theirs")
    assert rows(database, "SELECT id FROM gen_cfg WHERE run = 12") == [(1,)]
    with Recorder(database) as recorder:
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


def headers(path: Path) -> list[str]:
    return [title for (title,) in rows(path, "SELECT title FROM gen_cfg ORDER BY id")]


def test_shared_rows_are_found_exactly(database: Path) -> None:
    titles = ["10 keV beam", "10%", "MFXL1", "mfxl1", "it's", "_", "x", "", "10%", "it's", "MFXL1", "", "x" * 50_000]
    with Recorder(database) as recorder:
        for title in [*titles, *titles]:
            recorder.record(analysis(header={"title": title}))
    assert headers(database) == list(dict.fromkeys(titles))
    linked = rows(database, "SELECT title FROM FindPeaks t JOIN gen_cfg g ON g.id = t.gen_cfg_id ORDER BY t.id")
    assert [title for (title,) in linked] == [*titles, *titles]


def test_a_run_or_interval_of_another_type_is_the_same_row(database: Path) -> None:
    with Recorder(database) as recorder:
        for run, interval, version in ((12, 1, 1), ("12", 1.0, "1.0"), (12, 1, 1.0)):
            cfg = analysis(header={"run": run, "lute_version": version, "task_timeout": "600"})
            cfg.poll_interval = interval
            recorder.record(cfg)
    assert len(headers(database)) == 1
    assert rows(database, "SELECT poll_interval FROM exec_cfg") == [(1.0,)]


def test_rows_that_others_added_meanwhile_are_shared(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis())
        rows(
            database,
            "INSERT INTO gen_cfg(title, experiment, run, date, lute_version, task_timeout) VALUES (?, ?, ?, ?, ?, ?)",
            *("Theirs", "mfxl1038923", 12, "2024/02/12", 0.1, 600),
        )
        recorder.record(analysis(header={"title": "Theirs"}))
        rows(database, "UPDATE gen_cfg SET title = 'altered' WHERE id = 1")
        recorder.record(analysis())
    assert headers(database) == ["altered", "Theirs", "Lysozyme"]


# What the original loses


class Colour(enum.Enum):
    RED = "red"


class Inner(BaseModel):
    x: int = 1


class Strange:
    def __str__(self) -> str:
        return "strange"


HOSTILE_VALUES: dict[str, Any] = {
    "dict": {"a": {"b": {}}},
    "list": [[1, 2], [], {"k": [3]}],
    "models": [Inner(), Inner(x=2)],
    "path": pathlib.Path("/a/b"),
    "enum": Colour.RED,
    "set": {3, 1},
    "complex": 1 + 2j,
    "large": 2**70,
    "surrogate": "a\ud800b",
    "nul": "a\x00b",
    "nan": math.nan,
    "infinite": -math.inf,
    "bytes": b"\x00\xff",
    "time": datetime.datetime(2024, 2, 12, tzinfo=datetime.UTC),
    "object": Strange(),
    "function": len,
    "deque": collections.deque([1, 2]),
    "ints as keys": {1: "a", "1": "b"},
    "markup": "[/x] '; DROP TABLE gen_cfg; --",
}


@pytest.mark.parametrize("name", HOSTILE_VALUES)
def test_a_hostile_value_is_stored(database: Path, name: str) -> None:
    value = HOSTILE_VALUES[name]
    with Recorder(database) as recorder:
        cfg = analysis(parameters={"x": value, "after": 1}, summary=value, payload=value, impl_schemas=value)
        cfg.communicator_desc = [value]
        cfg.task_parameters["lute_config"]["title"] = value
        assert recorder.record(cfg) == Recorded("FindPeaks", 1)
        assert recorder.read("FindPeaks", 1).exact == accept(cfg).parameters
        assert recorder.latest("FindPeaks", "after") == 1


@pytest.mark.parametrize("value", ["it's", "a\ud800\x00", "y" * 50_000, 7, None, "b;LUTE_C=d"])
def test_a_hostile_environment_is_stored(database: Path, value: Any) -> None:
    with Recorder(database) as recorder:
        assert recorder.record(analysis(environment={"LUTE_X": value, **ENVIRONMENT})) == Recorded("FindPeaks", 1)


HOSTILE_NAMES = ["id", "ID", "timestamp", "valid_flag", "gen_cfg_id", "exec_cfg_id", "result.payload", "_rec_surplus"]
HOSTILE_NAMES += [
    "a",
    "A",
    'say "hi"',
    "",
    "select",
    "a b",
    "x\x00",
    "\ud800",
    "rowid",
    "x[0]",
    "é",
    "É",
    "id~1",
    "$x",
    ";",
]


def test_hostile_parameter_names_are_stored_together_and_again(database: Path) -> None:
    for offset in (0, 100):
        with Recorder(database) as recorder:
            recorder.record(analysis(parameters={name: offset + i for i, name in enumerate(HOSTILE_NAMES)}))
    with Recorder(database) as recorder:
        for i, name in enumerate(HOSTILE_NAMES):
            assert recorder.latest("FindPeaks", name) == 100 + i, name
    assert len(columns(database, "FindPeaks")) == 9 + len(HOSTILE_NAMES)


def test_a_name_that_differs_in_case_later_gets_a_column_of_its_own(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"tag": 1}))
        recorder.record(analysis(parameters={"Tag": 2}))
        assert recorder.read("FindPeaks", 2).parameters == {"tag": None, "Tag": 2}


@pytest.mark.parametrize(
    ("task", "table"),
    [
        ("Order", "Order"),
        ("My-Task", "My-Task"),
        ("a b[/x]", "a b[/x]"),
        ("sqlite_x", "~u0073qlite_x"),
        ("gen_cfg", "~u0067en_cfg"),
        ("EXEC_CFG", "~u0045XEC_CFG"),
        ("_rec_x", "~u005frec_x"),
        ("findpeaks", "findpeaks~1"),
        ("taken", "taken~1"),
        ('x"; DROP TABLE gen_cfg; --', 'x"; DROP TABLE gen_cfg; --'),
    ],
)
def test_a_hostile_task_name_is_stored(database: Path, task: str, table: str) -> None:
    rows(database, "CREATE TABLE other(x)")
    rows(database, "CREATE INDEX Taken ON other(x)")
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        for number in (1, 2):
            assert recorder.record(analysis(task, parameters={"x": number})) == Recorded(task, number)
        assert recorder.latest(task, "x") == 2
        assert recorder.latest("FindPeaks", "x") == 1
        recorder.invalidate(task, [2])
        assert recorder.latest(task, "x") == 1
    assert len(rows(database, f'SELECT * FROM "{table.replace(chr(34), chr(34) * 2)}"')) == 2
    assert len(headers(database)) == 1


def test_parameters_beyond_the_column_limit_are_stored(database: Path) -> None:
    many = {f"p{i}": i for i in range(2500)}
    with Recorder(database) as recorder:
        assert recorder.record(analysis("Wide", many)) == Recorded("Wide", 1)
        assert recorder.record(analysis("Wide", {"p2499": "y", "late": [1]})) == Recorded("Wide", 2)
        assert recorder.latest("Wide", "p2499") == "y"
        assert recorder.latest("Wide", "late[0]") == 1
        assert recorder.latest("Wide", "p0") is None
        assert recorder.read("Wide", 1).parameters | {"late[0]": None} == {**many, "late[0]": None}
        for i in range(0, 3000, 300):
            recorder.record(analysis("Growing", {f"q{j}": j for j in range(i, i + 300)}))
        assert recorder.latest("Growing", "q2999") == 2999
    assert len(columns(database, "Wide")) == len(columns(database, "Growing")) == 2000


def test_affinity_changes_a_cell_but_not_what_is_kept_beside(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        recorder.record(analysis(parameters={"x": "007"}))
        read = recorder.read("FindPeaks", 2)
    assert (read.parameters["x"], read.exact) == (7, {"x": "007"})


def test_secrets_never_reach_the_file(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(environment={"SLURM_JWT": "hush-1", "MY_LUTE_TOKEN": "hush-2", "LUTE_PATH": "/x"}))
    assert b"hush" not in database.read_bytes()
    assert rows(database, "SELECT env FROM exec_cfg") == [("SLURM_JWT=***;MY_LUTE_TOKEN=***;LUTE_PATH=/x",)]


# Files in other states


def test_a_wal_file_is_left_in_its_mode(database: Path) -> None:
    rows(database, "PRAGMA journal_mode = WAL")
    with Recorder(database) as recorder:
        assert recorder.record(analysis()) == Recorded("FindPeaks", 1)
    assert rows(database, "PRAGMA journal_mode") == [("wal",)]


def test_a_newer_side_layout_is_never_refused(database: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    rows(database, "UPDATE _rec_meta SET value = '99' WHERE key = 'side_layout'")
    rows(database, "DROP TABLE _rec_shared")
    rows(database, "ALTER TABLE _rec_entry ADD COLUMN owner TEXT NOT NULL DEFAULT 'new'")
    entry = accept(analysis(parameters={"x": 2, "y": 3}))
    with caplog.at_level(logging.WARNING, "recorder"), Recorder(database) as recorder:
        assert recorder.store(entry) == Recorded("FindPeaks", 2)
        assert recorder.store(entry) == Recorded("FindPeaks", 2)
        assert recorder.latest("FindPeaks", "y") == 3
    assert "layout 99" in caplog.text
    assert len(headers(database)) == 1
    assert ("_rec_shared",) not in rows(database, "SELECT name FROM sqlite_master")


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
    database: Path, caplog: pytest.LogCaptureFixture, definitions: list[str]
) -> None:
    for definition in definitions:
        rows(database, definition)
    with Recorder(database) as recorder:
        for number in (1, 2):
            assert recorder.record(analysis(parameters={"x": number})) == Recorded("FindPeaks", number)
        assert recorder.latest("FindPeaks", "x") == 2
        recorder.invalidate("FindPeaks", [2])
        assert recorder.latest("FindPeaks", "x") == 1
        assert recorder.read("FindPeaks", 1).parameters == {"x": 1}
        assert recorder.status().counts[0].valid == 1
    assert len(headers(database)) == 1
    assert caplog.text.count("only the tables of v0.1 are written") == 1


@pytest.mark.parametrize("change", ["DROP TABLE FindPeaks", "ALTER TABLE FindPeaks RENAME TO Peaks", "recreated"])
def test_a_table_that_somebody_took_away_costs_no_later_entry(database: Path, change: str) -> None:
    with Recorder(database) as recorder:
        for number in (1, 2):
            recorder.record(analysis(parameters={"x": number}))
        recorder.invalidate("FindPeaks", [1], "beam was off")
        if change == "recreated":
            ((definition,),) = rows(database, "SELECT sql FROM sqlite_master WHERE name = 'FindPeaks'")
            rows(database, "DROP TABLE FindPeaks")
            rows(database, definition)
        else:
            rows(database, change)
        for number in (1, 2, 3):
            entry = accept(analysis(parameters={"x": f"new {number}"}))
            assert recorder.store(entry) == recorder.store(entry) == Recorded("FindPeaks", number)
            assert recorder.read("FindPeaks", number).key == entry.key
    assert rows(database, "SELECT * FROM _rec_validity") == []


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
def test_a_shared_name_that_stands_for_something_else_is_refused_by_name(database: Path, definition: str) -> None:
    rows(database, definition)
    storage = SqliteStorage(database)
    with pytest.raises(UnsupportedLayout, match=r"(?i)lute\.db: .*gen_cfg"):
        storage.store([accept(analysis())])
    storage.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 40, b"SQLite format 3\x00" + b"x" * 99]
)
def test_what_is_no_database_is_refused_and_left_alone(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    storage = SqliteStorage(database)
    with pytest.raises(NotADatabase, match=r"lute\.db"):
        storage.store([accept(analysis())])
    storage.close()
    assert database.read_bytes() == content


def test_an_odd_file_name_is_no_uri(tmp_path: Path) -> None:
    path = tmp_path / "run#3?mode=memory%20.db"
    with Recorder(path) as recorder:
        recorder.record(analysis())
    assert path.is_file()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_in_the_middle_leaves_nothing(database: Path) -> None:
    with Recorder(database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    rows(database, "CREATE TRIGGER stop BEFORE INSERT ON _rec_entry BEGIN SELECT RAISE(ABORT, 'stopped'); END")
    before = dump(database)
    storage = SqliteStorage(database)
    with pytest.raises(StorageFailed, match="stopped"):
        storage.store([accept(analysis("Other", {"x": 1, "new": 2}, header={"title": "new"}))])
    assert dump(database) == before
    rows(database, "DROP TRIGGER stop")
    assert storage.store([accept(analysis("Other", {"x": 1, "new": 2}))])[0].id == 1
    storage.close()


def test_every_error_of_sqlite_is_one_of_ours(database: Path) -> None:
    for code in [*_ERRORS, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_TOOBIG]:
        error = sqlite3.OperationalError("words")
        error.sqlite_errorcode = code | 1 << 8
        ours = translated(error, database)
        assert isinstance(ours, RecorderError)
        assert "words" in str(ours)
        assert str(database) in str(ours)
    assert isinstance(translated(sqlite3.ProgrammingError("closed"), database), StorageFailed)
    assert _ERRORS[sqlite3.SQLITE_READONLY][0] is PermissionDenied


def test_a_plain_namespace_is_enough(database: Path) -> None:
    with Recorder(database) as recorder:
        assert recorder.record(SimpleNamespace()) == Recorded("unnamed", 1)

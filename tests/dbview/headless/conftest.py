"""Run the command line as a person or a script does, on small databases of the v0.1 layout."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dbview.cli import main
from tests.dbview.database import Database

ROOT = Path(__file__).parents[3]
DBVIEW = (sys.executable, "-m", "dbview")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_dbview(*arguments: object, directory: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run one command line in a process of its own."""
    command = [*DBVIEW, *map(str, arguments)]
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 600, **options}
    return subprocess.run(command, cwd=directory, env=ENVIRONMENT, text=True, encoding="utf-8", **options)


class Answer(NamedTuple):
    """What a command line run in this process gave."""

    code: int
    out: str
    err: str


def answer(*arguments: object) -> Answer:
    """Run one command line in this process: quicker, for what does not need one of its own."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Answer(code, out.getvalue(), err.getvalue())


def json_rows(*arguments: object) -> list[Any]:
    """Return the objects that a command line writes, one a line."""
    command, *rest = arguments
    got = answer(command, "--format", "jsonl", *rest)
    assert got.code == 0, got.err
    return [json.loads(line) for line in got.out.splitlines()]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A database with one Task of five entries, one of them with everything an entry can have."""
    database = Database(tmp_path / "lute.db")
    environment = "SLURM_JOB_ID=48210874;SLURM_JWT=eyJhbGciOi;LUTE_PATH=/opt/lute"
    database.insert("gen_cfg", {"title": "Lysozyme", "experiment": "mfx100", "run": "12", "task_timeout": 600})
    database.insert("gen_cfg", {"title": "Lysozyme", "experiment": "mfx100", "run": "9"})
    database.insert("exec_cfg", {"env": environment, "poll_interval": 0.05, "communicator_desc": "Pipe;Socket"})
    common = {"gen_cfg_id": 1, "exec_cfg_id": 1, "timestamp": "2024-02-14 12:33:40"}
    entries: list[dict[str, Any]] = [
        {**common, "result.task_status": "COMPLETED", "valid_flag": 1, "son_min": 7.0, "run": 5},
        {**common, "result.task_status": "COMPLETED", "valid_flag": 0, "son_min": 10.0},
        {**common, "result.task_status": "FAILED", "valid_flag": 0, "gen_cfg_id": 2},
        {**common, "result.task_status": "TIMEDOUT", "valid_flag": None, "cell.name": "lyso \x1b]0;x\x07"},
        {
            **common,
            "timestamp": "2024-02-14 13:00:00",
            "result.task_status": "COMPLETED",
            "result.summary": "Number of hits found: 812;Fractional hit rate: 0.05",
            "result.payload": '{"peaks": [1, 2.5], "ok": true}',
            "result.impl_schemas": "peaks;",
            "valid_flag": 0,
            "son_min": float("inf"),
            "run": 3,
            "cell.name": "lyso",
            "cell.axes[0]": 79.0,
            "cell.axes[1]": 38.0,
        },
    ]
    types = {"son_min": "REAL", "run": "INTEGER", "cell.name": "TEXT", "cell.axes[0]": "REAL", "cell.axes[1]": "REAL"}
    database.task("FindPeaks", types, entries)
    database.connection.execute(
        "CREATE TABLE _rec_validity(id INTEGER PRIMARY KEY, task TEXT, entry_id INTEGER, valid INTEGER, "
        "changed_at TEXT, changed_by TEXT, reason TEXT)"
    )
    database.execute(
        "INSERT INTO _rec_validity VALUES (1, 'FindPeaks', 5, 0, '2024-02-15 09:00:00', 'opr', ?)",
        ('"attenuator was left in"',),
    )
    database.connection.close()
    return database.path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A database whose one table takes far more than a pipe holds."""
    path = tmp_path / "large.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE numbers(id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO numbers VALUES (?, ?)", ((number, "x" * 100) for number in range(30_000)))
    return path


def snapshot(directory: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return name, content, mode and time of change of everything in a directory."""
    return {
        file.name: (file.read_bytes() if file.is_file() else b"", file.lstat().st_mode, file.lstat().st_mtime_ns)
        for file in directory.iterdir()
    }

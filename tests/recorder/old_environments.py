"""Environments that cannot take the recorder's dependencies: old versions of Python, and rows to compare."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from recorder import Recorder, emit
from recorder.layout.tables import quote
from tests.recorder import old_executor

OLDEST = (3, 8)
COMMAND = f"{sys.executable} -m recorder.cli"
"""The command of the recorder, as ``RECORDER_COMMAND`` names it."""

# What two recordings of the same differ in: the moment, the key, the process and hashes of these.
_VARYING = {"timestamp", "key", "recorded_at", "started_at", "pid", "hash"}


@functools.cache
def pythons() -> list[str]:
    """Return one Python of each version from 3.8 on that is here, the oldest first; at least that of the tests."""
    candidates = [shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], sys.version_info.minor)]
    candidates += [str(path) for path in (Path.home() / ".pyenv" / "versions").glob("3.*/bin/python")]
    found = {version: path for path in candidates if path and (version := _version(path)) >= OLDEST}
    found[sys.version_info[:2]] = sys.executable
    return [found[version] for version in sorted(found)]


def oldest_python() -> str:
    """Return the oldest Python from 3.8 on that is here."""
    return pythons()[0]


def _version(python: str) -> tuple[int, ...]:
    code = "import sys, sqlite3; print(*sys.version_info[:2])"
    ended = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return tuple(map(int, re.findall(r"\d+", ended.stdout))) if ended.returncode == 0 else (0, 0)


def rows(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all tables, without what no two recordings have in common."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [
                {name: row[name] for name in row.keys() if name not in _VARYING}  # noqa: SIM118 - a Row is no mapping
                for row in connection.execute(f"SELECT * FROM {quote(table)} ORDER BY rowid")
            ]
            for table in tables
        }


def assert_same_rows(python: str, kind: str, directory: Path) -> None:
    """Record with another Python and one copied file, and with the recorder itself: the rows must be the same."""
    program, far, near = directory / "program", directory / "far", directory / "near"
    for made in (program, far, near):
        made.mkdir(parents=True)
    for module in (emit, old_executor):
        shutil.copy(str(module.__file__), program)
    ended = subprocess.run(
        [python, "-OB", "-W", "error", str(program / "old_executor.py"), str(far), kind],
        env={**os.environ, "RECORDER_COMMAND": COMMAND},
        capture_output=True,
        text=True,
    )
    if ended.returncode or ended.stderr:
        raise AssertionError(ended.stderr)
    with Recorder(near) as recorder:
        recorder.record(old_executor.KINDS[kind](), return_code=0, output="done")
    found, expected = rows(far / "lute.db"), rows(near / "lute.db")
    if found != expected:
        raise AssertionError(f"{found}\n\nis not\n\n{expected}")

"""Environments that cannot take the recorder's dependencies: the oldest Python that is here, and rows to compare."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from recorder.layout.tables import quote

OLDEST = (3, 8)
COMMAND = f"{sys.executable} -m recorder.cli"
"""The command of the recorder, as ``RECORDER_COMMAND`` names it."""

# What two recordings of the same differ in: the moment, the key, the process and hashes of these.
_VARYING = {"timestamp", "key", "recorded_at", "started_at", "pid", "hash"}


@functools.cache
def oldest_python() -> str:
    """Return the oldest Python from 3.8 on that runs; that of the tests, if there is no older one."""
    found = [shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], sys.version_info.minor)]
    found += [str(path) for path in (Path.home() / ".pyenv" / "versions").glob("3.*/bin/python")]
    versions = {version: path for path in found if path and (version := _version(path)) >= OLDEST}
    return versions[min(versions)] if versions else sys.executable


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

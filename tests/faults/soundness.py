"""Say what is wrong with a database: what no kill, full disk or race may ever leave behind."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from recorder import Recorder
from recorder.layout import tables
from recorder.layout.tables import quote


def recorded(path: Path, task: str = "FindPeaks", parameter: str = "x") -> Counter[object]:
    """Return how often each value of a parameter is in a Task's table; nothing if there is no such table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        if task not in _tables(connection):
            return Counter()
        return Counter(value for (value,) in connection.execute(f"SELECT {quote(parameter)} FROM {quote(task)}"))


def faults(path: Path) -> list[str]:
    """Return what is wrong with a database, in words: damage, orphans, half entries, shared rows that exist twice."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(_faults(connection))


def faults_in_the_end(path: Path) -> list[str]:
    """Return also what ``recorder check`` finds: nothing may wait any more, and nothing be left over."""
    return [*faults(path), *(str(finding) for finding in Recorder(path).check())]


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    for (words,) in connection.execute("PRAGMA integrity_check"):
        if words != "ok":
            yield f"damaged: {words}"
    names = _tables(connection)
    tasks = [name for name in names if tables.is_task_table(_columns(connection, name))]
    for shared, columns in tables.SHARED_TABLES.items():
        if shared not in names:
            continue
        cells = ", ".join(columns)
        for row in connection.execute(f"SELECT {cells}, count(*) FROM {shared} GROUP BY {cells} HAVING count(*) > 1"):
            yield f"{shared} holds a row {row[-1]} times: {row[:-1]}"
        used: set[int] = set()
        for task in tasks:
            used |= {row_id for (row_id,) in connection.execute(f"SELECT {shared}_id FROM {quote(task)}")}
        there = {row_id for (row_id,) in connection.execute(f"SELECT id FROM {shared}")}
        if used - there:
            yield f"{shared} lacks rows that entries point to: {sorted(used - there)}"
        if there - used:
            yield f"{shared} has rows that no entry points to: {sorted(there - used)}"
    placed = {place for task in tasks for place in connection.execute(f"SELECT {_text(task)}, id FROM {quote(task)}")}
    noted: list[tuple[str, int]] = []
    if tables.ENTRY in names:
        noted = list(connection.execute(f"SELECT task, id FROM {tables.ENTRY}"))
    for place in sorted(placed.symmetric_difference(noted)):
        yield f"{place} is not both an entry and noted as one"


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({quote(table)})")]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

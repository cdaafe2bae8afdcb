"""Databases in the v0.1 layout, made with plain sqlite3: what the viewer meets in the field."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbview.query.view import SortKey, View
from dbview.source.source import Source
from dbview.source.view.arrange import arrange
from dbview.source.view.snapshot import Snapshot

SHARED = """
CREATE TABLE gen_cfg(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, experiment TEXT, run TEXT, date TEXT,
                     lute_version REAL, task_timeout INTEGER);
CREATE TABLE exec_cfg(id INTEGER PRIMARY KEY AUTOINCREMENT, env TEXT, poll_interval REAL, communicator_desc TEXT);
"""
LEADING = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, "
    "gen_cfg_id INTEGER, exec_cfg_id INTEGER"
)
TRAILING = (
    '"result.task_status" TEXT, "result.summary" TEXT, "result.payload" BLOB, "result.impl_schemas" TEXT, '
    "valid_flag INTEGER"
)


class Database:
    """A database being made for a test."""

    def __init__(self, path: Path, encoding: str = "UTF-8") -> None:
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.execute(f"PRAGMA encoding = '{encoding}'")
        self.connection.executescript(SHARED)

    def task(self, name: str, parameters: Mapping[str, str], entries: Iterable[Mapping[str, Any]]) -> None:
        """Make a Task table with parameters and their types, and store entries."""
        columns = "".join(f', "{column}" {kind}' for column, kind in parameters.items())
        self.connection.execute(f'CREATE TABLE "{name}"({LEADING}{columns}, {TRAILING})')
        for entry in entries:
            self.insert(name, entry)
        self.connection.commit()

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Store one row."""
        columns = ", ".join(f'"{column}"' for column in row)
        values = f"({columns}) VALUES ({', '.join('?' * len(row))})" if row else "DEFAULT VALUES"
        self.connection.execute(f'INSERT INTO "{table}" {values}', tuple(row.values()))

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement and commit."""
        with self.connection:
            return self.connection.execute(sql, values).fetchall()


def keys_of(source: Source, relation: str, filter: str = "", *sort: SortKey) -> list[int]:
    """Return the keys of the rows a filter finds."""
    snapshot = arranged(source, relation, filter, *sort)
    if not snapshot.complete or snapshot.error is not None:
        raise AssertionError(f"the scan of {relation} did not come to its end: {snapshot.error}")
    reader = source.reader()
    try:
        return [row.key for row in snapshot.order.rows(reader, [], 0, snapshot.order.length)]
    finally:
        reader.close()


def arranged(source: Source, relation: str, filter: str = "", *sort: SortKey) -> Snapshot:
    """Return the last snapshot of a View's scan."""
    reader = source.reader(10**9)
    try:
        found = source.relation(relation)
        return arrange(reader, found, View(found.name, filter, sort), lambda snapshot: None, lambda: False)
    finally:
        reader.close()

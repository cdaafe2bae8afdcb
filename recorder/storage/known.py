"""Know where an entry stands whose key is stored already."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from recorder.entry import END, START, Entry
from recorder.layout import tables
from recorder.layout.flatten import unspell
from recorder.layout.tables import quote
from recorder.layout.values import StoredValue
from recorder.storage.base import Recorded
from recorder.storage.completing import is_another_end, of_its_own
from recorder.storage.schema import Schema


@dataclass(frozen=True)
class Known:
    """Where an entry stands whose key is stored already, which stage it has, and its moment."""

    table: str
    id: int
    stage: StoredValue
    recorded_at: StoredValue

    @property
    def recorded(self) -> Recorded:
        """The place as callers are told it."""
        return Recorded(unspell(self.table), self.id)

    def is_completed_by(self, entry: Entry) -> bool:
        """Tell whether this was begun and the entry is its end."""
        return entry.stage == END and self.stage == START

    def is_followed_by(self, entry: Entry) -> bool:
        """Tell whether the entry is another end than that of this one."""
        return is_another_end(entry, self.recorded.task, self.stage, self.recorded_at)


class KnownKeys:
    """Find what is stored under a key, in the side table that a schema has, be it ours or not."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        self._connection = connection
        self._schema = schema
        columns = schema.columns(tables.ENTRY)
        self._are_kept = {"key", "task", "id"} <= set(columns)
        stage, moment = (name if name in columns else "NULL" for name in ("stage", "recorded_at"))
        self._sql = f"SELECT task, id, {stage}, {moment} FROM {tables.ENTRY} WHERE key = ?"

    def find(self, key: str) -> Known | None:
        """Return what has a key, or None."""
        row = self._connection.execute(self._sql, (key,)).fetchone() if self._are_kept else None
        known = None if row is None else Known(*row)
        return replace(known, stage=START) if known is not None and self._is_running(known) else known

    def _is_running(self, known: Known) -> bool:
        """Tell whether an entry is RUNNING of which a side table that is not ours does not say its stage."""
        if known.stage is not None or not tables.is_task_table(self._schema.columns(known.table)):
            return False
        sql = f"SELECT {quote(tables.RESULT_STATUS)} FROM {quote(known.table)} WHERE id = ?"
        row = self._connection.execute(sql, (known.id,)).fetchone()
        return row is not None and row[0] == tables.RUNNING


def find_entry(connection: sqlite3.Connection, schema: Schema, entry: Entry) -> Recorded | None:
    """Return where an entry is that storing again would not change; None if it is not stored so far."""
    keys = KnownKeys(connection, schema)
    known = keys.find(entry.key)
    if known is not None and known.is_followed_by(entry):
        known = keys.find(of_its_own(entry).key)
    return None if known is None or known.is_completed_by(entry) else known.recorded

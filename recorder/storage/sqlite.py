"""Keep entries in a SQLite file of layout v0.1, with side tables of our own."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from sqlite_utils import Database

from recorder.entry import Entry
from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.tagged import side_text, to_json_value
from recorder.layout.values import StoredValue
from recorder.patience import WAIT, Patience
from recorder.storage.base import Found, Recorded, Status, Storage, StoredEntry, TaskCount, ValidityChange, Wanted
from recorder.storage.connection import connect, identity, transaction, translated
from recorder.storage.queue import Queue
from recorder.storage.rows import check_ids, find_latest, parameter_cells, read_entry
from recorder.storage.schema import Schema, schema_version
from recorder.storage.shared_rows import shared_row

_COLUMN_LIMIT = len(tables.LEADING_COLUMNS) + len(tables.TRAILING_COLUMNS) + tables.MAX_PARAMETER_COLUMNS + 1

_log = logging.getLogger("recorder")


class SqliteStorage(Storage):
    """Keep entries in one SQLite file; it is created by the first entry, never by reading.

    Not to be used by two threads at once, nor on both sides of a fork.

    Args:
        path: The database file.
        timeout: Seconds to wait for another process's lock.
    """

    def __init__(self, path: Path, timeout: float = WAIT) -> None:
        self.path = path
        self.timeout = timeout
        self._database: Database | None = None
        self._queue: Queue | None = None
        self._identity: tuple[int, int] | None = None
        self._schema: tuple[int, Schema] | None = None
        self._inserts: dict[tuple[str, ...], str] = {}
        self._warned_of_side_tables = False

    # The contract

    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        """Store entries, all of them or none; return where each is, also one that already was."""
        with self._transaction(patience, writes=True, creates=True) as database:
            schema = self._current_schema(database)
            schema.check_writable()
            schema.ensure_shared_tables()
            is_ours = self._prepare_side_tables(schema)
            stored = [self._store(database, schema, entry, is_ours) for entry in entries]
            self._schema = (schema_version(database), schema)
        return stored

    def _store(self, database: Database, schema: Schema, entry: Entry, is_ours: bool) -> Recorded:
        known = self._find_key(database, schema, entry)
        if known is not None:
            return known
        connection = database.conn
        shared = {
            f"{table}_id": shared_row(connection, table, entry.shared_cells(table), hashed=is_ours)
            for table in tables.SHARED_TABLES
        }
        leaves = entry.parameter_leaves()
        limit = min(_COLUMN_LIMIT, connection.getlimit(sqlite3.SQLITE_LIMIT_COLUMN))
        declared = {name: column for name, (_, column) in leaves.items()}
        task_table = schema.ensure_task_table(entry.task, declared, limit)
        cells = shared | parameter_cells(task_table, leaves) | entry.result_cells()
        row_id = self._insert(connection, task_table.name, cells)
        if is_ours:
            _forget_predecessor(connection, task_table.name, row_id)
        side_cells = self._side_cells(task_table.name, row_id, entry)
        self._keep_beside(connection, schema, tables.ENTRY, side_cells, is_ours)
        return Recorded(entry.task, row_id)

    def latest(self, wanted: Wanted) -> Found | None:
        """Return the value of the newest entry, that of the greatest (timestamp, id); None if no entry matches."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            return find_latest(database, schema, schema.task_table(wanted.task), wanted)

    def set_validity(self, task: str, ids: Sequence[int], change: ValidityChange) -> None:
        """Mark entries as valid or not, all of them or none."""
        with self._transaction(writes=True) as database:
            schema = self._current_schema(database)
            table = schema.task_table(task)
            check_ids(database, table, task, ids)
            is_ours = self._prepare_side_tables(schema)
            at = change.at.isoformat(timespec="seconds")
            sql = f"UPDATE {quote(table.name)} SET {tables.VALID_FLAG} = ? WHERE id = ?"
            for row_id in ids:
                database.execute(sql, (int(change.valid), row_id))
                cells: dict[str, StoredValue] = {
                    "task": table.name,
                    "entry_id": row_id,
                    "valid": int(change.valid),
                    "changed_at": at,
                    "changed_by": side_text(to_json_value(change.by)),
                    "reason": None if change.reason is None else side_text(to_json_value(change.reason)),
                }
                self._keep_beside(database.conn, schema, tables.VALIDITY, cells, is_ours)

    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            table = schema.task_table(task)
            check_ids(database, table, task, [entry_id])
            return read_entry(database, schema, table, entry_id)

    def status(self) -> Status:
        """Return which Tasks have been recorded, and how often."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            counts = []
            for task, table in sorted(schema.task_tables().items()):
                row = database.execute(
                    f"SELECT count(*), coalesce(sum({tables.VALID_FLAG} = 1), 0) FROM {quote(table.name)}"
                ).fetchone()
                counts.append(TaskCount(task, row[0], row[1]))
            return Status(schema.side_layout(), tuple(counts))

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        database, queue = self._database, self._queue
        self._database = self._queue = self._schema = None
        if queue is not None:
            queue.close()
        if database is not None:
            database.close()

    # Connection and schema

    @contextlib.contextmanager
    def _transaction(
        self, patience: Patience | None = None, *, writes: bool = False, creates: bool = False
    ) -> Iterator[Database]:
        """Run a block as one transaction; after a failure nothing is kept of the connection or of what it knew."""
        patience = patience or Patience(self.timeout)
        try:
            if self._identity is None or identity(self.path) != self._identity:
                self.close()  # someone moved the file away: what we wrote to it now would be lost
            if self._database is None:
                self._database = connect(self.path, patience, create=creates)
                self._identity = identity(self.path)
                # One queue a file, whatever links lead to it.
                self._queue = Queue(self.path.resolve())
            with transaction(self._database.conn, patience, self._queue if writes else None):
                yield self._database
        except sqlite3.Error as error:
            self._fail(error)
        except BaseException:
            self.close()
            raise

    def _fail(self, error: sqlite3.Error) -> NoReturn:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            self.close()
        raise translated(error, self.path) from error

    def _current_schema(self, database: Database) -> Schema:
        version = schema_version(database)
        if self._schema is None or self._schema[0] != version:
            self._schema = (version, Schema(database, self.path))
        return self._schema[1]

    def _prepare_side_tables(self, schema: Schema) -> bool:
        """Create the side tables that are missing; warn and return False if those that are there are not ours."""
        fault = schema.side_fault()
        if fault is None:
            schema.ensure_side_tables()
        elif not self._warned_of_side_tables:
            self._warned_of_side_tables = True
            _log.warning(
                "%s: %s: only the tables of v0.1 are written, and the entry's key where it has its place. Update the "
                "recorder, or drop that table if no recorder made it",
                self.path,
                fault,
            )
        return fault is None

    # Rows

    def _find_key(self, database: Database, schema: Schema, entry: Entry) -> Recorded | None:
        if not {"key", "id"} <= set(schema.columns(tables.ENTRY)):
            return None
        row = database.execute(f"SELECT id FROM {tables.ENTRY} WHERE key = ?", (entry.key,)).fetchone()
        return None if row is None else Recorded(entry.task, row[0])

    def _insert(self, connection: sqlite3.Connection, table: str, cells: dict[str, StoredValue]) -> int:
        """Insert a row with our own statement: sqlite-utils' insert costs several times as much on this hot path."""
        shape = (table, *cells)
        if shape not in self._inserts:
            names, places = ", ".join(map(quote, cells)), ", ".join("?" * len(cells))
            self._inserts[shape] = f"INSERT INTO {quote(table)}({names}) VALUES ({places})"
        return int(connection.execute(self._inserts[shape], tuple(cells.values())).lastrowid or 0)

    def _keep_beside(
        self, connection: sqlite3.Connection, schema: Schema, table: str, cells: dict[str, StoredValue], is_ours: bool
    ) -> None:
        """Insert a row into a side table; into one that is not ours as far as it lets us: the entry must not fail."""
        if is_ours:
            self._insert(connection, table, cells)
            return
        known = {name: cell for name, cell in cells.items() if name in schema.columns(table)}
        if known:
            connection.execute("SAVEPOINT side_row")
            try:
                self._insert(connection, table, known)
            except sqlite3.DatabaseError as error:
                connection.execute("ROLLBACK TO side_row")
                _log.warning("%s: nothing was written to its %s: %s", self.path, table, error)
            connection.execute("RELEASE side_row")

    def _side_cells(self, table: str, row_id: int, entry: Entry) -> dict[str, StoredValue]:
        return {
            "key": entry.key,
            "task": table,
            "id": row_id,
            "recorded_at": entry.timestamp.isoformat(timespec="microseconds"),
            "parameters": side_text(entry.parameters),
            "parameters_hash": entry.parameters_hash,
            "payload_kind": entry.payload_kind,
            "extra": side_text(entry.extra) if entry.extra else None,
            "stage": entry.stage,
        }


def _forget_predecessor(connection: sqlite3.Connection, table: str, row_id: int) -> None:
    """Remove what side tables say of an earlier entry with this place: somebody dropped or renamed its table."""
    stale = connection.execute(f"DELETE FROM {tables.ENTRY} WHERE task = ? AND id = ?", (table, row_id))
    if stale.rowcount:
        connection.execute(f"DELETE FROM {tables.VALIDITY} WHERE task = ? AND entry_id = ?", (table, row_id))

"""Keep entries in a SQLite file of layout v0.1, with side tables of our own."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from recorder.entry import Entry
from recorder.errors import Replaced
from recorder.patience import WAIT, Patience
from recorder.saying import say
from recorder.storage.base import (
    Found,
    Recorded,
    Selection,
    Status,
    Storage,
    StoredEntry,
    ValidityChange,
    Wanted,
    Window,
)
from recorder.storage.connection import FAULTS, Transaction, connect, identity, replaced, translated
from recorder.storage.entries import count_entries, read_window
from recorder.storage.known import find_entry
from recorder.storage.library import Database
from recorder.storage.payload_files import keep_payload_files
from recorder.storage.queue import Queue
from recorder.storage.rows import check_ids, find_latest, read_entries
from recorder.storage.schema import Schema, data_version, schema_version
from recorder.storage.writing import Writing

_REPLACED_AT_MOST = 3
"""Times that the file may be replaced while one call stores: the entries then go into the one that has its name."""


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
        self._writing: tuple[int, Writing] | None = None
        self._warned_of_side_tables = False

    # The contract

    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        """Store entries, all of them or none; return where each is, also one that already was."""
        patience = patience or Patience(self.timeout)
        is_known = isinstance(entries, Sequence)
        if is_known:  # nobody is to wait for the lock while we write files
            self._keep_files(entries)
        for _ in range(_REPLACED_AT_MOST):
            with contextlib.suppress(Replaced):
                return self._store(entries, patience, is_known=is_known)
        return self._store(entries, patience, is_known=is_known)

    def _store(self, entries: Iterable[Entry], patience: Patience, *, is_known: bool) -> list[Recorded]:
        with self._transaction(patience, writes=True, creates=True) as database:
            writing = self._writing_into(database)
            stored = []
            for entry in entries:
                if not is_known:
                    self._keep_files([entry])
                stored.append(writing.store(entry))
        return stored

    def _keep_files(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            keep_payload_files(self.path, entry.files)

    def find(self, entries: Sequence[Entry], patience: Patience | None = None) -> list[Recorded | None]:
        """Return where entries are that storing again would not change; None for each that is not stored so far."""
        with self._transaction(patience) as database:
            schema = self._current_schema(database)
            return [find_entry(database.conn, schema, entry) for entry in entries]

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
            writing = self._writing_anew(database, schema)
            for row_id in ids:
                writing.change_validity(table.name, row_id, change)

    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            table = schema.task_table(task)
            check_ids(database, table, task, [entry_id])
            return read_entries(database.conn, schema, table, task, "id = ?", (entry_id,))[0]

    def window(self, selection: Selection, after: int) -> Window:
        """Return the next entries that match: so few that neither memory nor a writer suffers from it."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            return read_window(database, schema, schema.task_table(selection.task), selection, after)

    def status(self) -> Status:
        """Return which Tasks have been recorded, and how often."""
        with self._transaction() as database:
            schema = self._current_schema(database)
            counts = [count_entries(database, schema, task, table) for task, table in schema.task_tables().items()]
            return Status(schema.side_layout(), tuple(sorted(counts, key=lambda count: count.task)))

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        database, queue = self._database, self._queue
        self._database = self._queue = self._schema = self._writing = None
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
                self._queue = Queue(self.path)
            with Transaction(self._database.conn, patience, self._queue if writes else None, self._check_in_place):
                yield self._database
        except FAULTS as error:
            self._fail(error)
        except BaseException:
            self.close()
            raise

    def _check_in_place(self) -> None:
        if identity(self.path) != self._identity:
            raise replaced(self.path)

    def _fail(self, error: sqlite3.Error | UnicodeDecodeError) -> NoReturn:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            self.close()
        raise translated(error, self.path) from error

    def _current_schema(self, database: Database) -> Schema:
        version = schema_version(database)
        if self._schema is None or self._schema[0] != version:
            self._schema = (version, Schema(database, self.path))
        return self._schema[1]

    def _writing_into(self, database: Database) -> Writing:
        """Return what writes through this connection, with the tables it needs.

        As long as nobody else has written the file, what we knew of it in our last transaction still holds.
        """
        version = data_version(database)
        if self._writing is None or self._writing[0] != version:
            schema = self._current_schema(database)
            schema.check_writable()
            schema.ensure_shared_tables()
            self._writing = (version, self._writing_anew(database, schema))
            self._schema = (schema_version(database), schema)
        return self._writing[1]

    def _writing_anew(self, database: Database, schema: Schema) -> Writing:
        """Create the side tables that are missing; those that are not ours are left as they are, with a warning."""
        fault = schema.side_fault()
        if fault is None:
            schema.ensure_side_tables()
        elif not self._warned_of_side_tables:
            self._warned_of_side_tables = True
            say.warning(
                "%s: %s: only the tables of v0.1 are written, and the entry's key where it has its place. Update the "
                "recorder, or drop that table if no recorder made it",
                self.path,
                fault,
            )
        writing = None if self._writing is None else self._writing[1]
        if writing is None or writing.schema is not schema or writing.is_ours != (fault is None):
            return Writing(database.conn, schema, is_ours=fault is None)
        writing.begin_anew()
        return writing

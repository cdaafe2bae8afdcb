"""Find the way in which a file can be read at present without writing a byte beside it.

From the best to the last: in place, beside its writers (*live*); in place as a file that nobody writes (*static*); from
a private copy (*snapshot*). A file with a rollback journal is read in place: ``mode=ro`` never writes there
(https://sqlite.org/lockingv3.html). One in write-ahead-log mode is read in place only beside a log and an index that
are there already, since opening it would create them (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from dbview.errors import DatabaseLocked
from dbview.source.file.copying import Copying, CopyOutdated, copy_database
from dbview.source.file.disk import DatabaseFile, Signature, stamp
from dbview.source.file.guard import BUSY_TIMEOUT, IN_PLACE, LENGTH_LIMIT, UNCHANGING, connect
from dbview.source.file.locks import LockBusy, LocksUnavailable, reading_lock
from dbview.source.file.opening import REPORTED, error_name, explain, shown

_PAUSE = 0.001, 0.01
"""Shortest and longest time in seconds between two looks at a file that is changing."""

_NO_LOCKS = "locks do not work on its file system"
_MAY_BE_LOCKS = ("SQLITE_BUSY", "SQLITE_IOERR")
"""Beginnings of the errors that SQLite reports where a file system refuses locks, and elsewhere."""
_NOT_IN_PLACE = ("SQLITE_READONLY", "SQLITE_CANTOPEN")
"""Beginnings of the errors that SQLite reports where a journal would have to be applied, or may not be opened."""


def tells_of_state(error: Exception) -> bool:
    """Tell whether SQLite reports that a file cannot be read in place, the way it was opened."""
    return error_name(error).startswith(_NOT_IN_PLACE)


class StateChanged(Exception):
    """The file is no longer in the state in which it can be read this way."""


class Access(Protocol):
    """A way of reading a file; it holds as long as the file is in the state it was found for."""

    @property
    def words(self) -> str:
        """What to call it: ``live · read-only``, ``static · read-only`` or ``snapshot of 14:03 UTC``."""

    @property
    def reason(self) -> str:
        """Why the file is not read in place, as the end of a sentence; empty if it is."""

    def connect(self, length_limit: int) -> sqlite3.Connection:
        """Return a guarded connection that has read the file once.

        Raises:
            StateChanged: Another way must be found.
            sqlite3.Error: As SQLite reports it.
        """

    def reading(self) -> contextlib.AbstractContextManager[None]:
        """Stand around each use of a connection; raises StateChanged if what was read in it does not count."""


class Live:
    """In place, with SQLite's own locks, beside writers.

    Args:
        file: The file.
        has_log: It is in write-ahead-log mode; else it has a rollback journal.
    """

    words = "live · read-only"
    reason = ""

    def __init__(self, file: DatabaseFile, *, has_log: bool) -> None:
        self._file = file
        self._has_log = has_log

    def connect(self, length_limit: int) -> sqlite3.Connection:
        """Return a guarded connection. With a log it holds SQLite's read lock for life, so the log stays."""
        with _held(self._file) if self._has_log else contextlib.nullcontext():
            self._refuse_another_state()
            if self._has_log and not (stamp(self._file.log) and stamp(self._file.index)):
                raise StateChanged
            return _opened(self._file.path, length_limit, IN_PLACE)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Look at the file's state before each use: a writer may switch its mode, or another take its place."""
        self._refuse_another_state()
        yield

    def _refuse_another_state(self) -> None:
        self._file.refuse_another()
        if self._file.uses_log() is not self._has_log:
            raise StateChanged


class Static:
    """In place, as a file that nobody writes: it is in write-ahead-log mode, and there is no log.

    SQLite takes no lock then and notices no change, so both are done here, around each use.

    Args:
        file: The file.
        signature: What it was when it was found to have no log.
    """

    words = "static · read-only"
    reason = ""

    def __init__(self, file: DatabaseFile, signature: Signature) -> None:
        self._file = file
        self._signature = signature

    def connect(self, length_limit: int) -> sqlite3.Connection:
        """Return a guarded connection."""
        with self.reading():
            return _opened(self._file.path, length_limit, UNCHANGING)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the read lock, so that nobody can fold a log in and take it away unseen, and compare signatures."""
        with _held(self._file):
            self._refuse_change()
            try:
                yield
            finally:
                # After an error as well: what changes under such a connection looks like damage to it.
                self._refuse_change()

    def _refuse_change(self) -> None:
        self._file.refuse_another()
        if self._file.signature() != self._signature:
            raise StateChanged


class Snapshot:
    """From a private copy. It stays as it is until another is asked for.

    Args:
        copy: The private copy, complete in itself.
        signature: The original's when it was copied.
        reason: Why the file is not read in place, as the end of a sentence.

    Attributes:
        copied_at: When it was copied, in seconds since 1970 (UTC).
    """

    def __init__(self, copy: Path, signature: Signature, reason: str) -> None:
        self.copy = copy
        self.signature = signature
        self.reason = reason
        self.copied_at = time.time()

    @property
    def words(self) -> str:
        """What to call it."""
        return time.strftime("snapshot of %H:%M UTC", time.gmtime(self.copied_at))

    def connect(self, length_limit: int) -> sqlite3.Connection:
        """Return a guarded connection to the copy."""
        return _opened(self.copy, length_limit, UNCHANGING)

    def reading(self) -> contextlib.AbstractContextManager[None]:
        """Need nothing: nobody else knows the copy."""
        return contextlib.nullcontext()


def find_access(file: DatabaseFile, copying: Copying, copy_name: str) -> Access:
    """Return the best way in which a file can be read at present.

    Args:
        file: The file.
        copying: What a private copy may cost, if there is no other way.
        copy_name: Name of that copy.

    Raises:
        DatabaseLocked: A writer holds the file for longer than we wait, or it changes faster than it can be opened.
        DbviewError: Whatever else stands in the way.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            return _access_now(file, copying, copy_name)
        except (StateChanged, CopyOutdated) as error:
            if time.monotonic() >= give_up_at:
                raise DatabaseLocked(
                    f"{shown(file.path)} is being written faster than it can be opened. Try again in a moment."
                ) from error
        # Uneven: a writer may come and go in a rhythm of its own.
        time.sleep(random.uniform(*_PAUSE))


def _access_now(file: DatabaseFile, copying: Copying, copy_name: str) -> Access:
    try:
        if file.has_journals_of_others():
            reason = "SQLite would give the journals beside it, run by root, to its owner"
        elif file.has_damaged_log():
            reason = "its write-ahead log is damaged, and what stands only there is lost"
        elif (found := _access_in_place(file)) is not None:
            found.connect(LENGTH_LIMIT).close()
            return found
        else:
            reason = "its write-ahead log has no index, which reading would create"
    except LocksUnavailable:
        reason = _NO_LOCKS
    except REPORTED as error:
        reason = _reason_against(error, file)
    before = file.signature()
    copy = copy_database(file, copying, copy_name)
    return Snapshot(copy, before, reason)


def _access_in_place(file: DatabaseFile) -> Access | None:
    if not file.uses_log():
        return Live(file, has_log=False)
    with _held(file):
        if stamp(file.log) and stamp(file.index):
            return Live(file, has_log=True)
        return None if file.has_log_content() else Static(file, file.signature())


def _reason_against(error: sqlite3.Error | UnicodeDecodeError, file: DatabaseFile) -> str:
    """Return why a private copy is needed; raise the error that says what happened if a copy would not help."""
    name = error_name(error)
    if name.startswith(_MAY_BE_LOCKS) and not _locks_work(file):
        return _NO_LOCKS
    if name == "SQLITE_READONLY_ROLLBACK":
        return "its last write was interrupted"
    if tells_of_state(error) and file.uses_log():
        return "its write-ahead log cannot be read in place"
    raise explain(error, file.path) from error


def _locks_work(file: DatabaseFile) -> bool:
    try:
        with reading_lock(file.descriptor, 0):
            return True
    except LockBusy:
        return True
    except LocksUnavailable:
        return False


@contextlib.contextmanager
def _held(file: DatabaseFile) -> Iterator[None]:
    """Hold the read lock of a file; raises DatabaseLocked if a writer has it for too long."""
    try:
        with reading_lock(file.descriptor, BUSY_TIMEOUT):
            yield
    except LockBusy as error:
        raise DatabaseLocked(
            f"{shown(file.path)} is locked: a writer keeps it to itself. Try again when that has ended."
        ) from error


def _opened(path: Path, length_limit: int, parameters: str) -> sqlite3.Connection:
    connection = connect(path, length_limit, parameters)
    try:
        # The first to read the file, and with that to lock it.
        connection.execute("PRAGMA encoding").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection

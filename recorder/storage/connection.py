"""Open a database file for the recorder, and say what went wrong in the recorder's own errors."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from recorder.errors import (
    DatabaseLocked,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    RecorderError,
    Refused,
    Replaced,
    StorageFailed,
)
from recorder.neighbours import neighbour
from recorder.patience import Patience
from recorder.shared_files import FILE_MODE
from recorder.storage.library import Database
from recorder.storage.queue import Queue

_ERRORS: dict[int, tuple[type[RecorderError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseLocked, "another process holds it; try again, or see who has it open"),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, "another connection of this process holds it"),
    sqlite3.SQLITE_PERM: (PermissionDenied, "ask for the right to write it"),
    sqlite3.SQLITE_AUTH: (PermissionDenied, "ask for the right to write it"),
    sqlite3.SQLITE_READONLY: (PermissionDenied, "ask for the right to write the file and its directory"),
    sqlite3.SQLITE_CANTOPEN: (PermissionDenied, "look at the rights of the file and its directory"),
    sqlite3.SQLITE_NOTADB: (NotADatabase, "move it away, or name another file"),
    sqlite3.SQLITE_CORRUPT: (NotADatabase, "move it away and restore it from a copy"),
    sqlite3.SQLITE_FULL: (StorageFailed, "make room on the disk"),
    sqlite3.SQLITE_IOERR: (StorageFailed, "look at the file system: is it mounted, full, over quota?"),
    sqlite3.SQLITE_PROTOCOL: (StorageFailed, "look at the file system's locks"),
    sqlite3.SQLITE_NOLFS: (StorageFailed, "this file system takes no file so large"),
    sqlite3.SQLITE_NOMEM: (StorageFailed, "make room in memory"),
}
"""What each primary result code of SQLite means for the one who reads the message, and what to do."""


FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises. The second is all that is left of a message with bytes of a damaged schema in it."""


def translated(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> RecorderError:
    """Return the recorder's error for one of SQLite's."""
    if isinstance(error, UnicodeDecodeError):
        return NotADatabase(f"{path}: its schema is damaged; move it away and restore it from a copy")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_DBMOVED:
        return replaced(path)
    kind, advice = _ERRORS.get(code, (Refused, "this is unexpected; please report it with the message"))
    if code == sqlite3.SQLITE_CANTOPEN and not os.path.isdir(path.parent):  # noqa: PTH112 - it never raises
        kind, advice = FileMissing, "its directory does not exist"
    return kind(f"{path}: {error}; {advice}")


def replaced(path: Path) -> Replaced:
    """Return the error for a file that lost its name while it was written."""
    return Replaced(f"{path}: somebody moved, removed or replaced it while it was written; try again")


def connect(path: Path, patience: Patience, *, create: bool) -> Database:
    """Open a database for writing, without touching its journal mode.

    Every commit is on the disk when it returns: see ``docs/decisions/0001-one-transaction-and-journal.md``. SQLite
    itself never waits: see ``docs/decisions/0007-waiting-in-order.md``.

    Args:
        path: The database file.
        patience: How long to wait for others who are just writing it.
        create: Create the file if it is missing, with :data:`FILE_MODE`.

    Raises:
        FileMissing: There is no such file, and it is not to be created.
        RecorderError: It cannot be opened.
    """
    size = _size(path)
    if size is None and not create:
        raise FileMissing(f"{path}: no such database; name a database, or the directory that holds lute.db")
    check_journal(path)
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise translated(error, path) from error
    with error_closes(connection), translating(path):
        # Text that another program wrote need not be UTF-8; it must not make the rest unreadable.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        insist(connection, "PRAGMA synchronous = EXTRA", patience.until)
        if create and not size:  # an empty one may be that of a process that died before it came to this
            _share(path)
        return Database(connection, recursive_triggers=False, execute_plugins=False)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise PermissionDenied(f"{path}: its directory may not be entered; ask for the right to") from error
    except OSError as error:
        raise StorageFailed(f"{path}: {error.strerror}; look at the file system") from error


def check_journal(path: Path) -> None:
    """Make sure that what has the name of a database's journal can be one: SQLite waits at a pipe for ever.

    Raises:
        StorageFailed: It is no ordinary file.
    """
    journal = neighbour(path, "-journal")
    with contextlib.suppress(OSError):  # mostly there is none
        if not stat.S_ISREG(os.lstat(journal).st_mode):
            raise StorageFailed(f"{journal}: no journal of SQLite, but no ordinary file at all; remove it")


def _share(path: Path) -> None:
    # Not to be: the file of somebody else, who is just doing this himself; or a file system without modes.
    with contextlib.suppress(PermissionError):
        if stat.S_IMODE(path.stat().st_mode) != FILE_MODE:
            path.chmod(FILE_MODE)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another that took its name, or None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the cheapest form; it runs once an entry
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def error_closes(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection if the block fails: whatever it had begun is rolled back with it."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def translating(path: Path) -> Iterator[None]:
    """Raise the recorder's errors for SQLite's."""
    try:
        yield
    except FAULTS as error:
        raise translated(error, path) from error


class Transaction:
    """One transaction, for the block of a ``with``: committed as a whole, or rolled back.

    A writing one takes its lock at the start: beginning to read and then to write fails at once beside another writer,
    whatever the timeout. A commit that meets readers may be tried again; meanwhile no new reader gets in. It counts
    only if the file then is still the one of its name.

    Args:
        connection: In no transaction.
        patience: How long to wait for others, before the block and after it.
        queue: Where to wait for the turn to write; None for a transaction that only reads.
        check: Called while somebody else holds the lock, before each try to commit, and after it; raises
            :class:`Replaced`.
    """

    def __init__(
        self, connection: sqlite3.Connection, patience: Patience, queue: Queue | None, check: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._patience = patience
        self._queue = queue
        self._check = check

    def __enter__(self) -> None:
        if self._queue is None:
            self._connection.execute("BEGIN")
            insist(self._connection, "PRAGMA schema_version", self._patience.until)  # the first read takes the lock
        else:
            insist(self._connection, "BEGIN IMMEDIATE", self._wait_for_turn)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and self._queue is None:
                insist(self._connection, "COMMIT", self._patience.until)
            elif kind is None:
                self._commit()
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _wait_for_turn(self, attempt: Callable[[], bool]) -> bool:
        """Wait for the lock as long as it is that of the file which has the name: another may be free."""

        def checked() -> bool:
            has_come = attempt()
            if not has_come:
                self._check()
            return has_come

        return self._queue is not None and self._queue.until(self._patience, checked)

    def _commit(self) -> None:
        """Commit what was written, as long as the file is in its place: it may be replaced while readers keep us."""

        def until(attempt: Callable[[], bool]) -> bool:
            def checked() -> bool:
                self._check()
                return attempt()

            return self._patience.until(checked)

        insist(self._connection, "COMMIT", until)
        self._check()


def insist(connection: sqlite3.Connection, sql: str, until: Callable[[Callable[[], bool]], bool]) -> None:
    """Execute a statement; while another connection holds the lock it needs, try again.

    Args:
        connection: The connection; it does not wait by itself.
        sql: The statement.
        until: Calls what it is given until that returns True; returns False if it never did.
    """
    if not until(partial(_tried, connection, sql)):
        connection.execute(sql)  # once more: it works, or SQLite's own error says why not


def _tried(connection: sqlite3.Connection, sql: str) -> bool:
    try:
        connection.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
